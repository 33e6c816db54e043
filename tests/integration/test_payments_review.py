"""What payments do to each other: refused ones, those that look alike, those that are in the books in part."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from scoro_smartaccounts.errors import LoadStopped
from scoro_smartaccounts.sandbox.scoro.site import RefusedError
from scoro_smartaccounts.sandbox.smartaccounts import payments as sandbox_payments
from scoro_smartaccounts.staging.schema import intent, quarantine
from tests.integration.money import CANARIES, PAYMENTS, Money, said
from tests.integration.world import World

DAY = date(2026, 1, 15)
PAID = date(2026, 1, 20)
LATER = date(2026, 2, 5)
JANUARY = {"locked_until": "2026-01-31"}
UNLOCKED = {"locked_until": ""}


@pytest.fixture
def money(world: World) -> Money:
    return Money(world)


def next_day(money: Money) -> None:
    money.world.clock.advance(timedelta(days=1))


def test_many_refused_payments_stop_the_others_once(money: Money) -> None:
    invoices = [money.enter(DAY, "10") for _ in range(16)]
    money.import_documents(DAY, DAY)
    money.world.books.switches.change(JANUARY)
    for number, invoice in enumerate(invoices):
        money.receive("invoices", {invoice: None}, PAID if number < 14 else LATER)
    with pytest.raises(LoadStopped):
        money.import_payments(PAID, LATER)
    next_day(money)
    money.world.server.calls.clear()
    summary = money.import_payments(PAID, LATER)
    assert {row["date"] for row in money.payments()} == {"05.02.2026"}
    assert (summary["documents"]["created"], summary["documents"]["quarantined"]) == (2, 14)
    # Four new refusals, and as many of the ten known ones as it takes to see that nothing has changed.
    assert len(money.world.writes(PAYMENTS)) == 2 + 4 + 10
    next_day(money)
    money.world.books.switches.change(UNLOCKED)
    assert money.import_payments_of_yesterday()["documents"]["created"] == 14
    assert money.cases() == []


def test_a_refused_payment_keeps_no_later_one_of_its_invoice_back(money: Money) -> None:
    invoice = money.enter(DAY, "100")
    money.import_documents(DAY, DAY)
    money.world.books.switches.change(JANUARY)
    first = money.receive("invoices", {invoice: "50"}, PAID)
    money.receive("invoices", {invoice: "74"}, LATER)
    # Planned after the first one, which is refused only now.
    assert money.import_payments(PAID, LATER)["documents"]["not_sent"] == 1
    next_day(money)
    summary = money.import_payments_of_yesterday()
    assert (summary["documents"]["created"], summary["documents"]["quarantined"]) == (1, 1)
    assert [Decimal(str(row["amount"])) for row in money.payments()] == [74]
    assert money.cases() == [("payments", str(first), "refused_by_smartaccounts")]
    money.world.books.switches.change(UNLOCKED)
    assert money.import_payments_of_yesterday()["documents"]["created"] == 1
    assert money.open_in_books() == {money.remote(invoice): 0}
    assert money.cases() == []


def test_what_a_service_says_of_a_person_is_repeated_nowhere(
    money: Money, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level("DEBUG")
    first, last, _ = CANARIES
    person = money.person()
    paid, to_export = (money.enter(DAY, "100", partner=person) for _ in range(2))
    money.receive("invoices", {paid: None}, PAID)
    money.import_documents(DAY, DAY)
    money.switch_export(on=True)
    money.export()
    names = f"{first} {last}"
    monkeypatch.setattr(sandbox_payments, "locked", lambda: ("PERIOD-LOCKED", f"{names}: locked", f"{names}: lukus"))
    money.world.books.switches.change(JANUARY)
    texts = [said(money.import_payments(PAID, PAID))]
    money.world.books.switches.change(UNLOCKED)
    money.pay({money.remote(to_export): None}, PAID)
    next_day(money)

    def refuse(*_: object, **__: object) -> None:
        raise RefusedError(400, f"Contact {names} is blocked")

    monkeypatch.setattr(money.world.site, "create", refuse)
    texts.append(said(money.export()))
    assert "***: l" in texts[0]
    assert "Contact *** is blocked" in texts[1]
    with money.world.engine.connect() as connection:
        texts += connection.scalars(select(quarantine.c.message))
        texts += connection.scalars(select(intent.c.note))
    for canary in CANARIES:
        assert canary not in caplog.text
        assert not any(canary in text for text in texts)
