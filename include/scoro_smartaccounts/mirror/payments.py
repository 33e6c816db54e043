"""SmartAccounts' payments, mirrored in staging: whole once, then by changes; those that cannot be read are noted."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from scoro_smartaccounts.common.assumptions import PAYMENTS_KNOWN_BEFORE_FIRST_IMPORT, SAME_PAYMENT_WITHIN_DAYS
from scoro_smartaccounts.common.clock import TALLINN
from scoro_smartaccounts.common.culprits import fault_of
from scoro_smartaccounts.common.money import plain
from scoro_smartaccounts.mirror.payment_signs import as_magnitudes, count_signs
from scoro_smartaccounts.mirror.reading import Reading
from scoro_smartaccounts.mirror.registers import OVERLAP, read_whole, remember
from scoro_smartaccounts.scoro.modules import RECEIPTS
from scoro_smartaccounts.smartaccounts.endpoints import PAYMENTS
from scoro_smartaccounts.smartaccounts.marker import marked_id
from scoro_smartaccounts.smartaccounts.wire import STAND_IN, PaymentRow, UnreadableRow, id_text, readable, stand_in
from scoro_smartaccounts.smartaccounts.wire import amount as amount_of
from scoro_smartaccounts.smartaccounts.wire import day as day_of
from scoro_smartaccounts.staging.assumption_states import AssumptionState, known_state, note_state
from scoro_smartaccounts.staging.links import Kind, linked_remote_ids, remote_ids_created
from scoro_smartaccounts.staging.locks import session_lock
from scoro_smartaccounts.staging.mirror_payments import (
    MirroredPayment,
    SettledLine,
    mark_payments_deleted,
    mirrored_payments,
    store_payments,
)
from scoro_smartaccounts.staging.mirror_registers import synced_to

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from scoro_smartaccounts.common.company import Company
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
        ours = {row.id for row in rows.values() if marked_id(row.document, site, RECEIPTS.name)}
        # SmartAccounts may not show the marker.
        ours |= remote_ids_created(connection, key, Kind.PAYMENT, rows)
        counted = count_signs(connection, key, list(rows.values()), ours=ours)
        shown = as_magnitudes(connection, key, rows.values(), counted.signs)
        mirror_payments(connection, key, shown, services, is_new_change=known is not None)
        mark_payments_deleted(connection, key, gone)
        if known is not None and counted.is_other:
            # What the mirror holds was read the other way; it is no change of anybody's.
            again, _ = _rows(read_whole(services, PAYMENTS, first))
            older = {row_id: row for row_id, row in again.items() if row_id not in rows}
            shown = as_magnitudes(connection, key, older.values(), counted.signs)
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
    by_id = {row.id: row for row in rows}
    known = mirrored_payments(connection, company, by_id)
    payments = [_payment(row, known.get(row.id), site, is_new_change=is_new_change) for row in by_id.values()]
    lines = {
        row.id: [SettledLine(row.id, part.type, part.id, part.amount) for part in row.rows] for row in by_id.values()
    }
    refused = store_payments(connection, company, payments, lines, read_at=services.clock())
    for payment_id, problem in refused.items():
        log.warning("A payment of SmartAccounts cannot be kept (%s); it is left out.", fault_of(problem))
        unread = UnreadableRow(by_id[payment_id].raw, "payment", "rows")
        note_unread_payments(connection, company, [unread], read={}, gone=())


def _payment(row: PaymentRow, before: MirroredPayment | None, site: str, *, is_new_change: bool) -> MirroredPayment:
    hashed = payment_hash(row)
    differs = before is None or before.content_hash != hashed
    return MirroredPayment(
        remote_id=row.id,
        number=row.number or row.id[:8],
        day=row.date,
        partner_type=row.partner_type,
        partner_remote_id=row.partner_id,
        account_type=row.account_type,
        account_name=row.account_name,
        currency=row.currency,
        amount=row.amount,
        prepayment=row.prepayment,
        marked_id=marked_id(row.document, site, RECEIPTS.name) or "",
        content_hash=hashed,
        is_changed=(before is not None and before.is_changed) or (is_new_change and differs),
    )


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
