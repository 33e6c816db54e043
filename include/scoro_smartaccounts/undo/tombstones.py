"""What follows from a record's being deleted: its link is a tombstone, its document is dismissed, and nobody is told of
it as of a change. Within the transaction that settles the step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scoro_smartaccounts.audit.taking import Taker
from scoro_smartaccounts.common.documents import Flow, named, named_payment
from scoro_smartaccounts.common.reasons import reason
from scoro_smartaccounts.matching.documents.gone import DOCUMENT_GONE
from scoro_smartaccounts.plan.payments import PAYMENT_GONE
from scoro_smartaccounts.staging.audit_books import BooksList
from scoro_smartaccounts.staging.documents import read_documents
from scoro_smartaccounts.staging.links import Kind, booked_records, drop_payment_links, links_of, links_to, note_undone
from scoro_smartaccounts.staging.mirror_payments import (
    mark_payments_deleted,
    mirrored_payments,
    note_to_deal_with,
)
from scoro_smartaccounts.staging.quarantine import dismiss_undone
from scoro_smartaccounts.undo.records import Shown

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from scoro_smartaccounts.common.reasons import Reason
    from scoro_smartaccounts.common.run import UndoRequest
    from scoro_smartaccounts.services import Services
    from scoro_smartaccounts.staging.undo_plans import Step, UndoPlan
    from scoro_smartaccounts.undo.records import Gone


def bury(
    connection: Connection, request: UndoRequest, services: Services, plan: UndoPlan, step: Step, shown: Shown | Gone
) -> None:
    """Note that a record was deleted by a plan. `shown`: as it was shown last."""
    company = request.company.key
    note = f"undo {plan.plan_hash} of {plan.run_key}, approved by {plan.approved_by}"
    reasons = _reasons(connection, company, step, note)
    if step.kind is Kind.RECEIPT:
        # What stands in SmartAccounts only is a candidate for Scoro, once a person lets it.
        drop_payment_links(connection, company, groups=[step.remote_id])
        note_to_deal_with(connection, company, [step.source_id])
    else:
        note_undone(connection, company, step.kind, [step.remote_id], at=services.clock())
        if step.kind is Kind.PAYMENT:
            mark_payments_deleted(connection, company, [step.remote_id])
        row = shown.row if isinstance(shown, Shown) else None
        taker = Taker(
            connection,
            company,
            services.scoro.company_account_id,
            services.clock(),
            request.company.first_import_date,
        )
        taker.undone(BooksList(step.flow.value), step.remote_id, row)
    for source_id, why in reasons.items():
        dismiss_undone(connection, company, step.flow, source_id, why, note, request.run_key)


def _reasons(connection: Connection, company: str, step: Step, note: str) -> dict[str, Reason]:
    """Return what is asked of each document that is not booked any more: the very question that planning would ask, so
    that `retry` answers it."""
    if step.kind is Kind.RECEIPT:
        return {step.source_id: reason("dismissed", note=note)}
    if step.kind is Kind.PAYMENT:
        groups = {link.source_id for link in links_to(connection, company, Kind.PAYMENT, [step.remote_id])}
        return {group: _payment_gone(connection, company, group) for group in groups}
    booked = booked_records(connection, company, step.kind, [step.remote_id])[step.remote_id]
    staged = read_documents(connection, company, step.flow, [booked.source_id])
    number = booked.booking.number or (staged[0].number if staged else "")
    why = reason(
        f"{DOCUMENT_GONE}.itself",
        document=named(step.flow, staged[0].number if staged else number, None),
        number=number,
        record=booked.remote_id,
        day=staged[0].day if staged else booked.booking.entry_day,
    )
    return {booked.source_id: why}


def _payment_gone(connection: Connection, company: str, group: str) -> Reason:
    ids = [link.remote_id for link in links_of(connection, company, Kind.PAYMENT, [group])]
    payments = mirrored_payments(connection, company, ids).values()
    staged = read_documents(connection, company, Flow.PAYMENTS, [group])
    return reason(
        PAYMENT_GONE,
        document=named_payment(group, staged[0].day if staged else None),
        payments=[item.named for item in payments],
        records=[item.remote_id for item in payments],
    )
