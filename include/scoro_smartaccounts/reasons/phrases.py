"""Words inside sentences that differ between the languages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """A phrase in both languages, with placeholders."""

    en: str
    et: str


PHRASES: Mapping[str, Words] = {
    # Documents, as sentences name them.
    "invoice": Words("invoice {number}", "arve {number}"),
    "credit_invoice": Words("credit invoice {number}", "kreeditarve {number}"),
    "bill": Words("bill {number}", "ostuarve {number}"),
    "payment": Words("payment {number} of {day}", "makse {number} ({day})"),
    "payment_undated": Words("payment {number}", "makse {number}"),
    "invoice_by_id": Words("invoice with Scoro id {id}", "arve Scoro id-ga {id}"),
    "bill_by_id": Words("bill with Scoro id {id}", "ostuarve Scoro id-ga {id}"),
    # Records.
    "contact": Words("contact {id}", "kontakt {id}"),
    "contact_named": Words("contact {id} ({name})", "kontakt {id} ({name})"),
    "product": Words("product {id}", "toode {id}"),
    "client": Words("client {id}", "klient {id}"),
    "vendor": Words("vendor {id}", "tarnija {id}"),
    "client_of_contact": Words(
        "its client (contact {id}, or one of the same codes)", "klient (kontakt {id} või sama koodiga kontakt)"
    ),
    "vendor_of_contact": Words(
        "its vendor (contact {id}, or one of the same codes)", "tarnija (kontakt {id} või sama koodiga kontakt)"
    ),
    "article": Words("article {id}", "artikkel {id}"),
    "in_smartaccounts": Words("in SmartAccounts", "SmartAccountsis"),
    "in_scoro": Words("in Scoro", "Scoros"),
    "line": Words("line {position}", "rida {position}"),
}
