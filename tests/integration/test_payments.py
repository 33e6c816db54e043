"""Payments of Scoro in SmartAccounts: each once, for linked documents only, explained to the cent."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from scoro_smartaccounts.documents import Flow
from tests.integration.money import Money
from tests.integration.world import World

DAY = date(2026, 1, 15)
PAID = date(2026, 1, 20)


@pytest.fixture
def money(world: World) -> Money:
    return Money(world)


def test_a_receipt_becomes_a_payment_once(money: Money) -> None:
    invoice = money.enter(DAY, "100")
    group = money.receive("invoices", {invoice: None}, PAID)
    money.import_documents(DAY, DAY)
    summary = money.import_payments(PAID, PAID)
    assert summary["documents"]["created"] == 1, summary
    [payment] = money.payments()
    assert payment["date"] == "20.01.2026"
    assert (payment["accountType"], payment["accountName"]) == ("BANK", "LHV")
    assert f"receipts/{group}" in payment["document"]
    assert money.open_in_books() == {money.remote(invoice): Decimal(0)}
    money.world.server.calls.clear()
    again = money.import_payments(PAID, PAID)
    assert again["documents"]["already_there"] == 1
    assert money.world.writes() == []


def test_one_group_over_two_documents_is_one_payment(money: Money) -> None:
    first, second = money.enter(DAY, "100"), money.enter(DAY, "50")
    money.receive("invoices", {first: "124", second: "40"}, PAID)
    money.import_documents(DAY, DAY)
    money.import_payments(PAID, PAID)
    [payment] = money.payments()
    assert len(payment["rows"]) == 2
    assert money.open_in_books() == {money.remote(first): Decimal(0), money.remote(second): Decimal("22.00")}


def test_what_is_too_much_is_a_prepayment(money: Money) -> None:
    invoice = money.enter(DAY, "100")
    money.receive("invoices", {invoice: "130"}, PAID)
    money.import_documents(DAY, DAY)
    money.import_payments(PAID, PAID)
    [payment] = money.payments()
    assert Decimal(str(payment["prepayment"]["amount"])) == 6
    assert Decimal(str(payment["amount"])) == 130


def test_an_early_receipt_waits_and_goes_through(money: Money) -> None:
    invoice = money.enter(DAY, "100")
    group = money.receive("invoices", {invoice: None}, PAID)
    summary = money.import_payments(PAID, PAID)
    assert summary["documents"]["waiting"] == 1
    assert money.waits() == {str(group): "document_not_booked"}
    assert money.payments() == []
    money.import_documents(DAY, DAY)
    money.import_payments_of_yesterday()
    assert len(money.payments()) == 1
    assert money.waits() == {}


def test_the_bank_imports_own_payment_is_recognised(money: Money) -> None:
    invoice = money.enter(DAY, "100")
    money.import_documents(DAY, DAY)
    payment = money.pay({money.remote(invoice): None}, PAID + timedelta(days=1))
    group = money.receive("invoices", {invoice: None}, PAID)
    summary = money.import_payments(PAID, PAID)
    assert summary["documents"]["adopted"] == 1
    assert money.pairs() == {str(group): payment}
    assert len(money.payments()) == 1


def test_a_payment_goes_to_scoro_once_and_never_comes_back(money: Money) -> None:
    invoice = money.enter(DAY, "100")
    money.import_documents(DAY, DAY)
    money.switch_export(on=True)
    money.export()
    payment = money.pay({money.remote(invoice): None}, PAID)
    money.world.clock.advance(timedelta(hours=1))
    summary = money.export()
    assert summary["documents"]["created"] == 1, summary
    [group] = money.groups()
    assert money.pairs() == {str(group["id"]): payment}
    assert money.open_in_scoro(str(invoice)) == 0
    for _ in range(3):
        money.world.clock.advance(timedelta(hours=1))
        money.export()
        money.import_payments(PAID, PAID)
    assert len(money.groups()) == 1
    assert len(money.payments()) == 1


def test_what_came_from_scoro_never_goes_back(money: Money) -> None:
    money.switch_export(on=True)
    invoice = money.enter(DAY, "100")
    money.receive("invoices", {invoice: None}, PAID)
    money.import_documents(DAY, DAY)
    money.export()
    money.import_payments(PAID, PAID)
    for _ in range(2):
        money.world.clock.advance(timedelta(hours=1))
        money.export()
    assert len(money.groups()) == 1
    assert len(money.payments()) == 1


def test_switching_on_starts_from_that_moment_and_a_range_catches_up(money: Money) -> None:
    invoice = money.enter(DAY, "100")
    money.import_documents(DAY, DAY)
    money.pay({money.remote(invoice): "24"}, PAID)
    off = money.export()
    assert off["switched_off"]
    money.world.clock.advance(timedelta(hours=1))
    money.switch_export(on=True)
    money.export()
    money.world.clock.advance(timedelta(hours=1))
    money.pay({money.remote(invoice): "50"}, PAID)
    money.export()
    assert [group["sum"] for group in money.groups()] == [Decimal(50)]
    money.export(PAID, PAID)
    assert sorted(group["sum"] for group in money.groups()) == [Decimal(24), Decimal(50)]


def test_netting_an_invoice_with_its_credit_invoice(money: Money) -> None:
    invoice = money.enter(DAY, "100")
    credit = money.enter(DAY, "-20", credited_invoices=[invoice])
    money.receive("invoices", {invoice: "124", credit: "-24.80"}, PAID)
    money.import_documents(DAY, DAY)
    summary = money.import_payments(PAID, PAID)
    assert summary["documents"]["created"] == 1, summary
    by_account = {row["accountName"]: row for row in money.payments()}
    assert set(by_account) == {"LHV", "Tasaarveldus"}
    assert Decimal(str(by_account["LHV"]["amount"])) == Decimal("99.20")
    assert set(money.open_in_books().values()) == {Decimal(0)}
    assert Flow.PAYMENTS
