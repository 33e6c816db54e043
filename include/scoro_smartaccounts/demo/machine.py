"""Bringing everything up in order, and taking it down again."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import psutil
from sqlalchemy.engine import URL

from scoro_smartaccounts.demo import airflow, simulators
from scoro_smartaccounts.demo.database import Database
from scoro_smartaccounts.demo.layout import HOST, Layout, Ports
from scoro_smartaccounts.demo.processes import DemoError, Processes, is_alive
from scoro_smartaccounts.staging.database import make_engine, upgrade

STAGING_VARIABLE = "AIRFLOW_CONN_STAGING_DEFAULT"


@dataclass(frozen=True, slots=True)
class Machine:
    """A running Airflow and what stands beside it."""

    api: airflow.AirflowApi
    processes: Processes
    environment: dict[str, str]


@contextmanager
def running(
    layout: Layout,
    *,
    port: int,
    metadata: str,
    companies: str,
    connections: Mapping[str, str],
    ports: Ports | None,
    schedule: bool,
) -> Iterator[Machine]:
    """Everything up, with the simulators if `ports` are given; everything down at the end.

    `metadata` names Airflow's database on the embedded server. Without `schedule` only runs by hand happen.
    """
    processes = Processes(layout.logs)
    with step("PostgreSQL"):
        database = Database.start(layout.database)
        environment = {
            **airflow.settings(layout, port=port, metadata=database.url(metadata), companies=companies),
            STAGING_VARIABLE: connection_json(database.url("staging")),
            **connections,
            "AIRFLOW__SCHEDULER__USE_JOB_SCHEDULE": str(schedule),
        }
    try:
        with step("Migrations of the staging database and of Airflow's own"):
            migrate_staging(environment[STAGING_VARIABLE])
            migrate_airflow(environment, layout)
        commands = airflow.processes()
        if ports:
            commands = {**simulators.processes(layout, ports), **commands}
        for name, command in commands.items():
            processes.start(name, command, environment)
        api = airflow.AirflowApi(port, layout.secrets()["password"])
        with step("Airflow" + (" and both simulators" if ports else "")):
            api.wait_until_healthy(processes.check)
        yield Machine(api, processes, environment)
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


def migrate_staging(connection: str) -> None:
    """Bring the staging database that an Airflow connection names to its newest schema."""
    from airflow.sdk import Connection


def connection_json(url: URL) -> str:
    """A database of the embedded server as an Airflow connection."""
    return json.dumps(
        {
            "conn_type": "postgres",
            "host": url.host or "",
            "login": url.username,
            "schema": url.database,
            "extra": dict(url.query),
        }
    )
