"""What a run in mode `approve` does with its plans: they are put before the accountant, and nothing is sent."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from scoro_smartaccounts.approval.bases import wait_for_declined
from scoro_smartaccounts.approval.snapshot import OwnWork, PlanSnapshot, differences
from scoro_smartaccounts.common.reasons import reason
from scoro_smartaccounts.flows import INVOICE_FLOWS
from scoro_smartaccounts.staging import runs
from scoro_smartaccounts.staging.approvals import (
    ShownPlan,
    State,
    count_undone,
    lock_approvals,
    put_up,
    read_approvals,
)
from scoro_smartaccounts.staging.days_to_import import cover_decided_days
from scoro_smartaccounts.staging.intents import created_remote_ids
from scoro_smartaccounts.staging.links import Kind, read_links
from scoro_smartaccounts.staging.plans import read_plans, wanted_plans
from scoro_smartaccounts.staging.runs import NOT_WANTED
from scoro_smartaccounts.staging.waiting import BASE_NOT_BOOKED, note_waiting

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from sqlalchemy import Connection

    from scoro_smartaccounts.common.company import Company
    from scoro_smartaccounts.common.documents import Flow
    from scoro_smartaccounts.common.run import Counts, RunRequest
    from scoro_smartaccounts.services import Services

log = logging.getLogger(__name__)

ASKED: runs.Outcome = ("planned", reason("planned.asked"))


def submit_plans(request: RunRequest, services: Services) -> Counts:
    """Put the run's plans before the accountant. Safe to repeat.

    `to_approve`: documents of the flow that the accountant is to be asked about; `approved`: those that were
    approved and still have to be sent. A document that was declined is not asked about again while its plan stays the
    same, unless a person names the days.
    """
    company = request.company.key
    with services.engine.begin() as connection:
        lock_approvals(connection, company, request.flow)
        source_ids = runs.batch(connection, request)
        wanted = {row.source_id: row for row in wanted_plans(connection, request, source_ids)}
        plans = shown_plans(connection, company, request.flow, wanted)
        known = read_approvals(connection, company, request.flow, source_ids)
        outcomes: dict[str, runs.Outcome] = dict.fromkeys(source_ids, NOT_WANTED)
        own = own_work(connection, company, request.flow, plans)
        new: dict[str, PlanSnapshot] = {}
        for source_id, shown in plans.items():
            outcomes[source_id] = ASKED
            before = known.get(source_id)
            if before is None or differences(PlanSnapshot.from_json(before.plan), shown, own):
                new[source_id] = shown
            elif before.state is State.DECLINED and not request.is_range:
                outcomes[source_id] = ("declined", before.reason)
            elif (refusal := wanted[source_id].refused_before) is not None:
                # Asked again it would be refused again.
                outcomes[source_id] = ("quarantined", refusal)
            elif before.state not in (State.PLANNED, State.ASKED, State.APPROVED):
                new[source_id] = shown
        waits = wait_for_declined(connection, company, request.flow, new)
        outcomes |= {source_id: ("waiting", item) for source_id, item in waits.items()}
        note_waiting(connection, request, waits, batch=new, codes=[BASE_NOT_BOOKED])
        asks = [ShownPlan(key, shown.plan_hash, shown.to_json()) for key, shown in new.items() if key not in waits]
        put_up(connection, request, asks, at=services.clock())
        runs.set_outcomes(connection, request, outcomes)
        asked_before = alert_since(request.company, services.clock())
        to_approve, approved = count_undone(connection, company, request.flow, asked_before=asked_before)
        counts = {**runs.count_outcomes(connection, request), "to_approve": to_approve, "approved": approved}
        runs.mark(connection, request, "loaded", counts)
        cover_decided_days(connection, company, request.flow, request.run_key)
    log.info(
        "Mode approve: nothing was sent. Documents that wait for the accountant: %d, to be asked about: %d.",
        counts.get("planned", 0),
        counts["to_approve"],
    )
    return counts


def shown_plans(
    connection: Connection, company: str, flow: Flow, source_ids: Collection[str]
) -> dict[str, PlanSnapshot]:
    """Return the plans of documents as they stand in staging, with the client or vendor each is booked on."""
    plans = read_plans(connection, company, flow, source_ids)
    spec = INVOICE_FLOWS.get(flow)
    linked: Mapping[str, str] = {}
    if spec is not None:
        linked = read_links(connection, company, spec.partner_kind, {item.partner_source_id for item in plans.values()})
    return {
        source_id: PlanSnapshot(
            number=item.number,
            day=str(item.day),
            currency=item.currency,
            payload=item.payload,
            payload_hash=item.payload_hash,
            content_hash=item.content_hash,
            partner_source_id=item.partner_source_id,
            partner_remote_id=linked.get(item.partner_source_id),
            new_partner=None if item.partner_source_id in linked else item.new_partner,
            new_articles=tuple(item.new_articles),
            predicted=item.predicted,
            warnings=tuple(warning.to_json() for warning in item.warnings),
        )
        for source_id, item in plans.items()
    }


def own_work(connection: Connection, company: str, flow: Flow, plans: Mapping[str, PlanSnapshot]) -> OwnWork:
    """Which of the partners and articles of these plans this pipeline created itself."""
    spec = INVOICE_FLOWS.get(flow)
    if spec is None:
        return OwnWork(frozenset(), frozenset())
    partners = [plan.partner_remote_id for plan in plans.values() if plan.partner_remote_id is not None]
    return OwnWork(
        created_remote_ids(connection, company, spec.partner_kind, partners),
        created_remote_ids(connection, company, Kind.ARTICLE),
    )


def alert_since(company: Company, now: datetime) -> datetime:
    """Return the moment since which a question has waited long enough for an alert."""
    return now - timedelta(hours=company.approval.alert_after_hours)
