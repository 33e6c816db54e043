"""Room page. Words stay whole in the cells of a table that has much to say, on a wide window and on a phone."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from playwright.sync_api import sync_playwright

from scoro_smartaccounts.common.company import Mode
from scoro_smartaccounts.page.rendering import STATIC
from tests.dags.browsing import broken_words
from tests.dags.test_people import CHROMIUM
from tests.integration.money import Money
from tests.integration.page.test_decisions import invoices_without_client
from tests.integration.page.test_importing import of_airflow as of_airflow
from tests.integration.world import World

DAY = date(2026, 1, 15)
NAME = "Väga Pika Nimega Raamatupidamisbüroo ja Finantsnõustamisteenuste Osaühing"


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed")
def test_words_stay_whole_and_what_is_no_word_fits(opened: tuple[World, Any], of_airflow: Any) -> None:
    world, page = opened
    company = {"name": NAME, "contact_type": "company", "id_code": "19000022", "is_client": 1}
    partner = int(world.site.create("contacts", company)["contact_id"])
    made = world.site.get("invoices", Money(world).enter(DAY, "1234567.89", partner=partner))
    world.site.put("invoices", {**made, "no": "2026-" + "9" * 60})
    invoices_without_client(world, 1)
    run = world.run(DAY, DAY, mode=Mode.PREVIEW)["run"]
    text = page("viewer", language="et").get(of_airflow(run)).text
    assert "9" * 60 in text
    style = (STATIC / "page.css").read_text("utf-8")
    shown = re.sub(r"<(link|script)[^>]*>(</script>)?", "", text).replace("</head>", f"<style>{style}</style></head>")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--headless", "--no-sandbox"])
        for width in (1400, 390, 318):
            window = browser.new_page(viewport={"width": width, "height": 900})
            window.set_content(shown)
            assert broken_words(window) == [], width
            assert window.evaluate("document.documentElement.scrollWidth") <= width
        browser.close()
