"""Room outbox. Late documents of a month that SmartAccounts has locked: one refusal a run says it, and other months
go on."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from scoro_smartaccounts import pipeline
from scoro_smartaccounts.common.clock import TALLINN, tallinn_day
from scoro_smartaccounts.common.company import EntryDatePolicy, EntryDateRule, Mode
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.reasons import Reason, render
from scoro_smartaccounts.common.run import RunKind
from scoro_smartaccounts.outbox.locked import LockedMonths, locked_until
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
    assert "let periods.sales.locked in the company file be first_open_day" in sentence
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
        assert summary["documents"]["waiting"] == (1 if flow is SALES else 2)
        night(money, flow)
    # The refusal of the credit invoice told the bills of its day; the later ones found out for themselves, at once.
    assert entry_days(money, SALES) == ["100 12.01.2026", "300 01.02.2026"]
    assert entry_days(money, BILLS) == ["100 01.02.2026", "101 01.02.2026", "102 01.02.2026", "200 03.02.2026"]
    assert writes(money, BILLS) == 4 + 1


# A month that is locked until the 15th

NEW_YEAR, FIFTEENTH = date(2026, 1, 1), date(2026, 1, 15)
LOCKED_IN_PART = {"locked_until": FIFTEENTH.isoformat()}


def enter_each_day(money: Money, flow: Flow) -> None:
    """One document each of 1 to 23 January."""
    for number in range(23):
        money.enter(NEW_YEAR + timedelta(days=number), "100", flow=flow, no=f"1{number + 1:02}")


def test_the_open_half_of_a_month_is_not_moved(money: Money) -> None:
    money.world.books.switches.change(LOCKED_IN_PART)
    enter_each_day(money, BILLS)
    summary = money.import_documents(NEW_YEAR, FEBRUARY, BILLS)
    assert (summary["documents"]["created"], summary["documents"]["waiting"]) == (8, 15)
    assert writes(money, BILLS) == 8 + 1
    night(money, BILLS)
    on_their_day = [f"1{day} {day}.01.2026" for day in range(16, 24)]
    assert entry_days(money, BILLS) == [f"1{day:02} 01.02.2026" for day in range(1, 16)] + on_their_day
    assert writes(money, BILLS) == 23 + 1
    # Later ones cost no refusal.
    money.enter(FIFTEENTH, "100", flow=BILLS, no="201")
    money.enter(FIFTEENTH + timedelta(days=1), "100", flow=BILLS, no="202")
    money.import_documents(NEW_YEAR, FEBRUARY, BILLS)
    assert entry_days(money, BILLS)[-2:] == ["201 01.02.2026", "202 16.01.2026"]
    assert writes(money, BILLS) == 25 + 1


def test_what_waits_in_the_locked_half_keeps_nothing_of_the_open_half(money: Money) -> None:
    """A credit invoice comes after all invoices, one of which is refused every night."""
    money.world.books.switches.change(LOCKED_IN_PART)
    enter_each_day(money, SALES)
    assert money.import_documents(NEW_YEAR, FEBRUARY)["documents"]["created"] == 8
    base = next(iter(money.documents()))
    money.enter(JANUARY + timedelta(days=11), "-10", no="300", credited_invoices=[int(base)])
    for nights in range(1, 4):
        night(money, SALES)
        assert writes(money, SALES) == 8 + 1 + 1 + nights
    assert entry_days(money, SALES)[-1] == "300 23.01.2026"


def test_the_company_file_may_name_the_day_after_which_a_month_is_open(money: Money) -> None:
    money.world.books.switches.change(LOCKED_IN_PART)
    enter_each_day(money, BILLS)
    money.import_documents(NEW_YEAR, FEBRUARY, BILLS)
    policy = EntryDatePolicy(books_closed_until=FIFTEENTH)
    bills = money.world.company.purchase_invoices.model_copy(update={"entry_date": policy})
    money.world.company = money.world.company.model_copy(update={"purchase_invoices": bills})
    night(money, BILLS)
    assert entry_days(money, BILLS)[:15] == [f"1{day:02} 16.01.2026" for day in range(1, 16)]
    assert writes(money, BILLS) == 23 + 1


def test_a_late_document_of_each_day_finds_out_for_itself(money: Money) -> None:
    """Met in the order of their days, one a night: every one is refused once, and never more."""
    for number in range(5):
        money.enter(JANUARY + timedelta(days=number), "100", flow=BILLS, no=f"1{number:02}")
        money.import_documents(JANUARY, FEBRUARY, BILLS)
        night(money, BILLS)
        assert writes(money, BILLS) == 2 * (number + 1)
    money.enter(JANUARY, "100", flow=BILLS, no="200")
    money.import_documents(JANUARY, FEBRUARY, BILLS)
    assert {row.split()[1] for row in entry_days(money, BILLS)} == {"01.02.2026"}
    assert writes(money, BILLS) == 2 * 5 + 1


# A lock that was lifted


def move_all(money: Money, flow: Flow) -> None:
    """Two documents of 12 and 13 January meet the lock and are entered in February."""
    if flow is SALES:
        change(money, rule=EntryDateRule.FIRST_OPEN_DAY)
    enter(money, flow, late=2, good=0)
    money.import_documents(JANUARY, FEBRUARY, flow)
    night(money, flow)
    assert entry_days(money, flow) == ["100 01.02.2026", "101 01.02.2026"]
    assert writes(money, flow) == 2 + 1


@pytest.mark.parametrize("flow", [SALES, BILLS])
def test_a_lock_that_was_lifted_is_noticed_within_a_week(money: Money, flow: Flow) -> None:
    move_all(money, flow)
    money.world.books.switches.change(OPEN)
    money.enter(JANUARY, "100", flow=flow, no="200")
    money.import_documents(JANUARY, FEBRUARY, flow)
    assert entry_days(money, flow)[-1] == "200 01.02.2026"
    money.world.clock.advance(timedelta(days=7))
    for number in range(3):
        money.enter(JANUARY, "100", flow=flow, no=f"30{number}")
        money.import_documents(JANUARY, FEBRUARY, flow)
    assert entry_days(money, flow)[-3:] == ["300 12.01.2026", "301 12.01.2026", "302 12.01.2026"]
    assert writes(money, flow) == 2 + 1 + 1 + 3


def test_a_lock_that_was_lifted_is_noticed_by_what_others_enter(money: Money) -> None:
    move_all(money, BILLS)
    money.world.books.switches.change(OPEN)
    money.world.clock.advance(timedelta(hours=1))
    [vendor] = {row["vendorId"] for row in money.world.bills()}
    money.world.books.seed("purchasesales/vendorinvoices", by_hand(vendor))
    # The first one reads the documents of that day while it is planned; the next goes to its own day.
    for number in (200, 201):
        money.enter(JANUARY, "100", flow=BILLS, no=str(number))
        money.import_documents(JANUARY, FEBRUARY, BILLS)
    assert entry_days(money, BILLS)[-2:] == ["201 12.01.2026", "K-1 12.01.2026"]
    assert writes(money, BILLS) == 2 + 1 + 2


def by_hand(vendor: str) -> dict[str, Any]:
    row = {"code": "MUU", "description": "Muu", "price": "1", "quantity": "1", "vatPc": "24"}
    return {
        "vendorId": vendor,
        "date": f"{JANUARY:%d.%m.%Y}",
        "currency": "EUR",
        "invoiceNumber": "K-1",
        "isCalculateVat": True,
        "rows": [row],
    }


def test_a_payment_of_an_invoice_in_a_locked_month_says_nothing_of_the_lock(money: Money) -> None:
    """It moves `dateUpdated` of the invoice."""
    money.world.books.switches.change(OPEN)
    money.enter(JANUARY, "100", no="900")
    money.import_documents(JANUARY, JANUARY)
    money.world.books.switches.change(LOCKED)
    enter(money, SALES, late=1, good=0)
    money.import_documents(JANUARY, FEBRUARY)
    money.world.clock.advance(timedelta(hours=1))
    [invoice] = money.documents().values()
    money.pay({invoice: None}, FEBRUARY)
    money.world.run(JANUARY, FEBRUARY, mode=Mode.PREVIEW)
    with money.world.engine.connect() as connection:
        assert locked_until(connection, money.world.company.key, money.world.clock.now()) == JANUARY


def test_a_credit_invoice_notices_it_too(money: Money) -> None:
    money.world.books.switches.change(OPEN)
    base = money.enter(JANUARY, "100", no="100")
    money.import_documents(JANUARY, JANUARY)
    money.world.books.switches.change(LOCKED)
    money.enter(JANUARY, "-10", no="300", credited_invoices=[base])
    money.import_documents(JANUARY, FEBRUARY)
    night(money, SALES)
    money.world.books.switches.change(OPEN)
    money.world.clock.advance(timedelta(days=7))
    money.enter(JANUARY, "-10", no="301", credited_invoices=[base])
    money.import_documents(JANUARY, FEBRUARY)
    assert entry_days(money, SALES) == ["100 12.01.2026", "300 01.02.2026", "301 12.01.2026"]


def test_a_lock_that_stays_costs_what_moves_one_refusal_a_week(money: Money) -> None:
    move_all(money, BILLS)
    for week in range(1, 4):
        money.world.clock.advance(timedelta(days=6))
        for number in range(3):
            money.enter(JANUARY, "100", flow=BILLS, no=f"{week + 1}0{number}")
        money.import_documents(JANUARY, FEBRUARY, BILLS)
        night(money, BILLS)
        assert writes(money, BILLS) == 3 + week * (3 + 1)
    assert {row.split()[1] for row in entry_days(money, BILLS)} == {"01.02.2026"}
    assert waits(money) == []


def test_a_refusal_of_an_earlier_date_keeps_no_later_one_alive(money: Money) -> None:
    """An invoice that waits is refused every night; the lock may have moved back to it all the same."""
    company, now = money.world.company.key, datetime(2026, 2, 10, 9, tzinfo=TALLINN)
    with money.world.engine.begin() as connection:
        for days in range(10):
            months = LockedMonths(connection, company, now + timedelta(days=days))
            months.refused(JANUARY if days else FEBRUARY)
            assert locked_until(connection, company, now + timedelta(days=days)) == (FEBRUARY if days <= 7 else JANUARY)


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


def test_payments_of_the_open_half_of_a_month_go_on(money: Money) -> None:
    """Oldest first as always, until one is refused; from then on the newest first."""
    money.world.books.switches.change(LOCKED_IN_PART)
    groups = pay(money, good=0)
    money.import_payments(JANUARY, FEBRUARY)
    assert len(money.world.writes(PAYMENTS)) == 1
    # Of no day it is said that it is locked where that is not known.
    told = sorted(render(why) for why in waits(money))
    assert sum("has its day in a locked period" in sentence for sentence in told) == 1
    assert sum("has 12.01.2026 of the same month in a locked period" in sentence for sentence in told) == 11
    for nights in range(1, 4):
        night(money, Flow.PAYMENTS)
        assert {row["date"] for row in money.payments()} == {f"{day}.01.2026" for day in range(16, 24)}
        assert len(money.world.writes(PAYMENTS)) == 1 + 8 + nights
    assert money.waits() == {str(group): "month_locked" for group in groups[:4]}
    assert {why.key for why in waits(money)} == {"month_locked.payment"}
    money.world.books.switches.change(OPEN)
    night(money, Flow.PAYMENTS)
    assert (len(money.payments()), money.waits()) == (12, {})


def test_payments_of_one_document_keep_their_order_in_a_locked_month(money: Money) -> None:
    """Netting before the money that overpays: the other way round, nothing is left to net."""
    invoice = money.enter(FEBRUARY, "100")
    credit = money.enter(FEBRUARY, "-100", credited_invoices=[invoice])
    other = money.enter(FEBRUARY, "10")
    money.import_documents(FEBRUARY, FEBRUARY)
    money.receive("invoices", {invoice: "124", credit: "-124"}, JANUARY)
    money.receive("invoices", {invoice: "124"}, JANUARY + timedelta(days=5))
    money.receive("invoices", {other: None}, JANUARY + timedelta(days=3))
    money.import_payments(JANUARY, FEBRUARY)
    night(money, Flow.PAYMENTS)
    # The first, and the newest that nothing stands before.
    assert len(money.world.writes(PAYMENTS)) == 2
    money.world.books.switches.change(OPEN)
    assert night(money, Flow.PAYMENTS)["documents"]["created"] == 3
    assert (money.cases(), money.waits()) == ([], {})
    assert set(money.open_in_books().values()) == {0}
    assert len(money.world.writes(PAYMENTS)) == 2 + 3


def test_a_payment_of_the_open_half_goes_on_without_an_older_one_of_its_invoice(money: Money) -> None:
    money.world.books.switches.change(LOCKED_IN_PART)
    invoice = money.enter(FEBRUARY, "100")
    money.import_documents(FEBRUARY, FEBRUARY)
    first = money.receive("invoices", {invoice: "50"}, JANUARY)
    money.receive("invoices", {invoice: "74"}, JANUARY + timedelta(days=8))
    money.import_payments(JANUARY, FEBRUARY)
    night(money, Flow.PAYMENTS)
    assert {row["date"] for row in money.payments()} == {"20.01.2026"}
    assert money.waits() == {str(first): "month_locked"}
    assert len(money.world.writes(PAYMENTS)) == 1 + 1 + 1


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
    now = datetime(2026, 12, 20, 9, tzinfo=TALLINN)
    with money.world.engine.begin() as connection:
        months = LockedMonths(connection, money.world.company.key, now)
        months.refused(date(2027, 1, 2))
        assert months.holds(date(2027, 1, 15))
        assert not months.holds(date(2026, 12, 15))
        assert locked_until(connection, money.world.company.key, now) is None
        months.refused(JANUARY)
        assert months.holds(JANUARY)
        assert not months.holds(FEBRUARY)
        assert locked_until(connection, money.world.company.key, now) == JANUARY
