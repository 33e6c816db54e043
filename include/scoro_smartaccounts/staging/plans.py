"""Plans: exactly what will be sent of each document, and what the target will make of it. The keeper of the table."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Connection, Row, delete, exists, func, or_, select, text

from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.reasons import Reason
from scoro_smartaccounts.common.stored import items, mapping
from scoro_smartaccounts.staging.bulk import any_of, store_each, upsert
from scoro_smartaccounts.staging.cases import OWN_CASES, blocks_sending, refusal
from scoro_smartaccounts.staging.conditions import of_documents, same_document
from scoro_smartaccounts.staging.intents import State
from scoro_smartaccounts.staging.links import SENT_AS, Kind, is_linked_to
from scoro_smartaccounts.staging.schema import approval, document, intent, plan

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date, datetime

    from scoro_smartaccounts.common.run import RunRequest


_WITH_ARTICLES = """
select plan.flow, plan.source_id, line ->> 'code' as code
from plan
join document using (company, flow, source_id)
cross join lateral jsonb_array_elements(plan.payload::jsonb -> 'rows') as line
where plan.company = :company and plan.flow in ('sales_invoices', 'purchase_invoices')
  and document.day >= :since and line ->> 'code' = any(:codes)
"""


@dataclass(frozen=True, slots=True)
class NewPlan:
    """What will be sent of a document, as text, with the hash of it; `content_hash` is that of the document. `partner`
    and `articles`: the bodies of what must be created first, the partner's for the contact of the given id."""

    source_id: str
    payload: str
    payload_hash: str
    content_hash: str
    partner_source_id: str = ""
    new_partner: Mapping[str, Any] | None = None
    new_articles: Sequence[Mapping[str, Any]] = ()
    predicted: Mapping[str, Any] = field(default_factory=dict)
    warnings: Sequence[Reason] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan(NewPlan):
    """A plan as it stands in staging, beside its document as that is by now; `document_hash` is the hash of that."""

    run_key: str
    planned_at: datetime
    number: str
    day: date | None
    currency: str
    document_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedPlan(Plan):
    """A plan that may be sent as things stand. `credited_ids`: what its document credits; `refused_before`: why it was
    refused earlier, where nobody has answered that yet."""

    day: date
    credited_ids: Sequence[str]
    refused_before: Reason | None


def store_plans(
    connection: Connection, request: RunRequest, plans: Iterable[NewPlan], *, at: datetime
) -> list[tuple[NewPlan, Exception]]:
    """Store plans of the run's flow, each in the place of the one before; those that cannot be stored, and why."""
    return store_each(
        connection, plans, lambda part: upsert(connection, plan, (_row(request, item, at) for item in part))
    )


def drop_plans(
    connection: Connection, company: str, flow: Flow, source_ids: Iterable[str], *, asked: Iterable[str] = ()
) -> None:
    """Forget what was planned of documents: nothing of it is sent any more. Those that a person is `asked` about keep
    the plan of a request whose answer was lost: what may be theirs is held against it."""
    is_known = (plan.c.source_id == any_of(asked)) & _may_be_in_books(SENT_AS[flow])
    connection.execute(delete(plan).where(of_documents(plan, company, flow, source_ids), ~is_known))


def _may_be_in_books(kind: Kind) -> ColumnElement[bool]:
    """Of a query over `plan`: it was sent, and nobody knows what became of it."""
    return exists().where(
        intent.c.company == plan.c.company,
        intent.c.kind == kind.value,
        intent.c.source_id == plan.c.source_id,
        intent.c.content_hash == plan.c.content_hash,
        intent.c.state.in_((State.OPEN.value, State.ABSENT.value)),
    )


def oldest_plan(connection: Connection, company: str, flow: Flow, source_ids: Iterable[str]) -> datetime | None:
    """Return when the first of the documents was planned; None where no plan of them is known."""
    found: datetime | None = connection.scalar(
        select(func.min(plan.c.planned_at)).where(of_documents(plan, company, flow, source_ids))
    )
    return found


def planned_with_articles(
    connection: Connection, company: str, codes: Iterable[str], since: date
) -> dict[str, set[tuple[Flow, str]]]:
    """Return, by article, the documents that were planned with it and are dated on a day or later."""
    rows = connection.execute(text(_WITH_ARTICLES), {"company": company, "codes": list(codes), "since": since})
    found: dict[str, set[tuple[Flow, str]]] = {}
    for row in rows:
        found.setdefault(row.code, set()).add((Flow(row.flow), row.source_id))
    return found


def read_plans(connection: Connection, company: str, flow: Flow, source_ids: Iterable[str]) -> dict[str, Plan]:
    """Return the plans of documents by source id, of those that have one, by day and number of the document."""
    rows = connection.execute(
        select(
            plan,
            document.c.number,
            document.c.day,
            document.c.currency,
            document.c.content_hash.label("document_hash"),
        )
        .join(
            document,
            same_document(document, plan),
        )
        .where(of_documents(plan, company, flow, source_ids))
        .order_by(document.c.day, document.c.number, plan.c.source_id)
    )
    return {row.source_id: _plan(row) for row in rows}


def wanted_plans(connection: Connection, request: RunRequest, source_ids: Iterable[str]) -> list[WantedPlan]:
    """Return the plans of documents that are as they were planned and still wanted.

    Since planning, another run may have found a document changed, gone or wrong, or a person may have dismissed it.
    Within the caller's transaction.
    """
    rows = connection.execute(
        select(
            plan,
            document.c.number,
            document.c.day,
            document.c.currency,
            document.c.content_hash.label("document_hash"),
            document.c.credited_ids,
            refusal(OWN_CASES).label("refused_before"),
        )
        .join(
            document,
            same_document(document, plan) & (document.c.content_hash == plan.c.content_hash),
        )
        .where(
            of_documents(plan, request.company.key, request.flow, source_ids),
            ~document.c.is_deleted,
            ~document.c.is_missing,
            ~blocks_sending(OWN_CASES),
            *([_is_approved()] if request.approved_only else []),
        )
    )
    return [
        WantedPlan(
            **_fields(row),
            credited_ids=tuple(row.credited_ids),
            refused_before=row.refused_before and Reason.from_json(row.refused_before),
        )
        for row in rows
    ]


def _is_approved() -> ColumnElement[bool]:
    """Return the plan still sends what was approved: the same body, on the same partner or the same new one, and no
    other new articles."""
    partner = approval.c.plan["partner_remote_id"].astext
    booked_on = is_linked_to((Kind.CLIENT, Kind.VENDOR), plan.c.company, plan.c.partner_source_id, partner)
    return (
        exists()
        .where(
            same_document(approval, plan),
            approval.c.state == "approved",
            approval.c.plan["payload_hash"].astext == plan.c.payload_hash,
            or_(partner.is_(None), booked_on.correlate(plan, approval)),
            or_(_is_null(plan.c.new_partner), plan.c.new_partner == approval.c.plan["new_partner"]),
            approval.c.plan["new_articles"].contains(plan.c.new_articles),
        )
        .correlate(plan)
    )


def _is_null(column: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether a column of JSON holds nothing, written either way."""
    return or_(column.is_(None), func.jsonb_typeof(column) == "null")


def _row(request: RunRequest, item: NewPlan, at: datetime) -> dict[str, Any]:
    return {
        "company": request.company.key,
        "flow": request.flow.value,
        "source_id": item.source_id,
        "payload": item.payload,
        "payload_hash": item.payload_hash,
        "content_hash": item.content_hash,
        "partner_source_id": item.partner_source_id,
        "new_partner": item.new_partner,
        "new_articles": list(item.new_articles),
        "predicted": item.predicted,
        "warnings": [warning.to_json() for warning in item.warnings],
        "run_key": request.run_key,
        "planned_at": at,
    }


def _plan(row: Row[Any]) -> Plan:
    return Plan(**_fields(row))


def _fields(row: Row[Any]) -> dict[str, Any]:
    return {
        "source_id": row.source_id,
        "payload": row.payload,
        "payload_hash": row.payload_hash,
        "content_hash": row.content_hash,
        "partner_source_id": row.partner_source_id,
        "new_partner": row.new_partner,
        "new_articles": items(row.new_articles),
        "predicted": mapping(row.predicted),
        "warnings": tuple(map(Reason.from_json, items(row.warnings))),
        "run_key": row.run_key,
        "planned_at": row.planned_at,
        "number": row.number,
        "day": row.day,
        "currency": row.currency,
        "document_hash": row.document_hash,
    }
