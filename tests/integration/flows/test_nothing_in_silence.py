"""Whole flows. Whatever the two services answer, alone and together: nothing is booked twice, nothing is off without
a word."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import fields
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from scoro_smartaccounts_sandbox.scoro.switches import Switches as ScoroSwitches
from scoro_smartaccounts_sandbox.smartaccounts.switches import Switches
from tests.integration.any_reading import Outcome, play, too_empty, wrong_in_silence
from tests.integration.conftest import Databases
from tests.integration.switches import (
    NOT_OF_A_MONTH_OF_SCORO,
    NOT_OF_A_MONTH_OF_SMARTACCOUNTS,
    OF_SCORO,
    OF_SMARTACCOUNTS,
    PLAYED_ALONE,
)

_POSITIONS = {("books", name): values for name, values in OF_SMARTACCOUNTS.items()}
_POSITIONS |= {("site", name): values for name, values in OF_SCORO.items()}
_MIXED = {
    name: left
    for name, values in _POSITIONS.items()
    if (left := [value for value in values if value not in PLAYED_ALONE.get(name, ())])
}
_NAMES = list(_MIXED)
_ROWS, _THROWN = 9, 5

Month = dict[tuple[str, str], Any]


def pairwise() -> list[Month]:
    """Few months in which every two switches stand in each of the four ways beside each other, with the usual month.

    Each switch is thrown in other five of the nine months: two fives of nine always meet, and neither holds the other.
    """
    months: list[Month] = [{} for _ in range(_ROWS)]
    fives = list(combinations(range(_ROWS), _THROWN))
    # In any order, so that no month has many more than another.
    random.Random(0).shuffle(fives)
    for number, (name, rows) in enumerate(zip(_NAMES, fives, strict=False)):
        for row in rows:
            months[row][name] = _MIXED[name][(number + rows.index(row)) % len(_MIXED[name])]
    return months


def drawn(seed: int) -> Month:
    """Each switch thrown or not, as the seed has it: few of them or many."""
    dice = random.Random(seed)
    share = dice.choice((0.05, 0.2, 0.5))
    return {name: dice.choice(values) for name, values in _MIXED.items() if dice.random() < share}


@pytest.fixture(scope="module")
def usual(server_uri: str, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outcome]:
    databases = Databases(server_uri, template)
    yield play(databases, tmp_path_factory.mktemp("usual"), {}, {})
    databases.drop()


def played(databases: Databases, folder: Path, month: Month) -> Outcome:
    sides: dict[str, dict[str, Any]] = {"books": {}, "site": {}}
    for (side, name), value in month.items():
        sides[side][name] = value
    return play(databases, folder, **sides)


def assert_told(found: Outcome, usual: Outcome) -> None:
    wrong = wrong_in_silence(found, usual)
    assert not wrong, "\n".join(wrong)


def assert_told_and_full(found: Outcome, usual: Outcome) -> None:
    wrong = too_empty(found, usual) + wrong_in_silence(found, usual)
    assert not wrong, "\n".join(wrong)


def test_every_switch_is_played_or_has_a_reason() -> None:
    for switches, played, others in (
        (Switches, OF_SMARTACCOUNTS, NOT_OF_A_MONTH_OF_SMARTACCOUNTS),
        (ScoroSwitches, OF_SCORO, NOT_OF_A_MONTH_OF_SCORO),
    ):
        assert {each.name for each in fields(switches)} == played.keys() | others
        assert played.keys() & others == set()


def test_the_usual_month_has_every_kind(usual: Outcome) -> None:
    assert set(usual.kinds.values()) == {"proved"}
    assert len(usual.kinds) == 15, sorted(usual.kinds)
    assert (usual.twice, usual.unlinked, usual.missing_in_scoro, usual.stopped) == ([], [], [], [])
    assert len(usual.exported) == 2


def test_every_two_switches_meet_in_every_way() -> None:
    months = [{}, *pairwise()]
    for one, other in combinations(_NAMES, 2):
        assert {(one in month, other in month) for month in months} == {(a, b) for a in (0, 1) for b in (0, 1)}


@pytest.mark.timeout(300)
@pytest.mark.parametrize("number", range(_ROWS))
def test_a_month_with_switches_that_meet(databases: Databases, tmp_path: Path, usual: Outcome, number: int) -> None:
    assert_told_and_full(played(databases, tmp_path, pairwise()[number]), usual)


@pytest.mark.long
@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("name", "value"),
    [(name, value) for name, values in _POSITIONS.items() for value in values],
    ids=lambda part: "-".join(map(str, part)) if isinstance(part, tuple) else str(part)[:30],
)
def test_a_month_with_one_switch(
    databases: Databases, tmp_path: Path, usual: Outcome, name: tuple[str, str], value: Any
) -> None:
    assert_told(played(databases, tmp_path, {name: value}), usual)


@pytest.mark.long
@pytest.mark.timeout(300)
@pytest.mark.parametrize("seed", range(200))
def test_a_month_with_switches_by_chance(databases: Databases, tmp_path: Path, usual: Outcome, seed: int) -> None:
    assert_told_and_full(played(databases, tmp_path, drawn(seed)), usual)
