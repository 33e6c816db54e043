"""Room page. What somebody finds, and the story of a document, over a month that was imported."""

from __future__ import annotations

from datetime import date
from typing import Any

from tests.integration.world import World

FIRST, LAST = date(2026, 1, 5), date(2026, 1, 18)


def test_a_document_is_found_and_told(opened: tuple[World, Any]) -> None:
    world, page = opened
    world.generate(FIRST, LAST, 60, bad=0.2)
    world.run(FIRST, LAST)
    viewer = page("viewer")
    found = viewer.get("/documents?flow=sales_invoices")
    assert found.status_code == 200, found.text
    booked = [row for row in world.invoices()]
    number = booked[0]["invoiceNumber"]
    one = viewer.get(f"/documents?q={number}")
    assert number in one.text
    import re

    address = re.findall(r'href="/scoro-smartaccounts(/documents/sales_invoices/[^"]+)"', one.text)[0]
    story = viewer.get(address)
    assert story.status_code == 200, story.text
    print(story.text)
