"""Real PostgreSQL for the tests: one embedded server a test worker, one fresh database a test."""

from __future__ import annotations

import shutil
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine

from scoro_smartaccounts.staging.database import make_engine, upgrade
from scoro_smartaccounts_demo.database import Database
from tests.integration.office import Office, open_office
from tests.integration.world import World, open_world
from tests.integration.written import Written, watched


@pytest.fixture(scope="session")
def server_uri() -> Iterator[str]:
    folder = Path(tempfile.mkdtemp(prefix="staging-test-"))
    server = Database.start(folder / "data")
    # Nothing here has to survive a power cut.
    for setting in ("fsync", "synchronous_commit", "full_page_writes"):
        _administer(server.uri, f"alter system set {setting} = off")
    _administer(server.uri, "select pg_reload_conf()")
    yield server.uri
    server.stop()
    shutil.rmtree(folder, ignore_errors=True)


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
    """Fresh databases on the test's server, dropped with the test."""

    def __init__(self, server_uri: str, template: str) -> None:
        self._server_uri = server_uri
        self._template = template
        self._names: list[str] = []

    def new(self) -> str:
        """The URL of a new, migrated database."""
        name = f"test_{uuid.uuid4().hex[:8]}"
        _administer(self._server_uri, f"create database {name} template {self._template}")
        self._names.append(name)
        return database_url(self._server_uri, name)

    def drop(self) -> None:
        for name in self._names:
            _administer(self._server_uri, f"drop database {name} with (force)")


@pytest.fixture
def databases(server_uri: str, template: str) -> Iterator[Databases]:
    made = Databases(server_uri, template)
    yield made
    made.drop()


@pytest.fixture
def staging_url(databases: Databases) -> str:
    return databases.new()


@pytest.fixture
def engine(staging_url: str) -> Iterator[Engine]:
    engine = make_engine(staging_url)
    yield engine
    engine.dispose()


def database_url(server_uri: str, name: str) -> str:
    return server_uri.replace("/postgres?", f"/{name}?")


def _administer(server_uri: str, statement: str) -> None:
    uri = server_uri.replace("postgresql://", "postgresql+psycopg://")
    engine = create_engine(uri, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(statement)
    engine.dispose()


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
