"""`run`: one run by hand through Airflow, over the demo's services or those that the environment names."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from scoro_smartaccounts.cli.output import CommandResult
from scoro_smartaccounts.common.company import Mode, default_folder, load_companies
from scoro_smartaccounts.staging.database import make_engine
from scoro_smartaccounts_demo import airflow, simulators
from scoro_smartaccounts_demo.database import Database
from scoro_smartaccounts_demo.layout import Layout, Ports
from scoro_smartaccounts_demo.machine import STAGING_VARIABLE, Machine, connection_json, running
from scoro_smartaccounts_demo.processes import WrongDemoUsage, free_port
from scoro_smartaccounts_demo.runs import Outcome, run_to_its_end
from scoro_smartaccounts_demo.staging import database_of, given_variables
from scoro_smartaccounts_demo.standing import state_of
from scoro_smartaccounts_demo.target import Variables, company_of, has_days, hosts_on_this_machine


@dataclass(frozen=True, slots=True)
class Asked:
    """A run that somebody asks for: `first` and `last` are Tallinn days, both or neither; `company` is checked where it
    is given, since the DAG says it. Without `mode` the company file's for runs by hand counts."""

    dag_id: str
    first: date | None
    last: date | None
    mode: Mode | None = None
    company: str | None = None


def run(asked: Asked, *, quiet: bool = False) -> CommandResult:
    """Run it, telling of the progress on standard output, or on standard error if `quiet`; done if nothing failed."""
    with contextlib.redirect_stdout(sys.stderr) if quiet else contextlib.nullcontext():
        outcome = _run(asked)
    return CommandResult(
        outcome.lines,
        {
            "dag": outcome.dag_id,
            "run": outcome.run_id,
            "state": outcome.state,
            "failed_tasks": [task for task, _ in outcome.failed],
            "summary": outcome.summary,
            "report": None if outcome.report is None else asdict(outcome.report),
        },
        done=outcome.done,
    )


def _run(asked: Asked) -> Outcome:
    company = company_of(asked.dag_id, load_companies())
    if asked.company not in (None, company.key):
        raise WrongDemoUsage(f"{asked.dag_id} is a DAG of company {company.key}, not of {asked.company}.")
    conf = conf_of(asked)
    names = Variables.of(company)
    given = given_variables(names)
    database = database_of(company, given)
    layout = Layout.of_project()
    state = state_of(layout)
    if state is not None and not given:
        api = airflow.AirflowApi(state["airflow"], layout.secrets()["password"])
        staging = make_engine(Database.start(layout.database).url(database))
        return run_to_its_end(api, asked.dag_id, conf, check=lambda: None, staging=staging)
    layout.prepare()
    with _connected(layout, names, given, database) if given else _simulated(layout, database) as machine:
        machine.api.wait_for_dag(asked.dag_id, machine.processes.check)
        machine.api.unpause(asked.dag_id)
        return run_to_its_end(
            machine.api, asked.dag_id, conf, check=machine.processes.check, staging=make_engine(machine.staging)
        )


def conf_of(asked: Asked) -> dict[str, Any]:
    """Return the parameters of the run. One that is not about days asks nothing on Airflow's page, which may be gone
    then."""
    days = _days(asked.first, asked.last)
    if has_days(asked.dag_id):
        return days | ({} if asked.mode is None else {"mode": asked.mode.value})
    if days:
        raise WrongDemoUsage(f"{asked.dag_id} takes no days.")
    return {"ask": False}


def _days(first: date | None, last: date | None) -> dict[str, str]:
    """Return the parameters of a run that name its days; none where none are given: an import then takes the
    proposal."""
    if first is None and last is None:
        return {}
    if first is None or last is None:
        raise WrongDemoUsage("Give both --from and --to, days like 2026-01-31, or neither.")
    if first > last:
        raise WrongDemoUsage(f"--from {first} is after --to {last}.")
    return {"date_from": first.isoformat(), "date_to": last.isoformat()}


@contextmanager
def _simulated(layout: Layout, database: str) -> Iterator[Machine]:
    """Give an Airflow for one run by hand over the demo's services."""
    staging = _embedded_staging(layout, database)
    ports = Ports(airflow=free_port(), scoro=free_port(), smartaccounts=free_port())
    with running(
        layout,
        port=ports.airflow,
        companies=str(layout.companies),
        connections={**simulators.connections(ports), STAGING_VARIABLE: staging},
        ports=ports,
        metadata="airflow_once",
        schedule=False,
    ) as machine:
        yield machine


@contextmanager
def _connected(layout: Layout, names: Variables, given: Mapping[str, str], database: str) -> Iterator[Machine]:
    """Give an Airflow for one run by hand over the services that the environment names."""
    connections = dict(given)
    if names.staging not in connections:
        connections[names.staging] = _embedded_staging(layout, database)
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
