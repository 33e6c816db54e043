"""What control totals are made of, as rows of staging: documents of both sides, entries of the ledger, what was paid.

Amounts are as the tables have them: of Scoro's credit invoices with either sign, of plans positive, of SmartAccounts'
documents signed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from scoro_smartaccounts.common.money import ZERO

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from decimal import Decimal

    from scoro_smartaccounts.common.documents import Flow
    from scoro_smartaccounts.common.reasons import Reason


@dataclass(frozen=True, slots=True)
class SourceFacts:
    """A document of Scoro: as staging holds it, and how it stands. `fate`: `booked`, else why it is not in the books;
    `reason`: of that, where there is one. `is_changed`: it is another one since it was imported, or a night saw it
    change. `predicted` and `body`: what it was booked by, where that is known. `listed_…`: what the
    audit's own reading of Scoro's list shows, where that is as new as the record, or newer. `is_unknown`: neither the
    record nor the list shows an amount that can be read, which counts as 0; where no day can be read, `day` is that on
    which the record was made."""

    flow: Flow
    source_id: str
    number: str
    day: date
    currency: str
    rate: Decimal | None
    partner_id: str
    is_credit: bool
    net: Decimal
    vat: Decimal
    fate: str
    remote_id: str = ""
    is_staged: bool = True
    is_unknown: bool = False
    is_gone: bool = False
    is_gone_there: bool = False
    is_changed: bool = False
    reason: Reason | None = None
    decided_on: date | None = None
    linked_at: datetime | None = None
    predicted: Mapping[str, Any] | None = None
    body: str = ""
    credits: Sequence[str] = ()
    prepayment_sum: Decimal | None = None
    listed_net: Decimal | None = None
    listed_vat: Decimal | None = None
    is_listed_newer: bool = False


@dataclass(frozen=True, slots=True)
class SourceLine:
    """A line with money of a document of Scoro, before discounts of the document; VAT of its own or the document's."""

    net: Decimal
    vat_percent: Decimal | None
    vat_code: str | None
    position: int


@dataclass(frozen=True, slots=True)
class BooksLine:
    """A row of a document in SmartAccounts."""

    article_code: str
    vat_code: str
    net: Decimal
    vat: Decimal | None
    account: str
    quantity: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class BooksChange:
    """What nights told of a document: the fields as they were before; when it was first told, and last seen to move."""

    before: Mapping[str, Any]
    first_seen: datetime
    last_seen: datetime


@dataclass(frozen=True, slots=True)
class BooksFacts:
    """A document of SmartAccounts. `content`: the same as it is compared each night; `told`: what nights told of it,
    open or accepted, as the fields that changed; `declared_at`: when what a VAT return takes of it changed last;
    `changes`: all that nights told of it, what was mended too, the oldest first."""

    flow: Flow
    remote_id: str
    number: str
    day: date
    entry_day: date
    partner_id: str
    is_credit: bool
    currency: str
    rate: Decimal | None
    net: Decimal | None
    vat: Decimal | None
    rounding: Decimal | None
    total: Decimal
    outstanding: Decimal | None
    debt_account: str
    content: Mapping[str, Any]
    is_deleted: bool
    declared_at: datetime | None
    seen_at: datetime
    lines: Sequence[BooksLine] = ()
    told: Mapping[str, Any] = field(default_factory=dict)
    created_at: datetime | None = None
    changes: Sequence[BooksChange] = ()


@dataclass(frozen=True, slots=True)
class EntryRow:
    """A row of an entry of the ledger: euros, and the document's currency where it is shown; debit positive."""

    account: str
    euros: Decimal
    original: Decimal | None


@dataclass(frozen=True, slots=True)
class EntryFacts:
    """An entry of the ledger. `flow` and `remote_id`: the document or payment that it was made for, empty where it is
    none's; `is_told`: a night told that it was edited by hand, `is_stock`: that its cost was computed anew."""

    entry_id: str
    doc_type: str
    day: date
    number: str
    currency: str
    flow: str
    remote_id: str
    amount: Decimal | None
    content: Mapping[str, Any]
    rows: Sequence[EntryRow] = ()
    is_told: bool = False
    is_stock: bool = False


@dataclass(frozen=True, slots=True)
class ReceiptFacts:
    """What a receipt group of Scoro says of one document. `payments`: what stands for it in SmartAccounts; `fate`: why
    nothing does."""

    group_id: str
    day: date | None
    flow: Flow
    document_id: str
    amount: Decimal
    payments: Sequence[str]
    fate: str
    reason: Reason | None


@dataclass(frozen=True, slots=True)
class PaymentFacts:
    """A payment of SmartAccounts with what it settles, by document; `other`: what of it is neither, with its sign."""

    remote_id: str
    number: str
    day: date
    currency: str
    amount: Decimal
    prepayment: Decimal
    content: Mapping[str, Any]
    rows: Mapping[str, Decimal]
    groups: Sequence[str]
    is_told: bool


@dataclass(frozen=True, slots=True)
class Contacts:
    """The contacts of Scoro that are one client or vendor; `are_persons`: all are persons, and none has a registry
    code, as sole proprietors do."""

    ids: Sequence[str] = ()
    are_persons: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """All of it, and who is who: by kind and id, the contacts of each client or vendor. `first_day`: the first import
    day; of what is dated before, only some is known."""

    sources: Sequence[SourceFacts]
    lines: Mapping[tuple[Flow, str], Sequence[SourceLine]]
    books: Sequence[BooksFacts]
    entries: Sequence[EntryFacts]
    receipts: Sequence[ReceiptFacts]
    payments: Sequence[PaymentFacts]
    contacts: Mapping[tuple[str, str], Contacts] = field(default_factory=dict)
    first_day: date = date.min
