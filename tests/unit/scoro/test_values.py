"""Room scoro. Ids, days and moments of Scoro are read by one function each."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from scoro_smartaccounts.reconcile_ids.linked_service.entries import is_id
from scoro_smartaccounts.scoro import values
from scoro_smartaccounts.scoro.rows import day_of, id_of
from scoro_smartaccounts.scoro.wire import UnreadableRecord, booking_content, parse_bill, parse_contact

SEVENS = (7, "7", "007", 7.0, Decimal(7), Decimal("7.0"), "7.0", " 7 ")


@pytest.mark.parametrize("value", SEVENS)
def test_an_id_is_read_alike_everywhere(value: object) -> None:
    assert values.identifier(value) == values.record_id(value) == id_of({"id": value}) == "7"
    assert parse_contact({"contact_id": value, "name": "Klient"}).source_id == "7"
    row = {"id": value, "company_id": value, "date": "2026-01-05", "sum": 1, "vat_sum": 0, "prepayment_id": value}
    bill = parse_bill(row)
    assert (bill.source_id, bill.partner_id, bill.prepayments) == ("7", "7", ("7",))
    assert booking_content(row)["partner"] == "7"
    assert is_id(str(value))


@pytest.mark.parametrize("value", [0, "0", "", None, True, False, "x", "7a", 7.5, [], {}, "٣", 10**18])
def test_what_is_no_id(value: object) -> None:
    assert values.identifier(value) is values.record_id(value) is id_of({"id": value}) is None


def test_only_the_id_of_headings_is_below_zero() -> None:
    assert values.identifier(-1) == "-1"
    assert values.record_id(-1) is None


@pytest.mark.parametrize("value", ["2026-01-05", "2026-01-05 10:00:00", "2026-01-05T23:59:59+02:00", " 2026-01-05 "])
def test_a_day_is_read_alike_everywhere(value: str) -> None:
    assert values.day(value) == day_of({"date": value}) == date(2026, 1, 5)
    assert booking_content({"date": value})["date"] == "2026-01-05"


@pytest.mark.parametrize("value", ["2026-01-05x", "5.1.2026", "2026-13-01", 20260105])
def test_what_is_no_day(value: object) -> None:
    assert day_of({"date": value}) is None
    with pytest.raises(UnreadableRecord):
        parse_bill({"id": 7, "date": value, "sum": 1, "vat_sum": 0})
