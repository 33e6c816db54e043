"""The quality rules for invoices and bills, the most important first, and what each flow takes of all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.quality.payment_rules import EXPORT_RULES, RECEIPT_RULES
from scoro_smartaccounts.quality.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Mapping

_SALES, _PURCHASES = Flow.SALES_INVOICES, Flow.PURCHASE_INVOICES

RULES = (
    Rule("unreadable", "The document can be read"),
    Rule("number_not_given", "The document has a number"),
    Rule("number_not_unique", "No other invoice of the year has the same number", only=_SALES),
    Rule("number_not_unique.bill", "No other bill of the same vendor and year has the same number", only=_PURCHASES),
    Rule("partner_not_named", "The document names a client or vendor"),
    Rule("partner_not_found", "The client or vendor is in Scoro"),
    Rule("partner_deleted", "The client or vendor is not deleted"),
    Rule("partner_nameless", "The client or vendor has a name"),
    Rule("day_not_plausible", "The date is plausible: from 2000 on, at most a year ahead"),
    Rule("day_outside_run", "The date lies inside the days of the run"),
    Rule("currency_malformed", "The currency is a code of three letters"),
    Rule("currency_rate_not_positive", "The currency rate is above 0"),
    Rule("foreign_rate_of_one", "The rate of a foreign currency is not exactly 1"),
    Rule("rate_upside_down", "The rate is not the inverse of that of other documents"),
    Rule("rate_not_plausible", "The rate is one that a currency can have"),
    Rule("base_currency_rate", "The rate of the books' own currency is 1"),
    Rule("lines_not_given", "The document has lines with an amount"),
    Rule("lines_differ_from_net", "The lines add up to the document's net"),
    Rule("vat_percent_not_given", "The line or its document has a VAT percentage", level="line"),
    Rule("vat_percent_not_valid", "The VAT percentage is one of the law or of the company file", level="line"),
    Rule("vat_percent_not_yet", "The VAT percentage does not begin after the day of supply", level="line"),
    Rule("vat_differs_from_lines", "The VAT is what the lines give"),
    Rule("credit_names_no_base", "A negative document credits an invoice", only=_SALES),
    Rule("credited_twice", "No equal credit invoice credits the same invoice", only=_SALES),
    Rule("stock_quantity_not_given", "A stock product has a quantity", level="line"),
    Rule("entered_twice", "No other invoice of the day is the same but for its number", only=_SALES),
    Rule(
        "entered_twice.bill", "No other bill of the day is the same but for the spelling of its number", only=_PURCHASES
    ),
    Rule("number_of_other_year", "No invoice of another year has the same number", only=_SALES),
    Rule(
        "number_of_other_year.bill", "No bill of the same vendor of another year has the same number", only=_PURCHASES
    ),
    Rule("number_in_series", "The bills of several vendors are not numbered one after another", only=_PURCHASES),
    Rule("rate_far_from_others", "The rate is near that of other documents"),
    Rule("rate_far_from_year", "Where there are none of these weeks, the rate is like that of others of a year"),
    Rule("rate_not_compared", "Documents of before this run tell what the currency is worth"),
    Rule("vat_percent_ended", "The VAT percentage is still the law on the day of supply", level="line"),
    Rule("credited_too_much", "An invoice is not credited by more than it is", only=_SALES),
    Rule("credited_beside_dismissed", "No dismissed credit invoice may have credited the invoice before", only=_SALES),
    Rule("credit_currency_differs", "A credit invoice has the currency of its invoice", only=_SALES),
    Rule("credit_rate_differs", "A credit invoice has the rate of its invoice", only=_SALES),
    Rule("due_day_before_day", "The document is not due before its date"),
    Rule("credit_base_not_staged", "The credited invoice is imported or about to be", only=_SALES),
    Rule("vat_rounded_by_supplier", "The supplier's VAT is what the lines give", only=_PURCHASES),
    Rule("line_differs_from_price", "The line is price times quantity less discount", level="line"),
    Rule("reference_number_malformed", "The reference number is well formed"),
    Rule("registry_code_malformed", "The registry code of the client or vendor is well formed"),
    Rule("vat_number_malformed", "The VAT number of the client or vendor is well formed"),
    Rule("country_not_known", "The country of the client or vendor is one that is known"),
)


_RULES: Mapping[Flow, tuple[Rule, ...]] = {
    Flow.SALES_INVOICES: RULES,
    Flow.PURCHASE_INVOICES: RULES,
    Flow.PAYMENTS: RECEIPT_RULES,
    Flow.EXPORT_PAYMENTS: EXPORT_RULES,
}


def rules_of(flow: Flow) -> tuple[Rule, ...]:
    """Return the rules of a flow, the most important first."""
    return tuple(rule for rule in _RULES[flow] if rule.only in (None, flow))
