"""Advisory locks of PostgreSQL, by company and name.

A session lock outlives commits and ends with its connection, so a killed process frees it. Behind a pooler
that hands sessions around (PgBouncer in transaction mode) session locks do not hold: connect directly.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, text


def lock_number(*names: str) -> int:
    """A stable signed 64-bit number for a name."""
    digest = hashlib.blake2b("\x00".join(names).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def transaction_lock(connection: Connection, *names: str) -> None:
    """Wait for the lock; it ends with the transaction."""
    connection.execute(text("select pg_advisory_xact_lock(:number)"), {"number": lock_number(*names)})


@contextmanager
def session_lock(connection: Connection, *names: str) -> Iterator[None]:
    """Hold the lock over any number of transactions of `connection`, which must stay open meanwhile."""
    number = {"number": lock_number(*names)}
    connection.execute(text("select pg_advisory_lock(:number)"), number)
    connection.commit()
    try:
        yield
    finally:
        connection.rollback()
        connection.execute(text("select pg_advisory_unlock(:number)"), number)
        connection.commit()
