"""SmartAccounts' rows, typed.

Numbers come as JSON numbers or as text, and so do document numbers; fields without a value are left out. Fields
that are not named here stay in `raw`. Rows of persons are personal: no representation shows more than ids.

A field that holds what it cannot hold makes its record one that cannot be read (`UnreadableRow`): what stands there is
unknown, not absent. `readable` reads a list as far as it can be read.
"""

from __future__ import annotations

import hashlib
import json
import logging
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Self, TypeVar

from scoro_smartaccounts.common.clock import TALLINN
from scoro_smartaccounts.common.errors import UnreadableAnswer

log = logging.getLogger(__name__)

Row = Mapping[str, Any]
Day = date
Parsed = TypeVar("Parsed")

MOST_LETTERS_OF_IDS = 100
MOST_LETTERS_OF_CODES = 255
MOST_LETTERS_OF_NAMES = 1000
_MOST = Decimal(10) ** 14
_NUMBER = re.compile(r"[+-]?[0-9]{1,30}(?:\.[0-9]*)?(?:[eE][+-]?[0-9]{1,2})?")
_FIRST_YEAR, _LAST_YEAR = 1900, 2199


# What tells who a client or vendor is.
_IDENTITY = ("id", "name", "regCode", "vatNumber", "bankAccount", "comment")


class UnreadableRow(UnreadableAnswer):
    """A record of SmartAccounts has a field that cannot be read. The message names the record's kind and id, and the
    field, never what stands there."""

    def __init__(self, row: Row, what: str, field: str) -> None:
        super().__init__(f"SmartAccounts: {what} {id_text(row) or 'without an id'}: its field {field} cannot be read")
        self.row = row
        self.field = field


def readable(rows: Iterable[Row], parse: Callable[[Row], Parsed]) -> tuple[list[Parsed], list[UnreadableRow]]:
    """Return the records that can be read, and the others. These are told in the log."""
    found: list[Parsed] = []
    others: list[UnreadableRow] = []
    for row in rows:
        try:
            found.append(parse(row))
        except UnreadableRow as problem:
            others.append(problem)
            log.warning("%s. It is left out until it is mended there.", problem)
    return found, others


def id_text(row: Row) -> str:
    """Return the id of a record for messages; empty where nothing that is certainly one stands there."""
    found = text(row.get("id"))
    return found if re.fullmatch(r"[0-9a-fA-F-]{1,40}", found) else ""


def stand_in(row: Row) -> str:
    """Return what takes the place of an id that cannot be read: the same for the same record."""
    shown = json.dumps(row, sort_keys=True, default=str)
    return STAND_IN + hashlib.sha256(shown.encode("utf-8", "surrogatepass")).hexdigest()[:16]


STAND_IN = "?"


@dataclass(frozen=True, slots=True)
class PartnerRow:
    """A client or vendor. Comment, address and e-mail (the first one) are filled only where they were asked for.
    `is_left_out`: of the annex of VAT returns."""

    id: str
    name: str = field(repr=False)
    reg_code: str = field(repr=False)
    vat_number: str = field(repr=False)
    bank_account: str = field(repr=False)
    email: str = field(repr=False)
    country: str = field(repr=False)
    city: str = field(repr=False)
    street: str = field(repr=False)
    postal_code: str = field(repr=False)
    comment: str = field(repr=False)
    is_left_out: bool
    raw: Row = field(repr=False)

    @classmethod
    def as_far_as_readable(cls, row: Row) -> Self:
        """With empty text for what cannot be read, and a `stand_in` for the id."""
        found = cls.from_wire({"id": stand_in(row), **_without_unreadable(row, _IDENTITY)})
        return replace(found, raw=row)

    @classmethod
    def from_wire(cls, row: Row) -> Self:
        """Raise UnreadableRow where the id is missing, or what tells who it is cannot be read."""
        read = _Reader(row, "client or vendor")
        address = row.get("address")
        address = address if isinstance(address, Mapping) else {}
        contacts = row.get("contacts")
        emails = (
            text(contact.get("value"))
            for contact in (contacts if isinstance(contacts, list) else ())
            if isinstance(contact, Mapping) and text(contact.get("type")).upper() == "EMAIL"
        )
        return cls(
            id=read.identifier("id"),
            name=read.text("name"),
            reg_code=read.name("regCode"),
            vat_number=read.name("vatNumber"),
            bank_account=read.name("bankAccount"),
            email=next(filter(None, emails), ""),
            country=text(address.get("country")),
            city=text(address.get("city")),
            street=" ".join(filter(None, (text(address.get("address1")), text(address.get("address2"))))),
            postal_code=text(address.get("postalCode")),
            comment=read.text("comment", most=None),
            is_left_out=_is_true(row.get("ignoreOnVatDeclaration")),
            raw=row,
        )


@dataclass(frozen=True, slots=True)
class ArticleRow:
    """An article; `type` is PRODUCT, SERVICE or WH."""

    code: str
    description: str
    type: str
    unit: str
    vat_pc: str
    active_sales: bool
    raw: Row = field(repr=False)

    @classmethod
    def from_wire(cls, row: Row) -> Self:
        """Raise UnreadableRow where the code is missing, or type or description cannot be read."""
        read = _Reader(row, "article")
        return cls(
            code=read.identifier("code"),
            description=read.text("description", most=None),
            type=read.name("type"),
            unit=text(row.get("unit")),
            vat_pc=text(row.get("vatPc")),
            active_sales=_is_active(row.get("activeSales")),
            raw=row,
        )


@dataclass(frozen=True, slots=True)
class InvoiceLineRow:
    """A row of a sales or purchase invoice; `vat` and `sum` are None where they are not shown."""

    code: str
    description: str = field(repr=False)
    price: Decimal
    quantity: Decimal
    unit: str
    discount: Decimal
    vat_pc: str
    vat: Decimal | None
    sum: Decimal | None
    raw: Row = field(repr=False)

    @classmethod
    def from_wire(cls, row: Row) -> Self:
        """Raise UnreadableRow where price or quantity are missing."""
        read = _Reader(row, "invoice row")
        return cls(
            code=read.name("code"),
            description=text(row.get("description")),
            price=read.required_amount("price"),
            quantity=read.required_amount("quantity"),
            unit=text(row.get("unit")),
            discount=read.amount("discount") or Decimal(0),
            vat_pc=read.name("vatPc"),
            vat=read.amount("vat"),
            sum=read.amount("sum"),
            raw=row,
        )


@dataclass(frozen=True, slots=True)
class InvoiceRow:
    """A sales or purchase invoice as it stands in the books. `type` is empty or CRE; sums of credit invoices are
    negative.

    `rows` and `comment` are filled only where they were asked for.
    """

    id: str
    partner_id: str
    partner_name: str = field(repr=False)
    type: str
    date: Day
    entry_date: Day | None
    invoice_number: str
    currency: str
    exchange_rate: Decimal | None
    amount: Decimal | None
    vat_amount: Decimal | None
    total_amount: Decimal
    round_amount: Decimal | None
    comment: str = field(repr=False)
    rows: tuple[InvoiceLineRow, ...] = field(repr=False)
    raw: Row = field(repr=False)

    @classmethod
    def from_wire(cls, row: Row) -> Self:
        """Raise UnreadableRow where id, date or total are missing, or a field cannot be read: nothing could be compared
        with it."""
        read = _Reader(row, "invoice")
        who = "vendor" if "vendorId" in row or "vendor" in row else "client"
        partner = read.part(who)
        return cls(
            id=read.identifier("id"),
            partner_id=read.name(f"{who}Id") or partner.name("id"),
            partner_name=partner.text("name") or read.text(f"{who}Name"),
            type=read.name("type"),
            date=read.required_day("date"),
            entry_date=read.day("entryDate"),
            invoice_number=read.name("invoiceNumber"),
            currency=read.name("currency").upper(),
            exchange_rate=read.amount("exchangeRate"),
            amount=read.amount("amount"),
            vat_amount=read.amount("vatAmount"),
            total_amount=read.required_amount("totalAmount"),
            round_amount=read.amount("roundAmount"),
            comment=read.text("comment", most=None),
            rows=tuple(InvoiceLineRow.from_wire(line) for line in read.lines()),
            raw=row,
        )


@dataclass(frozen=True, slots=True)
class PaymentPart:
    """A row of a payment: what it settles of a document, as a magnitude. `type` is CLIENT_INVOICE, VENDOR_INVOICE,
    VAT_RETURN, PREPAYMENT_PAYMENT or SALARY."""

    type: str
    id: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class PaymentRow:
    """A payment as it stands in the books; `rows` are filled only where they were asked for. `created_at` and
    `changed_at` are None where SmartAccounts does not tell them.

    `amount` is what the service shows, else the sum of the parts.
    """

    id: str
    number: str
    date: Day
    document: str
    partner_type: str
    partner_id: str
    account_type: str
    account_name: str
    currency: str
    amount: Decimal
    prepayment: Decimal
    rows: tuple[PaymentPart, ...]
    changed_at: datetime | None = None
    created_at: datetime | None = None

    @classmethod
    def from_wire(cls, row: Row) -> Self:
        """Raise UnreadableRow where id or date, or a row's id or amount, are missing, or a field cannot be read."""
        read = _Reader(row, "payment")
        parts = tuple(
            PaymentPart(type=part.name("type"), id=part.name("id"), amount=part.required_amount("amount"))
            for part in (_Reader(line, "payment", "rows.", row) for line in read.lines())
        )
        advance = row.get("prepayment")
        prepayment = (
            read.part("prepayment").amount("amount") if isinstance(advance, Mapping) else read.amount("prepayment")
        )
        shown = read.amount("amount")
        return cls(
            id=read.identifier("id"),
            number=read.name("number"),
            date=read.required_day("date"),
            document=read.text("document", most=None),
            partner_type=read.name("partnerType").upper(),
            partner_id=next(
                (
                    found
                    for who in ("client", "vendor")
                    if (found := read.name(f"{who}Id") or read.part(who).name("id"))
                ),
                "",
            ),
            account_type=read.name("accountType").upper(),
            account_name=read.name("accountName"),
            currency=read.name("currency").upper(),
            amount=sum((part.amount for part in parts), prepayment or Decimal(0)) if shown is None else shown,
            prepayment=prepayment or Decimal(0),
            rows=parts,
            changed_at=moment(row.get("dateUpdated")),
            created_at=moment(row.get("dateCreated")),
        )


@dataclass(frozen=True, slots=True)
class EntryLine:
    """A row of a ledger entry, in euros, and in its document's currency where that is shown."""

    account: str
    debit: Decimal
    credit: Decimal
    debit_original: Decimal | None = None
    credit_original: Decimal | None = None


@dataclass(frozen=True, slots=True)
class EntryRow:
    """An entry of the general ledger. `doc_type` is CLIENT_INVOICE, VENDOR_INVOICE, BANK_PAYMENT, CASH_PAYMENT,
    LEDGER_ENTRY or another; `number` and `document` are as they are shown: no source tells what they are of."""

    id: str
    doc_type: str
    date: Day
    number: str
    document: str
    currency: str
    rows: tuple[EntryLine, ...]

    @classmethod
    def from_wire(cls, row: Row) -> Self:
        """Raise UnreadableRow where id or date are missing, or a field cannot be read."""
        read = _Reader(row, "ledger entry")
        return cls(
            id=read.identifier("id"),
            doc_type=read.name("docType").upper(),
            date=read.required_day("date"),
            number=read.name("number"),
            document=read.text("document", most=None),
            currency=read.name("currency").upper(),
            rows=tuple(
                EntryLine(
                    part.name("account"),
                    part.amount("debitAmount") or Decimal(0),
                    part.amount("creditAmount") or Decimal(0),
                    part.amount("debitAmountOriginalCurrency"),
                    part.amount("creditAmountOriginalCurrency"),
                )
                for part in (_Reader(line, "ledger entry", "rows.", row) for line in read.lines())
            ),
        )


@dataclass(frozen=True, slots=True)
class BalanceRow:
    """The balance of an account of the ledger."""

    account: str
    balance: Decimal

    @classmethod
    def from_wire(cls, row: Row) -> Self:
        """Raise UnreadableRow where the account is missing, or the balance cannot be read. A missing one is nothing."""
        read = _Reader(row, "balance of an account")
        return cls(account=read.identifier("accountCode"), balance=read.amount("balance") or Decimal(0))


@dataclass(frozen=True, slots=True)
class MoneyAccountRow:
    """A bank account or cash account; its name is its key. `for_netting` is never true of a cash account."""

    name: str
    currency: str
    for_netting: bool
    raw: Row = field(repr=False)

    @classmethod
    def from_wire(cls, row: Row) -> Self:
        """Raise UnreadableRow where the name is missing, or the currency cannot be read."""
        read = _Reader(row, "bank or cash account")
        return cls(
            name=read.identifier("name"),
            currency=read.name("currency").upper(),
            for_netting=_is_true(row.get("forNetting")),
            raw=row,
        )


@dataclass(frozen=True, slots=True)
class VatPcRow:
    """A VAT code; `pc` is its percentage. `is_own`: the company made it itself."""

    vat_pc: str
    pc: Decimal
    active_sales: bool
    active_purchase: bool
    is_own: bool
    description: str
    raw: Row = field(repr=False)

    @classmethod
    def from_wire(cls, row: Row) -> Self:
        """Raise UnreadableRow where code or percentage are missing."""
        read = _Reader(row, "VAT code")
        return cls(
            vat_pc=read.identifier("vatPc"),
            pc=read.required_amount("pc"),
            active_sales=_is_active(row.get("activeSales")),
            active_purchase=_is_active(row.get("activePurchase")),
            is_own=_is_true(row.get("custom")),
            description=text(row.get("descriptionEt")) or text(row.get("descriptionEn")),
            raw=row,
        )


@dataclass(frozen=True, slots=True)
class WarehouseRow:
    """A warehouse. Only its name is documented; `id` is None where none is shown."""

    id: str | None
    name: str
    raw: Row = field(repr=False)

    @classmethod
    def from_wire(cls, row: Row) -> Self:
        """Raise UnreadableRow where the name is missing, or the id cannot be read."""
        read = _Reader(row, "warehouse")
        return cls(id=read.name("id") or None, name=read.identifier("name"), raw=row)


@dataclass(frozen=True, slots=True)
class ObjectRow:
    """An accounting object (cost centre, project)."""

    id: str
    code: str
    active: bool
    raw: Row = field(repr=False)

    @classmethod
    def from_wire(cls, row: Row) -> Self:
        """Raise UnreadableRow where id or code are missing."""
        read = _Reader(row, "object")
        return cls(
            id=read.identifier("id"),
            code=read.identifier("code"),
            active=_is_active(row.get("active")),
            raw=row,
        )


@dataclass(frozen=True, slots=True)
class _Reader:
    """Fields of one record by kind. `whole`: the record that it is part of, under `path`."""

    row: Row
    what: str
    path: str = ""
    whole: Row | None = None

    def text(self, key: str, *, most: int | None = MOST_LETTERS_OF_NAMES) -> str:
        value = self.row.get(key)
        found = text(value)
        if (not found and _is_something(value)) or (most is not None and len(found) > most):
            raise self._unreadable(key)
        return found

    def name(self, key: str) -> str:
        """Text that other things are found by."""
        return self.text(key, most=MOST_LETTERS_OF_IDS if key == "id" else MOST_LETTERS_OF_CODES)

    def identifier(self, key: str) -> str:
        found = self.name(key)
        if not found or not found.isprintable():
            raise self._unreadable(key)
        return found

    def amount(self, key: str) -> Decimal | None:
        value = self.row.get(key)
        found = amount(value)
        if found is None and _is_something(value):
            raise self._unreadable(key)
        return found

    def required_amount(self, key: str) -> Decimal:
        found = self.amount(key)
        if found is None:
            raise self._unreadable(key)
        return found

    def day(self, key: str) -> Day | None:
        value = self.row.get(key)
        found = day(value)
        if found is None and _is_something(value):
            raise self._unreadable(key)
        return found

    def required_day(self, key: str) -> Day:
        found = self.day(key)
        if found is None:
            raise self._unreadable(key)
        return found

    def part(self, key: str) -> _Reader:
        """Return an object within the record; an empty one where there is none."""
        value = self.row.get(key)
        if not isinstance(value, Mapping):
            if _is_something(value):
                raise self._unreadable(key)
            value = {}
        return _Reader(value, self.what, f"{self.path}{key}.", self.whole or self.row)

    def lines(self) -> list[Row]:
        """Its rows, where they were asked for."""
        value = self.row.get("rows")
        if not _is_something(value):
            return []
        if not isinstance(value, list) or not all(isinstance(line, Mapping) for line in value):
            raise self._unreadable("rows")
        return value

    def _unreadable(self, key: str) -> UnreadableRow:
        return UnreadableRow(self.whole or self.row, self.what, self.path + key)


def _without_unreadable(row: Row, keys: Iterable[str]) -> dict[str, Any]:
    """Return a record without those of its fields that cannot be read."""
    read = _Reader(row, "record")
    kept = dict(row)
    for key in keys:
        try:
            if key == "id":
                read.identifier(key)
            elif key in ("name", "comment"):
                read.text(key, most=MOST_LETTERS_OF_NAMES if key == "name" else None)
            else:
                read.name(key)
        except UnreadableRow:
            kept.pop(key, None)
    return kept


def _is_something(value: object) -> bool:
    """Nothing is null, false, or empty text, list or object."""
    if isinstance(value, str):
        return bool(value.strip())
    return value is not None and value is not False and value != [] and value != {}


def text(value: object) -> str:
    """Return a field that is text, also where it comes as a JSON number; empty for nothing and for anything else."""
    if isinstance(value, Decimal):
        return format(value.normalize() if value == value.to_integral_value() else value, "f")
    return str(value).strip() if isinstance(value, (str, int)) and not isinstance(value, bool) else ""


def amount(value: object) -> Decimal | None:
    """Return a number or numeric text; None for nothing and for what is no amount of everyday size."""
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal, str)):
        return None
    written = str(value).strip()
    if not _NUMBER.fullmatch(written):
        return None
    number = Decimal(written)
    return number if abs(number) < _MOST else None


def moment(value: object) -> datetime | None:
    """Return a moment (UTC) in any of the likely forms: dd.MM.yyyy with or without time, ISO 8601, milliseconds.

    A moment without zone is Estonian time. None for nothing, for other forms and for other ages.
    """
    if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
        return datetime.fromtimestamp(float(value) / 1000, UTC) if 10**11 < value < 10**13 else None
    written = text(value).replace("_", " ")
    match = re.fullmatch(
        r"(\d{1,2})\.(\d{1,2})\.(\d{4})(?:[ T](\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?)?", written, re.ASCII
    )
    try:
        if match:
            parts = [int(part or 0) for part in match.group(3, 2, 1, 4, 5, 6)]
            found = datetime(*parts)  # type: ignore[arg-type]  # noqa: DTZ001
        else:
            found = datetime.fromisoformat(written)
    except ValueError:
        return None
    if not _FIRST_YEAR <= found.year <= _LAST_YEAR:
        return None
    return (found if found.tzinfo else found.replace(tzinfo=TALLINN)).astimezone(UTC)


def day(value: object) -> date | None:
    """Return the Tallinn day of a date or moment in any of the likely forms; None for nothing and for other forms."""
    found = moment(value)
    return None if found is None else found.astimezone(TALLINN).date()


def _is_true(value: object) -> bool:
    return value in (True, 1, "true", "1")


def _is_active(value: object) -> bool:
    """Only an outright "no" makes something inactive: empty fields may be left out of answers."""
    return value not in (False, 0, "false", "0")
