"""A list's length in one request: the page that must be its last one. What is missing is found by halving."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from scoro_smartaccounts.audit.asking import ALARMED, NoRequestsLeft
from scoro_smartaccounts.common.assumptions import RECORDS_A_PAGE
from scoro_smartaccounts.smartaccounts.queries import dated, written_day
from scoro_smartaccounts.smartaccounts.wire import text
from scoro_smartaccounts.staging.audit_books import BooksList, records_between, records_of_days

if TYPE_CHECKING:
    from scoro_smartaccounts.audit.reader import Reader

_DAY = timedelta(days=1)


def count(reader: Reader, of: BooksList) -> dict[str, Any]:
    """Compare the length of a list with what is known of it, and find what is missing; `shown` may be more than
    `known`, of what is dated before. `missing`: what was not found for want of requests."""
    known = _known(reader, of, reader.first_day, None)
    shown = _shown(reader, of, known, {"dateType": "date", "dateFrom": written_day(reader.first_day)})
    if shown is None or shown >= known:
        return {"list": of.value, "known": known, "shown": shown, "missing": 0}
    reader.asking.allow(ALARMED)
    try:
        found = _locate(reader, of, reader.first_day, _last_day(reader, of), known - shown)
    except NoRequestsLeft:
        found = 0
    return {"list": of.value, "known": known, "shown": shown, "missing": known - shown - found}


def compare_days(reader: Reader, of: BooksList, first: date, last: date, evidence: str) -> tuple[int, int]:
    """Read all of these days, and ask for what does not show by its id: what was moved to another day, or slipped past
    the border of a page, is not gone. How many were gone, and how many had changed without being told as changed."""
    asked = {"dateType": "date", **dated(first - _DAY, last + _DAY)}
    answers = [reader.read(of, asked)]
    while answers[-1].has_more:
        answers.append(reader.read(of, asked, len(answers) + 1))
    rows = [row for answer in answers for row in answer.rows]
    result = reader.take(of, rows, evidence)
    shown = {text(row.get("id")) for row in rows}
    with reader.services.engine.connect() as connection:
        known = records_between(connection, reader.company, of, first, last)
    gone = 0
    for record_id in sorted(known.keys() - shown):
        reader.asking.allow(ALARMED)
        gone += not reader.read_by_id(of, record_id)
    return gone, result.unsaid


def _locate(reader: Reader, of: BooksList, first: date, last: date, missing: int) -> int:
    """Find what is missing between two days, at most so many; how many were found."""
    known = _known(reader, of, first, last)
    if known <= RECORDS_A_PAGE * 9 // 10 or first == last:
        return compare_days(reader, of, first, last, "missing_in_count")[0]
    days = _days(reader, of, first, last)
    middle = _half(days)
    asked = {"dateType": "date", **dated(first - _DAY, middle + _DAY)}
    here = _known(reader, of, first - _DAY, middle + _DAY)
    shown = _shown(reader, of, here, asked)
    found = 0
    if shown is not None and shown < here:
        found = _locate(reader, of, first, middle, here - shown)
    if found < missing:
        found += _locate(reader, of, middle + _DAY, last, missing - found)
    return found


def _shown(reader: Reader, of: BooksList, known: int, asked: dict[str, str]) -> int | None:
    """Return the length of a list, or at least so many, where the page that must be its last one tells it; None where
    pages are shorter than they are known to be."""
    number = max(-(-known // RECORDS_A_PAGE), 1)
    answer = reader.read(of, asked, number)
    if answer.has_more and len(answer.rows) < RECORDS_A_PAGE:
        return None
    return (number - 1) * RECORDS_A_PAGE + len(answer.rows) + answer.has_more


def _known(reader: Reader, of: BooksList, first: date, last: date | None) -> int:
    return sum(count for _, count in _days(reader, of, first, last))


def _days(reader: Reader, of: BooksList, first: date, last: date | None) -> list[tuple[date, int]]:
    with reader.services.engine.connect() as connection:
        days = records_of_days(connection, reader.company, of, first)
    return [each for each in days if last is None or each[0] <= last]


def _last_day(reader: Reader, of: BooksList) -> date:
    days = _days(reader, of, reader.first_day, None)
    return days[-1][0] if days else reader.first_day


def _half(days: list[tuple[date, int]]) -> date:
    """Return the day up to which half of the records lie, before the last one."""
    half, seen = sum(number for _, number in days) / 2, 0
    for day, number in days[:-1]:
        seen += number
        if seen >= half:
            return day
    return days[-2][0] if len(days) > 1 else days[0][0]
