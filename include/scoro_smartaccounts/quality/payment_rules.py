"""The catalogues of quality rules for payments, the most important first.

What only the planner can know stays with the planner: whether a document is booked, whether the other system has the
payment already, and therefore whether a receipt account is needed at all.
"""

from __future__ import annotations

from scoro_smartaccounts.quality.rule import Rule

RECEIPT_RULES = (
    Rule("unreadable", "The payment can be read", "error", "", "{problem}"),
    Rule(
        "day_not_given", "The payment has a date", "error", "date", "{document} has no date. Enter its date in Scoro."
    ),
    Rule(
        "day_not_plausible",
        "The date is plausible: from 2000 on, at most a year ahead",
        "error",
        "date",
        "{document}: the date is not possible. Correct it in Scoro: from 2000 on, and at most a year ahead.",
    ),
    Rule(
        "day_outside_run",
        "The date lies inside the days of the run",
        "error",
        "date",
        "{document} is dated outside the days of this run. Run the import for that day, or correct the date in Scoro.",
    ),
    Rule(
        "rows_not_given",
        "The payment has rows",
        "error",
        "receipts",
        "{document} has no rows: nothing tells what it pays. Choose its documents in Scoro, or delete it.",
    ),
    Rule(
        "row_names_nothing",
        "The row names a document or a prepayment invoice",
        "error",
        "receipts.invoice_id",
        "{document}, row {position}: {amount} {currency} for no document. Choose the document in Scoro, or delete the"
        " row.",
        level="line",
    ),
    Rule(
        "row_of_zero",
        "The row has an amount",
        "error",
        "receipts.sum",
        "{document}, row {position}: the amount is 0. Enter the amount in Scoro, or delete the row.",
        level="line",
    ),
    Rule(
        "currency_malformed",
        "The currency is a code of three letters",
        "error",
        "currency",
        "{document}: the currency is no code of three letters. Choose the currency in Scoro.",
    ),
    Rule(
        "total_differs_from_rows",
        "The rows add up to the payment's total, within 2 cents",
        "error",
        "sum",
        "{document}: its rows add up to {total_of_rows} {currency}, the payment says {total}. Correct one of them in"
        " Scoro.",
    ),
    Rule(
        "payer_not_named",
        "A payment of prepayment invoices only names a contact",
        "error",
        "contact_id",
        "{document} is for a prepayment invoice and names no contact. Choose the contact in Scoro.",
    ),
    Rule(
        "total_cents_off",
        "The rows add up to the payment's total",
        "warning",
        "sum",
        "{document}: its rows add up to {total_of_rows} {currency}, the payment says {total}. The rows are booked;"
        " compare them with the bank or the till.",
    ),
    Rule(
        "contact_not_named",
        "The payment names a contact",
        "warning",
        "contact_id",
        "{document} names no contact. That of its documents is taken.",
    ),
    Rule(
        "document_named_twice",
        "No document stands on two rows of the payment",
        "warning",
        "receipts",
        "{document} has several rows for {repeated}. They are booked together; look whether one is too many.",
    ),
)

EXPORT_RULES = (
    Rule(
        "day_not_plausible",
        "The date is plausible: from 2000 on, at most a year ahead",
        "error",
        "date",
        "{document}: the date is not possible. Correct it in SmartAccounts: from 2000 on, and at most a year ahead.",
        system="SmartAccounts",
    ),
    Rule(
        "currency_malformed",
        "The currency is a code of three letters",
        "error",
        "currency",
        "{document}: the currency is no code of three letters. Choose the currency in SmartAccounts.",
        system="SmartAccounts",
    ),
    Rule(
        "amount_not_positive",
        "The amount is above 0, unless the payment nets",
        "error",
        "amount",
        "{document} is of {total} {currency}; only an amount above 0 goes to Scoro. Correct it in SmartAccounts, or"
        " enter it in Scoro by hand and dismiss it here.",
        system="SmartAccounts",
    ),
    Rule(
        "row_not_positive",
        "The amount of the row is above 0",
        "error",
        "rows.amount",
        "{document}, row {position}: {amount} {currency}; only an amount above 0 goes to Scoro. Correct it in"
        " SmartAccounts, or enter it in Scoro by hand and dismiss it here.",
        level="line",
        system="SmartAccounts",
    ),
)
