"""What no public source tells about SmartAccounts and a client must cope with: one switch each."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any


@dataclass
class Switches:
    """The defaults are what is assumed."""

    page_size: int = 100
    requests_per_minute: int = 60
    requests_per_day: int = 1000
    limits: bool = True
    show_date: bool = True
    list_keys: dict[str, str] = field(default_factory=dict)  # service -> key, where it is not the usual one
    omit_empty_list: bool = False
    number_as_number: bool = False  # invoice numbers of digits come as JSON numbers
    vat_per_code: bool = False  # VAT is rounded per code, not per row
    partner_vat_required: bool = False
    entry_date_today: bool = False  # default of a missing entryDate: today, not the invoice's date
    duplicate_sales_number: str = "refuse"  # or "allow"
    duplicate_purchase_number: str = "allow"  # or "refuse"
    edit_paid: str = "refuse"  # or "allow"
    stock_needs_warehouse: bool = True
    warehouse_ids: bool = True
    four_byte: str = "refuse"  # or "replace"
    price_decimals: int = 6
    error_key_field: str = "key"
    limit_body: str = "text"  # "json", "text", "html", "empty"
    stale_status: int = 401
    unknown_service_status: int = 404
    add_answer_signed: bool = False  # the answer to a credit invoice's add carries negative amounts
    locked_until: str = ""  # ISO day: dates up to it are refused
    ecb_currencies: tuple[str, ...] = ("USD", "SEK", "GBP", "NOK", "DKK", "PLN", "CHF")

    def change(self, values: Mapping[str, Any]) -> None:
        """Set some switches. Raises ValueError for one that does not exist."""
        known = {item.name for item in fields(self)}
        if unknown := set(values) - known:
            raise ValueError(f"no such switch: {', '.join(sorted(unknown))}")
        for name, value in values.items():
            setattr(self, name, tuple(value) if name == "ecb_currencies" else value)
