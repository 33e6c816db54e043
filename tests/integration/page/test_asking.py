"""Room page. What is planned and asked about by nobody is seen, and asked from there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from scoro_smartaccounts.page.airflow_api import AirflowApi
from tests.integration.money import Money
from tests.integration.office import DAY, Office
from tests.integration.world import World

NOBODY = "raamatupidajalt ei küsita"


@pytest.fixture
def asking(airflow_rows: Any) -> Any:
    """Airflow knows the DAG that asks; it is paused."""
    from airflow.models.dag import DagModel, DagTag

    none = dict.fromkeys(("is_stale", "has_task_concurrency_limits", "has_import_errors"), False)
    tags = [DagTag(name="company default", dag_id="approve_plans")]
    airflow_rows(
        DagModel(  # type: ignore[no-untyped-call]
            dag_id="approve_plans", bundle_name="dags", fileloc="x.py", is_paused=True, tags=tags, **none
        )
    )


def test_what_nobody_is_asked_about_waits_and_is_asked_here(
    opened: tuple[World, Any], office: Office, asking: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, page = opened
    editor, reader = page("user", language="et"), page("viewer", language="et")
    assert "Midagi ei oota otsust." in reader.get("/decisions").text
    Money(world).enter(DAY, "100")
    assert office.plan(DAY, DAY)["to_approve"] == 1
    assert "1 dokument on kavandatud, aga raamatupidajalt küsimata" in _text(reader.get("/"))
    assert "Kavandatud, raamatupidajalt küsimata: 1" in reader.get("/decisions").text
    for screen in ("/", "/decisions"):
        text = reader.get(screen).text
        assert NOBODY in text
        assert "Midagi ei oota otsust." not in text
    assert "/decisions/ask" not in reader.get("/decisions").text
    assert ">Luba</button>" in editor.get("/decisions").text

    started: list[str] = []

    async def start(_: Any, dag: str, conf: dict[str, str]) -> str:
        started.append(dag)
        return "manual__1"

    monkeypatch.setattr(AirflowApi, "start", start)
    assert editor.post("/decisions/ask").headers["location"].endswith("said=asking")
    assert started == ["approve_plans"]
    text = editor.get("/decisions").text
    assert NOBODY not in text
    assert ">Küsi kohe</button>" in text
    office.ask()
    for screen in ("/", "/decisions"):
        assert "küsimata" not in _text(reader.get(screen))


def test_an_answer_is_not_heard_while_the_dag_is_paused(opened: tuple[World, Any], office: Office, asking: Any) -> None:
    world, page = opened
    Money(world).enter(DAY, "100")
    office.plan(DAY, DAY)
    office.ask()
    for screen in ("/", "/decisions"):
        assert NOBODY in page("viewer", language="et").get(screen).text
    editor = page("user", language="et")
    assert editor.post("/decisions/ask").headers["location"].endswith("said=enabled")
    assert NOBODY not in editor.get("/decisions").text


def test_the_import_says_that_nobody_would_ask(page: Any, folder: Path, asking: Any) -> None:
    reader = page("viewer", language="et")
    assert NOBODY not in reader.get("/import").text
    file = folder / "default.yaml"
    text = re.sub(r"(?m)^mode:\n(  .*\n)+", "", file.read_text("utf-8"))
    file.write_text(text + "\nmode: {scheduled: approve, manual: preview}\n", "utf-8")
    assert NOBODY in reader.get("/import").text
    assert NOBODY in reader.get("/").text


def _text(answer: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())
