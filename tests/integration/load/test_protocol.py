"""Room load. Whatever is killed, lost or late: every record exactly once, without a person."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from scoro_smartaccounts import pipeline
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.run import RunKind
from scoro_smartaccounts_sandbox.faults import Fault, FaultKind
from scoro_smartaccounts_sandbox.generator import Feature
from tests.integration.killed import run_and_kill
from tests.integration.world import World
from tests.tiers import slow_but

DAY = date(2026, 1, 15)
PLAIN = frozenset({Feature.STOCK})
WRITES = tuple(
    pytest.param(flow, f"purchasesales/{service}:add", id=f"{flow.noun}-{service}")
    for flow, services in (
        (Flow.SALES_INVOICES, ("articles", "clients", "clientinvoices")),
        (Flow.PURCHASE_INVOICES, ("articles", "vendors", "vendorinvoices")),
    )
    for service in services
)
# Scoro's module, and SmartAccounts' services of documents and partners.
NAMES = {
    Flow.SALES_INVOICES: ("invoices", "clientinvoices", "clients"),
    Flow.PURCHASE_INVOICES: ("bills", "vendorinvoices", "vendors"),
}


@pytest.fixture(autouse=True)
def unchecked(world: World) -> None:
    """The checks are not what these tests are about, and cost most of a run's seconds."""
    world.checked = False


def one_document(world: World, flow: Flow) -> None:
    """Scoro holds one invoice or bill with one stock and one other product; SmartAccounts nothing."""
    client = world.site.create("contacts", {"name": "Näidis OÜ", "contact_type": "company", "id_code": "19000022"})[
        "contact_id"
    ]
    lines = []
    for code, tag in (("KAB-1", "Laoartikkel"), ("TOO", "")):
        product = world.site.create("products", {"code": code, "name": code, "tag": tag, "price": "10"})["product_id"]
        lines.append({"product_id": product, "price": "10", "amount": "2", "vat_code_id": 9})
    fields = {"company_id": client, "date": DAY.isoformat(), "deadline": DAY.isoformat(), "lines": lines}
    world.site.create(NAMES[flow][0], fields | ({"no": "A-1"} if flow is Flow.PURCHASE_INVOICES else {}))


def made(world: World, flow: Flow) -> tuple[int, int]:
    """How many documents and partners of the flow there are, without the vendor that every company has."""
    state = world.books.state()
    _, documents, partners = NAMES[flow]
    return len(state[documents]), sum(1 for row in state[partners] if row["name"] == "Näidis OÜ")


def once(world: World, flow: Flow) -> None:
    """Exactly one of each is in the books."""
    state = world.books.state()
    assert made(world, flow) == (1, 1)
    assert sorted(row["code"] for row in state["articles"]) == ["KAB-1", "TOO"]


def no_more_than_once(world: World, flow: Flow) -> None:
    assert max(made(world, flow)) <= 1
    assert len(world.books.state()["articles"]) <= 2


def until_settled(world: World, flow: Flow) -> dict[str, Any]:
    """A run at once, which must send nothing twice; then one past the bound."""
    world.clock.advance(timedelta(minutes=1))
    world.run(DAY, DAY, flow=flow)
    no_more_than_once(world, flow)
    world.clock.advance(timedelta(minutes=25))
    return world.run(DAY, DAY, flow=flow)


@pytest.mark.parametrize(
    ("flow", "step"),
    slow_but(
        [(Flow.SALES_INVOICES, 9)],
        [(Flow.SALES_INVOICES, 9), (Flow.SALES_INVOICES, 1), (Flow.PURCHASE_INVOICES, 3)],
    ),
)
def test_a_load_killed_at_any_moment_books_once(world: World, flow: Flow, step: int) -> None:
    """SIGKILL before and after every commit and request of the load step, or every `step`-th."""
    one_document(world, flow)
    killed_at = 0
    while True:
        request = world.request(DAY, DAY, flow=flow)
        services = world.services(request)
        for prepare in world.steps[:-1]:
            prepare(request, services)
        if not run_and_kill(world, request, pipeline.load, killed_at):
            break
        killed_at += step
        summary = until_settled(world, flow)
        once(world, flow)
        assert summary["documents"]["in_doubt"] == 0
        _forget(world)
    assert killed_at > 15
    once(world, flow)


@pytest.mark.parametrize(("flow", "operation"), WRITES)
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
def test_a_lost_answer_is_looked_for(world: World, fault: Fault, flow: Flow, operation: str) -> None:
    one_document(world, flow)
    world.server.faults.add(Fault(fault.kind, where=operation, status=fault.status))
    world.run(DAY, DAY, flow=flow)
    no_more_than_once(world, flow)
    summary = until_settled(world, flow)
    once(world, flow)
    assert summary["documents"]["in_doubt"] == 0
    assert summary["documents"]["quarantined"] == 0


def test_an_answer_that_comes_too_late(world: World) -> None:
    one_document(world, Flow.SALES_INVOICES)
    world.server.faults.add(Fault(FaultKind.HANG_AFTER, where="clientinvoices:add", seconds=3))
    request = world.request(DAY, DAY)
    summary = pipeline.run_all(request, world.services(request, read_timeout=0.5))
    # The reading at the end of the same step finds it.
    assert summary["documents"]["created"] + summary["documents"]["already_there"] == 1
    until_settled(world, Flow.SALES_INVOICES)
    once(world, Flow.SALES_INVOICES)


@pytest.mark.parametrize(("flow", "operation"), WRITES)
@pytest.mark.parametrize("shows_date", [True, False], ids=["server clock", "own clock"])
def test_a_write_applied_ten_minutes_after_the_client_gave_up(
    world: World, flow: Flow, operation: str, shows_date: bool
) -> None:
    world.books.switches.change({"show_date": shows_date})
    one_document(world, flow)
    world.server.faults.add(Fault(FaultKind.LATE, where=operation))
    first = world.run(DAY, DAY, flow=flow)
    assert first["documents"]["in_doubt"] == 1
    assert first["in_doubt"]

    world.clock.advance(timedelta(minutes=5))
    world.server.calls.clear()
    assert world.run(DAY, DAY, flow=flow)["documents"]["in_doubt"] == 1
    assert world.writes(operation) == []

    world.clock.advance(timedelta(minutes=5))
    assert world.server.apply_late() == 1
    world.clock.advance(timedelta(minutes=30))
    final = world.run(DAY, DAY, flow=flow)
    assert final["documents"]["in_doubt"] == 0
    once(world, flow)


@pytest.mark.parametrize(("flow", "operation"), WRITES)
def test_a_write_that_never_came_through_is_sent_again_after_the_bound_only(
    world: World, flow: Flow, operation: str
) -> None:
    one_document(world, flow)
    world.server.faults.add(Fault(FaultKind.DROP_BEFORE, where=operation))
    world.run(DAY, DAY, flow=flow)
    for minutes in (10, 9):
        world.clock.advance(timedelta(minutes=minutes))
        world.server.calls.clear()
        assert world.run(DAY, DAY, flow=flow)["documents"]["in_doubt"] == 1
        assert world.writes(operation) == []
    world.clock.advance(timedelta(minutes=2))
    assert world.run(DAY, DAY, flow=flow)["documents"]["in_doubt"] == 0
    once(world, flow)


def test_a_scheduled_run_takes_up_what_was_in_doubt(world: World) -> None:
    one_document(world, Flow.SALES_INVOICES)
    world.server.faults.add(Fault(FaultKind.LATE, where="clientinvoices:add"))
    assert world.run(DAY, DAY)["documents"]["in_doubt"] == 1
    world.server.apply_late()
    world.clock.advance(timedelta(hours=24))
    later = DAY + timedelta(days=1)
    summary = world.run(later, later, kind=RunKind.SCHEDULED)
    assert summary["documents"]["in_doubt"] == 0
    once(world, Flow.SALES_INVOICES)


def test_the_same_bad_key_for_all_stops_the_run(world: World) -> None:
    world.generate(DAY, DAY, 600, features=PLAIN)
    world.books.switches.change({"locked_until": "2026-12-31", "error_key_field": ""})
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
            f"truncate {tables}, product, client_register, vendor_register, article_register, setting_register,"
            " register_state, remote_document, later_change, watermark, request_pause cascade"
        )
