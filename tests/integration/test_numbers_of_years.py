"""Small suppliers, and some series of one's own, count each year from 1: an equal number of another year is another
document, however much of the year before is known."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from scoro_smartaccounts.documents import Flow
from tests.integration.money import Money
from tests.integration.world import World

LAST_YEAR, NEW_YEAR = date(2025, 12, 15), date(2026, 1, 15)
FLOWS = (Flow.SALES_INVOICES, Flow.PURCHASE_INVOICES)


@pytest.fixture
def money(world: World) -> Money:
    world.company = world.company.model_copy(update={"first_import_date": date(2025, 12, 1)})
    return Money(world)


def totals(money: Money, flow: Flow) -> list[Decimal]:
    rows = money.world.invoices() if flow is Flow.SALES_INVOICES else money.world.bills()
    return sorted(Decimal(str(row["totalAmount"])) for row in rows)


@pytest.mark.parametrize("flow", FLOWS)
def test_both_in_one_run(money: Money, flow: Flow) -> None:
    for day, net in ((LAST_YEAR, "100"), (NEW_YEAR, "200")):
        money.enter(day, net, flow=flow, no="1")
    money.world.books.switches.change({"duplicate_sales_number": "allow"})
    summary = money.import_documents(LAST_YEAR, NEW_YEAR, flow)
    assert (summary["documents"]["created"], summary["documents"]["quarantined"]) == (2, 0)
    assert totals(money, flow) == [124, 248]


@pytest.mark.parametrize("flow", FLOWS)
def test_the_one_of_the_year_before_was_read_again(money: Money, flow: Flow) -> None:
    """Another document of its day brought it into the mirror."""
    money.world.books.switches.change({"duplicate_sales_number": "allow"})
    money.enter(LAST_YEAR, "100", flow=flow, no="1")
    money.import_documents(LAST_YEAR, LAST_YEAR, flow)
    money.enter(LAST_YEAR, "50", flow=flow, no="2")
    money.import_documents(LAST_YEAR, LAST_YEAR, flow)
    money.enter(NEW_YEAR, "200", flow=flow, no="1")
    money.import_documents(NEW_YEAR, NEW_YEAR, flow)
    assert totals(money, flow) == [62, 124, 248]
    assert money.cases() == []


@pytest.mark.parametrize("flow", FLOWS)
def test_the_same_year_stays_a_question(money: Money, flow: Flow) -> None:
    money.world.checked = True
    money.enter(LAST_YEAR, "100", flow=flow, no="1")
    money.import_documents(LAST_YEAR, LAST_YEAR, flow)
    money.enter(date(2025, 12, 20), "200", flow=flow, no="1")
    money.import_documents(LAST_YEAR, date(2025, 12, 20), flow)
    assert totals(money, flow) == [124]
    assert len(money.cases()) == 1
