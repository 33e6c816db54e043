"""Open intents: what became of a request whose answer never came.

Presence settles at once. Absence counts only in a complete reading made long enough after the intent's timestamp: by
then SmartAccounts refuses the request, however late it may arrive.
"""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import Connection, func, select

from scoro_smartaccounts.flows import INVOICE_FLOWS, InvoiceFlow
from scoro_smartaccounts.mirror.documents import read_days
from scoro_smartaccounts.mirror.registers import ARTICLES, sync_register
from scoro_smartaccounts.outbox.comparison import close_document, note_booked
from scoro_smartaccounts.smartaccounts.wire import STAND_IN
from scoro_smartaccounts.staging.intents import Intent, State, claim_intent, close_intent, open_intents
from scoro_smartaccounts.staging.links import Evidence, Kind, Link, store_links
from scoro_smartaccounts.staging.mirror_documents import marked_documents
from scoro_smartaccounts.staging.schema import (
    article_register,
    document,
    plan,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from scoro_smartaccounts.common.run import RunRequest
    from scoro_smartaccounts.mirror.reading import Reading
    from scoro_smartaccounts.services import Services

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Settled:
    """How many open intents were found applied, were proven never applied, and are still in doubt; `booked` are the
    source ids of the documents found."""

    present: int = 0
    absent: int = 0
    in_doubt: int = 0
    booked: frozenset[str] = frozenset()


def settle(connection: Connection, request: RunRequest, services: Services) -> Settled:
    """Read what is needed and decide on the open intents of the flow's documents, partners and articles, except
    those that are being sent right now."""
    company = request.company.key
    spec = INVOICE_FLOWS[request.flow]
    with connection.begin():
        rows = open_intents(connection, company, spec.kind, spec.partner_kind, Kind.ARTICLE)
    if not rows:
        return Settled()
    readings = _read(request, services, spec, rows)
    present = absent = in_doubt = 0
    booked: set[str] = set()
    for row in rows:
        with connection.begin():
            if not claim_intent(connection, company, row):
                continue
            found = _find(connection, company, spec, row)
            if found is not None:
                store_links(connection, company, request.run_key, [found])
                close_intent(connection, row.id, State.DONE, at=services.clock(), remote_id=found.remote_id)
                present += 1
                if found.kind is spec.kind:
                    booked.add(row.source_id)
                    _compare(connection, request, found)
            elif readings[row.kind].proves_absence(row.signed_at) and not _is_unmarked(connection, company, spec, row):
                close_intent(connection, row.id, State.ABSENT, at=services.clock(), note="never applied")
                absent += 1
            else:
                in_doubt += 1
    log.info("Requests without an answer: %d were applied, %d never were, %d are in doubt.", present, absent, in_doubt)
    return Settled(present, absent, in_doubt, frozenset(booked))


def _is_unmarked(connection: Connection, company: str, spec: InvoiceFlow, row: Intent) -> bool:
    """Whether the partner may be there although no marker tells it: no partner's marker has ever come back, and an
    unmarked one has its name."""
    if row.kind != spec.partner_kind:
        return False
    register = spec.register.c
    marks = func.count().filter(register.marked_id != "", ~register.marked_id.startswith(STAND_IN))
    namesakes = func.count().filter(register.name == json.loads(row.payload)["name"])
    marked, named = connection.execute(select(marks, namesakes).where(register.company == company)).one()
    return bool(named and not marked)


def _compare(connection: Connection, request: RunRequest, found: Link) -> None:
    planned = connection.execute(
        select(plan.c.predicted, plan.c.payload, document.c.number)
        .join(
            document,
            (document.c.company == plan.c.company)
            & (document.c.flow == plan.c.flow)
            & (document.c.source_id == plan.c.source_id),
        )
        .where(
            plan.c.company == request.company.key,
            plan.c.flow == request.flow.value,
            plan.c.source_id == found.source_id,
            plan.c.content_hash == found.content_hash,
        )
    ).one_or_none()
    if planned is None:
        close_document(connection, request, [found.source_id])
        return
    note_booked(
        connection,
        request,
        source_id=found.source_id,
        number=planned.number,
        predicted=planned.predicted,
        body=json.loads(planned.payload),
        answer=found.answer,
    )


def _read(request: RunRequest, services: Services, spec: InvoiceFlow, rows: Sequence[Intent]) -> Mapping[Kind, Reading]:
    company = request.company.key
    kinds = {row.kind for row in rows}
    readings: dict[Kind, Reading] = {}
    for kind, register in ((spec.partner_kind, spec.partners), (Kind.ARTICLE, ARTICLES)):
        if kind in kinds:
            readings[kind] = sync_register(services, company, register, max_age=None)
    if days := [row.day for row in rows if row.kind == spec.kind and row.day is not None]:
        reading = read_days(services, company, spec, days, prove_absence=True)
        if reading is not None:
            readings[spec.kind] = reading
    return readings


def _find(connection: Connection, company: str, spec: InvoiceFlow, row: Intent) -> Link | None:
    """Return the record at SmartAccounts that the intent's request made, in what was just read."""
    if row.kind == Kind.ARTICLE:
        code = connection.execute(
            select(article_register.c.code).where(
                article_register.c.company == company, article_register.c.code == row.natural_key
            )
        ).scalar()
        return code and Link(Kind.ARTICLE, row.source_id, code, Evidence.FOUND_LATER)
    if row.kind == spec.partner_kind:
        register = spec.register.c
        remote_id = connection.execute(
            select(register.remote_id).where(register.company == company, register.marked_id == row.source_id)
        ).scalar()
        return remote_id and Link(spec.partner_kind, row.source_id, remote_id, Evidence.FOUND_LATER)
    found = next(iter(marked_documents(connection, company, spec.flow, row.source_id)), None)
    if found is None:
        return None
    return Link(
        spec.kind,
        row.source_id,
        found.remote_id,
        Evidence.FOUND_LATER,
        content_hash=row.content_hash,
        answer=found.answer,
        booking=found.booking(_planned_partner(connection, company, spec, row)),
    )


def _planned_partner(connection: Connection, company: str, spec: InvoiceFlow, row: Intent) -> str:
    """Return the contact of the document as it was sent; empty where its plan is another one by now."""
    planned = connection.scalar(
        select(plan.c.partner_source_id).where(
            plan.c.company == company,
            plan.c.flow == spec.flow.value,
            plan.c.source_id == row.source_id,
            plan.c.content_hash == row.content_hash,
        )
    )
    return planned or ""
