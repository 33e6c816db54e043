"""Whether SmartAccounts shows the rows of payments with the sign of the money or as magnitudes: nobody says, its own
payments tell.

With signs, what pays a bill or a credit invoice is negative. As magnitudes it is positive, and a negative row takes
something back. One such row proves little, so they are counted; payments that the pipeline booked itself are exact.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from sqlalchemy import Connection, and_, func, or_, select

from scoro_smartaccounts.flows import INVOICE_FLOWS
from scoro_smartaccounts.money import ZERO
from scoro_smartaccounts.smartaccounts.wire import PaymentPart, PaymentRow
from scoro_smartaccounts.staging.assumption_states import AssumptionState, known_state, note_state
from scoro_smartaccounts.staging.bulk import any_of
from scoro_smartaccounts.staging.links import link_view
from scoro_smartaccounts.staging.schema import document, remote_document
from scoro_smartaccounts.transform.payment import INVOICE_TYPES, VENDOR

log = logging.getLogger(__name__)

KEY = "payment_signs"
PREPAYMENT_TYPE = "PREPAYMENT_PAYMENT"


class Signs(StrEnum):
    """How the rows of payments are shown."""

    UNKNOWN = "unknown"
    MAGNITUDES = "magnitudes"
    SIGNED = "signed"


@dataclass(frozen=True, slots=True)
class Told:
    """What the payments tell by now. `is_other`: the mirror holds what was read the other way."""

    signs: Signs
    is_other: bool


def ask_payments(connection: Connection, company: str, rows: Collection[PaymentRow], *, ours: Collection[str]) -> Told:
    """Count the signs of payments just read, and keep what they tell; `ours` are the ids of those that the pipeline
    booked. Within the caller's transaction."""
    before = known_state(connection, company, KEY)
    counted = {"positive": 0, "negative": 0, "our_positive": 0, "our_negative": 0}
    if before is not None:
        counted |= before.evidence
    credits = _credits(connection, company, rows)
    for row in rows:
        for part in row.rows:
            if part.amount and part.type in INVOICE_TYPES.values() and _takes_money_out(row, part, credits):
                side = "positive" if part.amount > 0 else "negative"
                counted[side] += 1
                counted[f"our_{side}"] += row.id in ours
    signs = _told_by(counted)
    note_state(connection, company, KEY, AssumptionState(signs.value, counted))
    known = Signs(before.reading) if before is not None else None
    is_other = known is None or (known is not signs and Signs.SIGNED in (known, signs) and known is not Signs.UNKNOWN)
    if signs is Signs.SIGNED and known is not signs:
        log.info("SmartAccounts shows payments with the sign of the money; they are read as magnitudes.")
    return Told(signs, is_other)


def _told_by(counted: dict[str, int]) -> Signs:
    """What we booked ourselves decides, then the greater number."""
    for ours in ("our_", ""):
        positive, negative = counted[f"{ours}positive"], counted[f"{ours}negative"]
        if positive or negative:
            return Signs.SIGNED if negative > positive else Signs.MAGNITUDES
    return Signs.UNKNOWN


def as_magnitudes(connection: Connection, company: str, rows: Iterable[PaymentRow], signs: Signs) -> list[PaymentRow]:
    """Payments with what they settle as magnitudes; what takes something back stays negative."""
    rows = list(rows)
    in_question = rows if signs is Signs.SIGNED else [row for row in rows if not row.amount]
    credits = _credits(connection, company, in_question) if in_question else set()
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
    return is_out != (part.id in credits or part.type == PREPAYMENT_TYPE)


def _credits(connection: Connection, company: str, rows: Iterable[PaymentRow]) -> set[str]:
    """Those of the paid documents that give back: credit invoices and bills with a negative total."""
    ids = any_of({part.id for row in rows for part in row.rows})
    link = link_view()
    in_books = select(remote_document.c.remote_id).where(
        remote_document.c.company == company,
        remote_document.c.remote_id == ids,
        or_(remote_document.c.is_credit, remote_document.c.total < ZERO),
    )
    from_scoro = (
        select(link.remote_id)
        .select_from(link.rows)
        .join(
            document,
            and_(
                document.c.company == link.company,
                document.c.source_id == link.source_id,
                or_(
                    *(
                        and_(document.c.flow == spec.flow.value, link.kind == spec.kind.value)
                        for spec in INVOICE_FLOWS.values()
                    )
                ),
            ),
        )
        .where(
            link.company == company,
            link.remote_id == ids,
            or_(document.c.net + document.c.vat < ZERO, func.jsonb_array_length(document.c.credited_ids) > 0),
        )
    )
    return set(connection.scalars(in_books)) | set(connection.scalars(from_scoro))
