"""What answers of SmartAccounts tell, without names and texts: ids, numbers, days, amounts, and how all is written."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from scoro_smartaccounts.common.money import ZERO, plain
from scoro_smartaccounts.smartaccounts.wire import (
    EntryRow,
    InvoiceRow,
    PaymentRow,
    UnreadableRow,
    amount,
    moment,
    readable,
    text,
)
from scoro_smartaccounts.smartaccounts.words import BANK, CASH, CLIENT_INVOICE, SENT, VENDOR_INVOICE

if TYPE_CHECKING:
    from datetime import datetime
    from decimal import Decimal

    from scoro_smartaccounts.smartaccounts.client import Answer

    Facts = dict[str, Any]
    Row = Mapping[str, Any]

# Entries of wages and the like are nobody's business here.
_KEPT = (CLIENT_INVOICE, VENDOR_INVOICE, f"{BANK}_PAYMENT", f"{CASH}_PAYMENT")
_AMOUNTS = ("totalAmount", "amount", "debitAmount", "creditAmount")
_NUMBERS = ("number", "invoiceNumber", "referenceNumber")
# No comment of this length was cut to another one.
LONG_COMMENT = 100


def _written(value: Decimal | None) -> str | None:
    return None if value is None else plain(value)


def invoices(answer: Answer, now: datetime) -> Facts:
    """Return the facts of a page of sales invoices or bills."""
    return _page(answer, now, InvoiceRow.from_wire, _invoice)


def payments(answer: Answer, now: datetime) -> Facts:
    """Return the facts of a page of payments."""
    return _page(answer, now, PaymentRow.from_wire, _payment)


def entries(answer: Answer, now: datetime, keep: Callable[[Iterable[EntryRow]], None] | None = None) -> Facts:
    """Return the facts of a page of ledger entries, and `keep` those that staging has room for."""
    kept = [row for row in answer.rows if text(row.get("docType")).upper() in _KEPT]
    if keep is not None:
        keep(readable(kept, EntryRow.from_wire)[0])
    return _page(answer, now, EntryRow.from_wire, _entry, rows=kept)


def register(answer: Answer, now: datetime) -> Facts:
    """Return the facts of a page of clients: which, and when they changed."""
    return _page(answer, now, dict, lambda row, _: {"id": text(row.get("id")), "changed": _changed(row)})


def counted(answer: Answer, now: datetime) -> Facts:
    """Return the facts of a page of which only its length tells anything."""
    return _page(answer, now, dict, lambda _, __: {})


def balances(answer: Answer, now: datetime) -> Facts:
    """Return the facts of a list of account balances, which has no pages."""
    return counted(answer, now) | {"more": False}


def movements(answer: Answer, now: datetime) -> Facts:
    """Return the facts of a page of movements of stock: of which documents they are."""
    return _page(answer, now, dict, lambda row, _: {"document": text(row.get("document"))})


def _page(
    answer: Answer,
    now: datetime,
    parse: Callable[[Row], Any],
    facts_of: Callable[[Any, Row], Facts],
    *,
    rows: Iterable[Row] | None = None,
) -> Facts:
    """Return what holds for any list: its name, its end, what was deleted, the service's clock, how things are
    written."""
    rows = list(answer.rows if rows is None else rows)
    found = []
    unreadable = 0
    for row in rows:
        try:
            found.append(facts_of(parse(row), row))
        except UnreadableRow:
            unreadable += 1
    clock = answer.server_time
    return {
        "rows": found,
        "length": len(answer.rows),
        "unreadable": unreadable,
        "more": answer.has_more,
        "deleted": answer.tells_deleted,
        "key": answer.list_key,
        "behind": None if clock is None else int((now - clock).total_seconds()),
        "forms": _forms(answer.rows),
    }


def _forms(rows: Iterable[Row]) -> dict[str, list[str]]:
    """Return how amounts, numbers and moments of records are written, in all the forms that occur."""
    forms: dict[str, set[str]] = {"amount": set(), "number": set(), "moment": set()}
    for row in rows:
        nested = (each for each in _items(row.get("rows")) if isinstance(each, Mapping))
        for part in (row, *nested):
            forms["amount"] |= {_kind(part[name]) for name in _AMOUNTS if name in part}
        # Only what could be a number tells how numbers come.
        forms["number"] |= {_kind(row[name]) for name in _NUMBERS if text(row.get(name)).isdecimal()}
        if written := row.get("dateUpdated"):
            forms["moment"].add(_form_of_moment(str(written)))
    return {name: sorted(found) for name, found in forms.items()}


def _items(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _kind(value: object) -> str:
    return "text" if isinstance(value, str) else "number"


def _form_of_moment(written: str) -> str:
    if "T" in written or written[4:5] == "-":
        return "iso"
    return "second" if ":" in written else "day"


def _changed(row: Row) -> str | None:
    at = moment(row.get("dateUpdated"))
    return None if at is None else at.isoformat()


def _created(row: Row) -> str | None:
    at = moment(row.get("dateCreated"))
    return None if at is None else at.isoformat()


def _invoice(invoice: InvoiceRow, row: Row) -> Facts:
    computed = row.get("isCalculateVat")
    return {
        "id": invoice.id,
        "number": invoice.invoice_number,
        "mark": mark(invoice.invoice_number),
        "own_number": text(row.get("number")),
        "partner": invoice.partner_id,
        "day": invoice.date.isoformat(),
        "entry_day": (invoice.entry_date or invoice.date).isoformat(),
        "type": invoice.type,
        "currency": invoice.currency,
        "rate": _written(invoice.exchange_rate),
        "net": _written(invoice.amount),
        "vat": _written(invoice.vat_amount),
        "total": _written(invoice.total_amount),
        "rounding": _written(invoice.round_amount),
        "computed": computed if isinstance(computed, bool) else None,
        "reverse": bool(text(row.get("reverseVatChargeType"))),
        "unpaid": _written(amount(row.get("outstandingAmount"))),
        "changed": _changed(row),
        "created": _created(row),
        "comment": len(invoice.comment),
        "sent": [name for name in SENT if row.get(name)],
        "by_vendor": [name for name in ("vendorId", "vendor") if name in row],
        "rows": [
            [line.vat_pc, *map(_written, (line.price, line.quantity, line.discount, line.vat, line.sum))]
            for line in invoice.rows
        ],
    }


def _payment(payment: PaymentRow, row: Row) -> Facts:
    extras = [each for each in _items(row.get("extras")) if isinstance(each, Mapping)]
    return {
        "id": payment.id,
        "mark": mark(payment.document),
        "own_number": payment.number,
        "day": payment.date.isoformat(),
        "entry_day": payment.date.isoformat(),
        "partner_type": payment.partner_type,
        "account_type": payment.account_type,
        "account": payment.account_name,
        "currency": payment.currency,
        "rate": _written(amount(row.get("exchangeRate"))),
        "amount": _written(payment.amount),
        "prepayment": _written(payment.prepayment),
        "extras": _written(sum((_product(each) for each in extras), ZERO)),
        "changed": _changed(row),
        "created": _created(row),
        "rows": [[part.type, part.id, _written(part.amount)] for part in payment.rows],
    }


def _product(extra: Row) -> Decimal:
    return (amount(extra.get("price")) or ZERO) * (amount(extra.get("quantity")) or ZERO)


def _entry(entry: EntryRow, _: Row) -> Facts:
    return {
        "id": entry.id,
        "type": entry.doc_type,
        "day": entry.date.isoformat(),
        "own_number": entry.number,
        "mark": mark(entry.document),
        "currency": entry.currency,
        "rows": [
            [row.account, *map(_written, (row.debit, row.credit, row.debit_original, row.credit_original))]
            for row in entry.rows
        ],
    }


def mark(written: str) -> str:
    """Return what two equal texts have in common, and nothing of what they say: a payment's document may hold
    anything."""
    return hashlib.sha256(written.encode("utf-8", "surrogatepass")).hexdigest()[:16] if written else ""


def at(digest: Callable[[Answer, datetime], Facts], clock: Callable[[], datetime]) -> Callable[[Answer], Facts]:
    """Return a digest that reads the clock when the answer is there."""
    return lambda answer: digest(answer, clock())


def keeping(keep: Callable[[Iterable[EntryRow]], None]) -> Callable[[Answer, datetime], Facts]:
    """Return the digest of entries that keeps them."""
    return partial(entries, keep=keep)
