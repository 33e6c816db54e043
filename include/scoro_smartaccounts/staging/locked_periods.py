"""Dates of entry that SmartAccounts refused since their period is locked; it shows the lock nowhere else. The keeper of
the table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Connection, case, delete, func, or_, select
from sqlalchemy.dialects.postgresql import insert

from scoro_smartaccounts.staging.schema import locked_period

if TYPE_CHECKING:
    from datetime import date, datetime

    from scoro_smartaccounts.common.documents import Flow


def highest_refused(connection: Connection, company: str, since: datetime) -> date | None:
    """Return the highest date that was refused since then, whatever the flow: a company has one lock. None: none
    was."""
    found: date | None = connection.scalar(
        select(func.max(locked_period.c.day)).where(
            locked_period.c.company == company, locked_period.c.refused_at >= since
        )
    )
    return found


def note_refused(connection: Connection, company: str, flow: Flow, day: date, *, at: datetime, since: datetime) -> None:
    """Note that a document of the flow was refused because of its date. A higher date that was refused `since` then
    stands as it is, and is no younger for it."""
    statement = insert(locked_period).values(company=company, flow=flow.value, day=day, refused_at=at)
    new, old = statement.excluded, locked_period.c
    replaces = or_(old.refused_at < since, new.day >= old.day)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["company", "flow"],
            set_={
                "day": case((replaces, new.day), else_=old.day),
                "refused_at": case((replaces, new.refused_at), else_=old.refused_at),
            },
        )
    )


def note_accepted(connection: Connection, company: str, day: date) -> None:
    """Note that a document of this date was taken: the lock, if there is one, is earlier."""
    connection.execute(delete(locked_period).where(locked_period.c.company == company, locked_period.c.day >= day))
