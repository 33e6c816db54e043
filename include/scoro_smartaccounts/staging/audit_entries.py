"""Ledger entries that the audit keeps, as SmartAccounts showed them. Nothing is written."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, and_, select

from scoro_smartaccounts.smartaccounts.wire import EntryLine, EntryRow
from scoro_smartaccounts.staging.schema import books_entry, books_entry_row

if TYPE_CHECKING:
    from datetime import datetime


def entries_of_type(connection: Connection, company: str, doc_type: str) -> list[tuple[EntryRow, datetime, bool]]:
    """Return the entries of a type by day and id, each with when it was seen last, or seen to be gone, and whether it
    is gone."""
    row = books_entry_row
    lines: dict[str, list[EntryLine]] = defaultdict(list)
    is_of_type = and_(
        books_entry.c.company == row.c.company,
        books_entry.c.entry_id == row.c.entry_id,
        books_entry.c.doc_type == doc_type,
    )
    of_rows = select(row.c.entry_id, row.c.account, row.c.debit, row.c.credit).join(books_entry, is_of_type)
    for entry_id, *values in connection.execute(of_rows.where(row.c.company == company).order_by(row.c.position)):
        lines[entry_id].append(EntryLine(*values))
    found = connection.execute(
        select(books_entry)
        .where(books_entry.c.company == company, books_entry.c.doc_type == doc_type)
        .order_by(books_entry.c.day, books_entry.c.entry_id)
    )
    return [(_entry(each, tuple(lines[each.entry_id])), each.seen_at, each.is_deleted) for each in found]


def _entry(row: Row[Any], lines: tuple[EntryLine, ...]) -> EntryRow:
    return EntryRow(row.entry_id, row.doc_type, row.day, row.number, row.document, row.currency, lines)
