"""Whatever is killed, lost or late: every record exactly once, without a person."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from scoro_smartaccounts import pipeline
from scoro_smartaccounts.run import RunKind
from scoro_smartaccounts.sandbox.faults import Fault, FaultKind
from scoro_smartaccounts.sandbox.generator import Feature
from tests.integration.killed import run_and_kill
from tests.integration.world import World

DAY = date(2026, 1, 15)
PLAIN = frozenset({Feature.STOCK})
WRITES = ("purchasesales/articles:add", "purchasesales/clients:add", "purchasesales/clientinvoices:add")


@pytest.fixture(autouse=True)
def unchecked(world: World) -> None:
    """The checks are not what these tests are about, and cost most of a run's seconds."""
    world.checked = False


def one_invoice(world: World) -> None:
    """Scoro holds one invoice with one stock and one other product; SmartAccounts nothing."""
    client = world.site.create("contacts", {"name": "Näidis OÜ", "contact_type": "company", "id_code": "19000022"})[
        "contact_id"
    ]
    lines = []
    for code, tag in (("KAB-1", "Laoartikkel"), ("TOO", "")):
        product = world.site.create("products", {"code": code, "name": code, "tag": tag, "price": "10"})["product_id"]
        lines.append({"product_id": product, "price": "10", "amount": "2", "vat_code_id": 9})
    world.site.create(
        "invoices", {"company_id": client, "date": DAY.isoformat(), "deadline": DAY.isoformat(), "lines": lines}
    )


def once(world: World) -> None:
    """Exactly one of each is in the books."""
    state = world.books.state()
    assert len(state["clientinvoices"]) == 1
    assert len(state["clients"]) == 1
    assert sorted(row["code"] for row in state["articles"]) == ["KAB-1", "TOO"]


def no_more_than_once(world: World) -> None:
    state = world.books.state()
    assert len(state["clientinvoices"]) <= 1
    assert len(state["clients"]) <= 1
    assert len(state["articles"]) <= 2


def until_settled(world: World) -> dict[str, Any]:
    """A run at once, which must send nothing twice; then one past the bound."""
    world.clock.advance(timedelta(minutes=1))
    world.run(DAY, DAY)
    no_more_than_once(world)
    world.clock.advance(timedelta(minutes=25))
    return world.run(DAY, DAY)


def test_a_load_killed_at_any_moment_books_once(world: World) -> None:
    """SIGKILL before and after every commit and request of the load step."""
    one_invoice(world)
    killed_at = 0
    while True:
        request = world.request(DAY, DAY)
        services = world.services(request)
        for step in world.steps[:-1]:
            step(request, services)
        if not run_and_kill(world, request, pipeline.load, killed_at):
            break
        killed_at += 1
        summary = until_settled(world)
        once(world)
        assert summary["documents"]["in_doubt"] == 0
        _forget(world)
    assert killed_at > 15
    once(world)


@pytest.mark.parametrize("operation", WRITES)
@pytest.mark.parametrize(
    "fault",
    [
        Fault(FaultKind.DROP_BEFORE),
        Fault(FaultKind.DROP_AFTER),
        Fault(FaultKind.STATUS, status=500),
        Fault(FaultKind.STATUS_AFTER, status=500),
        Fault(FaultKind.TRUNCATED),
        Fault(FaultKind.HTML),
        Fault(FaultKind.LIMIT),
    ],
    ids=lambda fault: fault.kind.value,
)
def test_a_lost_answer_is_looked_for(world: World, fault: Fault, operation: str) -> None:
    one_invoice(world)
    world.server.faults.add(Fault(fault.kind, where=operation, status=fault.status))
    world.run(DAY, DAY)
    no_more_than_once(world)
    summary = until_settled(world)
    once(world)
    assert summary["documents"]["in_doubt"] == 0
    assert summary["documents"]["quarantined"] == 0


def test_an_answer_that_comes_too_late(world: World) -> None:
    one_invoice(world)
    world.server.faults.add(Fault(FaultKind.HANG_AFTER, where="clientinvoices:add", seconds=3))
    request = world.request(DAY, DAY)
    summary = pipeline.run_all(request, world.services(request, read_timeout=0.5))
    # The reading at the end of the same step finds it.
    assert summary["documents"]["created"] + summary["documents"]["already_there"] == 1
    until_settled(world)
    once(world)


@pytest.mark.parametrize("operation", WRITES)
@pytest.mark.parametrize("shows_date", [True, False], ids=["server clock", "own clock"])
def test_a_write_applied_ten_minutes_after_the_client_gave_up(world: World, operation: str, shows_date: bool) -> None:
    world.books.switches.change({"show_date": shows_date})
    one_invoice(world)
    world.server.faults.add(Fault(FaultKind.LATE, where=operation))
    first = world.run(DAY, DAY)
    assert first["documents"]["in_doubt"] == 1
    assert first["in_doubt"]

    world.clock.advance(timedelta(minutes=5))
    world.server.calls.clear()
    assert world.run(DAY, DAY)["documents"]["in_doubt"] == 1
    assert world.writes(operation) == []

    world.clock.advance(timedelta(minutes=5))
    assert world.server.apply_late() == 1
    world.clock.advance(timedelta(minutes=30))
    final = world.run(DAY, DAY)
    assert final["documents"]["in_doubt"] == 0
    once(world)


@pytest.mark.parametrize("operation", WRITES)
def test_a_write_that_never_came_through_is_sent_again_after_the_bound_only(world: World, operation: str) -> None:
    one_invoice(world)
    world.server.faults.add(Fault(FaultKind.DROP_BEFORE, where=operation))
    world.run(DAY, DAY)
    for minutes in (10, 9):
        world.clock.advance(timedelta(minutes=minutes))
        world.server.calls.clear()
        assert world.run(DAY, DAY)["documents"]["in_doubt"] == 1
        assert world.writes(operation) == []
    world.clock.advance(timedelta(minutes=2))
    assert world.run(DAY, DAY)["documents"]["in_doubt"] == 0
    once(world)


def test_a_scheduled_run_takes_up_what_was_in_doubt(world: World) -> None:
    one_invoice(world)
    world.server.faults.add(Fault(FaultKind.LATE, where="clientinvoices:add"))
    assert world.run(DAY, DAY)["documents"]["in_doubt"] == 1
    world.server.apply_late()
    world.clock.advance(timedelta(hours=24))
    later = DAY + timedelta(days=1)
    summary = world.run(later, later, kind=RunKind.SCHEDULED)
    assert summary["documents"]["in_doubt"] == 0
    once(world)


def test_the_same_bad_key_for_all_stops_the_run(world: World) -> None:
    world.generate(DAY, DAY, 600, features=PLAIN)
    world.books.switches.change({"locked_until": "2026-12-31"})
    with pytest.raises(pipeline.LoadStopped, match="in a row"):
        world.run(DAY, DAY)
    assert len(world.writes("clientinvoices")) == 10


def _forget(world: World) -> None:
    """Both sides as before the import, with Scoro's document as it was."""
    world.books.reset()
    with world.engine.begin() as connection:
        tables = (
            "run, document, link, plan, intent, quarantine, waiting, finding, coverage, request, raw_record, contact"
        )
        connection.exec_driver_sql(
            f"truncate {tables}, product, client_register, article_register, setting_register, register_state,"
            " remote_document, later_change, watermark, request_pause cascade"
        )
