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
    "expense": Words("expense {number}", "kuludokument {number}"),
    "credit_invoice_by_id": Words("credit invoice with Scoro id {id}", "kreeditarve Scoro id-ga {id}"),
    "prepayment_by_id": Words("prepayment invoice with Scoro id {id}", "ettemaksuarve Scoro id-ga {id}"),
    "vat_code": Words("VAT code {id}", "käibemaksukood {id}"),
    "invoice_of_day": Words("invoice {number} of {day} (Scoro id {id})", "arve {number} ({day}, Scoro id {id})"),
    "bill_of_day": Words("bill {number} of {day} (Scoro id {id})", "ostuarve {number} ({day}, Scoro id {id})"),
    # Kinds: what sentences call any document or partner of a flow.
    "any_invoice": Words("invoice", "arve"),
    "any_bill": Words("bill", "ostuarve"),
    "any_client": Words("client", "klient"),
    "any_vendor": Words("vendor", "tarnija"),
    # What stands in a field, and what belongs there.
    "nothing": Words("nothing", "tühi"),
    "true_or_false": Words("true or false", "jah või ei"),
    "a_number_out_of_bounds": Words("a number out of bounds", "liiga suur arv"),
    "other_text": Words("other text", "muu tekst"),
    "a_list": Words("a list", "loend"),
    "an_object": Words("an object", "objekt"),
    "a_number": Words("a number", "arv"),
    "a_date": Words("a date", "kuupäev"),
    "an_amount_of_everyday_size": Words("an amount of everyday size", "tavalise suurusega summa"),
    "invoices_bills_or_expenses": Words("invoices, bills or expenses", "arved, ostuarved või kuludokumendid"),
}
