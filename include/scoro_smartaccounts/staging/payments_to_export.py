"""Which payments of SmartAccounts go to Scoro: those of documents from Scoro that were not entered there yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, Connection, or_, select

from scoro_smartaccounts.smartaccounts.words import INVOICE_TYPES
from scoro_smartaccounts.staging.cases import is_dismissed_as
from scoro_smartaccounts.staging.links import is_from_scoro
from scoro_smartaccounts.staging.mirror_payments import (
    MirroredPayment,
    is_linked_payment,
    is_row_of_payment,
    read_payments,
)
from scoro_smartaccounts.staging.schema import remote_payment, remote_payment_row

if TYPE_CHECKING:
    from datetime import date

    from scoro_smartaccounts.common.documents import Flow


def payments_to_export(
    connection: Connection, company: str, flow: Flow, days: tuple[date, date] | None
) -> dict[str, MirroredPayment]:
    """Return the payments that were added or changed and not dealt with yet, or are of these days, ours neither by
    marker nor by link, on a document from Scoro, and not dismissed as they are; by day and number."""
    on_imported_document = (
        select(remote_payment_row.c.remote_id)
        .where(
            is_row_of_payment(),
            remote_payment_row.c.type.in_(INVOICE_TYPES.values()),
            is_from_scoro(remote_payment_row.c.company, remote_payment_row.c.document_remote_id),
        )
        .exists()
    )
    is_meant: ColumnElement[bool] = remote_payment.c.is_changed
    if days is not None:
        is_meant = or_(is_meant, remote_payment.c.day.between(*days))
    return read_payments(
        connection,
        remote_payment.c.company == company,
        is_meant,
        ~remote_payment.c.is_deleted,
        remote_payment.c.marked_id == "",
        ~is_linked_payment(),
        on_imported_document,
        ~is_dismissed_as(remote_payment.c.company, flow, remote_payment.c.remote_id, remote_payment.c.content_hash),
    )
