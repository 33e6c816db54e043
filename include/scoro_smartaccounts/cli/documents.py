"""`explain`, `quarantine`, `warnings`, `retry` and `dismiss`: what became of documents, and what a person decides."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from typing import Any

from scoro_smartaccounts.cli.output import CommandResult
from scoro_smartaccounts.cli.place import Place
from scoro_smartaccounts.common.clock import TALLINN
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.reasons import Reason, Severity, render
from scoro_smartaccounts.common.reasons.spoken import counted
from scoro_smartaccounts.report import explain as stories
from scoro_smartaccounts.staging import quarantine as cases
from scoro_smartaccounts.staging.documents import flows_of_number
from scoro_smartaccounts.staging.findings import findings_of_run
from scoro_smartaccounts.staging.quarantine import ID_PREFIX, StoredCase, list_cases
from scoro_smartaccounts.staging.runs import entries
from scoro_smartaccounts.staging.waiting import Wait, list_waiting


def explain(place: Place, number: str, flow: Flow) -> CommandResult:
    """Return the stories of all documents of this number; not done where there is none."""
    company = place.company.key
    with place.engine.connect() as connection:
        found = stories.stories(connection, company, flow, number)
        others = [] if found else flows_of_number(connection, company, number)
    lines = [line for story in found for line in story.lines()]
    return CommandResult(
        lines or [stories.unknown(company, flow, number, others)],
        {
            "company": company,
            "flow": flow,
            "number": number,
            "documents": [story.shape() for story in found],
            "other_flows": others,
        },
        done=bool(found),
    )


def quarantine(place: Place) -> CommandResult:
    """Cases that are not closed, and what waits for something else; an empty list is an answer too."""
    company = place.company.key
    with place.engine.connect() as connection:
        found = list_cases(connection, company, ["open", "released", "dismissed"])
        waits = list_waiting(connection, company)
    lines = [line for case in found for line in _case_lines(case)] or ["Nothing is in quarantine."]
    if waits:
        lines += ["Waiting; they go on by themselves:", *(line for wait in waits for line in _waiting_lines(wait))]
    return CommandResult(
        lines,
        {
            "company": company,
            "quarantine": [case_shape(case) for case in found],
            "waiting": [{**_named(wait), "since": wait.since, **_why(wait.reason)} for wait in waits],
        },
    )


def warnings(place: Place, run: str) -> CommandResult:
    """Warnings of the run with this key, or of the last of each flow; not done where there is no such run."""
    company = place.company.key
    lines: list[str] = []
    runs = []
    with place.engine.connect() as connection:
        ended = [each for each in entries(connection, company) if each.summary is not None]
        wanted = {each.flow: each for each in ended if run in ("", each.run_key)}
        for each in wanted.values():
            found = findings_of_run(connection, company, each.run_key, Severity.WARNING)
            lines += [
                f"{each.run_key}: {counted(len(found), 'warning|warnings')}",
                *(f"    {render(item.finding.reason)}" for item in found),
            ]
            told = [{"number": item.name, "day": item.day, **_why(item.finding.reason)} for item in found]
            runs.append({"run": each.run_key, "flow": each.flow, "warnings": told})
    if not wanted:
        lines = [f"There is no run {run}." if run else "No run has ended yet."]
    return CommandResult(lines, {"company": company, "runs": runs}, done=bool(wanted))


def retry(place: Place, numbers: Sequence[str], flow: Flow | None, note: str) -> CommandResult:
    """Release cases; not done where one of the numbers has none."""
    what = "will be tried by the next run of its day or the next scheduled run"
    return _decide(cases.release, place, numbers, flow, note, what)


def dismiss(place: Place, numbers: Sequence[str], flow: Flow | None, note: str) -> CommandResult:
    """Dismiss cases; not done where one of the numbers has none."""
    return _decide(cases.dismiss, place, numbers, flow, note, "is dismissed: it is not imported")


def _decide(
    decide: Callable[..., list[StoredCase]],
    place: Place,
    numbers: Sequence[str],
    flow: Flow | None,
    note: str,
    what: str,
) -> CommandResult:
    with place.engine.begin() as connection:
        decided = decide(connection, place.company.key, numbers, note, flow)
    found = {name for case in decided for name in (case.name, f"{ID_PREFIX}{case.source_id}")}
    missing = [number for number in numbers if number not in found]
    return CommandResult(
        [
            *(f"{case.name} (id:{case.source_id}) {what}." for case in decided),
            *(f"{number} is not in quarantine." for number in missing),
        ],
        {"company": place.company.key, "decided": [case_shape(case) for case in decided], "not_found": missing},
        done=not missing,
    )


def _case_lines(case: StoredCase) -> Iterator[str]:
    note = f" Note: {case.note}" if case.note else ""
    note += f" Chosen: {case.choice.replace('_', ' ')}." if case.choice else ""
    yield f"{_what(case)}, {case.state}, {case.reason.code}, since {_moment(case.opened_at)}"
    yield f"    {render(case.reason)}{note}"


def _waiting_lines(wait: Wait) -> Iterator[str]:
    yield f"{_what(wait)}, since {_moment(wait.since)}"
    yield f"    {render(wait.reason)}"


def _what(item: StoredCase | Wait) -> str:
    return f"{item.name} (id:{item.source_id}) of {_day(item.day)}, {item.flow.value.replace('_', ' ')}"


def case_shape(case: StoredCase) -> dict[str, Any]:
    """Return a case as `--json` prints it."""
    return {
        **_named(case),
        "state": case.state,
        "since": case.opened_at,
        "note": case.note,
        "run": case.run_key,
        **_why(case.reason),
    }


def _named(item: StoredCase | Wait) -> dict[str, Any]:
    return {"flow": item.flow, "number": item.name, "id": item.source_id, "day": item.day}


def _why(reason: Reason) -> dict[str, Any]:
    return {"code": reason.code, "sentence": {"en": render(reason), "et": render(reason, "et")}}


def _day(day: date | None) -> str:
    return f"{day:%d.%m.%Y}" if day is not None else "no date"


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(TALLINN):%d.%m.%Y %H:%M}"
