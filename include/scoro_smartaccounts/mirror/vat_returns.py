"""SmartAccounts' VAT returns, known by the entries that saving them makes: all of them since the first import, in one
request.

A list by days costs as little as one of changes, as a year has twelve returns. It shows what was deleted by leaving it
out, and needs no trust in what SmartAccounts counts as a change.
"""

from __future__ import annotations

import hashlib
import json
import logging
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from scoro_smartaccounts.common.clock import tallinn_day
from scoro_smartaccounts.common.errors import (
    BillingStopped,
    ConfigurationError,
    RequestRefused,
    TransientError,
    UnreadableAnswer,
)
from scoro_smartaccounts.common.money import plain
from scoro_smartaccounts.common.periods import month_of, month_of_return, next_month
from scoro_smartaccounts.smartaccounts.endpoints import ENTRIES
from scoro_smartaccounts.smartaccounts.queries import WITH_ROWS, entered
from scoro_smartaccounts.smartaccounts.wire import EntryRow, text
from scoro_smartaccounts.staging.assumption_states import AssumptionState, known_state, note_state
from scoro_smartaccounts.staging.audit_entries import entries_of_type
from scoro_smartaccounts.staging.locks import session_lock
from scoro_smartaccounts.staging.periods import VAT_RETURN, SeenReturn, known_months, note_returns

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from scoro_smartaccounts.common.company import Company
    from scoro_smartaccounts.services import Services

log = logging.getLogger(__name__)

READING = "vat_returns"
_MONTHS_BACK = 14
# A year of a company has twelve: more than so many pages are no list of returns.
_MOST_PAGES = 3


class Trouble(StrEnum):
    """Why the returns are not known: the ledger does not answer, the right to it is missing, the question is refused,
    or its answer is no list of returns that can be read."""

    NONE = ""
    AWAY = "away"
    RIGHT = "right"
    QUESTION = "question"
    ANSWER = "answer"


@dataclass(frozen=True, slots=True)
class ReturnsRead:
    """When the returns were asked for last, and what was in the way."""

    at: datetime | None = None
    trouble: Trouble = Trouble.NONE


def sync_returns(services: Services, company: Company, *, max_age: timedelta) -> ReturnsRead:
    """Bring what is known of VAT returns up to date: one request, none where it is younger than `max_age`. Where they
    cannot be read, what was known stays. Raises TransientError where the ledger does not answer and the company
    has returns."""
    key = company.key
    with services.engine.connect() as connection, session_lock(connection, key, READING):
        known = returns_read(connection, key)
        now = services.clock()
        if known.at is not None and now - known.at <= max_age:
            return known
        today = tallinn_day(now)
        first = min(_months_before(today), month_of(company.first_import_date))
        has_returns = any(each.entry_id for each in known_months(connection, key).values())
        connection.commit()
        try:
            found, trouble = _read(services, first, today)
        except TransientError:
            if has_returns:
                raise
            found, trouble = {}, Trouble.AWAY
        if trouble:
            log.warning("SmartAccounts' VAT returns are not known (%s).", trouble)
        else:
            note_returns(connection, key, found, since=first, at=now)
        note_state(connection, key, READING, AssumptionState(trouble.value, {"at": now.isoformat()}))
        connection.commit()
        return ReturnsRead(now, trouble)


def returns_read(connection: Connection, company: str) -> ReturnsRead:
    """Return how the last reading went."""
    state = known_state(connection, company, READING)
    if state is None:
        return ReturnsRead()
    return ReturnsRead(datetime.fromisoformat(state.evidence["at"]), Trouble(state.reading))


def take_entries(connection: Connection, company: str) -> None:
    """Bring what is known of VAT returns up to date by the ledger entries that the audit keeps, where it saw them after
    the returns were asked for last. No request."""
    last = returns_read(connection, company)
    asked = None if last.trouble else last.at
    by_month: dict[date, list[EntryRow]] = {}
    fresh: dict[date, datetime] = {}
    for entry, seen_at, is_gone in entries_of_type(connection, company, VAT_RETURN):
        month = month_of_return(entry.date)
        some = by_month.setdefault(month, [])
        if not is_gone:
            some.append(entry)
        if asked is None or seen_at > asked:
            fresh[month] = max(seen_at, fresh.get(month, seen_at))
    for month, seen_at in fresh.items():
        found = _seen(month, by_month[month]) if by_month[month] else None
        note_returns(connection, company, {month: found}, since=None, at=seen_at)


def _months_before(today: date) -> date:
    months = today.year * 12 + today.month - 1 - _MONTHS_BACK
    return date(months // 12, months % 12 + 1, 1)


def _read(services: Services, first: date, today: date) -> tuple[Mapping[date, SeenReturn], Trouble]:
    asked = {**entered(first, next_month(next_month(today))), "docType": VAT_RETURN, **WITH_ROWS}
    rows: list[Mapping[str, Any]] = []
    try:
        for number, answer in enumerate(services.smartaccounts.pages(ENTRIES, **asked), start=1):
            rows += answer.rows
            is_other = any(text(row.get("docType")).upper() != VAT_RETURN for row in answer.rows)
            if is_other or (answer.has_more and number == _MOST_PAGES):
                return {}, Trouble.ANSWER
        entries = [EntryRow.from_wire(row) for row in rows]
    except BillingStopped:
        raise
    except ConfigurationError:
        return {}, Trouble.RIGHT
    except RequestRefused:
        return {}, Trouble.QUESTION
    except UnreadableAnswer as trouble:
        log.warning("%s", trouble)
        return {}, Trouble.ANSWER
    by_month: dict[date, list[EntryRow]] = {}
    for entry in sorted(entries, key=lambda each: (each.date, each.id)):
        by_month.setdefault(month_of_return(entry.date), []).append(entry)
    return {month: _seen(month, some) for month, some in by_month.items() if month >= first}, Trouble.NONE


def _seen(month: date, entries: list[EntryRow]) -> SeenReturn:
    """Return the entries of a month as one: a corrected return may make an entry of its own."""
    content = [
        [
            entry.id,
            entry.date.isoformat(),
            sorted([row.account, plain(row.debit), plain(row.credit)] for row in entry.rows),
        ]
        for entry in entries
    ]
    amounts = {abs(row.debit - row.credit) for entry in entries for row in entry.rows}
    hashed = hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()
    return SeenReturn(month, entries[-1].id, hashed, frozenset(amounts))
