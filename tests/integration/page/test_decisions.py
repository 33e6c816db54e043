"""Room page. What people decide on the page is what the next run does, and can be taken back until then."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from scoro_smartaccounts.staging.schema import quarantine
from tests.integration.first_day import FirstDay, likely_pair
from tests.integration.money import Money
from tests.integration.office import Office
from tests.integration.world import World
from tests.tiers import slow_but

DAY = date(2026, 1, 15)


def invoices_without_client(world: World, count: int) -> list[str]:
    """Ids of invoices that wait for the same decision."""
    ids = []
    for _ in range(count):
        made = world.site.create("invoices", _invoice(world))
        world.site.put("invoices", {**made, "company_id": 0, "person_id": 0})
        ids.append(str(made["id"]))
    return ids


def states(world: World) -> dict[str, int]:
    with world.engine.connect() as connection:
        rows = connection.execute(select(quarantine.c.state, func.count()).group_by(quarantine.c.state))
        return {row.state: row[1] for row in rows}


CASES = "/decisions/cases?flow=sales_invoices&code=partner_not_named"


@pytest.mark.parametrize("count", [3, pytest.param(200, marks=pytest.mark.slow)])
def test_equal_questions_are_answered_at_once_and_taken_back(opened: tuple[World, Any], count: int) -> None:
    world, page = opened
    ids = invoices_without_client(world, count)
    world.run(DAY, DAY)
    editor = page("user")
    overview = editor.get("/")
    assert re.search(rf'<span class="big">{count}</span>', overview.text), overview.text
    shown = editor.get("/decisions").text
    assert "partner_not_named" in shown
    listed = editor.get(CASES).text
    assert listed.count('name="ids"') == count
    answer = {"flow": "sales_invoices", "code": "partner_not_named", "ids": ids}

    # The same form, with the ticks, at an address that can be loaded again.
    said = editor.post("/decisions/cases", {**answer, "ids": ids[:2], "choice": "dismiss"})
    assert said.status_code == 303
    for _ in range(2):
        form = editor.get(said.headers["location"].removeprefix("/scoro-smartaccounts")).text
        assert "to dismiss, write into the note why" in form
        ticks = re.findall(r'name="ids" value="([^"]+)"[^>]* checked', form)
        assert sorted(ticks) == sorted(ids[:2])
        assert form.count('name="ids"') == count
    assert states(world) == {"open": count}

    said = editor.post("/decisions/cases", {**answer, "choice": "dismiss", "note": "ei ole meie"})
    assert said.headers["location"] == f"/scoro-smartaccounts/decisions?said=dismiss&done={count}"
    assert states(world) == {"dismissed": count}
    decided = editor.get("/decisions?said=dismiss&done=1").text
    assert "the user: ei ole meie" in decided
    assert decided.count("Take back:") == min(count, 200)
    editor.post("/decisions/cases/back", {"cases": [f"sales_invoices:{each}" for each in ids]})
    assert states(world) == {"open": count}

    editor.post("/decisions/cases", {**answer, "choice": "retry"})
    again = editor.post("/decisions/cases", {**answer, "choice": "retry"})
    assert again.headers["location"].endswith(f"done=0&missed={count}")
    assert states(world) == {"released": count}
    world.run(DAY, DAY)
    assert states(world) == {"open": count}
    assert "Decided, and can still be taken back" not in editor.get("/decisions").text


def late_invoices(world: World, days: Sequence[date]) -> dict[str, str]:
    """Invoices of months whose return is saved by now; their ids by number."""
    world.company = world.company.model_copy(update={"first_import_date": date(2025, 12, 1)})
    world.clock.set(datetime(2026, 2, 10, 7, tzinfo=UTC))
    money = Money(world)
    for month in sorted({each.replace(day=1) for each in days}):
        money.enter(month, "100", no=f"{month:%Y%m}")
        money.import_documents(month, month)
        world.books.save_return(month)
    world.clock.advance(timedelta(minutes=30))
    ids = {f"90{at}": str(money.enter(day, "100", no=f"90{at}")) for at, day in enumerate(days)}
    world.run(min(days), max(days))
    return ids


@pytest.mark.parametrize(
    ("choice", "entered"),
    slow_but([("own_month", "12.01.2026")], [("own_month", "12.01.2026"), ("first_open_day", "01.02.2026")]),
)
def test_documents_of_a_declared_month_are_booked_where_somebody_says(
    opened: tuple[World, Any], choice: str, entered: str
) -> None:
    world, page = opened
    ids = late_invoices(world, [date(2026, 1, 12)] * 3 + [date(2025, 12, 12)])
    assert states(world) == {"open": 4}
    editor = page("user")
    listed = editor.get("/decisions/cases?flow=sales_invoices&code=period_ask").text
    assert [listed.count(f"Book into {month}</button>") for month in ("December 2025", "January 2026")] == [1, 1]
    assert 'value="retry"' not in listed
    assert 'value="own_month"' not in page("viewer").get("/decisions/cases?flow=sales_invoices&code=period_ask").text
    # The same of one document, as its story leads there.
    one = editor.get(f"/decisions/cases?flow=sales_invoices&document={ids['903']}").text
    assert "Book into December 2025</button>" in one
    answer = {"flow": "sales_invoices", "code": "period_ask", "choice": choice, "month": "2026-01", "note": "hilines"}
    # What is asked of another month is not answered with this one.
    said = editor.post("/decisions/cases", {**answer, "ids": list(ids.values())})
    assert said.headers["location"].endswith(f"/decisions?said={choice}&flow=sales_invoices&done=3&missed=1")
    assert states(world) == {"released": 3, "open": 1}
    decided = editor.get(said.headers["location"].removeprefix("/scoro-smartaccounts")).text
    assert "the user: hilines" in decided
    assert {"own_month": "booked into its own month", "first_open_day": "booked on the first open day"}[
        choice
    ] in decided

    back = {"cases": [f"sales_invoices:{each}" for each in ids.values()]}
    assert editor.post("/decisions/cases/back", back).headers["location"].endswith("done=3&missed=1")
    assert states(world) == {"open": 4}
    without = editor.post("/decisions/cases", {**answer, "choice": "own_month", "month": "", "ids": [ids["900"]]})
    assert without.status_code == 422
    editor.post("/decisions/cases", {**answer, "ids": list(ids.values())})
    world.clock.advance(timedelta(minutes=30))
    world.run(date(2025, 12, 12), date(2026, 1, 12))
    days = {row["invoiceNumber"]: row["entryDate"] for row in world.books.state()["clientinvoices"]}
    assert {each: day for each, day in days.items() if each.startswith("90")} == {f"90{at}": entered for at in range(3)}
    assert states(world)["open"] == 1


def test_what_the_company_file_names_decides_about_pairs(opened: tuple[World, Any], folder: Any) -> None:
    _, page = opened
    path = folder / "default.yaml"
    path.write_text(path.read_text("utf-8") + "\napproval: {users: [the op]}\n", "utf-8")
    assert page("op").post("/decisions/pairs", {"choice": "same"}).status_code == 303
    refused = page("user").post("/decisions/pairs", {"choice": "same"})
    assert refused.status_code == 403
    assert "You are not among those who answer" in refused.text
    assert page("op").post("/decisions/pairs", {"choice": "same", "pairs": ["nonsense"]}).status_code == 422


def test_pairs_are_linked_parted_and_taken_back(opened: tuple[World, Any]) -> None:
    world, page = opened
    day = FirstDay(world)
    source, remote = likely_pair(day)
    day.run()
    editor = page("user")
    shown = editor.get("/decisions").text
    pair = f"client:{source}:{remote}"
    assert f'value="{pair}"' in shown
    assert "Põhjatäht OÜ" in shown
    assert "similar name" in shown or "same name" in shown
    assert '<span class="big">1</span> pair: are they the same?' in editor.get("/").text

    answer = editor.post("/decisions/pairs", {"choice": "same", "pairs": [pair]})
    assert answer.headers["location"].endswith("/decisions?said=same&done=1")
    assert day.links() == {source: (remote, "decided")}
    assert f'value="{pair}"' in editor.get("/decisions").text
    editor.post("/decisions/pairs/back", {"pairs": [pair]})
    assert day.links() == {}
    assert day.proposals()["client", source, remote] == ("likely", "open")

    editor.post("/decisions/pairs", {"choice": "other", "pairs": [pair]})
    assert day.proposals()["client", source, remote] == ("likely", "rejected")
    late = editor.post("/decisions/pairs", {"choice": "same", "pairs": [pair]})
    assert late.headers["location"].endswith("said=same&done=0&missed=1")
    world.run(DAY, DAY)
    late = editor.post("/decisions/pairs/back", {"pairs": [pair]})
    assert late.headers["location"].endswith("said=back&done=0&missed=1")
    assert day.proposals()["client", source, remote] == ("likely", "rejected")


def test_one_of_several_candidates_is_chosen_or_none(opened: tuple[World, Any]) -> None:
    world, page = opened
    day = FirstDay(world)
    source = day.contact(name="Näidis OÜ", id_code="19000022")
    one, other = (day.known(name="Näidis OÜ", regCode="19000022") for _ in range(2))
    day.run()
    pairs = [f"client:{source}:{remote}" for remote in (one, other)]
    made = world.site.create("invoices", {**_invoice(world), "company_id": int(source)})
    world.run(DAY, DAY)
    editor, reader = page("user", language="et"), page("viewer", language="et")
    for screen in ("/", "/decisions"):
        assert "Midagi ei oota otsust." not in reader.get(screen).text
    assert 'href="/scoro-smartaccounts/decisions#conflicts"><span class="big">1</span>' in reader.get("/").text
    shown = editor.get("/decisions").text
    assert all(shown.count(f'type="radio" name="pairs" value="{pair}"') == 1 for pair in pairs)
    assert "Dokumendid, mis ootavad neid vastuseid: 1" in shown
    assert "Ootab takistuse kadumist" not in shown
    assert "lehel „Otsused“" in reader.get(f"/documents/sales_invoices/{made['id']}").text

    # Both cannot be it.
    both = editor.post("/decisions/pairs", {"choice": "same", "pairs": pairs, "candidates": pairs})
    assert both.headers["location"].endswith("said=same&done=0&missed=2")
    chosen = editor.post("/decisions/pairs", {"choice": "same", "pairs": pairs[1:], "candidates": pairs})
    assert chosen.headers["location"].endswith("said=same&done=1")
    assert day.links() == {source: (other, "decided")}
    shown = editor.get("/decisions").text
    assert 'type="radio"' not in shown
    assert "Ootab takistuse kadumist: 1" in shown
    assert "Takistuse kadumist ootab dokumente: 1" in reader.get("/").text
    editor.post("/decisions/pairs/back", {"pairs": pairs[1:]})
    assert day.links() == {}
    assert 'type="radio"' in editor.get("/decisions").text

    none = editor.post("/decisions/pairs", {"choice": "none", "candidates": pairs})
    assert none.headers["location"].endswith("said=other&done=2")
    assert 'type="radio"' not in editor.get("/decisions").text
    editor.post("/decisions/pairs/back", {"pairs": pairs})
    editor.post("/decisions/pairs", {"choice": "same", "pairs": pairs[:1], "candidates": pairs})
    world.run(DAY, DAY)
    assert [each["clientId"] for each in world.invoices()] == [one]
    assert "Midagi ei oota otsust." in reader.get("/decisions").text


def test_a_question_is_told_with_who_answers(opened: tuple[World, Any], office: Office) -> None:
    world, page = opened
    monday = "2026-01-12"
    number = str(world.site.create("invoices", {**_invoice(world), "date": monday, "deadline": monday})["no"])
    office.plan()
    office.ask()
    shown = page("viewer").get("/decisions").text
    assert number in shown
    assert "To approve: 1 document" in shown
    assert "Näidis OÜ" in shown
    assert 'value="approve"' not in shown
    assert "document to approve" in page("viewer").get("/").text
    assert (
        page("user").post("/decisions/approval", {"run": "import_payments/x", "choice": "approve"}).status_code == 404
    )


def _invoice(world: World) -> dict[str, Any]:
    lines = [{"product_id": 0, "product_name": "Töö", "price": "100", "amount": "1", "vat_code_id": 9}]
    client = world.site.create("contacts", {"name": "Näidis OÜ", "contact_type": "company"})["contact_id"]
    return {"company_id": client, "date": DAY.isoformat(), "deadline": DAY.isoformat(), "lines": lines}
