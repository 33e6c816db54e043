"""Room page. What the page shows of runs that are taken back, of the files of a month, of both sides by month, and of
who said that two records are one."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from scoro_smartaccounts.common.output import OUTPUT_VARIABLE
from scoro_smartaccounts.totals.write import write
from tests.integration.audit.nights import Nights
from tests.integration.first_day import FirstDay, likely_pair
from tests.integration.money import Money
from tests.integration.page.audited import leave_month
from tests.integration.undo.undoing import Undoing
from tests.integration.world import World

DAY, PAID = date(2026, 1, 15), date(2026, 1, 16)
ROOT = "/scoro-smartaccounts"


def test_a_run_that_is_taken_back(opened: tuple[World, Any]) -> None:
    world, page = opened
    money, undoing = Money(world), Undoing(world)
    ids = [money.enter(DAY, net) for net in ("100", "200")]
    money.receive("invoices", {ids[0]: None}, PAID)
    run = money.import_documents(DAY, DAY)["run"]
    money.import_payments(PAID, PAID)
    plan = undoing.plan(run)
    viewer = page("viewer", language="et")
    story = f"/documents/sales_invoices/{ids[0]}"

    listed = viewer.get("/audit").text
    assert plan.plan_hash in listed
    assert "ootab kinnitust" in listed
    [where] = re.findall(rf'href="{ROOT}(/audit/undo/\d+)"', listed)
    shown = viewer.get(where).text
    counts = Counter(step.undo_class.value for step in plan.steps)
    assert {f"{name}: {count}" for name, count in counts.items()} == set(re.findall(r"<strong>(U\d: \d+)", shown))
    assert f"Kirjed: {len(plan.steps)}" in shown
    assert "Kinnitada saab käsuga undo" in shown
    assert plan.plan_hash not in viewer.get(story).text

    undoing.approve(run, plan.plan_hash)
    assert "kinnitatud, tegemata</span> kinnitas Mari" in viewer.get("/audit").text
    assert "Kustutab DAG undo_import" in viewer.get(where).text
    undoing.do()
    done = viewer.get(where).text
    assert "kinnitas Mari" in done
    assert done.count(">kustutatud</span>") == len(plan.steps)
    told = viewer.get(story).text
    assert ">kustutatud</span>" in told
    assert "kinnitas Mari" in told
    assert where in told
    assert viewer.get("/audit/undo/999").status_code == 404


def test_the_files_of_a_month(opened: tuple[World, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world, page = opened
    monkeypatch.setenv(OUTPUT_VARIABLE, str(tmp_path / "output"))
    (tmp_path / "output").mkdir()
    (tmp_path / "output/default").symlink_to(world.output)
    money = Money(world)
    money.enter(DAY, "100")
    money.import_documents(DAY, DAY)
    nights = Nights(world)
    request = nights.next_request()
    write(request, nights.services(request))
    viewer = page("viewer", language="et")
    for screen in ("/audit", "/audit/months/2026-01"):
        names = re.findall(rf'href="{ROOT}/audit/months/2026-01/([^"]+)" download', viewer.get(screen).text)
        assert sorted(names) == sorted(
            f"{page}-2026-01.{ending}" for page in ("kmd", "totals") for ending in ("et.csv", "et.html", "xlsx")
        )
    for name in names:
        given = viewer.get(f"/audit/months/2026-01/{name}")
        assert given.status_code == 200
        assert given.headers["content-disposition"] == f'attachment; filename="{name}"'
        assert [each for each in re.findall(r"<h\d[^>]*>(.*?)</h\d>", given.text) if each.count(":") > 1] == []
        assert sha256(given.content).digest() == sha256((world.output / "totals" / name).read_bytes()).digest()
    assert viewer.get(f"/audit/months/2026-01/{names[0]}?company=nobody").status_code == 403
    for other in ("page.css", "..%2f..%2fx", "totals-2026-02.et.html"):
        assert viewer.get(f"/audit/months/2026-01/{other}").status_code == 404
    (world.output / "totals" / names[0]).write_bytes(b"other")
    changed = viewer.get(f"/audit/months/2026-01/{names[0]}")
    assert (changed.status_code, "muutunud" in changed.text) == (404, True)
    (world.output / "totals" / names[0]).unlink()
    gone = viewer.get(f"/audit/months/2026-01/{names[0]}")
    assert (gone.status_code, "ei ole väljundkaustas enam" in gone.text) == (404, True)


def test_both_sides_are_bars_with_their_numbers(opened: tuple[World, Any]) -> None:
    world, page = opened
    leave_month(world.engine, "default")
    leave_month(world.engine, "default", date(2026, 2, 1), unexplained="2.00")
    text = page("viewer").get("/audit").text
    picture = text[text.index('id="picture"') : text.index("</section>", text.index('id="picture"'))]
    labels = re.findall(r'aria-label="([^"]+)"', picture)
    assert labels == [
        "01.2026: Scoro €1,248.00, SmartAccounts €1,250.00, unexplained €0.00",
        "02.2026: Scoro €1,248.00, SmartAccounts €1,250.00, unexplained €2.00",
    ]
    assert picture.count('class="unexplained" x=') == 1
    heights = [int(each) for each in re.findall(r'class="(?:scoro|books)"[^>]* height="(\d+)"', picture)]
    assert heights == [80, 80, 80, 80]


def test_who_said_that_two_are_one(opened: tuple[World, Any]) -> None:
    world, page = opened
    day = FirstDay(world)
    source, remote = likely_pair(day)
    day.run()
    editor = page("user")
    editor.post("/decisions/pairs", {"choice": "same", "pairs": [f"client:{source}:{remote}"]})
    assert ", the user</td>" in editor.get("/decisions").text
    lines = [{"product_id": 0, "product_name": "Töö", "price": "100", "amount": "1", "vat_code_id": 9}]
    fields = {"company_id": int(source), "date": DAY.isoformat(), "deadline": DAY.isoformat(), "lines": lines}
    made = world.site.create("invoices", fields)
    world.run(DAY, DAY)
    told = page("viewer").get(f"/documents/sales_invoices/{made['id']}").text
    assert re.search(rf"= SmartAccounts {remote} · a person&#39;s decision · decided by the user \d\d\.", told), told
