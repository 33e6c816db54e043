"""Room transform. Sales of 0 % to another member state are told by what SmartAccounts holds of the client that they
are booked on."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from scoro_smartaccounts.common.reasons import Reason
from scoro_smartaccounts.staging.schema import finding
from tests.integration.money import Money
from tests.integration.world import World

DAY = date(2026, 1, 15)
CLIENTS = "purchasesales/clients"
VAT_0EU = 7
FINLAND: dict[str, Any] = {"addresses": [{"country": "fin", "city": "Linn", "street": "Tänav 1"}]}
UNION_CLIENT = FINLAND | {"vatno": "FI01120389"}


@pytest.fixture
def money(world: World) -> Money:
    return Money(world)


def sale(money: Money, client: int, price: str, *, day: date = DAY, amount: str = "1", **more: Any) -> int:
    line = {"product_id": 0, "product_name": "Töö", "price": price, "amount": amount, "vat_code_id": VAT_0EU}
    return money.enter(day, price, partner=client, lines=[line], **more)


def told(money: Money, invoice: int) -> set[str]:
    """What the runs told of a client that the VAT code does not go with."""
    with money.world.engine.connect() as connection:
        rows = connection.scalars(select(finding.c.reason).where(finding.c.source_id == str(invoice)))
        keys = {Reason.from_json(stored).key for stored in rows}
    return {key for key in keys if key.startswith("union_sale_doubtful")}


def client_of(money: Money, invoice: int) -> str:
    return str(money.world.books.records["purchasesales/clientinvoices"][money.remote(invoice)]["clientId"])


def test_what_only_the_books_hold_is_enough_and_what_they_lack_is_told(money: Money) -> None:
    client = money.partner()
    money.world.site.modify("contacts", client, UNION_CLIENT)
    first = sale(money, client, "100")
    money.import_documents(DAY, DAY)
    money.world.site.modify("contacts", client, {"vatno": "", "addresses": []})
    second = sale(money, client, "200")
    money.import_documents(DAY, DAY)
    assert (told(money, first), told(money, second)) == (set(), set())
    money.world.site.modify("contacts", client, UNION_CLIENT)
    money.world.books.change(CLIENTS, client_of(money, first), vatNumber="")
    money.world.clock.advance(timedelta(hours=1))
    third = sale(money, client, "300")
    money.import_documents(DAY, DAY)
    assert told(money, third) == {"union_sale_doubtful.no_vat_number_in_books"}


def test_what_will_be_sent_counts_for_a_client_that_is_still_to_be_created(money: Money) -> None:
    client = money.partner()
    money.world.site.modify("contacts", client, FINLAND)
    invoice = sale(money, client, "100")
    money.import_documents(DAY, DAY)
    assert told(money, invoice) == {"union_sale_doubtful.no_vat_number"}


def test_a_credit_invoice_goes_by_the_client_that_it_is_booked_on(money: Money) -> None:
    """After a merge in Scoro the credited invoice's client is taken, whatever is known of the other."""
    old, new = money.partner("19000022"), money.partner("19000038")
    money.world.site.modify("contacts", old, UNION_CLIENT)
    money.world.site.modify("contacts", new, FINLAND | {"vatno": "FI02001357"})
    base = sale(money, old, "100")
    money.import_documents(DAY, DAY)
    money.world.books.change(CLIENTS, client_of(money, base), vatNumber="")
    money.world.site.modify("invoices", base, {"company_id": new})
    money.world.site.delete("contacts", old)
    money.world.clock.advance(timedelta(hours=1))
    later = DAY + timedelta(days=1)
    credit = sale(money, new, "100", day=later, amount="-1", credited_invoices=[base])
    money.import_documents(later, later)
    assert client_of(money, credit) == client_of(money, base)
    assert told(money, credit) == {"union_sale_doubtful.no_vat_number_in_books"}
