"""Room border. Whatever a service answers, a company goes on by itself a day later at most, with most of its
requests left."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from scoro_smartaccounts import pipeline
from scoro_smartaccounts.border import bounds
from scoro_smartaccounts.budget import DAY, Budget, Priority, resume
from scoro_smartaccounts.common.errors import BudgetExhausted, PutOff, TransientError
from scoro_smartaccounts.staging.schema import request_pause
from scoro_smartaccounts_sandbox.faults import Fault, FaultKind
from tests.integration.world import World

FIRST, LAST = date(2026, 1, 1), date(2026, 1, 10)
A_YEAR = str(365 * 86400)
FAR = (A_YEAR, "Thu, 31 Dec 2099 23:59:59 GMT")


@pytest.fixture
def world(world: World) -> World:
    world.checked = False
    return world


def run_until_booked(world: World) -> tuple[timedelta, int]:
    """The run, again and again as Airflow would start it; how long that took by the clock, and how many tries."""
    began = world.clock.now()
    request = world.request(FIRST, LAST)
    for tries in range(1, 50):
        services = world.services(request)
        try:
            for step in (*world.steps[:-1], pipeline.load_until_certain):
                step(request, services)
            return world.clock.now() - began, tries
        except PutOff as pause:
            until = min(pause.until, world.clock.now() + timedelta(hours=24))
        except TransientError as trouble:
            until = world.clock.now() + timedelta(seconds=max(trouble.retry_after or 0, 720))
        world.clock.set(max(until, world.clock.now() + timedelta(seconds=30)))
    raise AssertionError("never")


def all_booked(world: World) -> bool:
    return len(world.invoices()) == len(world.live_invoices()) > 0


@pytest.mark.parametrize("asked", FAR)
@pytest.mark.parametrize("where", ["clients:get", "clientinvoices:add"])
def test_a_limit_of_smartaccounts_for_years_is_one_for_a_day(world: World, where: str, asked: str) -> None:
    world.generate(FIRST, LAST, 10)
    world.server.faults.add(Fault(FaultKind.LIMIT, where=where, retry_after=asked))
    took, tries = run_until_booked(world)
    assert all_booked(world)
    assert tries == 2
    assert timedelta(hours=23) < took < timedelta(hours=25)


@pytest.mark.parametrize("asked", FAR)
@pytest.mark.parametrize("status", [429, 503])
def test_a_wait_of_years_for_scoro_is_one_for_a_day(world: World, status: int, asked: str) -> None:
    world.generate(FIRST, LAST, 10)
    world.scoro.faults.add(Fault(FaultKind.STATUS, where="invoices/list", status=status, retry_after=asked))
    took, tries = run_until_booked(world)
    assert all_booked(world)
    assert tries == 2
    assert timedelta(hours=23) < took < timedelta(hours=25)


@pytest.mark.parametrize("kind", [FaultKind.LARGE, FaultKind.BOMB, FaultKind.DRIP, FaultKind.DEEP])
@pytest.mark.parametrize("where", ["invoices/list", "clients:get", "clientinvoices:add"])
def test_a_monstrous_answer_costs_a_request_and_the_company_goes_on(
    monkeypatch: pytest.MonkeyPatch, world: World, where: str, kind: FaultKind
) -> None:
    if kind is FaultKind.DRIP:
        monkeypatch.setattr(bounds, "LONGEST_ANSWER", 1.0)
    world.generate(FIRST, LAST, 10)
    faults = world.scoro.faults if "/" in where else world.server.faults
    faults.add(Fault(kind, where=where, seconds=0.02))
    took, tries = run_until_booked(world)
    assert all_booked(world)
    assert len({row["invoiceNumber"] for row in world.invoices()}) == len(world.invoices())
    # A write with such an answer is looked for, and found not to be there, twenty minutes later.
    assert tries <= 4
    assert took < timedelta(hours=4)
    assert len(world.calls()) < 60


def test_monsters_all_day_leave_most_of_the_days_requests(world: World) -> None:
    world.generate(FIRST, LAST, 10)
    world.server.faults.add(Fault(FaultKind.DEEP, times=8, where="clients:get"))
    took, tries = run_until_booked(world)
    assert all_booked(world)
    assert tries == 9
    assert took < timedelta(hours=24)
    assert len(world.calls()) < 150


# The pause


def budget(world: World) -> Budget:
    return Budget(world.engine, "default", "run", Priority.EXPORT, world.clock.now)


def is_in_a_day(world: World, moment: datetime) -> bool:
    """The clock runs on meanwhile."""
    return DAY - timedelta(minutes=1) < moment - world.clock.now() <= DAY


def pause_until(world: World, until: datetime) -> None:
    """As an earlier version would have stored it."""
    with world.engine.begin() as connection:
        connection.execute(insert(request_pause).values(company="default", until=until))


def test_a_pause_that_was_stored_for_years_ends_in_a_day(world: World) -> None:
    pause_until(world, datetime(2057, 1, 1, tzinfo=UTC))
    assert 24 * 60 - 1 <= budget(world).minutes_until_free() <= 24 * 60
    with pytest.raises(BudgetExhausted) as told:
        budget(world).reserve("test")
    assert is_in_a_day(world, told.value.until)
    # What it is shortened to stays: another look does not lengthen it.
    world.clock.advance(timedelta(hours=23))
    assert budget(world).minutes_until_free() <= 60
    world.clock.advance(timedelta(hours=1))
    budget(world).reserve("test")


def test_a_pause_is_told_with_its_day_in_tallinn(world: World) -> None:
    world.clock.set(datetime(2026, 3, 20, 21, 30, tzinfo=UTC))
    budget(world).pause(timedelta(hours=2))
    with pytest.raises(BudgetExhausted, match=r"before 21\.03\.2026 01:30 \(Tallinn\)"):
        budget(world).reserve("test")


def test_a_pause_is_lifted_by_hand(world: World) -> None:
    assert resume(world.engine, "default", world.clock.now) is None
    budget(world).pause(timedelta(days=4000))
    until = resume(world.engine, "default", world.clock.now)
    assert until is not None
    assert is_in_a_day(world, until)
    budget(world).reserve("test")
    assert resume(world.engine, "default", world.clock.now) is None
    with world.engine.connect() as connection:
        assert connection.execute(select(request_pause)).all() == []


def test_lifting_a_pause_is_one_companys_own(world: World) -> None:
    budget(world).pause(timedelta(hours=2))
    assert resume(world.engine, "acme", world.clock.now) is None
    with pytest.raises(BudgetExhausted):
        budget(world).reserve("test")


@pytest.mark.parametrize("asked", [None, 0.0, 86_400.0, 1e8])
def test_no_refusal_pauses_for_longer_than_a_day(world: World, asked: float | None) -> None:
    values: dict[str, Any] = {}
    for refusals in (1, 2, 3, 99):
        budget(world).pause_after_refusal(refusals, asked)
        values[str(refusals)] = budget(world).minutes_until_free()
    assert 1 <= min(values.values()) <= max(values.values()) <= 24 * 60
