"""Scoro's rows → neutral documents.

Scoro's types are uneven: numbers come as numbers or as decimal text, booleans as 0/1 or "0"/"1", nothing as null,
0, "", [] or 0000-00-00, and a PHP map as a list when it is empty. All of that is read here; what cannot be read
raises `UnreadableRecord`, never a guess.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from stdnum.ee import ik

from scoro_smartaccounts.assumptions import STOCK_TAG
from scoro_smartaccounts.clock import TALLINN
from scoro_smartaccounts.documents import (
    Address,
    Document,
    Flow,
    Line,
    Partner,
    Product,
    Receipt,
    ReceiptGroup,
    named_payment,
)
from scoro_smartaccounts.errors import DocumentProblem
from scoro_smartaccounts.money import cents
from scoro_smartaccounts.reasons import Phrase, phrase, reason
from scoro_smartaccounts.scoro.countries import two_letters

Row = Mapping[str, Any]

# Moments without a zone are local to the site; sites of Estonian companies live in this zone.
SITE_ZONE = TALLINN

# A line with this product is a sub-heading or a remark.
HEADING_PRODUCT_ID = "-1"

# Rates come as binary floats with noise; ten decimals are more than any rate has.
_RATE_STEP = Decimal("1e-10")
_ENTITIES = {"&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"', "&#039;": "'", "&#39;": "'", "&apos;": "'"}
_ENTITY = re.compile("|".join(map(re.escape, _ENTITIES)))


class UnreadableRecord(DocumentProblem):
    """A field of a record does not hold what it must. The reason tells the kind of what stands there, never the value:
    it may be personal. `expected` is the key of the words for what belongs there."""

    def __init__(self, record: Phrase, field: str, found: object, expected: str) -> None:
        super().__init__(
            reason(
                "unreadable",
                record=record,
                field=field,
                found=phrase(_kind(found).replace(" ", "_")),
                expected=phrase(expected),
            )
        )


@dataclass(frozen=True, slots=True)
class VatCode:
    """A VAT code of Scoro; `percent` is None where the code says that VAT does not apply."""

    source_id: str
    code: str
    percent: Decimal | None
    name: str
    is_sales: bool
    is_purchases: bool
    is_active: bool


def parse_invoice(row: Row) -> Document:
    """A sales invoice of a detailed list or a view. Raises UnreadableRecord.

    An empty number, partner or currency is left empty and a missing rate is 0: checks report them by their own
    reasons. A row of a plain list has no lines.
    """
    return _document(row, Flow.SALES_INVOICES, "invoice")


def parse_bill(row: Row) -> Document:
    """A purchase invoice of a detailed list or a view; as `parse_invoice`. Raises UnreadableRecord."""
    return _document(row, Flow.PURCHASE_INVOICES, "bill")


def parse_expense(row: Row) -> Document:
    """An expense of a detailed list or a view; as `parse_invoice`. Raises UnreadableRecord."""
    return _document(expense_as_bill(row), Flow.PURCHASE_INVOICES, "expense")


def expense_as_bill(row: Row) -> dict[str, Any]:
    """An expense under the field names of a bill."""
    lines = [_renamed(line, _EXPENSE_LINE) if isinstance(line, Mapping) else line for line in _items(row.get("lines"))]
    return {**_renamed(row, _EXPENSE), "lines": lines}


def parse_receipts(row: Row) -> ReceiptGroup:
    """A receipt group. Raises UnreadableRecord.

    Ids of documents are those of staging. An empty partner, account or currency is left empty: checks report them.
    """
    source_id = _identifier(row.get("id"))
    reader = _Reader(row, named_payment(source_id or "?", None))
    kind = clean(row.get("sales_doc_type")).lower() or RECEIPTS_OF_INVOICES
    if kind not in _RECEIPT_FLOWS:
        raise UnreadableRecord(reader.record, "sales_doc_type", kind, "invoices_bills_or_expenses")
    items = [
        _receipt(reader.within(item, f"receipts[{position}]."), kind)
        for position, item in enumerate(reader.items("receipts"), start=1)
    ]
    total = reader.decimal("sum")
    return ReceiptGroup(
        source_id=reader.required_id("id"),
        day=reader.required_day("date"),
        partner_id=_identifier(row.get("contact_id")) or next((found for _, found in items if found), None),
        currency=clean(row.get("currency")).upper(),
        total=cents(sum((item.amount for item, _ in items), Decimal(0)) if total is None else total),
        account_id=_identifier(row.get("receipt_account_id")),
        is_purchase=kind != RECEIPTS_OF_INVOICES,
        is_deleted=truth(row.get("is_deleted")),
        modified_at=_moment(row.get("modified_date")),
        rows=tuple(item for item, _ in items),
    )


def _receipt(reader: _Reader, kind: str) -> tuple[Receipt, str | None]:
    """A row of a group, and the contact that it names."""
    row = reader.row
    flow, prefix = _RECEIPT_FLOWS[clean(row.get("sales_doc_type")).lower() or kind]
    document_id = _identifier(row.get("invoice_id"))
    prepayment_id = None if document_id else _identifier(row.get("prepayment_id"))
    receipt = Receipt(
        source_id=_identifier(row.get("receipt_id")) or "",
        flow=flow if document_id else None,
        document_id=f"{prefix}{document_id}" if document_id else None,
        prepayment_id=prepayment_id,
        amount=cents(reader.required_decimal("sum")),
    )
    return receipt, _identifier(row.get("contact_id"))


def receipt_content(row: Row) -> dict[str, Any]:
    """What of a raw receipt group matters to the books, in canonical form: equal content, equal dict."""
    kind = clean(row.get("sales_doc_type")).lower() or RECEIPTS_OF_INVOICES
    return {
        "date": clean(row.get("date"))[:10],
        "contact": _identifier(row.get("contact_id")),
        "currency": clean(row.get("currency")).upper(),
        "sum": _canonical_number(row.get("sum")),
        "account": _identifier(row.get("receipt_account_id")),
        "kind": kind,
        "receipts": sorted(
            [
                str(_identifier(item.get("invoice_id")) or ""),
                str(_identifier(item.get("prepayment_id")) or ""),
                str(_canonical_number(item.get("sum"))),
            ]
            if isinstance(item, Mapping)
            else [_kind(item)]
            for item in _items(row.get("receipts"))
        ),
    }


def _document(row: Row, flow: Flow, called: str) -> Document:
    reader = _Reader(row, phrase(called, number=_number(row.get("no")) or _identifier(row.get("id")) or "?"))
    raw_lines = reader.items("lines")
    vat_on_document = _vat_stands_on_document(row, raw_lines)
    return Document(
        flow=flow,
        source_id=reader.required_id("id"),
        number=_number(row.get("no")),
        day=reader.required_day("date"),
        due_day=reader.day("deadline"),
        partner_id=_identifier(row.get("company_id")) or _identifier(row.get("person_id")),
        currency=clean(row.get("currency")).upper(),
        currency_rate=(reader.decimal("currency_rate") or Decimal(0)).quantize(_RATE_STEP).normalize(),
        discounts=reader.discounts(),
        net=cents(reader.required_decimal("sum")),
        vat=cents(reader.required_decimal("vat_sum")),
        vat_percent=reader.decimal("vat") if vat_on_document else None,
        vat_code=(_number(row.get("vat_code")) or None) if vat_on_document else None,
        vat_code_id=_identifier(row.get("vat_code_id")) if vat_on_document else None,
        reference_number=_number(row.get("reference_no")),
        description=clean(row.get("description")),
        credits=_identifiers(row.get("credited_invoices")),
        prepayments=_identifiers(row.get("prepayment_id")),
        prepayment_sum=cents(reader.decimal("prepayment_sum") or Decimal(0)),
        is_deleted=truth(row.get("is_deleted")),
        created_at=_moment(row.get("created_date")),
        modified_at=_moment(row.get("modified_date")),
        lines=tuple(
            _line(reader.within(line, f"lines[{position}]."), position, vat_on_line=not vat_on_document)
            for position, line in enumerate(raw_lines, start=1)
        ),
    )


def parse_contact(row: Row) -> Partner:
    """A contact, company or person. Raises UnreadableRecord."""
    source_id = _identifier(row.get("contact_id")) or _identifier(row.get("id"))
    if source_id is None:
        raise UnreadableRecord(phrase("contact", id="?"), "contact_id", row.get("contact_id"), "a_number")
    is_person = clean(row.get("contact_type")).lower() == "person"
    address = _address(row.get("addresses"))
    contacts = row.get("means_of_contact")
    means: Row = contacts if isinstance(contacts, Mapping) else {}
    names = [clean(row.get("name")), clean(row.get("lastname")) if is_person else ""]
    return Partner(
        source_id=source_id,
        name=" ".join(" ".join(names).split()),
        is_person=is_person,
        registry_code="" if is_person else _registry_code(row.get("id_code"), address),
        vat_number=_compact(row.get("vatno")).upper(),
        bank_account=_compact(row.get("bankaccount")).upper(),
        reference_number=_number(row.get("reference_no")),
        email=_first(means.get("email")),
        phone=_first(means.get("phone")) or _first(means.get("mobile")),
        address=address,
        is_client=truth(row.get("is_client")),
        is_supplier=truth(row.get("is_supplier")),
        is_deleted=truth(row.get("is_deleted")),
    )


def parse_product(row: Row) -> Product:
    """A product. Raises UnreadableRecord."""
    source_id = _identifier(row.get("product_id")) or _identifier(row.get("id"))
    if source_id is None:
        raise UnreadableRecord(phrase("product", id="?"), "product_id", row.get("product_id"), "a_number")
    reader = _Reader(row, phrase("product", id=source_id))
    return Product(
        source_id=source_id,
        code=_number(row.get("code")),
        name=clean(row.get("name")) or _first(row.get("names")),
        unit=clean(row.get("unit")),
        price=reader.decimal("price"),
        is_stock=STOCK_TAG.casefold() in tags(row),
        is_service=truth(row.get("is_service")),
        excludes_discounts=truth(row.get("no_discounts")),
        is_deleted=truth(row.get("is_deleted")),
    )


def parse_vat_code(row: Row) -> VatCode:
    """A row of the VAT codes. Raises UnreadableRecord."""
    source_id = _identifier(row.get("vat_code_id")) or _identifier(row.get("id"))
    if source_id is None:
        raise UnreadableRecord(phrase("vat_code", id="?"), "vat_code_id", row.get("vat_code_id"), "a_number")
    reader = _Reader(row, phrase("vat_code", id=source_id))
    return VatCode(
        source_id=source_id,
        code=_number(row.get("vat_code")),
        percent=None if truth(row.get("is_not_applicable")) else reader.decimal("percent"),
        name=clean(row.get("vat_name")),
        is_sales=truth(row.get("is_sales")),
        is_purchases=truth(row.get("is_purchases")),
        is_active=truth(row.get("is_active")),
    )


def tags(row: Row) -> set[str]:
    """The tags of a product in small letters: a text, a text with commas, an array of texts or of objects."""
    return {
        name.casefold()
        for key in ("tag", "tags")
        for text in _texts(row.get(key))
        for part in re.split(r"[,;]", text)
        if (name := part.strip())
    }


def fingerprint(row: Row) -> str:
    """SHA-256 of the whole raw row, whatever the order of its keys."""
    return _sha256(canonical_json(row))


def canonical_json(row: Any) -> str:
    """`row` as JSON with sorted keys. Decimals become plain JSON numbers, so that a row which was kept as JSON and
    read back gives the same text."""
    return json.dumps(row, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_json_number)


def content_hash(content: Mapping[str, Any]) -> str:
    """SHA-256 of what `booking_content` or `receipt_content` gives."""
    return _sha256(canonical_json(content))


def booking_content(row: Row) -> dict[str, Any]:
    """What of a raw invoice or bill (with lines) matters to the books, in canonical form: equal content, equal dict.

    Left out is what changes by itself or concerns nobody's books: payments, status, sending, owner, addresses and
    names that are joined in from other records, moments of change, deletion.
    """
    raw_lines = _items(row.get("lines"))
    vat_on_document = _vat_stands_on_document(row, raw_lines)
    return {
        "number": _number(row.get("no")),
        "date": clean(row.get("date"))[:10],
        "deadline": clean(row.get("deadline"))[:10],
        "partner": _identifier(row.get("company_id")) or _identifier(row.get("person_id")),
        "currency": clean(row.get("currency")).upper(),
        "currency_rate": _canonical_number(row.get("currency_rate")),
        "discounts": [_canonical_number(row.get(key)) for key in _DISCOUNTS],
        "sum": _canonical_number(row.get("sum")),
        "vat_sum": _canonical_number(row.get("vat_sum")),
        "vat": _vat_content(row) if vat_on_document else None,
        "reference_no": _number(row.get("reference_no")),
        "description": clean(row.get("description")),
        "credited_invoices": sorted(_identifiers(row.get("credited_invoices"))),
        "prepayment_id": sorted(_identifiers(row.get("prepayment_id"))),
        "prepayment_sum": _canonical_number(row.get("prepayment_sum")),
        "lines": [_line_content(line, with_vat=not vat_on_document) for line in raw_lines],
    }


def clean(value: object) -> str:
    """Text of a field: entities of HTML resolved once, \\r\\n → \\n, trimmed; empty for nothing."""
    if value is None or isinstance(value, (bool, list, Mapping)):
        return ""
    text = _ENTITY.sub(lambda match: _ENTITIES[match[0]], str(value))
    return text.replace("\x00", "").replace("\r\n", "\n").replace("\r", "\n").strip()


def truth(value: object) -> bool:
    """Whether a flag is set: true, 1, "1", "true"."""
    return clean(value).lower() in ("1", "true", "yes") if not isinstance(value, bool) else value


RECEIPTS_OF_INVOICES = "invoices"
EXPENSE_PREFIX = "expense-"
_DISCOUNTS = ("discount", "discount2", "discount3")
# What money is for, by the group's `sales_doc_type`: the flow of the document and what stands before its id.
_RECEIPT_FLOWS: Mapping[str, tuple[Flow, str]] = {
    RECEIPTS_OF_INVOICES: (Flow.SALES_INVOICES, ""),
    "bills": (Flow.PURCHASE_INVOICES, ""),
    "expenses": (Flow.PURCHASE_INVOICES, EXPENSE_PREFIX),
}
_VAT_OF_EXPENSES = {"tax_percentage": "vat", "tax_code": "vat_code", "tax_code_id": "vat_code_id"}
_EXPENSE = {**_VAT_OF_EXPENSES, "due_date": "deadline", "comment": "description", "tax_sum": "vat_sum"}
_EXPENSE_LINE = {
    **_VAT_OF_EXPENSES,
    "description": "comment",
    "additional_description": "comment2",
    "quantity": "amount",
    "additional_quantity": "amount2",
    "accounting_object_id": "finance_object_id",
    "accounting_object_name": "finance_object_name",
    "accounting_object_symbol": "finance_object_symbol",
}


@dataclass(frozen=True, slots=True)
class _Reader:
    """Fields of one row by kind; knows the record and the path for the message."""

    row: Row
    record: Phrase
    path: str = field(default="")

    def within(self, value: object, path: str) -> _Reader:
        if not isinstance(value, Mapping):
            raise UnreadableRecord(self.record, path.rstrip("."), value, "an_object")
        return _Reader(value, self.record, path)

    def required_id(self, key: str) -> str:
        found = _identifier(self.row.get(key))
        if found is None:
            raise self._unreadable(key, "a_number")
        return found

    def decimal(self, key: str) -> Decimal | None:
        try:
            return _decimal(self.row.get(key))
        except ValueError:
            raise self._unreadable(key, "a_number") from None

    def required_decimal(self, key: str) -> Decimal:
        found = self.decimal(key)
        if found is None:
            raise self._unreadable(key, "a_number")
        return found

    def day(self, key: str) -> date | None:
        try:
            return _day(self.row.get(key))
        except ValueError:
            raise self._unreadable(key, "a_date") from None

    def required_day(self, key: str) -> date:
        found = self.day(key)
        if found is None:
            raise self._unreadable(key, "a_date")
        return found

    def items(self, key: str) -> list[Any]:
        value = self.row.get(key)
        if value not in (None, "") and not isinstance(value, (list, Mapping)):
            raise self._unreadable(key, "a_list")
        return _items(value)

    def discounts(self) -> tuple[Decimal, ...]:
        found = (self.decimal(key) for key in _DISCOUNTS)
        return tuple(discount for discount in found if discount)

    def _unreadable(self, key: str, expected: str) -> UnreadableRecord:
        return UnreadableRecord(self.record, self.path + key, self.row.get(key), expected)


def _line(reader: _Reader, position: int, *, vat_on_line: bool) -> Line:
    row = reader.row
    raw_product_id = _identifier(row.get("product_id"))
    price = reader.decimal("price") or Decimal(0)
    quantity = reader.decimal("amount") or Decimal(0)
    # The second quantity multiplies the first; 0 or nothing stands there where the site does not use it.
    quantity *= reader.decimal("amount2") or Decimal(1)
    is_heading = (
        (raw_product_id is None or raw_product_id == HEADING_PRODUCT_ID)
        and price * quantity == 0
        and not reader.decimal("sum")
    )
    # A free line of quantity 0 with a price is a line that somebody has not filled in, not a heading.
    if raw_product_id is None and (price or quantity):
        is_heading = False
    has_vat = vat_on_line and not is_heading
    return Line(
        position=position,
        source_id=_identifier(row.get("id")) or "",
        product_id=None if raw_product_id == HEADING_PRODUCT_ID else raw_product_id,
        product_code=_number(row.get("product_code")) or None,
        product_name=clean(row.get("product_name")),
        description="\n".join(filter(None, (clean(row.get("comment")), clean(row.get("comment2"))))),
        unit=clean(row.get("unit")),
        quantity=quantity,
        price=price,
        discount=reader.decimal("discount") or Decimal(0),
        net=Decimal("0.00") if is_heading else cents(reader.required_decimal("sum")),
        is_heading=is_heading,
        vat_percent=reader.decimal("vat") if has_vat else None,
        vat_code=(_number(row.get("vat_code")) or None) if has_vat else None,
        vat_code_id=_identifier(row.get("vat_code_id")) if has_vat else None,
        account=_symbol(row.get("finance_account_symbol")),
        cost_object=_symbol(row.get("finance_object_symbol")),
    )


def _renamed(row: Row, names: Mapping[str, str]) -> dict[str, Any]:
    return {names.get(key, key): value for key, value in row.items()}


def _line_content(line: object, *, with_vat: bool) -> dict[str, Any]:
    if not isinstance(line, Mapping):
        return {"unreadable": _kind(line)}
    product_id = _identifier(line.get("product_id"))
    return {
        "product": product_id,
        # With a product the name is joined in from it and may change there; without one it is the line's own text.
        "name": "" if product_id not in (None, HEADING_PRODUCT_ID) else clean(line.get("product_name")),
        "comment": clean(line.get("comment")),
        "comment2": clean(line.get("comment2")),
        "unit": clean(line.get("unit")),
        "price": _canonical_number(line.get("price")),
        "amount": _canonical_number(line.get("amount")),
        "amount2": _canonical_number(line.get("amount2")),
        "discount": _canonical_number(line.get("discount")),
        "sum": _canonical_number(line.get("sum")),
        "vat": _vat_content(line) if with_vat else None,
        "account": _symbol(line.get("finance_account_symbol")),
        "cost_object": _symbol(line.get("finance_object_symbol")),
    }


def _vat_content(row: Row) -> list[str | None]:
    return [
        _canonical_number(row.get("vat")),
        _number(row.get("vat_code")) or None,
        _identifier(row.get("vat_code_id")),
    ]


def _vat_stands_on_document(row: Row, lines: Iterable[object]) -> bool:
    """VAT stands on the document or on the lines, by a setting of the site. Where it is off, null, "" or 0 stands."""
    if row.get("vat") is None or clean(row.get("vat")) == "":
        return False
    if _canonical_number(row.get("vat")) != "0" or clean(row.get("vat_code")) or _identifier(row.get("vat_code_id")):
        return True
    return not any(isinstance(line, Mapping) and _identifier(line.get("vat_code_id")) for line in lines)


def _address(value: object) -> Address | None:
    for item in _items(value):
        if not isinstance(item, Mapping):
            continue
        city = list(dict.fromkeys(filter(None, (clean(item.get("city")), clean(item.get("municipality"))))))
        street = ", ".join(part.strip() for part in clean(item.get("street")).split("\n") if part.strip())
        address = Address(
            country=two_letters(clean(item.get("country"))),
            county=clean(item.get("county")),
            city=", ".join(city),
            street=street,
            postal_code=_number(item.get("zipcode")),
        )
        if any((address.county, address.city, address.street, address.postal_code)):
            return address
        if full := clean(item.get("full_address")):
            return Address(address.country, "", "", full.replace("\n", ", "), "")
        if address.country:
            return address
    return None


def _registry_code(value: object, address: Address | None) -> str:
    """A company's code; a personal code that was put there (a self-employed person) is none.

    Latvian registry codes have eleven digits too and may look like a personal code.
    """
    code = _compact(_number(value))
    domestic = address is None or address.country in ("", "EE")
    return "" if domestic and len(code) == 11 and ik.is_valid(code) else code


def _items(value: object) -> list[Any]:
    """An array; PHP sends one with gaps as an object with numbers as keys, and an empty one as null or ""."""
    if isinstance(value, list):
        return value
    if isinstance(value, Mapping) and all(str(key).isdigit() for key in value):
        return list(value.values())
    return [value] if isinstance(value, Mapping) else []


def _texts(value: object) -> list[str]:
    if isinstance(value, Mapping):
        named = [value[key] for key in ("tag_name", "name") if key in value]
        return [text for item in (named or value.values()) for text in _texts(item)]
    if isinstance(value, list):
        return [text for item in value for text in _texts(item)]
    return [text] if (text := clean(value)) else []


def _first(value: object) -> str:
    return next(iter(_texts(value)), "")


def _identifier(value: object) -> str | None:
    """An id as text; 0, "", null and anything that is no whole number is none. -1 is kept: it marks headings."""
    text = _number(value)
    return text if re.fullmatch(r"-?[0-9]+", text) and int(text) != 0 else None


def _identifiers(value: object) -> tuple[str, ...]:
    values = value if isinstance(value, list) else list(value.values()) if isinstance(value, Mapping) else [value]
    return tuple(dict.fromkeys(found for item in values if (found := _identifier(item)) is not None))


def _number(value: object) -> str:
    """A number that is a name (document number, code) as text, also where it comes as a JSON number."""
    if isinstance(value, Decimal) and value.is_finite() and value == value.to_integral_value():
        return str(int(value))
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return clean(value)


def _symbol(value: object) -> str | None:
    text = _number(value)
    return None if text in ("", "0") else text


def _compact(value: object) -> str:
    return re.sub(r"\s+", "", _number(value))


def _decimal(value: object) -> Decimal | None:
    """A decimal, None for nothing; raises ValueError for anything else."""
    if value is None or value == [] or (isinstance(value, str) and not value.strip()):
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal, str)):
        raise ValueError
    if isinstance(value, str) and not re.fullmatch(r"[+-]?[0-9]{1,20}(\.[0-9]{0,20})?", value.strip()):
        raise ValueError
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        raise ValueError from None
    if not number.is_finite() or abs(number) >= Decimal(10) ** 14:
        raise ValueError
    return number


def _canonical_number(value: object) -> str | None:
    """A number as the shortest decimal text, without binary noise; nothing and 0 are the same."""
    try:
        number = _decimal(value)
    except ValueError:
        return f"unreadable: {clean(value) or _kind(value)}"
    text = format((number or Decimal(0)).quantize(_RATE_STEP).normalize(), "f")
    return "0" if text in ("0", "-0") else text


def _day(value: object) -> date | None:
    text = clean(value)
    if text in ("", "0") or text.startswith("0000-00-00"):
        if isinstance(value, Mapping) and value:
            raise ValueError
        return None
    match = re.fullmatch(r"(\d{4}-\d{2}-\d{2})(?:[T ].*)?", text)
    if not match:
        raise ValueError
    return date.fromisoformat(match[1])


def _moment(value: object) -> datetime | None:
    """A moment with zone; None for nothing and for what is no moment (nothing in the books hangs on it)."""
    text = clean(value)
    if not text or text.startswith("0000-00-00"):
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=SITE_ZONE)


def _kind(value: object) -> str:
    """What stands in a field. It is part of content hashes: these words stay."""
    if value is None or value == "":
        return "nothing"
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, (int, float, Decimal)):
        return "a number out of bounds"
    if isinstance(value, str):
        return "other text"
    return "a list" if isinstance(value, list) else "an object"


def _json_number(value: object) -> float:
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(f"{type(value).__name__} is no part of JSON")


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
