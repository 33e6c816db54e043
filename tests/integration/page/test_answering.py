"""Room page. What an answer says is what was done, and what comes of it when."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import event

from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.page.airflow_api import DagState
from scoro_smartaccounts.page.next_run import NextRun, next_run_of
from scoro_smartaccounts.staging import quarantine
from tests.integration.page.test_decisions import DAY, invoices_without_client, states
from tests.integration.page.words_of import words_of
from tests.integration.world import World

ROOT = "/scoro-smartaccounts"
NOW = datetime(2026, 1, 15, 9, tzinfo=UTC)
LATER = datetime(2026, 1, 16, 0, 30, tzinfo=UTC)
AWAKE = DagState(is_paused=False, next_at=LATER)


@pytest.mark.parametrize("choice", ["retry", "dismiss"])
def test_nothing_ticked_changes_nothing_and_keeps_the_form(opened: tuple[World, Any], choice: str) -> None:
    world, page = opened
    invoices_without_client(world, 2)
    world.run(DAY, DAY)
    editor = page("user", language="et")
    answer = {"flow": "sales_invoices", "code": "partner_not_named", "choice": choice, "note": "ei ole <meie>"}
    said = editor.post("/decisions/cases", answer)
    shown = editor.get(said.headers["location"].removeprefix(ROOT))
    assert "Midagi ei muudetud: ühtegi rida ei olnud valitud." in words_of(shown)
    assert 'value="ei ole &lt;meie&gt;"' in shown.text
    assert " checked" not in shown.text
    assert shown.text.count('name="ids"') == 2
    assert states(world) == {"open": 2}
    # Airflow hides the values of what is called a secret when it logs an address.
    assert "note_secret=" in said.headers["location"]


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/decisions/pairs", {"choice": "same"}),
        ("/decisions/pairs", {"choice": "other"}),
        ("/decisions/pairs", {"choice": "none"}),
        ("/decisions/pairs/back", {}),
        ("/decisions/cases/back", {}),
    ],
)
def test_no_choice_is_told_as_none(opened: tuple[World, Any], path: str, form: dict[str, str]) -> None:
    _, page = opened
    editor = page("user")
    said = editor.post(path, form)
    told = editor.get(said.headers["location"].removeprefix(ROOT))
    assert "Nothing was changed: no line was chosen." in words_of(told)
    assert 'class="message wait"' in told.text


def test_what_somebody_else_decided_is_not_told_as_done(opened: tuple[World, Any]) -> None:
    _, page = opened
    told = words_of(page("user").get("/decisions?said=retry&done=0&missed=2"))
    assert "2 were left: somebody else or a run decided meanwhile." in told
    assert "will be tried again" not in told


def test_the_next_run_is_told_by_what_starts_it() -> None:
    paused = DagState(is_paused=True, next_at=LATER)
    assert next_run_of({"a": AWAKE, "b": DagState(is_paused=False, next_at=NOW)}, ["a", "b"], NOW) == NextRun(
        "soon", "b", NOW
    )
    assert next_run_of({"a": AWAKE, "b": paused}, ["b", "a"], NOW) == NextRun("at", "a", LATER)
    assert next_run_of({"b": paused}, ["a", "b"], NOW) == NextRun("paused", "b")
    assert next_run_of({"a": DagState(is_paused=False, next_at=None)}, ["a"], NOW) == NextRun("by_hand", "a")
    assert next_run_of({}, ["a"], NOW) == NextRun()


@pytest.mark.parametrize("is_paused", [False, True])
def test_an_answer_says_when_the_next_run_takes_it(
    opened: tuple[World, Any], airflow_rows: Any, monkeypatch: pytest.MonkeyPatch, is_paused: bool
) -> None:
    from airflow.models.dag import DagModel, DagTag

    world, page = opened
    monkeypatch.setattr("scoro_smartaccounts.page.routes.decisions.utc_now", lambda: NOW)
    none = dict.fromkeys(("is_stale", "has_task_concurrency_limits", "has_import_errors"), False)
    name = "import_sales_invoices"
    airflow_rows(
        DagModel(  # type: ignore[no-untyped-call]
            dag_id=name,
            bundle_name="dags",
            fileloc="x.py",
            is_paused=is_paused,
            next_dagrun_create_after=LATER,
            tags=[DagTag(name="company default", dag_id=name)],
            **none,
        )
    )
    ids = invoices_without_client(world, 2)
    world.run(DAY, DAY)
    editor = page("user", language="et")
    answer = {"flow": "sales_invoices", "code": "partner_not_named", "choice": "retry", "ids": ids}
    said = editor.post("/decisions/cases", answer)
    told = words_of(editor.get(said.headers["location"].removeprefix(ROOT)))
    when = f"mis ei alga enne, kui DAG {name} lubatakse" if is_paused else "mis algab 16.01.2026 02:30"
    assert f"2 dokumenti proovitakse uuesti järgmise käivitusega, {when}." in told
    back = editor.post("/decisions/cases/back", {"cases": [f"sales_invoices:{each}" for each in ids]})
    told = words_of(editor.get(back.headers["location"].removeprefix(ROOT)))
    assert re.search("Tagasi võetud: 2; ootab taas vastust", told)


@pytest.mark.parametrize("choice", ["retry", "dismiss"])
def test_many_answers_ask_no_more_of_the_database_than_few(opened: tuple[World, Any], choice: str) -> None:
    world, _ = opened
    ids = invoices_without_client(world, 9)
    world.run(DAY, DAY)
    asked: list[str] = []
    event.listen(world.engine, "before_cursor_execute", lambda *told: asked.append(told[2]))
    counts = []
    for some in (ids[:2], ids[2:]):
        asked.clear()
        with world.engine.begin() as connection:
            decide = quarantine.release if choice == "retry" else quarantine.dismiss
            done = decide(connection, world.company.key, [f"id:{each}" for each in some], "x", Flow.SALES_INVOICES)
        assert len(done) == len(some)
        counts.append(len(asked))
    assert counts[0] == counts[1], asked
