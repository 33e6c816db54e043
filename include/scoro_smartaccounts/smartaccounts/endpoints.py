"""SmartAccounts' services, and what is done with their records."""

from __future__ import annotations

CLIENTS = "purchasesales/clients"
VENDORS = "purchasesales/vendors"
CLIENT_INVOICES = "purchasesales/clientinvoices"
VENDOR_INVOICES = "purchasesales/vendorinvoices"
ARTICLES = "purchasesales/articles"
PAYMENTS = "purchasesales/payments"
ENTRIES = "general/entries"
VAT_CODES = "settings/vatpcs"
WAREHOUSES = "settings/warehouses"
ACCOUNTS = "settings/accounts"
OBJECTS = "settings/objects"
BANK_ACCOUNTS = "settings/bankaccounts"
CASH_ACCOUNTS = "settings/cashaccounts"


def adding(service: str) -> str:
    """Return the operation that creates a record of a service."""
    return f"{service}:add"


def deleting(service: str) -> str:
    """Return the operation that deletes a record of a service."""
    return f"{service}:delete"
