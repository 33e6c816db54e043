"""What a run left in doubt: whether its load has to look again first, and when what is left can be told."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, and_, exists, func, or_, select

from scoro_smartaccounts.assumptions import SCORO_WRITE_SHOWS_WITHIN
from scoro_smartaccounts.company import Mode
from scoro_smartaccounts.documents import Flow
from scoro_smartaccounts.errors import StillInDoubt
from scoro_smartaccounts.flows import INVOICE_FLOWS
from scoro_smartaccounts.reconcile.reading import absence_shows_at
from scoro_smartaccounts.run import RunRequest, Services
from scoro_smartaccounts.staging import runs
from scoro_smartaccounts.staging.bulk import any_of
from scoro_smartaccounts.staging.links import Kind
from scoro_smartaccounts.staging.schema import document, intent, link, run, run_document

# A record that a run has sent this often without an answer is left to the next run.
_MOST_SENDS = 3


def left_in_doubt(request: RunRequest, services: Services) -> bool:
    """Whether an earlier try of this run's load left something in doubt, or died over it."""
    with services.engine.begin() as connection:
        sent = connection.scalar(
            select(intent.c.id)
            .where(
                intent.c.company == request.company.key,
                intent.c.run_key == request.run_key,
                intent.c.state == "open",
            )
            .limit(1)
        )
        return sent is not None or (runs.was_loaded(connection, request) and bool(runs.in_doubt(connection, request)))


def put_off_what_is_in_doubt(request: RunRequest, services: Services) -> None:
    """Raises StillInDoubt where documents of the run are in doubt and time will tell what became of them. A record that
    was sent several times in vain is not waited for."""
    with services.engine.begin() as connection:
        documents = runs.in_doubt(connection, request)
        if not documents:
            return
        now = services.clock()
        moments = list(_moments(connection, request, now))
    if moments:
        what = f"{len(documents)} documents of this run are" if len(documents) > 1 else "A document of this run is"
        raise StillInDoubt(
            f"{what} in doubt: answers were lost. Whether the requests were carried out can be told later; then the"
            " run goes on.",
            until=max(moments),
        )


def _moments(connection: Connection, request: RunRequest, now: datetime) -> Iterable[datetime]:
    """When the open intents that the flow may wait for can be told, as far as that lies ahead."""
    sent = intent.alias("sent")
    times_sent = (
        select(func.count())
        .where(
            sent.c.company == intent.c.company,
            sent.c.kind == intent.c.kind,
            sent.c.source_id == intent.c.source_id,
            sent.c.run_key == request.run_key,
            sent.c.state.in_(("open", "absent")),
        )
        .correlate(intent)
        .scalar_subquery()
    )
    rows = connection.execute(
        select(intent.c.kind, intent.c.signed_at).where(
            intent.c.company == request.company.key,
            intent.c.state == "open",
            intent.c.kind.in_([kind.value for kind in _kinds(request.flow)]),
            times_sent < _MOST_SENDS,
        )
    )
    for row in rows:
        if row.kind == Kind.RECEIPT:
            moment = row.signed_at + SCORO_WRITE_SHOWS_WITHIN
            known_at = moment if moment > now else None
        else:
            known_at = absence_shows_at(row.signed_at, now)
        if known_at is not None:
            yield known_at


def _kinds(flow: Flow) -> set[Kind]:
    """What documents of a flow may be in doubt for."""
    if flow is Flow.EXPORT_PAYMENTS:
        return {Kind.RECEIPT}
    if flow is not Flow.PAYMENTS:
        return _kinds_of_invoices(flow)
    return {Kind.PAYMENT}.union(*map(_kinds_of_invoices, INVOICE_FLOWS))


def _kinds_of_invoices(flow: Flow) -> set[Kind]:
    return {INVOICE_FLOWS[flow].kind, INVOICE_FLOWS[flow].partner_kind, Kind.ARTICLE}


def records_in_doubt(
    connection: Connection, company: str, keys: Iterable[tuple[Flow, str]], contacts: Iterable[str] = ()
) -> set[tuple[Kind, str]]:
    """Which of these invoices and bills, and of the partners that these contacts are, are in doubt or wait for
    something that is."""
    found: set[tuple[Kind, str]] = set()
    ids: dict[Flow, list[str]] = {}
    for flow, source_id in keys:
        ids.setdefault(flow, []).append(source_id)
    for flow, source_ids in ids.items():
        spec = INVOICE_FLOWS[flow]
        open_intent = exists().where(
            intent.c.company == document.c.company,
            intent.c.state == "open",
            or_(
                and_(intent.c.kind == spec.kind.value, intent.c.source_id == document.c.source_id),
                and_(intent.c.kind == spec.partner_kind.value, intent.c.source_id == document.c.partner_id),
            ),
        )
        last_outcome = (
            select(run_document.c.outcome)
            .join(run, and_(run.c.company == run_document.c.company, run.c.run_key == run_document.c.run_key))
            .where(
                run_document.c.company == document.c.company,
                run_document.c.flow == document.c.flow,
                run_document.c.source_id == document.c.source_id,
                run.c.mode != Mode.PREVIEW.value,
            )
            .order_by(run.c.started_at.desc(), run.c.run_key.desc())
            .limit(1)
            .correlate(document)
            .scalar_subquery()
        )
        linked = exists().where(
            link.c.company == document.c.company,
            link.c.kind == spec.kind.value,
            link.c.source_id == document.c.source_id,
        )
        rows = connection.scalars(
            select(document.c.source_id).where(
                document.c.company == company,
                document.c.flow == flow.value,
                document.c.source_id == any_of(source_ids),
                ~linked.correlate(document),
                or_(open_intent.correlate(document), last_outcome == "in_doubt"),
            )
        )
        found |= {(spec.kind, source_id) for source_id in rows}
    partners = connection.execute(
        select(intent.c.kind, intent.c.source_id).where(
            intent.c.company == company,
            intent.c.state == "open",
            intent.c.kind.in_([spec.partner_kind.value for spec in INVOICE_FLOWS.values()]),
            intent.c.source_id == any_of(contacts),
        )
    )
    return found | {(Kind(row.kind), row.source_id) for row in partners}
