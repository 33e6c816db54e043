"""Room totals. Control totals of generated companies are those of the simulators' own records, and every difference has
the name of its cause and of its document."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select, update

from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.reasons import render
from scoro_smartaccounts.staging import quarantine as cases
from scoro_smartaccounts.staging.schema import quarantine, source_listing
from scoro_smartaccounts.totals.computed import Totals
from scoro_smartaccounts.totals.month import month_totals, read_registers
from scoro_smartaccounts.totals.sheet import Bridge, Cell, Measure
from tests.integration.money import MODULES, Money
from tests.integration.totals import oracle
from tests.integration.totals.books import Books, red
from tests.integration.world import World
from tests.tiers import slow_but

SALES, PURCHASES = "purchasesales/clientinvoices", "purchasesales/vendorinvoices"
FIRST, ENTERED = date(2026, 1, 1), date(2026, 1, 12)


@pytest.mark.parametrize(
    ("seed", "last", "per_month"),
    slow_but(
        [(7, date(2026, 1, 31), 6)],
        [(7, date(2026, 1, 31), 6), *((seed, date(2026, 3, 31), 15) for seed in (7, 11, 23, 41, 59))],
    ),
)
def test_every_cent_of_a_company_has_a_name(world: World, seed: int, last: date, per_month: int) -> None:
    policy = world.company.purchase_invoices.model_copy(update={"expenses": True})
    world.company = world.company.model_copy(update={"purchase_invoices": policy})
    world.generate(
        FIRST, last, per_month, seed=seed, bills_per_month=per_month // 2, expenses_per_month=3, bad=0.1, bad_bills=0.1
    )
    money = Money(world)
    entered = _enter(money)
    world.checked = True
    books = Books(world)
    imported = last - timedelta(days=3)
    books.import_all(FIRST, imported)
    books.read()
    books.list_scoro()
    _dismiss_one(world)

    found = books.totals()
    _assert_agrees(world, found, imported)
    assert red(found) == []
    _assert_causes(world, found, imported)

    _assert_pages(world, found)

    if last.month > 1:
        _assert_named(books, entered, imported)


def test_what_people_do_on_either_side_has_its_name(world: World) -> None:
    money = Money(world)
    entered = _enter(money)
    books = Books(world)
    books.import_all(FIRST, ENTERED)
    books.read()
    assert red(books.totals()) == []
    _assert_named(books, entered, ENTERED)


def test_what_is_dated_before_the_first_import_day_has_its_name(world: World) -> None:
    """A document that was entered on an imported day stands in its month, paid or not; of one that was entered before,
    the entry is not read until it changes."""
    money, books = Money(world), Books(world)
    world.books.seed("purchasesales/articles", {"code": "KÄSI", "description": "x", "type": "SERVICE", "vatPc": "24"})
    bill = _by_hand(world, PURCHASES, "28.12.2025", "05.01.2026")
    invoice = _by_hand(world, SALES, "31.12.2025", "02.01.2026")
    early = _by_hand(world, PURCHASES, "05.01.2026", "20.12.2025")
    world.books.pay({bill: 50}, day=date(2025, 12, 29))
    for each in (bill, invoice):
        world.books.pay(each, day=date(2026, 1, 8))
    # Nothing tells of them as changed any more.
    world.clock.advance(timedelta(days=1))
    for flow in (Flow.SALES_INVOICES, Flow.PURCHASE_INVOICES):
        money.enter(ENTERED, "100", flow=flow)
    books.import_all(FIRST, ENTERED)
    books.read()
    books.list_scoro()
    found = books.totals()
    _assert_agrees(world, found, ENTERED)
    _assert_pages(world, found)
    december = date(2025, 12, 1)
    assert (red(found), _before_first(found)) == ([], {(FIRST, bill), (FIRST, invoice), (december, early)})
    assert len(_asked_by_entry_day(world)) == 2

    entry = next(each for each in world.books.entries() if oracle.day_of(each["date"]) == date(2025, 12, 20))
    world.books.change("general/entries", entry["id"], rows=[{**row, "description": "y"} for row in entry["rows"]])
    books.night()
    found = books.totals()
    assert (red(found), _before_first(found)) == ([], {(FIRST, bill), (FIRST, invoice)})
    # Each day is looked at once.
    assert len(_asked_by_entry_day(world)) == 2


def _by_hand(world: World, service: str, day: str, entry_day: str) -> str:
    """A document that somebody enters in SmartAccounts; its id."""
    kind = "client" if service == SALES else "vendor"
    partner = world.books.seed(f"purchasesales/{kind}s", {"name": f"Käsi {day} OÜ"})
    row = {"code": "KÄSI", "price": "100", "quantity": "1", "vatPc": "24", "description": "x"}
    body = {f"{kind}Id": partner, "date": day, "entryDate": entry_day, "currency": "EUR", "invoiceNumber": f"K-{day}"}
    return world.books.seed(service, body | {"rows": [row]})


def _before_first(found: Totals) -> set[tuple[date, str]]:
    """Months and documents of what is said to be from before the first import day."""
    return {(each.place.month, each.about.remote_id) for each in found.causes if each.cause == "before_first_import"}


def _asked_by_entry_day(world: World) -> list[dict[str, Any]]:
    return [call for call in world.calls() if call["params"].get("dateType") == "entrydate"]


def test_what_cannot_be_read_counts_with_what_scoro_s_list_shows(world: World) -> None:
    """Each is one document with its cause; where the list shows no amount either, that is told."""
    money, books = Money(world), Books(world)
    unreadable: dict[tuple[str, str], str] = {}
    for flow in (Flow.SALES_INVOICES, Flow.PURCHASE_INVOICES):
        ids = [money.enter(ENTERED, "100", flow=flow) for _ in range(3)]
        huge = [{**line, "amount": Decimal(10) ** 15} for line in world.site.get(MODULES[flow], ids[0])["lines"]]
        world.site.patch(MODULES[flow], ids[0], {"lines": huge})
        world.site.patch(MODULES[flow], ids[1], {"date": None})
        # Lists of days do not show what has none: no import by hand reads it.
        unreadable |= {(flow.value, str(ids[0])): "quarantine", (flow.value, str(ids[1])): "without_day"}
    books.import_all(FIRST, ENTERED)
    books.read()
    books.read_scoro()
    found = books.totals()
    _assert_agrees(world, found, ENTERED)
    assert red(found) == []
    assert _not_read(found) == {(*which, cause): False for which, cause in unreadable.items()}

    with world.engine.begin() as connection:
        connection.execute(update(source_listing).values(net=None))
    found = books.totals()
    assert red(found) == []
    assert _not_read(found) == {(*which, cause): True for which, cause in unreadable.items()}
    with world.engine.connect() as connection:
        registers = read_registers(connection, world.company)
        pages = [
            month_totals(connection, world.company, found, registers, month, now=world.clock.now(), night=None)
            for month in found.months
        ]
    rows = [row for page in pages for line in page.lines if line.key == "to_come" for row in line.rows]
    told = {row[:3]: row[3] for row in rows if row[1] != "days_not_imported"}
    assert told == {(flow, cause, "amount_unknown"): 1 for (flow, _), cause in unreadable.items()}


def _not_read(found: Totals) -> dict[tuple[str, str, str], bool]:
    """Documents that count so, by their cause, and whether it is told that their amount is not known."""
    return {
        (cause.place.flow, cause.about.source_id, cause.cause): "its amount is not known" in render(cause.words)
        for cause in found.causes
        if cause.part[0] is Measure.COUNT and cause.cause in ("quarantine", "without_day")
    }


def _enter(money: Money) -> list[int]:
    """Invoices that nobody pays."""
    return [money.enter(ENTERED, str(100 + 10 * number)) for number in range(7)]


def _assert_named(books: Books, entered: list[int], imported: date) -> None:
    """What people do after the import is told by its cause, and nothing else is left."""
    world = books.world
    planted = _work_in_the_books(world, entered) | _work_in_scoro(world, entered)
    books.night()
    found = books.totals()
    _assert_agrees(world, found, imported)
    assert red(found) == []
    assert "manual_entry" in {cause.cause for cause in found.causes}
    named = {(cause.cause, who) for cause in found.causes for who in (cause.about.remote_id, cause.about.source_id)}
    assert planted - named == set()


def _work_in_the_books(world: World, entered: list[int]) -> set[tuple[str, str]]:
    """SmartAccounts' bookkeeper changes, deletes, moves and enters; causes with the ids that they must name."""
    changed, deleted, moved, edited, paid = (_booked(world, source_id) for source_id in entered[:5])
    rows = [{**row, "price": row["price"] * 2} for row in changed["rows"]]
    world.books.change(SALES, changed["id"], rows=rows)
    world.books.remove(SALES, deleted["id"])
    after = (oracle.day_of(moved["date"]).replace(day=1) + timedelta(days=32)).replace(day=5)
    world.books.change(SALES, moved["id"], entryDate=f"{after:%d.%m.%Y}", dueDate=f"{after:%d.%m.%Y}")
    body = {"clientId": paid["clientId"], "date": "20.01.2026", "currency": "EUR", "invoiceNumber": "KÄSI-1"}
    row = {"code": paid["rows"][0]["code"], "price": "10", "quantity": "1", "vatPc": "24", "description": "Käsitsi"}
    own = world.books.seed(SALES, {**body, "rows": [row]})
    world.books.pay({paid["id"]: 1}, day=date(2026, 1, 28))
    entry = next(
        each
        for each in world.books.entries()
        if each["docType"] == "CLIENT_INVOICE" and each["number"] == edited["number"]
    )
    entry_rows = [dict(each) for each in entry["rows"]]
    for name in ("debitAmount", "creditAmount"):
        first = next(each for each in entry_rows if each.get(name))
        first[name] = Decimal(str(first[name])) + 1
    world.books.change("general/entries", entry["id"], rows=entry_rows)
    sides = [{"account": "5110", "debitAmount": "5"}, {"account": "2310", "creditAmount": "5"}]
    entry_body = {"date": "22.01.2026", "document": "K", "currency": "EUR"}
    world.books.add("general/entries", entry_body | {"rows": [{**each, "description": "x"} for each in sides]})
    return {
        ("books_changed", changed["id"]),
        ("books_deleted", deleted["id"]),
        ("other_period", moved["id"]),
        ("only_in_books", own),
        ("paid_in_books_only", paid["id"]),
        ("entry_edited", edited["id"]),
    }


def _work_in_scoro(world: World, entered: list[int]) -> set[tuple[str, str]]:
    """Scoro's bookkeeper changes one and deletes another, and a run of their day sees it."""
    changed, deleted = entered[5:]
    line = {"product_id": 0, "product_name": "Töö", "price": "777", "amount": "1", "vat_code_id": 9}
    world.site.modify("invoices", changed, {"lines": [line]})
    world.site.delete("invoices", deleted)
    world.run(ENTERED, ENTERED)
    return {("source_changed", str(changed)), ("source_deleted", str(deleted))}


def _booked(world: World, source_id: int) -> dict[str, Any]:
    return next(row for row in world.invoices() if f"invoices/{source_id}]" in row["comment"])


def _dismiss_one(world: World) -> None:
    with world.engine.begin() as connection:
        case = (
            connection.execute(
                select(quarantine.c.source_id).where(
                    quarantine.c.state == "open", quarantine.c.flow == Flow.SALES_INVOICES
                )
            )
            .scalars()
            .first()
        )
        assert case is not None
        cases.dismiss(connection, world.company.key, [f"id:{case}"], "ei impordi")


def _assert_agrees(world: World, found: Totals, imported: date) -> None:
    """The product's sides are the oracle's, in the ledger from the first import day on, and causes are all that lies
    between them."""
    here = oracle.scoro(_tables(world), world.site.live("receipts"))
    there = oracle.books(world.books.state())
    entries = [each for each in world.books.entries() if oracle.day_of(each["date"]) >= FIRST]
    ours = _sums(found.cells, "scoro"), _sums(found.cells, "books")
    assert ours[0] == _nonzero(oracle.sums_of_scoro(here))
    assert ours[1] == _nonzero(oracle.sums_of_books(there))
    ledger: Counter[tuple[date, str, str]] = Counter()
    for cell in found.cells:
        if cell.place.bridge is Bridge.LEDGER and cell.part[0] is Measure.TOTAL:
            ledger[cell.place.month, cell.place.flow, cell.place.currency] += _cents(cell.ledger)
    assert _nonzero(ledger) == _nonzero(oracle.debts_of_ledger(entries))
    _assert_pairs(found, here, there)
    _assert_open(found, here, there)


def _assert_causes(world: World, found: Totals, imported: date) -> None:
    """What is not in the books says why: what lies after the imported days that, and nothing else does."""
    here = oracle.scoro(_tables(world), world.site.live("receipts"))
    booked = {(each.flow, each.source_id) for each in oracle.books(world.books.state())}
    missing = [each for each in here if (each.flow, each.source_id) not in booked]
    told: dict[tuple[str, str], set[str]] = defaultdict(set)
    for cause in found.causes:
        if cause.part[0] is Measure.COUNT and not cause.about.remote_id:
            told[cause.place.flow, cause.about.source_id].add(cause.cause)
    later = {(each.flow, each.source_id) for each in missing if each.day > imported}
    assert {who for who, causes in told.items() if "day_not_imported" in causes} == later
    assert all(told[who] == {"day_not_imported"} for who in later)
    others = {(each.flow, each.source_id) for each in missing} - later
    assert told.keys() == others | later
    assert {cause for who in others for cause in told[who]} >= {"quarantine", "dismissed"}


def _assert_pairs(found: Totals, here: list[oracle.Here], there: list[oracle.There]) -> None:
    """Each document alone: its causes are what its two sides differ by."""
    by_source = {(each.flow, each.source_id): each for each in there if each.source_id}
    named: Counter[tuple[str, str, str]] = Counter()
    for cause in found.causes:
        if cause.place.bridge is Bridge.DOCUMENTS and cause.part[0] is Measure.TOTAL:
            who = cause.about.source_id or cause.about.remote_id
            named[cause.place.flow, who, str(cause.place.month)] += _cents(cause.amount)
    wanted: Counter[tuple[str, str, str]] = Counter()
    for each in here:
        wanted[each.flow, each.source_id, str(each.day.replace(day=1))] -= each.total
    for other in there:
        who = other.source_id or other.remote_id
        wanted[other.flow, who, str(other.entry_day.replace(day=1))] += other.total
    assert _nonzero(named) == _nonzero(wanted)
    assert by_source


def _assert_pages(world: World, found: Totals) -> None:
    """Rates and annex of each month are what the books' own documents add up to, in euros."""
    there = oracle.books(world.books.state())
    state = world.books.state()
    percents = {row["vatPc"]: int(row["pc"]) for row in world.books.settings["vatpcs"]}
    registers = {"sales_invoices": state["clients"], "purchase_invoices": state["vendors"]}
    for month in found.months:
        with world.engine.connect() as connection:
            told = month_totals(
                connection,
                world.company,
                found,
                read_registers(connection, world.company),
                month,
                now=world.clock.now(),
                night=None,
            )
        lines = {line.key: line for line in told.lines}
        rates = {(row[0], row[2]): (_cents(row[3]), _cents(row[4])) for row in lines["rates"].rows}
        assert rates == oracle.rates(there, month)
        for part, flow in (("A", "sales_invoices"), ("B", "purchase_invoices")):
            partners = {row["id"]: row for row in registers[flow]}
            wanted = oracle.annex(there, month, flow, partners, percents, world.site.records("contacts"))
            rows = [row for row in lines["annex"].rows if row[0] == part]
            assert sorted((_cents(row[3]), _cents(row[4])) for row in rows) == sorted(wanted.values())
        assert lines["night"].is_red
        assert not lines["reverse"].is_red
        assert not lines["vat_accounts"].is_red


def _assert_open(found: Totals, here: list[oracle.Here], there: list[oracle.There]) -> None:
    pairs = {(each.flow, each.source_id): each for each in there if each.source_id}
    wanted: Counter[tuple[date, str, str]] = Counter()
    ours: Counter[tuple[date, str, str]] = Counter()
    for each in here:
        if (each.flow, each.source_id) in pairs:
            key = each.day.replace(day=1), each.flow, each.currency
            wanted[key] += pairs[each.flow, each.source_id].outstanding
    for cell in found.cells:
        if cell.part[0] is Measure.OPEN:
            ours[cell.place.month, cell.place.flow, cell.place.currency] += _cents(cell.books)
    assert _nonzero(ours) == _nonzero(wanted)


def _tables(world: World) -> dict[str, Any]:
    return {module: world.site.records(module) for module in ("invoices", "bills", "expenses")}


def _sums(cells: Iterable[Cell], side: str) -> dict[Any, int]:
    found: dict[Any, int] = defaultdict(int)
    wanted = {Measure.COUNT, Measure.NET, Measure.VAT, Measure.TOTAL}
    for cell in cells:
        if cell.place.bridge is Bridge.DOCUMENTS and cell.part[0] in wanted:
            amount = getattr(cell, side)
            whole = int(amount) if cell.part[0] is Measure.COUNT else _cents(amount)
            found[cell.place.month, cell.place.flow, cell.place.currency, cell.part[0].value] += whole
    return _nonzero(found)


def _cents(amount: Decimal | None) -> int:
    exact = (amount or Decimal(0)) * 100
    assert exact == int(exact)
    return int(exact)


def _nonzero(found: Any) -> dict[Any, int]:
    return {key: value for key, value in found.items() if value}
