"""Room orchestration. People before a whole Airflow with FAB: a run that asks for too much, a question, its answers,
and what each sees."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, sync_playwright
from sqlalchemy import select

from scoro_smartaccounts.common.clock import utc_now
from scoro_smartaccounts.common.company import load_company
from scoro_smartaccounts.staging.database import make_engine
from scoro_smartaccounts.staging.schema import approval, question
from scoro_smartaccounts_demo import airflow
from scoro_smartaccounts_demo.database import Database
from scoro_smartaccounts_demo.layout import Layout
from scoro_smartaccounts_demo.machine import STAGING_VARIABLE, Machine, connection_json, migrate_airflow, running
from scoro_smartaccounts_demo.processes import free_port
from tests.dags.people import ACME, FAB_PEOPLE, PASSWORD, Person, fab_settings, make_roles_and_people, write_companies
from tests.integration.world import World, open_world

pytestmark = pytest.mark.long

IMPORT, APPROVAL = f"import_sales_invoices{ACME}", f"approve_plans{ACME}"
DAY = "2026-01-05"
CHROMIUM = next(
    (path for path in (Path("/usr/bin/chromium"), Path("/usr/bin/chromium-browser")) if path.exists()), None
)
# Who has it in the menu, and whose DAGs each sees.
SEES_QUESTIONS = {"admin", "op", "accountant", "reader", "mari", "acme", "auditor"}
SEES_ACME = {"admin", "op", "user", "viewer", "acme", "auditor"}
SEES_DEFAULT = {"admin", "op", "user", "viewer", "accountant", "reader", "mari"}


@dataclass
class Office:
    """Airflow, its people, and acme's two services."""

    machine: Machine
    layout: Layout
    world: World

    @property
    def people(self) -> dict[str, Person]:
        return {name: Person(self.machine.api.url, name) for name in FAB_PEOPLE}

    def wait(self, done: Callable[[], Any], seconds: float = 300) -> Any:
        """What `done` returns, once that is something."""
        deadline = time.monotonic() + seconds
        while not (found := done()):
            self.machine.processes.check()
            assert time.monotonic() < deadline, "waited in vain"
            time.sleep(1)
        return found

    def start(self, who: str, dag_id: str, conf: dict[str, str]) -> str:
        answer = self.people[who].ask("POST", f"/api/v2/dags/{dag_id}/dagRuns", {"logical_date": None, "conf": conf})
        assert answer.status_code == 200, answer.text
        return str(answer.json()["dag_run_id"])

    def end_of(self, dag_id: str, run_id: str) -> str:
        def state() -> str | None:
            found = self.people["admin"].ask("GET", f"/api/v2/dags/{dag_id}/dagRuns/{quote(run_id)}").json()["state"]
            return found if found in airflow.FINAL_STATES else None

        return str(self.wait(state))

    def log(self, who: str, dag_id: str, run_id: str, task_id: str) -> str:
        path = f"/api/v2/dags/{dag_id}/dagRuns/{quote(run_id)}/taskInstances/{task_id}/logs/1?full_content=true"
        return self.people[who].ask("GET", path).text


@pytest.fixture(scope="module")
def office() -> Iterator[Office]:
    # Not one of pytest's folders: PostgreSQL's user, which root's server runs as, must be able to reach it.
    folder = Path(tempfile.mkdtemp(prefix="airflow-people-"))
    folder.chmod(0o755)
    layout = Layout(folder)
    layout.prepare()
    write_companies(layout.companies)
    database = Database.start(layout.database)
    engine, port = make_engine(database.url("staging")), free_port()
    with open_world(engine, folder / "world") as world:
        world.company = load_company(layout.companies / "acme.yaml")
        world.clock.set(utc_now())
        books = {"conn_type": "smartaccounts", "host": f"{world.smartaccounts_url}/en/api/", "login": "testkey"}
        scoro = {"conn_type": "scoro", "host": world.scoro_url, "login": "demoou"}
        settings = {
            STAGING_VARIABLE: connection_json(database.url("staging")),
            "AIRFLOW_CONN_SCORO_ACME": json.dumps(scoro | {"password": "ScoroAPI_000000000000000"}),
            "AIRFLOW_CONN_SMARTACCOUNTS_ACME": json.dumps(books | {"password": "test-secret"}),
            **fab_settings(),
        }
        companies = str(layout.companies)
        environment = airflow.settings(layout, port=port, metadata=database.url("airflow"), companies=companies)
        # Airflow refuses DAGs that name roles which it does not have.
        migrate_airflow(environment | settings)
        make_roles_and_people(environment | settings)
        with running(
            layout, port=port, companies=companies, connections=settings, ports=None, schedule=False
        ) as machine:
            found = Office(machine, layout, world)
            for dag_id in (IMPORT, APPROVAL):
                admin = found.people["admin"]
                found.wait(lambda: admin.ask("GET", f"/api/v2/dags/{dag_id}").status_code == 200)  # noqa: B023
                assert admin.ask("PATCH", f"/api/v2/dags/{dag_id}", {"is_paused": False}).status_code == 200
            yield found
    engine.dispose()
    database.stop()
    shutil.rmtree(folder, ignore_errors=True)


def test_a_run_that_asks_for_too_much_says_so_and_does_nothing(office: Office) -> None:
    """The attack: `mode=import` in the trigger overruled a file that says approve."""
    office.world.server.calls.clear()
    run_id = office.start("acme", IMPORT, {"date_from": DAY, "date_to": DAY, "mode": "import"})
    assert office.end_of(IMPORT, run_id) == "failed"
    said = office.log("acme", IMPORT, run_id, "extract_documents")
    assert "may be of mode approve at most" in said
    assert "mode.strongest in acme.yaml" in said
    assert list(office.world.server.calls) == []


def test_a_question_is_answered_by_whom_the_file_names(office: Office, tmp_path: Path) -> None:
    world, people = office.world, office.people
    partner = world.site.create("contacts", {"name": "Näidis Klient OÜ", "contact_type": "company"})["contact_id"]
    lines = [{"product_id": 0, "product_name": "Töö", "price": "100", "amount": "1", "vat_code_id": 9}]
    world.site.create("invoices", {"company_id": partner, "date": DAY, "deadline": DAY, "lines": lines})
    planned = office.start("acme", IMPORT, {"date_from": DAY, "date_to": DAY, "mode": "approve"})
    assert office.end_of(IMPORT, planned) == "success"
    run_id = office.start("acme", APPROVAL, {})
    where = f"/api/v2/dags/{APPROVAL}/dagRuns/{quote(run_id)}/taskInstances/ask_accountant"

    def is_open() -> bool:
        return bool(people["admin"].ask("GET", where).json().get("state") == "awaiting_input")

    office.wait(is_open)
    assigned = people["admin"].ask("GET", f"{where}/-1/hitlDetails").json()["assigned_users"]
    assert [each["id"] for each in assigned] == ["juhan", "role:Acme accountant"]
    for name in FAB_PEOPLE.keys() - {"acme"}:
        answer = people[name].ask("PATCH", f"{where}/-1/hitlDetails", {"chosen_options": ["Approve"]})
        assert answer.status_code == 403, name
    assert "acme.yaml names them under approval" in people["user"].ask("PATCH", f"{where}/-1/hitlDetails", {}).text
    shots = Path(os.environ.get("SCREENSHOTS", tmp_path))
    page_of_it = f"/dags/{APPROVAL}/runs/{quote(run_id)}/tasks/ask_accountant/required_actions"
    if CHROMIUM is None:
        assert people["acme"].ask("PATCH", f"{where}/-1/hitlDetails", {"chosen_options": ["Approve"]}).ok
    else:
        with logged_in(office, "user") as page:
            page.goto(office.machine.api.url + page_of_it)
            page.get_by_role("button", name="Approve").click()
            # Airflow's page has a sentence of its own for what is refused; who may answer stands in the question.
            page.get_by_text("You do not have permission").first.wait_for()
            page.get_by_text("role Acme accountant").first.wait_for()
            page.screenshot(path=shots / "refused.png")
        assert is_open()
        with logged_in(office, "acme") as page:
            page.goto(office.machine.api.url + page_of_it)
            page.screenshot(path=shots / "asked.png")
            page.get_by_role("button", name="Approve").click()
            office.wait(lambda: not is_open())
    assert office.end_of(APPROVAL, run_id) == "success"
    assert [row["date"] for row in world.invoices()] == ["05.01.2026"]
    with world.engine.connect() as connection:
        assert connection.execute(select(approval.c.state)).scalars().all() == ["done"]
        assert connection.execute(select(question.c.answered_by)).scalars().all() == ["acme"]


@contextmanager
def logged_in(office: Office, name: str) -> Iterator[Page]:
    """A page of a browser that a person has logged in with."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(CHROMIUM), args=["--headless", "--no-sandbox", "--disable-background-networking"]
        )
        page = browser.new_page(viewport={"width": 1400, "height": 900})
        page.goto(office.machine.api.url)
        page.locator("input[name=username]").fill(name)
        page.locator("input[name=password]").fill(PASSWORD)
        page.keyboard.press("Enter")
        page.get_by_text("Welcome").first.wait_for()
        yield page
        browser.close()


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed")
@pytest.mark.parametrize("name", FAB_PEOPLE)
def test_what_each_sees_in_the_browser(office: Office, name: str, tmp_path: Path) -> None:
    shots = Path(os.environ.get("SCREENSHOTS", tmp_path))
    with logged_in(office, name) as page:
        refused: list[str] = []
        page.on("response", lambda answer: refused.append(answer.url) if answer.status >= 500 else None)
        page.goto(f"{office.machine.api.url}/dags?limit=50")
        page.get_by_text("Approval of plans").first.wait_for()
        page.wait_for_timeout(1500)
        page.screenshot(path=shots / f"{name}-dags.png")
        assert (page.get_by_text("Approval of plans: Acme").count() > 0) == (name in SEES_ACME)
        assert (page.get_by_text("Approval of plans: Näidis").count() > 0) == (name in SEES_DEFAULT)
        page.goto(f"{office.machine.api.url}/required_actions")
        page.wait_for_timeout(1500)
        page.screenshot(path=shots / f"{name}-questions.png")
        page.get_by_role("button", name="Browse").or_(page.get_by_text("Browse")).first.click()
        page.wait_for_timeout(500)
        assert (page.get_by_text("Required Actions").locator("visible=true").count() > 0) == (name in SEES_QUESTIONS)
        page.screenshot(path=shots / f"{name}-menu.png")
        if name in SEES_ACME:
            page.goto(f"{office.machine.api.url}/dags/{IMPORT}")
            page.get_by_text("extract_documents").first.wait_for()
            page.screenshot(path=shots / f"{name}-dag.png")
        assert refused == []
