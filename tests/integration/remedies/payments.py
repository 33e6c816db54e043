"""Remedies of payments that are entered in Scoro."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from scoro_smartaccounts.common.assumptions import RATED_CURRENCIES
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.transform import rates
from scoro_smartaccounts_sandbox.faults import Fault, FaultKind
from tests.integration.remedies.cashier import PAID, PAYMENT_SERVICE, CashierDesk
from tests.integration.remedies.desk import DAY, PURCHASES, SALES, SERVICES, Doc
from tests.integration.remedies.play import BOTH, Part, Place, Scenario, green, remedy, stuck

LATER = date(2026, 1, 22)
FEBRUARY = date(2026, 2, 10)
MONEY = Place("money", desk=CashierDesk)
SETTINGS = Place("money, settings", desk=CashierDesk)
PARTS = Place("money, in part", desk=CashierDesk)
UNRATED = Place("money, no official rate", desk=CashierDesk)
LOCKED = Place("money, locked month", desk=CashierDesk)
LOCKED_IN_PART = Place("money, month locked in part", desk=CashierDesk)
LOST = Place("money, deleted payments", desk=CashierDesk)
BANK = "LHV"


# What a payment waits for


@remedy("document_not_booked", "import {days}", MONEY, *BOTH)
def _(desk: CashierDesk, flow: Flow) -> Scenario:
    doc = desk.invoice(flow, date=FEBRUARY.isoformat())
    group = desk.receive({doc: None})
    yield stuck(group)
    desk.run(flow, FEBRUARY, FEBRUARY)
    yield green(doc, group)


@remedy("document_not_booked", "mend it where it is in quarantine", MONEY, *BOTH)
def _(desk: CashierDesk, flow: Flow) -> Scenario:
    doc = desk.invoice(flow)
    lines = desk.get(doc)["lines"]
    group = desk.receive({doc: None})
    desk.spoil(doc, lines=[])
    yield stuck(group)
    desk.mend(doc, lines=lines)
    yield green(doc, group)


@remedy("paid_unreadable", "open it in Scoro mend it and save", MONEY, *BOTH)
def _(desk: CashierDesk, flow: Flow) -> Scenario:
    doc = desk.invoice(flow)
    day = desk.get(doc)["date"]
    yield None
    group = desk.receive({doc: "24"})
    desk.spoil(doc, date=None)
    yield stuck(group)
    desk.mend(doc, date=day)
    yield green(doc, group)


@remedy("partner_not_booked", "it is created with its first document", MONEY)
def _(desk: CashierDesk, flow: Flow) -> Scenario:
    contact = desk.contact()
    group = desk.receive_ahead(desk.prepayment_invoice(contact, "41"))
    yield stuck(group)
    doc = desk.invoice(company_id=contact)
    yield green(doc, group)


@remedy("month_locked.payment", "open the period in SmartAccounts", LOCKED, *BOTH)
def _(desk: CashierDesk, flow: Flow) -> Scenario:
    doc = desk.invoice(flow)
    yield None
    desk.world.books.switches.change({"locked_until": "2026-01-31"})
    group = desk.receive({doc: None})
    yield stuck(group)
    desk.world.books.switches.change({"locked_until": ""})
    yield green(doc, group)


@remedy("month_locked.payment", "enter the payment there by hand on an open day and dismiss it here", LOCKED, *BOTH)
def _(desk: CashierDesk, flow: Flow) -> Scenario:
    doc = desk.invoice(flow)
    yield None
    desk.world.books.switches.change({"locked_until": "2026-01-31"})
    group = desk.receive({doc: "24"})
    yield stuck(group)
    payment = desk.pay({doc: "24"}, FEBRUARY)
    desk.dismiss(group)
    yield from same_money(desk, payment)
    yield green(doc, gone=[group, payment])


@remedy("month_locked.payment_behind", "the next run tries it", LOCKED_IN_PART, *BOTH)
def _(desk: CashierDesk, flow: Flow) -> Scenario:
    docs = desk.invoice(flow), desk.invoice(flow)
    yield None
    desk.world.books.switches.change({"locked_until": "2026-01-15"})
    early, late = desk.receive({docs[0]: None}, DAY), desk.receive({docs[1]: None}, PAID)
    yield stuck(late)
    yield None
    desk.assert_booked(late)
    desk.world.books.switches.change({"locked_until": ""})
    yield green(*docs, early, late)


def same_money(desk: CashierDesk, payment: Doc) -> Scenario:
    """The export asks about a payment that was booked by hand for a receipt that was dismissed."""
    yield None
    desk.assert_stuck(payment, "possible_duplicate.in_scoro")
    desk.dismiss(payment)


# What may be there already


def divided(desk: CashierDesk, flow: Flow) -> Part[tuple[Doc, Doc, list[Doc]]]:
    """A document, two payments of Scoro that pay it, and one of SmartAccounts of all of it and of another day."""
    doc = desk.invoice(flow)
    yield None
    rest = str(desk.total(doc) - 60)
    payment = desk.pay({doc: None}, FEBRUARY)
    groups = [desk.receive({doc: "60"}), desk.receive({doc: rest}, LATER)]
    return doc, payment, groups


@remedy("possible_duplicate.payment", "if it is the same money dismiss it", MONEY, *BOTH)
def _(desk: CashierDesk, flow: Flow) -> Scenario:
    doc, payment, groups = yield from divided(desk, flow)
    yield stuck(*groups)
    desk.assert_stuck(payment, "possible_duplicate.covered")
    for each in (payment, *groups):
        desk.dismiss(each)
    yield green(doc, gone=[payment, *groups])


@remedy("possible_duplicate.payment", "if not retry it", MONEY, *BOTH)
def _(desk: CashierDesk, flow: Flow) -> Scenario:
    doc, payment, groups = yield from divided(desk, flow)
    yield stuck(*groups)
    for each in (payment, *groups):
        desk.retry(each)
    yield green(doc, payment, *groups)


@remedy("possible_duplicate.covered", "if it is the same money dismiss it", MONEY, *BOTH)
def _(desk: CashierDesk, flow: Flow) -> Scenario:
    doc, payment, groups = yield from divided(desk, flow)
    yield stuck(payment)
    for each in (payment, *groups):
        desk.dismiss(each)
    yield green(doc, gone=[payment, *groups])


@remedy("possible_duplicate.covered", "if the document is overpaid retry it", MONEY, *BOTH)
def _(desk: CashierDesk, flow: Flow) -> Scenario:
    doc, payment, groups = yield from divided(desk, flow)
    yield stuck(payment)
    for each in (payment, *groups):
        desk.retry(each)
    yield green(doc, payment, *groups)


def prepay(desk: CashierDesk, doc: Doc, amount: str) -> str:
    """A prepayment of the client of an invoice, entered in SmartAccounts; its id."""
    body = {
        "date": f"{PAID:%d.%m.%Y}",
        "partnerType": "CLIENT",
        "clientId": desk.world.books.records[SERVICES[SALES]][desk.remote(doc)]["clientId"],
        "accountType": "BANK",
        "accountName": BANK,
        "currency": "EUR",
        "prepayment": {"amount": amount, "description": "Ettemaks"},
    }
    return str(desk.world.books.seed(PAYMENT_SERVICE, body))


def ahead_twice(desk: CashierDesk) -> Part[tuple[Doc, list[Doc]]]:
    """An invoice of a client, and two payments for a prepayment invoice; SmartAccounts has two of the same amount."""
    doc = desk.invoice()
    yield None
    prepayment = desk.prepayment_invoice(desk.get(doc)["company_id"], "80")
    for _ in range(2):
        prepay(desk, doc, "49.60")
    return doc, [desk.receive_ahead(prepayment, "49.60") for _ in range(2)]


@remedy("possible_duplicate.prepayment", "if it is the same money dismiss it", MONEY)
def _(desk: CashierDesk, flow: Flow) -> Scenario:
    doc, groups = yield from ahead_twice(desk)
    yield stuck(*groups)
    for each in groups:
        desk.dismiss(each)
    yield green(doc, gone=groups)


@remedy("possible_duplicate.prepayment", "if not retry it", MONEY)
def _(desk: CashierDesk, flow: Flow) -> Scenario:
    doc, groups = yield from ahead_twice(desk)
    yield stuck(*groups)
    for each in groups:
        desk.retry(each)
    # What stands in SmartAccounts alone is money that Scoro has elsewhere.
    contact = desk.get(doc)["company_id"]
    yield None
    for _ in range(2):
        desk.receive_ahead(desk.prepayment_invoice(contact, "40"), "49.60", date(2026, 3, 2))
    desk.delete_payment(next(iter(unmarked_prepayments(desk, doc))))
    desk.delete_payment(next(iter(unmarked_prepayments(desk, doc))))
    yield green(doc, *groups)


def unmarked_prepayments(desk: CashierDesk, doc: Doc) -> list[str]:
    client = desk.world.books.records[SERVICES[SALES]][desk.remote(doc)]["clientId"]
    rows = desk.world.books.records[PAYMENT_SERVICE].values()
    return [row["id"] for row in rows if row.get("clientId") == client and row["prepayment"] and not row["document"]]


@remedy("possible_duplicate.overpaid", "if it is the same money delete {payments} in SmartAccounts", MONEY)
def _(desk: CashierDesk, flow: Flow) -> Scenario:
    doc = desk.invoice()
    yield None
    there = prepay(desk, doc, "6")
    group = desk.receive({doc: str(desk.total(doc) + 6)})
    yield stuck(group)
    desk.delete_payment(there)
    yield green(doc, group)


@remedy("possible_duplicate.overpaid", "if not retry it", MONEY)
def _(desk: CashierDesk, flow: Flow) -> Scenario:
    doc = desk.invoice()
    yield None
    prepay(desk, doc, "6")
    group = desk.receive({doc: str(desk.total(doc) + 6)})
    yield stuck(group)
    desk.retry(group)
    # Scoro says later what the other money is.
    desk.receive_ahead(desk.prepayment_invoice(desk.get(doc)["company_id"], "5"), "6", LATER)
    yield green(doc, group)


def entered_in_halves(desk: CashierDesk, flow: Flow, *, room: bool) -> Part[tuple[Doc, str, list[Doc]]]:
    """A payment of Scoro that is in the books is deleted in Scoro, and entered there again as two."""
    doc = desk.invoice(flow)
    total = desk.total(doc)
    first = desk.receive({doc: str(total / 2 if room else total)})
    yield None
    payment = desk.booked(first)
    desk.world.site.delete("receipts", int(first.id))
    half = str(total / 4 if room else total / 2)
    return doc, payment, [desk.receive({doc: half}) for _ in range(2)]


@remedy("possible_duplicate.orphan", "if it is the same money delete {payments} in SmartAccounts", MONEY, *BOTH)
def _(desk: CashierDesk, flow: Flow) -> Scenario:
    doc, payment, groups = yield from entered_in_halves(desk, flow, room=False)
    yield stuck(*groups)
    desk.delete_payment(payment)
    yield green(doc, *groups)


@remedy("possible_duplicate.orphan", "if it is other money retry it", MONEY, *BOTH)
def _(desk: CashierDesk, flow: Flow) -> Scenario:
    doc, _, groups = yield from entered_in_halves(desk, flow, room=True)
    yield stuck(*groups)
    for each in groups:
        desk.retry(each)
    # As the report of the deleted one says.
    again = desk.receive({doc: str(desk.total(doc) / 2)})
    yield green(doc, again, *groups)


# A document that was deleted in SmartAccounts


def without_document(desk: CashierDesk, flow: Flow) -> Part[tuple[Doc, Doc, dict[str, Any]]]:
    doc = desk.invoice(flow)
    yield None
    service, key = SERVICES[flow], desk.remote(doc)
    kept = next(row for row in desk.world.books.state()[service.partition("/")[2]] if row["id"] == key)
    desk.world.books.remove(service, key)
    group = desk.receive({doc: None})
    yield stuck(group)
    return doc, group, kept


@remedy("document_gone", "enter it there again with the same number, day, partner and total", MONEY, *BOTH)
def _(desk: CashierDesk, flow: Flow) -> Scenario:
    doc, group, kept = yield from without_document(desk, flow)
    desk.book_again(flow, kept)
    desk.retry(group)
    yield green(doc, group)


@remedy("document_gone", "leave it deleted, run the import of its day", MONEY, *BOTH)
def _(desk: CashierDesk, flow: Flow) -> Scenario:
    doc, group, _ = yield from without_document(desk, flow)
    desk.retry(group)
    yield None
    desk.run(flow, DAY, DAY)
    yield green(doc, group)


@remedy("document_gone", "leave it deleted, delete it in Scoro too", MONEY, *BOTH)
def _(desk: CashierDesk, flow: Flow) -> Scenario:
    doc, group, _ = yield from without_document(desk, flow)
    desk.retry(group)
    desk.delete(doc)
    yield green(gone=[doc, group])


# A payment that was deleted in SmartAccounts


def without_payment(desk: CashierDesk, flow: Flow) -> Part[tuple[Doc, Doc]]:
    """Its receipt is imported again."""
    doc = desk.invoice(flow)
    group = desk.receive({doc: None})
    yield None
    desk.delete_payment(desk.booked(group))
    desk.run(Flow.PAYMENTS, PAID, PAID)
    yield stuck(group)
    return doc, group


@remedy("payment_gone", "enter it there again", LOST, *BOTH)
def _(desk: CashierDesk, flow: Flow) -> Scenario:
    doc, group = yield from without_payment(desk, flow)
    again = desk.pay({doc: None})
    yield green(doc, group, again)


@remedy("payment_gone", "leave it deleted and retry this one", LOST, *BOTH)
def _(desk: CashierDesk, flow: Flow) -> Scenario:
    doc, group = yield from without_payment(desk, flow)
    desk.retry(group)
    yield green(doc, group)


@remedy("payment_gone", "dismiss it", LOST, *BOTH)
def _(desk: CashierDesk, flow: Flow) -> Scenario:
    _, group = yield from without_payment(desk, flow)
    desk.dismiss(group)
    yield green()
    assert desk.stuck(group) is None


@remedy("payment_gone", "delete it in Scoro too", LOST, *BOTH)
def _(desk: CashierDesk, flow: Flow) -> Scenario:
    doc, group = yield from without_payment(desk, flow)
    desk.world.site.delete("receipts", int(group.id))
    yield green(doc)
    assert desk.stuck(group) is None


# In the books in part


def netted_in_part(desk: CashierDesk, *, after: int) -> Part[tuple[Doc, Doc, Doc, str]]:
    """The netting of a payment is booked, its money is refused."""
    doc = desk.invoice(date="2026-01-10")
    credit = desk.credit(doc, "20")
    total = str(desk.total(doc))
    yield None
    group = desk.receive({doc: total, credit: "-24.80"})
    desk.world.server.faults.add(Fault(FaultKind.STATUS, where=f"{PAYMENT_SERVICE}:add", status=400, after=after))
    yield None
    desk.assert_stuck(group, "refused_by_smartaccounts")
    return doc, credit, group, desk.booked(group)


@remedy("booked_in_part", "delete {payments} in SmartAccounts", PARTS)
def _(desk: CashierDesk, flow: Flow) -> Scenario:
    doc, credit, group, netting = yield from netted_in_part(desk, after=1)
    desk.rewrite(group, {doc: "90"})
    yield stuck(group)
    desk.delete_payment(netting)
    yield green(doc, credit, group)


@remedy("booked_in_part.gone", "delete {payments} there too", PARTS)
def _(desk: CashierDesk, flow: Flow) -> Scenario:
    doc, credit, group, netting = yield from netted_in_part(desk, after=2)
    desk.world.site.delete("receipts", int(group.id))
    yield stuck(group)
    desk.delete_payment(netting)
    yield green(doc, credit, gone=[group])


# Accounts


@remedy("account_not_named", "choose it in Scoro", MONEY, *BOTH)
def _(desk: CashierDesk, flow: Flow) -> Scenario:
    doc = desk.invoice(flow)
    group = desk.receive({doc: None}, account_id=0)
    yield stuck(group)
    desk.world.site.modify("receipts", int(group.id), {"receipt_account_id": 2})
    yield green(doc, group)


@remedy("account_not_mapped.receipts", "add it under payments.accounts", MONEY, *BOTH)
def _(desk: CashierDesk, flow: Flow) -> Scenario:
    doc, name = desk.invoice(flow), f"Uus konto {flow}"
    group = desk.receive({doc: None}, account_id=desk.receipt_account(name))
    yield stuck(group)
    desk.pair(name, BANK)
    yield green(doc, group)


def unknown_account(desk: CashierDesk, name: str) -> tuple[Doc, Doc]:
    """A receipt account that is paired with a bank account of its name, which SmartAccounts does not have."""
    doc = desk.invoice()
    group = desk.receive({doc: None}, account_id=desk.receipt_account(name))
    desk.pair(name, name)
    return doc, group


@remedy("account_unknown.receipts", "correct the company file", MONEY)
def _(desk: CashierDesk, flow: Flow) -> Scenario:
    doc, group = unknown_account(desk, "Swedbang")
    yield stuck(group)
    desk.pair("Swedbang", BANK)
    yield green(doc, group)


@remedy("account_unknown.receipts", "add the {kind} in SmartAccounts", MONEY)
def _(desk: CashierDesk, flow: Flow) -> Scenario:
    doc, group = unknown_account(desk, "Swedbank")
    yield stuck(group)
    desk.bank_account("Swedbank")
    yield green(doc, group)


@remedy("account_currency", "pair the receipt account with another account in the company file", MONEY, *BOTH)
def _(desk: CashierDesk, flow: Flow) -> Scenario:
    doc, name = desk.invoice(flow), f"Dollarid {flow}"
    group = desk.receive({doc: None}, account_id=desk.receipt_account(name))
    desk.bank_account(name, "USD")
    desk.pair(name, name)
    yield stuck(group)
    desk.pair(name, BANK)
    yield green(doc, group)


@remedy("netting_account_not_named", "set payments.netting_account", SETTINGS, *BOTH)
def _(desk: CashierDesk, flow: Flow) -> Scenario:
    desk.payments(netting_account=None)
    doc = desk.invoice(flow)
    credit = desk.credit(doc, "20")
    group = desk.receive({doc: None, credit: "-24.80"})
    yield stuck(group)
    desk.payments(netting_account="Tasaarveldus")
    yield green(doc, credit, group)


@remedy("rounding_account_not_named", "set payments.rounding_account", SETTINGS, *BOTH)
def _(desk: CashierDesk, flow: Flow) -> Scenario:
    desk.payments(rounding_account=None)
    doc = desk.invoice(flow)
    group = desk.receive({doc: str(desk.total(doc) + Decimal("0.01"))}, account_id=1)
    yield stuck(group)
    desk.payments(rounding_account="8600")
    yield green(doc, group)


# Amounts


@remedy("negative_receipt", "correct the payment in Scoro", MONEY, *BOTH)
def _(desk: CashierDesk, flow: Flow) -> Scenario:
    doc = desk.invoice(flow)
    group = desk.receive({doc: "-24"})
    yield stuck(group)
    desk.rewrite(group, {doc: "24"})
    yield green(doc, group)


@remedy("negative_receipt", "book it by hand and dismiss it", MONEY, *BOTH)
def _(desk: CashierDesk, flow: Flow) -> Scenario:
    """What was paid too much is given back: SmartAccounts held it as a prepayment."""
    doc = desk.invoice(flow)
    total = desk.total(doc)
    first = desk.receive({doc: str(total + 30)})
    back = desk.receive({doc: "-30"}, LATER)
    yield stuck(back)
    # Given back there by hand: the payment is without its prepayment.
    payment = desk.booked(first)
    desk.change_rows(payment, {doc: str(total)}, prepayment=None)
    desk.dismiss(back)
    yield green(doc, first, gone=[back])


@remedy("negative_receipt.prepayment", "book it by hand and dismiss it", MONEY)
def _(desk: CashierDesk, flow: Flow) -> Scenario:
    doc = desk.invoice()
    prepayment = desk.prepayment_invoice(desk.get(doc)["company_id"], "40")
    first = desk.receive_ahead(prepayment, "49.60")
    back = desk.receive_ahead(prepayment, "-49.60", LATER)
    yield stuck(back)
    desk.delete_payment(desk.booked(first))
    desk.dismiss(back)
    yield green(doc, gone=[back])


@remedy("mixed_refund", "enter them as two payments in Scoro", MONEY)
def _(desk: CashierDesk, flow: Flow) -> Scenario:
    doc = desk.invoice()
    credit = desk.credit(doc, "20")
    prepayment = desk.prepayment_invoice(desk.get(doc)["company_id"], "40")
    rows = [{"invoice_id": int(credit.id), "sum": "-24.80"}, {"prepayment_id": prepayment, "sum": "10"}]
    group = desk.receive({credit: None}, receipts=rows)
    yield stuck(group)
    desk.world.site.delete("receipts", int(group.id))
    two = [desk.receive({credit: "-24.80"}), desk.receive_ahead(prepayment, "10")]
    yield green(doc, credit, *two, gone=[group])


def nothing_left(desk: CashierDesk, flow: Flow) -> Part[tuple[Doc, Doc, Doc]]:
    """An invoice is paid, and its credit invoice is netted with it nevertheless."""
    doc = desk.invoice(flow)
    credit = desk.credit(doc, "20")
    first = desk.receive({doc: None if flow is PURCHASES else str(desk.total(doc))})
    yield None
    desk.assert_booked(first)
    group = desk.receive({doc: "24.80", credit: "-24.80"}, LATER, account_id=4)
    yield stuck(group)
    return doc, credit, group


@remedy("nothing_to_net", "correct the payment in Scoro", MONEY, *BOTH)
def _(desk: CashierDesk, flow: Flow) -> Scenario:
    doc, credit, group = yield from nothing_left(desk, flow)
    desk.rewrite(group, {credit: "-24.80"}, receipt_account_id=2)
    yield green(doc, credit, group)


@remedy("nothing_to_net", "net by hand and dismiss it", MONEY, *BOTH)
def _(desk: CashierDesk, flow: Flow) -> Scenario:
    """There the credit invoice becomes a prepayment."""
    doc, credit, group = yield from nothing_left(desk, flow)
    more = {"amount": "24.80", "description": "Ettemaks"}
    by_hand = desk.pay({credit: "24.80"}, LATER, account="Tasaarveldus", prepayment=more)
    desk.dismiss(group)
    yield from same_money(desk, by_hand)
    yield green(doc, credit, gone=[group, by_hand])


@remedy("refund_too_large", "correct the payment in Scoro", MONEY, *BOTH)
def _(desk: CashierDesk, flow: Flow) -> Scenario:
    doc = desk.invoice(flow)
    credit = desk.credit(doc, "20")
    group = desk.receive({credit: "-40"})
    yield stuck(group)
    desk.rewrite(group, {credit: "-24.80"})
    yield green(doc, credit, group)


# Currencies and partners


def of_dollars(desk: CashierDesk, flow: Flow) -> Part[tuple[Doc, Doc]]:
    desk.world.site.switches = desk.world.site.switches.changed({"receipt_in_other_currency": "allow"})
    doc = desk.invoice(flow, currency="USD", currency_rate="0.92")
    group = desk.receive({doc: "50"}, currency="EUR")
    yield stuck(group)
    return doc, group


@remedy("currency_differs", "delete it in Scoro and enter it in {other}", MONEY, *BOTH)
def _(desk: CashierDesk, flow: Flow) -> Scenario:
    doc, group = yield from of_dollars(desk, flow)
    desk.world.site.delete("receipts", int(group.id))
    again = desk.receive({doc: "54.35"})
    yield green(doc, again, gone=[group])


@remedy("currency_differs", "book it by hand and dismiss it", MONEY, *BOTH)
def _(desk: CashierDesk, flow: Flow) -> Scenario:
    doc, group = yield from of_dollars(desk, flow)
    by_hand = desk.pay({doc: "50"}, LATER)
    desk.dismiss(group)
    yield from same_money(desk, by_hand)
    yield green(doc, gone=[group, by_hand])


@remedy("currency_rate.payment", "book it by hand and dismiss it", UNRATED, *BOTH)
def _(desk: CashierDesk, flow: Flow) -> Scenario:
    """One payment of two documents of different rates, of a currency without an official rate."""
    first = desk.invoice(flow, currency="SEK", currency_rate="0.09")
    second = desk.invoice(flow, currency="SEK", currency_rate="0.08", company_id=desk.get(first)["company_id"])
    group = desk.receive({first: None, second: None})
    module: Any = rates
    module.RATED_CURRENCIES = frozenset()
    yield stuck(group)
    by_hand = desk.pay({first: None, second: None})
    desk.dismiss(group)
    yield green(first, second, by_hand)
    module.RATED_CURRENCIES = RATED_CURRENCIES


@remedy("partners_differ", "enter one payment each in Scoro", MONEY, *BOTH)
def _(desk: CashierDesk, flow: Flow) -> Scenario:
    docs = [desk.invoice(flow) for _ in range(2)]
    group = desk.receive(dict.fromkeys(docs))
    yield stuck(group)
    desk.world.site.delete("receipts", int(group.id))
    each = [desk.receive({doc: None}) for doc in docs]
    yield green(*docs, *each, gone=[group])


# Booked, and worth a look


@remedy("entered_again", "correct it in SmartAccounts", MONEY, *BOTH)
def _(desk: CashierDesk, flow: Flow) -> Scenario:
    doc = desk.invoice(flow)
    first = desk.receive({doc: None})
    yield None
    payment = desk.booked(first)
    desk.world.site.delete("receipts", int(first.id))
    second = desk.receive({doc: None}, LATER, account_id=5)
    yield stuck(second)
    assert desk.booked(second) == payment
    desk.change(payment, accountName="SEB", date=f"{LATER:%d.%m.%Y}")
    yield green(doc, second)


@remedy("booked_on_another", "merge them in SmartAccounts too", MONEY, *BOTH)
def _(desk: CashierDesk, flow: Flow) -> Scenario:
    doc = desk.invoice(flow)
    other = desk.invoice(flow)
    yield None
    desk.mend(doc, company_id=desk.get(other)["company_id"])
    first = desk.receive({doc: "24"})
    yield stuck(first)
    merge(desk, doc, other)
    # What comes later goes to the one that is left.
    second = desk.receive({doc: None, other: None}, LATER)
    yield green(doc, other, first, second)


def merge(desk: CashierDesk, doc: Doc, other: Doc) -> None:
    """What merging the client of one document into that of another does in SmartAccounts."""
    key, partners = ("clientId", "clients") if doc.flow is SALES else ("vendorId", "vendors")
    books = desk.world.books
    of_doc, of_other = (books.records[SERVICES[doc.flow]][desk.remote(each)][key] for each in (doc, other))
    for service in (SERVICES[doc.flow], PAYMENT_SERVICE):
        for row in books.records[service].values():
            if row.get(key) == of_doc:
                row[key] = of_other
    books.remove(f"purchasesales/{partners}", of_doc)


@remedy("booked_differently.payment", "correct it in SmartAccounts", MONEY, *BOTH)
def _(desk: CashierDesk, flow: Flow) -> Scenario:
    doc = desk.invoice(flow)
    group = desk.receive({doc: None})
    books: Any = desk.world.books
    add = books.add
    extra = {"price": "1", "quantity": "1", "description": "Teenustasu", "account": "8600"}

    def with_a_fee(service: str, body: dict[str, Any]) -> dict[str, Any]:
        if body.get("document", "").endswith(f"/{group.id}]"):
            body = {**body, "extras": [extra]}
        return dict(add(service, body))

    books.add = with_a_fee
    yield stuck(group)
    desk.change(desk.booked(group), extras=[])
    yield green(doc, group)
