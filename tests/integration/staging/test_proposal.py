"""Room staging. Which days a run by hand takes when nobody names any."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, delete
from sqlalchemy.dialects.postgresql import insert

from scoro_smartaccounts.common.clock import TALLINN, tallinn_day
from scoro_smartaccounts.common.company import Mode
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.errors import BillingStopped
from scoro_smartaccounts.common.run import RunKind
from scoro_smartaccounts.report.summary import render_summary
from scoro_smartaccounts.staging.days_to_import import (
    Coverage,
    Days,
    proposed_days,
    read_coverage,
    takes_the_proposal,
)
from scoro_smartaccounts.staging.runs import open_run
from scoro_smartaccounts.staging.schema import coverage
from scoro_smartaccounts_sandbox.faults import Fault, FaultKind
from tests.integration.world import World

FIRST = date(2026, 1, 1)


@pytest.fixture(autouse=True)
def unchecked(world: World) -> None:
    world.checked = False


def morning(world: World, day: date, hour: int = 9, minute: int = 0) -> None:
    """It is this day in Tallinn."""
    world.clock.set(datetime(day.year, day.month, day.day, hour, minute, tzinfo=TALLINN).astimezone(UTC))


def known(world: World, flow: Flow = Flow.SALES_INVOICES) -> Coverage:
    with world.engine.begin() as connection:
        return read_coverage(connection, world.company, flow, tallinn_day(world.clock.now()))


def cover(world: World, *days: date) -> None:
    with world.engine.begin() as connection:
        note_covered(connection, world, days)


def note_covered(connection: Connection, world: World, days: Iterable[date]) -> None:
    """As if some run had imported these days."""
    for day in days:
        row = {"company": world.company.key, "flow": Flow.SALES_INVOICES.value, "day": day, "run_key": "some run"}
        connection.execute(insert(coverage).values(row).on_conflict_do_nothing())


def stretch(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def test_the_days_after_the_last_import_are_proposed(world: World) -> None:
    morning(world, date(2026, 1, 11))
    world.run(FIRST, date(2026, 1, 10))
    morning(world, date(2026, 1, 13))
    assert known(world).proposal == Days(date(2026, 1, 11), date(2026, 1, 12))
    assert str(known(world)) == "Next to import: 11.01.2026-12.01.2026."
    summary = world.run(date(2026, 1, 5), date(2026, 1, 6))
    assert summary["days_not_imported"]["proposal"] == "11.01.2026-12.01.2026"
    assert "A run by hand without days takes 11.01.2026-12.01.2026." in render_summary(summary)


def test_the_first_import_ever_begins_with_the_company_files_day(world: World) -> None:
    morning(world, date(2026, 1, 13))
    assert known(world).proposal == Days(FIRST, date(2026, 1, 12))
    morning(world, FIRST)
    assert known(world).proposal is None


def test_a_hole_comes_first(world: World) -> None:
    morning(world, date(2026, 2, 3))
    for first, last in ((1, 10), (13, 20), (25, 25)):
        world.run(date(2026, 1, first), date(2026, 1, last))
    assert known(world).holes == (
        Days(date(2026, 1, 11), date(2026, 1, 12)),
        Days(date(2026, 1, 21), date(2026, 1, 24)),
        Days(date(2026, 1, 26), date(2026, 2, 2)),
    )
    assert str(known(world)) == (
        "Next to import: 11.01.2026-12.01.2026. 2 more stretches of days are not imported either."
    )
    world.run(date(2026, 1, 11), date(2026, 1, 12))
    world.run(date(2026, 1, 21), date(2026, 1, 24))
    assert known(world).proposal == Days(date(2026, 1, 26), date(2026, 2, 2))


@pytest.mark.parametrize(
    ("last", "today", "proposal"),
    [
        (date(2026, 1, 30), date(2026, 2, 1), Days(date(2026, 1, 31), date(2026, 1, 31))),
        (date(2026, 1, 31), date(2026, 2, 2), Days(date(2026, 2, 1), date(2026, 2, 1))),
        (date(2026, 2, 28), date(2026, 3, 2), Days(date(2026, 3, 1), date(2026, 3, 1))),
        (date(2026, 12, 30), date(2027, 1, 2), Days(date(2026, 12, 31), date(2027, 1, 1))),
        (date(2028, 2, 28), date(2028, 3, 1), Days(date(2028, 2, 29), date(2028, 2, 29))),
    ],
)
def test_months_and_years_end(world: World, last: date, today: date, proposal: Days) -> None:
    cover(world, *stretch(FIRST, last))
    morning(world, today)
    assert known(world).proposal == proposal


@pytest.mark.parametrize("change", [date(2026, 3, 29), date(2026, 10, 25)])
@pytest.mark.parametrize(("hour", "minute"), [(0, 0), (3, 30), (23, 59)])
def test_the_days_of_the_clock_change_are_days_like_others(world: World, change: date, hour: int, minute: int) -> None:
    cover(world, *stretch(FIRST, change - timedelta(days=1)))
    morning(world, change, hour, minute)
    assert known(world).proposal is None
    morning(world, change + timedelta(days=1), hour, minute)
    assert known(world).proposal == Days(change, change)
    world.run(change, change)
    assert known(world).proposal is None


def test_a_day_that_is_not_over_is_not_imported(world: World) -> None:
    morning(world, date(2026, 1, 3), 23, 59)
    world.run(FIRST, date(2026, 1, 3))
    morning(world, date(2026, 1, 4), 0, 1)
    assert known(world).proposal == Days(date(2026, 1, 3), date(2026, 1, 3))


def test_flows_and_previews_do_not_cover_each_others_days(world: World) -> None:
    morning(world, date(2026, 1, 3))
    world.run(FIRST, date(2026, 1, 2), mode=Mode.PREVIEW)
    world.run(FIRST, FIRST, flow=Flow.PURCHASE_INVOICES)
    assert known(world).proposal == Days(FIRST, date(2026, 1, 2))
    assert known(world, Flow.PURCHASE_INVOICES).proposal == Days(date(2026, 1, 2), date(2026, 1, 2))
    assert known(world, Flow.PAYMENTS).proposal == Days(FIRST, date(2026, 1, 2))


def test_a_failed_run_leaves_its_days_to_the_next(world: World) -> None:
    world.generate(FIRST, date(2026, 1, 2), 60, seed=3)
    morning(world, date(2026, 1, 3))
    world.server.faults.add(Fault(FaultKind.BILLING, where="clientinvoices:add"))
    with pytest.raises(BillingStopped):
        world.run(FIRST, date(2026, 1, 2))
    assert known(world).proposal == Days(FIRST, date(2026, 1, 2))


def test_a_run_keeps_the_days_that_it_began_with(world: World) -> None:
    morning(world, date(2026, 1, 13))
    request = world.request(FIRST, FIRST)
    assert takes_the_proposal(request)
    with world.engine.begin() as connection:
        days = proposed_days(connection, request, date(2026, 1, 13))
        assert days == Days(FIRST, date(2026, 1, 12))
        open_run(connection, replace(request, date_from=days.first, date_to=days.last))
    cover(world, *stretch(FIRST, date(2026, 1, 8)))
    with world.engine.begin() as connection:
        assert proposed_days(connection, request, date(2026, 1, 14)) == days
        other = world.request(FIRST, FIRST)
        assert proposed_days(connection, other, date(2026, 1, 14)) == Days(date(2026, 1, 9), date(2026, 1, 13))


def test_with_nothing_missing_yesterday_is_read_again(world: World) -> None:
    morning(world, date(2026, 1, 3))
    cover(world, FIRST, date(2026, 1, 2))
    with world.engine.begin() as connection:
        days = proposed_days(connection, world.request(FIRST, FIRST), date(2026, 1, 3))
    assert days == Days(date(2026, 1, 2), date(2026, 1, 2))
    assert str(known(world)) == "Imported without a hole from 01.01.2026 to 02.01.2026."


def test_only_a_run_by_hand_without_days_takes_the_proposal(world: World) -> None:
    by_hand = world.request(FIRST, FIRST)
    assert not takes_the_proposal(replace(by_hand, is_range=True))
    assert not takes_the_proposal(replace(by_hand, kind=RunKind.SCHEDULED))
    assert not takes_the_proposal(replace(by_hand, kind=RunKind.BACKFILL))
    assert not takes_the_proposal(replace(by_hand, flow=Flow.EXPORT_PAYMENTS))


@given(st.sets(st.integers(0, 40)), st.integers(1, 40), st.randoms())
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_holes_are_what_is_not_covered(world: World, covered: set[int], today: int, order: random.Random) -> None:
    days = [FIRST + timedelta(days=n) for n in covered]
    order.shuffle(days)
    with world.engine.begin() as connection:
        connection.execute(delete(coverage))
        # Overlapping runs.
        note_covered(connection, world, days)
        note_covered(connection, world, days[: len(days) // 2])
        found = read_coverage(connection, world.company, Flow.SALES_INVOICES, FIRST + timedelta(days=today))
    missing = set(stretch(FIRST, FIRST + timedelta(days=today - 1))) - set(days)
    assert _days(found.holes) == sorted(missing)
    assert found.missing == len(missing)
    for hole in found.holes:
        assert hole.first - timedelta(days=1) not in missing
        assert hole.last + timedelta(days=1) not in missing


def _days(holes: Iterable[Days]) -> list[date]:
    return [day for hole in holes for day in stretch(hole.first, hole.last)]
