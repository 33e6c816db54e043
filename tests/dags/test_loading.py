"""Room orchestration. What a process loads: nothing but its own to read a DAG file, its own rooms for a step, and
nothing more for a task whose worker has loaded all steps."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest
from airflow.executors.local_executor import LocalExecutor

from scoro_smartaccounts.orchestration import preload
from scoro_smartaccounts.orchestration.executor import RevokingLocalExecutor
from tests.dags.conftest import ROOT

PACKAGE = ROOT / "include" / "scoro_smartaccounts"
DAG_FILES = sorted(path.stem for path in (ROOT / "dags").glob("*.py"))
HEAVY = {"great_expectations", "pandas", "numpy", "alembic", "openpyxl"}
# What only steps work with.
OF_STEPS = HEAVY | {"rapidfuzz", "stdnum", "psycopg", "requests", "aiosmtplib"}
# What a DAG file may load of this package.
OWN = {"dags", "common", "border", "orchestration", "pipeline", "flow_steps", "services"}
# Room → what its module does without, of what other steps work with.
WITHOUT = {
    "extract.documents": {"requests", "rapidfuzz"},
    "extract.exported_payments": {"requests", "rapidfuzz"},
    "quality.check": {"requests", "rapidfuzz"},
    "load.payments": {"rapidfuzz"},
    "load.receipts": {"rapidfuzz"},
    "report.summary": {"requests", "rapidfuzz"},
    "scoro.client": {"psycopg", "rapidfuzz", "stdnum"},
    "staging.database": {"requests", "rapidfuzz", "stdnum"},
}


# Forks a process with Airflow for each code, and tells what that loads.
PROGRAM = """
import json, os, sys
import airflow.sdk, airflow.dag_processing.dagbag
for code in json.loads(sys.argv[1]):
    sys.stdout.flush()
    if os.fork() == 0:
        known = set(sys.modules)
        for part in code:
            known = set(sys.modules)
            exec(part)
        print("LOADED", json.dumps(sorted(set(sys.modules) - known)), flush=True)
        os._exit(0)
    assert os.wait()[1] == 0
"""


def loaded_by(*codes: tuple[str, ...]) -> list[set[str]]:
    """Modules that the last part of each code loads, in a process of its own that has Airflow."""
    command = [sys.executable, "-c", PROGRAM, json.dumps(codes)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "dags")}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    lines = [line.removeprefix("LOADED ") for line in done.stdout.splitlines() if line.startswith("LOADED ")]
    return [set(json.loads(line)) for line in lines]


def roots_of(modules: Iterable[str]) -> set[str]:
    return {module.partition(".")[0] for module in modules}


def test_reading_a_dag_file_loads_nothing_that_only_steps_need() -> None:
    for name, loaded in zip(DAG_FILES, loaded_by(*((f"import {name}",) for name in DAG_FILES)), strict=True):
        assert not roots_of(loaded) & OF_STEPS, name
        rooms = {module.split(".")[1] for module in loaded if module.startswith("scoro_smartaccounts.")}
        assert rooms <= OWN, name
        assert not {module for module in loaded if module.startswith("airflow.providers.smtp")}, name


def test_a_step_loads_what_it_works_with() -> None:
    codes = [(f"import scoro_smartaccounts.{room}",) for room in WITHOUT]
    for (room, without), loaded in zip(WITHOUT.items(), loaded_by(*codes), strict=True):
        assert not roots_of(loaded) & (HEAVY | without), room


def imported_inside(path: Path) -> set[str]:
    """Modules of this package, and what is taken from them, that functions of a file import when they are called."""
    tree = ast.parse(path.read_text("utf-8"))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    return {
        str(node.module)
        for function in functions
        for node in ast.walk(function)
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith("scoro_smartaccounts.")
    }


def test_a_task_of_a_worker_that_loaded_all_steps_loads_nothing_more() -> None:
    """But for mails, which few have."""
    doors = ("steps", "services", "approval", "reconcile", "link_question", "outcome", "params")
    files = [PACKAGE / "pipeline.py", PACKAGE / "flow_steps.py", PACKAGE / "quality" / "validation.py"]
    files += [PACKAGE / "orchestration" / f"{door}.py" for door in doors]
    wanted = sorted(set().union(*map(imported_inside, files)))
    assert {"scoro_smartaccounts.extract.documents", "scoro_smartaccounts.quality.suite"} <= set(wanted)
    wanted += ["great_expectations", *DAG_FILES]
    load_all = f"from {preload.__name__} import load_all_steps; load_all_steps()"
    (loaded,) = loaded_by((load_all, f"import {', '.join(wanted)}"))
    # A DAG file, and the module of this package that it is a door to.
    own = {f"scoro_smartaccounts.dags.{name}" for name in DAG_FILES}
    rare = {f"scoro_smartaccounts.orchestration.{name}" for name in ("undo", "watch")}
    assert loaded == {*DAG_FILES, *own, *rare, "scoro_smartaccounts.dags"}


@pytest.mark.parametrize("forks", [True, False])
def test_workers_are_started_when_all_is_loaded(monkeypatch: pytest.MonkeyPatch, forks: bool) -> None:
    """Where they are forked: otherwise they would have none of it."""
    done: list[str] = []
    monkeypatch.setattr(preload, "load_all_steps", lambda: done.append("loaded"))
    monkeypatch.setattr(LocalExecutor, "start", lambda self: done.append("started"))
    executor = object.__new__(RevokingLocalExecutor)
    executor.is_mp_using_fork = forks
    executor.start()
    assert done == (["loaded", "started"] if forks else ["started"])
