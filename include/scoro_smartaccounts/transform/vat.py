"""Scoro's VAT → SmartAccounts' VAT codes, by the rules of the company file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from scoro_smartaccounts.company import VatRule
from scoro_smartaccounts.documents import Document, Flow
from scoro_smartaccounts.errors import DocumentProblem
from scoro_smartaccounts.reasons import phrase, reason


def vat_rule(
    rules: Sequence[VatRule],
    register: Mapping[str, Decimal],
    *,
    code: str | None,
    percent: Decimal,
    day: date,
    document: Document,
) -> VatRule:
    """The rule that names SmartAccounts' VAT code for a line. `register` has the percentage of every code that is
    active for the document's flow, `day` is the day of supply.

    Raises DocumentProblem where no rule fits, or the code that fits is unknown or, unless it means reverse charge, of
    another percentage.
    """
    said = phrase("vat_of", percent=f"{percent.normalize():f}", code=code or phrase("none"), day=day)
    told = {"document": document.named, "vat": said, "setting": f"{document.flow}.vat_codes"}
    for rule in rules:
        if not rule.fits(code=code, percent=percent, day=day):
            continue
        found = register.get(rule.smartaccounts)
        if found is None:
            side = phrase("sales" if document.flow is Flow.SALES_INVOICES else "purchases")
            raise DocumentProblem(reason("vat_code_unknown", vat_code=rule.smartaccounts, side=side, **told))
        # Under reverse charge the paper says 0, the code perhaps what the buyer declares.
        if found != percent and not rule.reverse_charge:
            there = f"{found.normalize():f}"
            raise DocumentProblem(reason("vat_percent_differs", vat_code=rule.smartaccounts, percent=there, **told))
        return rule
    raise DocumentProblem(reason("vat_not_mapped", **told))
