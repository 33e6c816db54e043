"""SmartAccounts may show payments as they were written or with the sign of the money: the books are right both ways."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlalchemy import delete, select

from scoro_smartaccounts.documents import Flow
from scoro_smartaccounts.reconcile.payment_signs import KEY
from scoro_smartaccounts.staging.schema import assumption_state
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


def booked(money: Money, net: str, flow: Flow = BILLS, **more: object) -> tuple[int, str]:
    """A document in both systems: its id in Scoro and in SmartAccounts."""
    number = money.enter(DAY, net, flow=flow, **more)
    money.import_documents(DAY, DAY, flow)
    return number, money.remote(number, flow)


def reading(money: Money) -> str | None:
    with money.world.engine.connect() as connection:
        return connection.scalar(select(assumption_state.c.reading).where(assumption_state.c.key == KEY))


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


@SHOWN
@pytest.mark.parametrize("enter", [refund, netting, paid_too_much])
def test_nothing_is_taken_for_booked_differently_or_changed(
    money: Money, enter: Callable[[Money], None], shown: str
) -> None:
    show(money, shown)
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


def test_a_row_that_takes_something_back_stays_negative(money: Money) -> None:
    """Written as magnitudes, a negative row is no payment: it is asked about."""
    money.switch_export(on=True)
    remotes = [booked(money, "100", no=number)[1] for number in ("A-1", "A-2", "A-3")]
    money.export()
    *_, odd = [money.pay({remote: "60"}, PAID) for remote in remotes]
    money.world.books.records["purchasesales/payments"][odd]["rows"][0]["amount"] *= -1
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
