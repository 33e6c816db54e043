"""The documentation. What docs/assumptions.md names stands where it says: constants, modules, switches of the
simulators, tests; and every row has its class, its switch or the reason why it needs none, and the tests that play
it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

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
USUAL: dict[str, Any] = {}
for each in (Switches(), ScoroSwitches()):
    USUAL |= asdict(each)
PLAYED = OF_SMARTACCOUNTS | OF_SCORO
# Its months play every switch of tests/integration/switches.py.
MONTHS = "integration/flows/test_nothing_in_silence.py"


def switches_of(row: list[str]) -> set[str]:
    return set() if row[3].startswith("none: ") else set(re.findall(r"`(\w+)`", row[3]))


@cache
def thrown_by(test: str) -> frozenset[str]:
    """The switches that a file of tests sets to another value than the usual one."""
    tree = ast.parse((TESTS / test).read_text(encoding="utf-8"))
    written = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)]
    found = {name for name, value in settings(tree) if is_thrown(name, value, written)}
    return frozenset(found | (PLAYED.keys() if test == MONTHS else set()))


def settings(tree: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """What a file sets by name, in a dictionary or a call: `{"page_size": 7}`, `Poster(page_size=7)`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if isinstance(key, ast.Constant) and key.value in USUAL:
                    yield str(key.value), value
        elif isinstance(node, ast.keyword) and node.arg in USUAL:
            yield node.arg, node.value


def is_thrown(name: str, value: ast.expr, written: list[Any]) -> bool:
    """Whether a value is another one than the usual. One that has a name, of a parameter or a constant, may be any
    that the file writes: of these one must be another position."""
    try:
        return bool(ast.literal_eval(value) != USUAL[name])
    except ValueError:
        others = [each for each in PLAYED.get(name, written) if each != USUAL[name]]
        return any(type(each) is type(other) and each == other for each in written for other in others) or any(
            isinstance(each, dict) for each in others
        )


def test_every_constant_is_there() -> None:
    assert [name for name in CONSTANTS if not hasattr(assumptions, name)] == []


def test_every_module_is_there() -> None:
    assert [name for name in MODULES if not (ROOT / name).is_file() and not (ROOT.parent / name).is_file()] == []


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0][:40])
def test_a_row_has_its_class_its_switch_and_its_tests(row: list[str]) -> None:
    assert len(row) == len(HEAD)
    assert row[1] in ("both", "told", "refused")
    switches = switches_of(row)
    assert switches <= USUAL.keys()
    assert switches or len(row[3]) > len("none: "), "neither a switch nor the reason why it needs none"
    tests = re.findall(r"`([\w/]+\.py)`", row[4])
    assert tests
    thrown = {name for test in tests for name in thrown_by(test)}
    assert switches <= thrown, f"no test that is named throws {sorted(switches - thrown)}"


def test_every_switch_of_a_month_has_a_row() -> None:
    named = set().union(*map(switches_of, ROWS))
    assert not (OF_SMARTACCOUNTS.keys() | OF_SCORO.keys()) - named


def test_all_kinds_are_found() -> None:
    assert min(map(len, (CONSTANTS, MODULES, ROWS))) > 1
    assert {row[1] for row in ROWS} == {"both", "told", "refused"}
    assert TABLE.count(HEAD) == 2


@pytest.mark.parametrize(
    ("text", "thrown"),
    [
        ('change({"page_size": 7})', {"page_size"}),
        ('change({"page_size": 100})', set()),
        ("Poster(retry_after=False)", {"retry_after"}),
        ('found["page_size"]', set()),
        ('["cut"]; change({"payment_document": shown})', {"payment_document"}),
        ('["whole"]; change({"payment_document": shown})', set()),
    ],
)
def test_a_switch_is_thrown_where_it_is_set_to_another_position(text: str, thrown: set[str]) -> None:
    tree = ast.parse(text)
    written = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)]
    assert {name for name, value in settings(tree) if is_thrown(name, value, written)} == thrown


def test_a_month_plays_other_positions_only() -> None:
    assert [name for name, positions in PLAYED.items() if not positions or USUAL[name] in positions] == []
