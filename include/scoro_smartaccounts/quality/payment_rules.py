"""The quality rules for payments, the most important first.

What only the planner can know stays with the planner: whether a document is booked, whether the other system has the
payment already, and therefore whether a receipt account is needed at all.
"""

from __future__ import annotations

from scoro_smartaccounts.quality.rule import Rule

RECEIPT_RULES = (
    Rule("unreadable", "The payment can be read"),
    Rule("day_not_plausible.payment", "The date is plausible: from 2000 on, at most a year ahead"),
    Rule("day_outside_run.payment", "The date lies inside the days of the run"),
    Rule("rows_not_given", "The payment has rows"),
    Rule("row_names_nothing", "The row names a document or a prepayment invoice", level="line"),
    Rule("row_of_zero", "The row has an amount", level="line"),
    Rule("currency_malformed", "The currency is a code of three letters"),
    Rule("total_differs_from_rows", "The rows add up to the payment's total, within 2 cents"),
    Rule("payer_not_named", "A payment of prepayment invoices only names a contact"),
    Rule("total_cents_off", "The rows add up to the payment's total"),
    Rule("contact_not_named", "The payment names a contact"),
    Rule("document_named_twice", "No document stands on two rows of the payment"),
)

EXPORT_RULES = (
    Rule("day_not_plausible.export", "The date is plausible: from 2000 on, at most a year ahead"),
    Rule("currency_malformed.export", "The currency is a code of three letters"),
    Rule("amount_not_positive", "The amount is above 0, unless the payment nets"),
    Rule("row_not_positive", "The amount of the row is above 0", level="line"),
)
