"""`demo up` and `demo down`: everything on this machine, until somebody stops it."""

from __future__ import annotations

import contextlib
import json
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from types import FrameType
from typing import Any

import psutil

from scoro_smartaccounts.cli.output import CommandResult, print_result
from scoro_smartaccounts.common.errors import TransientError
from scoro_smartaccounts_demo import airflow, simulators, tour
from scoro_smartaccounts_demo.database import Database
from scoro_smartaccounts_demo.layout import HOST, STAGING, Layout, Ports
from scoro_smartaccounts_demo.machine import STAGING_VARIABLE, Machine, connection_json, running, step
from scoro_smartaccounts_demo.processes import WrongDemoUsage, is_alive, require_free

# Seconds.
_LONGEST_STOP = 120


def up(*, as_json: bool = False) -> None:
    """Everything on this machine, with some days carried over by every flow; returns when it is stopped.

    What it is up with is told once it is; progress goes to standard error if that is JSON.
    """
    layout, ports = Layout.of_project(), Ports.from_environment()
    if (other := state_of(layout)) is not None:
        raise WrongDemoUsage(
            f"The demo is up already: http://{HOST}:{other['airflow']}. Stop it with `scoro-smartaccounts demo down`."
        )
    require_free({"Airflow": ports.airflow, "Scoro": ports.scoro, "SmartAccounts": ports.smartaccounts})
    layout.prepare()
    signal.signal(signal.SIGTERM, _interrupt)
    answer = sys.stdout
    progress = sys.stderr if as_json else answer
    with contextlib.redirect_stdout(progress), _noted(layout) as note, _machine(layout, ports) as machine:
        note(ports)
        tour.show(machine, ports)
        with contextlib.redirect_stdout(answer):
            print_result(_what_is_up(machine, layout, ports), as_json=as_json)
            answer.flush()
        try:
            while True:
                machine.processes.check()
                time.sleep(1)
        except KeyboardInterrupt:
            print()


def down(*, quiet: bool = False) -> CommandResult:
    """Ask the demo's own process to stop, and wait for it."""
    layout = Layout.of_project()
    state = state_of(layout)
    if state is None:
        return CommandResult(["The demo is not up."], {"stopped": False})
    psutil.Process(state["pid"]).terminate()
    with contextlib.redirect_stdout(sys.stderr) if quiet else contextlib.nullcontext(), step("Stopping the demo"):
        _wait_until_down(state)
    return CommandResult(["The demo is down."], {"stopped": True})


def _wait_until_down(state: dict[str, Any]) -> None:
    """Wait until the process ended; one whose parent has not asked for its end did, too."""
    deadline = time.monotonic() + _LONGEST_STOP
    while is_alive(state["pid"], state["started"]):
        if time.monotonic() > deadline:
            raise TransientError(
                f"the demo's process {state['pid']} goes on for {_LONGEST_STOP} s after it was stopped. It may be busy:"
                f" try again, or end it with `kill {state['pid']}`"
            )
        time.sleep(0.2)


def state_of(layout: Layout) -> dict[str, Any] | None:
    """Return what the demo's process left word of (`pid`, `started`, port `airflow`), while it is up."""
    if not layout.running.exists():
        return None
    state: dict[str, Any] = json.loads(layout.running.read_text("utf-8"))
    return state if is_alive(state["pid"], state["started"]) else None


@contextmanager
def _machine(layout: Layout, ports: Ports) -> Iterator[Machine]:
    with step("PostgreSQL"):
        staging = connection_json(Database.start(layout.database).url(STAGING))
    with running(
        layout,
        port=ports.airflow,
        companies=str(layout.companies),
        connections={**simulators.connections(ports), STAGING_VARIABLE: staging},
        ports=ports,
    ) as machine:
        yield machine


def _what_is_up(machine: Machine, layout: Layout, ports: Ports) -> CommandResult:
    password = machine.api.password
    reports = layout.airflow_home / "output" / "default" / "data_docs"
    services = {name: f"http://{HOST}:{port}" for name, port in asdict(ports).items()}
    page = f"{services['airflow']}{airflow.PAGE}/"
    return CommandResult(
        [
            "",
            f"The page:             {page}   user {airflow.USER}, password {password}",
            f"Airflow:              {services['airflow']}   the same user",
            f"SmartAccounts' books: {services['smartaccounts']}/admin/state",
            f"Scoro's documents:    {services['scoro']}/admin/state",
            f"Quality reports:      {reports}",
            "",
            "scoro-smartaccounts run --from 2026-01-11 --to 2026-01-20   imports further days",
            "scoro-smartaccounts run --dag export_payments               sends new payments to Scoro",
            "scoro-smartaccounts quarantine                              says what waits for a person",
            "scoro-smartaccounts explain 2026000001                      tells the story of one document",
            "",
            "The command stands in .venv/bin of the project's folder. The demo stays up until Ctrl-C or"
            " `scoro-smartaccounts demo down`; what it did is kept.",
        ],
        {"page": page, **services, "user": airflow.USER, "password": password, "quality_reports": str(reports)},
    )


@contextmanager
def _noted(layout: Layout) -> Iterator[Callable[[Ports], None]]:
    """Give a function that leaves word of this process for `down` and `run`; taken back at the end, when all has
    stopped."""

    def note(ports: Ports) -> None:
        me = psutil.Process()
        state = {"pid": me.pid, "started": me.create_time(), "airflow": ports.airflow}
        layout.running.write_text(json.dumps(state), encoding="utf-8")

    try:
        yield note
    finally:
        layout.running.unlink(missing_ok=True)


def _interrupt(_: int, __: FrameType | None) -> None:
    # A second `down` waits too, and does not break off the stopping.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise KeyboardInterrupt
