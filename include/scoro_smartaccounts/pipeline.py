"""The five steps of an import run, in order. Each is idempotent and returns counts; staging carries the rest."""

from __future__ import annotations

import logging

from scoro_smartaccounts.company import Mode
from scoro_smartaccounts.errors import LoadStopped
from scoro_smartaccounts.planning import plans_are_old, reconcile_and_plan
from scoro_smartaccounts.run import Counts, RunRequest, Services
from scoro_smartaccounts.summary import Summary, render_summary, summarize

log = logging.getLogger(__name__)

__all__ = [
    "LoadStopped",
    "RunRequest",
    "Services",
    "check",
    "extract",
    "load",
    "reconcile_and_plan",
    "render_summary",
    "summarize",
]


def extract(request: RunRequest, services: Services) -> Counts:
    """Scoro → staging."""
    from scoro_smartaccounts.extract.documents import extract as extract_documents

    return extract_documents(request, services)


def check(request: RunRequest, services: Services) -> Counts:
    """Staging → findings and quarantine."""
    from scoro_smartaccounts.quality.check import check as check_quality

    return check_quality(request, services)


def load(request: RunRequest, services: Services) -> Counts:
    """Plans → SmartAccounts. Plans that have waited are made anew first: both sides may have changed since."""
    from scoro_smartaccounts.load.documents import load as load_documents

    if request.mode is Mode.IMPORT and plans_are_old(request, services):
        log.info("The plans have waited too long; they are made anew.")
        reconcile_and_plan(request, services)
    return load_documents(request, services)


def run_all(request: RunRequest, services: Services) -> Summary:
    """All steps in one process: for tests and measurements; production runs them as tasks."""
    for step in (extract, check, reconcile_and_plan, load):
        step(request, services)
    return summarize(request, services)
