"""The catalogue of quality rules, the most important first.

`sentence` is for a bookkeeper: it names the document, what is wrong and where to mend it. Its placeholders are
columns of the checked batch.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning"]
Level = Literal["document", "line"]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. An `error` keeps the document out of the books, a `warning` is only reported.

    `title` says what is expected, `field` is the field to mend, `system` the system to mend it in, `level` what the
    rule looks at one by one.
    """

    code: str
    title: str
    severity: Severity
    field: str
    sentence: str
    level: Level = "document"
    system: str = "Scoro"


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
        "No other invoice has the same number",
        "error",
        "no",
        "{document} (Scoro id {source_id}) shares its number with the invoice of Scoro id {same_number_ids}."
        " Give one of them another number in Scoro, or delete or dismiss the one that is not meant.",
    ),
    Rule(
        "partner_not_named",
        "The document names a client",
        "error",
        "company_id",
        "{document} names no client. Choose the client in Scoro.",
    ),
    Rule(
        "partner_not_found",
        "The client is in Scoro",
        "error",
        "company_id",
        "{document}: contact {partner_id} is not in Scoro. Choose another client on the invoice in Scoro.",
    ),
    Rule(
        "partner_deleted",
        "The client is not deleted",
        "error",
        "company_id",
        "{document}: contact {partner_id} is deleted in Scoro. Restore it, or choose another client on the invoice.",
    ),
    Rule(
        "partner_nameless",
        "The client has a name",
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
        "{document}: the rate of {currency} is {currency_rate}. Enter the rate of the invoice's day in Scoro.",
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
        "{document}: after discounts the lines add up to {net_of_lines} {currency}, the invoice says {net} without"
        " VAT. Open the invoice in Scoro, check lines and discounts and save it.",
    ),
    Rule(
        "vat_percent_not_given",
        "The line or its document has a VAT percentage",
        "error",
        "vat",
        "{document}, line {position}: no VAT on the line or on the invoice. Choose the VAT in Scoro.",
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
        "{document}: by its lines the VAT is {vat_of_lines} {currency}, the invoice says {vat}. Open the invoice in"
        " Scoro, check the VAT and save it.",
    ),
    Rule(
        "credit_names_no_base",
        "A negative document credits an invoice",
        "error",
        "credited_invoices",
        "{document} has a negative total of {gross} {currency} and credits no invoice. Make it a credit invoice of the"
        " invoice that it credits in Scoro.",
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
        "The client's registry code is well formed",
        "warning",
        "id_code",
        "{document}: the registry code of contact {partner_id} is no Estonian registry code. Check it in Scoro.",
    ),
    Rule(
        "vat_number_malformed",
        "The client's VAT number is well formed",
        "warning",
        "vatno",
        "{document}: the VAT number of contact {partner_id} is not a valid one. Check it in Scoro.",
    ),
)


def codes() -> dict[str, Rule]:
    """The rules by code, the most important first."""
    return {rule.code: rule for rule in RULES}
