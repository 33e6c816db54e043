"""What was imported of Scoro, and what Scoro shows now → differences by kind, each with its sentence. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from scoro_smartaccounts.audit.judging import Change
from scoro_smartaccounts.audit.scoro_content import UNREAD, Content, lines_moved
from scoro_smartaccounts.common.documents import Flow, named
from scoro_smartaccounts.common.money import plain
from scoro_smartaccounts.common.reasons import Phrase, Reason, phrase, reason
from scoro_smartaccounts.staging.drifts import Found

if TYPE_CHECKING:
    from scoro_smartaccounts.staging.source_listings import ListedRecord

# What a change of money is told by: the first of these that changed takes all that follow from it along.
_MONEY: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "source_amount": (("net", "currency", "rate"), ("net", "vat", "currency", "rate", "lines")),
    "source_vat": (("vat",), ("vat", "lines")),
    "source_lines": (("lines",), ("lines",)),
}
_SINGLE: Mapping[str, tuple[str, ...]] = {
    "source_date": ("day", "due_day"),
    "source_partner": ("partner",),
    "source_number": ("number", "reference"),
    "source_lines": ("credits",),
}
# What many records may take from the same other one; and what changes with its lines, by each one's own sum.
_SHARED = ("partner", "account")
_ALONG = {"vat"}


@dataclass(frozen=True, slots=True)
class Imported:
    """A record of Scoro that stands in the books. `source_id`: its id in staging; `entry_day`: of its booking, where
    known; `is_closed`: its month is known to be closed."""

    flow: Flow
    source_id: str
    remote_id: str
    content_hash: str
    number: str = ""
    entry_day: date | None = None
    is_closed: bool = False


def changes_of(flow: Flow, basis: Content, shown: Content) -> list[Change]:
    """Return differences by kind, of the fields that both sides know."""
    unknown = (None, UNREAD)
    off = {
        name
        for name in basis.keys() & shown.keys()
        if basis[name] != shown[name] and basis[name] not in unknown and shown[name] not in unknown
    }
    if "" in (basis.get("lines"), shown.get("lines")):
        off.discard("lines")
    if flow is Flow.PAYMENTS:
        return [Change("receipt_changed", tuple(sorted(off)))] if off else []
    found: dict[str, tuple[str, ...]] = {}
    for kind, fields in _of_document(off):
        found[kind] = (*found.get(kind, ()), *fields)
    return [Change(kind, fields) for kind, fields in found.items()]


def _of_document(off: set[str]) -> Iterator[tuple[str, tuple[str, ...]]]:
    for kind, (telling, along) in _MONEY.items():
        if off.intersection(telling):
            yield kind, tuple(name for name in along if name in off)
            break
    for kind, names in _SINGLE.items():
        if off.intersection(names):
            yield kind, tuple(name for name in names if name in off)


def drift_of(imported: Imported, basis: Content, shown: Content, change: Change, evidence: str) -> Found:
    """Return what is told of a change."""
    before = {name: basis.get(name) for name in change.fields}
    after = {name: shown.get(name) for name in change.fields}
    return Found(
        system="scoro",
        kind=change.kind,
        flow=imported.flow.value,
        reason=_reason(change, imported, basis, shown),
        source_id=imported.source_id,
        remote_id=imported.remote_id,
        before=before,
        after=after,
        amount=_gross(shown) - _gross(basis),
        currency=str(basis.get("currency") or ""),
        evidence=evidence,
        case_key=_case(imported, change, before, after),
    )


def gone_of(imported: Imported, basis: Content, evidence: str) -> Found:
    """Return what is told of a record that is gone from Scoro."""
    document = document_of(imported, basis)
    is_payment = imported.flow is Flow.PAYMENTS
    told = {"document": document, "evidence": phrase(evidence), "remedy": remedy_of(imported, is_gone=True)}
    return Found(
        system="scoro",
        kind="receipt_deleted" if is_payment else "source_deleted",
        flow=imported.flow.value,
        reason=reason("receipt_deleted", document=document, evidence=phrase(evidence), sum=_sum(basis))
        if is_payment
        else reason("source_deleted", **told, sum=_sum(basis)),
        source_id=imported.source_id,
        remote_id=imported.remote_id,
        before={name: basis[name] for name in ("number", "day", "net", "vat", "partner") if basis.get(name)},
        amount=_gross(basis),
        currency=str(basis.get("currency") or ""),
        evidence=evidence,
    )


def appeared_of(flow: Flow, source_id: str, record: ListedRecord, evidence: str) -> Found:
    """Return what is told of a record that no list of changes showed."""
    name = record.number or record.source_id
    return Found(
        system="scoro",
        kind="appeared_untold",
        flow=flow.value,
        reason=reason("appeared_untold", document=named(flow, name, record.day), day=record.day),
        source_id=source_id,
        after={name: record.content[name] for name in ("number", "day", "net", "vat") if record.content.get(name)},
        amount=_gross(record.content),
        currency=record.currency,
        evidence=evidence,
    )


def document_of(imported: Imported, basis: Content) -> Phrase:
    """Return a record as sentences name it."""
    is_payment = imported.flow is Flow.PAYMENTS
    name = imported.source_id if is_payment else imported.number or basis.get("number") or "?"
    day = basis.get("day")
    return named(imported.flow, str(name), date.fromisoformat(day) if day else None)


def remedy_of(imported: Imported, *, is_gone: bool) -> Phrase:
    """Return what mends a document in the books; both ways where the state of its month is not known."""
    if imported.is_closed and imported.entry_day is not None:
        return phrase("remedy_credit", day=imported.entry_day)
    return phrase("remedy_delete_or_credit" if is_gone else "remedy_again_or_credit")


def _case(imported: Imported, change: Change, before: Content, after: Content) -> str:
    """Return what all records share to which the same was done in Scoro, as when a contact was merged or a code
    renamed; empty where that is each one's own. One case has one remedy."""
    moved = {name: f"{before[name]}>{after[name]}" for name in change.fields if name in _SHARED}
    if "lines" in change.fields:
        if not (lines := lines_moved(str(before["lines"]), str(after["lines"]))):
            return ""
        moved["lines"] = lines
    own = {*change.fields} - moved.keys() - (_ALONG if "lines" in moved else set())
    if own or not moved:
        return ""
    told = ";".join(f"{name}={value}" for name, value in sorted(moved.items()))
    return f"{change.kind}/{imported.flow}/{'closed' if imported.is_closed else 'open'}/{told}"


def _reason(change: Change, imported: Imported, basis: Content, shown: Content) -> Reason:
    document = document_of(imported, basis)
    remedy = remedy_of(imported, is_gone=False)
    booked, now = _told(change, basis), _told(change, shown)
    match change.kind:
        case "source_amount":
            return reason("source_amount", document=document, booked=_sum(basis), now=_sum(shown), remedy=remedy)
        case "source_vat":
            vat = {"booked": basis.get("vat") or "–", "now": shown.get("vat") or "–"}
            return reason("source_vat", document=document, remedy=remedy, **vat)
        case "source_date":
            return reason("source_date", document=document, booked=booked, now=now, remedy=remedy)
        case "source_partner":
            return reason("source_partner", document=document, booked=booked, now=now, remedy=remedy)
        case "source_number":
            return reason("source_number", document=document, booked=booked, now=now)
        case "source_lines":
            return reason("source_lines", document=document, remedy=remedy)
    return reason("receipt_changed", document=document, booked=booked, now=now)


def _told(change: Change, content: Content) -> str:
    return ", ".join(filter(None, (_as_text(content.get(name)) for name in change.fields if name != "lines"))) or "–"


def _as_text(value: Any) -> str:
    if isinstance(value, Mapping):
        return " + ".join(f"{name} {amount}".strip() for name, amount in value.items())
    return str(value or "")


def _sum(content: Content) -> str:
    return f"{plain(_gross(content))} {content.get('currency') or ''}".strip()


def _gross(content: Content) -> Decimal:
    parts = (content.get("net"), content.get("vat"))
    return sum((Decimal(part) for part in parts if part and not str(part).startswith("unreadable")), Decimal(0))
