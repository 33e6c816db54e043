"""Runs by hand: started through Airflow's API, followed to their end, and told."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine

from scoro_smartaccounts.common.company import DEFAULT_KEY
from scoro_smartaccounts.reconcile_ids.report import Report
from scoro_smartaccounts.report.summary import render_summary
from scoro_smartaccounts.staging import runs
from scoro_smartaccounts_demo import airflow
from scoro_smartaccounts_demo.target import has_days


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run ended. `failed`: its failed tasks, each with the tries it had; `summary`: of a run about days, the
    ledger's; `report`: of one of reconcile_ids."""

    dag_id: str
    run_id: str
    state: str
    failed: Sequence[tuple[str, str]]
    summary: Mapping[str, Any] | None
    report: Report | None

    @property
    def done(self) -> bool:
        """Whether nothing failed."""
        return self.state == "success"

    @property
    def lines(self) -> list[str]:
        """What came of it, for a person."""
        if self.summary is not None:
            return render_summary(self.summary).splitlines()
        if self.report is not None:
            return str(self.report).splitlines()
        return ["There is no summary: the run did not come that far."]


def run_once(
    api: airflow.AirflowApi, dag_id: str, conf: dict[str, Any], *, check: Callable[[], None], staging: Engine
) -> int:
    """Trigger a run, tell how it goes, print its summary; 0 only if nothing failed."""
    outcome = run_to_its_end(api, dag_id, conf, check=check, staging=staging)
    print("\n".join(outcome.lines))
    return 0 if outcome.done else 1


def run_to_its_end(
    api: airflow.AirflowApi, dag_id: str, conf: dict[str, Any], *, check: Callable[[], None], staging: Engine
) -> Outcome:
    """Trigger a run, tell how it goes, and on standard error where it failed; what came of it."""
    run_id = start(api, dag_id, conf)
    state = follow(api, dag_id, run_id, check)
    summary, report = None, None
    if has_days(dag_id):
        summary = _summary(staging, dag_id, run_id)
    elif returned := api.returned(dag_id, run_id, "write_report"):
        report = Report(**returned)
    failed = [
        (task["task_id"], f"{task['try_number']} of {task['max_tries'] + 1} tries")
        for task in api.tasks(dag_id, run_id)
        if task["state"] == "failed"
    ]
    outcome = Outcome(dag_id, run_id, state, failed, summary, report)
    if not outcome.done:
        print(
            f"The run failed in {', '.join(f'{task} ({tries})' for task, tries in failed) or 'Airflow itself'}; its log"
            " says why. A log that ends without an error belongs to a process that was killed: for want of memory, or"
            " with its machine.",
            file=sys.stderr,
        )
    return outcome


def start(api: airflow.AirflowApi, dag_id: str, conf: dict[str, Any]) -> str:
    """Trigger a run and say what it is; its id."""
    run_id = api.trigger(dag_id, conf)
    days = f" of {conf['date_from']} to {conf['date_to']}" if "date_from" in conf else ""
    mode = f", mode {conf['mode']}" if "mode" in conf else ""
    print(f"{dag_id}: run {run_id}{days}{mode}", flush=True)
    return run_id


def follow(api: airflow.AirflowApi, dag_id: str, run_id: str, check: Callable[[], None]) -> str:
    """Tell of each task that ends or waits, until the run ends; its state. `check` may raise meanwhile."""
    done: set[str] = set()
    waiting: set[str] = set()
    while True:
        check()
        state = api.run_state(dag_id, run_id)
        for task in sorted(api.tasks(dag_id, run_id), key=lambda task: str(task["end_date"])):
            if task["state"] in ("success", "failed", "upstream_failed", "skipped") and task["task_id"] not in done:
                done.add(task["task_id"])
                print(f"    {task['task_id']}: {task['state']}", flush=True)
            waits = task["state"] == "up_for_reschedule"
            if waits and task["task_id"] not in waiting:
                print(f"    {task['task_id']}: waits and goes on by itself; its log says for what", flush=True)
            (waiting.add if waits else waiting.discard)(task["task_id"])
        if state in airflow.FINAL_STATES:
            return state
        time.sleep(1)


def _summary(staging: Engine, dag_id: str, run_id: str) -> Mapping[str, Any] | None:
    with staging.connect() as connection:
        known = runs.entry(connection, dag_id.partition("__")[2] or DEFAULT_KEY, f"{dag_id}/{run_id}")
    return known.summary if known else None
