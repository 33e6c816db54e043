"""Take the pictures of the page that the documents show, from the demo that runs: `make demo`, then this file.

The demo's data are made up. Beside the pictures it is kept of which templates, words and style they were taken: a test
names those that are older than theirs.
"""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import Page, sync_playwright

import scoro_smartaccounts.page
from scoro_smartaccounts_demo.airflow import USER
from scoro_smartaccounts_demo.layout import HOST, Layout, Ports

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

DOCS = Path(__file__).parent
BROWSERS = (Path("/usr/bin/chromium"), Path("/usr/bin/chromium-browser"))
PAGE = "/plugin/scoro/scoro-smartaccounts"
FOLDER = Path(scoro_smartaccounts.page.__file__).parent
STAMPS = "page_pictures.json"
# By the beginning of their names: the screen (the demo plays a January), the template that makes it, and its words.
SCREENS = {
    "page": ("/?month=2026-01", "overview.html", "overview.py"),
    "import": ("/import?flow=sales_invoices", "import.html", "importing.py"),
    "documents": ("/documents", "documents.html", "documents.py"),
    "audit": ("/audit", "audit.html", "audit.py"),
    "decisions": ("/decisions", "decisions.html", "decisions.py"),
    "cases": ("/decisions/cases?flow=sales_invoices&code=period_ask", "cases.html", "decisions.py"),
}
# Those that show questions.
ASKING = ("decisions", "cases")
# What all screens are made of.
_SHARED = ("templates/layout.html", "templates/macros.html", "static/page.css", "words/frame.py")
LANGUAGES = ("en", "et")


def main() -> None:
    """Take them all, or those that are named."""
    address = f"http://{HOST}:{Ports.from_environment().airflow}"
    password = Layout.of_project().secrets()["password"]
    wanted = sys.argv[1:] or list(SCREENS)
    if quiet := [screen for screen in wanted if screen not in ASKING]:
        take(address, USER, password, DOCS, quiet)
    if asking := [screen for screen in wanted if screen in ASKING]:
        with questions_about_a_month():
            take(address, USER, password, DOCS, asking)


@contextmanager
def questions_about_a_month() -> Iterator[None]:
    """Days of a month that is filed are imported: each of their documents waits for an answer, afterwards too."""
    _command("filed", "2026-01")
    _command("run", "--from", "2026-01-11", "--to", "2026-01-13")
    yield
    _command("reopened", "2026-01")


def _command(*words: str) -> None:
    subprocess.run([Path(sys.executable).with_name("scoro-smartaccounts"), *words], check=True)  # noqa: S603 constants


def take(address: str, name: str, password: str, folder: Path, screens: list[str]) -> None:
    """Take pictures into the folder, as a user of the Airflow at this address sees them."""
    browser_path = next((path for path in BROWSERS if path.exists()), None)
    if browser_path is None:
        sys.exit("No Chromium is installed.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(browser_path), args=["--headless", "--no-sandbox"])
        first = browser.new_context()
        # Once: Airflow takes five logins in 40 seconds.
        log_in(first.new_page(), address, name, password)
        login = first.storage_state()
        for screen in screens:
            for language in LANGUAGES:
                page = browser.new_page(
                    viewport={"width": 1280, "height": 860},
                    locale=language,
                    color_scheme="light",
                    storage_state=login,
                )
                page.goto(f"{address}{PAGE}{SCREENS[screen][0]}")
                page.frame_locator("iframe[title=Scoro]").get_by_role("heading", level=1).wait_for()
                page.wait_for_timeout(1000)
                page.screenshot(path=folder / f"{screen}.{language}.png")
                page.close()
        browser.close()
    stamps = {**stamped(folder), **{screen: stamp(screen) for screen in screens}}
    (folder / STAMPS).write_text(json.dumps(stamps, indent=1, sort_keys=True) + "\n", "utf-8")


def stamp(screen: str) -> str:
    """Return what stands for all that a screen is made of, as it is."""
    _, template, words = SCREENS[screen]
    names = (*_SHARED, f"templates/{template}", f"words/{words}")
    return hashlib.sha256(b"".join((FOLDER / name).read_bytes() for name in names)).hexdigest()[:16]


def stamped(folder: Path) -> Mapping[str, str]:
    """Return of which templates the pictures in a folder were taken."""
    path = folder / STAMPS
    found: Mapping[str, str] = json.loads(path.read_text("utf-8")) if path.exists() else {}
    return found


def log_in(page: Page, address: str, name: str, password: str) -> None:
    """Log in to Airflow."""
    page.goto(address)
    page.locator("input[name=username]").fill(name)
    page.locator("input[name=password]").fill(password)
    page.keyboard.press("Enter")
    page.get_by_text(re.compile("Welcome")).first.wait_for()


if __name__ == "__main__":
    main()
