"""Room totals. What came after a month's VAT return was calculated: a change, a deletion, never a payment; the return
itself is known from the night's reading."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from scoro_smartaccounts.mirror.vat_returns import sync_returns
from scoro_smartaccounts.staging.periods import known_months
from scoro_smartaccounts.totals.kmd import Line
from scoro_smartaccounts.totals.month import last_night, month_totals, read_registers
from scoro_smartaccounts.totals.write import write
from tests.integration.money import Money
from tests.integration.totals.books import Books
from tests.integration.world import World

SALES = "purchasesales/clientinvoices"
DAY, JANUARY = date(2026, 1, 15), date(2026, 1, 1)


@pytest.fixture
def books(world: World) -> Books:
    """It is February; two invoices of January are imported, and the books were read."""
    world.clock.set(datetime(2026, 2, 2, 9, tzinfo=UTC))
    money, books = Money(world), Books(world)
    money.enter(DAY, "100")
    money.enter(DAY, "200")
    money.import_documents(DAY, DAY)
    books.read()
    return books


def told(books: Books) -> None:
    request = books.night()
    write(request, books.world.services(request))


def line(books: Books) -> Line:
    """Line 12 of January."""
    world = books.world
    with world.engine.begin() as connection:
        of = month_totals(
            connection,
            world.company,
            books.totals(),
            read_registers(connection, world.company),
            JANUARY,
            now=world.clock.now(),
            night=last_night(connection, world.company.key),
        )
    return next(each for each in of.lines if each.key == "after_return")


def return_of_january(world: World) -> tuple[str, object]:
    with world.engine.begin() as connection:
        known = known_months(connection, world.company.key)
    return (known[JANUARY].entry_id, known[JANUARY].calculated_at) if JANUARY in known else ("", None)


def test_a_payment_is_no_change_after_the_return(books: Books) -> None:
    world = books.world
    assert line(books).state == "not_compared"
    world.books.save_return(JANUARY)
    told(books)
    # Nothing was imported since: the night's reading tells of it.
    assert return_of_january(world)[0]
    assert line(books).state == "in_order"
    paid, changed = world.invoices()
    world.books.pay({paid["id"]: 1}, day=date(2026, 2, 3))
    told(books)
    assert line(books).state == "in_order"
    world.books.change(SALES, changed["id"], rows=[{**row, "price": row["price"] * 2} for row in changed["rows"]])
    world.books.pay({changed["id"]: 1}, day=date(2026, 2, 3))
    told(books)
    [row] = line(books).rows
    assert row == ("sales_invoices", "changed_after", "24", 1, 200, 48, 96, 48)
    assert line(books).is_red
    # Calculated again, it holds all of it.
    world.clock.advance(timedelta(minutes=1))
    world.books.save_return(JANUARY)
    told(books)
    assert line(books).state == "in_order"


def test_returns_that_nights_and_imports_see_are_the_same(books: Books) -> None:
    """Neither calls the other's another one, and what an import saw later stands."""
    world = books.world
    key = world.books.save_return(JANUARY)
    told(books)
    seen = return_of_january(world)
    world.clock.advance(timedelta(hours=1))
    request = books.next_request()
    sync_returns(world.services(request), world.company, max_age=timedelta(0))
    assert return_of_january(world) == seen
    told(books)
    assert return_of_january(world) == seen
    world.books.delete_return(key)
    world.clock.advance(timedelta(hours=1))
    sync_returns(world.services(request), world.company, max_age=timedelta(0))
    assert return_of_january(world)[0] == ""
    request = books.next_request()
    write(request, world.services(request))
    assert return_of_january(world)[0] == ""
    world.books.save_return(JANUARY)
    told(books)
    assert return_of_january(world)[0] != ""
