"""Whether SmartAccounts shows the rows of payments with the sign of the money or as magnitudes: nobody says, its own
payments tell.

With signs, what pays a bill or a credit invoice is negative. As magnitudes it is positive, and a negative row takes
something back. One such row proves little, so they are counted; payments that the pipeline booked itself are exact. A
row on a document that is not known proves nothing: it may be a credit.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from scoro_smartaccounts.smartaccounts.words import INVOICE_TYPES, PREPAYMENT, VENDOR
from scoro_smartaccounts.staging.assumption_states import AssumptionState, known_state, note_state
from scoro_smartaccounts.staging.paid_documents import amounts_paid_out, which_give_back

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from sqlalchemy import Connection

    from scoro_smartaccounts.smartaccounts.wire import PaymentPart, PaymentRow

log = logging.getLogger(__name__)

KEY = "payment_signs"


class Signs(StrEnum):
    """How the rows of payments are shown."""

    UNKNOWN = "unknown"
    MAGNITUDES = "magnitudes"
    SIGNED = "signed"


@dataclass(frozen=True, slots=True)
class CountedSigns:
    """How payments are shown by now. `is_other`: the mirror holds what was read the other way."""

    signs: Signs
    is_other: bool


def count_signs(
    connection: Connection, company: str, rows: Collection[PaymentRow], *, ours: Collection[str]
) -> CountedSigns:
    """Count the signs of payments just read, and keep what they tell; `ours` are the ids of those that the pipeline
    booked. Within the caller's transaction."""
    before = known_state(connection, company, KEY)
    known = Signs(before.reading) if before is not None else None
    counted = {"positive": 0, "negative": 0, "our_positive": 0, "our_negative": 0}
    if before is not None and known is not Signs.UNKNOWN:
        counted |= before.evidence
    elif known is Signs.UNKNOWN:
        # Documents become known after their payments: the mirror holds these as they were shown.
        for amount in amounts_paid_out(connection, company, but={row.id for row in rows}):
            counted["positive" if amount > 0 else "negative"] += 1
    documents = _documents(connection, company, rows)
    credits = {remote_id for remote_id, gives_back in documents.items() if gives_back}
    for row in rows:
        for part in row.rows:
            is_told = part.amount and part.type in INVOICE_TYPES.values() and part.id in documents
            if is_told and _takes_money_out(row, part, credits):
                side = "positive" if part.amount > 0 else "negative"
                counted[side] += 1
                counted[f"our_{side}"] += row.id in ours
    signs = _told_by(counted)
    note_state(connection, company, KEY, AssumptionState(signs.value, counted))
    is_other = known is None or (known is not signs and Signs.SIGNED in (known, signs))
    if signs is Signs.SIGNED and known is not signs:
        log.info("SmartAccounts shows payments with the sign of the money; they are read as magnitudes.")
    return CountedSigns(signs, is_other)


def _told_by(counted: dict[str, int]) -> Signs:
    """Return what we booked ourselves decides, then the greater number."""
    for ours in ("our_", ""):
        positive, negative = counted[f"{ours}positive"], counted[f"{ours}negative"]
        if positive or negative:
            return Signs.SIGNED if negative > positive else Signs.MAGNITUDES
    return Signs.UNKNOWN


def as_magnitudes(connection: Connection, company: str, rows: Iterable[PaymentRow], signs: Signs) -> list[PaymentRow]:
    """Payments with what they settle as magnitudes; what takes something back stays negative."""
    rows = list(rows)
    in_question = rows if signs is Signs.SIGNED else [row for row in rows if not row.amount]
    documents = _documents(connection, company, in_question) if in_question else {}
    credits = {remote_id for remote_id, gives_back in documents.items() if gives_back}
    return [_as_magnitudes(row, signs, credits) for row in rows]


def _as_magnitudes(row: PaymentRow, signs: Signs, credits: Collection[str]) -> PaymentRow:
    parts, prepayment = row.rows, row.prepayment
    if signs is Signs.SIGNED:
        parts = tuple(
            replace(part, amount=-part.amount) if _takes_money_out(row, part, credits) else part for part in parts
        )
        prepayment = -prepayment if row.partner_type == VENDOR else prepayment
    written = sum((part.amount for part in parts), prepayment)
    # The sum may carry a sign where the rows do not; netting, where money would go both ways, adds up to nothing then.
    ways = {_takes_money_out(row, part, credits) for part in row.rows}
    if prepayment:
        ways.add(row.partner_type == VENDOR)
    is_netting = not row.amount and len(ways) > 1
    return replace(row, rows=parts, prepayment=prepayment, amount=written if is_netting else abs(row.amount))


def _takes_money_out(row: PaymentRow, part: PaymentPart, credits: Collection[str]) -> bool:
    """Whether money goes out for what a row settles: bills; credit invoices, and prepayments that are used up. The
    other way round for what suppliers give back."""
    is_out = row.partner_type == VENDOR
    return is_out != (part.id in credits or part.type == PREPAYMENT)


def _documents(connection: Connection, company: str, rows: Iterable[PaymentRow]) -> dict[str, bool]:
    """Those of the paid documents that are known, and whether they give back."""
    return which_give_back(connection, company, {part.id for row in rows for part in row.rows})
