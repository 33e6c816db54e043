"""Values of Scoro's fields: texts, flags, ids, numbers, days and moments, each read by one function.

Scoro's types are uneven: numbers come as numbers or as decimal text, booleans as 0/1 or "0"/"1", nothing as null,
0, "", [] or 0000-00-00, and a PHP map as a list when it is empty. Functions return None (or empty text) for nothing;
those that must not guess raise ValueError for what they cannot read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from scoro_smartaccounts.border.record_bounds import is_left_out
from scoro_smartaccounts.common.clock import TALLINN

# Moments without a zone are local to the site; sites of Estonian companies live in this zone.
SITE_ZONE = TALLINN

# Numbers come as binary floats with noise; ten decimals are more than any rate has.
STEP = Decimal("1e-10")
_NO_DAY = "0000-00-00"
# Days of other ages are typing errors, and beyond what calendars can add to.
_FIRST_YEAR, _LAST_YEAR = 1900, 2199
_YES, _NO = ("1", "true", "yes"), ("0", "false", "no")
# PHP escapes these in every text, once; whatever other entities a text holds are its own.
_ENTITIES = {"&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"', "&#039;": "'", "&#39;": "'", "&apos;": "'"}
_ENTITY = re.compile("|".join(map(re.escape, _ENTITIES)))
_WHOLE = re.compile(r"(-?[0-9]{1,18})(?:\.0+)?")
_LONGEST_ID = 10**18
_NUMBER = re.compile(r"[+-]?[0-9]{1,20}(\.[0-9]{0,20})?")
_TOO_LARGE = Decimal(10) ** 14


def clean(value: object) -> str:
    r"""Return the text of a field: what Scoro escapes for HTML resolved once, \r\n → \n, trimmed; empty for nothing."""
    if isinstance(value, str):
        text = value
    elif value is None or isinstance(value, (bool, list, Mapping)):
        return ""
    else:
        text = str(value)
    if "&" in text:
        text = _ENTITY.sub(lambda match: _ENTITIES[match[0]], text)
    if "\x00" in text or "\r" in text:
        text = text.replace("\x00", "").replace("\r\n", "\n").replace("\r", "\n")
    return text.strip()


def is_nothing(value: object) -> bool:
    """Whether a field is empty: null, false, or empty text, list or object."""
    if isinstance(value, str):
        return not clean(value)
    return value is None or value is False or value == [] or value == {}


def truth(value: object) -> bool:
    """Whether a flag is set: true, 1, "1", "true"."""
    return clean(value).lower() in _YES if not isinstance(value, bool) else value


def flag(value: object) -> bool:
    """As `truth`; raises ValueError for what is neither yes nor no."""
    if isinstance(value, bool) or is_nothing(value):
        return value is True
    text = number_text(value).lower()
    if text not in (*_YES, *_NO):
        raise ValueError
    return text in _YES


def identifier(value: object) -> str | None:
    """Return an id as text without leading zeros: 7, "7", "007", 7.0 and "7.0" are one. 0, "", null and anything that
    is no whole number is none. -1 is kept: it marks headings."""
    if type(value) is int and -_LONGEST_ID < value < _LONGEST_ID:
        return str(value) if value else None
    match = _WHOLE.fullmatch(number_text(value))
    return str(int(match[1])) if match and int(match[1]) != 0 else None


def record_id(value: object) -> str | None:
    """Return the id of a record: an `identifier` above 0."""
    found = identifier(value)
    return None if found is None or found.startswith("-") else found


def identifiers(value: object) -> tuple[str, ...]:
    """Return the ids of an array, of a map's values, or of one field."""
    values = value if isinstance(value, list) else list(value.values()) if isinstance(value, Mapping) else [value]
    return tuple(dict.fromkeys(found for item in values if (found := identifier(item)) is not None))


def number_text(value: object) -> str:
    """Return a number that is a name (document number, code) as text, also where it comes as a JSON number."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, Decimal) and value.is_finite() and value == value.to_integral_value():
        return str(int(value))
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return clean(value)


def symbol(value: object) -> str | None:
    """Return the symbol of an account or object; "" and 0 are none."""
    text = number_text(value)
    return None if text in ("", "0") else text


def decimal(value: object) -> Decimal | None:
    """Return a decimal, None for nothing; raises ValueError for anything else."""
    if isinstance(value, str):
        return _decimal_of(value)
    if value is None or value == []:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
        raise ValueError
    return _bounded(value if isinstance(value, Decimal) else Decimal(str(value)))


@lru_cache(maxsize=4096)
def _decimal_of(text: str) -> Decimal | None:
    """Amounts and rates repeat. What cannot be read is not kept in mind."""
    text = text.strip()
    if not text:
        return None
    if not _NUMBER.fullmatch(text):
        raise ValueError
    return _bounded(Decimal(text))


def _bounded(number: Decimal) -> Decimal:
    if not number.is_finite() or abs(number) >= _TOO_LARGE:
        raise ValueError
    return number


def canonical_number(value: object) -> str | None:
    """Return a number as the shortest decimal text, without binary noise; nothing and 0 are the same."""
    try:
        number = decimal(value)
    except ValueError:
        return f"unreadable: {clean(value) or kind(value)}"
    if not number:
        return "0"
    text = format(number.quantize(STEP).normalize(), "f")
    return "0" if text in ("0", "-0") else text


def day(value: object) -> date | None:
    """Return a day, also of a moment; None for nothing; raises ValueError for anything else."""
    text = clean(value)
    if text in ("", "0") or text.startswith(_NO_DAY):
        if isinstance(value, Mapping) and value:
            raise ValueError
        return None
    match = re.fullmatch(r"(\d{4}-\d{2}-\d{2})(?:[T ].*)?", text, re.ASCII)
    if not match:
        raise ValueError
    found = date.fromisoformat(match[1])
    if not _FIRST_YEAR <= found.year <= _LAST_YEAR:
        raise ValueError
    return found


def day_text(value: object) -> str:
    """Return a day as it stands, also where it is none: for comparing what a record held."""
    return clean(value)[: len(_NO_DAY)]


def moment(value: object) -> datetime | None:
    """Return a moment with zone; None for nothing and for what is no moment (nothing in the books hangs on it)."""
    text = clean(value)
    if not text or text.startswith(_NO_DAY):
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    if not _FIRST_YEAR <= found.year <= _LAST_YEAR:
        return None
    return found if found.tzinfo else found.replace(tzinfo=SITE_ZONE)


def items(value: object) -> list[Any]:
    """Return an array; PHP sends one with gaps as an object with numbers as keys, and an empty one as null or ""."""
    if isinstance(value, list):
        return value
    if isinstance(value, Mapping) and all(str(key).isdigit() for key in value):
        return list(value.values())
    return [value] if isinstance(value, Mapping) else []


def texts(value: object) -> list[str]:
    """Return the texts of a field that holds one, an array of them, or objects with a name."""
    if isinstance(value, Mapping):
        named = [value[key] for key in ("tag_name", "name") if key in value]
        return [text for item in (named or value.values()) for text in texts(item)]
    if isinstance(value, list):
        return [text for item in value for text in texts(item)]
    return [text] if (text := clean(value)) else []


def first_text(value: object) -> str:
    """Return the first of `texts`; empty where there is none."""
    return next(iter(texts(value)), "")


def kind(value: object) -> str:
    """Return what kind of thing stands in a field. It is part of content hashes: these words stay."""
    if is_left_out(value):
        return "something that is not of everyday size"
    if value is None or value == "":
        return "nothing"
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, (int, float, Decimal)):
        return "a number out of bounds"
    if isinstance(value, str):
        return "other text"
    return "a list" if isinstance(value, list) else "an object"
