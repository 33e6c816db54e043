"""Room page. The page before a whole Airflow with FAB, in a browser: what each sees and does there."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from urllib.parse import quote

import pytest
import requests
import yaml
from playwright.sync_api import Route
from sqlalchemy import delete, insert, select

from scoro_smartaccounts.common.clock import utc_now
from scoro_smartaccounts.staging.schema import approval, control_page, drift, question, request, run
from tests.dags.browsing import (
    PAGE,
    asked,
    audited,
    browser_of,
    faults,
    framed,
    ill_fitting,
    leave_conflict,
    log_in,
    make_invoice,
)
from tests.dags.people import ACME, PASSWORD
from tests.dags.test_people import APPROVAL, CHROMIUM, DAY, IMPORT, Office, office
from tests.integration.page.audited import leave_month, leave_undo
from tests.integration.page.test_access import filled, routes
from tests.unit.docs.test_pictures import script

__all__ = ["office"]

pytestmark = [pytest.mark.slow, pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed")]


# What a field is described by.
SAID = "field => document.getElementById(field.getAttribute('aria-describedby')).textContent"


def test_from_the_days_to_the_books_on_the_page(office: Office, tmp_path: Path) -> None:
    """Import by hand, put up for approval, approved by whom the company names."""
    shots = Path(os.environ.get("SCREENSHOTS", tmp_path))
    number = make_invoice(office)
    with browser_of(office, "acme") as page:
        page.get_by_role("link", name="Scoro").first.click()
        frame = framed(page)
        page.screenshot(path=shots / "overview-in-airflow.png")
        frame.get_by_role("link", name="Import", exact=True).click()
        frame.get_by_label("Esimene päev").fill(DAY)
        frame.get_by_label("Viimane päev").fill(DAY)
        frame.get_by_role("button", name="Vaata üle").click()
        frame.get_by_role("button", name="Saada kinnitamisele").wait_for(timeout=120_000)
        page.screenshot(path=shots / "import-list.png")
        assert number in frame.content()
        frame.get_by_role("button", name="Saada kinnitamisele").click()
        frame.get_by_text(re.compile("Kinnitamisele läheb: [1-9]")).wait_for(timeout=120_000)
        frame.get_by_role("link", name="Import", exact=True).click()
        newest = frame.locator("#runs li").first
        assert re.search(
            r"05\.01\.2026 · kinnitamisega · kavandati [1-9].* · acme · käivitus · Airflow", newest.inner_text()
        )
        newest.get_by_role("link", name="käivitus").click()
        frame.get_by_text(re.compile("Kinnitamisele läheb: [1-9]")).wait_for()
        run_id = office.start("acme", APPROVAL, {})
        where = f"/api/v2/dags/{APPROVAL}/dagRuns/{quote(run_id)}/taskInstances/ask_accountant"
        office.wait(lambda: office.people["admin"].ask("GET", where).json().get("state") == "awaiting_input")
        frame.get_by_role("link", name="Otsused", exact=True).first.click()
        frame.get_by_role("button", name="Kinnita", exact=True).wait_for()
        page.screenshot(path=shots / "approval.png")

    with browser_of(office, "user") as other:
        other.goto(f"{office.machine.api.url}{PAGE}/decisions?company=acme")
        assert other.get_by_role("button", name="Kinnita", exact=True).count() == 0
        other.get_by_text("Sellele vastavad need").first.wait_for()
        refused = other.request.post(
            f"{office.machine.api.url}{PAGE}/decisions/approval?company=acme",
            form={"run": f"{APPROVAL}/{run_id}", "choice": "approve"},
            headers={"sec-fetch-site": "same-origin"},
        )
        assert refused.status == 403
        assert office.people["admin"].ask("GET", where).json()["state"] == "awaiting_input"

    with browser_of(office, "acme") as page:
        # A second window of the same person is opened before the first one answers.
        windows = [page, page.context.new_page()]
        for window in windows:
            window.goto(f"{office.machine.api.url}{PAGE}/decisions")
        page.get_by_role("button", name="Kinnita", exact=True).click()
        page.get_by_text("Kinnitatud. Dokumendid kantakse").wait_for()
        windows[1].get_by_role("button", name="Kinnita", exact=True).click()
        windows[1].get_by_text(re.compile("Keegi jõudis ette ja vastas varem: acme")).wait_for()
    assert office.end_of(APPROVAL, run_id) == "success"
    assert number in [row["invoiceNumber"] for row in office.world.invoices()]
    with office.world.engine.connect() as connection:
        assert set(connection.scalars(select(approval.c.state))) == {"done"}
        assert set(connection.scalars(select(question.c.answered_by))) == {"acme"}


def test_every_route_asks_fab_who_somebody_is(office: Office, tmp_path: Path) -> None:
    url = f"{office.machine.api.url}{PAGE}"
    own = {"sec-fetch-site": "same-origin"}
    for method, path in routes():
        answer = requests.request(method, url + filled(path), headers=own, timeout=60)
        assert answer.status_code == 401, path
        if method == "POST" and path != "/language":
            body = office.people["viewer"].ask(method, PAGE + filled(path), headers_too=own)
            assert body.status_code == 403, path


def test_a_paused_dag_is_told_and_enabled(office: Office, tmp_path: Path) -> None:
    paused = f"import_purchase_invoices{ACME}"
    admin = office.people["admin"]
    assert admin.ask("PATCH", f"/api/v2/dags/{paused}", {"is_paused": True}).status_code == 200
    with browser_of(office, "acme", locale="en-US") as page:
        page.goto(f"{office.machine.api.url}{PAGE}/import?flow=purchase_invoices")
        page.get_by_text("The DAG of this flow is paused in Airflow").wait_for()
        assert page.get_by_role("button", name="Look through").is_disabled()
        page.get_by_role("button", name="Enable").click()
        page.get_by_role("button", name="Look through").and_(page.locator(":enabled")).wait_for()
        # The browser shows a day as its own language does; beside it stands which day that is.
        page.get_by_label("First day").fill("2026-01-02")
        page.get_by_label("Last day").fill("2026-02-01")
        assert page.get_by_label("First day").evaluate(SAID) == "02.01.2026, Friday"
        assert page.get_by_label("Last day").evaluate(SAID) == "01.02.2026, Sunday"
        page.get_by_label("Last day").fill("")
        assert page.get_by_label("Last day").evaluate(SAID) == ""
    assert admin.ask("PATCH", f"/api/v2/dags/{paused}", {"is_paused": True}).status_code == 200
    with browser_of(office, "acme", locale="en-US") as page:
        page.goto(f"{office.machine.api.url}{PAGE}/")
        page.get_by_role("button", name="Enable: Purchase invoices").click()
        page.get_by_role("button", name="Enable: Purchase invoices").wait_for(state="detached")
    assert admin.ask("GET", f"/api/v2/dags/{paused}").json()["is_paused"] is False
    # Where nobody has switched it on, its DAG is paused.
    with browser_of(office, "acme", locale="en-US") as page:
        for screen in ("/", "/audit"):
            page.goto(f"{office.machine.api.url}{PAGE}{screen}")
            page.get_by_text("nothing watches whether the systems agree").wait_for()
        page.get_by_role("button", name="Enable").wait_for()


@contextmanager
def imports_by_hand(office: Office) -> Iterator[None]:
    """The company lets people import, as the original does."""
    path = office.layout.companies / "acme.yaml"
    before = path.read_text("utf-8")
    mode = {"scheduled": "approve", "manual": "preview", "strongest": "import"}
    path.write_text(yaml.safe_dump(yaml.safe_load(before) | {"mode": mode}, allow_unicode=True), "utf-8")
    yield
    path.write_text(before, "utf-8")


@pytest.mark.parametrize("zone", ["America/New_York", "UTC", "Europe/Tallinn"])
def test_from_the_login_to_imported(office: Office, zone: str, tmp_path: Path) -> None:
    """By mouse, in browsers of any zone: the days that are shown are those that are imported. What a person waited for
    each step is printed."""
    number = make_invoice(office)
    began = last = time.monotonic()

    def step(name: str) -> None:
        nonlocal last
        print(f"{zone}: {name} {time.monotonic() - last:.1f} s")
        last = time.monotonic()

    with imports_by_hand(office), browser_of(office, "acme", timezone_id=zone) as page:
        step("login")
        page.get_by_role("link", name="Scoro").first.click()
        frame = framed(page)
        step("overview")
        frame.get_by_role("link", name="Import", exact=True).click()
        frame.get_by_label("Esimene päev").fill(DAY)
        frame.get_by_label("Viimane päev").fill(DAY)
        frame.get_by_role("button", name="Vaata üle").click()
        frame.get_by_role("button", name="Impordi", exact=True).wait_for(timeout=120_000)
        step("list")
        row = frame.locator("tr").filter(has=frame.get_by_role("link", name=number, exact=True))
        assert "05.01.2026" in row.inner_text()
        frame.get_by_role("button", name="Impordi", exact=True).click()
        frame.get_by_text(re.compile("Imporditud: [1-9]")).wait_for(timeout=120_000)
        step("imported")
        assert "Müügiarved: 05.01.2026" in frame.get_by_role("heading", level=1).inner_text()
        frame.goto(f"{office.machine.api.url}{PAGE}/?month=2026-01")
        days = frame.locator("table.calendar").first.locator("a.imported")
        assert "05.01.2026: imporditud" in [str(each.get_attribute("title")).rpartition(",")[0] for each in days.all()]
        print(f"{zone}: all {time.monotonic() - began:.1f} s")
    [booked] = [row for row in office.world.invoices() if row["invoiceNumber"] == number]
    assert booked["date"] == "05.01.2026"
    with office.world.engine.connect() as connection:
        ranges = connection.execute(select(run.c.date_from, run.c.date_to).where(run.c.mode == "import")).all()
    assert {tuple(each) for each in ranges} == {(date.fromisoformat(DAY),) * 2}


def test_the_quota_goes_while_the_dialogue_is_open(office: Office, tmp_path: Path) -> None:
    """Who looks is told until when, before the run and while it waits."""
    now, engine = utc_now(), office.world.engine
    spent = [
        {
            "company": "acme",
            "sent_at": now - timedelta(hours=20, seconds=each),
            "operation": "x",
            "priority": 50,
            "run_key": "x",
        }
        for each in range(1000)
    ]
    with browser_of(office, "acme") as page:
        page.goto(f"{office.machine.api.url}/plugin/scoro{PAGE}/import?flow=sales_invoices")
        frame = framed(page)
        frame.get_by_label("Esimene päev").fill(DAY)
        frame.get_by_label("Viimane päev").fill(DAY)
        with engine.begin() as connection:
            connection.execute(insert(request), spent)
        frame.get_by_role("button", name="Vaata üle").click()
        frame.get_by_text("SmartAccountsi päringud on otsas. Uuesti saab alates").wait_for()
        frame.goto(f"{office.machine.api.url}{PAGE}/import?flow=sales_invoices")
        frame.get_by_text("SmartAccountsi päringud on otsas. Uuesti saab alates").wait_for()
        assert frame.get_by_role("button", name="Vaata üle").is_disabled()
        frame.goto(f"{office.machine.api.url}{PAGE}/")
        frame.get_by_text("Päringud on otsas. Jätkub").wait_for()
        with engine.begin() as connection:
            connection.execute(delete(request).where(request.c.run_key == "x"))


def test_an_open_backfill_is_told(office: Office, tmp_path: Path) -> None:
    """Of a flow whose DAG is paused it stays open."""
    dag = f"import_payments{ACME}"
    body = {
        "dag_id": dag,
        "from_date": f"{DAY}T00:00:00+02:00",
        "to_date": f"{DAY}T00:00:00+02:00",
        "max_active_runs": 1,
    }
    made = office.people["admin"].ask("POST", "/api/v2/backfills", body)
    assert made.status_code == 200, made.text
    with browser_of(office, "acme", locale="en-US") as page:
        page.goto(f"{office.machine.api.url}{PAGE}/import?flow=payments")
        page.get_by_text("A backfill of this flow is running already.").wait_for()
        cancelled = office.people["admin"].ask("PUT", f"/api/v2/backfills/{made.json()['id']}/cancel")
        assert cancelled.status_code == 200, cancelled.text
        page.reload()
        page.get_by_role("heading", name="Import").first.wait_for()
        assert page.get_by_text("A backfill of this flow").count() == 0


def test_who_logs_out_elsewhere_is_led_back(office: Office, tmp_path: Path) -> None:
    """Within ten seconds, and after the login to the same place."""
    with browser_of(office, "acme") as page:
        page.goto(f"{office.machine.api.url}{PAGE}/documents?flow=payments")
        page.get_by_role("heading", name="Dokumendid").wait_for()
        page.context.new_page().goto(f"{office.machine.api.url}/api/v2/auth/logout")
        page.get_by_role("link", name="Logi uuesti sisse").click(timeout=10_000)
        log_in(page, "acme")
        page.wait_for_url(f"{office.machine.api.url}{PAGE}/documents?flow=payments")
        page.get_by_role("heading", name="Dokumendid").wait_for()


def test_files_arrive_out_of_the_frame(office: Office, tmp_path: Path) -> None:
    number = make_invoice(office)
    run_id = office.start("acme", IMPORT, {"date_from": DAY, "date_to": DAY, "mode": "preview"})
    assert office.end_of(IMPORT, run_id) == "success"
    with browser_of(office, "acme") as page:
        page.goto(f"{office.machine.api.url}/plugin/scoro{PAGE}/documents?search_secret={number}")
        with page.expect_download() as taken:
            framed(page).get_by_role("link", name="Laadi alla Exceli jaoks (CSV)").click()
        assert taken.value.suggested_filename == "documents.csv"
        taken.value.save_as(tmp_path / "documents.csv")
    assert f'"{number}"' in (tmp_path / "documents.csv").read_text("utf-8-sig")


def test_links_leave_the_frame_and_the_theme_follows(office: Office, tmp_path: Path) -> None:
    number = make_invoice(office)
    run_id = office.start("acme", IMPORT, {"date_from": DAY, "date_to": DAY, "mode": "preview"})
    assert office.end_of(IMPORT, run_id) == "success"
    with browser_of(office, "acme", locale="en-US", color_scheme="light") as page:
        page.goto(f"{office.machine.api.url}/plugin/scoro{PAGE}/documents?search_secret={number}")
        framed(page).get_by_role("link", name=number, exact=True).first.click()
        framed(page).get_by_role("heading", name=f"Sales invoice {number}").wait_for()
        page.reload()
        frame = framed(page)
        frame.get_by_role("heading", name=f"Sales invoice {number}").wait_for()
        page.evaluate(
            "localStorage.setItem('theme', 'dark');frames[0].dispatchEvent(new StorageEvent('storage', {key: 'theme'}))"
        )
        frame.wait_for_function("getComputedStyle(document.body).backgroundColor === 'rgb(20, 26, 34)'")
        frame.get_by_role("link", name="Airflow", exact=True).first.click()
        page.wait_for_url(re.compile(rf"/dags/{IMPORT}/runs/"))


def test_a_form_of_another_host_changes_nothing(office: Office, tmp_path: Path) -> None:
    """A page of another port of the same host, and of another name of it, in the browser of who is logged in and may
    do all that it asks for."""
    url = office.machine.api.url
    posts = [filled(path) for method, path in routes() if method == "POST"]
    before = runs_of(office)
    with browser_of(office, "acme") as page:
        for elsewhere in ("http://127.0.0.1:1/", "http://localhost:1/"):
            for path in posts:
                fields = {
                    "to": "en",
                    "back": "/",
                    "flow": "sales_invoices",
                    "mode": "preview",
                    "first": DAY,
                    "last": DAY,
                }
                inputs = "".join(f'<input name="{name}" value="{value}">' for name, value in fields.items())
                form = f'<form id="f" method="post" action="{url}{PAGE}{path}">{inputs}</form>'
                page.unroute(elsewhere)
                page.route(elsewhere, partial(_answer, form))
                page.goto(elsewhere)
                with page.expect_navigation() as told:
                    page.evaluate("document.getElementById('f').submit()")
                answer = told.value
                assert answer is not None
                assert answer.status in (401, 403), path
        page.goto(f"{url}{PAGE}/")
        assert page.locator("html").get_attribute("lang") == "et"
    assert runs_of(office) == before


def _answer(content: str, route: Route) -> None:
    route.fulfill(body=content, content_type="text/html")


def runs_of(office: Office) -> int:
    found = office.people["admin"].ask("GET", "/api/v2/dags/~/dagRuns", params={"limit": "1"})
    return int(found.json()["total_entries"])


def test_who_sees_no_plugins_reaches_the_page(office: Office, tmp_path: Path) -> None:
    with browser_of(office, "acme") as page:
        page.get_by_role("link", name="Scoro").first.wait_for()
        page.goto(f"{office.machine.api.url}/dags/{IMPORT}/plugin/scoro-dag")
        framed(page).get_by_role("button", name="Vaata üle").wait_for()
        page.goto(f"{office.machine.api.url}/dags/audit_books{ACME}/plugin/scoro-dag")
        framed(page).get_by_role("heading", name="Kas raamatud klapivad?", level=1).wait_for()
    with browser_of(office, "viewer") as page:
        page.wait_for_timeout(1000)
        assert page.get_by_role("link", name="Scoro", exact=True).count() == 0
        page.goto(f"{office.machine.api.url}{PAGE}/?company=acme")
        page.get_by_text("Sul on õigus vaadata.").wait_for()
        assert page.get_by_label("Ettevõte").locator("option").all_inner_texts() == ["Acme OÜ", "Näidis OÜ"]
    with browser_of(office, "auditor") as page:
        answer = page.goto(f"{office.machine.api.url}{PAGE}/?company=default")
        assert answer is not None
        assert answer.status == 403


def test_a_difference_is_accepted_and_a_month_looked_at(office: Office, tmp_path: Path) -> None:
    """By whom the browser is logged in; who may only look has no buttons."""
    make_invoice(office)
    source_id = audited(office)
    url = f"{office.machine.api.url}{PAGE}"
    with browser_of(office, "auditor") as page:
        page.goto(f"{url}/audit")
        page.get_by_text("Sul on õigus vaadata.").wait_for()
        assert page.locator("main button").count() == 0
        assert page.get_by_text("Kõik klapib.").count() == 0
    with browser_of(office, "acme") as page:
        page.goto(f"{office.machine.api.url}/plugin/scoro{PAGE}/audit")
        frame = framed(page)
        frame.get_by_text("Ei ole puhas: teenus ei näita, mida peaks").first.wait_for()
        frame.get_by_role("link", name=re.compile("^Vahe, Müügiarved, kokku EUR")).first.click()
        frame.get_by_role("link", name="A-1").first.click()
        frame.wait_for_url(re.compile(f"/documents/sales_invoices/{source_id}"))
        frame.get_by_role("link", name="Kontroll", exact=True).click()
        frame.get_by_text("Kinnita, et nii on õige").first.click()
        frame.get_by_label("Märkus").first.fill("<b>kokku lepitud</b>")
        frame.get_by_role("button", name=re.compile("Kinnita, et nii on õige")).first.click()
        frame.get_by_text("Kinnitatud erinevusi: 1.").wait_for()
        frame.get_by_role("button", name="Märgi vaadatuks: jaanuar 2026").click()
        frame.get_by_text("Vaadanud: acme").wait_for()
        frame.get_by_role("link", name="Kontroll", exact=True).first.click()
        frame.get_by_text(re.compile("Viimase kuu jooksul lõpetatud")).click()
        frame.get_by_text(re.compile("acme · <b>kokku lepitud</b>")).wait_for()
    with office.world.engine.connect() as connection:
        rows = connection.execute(select(drift.c.accepted_by, drift.c.note).where(drift.c.state == "accepted")).all()
        looked = connection.execute(select(control_page.c.month, control_page.c.reviewed_by)).all()
    assert rows == [("acme", "<b>kokku lepitud</b>")]
    assert [row.reviewed_by for row in looked if row.month == date(2026, 1, 1)][-1] == "acme"


def test_a_late_document_is_booked_where_somebody_says(office: Office, tmp_path: Path) -> None:
    make_invoice(office)
    audited(office)
    with browser_of(office, "acme") as page:
        page.goto(f"{office.machine.api.url}/plugin/scoro{PAGE}/decisions")
        frame = framed(page)
        frame.get_by_role("link", name="1 · Müügiarved").first.click()
        frame.get_by_label("Märkus").fill("tuli hilja")
        frame.get_by_role("button", name="Kanna jaanuarisse 2026").click()
        frame.get_by_text(re.compile("1 dokumendi kannab oma kuusse järgmine käivitus")).wait_for()
        frame.get_by_text("acme: tuli hilja").wait_for()
        frame.get_by_label(re.compile("Võta tagasi: ")).first.check()
        frame.get_by_role("button", name="Võta tagasi", exact=True).first.click()
        frame.get_by_text("Tagasi võetud: 1;").wait_for()


@pytest.mark.parametrize("width", [1400, 390, pytest.param(318, marks=pytest.mark.long)])
def test_every_screen_fits(office: Office, width: int, tmp_path: Path) -> None:
    """In both languages and themes: nothing is wider than the window, no word is broken in a cell, Tab reaches each
    link, field and button, and axe-core finds no serious fault."""
    shots = Path(os.environ.get("SCREENSHOTS", tmp_path))
    number = make_invoice(office, "Väga Pika Nimega Raamatupidamisbüroo ja Pojad OÜ")
    run_id = office.start("acme", IMPORT, {"date_from": DAY, "date_to": DAY, "mode": "preview"})
    assert office.end_of(IMPORT, run_id) == "success"
    leave_undo(office.world.engine, office.world.company.key, audited(office))
    screens = {
        "overview": "/",
        "import": "/import",
        "run": f"/import/run?flow=sales_invoices&run={quote(run_id)}",
        "documents": "/documents",
        "decisions": "/decisions",
        "cases": "/decisions/cases?flow=sales_invoices&code=period_ask",
        "audit": "/audit",
        "audit-month": "/audit/months/2026-01",
        "audit-cause": "/audit/months/2026-01?measure=total&bridge=documents&flow=sales_invoices&currency=EUR",
    }
    for language in ("et", "en"):
        for theme in ("light", "dark"):
            viewport = {"width": width, "height": 900}
            with browser_of(office, "acme", viewport=viewport, color_scheme=theme, locale=language) as page:
                page.goto(f"{office.machine.api.url}{PAGE}/documents?search_secret={number}")
                story = page.get_by_role("link", name=number).first.get_attribute("href")
                page.goto(f"{office.machine.api.url}{PAGE}/audit")
                case = page.locator("a[href*='/audit/cases/']").first.get_attribute("href")
                undo = page.locator("a[href*='/audit/undo/']").first.get_attribute("href")
                found = {"story": story, "audit-case": case, "audit-undo": undo}
                links = {name: (to or "").removeprefix(PAGE) for name, to in found.items()}
                for name, path in {**screens, **links}.items():
                    page.goto(f"{office.machine.api.url}{PAGE}{path}")
                    page.screenshot(path=shots / f"{name}-{language}-{theme}-{width}.png", full_page=True)
                    assert ill_fitting(page, width) == [], name
                    assert name != "cases" or page.locator("button[value=own_month]").count() == 1


def test_the_script_of_the_pictures_runs(office: Office, tmp_path: Path) -> None:
    """It takes a picture of each screen; which of those in the documents are old, `tests/unit/docs` says."""
    make_invoice(office)
    audited(office)
    pictures = script()
    shots = Path(os.environ.get("SCREENSHOTS", tmp_path)) / "docs"
    shots.mkdir(exist_ok=True)
    pictures.take(office.machine.api.url, "acme", PASSWORD, shots, list(pictures.SCREENS))
    assert {path.name for path in shots.glob("*.png")} == {
        f"{screen}.{language}.png" for screen in pictures.SCREENS for language in pictures.LANGUAGES
    }
    assert pictures.stamped(shots) == {screen: pictures.stamp(screen) for screen in pictures.SCREENS}


@pytest.mark.parametrize("width", [1400, pytest.param(390, marks=pytest.mark.long)])
def test_every_question_and_every_problem_fits(office: Office, width: int, tmp_path: Path) -> None:
    """As every screen does: where something is asked, where a run failed, and where there is nothing to show."""
    shots = Path(os.environ.get("SCREENSHOTS", tmp_path))
    failed = office.start("acme", IMPORT, {"date_from": DAY, "date_to": DAY, "mode": "import"})
    assert office.end_of(IMPORT, failed) == "failed"
    run_id = asked(office)
    leave_conflict(office)
    gone = "totals-2026-03.et.html"
    leave_month(office.world.engine, office.world.company.key, date(2026, 3, 1), files={gone: "0" * 64})
    screens = {
        "decisions-asked": ("/decisions", 200),
        "run-failed": (f"/import/run?flow=sales_invoices&run={quote(failed)}", 200),
        "no-document": ("/documents/sales_invoices/999999", 404),
        "no-file": (f"/audit/months/2026-03/{gone}", 404),
        "problem-not-there": ("/nowhere", 404),
        "problem-wrong-request": ("/decisions/cases?flow=nothing", 422),
        "problem-not-for-you": ("/documents?company=default", 403),
        # The cookies are gone by then.
        "problem-who-are-you": ("/documents", 401),
    }
    for language in ("et", "en"):
        for theme in ("light", "dark"):
            viewport = {"width": width, "height": 900}
            with browser_of(office, "acme", viewport=viewport, color_scheme=theme, locale=language) as page:
                for name, (path, status) in screens.items():
                    if status == 401:
                        page.context.clear_cookies()
                    answer = page.goto(f"{office.machine.api.url}{PAGE}{path}")
                    assert answer is not None
                    assert answer.status == status, name
                    page.screenshot(path=shots / f"{name}-{language}-{theme}-{width}.png", full_page=True)
                    assert ill_fitting(page, width) == [], name
                    if name == "decisions-asked":
                        assert page.locator("#approvals button[value=approve]").count() == 1
                        assert page.locator("#conflicts input[type=radio]").count() == 2
                    assert name != "run-failed" or page.locator(".steps .state.bad").count() > 0
    with browser_of(office, "acme") as page:
        page.goto(f"{office.machine.api.url}{PAGE}/decisions")
        page.get_by_role("button", name="Lükka tagasi").click()
        page.get_by_text(re.compile("Tagasi lükatud: midagi ei kanta")).wait_for()
    assert office.end_of(APPROVAL, run_id) == "success"


def _nobody(route: Route) -> None:
    route.abort("connectionrefused")


def _refusing(route: Route) -> None:
    route.fulfill(status=503, body="away")


def _silent(_: Route) -> None:
    """The request is taken, and no answer comes."""


@pytest.mark.parametrize("server", [_nobody, _silent, pytest.param(_refusing, marks=pytest.mark.long)])
def test_progress_that_cannot_be_read_is_called_old(
    office: Office, server: Callable[[Route], None], tmp_path: Path
) -> None:
    """As long as the server does not answer, and no longer. The DAG is paused: its run stays queued."""
    dag = f"import_payments{ACME}"
    run_id = office.start("acme", dag, {"date_from": DAY, "date_to": DAY, "mode": "preview"})
    with browser_of(office, "acme") as page:
        with page.expect_response("**/import/progress?*"):
            page.goto(f"{office.machine.api.url}{PAGE}/import/run?flow=payments&run={quote(run_id)}")
        stale = page.get_by_text("Seisu ei saa praegu lugeda; all on viimane teadaolev.")
        assert stale.is_hidden()
        page.route("**/import/progress?*", server)
        stale.wait_for(timeout=20_000)
        assert faults(page) == []
        page.unroute("**/import/progress?*")
        stale.wait_for(state="hidden", timeout=20_000)
    assert office.people["admin"].ask("DELETE", f"/api/v2/dags/{dag}/dagRuns/{quote(run_id)}").status_code == 204
