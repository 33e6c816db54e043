"""Room plan. In which order payments are planned, and sent."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from scoro_smartaccounts.common.documents import Flow, Receipt, ReceiptGroup
from scoro_smartaccounts.plan.payment_order import in_order

# What every payment is: its day of January or, above 31, of February, and its documents.
PAYMENTS = {
    "1": (10, "a"),
    "2": (12, "b"),
    "3": (20, "a"),
    "4": (18, "c"),
    "5": (14, ""),
    "6": (34, "b"),
    "7": (22, "d"),
}


def group(source_id: str, day: int, documents: str) -> ReceiptGroup:
    return ReceiptGroup(
        source_id=source_id,
        day=date(2026, 1, day) if day < 32 else date(2026, 2, day - 31),
        partner_id="51",
        currency="EUR",
        total=Decimal(len(documents)),
        account_id="2",
        is_purchase=False,
        is_deleted=False,
        modified_at=None,
        rows=tuple(Receipt(name, Flow.SALES_INVOICES, name, None, Decimal(1)) for name in documents),
    )


def order(known: int | None, refused: str = "", **more: tuple[int, str]) -> str:
    groups = [group(key, *value) for key, value in (PAYMENTS | {key[1:]: value for key, value in more.items()}).items()]
    locked_until = None if known is None else date(2026, 1, known)
    return " ".join(item.source_id for item in in_order(groups, refused=refused, locked_until=locked_until))


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        (None, "1 2 5 4 3 7 6"),
        # All of January may be locked: the newest first, 3 behind 1 that pays the same document.
        (9, "6 7 4 5 2 1 3"),
        # What is known as locked comes last, and 3 goes on without 1.
        (15, "6 7 3 4 5 2 1"),
        (31, "6 7 4 5 2 1 3"),
    ],
)
def test_order(known: int | None, expected: str) -> None:
    assert order(known) == expected


def test_payments_stay_together_by_way_of_others() -> None:
    assert order(9, _8=(21, "bd")) == "6 4 5 2 8 7 1 3"


def test_refused_ones_come_last_in_the_same_order() -> None:
    assert order(15, "367") == "4 5 2 1 6 7 3"
    assert order(None, "16") == "2 5 4 3 7 1 6"
