"""The staging database as the page reads it: one engine a database, kept while Airflow's API server runs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

from sqlalchemy import Connection, Engine
from sqlalchemy.engine import make_url

from scoro_smartaccounts.common.company import Company
from scoro_smartaccounts.orchestration.services import staging_url
from scoro_smartaccounts.staging.database import make_engine

# Who looks at a page does not wait for a server that is away.
_PATIENCE = {"connect_timeout": "5"}


def engine_of(company: Company) -> Engine:
    """Return the engine of the company's staging database. Raises ConfigurationError without a connection to it."""
    return _engine(staging_url(company.connections.staging))


@contextmanager
def reading(company: Company) -> Iterator[Connection]:
    """Give a connection that sees one moment and changes nothing."""
    with engine_of(company).connect() as connection:
        connection.exec_driver_sql("set transaction isolation level repeatable read, read only")
        yield connection


@lru_cache(maxsize=32)
def _engine(url: str) -> Engine:
    parsed = make_url(url)
    return make_engine(parsed.set(query={**_PATIENCE, **parsed.query}), name="scoro-smartaccounts page")
