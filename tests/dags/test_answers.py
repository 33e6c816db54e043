"""Room orchestration. A person's answer that cannot be stored at once: it is not lost, nobody is asked again, and no
try is counted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.sdk import Context
from airflow.sdk.exceptions import AirflowRescheduleException, TaskAwaitingInput
from sqlalchemy import URL, Engine, select, text

from scoro_smartaccounts.common.company import ApprovalPolicy
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.errors import BudgetExhausted, ConfigurationError
from scoro_smartaccounts.common.run import ReconcileRequest
from scoro_smartaccounts.orchestration import approval, link_question
from scoro_smartaccounts.orchestration.approval import APPROVE, AskAccountant
from scoro_smartaccounts.orchestration.link_question import LINK, LinkQuestion
from scoro_smartaccounts.reconcile_ids.linking import only_one
from scoro_smartaccounts.staging import locks
from scoro_smartaccounts.staging.approvals import LOCK
from scoro_smartaccounts.staging.database import make_engine
from scoro_smartaccounts.staging.locks import Patience, transaction_lock
from scoro_smartaccounts.staging.schema import approval as approvals
from tests.dags.test_waiting import Account, account
from tests.integration.office import DAY, Office
from tests.integration.world import World

__all__ = ["account"]

SHORT = Patience(timedelta(milliseconds=50), timedelta(milliseconds=100))


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    for take in (locks.transaction_lock, locks.session_lock.__wrapped__):  # type: ignore[attr-defined]
        monkeypatch.setitem(take.__kwdefaults__ or {}, "patience", SHORT)


def said(option: str, left_out: list[str]) -> dict[str, Any]:
    return {
        "chosen_options": [option],
        "params_input": {"leave_out": left_out},
        "responded_at": datetime(2026, 3, 20, 9, tzinfo=UTC),
        "responded_by_user": {"id": "1", "name": "raamatupidaja"},
        "timedout": False,
    }


class Asked:
    """The accountant's question of a run, as each start of its task has it: a new process."""

    def __init__(self, office: Office, account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
        self.world = office.world
        self.answerers: dict[str, list[str]] = {}
        self.url = self.world.engine.url
        office.money.enter(DAY, "100")
        office.money.enter(DAY, "50")
        office.plan()
        self.key = office.ask()
        self.labels = [document.label for document in office.seen[self.key]]
        dag_id, _, run_id = self.key.partition("/")
        run: Any = SimpleNamespace(dag_id=dag_id, run_id=run_id, run_type="manual")
        store: Any = account
        self.context = Context(dag_run=run, task_state_store=store)
        monkeypatch.setattr(approval, "staging_engine", lambda _: make_engine(self.url))

    @property
    def task(self) -> AskAccountant:
        policy = ApprovalPolicy.model_validate(self.answerers)
        company = self.world.company.model_copy(update={"approval": policy})
        return AskAccountant(task_id="ask_accountant", company=company)

    def states(self) -> list[str]:
        with self.world.engine.connect() as connection:
            return sorted(connection.scalars(select(approvals.c.state)))

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Another process works on the flow's approvals."""
        with self.world.engine.begin() as connection:
            transaction_lock(connection, LOCK, self.world.company.key, Flow.SALES_INVOICES.value)
            yield

    @contextmanager
    def away(self) -> Iterator[None]:
        """No PostgreSQL listens where it was."""
        real, self.url = self.url, self.url.update_query_dict({"host": "/nowhere"})
        yield
        self.url = real


@pytest.fixture
def asked(office: Office, account: Account, monkeypatch: pytest.MonkeyPatch) -> Asked:
    return Asked(office, account, monkeypatch)


@pytest.mark.parametrize("trouble", [Asked.locked, Asked.away])
def test_the_accountants_answer_is_kept_until_it_can_be_stored(
    asked: Asked, account: Account, trouble: Callable[[Asked], Any]
) -> None:
    with trouble(asked):
        with pytest.raises(AirflowRescheduleException):
            asked.task.execute_complete(asked.context, said(APPROVE, asked.labels[:1]))
        # Airflow starts the task from its beginning.
        with pytest.raises(AirflowRescheduleException):
            asked.task.execute(asked.context)
    assert asked.states() == ["asked", "asked"]
    assert asked.task.execute(asked.context) == {"approved": 1, "declined": 1}
    assert asked.states() == ["approved", "declined"]
    assert "answer" not in account


def _breaks_off(url: URL) -> None:
    """The session is ended from outside, and its connection is used once more on the way out."""
    with make_engine(url).connect() as connection:
        pid = connection.execute(text("select pg_backend_pid()")).scalar_one()
        with make_engine(url).connect() as other:
            other.execute(text("select pg_terminate_backend(:pid)"), {"pid": pid})
        try:
            connection.execute(text("select 1"))
        finally:
            connection.execute(text("select 1"))


def _has_no_budget(_: URL) -> None:
    raise BudgetExhausted("not yet", until=datetime.now(UTC))


@pytest.mark.parametrize("trouble", [_breaks_off, _has_no_budget])
def test_an_answer_outlives_whatever_passes_while_it_is_taken(
    asked: Asked, account: Account, monkeypatch: pytest.MonkeyPatch, trouble: Callable[[URL], None]
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(AskAccountant, "take", lambda *_: trouble(asked.url))
        with pytest.raises(AirflowRescheduleException):
            asked.task.execute_complete(asked.context, said(APPROVE, []))
    assert "answer" in account
    assert asked.task.execute(asked.context) == {"approved": 2, "declined": 0}


def test_a_question_that_cannot_look_stays_open(asked: Asked) -> None:
    with asked.away(), pytest.raises(TaskAwaitingInput):
        asked.task.execute_complete(asked.context, {"error": "late", "error_type": "timeout"})
    with pytest.raises(TaskAwaitingInput):
        asked.task.execute_complete(asked.context, {"error": "late", "error_type": "timeout"})
    with asked.away(), pytest.raises(AirflowRescheduleException):
        asked.task.execute(asked.context)


def test_an_answer_that_is_refused_for_good_is_forgotten(asked: Asked, account: Account) -> None:
    with pytest.raises(ConfigurationError, match="leave_out"):
        asked.task.execute_complete(asked.context, said(APPROVE, ["no such document"]))
    assert "answer" not in account
    assert asked.states() == ["asked", "asked"]


def test_an_answer_of_somebody_else_is_not_taken_and_the_question_is_put_again(
    asked: Asked, account: Account, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As where Airflow's gate before answers did not run."""
    put: list[dict[str, Any]] = []
    monkeypatch.setattr(
        "scoro_smartaccounts.orchestration.question.upsert_hitl_detail", lambda **said: put.append(said)
    )
    instance: Any = SimpleNamespace(id="1")
    asked.context["task_instance"] = instance

    def by(name: str | None) -> dict[str, Any]:
        return said(APPROVE, []) | {"responded_by_user": name and {"id": "1", "name": name}}

    asked.answerers = {"users": ["mari"]}
    for other in ("raamatupidaja", "Mari", "", None):
        with pytest.raises(TaskAwaitingInput):
            asked.task.execute_complete(asked.context, by(other))
        assert asked.states() == ["asked", "asked"]
        assert "answer" not in account
    assert "raamatupidaja answered, who is not named under approval in default.yaml" in capsys.readouterr().out
    assert [each["assigned_users"] for each in put] == [[{"id": "mari", "name": "mari"}]] * 4
    assert asked.task.execute_complete(asked.context, by("mari")) == {"approved": 2, "declined": 0}
    assert asked.states() == ["approved", "approved"]


def test_the_answer_about_pairs_outlives_its_xcoms(
    world: World, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Airflow forgets what was shown when the task starts again."""
    request = ReconcileRequest(world.company, "reconcile_ids/run-1", None)
    services = world.services(world.request(DAY, DAY))

    @contextmanager
    def opened(_: Any) -> Iterator[Any]:
        yield request, services

    monkeypatch.setattr(link_question, "opened_reconcile", opened)
    shown: list[str] | None = ["client:1:a", "client:2:b"]
    instance: Any = SimpleNamespace(xcom_pull=lambda **_: shown, try_number=1)
    store: Any = account
    context = Context(ti=instance, task_state_store=store, params={"ask": True})

    def task() -> LinkQuestion:
        return LinkQuestion(task_id="ask_about_likely", company=world.company, report_task_id="write_report")

    with held(world.engine, world.company.key):
        with pytest.raises(AirflowRescheduleException):
            task().execute_complete(context, said(LINK, []))
        shown, instance.try_number = None, 2
        with pytest.raises(AirflowRescheduleException):
            task().execute(context)
    assert task().execute(context)["shown"] == 2
    assert "answer" not in account


@contextmanager
def held(engine: Engine, company: str) -> Iterator[None]:
    with engine.connect() as connection, only_one(connection, company):
        yield
