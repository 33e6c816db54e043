"""A record of SmartAccounts → what the audit keeps and compares of it: amounts, days, codes and ids, never a text.

What changes without anybody's touching the content is left out of it: when it was saved or sent, what is still to be
paid, the number that the service itself gives anew each year.
"""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.money import cents, told
from scoro_smartaccounts.flows import INVOICE_FLOWS
from scoro_smartaccounts.smartaccounts.endpoints import CLIENT_INVOICES, ENTRIES, PAYMENTS, VENDOR_INVOICES
from scoro_smartaccounts.smartaccounts.wire import (
    EntryRow,
    InvoiceLineRow,
    InvoiceRow,
    PaymentRow,
    amount,
    day,
    moment,
    text,
)
from scoro_smartaccounts.smartaccounts.words import CREDIT
from scoro_smartaccounts.staging.audit_books import WAGES, BooksList, Record
from scoro_smartaccounts.staging.ledger import entry_content

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

SERVICES: Mapping[BooksList, str] = {
    BooksList.SALES: CLIENT_INVOICES,
    BooksList.PURCHASES: VENDOR_INVOICES,
    BooksList.PAYMENTS: PAYMENTS,
    BooksList.ENTRIES: ENTRIES,
}
_ROW_ACCOUNTS = ("accountSales", "accountPurchase", "accountWarehouse")


def record_of(of: BooksList, row: Mapping[str, Any], site: str) -> Record:
    """Return a row of a list as the audit keeps it. `site`: the Scoro whose markers count. Raises UnreadableRow."""
    if of is BooksList.PAYMENTS:
        return _payment(PaymentRow.from_wire(row), row)
    if of is BooksList.ENTRIES:
        return _entry(EntryRow.from_wire(row))
    return _document(of, InvoiceRow.from_wire(row), site)


def wages_of(booked: date, rows: Iterable[Mapping[str, Any]]) -> Record:
    """Return what the entries of wages of a day move on each account, in one: of nobody alone. Raises UnreadableRow."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for row in rows:
        for line in EntryRow.from_wire(row).rows:
            sums[line.account] += line.debit - line.credit
    moved = {account: value for account, value in sorted(sums.items()) if value}
    return Record(
        BooksList.ENTRIES,
        f"wages {booked}",
        {
            "doc_type": WAGES,
            "day": booked,
            "number": "",
            "document": "",
            "currency": "",
            "amount": sum((value for value in moved.values() if value > 0), Decimal(0)),
        },
        entry_content(booked, moved),
        [
            {
                "account": account,
                "debit": max(value, Decimal(0)),
                "credit": max(-value, Decimal(0)),
                "debit_original": None,
                "credit_original": None,
            }
            for account, value in moved.items()
        ],
    )


def _document(of: BooksList, row: InvoiceRow, site: str) -> Record:
    spec = INVOICE_FLOWS[Flow(of.value)]
    lines = [_line(line) for line in row.rows]
    shown = [line["vat"] for line in lines]
    if row.vat_amount is None or None in shown or not _adds_up(shown, row.vat_amount):
        # What stands there is a percentage.
        lines = [line | {"vat": None} for line in lines]
    entry_day = row.entry_date or row.date
    marked = spec.marked(row.comment, site) or ""
    columns = {
        "number": row.invoice_number,
        "accounting_number": text(row.raw.get("number")),
        "day": row.date,
        "due_day": day(row.raw.get("dueDate")),
        "entry_day": entry_day,
        "partner_remote_id": row.partner_id,
        "is_credit": row.type == CREDIT,
        "currency": row.currency,
        "currency_rate": row.exchange_rate,
        "net": row.amount,
        "vat": row.vat_amount,
        "rounding": row.round_amount,
        "total": row.total_amount,
        "outstanding": amount(row.raw.get("outstandingAmount")),
        "account_unpaid": text(row.raw.get("accountUnpaid")),
        "marked_id": marked,
        "created_at": moment(row.raw.get("dateCreated")),
        "updated_at": moment(row.raw.get("dateUpdated")),
    }
    content = {
        "number": row.invoice_number,
        "partner": row.partner_id,
        "day": row.date.isoformat(),
        "entry_day": entry_day.isoformat(),
        "currency": row.currency,
        "rate": told(row.exchange_rate),
        "total": told(row.total_amount),
        "net": told(row.amount),
        "vat": told(row.vat_amount),
        "rounding": told(row.round_amount),
        "unpaid": columns["account_unpaid"],
        "marked": marked,
        "vat_codes": _sums(lines, "vat_code", "net"),
        "accounts": _sums(lines, "account", "net"),
        "articles": _sums(lines, "article_code", "quantity"),
    }
    return Record(of, row.id, columns, content, lines)


def _line(line: InvoiceLineRow) -> dict[str, Any]:
    return {
        "article_code": line.code,
        "vat_code": line.vat_pc,
        "quantity": line.quantity,
        "net": cents(line.price * line.quantity * (100 - line.discount) / 100),
        "vat": line.vat,
        "account": next(filter(None, (text(line.raw.get(name)) for name in _ROW_ACCOUNTS)), ""),
    }


def _adds_up(shown: list[Decimal], vat: Decimal) -> bool:
    """Whether the VAT of rows is that of the document, to a cent a row."""
    return abs(abs(sum(shown, Decimal(0))) - abs(vat)) <= Decimal("0.01") * max(len(shown), 1)


def _sums(lines: Iterable[Mapping[str, Any]], key: str, value: str) -> dict[str, str]:
    found: dict[str, Decimal] = defaultdict(Decimal)
    for line in lines:
        found[line[key]] += line[value]
    return {name: told(found[name]) for name in sorted(found)}


def _payment(row: PaymentRow, raw: Mapping[str, Any]) -> Record:
    columns = {
        "number": row.number,
        "day": row.date,
        "partner_type": row.partner_type,
        "partner_remote_id": row.partner_id,
        "account_type": row.account_type,
        "account_name": row.account_name,
        "currency": row.currency,
        "currency_rate": amount(raw.get("exchangeRate")),
        "amount": row.amount,
        "eur_amount": amount(raw.get("eurAmount")),
        "prepayment": row.prepayment,
        "created_at": row.created_at,
        "updated_at": row.changed_at,
    }
    rows = [{"type": part.type, "document_remote_id": part.id, "amount": part.amount} for part in row.rows]
    content = {
        # A name begins with an underscore: it is told, and not compared.
        "_number": row.number,
        "day": row.date.isoformat(),
        "partner": row.partner_id,
        "account": f"{row.account_type} {row.account_name}",
        "currency": row.currency,
        "amount": told(row.amount),
        "prepayment": told(row.prepayment),
        "settles": _sums(rows, "document_remote_id", "amount"),
    }
    return Record(BooksList.PAYMENTS, row.id, columns, content, rows)


def _entry(row: EntryRow) -> Record:
    is_of_wages = row.doc_type == WAGES
    rows = [] if is_of_wages else list(row.rows)
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for line in rows:
        sums[line.account] += line.debit - line.credit
    columns = {
        "doc_type": row.doc_type,
        "day": row.date,
        "number": "" if is_of_wages else row.number,
        "document": "" if is_of_wages or row.doc_type not in _NAMING else row.document,
        "currency": row.currency,
        "amount": None if is_of_wages else sum((line.debit for line in rows), Decimal(0)),
    }
    content = {} if is_of_wages else entry_content(row.date, sums)
    return Record(
        BooksList.ENTRIES,
        row.id,
        columns,
        content,
        [
            {
                "account": line.account,
                "debit": line.debit,
                "credit": line.credit,
                "debit_original": line.debit_original,
                "credit_original": line.credit_original,
            }
            for line in rows
        ],
    )


# Of these entries the document's number is no text of anybody.
_NAMING = ("CLIENT_INVOICE", "VENDOR_INVOICE", "VAT_RETURN")
