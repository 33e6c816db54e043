"""Kinds of documents that only an example can prove: no source tells how SmartAccounts books them.

The first of each kind goes alone, and the others follow once its posting was found right.
"""

from __future__ import annotations

from enum import StrEnum


class DocumentKind(StrEnum):
    """Its value stands in staging and in the company file. What an example of one way does not prove of another is a
    kind of its own: rates of the bank and rates that are sent, VAT computed and VAT of the paper, clients and
    suppliers."""

    FOREIGN_INVOICE = "foreign_invoice"
    RATED_INVOICE = "rated_invoice"
    FOREIGN_BILL = "foreign_bill"
    RATED_BILL = "rated_bill"
    REVERSE_CHARGE = "reverse_charge"
    REVERSE_CHARGE_ON_PAPER = "reverse_charge_on_paper"
    CREDIT_INVOICE = "credit_invoice"
    SUPPLIER_CREDIT = "supplier_credit"
    UNION_SALE = "union_sale"
    STOCK_SALE = "stock_sale"
    STOCK_PURCHASE = "stock_purchase"
    REFUND = "refund"
    SUPPLIER_REFUND = "supplier_refund"
    SUPPLIER_PAYMENT = "supplier_payment"
    PREPAYMENT = "prepayment"
    NETTING = "netting"
    SUPPLIER_NETTING = "supplier_netting"
    CASH_ROUNDING = "cash_rounding"
    SUPPLIER_CASH_ROUNDING = "supplier_cash_rounding"
    FOREIGN_PAYMENT = "foreign_payment"
    RATED_PAYMENT = "rated_payment"

    @property
    def phrase(self) -> str:
        """Its name, as the catalogue of phrases has it."""
        return f"kind_{self.value}"


# Those that are booked by a rate, that set off, that move stock, and on which the buyer declares the VAT.
OF_RATE = frozenset(
    {
        DocumentKind.FOREIGN_INVOICE,
        DocumentKind.RATED_INVOICE,
        DocumentKind.FOREIGN_BILL,
        DocumentKind.RATED_BILL,
        DocumentKind.FOREIGN_PAYMENT,
        DocumentKind.RATED_PAYMENT,
    }
)
OF_NETTING = frozenset({DocumentKind.NETTING, DocumentKind.SUPPLIER_NETTING})
OF_STOCK = frozenset({DocumentKind.STOCK_SALE, DocumentKind.STOCK_PURCHASE})
OF_REVERSE_CHARGE = frozenset({DocumentKind.REVERSE_CHARGE, DocumentKind.REVERSE_CHARGE_ON_PAPER})
