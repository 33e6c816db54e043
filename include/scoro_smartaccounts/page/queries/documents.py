"""The list of documents: what a visitor looks for, a page at a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.page.queries.people import names_of
from scoro_smartaccounts.staging import document_search
from scoro_smartaccounts.staging.document_search import Cursor, FoundDocument, Wanted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlalchemy import Connection

PAGE = 50
# How much of a list that people take away is read at once.
_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class Page:
    """Some documents of a search. `partners` by contact; `count` is at most one more than `MOST_COUNTED`; `next`: where
    the next page begins, empty behind the last one."""

    rows: Sequence[FoundDocument]
    partners: Mapping[str, str]
    count: int
    next: str


def page_of(connection: Connection, company: str, wanted: Wanted, after: str = "") -> Page:
    """Return the page of a search that begins behind `after`."""
    found = document_search.search(connection, company, wanted, after=cursor_of(after), most=PAGE + 1)
    rows = found[:PAGE]
    is_all = not after and len(found) == len(rows)
    return Page(
        rows=rows,
        partners=names_of(connection, company, (row.partner_id for row in rows)),
        count=len(rows) if is_all else document_search.count(connection, company, wanted),
        next=written(rows[-1].cursor) if len(found) > PAGE else "",
    )


def all_of(connection: Connection, company: str, wanted: Wanted) -> Iterator[Page]:
    """Yield all documents of a search in pages, at least one."""
    after: Cursor | None = None
    while True:
        rows = document_search.search(connection, company, wanted, after=after, most=_AT_ONCE)
        partners = names_of(connection, company, {row.partner_id for row in rows})
        yield Page(rows=rows, partners=partners, count=len(rows), next="")
        if len(rows) < _AT_ONCE:
            return
        after = rows[-1].cursor


def written(cursor: Cursor) -> str:
    """Return a cursor as it stands in an address."""
    return f"{cursor.day or ''}~{cursor.flow.value}~{cursor.source_id}"


def cursor_of(text: str) -> Cursor | None:
    """Return the cursor of an address; None where there is none. Raises ValueError for what is none."""
    if not text:
        return None
    day, flow, source_id = text.split("~", 2)
    return Cursor(date.fromisoformat(day) if day else None, source_id, Flow(flow))
