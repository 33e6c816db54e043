"""The embedded PostgreSQL server and its databases, each with a role of its own that is no superuser."""

from __future__ import annotations

import atexit
import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy.engine import URL, make_url

from scoro_smartaccounts_demo import server
from scoro_smartaccounts_demo.server import LOG_SETTINGS, Server

__all__ = ["LOG_SETTINGS", "Database"]

_servers: dict[Path, Server] = {}

# Gives a role what the superuser (10) made in its database before each database had a role.
_HAND_OVER = """
do $$
declare
  role constant name := {role};
  command text;
begin
  for command in
    select format('alter schema %I owner to %I', nspname, role)
    from pg_namespace where oid >= 16384 and nspowner = 10 and nspname !~ '^pg_'
  union all
    select format('alter table %s owner to %I', oid::regclass, role)
    from pg_class where oid >= 16384 and relowner = 10 and relkind in ('r', 'p', 'v', 'm', 'f')
  union all
    select format('alter sequence %s owner to %I', oid::regclass, role)
    from pg_class where oid >= 16384 and relowner = 10 and relkind = 'S' and not exists (
      select from pg_depend where classid = 'pg_class'::regclass and objid = pg_class.oid and deptype in ('a', 'i'))
  union all
    select format('alter type %s owner to %I', oid::regtype, role)
    from pg_type where oid >= 16384 and typowner = 10 and (typtype in ('e', 'd', 'r') or typrelid in (
      select oid from pg_class where relkind = 'c'))
  union all
    select format('alter routine %s owner to %I', oid::regprocedure, role)
    from pg_proc where oid >= 16384 and proowner = 10
  loop
    execute command;
  end loop;
end
$$
"""


@dataclass(frozen=True, slots=True)
class Database:
    """A running server. It stops with the last process that started it; `stop` lets go of it earlier.

    `uri` is the superuser's address, with the password.
    """

    uri: str = field(repr=False)
    stop: Callable[[], None]

    @classmethod
    def start(cls, folder: Path) -> Database:
        """Start the server over `folder`, or join the one that runs there. Raises ConfigurationError with a remedy."""
        folder = folder.resolve()
        former = _servers.pop(folder, None)
        running = server.start(folder)
        if former is not None:
            # Not before: the server would stop and start for nothing.
            former.release()
            atexit.unregister(former.release)
        _servers[folder] = running
        atexit.register(running.release)
        return cls(running.access.uri, lambda: _servers[folder].release() if folder in _servers else None)

    def url(self, name: str) -> URL:
        """Return the address of one database for its own role, without a driver; both are created when they are
        missing."""
        address = make_url(self.uri)
        password = hmac.new(str(address.password).encode(), name.encode(), hashlib.sha256).hexdigest()
        names = {"name": sql.Identifier(name), "role": sql.Literal(name), "password": sql.Literal(password)}
        with psycopg.connect(self.uri, autocommit=True) as connection:
            # One process at a time; the lock ends with the session.
            connection.execute("select pg_advisory_lock(hashtext('scoro_smartaccounts_demo'))")
            if not connection.execute("select 1 from pg_roles where rolname = %s", [name]).fetchone():
                connection.execute(sql.SQL("create role {name}").format(**names))
            connection.execute(
                sql.SQL(
                    "alter role {name} login nosuperuser nocreatedb nocreaterole noreplication nobypassrls"
                    " password {password}"
                ).format(**names)
            )
            owner = connection.execute(
                "select pg_get_userbyid(datdba) from pg_database where datname = %s", [name]
            ).fetchone()
            if owner is None:
                connection.execute(sql.SQL("create database {name} owner {name}").format(**names))
            elif owner[0] != name:
                with psycopg.connect(self.uri, dbname=name) as inside:
                    inside.execute(sql.SQL(_HAND_OVER).format(**names))
                    inside.execute(sql.SQL("alter database {name} owner to {name}").format(**names))
            connection.execute(sql.SQL("revoke all on database {name} from public").format(**names))
        return address.set(username=name, password=password, database=name)
