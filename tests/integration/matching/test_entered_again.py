"""Room matching/payments. Money whose receipt went away in Scoro and was entered again there: it stands in the books
once, whatever changed."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from scoro_smartaccounts import pipeline
from scoro_smartaccounts.common.company import Mode
from scoro_smartaccounts.common.documents import Flow
from tests.integration.killed import run_and_kill
from tests.integration.money import PAYMENTS, Money, said
from tests.integration.world import World

DAY = date(2026, 1, 15)
PAID = date(2026, 1, 20)
LATER = date(2026, 1, 22)
MUCH_LATER = date(2026, 2, 2)
CASH = 1
SALES, PURCHASES = Flow.SALES_INVOICES, Flow.PURCHASE_INVOICES
MODULES = {SALES: "invoices", PURCHASES: "bills"}


@pytest.fixture
def money(world: World) -> Money:
    return Money(world)


def an_hour(money: Money) -> None:
    money.world.clock.advance(timedelta(hours=1))


def paid(money: Money, flow: Flow = SALES, net: str = "100", amount: str | None = None) -> tuple[int, int]:
    """A document and its receipt, both in the books; the receipt is deleted in Scoro."""
    document = money.enter(DAY, net, flow=flow)
    group = money.receive(MODULES[flow], {document: amount}, PAID)
    money.import_documents(DAY, DAY, flow)
    money.import_payments(PAID, PAID)
    assert len(money.payments()) == 1
    an_hour(money)
    money.world.site.delete("receipts", group)
    return document, group


def amounts(money: Money) -> list[tuple[str, Decimal]]:
    """Account and amount of SmartAccounts' payments."""
    return [(row["accountName"], Decimal(str(row["amount"]))) for row in money.payments()]


def agree(money: Money, document: int, flow: Flow = SALES) -> None:
    """Both sides say the same of what is open."""
    assert money.open_in_books(flow)[money.remote(document, flow)] == money.open_in_scoro(str(document), flow)


@pytest.mark.parametrize("flow", [SALES, PURCHASES])
def test_entered_again_on_another_account_is_the_same_money(money: Money, flow: Flow) -> None:
    document, _ = paid(money, flow)
    second = money.receive(MODULES[flow], {document: None}, PAID, account_id=CASH)
    told = money.import_payments(PAID, PAID)
    assert len(money.payments()) == 1
    assert money.outcome(second, told["run"]) == "adopted"
    assert "It differs in the account (LHV instead of Kassa)" in said(told)
    assert f"stands for payment {second} of 20.01.2026 of Scoro now. Nothing is to be done." in said(told)
    assert money.cases() == []
    agree(money, document, flow)
    assert money.import_payments(PAID, PAID)["documents"]["already_there"] == 1


@pytest.mark.parametrize("day", [LATER, MUCH_LATER])
def test_entered_again_on_another_day_is_the_same_money(money: Money, day: date) -> None:
    document, _ = paid(money)
    second = money.receive("invoices", {document: None}, day)
    # Nothing of the first one's day is read by this run.
    told = money.import_payments(day, day)
    assert len(money.payments()) == 1
    assert money.outcome(second, told["run"]) == "adopted"
    assert f"the day (20.01.2026 instead of {day:%d.%m.%Y})" in said(told)
    agree(money, document)


@pytest.mark.parametrize("is_another", [False, True])
def test_entered_again_on_a_day_alone_where_there_is_room(money: Money, is_another: bool) -> None:
    """A run by hand over the new day only: nothing but the equal money tells that the first receipt is gone."""
    document, _ = paid(money, net="500", amount="124")
    if is_another:
        document = money.enter(DAY, "100")
        money.import_documents(DAY, DAY)
    second = money.receive("invoices", {document: "124"}, LATER)
    money.import_payments(LATER, LATER, is_range=True)
    assert [amount for _, amount in amounts(money)] == [124]
    if is_another:
        assert [code for _, _, code in money.cases()] == ["possible_duplicate"]
    else:
        assert money.pairs().keys() >= {str(second)}


def halves(money: Money, document: int) -> list[int]:
    return [money.receive("invoices", {document: "62"}, PAID) for _ in range(2)]


def of_another(money: Money, document: int) -> list[int]:
    other = money.enter(DAY, "100")
    money.import_documents(DAY, DAY)
    return [money.receive("invoices", {other: None}, PAID)]


def of_another_client(money: Money, document: int) -> list[int]:
    other = money.enter(DAY, "100", partner=money.partner("19000036"))
    money.import_documents(DAY, DAY)
    return [money.receive("invoices", {other: None}, LATER)]


AGAIN = [halves, of_another, of_another_client]


@pytest.mark.parametrize("again", AGAIN)
@pytest.mark.parametrize("net", ["100", "500"])
def test_entered_again_in_another_way_is_asked_about(money: Money, again: Any, net: str) -> None:
    """Also where the invoice has room for both."""
    document, _ = paid(money, net=net, amount="124")
    [payment] = money.payments()
    groups = again(money, document)
    told = money.import_payments(PAID, LATER)
    assert len(money.payments()) == 1
    assert money.cases() == [("payments", str(group), "possible_duplicate") for group in groups]
    for group in groups:
        assert f"Payment {group} of " in said(told)
    assert f"may be the money of payment {payment['number']} of 20.01.2026 in SmartAccounts" in said(told)


@pytest.mark.parametrize("again", AGAIN)
def test_with_the_payment_deleted_it_is_booked(money: Money, again: Any) -> None:
    document, _ = paid(money)
    groups = again(money, document)
    money.import_payments(PAID, LATER)
    money.world.books.remove(PAYMENTS, money.payments()[0]["id"])
    an_hour(money)
    money.import_payments_of_yesterday()
    assert len(money.payments()) == len(groups)
    assert money.cases() == []
    for each in money.documents():
        agree(money, int(each))


def test_as_other_money_it_is_booked_too(money: Money) -> None:
    document, _ = paid(money, net="500", amount="124")
    groups = halves(money, document)
    money.import_payments(PAID, PAID)
    for group in groups:
        money.retry(group)
    money.import_payments_of_yesterday()
    assert sorted(amount for _, amount in amounts(money)) == [62, 62, 124]
    assert money.cases() == []
    # It is not asked again.
    assert money.import_payments_of_yesterday()["documents"]["quarantined"] == 0


def test_a_payment_deleted_as_the_report_said_is_booked_anew(money: Money) -> None:
    """The report of the deleted receipt asked for it; the new receipt had taken the payment meanwhile."""
    document, _ = paid(money)
    assert "in SmartAccounts too, or enter it again in Scoro" in said(money.import_payments(PAID, PAID))
    second = money.receive("invoices", {document: None}, LATER, account_id=CASH)
    money.import_payments(LATER, LATER)
    assert set(money.pairs()) == {str(second)}
    money.world.books.remove(PAYMENTS, money.payments()[0]["id"])
    an_hour(money)
    told = money.import_payments_of_yesterday()
    assert amounts(money) == [("Kassa", Decimal(124))]
    assert told["documents"]["created"] == 1
    agree(money, document)
    assert money.import_payments_of_yesterday()["documents"]["created"] == 0


def test_a_prepayment_entered_again_is_the_same_money(money: Money) -> None:
    money.enter(DAY, "10")
    money.import_documents(DAY, DAY)
    prepayment = money.enter_prepayment(DAY, "100")
    fields = {"contact_id": money.partner()}
    group = money.receive("prepayments", {prepayment: None}, PAID, **fields)
    money.import_payments(PAID, PAID)
    assert len(money.payments()) == 1
    an_hour(money)
    money.world.site.delete("receipts", group)
    second = money.receive("prepayments", {prepayment: None}, PAID, **fields)
    told = money.import_payments(PAID, PAID)
    assert len(money.payments()) == 1
    assert money.outcome(second, told["run"]) == "adopted"


def test_a_second_payment_of_the_whole_stays_a_prepayment(money: Money) -> None:
    """Nothing went away: the client paid twice."""
    invoice = money.enter(DAY, "100")
    money.receive("invoices", {invoice: None}, PAID)
    money.receive("invoices", {invoice: "124"}, LATER)
    money.import_documents(DAY, DAY)
    money.import_payments(PAID, PAID)
    told = money.import_payments(LATER, LATER)
    assert [amount for _, amount in amounts(money)] == [124, 124]
    assert "is overpaid by 124.00, booked as a prepayment" in said(told)


# The other direction: the payment is deleted in SmartAccounts and entered again there


@pytest.fixture
def exported(money: Money) -> tuple[Money, int, int]:
    """An invoice of 620.00, and the receipt of 124.00 of a payment that was deleted in SmartAccounts since."""
    money.switch_export(on=True)
    invoice = money.enter(DAY, "500")
    money.import_documents(DAY, DAY)
    money.export()
    payment = money.pay({money.remote(invoice): "124"}, PAID)
    an_hour(money)
    money.export()
    [group] = money.groups()
    an_hour(money)
    money.world.books.remove(PAYMENTS, payment)
    return money, invoice, int(group["id"])


def test_in_halves_it_is_asked_about_although_there_is_room(exported: tuple[Money, int, int]) -> None:
    money, invoice, group = exported
    halves = [money.pay({money.remote(invoice): "62"}, PAID) for _ in range(2)]
    an_hour(money)
    told = money.export()
    assert [row["id"] for row in money.groups()] == [group]
    assert sorted(money.cases()) == sorted(("export_payments", half, "possible_duplicate") for half in halves)
    assert f"may be in Scoro already: payment {group} of 20.01.2026 pays the same documents" in said(told)
    # As other money they go.
    for half in halves:
        money.retry(half)
    an_hour(money)
    money.export()
    assert len(money.groups()) == 3
    assert money.cases() == []


def test_as_the_same_money_it_stays(exported: tuple[Money, int, int]) -> None:
    money, invoice, _ = exported
    halves = [money.pay({money.remote(invoice): "62"}, PAID) for _ in range(2)]
    an_hour(money)
    money.export()
    for half in halves:
        money.dismiss(half)
    an_hour(money)
    money.export()
    assert len(money.groups()) == 1
    agree(money, invoice)


def test_with_the_receipt_deleted_too_it_goes_to_scoro(exported: tuple[Money, int, int]) -> None:
    """As the report of the deleted payment asks."""
    money, invoice, group = exported
    for _ in range(2):
        money.pay({money.remote(invoice): "62"}, PAID)
    an_hour(money)
    money.export()
    money.world.site.delete("receipts", group)
    an_hour(money)
    money.export()
    assert sorted(Decimal(str(row["sum"])) for row in money.groups()) == [62, 62]
    assert money.cases() == []
    agree(money, invoice)


@pytest.mark.parametrize("first", ["Scoro", "SmartAccounts"])
def test_a_change_made_on_both_sides_asks_for_nothing_more(money: Money, first: str) -> None:
    """As the report of the first change asks."""
    invoice = money.enter(DAY, "100")
    group = money.receive("invoices", {invoice: "24"}, PAID)
    money.import_documents(DAY, DAY)
    money.import_payments(PAID, PAID)
    [payment] = money.payments()

    def in_scoro() -> None:
        fields = {"date": LATER.isoformat(), "sum": "30", "receipts": [{"invoice_id": invoice, "sum": "30"}]}
        money.world.site.modify("receipts", group, fields)

    def in_books() -> None:
        rows = [{"type": "CLIENT_INVOICE", "id": money.remote(invoice), "amount": "30"}]
        money.world.books.change(PAYMENTS, payment["id"], date=f"{LATER:%d.%m.%Y}", rows=rows)

    steps = [in_scoro, in_books] if first == "Scoro" else [in_books, in_scoro]
    for step, asked in zip(steps, (True, False), strict=True):
        an_hour(money)
        step()
        an_hour(money)
        text = said(money.import_payments(PAID, LATER))
        assert ("in the same way" in text) is asked, text
        assert ("both say the same now" in text) is not asked
    assert money.import_payments(PAID, LATER)["later_changes"] == []


# Payments that SmartAccounts deleted


def without_payment(money: Money, flow: Flow = SALES) -> tuple[int, int]:
    """A document and its receipt, both in the books until the payment was deleted there."""
    document = money.enter(DAY, "100", flow=flow)
    group = money.receive(MODULES[flow], {document: None}, PAID)
    money.import_documents(DAY, DAY, flow)
    money.import_payments(PAID, PAID)
    [payment] = money.payments()
    an_hour(money)
    money.world.books.remove(PAYMENTS, payment["id"])
    return document, group


@pytest.mark.parametrize("flow", [SALES, PURCHASES])
def test_imported_again_without_its_payment_it_is_asked_about(money: Money, flow: Flow) -> None:
    document, group = without_payment(money, flow)
    told = money.import_payments(PAID, PAID)
    assert money.cases() == [("payments", str(group), "payment_gone")]
    assert "which stood for it in SmartAccounts, was deleted there" in said(told)
    for _ in range(2):
        money.export()
        money.import_payments_of_yesterday()
    assert money.cases() == [("payments", str(group), "payment_gone")]
    assert money.payments() == []
    money.retry(group)
    assert money.import_payments_of_yesterday()["documents"]["created"] == 1
    for _ in range(2):
        money.import_payments_of_yesterday()
    assert money.import_payments(PAID, PAID)["documents"]["already_there"] == 1
    assert len(money.payments()) == 1
    assert money.cases() == []
    agree(money, document, flow)
    # A second time it is asked a second time.
    an_hour(money)
    money.world.books.remove(PAYMENTS, money.payments()[0]["id"])
    money.import_payments(PAID, PAID)
    assert money.cases() == [("payments", str(group), "payment_gone")]
    assert money.payments() == []


def test_a_run_of_other_days_asks_nothing(money: Money) -> None:
    without_payment(money)
    money.world.clock.advance(timedelta(days=10))
    for _ in range(2):
        money.import_payments_of_yesterday()
    money.import_payments(LATER, LATER)
    assert money.cases() == []
    assert money.payments() == []


def test_dismissed_without_its_payment_it_stays_so(money: Money) -> None:
    _, group = without_payment(money)
    money.import_payments(PAID, PAID)
    money.dismiss(group)
    for _ in range(2):
        money.import_payments_of_yesterday()
    told = money.import_payments(PAID, PAID)
    assert money.outcome(group, told["run"]) == "dismissed"
    assert money.payments() == []
    assert money.cases() == []


@pytest.mark.parametrize("is_asked", [False, True])
def test_a_payment_entered_again_there_is_linked(money: Money, is_asked: bool) -> None:
    document, group = without_payment(money)
    if is_asked:
        money.import_payments(PAID, PAID)
    again = money.pay({money.remote(document): None}, PAID)
    told = money.import_payments_of_yesterday() if is_asked else money.import_payments(PAID, PAID)
    assert money.pairs() == {str(group): again}
    assert money.outcome(group, told["run"]) == "adopted"
    assert money.cases() == []
    assert len(money.payments()) == 1


def test_killed_anywhere_a_payment_is_booked_again_once(money: Money, stride: int) -> None:
    document, group = without_payment(money)
    money.import_payments(PAID, PAID)
    money.retry(group)
    world = money.world
    request = world.request(PAID, PAID, flow=Flow.PAYMENTS)
    pipeline.extract(request, world.services(request))
    killed = 0
    for step in (pipeline.reconcile_and_plan, pipeline.load):
        at = 0
        while run_and_kill(world, request, step, at):
            at += stride
        killed += at
    assert killed > 10
    world.clock.advance(timedelta(hours=1))
    pipeline.reconcile_and_plan(request, world.services(request))
    pipeline.load(request, world.services(request))
    money.import_payments_of_yesterday()
    assert len(money.payments()) == 1
    assert money.cases() == []
    agree(money, document)


def test_a_preview_decides_nothing_about_a_payment(money: Money) -> None:
    _, group = without_payment(money)
    money.import_payments(PAID, PAID, mode=Mode.PREVIEW)
    assert money.cases() == [("payments", str(group), "payment_gone")]
    money.retry(group)
    told = money.import_payments(PAID, PAID, mode=Mode.PREVIEW)
    assert money.outcome(group, told["run"]) == "planned"
    assert money.payments() == []
    assert money.import_payments_of_yesterday()["documents"]["created"] == 1
    assert len(money.payments()) == 1
