"""Reading and writing the wire's values."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from scoro_smartaccounts.sandbox.smartaccounts.refusal import basic

ZONE = ZoneInfo("Europe/Tallinn")
CENT = Decimal("0.01")


def cents(value: Decimal) -> Decimal:
    return value.quantize(CENT, rounding=ROUND_HALF_UP)


def text(body: Mapping[str, Any], key: str) -> str:
    value = body.get(key)
    return "" if value is None else str(value)


def required(body: Mapping[str, Any], key: str, where: str = "") -> Any:
    value = body.get(key)
    if value is None or value == "":
        raise basic("VALUE-REQUIRED", f"{where}{key} may not be null")
    return value


def decimal(body: Mapping[str, Any], key: str, where: str = "", default: Decimal | None = None) -> Decimal:
    value = body.get(key)
    if value is None or value == "":
        if default is None:
            raise basic("VALUE-REQUIRED", f"{where}{key} may not be null")
        return default
    if isinstance(value, bool):
        raise basic("VALUE-INVALID", f"{where}{key} is not a number")
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        raise basic("VALUE-INVALID", f"{where}{key} is not a number") from None
    if not number.is_finite():
        raise basic("VALUE-INVALID", f"{where}{key} is not a number")
    return number


def day(value: Any, key: str) -> date:
    try:
        return datetime.strptime(str(value), "%d.%m.%Y").date()  # noqa: DTZ007
    except ValueError:
        raise basic("DATE-INVALID", f"{key} must be dd.MM.yyyy") from None


def optional_day(body: Mapping[str, Any], key: str) -> date | None:
    value = body.get(key)
    return None if value is None or value == "" else day(value, key)


def moment(value: str, key: str, *, end: bool = False) -> datetime:
    """A day or a second in Tallinn; a day as an upper end means its last second."""
    for pattern in ("%d.%m.%Y_%H:%M:%S", "%d.%m.%Y"):
        try:
            found = datetime.strptime(value, pattern).replace(tzinfo=ZONE)
        except ValueError:
            continue
        return found.replace(hour=23, minute=59, second=59) if end and "_" not in value else found
    raise basic("DATE-INVALID", f"{key} must be dd.MM.yyyy or dd.MM.yyyy_HH:mm:ss")


def show_day(value: date) -> str:
    return f"{value:%d.%m.%Y}"


def show_moment(value: datetime) -> str:
    return f"{value.astimezone(ZONE):%d.%m.%Y %H:%M:%S}"


def number(value: Decimal) -> float | int:
    """A JSON number for an amount."""
    return int(value) if value == value.to_integral_value() else float(value)
