"""Room mirror. SmartAccounts may show payments as they were written or with the sign of the money: the books are
right both ways."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import delete, select

from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.mirror.payment_signs import KEY
from scoro_smartaccounts.staging.schema import assumption_state, remote_payment_row
from tests.integration.money import Money
from tests.integration.world import World

DAY, PAID = date(2026, 1, 15), date(2026, 1, 20)
BILLS = Flow.PURCHASE_INVOICES
SHOWN = pytest.mark.parametrize("shown", ["magnitudes", "signed_amount", "signed"])


@pytest.fixture
def money(world: World) -> Money:
    return Money(world)


def show(money: Money, shown: str) -> None:
    money.world.books.switches.change({"payments_shown": shown})


def booked(money: Money, net: str, flow: Flow = BILLS, **more: Any) -> tuple[int, str]:
    """A document in both systems: its id in Scoro and in SmartAccounts."""
    number = money.enter(DAY, net, flow=flow, **more)
    money.import_documents(DAY, DAY, flow)
    return number, money.remote(number, flow)


def reading(money: Money) -> str | None:
    with money.world.engine.connect() as connection:
        return connection.scalar(select(assumption_state.c.reading).where(assumption_state.c.key == KEY))


def mirrored(money: Money, payment: str) -> list[Decimal]:
    """What the mirror holds of a payment's rows."""
    row = remote_payment_row.c
    with money.world.engine.connect() as connection:
        return list(connection.scalars(select(row.amount).where(row.remote_id == payment).order_by(row.position)))


def takes_back(money: Money, payment: str) -> None:
    """Turn the sign of a payment's only row."""
    money.world.books.records["purchasesales/payments"][payment]["rows"][0]["amount"] *= -1


def enter_by_hand(money: Money, like: str, net: str, number: str) -> str:
    """A bill in SmartAccounts only, of the vendor that another is of; its id there."""
    vendor = money.world.books.records["purchasesales/vendorinvoices"][like]["vendorId"]
    amounts = {"amount": Decimal(net), "vatAmount": Decimal(net) * Decimal("0.24")}
    row = {"code": "MUU", "description": "Töö", "price": net.lstrip("-"), "quantity": "1", "vatPc": "24"}
    row["quantity"] = "-1" if net.startswith("-") else "1"
    day = f"{DAY:%d.%m.%Y}"
    body = {"vendorId": vendor, "date": day, "dueDate": day, "entryDate": day, "invoiceNumber": number}
    body |= {"currency": "EUR", "rows": [row], "totalAmount": str(sum(amounts.values()))}
    body |= {name: str(amount) for name, amount in amounts.items()}
    return money.world.books.seed("purchasesales/vendorinvoices", body)


@SHOWN
def test_the_banks_own_payment_of_a_bill_is_not_booked_again(money: Money, shown: str) -> None:
    show(money, shown)
    bill, remote = booked(money, "100", no="A-1")
    payment = money.pay({remote: None}, PAID)
    group = money.receive("bills", {bill: None}, PAID)
    summary = money.import_payments(PAID, PAID)
    assert summary["documents"]["adopted"] == 1
    assert summary["alarms"] == []
    assert money.pairs() == {str(group): payment}
    assert reading(money) == ("signed" if shown == "signed" else "magnitudes")


@SHOWN
def test_a_payment_of_a_bill_goes_to_scoro(money: Money, shown: str) -> None:
    show(money, shown)
    money.switch_export(on=True)
    bill, remote = booked(money, "100", no="A-1")
    money.export()
    money.pay({remote: "50"}, PAID)
    money.export()
    assert money.open_in_scoro(str(bill), BILLS) == 74
    before = money.writes()
    money.export()
    assert money.writes() == before


def refund(money: Money) -> None:
    invoice = money.enter(DAY, "100")
    credit = money.enter(DAY, "-20", credited_invoices=[invoice])
    money.receive("invoices", {credit: "-24.80"}, PAID)
    money.import_documents(DAY, DAY)


def netting(money: Money) -> None:
    invoice = money.enter(DAY, "100")
    credit = money.enter(DAY, "-20", credited_invoices=[invoice])
    money.receive("invoices", {invoice: "124", credit: "-24.80"}, PAID)
    money.import_documents(DAY, DAY)


def paid_too_much(money: Money) -> None:
    bill, _ = booked(money, "100", no="A-1")
    money.receive("bills", {bill: "130"}, PAID)


@pytest.mark.parametrize(
    ("shown", "document"),
    [("magnitudes", "whole"), ("signed_amount", "whole"), ("signed", "whole"), ("signed", "hidden")],
)
@pytest.mark.parametrize("enter", [refund, netting, paid_too_much])
def test_nothing_is_taken_for_booked_differently_or_changed(
    money: Money, enter: Callable[[Money], None], shown: str, document: str
) -> None:
    show(money, shown)
    money.world.books.switches.change({"payment_document": document})
    enter(money)
    for _ in range(2):
        summary = money.import_payments(PAID, PAID)
        assert summary["alarms"] == []
        money.world.clock.advance(timedelta(hours=1))
    assert money.cases() == []
    assert money.reported() == set()
    assert summary["documents"]["created"] == 0


def test_what_we_booked_ourselves_outweighs_what_suppliers_gave_back(money: Money) -> None:
    """With signs, money that comes back from a supplier is positive: the first payments seen tell the wrong thing."""
    show(money, "signed")
    for number in ("A-1", "A-2"):
        _, remote = booked(money, "-20", no=number)
        money.pay({remote: None}, PAID)
    bill, remote = booked(money, "100", no="A-3")
    money.import_payments(PAID, PAID)
    paid = money.pay({remote: "60"}, PAID)
    money.receive("bills", {bill: "60"}, PAID)
    money.import_payments(PAID, PAID)
    assert list(money.pairs().values()) == [paid]
    assert reading(money) == "signed"


@pytest.mark.parametrize("document", ["whole", "cut", "hidden"])
def test_what_we_booked_ourselves_is_known_without_its_marker(money: Money, document: str) -> None:
    """It outweighs more rows that take something back, wherever SmartAccounts shows what we wrote."""
    show(money, "signed")
    money.world.books.switches.change({"payment_document": document})
    for number in ("A-1", "A-2"):
        takes_back(money, money.pay({booked(money, "100", no=number)[1]: "60"}, PAID))
    ours, _ = booked(money, "100", no="A-3")
    money.receive("bills", {ours: None}, PAID)
    assert money.import_payments(PAID, PAID)["documents"]["created"] == 1
    bill, remote = booked(money, "100", no="A-4")
    paid = money.pay({remote: None}, PAID)
    group = money.receive("bills", {bill: None}, PAID)
    summary = money.import_payments(PAID, PAID)
    assert reading(money) == "signed"
    assert (summary["documents"]["created"], money.pairs()[str(group)]) == (0, paid)
    assert money.reported() == set()


def test_rows_on_documents_that_are_not_known_prove_nothing(money: Money) -> None:
    """They may be payments of credit bills, which somebody entered in SmartAccounts only."""
    bill, remote = booked(money, "100", no="A-1")
    for number in ("K-1", "K-2"):
        takes_back(money, money.pay({enter_by_hand(money, remote, "-20", number): None}, PAID))
    money.import_payments(PAID, PAID)
    assert reading(money) == "unknown"
    paid = money.pay({remote: "100"}, PAID)
    group = money.receive("bills", {bill: "100"}, PAID)
    summary = money.import_payments(PAID, PAID)
    assert reading(money) == "magnitudes"
    assert mirrored(money, paid) == [100]
    assert (summary["documents"]["created"], money.pairs()) == (0, {str(group): paid})


@SHOWN
def test_documents_that_become_known_after_their_payments_tell_then(money: Money, shown: str) -> None:
    """The payment was read when nobody knew whether its bill is a credit."""
    show(money, shown)
    _, remote = booked(money, "10", no="A-1")
    by_hand = enter_by_hand(money, remote, "100", "B-1")
    paid = money.pay({by_hand: None}, PAID)
    money.import_payments(PAID, PAID)
    assert reading(money) == "unknown"
    bill, found = booked(money, "100", no="B-1")
    assert found == by_hand
    money.world.clock.advance(timedelta(hours=1))
    group = money.receive("bills", {bill: None}, PAID)
    summary = money.import_payments(PAID, PAID)
    assert reading(money) == ("signed" if shown == "signed" else "magnitudes")
    assert mirrored(money, paid) == [124]
    assert (summary["documents"]["created"], money.pairs()) == (0, {str(group): paid})
    assert money.reported() == set()


def test_a_row_that_takes_something_back_stays_negative(money: Money) -> None:
    """Written as magnitudes, a negative row is no payment: it is asked about."""
    money.switch_export(on=True)
    remotes = [booked(money, "100", no=number)[1] for number in ("A-1", "A-2", "A-3")]
    money.export()
    *_, odd = [money.pay({remote: "60"}, PAID) for remote in remotes]
    takes_back(money, odd)
    money.world.checked = True
    money.export()
    assert money.cases() == [("export_payments", odd, "row_not_positive")]


@SHOWN
def test_an_upgrade_exports_nothing_old(money: Money, shown: str) -> None:
    """Payments that an earlier version read as they were shown are read again, and are nobody's change."""
    money.switch_export(on=True)
    bill, remote = booked(money, "100", no="A-1")
    money.pay({remote: "50"}, PAID)
    money.export()
    show(money, shown)
    with money.world.engine.begin() as connection:
        connection.execute(delete(assumption_state))
    money.world.clock.advance(timedelta(hours=1))
    before = money.writes()
    money.export()
    assert money.writes() == before
    group = money.receive("bills", {bill: "50"}, PAID)
    summary = money.import_payments(PAID, PAID)
    assert summary["documents"]["adopted"] == 1
    assert str(group) in money.pairs()
