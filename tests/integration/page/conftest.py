"""The page as Airflow mounts it, in this process: the real auth manager, a real staging database, no other Airflow."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import make_url

import tests.dags.conftest  # noqa: F401 - Airflow's settings must stand before it is imported
from scoro_smartaccounts.common.company import FOLDER_VARIABLE
from scoro_smartaccounts_demo.machine import STAGING_VARIABLE, connection_json
from tests.integration.world import World

ROOT = Path(__file__).parents[3]
PREFIX = "/scoro-smartaccounts"
OWN = {"sec-fetch-site": "same-origin"}


@dataclass
class Browser:
    """Somebody with a role, or nobody, who asks the page."""

    client: Any
    role: str | None
    language: str = "en"

    def get(self, path: str, **options: Any) -> httpx.Response:
        return self.ask("GET", path, **options)

    def post(self, path: str, data: Any = None, headers: dict[str, str] = OWN, **options: Any) -> httpx.Response:
        return self.ask("POST", path, data=data or {}, headers=headers, **options)

    def ask(self, method: str, path: str, headers: dict[str, str] | None = None, **options: Any) -> httpx.Response:
        told = {"accept-language": self.language, **(headers or {})}
        if self.role:
            told["authorization"] = f"Bearer {token(self.role)}"
        options.setdefault("follow_redirects", False)
        self.client.cookies.clear()
        answer: httpx.Response = self.client.request(method, f"{PREFIX}{path}", headers=told, **options)
        return answer


def token(role: str) -> str:
    """What Airflow's simple auth manager gives a user of a role."""
    from airflow.api_fastapi.app import get_auth_manager
    from airflow.api_fastapi.auth.managers.simple.user import SimpleAuthManagerUser

    made: str = get_auth_manager().generate_jwt(SimpleAuthManagerUser(username=f"the {role}", role=role))
    return made


@pytest.fixture(scope="session")
def mounted() -> Any:
    """A server that mounts the page as Airflow does, and answers nothing else."""
    from airflow import settings
    from airflow.api_fastapi.app import create_auth_manager
    from airflow.models import import_all_models
    from airflow.models.base import Base
    from fastapi import FastAPI
    from fastapi.testclient import TestClient
    from plugins.scoro_smartaccounts_plugin import pages

    # Tokens that were taken back stand there.
    import_all_models()
    Base.metadata.create_all(settings.engine)
    create_auth_manager()
    host = FastAPI()
    host.mount(PREFIX, pages)
    return TestClient(host, base_url="http://testserver", raise_server_exceptions=False)


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
    host = json.dumps({"conn_type": "scoro", "host": "https://naidis.scoro.com"})
    monkeypatch.setenv("AIRFLOW_CONN_SCORO_DEFAULT", host)
    return lambda role=None, **options: Browser(mounted, role, **options)


@pytest.fixture
def opened(world: World, page: Any) -> tuple[World, Any]:
    """Both services, and the page over their staging database."""
    return world, page
