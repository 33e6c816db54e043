"""Room page. Long lists go on: each has a way to its rest, and what stands on a page of it can be answered at once."""

from __future__ import annotations

import re
from html import unescape
from itertools import chain
from typing import Any

import pytest

from tests.integration.first_day import FirstDay, likely_pair
from tests.integration.page.test_decisions import CASES, DAY, invoices_without_client, states
from tests.integration.page.words_of import words_of
from tests.integration.world import World

QUERIES = "scoro_smartaccounts.page.queries.decisions"
ROOT = "/scoro-smartaccounts"


def walk(visitor: Any, path: str, name: str, more: str = "More") -> list[list[str]]:
    """What stands in fields of a name, a page each, from the first page to the last."""
    pages = []
    while path:
        text = visitor.get(path).text
        pages.append(re.findall(rf'type="(?:checkbox|radio)" name="{name}" value="([^"]+)"', text))
        links = re.findall(rf'href="([^"]+)">{more}</a>', text)
        path = unescape(links[0]).removeprefix(ROOT).partition("#")[0] if links else ""
    return pages


def test_cases_and_answers_go_on(opened: tuple[World, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    world, page = opened
    monkeypatch.setattr(f"{QUERIES}.MOST_SHOWN", 2)
    monkeypatch.setattr(f"{QUERIES}.MOST_DECIDED", 3)
    ids = invoices_without_client(world, 5)
    world.run(DAY, DAY)
    editor = page("user")
    assert "Shown: 2 of 5" in words_of(editor.get(CASES))
    found = walk(editor, CASES, "ids")
    assert [len(each) for each in found] == [2, 2, 1]
    assert sorted([*chain(*found)]) == sorted(ids)

    # What is sent of the second page comes back to it.
    first = editor.get(CASES).text
    second = unescape(re.findall(r'href="([^"]+)">More</a>', first)[0]).removeprefix(ROOT)
    begun = re.findall(r'name="after" value="([^"]+)"', editor.get(second).text)[0]
    answer = {"flow": "sales_invoices", "code": "partner_not_named", "after": unescape(begun)}
    said = editor.post("/decisions/cases", {**answer, "choice": "retry"})
    again = editor.get(said.headers["location"].removeprefix(ROOT)).text
    assert re.findall(r'name="ids" value="([^"]+)"', again) == found[1]

    editor.post("/decisions/cases", {**answer, "ids": ids, "choice": "retry"})
    decided = walk(editor, "/decisions", "cases")
    assert [len(each) for each in decided] == [3, 2]
    assert sorted([*chain(*decided)]) == sorted(f"sales_invoices:{each}" for each in ids)
    # All of a page at once.
    assert editor.post("/decisions/cases/back", {"cases": decided[0]}).headers["location"].endswith("done=3")
    assert states(world) == {"open": 3, "released": 2}
    for wrong in ("/decisions?after_decided=x", f"{CASES}&after=x", "/decisions?after_pairs=x~client:1:2"):
        assert editor.get(wrong).status_code == 422, wrong
    assert editor.post("/decisions/cases/back", {"cases": ["x"]}).status_code == 422


def test_pairs_go_on(opened: tuple[World, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    world, page = opened
    for most in ("MOST_PAIRS", "MOST_DECIDED"):
        monkeypatch.setattr(f"{QUERIES}.{most}", 2)
    day = FirstDay(world)
    pairs = [likely_pair(day, name) for name in ("Põhjatäht", "Suurveski", "Metsamaja", "Kalasaba", "Vihmakindel")]
    for code in ("19000022", "19000038", "19000045"):
        day.contact(name=f"Näidis {code} OÜ", id_code=code)
        for _ in range(2):
            day.known(name=f"Näidis {code} OÜ", regCode=code)
    day.run()
    editor = page("user")
    assert "Shown: 2 of 5" in words_of(editor.get("/decisions"))
    text = editor.get("/decisions").text
    likely = text.partition('id="pairs"')[2].partition("</section>")[0]
    links = re.findall(r'href="([^"]+)">More</a>', text)
    assert len(re.findall('name="pairs"', likely)) == 2
    assert [link.partition("?")[2].partition("=")[0] for link in links] == ["after_pairs", "after_conflicts"]
    found = _pages(editor, "/decisions", "pairs", "after_pairs")
    assert [len(each) for each in found] == [2, 2, 1]
    assert sorted([*chain(*found)]) == sorted(f"client:{source}:{remote}" for source, remote in pairs)
    conflicts = _pages(editor, "/decisions", "conflicts", "after_conflicts")
    assert [len({each.split(":")[1] for each in some}) for some in conflicts] == [2, 1]
    assert sum(map(len, conflicts)) == 6

    everything = [*chain(*found)]
    editor.post("/decisions/pairs", {"choice": "other", "pairs": everything})
    decided = _pages(editor, "/decisions", "decided", "after_decided_pairs")
    assert [len(each) for each in decided] == [2, 2, 1]
    assert sorted([*chain(*decided)]) == sorted(everything)
    said = editor.post("/decisions/pairs/back", {"pairs": everything})
    assert said.headers["location"].endswith("said=back&done=5")


def test_what_waits_is_told_by_reason(opened: tuple[World, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    world, page = opened
    monkeypatch.setattr(f"{QUERIES}.MOST_DECIDED", 2)
    day = FirstDay(world)
    source = day.contact(name="Näidis OÜ", id_code="19000022")
    for _ in range(2):
        day.known(name="Näidis OÜ", regCode="19000022")
    day.run()
    lines = [{"product_id": 0, "product_name": "Töö", "price": "100", "amount": "1", "vat_code_id": 9}]
    bought = {"company_id": int(source), "date": DAY.isoformat(), "deadline": DAY.isoformat(), "lines": lines}
    numbers = [str(world.site.create("invoices", bought)["no"]) for _ in range(3)]
    world.run(DAY, DAY)
    reader = page("viewer", language="et")
    shown = reader.get("/decisions")
    told = words_of(shown)
    assert "Dokumendid, mis ootavad neid vastuseid: 3" in told
    assert re.search(r"3 · Müügiarved · alates \d\d\.\d\d\.\d{4}", told)
    path = "/decisions/waits?flow=sales_invoices&amp;code=partner_undecided"
    assert f'href="{ROOT}{path}"' in shown.text
    first = reader.get(unescape(path)).text
    more = unescape(re.findall(r'href="([^"]+)">Järgmised</a>', first)[0]).removeprefix(ROOT)
    assert "flow=sales_invoices&code=partner_undecided" in more
    both = [re.findall(r">([^<]+)</a></td>", text) for text in (first, reader.get(more).text)]
    assert [len(each) for each in both] == [2, 1]
    assert sorted([*chain(*both)]) == sorted(numbers)
    assert reader.get("/decisions/waits?flow=sales_invoices&code=x&after=x").status_code == 422
    assert "Siin ei oota enam ükski dokument." in reader.get("/decisions/waits?flow=sales_invoices&code=x").text


def _pages(visitor: Any, path: str, section: str, name: str) -> list[list[str]]:
    """What can be chosen in a section, a page each."""
    pages = []
    while path:
        text = visitor.get(path).text.partition(f'id="{section}"')[2].partition("</section>")[0]
        pages.append(re.findall(r'name="pairs" value="([^"]+)"', text))
        links = re.findall(rf'href="([^"]+[?&;]{name}=[^"]+)">More</a>', text)
        path = unescape(links[0]).removeprefix(ROOT).partition("#")[0] if links else ""
    return pages
