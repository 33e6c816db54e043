"""Browsers before a whole Airflow: who is logged in, what is seen in the frame, and what is there to be seen."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import ConsoleMessage, Frame, Page, sync_playwright
from sqlalchemy import delete, insert, select

from scoro_smartaccounts.common.clock import tallinn_day, utc_now
from scoro_smartaccounts.staging.schema import document, link_proposal
from tests.dags.people import PASSWORD
from tests.dags.test_people import APPROVAL, CHROMIUM, DAY, IMPORT, Office
from tests.integration.page.audited import leave_drift, leave_month, leave_night, leave_question

PAGE = "/scoro-smartaccounts"


def log_in(page: Page, name: str) -> None:
    """Fill in the form of a login that is shown."""
    page.locator("input[name=username]").fill(name)
    page.locator("input[name=password]").fill(PASSWORD)
    page.keyboard.press("Enter")


@contextmanager
def browser_of(office: Office, name: str, **options: object) -> Iterator[Page]:
    """A browser that a person has logged in with. Nothing may stand on its console."""
    with sync_playwright() as playwright:
        arguments = ["--headless", "--no-sandbox", "--disable-background-networking"]
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=arguments)
        options = {"viewport": {"width": 1400, "height": 900}, "locale": "et-EE", **options}
        page = browser.new_context(**options).new_page()  # type: ignore[arg-type]
        page.goto(office.machine.api.url)
        log_in(page, name)
        page.get_by_text(re.compile("Welcome|Dag", re.IGNORECASE)).first.wait_for()
        refused: list[str] = []

        def hear(said: ConsoleMessage) -> None:
            if "Content Security" in said.text:
                refused.append(f"{page.url}: {said.text}")

        page.on("console", hear)
        yield page
        assert refused == [], refused
        browser.close()


def framed(page: Page) -> Frame:
    """The page inside Airflow's, which may draw its frame anew until the page is shown there."""
    page.frame_locator("iframe[title=Scoro]").get_by_role("heading", level=1).first.wait_for()
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


def broken_words(page: Page) -> list[str]:
    """Words of letters that stand on two lines in a cell or in a state. What is code is no word."""
    found: list[str] = page.evaluate(
        """() => {
          const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), broken = [];
          while (walker.nextNode()) {
            const node = walker.currentNode, of = node.parentElement;
            if (of.closest("code, pre, option") || !of.closest("td, th, .state")) continue;
            for (const word of node.data.matchAll(/\\p{L}{2,}/gu)) {
              const range = document.createRange();
              range.setStart(node, word.index);
              range.setEnd(node, word.index + word[0].length);
              if (new Set([...range.getClientRects()].map(each => each.top)).size > 1) broken.push(word[0]);
            }
          }
          return broken;
        }"""
    )
    return found


def ill_fitting(page: Page, width: int) -> list[tuple[str, str]]:
    """What is wrong with a screen: wider than the window, a word broken in a cell, out of reach of Tab, or a serious
    fault to axe-core."""
    wide = page.evaluate("document.documentElement.scrollWidth")
    unreached = page.evaluate(
        "[...document.querySelectorAll('a[href], button, input:not([type=hidden]), select')]"
        ".filter(each => each.tabIndex < 0).map(each => each.outerHTML)"
    )
    too_wide = [("wide", str(wide))] if wide > width else []
    broken = [("broken", word) for word in broken_words(page)]
    return [*too_wide, *broken, *(("unreached", html) for html in unreached), *faults(page)]


def asked(office: Office) -> str:
    """The run of `approve_plans` whose question about a new invoice is open."""
    make_invoice(office)
    run_id = office.start("acme", IMPORT, {"date_from": DAY, "date_to": DAY, "mode": "approve"})
    assert office.end_of(IMPORT, run_id) == "success"
    run_id = office.start("acme", APPROVAL, {})
    where = f"/api/v2/dags/{APPROVAL}/dagRuns/{quote(run_id)}/taskInstances/ask_accountant"
    office.wait(lambda: office.people["admin"].ask("GET", where).json().get("state") == "awaiting_input")
    return run_id


def leave_conflict(office: Office) -> None:
    """A contact that two clients of SmartAccounts may be."""
    told = {"kind": "name_exact", "detail": "same name: näidis", "detail_et": "sama nimi: näidis", "score": "0.90"}
    row: dict[str, Any] = {"company": office.world.company.key, "kind": "client", "source_id": "77"}
    row |= {"confidence": "conflicting", "score": Decimal("0.90"), "evidence": [told], "run_key": "reconcile_ids/x"}
    with office.world.engine.begin() as connection:
        connection.execute(delete(link_proposal).where(link_proposal.c.source_id == "77"))
        connection.execute(insert(link_proposal), [{**row, "remote_id": each} for each in ("first", "second")])


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
