"""Whole flows. Texts that SmartAccounts may cut, texts that Scoro may escape twice, numbers of bills that may be
Scoro's own: somebody hears of it, with the document."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.reasons import Reason, render
from scoro_smartaccounts.staging.schema import finding
from tests.integration.money import Money, said
from tests.integration.world import World

DAY = date(2026, 1, 15)
BILLS = Flow.PURCHASE_INVOICES


@pytest.fixture
def money(world: World) -> Money:
    return Money(world)


def told(money: Money) -> dict[str, set[str]]:
    """The sentences that were told of documents, by code."""
    found: dict[str, set[str]] = {}
    with money.world.engine.connect() as connection:
        for row in connection.execute(select(finding)):
            found.setdefault(row.code, set()).add(render(Reason.from_json(row.reason)))
    return found


def line(text: str) -> dict[str, Any]:
    return {"product_id": 0, "product_name": text, "price": "100", "amount": "1", "vat_code_id": 9}


def client(money: Money, name: str) -> int:
    return int(money.world.site.create("contacts", {"name": name, "contact_type": "company"})["contact_id"])


LENGTHS = {"name": 100, "description": 255, "invoiceNumber": 5}


def test_texts_that_are_cut_without_a_word_are_told(money: Money) -> None:
    money.world.books.switches.change({"text_lengths": LENGTHS, "text_too_long": "cut"})
    money.enter(DAY, "100", partner=client(money, f"{'Väga pikk nimi ' * 8}OÜ"), lines=[line("Pikk tekst " * 30)])
    money.import_documents(DAY, DAY)
    [invoice] = money.world.invoices()
    [booked] = [each for each in money.world.books.state()["clients"] if each["id"] == invoice["clientId"]]
    assert (len(booked["name"]), len(invoice["rows"][0]["description"])) == (100, 255)
    assert len(told(money)["text_long"]) == 2


def test_texts_that_are_kept_whole_are_not_told(money: Money) -> None:
    money.enter(DAY, "100", partner=client(money, "N" * 100), lines=[line("T" * 255)])
    money.import_documents(DAY, DAY)
    assert "text_long" not in told(money)


def test_a_number_that_is_cut_without_a_word_is_an_alarm(money: Money) -> None:
    money.world.books.switches.change({"text_lengths": LENGTHS, "text_too_long": "cut"})
    money.enter(DAY, "100", flow=BILLS, no="A-1234567")
    money.enter(DAY, "50", flow=BILLS, no="A-77")
    [alarm] = money.import_documents(DAY, DAY, BILLS)["alarms"]
    assert "number A-123 instead of A-1234567" in alarm


@pytest.mark.parametrize("escaped", [False, True, "twice"])
def test_texts_that_are_escaped_twice_are_told(money: Money, escaped: bool | str) -> None:
    money.world.site.switches = money.world.site.switches.changed({"html_entities": escaped})
    money.enter(DAY, "100", partner=client(money, "Puu & Poeg OÜ"), lines=[line("Lauad & toolid")])
    money.import_documents(DAY, DAY)
    [invoice] = money.world.invoices()
    assert invoice["rows"][0]["description"] == ("Lauad &amp; toolid" if escaped == "twice" else "Lauad & toolid")
    assert ("entity_left" in told(money)) == (escaped == "twice")
    assert len(told(money).get("entity_left", ())) in (0, 2)


@pytest.mark.parametrize("numbered", ["suppliers", "own"])
def test_bills_that_scoro_numbers_itself_are_told(money: Money, numbered: str) -> None:
    money.world.site.switches = money.world.site.switches.changed({"bill_number": numbered})
    money.world.checked = True
    for number, supplier in enumerate(("19000011", "19000022", "19000033", "19000044")):
        money.enter(DAY, f"{number + 1}0", flow=BILLS, partner=money.partner(supplier), no=f"{7 * number + 11}")
    summary = money.import_documents(DAY, DAY, BILLS)
    assert summary["documents"]["created"] == 4, said(summary)
    texts = told(money).get("number_in_series", set())
    assert len(texts) == (4 if numbered == "own" else 0), texts


def test_small_numbers_of_few_vendors_that_follow_each_other_are_not_told(money: Money) -> None:
    """Two vendors at their first bills; and one that writes three in a row."""
    money.world.checked = True
    for number, supplier in (
        ("1", "19000011"),
        ("2", "19000022"),
        ("7", "19000033"),
        ("8", "19000033"),
        ("9", "19000033"),
    ):
        money.enter(DAY, f"{number}0", flow=BILLS, partner=money.partner(supplier), no=number)
    money.import_documents(DAY, DAY, BILLS)
    assert "number_in_series" not in told(money)
