"""From Scoro's pages to stored plans: beside dlt, which merely loads the same pages, and growing."""

from __future__ import annotations

import cProfile
import importlib
import io
import logging
import multiprocessing
import os
import pstats
import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from scoro_smartaccounts import pipeline
from scoro_smartaccounts.staging.database import make_engine, upgrade
from tests.bench.figures import Bars, Curve, Figure, Sitting, median
from tests.bench.services import FIRST, LAST, SCORO_KEY, request, run, services, simulators

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import URL, Engine

    from scoro_smartaccounts_demo.database import Database

STEPS = ("extract", "check", "reconcile_and_plan")
DLT = "dlt[postgres]==1.31.0"
ROUNDS = 3
MANY = 10_000
SIZES = (1_000, 10_000, 50_000)
LINKED = 100_000
# The kernel tells memory in KB.
_MEGABYTES = 1024


@dataclass(frozen=True, slots=True)
class Cost:
    """What a step took in a process of its own: seconds, peak memory in MB, and the seconds of importing Great
    Expectations, which are not among the others."""

    seconds: float
    megabytes: float
    importing: float
    profile: str


def beside_dlt(sitting: Sitting, database: Database, folder: Path) -> None:
    """A month of many invoices: extract, check and plan; and what dlt takes to load it, in turn."""
    part = f"{MANY:,} invoices, limits of requests lifted"
    print(f"\n{part}", flush=True)
    python = _dlts_python(folder)
    reading, loading = [], []
    costs: dict[str, list[Cost]] = {step: [] for step in STEPS}
    with simulators(MANY) as urls:
        for number in range(ROUNDS):
            reading.append(_dlt(python, "read", urls[0], database.url(f"dlt_{number}"), folder))
            loading.append(_dlt(python, "load", urls[0], database.url(f"dlt_{number}"), folder))
            url = _migrated(database, f"many_{number}")
            for step in STEPS:
                costs[step].append(_in_child(step, url, urls, folder, profiled=False))
        dlt = median(part, "dlt, merely loading them", loading)
        sitting.add(median(part, "reading the pages alone", reading))
        sitting.add(dlt)
        bars = Bars("Where the seconds of 10,000 invoices go", "s", {"dlt, merely loading": dlt.value})
        for step in STEPS:
            cost = median(part, step, [each.seconds for each in costs[step]])
            bars.values[step] = cost.value
            sitting.add(cost)
        sitting.plots.append(bars)
        importing = median(part, "import of Great Expectations, not counted", [e.importing for e in costs["check"]])
        sitting.add(importing)
        extract = [cost.seconds for cost in costs["extract"]]
        whole = [sum(costs[step][number].seconds for step in STEPS) for number in range(ROUNDS)]
        ratios = Figure(part, "extract : dlt", _ratio(extract, loading), "×", 0.6)
        sitting.add(ratios)
        total = Figure(part, "extract, check and plan : dlt", _ratio(whole, loading), "×", 1.0)
        sitting.add(total)
        peak = max(cost.megabytes for each in costs.values() for cost in each)
        sitting.add(Figure(part, "peak memory of a step", peak, "MB", 300))
        if "missed" in (ratios.verdict, total.verdict):
            url = _migrated(database, "profiled")
            for step in STEPS:
                sitting.profiles[step] = _in_child(step, url, urls, folder, profiled=True).profile


def growing(sitting: Sitting, database: Database, folder: Path) -> None:
    """The same for more and more invoices: the cost of one, and the memory."""
    part = "growing"
    print(f"\n{part}", flush=True)
    seconds = Curve("Seconds from pages to plans", "invoices", "s", {step: [] for step in STEPS})
    memory = Curve("Peak memory", "invoices", "MB", {step: [] for step in STEPS})
    each: dict[int, float] = {}
    peaks: dict[int, float] = {}
    for size in SIZES:
        url = _migrated(database, f"growing_{size}")
        with simulators(size) as urls:
            costs = {step: _in_child(step, url, urls, folder, profiled=False) for step in STEPS}
        for step, cost in costs.items():
            seconds.lines[step].append((size, cost.seconds))
            memory.lines[step].append((size, cost.megabytes))
        each[size] = sum(cost.seconds for cost in costs.values()) / size * 1000
        peaks[size] = max(cost.megabytes for cost in costs.values())
        sitting.add(Figure(part, f"{size:,} invoices, of each", each[size], "ms"))
        sitting.add(Figure(part, f"{size:,} invoices, peak memory", peaks[size], "MB"))
    sitting.plots += [seconds, memory]
    middle, most = SIZES[1], SIZES[-1]
    sitting.add(Figure(part, f"an invoice of {most:,} : one of {middle:,}", each[most] / each[middle], "×", 1.1))
    sitting.add(Figure(part, f"peak memory of {most:,} : of {middle:,}", peaks[most] / peaks[middle], "×", 1.1))


def beside_many_linked(sitting: Sitting, database: Database, folder: Path) -> None:
    """A day of a hundred new invoices in an empty staging database, and in one with very many linked documents."""
    part = f"100 new invoices beside {LINKED:,} linked documents"
    print(f"\n{part}", flush=True)
    took: dict[str, list[float]] = {"empty": [], "full": []}
    for number in range(ROUNDS):
        for name, seconds in took.items():
            with simulators(100) as urls:
                engine = make_engine(_migrated(database, f"{name}_{number}"))
                # The first import is another thing than a day: it checks the mapping and reads the registers.
                run(engine, urls, folder, FIRST, FIRST)
                if name == "full":
                    _multiply(engine)
                began = time.perf_counter()
                run(engine, urls, folder, FIRST + timedelta(days=1), LAST)
                seconds.append(time.perf_counter() - began)
                engine.dispose()
    sitting.add(median(part, "with an empty staging database", took["empty"]))
    sitting.add(median(part, f"with {LINKED:,} linked documents", took["full"]))
    sitting.add(Figure(part, "the second : the first", _ratio(took["full"], took["empty"]), "×", 1.1))


def _multiply(engine: Engine) -> None:
    """Make very many linked documents of those that are linked: other ids and numbers, days of the year before."""
    with engine.begin() as connection:
        linked = connection.execute(text("select count(*) from link where kind = 'sales_invoice'")).scalar_one()
        times = -(-LINKED // linked)
        for table, changed in _COPIED.items():
            names = connection.execute(
                text("select column_name from information_schema.columns where table_name = :t order by 1"),
                {"t": table},
            ).scalars()
            columns = [name for name in names if not (table == "raw_record" and name == "id")]
            values = [changed.get(name, f"t.{name}") for name in columns]
            connection.execute(
                text(
                    f"insert into {table} ({', '.join(columns)}) select {', '.join(values)}"
                    f" from {table} t cross join generate_series(1, :times) n where {_WHICH[table]}"
                ),
                {"times": times},
            )
            # Lines are checked against documents: with the plan of a small table that takes for ever.
            connection.execute(text("analyze"))
    # What came over months was looked at and cleaned on the way: the day that is measured does not do it for all.
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("vacuum analyze"))


_OTHER_ID = "(1000000 + n * 10000)::text || t.source_id"
_COPIED = {
    "raw_record": {"source_id": _OTHER_ID},
    "document": {"source_id": _OTHER_ID, "number": "n::text || '-' || t.number", "day": "t.day - 365"},
    "document_line": {"source_id": _OTHER_ID},
    "link": {"source_id": _OTHER_ID, "remote_id": "n::text || '-' || t.remote_id"},
}
_WHICH = {
    "raw_record": "t.module = 'invoices'",
    "document": "t.flow = 'sales_invoices'",
    "document_line": "t.flow = 'sales_invoices'",
    "link": "t.kind = 'sales_invoice'",
}


def _migrated(database: Database, name: str) -> str:
    url = database.url(name).render_as_string(hide_password=False)
    engine = make_engine(url)
    upgrade(engine)
    engine.dispose()
    return url


def _ratio(ours: list[float], theirs: list[float]) -> float:
    return median("", "", ours).value / median("", "", theirs).value


def _dlts_python(folder: Path) -> Path:
    """An environment with dlt alone."""
    environment = folder / "dlt"
    uv = Path(sys.executable).with_name("uv")
    subprocess.run([uv, "venv", "--quiet", environment], check=True)
    python = environment / "bin" / "python"
    subprocess.run(
        [uv, "pip", "install", "--quiet", "--compile-bytecode", "--python", python, DLT, "requests"], check=True
    )
    return python


def _dlt(python: Path, what: str, scoro: str, url: URL, folder: Path) -> float:
    environment = {
        **os.environ,
        "DLT_DATA_DIR": str(folder / f"dlt_{time.monotonic_ns()}"),
        "RUNTIME__DLTHUB_TELEMETRY": "false",
        "DESTINATION__POSTGRES__CREDENTIALS": (
            f"postgresql://{url.username}:{url.password}@localhost/{url.database}?host={url.query['host']}"
        ),
    }
    script = Path(__file__).with_name("dlt_load.py")
    done = subprocess.run(
        [python, script, what, scoro, SCORO_KEY, str(FIRST), str(LAST)],
        env=environment,
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    return float(done.stdout.split()[0])


def _in_child(step: str, url: str, urls: tuple[str, str], folder: Path, *, profiled: bool) -> Cost:
    """What a step costs in a process of its own."""
    receiver, sender = multiprocessing.Pipe(duplex=False)
    child = multiprocessing.get_context("spawn").Process(
        target=_measured, args=(sender, step, url, urls, str(folder), profiled)
    )
    child.start()
    cost: Cost = receiver.recv()
    child.join()
    return cost


def _measured(sender: Any, step: str, url: str, urls: tuple[str, str], folder: str, profiled: bool) -> None:
    logging.disable(logging.WARNING)
    importing = _timed(lambda: importlib.import_module("great_expectations")) if step == "check" else 0.0
    asked = request(FIRST, LAST, "bench/many")
    given = services(make_engine(url), *urls, Path(folder), asked.run_key)
    work: Callable[..., Any] = getattr(pipeline, step)
    profile = cProfile.Profile(builtins=False)
    if profiled:
        profile.enable()
    seconds = _timed(lambda: work(asked, given))
    profile.disable()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _MEGABYTES
    sender.send(Cost(seconds, peak, importing, _told(profile) if profiled else ""))


def _told(profile: cProfile.Profile) -> str:
    out = io.StringIO()
    pstats.Stats(profile, stream=out).strip_dirs().sort_stats("cumulative").print_stats(30)
    return out.getvalue()


def _timed(call: Callable[[], Any]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began
