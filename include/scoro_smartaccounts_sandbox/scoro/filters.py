"""The ``filter`` of a list request, turned into a test of one record."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any

from scoro_smartaccounts_sandbox.scoro.fields import SITE_ZONE, Kind, Module, Record
from scoro_smartaccounts_sandbox.scoro.site import RefusedError, Site

Test = Callable[[Record], bool]

_RANGE_KEYS = {"from_date", "to_date"}
_DECIMALS = {Kind.DEC2, Kind.DEC3, Kind.DEC4, Kind.DEC6, Kind.NUM}


def compile_filter(site: Site, module: Module, wanted: Any) -> Test:
    """Test that holds when a record meets every entry of the filter.

    Equality, arrays (any of), ``%`` in text, ``from_date``/``to_date`` and nested maps, with the quirks that
    the site's switches choose. Raises RefusedError for a malformed filter.
    """
    if wanted in (None, "", [], {}):
        return lambda record: True
    if not isinstance(wanted, Mapping):
        raise RefusedError(400, "Malformed filter")
    tests = [test for name, value in wanted.items() if (test := _entry(site, module, str(name), value))]
    return lambda record: all(test(record) for test in tests)


def _entry(site: Site, module: Module, name: str, value: Any) -> Test | None:
    getter, kind = _getter(site, module, name)
    if name == "is_deleted" and site.switches.deleted_filter == "refused":
        raise RefusedError(400, f"Unknown filter {name}")
    if name == "is_deleted" and site.switches.deleted_filter == "ignored":
        return None
    if getter is None:
        if site.switches.unknown_filter == "error":
            raise RefusedError(400, f"Unknown filter {name}")
        return None
    if isinstance(value, Mapping):
        if kind in (Kind.DATE, Kind.MOMENT):
            return _range(site, module, name, kind, value)
        return _nested(getter, value) if kind is Kind.RAW else None
    if isinstance(value, list):
        any_of = [_equals(kind, item) for item in value]
        return lambda record: any(test(getter(record)) for test in any_of)
    equals = _equals(kind, value)
    return lambda record: equals(getter(record))


def _getter(site: Site, module: Module, name: str) -> tuple[Callable[[Record], Any] | None, Kind]:
    if name in module.fields:
        return (lambda record: record[name]), module.fields[name].kind
    if name in ("company_name", "person_name") and "company_id" in module.fields:
        key = name.replace("_name", "_id")
        return (lambda record: site.contact_name(record[key])), Kind.STR
    if name == "search_name" and module.name == "contacts":
        return (lambda record: f"{record['name']} {record['lastname']}".strip()), Kind.STR
    return None, Kind.RAW


def _equals(kind: Kind, wanted: Any) -> Callable[[Any], bool]:
    if kind in (Kind.INT, Kind.STR_INT, Kind.FLAG):
        try:
            number = int(wanted or 0)
        except (TypeError, ValueError):
            return lambda held: False
        return lambda held: (held or 0) == number
    if kind in _DECIMALS:
        try:
            amount = Decimal(str(wanted or 0))
        except InvalidOperation:
            return lambda held: False
        return lambda held: (held or Decimal(0)) == amount
    if kind is Kind.MOMENT:
        return lambda held: (held.astimezone(SITE_ZONE).date().isoformat() if held else "") == str(wanted)
    if kind is Kind.IDS:
        return lambda held: str(wanted) in [str(item) for item in held or []]
    text = "" if wanted is None else str(wanted)
    if "%" in text:
        pattern = re.compile(".*".join(re.escape(part) for part in text.split("%")), re.IGNORECASE | re.DOTALL)
        return lambda held: any(pattern.fullmatch(item) for item in _texts(held))
    folded = text.casefold()
    return lambda held: any(item.casefold() == folded for item in _texts(held))


def _texts(held: Any) -> list[str]:
    if held in (None, "", []):
        return [""]
    return [str(item) for item in held] if isinstance(held, list) else [str(held)]


def _nested(getter: Callable[[Record], Any], wanted: Mapping[str, Any]) -> Test:
    def test(record: Record) -> bool:
        held = getter(record)
        if isinstance(held, list):  # custom fields: [{id, value}]
            held = {item.get("id"): item.get("value") for item in held if isinstance(item, Mapping)}
        held = held if isinstance(held, Mapping) else {}
        return all(_equals(Kind.STR, value)(held.get(key)) for key, value in wanted.items())

    return test


def _range(site: Site, module: Module, name: str, kind: Kind, value: Mapping[str, Any]) -> Test | None:
    if not _RANGE_KEYS & value.keys():
        return None
    start, end = _day(name, value.get("from_date")), _day(name, value.get("to_date"))
    if kind is Kind.MOMENT:
        if site.switches.datetime_filter == "ignored":
            return None
        return _moment_range(name, start, end)
    match site.switches.date_filter:
        case "ignored":
            return None
        case "empty":
            return lambda record: False
        case "by_created" if "created_date" in module.fields:
            return _moment_range("created_date", start, end)
        case "broken":
            in_range = _day_range(name, start, end, inclusive=True)
            return lambda record: in_range(record) and record[module.id_key] % 5 != 0
        case "to_exclusive":
            return _day_range(name, start, end, inclusive=False)
        case _:
            return _day_range(name, start, end, inclusive=True)


def _day(name: str, value: Any) -> date | None:
    if value in (None, ""):
        return None
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        raise RefusedError(400, f"Invalid value for filter {name}") from None


def _day_range(name: str, start: date | None, end: date | None, *, inclusive: bool) -> Test:
    first = start.isoformat() if start else ""
    last = end.isoformat() if end else "9999-99-99"
    if inclusive:
        return lambda record: record[name] is not None and first <= record[name] <= last
    return lambda record: record[name] is not None and first <= record[name] < last


def _moment_range(name: str, start: date | None, end: date | None) -> Test:
    first = _midnight(start) if start else datetime.min.replace(tzinfo=UTC)
    last = _midnight(end) if end else datetime.max.replace(tzinfo=UTC)
    return lambda record: record[name] is not None and first <= record[name] <= last


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), SITE_ZONE).astimezone(UTC)
