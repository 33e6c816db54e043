"""Locked months: SmartAccounts refuses what is dated in them, and shows nowhere which they are.

One refusal says enough of a month: the rest of it is held back, and the run goes on with other months. A month that is
known as locked is tried once a run, with its newest document: by then it may be open again.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from sqlalchemy import Connection

from scoro_smartaccounts.assumptions import LOCKED_PERIOD_WORDS
from scoro_smartaccounts.documents import Flow
from scoro_smartaccounts.staging.locked_periods import highest_refused, note_accepted, note_refused


def is_locked(reasons: Iterable[tuple[str, str]]) -> bool:
    """Whether a refusal (keys and messages) says nothing but that the period is locked. The keys decide."""
    keys = [key for key, _ in reasons]
    return bool(keys) and all(set(key.upper().split("-")) >= LOCKED_PERIOD_WORDS for key in keys)


def month_end(day: date) -> date:
    """The last day of its month."""
    return (day.replace(day=1) + timedelta(days=31)).replace(day=1) - timedelta(days=1)


class LockedMonths:
    """What a run knows of locked months. Dates are those of entry; a payment's is its own. A refused date that is still
    to come (its year is not opened yet) says nothing of the months before it."""

    def __init__(self, connection: Connection, company: str, flow: Flow, today: date) -> None:
        """Within the caller's transaction."""
        self._today = today
        self._ahead: set[date] = set()
        self._connection = connection
        self._company = company
        self._flow = flow
        known = highest_refused(connection, company)
        self._known = None if known is None else month_end(known)
        self._held: date | None = None

    def order(self, day: date) -> tuple[bool, int]:
        """In which order documents are sent, before any other: what is open first, in no order of its own; then what is
        known as locked, the newest first."""
        is_doubtful = self._known is not None and day <= self._known
        return is_doubtful, -day.toordinal() if is_doubtful else 0

    def holds(self, day: date) -> bool:
        """Whether nothing of this date is to be sent any more by this run."""
        return month_end(day) in self._ahead or (self._held is not None and day <= self._held)

    def refused(self, day: date) -> None:
        """SmartAccounts refused this date. Within the caller's transaction."""
        if day > self._today:
            self._ahead.add(month_end(day))
            return
        note_refused(self._connection, self._company, self._flow, day)
        self._held = max(self._held or date.min, month_end(day))

    def accepted(self, day: date) -> None:
        """SmartAccounts took this date. Within the caller's transaction."""
        if self._known is not None and day <= self._known:
            note_accepted(self._connection, self._company, day)
