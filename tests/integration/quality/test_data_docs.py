"""Room quality. The quality reports of documents whose every text is an attack: nothing runs or is loaded, and
nobody else reads."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from playwright.sync_api import Dialog, Page, sync_playwright
from sqlalchemy import Engine, String

from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.quality.check import check
from scoro_smartaccounts.quality.pages import HEAD
from scoro_smartaccounts.staging.schema import contact, document, document_line
from tests.integration.staged import Staged, line, request_for, services_for

CHROMIUM = next(
    (path for path in (Path("/usr/bin/chromium"), Path("/usr/bin/chromium-browser")) if path.exists()), None
)
NASTY = (
    "<script>ran('script')</script>",
    '"><img src=x onerror="ran(\'img\')">',
    "'><svg onload=ran('svg')>",
    "</style><script>ran('style')</script>",
    "</table></title><iframe src=\"javascript:ran('frame')\">",
    "javascript:ran('address')",
    '<meta http-equiv="refresh" content="0;url=https://refresh.example/">',
    '<link rel=stylesheet href="https://style.example/a.css">',
    "<a href=\"javascript:ran('link')\" autofocus onfocus=\"ran('focus')\">x</a>",
    "{{ 7 * 7 }} {% for x in y %} ${ran('template')}",
    "<base href='https://base.example/'>",
)
# What a page of ours is made of.
ELEMENTS = {"html", "head", "meta", "title", "style", "body", "h1", "h2", "p", "a", "table", "tr", "th", "td"}
OF_OLD_PAGES = {"br", "div", "h2", "h3", "h4", "h5", "li", "ol", "p", "table", "tbody", "td", "th", "thead", "tr", "ul"}
ATTRIBUTES = {"charset", "http-equiv", "content", "name", "lang", "class", "href"}
# As Great Expectations renders it, with what stood in a number.
OLD = f"""<!DOCTYPE html><html><head><meta http-equiv="X-UA-Compatible" content="IE=edge">
<script src="https://code.example/jquery.js"></script><link rel="stylesheet" href="https://fonts.example/a.css">
</head><body><table class="x"><tr><td onclick="ran('click')">number_uses: 2 &lt; 3</td></tr></table>
<img src="https://logo.example/a.png">{"".join(NASTY)}<form id=f action="https://form.example/"></form>
<script>ran('old'); document.getElementById('f').submit()</script></body></html>"""


@pytest.fixture
def site(engine: Engine, tmp_path: Path) -> Path:
    """Reports of two flows whose documents hold attacks in all their texts, and pages of an earlier version."""
    old = tmp_path / "data_docs" / "validations" / "old_documents" / "run" / "20260101T080000.000000Z"
    old.mkdir(parents=True)
    (old / "documents.html").write_text(OLD, "utf-8")
    staged = Staged(engine)
    for flow in (Flow.SALES_INVOICES, Flow.PURCHASE_INVOICES):
        request = request_for(f"{flow.dag_id}/manual__<script>ran('run')</script>", flow=flow)
        ids = [_plant(staged, f"{flow.value}-{place}", text, flow) for place, text in enumerate(NASTY)]
        staged.put_into(request, *ids)
        check(request, services_for(engine, tmp_path))
    return tmp_path / "data_docs"


def _plant(staged: Staged, source_id: str, text: str, flow: Flow) -> str:
    """A document that breaks rules in header and line, with the text in every column that takes one."""
    staged.partner(source_id, **_texts(contact, text))
    texts = _texts(document, text) | {"flow": flow.value, "partner_id": source_id}
    return staged.invoice(source_id, line(**_texts(document_line, text), vat_percent=None), **texts)


def _texts(table: Any, text: str) -> dict[str, str]:
    """The text for every column of text that is no key and no fingerprint."""
    keys = ("company", "flow", "source_id", "content_hash", "partner_id", "product_id", "problem")
    return {
        column.name: text
        for column in table.columns
        if isinstance(column.type, String) and column.name not in keys and not column.foreign_keys
    }


class Elements(HTMLParser):
    """What a browser would make of a page."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page.read_text("utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def test_what_stands_in_documents_is_text(site: Path) -> None:
    pages = sorted(site.rglob("*.html"))
    # The index, and a page for documents and lines of each flow; the old one.
    assert len(pages) == 6
    everything = ""
    for page in pages:
        elements = Elements(page)
        everything += elements.text
        assert {tag for tag, _ in elements.found} <= ELEMENTS | OF_OLD_PAGES
        assert {name for _, attributes in elements.found for name in attributes} <= ATTRIBUTES
        for tag, attributes in elements.found:
            address = attributes.get("href")
            assert (address is None) == (tag != "a")
            assert address is None or (page.parent / unquote(address)).resolve().is_relative_to(site.resolve())
        assert page.read_text("utf-8").startswith(HEAD)
    for text in NASTY:
        assert text in everything, text
    # What the old page says is still to be read.
    assert "number_uses: 2 < 3" in everything


def test_runs_with_endless_names_have_pages_of_their_own(engine: Engine, tmp_path: Path) -> None:
    staged = Staged(engine)
    invoice = staged.invoice("1")
    for letters in ("a" * 250, "a" * 249 + "b", "õ" * 250):
        request = request_for(f"{Flow.SALES_INVOICES.dag_id}/manual__{letters}")
        staged.put_into(request, invoice)
        check(request, services_for(engine, tmp_path))
    pages = [path.parent.parent.name for path in tmp_path.glob("data_docs/validations/*documents/*/*/documents.html")]
    assert len(set(pages)) == 3


def test_only_their_own_user_reads_them(site: Path) -> None:
    for path in [site, *site.rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path
    assert stat.S_IMODE((site.parent / "data_docs.lock").stat().st_mode) == 0o600


@contextmanager
def watched() -> Iterator[tuple[Page, list[str]]]:
    """A page of a browser, and what happened in it that should not."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(CHROMIUM), args=["--headless", "--no-sandbox", "--disable-background-networking"]
        )
        page = browser.new_page(viewport={"width": 1200, "height": 900})
        happened: list[str] = []

        def dismiss(dialog: Dialog) -> None:
            happened.append(f"dialog {dialog.message}")
            dialog.dismiss()

        page.expose_function("ran", lambda what: happened.append(f"ran {what}"))
        page.on("request", lambda request: None if request.url.startswith("file:") else happened.append(request.url))
        page.on("dialog", dismiss)
        page.on("popup", lambda _: happened.append("popup"))
        yield page, happened
        browser.close()


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed")
def test_in_a_browser_nothing_runs_and_nothing_is_loaded(site: Path, tmp_path: Path) -> None:
    (tmp_path / "as_it_was.html").write_text(OLD, "utf-8")
    with watched() as (page, happened):
        for file in sorted(site.rglob("*.html")):
            page.goto(file.as_uri(), wait_until="load")
            page.wait_for_timeout(300)
            assert page.url == file.as_uri()
            assert happened == [], file
        index = site / "index.html"
        page.goto(index.as_uri())
        # Its style is the one that the policy lets through.
        assert page.evaluate("getComputedStyle(document.body).maxWidth") != "none"
        page.get_by_role("link", name="documents").first.click()
        page.get_by_role("link", name="All runs").click()
        assert page.url == index.as_uri()
        assert happened == []
        # The watch does see what there is to see.
        page.goto((tmp_path / "as_it_was.html").as_uri(), wait_until="commit")
        page.wait_for_timeout(1000)
        assert any(what.startswith("ran ") for what in happened)
        assert any("code.example" in what for what in happened)
