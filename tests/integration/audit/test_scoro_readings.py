"""Room audit. Whatever Scoro's lists leave open, and wherever a night is killed: what was changed and deleted in Scoro
is found, nothing else is told, and no night asks for more than it may."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests.integration.audit.scoro_office import DOCUMENTS, Key, ScoroNights, ScoroOffice
from tests.integration.world import World
from tests.tiers import slow_but

A_NIGHT = 60
_BEFORE = date(2025, 11, 3)
# What lists may do.
LISTS: dict[str, list[Any]] = {
    "default_per_page": [5],
    "page_cap": [7],
    "sort_order": ["id_desc", "modified_desc", "shuffled_page", "unstable"],
    "date_filter": ["honoured", "ignored", "by_created", "broken", "empty"],
    "datetime_filter": ["ignored"],
    "unknown_filter": ["error"],
    "deleted_filter": ["ignored", "refused"],
    "include_deleted_placement": ["top", "request"],
    "deletion_horizon_days": [None, 1],
    "delete_bumps_modified": [True],
    "receipt_bumps_modified": [False],
    "receipts_view": [False],
    "bill_number": ["own"],
    "html_entities": [True],
    "naive_datetimes": [True],
    "empty_list": ["array"],
    "not_found_code": [400],
    "validation_http": ["real"],
}
POSITIONS = [(name, value) for name, values in LISTS.items() for value in values]
QUICK = [("date_filter", "broken"), ("deleted_filter", "refused")]
# After how many nights everything is found: what takes whole readings takes longer.
MOST_NIGHTS = {("datetime_filter", "ignored"): 8, ("page_cap", 7): 12, ("sort_order", "unstable"): 8}


def filled(world: World, number: int) -> ScoroOffice:
    """Documents of each list, some of before the first import day."""
    office = ScoroOffice(world)
    for module in DOCUMENTS:
        keys = [office.enter(module) for _ in range(number)]
        office.pay(*keys[:2])
        office.imported = [key for key in office.imported if key not in keys[:2]]
        office.enter(module, day=_BEFORE, is_imported=False)
    return office


def until(nights: ScoroNights, office: ScoroOffice, most: int) -> int:
    """How many nights it takes until everything is told and the night is clean."""
    for number in range(1, most + 1):
        begun = office.deeds
        told = nights.night()
        missed, false = office.judge(nights.open(), begun)
        assert not false, (number, told)
        assert told.requests <= A_NIGHT
        if told.state in ("ok", "blind") and not missed:
            return number
    raise AssertionError(f"missed {missed}, {told}")


@pytest.mark.parametrize(("name", "value"), slow_but(QUICK, POSITIONS))
def test_whatever_lists_do(world: World, name: str, value: Any) -> None:
    world.site.switches = world.site.switches.changed({name: value})
    office = filled(world, 15)
    most = MOST_NIGHTS.get((name, value), 6)
    nights = ScoroNights(world)
    until(nights, office, most)
    for module in (*DOCUMENTS, "receipts"):
        office.delete(_one(office, module))
    until(nights, office, most)
    for module in (*DOCUMENTS, "receipts"):
        if sum(key[0] == module for key in office.imported):
            office.delete(_one(office, module), hard=True)
    for module in DOCUMENTS:
        office.change(_one(office, module), "source_amount")
        office.change(_one(office, module), "source_date")
    until(nights, office, most)


class Killed(BaseException):
    """The process is gone."""


@pytest.mark.slow
def test_killed_at_each_request(world: World) -> None:
    office = filled(world, 14)
    nights = ScoroNights(world)
    until(nights, office, 4)
    number = 0
    while True:
        number += 1
        module = DOCUMENTS[number % 3]
        office.enter(module)
        office.delete(_one(office, module), hard=number % 2 == 0)
        office.change(_one(office, DOCUMENTS[(number + 1) % 3]), "source_number")
        request = nights.next_request()

        def kill(asked: int, at: int = number) -> None:
            if asked == at:
                raise Killed

        nights.before = kill
        killed = True
        try:
            told = nights.night(request)
            killed = False
        except Killed:
            nights.before = lambda _: None
            told = nights.night(request)
        nights.before = lambda _: None
        begun = office.deeds
        missed, false = office.judge(nights.open(), begun)
        assert (missed, false, told.state) == (set(), set(), "ok"), number
        assert told.requests <= A_NIGHT
        if not killed:
            break
    assert number > 12


@pytest.mark.parametrize("hard", [False, True])
def test_whoever_deletes_while_a_night_reads_hides_nothing(world: World, hard: bool, stride: int) -> None:
    """Another record that is deleted while one is looked for makes the list as short as it was counted: a night that
    says that all was read has found the first one all the same."""
    office = filled(world, 14)
    nights = ScoroNights(world)
    until(nights, office, 4)
    at, states = 1, []
    while True:
        for _ in range(3):
            office.enter("invoices")
        office.delete(_one(office, "invoices"), hard=True)
        begun = office.deeds
        reached = False

        def delete(asked: int, at: int = at) -> None:
            nonlocal reached
            if asked == at:
                reached = True
                office.delete(_one(office, "invoices"), hard=hard)

        nights.before = delete
        told = nights.night()
        nights.before = lambda _: None
        missed, false = office.judge(nights.open(), begun)
        assert (missed, false) == (set(), set()), (at, told)
        assert told.requests <= A_NIGHT
        states.append(told.state)
        if not reached:
            break
        at += stride
    assert at > 12
    assert set(states) == {"ok"}
    # What was done meanwhile, the night after tells.
    nights.night()
    assert office.judge(nights.open(), office.deeds) == (set(), set())


def _one(office: ScoroOffice, module: str) -> Key:
    """One that is as it was imported, from the middle of its list."""
    keys = [key for key in office.imported if key[0] == module]
    return keys[len(keys) // 2]
