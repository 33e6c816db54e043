"""What happened to records after their import or export, and what people do about it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, or_, select

from scoro_smartaccounts.documents import Flow, named_payment
from scoro_smartaccounts.reasons import Phrase, Reason, phrase, reason
from scoro_smartaccounts.staging.bulk import any_of
from scoro_smartaccounts.staging.links import Evidence, Kind, link_view
from scoro_smartaccounts.staging.schema import document, later_change, remote_payment


@dataclass(frozen=True, slots=True)
class LaterChange:
    """One change: the document, as it stands in staging, and what to say of it behind its name."""

    document: Row[Any]
    seen_at: datetime
    reason: Reason

    @property
    def told(self) -> Reason:
        """The same with the document named."""
        flow, name = Flow(self.document.flow), self.document.number
        is_payment = flow in _PAYMENT_FLOWS
        return self.reason.about(
            named_payment(name, self.document.day) if is_payment else phrase(flow.noun, number=name)
        )


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
    return [LaterChange(row, row.seen_at, _reason(row, pairs[row.flow, row.source_id])) for row in rows]


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
_ITS_PAYMENT = phrase("its_payment")


def _reason(row: Row[Any], pairs: list[Row[Any]]) -> Reason:
    """What happened and what a person does about it."""
    fields = phrase("of_fields", fields=row.fields) if row.fields else ""
    if Flow(row.flow) not in _PAYMENT_FLOWS:
        return reason(f"later_change.{row.kind}", fields=fields)
    is_exported = any(pair.evidence == Evidence.EXPORTED.value for pair in pairs)
    after = phrase("after_export" if is_exported else "after_import")
    if Flow(row.flow) is Flow.EXPORT_PAYMENTS:
        groups = [phrase("payment_by_scoro_id", id=group_id) for group_id in {pair.group_id: None for pair in pairs}]
        what = row.kind.removeprefix("booking_")
        return reason(f"later_change.exported_{what}", after=after, payments=groups or _ITS_PAYMENT)
    if row.kind.startswith("booking_"):
        # One of several payments may be meant: the one that has the content.
        meant = [pair for pair in pairs if pair.content_hash == row.content_hash] or pairs
        return reason(f"later_change.{row.kind}", after=after, payments=_payments(meant))
    left = [pair for pair in pairs if not pair.is_deleted]
    both = "_in_both" if row.kind != "changed" and pairs and not left else ""
    return reason(
        f"later_change.payment_{row.kind}{both}", after=after, fields=fields, payments=_payments(left or pairs)
    )


def _payments(pairs: Iterable[Row[Any]]) -> list[Phrase] | Phrase:
    return [
        phrase(
            "payment_of_amount",
            payment=named_payment(pair.number, pair.day),
            amount=pair.amount,
            currency=pair.currency,
        )
        for pair in {pair.remote_id: pair for pair in pairs}.values()
    ] or _ITS_PAYMENT
