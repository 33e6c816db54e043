"""What is left of a night's requests: days in turn, the oldest first, so that in some weeks every record was looked at,
whatever the service says of changes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from scoro_smartaccounts.audit.asking import NoRequestsLeft
from scoro_smartaccounts.audit.counting import compare_days
from scoro_smartaccounts.common.assumptions import RECORDS_A_PAGE
from scoro_smartaccounts.staging.audit_books import BooksList, records_of_days
from scoro_smartaccounts.staging.audit_nights import known_mark, store_mark

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scoro_smartaccounts.audit.reader import Reader

# What somebody enters meanwhile still fits the page.
_ROOM = RECORDS_A_PAGE // 10
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class _Window:
    first: date
    last: date
    pages: int


def sweep(reader: Reader, lists: Sequence[BooksList], most: int) -> dict[str, Any]:
    """Read windows of days, of one list after the other, until the night has sent `most` requests. `unsaid`: records
    that had changed and that no list of changes had shown."""
    windows = unsaid = gone = 0
    # Each night begins with another list: what takes several pages has its turn too.
    turn = reader.request.night.toordinal()
    done: set[BooksList] = set()
    try:
        while reader.asking.used < most and len(done) < len(lists):
            of = lists[turn % len(lists)]
            turn += 1
            if of in done:
                continue
            window = _next(reader, of)
            # Of an entry that shows to have changed the document is read, and it again: one more than of others.
            left = most - reader.asking.used - (of is BooksList.ENTRIES)
            if window is None or left < (window.pages if windows else 1):
                done.add(of)
                continue
            lost, changed = compare_days(reader, of, window.first, window.last, "not_found_by_id")
            _advance(reader, of, window.last)
            windows, unsaid, gone = windows + 1, unsaid + changed, gone + lost
    except NoRequestsLeft:
        pass
    return {"windows": windows, "unsaid": unsaid, "gone": gone}


def _next(reader: Reader, of: BooksList) -> _Window | None:
    """Return the days that come next, as many as one page shows with a day more at both ends; None at the end of a
    round, and the next one begins at the first day."""
    with reader.services.engine.connect() as connection:
        cursor = known_mark(connection, reader.company, of.value).sweep_cursor
        first = reader.first_day if cursor is None else cursor + _DAY
        days = records_of_days(connection, reader.company, of, first - _DAY)
    mine = [day for day, _ in days if day >= first]
    if not mine:
        _advance(reader, of, None)
        return None
    first = last = mine[0]

    def shown(until: date) -> int:
        return sum(number for day, number in days if first - _DAY <= day <= until + _DAY)

    for day in mine[1:]:
        if shown(day) + _ROOM > RECORDS_A_PAGE:
            break
        last = day
    return _Window(first, last, -(-(shown(last) + _ROOM) // RECORDS_A_PAGE))


def _advance(reader: Reader, of: BooksList, cursor: date | None) -> None:
    with reader.services.engine.begin() as connection:
        mark = known_mark(connection, reader.company, of.value)
        store_mark(connection, reader.company, replace(mark, sweep_cursor=cursor))
