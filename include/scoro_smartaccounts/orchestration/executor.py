"""Airflow's LocalExecutor, able to take back a task whose worker died before the task began, and whose tasks need not
load this package, each anew."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import TYPE_CHECKING

import psutil
from airflow.executors.local_executor import LocalExecutor

if TYPE_CHECKING:
    from airflow.models.taskinstance import TaskInstance

log = logging.getLogger(__name__)


class RevokingLocalExecutor(LocalExecutor):
    """Lets Airflow's time-out for queued tasks do its work (`scheduler.task_queued_timeout`).

    The scheduler asks the executor to take such a task back before it starts it again or, after some times, fails it;
    LocalExecutor cannot, and the scheduler then leaves the task queued for ever.

    A worker that lives but never got so far is ended first. Were there two, the API server would let only one begin,
    and the scheduler would read the refusal of the other as the end of the task that runs: that would cost a try.
    """

    def start(self) -> None:
        """Load what the steps import, and start the workers: a task's process is forked from them, and begins with it.

        Whoever changes the package starts the scheduler again.
        """
        if self.is_mp_using_fork:
            from scoro_smartaccounts.orchestration.preload import load_all_steps

            load_all_steps()
        super().start()

    def revoke_task(self, *, ti: TaskInstance) -> None:
        """Forget the task, so that its slot is free and it may be sent again."""
        log.warning("Taken back: %s of %s was queued and did not begin", ti.task_id, ti.run_id)
        for process in self._occupied_by(str(ti.id)):
            process.kill()
        self.queued_tasks.pop(ti.key, None)
        self.running.discard(ti.key)

    def _occupied_by(self, ti_id: str) -> Iterator[psutil.Process]:
        """Yield the worker that took the task, and what it started; workers show in their title what they work on."""
        for pid in list(self.workers):
            try:
                worker = psutil.Process(pid)
                if ti_id in " ".join(worker.cmdline()):
                    yield from (worker, *worker.children(recursive=True))
            except psutil.NoSuchProcess:
                continue
