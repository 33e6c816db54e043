"""Room audit. The pages of a night write amounts as their language does; the log keeps a point."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

from scoro_smartaccounts.audit.report import NightReport, cases_of, page_of
from scoro_smartaccounts.common.reasons import phrase, reason
from scoro_smartaccounts.staging.audit_nights import Night
from scoro_smartaccounts.staging.drifts import Drift

AT = datetime(2026, 1, 15, 3, tzinfo=UTC)


def drift(state: str, amount: str) -> Drift:
    document = phrase("invoice", number="2026001")
    return Drift(
        id=7,
        system="smartaccounts",
        kind="amount",
        flow="sales_invoices",
        source_id="1",
        remote_id="2",
        before={},
        after={},
        amount=Decimal(amount),
        currency="EUR",
        evidence="",
        case_key="x",
        state=state,
        reason=reason("books_amount", document=document, now=Decimal("1234.50"), booked=Decimal("10.00")),
        first_seen=AT,
        confirmed_at=AT,
        told_at=None,
        closed_at=AT if state == "mended" else None,
        accepted_by="",
        note="",
    )


def test_amounts_are_of_the_language() -> None:
    night = Night(date(2026, 1, 15), "ok", "ok", 1, 1, {}, {}, "", "x", AT, AT)
    notes = (reason("books_amount", document=phrase("invoice", number="1"), now="5678.90", booked="1.00"),)
    told = NightReport(night, notes, cases_of([drift("open", "1224.50")]), (), (drift("mended", "1224.50"),))
    estonian = page_of(told, "et").replace("\xa0", " ")
    assert "1 224,50 EUR" in estonian
    assert estonian.count("1 234,50") == 2
    assert "5 678,90" in estonian
    assert "1234.50" not in estonian
    english = page_of(told, "en")
    assert "1,224.50 EUR" in english
    assert english.count("1,234.50") == 2
    assert any("1234.50" in line for line in told.lines())
