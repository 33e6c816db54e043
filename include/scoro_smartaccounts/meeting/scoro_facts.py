"""What answers of Scoro tell, without names and texts: ids, numbers, days, amounts, and how they are written."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from scoro_smartaccounts.scoro import rows as records
from scoro_smartaccounts.scoro.values import (
    canonical_number,
    clean,
    decimal,
    identifier,
    items,
    moment,
    number_text,
    truth,
)

if TYPE_CHECKING:
    from datetime import datetime

    Facts = dict[str, Any]
    Row = Mapping[str, Any]
    Rows = Sequence[Mapping[str, Any]]

_ONCE, _TWICE = re.compile(r"&(?:amp|lt|gt|quot|#0?39);"), re.compile(r"&amp;(?:amp|lt|gt|quot|#0?39);")
_PLAIN = re.compile(r"[<>]|&(?![a-zA-Z#])")
# Texts that people write: these are escaped, or not.
_TEXTS = ("name", "company_name", "person_name", "comment", "product_name", "lastname")
_MOMENTS = ("modified_date", "created_date")
_FLOATS = ("paid_sum", "receivable_sum", "currency_rate", "sum")
_CODE, _WORD = 3, 20
_LISTS = ("credited_invoices", "tags", "addresses", "contact_users", "prepayment_id")


def documents(rows: Rows) -> Facts:
    """Return the facts of a page of invoices, bills or receipts."""
    return _page(rows) | {"rows": [_document(row) for row in rows]}


def products(rows: Rows) -> Facts:
    """Return the facts of a page of products: whether and how it shows tags."""
    shown = {
        f"{key} as {_form(row[key])}" for row in rows for key in ("tag", "tags") if row.get(key) not in (None, "", [])
    }
    keyed = sorted({key for row in rows for key in ("tag", "tags") if key in row})
    return _page(rows) | {"tags": sorted(shown), "keys": keyed}


def counted(rows: Rows) -> Facts:
    """Return the facts of a page of which only its length and forms tell anything."""
    return _page(rows)


def _page(rows: Rows) -> Facts:
    return {"length": len(rows), "forms": {name: sorted(found) for name, found in _forms(rows).items()}}


def _forms(rows: Iterable[Row]) -> dict[str, set[str]]:
    forms: dict[str, set[str]] = {"moment": set(), "empty": set(), "float": set(), "text": set()}
    for row in _with_lines(rows):
        forms["moment"] |= {_zone(str(row[name])) for name in _MOMENTS if row.get(name)}
        forms["empty"] |= {
            "null" if row[name] is None else "array" for name in _LISTS if row.get(name, 1) in (None, [])
        }
        forms["float"] |= {_noise(row[name]) for name in _FLOATS if isinstance(row.get(name), (float, Decimal))}
        for text in (each for name in _TEXTS for each in [row.get(name)] if isinstance(each, str)):
            forms["text"] |= _escapes(text)
    return forms


def _with_lines(rows: Iterable[Row]) -> Iterable[Row]:
    for row in rows:
        yield row
        yield from (line for line in items(row.get("lines")) if isinstance(line, Mapping))


def _zone(written: str) -> str:
    return "zone" if re.search(r"(?:[+-]\d{2}:?\d{2}|Z)$", written) else "local"


def _noise(value: float | Decimal) -> str:
    return "noise" if len(str(value).partition(".")[2]) > 6 else "clean"


def _escapes(text: str) -> set[str]:
    if _TWICE.search(text):
        return {"twice"}
    if _ONCE.search(text):
        return {"once"}
    return {"plain"} if _PLAIN.search(text) else set()


def _form(value: object) -> str:
    if isinstance(value, list):
        return "objects" if any(isinstance(each, Mapping) for each in value) else "array"
    written = str(value)
    return next(
        (name for sign, name in ((", ", "string"), (",", "comma"), (";", "semicolon")) if sign in written), "one"
    )


def _moment(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def _number(value: object) -> str | None:
    """Return a number as text; None for what is none: it tells nothing, and may be a text."""
    try:
        decimal(value)
    except ValueError:
        return None
    return canonical_number(value)


def _document(row: Row) -> Facts:
    day = records.day_of(row)
    shown = number_text(row.get("no"))
    return {
        "id": records.id_of(row) or "",
        "number": shown if len(shown) < 40 else "",
        "day": None if day is None else day.isoformat(),
        "partner": records.partner_of(row) or "",
        "currency": clean(row.get("currency"))[:_CODE],
        "rate": _number(row.get("currency_rate")),
        "sum": _number(row.get("sum")),
        "vat": _number(row.get("vat_sum")),
        "paid": _number(row.get("paid_sum")),
        "receivable": _number(row.get("receivable_sum")) if "receivable_sum" in row else None,
        "credits": list(records.credits_of(row)),
        "changed": _moment(records.modified_at(row)),
        "created": _moment(records.created_at(row)),
        "deleted": truth(row.get("is_deleted")),
        "deleted_at": _moment(moment(row.get("deleted_date"))),
        "discounts": [_number(row.get(name)) for name in ("discount", "discount2", "discount3")],
        "lines": [_line(line) for line in items(row.get("lines")) if isinstance(line, Mapping)],
        "receipts": [_receipt(part) for part in items(row.get("receipts")) if isinstance(part, Mapping)],
        "type": clean(row.get("sales_doc_type"))[:_WORD],
    }


def _line(line: Row) -> list[Any]:
    return [_number(line.get(name)) for name in ("price", "amount", "discount", "sum", "vat")]


def _receipt(part: Row) -> list[Any]:
    return [identifier(part.get("invoice_id")) or "", _number(part.get("sum"))]
