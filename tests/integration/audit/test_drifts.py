"""Room audit. Each kind of difference of the books' side is found the night after, told once, with its amount and a
remedy that works; accepted it is told no more, mended it closes by itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from scoro_smartaccounts.audit.accepting import accept
from scoro_smartaccounts.common.reasons import render
from scoro_smartaccounts.staging.drifts import Drift
from scoro_smartaccounts.staging.links import Kind, read_links
from scoro_smartaccounts.staging.quarantine import list_cases
from scoro_smartaccounts_sandbox.smartaccounts.services import CLIENTS, ENTRIES, PAYMENTS, PURCHASES, SALES
from tests.integration.audit.books import FIRST, Books, known_books
from tests.integration.audit.nights import Nights
from tests.integration.audit.people import at_noon
from tests.integration.money import Money
from tests.integration.world import World

LAST = date(2026, 1, 31)
# Requests of a night on which nothing differs, and on which something does.
QUIET, ALARMED = 10, 25


@pytest.fixture
def books(world: World) -> Books:
    """Invoices, bills and a payment that were imported, and as many nights as the audit needs to know them."""
    return known_books(world)


Injected = Callable[[Books], Callable[[], None] | None]


def of_rows(change: dict[str, Any]) -> Injected:
    def inject(books: Books) -> Callable[[], None]:
        [row] = books.shown(SALES, books.ids["b"])["rows"]
        return books.change(SALES, "b", rows=[row | change])

    return inject


def another_client(books: Books) -> Callable[[], None]:
    other = books.world.books.seed(CLIENTS, {"name": "Teine OÜ"})
    return books.change(SALES, "d", clientId=other)


def edit_entry(books: Books) -> Callable[[], None]:
    entry = books.entry_of("f")
    rows = [{**row, "account": "3020" if row["account"] == "3010" else row["account"]} for row in entry["rows"]]
    books.world.books.change(ENTRIES, entry["id"], rows=rows)
    # Whoever saves the invoice again overwrites it.
    return lambda: books.world.books.change(SALES, books.ids["f"])


def delete(service: str, name: str) -> Injected:
    def inject(books: Books) -> None:
        books.world.books.remove(service, books.ids[name])

    return inject


CASES: dict[str, tuple[Injected, str, Decimal, str]] = {
    "total": (of_rows({"price": 150}), "books_amount", Decimal(62), "186.00 EUR in SmartAccounts now, 124.00 EUR"),
    "price with VAT": (of_rows({"vatPc": "0"}), "books_amount", Decimal(-24), "100.00 EUR in SmartAccounts now"),
    "article": (of_rows({"price": 50, "quantity": 2}), "books_rows", Decimal(0), "its rows have the articles"),
    "account": (of_rows({"accountSales": "3020"}), "books_account", Decimal(0), "stands on the accounts"),
    "month": (
        lambda books: books.change(SALES, "c", entryDate="10.02.2026"),
        "books_date",
        Decimal(0),
        "05.01.2026 / 10.02.2026 in SmartAccounts now",
    ),
    "client": (another_client, "books_partner", Decimal(0), "is of the client or vendor"),
    "number": (
        lambda books: books.change(SALES, "e", invoiceNumber="X-1"),
        "books_number",
        Decimal(0),
        "its number is X-1",
    ),
    "marker": (lambda books: books.change(SALES, "g", comment="–"), "marker_lost", Decimal(0), "the mark [Scoro …]"),
    "entry": (edit_entry, "entry_edited", Decimal(100), "edited by hand"),
    "bill": (
        lambda books: books.change(PURCHASES, "x", date="11.01.2026", entryDate="11.01.2026"),
        "books_date",
        Decimal(0),
        "11.01.2026 / 11.01.2026",
    ),
    "payment": (
        lambda books: books.change(PAYMENTS, "payment", date="01.02.2026"),
        "payment_changed",
        Decimal(0),
        "01.02.2026",
    ),
}
GONE: dict[str, tuple[Injected, str, Decimal]] = {
    "invoice": (delete(SALES, "h"), "books_deleted", Decimal(124)),
    "of a bill": (delete(PURCHASES, "y"), "books_deleted", Decimal(62)),
    "of a payment": (delete(PAYMENTS, "payment"), "payment_deleted", Decimal(124)),
}


def one(drifts: list[Drift], name: str) -> Drift:
    assert len(drifts) == 1, (name, [(each.kind, each.before, each.after) for each in drifts])
    return drifts[0]


@pytest.mark.slow
def test_each_change_is_told_once_and_closes_when_it_is_taken_back(books: Books) -> None:
    for name, (inject, kind, amount, words) in CASES.items():
        take_back = inject(books)
        assert take_back is not None
        report = books.nights.play()
        found = one(books.nights.open(), name)
        assert (found.kind, found.amount, report.night.state) == (kind, amount, "ok"), name
        assert words in render(found.reason), name
        assert [case.first.id for case in report.fresh] == [found.id]
        again = books.nights.play()
        assert (again.fresh, len(again.lasting)) == ((), 1), name
        take_back()
        last = books.nights.play()
        assert [(each.id, each.state) for each in last.closed] == [(found.id, "mended")], name
        assert books.nights.open() == [], name
    assert max(books.nights.requests[1:]) <= ALARMED
    # Nothing differs, and nothing was told twice.
    assert books.nights.requests[-1] <= ALARMED
    quiet = books.nights.play()
    assert (quiet.counts["open"], books.nights.requests[-1] <= QUIET) == (0, True)


def test_each_change_is_told_no_more_once_it_is_accepted(books: Books) -> None:
    for _name, (inject, _kind, _, _) in CASES.items():
        inject(books)
    books.nights.play()
    found = books.nights.open()
    # Those of one document are of several kinds.
    assert {each.kind for each in found} == {kind for _, kind, _, _ in CASES.values()} - {"books_rows", "books_account"}
    while found:
        chosen = found.pop()
        with books.world.engine.begin() as connection:
            taken = accept(connection, "default", chosen.id, books.world.clock.now(), by="mari", note="so")
        assert [each.id for each in taken] == [chosen.id]
        assert [each.id for each in books.nights.open()] == [each.id for each in found]
    report = books.nights.play()
    assert (report.fresh, report.lasting, report.night.state) == ((), (), "ok")


def test_what_was_deleted_is_told_once_with_its_sum(books: Books) -> None:
    for name, (inject, kind, amount) in GONE.items():
        before = {each.id for each in books.nights.open()}
        inject(books)
        report = books.nights.play()
        found = one([each for each in books.nights.open() if each.id not in before], name)
        assert (found.kind, found.amount, report.night.state) == (kind, amount, "ok"), name
        assert "deleted in SmartAccounts (it stands in the list of what was deleted)" in render(found.reason), name
    assert max(books.nights.requests[1:]) <= ALARMED
    report = books.nights.play()
    assert (len(report.fresh), len(report.lasting)) == (0, len(GONE))


def test_one_that_was_entered_again_takes_its_place_when_that_is_accepted(books: Books) -> None:
    old = books.shown(SALES, books.ids["h"])
    books.world.books.remove(SALES, books.ids["h"])
    body = {
        name: old[name] for name in ("clientId", "date", "dueDate", "entryDate", "invoiceNumber", "currency", "rows")
    }
    new = books.world.books.seed(SALES, body)
    books.nights.play()
    found = one(books.nights.open(), "entered again")
    assert (found.kind, found.after) == ("books_replaced", {"remote_id": new})
    with books.world.engine.begin() as connection:
        accept(connection, "default", found.id, books.world.clock.now(), by="mari", note="")
    books.nights.play()
    assert books.nights.open() == []
    # It is watched like the old one.
    books.world.books.remove(SALES, new)
    books.nights.play()
    assert one(books.nights.open(), "again").kind == "books_deleted"


def test_the_same_change_of_many_documents_is_one_case(books: Books) -> None:
    other = books.world.books.seed(CLIENTS, {"name": "Ühinenud OÜ"})
    for name in "bcdefg":
        books.world.books.change(SALES, books.ids[name], clientId=other)
    report = books.nights.play()
    [case] = report.fresh
    assert len(case.drifts) == 6
    assert "(5 more in the same way.)" in case.sentence("en")
    with books.world.engine.begin() as connection:
        taken = accept(connection, "default", case.first.id, books.world.clock.now(), by="mari", note="merged")
    assert len(taken) == 6
    assert books.nights.play().counts["open"] == 0


def test_a_vat_return_that_was_saved_is_told_and_one_that_is_gone_until_it_is_saved_again(books: Books) -> None:
    service = books.world.books
    key = service.save_return(FIRST.replace(day=1))
    report = books.nights.play()
    said = "The VAT return of January 2026 was saved in SmartAccounts since the night before."
    assert (said in [*report.lines()], report.fresh, report.night.state) == (True, (), "ok")
    service.delete_return(key)
    report = books.nights.play()
    assert said not in [*report.lines()]
    [case] = report.fresh
    assert (case.first.kind, case.first.before) == ("return_gone", {"month": "2026-01"})
    assert "The VAT return of January 2026 was deleted in SmartAccounts" in case.sentence("en")
    assert "Jaanuari 2026 käibedeklaratsioon kustutati" in case.sentence("et")
    assert books.nights.requests[-1] <= ALARMED
    # Told once; another return of the month is the remedy.
    assert len(books.nights.play().lasting) == 1
    again = service.save_return(FIRST.replace(day=1))
    report = books.nights.play()
    assert ([each.state for each in report.closed], books.nights.open()) == (["mended"], [])
    service.delete_return(again)
    books.nights.play()
    taken = one(books.nights.open(), "again")
    with books.world.engine.begin() as connection:
        accept(connection, "default", taken.id, books.world.clock.now(), by="mari", note="")
    assert books.nights.play().counts["open"] == 0


def test_saving_again_unchanged_and_paying_is_no_change(books: Books) -> None:
    books.world.books.change(SALES, books.ids["b"])
    books.world.books.pay(books.ids["c"], day=FIRST)
    report = books.nights.play()
    assert (report.counts["open"], report.night.state, books.nights.requests[-1] <= QUIET) == (0, "ok", True)


def test_what_was_imported_since_and_deleted_in_both_systems_is_no_difference(world: World) -> None:
    """With the imports themselves."""
    world.clock.set(at_noon(LAST))
    money = Money(world)
    nights = Nights(world)
    numbers = [money.enter(FIRST, "100") for _ in range(3)]
    nights.play()
    world.run(FIRST, LAST)
    assert nights.play().counts["open"] == 0
    with world.engine.connect() as connection:
        linked = read_links(connection, "default", Kind.SALES_INVOICE, map(str, numbers))
    world.books.remove(SALES, linked[str(numbers[0])])
    nights.play()
    assert one(nights.open(), "deleted").source_id == str(numbers[0])
    # What the sentence says: the import of its day asks, and a retry books it again.
    world.run(FIRST, LAST)
    with world.engine.connect() as connection:
        assert [case.reason.code for case in list_cases(connection, "default", ["open"])] == ["document_gone"]
    world.site.delete("invoices", numbers[0])
    world.run(FIRST, LAST)
    report = nights.play()
    assert nights.open() == []
    assert [each.state for each in report.closed] == ["gone_both"]
