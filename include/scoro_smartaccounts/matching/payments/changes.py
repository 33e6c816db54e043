"""What was changed or deleted after it was linked, and what needs nobody any more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import (
    Connection,
    and_,
    case,
    exists,
    func,
    or_,
    select,
)

from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.mirror.payments import is_linked_payment
from scoro_smartaccounts.staging.bulk import upsert
from scoro_smartaccounts.staging.cases import case_id, close_where
from scoro_smartaccounts.staging.links import (
    Evidence,
    Kind,
    has_lost_payments,
    is_linked,
    link_view,
)
from scoro_smartaccounts.staging.schema import (
    document,
    later_change,
    remote_payment,
)
from scoro_smartaccounts.staging.waiting import stop_where, waiting_id

if TYPE_CHECKING:
    from scoro_smartaccounts.common.run import RunRequest


def record_booking_changes(connection: Connection, request: RunRequest) -> None:
    """Note, once for each content, payments that SmartAccounts deleted or changed after they were linked. They are
    reported, never mirrored. One that is gone on both sides needs no report."""
    company = request.company.key
    link = link_view()
    is_export = link.evidence == Evidence.EXPORTED.value
    flow = case((is_export, Flow.EXPORT_PAYMENTS.value), else_=Flow.PAYMENTS.value)
    source_id = case((is_export, link.remote_id), else_=link.source_id)
    rows = connection.execute(
        select(
            flow.label("flow"),
            source_id.label("source_id"),
            remote_payment.c.content_hash,
            remote_payment.c.is_deleted,
        )
        .select_from(link.rows)
        .join(
            remote_payment,
            and_(
                remote_payment.c.company == link.company,
                remote_payment.c.remote_id == link.remote_id,
            ),
        )
        .join(
            document,
            and_(
                document.c.company == link.company,
                document.c.flow == Flow.PAYMENTS.value,
                document.c.source_id == link.source_id,
            ),
            isouter=True,
        )
        .where(
            link.company == company,
            link.kind == Kind.PAYMENT.value,
            or_(
                and_(
                    remote_payment.c.is_deleted,
                    ~func.coalesce(or_(document.c.is_deleted, document.c.is_missing), False),
                ),
                and_(
                    ~remote_payment.c.is_deleted,
                    link.booked_hash != remote_payment.c.content_hash,
                ),
            ),
        )
        .distinct()
    ).all()
    upsert(
        connection,
        later_change,
        (
            {
                "company": company,
                "flow": row.flow,
                "source_id": row.source_id,
                "content_hash": row.content_hash,
                "kind": "booking_deleted" if row.is_deleted else "booking_changed",
                "fields": [],
                "run_key": request.run_key,
            }
            for row in rows
        ),
        update=(),
    )


def close_settled_cases(connection: Connection, company: str) -> None:
    """Close the cases of payments that need nobody any more, whichever flow settled them: those that are linked, and
    those that SmartAccounts deleted before they went anywhere."""
    is_linked_group = and_(is_linked(Kind.PAYMENT, company, case_id()), ~has_lost_payments(company, case_id()))
    is_settled_payment = exists().where(
        remote_payment.c.company == company,
        remote_payment.c.remote_id == case_id(),
        or_(remote_payment.c.is_deleted, is_linked_payment()),
    )
    close_where(connection, company, Flow.PAYMENTS, is_linked_group)
    close_where(connection, company, Flow.EXPORT_PAYMENTS, is_settled_payment)
    stop_where(connection, company, Flow.PAYMENTS, is_linked(Kind.PAYMENT, company, waiting_id()))
