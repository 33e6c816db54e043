"""Remedies of what the ledger of SmartAccounts shows: postings that are not as expected, and kinds that are held."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

from scoro_smartaccounts.common.company import LedgerPolicy
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.kinds import DocumentKind
from scoro_smartaccounts.common.run import ReconcileRequest
from scoro_smartaccounts.meeting.meet import meet
from scoro_smartaccounts_sandbox.faults import Fault, FaultKind
from scoro_smartaccounts_sandbox.scoro import reference_data
from tests.integration.meeting.filled import fill_books
from tests.integration.remedies.cashier import PAID, CashierDesk
from tests.integration.remedies.desk import DAY, PURCHASES, SALES, SERVICES, Desk, Doc, line
from tests.integration.remedies.play import Place, Scenario, green, remedy, stuck
from tests.integration.remedies.warnings import WarningDesk

VAT_0, VAT_0EU = reference_data.VAT_0, reference_data.VAT_0_EU
RATE, SIDE, ROUNDING = (
    Place(f"ledger, {name}", desk=CashierDesk, trusting=False) for name in ("rate", "side", "rounding")
)
REVERSE, OTHER, MISSING = (Place(f"ledger, {name}", trusting=False) for name in ("reverse charge", "other", "missing"))
HELD, TRUSTED, WAITING = (Place(f"ledger, {name}", trusting=False) for name in ("held", "trusted", "waiting"))
SEEN, SEEN_AND_RETRIED = (Place(f"ledger, {name}", trusting=False) for name in ("seen", "seen, retried"))
NOT_COMPARED, RETRIED, ONE_BY_ONE = (
    Place(f"ledger, {name}", trusting=False) for name in ("not compared", "not compared, retried", "one by one")
)
SIDES = Place("ledger, sides of a credit invoice", desk=CashierDesk, trusting=False)
DUE = Place("due dates", desk=WarningDesk)
_FALSE: dict[str, Any] = {"exchange_rate_is_euro_per_foreign": True}


def roubles(desk: Desk, net: str = "10") -> Doc:
    return desk.enter(SALES, line(net), currency="RUB", currency_rate="0.0111")


def corrected(desk: Desk, entry_of: Doc) -> None:
    """The bookkeeper makes the entry anew: the document is saved again, as it should have been booked."""
    key = desk.remote(entry_of)
    desk.world.books.change(SERVICES[entry_of.flow], key, comment="parandatud")


def booked_off(
    key: str, word: str, place: Place, enter: Callable[[Desk], Doc], off: dict[str, Any], right: dict[str, Any]
) -> None:
    @remedy(key, word, place, PURCHASES if key.endswith("reverse_charge") else SALES)
    def _(desk: Desk, flow: Flow) -> Scenario:
        """The document is in the books: nothing holds it up."""
        desk.world.books.switches.change(off)
        doc = enter(desk)
        yield None
        if doc.flow is Flow.PAYMENTS:
            desk.run(Flow.PAYMENTS, DAY, PAID)
        assert key in WarningDesk.told(desk, doc)  # type: ignore[arg-type]
        desk.world.books.switches.change(right)
        if doc.flow is not Flow.PAYMENTS:
            corrected(desk, doc)
            yield green(doc)
        else:
            yield green()


booked_off(
    "booked_differently.posting_rate",
    "correct it in SmartAccounts",
    RATE,
    roubles,
    _FALSE,
    {"exchange_rate_is_euro_per_foreign": False},
)


def from_abroad(desk: Desk) -> Doc:
    bills = desk.world.company.purchase_invoices.model_copy(update={"reverse_charge_vat": "paper"})
    desk.company(purchase_invoices=bills)
    address = [{"country": "fin", "city": "Linn", "street": "Tänav 1"}]
    return desk.enter(PURCHASES, line("40", vat=VAT_0EU), company_id=desk.contact(id_code="", addresses=address))


booked_off(
    "booked_differently.posting_reverse_charge",
    "correct its entry in SmartAccounts",
    REVERSE,
    from_abroad,
    {"reverse_charge_posted": "computed"},
    {"reverse_charge_posted": "always"},
)


def refund(desk: Desk) -> Doc:
    assert isinstance(desk, CashierDesk)
    base = desk.invoice()
    credit = desk.credit(base, "20")
    return desk.receive({credit: str(desk.total(credit))})


booked_off(
    "booked_differently.posting_side",
    "correct it in SmartAccounts",
    SIDE,
    refund,
    {"refund_side": "of_a_payment"},
    {"refund_side": "of_a_refund"},
)


def in_cash(desk: Desk) -> Doc:
    assert isinstance(desk, CashierDesk)
    doc = desk.invoice(net="10.01")
    return desk.receive({doc: str(desk.total(doc) - desk.total(doc) % Decimal("0.05"))}, account_id=1)


booked_off(
    "booked_differently.posting_rounding",
    "correct it in SmartAccounts",
    ROUNDING,
    in_cash,
    {"extras_sign": "against_rows"},
    {"extras_sign": "with_rows"},
)


@remedy("kind_held", "retry this one", HELD)
def _(desk: Desk, flow: Flow) -> Scenario:
    desk.world.books.switches.change(_FALSE)
    first, *others = [roubles(desk, net) for net in ("10", "20", "30")]
    yield stuck(*others)
    desk.world.books.switches.change({"exchange_rate_is_euro_per_foreign": False})
    corrected(desk, first)
    desk.retry(others[0])
    yield green(first, *others)


@remedy("kind_held", "name the kind in ledger_check.trusted of the company file", TRUSTED)
def _(desk: Desk, flow: Flow) -> Scenario:
    desk.world.books.switches.change(_FALSE)
    first, *others = [roubles(desk, net) for net in ("10", "20", "30")]
    yield stuck(*others)
    desk.company(ledger_check=LedgerPolicy(trusted=(DocumentKind.RATED_INVOICE,)))
    yield green(first, *others)


def seen_otherwise(desk: Desk) -> list[Doc]:
    """The books show, by what others entered, that reverse charge is booked otherwise than expected."""
    desk.world.books.switches.change({"reverse_charge_posted": "never"})
    fill_books(desk.world)
    services = desk.world.services(ReconcileRequest(desk.world.company, "meet/desk"))
    meet(desk.world.company, services, "meet/desk")
    desk.world.books.switches.change({"reverse_charge_posted": "always"})
    return [by_code(desk) for _ in range(3)]


def by_code(desk: Desk) -> Doc:
    address = [{"country": "fin", "city": "Linn", "street": "Tänav 1"}]
    return desk.enter(PURCHASES, line("40", vat=VAT_0EU), company_id=desk.contact(id_code="", addresses=address))


@remedy("reading_contradicted", "retry this one", SEEN_AND_RETRIED, PURCHASES)
def _(desk: Desk, flow: Flow) -> Scenario:
    docs = seen_otherwise(desk)
    yield stuck(*docs)
    # One shows that the kind is booked as it should be: the others follow it.
    desk.retry(docs[0])
    yield green(*docs)


@remedy("reading_contradicted", "name the kind in ledger_check.trusted of the company file", SEEN, PURCHASES)
def _(desk: Desk, flow: Flow) -> Scenario:
    docs = seen_otherwise(desk)
    yield stuck(*docs)
    desk.company(ledger_check=LedgerPolicy(trusted=(DocumentKind.REVERSE_CHARGE,)))
    yield green(*docs)


@remedy("kind_waits", "the next run compares it", WAITING)
def _(desk: Desk, flow: Flow) -> Scenario:
    first, *others = [roubles(desk, net) for net in ("10", "20", "30")]
    # The ledger does not answer while the first one is to be compared.
    desk.world.server.faults.add(Fault(FaultKind.STATUS, where="general/entries:get", status=503, times=24))
    yield stuck(*others)
    desk.world.clock.advance(timedelta(hours=1))
    yield green(first, *others)


def not_compared(key: str, word: str, place: Place, by: Callable[[Desk, list[Doc]], None]) -> None:
    @remedy(key, word, place)
    def _(desk: Desk, flow: Flow) -> Scenario:
        """The ledger does not answer for days."""
        first, *others = [roubles(desk, net) for net in ("10", "20", "30")]
        desk.world.server.faults.add(Fault(FaultKind.STATUS, where="general/entries:get", status=503, times=1000))
        yield None
        desk.world.clock.advance(timedelta(days=4))
        yield stuck(*others)
        desk.world.server.faults.clear()
        by(desk, others)
        yield green(first, *others)


def trust_roubles(desk: Desk, others: list[Doc]) -> None:
    desk.company(ledger_check=LedgerPolicy(trusted=(DocumentKind.RATED_INVOICE,)))


not_compared(
    "kind_not_compared", "name the kind in ledger_check.trusted of the company file", NOT_COMPARED, trust_roubles
)
not_compared("kind_not_compared", "retry this one", RETRIED, lambda desk, others: desk.retry(others[0]))


@remedy("booked_differently.posting_credit", "correct it in SmartAccounts", SIDES)
def _(desk: CashierDesk, flow: Flow) -> Scenario:
    desk.world.books.switches.change({"credit_sides": "of_an_invoice"})
    base = desk.enter(SALES, line("100"))
    credit = desk.credit(base, "10")
    yield None
    assert "booked_differently.posting_credit" in WarningDesk.told(desk, credit)  # type: ignore[arg-type]
    desk.world.books.switches.change({"credit_sides": "swapped"})
    corrected(desk, credit)
    yield green(base, credit)


@remedy("kind_waits.one_by_one", "name the kind in ledger_check.trusted of the company file", ONE_BY_ONE)
def _(desk: Desk, flow: Flow) -> Scenario:
    """Near 1 a rate tells nothing of its direction."""
    desk.world.books.switches.change({"ecb_rates": {"CHF": "1.0050"}})
    nets = ("10", "20", "30", "40", "50", "60", "70", "80")
    docs = [desk.enter(SALES, line(net), currency="CHF", currency_rate="0.995") for net in nets]
    yield stuck(*docs[6:])
    desk.company(ledger_check=LedgerPolicy(trusted=(DocumentKind.FOREIGN_INVOICE,)))
    yield green(*docs)


@remedy("due_date_differs", "correct it in SmartAccounts", DUE)
def _(desk: WarningDesk, flow: Flow) -> Scenario:
    desk.world.books.switches.change({"due_date": "partner"})
    doc = desk.enter(flow, deadline="2026-02-28")
    yield stuck(doc)
    desk.world.books.switches.change({"due_date": "sent"})
    desk.world.books.change(SERVICES[flow], desk.remote(doc), dueDate="28.02.2026")
    yield green(doc)


def posted_otherwise(key: str, place: Place, link: str) -> None:
    @remedy(key, "correct it there", place)
    def _(desk: Desk, flow: Flow) -> Scenario:
        """The VAT goes to another account than SmartAccounts' settings told a moment ago."""
        desk.world.books.switches.change({"entry_link": link})
        code = next(row for row in desk.world.books.settings["vatpcs"] if row["vatPc"] == "24")
        fields = {name: value for name, value in code.items() if name not in ("custom", "inUse")}
        moved = fields | {"accountSales": "2120"}
        desk.after(flow, "reconcile_and_plan", lambda: desk.world.books.edit("settings/vatpcs", moved))
        # Most of what a way of naming pairs has to be equal: there it is without VAT, else nothing is, and each of the
        # entries may be the document's.
        of_others: dict[str, Any] = {"vat": VAT_0} if link == "number" else {}
        doc, *others = desk.enter(flow), *(desk.enter(flow, line(net, **of_others)) for net in ("70", "80"))
        yield None
        assert key in WarningDesk.told(desk, doc)  # type: ignore[arg-type]
        desk.world.books.edit("settings/vatpcs", fields)
        for each in (doc, *others):
            corrected(desk, each)
        yield green(doc, *others)


posted_otherwise("booked_differently.posting", OTHER, "number")
posted_otherwise("booked_differently.no_posting", MISSING, "none")
