"""Room plan. Payments follow what their documents were booked with, and find out where SmartAccounts deleted a
document."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import delete, update

from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.staging.schema import link, remote_document
from scoro_smartaccounts_sandbox.faults import Fault, FaultKind
from tests.integration.money import PAYMENTS, SERVICES, Money, said
from tests.integration.world import World

DAY = date(2026, 1, 15)
PAID = date(2026, 1, 20)
SALES, PURCHASES = Flow.SALES_INVOICES, Flow.PURCHASE_INVOICES
MODULES = {SALES: "invoices", PURCHASES: "bills"}
INVOICES = {SALES: "purchasesales/clientinvoices", PURCHASES: "purchasesales/vendorinvoices"}


@pytest.fixture
def money(world: World) -> Money:
    return Money(world)


def an_hour(money: Money) -> None:
    money.world.clock.advance(timedelta(hours=1))


@pytest.mark.parametrize("flow", [SALES, PURCHASES])
def test_a_document_of_another_contact_by_now_is_paid_where_it_was_booked(money: Money, flow: Flow) -> None:
    """A merge of contacts in Scoro, or a bill's wrong vendor corrected."""
    document = money.enter(DAY, "100", flow=flow)
    money.import_documents(DAY, DAY, flow)
    other = money.partner("19000036")
    money.world.site.modify(MODULES[flow], document, {"company_id": other})
    money.import_documents(DAY, DAY, flow)
    money.receive(MODULES[flow], {document: None}, PAID)
    told = money.import_payments(PAID, PAID)
    assert told["documents"]["created"] == 1
    assert money.waits() == {}
    assert money.open_in_books(flow) == {money.remote(document, flow): Decimal(0)}
    assert f"than contact {other} that Scoro names now" in said(told)
    assert money.writes()[0] == 1


@pytest.mark.parametrize("flow", [SALES, PURCHASES])
@pytest.mark.parametrize("content_hash", ["known", ""])
def test_what_an_upgrade_could_not_tell_is_read_in_the_books_and_not_in_scoro(
    money: Money, flow: Flow, content_hash: str
) -> None:
    """An older release did not keep what it booked on whom; since then the document is another contact's."""
    document = money.enter(DAY, "100", flow=flow)
    other = money.partner("19000036")
    money.enter(DAY, "50", flow=flow, partner=other)
    money.import_documents(DAY, DAY, flow)
    unknown = {"partner_remote_id": "", "currency": "", "total": None} | ({} if content_hash else {"content_hash": ""})
    with money.world.engine.begin() as connection:
        connection.execute(update(link).where(link.c.source_id == str(document)).values(**unknown))
        connection.execute(delete(remote_document))
    money.world.site.modify(MODULES[flow], document, {"company_id": other})
    money.import_documents(DAY, DAY, flow)
    money.receive(MODULES[flow], {document: None}, PAID)
    told = money.import_payments(PAID, PAID)
    assert told["documents"]["created"] == 1
    assert money.open_in_books(flow)[money.remote(document, flow)] == Decimal(0)
    assert f"than contact {other} that Scoro names now" in said(told)


def test_a_payment_of_documents_booked_on_one_client_is_one(money: Money) -> None:
    """One of them was booked before the merge, on the client that is still the other's."""
    first, second = money.enter(DAY, "100"), money.enter(DAY, "50")
    money.import_documents(DAY, DAY)
    money.world.site.modify("invoices", first, {"company_id": money.partner("19000036")})
    money.import_documents(DAY, DAY)
    money.receive("invoices", {first: None, second: None}, PAID)
    assert money.import_payments(PAID, PAID)["documents"]["created"] == 1
    assert set(money.open_in_books().values()) == {Decimal(0)}


def test_documents_booked_on_two_clients_need_two_payments(money: Money) -> None:
    other = money.partner("19000036")
    first, second = money.enter(DAY, "100"), money.enter(DAY, "50", partner=other)
    money.import_documents(DAY, DAY)
    money.world.site.modify("invoices", first, {"company_id": other})
    money.import_documents(DAY, DAY)
    group = money.receive("invoices", {first: None, second: None}, PAID)
    money.import_payments(PAID, PAID)
    assert money.cases() == [("payments", str(group), "partners_differ")]
    # What the sentence says works.
    money.world.site.delete("receipts", group)
    for each in (first, second):
        money.receive("invoices", {each: None}, PAID)
    money.import_payments(PAID, PAID)
    assert set(money.open_in_books().values()) == {Decimal(0)}
    assert money.cases() == []


def test_a_rate_corrected_later_in_scoro_moves_no_payment(money: Money, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the European Central Bank has no rate of a currency, the invoice's own is taken, as it was booked."""
    monkeypatch.setattr("scoro_smartaccounts.transform.rates.RATED_CURRENCIES", frozenset())
    invoice = money.enter(DAY, "100", currency="SEK", currency_rate="0.09")
    money.import_documents(DAY, DAY)
    booked = money.world.books.state()[SERVICES[SALES]][0]["exchangeRate"]
    money.world.site.modify("invoices", invoice, {"currency_rate": "0.08"})
    money.import_documents(DAY, DAY)
    money.receive("invoices", {invoice: None}, PAID)
    assert money.import_payments(PAID, PAID)["documents"]["created"] == 1
    [payment] = money.payments()
    assert Decimal(str(payment["exchangeRate"])) == Decimal(str(booked))


# A document that SmartAccounts deleted


def deleted(money: Money, *, again: bool, flow: Flow = SALES) -> tuple[int, int]:
    """An imported document that somebody deleted in SmartAccounts, and entered again there by hand; paid in Scoro."""
    document = money.enter(DAY, "100", flow=flow)
    money.import_documents(DAY, DAY, flow)
    [kept] = money.world.books.state()[SERVICES[flow]]
    an_hour(money)
    money.world.books.remove(INVOICES[flow], kept["id"])
    if again:
        enter_in_books(money, kept, flow)
    return document, money.receive(MODULES[flow], {document: None}, PAID)


def enter_in_books(money: Money, kept: dict[str, Any], flow: Flow = SALES) -> None:
    names = ("clientId", "vendorId", "date", "dueDate", "entryDate", "currency", "invoiceNumber", "type")
    of_row = ("code", "description", "price", "quantity", "vatPc", "accountPurchase")
    rows = [{name: row[name] for name in of_row if row.get(name) is not None} for row in kept["rows"]]
    body = {name: kept[name] for name in names if kept.get(name) is not None}
    money.world.books.seed(INVOICES[flow], {**body, "rows": rows})


@pytest.mark.parametrize("flow", [SALES, PURCHASES])
def test_a_document_entered_again_in_smartaccounts_is_found_and_paid(money: Money, flow: Flow) -> None:
    document, _ = deleted(money, again=True, flow=flow)
    gone = money.remote(document, flow)
    told = money.import_payments(PAID, PAID)
    assert "was deleted in SmartAccounts after the import and entered again there" in said(told)
    assert money.cases() == []
    assert money.remote(document, flow) != gone
    told = money.import_payments_of_yesterday()
    assert told["documents"]["created"] == 1
    assert money.open_in_books(flow) == {money.remote(document, flow): Decimal(0)}
    # One refused payment, one that went through.
    assert len(money.world.writes(PAYMENTS)) == 2


def test_an_invoice_that_is_gone_is_asked_about_once(money: Money) -> None:
    invoice, group = deleted(money, again=False)
    told = money.import_payments(PAID, PAID)
    assert money.cases() == [("payments", str(group), "document_gone")]
    assert f"Payment {group} of 20.01.2026 pays invoice " in said(told)
    money.world.server.calls.clear()
    for _ in range(2):
        money.import_payments_of_yesterday()
    assert money.world.writes() == []
    assert money.cases() == [("payments", str(group), "document_gone")]
    assert invoice


def test_retried_it_goes_to_the_invoice_that_was_entered_meanwhile(money: Money) -> None:
    invoice = money.enter(DAY, "100")
    money.import_documents(DAY, DAY)
    [kept] = money.world.books.state()[SERVICES[SALES]]
    an_hour(money)
    money.world.books.remove(INVOICES[SALES], kept["id"])
    group = money.receive("invoices", {invoice: None}, PAID)
    money.import_payments(PAID, PAID)
    enter_in_books(money, kept)
    money.retry(group)
    assert money.import_payments_of_yesterday()["documents"]["created"] == 1
    assert money.open_in_books() == {money.remote(invoice): Decimal(0)}
    assert money.cases() == []


def test_retried_without_one_the_invoice_is_imported_again(money: Money) -> None:
    invoice, group = deleted(money, again=False)
    money.import_payments(PAID, PAID)
    money.retry(group)
    money.import_payments_of_yesterday()
    assert money.waits() == {str(group): "document_not_booked"}
    assert money.cases() == []
    assert money.import_documents(DAY, DAY)["documents"]["created"] == 1
    assert money.import_payments_of_yesterday()["documents"]["created"] == 1
    assert money.open_in_books() == {money.remote(invoice): Decimal(0)}


def test_a_retry_is_about_the_invoice_that_was_named(money: Money) -> None:
    first, second = money.enter(DAY, "100"), money.enter(DAY, "50")
    money.import_documents(DAY, DAY)
    an_hour(money)
    money.world.books.remove(INVOICES[SALES], money.remote(first))
    group = money.receive("invoices", {first: None, second: None}, PAID)
    money.import_payments(PAID, PAID)
    money.retry(group)
    money.import_payments_of_yesterday()
    money.import_documents(DAY, DAY)
    # Then the other one goes too.
    kept = money.remote(second)
    an_hour(money)
    money.world.books.remove(INVOICES[SALES], kept)
    for _ in range(2):
        money.import_payments_of_yesterday()
        assert money.cases() == [("payments", str(group), "document_gone")]
    assert money.remote(second) == kept
    money.retry(group)
    money.import_payments_of_yesterday()
    assert money.waits() == {str(group): "document_not_booked"}


def test_another_invoice_in_its_place_is_not_taken_for_it(money: Money) -> None:
    invoice = money.enter(DAY, "100")
    money.import_documents(DAY, DAY)
    [kept] = money.world.books.state()[SERVICES[SALES]]
    an_hour(money)
    money.world.books.remove(INVOICES[SALES], kept["id"])
    row = {**kept["rows"][0], "price": "90"}
    enter_in_books(money, {**kept, "rows": [row]})
    group = money.receive("invoices", {invoice: None}, PAID)
    money.import_payments(PAID, PAID)
    assert money.cases() == [("payments", str(group), "document_gone")]


def test_a_refusal_for_another_reason_costs_one_question_a_run(money: Money) -> None:
    invoices = [money.enter(DAY, "100") for _ in range(3)]
    money.import_documents(DAY, DAY)
    for invoice in invoices:
        money.receive("invoices", {invoice: None}, PAID)
    money.world.server.faults.add(Fault(FaultKind.STATUS, where=f"{PAYMENTS}:add", status=400, times=3))
    money.world.server.calls.clear()
    money.import_payments(PAID, PAID)
    asked = [call for call in money.world.server.calls if "clientinvoices" in str(call)]
    assert len(asked) == 1
