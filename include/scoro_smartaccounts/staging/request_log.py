"""The requests to SmartAccounts of the last days, from which both windows of its limit are counted, and pauses. The
keeper of both tables; who reads to decide holds the lock of the company's budget."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Connection, delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from scoro_smartaccounts.staging.schema import request, request_pause

if TYPE_CHECKING:
    from datetime import datetime


def note_request(
    connection: Connection, company: str, run_key: str, operation: str, *, priority: int, at: datetime
) -> None:
    """Count a request."""
    values = {"operation": operation, "priority": priority, "sent_at": at}
    connection.execute(insert(request).values(company=company, run_key=run_key, **values))


def requests_of_run(connection: Connection, company: str, run_key: str) -> int:
    """Return how many requests a run sent."""
    statement = select(func.count()).where(request.c.company == company, request.c.run_key == run_key)
    return int(connection.execute(statement).scalar_one())


def count_requests(connection: Connection, company: str, *, since: datetime) -> int:
    """Return how many requests the company has sent since a moment."""
    statement = select(func.count()).where(request.c.company == company, request.c.sent_at > since)
    return int(connection.execute(statement).scalar_one())


def newest_request(connection: Connection, company: str, place: int, *, since: datetime) -> datetime | None:
    """Return when the request was sent that has this place among those since a moment, the newest first; None where
    they are fewer."""
    found: datetime | None = connection.execute(
        select(request.c.sent_at)
        .where(request.c.company == company, request.c.sent_at > since)
        .order_by(request.c.sent_at.desc())
        .offset(place - 1)
        .limit(1)
    ).scalar()
    return found


def forget_requests(connection: Connection, company: str, *, before: datetime) -> None:
    """Forget requests that count for nothing any more."""
    connection.execute(delete(request).where(request.c.company == company, request.c.sent_at < before))


def paused_until(connection: Connection, company: str, now: datetime) -> datetime | None:
    """Return until when nobody of the company asks; None where nothing is paused."""
    found: datetime | None = connection.execute(
        select(request_pause.c.until).where(request_pause.c.company == company, request_pause.c.until > now)
    ).scalar()
    return found


def pause_until(connection: Connection, company: str, until: datetime) -> None:
    """Let nobody of the company ask before this moment, or the later one that was named before."""
    statement = upsert(request_pause).values(company=company, until=until)
    latest = func.greatest(request_pause.c.until, statement.excluded.until)
    connection.execute(statement.on_conflict_do_update(index_elements=["company"], set_={"until": latest}))


def shorten_pause(connection: Connection, company: str, latest: datetime) -> None:
    """Let a pause end at this moment at the latest."""
    connection.execute(
        update(request_pause)
        .where(request_pause.c.company == company, request_pause.c.until > latest)
        .values(until=latest)
    )


def lift_pause(connection: Connection, company: str, now: datetime) -> datetime | None:
    """End a pause; until when it would have lasted, None where nothing was paused."""
    found: datetime | None = connection.execute(
        delete(request_pause)
        .where(request_pause.c.company == company, request_pause.c.until > now)
        .returning(request_pause.c.until)
    ).scalar()
    return found
