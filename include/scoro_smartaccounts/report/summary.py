"""What a run did, in numbers and short lists: the same for the log, the return value, the asset event, the ledger."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeVar

from scoro_smartaccounts.common.clock import tallinn_day
from scoro_smartaccounts.common.command_line import command_line
from scoro_smartaccounts.common.documents import Flow, payment_name
from scoro_smartaccounts.common.reasons import Severity, names_document, render
from scoro_smartaccounts.common.reasons.spoken import counted
from scoro_smartaccounts.common.run import RunKind, RunRequest
from scoro_smartaccounts.common.stored import items, mapping, whole_number
from scoro_smartaccounts.common.visible import visible
from scoro_smartaccounts.flows import INVOICE_FLOWS
from scoro_smartaccounts.mirror.changes import blind_lists
from scoro_smartaccounts.report.periods import told_of_periods
from scoro_smartaccounts.report.undoing import told_of_undo
from scoro_smartaccounts.smartaccounts.endpoints import ARTICLES, PAYMENTS
from scoro_smartaccounts.staging import runs
from scoro_smartaccounts.staging.cases import count_by_code, count_opened
from scoro_smartaccounts.staging.changed_since_import import changes_of_run
from scoro_smartaccounts.staging.days_to_import import read_coverage
from scoro_smartaccounts.staging.drifts import BOOKED_DIFFERENTLY
from scoro_smartaccounts.staging.findings import FoundAbout, findings_of_run, ids_with_error
from scoro_smartaccounts.staging.plans import read_plans
from scoro_smartaccounts.staging.selection import outside_range

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from sqlalchemy import Connection

    from scoro_smartaccounts.services import Services
    from scoro_smartaccounts.staging.runs import Left

Summary = dict[str, Any]
_Row = TypeVar("_Row")

# So many documents are named in a list; the rest is counted.
_MOST_NAMED = 20
# And so many of a group of warnings.
_FIRST_NAMED = 3
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
# By what extract counts.
TROUBLE: Mapping[str, str] = {
    "listing_unsettled": "the list changed each time it was read; documents may be missing, and the days"
    " do not count as imported: run them again",
    "rows_without_id": "Scoro sent records without an id, which cannot be taken; see the log of extract_documents",
    "before_first_import": "documents of these days lie before the first import date of the company file and were not"
    " taken; see the log of extract_documents",
    "date_filter_untrusted": "Scoro's date filter did not show all documents of the days; all were listed instead",
}
# Of a list whose changes are not believed.
_BLIND = (
    "BLIND: asked for the {what} that changed, SmartAccounts does not show one that did. Its answer is not believed,"
    " the {what} are read in full instead, which takes more requests; a day later it is asked again.{more}"
)
_BLIND_PAYMENTS = " Payments that are deleted there are not heard of until then."


def summarize(request: RunRequest, services: Services) -> Summary:
    """Gather the run's numbers, store them in the ledger and return them. JSON-safe; names no person."""
    services.budget.forget_old_requests()
    with services.engine.begin() as connection:
        summary = _gather(connection, request, services)
        runs.store_summary(connection, request, summary, services.clock())
    return summary


def render_summary(stored: Any) -> str:
    """Return the summary as a table that a data team and an accountant can read, whichever version stored it: a dash
    for what it did not."""
    summary = mapping(stored)
    flow, company, first, last, kind, mode = (
        _told(summary.get(key)) for key in ("flow", "company", "date_from", "date_to", "kind", "mode")
    )
    lines = [f"{flow} of company {company}: {first} to {last} ({kind}, mode {mode})", *_table(summary)]
    if (postings := _postings(_counts(mapping(summary.get("steps")).get("load")))) is not None:
        lines.append(postings)
    lines += map(str, items(summary.get("blind")))
    if summary.get("switched_off"):
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
        ("Months that are declared or locked", "periods"),
        ("What could be taken back", "undo"),
        ("Roundings", "roundings"),
        ("Warnings", "warnings"),
    ):
        lines += _list(title, items(summary.get(key)))
    if items(summary.get("warnings")):
        command = command_line(company, "warnings", f"--run={_told(summary.get('run'))}")
        lines.append(f"All warnings, one by one: {command}")
    if missing := items(summary.get("missing_steps")):
        lines.append(
            f"NOT DONE: {', '.join(map(str, missing))}; see the failed task's log. One that ends without an"
            " error belongs to a process that was killed: clear the task."
        )
    holes = mapping(summary.get("days_not_imported"))
    if count := whole_number(holes.get("count")):
        lines.append(
            f"Days not imported yet since {_told(summary.get('first_import_date'))}: {count}"
            f" ({', '.join(map(str, items(holes.get('ranges'))))}{' …' if holes.get('more') else ''}). A run by hand"
            f" without days takes {_told(holes.get('proposal'))}."
        )
    return "\n".join(visible(line, None) for line in lines)


def _postings(counts: Mapping[str, int]) -> str | None:
    """Return what came of holding what was booked against SmartAccounts' ledger; None where nothing was booked."""
    if counts.get("ledger_refused"):
        return (
            "LEDGER: not compared, SmartAccounts does not let it be read. Give the group of the API user the right to"
            " the general ledger, or switch ledger_check off in the company file."
        )
    if counts.get("ledger_question_refused"):
        return (
            "LEDGER: not compared, SmartAccounts refuses the question about its general ledger for a day and more; its"
            " words are in the log of the step. What is booked is not held against it any more: look at the postings"
            " yourself, or switch ledger_check off in the company file."
        )
    said = [_compared(counts)]
    if counts.get("ledger_blind"):
        said.append(
            "LEDGER: not compared, what SmartAccounts shows of its general ledger holds nothing of what was booked."
            " Look at the postings yourself; first documents of their kind wait."
        )
    if unreadable := counts.get("postings_unreadable"):
        said.append(f"LEDGER: {unreadable} entries of SmartAccounts cannot be read; the log of the step names them.")
    return "\n".join(filter(None, said)) or None


def _compared(counts: Mapping[str, int]) -> str | None:
    equal, different = counts.get("postings_equal", 0), counts.get("postings_different", 0)
    others = {
        "that SmartAccounts' settings name no account for, or Scoro no rate, not compared": counts.get(
            "postings_not_compared", 0
        ),
        "without their VAT, which SmartAccounts' settings name no account for or which is deducted by half": counts.get(
            "postings_without_vat", 0
        ),
        "left to the next run": counts.get("postings_left", 0),
        "found by their sums alone": counts.get("postings_by_sums", 0),
    }
    if not (equal or different or any(others.values())):
        return None
    more = "".join(f", {number} {what}" for what, number in others.items() if number)
    return f"Ledger: {equal} postings in euros as expected, {different} not{more}."


def _gather(connection: Connection, request: RunRequest, services: Services) -> Summary:
    company = request.company
    ledger = runs.entry(connection, company.key, request.run_key)
    counts: Mapping[str, dict[str, int]] = ledger.counts if ledger is not None else {}
    outcomes = runs.count_outcomes(connection, request)
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
        "blind": _blind(connection, request),
        "trouble": [words for name, words in TROUBLE.items() if counts.get("extract", {}).get(name)],
        **{name: counts.get("load", {}).get(name, 0) for name in _created_by(request.flow)},
        "quarantine_by_reason": count_by_code(connection, request),
        "quarantined_new": count_opened(connection, request),
        "booked_differently": len(ids_with_error(connection, request, [BOOKED_DIFFERENTLY])),
        "requests_used": services.budget.used_by_run(),
        "minutes_until_free": services.budget.minutes_until_free(),
        "steps": counts,
        "missing_steps": [step for step in _STEPS if step not in counts],
        "alarms": _alarms(connection, request),
        "quarantined": _noted(connection, request, "quarantined"),
        "waiting": _noted(connection, request, "waiting"),
        "in_doubt": _noted(connection, request, "in_doubt"),
        "not_sent": _noted(connection, request, "not_sent"),
        "plan_changed": _noted(connection, request, "plan_changed"),
        "not_ours": _noted(connection, request, "not_ours"),
        "later_changes": _later_changes(connection, request),
        "periods": [render(each) for each in told_of_periods(connection, request, services)],
        "undo": _undo(connection, request, services),
        "roundings": _roundings(connection, request),
        "warnings": group_warnings(request.flow, _warnings(connection, request)),
        "days_not_imported": _holes(connection, request, services),
    }


def _created_by(flow: Flow) -> tuple[str, ...]:
    """Return the counts of what a flow creates beside its documents."""
    spec = INVOICE_FLOWS.get(flow)
    return (f"{spec.partner}s_created", "articles_created") if spec is not None else ()


def _blind(connection: Connection, request: RunRequest) -> list[str]:
    """Return a line for each list that the flow reads and whose changes SmartAccounts does not show."""
    spec = INVOICE_FLOWS.get(request.flow)
    registers = [PAYMENTS] if spec is None else [spec.partners, ARTICLES]
    return [
        _BLIND.format(what=register.rpartition("/")[2], more=_BLIND_PAYMENTS if register == PAYMENTS else "")
        for register in blind_lists(connection, request.company.key, registers)
    ]


def _outside(connection: Connection, request: RunRequest) -> list[str]:
    """Names of what an explicit range leaves alone; a scheduled run leaves nothing."""
    if request.kind is RunKind.SCHEDULED or request.flow.is_export:
        return []
    names = outside_range(connection, request)
    return _named(names, lambda name: visible(str(name)))


def _noted(connection: Connection, request: RunRequest, outcome: str) -> list[str]:
    return _named(runs.left_documents(connection, request, outcome), _note)


def _alarms(connection: Connection, request: RunRequest) -> list[str]:
    found = findings_of_run(connection, request.company.key, request.run_key, Severity.ERROR, BOOKED_DIFFERENTLY)
    return _named(found, lambda item: render(item.finding.reason))


def _warnings(connection: Connection, request: RunRequest) -> list[FoundAbout]:
    return findings_of_run(connection, request.company.key, request.run_key, Severity.WARNING)


def group_warnings(flow: Flow, found: Iterable[FoundAbout]) -> list[str]:
    """Return a line for each reason of a run: how many documents it is about, the first of them, what is said of the
    first one."""
    by_reason: dict[str, list[FoundAbout]] = {}
    for item in found:
        by_reason.setdefault(item.finding.reason.key, []).append(item)
    return [_group(flow, items) for items in by_reason.values()]


def _group(flow: Flow, items: list[FoundAbout]) -> str:
    sentence = render(items[0].finding.reason)
    names = list(dict.fromkeys(_short(flow, item) for item in items))
    if len(names) == 1 and len(items) == 1:
        return sentence
    more = f" and {len(names) - _FIRST_NAMED} more" if len(names) > _FIRST_NAMED else ""
    is_repeated = len(items) > len(names)
    what = f"{len(items)} times" if is_repeated else counted(len(names), "document|documents")
    return f"{items[0].finding.code}, {what}: {', '.join(names[:_FIRST_NAMED])}{more}. The first: {sentence}"


def _short(flow: Flow, item: FoundAbout) -> str:
    return payment_name(item.name, item.day) if flow.is_payments else visible(item.name)


def _later_changes(connection: Connection, request: RunRequest) -> list[str]:
    changes = changes_of_run(connection, request.company.key, request.run_key)
    return _named(changes, lambda change: render(change.told))


def _undo(connection: Connection, request: RunRequest, services: Services) -> list[str]:
    """Return the sentence of a preview, in both languages."""
    told = told_of_undo(connection, request, services)
    return [] if told is None else [render(told), render(told, "et")]


def _roundings(connection: Connection, request: RunRequest) -> list[str]:
    ids = runs.left_as(connection, request, "created", "planned")
    plans = read_plans(connection, request.company.key, request.flow, ids).values()
    return _named(
        [plan for plan in plans if Decimal(plan.predicted.get("rounding") or 0)],
        lambda plan: f"{visible(plan.number)}: {plan.predicted['rounding']}",
        most=1000,
    )


def _holes(connection: Connection, request: RunRequest, services: Services) -> dict[str, Any]:
    """Days from the first import date to yesterday that no run has covered. The export covers no days."""
    if request.flow.is_export:
        return {"count": 0, "ranges": [], "more": False, "proposal": None}
    known = read_coverage(connection, request.company, request.flow, tallinn_day(services.clock()))
    return {
        "count": known.missing,
        "ranges": [str(hole) for hole in known.holes[:5]],
        "more": len(known.holes) > 5,
        "proposal": str(known.proposal) if known.proposal else None,
    }


def _note(row: Left) -> str:
    if row.why is None:
        return _name(row)
    return render(row.why) if names_document(row.why) else f"{_name(row)}: {render(row.why)}"


def _name(row: Left) -> str:
    number = visible(row.number)
    return f"{number} of {row.day:%d.%m.%Y}" if row.day is not None else f"{number}, without a date"


def _named(rows: Iterable[_Row], say: Callable[[_Row], str], most: int = _MOST_NAMED) -> list[str]:
    texts = [say(row) for row in rows]
    return texts if len(texts) <= most else [*texts[:most], f"… and {len(texts) - most} more"]


def _table(summary: Mapping[str, Any]) -> list[str]:
    documents, flow = _counts(summary.get("documents")), _flow_of(summary)
    rows: list[tuple[str, int | str]] = [("documents seen", _told(documents.get("seen")))]
    rows += [(f"  {words}", documents[name]) for name, words in _outcomes_of(summary).items() if documents.get(name)]
    rows += [(f"    {code}", count) for code, count in _counts(summary.get("quarantine_by_reason")).items()]
    others = {
        **{name: name.replace("_", " ") for name in (_created_by(flow) if flow is not None else ())},
        "requests_used": "requests to SmartAccounts",
        "minutes_until_free": "minutes until requests are free",
    }
    rows += [(label, _told(whole_number(summary.get(name)))) for name, label in others.items()]
    width = max(len(label) for label, _ in rows)
    return [f"  {label.ljust(width)}  {value:>6}" for label, value in rows]


def _outcomes_of(summary: Mapping[str, Any]) -> Mapping[str, str]:
    flow = _flow_of(summary)
    return _TARGET_OUTCOMES if flow is not None and flow.is_export else _OUTCOMES


def _flow_of(summary: Mapping[str, Any]) -> Flow | None:
    return next((flow for flow in Flow if flow.value == summary.get("flow")), None)


def _counts(stored: Any) -> dict[str, int]:
    return {name: count for name, count in mapping(stored).items() if whole_number(count) is not None}


def _told(stored: Any) -> str:
    return str(stored) if isinstance(stored, str | int) else "–"


def _list(title: str, entries: list[Any]) -> list[str]:
    return [f"{title}:", *(f"  - {entry}" for entry in entries)] if entries else []
