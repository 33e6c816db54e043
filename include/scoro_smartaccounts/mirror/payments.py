"""SmartAccounts' payments, mirrored in staging: whole once, then by changes; those that cannot be read are noted."""

from __future__ import annotations

import hashlib
import json
import logging
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    delete,
    func,
    select,
    update,
)

from scoro_smartaccounts.common.assumptions import PAYMENTS_KNOWN_BEFORE_FIRST_IMPORT, SAME_PAYMENT_WITHIN_DAYS
from scoro_smartaccounts.common.clock import TALLINN
from scoro_smartaccounts.common.culprits import fault_of
from scoro_smartaccounts.common.documents import named_payment
from scoro_smartaccounts.common.money import plain
from scoro_smartaccounts.mirror.payment_signs import as_magnitudes, ask_payments
from scoro_smartaccounts.mirror.reading import Reading
from scoro_smartaccounts.mirror.registers import OVERLAP, PAYMENTS, read_whole, remember
from scoro_smartaccounts.smartaccounts.wire import STAND_IN, PaymentRow, UnreadableRow, id_text, readable, stand_in
from scoro_smartaccounts.smartaccounts.wire import amount as amount_of
from scoro_smartaccounts.smartaccounts.wire import day as day_of
from scoro_smartaccounts.staging.assumption_states import AssumptionState, known_state, note_state
from scoro_smartaccounts.staging.bulk import any_of, store_each, upsert
from scoro_smartaccounts.staging.links import (
    Kind,
    is_remote_linked,
    linked_remote_ids,
    remote_ids_created,
)
from scoro_smartaccounts.staging.locks import session_lock
from scoro_smartaccounts.staging.mirror_registers import synced_to
from scoro_smartaccounts.staging.schema import (
    remote_payment,
    remote_payment_row,
)
from scoro_smartaccounts.transform.marker import marked_id

if TYPE_CHECKING:
    from scoro_smartaccounts.common.company import Company
    from scoro_smartaccounts.common.reasons import Phrase
    from scoro_smartaccounts.services import Services
    from scoro_smartaccounts.smartaccounts.client import Answer

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
        rows, unread = _rows(answers)
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
            again, _ = _rows(read_whole(services, PAYMENTS, first))
            older = {row_id: row for row_id, row in again.items() if row_id not in rows}
            shown = as_magnitudes(connection, key, older.values(), told.signs)
            mirror_payments(connection, key, shown, services, is_new_change=False)
        note_unread_payments(connection, key, unread, read=rows, gone=gone)
        is_whole = not unread_payments(connection, key)
        reading = Reading(answers[0].server_time, started, is_whole)
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


def _rows(answers: Iterable[Answer]) -> tuple[dict[str, PaymentRow], list[UnreadableRow]]:
    """Return the payments that can be read by id, and the others."""
    found, unread = readable((row for answer in answers for row in answer.rows), PaymentRow.from_wire)
    return {row.id: row for row in found}, unread


@dataclass(frozen=True, slots=True)
class UnreadPayment:
    """A payment of SmartAccounts of which `field` cannot be read; what else can be read of it, or None. `documents`:
    what it settles."""

    id: str
    field: str
    day: date | None
    amount: Decimal | None
    documents: frozenset[str] | None

    def may_settle(self, documents: Collection[str], day: date, amount: Decimal) -> bool:
        """Whether it may be the payment of these documents."""
        if documents and self.documents:
            return not self.documents.isdisjoint(documents)
        return self.may_be(day, amount)

    def may_be(self, day: date, amount: Decimal, *, within: int = SAME_PAYMENT_WITHIN_DAYS) -> bool:
        """Whether it may be a payment of this day and amount."""
        is_near = self.day is None or abs((self.day - day).days) <= within
        return is_near and (self.amount is None or abs(self.amount) == abs(amount))


_UNREAD = f"unread/{PAYMENTS}"


def note_unread_payments(
    connection: Connection,
    company: str,
    problems: Iterable[UnreadableRow],
    *,
    read: Mapping[str, PaymentRow],
    gone: Collection[str],
) -> None:
    """Keep what is known of payments that cannot be read; those that were read since, or are gone, are none any more.
    One without an id goes when a payment of its day and amount is read: that is its mended form."""
    before = known_state(connection, company, _UNREAD)
    kept = {}
    for key, each in (before.evidence if before is not None else {}).items():
        nameless = _unread_payment(key, each) if key.startswith(STAND_IN) else None
        is_mended = nameless is not None and any(
            nameless.may_be(row.date, row.amount, within=0) for row in read.values()
        )
        if key not in read and key not in gone and not is_mended:
            kept[key] = each
    for problem in problems:
        amount = amount_of(problem.row.get("amount"))
        dated = day_of(problem.row.get("date"))
        kept[id_text(problem.row) or stand_in(problem.row)] = {
            "field": problem.field,
            "day": None if dated is None else dated.isoformat(),
            "amount": None if amount is None else plain(amount),
            "documents": _documents_of(problem.row),
        }
    if kept or before is not None:
        note_state(connection, company, _UNREAD, AssumptionState("unread", kept))


def unread_payments(connection: Connection, company: str) -> list[UnreadPayment]:
    """Payments of SmartAccounts that cannot be read, and that no receipt stands for."""
    state = known_state(connection, company, _UNREAD)
    found = {} if state is None else dict(state.evidence)
    linked = linked_remote_ids(connection, company, Kind.PAYMENT, found)
    return [_unread_payment(key, each) for key, each in found.items() if key not in linked]


def _documents_of(row: Mapping[str, Any]) -> list[str] | None:
    """Return the ids of what a payment settles, where all of them can be read."""
    rows = row.get("rows")
    if not isinstance(rows, list):
        return None
    ids = [id_text(line) if isinstance(line, Mapping) else "" for line in rows]
    return ids if all(ids) else None


def _unread_payment(key: str, stored: Mapping[str, Any]) -> UnreadPayment:
    return UnreadPayment(
        key,
        stored["field"],
        None if stored["day"] is None else date.fromisoformat(stored["day"]),
        None if stored["amount"] is None else Decimal(stored["amount"]),
        None if stored["documents"] is None else frozenset(stored["documents"]),
    )


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

    def store(some: Sequence[dict[str, Any]]) -> None:
        ids = {row["remote_id"] for row in some}
        upsert(connection, remote_payment, some)
        connection.execute(
            delete(remote_payment_row).where(
                remote_payment_row.c.company == company, remote_payment_row.c.remote_id == any_of(ids)
            )
        )
        upsert(connection, remote_payment_row, [part for part in parts if part["remote_id"] in ids])

    refused = {row["remote_id"]: problem for row, problem in store_each(connection, payments, store)}
    for payment_id, problem in refused.items():
        log.warning("A payment of SmartAccounts cannot be kept (%s); it is left out.", fault_of(problem))
        raw = next(row.raw for row in rows if row.id == payment_id)
        note_unread_payments(connection, company, [UnreadableRow(raw, "payment", "rows")], read={}, gone=())


def payment_hash(row: PaymentRow) -> str:
    """Return what identifies that which matters of a payment: day, partner, account, currency, prepayment and rows."""
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
    """Return what the mirrored payments settle of documents, as magnitudes, by remote id."""
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
