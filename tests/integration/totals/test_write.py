"""Room totals. Pages of a month: written when it changed, each file with its hash, each page with that of the one
before; read by a person, and safe to open."""

from __future__ import annotations

import hashlib
from datetime import date
from io import BytesIO
from pathlib import Path

import openpyxl
from sqlalchemy import select

from scoro_smartaccounts.cli import totals as commands
from scoro_smartaccounts.cli.place import Place
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.staging.audit_nights import note_night
from scoro_smartaccounts.staging.control_totals import last_page
from scoro_smartaccounts.staging.schema import control_cause, control_page, control_total
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
        assert write(request, services) == {"months": 1, "written": 1, "unexplained": 0}
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
    assert {row.cause for row in causes} == {"only_in_books"}


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
            assert ("Vahe 0.00" in text) is is_clean
            assert ("Öö ei olnud puhas" in text) is not is_clean


def test_the_commands_tell_a_month_and_no_name(world: World) -> None:
    money, books = Money(world), Books(world)
    money.enter(DAY, "2000", partner=money.person())
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
