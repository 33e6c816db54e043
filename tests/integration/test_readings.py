"""What the services may answer otherwise than is assumed: the books are right in either position of the switch."""

from __future__ import annotations

from datetime import date

import pytest

from scoro_smartaccounts.documents import Flow
from scoro_smartaccounts.sandbox.faults import FaultKind
from tests.integration.money import SERVICES, Money
from tests.integration.test_in_doubt import lose, numbers, run_of
from tests.integration.world import World

DAY = date(2026, 1, 15)
DOCUMENTS = (Flow.SALES_INVOICES, Flow.PURCHASE_INVOICES)
either = pytest.mark.parametrize("excluded", [False, True], ids=["dateTo-includes", "dateTo-excludes"])


@pytest.fixture
def money(world: World) -> Money:
    return Money(world)


@either
@pytest.mark.parametrize("flow", DOCUMENTS)
def test_what_was_booked_on_the_last_day_without_an_answer_is_found(money: Money, flow: Flow, excluded: bool) -> None:
    world = money.world
    world.books.switches.change({"date_to_excluded": excluded, "duplicate_sales_number": "allow"})
    money.enter(DAY, "100", flow=flow, no="7")
    lose(world, f"{SERVICES[flow]}:add", FaultKind.STATUS_AFTER, times=3)
    _, summary = run_of(world, flow=flow)
    assert summary["documents"]["created"] == 1
    assert numbers(world, flow) == ["7"]


@either
@pytest.mark.parametrize("flow", DOCUMENTS)
def test_what_was_entered_by_hand_on_the_last_day_is_not_booked_again(money: Money, flow: Flow, excluded: bool) -> None:
    world = money.world
    world.books.switches.change({"date_to_excluded": excluded, "duplicate_sales_number": "allow"})
    money.enter(DAY, "100", flow=flow, no="7")
    money.import_documents(DAY, DAY, flow)
    by_hand = next(iter(world.books.state()[SERVICES[flow]]))
    partner = "vendorId" if flow is Flow.PURCHASE_INVOICES else "clientId"
    body = {key: by_hand[key] for key in (partner, "currency", "date", "dueDate", "entryDate")}
    rows = [
        {key: row[key] for key in ("code", "description", "price", "quantity", "vatPc") if key in row}
        for row in by_hand["rows"]
    ]
    money.enter(DAY, "100", flow=flow, no="8")
    world.books.seed(f"purchasesales/{SERVICES[flow]}", body | {"rows": rows, "invoiceNumber": "8"})
    summary = money.import_documents(DAY, DAY, flow)
    assert numbers(world, flow) == ["7", "8"]
    assert summary["documents"]["created"] == 0
