"""What a run in mode `approve` does with its plans: they are put before the accountant, and nothing is sent."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Connection, and_, exists, func, or_, select

from scoro_smartaccounts.approval.bases import wait_for_declined
from scoro_smartaccounts.approval.shown import OwnWork, Shown, differences
from scoro_smartaccounts.common.reasons import Reason, reason
from scoro_smartaccounts.flows import INVOICE_FLOWS
from scoro_smartaccounts.staging import runs
from scoro_smartaccounts.staging.bulk import any_of, upsert
from scoro_smartaccounts.staging.coverage import cover_decided_days
from scoro_smartaccounts.staging.intents import created_remote_ids
from scoro_smartaccounts.staging.links import Kind, read_links
from scoro_smartaccounts.staging.locks import transaction_lock
from scoro_smartaccounts.staging.plans import wanted_plans
from scoro_smartaccounts.staging.runs import NOT_WANTED
from scoro_smartaccounts.staging.schema import approval, document, plan, question
from scoro_smartaccounts.staging.waiting import BASE_NOT_BOOKED, note_waiting

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from scoro_smartaccounts.common.company import Company
    from scoro_smartaccounts.common.documents import Flow
    from scoro_smartaccounts.common.run import Counts, RunRequest
    from scoro_smartaccounts.services import Services

log = logging.getLogger(__name__)

# Who changes approvals of a flow holds this lock.
LOCK = "approval"
ASKED: runs.Outcome = ("planned", reason("planned.asked"))
DECLINED = "declined"


def submit_plans(request: RunRequest, services: Services) -> Counts:
    """Put the run's plans before the accountant. Safe to repeat.

    `to_approve`: documents of the flow that the accountant is to be asked about; `approved`: those that were
    approved and still have to be sent. A document that was declined is not asked about again while its plan stays the
    same, unless a person names the days.
    """
    company = request.company.key
    with services.engine.begin() as connection:
        transaction_lock(connection, LOCK, company, request.flow.value)
        source_ids = runs.batch(connection, request)
        wanted = {row.source_id: row for row in wanted_plans(connection, request, source_ids)}
        plans = read_plans(connection, company, request.flow, wanted)
        known = _known(connection, request, source_ids)
        outcomes: dict[str, runs.Outcome] = dict.fromkeys(source_ids, NOT_WANTED)
        own = own_work(connection, company, request.flow, plans)
        new: dict[str, Shown] = {}
        for source_id, shown in plans.items():
            outcomes[source_id] = ASKED
            before = known.get(source_id)
            if before is None or differences(Shown.from_json(before.plan), shown, own):
                new[source_id] = shown
            elif before.state == DECLINED and not request.is_range:
                outcomes[source_id] = (DECLINED, before.reason and Reason.from_json(before.reason))
            elif (refusal := wanted[source_id].refused_before) is not None:
                # Asked again it would be refused again.
                outcomes[source_id] = ("quarantined", refusal)
            elif before.state not in ("planned", "asked", "approved"):
                new[source_id] = shown
        waits = wait_for_declined(connection, company, request.flow, new)
        outcomes |= {source_id: ("waiting", item) for source_id, item in waits.items()}
        note_waiting(connection, request, waits, batch=new, codes=[BASE_NOT_BOOKED])
        _store(connection, request, services, {key: shown for key, shown in new.items() if key not in waits})
        runs.set_outcomes(connection, request, outcomes)
        counts = {
            **runs.count_outcomes(connection, request),
            **_undone(connection, request, services.clock()),
        }
        runs.mark(connection, request, "loaded", counts)
        cover_decided_days(connection, company, request.flow, request.run_key)
    log.info(
        "Mode approve: nothing was sent; %d documents wait for the accountant, %d are to be asked about.",
        counts.get("planned", 0),
        counts["to_approve"],
    )
    return counts


def read_plans(connection: Connection, company: str, flow: Flow, source_ids: Collection[str]) -> dict[str, Shown]:
    """Return the plans of documents as they stand in staging, with the client or vendor each is booked on."""
    rows = connection.execute(
        select(plan, document.c.number, document.c.day, document.c.currency)
        .join(
            document,
            (document.c.company == plan.c.company)
            & (document.c.flow == plan.c.flow)
            & (document.c.source_id == plan.c.source_id),
        )
        .where(plan.c.company == company, plan.c.flow == flow.value, plan.c.source_id == any_of(source_ids))
    ).all()
    spec = INVOICE_FLOWS.get(flow)
    linked: Mapping[str, str] = {}
    if spec is not None:
        linked = read_links(connection, company, spec.partner_kind, {row.partner_source_id for row in rows})
    return {
        row.source_id: Shown(
            number=row.number,
            day=row.day.isoformat(),
            currency=row.currency,
            payload=row.payload,
            payload_hash=row.payload_hash,
            content_hash=row.content_hash,
            partner_source_id=row.partner_source_id,
            partner_remote_id=linked.get(row.partner_source_id),
            new_partner=None if row.partner_source_id in linked else row.new_partner,
            new_articles=tuple(row.new_articles),
            predicted=row.predicted,
            warnings=tuple(row.warnings),
        )
        for row in rows
    }


def own_work(connection: Connection, company: str, flow: Flow, plans: Mapping[str, Shown]) -> OwnWork:
    """Which of the partners and articles of these plans this pipeline created itself."""
    spec = INVOICE_FLOWS.get(flow)
    if spec is None:
        return OwnWork(frozenset(), frozenset())
    partners = [plan.partner_remote_id for plan in plans.values() if plan.partner_remote_id is not None]
    return OwnWork(
        created_remote_ids(connection, company, spec.partner_kind, partners),
        created_remote_ids(connection, company, Kind.ARTICLE),
    )


def _known(connection: Connection, request: RunRequest, source_ids: Collection[str]) -> dict[str, Any]:
    rows = connection.execute(
        select(approval.c.source_id, approval.c.plan, approval.c.state, approval.c.reason).where(
            approval.c.company == request.company.key,
            approval.c.flow == request.flow.value,
            approval.c.source_id == any_of(source_ids),
        )
    )
    return {row.source_id: row for row in rows}


def needs_asking(company: Company, now: datetime) -> ColumnElement[bool]:
    """Documents that the accountant is to be asked about: those that never were, and those whose question is so old
    that an alert is due; perhaps the run that asked it is gone."""
    old = now - timedelta(hours=company.approval.alert_after_hours)
    stale = exists().where(
        question.c.company == approval.c.company, question.c.id == approval.c.question_id, question.c.asked_at <= old
    )
    return or_(approval.c.state == "planned", and_(approval.c.state == "asked", stale.correlate(approval)))


def _undone(connection: Connection, request: RunRequest, now: datetime) -> dict[str, int]:
    asks, approved = connection.execute(
        select(
            func.count().filter(needs_asking(request.company, now)),
            func.count().filter(approval.c.state == "approved"),
        ).where(approval.c.company == request.company.key, approval.c.flow == request.flow.value)
    ).one()
    return {"to_approve": asks, "approved": approved}


def _store(connection: Connection, request: RunRequest, services: Services, plans: Mapping[str, Shown]) -> None:
    upsert(
        connection,
        approval,
        (
            {
                "company": request.company.key,
                "flow": request.flow.value,
                "source_id": source_id,
                "plan_hash": shown.plan_hash,
                "plan": shown.to_json(),
                "state": "planned",
                "question_id": None,
                "planned_by": request.run_key,
                "reason": None,
                "planned_at": services.clock(),
                "decided_at": None,
            }
            for source_id, shown in plans.items()
        ),
    )
