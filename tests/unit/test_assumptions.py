"""What docs/assumptions.md names stands where it says: constants, modules, switches of the simulators."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from scoro_smartaccounts import assumptions
from scoro_smartaccounts_sandbox.scoro.switches import Switches as ScoroSwitches
from scoro_smartaccounts_sandbox.smartaccounts.switches import Switches

ROOT = Path(assumptions.__file__).parent
TOLD = (Path(__file__).parents[2] / "docs/assumptions.md").read_text(encoding="utf-8")
WHERE = "\n".join(line.split("|")[3] for line in TOLD.splitlines() if line.startswith("|"))
CONSTANTS = sorted(name for name in set(re.findall(r"`(?:assumptions\.)?([A-Z][A-Z_]+)`", WHERE)) if "…" not in name)
MODULES = sorted(set(re.findall(r"`([\w/]+\.py)`", WHERE)))
SWITCHES = sorted(set(re.findall(r"switch `(\w+)`", WHERE)))


@pytest.mark.parametrize("name", CONSTANTS)
def test_a_constant(name: str) -> None:
    assert hasattr(assumptions, name)


@pytest.mark.parametrize("name", MODULES)
def test_a_module(name: str) -> None:
    assert (ROOT / name).is_file() or (ROOT.parent / name).is_file()


@pytest.mark.parametrize("name", SWITCHES)
def test_a_switch(name: str) -> None:
    known = {item.name for each in (Switches, ScoroSwitches) for item in fields(each)}
    assert name in known


def test_all_kinds_are_found() -> None:
    assert min(map(len, (CONSTANTS, MODULES, SWITCHES))) > 1


def test_every_assumption_has_a_class() -> None:
    rows = [line.split(" | ") for line in TOLD.splitlines() if line.startswith("| ") and "---" not in line]
    found = {row[1] for row in rows if row[0] != "| assumption"}
    assert found == {"both", "told", "refused"}
