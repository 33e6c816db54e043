"""The steps of `reconcile_ids` as Airflow tasks."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import PurePosixPath
from typing import Any

from airflow.sdk import Param, get_current_context, task

from scoro_smartaccounts.common.company import Company
from scoro_smartaccounts.common.errors import ConfigurationError
from scoro_smartaccounts.common.run import Folder, ReconcileRequest
from scoro_smartaccounts.orchestration.params import days_of
from scoro_smartaccounts.orchestration.retries import waits_without_failing
from scoro_smartaccounts.orchestration.services import open_services
from scoro_smartaccounts.services import Services

Result = dict[str, Any]


def reconcile_params() -> dict[str, Param]:
    """Parameters of a run; all may stay as they are."""
    return {
        "decisions_file": Param(
            None,
            type=["null", "string"],
            title="File with decisions",
            description="A report of an earlier run with yes or no (jah, ei) filled in, XLSX or CSV: its path in"
            " the company's output folder, such as reconcile_ids/links_2026-01-31_090000.xlsx. Empty: none.",
        ),
        "date_from": _day(
            "First day",
            "First Tallinn day whose documents are held against the company file. Both empty: from its first import"
            " date to yesterday.",
        ),
        "date_to": _day("Last day", "Last Tallinn day, itself included."),
        "ask": Param(
            True,
            type="boolean",
            title="Ask here",
            description="Ask about the likely pairs on this page at the end. Off: they are decided in the file only.",
        ),
    }


def _day(title: str, description: str) -> Param:
    return Param(None, type=["null", "string"], format="date", title=title, description=description)


@contextmanager
def opened_reconcile(company: Company) -> Iterator[tuple[ReconcileRequest, Services]]:
    """Give what the running task's DAG run is, and what it works with."""
    context: Any = get_current_context()
    run, params = context["dag_run"], context["params"]
    days = days_of(params.get("date_from"), params.get("date_to"))
    request = ReconcileRequest(company, f"{run.dag_id}/{run.run_id}", days)
    with open_services(request) as services:
        yield request, services


log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ReconcileSteps:
    """The steps of one company; each method makes one task. What the tasks return are counts and names of files."""

    company: Company

    def take(self, task_id: str) -> Any:
        """Return a file with decisions → links."""

        def take(request: ReconcileRequest, services: Services) -> Result:
            from scoro_smartaccounts.reconcile_ids.decide import take_answers

            context: Mapping[str, Any] = get_current_context()
            name = context["params"].get("decisions_file")
            if not name:
                return {}
            content = read_inside(services.output_folder, name)
            by = str(getattr(context["dag_run"], "triggering_user_name", None) or "")
            taken = take_answers(services.engine, request.company, request.run_key, content, services.clock, by=by)
            for fault in taken.skipped:
                log.warning("Skipped: %s", fault)
            return {**taken.counts}

        return self._step(task_id, take)

    def read(self, task_id: str) -> Any:
        """Both services → staging."""

        def read(request: ReconcileRequest, services: Services) -> Result:
            from scoro_smartaccounts.reconcile_ids.registers import read_registers

            return {**read_registers(request, services)}

        return self._step(task_id, read)

    def propose(self, task_id: str) -> Any:
        """Staging → links and proposals."""

        def propose(request: ReconcileRequest, services: Services) -> Result:
            from scoro_smartaccounts.reconcile_ids.propose import propose_links

            return {**propose_links(request, services)}

        return self._step(task_id, propose)

    def report(self, task_id: str) -> Any:
        """Links, proposals and what the company file lacks → files for people, and the run's table."""

        def report(request: ReconcileRequest, services: Services) -> Result:
            from scoro_smartaccounts.reconcile_ids.report import write_report

            return asdict(write_report(request, services))

        return self._step(task_id, report)

    def _step(self, task_id: str, step: Callable[[ReconcileRequest, Services], Result]) -> Any:
        @task(task_id=task_id)
        @waits_without_failing
        def run() -> Result:
            with opened_reconcile(self.company) as opened:
                return step(*opened)

        return run()


def read_inside(folder: Folder, name: str) -> bytes:
    """Return the bytes of a file below `folder`; raises ConfigurationError where there is none or it lies elsewhere."""
    from scoro_smartaccounts.reconcile_ids.linked_service.files import read_whole

    path = PurePosixPath(name.strip())
    if path.is_absolute() or ".." in path.parts or "://" in name:
        raise ConfigurationError("decisions_file: give the path of a file in the company's output folder")
    try:
        with (folder / str(path)).open("rb") as stream:
            return read_whole(stream, f"decisions_file {path}")
    except OSError:
        raise ConfigurationError(f"decisions_file: the company's output folder has no file {path}") from None
