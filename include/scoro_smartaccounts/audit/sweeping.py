"""What is left of a night's requests: days in turn, the oldest first, so that in some weeks every record was looked at,
whatever the service says of changes."""

from __future__ import annotations

from dataclasses import replace
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

# With a day more at both ends.
_MOST_KNOWN = RECORDS_A_PAGE * 9 // 10


def sweep(reader: Reader, lists: Sequence[BooksList], least: int = 0) -> dict[str, Any]:
    """Read windows of days, of one list after the other, while more than `least` requests are left. `unsaid`: records
    that had changed and that no list of changes had shown."""
    windows = unsaid = gone = 0
    turn = 0
    done: set[BooksList] = set()
    try:
        while reader.asking.left > least and len(done) < len(lists):
            of = lists[turn % len(lists)]
            turn += 1
            if of in done:
                continue
            window = _next(reader, of)
            if window is None:
                done.add(of)
                continue
            lost, changed = compare_days(reader, of, *window, "not_found_by_id")
            _advance(reader, of, window[1])
            windows, unsaid, gone = windows + 1, unsaid + changed, gone + lost
    except NoRequestsLeft:
        pass
    return {"windows": windows, "unsaid": unsaid, "gone": gone}


def _next(reader: Reader, of: BooksList) -> tuple[date, date] | None:
    """Return the days that come next; None at the end of a round, and the next one begins at the first day."""
    with reader.services.engine.connect() as connection:
        cursor = known_mark(connection, reader.company, of.value).sweep_cursor
        first = reader.first_day if cursor is None else cursor + timedelta(days=1)
        days = records_of_days(connection, reader.company, of, first)
    if not days:
        _advance(reader, of, None)
        return None
    last, known = days[0][0], days[0][1]
    for day, number in days[1:]:
        if known + number > _MOST_KNOWN:
            break
        last, known = day, known + number
    return days[0][0], last


def _advance(reader: Reader, of: BooksList, cursor: date | None) -> None:
    with reader.services.engine.begin() as connection:
        mark = known_mark(connection, reader.company, of.value)
        store_mark(connection, reader.company, replace(mark, sweep_cursor=cursor))
