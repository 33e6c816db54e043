"""The task of `undo_import`."""

from __future__ import annotations

from typing import Any

from airflow.sdk import get_current_context, task

from scoro_smartaccounts.common.company import Company
from scoro_smartaccounts.common.run import UndoRequest
from scoro_smartaccounts.orchestration.outcome import note_try
from scoro_smartaccounts.orchestration.retries import waits_without_failing
from scoro_smartaccounts.orchestration.services import open_services


def undo_plans(company: Company, task_id: str) -> Any:
    """Return the task that does what is left of the approved undo plans."""

    @task(task_id=task_id, multiple_outputs=False)
    @waits_without_failing
    def undo() -> dict[str, int]:
        from scoro_smartaccounts.undo.doing import undo_approved

        note_try()
        run: Any = get_current_context()["dag_run"]
        request = UndoRequest(company, f"{run.dag_id}/{run.run_id}")
        with open_services(request) as services:
            return {**undo_approved(request, services)}

    return undo()
