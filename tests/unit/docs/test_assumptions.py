"""The documentation. What docs/assumptions.md names stands where it says: constants, modules, switches of the
simulators, tests; and every row has its class, its switch or the reason why it needs none, and the tests that play
it."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from scoro_smartaccounts.common import assumptions
from scoro_smartaccounts_sandbox.scoro.switches import Switches as ScoroSwitches
from scoro_smartaccounts_sandbox.smartaccounts.switches import Switches
from tests.integration.switches import OF_SCORO, OF_SMARTACCOUNTS

ROOT = Path(assumptions.__file__).parents[1]
TESTS = Path(__file__).parents[2]
TOLD = (TESTS.parent / "docs/assumptions.md").read_text(encoding="utf-8")
HEAD = ["assumption", "class", "where", "switch", "test", "when it is wrong"]
TABLE = [line[2:-2].split(" | ") for line in TOLD.splitlines() if line.startswith("| ") and "---" not in line]
ROWS = [row for row in TABLE if row != HEAD]
WHERE = "\n".join(row[2] for row in ROWS)
CONSTANTS = sorted(name for name in set(re.findall(r"`(?:assumptions\.)?([A-Z][A-Z_]+)`", WHERE)) if "…" not in name)
MODULES = sorted(set(re.findall(r"`([\w/]+\.py)`", WHERE)))
KNOWN = {item.name for each in (Switches, ScoroSwitches) for item in fields(each)}
# Its months play every switch of tests/integration/switches.py.
MONTHS = "integration/flows/test_nothing_in_silence.py"


def switches_of(row: list[str]) -> set[str]:
    return set() if row[3].startswith("none: ") else set(re.findall(r"`(\w+)`", row[3]))


@pytest.mark.parametrize("name", CONSTANTS)
def test_a_constant(name: str) -> None:
    assert hasattr(assumptions, name)


@pytest.mark.parametrize("name", MODULES)
def test_a_module(name: str) -> None:
    assert (ROOT / name).is_file() or (ROOT.parent / name).is_file()


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0][:40])
def test_a_row_has_its_class_its_switch_and_its_tests(row: list[str]) -> None:
    assert len(row) == len(HEAD)
    assert row[1] in ("both", "told", "refused")
    switches = switches_of(row)
    assert switches <= KNOWN
    assert switches or len(row[3]) > len("none: "), "neither a switch nor the reason why it needs none"
    tests = re.findall(r"`([\w/]+\.py)`", row[4])
    assert tests
    played = ""
    for name in tests:
        assert (TESTS / name).is_file(), name
        played += (TESTS / name).read_text(encoding="utf-8")
        if name == MONTHS:
            played += (TESTS / "integration/switches.py").read_text(encoding="utf-8")
    assert not {name for name in switches if not re.search(rf"\b{name}\b", played)}, "no test that is named plays it"


def test_every_switch_of_a_month_has_a_row() -> None:
    named = set().union(*map(switches_of, ROWS))
    assert not (OF_SMARTACCOUNTS.keys() | OF_SCORO.keys()) - named


def test_all_kinds_are_found() -> None:
    assert min(map(len, (CONSTANTS, MODULES, ROWS))) > 1
    assert {row[1] for row in ROWS} == {"both", "told", "refused"}
    assert TABLE.count(HEAD) == 2
