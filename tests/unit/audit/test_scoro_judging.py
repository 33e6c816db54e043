"""Room audit. What was imported of Scoro and what Scoro shows: differences by kind, and what helps."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from scoro_smartaccounts.audit.scoro_content import UNREAD, content_of
from scoro_smartaccounts.audit.scoro_judging import Imported, changes_of, drift_of, gone_of
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.reasons import render
from scoro_smartaccounts.scoro.modules import EXPENSES, INVOICES, RECEIPTS

BASIS = {
    "number": "12",
    "day": "2026-01-05",
    "due_day": "2026-01-19",
    "partner": "7",
    "currency": "EUR",
    "rate": "1",
    "net": "100",
    "vat": "24",
    "reference": "123",
    "credits": "",
    "lines": "a",
}
INVOICE = Imported(Flow.SALES_INVOICES, "5", "77", "hash", "12", date(2026, 1, 5))


@pytest.mark.parametrize(
    ("shown", "kinds"),
    [
        ({}, {}),
        ({"net": "150", "vat": "36", "lines": "b"}, {"source_amount": ("net", "vat", "lines")}),
        ({"rate": "0.9"}, {"source_amount": ("rate",)}),
        ({"vat": "0", "lines": "b"}, {"source_vat": ("vat", "lines")}),
        ({"lines": "b"}, {"source_lines": ("lines",)}),
        ({"lines": "b", "credits": "4"}, {"source_lines": ("lines", "credits")}),
        ({"lines": UNREAD}, {}),
        ({"lines": ""}, {}),
        ({"day": "2026-02-05", "partner": "8"}, {"source_date": ("day",), "source_partner": ("partner",)}),
        ({"reference": "124"}, {"source_number": ("reference",)}),
        # A plain row that does not show a field tells nothing of it.
        ({"reference": None, "due_day": None}, {}),
    ],
)
def test_a_change_is_of_one_kind_for_each_thing_that_changed(shown: dict[str, Any], kinds: dict[str, Any]) -> None:
    found = changes_of(Flow.SALES_INVOICES, BASIS, {**BASIS, **shown})
    assert {each.kind: each.fields for each in found} == kinds


def test_an_amount_is_told_with_both_sums_and_both_remedies() -> None:
    shown = {**BASIS, "net": "150", "vat": "36"}
    [change] = changes_of(Flow.SALES_INVOICES, BASIS, shown)
    found = drift_of(INVOICE, BASIS, shown, change, "shown_as_changed")
    assert (found.amount, found.currency, found.source_id, found.remote_id) == (Decimal(62), "EUR", "5", "77")
    said = render(found.reason)
    assert "is 186.00 EUR in Scoro now, 124.00 EUR was imported" in said
    assert "deleting it in SmartAccounts and a retry" in said
    assert "a credit invoice and a new one" in said
    assert "Scoros nüüd 186.00 EUR, imporditi 124.00 EUR" in render(found.reason, "et")


def test_a_payment_that_is_gone_is_told_with_its_sum() -> None:
    payment = Imported(Flow.PAYMENTS, "9", "88", "hash")
    found = gone_of(payment, {"day": "2026-01-09", "net": "124", "currency": "EUR"}, "shown_as_deleted")
    assert (found.kind, found.amount) == ("receipt_deleted", Decimal(124))
    assert "Payment 9 of 09.01.2026 was deleted in Scoro" in render(found.reason)


def test_fields_that_a_row_does_not_have_have_no_content() -> None:
    content = content_of(INVOICES, {"id": 5, "no": "12", "date": "2026-01-05", "sum": "100.00"})
    assert content == {"number": "12", "day": "2026-01-05", "net": "100", "lines": ""}


def test_an_expense_is_read_by_its_own_names() -> None:
    row = {"id": 5, "no": "K-1", "due_date": "2026-02-01", "tax_sum": "24.00", "lines": None}
    assert content_of(EXPENSES, row) == {"number": "K-1", "due_day": "2026-02-01", "vat": "24", "lines": ""}


def test_a_receipt_tells_what_it_is_for() -> None:
    parts = [{"invoice_id": 3, "sum": "10.00"}, {"invoice_id": 3, "sum": 2}, {"prepayment_id": 4, "sum": "1"}, "?"]
    content = content_of(RECEIPTS, {"id": 9, "date": "2026-01-09", "sum": "13", "receipts": parts})
    assert content["settles"] == {"3": "12", "prepayment 4": "1", "other text": "0"}
