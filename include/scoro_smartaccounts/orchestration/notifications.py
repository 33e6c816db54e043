"""Who is told of what needs somebody: failed runs, runs that did not start, new quarantine, what was booked differently
than planned, differences of the books, what is in doubt for long, and questions that wait for an answer (for
`approval.alert_after_hours` of the company file).

Off until the company file names a way (`notifications`). What is told carries counts and a link, never a document's
content. The same is not told again for some hours; what happened meanwhile is told by `watch_runs`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import quote, urlencode

from airflow.sdk import Context
from airflow.sdk.exceptions import AirflowException

from scoro_smartaccounts.border.guard import guarded
from scoro_smartaccounts.common.clock import tallinn_text, utc_now
from scoro_smartaccounts.common.company import Company
from scoro_smartaccounts.common.errors import PipelineError
from scoro_smartaccounts.orchestration.params import PREFIX

log = logging.getLogger(__name__)

Callbacks = list[Callable[[Context], None]]

# How long the same is not told again. A difference and an unanswered question are told once by themselves.
_QUIET = {
    "failed": timedelta(hours=6),
    "quarantine": timedelta(hours=1),
    "alarm": timedelta(hours=1),
    "not_started": timedelta(hours=24),
    "in_doubt": timedelta(hours=6),
}
_AT_ONCE = timedelta(0)
# Seconds for a connection to the staging database.
_PATIENCE = 5
# A night is blind, and the next one: then somebody is told.
_BLIND = 2


def on_failed_run(company: Company) -> Callbacks:
    """Callbacks for a DAG: what is told of each failed run."""

    def failed(context: Context) -> None:
        of_run = _of_run(context)
        tell(company, "failed", of_run, context, path=f"/dags/{of_run['dag']}/runs/{quote(of_run['run'], safe='')}")

    return _if_wanted(company, failed)


def on_summary(company: Company) -> Callbacks:
    """Callbacks for a summary task, of an import or of what was approved: what is told when the run put documents into
    quarantine, and when what it booked is not what was planned."""

    def telling(kind: str, counted: str, path: str) -> Callable[[Context], None]:
        def needs_somebody(context: Context) -> None:
            if number := _counted(_returned(context), counted):
                tell(company, kind, {**_of_run(context), "number": number}, context, path=_page(company, path))

        return needs_somebody

    # Each of its own: where the one cannot be sent, the other is told all the same.
    alarm = telling("alarm", "booked_differently", "/audit")
    return _if_wanted(company, alarm, telling("quarantine", "quarantined_new", "/decisions"))


def on_new_drift(company: Company) -> Callbacks:
    """Callbacks for the report of a night: what is told where something differs newly, or where a second night in a row
    was blind."""

    def differs(context: Context) -> None:
        counts, of_run = _returned(context), _of_run(context)
        path = _page(company, "/audit")
        if number := counts.get("new"):
            tell(company, "drift", {**of_run, "number": number}, context, path=path)
        if (nights := counts.get("blind_nights", 0)) >= _BLIND:
            tell(company, "blind", {**of_run, "number": nights}, context, path=path)

    return _if_wanted(company, differs)


def alert_unanswered(company: Company, context: Context, *, documents: int, hours: int) -> None:
    """Tell that a question has been open for so long; nothing where the company file names nobody."""
    if company.notifications.is_wanted:
        words = {**_of_run(context), "number": documents, "hours": hours}
        tell(company, "unanswered", words, context, path=_page(company, "/decisions"))


def tell_what_is_overdue(company: Company, context: Context) -> dict[str, int]:
    """Tell of what should have happened, and of what happened and was held back; how many of each."""
    from scoro_smartaccounts.orchestration.services import staging_engine
    from scoro_smartaccounts.report.overdue import overdue
    from scoro_smartaccounts.staging.notices import held_back

    engine, now = staging_engine(company), utc_now()
    try:
        with engine.begin() as connection:
            late = list(overdue(connection, company, now))
            waiting = [
                each
                for each, told_at in held_back(connection, company.key)
                if each.kind in ("failed", "quarantine", "alarm") and now - told_at > _QUIET[each.kind]
            ]
    finally:
        engine.dispose()
    failures = []
    for each in (*late, *waiting):
        path = each.path or _page(company, "/documents", state="in_doubt")
        words = {"dag": each.about, **each.words}
        log.warning("%s: %s", each.kind, ", ".join(f"{name} {value}" for name, value in words.items()))
        try:
            tell(company, each.kind, words, context, path=path)
        except (PipelineError, AirflowException) as problem:
            failures.append(problem)
    if failures:
        raise failures[-1]
    return {"overdue": len(late), "held_back": len(waiting)}


@guarded(AirflowException)
def tell(company: Company, kind: str, words: dict[str, Any], context: Context, *, path: str) -> None:
    """Tell everybody, unless the same was told a short while ago. Where the staging database cannot be asked, it is
    told: that may be what failed."""
    from sqlalchemy.exc import SQLAlchemyError

    from scoro_smartaccounts.orchestration.channels import send
    from scoro_smartaccounts.staging.notices import Notice

    of = Notice(kind, words["dag"], {name: value for name, value in words.items() if name != "dag"}, path)
    try:
        _tell_once(company, of, context)
    except (SQLAlchemyError, PipelineError):
        log.warning("Whether this was told already is not known: it is told.")
        send(company, of, context)


def _tell_once(company: Company, of: Any, context: Context) -> None:
    from scoro_smartaccounts.orchestration.channels import send
    from scoro_smartaccounts.orchestration.services import staging_engine
    from scoro_smartaccounts.staging.notices import hold_back, note_told, with_held_back

    # Airflow ends a callback after 50 seconds: a staging database that does not answer must not be waited for longer.
    engine, now = staging_engine(company, patience=_PATIENCE), utc_now()
    quiet = _QUIET.get(of.kind, _AT_ONCE)
    try:
        # Kept only once it was sent: what fails to be sent is told the next time.
        with engine.begin() as connection:
            if quiet and hold_back(connection, company.key, of, now - quiet):
                log.info("Not told again before %s: %s of %s.", tallinn_text(now + quiet), of.kind, of.about)
                return
            send(company, with_held_back(connection, company.key, of), context)
            note_told(connection, company.key, of, now)
    finally:
        engine.dispose()


def _if_wanted(company: Company, *callbacks: Callable[[Context], None]) -> Callbacks:
    if not company.notifications.is_wanted:
        return []
    if company.notifications.apprise:
        from scoro_smartaccounts.orchestration.channels import check_channels

        check_channels(company)
    return [*callbacks]


def _of_run(context: Context) -> dict[str, Any]:
    return {"dag": context["dag"].dag_id, "run": str(context["run_id"])}


def _returned(context: Context) -> dict[str, Any]:
    """Return what the task returned."""
    ti: Any = context["ti"]
    return ti.xcom_pull(task_ids=ti.task_id) or {}


def _counted(summary: Mapping[str, Any], name: str) -> int:
    """Return a number that a summary tells, or summaries by flow."""
    parts = (each for each in summary.values() if isinstance(each, dict))
    return sum(int(each.get(name, 0)) for each in (summary, *parts))


def _page(company: Company, path: str, **query: str) -> str:
    return f"{PREFIX}{path}?{urlencode({'company': company.key, **query})}"
