"""Payments on both sides: SmartAccounts' mirrored, those that are the same on both sides linked, what was changed
after it was linked noticed.

A receipt group of Scoro may stand for several payments of SmartAccounts and the other way round. One link has the
plain ids; every further one has a number behind a slash on the side that it repeats.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    case,
    delete,
    exists,
    func,
    or_,
    select,
    text,
    update,
)

from scoro_smartaccounts.assumptions import PAYMENTS_KNOWN_BEFORE_FIRST_IMPORT, SAME_PAYMENT_WITHIN_DAYS
from scoro_smartaccounts.clock import TALLINN
from scoro_smartaccounts.company import Company
from scoro_smartaccounts.documents import Flow, payment_label
from scoro_smartaccounts.money import plain
from scoro_smartaccounts.reconcile.reading import Reading
from scoro_smartaccounts.reconcile.registers import OVERLAP, PAYMENTS, read_whole, remember, synced_to
from scoro_smartaccounts.run import RunRequest, Services
from scoro_smartaccounts.smartaccounts.wire import PaymentRow
from scoro_smartaccounts.staging.bulk import any_of, upsert
from scoro_smartaccounts.staging.links import KIND_OF, Evidence, Kind, Link, store_links
from scoro_smartaccounts.staging.locks import session_lock
from scoro_smartaccounts.staging.schema import (
    document,
    intent,
    later_change,
    link,
    payment_row,
    quarantine,
    remote_payment,
    remote_payment_row,
    waiting,
)
from scoro_smartaccounts.transform.marker import marked_id
from scoro_smartaccounts.transform.payment import INVOICE_TYPES

log = logging.getLogger(__name__)

# The lock that everything holds that creates or links a payment, in either direction.
PAYMENT_LOCK = "payments"


def sync_payments(services: Services, company: Company) -> Reading:
    """Bring the mirror of SmartAccounts' payments up to date. One request, however young it is: what its bank import
    booked a minute ago must not be booked again.

    The first time it reaches back to a month before the company's first import. Returns the reading that the mirror
    rests on.
    """
    key = company.key
    with services.engine.connect() as connection, session_lock(connection, key, "register", PAYMENTS):
        known = synced_to(connection, key, PAYMENTS)
        connection.commit()
        started = services.clock()
        if known is None:
            first = datetime.combine(company.first_import_date, time(), TALLINN) - PAYMENTS_KNOWN_BEFORE_FIRST_IMPORT
        else:
            first = known.synced_to - OVERLAP
        answers = read_whole(services, PAYMENTS, first)
        rows = {row.id: row for answer in answers for row in map(PaymentRow.from_wire, answer.rows)}
        gone = {payment_id for answer in answers for payment_id in answer.deleted} - set(rows)
        mirror_payments(connection, key, rows.values(), services, is_new_change=known is not None)
        _mark_deleted(connection, key, gone)
        reading = Reading(answers[0].server_time, started)
        remember(connection, key, PAYMENTS, reading)
        connection.commit()
        log.info(
            "Mirrored SmartAccounts' payments: %d %s, %d deleted, %d requests.",
            len(rows),
            "records" if known is None else "changed",
            len(gone),
            len(answers),
        )
        return reading


def mirror_payments(
    connection: Connection, company: str, rows: Iterable[PaymentRow], services: Services, *, is_new_change: bool
) -> None:
    """Put payments into the mirror. `is_new_change`: those that are new there, or different, count as changed."""
    site = services.scoro.company_account_id
    rows = list(rows)
    known = {
        row.remote_id: row
        for row in connection.execute(
            select(remote_payment.c.remote_id, remote_payment.c.content_hash, remote_payment.c.is_changed).where(
                remote_payment.c.company == company, remote_payment.c.remote_id == any_of([row.id for row in rows])
            )
        )
    }
    payments: list[dict[str, Any]] = []
    parts: list[dict[str, Any]] = []
    for row in rows:
        hashed = payment_hash(row)
        before = known.get(row.id)
        differs = before is None or before.content_hash != hashed
        payments.append(
            {
                "company": company,
                "remote_id": row.id,
                "number": row.number or row.id[:8],
                "day": row.date,
                "partner_type": row.partner_type,
                "partner_remote_id": row.partner_id,
                "account_type": row.account_type,
                "account_name": row.account_name,
                "currency": row.currency,
                "amount": row.amount,
                "prepayment": row.prepayment,
                "marked_id": marked_id(row.document, site, "receipts") or "",
                "content_hash": hashed,
                "is_changed": (before is not None and before.is_changed) or (is_new_change and differs),
                "is_deleted": False,
                "read_at": services.clock(),
            }
        )
        parts += [
            {
                "company": company,
                "remote_id": row.id,
                "position": position,
                "type": part.type,
                "document_remote_id": part.id,
                "amount": part.amount,
            }
            for position, part in enumerate(row.rows, start=1)
        ]
    upsert(connection, remote_payment, payments)
    connection.execute(
        delete(remote_payment_row).where(
            remote_payment_row.c.company == company,
            remote_payment_row.c.remote_id == any_of([row["remote_id"] for row in payments]),
        )
    )
    upsert(connection, remote_payment_row, parts)


def payment_hash(row: PaymentRow) -> str:
    """What identifies that which matters of a payment: day, partner, account, currency, prepayment and rows."""
    content = [
        row.date.isoformat(),
        row.partner_id,
        row.account_type,
        row.account_name,
        row.currency,
        plain(row.prepayment),
        sorted([part.type, part.id, plain(part.amount)] for part in row.rows),
    ]
    return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()


def _mark_deleted(connection: Connection, company: str, payment_ids: Collection[str]) -> None:
    connection.execute(
        update(remote_payment)
        .where(remote_payment.c.company == company, remote_payment.c.remote_id == any_of(payment_ids))
        .values(is_deleted=True)
    )


def own_id(part_id: str) -> str:
    """The id of a record of which a link names a further part."""
    return part_id.partition("/")[0]


def is_linked_payment() -> ColumnElement[bool]:
    """Whether receipt groups stand for all of the mirrored payment: its last part carries the plain id."""
    return exists().where(
        link.c.company == remote_payment.c.company,
        link.c.kind == Kind.PAYMENT.value,
        link.c.remote_id == remote_payment.c.remote_id,
    )


def settled_amounts(connection: Connection, company: str, document_remote_ids: Iterable[str]) -> dict[str, Decimal]:
    """What the mirrored payments settle of documents, as magnitudes, by remote id."""
    rows = connection.execute(
        select(remote_payment_row.c.document_remote_id, func.sum(remote_payment_row.c.amount).label("amount"))
        .join(
            remote_payment,
            and_(
                remote_payment.c.company == remote_payment_row.c.company,
                remote_payment.c.remote_id == remote_payment_row.c.remote_id,
            ),
        )
        .where(
            remote_payment_row.c.company == company,
            remote_payment_row.c.document_remote_id == any_of(document_remote_ids),
            ~remote_payment.c.is_deleted,
        )
        .group_by(remote_payment_row.c.document_remote_id)
    )
    return {row.document_remote_id: row.amount for row in rows}


def unlinked_payments_on(
    connection: Connection, company: str, document_remote_ids: Iterable[str]
) -> dict[str, list[str]]:
    """Names of payments that SmartAccounts has of documents and that no receipt group stands for, by remote id of the
    document. Our own, whose link is still to come, are left out."""
    found: dict[str, list[str]] = defaultdict(list)
    for row in connection.execute(
        select(remote_payment_row.c.document_remote_id, remote_payment.c.number, remote_payment.c.day)
        .join(
            remote_payment,
            and_(
                remote_payment.c.company == remote_payment_row.c.company,
                remote_payment.c.remote_id == remote_payment_row.c.remote_id,
            ),
        )
        .where(
            remote_payment_row.c.company == company,
            remote_payment_row.c.document_remote_id == any_of(document_remote_ids),
            ~remote_payment.c.is_deleted,
            remote_payment.c.marked_id == "",
            ~is_linked_payment(),
        )
        .order_by(remote_payment.c.day, remote_payment.c.number)
    ):
        found[row.document_remote_id].append(payment_label(row.number, row.day))
    return found


@dataclass
class Matches:
    """`groups`: receipt groups that were linked now; `payments`: payments that were; `doubts`: what stands in the way
    of the others that look alike, by group and by payment."""

    groups: set[str] = field(default_factory=set)
    payments: set[str] = field(default_factory=set)
    group_doubts: dict[str, str] = field(default_factory=dict)
    payment_doubts: dict[str, str] = field(default_factory=dict)


# A link to a record that is gone binds nobody: entered again, the money finds its other half. The sign of a row of
# Scoro must be that of its document; on credit invoices sites differ. A payment of one row may be told with a fee or
# prepayment beside it: then its whole amount counts too.
_PAIRS = """
with scoro as (
  select r.source_id, r.position, abs(r.amount) as amount, d.day, l.remote_id as document_id, d.number, d.currency
  from payment_row r
  join document d on d.company = r.company and d.flow = r.flow and d.source_id = r.source_id
    and not d.is_deleted and not d.is_missing and d.problem is null
  join document paid on paid.company = r.company and paid.flow = r.document_flow and paid.source_id = r.document_id
    and (jsonb_array_length(paid.credited_ids) > 0 or r.amount * (paid.net + paid.vat) > 0)
  join link l on l.company = r.company and l.source_id = r.document_id
    and l.kind = case r.document_flow when 'sales_invoices' then 'sales_invoice' else 'purchase_invoice' end
  where r.company = :company and r.flow = 'payments'
    and not exists (
      select from link k
      left join remote_payment p on p.company = k.company and p.remote_id = split_part(k.remote_id, '/', 1)
      where k.company = r.company and k.kind = 'payment' and split_part(k.source_id, '/', 1) = r.source_id
        and not coalesce(p.is_deleted, false))
    and not exists (select from intent i where i.company = r.company and i.kind = 'payment' and i.state = 'open'
      and split_part(i.source_id, '/', 1) = r.source_id)
), books as (
  select r.remote_id, r.position, r.document_remote_id as document_id, p.day, p.number, p.currency, r.amount,
    case when count(*) over (partition by r.remote_id) = 1 then p.amount else r.amount end as whole_amount
  from remote_payment_row r
  join remote_payment p on p.company = r.company and p.remote_id = r.remote_id
  where r.company = :company and r.type in ('CLIENT_INVOICE', 'VENDOR_INVOICE')
    and not p.is_deleted and p.marked_id = ''
    and not exists (
      select from link k
      left join document d on d.company = k.company and d.flow = 'payments'
        and d.source_id = split_part(k.source_id, '/', 1)
      where k.company = r.company and k.kind = 'payment' and split_part(k.remote_id, '/', 1) = r.remote_id
        and not coalesce(d.is_deleted or d.is_missing, false))
    and not exists (select from intent i where i.company = r.company and i.kind = 'receipt' and i.state = 'open'
      and split_part(i.source_id, '/', 1) = r.remote_id)
)
select s.source_id, s.position as scoro_position, s.number as group_name, s.day as group_day,
  b.remote_id, b.position as books_position, b.number as payment_number, b.day as payment_day,
  abs(s.day - b.day) as days
from scoro s join books b on b.document_id = s.document_id and b.currency = s.currency
  and s.amount in (b.amount, b.whole_amount) and abs(s.day - b.day) <= :days
order by days, s.day, length(s.source_id), s.source_id, s.position, b.number, b.remote_id, b.position
"""


def match_payments(connection: Connection, request: RunRequest) -> Matches:
    """Link receipt groups and payments that are the same money entered in both systems: for the same documents, of the
    same amounts, dated near each other. Within the caller's transaction, under the lock PAYMENT_LOCK.

    Nothing is linked in part: where only some of the rows find each other, a person must look.
    """
    company = request.company.key
    rows = connection.execute(text(_PAIRS), {"company": company, "days": SAME_PAYMENT_WITHIN_DAYS}).all()
    if not rows:
        return Matches()
    pairs = _one_to_one(rows)
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
        theirs = ", ".join(sorted({payment_label(row.payment_number, row.payment_day) for row in component}))
        ours = ", ".join(sorted({payment_label(row.group_name, row.group_day) for row in component}))
        result.group_doubts |= dict.fromkeys(matched_groups, theirs)
        result.payment_doubts |= dict.fromkeys(matched_payments, ours)
    _drop_links_of(connection, company, result)
    store_links(connection, company, request.run_key, links)
    if links:
        log.info(
            "Found in both systems and linked: %d receipt groups, %d payments.",
            len(result.groups),
            len(result.payments),
        )
    return result


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
            ~exists().where(
                link.c.company == company,
                link.c.kind == Kind.PAYMENT.value,
                func.split_part(link.c.source_id, "/", 1) == remote_payment.c.marked_id,
            ),
            ~exists().where(
                intent.c.company == company,
                intent.c.kind == Kind.PAYMENT.value,
                intent.c.state == "open",
                func.split_part(intent.c.source_id, "/", 1) == remote_payment.c.marked_id,
            ),
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
        if not others and first.moved and first.account_name == request.company.payments.netting_account
    }
    links = [
        Link(
            Kind.PAYMENT,
            group if place == 1 and group not in half else f"{group}/{place}",
            row.remote_id,
            Evidence.MARKER,
            f"payment {row.number}",
            row.group_hash,
            {"payment": row.content_hash, "amount": plain(row.amount)},
        )
        for group, members in by_group.items()
        for place, row in enumerate(members, start=1)
    ]
    store_links(connection, company, request.run_key, links)
    return by_group.keys() - half


def record_booking_changes(connection: Connection, request: RunRequest) -> None:
    """Note, once for each content, payments that SmartAccounts deleted or changed after they were linked. They are
    reported, never mirrored. One that is gone on both sides needs no report."""
    company = request.company.key
    is_export = link.c.evidence == Evidence.EXPORTED.value
    flow = case((is_export, Flow.EXPORT_PAYMENTS.value), else_=Flow.PAYMENTS.value)
    source_id = case(
        (is_export, func.split_part(link.c.remote_id, "/", 1)), else_=func.split_part(link.c.source_id, "/", 1)
    )
    rows = connection.execute(
        select(
            flow.label("flow"),
            source_id.label("source_id"),
            remote_payment.c.content_hash,
            remote_payment.c.is_deleted,
        )
        .select_from(link)
        .join(
            remote_payment,
            and_(
                remote_payment.c.company == link.c.company,
                remote_payment.c.remote_id == func.split_part(link.c.remote_id, "/", 1),
            ),
        )
        .join(
            document,
            and_(
                document.c.company == link.c.company,
                document.c.flow == Flow.PAYMENTS.value,
                document.c.source_id == func.split_part(link.c.source_id, "/", 1),
            ),
            isouter=True,
        )
        .where(
            link.c.company == company,
            link.c.kind == Kind.PAYMENT.value,
            or_(
                and_(
                    remote_payment.c.is_deleted,
                    ~func.coalesce(or_(document.c.is_deleted, document.c.is_missing), False),
                ),
                and_(
                    ~remote_payment.c.is_deleted,
                    link.c.answer["payment"].astext != remote_payment.c.content_hash,
                ),
            ),
        )
        .distinct()
    ).all()
    upsert(
        connection,
        later_change,
        (
            {
                "company": company,
                "flow": row.flow,
                "source_id": row.source_id,
                "content_hash": row.content_hash,
                "kind": "booking_deleted" if row.is_deleted else "booking_changed",
                "fields": [],
                "run_key": request.run_key,
            }
            for row in rows
        ),
        update=(),
    )


def close_settled_cases(connection: Connection, company: str) -> None:
    """Close the cases of payments that need nobody any more, whichever flow settled them: those that are linked, and
    those that SmartAccounts deleted before they went anywhere."""
    cases = {"state": "resolved", "closed_at": func.now()}
    is_open = and_(quarantine.c.company == company, quarantine.c.state.in_(("open", "released")))
    is_linked_group = exists().where(
        link.c.company == company, link.c.kind == Kind.PAYMENT.value, link.c.source_id == quarantine.c.source_id
    )
    is_settled_payment = exists().where(
        remote_payment.c.company == company,
        remote_payment.c.remote_id == quarantine.c.source_id,
        or_(remote_payment.c.is_deleted, is_linked_payment()),
    )
    for flow, is_settled in ((Flow.PAYMENTS, is_linked_group), (Flow.EXPORT_PAYMENTS, is_settled_payment)):
        connection.execute(update(quarantine).where(is_open, quarantine.c.flow == flow.value, is_settled).values(cases))
    connection.execute(
        delete(waiting).where(
            waiting.c.company == company,
            waiting.c.flow == Flow.PAYMENTS.value,
            exists().where(
                link.c.company == company, link.c.kind == Kind.PAYMENT.value, link.c.source_id == waiting.c.source_id
            ),
        )
    )


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


def _drop_links_of(connection: Connection, company: str, matches: Matches) -> None:
    """Forget links to what is gone of those that have found their other half anew."""
    connection.execute(
        delete(link).where(
            link.c.company == company,
            link.c.kind == Kind.PAYMENT.value,
            or_(
                func.split_part(link.c.source_id, "/", 1) == any_of(matches.groups),
                func.split_part(link.c.remote_id, "/", 1) == any_of(matches.payments),
            ),
        )
    )


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
    """One link a pair of group and payment; ids that come again get a number."""
    links = []
    uses: dict[str, int] = defaultdict(int)
    for source_id, remote_id in dict.fromkeys((row.source_id, row.remote_id) for row in component):
        uses[source_id] += 1
        uses[remote_id] += 1
        links.append(
            Link(
                Kind.PAYMENT,
                source_id if uses[source_id] == 1 else f"{source_id}/{uses[source_id]}",
                remote_id if uses[remote_id] == 1 else f"{remote_id}/{uses[remote_id]}",
                Evidence.ADOPTED,
                "entered in both systems",
                hashes[0][source_id],
                {"payment": hashes[1][remote_id]},
            )
        )
    return links


def linked_documents(
    connection: Connection, company: str, keys: Iterable[tuple[Flow, str]]
) -> dict[tuple[Flow, str], Any]:
    """The links of documents, by flow and source id: `remote_id`, `answer`."""
    found: dict[tuple[Flow, str], Any] = {}
    wanted = set(keys)
    for flow in {flow for flow, _ in wanted}:
        rows = connection.execute(
            select(link.c.source_id, link.c.remote_id, link.c.answer).where(
                link.c.company == company,
                link.c.kind == KIND_OF[flow].value,
                link.c.source_id == any_of([source_id for other, source_id in wanted if other is flow]),
            )
        )
        found |= {(flow, row.source_id): row for row in rows}
    return found
