"""The catalogue of quality rules for invoices and bills, the most important first, and what each flow takes of all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from scoro_smartaccounts.documents import Flow
from scoro_smartaccounts.quality.payment_rules import EXPORT_RULES, RECEIPT_RULES
from scoro_smartaccounts.quality.rule import Rule

RULES = (
    Rule("unreadable", "The document can be read", "error", "", "{problem}"),
    Rule(
        "number_not_given",
        "The document has a number",
        "error",
        "no",
        "{document} has no number. Give it one in Scoro.",
    ),
    Rule(
        "number_not_unique",
        "No other {noun}{of_partner} has the same number",
        "error",
        "no",
        "{document} (Scoro id {source_id}) shares its number with the {noun} of Scoro id {same_number_ids}{of_partner}."
        " Give one of them another number in Scoro, or delete or dismiss the one that is not meant.",
    ),
    Rule(
        "partner_not_named",
        "The document names a {partner}",
        "error",
        "company_id",
        "{document} names no {partner}. Choose the {partner} in Scoro.",
    ),
    Rule(
        "partner_not_found",
        "The {partner} is in Scoro",
        "error",
        "company_id",
        "{document}: contact {partner_id} is not in Scoro. Choose another {partner} on the {noun} in Scoro.",
    ),
    Rule(
        "partner_deleted",
        "The {partner} is not deleted",
        "error",
        "company_id",
        "{document}: contact {partner_id} is deleted in Scoro. Restore it, or choose another {partner} on the {noun}.",
    ),
    Rule(
        "partner_nameless",
        "The {partner} has a name",
        "error",
        "name",
        "{document}: contact {partner_id} has no name. Give the contact a name in Scoro.",
    ),
    Rule(
        "day_not_given", "The document has a date", "error", "date", "{document} has no date. Enter its date in Scoro."
    ),
    Rule(
        "day_not_plausible",
        "The date is plausible: from 2000 on, at most a year ahead",
        "error",
        "date",
        "{document} is dated {day}. Correct the date in Scoro: from 2000 on, and at most a year ahead, is possible.",
    ),
    Rule(
        "day_outside_run",
        "The date lies inside the days of the run",
        "error",
        "date",
        "{document} is dated {day}, which is outside the days of this run. Run the import for that day, or correct"
        " the date in Scoro.",
    ),
    Rule(
        "currency_malformed",
        "The currency is a code of three letters",
        "error",
        "currency",
        "{document}: the currency is no code of three letters. Choose the currency in Scoro.",
    ),
    Rule(
        "currency_rate_not_positive",
        "The currency rate is above 0",
        "error",
        "currency_rate",
        "{document}: the rate of {currency} is {currency_rate}. Enter the rate of the {noun}'s day in Scoro.",
    ),
    Rule(
        "base_currency_rate",
        "The rate of the books' own currency is 1",
        "error",
        "currency_rate",
        "{document} is in {currency}, the books' own currency, but its rate is {currency_rate} instead of 1."
        " Correct the rate in Scoro.",
    ),
    Rule(
        "lines_not_given",
        "The document has lines with an amount",
        "error",
        "lines",
        "{document} has no lines with an amount. Add its lines in Scoro.",
    ),
    Rule(
        "lines_differ_from_net",
        "The lines add up to the document's net",
        "error",
        "sum",
        "{document}: after discounts the lines add up to {net_of_lines} {currency}, the {noun} says {net} without"
        " VAT. Open the {noun} in Scoro, check lines and discounts and save it.",
    ),
    Rule(
        "vat_percent_not_given",
        "The line or its document has a VAT percentage",
        "error",
        "vat",
        "{document}, line {position}: no VAT on the line or on the {noun}. Choose the VAT in Scoro.",
        level="line",
    ),
    Rule(
        "vat_percent_not_valid",
        "The VAT percentage existed on the day of supply",
        "error",
        "vat",
        "{document}, line {position}: VAT of {vat_percent} % did not exist on {supply_day}. Choose the right VAT or"
        " date in Scoro; a foreign rate needs a rule with Scoro's VAT code in the company file.",
        level="line",
    ),
    Rule(
        "vat_differs_from_lines",
        "The VAT is what the lines give",
        "error",
        "vat_sum",
        "{document}: by its lines the VAT is {vat_of_lines} {currency}, the {noun} says {vat}. Open the {noun} in"
        " Scoro, check the VAT and save it.",
    ),
    Rule(
        "credit_names_no_base",
        "A negative document credits an invoice",
        "error",
        "credited_invoices",
        "{document} has a negative total of {gross} {currency} and credits no invoice. Make it a credit invoice of the"
        " invoice that it credits in Scoro.",
        only=Flow.SALES_INVOICES,
    ),
    Rule(
        "stock_quantity_not_given",
        "A stock product has a quantity",
        "error",
        "lines.amount",
        "{document}, line {position}: quantity 0 of a stock product. Enter the quantity in Scoro.",
        level="line",
    ),
    Rule(
        "due_day_before_day",
        "The document is not due before its date",
        "warning",
        "deadline",
        "{document} is dated {day} and due on {due_day}, which is earlier. Check both dates in Scoro.",
    ),
    Rule(
        "credit_base_not_staged",
        "The credited invoice is imported or about to be",
        "warning",
        "credited_invoices",
        "{document} credits the invoice of Scoro id {unknown_base_ids}, which is not imported yet. It waits for it.",
        only=Flow.SALES_INVOICES,
    ),
    Rule(
        "vat_rounded_by_supplier",
        "The supplier's VAT is what the lines give",
        "warning",
        "vat_sum",
        "{document}: by its lines the VAT is {vat_of_lines} {currency}, the bill says {vat}. The supplier's cents are"
        " booked; compare them with the paper.",
        only=Flow.PURCHASE_INVOICES,
    ),
    Rule(
        "line_differs_from_price",
        "The line is price times quantity less discount",
        "warning",
        "lines.sum",
        "{document}, line {position}: price {price} times quantity {quantity} less discount is {net_of_price}, the line"
        " says {net} {currency}. Check the line in Scoro.",
        level="line",
    ),
    Rule(
        "reference_number_malformed",
        "The reference number is well formed",
        "warning",
        "reference_no",
        "{document}: the reference number has a wrong check digit or length. Banks will refuse it; check it in Scoro.",
    ),
    Rule(
        "registry_code_malformed",
        "The {partner}'s registry code is well formed",
        "warning",
        "id_code",
        "{document}: the registry code of contact {partner_id} is no Estonian registry code. Check it in Scoro.",
    ),
    Rule(
        "vat_number_malformed",
        "The {partner}'s VAT number is well formed",
        "warning",
        "vatno",
        "{document}: the VAT number of contact {partner_id} is not a valid one. Check it in Scoro.",
    ),
    Rule(
        "country_not_known",
        "The {partner}'s country is one that is known",
        "warning",
        "addresses.country",
        "{document}: what stands as the country of contact {partner_id} names none; it counts as not given. Write the"
        " country in Scoro by its name in Estonian or English, or by its code.",
    ),
)


_CATALOGUES: Mapping[Flow, tuple[Rule, ...]] = {
    Flow.SALES_INVOICES: RULES,
    Flow.PURCHASE_INVOICES: RULES,
    Flow.PAYMENTS: RECEIPT_RULES,
    Flow.EXPORT_PAYMENTS: EXPORT_RULES,
}
_WORDS: Mapping[Flow, Mapping[str, str]] = {
    Flow.SALES_INVOICES: {"noun": "invoice", "partner": "client", "of_partner": ""},
    Flow.PURCHASE_INVOICES: {"noun": "bill", "partner": "vendor", "of_partner": " of the same vendor"},
    Flow.PAYMENTS: {},
    Flow.EXPORT_PAYMENTS: {},
}


def rules_of(flow: Flow) -> tuple[Rule, ...]:
    """The rules of a flow in its own words, the most important first."""
    return tuple(
        replace(rule, title=_worded(flow, rule.title), sentence=_worded(flow, rule.sentence))
        for rule in _CATALOGUES[flow]
        if rule.only in (None, flow)
    )


def _worded(flow: Flow, text: str) -> str:
    for name, word in _WORDS[flow].items():
        text = text.replace(f"{{{name}}}", word)
    return text


def codes(flow: Flow) -> dict[str, Rule]:
    """The rules of a flow by code, the most important first."""
    return {rule.code: rule for rule in rules_of(flow)}
