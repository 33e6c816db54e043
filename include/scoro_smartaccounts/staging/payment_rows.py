"""What receipt groups of Scoro pay, document by document, as other steps ask for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import Connection, func, select

from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.staging.bulk import any_of
from scoro_smartaccounts.staging.conditions import of_documents, of_flow, same_document
from scoro_smartaccounts.staging.schema import document, payment_row

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date
    from decimal import Decimal

    from scoro_smartaccounts.staging.links import Key


@dataclass(frozen=True, slots=True)
class PaidByReceipt:
    """What a receipt group of Scoro pays of a document, signed as Scoro does; `number` and `day` are the group's."""

    key: Key
    group_id: str
    number: str
    day: date | None
    amount: Decimal


@dataclass(frozen=True, slots=True)
class GroupRow:
    """A row of a receipt group, signed as Scoro does: the document that it pays, or the prepayment invoice; neither
    where it names nothing."""

    group_id: str
    key: Key | None
    prepayment_id: str
    amount: Decimal


def rows_of_groups(connection: Connection, company: str, group_ids: Iterable[str]) -> list[GroupRow]:
    """Return the rows of receipt groups, in their order."""
    rows = connection.execute(
        select(payment_row)
        .where(of_documents(payment_row, company, Flow.PAYMENTS, group_ids))
        .order_by(payment_row.c.source_id, payment_row.c.position)
    )
    return [
        GroupRow(
            row.source_id,
            (Flow(row.document_flow), row.document_id) if row.document_flow and row.document_id else None,
            row.prepayment_id or "",
            row.amount,
        )
        for row in rows
    ]


def documents_paid(connection: Connection, company: str, group_ids: Iterable[str]) -> set[Key]:
    """Return the documents that receipt groups pay."""
    rows = connection.execute(
        select(payment_row.c.document_flow, payment_row.c.document_id)
        .where(
            of_documents(payment_row, company, Flow.PAYMENTS, group_ids),
            payment_row.c.document_id.is_not(None),
        )
        .distinct()
    )
    return {(Flow(row.document_flow), row.document_id) for row in rows}


def receipts_of(connection: Connection, company: str, document_ids: Iterable[str]) -> list[PaidByReceipt]:
    """Return what receipt groups that Scoro has pay of documents of these ids, of whichever flow, by day and number."""
    rows = connection.execute(
        select(
            payment_row.c.document_flow,
            payment_row.c.document_id,
            payment_row.c.source_id,
            document.c.number,
            document.c.day,
            payment_row.c.amount,
        )
        .join(
            document,
            same_document(document, payment_row),
        )
        .where(
            of_flow(payment_row, company, Flow.PAYMENTS),
            payment_row.c.document_id == any_of(document_ids),
            ~document.c.is_deleted,
            ~document.c.is_missing,
        )
        .order_by(document.c.day, document.c.number)
    )
    return [
        PaidByReceipt((Flow(row.document_flow), row.document_id), row.source_id, row.number, row.day, row.amount)
        for row in rows
    ]


def count_paid_documents(connection: Connection, company: str, group_ids: Iterable[str]) -> dict[str, int]:
    """Count the rows of receipt groups, by id."""
    rows = connection.execute(
        select(payment_row.c.source_id, func.count().label("rows"))
        .where(payment_row.c.company == company, payment_row.c.source_id == any_of(group_ids))
        .group_by(payment_row.c.source_id)
    )
    return {row.source_id: row.rows for row in rows}
