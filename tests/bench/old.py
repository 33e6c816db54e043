"""`make bench`: what the pipeline costs, beside a plain COPY of the same rows in the same sitting.

Figures of one machine mean little; the ratios do.
"""

from __future__ import annotations

import json
import logging
import multiprocessing
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import psycopg
import requests
from sqlalchemy import Engine, text

from scoro_smartaccounts import pipeline
from scoro_smartaccounts.border.hosts import HOSTS_VARIABLE
from scoro_smartaccounts.budget import Budget, Limits, Priority
from scoro_smartaccounts.common.clock import utc_now
from scoro_smartaccounts.common.company import Company, ExportPolicy, Mode, default_folder, load_company
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.run import RunKind, RunRequest
from scoro_smartaccounts.scoro.client import ScoroClient
from scoro_smartaccounts.services import Services
from scoro_smartaccounts.smartaccounts.client import SmartAccountsClient
from scoro_smartaccounts.staging.database import make_engine, upgrade
from scoro_smartaccounts_demo.__main__ import run_once
from scoro_smartaccounts_demo.database import Database
from scoro_smartaccounts_demo.layout import Layout
from scoro_smartaccounts_demo.machine import STAGING_VARIABLE, connection_json, running
from scoro_smartaccounts_demo.processes import free_port

FIRST, LAST = date(2026, 1, 1), date(2026, 1, 31)
MANY, DAILY, PAID = 10_000, 100, 300
KEY, SECRET, SCORO_KEY = "bench", "bench-secret", "ScoroAPI_bench"
NO_LIMITS = Limits(per_minute=10_000_000, per_day=10_000_000)
COPIED = ("raw_record", "document", "document_line")

Figures = list[tuple[str, float]]


def main() -> None:
    """Measure and print."""
    logging.disable(logging.WARNING)
    folder = Path(tempfile.mkdtemp(prefix="bench-"))
    database = Database.start(folder / "postgresql")
    try:
        _say("extract to plan", extract_to_plan(database, folder))
        _say("runs in one process, request limits off", runs(database, folder))
        _say("payments in one process, request limits off", payments(database, folder))
        _say("runs through Airflow", runs_through_airflow(folder))
    finally:
        database.stop()
        shutil.rmtree(folder, ignore_errors=True)


def extract_to_plan(database: Database, folder: Path) -> Figures:
    """A month of many invoices from the simulator, over HTTP, to stored plans; beside a COPY of the staged rows."""
    with services(folder, MANY) as (scoro, books):
        url = database.url("many").render_as_string(hide_password=False)
        engine = make_engine(url)
        upgrade(engine)
        figures: Figures = []
        for name in ("extract", "check", "reconcile_and_plan"):
            seconds, megabytes = _in_child(_step, name, url, scoro, books, str(folder))
            figures += [(f"{name}: seconds", seconds), (f"{name}: peak memory, MB", megabytes)]
        total = sum(value for label, value in figures if label.endswith("seconds"))
        rows, copy_seconds = _copy_again(url)
        with engine.connect() as connection:
            planned = connection.execute(text("select count(*) from plan")).scalar_one()
            lines = connection.execute(text("select count(*) from document_line")).scalar_one()
        engine.dispose()
        return [
            ("invoices planned", planned),
            ("lines staged", lines),
            *figures,
            ("extract to plan: seconds", total),
            (f"plain COPY of the same {rows} rows: seconds", copy_seconds),
            ("extract alone : plain COPY", figures[0][1] / copy_seconds),
            ("extract to plan : plain COPY", total / copy_seconds),
        ]


def runs(database: Database, folder: Path) -> Figures:
    """All five steps in one process: a day without documents, and a month of some."""
    with services(folder, DAILY) as (scoro, books):
        engine = make_engine(database.url("runs"))
        upgrade(engine)
        empty = _timed(lambda: _run_all(engine, scoro, books, folder, date(2026, 5, 1), date(2026, 5, 1)))
        full = _timed(lambda: _run_all(engine, scoro, books, folder, FIRST, LAST))
        again = _timed(lambda: _run_all(engine, scoro, books, folder, FIRST, LAST))
        engine.dispose()
        return [
            ("empty day: seconds", empty),
            (f"{DAILY} new invoices: seconds", full),
            ("the same again: seconds", again),
        ]


def payments(database: Database, folder: Path) -> Figures:
    """What a payment costs in requests to SmartAccounts, both ways, over a month of invoices and bills."""
    with services(folder, PAID) as (scoro, books):
        engine = make_engine(database.url("payments"))
        upgrade(engine)
        until = LAST + timedelta(days=10)
        for flow in (Flow.SALES_INVOICES, Flow.PURCHASE_INVOICES):
            _run_all(engine, scoro, books, folder, FIRST, LAST, flow)
        figures: Figures = []
        for label in ("payments in", "the same again"):
            figures += _costs(label, lambda: _run_all(engine, scoro, books, folder, FIRST, until, Flow.PAYMENTS))
        _run_all(engine, scoro, books, folder, LAST, LAST, Flow.EXPORT_PAYMENTS)
        _pay_what_is_open(books)
        for label in ("payments out", "a quiet hour"):
            figures += _costs(label, lambda: _run_all(engine, scoro, books, folder, LAST, LAST, Flow.EXPORT_PAYMENTS))
            _let_an_hour_go_by(engine)
        engine.dispose()
        return figures


def _costs(label: str, run: Callable[[], Any]) -> Figures:
    """Seconds of a run, what it created, and its requests to SmartAccounts."""
    summary: dict[str, Any] = {}
    seconds = _timed(lambda: summary.update(run()))
    created = summary["documents"]["created"]
    return [
        (f"{label}: seconds", seconds),
        (f"{label}: created", created),
        (f"{label}: requests to SmartAccounts", summary["requests_used"]),
    ]


def _let_an_hour_go_by(engine: Engine) -> None:
    """What was read just now is old: a change query reaches back ten minutes."""
    with engine.begin() as connection:
        connection.execute(text("update register_state set synced_to = synced_to + interval '1 hour'"))


def _pay_what_is_open(books: str) -> None:
    """Every open sales invoice is paid as the bank import of SmartAccounts does."""
    admin = books.removesuffix("/en/api/") + "/admin"
    invoices = requests.get(f"{admin}/state", timeout=30).json()["clientinvoices"]
    for invoice in invoices:
        if float(invoice["outstandingAmount"]) > 0 and invoice["currency"] == "EUR":
            body = {"documents": invoice["id"], "day": LAST.isoformat()}
            requests.post(f"{admin}/pay", json=body, timeout=30).raise_for_status()


def runs_through_airflow(folder: Path) -> Figures:
    """The same two through Airflow's scheduler and workers, under SmartAccounts' real limit of 60 a minute."""
    layout = Layout(folder / "airflow")
    layout.prepare()
    with services(folder, DAILY) as (scoro, books):
        staging = Database.start(layout.database).url("staging")
        connections = {STAGING_VARIABLE: connection_json(staging), **_connections(scoro, books)}
        figures: Figures = []
        with running(
            layout,
            port=free_port(),
            companies=str(layout.companies),
            connections=connections,
            ports=None,
            schedule=False,
        ) as machine:
            machine.api.wait_for_dag("import_sales_invoices", machine.processes.check)
            machine.api.unpause("import_sales_invoices")
            engine = make_engine(staging)
            for label, first, last in (
                ("empty day", "2026-05-01", "2026-05-01"),
                (f"{DAILY} new invoices", FIRST, LAST),
            ):
                conf = {"date_from": str(first), "date_to": str(last), "mode": "import"}
                check = machine.processes.check
                seconds = _timed(
                    lambda conf=conf, check=check: run_once(  # type: ignore[misc]
                        machine.api, "import_sales_invoices", conf, check=check, staging=engine
                    )
                )
                figures.append((f"{label}: seconds", seconds))
            with engine.connect() as connection:
                requests = connection.execute(text("select count(*) from request")).scalar_one()
            engine.dispose()
            figures.append(("requests to SmartAccounts", requests))
            figures.append(("of these seconds, the limit alone takes at least", max(0, requests // 60 * 60)))
        Database.start(layout.database).stop()
        return figures


@contextmanager
def services(folder: Path, per_month: int) -> Iterator[tuple[str, str]]:
    """Both simulators in processes of their own; their base URLs."""
    scoro = [*(sys.executable, "-m", "scoro_smartaccounts_sandbox.scoro", "--port", "0", "--api-key", SCORO_KEY)]
    scoro += ["--from", str(FIRST), "--to", str(LAST), "--invoices-per-month", str(per_month), "--seed", "7"]
    books = [*(sys.executable, "-m", "scoro_smartaccounts_sandbox.smartaccounts", "--port", "0")]
    books += ["--key", KEY, "--secret", SECRET]
    children = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for command in (scoro, books)]
    try:
        urls = []
        for child in children:
            assert child.stdout is not None
            urls.append(child.stdout.readline().strip().removeprefix("listening on "))
        yield urls[0], f"{urls[1]}/en/api/"
    finally:
        for child in children:
            child.terminate()
            child.wait()


def _connections(scoro: str, books: str) -> dict[str, str]:
    return {
        HOSTS_VARIABLE: "127.0.0.1:*",
        "AIRFLOW_CONN_SCORO_DEFAULT": json.dumps(
            {"conn_type": "scoro", "host": scoro, "login": "demoou", "password": SCORO_KEY}
        ),
        "AIRFLOW_CONN_SMARTACCOUNTS_DEFAULT": json.dumps(
            {"conn_type": "smartaccounts", "host": books, "login": KEY, "password": SECRET}
        ),
    }


def _services(engine: Engine, scoro: str, books: str, folder: Path, run_key: str = "bench") -> Services:
    budget = Budget(engine, "default", run_key, Priority.DAILY, utc_now, NO_LIMITS)
    return Services(
        engine=engine,
        budget=budget,
        scoro=ScoroClient(scoro, "demoou", SCORO_KEY),
        smartaccounts=SmartAccountsClient(books, KEY, SECRET, before_request=budget.reserve),
        clock=utc_now,
        output_folder=folder / "output",
    )


def _company() -> Company:
    """The shipped company, with the export on."""
    company = load_company(default_folder() / "default.yaml")
    return company.model_copy(update={"export_payments": ExportPolicy(enabled=True)})


def _request(first: date, last: date, key: str, flow: Flow = Flow.SALES_INVOICES) -> RunRequest:
    return RunRequest(_company(), flow, key, RunKind.MANUAL, Mode.IMPORT, first, last)


def _run_all(
    engine: Engine,
    scoro: str,
    books: str,
    folder: Path,
    first: date,
    last: date,
    flow: Flow = Flow.SALES_INVOICES,
) -> dict[str, Any]:
    request = _request(first, last, f"bench/{first}-{time.monotonic_ns()}", flow)
    # The simulator keeps SmartAccounts' limits; here they are not what is measured.
    _lift_limits(books)
    return dict(pipeline.run_all(request, _services(engine, scoro, books, folder, request.run_key)))


def _lift_limits(books: str) -> None:
    admin = books.removesuffix("/en/api/") + "/admin/switches"
    requests.post(admin, json={"requests_per_minute": 10_000_000, "requests_per_day": 10_000_000}, timeout=10)


def _step(name: str, url: str, scoro: str, books: str, folder: str) -> None:
    engine = make_engine(url)
    step: Callable[[RunRequest, Services], Any] = getattr(pipeline, name)
    step(_request(FIRST, LAST, "bench/many"), _services(engine, scoro, books, Path(folder)))


def _in_child(function: Callable[..., None], *arguments: str) -> tuple[float, float]:
    """Seconds and peak memory in MB of a call in a process of its own."""
    receiver, sender = multiprocessing.Pipe(duplex=False)
    context = multiprocessing.get_context("spawn")
    child = context.Process(target=_measured, args=(sender, function, arguments))
    child.start()
    seconds, megabytes = receiver.recv()
    child.join()
    return seconds, megabytes


def _measured(sender: Any, function: Callable[..., None], arguments: tuple[str, ...]) -> None:
    logging.disable(logging.WARNING)
    seconds = _timed(lambda: function(*arguments))
    sender.send((seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024))


def _copy_again(url: str) -> tuple[int, float]:
    """How many rows were staged, and how long it takes to COPY them into tables like theirs."""
    with psycopg.connect(url) as connection:
        content = {}
        for table in COPIED:
            connection.execute(f"create table copy_{table} (like {table} including all)".encode())
            with connection.cursor().copy(f"copy {table} to stdout".encode()) as out:
                content[table] = b"".join(bytes(block) for block in out)
        connection.commit()

        def copy() -> None:
            for table in COPIED:
                with connection.cursor().copy(f"copy copy_{table} from stdin".encode()) as into:
                    into.write(content[table])
            connection.commit()

        seconds = _timed(copy)
        rows = sum(
            connection.execute(f"select count(*) from copy_{table}".encode()).fetchone()[0]  # type: ignore[index]
            for table in COPIED
        )
    return rows, seconds


def _timed(call: Callable[[], Any]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def _say(title: str, figures: Figures) -> None:
    print(f"\n{title}")
    for label, value in figures:
        print(f"    {label:<60}{value:>12,.2f}" if value != int(value) else f"    {label:<60}{int(value):>12,}")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
