"""A month of all flows under several other readings of SmartAccounts at once: the books are the same."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from tests.integration.conftest import Databases
from tests.integration.test_readings import SERVED_BOTH_WAYS, played

# The later one of two positions of one switch wins: they are drawn apart.
_NAMES = sorted({name for each in SERVED_BOTH_WAYS for name in each})
_POSITIONS = {name: [each[name] for each in SERVED_BOTH_WAYS if name in each] for name in _NAMES}
_ROWS = 7


def pairwise() -> list[dict[str, Any]]:
    """Few months in which every two switches stand in each of the four ways beside each other, with the usual month.

    Each switch is thrown in other four of the seven months: two fours of seven always meet, and neither holds the
    other.
    """
    months: list[dict[str, Any]] = [{} for _ in range(_ROWS)]
    for number, (name, rows) in enumerate(zip(_NAMES, combinations(range(_ROWS), 4), strict=False)):
        for row in rows:
            values = _POSITIONS[name]
            months[row][name] = values[(number + row) % len(values)]
    return months


def drawn(seed: int) -> dict[str, Any]:
    """Each switch thrown or not, as the seed has it."""
    dice = random.Random(seed)
    return {name: dice.choice(values) for name, values in _POSITIONS.items() if dice.random() < 0.5}


@pytest.fixture(scope="module")
def usual(server_uri: str, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    databases = Databases(server_uri, template)
    yield played(databases, tmp_path_factory.mktemp("usual"))
    databases.drop()


def assert_equal(found: dict[str, Any], usual: dict[str, Any]) -> None:
    for name, rows in usual.items():
        assert found[name] == rows, name


def test_every_two_switches_meet_in_every_way() -> None:
    months = [{}, *pairwise()]
    for one, other in combinations(_NAMES, 2):
        assert {(one in month, other in month) for month in months} == {(a, b) for a in (0, 1) for b in (0, 1)}


@pytest.mark.timeout(300)
@pytest.mark.parametrize("number", range(_ROWS))
def test_a_month_with_switches_that_meet(
    databases: Databases, tmp_path: Path, usual: dict[str, Any], number: int
) -> None:
    assert_equal(played(databases, tmp_path, **pairwise()[number]), usual)


@pytest.mark.long
@pytest.mark.timeout(300)
@pytest.mark.parametrize("seed", range(200))
def test_a_month_with_switches_by_chance(
    databases: Databases, tmp_path: Path, usual: dict[str, Any], seed: int
) -> None:
    assert_equal(played(databases, tmp_path, **drawn(seed)), usual)
