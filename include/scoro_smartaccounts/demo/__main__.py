"""`up`, `down` and `run`: what `make demo`, `make down` and `make run` call."""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from types import FrameType
from typing import Any

import psutil
from sqlalchemy import select

from scoro_smartaccounts.company import default_folder, load_companies
from scoro_smartaccounts.demo import airflow, simulators
from scoro_smartaccounts.demo.database import Database
from scoro_smartaccounts.demo.layout import STAGING, Layout, Ports
from scoro_smartaccounts.demo.machine import STAGING_VARIABLE, Machine, connection_json, running, step
from scoro_smartaccounts.demo.processes import DemoError, free_port, is_alive, require_free
from scoro_smartaccounts.demo.target import Variables, company_of, is_simulated
from scoro_smartaccounts.errors import PipelineError
from scoro_smartaccounts.staging.database import make_engine
from scoro_smartaccounts.staging.schema import run as run_table
from scoro_smartaccounts.summary import render_summary

DAG = "import_sales_invoices"
BACKFILL = ("2026-01-01", "2026-01-10")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; its exit code."""
    parser = argparse.ArgumentParser(prog="python -m scoro_smartaccounts.demo", description=__doc__)
    commands = parser.add_subparsers(required=True)
    commands.add_parser("up", help="start the demo; it stays up until Ctrl-C or `down`").set_defaults(command=up)
    commands.add_parser("down", help="stop the demo").set_defaults(command=down)
    once = commands.add_parser("run", help="one run of a DAG over a range of Tallinn days")
    once.add_argument("--dag", default=DAG)
    once.add_argument("--from", dest="first", required=True, type=date.fromisoformat, metavar="YYYY-MM-DD")
    once.add_argument("--to", dest="last", required=True, type=date.fromisoformat, metavar="YYYY-MM-DD")
    once.add_argument("--mode", default="import", choices=("import", "preview"))
    once.set_defaults(command=run)
    options = parser.parse_args(arguments)
    try:
        return int(options.command(options))
    except (DemoError, airflow.ApiError, PipelineError) as problem:
        print(f"\n{problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def up(_: argparse.Namespace) -> int:
    """Everything on this machine, with a backfill of some days; returns when it is stopped."""
    layout, ports = Layout.of_project(), Ports.from_environment()
    if (other := _running(layout)) is not None:
        raise DemoError(f"The demo is up already: http://127.0.0.1:{other['airflow']}. Stop it with `make down`.")
    require_free({"Airflow": ports.airflow, "Scoro": ports.scoro, "SmartAccounts": ports.smartaccounts})
    layout.prepare()
    signal.signal(signal.SIGTERM, _interrupt)
    with _machine(layout, ports) as machine, _noted(layout, ports, machine):
        with step("DAGs"):
            machine.api.wait_for_dag(DAG, machine.processes.check)
            for dag_id in machine.api.dag_ids():
                machine.api.unpause(dag_id)
        _backfill(machine)
        _tell(machine, layout, ports)
        try:
            while True:
                machine.processes.check()
                time.sleep(1)
        except KeyboardInterrupt:
            print()
    return 0


def down(_: argparse.Namespace) -> int:
    """Ask the demo's own process to stop, and wait for it."""
    layout = Layout.of_project()
    state = _running(layout)
    if state is None:
        print("The demo is not up.")
        return 0
    process = psutil.Process(state["pid"])
    process.terminate()
    with step("Stopping the demo"):
        process.wait(120)
    return 0


def run(options: argparse.Namespace) -> int:
    """One run by hand through Airflow; 0 only if nothing failed."""
    if options.first > options.last:
        raise DemoError(f"FROM {options.first} is after TO {options.last}")
    company = company_of(options.dag, load_companies())
    names = Variables.of(company)
    given = {name: os.environ[name] for name in names.all if os.environ.get(name)}
    simulated = is_simulated(company, given)
    layout = Layout.of_project()
    conf = {"date_from": options.first.isoformat(), "date_to": options.last.isoformat(), "mode": options.mode}
    state = _running(layout)
    if state is not None and not given:
        api = airflow.AirflowApi(state["airflow"], layout.secrets()["password"])
        return run_once(api, options.dag, conf, check=lambda: None, staging=_demo_staging(layout))
    layout.prepare()
    with _simulated(layout) if simulated else _connected(layout, names, given) as machine:
        machine.api.wait_for_dag(options.dag, machine.processes.check)
        machine.api.unpause(options.dag)
        return run_once(
            machine.api, options.dag, conf, check=machine.processes.check, staging=make_engine(machine.staging)
        )


@contextmanager
def _machine(layout: Layout, ports: Ports) -> Iterator[Machine]:
    staging = connection_json(Database.start(layout.database).url(STAGING))
    with running(
        layout,
        port=ports.airflow,
        companies=str(layout.companies),
        connections={**simulators.connections(ports), STAGING_VARIABLE: staging},
        ports=ports,
    ) as machine:
        yield machine


@contextmanager
def _simulated(layout: Layout) -> Iterator[Machine]:
    """An Airflow for one run by hand over the demo's services."""
    ports = Ports(airflow=free_port(), scoro=free_port(), smartaccounts=free_port())
    connections = {**simulators.connections(ports), STAGING_VARIABLE: _embedded_staging(layout, STAGING)}
    with running(
        layout,
        port=ports.airflow,
        companies=str(layout.companies),
        connections=connections,
        ports=ports,
        metadata="airflow_once",
        schedule=False,
    ) as machine:
        yield machine


@contextmanager
def _connected(layout: Layout, names: Variables, given: Mapping[str, str]) -> Iterator[Machine]:
    """An Airflow for one run by hand over the services that the environment names."""
    connections = dict(given)
    if names.staging not in connections:
        # What was linked for one pair of services must never be taken for another's.
        name = f"{STAGING}_{_digest(given[service] for service in names.services)}"
        connections[names.staging] = _embedded_staging(layout, name)
    with running(
        layout,
        port=free_port(),
        companies=str(default_folder()),
        connections=connections,
        ports=None,
        staging_variable=names.staging,
        metadata="airflow_once",
        schedule=False,
    ) as machine:
        yield machine


def _embedded_staging(layout: Layout, name: str) -> str:
    connection = connection_json(Database.start(layout.database).url(name))
    print(f"Staging database: {name} on the embedded server.")
    return connection


def _digest(connections: Iterator[str]) -> str:
    return hashlib.blake2b("\n".join(connections).encode(), digest_size=5).hexdigest()


def run_once(api: airflow.AirflowApi, dag_id: str, conf: dict[str, Any], *, check: Any, staging: Any) -> int:
    """Trigger a run, tell how it goes, print its summary; 0 only if nothing failed."""
    run_id = api.trigger(dag_id, conf)
    print(f"{dag_id}: run {run_id} of {conf['date_from']} to {conf['date_to']}, mode {conf['mode']}", flush=True)
    done: set[str] = set()
    while True:
        check()
        state = api.run_state(dag_id, run_id)
        for task in sorted(api.tasks(dag_id, run_id), key=lambda task: str(task["end_date"])):
            if task["state"] in ("success", "failed", "upstream_failed", "skipped") and task["task_id"] not in done:
                done.add(task["task_id"])
                print(f"    {task['task_id']}: {task['state']}", flush=True)
        if state in airflow.FINAL_STATES:
            break
        time.sleep(1)
    _print_summary(staging, f"{dag_id}/{run_id}")
    if state != "success":
        failed = [task["task_id"] for task in api.tasks(dag_id, run_id) if task["state"] == "failed"]
        print(f"The run failed in {', '.join(failed) or 'Airflow itself'}; its log says why.", file=sys.stderr)
        return 1
    return 0


def _print_summary(staging: Any, run_key: str) -> None:
    with staging.connect() as connection:
        summary = connection.execute(select(run_table.c.summary).where(run_table.c.run_key == run_key)).scalar()
    print(render_summary(summary) if summary else "There is no summary: the run did not come that far.")


def _backfill(machine: Machine) -> None:
    """A real backfill, once: days that ran already are skipped by Airflow."""
    first, last = BACKFILL
    if machine.api.runs(DAG, "backfill"):
        print(f"The backfill of {first} to {last} was done before.")
        return
    with step(f"Backfill of {first} to {last} through Airflow"):
        command = [*airflow.AIRFLOW, "backfill", "create", "--dag-id", DAG, "--from-date", first, "--to-date", last]
        made = subprocess.run(  # noqa: S603
            command, env=machine.environment, capture_output=True, text=True, check=False
        )
        if made.returncode != 0:
            raise DemoError(f"airflow backfill create failed:\n{made.stdout[-2000:]}{made.stderr[-2000:]}")
        told = -1
        while True:
            machine.processes.check()
            states = list(machine.api.runs(DAG, "backfill").values())
            finished = sum(state in airflow.FINAL_STATES for state in states)
            if finished != told:
                told = finished
                print(f"    {finished} of {len(states)} days", flush=True)
            if states and finished == len(states):
                return
            time.sleep(1)


def _tell(machine: Machine, layout: Layout, ports: Ports) -> None:
    engine = make_engine(machine.staging)
    with engine.connect() as connection:
        rows = connection.execute(
            select(run_table.c.date_from, run_table.c.summary)
            .where(run_table.c.kind == "backfill", run_table.c.summary.is_not(None))
            .order_by(run_table.c.date_from)
        ).all()
    engine.dispose()
    print("\nImported by the backfill:")
    print(f"    {'day':<12}{'seen':>6}{'created':>9}{'quarantine':>12}{'waiting':>9}{'requests':>10}")
    for row in rows:
        documents = row.summary["documents"]
        print(
            f"    {row.date_from:%d.%m.%Y}  {documents['seen']:>6}{documents['created']:>9}"
            f"{documents['quarantined']:>12}{documents['waiting']:>9}{row.summary['requests_used']:>10}"
        )
    print(
        f"\nAirflow:             http://127.0.0.1:{ports.airflow}   user {airflow.USER},"
        f" password {machine.api.password}"
        f"\nSmartAccounts' books: http://127.0.0.1:{ports.smartaccounts}/admin/state"
        f"\nScoro's documents:   http://127.0.0.1:{ports.scoro}/admin/state"
        f"\nQuality reports:     {layout.airflow_home / 'output' / 'default' / 'data_docs'}"
        f"\n\nmake run FROM=2026-01-11 TO=2026-01-20    imports further days"
        f"\nmake quarantine                           says what waits for a person"
        f"\nmake explain DOC=2026000001               tells the story of one document"
        "\n\nThe demo stays up until Ctrl-C or `make down`; what it did is kept.",
        flush=True,
    )


@contextmanager
def _noted(layout: Layout, ports: Ports, machine: Machine) -> Iterator[None]:
    """Leave word of this process for `down` and `run`."""
    me = psutil.Process()
    state = {"pid": me.pid, "started": me.create_time(), "airflow": ports.airflow}
    layout.running.write_text(json.dumps(state), encoding="utf-8")
    try:
        yield
    finally:
        layout.running.unlink(missing_ok=True)


def _running(layout: Layout) -> dict[str, Any] | None:
    if not layout.running.exists():
        return None
    state: dict[str, Any] = json.loads(layout.running.read_text("utf-8"))
    return state if is_alive(state["pid"], state["started"]) else None


def _demo_staging(layout: Layout) -> Any:
    return make_engine(Database.start(layout.database).url(STAGING))


def _interrupt(_: int, __: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
