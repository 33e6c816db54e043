"""What a record was booked with against what it shows: the fields that differ. Pure."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from scoro_smartaccounts.audit.judging import as_booked, changes_of
from scoro_smartaccounts.common.money import ZERO, cents
from scoro_smartaccounts.common.reasons import Phrase, phrase
from scoro_smartaccounts.staging.audit_books import fingerprint_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from scoro_smartaccounts.staging.audit_books import BooksList, Content, Known
    from scoro_smartaccounts.staging.links import Booking

_A_CENT = Decimal("0.01")


def fields_off(
    of: BooksList, booking: Booking, body: Mapping[str, Any] | None, known: Known | None, shown: Content
) -> list[str]:
    """Return the fields of a document that are not as they were booked. `body`: as it was sent, where that is still
    known; `known`: what the audit knows of it."""
    bases = [as_booked(booking, shown)]
    if known is not None:
        bases.append(known.basis or known.content)
    off = {name for basis in bases for change in changes_of(of, basis, shown) for name in change.fields}
    if body is not None:
        off |= {name for name, sums in _sums_of(body).items() if _differ(sums, shown.get(name, {}))}
    return sorted(off)


def is_edited(known: Known | None) -> bool:
    """Whether the audit saw a document as another one than it was booked."""
    return (
        known is not None and known.basis is not None and fingerprint_of(known.basis) != fingerprint_of(known.content)
    )


def booked_fingerprint(booking: Booking, body: Mapping[str, Any] | None, known: Known | None) -> str:
    """Return what stands for what a document was booked with."""
    if known is not None:
        return fingerprint_of(known.basis or known.content)
    told = [booking.number, booking.partner_remote_id, booking.currency, booking.total, booking.entry_day, body]
    return hashlib.sha256(json.dumps(told, sort_keys=True, default=str).encode()).hexdigest()[:32]


def named_fields(names: Sequence[str]) -> list[Phrase]:
    """Return fields as sentences name them."""
    return [phrase(f"undo_field_{name}") for name in names]


def _sums_of(body: Mapping[str, Any]) -> dict[str, dict[str, Decimal]]:
    """Return the sums of a body's rows by article and by VAT code."""
    articles: dict[str, Decimal] = defaultdict(lambda: ZERO)
    codes: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for row in body["rows"]:
        quantity = Decimal(row["quantity"])
        articles[row["code"]] += quantity
        codes[row["vatPc"]] += cents(Decimal(row["price"]) * quantity * (100 - Decimal(row.get("discount", 0))) / 100)
    return {"articles": articles, "vat_codes": codes}


def _differ(sent: Mapping[str, Decimal], shown: Mapping[str, str]) -> bool:
    """Whether sums are others. Credit invoices are shown with either sign, and prices with fewer decimals."""
    names = {*sent, *shown}
    return any(abs(abs(sent.get(each, ZERO)) - abs(Decimal(shown.get(each, "0")))) > _A_CENT for each in names)
