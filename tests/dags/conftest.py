"""Airflow for the tests: its settings must stand before it is imported."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]

os.environ.setdefault("AIRFLOW_HOME", tempfile.mkdtemp(prefix="airflow-test-"))
os.environ.setdefault("AIRFLOW__CORE__DAGS_FOLDER", str(ROOT / "dags"))
os.environ.setdefault("AIRFLOW__CORE__PLUGINS_FOLDER", str(ROOT / "plugins"))
os.environ.setdefault("AIRFLOW__CORE__LOAD_EXAMPLES", "False")
os.environ.setdefault("AIRFLOW__CORE__DEFAULT_TIMEZONE", "Europe/Tallinn")

# One PostgreSQL for all of them.
from tests.integration.conftest import (  # noqa: E402
    databases,
    engine,
    lasting_engine,
    office,
    server_uri,
    staging_url,
    template,
    world,
)

__all__ = ["databases", "engine", "lasting_engine", "office", "server_uri", "staging_url", "template", "world"]
