"""Room staging. Queries are planned by what a run has written just now: PostgreSQL's own service, which looks at tables
once a minute, is off here."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from sqlalchemy import Engine, text

from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.staging.statistics import refresh_statistics
from tests.integration.world import World

FIRST, LAST = date(2026, 1, 1), date(2026, 1, 31)
DAYS = (
    "insert into coverage (company, flow, day, run_key)"
    " select 'default', 'payments', date '2000-01-01' + number, 'x' from generate_series(0, 999) as number"
)
WRITTEN = ("document", "intent", "link", "payment_row", "plan", "remote_payment", "run_document")


@pytest.fixture(autouse=True)
def _nobody_else_looks(world: World) -> Iterator[None]:
    def switch(action: str) -> None:
        with world.engine.begin() as connection:
            for table in (*WRITTEN, "coverage"):
                connection.execute(text(f"alter table {table} {action}"))

    switch("set (autovacuum_enabled = off)")
    yield
    switch("reset (autovacuum_enabled)")


def known_rows(engine: Engine) -> dict[str, int]:
    """How many rows PostgreSQL believes that tables have; -1: it never looked."""
    with engine.connect() as connection:
        rows = connection.execute(
            text("select relname, reltuples::int from pg_class where relname = any(:names)"), {"names": list(WRITTEN)}
        )
        return {row[0]: row[1] for row in rows}


def test_a_first_import_is_known_before_it_is_read(world: World) -> None:
    world.generate(FIRST, LAST, 150)
    world.run(FIRST, LAST)
    world.run(FIRST, LAST, flow=Flow.PAYMENTS)
    known = known_rows(world.engine)
    for table in WRITTEN:
        with world.engine.connect() as connection:
            there = connection.scalar(text(f"select count(*) from {table}")) or 0
        assert there > 50, table
        assert known[table] >= there / 2, table


def test_what_changed_much_is_looked_at_once(world: World) -> None:
    with world.engine.begin() as connection:
        connection.execute(text(DAYS))
    with world.engine.connect() as connection:
        assert "coverage" in refresh_statistics(connection)
        assert "coverage" not in refresh_statistics(connection)
        with connection.begin():
            connection.execute(text(DAYS.replace("999", "0").replace("2000", "1990")))
        assert "coverage" not in refresh_statistics(connection)


def test_a_table_that_another_run_looks_at_makes_nobody_wait(world: World) -> None:
    with world.engine.begin() as connection:
        connection.execute(text(DAYS))
        connection.execute(text("select pg_stat_force_next_flush()"))
    with (
        world.engine.connect() as other,
        other.begin(),
        ThreadPoolExecutor(1) as pool,
        world.engine.connect() as connection,
    ):
        other.execute(text("lock table coverage in share update exclusive mode"))
        assert "coverage" in pool.submit(refresh_statistics, connection).result(timeout=20)
