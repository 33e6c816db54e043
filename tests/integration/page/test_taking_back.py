"""Room page. What people say of the VAT return of a month, and how they plan to take a run back: as the commands do."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from scoro_smartaccounts.common.clock import tallinn_day, utc_now
from scoro_smartaccounts.common.periods import Said, month_of
from scoro_smartaccounts.staging.periods import known_months, say
from tests.integration.money import Money
from tests.integration.page.audited import leave_month, leave_night
from tests.integration.page.test_importing import of_airflow as of_airflow
from tests.integration.page.words_of import words_of
from tests.integration.undo.undoing import Undoing
from tests.integration.world import World

COMPANY, ROOT = "default", "/scoro-smartaccounts"
DAY, JANUARY = date(2026, 1, 15), date(2026, 1, 1)
WHERE = "/audit/months/2026-01"
TODAY = tallinn_day(utc_now())


def offered(answer: Any) -> list[str]:
    """What may be said of the month."""
    return re.findall(r'name="said" value="(\w+)"', answer.text)


def test_a_return_is_filed_and_a_month_open_again(opened: tuple[World, Any]) -> None:
    world, page = opened
    leave_month(world.engine, COMPANY)
    editor, viewer = page("user", language="et"), page("viewer", language="et")
    assert "Kuu on avatud (deklaratsiooni ei ole nähtud)." in words_of(viewer.get(WHERE))
    assert offered(editor.get(WHERE)) == ["filed"]
    assert "hilinenud dokumentidega tehakse seda, mida seadefail" in words_of(editor.get(WHERE))

    answer = editor.post(f"{WHERE}/return", {"said": "filed"})
    assert (answer.status_code, answer.headers["location"]) == (303, f"{ROOT}{WHERE}?said=filed")
    assert "Kirja pandud: deklaratsioon on esitatud." in words_of(editor.get(f"{WHERE}?said=filed"))
    text = words_of(viewer.get(WHERE))
    assert "Deklaratsioon on esitatud." in text
    assert re.search(rf"{TODAY:%d.%m.%Y} \d\d:\d\d märkis the user: deklaratsioon on esitatud\.", text), text
    assert offered(editor.get(WHERE)) == ["reopened"]
    with world.engine.connect() as connection:
        known = known_months(connection, COMPANY)[JANUARY]
    assert (known.said, known.said_by) == (Said.FILED, "the user")

    editor.post(f"{WHERE}/return", {"said": "reopened"})
    text = words_of(viewer.get(WHERE))
    assert "Kuu on avatud." in text
    assert "märkis the user: kuu on jälle avatud." in text
    assert offered(editor.get(WHERE)) == ["filed"]
    with world.engine.begin() as connection:
        say(connection, COMPANY, JANUARY, Said.FILED, utc_now())
    assert "märkis keegi käsurealt: deklaratsioon on esitatud." in words_of(viewer.get(WHERE))


def test_of_which_months_nothing_can_be_said(opened: tuple[World, Any]) -> None:
    """Who may only look, a month that goes on, one that nobody knows, and a word that there is not."""
    world, page = opened
    leave_month(world.engine, COMPANY)
    leave_month(world.engine, COMPANY, month_of(TODAY))
    viewer, editor = page("viewer"), page("user")
    now = f"/audit/months/{TODAY:%Y-%m}"
    assert offered(viewer.get(WHERE)) == offered(editor.get(now)) == []
    assert "The month is open" in words_of(editor.get(now))
    assert editor.post(f"{now}/return", {"said": "filed"}).status_code == 422
    assert editor.post("/audit/months/2025-12/return", {"said": "filed"}).status_code == 404
    assert editor.post(f"{WHERE}/return", {"said": "open"}).status_code == 422
    with world.engine.connect() as connection:
        assert known_months(connection, COMPANY) == {}


def test_a_run_is_planned_to_be_taken_back(opened: tuple[World, Any], of_airflow: Any) -> None:
    world, page = opened
    money = Money(world)
    money.enter(DAY, "100")
    run = money.import_documents(DAY, DAY)["run"]
    editor, viewer = page("user", language="et"), page("viewer", language="et")
    form = f'action="{ROOT}/audit/undo"'
    for screen in ("/audit", of_airflow(run)):
        assert (form in editor.get(screen).text, form in viewer.get(screen).text) == (True, False)
        assert f'value="{run}"' in editor.get(screen).text

    planned = editor.post("/audit/undo", {"run": run})
    assert planned.status_code == 303
    where = planned.headers["location"].removeprefix(ROOT)
    shown = editor.get(where)
    text = words_of(shown)
    assert f"scoro-smartaccounts undo {run} --approve={Undoing(world).plan(run).plan_hash}" in text
    assert re.findall(r'class="number"><a href="[^"]+">([^<]+)</a>', shown.text) == [
        f"arve {world.invoices()[0]['invoiceNumber']}"
    ]
    assert ("Kavanda uuesti" in text, form in viewer.get(where).text) == (True, False)
    assert editor.post("/audit/undo", {"run": run}).headers["location"] == planned.headers["location"]
    assert editor.post("/audit/undo", {"run": "import_sales_invoices/none"}).status_code == 404
    assert len(world.invoices()) == 1

    Undoing(world).whole(run)
    again = editor.post("/audit/undo", {"run": run}).headers["location"].removeprefix(ROOT)
    assert again != where
    assert "Sellest käivitusest ei ole enam midagi tagasi võtta." in words_of(editor.get(again))


def test_a_plan_that_deletes_nothing_says_what_to_do(opened: tuple[World, Any]) -> None:
    world, page = opened
    money = Money(world)
    money.enter(DAY, "100")
    run = money.import_documents(DAY, DAY)["run"]
    with world.engine.begin() as connection:
        say(connection, COMPANY, JANUARY, Said.FILED, utc_now())
    editor = page("user", language="et")
    where = editor.post("/audit/undo", {"run": run}).headers["location"].removeprefix(ROOT)
    text = words_of(editor.get(where))
    assert "Siin ei ole midagi, mida liides saaks kustutada ega kinnitada." in text
    assert "U3: tee Scoros või SmartAccountsis kreeditarve kuupäevaga, mille rida nimetab." in text
    assert "U4: tee" not in text
    assert "--approve" not in text


def test_a_month_says_each_thing_once(opened: tuple[World, Any]) -> None:
    world, page = opened
    leave_night(world.engine, COMPANY, JANUARY)
    leave_month(world.engine, COMPANY, is_equal=True)
    text = words_of(page("viewer", language="et").get(WHERE))
    assert (text.count("Vahet ei ole"), text.count("Siin vahet ei ole")) == (0, 0)
    assert text.count("01.01.2026") == 1
    assert text.count("Kontrollsummad") == 1
    leave_month(world.engine, COMPANY)
    of_total = f"{WHERE}?measure=total&bridge=documents&flow=sales_invoices&currency=EUR"
    text = words_of(page("viewer", language="et").get(of_total))
    assert "Vahe põhjused: Müügiarved, kokku EUR" in text
    assert text.count("Müügiarved, kokku") == 1
    assert "Muudeti SmartAccountsis pärast importi: 248,00 → 250,00" in text
    assert text.lower().count("muudeti smartaccountsis") == 1
    for screen in (of_total, WHERE, "/audit", "/decisions/cases?flow=sales_invoices&code=x"):
        headings = re.findall(r"<h\d>(.*?)</h\d>", page("viewer", language="et").get(screen).text)
        assert (headings != [], [each for each in headings if each.count(":") > 1]) == (True, []), screen
