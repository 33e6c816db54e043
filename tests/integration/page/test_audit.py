"""Room page. Whether both systems agree, as people see it: no clean word on a night that was not, what differs with its
documents, what is accepted and looked at, and by whom."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from scoro_smartaccounts.audit import night as audit
from scoro_smartaccounts.audit.report import tell
from scoro_smartaccounts.common.clock import tallinn_day, utc_now
from scoro_smartaccounts.staging.schema import control_page, drift
from scoro_smartaccounts.totals.write import write
from scoro_smartaccounts_sandbox.smartaccounts.services import SALES
from tests.integration.audit.nights import Nights
from tests.integration.money import Money
from tests.integration.page.audited import leave_drift, leave_month, leave_night
from tests.integration.world import World
from tests.tiers import slow_but

DAY = date(2026, 1, 15)
TODAY = tallinn_day(utc_now())
CLEAN = ("Everything agrees.", "No difference: ", "Kõik klapib.", "Vahet ei ole: ", "no difference; ", "vahet ei ole; ")
COMPANY = "default"


@pytest.fixture
def in_time(opened: tuple[World, Any], monkeypatch: pytest.MonkeyPatch) -> tuple[World, Any]:
    """The page's clock is the world's."""
    monkeypatch.setattr("scoro_smartaccounts.page.routes.audit.utc_now", opened[0].clock.now)
    return opened


def play(world: World) -> str:
    """The next night with all its tasks; how it was, on both sides."""
    nights = Nights(world)
    request = nights.next_request()
    services = nights.services(request)
    audit.scoro(request, services)
    nights.patiently(audit.books, request)
    nights.hunt(request)
    write(request, services)
    found = tell(request, services).night
    return f"{found.state} {found.scoro_state}"


def settle(world: World) -> None:
    for _ in range(15):
        if play(world) == "ok ok":
            return
    raise AssertionError("the first reading does not end")


def test_a_month_from_the_first_night_to_an_accepted_difference(in_time: tuple[World, Any]) -> None:
    world, page = in_time
    editor, viewer = page("user"), page("viewer", language="et")
    text = editor.get("/audit").text
    assert "No night has read yet" in text
    assert "No control totals were computed yet" in text
    assert not [each for each in CLEAN if each in text]

    money = Money(world)
    ids = [money.enter(DAY, net) for net in ("100", "200")]
    money.import_documents(DAY, DAY)
    settle(world)
    text = editor.get("/audit").text
    assert "Everything agrees." in text
    assert f"The last night {world.clock.now():%d.%m.%Y}" in text
    assert ">January 2026</a>" in text
    assert "Kõik klapib." in viewer.get("/audit").text
    assert "Nobody has looked at it yet." in text

    changed = world.invoices()[0]
    rows = [{**changed["rows"][0], "price": 120}]
    world.books.change(SALES, changed["id"], rows=rows)
    assert play(world) == "ok ok"
    text = editor.get("/audit").text
    assert not [each for each in CLEAN[:1] if each in text]
    assert "was booked" in text
    assert "</span> difference between the systems" in editor.get("/").text
    assert 'method="post" action="/scoro-smartaccounts/audit' not in viewer.get("/audit").text

    # From a difference to its documents, and to the story of each.
    [case] = set(re.findall(r'href="/scoro-smartaccounts(/audit/cases/\d+)"', text))
    total = next(
        each.replace("&amp;", "&")
        for each in re.findall(r'href="/scoro-smartaccounts(/audit/months/[^"#]+\?[^"#]+)#causes"', text)
        if "measure=total&" in each.replace("&amp;", "&") and "bridge=documents" in each
    )
    for address in (case, total):
        behind = viewer.get(address)
        assert behind.status_code == 200, behind.text
        [story] = set(re.findall(r'href="/scoro-smartaccounts(/documents/sales_invoices/\d+)"', behind.text))
        assert story.rpartition("/")[2] in {str(each) for each in ids}
        assert viewer.get(story).status_code == 200

    [seen] = set(
        re.findall(rf'action="/scoro-smartaccounts{case}"><input type="hidden" name="seen" value="(\w+)"', text)
    )
    said = editor.post(case, {"seen": seen, "note": "<b>kokku lepitud</b>"})
    assert said.headers["location"].endswith("/audit?said=accepted&done=1")
    again = editor.post(case, {"seen": seen})
    assert again.headers["location"].endswith("done=0")
    assert "Nothing was accepted" in editor.get("/audit?said=accepted&done=0").text
    text = editor.get("/audit?said=accepted&done=1").text
    assert "No open difference is known of." in text
    assert "the user · &lt;b&gt;kokku lepitud&lt;/b&gt;" in text
    assert play(world) == "ok ok"
    assert "No open difference is known of." in editor.get("/audit").text


NOT_CLEAN: dict[str, dict[str, Any]] = {
    "incomplete": {"state": "incomplete"},
    "blind": {"state": "blind"},
    "no balances": {"state": "no_balances"},
    "first reading": {"state": "baseline"},
    "open": {"state": "open"},
    "Scoro incomplete": {"scoro_state": "incomplete"},
    "Scoro blind": {"scoro_state": "blind"},
    "Scoro first reading": {"scoro_state": "baseline"},
    "Scoro not read": {"scoro_state": ""},
    "totals not computed": {"evidence": {}},
}


@pytest.mark.parametrize("how", slow_but(["blind", "Scoro not read"], NOT_CLEAN))
def test_no_clean_word_on_a_night_that_was_not(opened: tuple[World, Any], how: str) -> None:
    world, page = opened
    leave_month(world.engine, COMPANY, is_equal=True)
    leave_night(world.engine, COMPANY, TODAY)
    for language in ("et", "en"):
        text = page("viewer", language=language).get("/audit").text
        assert [each for each in CLEAN[:4] if each in text] != []
    leave_night(world.engine, COMPANY, TODAY, **NOT_CLEAN[how])
    for language in ("et", "en"):
        for address in ("/audit", "/audit/months/2026-01"):
            text = page("viewer", language=language).get(address).text
            assert [each for each in CLEAN if each in text] == []
            assert f"{TODAY:%d.%m.%Y}" in text


def test_an_old_night_and_one_that_broke_off_are_told(opened: tuple[World, Any]) -> None:
    world, page = opened
    viewer = page("viewer")
    leave_month(world.engine, COMPANY, is_equal=True)
    leave_night(world.engine, COMPANY, TODAY - timedelta(days=2))
    text = viewer.get("/audit").text
    assert f"No night has read since {TODAY - timedelta(days=2):%d.%m.%Y}" in text
    assert [each for each in CLEAN if each in text] == []
    leave_night(world.engine, COMPANY, TODAY - timedelta(days=1))
    assert "Everything agrees." in viewer.get("/audit").text
    leave_night(world.engine, COMPANY, TODAY, state="open", reported_at=None)
    text = viewer.get("/audit").text
    assert f"On {TODAY:%d.%m.%Y} a night began" in text
    assert [each for each in CLEAN if each in text] == []


def test_a_total_that_nothing_explains_is_red_and_not_clean(opened: tuple[World, Any]) -> None:
    world, page = opened
    leave_night(world.engine, COMPANY, TODAY)
    leave_month(world.engine, COMPANY, unexplained="2.00", is_clean=False)
    text = page("viewer").get("/audit").text
    assert "Differences that nothing explains: 1" in text
    assert [each for each in CLEAN if each in text] == []
    # A month that does not stand on the first page counts too.
    for number in range(13):
        leave_month(world.engine, COMPANY, date(2027 + number // 12, 1 + number % 12, 1))
    text = page("viewer").get("/audit").text
    assert "Everything agrees." not in text
    assert "nothing explains" not in text
    [earlier] = re.findall(r'href="/scoro-smartaccounts(/audit\?before=[\d-]+)#totals"', text)
    text = page("viewer").get(earlier).text
    assert "Differences that nothing explains: 1" in text
    assert "before=" not in text.partition("<main")[2]


def test_what_differs_and_is_explained_does_not_agree(opened: tuple[World, Any]) -> None:
    world, page = opened
    leave_night(world.engine, COMPANY, TODAY)
    viewer, reader = page("viewer"), page("viewer", language="et")
    # Where nothing was compared, nothing agrees.
    assert [each for each in CLEAN if each in viewer.get("/audit").text] == []
    leave_month(world.engine, COMPANY, is_equal=True)
    assert "Everything agrees." in viewer.get("/audit").text
    leave_month(world.engine, COMPANY, date(2026, 2, 1))
    text = reader.get("/audit").text
    assert ("Kõik klapib." in text, text.count("Vahet ei ole: ")) == (False, 1)
    assert "Kõik vahed on selgitatud, aga süsteemides ei ole sama palju" in text
    lead = text.partition('class="lead"')[2].partition("</p>")[0]
    assert re.findall(r"/audit/months/([\d-]+)", lead) == ["2026-02"]
    for address in ("/audit", "/audit/months/2026-02"):
        assert "Pooled erinevad, iga vahe on selgitatud" in reader.get(address).text
    # It is booked: nothing differs any more.
    leave_month(world.engine, COMPANY, date(2026, 2, 1), is_equal=True)
    assert "Everything agrees." in viewer.get("/audit").text


def test_who_looked_at_a_page_is_noted_and_not_of_the_next_one(opened: tuple[World, Any]) -> None:
    world, page = opened
    leave_night(world.engine, COMPANY, TODAY)
    first = leave_month(world.engine, COMPANY)
    address = "/audit/months/2026-01"
    editor = page("user")
    assert editor.get("/audit").text.count(f'value="{first}"') == 1
    assert f'value="{first}"' not in page("viewer").get("/audit").text
    assert editor.post(address, {"seen": "another"}).headers["location"].endswith("/audit/months/2026-01?said=missed")
    assert editor.post(address, {"seen": first}).headers["location"].endswith("/audit/months/2026-01?said=reviewed")
    assert page("op").post(address, {"seen": first}).headers["location"].endswith("said=missed")
    assert editor.post("/audit/months/2025-12", {"seen": first}).status_code == 404
    text = editor.get(f"{address}?said=reviewed").text
    assert "Reviewed by the user" in text
    assert "It is noted that you looked at the page of January 2026." in text
    text = page("user", language="et").get(f"{address}?said=missed").text
    assert "Midagi ei märgitud: jaanuari 2026 leht on vahepeal teine" in text
    second = leave_month(world.engine, COMPANY, unexplained="2.00", is_clean=False)
    text = editor.get(address).text
    assert "Nobody has looked at it yet." in text
    assert editor.post(address, {"seen": first}).headers["location"].endswith("said=missed")
    with world.engine.connect() as connection:
        rows = connection.execute(select(control_page.c.hash, control_page.c.reviewed_by)).all()
    assert {row.hash: row.reviewed_by for row in rows} == {first: "the user", second: ""}


def test_what_changed_since_it_was_shown_is_not_accepted(opened: tuple[World, Any]) -> None:
    world, page = opened
    leave_night(world.engine, COMPANY, TODAY)
    leave_drift(world.engine, COMPANY, "1", case_key="joined")
    leave_drift(world.engine, COMPANY, "2", case_key="joined")
    leave_drift(world.engine, COMPANY, "3", is_suspected=True)
    editor = page("user")
    text = editor.get("/audit").text
    assert "Everything agrees." not in text
    [(number, seen)] = re.findall(r'/audit/cases/(\d+)"><input type="hidden" name="seen" value="(\w+)"', text)
    assert "€4.00" in text
    leave_drift(world.engine, COMPANY, "2", case_key="joined", after={"total": "5000.00"})
    assert editor.post(f"/audit/cases/{number}", {"seen": seen}).headers["location"].endswith("done=0")
    text = editor.get(f"/audit/cases/{number}").text
    [seen] = re.findall(r'name="seen" value="(\w+)"', text)
    assert editor.post(f"/audit/cases/{number}", {"seen": seen}).headers["location"].endswith("done=2")
    with world.engine.connect() as connection:
        rows = connection.execute(select(drift.c.state, drift.c.accepted_by)).all()
    assert sorted(map(tuple, rows)) == [*[("accepted", "the user")] * 2, ("suspected", "")]
    assert "Something differs and is not sure yet" in editor.get("/audit").text
    assert editor.get(f"/audit/cases/{number}").status_code == 404
    assert editor.get(f"/audit/cases/{2**63}").status_code == 422


def test_strings_are_text(opened: tuple[World, Any]) -> None:
    world, page = opened
    evil = """<script>alert(1)</script>"><img src=x onerror=alert(1)>{{7*7}}"""
    leave_night(world.engine, COMPANY, TODAY)
    leave_drift(world.engine, COMPANY, evil, number=evil)
    leave_month(world.engine, COMPANY, source_id=evil, number=evil)
    editor = page("user")
    case = re.findall(r'href="/scoro-smartaccounts(/audit/cases/\d+)"', editor.get("/audit").text)[0]
    where = "/audit/months/2026-01?measure=total&bridge=documents&flow=sales_invoices&currency=EUR"
    nonsense = f"/audit/months/2026-01?measure={evil[:90]}&flow={evil[:90]}&vat_code={evil[:90]}"
    for address in ("/audit", case, where, nonsense):
        text = editor.get(address).text
        assert "<script>alert" not in text
        assert "<img" not in text
        assert ">49<" not in text
    assert "{{7*7}}" in editor.get(where).text
    assert editor.get("/audit/months/2026-13").status_code == 422
    assert editor.get("/audit/months/2025-01").status_code == 404


@pytest.mark.parametrize("count", slow_but([120], [120, 2000]))
def test_many_cases_and_a_case_of_many(opened: tuple[World, Any], count: int) -> None:
    world, page = opened
    leave_night(world.engine, COMPANY, TODAY)
    for number in range(count):
        leave_drift(world.engine, COMPANY, f"a{number}")
        leave_drift(world.engine, COMPANY, f"b{number}", case_key="joined")
    text = page("user").get("/audit").text
    assert f"Shown: 100 of {count + 1:,}" in text
    assert text.count('name="seen"') == 100
    [case] = re.findall(rf'href="/scoro-smartaccounts(/audit/cases/\d+)"[^>]*>{count:,}<', text)
    behind = page("user").get(case).text
    assert behind.count('class="number"') == min(count, 500)
    assert ("Shown: 500 of" in behind) is (count > 500)


def test_the_tab_of_the_audit_s_dag_leads_here(page: Any) -> None:
    led = page("viewer").get("/dag/audit_books")
    assert led.headers["location"] == "/scoro-smartaccounts/audit?company=default"


def test_documents_of_a_case_go_on(opened: tuple[World, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    world, page = opened
    monkeypatch.setattr("scoro_smartaccounts.page.queries.audit.MOST_SHOWN", 2)
    leave_night(world.engine, COMPANY, TODAY)
    for number in range(3):
        leave_drift(world.engine, COMPANY, str(number), number=f"A-{number}", case_key="joined")
    viewer = page("viewer")
    [case] = set(re.findall(r"/audit/cases/(\d+)", viewer.get("/audit").text))
    first = viewer.get(f"/audit/cases/{case}").text
    assert "Shown: 2 of 3" in first
    [more] = re.findall(r'href="([^"]+)">More</a>', first)
    second = viewer.get(more.removeprefix("/scoro-smartaccounts")).text
    told = [re.findall(r"A-\d: 250", text) for text in (first, second)]
    assert [len(set(some)) for some in told] == [2, 2]
    assert "A-2: 250" not in first
    assert "A-2: 250" in second
    assert ">More</a>" not in second
