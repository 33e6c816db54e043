"""Room page. Days, moments and amounts as people read them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

from scoro_smartaccounts.page import formats


def test_days_and_moments_are_of_tallinn() -> None:
    assert formats.day(date(2026, 1, 5)) == "05.01.2026"
    assert formats.day(None) == "–"
    assert formats.full_day("2026-01-05", "et") == "05.01.2026, esmaspäev"
    assert formats.full_day("2026-01-11", "en") == "11.01.2026, Sunday"
    assert (formats.full_day("", "et"), formats.full_day("soon", "et")) == ("", "")
    assert formats.moment(datetime(2026, 1, 5, 22, 30, tzinfo=UTC)) == "06.01.2026 00:30"


def test_amounts_are_of_the_language() -> None:
    amount = Decimal("-1234.5")
    assert formats.money(amount, "EUR", "et").replace("\xa0", " ").replace("\u2212", "-") == "-1 234,50 €"
    assert formats.money(amount, "EUR", "en") == "-€1,234.50"
    assert formats.money(amount, "", "en") == "-1,234.50"
    assert formats.money(None, "EUR", "en") == "–"
    assert formats.number(12345, "et").replace("\xa0", " ") == "12 345"
    assert formats.quantity(Decimal("1E+1"), "et") == "10"
    assert formats.quantity(Decimal("1.50"), "et") == "1,5"


def test_a_dash_stands_between_two_days() -> None:
    assert formats.days(date(2026, 1, 5), date(2026, 1, 6)) == "05.01.2026–06.01.2026"
    assert formats.days(date(2026, 1, 5), date(2026, 1, 5)) == "05.01.2026"


def test_prices_keep_their_decimals() -> None:
    told = [formats.price(Decimal(each), "en") for each in ("12.5", "0.0345", "1000", "0.12345678", "-1.005")]
    assert told == ["12.50", "0.0345", "1,000.00", "0.12345678", "-1.005"]
    assert formats.price(Decimal("0.0345"), "et") == "0,0345"
