"""Room report. A summary calls what it names by what the run's flow moves, whatever its number looks like."""

from __future__ import annotations

from datetime import date

import pytest

from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.reasons import phrase, reason
from scoro_smartaccounts.report.summary import group_warnings
from scoro_smartaccounts.staging.findings import Finding, FoundAbout

DAY = date(2026, 1, 20)


@pytest.mark.parametrize(
    ("flow", "first", "second"),
    [
        (Flow.SALES_INVOICES, "receipt-901", "payment-902"),
        (Flow.PURCHASE_INVOICES, "receipt-901", "payment-902"),
        (Flow.PAYMENTS, "Payment 901 of 20.01.2026", "Payment 902 of 20.01.2026"),
        (Flow.EXPORT_PAYMENTS, "Payment 901 of 20.01.2026", "Payment 902 of 20.01.2026"),
    ],
)
def test_an_invoice_whose_number_looks_like_a_payment(flow: Flow, first: str, second: str) -> None:
    why = reason("future_date", document=phrase("invoice", number="1"), day=DAY)
    found = [FoundAbout(name, DAY, Finding(name, why)) for name in ("receipt-901", "payment-902")]
    [line] = group_warnings(flow, found)
    assert line.startswith(f"future_date, 2 documents: {first}, {second}. The first: ")
