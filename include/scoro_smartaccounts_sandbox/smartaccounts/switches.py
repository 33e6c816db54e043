"""What no public source tells about SmartAccounts and a client must cope with: one switch each."""

from collections.abc import Mapping
from dataclasses import asdict, field, fields
from typing import Any, Literal

from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

# The currencies that the European Central Bank quotes, at rates that it might.
_ECB_RATES = {
    "AUD": "1.7750", "BGN": "1.9558", "BRL": "6.2900", "CAD": "1.6240", "CHF": "0.9380", "CNY": "8.2300",
    "CZK": "24.2900", "DKK": "7.4590", "GBP": "0.8420", "HKD": "9.1100", "HUF": "385.2500", "IDR": "19545.0000",
    "ILS": "3.7600", "INR": "104.3000", "ISK": "146.8000", "JPY": "182.4000", "KRW": "1705.0000", "MXN": "21.2500",
    "MYR": "4.8100", "NOK": "11.6500", "NZD": "2.0400", "PHP": "68.9000", "PLN": "4.2600", "RON": "5.0920",
    "SEK": "11.4400", "SGD": "1.5110", "THB": "37.5000", "TRY": "49.6000", "USD": "1.0850", "ZAR": "19.8500",
}  # fmt: skip

Rule = Literal["allow", "refuse"]
BodyForm = Literal["json", "text", "html", "empty"]


@dataclass(config=ConfigDict(extra="forbid"))
class Switches:
    """The defaults are what is assumed. They may be changed at any time."""

    # Transport
    limits: bool = True
    requests_per_minute: int = 60
    requests_per_day: int = 1000
    limit_body: BodyForm = "text"
    billing: bool = False  # every request is refused because of an unpaid bill
    billing_body: BodyForm = "text"
    unauthorized_body: BodyForm = "json"
    stale_status: int = 401
    unknown_service_status: int = 404
    error_key_field: str = "key"  # "": an error carries its message only
    show_date: bool = True  # the header Date
    minutes_behind: int = 0  # by which the header Date and the moments of records are behind the present
    empty_post: Rule = "allow"  # a POST that reads, without a body
    amounts_as_text: bool = False  # amounts, rates and percentages of answers come as text
    # Lists
    page_size: int = 100
    list_keys: dict[str, str] = field(default_factory=dict)  # service -> key, where it is not the usual one
    omit_empty_list: bool = False
    sort: Literal["forwards", "backwards"] = "forwards"
    date_to_excluded: bool = False  # dateTo of a list by date, without its own day
    number_as_number: bool = False  # numbers of documents that are digits come as JSON numbers
    moments: Literal["second", "day", "iso"] = "second"  # the form of dateCreated and dateUpdated
    # What change queries of clients, vendors and articles show: those that were saved since, or nothing.
    changes_of_registers: Literal["works", "none"] = "works"
    # What change queries of payments show: those that were saved since, nothing, or those that are dated since.
    changes_of_payments: Literal["works", "none", "by_date"] = "works"
    # What change queries of sales and purchase invoices show: those that were saved since, nothing, or all.
    changes_of_invoices: Literal["works", "none", "all"] = "works"
    edits_are_told: bool = True  # an edit moves dateUpdated
    payments_tell_changes: bool = True  # dateCreated and dateUpdated of payments
    deleted_of_registers: bool = True  # change queries of clients, vendors and articles list deletions too
    deleted_of_invoices: bool = True  # change queries of sales and purchase invoices list deletions too
    deleted_of_payments: bool = True  # change queries of payments list deletions too
    shows_nothing_of: tuple[
        str, ...
    ] = ()  # services that answer as if they had no record, as one without a right might
    invoice_number_filter: Literal["partial", "exact"] = "partial"
    payments_need_date_from: bool = False
    automatic_movements: bool = False  # shown although includeAutoMovements was not asked for
    warehouse_ids: bool = True
    pdf: Literal["raw", "base64"] = "raw"
    # Partners and articles
    partner_vat_required: bool = False
    duplicate_partner: Rule = "allow"  # by name and registry code
    # Registry codes and VAT numbers of clients and vendors: as they were written, or in groups with blanks between.
    codes_shown: Literal["as_written", "in_groups"] = "as_written"
    duplicate_article: Literal["refuse", "overwrite"] = "refuse"
    article_active: bool = True  # activeSales and activePurchase of an article added without them
    delete_used: Rule = "refuse"
    four_byte: Literal["refuse", "replace"] = "refuse"
    comment_length: int = 0  # longer comments are cut; 0: no limit
    text_too_long: Literal["refuse", "cut"] = "refuse"  # what is longer than `text_lengths`
    # The longest text of fields, wherever they stand: what is sent longer is refused. Lines of an address (64) and
    # names of files (64) are known, these are assumed.
    text_lengths: dict[str, int] = field(default_factory=lambda: {"county": 64, "city": 64, "postalCode": 64})
    # Invoices
    price_decimals: int = 6
    discount_decimals: int = 2
    vat_per_code: bool = False  # VAT is rounded per code, not per row
    row_vat_is_rate: bool = False  # the row's `vat` shows a percentage, not an amount
    add_answer_signed: bool = False  # the answer to a credit invoice's add carries negative amounts
    credits_shown_negative: bool = True  # in lists
    # As sent, where nothing is sent by the partner's days; always by the partner's days; as sent, else the document's.
    due_date: Literal["sent", "partner", "document"] = "sent"
    calculate_vat: bool = True  # isCalculateVat of a purchase invoice added without it
    entry_date_today: bool = False  # default of a missing entryDate: today, not the document's date
    reverse_vat_shown: bool = False  # vatAmount and rows show the VAT that the buyer declares; the total is without it
    duplicate_sales_number: Rule = "refuse"
    duplicate_purchase_number: Rule = "allow"
    edit_paid: Rule = "refuse"
    stock_needs_warehouse: bool = False  # where stock is sold or bought; warehouseId is documented as optional
    locked_until: str = ""  # ISO day: dates up to it are refused
    locked_day_itself: bool = True  # it is refused too
    # Foreign units for one euro, the same every day; other currencies need an exchangeRate.
    ecb_rates: dict[str, str] = field(default_factory=lambda: dict(_ECB_RATES))
    ecb_until: dict[str, str] = field(default_factory=lambda: {"BGN": "2025-12-31"})  # the last day of a quote
    # The general ledger
    # What links an entry to its document: its id is the document's, its number is, its `document` is the document's
    # number on paper, or nothing; what does not link is the entry's own or left out.
    entry_link: Literal["id", "number", "document", "none"] = "number"
    entry_numbers: Literal["in_order", "shuffled"] = "in_order"  # the entries' own numbers, and their order in lists
    # What a change query of entries shows: those that were saved since, nothing, or all.
    entries_changed: Literal["since", "none", "all"] = "since"
    entries_tell_edits: bool = True  # the edit of a document shows its entry as changed too
    # Balances of accounts: debit less credit everywhere, or liabilities and income as credit less debit; with what is
    # booked on the day asked for; income and expenses of its year only; of all accounts, or of those that have one.
    balances_right: Literal["granted", "missing_401", "missing_403"] = "granted"
    balances_service: str = "general/accountbalances"
    balances_sign: Literal["debit", "natural"] = "natural"
    balances_include_day: bool = True
    balances_restart_each_year: bool = True
    balances_show_zeros: bool = False
    balances_of_days_to_come: Rule = "allow"
    limits_of_balances: bool = True  # once an hour
    exchange_rate_decimals: int = 6  # of a rate that was sent
    deleted_of_entries: bool = True  # change queries of entries list deletions too
    # The currency of debitAmount and creditAmount: euros, or that of the document.
    entry_amounts: Literal["euros", "original"] = "euros"
    entry_euro_originals: bool = False  # the columns of the original currency are shown for euros too
    entries_right: Literal["granted", "missing_401", "missing_403"] = "granted"
    exchange_rate_is_euro_per_foreign: bool = False  # exchangeRate everywhere is what one foreign unit is worth
    credit_sides: Literal["swapped", "of_an_invoice"] = "swapped"  # the sides on which a credit invoice is booked
    supplier_payment_side: Literal["of_a_payment", "of_a_receipt"] = "of_a_payment"
    refund_side: Literal["of_a_refund", "of_a_payment"] = "of_a_refund"  # the sides on which a refund is booked
    extras_sign: Literal["with_rows", "against_rows"] = "with_rows"  # the side on which positive extras are booked
    # The VAT that the buyer declares: of all bills, of those with isCalculateVat, of those without it, of none.
    reverse_charge_posted: Literal["always", "computed", "on_paper", "never"] = "always"
    # The day of the entry that saving a VAT return makes: the last of its month, the first or the 20th of the next one.
    return_entry_on: Literal["last", "next_first", "twentieth"] = "last"
    # Payments
    netting_must_balance: bool = True  # on a netting account, what is settled must add up to nothing
    netting_of_currency: bool = False  # a netting account takes documents of its own currency only
    payment_moves_invoice: bool = True  # a payment moves dateUpdated of what it settles
    negative_row_is_too_large: bool = False  # a negative row is refused as larger than what is outstanding
    # Rows that pay and rows that take (credit invoices, prepayments) in one payment of another account.
    mixed_rows: Rule = "refuse"
    # How payments are shown: all as they were written; `amount` with the sign of the money (in +, out -, netting 0);
    # or rows and prepayment with that sign too.
    payments_shown: Literal["magnitudes", "signed_amount", "signed"] = "magnitudes"
    payment_document: Literal["whole", "cut", "hidden"] = "whole"  # `document` of a payment in lists
    eur_amount_elsewhere: Rule = "refuse"  # eurAmount where it is no foreign payment on a EUR account

    def change(self, values: Mapping[str, Any]) -> None:
        """Set some switches, all or none. Raises ValueError naming what is wrong."""
        try:
            changed = _ADAPTER.validate_python({**asdict(self), **values})
        except ValidationError as error:
            problems = "; ".join(f"{problem['loc'][0]}: {problem['msg']}" for problem in error.errors())
            raise ValueError(f"switches: {problems}") from None
        for item in fields(self):
            setattr(self, item.name, getattr(changed, item.name))


_ADAPTER = TypeAdapter(Switches)
