"""SmartAccounts' documents as they were read by days."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, Connection, and_, select

from scoro_smartaccounts.smartaccounts.wire import STAND_IN
from scoro_smartaccounts.staging.bulk import any_of
from scoro_smartaccounts.staging.links import Booking
from scoro_smartaccounts.staging.schema import remote_document

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from scoro_smartaccounts.common.documents import Flow


def days_of(connection: Connection, company: str, flow: Flow, remote_ids: Iterable[str]) -> set[date]:
    """Return the days of documents, as last read."""
    return set(connection.scalars(select(remote_document.c.day).where(_readable(company, flow, remote_ids))))


def bookings_shown(connection: Connection, company: str, flow: Flow, remote_ids: Iterable[str]) -> dict[str, Booking]:
    """Return what documents are booked with there, by id, as last read. One that cannot be read says nothing."""
    rows = connection.execute(select(remote_document).where(_readable(company, flow, remote_ids)))
    return {
        row.remote_id: Booking(
            number=row.number,
            partner_remote_id=row.partner_remote_id,
            currency=row.currency,
            currency_rate=row.currency_rate,
            total=row.total,
            entry_day=row.entry_day,
        )
        for row in rows
    }


def _readable(company: str, flow: Flow, remote_ids: Iterable[str]) -> ColumnElement[bool]:
    return and_(
        remote_document.c.company == company,
        remote_document.c.flow == flow.value,
        remote_document.c.remote_id == any_of(remote_ids),
        remote_document.c.currency != STAND_IN,
    )
