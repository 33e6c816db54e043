"""The client that a credit invoice is booked on: the one that the invoice it credits was booked on.

Only there can the two be netted. Scoro's client of today may be another: its contact was merged into a second one, or
the credit invoice names an invoice of another company.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scoro_smartaccounts.common.errors import DocumentProblem
from scoro_smartaccounts.common.reasons import Phrase, Reason, phrase, reason
from scoro_smartaccounts.matching.identity.profiles import profile_of
from scoro_smartaccounts.matching.partners.records import record_of
from scoro_smartaccounts.staging.links import Booking

if TYPE_CHECKING:
    from collections.abc import Container, Mapping, Sequence

    from scoro_smartaccounts.common.documents import Document, Partner


@dataclass(frozen=True, slots=True)
class BookedClient:
    """The client (SmartAccounts' id) and the contact that a credited invoice was booked on, where they are not those of
    the credit invoice; `warning` says so."""

    remote_id: str
    contact_id: str
    warning: Reason


def client_of_credited(
    document: Document,
    bases: Sequence[Document],
    bookings: Mapping[str, Booking],
    linked: Mapping[str, str],
    partners: Mapping[str, Partner],
    living: Container[str],
) -> BookedClient | None:
    """Where a credit invoice must be booked, if not on its own client. `bases`: what it credits, the newest first;
    `bookings` by source id, of those that are in SmartAccounts; `linked`: clients by contact; `living`: clients that
    are there. The newest decides: it is the one that SmartAccounts links.

    Raises DocumentProblem where an invoice of another company is credited.
    """
    found: BookedClient | None = None
    for place, base in enumerate(bases):
        booking = bookings.get(base.source_id, Booking())
        client = booking.partner_remote_id if booking.partner_remote_id in living else ""
        client = client or linked.get(base.partner_id or "", "")
        if client and client == linked.get(document.partner_id or ""):
            continue
        if base.partner_id != document.partner_id:
            raise DocumentProblem(
                reason(
                    "credit_of_other_client",
                    document=phrase("credit_invoice", number=document.number),
                    ours=_named(document.partner_id, partners),
                    base=base.named,
                    theirs=_named(base.partner_id, partners),
                )
            )
        if place == 0 and base.source_id in bookings and client:
            contact_id = booking.partner_source_id or base.partner_id or ""
            told = {"base": base.named, "client": phrase("client", id=client)}
            warning = reason("credit_on_booked_client", ours=_named(document.partner_id, partners), **told)
            found = BookedClient(client, contact_id, warning)
    return found


def _named(contact_id: str | None, partners: Mapping[str, Partner]) -> Phrase:
    """Its id, and a company's name."""
    partner = partners.get(contact_id or "")
    known = profile_of(record_of(partner)) if partner is not None else None
    if known is None or not known.public_name:
        return phrase("contact", id=contact_id or "?")
    return phrase("contact_named", id=contact_id, name=known.public_name)
