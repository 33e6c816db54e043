"""SmartAccounts' ledger as far as it was read, and what was held against it. The keeper of the tables."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Connection, and_, delete, exists, func, null, or_, select, update

from scoro_smartaccounts.common.money import told
from scoro_smartaccounts.staging.bulk import any_of, store_each, upsert
from scoro_smartaccounts.staging.conditions import of_flow, of_run
from scoro_smartaccounts.staging.intents import State
from scoro_smartaccounts.staging.links import BY_US, KIND_OF, Evidence, LinkView, link_view
from scoro_smartaccounts.staging.schema import (
    books_entry,
    document,
    intent,
    ledger_check,
    ledger_entry,
    ledger_row,
    plan,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import date, datetime

    from scoro_smartaccounts.common.documents import Flow
    from scoro_smartaccounts.common.run import RunRequest
    from scoro_smartaccounts.smartaccounts.wire import EntryRow


@dataclass(frozen=True, slots=True)
class Booked:
    """A document or payment that the pipeline booked, with its plan. `part` is that of a receipt group. `rate`: what a
    foreign unit is worth in euros by Scoro's document, None where it tells none; `planned_at` is before it was
    booked."""

    source_id: str
    part: int
    remote_id: str
    number: str
    day: date | None
    rate: Decimal | None
    payload: str
    predicted: Mapping[str, Any]
    answer: Mapping[str, Any]
    planned_at: datetime


@dataclass(frozen=True, slots=True)
class BookedBefore:
    """A document that was booked before postings were compared: what was sent, and its total in Scoro, None where that
    cannot be read by now."""

    number: str
    day: date | None
    payload: str
    total: Decimal | None


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the ledger: euros by account, debit positive, and all that stands on the debit side of each;
    `originals` are the balances in the document's currency, where they are shown."""

    entry_id: str
    day: date
    number: str
    document: str
    currency: str
    balances: Mapping[str, Decimal]
    debits: Mapping[str, Decimal]
    originals: Mapping[str, Decimal] = field(default_factory=dict)


def booked_unchecked(connection: Connection, company: str, flow: Flow) -> Sequence[Booked]:
    """Return what was booked and not held against the ledger yet, the oldest first. Documents that were planned
    otherwise since are left out: nobody knows what they were sent with. What was found there as if by another hand,
    after a request whose answer was lost, is our own."""
    return _booked(connection, company, flow, lambda link: ~_is_checked(link))


def booked_as_expected(connection: Connection, company: str, flow: Flow) -> Sequence[Booked]:
    """Return what was booked and found as expected in the ledger."""
    equal = ledger_check.c.verdict == "equal", ledger_check.c.entry_id != ""
    return _booked(connection, company, flow, lambda link: _is_checked(link, *equal))


def booked_parts(connection: Connection, company: str, flow: Flow, source_id: str) -> Sequence[Booked]:
    """Return what was booked of one document: an invoice, or the parts of a receipt group."""
    return _booked(connection, company, flow, lambda link: link.source_id == source_id)


def verdicts_on(
    connection: Connection, company: str, flow: Flow, remote_ids: Iterable[str]
) -> Mapping[str, tuple[str, Entry | None]]:
    """Return what came of holding these against the ledger, by remote id: the verdict, and the entry that they were
    held against. What was not yet is left out."""
    rows = connection.execute(
        select(ledger_check.c.remote_id, ledger_check.c.verdict, ledger_check.c.entry_id).where(
            ledger_check.c.company == company,
            ledger_check.c.kind == KIND_OF[flow].value,
            ledger_check.c.remote_id.in_(list(remote_ids)),
        )
    ).all()
    ids = [row.entry_id for row in rows]
    entries = {entry.entry_id: entry for entry in _entries(connection, company, ledger_entry.c.entry_id.in_(ids))}
    return {row.remote_id: (row.verdict, entries.get(row.entry_id)) for row in rows}


def _is_checked(link: LinkView, *how: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(
        ledger_check.c.company == link.company,
        ledger_check.c.kind == link.kind,
        ledger_check.c.remote_id == link.remote_id,
        *how,
    )


def _booked(
    connection: Connection, company: str, flow: Flow, condition: Callable[[LinkView], ColumnElement[bool]]
) -> Sequence[Booked]:
    link = link_view()
    rows = connection.execute(
        select(
            link.source_id,
            link.source_part,
            link.remote_id,
            link.rows.c.answer,
            document.c.number,
            document.c.day,
            document.c.currency_rate,
            plan.c.payload,
            plan.c.predicted,
            plan.c.planned_at,
        )
        .select_from(link.rows)
        .join(plan, is_plan_of(link, flow))
        .join(document, is_document_of(link, flow))
        .where(
            link.company == company,
            link.kind == KIND_OF[flow].value,
            or_(link.evidence.in_(BY_US), and_(link.evidence == Evidence.ADOPTED.value, _was_sent(link))),
            link.rows.c.gone_at.is_(None),
            condition(link),
        )
        .order_by(plan.c.planned_at, link.source_id, link.source_part)
    )
    return [
        Booked(
            source_id=row.source_id,
            part=row.source_part,
            remote_id=row.remote_id,
            number=row.number,
            day=row.day,
            rate=row.currency_rate or None,
            payload=row.payload,
            predicted=row.predicted,
            answer=row.answer or {},
            planned_at=row.planned_at,
        )
        for row in rows
    ]


def _was_sent(link: LinkView) -> ColumnElement[bool]:
    """Whether what is linked may be what was sent, whose answer was lost."""
    return exists().where(
        intent.c.company == link.company,
        intent.c.kind == link.kind,
        intent.c.source_id == link.source_id,
        intent.c.content_hash == link.imported_hash,
        intent.c.state.in_((State.OPEN.value, State.ABSENT.value)),
    )


def is_plan_of(link: LinkView, flow: Flow) -> ColumnElement[bool]:
    """Of a join: the plan of what was imported."""
    return and_(
        plan.c.company == link.company,
        plan.c.flow == flow.value,
        plan.c.source_id == link.source_id,
        plan.c.content_hash == link.imported_hash,
    )


def is_document_of(link: LinkView, flow: Flow) -> ColumnElement[bool]:
    """Of a join: the document that a link stands for."""
    return and_(
        document.c.company == link.company,
        document.c.flow == flow.value,
        document.c.source_id == link.source_id,
    )


def store_entries(
    connection: Connection, company: str, entries: Iterable[EntryRow], read_at: datetime
) -> list[tuple[EntryRow, Exception]]:
    """Put entries into staging, each in the place of what was known of it; those that cannot be stored. Of two with one
    id the later one counts."""
    by_id = {item.id: item for item in entries}
    return store_each(connection, by_id.values(), lambda part: _store_entries(connection, company, part, read_at))


def _store_entries(connection: Connection, company: str, entries: Sequence[EntryRow], read_at: datetime) -> None:
    upsert(
        connection,
        ledger_entry,
        (
            {
                "company": company,
                "entry_id": item.id,
                "doc_type": item.doc_type,
                "day": item.date,
                "number": item.number,
                "document": item.document,
                "currency": item.currency,
                "read_at": read_at,
            }
            for item in entries
        ),
    )
    connection.execute(
        delete(ledger_row).where(
            ledger_row.c.company == company, ledger_row.c.entry_id == any_of([item.id for item in entries])
        )
    )
    upsert(
        connection,
        ledger_row,
        (
            {
                "company": company,
                "entry_id": item.id,
                "position": position,
                "account": line.account,
                "debit": line.debit,
                "credit": line.credit,
                "debit_original": line.debit_original,
                "credit_original": line.credit_original,
            }
            for item in entries
            for position, line in enumerate(item.rows, start=1)
        ),
    )


def free_entries(connection: Connection, company: str, doc_type: str, days: Iterable[date]) -> list[Entry]:
    """Entries of a type and of these days that nothing was held against, by number; numbers count as such."""
    is_held = exists().where(
        ledger_check.c.company == ledger_entry.c.company, ledger_check.c.entry_id == ledger_entry.c.entry_id
    )
    of_days = ledger_entry.c.day.in_(list(days))
    return _entries(connection, company, ledger_entry.c.doc_type == doc_type, of_days, ~is_held)


def _entries(connection: Connection, company: str, *which: ColumnElement[bool]) -> list[Entry]:
    rows = connection.execute(
        select(
            ledger_entry.c.entry_id,
            ledger_entry.c.day,
            ledger_entry.c.number,
            ledger_entry.c.document,
            ledger_entry.c.currency,
            ledger_row.c.account,
            ledger_row.c.debit,
            ledger_row.c.credit,
            ledger_row.c.debit_original,
            ledger_row.c.credit_original,
        )
        .join(
            ledger_row,
            and_(ledger_row.c.company == ledger_entry.c.company, ledger_row.c.entry_id == ledger_entry.c.entry_id),
        )
        .where(ledger_entry.c.company == company, *which)
        .order_by(ledger_entry.c.number, ledger_entry.c.entry_id, ledger_row.c.position)
    )
    found: dict[str, Entry] = {}
    balances: dict[str, dict[str, Decimal]] = {}
    debits: dict[str, dict[str, Decimal]] = {}
    originals: dict[str, dict[str, Decimal]] = {}
    for row in rows:
        mine, debit = balances.setdefault(row.entry_id, {}), debits.setdefault(row.entry_id, {})
        own = originals.setdefault(row.entry_id, {})
        if row.debit_original is not None or row.credit_original is not None:
            original = (row.debit_original or Decimal(0)) - (row.credit_original or Decimal(0))
            own[row.account] = own.get(row.account, Decimal(0)) + original
        mine[row.account] = mine.get(row.account, Decimal(0)) + row.debit - row.credit
        debit[row.account] = debit.get(row.account, Decimal(0)) + row.debit
        found.setdefault(
            row.entry_id, Entry(row.entry_id, row.day, row.number, row.document, row.currency, mine, debit, own)
        )
    return sorted(found.values(), key=_place)


def _place(entry: Entry) -> tuple[int, str, str]:
    return (int(entry.number) if entry.number.isdecimal() else 0, entry.number, entry.entry_id)


def shows_news(connection: Connection, request: RunRequest, doc_type: str, day: date, since: datetime) -> bool:
    """Whether entries of a type and day that were read since a moment show any that no earlier run held a document
    against."""
    known_before = exists().where(
        ledger_check.c.company == ledger_entry.c.company,
        ledger_check.c.entry_id == ledger_entry.c.entry_id,
        ledger_check.c.run_key != request.run_key,
    )
    rows = connection.execute(
        select(ledger_entry.c.entry_id)
        .where(
            ledger_entry.c.company == request.company.key,
            ledger_entry.c.doc_type == doc_type,
            ledger_entry.c.day == day,
            ledger_entry.c.read_at >= since,
            ~known_before,
        )
        .limit(1)
    )
    return rows.one_or_none() is not None


def planned_when(connection: Connection, company: str, flow: Flow, source_id: str) -> datetime | None:
    """When a document was planned, which is just before it was sent; None where no plan is known."""
    when: datetime | None = connection.scalar(
        select(plan.c.planned_at).where(of_flow(plan, company, flow), plan.c.source_id == source_id)
    )
    return when


def entry_content(day: date, moved: Mapping[str, Decimal]) -> dict[str, Any]:
    """Return what of an entry is compared later: its day, and what it moves on each account, debit positive."""
    return {
        "day": day.isoformat(),
        "accounts": {account: told(moved[account]) for account in sorted(moved) if moved[account]},
    }


def note_checked(
    connection: Connection,
    request: RunRequest,
    remote_id: str,
    verdict: str,
    entry: Entry | None = None,
    *,
    is_named: bool = False,
) -> None:
    """Note what came of holding a document against the ledger: `equal`, `differs`, `not_found` or `not_compared`; and
    what its entry held then, unless a night of the audit saw it before. `is_named`: the entry names the document, it
    was not found by its sums alone."""
    posted = None if entry is None or _is_audited(connection, request.company.key, entry.entry_id) else entry
    upsert(
        connection,
        ledger_check,
        [
            {
                "company": request.company.key,
                "kind": KIND_OF[request.flow].value,
                "remote_id": remote_id,
                "verdict": verdict,
                "entry_id": "" if entry is None else entry.entry_id,
                "posted": None if posted is None else entry_content(posted.day, posted.balances),
                "is_named": is_named,
                "run_key": request.run_key,
            }
        ],
    )


def _is_audited(connection: Connection, company: str, entry_id: str) -> bool:
    known = exists().where(books_entry.c.company == company, books_entry.c.entry_id == entry_id)
    return bool(connection.scalar(select(known)))


def forget_posted(connection: Connection, company: str, entry_id: str) -> None:
    """Note that what an entry held when it was compared is right no more: a person took what it shows now, or it
    followed its document."""
    connection.execute(
        update(ledger_check)
        .where(ledger_check.c.company == company, ledger_check.c.entry_id == entry_id)
        .values(posted=null())
    )


def verdicts_of_run(connection: Connection, request: RunRequest) -> dict[str, int]:
    """How many documents a run held against the ledger, by verdict."""
    rows = connection.execute(
        select(ledger_check.c.verdict, func.count().label("number"))
        .where(of_run(ledger_check, request))
        .group_by(ledger_check.c.verdict)
    )
    return {row.verdict: row.number for row in rows}


def booked_before(connection: Connection, company: str, flow: Flow) -> list[BookedBefore]:
    """Return what the pipeline booked before postings were compared, by day, of documents that are planned as they
    were."""
    link = link_view()
    rows = connection.execute(
        select(document.c.number, document.c.day, plan.c.payload, (document.c.net + document.c.vat).label("total"))
        .distinct()
        .select_from(link.rows)
        .join(
            ledger_check,
            and_(
                ledger_check.c.company == link.company,
                ledger_check.c.kind == link.kind,
                ledger_check.c.remote_id == link.remote_id,
                ledger_check.c.verdict == "before",
            ),
        )
        .join(plan, is_plan_of(link, flow))
        .join(document, is_document_of(link, flow))
        .where(link.company == company, link.kind == KIND_OF[flow].value, link.evidence.in_(BY_US))
        .order_by(document.c.day, document.c.number)
    )
    return [BookedBefore(row.number, row.day, row.payload, row.total) for row in rows]
