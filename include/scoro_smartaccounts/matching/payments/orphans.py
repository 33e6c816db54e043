"""Money that lost its other half: payments whose receipt is gone in Scoro, and receipts whose payment is gone in
SmartAccounts. Entered again otherwise than before, the same money must not be carried over once more."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, Connection, and_, exists, or_, select

from scoro_smartaccounts.common.assumptions import SAME_PAYMENT_WITHIN_DAYS
from scoro_smartaccounts.common.documents import Flow, ReceiptGroup, named_payment
from scoro_smartaccounts.staging.bulk import any_of
from scoro_smartaccounts.staging.cases import is_dismissed_as
from scoro_smartaccounts.staging.links import Kind, has_lost_payments, link_view
from scoro_smartaccounts.staging.schema import document, payment_row, remote_payment, remote_payment_row

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import date

    from scoro_smartaccounts.common.reasons import Phrase

CLIENT, VENDOR = "CLIENT", "VENDOR"
# How far apart a receipt that is gone and the one that was entered instead of it are looked for.
_ENTERED_AGAIN_WITHIN_DAYS = 45


@dataclass(frozen=True, slots=True)
class Orphan:
    """A payment of SmartAccounts whose receipt is gone in Scoro, as sentences name it; `documents` are the remote ids
    of what it settles."""

    named: Phrase
    day: date
    partner_type: str
    partner_id: str
    currency: str
    amount: Decimal
    documents: frozenset[str]

    def may_be(self, group: ReceiptGroup, *, partner_id: str, documents: Collection[str]) -> bool:
        """Whether a receipt that is booked on this partner and for these documents may be its money, entered again."""
        if self.currency != group.currency or self.partner_type != (VENDOR if group.is_purchase else CLIENT):
            return False
        if self.documents.intersection(documents):
            return True
        is_near = abs((self.day - group.day).days) <= SAME_PAYMENT_WITHIN_DAYS
        return self.amount > 0 and self.amount == abs(group.total) and (is_near or self.partner_id == partner_id)


@dataclass(frozen=True, slots=True)
class Lost:
    """A payment of SmartAccounts that was deleted there, as sentences name it."""

    remote_id: str
    named: Phrase


def _group_is_gone(company: ColumnElement[str], group_id: ColumnElement[str]) -> ColumnElement[bool]:
    group = document.alias()
    return exists().where(
        group.c.company == company,
        group.c.flow == Flow.PAYMENTS.value,
        group.c.source_id == group_id,
        or_(group.c.is_deleted, group.c.is_missing),
    )


def is_orphan() -> ColumnElement[bool]:
    """Whether a mirrored payment stands for receipts that are gone in Scoro, and for no other."""
    living, gone = link_view(), link_view()
    of_payment = [
        and_(
            each.company == remote_payment.c.company,
            each.kind == Kind.PAYMENT.value,
            each.remote_id == remote_payment.c.remote_id,
        )
        for each in (living, gone)
    ]
    return and_(
        ~remote_payment.c.is_deleted,
        ~exists().where(of_payment[0], ~_group_is_gone(living.company, living.source_id)),
        or_(
            exists().where(of_payment[1]),
            _group_is_gone(remote_payment.c.company, remote_payment.c.marked_id),
        ),
    )


def orphans(connection: Connection, company: str) -> Sequence[Orphan]:
    """All payments whose receipts are gone in Scoro."""
    rows = connection.execute(
        select(remote_payment)
        .where(remote_payment.c.company == company, is_orphan())
        .order_by(remote_payment.c.day, remote_payment.c.number)
    ).all()
    settled: dict[str, set[str]] = defaultdict(set)
    for part in connection.execute(
        select(remote_payment_row.c.remote_id, remote_payment_row.c.document_remote_id).where(
            remote_payment_row.c.company == company,
            remote_payment_row.c.remote_id == any_of([row.remote_id for row in rows]),
        )
    ):
        settled[part.remote_id].add(part.document_remote_id)
    return [
        Orphan(
            named=named_payment(row.number, row.day),
            day=row.day,
            partner_type=row.partner_type,
            partner_id=row.partner_remote_id,
            currency=row.currency,
            amount=row.amount,
            documents=frozenset(settled[row.remote_id]),
        )
        for row in rows
    ]


def orphaned_receipts(
    connection: Connection, company: str, documents: Iterable[tuple[Flow, str]]
) -> Mapping[tuple[Flow, str], list[Phrase]]:
    """Receipt groups of Scoro whose payments are all gone in SmartAccounts, or that were dismissed because their money
    is there otherwise, by document that they pay."""
    wanted = set(documents)
    living, gone = link_view(), link_view()
    there = remote_payment.alias()
    of_group = [
        and_(
            each.company == payment_row.c.company,
            each.kind == Kind.PAYMENT.value,
            each.source_id == payment_row.c.source_id,
        )
        for each in (living, gone)
    ]
    rows = connection.execute(
        select(payment_row.c.document_flow, payment_row.c.document_id, document.c.number, document.c.day)
        .join(
            document,
            and_(
                document.c.company == payment_row.c.company,
                document.c.flow == payment_row.c.flow,
                document.c.source_id == payment_row.c.source_id,
            ),
        )
        .where(
            payment_row.c.company == company,
            payment_row.c.flow == Flow.PAYMENTS.value,
            payment_row.c.document_id == any_of(document_id for _, document_id in wanted),
            ~document.c.is_deleted,
            ~document.c.is_missing,
            ~exists().where(
                of_group[0],
                ~exists().where(
                    there.c.company == living.company, there.c.remote_id == living.remote_id, there.c.is_deleted
                ),
            ),
            or_(
                exists().where(of_group[1]),
                is_dismissed_as(document.c.company, Flow.PAYMENTS, document.c.source_id, document.c.content_hash),
            ),
        )
        .distinct()
        .order_by(document.c.day, document.c.number)
    )
    found: dict[tuple[Flow, str], list[Phrase]] = defaultdict(list)
    for row in rows:
        key = (Flow(row.document_flow), row.document_id)
        if key in wanted:
            found[key].append(named_payment(row.number, row.day))
    return found


def lost_payments(connection: Connection, company: str, source_ids: Collection[str]) -> dict[str, list[Lost]]:
    """Those of the receipt groups whose payments are all deleted in SmartAccounts, with these."""
    link = link_view()
    rows = connection.execute(
        select(link.source_id, remote_payment.c.remote_id, remote_payment.c.number, remote_payment.c.day)
        .join(
            remote_payment,
            and_(remote_payment.c.company == link.company, remote_payment.c.remote_id == link.remote_id),
        )
        .where(
            link.company == company,
            link.kind == Kind.PAYMENT.value,
            link.source_id == any_of(source_ids),
            has_lost_payments(link.company, link.source_id),
        )
        .order_by(remote_payment.c.day, remote_payment.c.number, remote_payment.c.remote_id)
    )
    found: dict[str, list[Lost]] = defaultdict(list)
    for row in rows:
        found[row.source_id].append(Lost(row.remote_id, named_payment(row.number, row.day)))
    return dict(found)


def overpaying_days(connection: Connection, company: str, source_ids: Collection[str]) -> list[date]:
    """Return the days of the other receipts of documents that these receipts would overpay, or may: of a document that
    cannot be read nobody knows."""
    own = set(source_ids)
    of_company = (payment_row.c.company == company, payment_row.c.flow == Flow.PAYMENTS.value)
    rows = connection.execute(
        select(payment_row.c.document_flow, payment_row.c.document_id)
        .where(*of_company, payment_row.c.source_id == any_of(own), payment_row.c.document_id.is_not(None))
        .distinct()
    )
    paid = {(row.document_flow, row.document_id) for row in rows}
    document_ids = {document_id for _, document_id in paid}
    receipts = connection.execute(
        select(payment_row, document.c.day)
        .join(
            document,
            and_(
                document.c.company == payment_row.c.company,
                document.c.flow == payment_row.c.flow,
                document.c.source_id == payment_row.c.source_id,
            ),
        )
        .where(
            *of_company,
            payment_row.c.document_id == any_of(document_ids),
            ~document.c.is_deleted,
            ~document.c.is_missing,
        )
    )
    received: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    others: dict[tuple[str, str], set[date]] = defaultdict(set)
    for row in receipts:
        key = (row.document_flow, row.document_id)
        received[key] += row.amount
        if row.source_id not in own and row.day is not None:
            others[key].add(row.day)
    documents = connection.execute(
        select(document.c.flow, document.c.source_id, document.c.net, document.c.vat).where(
            document.c.company == company,
            document.c.flow.in_((Flow.SALES_INVOICES.value, Flow.PURCHASE_INVOICES.value)),
            document.c.source_id == any_of(document_ids),
        )
    )
    days: set[date] = set()
    for row in documents:
        key = (row.flow, row.source_id)
        if key in paid and (row.net is None or abs(received[key]) > abs(row.net + row.vat)):
            days |= others[key]
    return sorted(days)


def days_of_equal_money(connection: Connection, company: str, source_ids: Collection[str]) -> list[date]:
    """Return the days of other receipts of the same contacts and amounts, or that cannot be read, near these receipts:
    each may be the same money, entered before and gone in Scoro since."""
    other = document.alias()
    rows = connection.execute(
        select(other.c.day)
        .join(
            document,
            and_(
                document.c.company == other.c.company,
                document.c.flow == other.c.flow,
                or_(
                    other.c.problem.is_not(None),
                    and_(
                        document.c.partner_id == other.c.partner_id,
                        document.c.currency == other.c.currency,
                        document.c.net == other.c.net,
                    ),
                ),
            ),
        )
        .where(
            other.c.company == company,
            other.c.flow == Flow.PAYMENTS.value,
            ~other.c.is_deleted,
            ~other.c.is_missing,
            other.c.source_id != document.c.source_id,
            other.c.day.between(
                document.c.day - _ENTERED_AGAIN_WITHIN_DAYS, document.c.day + _ENTERED_AGAIN_WITHIN_DAYS
            ),
            document.c.source_id == any_of(source_ids),
        )
        .distinct()
        .order_by(other.c.day)
    )
    return list(rows.scalars())


def replacements_without_payment(connection: Connection, company: str) -> dict[str, date | None]:
    """Receipts, with their days as far as they can be read, whose payment was made for another one that is gone in
    Scoro, and was deleted in SmartAccounts since."""
    link = link_view()
    rows = connection.execute(
        select(document.c.source_id, document.c.day)
        .join(link.rows, and_(link.company == document.c.company, link.source_id == document.c.source_id))
        .join(
            remote_payment,
            and_(remote_payment.c.company == link.company, remote_payment.c.remote_id == link.remote_id),
        )
        .where(
            document.c.company == company,
            document.c.flow == Flow.PAYMENTS.value,
            ~document.c.is_deleted,
            ~document.c.is_missing,
            link.kind == Kind.PAYMENT.value,
            remote_payment.c.is_deleted,
            _group_is_gone(remote_payment.c.company, remote_payment.c.marked_id),
        )
        .distinct()
    )
    return {row.source_id: row.day for row in rows}


@dataclass(frozen=True, slots=True)
class Replacement:
    """A receipt that took the place of one that is gone, and the payment that stands for it."""

    source_id: str
    named: Phrase
    day: date
    account_type: str
    account_name: str


def replacements(connection: Connection, company: str, source_ids: Collection[str]) -> list[Replacement]:
    """Those of the receipts that stand for payments which were made for others."""
    link = link_view()
    rows = connection.execute(
        select(link.source_id, remote_payment)
        .join(
            remote_payment,
            and_(remote_payment.c.company == link.company, remote_payment.c.remote_id == link.remote_id),
        )
        .where(
            link.company == company,
            link.kind == Kind.PAYMENT.value,
            link.source_id == any_of(source_ids),
            _group_is_gone(remote_payment.c.company, remote_payment.c.marked_id),
        )
        .order_by(remote_payment.c.day, remote_payment.c.number)
    )
    return [
        Replacement(row.source_id, named_payment(row.number, row.day), row.day, row.account_type, row.account_name)
        for row in rows
    ]
