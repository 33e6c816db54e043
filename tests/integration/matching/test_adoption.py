"""Room matching/documents. Documents that are in the books already: adopted when all is equal, asked about when not,
never doubled."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select

from scoro_smartaccounts.staging.database import make_engine
from scoro_smartaccounts.staging.quarantine import release
from scoro_smartaccounts.staging.schema import link, quarantine
from scoro_smartaccounts_sandbox.generator import ALL_FEATURES, Feature
from tests.integration.conftest import Databases
from tests.integration.money import Money
from tests.integration.world import World, open_world

FIRST, LAST = date(2026, 1, 1), date(2026, 1, 31)
CLIENT_FIELDS = ("name", "regCode", "vatNumber", "address", "contacts")
INVOICE_FIELDS = ("type", "currency", "date", "dueDate", "entryDate", "invoiceNumber", "warehouseId", "exchangeRate")
ROW_FIELDS = ("code", "description", "price", "quantity", "discount", "vatPc", "unit")


def copy_books(source: World, target: World) -> None:
    """Enter the same documents as another connector would have: same numbers, no markers, other ids."""
    state = source.books.state()
    warehouse = target.books.settings["warehouses"][0]["id"]
    for article in state["articles"]:
        target.books.seed("purchasesales/articles", article)
    clients = {
        row["id"]: target.books.seed("purchasesales/clients", {k: row[k] for k in CLIENT_FIELDS if k in row})
        for row in state["clients"]
    }
    for row in sorted(state["clientinvoices"], key=lambda row: row.get("type") == "CRE"):
        body: dict[str, Any] = {key: row[key] for key in INVOICE_FIELDS if key in row}
        body["clientId"] = clients[row["clientId"]]
        body["totalAmount"] = abs(row["totalAmount"])
        body["rows"] = [{key: line.get(key, 0) for key in ROW_FIELDS} for line in row["rows"]]
        if "warehouseId" in row:
            body["warehouseId"] = warehouse
        target.books.seed("purchasesales/clientinvoices", body)


def cases(world: World) -> dict[str, str]:
    with world.engine.connect() as connection:
        rows = connection.execute(select(quarantine.c.source_id, quarantine.c.code).where(quarantine.c.state == "open"))
        return {row.source_id: row.code for row in rows}


@pytest.fixture
def filled(databases: Databases, world: World, tmp_path: Path) -> World:
    """A world whose books another connector filled with January."""
    world.checked = False
    # Two private persons of one name cannot be told apart without a code; nothing adopts them.
    world.generate(FIRST, LAST, 60, features=ALL_FEATURES - {Feature.ODD_LETTERS})
    engine = make_engine(databases.new())
    with open_world(engine, tmp_path / "other") as other:
        other.checked = False
        other.generate(FIRST, LAST, 60, features=ALL_FEATURES - {Feature.ODD_LETTERS})
        other.run(FIRST, LAST)
        copy_books(other, world)
    engine.dispose()
    return world


def test_what_another_connector_booked_is_adopted(filled: World) -> None:
    before = len(filled.invoices())
    summary = filled.run(FIRST, LAST)
    assert filled.writes() == []
    assert len(filled.invoices()) == before
    assert summary["documents"]["adopted"] == before
    assert cases(filled) == {}
    with filled.engine.connect() as connection:
        evidence = set(connection.execute(select(link.c.evidence).where(link.c.kind == "sales_invoice")).scalars())
    assert evidence == {"adopted"}
    # And then it is simply there.
    assert filled.run(FIRST, LAST)["documents"]["already_there"] == before


def test_an_equal_number_with_another_total_is_asked_about(filled: World) -> None:
    row = next(row for row in filled.invoices() if row.get("type") != "CRE")
    filled.books.records["purchasesales/clientinvoices"][row["id"]]["totalAmount"] += 1
    summary = filled.run(FIRST, LAST)
    assert filled.writes() == []
    assert list(cases(filled).values()) == ["partial_match"]
    assert row["invoiceNumber"] in summary["quarantined"][0]
    assert "total" in summary["quarantined"][0]


def test_a_twin_under_another_number_is_asked_about_once(filled: World) -> None:
    row = next(row for row in filled.invoices() if row.get("type") != "CRE" and row["client"].get("regCode"))
    stored = filled.books.records["purchasesales/clientinvoices"][row["id"]]
    number, stored["invoiceNumber"] = stored["invoiceNumber"], "MA2600001"
    filled.run(FIRST, LAST)
    assert filled.writes() == []
    assert list(cases(filled).values()) == ["possible_duplicate"]
    with filled.engine.begin() as connection:
        assert release(connection, filled.company.key, [number], "another sale of the same day")
    filled.run(FIRST, LAST)
    assert [call["operation"] for call in filled.writes()] == ["purchasesales/clientinvoices:add"]


def test_an_answer_about_a_twin_is_none_about_another(world: World) -> None:
    world.checked = False
    money = Money(world)
    document = money.enter(FIRST, "100", no="2026001")
    money.import_documents(FIRST, FIRST)
    service = "purchasesales/clientinvoices"
    [booked] = world.books.state()["clientinvoices"]
    world.site.delete("invoices", document)
    names = ("clientId", "date", "currency", "rows")
    twin = {name: booked[name] for name in names}
    world.books.remove(service, booked["id"])
    world.books.seed(service, {**twin, "invoiceNumber": "MA1"})
    again = money.enter(FIRST, "100", no="2026002")
    money.import_documents(FIRST, FIRST)
    assert cases(world) == {str(again): "possible_duplicate"}
    money.retry(again)
    world.books.seed(service, {**twin, "invoiceNumber": "MA2"})
    summary = money.import_documents(FIRST, FIRST)
    assert cases(world) == {str(again): "possible_duplicate"}
    assert "SmartAccounts holds invoice MA2 of the same day" in summary["quarantined"][0]
    money.retry(again)
    assert money.import_documents(FIRST, FIRST)["documents"]["created"] == 1


def test_a_lost_staging_database_is_rebuilt_from_the_markers(databases: Databases, world: World) -> None:
    world.checked = False
    world.generate(FIRST, LAST, 60)
    world.run(FIRST, LAST)
    before = len(world.invoices())
    world.server.calls.clear()
    world.engine = make_engine(databases.new())
    summary = world.run(FIRST, LAST)
    assert world.writes() == []
    assert summary["documents"]["adopted"] == before
    with world.engine.connect() as connection:
        evidence = set(connection.execute(select(link.c.evidence).where(link.c.kind == "sales_invoice")).scalars())
    assert evidence == {"marker"}
    world.engine.dispose()


def test_what_is_adopted_with_another_net_is_told(world: World) -> None:
    money = Money(world)
    invoice = money.enter(date(2026, 1, 15), "100")
    other = money.enter(date(2026, 1, 15), "100", no="9")
    money.import_documents(date(2026, 1, 15), date(2026, 1, 15))
    for source_id in (invoice, other):
        world.books.remove("purchasesales/clientinvoices", money.remote(source_id))
    [client] = world.books.state()["clients"]
    for number, price in ((str(world.site.get("invoices", invoice)["no"]), "99.99"), ("9", "100")):
        row = {"code": "MUU", "description": "Töö", "price": price, "quantity": "1", "vatPc": "24"}
        body = {"clientId": client["id"], "date": "15.01.2026", "currency": "EUR", "invoiceNumber": number}
        world.books.seed("purchasesales/clientinvoices", body | {"totalAmount": "124.00", "rows": [row]})
    with world.engine.begin() as connection:
        connection.execute(delete(link).where(link.c.kind == "sales_invoice"))
    summary = money.import_documents(date(2026, 1, 15), date(2026, 1, 15))
    assert summary["documents"]["adopted"] == 2
    [told] = [line for line in summary["warnings"] if "net" in line]
    assert "its total is the same, but its net is 99.99 instead of 100.00." in told
