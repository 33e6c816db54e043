"""What a step of the pipeline takes in memory and time, measured in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

needs_proc = pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="Linux tells the peak of a process")

_BEFORE = """
import re, sys, time
from datetime import UTC, date, datetime
from pathlib import Path
from scoro_smartaccounts import flows, pipeline
from scoro_smartaccounts.budget import Budget, Limits, Priority
from scoro_smartaccounts.common.company import Mode, load_company
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.errors import TransientError
from scoro_smartaccounts.common.run import RunKind, RunRequest
from scoro_smartaccounts.mirror import documents, payments, registers
from scoro_smartaccounts.scoro import client
from scoro_smartaccounts.scoro.client import ScoroClient
from scoro_smartaccounts.services import Services
from scoro_smartaccounts.smartaccounts.client import SmartAccountsClient
from scoro_smartaccounts.staging.database import make_engine

def peak():
    return int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1]) / 1024

database, url, companies, folder = sys.argv[1:5]
now = lambda: datetime(2026, 3, 20, 8, tzinfo=UTC)
day = date(2026, 3, 2)
company = load_company(Path(companies))
request = RunRequest(company, Flow.SALES_INVOICES, "run", RunKind.MANUAL, Mode.IMPORT, day, day)
engine = make_engine(database)
scoro = ScoroClient(url, "demoou", "key", clock=now, sleep=lambda _: None)
books = SmartAccountsClient(url, "key", "secret", clock=now, sleep=lambda _: None)
limits = Limits(per_minute=10**7, per_day=10**7)
budget = Budget(engine, company.key, "run", Priority.EXPORT, now, limits, lambda _: None)
services = Services(engine, budget, scoro, books, now, Path(folder))
def step():
"""

_AFTER = """
with engine.connect():
    pass
for read in (lambda: scoro.page("nothing", 1_000_000), lambda: books.read("nothing", pageNumber="1000000")):
    try:
        read()
    except TransientError:
        pass
open("/proc/self/clear_refs", "w").write("5")
idle, began, told = peak(), time.monotonic(), ""
try:
    step()
except TransientError as problem:
    told = str(problem)
print(f"{peak() - idle:.0f} {time.monotonic() - began:.1f} {told}")
"""

_COMPANY = Path(__file__).parents[2] / "include/companies/default.yaml"


def measured(step: str, url: str, database: str, folder: Path, seconds: float = 300) -> tuple[float, float, str]:
    """Peak above idle in MB, seconds, and what was raised, of a step (lines of Python) against a server that answers
    as both services."""
    body = "".join(f"    {line}\n" for line in step.splitlines())
    command = [sys.executable, "-c", f"{_BEFORE}{body}{_AFTER}", database, url, str(_COMPANY), str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=seconds)
    assert done.returncode == 0, done.stderr[-3000:]
    above, took, told = done.stdout.strip().splitlines()[-1].split(" ", 2)
    return float(above), float(took), told
