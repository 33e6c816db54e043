"""Remedies of what waits for a day, what SmartAccounts refuses, and what waits for another document."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import select

from scoro_smartaccounts import pipeline
from scoro_smartaccounts.common.company import Mode, UnsentRule
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.period_policy import PeriodPolicy
from scoro_smartaccounts.common.reasons import Reason
from scoro_smartaccounts.report.listed import Verdict, list_documents
from scoro_smartaccounts.staging.schema import finding
from tests.integration.remedies.desk import DAY, PARTNERS, PURCHASES, SALES, SERVICES, Desk, Doc, line
from tests.integration.remedies.play import BOTH, Place, Scenario, green, remedy, stuck

SETTLING = Place("settling", first=date(2026, 3, 18), last=date(2026, 3, 18))
LATER = Place("later")
UNSENT = Place("unsent")
SENT = Place("sent")
GONE = Place("gone")
OFF = Place("booked off")
LOCKED = Place("locked")
LOCKED_MOVED = Place("locked, moved")
BILLS_LOCKED = Place("bills locked")
WAITING = Place("waiting for a base")
ASKED = Place("asked")


# Days


@remedy("not_settled", "it is imported from {taken_on} on", SETTLING, *BOTH)
def _(desk: Desk, flow: Flow) -> Scenario:
    desk.company(settle_days=5)
    doc = desk.enter(flow, date="2026-03-18")
    # The runs of the 20th, 21st and 22nd.
    for _ in range(3):
        yield stuck(doc)
    yield green(doc)


@remedy("later_day", "it is imported from {taken_on} on", LATER, *BOTH)
def _(desk: Desk, flow: Flow) -> Scenario:
    doc = desk.enter(flow, date="2026-03-23")
    # The first run is by hand over other days.
    yield None
    for _ in range(2):
        yield stuck(doc)
    yield green(doc)


@remedy("unsent", "mark it as sent in Scoro", UNSENT)
def _(desk: Desk, flow: Flow) -> Scenario:
    desk.policy(flow, unsent=UnsentRule.WAIT)
    sent, doc = desk.enter(flow, is_sent=1), desk.enter(flow, is_sent=0)
    for _ in range(2):
        yield stuck(doc)
    desk.mend(doc, is_sent=1)
    yield green(sent, doc)


# Refusals


@remedy("refused_by_smartaccounts", "mend the cause", SENT, *BOTH)
def _(desk: Desk, flow: Flow) -> Scenario:
    """Somebody switches the VAT code off between two steps."""
    code_id, code = desk.vat_code("7")
    theirs = desk.vat_code_there("7")
    row = {"vatPc": theirs, "pc": "7", "descriptionEt": "7 %"}
    desk.rule(flow, scoro_code=code, percent="7", smartaccounts=theirs)
    doc = desk.enter(flow, line(vat=code_id))
    off = row | {"activeSales": False, "activePurchase": False}
    desk.after(flow, "reconcile_and_plan", lambda: desk.world.books.edit("settings/vatpcs", off))
    yield stuck(doc)
    desk.world.books.edit("settings/vatpcs", row | {"activeSales": True, "activePurchase": True})
    desk.retry(doc)
    yield green(doc)


@remedy("refused_by_smartaccounts.needed", "mend the cause", SENT, *BOTH)
def _(desk: Desk, flow: Flow) -> Scenario:
    """SmartAccounts wants no second one of this name."""
    desk.world.books.switches.change({"duplicate_partner": "refuse"})
    contact = desk.contact(id_code="")
    remote = desk.known_as(contact, flow)
    doc = desk.enter(flow, company_id=contact)
    yield stuck(doc)
    desk.world.books.change(PARTNERS[flow], remote, name=desk.new_name())
    desk.retry(doc)
    yield green(doc)


def planned_on_a_client_that_goes(desk: Desk, flow: Flow) -> Doc:
    """The client is deleted between two steps, and another run hears of it before this one sends."""
    contact = desk.contact()
    remote = desk.known_as(contact, flow)
    doc = desk.enter(flow, company_id=contact)
    desk.enter(flow, line("50"), company_id=contact, date="2026-01-14")

    def go() -> None:
        desk.world.books.remove(PARTNERS[flow], remote)
        desk.world.clock.advance(timedelta(minutes=5))
        request = desk.world.request(date(2026, 1, 14), date(2026, 1, 14), flow=flow)
        services = desk.world.services(request)
        pipeline.extract(request, services)
        pipeline.reconcile_and_plan(request, services)

    desk.after(flow, "reconcile_and_plan", go)
    return doc


@remedy("client_gone", "retry it", GONE)
@remedy("vendor_gone", "retry it", GONE, PURCHASES)
def _(desk: Desk, flow: Flow) -> Scenario:
    doc = planned_on_a_client_that_goes(desk, flow)
    yield stuck(doc)
    desk.retry(doc)
    yield green(doc)


@remedy("booked_differently", "correct it in SmartAccounts", OFF)
def _(desk: Desk, flow: Flow) -> Scenario:
    """It rounds the VAT another way than assumed. The document is in the books: nothing is held up."""
    desk.world.books.switches.change({"vat_per_code": True})
    doc = desk.enter(flow, *[line("1.02")] * 3)
    yield green(doc)
    with desk.world.engine.connect() as connection:
        told = connection.scalars(select(finding.c.reason).where(finding.c.source_id == doc.id))
        assert "booked_differently" in {Reason.from_json(each).key for each in told}
    desk.world.books.switches.change({"vat_per_code": False})
    total = desk.get(doc)["sum"] + desk.get(doc)["vat_sum"]
    desk.world.books.change(SERVICES[flow], desk.remote(doc), totalAmount=str(total))
    yield green(doc)


# Locked months


def lock(desk: Desk, flow: Flow) -> Doc:
    desk.world.books.switches.change({"locked_until": "2026-01-31"})
    return desk.enter(flow)


@remedy("month_locked", "open the period in SmartAccounts", LOCKED)
def _(desk: Desk, flow: Flow) -> Scenario:
    doc = lock(desk, flow)
    yield stuck(doc)
    desk.world.books.switches.change({"locked_until": ""})
    yield green(doc)


@remedy("month_locked", "let {policy} in the company file be first_open_day", LOCKED_MOVED)
def _(desk: Desk, flow: Flow) -> Scenario:
    doc = lock(desk, flow)
    yield stuck(doc)
    desk.company(periods=PeriodPolicy.model_validate({"sales": {"locked": "first_open_day"}}))
    yield green(doc)


@remedy("month_locked.moved", "the next run enters it on the first open day", BILLS_LOCKED, PURCHASES)
def _(desk: Desk, flow: Flow) -> Scenario:
    doc = lock(desk, flow)
    yield stuck(doc)
    yield green(doc)
    assert desk.world.books.records[SERVICES[flow]][desk.remote(doc)]["entryDate"] == date(2026, 2, 1)


# Credit invoices before their invoice


def before_its_base(desk: Desk, base_day: str) -> tuple[Doc, Doc]:
    """A credit invoice of an invoice of a day that no run was about, keyed in days ago."""
    client = desk.contact()
    base = desk.enter(SALES, company_id=client, date=base_day)
    desk.world.clock.advance(timedelta(days=5))
    credit = desk.enter(SALES, line("-100"), company_id=client, credited_invoices=[int(base.id)])
    return base, credit


@remedy("base_not_booked", "import {day}", WAITING)
def _(desk: Desk, flow: Flow) -> Scenario:
    base, credit = before_its_base(desk, "2026-01-05")
    yield stuck(credit)
    desk.run(flow, date(2026, 1, 5), date(2026, 1, 5))
    desk.assert_booked(base)
    yield green(base, credit)


@remedy("base_not_booked", "mend it where it is in quarantine", WAITING)
def _(desk: Desk, flow: Flow) -> Scenario:
    client = desk.contact()
    code_id, code = desk.vat_code("13")
    desk.rule(flow, scoro_code=code, percent="13", smartaccounts="9")
    base = desk.enter(flow, line(vat=code_id), company_id=client)
    credit = desk.enter(flow, line("-100"), company_id=client, credited_invoices=[int(base.id)])
    yield stuck(credit)
    desk.rule(flow, scoro_code=code, percent="13", smartaccounts="13")
    yield green(base, credit)


@remedy("base_not_booked.planned", "import that one first", WAITING)
def _(desk: Desk, flow: Flow) -> Scenario:
    """The list of a preview says so."""
    base, credit = before_its_base(desk, "2026-01-06")
    request = desk.world.request(DAY, DAY, flow=flow, mode=Mode.PREVIEW)
    services = desk.world.services(request)
    for step in desk.world.steps:
        step(request, services)
    with services.engine.begin() as connection:
        [listed] = [each for each in list_documents(connection, request) if each.source_id == credit.id]
    assert listed.verdict is Verdict.WAITING
    assert listed.reason is not None
    assert listed.reason.key == "base_not_booked.planned"
    desk.run(flow, date(2026, 1, 6), date(2026, 1, 6))
    yield green(base, credit)


def declined(desk: Desk) -> tuple[Doc, Doc]:
    """The accountant declined an invoice; its credit invoice is planned afterwards."""
    client = desk.contact()
    base = desk.enter(SALES, company_id=client, date="2026-01-11")
    office = desk.office
    office.plan(date(2026, 1, 11), date(2026, 1, 11))
    office.approve(approve=False)
    credit = desk.enter(SALES, line("-100"), company_id=client, credited_invoices=[int(base.id)])
    office.plan(DAY, DAY)
    desk.assert_stuck(credit, "base_not_booked.declined")
    return base, credit


@remedy("base_not_booked.declined", "run {day} in mode approve", ASKED)
def _(desk: Desk, flow: Flow) -> Scenario:
    base, credit = declined(desk)
    desk.office.plan(date(2026, 1, 11), date(2026, 1, 11), is_range=True)
    assert desk.office.approve() == {"created": 1}
    desk.assert_booked(base)
    # The next scheduled run plans the credit invoice, and it is asked about.
    desk.world.clock.advance(timedelta(days=1))
    desk.office.plan_yesterday()
    assert desk.office.approve() == {"created": 1}
    yield green(base, credit)


@remedy("base_not_booked.declined", "dismiss the credit invoice", Place("asked, dismissed"))
def _(desk: Desk, flow: Flow) -> Scenario:
    base, credit = declined(desk)
    desk.dismiss(credit)
    yield green(gone=[base, credit])
