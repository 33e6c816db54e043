"""What is held for right, and what a record shows now → differences by kind, each with its sentence. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from scoro_smartaccounts.common.documents import Flow, named
from scoro_smartaccounts.common.money import plain, told
from scoro_smartaccounts.common.reasons import Phrase, Reason, phrase, reason
from scoro_smartaccounts.staging.audit_books import BooksList, Content
from scoro_smartaccounts.staging.drifts import Found

if TYPE_CHECKING:
    from scoro_smartaccounts.staging.links import BookedDocument, Booking

# What a change of money is told by: the first of these that changed takes all that follow from it along.
_OF_ROWS = ("vat_codes", "accounts", "articles")
_MONEY: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "books_amount": (
        ("total", "net", "currency", "rate"),
        ("total", "net", "vat", "rounding", "currency", "rate", *_OF_ROWS),
    ),
    "books_vat": (("vat", "vat_codes"), ("vat", "rounding", *_OF_ROWS)),
    "books_account": (("accounts", "unpaid"), ("accounts", "unpaid", "articles")),
    "books_rows": (("articles",), ("articles",)),
}
_SINGLE: Mapping[str, tuple[str, ...]] = {
    "books_date": ("day", "entry_day"),
    "books_partner": ("partner",),
    "books_number": ("number",),
    "marker_lost": ("marked",),
}
# A change that many documents share is one case.
_SHARED = ("books_partner", "books_account", "books_vat")


@dataclass(frozen=True, slots=True)
class Change:
    """A kind of difference, and the fields that make it."""

    kind: str
    fields: tuple[str, ...]


def changes_of(of: BooksList, basis: Content, shown: Content) -> list[Change]:
    """Return differences by kind. What `basis` does not name is not known."""
    off = {name for name in basis if basis[name] != shown.get(name) and not name.startswith("_")}
    if of is BooksList.PAYMENTS:
        return [Change("payment_changed", tuple(sorted(off)))] if off else []
    if of is BooksList.ENTRIES:
        return [Change("entry_edited", tuple(sorted(off)))] if off else []
    return list(_of_document(off, shown))


def moves_entry(of: BooksList, basis: Content, shown: Content) -> bool:
    """Whether a document or payment differs in what its entry may follow."""
    return any(change.kind not in ("books_number", "marker_lost") for change in changes_of(of, basis, shown))


def _of_document(off: set[str], shown: Content) -> Iterator[Change]:
    for kind, (telling, along) in _MONEY.items():
        if off.intersection(telling):
            yield Change(kind, tuple(name for name in along if name in off))
            off -= {*along}
            break
    if "unpaid" in off:
        yield Change("books_account", ("unpaid",))
    for kind, names in _SINGLE.items():
        if off.intersection(names):
            # A mark that somebody adds changes nothing.
            if kind == "marker_lost" and shown.get("marked"):
                continue
            yield Change(kind, tuple(name for name in names if name in off))


def accepted(change_kinds: Mapping[str, Any], basis: Content, shown: Content) -> Content | None:
    """Return what is right once these fields are taken as they are shown; None: all that is shown."""
    taken = {**basis, **{name: shown.get(name) for name in change_kinds}}
    return taken if any(taken[name] != shown.get(name) for name in taken) else None


def as_booked(booking: Booking, shown: Content) -> Content:
    """Return the content that a document was booked with, as far as that is known; of the rest what it shows.

    Answers give credit invoices with either sign, and numbers of digits with or without zeros at their front.
    """
    basis = dict(shown)
    if booking.total is not None and abs(booking.total) != abs(Decimal(shown["total"])):
        # Of what sums it was made nobody knows any more.
        basis = {name: value for name, value in shown.items() if name not in _MONEY["books_amount"][1]}
        basis |= {"total": told(booking.total), "currency": shown["currency"]}
    if booking.currency and booking.currency != shown["currency"]:
        basis["currency"] = booking.currency
    if booking.partner_remote_id and booking.partner_remote_id != shown["partner"]:
        basis["partner"] = booking.partner_remote_id
    if booking.entry_day is not None and booking.entry_day.isoformat() != shown["entry_day"]:
        basis["entry_day"] = booking.entry_day.isoformat()
    if booking.number and booking.number.lstrip("0") != shown["number"].lstrip("0"):
        basis["number"] = booking.number
    return basis


def drift_of(
    of: BooksList, record_id: str, booked: BookedDocument, basis: Content, shown: Content, change: Change, evidence: str
) -> Found:
    """Return what is told of a difference."""
    before = {name: basis.get(name) for name in change.fields}
    after = {name: shown.get(name) for name in change.fields}
    document = name_of(of, basis, booked)
    is_shared = change.kind in _SHARED and "total" not in change.fields
    return Found(
        system="books",
        kind=change.kind,
        flow=of.value,
        reason=_reason(change.kind, document, basis, shown),
        source_id=booked.source_id,
        remote_id=record_id,
        before=before,
        after=after,
        amount=_amount(of, basis, shown),
        currency=str(basis.get("currency") or "EUR"),
        evidence=evidence,
        case_key=_case(of, change.kind, before, after) if is_shared else "",
    )


def gone_of(of: BooksList, record_id: str, booked: BookedDocument, basis: Content, evidence: str, new: str) -> Found:
    """Return what is told of a record that is gone; `new`: the equal one that stands in its place, if there is one."""
    document = name_of(of, basis, booked)
    total = basis.get("amount" if of is BooksList.PAYMENTS else "total")
    if of is BooksList.PAYMENTS:
        kind, told_as = "payment_deleted", reason("payment_deleted", document=document, evidence=phrase(evidence))
    elif new:
        kind, told_as = "books_replaced", reason("books_replaced", document=document)
    else:
        day = basis.get("day") or ""
        kind = "books_deleted"
        told_as = reason("books_deleted", document=document, evidence=phrase(evidence), day=_day(day))
    return Found(
        system="books",
        kind=kind,
        flow=of.value,
        reason=told_as,
        source_id=booked.source_id,
        remote_id=record_id,
        before={name: basis[name] for name in ("number", "day", "total", "amount", "partner") if basis.get(name)},
        after={"remote_id": new} if new else {},
        amount=None if not total else Decimal(total),
        currency=str(basis.get("currency") or ""),
        evidence=evidence,
    )


def entry_drift(
    entry_id: str,
    document: Phrase,
    basis: Content,
    shown: Content,
    *,
    is_stock: bool,
    evidence: str,
    is_suspected: bool,
) -> Found:
    """Return what is told of an entry that differs from its document's."""
    moved = moved_between(basis, shown)
    kind = "entry_stock" if is_stock else "entry_edited"
    values: dict[str, Any] = {"document": document, "accounts": sorted(moved) or ["–"]}
    return Found(
        system="books",
        kind=kind,
        flow=BooksList.ENTRIES.value,
        reason=reason("entry_stock", **values) if is_stock else reason("entry_edited", **values),
        remote_id=entry_id,
        before={"day": basis.get("day"), "accounts": {name: basis.get("accounts", {}).get(name) for name in moved}},
        after={"day": shown.get("day"), "accounts": {name: shown.get("accounts", {}).get(name) for name in moved}},
        amount=sum((value for value in moved.values() if value > 0), Decimal(0)),
        currency="EUR",
        evidence=evidence,
        is_suspected=is_suspected,
    )


def moved_between(basis: Content, shown: Content) -> dict[str, Decimal]:
    """Return the accounts of an entry whose amounts differ, and by how much."""
    before, after = basis.get("accounts", {}), shown.get("accounts", {})
    moved = {name: Decimal(after.get(name, "0")) - Decimal(before.get(name, "0")) for name in {*before, *after}}
    return {name: value for name, value in moved.items() if value}


def tells_sum(document: Content) -> bool:
    """Whether what a document or payment comes to must stand in its entry, which is in euros."""
    return document.get("currency") == "EUR" and bool(Decimal(document.get("total") or document.get("amount") or "0"))


def holds_sum_of(document: Content, entry: Content) -> bool:
    """Whether an account of an entry moves by what the document or payment comes to. Of other currencies than the euro
    none does."""
    whole = Decimal(document.get("total") or document.get("amount") or "0")
    return bool(whole) and any(abs(Decimal(value)) == abs(whole) for value in entry.get("accounts", {}).values())


def holds_accounts_of(document: Content, entry: Content) -> bool:
    """Whether an entry moves on each account that a document's rows name what these come to. Of payments, of rows that
    name none, and of other currencies than the euro nothing says otherwise."""
    if document.get("currency") != "EUR":
        return True
    moved = entry.get("accounts", {})
    sums = {account: value for account, value in document.get("accounts", {}).items() if account}
    return all(abs(Decimal(moved.get(account, "0"))) == abs(Decimal(value)) for account, value in sums.items())


def is_of_stock(document: Content | None, basis: Content, shown: Content, stock_codes: frozenset[str]) -> bool:
    """Whether only what was sold from stock was valued anew: on two accounts with none of the document's own sums."""
    if document is None or not stock_codes.intersection(document.get("articles", {})):
        return False
    moved = moved_between(basis, shown)
    own = {abs(Decimal(document[name] or "0")) for name in ("total", "net", "vat")}
    own |= {abs(Decimal(value)) for value in document.get("accounts", {}).values()}
    held = [abs(Decimal(basis.get("accounts", {}).get(name, "0"))) for name in moved]
    return (
        len(moved) == 2 and basis.get("day") == shown.get("day") and not any(value in own and value for value in held)
    )


def name_of(of: BooksList, content: Content, booked: BookedDocument | None) -> Phrase:
    """Return a record of a list as sentences name it."""
    number = (
        content.get("number") or content.get("_number") or (booked.booking.number if booked is not None else "") or "?"
    )
    day = content.get("day")
    return named(Flow(of.value), str(number), date.fromisoformat(day) if day else None)


def _reason(kind: str, document: Phrase, basis: Content, shown: Content) -> Reason:
    if kind == "marker_lost":
        return reason("marker_lost", document=document)
    values = {"document": document, "booked": _told(kind, basis), "now": _told(kind, shown)}
    match kind:
        case "books_amount":
            return reason("books_amount", **values)
        case "books_vat":
            return reason("books_vat", **values)
        case "books_date":
            return reason("books_date", **values)
        case "books_partner":
            return reason("books_partner", **values)
        case "books_number":
            return reason("books_number", **values)
        case "books_account":
            return reason("books_account", **values)
        case "books_rows":
            return reason("books_rows", **values)
    return reason("payment_changed", **values)


def _told(kind: str, content: Content) -> Any:
    """Return what a sentence says of one side."""
    match kind:
        case "books_amount":
            rate = f" ({told_rate})" if (told_rate := content.get("rate")) not in ("", "1", None) else ""
            return f"{plain(Decimal(content['total']))} {content['currency']}{rate}"
        case "books_vat":
            codes = [f"{code} {plain(Decimal(net))}" for code, net in content.get("vat_codes", {}).items()]
            return f"{plain(Decimal(content.get('vat') or '0'))} ({', '.join(codes)})"
        case "books_date":
            return f"{_day(content['day'])} / {_day(content['entry_day'])}"
        case "books_account":
            accounts = [content.get("unpaid") or "–", *content.get("accounts", {})]
            return [each or "–" for each in accounts]
        case "books_rows":
            return [f"{code} × {quantity}" for code, quantity in content.get("articles", {}).items()]
        case "books_partner":
            return content.get("partner") or "–"
        case "books_number":
            return content.get("number") or "–"
    return f"{plain(Decimal(content['amount']))} {content['currency']}, {_day(content['day'])}, {content['account']}"


def _amount(of: BooksList, basis: Content, shown: Content) -> Decimal:
    """Return by how much the sum differs."""
    name = "amount" if of is BooksList.PAYMENTS else "total"
    return Decimal(shown.get(name) or "0") - Decimal(basis.get(name) or "0")


def _case(of: BooksList, kind: str, before: Content, after: Content) -> str:
    """Return what all documents share to which the same was done: the sums by code or account are each one's own."""

    def shape(side: Content) -> str:
        return ";".join(
            f"{name}={'+'.join(sorted(value)) if isinstance(value, Mapping) else value}"
            for name, value in sorted(side.items())
            if name not in ("articles", "vat", "rounding")
        )

    return f"{kind}/{of.value}/{shape(before)}/{shape(after)}"


def _day(written: str) -> str:
    return f"{date.fromisoformat(written):%d.%m.%Y}" if written else "?"
