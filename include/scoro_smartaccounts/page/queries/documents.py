"""The list of documents: what a visitor looks for, a page at a time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.reasons import shortly
from scoro_smartaccounts.page.queries.money import settled_by
from scoro_smartaccounts.page.queries.people import names_of
from scoro_smartaccounts.staging import document_search
from scoro_smartaccounts.staging.document_search import Cursor, FoundDocument, Standing, Wanted
from scoro_smartaccounts.staging.waiting import waits_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlalchemy import Connection

    from scoro_smartaccounts.common.reasons import Phrase
    from scoro_smartaccounts.staging.links import Key

PAGE = 50
# How much of a list that people take away is read at once.
_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class Page:
    """Some documents of a search. `partners` by contact; `count` is at most one more than `MOST_COUNTED`; `next`: where
    the next page begins, empty behind the last one; `waits`: what each waits for, where only such are looked for."""

    rows: Sequence[FoundDocument]
    partners: Mapping[str, str]
    count: int
    next: str
    waits: Mapping[Key, Phrase]


def page_of(connection: Connection, company: str, wanted: Wanted, after: str = "") -> Page:
    """Return the page of a search that begins behind `after`."""
    found = document_search.search(connection, company, wanted, after=cursor_of(after), most=PAGE + 1)
    rows = _with_partners(connection, company, found[:PAGE])
    is_all = not after and len(found) == len(rows)
    return Page(
        rows=rows,
        partners=names_of(connection, company, (row.partner_id for row in rows)),
        count=len(rows) if is_all else document_search.count(connection, company, wanted),
        next=written(rows[-1].cursor) if len(found) > PAGE else "",
        waits=_waits(connection, company, rows) if wanted.standing is Standing.WAITING else {},
    )


def all_of(connection: Connection, company: str, wanted: Wanted) -> Iterator[Page]:
    """Yield all documents of a search in pages, at least one."""
    after: Cursor | None = None
    while True:
        found = document_search.search(connection, company, wanted, after=after, most=_AT_ONCE)
        rows = _with_partners(connection, company, found)
        partners = names_of(connection, company, {row.partner_id for row in rows})
        yield Page(rows=rows, partners=partners, count=len(rows), next="", waits={})
        if len(rows) < _AT_ONCE:
            return
        after = rows[-1].cursor


def _with_partners(connection: Connection, company: str, rows: Sequence[FoundDocument]) -> list[FoundDocument]:
    """Return documents with a contact where that is known: payments of SmartAccounts with that of what they pay."""
    bare = [row.source_id for row in rows if row.flow.is_export and row.partner_id is None]
    settles = settled_by(connection, company, Flow.EXPORT_PAYMENTS, bare) if bare else {}

    def partner(row: FoundDocument) -> str | None:
        paid = settles.get(row.source_id, ()) if row.flow.is_export else ()
        return row.partner_id or next((each.partner_id for each in paid if each.partner_id), None)

    return [replace(row, partner_id=partner(row)) for row in rows]


def _waits(connection: Connection, company: str, rows: Sequence[FoundDocument]) -> dict[Key, Phrase]:
    found: dict[Key, Phrase] = {}
    for flow in {row.flow for row in rows}:
        ids = [row.source_id for row in rows if row.flow is flow]
        waits = waits_of(connection, company, flow, ids)
        found |= {(flow, source_id): shortly(why) for source_id, why in waits.items()}
    return found


def written(cursor: Cursor) -> str:
    """Return a cursor as it stands in an address."""
    return f"{cursor.day or ''}~{cursor.flow.value}~{cursor.source_id}"


def cursor_of(text: str) -> Cursor | None:
    """Return the cursor of an address; None where there is none. Raises ValueError for what is none."""
    if not text:
        return None
    day, flow, source_id = text.split("~", 2)
    return Cursor(date.fromisoformat(day) if day else None, source_id, Flow(flow))
