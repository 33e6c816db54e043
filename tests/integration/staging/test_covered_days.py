"""Room staging. Days count as imported once some run listed them in full and all their documents are decided,
whichever run that was.

Nights go wrong in every step; what is said about their days afterwards is true."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from scoro_smartaccounts import pipeline
from scoro_smartaccounts.common.clock import TALLINN, tallinn_day
from scoro_smartaccounts.common.company import Mode
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.errors import PipelineError, TransientError
from scoro_smartaccounts.common.run import RunKind, RunRequest
from scoro_smartaccounts.staging.days_to_import import Days, read_coverage
from scoro_smartaccounts.staging.runs import mark
from scoro_smartaccounts.staging.schema import document, run
from scoro_smartaccounts_sandbox.faults import Fault, FaultKind
from tests.integration.killed import run_and_kill
from tests.integration.money import Money
from tests.integration.world import World

FIRST = date(2026, 1, 12)
SECOND, THIRD = FIRST + timedelta(days=1), FIRST + timedelta(days=2)
ONE_DAY = timedelta(days=1)


@pytest.fixture
def money(world: World) -> Money:
    world.company = world.company.model_copy(update={"first_import_date": FIRST})
    return Money(world)


def after(world: World, day: date, *, hour: int = 0, minute: int = 15) -> None:
    """The night after a day."""
    moment = datetime(day.year, day.month, day.day, hour, minute, tzinfo=TALLINN) + ONE_DAY
    world.clock.set(moment.astimezone(UTC))


def night_of(world: World, day: date, flow: Flow = Flow.SALES_INVOICES) -> RunRequest:
    return world.request(day, day, flow=flow, kind=RunKind.SCHEDULED, key=f"{flow.dag_id}/{day}")


def play(world: World, day: date, **more: Any) -> dict[str, Any]:
    """The night's run, all of it."""
    after(world, day)
    request = night_of(world, day, **more)
    return pipeline.run_all(request, world.services(request))


def holes(world: World, flow: Flow = Flow.SALES_INVOICES) -> list[Days]:
    with world.engine.begin() as connection:
        return list(read_coverage(connection, world.company, flow, tallinn_day(world.clock.now())).holes)


def test_a_night_that_failed_in_load_is_covered_by_the_next(money: Money) -> None:
    world = money.world
    for _ in range(5):
        money.enter(FIRST, "100")
    world.server.faults.add(Fault(FaultKind.STATUS, where="clientinvoices:add", status=500, times=1000))
    with pytest.raises(TransientError):
        play(world, FIRST)
    assert holes(world) == [Days(FIRST, FIRST)]
    world.server.faults.clear()
    money.enter(SECOND, "50")
    summary = play(world, SECOND)
    assert len(world.invoices()) == 6
    assert holes(world) == []
    assert summary["days_not_imported"]["count"] == 0


@pytest.mark.parametrize("flow", [Flow.PURCHASE_INVOICES, Flow.PAYMENTS])
def test_so_is_one_of_another_flow(money: Money, flow: Flow) -> None:
    world = money.world
    after(world, FIRST)
    if flow is Flow.PAYMENTS:
        for _ in range(4):
            money.receive("invoices", {money.enter(FIRST, "100"): None}, FIRST)
        money.import_documents(FIRST, FIRST)
    else:
        for number in range(4):
            money.enter(FIRST, "100", flow=flow, no=f"A-{number}")
    where = "payments:add" if flow is Flow.PAYMENTS else "vendorinvoices:add"
    world.server.faults.add(Fault(FaultKind.STATUS, where=where, status=500, times=1000))
    with pytest.raises(TransientError):
        play(world, FIRST, flow=flow)
    assert holes(world, flow) == [Days(FIRST, FIRST)]
    world.server.faults.clear()
    play(world, SECOND, flow=flow)
    assert holes(world, flow) == []


def test_a_night_that_failed_before_it_listed_stays_a_hole_until_a_run_lists_that_day(money: Money) -> None:
    world = money.world
    money.enter(FIRST, "100")
    world.scoro.faults.add(Fault(FaultKind.STATUS, where="invoices", status=500, times=1000))
    with pytest.raises(PipelineError):
        play(world, FIRST)
    world.scoro.faults.clear()
    play(world, SECOND)
    play(world, THIRD)
    assert holes(world) == [Days(FIRST, FIRST)]
    world.run(FIRST, FIRST)
    assert holes(world) == []


def test_a_day_that_a_preview_listed_is_not_covered(money: Money) -> None:
    world = money.world
    after(world, FIRST)
    world.run(FIRST, FIRST, mode=Mode.PREVIEW)
    play(world, SECOND)
    assert holes(world) == [Days(FIRST, FIRST)]


def test_a_day_that_was_not_over_when_it_was_listed_is_not_covered(money: Money) -> None:
    world = money.world
    money.enter(FIRST, "100")
    after(world, FIRST - ONE_DAY, hour=23, minute=30)
    # By hand, on the evening itself.
    world.run(FIRST, FIRST)
    play(world, SECOND)
    assert len(world.invoices()) == 1
    assert holes(world) == [Days(FIRST, FIRST)]


def test_a_day_whose_list_contradicted_itself_is_not_covered(money: Money) -> None:
    world = money.world
    after(world, FIRST)
    request = night_of(world, FIRST)
    services = world.services(request)
    pipeline.extract(request, services)
    # As extraction counts it where its passes never agreed.
    with world.engine.begin() as connection:
        mark(connection, request, "extracted", {"listing_unsettled": 1, "whole_days": 0})
    pipeline.reconcile_and_plan(request, services)
    pipeline.load(request, services)
    play(world, SECOND)
    assert holes(world) == [Days(FIRST, FIRST)]


def test_a_day_is_covered_when_what_is_in_doubt_is_decided(money: Money) -> None:
    world = money.world
    money.enter(FIRST, "100")
    world.server.faults.add(Fault(FaultKind.DROP_BEFORE, where="clientinvoices:add"))
    assert play(world, FIRST)["documents"]["in_doubt"] == 1
    assert holes(world) == [Days(FIRST, FIRST)]
    assert play(world, SECOND)["documents"]["created"] == 1
    assert holes(world) == []


def test_what_a_person_dismisses_before_it_is_sent_is_decided(money: Money) -> None:
    world = money.world
    unwanted = money.enter(FIRST, "100")
    after(world, FIRST - ONE_DAY, hour=20)
    world.server.faults.add(Fault(FaultKind.STATUS, where="clientinvoices:add", status=400))
    assert world.run(FIRST, FIRST)["documents"]["quarantined"] == 1
    after(world, FIRST)
    request = night_of(world, FIRST)
    services = world.services(request)
    pipeline.extract(request, services)
    pipeline.reconcile_and_plan(request, services)
    money.dismiss(unwanted)
    assert pipeline.load(request, services)["not_sent"] == 1
    assert holes(world) == []


@pytest.mark.slow
def test_killed_at_any_point_a_night_leaves_a_hole_or_is_covered_rightly(money: Money) -> None:
    """SIGKILL in every step, at every third moment. A hole is left only where the list was not read to its end."""
    world, day, killed = money.world, FIRST, 0
    steps = (pipeline.extract, pipeline.reconcile_and_plan, pipeline.load)
    for step in steps:
        at = 0
        while True:
            money.enter(day, "100")
            money.enter(day, "50")
            after(world, day)
            request = night_of(world, day)
            services = world.services(request)
            for before in steps[: steps.index(step)]:
                before(request, services)
            was_killed = run_and_kill(world, request, step, at)
            if not was_killed:
                pipeline.run_all(request, services)
            following = day + ONE_DAY
            play(world, following)
            is_listed = was_listed(world, request)
            assert is_listed or step is pipeline.extract
            assert (Days(day, day) in holes(world)) is not is_listed
            covered_is_booked(world)
            day = following + ONE_DAY
            if not was_killed:
                break
            killed += 1
            at += 3
    assert killed > 5


def was_listed(world: World, request: RunRequest) -> bool:
    with world.engine.connect() as connection:
        return connection.scalar(select(run.c.extracted_at).where(run.c.run_key == request.run_key)) is not None


def covered_is_booked(world: World) -> None:
    """Nothing is missing in the books on a day that counts as imported."""
    missing = {day for hole in holes(world) for day in days_of(hole)}
    booked = {row["invoiceNumber"] for row in world.invoices()}
    with world.engine.connect() as connection:
        known = {row.number for row in connection.execute(select(document)) if row.day not in missing}
    there = {str(row["no"]) for row in world.live_invoices().values() if date.fromisoformat(row["date"]) not in missing}
    assert known <= booked
    assert there - booked == set()


def days_of(hole: Days) -> list[date]:
    return [hole.first + timedelta(days=n) for n in range(hole.count)]
