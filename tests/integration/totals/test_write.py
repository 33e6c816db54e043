"""Room totals. Pages of a month: written when it changed, each file with its hash, each page with that of the one
before; read by a person, and safe to open."""

from __future__ import annotations

import csv
import hashlib
from dataclasses import replace
from datetime import date, timedelta
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import openpyxl
from sqlalchemy import select, update

from scoro_smartaccounts.audit import night
from scoro_smartaccounts.audit.report import notes_of, tell
from scoro_smartaccounts.cli import totals as commands
from scoro_smartaccounts.cli.place import Place
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.run import AuditRequest
from scoro_smartaccounts.staging.audit_nights import Night, newest_night, nights, note_night
from scoro_smartaccounts.staging.control_totals import last_page
from scoro_smartaccounts.staging.schema import books_document, control_cause, control_page, control_total
from scoro_smartaccounts.totals.write import write
from tests.integration.money import Money
from tests.integration.totals.books import Books, nothing_asked
from tests.integration.world import World

DAY, MONTH = date(2026, 1, 15), date(2026, 1, 1)


def test_pages_of_a_month(world: World) -> None:
    """Written once while nothing changes; another cent, another page, which nobody has looked at."""
    money, books = Money(world), Books(world)
    evil = int(
        world.site.create("contacts", {"name": '=cmd|"/c calc"!A1 <b>', "contact_type": "company", "is_client": 1})[
            "contact_id"
        ]
    )
    money.enter(DAY, "100", partner=evil)
    money.enter(DAY, "200")
    money.import_documents(DAY, DAY)
    request = books.read()
    services = world.services(request)
    with nothing_asked(world):
        assert write(request, services) == {"months": 1, "written": 1, "unexplained": 0, "differing": 0}
        assert write(request, services)["written"] == 0
    first = _page(world)
    assert first.is_clean is (first.state == "ok")
    for name, told in first.files.items():
        assert hashlib.sha256(_file(world, name).read_bytes()).hexdigest() == told
    assert {name.rpartition(".")[2] for name in first.files} == {"html", "csv", "xlsx"}
    _assert_harmless(world)

    commands.reviewed(Place(world.company, world.engine), MONTH, "Mari Maasikas")
    assert _page(world).reviewed_by == "Mari Maasikas"
    world.books.seed(
        "purchasesales/clientinvoices",
        {
            "clientId": world.invoices()[0]["clientId"],
            "date": "20.01.2026",
            "currency": "EUR",
            "invoiceNumber": "KÄSI-1",
            "rows": [
                {
                    "code": world.invoices()[0]["rows"][0]["code"],
                    "price": "1",
                    "quantity": "1",
                    "vatPc": "24",
                    "description": "x",
                }
            ],
        },
    )
    request = books.night()
    assert write(request, world.services(request))["written"] == 1
    second = _page(world)
    assert (second.previous_hash, second.reviewed_by) == (first.hash, "")
    assert second.hash != first.hash
    with world.engine.connect() as connection:
        assert connection.execute(select(control_page.c.id)).all() == [(1,), (2,)]
        causes = connection.execute(select(control_cause.c.cause, control_cause.c.amount)).all()
        assert (
            connection.execute(select(control_total.c.unexplained).where(control_total.c.unexplained != 0)).all() == []
        )
        last = newest_night(connection, world.company.key)
        assert last is not None
        notes = {each.key for each in notes_of(connection, world.company.key, last)}
    assert {row.cause for row in causes} == {"only_in_books"}
    # Named, and not equal.
    assert ("totals_explained" in notes, "night_clean" in notes, "night_clean_first" in notes) == (True, False, False)
    text = _file(world, "totals-2026-01.et.html").read_text()
    assert ("Pooled erinevad, iga vahe on selgitatud" in text, "Vahet ei ole: " in text) == (True, False)


def test_a_night_that_is_not_ok_stands_on_top_and_nothing_reads_clean(world: World) -> None:
    money, books = Money(world), Books(world)
    money.enter(DAY, "100")
    money.import_documents(DAY, DAY)
    request = books.read()
    for state, is_clean in (("ok", True), ("blind", False), ("incomplete", False), ("no_balances", False)):
        with world.engine.begin() as connection:
            note_night(connection, world.company.key, request.night, state=state)
        write(request, world.services(request))
        assert _page(world).is_clean is is_clean
        # Who looked at these figures once has looked at them.
        assert _page(world).reviewed_by == ("Mari" if state != "ok" else "")
        if state == "ok":
            commands.reviewed(Place(world.company, world.engine), MONTH, "Mari")
        for name in ("totals-2026-01.et.html", "kmd-2026-01.et.html"):
            text = _file(world, name).read_text()
            assert ("Vahet ei ole: " in text) is is_clean
            assert ("Öö ei olnud puhas" in text) is not is_clean


def test_a_night_that_is_told_again_keeps_its_pages_hash_and_chain(world: World) -> None:
    """Whether it was killed or run again by hand, and when later ones follow it."""
    money, books = Money(world), Books(world)
    money.enter(DAY, "100")
    money.import_documents(DAY, DAY)
    books.read()
    first = _whole_night(books, books.next_request())
    kept = _told(world, first)
    write(first, world.services(first))
    tell(first, world.services(first))
    assert _told(world, first) == kept
    # By hand: another run of the same night, which asks for all of it again.
    world.clock.advance(timedelta(hours=2))
    _whole_night(books, replace(first, run_key="by hand"))
    assert _told(world, first) == kept
    assert "no difference" in kept[1]
    # A difference that nothing explains: the next night, and the totals, say so both.
    second = _whole_night(books, books.next_request(), is_spoilt=True)
    after = _told(world, second)
    assert _page(world).is_clean is False
    assert "no difference" not in after[1]
    assert "differences that nothing explains" in after[1]
    assert after[0].previous_hash == kept[0].hash
    # The first night again: what the second one told of the months stays, and its chain holds.
    page = _page(world)
    world.clock.advance(timedelta(hours=2))
    _whole_night(books, replace(first, run_key="once more"))
    assert _page(world) == page
    with world.engine.connect() as connection:
        newest, *_ = nights(connection, world.company.key, 1)
    assert (newest.night, newest.previous_hash) == (second.night, kept[0].hash)
    assert _told(world, first)[0].hash == kept[0].hash


def test_the_table_of_a_month_holds_totals_causes_and_partners(world: World) -> None:
    money, books = Money(world), Books(world)
    money.enter(DAY, "100")
    money.import_documents(DAY, DAY)
    money.enter(DAY, "50")
    books.list_scoro()
    request = books.read()
    write(request, world.services(request))
    data = _file(world, "totals-2026-01.en.csv").read_bytes()
    # What Excel opens: a mark, semicolons, cents.
    assert data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(StringIO(data.decode("utf-8-sig")), delimiter=";"))
    assert {row["Month"] for row in rows} == {"01.2026"}
    totals = {(row["Compared"], row["Measure"], row["VAT code"]): row for row in rows if row["Kind of row"] == "total"}
    net = totals["Scoro and documents", "net", "24"]
    assert (net["Flow"], net["Currency"], net["SmartAccounts"]) == ("sales invoices", "EUR", "100.00")
    paid = totals["Scoro and documents", "paid", ""]
    assert (paid["Scoro"], paid["SmartAccounts"]) == ("0.00", "0.00")
    [cause] = [row for row in rows if row["Cause"] and row["Measure"] == "total"]
    assert (cause["Kind of row"], cause["Amount"]) == ("cause", "-62.00")
    partners = [row for row in rows if row["Kind of row"] == "partner"]
    assert [(row["Measure"], row["Scoro"], row["SmartAccounts"]) for row in partners] == [
        ("net", "100.00", "100.00"),
        ("VAT", "24.00", "24.00"),
    ]
    told = list(csv.DictReader(StringIO(_file(world, "kmd-2026-01.en.csv").read_text("utf-8-sig")), delimiter=";"))
    assert {row["State"] for row in told} == {"in order", "look at this", "not compared"}
    assert {row["Line"] for row in told} == {str(number) for number in range(1, 14)}


def test_a_page_is_written_for_its_reader_and_a_table_for_programs(world: World) -> None:
    """By the company's name, the month's name, and amounts as the language writes them, in sentences too."""
    money, books = Money(world), Books(world)
    money.enter(DAY, "5661.50")
    money.import_documents(DAY, DAY)
    books.read()
    [invoice] = world.invoices()
    rows = [{**row, "price": row["price"] * 2} for row in invoice["rows"]]
    world.books.change("purchasesales/clientinvoices", invoice["id"], rows=rows)
    request = books.night()
    write(request, world.services(request))
    assert world.company.name != world.company.key
    titles = {
        "totals-2026-01.et.html": "Kontrollsummad: jaanuar 2026",
        "kmd-2026-01.et.html": "Enne käibedeklaratsiooni: jaanuar 2026",
        "totals-2026-01.en.html": "Control totals of January 2026",
        "kmd-2026-01.en.html": "Before the VAT return of January 2026",
    }
    for name, title in titles.items():
        text = _file(world, name).read_text().replace("\N{NO-BREAK SPACE}", " ")
        assert f'<h1>{title}</h1>\n<p class="quiet">{world.company.name}</p>' in text
        is_estonian = ".et." in name
        assert ("<td>11 323,00</td>" if is_estonian else "<td>11,323.00</td>") in text
        if name.startswith("totals"):
            assert ("7 020,26 → 14 040,52" if is_estonian else "7,020.26 → 14,040.52") in text
        assert "11323.00" not in text
    # What Excel adds up has no groups.
    for name, amount in (("totals-2026-01.en.csv", "11323.00"), ("totals-2026-01.et.csv", "11323,00")):
        table = _file(world, name).read_text("utf-8-sig")
        assert f'"{amount}"' in table
        assert "7020.26 → 14040.52" in table


def _whole_night(books: Books, request: AuditRequest, *, is_spoilt: bool = False) -> AuditRequest:
    """All tasks of a night; spoilt: in between, a copy of a document comes to have another total."""
    services = books.world.services(request)
    night.scoro(request, services)
    night.books(request, services)
    if is_spoilt:
        with books.world.engine.begin() as connection:
            connection.execute(update(books_document).values(total=books_document.c.total + 1))
    write(request, services)
    tell(request, services)
    return request


def _told(world: World, request: AuditRequest) -> tuple[Night, str, Any, list[Any]]:
    """The night as it is kept, but for how it was found; its page, the page of the month, and all of them."""
    with world.engine.connect() as connection:
        of = next(each for each in nights(connection, world.company.key, 9) if each.night == request.night)
        pages = list(connection.execute(select(control_page.c.id, control_page.c.hash).order_by(control_page.c.id)))
    how: dict[str, Any] = {
        "requests_smartaccounts": 0,
        "requests_scoro": 0,
        "evidence": {},
        "reported_at": None,
        "known_to": {},
    }
    text = (world.output / "audit" / f"audit_{request.night}.en.html").read_text()
    return replace(of, **how), text, _page(world), pages


def test_the_commands_tell_a_month_and_no_name(world: World) -> None:
    money, books = Money(world), Books(world)
    # A private person is not of the annex.
    money.enter(DAY, "3000", partner=money.person())
    money.enter(DAY, "2000")
    money.enter(DAY, "1000", flow=Flow.PURCHASE_INVOICES)
    for flow in (Flow.SALES_INVOICES, Flow.PURCHASE_INVOICES):
        money.import_documents(DAY, DAY, flow)
    request = books.read()
    place = Place(world.company, world.engine)
    assert not commands.reviewed(place, MONTH, "Mari").done
    write(request, world.services(request))
    told = commands.totals(place, MONTH), commands.kmd(place, MONTH), commands.reviewed(place, MONTH, "Mari")
    assert all(each.done for each in told)
    assert "Kanaarilind" not in str(told)
    assert not commands.totals(place, date(2025, 1, 1)).done
    [annex] = [line for line in told[1].shape["lines"] if line["key"] == "annex"]
    assert [(row["part"], row["invoices"], row["by_law"], row["by_smartaccounts"]) for row in annex["rows"]] == [
        ("A", "2000.00", "yes", "yes"),
        ("B", "1000.00", "yes", "no"),
    ]


def _page(world: World):  # type: ignore[no-untyped-def]
    with world.engine.connect() as connection:
        found = last_page(connection, world.company.key, MONTH)
    assert found is not None
    return found


def _file(world: World, name: str) -> Path:
    return world.output / "totals" / name


def _assert_harmless(world: World) -> None:
    """Names are text everywhere."""
    book = openpyxl.load_workbook(BytesIO(_file(world, "totals-2026-01.xlsx").read_bytes()))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert all(cell.data_type != "f" for cell in cells)
    assert any("calc" in str(cell.value) for cell in cells)
    for name in ("kmd-2026-01.en.html", "totals-2026-01.en.html"):
        text = _file(world, name).read_text()
        assert "<b>" not in text
        assert "script" not in text
        assert "default-src 'none'" in text
