"""The five steps of a run as Airflow tasks: the same for every flow, named by its DAG."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from airflow.sdk import Asset, get_current_context, task

from scoro_smartaccounts import pipeline
from scoro_smartaccounts.common.company import Company
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.run import Counts, RunRequest
from scoro_smartaccounts.orchestration.notifications import on_summary
from scoro_smartaccounts.orchestration.outcome import (
    note_try,
    plans_alias,
    plans_asset,
    publish,
    unfinished_steps,
)
from scoro_smartaccounts.orchestration.retries import RetryByMeaning, waits_without_failing
from scoro_smartaccounts.orchestration.services import opened_run
from scoro_smartaccounts.services import Services

TASK_DEFAULTS: dict[str, Any] = {
    "retries": 3,
    "retry_delay": timedelta(minutes=1),
    "retry_exponential_backoff": True,
    "max_retry_delay": timedelta(minutes=15),
    "retry_policy": RetryByMeaning(),
    # What hangs is ended after half an hour without progress (`progress.py`); this is for what goes round in circles.
    "execution_timeout": timedelta(hours=24),
    # A run that has begun goes on before the next one begins.
    "weight_rule": "upstream",
}


@dataclass(frozen=True, slots=True)
class Steps:
    """The steps of one company's flow; each method makes one task."""

    company: Company
    flow: Flow

    def extract(self, task_id: str) -> Any:
        """Source → staging."""
        return self._counted(task_id, pipeline.extract)

    def check(self, task_id: str) -> Any:
        """Staging → findings and quarantine."""
        return self._counted(task_id, pipeline.check)

    def plan(self, task_id: str) -> Any:
        """Return what passed → plans, exactly what will be sent."""
        return self._counted(task_id, pipeline.reconcile_and_plan)

    def load(self, task_id: str) -> Any:
        """Plans → target."""
        return self._counted(task_id, pipeline.load_until_certain)

    def summarize(self, task_id: str, updates: Asset) -> Any:
        """Return the run's table, also after a failure; a run that finished updates the asset, and one that has plans
        for the accountant lets `approve_plans` ask."""
        alias = plans_alias(self.company, self.flow)

        @task(
            task_id=task_id,
            trigger_rule="all_done",
            outlets=[updates] if self.flow.is_export else [updates, alias],
            on_success_callback=on_summary(self.company),
            # A run of which a step did not finish has put documents into quarantine all the same.
            on_failure_callback=on_summary(self.company),
            # One XCom, not one more for each of its numbers: Airflow takes a request for each.
            multiple_outputs=False,
        )
        @waits_without_failing
        def summarize() -> dict[str, Any]:
            unfinished = unfinished_steps()
            with opened_run(self.company, self.flow) as run:
                summary = pipeline.summarize(*run)
            published = publish(summary, updates, unfinished)
            if summary["to_approve"] or summary["approved_unsent"]:
                get_current_context()["outlet_events"][alias].add(plans_asset(self.company, self.flow))
            return published

        return summarize()

    def _counted(self, task_id: str, step: Callable[[RunRequest, Services], Counts]) -> Any:
        @task(task_id=task_id)
        @waits_without_failing
        def counted() -> Counts:
            note_try()
            with opened_run(self.company, self.flow) as run:
                return step(*run)

        return counted()
