"""Room smartaccounts. Records of SmartAccounts are read as they are written, and name nobody."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from scoro_smartaccounts.common.errors import UnreadableAnswer
from scoro_smartaccounts.smartaccounts.wire import (
    ArticleRow,
    InvoiceLineRow,
    InvoiceRow,
    PartnerRow,
    VatPcRow,
    WarehouseRow,
    amount,
    day,
    moment,
    text,
)


def wire(content: str) -> Any:
    return json.loads(content, parse_float=Decimal)


INVOICE = wire(
    """{"id": "i-1", "clientId": "c-1", "client": {"id": "c-1", "name": "Mari Maasikas"}, "date": "02.03.2026",
    "entryDate": "03.03.2026", "invoiceNumber": 2026041, "currency": "eur", "amount": 90.00, "vatAmount": "21.60",
    "totalAmount": 111.6, "roundAmount": 0, "outstandingAmount": 111.60, "comment": "[Scoro demoou invoices/5121]",
    "somethingNew": 1, "rows": [{"code": 100, "description": "Kaabel", "price": 10.123456, "quantity": "1",
    "unit": "m", "vatPc": 24, "vat": 2.4, "sum": 12.4}]}"""
)


def test_an_invoice() -> None:
    row = InvoiceRow.from_wire(INVOICE)
    assert (row.id, row.partner_id, row.partner_name, row.type) == ("i-1", "c-1", "Mari Maasikas", "")
    assert (row.date, row.entry_date) == (date(2026, 3, 2), date(2026, 3, 3))
    assert (row.invoice_number, row.currency) == ("2026041", "EUR")
    assert (row.amount, row.vat_amount, row.total_amount) == (90, Decimal("21.60"), Decimal("111.6"))
    assert row.round_amount == 0
    assert row.comment == "[Scoro demoou invoices/5121]"
    assert row.raw["somethingNew"] == 1
    [line] = row.rows
    assert (line.code, line.vat_pc, line.price, line.quantity) == ("100", "24", Decimal("10.123456"), 1)
    assert (line.discount, line.vat, line.sum) == (0, Decimal("2.4"), Decimal("12.4"))


def test_what_is_left_out_is_nothing() -> None:
    row = InvoiceRow.from_wire(
        {"id": "i-1", "client": {"id": "c-1"}, "date": "02.03.2026", "totalAmount": -1, "type": "CRE"}
    )
    assert (row.partner_id, row.partner_name, row.type, row.invoice_number, row.comment) == ("c-1", "", "CRE", "", "")
    assert row.entry_date is row.amount is row.vat_amount is row.round_amount is None
    assert (row.total_amount, row.rows) == (-1, ())


@pytest.mark.parametrize(
    ("read", "row"),
    [
        (InvoiceRow.from_wire, {**INVOICE, "id": None}),
        (InvoiceRow.from_wire, {**INVOICE, "date": "canary"}),
        (InvoiceRow.from_wire, {**INVOICE, "date": None}),
        (InvoiceRow.from_wire, {**INVOICE, "totalAmount": "canary"}),
        (InvoiceLineRow.from_wire, {"code": "canary", "price": 1}),
        (PartnerRow.from_wire, {"name": "canary"}),
        (ArticleRow.from_wire, {"description": "canary"}),
        (VatPcRow.from_wire, {"vatPc": "24"}),
        (VatPcRow.from_wire, {"pc": 24}),
        (WarehouseRow.from_wire, {"id": "canary"}),
    ],
)
def test_rows_that_cannot_be_told_apart_or_compared(read: Callable[[Any], object], row: object) -> None:
    with pytest.raises(UnreadableAnswer) as told:
        read(row)
    assert "canary" not in str(told.value)


def test_a_client() -> None:
    row = PartnerRow.from_wire(
        {"id": "c-1", "name": " Näidis OÜ ", "regCode": 12345678, "dateUpdated": "02.03.2026 10:00:00", "new": True}
    )
    assert (row.id, row.name, row.reg_code, row.vat_number, row.comment) == ("c-1", "Näidis OÜ", "12345678", "", "")
    assert row.raw["new"] is True


def test_an_article() -> None:
    row = ArticleRow.from_wire({"code": "KAB-1", "description": "Kaabel", "type": "WH", "unit": "m", "vatPc": 24})
    assert (row.code, row.description, row.type, row.unit, row.vat_pc) == ("KAB-1", "Kaabel", "WH", "m", "24")
    assert row.active_sales is True
    assert ArticleRow.from_wire({"code": "A", "activeSales": False}).active_sales is False


def test_a_vat_code() -> None:
    row = VatPcRow.from_wire(
        {"vatPc": 24, "pc": "24.00", "activeSales": True, "activePurchase": "false", "descriptionEt": "KM 24%"}
    )
    assert (row.vat_pc, row.pc, row.description) == ("24", 24, "KM 24%")
    assert (row.active_sales, row.active_purchase) == (True, False)


def test_a_warehouse_may_have_no_id() -> None:
    assert WarehouseRow.from_wire({"name": "Põhiladu"}).id is None
    assert WarehouseRow.from_wire({"name": "Põhiladu", "id": "w-1"}).id == "w-1"


def test_representations_name_nobody() -> None:
    client = PartnerRow.from_wire(
        {"id": "c-1", "name": "canary", "regCode": "canary", "comment": "canary", "x": "canary"}
    )
    invoice = InvoiceRow.from_wire({**INVOICE, "client": {"name": "canary"}, "comment": "canary"})
    assert "canary" not in repr(client) + repr(invoice)
    assert "c-1" in repr(client)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("02.03.2026", datetime(2026, 3, 1, 22, 0, tzinfo=UTC)),
        ("2.3.2026", datetime(2026, 3, 1, 22, 0, tzinfo=UTC)),
        ("02.07.2026 10:00:00", datetime(2026, 7, 2, 7, 0, tzinfo=UTC)),
        ("02.07.2026_10:00:00", datetime(2026, 7, 2, 7, 0, tzinfo=UTC)),
        ("02.07.2026 10:00", datetime(2026, 7, 2, 7, 0, tzinfo=UTC)),
        ("02.07.2026 10:00:00.123", datetime(2026, 7, 2, 7, 0, tzinfo=UTC)),
        ("2026-07-02", datetime(2026, 7, 1, 21, 0, tzinfo=UTC)),
        ("2026-07-02T10:00:00", datetime(2026, 7, 2, 7, 0, tzinfo=UTC)),
        ("2026-07-02T10:00:00Z", datetime(2026, 7, 2, 10, 0, tzinfo=UTC)),
        ("2026-07-02T10:00:00+02:00", datetime(2026, 7, 2, 8, 0, tzinfo=UTC)),
        (1782982800000, datetime(2026, 7, 2, 9, 0, tzinfo=UTC)),
        (None, None),
        ("", None),
        ("31.02.2026", None),
        ("soon", None),
        (5, None),
        (True, None),
        ([], None),
    ],
)
def test_moments(written: object, expected: datetime | None) -> None:
    assert moment(written) == expected


def test_days_are_tallinn_days() -> None:
    assert day("02.03.2026") == date(2026, 3, 2)
    assert day("2026-03-01T22:30:00Z") == date(2026, 3, 2)
    assert day(None) is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1, 1),
        ("1.50", Decimal("1.5")),
        (Decimal("0.1"), Decimal("0.1")),
        (" -2 ", -2),
        (None, None),
        ("", None),
        ("x", None),
        (True, None),
        ("NaN", None),
        ([], None),
    ],
)
def test_amounts(value: object, expected: Decimal | None) -> None:
    assert amount(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a ", "a"),
        (7, "7"),
        (Decimal("7.0"), "7"),
        (Decimal("100"), "100"),
        (Decimal("7.5"), "7.5"),
        (None, ""),
        (True, ""),
        ([], ""),
        ({}, ""),
    ],
)
def test_texts(value: object, expected: str) -> None:
    assert text(value) == expected


@pytest.mark.parametrize("lacking", ["missing", "unreadable"])
def test_a_client_without_an_id_is_read_as_far_as_it_can_be(lacking: str) -> None:
    row = {"name": "Näidis OÜ", "regCode": "12345678"} | ({} if lacking == "missing" else {"id": {"a": 1}})
    read = PartnerRow.as_far_as_readable(row)
    assert read.name == "Näidis OÜ"
    assert read.id.startswith("?")
    assert PartnerRow.as_far_as_readable(dict(row)).id == read.id
