"""Whole flows. Payments of Scoro in SmartAccounts: each once, for linked documents only, explained to the cent."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from scoro_smartaccounts.common.company import Mode
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.staging import quarantine as cases
from scoro_smartaccounts.staging.schema import intent, plan
from scoro_smartaccounts_sandbox.faults import Fault, FaultKind
from tests.integration.money import CANARIES, PAYMENTS, Money, said
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


def amounts(payment: dict[str, Any]) -> list[Decimal]:
    return sorted(Decimal(str(row["amount"])) for row in payment["rows"])


def test_partial_payments_and_the_last_of_them(money: Money) -> None:
    invoice = money.enter(DAY, "100")
    money.import_documents(DAY, DAY)
    for day, amount in ((20, "50"), (21, "24"), (22, "50")):
        money.receive("invoices", {invoice: amount}, date(2026, 1, day))
    summary = money.import_payments(PAID, date(2026, 1, 22))
    assert summary["documents"]["created"] == 3
    assert [amounts(row) for row in money.payments()] == [[50], [24], [50]]
    assert money.open_in_books() == {money.remote(invoice): 0}


def test_money_against_a_prepayment_invoice_is_the_payments_prepayment(money: Money) -> None:
    prepayment = money.enter_prepayment(DAY, "40")
    group = money.receive("prepayments", {prepayment: None}, PAID)
    first = money.import_payments(PAID, PAID)
    # Its client is not in the books before a document of theirs.
    assert money.waits() == {str(group): "partner_not_booked"}
    assert first["documents"]["waiting"] == 1
    money.enter(DAY, "100")
    money.import_documents(DAY, DAY)
    money.import_payments_of_yesterday()
    [payment] = money.payments()
    assert "rows" not in payment
    assert Decimal(str(payment["prepayment"]["amount"])) == Decimal("49.60")
    assert money.waits() == {}


def test_a_group_over_a_document_and_a_prepayment_invoice(money: Money) -> None:
    invoice, prepayment = money.enter(DAY, "100"), money.enter_prepayment(DAY, "40")
    money.import_documents(DAY, DAY)
    receipts = [{"invoice_id": invoice, "sum": "124"}, {"prepayment_id": prepayment, "sum": "10"}]
    money.receive("invoices", {invoice: None}, PAID, receipts=receipts)
    money.import_payments(PAID, PAID)
    [payment] = money.payments()
    assert (amounts(payment), Decimal(str(payment["prepayment"]["amount"]))) == ([124], 10)


def test_dollars_on_an_account_of_euros_and_on_one_of_dollars(money: Money) -> None:
    accounts = {2: "LHV", 3: "SEB USD", 5: "SEB"}
    for account in accounts:
        invoice = money.enter(DAY, "100", currency="USD", currency_rate="0.92")
        money.receive("invoices", {invoice: None}, PAID, account_id=account)
    money.import_documents(DAY, DAY)
    summary = money.import_payments(PAID, PAID)
    assert summary["documents"]["created"] == 3, said(summary)
    assert [(row["currency"], row["accountName"]) for row in money.payments()] == [
        ("USD", name) for name in accounts.values()
    ]
    assert set(money.open_in_books().values()) == {0}
    assert summary["alarms"] == []


def test_euros_on_an_account_of_dollars_are_for_a_person(money: Money) -> None:
    invoice = money.enter(DAY, "100")
    group = money.receive("invoices", {invoice: None}, PAID, account_id=3)
    money.import_documents(DAY, DAY)
    money.import_payments(PAID, PAID)
    assert money.cases() == [("payments", str(group), "account_currency")]
    assert money.payments() == []


def test_a_receipt_in_another_currency_than_its_invoice(money: Money) -> None:
    money.world.site.switches = money.world.site.switches.changed({"receipt_in_other_currency": "allow"})
    invoice = money.enter(DAY, "100", currency="USD", currency_rate="0.92")
    group = money.receive("invoices", {invoice: "114"}, PAID, currency="EUR")
    money.import_documents(DAY, DAY)
    summary = money.import_payments(PAID, PAID)
    assert money.cases() == [("payments", str(group), "currency_differs")]
    assert "one currency" in said(summary)


def test_rounded_cash_is_explained_and_not_left_open(money: Money) -> None:
    paid = [Decimal(text) for text in ("123.98", "123.99", "124.01", "124.02")]
    for amount in paid:
        money.receive("invoices", {money.enter(DAY, "100"): str(amount)}, PAID, account_id=1)
    money.import_documents(DAY, DAY)
    summary = money.import_payments(PAID, PAID)
    for payment, amount in zip(money.payments(), paid, strict=True):
        assert (payment["accountType"], payment["accountName"]) == ("CASH", "Kassa")
        assert Decimal(str(payment["amount"])) == amount
        assert amounts(payment) == [124]
    assert set(money.open_in_books().values()) == {0}
    assert "cash_rounding, 4 documents" in said(summary)
    assert summary["alarms"] == []


def test_cents_in_the_bank_stay_open(money: Money) -> None:
    invoice = money.enter(DAY, "100")
    money.receive("invoices", {invoice: "123.99"}, PAID)
    money.import_documents(DAY, DAY)
    money.import_payments(PAID, PAID)
    assert money.open_in_books() == {money.remote(invoice): Decimal("0.01")}


def test_rounded_cash_without_an_account_for_it_is_mended_in_the_company_file(money: Money) -> None:
    money.change_policy(rounding_account=None)
    invoice = money.enter(DAY, "100")
    group = money.receive("invoices", {invoice: "124.01"}, PAID, account_id=1)
    money.import_documents(DAY, DAY)
    money.import_payments(PAID, PAID)
    assert money.cases() == [("payments", str(group), "rounding_account_not_named")]
    money.change_policy(rounding_account="8600")
    assert money.import_payments_of_yesterday()["documents"]["created"] == 1
    assert money.cases() == []


def test_an_account_that_nobody_paired(money: Money) -> None:
    pairs = money.world.company.payments.accounts
    money.change_policy(accounts=tuple(pair for pair in pairs if pair.scoro != "Pangakonto"))
    invoice = money.enter(DAY, "100")
    group = money.receive("invoices", {invoice: None}, PAID)
    money.import_documents(DAY, DAY)
    summary = money.import_payments(PAID, PAID)
    assert money.cases() == [("payments", str(group), "account_not_mapped")]
    assert "Pangakonto" in said(summary)
    assert "payments.accounts" in said(summary)
    money.change_policy(accounts=pairs)
    assert money.import_payments_of_yesterday()["documents"]["created"] == 1
    assert money.cases() == []


def test_an_account_that_smartaccounts_does_not_have_yet(money: Money) -> None:
    pairs = tuple(
        pair.model_copy(update={"bank": "Swedbank"}) if pair.scoro == "Pangakonto" else pair
        for pair in money.world.company.payments.accounts
    )
    money.change_policy(accounts=pairs)
    invoice = money.enter(DAY, "100")
    group = money.receive("invoices", {invoice: None}, PAID)
    money.import_documents(DAY, DAY)
    summary = money.import_payments(PAID, PAID)
    assert money.cases() == [("payments", str(group), "account_unknown")]
    assert "Swedbank" in said(summary)
    account = {"name": "Swedbank", "account": "1010", "order": 9, "currency": "EUR", "forNetting": False}
    money.world.books.seed("settings/bankaccounts", account)
    money.world.clock.advance(timedelta(hours=1))
    assert money.import_payments_of_yesterday()["documents"]["created"] == 1
    assert money.cases() == []


def test_a_receipt_without_an_account(money: Money) -> None:
    invoice = money.enter(DAY, "100")
    group = money.receive("invoices", {invoice: None}, PAID, account_id=0)
    money.import_documents(DAY, DAY)
    money.import_payments(PAID, PAID)
    assert money.cases() == [("payments", str(group), "account_not_named")]
    money.world.site.modify("receipts", group, {"receipt_account_id": 2})
    assert money.import_payments(PAID, PAID)["documents"]["created"] == 1
    assert money.cases() == []


def test_what_a_third_party_pays_is_booked_for_the_documents_client(money: Money) -> None:
    invoice = money.enter(DAY, "100")
    money.receive("invoices", {invoice: None}, PAID, contact_id=money.partner("19000048"))
    money.import_documents(DAY, DAY)
    money.import_payments(PAID, PAID)
    [payment] = money.payments()
    [booked] = money.world.invoices()
    assert payment["clientId"] == booked["clientId"]


def test_documents_of_different_partners_in_one_group(money: Money) -> None:
    first, second = money.enter(DAY, "100"), money.enter(DAY, "50", partner=money.partner("19000048"))
    group = money.receive("invoices", {first: None, second: None}, PAID)
    money.import_documents(DAY, DAY)
    money.import_payments(PAID, PAID)
    assert money.cases() == [("payments", str(group), "partners_differ")]
    money.dismiss(group)
    summary = money.import_payments(PAID, PAID)
    assert summary["documents"]["dismissed"] == 1
    assert money.payments() == []


def test_a_group_with_a_document_from_before_the_first_import(money: Money) -> None:
    old, invoice = money.enter(date(2025, 12, 20), "50"), money.enter(DAY, "100")
    alone = money.receive("invoices", {old: "12"}, PAID)
    money.receive("invoices", {old: None, invoice: None}, PAID)
    money.import_documents(DAY, DAY)
    summary = money.import_payments(PAID, PAID)
    [payment] = money.payments()
    assert amounts(payment) == [124]
    assert "without its part for" in said(summary)
    assert summary["documents"]["not_ours"] == 1
    assert f"Payment {alone} of 20.01.2026 is for invoice" in summary["not_ours"][0]
    assert summary["not_ours"][0] in said(summary)
    assert str(alone) not in money.waits()
    again = money.import_payments_of_yesterday()
    assert again["documents"]["created"] == 0
    assert money.waits() == {}


def test_one_document_in_time_and_one_early(money: Money) -> None:
    """A group waits as a whole."""
    invoice, later = money.enter(DAY, "100"), money.enter(date(2026, 1, 16), "50")
    group = money.receive("invoices", {invoice: None, later: None}, PAID)
    money.import_documents(DAY, DAY)
    summary = money.import_payments(PAID, PAID)
    assert money.waits() == {str(group): "document_not_booked"}
    assert "waits for invoice" in said(summary)
    money.import_documents(date(2026, 1, 16), date(2026, 1, 16))
    money.import_payments_of_yesterday()
    [payment] = money.payments()
    assert amounts(payment) == [62, 124]
    assert money.waits() == {}


def test_a_document_in_quarantine_and_then_dismissed(money: Money) -> None:
    money.world.books.switches.change({"locked_until": "2026-01-15"})
    invoice = money.enter(DAY, "100")
    group = money.receive("invoices", {invoice: None}, PAID)
    money.import_documents(DAY, DAY)
    assert money.waits() == {}
    money.import_payments(PAID, PAID)
    assert money.waits() == {str(group): "document_not_booked"}
    with money.world.engine.begin() as connection:
        assert cases.dismiss(connection, money.world.company.key, [f"id:{invoice}"], "ei tule", Flow.SALES_INVOICES)
    summary = money.import_payments_of_yesterday()
    assert summary["documents"]["not_ours"] == 1
    assert money.waits() == {}
    assert money.payments() == []


def test_a_document_deleted_before_its_import(money: Money) -> None:
    invoice = money.enter(DAY, "100")
    group = money.receive("invoices", {invoice: None}, PAID)
    money.import_payments(PAID, PAID)
    assert money.waits() == {str(group): "document_not_booked"}
    money.world.site.delete("invoices", invoice)
    money.world.clock.advance(timedelta(hours=1))
    money.import_documents(DAY, DAY)
    money.import_payments_of_yesterday()
    assert money.waits() == {}
    assert money.payments() == []


def test_a_receipt_changed_before_its_import_goes_as_it_is_now(money: Money) -> None:
    invoice = money.enter(DAY, "100")
    group = money.receive("invoices", {invoice: "24"}, PAID)
    money.import_payments(PAID, PAID)
    money.world.site.modify("receipts", group, {"receipts": [{"invoice_id": invoice, "sum": "30"}], "sum": "30"})
    money.import_documents(DAY, DAY)
    money.import_payments_of_yesterday()
    assert [amounts(row) for row in money.payments()] == [[30]]
    assert money.reported() == set()


def test_a_receipt_deleted_before_its_import_never_comes(money: Money) -> None:
    invoice = money.enter(DAY, "100")
    group = money.receive("invoices", {invoice: None}, PAID)
    money.import_payments(PAID, PAID)
    money.world.site.delete("receipts", group)
    money.import_documents(DAY, DAY)
    money.import_payments_of_yesterday()
    assert money.payments() == []
    assert money.waits() == {}
    assert money.reported() == set()


def test_a_receipt_changed_or_deleted_later_is_told_once_and_never_mirrored(money: Money) -> None:
    invoice = money.enter(DAY, "100")
    changed = money.receive("invoices", {invoice: "24"}, PAID)
    deleted = money.receive("invoices", {invoice: "25"}, PAID)
    money.import_documents(DAY, DAY)
    money.import_payments(PAID, PAID)
    money.world.clock.advance(timedelta(hours=1))
    money.world.site.modify("receipts", changed, {"receipts": [{"invoice_id": invoice, "sum": "30"}], "sum": "30"})
    money.world.site.delete("receipts", deleted)
    money.world.server.calls.clear()
    told = money.import_payments(PAID, PAID)
    assert money.reported() == {("payments", str(changed), "changed"), ("payments", str(deleted), "deleted")}
    first, second = told["later_changes"]
    assert first.startswith(f"Payment {changed} of 20.01.2026: changed in Scoro")
    assert second.startswith(f"Payment {deleted} of 20.01.2026: deleted in Scoro")
    # The remedy stands beside it, where a person reads it, and names the payment.
    numbers = {int(amounts(row)[0]): row["number"] for row in money.payments()}
    assert f"; change payment {numbers[24]} of 20.01.2026 (24.00 EUR) in SmartAccounts in the same way" in first
    assert f"after the import; delete payment {numbers[25]} of 20.01.2026 (25.00 EUR) in SmartAccounts too" in second
    assert first in said(told)
    assert second in said(told)
    for again in (money.import_payments(PAID, PAID), money.import_payments_of_yesterday()):
        assert again["later_changes"] == []
    assert money.writes() == (0, 0)
    assert [amounts(row) for row in money.payments()] == [[24], [25]]


def test_a_payment_changed_or_deleted_in_smartaccounts_is_told_once(money: Money) -> None:
    invoice = money.enter(DAY, "100")
    groups = [money.receive("invoices", {invoice: amount}, PAID) for amount in ("24", "25", "26")]
    money.import_documents(DAY, DAY)
    money.import_payments(PAID, PAID)
    money.world.clock.advance(timedelta(hours=1))
    changed, deleted, both = (row["id"] for row in money.payments())
    money.world.books.change(PAYMENTS, changed, date="21.01.2026")
    money.world.books.remove(PAYMENTS, deleted)
    # What is gone on both sides needs no word of its booking.
    money.world.books.remove(PAYMENTS, both)
    money.world.site.delete("receipts", groups[2])
    money.world.clock.advance(timedelta(hours=1))
    money.world.server.calls.clear()
    told = money.import_payments(PAID, PAID)
    assert money.reported() == {
        ("payments", str(groups[0]), "booking_changed"),
        ("payments", str(groups[1]), "booking_deleted"),
        ("payments", str(groups[2]), "deleted"),
    }
    assert "(24.00 EUR), was changed after the import; change it in Scoro in the same way, or undo it" in said(told)
    assert "(25.00 EUR), was deleted after the import; delete it in Scoro too, or enter it again in" in said(told)
    assert "(26.00 EUR) is deleted in SmartAccounts too" in said(told)
    money.world.clock.advance(timedelta(hours=1))
    assert money.import_payments(PAID, PAID)["later_changes"] == []
    assert money.writes() == (0, 0)


def test_a_locked_period_is_mended_and_the_next_run_goes_through(money: Money) -> None:
    invoice = money.enter(DAY, "100")
    group = money.receive("invoices", {invoice: None}, PAID)
    money.import_documents(DAY, DAY)
    money.world.books.switches.change({"locked_until": "2026-01-31"})
    summary = money.import_payments(PAID, PAID)
    assert money.waits() == {str(group): "month_locked"}
    assert "the day of money is never moved" in said(summary)
    assert money.import_payments_of_yesterday()["documents"]["waiting"] == 1
    money.world.books.switches.change({"locked_until": ""})
    assert money.import_payments_of_yesterday()["documents"]["created"] == 1
    assert money.waits() == {}
    assert len(money.payments()) == 1


def test_one_payment_of_the_bank_for_two_groups(money: Money) -> None:
    first, second = money.enter(DAY, "100"), money.enter(DAY, "50")
    money.import_documents(DAY, DAY)
    payment = money.pay({money.remote(first): None, money.remote(second): None}, PAID)
    groups = [money.receive("invoices", {invoice: None}, PAID) for invoice in (first, second)]
    summary = money.import_payments(PAID, PAID)
    assert summary["documents"]["adopted"] == 2
    assert set(money.pairs()) == set(map(str, groups))
    assert {remote_id.partition("/")[0] for remote_id in money.pairs().values()} == {payment}
    assert len(money.payments()) == 1
    assert money.import_payments_of_yesterday()["documents"]["created"] == 0


def test_two_payments_of_the_bank_for_one_group(money: Money) -> None:
    first, second = money.enter(DAY, "100"), money.enter(DAY, "50")
    money.import_documents(DAY, DAY)
    payments = {money.pay({money.remote(invoice): None}, PAID) for invoice in (first, second)}
    group = money.receive("invoices", {first: None, second: None}, PAID)
    summary = money.import_payments(PAID, PAID)
    assert summary["documents"]["adopted"] == 1
    assert set(money.pairs().values()) == payments
    assert {source_id.partition("/")[0] for source_id in money.pairs()} == {str(group)}
    assert len(money.payments()) == 2
    assert money.reported() == set()


def test_the_bank_overpaid_too(money: Money) -> None:
    invoice = money.enter(DAY, "100")
    money.import_documents(DAY, DAY)
    more = {"amount": "6", "description": "Ettemaks"}
    payment = money.pay({money.remote(invoice): None}, PAID, prepayment=more)
    group = money.receive("invoices", {invoice: "130"}, PAID)
    money.import_payments(PAID, PAID)
    assert money.pairs() == {str(group): payment}
    assert len(money.payments()) == 1


def test_near_dates_are_the_same_payment(money: Money) -> None:
    distances = {5: True, -5: True, 6: False}
    groups = {}
    invoices = {days: money.enter(DAY, "100") for days in distances}
    money.import_documents(DAY, DAY)
    for days, invoice in invoices.items():
        money.pay({money.remote(invoice): "24"}, PAID + timedelta(days=days))
        groups[days] = str(money.receive("invoices", {invoice: "24"}, PAID))
    summary = money.import_payments(PAID, PAID)
    assert (summary["documents"]["adopted"], summary["documents"]["created"]) == (2, 0)
    # Further apart it is asked about.
    assert money.cases() == [("payments", groups[6], "possible_duplicate")]
    money.retry(groups[6])
    money.import_payments(PAID, PAID)
    ours = {row["id"] for row in money.payments() if row.get("document")}
    assert {days: money.pairs()[group] not in ours for days, group in groups.items()} == distances


def test_of_two_equal_payments_each_is_its_own(money: Money) -> None:
    """Two receipts of 24 on one day, of which the bank import booked one."""
    invoice = money.enter(DAY, "100")
    money.import_documents(DAY, DAY)
    money.pay({money.remote(invoice): "24"}, PAID)
    for _ in range(2):
        money.receive("invoices", {invoice: "24"}, PAID)
    summary = money.import_payments(PAID, PAID)
    assert (summary["documents"]["adopted"], summary["documents"]["created"]) == (1, 1)
    assert [amounts(row) for row in money.payments()] == [[24], [24]]


def look_alike(money: Money) -> int:
    """A group over two documents of which the bank import booked one only; its id."""
    first, second = money.enter(DAY, "100"), money.enter(DAY, "50")
    money.import_documents(DAY, DAY)
    money.pay({money.remote(first): "24"}, PAID)
    return money.receive("invoices", {first: "24", second: "20"}, PAID)


def test_what_looks_alike_in_part_is_for_a_person_and_retry_books_it(money: Money) -> None:
    group = look_alike(money)
    summary = money.import_payments(PAID, PAID)
    assert money.cases() == [("payments", str(group), "possible_duplicate")]
    assert "dismiss it; if not, retry it" in said(summary)
    assert len(money.payments()) == 1
    money.retry(group)
    assert money.import_payments_of_yesterday()["documents"]["created"] == 1
    assert [amounts(row) for row in money.payments()] == [[24], [20, 24]]
    assert money.cases() == []
    assert money.import_payments(PAID, PAID)["documents"]["already_there"] == 1


def test_what_looks_alike_and_is_dismissed_never_goes(money: Money) -> None:
    group = look_alike(money)
    money.import_payments(PAID, PAID)
    money.dismiss(group)
    for _ in range(2):
        assert money.import_payments_of_yesterday()["documents"]["created"] == 0
        assert money.import_payments(PAID, PAID)["documents"]["dismissed"] == 1
    assert len(money.payments()) == 1
    assert money.pairs() == {}


def test_a_retry_survives_a_run_that_does_not_get_to_it(money: Money) -> None:
    group = look_alike(money)
    money.import_payments(PAID, PAID)
    money.retry(group)
    money.import_payments(PAID, PAID, mode=Mode.PREVIEW)
    money.world.server.faults.add(Fault(FaultKind.DROP_BEFORE, where=f"{PAYMENTS}:add"))
    money.import_payments(PAID, PAID)
    money.world.clock.advance(timedelta(minutes=40))
    assert money.import_payments(PAID, PAID)["documents"]["created"] == 1
    assert money.cases() == []


def test_a_retry_is_about_the_payments_that_were_named(money: Money) -> None:
    first, second = money.enter(DAY, "100"), money.enter(DAY, "50")
    money.import_documents(DAY, DAY)
    money.pay({money.remote(first): "24"}, PAID)
    group = money.receive("invoices", {first: "24", second: "20"}, PAID)
    money.import_payments(PAID, PAID)
    money.retry(group)
    # Before it is booked, the bank import pays the other invoice in full.
    other = money.pay({money.remote(second): None}, date(2026, 2, 20))
    number = next(row["number"] for row in money.payments() if row["id"] == other)
    summary = money.import_payments(PAID, PAID)
    assert money.cases() == [("payments", str(group), "possible_duplicate")]
    assert f"already: payment {number} of 20.02.2026 pays the same documents" in said(summary)
    assert len(money.payments()) == 2
    money.retry(group)
    money.import_payments(PAID, PAID)
    assert len(money.payments()) == 3
    assert money.cases() == []


def test_the_invoice_has_no_room_for_it(money: Money) -> None:
    """Paid in full in SmartAccounts, on another day and with another amount than Scoro says."""
    invoice = money.enter(DAY, "100")
    money.import_documents(DAY, DAY)
    money.pay({money.remote(invoice): None}, date(2026, 2, 20))
    group = money.receive("invoices", {invoice: "100"}, PAID)
    money.import_payments(PAID, PAID)
    assert money.cases() == [("payments", str(group), "possible_duplicate")]
    money.retry(group)
    money.import_payments(PAID, PAID)
    assert Decimal(str(money.payments()[-1]["prepayment"]["amount"])) == 100


def test_a_refund_of_a_credit_invoice(money: Money) -> None:
    invoice = money.enter(DAY, "100")
    credit = money.enter(DAY, "-20", credited_invoices=[invoice])
    money.receive("invoices", {credit: "-24.80"}, PAID)
    money.import_documents(DAY, DAY)
    summary = money.import_payments(PAID, PAID)
    assert summary["documents"]["created"] == 1, said(summary)
    [payment] = money.payments()
    assert amounts(payment) == [Decimal("24.80")]
    assert payment["accountName"] == "LHV"
    assert money.open_in_books()[money.remote(credit)] == 0


def test_netting_alone(money: Money) -> None:
    invoice = money.enter(DAY, "100")
    credit = money.enter(DAY, "-20", credited_invoices=[invoice])
    money.receive("invoices", {invoice: "24.80", credit: "-24.80"}, PAID, account_id=4)
    money.import_documents(DAY, DAY)
    summary = money.import_payments(PAID, PAID)
    assert summary["documents"]["created"] == 1, said(summary)
    [payment] = money.payments()
    assert payment["accountName"] == "Tasaarveldus"
    assert money.open_in_books() == {money.remote(invoice): Decimal("99.20"), money.remote(credit): 0}


def test_netting_without_an_account_for_it(money: Money) -> None:
    money.change_policy(netting_account=None)
    invoice = money.enter(DAY, "100")
    credit = money.enter(DAY, "-20", credited_invoices=[invoice])
    group = money.receive("invoices", {invoice: None, credit: "-24.80"}, PAID)
    money.import_documents(DAY, DAY)
    money.import_payments(PAID, PAID)
    assert money.cases() == [("payments", str(group), "netting_account_not_named")]
    assert money.payments() == []


def test_a_preview_writes_nothing_and_promises_what_is_sent(money: Money) -> None:
    invoice = money.enter(DAY, "100")
    money.receive("invoices", {invoice: None}, PAID)
    early = money.receive("invoices", {money.enter(date(2026, 1, 16), "10"): None}, PAID)
    money.import_documents(DAY, DAY)
    preview = money.import_payments(PAID, PAID, mode=Mode.PREVIEW)
    assert preview["documents"]["planned"] == 1
    assert preview["documents"]["waiting"] == 1
    assert money.payments() == []
    assert money.writes() == (0, 0)
    assert money.waits() == {}
    with money.world.engine.connect() as connection:
        promised = connection.execute(select(plan.c.payload).where(plan.c.flow == "payments")).scalar_one()
    money.import_payments(PAID, PAID)
    with money.world.engine.connect() as connection:
        sent = connection.execute(select(intent.c.payload).where(intent.c.kind == "payment")).scalar_one()
    assert f"[{sent}]" == promised
    assert money.waits() == {str(early): "document_not_booked"}


def test_bills_and_expenses_are_paid_to_vendors(money: Money) -> None:
    """In parts, several at once, with a supplier's credit bill netted."""
    money.take_expenses()
    flow = Flow.PURCHASE_INVOICES
    first, second = (money.enter(DAY, net, flow=flow) for net in ("100", "50"))
    whole, credit = money.enter(DAY, "100", flow=flow), money.enter(DAY, "-20", flow=flow)
    expense = money.enter_expense(DAY, "10")
    groups = [
        money.receive("bills", {first: "24", second: None}, PAID),
        money.receive("bills", {whole: None, credit: None}, PAID),
        money.receive("expenses", {expense: "14"}, PAID),
        money.receive("bills", {first: None}, PAID + timedelta(days=1)),
    ]
    waits = money.import_payments(PAID, PAID)
    assert waits["documents"]["waiting"] == 3
    money.import_documents(DAY, DAY, flow)
    summary = money.import_payments(PAID, PAID + timedelta(days=1))
    assert summary["documents"]["created"] == 4, said(summary)
    found = {row["document"].rpartition("/")[2].rstrip("]") + row["accountName"][0]: row for row in money.payments()}
    assert {row["partnerType"] for row in found.values()} == {"VENDOR"}
    ids = list(map(str, groups))
    assert amounts(found[ids[0] + "L"]) == [24, 62]
    assert amounts(found[ids[1] + "T"]) == [Decimal("24.80"), Decimal("24.80")]
    assert amounts(found[ids[1] + "L"]) == [Decimal("99.20")]
    assert amounts(found[ids[2] + "L"]) == [Decimal("12.40")]
    assert Decimal(str(found[ids[2] + "L"]["prepayment"]["amount"])) == Decimal("1.60")
    assert set(money.open_in_books(flow).values()) == {0}
    assert len(money.payments()) == 5
    again = money.import_payments(PAID, PAID + timedelta(days=1))
    assert again["documents"]["already_there"] == 4
    assert money.waits() == {}


def test_expenses_that_the_company_leaves_out_wait_for_nothing(money: Money) -> None:
    money.receive("expenses", {money.enter_expense(DAY, "10"): None}, PAID)
    summary = money.import_payments(PAID, PAID)
    assert summary["documents"]["not_ours"] == 1
    assert money.waits() == {}


def test_nobody_is_named(money: Money, caplog: pytest.LogCaptureFixture) -> None:
    """Private persons stand in no log and in no summary."""
    caplog.set_level("DEBUG")
    person = money.person()
    invoices = [money.enter(DAY, "100", partner=person) for _ in range(4)]
    groups = [
        money.receive("invoices", {invoices[0]: None}, PAID),
        money.receive("invoices", {invoices[1]: None}, PAID, account_id=0),
        money.receive("invoices", {invoices[2]: None, money.enter(DAY, "5"): None}, PAID),
        money.receive("invoices", {money.enter(date(2026, 1, 16), "5", partner=person): None}, PAID),
    ]
    money.import_documents(DAY, DAY)
    money.world.books.switches.change({"locked_until": "2026-01-31"})
    texts = [said(money.import_payments(PAID, PAID))]
    money.world.books.switches.change({"locked_until": ""})
    texts.append(said(money.import_payments(PAID, PAID)))
    money.world.site.delete("receipts", groups[0])
    texts.append(said(money.import_payments(PAID, PAID)))
    money.switch_export(on=True)
    texts.append(said(money.export(PAID, PAID)))
    assert len(money.payments()) == 1
    for canary in (*CANARIES, "ScoroAPI_000000000000000", "test-secret"):
        assert canary not in caplog.text
        assert not any(canary in text for text in texts)


def test_requests_of_a_run_are_one_a_payment_and_a_few(money: Money) -> None:
    invoices = [money.enter(DAY, "10") for _ in range(25)]
    for invoice in invoices:
        money.receive("invoices", {invoice: None}, PAID)
    money.import_documents(DAY, DAY)
    money.world.server.calls.clear()
    summary = money.import_payments(PAID, PAID)
    assert summary["documents"]["created"] == 25
    assert len(money.world.writes()) == 25
    # Payments, documents, accounts; and two pages of the ledger at most.
    assert len(money.world.calls()) <= 25 + 3 + 2
