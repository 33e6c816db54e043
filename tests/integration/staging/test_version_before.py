"""Room staging. A company that the version before left in the middle of its work is upgraded and goes on."""

from __future__ import annotations

import json
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, inspect, select

from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.staging import schema
from scoro_smartaccounts.staging.database import upgrade
from tests.integration.office import DAY, NEXT, Office, open_office
from tests.integration.staging.version_before import BILLS, leave_behind, unpack
from tests.integration.world import open_world

FILE = Path(__file__).with_name("version_0.1.0.zip")
# What is never rewritten: records as they were read, requests, hashes, answers.
KEPT = {"payload", "payload_hash", "content_hash", "fingerprint", "plan", "plan_hash", "answer", "known_ids"}


def bodies(engine: Engine) -> dict[str, Counter[str]]:
    """What is stored of records, requests and answers, by table and column."""
    found = {}
    with engine.connect() as connection:
        there = set(inspect(connection).get_table_names())
        for table in schema.metadata.sorted_tables:
            for column in table.c if table.name in there else ():
                if column.name in KEPT:
                    stored = connection.scalars(select(column).where(column.is_not(None)))
                    told = (each if isinstance(each, str) else json.dumps(each, sort_keys=True) for each in stored)
                    found[str(column)] = Counter(told)
    return found


def twice(rows: list[dict[str, Any]]) -> list[str]:
    counted = Counter(row["invoiceNumber"] for row in rows)
    return [number for number, count in counted.items() if count > 1]


def goes_on(office: Office) -> None:
    """Everything that was open comes to its end, once."""
    world, money = office.world, office.money
    world.clock.advance(timedelta(hours=1))
    assert twice(world.invoices()) == []
    before = bodies(world.engine)
    for column in ("raw_record.payload", "link.answer", "plan.payload", "intent.payload", "approval.plan"):
        assert before[column]

    world.run(DAY, DAY)
    assert len(world.invoices()) == 5
    assert twice(world.invoices()) == []
    assert money.in_doubt() == []

    # What was approved before is booked to the byte, what was only asked about waits for its answer.
    assert [row["invoiceNumber"] for row in world.bills()] == []
    office.release("approve_plans/run-1", BILLS)
    assert [row["invoiceNumber"] for row in world.bills()] == ["A-3"]
    office.asked = 2
    with world.engine.begin() as connection:
        office.seen["approve_plans/run-2"] = office._documents(connection, "approve_plans/run-2")
    assert sorted(office.numbers("approve_plans/run-2")) == ["A-1", "A-2"]
    office.answer("approve_plans/run-2")
    office.release("approve_plans/run-2", BILLS)
    assert sorted(row["invoiceNumber"] for row in world.bills()) == ["A-1", "A-2", "A-3"]

    [source_id] = [source_id for flow, source_id, _ in money.cases() if flow == BILLS.value]
    world.site.modify("bills", int(source_id), {"no": "A-4"})
    world.checked = True
    world.run(DAY, NEXT, flow=BILLS)
    assert sorted(row["invoiceNumber"] for row in world.bills()) == ["A-1", "A-2", "A-3", "A-4"]

    world.run(DAY, DAY, flow=Flow.PAYMENTS)
    assert len(money.payments()) == 1
    assert bodies(world.engine)["intent.payload"] >= before["intent.payload"]

    writes = len(world.writes())
    for each in (Flow.SALES_INVOICES, BILLS, Flow.PAYMENTS):
        world.run(DAY, NEXT, flow=each)
    assert len(world.writes()) == writes


def test_what_was_left_open_is_upgraded_and_goes_on(empty_engine: Engine, tmp_path: Path) -> None:
    upgrade(empty_engine, "0012")
    with open_world(empty_engine, tmp_path) as world:
        unpack(FILE, world, tmp_path, empty_engine)
        before = bodies(empty_engine)
        upgrade(empty_engine)
        assert bodies(empty_engine).items() >= before.items()
        goes_on(open_office(world))


def test_what_this_version_leaves_behind_goes_on_too(office: Office, empty_engine: Engine, tmp_path: Path) -> None:
    """The file is made as this test makes its own."""
    packed = leave_behind(office, tmp_path)
    upgrade(empty_engine)
    with open_world(empty_engine, tmp_path) as world:
        unpack(packed, world, tmp_path, empty_engine)
        goes_on(open_office(world))
