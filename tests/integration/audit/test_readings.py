"""Room audit. Whatever the services answer where no source tells it: a change is found, or the night says that it
cannot be said."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text

from scoro_smartaccounts_sandbox.smartaccounts.services import CLIENTS, ENTRIES, PAYMENTS, SALES
from tests.integration.audit.books import Books, known_books
from tests.integration.world import World
from tests.tiers import slow_but

# Positions under which every night is clean, and every change is found the night after.
HARMLESS: list[dict[str, Any]] = [
    {"balances_sign": "debit"},
    {"balances_include_day": False},
    {"balances_restart_each_year": False},
    {"balances_show_zeros": True},
    {"limits_of_balances": False},
    {"balances_service": "general/accountbalance"},
    {"balances_of_days_to_come": "refuse"},
    {"entries_tell_edits": False},
    {"deleted_of_payments": False, "deleted_of_invoices": False, "deleted_of_entries": False},
    {"deleted_of_entries": False},
    {"date_to_excluded": True},
    {"sort": "backwards"},
    {"minutes_behind": 11},
    {"show_date": False},
    {"moments": "day"},
    {"moments": "iso"},
    {"payments_tell_changes": False},
    {"entry_link": "id"},
    {"entry_link": "document"},
    {"entry_link": "none"},
    {"amounts_as_text": True},
    {"number_as_number": True},
    {"credits_shown_negative": False},
    {"row_vat_is_rate": True},
    {"omit_empty_list": True},
    {"payments_shown": "signed"},
    {"page_size": 7},
    {"payment_moves_invoice": False},
]


@pytest.mark.parametrize("switches", slow_but(HARMLESS[:1], HARMLESS), ids=str)
def test_what_changed_is_found_under_every_reading(world: World, switches: dict[str, Any]) -> None:
    world.books.switches.change(switches)
    books = known_books(world)
    [row] = books.shown(SALES, books.ids["b"])["rows"]
    world.books.change(SALES, books.ids["b"], rows=[row | {"price": 150}])
    world.books.remove(SALES, books.ids["c"])
    entry = books.entry_of("d")
    rows = [{**row, "account": "3020" if row["account"] == "3010" else row["account"]} for row in entry["rows"]]
    world.books.change(ENTRIES, entry["id"], rows=rows)
    report = books.nights.play()
    found = {each.kind for each in books.nights.open()} - {"ledger_differs"}
    # Where nothing links an entry to its document, its sums do, which are others by now.
    assert found >= {"books_amount", "books_deleted"}
    assert found <= {"books_amount", "books_deleted", "entry_edited"}
    assert found == {"books_amount", "books_deleted", "entry_edited"} or switches.get("entry_link") == "none"
    assert report.night.state in ("ok", "incomplete")
    assert books.nights.requests[-1] <= 25
    books.nights.play()
    assert {each.kind for each in books.nights.open()} == found


@pytest.mark.parametrize(
    ("switches", "state"),
    [
        ({"balances_right": "missing_403"}, "no_balances"),
        ({"balances_right": "missing_401"}, "no_balances"),
        ({"balances_service": ""}, "no_balances"),
        ({"entries_right": "missing_403"}, "no_balances"),
        ({"changes_of_invoices": "none"}, "blind"),
        ({"changes_of_invoices": "all"}, "blind"),
        ({"changes_of_payments": "none"}, "blind"),
        ({"entries_changed": "none"}, "blind"),
    ],
    ids=str,
)
def test_a_night_that_cannot_tell_says_so(world: World, switches: dict[str, Any], state: str) -> None:
    books = known_books(world)
    # The lists reach back over days.
    books.nights.play()
    world.books.switches.change(switches)
    world.books.pay(books.ids["b"], day=books.people.today())
    report = books.nights.play()
    assert report.night.state == state
    told = "\n".join(report.lines())
    assert "Not clean" in told
    assert "no difference" not in told
    assert report.counts["open"] == 0
    world.books.switches.change({name: getattr(type(world.books.switches)(), name) for name in switches})
    if "balances_service" not in switches:
        assert [books.nights.play().night.state for _ in range(2)][-1] == "ok"


def test_balances_are_asked_for_once_an_hour_at_most(world: World) -> None:
    books = known_books(world)
    world.books.switches.change({"edits_are_told": False})
    [row] = books.shown(SALES, books.ids["b"])["rows"]
    world.books.change(SALES, books.ids["b"], rows=[row | {"price": 150}])
    books.nights.play()
    asked = [call for call in world.calls() if "balance" in call["operation"]]
    assert len(asked) > 3
    assert {call["status"] for call in asked} == {200}


def test_an_edit_that_nothing_tells_of_is_told_by_the_balances_and_found_by_the_hunt(world: World) -> None:
    books = known_books(world)
    world.books.switches.change({"edits_are_told": False})
    [row] = books.shown(SALES, books.ids["b"])["rows"]
    world.books.change(SALES, books.ids["b"], rows=[row | {"price": 150}])
    report = books.nights.play()
    [case] = report.fresh
    # The sweep may have come to that day already.
    assert (case.first.kind in ("ledger_differs", "books_amount"), case.first.amount) == (True, 62)
    nights = 0
    while [each.kind for each in books.nights.open()] != ["books_amount"]:
        # Until it is named nothing else is told, and nothing twice.
        assert [each.kind for each in books.nights.open()] == ["ledger_differs"]
        later, nights = books.nights.play(), nights + 1
        assert ([case.first.kind for case in later.fresh] in ([], ["books_amount"]), nights <= 3) == (True, True)
    [found] = books.nights.open()
    assert (found.remote_id, found.amount) == (books.ids["b"], 62)


def test_a_client_changed_without_a_trace_is_found_by_the_sweep(world: World) -> None:
    books = known_books(world)
    world.books.switches.change({"edits_are_told": False})
    other = world.books.seed(CLIENTS, {"name": "Teine OÜ"})
    world.books.change(SALES, books.ids["b"], clientId=other)
    for _ in range(3):
        books.nights.play()
    assert [each.kind for each in books.nights.open()] == ["books_partner"]


def test_a_payment_deleted_without_a_trace_is_named_by_the_balances(world: World) -> None:
    books = known_books(world)
    world.books.switches.change({"deleted_of_payments": False, "deleted_of_entries": False})
    world.books.remove(PAYMENTS, books.ids["payment"])
    report = books.nights.play()
    assert [each.kind for each in books.nights.open()] == ["payment_deleted"]
    assert report.night.state in ("ok", "incomplete")
    assert books.nights.requests[-1] <= 25


def test_without_balances_a_deletion_shows_in_the_length_of_its_list(world: World) -> None:
    world.books.switches.change(
        {"balances_right": "missing_403", "deleted_of_payments": False, "deleted_of_entries": False}
    )
    world.clock.set(world.clock.now())
    books = known_books_without_balances(world)
    world.books.remove(PAYMENTS, books.ids["payment"])
    books.nights.play()
    assert [each.kind for each in books.nights.open()] == ["payment_deleted"]


def known_books_without_balances(world: World) -> Books:
    world.books.switches.change({"balances_right": "granted"})
    books = known_books(world)
    world.books.switches.change({"balances_right": "missing_403"})
    return books


@pytest.mark.parametrize("service", [SALES, PAYMENTS])
def test_a_service_that_shows_nothing_is_blind_and_nothing_is_gone(world: World, service: str) -> None:
    """As a group without the right might be answered: its records would all be taken for deleted."""
    books = known_books(world)
    nights = books.nights
    world.books.switches.change({"shows_nothing_of": (service,)})
    assert (nights.play().night.state, nights.open()) == ("blind", [])
    with world.engine.connect() as connection:
        assert connection.execute(text("select count(*) from link where gone_at is not null")).scalar() == 0
    world.books.switches.change({"shows_nothing_of": ()})
    assert (nights.play().night.state, nights.open()) == ("ok", [])
    world.books.remove(SALES, books.ids["c"])
    nights.play()
    assert [each.kind for each in nights.open()] == ["books_deleted"]
