"""What no public source tells about SmartAccounts and a client must cope with: one switch each."""

from collections.abc import Mapping
from dataclasses import asdict, field, fields
from typing import Any, Literal

from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

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
    # Lists
    page_size: int = 100
    list_keys: dict[str, str] = field(default_factory=dict)  # service -> key, where it is not the usual one
    omit_empty_list: bool = False
    sort: Literal["forwards", "backwards"] = "forwards"
    date_to_excluded: bool = False  # dateTo of a list by date, without its own day
    number_as_number: bool = False  # numbers of documents that are digits come as JSON numbers
    moments: Literal["second", "day", "iso"] = "second"  # the form of dateCreated and dateUpdated
    deleted_of_registers: bool = True  # change queries of clients, vendors and articles list deletions too
    deleted_of_invoices: bool = True  # change queries of sales and purchase invoices list deletions too
    invoice_number_filter: Literal["partial", "exact"] = "partial"
    payments_need_date_from: bool = False
    automatic_movements: bool = False  # shown although includeAutoMovements was not asked for
    warehouse_ids: bool = True
    pdf: Literal["raw", "base64"] = "raw"
    # Partners and articles
    partner_vat_required: bool = False
    duplicate_partner: Rule = "allow"  # by name and registry code
    duplicate_article: Literal["refuse", "overwrite"] = "refuse"
    article_active: bool = True  # activeSales and activePurchase of an article added without them
    delete_used: Rule = "refuse"
    four_byte: Literal["refuse", "replace"] = "refuse"
    comment_length: int = 0  # longer comments are cut; 0: no limit
    # Invoices
    price_decimals: int = 6
    discount_decimals: int = 2
    vat_per_code: bool = False  # VAT is rounded per code, not per row
    row_vat_is_rate: bool = False  # the row's `vat` shows a percentage, not an amount
    add_answer_signed: bool = False  # the answer to a credit invoice's add carries negative amounts
    calculate_vat: bool = True  # isCalculateVat of a purchase invoice added without it
    entry_date_today: bool = False  # default of a missing entryDate: today, not the document's date
    duplicate_sales_number: Rule = "refuse"
    duplicate_purchase_number: Rule = "allow"
    edit_paid: Rule = "refuse"
    stock_needs_warehouse: bool = False  # where stock is sold or bought; warehouseId is documented as optional
    locked_until: str = ""  # ISO day: dates up to it are refused
    # Foreign units for one euro; other currencies need an exchangeRate.
    ecb_rates: dict[str, str] = field(
        default_factory=lambda: {
            "USD": "1.0850",
            "SEK": "11.2400",
            "GBP": "0.8420",
            "NOK": "11.6500",
            "DKK": "7.4590",
            "PLN": "4.2600",
            "CHF": "0.9380",
        }
    )
    # Payments
    netting_must_balance: bool = True  # on a netting account, what is settled must add up to nothing
    # Rows that pay and rows that take (credit invoices, prepayments) in one payment of another account.
    mixed_rows: Rule = "refuse"
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
