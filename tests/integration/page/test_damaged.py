"""Room page. What an older version stored, or a hand damaged, takes no page away: the rest of it is shown."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import JSONB

from scoro_smartaccounts.staging.drifts import open_drifts
from scoro_smartaccounts.staging.schema import document, metadata, quarantine, run
from tests.integration.first_day import FirstDay, likely_pair
from tests.integration.money import Money
from tests.integration.office import DAY, Office
from tests.integration.page.audited import MONTH, leave_drift, leave_month, leave_night
from tests.integration.undo.undoing import Undoing
from tests.integration.world import World

EVIDENCE = {
    "ledger": {"state": "equal", "guarded": 5, "anew": ["1200"]},
    "returns": {"saved": ["01.2026"]},
    "scoro": {"lists": {"invoices": {"state": "incomplete", "shown": 3, "known": 4, "off": 1}}},
    "totals": {"months": 1, "unexplained": 2},
}


@pytest.fixture
def lived(opened: tuple[World, Any], office: Office) -> tuple[World, Any, dict[str, str]]:
    """Something of all that pages show; their addresses, each with what it shows of typed columns."""
    world, page = opened
    money = Money(world)
    good = money.enter(DAY, "100")
    money.import_documents(DAY, DAY)
    money.receive("invoices", {good: None}, DAY)
    money.import_payments(DAY, DAY)
    with world.engine.connect() as connection:
        run_key = connection.scalars(select(run.c.run_key).where(run.c.flow == "sales_invoices")).one()
    plan = Undoing(world).plan(run_key)
    bad, asked = money.enter(DAY, "50"), money.enter(DAY, "70")
    world.site.put("invoices", {**world.site.get("invoices", bad), "company_id": 0, "person_id": 0})
    office.plan(DAY, DAY)
    office.ask()
    day = FirstDay(world)
    likely_pair(day)
    day.run()
    night = world.clock.now().date()
    leave_night(world.engine, "default", night, evidence=EVIDENCE, state="incomplete", scoro_state="incomplete")
    leave_drift(world.engine, "default", str(good))
    leave_month(world.engine, "default", unexplained="2.00", source_id=str(good))
    with world.engine.connect() as connection:
        [drift] = open_drifts(connection, "default")
        numbers = {row.source_id: row.number for row in connection.execute(select(document))}
        code = connection.scalars(select(quarantine.c.code)).one()
    number = numbers[str(good)]
    stories = {f"/documents/sales_invoices/{each}": numbers[str(each)] for each in (good, bad, asked)}
    return (
        world,
        page,
        {
            "/": "Newest run",
            "/import": "Next to import",
            "/documents": number,
            "/documents.csv": number,
            "/decisions": f"code={code}",
            f"/decisions/cases?flow=sales_invoices&code={code}": numbers[str(bad)],
            "/audit": plan.plan_hash,
            f"/audit/months/{MONTH:%Y-%m}": "1,250.00",
            f"/audit/cases/{drift.id}": "2.00",
            f"/audit/undo/{plan.id}": plan.plan_hash,
            **stories,
        },
    )


def test_what_is_stored_in_another_form_takes_no_page_away(lived: tuple[World, Any, dict[str, str]]) -> None:
    world, page, addresses = lived
    viewer = page("viewer")
    _assert_shown(viewer, addresses)
    with world.engine.begin() as connection:
        connection.execute(text("update run set summary = summary #- '{documents,created}'"))
    shown = " ".join(re.sub(r"<[^>]+>", " ", viewer.get("/").text).split())
    assert re.search(r"Newest run \d\d\.\d\d\.\d{4} \d\d:\d\d: – created", shown), shown
    for value in ("{}", "[]", "[1]", '["x"]', '"x"', '{"key": 1, "values": [], "documents": {"created": "x"}}', "null"):
        _damage(world, value)
        _assert_shown(viewer, addresses)
    with world.engine.begin() as connection:
        connection.execute(text("update drift set state = 'mended'"))
        clean = "update audit_night set state = 'ok', scoro_state = 'ok', evidence = cast(:evidence as jsonb)"
        connection.execute(text(clean), {"evidence": '{"ledger": {"loose": 1}, "totals": 1}'})
    _assert_shown(viewer, {"/audit": addresses["/audit"]})


def _assert_shown(viewer: Any, addresses: dict[str, str]) -> None:
    for address, wanted in addresses.items():
        answer = viewer.get(address)
        assert (answer.status_code, wanted in answer.text) == (200, True), (address, answer.text)


def _damage(world: World, value: str) -> None:
    """Let everything that is stored as JSON be this."""
    with world.engine.begin() as connection:
        for table in metadata.sorted_tables:
            names = [column.name for column in table.columns if isinstance(column.type, JSONB)]
            if names:
                fields = ", ".join(f"{name} = cast(:value as jsonb)" for name in names)
                connection.execute(text(f"update {table.name} set {fields}"), {"value": value})
        # A body is JSON as text.
        connection.execute(text("update plan set payload = :value"), {"value": value})
