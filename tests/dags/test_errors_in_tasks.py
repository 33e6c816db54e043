"""Room orchestration. Whole tasks of the shipped DAG in Airflow's own task runner, over a database that fails with a
person in its words: neither their logs nor what Airflow keeps name her."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
import yaml
from sqlalchemy import text

from scoro_smartaccounts.common.clock import utc_now
from scoro_smartaccounts_demo.machine import connection_json
from tests.canaries import CANARY, EMAIL, NAME, hits
from tests.dags.conftest import ROOT
from tests.integration.world import World

BIN = Path(sys.executable).parent
DAG = "import_sales_invoices"
DAY = date(2026, 1, 5)
# Where the server fails, by the step that does: the table, and what of SQL raises there. None is a fault of a record,
# of which the document would be put aside.
FAULTS = {
    "extract_documents": ("raw_record", "raise exception %r using errcode = 'P0001', detail = %r"),
    "check_quality": ("quarantine", "raise exception %r using errcode = 'XX000', hint = %r"),
    "reconcile_and_plan": ("plan", "raise exception 'refused' using errcode = '42501', detail = %r, hint = %r"),
    "load_documents": ("intent", "raise exception %r using errcode = 'P0001'"),
}
IN_A_HURRY = ("extract_documents", "reconcile_and_plan")
SCRIPT = """
import sys
from airflow.dag_processing.dagbag import DagBag
dag = DagBag(sys.argv[1]).dags[sys.argv[2]]
for task in dag.tasks:
    task.retries = 0
print("STATE", dag.test(run_conf={"date_from": sys.argv[3], "date_to": sys.argv[3], "mode": "import"}).state)
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("airflow")
    content = yaml.safe_load((ROOT / "include" / "companies" / "default.yaml").read_text("utf-8"))
    content["mode"] = {"scheduled": "import", "manual": "import"}
    (folder / "companies").mkdir()
    (folder / "companies" / "default.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")
    subprocess.run([BIN / "airflow", "db", "migrate"], env=_environment(folder), check=True, capture_output=True)
    return folder


def _environment(home: Path) -> dict[str, str]:
    return {
        **os.environ,
        "AIRFLOW_HOME": str(home),
        "SCORO_SMARTACCOUNTS_COMPANIES": str(home / "companies"),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home}/airflow.db",
        "SCORO_SMARTACCOUNTS_OUTPUT": str(home / "output"),
    }


def _fill(world: World) -> None:
    world.clock.set(utc_now())
    client = world.site.create(
        "contacts", {"name": NAME.split()[0], "lastname": NAME.split()[1], "contact_type": "person", "email": EMAIL}
    )["contact_id"]
    line = {"product_id": 0, "product_name": CANARY, "price": "10", "amount": "2", "vat_code_id": 9}
    values = {"company_id": client, "date": DAY.isoformat(), "deadline": DAY.isoformat()}
    world.site.create("invoices", {**values, "lines": [line]})
    world.site.create("invoices", {**values, "lines": []})


def _fail(world: World, table: str, how: str) -> None:
    """The server fails at the first row of a table."""
    statement = how.replace("%r", f"'{CANARY}'")
    with world.engine.begin() as connection:
        connection.execute(
            text(f"create function fails() returns trigger language plpgsql as $$ begin {statement}; end $$")
        )
        connection.execute(text(f"create trigger fails before insert on {table} for each row execute function fails()"))


@pytest.mark.parametrize(
    "step", [pytest.param(step, marks=[] if step in IN_A_HURRY else [pytest.mark.long]) for step in FAULTS]
)
def test_a_task_that_fails_names_nobody(step: str, world: World, home: Path) -> None:
    _fill(world)
    _fail(world, *FAULTS[step])
    scoro = {"conn_type": "scoro", "host": world.scoro_url, "login": "demoou", "password": "ScoroAPI_000000000000000"}
    books = {
        "conn_type": "smartaccounts",
        "host": f"{world.smartaccounts_url}/en/api/",
        "login": "testkey",
        "password": "test-secret",
    }
    ended = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(ROOT / "dags" / f"{DAG}.py"), DAG, DAY.isoformat()],
        env={
            **_environment(home),
            "AIRFLOW_CONN_SCORO_DEFAULT": json.dumps(scoro),
            "AIRFLOW_CONN_SMARTACCOUNTS_DEFAULT": json.dumps(books),
            "AIRFLOW_CONN_STAGING_DEFAULT": connection_json(world.engine.url),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    told = ended.stdout + ended.stderr
    assert "STATE failed" in told, told[-5000:]
    assert "UnexpectedError" in told
    assert f"{step} (failed" in told, told[-5000:]
    assert "SQLSTATE" in told
    assert hits(told) == []
    logs = [path.read_text("utf-8", "replace") for path in (home / "logs").rglob("*.log")]
    assert [hits(log) for log in logs if hits(log)] == []
    assert hits(_kept(home)) == []


def _kept(home: Path) -> str:
    """Every text in Airflow's own database."""
    with sqlite3.connect(home / "airflow.db") as connection:
        tables = [name for (name,) in connection.execute("select name from sqlite_master where type = 'table'")]
        return "\n".join(repr(row) for table in tables for row in connection.execute(f"select * from {table}"))
