"""Take the pictures of the page that the documents show, from the demo that runs: `make demo`, then this file.

The demo's data are made up. The pictures change with it and with Airflow, so no check compares them.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from scoro_smartaccounts_demo.airflow import USER
from scoro_smartaccounts_demo.layout import HOST, Layout, Ports

DOCS = Path(__file__).parent
BROWSERS = (Path("/usr/bin/chromium"), Path("/usr/bin/chromium-browser"))
PAGE = "/plugin/scoro/scoro-smartaccounts"
# The demo plays a January.
PICTURES = {"page.en": ("/?month=2026-01", "en"), "page.et": ("/?month=2026-01", "et")}


def main() -> None:
    """Take them."""
    browser_path = next((path for path in BROWSERS if path.exists()), None)
    if browser_path is None:
        sys.exit("No Chromium is installed.")
    address = f"http://{HOST}:{Ports.from_environment().airflow}"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(browser_path), args=["--headless", "--no-sandbox"])
        for name, (path, language) in PICTURES.items():
            page = browser.new_page(viewport={"width": 1280, "height": 860}, locale=language, color_scheme="light")
            log_in(page, address, USER, Layout.of_project().secrets()["password"])
            page.goto(f"{address}{PAGE}{path}")
            frame = page.locator("iframe[title=Scoro]").element_handle().content_frame()
            assert frame is not None
            frame.get_by_role("heading", level=1).wait_for()
            page.wait_for_timeout(1000)
            page.screenshot(path=DOCS / f"{name}.png")
            page.close()
        browser.close()


def log_in(page: Page, address: str, name: str, password: str) -> None:
    """Log in to Airflow."""
    page.goto(address)
    page.locator("input[name=username]").fill(name)
    page.locator("input[name=password]").fill(password)
    page.keyboard.press("Enter")
    page.get_by_text(re.compile("Welcome")).first.wait_for()


if __name__ == "__main__":
    main()
