"""Room orchestration. Waiting without failing: a spent budget, a service that is away, a lock that is kept. None of
them costs a try."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowFailException, AirflowRescheduleException
from sqlalchemy import Connection, Engine, event, make_url, text
from sqlalchemy.exc import DBAPIError

from scoro_smartaccounts import pipeline
from scoro_smartaccounts.border.http import NoAnswer, NotSent
from scoro_smartaccounts.common.company import LedgerPolicy
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.errors import (
    BudgetExhausted,
    ConfigurationError,
    DatabaseAway,
    LimitReached,
    LockHeld,
    PipelineError,
    PutOff,
    ServiceFailed,
    StillInDoubt,
    TransientError,
    UnreadableAnswer,
)
from scoro_smartaccounts.common.run import RunRequest
from scoro_smartaccounts.orchestration import retries
from scoro_smartaccounts.orchestration.audit import A_MORNING
from scoro_smartaccounts.orchestration.retries import waits_without_failing
from scoro_smartaccounts.services import Services
from scoro_smartaccounts.staging.database import make_engine, upgrade
from scoro_smartaccounts.staging.locks import session_lock
from scoro_smartaccounts_demo.database import Database
from scoro_smartaccounts_sandbox.faults import Fault, FaultKind
from tests.integration.world import World, open_world
from tests.unit.local_server import closed_port

FIRST, LAST = date(2026, 1, 1), date(2026, 1, 31)


class Account(dict[str, Any]):
    """What Airflow keeps of a task from one start to the next."""

    def set(self, key: str, value: Any) -> None:
        self[key] = value

    def delete(self, key: str) -> None:
        del self[key]


class Clock:
    """The moment that the worker's clock shows."""

    now = datetime(2026, 3, 20, 8, tzinfo=UTC)


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Account:
    kept = Account()
    monkeypatch.setattr(retries, "get_current_context", lambda: {"task_state_store": kept})
    monkeypatch.setattr(retries, "utc_now", lambda: Clock.now)
    return kept


def put_off(error: Exception) -> timedelta:
    """How long a task that raises the error is put off."""

    @waits_without_failing
    def fail() -> None:
        raise error

    with pytest.raises(AirflowRescheduleException) as caught:
        fail()
    until: datetime = caught.value.reschedule_date
    return until - Clock.now


@pytest.mark.parametrize("kind", [BudgetExhausted, StillInDoubt])
def test_a_spent_budget_and_a_doubt_give_the_worker_back(account: Account, kind: type[PutOff]) -> None:
    wait = timedelta(hours=23)
    for _ in range(3):
        assert put_off(kind("not yet", until=Clock.now + wait)) == wait
    # Only what waits for nobody knows what is bounded.
    assert account == {}


def test_a_short_wait_lasts_half_a_minute(account: Account) -> None:
    """Airflow takes a task that comes back before its end was heard for a killed one."""
    assert put_off(StillInDoubt("not yet", until=Clock.now + timedelta(seconds=5))) == timedelta(seconds=30)
    assert put_off(BudgetExhausted("not yet", until=Clock.now - timedelta(hours=1))) == timedelta(seconds=30)


@pytest.mark.parametrize("kind", [NotSent, NoAnswer, ServiceFailed, UnreadableAnswer, LimitReached, LockHeld])
def test_a_service_that_is_away_gives_the_worker_back_every_few_minutes(
    account: Account, kind: type[TransientError]
) -> None:
    assert timedelta(minutes=10) <= put_off(kind("away")) <= timedelta(minutes=15)
    assert put_off(kind("away", retry_after=7200)) == timedelta(hours=2)
    assert put_off(kind("away", retry_after=1e8)) == timedelta(hours=24)


def test_the_wait_is_told(account: Account, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    put_off(ServiceFailed('Scoro invoices/list: failed (HTTP 503, says "Hooldus")'))
    assert "Hooldus" in caplog.text
    assert "Waiting until 20.03.2026 10:12 (Tallinn), without a worker" in caplog.text


def test_nobody_waits_for_ever(account: Account) -> None:
    waits = 24 * 60 // (put_off(TransientError("Scoro is away.")).total_seconds() // 60)
    for _ in range(int(waits) - 1):
        put_off(TransientError("Scoro is away."))
    with pytest.raises(AirflowFailException, match=r"Waited 24 hours in vain.*Scoro is away.*clear the task"):
        waits_without_failing(lambda: _raise(TransientError("Scoro is away.")))()
    # Whoever clears the task has the whole time again.
    assert put_off(TransientError("away")) < timedelta(minutes=15)


def test_a_night_of_the_audit_waits_for_a_side_that_is_away_no_longer_than_a_morning(account: Account) -> None:
    """What the other side shows is told then."""

    def read() -> None:
        raise TransientError("Scoro is away.")

    patient, waited = waits_without_failing(read, A_MORNING), timedelta()
    while waited < A_MORNING:
        with pytest.raises(AirflowRescheduleException) as caught:
            patient()
        waited += caught.value.reschedule_date - Clock.now
    assert waited == timedelta(hours=2)
    with pytest.raises(AirflowFailException, match=r"Waited 2 hours in vain"):
        patient()


@pytest.mark.parametrize("kind", [TransientError, ConfigurationError, ValueError])
def test_no_traceback_of_a_task_shows_what_its_variables_held(account: Account, kind: type[Exception]) -> None:
    """Airflow prints them where the environment sets DEV."""

    @waits_without_failing
    def step(documents: list[str]) -> None:
        def send(body: dict[str, str]) -> None:
            raise kind("away")

        send({"name": documents[0]})

    with pytest.raises(Exception) as told:  # noqa: PT011
        step(["c4n4ry-name"])
    waiting: list[BaseException | None] = [told.value]
    while waiting:
        if (one := waiting.pop()) is not None:
            below = one.__traceback__ and (one.__traceback__.tb_next if one is told.value else one.__traceback__)
            shown = "".join(traceback.TracebackException(type(one), one, below, capture_locals=True).format())
            # The frame that takes the task's own arguments is left.
            assert "body = " not in shown
            assert "documents = " not in shown
            waiting += [one.__context__, one.__cause__]


def test_what_does_not_pass_by_itself_is_not_waited_for(account: Account) -> None:
    with pytest.raises(ConfigurationError):
        waits_without_failing(lambda: _raise(ConfigurationError("wrong key")))()


def _raise(error: PipelineError) -> None:
    raise error


@contextmanager
def away(world: World, system: str) -> Iterator[None]:
    """No service listens where it was."""
    name = f"{system}_url"
    real = getattr(world, name)
    setattr(world, name, f"http://127.0.0.1:{closed_port()}")
    yield
    setattr(world, name, real)


@pytest.mark.parametrize("system", ["scoro", "smartaccounts"])
@pytest.mark.parametrize("at", [0, 2, 3])
def test_an_outage_of_two_hours_in_the_middle_costs_no_try(
    world: World, account: Account, monkeypatch: pytest.MonkeyPatch, system: str, at: int
) -> None:
    """Whatever the step that meets it is doing; the run ends as if nothing had been."""
    world.generate(FIRST, LAST, 20)
    monkeypatch.setattr(retries, "utc_now", world.clock.now)
    request = world.request(FIRST, LAST)
    steps = (pipeline.extract, pipeline.check, pipeline.reconcile_and_plan, pipeline.load)
    starts = 0
    for number, step in enumerate(steps):
        if number == at:
            back_at = world.clock.now() + timedelta(hours=2)
            with away(world, system):
                while world.clock.now() < back_at and not go(world, request, step):
                    starts += 1
        while not go(world, request, step):
            pass
    summary = pipeline.summarize(request, world.services(request))
    assert summary["documents"]["created"] == len(world.invoices()) > 5
    assert summary["documents"]["in_doubt"] == summary["documents"]["not_sent"] == 0
    # Planning and loading do not ask Scoro.
    assert (starts > 8) == (system == ("scoro" if at == 0 else "smartaccounts"))


def go(world: World, request: RunRequest, step: Callable[[RunRequest, Services], Any]) -> bool:
    """Start the step as Airflow would; False: it was put off, and it is time to start it again."""
    try:
        waits_without_failing(step)(request, world.services(request))
    except AirflowRescheduleException as pause:
        world.clock.set(pause.reschedule_date)
        return False
    return True


def test_lost_answers_in_a_row_cost_no_try(world: World, account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    world.generate(FIRST, LAST, 20)
    # The others of a kind would wait for the first one.
    world.company = world.company.model_copy(update={"ledger_check": LedgerPolicy(enabled=False)})
    monkeypatch.setattr(retries, "utc_now", world.clock.now)
    request = world.request(FIRST, LAST, flow=Flow.SALES_INVOICES)
    for step in world.steps[:-1]:
        step(request, world.services(request))
    world.server.faults.add(Fault(FaultKind.STATUS, where=":add", status=500, times=1000))
    assert not go(world, request, pipeline.load)
    assert account


def test_a_load_in_doubt_is_put_off_and_books_after_the_bound(
    world: World, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.checked = False
    world.generate(FIRST, LAST, 20)
    monkeypatch.setattr(retries, "utc_now", world.clock.now)
    request = world.request(FIRST, LAST)
    for step in world.steps[:-1]:
        step(request, world.services(request))
    # Two of them, so that it is no outage.
    world.server.faults.add(Fault(FaultKind.STATUS, where="clientinvoices:add", status=500, times=2))
    began, starts = world.clock.now(), 1
    while not go(world, request, pipeline.load_until_certain):
        starts += 1
    summary = pipeline.summarize(request, world.services(request))
    assert summary["documents"]["in_doubt"] == summary["documents"]["not_sent"] == 0
    assert summary["documents"]["created"] == len(world.invoices())
    assert starts == 2
    assert timedelta(minutes=20) < world.clock.now() - began < timedelta(minutes=25)
    # It is no outage: nothing is counted.
    assert account == {}


class OwnServer:
    """A PostgreSQL server that a test may stop; its address stays."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.start()

    def start(self) -> None:
        self._database = Database.start(self._folder)
        self.uri = self._database.uri

    def stop(self) -> None:
        self._database.stop()


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[OwnServer]:
    server = OwnServer(tmp_path / "data")
    yield server
    server.stop()


@pytest.mark.slow
@pytest.mark.parametrize("flow", [Flow.SALES_INVOICES, Flow.PURCHASE_INVOICES])
def test_an_outage_of_postgresql_costs_no_try(
    own_server: OwnServer, tmp_path: Path, account: Account, monkeypatch: pytest.MonkeyPatch, flow: Flow
) -> None:
    """It is away when a step begins, and goes away in the middle of each, at one commit after the other."""
    own = make_engine(own_server.uri)
    upgrade(own)
    with open_world(own, tmp_path / "output") as world:
        world.generate(FIRST, LAST, 6)
        monkeypatch.setattr(retries, "utc_now", world.clock.now)
        request = world.request(FIRST, LAST, flow=flow)
        outages = 0
        for step in (*world.steps, pipeline.summarize):
            own_server.stop()
            assert not go(world, request, step)
            own_server.start()
            for moment in (1, 2, 4, 7):
                with stopped_at(own, own_server, moment) as stopped:
                    assert go(world, request, step) != bool(stopped)
                own_server.start()
                outages += len(stopped)
            while not go(world, request, step):
                pass
        summary = pipeline.summarize(request, world.services(request))
        booked = world.invoices() if flow is Flow.SALES_INVOICES else world.bills()
    assert outages > 8
    assert summary["documents"]["created"] == len(booked) == len({row["invoiceNumber"] for row in booked}) >= 3
    assert summary["documents"]["in_doubt"] == summary["documents"]["not_sent"] == 0
    own.dispose()


@contextmanager
def stopped_at(engine: Engine, server: OwnServer, moment: int) -> Iterator[list[int]]:
    """The server stops before the engine's commit of that number; the list holds it when that has happened."""
    commits, stopped = iter(range(1, 10_000)), list[int]()

    def before_commit(_: Any) -> None:
        if next(commits) == moment:
            stopped.append(moment)
            server.stop()

    event.listen(engine, "commit", before_commit)
    yield stopped
    event.remove(engine, "commit", before_commit)


def test_what_is_told_of_an_outage_of_postgresql_holds_no_secret(own_server: OwnServer) -> None:
    uri = make_url(own_server.uri)
    secret = str(uri.password)
    own = make_engine(uri)
    with own.connect() as connection:
        pid = connection.execute(text("select pg_backend_pid()")).scalar_one()
        with own.connect() as other:
            other.execute(text("select pg_terminate_backend(:pid)"), {"pid": pid})
        with pytest.raises(DatabaseAway, match="SQLSTATE 57P01") as lost:
            connection.execute(text("select 'a secret value'"))
    with own.begin() as connection:
        connection.exec_driver_sql(f"create role staging login connection limit 0 password '{secret}'")
    with pytest.raises(DatabaseAway) as full:
        make_engine(uri.set(username="staging")).connect()
    with pytest.raises(ConfigurationError, match="user, password and database") as refused:
        make_engine(uri.set(database="nowhere")).connect()
    # What is wrong with a statement is no outage.
    for statement in ("select nothing from pg_class x where y", "selec", "select 1 / 0", "select 'x'::int"):
        with own.connect() as connection, pytest.raises((DBAPIError, ConfigurationError)) as wrong:
            connection.exec_driver_sql(statement)
        assert not isinstance(wrong.value, TransientError)
    own_server.stop()
    with pytest.raises(DatabaseAway) as away:
        own.connect()
    for told in (lost, full, refused, away):
        assert secret not in str(told.value)
        assert "secret" not in str(told.value)
        assert told.value.__suppress_context__ or told.value.__cause__ is not None


def test_a_connection_that_cannot_be_opened_anew_is_an_outage_too(own_server: OwnServer) -> None:
    own = make_engine(own_server.uri)
    with own.connect() as connection:
        connection.execute(text("select 1"))
        own_server.stop()
        for _ in range(2):
            with pytest.raises(DatabaseAway):
                connection.execute(text("select 1"))
            connection.rollback()


def test_an_outage_while_a_lock_is_held_stays_one(own_server: OwnServer) -> None:
    own = make_engine(own_server.uri)
    with own.connect() as connection:
        for comes_back in (False, True):
            with pytest.raises(DatabaseAway, match="57P01"):
                held_when_it_stops(connection, own_server, comes_back=comes_back)
            if not comes_back:
                own_server.start()


def held_when_it_stops(connection: Connection, server: OwnServer, *, comes_back: bool) -> None:
    with session_lock(connection, "default", "client"):
        server.stop()
        if comes_back:
            server.start()
        connection.execute(text("select 1"))


def test_every_step_of_every_dag_waits_without_failing() -> None:
    from tests.dags.test_dags import read_dags

    for dag in read_dags().dags.values():
        for task in dag.tasks:
            function = getattr(task, "python_callable", None)
            if function is not None:
                names = ("Steps.", "ReconcileSteps.", "AuditSteps.", "load_approved", "summarize_approved")
                names = (*names, "undo_plans", "watch")  # type: ignore[assignment]
                assert function.__qualname__.startswith(names), task
                assert hasattr(function, "__wrapped__"), task
