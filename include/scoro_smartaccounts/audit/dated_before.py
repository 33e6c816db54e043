"""Documents that are dated before the first import day and entered on it or later. Lists of days do not show them:
their entries in the ledger tell of them, and they are read by the days on which they were entered."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import count
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


def read_dated_before(reader: Reader, lists: Collection[BooksList]) -> dict[str, Any]:
    """Read the days whose entries have no document, each once, as many as there are requests for; how many `days`.
    `lists`: those that may be read."""
    days = 0
    for of in (each for each in DOCUMENT_LISTS if each in lists):
        while reader.asking.left > _KEPT_BACK and (day := _next(reader, of)) is not None:
            _read_day(reader, of, day)
            days += 1
    return {"days": days}


def _next(reader: Reader, of: BooksList) -> date | None:
    with reader.services.engine.connect() as connection:
        looked = known_mark(connection, reader.company, _name(of)).detail.get("days", ())
        days = days_of_unknown_documents(connection, reader.company, of, reader.first_day)
    return next((day for day in days if day.isoformat() not in looked), None)


def _read_day(reader: Reader, of: BooksList, day: date) -> None:
    asked = {**booked_from(day - _DAY), "dateTo": written_day(day + _DAY)}
    for number in count(1):
        answer = reader.read(of, asked, number)
        reader.take(of, answer.rows, "shown_as_changed")
        # A service that shows other days as well does not know this query.
        if not answer.has_more or not _is_of(answer, day):
            break
    with reader.services.engine.begin() as connection:
        link_entries(connection, reader.company)
        mark = known_mark(connection, reader.company, _name(of))
        looked = [*mark.detail.get("days", ()), day.isoformat()]
        store_mark(connection, reader.company, replace(mark, detail={"days": looked}))


def _is_of(answer: Answer, day: date) -> bool:
    days = [day_of(row.get("entryDate")) for row in answer.rows]
    return all(each is not None and abs(each - day) <= _DAY for each in days)


def _name(of: BooksList) -> str:
    return f"dated before/{of}"
