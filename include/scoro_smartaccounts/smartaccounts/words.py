"""Words that SmartAccounts' records and the bodies for them use, and what stands for ids in a planned body."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scoro_smartaccounts.common.documents import Flow

if TYPE_CHECKING:
    from collections.abc import Mapping

# What rows of payments and entries of the ledger call the documents of a flow.
CLIENT_INVOICE, VENDOR_INVOICE = "CLIENT_INVOICE", "VENDOR_INVOICE"
INVOICE_TYPES: Mapping[Flow, str] = {Flow.SALES_INVOICES: CLIENT_INVOICE, Flow.PURCHASE_INVOICES: VENDOR_INVOICE}
# A row of a payment that an earlier payment paid in advance.
PREPAYMENT = "PREPAYMENT_PAYMENT"
# Whose payment it is, and on what kind of account.
CLIENT, VENDOR = "CLIENT", "VENDOR"
BANK, CASH = "BANK", "CASH"
# The type of a credit invoice.
CREDIT = "CRE"
# Names what a credit invoice credits.
BASE = "baseForCreditInvoiceId"
# What a document tells of having been sent to its client.
SENT = ("emailLastSentDate", "emailLastSent", "omnivaLastSentDate", "omnivaLastSent")

_SIGN = "@"
_DOCUMENT = f"{_SIGN}document:"


def partner_reference(kind: str, source_id: str) -> str:
    """Return what stands for the SmartAccounts id of a contact's `client` or `vendor` in a planned body."""
    return f"{_SIGN}{kind}:{source_id}"


def document_reference(source_id: str) -> str:
    """Return what stands for the SmartAccounts id of an invoice in a planned body."""
    return f"{_DOCUMENT}{source_id}"


def is_reference(planned: str) -> bool:
    """Whether this is no id yet, but stands for one."""
    return planned.startswith(_SIGN)


def base_of(body: Mapping[str, Any]) -> str | None:
    """Return the Scoro id of the invoice that a planned credit invoice credits; None where it credits none."""
    base = body.get(BASE)
    return None if base is None else str(base).removeprefix(_DOCUMENT)
