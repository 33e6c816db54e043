"""The run ledger: what each run of a flow is, which documents it is about and how each of them left it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import (
    Connection,
    Row,
    Select,
    delete,
    exists,
    func,
    or_,
    select,
    type_coerce,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB, insert

from scoro_smartaccounts.common.company import Mode
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.reasons import Reason, reason
from scoro_smartaccounts.staging.bulk import any_of, loaded, upsert
from scoro_smartaccounts.staging.conditions import of_documents, of_flow, of_run, same_document
from scoro_smartaccounts.staging.intents import has_open_intent
from scoro_smartaccounts.staging.links import KIND_OF, Kind, is_linked
from scoro_smartaccounts.staging.schema import document, run, run_document

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import date, datetime

    from scoro_smartaccounts.common.run import Counts, RunRequest

Step = Literal["extracted", "checked", "planned", "loaded"]
# How a run left a document (None: not yet), and why.
Outcome = tuple[str | None, Reason | None]
# A document of which no plan is wanted any more.
NOT_WANTED: Outcome = ("not_sent", reason("not_sent"))

# SQL: the documents of runs that no step has decided about.
UNFINISHED_SQL = "(select company, run_key, flow, source_id, reason from run_document where outcome is null)"

_KEYS: dict[Step, str] = {"extracted": "extract", "checked": "check", "planned": "plan", "loaded": "load"}


def open_run(connection: Connection, request: RunRequest) -> None:
    """Enter the run in the ledger; a run that stands there keeps its row."""
    connection.execute(
        insert(run)
        .values(
            company=request.company.key,
            run_key=request.run_key,
            flow=request.flow.value,
            kind=request.kind.value,
            mode=request.mode.value,
            date_from=request.date_from,
            date_to=request.date_to,
        )
        .on_conflict_do_nothing()
    )


@dataclass(frozen=True, slots=True)
class ScheduledRun:
    """The newest run of a flow by its schedule: its last day, and when it began."""

    last_day: date
    started_at: datetime


def newest_scheduled(connection: Connection, company: str) -> dict[Flow, ScheduledRun]:
    """Return the newest run of each flow that its schedule started."""
    rows = connection.execute(
        select(run.c.flow, func.max(run.c.date_to), func.max(run.c.started_at))
        .where(run.c.company == company, run.c.kind == "scheduled")
        .group_by(run.c.flow)
    )
    return {Flow(flow): ScheduledRun(last_day, started_at) for flow, last_day, started_at in rows}


def mark(connection: Connection, request: RunRequest, step: Step, counts: Counts) -> None:
    """Note that a step is done; its counts stand under its name (`extract`, `check`, `plan`, `load`)."""
    connection.execute(
        update(run)
        .where(of_run(run, request))
        .values(
            {
                run.c[f"{step}_at"]: func.now(),
                run.c.counts: run.c.counts.op("||")(type_coerce({_KEYS[step]: counts}, JSONB)),
            }
        )
    )


def days_of(connection: Connection, company_key: str, run_key: str) -> tuple[date, date] | None:
    """First and last day of a run that has begun."""
    row = connection.execute(
        select(run.c.date_from, run.c.date_to).where(run.c.company == company_key, run.c.run_key == run_key)
    ).one_or_none()
    return None if row is None else (row.date_from, row.date_to)


def batch(connection: Connection, request: RunRequest) -> list[str]:
    """Source ids of the run's documents that it is not done with: they have no outcome yet, or are in doubt."""
    return list(
        connection.scalars(
            select(run_document.c.source_id)
            .where(
                of_run(run_document, request),
                or_(run_document.c.outcome.is_(None), run_document.c.outcome == "in_doubt"),
            )
            .order_by(run_document.c.source_id)
        )
    )


def in_doubt(connection: Connection, request: RunRequest) -> set[str]:
    """Source ids of the run's documents that are in doubt, or wait for something that is."""
    return set(left_as(connection, request, "in_doubt"))


def documents_in_doubt(
    connection: Connection, company: str, flow: Flow, partner_kind: Kind, source_ids: Iterable[str]
) -> set[str]:
    """Those of the flow's documents that are not booked and of which, or of whose partner, a request has no answer; or
    that their newest run left in doubt for something else."""
    kind = KIND_OF[flow]
    newest = (
        select(run_document.c.outcome)
        .join(run, (run.c.company == run_document.c.company) & (run.c.run_key == run_document.c.run_key))
        .where(same_document(document, run_document), run.c.mode != Mode.PREVIEW.value)
        .order_by(run.c.started_at.desc(), run.c.run_key.desc())
        .limit(1)
        .correlate(document)
        .scalar_subquery()
    )
    return set(
        connection.scalars(
            select(document.c.source_id).where(
                of_documents(document, company, flow, source_ids),
                ~is_linked(kind, document.c.company, document.c.source_id),
                or_(
                    has_open_intent(kind, document.c.company, document.c.source_id),
                    has_open_intent(partner_kind, document.c.company, document.c.partner_id),
                    newest == "in_doubt",
                ),
            )
        )
    )


def left_in_doubt(flow: Flow) -> Select[tuple[str, str]]:
    """Within larger queries: company and id of the flow's documents whose newest run, previews apart, left them in
    doubt."""
    its_run, later, later_run = run.alias(), run_document.alias(), run.alias()
    is_newer = exists().where(
        same_document(later, run_document),
        later_run.c.company == later.c.company,
        later_run.c.run_key == later.c.run_key,
        later_run.c.mode != Mode.PREVIEW.value,
        later_run.c.started_at > its_run.c.started_at,
    )
    return select(run_document.c.company, run_document.c.source_id).where(
        run_document.c.flow == flow.value,
        run_document.c.outcome == "in_doubt",
        its_run.c.company == run_document.c.company,
        its_run.c.run_key == run_document.c.run_key,
        ~is_newer.correlate(run_document, its_run),
    )


def was_loaded(connection: Connection, request: RunRequest) -> bool:
    """Whether the run's load step came to an end before, well or not."""
    return connection.scalar(select(run.c.loaded_at).where(of_run(run, request))) is not None


def count_outcomes(connection: Connection, request: RunRequest) -> Counts:
    """Documents of the run by outcome, as they stand in staging; those without one are `not_sent`."""
    rows = connection.execute(
        select(func.coalesce(run_document.c.outcome, "not_sent").label("outcome"), func.count().label("documents"))
        .where(of_run(run_document, request))
        .group_by("outcome")
    )
    return {row.outcome: row.documents for row in rows}


def set_outcomes(connection: Connection, request: RunRequest, outcomes: Mapping[str, Outcome]) -> None:
    """Store how the run left documents, by source id; the names of outcomes are those of the schema."""
    rows = (
        {"source_id": source_id, "outcome": outcome, "outcome_reason": why and why.to_json()}
        for source_id, (outcome, why) in outcomes.items()
    )
    with loaded(connection, run_document, rows) as new:
        if new is not None:
            connection.execute(
                update(run_document)
                .where(of_run(run_document, request), run_document.c.source_id == new.c.source_id)
                .values(outcome=new.c.outcome, outcome_reason=new.c.outcome_reason)
            )


@dataclass(frozen=True, slots=True)
class Taken:
    """A document that a run takes: why (`in_range`, …), and how it is left at once where nothing has to be done."""

    source_id: str
    reason: str
    outcome: str | None = None
    why: Reason | None = None


def take(
    connection: Connection,
    request: RunRequest,
    items: Iterable[Taken],
    *,
    keeps: Collection[str] = ("created", "adopted"),
) -> None:
    """Make documents the run's work. What this run itself left with an outcome of `keeps` stays so when it is run
    again."""
    done = func.coalesce(run_document.c.outcome, "")
    upsert(
        connection,
        run_document,
        (
            {
                "company": request.company.key,
                "run_key": request.run_key,
                "flow": request.flow.value,
                "source_id": item.source_id,
                "reason": item.reason,
                "outcome": item.outcome,
                "outcome_reason": item.why and item.why.to_json(),
            }
            for item in items
        ),
        update=("outcome", "outcome_reason"),
        where=done.not_in(list(keeps)) if keeps else None,
    )


def drop_strayed(connection: Connection, request: RunRequest, taken: Iterable[str]) -> None:
    """Leave out what an earlier attempt of this run took for its range and this one does not: it is dated otherwise by
    now."""
    connection.execute(
        delete(run_document).where(
            of_run(run_document, request),
            run_document.c.reason == "in_range",
            or_(run_document.c.outcome.is_(None), run_document.c.outcome.not_in(("created", "adopted"))),
            ~(run_document.c.source_id == any_of(taken)),
        )
    )


def forget(connection: Connection, request: RunRequest, outcomes: Collection[str], source_ids: Iterable[str]) -> None:
    """Documents that this run left with one of these outcomes are open again."""
    connection.execute(
        update(run_document)
        .where(
            of_run(run_document, request),
            run_document.c.outcome == any_of(outcomes),
            run_document.c.source_id == any_of(source_ids),
        )
        .values(outcome=None, outcome_reason=None)
    )


def left_as(connection: Connection, request: RunRequest, *outcomes: str) -> list[str]:
    """Source ids of the documents that the run left so."""
    return list(
        connection.scalars(
            select(run_document.c.source_id)
            .where(of_run(run_document, request), run_document.c.outcome == any_of(outcomes))
            .order_by(run_document.c.source_id)
        )
    )


def outcomes_of(
    connection: Connection, request: RunRequest, source_ids: Collection[str] | None = None
) -> dict[str, Outcome]:
    """How the run left its documents, or those of the given ids, by source id."""
    statement = select(run_document.c.source_id, run_document.c.outcome, run_document.c.outcome_reason).where(
        of_run(run_document, request), run_document.c.flow == request.flow.value
    )
    if source_ids is not None:
        statement = statement.where(run_document.c.source_id == any_of(source_ids))
    return {row.source_id: (row.outcome, _read(row.outcome_reason)) for row in connection.execute(statement)}


@dataclass(frozen=True, slots=True)
class Left:
    """A document as a run left it: its name for people, and why."""

    number: str
    day: date | None
    why: Reason | None


def left_documents(connection: Connection, request: RunRequest, outcome: str) -> list[Left]:
    """Return the documents that the run left so, by day and number."""
    rows = connection.execute(
        select(document.c.number, document.c.day, run_document.c.outcome_reason)
        .join(document, same_document(document, run_document))
        .where(of_run(run_document, request), run_document.c.outcome == outcome)
        .order_by(document.c.day, document.c.number)
    )
    return [Left(row.number, row.day, _read(row.outcome_reason)) for row in rows]


@dataclass(frozen=True, slots=True)
class Visit:
    """That a run took a document."""

    run_key: str
    started_at: datetime
    kind: str
    mode: str
    reason: str
    outcome: str | None
    why: Reason | None


def visits(connection: Connection, company: str, flow: Flow, source_id: str) -> list[Visit]:
    """Return the runs that took a document, the first one first."""
    rows = connection.execute(
        select(run, run_document.c.reason, run_document.c.outcome, run_document.c.outcome_reason)
        .join(run, (run.c.company == run_document.c.company) & (run.c.run_key == run_document.c.run_key))
        .where(
            of_flow(run_document, company, flow),
            run_document.c.source_id == source_id,
        )
        .order_by(run.c.started_at)
    )
    return [
        Visit(row.run_key, row.started_at, row.kind, row.mode, row.reason, row.outcome, _read(row.outcome_reason))
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class Entry:
    """A run in the ledger."""

    run_key: str
    flow: Flow
    kind: str
    mode: str
    date_from: date
    date_to: date
    started_at: datetime
    counts: Mapping[str, dict[str, int]]
    summary: Mapping[str, Any] | None


def entry(connection: Connection, company: str, run_key: str) -> Entry | None:
    """Return the run of this key."""
    row = connection.execute(select(run).where(run.c.company == company, run.c.run_key == run_key)).one_or_none()
    return None if row is None else _entry(row)


def entries(connection: Connection, company: str) -> list[Entry]:
    """All runs, the first one first."""
    rows = connection.execute(select(run).where(run.c.company == company).order_by(run.c.started_at))
    return [_entry(row) for row in rows]


def newest_entries(connection: Connection, company: str) -> dict[Flow, Entry]:
    """Return the newest run of each flow, previews apart."""
    found = {}
    for flow in Flow:
        not_previews = select(run).where(of_flow(run, company, flow), run.c.mode != Mode.PREVIEW.value)
        newest = connection.execute(not_previews.order_by(run.c.started_at.desc()).limit(1)).one_or_none()
        if newest is not None:
            found[flow] = _entry(newest)
    return found


@dataclass(frozen=True, slots=True)
class CreatingRun:
    """A run that created something, its days, and how many documents."""

    run_key: str
    flow: Flow
    date_from: date
    date_to: date
    started_at: datetime
    documents: int


def runs_that_created(connection: Connection, company: str, *, most: int) -> list[CreatingRun]:
    """Return the newest runs that created documents in the other system, the newest first."""
    created = (
        run_document.c.company == run.c.company,
        run_document.c.run_key == run.c.run_key,
        run_document.c.outcome == "created",
    )
    count = select(func.count()).select_from(run_document).where(*created).scalar_subquery()
    rows = connection.execute(
        select(run.c.run_key, run.c.flow, run.c.date_from, run.c.date_to, run.c.started_at, count.label("documents"))
        .where(run.c.company == company, run.c.mode != Mode.PREVIEW.value)
        .where(exists().select_from(run_document).where(*created))
        .order_by(run.c.started_at.desc(), run.c.run_key)
        .limit(most)
    )
    return [CreatingRun(**{**row._mapping, "flow": Flow(row.flow)}) for row in rows]


def newest_of(connection: Connection, company: str, flow: Flow, most: int) -> list[Entry]:
    """Return the newest runs of a flow, previews too, the newest first."""
    newest = select(run).where(of_flow(run, company, flow)).order_by(run.c.started_at.desc(), run.c.run_key.desc())
    return [_entry(row) for row in connection.execute(newest.limit(most))]


def first_start(connection: Connection, request: RunRequest) -> datetime | None:
    """When the first run of the flow before this one started, previews apart."""
    found: datetime | None = connection.scalar(
        select(func.min(run.c.started_at)).where(
            of_flow(run, request.company.key, request.flow),
            run.c.mode != Mode.PREVIEW.value,
            run.c.run_key != request.run_key,
        )
    )
    return found


def store_summary(connection: Connection, request: RunRequest, summary: Mapping[str, Any], at: datetime) -> None:
    """Store what the run did, now that it is over."""
    connection.execute(update(run).where(of_run(run, request)).values(summary=dict(summary), finished_at=at))


def _entry(row: Row[Any]) -> Entry:
    return Entry(
        row.run_key,
        Flow(row.flow),
        row.kind,
        row.mode,
        row.date_from,
        row.date_to,
        row.started_at,
        row.counts,
        row.summary,
    )


def _read(stored: Any) -> Reason | None:
    return None if stored is None else Reason.from_json(stored)
