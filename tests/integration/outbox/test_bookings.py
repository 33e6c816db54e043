"""Room outbox. Links know what documents were booked with, however they came to be."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text

from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.staging.database import make_engine
from scoro_smartaccounts.staging.links import BookedDocument, booked_documents
from scoro_smartaccounts_sandbox.faults import Fault, FaultKind
from scoro_smartaccounts_sandbox.scoro import reference_data
from tests.integration.conftest import Databases
from tests.integration.world import World

DAY = date(2026, 1, 15)
MODULES = {Flow.SALES_INVOICES: "invoices", Flow.PURCHASE_INVOICES: "bills"}
SERVICES = {Flow.SALES_INVOICES: "clientinvoices", Flow.PURCHASE_INVOICES: "vendorinvoices"}
FLOWS = pytest.mark.parametrize("flow", list(MODULES), ids=lambda flow: flow.value)


def enter(world: World, flow: Flow) -> tuple[str, str]:
    """A document of 20 dollars; its id and its contact's."""
    contact = world.site.create(
        "contacts", {"name": "Näidis OÜ", "contact_type": "company", "id_code": "19000022", "is_supplier": 1}
    )["contact_id"]
    line = {"product_id": 0, "product_name": "Töö", "price": "20", "amount": "1", "vat_code_id": reference_data.VAT_0}
    fields = {
        "no": "7",
        "company_id": contact,
        "date": DAY.isoformat(),
        "deadline": DAY.isoformat(),
        "currency": "USD",
        "currency_rate": "0.92",
        "lines": [line],
    }
    world.checked = False
    return str(world.site.create(MODULES[flow], fields)["id"]), str(contact)


def booked(world: World, flow: Flow, source_id: str) -> BookedDocument:
    with world.engine.connect() as connection:
        found = booked_documents(connection, world.company.key, [(flow, source_id), (flow, "0")])
    assert list(found) == [(flow, source_id)]
    return found[flow, source_id]


def assert_as_in_the_books(
    world: World, flow: Flow, source_id: str, contact: str, rate: Decimal | None = Decimal("1.085")
) -> None:
    """`rate`: the official one, as SmartAccounts shows it; None where nobody asked for it."""
    document = booked(world, flow, source_id)
    [row] = world.books.state()[SERVICES[flow]]
    assert document.remote_id == row["id"]
    assert document.gone_at is None
    booking = document.booking
    assert booking.number == row["invoiceNumber"]
    assert booking.partner_source_id == contact
    assert booking.partner_remote_id == row["clientId" if flow is Flow.SALES_INVOICES else "vendorId"]
    assert (booking.currency, booking.currency_rate) == ("USD", rate)
    assert booking.total == Decimal(str(row["totalAmount"])) == 20
    assert booking.entry_day == DAY


@FLOWS
def test_of_a_document_that_was_created(world: World, flow: Flow) -> None:
    source_id, contact = enter(world, flow)
    world.run(DAY, DAY, flow=flow)
    assert_as_in_the_books(world, flow, source_id, contact, rate=None)


@FLOWS
def test_of_a_document_whose_answer_was_lost(world: World, flow: Flow) -> None:
    source_id, contact = enter(world, flow)
    world.server.faults.add(Fault(FaultKind.DROP_AFTER, where=f"{SERVICES[flow]}:add"))
    world.run(DAY, DAY, flow=flow)
    world.clock.advance(timedelta(minutes=25))
    world.run(DAY, DAY, flow=flow)
    assert_as_in_the_books(world, flow, source_id, contact)


@FLOWS
def test_of_a_document_that_was_adopted(world: World, databases: Databases, flow: Flow) -> None:
    source_id, contact = enter(world, flow)
    world.run(DAY, DAY, flow=flow)
    world.engine = make_engine(databases.new())
    assert world.run(DAY, DAY, flow=flow)["documents"]["adopted"] == 1
    assert_as_in_the_books(world, flow, source_id, contact)
    world.engine.dispose()


def test_a_total_that_no_answer_told_is_not_made_up(world: World) -> None:
    source_id, _ = enter(world, Flow.SALES_INVOICES)
    world.run(DAY, DAY)
    with world.engine.begin() as connection:
        connection.execute(text("update link set total = null where kind = 'sales_invoice'"))
    assert booked(world, Flow.SALES_INVOICES, source_id).booking.total is None
