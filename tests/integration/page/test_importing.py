"""Room page. What a run came to, as its screen tells it: by what it counted, and not by what it was started for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from scoro_smartaccounts.common.company import Mode
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts_sandbox.faults import Fault, FaultKind
from tests.integration.load.test_protocol import one_document
from tests.integration.money import Money
from tests.integration.page.test_decisions import invoices_without_client
from tests.integration.page.test_overview import a_run
from tests.integration.page.words_of import words_of
from tests.integration.world import World

DAY = date(2026, 1, 15)
DAG = "import_sales_invoices"
NO_DOCUMENTS = "There are no documents on these days."


def a_dag(dag: str, *, is_paused: bool = False, has_import_errors: bool = False) -> Any:
    """A DAG of the company, as Airflow has it."""
    from airflow.models.dag import DagModel, DagTag

    state = {"is_paused": is_paused, "has_import_errors": has_import_errors}
    none = dict.fromkeys(("is_stale", "has_task_concurrency_limits"), False)
    tags = [DagTag(name="company default", dag_id=dag)]
    return DagModel(  # type: ignore[no-untyped-call]
        dag_id=dag, bundle_name="dags", fileloc="x.py", tags=tags, **state, **none
    )


@pytest.fixture
def of_airflow(monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Lets Airflow say how far a run of a key is, whose DAG it need not hold for that; the address of its screen."""
    from scoro_smartaccounts.page.airflow_api import AirflowApi, RunState

    states: dict[str, RunState] = {}

    async def run(_: AirflowApi, dag_id: str, run_id: str) -> RunState | None:
        return states.get(f"{dag_id}/{run_id}")

    monkeypatch.setattr(AirflowApi, "run", run)

    def add(run_key: str, state: str = "success") -> str:
        states[run_key] = RunState(state, "", ())
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

    told(Mode.PREVIEW)
    invoices_without_client(world, 1)
    preview = told(Mode.PREVIEW)
    assert "There is nothing to import here." in preview
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
        assert "<button disabled>Look through" in form
    not_known = "Airflow does not know the DAG, or it has an error"
    assert visitor.get("/").text.count(not_known) == len(Flow)
    if not is_broken:
        airflow_rows(a_dag(DAG))
        assert visitor.get("/").text.count(not_known) == len(Flow) - 1
        form = visitor.get("/import").text
        assert told not in form
        assert "<button>Look through" in form


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
