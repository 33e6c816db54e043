"""Runs by hand: started through Airflow's API, followed to their end, and told."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

from sqlalchemy import Engine

from scoro_smartaccounts.company import DEFAULT_KEY
from scoro_smartaccounts.first_day.report import Report
from scoro_smartaccounts.staging import runs
from scoro_smartaccounts.summary import render_summary
from scoro_smartaccounts_demo import airflow
from scoro_smartaccounts_demo.target import has_days


def run_once(
    api: airflow.AirflowApi, dag_id: str, conf: dict[str, Any], *, check: Callable[[], None], staging: Engine
) -> int:
    """Trigger a run, tell how it goes, print its summary; 0 only if nothing failed."""
    run_id = start(api, dag_id, conf)
    state = follow(api, dag_id, run_id, check)
    if has_days(dag_id):
        _print_summary(staging, dag_id, run_id)
    elif report := api.returned(dag_id, run_id, "write_report"):
        print(Report(**report))
    if state != "success":
        failed = [
            f"{task['task_id']} ({task['try_number']} of {task['max_tries'] + 1} tries)"
            for task in api.tasks(dag_id, run_id)
            if task["state"] == "failed"
        ]
        print(
            f"The run failed in {', '.join(failed) or 'Airflow itself'}; its log says why. A log that ends without an"
            " error belongs to a process that was killed: for want of memory, or with its machine.",
            file=sys.stderr,
        )
        return 1
    return 0


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


def _print_summary(staging: Engine, dag_id: str, run_id: str) -> None:
    with staging.connect() as connection:
        known = runs.entry(connection, dag_id.partition("__")[2] or DEFAULT_KEY, f"{dag_id}/{run_id}")
    summary = known and known.summary
    print(render_summary(summary) if summary else "There is no summary: the run did not come that far.")
