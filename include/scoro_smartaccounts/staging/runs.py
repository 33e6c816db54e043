"""The run ledger: what each run of a flow is, which documents it is about and how each of them left it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Literal

from sqlalchemy import Connection, func, or_, select, type_coerce, update
from sqlalchemy.dialects.postgresql import JSONB, insert

from scoro_smartaccounts.reasons import Reason
from scoro_smartaccounts.run import Counts, RunRequest
from scoro_smartaccounts.staging.bulk import loaded
from scoro_smartaccounts.staging.schema import run, run_document

Step = Literal["extracted", "checked", "planned", "loaded"]
# How a run left a document (None: not yet), and why.
Outcome = tuple[str | None, Reason | None]

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


def mark(connection: Connection, request: RunRequest, step: Step, counts: Counts) -> None:
    """Note that a step is done; its counts stand under its name (`extract`, `check`, `plan`, `load`)."""
    connection.execute(
        update(run)
        .where(run.c.company == request.company.key, run.c.run_key == request.run_key)
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
            .where(*_of(request), or_(run_document.c.outcome.is_(None), run_document.c.outcome == "in_doubt"))
            .order_by(run_document.c.source_id)
        )
    )


def in_doubt(connection: Connection, request: RunRequest) -> set[str]:
    """Source ids of the run's documents that are in doubt, or wait for something that is."""
    return set(
        connection.scalars(select(run_document.c.source_id).where(*_of(request), run_document.c.outcome == "in_doubt"))
    )


def was_loaded(connection: Connection, request: RunRequest) -> bool:
    """Whether the run's load step came to an end before, well or not."""
    return (
        connection.scalar(
            select(run.c.loaded_at).where(run.c.company == request.company.key, run.c.run_key == request.run_key)
        )
        is not None
    )


def count_outcomes(connection: Connection, request: RunRequest) -> Counts:
    """Documents of the run by outcome, as they stand in staging; those without one are `not_sent`."""
    rows = connection.execute(
        select(func.coalesce(run_document.c.outcome, "not_sent").label("outcome"), func.count().label("documents"))
        .where(*_of(request))
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
                .where(*_of(request), run_document.c.source_id == new.c.source_id)
                .values(outcome=new.c.outcome, outcome_reason=new.c.outcome_reason)
            )


def _of(request: RunRequest) -> tuple[Any, Any]:
    return run_document.c.company == request.company.key, run_document.c.run_key == request.run_key
