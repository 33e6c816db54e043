"""Bringing everything up in order, and taking it down again."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy.engine import URL

from scoro_smartaccounts.staging.database import airflow_url, make_engine, upgrade
from scoro_smartaccounts_demo import airflow, simulators
from scoro_smartaccounts_demo.database import Database
from scoro_smartaccounts_demo.layout import METADATA, Layout, Ports
from scoro_smartaccounts_demo.processes import DemoError, Processes

STAGING_VARIABLE = "AIRFLOW_CONN_STAGING_DEFAULT"


@dataclass(frozen=True, slots=True)
class Machine:
    """A running Airflow and what stands beside it."""

    api: airflow.AirflowApi
    processes: Processes
    environment: dict[str, str]
    staging_variable: str = STAGING_VARIABLE

    @property
    def staging(self) -> URL:
        """The staging database."""
        return airflow_url(self.environment[self.staging_variable])


@contextmanager
def running(
    layout: Layout,
    *,
    port: int,
    companies: str,
    connections: Mapping[str, str],
    ports: Ports | None,
    staging_variable: str = STAGING_VARIABLE,
    metadata: str = METADATA,
    schedule: bool = True,
) -> Iterator[Machine]:
    """Everything up, with the simulators if `ports` are given; everything down at the end.

    `metadata` names Airflow's database on the embedded server; `connections` are variables of the environment, the
    staging database's (`staging_variable`) among them. Without `schedule` only runs by hand happen.
    """
    processes = Processes(layout.logs)
    environment = {
        **airflow.settings(
            layout, port=port, metadata=Database.start(layout.database).url(metadata), companies=companies
        ),
        **connections,
        "AIRFLOW__SCHEDULER__USE_JOB_SCHEDULE": str(schedule),
    }
    try:
        with step("Migrations of the staging database and of Airflow's own"):
            upgrade(make_engine(airflow_url(environment[staging_variable])))
            migrate_airflow(environment)
        commands = airflow.processes()
        if ports:
            commands = {**simulators.processes(layout, ports), **commands}
        with step("Airflow" + (" and both simulators" if ports else "")):
            for name, command in commands.items():
                processes.start(name, command, environment)
            api = airflow.AirflowApi(port, layout.secrets()["password"])
            api.wait_until_healthy(processes.check)
        yield Machine(api, processes, environment, staging_variable)
    finally:
        with step("Stopping"):
            processes.stop()


@contextmanager
def step(title: str) -> Iterator[None]:
    """Say what is being done, and how long it took."""
    print(f"{title} ...", flush=True)
    began = time.monotonic()
    yield
    print(f"    done in {time.monotonic() - began:.0f} s", flush=True)


def migrate_airflow(environment: Mapping[str, str]) -> None:
    """Bring Airflow's metadata database to the installed version."""
    done = subprocess.run(  # noqa: S603
        [*airflow.AIRFLOW, "db", "migrate"], env=dict(environment), capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise DemoError(f"airflow db migrate failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")


def connection_json(url: URL) -> str:
    """Return a database of the embedded server as an Airflow connection."""
    return json.dumps(
        {
            "conn_type": "postgres",
            "host": url.host or "",
            "login": url.username,
            "password": url.password,
            "schema": url.database,
            "extra": dict(url.query),
        }
    )
