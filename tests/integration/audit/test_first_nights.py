"""Room audit. The first nights on books that were there before: they are read whole, over as many nights as it takes,
and what differs from what was booked already is told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest

from scoro_smartaccounts.audit import baseline, night
from scoro_smartaccounts.common.run import AuditRequest
from scoro_smartaccounts.services import Services
from scoro_smartaccounts.smartaccounts.client import Answer
from scoro_smartaccounts.staging.audit_nights import nights as nights_told
from scoro_smartaccounts_sandbox.smartaccounts.services import CLIENTS, SALES
from tests.integration.audit.books import FIRST
from tests.integration.audit.nights import Nights
from tests.integration.audit.people import People, at_noon
from tests.integration.world import World


@pytest.fixture
def people(world: World) -> People:
    world.clock.set(at_noon(FIRST))
    return People(world, 3)


def test_what_differs_already_is_told_on_the_first_night(world: World, people: People) -> None:
    keys = [people.enter(SALES, is_imported=True, net=10000, partner=people.clients[0]) for _ in range(6)]
    people.enter(SALES, is_imported=False)
    world.books.remove(SALES, keys[0])
    [row] = world.books.records[SALES][keys[1]]["rows"]
    kept = {name: row[name] for name in ("code", "description", "vatPc")}
    world.books.change(SALES, keys[1], rows=[{**kept, "price": 200, "quantity": 1}])
    world.books.change(SALES, keys[2], clientId=world.books.seed(CLIENTS, {"name": "Teine OÜ"}))
    world.books.change(SALES, keys[3], entryDate="10.02.2026")
    nights = Nights(world)
    report = nights.play()
    found = {each.remote_id: (each.kind, each.amount) for each in nights.open()}
    assert found == {
        keys[0]: ("books_deleted", 124),
        keys[1]: ("books_amount", 124),
        keys[2]: ("books_partner", 0),
        keys[3]: ("books_date", 0),
    }
    assert report.night.state == "ok"
    # What was changed before anybody saw it, and is changed back.
    world.books.change(SALES, keys[1], rows=[{**kept, "price": 100, "quantity": 1}])
    nights.play()
    assert keys[1] not in {each.remote_id for each in nights.open()}


def test_more_than_a_night_may_ask_takes_several_nights(
    world: World, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(30):
        people.enter(SALES, is_imported=True)
    world.books.switches.change({"page_size": 7})
    for module in (baseline,):
        monkeypatch.setattr(module, "WHOLE_LISTS", 6)
    monkeypatch.setattr("scoro_smartaccounts.audit.asking.QUIET", 6)
    monkeypatch.setattr(night, "QUIET", 6)
    nights = Nights(world)
    first = nights.play()
    assert first.night.state == "baseline"
    assert "The books are being read for the first time" in "\n".join(first.lines())
    assert nights.requests[-1] <= 6
    monkeypatch.setattr(baseline, "WHOLE_LISTS", 150)
    assert nights.play().night.state == "ok"


def test_a_service_that_ignores_days_of_entry_is_not_read_whole(
    world: World, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An invoice that is dated before the first import day is looked for where its entry is: one page tells that the
    days are not those that were asked for."""
    key = people.enter(SALES, is_imported=False)
    world.books.change(SALES, key, date="28.12.2025")
    world.clock.set(at_noon(FIRST + timedelta(days=5)))
    for _ in range(20):
        people.enter(SALES, is_imported=True)
    world.books.switches.change({"page_size": 15})
    everything = {"dateType": "date", "dateFrom": "01.12.2025"}
    monkeypatch.setattr("scoro_smartaccounts.audit.dated_before.booked_from", lambda _: everything)
    nights = Nights(world)
    assert [nights.play().night.state for _ in range(2)] == ["ok", "ok"]
    assert len([call for call in world.calls() if call["params"].get("dateFrom") == "01.12.2025"]) == 1


def test_the_first_night_has_no_balances_to_compare_with(world: World, people: People) -> None:
    """It says so; the one after it compares them."""
    people.enter(SALES, is_imported=True)
    nights = Nights(world)
    keys = [[note.key for note in nights.play().notes] for _ in range(2)]
    assert ["night_clean_first" in each for each in keys] == [True, False]
    assert ["night_clean" in each for each in keys] == [False, True]


def test_a_right_that_is_granted_later_is_used_from_then_on(world: World, people: People) -> None:
    """Also on nights that read nothing whole and so may ask for little."""
    world.books.switches.change({"balances_right": "missing_401"})
    for _ in range(3):
        people.enter(SALES, is_imported=True)
    nights = Nights(world)
    assert [nights.play().night.state for _ in range(2)] == ["no_balances"] * 2
    world.books.switches.change({"balances_right": "granted"})
    assert [nights.play().night.state for _ in range(2)] == ["ok"] * 2
    assert max(nights.requests[2:]) <= 15


class Interrupted(Nights):
    """Somebody works after the first request for balances."""

    work: Callable[[], object] | None = None

    def services(self, request: AuditRequest) -> Services:
        services = super().services(request)
        read = services.smartaccounts.read

        def read_and_work(service: str, **params: str) -> Answer:
            answer = read(service, **params)
            if "balance" in service and self.work is not None:
                self.work()
                self.work = None
            return answer

        services.smartaccounts.read = read_and_work  # type: ignore[method-assign]
        return services


@pytest.mark.parametrize("what", ["wages", "an invoice", "a deletion"])
def test_balances_are_learned_only_where_nobody_worked_meanwhile(world: World, people: People, what: str) -> None:
    keys = [people.enter(SALES, is_imported=True) for _ in range(3)]
    by_hand = people.enter(SALES, is_imported=False)
    assert keys
    wages = {"4210": Decimal(900), "2110": Decimal(-900)}
    world.books.book_wages(people.today(), wages, "Mari Maasikas")
    work: dict[str, Callable[[], object]] = {
        "wages": lambda: world.books.book_wages(people.today(), wages, "Mari Maasikas"),
        "an invoice": lambda: people.enter(SALES, is_imported=False),
        "a deletion": lambda: world.books.remove(SALES, by_hand),
    }
    nights = Interrupted(world)
    nights.work = work[what]
    assert nights.play().night.state == "incomplete"
    assert [nights.play().night.state for _ in range(3)] == ["ok"] * 3
    assert nights.open() == []


def test_each_report_names_the_one_before(world: World, people: People) -> None:
    people.enter(SALES, is_imported=True)
    nights = Nights(world)
    for _ in range(3):
        nights.play()
    with world.engine.connect() as connection:
        told = nights_told(connection, "default", 10)
    assert [each.previous_hash for each in told] == [*(each.hash for each in told[1:]), ""]
    assert len({each.hash for each in told}) == 3
    pages = sorted(path.name for path in (world.output / "audit").iterdir())
    assert len(pages) == 6
    page = (world.output / "audit" / pages[0]).read_text("utf-8")
    assert "Everything was read and compared" in page or "Not clean" in page


def test_wages_and_names_are_kept_nowhere(world: World, people: People) -> None:
    from sqlalchemy import text

    for name in ("Mari Maasikas", "Jüri Juurikas"):
        world.books.book_wages(people.today(), {"4210": Decimal(900), "2110": Decimal(-900)}, name)
    people.enter(SALES, is_imported=True)
    nights = Nights(world)
    nights.play()
    with world.engine.connect() as connection:
        tables = connection.scalars(text("select tablename from pg_tables where schemaname = 'public'")).all()
        kept = "".join(
            str(row) for table in tables for row in connection.execute(text(f"select row_to_json(t) from {table} t"))
        )
        rows = connection.execute(text("select debit, credit from books_entry_row where entry_id like 'wages %'")).all()
    assert "Maasikas" not in kept
    assert "Juurikas" not in kept
    assert sorted(map(tuple, rows)) == [(Decimal(0), Decimal(1800)), (Decimal(1800), Decimal(0))]
    # One of them is taken back: only the sum of the day is known, and it follows.
    entry = next(each for each in world.books.entries() if each["docType"] == "PERIOD_SALARY")
    del world.books._ledger.entries[entry["id"]]
    world.books._ledger.deleted_entries.append((world.books.now(), entry["id"]))
    report = nights.play()
    assert (report.counts["open"], report.night.state) == (0, "ok")
    with world.engine.connect() as connection:
        rows = connection.execute(text("select debit, credit from books_entry_row where entry_id like 'wages %'")).all()
    assert sorted(map(tuple, rows)) == [(Decimal(0), Decimal(900)), (Decimal(900), Decimal(0))]
