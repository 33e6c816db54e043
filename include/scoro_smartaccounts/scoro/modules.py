"""Scoro's modules: what the API calls each kind of record, and how the records of those with documents are read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scoro_smartaccounts.common.documents import Document, Flow
from scoro_smartaccounts.scoro.wire import (
    EXPENSE_PREFIX,
    booking_content,
    content_hash,
    expense_as_bill,
    parse_bill,
    parse_expense,
    parse_invoice,
    receipt_content,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

CONTACTS = "contacts"
PRODUCTS = "products"
PREPAYMENTS = "prepayments"
RECEIPT_ACCOUNTS = "receiptAccounts"
VAT_CODES = "vatCodes"
FINANCE_ACCOUNTS = "financeAccounts"
FINANCE_OBJECTS = "financeObjects"

Payload = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Module:
    """A module of Scoro whose records are documents of a flow. `prefix` stands before the record's id in staging,
    where a flow reads two modules whose ids may be equal."""

    name: str
    content: Callable[[Mapping[str, Any]], Payload]
    parse: Callable[[Mapping[str, Any]], Document] | None
    prefix: str = ""

    def document_id(self, record_id: str) -> str:
        """Return the id in staging of a record."""
        return f"{self.prefix}{record_id}"

    def record_id(self, document_id: str) -> str:
        """Return Scoro's own id of a document of this module."""
        return document_id.removeprefix(self.prefix)

    def content_hash(self, row: Mapping[str, Any]) -> str:
        """Return what identifies that which would be booked of a raw record."""
        return content_hash(self.content(row))


INVOICES = Module("invoices", booking_content, parse_invoice)
BILLS = Module("bills", booking_content, parse_bill)
EXPENSES = Module("expenses", lambda row: booking_content(expense_as_bill(row)), parse_expense, EXPENSE_PREFIX)
RECEIPTS = Module("receipts", receipt_content, None)

_MODULES: Mapping[Flow, tuple[Module, ...]] = {
    Flow.SALES_INVOICES: (INVOICES,),
    Flow.PURCHASE_INVOICES: (BILLS, EXPENSES),
    Flow.PAYMENTS: (RECEIPTS,),
    Flow.EXPORT_PAYMENTS: (),
}


def modules_of(flow: Flow, *, expenses: bool = True) -> tuple[Module, ...]:
    """Return what a flow reads of Scoro; `expenses`: as the company file says."""
    return tuple(module for module in _MODULES[flow] if expenses or module is not EXPENSES)


def module_of(flow: Flow, document_id: str) -> Module:
    """Return the module that a document of staging comes from."""
    modules = _MODULES[flow]
    return next((module for module in modules if module.prefix and document_id.startswith(module.prefix)), modules[0])


def modifying(module: Module) -> str:
    """Return the operation that creates or changes a record of a module."""
    return f"{module.name}/modify"
