"""What happened to records after their import or export, and what people do about it.

A document changed when the hash of its content is not the one it was imported with, or Scoro has it no more.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Connection, Row, case, func, or_, select
from sqlalchemy.dialects.postgresql import distinct_on

from scoro_smartaccounts.common.documents import Flow, named, named_payment
from scoro_smartaccounts.common.reasons import Phrase, Reason, phrase, reason
from scoro_smartaccounts.staging.bulk import any_of, upsert
from scoro_smartaccounts.staging.conditions import of_flow, same_document
from scoro_smartaccounts.staging.documents import load_receipt_groups
from scoro_smartaccounts.staging.links import KIND_OF, Evidence, Kind, booked_documents, link_view, successors
from scoro_smartaccounts.staging.schema import document, later_change, remote_payment, remote_payment_row

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class LaterChange:
    """One change: the document, by its number and day in staging, and what to say of it behind its name."""

    flow: Flow
    number: str
    day: date | None
    seen_at: datetime
    reason: Reason

    @property
    def told(self) -> Reason:
        """The same with the document named."""
        return self.reason.about(named(self.flow, self.number, self.day))


@dataclass(frozen=True, slots=True)
class Change:
    """That a document, or its booking, is not any more as it was imported or exported. `imported`: the hash of the
    content as imported; `fields`: what differs."""

    flow: Flow
    source_id: str
    content_hash: str
    kind: str
    imported: str = ""
    fields: Sequence[str] = ()


def unrecorded_changes(connection: Connection, company: str, flow: Flow) -> list[Change]:
    """Return what changed or vanished in Scoro since its import and is not recorded with its content."""
    # A receipt group that is in the books in part has links of its parts only.
    link = link_view()
    kind = case((document.c.is_missing, "missing"), (document.c.is_deleted, "deleted"), else_="changed")
    seen = (
        select(later_change.c.source_id)
        .where(
            of_flow(later_change, company, flow),
            later_change.c.source_id == document.c.source_id,
            later_change.c.content_hash == document.c.content_hash,
            later_change.c.kind == kind,
        )
        .exists()
    )
    rows = connection.execute(
        select(document.c.source_id, document.c.content_hash, kind.label("kind"), link.imported_hash.label("imported"))
        .ext(distinct_on(document.c.source_id))
        .join(link.rows, (link.company == document.c.company) & (link.source_id == document.c.source_id))
        .where(
            of_flow(document, company, flow),
            link.kind == KIND_OF[flow].value,
            # What SmartAccounts deleted too has nothing to be corrected: whether it is booked again is asked.
            link.gone_at.is_(None),
            # A link that was given from outside does not know what was imported.
            or_(
                (link.imported_hash != "") & (link.imported_hash != document.c.content_hash),
                document.c.is_deleted,
                document.c.is_missing,
            ),
            ~seen,
        )
        .order_by(document.c.source_id, link.source_part)
    )
    return [Change(flow, *row) for row in rows]


def record_changes(connection: Connection, company: str, run_key: str, changes: Iterable[Change]) -> None:
    """Record changes, each once per content."""
    rows = (
        {
            "company": company,
            "flow": item.flow.value,
            "source_id": item.source_id,
            "content_hash": item.content_hash,
            "kind": item.kind,
            "fields": item.fields,
            "run_key": run_key,
        }
        for item in changes
    )
    upsert(connection, later_change, rows, update=())


def recorded_changes(
    connection: Connection, company: str, flow: Flow, contents: Mapping[str, str]
) -> dict[str, datetime]:
    """Return when a run recorded that documents were deleted or vanished in Scoro, or (where `contents` names the hash
    of what they hold) that they changed to that, by their ids."""
    rows = connection.execute(
        select(
            later_change.c.source_id, later_change.c.content_hash, later_change.c.kind, later_change.c.seen_at
        ).where(of_flow(later_change, company, flow), later_change.c.source_id == any_of(contents))
    )
    return {
        row.source_id: row.seen_at
        for row in rows
        if (row.kind == "changed" and row.content_hash == contents[row.source_id])
        or (row.kind in ("deleted", "missing") and not contents[row.source_id])
    }


def names_of_changed(connection: Connection, company: str, flow: Flow, run_key: str) -> list[str]:
    """Return the numbers of the flow's documents whose changes a run recorded."""
    return list(
        connection.scalars(
            select(func.coalesce(func.nullif(document.c.number, ""), document.c.source_id))
            .join(later_change, same_document(document, later_change))
            .where(
                of_flow(later_change, company, flow),
                later_change.c.run_key == run_key,
            )
            .order_by(document.c.day, document.c.number)
        )
    )


def changes_of_document(connection: Connection, company: str, flow: Flow, source_id: str) -> list[LaterChange]:
    """Return what happened to a document."""
    its_own = (later_change.c.flow == flow.value, later_change.c.source_id == source_id)
    return _changes(connection, company, *its_own)


def changes_of_run(connection: Connection, company: str, run_key: str) -> list[LaterChange]:
    """Return what a run recorded."""
    return _changes(connection, company, later_change.c.run_key == run_key)


def _changes(connection: Connection, company: str, *conditions: ColumnElement[bool]) -> list[LaterChange]:
    """Return the changes that meet the conditions, by day and number of their documents."""
    rows = connection.execute(
        select(later_change, document.c.number, document.c.day)
        .join(document, same_document(document, later_change))
        .where(later_change.c.company == company, *conditions)
        .order_by(document.c.day, document.c.number, later_change.c.seen_at)
    ).all()
    pairs, others = _pairs(connection, company, rows), _replacements(connection, company, rows)
    replaced = _replaced(connection, company, rows)
    agreeing = _agreeing(connection, company, [pair for found in pairs.values() for pair in found])
    return [
        LaterChange(
            Flow(row.flow),
            row.number,
            row.day,
            row.seen_at,
            replaced.get((row.flow, row.source_id))
            or _reason(row, pairs[row.flow, row.source_id], others[row.source_id], agreeing),
        )
        for row in rows
    ]


def _pairs(connection: Connection, company: str, rows: Iterable[Row[Any]]) -> Mapping[tuple[str, str], list[Row[Any]]]:
    """Return the receipt groups and payments that are linked with those of the rows, by flow and id of the rows."""
    ids = {flow: {row.source_id for row in rows if row.flow == flow.value} for flow in _PAYMENT_FLOWS}
    found: dict[tuple[str, str], list[Row[Any]]] = defaultdict(list)
    if not any(ids.values()):
        return found
    link = link_view()
    linked = connection.execute(
        select(
            link.source_id.label("group_id"),
            link.evidence,
            link.imported_hash.label("imported_hash"),
            link.booked_hash.label("booked_hash"),
            remote_payment,
        )
        .join(
            remote_payment,
            (remote_payment.c.company == link.company) & (remote_payment.c.remote_id == link.remote_id),
        )
        .where(
            link.company == company,
            link.kind == Kind.PAYMENT.value,
            or_(link.source_id == any_of(ids[Flow.PAYMENTS]), link.remote_id == any_of(ids[Flow.EXPORT_PAYMENTS])),
        )
        .order_by(remote_payment.c.day, remote_payment.c.number, link.source_id, link.source_part)
    )
    for pair in linked:
        found[Flow.PAYMENTS.value, pair.group_id].append(pair)
        found[Flow.EXPORT_PAYMENTS.value, pair.remote_id].append(pair)
    return found


def _agreeing(connection: Connection, company: str, pairs: Sequence[Row[Any]]) -> set[str]:
    """Receipt groups that were changed like their payments: by day, currency and amounts both say the same now."""
    payments: dict[str, dict[str, Row[Any]]] = defaultdict(dict)
    for pair in pairs:
        if not pair.is_deleted and pair.content_hash != pair.booked_hash:
            payments[pair.group_id][pair.remote_id] = pair
    groups = load_receipt_groups(connection, company, list(payments))
    changed = {
        pair.group_id
        for pair in pairs
        if pair.group_id in groups and groups[pair.group_id].content_hash != pair.imported_hash
    }
    keys = {
        (row.flow, row.document_id)
        for source_id in changed
        for row in groups[source_id].rows
        if row.flow is not None and row.document_id is not None
    }
    documents = booked_documents(connection, company, keys)
    settled: dict[str, dict[str, Decimal]] = defaultdict(dict)
    for part in connection.execute(
        select(remote_payment_row).where(
            remote_payment_row.c.company == company,
            remote_payment_row.c.remote_id == any_of({pair.remote_id for pair in pairs}),
        )
    ):
        sums = settled[part.remote_id]
        sums[part.document_remote_id] = sums.get(part.document_remote_id, Decimal(0)) + part.amount
    found = set()
    for source_id in changed:
        group = groups[source_id]
        ours: dict[str, Decimal] = defaultdict(Decimal)
        for row in group.rows:
            item = documents.get((row.flow, row.document_id)) if row.flow and row.document_id else None
            ours[item.remote_id if item is not None else ""] += row.amount
        theirs: dict[str, Decimal] = defaultdict(Decimal)
        for remote_id in payments[source_id]:
            for document_id, amount in settled[remote_id].items():
                theirs[document_id] += amount
        same_day = all(
            (pair.day, pair.currency) == (group.day, group.currency) for pair in payments[source_id].values()
        )
        if same_day and {key: abs(amount) for key, amount in ours.items()} == theirs:
            found.add(source_id)
    return found


def _replacements(connection: Connection, company: str, rows: Iterable[Row[Any]]) -> Mapping[str, list[Row[Any]]]:
    """Return the payments that were made for receipt groups of the rows and stand for others by now, with these."""
    ids = {row.source_id for row in rows if row.flow == Flow.PAYMENTS.value}
    found: dict[str, list[Row[Any]]] = defaultdict(list)
    link = link_view()
    for row in connection.execute(
        select(remote_payment, document.c.number.label("group_number"), document.c.day.label("group_day"))
        .join(link.rows, (remote_payment.c.company == link.company) & (remote_payment.c.remote_id == link.remote_id))
        .join(
            document,
            (document.c.company == link.company)
            & (document.c.flow == Flow.PAYMENTS.value)
            & (document.c.source_id == link.source_id),
        )
        .where(
            link.company == company,
            link.kind == Kind.PAYMENT.value,
            remote_payment.c.marked_id == any_of(ids),
            link.source_id != remote_payment.c.marked_id,
        )
        .order_by(remote_payment.c.day, remote_payment.c.number, document.c.day, document.c.number)
    ):
        found[row.marked_id].append(row)
    return found


def _replaced(connection: Connection, company: str, rows: Iterable[Row[Any]]) -> Mapping[tuple[str, str], Reason]:
    """Of invoices and bills whose record stands for others by now, by flow and id: what to say of them."""
    link = link_view()
    found: dict[tuple[str, str], Reason] = {}
    for flow, kind in KIND_OF.items():
        ids = {row.source_id for row in rows if row.flow == flow.value and row.kind != "changed"}
        if flow is Flow.PAYMENTS or not ids:
            continue
        owners = successors(connection, company, kind, ids)
        rows_now = connection.execute(
            select(link.number.label("booked"), document.c.source_id, document.c.number, document.c.day)
            .join(document, (document.c.company == link.company) & (document.c.source_id == link.source_id))
            .where(
                link.company == company,
                link.kind == kind.value,
                link.source_id == any_of(owners.values()),
                document.c.flow == flow.value,
            )
        )
        told = {}
        for row in rows_now:
            now = phrase(f"{flow.noun}_of_day", number=row.number, day=row.day, id=row.source_id)
            booked = phrase(flow.noun, number=row.booked)
            told[row.source_id] = reason("later_change.replaced", booked=booked, documents=[now])
        found |= {(flow.value, before): told[owner] for before, owner in owners.items() if owner in told}
    return found


_PAYMENT_FLOWS = (Flow.PAYMENTS, Flow.EXPORT_PAYMENTS)
_ITS_PAYMENT = phrase("its_payment")


def _reason(row: Row[Any], pairs: list[Row[Any]], replacements: list[Row[Any]], agreeing: Collection[str]) -> Reason:
    """Return what happened and what a person does about it."""
    fields = phrase("of_fields", fields=row.fields) if row.fields else ""
    if Flow(row.flow) not in _PAYMENT_FLOWS:
        return reason(f"later_change.{row.kind}", fields=fields)
    if row.kind in ("changed", "booking_changed") and pairs and all(pair.group_id in agreeing for pair in pairs):
        return reason("later_change.agree")
    is_exported = any(pair.evidence == Evidence.EXPORTED.value for pair in pairs)
    after = phrase("after_export" if is_exported else "after_import")
    if Flow(row.flow).is_export:
        groups = [phrase("payment_by_scoro_id", id=group_id) for group_id in {pair.group_id: None for pair in pairs}]
        what = row.kind.removeprefix("booking_")
        return reason(f"later_change.exported_{what}", after=after, payments=groups or _ITS_PAYMENT)
    if row.kind.startswith("booking_"):
        # One of several payments may be meant: the one that has the content.
        meant = [pair for pair in pairs if pair.content_hash == row.content_hash] or pairs
        return reason(f"later_change.{row.kind}", after=after, payments=_payments(meant))
    if row.kind != "changed" and not pairs:
        if not replacements:
            return reason("later_change.payment_unlinked")
        others = list(dict.fromkeys(named_payment(each.group_number, each.group_day) for each in replacements))
        return reason("later_change.payment_replaced", payments=_payments(replacements), groups=others)
    left = [pair for pair in pairs if not pair.is_deleted]
    both = "_in_both" if row.kind != "changed" and pairs and not left else ""
    return reason(
        f"later_change.payment_{row.kind}{both}", after=after, fields=fields, payments=_payments(left or pairs)
    )


def _payments(pairs: Iterable[Row[Any]]) -> list[Phrase] | Phrase:
    return [
        phrase(
            "payment_of_amount",
            payment=named_payment(pair.number, pair.day),
            amount=pair.amount,
            currency=pair.currency,
        )
        for pair in {pair.remote_id: pair for pair in pairs}.values()
    ] or _ITS_PAYMENT
