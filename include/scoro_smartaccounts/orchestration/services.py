"""From the connections that a company names to what its run works with."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL

from scoro_smartaccounts.company import Company
from scoro_smartaccounts.orchestration.hooks import ScoroHook, SmartAccountsHook, connection_of_type
from scoro_smartaccounts.run import Services, utc_now
from scoro_smartaccounts.staging.database import make_engine

OUTPUT_VARIABLE = "SCORO_SMARTACCOUNTS_OUTPUT"


@contextmanager
def open_services(company: Company) -> Iterator[Services]:
    """Both clients and the staging database of one company, for the length of one task."""
    engine = make_engine(staging_url(company.connections.staging))
    try:
        yield Services(
            engine=engine,
            scoro=ScoroHook(company.connections.scoro).get_conn(),
            smartaccounts=SmartAccountsHook(company.connections.smartaccounts).get_conn(),
            clock=utc_now,
            output_folder=output_folder() / company.key,
        )
    finally:
        engine.dispose()


def staging_url(conn_id: str) -> str:
    """The address of the staging database; the connection's extra fields are libpq's own settings."""
    connection = connection_of_type(conn_id, "postgres")
    url = URL.create(
        "postgresql+psycopg",
        username=connection.login,
        password=connection.password,
        host=connection.host or None,
        port=connection.port,
        database=connection.schema or "staging",
        query={name: str(value) for name, value in connection.extra_dejson.items()},
    )
    return url.render_as_string(hide_password=False)


def output_folder() -> Path:
    """Where reports for people go: the variable's folder, else `output` in Airflow's home."""
    named = os.environ.get(OUTPUT_VARIABLE)
    return Path(named) if named else Path(os.environ.get("AIRFLOW_HOME", "~/airflow")).expanduser() / "output"
