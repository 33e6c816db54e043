"""Documents that will go on by themselves, for people to see."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, func, select

from scoro_smartaccounts.documents import Flow
from scoro_smartaccounts.staging.schema import document, waiting


@dataclass(frozen=True, slots=True)
class Wait:
    """What a document waits for and since when; `name` is its number, or its Scoro id without one."""

    flow: Flow
    source_id: str
    name: str
    day: date | None
    message: str
    since: datetime


def list_waiting(connection: Connection, company: str) -> list[Wait]:
    """The documents of a company that wait, the longest waiting first."""
    rows = connection.execute(
        select(
            waiting.c.flow,
            waiting.c.source_id,
            func.coalesce(func.nullif(document.c.number, ""), document.c.source_id).label("name"),
            document.c.day,
            waiting.c.message,
            waiting.c.since,
        )
        .join(
            document,
            (document.c.company == waiting.c.company)
            & (document.c.flow == waiting.c.flow)
            & (document.c.source_id == waiting.c.source_id),
        )
        .where(waiting.c.company == company)
        .order_by(waiting.c.since, document.c.day, waiting.c.flow, waiting.c.source_id)
    )
    return [Wait(Flow(row.flow), row.source_id, row.name, row.day, row.message, row.since) for row in rows]
