"""Room plan. Late documents of a month in each of its states, in euros and in dollars, with and without money: what
the company file says becomes of each kind, whatever its currency and whatever was paid of it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from scoro_smartaccounts.common.clock import TALLINN
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.period_policy import PeriodPolicy
from scoro_smartaccounts.common.periods import MonthState, Said
from scoro_smartaccounts.staging.periods import say
from tests.integration.money import SERVICES, Money
from tests.integration.world import World
from tests.tiers import slow_but

JANUARY, LATE, PAID = date(2026, 1, 1), date(2026, 1, 12), date(2026, 2, 3)
SALES, BILLS = Flow.SALES_INVOICES, Flow.PURCHASE_INVOICES
CURRENCIES: dict[str, dict[str, Any]] = {"EUR": {}, "USD": {"currency": "USD", "currency_rate": "0.92"}}
OWN, FIRST_OPEN = "12.01.2026", "01.02.2026"
# Days on which they are entered: of sales invoices, credit invoices, bills and payments. None: not entered.
ENTERED: dict[MonthState, tuple[str | None, ...]] = {
    MonthState.OPEN: (OWN, OWN, OWN, OWN),
    MonthState.SAVED: (None, FIRST_OPEN, None, OWN),
    MonthState.FILED: (None, FIRST_OPEN, FIRST_OPEN, OWN),
    MonthState.LOCKED: (None, FIRST_OPEN, FIRST_OPEN, None),
}


def bring_into(money: Money, state: MonthState) -> None:
    """The state of January, on 10 February."""
    world = money.world
    if state is MonthState.SAVED:
        world.books.save_return(JANUARY)
    if state is MonthState.FILED:
        with world.engine.begin() as connection:
            say(connection, world.company.key, JANUARY, Said.FILED, world.clock.now())
    if state is MonthState.LOCKED:
        changed = {}
        for name in ("sales_invoices", "purchase_invoices"):
            policy = getattr(world.company, name)
            closed = policy.entry_date.model_copy(update={"books_closed_until": date(2026, 1, 31)})
            changed[name] = policy.model_copy(update={"entry_date": closed})
        world.company = world.company.model_copy(update=changed)
    world.clock.advance(timedelta(minutes=30))


@pytest.mark.parametrize("state", slow_but([MonthState.FILED], ENTERED))
def test_each_kind_in_each_currency(world: World, state: MonthState) -> None:
    locked = {"sales": "ask", "credits": "first_open_day", "bills": "first_open_day"}
    periods = PeriodPolicy.model_validate({name: {"locked": rule} for name, rule in locked.items()})
    world.company = world.company.model_copy(update={"first_import_date": JANUARY, "periods": periods})
    world.clock.set(datetime(2026, 2, 10, 9, tzinfo=TALLINN).astimezone(UTC))
    money = Money(world)
    bases = {name: [money.enter(JANUARY, "100", **more) for _ in range(2)] for name, more in CURRENCIES.items()}
    money.import_documents(JANUARY, JANUARY)
    bring_into(money, state)
    expected: dict[tuple[Flow, str], str | None] = {}
    sale, credit, bill, payment = ENTERED[state]
    paid = set()
    for name, more in CURRENCIES.items():
        credited, of_january = bases[name]
        for number in ("unpaid", "part"):
            late = money.enter(LATE, "80", no=f"{'7' if number == 'part' else '8'}{len(expected)}", **more)
            expected[SALES, str(world.site.get("invoices", late)["no"])] = sale
            bought = money.enter(LATE, "80", flow=BILLS, no=f"O-{name}-{number}", **more)
            expected[BILLS, f"O-{name}-{number}"] = bill
            if number == "part":
                money.receive("invoices", {late: "30"}, PAID, account_id=account(name))
                money.receive("bills", {bought: "30"}, PAID, account_id=account(name))
        netted = money.enter(LATE, "-10", no=f"9{len(expected)}", credited_invoices=[credited], **more)
        expected[SALES, str(world.site.get("invoices", netted)["no"])] = credit
        money.receive("invoices", {of_january: "50"}, LATE, account_id=account(name))
        paid.add(money.remote(of_january))
    for flow in (SALES, BILLS):
        money.import_documents(JANUARY, PAID, flow)
    money.import_payments(JANUARY, PAID)
    entered = {
        (flow, row["invoiceNumber"]): row["entryDate"]
        for flow in (SALES, BILLS)
        for row in world.books.state()[SERVICES[flow]]
    }
    assert {key: entered.get(key) for key in expected} == expected
    days = {
        row["date"]
        for row in money.payments()
        if any(part["id"] in paid for part in row["rows"]) and row["date"] == OWN
    }
    assert days == ({payment} if payment else set())
    # Whatever is not entered is asked about, once, and money for it waits.
    asked = [code for _, _, code in money.cases() if code == "period_ask"]
    assert len(asked) == sum(day is None for day in expected.values())
    parts = 4 if state is MonthState.OPEN else 2 if bill else 0
    assert sum(row["date"] == "03.02.2026" for row in money.payments()) >= parts


def account(currency: str) -> int:
    """The bank account that takes it."""
    return 3 if currency == "USD" else 2
