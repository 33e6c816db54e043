"""Room quality. What the quality checks only warn of is booked right: whole runs against both simulators."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.staging.quarantine import list_cases
from scoro_smartaccounts.staging.schema import finding
from tests.integration.money import Money
from tests.integration.world import World

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


def case(world: World, document: int) -> str | None:
    with world.engine.connect() as connection:
        cases = list_cases(connection, world.company.key, ["open"])
    return next((each.reason.code for each in cases if each.source_id == str(document)), None)


def lines(vat: int, **more: Any) -> list[dict[str, Any]]:
    return [{"product_id": 0, "product_name": "Töö", "price": "100", "amount": "1", "vat_code_id": vat, **more}]


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
