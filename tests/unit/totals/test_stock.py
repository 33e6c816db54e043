"""Room totals. Quantities of stock articles: as booked, and as SmartAccounts has them."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.staging.facts import BooksFacts, BooksLine, Facts, SourceFacts
from scoro_smartaccounts.totals.sheet import Measure, Sheet
from scoro_smartaccounts.totals.sides import Settings
from scoro_smartaccounts.totals.stock import compare_stock

DAY, SEEN = date(2026, 3, 10), datetime(2026, 4, 1, tzinfo=UTC)
QUANTITIES = (("KAUP", "2.5"), ("KAUP", "1"), ("TÖÖ", "7"))
BODY = {"rows": [{"code": code, "quantity": quantity} for code, quantity in QUANTITIES]}
SOURCE = SourceFacts(
    flow=Flow.SALES_INVOICES,
    source_id="7",
    number="101",
    day=DAY,
    currency="EUR",
    rate=None,
    partner_id="1",
    is_credit=False,
    net=Decimal(100),
    vat=Decimal(24),
    fate="booked",
    remote_id="R1",
    body=json.dumps(BODY),
)


def books(quantity: str, total: int = 124) -> BooksFacts:
    lines = [
        BooksLine("KAUP", "24", Decimal(100), Decimal(24), "3020", Decimal(quantity)),
        BooksLine("TÖÖ", "24", Decimal(0), Decimal(0), "3010", Decimal(9)),
    ]
    return BooksFacts(
        flow=Flow.SALES_INVOICES,
        remote_id="R1",
        number="101",
        day=DAY,
        entry_day=DAY,
        partner_id="K1",
        is_credit=total < 0,
        currency="EUR",
        rate=None,
        net=Decimal(100),
        vat=Decimal(24),
        rounding=Decimal(0),
        total=Decimal(total),
        outstanding=None,
        debt_account="1200",
        content={"articles": {"KAUP": quantity, "TÖÖ": "9"}},
        is_deleted=False,
        declared_at=None,
        seen_at=SEEN,
        lines=lines,
    )


def compared(source: SourceFacts, mine: BooksFacts) -> tuple[tuple[Decimal | None, Decimal, Decimal], list[str]]:
    """The cell: Scoro, SmartAccounts, unexplained; and the causes."""
    sheet = Sheet()
    compare_stock(sheet, Facts([source], {}, [mine], [], [], []), Settings({}, stock=frozenset({"KAUP"})))
    [cell] = sheet.cells()
    assert cell.part == (Measure.STOCK, "")
    return (cell.scoro, cell.books, cell.unexplained), [cause.cause for cause in sheet.causes]


@pytest.mark.parametrize(
    ("mine", "told", "causes"),
    [
        (books("3.5"), ("3.5", "3.5", "0"), []),
        (books("3"), ("3.5", "3", "-0.5"), ["unexplained"]),
        (books("-3.5", total=-124), ("-3.5", "-3.5", "0"), []),
        (books("3.5", total=-124), ("-3.5", "-3.5", "0"), []),
    ],
)
def test_quantities_of_stock_articles(mine: BooksFacts, told: tuple[str, ...], causes: list[str]) -> None:
    assert compared(SOURCE, mine) == (tuple(map(Decimal, told)), causes)


def test_a_change_that_a_night_told_is_its_cause() -> None:
    mine = books("3")
    told = replace(mine, told={"articles": mine.content["articles"]})
    assert compared(SOURCE, told) == ((Decimal("3.5"), Decimal(3), Decimal(0)), ["books_changed"])


def test_what_is_not_booked_by_a_known_plan_has_no_quantities() -> None:
    sheet = Sheet()
    for source in (replace(SOURCE, body=""), replace(SOURCE, fate="waiting")):
        compare_stock(sheet, Facts([source], {}, [books("3")], [], [], []), Settings({}, stock=frozenset({"KAUP"})))
    assert sheet.cells() == []
