"""What a run did, in numbers and short lists: the same for the log, the return value, the asset event, the ledger."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, func, select, update

from scoro_smartaccounts.clock import tallinn_day
from scoro_smartaccounts.documents import Flow, payment_name
from scoro_smartaccounts.extract.selection import outside_range
from scoro_smartaccounts.flows import INVOICE_FLOWS
from scoro_smartaccounts.run import RunKind, RunRequest, Services
from scoro_smartaccounts.staging.coverage import read_coverage
from scoro_smartaccounts.staging.later_changes import later_changes
from scoro_smartaccounts.staging.schema import (
    document,
    finding,
    later_change,
    plan,
    quarantine,
    run,
    run_document,
)

Summary = dict[str, Any]

# So many documents are named in a list; the rest is counted.
_MOST_NAMED = 20
_STEPS = ("extract", "check", "plan", "load")
_OUTCOMES: Mapping[str, str] = {
    "created": "created in SmartAccounts",
    "adopted": "found there and linked",
    "already_there": "imported before",
    "planned": "planned, not sent",
    "declined": "declined by the accountant",
    "plan_changed": "not as approved",
    "quarantined": "in quarantine",
    "waiting": "waiting",
    "in_doubt": "in doubt",
    "not_sent": "not sent",
    "deleted": "deleted in Scoro",
    "dismissed": "dismissed",
    "not_ours": "not ours: for documents that are not imported",
}
_TARGET_OUTCOMES: Mapping[str, str] = {
    **_OUTCOMES,
    "created": "created in Scoro",
    "already_there": "exported before",
    "deleted": "deleted in SmartAccounts",
    "not_ours": "not ours: drawn on prepayments in Scoro already",
}
_TROUBLE: Mapping[str, str] = {
    "listing_unsettled": "the list changed each time it was read; documents may be missing, and the days"
    " do not count as imported: run them again",
    "rows_without_id": "Scoro sent records without an id, which cannot be taken; see the log of extract_documents",
    "before_first_import": "documents of these days lie before the first import date of the company file and were not"
    " taken; see the log of extract_documents",
    "date_filter_untrusted": "Scoro's date filter did not show all documents of the days; all were listed instead",
}


def summarize(request: RunRequest, services: Services) -> Summary:
    """Gather the run's numbers, store them in the ledger and return them. JSON-safe; names no person."""
    services.budget.forget_old_requests()
    with services.engine.begin() as connection:
        summary = _gather(connection, request, services)
        connection.execute(
            update(run)
            .where(run.c.company == request.company.key, run.c.run_key == request.run_key)
            .values(summary=summary, finished_at=services.clock())
        )
    return summary


def render_summary(summary: Mapping[str, Any]) -> str:
    """The summary as a table that a data team and an accountant can read."""
    lines = [
        f"{summary['flow']} of company {summary['company']}: {summary['date_from']} to {summary['date_to']}"
        f" ({summary['kind']}, mode {summary['mode']})",
        *_table(summary),
    ]
    if summary["switched_off"]:
        lines.append("SWITCHED OFF: nothing was read or sent. Set export_payments.enabled in the company file.")
    for title, key in (
        ("ALARM: booked differently than planned", "alarms"),
        ("In quarantine", "quarantined"),
        ("Waiting", "waiting"),
        ("In doubt", "in_doubt"),
        ("Not sent", "not_sent"),
        ("Not booked: not as approved", "plan_changed"),
        (_outcomes_of(summary)["not_ours"].capitalize(), "not_ours"),
        ("Changed or deleted after the import (never updated)", "later_changes"),
        ("Not imported, outside these days", "outside_range"),
        ("Trouble with Scoro's lists", "trouble"),
        ("Roundings", "roundings"),
        ("Warnings", "warnings"),
    ):
        lines += _list(title, summary[key])
    if summary["missing_steps"]:
        lines.append(
            f"NOT DONE: {', '.join(summary['missing_steps'])}; see the failed task's log. One that ends without an"
            " error belongs to a process that was killed: clear the task."
        )
    holes = summary["days_not_imported"]
    if holes["count"]:
        lines.append(
            f"Days not imported yet since {summary['first_import_date']}: {holes['count']}"
            f" ({', '.join(holes['ranges'])}{' …' if holes['more'] else ''}). A run by hand without days takes"
            f" {holes['proposal']}."
        )
    return "\n".join(lines)


def _gather(connection: Connection, request: RunRequest, services: Services) -> Summary:
    company = request.company
    ledger = connection.execute(
        select(run).where(run.c.company == company.key, run.c.run_key == request.run_key)
    ).one_or_none()
    counts: dict[str, dict[str, int]] = ledger.counts if ledger is not None else {}
    outcomes = {
        row.outcome or "not_sent": row.documents
        for row in connection.execute(
            select(run_document.c.outcome, func.count().label("documents"))
            .where(*_of(request))
            .group_by(run_document.c.outcome)
        )
    }
    return {
        "company": company.key,
        "flow": request.flow.value,
        "run": request.run_key,
        "kind": request.kind.value,
        "mode": request.mode.value,
        "date_from": request.date_from.isoformat(),
        "date_to": request.date_to.isoformat(),
        "first_import_date": company.first_import_date.isoformat(),
        "documents": {"seen": sum(outcomes.values()), **{name: outcomes.get(name, 0) for name in _OUTCOMES}},
        "to_approve": counts.get("load", {}).get("to_approve", 0),
        "approved_unsent": counts.get("load", {}).get("approved", 0),
        "switched_off": bool(counts.get("extract", {}).get("switched_off")),
        "outside_range": _outside(connection, request),
        "trouble": [words for name, words in _TROUBLE.items() if counts.get("extract", {}).get(name)],
        **{name: counts.get("load", {}).get(name, 0) for name in _created_by(request.flow)},
        "quarantine_by_reason": _reasons(connection, request),
        "quarantined_new": _opened(connection, request),
        "requests_used": services.budget.used_by_run(),
        "minutes_until_free": services.budget.minutes_until_free(),
        "steps": counts,
        "missing_steps": [step for step in _STEPS if step not in counts],
        "alarms": _findings(connection, request, "error", "booked_differently"),
        "quarantined": _noted(connection, request, "quarantined"),
        "waiting": _noted(connection, request, "waiting"),
        "in_doubt": _noted(connection, request, "in_doubt"),
        "not_sent": _noted(connection, request, "not_sent"),
        "plan_changed": _noted(connection, request, "plan_changed"),
        "not_ours": _noted(connection, request, "not_ours"),
        "later_changes": _later_changes(connection, request),
        "roundings": _roundings(connection, request),
        "warnings": _findings(connection, request, "warning", None),
        "days_not_imported": _holes(connection, request, services),
    }


def _created_by(flow: Flow) -> tuple[str, ...]:
    """The counts of what a flow creates beside its documents."""
    spec = INVOICE_FLOWS.get(flow)
    return (f"{spec.partner}s_created", "articles_created") if spec is not None else ()


def _of(request: RunRequest) -> tuple[Any, Any]:
    return run_document.c.company == request.company.key, run_document.c.run_key == request.run_key


def _same_document() -> Any:
    return (
        (document.c.company == run_document.c.company)
        & (document.c.flow == run_document.c.flow)
        & (document.c.source_id == run_document.c.source_id)
    )


def _outside(connection: Connection, request: RunRequest) -> list[str]:
    """Names of what an explicit range leaves alone; a scheduled run leaves nothing."""
    if request.kind is RunKind.SCHEDULED or request.flow is Flow.EXPORT_PAYMENTS:
        return []
    names = outside_range(connection, request)
    return _named(names, str)


def _reasons(connection: Connection, request: RunRequest) -> dict[str, int]:
    rows = connection.execute(
        select(quarantine.c.code, func.count().label("documents"))
        .join(
            run_document,
            (run_document.c.company == quarantine.c.company)
            & (run_document.c.flow == quarantine.c.flow)
            & (run_document.c.source_id == quarantine.c.source_id),
        )
        .where(*_of(request), run_document.c.outcome == "quarantined", quarantine.c.state == "open")
        .group_by(quarantine.c.code)
        .order_by(quarantine.c.code)
    )
    return {row.code: row.documents for row in rows}


def _opened(connection: Connection, request: RunRequest) -> int:
    """How many cases this run opened."""
    return int(
        connection.execute(
            select(func.count())
            .select_from(quarantine)
            .where(
                quarantine.c.company == request.company.key,
                quarantine.c.run_key == request.run_key,
                quarantine.c.state == "open",
            )
        ).scalar_one()
    )


def _noted(connection: Connection, request: RunRequest, outcome: str) -> list[str]:
    rows = connection.execute(
        select(document.c.number, document.c.day, run_document.c.outcome_note)
        .join(document, _same_document())
        .where(*_of(request), run_document.c.outcome == outcome)
        .order_by(document.c.day, document.c.number)
    ).all()
    return _named(rows, _note)


def _findings(connection: Connection, request: RunRequest, severity: str, code: str | None) -> list[str]:
    statement = (
        select(finding.c.message)
        .where(
            finding.c.company == request.company.key,
            finding.c.run_key == request.run_key,
            finding.c.severity == severity,
        )
        .order_by(finding.c.code, finding.c.source_id, finding.c.position)
    )
    if code is not None:
        statement = statement.where(finding.c.code == code)
    return _named(connection.execute(statement).all(), lambda row: str(row.message))


def _later_changes(connection: Connection, request: RunRequest) -> list[str]:
    changes = later_changes(connection, request.company.key, later_change.c.run_key == request.run_key)
    return _named(changes, lambda change: f"{_name(change.document)}: {change.words}")


def _roundings(connection: Connection, request: RunRequest) -> list[str]:
    rows = connection.execute(
        select(document.c.number, plan.c.predicted["rounding"].astext.label("rounding"))
        .join(document, _same_document())
        .join(
            plan,
            (plan.c.company == run_document.c.company)
            & (plan.c.flow == run_document.c.flow)
            & (plan.c.source_id == run_document.c.source_id),
        )
        .where(*_of(request), run_document.c.outcome.in_(("created", "planned")))
        .order_by(document.c.day, document.c.number)
    ).all()
    return _named(
        [row for row in rows if Decimal(row.rounding or 0)], lambda row: f"{row.number}: {row.rounding}", most=1000
    )


def _holes(connection: Connection, request: RunRequest, services: Services) -> dict[str, Any]:
    """Days from the first import date to yesterday that no run has covered. The export covers no days."""
    if request.flow is Flow.EXPORT_PAYMENTS:
        return {"count": 0, "ranges": [], "more": False, "proposal": None}
    known = read_coverage(connection, request.company, request.flow, tallinn_day(services.clock()))
    return {
        "count": known.missing,
        "ranges": [str(hole) for hole in known.holes[:5]],
        "more": len(known.holes) > 5,
        "proposal": str(known.proposal) if known.proposal else None,
    }


def _note(row: Any) -> str:
    note = row.outcome_note or ""
    names = (f"invoice {row.number}", f"bill {row.number}", payment_name(row.number, row.day))
    called = "|".join(re.escape(name) for name in names)
    if re.search(rf"({called})(?!\w)", note, re.IGNORECASE):
        return note
    return ": ".join(filter(None, (_name(row), note)))


def _name(row: Any) -> str:
    return f"{row.number} of {row.day:%d.%m.%Y}" if row.day is not None else f"{row.number}, without a date"


def _named(rows: Iterable[Any], say: Callable[[Any], str], most: int = _MOST_NAMED) -> list[str]:
    texts = [say(row) for row in rows]
    return texts if len(texts) <= most else [*texts[:most], f"… and {len(texts) - most} more"]


def _table(summary: Mapping[str, Any]) -> list[str]:
    documents = summary["documents"]
    rows: list[tuple[str, int | str]] = [("documents seen", documents["seen"])]
    rows += [(f"  {words}", documents[name]) for name, words in _outcomes_of(summary).items() if documents[name]]
    rows += [(f"    {code}", count) for code, count in summary["quarantine_by_reason"].items()]
    rows += [
        *((name.replace("_", " "), summary[name]) for name in _created_by(Flow(summary["flow"]))),
        ("requests to SmartAccounts", summary["requests_used"]),
        ("minutes until requests are free", summary["minutes_until_free"]),
    ]
    width = max(len(label) for label, _ in rows)
    return [f"  {label.ljust(width)}  {value:>6}" for label, value in rows]


def _outcomes_of(summary: Mapping[str, Any]) -> Mapping[str, str]:
    return _TARGET_OUTCOMES if summary["flow"] == Flow.EXPORT_PAYMENTS else _OUTCOMES


def _list(title: str, entries: list[str]) -> list[str]:
    return [f"{title}:", *(f"  - {entry}" for entry in entries)] if entries else []
