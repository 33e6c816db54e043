"""The five steps of a run of any flow, in order. Each is idempotent and returns counts; staging carries the rest.

A step imports what it needs when it begins: Airflow reads this module with every DAG file.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from scoro_smartaccounts.common.company import Mode
from scoro_smartaccounts.common.errors import LoadStopped
from scoro_smartaccounts.common.run import Counts, RunRequest, refuse_stronger
from scoro_smartaccounts.flow_steps import STEPS
from scoro_smartaccounts.services import Services

if TYPE_CHECKING:
    from scoro_smartaccounts.report.summary import Summary

log = logging.getLogger(__name__)

__all__ = [
    "LoadStopped",
    "RunRequest",
    "Services",
    "check",
    "extract",
    "load",
    "load_until_certain",
    "reconcile_and_plan",
    "run_all",
    "summarize",
]


def extract(request: RunRequest, services: Services) -> Counts:
    """Source → staging: documents and payments of Scoro; for the export, those of SmartAccounts. Before it, the first
    run of a company that books nothing meets both services. Raises ConfigurationError for a mode that the company file
    names as too strong."""
    from scoro_smartaccounts.meeting.step import meet_first

    refuse_stronger(request, request.company.mode.strongest)
    meet_first(request, services)
    return STEPS[request.flow].extract(request, services)


def check(request: RunRequest, services: Services) -> Counts:
    """Staging → findings and quarantine."""
    _look_at_tables(services)
    return STEPS[request.flow].check(request, services)


def reconcile_and_plan(request: RunRequest, services: Services) -> Counts:
    """Link checked documents to what the target has already, and plan exactly what will be sent of the rest."""
    from scoro_smartaccounts.mapping.check import warn_before_first_import

    _look_at_tables(services)
    counts = STEPS[request.flow].plan(request, services)
    warn_before_first_import(request, services)
    return counts


def load_until_certain(request: RunRequest, services: Services) -> Counts:
    """`load`, as a task does it. Raises StillInDoubt where the run has to look again later at what is in doubt."""
    from scoro_smartaccounts.outbox.doubt import put_off_what_is_in_doubt

    counts = load(request, services)
    put_off_what_is_in_doubt(request, services)
    return counts


def load(request: RunRequest, services: Services) -> Counts:
    """Plans → target. Plans that have waited are made anew first: both sides may have changed since; so are those of a
    run that left something in doubt, which is looked for by that. In mode `approve` they go to the accountant instead;
    where nothing is sent, the list of the documents is written. Raises as `extract` does."""
    refuse_stronger(request, request.company.mode.strongest)
    steps = STEPS[request.flow]
    _look_at_tables(services)
    if request.mode is Mode.APPROVE:
        from scoro_smartaccounts.approval.submit import submit_plans

        counts = submit_plans(request, services)
    else:
        if request.mode is Mode.IMPORT and _must_plan_again(request, services):
            if not steps.plan_reads:
                extract(request, services)
            reconcile_and_plan(request, services)
        counts = steps.load(request, services)
        _look_at_tables(services)
    steps.lists(request, services)
    return counts


def _look_at_tables(services: Services) -> None:
    """Let the queries of a step be planned by what the one before has written."""
    from scoro_smartaccounts.staging.statistics import refresh_statistics

    with services.engine.connect() as connection:
        refresh_statistics(connection)


def _must_plan_again(request: RunRequest, services: Services) -> bool:
    from scoro_smartaccounts.outbox.doubt import left_in_doubt
    from scoro_smartaccounts.plan.invoices import plans_are_old

    if plans_are_old(request, services):
        log.info("The plans have waited too long; they are made anew.")
        return True
    if left_in_doubt(request, services):
        log.info("An earlier try left something in doubt; it is looked for first.")
        return True
    return False


def summarize(request: RunRequest, services: Services) -> Summary:
    """Return the numbers of a run, and keep them."""
    from scoro_smartaccounts.report.summary import summarize

    return summarize(request, services)


def run_all(request: RunRequest, services: Services) -> Summary:
    """All steps in one process: for tests and measurements; production runs them as tasks."""
    for step in (extract, check, reconcile_and_plan, load):
        step(request, services)
    return summarize(request, services)
