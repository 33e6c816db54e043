"""Reading and writing the wire's values."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from scoro_smartaccounts_sandbox.smartaccounts.refusal import basic

ZONE = ZoneInfo("Europe/Tallinn")
_LARGEST = Decimal(10) ** 10
_YEARS = range(1900, 2200)


def rounded(value: Decimal, decimals: int) -> Decimal:
    """Half up, away from zero."""
    return value.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)


def cents(value: Decimal) -> Decimal:
    """An amount of money, half up."""
    return rounded(value, 2)


def given(body: Mapping[str, Any], key: str) -> bool:
    """Whether a field has a value."""
    return body.get(key) not in (None, "")


def required(body: Mapping[str, Any], key: str, where: str = "") -> Any:
    """A value that must be there. Raises Refusal."""
    if not given(body, key):
        raise basic("VALUE-REQUIRED", f"{where}{key} may not be null")
    return body[key]


def text(body: Mapping[str, Any], key: str, where: str = "") -> str:
    """Text; numbers count as text, nothing is empty. Raises Refusal."""
    value = body.get(key)
    if isinstance(value, bool | list | dict):
        raise basic("VALUE-INVALID", f"{where}{key} is not a text")
    return "" if value is None else str(value)


def required_text(body: Mapping[str, Any], key: str, where: str = "") -> str:
    """Text that must be there. Raises Refusal."""
    required(body, key, where)
    return text(body, key, where)


def decimal(body: Mapping[str, Any], key: str, where: str = "") -> Decimal:
    """A number, or text that is one. Raises Refusal."""
    value = required(body, key, where)
    try:
        number = Decimal(value if isinstance(value, Decimal) else str(value))
    except InvalidOperation:
        number = Decimal("NaN")
    if isinstance(value, bool) or not number.is_finite() or abs(number) >= _LARGEST:
        raise basic("VALUE-INVALID", f"{where}{key} is not a number")
    return number


def optional_decimal(body: Mapping[str, Any], key: str, where: str = "", *, default: int = 0) -> Decimal:
    """A number, or the default. Raises Refusal."""
    return decimal(body, key, where) if given(body, key) else Decimal(default)


def integer(body: Mapping[str, Any], key: str, *, default: int = 0) -> int:
    """A whole number, or the default. Raises Refusal."""
    number = optional_decimal(body, key, default=default)
    if number != number.to_integral_value():
        raise basic("VALUE-INVALID", f"{key} is not an integer")
    return int(number)


def boolean(body: Mapping[str, Any], key: str) -> bool | None:
    """True, False or None for nothing; also as text. Raises Refusal."""
    if not given(body, key):
        return None
    value = {"true": True, "false": False}.get(str(body[key]).lower())
    if value is None:
        raise basic("VALUE-INVALID", f"{key} is not a boolean")
    return value


def objects(body: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    """A list of objects, empty for nothing. Raises Refusal."""
    value = body.get(key)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise basic("VALUE-INVALID", f"{key} is not a list of objects")
    return value


def an_object(body: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """An object, empty for nothing. Raises Refusal."""
    value = body.get(key)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise basic("VALUE-INVALID", f"{key} is not an object")
    return value


def day(value: Any, key: str) -> date:
    """A day. Raises Refusal."""
    try:
        found = datetime.strptime(str(value), "%d.%m.%Y").date()  # noqa: DTZ007
    except ValueError:
        raise basic("DATE-INVALID", f"{key} must be dd.MM.yyyy") from None
    if found.year not in _YEARS:
        raise basic("DATE-INVALID", f"{key} is out of range")
    return found


def optional_day(body: Mapping[str, Any], key: str) -> date | None:
    """A day or None. Raises Refusal."""
    return day(body[key], key) if given(body, key) else None


def moment(value: str, key: str, *, end: bool = False) -> datetime:
    """A day or a second in Tallinn; a day as an upper end means its last second.

    In the hour that the end of summer time repeats, a lower end is its first reading and an upper end its second.
    Raises Refusal.
    """
    for pattern in ("%d.%m.%Y_%H:%M:%S", "%d.%m.%Y"):
        try:
            found = datetime.strptime(value, pattern).replace(tzinfo=ZONE, fold=int(end))
        except ValueError:
            continue
        return found.replace(hour=23, minute=59, second=59) if end and "_" not in value else found
    raise basic("DATE-INVALID", f"{key} must be dd.MM.yyyy or dd.MM.yyyy_HH:mm:ss")


def show_day(value: date) -> str:
    """A day as the wire writes it."""
    return f"{value:%d.%m.%Y}"


def number(value: Decimal) -> float | int:
    """A JSON number."""
    return int(value) if value == value.to_integral_value() else float(value)
