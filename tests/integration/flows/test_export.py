"""Whole flows. Payments of SmartAccounts in Scoro: what concerns documents from there, each once, and none ever back
again."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from scoro_smartaccounts import pipeline
from scoro_smartaccounts.budget import Limits
from scoro_smartaccounts.common.company import Mode, ReceiptAccount
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.errors import BudgetExhausted, LimitReached, TransientError
from scoro_smartaccounts.common.run import RunKind
from scoro_smartaccounts.staging.schema import intent
from scoro_smartaccounts_sandbox.faults import Fault, FaultKind
from tests.integration.money import PAYMENTS, Money, said
from tests.integration.world import NO_LIMITS, World

DAY = date(2026, 1, 15)
PAID = date(2026, 1, 20)
HOUR = timedelta(hours=1)
RECEIPTS = "receipts/modify"


@pytest.fixture
def money(world: World) -> Money:
    return Money(world)


def switched_on(money: Money, *nets: str, **more: Any) -> list[int]:
    """Imported invoices and the export that was just switched on."""
    invoices = [money.enter(DAY, net, **more) for net in nets or ("100",)]
    money.import_documents(DAY, DAY)
    money.switch_export(on=True)
    money.export()
    money.world.clock.advance(HOUR)
    return invoices


def an_hour_later(money: Money) -> dict[str, Any]:
    money.world.clock.advance(HOUR)
    return money.export()


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


def test_the_receipt_is_what_was_paid(money: Money) -> None:
    first, second = switched_on(money, "100", "50")
    money.pay({money.remote(first): "24", money.remote(second): None}, PAID, account="SEB")
    summary = an_hour_later(money)
    assert summary["documents"]["created"] == 1
    [group] = money.groups()
    assert (group["date"], group["sum"], group["currency"]) == ("2026-01-20", Decimal(86), "EUR")
    assert (group["receipt_account_id"], group["contact_id"]) == (5, money.partner())
    assert {row["invoice_id"]: row["sum"] for row in group["receipts"]} == {first: Decimal(24), second: Decimal(62)}
    assert "created in Scoro" in said(summary)
    assert money.open_in_scoro(str(second)) == 0


def test_off_it_asks_nobody_and_says_so(money: Money) -> None:
    invoice = money.enter(DAY, "100")
    money.import_documents(DAY, DAY)
    money.pay({money.remote(invoice): None}, PAID)
    money.world.server.calls.clear()
    money.world.scoro.calls.clear()
    # A person who names the days obeys the switch too.
    for summary in (money.export(), money.export(PAID, PAID)):
        assert "SWITCHED OFF" in said(summary)
        assert summary["documents"]["seen"] == 0
    assert money.world.calls() == []
    assert not money.world.scoro.calls
    assert money.groups() == []


def test_switched_off_and_on_again_what_came_between_is_history(money: Money) -> None:
    [invoice] = switched_on(money)
    money.switch_export(on=False)
    money.export()
    money.pay({money.remote(invoice): "24"}, PAID)
    an_hour_later(money)
    money.switch_export(on=True)
    for _ in range(3):
        an_hour_later(money)
    assert money.groups() == []
    money.pay({money.remote(invoice): "50"}, PAID)
    an_hour_later(money)
    assert [group["sum"] for group in money.groups()] == [50]


def test_what_was_entered_just_before_the_switch_is_history(money: Money) -> None:
    """The mirror is minutes old when the export is switched on."""
    invoice = money.enter(DAY, "100")
    money.import_documents(DAY, DAY)
    money.import_payments(PAID, PAID)
    money.world.clock.advance(timedelta(minutes=1))
    money.pay({money.remote(invoice): "24"}, PAID)
    money.world.clock.advance(timedelta(minutes=1))
    money.switch_export(on=True)
    money.export()
    for _ in range(2):
        an_hour_later(money)
    assert money.groups() == []


def test_a_preview_sends_nothing_and_lets_nothing_go_later(money: Money) -> None:
    invoice = money.enter(DAY, "100")
    money.import_documents(DAY, DAY)
    money.pay({money.remote(invoice): None}, PAID)
    money.switch_export(on=True)
    an_hour_later(money)
    summary = money.export(PAID, PAID, mode=Mode.PREVIEW)
    assert summary["documents"]["planned"] == 1
    an_hour_later(money)
    assert money.groups() == []
    assert money.writes() == (0, 0)
    assert money.export(PAID, PAID)["documents"]["created"] == 1


def test_a_range_takes_its_days_only(money: Money) -> None:
    invoice = money.enter(DAY, "100")
    money.import_documents(DAY, DAY)
    money.pay({money.remote(invoice): "24"}, PAID)
    money.pay({money.remote(invoice): "50"}, PAID + timedelta(days=1))
    money.switch_export(on=True)
    an_hour_later(money)
    money.export(PAID, PAID)
    an_hour_later(money)
    assert [group["sum"] for group in money.groups()] == [24]


def test_only_rows_on_documents_from_scoro(money: Money) -> None:
    """A payment over a document of ours and one entered in SmartAccounts; and one over the latter alone."""
    [invoice] = switched_on(money)
    ours = money.remote(invoice)
    [booked] = money.world.invoices()
    body = {"clientId": booked["clientId"], "date": "15.01.2026", "currency": "EUR", "invoiceNumber": "OMA-1"}
    row = {"code": "MUU", "price": "10", "quantity": "1", "vatPc": "24", "description": "Oma"}
    own = money.world.books.seed("purchasesales/clientinvoices", {**body, "rows": [row]})
    money.pay({ours: None, own: "2.40"}, PAID)
    money.pay({own: None}, PAID)
    summary = an_hour_later(money)
    assert summary["documents"]["seen"] == 1
    [group] = money.groups()
    assert group["sum"] == 124


def test_a_prepayment_part_stays_in_smartaccounts(money: Money) -> None:
    [invoice] = switched_on(money)
    money.pay({money.remote(invoice): None}, PAID, prepayment={"amount": "6", "description": "Ettemaks"})
    an_hour_later(money)
    assert [group["sum"] for group in money.groups()] == [124]
    money.import_payments(PAID, PAID)
    assert len(money.payments()) == 1
    assert money.cases() == []


def test_a_payment_before_its_documents_import_goes_once_it_is_imported(money: Money) -> None:
    """The bookkeeper's own copy of an invoice is paid, and found to be Scoro's only afterwards."""
    [known] = switched_on(money)
    invoice = money.enter(DAY, "50", no="7777")
    [booked] = money.world.invoices()
    body = {"clientId": booked["clientId"], "date": "15.01.2026", "currency": "EUR", "invoiceNumber": "7777"}
    row = {"code": "MUU", "price": "50", "quantity": "1", "vatPc": "24", "description": "Töö"}
    own = money.world.books.seed("purchasesales/clientinvoices", {**body, "rows": [row]})
    money.pay({own: None}, PAID)
    assert an_hour_later(money)["documents"]["seen"] == 0
    money.import_documents(DAY, DAY)
    assert money.remote(invoice) == own
    assert an_hour_later(money)["documents"]["created"] == 1
    assert money.open_in_scoro(str(invoice)) == 0
    assert money.open_in_scoro(str(known)) == 124


@pytest.mark.parametrize("account", [4, 0], ids=["paired account", "no account"])
def test_netting_in_smartaccounts(money: Money, account: int) -> None:
    if not account:
        pairs = money.world.company.payments.accounts
        money.change_policy(accounts=tuple(pair for pair in pairs if pair.scoro != "Tasaarveldus"))
    invoice = money.enter(DAY, "100")
    credit = money.enter(DAY, "-20", credited_invoices=[invoice])
    switched_on(money, "5")
    amounts = {money.remote(invoice): "24.80", money.remote(credit): "24.80"}
    money.pay(amounts, PAID, account="Tasaarveldus")
    summary = an_hour_later(money)
    assert summary["documents"]["created"] == 1, said(summary)
    [group] = money.groups()
    assert {row["invoice_id"]: row["sum"] for row in group["receipts"]} == {
        invoice: Decimal("24.80"),
        credit: Decimal("-24.80"),
    }
    assert (group["receipt_account_id"] or 0) == account
    money.import_payments(PAID, PAID)
    assert len(money.payments()) == 1
    assert money.cases() == []


def test_dollars(money: Money) -> None:
    [invoice] = switched_on(money, currency="USD", currency_rate="0.92")
    money.pay({money.remote(invoice): None}, PAID, account="SEB USD")
    an_hour_later(money)
    [group] = money.groups()
    assert (group["currency"], group["receipt_account_id"]) == ("USD", 3)


def test_cash(money: Money) -> None:
    [invoice] = switched_on(money)
    cent = {"price": "-0.01", "quantity": "1", "description": "Ümardus", "account": "8600"}
    money.pay({money.remote(invoice): None}, PAID, account="Kassa", extras=[cent])
    an_hour_later(money)
    [group] = money.groups()
    assert (group["sum"], group["receipt_account_id"]) == (124, 1)


def test_a_bill_and_an_expense_in_one_payment_are_a_group_each(money: Money) -> None:
    money.take_expenses()
    flow = Flow.PURCHASE_INVOICES
    bill, expense = money.enter(DAY, "100", flow=flow), money.enter_expense(DAY, "10")
    money.import_documents(DAY, DAY, flow)
    switched_on(money)
    payment = money.pay({money.remote(bill, flow): "100", money.remote(f"expense-{expense}", flow): None}, PAID)
    # The answer to the second is lost.
    money.world.scoro.faults.add(Fault(FaultKind.DROP_AFTER, where=RECEIPTS, after=1))
    for _ in range(2):
        an_hour_later(money)
    groups = {group["sales_doc_type"]: group for group in money.groups()}
    assert {kind: group["sum"] for kind, group in groups.items()} == {"bills": 100, "expenses": Decimal("12.40")}
    assert money.pairs() == {
        str(groups["bills"]["id"]): f"{payment}/1",
        # The last part is 0: with it, the payment is done.
        str(groups["expenses"]["id"]): payment,
    }
    assert money.open_in_scoro(str(bill), flow) == 24
    assert money.open_in_scoro(f"expense-{expense}", flow) == 0
    money.import_payments(PAID, PAID)
    assert len(money.payments()) == 1
    assert money.reported() == set()
    assert money.cases() == []
    money.world.books.remove(PAYMENTS, payment)
    assert len(an_hour_later(money)["later_changes"]) == 1


UNKNOWN: list[tuple[dict[str, Any], dict[str, Any]]] = [
    (
        {"sort_order": "unstable", "receipts_view": False, "status_code_type": "mixed"},
        {"payments_need_date_from": True},
    ),
    (
        {"date_filter": "ignored", "html_entities": True, "empty_list": "array"},
        {"omit_empty_list": True, "page_size": 2},
    ),
    (
        {"date_filter": "honoured", "naive_datetimes": True, "credit_sign": "positive"},
        {"show_date": False, "moments": "iso", "sort": "backwards"},
    ),
    (
        {"datetime_filter": "ignored", "receipt_bumps_modified": False, "delete_bumps_modified": True},
        {"number_as_number": True, "moments": "day"},
    ),
]


@pytest.mark.parametrize("scoro, smartaccounts", UNKNOWN)  # noqa: PT006
def test_what_is_unknown_of_the_services_may_be_otherwise(
    money: Money, scoro: dict[str, Any], smartaccounts: dict[str, Any]
) -> None:
    money.world.site.switches = money.world.site.switches.changed(scoro)
    money.world.books.switches.change(smartaccounts)
    invoices = [money.enter(DAY, "100") for _ in range(8)]
    both = money.enter(DAY, "100")
    switched_on(money, "5")
    groups = [money.receive("invoices", {invoice: None}, PAID) for invoice in invoices[:4]]
    for invoice in invoices[4:]:
        money.pay({money.remote(invoice): None}, PAID)
    money.pay({money.remote(both): None}, PAID)
    money.receive("invoices", {both: None}, PAID)
    money.world.clock.advance(HOUR)
    for _ in range(3):
        money.import_payments(PAID, PAID)
        an_hour_later(money)
        money.import_payments_of_yesterday()
        money.world.clock.advance(timedelta(hours=24))
    assert len(money.payments()) == len(money.groups()) == len(money.pairs()) == 9
    assert money.reported() == set()
    removed = money.payments()[-1]["id"]
    [without] = [group for group, payment in money.pairs().items() if payment == removed]
    money.world.books.remove(PAYMENTS, removed)
    money.world.site.delete("receipts", groups[0])
    an_hour_later(money)
    money.import_payments(PAID, PAID)
    assert len(money.reported()) == 2
    # Its day was imported again: whether it is to be booked again is asked.
    assert money.cases() == [("payments", without, "payment_gone")]


def test_the_first_pair_of_an_account_serves(money: Money) -> None:
    pairs = money.world.company.payments.accounts
    again = [ReceiptAccount(scoro=pair.scoro, bank="LHV") for pair in pairs if pair.bank == "SEB"]
    money.change_policy(accounts=(*(pair for pair in pairs if pair.bank != "SEB"), *again))
    [invoice] = switched_on(money)
    money.pay({money.remote(invoice): None}, PAID)
    an_hour_later(money)
    accounts = {row["id"]: row["name"] for row in money.world.site.live("receiptAccounts")}
    assert [accounts[group["receipt_account_id"]] for group in money.groups()] == ["Pangakonto"]


def test_an_account_that_nobody_paired_is_mended_in_the_company_file(money: Money) -> None:
    pairs = money.world.company.payments.accounts
    money.change_policy(accounts=tuple(pair for pair in pairs if pair.bank != "LHV"))
    [invoice] = switched_on(money)
    payment = money.pay({money.remote(invoice): None}, PAID)
    summary = an_hour_later(money)
    assert money.cases() == [("export_payments", payment, "account_not_mapped")]
    assert "payments.accounts" in said(summary)
    assert an_hour_later(money)["documents"]["quarantined"] == 1
    money.change_policy(accounts=pairs)
    assert an_hour_later(money)["documents"]["created"] == 1
    assert money.cases() == []


def test_documents_of_two_contacts_in_one_payment(money: Money) -> None:
    """Two contacts of Scoro that are one client in SmartAccounts."""
    twin = money.world.site.create(
        "contacts", {"name": "Näidis 19000022 OÜ", "contact_type": "company", "id_code": "19000022"}
    )
    second = money.enter(DAY, "50", partner=int(twin["contact_id"]))
    [first] = switched_on(money)
    payment = money.pay({money.remote(first): None, money.remote(second): None}, PAID)
    summary = an_hour_later(money)
    assert money.cases() == [("export_payments", payment, "partners_differ")]
    assert "enter it there by hand and dismiss it here" in said(summary)
    money.dismiss(payment)
    for _ in range(2):
        assert an_hour_later(money)["documents"]["seen"] == 0
    assert money.groups() == []


# Already there


def test_what_scoro_has_already_is_linked(money: Money) -> None:
    [invoice] = switched_on(money)
    payment = money.pay({money.remote(invoice): None}, PAID)
    group = money.receive("invoices", {invoice: None}, PAID + timedelta(days=2))
    summary = an_hour_later(money)
    assert summary["documents"]["adopted"] == 1
    assert money.pairs() == {str(group): payment}
    assert money.writes() == (0, 0)
    assert money.import_payments(PAID, PAID + timedelta(days=2))["documents"]["already_there"] == 1
    assert money.writes() == (0, 0)


def test_one_payment_for_two_groups_and_two_payments_for_one_group(money: Money) -> None:
    a, b, c, d = switched_on(money, "10", "20", "30", "40")
    money.pay({money.remote(a): None, money.remote(b): None}, PAID)
    for invoice in (a, b):
        money.receive("invoices", {invoice: None}, PAID)
    for invoice in (c, d):
        money.pay({money.remote(invoice): None}, PAID)
    money.receive("invoices", {c: None, d: None}, PAID)
    summary = an_hour_later(money)
    assert summary["documents"]["adopted"] == 3
    assert money.writes() == (0, 0)
    assert len(money.pairs()) == 4


@pytest.mark.parametrize("decision", ["retry", "dismiss"])
def test_what_looks_alike_in_part_is_for_a_person(money: Money, decision: str) -> None:
    first, second = switched_on(money, "100", "50")
    payment = money.pay({money.remote(first): "24", money.remote(second): "20"}, PAID)
    money.receive("invoices", {first: "24"}, PAID)
    summary = an_hour_later(money)
    assert money.cases() == [("export_payments", payment, "possible_duplicate")]
    assert "dismiss it; if not, retry it" in said(summary)
    assert money.writes() == (0, 0)
    getattr(money, decision)(payment)
    # The answer is lost: what the person decided is not.
    money.world.scoro.faults.add(Fault(FaultKind.DROP_BEFORE, where=RECEIPTS))
    for _ in range(3):
        an_hour_later(money)
    assert len(money.groups()) == (2 if decision == "retry" else 1)
    assert money.cases() == []
    assert money.in_doubt() == []


def test_an_answer_is_about_the_receipts_that_were_there(money: Money) -> None:
    [invoice] = switched_on(money, "100")
    money.receive("invoices", {invoice: None}, PAID)
    payment = money.pay({money.remote(invoice): "100"}, PAID)
    an_hour_later(money)
    money.retry(payment)
    # Before it goes, somebody enters it in Scoro, in two halves.
    money.receive("invoices", {invoice: "50"}, PAID)
    summary = an_hour_later(money)
    assert money.cases() == [("export_payments", payment, "possible_duplicate")]
    assert "Scoro's payments cover 174.00 of 124.00 already" in said(summary)
    assert money.writes() == (0, 0)
    money.retry(payment)
    assert an_hour_later(money)["documents"]["created"] == 1


def test_the_same_receipt_is_asked_about_once(money: Money) -> None:
    """It looks alike, and the invoice has no room beside it."""
    first, second = switched_on(money, "100", "50")
    money.receive("invoices", {first: None}, PAID)
    payment = money.pay({money.remote(first): None, money.remote(second): "20"}, PAID)
    assert "pays the same documents" in said(an_hour_later(money))
    money.retry(payment)
    assert an_hour_later(money)["documents"]["created"] == 1
    assert money.cases() == []


def test_an_answer_outlives_a_refusal(money: Money) -> None:
    first, second = switched_on(money, "100", "50")
    payment = money.pay({money.remote(first): "24", money.remote(second): "20"}, PAID)
    money.receive("invoices", {first: "24"}, PAID)
    an_hour_later(money)
    money.retry(payment)
    money.world.scoro.faults.add(Fault(FaultKind.STATUS, where=RECEIPTS, status=400))
    an_hour_later(money)
    assert money.cases() == [("export_payments", payment, "refused_by_scoro")]
    an_hour_later(money)
    assert money.cases() == []
    assert len(money.groups()) == 2


def test_a_case_of_either_side_closes_when_the_other_links_it(money: Money) -> None:
    first, second = switched_on(money, "100", "50")
    payment = money.pay({money.remote(first): "24"}, PAID)
    group = money.receive("invoices", {first: "24", second: "20"}, PAID)
    money.import_payments(PAID, PAID)
    an_hour_later(money)
    assert {case[2] for case in money.cases()} == {"possible_duplicate"}
    assert len(money.cases()) == 2
    rows = [{"type": "CLIENT_INVOICE", "id": money.remote(first), "amount": 24}]
    rows.append({"type": "CLIENT_INVOICE", "id": money.remote(second), "amount": 20})
    money.world.books.change(PAYMENTS, payment, rows=rows)
    an_hour_later(money)
    assert money.pairs() == {str(group): payment}
    assert money.cases() == []


# Later


def test_a_payment_changed_or_deleted_after_its_export_is_told_once(money: Money) -> None:
    [invoice] = switched_on(money)
    changed, deleted = (money.pay({money.remote(invoice): amount}, PAID) for amount in ("24", "25"))
    an_hour_later(money)
    money.world.clock.advance(HOUR)
    money.world.books.change(PAYMENTS, changed, date="21.01.2026")
    money.world.books.remove(PAYMENTS, deleted)
    told = an_hour_later(money)
    reports = {("export_payments", changed, "booking_changed"), ("export_payments", deleted, "booking_deleted")}
    assert money.reported() == reports
    assert len(told["later_changes"]) == 2
    first, second = sorted(told["later_changes"])
    pairs = {payment: group for group, payment in money.pairs().items()}
    assert f"after the export; change payment {pairs[changed]} (Scoro id) in Scoro in the same way" in first
    assert f"after the export; delete payment {pairs[deleted]} (Scoro id) in Scoro too" in second
    assert all(line in said(told) and line.startswith("Payment ") for line in (first, second))
    assert an_hour_later(money)["later_changes"] == []
    assert money.import_payments(PAID, PAID)["later_changes"] == []
    assert len(money.groups()) == 2
    assert money.reported() == reports


def test_a_receipt_changed_or_deleted_after_its_export_is_told_once(money: Money) -> None:
    [invoice] = switched_on(money)
    for amount in ("24", "25"):
        money.pay({money.remote(invoice): amount}, PAID)
    an_hour_later(money)
    money.world.clock.advance(HOUR)
    changed, deleted = (int(group["id"]) for group in money.groups())
    money.world.site.modify("receipts", changed, {"receipts": [{"invoice_id": invoice, "sum": "30"}], "sum": "30"})
    money.world.site.delete("receipts", deleted)
    money.world.clock.advance(HOUR)
    told = money.import_payments(PAID, PAID)
    assert money.reported() == {("payments", str(changed), "changed"), ("payments", str(deleted), "deleted")}
    first, second = told["later_changes"]
    assert "after the export" in first
    assert "(24.00 EUR) in SmartAccounts in the same way" in first
    assert "(25.00 EUR) in SmartAccounts too" in second
    assert money.import_payments(PAID, PAID)["later_changes"] == []
    an_hour_later(money)
    assert len(money.payments()) == 2
    assert len(money.groups()) == 1


def test_a_payment_changed_before_its_export_goes_as_it_is_now(money: Money) -> None:
    [invoice] = switched_on(money)
    payment = money.pay({money.remote(invoice): "24"}, PAID)
    money.world.scoro.faults.add(Fault(FaultKind.STATUS, where=RECEIPTS, status=400))
    an_hour_later(money)
    assert money.cases() == [("export_payments", payment, "refused_by_scoro")]
    money.world.books.change(
        PAYMENTS, payment, rows=[{"type": "CLIENT_INVOICE", "id": money.remote(invoice), "amount": 30}]
    )
    an_hour_later(money)
    assert [group["sum"] for group in money.groups()] == [30]
    assert money.cases() == []
    assert money.reported() == set()


def test_deleted_before_its_export_it_never_goes(money: Money) -> None:
    [invoice] = switched_on(money)
    payment = money.pay({money.remote(invoice): "24"}, PAID)
    money.world.scoro.faults.add(Fault(FaultKind.STATUS, where=RECEIPTS, status=400))
    an_hour_later(money)
    money.world.books.remove(PAYMENTS, payment)
    for _ in range(2):
        an_hour_later(money)
    assert money.groups() == []
    assert money.cases() == []
    assert money.reported() == set()


# Trouble


def test_a_missed_hour_is_caught_up(money: Money) -> None:
    [invoice] = switched_on(money)
    for day in range(5):
        money.pay({money.remote(invoice): "10"}, PAID + timedelta(days=day))
        money.world.clock.advance(timedelta(hours=7))
    assert money.export()["documents"]["created"] == 5
    assert len(money.groups()) == 5


def test_the_budget_is_gone_and_the_next_run_catches_up(money: Money) -> None:
    [invoice] = switched_on(money)
    money.pay({money.remote(invoice): "24"}, PAID)
    money.world.clock.advance(HOUR)
    money.world.limits = Limits(per_minute=60, per_day=0)
    with pytest.raises(BudgetExhausted):
        money.export()
    money.world.limits = NO_LIMITS
    money.pay({money.remote(invoice): "30"}, PAID)
    assert an_hour_later(money)["documents"]["created"] == 2


@pytest.mark.parametrize("status", [400, 429])
def test_what_scoro_refuses_goes_with_a_later_run(money: Money, status: int) -> None:
    [invoice] = switched_on(money)
    payment = money.pay({money.remote(invoice): "24"}, PAID)
    money.world.scoro.faults.add(Fault(FaultKind.STATUS, where=RECEIPTS, status=status))
    if status == 429:
        with pytest.raises(LimitReached):
            an_hour_later(money)
    else:
        summary = an_hour_later(money)
        assert money.cases() == [("export_payments", payment, "refused_by_scoro")]
        assert "Scoro refused it" in said(summary)
    assert money.in_doubt() == []
    assert an_hour_later(money)["documents"]["created"] == 1
    assert len(money.groups()) == 1
    assert money.cases() == []


LOST = [
    FaultKind.DROP_BEFORE,
    FaultKind.DROP_AFTER,
    FaultKind.STATUS,
    FaultKind.STATUS_AFTER,
    FaultKind.TRUNCATED,
    FaultKind.HTML,
]


def test_a_lost_answer_is_looked_for(money: Money) -> None:
    [invoice] = switched_on(money, "1000")
    for done, kind in enumerate(LOST, start=1):
        payment = money.pay({money.remote(invoice): "24"}, PAID + timedelta(days=done))
        money.world.scoro.faults.add(Fault(kind, where=RECEIPTS, status=500))
        summary = an_hour_later(money)
        assert summary["documents"]["in_doubt"] == 1, kind
        assert summary["in_doubt"]
        # At once: nothing is sent again before it can be known; nothing comes in meanwhile either.
        money.world.clock.advance(timedelta(minutes=5))
        money.import_payments(PAID, PAID + timedelta(days=done))
        money.export()
        assert len(money.groups()) <= done
        assert len(money.payments()) == done
        an_hour_later(money)
        assert len(money.groups()) == done, kind
        assert money.pairs()[str(money.groups()[-1]["id"])] == payment
        assert money.in_doubt() == []
    money.import_payments(PAID, PAID + timedelta(days=len(LOST)))
    assert len(money.payments()) == len(money.groups()) == len(LOST)
    assert money.reported() == set()
    assert money.cases() == []


def test_an_answer_that_comes_late_is_adopted_once(money: Money) -> None:
    [invoice] = switched_on(money)
    payment = money.pay({money.remote(invoice): "24"}, PAID)
    money.world.scoro.faults.add(Fault(FaultKind.LATE, where=RECEIPTS))
    an_hour_later(money)
    money.world.clock.advance(timedelta(minutes=10))
    assert money.export()["documents"]["in_doubt"] == 1
    assert money.world.scoro.apply_late() == 1
    money.world.clock.advance(timedelta(minutes=10))
    assert money.export()["documents"]["created"] == 1
    [group] = money.groups()
    assert money.pairs() == {str(group["id"]): payment}


def test_a_receipt_in_doubt_waits_at_the_import_and_settles_in_the_next_export(money: Money) -> None:
    [invoice] = switched_on(money)
    payment = money.pay({money.remote(invoice): "24"}, PAID)
    money.world.scoro.faults.add(Fault(FaultKind.DROP_AFTER, where=RECEIPTS))
    an_hour_later(money)
    summary = money.import_payments(PAID, PAID)
    assert summary["documents"]["created"] == 0
    assert len(money.payments()) == 1
    an_hour_later(money)
    assert list(money.pairs().values()) == [payment]
    assert money.waits() == {}


def test_an_import_of_other_days_does_not_say_that_it_is_absent(money: Money) -> None:
    [invoice] = switched_on(money)
    payment = money.pay({money.remote(invoice): "24"}, PAID)
    money.world.scoro.faults.add(Fault(FaultKind.DROP_AFTER, where=RECEIPTS))
    an_hour_later(money)
    money.world.clock.advance(timedelta(minutes=40))
    money.import_payments(date(2026, 2, 1), date(2026, 2, 2))
    assert money.in_doubt() == [payment]
    an_hour_later(money)
    with money.world.engine.connect() as connection:
        states = list(connection.execute(select(intent.c.state).where(intent.c.kind == "receipt")).scalars())
    assert states == ["done"]
    assert len(money.groups()) == 1


def test_two_equal_new_groups_go_to_a_person(money: Money) -> None:
    [invoice] = switched_on(money)
    payment = money.pay({money.remote(invoice): "24"}, PAID)
    money.world.scoro.faults.add(Fault(FaultKind.DROP_AFTER, where=RECEIPTS))
    an_hour_later(money)
    # Somebody enters it by hand too.
    extra = money.receive("invoices", {invoice: "24"}, PAID)
    summary = an_hour_later(money)
    assert money.cases() == [("export_payments", payment, "receipt_in_doubt")]
    assert "Delete those in Scoro that are too many" in said(summary)
    assert money.import_payments(PAID, PAID)["documents"]["created"] == 0
    assert len(money.payments()) == 1
    money.world.site.delete("receipts", extra)
    an_hour_later(money)
    [group] = money.groups()
    assert money.pairs() == {str(group["id"]): payment}
    assert money.cases() == []


def test_two_equal_payments_in_doubt_are_two_receipts(money: Money) -> None:
    [invoice] = switched_on(money)
    payments = {money.pay({money.remote(invoice): "24"}, PAID) for _ in range(2)}
    money.world.scoro.faults.add(Fault(FaultKind.DROP_AFTER, where=RECEIPTS, times=2))
    for _ in range(3):
        an_hour_later(money)
    assert len(money.groups()) == 2
    assert set(money.pairs().values()) == payments
    assert money.cases() == []


def test_scoro_is_down_for_all(money: Money) -> None:
    [invoice] = switched_on(money, "1000")
    for _ in range(6):
        money.pay({money.remote(invoice): "24"}, PAID)
    money.world.scoro.faults.add(Fault(FaultKind.STATUS, where=RECEIPTS, status=503, times=3))
    with pytest.raises(TransientError, match="3 requests in a row"):
        an_hour_later(money)
    assert len(money.in_doubt()) == 3
    for _ in range(2):
        an_hour_later(money)
    assert len(money.groups()) == 6
    assert money.in_doubt() == []


def test_requests_of_a_run_are_one_a_payment_and_a_few(money: Money) -> None:
    [invoice] = switched_on(money, "1000")
    for _ in range(20):
        money.pay({money.remote(invoice): "10"}, PAID)
    money.world.clock.advance(HOUR)
    money.world.server.calls.clear()
    money.world.scoro.calls.clear()
    assert money.export()["documents"]["created"] == 20
    assert len(money.world.calls()) <= 3
    assert len(money.world.receipts_written()) == 20
    assert len(money.world.scoro.calls) <= 20 + 8


def test_a_prepayment_drawn_in_both_systems_is_not_money_again(money: Money) -> None:
    """Scoro's invoice draws on the prepayment invoice; SmartAccounts' bookkeeper settles the one with the other."""
    prepayment = money.enter_prepayment(DAY, "40")
    invoice = money.enter(DAY, "100", prepayment_id=[prepayment], prepayment_sum="49.60")
    switched_on(money, "5")
    money.receive("prepayments", {prepayment: None}, PAID)
    money.import_payments(PAID, PAID)
    [held] = money.payments()
    rows = [
        {"type": "CLIENT_INVOICE", "id": money.remote(invoice), "amount": "49.60"},
        {"type": "PREPAYMENT_PAYMENT", "id": held["id"], "amount": "49.60"},
    ]
    money.pay({money.remote(invoice): None}, PAID, account="Tasaarveldus", rows=rows)
    summary = an_hour_later(money)
    assert len(money.groups()) == 1
    assert summary["documents"]["not_ours"] == 1
    assert an_hour_later(money)["documents"]["created"] == 0
    # The money that is still missing goes.
    money.pay({money.remote(invoice): "74.40"}, PAID)
    an_hour_later(money)
    assert sorted(group["sum"] for group in money.groups()) == [Decimal("49.60"), Decimal("74.40")]
    assert money.cases() == []


def test_plans_that_waited_look_at_both_sides_again(money: Money) -> None:
    """Between plan and load a person enters one payment in Scoro, and deletes the other in SmartAccounts."""
    first, second, third = switched_on(money, "100", "50", "25")
    paid = {name: money.pay({money.remote(name): None}, PAID) for name in (first, second, third)}
    money.world.clock.advance(HOUR)
    request = money.world.request(PAID, PAID, flow=Flow.EXPORT_PAYMENTS, kind=RunKind.SCHEDULED)
    services = money.world.services(request)
    pipeline.extract(request, services)
    pipeline.reconcile_and_plan(request, services)
    money.receive("invoices", {first: None}, PAID)
    money.world.books.remove(PAYMENTS, paid[second])
    money.world.clock.advance(2 * HOUR)
    pipeline.load(request, services)
    assert money.writes()[1] == 1
    assert sorted(group["sum"] for group in money.groups()) == [Decimal(31), Decimal(124)]
    assert money.open_in_scoro(str(second)) == Decimal(62)
    assert paid[first] in money.pairs().values()
