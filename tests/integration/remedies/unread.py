"""Remedies of records that nobody can read, and of those that the program was not written for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from types import ModuleType
from typing import Any

from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.load import documents as load
from scoro_smartaccounts.scoro import wire
from scoro_smartaccounts.transform import invoice as transform
from tests.integration.remedies.cashier import PAYMENT_SERVICE, CashierDesk
from tests.integration.remedies.desk import DAY, PARTNERS, SALES, SERVICES, Desk, Doc, line
from tests.integration.remedies.play import BOTH, Place, Scenario, green, remedy, stuck

STRANGE = Place("strange", checked=True)
STRANGE_PLANS = Place("strange, when planned")
STRANGE_WHEN_SENT = Place("strange, when sent")
UNREAD = Place("unread", last=DAY + timedelta(days=4))
MONEY = Place("money, unread", desk=CashierDesk)
ODD = "Ootamatu"
NO_VALUE = '{"a": [1]}'


@contextmanager
def a_fault(module: ModuleType, name: str, is_theirs: Callable[..., bool]) -> Iterator[None]:
    """What nobody has thought of: a function of the program does not know what to do with some documents."""
    real = getattr(module, name)

    def unprepared(*given: Any, **named: Any) -> Any:
        if is_theirs(*given, **named):
            raise ZeroDivisionError(f"secret {ODD}")
        return real(*given, **named)

    setattr(module, name, unprepared)
    try:
        yield
    finally:
        setattr(module, name, real)


def strange(desk: Desk, doc: Doc, module: ModuleType, name: str, is_theirs: Callable[..., bool]) -> Scenario:
    with a_fault(module, name, is_theirs):
        yield stuck(doc)
    desk.mend(doc, lines=[line()])
    yield green(doc)


@remedy("unexpected", "correct what is unusual about it", STRANGE)
def _(desk: Desk, flow: Flow) -> Scenario:
    doc = desk.enter(flow, line(product_name=ODD))
    yield from strange(desk, doc, wire, "_line", lambda reader, *_, **__: reader.row["product_name"] == ODD)


@remedy("unexpected_when_planned", "correct what is unusual about it", STRANGE_PLANS)
def _(desk: Desk, flow: Flow) -> Scenario:
    doc = desk.enter(flow, line(product_name=ODD))
    yield from strange(desk, doc, transform, "clean", lambda text, *_, **__: ODD in text)


@remedy("unexpected_when_sent", "correct what is unusual about it", STRANGE_WHEN_SENT)
def _(desk: Desk, flow: Flow) -> Scenario:
    doc = desk.enter(flow, line(product_name=ODD))
    yield from strange(desk, doc, load, "_dump", lambda body: ODD in str(body.get("rows")))


@remedy("partner_unread", "correct that field there", UNREAD, *BOTH)
def _(desk: Desk, flow: Flow) -> Scenario:
    contact = desk.contact()
    there = desk.known_as(contact, flow)
    spoiled = desk.world.server.spoiled
    spoiled.put(PARTNERS[flow], there, ("regCode",), NO_VALUE)
    doc = desk.enter(flow, company_id=contact)
    yield stuck(doc)
    spoiled.mend(PARTNERS[flow], there)
    desk.world.books.change(PARTNERS[flow], there)
    yield green(doc)


def day_of_its_own(flow: Flow, *, second: bool = False) -> dict[str, str]:
    day = DAY + timedelta(days=1 + (flow is SALES) + 2 * second)
    return {"date": day.isoformat(), "deadline": day.isoformat()}


@remedy("possible_duplicate.unread", "correct that field there", UNREAD, *BOTH)
def _(desk: Desk, flow: Flow) -> Scenario:
    contact = desk.contact()
    there = desk.known_as(contact, flow)
    doc = desk.enter(flow, company_id=contact, **day_of_its_own(flow))
    dated = ".".join(reversed(day_of_its_own(flow)["date"].split("-")))
    booked = desk.book(flow, there, desk.get(doc)["no"], date=dated)
    spoiled = desk.world.server.spoiled
    spoiled.put(SERVICES[flow], booked, ("totalAmount",), NO_VALUE)
    yield stuck(doc)
    spoiled.mend(SERVICES[flow], booked)
    desk.retry(doc)
    yield green(doc)


@remedy("possible_duplicate.unread", "retry {retried}", UNREAD, *BOTH)
def _(desk: Desk, flow: Flow) -> Scenario:
    contact = desk.contact()
    there = desk.known_as(contact, flow)
    days = day_of_its_own(flow, second=True)
    doc = desk.enter(flow, company_id=contact, **days)
    dated = ".".join(reversed(days["date"].split("-")))
    booked = desk.book(flow, there, f"MUU-{desk.new_number()}", net="3.00", date=dated)
    desk.world.server.spoiled.put(SERVICES[flow], booked, ("invoiceNumber",), NO_VALUE)
    yield stuck(doc)
    desk.retry(doc)
    yield green(doc)


@remedy("possible_duplicate.unread_payment", "correct that field there", MONEY, *BOTH)
def _(desk: CashierDesk, flow: Flow) -> Scenario:
    doc = desk.invoice(flow)
    yield None
    payment = desk.pay({doc: None})
    spoiled = desk.world.server.spoiled
    spoiled.put(PAYMENT_SERVICE, payment.id, ("rows", 0, "amount"), NO_VALUE)
    group = desk.receive({doc: None})
    yield stuck(group)
    spoiled.mend(PAYMENT_SERVICE, payment.id)
    desk.change(payment.id)
    desk.retry(group)
    yield green(doc, group)


@remedy("possible_duplicate.unread_payment", "if it is other money, retry", MONEY, *BOTH)
def _(desk: CashierDesk, flow: Flow) -> Scenario:
    doc = desk.invoice(flow)
    other = desk.invoice(flow, net=str(desk.get(doc)["sum"]))
    yield None
    payment = desk.pay({other: None})
    desk.world.server.spoiled.put(PAYMENT_SERVICE, payment.id, ("rows",), NO_VALUE)
    group = desk.receive({doc: None})
    yield stuck(group)
    desk.retry(group)
    # The payment that cannot be read does not go to Scoro before it can.
    yield green(doc, group)
