"""Scoro's VAT → SmartAccounts' VAT codes, by the rules of the company file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from scoro_smartaccounts.company import VatRule
from scoro_smartaccounts.errors import DocumentProblem


def map_vat(
    rules: Sequence[VatRule],
    register: Mapping[str, Decimal],
    *,
    code: str | None,
    percent: Decimal,
    day: date,
    number: str,
) -> str:
    """SmartAccounts' VAT code for a line. `register` has the percentage of every code that is active for sales.

    Raises DocumentProblem where no rule fits, or the code that fits is unknown or of another percentage.
    """
    said = f"VAT {percent.normalize():f} % (Scoro code {code or 'none'}) of {day:%d.%m.%Y}"
    for rule in rules:
        if not rule.fits(code=code, percent=percent, day=day):
            continue
        found = register.get(rule.smartaccounts)
        if found is None:
            raise DocumentProblem(
                "vat_code_unknown",
                f"Invoice {number}: {said} maps to VAT code {rule.smartaccounts}, which SmartAccounts does not have"
                " active for sales. Activate it there or change the company file.",
                field="sales_invoices.vat_codes",
                system="company file",
            )
        if found != percent:
            raise DocumentProblem(
                "vat_percent_differs",
                f"Invoice {number}: {said} maps to VAT code {rule.smartaccounts}, which is {found.normalize():f} % at"
                " SmartAccounts. Correct the rule in the company file.",
                field="sales_invoices.vat_codes",
                system="company file",
            )
        return rule.smartaccounts
    raise DocumentProblem(
        "vat_not_mapped",
        f"Invoice {number}: no rule of the company file fits {said}. Add one under sales_invoices.vat_codes,"
        " or correct the VAT code in Scoro.",
        field="sales_invoices.vat_codes",
        system="company file",
    )
