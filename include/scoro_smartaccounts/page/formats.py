"""Days, moments and amounts as people read them."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from babel.dates import get_day_names
from babel.numbers import format_currency, format_decimal

from scoro_smartaccounts.common.clock import TALLINN
from scoro_smartaccounts.common.reasons import spoken
from scoro_smartaccounts.common.reasons.message import Language


def day(value: date | None) -> str:
    """`31.01.2026`, or a dash."""
    return "–" if value is None else f"{value:%d.%m.%Y}"


def days(first: date, last: date) -> str:
    """`01.01.2026–31.01.2026`, or one day."""
    return day(first) if first == last else f"{day(first)}–{day(last)}"


def full_day(value: str, language: Language) -> str:
    """`31.01.2026, laupäev` in Estonian, `31.01.2026, Saturday` in English, of what a field for a day sends; empty for
    what is no day."""
    try:
        chosen = date.fromisoformat(value)
    except ValueError:
        return ""
    return f"{day(chosen)}, {weekdays(language)[chosen.weekday()]}"


def weekdays(language: Language) -> list[str]:
    """Return the names of the days of a week, from Monday on."""
    names = get_day_names("wide", locale=spoken.LOCALES[language])
    return [str(names[place]) for place in range(7)]


def month(value: date | str, language: Language) -> str:
    """`jaanuar 2026` in Estonian, `January 2026` in English; of a day, or of a text like `2026-01`."""
    return spoken.month(value if isinstance(value, str) else f"{value:%Y-%m}", language)


def moment(value: datetime | None) -> str:
    """`31.01.2026 09:05`, in Tallinn."""
    return "–" if value is None else f"{value.astimezone(TALLINN):%d.%m.%Y %H:%M}"


def money(value: Decimal | None, currency: str, language: Language) -> str:
    """`1 234,50 €` in Estonian, `€1,234.50` in English; without a currency the number alone."""
    if value is None:
        return "–"
    if not currency:
        return str(format_decimal(value, "#,##0.00", locale=spoken.LOCALES[language]))
    return str(format_currency(value, currency, locale=spoken.LOCALES[language]))


def price(value: Decimal, language: Language) -> str:
    """`12,50`, `0,0345` in Estonian, `0.0345` in English: all decimals, and two at least."""
    return str(format_decimal(value, "#,##0.00##########", locale=spoken.LOCALES[language]))


def number(value: int | None, language: Language) -> str:
    """`12 345` in Estonian, `12,345` in English, or a dash."""
    if value is None:
        return "–"
    return str(format_decimal(value, "#,##0", locale=spoken.LOCALES[language]))


def quantity(value: Decimal, language: Language) -> str:
    """`10`, `1,5` in Estonian, `1.5` in English."""
    return str(format_decimal(value, "#,##0.######", locale=spoken.LOCALES[language]))
