"""Payments on both sides: SmartAccounts' mirrored, those that are the same on both sides linked, what was changed
after it was linked noticed.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime, time
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    case,
    delete,
    exists,
    func,
    or_,
    select,
    update,
)

from scoro_smartaccounts.assumptions import PAYMENTS_KNOWN_BEFORE_FIRST_IMPORT
from scoro_smartaccounts.clock import TALLINN
from scoro_smartaccounts.company import Company
from scoro_smartaccounts.documents import Flow, named_payment
from scoro_smartaccounts.money import plain
from scoro_smartaccounts.reasons import Phrase
from scoro_smartaccounts.reconcile.payment_signs import as_magnitudes, ask_payments
from scoro_smartaccounts.reconcile.reading import Reading
from scoro_smartaccounts.reconcile.registers import OVERLAP, PAYMENTS, read_whole, remember, synced_to
from scoro_smartaccounts.run import RunRequest, Services
from scoro_smartaccounts.smartaccounts.client import Answer
from scoro_smartaccounts.smartaccounts.wire import PaymentRow
from scoro_smartaccounts.staging.bulk import any_of, upsert
from scoro_smartaccounts.staging.cases import case_id, close_where
from scoro_smartaccounts.staging.links import (
    Evidence,
    Kind,
    has_lost_payments,
    is_linked,
    is_remote_linked,
    link_view,
    remote_ids_created,
)
from scoro_smartaccounts.staging.locks import session_lock
from scoro_smartaccounts.staging.schema import (
    document,
    later_change,
    remote_payment,
    remote_payment_row,
)
from scoro_smartaccounts.staging.waiting import stop_where, waiting_id
from scoro_smartaccounts.transform.marker import marked_id

log = logging.getLogger(__name__)

# The lock that everything holds that creates or links a payment, in either direction.
PAYMENT_LOCK = "payments"


def sync_payments(services: Services, company: Company) -> Reading:
    """Bring the mirror of SmartAccounts' payments up to date. One request, however young it is: what its bank import
    booked a minute ago must not be booked again.

    The first time it reaches back to a month before the company's first import. Returns the reading that the mirror
    rests on.
    """
    key = company.key
    with services.engine.connect() as connection, session_lock(connection, key, "register", PAYMENTS):
        known = synced_to(connection, key, PAYMENTS)
        connection.commit()
        started = services.clock()
        first = datetime.combine(company.first_import_date, time(), TALLINN) - PAYMENTS_KNOWN_BEFORE_FIRST_IMPORT
        answers = read_whole(services, PAYMENTS, first if known is None else known.synced_to - OVERLAP)
        rows = _rows(answers)
        gone = {payment_id for answer in answers for payment_id in answer.deleted} - set(rows)
        site = services.scoro.company_account_id
        ours = {row.id for row in rows.values() if marked_id(row.document, site, "receipts")}
        # SmartAccounts may not show the marker.
        ours |= remote_ids_created(connection, key, Kind.PAYMENT, rows)
        told = ask_payments(connection, key, list(rows.values()), ours=ours)
        shown = as_magnitudes(connection, key, rows.values(), told.signs)
        mirror_payments(connection, key, shown, services, is_new_change=known is not None)
        _mark_deleted(connection, key, gone)
        if known is not None and told.is_other:
            # What the mirror holds was read the other way; it is no change of anybody's.
            older = {
                row_id: row
                for row_id, row in _rows(read_whole(services, PAYMENTS, first)).items()
                if row_id not in rows
            }
            shown = as_magnitudes(connection, key, older.values(), told.signs)
            mirror_payments(connection, key, shown, services, is_new_change=False)
        reading = Reading(answers[0].server_time, started)
        remember(connection, key, PAYMENTS, reading)
        connection.commit()
        log.info(
            "Mirrored SmartAccounts' payments: %d %s, %d deleted, %d requests.",
            len(rows),
            "records" if known is None else "changed",
            len(gone),
            len(answers),
        )
        return reading


def _rows(answers: Iterable[Answer]) -> dict[str, PaymentRow]:
    return {row.id: row for answer in answers for row in map(PaymentRow.from_wire, answer.rows)}


def mirror_payments(
    connection: Connection, company: str, rows: Iterable[PaymentRow], services: Services, *, is_new_change: bool
) -> None:
    """Put payments into the mirror. `is_new_change`: those that are new there, or different, count as changed."""
    site = services.scoro.company_account_id
    rows = list(rows)
    known = {
        row.remote_id: row
        for row in connection.execute(
            select(remote_payment.c.remote_id, remote_payment.c.content_hash, remote_payment.c.is_changed).where(
                remote_payment.c.company == company, remote_payment.c.remote_id == any_of([row.id for row in rows])
            )
        )
    }
    payments: list[dict[str, Any]] = []
    parts: list[dict[str, Any]] = []
    for row in rows:
        hashed = payment_hash(row)
        before = known.get(row.id)
        differs = before is None or before.content_hash != hashed
        payments.append(
            {
                "company": company,
                "remote_id": row.id,
                "number": row.number or row.id[:8],
                "day": row.date,
                "partner_type": row.partner_type,
                "partner_remote_id": row.partner_id,
                "account_type": row.account_type,
                "account_name": row.account_name,
                "currency": row.currency,
                "amount": row.amount,
                "prepayment": row.prepayment,
                "marked_id": marked_id(row.document, site, "receipts") or "",
                "content_hash": hashed,
                "is_changed": (before is not None and before.is_changed) or (is_new_change and differs),
                "is_deleted": False,
                "read_at": services.clock(),
            }
        )
        parts += [
            {
                "company": company,
                "remote_id": row.id,
                "position": position,
                "type": part.type,
                "document_remote_id": part.id,
                "amount": part.amount,
            }
            for position, part in enumerate(row.rows, start=1)
        ]
    upsert(connection, remote_payment, payments)
    connection.execute(
        delete(remote_payment_row).where(
            remote_payment_row.c.company == company,
            remote_payment_row.c.remote_id == any_of([row["remote_id"] for row in payments]),
        )
    )
    upsert(connection, remote_payment_row, parts)


def payment_hash(row: PaymentRow) -> str:
    """What identifies that which matters of a payment: day, partner, account, currency, prepayment and rows."""
    content = [
        row.date.isoformat(),
        row.partner_id,
        row.account_type,
        row.account_name,
        row.currency,
        plain(row.prepayment),
        sorted([part.type, part.id, plain(part.amount)] for part in row.rows),
    ]
    return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()


def _mark_deleted(connection: Connection, company: str, payment_ids: Collection[str]) -> None:
    connection.execute(
        update(remote_payment)
        .where(remote_payment.c.company == company, remote_payment.c.remote_id == any_of(payment_ids))
        .values(is_deleted=True)
    )


def is_linked_payment() -> ColumnElement[bool]:
    """Whether receipt groups stand for all of the mirrored payment."""
    return is_remote_linked(Kind.PAYMENT, remote_payment.c.company, remote_payment.c.remote_id)


def settled_amounts(connection: Connection, company: str, document_remote_ids: Iterable[str]) -> dict[str, Decimal]:
    """What the mirrored payments settle of documents, as magnitudes, by remote id."""
    rows = connection.execute(
        select(remote_payment_row.c.document_remote_id, func.sum(remote_payment_row.c.amount).label("amount"))
        .join(
            remote_payment,
            and_(
                remote_payment.c.company == remote_payment_row.c.company,
                remote_payment.c.remote_id == remote_payment_row.c.remote_id,
            ),
        )
        .where(
            remote_payment_row.c.company == company,
            remote_payment_row.c.document_remote_id == any_of(document_remote_ids),
            ~remote_payment.c.is_deleted,
        )
        .group_by(remote_payment_row.c.document_remote_id)
    )
    return {row.document_remote_id: row.amount for row in rows}


def unlinked_payments_on(
    connection: Connection, company: str, document_remote_ids: Iterable[str]
) -> dict[str, list[Phrase]]:
    """Names of payments that SmartAccounts has of documents and that no receipt group stands for, by remote id of the
    document. Our own, whose link is still to come, are left out."""
    found: dict[str, list[Phrase]] = defaultdict(list)
    for row in connection.execute(
        select(remote_payment_row.c.document_remote_id, remote_payment.c.number, remote_payment.c.day)
        .join(
            remote_payment,
            and_(
                remote_payment.c.company == remote_payment_row.c.company,
                remote_payment.c.remote_id == remote_payment_row.c.remote_id,
            ),
        )
        .where(
            remote_payment_row.c.company == company,
            remote_payment_row.c.document_remote_id == any_of(document_remote_ids),
            ~remote_payment.c.is_deleted,
            remote_payment.c.marked_id == "",
            ~is_linked_payment(),
        )
        .order_by(remote_payment.c.day, remote_payment.c.number)
    ):
        found[row.document_remote_id].append(named_payment(row.number, row.day))
    return found


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
