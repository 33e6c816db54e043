"""The page over a real staging database."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, make_url

from scoro_smartaccounts.common.company import FOLDER_VARIABLE
from scoro_smartaccounts_demo.machine import STAGING_VARIABLE, connection_json
from tests.integration.page.host import Browser, mount
from tests.integration.world import World

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="session")
def mounted() -> Any:
    return mount()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The company files; the default one is there."""
    made = tmp_path / "companies"
    made.mkdir()
    shutil.copy(ROOT / "include/companies/default.yaml", made)
    monkeypatch.setenv(FOLDER_VARIABLE, str(made))
    return made


@pytest.fixture
def page(mounted: Any, folder: Path, staging_url: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Makes browsers, by role."""
    monkeypatch.setenv(STAGING_VARIABLE, connection_json(make_url(staging_url)))
    # Airflow signs where its DAG files are.
    monkeypatch.setenv("AIRFLOW__API__SECRET_KEY", "of a test")
    host = json.dumps({"conn_type": "scoro", "host": "https://naidis.scoro.com"})
    monkeypatch.setenv("AIRFLOW_CONN_SCORO_DEFAULT", host)
    return lambda role=None, **options: Browser(mounted, role, **options)


@pytest.fixture
def airflow_rows(mounted: Any) -> Iterator[Callable[..., None]]:
    """Puts rows into Airflow's own database for a test."""
    from airflow import settings
    from airflow.models.dag import DagModel, DagTag
    from airflow.models.dagbundle import DagBundleModel
    from airflow.models.dagrun import DagRun
    from sqlalchemy.orm import Session

    def add(*rows: Any) -> None:
        with Session(settings.engine) as session:
            session.merge(DagBundleModel(name="dags"))
            session.flush()
            session.add_all(rows)
            session.commit()

    yield add
    with Session(settings.engine) as session:
        for model in (DagRun, DagTag, DagModel):
            session.execute(delete(model))
        session.commit()


@pytest.fixture
def opened(world: World, page: Any) -> tuple[World, Any]:
    """Both services, and the page over their staging database."""
    return world, page
