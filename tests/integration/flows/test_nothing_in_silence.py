"""Whole flows. Whatever the two services answer, alone and together: nothing is booked twice, nothing is off without
a word.

Positions that hold back most of a month are played alone (`PLAYED_ALONE`), in the months of one switch; every month of
a mixture has at least half of what the usual one has, in the books and held against the ledger."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import fields
from decimal import Decimal
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from scoro_smartaccounts_sandbox.scoro.switches import Switches as ScoroSwitches
from scoro_smartaccounts_sandbox.smartaccounts.switches import Switches
from tests.integration.any_reading import Outcome, play, too_empty, what_it_settles, wrong_in_silence
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
# At most so many months let every two positions meet.
_MEETING = 60
_MOST_THROWN = 55

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


@cache
def meeting() -> list[Month]:
    """More months, in which every two positions of two switches meet, the usual ones included.

    A month takes what was never beside what it has already, as long as anything was not.
    """
    positions = [(name, place) for name in _NAMES for place in range(len(_MIXED[name]) + 1)]
    left = {each: {other for other in positions if other[0] != each[0]} for each in positions}
    dice, months = random.Random(0), []
    while any(left.values()):
        first = max(positions, key=lambda each: len(left[each]))
        taken = {first}
        for name in [min(left[first])[0], *dice.sample(_NAMES, len(_NAMES))]:
            if all(name != each[0] for each in taken):
                is_full = sum(place > 0 for _, place in taken) >= _MOST_THROWN
                those = [(name, place) for place in range(1 if is_full else len(_MIXED[name]) + 1)]
                taken.add(max(those, key=lambda each: (len(left[each] & taken), len(left[each]))))
        for each in taken:
            left[each] -= taken
        months.append({name: _MIXED[name][place - 1] for name, place in sorted(taken) if place})
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
    # What stock costs shows in no entry of the simulator: its warning stays.
    unseen = {kind for kind, state in usual.kinds.items() if state == "unproved"}
    assert unseen == {"stock_purchase", "stock_sale"}
    assert {state for kind, state in usual.kinds.items() if kind not in unseen} == {"proved"}
    assert len(usual.kinds) == 15, sorted(usual.kinds)
    assert (usual.twice, usual.unlinked, usual.missing_in_scoro, usual.stopped) == ([], [], [], [])
    assert len(usual.exported) == 1


def test_every_two_switches_meet_in_every_way() -> None:
    months = [{}, *pairwise()]
    for one, other in combinations(_NAMES, 2):
        assert {(one in month, other in month) for month in months} == {(a, b) for a in (0, 1) for b in (0, 1)}


def test_every_position_is_played_beside_others() -> None:
    for name, values in _MIXED.items():
        played = [month[name] for month in pairwise() if name in month]
        assert all(value in played for value in values), name


def test_a_position_that_empties_a_month_is_played_alone() -> None:
    for name, values in PLAYED_ALONE.items():
        assert all(value in _POSITIONS[name] and value not in _MIXED.get(name, ()) for value in values)


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("number", range(_ROWS))
def test_a_month_with_switches_that_meet(databases: Databases, tmp_path: Path, usual: Outcome, number: int) -> None:
    assert_told_and_full(played(databases, tmp_path, pairwise()[number]), usual)


@pytest.mark.long
def test_every_two_positions_meet() -> None:
    months = meeting()
    assert len(months) <= _MEETING
    for one, other in combinations(_NAMES, 2):
        met = {(_place(month, one), _place(month, other)) for month in months}
        assert len(met) == (len(_MIXED[one]) + 1) * (len(_MIXED[other]) + 1)


def _place(month: Month, name: tuple[str, str]) -> int:
    return _MIXED[name].index(month[name]) if name in month else -1


@pytest.mark.long
@pytest.mark.timeout(300)
@pytest.mark.parametrize("number", range(_MEETING))
def test_a_month_with_positions_that_meet(databases: Databases, tmp_path: Path, usual: Outcome, number: int) -> None:
    if number < len(meeting()):
        assert_told_and_full(played(databases, tmp_path, meeting()[number]), usual)


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


# The judge of the months


INVOICE, OTHER, PAYMENT = ("sales_invoices", "1"), ("sales_invoices", "2"), ("payments", "3")
_RIGHT, _WRONG = ("2026-01-15", "7", 124, (("1200", 124),)), ("2026-01-15", "7", 124, (("1200", 120),))


def outcome(**changes: Any) -> Outcome:
    booked = {source: Counter([_RIGHT]) for source in (INVOICE, OTHER, PAYMENT)}
    booked |= changes.pop("booked", {})
    return Outcome(booked={source: figures for source, figures in booked.items() if figures}, **changes)


def told_of(source: tuple[str, str], *keys: str) -> dict[tuple[str, str], Counter[str]]:
    return {source: Counter(keys)}


OFF = {INVOICE: Counter([_WRONG])}
GONE: dict[Any, Any] = {INVOICE: None}


@pytest.mark.parametrize(
    "found",
    [
        outcome(booked=OFF),
        outcome(booked=OFF, told=told_of(INVOICE, "characters_replaced", "registry_code_malformed")),
        outcome(booked=OFF, told=told_of(OTHER, "booked_differently")),
        outcome(booked=OFF, unfinished={"sales_invoices"}),
        outcome(booked=GONE),
        outcome(booked=GONE, told=told_of(INVOICE, "text_cut", "booked_differently")),
        outcome(booked=GONE, stopped=["sales_invoices: away"], unfinished={"payments"}),
        outcome(twice=[PAYMENT]),
        outcome(unlinked=[("payments", _RIGHT)]),
        outcome(unlinked=[("payments", _RIGHT)], held={PAYMENT: {"possible_duplicate"}}),
        outcome(
            booked={each: Counter([_WRONG]) for each in (INVOICE, OTHER)},
            told=told_of(INVOICE, "booked_differently") | told_of(OTHER, "booked_differently"),
            kinds={"netting": "proved"},
            kinds_of={INVOICE: ["netting"], OTHER: ["netting"]},
        ),
    ],
)
def test_the_judge_takes_no_other_reason_for_an_excuse(found: Outcome) -> None:
    assert len(wrong_in_silence(found, outcome())) == 1


@pytest.mark.parametrize(
    "found",
    [
        outcome(),
        outcome(booked=OFF, told=told_of(INVOICE, "booked_differently")),
        outcome(booked=OFF, told=told_of(INVOICE, "first_of_kind"), said="LEDGER: not compared, as it is"),
        outcome(booked=GONE, held={INVOICE: {"refused_by_smartaccounts"}}),
        outcome(booked=GONE, unlinked=[("sales_invoices", _RIGHT)], held={INVOICE: {"possible_duplicate"}}),
        outcome(booked=GONE, stopped=["sales_invoices: away"], unfinished={"sales_invoices"}),
        outcome(
            booked=OFF,
            told=told_of(INVOICE, "booked_differently"),
            kinds={"netting": "held"},
            firsts={INVOICE: "netting"},
            kinds_of={INVOICE: ["netting"], OTHER: ["netting"]},
        ),
    ],
)
def test_the_judge_takes_what_was_told(found: Outcome) -> None:
    assert wrong_in_silence(found, outcome()) == []


@pytest.mark.parametrize(("source", "wrong"), [(INVOICE, 0), (PAYMENT, 1)])
def test_cents_of_prices_belong_to_no_kind_and_cents_of_cash_do(source: tuple[str, str], wrong: int) -> None:
    cents, others = ("2026-01-15", "7", 124, (("1200", Decimal("124.02")),)), (source[0], "9")
    usual = outcome(booked={others: Counter([_RIGHT])})
    found = outcome(
        booked={each: Counter([cents]) for each in (source, others)},
        told=told_of(source, "booked_differently") | told_of(others, "booked_differently"),
        kinds_of={source: ["cash_rounding"], others: ["cash_rounding"]},
    )
    assert len(wrong_in_silence(found, usual)) == wrong


def test_a_month_of_which_half_is_missing_is_empty() -> None:
    half = Outcome(booked={INVOICE: Counter([_RIGHT])})
    assert too_empty(half, outcome()) == ["only 1 of 3 are booked"]
    assert too_empty(outcome(), outcome(compared={INVOICE})) == ["only 0 of 1 are compared with the ledger"]
    assert too_empty(outcome(), outcome()) == []


def test_two_payments_of_one_receipt_that_are_alike_are_one_booked_twice() -> None:
    payment = {"date": "20.01.2026", "accountName": "LHV", "rows": [{"id": "a", "amount": 62}], "prepayment": None}
    assert what_it_settles(payment) == what_it_settles(dict(payment))
    assert what_it_settles(payment) != what_it_settles(payment | {"accountName": "Tasaarveldus"})
    assert what_it_settles(payment) != what_it_settles(payment | {"rows": [{"id": "b", "amount": 62}]})
