"""Room orchestration. Who sees, starts, answers and changes what, by Airflow's roles and by the company file: on a
real Airflow with FAB, and with the simple auth manager."""

from __future__ import annotations

import json
import re
import shutil
import socket
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
import pytest
import requests
from psycopg.types.json import Jsonb

from scoro_smartaccounts_demo import airflow
from scoro_smartaccounts_demo.database import Database
from scoro_smartaccounts_demo.layout import Layout
from scoro_smartaccounts_demo.machine import STAGING_VARIABLE, connection_json, migrate_airflow
from scoro_smartaccounts_demo.processes import Processes, free_port
from tests.dags.conftest import ROOT
from tests.dags.people import (
    ACME,
    ANSWERS,
    FAB_PEOPLE,
    SIMPLE_PEOPLE,
    Person,
    dag_processor_once,
    fab_settings,
    make_roles_and_people,
    simple_settings,
    write_companies,
)

IMPORT, APPROVAL = "import_sales_invoices", "approve_plans"
COMPANIES = ("", ACME)
FILES = {"": "default.yaml", ACME: "acme.yaml"}
DOCUMENTED = ROOT / "docs/access.md"


@dataclass
class Servers:
    """API servers over one database, one an auth manager; nothing else of Airflow runs."""

    layout: Layout
    database: Database
    processes: Processes
    environment: dict[str, str]
    addresses: dict[str, str] = field(default_factory=dict)
    runs: dict[str, str] = field(default_factory=dict)

    def people(self, manager: str) -> dict[str, Person]:
        """Everybody whom the auth manager knows; its server is started where it does not run yet."""
        if manager not in self.addresses:
            port = free_port()
            settings = fab_settings() if manager == "FAB" else simple_settings(self.layout.folder)
            settings |= {"AIRFLOW__API__PORT": str(port), "AIRFLOW__API__BASE_URL": f"http://127.0.0.1:{port}"}
            self.processes.start(manager, airflow.processes()["api-server"], self.environment | settings)
            self.addresses[manager] = f"http://127.0.0.1:{port}"
        names = FAB_PEOPLE if manager == "FAB" else SIMPLE_PEOPLE
        return {name: Person(self.addresses[manager], name) for name in names}

    def wait_for(self, manager: str) -> None:
        """Return when its server answers."""
        deadline = time.monotonic() + airflow.STARTUP_SECONDS
        while True:
            self.processes.check()
            try:
                requests.get(f"{self.addresses[manager]}/api/v2/version", timeout=5)
                return
            except requests.ConnectionError:
                assert time.monotonic() < deadline, "waited in vain"
                time.sleep(0.5)

    def sql(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Ask Airflow's database, past Airflow."""
        with psycopg.connect(self.database.uri, dbname="airflow") as connection:
            cursor = connection.execute(statement, values)
            return cursor.fetchall() if cursor.description else []

    def put_question(self, suffix: str, *, assigned: bool = True) -> str:
        """Have the question of a company's run open, as its task leaves it; where its answer goes. `assigned`: without,
        as an earlier version of this package left it."""
        dag_id, run_id = APPROVAL + suffix, self.runs[APPROVAL + suffix]
        named = ANSWERS[suffix]
        assigned_users = [{"id": name, "name": name} for name in named["users"]]
        assigned_users += [{"id": f"role:{name}", "name": name} for name in named.get("roles", [])]
        of_task = "(select id from task_instance where dag_id = %s and run_id = %s and task_id = 'ask_accountant')"
        self.sql(f"delete from hitl_detail where ti_id = {of_task}", dag_id, run_id)
        self.sql(
            "insert into hitl_detail"
            " (ti_id, options, subject, body, multiple, params, assignees, created_at, params_input)"
            f" select id, %s, 'Documents to approve', 'b', false, '{{}}', %s, now(), '{{}}' from {of_task} of",
            Jsonb(["Approve", "Reject"]),
            Jsonb(assigned_users if assigned else []),
            dag_id,
            run_id,
        )
        return f"/api/v2/dags/{dag_id}/dagRuns/{quote(run_id)}/taskInstances/ask_accountant/-1/hitlDetails"

    def answered_by(self, suffix: str) -> str | None:
        rows = self.sql(
            "select responded_by ->> 'name' from hitl_detail join task_instance on id = ti_id where dag_id = %s",
            APPROVAL + suffix,
        )
        return str(rows[0][0]) if rows[0][0] else None


@pytest.fixture(scope="module")
def servers() -> Iterator[Servers]:
    # Not one of pytest's folders: PostgreSQL's user, which root's server runs as, must be able to reach it.
    folder = Path(tempfile.mkdtemp(prefix="airflow-access-"))
    folder.chmod(0o755)
    layout = Layout(folder)
    layout.prepare()
    write_companies(layout.companies)
    database = Database.start(layout.database)
    environment = {
        **airflow.settings(layout, port=free_port(), metadata=database.url("airflow"), companies=str(layout.companies)),
        STAGING_VARIABLE: connection_json(database.url("staging")),
        **fab_settings(),
    }
    processes = Processes(layout.logs)
    found = Servers(layout, database, processes, environment)
    try:
        migrate_airflow(environment)
        make_roles_and_people(environment)
        admin = found.people("FAB")["admin"]
        dag_processor_once(environment)
        found.wait_for("FAB")
        for dag_id in (name + suffix for name in (IMPORT, APPROVAL, "reconcile_ids") for suffix in COMPANIES):
            answer = admin.ask("POST", f"/api/v2/dags/{dag_id}/dagRuns", {"logical_date": None})
            assert answer.status_code == 200, answer.text
            found.runs[dag_id] = answer.json()["dag_run_id"]
        yield found
    finally:
        processes.stop()
        database.stop()
        shutil.rmtree(folder, ignore_errors=True)


MANAGERS = pytest.mark.parametrize("manager", ["FAB", pytest.param("simple", marks=pytest.mark.long)])


@MANAGERS
def test_only_who_is_named_answers(servers: Servers, manager: str) -> None:
    """The attack: anybody who may edit DAGs answered for every company."""
    people = servers.people(manager)
    servers.wait_for(manager)
    # The simple auth manager has no such role as acme's file names.
    for suffix, who in (("", {"mari"}), (ACME, {"acme"} if manager == "FAB" else set())):
        answered = set()
        for name, person in people.items():
            where = servers.put_question(suffix)
            answer = person.ask("PATCH", where, {"chosen_options": ["Approve"], "params_input": {}})
            assert (answer.status_code == 200) == (servers.answered_by(suffix) == name), answer.text
            if answer.status_code == 200:
                answered.add(name)
                again = person.ask("PATCH", where, {"chosen_options": ["Approve"], "params_input": {}})
                assert again.status_code == 409
            else:
                assert answer.status_code == 403
                assert f"{FILES[suffix]} names them under approval" in answer.json()["detail"]
        assert answered == who, suffix


def test_a_question_of_an_earlier_version_is_answered_by_the_same(servers: Servers) -> None:
    where = servers.put_question("", assigned=False)
    people = servers.people("FAB")
    answer = {"chosen_options": ["Approve"], "params_input": {}}
    assert people["admin"].ask("PATCH", where, answer).status_code == 403
    assert people["mari"].ask("PATCH", where, answer).status_code == 200


def test_no_spelling_of_the_address_passes_the_gate(servers: Servers) -> None:
    user = servers.people("FAB")["user"]
    where = servers.put_question("", assigned=False)
    odd = [
        *(f"{where}{end}" for end in ("%0A", "/", "//", "?x=1", "%20", ";x")),
        where.replace("/-1/", "/%0A-1/"),
        where.replace("/-1/", "/-1%20/"),
        where.replace("/-1/", "/%2D1/"),
        where.replace("/dags/", "/%64ags/"),
        where.replace("/hitlDetails", "/hitl%44etails"),
        where.replace("/api/v2", "//api/v2"),
        where.replace("approve_plans", "approve_plans%00"),
    ]
    for address in odd:
        user.ask("PATCH", address, {"chosen_options": ["Approve"], "params_input": {}})
        assert servers.answered_by("") is None, address


@MANAGERS
def test_an_answer_cannot_be_made_up(servers: Servers, manager: str) -> None:
    """The attack: what a task keeps of its answer was written by hand, and the task cleared."""
    people = servers.people(manager)
    servers.wait_for(manager)
    made_up = {"event": {"chosen_options": ["Approve"], "responded_by_user": {"id": "mari", "name": "mari"}}}
    for dag_id, task in ((APPROVAL, "ask_accountant"), ("reconcile_ids", "ask_about_likely")):
        run = f"/api/v2/dags/{dag_id}/dagRuns/{quote(servers.runs[dag_id])}/taskInstances/{task}"
        for name in ("user", "op", "admin"):
            person = people[name]
            assert person.ask("PUT", f"{run}/state-store/answer", {"value": made_up}).status_code == 403
            body = {"key": "shown", "value": ["client:1:a"], "map_index": -1}
            assert person.ask("POST", f"{run}/xcomEntries", body).status_code == 403
    assert servers.sql("select count(*) from task_state_store") == [(0,)]


ENTERED = {
    "scoro_default": {"conn_type": "scoro", "host": "https://demo.scoro.com", "login": "demoou"},
    "smartaccounts_acme": {"conn_type": "smartaccounts", "host": "https://sa.smartaccounts.eu/en/api/"},
    "staging_default": {"conn_type": "postgres", "host": "db", "schema": "staging", "extra": '{"sslmode": "require"}'},
    "scoro_of_nobody": {"conn_type": "scoro", "host": "https://demo.scoro.com"},
}
KEY = "c4n4ry-stored-key"
SMTP = {"conn_type": "smtp", "extra": json.dumps({"disable_ssl": True, "disable_tls": True})}


def sends_elsewhere(conn_id: str, elsewhere: dict[str, Any]) -> Iterator[tuple[str, str, Any]]:
    """Every request that made a stored connection, or a test of it, lead elsewhere with its key."""
    own = {"connection_id": conn_id, **ENTERED[conn_id]}
    for change in (
        {**SMTP, **elsewhere},
        {"conn_type": "smtp"},
        elsewhere,
        {"schema": "http"},
        {"schema_": "http"},
        {"extra": '{"hostaddr": "127.0.0.1"}'},
    ):
        for key in ({}, {"password": "***"}, {"password": ""}, {"password": None}):
            body = {**own, **change, **key}
            yield "PATCH", f"/api/v2/connections/{conn_id}", body
            yield "POST", "/api/v2/connections/test", body
            yield "POST", "/api/v2/connections/enqueue-test", {**body, "commit_on_success": True}
            update = {"action": "update", "entities": [body]}
            overwrite = {"action": "create", "action_on_existence": "overwrite", "entities": [body]}
            for action in (update, overwrite):
                yield "PATCH", "/api/v2/connections", {"actions": [action]}
    moved = {**own, **SMTP, **elsewhere, "password": "of the thief"}
    masks = "&".join(f"update_mask={name}" for name in ("conn_type", "host", "port", "extra"))
    yield "PATCH", f"/api/v2/connections/{conn_id}?{masks}", moved
    yield "PATCH", f"/api/v2/connections/{conn_id}", [moved]


@MANAGERS
@pytest.mark.parametrize("conn_id", list(ENTERED))
def test_a_stored_key_is_not_read_by_a_connection_that_leads_elsewhere(
    servers: Servers, manager: str, conn_id: str
) -> None:
    """The attack: a connection got another type, whose test sends its key to any host."""
    servers.people(manager)
    servers.wait_for(manager)
    op = servers.people(manager)["op"]
    where = f"/api/v2/connections/{conn_id}"
    op.ask("DELETE", where)
    own = {"connection_id": conn_id, **ENTERED[conn_id]}
    assert op.ask("POST", "/api/v2/connections", {**own, "password": KEY}).status_code == 201
    row = "select conn_type, host, port, schema, extra, password from connection where conn_id = %s"
    before = servers.sql(row, conn_id)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.2)
        for method, path, body in sends_elsewhere(conn_id, {"host": "127.0.0.1", "port": listener.getsockname()[1]}):
            answer = op.ask(method, path, body)
            assert answer.status_code == 403, (method, path, body, answer.text)
            assert KEY not in answer.text
            assert "the stored key stays" in answer.json()["detail"] or isinstance(body, list)
            assert servers.sql(row, conn_id) == before
        with pytest.raises(TimeoutError):
            listener.accept()
    nobody = requests.patch(f"{op.url}{where}", json={**own, "conn_type": "smtp"}, timeout=60)
    assert nobody.status_code == 401

    # What leaves the key where it is, and what brings it along, passes.
    assert op.ask("PATCH", where, {**own, "description": "ours", "password": "***", "port": None}).status_code == 200
    moved = {**own, "host": "https://other.scoro.com", "password": "another key"}
    assert op.ask("PATCH", where, moved).status_code == 200
    again = {"action": "update", "entities": [{**own, "password": "a third key"}]}
    assert op.ask("PATCH", "/api/v2/connections", {"actions": [again]}).json()["update"]["success"] == [conn_id]
    assert op.ask("DELETE", where).status_code == 204


def test_a_key_of_the_environment_stays_by_any_spelling_of_its_connection(servers: Servers) -> None:
    op = servers.people("FAB")["op"]
    for conn_id in ("staging_default", "STAGING_DEFAULT", "\u017ftaging_default"):
        body = {"connection_id": conn_id, **SMTP}
        assert op.ask("POST", "/api/v2/connections/test", body).status_code == 403, conn_id


def test_connections_of_others_are_changed_as_ever(servers: Servers) -> None:
    op = servers.people("FAB")["op"]
    body = {"connection_id": "mail_of_others", "conn_type": "smtp", "host": "mail.example.org"}
    where = "/api/v2/connections/mail_of_others"
    assert op.ask("POST", "/api/v2/connections", {**body, "password": "x"}).status_code == 201
    assert op.ask("PATCH", where, {**body, "host": "other.example.org"}).json()["host"] == "other.example.org"
    assert op.ask("DELETE", where).status_code == 204


def test_the_trigger_form_shows_what_is_refused(servers: Servers) -> None:
    admin = servers.people("FAB")["admin"]
    param = admin.ask("GET", f"/api/v2/dags/{IMPORT}/details").json()["params"]["mode"]
    assert param["schema"]["values_display"]["import"] == "import (refused)"


def may_do(servers: Servers, person: Person, suffix: str) -> dict[str, bool]:
    """What Airflow lets a person do with one company."""
    dag_id, run = IMPORT + suffix, quote(servers.runs[IMPORT + suffix])
    dags = {dag["dag_id"] for dag in person.ask("GET", "/api/v2/dags?limit=100").json().get("dags", [])}
    where = servers.put_question(suffix)
    questions = person.ask("GET", "/api/v2/dags/~/dagRuns/~/hitlDetails?limit=100").json().get("hitl_details", [])
    menu = person.ask("GET", "/ui/auth/menus").json()["authorized_menu_items"]
    task = f"/api/v2/dags/{dag_id}/dagRuns/{run}/taskInstances/extract_documents"
    days = {"from_date": "2026-01-01T00:00:00+02:00", "to_date": "2026-01-02T00:00:00+02:00"}
    connection = {"connection_id": f"made_by_{person.name}", "conn_type": "scoro"}
    made = person.may("POST", "/api/v2/connections", connection)
    if made:
        person.may("DELETE", f"/api/v2/connections/{connection['connection_id']}")
    return {
        "see the DAGs and their runs": dag_id in dags and person.may("GET", f"/api/v2/dags/{dag_id}/dagRuns"),
        "read task logs": person.may("GET", f"{task}/logs/1"),
        "see the proposal in the trigger form": person.may(
            "GET", f"/scoro-smartaccounts/proposals/{dag_id}/picture.svg"
        ),
        "see plugin pages in the menu": person.may("GET", "/api/v2/plugins"),
        "see *Required Actions* in the menu": "Required Actions" in menu,
        "read open questions": any(APPROVAL + suffix == each["task_instance"]["dag_id"] for each in questions),
        "answer them, where the company file names nobody": person.may(
            "PATCH", where.replace(APPROVAL, IMPORT).replace(quote(servers.runs[APPROVAL + suffix]), run), {}
        ),
        "answer them, where it names who does": person.may(
            "PATCH", where, {"chosen_options": ["Reject"], "params_input": {}}
        ),
        "start a run": person.may("POST", f"/api/v2/dags/{dag_id}/dagRuns", {"logical_date": None}),
        "start a backfill": person.may(
            "POST", "/api/v2/backfills/dry_run", {"dag_id": dag_id, **days, "reprocess_behavior": "none"}
        ),
        "clear tasks": person.may("POST", f"/api/v2/dags/{dag_id}/clearTaskInstances", {"dry_run": True}),
        "stop a run": person.may("PATCH", f"/api/v2/dags/{dag_id}/dagRuns/{run}", {"note": "x"}),
        "pause a DAG": person.may("PATCH", f"/api/v2/dags/{dag_id}", {"is_paused": True}),
        "delete a run": person.may("DELETE", f"/api/v2/dags/{dag_id}/dagRuns/no_such_run"),
        "read the DAG's code": person.may("GET", f"/api/v2/dagSources/{dag_id}"),
        "see connections (without secrets)": person.may("GET", "/api/v2/connections"),
        "change and test connections": made,
        "read Airflow's settings": person.may("GET", "/api/v2/variables"),
        "read the audit log of all": person.may("GET", "/api/v2/eventLogs"),
    }


@MANAGERS
def test_the_documented_table_is_what_airflow_does(servers: Servers, manager: str) -> None:
    table: dict[str, dict[str, str]] = {}
    people = servers.people(manager)
    servers.wait_for(manager)
    for name, person in people.items():
        default, acme = (may_do(servers, person, suffix) for suffix in COMPANIES)
        for what, allowed in default.items():
            word = {(True, True): "yes", (False, False): "–", (True, False): "default", (False, True): "acme"}
            table.setdefault(what, {})[name] = word[allowed, acme[what]]
    text = as_markdown(table, people)
    print(text)
    assert text in DOCUMENTED.read_text("utf-8")


def as_markdown(table: dict[str, dict[str, str]], people: Any) -> str:
    rows = ["| may | " + " | ".join(people) + " |", "| --- |" + " --- |" * len(people)]
    rows += [f"| {what} | " + " | ".join(cells[name] for name in people) + " |" for what, cells in table.items()]
    return "\n".join(re.sub(r" +", " ", row) for row in rows)
