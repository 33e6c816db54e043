"""Advisory locks of PostgreSQL, by company and name.

A session lock outlives commits and ends with its connection, so a killed process frees it. Behind a pooler
that hands sessions around (PgBouncer in transaction mode) session locks do not hold: connect directly.

Who waits says for whom, and gives up after some minutes: whoever needs the lock tries again later.
"""

from __future__ import annotations

import hashlib
import logging
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from psycopg.errors import LockNotAvailable
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from scoro_smartaccounts.common.errors import LockHeld

if TYPE_CHECKING:
    from collections.abc import Iterator

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a lock is waited for without a word, and then with one."""

    silent: timedelta = timedelta(seconds=5)
    told: timedelta = timedelta(minutes=5)


_PATIENCE = Patience()

_HOLDER = text("""
    select holder.pid, holder.application_name, holder.backend_start, holder.state_change
    from pg_locks
    join pg_stat_activity as holder using (pid)
    where locktype = 'advisory' and granted and objsubid = 1
        and database = (select oid from pg_database where datname = current_database())
        and classid::bigint = :high and objid::bigint = :low
""")


def lock_number(*names: str) -> int:
    """Return a stable signed 64-bit number for a name."""
    digest = hashlib.blake2b("\x00".join(names).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def transaction_lock(connection: Connection, *names: str, patience: Patience = _PATIENCE) -> None:
    """Wait for the lock; it ends with the transaction. Raises LockHeld when another process keeps it."""
    _take(connection, "advisory_xact_lock", names, patience)


@contextmanager
def session_lock(connection: Connection, *names: str, patience: Patience = _PATIENCE) -> Iterator[None]:
    """Hold the lock over any number of transactions of `connection`, which must stay open meanwhile. Raises LockHeld
    when another process keeps it."""
    _take(connection, "advisory_lock", names, patience)
    connection.commit()
    try:
        yield
    finally:
        connection.rollback()
        # A connection that broke off took the lock with it; another one would be opened to give back what it never had.
        if not connection.invalidated:
            connection.execute(text("select pg_advisory_unlock(:number)"), {"number": lock_number(*names)})
            connection.commit()


def _take(connection: Connection, kind: str, names: tuple[str, ...], patience: Patience) -> None:
    number = lock_number(*names)
    at_once = connection.execute(text(f"select pg_try_{kind}(:number)"), {"number": number}).scalar_one()
    if at_once or _taken(connection, kind, number, patience.silent):
        return
    # The rest of a name may tell who a private person is.
    what = f"the lock on {' '.join(names[:2])}"
    log.info("Waiting for %s: held by %s", what, _holder(connection, number))
    if not _taken(connection, kind, number, patience.told):
        minutes = (patience.silent + patience.told).total_seconds() / 60
        raise LockHeld(
            f"{what} has not come free for {minutes:.0f} minutes: held by {_holder(connection, number)}. It is tried"
            " again later; a process that does not go on any more has to be ended"
        )


def _taken(connection: Connection, kind: str, number: int, wait: timedelta) -> bool:
    """Whether the lock came free in time. The transaction stays usable either way."""
    try:
        with connection.begin_nested():
            milliseconds = {"wait": str(int(wait.total_seconds() * 1000))}
            before = connection.execute(text("select current_setting('lock_timeout')")).scalar_one()
            connection.execute(text("select set_config('lock_timeout', :wait, true)"), milliseconds)
            connection.execute(text(f"select pg_{kind}(:number)"), {"number": number})
            connection.execute(text("select set_config('lock_timeout', :wait, true)"), {"wait": before})
    except DBAPIError as problem:
        if isinstance(problem.orig, LockNotAvailable):
            return False
        raise
    return True


def _holder(connection: Connection, number: int) -> str:
    unsigned = number % 2**64
    row = connection.execute(_HOLDER, {"high": unsigned >> 32, "low": unsigned % 2**32}).first()
    if row is None:
        return "somebody who just let go"
    return (
        f"{row.application_name or 'a session without a name'} (process {row.pid} of PostgreSQL, connected since"
        f" {row.backend_start:%Y-%m-%d %H:%M:%S} UTC, last heard of at {row.state_change:%H:%M:%S})"
    )
