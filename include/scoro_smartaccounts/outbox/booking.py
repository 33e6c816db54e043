"""What a document was booked with, by request and answer; of one that was read, `staging.mirror_documents` tells it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scoro_smartaccounts.smartaccounts.queries import sent_day
from scoro_smartaccounts.smartaccounts.wire import amount
from scoro_smartaccounts.staging.links import Booking

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scoro_smartaccounts.flows import InvoiceFlow


def booking_of_body(
    spec: InvoiceFlow, body: Mapping[str, Any], answer: Mapping[str, Any], partner_source_id: str
) -> Booking:
    """Of a document that was created by this body. The answer's total counts; without one, none is known."""
    return Booking(
        number=str(answer.get("invoiceNumber") or body["invoiceNumber"]),
        partner_source_id=partner_source_id,
        partner_remote_id=body[spec.partner_key],
        currency=body["currency"],
        currency_rate=amount(body.get("exchangeRate")),
        total=amount(answer.get("totalAmount")),
        entry_day=sent_day(body["entryDate"]),
    )
