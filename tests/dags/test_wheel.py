"""Room dags. The built wheel in an Airflow that is there already: an environment with Airflow alone, one file of DAGs,
one company file; all that `airflow standalone` starts, but for its servers of logs, which listen on every address."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from importlib.metadata import version
from pathlib import Path

import pytest
import requests
import yaml
from sqlalchemy import make_url, text

from scoro_smartaccounts.border.hosts import HOSTS_VARIABLE
from scoro_smartaccounts.common.clock import utc_now
from scoro_smartaccounts.staging.database import make_engine
from scoro_smartaccounts_demo.airflow import AirflowApi
from scoro_smartaccounts_demo.machine import STAGING_VARIABLE, connection_json
from scoro_smartaccounts_demo.processes import free_port
from tests.dags.conftest import ROOT
from tests.integration.money import Money
from tests.integration.world import World

pytestmark = pytest.mark.slow

_UV = Path(sys.executable).with_name("uv")
DAG = "import_sales_invoices"
PASSWORD = "kolm sammu-õhtul"
OURS = """\
# The DAGs between Scoro and SmartAccounts, for Airflow.
from scoro_smartaccounts.dags import define_dags
define_dags()
"""
PARTS = {
    "api-server": ["api-server"],
    "scheduler": ["scheduler", "--skip-serve-logs"],
    "dag-processor": ["dag-processor"],
    "triggerer": ["triggerer", "--skip-serve-logs"],
}


@pytest.fixture(scope="module")
def airflow(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The command of an environment with Airflow, into which the wheel was installed afterwards."""
    folder = tmp_path_factory.mktemp("wheel")
    wheel = _wheel(folder)
    environment = folder / "venv"
    subprocess.run([_UV, "venv", "--quiet", environment], check=True)
    python = environment / "bin" / "python"
    install: list[str | Path] = [_UV, "pip", "install", "--quiet", "--compile-bytecode", "--python", python]
    subprocess.run([*install, f"apache-airflow=={version('apache-airflow')}"], check=True)
    subprocess.run([*install, wheel], check=True)
    return environment / "bin" / "airflow"


def test_a_run_ends_green_and_the_page_opens(airflow: Path, world: World, staging_url: str, tmp_path: Path) -> None:
    engine = make_engine(staging_url)
    with engine.begin() as connection:
        connection.execute(text("drop schema public cascade; create schema public"))
    engine.dispose()
    Money(world).enter(date(2026, 1, 5), "100")
    port = free_port()
    with _standalone(airflow, _environment(world, staging_url, tmp_path, port), tmp_path) as check:
        api = AirflowApi(port, PASSWORD)
        api.wait_until_healthy(check)
        api.wait_for_dag("audit_books", check)
        api.unpause(DAG)
        run_id = api.trigger(DAG, {"date_from": "2026-01-05", "date_to": "2026-01-05", "mode": "import"})
        deadline = time.monotonic() + 300
        while (state := api.run_state(DAG, run_id)) not in ("success", "failed"):
            check()
            assert time.monotonic() < deadline, state
            time.sleep(1)
        assert state == "success", _logs(tmp_path)
        assert len(world.invoices()) == 1
        login = requests.post(f"{api.url}/auth/token", json={"username": "admin", "password": PASSWORD}, timeout=30)
        headers = {"Authorization": f"Bearer {login.json()['access_token']}"}
        page = requests.get(f"{api.url}/scoro-smartaccounts/", headers=headers, timeout=30)
        assert (page.status_code, "<h1" in page.text) == (200, True)
        for name in ("page.css", "page.js", "htmx.min.js"):
            file = requests.get(f"{api.url}/scoro-smartaccounts/static/{name}", headers=headers, timeout=30)
            assert (file.status_code, len(file.content) > 100) == (200, True), name
        plugins = requests.get(f"{api.url}/api/v2/plugins", headers=headers, timeout=30).json()["plugins"]
        assert "scoro_smartaccounts" in [plugin["name"] for plugin in plugins]


def _wheel(folder: Path) -> Path:
    """Built from a copy: setuptools leaves its own files beside what it builds."""
    source = folder / "source"
    source.mkdir()
    for name in ("pyproject.toml", "LICENSE", "README.md"):
        shutil.copy(ROOT / name, source)
    package = Path("include", "scoro_smartaccounts")
    shutil.copytree(ROOT / package, source / package, ignore=shutil.ignore_patterns("__pycache__"))
    command: list[str | Path] = [_UV, "build", "--quiet", "--wheel", "--no-build-isolation", "--python", sys.executable]
    subprocess.run([*command, "--out-dir", folder, source], check=True)
    [wheel] = folder.glob("*.whl")
    return wheel


def _environment(world: World, staging_url: str, home: Path, port: int) -> dict[str, str]:
    companies, dags = home / "companies", home / "dags"
    companies.mkdir()
    dags.mkdir()
    (dags / "scoro.py").write_text(OURS, "utf-8")
    content = yaml.safe_load((ROOT / "include/companies/default.yaml").read_text("utf-8"))
    content["mode"] = {"scheduled": "import", "manual": "import"}
    (companies / "default.yaml").write_text(yaml.safe_dump(content, allow_unicode=True), "utf-8")
    passwords = home / "passwords.json"
    passwords.write_text(json.dumps({"admin": PASSWORD}), "utf-8")
    options = {
        "CORE__LOAD_EXAMPLES": "False",
        "CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(passwords),
        "CORE__EXECUTION_API_SERVER_URL": f"http://127.0.0.1:{port}/execution/",
        "API__HOST": "127.0.0.1",
        "API__PORT": str(port),
        "API__BASE_URL": f"http://127.0.0.1:{port}",
    }
    world.clock.set(utc_now())
    mine = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "PYTHONPATH"))}
    return {
        **mine,
        "AIRFLOW_HOME": str(home),
        "SCORO_SMARTACCOUNTS_COMPANIES": str(companies),
        HOSTS_VARIABLE: "127.0.0.1:*",
        STAGING_VARIABLE: connection_json(make_url(staging_url)),
        "AIRFLOW_CONN_SCORO_DEFAULT": json.dumps(
            {"conn_type": "scoro", "host": world.scoro_url, "login": "demoou", "password": world.site.api_key}
        ),
        "AIRFLOW_CONN_SMARTACCOUNTS_DEFAULT": json.dumps(
            {
                "conn_type": "smartaccounts",
                "host": f"{world.smartaccounts_url}/en/api/",
                **dict(zip(("login", "password"), *world.books.keys.items(), strict=True)),
            }
        ),
        **{f"AIRFLOW__{name}": value for name, value in options.items()},
    }


@contextmanager
def _standalone(airflow: Path, environment: Mapping[str, str], home: Path) -> Iterator[Callable[[], None]]:
    """Run Airflow's parts; what is given raises where one of them ended."""
    # As *Admin → Connections* keeps it: in Airflow's own database.
    staging = ["airflow", "connections", "add", "staging_default", "--conn-json", environment[STAGING_VARIABLE]]
    run = {"env": {name: value for name, value in environment.items() if name != STAGING_VARIABLE}, "cwd": home}
    migrate = ["python", "-m", "scoro_smartaccounts.orchestration.migrate"]
    for words in (["airflow", "db", "migrate"], staging, migrate):
        command = [airflow.with_name(words[0]), *words[1:]]
        subprocess.run(command, check=True, capture_output=True, **run)  # type: ignore[call-overload]
    children: dict[str, subprocess.Popen[bytes]] = {}

    def check() -> None:
        for name, child in children.items():
            assert child.poll() is None, f"{name} ended: {(home / f'{name}.log').read_text()[-3000:]}"

    try:
        for name, words in PARTS.items():
            with (home / f"{name}.log").open("wb") as log:
                children[name] = subprocess.Popen([airflow, *words], stdout=log, stderr=log, **run)  # type: ignore[call-overload]
        yield check
    finally:
        for child in children.values():
            child.terminate()
        for child in children.values():
            child.wait(30)


def _logs(home: Path) -> str:
    files = sorted((home / "logs").rglob("attempt=*.log"))
    return "\n".join(f"{file}: {file.read_text()[-1500:]}" for file in files)
