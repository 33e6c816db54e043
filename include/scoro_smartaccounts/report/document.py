"""A document as the accountant's list shows it. Amounts are signed: what a credit invoice gives back is negative."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from scoro_smartaccounts.common.money import ZERO

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal

    from scoro_smartaccounts.common.documents import Flow
    from scoro_smartaccounts.common.reasons import Reason


class Verdict(StrEnum):
    """What becomes of a document. All but `create` are outcomes of runs by the same name."""

    CREATE = "create"
    CREATED = "created"
    ADOPTED = "adopted"
    ALREADY_THERE = "already_there"
    WAITING = "waiting"
    QUARANTINED = "quarantined"
    IN_DOUBT = "in_doubt"
    NOT_SENT = "not_sent"
    PLAN_CHANGED = "plan_changed"
    DECLINED = "declined"
    DELETED = "deleted"
    DISMISSED = "dismissed"
    NOT_OURS = "not_ours"


class How(StrEnum):
    """What is known of a document's partner in SmartAccounts."""

    NEW = "new"
    LINKED = "linked"
    AMBIGUOUS = "ambiguous"
    UNKNOWN = "unknown"


class Direction(StrEnum):
    """Which way the money of a payment goes; netting moves none."""

    RECEIVED = "received"
    PAID = "paid"
    NETTED = "netted"


class RowKind(StrEnum):
    """What a part of a payment is for."""

    DOCUMENT = "document"
    PREPAYMENT = "prepayment"
    ROUNDING = "rounding"


@dataclass(frozen=True, slots=True)
class ListedPartner:
    """`source_id` is the contact of Scoro, empty where the document names none. Where it is linked, `evidence` is how
    that is known (a value of `Evidence`) and `detail` by what."""

    source_id: str
    name: str
    how: How
    evidence: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class ListedLine:
    """A line as it will be booked, or, of a document that will not be, as Scoro shows it. Without VAT but for `vat`;
    `article` is the code in SmartAccounts, or Scoro's."""

    position: int
    description: str
    article: str
    quantity: Decimal
    price: Decimal
    discount: Decimal
    net: Decimal
    vat_code: str
    vat: Decimal | None
    account: str = ""


@dataclass(frozen=True, slots=True)
class PaidRow:
    """What a part of a payment is for, and how much; the rows add up to the payment's total. `number` names the
    document."""

    kind: RowKind
    number: str
    amount: Decimal
    account: str = ""


@dataclass(frozen=True, slots=True)
class VatShare:
    """Net and VAT of a document's rows of one VAT code of SmartAccounts."""

    code: str
    net: Decimal
    vat: Decimal


@dataclass(frozen=True, slots=True)
class NewArticle:
    """An article that is created with a document."""

    code: str
    description: str
    type: str


@dataclass(frozen=True, slots=True)
class ListedDocument:
    """One document of a run. Amounts are in its currency, None where Scoro tells none; of payments `total` is what
    moves, and there is neither net nor VAT.

    What will be created: the document itself, its client or vendor where `partner.how` is new (`partner_key` is what
    two contacts share that become one), and `new_articles`.
    """

    flow: Flow
    source_id: str
    number: str
    day: date | None
    entry_day: date | None
    is_credit: bool
    partner: ListedPartner
    partner_key: str
    currency: str
    net: Decimal | None
    vat: Decimal | None
    rounding: Decimal
    total: Decimal | None
    lines: tuple[ListedLine, ...]
    vat_codes: tuple[VatShare, ...]
    new_articles: tuple[NewArticle, ...]
    warnings: tuple[Reason, ...]
    verdict: Verdict
    reason: Reason | None
    rows: tuple[PaidRow, ...] = ()
    direction: Direction | None = None
    account: str = ""

    @property
    def line_count(self) -> int:
        """How many lines, or rows of a payment."""
        return len(self.lines) or len(self.rows)

    @property
    def prepayment(self) -> Decimal:
        """What of a payment becomes a prepayment."""
        return sum((row.amount for row in self.rows if row.kind is RowKind.PREPAYMENT), ZERO)

    @property
    def creates_partner(self) -> bool:
        """Whether its client or vendor is created with it."""
        return self.verdict is Verdict.CREATE and self.partner.how is How.NEW
