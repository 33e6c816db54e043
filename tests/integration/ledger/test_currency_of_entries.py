"""Room ledger. Entries that show the document's currency where euros are meant: the first document of another currency
is the only one that is booked, and in euros nothing is off."""

from __future__ import annotations

import pytest

from tests.integration.ledger.test_check import BILLS, DAY, SALES, kinds, numbers, of_dollars
from tests.integration.money import Money, said
from tests.integration.world import World


@pytest.fixture
def money(world: World) -> Money:
    return Money(world)


@pytest.mark.parametrize("flow", [SALES, BILLS])
def test_amounts_in_the_documents_currency_hold_the_kind_after_the_first(money: Money, flow: str) -> None:
    money.world.books.switches.change({"entry_amounts": "original"})
    for net in ("100", "200", "300"):
        of_dollars(money, net, flow)
    money.enter(DAY, "999", flow=flow, no="9999")
    summary = money.import_documents(DAY, DAY, flow)
    assert numbers(money, flow) == 2, said(summary)
    [alarm] = summary["alarms"]
    assert "posting in euros is not the expected one" in alarm
    assert set(kinds(money).values()) == {"held"}
    assert [code for _, _, code in money.cases()] == ["kind_held"] * 2
