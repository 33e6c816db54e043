"""Room page. The first screen: which days wait and which failed, and whether anything watches."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert

from scoro_smartaccounts.common.clock import tallinn_day, utc_now
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.staging.schema import run
from scoro_smartaccounts_sandbox.faults import Fault, FaultKind
from tests.integration.load.test_protocol import one_document
from tests.integration.page.audited import leave_month, leave_night
from tests.integration.world import World

DAG = "import_sales_invoices"


def a_run(world: World, key: str, day: date, hours: int, **values: Any) -> None:
    began = datetime.now(UTC) - timedelta(hours=hours)
    of = {"company": "default", "run_key": key, "flow": "sales_invoices", "kind": "scheduled", "mode": "import"}
    with world.engine.begin() as connection:
        connection.execute(insert(run).values(**of, date_from=day, date_to=day, started_at=began, **values))


def test_a_run_that_waits_has_not_failed(opened: tuple[World, Any], airflow_rows: Any) -> None:
    """However long: for requests, for a service that is away, for the one before it. What Airflow gave up has."""
    from airflow.models.dag import DagModel
    from airflow.models.dagrun import DagRun
    from airflow.utils.state import DagRunState
    from airflow.utils.types import DagRunType

    world, page = opened
    now = datetime.now(UTC)
    keys = {"waits": DagRunState.RUNNING, "queued": DagRunState.QUEUED, "dead": DagRunState.FAILED}
    days = {name: date(2026, 3, 2 + place) for place, name in enumerate((*keys, "by_command", "begun"))}
    airflow_rows(
        DagModel(dag_id=DAG, bundle_name="dags"),  # type: ignore[no-untyped-call]
        *(
            DagRun(dag_id=DAG, run_id=name, run_type=DagRunType.SCHEDULED, run_after=now, state=state)
            for name, state in keys.items()
        ),
    )
    for name in keys:
        a_run(world, f"{DAG}/{name}", days[name], 9)
    a_run(world, "by_command", days["by_command"], 9)
    a_run(world, "begun", days["begun"], 0)
    shown = page("viewer").get("/?month=2026-03").text
    calendar = shown[shown.index("month-sales_invoices") : shown.index("month-purchase_invoices")]
    states = {day: state for state, day in re.findall(r'<a class="([a-z]+)" [^>]*title="([0-9.]+):', calendar)}
    told = {name: states[f"{day:%d.%m.%Y}"] for name, day in days.items()}
    assert told == {
        "waits": "waiting",
        "queued": "waiting",
        "dead": "failing",
        "by_command": "failing",
        "begun": "waiting",
    }
    assert "/import/run?flow=sales_invoices&amp;run=waits" in calendar


@pytest.mark.parametrize("role", ["viewer", "user"])
def test_nothing_watches_while_the_dag_is_paused(opened: tuple[World, Any], airflow_rows: Any, role: str) -> None:
    from airflow.models.dag import DagModel, DagTag

    world, page = opened
    visitor = page(role)
    has_none = dict.fromkeys(("is_stale", "has_task_concurrency_limits", "has_import_errors"), False)
    tags = [DagTag(name="company default", dag_id="audit_books")]
    airflow_rows(
        DagModel(  # type: ignore[no-untyped-call]
            dag_id="audit_books", bundle_name="dags", fileloc="x.py", is_paused=True, tags=tags, **has_none
        )
    )
    for screen in ("/audit", "/"):
        assert "nothing watches whether the systems agree, and no night has read yet" in visitor.get(screen).text
    night = tallinn_day(utc_now())
    leave_night(world.engine, "default", night)
    leave_month(world.engine, "default", is_equal=True)
    for screen in ("/audit", "/"):
        text = visitor.get(screen).text
        assert f"nothing watches whether the systems agree. They were read last at {night:%d.%m.%Y}" in text, text
        assert "Everything agrees." not in text
    assert ("/audit/enable" in visitor.get("/audit").text) == (role == "user")
    if role == "user":
        assert visitor.post("/audit/enable").status_code == 303
        assert "Everything agrees." in visitor.get("/audit").text
        assert "nothing watches" not in visitor.get("/").text


@pytest.mark.parametrize("where", ["clientinvoices:add", "clients:add"])
def test_what_was_sent_without_an_answer_is_told(opened: tuple[World, Any], where: str) -> None:
    """The document, or what it needs: as many as the list shows."""
    world, page = opened
    world.checked = False
    one_document(world, Flow.SALES_INVOICES)
    world.server.faults.add(Fault(FaultKind.LATE, where=f"purchasesales/{where}"))
    assert world.run(date(2026, 1, 15), date(2026, 1, 15))["documents"]["in_doubt"] == 1
    shown = page("viewer").get("/").text
    assert 'href="/scoro-smartaccounts/documents?state=in_doubt"><span class="big">1</span> document sent' in shown
