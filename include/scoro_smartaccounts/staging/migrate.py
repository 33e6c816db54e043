"""`python -m scoro_smartaccounts.staging.migrate` brings the staging database to the newest version."""

from __future__ import annotations

import logging
import os
import sys
from typing import TYPE_CHECKING

from scoro_smartaccounts.border.guard import guarded
from scoro_smartaccounts.common.errors import ConfigurationError, PipelineError
from scoro_smartaccounts.staging.database import airflow_url, make_engine, upgrade

if TYPE_CHECKING:
    from collections.abc import Mapping

log = logging.getLogger(__name__)

VARIABLE = "AIRFLOW_CONN_STAGING_DEFAULT"


@guarded()
def migrate(environment: Mapping[str, str]) -> None:
    """Migrate the database that the variable's Airflow connection names, a URI or JSON.

    Raises ConfigurationError when the variable is missing or means no PostgreSQL database.
    """
    connection = environment.get(VARIABLE, "")
    if not connection:
        raise ConfigurationError(f"{VARIABLE} must name the staging database")
    engine = make_engine(airflow_url(connection))
    try:
        upgrade(engine)
    finally:
        engine.dispose()
    log.info("The staging database has the newest version")


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    try:
        migrate(os.environ)
    except PipelineError as problem:
        sys.exit(str(problem))
