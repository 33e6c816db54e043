"""Room mirror. Whatever SmartAccounts answers when it is asked for what changed, nothing is booked or created twice; a
list of changes without what must show in it is said to be blind, and a quiet night is none."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.mirror.changes import Trust, Witness, blind_lists
from scoro_smartaccounts.mirror.pages import Page, Shown
from scoro_smartaccounts.mirror.registers import sync_register
from scoro_smartaccounts.report.summary import render_summary
from tests.integration.money import Money, said
from tests.integration.world import Summary, World

DAY, PAID = date(2026, 1, 15), date(2026, 1, 20)
BILLS = Flow.PURCHASE_INVOICES
PAYMENTS, CLIENTS, VENDORS, ARTICLES = (
    f"purchasesales/{name}" for name in ("payments", "clients", "vendors", "articles")
)
WRONG = pytest.mark.parametrize("changes", ["none", "by_date"])


@pytest.fixture
def money(world: World) -> Money:
    return Money(world)


def switch(money: Money, **switches: Any) -> None:
    money.world.books.switches.change(switches)


def wait(money: Money, **time: int) -> None:
    money.world.clock.advance(timedelta(**time))


def entered(money: Money, net: str) -> tuple[int, str]:
    """A sales invoice in both systems: its id in Scoro and in SmartAccounts."""
    number = money.enter(DAY, net)
    money.import_documents(DAY, DAY)
    return number, money.remote(number)


def a_payment_of_ours(money: Money) -> None:
    """One that the pipeline books, so that changes are to be shown."""
    money.receive("invoices", {entered(money, "300")[0]: None}, DAY)
    assert money.import_payments(DAY, DAY)["documents"]["created"] == 1


def paid_in_both(money: Money, net: str, amount: str) -> None:
    """The bank's payment in SmartAccounts and the same receipt in Scoro."""
    number, remote = entered(money, net)
    money.pay({remote: amount}, PAID)
    money.receive("invoices", {number: amount}, PAID)


def known_register(money: Money, flow: Flow) -> None:
    """Registers that were read when they held something."""
    for net in ("100", "110"):
        money.enter(DAY, net, flow=flow)
        money.import_documents(DAY, DAY, flow)
        wait(money, hours=1)


def is_blind(summary: Summary) -> bool:
    shown = render_summary(summary)
    assert ("BLIND: " in shown) == bool(summary["blind"])
    return bool(summary["blind"])


def reads(money: Money, service: str = PAYMENTS) -> int:
    return sum(1 for call in money.world.calls() if f"{service}:get" in str(call))


@WRONG
def test_the_banks_payment_is_not_booked_again(money: Money, changes: str) -> None:
    a_payment_of_ours(money)
    switch(money, changes_of_payments=changes)
    wait(money, days=8)
    paid_in_both(money, "100", "50")
    summary = money.import_payments(PAID, PAID)
    assert summary["documents"]["adopted"] == 1
    assert [item["amount"] for item in money.payments()].count(Decimal(50)) == 1
    assert is_blind(summary)


@WRONG
@pytest.mark.parametrize("tells", [True, False])
def test_nor_where_changes_never_were_shown(money: Money, changes: str, tells: bool) -> None:
    switch(money, changes_of_payments=changes, payments_tell_changes=tells)
    for net in ("100", "200", "300"):
        wait(money, days=1)
        paid_in_both(money, net, "50")
        assert money.import_payments(PAID, PAID)["documents"]["adopted"] == 1, said(money.import_payments(PAID, PAID))
    assert len(money.payments()) == 3


def test_what_the_bank_books_a_minute_after_a_blind_reading_is_not_booked_again(money: Money) -> None:
    a_payment_of_ours(money)
    switch(money, changes_of_payments="none")
    for net in ("100", "200"):
        wait(money, minutes=1)
        paid_in_both(money, net, "50")
        assert is_blind(money.import_payments(PAID, PAID))
    assert len(money.payments()) == 3


def test_a_quiet_night_is_not_blind_and_takes_one_request(money: Money) -> None:
    a_payment_of_ours(money)
    for _ in range(3):
        wait(money, days=1)
        before = reads(money)
        assert not is_blind(money.import_payments(PAID, PAID))
        assert reads(money) == before + 1


def test_a_witness_that_was_deleted_is_not_missed(money: Money) -> None:
    a_payment_of_ours(money)
    money.import_payments(PAID, PAID)
    wait(money, days=1)
    for item in money.payments():
        money.world.books.remove(PAYMENTS, item["id"])
    for _ in range(2):
        assert not is_blind(money.import_payments(PAID, PAID))


def test_changes_that_show_again_are_believed_again_with_what_was_deleted(money: Money) -> None:
    a_payment_of_ours(money)
    switch(money, changes_of_payments="none")
    wait(money, hours=1)
    assert is_blind(money.import_payments(PAID, PAID))
    paid_in_both(money, "100", "50")
    money.import_payments(PAID, PAID)
    switch(money, changes_of_payments="works")
    gone = next(item["id"] for item in money.payments() if item["amount"] == Decimal(50))
    money.world.books.remove(PAYMENTS, gone)
    assert is_blind(money.import_payments(PAID, PAID))
    wait(money, days=1)
    summary = money.import_payments(PAID, PAID)
    assert not is_blind(summary)
    assert "payment_gone" in str(money.cases())


@pytest.mark.parametrize("minutes", [10, 24 * 60])
@pytest.mark.parametrize("flow", [Flow.SALES_INVOICES, BILLS])
def test_who_was_entered_in_smartaccounts_is_not_created_again(money: Money, flow: Flow, minutes: int) -> None:
    known_register(money, flow)
    switch(money, changes_of_registers="none")
    service = CLIENTS if flow is Flow.SALES_INVOICES else VENDORS
    for code in ("19000033", "19000044"):
        wait(money, minutes=minutes)
        money.world.books.add(service, {"name": f"Näidis {code} OÜ", "regCode": code})
        money.enter(DAY, "200", flow=flow, partner=money.partner(code), no=code)
        assert is_blind(money.import_documents(DAY, DAY, flow))
    codes = [each.get("regCode") for each in money.world.books.records[service].values()]
    assert len(codes) == len(set(codes))
    assert {"19000033", "19000044"} <= set(codes)


def test_registers_of_a_quiet_night_take_a_request_each(money: Money) -> None:
    money.enter(DAY, "100")
    money.import_documents(DAY, DAY)
    wait(money, days=1)
    before = reads(money, CLIENTS), reads(money, ARTICLES)
    money.enter(DAY, "200")
    assert not is_blind(money.import_documents(DAY, DAY))
    assert (reads(money, CLIENTS), reads(money, ARTICLES)) == (before[0] + 1, before[1] + 1)


@pytest.mark.parametrize("is_one_created", [True, False])
def test_after_many_at_once_blind_changes_are_told_with_the_next_new_client_or_a_week_later(
    money: Money, *, is_one_created: bool
) -> None:
    known_register(money, Flow.SALES_INVOICES)
    for _ in range(120):
        money.world.books.add(CLIENTS, {"name": "Klient"})
    # Seen, and then seen by the list that reaches back to them.
    for hours in (24, 1):
        wait(money, hours=hours)
        assert not client_changes_are_blind(money)
    if is_one_created:
        money.enter(DAY, "200", partner=money.partner("19000066"))
        money.import_documents(DAY, DAY)
    switch(money, changes_of_registers="none")
    wait(money, days=6)
    assert client_changes_are_blind(money) is is_one_created
    wait(money, days=1)
    assert client_changes_are_blind(money)


def test_a_new_witness_among_many_has_to_show_itself() -> None:
    now = datetime(2026, 1, 20, 10, tzinfo=UTC)
    shown_now = [Shown(str(number), now - timedelta(hours=1), None) for number in range(120)]
    many, nothing = [Page(None, shown_now, [], None)], [Page(None, [], [], None)]
    one_shown = Trust(Witness("other", now), shown_at=now)
    read_whole = one_shown.after_all(CLIENTS, many, now, was_asked=True)
    shown_beside = one_shown.after_changes(many, now - timedelta(days=3), now)
    for trust in (read_whole, shown_beside):
        assert trust.witness is not None
        assert trust.witness.is_among_many
        assert not trust.is_believed(nothing, now)
        shown = trust.after_changes(many, now - timedelta(hours=2), now)
        assert shown.is_believed(nothing, now + timedelta(days=6))
        assert not shown.is_believed(nothing, now + timedelta(days=7))


def client_changes_are_blind(money: Money) -> bool:
    world = money.world
    company = world.company.key
    sync_register(world.services(world.request(DAY, DAY)), company, CLIENTS, max_age=None)
    with world.engine.connect() as connection:
        return CLIENTS in blind_lists(connection, company, [CLIENTS])


def test_registers_that_show_changes_again_are_believed_a_day_later(money: Money) -> None:
    known_register(money, Flow.SALES_INVOICES)
    for changes, hours, blind in (("none", 1, True), ("works", 1, True), ("works", 24, False)):
        switch(money, changes_of_registers=changes)
        wait(money, hours=hours)
        money.enter(DAY, "200")
        assert is_blind(money.import_documents(DAY, DAY)) is blind
