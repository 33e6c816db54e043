"""The two simulators, without limits of requests, and runs of the product against them."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import requests

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

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine

FIRST, LAST = date(2026, 1, 1), date(2026, 1, 31)
KEY, SECRET, SCORO_KEY = "bench", "bench-secret", "ScoroAPI_bench"
NO_LIMITS = Limits(per_minute=10_000_000, per_day=10_000_000)


@contextmanager
def simulators(per_month: int, *, limits: bool = False, last: date = LAST) -> Iterator[tuple[str, str]]:
    """Both simulators in processes of their own, Scoro's with so many invoices a month; their base URLs. `limits`: they
    keep the real services' limits of requests."""
    scoro = [*(sys.executable, "-m", "scoro_smartaccounts_sandbox.scoro", "--port", "0", "--api-key", SCORO_KEY)]
    scoro += ["--from", str(FIRST), "--to", str(last), "--invoices-per-month", str(per_month), "--seed", "7"]
    books = [*(sys.executable, "-m", "scoro_smartaccounts_sandbox.smartaccounts", "--port", "0")]
    books += ["--key", KEY, "--secret", SECRET]
    children = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for command in (scoro, books)]
    try:
        urls = []
        for child in children:
            assert child.stdout is not None
            urls.append(child.stdout.readline().strip().removeprefix("listening on "))
        if not limits:
            switch(urls[0], {"requests_per_2_seconds": 0, "requests_per_day": 0})
            switch(urls[1], {"requests_per_minute": 10_000_000, "requests_per_day": 10_000_000})
        yield urls[0], f"{urls[1]}/en/api/"
    finally:
        for child in children:
            child.terminate()
            child.wait()


def switch(url: str, switches: dict[str, Any]) -> None:
    """Set switches of a simulator."""
    requests.post(f"{url}/admin/switches", json=switches, timeout=10).raise_for_status()


def connections(scoro: str, books: str) -> dict[str, str]:
    """Return the environment in which Airflow knows both."""
    return {
        HOSTS_VARIABLE: "127.0.0.1:*",
        "AIRFLOW_CONN_SCORO_DEFAULT": json.dumps(
            {"conn_type": "scoro", "host": scoro, "login": "demoou", "password": SCORO_KEY}
        ),
        "AIRFLOW_CONN_SMARTACCOUNTS_DEFAULT": json.dumps(
            {"conn_type": "smartaccounts", "host": books, "login": KEY, "password": SECRET}
        ),
    }


def company() -> Company:
    """The shipped company, with the export on."""
    shipped = load_company(default_folder() / "default.yaml")
    return shipped.model_copy(update={"export_payments": ExportPolicy(enabled=True)})


def request(first: date, last: date, key: str, flow: Flow = Flow.SALES_INVOICES) -> RunRequest:
    """Return a run by hand that imports."""
    return RunRequest(company(), flow, key, RunKind.MANUAL, Mode.IMPORT, first, last)


def services(engine: Engine, scoro: str, books: str, folder: Path, run_key: str = "bench") -> Services:
    """Return what a run works with, without limits of requests."""
    budget = Budget(engine, "default", run_key, Priority.DAILY, utc_now, NO_LIMITS)
    return Services(
        engine=engine,
        budget=budget,
        scoro=ScoroClient(scoro, "demoou", SCORO_KEY),
        smartaccounts=SmartAccountsClient(books, KEY, SECRET, before_request=budget.reserve),
        clock=utc_now,
        output_folder=folder / "output",
    )


def run(
    engine: Engine, urls: tuple[str, str], folder: Path, first: date, last: date, flow: Flow = Flow.SALES_INVOICES
) -> dict[str, Any]:
    """All five steps in this process; the summary."""
    asked = request(first, last, f"bench/{first}-{time.monotonic_ns()}", flow)
    return dict(pipeline.run_all(asked, services(engine, *urls, folder, asked.run_key)))
