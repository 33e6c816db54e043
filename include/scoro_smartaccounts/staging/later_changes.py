"""What happened to records after their import or export, in the words that people read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, or_, select

from scoro_smartaccounts.documents import Flow, payment_label
from scoro_smartaccounts.money import plain
from scoro_smartaccounts.staging.bulk import any_of
from scoro_smartaccounts.staging.links import Evidence, Kind, link_view
from scoro_smartaccounts.staging.schema import document, later_change, remote_payment


@dataclass(frozen=True, slots=True)
class LaterChange:
    """One change: the document, as it stands in staging, and what to say of it."""

    document: Row[Any]
    seen_at: datetime
    words: str


def later_changes(connection: Connection, company: str, *conditions: ColumnElement[bool]) -> list[LaterChange]:
    """The changes that meet the conditions, by day and number of their documents."""
    rows = connection.execute(
        select(later_change, document.c.number, document.c.day)
        .join(
            document,
            (document.c.company == later_change.c.company)
            & (document.c.flow == later_change.c.flow)
            & (document.c.source_id == later_change.c.source_id),
        )
        .where(later_change.c.company == company, *conditions)
        .order_by(document.c.day, document.c.number, later_change.c.seen_at)
    ).all()
    pairs = _pairs(connection, company, rows)
    return [LaterChange(row, row.seen_at, _words(row, pairs[row.flow, row.source_id])) for row in rows]


def _pairs(connection: Connection, company: str, rows: Iterable[Row[Any]]) -> Mapping[tuple[str, str], list[Row[Any]]]:
    """The receipt groups and payments that are linked with those of the rows, by flow and id of the rows."""
    ids = {flow: {row.source_id for row in rows if row.flow == flow.value} for flow in _PAYMENT_FLOWS}
    found: dict[tuple[str, str], list[Row[Any]]] = defaultdict(list)
    if not any(ids.values()):
        return found
    link = link_view()
    linked = connection.execute(
        select(link.source_id.label("group_id"), link.evidence, remote_payment)
        .join(
            remote_payment,
            (remote_payment.c.company == link.company) & (remote_payment.c.remote_id == link.remote_id),
        )
        .where(
            link.company == company,
            link.kind == Kind.PAYMENT.value,
            or_(link.source_id == any_of(ids[Flow.PAYMENTS]), link.remote_id == any_of(ids[Flow.EXPORT_PAYMENTS])),
        )
        .order_by(remote_payment.c.day, remote_payment.c.number, link.source_id, link.source_part)
    )
    for pair in linked:
        found[Flow.PAYMENTS.value, pair.group_id].append(pair)
        found[Flow.EXPORT_PAYMENTS.value, pair.remote_id].append(pair)
    return found


_PAYMENT_FLOWS = (Flow.PAYMENTS, Flow.EXPORT_PAYMENTS)


def _words(row: Row[Any], pairs: list[Row[Any]]) -> str:
    """What happened and, of payments, what a person does about it."""
    fields = f" ({', '.join(row.fields)})" if row.fields else ""
    if Flow(row.flow) not in _PAYMENT_FLOWS:
        return f"{row.kind}{fields}"
    after = "export" if any(pair.evidence == Evidence.EXPORTED.value for pair in pairs) else "import"
    if Flow(row.flow) is Flow.EXPORT_PAYMENTS:
        theirs = _and(f"payment {group_id} (Scoro id)" for group_id in {pair.group_id: None for pair in pairs})
        if row.kind == "booking_changed":
            return (
                f"changed in SmartAccounts after the {after}; change {theirs} in Scoro in the same way, or undo it in"
                " SmartAccounts"
            )
        return (
            f"deleted in SmartAccounts after the {after}; delete {theirs} in Scoro too, or enter it again in"
            " SmartAccounts"
        )
    if row.kind.startswith("booking_"):
        # One of several payments may be meant: the one that has the content.
        meant = [pair for pair in pairs if pair.content_hash == row.content_hash] or pairs
        what = f"its payment in SmartAccounts, {_payments(meant)}, was" if meant else "its payment in SmartAccounts was"
        if row.kind == "booking_changed":
            return f"{what} changed after the {after}; change it in Scoro in the same way, or undo it in SmartAccounts"
        return f"{what} deleted after the {after}; delete it in Scoro too, or enter it again in SmartAccounts"
    left = [pair for pair in pairs if not pair.is_deleted]
    if row.kind == "changed":
        return (
            f"changed in Scoro after the {after}{fields}; change {_payments(left or pairs)} in SmartAccounts in the"
            " same way, or undo it in Scoro"
        )
    gone = f"deleted in Scoro after the {after}" if row.kind == "deleted" else "not in Scoro any more"
    if pairs and not left:
        return f"{gone}, and {_payments(pairs)} is deleted in SmartAccounts too"
    return f"{gone}; delete {_payments(left)} in SmartAccounts too, or enter it again in Scoro"


def _payments(pairs: Iterable[Row[Any]]) -> str:
    return _and(
        f"{payment_label(pair.number, pair.day)} ({plain(pair.amount)} {pair.currency})"
        for pair in {pair.remote_id: pair for pair in pairs}.values()
    )


def _and(names: Iterable[str]) -> str:
    return " and ".join(names) or "its payment"
