"""Room audit. Each kind of difference of the books' side is found the night after, told once, with its amount and a
remedy that works; accepted it is told no more, mended it closes by itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from scoro_smartaccounts.audit.accepting import accept
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.reasons import render
from scoro_smartaccounts.staging.drifts import Drift
from scoro_smartaccounts.staging.links import Kind, read_links
from scoro_smartaccounts_sandbox.smartaccounts.services import CLIENTS, ENTRIES, PAYMENTS, PURCHASES, SALES
from tests.integration.audit.nights import Nights
from tests.integration.money import Money
from tests.integration.world import World

FIRST = date(2026, 1, 5)
LAST = date(2026, 1, 31)
# Requests of a night on which nothing differs, and on which something does.
QUIET, ALARMED = 10, 25


@dataclass
class Books:
    """What was imported, by a short name, and who changes it in SmartAccounts."""

    world: World
    nights: Nights
    ids: dict[str, str] = field(default_factory=dict)
    records: dict[str, Any] = field(default_factory=dict)

    def change(self, service: str, name: str, **fields: Any) -> Callable[[], None]:
        """Change a record; what changes it back."""
        key = self.ids[name]
        before = {each: self.shown(service, key)[each] for each in fields if each in self.shown(service, key)}
        self.world.books.change(service, key, **fields)
        return lambda: self.world.books.change(service, key, **before)

    def shown(self, service: str, key: str) -> dict[str, Any]:
        state = self.world.books.state()[service.rpartition("/")[2]]
        return next(row for row in state if row["id"] == key)

    def entry_of(self, name: str) -> dict[str, Any]:
        number = self.world.books.records[SALES][self.ids[name]]["number"]
        return next(
            row for row in self.world.books.entries() if row["docType"] == "CLIENT_INVOICE" and row["number"] == number
        )


@pytest.fixture
def books(world: World) -> Books:
    """Invoices, bills and a payment that were imported, and as many nights as the audit needs to know them."""
    money = Money(world)
    scoro = {name: money.enter(FIRST + timedelta(days=place), "100") for place, name in enumerate("abcdefgh")}
    bills = {name: money.enter(FIRST, f"{place}0", flow=Flow.PURCHASE_INVOICES) for place, name in enumerate("xyz", 5)}
    money.receive("invoices", {scoro["a"]: "124"}, LAST)
    found = Books(world, Nights(world))
    for flow in (Flow.SALES_INVOICES, Flow.PURCHASE_INVOICES, Flow.PAYMENTS):
        world.run(FIRST, LAST, flow=flow)
    found.nights.play()
    # The balances move with their entries once.
    scoro |= {"i": money.enter(LAST, "100")}
    bills |= {"w": money.enter(LAST, "100", flow=Flow.PURCHASE_INVOICES)}
    for flow in (Flow.SALES_INVOICES, Flow.PURCHASE_INVOICES):
        world.run(FIRST, LAST, flow=flow)
    report = found.nights.play()
    assert report.night.state == "ok"
    assert found.nights.open() == []
    with world.engine.connect() as connection:
        for kind, made in ((Kind.SALES_INVOICE, scoro), (Kind.PURCHASE_INVOICE, bills)):
            linked = read_links(connection, "default", kind, map(str, made.values()))
            found.ids |= {name: linked[str(key)] for name, key in made.items()}
    [payment] = world.books.state()["payments"]
    found.ids["payment"] = payment["id"]
    return found


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
    rows = [{**row, "account": "3010" if row["account"].startswith("3") else row["account"]} for row in entry["rows"]]
    assert rows != entry["rows"]
    books.world.books.change(ENTRIES, entry["id"], rows=rows)
    # Whoever saves the invoice again overwrites it.
    return lambda: books.world.books.change(SALES, books.ids["f"])


def delete(service: str, name: str) -> Injected:
    def inject(books: Books) -> None:
        books.world.books.remove(service, books.ids[name])

    return inject


CASES: dict[str, tuple[Injected, str, Decimal, str]] = {
    "total": (of_rows({"price": 150}), "books_amount", Decimal(62), "186.00 EUR in SmartAccounts now, 124.00 EUR"),
    "vat": (of_rows({"vatPc": "0"}), "books_amount", Decimal(-24), "100.00 EUR in SmartAccounts now"),
    "article": (of_rows({"price": 50, "quantity": 2}), "books_rows", Decimal(0), "its rows have the articles"),
    "account": (of_rows({"accountSales": "3020"}), "books_account", Decimal(0), "stands on the accounts"),
    "month": (
        lambda books: books.change(SALES, "c", entryDate="10.02.2026"),
        "books_date",
        Decimal(0),
        "07.01.2026 / 10.02.2026 in SmartAccounts now",
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
    "of a bill": (delete(PURCHASES, "y"), "books_deleted", Decimal("74.40")),
    "of a payment": (delete(PAYMENTS, "payment"), "payment_deleted", Decimal(124)),
}


def one(drifts: list[Drift], name: str) -> Drift:
    assert len(drifts) == 1, (name, [(each.kind, each.before, each.after) for each in drifts])
    return drifts[0]


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
    assert "(5 more documents in the same way.)" in case.sentence("en")
    with books.world.engine.begin() as connection:
        taken = accept(connection, "default", case.first.id, books.world.clock.now(), by="mari", note="merged")
    assert len(taken) == 6
    assert books.nights.play().counts["open"] == 0


def test_saving_again_unchanged_a_payment_and_our_own_writes_are_no_change(books: Books) -> None:
    books.world.books.change(SALES, books.ids["b"])
    books.world.books.pay(books.ids["c"], day=LAST)
    money = Money(books.world)
    for _ in range(3):
        money.enter(LAST, "70")
    books.world.run(LAST, LAST)
    report = books.nights.play()
    assert (report.counts["open"], report.night.state, books.nights.requests[-1] <= QUIET) == (0, "ok", True)


def test_what_was_deleted_in_both_systems_is_no_difference(books: Books) -> None:
    books.world.books.remove(SALES, books.ids["h"])
    books.nights.play()
    found = one(books.nights.open(), "deleted")
    books.world.site.delete("invoices", int(found.source_id))
    books.world.run(FIRST, LAST)
    report = books.nights.play()
    assert books.nights.open() == []
    assert [each.state for each in report.closed] == ["gone_both"]
