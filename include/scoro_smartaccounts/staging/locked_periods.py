"""Dates of entry that SmartAccounts refused since their period is locked; it shows the lock nowhere else. The keeper of
the table."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection, delete, func, select
from sqlalchemy.dialects.postgresql import insert

from scoro_smartaccounts.documents import Flow
from scoro_smartaccounts.staging.schema import locked_period


def highest_refused(connection: Connection, company: str) -> date | None:
    """The highest date that was refused, whatever the flow: a company has one lock. None: none, as far as is known."""
    found: date | None = connection.scalar(
        select(func.max(locked_period.c.day)).where(locked_period.c.company == company)
    )
    return found


def note_refused(connection: Connection, company: str, flow: Flow, day: date) -> None:
    """A document of the flow was refused because of its date."""
    statement = insert(locked_period).values(company=company, flow=flow.value, day=day)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["company", "flow"],
            set_={"day": func.greatest(locked_period.c.day, statement.excluded.day), "refused_at": func.now()},
        )
    )


def note_accepted(connection: Connection, company: str, day: date) -> None:
    """A document of this date was taken: the lock, if there is one, is earlier."""
    connection.execute(delete(locked_period).where(locked_period.c.company == company, locked_period.c.day >= day))
