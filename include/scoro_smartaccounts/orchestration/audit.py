"""The steps of `audit_books` as Airflow tasks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from airflow.sdk import get_current_context, task

from scoro_smartaccounts.common.clock import tallinn_day
from scoro_smartaccounts.common.company import Company
from scoro_smartaccounts.common.run import AuditRequest
from scoro_smartaccounts.orchestration.notifications import on_new_drift
from scoro_smartaccounts.orchestration.outcome import did_not_finish, note_try, unfinished_steps
from scoro_smartaccounts.orchestration.retries import waits_without_failing
from scoro_smartaccounts.orchestration.services import open_services
from scoro_smartaccounts.services import Services

Result = dict[str, Any]

# How long a side that is away is waited for: the other one is told in the morning all the same.
A_MORNING, _ALL_DAY = timedelta(hours=2), timedelta(hours=24)


@contextmanager
def opened_audit(company: Company) -> Iterator[tuple[AuditRequest, Services]]:
    """Give what the running task's DAG run is, and what it works with. Its night is the Tallinn day on which it was
    due, however long it waits."""
    context: Any = get_current_context()
    run = context["dag_run"]
    request = AuditRequest(company, f"{run.dag_id}/{run.run_id}", tallinn_day(run.run_after))
    with open_services(request) as services:
        yield request, services


@dataclass(frozen=True, slots=True)
class AuditSteps:
    """The steps of one company; each method makes one task. What the tasks return are counts."""

    company: Company

    def scoro(self, task_id: str) -> Any:
        """Scoro's lists → staging."""

        def scoro(request: AuditRequest, services: Services) -> Result:
            from scoro_smartaccounts.audit import night

            return {**night.scoro(request, services)}

        return self._step(task_id, scoro)

    def books(self, task_id: str) -> Any:
        """SmartAccounts' lists and balances → staging."""

        def books(request: AuditRequest, services: Services) -> Result:
            from scoro_smartaccounts.audit import night

            return {**night.books(request, services)}

        return self._step(task_id, books)

    def totals(self, task_id: str) -> Any:
        """Return what both sides and the ledger hold of each month → pages, also where a reading did not finish."""

        def totals(request: AuditRequest, services: Services) -> Result:
            from scoro_smartaccounts.totals.write import write

            return {**write(request, services)}

        return self._step(task_id, totals, trigger_rule="all_done", longest=_ALL_DAY)

    def report(self, task_id: str) -> Any:
        """Return what the night found → pages, and lines in the log; fails where a step did not finish."""

        @task(
            task_id=task_id,
            trigger_rule="all_done",
            on_success_callback=on_new_drift(self.company),
            # A night of which a step did not finish has found something all the same.
            on_failure_callback=on_new_drift(self.company),
            multiple_outputs=False,
        )
        @waits_without_failing
        def report() -> Result:
            from scoro_smartaccounts.audit.report import tell

            unfinished = unfinished_steps()
            with opened_audit(self.company) as opened:
                found = tell(*opened)
            if unfinished:
                get_current_context()["ti"].xcom_push(key="return_value", value=found.counts)
                raise did_not_finish(unfinished)
            return found.counts

        return report()

    def hunt(self, task_id: str) -> Any:
        """Return what differs and is not named → the day on which it lies; waits for an hour between two looks. As the
        last step it fails where one before did not finish: the run did not either."""

        def hunt(request: AuditRequest, services: Services) -> Result:
            from scoro_smartaccounts.audit import night

            found = {**night.hunt_on(request, services)}
            if unfinished := unfinished_steps():
                raise did_not_finish(unfinished)
            return found

        return self._step(task_id, hunt, trigger_rule="all_done")

    def _step(
        self,
        task_id: str,
        step: Callable[[AuditRequest, Services], Result],
        trigger_rule: str = "all_success",
        longest: timedelta = A_MORNING,
    ) -> Any:
        def run() -> Result:
            note_try()
            with opened_audit(self.company) as opened:
                return step(*opened)

        return task(task_id=task_id, trigger_rule=trigger_rule)(waits_without_failing(run, longest))()
