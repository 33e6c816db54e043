"""`python -m scoro_smartaccounts.orchestration.migrate` brings the staging databases of all companies to the newest
version, wherever this Airflow keeps their connections: in variables, in its own database, in a store of secrets."""

from __future__ import annotations

import sys

from airflow.models.connection import Connection

from scoro_smartaccounts.border.guard import guarded
from scoro_smartaccounts.common.company import load_companies
from scoro_smartaccounts.common.errors import PipelineError
from scoro_smartaccounts.orchestration.services import staging_url
from scoro_smartaccounts.staging.database import make_engine, upgrade


@guarded()
def migrate_all() -> list[str]:
    """Migrate the database of each connection that a company names as its staging; the ids of the connections.

    Raises ConfigurationError where Airflow has no such connection, or it means no PostgreSQL database.
    """
    conn_ids = sorted({company.connections.staging for company in load_companies()})
    for conn_id in conn_ids:
        # What a task would ask of Airflow's API, a command looks up by itself.
        engine = make_engine(staging_url(conn_id, find=Connection.get_connection_from_secrets))
        try:
            upgrade(engine)
        finally:
            engine.dispose()
    return conn_ids


if __name__ == "__main__":
    try:
        print(f"At the newest version: {', '.join(migrate_all())}.")  # noqa: T201
    except PipelineError as problem:
        sys.exit(str(problem))
