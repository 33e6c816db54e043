"""What is known of a record that was deleted before the audit saw it: what its link says that it was booked with, and
of a payment what the mirror has."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from scoro_smartaccounts.common.money import told
from scoro_smartaccounts.staging.audit_books import DOCUMENT_LISTS, BooksList

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scoro_smartaccounts.staging.links import BookedDocument
    from scoro_smartaccounts.staging.mirror_payments import MirroredPayment


def unseen_document(booked: BookedDocument) -> dict[str, Any]:
    """Return the content of an invoice or bill as far as it is known."""
    booking = booked.booking
    day = "" if booking.entry_day is None else booking.entry_day.isoformat()
    return {
        "number": booking.number,
        "partner": booking.partner_remote_id,
        "day": day,
        "entry_day": day,
        "currency": booking.currency,
        "total": told(booking.total),
    }


def unseen_payment(payment: MirroredPayment | None) -> dict[str, Any]:
    """Return the content of a payment as far as it is known."""
    if payment is None:
        return {"_number": "", "day": ""}
    return {
        "_number": payment.number,
        "day": payment.day.isoformat(),
        "partner": payment.partner_remote_id,
        "account": f"{payment.account_type} {payment.account_name}",
        "currency": payment.currency,
        "amount": told(payment.amount),
    }


def unseen_columns(of: BooksList, content: Mapping[str, Any], day: date) -> dict[str, Any]:
    """Return the typed columns of the same. `day`: where none is known."""
    known = {
        "day": date.fromisoformat(content["day"]) if content["day"] else day,
        "currency": content.get("currency", ""),
    }
    if of not in DOCUMENT_LISTS:
        return {**known, "number": content["_number"], "amount": Decimal(content.get("amount") or 0)}
    return {
        **known,
        "number": content["number"],
        "entry_day": known["day"],
        "partner_remote_id": content["partner"],
        "total": Decimal(content["total"] or 0),
    }
