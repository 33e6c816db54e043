"""Scoro's rows → neutral documents.

Fields are read by `scoro.values`; what cannot be read raises `UnreadableRecord`, never a guess.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from scoro_smartaccounts.border.record_bounds import MOST_LETTERS, is_left_out
from scoro_smartaccounts.common.assumptions import STOCK_TAG
from scoro_smartaccounts.common.codes import account_number, is_personal, reference_number, registry_code, vat_number
from scoro_smartaccounts.common.countries import country_code
from scoro_smartaccounts.common.documents import (
    Address,
    Document,
    Flow,
    Line,
    Partner,
    PartnerField,
    Product,
    Receipt,
    ReceiptGroup,
    named_payment,
)
from scoro_smartaccounts.common.errors import DocumentProblem
from scoro_smartaccounts.common.money import cents
from scoro_smartaccounts.common.reasons import Phrase, phrase, reason
from scoro_smartaccounts.scoro import values
from scoro_smartaccounts.scoro.values import clean, truth

if TYPE_CHECKING:
    from datetime import date

Row = Mapping[str, Any]

# Longer ones are no numbers, codes or names.
MOST_LETTERS_OF_NUMBERS = 255
MOST_LETTERS_OF_NAMES = 1000
_MOST_LETTERS_SHOWN = 60
# Bills with some hundred lines exist.
MOST_LINES = 2000
# What no number or code has: control characters, and letters that were lost on the way.
_NO_LETTERS = re.compile(r"[\x00-\x1f\x7f-\x9f\ufffd]")
_ZERO = re.compile(r"0+(\.0*)?")
# A line with this product is a sub-heading or a remark.
HEADING_PRODUCT_ID = "-1"


class UnreadableRecord(DocumentProblem):
    """A field of a record does not hold what it must. The reason tells the kind of what stands there, never the value:
    it may be personal. `expected` is the key of the words for what belongs there, or these words."""

    def __init__(self, record: Phrase, field: str, found: object, expected: str | Phrase) -> None:
        super().__init__(
            reason(
                "unreadable",
                record=record,
                field=field,
                found=found if isinstance(found, Phrase) else phrase(values.kind(found).replace(" ", "_")),
                expected=expected if isinstance(expected, Phrase) else phrase(expected),
            )
        )


def parse_invoice(row: Row) -> Document:
    """Return a sales invoice of a detailed list or a view. Raises UnreadableRecord.

    An empty number, partner or currency is left empty and a missing rate is 0: checks report them by their own
    reasons. A row of a plain list has no lines.
    """
    return _document(row, Flow.SALES_INVOICES, "invoice")


def parse_bill(row: Row) -> Document:
    """Return a purchase invoice of a detailed list or a view; as `parse_invoice`. Raises UnreadableRecord."""
    return _document(row, Flow.PURCHASE_INVOICES, "bill")


def parse_expense(row: Row) -> Document:
    """Return an expense of a detailed list or a view; as `parse_invoice`. Raises UnreadableRecord."""
    return _document(expense_as_bill(row), Flow.PURCHASE_INVOICES, "expense")


def expense_as_bill(row: Row) -> dict[str, Any]:
    """Return an expense under the field names of a bill."""
    lines = [
        _renamed(line, _EXPENSE_LINE) if isinstance(line, Mapping) else line for line in values.items(row.get("lines"))
    ]
    return {**_renamed(row, _EXPENSE), "lines": lines}


def parse_receipts(row: Row) -> ReceiptGroup:
    """Return a receipt group. Raises UnreadableRecord.

    Ids of documents are those of staging. An empty partner, account or currency is left empty: checks report them.
    """
    source_id = values.identifier(row.get("id"))
    reader = _Reader(row, named_payment(source_id or "?", None))
    kind = reader.text("sales_doc_type", MOST_LETTERS_OF_NUMBERS).lower() or RECEIPTS_OF_INVOICES
    if kind not in _RECEIPT_FLOWS:
        raise UnreadableRecord(reader.record, "sales_doc_type", kind, "invoices_bills_or_expenses")
    items = [
        _receipt(reader.within(item, f"receipts[{position}]."), kind)
        for position, item in enumerate(reader.lines("receipts"), start=1)
    ]
    total = reader.decimal("sum")
    return ReceiptGroup(
        source_id=reader.required_id("id"),
        day=reader.required_day("date"),
        partner_id=reader.optional_id("contact_id") or next((found for _, found in items if found), None),
        currency=reader.name("currency").upper(),
        total=cents(sum((item.amount for item, _ in items), Decimal(0)) if total is None else total),
        account_id=reader.optional_id("receipt_account_id"),
        is_purchase=kind != RECEIPTS_OF_INVOICES,
        is_deleted=reader.flag("is_deleted"),
        modified_at=values.moment(row.get("modified_date")),
        rows=tuple(item for item, _ in items),
    )


def documents_named(row: Row) -> frozenset[tuple[Flow, str]]:
    """Return the documents that a receipt group names, by flow and id in staging, also where the group cannot be read:
    then as far as they can be."""
    kind = clean(row.get("sales_doc_type")).lower() or RECEIPTS_OF_INVOICES
    found = set()
    for item in values.items(row.get("receipts")):
        if not isinstance(item, Mapping) or (document_id := values.identifier(item.get("invoice_id"))) is None:
            continue
        named = _RECEIPT_FLOWS.get(clean(item.get("sales_doc_type")).lower() or kind)
        found |= {(flow, f"{prefix}{document_id}") for flow, prefix in ([named] if named else _RECEIPT_FLOWS.values())}
    return frozenset(found)


def _receipt(reader: _Reader, kind: str) -> tuple[Receipt, str | None]:
    """Return a row of a group, and the contact that it names."""
    kind = reader.text("sales_doc_type", MOST_LETTERS_OF_NUMBERS).lower() or kind
    if kind not in _RECEIPT_FLOWS:
        raise UnreadableRecord(reader.record, f"{reader.path}sales_doc_type", kind, "invoices_bills_or_expenses")
    flow, prefix = _RECEIPT_FLOWS[kind]
    document_id = reader.optional_id("invoice_id")
    prepayment_id = None if document_id else reader.optional_id("prepayment_id")
    receipt = Receipt(
        source_id=values.identifier(reader.row.get("receipt_id")) or "",
        flow=flow if document_id else None,
        document_id=f"{prefix}{document_id}" if document_id else None,
        prepayment_id=prepayment_id,
        amount=cents(reader.required_decimal("sum")),
    )
    return receipt, reader.optional_id("contact_id")


def receipt_content(row: Row) -> dict[str, Any]:
    """Return what of a raw receipt group matters to the books, in canonical form: equal content, equal dict."""
    kind = clean(row.get("sales_doc_type")).lower() or RECEIPTS_OF_INVOICES
    return {
        "date": values.day_text(row.get("date")),
        "contact": values.identifier(row.get("contact_id")),
        "currency": clean(row.get("currency")).upper(),
        "sum": values.canonical_number(row.get("sum")),
        "account": values.identifier(row.get("receipt_account_id")),
        "kind": kind,
        "receipts": sorted(
            [
                str(values.identifier(item.get("invoice_id")) or ""),
                str(values.identifier(item.get("prepayment_id")) or ""),
                str(values.canonical_number(item.get("sum"))),
            ]
            if isinstance(item, Mapping)
            else [values.kind(item)]
            for item in values.items(row.get("receipts"))
        ),
    }


def _document(row: Row, flow: Flow, called: str) -> Document:
    reader = _Reader(row, phrase(called, number=number_for_people(row)))
    raw_lines = reader.lines("lines")
    vat_on_document = _vat_stands_on_document(row, raw_lines)
    return Document(
        flow=flow,
        source_id=reader.required_id("id"),
        number=reader.name("no"),
        day=reader.required_day("date"),
        due_day=reader.day("deadline"),
        partner_id=reader.optional_id("company_id") or reader.optional_id("person_id"),
        currency=reader.name("currency").upper(),
        currency_rate=(reader.decimal("currency_rate") or Decimal(0)).quantize(values.STEP).normalize(),
        discounts=reader.discounts(),
        net=cents(reader.required_decimal("sum")),
        vat=cents(reader.required_decimal("vat_sum")),
        vat_percent=reader.decimal("vat") if vat_on_document else None,
        vat_code=(reader.name("vat_code") or None) if vat_on_document else None,
        vat_code_id=reader.optional_id("vat_code_id") if vat_on_document else None,
        reference_number=reference_number(reader.name("reference_no")),
        description=reader.text("description"),
        credits=reader.identifiers("credited_invoices"),
        prepayments=reader.identifiers("prepayment_id"),
        prepayment_sum=cents(reader.decimal("prepayment_sum") or Decimal(0)),
        is_deleted=reader.flag("is_deleted"),
        created_at=values.moment(row.get("created_date")),
        modified_at=values.moment(row.get("modified_date")),
        lines=tuple(
            _line(reader.within(line, f"lines[{position}]."), position, vat_on_line=not vat_on_document)
            for position, line in enumerate(raw_lines, start=1)
        ),
        is_sent=reader.flag("is_sent") if "is_sent" in row else True,
    )


def number_for_people(row: Row) -> str:
    """Return what a sentence calls a document that may not be readable: its number or its id."""
    return shown_number(row) or values.identifier(row.get("id")) or "?"


def shown_number(row: Row) -> str:
    """Return the number of a document as it may be shown, cut where it is endless; empty where it has none."""
    number = " ".join(values.number_text(row.get("no")).split())
    return number if len(number) <= _MOST_LETTERS_SHOWN else f"{number[:_MOST_LETTERS_SHOWN]}…"


def parse_contact(row: Row) -> Partner:
    """Return a contact, company or person. Raises UnreadableRecord."""
    source_id = values.identifier(row.get("contact_id")) or values.identifier(row.get("id"))
    if source_id is None:
        raise UnreadableRecord(phrase("contact", id="?"), "contact_id", row.get("contact_id"), "a_number")
    reader = _Reader(row, phrase("contact", id=source_id))
    is_person = reader.text("contact_type").lower() == "person"
    address = _address(row.get("addresses"))
    contacts = row.get("means_of_contact")
    means: Row = contacts if isinstance(contacts, Mapping) else {}
    names = [reader.text("name", MOST_LETTERS_OF_NAMES)]
    names += [reader.text("lastname", MOST_LETTERS_OF_NAMES)] if is_person else []
    country = address.country if address else ""
    told = {
        PartnerField.REGISTRY_CODE: "" if is_person else reader.name("id_code"),
        PartnerField.VAT_NUMBER: reader.name("vatno"),
        PartnerField.BANK_ACCOUNT: reader.name("bankaccount"),
        PartnerField.REFERENCE_NUMBER: reader.name("reference_no"),
        PartnerField.EMAIL: _short(values.first_text(means.get("email"))),
        PartnerField.PHONE: _short(values.first_text(means.get("phone")) or values.first_text(means.get("mobile"))),
    }
    read = {name: _READ[name](text, country) for name, text in told.items()}
    return Partner(
        source_id=source_id,
        name=" ".join(" ".join(names).split()),
        is_person=is_person,
        registry_code=read[PartnerField.REGISTRY_CODE],
        vat_number=read[PartnerField.VAT_NUMBER],
        bank_account=read[PartnerField.BANK_ACCOUNT],
        reference_number=read[PartnerField.REFERENCE_NUMBER],
        email=read[PartnerField.EMAIL],
        phone=read[PartnerField.PHONE],
        address=address,
        is_client=truth(row.get("is_client")),
        is_supplier=truth(row.get("is_supplier")),
        is_deleted=reader.flag("is_deleted"),
        stand_ins=tuple(
            name for name, text in told.items() if text and not read[name] and not is_personal(text, country)
        ),
    )


def _short(text: str) -> str:
    """Means of contact that no service takes are none."""
    return text if len(text) <= MOST_LETTERS_OF_NUMBERS else ""


_READ: Mapping[PartnerField, Callable[[str, str], str]] = {
    PartnerField.REGISTRY_CODE: registry_code,
    PartnerField.VAT_NUMBER: vat_number,
    PartnerField.BANK_ACCOUNT: lambda text, _: account_number(text),
    PartnerField.REFERENCE_NUMBER: lambda text, _: reference_number(text),
    PartnerField.EMAIL: lambda text, _: text if "@" in text else "",
    PartnerField.PHONE: lambda text, _: text if any(char.isdecimal() for char in text) else "",
}


def parse_product(row: Row) -> Product:
    """Return a product. Raises UnreadableRecord."""
    source_id = values.identifier(row.get("product_id")) or values.identifier(row.get("id"))
    if source_id is None:
        raise UnreadableRecord(phrase("product", id="?"), "product_id", row.get("product_id"), "a_number")
    reader = _Reader(row, phrase("product", id=source_id))
    return Product(
        source_id=source_id,
        code=reader.name("code"),
        name=reader.text("name", MOST_LETTERS_OF_NAMES) or values.first_text(row.get("names"))[:MOST_LETTERS_OF_NAMES],
        unit=reader.name("unit"),
        price=reader.decimal("price"),
        is_stock=STOCK_TAG.casefold() in reader.tags(),
        is_service=reader.flag("is_service"),
        excludes_discounts=reader.flag("no_discounts"),
        is_deleted=reader.flag("is_deleted"),
        shows_tags=shows_tags(row),
    )


def shows_tags(row: Row) -> bool:
    """Whether a product's row tells of its tags, none included."""
    return any(key in row for key in _TAGS)


def tags(row: Row) -> set[str]:
    """Return the tags of a product in small letters: a text, a text with commas, an array of texts or of objects."""
    return {
        name.casefold()
        for key in _TAGS
        for text in values.texts(row.get(key))
        for part in re.split(r"[,;]", text)
        if (name := part.strip())
    }


def fingerprint(row: Any) -> str:
    """SHA-256 of a whole raw row, or of a part of one, whatever the order of its keys."""
    return sha256(canonical_json(row))


def canonical_json(row: Any) -> str:
    """`row` as JSON with sorted keys. Decimals become plain JSON numbers, so that a row which was kept as JSON and
    read back gives the same text."""
    return json.dumps(row, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_json_number)


def content_hash(content: Mapping[str, Any]) -> str:
    """SHA-256 of what `booking_content` or `receipt_content` gives."""
    return sha256(canonical_json(content))


def booking_content(row: Row) -> dict[str, Any]:
    """Return what of a raw invoice or bill (with lines) matters to the books, in canonical form: equal content, equal
    dict.

    Left out is what changes by itself or concerns nobody's books: payments, status, sending, owner, addresses and
    names that are joined in from other records, moments of change, deletion.
    """
    raw_lines = values.items(row.get("lines"))
    vat_on_document = _vat_stands_on_document(row, raw_lines)
    return {
        "number": values.number_text(row.get("no")),
        "date": values.day_text(row.get("date")),
        "deadline": values.day_text(row.get("deadline")),
        "partner": values.identifier(row.get("company_id")) or values.identifier(row.get("person_id")),
        "currency": clean(row.get("currency")).upper(),
        "currency_rate": values.canonical_number(row.get("currency_rate")),
        "discounts": [values.canonical_number(row.get(key)) for key in _DISCOUNTS],
        "sum": values.canonical_number(row.get("sum")),
        "vat_sum": values.canonical_number(row.get("vat_sum")),
        "vat": _vat_content(row) if vat_on_document else None,
        "reference_no": values.number_text(row.get("reference_no")),
        "description": clean(row.get("description")),
        "credited_invoices": sorted(values.identifiers(row.get("credited_invoices"))),
        "prepayment_id": sorted(values.identifiers(row.get("prepayment_id"))),
        "prepayment_sum": values.canonical_number(row.get("prepayment_sum")),
        "lines": [_line_content(line, with_vat=not vat_on_document) for line in raw_lines],
    }


RECEIPTS_OF_INVOICES = "invoices"
EXPENSE_PREFIX = "expense-"
_DISCOUNTS = ("discount", "discount2", "discount3")
# What money is for, by the group's `sales_doc_type`: the flow of the document and what stands before its id.
_RECEIPT_FLOWS: Mapping[str, tuple[Flow, str]] = {
    RECEIPTS_OF_INVOICES: (Flow.SALES_INVOICES, ""),
    "bills": (Flow.PURCHASE_INVOICES, ""),
    "expenses": (Flow.PURCHASE_INVOICES, EXPENSE_PREFIX),
}
_TAGS = ("tag", "tags")
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

    def text(self, key: str, most: int = MOST_LETTERS) -> str:
        value = self.row.get(key)
        if not values.is_nothing(value) and (value is True or isinstance(value, list | Mapping)):
            raise self._unreadable(key, "a_text")
        return self._of_size(key, clean(value), most)

    def name(self, key: str) -> str:
        """Return a number or code: what things are found by."""
        self.text(key)
        found = self._of_size(key, values.number_text(self.row.get(key)), MOST_LETTERS_OF_NUMBERS)
        if _NO_LETTERS.search(found):
            raise UnreadableRecord(self.record, self.path + key, phrase("unreadable_letters"), "a_text")
        return found

    def symbol(self, key: str) -> str | None:
        self.name(key)
        return values.symbol(self.row.get(key))

    def flag(self, key: str) -> bool:
        try:
            return values.flag(self.row.get(key))
        except ValueError:
            raise self._unreadable(key, "yes_or_no") from None

    def tags(self) -> set[str]:
        """Tags that are not kept may be any."""
        for key in _TAGS:
            if is_left_out(self.row.get(key)):
                raise self._unreadable(key, "a_text")
        return tags(self.row)

    def required_id(self, key: str) -> str:
        found = values.identifier(self.row.get(key))
        if found is None:
            raise self._unreadable(key, "a_number")
        return found

    def optional_id(self, key: str) -> str | None:
        return self._id_of(key, self.row.get(key))

    def identifiers(self, key: str) -> tuple[str, ...]:
        """Return the ids of an array, of a map's values, or of one field."""
        value = self.row.get(key)
        if is_left_out(value):
            raise self._unreadable(key, "a_number")
        parts = value if isinstance(value, list) else list(value.values()) if isinstance(value, Mapping) else [value]
        return tuple(dict.fromkeys(found for part in parts if (found := self._id_of(key, part)) is not None))

    def _id_of(self, key: str, value: object) -> str | None:
        found = values.identifier(value)
        if found is None and not values.is_nothing(value) and not _ZERO.fullmatch(values.number_text(value)):
            raise UnreadableRecord(self.record, self.path + key, value, "a_number")
        return found

    def _of_size(self, key: str, text: str, most: int) -> str:
        if len(text) > most:
            found, expected = phrase("a_text_of_letters", letters=len(text)), phrase("at_most_letters", letters=most)
            raise UnreadableRecord(self.record, self.path + key, found, expected)
        return text

    def decimal(self, key: str) -> Decimal | None:
        try:
            return values.decimal(self.row.get(key))
        except ValueError:
            raise self._unreadable(key, "a_number") from None

    def required_decimal(self, key: str) -> Decimal:
        found = self.decimal(key)
        if found is None:
            raise self._unreadable(key, "a_number")
        return found

    def day(self, key: str) -> date | None:
        try:
            return values.day(self.row.get(key))
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
        return values.items(value)

    def lines(self, key: str) -> list[Any]:
        """Return a list of what a document is made of. Raises DocumentProblem where it has no end."""
        found = self.items(key)
        if len(found) > MOST_LINES:
            raise DocumentProblem(reason("too_many_lines", record=self.record, lines=len(found), limit=MOST_LINES))
        return found

    def discounts(self) -> tuple[Decimal, ...]:
        found = (self.decimal(key) for key in _DISCOUNTS)
        return tuple(discount for discount in found if discount)

    def _unreadable(self, key: str, expected: str) -> UnreadableRecord:
        return UnreadableRecord(self.record, self.path + key, self.row.get(key), expected)


def _line(reader: _Reader, position: int, *, vat_on_line: bool) -> Line:
    row = reader.row
    raw_product_id = reader.optional_id("product_id")
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
        source_id=values.identifier(row.get("id")) or "",
        product_id=None if raw_product_id == HEADING_PRODUCT_ID else raw_product_id,
        product_code=reader.name("product_code") or None,
        product_name=reader.text("product_name"),
        description="\n".join(filter(None, (reader.text("comment"), reader.text("comment2")))),
        unit=reader.name("unit"),
        quantity=quantity,
        price=price,
        discount=reader.decimal("discount") or Decimal(0),
        net=Decimal("0.00") if is_heading else cents(reader.required_decimal("sum")),
        is_heading=is_heading,
        vat_percent=reader.decimal("vat") if has_vat else None,
        vat_code=(reader.name("vat_code") or None) if has_vat else None,
        vat_code_id=reader.optional_id("vat_code_id") if has_vat else None,
        account=reader.symbol("finance_account_symbol"),
        cost_object=reader.symbol("finance_object_symbol"),
    )


def _renamed(row: Row, names: Mapping[str, str]) -> dict[str, Any]:
    return {names.get(key, key): value for key, value in row.items()}


def _line_content(line: object, *, with_vat: bool) -> dict[str, Any]:
    if not isinstance(line, Mapping):
        return {"unreadable": values.kind(line)}
    product_id = values.identifier(line.get("product_id"))
    return {
        "product": product_id,
        # With a product the name is joined in from it and may change there; without one it is the line's own text.
        "name": "" if product_id not in (None, HEADING_PRODUCT_ID) else clean(line.get("product_name")),
        "comment": clean(line.get("comment")),
        "comment2": clean(line.get("comment2")),
        "unit": clean(line.get("unit")),
        "price": values.canonical_number(line.get("price")),
        "amount": values.canonical_number(line.get("amount")),
        "amount2": values.canonical_number(line.get("amount2")),
        "discount": values.canonical_number(line.get("discount")),
        "sum": values.canonical_number(line.get("sum")),
        "vat": _vat_content(line) if with_vat else None,
        "account": values.symbol(line.get("finance_account_symbol")),
        "cost_object": values.symbol(line.get("finance_object_symbol")),
    }


def _vat_content(row: Row) -> list[str | None]:
    return [
        values.canonical_number(row.get("vat")),
        values.number_text(row.get("vat_code")) or None,
        values.identifier(row.get("vat_code_id")),
    ]


def _vat_stands_on_document(row: Row, lines: Iterable[object]) -> bool:
    """VAT stands on the document or on the lines, by a setting of the site. Where it is off, null, "" or 0 stands."""
    if row.get("vat") is None or clean(row.get("vat")) == "":
        return False
    if (
        values.canonical_number(row.get("vat")) != "0"
        or clean(row.get("vat_code"))
        or values.identifier(row.get("vat_code_id"))
    ):
        return True
    return not any(isinstance(line, Mapping) and values.identifier(line.get("vat_code_id")) for line in lines)


def _address(value: object) -> Address | None:
    no_country: Address | None = None
    for item in values.items(value):
        if not isinstance(item, Mapping):
            continue
        written = clean(item.get("country"))
        city = list(dict.fromkeys(filter(None, (clean(item.get("city")), clean(item.get("municipality"))))))
        street = ", ".join(part.strip() for part in clean(item.get("street")).split("\n") if part.strip())
        address = Address(
            country=country_code(written),
            county=clean(item.get("county")),
            city=", ".join(city),
            street=street,
            postal_code=values.number_text(item.get("zipcode")),
            is_country_unknown=bool(written) and not country_code(written),
        )
        if any((address.county, address.city, address.street, address.postal_code)):
            return address
        if full := clean(item.get("full_address")):
            return replace(address, street=full.replace("\n", ", "))
        if address.country:
            return address
        if address.is_country_unknown:
            no_country = no_country or address
    return no_country


def _json_number(value: object) -> float:
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(f"{type(value).__name__} is no part of JSON")


def sha256(text: str) -> str:
    """Return the SHA-256 of a text, as hexadecimal digits."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
