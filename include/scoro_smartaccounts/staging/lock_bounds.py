"""What is known of SmartAccounts' lock, which it shows nowhere: dates that were refused, and dates that were taken. The
keeper of the table.

Each bound was true at the moment that stands beside it. A lock may move: of two bounds that contradict each other the
younger one stands.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import Connection, select

from scoro_smartaccounts.staging.bulk import upsert
from scoro_smartaccounts.staging.locks import transaction_lock
from scoro_smartaccounts.staging.schema import lock_bound

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

# After so long a lower date that was taken says less than a higher one.
_STALE = timedelta(days=31)


@dataclass(frozen=True, slots=True)
class LockBounds:
    """`locked_through` was refused at `refused_at`, so that the lock was that day or a later one; `open_from` was taken
    at `open_seen_at`, so that the lock was before it."""

    locked_through: date | None = None
    refused_at: datetime | None = None
    open_from: date | None = None
    open_seen_at: datetime | None = None

    def refused(self, day: date, at: datetime, since: datetime) -> LockBounds:
        """Return what is known once a date was refused. A higher one that was refused `since` then stands as it is,
        and is no younger for it."""
        stands = self.locked_through is not None and self.refused_at is not None and self.refused_at >= since
        found = self if stands and self.locked_through is not None and day < self.locked_through else None
        found = found or LockBounds(day, at, self.open_from, self.open_seen_at)
        is_over = self.open_from is not None and self.open_from <= day
        return LockBounds(found.locked_through, found.refused_at) if is_over else found

    def taken(self, day: date, at: datetime, leeway: timedelta = timedelta(0)) -> LockBounds:
        """Return what is known once something of a date was entered. `leeway`: by how much the clock that says when may
        be off."""
        if self.locked_through is not None and self.refused_at is not None and day <= self.locked_through:
            if at < self.refused_at + leeway:
                # The lock moved over it since.
                return self
            return LockBounds(None, None, day, at)
        known, seen = self.open_from, self.open_seen_at
        if known is None or seen is None or day < known or (day == known and at > seen) or at - seen > _STALE:
            return LockBounds(self.locked_through, self.refused_at, day, at)
        return self


def lock_bounds(connection: Connection, company: str) -> LockBounds:
    """Return what is known of a company's lock."""
    names = ("locked_through", "refused_at", "open_from", "open_seen_at")
    row = connection.execute(
        select(*(lock_bound.c[name] for name in names)).where(lock_bound.c.company == company)
    ).one_or_none()
    return LockBounds() if row is None else LockBounds(*row)


def highest_refused(connection: Connection, company: str, since: datetime) -> date | None:
    """Return the highest date that was refused since then, whatever the flow: a company has one lock. None: none
    was."""
    known = lock_bounds(connection, company)
    return known.locked_through if known.refused_at is not None and known.refused_at >= since else None


def note_refused(connection: Connection, company: str, day: date, *, at: datetime, since: datetime) -> None:
    """Note that something was refused because of its date."""
    transaction_lock(connection, company, "lock_bound")
    _store(connection, company, lock_bounds(connection, company).refused(day, at, since))


def note_taken(
    connection: Connection, company: str, rows: Iterable[tuple[date, datetime]], leeway: timedelta = timedelta(0)
) -> None:
    """Note dates that something was entered on, and when, by a clock that may be off by `leeway`."""
    found = list(rows)
    if not found:
        return
    transaction_lock(connection, company, "lock_bound")
    before = known = lock_bounds(connection, company)
    for day, at in found:
        known = known.taken(day, at, leeway)
    if known != before:
        _store(connection, company, known)


def _store(connection: Connection, company: str, known: LockBounds) -> None:
    row = {"company": company, "locked_through": known.locked_through, "refused_at": known.refused_at}
    upsert(connection, lock_bound, [{**row, "open_from": known.open_from, "open_seen_at": known.open_seen_at}])
