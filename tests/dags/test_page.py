"""Room page. The page before a whole Airflow with FAB, in a browser: what each sees and does there."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Frame, Page, sync_playwright
from sqlalchemy import select

from scoro_smartaccounts.staging.schema import approval, question
from tests.dags.people import PASSWORD
from tests.dags.test_people import APPROVAL, CHROMIUM, DAY, Office, office

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
        page = browser.new_page(**options)  # type: ignore[arg-type]
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

    with browser_of(office, "acme") as page, browser_of_again(page, office) as late:
        page.goto(f"{office.machine.api.url}{PAGE}/decisions")
        page.get_by_role("button", name="Kinnita", exact=True).click()
        page.get_by_text("Kinnitatud. Dokumendid kantakse").wait_for()
        late.get_by_role("button", name="Kinnita", exact=True).click()
        late.get_by_text("Keegi jõudis ette").wait_for()
    assert office.end_of(APPROVAL, run_id) == "success"
    assert number in [row["invoiceNumber"] for row in office.world.invoices()]
    with office.world.engine.connect() as connection:
        assert connection.execute(select(approval.c.state)).scalars().all() == ["done"]
        assert connection.execute(select(question.c.answered_by)).scalars().all() == ["acme"]


@contextmanager
def browser_of_again(page: Page, office: Office) -> Iterator[Page]:
    """A second window of the same person, opened before the first one answers."""
    second = page.context.new_page()
    second.goto(f"{office.machine.api.url}{PAGE}/decisions")
    yield second
    second.close()
