"""Bring the staging databases of all companies to the newest schema: `python -m scoro_smartaccounts.staging`.

Each is named by its Airflow connection in the environment (`AIRFLOW_CONN_STAGING_DEFAULT`).
"""

from __future__ import annotations

import os
import sys

from scoro_smartaccounts.company import load_companies
from scoro_smartaccounts.errors import ConfigurationError
from scoro_smartaccounts.staging.database import airflow_url, make_engine, upgrade


def main() -> int:
    """0 when every database has the newest schema; 2 when one is not named or not there."""
    try:
        for connection in sorted({company.connections.staging for company in load_companies()}):
            variable = f"AIRFLOW_CONN_{connection.upper()}"
            if not os.environ.get(variable):
                raise ConfigurationError(f"set {variable} to the staging database")
            engine = make_engine(airflow_url(os.environ[variable]))
            upgrade(engine)
            engine.dispose()
            sys.stdout.write(f"{connection}: newest schema\n")
    except ConfigurationError as problem:
        sys.stderr.write(f"{problem}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
