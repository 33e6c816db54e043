"""What of a record is kept, whatever a service sends: numbers, texts and nesting of everyday size.

What is beyond that is replaced by an object that says so, in the place where it stood. No field takes an object where a
number or text belongs, so a record that needs the value cannot be read, and one that does not need it goes on. Whatever
`kept` gives can be stored as JSON, and reads the same afterwards.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

MOST_LETTERS = 100_000
MOST_DIGITS = 30
MOST_LEVELS = 16

# Of one record: a document with two thousand lines has fewer.
MOST_VALUES_OF_A_RECORD = 100_000

LEFT_OUT = "left_out"

_MOST_LETTERS_OF_KEYS = 200
# Digits of a number in all; binary noise has up to 60.
_MOST_DIGITS_WRITTEN = 100
_MOST = Decimal(10) ** MOST_DIGITS
_MOST_WHOLE = 10**MOST_DIGITS
_NOTHING_BELOW = Decimal("1e-30")
# Longer whole numbers are read as decimals: Python reads those of any length.
_SHORT = 40


def decimal_of(text: str) -> Decimal | float:
    """Return a number of JSON with a point or an exponent; NaN where it is beyond all reading."""
    try:
        return Decimal(text)
    except InvalidOperation:
        return math.nan


def whole_number_of(text: str) -> int | Decimal | float:
    """Return a whole number of JSON."""
    return int(text) if len(text) <= _SHORT else decimal_of(text)


def constant_of(_: str) -> float:
    """`NaN` and `Infinity`, which are no JSON, but which some services write."""
    return math.nan


def kept(value: Any, levels: int = MOST_LEVELS) -> Any:
    """Return a value of JSON as it is kept. Equal values give equal ones; what is of everyday size stays as it is."""
    # The types that JSON is read as, the most frequent ones first: this is done for every value of every answer.
    kind = type(value)
    if kind is str:
        return storable_text(value) if len(value) <= MOST_LETTERS else left_out("text", value)
    if kind is int or kind is Decimal:
        return value if _is_everyday(value) else left_out("number", _digits(value))
    if value is None or kind is bool:
        return value
    if kind is float:
        return value if _is_everyday(value) else left_out("number", _digits(value))
    if levels == 0:
        return left_out("nesting")
    if kind is dict:
        return {_key(name): kept(each, levels - 1) for name, each in value.items()}
    if kind is list:
        return [kept(each, levels - 1) for each in value]
    raise TypeError(f"{type(value).__name__} is no value of JSON")


def _key(name: str) -> str:
    return storable_text(name) if len(name) <= _MOST_LETTERS_OF_KEYS else storable_text(name)[:_MOST_LETTERS_OF_KEYS]


def has_more_values(value: Any, than: int) -> bool:
    """Whether a value of JSON holds more than so many others."""
    left = [value]
    count = 0
    while left:
        parts = left.pop()
        parts = parts.values() if isinstance(parts, dict) else parts
        count += len(parts)
        if count > than:
            return True
        left += (part for part in parts if isinstance(part, dict | list))
    return False


def is_left_out(value: object) -> bool:
    """Whether something stood here that is not kept."""
    return isinstance(value, Mapping) and LEFT_OUT in value


def storable_text(value: str) -> str:
    """Text without what PostgreSQL cannot hold: NUL and halves of surrogate pairs become U+FFFD."""
    if "\x00" in value:
        value = value.replace("\x00", "\ufffd")
    if value.isascii():
        return value
    try:
        value.encode()
    except UnicodeEncodeError:
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return value


def storable_json(value: Any) -> str:
    """Return a value as JSON that PostgreSQL can hold. Decimals become plain numbers; what is no number in JSON is
    null."""
    try:
        dumped = json.dumps(value, ensure_ascii=False, default=_number, separators=(",", ":"), allow_nan=False)
    except ValueError:
        dumped = json.dumps(_finite(value), ensure_ascii=False, separators=(",", ":"))
    if "\\u0000" in dumped:
        dumped = json.dumps(_without_nul(value), ensure_ascii=False, default=_number, separators=(",", ":"))
    return storable_text(dumped)


def is_storable(text: str) -> bool:
    """Whether JSON can be stored as it is; where it says no, `storable_json` has to make it anew."""
    return not any(word in text for word in ("\\u0000", "NaN", "Infinity")) and storable_text(text) == text


def _is_everyday(value: float | Decimal) -> bool:
    if isinstance(value, int):
        return bool(-_MOST_WHOLE < value < _MOST_WHOLE)
    if isinstance(value, float):
        return math.isfinite(value) and _is_everyday(Decimal(repr(value)))
    if not value.is_finite():
        return False
    if len(value.as_tuple().digits) > _MOST_DIGITS_WRITTEN or abs(value.adjusted()) > _MOST_DIGITS_WRITTEN:
        return False
    size = abs(value)
    return bool(not size or _NOTHING_BELOW <= size < _MOST)


def _digits(value: float | Decimal) -> str:
    return f"{value:x}" if isinstance(value, int) else str(value)


def left_out(what: str, value: str = "") -> dict[str, str]:
    """Return what stands in the place of something that is not kept. The hash tells one such value from another: a
    record that changes is another version."""
    return {LEFT_OUT: what, "sha256": hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest()}


def _number(value: object) -> float:
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(f"{type(value).__name__} is no value of JSON")


def _finite(value: Any) -> Any:
    if isinstance(value, (float, Decimal)):
        return float(value) if math.isfinite(value) and math.isfinite(float(value)) else None
    if isinstance(value, Mapping):
        return {key: _finite(each) for key, each in value.items()}
    return [_finite(each) for each in value] if isinstance(value, list | tuple) else value


def _without_nul(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\x00", "\ufffd")
    if isinstance(value, Mapping):
        return {_without_nul(key): _without_nul(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_without_nul(item) for item in value]
    return value
