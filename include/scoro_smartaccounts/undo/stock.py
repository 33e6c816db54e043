"""Documents whose articles others move after them: without them the stock would have to be calculated again."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from scoro_smartaccounts.smartaccounts.wire import InvoiceRow, UnreadableRow, text
from scoro_smartaccounts.staging.audit_books import documents_with_articles
from scoro_smartaccounts.staging.links import booked_documents
from scoro_smartaccounts.staging.plans import planned_with_articles

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy import Connection

    from scoro_smartaccounts.common.documents import Flow
    from scoro_smartaccounts.undo.facts import BookedOne, DocumentKey

# Articles → the documents that are there and move them.
Movers = dict[str, set["DocumentKey"]]


def staged_movers(connection: Connection, company: str, one: BookedOne) -> Movers:
    """Return what staging knows of documents that move the stock of a document's articles on its day or later, itself
    among them."""
    found: Movers = defaultdict(set)
    if not one.stock or one.day is None:
        return found
    for code, keys in documents_with_articles(connection, company, one.stock, one.day).items():
        found[code] |= keys
    planned = planned_with_articles(connection, company, one.stock, one.day)
    booked = booked_documents(connection, company, {key for keys in planned.values() for key in keys})
    for code, keys in planned.items():
        there = ((flow, booked[flow, source]) for flow, source in keys if (flow, source) in booked)
        found[code] |= {(flow, item.remote_id) for flow, item in there if item.gone_at is None}
    return found


def shown_movers(flow: Flow, rows: Iterable[Mapping[str, Any]], one: BookedOne) -> Movers:
    """Return which of SmartAccounts' rows move the stock of a document's articles on its day or later. One that cannot
    be read might."""
    found: Movers = defaultdict(set)
    for row in rows:
        try:
            shown = InvoiceRow.from_wire(row)
        except UnreadableRow:
            codes, is_later = one.stock, True
        else:
            codes = one.stock & {line.code for line in shown.rows}
            is_later = one.day is None or (shown.entry_date or shown.date) >= one.day
        for code in codes if is_later else ():
            found[code].add((flow, text(row.get("id"))))
    return found
