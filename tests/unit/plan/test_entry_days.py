"""Room plan. The table of what becomes of a late document, cell by cell, and what people choose."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from scoro_smartaccounts.common.company import Company, EntryDatePolicy, EntryDateRule
from scoro_smartaccounts.common.documents import Document, Flow, ReceiptGroup
from scoro_smartaccounts.common.period_policy import PeriodPolicy, PeriodRule
from scoro_smartaccounts.common.periods import MonthState, Periods, Said, VatMonth
from scoro_smartaccounts.common.reasons import phrase, render
from scoro_smartaccounts.plan.entry_days import EntryDay, EntryDays, payment_waits
from scoro_smartaccounts.plan.fates import Refused, Waiting
from scoro_smartaccounts.staging.answers import Choice, Chosen
from scoro_smartaccounts.staging.links import Booking
from tests.unit.plan.test_invoice_decision import COMPANY, INVOICE

JANUARY, DAY, FEBRUARY = date(2026, 1, 1), date(2026, 1, 12), date(2026, 2, 1)
SEEN = datetime(2026, 2, 8, tzinfo=UTC)
RETURN = VatMonth(JANUARY, "e", "h", SEEN)
STATES = {
    MonthState.OPEN: Periods(today=date(2026, 2, 10)),
    MonthState.SAVED: Periods(today=date(2026, 2, 10), months={JANUARY: RETURN}),
    MonthState.FILED: Periods(today=date(2026, 2, 21), months={JANUARY: RETURN}),
    MonthState.LOCKED: Periods(today=date(2026, 2, 21), refused=date(2026, 1, 20)),
}
SALE = replace(INVOICE, day=DAY)
CREDIT = replace(SALE, source_id="2", credits=("9",))
BILL = replace(SALE, flow=Flow.PURCHASE_INVOICES)
OWN, MOVED, ASKED, HELD = DAY, FEBRUARY, "period_ask", "period_waits"


def of(document: Document, periods: Periods, company: Company = COMPANY, **more: Any) -> date | str:
    """The entry day, or the key of what holds it."""
    found = EntryDays(company, periods, **more).of(document)
    return found.day if isinstance(found, EntryDay) else found.why.key


def having(**rules: Any) -> Company:
    """A company file with these `periods`."""
    return COMPANY.model_copy(update={"periods": PeriodPolicy.model_validate(rules)})


@pytest.mark.parametrize(
    ("document", "state", "expected"),
    [
        (SALE, MonthState.OPEN, OWN),
        (SALE, MonthState.SAVED, ASKED),
        (SALE, MonthState.FILED, ASKED),
        # SmartAccounts is asked once a run whether it is locked still.
        (SALE, MonthState.LOCKED, OWN),
        (CREDIT, MonthState.OPEN, OWN),
        (CREDIT, MonthState.SAVED, MOVED),
        (CREDIT, MonthState.FILED, MOVED),
        (CREDIT, MonthState.LOCKED, MOVED),
        (BILL, MonthState.OPEN, OWN),
        (BILL, MonthState.SAVED, ASKED),
        (BILL, MonthState.FILED, MOVED),
        (BILL, MonthState.LOCKED, MOVED),
    ],
)
def test_the_table(document: Document, state: MonthState, expected: date | str) -> None:
    assert of(document, STATES[state]) == expected


def payment(day: date = DAY) -> ReceiptGroup:
    return ReceiptGroup(
        source_id="1",
        day=day,
        partner_id="51",
        currency="EUR",
        total=Decimal(1),
        account_id="1",
        is_purchase=False,
        is_deleted=False,
        modified_at=None,
        rows=(),
    )


@pytest.mark.parametrize("state", MonthState)
def test_the_day_of_money_is_never_moved(state: MonthState) -> None:
    """In a locked month SmartAccounts refuses it."""
    assert payment_waits(COMPANY, STATES[state], payment()) is None
    waiting = having(payments={"saved": "wait", "filed": "wait"})
    found = payment_waits(waiting, STATES[state], payment())
    assert (None if found is None else found.why.key) == {
        MonthState.SAVED: "period_waits",
        MonthState.FILED: "period_waits",
    }.get(state)
    closed = payment_waits(COMPANY, Periods(today=FEBRUARY, closed=DAY), payment())
    assert closed is not None
    assert closed.why.key == "month_closed.payment"


@pytest.mark.parametrize("kind", ["sales", "credits", "bills"])
@pytest.mark.parametrize("state", [MonthState.SAVED, MonthState.FILED, MonthState.LOCKED])
@pytest.mark.parametrize("rule", PeriodRule)
def test_the_company_file_may_say_it_otherwise(kind: str, state: MonthState, rule: PeriodRule) -> None:
    document = {"sales": SALE, "credits": CREDIT, "bills": BILL}[kind]
    if state is MonthState.LOCKED and rule is PeriodRule.BOOK:
        with pytest.raises(ValueError, match="nothing is booked into a locked month"):
            having(**{kind: {state: rule}})
        return
    outcome = {PeriodRule.BOOK: OWN, PeriodRule.FIRST_OPEN_DAY: MOVED, PeriodRule.ASK: ASKED, PeriodRule.WAIT: HELD}
    expected = OWN if state is MonthState.LOCKED and rule is PeriodRule.WAIT else outcome[rule]
    assert of(document, STATES[state], having(**{kind: {state: rule}})) == expected


def test_the_day_of_money_has_no_other_rule() -> None:
    with pytest.raises(ValueError, match="never moved"):
        having(payments={"filed": "first_open_day"})


def test_one_setting_of_a_kind_leaves_the_others() -> None:
    rules = having(sales={"saved": "book"}).period_rules(Flow.SALES_INVOICES)
    assert (rules.saved, rules.filed, rules.locked) == (PeriodRule.BOOK, PeriodRule.ASK, PeriodRule.WAIT)


@pytest.mark.parametrize(
    ("rule", "expected"),
    [(EntryDateRule.DOCUMENT_DATE, PeriodRule.WAIT), (EntryDateRule.FIRST_OPEN_DAY, PeriodRule.FIRST_OPEN_DAY)],
)
def test_the_older_rule_counts_where_the_newer_says_nothing(rule: EntryDateRule, expected: PeriodRule) -> None:
    bills = COMPANY.purchase_invoices.model_copy(update={"entry_date": EntryDatePolicy(rule=rule)})
    company = COMPANY.model_copy(update={"purchase_invoices": bills})
    assert company.period_rules(Flow.PURCHASE_INVOICES).locked is expected
    company = company.model_copy(update={"periods": PeriodPolicy.model_validate({"bills": {"locked": "ask"}})})
    assert company.period_rules(Flow.PURCHASE_INVOICES).locked is PeriodRule.ASK


# Locked and declared at once


def test_a_lock_that_may_be_lifted_hides_no_return() -> None:
    """Taken on its own day, it would be in a declared month without a word."""
    both = replace(STATES[MonthState.FILED], refused=date(2026, 1, 20))
    assert of(SALE, both) == ASKED
    assert of(SALE, both, having(sales={"filed": "book"})) == OWN


def test_what_the_company_file_closes_waits_without_a_try() -> None:
    closed = Periods(today=date(2026, 2, 10), closed=date(2026, 1, 31))
    assert of(SALE, closed) == "month_closed"
    assert of(BILL, closed) == FEBRUARY
    assert of(replace(SALE, day=date(2026, 2, 2)), closed) == date(2026, 2, 2)


@pytest.mark.parametrize(
    ("periods", "first"),
    [
        # The day after, where the company file says it; of what was refused nobody knows how far the lock goes.
        (Periods(today=FEBRUARY, closed=date(2026, 1, 15)), date(2026, 1, 16)),
        (Periods(today=FEBRUARY, refused=date(2026, 1, 15)), FEBRUARY),
        (Periods(today=FEBRUARY, refused=date(2026, 1, 15), closed=date(2026, 1, 15)), date(2026, 1, 16)),
        (STATES[MonthState.SAVED], FEBRUARY),
        # A return of a later month closes what is before it.
        (
            replace(STATES[MonthState.FILED], months={JANUARY: RETURN, FEBRUARY: replace(RETURN, month=FEBRUARY)}),
            date(2026, 3, 1),
        ),
        (replace(STATES[MonthState.SAVED], refused=date(2026, 2, 3)), date(2026, 3, 1)),
    ],
)
def test_the_first_open_day_follows_the_last_closed_month(periods: Periods, first: date) -> None:
    assert periods.first_open_day == first


def test_a_credit_invoice_is_not_entered_before_what_it_credits() -> None:
    base = replace(SALE, source_id="9", day=date(2025, 12, 30))
    days = EntryDays(COMPANY, Periods(today=date(2026, 3, 2)), bookings={"9": Booking(entry_day=FEBRUARY)})
    assert days.of(CREDIT, base) == EntryDay(FEBRUARY)
    # What is not booked yet is taken for what it will be.
    assert EntryDays(COMPANY, Periods(today=date(2026, 3, 2))).of(CREDIT, base) == EntryDay(DAY)


# What people choose


@pytest.mark.parametrize(
    ("choice", "about", "state", "expected"),
    [
        (Choice.FIRST_OPEN_DAY, "saved", MonthState.SAVED, MOVED),
        (Choice.FIRST_OPEN_DAY, "saved", MonthState.FILED, MOVED),
        (Choice.OWN_MONTH, "saved", MonthState.SAVED, OWN),
        (Choice.OWN_MONTH, "filed", MonthState.SAVED, OWN),
        # To calculate a return again is one thing, to correct what was filed another.
        (Choice.OWN_MONTH, "saved", MonthState.FILED, ASKED),
    ],
)
def test_a_choice_covers_what_was_asked(choice: Choice, about: str, state: MonthState, expected: date | str) -> None:
    chosen = {"1": Chosen(choice, phrase(f"period_{about}"))}
    assert of(SALE, STATES[state], chosen=chosen) == expected


def test_who_chose_a_locked_month_waits_for_it() -> None:
    company = having(sales={"locked": "ask"})
    assert of(SALE, STATES[MonthState.LOCKED], company) == ASKED
    chosen = {"1": Chosen(Choice.OWN_MONTH, phrase("period_locked"))}
    both = replace(STATES[MonthState.FILED], refused=date(2026, 1, 20))
    assert of(SALE, both, company, chosen=chosen) == OWN
    assert of(SALE, replace(both, closed=date(2026, 1, 31)), company, chosen=chosen) == "month_closed"


def test_the_question_names_both_days_and_what_is_known() -> None:
    found = EntryDays(COMPANY, STATES[MonthState.SAVED]).of(SALE)
    assert isinstance(found, Refused)
    assert render(found.why) == (
        "Invoice 2026041 belongs to January 2026; its VAT return is saved (seen on 08.02.2026). Book it into January"
        " 2026 (book-into 2026-01), and calculate the return again or file a correction; or enter it on 01.02.2026"
        " (book-into first-open-day). The company file may say it for all of them: periods.sales.saved."
    )
    assert "kuulub jaanuarisse 2026; käibedeklaratsioon on salvestatud (nähtud 08.02.2026)" in render(found.why, "et")


def test_what_is_booked_into_a_declared_month_says_so() -> None:
    found = EntryDays(having(sales={"filed": "book"}), STATES[MonthState.FILED]).of(SALE)
    assert isinstance(found, EntryDay)
    assert [why.key for why in found.warnings] == ["entry_in_declared"]
    assert isinstance(EntryDays(having(sales={"saved": "wait"}), STATES[MonthState.SAVED]).of(SALE), Waiting)


# How far a return closes a month

FIRST, LATER = datetime(2026, 2, 9, tzinfo=UTC), datetime(2026, 2, 11, tzinfo=UTC)


@pytest.mark.parametrize(
    ("known", "today", "expected"),
    [
        (VatMonth(JANUARY), date(2026, 3, 1), MonthState.OPEN),
        (RETURN, date(2026, 2, 20), MonthState.SAVED),
        (RETURN, date(2026, 2, 21), MonthState.FILED),
        (replace(RETURN, paid_at=FIRST), date(2026, 2, 10), MonthState.FILED),
        (VatMonth(JANUARY, said=Said.FILED, said_at=FIRST), date(2026, 2, 10), MonthState.FILED),
        (replace(RETURN, said=Said.REOPENED, said_at=FIRST), date(2026, 3, 1), MonthState.OPEN),
        # Saved anew since.
        (replace(RETURN, said=Said.REOPENED, said_at=FIRST, changed_at=LATER), date(2026, 2, 12), MonthState.SAVED),
        # The payment is of the return that stood before.
        (
            replace(RETURN, said=Said.REOPENED, said_at=FIRST, changed_at=LATER, paid_at=SEEN),
            date(2026, 2, 12),
            MonthState.SAVED,
        ),
    ],
)
def test_the_state_of_a_month(known: VatMonth, today: date, expected: MonthState) -> None:
    assert known.state(today) is expected
    assert render(known.evidence(today))
