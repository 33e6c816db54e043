"""The demo. What the demo shows beyond Airflow: the bank's payments, and the table."""

from __future__ import annotations

from datetime import date, timedelta
from urllib.parse import urlsplit

import pytest

from scoro_smartaccounts.common.run import RunKind
from scoro_smartaccounts_demo import tour
from scoro_smartaccounts_demo.layout import Ports
from tests.integration.world import World

DAY = date(2026, 1, 15)


def test_the_bank_pays_what_scoro_holds_for_unpaid(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    client = world.site.create("contacts", {"name": "Näidis OÜ", "contact_type": "company"})["contact_id"]
    lines = [{"product_id": 0, "product_name": "Töö", "price": "100", "amount": "1", "vat_code_id": 9}]
    fields = {"company_id": client, "date": DAY.isoformat(), "deadline": DAY.isoformat(), "lines": lines}
    invoices = [world.site.create("invoices", fields) for _ in range(3)]
    world.site.pay("invoices", {invoices[0]["id"]: None})
    world.run(DAY, DAY)

    scoro, smartaccounts = (urlsplit(url).port or 0 for url in (world.scoro_url, world.smartaccounts_url))
    ports = Ports(airflow=0, scoro=scoro, smartaccounts=smartaccounts)
    assert tour.pay_at_the_bank(world.engine, ports) == 2
    paid = {row["id"] for payment in world.books.state()["payments"] for row in payment["rows"]}
    numbers = {row["invoiceNumber"] for row in world.invoices() if row["id"] in paid}
    assert numbers == {invoice["no"] for invoice in invoices[1:]}

    tour.tell(world.engine)
    table = capsys.readouterr().out.splitlines()[-1]
    assert table.split()[:8] == ["sales", "invoices", "by", "hand", "15.01.2026", "3", "3", "0"]


def test_what_the_schedule_was_quicker_with_is_told_once(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    def enter(day: date) -> None:
        client = world.site.create("contacts", {"name": f"Näidis {day} OÜ", "contact_type": "company"})["contact_id"]
        lines = [{"product_id": 0, "product_name": "Töö", "price": "100", "amount": "1", "vat_code_id": 9}]
        fields = {"company_id": client, "date": day.isoformat(), "deadline": day.isoformat(), "lines": lines}
        world.site.create("invoices", fields)

    enter(DAY)
    world.run(DAY, DAY, kind=RunKind.SCHEDULED)
    enter(DAY + timedelta(days=1))
    world.run(DAY, DAY + timedelta(days=1))
    world.run(DAY + timedelta(days=2), DAY + timedelta(days=2), kind=RunKind.SCHEDULED)
    tour.tell(world.engine)
    rows = [line.split()[2:] for line in capsys.readouterr().out.splitlines() if "sales invoices" in line]
    assert [row[:-1] for row in rows] == [
        ["schedule", "15.01.2026", "1", "1", "0", "0"],
        ["by", "hand", "15.01.2026-16.01.2026", "1", "1", "0", "0"],
    ]
