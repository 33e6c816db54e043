"""Real PostgreSQL for the tests: one embedded server a test worker, one fresh database a test."""

from __future__ import annotations

import shutil
import tempfile
import uuid
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import psycopg
import pytest
from sqlalchemy import Engine, event, make_url

from scoro_smartaccounts.staging.database import make_engine, upgrade
from scoro_smartaccounts_demo.database import Database
from tests.integration.office import Office, open_office
from tests.integration.world import World, open_world
from tests.integration.written import Written, watched
from tests.tiers import slow_but


@pytest.fixture(scope="session")
def server_uri() -> Iterator[str]:
    folder = Path(tempfile.mkdtemp(prefix="staging-test-", dir=_memory()))
    server = Database.start(folder / "data")
    # Nothing here has to survive a power cut.
    for setting in ("fsync", "synchronous_commit", "full_page_writes"):
        _administer(server.uri, f"alter system set {setting} = off")
    _administer(server.uri, "alter system set max_wal_size = '256MB'")
    _administer(server.uri, "select pg_reload_conf()")
    yield server.uri
    server.stop()
    shutil.rmtree(folder, ignore_errors=True)


def _memory() -> Path | None:
    """A folder that is no disk, where there is one with room: a database is some hundred files."""
    folder = Path("/dev/shm")
    return folder if folder.is_dir() and shutil.disk_usage(folder).free > 8 * 2**30 else None


@pytest.fixture(scope="session")
def template(server_uri: str) -> str:
    """A migrated database to copy: a copy takes milliseconds, the migrations do not."""
    name = f"template_{uuid.uuid4().hex[:8]}"
    _administer(server_uri, f"create database {name}")
    engine = make_engine(database_url(server_uri, name))
    upgrade(engine)
    engine.dispose()
    return name


class Databases:
    """Fresh databases on the test's server. Those of a test are dropped when the next are made: PostgreSQL waits for
    sessions that are about to end."""

    # By server.
    _left: ClassVar[dict[str, list[str]]] = defaultdict(list)

    def __init__(self, server_uri: str, template: str) -> None:
        self._server_uri = server_uri
        self._template = template
        self._names: list[str] = []

    def new(self) -> str:
        """The URL of a new, migrated database."""
        while left := self._left[self._server_uri]:
            _administer(self._server_uri, f"drop database {left.pop()} with (force)")
        name = f"test_{uuid.uuid4().hex[:8]}"
        _administer(self._server_uri, f"create database {name} template {self._template}")
        self._names.append(name)
        return database_url(self._server_uri, name)

    def drop(self) -> None:
        self._left[self._server_uri] += self._names


@pytest.fixture
def databases(server_uri: str, template: str) -> Iterator[Databases]:
    made = Databases(server_uri, template)
    yield made
    made.drop()


@pytest.fixture
def staging_url(databases: Databases) -> str:
    return databases.new()


@pytest.fixture(scope="session")
def lasting_engine(server_uri: str) -> Engine:
    """One for all tests, that they may share what it compiled; its sessions go to the database of its address."""
    engine = make_engine(server_uri)

    @event.listens_for(engine, "do_connect")
    def connect(_: Any, __: Any, ___: Any, values: dict[str, Any]) -> None:
        values["dbname"] = engine.url.database

    return engine


@pytest.fixture
def engine(lasting_engine: Engine, staging_url: str) -> Iterator[Engine]:
    lasting_engine.url = make_url(staging_url).set(drivername=lasting_engine.url.drivername)
    yield lasting_engine.execution_options()
    lasting_engine.dispose()


def database_url(server_uri: str, name: str) -> str:
    return server_uri.replace("/postgres?", f"/{name}?")


def _administer(server_uri: str, statement: str) -> None:
    with psycopg.connect(server_uri, autocommit=True) as connection:
        connection.execute(statement)


@pytest.fixture(scope="session", autouse=True)
def every_statement() -> Iterator[Written]:
    with watched() as written:
        yield written


@pytest.fixture(autouse=True)
def only_keepers_write(every_statement: Written) -> Iterator[None]:
    """Whatever a test plays."""
    yield
    wrong, every_statement.seen = every_statement.wrong, set()
    assert wrong == []


@pytest.fixture(params=slow_but([14], [14, 1]))
def stride(request: pytest.FixtureRequest) -> int:
    """How many moments lie between two at which a process is killed: at every one of them takes minutes."""
    return int(request.param)


@pytest.fixture
def world(engine: Engine, tmp_path: Path) -> Iterator[World]:
    with open_world(engine, tmp_path) as opened:
        yield opened


@pytest.fixture
def office(world: World) -> Office:
    return open_office(world)


@pytest.fixture
def empty_engine(server_uri: str) -> Iterator[Engine]:
    """A database without tables."""
    name = f"empty_{uuid.uuid4().hex[:8]}"
    _administer(server_uri, f"create database {name}")
    engine = make_engine(database_url(server_uri, name))
    yield engine
    engine.dispose()
    _administer(server_uri, f"drop database {name} with (force)")
