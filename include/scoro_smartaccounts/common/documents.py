"""The neutral accounting documents: what every room between the two wire formats speaks.

Amounts are `Decimal`; percentages are in per cent (24 = 24 %); days are calendar days in Tallinn; moments carry
a zone. Ids of Scoro are text.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from scoro_smartaccounts.common.reasons import Phrase, phrase, render

if TYPE_CHECKING:
    from datetime import date, datetime
    from decimal import Decimal


class Flow(StrEnum):
    """What moves between the two systems, and which way: the last one from SmartAccounts to Scoro."""

    SALES_INVOICES = "sales_invoices"
    PURCHASE_INVOICES = "purchase_invoices"
    PAYMENTS = "payments"
    EXPORT_PAYMENTS = "export_payments"

    @property
    def dag_id(self) -> str:
        """The name of its DAG, without the company."""
        return self.value if self.is_export else f"import_{self.value}"

    @property
    def noun(self) -> str:
        """What messages call one of its documents."""
        return {Flow.SALES_INVOICES: "invoice", Flow.PURCHASE_INVOICES: "bill"}.get(self, "payment")

    @property
    def is_export(self) -> bool:
        """Whether it sends to Scoro: then its runs are not about days."""
        return self is Flow.EXPORT_PAYMENTS

    @property
    def is_payments(self) -> bool:
        """Whether its documents are payments, of either direction."""
        return self in (Flow.PAYMENTS, Flow.EXPORT_PAYMENTS)

    @property
    def source(self) -> str:
        """The system that its documents come from."""
        return "SmartAccounts" if self.is_export else "Scoro"

    @property
    def target(self) -> str:
        """The system that they go to."""
        return "Scoro" if self.is_export else "SmartAccounts"


# The flows into SmartAccounts, in the order in which their documents need each other.
INTO_THE_BOOKS = (Flow.SALES_INVOICES, Flow.PURCHASE_INVOICES, Flow.PAYMENTS)

# What stands before the id of a receipt group of Scoro, and before the number of a payment of SmartAccounts, where
# documents are named: `receipt-901`, `payment-12`.
RECEIPT_NAME, PAYMENT_NAME = "receipt-", "payment-"


def named_payment(name: str, day: date | None) -> Phrase:
    """Return a payment of either system as words of a sentence of the catalogue. `name`: its id or number, or what
    documents call it."""
    number = name.removeprefix(RECEIPT_NAME).removeprefix(PAYMENT_NAME)
    return phrase("payment_undated", number=number) if day is None else phrase("payment", number=number, day=day)


def payment_name(name: str, day: date | None) -> str:
    """Return the same as messages and logs begin with it: `Payment 901 of 20.01.2026`."""
    called = render(named_payment(name, day))
    return called[:1].upper() + called[1:]


def named(flow: Flow, name: str, day: date | None) -> Phrase:
    """Return a document of any flow as words of a sentence of the catalogue."""
    return named_payment(name, day) if flow.is_payments else phrase(flow.noun, number=name)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a document, in the document's currency, without VAT.

    `net` is after the line discount and before the document discounts. `is_heading` marks a line of text that
    carries no money. `vat_*` are None where the site keeps VAT on the document.
    """

    position: int
    source_id: str
    product_id: str | None
    product_code: str | None
    product_name: str
    description: str
    unit: str
    quantity: Decimal
    price: Decimal
    discount: Decimal
    net: Decimal
    is_heading: bool
    vat_percent: Decimal | None
    vat_code: str | None
    vat_code_id: str | None
    account: str | None
    cost_object: str | None


@dataclass(frozen=True, slots=True)
class Document:
    """A sales invoice, a credit invoice or a purchase document (bill, expense) as Scoro keeps it.

    `net` is after all discounts, `vat` the VAT on it. `currency_rate` is what one unit of `currency` is worth in
    the base currency. `vat_*` are None where the site keeps VAT on the lines. Credit invoices may carry either
    sign; `is_credit` tells by `credits` (the source ids of the credited invoices). `content_hash` identifies what
    would be booked of it; empty where the document does not come from staging. `is_sent`: Scoro does not say that it is
    still to be sent.
    """

    flow: Flow
    source_id: str
    number: str
    day: date
    due_day: date | None
    partner_id: str | None
    currency: str
    currency_rate: Decimal
    discounts: tuple[Decimal, ...]
    net: Decimal
    vat: Decimal
    vat_percent: Decimal | None
    vat_code: str | None
    vat_code_id: str | None
    reference_number: str
    description: str
    credits: tuple[str, ...]
    prepayments: tuple[str, ...]
    prepayment_sum: Decimal
    is_deleted: bool
    created_at: datetime | None
    modified_at: datetime | None
    lines: tuple[Line, ...]
    content_hash: str = ""
    is_sent: bool = True

    @property
    def gross(self) -> Decimal:
        """Net plus VAT."""
        return self.net + self.vat

    @property
    def is_credit(self) -> bool:
        """Whether this is a credit invoice."""
        return bool(self.credits)

    @property
    def named(self) -> Phrase:
        """What sentences call it: `invoice 2026041`, `bill A-4711`."""
        return phrase(self.flow.noun, number=self.number)

    @property
    def kind(self) -> Phrase:
        """What it is: invoice or bill."""
        return phrase(f"{self.flow.noun}_word")


@dataclass(frozen=True, slots=True)
class Receipt:
    """Money received or paid for one document, in the group's currency and signed as Scoro keeps it.

    `flow` and `document_id` name the document in staging; both are None where the money is against the prepayment
    invoice `prepayment_id`, or where the row names nothing.
    """

    source_id: str
    flow: Flow | None
    document_id: str | None
    prepayment_id: str | None
    amount: Decimal


@dataclass(frozen=True, slots=True)
class ReceiptGroup:
    """A payment as Scoro keeps it: one movement of money over one or several documents of a partner.

    `total` is what moved, `account_id` Scoro's receipt account. `is_purchase` tells money that was paid from money
    that was received.
    """

    source_id: str
    day: date
    partner_id: str | None
    currency: str
    total: Decimal
    account_id: str | None
    is_purchase: bool
    is_deleted: bool
    modified_at: datetime | None
    rows: tuple[Receipt, ...]
    content_hash: str = ""

    @property
    def named(self) -> Phrase:
        """What sentences call it: `payment 901 of 20.01.2026`."""
        return named_payment(self.source_id, self.day)

    @property
    def called(self) -> str:
        """What messages call it: `Payment 901 of 20.01.2026`."""
        return payment_name(self.source_id, self.day)


@dataclass(frozen=True, slots=True)
class Address:
    """A postal address; `country` is an ISO 3166 two-letter code or empty where the source does not say."""

    country: str
    county: str
    city: str
    street: str
    postal_code: str
    # Something stands in the field of the country that names none.
    is_country_unknown: bool = False


class PartnerField(StrEnum):
    """A field of a contact in which people write something that is none when it must not stay empty."""

    REGISTRY_CODE = "registry_code"
    VAT_NUMBER = "vat_number"
    BANK_ACCOUNT = "bank_account"
    REFERENCE_NUMBER = "reference_number"
    EMAIL = "email"
    PHONE = "phone"


@dataclass(frozen=True, slots=True)
class Partner:
    """A contact of Scoro: a company or a private person, client or supplier.

    `registry_code` is empty for persons: a personal code is personal data and never leaves the raw copy. Codes are as
    `codes` reads them; `stand_ins` are the fields that are empty because what stands there in Scoro is none.
    """

    source_id: str
    name: str
    is_person: bool
    registry_code: str
    vat_number: str
    bank_account: str
    reference_number: str
    email: str
    phone: str
    address: Address | None
    is_client: bool
    is_supplier: bool
    is_deleted: bool
    stand_ins: tuple[PartnerField, ...] = ()


@dataclass(frozen=True, slots=True)
class Product:
    """A product of Scoro. `is_stock` is true when it is tagged `Laoartikkel`; `shows_tags`: Scoro tells of its tags."""

    source_id: str
    code: str
    name: str
    unit: str
    price: Decimal | None
    is_stock: bool
    is_service: bool
    excludes_discounts: bool
    is_deleted: bool
    shows_tags: bool = True
