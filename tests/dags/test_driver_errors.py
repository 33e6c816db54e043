"""Room orchestration. Every error that PostgreSQL and libraries can be made to raise on the real schema, with a
person in every value: no task's log, no exception and no server's log has a letter of it."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import logging
import shutil
import subprocess
import tempfile
import threading
import time
import traceback
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pydantic
import pytest
import requests
import structlog
import yaml
from airflow.sdk._shared.logging.structlog import structlog_processors
from airflow.sdk.bases.decorator import DecoratedOperator
from airflow.sdk.exceptions import AirflowRescheduleException
from sqlalchemy import Connection, Engine, Table, create_engine, insert, select, text

from scoro_smartaccounts.common.errors import DatabaseAway, UnexpectedError
from scoro_smartaccounts.orchestration import retries
from scoro_smartaccounts.orchestration.retries import waits_without_failing
from scoro_smartaccounts.staging import bulk
from scoro_smartaccounts.staging.database import make_engine, upgrade
from scoro_smartaccounts.staging.schema import document, document_line, run, run_document
from scoro_smartaccounts_demo.database import Database
from scoro_smartaccounts_demo.server import LOG_SETTINGS
from tests.canaries import CANARY, hits
from tests.dags.conftest import ROOT
from tests.dags.test_waiting import Account

COMPANY = "canary"
Provoke = Callable[[Engine], None]

DOCUMENT: dict[str, Any] = {
    "company": COMPANY,
    "flow": "sales_invoices",
    "source_id": CANARY,
    "raw_version": 1,
    "content_hash": CANARY,
    "number": CANARY,
    "day": date(2026, 1, 1),
    "partner_id": CANARY,
    "currency": CANARY,
}
LINE: dict[str, Any] = {
    "company": COMPANY,
    "flow": "sales_invoices",
    "source_id": CANARY,
    "position": 1,
    "is_heading": False,
    "description": CANARY,
    "quantity": 1,
    "price": 1,
    "discount": 0,
    "net": 1,
}
RUN: dict[str, Any] = {
    "company": COMPANY,
    "run_key": CANARY,
    "flow": "sales_invoices",
    "kind": "manual",
    "mode": "import",
    "date_from": date(2026, 1, 1),
    "date_to": date(2026, 1, 2),
}


@dataclass
class Server:
    """The demo's server, as it is shipped, with a migrated database."""

    url: str
    log: Path


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    folder = Path(tempfile.mkdtemp(prefix="canary-"))
    database = Database.start(folder / "data")
    url = database.url("staging").render_as_string(hide_password=False)
    engine = make_engine(url)
    upgrade(engine)
    engine.dispose()
    yield Server(url, folder / "data" / "log")
    database.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def staging(server: Server) -> Iterator[Engine]:
    engine = make_engine(server.url)
    with engine.begin() as connection:
        connection.execute(insert(document).values(DOCUMENT))
        connection.execute(insert(run).values(RUN))
    yield engine
    with engine.begin() as connection:
        for table in (run_document, document_line, document, run):
            connection.execute(table.delete())
    engine.dispose()


def inserted(table: Table, row: dict[str, Any], **changes: Any) -> Provoke:
    """By SQLAlchemy, values as parameters."""

    def provoke(engine: Engine) -> None:
        with engine.begin() as connection:
            connection.execute(insert(table).values({**row, **changes}))

    return provoke


def copied(table: Table, row: dict[str, Any], **changes: Any) -> Provoke:
    """By the driver's COPY, as most rows come."""

    def provoke(engine: Engine) -> None:
        with engine.begin() as connection:
            bulk.copy(connection, table, [{**row, "source_id": f"new {CANARY}", **changes}])

    return provoke


def upserted(table: Table, *rows: dict[str, Any]) -> Provoke:
    def provoke(engine: Engine) -> None:
        with engine.begin() as connection:
            bulk.upsert(connection, table, rows)

    return provoke


def said(statement: str, *before: str) -> Provoke:
    """A statement with the canary as `:canary`, after others."""

    def provoke(engine: Engine) -> None:
        with engine.begin() as connection:
            for each in before:
                connection.execute(text(each))
            connection.execute(text(statement), {"canary": CANARY} if ":canary" in statement else {})

    return provoke


def written(statement: str) -> Provoke:
    """A statement with the canary in its own text."""
    return said(statement.replace("CANARY", CANARY))


def raised(code: str) -> Provoke:
    """What cannot be provoked at will (no room, no memory, a broken disk): the server raises it with rows in it."""
    return written(
        f"do $$ begin raise exception 'CANARY' using errcode = '{code}', detail = 'CANARY', hint = 'CANARY'; end $$"
    )


def raised_in_copy(code: str) -> Provoke:
    """The same in the middle of COPY, on a connection that goes on."""

    def provoke(engine: Engine) -> None:
        with engine.begin() as connection:
            connection.execute(
                text(
                    "create function canary() returns trigger language plpgsql as $$ begin raise exception"
                    f" '{CANARY}' using errcode = '{code}', detail = '{CANARY}', hint = '{CANARY}'; end $$"
                )
            )
            connection.execute(
                text("create trigger canary before insert on document for each row execute function canary()")
            )
            bulk.copy(connection, document, [{**DOCUMENT, "source_id": f"new {CANARY}"}])

    return provoke


def _copy_of_too_many_columns(engine: Engine) -> None:
    with engine.begin() as connection:
        driver: Any = connection.connection.driver_connection
        with driver.cursor().copy("copy run (company) from stdin") as target:
            target.write(f"{CANARY}\t{CANARY}\n".encode())


def _copy_of_wrong_bytes(engine: Engine) -> None:
    with engine.begin() as connection:
        driver: Any = connection.connection.driver_connection
        with driver.cursor().copy("copy run (company) from stdin") as target:
            target.write(CANARY.encode() + b"\xff\xfe\n")


def slowly(store: Callable[[Connection, Iterator[dict[str, Any]]], object]) -> Provoke:
    """Rows that come later than the server waits for their statement."""

    def rows() -> Iterator[dict[str, Any]]:
        yield {**DOCUMENT, "source_id": f"slow {CANARY}"}
        time.sleep(0.6)
        yield {**DOCUMENT, "source_id": f"slower {CANARY}"}

    def provoke(engine: Engine) -> None:
        with engine.begin() as connection:
            connection.execute(text("set local statement_timeout = 300"))
            store(connection, rows())

    return provoke


def _copy_whose_session_is_ended(engine: Engine) -> None:
    def ended() -> Iterator[dict[str, Any]]:
        yield {**DOCUMENT, "source_id": f"ended {CANARY}"}
        with create_engine(engine.url).connect() as other:
            other.execute(text("select pg_terminate_backend(:pid)"), {"pid": pid})
        for number in range(20_000):
            yield {**DOCUMENT, "source_id": f"{number} {CANARY}"}

    with engine.begin() as connection:
        pid = connection.execute(text("select pg_backend_pid()")).scalar_one()
        bulk.copy(connection, document, ended())


def _session_that_is_ended(engine: Engine) -> None:
    with engine.begin() as connection:
        pid = connection.execute(text("select pg_backend_pid()")).scalar_one()
        with create_engine(engine.url).connect() as other:
            other.execute(text("select pg_terminate_backend(:pid)"), {"pid": pid})
        connection.execute(select(document).where(document.c.number == CANARY))


def _lock_that_is_kept(engine: Engine) -> None:
    with engine.begin() as keeper:
        keeper.execute(document.update().values(currency="EUR"))
        with engine.begin() as other:
            other.execute(text("set local lock_timeout = 100"))
            other.execute(document.update().where(document.c.number == CANARY).values(currency=CANARY))


def _deadlock(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(insert(document).values({**DOCUMENT, "source_id": f"second {CANARY}"}))

    def update(connection: Connection, source_id: str) -> None:
        connection.execute(
            document.update().where(document.c.source_id == source_id).values(number=f"changed {CANARY}")
        )

    problems: list[BaseException] = []
    first, second = engine.connect(), engine.connect()
    with first, second:
        update(first, CANARY)
        update(second, f"second {CANARY}")

        def cross() -> None:
            try:
                update(second, CANARY)
            except Exception as problem:  # noqa: BLE001
                problems.append(problem)
                second.rollback()

        thread = threading.Thread(target=cross)
        thread.start()
        try:
            update(first, f"second {CANARY}")
        finally:
            first.rollback()
            thread.join()
    raise problems[0]


def _serialization(engine: Engine) -> None:
    patient = engine.execution_options(isolation_level="REPEATABLE READ")
    with patient.begin() as first:
        first.execute(select(document)).all()
        with engine.begin() as second:
            second.execute(document.update().values(number=f"other {CANARY}"))
        first.execute(document.update().values(number=f"third {CANARY}"))


def _transaction_that_failed(engine: Engine) -> None:
    with engine.connect() as connection:
        with contextlib.suppress(Exception):
            connection.execute(text("select cast(:canary as integer)"), {"canary": CANARY})
        connection.execute(select(document).where(document.c.number == CANARY))


def _reset_that_fails_is_logged(engine: Engine) -> None:
    """SQLAlchemy logs what goes wrong while a connection is given back, with the error's whole text."""
    try:
        with engine.connect() as connection:
            connection.execute(text("select cast(:canary as integer)"), {"canary": CANARY})
    except Exception:
        logging.getLogger("sqlalchemy.pool.impl").exception("Exception during reset or similar")
        raise


class _Person(pydantic.BaseModel):
    number: int


def _of_library(raises: Callable[[], object]) -> Provoke:
    return lambda _: (raises(), None)[1]


def _workbook() -> object:
    import openpyxl

    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("[Content_Types].xml", f"<Types>{CANARY}</Types")
    return openpyxl.load_workbook(content)


def _frame() -> object:
    import pandas

    return pandas.DataFrame({"a": [CANARY]}).astype({"a": "int64"})


def _column() -> object:
    import pandas

    return pandas.DataFrame({"a": [1]})[CANARY]


def _group() -> None:
    raise ExceptionGroup(CANARY, [ValueError(CANARY), KeyError(CANARY)])


def _raise(problem: BaseException) -> None:
    raise problem


def _behind() -> None:
    """One of ours that came after a foreign one."""
    try:
        int(CANARY)
    except ValueError:
        raise DatabaseAway("The staging database does not answer. It is tried again later")  # noqa: B904


TOO_LONG = "".join(f"{number:06x}" for number in range(2_000, 40_000_000, 9_973)) + CANARY

# Codes of what passes by itself, or once somebody made room: the task is put off.
PASSING = ("08006", "40003", "53100", "53200", "53300", "53400", "55000", "57P02", "57P03", "58000", "58030")

DRIVER: dict[str, Provoke] = {
    "unique": inserted(document, DOCUMENT),
    "unique in COPY": copied(document, DOCUMENT, source_id=CANARY),
    "the same key twice in an upsert": upserted(document, DOCUMENT, DOCUMENT),
    "check": inserted(run, RUN, run_key=f"new {CANARY}", mode=CANARY),
    "check in an upsert": upserted(run, {**RUN, "mode": CANARY}),
    "check of days": inserted(run, RUN, run_key=f"new {CANARY}", date_to=date(2025, 1, 1)),
    "not null": inserted(document, DOCUMENT, source_id=f"new {CANARY}", number=None),
    "not null in COPY": copied(document, DOCUMENT, number=None),
    "foreign key": inserted(document_line, LINE, source_id=f"nobody {CANARY}"),
    "foreign key in COPY": copied(document_line, LINE, source_id=f"nobody {CANARY}"),
    "foreign key of a run": said(
        "insert into run_document (company, run_key, flow, source_id, reason)"
        " values ('canary', :canary, 'sales_invoices', :canary, 'in_range')",
        "delete from run",
    ),
    "text for a number": copied(document, DOCUMENT, raw_version=CANARY),
    "text for an amount": copied(document, DOCUMENT, net=CANARY),
    "text for a day": copied(document, DOCUMENT, day=CANARY),
    "text for a moment": copied(document, DOCUMENT, created_at=CANARY),
    "text for yes or no": copied(document, DOCUMENT, is_deleted=CANARY),
    "text for a number as parameter": said("select cast(:canary as integer)"),
    "text for a day as parameter": said("select cast(:canary as date)"),
    "text for a moment as parameter": said("select cast(:canary as timestamptz)"),
    "text for JSON": said("select cast(:canary as jsonb)"),
    "text for a UUID": said("select cast(:canary as uuid)"),
    "text for an array": said("select cast(:canary as integer[])"),
    "a day that is none": written("select to_date('2026-13-45 CANARY', 'YYYY-MM-DD')"),
    "an amount too large": inserted(document, DOCUMENT, source_id=f"new {CANARY}", currency_rate=Decimal("1E+40")),
    "a number too large": inserted(document, DOCUMENT, source_id=f"new {CANARY}", raw_version=10**12),
    "text too long for its column": written("update scoro_smartaccounts_version set version_num = 'CANARY CANARY'"),
    "division by nothing": said("select 1 / length(replace(:canary, number, '')) from document"),
    "wrong bytes in COPY": _copy_of_wrong_bytes,
    "bytes that are no text": written("select convert_from(decode('ff', 'hex') || 'CANARY', 'UTF8')"),
    "NUL in JSON": written("""select cast('{"a": "CANARY' || chr(92) || 'u0000"}' as jsonb) ->> 'a'"""),
    "a regular expression that is none": said("select 'a' ~ (:canary || '(')"),
    "a setting that is none": said("select set_config('timezone', :canary, true)"),
    "too many columns in COPY": _copy_of_too_many_columns,
    "too long for an index": inserted(document, DOCUMENT, source_id=TOO_LONG),
    "too long for an index in COPY": copied(document, DOCUMENT, source_id=TOO_LONG),
    "time-out": said("select pg_sleep(3), :canary", "set local statement_timeout = 100"),
    "time-out in COPY": slowly(lambda connection, rows: bulk.copy(connection, document, rows)),
    "time-out in the COPY of an upsert": slowly(lambda connection, rows: bulk.upsert(connection, document, rows)),
    "time-out in the COPY of a part": slowly(
        lambda connection, rows: bulk.store_each(connection, [1], lambda _: bulk.copy(connection, document, rows))
    ),
    "deadlock": _deadlock,
    "lock time-out": _lock_that_is_kept,
    "serialization": _serialization,
    "session ended": _session_that_is_ended,
    "session ended in COPY": _copy_whose_session_is_ended,
    "transaction that failed": _transaction_that_failed,
    "transaction that may only read": said("update document set number = :canary", "set transaction read only"),
    "no right": said("update document set number = :canary", "set local role pg_monitor"),
    "no such function": written("select canary_of('CANARY')"),
    "no such operator": written("select 'CANARY'::text + 1"),
    "syntax": written("select 'a' 'CANARY' from from CANARY"),
    "other type": written("update document set raw_version = 'CANARY'::text"),
    "several rows for one": said("select (select number from document cross join generate_series(1, 2)), :canary"),
    "an error that is logged on the way": _reset_that_fails_is_logged,
    "a parameter that is missing": lambda engine: said("select :other, cast(:canary as text)")(engine),
    "a parameter that nothing takes": inserted(document, DOCUMENT, partner_id=type(CANARY, (), {})()),
    **{
        f"raised by the server: {code}": raised(code)
        for code in (
            *("08006", "0A000", "23P01", "2F004", "34000", "40003", "53100", "53200", "53300", "53400"),
            *("54001", "55000", "57P02", "57P03", "58000", "58030", "72000", "P0001", "P0002", "XX000", "XX001"),
        )
    },
    **{f"raised in COPY: {code}": raised_in_copy(code) for code in (*PASSING, "54001", "P0001", "XX000")},
}

LIBRARIES: dict[str, Provoke] = {
    "pydantic": _of_library(lambda: _Person.model_validate({"number": CANARY})),
    "json": _of_library(lambda: json.loads(f'{{"name": "{CANARY}')),
    "key": _of_library(lambda: dict[str, str]()[CANARY]),
    "value": _of_library(lambda: int(CANARY)),
    "type": _of_library(lambda: _raise(TypeError(CANARY))),
    "attribute": _of_library(lambda: getattr(1, CANARY)),
    "decoding": _of_library(lambda: CANARY.encode().__add__(b"\xff").decode()),
    "encoding": _of_library(lambda: f"{CANARY}ä".encode("ascii")),
    "yaml": _of_library(lambda: yaml.safe_load(f"a: [{CANARY}: '")),
    "decimal": _of_library(lambda: Decimal(CANARY)),
    "date": _of_library(lambda: date.fromisoformat(CANARY)),
    "file": _of_library(lambda: Path(f"/nowhere/{CANARY}").read_text()),
    "csv": _of_library(lambda: csv.writer(io.StringIO(), dialect=CANARY)),
    "xml": _of_library(lambda: ElementTree.fromstring(f"<a>{CANARY}</b>")),
    "zip": _of_library(lambda: zipfile.ZipFile(io.BytesIO(CANARY.encode()))),
    "workbook": _of_library(_workbook),
    "address": _of_library(lambda: requests.get(f"foo://{CANARY}", timeout=1)),
    "connection": _of_library(lambda: requests.get(f"http://127.0.0.1:9/?name={CANARY}", timeout=1)),
    "pandas value": _of_library(_frame),
    "pandas column": _of_library(_column),
    "group": _of_library(_group),
    "assertion": _of_library(lambda: _raise(AssertionError(CANARY))),
    "ours after a foreign one": _of_library(_behind),
    "mail": _of_library(lambda: _raise(__import__("smtplib").SMTPRecipientsRefused({CANARY: (550, CANARY.encode())}))),
    "process": _of_library(lambda: _raise(subprocess.CalledProcessError(1, [CANARY], CANARY))),
}

# All others are errors of the task.
PUT_OFF = {
    *("time-out", "time-out in COPY", "time-out in the COPY of an upsert", "time-out in the COPY of a part"),
    *("deadlock", "serialization", "session ended", "session ended in COPY", "ours after a foreign one"),
    *(f"raised by the server: {code}" for code in PASSING),
    *(f"raised in COPY: {code}" for code in PASSING),
}


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Account:
    kept = Account()
    monkeypatch.setattr(retries, "get_current_context", lambda: {"task_state_store": kept})
    return kept


def in_airflows_words(problem: BaseException) -> str:
    """The record that the log of a failed task gets, and how a console shows it."""
    lines = []
    for is_json in (True, False):
        processors, last, _ = structlog_processors(json_output=is_json)
        record: Any = {"event": "Task failed with exception", "level": "error", "timestamp": "now"}
        record["exc_info"] = (type(problem), problem, problem.__traceback__)
        for process in (*processors, last):
            if not isinstance(process, structlog.stdlib.PositionalArgumentsFormatter):
                record = process(structlog.stdlib.get_logger(), "error", record)
        lines.append(str(record))
    return "\n".join(lines)


def shown(problem: BaseException) -> str:
    """Everything that any tool prints of an error."""
    everything = [
        str(problem),
        repr(problem),
        "".join(traceback.format_exception(problem)),
        in_airflows_words(problem),
    ]
    behind: BaseException | None = problem
    while behind is not None:
        everything += [repr(behind), repr(behind.args), repr(getattr(behind, "__notes__", ()))]
        behind = behind.__cause__ or behind.__context__
    return "\n".join(everything)


def provoked(provoke: Provoke, engine: Engine) -> BaseException:
    with pytest.raises(Exception) as caught:  # noqa: PT011
        provoke(engine)
    return caught.value


@pytest.mark.parametrize("kind", DRIVER | LIBRARIES)
def test_no_error_tells_of_a_person(
    kind: str, staging: Engine, account: Account, caplog: pytest.LogCaptureFixture, record_property: Any
) -> None:
    caplog.set_level(logging.INFO)

    @waits_without_failing
    def step() -> None:
        (DRIVER | LIBRARIES)[kind](staging)

    with pytest.raises(Exception) as caught:  # noqa: PT011
        step()
    assert hits(shown(caught.value)) == []
    assert hits(caplog.text) == []
    assert hits(repr(account)) == []
    assert type(caught.value) is (AirflowRescheduleException if kind in PUT_OFF else UnexpectedError)
    if kind not in PUT_OFF:
        # Whoever is on call knows where to look.
        assert "test_driver_errors.py" in str(caught.value) or "scoro_smartaccounts/" in str(caught.value)
    else:
        assert "staging database does not answer" in caplog.text


def test_the_canaries_sing(staging: Engine, server: Server) -> None:
    """Without the border most of these errors quote the person: the test above looks where there is something."""
    plain = create_engine(server.url.replace("postgresql://", "postgresql+psycopg://"))
    telling = [kind for kind, provoke in LIBRARIES.items() if hits(shown(provoked(provoke, plain)))]
    for kind, provoke in DRIVER.items():
        with staging.begin() as connection:
            for table in (run_document, document_line, document, run):
                connection.execute(table.delete())
            connection.execute(insert(document).values(DOCUMENT))
            connection.execute(insert(run).values(RUN))
        if hits(shown(provoked(provoke, plain))):
            telling.append(kind)
    plain.dispose()
    print(f"{len(DRIVER)} errors of the driver and {len(LIBRARIES)} of libraries, {len(telling)} of which quote")
    assert len(telling) > 60


def test_the_servers_own_log_quotes_no_row(server: Server) -> None:
    """Runs last: after all the errors above."""
    told = server.log.read_text("utf-8", "replace")
    assert "database system is ready" in told
    assert hits(told) == []


def test_production_and_the_demo_keep_rows_out_of_the_log_alike() -> None:
    compose = yaml.safe_load((ROOT / "docker-compose.yaml").read_text("utf-8"))
    program, *settings = compose["services"]["postgres"]["command"]
    assert program == "postgres"
    assert dict(each.removeprefix("-c").split("=") for each in settings) == LOG_SETTINGS


def test_every_task_crosses_the_border() -> None:
    from airflow.dag_processing.dagbag import DagBag

    from scoro_smartaccounts.orchestration.question import PatientQuestion

    crossing = waits_without_failing(lambda: None).__code__
    dags = DagBag(str(ROOT / "dags")).dags
    tasks = [task for dag in dags.values() for task in dag.tasks]
    assert len(tasks) > 25
    for task in tasks:
        if isinstance(task, PatientQuestion):
            assert type(task).execute is PatientQuestion.execute
            assert type(task).execute_complete is PatientQuestion.execute_complete
        else:
            assert isinstance(task, DecoratedOperator)
            assert task.python_callable.__code__ is crossing, task.task_id
