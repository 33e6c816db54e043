"""What this package costs under Airflow, beside Airflow itself with as many empty tasks, on the same Airflow and in
turn. Seconds of a busy machine mean little; the ratios, and seconds of processor time, do."""

from __future__ import annotations

import json
import multiprocessing
import os
import resource
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psutil
import requests
import yaml

from scoro_smartaccounts.border.hosts import HOSTS_VARIABLE
from scoro_smartaccounts.common.company import FOLDER_VARIABLE
from scoro_smartaccounts_demo.database import Database
from scoro_smartaccounts_demo.layout import ROOT, Layout
from scoro_smartaccounts_demo.machine import STAGING_VARIABLE, Machine, connection_json, running
from scoro_smartaccounts_demo.processes import free_port
from tests.bench.figures import Bars, Figure, Sitting

COMPANIES, DOCUMENTS, ROUNDS = 300, 100, 4
# One a round, of 31 days each.
MONTHS = [(date(2026, month, 1), date(2026, month, 31)) for month in (1, 3, 5, 7)]
QUIET_DAY = date(2026, 10, 1)
SALES, BARE = "import_sales_invoices", "bare"
READING, RUNS, DEMO = "DAG files and many companies", "runs through Airflow, limits of requests lifted", "make demo"
_CALLED = {
    BARE: "five empty tasks",
    "empty day": "an empty day",
    "documents": f"{DOCUMENTS} new invoices",
    "bare backfill": "31 times five empty tasks",
    "backfill": "31 days without anything new",
}
NO_LIMIT = {"requests_per_minute": 1_000_000, "requests_per_day": 1_000_000}
# As many DAGs a company as there are files, with as many tasks, which do nothing.
BARE_FILE = """
import pendulum
from airflow.sdk import chain, dag, task

def define(dag_id, tasks):
    @dag(dag_id=dag_id, schedule="@daily", start_date=pendulum.datetime(2026, 1, 1), catchup=False, max_active_runs=3)
    def empty():
        def step(name):
            @task(task_id=name)
            def nothing():
                return None
            return nothing()
        chain(*(step(f"step_{number}") for number in range(tasks)))
    empty()

for dag_id in DAG_IDS:
    define(dag_id, TASKS)
"""


# DAG files


def loading(sitting: Sitting, _database: Database, folder: Path) -> None:
    """Processor time of a DAG file's import, in a process that has Airflow."""
    _write_companies(folder / "one", 1)
    for file in sorted((ROOT / "dags").glob("*.py")):
        seconds, _ = _in_child(_read, folder / "one", [file], None)
        sitting.add(Figure(READING, f"{file.name}: its import, processor", seconds))


def many_companies(sitting: Sitting, _database: Database, folder: Path) -> None:
    """Processor time of reading the files of many companies, of as many bare DAGs, and of the one that a task needs."""
    _write_companies(folder / "one", 1)
    _write_companies(folder / "many", COMPANIES)
    bare = folder / "bare"
    bare.mkdir(exist_ok=True)
    # Companies that name nobody to tell have no DAG that watches.
    files = sorted(file for file in (ROOT / "dags").glob("*.py") if file.stem != "watch_runs")
    for file in files:
        ids = [f"{file.stem}_{number}" for number in range(COMPANIES)]
        (bare / file.name).write_text(_bare_dags(ids, 3 if file.stem == "approve_plans" else 5))
    together = _by_two(folder / "many", files)
    read, stored = _in_child(_read, folder / "many", files, None)
    bare_read, bare_stored = _in_child(_read, folder / "one", sorted(bare.glob("*.py")), None)
    sales = [ROOT / "dags" / f"{SALES}.py"]
    one, _ = _in_child(_read, folder / "one", sales, SALES)
    among_many, _ = _in_child(_read, folder / "many", sales, f"{SALES}__c299")
    number = COMPANIES * len(files)
    sitting.add(Figure(READING, f"{COMPANIES} companies, {number} DAGs: read, as Airflow does", together, at_most=5))
    sitting.add(Figure(READING, f"{COMPANIES} companies, {number} DAGs: read, processor", read))
    sitting.add(Figure(READING, f"{number} bare DAGs: read, processor", bare_read))
    sitting.add(Figure(READING, f"{number} DAGs: serialised, processor", stored))
    sitting.add(Figure(READING, f"{number} bare DAGs: serialised, processor", bare_stored))
    sitting.add(Figure(READING, "a task's DAG beside no other company, processor", one))
    sitting.add(Figure(READING, f"a task's DAG beside {COMPANIES - 1} companies, processor", among_many))


def _read(companies: Path, files: list[Path], wanted: str | None) -> tuple[float, float]:
    """Processor time of reading DAG files, and of serialising their DAGs; `wanted`: as the process of a task does."""
    parse = _parser(companies, wanted)
    from airflow.serialization.serialized_objects import DagSerialization

    read = stored = 0.0
    for file in files:
        began = _cpu()
        found = parse(file)
        read += _cpu() - began
        began = _cpu()
        for each in found:
            DagSerialization.to_dict(each)
        stored += _cpu() - began
    return read, stored


def _parser(companies: Path, wanted: str | None = None) -> Callable[[Path], list[Any]]:
    """Load Airflow; what gives the DAGs of a file."""
    os.environ[FOLDER_VARIABLE] = str(companies)
    os.environ["AIRFLOW_HOME"] = str(companies.parent / "home")
    os.environ["AIRFLOW__CORE__PLUGINS_FOLDER"] = str(ROOT / "plugins")
    if wanted is not None:
        os.environ["_AIRFLOW_PARSING_CONTEXT_DAG_ID"] = wanted
    from airflow.dag_processing.dagbag import DagBag

    def parse(file: Path) -> list[Any]:
        bag = DagBag(str(file), safe_mode=False)
        assert not bag.import_errors
        return list(bag.dags.values())

    return parse


def _number_parsed(companies: Path, file: Path) -> int:
    return len(_parser(companies)(file))


def _by_two(companies: Path, files: list[Path]) -> float:
    """Seconds until two processes, as many as Airflow uses unless it is told otherwise, have read all files."""
    with ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as pool:
        # Airflow's own start is not part of it.
        list(pool.map(_number_parsed, [companies.with_name("one")] * 2, files[:2]))
        began = time.perf_counter()
        assert sum(pool.map(_number_parsed, [companies] * len(files), files)) == COMPANIES * len(files)
        return time.perf_counter() - began


def _write_companies(folder: Path, number: int) -> None:
    """The shipped company file so often, each with connections of its own."""
    folder.mkdir(exist_ok=True)
    content = yaml.safe_load((ROOT / "include" / "companies" / "default.yaml").read_text("utf-8"))
    for index in range(number):
        key = f"c{index}" if index else "default"
        content["connections"] = {name: f"{name}_{key}" for name in ("scoro", "smartaccounts")}
        (folder / f"{key}.yaml").write_text(yaml.safe_dump(content, allow_unicode=True), "utf-8")


def _bare_dags(dag_ids: list[str], tasks: int) -> str:
    return f"DAG_IDS, TASKS = {dag_ids!r}, {tasks}\n{BARE_FILE}"


def _in_child(measure: Callable[..., tuple[float, float]], *arguments: Any) -> tuple[float, float]:
    """Measure in a fresh process."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(measure, *arguments).result()


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


# Runs


def runs(sitting: Sitting, _database: Database, folder: Path) -> None:
    """Medians of runs and of as many empty tasks on the same Airflow, in turn."""
    with _machine(folder / "airflow") as machine:
        figures: dict[str, list[tuple[float, float]]] = {}

        def measure(name: str, begin: Callable[[], Callable[[], list[dict[str, Any]]]]) -> None:
            figures.setdefault(name, []).append(measured(machine, begin))

        # What only a process's first request costs is paid here.
        measured(machine, partial(begin_run, machine, BARE, {}))
        measured(machine, partial(begin_run, machine, SALES, _days(QUIET_DAY, QUIET_DAY)))
        for first, last in MONTHS[:ROUNDS]:
            for _ in range(2):
                measure(BARE, partial(begin_run, machine, BARE, {}))
                measure("empty day", partial(begin_run, machine, SALES, _days(QUIET_DAY, QUIET_DAY)))
            measure("documents", partial(begin_run, machine, SALES, _days(first, last)))
            measure("bare backfill", partial(_backfill, machine, BARE, first, last))
            measure("backfill", partial(_backfill, machine, SALES, first, last))
        seconds = {name: statistics.median(wall for wall, _ in found) for name, found in figures.items()}
        used = {name: statistics.median(cpu for _, cpu in found) for name, found in figures.items()}
    for name, value in seconds.items():
        sitting.add(Figure(RUNS, _CALLED[name], value))
    for name, value in used.items():
        sitting.add(Figure(RUNS, f"{_CALLED[name]}, processor of scheduler and tasks", value))
    for name, bare, at_most in (("empty day", BARE, 1.3), ("documents", BARE, 3), ("backfill", "bare backfill", 2)):
        ratio = seconds[name] / seconds[bare]
        sitting.add(Figure(RUNS, f"{_CALLED[name]} : {_CALLED[bare]}", ratio, "×", at_most))
    sitting.plots.append(Bars("Where the seconds of runs through Airflow go", "s", _named(seconds)))


def _named(seconds: Mapping[str, float]) -> dict[str, float]:
    return {_CALLED[name]: value for name, value in seconds.items()}


@contextmanager
def _machine(folder: Path) -> Iterator[Machine]:
    """Give an Airflow with this package's DAGs and a bare one, over both simulators, without limits."""
    layout = Layout(folder)
    layout.prepare()
    with _simulators() as connections, airflow_over(layout, connections, (SALES, BARE)) as machine:
        yield machine
    Database.start(layout.database).stop()


@contextmanager
def airflow_over(layout: Layout, connections: Mapping[str, str], dag_ids: Iterable[str]) -> Iterator[Machine]:
    """Give an Airflow with this package's DAGs and a bare one, of which these may run."""
    dags = layout.folder / "dags"
    shutil.copytree(ROOT / "dags", dags, ignore=shutil.ignore_patterns("__pycache__"))
    (dags / "bare.py").write_text(_bare_dags([BARE], 5))
    variables = {
        STAGING_VARIABLE: connection_json(Database.start(layout.database).url("staging")),
        "AIRFLOW__CORE__DAGS_FOLDER": str(dags),
        **connections,
    }
    options: dict[str, Any] = {"companies": str(layout.companies), "ports": None, "schedule": False}
    with running(layout, port=free_port(), connections=variables, **options) as machine:
        for dag_id in dag_ids:
            machine.api.wait_for_dag(dag_id, machine.processes.check)
            machine.api.unpause(dag_id)
        yield machine


@contextmanager
def _simulators() -> Iterator[dict[str, str]]:
    """Give the variables that lead to both simulators."""
    module = "scoro_smartaccounts_sandbox"
    days = ["--from", str(MONTHS[0][0]), "--to", str(MONTHS[-1][1]), "--invoices-per-month", str(DOCUMENTS)]
    scoro = [sys.executable, "-m", f"{module}.scoro", "--port", "0", "--api-key", "bench", "--seed", "7", *days]
    books = [sys.executable, "-m", f"{module}.smartaccounts", "--port", "0", "--key", "bench", "--secret", "bench"]
    children = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for command in (scoro, books)]
    try:
        urls = [child.stdout.readline().strip().removeprefix("listening on ") for child in children if child.stdout]
        requests.post(f"{urls[1]}/admin/switches", json=NO_LIMIT, timeout=30).raise_for_status()
        own = {"host": urls[0], "login": "demoou", "password": "bench"}
        theirs = {"host": f"{urls[1]}/en/api/", "login": "bench", "password": "bench", "extra": NO_LIMIT}
        yield {
            HOSTS_VARIABLE: "127.0.0.1:*",
            "AIRFLOW_CONN_SCORO_DEFAULT": json.dumps({"conn_type": "scoro", **own}),
            "AIRFLOW_CONN_SMARTACCOUNTS_DEFAULT": json.dumps({"conn_type": "smartaccounts", **theirs}),
        }
    finally:
        for child in children:
            child.terminate()
            child.wait()


def _days(first: date, last: date) -> dict[str, str]:
    return {"date_from": str(first), "date_to": str(last), "mode": "import"}


def begin_run(machine: Machine, dag_id: str, conf: dict[str, str]) -> Callable[[], list[dict[str, Any]]]:
    """Start a run; what tells of it."""
    run_id = quote(machine.api.trigger(dag_id, conf))
    return lambda: [machine.api.call("GET", f"/api/v2/dags/{dag_id}/dagRuns/{run_id}")]


def _backfill(machine: Machine, dag_id: str, first: date, last: date) -> Callable[[], list[dict[str, Any]]]:
    """Start a backfill; what tells of its runs."""
    before = {run["dag_run_id"] for run in _backfilled(machine, dag_id)}
    machine.api.backfill(dag_id, first, last)
    return lambda: [run for run in _backfilled(machine, dag_id) if run["dag_run_id"] not in before]


def _backfilled(machine: Machine, dag_id: str) -> list[dict[str, Any]]:
    path = f"/api/v2/dags/{dag_id}/dagRuns?run_type=backfill&order_by=-id&limit=100"
    found: list[dict[str, Any]] = machine.api.call("GET", path)["dag_runs"]
    return found


def measured(machine: Machine, begin: Callable[[], Callable[[], list[dict[str, Any]]]]) -> tuple[float, float]:
    """Seconds until all runs have ended, and the processor time of the scheduler and all tasks meanwhile."""
    scheduler = psutil.Process(machine.processes.children["scheduler"].pid)
    began, used = time.time(), _cpu_of(scheduler)
    tell = begin()
    while True:
        machine.processes.check()
        found = tell()
        if found and all(run["state"] in ("success", "failed") for run in found):
            assert {run["state"] for run in found} == {"success"}
            break
        time.sleep(0.5)
    ended = max(datetime.fromisoformat(run["end_date"]).timestamp() for run in found)
    return ended - began, _cpu_of(scheduler) - used


def _cpu_of(process: psutil.Process) -> float:
    """Processor time of a process, of those that it started, and of those that these have waited for."""
    total = 0.0
    for each in (process, *process.children(recursive=True)):
        try:
            times = each.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system + times.children_user + times.children_system
    return total


# The demo


def demo(sitting: Sitting, _database: Database, folder: Path) -> None:
    """Seconds from `make demo` to its summary, and to its first invoice in the books."""
    ports = {f"DEMO_PORT_{name}": str(free_port()) for name in ("AIRFLOW", "SCORO", "SMARTACCOUNTS")}
    environment = {**os.environ, "DEMO_FOLDER": str(folder / "demo"), **ports}
    command = [str(Path(sys.executable).with_name("scoro-smartaccounts")), "demo"]
    began = last = time.monotonic()
    first, silence = 0.0, 0.0
    with subprocess.Popen([*command, "up"], env=environment, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        for line in child.stdout:
            now = time.monotonic()
            silence, last = max(silence, now - last), now
            if not first and line.endswith("in the books\n") and ", 0 invoices" not in line:
                first = now - began
            if line.startswith("Airflow: "):
                break
        whole = time.monotonic() - began
        subprocess.run([*command, "down"], env=environment, stdout=subprocess.DEVNULL, check=True)
        child.stdout.read()
    sitting.add(Figure(DEMO, "to its first invoice in the books", first, at_most=60))
    sitting.add(Figure(DEMO, "to its summary", whole, at_most=150))
    sitting.add(Figure(DEMO, "longest silence", silence))
