"""Room orchestration. `reconcile_ids` as Airflow reads it, and what its question does with an answer."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.sdk import RetryPolicy
from airflow.sdk.definitions.param import ParamsDict
from airflow.sdk.exceptions import AirflowFailException

from scoro_smartaccounts.common.errors import ConfigurationError
from scoro_smartaccounts.orchestration.link_question import LATER, LEAVE_OUT, LINK, PATIENCE
from scoro_smartaccounts.orchestration.reconcile import read_inside
from tests.dags.test_dags import as_scheduled, read_dags, two_companies
from tests.dags.test_waiting import Account

__all__ = ["two_companies"]

STEPS = ["take_decisions", "read_registers", "propose_links", "write_report", "ask_about_likely"]
SHOWN = ["client:1:a", "client:2:b"]


def test_every_company_has_one_and_it_runs_by_hand_only(two_companies: Path) -> None:
    dags = read_dags().dags
    for dag_id in ("reconcile_ids", "reconcile_ids__acme"):
        dag = dags[dag_id]
        assert [task.task_id for task in dag.topological_sort()] == STEPS
        for task, following in pairwise(STEPS):
            assert dag.get_task(task).downstream_task_ids == {following}
        assert as_scheduled(dag).timetable.summary in (None, "None")
        assert list(dag.params) == ["decisions_file", "date_from", "date_to", "ask"]
        assert all(f"`{step}`" in dag.doc_md for step in STEPS)
        assert all(isinstance(task.retry_policy, RetryPolicy) and task.execution_timeout for task in dag.tasks)
        # A question that nobody answers keeps nobody else's run from beginning, and ends.
        assert dag.max_active_runs > 5
        question = dag.get_task("ask_about_likely")
        assert (question.response_timeout, question.defaults) == (PATIENCE, [LATER])
        assert bool(dag.on_failure_callback) == dag_id.endswith("__acme")


class Instance:
    """The task instance of a question: keeps what was shown."""

    def __init__(self, shown: list[str]) -> None:
        self.shown = shown

    def xcom_pull(self, **_: Any) -> list[str]:
        return self.shown


def context() -> dict[str, Any]:
    return {"ti": Instance(SHOWN), "task_state_store": Account()}


def answer(option: str, left_out: list[str] | None) -> dict[str, Any]:
    given = {"chosen_options": [option], "params_input": {LEAVE_OUT: left_out}}
    return {**given, "responded_at": None, "responded_by_user": None, "timedout": False}


@pytest.fixture
def question() -> Any:
    found = read_dags().dags["reconcile_ids"].get_task("ask_about_likely")
    # A freshly read task knows nothing of what was shown.
    assert isinstance(found.params, ParamsDict)
    assert list(found.params) == [LEAVE_OUT]
    return found


@pytest.fixture(autouse=True)
def moment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "airflow.providers.standard.operators.hitl.HITLOperator.execute_complete",
        lambda self, context, event: event,
    )


def test_an_answer_for_later_changes_nothing(question: Any) -> None:
    assert question.execute_complete(context(), answer(LATER, [])) == {"shown": 2, "accepted": 0}


def test_pairs_that_were_not_shown_cannot_be_left_out(question: Any) -> None:
    with pytest.raises(AirflowFailException, match="1 of the pairs"):
        question.execute_complete(context(), answer(LINK, ["client:9:z"]))


@pytest.mark.parametrize("name", ["/etc/passwd", "../other/x.xlsx", "a/../../x", "s3://bucket/x.xlsx", "missing.xlsx"])
def test_decisions_are_read_from_the_output_folder_only(tmp_path: Path, name: str) -> None:
    inside = tmp_path / "default"
    (inside / "reconcile_ids").mkdir(parents=True)
    (tmp_path / "x").write_text("secret")
    (inside / "reconcile_ids" / "links.xlsx").write_bytes(b"content")
    assert read_inside(inside, " reconcile_ids/links.xlsx") == b"content"
    with pytest.raises(ConfigurationError, match="decisions_file"):
        read_inside(inside, name)


def test_a_run_asks_once(question: Any) -> None:
    """A task that is cleared would link pairs that Airflow does not show."""
    again = {"params": {"ask": True}, "ti": SimpleNamespace(try_number=2), "task_state_store": Account()}
    assert question.execute(again) == {"shown": 0}
