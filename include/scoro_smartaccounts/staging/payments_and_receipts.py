"""Payments of SmartAccounts beside receipt groups of Scoro: what is the same money, and what lost its other half. Reads
only."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Connection, Select, and_, case, exists, func, or_, select, text

from scoro_smartaccounts.common.assumptions import SAME_PAYMENT_WITHIN_DAYS
from scoro_smartaccounts.common.documents import Flow, named_payment
from scoro_smartaccounts.scoro.modules import RECEIPTS
from scoro_smartaccounts.smartaccounts.words import CLIENT_INVOICE, VENDOR_INVOICE
from scoro_smartaccounts.staging.bulk import any_of
from scoro_smartaccounts.staging.cases import is_dismissed_as
from scoro_smartaccounts.staging.changed_since_import import Change
from scoro_smartaccounts.staging.conditions import of_flow
from scoro_smartaccounts.staging.intents import has_open_intent, has_open_intent_sql
from scoro_smartaccounts.staging.links import (
    BOOKED_DOCUMENTS_SQL,
    LINKED_PAYMENTS_SQL,
    Evidence,
    Kind,
    LinkView,
    has_lost_payments,
    is_group_linked_in_part,
    kind_sql,
    link_view,
)
from scoro_smartaccounts.staging.mirror_payments import COLUMNS, MirroredPayment, is_linked_payment, read_payments
from scoro_smartaccounts.staging.raw_records import is_version_of_document
from scoro_smartaccounts.staging.schema import document, payment_row, raw_record, remote_payment, remote_payment_row

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import date
    from decimal import Decimal

    from scoro_smartaccounts.common.reasons import Phrase
    from scoro_smartaccounts.staging.links import Key

# How far apart a receipt that is gone and the one that was entered instead of it are looked for.
_ENTERED_AGAIN_WITHIN_DAYS = 45


# The same money in both systems


@dataclass(frozen=True, slots=True)
class SameMoney:
    """A row of a receipt group and a row of a payment that pay the same document by the same amount. `is_sure`: nothing
    else speaks against it."""

    group_id: str
    group_position: int
    group_name: str
    group_day: date
    payment_id: str
    payment_position: int
    payment_number: str
    payment_day: date
    is_sure: bool


# A link to a record that is gone binds nobody: entered again, the money finds its other half, and where the receipt of
# a payment is gone, however far apart the days are. The sign of a row of Scoro must be that of its document; on credit
# invoices sites differ. Of a document without amounts that can be read, or that comes to nothing, no sign is known: the
# pair is possible, and never sure. A payment of one row may be told with a fee or prepayment beside it: then its whole
# amount counts too.
_SAME_MONEY = f"""
with scoro as (
  select r.source_id, r.position, abs(r.amount) as amount, d.day, l.remote_id as document_id, d.number, d.currency,
    coalesce(jsonb_array_length(paid.credited_ids) > 0 or r.amount * (paid.net + paid.vat) > 0, false) as has_its_sign
  from payment_row r
  join document d on d.company = r.company and d.flow = r.flow and d.source_id = r.source_id
    and not d.is_deleted and not d.is_missing and d.problem is null
  left join document paid on paid.company = r.company and paid.flow = r.document_flow
    and paid.source_id = r.document_id
  join {BOOKED_DOCUMENTS_SQL} l on l.company = r.company and l.source_id = r.document_id
    and l.kind = {kind_sql("r.document_flow")}
  where r.company = :company and r.flow = 'payments' and r.amount <> 0
    and (jsonb_array_length(paid.credited_ids) = 0 and r.amount * (paid.net + paid.vat) < 0) is not true
    and not exists (
      select from {LINKED_PAYMENTS_SQL} k
      left join remote_payment p on p.company = k.company and p.remote_id = k.payment_id
      where k.company = r.company and k.group_id = r.source_id and not coalesce(p.is_deleted, false))
    and not {has_open_intent_sql("'payment'", "r.company", "r.source_id")}
), books as (
  select r.remote_id, r.position, r.document_remote_id as document_id, p.day, p.number, p.currency, r.amount,
    case when count(*) over (partition by r.remote_id) = 1 then p.amount else r.amount end as whole_amount,
    (g.source_id is not null or exists (select from {LINKED_PAYMENTS_SQL} k
      where k.company = r.company and k.payment_id = r.remote_id)) as is_orphan
  from remote_payment_row r
  join remote_payment p on p.company = r.company and p.remote_id = r.remote_id
  left join document g on g.company = p.company and g.flow = 'payments' and g.source_id = p.marked_id
    and (g.is_deleted or g.is_missing)
  where r.company = :company and r.type in ('{CLIENT_INVOICE}', '{VENDOR_INVOICE}')
    and not p.is_deleted and (p.marked_id = '' or g.source_id is not null)
    and not exists (
      select from {LINKED_PAYMENTS_SQL} k
      left join document d on d.company = k.company and d.flow = 'payments' and d.source_id = k.group_id
      where k.company = r.company and k.payment_id = r.remote_id and not coalesce(d.is_deleted or d.is_missing, false))
    and not {has_open_intent_sql("'receipt'", "r.company", "r.remote_id")}
)
select s.source_id, s.position as group_position, s.number as group_name, s.day as group_day,
  b.remote_id, b.position as payment_position, b.number as payment_number, b.day as payment_day,
  s.has_its_sign and (b.is_orphan or abs(s.day - b.day) <= :days) as is_sure
from scoro s join books b on b.document_id = s.document_id and b.currency = s.currency
  and s.amount in (b.amount, b.whole_amount)
order by abs(s.day - b.day), s.day, length(s.source_id), s.source_id, s.position, b.number, b.remote_id, b.position
"""  # noqa: S608 the inserted parts are constants


def same_money(connection: Connection, company: str) -> list[SameMoney]:
    """Return the rows of receipts and payments that may be the same money, of what nothing stands for yet; the nearest
    in time first."""
    rows = connection.execute(text(_SAME_MONEY), {"company": company, "days": SAME_PAYMENT_WITHIN_DAYS})
    return [SameMoney(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class MarkedPayment:
    """A payment that carries our marker: the receipt group by id and content, and how much Scoro moved by it."""

    payment: MirroredPayment
    group_hash: str
    moved: Decimal | None


def marked_without_link(connection: Connection, company: str) -> dict[str, list[MarkedPayment]]:
    """Return payments with our marker for receipt groups of which nothing is linked or in doubt, by group; each by
    number."""
    rows = connection.execute(
        select(*COLUMNS, document.c.content_hash.label("group_hash"), document.c.net.label("moved"))
        .join(document, _is_group(remote_payment.c.company, remote_payment.c.marked_id))
        .where(
            remote_payment.c.company == company,
            remote_payment.c.marked_id != "",
            ~remote_payment.c.is_deleted,
            ~is_linked_payment(),
            ~is_group_linked_in_part(remote_payment.c.company, remote_payment.c.marked_id),
            ~has_open_intent(Kind.PAYMENT, remote_payment.c.company, remote_payment.c.marked_id),
        )
        .order_by(remote_payment.c.number)
    )
    found: dict[str, list[MarkedPayment]] = defaultdict(list)
    for *payment, group_hash, moved in rows:
        marked = MarkedPayment(MirroredPayment(*payment), group_hash, moved)
        found[marked.payment.marked_id].append(marked)
    return found


# Payments whose receipt is gone in Scoro


def orphaned_payments(connection: Connection, company: str) -> list[MirroredPayment]:
    """All payments that stand for receipts which are gone in Scoro, and for no other, by day and number."""
    return list(read_payments(connection, remote_payment.c.company == company, _is_orphaned()).values())


def _is_orphaned() -> ColumnElement[bool]:
    living, gone = link_view(), link_view()
    return and_(
        ~remote_payment.c.is_deleted,
        ~exists().where(_is_of_payment(living), ~_group_is_gone(living.company, living.source_id)),
        or_(exists().where(_is_of_payment(gone)), _group_is_gone(remote_payment.c.company, remote_payment.c.marked_id)),
    )


def prepayments_without_receipt(
    connection: Connection, company: str, partner_ids: Iterable[str]
) -> list[tuple[MirroredPayment, bool]]:
    """Return the payments with a prepayment of these clients and vendors that are linked to nothing, that no receipt of
    Scoro made, and that are not on their way to Scoro, by day and number; and whether each is a prepayment only."""
    link = link_view()
    has_lines = exists().where(
        remote_payment_row.c.company == remote_payment.c.company,
        remote_payment_row.c.remote_id == remote_payment.c.remote_id,
    )
    rows = connection.execute(
        select(*COLUMNS, has_lines.label("has_lines"))
        .where(
            remote_payment.c.company == company,
            remote_payment.c.partner_remote_id == any_of(partner_ids),
            remote_payment.c.prepayment > 0,
            ~remote_payment.c.is_deleted,
            or_(remote_payment.c.marked_id == "", _is_orphaned()),
            # A link to a group that is gone binds nobody: entered again, the money finds its other half.
            ~exists().where(_is_of_payment(link), ~_group_is_gone(link.company, link.source_id)),
            ~has_open_intent(Kind.RECEIPT, remote_payment.c.company, remote_payment.c.remote_id),
        )
        .order_by(remote_payment.c.day, remote_payment.c.number)
    )
    found = [(MirroredPayment(*payment), has_lines) for *payment, has_lines in rows]
    return [(each, not has_lines and each.amount == each.prepayment) for each, has_lines in found]


# Receipts whose payment is gone in SmartAccounts


def orphaned_receipts(connection: Connection, company: str, documents: Iterable[Key]) -> Mapping[Key, list[Phrase]]:
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
        .join(document, _is_group(payment_row.c.company, payment_row.c.source_id))
        .where(
            of_flow(payment_row, company, Flow.PAYMENTS),
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
    found: dict[Key, list[Phrase]] = defaultdict(list)
    for row in rows:
        key = (Flow(row.document_flow), row.document_id)
        if key in wanted:
            found[key].append(named_payment(row.number, row.day))
    return found


def lost_payments(connection: Connection, company: str, group_ids: Collection[str]) -> dict[str, list[MirroredPayment]]:
    """Those of the receipt groups whose payments are all deleted in SmartAccounts, with these."""
    link = link_view()
    is_lost = has_lost_payments(link.company, link.source_id)
    found: dict[str, list[MirroredPayment]] = defaultdict(list)
    for group_id, *payment in connection.execute(_linked(company, link, group_ids, is_lost)):
        found[group_id].append(MirroredPayment(*payment))
    return dict(found)


@dataclass(frozen=True, slots=True)
class Replacement:
    """A receipt that took the place of one that is gone, and the payment that stands for it."""

    source_id: str
    named: Phrase
    day: date
    account_type: str
    account_name: str


def replacements(connection: Connection, company: str, group_ids: Collection[str]) -> list[Replacement]:
    """Those of the receipts that stand for payments which were made for others."""
    link = link_view()
    is_for_other = _group_is_gone(remote_payment.c.company, remote_payment.c.marked_id)
    found = [
        (group_id, MirroredPayment(*payment))
        for group_id, *payment in connection.execute(_linked(company, link, group_ids, is_for_other))
    ]
    return [
        Replacement(group_id, each.named, each.day, each.account_type, each.account_name) for group_id, each in found
    ]


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
            of_flow(document, company, Flow.PAYMENTS),
            ~document.c.is_deleted,
            ~document.c.is_missing,
            link.kind == Kind.PAYMENT.value,
            remote_payment.c.is_deleted,
            _group_is_gone(remote_payment.c.company, remote_payment.c.marked_id),
        )
        .distinct()
    )
    return {row.source_id: row.day for row in rows}


# Receipts that may be the money of others


def days_of_equal_money(connection: Connection, company: str, group_ids: Collection[str]) -> list[date]:
    """Return the days of other receipts of the same contacts and amounts, or that cannot be read, near these receipts:
    each may be the same money, entered before and gone in Scoro since."""
    other = document.alias()
    is_equal = and_(
        document.c.partner_id == other.c.partner_id,
        document.c.currency == other.c.currency,
        document.c.net == other.c.net,
    )
    rows = connection.execute(
        select(other.c.day)
        .join(
            document,
            and_(
                document.c.company == other.c.company,
                document.c.flow == other.c.flow,
                or_(other.c.problem.is_not(None), is_equal),
            ),
        )
        .where(
            of_flow(other, company, Flow.PAYMENTS),
            ~other.c.is_deleted,
            ~other.c.is_missing,
            other.c.source_id != document.c.source_id,
            other.c.day.between(
                document.c.day - _ENTERED_AGAIN_WITHIN_DAYS, document.c.day + _ENTERED_AGAIN_WITHIN_DAYS
            ),
            document.c.source_id == any_of(group_ids),
        )
        .distinct()
        .order_by(other.c.day)
    )
    return list(rows.scalars())


@dataclass(frozen=True, slots=True)
class UnreadableGroup:
    """A receipt group that cannot be read: what staging knows of it, and what Scoro sent."""

    number: str
    day: date | None
    payload: Mapping[str, Any]


def unreadable_groups(connection: Connection, company: str) -> list[UnreadableGroup]:
    """Return the receipt groups that cannot be read and that no payment stands for, by day and number."""
    rows = connection.execute(
        select(document.c.number, document.c.day, raw_record.c.payload)
        .join(raw_record, is_version_of_document(RECEIPTS.name))
        .where(
            of_flow(document, company, Flow.PAYMENTS),
            document.c.problem.is_not(None),
            ~document.c.is_deleted,
            ~document.c.is_missing,
            or_(
                ~is_group_linked_in_part(document.c.company, document.c.source_id),
                has_lost_payments(document.c.company, document.c.source_id),
            ),
        )
        .order_by(document.c.day, document.c.number)
    )
    return [UnreadableGroup(*row) for row in rows]


# What became of payments after they were linked


def changed_bookings(connection: Connection, company: str) -> list[Change]:
    """Return the payments that SmartAccounts deleted or changed after they were linked, by what they were booked for.
    One that is gone on both sides needs no report."""
    link = link_view()
    is_export = link.evidence == Evidence.EXPORTED.value
    is_group_gone = func.coalesce(or_(document.c.is_deleted, document.c.is_missing), False)
    rows = connection.execute(
        select(
            case((is_export, Flow.EXPORT_PAYMENTS.value), else_=Flow.PAYMENTS.value).label("flow"),
            case((is_export, link.remote_id), else_=link.source_id).label("source_id"),
            remote_payment.c.content_hash,
            case((remote_payment.c.is_deleted, "booking_deleted"), else_="booking_changed").label("kind"),
        )
        .select_from(link.rows)
        .join(
            remote_payment,
            and_(remote_payment.c.company == link.company, remote_payment.c.remote_id == link.remote_id),
        )
        .join(document, _is_group(link.company, link.source_id), isouter=True)
        .where(
            link.company == company,
            link.kind == Kind.PAYMENT.value,
            link.undone_at.is_(None),
            or_(
                and_(remote_payment.c.is_deleted, ~is_group_gone),
                and_(~remote_payment.c.is_deleted, link.booked_hash != remote_payment.c.content_hash),
            ),
        )
        .distinct()
    )
    return [Change(Flow(flow), *rest) for flow, *rest in rows]


def is_settled_payment(company: str, payment_id: ColumnElement[str]) -> ColumnElement[bool]:
    """Within larger queries: whether a payment is linked, or was deleted in SmartAccounts."""
    return exists().where(
        remote_payment.c.company == company,
        remote_payment.c.remote_id == payment_id,
        or_(remote_payment.c.is_deleted, is_linked_payment()),
    )


def _linked(
    company: str, link: LinkView, group_ids: Iterable[str], condition: ColumnElement[bool]
) -> Select[tuple[Any, ...]]:
    """Receipt groups and the payments that stand for them, of those that meet a condition."""
    is_payment = and_(remote_payment.c.company == link.company, remote_payment.c.remote_id == link.remote_id)
    return (
        select(link.source_id, *COLUMNS)
        .select_from(link.rows)
        .join(remote_payment, is_payment)
        .where(link.company == company, link.kind == Kind.PAYMENT.value, link.source_id == any_of(group_ids), condition)
        .order_by(remote_payment.c.day, remote_payment.c.number, remote_payment.c.remote_id)
    )


def _is_of_payment(link: LinkView) -> ColumnElement[bool]:
    return and_(
        link.company == remote_payment.c.company,
        link.kind == Kind.PAYMENT.value,
        link.remote_id == remote_payment.c.remote_id,
    )


def _is_group(company: ColumnElement[str], group_id: ColumnElement[str]) -> ColumnElement[bool]:
    """Of a join: whether the document is this receipt group."""
    return and_(of_flow(document, company, Flow.PAYMENTS), document.c.source_id == group_id)


def _group_is_gone(company: ColumnElement[str], group_id: ColumnElement[str]) -> ColumnElement[bool]:
    group = document.alias()
    return exists().where(
        of_flow(group, company, Flow.PAYMENTS),
        group.c.source_id == group_id,
        or_(group.c.is_deleted, group.c.is_missing),
    )
