"""Room matching/documents. Small suppliers, and some series of one's own, count each year from 1: an equal number of
another year is another document, however much of the year before is known."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from scoro_smartaccounts.common.documents import Flow
from tests.integration.money import Money
from tests.integration.remedies.desk import PARTNERS, Desk
from tests.integration.world import World

LAST_YEAR, NEW_YEAR = date(2025, 12, 15), date(2026, 1, 15)
CODE = "19000022"
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


# Of an equal number, an equal total and another year: another document, or a mistyped date. A person says which.

EQUAL = [
    pytest.param(Flow.SALES_INVOICES, False, id="invoice"),
    pytest.param(Flow.SALES_INVOICES, True, id="credit-invoice"),
    pytest.param(Flow.PURCHASE_INVOICES, False, id="bill"),
    pytest.param(Flow.PURCHASE_INVOICES, True, id="negative-bill"),
]


def of_both_years(money: Money, flow: Flow, *, is_credit: bool) -> tuple[int, str]:
    """Number 1 of last year was booked by hand in SmartAccounts, number 1 of this year stands in Scoro; its id, and the
    other one's id in SmartAccounts. A document of last year's day brings that one into sight."""
    money.world.books.switches.change({"duplicate_sales_number": "allow"})
    desk = Desk(money.world)
    partner = desk.known_as(money.partner(CODE), flow)
    of_kind: dict[str, Any] = {}
    if is_credit:
        row = {"code": "KASI", "description": "Käsitsi", "price": "100.00", "vatPc": "24"}
        of_kind = {"type": "CRE"} if flow is Flow.SALES_INVOICES else {"rows": [{**row, "quantity": "-1"}]}
    remote = desk.book(flow, partner, "1", date=f"{LAST_YEAR:%d.%m.%Y}", **of_kind)
    base = money.enter(LAST_YEAR, "300", flow=flow, no="2")
    credits: dict[str, Any] = {"credited_invoices": [base]} if is_credit and flow is Flow.SALES_INVOICES else {}
    made = money.enter(NEW_YEAR, "-100" if is_credit else "100", flow=flow, no="1", **credits)
    return made, remote


@pytest.mark.parametrize(("flow", "is_credit"), EQUAL)
def test_an_equal_one_of_another_year_is_a_question_that_retry_answers(
    money: Money, flow: Flow, is_credit: bool
) -> None:
    made, remote = of_both_years(money, flow, is_credit=is_credit)
    summary = money.import_documents(LAST_YEAR, NEW_YEAR, flow)
    assert money.cases() == [(flow.value, str(made), "possible_duplicate")]
    assert f"{flow.noun.capitalize()} 1 of 15.01.2026" in summary["quarantined"][0]
    assert f"{flow.noun} 1 of 15.12.2025" in summary["quarantined"][0]
    money.retry(made)
    summary = money.import_documents(NEW_YEAR, NEW_YEAR, flow)
    assert (summary["documents"]["created"], money.cases()) == (1, [])
    assert money.remote(made, flow) != remote
    assert money.import_documents(LAST_YEAR, NEW_YEAR, flow)["documents"]["already_there"] == 2
    assert len(totals(money, flow)) == 3


@pytest.mark.parametrize(("flow", "is_credit"), EQUAL)
def test_an_equal_one_of_another_year_is_left_when_it_is_dismissed(money: Money, flow: Flow, is_credit: bool) -> None:
    money.world.checked = True
    made, _ = of_both_years(money, flow, is_credit=is_credit)
    money.import_documents(LAST_YEAR, NEW_YEAR, flow)
    assert (flow.value, str(made), "possible_duplicate") in money.cases()
    money.dismiss(made)
    for _ in range(2):
        money.import_documents(LAST_YEAR, NEW_YEAR, flow)
        assert (money.cases(), len(totals(money, flow))) == ([], 2)


@pytest.mark.parametrize("flow", FLOWS)
def test_an_answer_about_one_is_none_about_another(money: Money, flow: Flow) -> None:
    made, _ = of_both_years(money, flow, is_credit=False)
    money.import_documents(LAST_YEAR, NEW_YEAR, flow)
    money.retry(made)
    # Before the next run one more of this number of last year comes to light.
    day = date(2025, 12, 22)
    [partner] = [row["id"] for row in money.world.books.records[PARTNERS[flow]].values() if row.get("regCode") == CODE]
    Desk(money.world).book(flow, partner, "1", date=f"{day:%d.%m.%Y}")
    money.enter(day, "50", flow=flow, no="3")
    summary = money.import_documents(day, NEW_YEAR, flow)
    assert money.cases() == [(flow.value, str(made), "possible_duplicate")]
    assert f"{flow.noun} 1 of 22.12.2025" in summary["quarantined"][0]
    money.retry(made)
    assert money.import_documents(NEW_YEAR, NEW_YEAR, flow)["documents"]["created"] == 1
