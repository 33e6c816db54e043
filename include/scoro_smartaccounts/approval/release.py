"""Approved plans → SmartAccounts: both sides are read again, and what would be sent otherwise than approved is not."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from scoro_smartaccounts.approval.bases import wait_for_declined
from scoro_smartaccounts.approval.snapshot import PlanSnapshot, differences
from scoro_smartaccounts.approval.submit import own_work, shown_plans
from scoro_smartaccounts.common.company import Company, Mode
from scoro_smartaccounts.common.reasons import reason
from scoro_smartaccounts.common.run import Counts, RunKind, RunRequest
from scoro_smartaccounts.extract.documents import stage_again
from scoro_smartaccounts.flow_steps import STEPS
from scoro_smartaccounts.matching.partners.undecided import UNDECIDED
from scoro_smartaccounts.staging import runs
from scoro_smartaccounts.staging.approvals import State, approved_days, approved_plans, end_approvals, lock_approvals
from scoro_smartaccounts.staging.cases import OWN_CASES, blocked, document_states
from scoro_smartaccounts.staging.days_to_import import cover_decided_days
from scoro_smartaccounts.staging.runs import NOT_WANTED
from scoro_smartaccounts.staging.waiting import note_waiting, waits_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from scoro_smartaccounts.common.documents import Flow
    from scoro_smartaccounts.services import Services

log = logging.getLogger(__name__)

_FINISHED = ("created", "adopted", "already_there")
# What an approval does not outlive: the next plan is asked about again.
_ENDED = ("quarantined", "plan_changed", "deleted", "dismissed", "not_ours")


def release_request(connection: Connection, company: Company, run_key: str, flow: Flow) -> RunRequest | None:
    """Return the run that books what is approved of a flow, over the days of these documents; None without any."""
    days = approved_days(connection, company.key, flow)
    # Once it has begun, those that it began with.
    days = runs.days_of(connection, company.key, f"{run_key}/{flow.value}") or days
    if days is None:
        return None
    first, last = days
    return RunRequest(
        company=company,
        flow=flow,
        run_key=f"{run_key}/{flow.value}",
        kind=RunKind.MANUAL,
        mode=Mode.IMPORT,
        date_from=first,
        date_to=last,
        approved_only=True,
    )


def release_approved(request: RunRequest, services: Services) -> Counts:
    """Book everything that is approved of the request's flow, exactly as it was shown. May be killed anywhere and run
    again: it begins anew, and both sides are read again.

    A document that was changed, deleted or quarantined since, or of which SmartAccounts holds something else now, is
    refused with the difference.
    """
    with services.engine.begin() as connection:
        runs.open_run(connection, request)
        approved = _take(connection, request)
    if approved:
        stage_again(request, services, approved)
        with services.engine.begin() as connection:
            _close_what_is_gone(connection, request)
            runs.mark(connection, request, "extracted", {"batch": len(approved)})
            # What was checked before it was asked about is sent as it was, or not at all.
            runs.mark(connection, request, "checked", {})
        STEPS[request.flow].plan(request, services)
        with services.engine.begin() as connection:
            _refuse_what_differs(connection, request, approved)
            _refuse_what_is_undecided(connection, request)
            _end_what_credits_declined(connection, request, approved)
            _close(connection, request, approved)
        try:
            STEPS[request.flow].load(request, services)
        finally:
            with services.engine.begin() as connection:
                _refuse_what_is_undecided(connection, request)
                _close(connection, request, approved)
    with services.engine.begin() as connection:
        cover_decided_days(connection, request.company.key, request.flow, request.run_key)
        return runs.count_outcomes(connection, request)


def _take(connection: Connection, request: RunRequest) -> dict[str, PlanSnapshot]:
    """Make what is approved the run's batch. What it has booked before it was interrupted stays its work."""
    lock_approvals(connection, request.company.key, request.flow)
    approved = approved_plans(connection, request.company.key, request.flow)
    runs.take(connection, request, (runs.Taken(source_id, "released") for source_id in approved), keeps=())
    # What was approved when the run began, and is planned anew since, is not its work any more.
    left = set(runs.batch(connection, request)) - approved.keys()
    runs.set_outcomes(connection, request, dict.fromkeys(left, NOT_WANTED))
    return {source_id: PlanSnapshot.from_json(plan) for source_id, plan in approved.items()}


def _close_what_is_gone(connection: Connection, request: RunRequest) -> None:
    """Documents that were deleted, dismissed or quarantined after approval."""
    batch = runs.batch(connection, request)
    states = document_states(connection, request.company.key, request.flow, batch)
    outcomes: dict[str, runs.Outcome] = {
        source_id: (case.state if case.state == "dismissed" else "quarantined", case.reason)
        for source_id, case in blocked(connection, request.company.key, request.flow, batch, OWN_CASES).items()
    }
    gone = [source_id for source_id, state in states.items() if state.is_gone]
    outcomes |= dict.fromkeys(gone, ("deleted", reason("deleted.after_approval")))
    runs.set_outcomes(connection, request, outcomes)


def _refuse_what_differs(connection: Connection, request: RunRequest, approved: Mapping[str, PlanSnapshot]) -> None:
    batch = runs.batch(connection, request)
    plans = shown_plans(connection, request.company.key, request.flow, batch)
    own = own_work(connection, request.company.key, request.flow, plans)
    refused: dict[str, runs.Outcome] = {}
    for source_id in batch:
        now = plans.get(source_id)
        if now is None:
            continue
        found = differences(approved[source_id], now, own)
        if found:
            refused[source_id] = ("plan_changed", reason("plan_changed", differences=found))
    runs.set_outcomes(connection, request, refused)
    if refused:
        log.warning("Approved and not booked, for they differ from what was approved: %d.", len(refused))


def _refuse_what_is_undecided(connection: Connection, request: RunRequest) -> None:
    """Documents whose partner or articles were proposed to be others' since they were approved."""
    left = runs.left_as(connection, request, "waiting")
    waits = waits_of(connection, request.company.key, request.flow, left)
    refused: dict[str, runs.Outcome] = {
        source_id: ("plan_changed", reason("plan_changed.undecided", why=why))
        for source_id, why in waits.items()
        if why.code in UNDECIDED
    }
    runs.set_outcomes(connection, request, refused)


def _end_what_credits_declined(
    connection: Connection, request: RunRequest, approved: Mapping[str, PlanSnapshot]
) -> None:
    """Credit invoices whose invoice was declined wait for it like others, but are approved no more: each plan would
    start another run that cannot book them."""
    left = {key: approved[key] for key in runs.batch(connection, request) if key in approved}
    waits = wait_for_declined(connection, request.company.key, request.flow, left)
    runs.set_outcomes(connection, request, {key: ("waiting", item) for key, item in waits.items()})
    note_waiting(connection, request, waits)
    _end(connection, request, {source_id: left[source_id] for source_id in waits}, State.CHANGED)
    if waits:
        log.warning("Approved credit invoices that are not booked, for what they credit was declined: %d.", len(waits))


def _close(connection: Connection, request: RunRequest, approved: Mapping[str, PlanSnapshot]) -> None:
    """Approvals end with what became of their documents; what is in doubt or waits stays approved. What was planned and
    approved anew meanwhile is another plan."""
    lock_approvals(connection, request.company.key, request.flow)
    for outcomes, state in ((_FINISHED, State.DONE), (_ENDED, State.CHANGED)):
        ended = runs.left_as(connection, request, *outcomes)
        _end(connection, request, {key: approved[key] for key in ended if key in approved}, state)


def _end(connection: Connection, request: RunRequest, plans: Mapping[str, PlanSnapshot], state: State) -> None:
    hashes = {source_id: shown.plan_hash for source_id, shown in plans.items()}
    end_approvals(connection, request.company.key, request.flow, hashes, state)
