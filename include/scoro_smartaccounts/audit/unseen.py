"""What is known of a record that was deleted before anybody saw it: what its link says that it was booked with."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from scoro_smartaccounts.audit.content import told
from scoro_smartaccounts.staging.audit_books import DOCUMENT_LISTS, BooksList

if TYPE_CHECKING:
    from datetime import date

    from scoro_smartaccounts.staging.links import BookedDocument


def unseen_content(of: BooksList, booked: BookedDocument) -> dict[str, Any]:
    """Return the content of a record as far as it is known."""
    booking = booked.booking
    day = "" if booking.entry_day is None else booking.entry_day.isoformat()
    if of not in DOCUMENT_LISTS:
        return {"_number": booking.number, "day": day}
    return {
        "number": booking.number,
        "partner": booking.partner_remote_id,
        "day": day,
        "entry_day": day,
        "currency": booking.currency,
        "total": told(booking.total),
    }


def unseen_columns(of: BooksList, booked: BookedDocument, day: date) -> dict[str, Any]:
    """Return the typed columns of the same."""
    booking = booked.booking
    if of not in DOCUMENT_LISTS:
        return {"number": booking.number, "currency": booking.currency, "amount": Decimal(0)}
    return {
        "number": booking.number,
        "entry_day": booking.entry_day or day,
        "partner_remote_id": booking.partner_remote_id,
        "currency": booking.currency,
        "total": Decimal(0) if booking.total is None else booking.total,
    }
