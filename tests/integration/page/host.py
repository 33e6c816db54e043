"""The page as Airflow mounts it, in this process: the real auth manager and the real API, and no other part of
Airflow."""

from __future__ import annotations

import fcntl
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

import tests.dags.conftest  # noqa: F401 - Airflow's settings must stand before it is imported

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


def mount() -> Any:
    """A client of a server that mounts the page as Airflow does, beside Airflow's own public API."""
    from airflow import settings
    from airflow.api_fastapi.app import create_auth_manager
    from airflow.api_fastapi.common.dagbag import create_dag_bag
    from airflow.api_fastapi.core_api.routes.public import public_router
    from airflow.models import import_all_models
    from airflow.models.base import Base
    from fastapi import FastAPI
    from fastapi.testclient import TestClient

    from scoro_smartaccounts.page.plugin import pages

    # Tokens that were taken back stand there. Two workers have one database, and one of them makes its tables.
    import_all_models()  # type: ignore[no-untyped-call]
    with Path(tempfile.gettempdir(), "tables-of-airflow.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        Base.metadata.create_all(settings.engine)
    host = FastAPI()
    host.state.auth_manager = create_auth_manager()
    host.state.dag_bag = create_dag_bag()
    host.include_router(public_router)
    host.mount(PREFIX, pages)
    return TestClient(host, base_url="http://testserver", raise_server_exceptions=False)
