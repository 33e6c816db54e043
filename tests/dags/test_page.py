"""Room page. The page before a whole Airflow with FAB, in a browser: what each sees and does there."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from urllib.parse import quote

import pytest
import requests
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Frame, Page, sync_playwright
from sqlalchemy import select

from scoro_smartaccounts.common.clock import tallinn_day, utc_now
from scoro_smartaccounts.staging.schema import approval, control_page, document, drift, question
from tests.dags.people import ACME, PASSWORD
from tests.dags.test_people import APPROVAL, CHROMIUM, DAY, IMPORT, Office, office
from tests.integration.page.audited import leave_drift, leave_month, leave_night, leave_question
from tests.integration.page.test_access import filled, routes

__all__ = ["office"]

pytestmark = [pytest.mark.slow, pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed")]

PAGE = "/scoro-smartaccounts"


@contextmanager
def browser_of(office: Office, name: str, **options: object) -> Iterator[Page]:
    """A browser that a person has logged in with. Nothing may stand on its console."""
    with sync_playwright() as playwright:
        arguments = ["--headless", "--no-sandbox", "--disable-background-networking"]
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=arguments)
        options = {"viewport": {"width": 1400, "height": 900}, "locale": "et-EE", **options}
        page = browser.new_context(**options).new_page()  # type: ignore[arg-type]
        page.goto(office.machine.api.url)
        page.locator("input[name=username]").fill(name)
        page.locator("input[name=password]").fill(PASSWORD)
        page.keyboard.press("Enter")
        page.get_by_text(re.compile("Welcome|Dag", re.IGNORECASE)).first.wait_for()
        refused: list[str] = []
        page.on("console", lambda said: refused.append(said.text) if "Content Security" in said.text else None)
        yield page
        assert refused == []
        browser.close()


def framed(page: Page) -> Frame:
    """The page inside Airflow's."""
    frame = page.locator("iframe[title=Scoro]").element_handle().content_frame()
    assert frame is not None
    frame.wait_for_url(re.compile(PAGE))
    return frame


def faults(page: Page) -> list[tuple[str, str]]:
    """What axe-core calls serious or worse, and where."""
    return [
        (found["id"], node["html"])
        for found in Axe().run(page).response["violations"]
        if found["impact"] in ("serious", "critical")
        for node in found["nodes"]
    ]


def audited(office: Office) -> str:
    """A night that was not clean, a difference, the totals of two months and a question about a month; the document
    behind all of them."""
    engine, company = office.world.engine, office.world.company.key
    run_id = office.start("acme", IMPORT, {"date_from": DAY, "date_to": DAY, "mode": "preview"})
    assert office.end_of(IMPORT, run_id) == "success"
    with engine.connect() as connection:
        staged = select(document.c.source_id).where(document.c.company == company, document.c.number != "")
        source_id = str(connection.scalar(staged.order_by(document.c.source_id).limit(1)))
    blind = {f"changes/{of}": {"state": "blind"} for of in ("sales_invoices", "payments")}
    leave_night(engine, company, tallinn_day(utc_now()), state="blind", evidence=blind)
    leave_question(engine, office.world.company, source_id)
    leave_drift(engine, company, source_id)
    leave_month(engine, company, source_id=source_id, is_clean=False)
    leave_month(engine, company, date(2026, 2, 1), unexplained="2.00", source_id=source_id, is_clean=False)
    return source_id


def make_invoice(office: Office, name: str = "Näidis Klient OÜ") -> str:
    site = office.world.site
    partner = site.create("contacts", {"name": name, "contact_type": "company"})["contact_id"]
    lines = [{"product_id": 0, "product_name": "Töö", "price": "100", "amount": "1", "vat_code_id": 9}]
    return str(site.create("invoices", {"company_id": partner, "date": DAY, "deadline": DAY, "lines": lines})["no"])


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
        frame.get_by_text("Kinnitamisele saadetud.").wait_for(timeout=120_000)
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
    assert admin.ask("GET", f"/api/v2/dags/{paused}").json()["is_paused"] is False


def test_links_leave_the_frame_and_the_theme_follows(office: Office, tmp_path: Path) -> None:
    number = make_invoice(office)
    run_id = office.start("acme", IMPORT, {"date_from": DAY, "date_to": DAY, "mode": "preview"})
    assert office.end_of(IMPORT, run_id) == "success"
    with browser_of(office, "acme", locale="en-US", color_scheme="light") as page:
        page.goto(f"{office.machine.api.url}/plugin/scoro{PAGE}/documents?search_secret={number}")
        framed(page).get_by_role("link", name=number).first.click()
        framed(page).get_by_role("heading", name=f"Sales invoice {number}").wait_for()
        page.reload()
        frame = framed(page)
        frame.get_by_role("heading", name=f"Sales invoice {number}").wait_for()
        page.evaluate(
            "localStorage.setItem('theme', 'dark');frames[0].dispatchEvent(new StorageEvent('storage', {key: 'theme'}))"
        )
        frame.wait_for_function("getComputedStyle(document.body).backgroundColor === 'rgb(20, 26, 34)'")
        frame.get_by_role("link", name="run", exact=True).first.click()
        page.wait_for_url(re.compile(rf"/dags/{IMPORT}/runs/"))


def test_a_form_of_another_port_changes_nothing(office: Office, tmp_path: Path) -> None:
    """A page of another port of the same host, and of another name of it, in the browser of who is logged in."""
    url = office.machine.api.url
    form = (
        f'<form id="f" method="post" action="{url}{PAGE}/language">'
        '<input name="to" value="en"><input name="back" value="/"></form>'
    )
    with browser_of(office, "acme") as page:
        for elsewhere in ("http://127.0.0.1:1/", "http://localhost:1/"):
            page.route(elsewhere, lambda route: route.fulfill(body=form, content_type="text/html"))
            page.goto(elsewhere)
            with page.expect_navigation() as told:
                page.evaluate("document.getElementById('f').submit()")
            answer = told.value
            assert answer is not None
            assert answer.status in (401, 403)
        page.goto(f"{url}{PAGE}/")
        assert page.locator("html").get_attribute("lang") == "et"


def test_who_sees_no_plugins_reaches_the_page(office: Office, tmp_path: Path) -> None:
    with browser_of(office, "acme") as page:
        page.get_by_role("link", name="Scoro").first.wait_for()
        page.goto(f"{office.machine.api.url}/dags/{IMPORT}/plugin/scoro-dag")
        framed(page).get_by_role("button", name="Vaata üle").wait_for()
        page.goto(f"{office.machine.api.url}/dags/audit_books{ACME}/plugin/scoro-dag")
        framed(page).get_by_role("heading", name="Kontroll", level=1).wait_for()
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
        frame.get_by_role("link", name=re.compile("^Vahe, Müügiarved: kokku EUR")).first.click()
        frame.get_by_role("link", name="A-1").first.click()
        frame.wait_for_url(re.compile(f"/documents/sales_invoices/{source_id}"))
        frame.get_by_role("link", name="Kontroll", exact=True).click()
        frame.get_by_text("Kinnita, et nii on õige").first.click()
        frame.get_by_label("Märkus").first.fill("<b>kokku lepitud</b>")
        frame.get_by_role("button", name=re.compile("Kinnita, et nii on õige")).first.click()
        frame.get_by_text("Kinnitatud erinevusi: 1.").wait_for()
        frame.get_by_role("button", name="Märgi vaadatuks: 01.2026").click()
        frame.get_by_text("Vaadanud: acme").wait_for()
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
        frame.get_by_role("button", name="Kanna kuusse 2026-01").click()
        frame.get_by_text("1 dokumenti kantakse järgmise jooksuga oma kuusse.").wait_for()
        frame.get_by_text("kantakse oma kuusse · tuli hilja (acme)").wait_for()
        frame.get_by_role("button", name=re.compile("Võta tagasi")).first.click()
        frame.get_by_text("Tagasi võetud: 1.").wait_for()


@pytest.mark.parametrize("width", [1400, 390])
def test_every_screen_fits(office: Office, width: int, tmp_path: Path) -> None:
    """In both languages and themes: nothing is wider than the window, Tab reaches each link, field and button, and
    axe-core finds no serious fault."""
    shots = Path(os.environ.get("SCREENSHOTS", tmp_path))
    number = make_invoice(office, "Väga Pika Nimega Raamatupidamisbüroo ja Pojad OÜ")
    run_id = office.start("acme", IMPORT, {"date_from": DAY, "date_to": DAY, "mode": "preview"})
    assert office.end_of(IMPORT, run_id) == "success"
    audited(office)
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
                found = {"story": story, "audit-case": case}
                links = {name: (to or "").removeprefix(PAGE) for name, to in found.items()}
                for name, path in {**screens, **links}.items():
                    page.goto(f"{office.machine.api.url}{PAGE}{path}")
                    page.screenshot(path=shots / f"{name}-{language}-{theme}-{width}.png", full_page=True)
                    assert page.evaluate("document.documentElement.scrollWidth") <= width, name
                    reached = page.evaluate(
                        "[...document.querySelectorAll('a[href], button, input:not([type=hidden]), select')]"
                        ".filter(each => each.tabIndex < 0).length"
                    )
                    assert reached == 0
                    assert faults(page) == [], name
                    assert name != "cases" or page.locator("button[value=own_month]").count() == 1
