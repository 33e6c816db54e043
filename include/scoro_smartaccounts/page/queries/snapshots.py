"""The versions of a record of Scoro that runs saw, and what each changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from scoro_smartaccounts.common.stored import mapping
from scoro_smartaccounts.common.visible import visible
from scoro_smartaccounts.staging.raw_records import payloads, snapshots

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlalchemy import Connection

    from scoro_smartaccounts.scoro.modules import Module

# Fields that hold no texts of people: of these it is told how they changed, of others that they did.
_FACTS = frozenset(
    {
        "no", "date", "deadline", "sum", "vat_sum", "vat", "currency", "currency_rate", "discount", "discount2",
        "discount3", "status", "is_sent", "is_deleted", "company_id", "person_id", "reference_no", "vat_code",
        "vat_code_id", "price", "amount", "product_id", "prepayment_sum", "finance_account_symbol", "paid_sum",
        "modified_date", "payment_status", "invoice_id", "bill_id", "receipt_account_id",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Difference:
    """That a field changed: where it stands, and how; `before` and `after` are empty where it holds texts."""

    field: str
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class SeenVersion:
    """A version, when and by which run it was seen first, and how it differs from the one before."""

    version: int
    seen_at: datetime
    fingerprint: str
    run_key: str
    differences: Sequence[Difference]


def versions_of(connection: Connection, company: str, module: Module, source_id: str) -> list[SeenVersion]:
    """Return the versions of a document's record, the first one first."""
    seen = snapshots(connection, company, [module.name], source_id)
    records = payloads(connection, company, [module.name], [source_id]).get(source_id, [])
    before = [None, *records]
    return [
        SeenVersion(
            shot.version,
            shot.first_seen_at,
            shot.fingerprint,
            shot.run_key,
            [] if former is None else list(_differences(mapping(former), mapping(record))),
        )
        for shot, record, former in zip(seen, records, before, strict=False)
    ]


def _differences(before: Mapping[str, Any], after: Mapping[str, Any], path: str = "") -> Iterator[Difference]:
    for name in dict.fromkeys((*before, *after)):
        old, new = before.get(name), after.get(name)
        if old == new:
            continue
        where = f"{path}{name}"
        if isinstance(old, list) and isinstance(new, list) and _are_records(old) and _are_records(new):
            yield from _of_rows(old, new, where)
        elif name in _FACTS and not isinstance(old, dict | list) and not isinstance(new, dict | list):
            yield Difference(where, _text(old), _text(new))
        else:
            yield Difference(where)


def _of_rows(old: Sequence[Any], new: Sequence[Any], where: str) -> Iterator[Difference]:
    if len(old) != len(new):
        yield Difference(where, str(len(old)), str(len(new)))
    for position, (each, other) in enumerate(zip(old, new, strict=False), start=1):
        yield from _differences(each, other, f"{where} {position}, ")


def _are_records(rows: Sequence[Any]) -> bool:
    return all(isinstance(each, dict) for each in rows)


def _text(value: Any) -> str:
    return "–" if value is None else visible(str(value))
