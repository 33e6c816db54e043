"""Whole flows. Codes and countries as people write them, from Scoro to the books: one company is one, and nothing is
one that is none."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.staging.schema import finding, quarantine
from tests.integration.world import World
from tests.told import told

DAY = date(2026, 1, 15)
CLIENTS = "purchasesales/clients"


def contact(world: World, name: str, country: str = "est", **fields: Any) -> int:
    values = {"name": name, "contact_type": "company", "addresses": [{"country": country, "city": "Linn"}]} | fields
    return int(world.site.create("contacts", values)["contact_id"])


def document(world: World, module: str, company: int, number: str) -> str:
    day = DAY.isoformat()
    lines = [{"product_id": 0, "product_name": "Töö", "price": "10", "amount": "2", "vat_code_id": 9}]
    values = {"no": number, "company_id": company, "date": day, "deadline": day, "lines": lines}
    return str(world.site.create(module, values)["id"])


def run(world: World, flow: Flow = Flow.SALES_INVOICES) -> dict[str, Any]:
    return world.run(DAY, DAY, flow=flow)


def clients(world: World) -> list[dict[str, Any]]:
    return list(world.books.state()["clients"])


def cases(world: World) -> list[tuple[str, str]]:
    with world.engine.connect() as connection:
        return [(row.code, told(row.reason)) for row in connection.execute(select(quarantine))]


def warnings(world: World) -> list[tuple[str, str]]:
    with world.engine.connect() as connection:
        return [(row.code, told(row.reason)) for row in connection.execute(select(finding).order_by(finding.c.code))]


@pytest.mark.parametrize("codes", [{"id_code": "puudub"}, {"vatno": "-"}, {"id_code": "0", "vatno": "PUUDUB"}])
def test_two_vendors_without_codes_may_use_one_number(world: World, codes: dict[str, str]) -> None:
    for name in ("Esimene OÜ", "Teine OÜ"):
        document(world, "bills", contact(world, name, is_supplier=1, **codes), "2026-01")
    run(world, Flow.PURCHASE_INVOICES)
    assert cases(world) == []
    assert sorted(row["vendor"]["name"] for row in world.bills()) == ["Esimene OÜ", "Teine OÜ"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"id_code": "10137025"}, {"id_code": "EE 1013-7025"}),
        ({"vatno": "EE100594102"}, {"vatno": "100 594 102"}),
        ({"vatno": "DE136695976", "country": "deu"}, {"vatno": "136 695 976", "country": "deu"}),
    ],
)
def test_one_vendor_entered_twice_uses_a_number_once(world: World, one: dict[str, str], other: dict[str, str]) -> None:
    world.checked = True
    for codes in (one, other):
        document(world, "bills", contact(world, "Tarnija OÜ", is_supplier=1, **codes), "2026-01")
    run(world, Flow.PURCHASE_INVOICES)
    assert [code for code, _ in cases(world)] == ["number_not_unique"] * 2


@pytest.mark.parametrize("entered", [("DE136695976", "136695976"), ("136 695 976", "DE 136.695.976")])
def test_a_german_vat_number_without_its_country_is_the_same_client(world: World, entered: tuple[str, str]) -> None:
    world.checked = False
    for position, number in enumerate(entered):
        company = contact(world, "Beispiel Handel GmbH", "deu", vatno=number)
        document(world, "invoices", company, f"20260{position}")
    run(world)
    assert [client["vatNumber"] for client in clients(world)] == ["DE136695976"]
    assert len({row["clientId"] for row in world.invoices()}) == 1
    assert len(world.invoices()) == 2


@pytest.mark.parametrize("there", [{"vatNumber": "136695976"}, {"vatNumber": "DE 136695976"}])
def test_a_client_of_the_books_without_the_country_is_found(world: World, there: dict[str, str]) -> None:
    world.checked = False
    world.books.seed(CLIENTS, {"name": "Beispiel Handel GmbH", "vatPc": "24", "address": {"country": "DE"}} | there)
    document(world, "invoices", contact(world, "Beispiel Handel GmbH", "deu", vatno="DE136695976"), "2026001")
    run(world)
    assert (len(clients(world)), len(world.invoices())) == (1, 1)


@pytest.mark.parametrize("number", ["GR094259216", "094259216", "EL 094259216"])
def test_a_greek_vat_number_is_sent_with_el(world: World, number: str) -> None:
    world.checked = False
    document(world, "invoices", contact(world, "Paradeigma AE", "grc", vatno=number), "2026001")
    run(world)
    assert [client["vatNumber"] for client in clients(world)] == ["EL094259216"]


def test_stand_ins_are_left_out_and_told_once(world: World) -> None:
    means = {"email": ["puudub"], "phone": ["-"]}
    fields: dict[str, Any] = {
        "id_code": "eraisik",
        "vatno": "PUUDUB",
        "bankaccount": "-",
        "reference_no": "-",
        "means_of_contact": means,
    }
    company = contact(world, "Näidis OÜ", **fields)
    for number in ("2026001", "2026002"):
        document(world, "invoices", company, number)
    run(world)
    run(world)
    (client,) = clients(world)
    assert not {key for key in ("regCode", "vatNumber", "bankAccount", "contacts") if client.get(key)}
    assert client.get("referenceNumber") != "-"
    assert len(world.invoices()) == 2
    said = [text for _, text in warnings(world) if "left out" in text]
    fields_told = ["registry code", "VAT number", "bank account", "reference number", "e-mail", "phone"]
    assert len(said) == len(fields_told)
    for field in fields_told:
        assert [text for text in said if f"contact {company}: {field}: left out" in text], (field, said)


@pytest.mark.parametrize(
    ("country", "booked"), [("Saksamaa", "DE"), ("Deutschland", "DE"), ("Sweden", "SE"), ("Czech Republic", "CZ")]
)
def test_a_country_by_its_name_is_booked_by_its_code(world: World, country: str, booked: str) -> None:
    world.checked = False
    document(world, "invoices", contact(world, "Näidis", country), "2026001")
    run(world)
    assert [client["address"]["country"] for client in clients(world)] == [booked]


def test_a_country_that_names_none_is_told(world: World) -> None:
    known, unknown = contact(world, "Näidis OÜ", "Eesti"), contact(world, "Muu OÜ", "Kaugemaa")
    nothing_else = contact(world, "Kolmas OÜ", addresses=[{"country": "Kaugemaa"}])
    for number, company in enumerate((known, unknown, nothing_else)):
        document(world, "invoices", company, f"202600{number}")
    run(world)
    told_of = [text for code, text in warnings(world) if code == "country_not_known"]
    assert len(told_of) == 2
    assert any(f"contact {unknown} " in text for text in told_of)
    assert not any("Kaugemaa" in text for text in told_of)
    assert len(world.invoices()) == 3
