"""What the meeting tells of each switch of both simulators and each row of docs/assumptions.md, or why nothing that can
be read tells it. What nothing tells does no harm with its first real document: test_nothing_in_silence.py plays a month
under each position."""

from __future__ import annotations

# The switch, and the assumptions whose verdict or reading it turns, by their keys.
TOLD_OF_SMARTACCOUNTS = {
    "vat_per_code": "vat_rounding",
    "exchange_rate_is_euro_per_foreign": "exchange_rate",
    "payments_shown": "payment_signs",
    "row_vat_is_rate": "row_vat",
    "credits_shown_negative": "credit_sign",
    "reverse_vat_shown": "declared_vat",
    "netting_must_balance": "netting_balance",
    "mixed_rows": "mixed_rows",
    "entries_right": "entries_right",
    "entry_link": "entry_link",
    "entry_amounts": "entry_amounts",
    "entry_euro_originals": "entry_euro_originals",
    "entries_changed": "entries_changed",
    "deleted_of_entries": "deleted_of_entries",
    "credit_sides": "credit_sides",
    "supplier_payment_side": "supplier_payment_side",
    "refund_side": "refund_side",
    "extras_sign": "rounding_side",
    "reverse_charge_posted": "reverse_charge_computed reverse_charge_on_paper",
    "date_to_excluded": "last_day",
    "deleted_of_invoices": "deleted_of_invoices",
    "changes_of_payments": "changes_of_payments",
    "payments_tell_changes": "payments_tell_changes",
    "changes_of_registers": "changes_of_registers",
    "deleted_of_registers": "deleted_of_registers",
    "payment_moves_invoice": "payment_moves_invoice",
    "invoice_number_filter": "number_filter",
    "duplicate_sales_number": "sales_numbers",
    "list_keys": "list_keys",
    "omit_empty_list": "empty_lists",
    "page_size": "page_size",
    "sort": "order",
    "amounts_as_text": "amount_form",
    "number_as_number": "number_form",
    "moments": "moment_form",
    "show_date": "date_header",
    "minutes_behind": "clock",
    "warehouse_ids": "warehouse_ids",
    "automatic_movements": "movements",
}
_WRITTEN = "only a write is answered by it; its first one is refused with a reason, or told"
_CUT = "what was entered may be short by itself; the first document of ours raises the alarm, or is found otherwise"
NOTHING_TELLS_OF_SMARTACCOUNTS = {
    "error_key_field": _WRITTEN,
    "empty_post": "no read is posted",
    "payments_need_date_from": "every question about payments that is asked names a day or a change",
    "pdf": "nothing rests on it, and it costs a request",
    "partner_vat_required": _WRITTEN,
    "duplicate_partner": _WRITTEN,
    "duplicate_article": _WRITTEN,
    "duplicate_purchase_number": "that none stands twice does not tell that none may",
    "article_active": _WRITTEN,
    "delete_used": _WRITTEN,
    "four_byte": _WRITTEN,
    "text_lengths": _WRITTEN,
    "text_too_long": _WRITTEN,
    "comment_length": _CUT,
    "payment_document": _CUT,
    "price_decimals": _CUT,
    "discount_decimals": _CUT,
    "exchange_rate_decimals": _CUT,
    "add_answer_signed": _WRITTEN,
    "due_date": _WRITTEN,
    "calculate_vat": _WRITTEN,
    "entry_date_today": _WRITTEN,
    "edit_paid": _WRITTEN,
    "stock_needs_warehouse": _WRITTEN,
    "locked_until": "no service shows a lock; refused, the documents wait",
    "ecb_rates": "a currency that nobody used is none that has no rate",
    "ecb_until": "the last day of a quote shows in no document",
    "entry_numbers": "with the usual link an entry shows the number of its document",
    "netting_of_currency": "that nobody netted in another currency does not tell that nobody may",
    "negative_row_is_too_large": _WRITTEN,
    "eur_amount_elsewhere": _WRITTEN,
    "locked_day_itself": "no service shows a lock; the day that is refused counts as locked",
    "return_entry_on": "a return's month is told by its amounts and days when it is there, and by a person",
    "deleted_of_payments": "a payment that is deleted while nobody looks shows nowhere; the audit finds its entry",
}
_NIGHTLY = "the audit asks each night, and says on its page what it cannot know"
NOTHING_TELLS_OF_THE_AUDIT = dict.fromkeys(
    (
        "balances_service",
        "limits_of_balances",
        "balances_sign",
        "balances_show_zeros",
        "balances_restart_each_year",
        "balances_of_days_to_come",
        "balances_include_day",
        "balances_right",
        "changes_of_invoices",
        "edits_are_told",
        "entries_tell_edits",
    ),
    _NIGHTLY,
)

TOLD_OF_SCORO = {
    "page_cap": "scoro_pages",
    "detailed_cap": "scoro_detailed_pages",
    "sort_order": "scoro_order",
    "date_filter": "date_filter",
    "datetime_filter": "moment_filter",
    "unknown_filter": "unknown_filter",
    "include_deleted_placement": "deleted_place",
    "delete_bumps_modified": "deleted_moves",
    "receipt_bumps_modified": "receipt_moves",
    "credit_sign": "scoro_credit_sign",
    "receivable": "receivable",
    "bill_number": "bill_number",
    "html_entities": "html",
    "float_noise": "floats",
    "naive_datetimes": "scoro_moments",
    "empty_list": "scoro_empty",
    "product_tag_form": "tags",
    "product_tag_key": "tags",
    "product_tag_in_list": "tags",
}
_ENVELOPE = "the client reads either way and keeps neither"
NOTHING_TELLS_OF_SCORO = {
    "default_per_page": "every question names how many rows it wants",
    "deletion_horizon_days": "documents that were deleted longer ago than that show in no answer; nothing rests on it",
    "status_code_type": _ENVELOPE,
    "validation_http": _ENVELOPE,
    "auth_http": "a wrong key is never tried",
    "not_found_code": _ENVELOPE,
    "cloudflare": "the client names itself as it must",
    "credit_shows_in_paid_sum": "nothing rests on it",
    "prepayment_in_paid_sum": "nothing rests on it",
    "receipts_view": "it is not relied on",
    "receipt_overpays": _WRITTEN,
    "receipt_of_other_contact": _WRITTEN,
    "receipt_in_other_currency": _WRITTEN,
    "receipt_sum_differs": _WRITTEN,
    "delete_received": _WRITTEN,
}

# Rows of docs/assumptions.md without a switch, by their beginning: the assumptions that something tells about, by their
# keys, and why nothing does of the others.
TOLD_WITHOUT_A_SWITCH = {
    "A purchase invoice has no type": "negative_bills",
    "A row's `objectId` is the id that": "vendor_field",
    "What is open of a document is its total": "open_sums",
    "A document that was sent from SmartAccounts": "sent_documents",
    "The settings of SmartAccounts name the accounts": "named_accounts",
    "An invoice makes a row for what is unpaid": "posted_vat",
    "A VAT code that the company made itself": "own_codes",
    "The account of an entry's row is the code": "posted_vat",
    "`discount`, `discount2`, `discount3` apply": "discounts",
}
_OURS = "a rule of ours"
_FILE = "a file of a person, no answer"
NOTHING_TELLS_WITHOUT_A_SWITCH = {
    "Numeric text": _WRITTEN,
    "A return that is calculated again": "a return that nobody calculated again is no example",
    "When a record was made (`dateCreated`)": "no service shows a lock to hold it against",
    "A list filtered by `id`": _NIGHTLY,
    "A page beyond the last one": "a list that ends is not asked on, and one that does not is stopped",
    "An answer has at most 8 MB": "it shows with the answer itself, whenever it comes",
    "With `isCalculateVat` false": _WRITTEN,
    "No payment of an imported document": _OURS,
    "The same money is dated": _OURS,
    "An entry's day is the document's entry date": "entries are looked for by it: another day is one that is missing",
    "Automatic entries carry no comment": "nothing is read of comments",
    "A sale of 0 % to another member state": "it warns by what both services hold; nothing else is sent",
    "24 % is refused in entries before": "the vendor tells it",
    "CSV files of articles": _FILE,
    "These files are UTF-8": _FILE,
    "A VAT code of which half is deducted": "a wording of settings; its VAT is not compared",
    "An expense's vendor is its company": "expenses are read by those who import them",
    "`receipts/modify` answers with": _WRITTEN,
    "The answer of `receipts/modify`": _WRITTEN,
    "A receipt that was stored shows": _WRITTEN,
    "A receipt needs no receipt account": _WRITTEN,
    "What is deleted is not shown by its id": _WRITTEN,
    "A country is written by its code": "every spelling is read where a contact is, and told where it is none",
}
# Switches of limits, bills and refusals, which no reading meets.
_OF_TROUBLE = "it shows in trouble only, and the client is made for it"
NOTHING_TELLS_OF_TROUBLE = dict.fromkeys(
    ("stale_status", "requests_per_minute", "requests_per_day", "limit_body", "billing", "billing_body"), _OF_TROUBLE
)
