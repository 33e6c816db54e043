"""Engine and migrations of the staging database: PostgreSQL through psycopg 3."""

from __future__ import annotations

import json
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from psycopg import Connection as Driver
from psycopg import Error, InterfaceError, OperationalError, ProgrammingError
from psycopg.adapt import Dumper
from psycopg.conninfo import make_conninfo
from psycopg.errors import LockNotAvailable, UndefinedColumn, UndefinedTable
from sqlalchemy import URL, Connection, Engine, ExceptionContext, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from scoro_smartaccounts.border.record_bounds import storable_json, storable_text
from scoro_smartaccounts.common import progress
from scoro_smartaccounts.common.culprits import is_of_data
from scoro_smartaccounts.common.errors import ConfigurationError, DatabaseAway

if TYPE_CHECKING:
    from collections.abc import Iterator

_MIGRATIONS = Path(__file__).parent / "migrations"

# About a minute, on both sides, until a machine that vanished is noticed: its sessions and their locks end then.
_KEEPALIVES = {"keepalives_idle": "30", "keepalives_interval": "10", "keepalives_count": "3"}
# So much of a statement tells which one it is.
_LONGEST_STATEMENT = 60
# How libpq tells of a connection that no waiting mends: it gives no code.
_REFUSED = ("authentication failed", "does not exist", "no pg_hba.conf entry", "no password supplied")
# What the classes of its codes mean, in our own words.
_OUTAGES = {
    "": "no connection",
    "08": "the connection failed",
    "40": "two writers were in each other's way",
    "53": "it has no room, memory or connection left",
    "54": "a statement or value is larger than it takes",
    "55": "what is needed is in use",
    "57": "it was stopped, or stopped the statement",
    "58": "its disk or system failed",
    "F0": "its own settings are wrong",
}
_SESSION = {"timezone": "UTC", **{f"tcp_{name}": value for name, value in _KEEPALIVES.items()}}


def make_engine(url: str | URL, *, name: str = "scoro-smartaccounts") -> Engine:
    """Return an engine for `url`; `postgres://` and driverless URLs mean psycopg 3. Statements show no parameters.

    `name`: what PostgreSQL calls its sessions, of which it keeps 63 bytes. A statement that needs a table or column
    that is not there raises ConfigurationError, so does a connection that is refused for its user, password or
    database. A server that is away, or breaks off, raises DatabaseAway. Text and JSON that PostgreSQL cannot hold are
    stored as near to them as it can (`bounds`), whatever statement brings them.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() not in ("postgresql", "postgres"):
        raise ConfigurationError(f"the staging connection must be of type postgres, not {parsed.get_backend_name()}")
    arguments: dict[str, Any] = {
        **{key: value for key, value in _KEEPALIVES.items() if key not in parsed.query},
        "application_name": name,
        "options": " ".join(f"-c {key}={value}" for key, value in _SESSION.items()),
    }
    engine = create_engine(
        parsed.set(drivername="postgresql+psycopg"),
        hide_parameters=True,
        pool_pre_ping=True,
        connect_args=arguments,
        json_serializer=storable_json,
    )
    event.listen(engine, "connect", _store_any_text)
    event.listen(engine, "before_cursor_execute", _begin_statement)
    event.listen(engine, "after_cursor_execute", _end_statement)
    event.listen(engine, "handle_error", _tell_of_migrations)
    event.listen(engine, "handle_error", _tell_of_outages)
    return engine


class _Text(Dumper):
    """Text as PostgreSQL can hold it; its type is PostgreSQL's to find out."""

    def dump(self, obj: str) -> bytes:
        return storable_text(obj).encode()


def _store_any_text(connection: Any, _: Any) -> None:
    connection.adapters.register_dumper(str, _Text)


def _begin_statement(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
    """Its values are not part of its text."""
    words = " ".join(statement.split())
    progress.begin(f"the statement {words[:_LONGEST_STATEMENT]}{'…' if len(words) > _LONGEST_STATEMENT else ''}")


def _end_statement(*_: Any) -> None:
    progress.end()


@contextmanager
def driven(connection: Connection, statement: str) -> Iterator[Driver[Any]]:
    """Give the driver's own connection, within the transaction, for one statement that SQLAlchemy has no words for. Its
    errors mean what those of any other statement of `make_engine` mean, and it counts as progress alike."""
    if not connection.in_transaction():
        connection.begin()
    driver: Any = connection.connection.driver_connection
    _begin_statement(connection, None, statement)
    try:
        yield driver
    except Error as problem:
        is_over = driver.closed or driver.broken
        ours = _old_schema(problem) or _outage(problem, is_of_statement=not is_over)
        if ours is None:
            raise
        raise ours from None
    _end_statement()


def _tell_of_migrations(context: ExceptionContext) -> None:
    if (ours := _old_schema(context.original_exception)) is not None:
        raise ours from None


def _tell_of_outages(context: ExceptionContext) -> None:
    if context.is_pre_ping:
        # A connection of the pool that broke off long ago: another one is opened.
        return
    # A connection that broke off before is opened anew by the next statement.
    is_open = context.connection is not None and not context.connection.invalidated and not context.is_disconnect
    is_of_statement = context.statement is not None and is_open
    if (ours := _outage(context.original_exception, is_of_statement=is_of_statement)) is not None:
        raise ours from None


def _old_schema(problem: BaseException) -> ConfigurationError | None:
    """Return what the lack of a table or column means."""
    if not isinstance(problem, UndefinedTable | UndefinedColumn):
        return None
    return ConfigurationError(
        f"the staging database is older than this code ({problem.diag.message_primary}): bring it to the newest"
        " version with `python -m scoro_smartaccounts.orchestration.migrate` (in Docker: `docker compose run --rm"
        " init`), then clear the failed task"
    )


def _outage(problem: BaseException, *, is_of_statement: bool) -> ConfigurationError | DatabaseAway | None:
    """Return what an error of the server or the connection means; None where it is another one. `is_of_statement`: it
    came with a statement, and the connection goes on.

    Nothing of what the server said is told, for it may name a user or quote a row: its code is, in words.
    """
    if not isinstance(problem, OperationalError | InterfaceError) or isinstance(problem, LockNotAvailable):
        return None
    if is_of_data(problem):
        # A value is beyond a limit of the server, such as that of an index: waiting mends nothing.
        return None
    if problem.sqlstate is None and is_of_statement:
        # The driver refuses the statement, and no waiting mends it.
        return None
    state = problem.sqlstate or ""
    if state.startswith("28") or (not state and any(words in str(problem) for words in _REFUSED)):
        return ConfigurationError(
            "the staging database refuses the connection: check user, password and database of the staging connection,"
            " then clear the failed task"
        )
    if state[:2] not in _OUTAGES:
        # The server refuses the statement.
        return None
    code = f", SQLSTATE {state}" if state else ""
    return DatabaseAway(f"The staging database does not answer ({_OUTAGES[state[:2]]}{code})")


def airflow_url(connection: str) -> URL:
    """Return the address that an Airflow connection of type postgres in text form means: a URI, or JSON.

    Raises ConfigurationError, without anything that stands in it.
    """
    problem = ""
    try:
        url = _url_of(connection)
        # What libpq does not know it would refuse later, and not as a setting that is wrong.
        make_conninfo(**{name: str(value) for name, value in url.query.items()})
    except (ValueError, TypeError, AttributeError, ArgumentError, ProgrammingError) as wrong:
        problem = (
            "extra has a key that PostgreSQL does not know" if isinstance(wrong, ProgrammingError) else "no address"
        )
    if problem:
        # Out here, so that an error that quotes the connection is not its context.
        raise ConfigurationError(
            f"the staging connection of the environment (AIRFLOW_CONN_…) cannot be read ({problem}): set it to"
            " postgres://user:password@host:port/database, with %40 and the like for signs, or to a JSON object with"
            " conn_type, host, port, schema, login, password and extra"
        )
    return url


def _url_of(connection: str) -> URL:
    if not connection.lstrip().startswith("{"):
        url = make_url(connection)
        return url.set(query={name: value for name, value in url.query.items() if name != "__extra__"})
    fields = json.loads(connection)
    extra = fields.get("extra") or {}
    options: dict[str, Any] = json.loads(extra) if isinstance(extra, str) else extra
    return URL.create(
        "postgresql",
        username=fields.get("login"),
        password=fields.get("password"),
        host=fields.get("host") or None,
        port=fields.get("port"),
        database=fields.get("schema") or "staging",
        query={name: str(value) if isinstance(value, int) else value for name, value in options.items()},
    )


def upgrade(engine: Engine, version: str = "head") -> None:
    """Bring the schema to a version, the newest one unless told otherwise. Safe to run at any time and by several at
    once."""
    # No task needs it.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    with engine.begin() as connection:
        connection.exec_driver_sql("select pg_advisory_xact_lock(7203158264911)")
        config.attributes["connection"] = connection
        command.upgrade(config, version)
