"""The fields of each Scoro module: their kind, default and who may write them.

A record is held as a plain dict in the values of ``Kind``; ``coerce`` reads whatever a client (or a state
file) sends for a field, ``wire.py`` writes it the way Scoro does.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from enum import Enum
from typing import Any
from zoneinfo import ZoneInfo

Record = dict[str, Any]

SITE_ZONE = ZoneInfo("Europe/Tallinn")
_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


class Kind(Enum):
    """How a value is held and, for decimals, how many places it has on the wire."""

    INT = "int"
    STR_INT = "int, a string on the wire"
    STR = "text"
    FLAG = "0 or 1"
    DATE = "day as YYYY-MM-DD, or None"
    MOMENT = "aware UTC datetime, or None"
    DEC2 = 2
    DEC3 = 3
    DEC4 = 4
    DEC6 = 6
    NUM = "Decimal, a JSON number on the wire"
    IDS = "list of int, or None"
    RAW = "JSON value as it came"


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its kind, its value when nobody gave one, and whether ``modify`` takes it."""

    kind: Kind
    default: Any = None
    writable: bool = True


class InvalidValueError(ValueError):
    """A value that does not fit the kind of its field. Carries the field's name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"Invalid value for {name}")
        self.name = name


def coerce(name: str, kind: Kind, value: Any) -> Any:
    """Read a JSON value into the form in which ``kind`` is held. Raises InvalidValueError."""
    try:
        return _coerce(kind, value)
    except (ValueError, TypeError, InvalidOperation):
        raise InvalidValueError(name) from None


def _coerce(kind: Kind, value: Any) -> Any:
    match kind:
        case Kind.INT:
            return int(value) if value not in (None, "", []) else 0
        case Kind.STR_INT:
            return int(value) if value not in (None, "") else None
        case Kind.STR:
            if isinstance(value, (dict, list)):
                raise ValueError
            return "" if value is None else str(value)
        case Kind.FLAG:
            return 1 if value in (1, "1", True, "true") else 0
        case Kind.DATE:
            if value in (None, "", "0000-00-00"):
                return None
            if not _ISO_DAY.fullmatch(str(value)):
                raise ValueError
            return date.fromisoformat(str(value)).isoformat()
        case Kind.MOMENT:
            return parse_moment(value)
        case Kind.DEC2 | Kind.DEC3 | Kind.DEC4 | Kind.DEC6 | Kind.NUM:
            return None if value in (None, "") else _decimal(value)
        case Kind.IDS:
            return _ids(value)
        case Kind.RAW:
            return value


def _decimal(value: Any) -> Decimal:
    number = Decimal(str(value))
    if not number.is_finite():
        raise ValueError
    return number


def _ids(value: Any) -> list[int] | None:
    if value in (None, "", 0, "0", []):
        return None
    if isinstance(value, (list, tuple)):
        return [int(item) for item in value]
    return [int(value)]


def parse_moment(value: Any) -> datetime | None:
    """A datetime; a naive one is site-local time. Empty gives None; raises ValueError on other text."""
    if value in (None, ""):
        return None
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=SITE_ZONE)
    return moment.astimezone(UTC)


def _computed(kind: Kind, default: Any = None) -> Field:
    return Field(kind, default, writable=False)


_STAMPS: dict[str, Field] = {
    "created_date": _computed(Kind.MOMENT),
    "modified_date": _computed(Kind.MOMENT),
    "custom_fields": Field(Kind.RAW),
    "is_deleted": _computed(Kind.FLAG, 0),
    "deleted_date": _computed(Kind.MOMENT),
}

_LINE_BASE: dict[str, Field] = {
    "id": Field(Kind.INT, 0),
    "product_id": Field(Kind.INT, 0),
    "product_name": Field(Kind.STR, ""),
    "comment": Field(Kind.STR, ""),
    "comment2": Field(Kind.STR, ""),
    "price": Field(Kind.DEC6, Decimal(0)),
    "amount": Field(Kind.DEC6, Decimal(0)),
    "discount": Field(Kind.DEC6, Decimal(0)),
    "sum": _computed(Kind.DEC2, Decimal(0)),
    "vat": _computed(Kind.DEC3),
    "vat_code": _computed(Kind.STR, ""),
    "vat_code_id": Field(Kind.INT, 0),
    "unit": Field(Kind.STR, ""),
    "finance_object_id": Field(Kind.INT, 0),
    "finance_account_id": Field(Kind.INT, 0),
    "project_id": Field(Kind.INT, 0),
}

INVOICE_LINE: dict[str, Field] = {
    **_LINE_BASE,
    "amount2": Field(Kind.DEC6),
    "cost": Field(Kind.DEC4, Decimal(0)),
    "supplier_id": Field(Kind.INT, 0),
    "doer_id": Field(Kind.INT, 0),
    "is_internal": Field(Kind.FLAG, 0),
    "depot_amounts": Field(Kind.RAW),
}

BILL_LINE: dict[str, Field] = _LINE_BASE

EXPENSE_LINE: dict[str, Field] = {
    "id": Field(Kind.INT, 0),
    "description": Field(Kind.STR, ""),
    "additional_description": Field(Kind.STR, ""),
    "quantity": Field(Kind.DEC6, Decimal(0)),
    "additional_quantity": Field(Kind.DEC6),
    "price": Field(Kind.DEC6, Decimal(0)),
    "sum": _computed(Kind.DEC2, Decimal(0)),
    "tax_percentage": _computed(Kind.DEC3),
    "tax_code_id": Field(Kind.INT, 0),
    "tax_code": _computed(Kind.STR, ""),
    "accounting_object_id": Field(Kind.INT, 0),
    "finance_account_id": Field(Kind.INT, 0),
    "product_id": Field(Kind.INT, 0),
    "unit": Field(Kind.STR, ""),
    "project_id": Field(Kind.INT, 0),
}

_DOCUMENT: dict[str, Field] = {
    "id": _computed(Kind.INT, 0),
    "no": Field(Kind.STR, ""),
    "account_id": _computed(Kind.STR, ""),
    "payment_type": Field(Kind.STR, "banktransfer"),
    "reference_no": Field(Kind.STR, ""),
    "company_id": Field(Kind.INT, 0),
    "person_id": Field(Kind.INT, 0),
    "company_address_id": _computed(Kind.INT, 0),
    "company_address": _computed(Kind.RAW),
    "project_id": Field(Kind.INT, 0),
    "currency": Field(Kind.STR, "EUR"),
    "currency_rate": Field(Kind.NUM, Decimal(1)),
    "owner_id": Field(Kind.INT, 3),
    "date": Field(Kind.DATE),
    "deadline": Field(Kind.DATE),
    "status": _computed(Kind.STR, "unpaid"),
    "description": Field(Kind.STR, ""),
    "discount": Field(Kind.DEC6, Decimal(0)),
    "discount2": Field(Kind.DEC6),
    "discount3": Field(Kind.DEC6),
    "vat": _computed(Kind.DEC3),
    "vat_code": _computed(Kind.STR, ""),
    "vat_code_id": Field(Kind.STR_INT),
    "sum": _computed(Kind.DEC2, Decimal(0)),
    "vat_sum": _computed(Kind.DEC2, Decimal(0)),
}

INVOICES: dict[str, Field] = {
    **_DOCUMENT,
    "fine": Field(Kind.DEC6, Decimal("0.1")),
    "quote_id": Field(Kind.IDS),
    "order_id": Field(Kind.IDS),
    "prepayment_id": Field(Kind.IDS),
    "prepayment_sum": Field(Kind.DEC4, Decimal(0)),
    "credited_invoices": Field(Kind.IDS),
    "paid_sum": _computed(Kind.NUM, Decimal(0)),
    "generation_type": _computed(Kind.STR, "manual"),
    "scheduled_invoice_id": _computed(Kind.INT, 0),
    "real_estate_id": _computed(Kind.INT, 0),
    "is_sent": Field(Kind.FLAG, 0),
    "lines": Field(Kind.RAW),
    **_STAMPS,
}

PREPAYMENTS: dict[str, Field] = {
    **_DOCUMENT,
    "fine": Field(Kind.DEC6, Decimal("0.1")),
    "quote_id": Field(Kind.INT, 0),
    "order_id": Field(Kind.INT, 0),
    "prepayment_percent": Field(Kind.DEC6, Decimal(100)),
    "is_sent": Field(Kind.FLAG, 0),
    "lines": Field(Kind.RAW),
    **_STAMPS,
}

BILLS: dict[str, Field] = {
    **_DOCUMENT,
    "purchase_order_id": Field(Kind.INT, 0),
    "is_chargeable": Field(Kind.FLAG, 0),
    "recognition_date": Field(Kind.DATE),
    "dateofpayment": _computed(Kind.DATE),
    "lines": Field(Kind.RAW),
    **_STAMPS,
}

EXPENSES: dict[str, Field] = {
    "id": _computed(Kind.INT, 0),
    "no": Field(Kind.STR, ""),
    "account_id": _computed(Kind.STR, ""),
    "date": Field(Kind.DATE),
    "due_date": Field(Kind.DATE),
    "recognition_date": Field(Kind.DATE),
    "owner_id": Field(Kind.INT, 3),
    "comment": Field(Kind.STR, ""),
    "is_chargeable": Field(Kind.FLAG, 0),
    "is_reimbursable": Field(Kind.FLAG, 0),
    "company_id": Field(Kind.INT, 0),
    "company_address": _computed(Kind.RAW),
    "person_id": Field(Kind.INT, 0),
    "project_id": Field(Kind.INT, 0),
    "status": _computed(Kind.STR, "unpaid"),
    "sum": _computed(Kind.DEC2, Decimal(0)),
    "tax_sum": _computed(Kind.DEC2, Decimal(0)),
    "tax_percentage": _computed(Kind.DEC3),
    "tax_code_id": Field(Kind.STR_INT),
    "tax_code": _computed(Kind.STR, ""),
    "currency": Field(Kind.STR, "EUR"),
    "currency_rate": Field(Kind.NUM, Decimal(1)),
    "lines": Field(Kind.RAW),
    **_STAMPS,
}

CONTACTS: dict[str, Field] = {
    "contact_id": _computed(Kind.INT, 0),
    "name": Field(Kind.STR, ""),
    "lastname": Field(Kind.STR, ""),
    "contact_type": Field(Kind.STR, "company"),
    "id_code": Field(Kind.STR, ""),
    "vatno": Field(Kind.STR, ""),
    "bankaccount": Field(Kind.STR, ""),
    "reference_no": Field(Kind.STR, ""),
    "is_client": Field(Kind.FLAG, 0),
    "is_supplier": Field(Kind.FLAG, 0),
    "client_profile_id": Field(Kind.INT, 0),
    "cat_id": Field(Kind.INT, 0),
    "manager_id": Field(Kind.INT, 3),
    "birthday": Field(Kind.DATE),
    "position": Field(Kind.STR, ""),
    "comments": Field(Kind.STR, ""),
    "addresses": Field(Kind.RAW),
    "means_of_contact": Field(Kind.RAW),
    "tags": Field(Kind.RAW),
    "contact_users": Field(Kind.RAW),
    **_STAMPS,
}

PRODUCTS: dict[str, Field] = {
    "product_id": _computed(Kind.INT, 0),
    "code": Field(Kind.STR, ""),
    "name": Field(Kind.STR, ""),
    "price": Field(Kind.DEC6, Decimal(0)),
    "buying_price": Field(Kind.DEC6, Decimal(0)),
    "description": Field(Kind.STR, ""),
    "description2": Field(Kind.STR, ""),
    "unit": Field(Kind.STR, ""),
    "tag": Field(Kind.RAW),
    "url": Field(Kind.STR, ""),
    "supplier_id": Field(Kind.INT, 0),
    "productgroup_id": Field(Kind.INT, 0),
    "is_active": Field(Kind.FLAG, 1),
    "is_service": Field(Kind.FLAG, 0),
    "no_discounts": Field(Kind.FLAG, 0),
    "default_vat_code_id": Field(Kind.INT, 0),
    "accounting_object_id": Field(Kind.INT, 0),
    "sales_finance_account_id": Field(Kind.INT, 0),
    "purchases_finance_account_id": Field(Kind.INT, 0),
    "depot_amounts": Field(Kind.RAW),
    "account_id": _computed(Kind.STR, ""),
    **_STAMPS,
}

RECEIPTS: dict[str, Field] = {
    "id": _computed(Kind.INT, 0),
    "date": Field(Kind.DATE),
    "contact_id": Field(Kind.INT, 0),
    "sum": Field(Kind.NUM),
    "currency": Field(Kind.STR, "EUR"),
    "sales_doc_type": Field(Kind.STR, "invoices"),
    "receipt_account_id": Field(Kind.INT, 0),
    "receipts": Field(Kind.RAW),
    **_STAMPS,
}

RECEIPT: dict[str, Field] = {
    "receipt_id": Field(Kind.INT, 0),
    "date": Field(Kind.DATE),
    "invoice_id": Field(Kind.INT, 0),
    "invoice_no": Field(Kind.STR, ""),
    "prepayment_id": Field(Kind.INT, 0),
    "sum": Field(Kind.NUM),
}

VAT_CODES: dict[str, Field] = {
    "vat_code_id": _computed(Kind.INT, 0),
    "vat_code": Field(Kind.STR, ""),
    "percent": Field(Kind.DEC3, Decimal(0)),
    "vat_name": Field(Kind.STR, ""),
    "is_sales": Field(Kind.FLAG, 1),
    "is_purchases": Field(Kind.FLAG, 1),
    "is_active": Field(Kind.FLAG, 1),
    "is_not_applicable": Field(Kind.FLAG, 0),
}

FINANCE_ACCOUNTS: dict[str, Field] = {
    "id": _computed(Kind.INT, 0),
    "account_symbol": Field(Kind.STR, ""),
    "name": Field(Kind.STR, ""),
    "parent_id": Field(Kind.INT, 0),
    "is_active": Field(Kind.FLAG, 1),
    "is_sales_account": Field(Kind.FLAG, 0),
    "is_purchases_account": Field(Kind.FLAG, 0),
    "created_date": _computed(Kind.MOMENT),
    "modified_date": _computed(Kind.MOMENT),
}

FINANCE_OBJECTS: dict[str, Field] = {
    "object_id": _computed(Kind.INT, 0),
    "object_symbol": Field(Kind.STR, ""),
    "name": Field(Kind.STR, ""),
    "parent_group_name": Field(Kind.STR, ""),
}

CLIENT_PROFILES: dict[str, Field] = {
    "id": _computed(Kind.INT, 0),
    "name": Field(Kind.STR, ""),
    "discount": Field(Kind.DEC6, Decimal(0)),
    "discount2": Field(Kind.DEC6),
    "discount3": Field(Kind.DEC6),
    "vat_code_id": Field(Kind.INT, 0),
    "deadline_days": Field(Kind.INT, 14),
    "fine": Field(Kind.DEC6, Decimal(0)),
    "currency": Field(Kind.STR, "EUR"),
    "payment_type": Field(Kind.STR, "banktransfer"),
    "language_id": Field(Kind.INT, 0),
    "price_list_id": Field(Kind.INT, 0),
    "created_date": _computed(Kind.MOMENT),
    "modified_date": _computed(Kind.MOMENT),
}

PRODUCT_GROUPS: dict[str, Field] = {
    "id": _computed(Kind.INT, 0),
    "parent_group_id": Field(Kind.INT, 0),
    "name": Field(Kind.STR, ""),
    "comments": Field(Kind.STR, ""),
    "pcs_per_package": Field(Kind.INT, 0),
    "account_name": Field(Kind.STR, ""),
}

RECEIPT_ACCOUNTS: dict[str, Field] = {
    "id": _computed(Kind.INT, 0),
    "name": Field(Kind.STR, ""),
    "type": Field(Kind.STR, "bank"),
}

DEPOT: dict[str, Field] = {
    "depot_id": _computed(Kind.INT, 0),
    "depot_name": Field(Kind.STR, ""),
    "comments": Field(Kind.STR, ""),
}

TAGS: dict[str, Field] = {
    "tag_id": _computed(Kind.INT, 0),
    "tag_name": Field(Kind.STR, ""),
    "parent_id": Field(Kind.INT, 0),
}


@dataclass(frozen=True, slots=True)
class Module:
    """One Scoro module: fields of a record and of its rows, name of the id, and what may be done with it."""

    name: str
    id_key: str
    fields: Mapping[str, Field]
    actions: frozenset[str]
    line_fields: Mapping[str, Field] | None = None
    lines_key: str = "lines"

    @property
    def is_document(self) -> bool:
        """Has lines, totals and a number."""
        return self.line_fields is not None and self.name != "receipts"

    @property
    def soft_deletes(self) -> bool:
        """Deleted rows stay, marked ``is_deleted``."""
        return "is_deleted" in self.fields


_ALL = frozenset({"list", "view", "modify", "delete"})
_READ = frozenset({"list", "view"})

MODULES: dict[str, Module] = {
    module.name: module
    for module in (
        Module("invoices", "id", INVOICES, _ALL | {"pdf"}, INVOICE_LINE),
        Module("prepayments", "id", PREPAYMENTS, _ALL | {"pdf"}, INVOICE_LINE),
        Module("bills", "id", BILLS, _ALL, BILL_LINE),
        Module("expenses", "id", EXPENSES, _ALL, EXPENSE_LINE),
        Module("receipts", "id", RECEIPTS, _ALL, RECEIPT, lines_key="receipts"),
        Module("receiptAccounts", "id", RECEIPT_ACCOUNTS, frozenset({"list"})),
        Module("contacts", "contact_id", CONTACTS, _ALL),
        Module("products", "product_id", PRODUCTS, _ALL),
        Module("productGroups", "id", PRODUCT_GROUPS, _READ | {"modify"}),
        Module("vatCodes", "vat_code_id", VAT_CODES, _ALL),
        Module("financeAccounts", "id", FINANCE_ACCOUNTS, _ALL),
        Module("financeObjects", "object_id", FINANCE_OBJECTS, _READ),
        Module("clientProfiles", "id", CLIENT_PROFILES, _ALL),
        Module("tags", "tag_id", TAGS, frozenset({"list"})),
        Module("depot", "depot_id", DEPOT, _READ),
    )
}
