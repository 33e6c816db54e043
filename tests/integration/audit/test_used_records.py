"""Room audit. What imported documents use in SmartAccounts: tax data of clients and vendors, types of articles, VAT
codes. What is changed there is told once, found in the mirror that imports keep; without imports a night reads one
register."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from scoro_smartaccounts.audit.accepting import accept
from scoro_smartaccounts.common.reasons import render
from scoro_smartaccounts.mirror.registers import sync_register, sync_settings
from scoro_smartaccounts.smartaccounts.endpoints import VAT_CODES
from scoro_smartaccounts.staging.drifts import Drift
from scoro_smartaccounts.staging.forget import Partners, clear_partners
from scoro_smartaccounts_sandbox.smartaccounts.services import ARTICLES, CLIENTS, PURCHASES, REGISTERS, SALES, VENDORS
from tests.integration.audit.books import FIRST, Books, known_books
from tests.integration.audit.nights import Nights
from tests.integration.audit.people import People, at_noon
from tests.integration.world import World
from tests.tiers import slow_but

QUIET = 10
VAT = "settings/vatpcs"
AT_ONCE = timedelta(seconds=-1)


@pytest.fixture
def books(world: World) -> Books:
    """Invoices, bills and a payment that were imported, and registers that the import has just read."""
    found = known_books(world)
    imported(found)
    assert found.nights.play().counts["open"] == 0
    return found


def imported(books: Books) -> None:
    """What an import of a day with documents does for the mirror, an hour later."""
    books.world.clock.advance(timedelta(hours=1))
    services = books.world.services(books.world.request(FIRST, FIRST))
    for register in REGISTERS:
        sync_register(services, "default", register, max_age=None)
    sync_settings(services, "default", [VAT_CODES], max_age=AT_ONCE)


def register_requests(books: Books, since: int) -> list[str]:
    operations = [str(call["operation"]).partition(":")[0] for call in books.world.calls()[since:]]
    return [each for each in operations if each in (*REGISTERS, VAT)]


def change(service: str, key: Callable[[Books], str], **fields: Any) -> Callable[[Books], Callable[[], None]]:
    def inject(books: Books) -> Callable[[], None]:
        service_books, record = books.world.books, key(books)
        if service == VAT:
            kept = next(row for row in service_books._ledger.settings[VAT] if row["vatPc"] == record)
        else:
            kept = service_books.records[service][record]
        before = {name: kept.get(name, "") for name in fields}
        service_books.change(service, record, **fields)
        return lambda: service_books.change(service, record, **before)

    return inject


def client(books: Books) -> str:
    return books.people.clients[0]


def vendor(books: Books) -> str:
    return str(books.shown(PURCHASES, books.ids["x"])["vendorId"])


CASES: dict[str, tuple[Callable[[Books], Callable[[], None]], str, str]] = {
    "VAT number": (
        change(CLIENTS, client, vatNumber="EE100594102"),
        "partner_tax_data",
        "VAT number – → EE100594102",
    ),
    "country": (change(CLIENTS, client, address={"country": "FI"}), "partner_tax_data", "country – → FI"),
    "company": (change(CLIENTS, client, regCode="10137319"), "partner_tax_data", "registry code – → 10137319"),
    "annex": (
        change(CLIENTS, client, ignoreOnVatDeclaration=True),
        "partner_tax_data",
        "left out of the annex of the VAT return no → yes",
    ),
    "vendor": (change(VENDORS, vendor, vatNumber="FI20774740"), "partner_tax_data", "VAT number – → FI20774740"),
    "article": (change(ARTICLES, lambda _: "TÖÖ", type="PRODUCT"), "article_type", "type SERVICE → PRODUCT"),
    "rate": (change(VAT, lambda _: "24", pc=22), "vat_code", "percent 24 → 22"),
    "account": (change(VAT, lambda _: "24", accountSales="2320"), "vat_code", "account of sales 2310 → 2320"),
}


def one(drifts: list[Drift], name: str = "") -> Drift:
    assert len(drifts) == 1, (name, [(each.kind, each.before, each.after) for each in drifts])
    return drifts[0]


def taken(books: Books, drift: Drift) -> list[int]:
    with books.world.engine.begin() as connection:
        done = accept(connection, "default", drift.id, books.world.clock.now(), by="mari", note="so")
    return [each.id for each in done]


@pytest.mark.slow
def test_each_change_is_told_once_and_closes_when_it_is_taken_back(books: Books) -> None:
    for name, (inject, kind, words) in CASES.items():
        take_back = inject(books)
        imported(books)
        before = len(books.world.calls())
        report = books.nights.play()
        found = one(books.nights.open(), name)
        assert (found.kind, report.night.state) == (kind, "ok"), name
        assert words in render(found.reason), name
        assert "Kui see on õige, kinnita" in render(found.reason, "et"), name
        # The import has read it.
        assert register_requests(books, before) == [], name
        assert books.nights.requests[-1] <= QUIET, name
        assert [case.first.id for case in report.fresh] == [found.id]
        if kind != "partner_tax_data":
            again = books.nights.play()
            assert (again.fresh, len(again.lasting)) == ((), 1), name
        take_back()
        imported(books)
        last = books.nights.play()
        assert [(each.id, each.state) for each in last.closed] == [(found.id, "mended")], name
        assert books.nights.open() == [], name


def test_what_is_accepted_is_told_no_more_and_a_further_change_is(books: Books) -> None:
    for inject, _, _ in CASES.values():
        inject(books)
    imported(books)
    books.nights.play()
    found = books.nights.open()
    # Of one record all that differs is one sentence.
    assert sorted((each.kind, each.flow) for each in found) == [
        ("article_type", "article"),
        ("partner_tax_data", "client"),
        ("partner_tax_data", "vendor"),
        ("vat_code", "vat_code"),
    ]
    for each in found:
        assert taken(books, each) == [each.id]
    imported(books)
    report = books.nights.play()
    assert (report.fresh, report.lasting, report.night.state) == ((), (), "ok")
    books.world.books.change(CLIENTS, client(books), vatNumber="EE101234567")
    imported(books)
    books.nights.play()
    further = one(books.nights.open())
    assert "VAT number EE100594102 → EE101234567" in render(further.reason)
    # Codes stand in the sentence alone, which is cleared when somebody is forgotten.
    assert (dict(further.before), dict(further.after)) == ({"vat_number": None}, {"vat_number": None})
    # Told anew, with what stands there now.
    books.world.books.change(CLIENTS, client(books), vatNumber="")
    imported(books)
    report = books.nights.play()
    assert "VAT number EE100594102 → –" in report.fresh[0].sentence("en")


BLIND = {"changes_of_registers": "none"}


@pytest.mark.parametrize(("switches", "most"), slow_but([({}, 1)], [({}, 1), (BLIND, 2)]), ids=str)
def test_without_imports_a_night_reads_one_register_and_in_four_nights_all_is_found(
    books: Books, switches: dict[str, Any], most: int
) -> None:
    """Where the changes of a register show nothing, it is read whole."""
    books.world.books.switches.change(switches)
    for name in ("annex", "vendor", "article", "rate"):
        CASES[name][0](books)
    seen = []
    for _ in range(5):
        before = len(books.world.calls())
        report = books.nights.play()
        seen.append(register_requests(books, before))
        assert (books.nights.requests[-1] <= QUIET, report.night.state) == (True, "ok")
    assert max(map(len, seen)) == most
    assert {len({*services}) for services in seen} == {1}
    assert {service for services in seen for service in services} == {*REGISTERS, VAT}
    assert sorted(each.kind for each in books.nights.open()) == [
        "article_type",
        "partner_tax_data",
        "partner_tax_data",
        "vat_code",
    ]
    # The three that were not read tonight are named.
    [line] = [line for line in report.lines() if line.startswith("Not read since the night before: ")]
    assert line.count("2026)") == 3


def test_what_was_not_known_before_is_no_difference(books: Books) -> None:
    """As after an upgrade, until clients are read anew."""
    # The next night reads another register.
    books.nights.play()
    with books.world.engine.begin() as connection:
        connection.execute(text("update client_register set is_left_out = null"))
        connection.execute(text("delete from used_record where kind = 'client'"))
    assert books.nights.play().counts["open"] == 0
    take_back = CASES["annex"][0](books)
    imported(books)
    assert books.nights.play().counts["open"] == 0
    take_back()
    imported(books)
    books.nights.play()
    assert "left out of the annex of the VAT return yes → no" in render(one(books.nights.open()).reason)


def test_the_same_change_of_many_is_one_case(books: Books) -> None:
    for number, key in enumerate(books.people.clients):
        books.people.enter(SALES, is_imported=True, partner=key)
        books.world.books.change(CLIENTS, key, vatNumber=f"EE10059410{number}")
    imported(books)
    assert books.nights.play().counts["open"] == 1
    taken(books, one(books.nights.open()))
    for key in books.people.clients:
        books.world.books.change(CLIENTS, key, vatNumber="", ignoreOnVatDeclaration=True)
    imported(books)
    [case] = books.nights.play().fresh
    assert len(case.drifts) == len(books.people.clients)
    assert "(4 more in the same way.)" in case.sentence("en")
    assert len(taken(books, case.first)) == 5
    assert books.nights.play().counts["open"] == 0


@pytest.mark.parametrize("is_listed", slow_but([True], [True, False]))
def test_a_client_that_is_deleted_is_told(books: Books, is_listed: bool) -> None:
    """Where SmartAccounts does not list deletions, once the register is read as a whole."""
    books.world.books.switches.change({"delete_used": "allow", "deleted_of_registers": is_listed})
    books.world.books.remove(CLIENTS, client(books))
    imported(books)
    report = books.nights.play()
    if not is_listed:
        assert report.counts["open"] == 0
        with books.world.engine.begin() as connection:
            connection.execute(text("delete from register_state where register = :of"), {"of": CLIENTS})
        imported(books)
        report = books.nights.play()
    found = one(books.nights.open())
    assert (found.kind, found.flow, found.remote_id, report.night.state) == (
        "partner_gone",
        "client",
        client(books),
        "ok",
    )
    assert "was deleted in SmartAccounts; 10 documents of it were imported" in render(found.reason)
    # It was asked for by its id, beside another one: once.
    imported(books)
    before = len(books.world.calls())
    assert len(books.nights.play().lasting) == 1
    assert register_requests(books, before) == []
    taken(books, found)
    assert books.nights.play().counts["open"] == 0


@pytest.mark.slow
def test_a_service_that_shows_nobody_tells_of_no_deletion(books: Books) -> None:
    books.world.books.switches.change({"shows_nothing_of": [CLIENTS]})
    imported(books)
    assert books.nights.play().counts["open"] == 0
    # What is created meanwhile is no proof of the others.
    with books.world.engine.begin() as connection:
        connection.execute(
            text("insert into client_register (company, remote_id, name) values ('default', 'new', 'Uus')")
        )
    assert books.nights.play().counts["open"] == 0
    books.world.books.switches.change({"shows_nothing_of": []})
    imported(books)
    assert books.nights.play().counts["open"] == 0


def test_a_vat_code_that_is_gone_is_told_until_no_document_has_it(books: Books) -> None:
    service = books.world.books
    service.switches.change({"delete_used": "allow"})
    own = {"pc": 24, "descriptionEt": "Oma", "activeSales": True, "accountSales": "2310", "accountPurchase": "1510"}
    code = service.seed(VAT, own)
    key = books.people.enter(SALES, is_imported=True)
    [row] = books.shown(SALES, key)["rows"]
    service.change(SALES, key, rows=[row | {"vatPc": code}])
    imported(books)
    assert books.nights.play().counts["open"] == 0
    service.remove(VAT, code)
    imported(books)
    books.nights.play()
    found = one(books.nights.open())
    assert (found.kind, found.remote_id) == ("vat_code", code)
    assert f"VAT code {code} is not in SmartAccounts any more; 1 document with it" in render(found.reason)
    service.change(SALES, key, rows=[row])
    books.nights.play()
    assert [each.kind for each in books.nights.open()] == ["books_vat"]


def test_what_is_used_no_more_concerns_nobody(books: Books) -> None:
    CASES["vendor"][0](books)
    imported(books)
    books.nights.play()
    one(books.nights.open())
    of_theirs = [name for name in "xyzvw" if books.shown(PURCHASES, books.ids[name])["vendorId"] == vendor(books)]
    other = books.world.books.seed(VENDORS, {"name": "Teine hankija"})
    for name in of_theirs:
        books.world.books.change(PURCHASES, books.ids[name], vendorId=other)
    books.nights.play()
    assert {each.kind for each in books.nights.open()} == {"books_partner"}


def test_who_is_forgotten_is_not_told_of(books: Books) -> None:
    for name in ("VAT number", "country"):
        CASES[name][0](books)
    imported(books)
    books.nights.play()
    assert "EE100594102" in render(one(books.nights.open()).reason)
    partners = Partners(clients=frozenset({client(books)}))
    with books.world.engine.begin() as connection:
        clear_partners(connection, "default", partners)
        assert clear_partners(connection, "default", partners) == {}
        rows = connection.execute(text("select reason, before, after, after_hash from drift")).all()
        held = connection.execute(text("select basis from used_record where kind = 'client'")).all()
    assert "EE100594102" not in str([*rows, *held])
    books.nights.play()
    left = books.nights.open()
    # SmartAccounts still has the number, and shows it again.
    books.world.books.change(CLIENTS, client(books), vatNumber="EE101234567")
    imported(books)
    books.nights.play()
    assert "EE101234567" not in str([(render(each.reason), each.after) for each in [*left, *books.nights.open()]])


@pytest.mark.slow
@pytest.mark.parametrize("codes", ["as_written", "in_groups"])
def test_what_the_pipeline_adds_is_as_it_was_added(world: World, codes: str) -> None:
    """With the imports themselves: clients, vendors and articles that they create differ on no night after."""
    world.books.switches.change({"codes_shown": codes})
    world.clock.set(at_noon(FIRST))
    world.generate(FIRST, FIRST + timedelta(days=20), 12)
    world.run(FIRST, FIRST + timedelta(days=20))
    books = Books(world, Nights(world), People(world, 1))
    assert books.nights.play().counts["open"] == 0
    with world.engine.begin() as connection:
        assert connection.scalar(text("select count(*) from used_record where kind = 'client'"))
    imported(books)
    assert books.nights.play().counts["open"] == 0
