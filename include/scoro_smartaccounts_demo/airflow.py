"""Airflow as the demo runs it: its settings, its processes, and its REST API."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import quote

import requests
from sqlalchemy.engine import URL

from scoro_smartaccounts.common.errors import PipelineError
from scoro_smartaccounts_demo.layout import HOST, ROOT, Layout

USER = "admin"
AIRFLOW = [sys.executable, "-m", "airflow"]
STARTUP_SECONDS = 180
# Where the page begins, as `orchestration.params.PREFIX` says.
PAGE = "/scoro-smartaccounts"
EXECUTOR = "scoro_smartaccounts.orchestration.executor.RevokingLocalExecutor"
FINAL_STATES = ("success", "failed")


def settings(layout: Layout, *, port: int, metadata: URL, companies: str) -> dict[str, str]:
    """Return the environment of every Airflow process. Everything listens on 127.0.0.1 only."""
    secrets = layout.secrets()
    passwords = layout.airflow_home / "passwords.json"
    passwords.touch(mode=0o600)
    passwords.write_text(json.dumps({USER: secrets["password"]}), encoding="utf-8")
    address = f"http://{HOST}:{port}"
    options = {
        "CORE__DAGS_FOLDER": str(ROOT / "dags"),
        "CORE__PLUGINS_FOLDER": str(ROOT / "plugins"),
        "CORE__LOAD_EXAMPLES": "False",
        "CORE__EXECUTOR": EXECUTOR,
        "CORE__PARALLELISM": "4",
        "CORE__DEFAULT_TIMEZONE": "Europe/Tallinn",
        "CORE__DAGS_ARE_PAUSED_AT_CREATION": "True",
        "CORE__TEST_CONNECTION": "Enabled",
        "CORE__FERNET_KEY": secrets["fernet"],
        "CORE__EXECUTION_API_SERVER_URL": f"{address}/execution/",
        "CORE__SIMPLE_AUTH_MANAGER_USERS": f"{USER}:admin",
        "CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(passwords),
        "CORE__HOSTNAME_CALLABLE": "socket.gethostname",
        "DATABASE__SQL_ALCHEMY_CONN": _address(metadata, "psycopg2"),
        "API__HOST": HOST,
        "API__PORT": str(port),
        "API__BASE_URL": address,
        "API__SECRET_KEY": secrets["api"],
        "API_AUTH__JWT_SECRET": secrets["jwt"],
        "DAG_PROCESSOR__REFRESH_INTERVAL": "10",
        "DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "10",
        "LOGGING__BASE_LOG_FOLDER": str(layout.airflow_home / "logs"),
    }
    return {
        **os.environ,
        # With this set, Airflow's tracebacks print what variables hold.
        "DEV": "",
        "AIRFLOW_HOME": str(layout.airflow_home),
        "SCORO_SMARTACCOUNTS_COMPANIES": companies,
        **{f"AIRFLOW__{name}": value for name, value in options.items()},
    }


def processes() -> dict[str, list[str]]:
    """Name → command of Airflow's long-running processes."""
    return {
        "api-server": [*AIRFLOW, "api-server"],
        "scheduler": [*AIRFLOW, "scheduler", "--skip-serve-logs"],
        "dag-processor": [*AIRFLOW, "dag-processor"],
    }


def _address(url: URL, driver: str) -> str:
    return url.set(drivername=f"postgresql+{driver}").render_as_string(hide_password=False)


def on_this_machine(
    method: str, address: str, body: Any = None, headers: Mapping[str, str] | None = None
) -> requests.Response:
    """Return the answer of what listens here: no proxy stands before it, and ~/.netrc has no word in it."""
    with requests.Session() as session:
        session.trust_env = False
        return session.request(method, address, json=body, headers=headers, timeout=30)


class ApiError(PipelineError):
    """Airflow refused a call; the text is its explanation."""


@dataclass(slots=True)
class AirflowApi:
    """The few calls of Airflow's REST API that the demo needs."""

    port: int
    password: str
    _token: str = ""

    @property
    def url(self) -> str:
        """Where the UI is."""
        return f"http://{HOST}:{self.port}"

    def wait_until_healthy(self, check: Callable[[], None]) -> None:
        """Return when the server, its scheduler and its DAG processor all report; `check` may raise meanwhile."""

        def healthy() -> bool:
            parts = self.call("GET", "/api/v2/monitor/health", authenticated=False)
            return all(parts[part]["status"] == "healthy" for part in ("scheduler", "dag_processor"))

        self._wait("Airflow to report that it is healthy", check, healthy)

    def wait_for_dag(self, dag_id: str, check: Callable[[], None]) -> None:
        """Return when the DAG processor has read the DAG. An import error of the DAGs folder is raised at once."""

        def known() -> bool:
            for error in self.call("GET", "/api/v2/importErrors")["import_errors"]:
                raise ApiError(f"{error['filename']} cannot be read: {error['stack_trace'].strip()}")
            return bool(self.call("GET", f"/api/v2/dags/{dag_id}"))

        self._wait(f"Airflow to read the DAG {dag_id}", check, known)

    def unpause(self, dag_id: str) -> None:
        """Let the DAG run."""
        self.call("PATCH", f"/api/v2/dags/{dag_id}", {"is_paused": False})

    def trigger(self, dag_id: str, conf: dict[str, Any]) -> str:
        """Start a run by hand; its id."""
        body = {"logical_date": None, "conf": conf, "run_after": datetime.now(UTC).isoformat()}
        run_id: str = self.call("POST", f"/api/v2/dags/{dag_id}/dagRuns", body)["dag_run_id"]
        return run_id

    def backfill(self, dag_id: str, first: date, last: date) -> None:
        """Start a backfill, a run a day, as the form of Airflow's page does."""
        body = {"dag_id": dag_id, "from_date": f"{first}T00:00:00+00:00", "to_date": f"{last}T00:00:00+00:00"}
        self.call("POST", "/api/v2/backfills", body)

    def runs(self, dag_id: str, run_type: str | None = None) -> dict[str, str]:
        """Run id → state, the oldest first."""
        chosen = f"&run_type={run_type}" if run_type else ""
        answer = self.call("GET", f"/api/v2/dags/{dag_id}/dagRuns?limit=100&order_by=id{chosen}")
        return {run["dag_run_id"]: run["state"] for run in answer["dag_runs"]}

    def run_state(self, dag_id: str, run_id: str) -> str:
        """queued, running, success or failed."""
        state: str = self.call("GET", f"/api/v2/dags/{dag_id}/dagRuns/{quote(run_id)}")["state"]
        return state

    def tasks(self, dag_id: str, run_id: str) -> list[dict[str, Any]]:
        """Return the run's task instances, in no order."""
        path = f"/api/v2/dags/{dag_id}/dagRuns/{quote(run_id)}/taskInstances"
        tasks: list[dict[str, Any]] = self.call("GET", path)["task_instances"]
        return tasks

    def summary(self, dag_id: str, run_id: str) -> dict[str, Any] | None:
        """Return what the run's summary task returned; None when it returned nothing."""
        return self.returned(dag_id, run_id, "summarize_run")

    def returned(self, dag_id: str, run_id: str, task_id: str) -> dict[str, Any] | None:
        """Return what a task returned; None when it returned nothing."""
        path = f"/api/v2/dags/{dag_id}/dagRuns/{quote(run_id)}/taskInstances/{task_id}"
        try:
            value = self.call("GET", f"{path}/xcomEntries/return_value?deserialize=true")["value"]
        except ApiError:
            return None
        return value if isinstance(value, dict) else None

    def _wait(self, what: str, check: Callable[[], None], done: Callable[[], bool]) -> None:
        deadline = time.monotonic() + STARTUP_SECONDS
        while True:
            check()
            try:
                if done():
                    return
            except (requests.ConnectionError, requests.Timeout, _NotYet):
                pass
            if time.monotonic() > deadline:
                raise ApiError(f"Waited {STARTUP_SECONDS} seconds in vain for {what}")
            time.sleep(1)

    def call(self, method: str, path: str, body: Any = None, *, authenticated: bool = True) -> Any:
        """Return the JSON of an answer. Raises ApiError for a refusal."""
        headers = {"Authorization": f"Bearer {self.token()}"} if authenticated else {}
        answer = on_this_machine(method, self.url + path, body, headers)
        if not answer.ok:
            if answer.status_code == 401:
                self._token = ""
            explanation = f"{method} {path}: {answer.status_code} {answer.text}"
            raise (_NotYet if answer.status_code in (404, 503) else ApiError)(explanation)
        return answer.json()

    def token(self) -> str:
        """Return the token of the demo's user."""
        if not self._token:
            login = {"username": USER, "password": self.password}
            self._token = self.call("POST", "/auth/token", login, authenticated=False)["access_token"]
        return self._token


class _NotYet(ApiError):
    """What was asked for is not there, or not there yet."""
