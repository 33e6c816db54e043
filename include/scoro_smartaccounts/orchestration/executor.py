"""Airflow's LocalExecutor, able to take back a task whose worker died before the task began."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from airflow.executors.local_executor import LocalExecutor

if TYPE_CHECKING:
    from airflow.models.taskinstance import TaskInstance

log = logging.getLogger(__name__)


class RevokingLocalExecutor(LocalExecutor):
    """Lets Airflow's time-out for queued tasks do its work (`scheduler.task_queued_timeout`).

    The scheduler asks the executor to take such a task back before it starts it again or, after some times, fails it;
    LocalExecutor cannot, and the scheduler then leaves the task queued for ever. Should its worker live after all, the
    API server lets only one of the two begin.
    """

    def revoke_task(self, *, ti: TaskInstance) -> None:
        """Forget the task, so that its slot is free and it may be sent again."""
        log.warning("Taken back: %s of %s was queued and did not begin", ti.task_id, ti.run_id)
        self.queued_tasks.pop(ti.key, None)
        self.running.discard(ti.key)
