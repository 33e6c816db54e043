"""The services of the API, and the keys of their lists."""

from collections.abc import Mapping
from datetime import date
from typing import Any

CLIENTS = "purchasesales/clients"
VENDORS = "purchasesales/vendors"
ARTICLES = "purchasesales/articles"
SALES = "purchasesales/clientinvoices"
PURCHASES = "purchasesales/vendorinvoices"
PAYMENTS = "purchasesales/payments"
MOVEMENTS = "inventory/warehousemovements"
FILES = "general/files"
ENTRIES = "general/entries"
ENTRIES_KEY = "entries"

PARTNERS = (CLIENTS, VENDORS)
INVOICES = (SALES, PURCHASES)
DOCUMENTS = (SALES, PURCHASES, PAYMENTS, MOVEMENTS)
BOOKED = (*INVOICES, PAYMENTS)  # what makes an entry in the general ledger
REGISTERS = (CLIENTS, VENDORS, ARTICLES)

# What keeps records that are added, edited and deleted under an id (articles: a code).
KEPT = {
    CLIENTS: "clients",
    VENDORS: "vendors",
    ARTICLES: "articles",
    SALES: "clientInvoices",
    PURCHASES: "vendorInvoices",
    PAYMENTS: "payments",
    MOVEMENTS: "movements",
}
# What their kind is called in messages.
NOUNS = {CLIENTS: "Client", VENDORS: "Vendor", ARTICLES: "Article", PAYMENTS: "Payment"}


def noun(service: str) -> str:
    """What a record of a service is called in messages."""
    return NOUNS.get(service, "Invoice")


def booked_on(document: Mapping[str, Any]) -> date:
    """The day of a document's entry."""
    day: date = document.get("entryDate") or document["date"]
    return day


def key_of(service: str) -> str:
    """The field that identifies a record."""
    return "code" if service == ARTICLES else "id"


def partner_of(service: str) -> tuple[str, str]:
    """For invoices: the word for the partner, and the partner's service."""
    return ("client", CLIENTS) if service == SALES else ("vendor", VENDORS)
