"""Room plan. Late documents of months whose VAT return is saved or filed: asked about, moved, booked with a word."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from scoro_smartaccounts import pipeline
from scoro_smartaccounts.common.clock import TALLINN, tallinn_day
from scoro_smartaccounts.common.company import Mode
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.errors import TransientError
from scoro_smartaccounts.common.period_policy import PeriodPolicy
from scoro_smartaccounts.common.periods import MonthState, Said
from scoro_smartaccounts.common.run import RunKind
from scoro_smartaccounts.staging.answers import Choice
from scoro_smartaccounts.staging.periods import known_months, say
from scoro_smartaccounts.staging.quarantine import choose, list_cases
from scoro_smartaccounts.staging.schema import waiting
from scoro_smartaccounts_sandbox.faults import Fault, FaultKind
from scoro_smartaccounts_sandbox.scoro.reference_data import VAT_22, VAT_24
from tests.integration.killed import run_and_kill
from tests.integration.money import PAYMENTS, SERVICES, Money, said
from tests.integration.world import Summary, World
from tests.tiers import slow_but

JANUARY, LATE, FEBRUARY = date(2026, 1, 1), date(2026, 1, 12), date(2026, 2, 3)
SALES, BILLS = Flow.SALES_INVOICES, Flow.PURCHASE_INVOICES


@pytest.fixture
def money(world: World) -> Money:
    """It is the morning of 10 February; the return of January is saved, with one invoice of it."""
    world.company = world.company.model_copy(update={"first_import_date": JANUARY})
    at(world, date(2026, 2, 10))
    money = Money(world)
    money.enter(JANUARY + timedelta(days=4), "100", no="100")
    money.import_documents(JANUARY, JANUARY + timedelta(days=10))
    world.books.save_return(JANUARY)
    world.clock.advance(timedelta(minutes=30))
    world.server.calls.clear()
    return money


def at(world: World, day: date) -> None:
    world.clock.set(datetime(day.year, day.month, day.day, 9, tzinfo=TALLINN).astimezone(UTC))


def having(money: Money, **rules: Any) -> None:
    """The section `periods` of the company file."""
    periods = PeriodPolicy.model_validate(rules)
    money.world.company = money.world.company.model_copy(update={"periods": periods})


def entry_days(money: Money, flow: Flow = SALES) -> dict[str, str]:
    rows = money.world.books.state()[SERVICES[flow]]
    return {row["invoiceNumber"]: row["entryDate"] for row in rows}


def asked_for_returns(money: Money) -> int:
    """Requests for VAT returns."""
    return sum(call["params"].get("docType") == "VAT_RETURN" for call in money.world.calls("read"))


def night(money: Money, flow: Flow = SALES) -> Summary:
    money.world.clock.advance(timedelta(days=1))
    yesterday = tallinn_day(money.world.clock.now()) - timedelta(days=1)
    return money.world.run(yesterday, yesterday, flow=flow, kind=RunKind.SCHEDULED)


def answer(money: Money, number: str, choice: Choice) -> None:
    with money.world.engine.begin() as connection:
        assert choose(connection, money.world.company.key, [number], choice, code="period_ask")


def tell(money: Money, said: Said, month: date = JANUARY) -> None:
    with money.world.engine.begin() as connection:
        say(connection, money.world.company.key, month, said, money.world.clock.now())


def state(money: Money, month: date = JANUARY) -> MonthState:
    with money.world.engine.connect() as connection:
        known = known_months(connection, money.world.company.key)
    return known[month].state(tallinn_day(money.world.clock.now()))


# The question


def test_one_question_and_three_bookings(money: Money) -> None:
    money.enter(LATE, "100", no="101")
    for number in range(3):
        money.enter(FEBRUARY + timedelta(days=number), "100", no=f"20{number}")
    summary = money.import_documents(JANUARY, FEBRUARY + timedelta(days=4))
    assert (summary["documents"]["created"], summary["documents"]["quarantined"]) == (3, 1)
    assert [code for _, _, code in money.cases()] == ["period_ask"]
    [line] = summary["periods"]
    assert line == (
        "January 2026: its VAT return is saved (seen on 10.02.2026). Of sales invoices: 1 document, VAT 24.00; each is"
        " asked about."
    )
    assert "Months that are declared or locked:" in said(summary)
    # A night later it is the same question; nothing else is asked.
    night(money)
    assert [code for _, _, code in money.cases()] == ["period_ask"]


def test_a_filed_month_asks_of_bills_only_where_the_company_file_says_so(money: Money) -> None:
    at(money.world, date(2026, 2, 21))
    having(money, bills={"filed": "ask"})
    money.enter(LATE, "100", flow=BILLS, no="101")
    for number in range(3):
        money.enter(FEBRUARY + timedelta(days=number), "100", flow=BILLS, no=f"20{number}")
    summary = money.import_documents(JANUARY, FEBRUARY + timedelta(days=4), BILLS)
    assert (summary["documents"]["created"], summary["documents"]["quarantined"]) == (3, 1)
    assert "is over: so it is taken for filed" in summary["periods"][0]
    having(money)
    night(money, BILLS)
    assert entry_days(money, BILLS)["101"] == "01.02.2026"
    assert money.cases() == []


@pytest.mark.parametrize(
    ("choice", "entered"), [(Choice.OWN_MONTH, "12.01.2026"), (Choice.FIRST_OPEN_DAY, "01.02.2026")]
)
def test_either_answer_is_followed(money: Money, choice: Choice, entered: str) -> None:
    money.enter(LATE, "100", no="101")
    money.import_documents(JANUARY, FEBRUARY)
    answer(money, "101", choice)
    # A preview shows what will be, and uses no answer up.
    money.world.run(JANUARY, FEBRUARY, mode=Mode.PREVIEW)
    night(money)
    assert entry_days(money)["101"] == entered
    assert money.cases() == []


def test_retry_without_a_choice_asks_again(money: Money) -> None:
    source_id = money.enter(LATE, "100", no="101")
    money.import_documents(JANUARY, FEBRUARY)
    money.retry(source_id)
    night(money)
    assert [code for _, _, code in money.cases()] == ["period_ask"]
    with money.world.engine.connect() as connection:
        [case] = list_cases(connection, money.world.company.key, ["open"])
    assert case.state == "open"


def test_an_answer_does_not_outlive_the_document_that_it_is_about(money: Money) -> None:
    source_id = money.enter(LATE, "100", no="101")
    money.import_documents(JANUARY, FEBRUARY)
    answer(money, "101", Choice.OWN_MONTH)
    line = {"product_id": 0, "product_name": "Töö", "price": "900", "amount": "1", "vat_code_id": 9}
    money.world.site.modify("invoices", source_id, {"lines": [line]})
    night(money)
    assert "101" not in entry_days(money)
    assert [code for _, _, code in money.cases()] == ["period_ask"]


def test_a_month_that_is_filed_meanwhile_is_asked_about_again(money: Money) -> None:
    money.enter(LATE, "100", no="101")
    money.import_documents(JANUARY, FEBRUARY)
    answer(money, "101", Choice.OWN_MONTH)
    tell(money, Said.FILED)
    night(money)
    assert "101" not in entry_days(money)
    assert [code for _, _, code in money.cases()] == ["period_ask"]


def test_a_preview_tells_what_will_be_of_each_month(money: Money) -> None:
    money.enter(LATE, "100", no="101")
    base = next(iter(money.documents()))
    money.enter(LATE, "-10", no="300", credited_invoices=[int(base)])
    summary = money.world.run(JANUARY, FEBRUARY, mode=Mode.PREVIEW)
    assert [line.partition("). ")[2] for line in summary["periods"]] == [
        "Of sales invoices: 1 document, VAT 24.00; each is asked about.",
        "Of credit invoices: 1 document, VAT -2.40; entered on 01.02.2026.",
    ]
    [workbook] = money.world.output.glob("**/*.xlsx")
    cells = {cell for row in load_workbook(workbook)["Kokkuvõte"].iter_rows(values_only=True) for cell in row}
    assert any("Liik müügiarved: dokumente 1, käibemaks 24.00; iga kohta küsitakse." in str(cell) for cell in cells)
    assert money.world.writes() == []


# Both kinds of documents that move, and payments


def test_credit_invoices_go_to_the_first_open_day_by_themselves(money: Money) -> None:
    base = next(iter(money.documents()))
    money.enter(LATE, "-10", no="300", credited_invoices=[int(base)])
    summary = money.import_documents(JANUARY, FEBRUARY)
    assert entry_days(money)["300"] == "01.02.2026"
    assert any("entry_moved" in line or "entered on 01.02.2026" in line for line in summary["warnings"])


def test_the_first_open_day_follows_the_last_return(money: Money) -> None:
    at(money.world, date(2026, 3, 5))
    money.world.books.save_return(date(2026, 2, 1))
    base = next(iter(money.documents()))
    money.enter(LATE, "-10", no="300", credited_invoices=[int(base)])
    money.import_documents(JANUARY, FEBRUARY)
    assert entry_days(money)["300"] == "01.03.2026"


def test_payments_keep_their_day_and_ask_nothing(money: Money) -> None:
    invoice = next(iter(money.documents()))
    money.receive("invoices", {int(invoice): None}, LATE)
    summary = money.import_payments(JANUARY, FEBRUARY)
    assert summary["documents"]["created"] == 1
    assert {row["date"] for row in money.payments()} == {"12.01.2026"}
    assert asked_for_returns(money) == 0


@pytest.mark.parametrize("ends", ["reopened", "deleted", "company file"])
def test_payments_wait_where_the_company_file_says_so(money: Money, ends: str) -> None:
    having(money, payments={"saved": "wait"})
    invoice = next(iter(money.documents()))
    money.receive("invoices", {int(invoice): None}, LATE)
    assert money.import_payments(JANUARY, FEBRUARY)["documents"]["waiting"] == 1
    assert list(money.waits().values()) == ["period_waits"]
    if ends == "reopened":
        tell(money, Said.REOPENED)
    elif ends == "deleted":
        [key] = money.world.books._ledger.returns
        money.world.books.delete_return(key)
    else:
        having(money)
    night(money, Flow.PAYMENTS)
    assert (len(money.payments()), money.waits()) == (1, {})


# What is known of a month


@pytest.mark.parametrize("day", slow_but(["last"], ["last", "next_first", "twentieth"]))
@pytest.mark.parametrize("link", slow_but(["number"], ["number", "id"]))
def test_a_payment_of_the_return_tells_that_it_is_filed(world: World, day: str, link: str) -> None:
    world.company = world.company.model_copy(update={"first_import_date": JANUARY})
    world.books.switches.change({"return_entry_on": day, "entry_link": link})
    at(world, date(2026, 2, 10))
    money = Money(world)
    money.enter(JANUARY + timedelta(days=4), "100", no="100")
    money.import_documents(JANUARY, JANUARY + timedelta(days=10))
    key = world.books.save_return(JANUARY)
    money.enter(LATE, "100", no="101")
    world.clock.advance(timedelta(hours=1))
    money.import_documents(JANUARY, FEBRUARY)
    assert state(money) is MonthState.SAVED
    world.books.pay_return(key, day=date(2026, 2, 12))
    at(world, date(2026, 2, 13))
    money.import_payments(FEBRUARY, FEBRUARY)
    money.import_documents(JANUARY, FEBRUARY)
    assert state(money) is MonthState.FILED


def test_what_a_person_says_holds_until_the_return_is_saved_anew(money: Money) -> None:
    money.enter(LATE, "100", no="101")
    money.import_documents(JANUARY, FEBRUARY)
    tell(money, Said.REOPENED)
    night(money)
    assert entry_days(money)["101"] == "12.01.2026"
    money.world.books.save_return(JANUARY)
    money.enter(LATE, "100", no="102")
    night(money)
    assert "102" not in entry_days(money)
    assert state(money) is MonthState.SAVED


def test_a_month_without_a_return_is_filed_where_somebody_says_so(world: World) -> None:
    world.company = world.company.model_copy(update={"first_import_date": JANUARY})
    at(world, date(2026, 2, 10))
    money = Money(world)
    tell(money, Said.FILED)
    money.enter(LATE, "100", no="101")
    assert money.import_documents(JANUARY, FEBRUARY)["documents"]["quarantined"] == 1


def test_the_right_to_the_ledger_is_missing_and_that_is_said(money: Money) -> None:
    money.world.books.switches.change({"entries_right": "missing_403"})
    money.enter(LATE, "100", no="101")
    summary = money.import_documents(JANUARY, FEBRUARY)
    # What was known stays: nothing was, before the return was saved.
    assert summary["documents"]["created"] == 1
    assert summary["periods"][0].startswith("PERIODS: which months are declared is not known")
    tell(money, Said.FILED)
    money.enter(LATE, "100", no="102")
    assert money.import_documents(JANUARY, FEBRUARY)["documents"]["quarantined"] == 1


def test_nothing_is_planned_where_the_ledger_does_not_answer_and_holds_returns(money: Money) -> None:
    money.enter(LATE, "100", no="101")
    money.import_documents(JANUARY, FEBRUARY)
    money.world.clock.advance(timedelta(hours=1))
    money.world.server.faults.add(Fault(FaultKind.STATUS, where="general/entries:get", status=503, times=50))
    request = money.world.request(JANUARY, FEBRUARY)
    services = money.world.services(request)
    pipeline.extract(request, services)
    with pytest.raises(TransientError):
        pipeline.reconcile_and_plan(request, services)


def test_a_company_without_returns_goes_on_where_the_ledger_does_not_answer(world: World) -> None:
    at(world, date(2026, 2, 10))
    money = Money(world)
    money.enter(LATE, "100", no="101")
    world.server.faults.add(Fault(FaultKind.STATUS, where="general/entries:get", status=503, times=50))
    summary = money.import_documents(JANUARY, FEBRUARY)
    assert summary["documents"]["created"] == 1
    assert "its ledger does not answer" in summary["periods"][0]


# After the return


def test_what_is_booked_after_the_return_is_told_until_it_is_calculated_again(money: Money) -> None:
    having(money, sales={"saved": "book"})
    money.enter(LATE, "100", no="101")
    summary = money.import_documents(JANUARY, FEBRUARY)
    assert summary["documents"]["created"] == 1
    assert any("is saved" in line for line in summary["warnings"])
    told = "January 2026: 1 document (VAT 24.00) was entered after its return was calculated."
    for number in range(2):
        money.enter(FEBRUARY + timedelta(days=number), "100", no=f"20{number}")
        assert night(money)["periods"][-1].startswith(told)
    money.world.books.save_return(JANUARY)
    money.enter(FEBRUARY, "100", no="203")
    assert night(money)["periods"] == []


def test_somebody_may_say_that_it_was_done(money: Money) -> None:
    having(money, sales={"saved": "book", "filed": "book"})
    money.enter(LATE, "100", no="101")
    assert len(money.import_documents(JANUARY, FEBRUARY)["periods"]) == 2
    money.world.clock.advance(timedelta(minutes=10))
    tell(money, Said.FILED)
    assert night(money)["periods"] == []


# Requests


def test_the_requests_for_returns_are_counted(money: Money) -> None:
    def requests() -> int:
        found = asked_for_returns(money)
        money.world.server.calls.clear()
        return found

    # A month that goes on has no return: none. Nothing to plan: none.
    money.enter(FEBRUARY, "100", no="200")
    night(money)
    assert requests() == 0
    night(money)
    assert requests() == 0
    # A late one costs one, however many there are.
    for number in range(3):
        money.enter(LATE, "100", no=f"10{number + 1}")
    night(money)
    assert requests() == 1
    # While it is asked about, each run looks whether it is open again.
    night(money)
    assert requests() == 1
    for number in range(3):
        answer(money, f"10{number + 1}", Choice.OWN_MONTH)
    night(money)
    assert requests() == 1
    # What was booked after the return costs one with the next run that plans something.
    night(money)
    assert requests() == 0
    money.enter(FEBRUARY, "100", no="201")
    night(money)
    assert requests() == 1


# A year


def test_a_year_over_the_change_of_the_rate(world: World) -> None:
    """June and July of 2025 are filed; a late invoice of June keeps 22 %, with a warning in August."""
    world.company = world.company.model_copy(update={"first_import_date": date(2025, 1, 1)})
    having(money := Money(world), sales={"filed": "first_open_day"})

    def enter(day: date, number: str) -> None:
        line = {"product_id": 0, "product_name": "Töö", "price": "100", "amount": "1"}
        line |= {"vat_code_id": VAT_24 if day >= date(2025, 7, 1) else VAT_22}
        money.enter(day, "100", no=number, lines=[line])

    for month in range(5, 9):
        at(world, date(2025, month, 28))
        enter(date(2025, month, 10), f"{month}00")
        money.import_documents(date(2025, month, 1), date(2025, month, 27))
    for month in (6, 7):
        world.books.save_return(date(2025, month, 1))
    at(world, date(2025, 8, 29))
    enter(date(2025, 6, 20), "601")
    enter(date(2025, 7, 20), "701")
    enter(date(2025, 5, 20), "501")
    summary = money.import_documents(date(2025, 5, 1), date(2025, 8, 28))
    assert summary["documents"]["created"] == 3
    days = entry_days(money)
    # May has no return, and keeps its day.
    assert (days["601"], days["701"], days["501"]) == ("01.08.2025", "01.08.2025", "20.05.2025")
    assert sum("which ended on 30.06.2025" in line for line in summary["warnings"]) == 1
    vat = {row["invoiceNumber"]: row["vatAmount"] for row in world.invoices()}
    assert (vat["601"], vat["701"]) == (22, 24)


# Killed anywhere


@pytest.mark.parametrize("moment", slow_but([3], range(12)))
def test_a_run_that_is_killed_asks_and_books_once(money: Money, moment: int) -> None:
    having(money, sales={"saved": "ask"})
    money.enter(LATE, "100", no="101")
    money.enter(LATE, "100", no="102")
    money.enter(FEBRUARY, "100", no="200")
    request = money.world.request(JANUARY, FEBRUARY)
    for step in money.world.steps:
        run_and_kill(money.world, request, step, moment)
        step(request, money.world.services(request))
    assert sorted(entry_days(money)) == ["100", "200"]
    assert [code for _, _, code in money.cases()] == ["period_ask"] * 2
    answer(money, "101", Choice.OWN_MONTH)
    answer(money, "102", Choice.FIRST_OPEN_DAY)
    money.world.clock.advance(timedelta(hours=1))
    request = money.world.request(JANUARY, FEBRUARY)
    for step in money.world.steps:
        run_and_kill(money.world, request, step, moment)
        money.world.clock.advance(timedelta(hours=1))
        step(request, money.world.services(request))
    assert entry_days(money) == {
        "100": "05.01.2026",
        "101": "12.01.2026",
        "102": "01.02.2026",
        "200": "03.02.2026",
    }


def test_what_waits_is_told_once(money: Money) -> None:
    having(money, sales={"saved": "wait"})
    money.enter(LATE, "100", no="101")
    assert money.import_documents(JANUARY, FEBRUARY)["documents"]["waiting"] == 1
    with money.world.engine.connect() as connection:
        assert list(connection.scalars(select(waiting.c.code))) == ["period_waits"]
    tell(money, Said.REOPENED)
    night(money)
    with money.world.engine.connect() as connection:
        assert list(connection.scalars(select(waiting.c.code))) == []
    assert entry_days(money)["101"] == "12.01.2026"
    assert money.world.writes(PAYMENTS) == []
