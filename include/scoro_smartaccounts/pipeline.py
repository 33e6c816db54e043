"""The five steps of a run of any flow, in order. Each is idempotent and returns counts; staging carries the rest."""

from __future__ import annotations

import logging

from scoro_smartaccounts.common.company import Mode
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.errors import LoadStopped
from scoro_smartaccounts.common.run import Counts, RunRequest, refuse_stronger
from scoro_smartaccounts.mapping.check import warn_before_first_import
from scoro_smartaccounts.outbox.doubt import left_in_doubt, put_off_what_is_in_doubt
from scoro_smartaccounts.plan.invoices import plans_are_old
from scoro_smartaccounts.plan.invoices import reconcile_and_plan as plan_documents
from scoro_smartaccounts.plan.payments import plan_payments
from scoro_smartaccounts.report.summary import Summary, render_summary, summarize
from scoro_smartaccounts.services import Services

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
    "render_summary",
    "summarize",
]


def extract(request: RunRequest, services: Services) -> Counts:
    """Source → staging: documents and payments of Scoro; for the export, payments of SmartAccounts. Raises
    ConfigurationError for a mode that the company file names as too strong."""
    refuse_stronger(request, request.company.mode.strongest)
    if request.flow is Flow.EXPORT_PAYMENTS:
        from scoro_smartaccounts.extract.exported_payments import read_payments

        return read_payments(request, services)
    from scoro_smartaccounts.extract.documents import extract as extract_documents

    return extract_documents(request, services)


def check(request: RunRequest, services: Services) -> Counts:
    """Staging → findings and quarantine."""
    if request.flow is Flow.EXPORT_PAYMENTS and not request.company.export_payments.enabled:
        return {}
    from scoro_smartaccounts.quality.check import check as check_quality

    return check_quality(request, services)


def reconcile_and_plan(request: RunRequest, services: Services) -> Counts:
    """Return checked documents → links to what the target has already, and exactly what will be sent of the rest."""
    if request.flow is Flow.EXPORT_PAYMENTS:
        from scoro_smartaccounts.plan.receipts import plan_receipts

        return plan_receipts(request, services)
    counts = plan_payments(request, services) if request.flow is Flow.PAYMENTS else plan_documents(request, services)
    warn_before_first_import(request, services)
    return counts


def load_until_certain(request: RunRequest, services: Services) -> Counts:
    """`load`, as a task does it. Raises StillInDoubt where the run has to look again later at what is in doubt."""
    counts = load(request, services)
    put_off_what_is_in_doubt(request, services)
    return counts


def load(request: RunRequest, services: Services) -> Counts:
    """Plans → target. Plans that have waited are made anew first: both sides may have changed since; so are those of a
    run that left something in doubt, which is looked for by that. In mode `approve` they go to the accountant instead;
    where nothing is sent, the list of the documents is written. Raises as `extract` does."""
    refuse_stronger(request, request.company.mode.strongest)
    counts = _load(request, services)
    if request.flow is not Flow.EXPORT_PAYMENTS:
        from scoro_smartaccounts.report.booked_before import list_booked_before

        list_booked_before(request, services)
    if request.mode is not Mode.IMPORT and request.flow is not Flow.EXPORT_PAYMENTS:
        from scoro_smartaccounts.report.files import write_list

        write_list(request, services)
    return counts


def _load(request: RunRequest, services: Services) -> Counts:
    if request.mode is Mode.APPROVE:
        from scoro_smartaccounts.approval.submit import submit_plans

        return submit_plans(request, services)
    if request.mode is Mode.IMPORT and _must_plan_again(request, services):
        if request.flow is Flow.EXPORT_PAYMENTS:
            # Its plan step reads neither side by itself.
            extract(request, services)
        reconcile_and_plan(request, services)
    if request.flow is Flow.EXPORT_PAYMENTS:
        from scoro_smartaccounts.load.receipts import send_receipts

        return send_receipts(request, services)
    if request.flow is Flow.PAYMENTS:
        from scoro_smartaccounts.load.payments import load_payments

        return load_payments(request, services)
    from scoro_smartaccounts.load.documents import load as load_documents

    return load_documents(request, services)


def _must_plan_again(request: RunRequest, services: Services) -> bool:
    if plans_are_old(request, services):
        log.info("The plans have waited too long; they are made anew.")
        return True
    if left_in_doubt(request, services):
        log.info("An earlier try left something in doubt; it is looked for first.")
        return True
    return False


def run_all(request: RunRequest, services: Services) -> Summary:
    """All steps in one process: for tests and measurements; production runs them as tasks."""
    for step in (extract, check, reconcile_and_plan, load):
        step(request, services)
    return summarize(request, services)
