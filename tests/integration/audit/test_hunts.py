"""Room audit. A difference of the ledger that no search names: it stays told, nobody searches for the same each night,
and the search begins again after a week, or when the difference is another one."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text

from scoro_smartaccounts.common.reasons import render
from scoro_smartaccounts_sandbox.smartaccounts.services import SALES
from tests.integration.audit.books import Books, known_books
from tests.integration.audit.people import at_noon
from tests.integration.world import World

ACCOUNT = "1200"


@pytest.mark.slow
def test_a_search_without_a_name_ends_and_begins_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    # More days than the sweep of a night reads: the search has its requests nevertheless.
    monkeypatch.setattr("scoro_smartaccounts.audit.sweeping.RECORDS_A_PAGE", 3)
    monkeypatch.setattr("scoro_smartaccounts.audit.sweeping._ROOM", 0)
    books = known_books(world)
    since = books.people.today()
    for number in range(1, 31):
        world.clock.set(at_noon(since + timedelta(days=number)))
        books.people.enter(SALES, is_imported=True)
    books.nights.play()
    assert books.nights.open() == []

    _shift(world, "62")
    nights = _until_it_ends(books)
    assert nights <= 3
    told = _told(books)
    assert "The search for the document ended without a name" in told
    [drift] = books.nights.open()
    assert f"{drift.first_seen:%d.%m.%Y}" in told or drift.first_seen.date().isoformat() in told

    # It stays red, and is searched for again after a week.
    looks = []
    for _ in range(8):
        before = _looks(world)
        report = books.nights.play()
        looks.append(_looks(world) - before - 1)
        assert [each.first.kind for each in report.lasting] == ["ledger_differs"]
        assert books.nights.requests[-1] <= 25
    assert (looks[:6], looks[6] > 0) == ([0] * 6, True)
    _until_it_ends(books)

    _shift(world, "1")
    before = _looks(world)
    report = books.nights.play()
    assert "the document is looked for" in "\n".join(report.lines())
    assert _looks(world) - before > 1


def _shift(world: World, amount: str) -> None:
    """The balance of an account is another one than ever, and no entry tells why."""
    with world.engine.begin() as connection:
        connection.execute(
            text("update ledger_base set base = base + :amount where account = :account"),
            {"amount": Decimal(amount), "account": ACCOUNT},
        )


def _until_it_ends(books: Books) -> int:
    """How many nights a search takes."""
    for nights in range(1, 10):
        books.nights.play()
        if "ended without a name" in _told(books):
            return nights
    raise AssertionError("the search does not end")


def _told(books: Books) -> str:
    [drift] = books.nights.open()
    return render(drift.reason)


def _looks(world: World) -> int:
    return sum("balance" in call["operation"] for call in world.calls())
