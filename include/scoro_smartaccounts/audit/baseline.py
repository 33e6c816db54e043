"""The first reading: whole lists from the first import day on, by months, over as many nights as it takes; and what
differs from what was booked already."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from scoro_smartaccounts.audit.asking import ALARMED, WHOLE_LISTS, NoRequestsLeft
from scoro_smartaccounts.audit.changes import COMPLETE, INCOMPLETE, REFUSED
from scoro_smartaccounts.common.clock import tallinn_day
from scoro_smartaccounts.common.errors import BillingStopped, ConfigurationError, RequestRefused
from scoro_smartaccounts.smartaccounts.queries import written_day
from scoro_smartaccounts.smartaccounts.wire import text
from scoro_smartaccounts.staging.audit_books import DOCUMENT_LISTS, BooksList, linked_unseen, newest_changed
from scoro_smartaccounts.staging.audit_nights import known_mark, store_mark

if TYPE_CHECKING:
    from collections.abc import Collection

    from scoro_smartaccounts.audit.reader import Reader
    from scoro_smartaccounts.smartaccounts.client import Answer

log = logging.getLogger(__name__)

_BASELINE = "baseline"
# Records that are linked and were never seen, looked for by their ids in a night.
_MOST_UNSEEN = 50
# Requests that are left for the balances and a count.
_KEPT_BACK = 2


def read_whole_list(reader: Reader, of: BooksList) -> dict[str, Any]:
    """Go on with the first reading of a list; its `state`, and the share of its months that are read."""
    with reader.services.engine.connect() as connection:
        mark = known_mark(connection, reader.company, of.value)
    if mark.is_whole:
        return {"state": COMPLETE, "share": 1.0}
    reader.asking.allow(WHOLE_LISTS)
    if mark.known_to is None:
        # Changes are asked for from here on: what changes while the list is read shows there.
        mark = replace(mark, known_to=reader.services.clock() - timedelta(minutes=1))
    today = tallinn_day(reader.services.clock())
    month = mark.read_to + timedelta(days=1) if mark.read_to is not None else reader.first_day
    state = COMPLETE
    try:
        while not mark.is_whole:
            last = _end_of_month(month)
            is_last = last >= today
            if not _read_window(reader, of, month, None if is_last else last):
                state = INCOMPLETE
                break
            mark = replace(mark, read_to=last, is_whole=is_last)
            with reader.services.engine.begin() as connection:
                if is_last and (newest := newest_changed(connection, reader.company, of, 1)):
                    mark = replace(mark, canary_id=newest[0][0], canary_updated=newest[0][1])
                store_mark(connection, reader.company, mark)
            month = last + timedelta(days=1)
    except NoRequestsLeft:
        state = INCOMPLETE
    except BillingStopped:
        raise
    except (ConfigurationError, RequestRefused) as refusal:
        log.warning("SmartAccounts does not let %s be read: %s", of, refusal)
        state = REFUSED
    with reader.services.engine.begin() as connection:
        store_mark(connection, reader.company, mark)
    days = max((today - reader.first_day).days, 1)
    done = (min(mark.read_to or reader.first_day, today) - reader.first_day).days
    return {"state": state, "share": 1.0 if mark.is_whole else round(done / days, 3)}


def look_for_unseen(reader: Reader, lists: Collection[BooksList]) -> tuple[int, bool]:
    """Look by their ids for records that stand for documents of Scoro and that no list ever showed: they were deleted,
    or stand on days before the first import day; how many were looked for, and
    whether some are left. `lists`: those that may be read."""
    looked = 0
    for of in (each for each in (*DOCUMENT_LISTS, BooksList.PAYMENTS) if each in lists):
        with reader.services.engine.connect() as connection:
            unseen = linked_unseen(connection, reader.company, of, _MOST_UNSEEN)
        for record_id in unseen:
            if reader.asking.left <= _KEPT_BACK:
                # The next night goes on.
                return looked, True
            looked += 1
            if not reader.read_by_id(of, record_id):
                reader.asking.allow(ALARMED)
                with reader.taking() as taker:
                    taker.never_seen(of, record_id, "not_found_by_id")
    return looked, False


def _read_window(reader: Reader, of: BooksList, first: date, last: date | None) -> bool:
    """Read all of a list between two days, a day more at the end; False where pages moved while they were read."""
    asked = {"dateType": "date", "dateFrom": written_day(first)}
    if last is not None:
        asked["dateTo"] = written_day(last + timedelta(days=1))
    answers = [reader.read(of, asked)]
    while answers[-1].has_more:
        answers.append(reader.read(of, asked, len(answers) + 1))
    if len(answers) > 1 and _ids(reader.read(of, asked, len(answers))) != _ids(answers[-1]):
        return False
    for answer in answers:
        reader.take(of, answer.rows, _BASELINE)
    return True


def _ids(answer: Answer) -> set[str]:
    return {text(row.get("id")) for row in answer.rows}


def _end_of_month(day: date) -> date:
    return date(day.year + day.month // 12, day.month % 12 + 1, 1) - timedelta(days=1)
