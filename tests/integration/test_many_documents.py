"""Many thousands of documents in one run: no statement holds all of them against all."""

from __future__ import annotations

import time
from datetime import date

from scoro_smartaccounts.documents import Flow
from scoro_smartaccounts.extract.documents import _Extraction, extract
from tests.integration.world import World

FIRST, LAST = date(2026, 1, 1), date(2026, 1, 31)
MANY = 20_000
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
    extraction = _Extraction(request, services, Flow.SALES_INVOICES)
    began = time.monotonic()
    # All but those whose base has the same client.
    assert len(extraction._credited_elsewhere(ids)) == sum(n // 2 % 7 != n % 7 for n in range(2, MANY + 1, 2))
    assert time.monotonic() - began < 10
