"""Room matching/payments. What a person said of money that looks alike holds for the payments that are matched
afterwards, too."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from scoro_smartaccounts.common.documents import Flow
from tests.integration.money import MODULES, PAYMENTS, Money, said
from tests.integration.world import World

DAY = date(2026, 1, 15)
PAID = date(2026, 1, 20)
FLOWS = [Flow.SALES_INVOICES, Flow.PURCHASE_INVOICES]


@pytest.fixture
def money(world: World) -> Money:
    return Money(world)


def two_documents(money: Money, flow: Flow) -> tuple[int, int]:
    """Of 124.00 and 62.00, both in the books."""
    first, second = money.enter(DAY, "100", flow=flow), money.enter(DAY, "50", flow=flow)
    money.import_documents(DAY, DAY, flow)
    return first, second


def asked_about(money: Money, flow: Flow) -> tuple[int, int, int]:
    """A receipt of both documents, of which the bank import booked the part of the first: asked about. The documents
    and the receipt."""
    first, second = two_documents(money, flow)
    money.pay({money.remote(first, flow): "24"}, PAID)
    group = money.receive(MODULES[flow], {first: "24", second: "20"}, PAID)
    money.import_payments(PAID, PAID)
    assert money.cases() == [("payments", str(group), "possible_duplicate")]
    return first, second, group


@pytest.mark.parametrize("flow", FLOWS)
def test_other_money_is_not_linked_when_the_rest_of_it_turns_up(money: Money, flow: Flow) -> None:
    _, second, group = asked_about(money, flow)
    money.retry(group)
    # Before the next run the bank import books the part of the second document.
    money.pay({money.remote(second, flow): "20"}, PAID)
    told = said(money.import_payments(PAID, PAID))
    assert money.pairs() == {}
    assert money.cases() == [("payments", str(group), "possible_duplicate")]
    there = {Decimal(str(row["amount"])): row["number"] for row in money.payments()}
    assert f"already: payment {there[Decimal(20)]} of 20.01.2026 pays" in told
    money.retry(group)
    assert money.import_payments(PAID, PAID)["documents"]["created"] == 1
    assert len(money.payments()) == 3


@pytest.mark.parametrize("flow", FLOWS)
def test_what_was_dismissed_as_the_same_money_takes_no_other(money: Money, flow: Flow) -> None:
    _, second, group = asked_about(money, flow)
    money.dismiss(group)
    # A receipt of its own, and the bank import's payment of it.
    other = money.receive(MODULES[flow], {second: "20"}, PAID)
    payment = money.pay({money.remote(second, flow): "20"}, PAID)
    summary = money.import_payments(PAID, PAID)
    assert money.pairs() == {str(other): payment}
    assert (summary["documents"]["adopted"], summary["documents"]["created"]) == (1, 0)
    assert (len(money.payments()), money.cases()) == (2, [])


def exported(money: Money, flow: Flow) -> tuple[int, int, str]:
    """A payment of both documents in SmartAccounts, of which Scoro holds a receipt of the first one: the export asks.
    The documents and the payment."""
    money.switch_export(on=True)
    first, second = two_documents(money, flow)
    money.export()
    money.world.clock.advance(timedelta(minutes=5))
    payment = money.pay({money.remote(first, flow): "24", money.remote(second, flow): "20"}, PAID)
    money.receive(MODULES[flow], {first: "24"}, PAID)
    money.export()
    assert money.cases() == [("export_payments", payment, "possible_duplicate")]
    return first, second, payment


@pytest.mark.parametrize("flow", FLOWS)
def test_other_money_of_the_books_is_not_linked_when_the_rest_of_it_turns_up(money: Money, flow: Flow) -> None:
    _, second, payment = exported(money, flow)
    money.retry(payment)
    group = money.receive(MODULES[flow], {second: "20"}, PAID)
    money.export()
    assert money.pairs() == {}
    assert money.cases() == [("export_payments", payment, "possible_duplicate")]
    money.retry(payment)
    money.export()
    assert (money.cases(), list(money.pairs().values())) == ([], [payment])
    assert str(group) not in money.pairs()


@pytest.mark.parametrize("flow", FLOWS)
def test_a_payment_that_was_dismissed_as_the_same_money_takes_no_other(money: Money, flow: Flow) -> None:
    _, second, payment = exported(money, flow)
    money.dismiss(payment)
    group = money.receive(MODULES[flow], {second: "20"}, PAID)
    other = money.pay({money.remote(second, flow): "20"}, PAID + timedelta(days=1))
    money.export()
    assert money.pairs() == {str(group): other}
    assert len(money.groups()) == 2


def prepaid(money: Money) -> str:
    """A prepayment of 49.60 that the bank import booked, of the client of the first invoice; its id."""
    body = {
        "date": f"{PAID:%d.%m.%Y}",
        "partnerType": "CLIENT",
        "clientId": money.world.invoices()[0]["clientId"],
        "accountType": "BANK",
        "accountName": "LHV",
        "currency": "EUR",
        "prepayment": {"amount": "49.60", "description": "Ettemaks"},
    }
    return str(money.world.books.seed(PAYMENTS, body))


def test_a_prepayment_that_was_dismissed_as_the_same_money_takes_no_other(money: Money) -> None:
    money.enter(DAY, "100")
    money.import_documents(DAY, DAY)
    prepayment = money.enter_prepayment(DAY, "40")
    both = [prepaid(money) for _ in range(2)]
    first = money.receive("prepayments", {prepayment: None}, PAID)
    money.import_payments(PAID, PAID)
    assert money.cases() == [("payments", str(first), "possible_duplicate")]
    money.dismiss(first)
    for payment in both:
        money.world.books.remove(PAYMENTS, payment)
    # Another receipt, and the bank import's prepayment of it.
    money.world.clock.advance(timedelta(hours=1))
    other = prepaid(money)
    second = money.receive("prepayments", {money.enter_prepayment(DAY, "40"): None}, PAID)
    money.import_payments(PAID, PAID)
    assert money.pairs() == {str(second): other}
    assert len(money.payments()) == 1
