"""Whole flows. What happens between two steps, or between two runs, and what a person decides meanwhile: nothing is
booked wrong."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from scoro_smartaccounts import pipeline
from scoro_smartaccounts.common.errors import BudgetExhausted, TransientError
from scoro_smartaccounts.common.run import RunKind, RunRequest
from scoro_smartaccounts.mirror.documents import read_days
from scoro_smartaccounts.plan import invoices as planning
from scoro_smartaccounts.report.summary import render_summary
from scoro_smartaccounts.services import Services
from scoro_smartaccounts.staging.quarantine import dismiss, release
from scoro_smartaccounts.staging.schema import quarantine, run
from scoro_smartaccounts_sandbox.faults import Fault, FaultKind
from tests.integration.world import World

DAY = date(2026, 1, 15)
INVOICES = "purchasesales/clientinvoices"
CLIENTS = "purchasesales/clients"


@pytest.fixture(autouse=True)
def unchecked(world: World) -> None:
    """Most of these tests are not about the checks, which cost most of a run's seconds."""
    world.checked = False


def client(world: World, code: str = "19000022") -> int:
    fields = {"name": "Näidis OÜ", "contact_type": "company", "id_code": code}
    return int(world.site.create("contacts", fields)["contact_id"])


def invoice(world: World, company: int, *, price: str = "10", day: date = DAY, **more: Any) -> dict[str, Any]:
    lines = [{"product_id": 0, "product_name": "Töö", "price": price, "amount": "2", "vat_code_id": 9}]
    fields = {"company_id": company, "date": day.isoformat(), "deadline": day.isoformat(), "lines": lines}
    return dict(world.site.create("invoices", fields | more))


def planned(world: World, first: date = DAY, last: date = DAY) -> tuple[RunRequest, Services]:
    """A run that has planned and not yet loaded."""
    request = world.request(first, last, kind=RunKind.BACKFILL)
    services = world.services(request)
    for step in world.steps[:-1]:
        step(request, services)
    return request, services


def book_by_hand(world: World, number: str, day: date, *, price: str = "10", vat: str = "24") -> str:
    """What an accountant enters in SmartAccounts: the invoice of `invoice` under a number of their choice."""
    if not world.books.state()["articles"]:
        world.books.seed("purchasesales/articles", {"code": "MUU", "description": "Muu", "type": "SERVICE"})
    clients = world.books.state()["clients"]
    buyer = clients[0]["id"] if clients else by_hand_client(world)
    row = {"code": "MUU", "description": "Töö", "price": price, "quantity": "2", "vatPc": vat}
    body = {"clientId": buyer, "currency": "EUR", "date": f"{day:%d.%m.%Y}", "invoiceNumber": number, "rows": [row]}
    return str(world.books.seed(INVOICES, body))


def by_hand_client(world: World) -> str:
    return str(world.books.seed(CLIENTS, {"name": "Näidis OÜ", "regCode": "19000022", "vatPc": "24"}))


def cases(world: World) -> list[tuple[str, str, str]]:
    with world.engine.connect() as connection:
        rows = connection.execute(select(quarantine).order_by(quarantine.c.id))
        return [(row.source_id, row.code, row.state) for row in rows]


# Between planning and loading


def test_a_document_changed_while_it_is_planned_is_not_booked_as_it_was(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = invoice(world, client(world))
    request = world.request(DAY, DAY)
    services = world.services(request)
    pipeline.extract(request, services)

    def change_and_read(*args: Any, **kwargs: Any) -> Any:
        monkeypatch.setattr(planning, "read_days", read_days)
        line = {"product_id": 0, "product_name": "Töö", "price": "500", "amount": "2", "vat_code_id": 9}
        world.clock.advance(timedelta(minutes=1))
        world.site.modify("invoices", made["id"], {"lines": [line]})
        other = world.request(DAY, DAY)
        pipeline.extract(other, world.services(other))
        return read_days(*args, **kwargs)

    monkeypatch.setattr(planning, "read_days", change_and_read)
    pipeline.reconcile_and_plan(request, services)
    pipeline.load(request, services)
    assert world.invoices() == []
    summary = pipeline.summarize(request, services)
    assert (summary["documents"]["not_sent"], str(made["no"]) in summary["not_sent"][0]) == (1, True)
    world.run(DAY, DAY)
    assert [row["amount"] for row in world.invoices()] == [1000]


def gone(world: World, made: dict[str, Any]) -> None:
    world.site.remove("invoices", made["id"])
    world.run(DAY, DAY)


def deleted_with_its_lines(world: World, made: dict[str, Any]) -> None:
    world.site.records("invoices")[int(made["id"])]["is_deleted"] = 1
    world.run(DAY, DAY)


@pytest.mark.parametrize("what", [gone, deleted_with_its_lines], ids=lambda what: what.__name__)
def test_a_document_that_vanished_after_planning_is_not_booked(
    world: World, what: Callable[[World, dict[str, Any]], None]
) -> None:
    made = invoice(world, client(world))
    request, services = planned(world)
    what(world, made)
    pipeline.load(request, services)
    assert world.invoices() == []


def test_a_document_dismissed_after_planning_is_not_booked(world: World) -> None:
    world.checked = True
    company = client(world)
    first = invoice(world, company, no="777")
    request, services = planned(world)
    invoice(world, company, no="777")
    world.run(DAY, DAY)
    with world.engine.begin() as connection:
        dismiss(connection, "default", [f"id:{first['id']}"], "not to be booked")
    pipeline.load(request, services)
    assert world.invoices() == []


def test_what_was_booked_by_hand_while_a_plan_waited_is_not_doubled(world: World) -> None:
    company = client(world)
    same, other = invoice(world, company), invoice(world, company, price="77", day=DAY + timedelta(days=1))
    request, services = planned(world, DAY, DAY + timedelta(days=1))
    book_by_hand(world, str(same["no"]), DAY)
    book_by_hand(world, "KÄSI-1", DAY + timedelta(days=1), price="77")
    world.clock.advance(timedelta(hours=9))
    pipeline.load(request, services)
    assert len(world.invoices()) == 2
    assert world.outcomes() == {str(same["id"]): "adopted", str(other["id"]): "quarantined"}
    assert cases(world) == [(str(other["id"]), "possible_duplicate", "open")]
    assert len(world.books.state()["clients"]) == 1


# Decisions of a person


def test_cases_close_when_their_document_is_linked(world: World) -> None:
    made = invoice(world, client(world))
    remote = book_by_hand(world, "KÄSI-1", DAY)
    world.run(DAY, DAY)
    assert cases(world) == [(str(made["id"]), "possible_duplicate", "open")]
    world.books.records[INVOICES][remote]["invoiceNumber"] = str(made["no"])
    with world.engine.begin() as connection:
        release(connection, "default", [str(made["no"])], "number corrected")
    assert world.run(DAY, DAY)["documents"]["adopted"] == 1
    assert cases(world) == [(str(made["id"]), "possible_duplicate", "resolved")]


def test_a_partial_match_is_over_when_the_other_invoice_is_deleted(world: World) -> None:
    """It stood on another day than Scoro's, which no run would read otherwise."""
    made = invoice(world, client(world))
    early = date(2026, 1, 5)
    invoice(world, client(world, "19000033"), price="3", day=early)
    remote = book_by_hand(world, str(made["no"]), early)
    world.run(early, DAY)
    assert cases(world) == [(str(made["id"]), "partial_match", "open")]
    world.books.delete(INVOICES, {"id": remote})
    with world.engine.begin() as connection:
        release(connection, "default", [str(made["no"])], "deleted there")
    world.run(DAY, DAY)
    assert cases(world)[0][2] == "resolved"
    assert str(made["no"]) in {row["invoiceNumber"] for row in world.invoices()}


def test_an_invoice_with_other_vat_is_not_adopted(world: World) -> None:
    made = invoice(world, client(world), price="50")
    book_by_hand(world, str(made["no"]), DAY, price="62", vat="0")
    summary = world.run(DAY, DAY)
    assert cases(world) == [(str(made["id"]), "partial_match", "open")]
    assert "VAT 0.00 instead of 24.00" in summary["quarantined"][0]


@pytest.mark.parametrize("rule", ["allow", "refuse"])
def test_an_invoice_entered_again_in_scoro_is_the_same(world: World, rule: str) -> None:
    world.books.switches.change({"duplicate_sales_number": rule})
    company = client(world)
    first = invoice(world, company)
    world.run(DAY, DAY)
    world.site.delete("invoices", first["id"])
    second = invoice(world, company, no=first["no"])
    summary = world.run(DAY, DAY)
    assert len(world.invoices()) == 1
    assert cases(world) == []
    assert world.outcomes()[str(second["id"])] == "adopted"
    assert "it was entered again in Scoro" in render_summary(summary)


@pytest.mark.parametrize("rule", ["allow", "refuse"])
def test_a_number_of_an_invoice_that_has_another_one_by_now_is_asked_about(world: World, rule: str) -> None:
    """The books have the first one under the number that it was imported with."""
    world.books.switches.change({"duplicate_sales_number": rule})
    company = client(world)
    first = invoice(world, company)
    world.run(DAY, DAY)
    world.site.modify("invoices", first["id"], {"no": "88001"})
    second = invoice(world, company, no=first["no"])
    summary = world.run(DAY, DAY)
    assert len(world.invoices()) == 1
    assert cases(world) == [(str(second["id"]), "partial_match", "open")]
    assert f"Scoro id {first['id']}" in summary["quarantined"][0]


def test_a_credit_invoice_of_a_deleted_invoice_does_not_wait_for_ever(world: World) -> None:
    company = client(world)
    base = invoice(world, company)
    credit = invoice(world, company, price="-10", day=DAY + timedelta(days=1), credited_invoices=[base["id"]])
    world.site.delete("invoices", base["id"])
    world.run(DAY, DAY + timedelta(days=1))
    assert cases(world) == [(str(credit["id"]), "base_out_of_reach", "open")]


# Refusals, outages, limits


def test_old_refusals_do_not_stop_new_documents(world: World) -> None:
    company = client(world)
    invoice(world, company, day=date(2026, 2, 1))
    world.run(date(2026, 2, 1), date(2026, 2, 1))
    world.books.switches.change({"locked_until": "2026-01-31", "error_key_field": ""})
    for n in range(12):
        invoice(world, company, day=DAY + timedelta(days=n))
        world.run(DAY + timedelta(days=n), DAY + timedelta(days=n), kind=RunKind.BACKFILL)
    new = invoice(world, company, day=date(2026, 2, 10))
    world.server.calls.clear()
    summary = world.run(date(2026, 2, 10), date(2026, 2, 10), kind=RunKind.SCHEDULED)
    assert (summary["documents"]["created"], summary["documents"]["quarantined"]) == (1, 12)
    assert str(new["no"]) in {row["invoiceNumber"] for row in world.invoices()}
    # They are tried again, but not all of them where none goes through.
    assert len(world.writes("clientinvoices")) == 11


def test_a_client_that_is_refused_costs_one_request(world: World) -> None:
    company = client(world)
    for _ in range(12):
        invoice(world, company)
    invoice(world, client(world, "19000033"))
    world.server.faults.add(Fault(FaultKind.STATUS, where="clients:add", status=400))
    summary = world.run(DAY, DAY)
    assert (summary["documents"]["created"], summary["documents"]["quarantined"]) == (1, 12)
    assert len(world.writes("clients:add")) == 2


def test_an_outage_leaves_the_rest_out_of_doubt(world: World) -> None:
    company = client(world)
    invoice(world, company)
    world.run(DAY, DAY)
    later = DAY + timedelta(days=1)
    for _ in range(8):
        invoice(world, company, day=later)
    world.server.faults.add(Fault(FaultKind.STATUS, where=":add", status=500, times=1000))
    request, services = planned(world, later, later)
    with pytest.raises(TransientError, match="in a row"):
        pipeline.load(request, services)
    outcomes = list(world.outcomes().values())
    assert (outcomes.count("in_doubt"), outcomes.count(None)) == (3, 5)
    world.server.faults.clear()
    pipeline.load(request, services)
    assert len(world.invoices()) == 6
    world.clock.advance(timedelta(hours=1))
    world.run(later, later)
    assert len(world.invoices()) == 9


def test_a_limit_met_while_reading_makes_the_run_wait(world: World) -> None:
    """Another program used up the day's requests."""
    invoice(world, client(world))
    request = world.request(DAY, DAY)
    services = world.services(request)
    pipeline.extract(request, services)
    for _ in range(10):
        world.server.faults.add(Fault(FaultKind.LIMIT, where="vatpcs"))
    with pytest.raises(BudgetExhausted):
        pipeline.reconcile_and_plan(request, services)
    assert services.budget.minutes_until_free() >= 10


def test_the_alarm_fires_for_documents_whose_answer_was_lost(world: World) -> None:
    first, last = date(2026, 1, 1), date(2026, 1, 31)
    world.generate(first, last, 40)
    world.books.switches.change({"vat_per_code": True})
    for _ in range(40):
        world.server.faults.add(Fault(FaultKind.DROP_AFTER, where="clientinvoices:add"))
        try:
            summary = world.run(first, last)
        except TransientError:
            continue
        if summary["alarms"]:
            break
    assert "not as predicted" in summary["alarms"][0]
    assert summary["documents"]["created"] > 0


def test_what_is_in_doubt_is_named(world: World) -> None:
    made = invoice(world, client(world))
    world.server.faults.add(Fault(FaultKind.LATE, where="clientinvoices:add"))
    assert str(made["no"]) in world.run(DAY, DAY)["in_doubt"][0]


# Days


def test_days_that_are_not_over_do_not_count_as_imported(world: World) -> None:
    world.clock.set(datetime(2026, 1, 11, 10, tzinfo=UTC))
    invoice(world, client(world), day=date(2026, 1, 5))
    world.run(date(2026, 1, 1), date(2026, 1, 31))
    world.clock.set(datetime(2026, 2, 2, 10, tzinfo=UTC))
    summary = world.run(date(2026, 1, 1), date(2026, 1, 1))
    assert summary["days_not_imported"]["ranges"] == ["11.01.2026-01.02.2026"]


def test_what_was_keyed_in_between_imports_by_hand_and_the_first_schedule_is_not_lost(world: World) -> None:
    company = client(world)
    world.clock.set(datetime(2026, 1, 11, 10, tzinfo=UTC))
    invoice(world, company, day=date(2026, 1, 5))
    world.run(date(2026, 1, 1), date(2026, 1, 10))
    with world.engine.begin() as connection:
        connection.execute(update(run).values(started_at=world.clock.now()))
    world.clock.set(datetime(2026, 1, 12, 10, tzinfo=UTC))
    late = invoice(world, company, day=date(2026, 1, 6))
    world.clock.set(datetime(2026, 1, 21, 2, tzinfo=UTC))
    world.run(date(2026, 1, 20), date(2026, 1, 20), kind=RunKind.SCHEDULED)
    assert str(late["no"]) in {row["invoiceNumber"] for row in world.invoices()}
