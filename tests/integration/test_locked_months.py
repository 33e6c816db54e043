"""Late documents of a month that SmartAccounts has locked: one refusal a run says it, and other months go on."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from scoro_smartaccounts import pipeline
from scoro_smartaccounts.clock import TALLINN, tallinn_day
from scoro_smartaccounts.company import EntryDatePolicy, EntryDateRule, Mode
from scoro_smartaccounts.documents import Flow
from scoro_smartaccounts.load.locked import LockedMonths
from scoro_smartaccounts.reasons import Reason, render
from scoro_smartaccounts.run import RunKind
from scoro_smartaccounts.staging.locked_periods import highest_refused
from scoro_smartaccounts.staging.schema import waiting
from tests.integration.money import PAYMENTS, SERVICES, Money
from tests.integration.world import World

JANUARY, FEBRUARY = date(2026, 1, 12), date(2026, 2, 3)
SALES, BILLS = Flow.SALES_INVOICES, Flow.PURCHASE_INVOICES
LOCKED = {"locked_until": "2026-01-31"}
OPEN = {"locked_until": ""}


@pytest.fixture
def money(world: World) -> Money:
    """It is the morning of 10 February; January is locked."""
    world.company = world.company.model_copy(update={"first_import_date": date(2026, 1, 1)})
    world.clock.set(datetime(2026, 2, 10, 9, tzinfo=TALLINN).astimezone(UTC))
    world.books.switches.change(LOCKED)
    return Money(world)


def enter(money: Money, flow: Flow, late: int = 12, good: int = 3) -> None:
    for number in range(late):
        money.enter(JANUARY + timedelta(days=number), "100", flow=flow, no=f"1{number:02}")
    for number in range(good):
        money.enter(FEBRUARY + timedelta(days=number), "100", flow=flow, no=f"2{number:02}")


def entry_days(money: Money, flow: Flow) -> list[str]:
    """Numbers and ledger dates in the books."""
    rows = money.world.books.state()[SERVICES[flow]]
    return sorted(f"{row['invoiceNumber']} {row['entryDate']}" for row in rows)


def writes(money: Money, flow: Flow) -> int:
    return len(money.world.writes(SERVICES[flow]))


def night(money: Money, flow: Flow) -> dict[str, Any]:
    """What the schedule does, a day later."""
    money.world.clock.advance(timedelta(days=1))
    yesterday = tallinn_day(money.world.clock.now()) - timedelta(days=1)
    return money.world.run(yesterday, yesterday, flow=flow, kind=RunKind.SCHEDULED)


def change(money: Money, **entry_date: Any) -> None:
    """Change `sales_invoices.entry_date` of the company file."""
    company = money.world.company
    policy = company.sales_invoices.model_copy(update={"entry_date": EntryDatePolicy(**entry_date)})
    money.world.company = company.model_copy(update={"sales_invoices": policy})


def waits(money: Money) -> list[Reason]:
    with money.world.engine.connect() as connection:
        return [Reason.from_json(row) for row in connection.scalars(select(waiting.c.reason))]


def test_one_locked_month_stops_no_other_and_costs_one_request_a_run(money: Money) -> None:
    enter(money, SALES)
    summary = money.import_documents(JANUARY, FEBRUARY + timedelta(days=5))
    assert (summary["documents"]["created"], summary["documents"]["waiting"]) == (3, 12)
    assert summary["documents"]["quarantined"] == 0
    assert writes(money, SALES) == 4
    assert {why.key for why in waits(money)} == {"month_locked"}
    sentence = render(waits(money)[0])
    assert "let sales_invoices.entry_date.rule in the company file be first_open_day" in sentence
    night(money, SALES)
    assert writes(money, SALES) == 5
    money.world.books.switches.change(OPEN)
    assert night(money, SALES)["documents"]["created"] == 12
    assert waits(money) == []
    night(money, SALES)
    assert writes(money, SALES) == 17


def test_a_month_that_is_locked_in_part_is_booked_as_far_as_it_is_open(money: Money) -> None:
    enter(money, SALES, good=0)
    money.import_documents(JANUARY, FEBRUARY)
    money.world.books.switches.change({"locked_until": "2026-01-15"})
    # 16 to 23 January, and the refusal of the 15th.
    assert night(money, SALES)["documents"]["created"] == 8
    assert writes(money, SALES) == 1 + 8 + 1


@pytest.mark.parametrize("closed_until", [None, date(2026, 1, 31)])
def test_the_setting_that_the_sentence_names_helps(money: Money, closed_until: date | None) -> None:
    enter(money, SALES, late=2, good=0)
    money.import_documents(JANUARY, FEBRUARY)
    change(money, rule=EntryDateRule.FIRST_OPEN_DAY, books_closed_until=closed_until)
    assert night(money, SALES)["documents"]["created"] == 2
    assert entry_days(money, SALES) == ["100 01.02.2026", "101 01.02.2026"]
    assert writes(money, SALES) == 3


def test_bills_and_credit_invoices_go_to_the_first_open_day(money: Money) -> None:
    money.world.books.switches.change(OPEN)
    base = money.enter(JANUARY, "100", no="100")
    money.import_documents(JANUARY, JANUARY)
    money.world.books.switches.change(LOCKED)
    money.enter(JANUARY, "-100", no="300", credited_invoices=[base])
    enter(money, BILLS, late=3, good=1)
    for flow in (SALES, BILLS):
        summary = money.import_documents(JANUARY, FEBRUARY, flow)
        assert summary["documents"]["waiting"] == (1 if flow is SALES else 0)
        night(money, flow)
    # The refusal of the credit invoice told the bills too.
    assert entry_days(money, SALES) == ["100 12.01.2026", "300 01.02.2026"]
    assert entry_days(money, BILLS) == ["100 01.02.2026", "101 01.02.2026", "102 01.02.2026", "200 03.02.2026"]
    assert writes(money, BILLS) == 4


@pytest.mark.parametrize("mode", [Mode.PREVIEW, Mode.IMPORT])
def test_what_the_company_file_closes_is_not_even_tried(money: Money, mode: Mode) -> None:
    change(money, books_closed_until=date(2026, 1, 31))
    enter(money, SALES, late=2, good=1)
    summary = money.world.run(JANUARY, FEBRUARY, mode=mode)
    assert summary["documents"]["waiting"] == 2
    assert writes(money, SALES) == (1 if mode is Mode.IMPORT else 0)
    assert "the books are closed until 31.01.2026" in summary["waiting"][0]
    change(money)
    money.world.books.switches.change(OPEN)
    assert money.import_documents(JANUARY, FEBRUARY)["documents"]["waiting"] == 0
    assert len(entry_days(money, SALES)) == 3


def test_a_refusal_without_a_known_key_is_one_like_others(money: Money) -> None:
    money.world.books.switches.change({"error_key_field": ""})
    enter(money, SALES)
    with pytest.raises(pipeline.LoadStopped, match="in a row"):
        money.import_documents(JANUARY, FEBRUARY)
    assert {code for _, _, code in money.cases()} == {"refused_by_smartaccounts"}


# Payments: the day of money is never moved


def pay(money: Money, late: int = 12, good: int = 3) -> list[int]:
    """Invoices of February, paid by receipts of January and of February."""
    groups = []
    for number in range(late + good):
        invoice = money.enter(FEBRUARY, "10", no=f"3{number:02}")
        day = JANUARY + timedelta(days=number) if number < late else FEBRUARY
        groups.append(money.receive("invoices", {invoice: None}, day))
    money.import_documents(FEBRUARY, FEBRUARY)
    return groups


def test_payments_of_a_locked_month_wait_for_it(money: Money) -> None:
    groups = pay(money)
    told = money.import_payments(JANUARY, FEBRUARY)
    assert (told["documents"]["created"], told["documents"]["waiting"]) == (3, 12)
    assert {row["date"] for row in money.payments()} == {"03.02.2026"}
    assert money.cases() == []
    assert money.waits() == {str(group): "month_locked" for group in groups[:12]}
    # One refused write says enough, tonight and every night.
    assert len(money.world.writes(PAYMENTS)) == 3 + 1
    night(money, Flow.PAYMENTS)
    assert len(money.world.writes(PAYMENTS)) == 3 + 2
    # Opened again, all go, each on its own day.
    money.world.books.switches.change(OPEN)
    assert night(money, Flow.PAYMENTS)["documents"]["created"] == 12
    assert money.waits() == {}
    assert len({row["date"] for row in money.payments()}) == 13


def test_a_later_payment_of_the_same_invoice_goes_on(money: Money) -> None:
    invoice = money.enter(FEBRUARY, "100")
    money.import_documents(FEBRUARY, FEBRUARY)
    first = money.receive("invoices", {invoice: "50"}, JANUARY)
    money.receive("invoices", {invoice: "74"}, FEBRUARY)
    money.import_payments(JANUARY, FEBRUARY)
    night(money, Flow.PAYMENTS)
    assert {row["date"] for row in money.payments()} == {"03.02.2026"}
    assert money.waits() == {str(first): "month_locked"}
    money.world.books.switches.change(OPEN)
    night(money, Flow.PAYMENTS)
    assert set(money.open_in_books().values()) == {0}


def test_entered_by_hand_on_an_open_day_it_is_dismissed(money: Money) -> None:
    """As the sentence says."""
    [group] = pay(money, late=1, good=0)
    money.import_payments(JANUARY, FEBRUARY)
    [invoice] = money.documents().values()
    money.pay({invoice: None}, FEBRUARY)
    money.dismiss(group)
    money.world.books.switches.change(OPEN)
    night(money, Flow.PAYMENTS)
    assert len(money.payments()) == 1
    assert (money.cases(), money.waits()) == ([], {})


def test_a_date_to_come_that_is_refused_says_nothing_of_the_months_before(money: Money) -> None:
    """Its year is not opened yet."""
    with money.world.engine.begin() as connection:
        months = LockedMonths(connection, money.world.company.key, SALES, date(2026, 12, 20))
        months.refused(date(2027, 1, 2))
        assert months.holds(date(2027, 1, 15))
        assert not months.holds(date(2026, 12, 15))
        assert highest_refused(connection, money.world.company.key) is None
        months.refused(JANUARY)
        assert months.holds(JANUARY)
        assert not months.holds(FEBRUARY)
        assert highest_refused(connection, money.world.company.key) == JANUARY
