"""Room staging. Each statement that writes a table comes from the table's keeper, as PostgreSQL is given it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from sqlalchemy import Connection, Engine, delete

from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.staging.schema import watermark
from scoro_smartaccounts.totals.write import write
from tests.integration.money import Money
from tests.integration.totals.books import Books
from tests.integration.world import World
from tests.integration.written import Written
from tests.unit.staging.test_keepers import KEEPERS, ROOT

FIRST, LAST = date(2026, 1, 1), date(2026, 1, 31)
# What a month without approval, corrections, notices and people who ask to be forgotten leaves alone.
LEFT_ALONE = {
    "approval",
    "forgotten",
    "later_change",
    "link_proposal",
    "lock_bound",
    "notice",
    "period",
    "question",
    "undo_plan",
    "undo_step",
}
ROW = "dict(company='default', flow='payments', swept_to=datetime.now(UTC))"
MODULE = """
from datetime import UTC, datetime
from sqlalchemy import delete, update
from sqlalchemy.dialects.postgresql import insert as pg_insert
from scoro_smartaccounts.staging import bulk, schema
from scoro_smartaccounts.staging.schema import watermark

def write(connection):
    {}
"""


def test_what_a_month_writes_is_written_by_keepers(world: World, every_statement: Written) -> None:
    """Whoever else does fails the test in which it happens: this one shows that hardly a table is left out."""
    world.generate(FIRST, LAST, 20, bills_per_month=8, bad=0.3, bad_bills=0.3)
    money = Money(world)
    for planted in world.planted[:2]:
        money.receive("invoices", {planted.invoice_id: "10"}, LAST)
    world.checked = True
    for flow in (Flow.SALES_INVOICES, Flow.PURCHASE_INVOICES, Flow.PAYMENTS):
        world.run(FIRST, LAST, flow=flow)
    books = Books(world)
    request = books.read()
    books.list_scoro()
    write(request, world.services(request))
    assert set(KEEPERS) - {table for table, _ in every_statement.seen} <= LEFT_ALONE
    assert every_statement.wrong == []


@pytest.mark.parametrize(
    "way",
    [
        "connection.execute(update(schema.watermark).values(flow='x'))",
        "connection.execute(watermark.update().values(flow='x'))",
        "[connection.execute(delete(table)) for table in (watermark,)]",
        f"connection.execute(pg_insert(watermark).values({ROW}).on_conflict_do_nothing())",
        f"connection.execute(watermark.insert(), [{ROW}])",
        f"bulk.upsert(connection, table=watermark, rows=[{ROW}])",
        f"bulk.upsert(connection, table=watermark, rows=[{ROW}], update=())",
        f"bulk.copy(connection, table=watermark, rows=[{ROW}])",
    ],
)
def test_each_way_to_write_a_table_is_seen(engine: Engine, every_statement: Written, way: str) -> None:
    names: dict[str, Callable[[Connection], None]] = {}
    exec(compile(MODULE.format(way), str(ROOT / "staging/plans.py"), "exec"), names)
    with engine.begin() as connection:
        names["write"](connection)
    assert every_statement.wrong == ["watermark is written by staging/plans.py"]
    every_statement.seen.clear()


def test_tests_and_migrations_write_what_they_like(engine: Engine, every_statement: Written) -> None:
    with engine.begin() as connection:
        connection.execute(delete(watermark))
    assert every_statement.seen == set()
