"""Locked months: SmartAccounts refuses what is dated in them, and shows nowhere which they are.

One refusal says enough of a month: what else is dated up to it is held back, and the run goes on with other months. The
highest refused date is known for a week, or until something of such a date was entered. What is dated up to it is tried
once a run where it keeps its date; where it moves to another date, once a week: by then the month may be open again.
What is dated after it, in the same month, is tried as if nothing were known, since a month may be locked in part.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from scoro_smartaccounts.common.assumptions import LOCKED_PERIOD_WORDS
from scoro_smartaccounts.common.clock import tallinn_day
from scoro_smartaccounts.staging.lock_bounds import highest_refused, note_refused, note_taken

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection

# So long a refusal is believed by what it makes move.
_REMEMBERED = timedelta(days=7)


def is_locked(reasons: Iterable[tuple[str, str]]) -> bool:
    """Whether a refusal (keys and messages) says nothing but that the period is locked. The keys decide."""
    keys = [key for key, _ in reasons]
    return bool(keys) and all(set(key.upper().split("-")) >= LOCKED_PERIOD_WORDS for key in keys)


def month_end(day: date) -> date:
    """Return the last day of its month."""
    return (day.replace(day=1) + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def locked_until(connection: Connection, company: str, now: datetime) -> date | None:
    """Return the highest date that SmartAccounts is known to refuse. None: none is known."""
    return highest_refused(connection, company, now - _REMEMBERED)


class LockedMonths:
    """What a run knows of locked months. Dates are those of entry; a payment's is its own. A refused date that is still
    to come (its year is not opened yet) says nothing of the months before it."""

    def __init__(self, connection: Connection, company: str, now: datetime) -> None:
        """Within the caller's transaction."""
        self._now = now
        self._ahead: set[date] = set()
        self._connection = connection
        self._company = company
        self._known = locked_until(connection, company, now)
        self._highest = self._known
        self._held: date | None = None
        self._is_bounded = False

    def holds(self, day: date) -> bool:
        """Whether nothing of this date is to be sent any more by this run."""
        return month_end(day) in self._ahead or (self._held is not None and day <= self._held)

    def supposes(self, day: date) -> date | None:
        """Return the refused date that a held one lies after, in the same month: nothing is known of it itself. None:
        it is known to be refused, or it is not held."""
        refused = self._highest
        return refused if refused is not None and self._held is not None and refused < day <= self._held else None

    def refused(self, day: date) -> None:
        """SmartAccounts refused this date. Within the caller's transaction."""
        if day > tallinn_day(self._now):
            self._ahead.add(month_end(day))
            return
        since = self._now - _REMEMBERED
        note_refused(self._connection, self._company, day, at=self._now, since=since)
        self._highest = max(self._highest or date.min, day)
        # A date that was refused before says nothing new of the days after the highest one.
        until = self._known if self._known is not None and day <= self._known else month_end(day)
        self._held = max(self._held or date.min, until)

    def accepted(self, day: date) -> None:
        """SmartAccounts took this date. Within the caller's transaction."""
        # The first one bounds the lock; a later one only where it contradicts a refusal.
        if not self._is_bounded or (self._highest is not None and day <= self._highest):
            self._is_bounded = True
            note_taken(self._connection, self._company, [(day, self._now)])
