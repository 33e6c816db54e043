"""What the quality checks tell people to do works: whole runs against both simulators."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from scoro_smartaccounts.documents import Flow
from scoro_smartaccounts.staging.quarantine import list_cases, release
from scoro_smartaccounts.staging.schema import finding
from tests.integration.money import Money
from tests.integration.world import World
from tests.told import told

DAY = date(2026, 1, 12)
PURCHASES = Flow.PURCHASE_INVOICES
VAT_22, VAT_0EU = 10, 7


@pytest.fixture
def money(world: World) -> Money:
    money = Money(world)
    world.checked = True
    return money


def codes_of(world: World, document: int) -> set[str]:
    with world.engine.connect() as connection:
        found = set(connection.scalars(select(finding.c.code).where(finding.c.source_id == str(document))))
    # The partner of these tests has a code of fancy.
    return found - {"registry_code_malformed"}


def sentences(world: World, document: int) -> str:
    with world.engine.connect() as connection:
        found = connection.scalars(select(finding.c.reason).where(finding.c.source_id == str(document)))
        return " ".join(map(told, found))


def case(world: World, document: int) -> str | None:
    with world.engine.connect() as connection:
        cases = list_cases(connection, world.company.key, ["open"])
    return next((each.reason.code for each in cases if each.source_id == str(document)), None)


def retry(world: World, document: int) -> None:
    with world.engine.begin() as connection:
        assert release(connection, world.company.key, [f"id:{document}"], "it is right")


def lines(vat: int, **more: Any) -> list[dict[str, Any]]:
    return [{"product_id": 0, "product_name": "Töö", "price": "100", "amount": "1", "vat_code_id": vat, **more}]


def test_a_foreign_rate_of_one_is_mended_or_confirmed(world: World, money: Money) -> None:
    mended = money.enter(DAY, "100", currency="USD", currency_rate=Decimal(1))
    right = money.enter(DAY, "200", currency="USD", currency_rate=Decimal(1))
    money.import_documents(DAY, DAY)
    assert (case(world, mended), case(world, right)) == ("foreign_rate_of_one", "foreign_rate_of_one")
    assert world.invoices() == []
    world.site.put("invoices", {**world.site.get("invoices", mended), "currency_rate": Decimal("0.92")})
    retry(world, right)
    money.import_documents(DAY, DAY)
    assert len(world.invoices()) == 2
    assert (case(world, mended), case(world, right)) == (None, None)


def test_a_rate_the_other_way_round_is_mended(world: World, money: Money) -> None:
    for net in ("10", "20"):
        money.enter(DAY, net, currency="SEK", currency_rate=Decimal("0.089"))
    turned = money.enter(DAY, "1000", currency="SEK", currency_rate=Decimal("11.24"))
    money.import_documents(DAY, DAY)
    assert case(world, turned) == "rate_upside_down"
    assert len(world.invoices()) == 2
    world.site.put("invoices", {**world.site.get("invoices", turned), "currency_rate": Decimal("0.089")})
    money.import_documents(DAY, DAY)
    assert case(world, turned) is None
    assert len(world.invoices()) == 3


def test_a_small_suppliers_bill_1_of_two_years(world: World, money: Money) -> None:
    early = date(2026, 1, 15)
    first = money.enter(early, "10", flow=PURCHASES, no="1")
    money.import_documents(early, early, PURCHASES)
    assert len(world.bills()) == 1
    # A year later, as far as Scoro says.
    world.company = world.company.model_copy(update={"first_import_date": date(2025, 1, 1)})
    before = date(2025, 1, 15)
    other = money.enter(before, "10", flow=PURCHASES, no="1")
    money.import_documents(before, before, PURCHASES)
    assert codes_of(world, other) == {"number_of_other_year", "vat_percent_not_yet"}
    world.site.delete("bills", other)
    other = money.enter(before, "10", flow=PURCHASES, no="1", lines=lines(VAT_22))
    money.import_documents(before, before, PURCHASES)
    assert codes_of(world, other) == {"number_of_other_year"}
    assert len(world.bills()) == 2
    assert case(world, first) is None


def test_an_old_percentage_is_booked_with_a_warning(world: World, money: Money) -> None:
    paper = money.enter(DAY, "100", flow=PURCHASES, no="A-1", lines=[*lines(VAT_22), *lines(9)])
    money.import_documents(DAY, DAY, PURCHASES)
    assert codes_of(world, paper) == {"vat_percent_ended"}
    (booked,) = world.bills()
    assert [row["vatPc"] for row in booked["rows"]] == ["22", "24"]


def test_an_equal_credit_invoice_is_asked_about_and_goes_when_it_is_meant(world: World, money: Money) -> None:
    base = money.enter(DAY, "100")
    money.enter(DAY, "-100", credited_invoices=[base])
    again = money.enter(DAY, "-100", credited_invoices=[base])
    money.import_documents(DAY, DAY)
    assert case(world, again) == "credited_twice"
    assert len(world.invoices()) == 2
    retry(world, again)
    money.import_documents(DAY, DAY)
    assert len(world.invoices()) == 3
    assert codes_of(world, again) == {"credited_twice", "credited_too_much"}


def test_a_sale_of_0_to_another_member_state_is_doubted(world: World, money: Money) -> None:
    def finnish(code: str, **more: Any) -> int:
        fields = {"name": f"Esimerkki {code}", "contact_type": "company", "is_client": 1, "id_code": code, **more}
        fields["addresses"] = [{"country": "fin", "city": "Helsinki", "street": "Katu 1"}]
        return int(world.site.create("contacts", fields)["contact_id"])

    good = money.enter(DAY, "100", partner=finnish("0112038-9", vatno="FI01120389"), lines=lines(VAT_0EU))
    bare = money.enter(DAY, "100", partner=finnish("1234567-1"), lines=lines(VAT_0EU))
    home = money.enter(DAY, "100", lines=lines(VAT_0EU))
    money.import_documents(DAY, DAY)
    assert len(world.invoices()) == 3
    assert codes_of(world, good) == set()
    assert "the client has no VAT number in Scoro" in sentences(world, bare)
    assert "the client's country is not given in Scoro" in sentences(world, home)
