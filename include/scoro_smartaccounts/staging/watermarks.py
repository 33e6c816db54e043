"""Watermarks: up to when the changes of a flow's source are known. The keeper of the table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Connection, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from scoro_smartaccounts.staging.conditions import of_flow
from scoro_smartaccounts.staging.schema import watermark

if TYPE_CHECKING:
    from datetime import datetime

    from scoro_smartaccounts.common.documents import Flow


def swept_to(connection: Connection, company: str, flow: Flow) -> datetime | None:
    """Return the flow's watermark; None: it has none yet, or it was taken away."""
    known: datetime | None = connection.scalar(select(watermark.c.swept_to).where(of_flow(watermark, company, flow)))
    return known


def set_watermark(connection: Connection, company: str, flow: Flow, moment: datetime) -> None:
    """Let the watermark be a moment, never an earlier one than before."""
    statement = insert(watermark).values(company=company, flow=flow.value, swept_to=moment)
    newest = func.greatest(watermark.c.swept_to, statement.excluded.swept_to)
    connection.execute(statement.on_conflict_do_update(index_elements=["company", "flow"], set_={"swept_to": newest}))


def advance_watermark(connection: Connection, company: str, flow: Flow, moment: datetime) -> None:
    """Move the watermark where there is one; one that was taken away meanwhile stays away."""
    connection.execute(update(watermark).where(of_flow(watermark, company, flow)).values(swept_to=moment))


def drop_watermark(connection: Connection, company: str, flow: Flow) -> None:
    """Forget how far the flow was: it starts anew."""
    connection.execute(delete(watermark).where(of_flow(watermark, company, flow)))
