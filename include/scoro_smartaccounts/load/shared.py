"""What the load steps of all flows share: which plans are still wanted, when to stop, what a run amounts to."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Table, and_, exists, func, or_, select, update

from scoro_smartaccounts.errors import DocumentProblem, LoadStopped, TransientError
from scoro_smartaccounts.flows import INVOICE_FLOWS
from scoro_smartaccounts.reasons import Reason, reason, render
from scoro_smartaccounts.reconcile.documents import POSSIBLE_DUPLICATE
from scoro_smartaccounts.run import RunRequest
from scoro_smartaccounts.staging.runs import Outcome, count_outcomes
from scoro_smartaccounts.staging.schema import approval, document, link, plan, quarantine

# So many refusals in a row mean that something is wrong with all documents, not with one.
MOST_REFUSALS = 10
# So many lost answers in a row are an outage; what was not sent yet stays out of doubt.
_MOST_LOST_ANSWERS = 3
_OUTAGE_PAUSE = 600.0
REFUSED = {"SmartAccounts": "refused_by_smartaccounts", "Scoro": "refused_by_scoro"}
# A case of POSSIBLE_DUPLICATE that a person answered, and that made way for another one.
NOT_A_DUPLICATE = "not_a_duplicate"
# Cases that the load step opens and that it tries again by itself.
OWN_CASES = (*REFUSED.values(), *(spec.partner_gone for spec in INVOICE_FLOWS.values()))

NOT_WANTED: Outcome = ("not_sent", reason("not_sent"))
IN_DOUBT: Outcome = ("in_doubt", reason("in_doubt"))
PREVIEWED: Outcome = ("planned", reason("planned.preview"))


def wanted_plans(connection: Connection, request: RunRequest, source_ids: Collection[str]) -> list[Row[Any]]:
    """Plans of documents that are as they were planned and still wanted; `refused_before` is the reason of an earlier
    refusal, as stored.

    Since planning, another run may have found a document changed, gone or wrong, or a person may have dismissed it.
    Within the caller's transaction.
    """
    refused_before = (
        select(quarantine.c.reason)
        .where(its_case(), quarantine.c.state == "open", quarantine.c.code.in_(OWN_CASES))
        .correlate(document)
        .scalar_subquery()
    )
    return list(
        connection.execute(
            select(
                plan,
                document.c.number,
                document.c.day,
                document.c.credited_ids,
                refused_before.label("refused_before"),
            )
            .join(
                document,
                (document.c.company == plan.c.company)
                & (document.c.flow == plan.c.flow)
                & (document.c.source_id == plan.c.source_id)
                & (document.c.content_hash == plan.c.content_hash),
            )
            .where(
                plan.c.company == request.company.key,
                plan.c.flow == request.flow.value,
                plan.c.source_id.in_(list(source_ids)),
                ~document.c.is_deleted,
                ~document.c.is_missing,
                ~exists().where(its_case(), forbids_sending()).correlate(document),
                *([_is_approved()] if request.approved_only else []),
            )
        ).all()
    )


def payment_order(*, is_refused: bool, day: date, source_id: str) -> tuple[bool, date, int]:
    """In which order payments are planned and sent: by day, those whose refusal is still open last. Every plan
    supposes that the payments before it went through, which of these nobody can tell."""
    return is_refused, day, int(source_id)


@dataclass
class Streak:
    """Refusals and lost answers in a row, and what they mean for the rest of the run."""

    target: str = "SmartAccounts"
    refusals: int = 0
    lost_answers: int = 0

    def stop_where_nothing_goes_through(self, why: Reason | None, *, is_new: bool = True) -> None:
        """Raises LoadStopped after too many refusals of records that were not refused before (`is_new`), TransientError
        after too many lost answers."""
        if self.refusals >= MOST_REFUSALS and is_new:
            raise LoadStopped(
                f"{self.target} refused {MOST_REFUSALS} different records in a row; the last: {why and render(why)}"
                " Nothing more is sent by this run."
            )
        if self.lost_answers >= _MOST_LOST_ANSWERS:
            self.lost_answers = 0
            raise TransientError(
                f"{self.target} gave no usable answer to {_MOST_LOST_ANSWERS} requests in a row. What they were about"
                " is in doubt and is looked for; the rest was not sent and is tried again.",
                retry_after=_OUTAGE_PAUSE,
            )


def refused(what: str, reasons: tuple[tuple[str, str], ...], *, target: str = "SmartAccounts") -> DocumentProblem:
    """The problem of a document that the target refused."""
    said = "; ".join(message or key for key, message in reasons) or "without a reason"
    return DocumentProblem(
        REFUSED[target], f"{what}: {target} refused it: {said}. Mend the cause, then retry.", system=target
    )


def keep_answers(connection: Connection, request: RunRequest, source_ids: Iterable[str]) -> None:
    """A person's answer that these are no duplicates stays known when another case takes its place, while the
    documents stay as they are: as a closed case of its own. Before that other case is opened."""
    connection.execute(
        update(quarantine)
        .where(
            quarantine.c.company == request.company.key,
            quarantine.c.flow == request.flow.value,
            quarantine.c.source_id.in_(list(source_ids)),
            quarantine.c.state == "released",
            quarantine.c.code == POSSIBLE_DUPLICATE,
        )
        .values(state="resolved", code=NOT_A_DUPLICATE, closed_at=func.now())
    )


def answered_by_a_person(
    connection: Connection, request: RunRequest, source_ids: Iterable[str], *, still_released: bool = False
) -> set[str]:
    """Payments of which a person said that they are no duplicates; `still_released`: whose only case that is."""
    is_answered = and_(quarantine.c.state == "released", quarantine.c.code == POSSIBLE_DUPLICATE)
    was_answered = and_(quarantine.c.code == NOT_A_DUPLICATE, quarantine.c.content_hash == document.c.content_hash)
    return set(
        connection.scalars(
            select(quarantine.c.source_id)
            .join(document, its_case())
            .where(
                quarantine.c.company == request.company.key,
                quarantine.c.flow == request.flow.value,
                quarantine.c.source_id.in_(list(source_ids)),
                is_answered if still_released else or_(is_answered, was_answered),
            )
        )
    )


def names_in_books(connection: Connection, company: str, register: Table, remote_id: str) -> tuple[str, ...]:
    """How SmartAccounts calls a client or vendor: what a refusal may repeat and nobody may read."""
    return tuple(
        connection.scalars(
            select(register.c.name).where(register.c.company == company, register.c.remote_id == remote_id)
        )
    )


def outcome_counts(connection: Connection, request: RunRequest) -> dict[str, int]:
    """Outcomes as they stand in staging, so that a repeated step tells the whole run; without one: `not_sent`."""
    found = count_outcomes(connection, request)
    names = ("created", "adopted", "already_there", "quarantined", "waiting", "in_doubt", "not_sent", "not_ours")
    return {name: found.get(name, 0) for name in names}


def _is_approved() -> ColumnElement[bool]:
    """The plan still sends what was approved: the same body, on the same partner or the same new one, and no other new
    articles."""
    partner = approval.c.plan["partner_remote_id"].astext
    booked_on = exists().where(
        link.c.company == plan.c.company,
        link.c.kind.in_([spec.partner_kind.value for spec in INVOICE_FLOWS.values()]),
        link.c.source_id == plan.c.partner_source_id,
        link.c.remote_id == partner,
    )
    return (
        exists()
        .where(
            approval.c.company == plan.c.company,
            approval.c.flow == plan.c.flow,
            approval.c.source_id == plan.c.source_id,
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


def its_case() -> ColumnElement[bool]:
    """A case of `document`."""
    return and_(
        quarantine.c.company == document.c.company,
        quarantine.c.flow == document.c.flow,
        quarantine.c.source_id == document.c.source_id,
    )


def forbids_sending() -> ColumnElement[bool]:
    """A case that a plan must not be sent against. What this step itself refused is tried again."""
    return or_(
        and_(quarantine.c.state == "dismissed", quarantine.c.content_hash == document.c.content_hash),
        and_(quarantine.c.state == "open", quarantine.c.code.not_in(OWN_CASES)),
    )
