"""Scoro's VAT → SmartAccounts' VAT codes, by the rules of the company file (`common.company.VatRule`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scoro_smartaccounts.common.documents import Document, Flow
from scoro_smartaccounts.common.errors import DocumentProblem
from scoro_smartaccounts.common.reasons import Reason, phrase, reason

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date
    from decimal import Decimal

    from scoro_smartaccounts.common.company import VatRule


def vat_rule(
    rules: Sequence[VatRule],
    register: Mapping[str, Decimal],
    *,
    code: str | None,
    percent: Decimal,
    days: Sequence[date],
    document: Document,
) -> VatRule:
    """Return the rule that names SmartAccounts' VAT code for a line. `register` has the percentage of every code that
    is active for the document's flow; `days` are the days of supply that the line may be of, the likeliest first.

    Raises DocumentProblem where no rule fits, or the code that fits is unknown or, unless it means reverse charge, of
    another percentage.
    """
    fitting = next(
        (rule for day in days for rule in rules if rule.fits(code=code, percent=percent, day=day)),
        None,
    )
    found = None if fitting is None else register.get(fitting.smartaccounts)
    # Under reverse charge the paper says 0, the code perhaps what the buyer declares.
    if fitting is not None and found is not None and (found == percent or fitting.reverse_charge):
        return fitting
    said = phrase("vat_of", percent=f"{percent.normalize():f}", code=code or phrase("no_code"), day=days[0])
    told = {"document": document.named, "vat": said, "setting": f"{document.flow}.vat_codes"}
    if fitting is None:
        raise DocumentProblem(_not_mapped(rules, code, percent, told))
    if found is None:
        side = phrase("sales" if document.flow is Flow.SALES_INVOICES else "purchases")
        raise DocumentProblem(reason("vat_code_unknown", vat_code=fitting.smartaccounts, side=side, **told))
    there = f"{found.normalize():f}"
    raise DocumentProblem(reason("vat_percent_differs", vat_code=fitting.smartaccounts, percent=there, **told))


def _not_mapped(rules: Sequence[VatRule], code: str | None, percent: Decimal, told: Mapping[str, object]) -> Reason:
    """Why no rule fits: a rule for the same VAT on other days is named, since another one beside it would hide it."""
    for rule in rules:
        any_day = rule.from_day or rule.to_day
        if any_day is not None and rule.fits(code=code, percent=percent, day=any_day):
            first, last = (day or phrase("open_end") for day in (rule.from_day, rule.to_day))
            return reason("vat_not_mapped.other_days", vat_code=rule.smartaccounts, first=first, last=last, **told)
    return reason("vat_not_mapped", **told)
