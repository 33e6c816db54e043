"""Room pipeline. What a run leaves behind: previews, waiting credit invoices, later changes, the request budget, two
companies."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from scoro_smartaccounts import pipeline
from scoro_smartaccounts.budget import Budget, Limits, Priority
from scoro_smartaccounts.common.company import Mode
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.errors import BillingStopped, BudgetExhausted
from scoro_smartaccounts.common.run import RunKind
from scoro_smartaccounts.report.explain import explain
from scoro_smartaccounts.report.summary import render_summary
from scoro_smartaccounts.staging.links import Kind
from scoro_smartaccounts.staging.schema import intent, link, request, waiting
from scoro_smartaccounts_sandbox.faults import Fault, FaultKind
from tests.integration.world import World

DAY, NEXT = date(2026, 1, 15), date(2026, 1, 16)


@pytest.fixture(autouse=True)
def unchecked(world: World) -> None:
    world.checked = False


def client_of(world: World, **fields: Any) -> int:
    values = {"name": "Näidis OÜ", "contact_type": "company", "id_code": "19000022"} | fields
    return int(world.site.create("contacts", values)["contact_id"])


def invoice(world: World, client: int, day: date, amount: str = "100", **fields: Any) -> int:
    lines = [{"product_id": 0, "product_name": "Töö", "price": amount, "amount": "1", "vat_code_id": 9}]
    values = {"company_id": client, "date": day.isoformat(), "deadline": day.isoformat(), "lines": lines} | fields
    return int(world.site.create("invoices", values)["id"])


def test_a_preview_writes_nothing_and_says_what_it_would(world: World) -> None:
    invoice(world, client_of(world), DAY)
    summary = world.run(DAY, DAY, mode=Mode.PREVIEW)
    assert world.writes() == []
    assert summary["documents"]["planned"] == 1
    assert "planned, not sent" in render_summary(summary)
    assert DAY.strftime("%d.%m.%Y") not in summary["days_not_imported"]["ranges"]
    assert summary["days_not_imported"]["count"] > 0
    assert world.run(DAY, DAY)["documents"]["created"] == 1


def test_a_credit_invoice_waits_for_its_base(world: World) -> None:
    client = client_of(world)
    base = invoice(world, client, DAY)
    invoice(world, client, NEXT, "-100", credited_invoices=[base])
    first = world.run(NEXT, NEXT)
    assert first["documents"]["waiting"] == 1
    assert "15.01.2026" in first["waiting"][0]
    assert world.invoices() == []
    world.run(DAY, DAY)
    later = NEXT + timedelta(days=1)
    final = world.run(later, later, kind=RunKind.SCHEDULED)
    assert final["documents"]["created"] == 1
    types = {row["invoiceNumber"]: row.get("type", "") for row in world.invoices()}
    assert sorted(types.values()) == ["", "CRE"]
    credit = next(row for row in world.invoices() if row.get("type") == "CRE")
    assert credit["baseForCreditInvoiceId"] == next(row["id"] for row in world.invoices() if not row.get("type"))
    with world.engine.connect() as connection:
        assert connection.execute(select(func.count()).select_from(waiting)).scalar_one() == 0


def test_a_credit_invoice_whose_base_went_away_is_a_persons_and_waits_no_more(world: World) -> None:
    client = client_of(world)
    base = invoice(world, client, DAY)
    invoice(world, client, NEXT, "-100", credited_invoices=[base])
    assert world.run(NEXT, NEXT)["documents"]["waiting"] == 1
    world.clock.advance(timedelta(hours=1))
    world.site.delete("invoices", base)
    world.run(DAY, DAY)
    later = NEXT + timedelta(days=1)
    assert world.run(later, later, kind=RunKind.SCHEDULED)["documents"]["quarantined"] == 1
    with world.engine.connect() as connection:
        assert connection.execute(select(func.count()).select_from(waiting)).scalar_one() == 0


def test_an_imported_document_is_never_changed_but_its_changes_are_told(world: World) -> None:
    changed, deleted = (invoice(world, client_of(world), DAY, amount) for amount in ("100", "50"))
    world.run(DAY, DAY)
    before = world.invoices()
    world.clock.advance(timedelta(hours=1))
    world.site.modify(
        "invoices", changed, {"lines": [{"product_id": 0, "price": "200", "amount": "1", "vat_code_id": 9}]}
    )
    world.site.delete("invoices", deleted)
    world.server.calls.clear()
    summary = world.run(DAY, DAY)
    assert world.writes() == []
    assert world.invoices() == before
    assert len(summary["later_changes"]) == 2
    assert any("changed" in line and "lines" in line for line in summary["later_changes"])
    assert any("deleted" in line for line in summary["later_changes"])
    # Told once.
    assert world.run(DAY, DAY)["later_changes"] == []


def test_a_budget_that_is_gone_stops_nothing_for_good(world: World) -> None:
    world.generate(DAY, DAY, 900)
    world.limits = Limits(per_minute=1000, per_day=int(Priority.DAILY) + 25)
    request_ = world.request(DAY, DAY)
    services = world.services(request_)
    for step in world.steps[:-1]:
        step(request_, services)
    with pytest.raises(BudgetExhausted) as caught:
        pipeline.load(request_, services)
    assert caught.value.until > world.clock.now() + timedelta(hours=23)
    summary = pipeline.summarize(request_, services)
    assert summary["documents"]["not_sent"] > 0
    assert summary["minutes_until_free"] > 23 * 60
    for _ in range(20):
        world.clock.set(caught.value.until + timedelta(minutes=1))
        try:
            pipeline.load(request_, services)
            break
        except BudgetExhausted as again:
            caught.value.until = again.until
    assert len(world.invoices()) == len(world.live_invoices())
    with world.engine.connect() as connection:
        assert (
            connection.execute(select(func.count()).select_from(intent).where(intent.c.state != "done")).scalar_one()
            == 0
        )


def test_the_more_urgent_keep_their_share(world: World) -> None:
    limits = Limits(per_minute=1000, per_day=200)
    budgets = {
        priority: Budget(world.engine, "default", priority.name, priority, world.clock.now, limits)
        for priority in Priority
    }
    sent = {}
    for priority in (Priority.BACKFILL, Priority.DAILY, Priority.EXPORT):
        sent[priority] = _spend_all(budgets[priority])
    assert sent == {Priority.BACKFILL: 50, Priority.DAILY: 100, Priority.EXPORT: 50}


def test_a_budget_shared_by_many_threads_is_never_overdrawn(world: World) -> None:
    limits = Limits(per_minute=1000, per_day=60)
    budget = Budget(world.engine, "default", "run", Priority.EXPORT, world.clock.now, limits)

    threads = [threading.Thread(target=_spend_all, args=(budget,)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with world.engine.connect() as connection:
        assert connection.execute(select(func.count()).select_from(request)).scalar_one() == 60


def test_the_minute_window_is_waited_for(world: World) -> None:
    started = world.clock.now()
    limits = Limits(per_minute=10, per_day=1000)
    budget = Budget(
        world.engine,
        "default",
        "run",
        Priority.EXPORT,
        world.clock.now,
        limits,
        lambda seconds: world.clock.advance(timedelta(seconds=seconds)),
    )
    for _ in range(35):
        budget.reserve("test")
    assert timedelta(minutes=3) <= world.clock.now() - started < timedelta(minutes=4)


def test_the_services_own_limit_is_respected_too(world: World) -> None:
    """SmartAccounts counts others' requests as well: its refusal pauses everybody, and nothing is lost or doubled."""
    world.generate(DAY, DAY, 300)
    world.books.switches.change({"limits": True, "requests_per_minute": 15})
    world.run(DAY, DAY)
    assert len(world.invoices()) == len(world.live_invoices())


def test_an_unpaid_bill_of_smartaccounts_is_a_matter_of_configuration(world: World) -> None:
    invoice(world, client_of(world), DAY)
    world.server.faults.add(Fault(FaultKind.BILLING, times=3, where="clientinvoices:add"))
    with pytest.raises(BillingStopped):
        world.run(DAY, DAY)
    world.server.faults.clear()
    assert world.run(DAY, DAY)["documents"]["created"] == 1


def test_two_companies_share_nothing(world: World) -> None:
    invoice(world, client_of(world), DAY)
    world.run(DAY, DAY)
    other = replace(world, company=world.company.model_copy(update={"key": "acme"}))
    summary = other.run(DAY, DAY, mode=Mode.PREVIEW, key="import_sales_invoices__acme/1")
    # The books hold the marked document: it is adopted for the other company by what SmartAccounts shows,
    # not by the first company's links.
    assert summary["documents"]["seen"] == 1
    with world.engine.connect() as connection:
        rows = connection.execute(select(link.c.company, func.count()).group_by(link.c.company))
        companies = {row[0]: row[1] for row in rows}
    assert companies["default"] >= 2
    assert set(companies) == {"default", "acme"}


def test_the_story_of_a_document_is_told_whole(world: World) -> None:
    number = str(world.site.get("invoices", invoice(world, client_of(world), DAY))["no"])
    world.run(DAY, DAY)
    with world.engine.connect() as connection:
        story = "\n".join(explain(connection, "default", Flow.SALES_INVOICES, number))
        assert explain(connection, "default", Flow.SALES_INVOICES, "999")[0].startswith("No document 999")
    for words in (f"{number} of 15.01.2026", "Snapshots", "Runs", "Who is who", "Plan", "Requests", "In SmartAccounts"):
        assert words in story
    assert Kind.CLIENT in story


def _spend_all(budget: Budget) -> int:
    sent = 0
    while True:
        try:
            budget.reserve("test")
        except BudgetExhausted:
            return sent
        sent += 1
