"""What records of SmartAccounts tell of its lock: when one was made with a date, the lock was before that date.

By `dateCreated` alone: a payment moves `dateUpdated` of the invoice that it settles, be its own month locked or not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scoro_smartaccounts.mirror.changes import OVERLAP
from scoro_smartaccounts.staging.lock_bounds import note_taken

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime

    from sqlalchemy import Connection


def note_made(connection: Connection, company: str, made: Iterable[tuple[date | None, datetime | None]]) -> None:
    """Note what records tell: their dates of entry, and when they were made. Within the caller's transaction."""
    # The service's clock may be off.
    note_taken(connection, company, [(day, at) for day, at in made if day is not None and at is not None], OVERLAP)
