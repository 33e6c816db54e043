"""The step of `watch_runs` as an Airflow task."""

from __future__ import annotations

from typing import Any

from airflow.sdk import get_current_context, task

from scoro_smartaccounts.common.company import Company
from scoro_smartaccounts.orchestration.notifications import tell_what_is_overdue
from scoro_smartaccounts.orchestration.retries import waits_without_failing


def watch(company: Company, task_id: str) -> Any:
    """Make the task: it returns how much was told."""

    @task(task_id=task_id, multiple_outputs=False)
    @waits_without_failing
    def look() -> dict[str, int]:
        return tell_what_is_overdue(company, get_current_context())

    return look()
