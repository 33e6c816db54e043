"""Kinds of documents that only an example can prove: no source tells how SmartAccounts books them.

The first of each kind goes alone, and the others follow once its posting was found right.
"""

from __future__ import annotations

from enum import StrEnum


class DocumentKind(StrEnum):
    """Its value stands in staging and in the company file."""

    FOREIGN_INVOICE = "foreign_invoice"
    FOREIGN_BILL = "foreign_bill"
    REVERSE_CHARGE = "reverse_charge"
    SUPPLIER_CREDIT = "supplier_credit"
    UNION_SALE = "union_sale"
    STOCK_SALE = "stock_sale"
    STOCK_PURCHASE = "stock_purchase"
    REFUND = "refund"
    NETTING = "netting"
    CASH_ROUNDING = "cash_rounding"
    FOREIGN_PAYMENT = "foreign_payment"

    @property
    def phrase(self) -> str:
        """Its name, as the catalogue of phrases has it."""
        return f"kind_{self.value}"
