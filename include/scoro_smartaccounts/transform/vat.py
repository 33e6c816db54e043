"""Scoro's VAT → SmartAccounts' VAT codes, by the rules of the company file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from scoro_smartaccounts.company import VatRule
from scoro_smartaccounts.documents import Document, Flow
from scoro_smartaccounts.errors import DocumentProblem


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
    said = f"VAT {percent.normalize():f} % (Scoro code {code or 'none'}) of {day:%d.%m.%Y}"
    setting = f"{document.flow}.vat_codes"
    for rule in rules:
        if not rule.fits(code=code, percent=percent, day=day):
            continue
        found = register.get(rule.smartaccounts)
        if found is None:
            side = "sales" if document.flow is Flow.SALES_INVOICES else "purchases"
            raise DocumentProblem(
                "vat_code_unknown",
                f"{document.called}: {said} maps to VAT code {rule.smartaccounts}, which SmartAccounts does not have"
                f" active for {side}. Activate it there or change the company file.",
                field=setting,
                system="company file",
            )
        # Under reverse charge the paper says 0, the code perhaps what the buyer declares.
        if found != percent and not rule.reverse_charge:
            raise DocumentProblem(
                "vat_percent_differs",
                f"{document.called}: {said} maps to VAT code {rule.smartaccounts}, which is {found.normalize():f} % at"
                " SmartAccounts. Correct the rule in the company file.",
                field=setting,
                system="company file",
            )
        return rule
    raise DocumentProblem(
        "vat_not_mapped",
        f"{document.called}: no rule of the company file fits {said}. Add one under {setting},"
        " or correct the VAT code in Scoro.",
        field=setting,
        system="company file",
    )
