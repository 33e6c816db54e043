"""Room orchestration. What happens at night, on real Airflow: a service is away, a worker dies before its task
begins."""

from __future__ import annotations

import json
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest

from scoro_smartaccounts.common.clock import utc_now
from scoro_smartaccounts.staging.database import make_engine
from scoro_smartaccounts_demo import airflow
from scoro_smartaccounts_demo.database import Database
from scoro_smartaccounts_demo.layout import Layout
from scoro_smartaccounts_demo.machine import STAGING_VARIABLE, Machine, connection_json, running
from scoro_smartaccounts_demo.processes import free_port
from scoro_smartaccounts_sandbox.faults import Fault, FaultKind
from tests.dags.conftest import ROOT
from tests.integration.world import World, open_world

EXPORT, IMPORT = "export_payments", "import_sales_invoices"
DAY = date(2026, 1, 5)
# Airflow asks the executor so often for tasks that do not begin; ten minutes otherwise.
QUEUED_TIMEOUT = 45
# What hangs is ended so soon here; after half an hour otherwise. Python runs the file in every process.
STANDSTILL = 40
SHORTER = f"""
from datetime import timedelta
from scoro_smartaccounts.common import progress
progress.LONGEST_STANDSTILL = timedelta(seconds={STANDSTILL})
"""


@dataclass
class Night:
    """Airflow and what it works on."""

    layout: Layout
    machine: Machine
    database: Database
    world: World

    def wait(self, done: Callable[[], Any], *, seconds: float = 240) -> Any:
        """What `done` returns, once that is something."""
        deadline = time.monotonic() + seconds
        while not (found := done()):
            self.machine.processes.check()
            assert time.monotonic() < deadline, "waited in vain"
            time.sleep(0.2)
        return found

    def end_of(self, dag_id: str, run_id: str) -> str:
        self.wait(lambda: self.machine.api.run_state(dag_id, run_id) in airflow.FINAL_STATES)
        return self.machine.api.run_state(dag_id, run_id)

    def sql(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Ask Airflow's database, past Airflow."""
        with psycopg.connect(self.database.uri, dbname="airflow") as connection:
            cursor = connection.execute(statement, values)
            return cursor.fetchall() if cursor.description else []


@pytest.fixture(scope="module")
def night() -> Iterator[Night]:
    folder = Path(tempfile.mkdtemp(prefix="airflow-night-"))
    layout = Layout(folder)
    layout.prepare()
    shutil.copy(ROOT / "include/companies/default.yaml", layout.companies / "default.yaml")
    customized = folder / "python"
    customized.mkdir()
    (customized / "sitecustomize.py").write_text(SHORTER)
    database = Database.start(layout.database)
    staging = database.url("staging")
    engine = make_engine(staging)
    with open_world(engine, folder / "world") as world:
        world.clock.set(utc_now())
        environment = {
            "PYTHONPATH": str(customized),
            STAGING_VARIABLE: connection_json(staging),
            "AIRFLOW_CONN_SCORO_DEFAULT": _connection("scoro", world.scoro_url, "demoou", "ScoroAPI_000000000000000"),
            "AIRFLOW_CONN_SMARTACCOUNTS_DEFAULT": _connection(
                "smartaccounts", f"{world.smartaccounts_url}/en/api/", "testkey", "test-secret"
            ),
            "AIRFLOW__SCHEDULER__TASK_QUEUED_TIMEOUT": str(QUEUED_TIMEOUT),
            "AIRFLOW__SCHEDULER__TASK_QUEUED_TIMEOUT_CHECK_INTERVAL": "2",
        }
        with running(
            layout,
            port=free_port(),
            companies=str(layout.companies),
            connections=environment,
            ports=None,
            schedule=False,
        ) as machine:
            for dag_id in (EXPORT, IMPORT):
                machine.api.wait_for_dag(dag_id, machine.processes.check)
                machine.api.unpause(dag_id)
            yield Night(layout, machine, database, world)
    engine.dispose()
    database.stop()
    shutil.rmtree(folder, ignore_errors=True)


def _connection(kind: str, host: str, login: str, password: str) -> str:
    return json.dumps({"conn_type": kind, "host": host, "login": login, "password": password})


@pytest.mark.long
def test_a_task_whose_worker_died_before_it_began_is_started_again(night: Night) -> None:
    """The API server answers nobody while a worker takes the task: it is queued, and its worker is killed."""
    processes = night.machine.processes.children
    run_id = night.machine.api.trigger(EXPORT, {})
    os.killpg(processes["api-server"].pid, signal.SIGSTOP)
    try:
        worker = night.wait(lambda: worker_of(night, run_id))
        assert states(night, run_id)["read_payments"] == ("queued", 1)
        for process in (worker, *worker.children(recursive=True)):
            process.kill()
    finally:
        os.killpg(processes["api-server"].pid, signal.SIGCONT)
    assert night.end_of(EXPORT, run_id) == "success"
    # No try was lost.
    assert tried_again(night, run_id) == {}


@pytest.mark.long
def test_a_worker_that_lives_but_never_begins_is_ended_before_its_task_is_started_again(night: Night) -> None:
    processes = night.machine.processes.children
    run_id = night.machine.api.trigger(EXPORT, {})
    os.killpg(processes["api-server"].pid, signal.SIGSTOP)
    try:
        worker = night.wait(lambda: worker_of(night, run_id))
        # Slow beyond all measure, but alive.
        worker.suspend()
        night.wait(lambda: not worker.is_running() or worker.status() == psutil.STATUS_ZOMBIE)
    finally:
        os.killpg(processes["api-server"].pid, signal.SIGCONT)
    assert night.end_of(EXPORT, run_id) == "success"
    assert tried_again(night, run_id) == {}


def worker_of(night: Night, run_id: str) -> psutil.Process | None:
    """The worker that took the run's first task. Another one may still be at the end of an earlier run's."""
    ids = [str(ti_id) for (ti_id,) in night.sql("select id from task_instance where run_id = %s", run_id)]
    for process in psutil.Process(night.machine.processes.children["scheduler"].pid).children():
        title = " ".join(process.cmdline())
        if "LocalExecutor" in title and any(ti_id in title for ti_id in ids):
            return process
    return None


def states(night: Night, run_id: str) -> dict[str, tuple[str, int]]:
    """Task → state and number of the try."""
    rows = night.sql("select task_id, state, try_number from task_instance where run_id = %s", run_id)
    return {task_id: (state, try_number) for task_id, state, try_number in rows}


def tried_again(night: Night, run_id: str) -> dict[str, tuple[str, int]]:
    """The tasks that did not succeed at their first try."""
    return {task_id: end for task_id, end in states(night, run_id).items() if end != ("success", 1)}


@pytest.mark.long
def test_a_task_that_hangs_is_ended_with_a_sentence_and_tried_again(night: Night) -> None:
    """Somebody locked a table of the staging database and went home."""
    with psycopg.connect(night.database.uri, dbname="staging") as connection:
        connection.execute("lock table document in access exclusive mode")
        run_id = night.machine.api.trigger(IMPORT, {"date_from": str(DAY), "date_to": str(DAY), "mode": "preview"})
        night.wait(lambda: states(night, run_id).get("extract_documents") == ("up_for_retry", 1))
    logs = "\n".join(path.read_text() for path in night.layout.airflow_home.rglob(f"*{run_id}*/**/*attempt=1.log"))
    assert "NoProgress" in logs
    assert f"No progress for {STANDSTILL / 60:g} minutes, in the statement" in logs
    assert night.end_of(IMPORT, run_id) == "success"
    assert tried_again(night, run_id) == {"extract_documents": ("success", 2)}


@pytest.mark.slow
def test_an_outage_costs_no_try(night: Night) -> None:
    """Longer than what the client itself repeats, for the meeting and again for the list; the wait is cut short."""
    night.world.scoro.faults.add(Fault(FaultKind.STATUS, status=503, times=8))
    run_id = night.machine.api.trigger(IMPORT, {"date_from": str(DAY), "date_to": str(DAY), "mode": "preview"})
    night.wait(lambda: states(night, run_id).get("extract_documents") == ("up_for_reschedule", 1))
    ((wait,),) = night.sql(
        "select reschedule_date - task_reschedule.end_date from task_reschedule"
        " join task_instance on ti_id = task_instance.id where run_id = %s",
        run_id,
    )
    assert 600 < wait.total_seconds() < 900
    assert night.sql("select key from task_state_store where run_id = %s", run_id) == [("waited_seconds",)]
    # Not at once: the scheduler must first hear that the task has ended (`_SHORTEST_WAIT`).
    night.sql("update task_reschedule set reschedule_date = now() + interval '30 seconds'")
    assert night.end_of(IMPORT, run_id) == "success"
    assert tried_again(night, run_id) == {}
