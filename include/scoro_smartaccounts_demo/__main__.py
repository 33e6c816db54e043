"""`up`, `down` and `run`: what `make demo`, `make down` and `make run` call."""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import signal
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from types import FrameType
from typing import Any

import psutil

from scoro_smartaccounts.company import default_folder, load_companies
from scoro_smartaccounts.documents import Flow
from scoro_smartaccounts.errors import PipelineError
from scoro_smartaccounts.staging.database import make_engine
from scoro_smartaccounts_demo import airflow, simulators, tour
from scoro_smartaccounts_demo.database import Database
from scoro_smartaccounts_demo.layout import STAGING, Layout, Ports
from scoro_smartaccounts_demo.machine import STAGING_VARIABLE, Machine, connection_json, running, step
from scoro_smartaccounts_demo.processes import DemoError, free_port, is_alive, require_free
from scoro_smartaccounts_demo.runs import run_once
from scoro_smartaccounts_demo.target import Variables, company_of, has_days, hosts_on_this_machine, is_simulated


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; its exit code."""
    parser = argparse.ArgumentParser(prog="python -m scoro_smartaccounts_demo", description=__doc__)
    commands = parser.add_subparsers(required=True)
    commands.add_parser("up", help="start the demo; it stays up until Ctrl-C or `down`").set_defaults(command=up)
    commands.add_parser("down", help="stop the demo").set_defaults(command=down)
    once = commands.add_parser("run", help="one run of a DAG over a range of Tallinn days; the export needs none")
    once.add_argument("--dag", default=Flow.SALES_INVOICES.dag_id)
    once.add_argument("--from", dest="first", type=_day, metavar="YYYY-MM-DD")
    once.add_argument("--to", dest="last", type=_day, metavar="YYYY-MM-DD")
    once.add_argument("--mode", default="import", choices=("import", "approve", "preview"))
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
    """Everything on this machine, with some days carried over by every flow; returns when it is stopped."""
    layout, ports = Layout.of_project(), Ports.from_environment()
    if (other := _running(layout)) is not None:
        raise DemoError(f"The demo is up already: http://127.0.0.1:{other['airflow']}. Stop it with `make down`.")
    require_free({"Airflow": ports.airflow, "Scoro": ports.scoro, "SmartAccounts": ports.smartaccounts})
    layout.prepare()
    signal.signal(signal.SIGTERM, _interrupt)
    with _machine(layout, ports) as machine, _noted(layout, ports, machine):
        tour.show(machine, ports)
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
    company = company_of(options.dag, load_companies())
    conf = _conf(options)
    names = Variables.of(company)
    given = {name: os.environ[name] for name in names.all if os.environ.get(name)}
    simulated = is_simulated(company, given)
    layout = Layout.of_project()
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


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} is no day like 2026-01-31") from None


def _conf(options: argparse.Namespace) -> dict[str, Any]:
    """The parameters of the run. One that is not about days asks nothing on Airflow's page, which may be gone then."""
    days = _days(options.first, options.last)
    if has_days(options.dag):
        return days | {"mode": options.mode}
    if days:
        raise DemoError(f"{options.dag} takes no days.")
    return {"ask": False}


def _days(first: date | None, last: date | None) -> dict[str, str]:
    """The parameters of a run that name its days; none where none are given: an import then takes the proposal."""
    if first is None and last is None:
        return {}
    if first is None or last is None:
        raise DemoError("Give both FROM and TO, days like 2026-01-31, or neither.")
    if first > last:
        raise DemoError(f"FROM {first} is after TO {last}")
    return {"date_from": first.isoformat(), "date_to": last.isoformat()}


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
    connections |= hosts_on_this_machine((given[service] for service in names.services), os.environ)
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


def _tell(machine: Machine, layout: Layout, ports: Ports) -> None:
    print(
        f"\nAirflow:              http://127.0.0.1:{ports.airflow}   user {airflow.USER},"
        f" password {machine.api.password}"
        f"\nSmartAccounts' books: http://127.0.0.1:{ports.smartaccounts}/admin/state"
        f"\nScoro's documents:    http://127.0.0.1:{ports.scoro}/admin/state"
        f"\nQuality reports:      {layout.airflow_home / 'output' / 'default' / 'data_docs'}"
        f"\n\nmake run FROM=2026-01-11 TO=2026-01-20    imports further days"
        f"\nmake run DAG=export_payments              sends new payments to Scoro"
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
