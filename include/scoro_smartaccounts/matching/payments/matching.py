"""Money that stands in both systems: found by our marker, or by its rows, and linked."""

from __future__ import annotations

import logging
from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    func,
    select,
    text,
)

from scoro_smartaccounts.common.assumptions import SAME_PAYMENT_WITHIN_DAYS
from scoro_smartaccounts.common.documents import Flow, named_payment
from scoro_smartaccounts.common.money import plain
from scoro_smartaccounts.matching.documents.adoption import POSSIBLE_DUPLICATE
from scoro_smartaccounts.mirror.payments import is_linked_payment
from scoro_smartaccounts.staging.answers import said_of
from scoro_smartaccounts.staging.bulk import any_of
from scoro_smartaccounts.staging.intents import has_open_intent, has_open_intent_sql
from scoro_smartaccounts.staging.links import (
    BOOKED_DOCUMENTS_SQL,
    LINKED_PAYMENTS_SQL,
    Evidence,
    Kind,
    Link,
    drop_payment_links,
    is_group_linked_in_part,
    kind_sql,
    store_links,
)
from scoro_smartaccounts.staging.schema import (
    document,
    payment_row,
    remote_payment,
    remote_payment_row,
)
from scoro_smartaccounts.transform.payment import INVOICE_TYPES

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import date

    from scoro_smartaccounts.common.reasons import Phrase
    from scoro_smartaccounts.common.run import RunRequest

log = logging.getLogger(__name__)


@dataclass
class Matches:
    """`groups`: receipt groups that were linked now; `payments`: payments that were; `doubts`: what stands in the way
    of the others that look alike, by group and by payment."""

    groups: set[str] = field(default_factory=set)
    payments: set[str] = field(default_factory=set)
    group_doubts: dict[str, list[Phrase]] = field(default_factory=dict)
    payment_doubts: dict[str, list[Phrase]] = field(default_factory=dict)


# A link to a record that is gone binds nobody: entered again, the money finds its other half, and where the receipt of
# a payment is gone, however far apart the days are. The sign of a row of Scoro must be that of its document; on credit
# invoices sites differ. Of a document without amounts that can be read, or that comes to nothing, no sign is known: the
# pair is possible, and never sure. A payment of one row may be told with a fee or prepayment beside it: then its whole
# amount counts too.
_PAIRS = f"""
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
  where r.company = :company and r.type in ('CLIENT_INVOICE', 'VENDOR_INVOICE')
    and not p.is_deleted and (p.marked_id = '' or g.source_id is not null)
    and not exists (
      select from {LINKED_PAYMENTS_SQL} k
      left join document d on d.company = k.company and d.flow = 'payments' and d.source_id = k.group_id
      where k.company = r.company and k.payment_id = r.remote_id and not coalesce(d.is_deleted or d.is_missing, false))
    and not {has_open_intent_sql("'receipt'", "r.company", "r.remote_id")}
)
select s.source_id, s.position as scoro_position, s.number as group_name, s.day as group_day,
  b.remote_id, b.position as books_position, b.number as payment_number, b.day as payment_day,
  abs(s.day - b.day) as days, s.has_its_sign and (b.is_orphan or abs(s.day - b.day) <= :days) as is_sure
from scoro s join books b on b.document_id = s.document_id and b.currency = s.currency
  and s.amount in (b.amount, b.whole_amount)
order by days, s.day, length(s.source_id), s.source_id, s.position, b.number, b.remote_id, b.position
"""  # noqa: S608 the inserted parts are constants


def match_payments(connection: Connection, request: RunRequest) -> Matches:
    """Link receipt groups and payments that are the same money entered in both systems: for the same documents, of the
    same amounts, dated near each other. Within the caller's transaction, under the lock PAYMENT_LOCK.

    Nothing is linked in part: where only some of the rows find each other, a person must look; where they are dated far
    apart; and where nobody can tell whether they pay or give back. What a person said to be other money is not linked,
    what was dismissed as the same money is that money only.
    """
    company = request.company.key
    found = connection.execute(text(_PAIRS), {"company": company, "days": SAME_PAYMENT_WITHIN_DAYS}).all()
    rows = _as_people_said(connection, request, found)
    if not rows:
        return Matches()
    pairs = _one_to_one([row for row in rows if row.is_sure])
    groups = {row.source_id for row in pairs}
    payments = {row.remote_id for row in pairs}
    group_rows = _row_counts(connection, payment_row, payment_row.c.source_id, company, groups)
    payment_rows = _row_counts(
        connection,
        remote_payment_row,
        remote_payment_row.c.remote_id,
        company,
        payments,
        remote_payment_row.c.type.in_(INVOICE_TYPES.values()),
    )
    result = Matches()
    links: list[Link] = []
    hashes = _hashes(connection, company, groups, payments)
    for component in _components(pairs):
        matched_groups = {row.source_id for row in component}
        matched_payments = {row.remote_id for row in component}
        whole = (
            len(component)
            == sum(group_rows[g] for g in matched_groups)
            == sum(payment_rows[p] for p in matched_payments)
        )
        if whole:
            links += _links(component, hashes)
            result.groups |= matched_groups
            result.payments |= matched_payments
            continue
        theirs = _named((row.payment_number, row.payment_day) for row in component)
        ours = _named((row.group_name, row.group_day) for row in component)
        result.group_doubts |= dict.fromkeys(matched_groups, theirs)
        result.payment_doubts |= dict.fromkeys(matched_payments, ours)
    _doubt_unsure_ones(result, rows)
    # Links to what is gone, of those that have found their other half anew.
    drop_payment_links(connection, company, groups=result.groups, payments=result.payments)
    store_links(connection, company, request.run_key, links)
    if links:
        log.info(
            "Found in both systems and linked: %d receipt groups, %d payments.",
            len(result.groups),
            len(result.payments),
        )
    return result


def _doubt_unsure_ones(result: Matches, rows: Iterable[Any]) -> None:
    """Doubt what pays the same documents by the same amounts: it may be the same money all the same, on a day far away
    or of a document whose amounts are not known."""
    unsure = [
        row
        for row in rows
        if not row.is_sure and row.source_id not in result.groups and row.remote_id not in result.payments
    ]
    for row in unsure:
        theirs = result.group_doubts.setdefault(row.source_id, [])
        theirs += [each for each in _named([(row.payment_number, row.payment_day)]) if each not in theirs]
        ours = result.payment_doubts.setdefault(row.remote_id, [])
        ours += [each for each in _named([(row.group_name, row.group_day)]) if each not in ours]


def _as_people_said(connection: Connection, request: RunRequest, pairs: Sequence[Any]) -> list[Any]:
    """Return the pairs that no answer contradicts: about the receipt group, or about the payment."""
    of_groups, of_payments = replace(request, flow=Flow.PAYMENTS), replace(request, flow=Flow.EXPORT_PAYMENTS)
    groups = said_of(connection, of_groups, {row.source_id for row in pairs}, POSSIBLE_DUPLICATE)
    payments = said_of(connection, of_payments, {row.remote_id for row in pairs}, POSSIBLE_DUPLICATE)
    return [
        row
        for row in pairs
        if groups.allows(row.source_id, named_payment(row.payment_number, row.payment_day))
        and payments.allows(row.remote_id, named_payment(row.group_name, row.group_day))
    ]


def _named(payments: Iterable[tuple[str, date]]) -> list[Phrase]:
    """Payments as sentences name them, each once."""
    return [named_payment(number, day) for number, day in sorted(set(payments))]


def adopt_marked(connection: Connection, request: RunRequest) -> set[str]:
    """Link payments that carry our marker but no link, as after a lost database; the receipt groups."""
    company = request.company.key
    rows = connection.execute(
        select(
            remote_payment.c.marked_id,
            remote_payment.c.remote_id,
            remote_payment.c.number,
            remote_payment.c.amount,
            remote_payment.c.account_name,
            remote_payment.c.content_hash,
            document.c.content_hash.label("group_hash"),
            document.c.net.label("moved"),
        )
        .join(
            document,
            and_(
                document.c.company == remote_payment.c.company,
                document.c.flow == Flow.PAYMENTS.value,
                document.c.source_id == remote_payment.c.marked_id,
            ),
        )
        .where(
            remote_payment.c.company == company,
            remote_payment.c.marked_id != "",
            ~remote_payment.c.is_deleted,
            ~is_linked_payment(),
            ~is_group_linked_in_part(remote_payment.c.company, remote_payment.c.marked_id),
            ~has_open_intent(Kind.PAYMENT, remote_payment.c.company, remote_payment.c.marked_id),
        )
        .order_by(remote_payment.c.number)
    ).all()
    by_group: dict[str, list[Any]] = defaultdict(list)
    for row in rows:
        by_group[row.marked_id].append(row)
    # Netting comes first: where it stands alone although money moved, the money is still to come.
    half = {
        group
        for group, [first, *others] in by_group.items()
        if not others and first.moved and first.account_name in request.company.payments.all_netting_accounts
    }
    links = [
        Link(
            Kind.PAYMENT,
            group,
            row.remote_id,
            Evidence.MARKER,
            f"payment {row.number}",
            row.group_hash,
            {"payment": row.content_hash, "amount": plain(row.amount)},
            source_part=0 if place == 1 and group not in half else place,
        )
        for group, members in by_group.items()
        for place, row in enumerate(members, start=1)
    ]
    store_links(connection, company, request.run_key, links)
    return by_group.keys() - half


def _one_to_one(rows: Iterable[Any]) -> list[Any]:
    """Pairs of rows, the nearest in time first, none used twice."""
    taken: set[tuple[str, str, int]] = set()
    pairs: list[Any] = []
    for row in rows:
        ends = {("scoro", row.source_id, row.scoro_position), ("books", row.remote_id, row.books_position)}
        if not ends & taken:
            taken |= ends
            pairs.append(row)
    return pairs


def _components(pairs: Sequence[Any]) -> list[list[Any]]:
    """Pairs that share a receipt group or a payment, together."""
    leader: dict[tuple[str, str], tuple[str, str]] = {}

    def leader_of(node: tuple[str, str]) -> tuple[str, str]:
        while (above := leader.setdefault(node, node)) != node:
            leader[node] = leader[above]
            node = above
        return node

    for row in pairs:
        leader[leader_of(("group", row.source_id))] = leader_of(("payment", row.remote_id))
    components: dict[tuple[str, str], list[Any]] = defaultdict(list)
    for row in pairs:
        components[leader_of(("group", row.source_id))].append(row)
    return list(components.values())


def _row_counts(
    connection: Connection, table: Any, key: Any, company: str, ids: Collection[str], *conditions: ColumnElement[bool]
) -> dict[str, int]:
    rows = connection.execute(
        select(key.label("key"), func.count().label("rows"))
        .where(table.c.company == company, key == any_of(ids), *conditions)
        .group_by(key)
    )
    return {row.key: row.rows for row in rows}


def _hashes(
    connection: Connection, company: str, groups: Collection[str], payments: Collection[str]
) -> tuple[dict[str, str], dict[str, str]]:
    """Content hashes of receipt groups and of payments."""
    ours = connection.execute(
        select(document.c.source_id, document.c.content_hash).where(
            document.c.company == company,
            document.c.flow == Flow.PAYMENTS.value,
            document.c.source_id == any_of(groups),
        )
    )
    theirs = connection.execute(
        select(remote_payment.c.remote_id, remote_payment.c.content_hash).where(
            remote_payment.c.company == company, remote_payment.c.remote_id == any_of(payments)
        )
    )
    return {row[0]: row[1] for row in ours}, {row[0]: row[1] for row in theirs}


def _links(component: Iterable[Any], hashes: tuple[Mapping[str, str], Mapping[str, str]]) -> list[Link]:
    """One link a pair of group and payment; ids that come again are further parts."""
    links = []
    uses: dict[str, int] = defaultdict(int)
    for source_id, remote_id in dict.fromkeys((row.source_id, row.remote_id) for row in component):
        uses[source_id] += 1
        uses[remote_id] += 1
        links.append(
            Link(
                Kind.PAYMENT,
                source_id,
                remote_id,
                Evidence.ADOPTED,
                "entered in both systems",
                hashes[0][source_id],
                {"payment": hashes[1][remote_id]},
                source_part=_part(uses[source_id]),
                remote_part=_part(uses[remote_id]),
            )
        )
    return links


def _part(use: int) -> int:
    return use if use > 1 else 0
