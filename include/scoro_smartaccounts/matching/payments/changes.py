"""What was changed or deleted after it was linked, and what needs nobody any more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Connection, and_

from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.staging.changed_since_import import record_changes
from scoro_smartaccounts.staging.links import Kind, has_lost_payments, is_linked
from scoro_smartaccounts.staging.payments_and_receipts import changed_bookings, is_settled_payment
from scoro_smartaccounts.staging.quarantine import case_id, close_where
from scoro_smartaccounts.staging.waiting import stop_where, waiting_id

if TYPE_CHECKING:
    from scoro_smartaccounts.common.run import RunRequest


def record_booking_changes(connection: Connection, request: RunRequest) -> None:
    """Note, once for each content, payments that SmartAccounts deleted or changed after they were linked. They are
    reported, never mirrored."""
    company = request.company.key
    record_changes(connection, company, request.run_key, changed_bookings(connection, company))


def close_settled_cases(connection: Connection, company: str) -> None:
    """Close the cases of payments that need nobody any more, whichever flow settled them: those that are linked, and
    those that SmartAccounts deleted before they went anywhere."""
    is_linked_group = and_(is_linked(Kind.PAYMENT, company, case_id()), ~has_lost_payments(company, case_id()))
    close_where(connection, company, Flow.PAYMENTS, is_linked_group)
    close_where(connection, company, Flow.EXPORT_PAYMENTS, is_settled_payment(company, case_id()))
    stop_where(connection, company, Flow.PAYMENTS, is_linked(Kind.PAYMENT, company, waiting_id()))
