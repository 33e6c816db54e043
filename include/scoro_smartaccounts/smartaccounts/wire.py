"""SmartAccounts' rows, typed.

Numbers come as JSON numbers or as text, and so do document numbers; fields without a value are left out. Fields
that are not named here stay in `raw`. Rows of persons are personal: no representation shows more than ids.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Self

from scoro_smartaccounts.clock import TALLINN
from scoro_smartaccounts.errors import OutcomeUnknown, UnreadableAnswer

Row = Mapping[str, Any]
Day = date


@dataclass(frozen=True, slots=True)
class PartnerRow:
    """A client or vendor. Comment, address and e-mail (the first one) are filled only where they were asked for."""

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
    date_updated: datetime | None
    raw: Row = field(repr=False)

    @classmethod
    def from_wire(cls, row: Row) -> Self:
        """Raises UnreadableAnswer where the id is missing."""
        address = row.get("address")
        address = address if isinstance(address, Mapping) else {}
        contacts = row.get("contacts")
        emails = (
            text(contact.get("value"))
            for contact in (contacts if isinstance(contacts, list) else ())
            if isinstance(contact, Mapping) and text(contact.get("type")).upper() == "EMAIL"
        )
        return cls(
            id=_required(row, "id", "client or vendor"),
            name=text(row.get("name")),
            reg_code=text(row.get("regCode")),
            vat_number=text(row.get("vatNumber")),
            bank_account=text(row.get("bankAccount")),
            email=next(filter(None, emails), ""),
            country=text(address.get("country")),
            city=text(address.get("city")),
            street=" ".join(filter(None, (text(address.get("address1")), text(address.get("address2"))))),
            postal_code=text(address.get("postalCode")),
            comment=text(row.get("comment")),
            date_updated=moment(row.get("dateUpdated")),
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
    date_updated: datetime | None
    raw: Row = field(repr=False)

    @classmethod
    def from_wire(cls, row: Row) -> Self:
        """Raises UnreadableAnswer where the code is missing."""
        return cls(
            code=_required(row, "code", "article"),
            description=text(row.get("description")),
            type=text(row.get("type")),
            unit=text(row.get("unit")),
            vat_pc=text(row.get("vatPc")),
            active_sales=_is_active(row.get("activeSales")),
            date_updated=moment(row.get("dateUpdated")),
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
        """Raises UnreadableAnswer where price or quantity are missing."""
        return cls(
            code=text(row.get("code")),
            description=text(row.get("description")),
            price=_required_amount(row, "price", "invoice row"),
            quantity=_required_amount(row, "quantity", "invoice row"),
            unit=text(row.get("unit")),
            discount=amount(row.get("discount")) or Decimal(0),
            vat_pc=text(row.get("vatPc")),
            vat=amount(row.get("vat")),
            sum=amount(row.get("sum")),
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
    outstanding_amount: Decimal | None
    comment: str = field(repr=False)
    rows: tuple[InvoiceLineRow, ...] = field(repr=False)
    raw: Row = field(repr=False)

    @classmethod
    def from_wire(cls, row: Row) -> Self:
        """Raises UnreadableAnswer where id, date or total are missing: nothing could be compared with it."""
        who = "vendor" if "vendorId" in row or "vendor" in row else "client"
        partner = row.get(who)
        partner = partner if isinstance(partner, Mapping) else {}
        lines = row.get("rows")
        identifier = _required(row, "id", "invoice")
        dated = day(row.get("date"))
        if dated is None:
            raise UnreadableAnswer("SmartAccounts: an invoice without a date that can be read")
        return cls(
            id=identifier,
            partner_id=text(row.get(f"{who}Id")) or text(partner.get("id")),
            partner_name=text(partner.get("name")) or text(row.get(f"{who}Name")),
            type=text(row.get("type")),
            date=dated,
            entry_date=day(row.get("entryDate")),
            invoice_number=text(row.get("invoiceNumber")),
            currency=text(row.get("currency")).upper(),
            exchange_rate=amount(row.get("exchangeRate")),
            amount=amount(row.get("amount")),
            vat_amount=amount(row.get("vatAmount")),
            total_amount=_required_amount(row, "totalAmount", "invoice"),
            round_amount=amount(row.get("roundAmount")),
            outstanding_amount=amount(row.get("outstandingAmount")),
            comment=text(row.get("comment")),
            rows=tuple(
                InvoiceLineRow.from_wire(line)
                for line in (lines if isinstance(lines, list) else ())
                if isinstance(line, Mapping)
            ),
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
    """A payment as it stands in the books; `rows` are filled only where they were asked for.

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
    raw: Row = field(repr=False)

    @classmethod
    def from_wire(cls, row: Row) -> Self:
        """Raises UnreadableAnswer where id or date, or a row's id or amount, are missing."""
        identifier = _required(row, "id", "payment")
        dated = day(row.get("date"))
        if dated is None:
            raise UnreadableAnswer("SmartAccounts: a payment without a date that can be read")
        lines = row.get("rows")
        parts = tuple(
            PaymentPart(
                type=text(line.get("type")),
                id=text(line.get("id")),
                amount=_required_amount(line, "amount", "payment row"),
            )
            for line in (lines if isinstance(lines, list) else ())
            if isinstance(line, Mapping)
        )
        advance = row.get("prepayment")
        prepayment = amount(advance.get("amount")) if isinstance(advance, Mapping) else amount(advance)
        shown = amount(row.get("amount"))
        return cls(
            id=identifier,
            number=text(row.get("number")),
            date=dated,
            document=text(row.get("document")),
            partner_type=text(row.get("partnerType")).upper(),
            partner_id=next(
                (found for who in ("client", "vendor") if (found := text(row.get(f"{who}Id")) or _id_of(row.get(who)))),
                "",
            ),
            account_type=text(row.get("accountType")).upper(),
            account_name=text(row.get("accountName")),
            currency=text(row.get("currency")).upper(),
            amount=sum((part.amount for part in parts), prepayment or Decimal(0)) if shown is None else shown,
            prepayment=prepayment or Decimal(0),
            rows=parts,
            raw=row,
        )


@dataclass(frozen=True, slots=True)
class EntryLine:
    """A row of a ledger entry, in euros."""

    account: str
    debit: Decimal
    credit: Decimal


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
        """Raises UnreadableAnswer where id or date are missing, or an amount cannot be read."""
        dated = day(row.get("date"))
        if dated is None:
            raise UnreadableAnswer("SmartAccounts: a ledger entry without a date that can be read")
        lines = row.get("rows")
        return cls(
            id=_required(row, "id", "ledger entry"),
            doc_type=text(row.get("docType")).upper(),
            date=dated,
            number=text(row.get("number")),
            document=text(row.get("document")),
            currency=text(row.get("currency")).upper(),
            rows=tuple(
                EntryLine(
                    text(line.get("account")),
                    amount(line.get("debitAmount")) or Decimal(0),
                    amount(line.get("creditAmount")) or Decimal(0),
                )
                for line in (lines if isinstance(lines, list) else ())
                if isinstance(line, Mapping)
            ),
        )


@dataclass(frozen=True, slots=True)
class MoneyAccountRow:
    """A bank account or cash account; its name is its key. `for_netting` is never true of a cash account."""

    name: str
    currency: str
    for_netting: bool
    raw: Row = field(repr=False)

    @classmethod
    def from_wire(cls, row: Row) -> Self:
        """Raises UnreadableAnswer where the name is missing."""
        return cls(
            name=_required(row, "name", "bank or cash account"),
            currency=text(row.get("currency")).upper(),
            for_netting=row.get("forNetting") in (True, 1, "true", "1"),
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
        """Raises UnreadableAnswer where code or percentage are missing."""
        return cls(
            vat_pc=_required(row, "vatPc", "VAT code"),
            pc=_required_amount(row, "pc", "VAT code"),
            active_sales=_is_active(row.get("activeSales")),
            active_purchase=_is_active(row.get("activePurchase")),
            is_own=row.get("custom") in (True, 1, "true", "1"),
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
        """Raises UnreadableAnswer where the name is missing."""
        return cls(id=text(row.get("id")) or None, name=_required(row, "name", "warehouse"), raw=row)


@dataclass(frozen=True, slots=True)
class ObjectRow:
    """An accounting object (cost centre, project)."""

    id: str
    code: str
    active: bool
    raw: Row = field(repr=False)

    @classmethod
    def from_wire(cls, row: Row) -> Self:
        """Raises UnreadableAnswer where id or code are missing."""
        return cls(
            id=_required(row, "id", "object"),
            code=_required(row, "code", "object"),
            active=_is_active(row.get("active")),
            raw=row,
        )


@dataclass(frozen=True, slots=True)
class InvoiceAdded:
    """What the service says of a sales invoice that it has just booked; sums are None where it does not."""

    invoice_id: str
    client_id: str
    invoice_number: str
    reference_number: str
    amount: Decimal | None
    vat_amount: Decimal | None
    total_amount: Decimal | None
    round_amount: Decimal | None
    raw: Row = field(repr=False)

    @classmethod
    def from_wire(cls, data: Row) -> Self:
        """Raises OutcomeUnknown where the answer names no invoice."""
        invoice_id = text(data.get("invoiceId"))
        if not invoice_id:
            raise OutcomeUnknown("SmartAccounts: the answer names no invoice; it may have been booked")
        return cls(
            invoice_id=invoice_id,
            client_id=text(data.get("clientId")),
            invoice_number=text(data.get("invoiceNumber")),
            reference_number=text(data.get("referenceNumber")),
            amount=amount(data.get("amount")),
            vat_amount=amount(data.get("vatAmount")),
            total_amount=amount(data.get("totalAmount")),
            round_amount=amount(data.get("roundAmount")),
            raw=data,
        )


def text(value: object) -> str:
    """A field that is text, also where it comes as a JSON number; empty for nothing and for anything else."""
    if isinstance(value, Decimal):
        return format(value.normalize() if value == value.to_integral_value() else value, "f")
    return str(value).strip() if isinstance(value, (str, int)) and not isinstance(value, bool) else ""


def amount(value: object) -> Decimal | None:
    """A number or numeric text; None for nothing and for what is no number."""
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal, str)):
        return None
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def moment(value: object) -> datetime | None:
    """A moment (UTC) in any of the likely forms: dd.MM.yyyy with or without time, ISO 8601, milliseconds.

    A moment without zone is Estonian time. None for nothing and for other forms.
    """
    if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
        return datetime.fromtimestamp(float(value) / 1000, UTC) if 10**11 < value < 10**13 else None
    written = text(value).replace("_", " ")
    match = re.fullmatch(r"(\d{1,2})\.(\d{1,2})\.(\d{4})(?:[ T](\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?)?", written)
    try:
        if match:
            parts = [int(part or 0) for part in match.group(3, 2, 1, 4, 5, 6)]
            found = datetime(*parts)  # type: ignore[arg-type]  # noqa: DTZ001
        else:
            found = datetime.fromisoformat(written)
    except ValueError:
        return None
    return (found if found.tzinfo else found.replace(tzinfo=TALLINN)).astimezone(UTC)


def day(value: object) -> date | None:
    """The Tallinn day of a date or moment in any of the likely forms; None for nothing and for other forms."""
    found = moment(value)
    return None if found is None else found.astimezone(TALLINN).date()


def sent_day(text: str) -> date:
    """The day of a body that was made here: dd.mm.yyyy."""
    found = day(text)
    assert found is not None, "bodies have days"
    return found


def _id_of(value: object) -> str:
    return text(value.get("id")) if isinstance(value, Mapping) else ""


def _is_active(value: object) -> bool:
    """Only an outright "no" makes something inactive: empty fields may be left out of answers."""
    return value not in (False, 0, "false", "0")


def _required(row: Row, key: str, what: str) -> str:
    found = text(row.get(key))
    if not found:
        raise UnreadableAnswer(f"SmartAccounts: {what} without {key}")
    return found


def _required_amount(row: Row, key: str, what: str) -> Decimal:
    found = amount(row.get(key))
    if found is None:
        raise UnreadableAnswer(f"SmartAccounts: {what} without a {key} that can be read")
    return found
