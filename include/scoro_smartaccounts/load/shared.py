"""What the load steps of all flows share: which plans are still wanted, when to stop, what a run amounts to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Connection, Row, Table, exists, func, or_, select

from scoro_smartaccounts.common.errors import DocumentProblem, LoadStopped, TransientError
from scoro_smartaccounts.common.reasons import Phrase, Reason, phrase, reason, render
from scoro_smartaccounts.flows import INVOICE_FLOWS
from scoro_smartaccounts.staging.bulk import any_of
from scoro_smartaccounts.staging.cases import OWN_CASES, blocks_sending, refusal
from scoro_smartaccounts.staging.intents import silence
from scoro_smartaccounts.staging.links import Kind, is_linked_to
from scoro_smartaccounts.staging.runs import Outcome, count_outcomes
from scoro_smartaccounts.staging.schema import approval, document, plan

if TYPE_CHECKING:
    from collections.abc import Collection

    from scoro_smartaccounts.common.run import RunRequest
    from scoro_smartaccounts.services import Services

# So many refusals in a row mean that something is wrong with all documents, not with one.
MOST_REFUSALS = 10
# So many lost answers in a row are an outage; what was not sent yet stays out of doubt.
_MOST_LOST_ANSWERS = 3
_OUTAGE_PAUSE = 600.0
# With so many records in doubt nothing more is sent to a service that does not answer, for so long.
_MOST_IN_DOUBT = _MOST_LOST_ANSWERS + 1
_LONGEST_SILENCE = timedelta(hours=1)
REFUSED = {"SmartAccounts": "refused_by_smartaccounts", "Scoro": "refused_by_scoro"}

UNEXPECTED = "unexpected_when_sent"
NOT_WANTED: Outcome = ("not_sent", reason("not_sent"))
IN_DOUBT: Outcome = ("in_doubt", reason("in_doubt"))
PREVIEWED: Outcome = ("planned", reason("planned.preview"))


def wanted_plans(connection: Connection, request: RunRequest, source_ids: Collection[str]) -> list[Row[Any]]:
    """Plans of documents that are as they were planned and still wanted; `refused_before` is the reason of an earlier
    refusal, as stored.

    Since planning, another run may have found a document changed, gone or wrong, or a person may have dismissed it.
    Within the caller's transaction.
    """
    return list(
        connection.execute(
            select(
                plan,
                document.c.number,
                document.c.day,
                document.c.credited_ids,
                refusal(OWN_CASES).label("refused_before"),
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
                plan.c.source_id == any_of(source_ids),
                ~document.c.is_deleted,
                ~document.c.is_missing,
                ~blocks_sending(OWN_CASES),
                *([_is_approved()] if request.approved_only else []),
            )
        ).all()
    )


@dataclass
class Streak:
    """Refusals and lost answers in a row, and what they mean for the rest of the run. `is_silent`: the service has not
    answered, and what it was asked is in doubt."""

    target: str = "SmartAccounts"
    refusals: int = 0
    lost_answers: int = 0
    is_silent: bool = False

    @classmethod
    def so_far(cls, connection: Connection, request: RunRequest, services: Services, target: str) -> Streak:
        """Return what earlier tries, runs and flows heard of the service. In the middle of an outage the next lost
        answer ends the try, and with too much in doubt nothing is sent; an answer ends both. Within the caller's
        transaction."""
        kinds = [kind for kind in Kind if (kind is Kind.RECEIPT) == (target == "Scoro")]
        heard = silence(connection, request.company.key, kinds)
        is_outage = heard.unanswered >= _MOST_LOST_ANSWERS
        return cls(
            target,
            lost_answers=min(_MOST_LOST_ANSWERS if is_outage else heard.in_doubt, _MOST_LOST_ANSWERS - 1),
            is_silent=heard.newest is not None
            and bool(heard.unanswered)
            and heard.in_doubt >= _MOST_IN_DOUBT
            and services.clock() - heard.newest < _LONGEST_SILENCE,
        )

    def before_sending(self) -> None:
        """Raise TransientError where too much is in doubt to send another record."""
        if self.is_silent:
            raise TransientError(
                f"{self.target} gave no usable answer to the last requests. What they were about is still in doubt;"
                " nothing more is sent before that is known.",
                retry_after=_OUTAGE_PAUSE,
            )

    def stop_where_nothing_goes_through(self, why: Reason | None, *, is_new: bool = True) -> None:
        """Raise LoadStopped after too many refusals of records that were not refused before (`is_new`), TransientError
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


def refused(
    document: Phrase,
    reasons: tuple[tuple[str, str], ...],
    *,
    what: Phrase | None = None,
    target: str = "SmartAccounts",
) -> DocumentProblem:
    """Return the problem of a document that the target refused; `what`: of which a record that it needs was refused."""
    said = [message or key for key, message in reasons] or phrase("without_a_reason")
    if what is None:
        return DocumentProblem(reason(REFUSED[target], document=document, said=said))
    return DocumentProblem(reason(f"{REFUSED[target]}.needed", document=document, what=what, said=said))


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
    """Return the plan still sends what was approved: the same body, on the same partner or the same new one, and no
    other new articles."""
    partner = approval.c.plan["partner_remote_id"].astext
    kinds = [spec.partner_kind for spec in INVOICE_FLOWS.values()]
    booked_on = is_linked_to(kinds, plan.c.company, plan.c.partner_source_id, partner)
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
