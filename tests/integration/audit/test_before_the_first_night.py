"""Room audit. What people change on the day of the import, before any night has seen it: an entry is held against what
the run that booked its document saw in it, and a payment that is gone has the sum that the mirror has."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from scoro_smartaccounts.audit.accepting import accept
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.reasons import render
from scoro_smartaccounts.staging.schema import ledger_check
from scoro_smartaccounts_sandbox.smartaccounts.services import ENTRIES, PAYMENTS, SALES
from tests.integration.audit.nights import Nights
from tests.integration.money import Money
from tests.integration.world import World

FIRST, LAST = date(2026, 3, 2), date(2026, 3, 6)
NETS = {"edited": "100", "other total": "200", "other account": "300", "saved and edited": "400", "left": "500"}


@pytest.fixture
def money(world: World) -> Money:
    world.know_returns()
    return Money(world)


def imported(money: Money) -> dict[str, str]:
    """Invoices of one day that the real flow booked and held against the ledger; their ids in SmartAccounts."""
    for net in NETS.values():
        money.enter(FIRST, net)
    money.import_documents(FIRST, LAST)
    with money.world.engine.connect() as connection:
        assert list(connection.scalars(select(ledger_check.c.verdict))) == ["equal"] * len(NETS)
    by_net = {Decimal(row["amount"]): key for key, row in money.world.books.records[SALES].items()}
    return {name: by_net[Decimal(net)] for name, net in NETS.items()}


def entry_of(money: Money, key: str) -> dict[str, Any]:
    number = str(money.world.books.records[SALES][key]["number"])
    return next(
        row
        for row in money.world.books.entries()
        if row["docType"] == "CLIENT_INVOICE" and str(row["number"]) == number
    )


def edit_entry(money: Money, key: str) -> None:
    entry = entry_of(money, key)
    rows = [{**row, "account": "3020" if row["account"] == "3010" else row["account"]} for row in entry["rows"]]
    money.world.books.change(ENTRIES, entry["id"], rows=rows)


def change_row(money: Money, key: str, **fields: Any) -> None:
    [row] = money.world.books.records[SALES][key]["rows"]
    kept = {name: row[name] for name in ("code", "description", "vatPc")}
    money.world.books.change(SALES, key, rows=[{**kept, "price": float(row["price"]), "quantity": 1, **fields}])


def test_entries_are_held_against_what_the_run_saw(money: Money) -> None:
    ids = imported(money)
    money.world.clock.advance(timedelta(minutes=5))
    edit_entry(money, ids["edited"])
    change_row(money, ids["other total"], price=210)
    change_row(money, ids["other account"], accountSales="3020")
    money.world.books.change(SALES, ids["saved and edited"])
    edit_entry(money, ids["saved and edited"])
    nights = Nights(money.world)
    nights.play()
    found = {each.remote_id: (each.kind, each.amount) for each in nights.open()}
    assert found == {
        entry_of(money, ids["edited"])["id"]: ("entry_edited", Decimal(100)),
        ids["other total"]: ("books_amount", Decimal("12.40")),
        # That of an invoice that was saved again follows it: of its rows none names an account.
    }
    # Whoever saves the document again takes that back; what a person accepts is told no more.
    money.world.books.change(SALES, ids["edited"])
    with money.world.engine.begin() as connection:
        for each in nights.open():
            if each.remote_id != entry_of(money, ids["edited"])["id"]:
                accept(connection, money.world.company.key, each.id, money.world.clock.now(), by="mari", note="")
    nights.play()
    assert nights.open() == []
    # Seen once more, saved as they are.
    for name in ids:
        entry = entry_of(money, ids[name])
        money.world.books.change(ENTRIES, entry["id"], rows=[{**row} for row in entry["rows"]])
    nights.play()
    assert nights.open() == []


def test_an_entry_whose_document_was_changed_and_changed_back_agrees(money: Money) -> None:
    ids = imported(money)
    change_row(money, ids["left"], price=600)
    nights = Nights(money.world)
    nights.play()
    assert [each.kind for each in nights.open()] == ["books_amount"]
    change_row(money, ids["left"], price=500)
    nights.play()
    assert nights.open() == []


def accept_all(money: Money, nights: Nights) -> None:
    with money.world.engine.begin() as connection:
        for each in nights.open():
            accept(connection, money.world.company.key, each.id, money.world.clock.now(), by="mari", note="")


@pytest.mark.slow
@pytest.mark.parametrize(
    "change",
    [{"vatPc": "0", "price": 620}, {"accountSales": "3020"}, {"discount": 100}, "other currency"],
    ids=["VAT of the same total", "account", "nothing to pay", "currency"],
)
def test_an_entry_follows_what_somebody_makes_of_its_document(money: Money, change: Any) -> None:
    """Told is the document alone; accepted, nothing comes back, however often the entry shows."""
    ids, nights = imported(money), Nights(money.world)
    nights.play()
    money.world.clock.advance(timedelta(hours=4))
    if isinstance(change, str):
        money.world.books.change(SALES, ids["left"], currency="USD", exchangeRate="1.25")
    else:
        change_row(money, ids["left"], **change)
    nights.play()
    assert {each.flow for each in nights.open()} == {Flow.SALES_INVOICES.value}
    accept_all(money, nights)
    money.world.clock.advance(timedelta(hours=4))
    money.world.books.change(SALES, ids["left"])
    nights.play()
    assert nights.open() == []


@pytest.mark.slow
@pytest.mark.parametrize("is_told", [True, False])
def test_what_a_night_saw_first_is_right_whatever_a_later_run_sees(money: Money, is_told: bool) -> None:
    money.world.books.switches.change({"entries_right": "missing_401"})
    for net in NETS.values():
        money.enter(FIRST, net)
    money.import_documents(FIRST, LAST)
    money.world.books.switches.change({"entries_right": "granted"})
    nights = Nights(money.world)
    nights.play()
    money.world.clock.advance(timedelta(hours=4))
    edit_entry(money, next(key for key, row in money.world.books.records[SALES].items() if row["amount"] == 200))
    if is_told:
        nights.play()
    money.enter(FIRST, "700")
    money.import_documents(FIRST, LAST)
    for _ in range(2):
        nights.play()
        assert [each.kind for each in nights.open()] == ["entry_edited"]


def test_what_a_run_saw_stays_whatever_later_runs_read(money: Money) -> None:
    """Entries of a day are read again when more of it is imported."""
    ids = imported(money)
    edit_entry(money, ids["edited"])
    money.enter(FIRST, "700")
    money.import_documents(FIRST, LAST)
    with money.world.engine.connect() as connection:
        posted = connection.scalar(select(ledger_check.c.posted).where(ledger_check.c.remote_id == ids["edited"]))
    assert posted == {"day": "2026-03-02", "accounts": {"1200": "124", "2310": "-24", "3010": "-100"}}


def test_a_payment_that_is_gone_has_its_sum(money: Money) -> None:
    invoice = money.enter(FIRST, "100")
    money.import_documents(FIRST, LAST)
    money.receive("invoices", {invoice: None}, FIRST)
    money.import_payments(FIRST, LAST)
    [key] = money.world.books.records[PAYMENTS]
    money.world.books.remove(PAYMENTS, key)
    nights = Nights(money.world)
    nights.play()
    [found] = nights.open()
    assert (found.kind, found.flow, found.amount) == ("payment_deleted", Flow.PAYMENTS.value, Decimal(124))
    assert "02.03.2026" in render(found.reason)
