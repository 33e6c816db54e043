"""Everything that a task imports before and in its step, at once: for a process that forks those of tasks."""

from __future__ import annotations

import logging
from importlib import import_module

_PACKAGE = "scoro_smartaccounts"
_ROOMS = (
    "approval.questions",
    "approval.release",
    "audit.night",
    "audit.report",
    "extract.exported_payments",
    "load.documents",
    "load.payments",
    "load.receipts",
    "mapping.check",
    "meeting.step",
    "orchestration.approval",
    "orchestration.audit",
    "orchestration.hooks",
    "orchestration.imports",
    "orchestration.link_question",
    "plan.invoices",
    "plan.payments",
    "plan.receipts",
    "quality.check",
    "quality.suite",
    "reconcile_ids.decide",
    "reconcile_ids.linked_service.files",
    "reconcile_ids.outcome",
    "reconcile_ids.propose",
    "reconcile_ids.question",
    "reconcile_ids.registers",
    "reconcile_ids.report",
    "report.booked_before",
    "report.files",
    "report.summary",
    "staging.days_to_import",
)
# What Airflow imports itself where it reads a DAG file with tasks of functions, and what the check step runs on.
_OTHERS = (
    "airflow.dag_processing.dagbag",
    "airflow.providers.standard.decorators.python",
    "great_expectations",
)


def load_all_steps() -> None:
    """Import the rooms of all steps, and what they are built on. Great Expectations takes most of the time."""
    # Hundreds of lines at its import, one for each of its public functions.
    logging.getLogger("great_expectations").setLevel(logging.CRITICAL)
    for name in (*(f"{_PACKAGE}.{room}" for room in _ROOMS), *_OTHERS):
        import_module(name)
