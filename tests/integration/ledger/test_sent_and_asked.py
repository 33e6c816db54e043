"""Room ledger. A payment whose answer was lost, which a person is asked about before it is found: its posting is
compared like any other, and it is the first of its kind."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from scoro_smartaccounts_sandbox.faults import FaultKind
from tests.integration.ledger.test_check import BILLS, DAY, PAID, PAYMENTS, kinds
from tests.integration.money import Money
from tests.integration.outbox.test_in_doubt import lose, run_of
from tests.integration.world import World


@pytest.fixture
def money(world: World) -> Money:
    return Money(world)


@pytest.mark.parametrize("clock", [{"show_date": False}, {"minutes_behind": 11}], ids=["no-clock", "behind"])
@pytest.mark.parametrize("shown", ["cut", "hidden"])
def test_what_was_sent_and_asked_about_is_held_against_the_ledger_once_it_is_found(
    money: Money, shown: str, clock: dict[str, Any]
) -> None:
    money.world.books.switches.change({"payment_document": shown, "supplier_payment_side": "of_a_receipt", **clock})
    bills = [money.enter(DAY, net, flow=BILLS, no=f"A-{net}") for net in ("100", "200")]
    money.import_documents(DAY, DAY, BILLS)
    first, second = (str(money.receive("bills", {bill: None}, PAID)) for bill in bills)
    lose(money.world, "payments:add", FaultKind.DROP_AFTER)
    run_of(money.world, PAID, PAID, flow=PAYMENTS)
    # The service does not show whose it is: the run that goes on after it was put off asks.
    assert (len(money.payments()), money.pairs()) == (1, {})
    assert money.cases() == [("payments", first, "possible_duplicate")]
    alarms = []
    for _ in range(2):
        money.world.clock.advance(timedelta(days=1))
        alarms += money.import_payments(PAID, PAID)["alarms"]
    assert (len(money.payments()), list(money.pairs())) == (1, [first])
    assert ["on the wrong side of the money account" in alarm for alarm in alarms] == [True]
    assert kinds(money) == {"supplier_payment": "held"}
    assert money.cases() == [("payments", second, "kind_held")]
