"""Room page. What was booked differently than planned waits for a person on every screen until somebody took it so, or
its record is gone."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from scoro_smartaccounts.page.queries.overview import waiting_of
from scoro_smartaccounts_sandbox.smartaccounts.services import SALES
from tests.integration.audit.nights import Nights
from tests.integration.money import Money
from tests.integration.office import line
from tests.integration.world import World

DAY = date(2026, 1, 15)
ROUNDED = [line("1.02")] * 3


def booked_differently(world: World) -> int:
    """An invoice whose VAT SmartAccounts rounds another way than assumed; its Scoro id."""
    world.books.switches.change({"vat_per_code": True})
    invoice = Money(world).enter(DAY, "0", lines=ROUNDED)
    summary = world.run(DAY, DAY)
    assert (summary["documents"]["created"], summary["booked_differently"]) == (1, 1)
    return invoice


def test_it_waits_until_somebody_takes_it_so(opened: tuple[World, Any]) -> None:
    world, page = opened
    invoice = booked_differently(world)
    editor, reader = page("user"), page("viewer", language="et")
    assert "1 document booked differently than planned" in _text(editor.get("/"))
    for screen in ("/", "/decisions"):
        text = reader.get(screen).text
        assert "Midagi ei oota otsust." not in text
        assert "kirjas teisiti, kui kavandati" in text
        assert 'href="/scoro-smartaccounts/audit#differences"' in text
    [case] = set(re.findall(r'href="/scoro-smartaccounts(/audit/cases/\d+)"', editor.get("/audit").text))
    assert f"/documents/sales_invoices/{invoice}" in editor.get(case).text

    story = f"/documents/sales_invoices/{invoice}"
    lead = _lead(reader.get(story))
    assert "kirjas teisiti, kui kavandati" in lead
    assert "on kirjas teiste summadega, kui kavandati" in lead
    assert case in lead
    assert "Dokument on kirjas mõlemas süsteemis" not in lead

    [seen] = set(re.findall(r'name="seen" value="(\w+)"', editor.get(case).text))
    assert editor.post(case, {"seen": seen}).headers["location"].endswith("done=1")
    assert "Midagi ei oota otsust." in reader.get("/decisions").text
    assert "Dokument on kirjas mõlemas süsteemis" in _lead(reader.get(story))


def test_a_night_does_not_tell_it_anew_and_closes_what_is_gone(opened: tuple[World, Any]) -> None:
    world, _ = opened
    booked_differently(world)
    nights = Nights(world)
    report = nights.play()
    assert report.fresh == ()
    with world.engine.connect() as connection:
        assert waiting_of(connection, world.company.key).alarms == 1
    world.books.remove(SALES, world.invoices()[0]["id"])
    nights.play()
    with world.engine.connect() as connection:
        assert waiting_of(connection, world.company.key).alarms == 0


def _text(answer: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())


def _lead(answer: Any) -> str:
    return str(answer.text.partition('class="lead">')[2].partition("</p>")[0])
