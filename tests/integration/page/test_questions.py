"""Room page. What people ask is answered by the page alone, by at most three clicks from the overview."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, timedelta
from html import unescape
from typing import Any

import pytest

from scoro_smartaccounts.common.documents import Flow
from tests.integration.money import Money
from tests.integration.office import DAY, Office
from tests.integration.page.audited import leave_drift, leave_month, leave_night
from tests.integration.world import World

ROOT = "/scoro-smartaccounts"
FEBRUARY = date(2026, 2, 1)


@dataclass
class Walk:
    """Somebody who begins at the overview and follows links that are seen."""

    visitor: Any
    clicks: int = 0
    html: str = field(init=False)

    def __post_init__(self) -> None:
        self._look("/")

    @property
    def text(self) -> str:
        """What is read there."""
        return " ".join(unescape(re.sub(r"<[^>]+>", " ", self.html)).split())

    def click(self, name: str) -> Walk:
        links = re.findall(r'<a ([^>]*)href="([^"]+)"([^>]*)>(.*?)</a>', self.html, re.DOTALL)
        found = [
            to
            for before, to, after, inner in links
            if re.search(name, " ".join(re.sub(r"<[^>]+>", " ", inner).split()))
            or re.search(f'aria-label="{name}', before + after)
            or re.search(name, to)
        ]
        assert found, (name, self.text)
        self._look(unescape(found[0]).removeprefix(ROOT).partition("#")[0])
        return self._counted()

    def search(self, text: str = "", flow: str = "") -> Walk:
        assert 'name="search_secret"' in self.html
        self._look(f"/documents?search_secret={text}&flow={flow}")
        return self._counted()

    def _look(self, path: str) -> None:
        answer = self.visitor.get(path)
        assert answer.status_code == 200, answer.text
        self.html = answer.text

    def _counted(self) -> Walk:
        self.clicks += 1
        assert self.clicks <= 3
        return self


def test_ten_questions(opened: tuple[World, Any], office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    world, page = opened
    for screen in ("overview", "audit", "importing"):
        monkeypatch.setattr(f"scoro_smartaccounts.page.routes.{screen}.utc_now", world.clock.now)
    money = Money(world)
    good = money.enter(DAY, "100")
    approved = office.plan(DAY, DAY)
    assert approved["to_approve"] == 1
    key = office.ask()
    office.answer(key)
    office.release(key)
    bad = money.enter(DAY, "50")
    number, without_client = (str(world.site.get("invoices", each)["no"]) for each in (good, bad))
    world.site.put("invoices", {**world.site.get("invoices", bad), "company_id": 0, "person_id": 0})
    world.run(DAY, DAY)
    money.receive("invoices", {good: None}, DAY)
    money.import_payments(DAY, DAY)
    [booked] = money.payments()
    leave_night(world.engine, "default", world.clock.now().date())
    leave_drift(world.engine, "default", str(good), number=number)
    leave_month(world.engine, "default", FEBRUARY, unexplained="2.00", source_id=str(good))

    def walk() -> Walk:
        return Walk(page("viewer"))

    waits = walk().text
    assert "1 document in quarantine: it waits for a person's decision" in waits
    assert "1 difference between the systems" in waits

    why = walk().click("^Documents$").search(without_client).click(f"^{without_client}$").text
    assert "quarantin" in why
    assert re.search(r"[Cc]lient", why)

    missing = walk()
    day = DAY + timedelta(days=1)
    assert f'title="{day:%d.%m.%Y}: missing"' in missing.html
    assert re.search(r"Next to import: \d\d\.\d\d", missing.text)

    february = walk().click("^Audit$").click("^February 2026$").text
    assert "Differences that nothing explains: 1" in february

    approver = walk().click("^Documents$").search(number).click(f"^{number}$").text
    assert re.search(r"Answered by raamatupidaja, \d\d\.\d\d\.2026", approver)

    differs = walk().click("difference between the systems").click(r"Difference \d+, documents").text
    assert number in differs
    assert "was booked" in differs

    last = walk().text
    assert re.search(r"Sales invoices .*?Newest run \d\d\.\d\d\.2026 \d\d:\d\d: \d created", last)
    assert "1 in quarantine" in last

    planned = walk().click("^Import$").text
    assert re.search(r"Next to import: \d\d\.\d\d", planned)

    assert re.search(r"Requests in 24 hours: \d+ of 1,000", walk().text)

    payment = walk().click("^Documents$").search(flow="payments").click("/documents/payments/").text
    assert f"id {booked['id']}" in payment
    assert Flow.PAYMENTS.target in payment
