"""Documents that are dated before the first import day and entered on it or later. Lists of days do not show them:
their entries in the ledger tell of them, and they are read by the days on which they were entered."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from scoro_smartaccounts.smartaccounts.queries import booked_from, written_day
from scoro_smartaccounts.smartaccounts.wire import day as day_of
from scoro_smartaccounts.staging.audit_books import DOCUMENT_LISTS, BooksList, link_entries
from scoro_smartaccounts.staging.audit_ledger import days_of_unknown_documents
from scoro_smartaccounts.staging.audit_nights import known_mark, store_mark

if TYPE_CHECKING:
    from collections.abc import Collection

    from scoro_smartaccounts.audit.reader import Reader
    from scoro_smartaccounts.smartaccounts.client import Answer

_DAY = timedelta(days=1)
# For an entry that the sweep shows to have changed.
_KEPT_BACK = 1
# In the mark: the day under way, its next page, and whether it is read once more.
_READING = "reading"
# No day has more; a list that never ends has no end.
_MOST_PAGES = 100


def read_dated_before(reader: Reader, lists: Collection[BooksList]) -> dict[str, Any]:
    """Read the days whose entries have no document, each once, as far as there are requests for it: a day that takes
    more goes on the next night; how many `days` ended. `lists`: those that may be read."""
    days = 0
    for of in (each for each in DOCUMENT_LISTS if each in lists):
        while reader.asking.left > _KEPT_BACK and (day := _next(reader, of)) is not None:
            days += _read_day(reader, of, day)
    return {"days": days}


def _next(reader: Reader, of: BooksList) -> date | None:
    """Return the day that is read next: first the one that is under way."""
    with reader.services.engine.connect() as connection:
        detail = known_mark(connection, reader.company, _name(of)).detail
        days = days_of_unknown_documents(connection, reader.company, of, reader.first_day)
    left = [day for day in days if day.isoformat() not in detail.get("days", ())]
    under_way = detail.get(_READING, {}).get("day")
    return next((day for day in left if day.isoformat() == under_way), next(iter(left), None))


def _read_day(reader: Reader, of: BooksList, day: date) -> bool:
    """Read a day on from where it was left, until its entries have their documents or its pages end; whether it ended.

    Records slip to pages before while people work, and over some nights more so: what was read of several pages and
    did not tell all is read once more.
    """
    asked = {**booked_from(day - _DAY), "dateTo": written_day(day + _DAY)}
    with reader.services.engine.connect() as connection:
        reading = known_mark(connection, reader.company, _name(of)).detail.get(_READING, {})
    if reading.get("day") != day.isoformat():
        reading = {"day": day.isoformat(), "page": 1, "is_again": False}
    while reader.asking.left > _KEPT_BACK:
        answer = reader.read(of, asked, reading["page"])
        reader.take(of, answer.rows, "shown_as_changed")
        # A service that shows other days as well does not know this query.
        is_of = _is_of(answer, day)
        with reader.services.engine.begin() as connection:
            link_entries(connection, reader.company)
            days = days_of_unknown_documents(connection, reader.company, of, reader.first_day)
            if answer.has_more and is_of and day in days and reading["page"] < _MOST_PAGES:
                reading = {**reading, "page": reading["page"] + 1}
            elif reading["page"] > 1 and is_of and day in days and not reading["is_again"]:
                reading = {**reading, "page": 1, "is_again": True}
            else:
                reading = {}
            mark = known_mark(connection, reader.company, _name(of))
            detail = {**mark.detail, _READING: reading}
            if not reading:
                detail = {"days": [*mark.detail.get("days", ()), day.isoformat()]}
            store_mark(connection, reader.company, replace(mark, detail=detail))
        if not reading:
            return True
    return False


def _is_of(answer: Answer, day: date) -> bool:
    days = [day_of(row.get("entryDate")) for row in answer.rows]
    return all(each is not None and abs(each - day) <= _DAY for each in days)


def _name(of: BooksList) -> str:
    return f"dated before/{of}"
