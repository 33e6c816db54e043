"""Room extract. Many thousands of documents in one run: no statement holds all of them against all."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError

from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.extract.documents import extract
from scoro_smartaccounts.staging.mirror_documents import Names, days_of_named
from scoro_smartaccounts.staging.named_records import credited_of_others
from tests.integration.world import World

FIRST, LAST = date(2026, 1, 1), date(2026, 1, 31)
MANY = 20_000
# PostgreSQL takes no more values beside a statement.
MOST_VALUES = 65_535
# Copies of a document, every second one of which credits another one.
_COPIES = f"""
insert into document
select (jsonb_populate_record(one, jsonb_build_object(
  'source_id', 'many-' || n, 'number', 'many-' || n, 'partner_id', mod(n, 7),
  'credited_ids', case when mod(n, 2) = 0 then jsonb_build_array('many-' || n / 2) else '[]' end
))).*
from document one, generate_series(1, {MANY}) n
where one.source_id = (select min(source_id) from document)
"""


def test_what_they_credit_is_found_by_ids(world: World) -> None:
    world.generate(FIRST, LAST, 3)
    request = world.request(FIRST, LAST)
    services = world.services(request)
    extract(request, services)
    with world.engine.begin() as connection:
        connection.exec_driver_sql(_COPIES)
        ids = connection.exec_driver_sql("select source_id from document").scalars().all()
    with world.engine.begin() as connection:
        found = credited_of_others(connection, request.company.key, Flow.SALES_INVOICES, ids)
    # All but those whose base has the same client.
    assert len(found) == sum(n // 2 % 7 != n % 7 for n in range(2, MANY + 1, 2))


def test_more_of_them_than_a_statement_takes_values_are_one_value(engine: Engine) -> None:
    names = Names([str(number) for number in range(MOST_VALUES + 1)])
    with engine.connect() as connection:
        assert days_of_named(connection, "demo", Flow.SALES_INVOICES, names) == set()


def test_a_statement_that_the_driver_refuses_is_no_outage(engine: Engine) -> None:
    """Nobody waits for a day until it is taken."""
    values = {f"v{number}": number for number in range(MOST_VALUES + 1)}
    listed = ", ".join(f":{name}" for name in values)
    with engine.connect() as connection, pytest.raises(OperationalError, match="number of parameters"):
        connection.execute(text(f"select 1 where 1 in ({listed})"), values)
