"""Remedies of the quality checks of payments, in both directions."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from scoro_smartaccounts import pipeline
from scoro_smartaccounts.common.documents import Flow
from tests.integration.remedies.cashier import PAID, PAYMENT_SERVICE, PAYMENTS, CashierDesk
from tests.integration.remedies.desk import SALES, Doc
from tests.integration.remedies.play import BOTH, Part, Place, Scenario, green, remedy, stuck

CHECKED = Place("money, checked", checked=True, desk=CashierDesk)
OUTSIDE = Place("money, outside", checked=True, desk=CashierDesk)
MARCH = date(2026, 3, 2)


def spoil(desk: CashierDesk, group: Doc, **fields: Any) -> None:
    """What Scoro would not take by its own rules."""
    desk.world.site.patch("receipts", int(group.id), fields)


def rows_of(desk: CashierDesk, group: Doc) -> list[dict[str, Any]]:
    return [dict(row) for row in desk.world.site.get("receipts", int(group.id))["receipts"]]


def received(desk: CashierDesk, flow: Flow) -> tuple[Doc, Doc]:
    doc = desk.invoice(flow)
    return doc, desk.receive({doc: None})


@remedy("day_not_plausible.payment", "correct it in Scoro", CHECKED, *BOTH)
def _(desk: CashierDesk, flow: Flow) -> Scenario:
    doc = desk.invoice(flow)
    group = desk.receive({doc: None}, date(2028, 1, 20))
    # It lies outside the days of the first run.
    yield None
    yield stuck(group)
    desk.world.site.modify("receipts", int(group.id), {"date": PAID.isoformat()})
    yield green(doc, group)


def redated(desk: CashierDesk, flow: Flow) -> Part[tuple[Doc, Doc]]:
    """Another run reads a new date between two steps of this one."""
    doc, group = received(desk, flow)

    def redate() -> None:
        desk.world.site.modify("receipts", int(group.id), {"date": MARCH.isoformat()})
        request = desk.world.request(MARCH, MARCH, flow=PAYMENTS)
        pipeline.extract(request, desk.world.services(request))

    desk.hooks.append((f"{PAYMENTS.value} extract", redate))
    yield stuck(group)
    return doc, group


@remedy("day_outside_run.payment", "run the import for that day", OUTSIDE, *BOTH)
def _(desk: CashierDesk, flow: Flow) -> Scenario:
    doc, group = yield from redated(desk, flow)
    desk.run(PAYMENTS, MARCH, MARCH)
    desk.assert_booked(group)
    yield green(doc, group)


@remedy("day_outside_run.payment", "correct the date in Scoro", OUTSIDE, *BOTH)
def _(desk: CashierDesk, flow: Flow) -> Scenario:
    doc, group = yield from redated(desk, flow)
    desk.world.site.modify("receipts", int(group.id), {"date": PAID.isoformat()})
    yield green(doc, group)


def without_rows(desk: CashierDesk, flow: Flow) -> Part[tuple[Doc, Doc, str]]:
    doc = desk.invoice(flow)
    values = {
        "date": PAID.isoformat(),
        "contact_id": desk.get(doc)["company_id"],
        "sum": desk.total(doc),
        "currency": "EUR",
        "sales_doc_type": doc.module,
        "receipt_account_id": 2,
    }
    group = Doc(PAYMENTS, str(desk.world.site.put("receipts", values)["id"]))
    yield stuck(group)
    return doc, group, str(desk.total(doc))


@remedy("rows_not_given", "choose its documents in Scoro", CHECKED, *BOTH)
def _(desk: CashierDesk, flow: Flow) -> Scenario:
    doc, group, total = yield from without_rows(desk, flow)
    desk.rewrite(group, {doc: total})
    yield green(doc, group)


@remedy("rows_not_given", "delete it", CHECKED, *BOTH)
def _(desk: CashierDesk, flow: Flow) -> Scenario:
    doc, group, _ = yield from without_rows(desk, flow)
    desk.world.site.delete("receipts", int(group.id))
    yield green(doc, gone=[group])


def with_a_row(desk: CashierDesk, flow: Flow, amount: str, **names: int) -> Part[tuple[Doc, Doc, Doc]]:
    """A payment of 24.00 and a second row that is wrong; the document, the payment and another document."""
    doc = desk.invoice(flow)
    other = desk.invoice(flow, company_id=desk.get(doc)["company_id"])
    group = desk.receive({doc: "24"})
    [row] = rows_of(desk, group)
    wrong = {**row, "receipt_id": row["receipt_id"] + 5000, "sum": Decimal(amount), "invoice_no": "", **names}
    if not names:
        wrong["invoice_id"] = int(other.id)
    spoil(desk, group, receipts=[row, wrong], sum=Decimal(24) + Decimal(amount))
    yield stuck(group)
    return doc, other, group


@remedy("row_names_nothing", "choose the document in Scoro", CHECKED, *BOTH)
def _(desk: CashierDesk, flow: Flow) -> Scenario:
    doc, other, group = yield from with_a_row(desk, flow, "12", invoice_id=0)
    desk.rewrite(group, {doc: "24", other: "12"})
    yield green(doc, other, group)


@remedy("row_names_nothing", "delete the row", CHECKED, *BOTH)
def _(desk: CashierDesk, flow: Flow) -> Scenario:
    doc, other, group = yield from with_a_row(desk, flow, "12", invoice_id=0)
    desk.rewrite(group, {doc: "24"})
    yield green(doc, other, group)


@remedy("row_of_zero", "enter the amount in Scoro", CHECKED, *BOTH)
def _(desk: CashierDesk, flow: Flow) -> Scenario:
    doc, other, group = yield from with_a_row(desk, flow, "0")
    desk.rewrite(group, {doc: "24", other: "12"})
    yield green(doc, other, group)


@remedy("row_of_zero", "delete the row", CHECKED, *BOTH)
def _(desk: CashierDesk, flow: Flow) -> Scenario:
    doc, other, group = yield from with_a_row(desk, flow, "0")
    desk.rewrite(group, {doc: "24"})
    yield green(doc, other, group)


@remedy("total_differs_from_rows", "correct one of them in Scoro", CHECKED, *BOTH)
def _(desk: CashierDesk, flow: Flow) -> Scenario:
    doc, group = received(desk, flow)
    total = desk.total(doc)
    spoil(desk, group, sum=total - 10)
    yield stuck(group)
    desk.rewrite(group, {doc: str(total)})
    yield green(doc, group)


@remedy("payer_not_named", "choose the contact in Scoro", CHECKED)
def _(desk: CashierDesk, flow: Flow) -> Scenario:
    doc = desk.invoice()
    contact = desk.get(doc)["company_id"]
    group = desk.receive_ahead(desk.prepayment_invoice(contact, "40"))
    spoil(desk, group, contact_id=0)
    yield stuck(group)
    desk.world.site.modify("receipts", int(group.id), {"contact_id": contact})
    yield green(doc, group)


# Payments of SmartAccounts


def paid(desk: CashierDesk, flow: Flow) -> Part[tuple[Doc, Doc]]:
    """A document in the books, and a payment of half of it there."""
    doc = desk.invoice(flow)
    yield None
    return doc, desk.pay({doc: str(desk.total(doc) / 2)})


def tamper(desk: CashierDesk, payment: Doc, **fields: Any) -> None:
    """What SmartAccounts would not take by its own rules, as it stands there from the beginning."""
    desk.world.books.records[PAYMENT_SERVICE][payment.id].update(fields)


@remedy("day_not_plausible.export", "correct it in SmartAccounts", CHECKED, *BOTH)
def _(desk: CashierDesk, flow: Flow) -> Scenario:
    doc, payment = yield from paid(desk, flow)
    tamper(desk, payment, date=date(2028, 1, 20))
    yield stuck(payment)
    desk.change(payment.id, date=f"{PAID:%d.%m.%Y}")
    yield green(doc, payment)


@remedy("currency_malformed.export", "choose the currency in SmartAccounts", CHECKED, *BOTH)
def _(desk: CashierDesk, flow: Flow) -> Scenario:
    doc, payment = yield from paid(desk, flow)
    tamper(desk, payment, currency="€")
    yield stuck(payment)
    desk.change(payment.id, currency="EUR")
    yield green(doc, payment)


def of_nothing(desk: CashierDesk, flow: Flow) -> Part[tuple[Doc, Doc]]:
    """A discount settles a part of a document: no money moved."""
    doc = desk.invoice(flow)
    yield None
    discount = {"price": "-20", "quantity": "1", "description": "Allahindlus", "account": "8600"}
    payment = desk.pay({doc: "20"}, extras=[discount])
    yield stuck(payment)
    return doc, payment


@remedy("amount_not_positive", "correct it in SmartAccounts", CHECKED, *BOTH)
def _(desk: CashierDesk, flow: Flow) -> Scenario:
    doc, payment = yield from of_nothing(desk, flow)
    desk.change(payment.id, extras=[])
    yield green(doc, payment)


@remedy("amount_not_positive", "enter it in Scoro by hand and dismiss it here", CHECKED, *BOTH)
def _(desk: CashierDesk, flow: Flow) -> Scenario:
    doc, payment = yield from of_nothing(desk, flow)
    group = desk.receive({doc: "20"})
    desk.dismiss(payment)
    yield green(doc, group)


def of_less(desk: CashierDesk, flow: Flow) -> Part[tuple[Doc, Doc]]:
    """A row below 0, as if money went back."""
    doc, payment = yield from paid(desk, flow)
    kind = "CLIENT_INVOICE" if flow is SALES else "VENDOR_INVOICE"
    [row] = desk.world.books.records[PAYMENT_SERVICE][payment.id]["rows"]
    tamper(desk, payment, rows=[row, {"type": kind, "id": row["id"], "amount": Decimal("-5"), "description": ""}])
    yield stuck(payment)
    return doc, payment


@remedy("row_not_positive", "correct it in SmartAccounts", CHECKED, *BOTH)
def _(desk: CashierDesk, flow: Flow) -> Scenario:
    doc, payment = yield from of_less(desk, flow)
    tamper(desk, payment, rows=desk.world.books.records[PAYMENT_SERVICE][payment.id]["rows"][:1])
    desk.change(payment.id, date=f"{PAID + timedelta(days=1):%d.%m.%Y}")
    yield green(doc, payment)


@remedy("row_not_positive", "enter it in Scoro by hand and dismiss it here", CHECKED, *BOTH)
def _(desk: CashierDesk, flow: Flow) -> Scenario:
    doc, payment = yield from of_less(desk, flow)
    group = desk.receive({doc: str(desk.total(doc) / 2)})
    desk.dismiss(payment)
    yield None
    desk.assert_stuck(group, "possible_duplicate.payment")
    desk.dismiss(group)
    yield green(doc, gone=[payment, group])
