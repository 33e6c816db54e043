"""SmartAccounts' payments, mirrored in staging: whole once, then by changes, or by their days where the changes are
blind; those that cannot be read are noted."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from scoro_smartaccounts.common.assumptions import PAYMENTS_KNOWN_BEFORE_FIRST_IMPORT, SAME_PAYMENT_WITHIN_DAYS
from scoro_smartaccounts.common.clock import tallinn_day
from scoro_smartaccounts.common.culprits import fault_of
from scoro_smartaccounts.common.money import plain
from scoro_smartaccounts.mirror.changes import A_DAY, OVERLAP, Trust, known_trust, note_trust
from scoro_smartaccounts.mirror.lock_evidence import note_made
from scoro_smartaccounts.mirror.payment_signs import as_magnitudes, count_signs
from scoro_smartaccounts.mirror.registers import read_whole, remember
from scoro_smartaccounts.mirror.twenty_minutes import Reading
from scoro_smartaccounts.scoro.modules import RECEIPTS
from scoro_smartaccounts.smartaccounts.endpoints import PAYMENTS
from scoro_smartaccounts.smartaccounts.marker import marked_id, markers_of
from scoro_smartaccounts.smartaccounts.queries import paid_from
from scoro_smartaccounts.smartaccounts.queries import register as changes_of
from scoro_smartaccounts.smartaccounts.wire import STAND_IN, PaymentRow, id_text, readable, stand_in
from scoro_smartaccounts.smartaccounts.wire import amount as amount_of
from scoro_smartaccounts.smartaccounts.wire import day as day_of
from scoro_smartaccounts.staging.assumption_states import AssumptionState, known_state, note_state
from scoro_smartaccounts.staging.links import Kind, linked_remote_ids, remote_ids_created
from scoro_smartaccounts.staging.locks import session_lock
from scoro_smartaccounts.staging.mirror_payments import (
    MirroredPayment,
    SettledLine,
    has_payments,
    mark_payments_deleted,
    mirrored_payments,
    store_payments,
)
from scoro_smartaccounts.staging.mirror_registers import synced_to
from scoro_smartaccounts.staging.statistics import refresh_statistics

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from scoro_smartaccounts.common.company import Company
    from scoro_smartaccounts.mirror.pages import Page, Rows
    from scoro_smartaccounts.services import Services
    from scoro_smartaccounts.smartaccounts.queries import Params
    from scoro_smartaccounts.staging.mirror_registers import RegisterState

log = logging.getLogger(__name__)

# The lock that everything holds that creates or links a payment, in either direction.
PAYMENT_LOCK = "payments"
# How far back payments are read by day: money dated farther from what is booked is another's.
_DAYS_BACK = PAYMENTS_KNOWN_BEFORE_FIRST_IMPORT


# What is kept of payments that cannot be read, by id.
_Unread = dict[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class _Payments:
    """The payments of a page."""

    found: list[PaymentRow]
    unread: _Unread


@dataclass(frozen=True, slots=True)
class _Read:
    """What was read of payments: what `changed`, and those of a day and later, where the changes do not tell enough.
    `is_trusted`: whether the changes are believed, or there is nothing yet that they could tell."""

    changed: list[Page[_Payments]]
    dated: list[Page[_Payments]]
    trust: Trust
    is_trusted: bool

    @property
    def pages(self) -> list[Page[_Payments]]:
        """All of it."""
        return self.changed + self.dated


def sync_payments(services: Services, company: Company, days: Collection[date] = ()) -> Reading:
    """Bring the mirror of SmartAccounts' payments up to date. One request, however young it is: what its bank import
    booked a minute ago must not be booked again. `days`: those of payments that will be booked where the mirror has
    none; around them nothing may be missed.

    The first time it reaches back to a month before the company's first import. Returns the reading that the mirror
    rests on.
    """
    key = company.key
    with services.engine.connect() as connection, session_lock(connection, key, "register", PAYMENTS):
        known = synced_to(connection, key, PAYMENTS)
        trust = known_trust(connection, key, PAYMENTS)
        is_empty = not has_payments(connection, key)
        connection.commit()
        started = services.clock()
        first = company.first_import_date - PAYMENTS_KNOWN_BEFORE_FIRST_IMPORT
        if known is None or is_empty:
            # Nothing is known whose change could be missed.
            pages = _read_whole(services, paid_from(first))
            read = _Read([], pages, trust.after_all(PAYMENTS, pages, started, was_asked=False), is_trusted=True)
        else:
            read = _read(services, first, days, trust, known, started)
        rows, unread = _rows(read.pages)
        gone = {payment_id for page in read.pages for payment_id in page.deleted} - set(rows)
        _mirror(connection, services, company, known, rows, gone)
        note_unread_payments(connection, key, unread, read=rows, gone=gone)
        # Where changes do not tell it, something may have slipped past a page border.
        is_whole = (bool(read.changed) and read.is_trusted) or len(read.dated) == 1
        is_whole = is_whole and not unread_payments(connection, key)
        reading = Reading(read.pages[0].server_time, started, is_whole)
        note_trust(connection, key, PAYMENTS, read.trust)
        remember(connection, key, PAYMENTS, reading, moves=known is None or read.is_trusted)
        connection.commit()
        log.info(
            "Mirrored SmartAccounts' payments: %d %s, %d deleted, requests: %d.",
            len(rows),
            "records" if known is None else "changed",
            len(gone),
            len(read.pages),
        )
        refresh_statistics(connection)
        return reading


def _read(
    services: Services, first: date, days: Collection[date], trust: Trust, known: RegisterState, now: datetime
) -> _Read:
    """Ask for what changed; where it does not show what it must, or would show that by chance, ask for days too: all
    of them to learn whether the changes are blind, once a day, and before something is booked; else the latest."""
    changed: list[Page[_Payments]] = []
    is_shown = is_telling = False
    if asks := trust.may_ask(now):
        since = trust.since(known.synced_to, now)
        changed = _read_whole(services, changes_of(PAYMENTS, since))
        if is_shown := trust.is_believed(changed, now):
            is_telling = trust.witness is not None and trust.witness.is_telling(since)
            trust = trust.after_changes(changed, since, now)
    if is_telling or (is_shown and not days):
        return _Read(changed, [], trust, is_trusted=True)
    if is_shown:
        dated = _read_whole(services, paid_from(max(first, min(days) - _DAYS_BACK)))
        return _Read(changed, dated, trust, is_trusted=True)
    was_asked = asks and trust.witness is not None
    if asks and not was_asked:
        # Nothing had to show; what did must show again.
        trust = trust.after_changes(changed, trust.since(known.synced_to, now), now)
    is_due = trust.whole_at is None or now - trust.whole_at >= A_DAY
    if is_due or days or (was_asked and not trust.is_blind):
        dated = _read_whole(services, paid_from(first))
        trust = trust.after_all(PAYMENTS, dated, now, was_asked=was_asked)
    else:
        dated = _read_whole(services, paid_from(max(first, tallinn_day(now) - _DAYS_BACK)))
    return _Read(changed, dated, trust, is_trusted=False)


def _mirror(
    connection: Connection,
    services: Services,
    company: Company,
    known: RegisterState | None,
    rows: Mapping[str, PaymentRow],
    gone: Collection[str],
) -> None:
    """Put what was read into the mirror, as magnitudes."""
    key, site = company.key, services.scoro.company_account_id
    ours = {row.id for row in rows.values() if marked_id(row.document, site, RECEIPTS.name)}
    # SmartAccounts may not show the marker.
    ours |= remote_ids_created(connection, key, Kind.PAYMENT, rows)
    # What did not change since the last reading was counted by then.
    since = None if known is None else known.synced_to - OVERLAP
    counted = [row for row in rows.values() if since is None or row.changed_at is None or row.changed_at >= since]
    signs = count_signs(connection, key, counted, ours=ours)
    shown = as_magnitudes(connection, key, rows.values(), signs.signs)
    mirror_payments(connection, key, shown, services, is_new_change=known is not None)
    mark_payments_deleted(connection, key, gone)
    note_made(connection, key, ((row.date, row.created_at) for row in rows.values()))
    if known is not None and signs.is_other:
        # What the mirror holds was read the other way; it is no change of anybody's.
        first = company.first_import_date - PAYMENTS_KNOWN_BEFORE_FIRST_IMPORT
        again, _ = _rows(_read_whole(services, paid_from(first)))
        older = {row_id: row for row_id, row in again.items() if row_id not in rows}
        shown = as_magnitudes(connection, key, older.values(), signs.signs)
        mirror_payments(connection, key, shown, services, is_new_change=False)


def _read_whole(services: Services, asked: Params) -> list[Page[_Payments]]:
    return read_whole(services, PAYMENTS, asked, _payments)


def _payments(rows: Rows) -> _Payments:
    """Return the payments of a page. Of their texts no more than markers are kept."""
    found, unread = readable(rows, PaymentRow.from_wire)
    return _Payments(
        [replace(row, document=markers_of(row.document)) for row in found],
        {id_text(each.row) or stand_in(each.row): _what_can_be_read(each.row, each.field) for each in unread},
    )


def _rows(pages: Iterable[Page[_Payments]]) -> tuple[dict[str, PaymentRow], _Unread]:
    """Return the payments that can be read by id, and what is kept of the others."""
    rows: dict[str, PaymentRow] = {}
    unread: _Unread = {}
    for page in pages:
        rows |= {row.id: row for row in page.taken.found}
        unread |= page.taken.unread
    return rows, unread


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
    unread: Mapping[str, Mapping[str, Any]],
    *,
    read: Mapping[str, PaymentRow],
    gone: Collection[str],
) -> None:
    """Keep what is known of payments that cannot be read; those that were read since, or are gone, are none any more.
    One without an id goes when a payment of its day and amount is read: that is its mended form."""
    before = known_state(connection, company, _UNREAD)
    kept: dict[str, Any] = {}
    for key, each in (before.evidence if before is not None else {}).items():
        nameless = _unread_payment(key, each) if key.startswith(STAND_IN) else None
        is_mended = nameless is not None and any(
            nameless.may_be(row.date, row.amount, within=0) for row in read.values()
        )
        if key not in read and key not in gone and not is_mended:
            kept[key] = each
    kept |= unread
    if kept or before is not None:
        note_state(connection, company, _UNREAD, AssumptionState("unread", kept))


def unread_payments(connection: Connection, company: str) -> list[UnreadPayment]:
    """Payments of SmartAccounts that cannot be read, and that no receipt stands for."""
    state = known_state(connection, company, _UNREAD)
    found = {} if state is None else dict(state.evidence)
    linked = linked_remote_ids(connection, company, Kind.PAYMENT, found)
    return [_unread_payment(key, each) for key, each in found.items() if key not in linked]


def _what_can_be_read(row: Mapping[str, Any], field: str) -> dict[str, Any]:
    dated, amount = day_of(row.get("date")), amount_of(row.get("amount"))
    return {
        "field": field,
        "day": None if dated is None else dated.isoformat(),
        "amount": None if amount is None else plain(amount),
        "documents": _documents_of(row),
    }


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
        row = by_id[payment_id]
        unread = {
            "field": "rows",
            "day": row.date.isoformat(),
            "amount": plain(row.amount),
            "documents": [part.id for part in row.rows],
        }
        note_unread_payments(connection, company, {payment_id: unread}, read={}, gone=())


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
