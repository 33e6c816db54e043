"""Room extract. Receipt groups of Scoro → staging: none is lost, whatever becomes of their documents and whatever
Scoro can show."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import NoResultFound

from scoro_smartaccounts.common.clock import tallinn_day
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.run import RunKind
from scoro_smartaccounts.extract.listing import RangeListing
from scoro_smartaccounts.staging import quarantine as cases
from scoro_smartaccounts.staging.schema import document
from scoro_smartaccounts_sandbox.faults import Fault, FaultKind
from scoro_smartaccounts_sandbox.scoro import filters
from tests.integration.money import PAYMENTS, Money
from tests.integration.world import World

DAY = date(2026, 1, 15)
PAID = date(2026, 1, 20)
A_DAY = timedelta(days=1)


@pytest.fixture
def money(world: World) -> Money:
    return Money(world)


def days_pass(money: Money, days: int) -> None:
    """The daily runs of payments of so many days."""
    for _ in range(days):
        money.world.clock.advance(A_DAY)
        money.import_payments_of_yesterday()


# What was not ours and is now


def test_a_receipt_of_an_invoice_that_was_dismissed_and_released(money: Money) -> None:
    money.world.books.switches.change({"locked_until": "2026-01-15"})
    invoice = money.enter(DAY, "100")
    money.receive("invoices", {invoice: None}, PAID)
    money.import_documents(DAY, DAY)
    money.dismiss(invoice)
    assert money.import_payments(PAID, PAID)["documents"]["not_ours"] == 1
    days_pass(money, 3)
    money.world.books.switches.change({"locked_until": ""})
    with money.world.engine.begin() as connection:
        assert cases.release(connection, money.world.company.key, [f"id:{invoice}"], "ikka", Flow.SALES_INVOICES)
    money.import_documents(DAY, DAY)
    days_pass(money, 1)
    assert money.open_in_books() == {money.remote(invoice): Decimal(0)}
    days_pass(money, 1)
    assert len(money.payments()) == 1


def test_a_receipt_of_an_invoice_that_was_deleted_and_is_back(money: Money) -> None:
    invoice = money.enter(DAY, "100")
    money.receive("invoices", {invoice: None}, PAID)
    money.world.site.patch("invoices", invoice, {"is_deleted": 1, "deleted_date": money.world.clock.now()})
    money.import_documents(DAY, DAY)
    assert money.import_payments(PAID, PAID)["documents"]["not_ours"] == 1
    days_pass(money, 4)
    money.world.site.patch("invoices", invoice, {"is_deleted": 0, "deleted_date": None})
    money.import_documents(DAY, DAY)
    days_pass(money, 1)
    assert money.open_in_books() == {money.remote(invoice): Decimal(0)}


def test_a_receipt_of_an_expense_before_expenses_were_taken(money: Money) -> None:
    expense = money.enter_expense(DAY, "50")
    money.receive("expenses", {expense: None}, PAID)
    assert money.import_payments(PAID, PAID)["documents"]["not_ours"] == 1
    days_pass(money, 4)
    money.take_expenses()
    days_pass(money, 1)
    assert money.payments() == []
    money.import_documents(DAY, DAY, Flow.PURCHASE_INVOICES)
    days_pass(money, 1)
    assert set(money.open_in_books(Flow.PURCHASE_INVOICES).values()) == {Decimal(0)}


def test_what_stays_foreign_is_not_looked_at_again(money: Money) -> None:
    invoice, old = money.enter(DAY, "100"), money.enter(date(2025, 12, 20), "50")
    money.receive("invoices", {invoice: None}, PAID)
    group = money.receive("invoices", {old: None}, PAID)
    money.import_documents(DAY, DAY)
    assert money.import_payments(PAID, PAID)["documents"]["not_ours"] == 1
    # The first daily run sweeps what was entered since; the later ones have no reason to.
    days_pass(money, 3)
    money.world.clock.advance(A_DAY)
    yesterday = tallinn_day(money.world.clock.now()) - A_DAY
    money.world.run(yesterday, yesterday, flow=Flow.PAYMENTS, kind=RunKind.SCHEDULED, key="the last")
    with pytest.raises(NoResultFound):
        money.outcome(group, "the last")
    assert len(money.payments()) == 1


# What changed in Scoro after a part of it was booked


def half_booked(money: Money) -> tuple[int, int]:
    """An invoice and a group over it and its credit invoice, of which the netting is booked and the money refused."""
    invoice = money.enter(DAY, "100")
    credit = money.enter(DAY, "-20", credited_invoices=[invoice])
    money.import_documents(DAY, DAY)
    group = money.receive("invoices", {invoice: "124", credit: "-24.80"}, PAID)
    money.world.server.faults.add(Fault(FaultKind.STATUS, where=f"{PAYMENTS}:add", status=400, after=1))
    money.import_payments(PAID, PAID)
    assert list(money.pairs()) == [f"{group}/1"]
    assert money.reported() == set()
    money.world.clock.advance(A_DAY)
    return invoice, group


def test_a_group_that_is_booked_in_part_and_deleted(money: Money) -> None:
    _, group = half_booked(money)
    money.world.site.delete("receipts", group)
    assert money.import_payments(PAID, PAID)["later_changes"]
    assert money.reported() == {("payments", str(group), "deleted")}
    assert not money.import_payments(PAID, PAID)["later_changes"]


def test_a_group_that_is_booked_in_part_and_changed(money: Money) -> None:
    invoice, group = half_booked(money)
    receipts = [{"invoice_id": invoice, "sum": "99.20"}]
    money.world.site.modify("receipts", group, {"receipts": receipts, "sum": "99.20"})
    money.import_payments(PAID, PAID)
    assert money.reported() == {("payments", str(group), "changed")}


def test_a_group_that_is_booked_in_two_parts_is_reported_once(money: Money) -> None:
    invoice, group = half_booked(money)
    money.import_payments(PAID, PAID)
    assert set(money.pairs()) == {f"{group}/1", str(group)}
    assert money.reported() == set()
    money.world.clock.advance(A_DAY)
    receipts = [{"invoice_id": invoice, "sum": "99.20"}]
    money.world.site.modify("receipts", group, {"receipts": receipts, "sum": "99.20"})
    assert len(money.import_payments(PAID, PAID)["later_changes"]) == 1
    assert money.reported() == {("payments", str(group), "changed")}


# What Scoro can show of receipt groups


@pytest.fixture(params=["view and filter", "no view", "neither"])
def shown(request: pytest.FixtureRequest, money: Money, monkeypatch: pytest.MonkeyPatch) -> str:
    """A site that shows single receipt groups, or lists only, or lists without a filter on ids."""
    site = money.world.site
    site.switches = site.switches.changed({"receipts_view": request.param == "view and filter"})
    if request.param == "neither":
        real = filters._entry

        def entry(site: Any, module: Any, name: str, value: Any) -> Any:
            return None if name == "id" else real(site, module, name, value)

        monkeypatch.setattr(filters, "_entry", entry)
    return str(request.param)


def is_missing(money: Money, group: int) -> bool:
    with money.world.engine.connect() as connection:
        missing: bool = connection.execute(
            select(document.c.is_missing).where(document.c.flow == "payments", document.c.source_id == str(group))
        ).scalar_one()
        return missing


@pytest.mark.usefixtures("shown")
def test_a_receipt_waits_as_long_as_it_must(money: Money) -> None:
    other = money.enter(PAID, "50")
    for day in (PAID, PAID + A_DAY, PAID + A_DAY):
        money.receive("invoices", {other: "10"}, day)
    money.import_documents(PAID, PAID)
    money.import_payments(PAID, PAID + A_DAY)
    invoice = money.enter(DAY, "100")
    group = money.receive("invoices", {invoice: None}, PAID)
    assert money.import_payments(PAID, PAID)["documents"]["waiting"] == 1
    for _ in range(3):
        money.world.clock.advance(3 * A_DAY)
        money.import_payments_of_yesterday()
        assert money.waits() == {str(group): "document_not_booked"}
    money.import_documents(DAY, DAY)
    days_pass(money, 1)
    assert money.open_in_books()[money.remote(invoice)] == Decimal(0)
    assert not is_missing(money, group)
    assert money.reported() == set()


@pytest.mark.usefixtures("shown")
def test_a_waiting_receipt_that_is_dated_otherwise(money: Money) -> None:
    invoice = money.enter(DAY, "100")
    group = money.receive("invoices", {invoice: None}, PAID)
    money.receive("invoices", {money.enter(DAY, "50"): None}, PAID)
    money.import_payments(PAID, PAID)
    money.world.clock.advance(A_DAY)
    money.world.site.modify("receipts", group, {"date": "2026-02-10"})
    money.import_payments(PAID, PAID)
    assert not is_missing(money, group)
    money.import_documents(DAY, DAY)
    days_pass(money, 1)
    assert {row["date"] for row in money.payments()} == {"20.01.2026", "10.02.2026"}


@pytest.mark.usefixtures("shown")
@pytest.mark.parametrize("how", ["marked", "gone"])
def test_a_waiting_receipt_that_is_deleted(money: Money, how: str) -> None:
    group = money.receive("invoices", {money.enter(DAY, "100"): None}, PAID)
    money.receive("invoices", {money.enter(DAY, "50"): None}, PAID)
    money.import_payments(PAID, PAID)
    money.world.clock.advance(A_DAY)
    money.world.site.delete("receipts", group)
    if how == "gone":
        money.world.site.remove("receipts", group)
    days_pass(money, 1)
    assert str(group) not in money.waits()
    assert is_missing(money, group) == (how == "gone")
    money.import_documents(DAY, DAY)
    days_pass(money, 2)
    assert len(money.payments()) == 1


@pytest.mark.usefixtures("shown")
def test_a_booked_receipt_that_is_gone_is_reported_once(money: Money) -> None:
    group = money.receive("invoices", {money.enter(DAY, "100"): None}, PAID)
    money.import_documents(DAY, DAY)
    money.import_payments(PAID, PAID)
    money.world.clock.advance(A_DAY)
    money.world.site.delete("receipts", group)
    money.world.site.remove("receipts", group)
    assert money.import_payments(PAID, PAID)["later_changes"]
    assert money.reported() == {("payments", str(group), "missing")}
    assert not money.import_payments(PAID, PAID)["later_changes"]


@pytest.mark.usefixtures("shown")
def test_a_booked_receipt_that_was_deleted_long_ago_is_reported_once(money: Money) -> None:
    """Scoro's lists show what was deleted for some weeks only."""
    group = money.receive("invoices", {money.enter(DAY, "100"): None}, PAID)
    money.import_documents(DAY, DAY)
    money.import_payments(PAID, PAID)
    money.world.clock.advance(A_DAY)
    money.world.site.delete("receipts", group)
    money.import_payments(PAID, PAID)
    money.world.clock.advance(60 * A_DAY)
    money.import_payments(PAID, PAID)
    assert money.reported() == {("payments", str(group), "deleted")}


@pytest.mark.usefixtures("shown")
def test_receipts_in_a_list_without_order(money: Money) -> None:
    invoice = money.enter(DAY, "1000")
    for _ in range(60):
        money.receive("invoices", {invoice: "10"}, PAID)
    money.import_documents(DAY, DAY)
    money.world.site.switches = money.world.site.switches.changed({"sort_order": "unstable"})
    assert money.import_payments(PAID, PAID)["documents"]["created"] == 60


def test_absence_from_a_list_that_does_not_settle_proves_nothing(money: Money, monkeypatch: pytest.MonkeyPatch) -> None:
    group = money.receive("invoices", {money.enter(DAY, "100"): None}, PAID)
    money.import_payments(PAID, PAID)
    monkeypatch.setattr(RangeListing, "is_settled", False)
    money.world.site.delete("receipts", group)
    money.world.site.remove("receipts", group)
    days_pass(money, 1)
    assert not is_missing(money, group)
    assert money.waits() == {str(group): "document_not_booked"}
    monkeypatch.undo()
    days_pass(money, 1)
    assert is_missing(money, group)
    assert money.waits() == {}
