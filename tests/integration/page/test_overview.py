"""Room page. The first screen: which days wait and which failed, and whether anything watches."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from sqlalchemy import insert, text

from scoro_smartaccounts.budget import Limits
from scoro_smartaccounts.common.clock import tallinn_day, utc_now
from scoro_smartaccounts.common.company import Mode
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.staging.quarantine import dismiss
from scoro_smartaccounts.staging.schema import run
from scoro_smartaccounts_sandbox.faults import Fault, FaultKind
from tests.integration.load.test_protocol import one_document
from tests.integration.money import Money
from tests.integration.page.audited import leave_month, leave_night
from tests.integration.page.test_decisions import invoices_without_client
from tests.integration.page.words_of import words_of
from tests.integration.world import World

DAG = "import_sales_invoices"
DAY = date(2026, 1, 15)


def a_dag(dag: str, *, is_paused: bool = False, has_import_errors: bool = False) -> Any:
    """A DAG of the company, as Airflow has it."""
    from airflow.models.dag import DagModel, DagTag

    state = {"is_paused": is_paused, "has_import_errors": has_import_errors}
    none = dict.fromkeys(("is_stale", "has_task_concurrency_limits"), False)
    tags = [DagTag(name="company default", dag_id=dag)]
    return DagModel(  # type: ignore[no-untyped-call]
        dag_id=dag, bundle_name="dags", fileloc="x.py", tags=tags, **state, **none
    )


def a_run(world: World, key: str, day: date, hours: int, **values: Any) -> None:
    began = datetime.now(UTC) - timedelta(hours=hours)
    of = {"company": "default", "run_key": key, "flow": "sales_invoices", "kind": "scheduled", "mode": "import"}
    of_days = {"date_from": day, "date_to": day, "started_at": began}
    with world.engine.begin() as connection:
        connection.execute(insert(run).values({**of, **of_days, **values}))


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


def cells(page: Any) -> dict[str, tuple[str, str, str]]:
    """State, address and title of the days of January's sales invoices that lead somewhere."""
    shown = page.get("/?month=2026-01").text
    calendar = shown[shown.index("month-sales_invoices") : shown.index("month-purchase_invoices")]
    found = re.findall(r'<a class="([a-z]+)" href="([^"]*)" title="(([0-9.]+):[^"]*)"', calendar)
    return {day: (state, unescape(address), title) for state, address, title, day in found}


def test_a_day_of_which_something_is_left_is_not_called_imported(opened: tuple[World, Any]) -> None:
    """Be it in quarantine or to be approved; it leads to what is not in the books."""
    world, page = opened
    viewer, day, money = page("viewer"), "15.01.2026", Money(world)
    world.checked = True
    (lost,) = invoices_without_client(world, 1)
    money.enter(DAY, "100")
    world.run(DAY, DAY)
    where = f"/scoro-smartaccounts/documents?flow=sales_invoices&state=not_booked&from={DAY}&to={DAY}"
    told = f"{day}: 1 document waits, documents of the day in all: 2"
    assert cells(viewer)[day] == ("partly", where, told)
    assert '<b class="partly"></b> some documents wait' in viewer.get("/").text
    listed = viewer.get(where.removeprefix("/scoro-smartaccounts")).text
    assert listed.count('href="/scoro-smartaccounts/documents/sales_invoices/') == 1
    assert f"/documents/sales_invoices/{lost}" in listed

    with world.engine.begin() as connection:
        dismiss(connection, "default", [f"id:{lost}"], "no invoice", Flow.SALES_INVOICES)
    world.run(DAY, DAY)
    assert cells(viewer)[day][0] == "imported"
    assert cells(viewer)[day][2] == f"{day}: imported, 2 documents"

    other = DAY + timedelta(days=1)
    money.enter(other, "100")
    world.run(other, other, mode=Mode.APPROVE)
    assert cells(viewer)["16.01.2026"][0] == "partly"
    assert cells(viewer)["16.01.2026"][2] == "16.01.2026: 1 document waits, documents of the day in all: 1"
    assert cells(viewer)["17.01.2026"][0] == "missing"


def test_no_day_is_missing_and_documents_wait(opened: tuple[World, Any]) -> None:
    """The flow's card does not call all days imported then; the form of the days neither."""
    world, page = opened
    world.checked = True
    invoices_without_client(world, 1)
    world.run(DAY, DAY)
    yesterday = tallinn_day(utc_now()) - timedelta(days=1)
    days = "insert into coverage (company, flow, day, run_key) select 'default', flow, cast(day as date), 'x'"
    each = "generate_series(date '2026-01-01', :yesterday, interval '1 day') day"
    flows = "unnest(array['sales_invoices', 'payments']) flow"
    with world.engine.begin() as connection:
        connection.execute(text(f"{days} from {each}, {flows} on conflict do nothing").bindparams(yesterday=yesterday))
    told = f"No day up to {yesterday:%d.%m.%Y} is missing, but some documents wait ."
    for screen in ("/", "/import?flow=sales_invoices"):
        shown = page("viewer").get(screen)
        assert told in words_of(shown)
        assert "/documents?flow=sales_invoices&amp;state=not_booked&amp;from=2026-01-01" in shown.text
    assert f"All days up to {yesterday:%d.%m.%Y} are imported." in page("viewer").get("/import?flow=payments").text


@pytest.mark.parametrize("role", ["viewer", "user"])
def test_a_paused_flow_is_enabled_where_it_is_told(opened: tuple[World, Any], airflow_rows: Any, role: str) -> None:
    _, page = opened
    airflow_rows(a_dag(DAG, is_paused=True))
    shown = page(role).get("/").text
    assert "the DAG is paused" in shown
    assert shown.count('action="/scoro-smartaccounts/import/enable"') == (role == "user")
    if role == "user":
        assert 'name="back" value="overview"' in shown
        sent = page(role).post("/import/enable", {"flow": "sales_invoices", "back": "overview"})
        assert (sent.status_code, sent.headers["location"]) == (303, "/scoro-smartaccounts/")
        assert "the DAG is paused" not in page(role).get("/").text


def test_numbers_and_ranges_are_written_as_the_page_writes_them(
    opened: tuple[World, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, page = opened
    limits = Limits(per_minute=1_200, per_day=50_000)
    monkeypatch.setattr("scoro_smartaccounts.page.routes.overview.limits_of", lambda _: limits)
    shown = words_of(page("viewer").get("/"))
    assert "In the last minute: 0 of 1,200" in shown
    assert f"Next to import: 01.01.2026–{tallinn_day(utc_now()) - timedelta(days=1):%d.%m.%Y}" in shown
    assert re.search(r"\d{4}-\d\d\.", page("viewer").get("/import").text) is None


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
