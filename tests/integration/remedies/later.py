"""Remedies of what happened to documents and payments after they were carried over."""

from __future__ import annotations

from typing import Any

from scoro_smartaccounts.common.documents import Flow
from tests.integration.remedies.cashier import PAID, CashierDesk
from tests.integration.remedies.desk import DAY, PURCHASES, SERVICES, Doc, line
from tests.integration.remedies.payments import LATER, MONEY
from tests.integration.remedies.play import BOTH, Part, Scenario, green, remedy, stuck

# Documents


def changed(desk: CashierDesk, flow: Flow) -> Part[tuple[Doc, list[dict[str, Any]]]]:
    """A document that was changed in Scoro after the import; its lines from before."""
    doc = desk.invoice(flow)
    yield None
    lines = desk.get(doc)["lines"]
    desk.mend(doc, lines=[line("700")])
    yield stuck(doc)
    return doc, lines


@remedy("later_change.changed", "change it in SmartAccounts in the same way", MONEY, *BOTH)
def _(desk: CashierDesk, flow: Flow) -> Scenario:
    doc, _ = yield from changed(desk, flow)
    service, key = SERVICES[flow], desk.remote(doc)
    [row] = next(each for each in desk.world.books.state()[service.partition("/")[2]] if each["id"] == key)["rows"]
    names = ("code", "description", "quantity", "vatPc", "accountPurchase")
    body = {name: row[name] for name in names if row.get(name) is not None}
    vat = {"vatAmount": "168"} if flow is PURCHASES else {}
    desk.world.books.change(service, key, rows=[{**body, "price": "700"}], **vat)
    group = desk.receive({doc: None})
    yield green(doc, group)


@remedy("later_change.changed", "undo it in Scoro", MONEY, *BOTH)
def _(desk: CashierDesk, flow: Flow) -> Scenario:
    doc, lines = yield from changed(desk, flow)
    desk.mend(doc, lines=lines)
    group = desk.receive({doc: None})
    yield green(doc, group)


@remedy("later_change.deleted", "delete it there too", MONEY, *BOTH)
def _(desk: CashierDesk, flow: Flow) -> Scenario:
    doc = desk.invoice(flow)
    yield None
    key = desk.remote(doc)
    desk.delete(doc)
    # Lists of later days do not show it.
    desk.run(flow, DAY, DAY)
    yield stuck(doc)
    desk.world.books.remove(SERVICES[flow], key)
    yield green()
    assert key not in desk.world.books.records[SERVICES[flow]]
    assert desk.stuck(doc) is None


@remedy("later_change.missing", "delete it there too", MONEY, *BOTH)
def _(desk: CashierDesk, flow: Flow) -> Scenario:
    doc = desk.invoice(flow)
    yield None
    key = desk.remote(doc)
    desk.world.site.remove(doc.module, int(doc.id))
    desk.run(flow, DAY, DAY)
    yield stuck(doc)
    desk.world.books.remove(SERVICES[flow], key)
    yield green()
    assert key not in desk.world.books.records[SERVICES[flow]]
    assert desk.stuck(doc) is None


# Payments that came from Scoro


def imported(desk: CashierDesk, flow: Flow) -> Part[tuple[Doc, Doc, str]]:
    """A document, a payment of half of it, and the payment of SmartAccounts that stands for it."""
    doc = desk.invoice(flow)
    group = desk.receive({doc: str(desk.total(doc) / 2)})
    yield None
    return doc, group, desk.booked(group)


def half(desk: CashierDesk, doc: Doc) -> str:
    return str(desk.total(doc) / 2)


@remedy("later_change.payment_changed", "change {payments:and} in SmartAccounts in the same way", MONEY, *BOTH)
def _(desk: CashierDesk, flow: Flow) -> Scenario:
    doc, group, payment = yield from imported(desk, flow)
    desk.rewrite(group, {doc: "30"}, date=LATER.isoformat())
    yield stuck(group)
    desk.change_rows(payment, {doc: "30"}, date=f"{LATER:%d.%m.%Y}")
    yield green(doc, group)
    assert desk.told(group) == {"later_change.agree"}


@remedy("later_change.payment_changed", "undo it in Scoro", MONEY, *BOTH)
def _(desk: CashierDesk, flow: Flow) -> Scenario:
    doc, group, _ = yield from imported(desk, flow)
    desk.rewrite(group, {doc: "30"})
    yield stuck(group)
    desk.rewrite(group, {doc: half(desk, doc)})
    yield green(doc, group)


def gone(desk: CashierDesk, flow: Flow, *, trace: bool) -> Part[tuple[Doc, Doc, str]]:
    doc, group, payment = yield from imported(desk, flow)
    if trace:
        desk.world.site.delete("receipts", int(group.id))
    else:
        desk.world.site.remove("receipts", int(group.id))
        desk.run(Flow.PAYMENTS, PAID, PAID)
    yield stuck(group)
    return doc, group, payment


@remedy("later_change.payment_deleted", "delete {payments:and} in SmartAccounts too", MONEY, *BOTH)
def _(desk: CashierDesk, flow: Flow) -> Scenario:
    doc, group, payment = yield from gone(desk, flow, trace=True)
    desk.delete_payment(payment)
    yield green(doc)
    assert desk.told(group) == {"later_change.payment_deleted_in_both"}


@remedy("later_change.payment_deleted", "enter it again in Scoro", MONEY, *BOTH)
def _(desk: CashierDesk, flow: Flow) -> Scenario:
    doc, group, payment = yield from gone(desk, flow, trace=True)
    again = desk.receive({doc: half(desk, doc)})
    yield green(doc, again)
    assert desk.booked(again) == payment
    assert desk.told(group) == {"later_change.payment_replaced"}


@remedy("later_change.payment_missing", "delete {payments:and} in SmartAccounts too", MONEY, *BOTH)
def _(desk: CashierDesk, flow: Flow) -> Scenario:
    doc, group, payment = yield from gone(desk, flow, trace=False)
    desk.delete_payment(payment)
    yield green(doc)
    assert desk.told(group) == {"later_change.payment_missing_in_both"}


@remedy("later_change.payment_missing", "enter it again in Scoro", MONEY, *BOTH)
def _(desk: CashierDesk, flow: Flow) -> Scenario:
    doc, group, payment = yield from gone(desk, flow, trace=False)
    again = desk.receive({doc: half(desk, doc)})
    yield green(doc, again)
    assert desk.booked(again) == payment
    assert desk.told(group) == {"later_change.payment_replaced"}


@remedy("later_change.booking_changed", "change it in Scoro in the same way", MONEY, *BOTH)
def _(desk: CashierDesk, flow: Flow) -> Scenario:
    doc, group, payment = yield from imported(desk, flow)
    desk.change_rows(payment, {doc: "30"})
    yield stuck(group)
    desk.rewrite(group, {doc: "30"})
    yield green(doc, group)
    assert desk.told(group) == {"later_change.agree"}


@remedy("later_change.booking_changed", "undo it in SmartAccounts", MONEY, *BOTH)
def _(desk: CashierDesk, flow: Flow) -> Scenario:
    doc, group, payment = yield from imported(desk, flow)
    desk.change_rows(payment, {doc: "30"})
    yield stuck(group)
    desk.change_rows(payment, {doc: half(desk, doc)})
    yield green(doc, group)


@remedy("later_change.booking_deleted", "delete it in Scoro too", MONEY, *BOTH)
def _(desk: CashierDesk, flow: Flow) -> Scenario:
    doc, group, payment = yield from imported(desk, flow)
    desk.delete_payment(payment)
    yield stuck(group)
    desk.world.site.delete("receipts", int(group.id))
    yield green(doc)


@remedy("later_change.booking_deleted", "enter it again in SmartAccounts", MONEY, *BOTH)
def _(desk: CashierDesk, flow: Flow) -> Scenario:
    doc, group, payment = yield from imported(desk, flow)
    desk.delete_payment(payment)
    yield stuck(group)
    again = desk.pay({doc: half(desk, doc)})
    yield green(doc, group, again)
