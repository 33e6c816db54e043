"""Room page. What a run came to, as its screen tells it: by what it counted, and not by what it was started for."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from scoro_smartaccounts.common.company import Mode
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts_sandbox.faults import Fault, FaultKind
from tests.integration.load.test_protocol import one_document
from tests.integration.money import Money
from tests.integration.page.test_decisions import invoices_without_client
from tests.integration.page.test_overview import a_dag, a_run
from tests.integration.page.words_of import words_of
from tests.integration.world import World

DAY = date(2026, 1, 15)
DAG = "import_sales_invoices"
NO_DOCUMENTS = "There are no documents on these days."
# The button that has days imported on which there is nothing to import.
CLOSING = "Mark these days as imported"


@pytest.fixture
def of_airflow(monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Lets Airflow say how far a run of a key is, whose DAG it need not hold for that; the address of its screen."""
    from scoro_smartaccounts.page.airflow_api import AirflowApi, RunState

    states: dict[str, RunState] = {}

    async def run(_: AirflowApi, dag_id: str, run_id: str) -> RunState | None:
        return states.get(f"{dag_id}/{run_id}")

    async def newest(_: AirflowApi, dag_id: str) -> dict[str, RunState]:
        return {key.removeprefix(f"{dag_id}/"): state for key, state in states.items() if key.startswith(f"{dag_id}/")}

    monkeypatch.setattr(AirflowApi, "run", run)
    monkeypatch.setattr(AirflowApi, "newest", newest)

    def add(run_key: str, state: str = "success", by: str = "", **asked: str) -> str:
        states[run_key] = RunState(state, by, (), asked=asked)
        dag, _, run_id = run_key.partition("/")
        flow = next(each for each in Flow if each.dag_id == dag)
        return f"/import/run?flow={flow.value}&run={run_id}"

    return add


@pytest.mark.parametrize("summary", [None, {}], ids=str)
@pytest.mark.parametrize("state", ["failed", "success"])
def test_a_run_that_broke_off_does_not_say_that_days_are_empty(
    opened: tuple[World, Any], of_airflow: Any, state: str, summary: Any
) -> None:
    """Be it that Airflow calls it well, since somebody marked it so, or that its summary was damaged."""
    world, page = opened
    a_run(world, f"{DAG}/broken", DAY, 1, **({} if summary is None else {"summary": summary}))
    text = words_of(page("user").get(of_airflow(f"{DAG}/broken", state)))
    assert "The run was stopped before its end." in text
    assert NO_DOCUMENTS not in text


def test_what_is_said_of_an_end_is_what_was_counted(opened: tuple[World, Any], of_airflow: Any, folder: Path) -> None:
    world, page = opened
    file = folder / "default.yaml"
    file.write_text(file.read_text("utf-8").replace("  # strongest: approve", "  strongest: import"), "utf-8")
    visitor = page("user")

    def told(mode: Mode, state: str = "success") -> str:
        answer = visitor.get(of_airflow(world.run(DAY, DAY, mode=mode)["run"], state))
        assert answer.status_code == 200
        assert (NO_DOCUMENTS in answer.text) == (mode is Mode.PREVIEW and not world.site.records("invoices"))
        return words_of(answer)

    assert CLOSING in told(Mode.PREVIEW)
    invoices_without_client(world, 1)
    preview = told(Mode.PREVIEW)
    assert "There is nothing to import here." in preview
    assert CLOSING in preview
    assert "will be booked" not in preview
    approve = told(Mode.APPROVE)
    assert "Nothing was put up for approval." in approve
    assert "Left undone: 1." in approve
    for state, none in (("success", True), ("failed", False)):
        quarantined = told(Mode.IMPORT, state)
        assert ("Nothing new was imported." in quarantined) == none
        assert "Left undone: 1." in quarantined
        assert "Imported:" not in quarantined

    Money(world).enter(DAY, "100")
    world.checked = True
    assert "1 document will be booked" in told(Mode.PREVIEW)
    approve = told(Mode.APPROVE)
    assert "planned: 1" in approve
    assert "Put up for approval: 1." in approve
    both = told(Mode.IMPORT)
    assert "Imported: 1." in both
    assert "Left undone: 1." in both
    assert "Nothing new was imported." in told(Mode.IMPORT)
    assert CLOSING not in told(Mode.PREVIEW)


def test_who_puts_up_for_approval_is_told_that_nobody_asks(
    opened: tuple[World, Any], of_airflow: Any, airflow_rows: Any, folder: Path
) -> None:
    """Beside the button, as on the form of the days."""
    world, page = opened
    file = folder / "default.yaml"
    file.write_text(file.read_text("utf-8").replace("  # strongest: approve", "  strongest: approve"), "utf-8")
    Money(world).enter(DAY, "100")
    world.checked = True
    address = of_airflow(world.run(DAY, DAY, mode=Mode.PREVIEW)["run"])
    nobody_asks = "The DAG approve_plans is paused in Airflow: the accountant is not asked"
    text = words_of(page("user").get(address))
    assert ("1 document will be put up for approval." in text, nobody_asks in text) == (True, False)
    airflow_rows(a_dag("approve_plans", is_paused=True))
    text = words_of(page("user").get(address))
    assert ("1 document will be put up for approval." in text, nobody_asks in text) == (True, True)
    assert nobody_asks not in words_of(page("viewer").get(address))


def test_what_is_in_doubt_is_not_imported(opened: tuple[World, Any], of_airflow: Any) -> None:
    world, page = opened
    one_document(world, Flow.SALES_INVOICES)
    world.server.faults.add(Fault(FaultKind.LATE, where="purchasesales/clientinvoices:add"))
    text = words_of(page("user").get(of_airflow(world.run(DAY, DAY)["run"])))
    assert "In doubt: 1." in text
    assert "do not enter it by hand" in text
    assert "Imported:" not in text


def test_an_export_that_sent_nothing(opened: tuple[World, Any], of_airflow: Any) -> None:
    world, page = opened
    money, visitor = Money(world), page("user")
    money.switch_export(on=True)
    world.checked = True
    for mode, told in ((Mode.PREVIEW, "There are no new payments."), (Mode.IMPORT, "There are no new payments.")):
        assert told in words_of(visitor.get(of_airflow(money.export(DAY, DAY, mode=mode)["run"])))
    invoice = money.enter(DAY, "100")
    money.import_documents(DAY, DAY)
    money.pay({money.remote(invoice): None}, DAY)
    preview = visitor.get(of_airflow(money.export(DAY, DAY, mode=Mode.PREVIEW)["run"])).text
    assert "1 payment will be sent to Scoro" in preview
    assert "Sent to Scoro: 1." in words_of(visitor.get(of_airflow(money.export(DAY, DAY)["run"])))
    assert "There are no new payments." in words_of(visitor.get(of_airflow(money.export(DAY, DAY)["run"])))


@pytest.mark.parametrize("state", ["queued", "running"])
def test_a_run_whose_dag_is_paused_does_not_go_on(
    opened: tuple[World, Any], of_airflow: Any, airflow_rows: Any, state: str
) -> None:
    _, page = opened
    airflow_rows(a_dag(DAG, is_paused=True))
    where = of_airflow(f"{DAG}/waits", state)
    for address in (where, where.replace("/run?", "/progress?")):
        text = page("user").get(address).text
        assert "The DAG of this flow is paused in Airflow" in text
        assert "the run goes on" not in text
        # The script shows it once an answer about how far the run is stays away.
        assert 'id="stale" hidden>How far it is cannot be read now' in text


@pytest.mark.parametrize(
    ("flow", "first", "last", "told"),
    [
        ("sales_invoices", "2026-01-16", "2026-01-15", "the last day is before the first"),
        ("sales_invoices", "2026-01-16", "", "choose both days."),
        ("sales_invoices", "", "", "choose both days."),
        ("export_payments", "2026-01-16", "", "choose both days, or leave both empty"),
        ("export_payments", "soon", "2026-01-16", "choose both days, or leave both empty"),
        ("sales_invoices", "2025-12-31", "2026-01-02", "nothing is imported before 01.01.2026. That is the company's"),
        ("payments", "2025-12-30", "2025-12-31", "first import day (company file, first_import_date)."),
        ("purchase_invoices", "2026-01-16", "2199-01-01", "the last day is still to come, today is "),
        ("export_payments", "2199-01-01", "2199-01-02", "the last day is still to come, today is "),
    ],
)
def test_days_that_cannot_be_are_told_at_their_fields(
    opened: tuple[World, Any], flow: str, first: str, last: str, told: str
) -> None:
    _, page = opened
    visitor = page("user")
    sent = visitor.post("/import/start", {"flow": flow, "mode": "preview", "first": first, "last": last})
    assert sent.status_code == 303
    form = visitor.get(sent.headers["location"].removeprefix("/scoro-smartaccounts"))
    assert told in words_of(form)
    assert form.text.count('aria-invalid="true"') == 2
    if first and last:
        assert f'value="{first}"' in form.text
        assert f'value="{last}"' in form.text


@pytest.mark.parametrize("is_broken", [True, False])
def test_a_dag_that_airflow_does_not_know_is_named(
    opened: tuple[World, Any], airflow_rows: Any, *, is_broken: bool
) -> None:
    """Or whose file has an error. With a right one nothing of it is said."""
    _, page = opened
    visitor = page("user")
    if is_broken:
        airflow_rows(a_dag(DAG, has_import_errors=True))
    told = f"Airflow does not know the DAG {DAG}"
    days = {"first": "2026-01-15", "last": "2026-01-15"}
    sent = visitor.post("/import/start", {"flow": "sales_invoices", "mode": "preview", **days})
    assert sent.status_code == 303
    for address in ("/import", sent.headers["location"].removeprefix("/scoro-smartaccounts")):
        form = visitor.get(address).text
        assert told in form
        assert '<button name="mode" value="preview" disabled>Look through' in form
    not_known = "Airflow does not know the DAG, or it has an error"
    assert visitor.get("/").text.count(not_known) == len(Flow)
    if not is_broken:
        airflow_rows(a_dag(DAG))
        assert visitor.get("/").text.count(not_known) == len(Flow) - 1
        form = visitor.get("/import").text
        assert told not in form
        assert '<button name="mode" value="preview">Look through' in form


def test_the_chosen_days_stand_in_words_beside_their_fields(opened: tuple[World, Any]) -> None:
    _, page = opened
    for language, days in (("et", ("neljapäev", "reede")), ("en", ("Thursday", "Friday"))):
        form = page("user", language=language).get("/import?flow=payments&from=2026-01-15&to=2026-01-16").text
        for name, day, weekday in (("first", "15.01.2026", days[0]), ("last", "16.01.2026", days[1])):
            (field,) = re.findall(rf'<input type="date" name="{name}"[^>]*>', form)
            assert f'aria-describedby="{name}-said"' in field
            assert re.search(rf'<span class="said" id="{name}-said"[^>]*>{day}, {weekday}</span>', form)


def test_finished_runs_are_listed_and_lead_to_what_came_of_them(opened: tuple[World, Any], of_airflow: Any) -> None:
    """With who started them, and a preview that nobody followed as long as nobody did."""
    world, page = opened
    visitor = page("user")
    Money(world).enter(DAY, "100")
    world.checked = True
    first, key = (world.run(DAY, DAY, mode=Mode.PREVIEW)["run"] for _ in range(2))
    addresses = [of_airflow(first), of_airflow(key, by="Mari")]
    links = [f'href="/scoro-smartaccounts{each}"'.replace("&", "&amp;") for each in addresses]
    form = visitor.get("/import")
    assert [form.text.count(link) for link in links] == [1, 2]
    assert "15.01.2026 · preview · 1 planned · Mari · run · Airflow · not imported: look at it" in words_of(form)
    assert f"/dags/{DAG}/runs/" in form.text
    overview = visitor.get("/")
    assert "A preview of 15.01.2026 is not imported: look at it" in words_of(overview)
    assert overview.text.count(links[1]) == 1

    of_airflow(imported := world.run(DAY, DAY)["run"])
    link = f'flow=sales_invoices&amp;run={imported.partition("/")[2]}"'
    form, overview = visitor.get("/import"), visitor.get("/")
    assert "look at it" not in form.text + overview.text
    assert [form.text.count(each) for each in (*links, link)] == [1, 1, 1]
    assert "15.01.2026 · import · 1 created · run · Airflow" in words_of(form)
    assert overview.text.count(link) == 1


def test_of_many_runs_a_few_are_listed(opened: tuple[World, Any]) -> None:
    """And behind them a preview that nobody followed."""
    world, page = opened
    done = {"documents": {"planned": 2, "created": 0}, "missing_steps": []}
    a_run(world, f"{DAG}/preview", DAY, 99, kind="manual", mode="preview", summary=done)
    for place in range(8):
        a_run(world, f"{DAG}/run-{place}", DAY + timedelta(days=1 + place), 9 - place, summary=done)
    form = page("viewer").get("/import").text
    assert re.findall(r"run=([a-z0-9-]+)", form) == [*(f"run-{place}" for place in (7, 6, 5, 4, 3)), *["preview"] * 2]


def test_a_preview_is_offered_until_runs_took_all_of_its_days(opened: tuple[World, Any]) -> None:
    """Be it of days that were imported before: it saw what was added since."""
    world, page = opened
    done = {"documents": {"planned": 2, "created": 0}, "missing_steps": []}
    last = DAY + timedelta(days=2)

    def offered() -> int:
        return str(page("viewer").get("/import").text).count("not imported:")

    a_run(world, f"{DAG}/before", DAY, 9, date_to=last, summary=done)
    a_run(world, f"{DAG}/preview", DAY, 8, date_to=last, mode="preview", summary=done)
    a_run(world, f"{DAG}/empty", DAY, 8, date_to=last, mode="preview", summary={**done, "documents": {"planned": 0}})
    assert offered() == 0
    a_run(world, f"{DAG}/newer", DAY, 7, date_to=last, mode="preview", summary=done)
    assert offered() == 1
    a_run(world, f"{DAG}/end", DAY + timedelta(days=1), 6, date_to=last, summary=done)
    assert offered() == 1
    a_run(world, f"{DAG}/begin", DAY, 5, date_to=DAY, summary=done)
    assert offered() == 0


def test_what_came_of_a_run_stays_known_once_airflow_forgot_it(opened: tuple[World, Any], of_airflow: Any) -> None:
    """Those of what was approved have a page too."""
    world, page = opened
    done = {"documents": {"created": 0}, "missing_steps": []}
    a_run(world, "approve_plans/x/sales_invoices", DAY, 1, summary=done)
    a_run(world, f"{DAG}/old", DAY, 1, summary=done)
    form = page("viewer").get("/import").text
    for address in ("run=x&amp;approved=yes", "run=old"):
        assert f"/import/run?flow=sales_invoices&amp;{address}" in form
        answer = page("viewer").get(f"/import/run?flow=sales_invoices&{address.replace('amp;', '')}")
        assert answer.status_code == 200
        assert "Sales invoices: 15.01.2026" in words_of(answer)
    assert page("viewer").get("/import/run?flow=sales_invoices&run=none").status_code == 404


def test_the_head_of_a_run_that_goes_on_says_days_and_mode(opened: tuple[World, Any], of_airflow: Any) -> None:
    """As it was asked for, once it has begun as it began."""
    world, page = opened
    asked = {"date_from": "2026-01-15", "date_to": "2026-01-17", "mode": "preview"}
    words = words_of(page("user").get(of_airflow(f"{DAG}/queued", "queued", **asked)))
    assert "Sales invoices: 15.01.2026–17.01.2026 preview ·" in words
    a_run(world, f"{DAG}/begun", DAY, 0)
    assert "Sales invoices: 15.01.2026 import ·" in words_of(page("user").get(of_airflow(f"{DAG}/begun", "running")))
    bad = of_airflow(f"{DAG}/bad", "queued", date_from="soon", date_to="later", mode="all")
    assert page("user").get(bad).status_code == 200


@pytest.mark.parametrize(
    ("mode", "offered"),
    [
        ("{scheduled: preview, manual: preview}", ""),
        ("{scheduled: import, manual: preview}", "import"),
        ("{scheduled: approve, manual: preview}", "approve"),
        ("{scheduled: import, manual: approve}", "approve import"),
        ("{scheduled: approve, manual: preview, strongest: import}", "import approve"),
    ],
)
def test_approval_is_offered_where_the_company_file_has_it(
    opened: tuple[World, Any], of_airflow: Any, airflow_rows: Any, folder: Path, mode: str, offered: str
) -> None:
    """On the form of the days, and after a preview; of payments to Scoro nobody asks."""
    world, page = opened
    file = folder / "default.yaml"
    file.write_text(re.sub(r"^mode:\n(?:  .*\n)+", f"mode: {mode}\n", file.read_text("utf-8"), flags=re.M), "utf-8")
    airflow_rows(a_dag(DAG), a_dag("export_payments"))
    Money(world).enter(DAY, "100")
    world.checked = True
    after = page("user").get(of_airflow(world.run(DAY, DAY, mode=Mode.PREVIEW)["run"])).text
    assert re.findall(r'name="mode" value="([a-z]+)"', after) == offered.split()
    assert ("Nothing is booked before it is approved." in after) == ("approve" in offered)
    form = page("user").get("/import?flow=sales_invoices")
    asking = "Plan and ask for approval: the documents go to approval without a list here."
    assert re.findall(r'name="mode" value="([a-z]+)"', form.text) == ["preview", *["approve"] * ("approve" in offered)]
    assert (asking in words_of(form)) == ("approve" in offered)
    assert asking not in page("user").get("/import?flow=export_payments").text
    assert 'name="mode"' not in page("viewer").get("/import?flow=sales_invoices").text


def test_what_airflow_refuses_is_told_in_its_words(opened: tuple[World, Any], airflow_rows: Any) -> None:
    """Airflow knows the DAG by name here, and has none of its versions to run."""
    _, page = opened
    airflow_rows(a_dag(DAG))
    days = {"first": "2026-01-15", "last": "2026-01-15"}
    answer = page("user").post("/import/start", {"flow": "sales_invoices", "mode": "preview", **days})
    assert answer.status_code >= 400
    assert "Airflow refused this" in answer.text
    assert DAG in answer.text
    assert "There is no such page" not in answer.text
