"""A record of Scoro → what the audit keeps and compares of it: amounts, days, codes and ids, never a text.

A field that the record does not show has no value, and is not compared. Lines show in full records only: of them, and
of the texts that go with them, hashes are kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.scoro import values
from scoro_smartaccounts.scoro.modules import RECEIPTS, Module, modules_of
from scoro_smartaccounts.scoro.rows import credits_of, day_of, id_of, is_deleted, modified_at
from scoro_smartaccounts.scoro.wire import documents_named, fingerprint, shown_number
from scoro_smartaccounts.staging.source_listings import ListedRecord

if TYPE_CHECKING:
    from scoro_smartaccounts.common.company import Company
    from scoro_smartaccounts.scoro.modules import Payload

Content = Mapping[str, Any]

# What stands in the lines of a record that nobody has read in full: it must be read.
UNREAD = "?"
# Names of a document's content → the fields that tell it, and its name in what would be booked.
_FIELDS: Mapping[str, tuple[tuple[str, ...], str]] = {
    "number": (("no",), "number"),
    "day": (("date",), "date"),
    "due_day": (("deadline", "due_date"), "deadline"),
    "partner": (("company_id", "person_id"), "partner"),
    "currency": (("currency",), "currency"),
    "rate": (("currency_rate",), "currency_rate"),
    "net": (("sum",), "sum"),
    "vat": (("vat_sum", "tax_sum"), "vat_sum"),
    "reference": (("reference_no",), "reference_no"),
    "credits": (("credited_invoices",), "credited_invoices"),
}
# What a line takes from other records, which may change there: codes and ids.
_SHARED = ("vat", "account", "cost_object", "product", "unit")
_OF_RECEIPTS: Mapping[str, str] = {
    "day": "date",
    "partner": "contact",
    "currency": "currency",
    "net": "sum",
    "account": "account",
    "kind": "kind",
}


def modules_audited(company: Company) -> dict[Module, Flow]:
    """Return the lists of Scoro that are held against what was imported of them, and their flows."""
    expenses = company.purchase_invoices.expenses
    return {
        module: flow
        for flow in (Flow.SALES_INVOICES, Flow.PURCHASE_INVOICES, Flow.PAYMENTS)
        for module in modules_of(flow, expenses=expenses)
    }


def content_of(module: Module, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is compared of a record, as texts."""
    content = module.content(row)
    if module is RECEIPTS:
        told = {name: _text(content[key]) for name, key in _OF_RECEIPTS.items()}
        return told | {"settles": _settled(content["receipts"])}
    shown = {name: key for name, (told_by, key) in _FIELDS.items() if any(field in row for field in told_by)}
    return {name: _text(content[key]) for name, key in shown.items()} | {"lines": lines_of(row, content)}


def lines_of(row: Mapping[str, Any], content: Payload) -> str:
    """Return hashes of the lines of a full record and of the texts that go with them; empty where it shows none. What
    lines share with those of other records stands apart: `lines_moved` tells it."""
    if is_deleted(row) or not values.items(row.get("lines")):
        return ""
    told = {key for _, key in _FIELDS.values()}
    rest = {name: value for name, value in content.items() if name not in told}
    lines = [dict(line) for line in rest["lines"]]
    shared = {name: [line.pop(name, None) for line in lines] for name in _SHARED}
    shared["vat"].append(rest.pop("vat", None))
    parts = [fingerprint({**rest, "lines": lines})[:16]]
    for name, found in shared.items():
        single = sorted({fingerprint(value)[:8] for value in found if value is not None})
        parts.append(f"{name}={fingerprint(found)[:8]}:{'+'.join(single)}")
    return " ".join(parts)


def lines_moved(before: str, after: str) -> str:
    """Return what changed in lines where it is only of what they share with others, as a code that was renamed: the
    same for all records to which the same was done. Empty where it is anything else, or where one side is not known."""
    (own, *old), (own_now, *new) = before.split(" "), after.split(" ")
    if own != own_now or len(old) != len(new):
        return ""
    moved = []
    for was, now in zip(old, new, strict=True):
        left, come = ({*side.partition(":")[2].split("+")} - {""} for side in (was, now))
        if was != now and left == come:
            # They changed places.
            return ""
        if was != now:
            moved.append(f"{was.partition('=')[0]} {'+'.join(sorted(left - come))}>{'+'.join(sorted(come - left))}")
    return ", ".join(moved)


def record_of(module: Module, row: Mapping[str, Any]) -> ListedRecord | None:
    """Return a row of a list as the audit keeps it; None where it has no id."""
    source_id = id_of(row)
    if source_id is None:
        return None
    content = content_of(module, row)
    is_receipt = module is RECEIPTS
    return ListedRecord(
        source_id=source_id,
        number="" if is_receipt else shown_number(row),
        day=day_of(row),
        fingerprint=fingerprint(content)[:32],
        currency=content.get("currency") or "",
        currency_rate=_amount(content.get("rate")),
        net=_amount(content.get("net")),
        vat=_amount(content.get("vat")),
        paid=_amount(values.canonical_number(row["paid_sum"])) if "paid_sum" in row else None,
        partner_id=content.get("partner") or "",
        credited_ids=() if is_receipt else credits_of(row),
        settles=sorted(document_id for _, document_id in documents_named(row)) if is_receipt else (),
        modified_at=modified_at(row),
        content=content,
        is_deleted=is_deleted(row),
    )


def _text(value: Any) -> str:
    return ",".join(map(str, value)) if isinstance(value, list) else "" if value is None else str(value)


def _settled(parts: list[Any]) -> dict[str, str]:
    """Return what money is for: sums by the id of the document. A part that cannot be read has its kind only."""
    sums: dict[str, Decimal] = {}
    for part in parts:
        document, prepayment, amount = part if len(part) == 3 else (*part, "", "")
        named = document or (f"prepayment {prepayment}" if prepayment else "")
        sums[named] = sums.get(named, Decimal(0)) + (_amount(amount) or Decimal(0))
    return {named: format(amount.normalize() + 0, "f") for named, amount in sorted(sums.items())}


def _amount(text: str | None) -> Decimal | None:
    """Return an amount of content; what could not be read is none."""
    return Decimal(text) if text and not text.startswith("unreadable") else None
