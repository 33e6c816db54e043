"""Remedies of what is late for a month that is declared, or closed by the company file."""

from __future__ import annotations

from datetime import date
from typing import Any

from scoro_smartaccounts.common.company import EntryDatePolicy
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.period_policy import PeriodPolicy
from scoro_smartaccounts.common.periods import Said
from scoro_smartaccounts.staging.answers import Choice
from scoro_smartaccounts.staging.periods import say
from scoro_smartaccounts.staging.quarantine import choose
from tests.integration.remedies.cashier import PAID, CashierDesk
from tests.integration.remedies.desk import DAY, PURCHASES, SALES, SERVICES, Desk, Doc
from tests.integration.remedies.play import BOTH, Place, Scenario, green, remedy, stuck

JANUARY = date(2026, 1, 1)
ASKED, ASKED_OF_ALL = Place("declared, asked"), Place("declared, said for all")
DELETED, REOPENED, CHANGED = Place("declared, deleted"), Place("declared, reopened"), Place("declared, changed")
CLOSED = Place("money, closed month", desk=CashierDesk)


def late(desk: Desk, flow: Flow, **rules: Any) -> Doc:
    """A document of January, of which the return is filed: it is March."""
    desk.company(periods=PeriodPolicy.model_validate(rules))
    desk.world.books.save_return(JANUARY)
    return desk.enter(flow)


def book_into(desk: Desk, doc: Doc, choice: Choice) -> None:
    with desk.world.engine.begin() as connection:
        assert choose(connection, desk.world.company.key, [f"id:{doc.id}"], choice, code="period_ask", flow=doc.flow)


def entered(desk: Desk, doc: Doc) -> date:
    found: date = desk.world.books.records[SERVICES[doc.flow]][desk.remote(doc)]["entryDate"]
    return found


@remedy("period_ask", "book it into {month:month} ({month:by_book_into})", ASKED, *BOTH)
def _(desk: Desk, flow: Flow) -> Scenario:
    doc = late(desk, flow, bills={"filed": "ask"})
    yield stuck(doc)
    book_into(desk, doc, Choice.OWN_MONTH)
    yield green(doc)
    assert entered(desk, doc) == DAY


@remedy("period_ask", "enter it on {day} ({day:by_first_open_day})", ASKED, *BOTH)
def _(desk: Desk, flow: Flow) -> Scenario:
    doc = late(desk, flow, bills={"filed": "ask"})
    yield stuck(doc)
    book_into(desk, doc, Choice.FIRST_OPEN_DAY)
    yield green(doc)
    assert entered(desk, doc) == date(2026, 2, 1)


@remedy("period_ask", "the company file may say it: {policy}", ASKED_OF_ALL)
def _(desk: Desk, flow: Flow) -> Scenario:
    doc = late(desk, flow)
    yield stuck(doc)
    desk.company(periods=PeriodPolicy.model_validate({"sales": {"filed": "first_open_day"}}))
    yield green(doc)


WAITS: dict[str, Any] = {"sales": {"filed": "wait"}, "bills": {"filed": "wait"}}


@remedy("period_waits", "once that return is deleted in SmartAccounts", DELETED)
def _(desk: Desk, flow: Flow) -> Scenario:
    doc = late(desk, flow, **WAITS)
    yield stuck(doc)
    desk.world.books.delete_return(desk.world.books.save_return(JANUARY))
    yield green(doc)


@remedy("period_waits", "the month is open again ({month:by_reopened})", REOPENED, *BOTH)
def _(desk: Desk, flow: Flow) -> Scenario:
    doc = late(desk, flow, **WAITS)
    yield stuck(doc)
    with desk.world.engine.begin() as connection:
        say(connection, desk.world.company.key, JANUARY, Said.REOPENED, desk.world.clock.now())
    yield green(doc)


@remedy("period_waits", "change {policy} in the company file", CHANGED)
def _(desk: Desk, flow: Flow) -> Scenario:
    doc = late(desk, flow, **WAITS)
    yield stuck(doc)
    desk.company(periods=PeriodPolicy.model_validate({"sales": {"filed": "book"}}))
    yield green(doc)


@remedy("month_closed.payment", "move entry_date.books_closed_until back", CLOSED, *BOTH)
def _(desk: CashierDesk, flow: Flow) -> Scenario:
    doc = desk.invoice(flow)
    yield None
    for each in (SALES, PURCHASES):
        desk.policy(each, entry_date=EntryDatePolicy(books_closed_until=PAID))
    group = desk.receive({doc: None})
    yield stuck(group)
    for each in (SALES, PURCHASES):
        desk.policy(each, entry_date=EntryDatePolicy())
    yield green(doc, group)
