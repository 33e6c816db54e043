"""Room totals. One cent that is wrong anywhere is told, and the document is named: exactly that one."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Connection, Table, select, update

from scoro_smartaccounts.staging.schema import (
    books_document,
    books_document_line,
    books_entry,
    books_entry_row,
    books_payment,
    books_payment_row,
    document,
    document_line,
    source_listing,
)
from scoro_smartaccounts.totals.compute import compute
from tests.integration.totals.books import Books, red
from tests.integration.world import World
from tests.tiers import slow_but

FIRST, LAST = date(2026, 1, 1), date(2026, 1, 31)


@dataclass(frozen=True)
class _Place:
    """Where a cent may be wrong, and by what a row there names its document. `is_told`: wherever it is wrong; else
    where it moves a figure of the page: cents of rows' VAT are their rounding, and the document's own VAT counts."""

    table: Table
    column: str
    names: str
    is_told: bool = True


PLACES = (
    _Place(document, "net", "source_id"),
    _Place(document, "vat", "source_id"),
    _Place(document_line, "net", "source_id"),
    _Place(source_listing, "net", "source_id"),
    _Place(source_listing, "vat", "source_id"),
    _Place(books_document, "net", "remote_id"),
    _Place(books_document, "vat", "remote_id"),
    _Place(books_document, "rounding", "remote_id"),
    _Place(books_document, "total", "remote_id"),
    _Place(books_document_line, "net", "remote_id"),
    _Place(books_document_line, "vat", "remote_id", is_told=False),
    _Place(books_document_line, "quantity", "remote_id"),
    _Place(books_entry_row, "debit", "entry_id"),
    _Place(books_entry_row, "credit", "entry_id"),
    _Place(books_payment, "amount", "remote_id"),
    _Place(books_payment, "prepayment", "remote_id"),
    _Place(books_payment_row, "amount", "remote_id"),
)


@pytest.mark.parametrize("count", slow_but([20], [20, 300]))
def test_one_wrong_cent_names_its_document(world: World, count: int) -> None:
    is_quick = count < 30
    bad = 0.0 if is_quick else 0.05
    world.generate(FIRST, LAST, 8 if is_quick else 40, bills_per_month=4 if is_quick else 20, bad=bad, bad_bills=bad)
    world.checked = not is_quick
    books = Books(world)
    books.import_all(FIRST, LAST)
    books.read()
    books.list_scoro()
    whole = books.totals()
    assert red(whole) == []
    draw = random.Random(count)
    for at in range(count):
        place = PLACES[at % len(PLACES)]
        with world.engine.connect() as connection:
            wrong = _corrupt(connection, place, draw)
            found = compute(connection, world.company)
            connection.rollback()
        names = {name for cause in red(found) for name in (cause.about.source_id, cause.about.remote_id) if name}
        assert names <= wrong, (place, names, wrong)
        assert bool(names) is (place.is_told or found.cells != whole.cells), (place, wrong)


def _corrupt(connection: Connection, place: _Place, draw: random.Random) -> set[str]:
    """Make one cent wrong; the ids of the document, of both sides."""
    table = place.table
    rows = connection.execute(
        select(table).where(table.c[place.column].is_not(None)).order_by(*table.primary_key.columns)
    ).all()
    if place.table in (document, document_line):
        rows = [row for row in rows if row.flow in ("sales_invoices", "purchase_invoices")]
    if place.table is document_line:
        # A heading has no amount.
        rows = [row for row in rows if not row.is_heading]
    if place.table is books_entry_row:
        rows = [row for row in rows if getattr(row, place.column)]
    row = draw.choice(rows)
    key = [column == getattr(row, column.name) for column in table.primary_key.columns]
    cent = draw.choice((Decimal("0.01"), Decimal("-0.01")))
    connection.execute(update(table).where(*key).values({place.column: getattr(row, place.column) + cent}))
    return _names(connection, place, row)


def _names(connection: Connection, place: _Place, row: Any) -> set[str]:
    from scoro_smartaccounts.staging.schema import link

    name = getattr(row, place.names)
    if place.table is books_entry_row:
        remote = connection.execute(
            select(books_entry.c.document_remote_id).where(books_entry.c.entry_id == name)
        ).scalar_one()
        name = remote or name
    ids = {name}
    for one, other in ((link.c.remote_id, link.c.source_id), (link.c.source_id, link.c.remote_id)):
        kinds = ("sales_invoice", "purchase_invoice", "payment")
        ids |= set(connection.execute(select(other).where(one == name, link.c.kind.in_(kinds))).scalars())
    if place.table is books_payment_row:
        # What is open of the document that it pays.
        ids.add(row.document_remote_id)
        ids |= set(
            connection.execute(select(link.c.source_id).where(link.c.remote_id == row.document_remote_id)).scalars()
        )
    return ids
