"""How the plans of a run are sent, whatever its flow: what is still wanted goes one by one by the protocol of the
outbox, and how each is left is stored at once. A flow says how one of its plans is booked.

Idempotent; may be killed anywhere; in mode `preview` nothing is sent.
"""

from __future__ import annotations

import logging
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any, Protocol

from scoro_smartaccounts.common.company import Mode
from scoro_smartaccounts.common.culprits import one_document
from scoro_smartaccounts.common.errors import DocumentProblem
from scoro_smartaccounts.common.reasons import Phrase, Reason, phrase, reason
from scoro_smartaccounts.load.first_of_kind import Firsts
from scoro_smartaccounts.load.streak import MOST_REFUSALS, Streak
from scoro_smartaccounts.outbox.locked import LockedMonths
from scoro_smartaccounts.outbox.protocol import Created, InDoubt, NewRecord, Outcome, Refused, create_record
from scoro_smartaccounts.outbox.target import Target, target_of
from scoro_smartaccounts.staging import runs
from scoro_smartaccounts.staging.cases import OWN_CASES
from scoro_smartaccounts.staging.days_to_import import cover_decided_days
from scoro_smartaccounts.staging.intents import open_intents
from scoro_smartaccounts.staging.links import KIND_OF, SENT_AS, Kind, find_link, read_links
from scoro_smartaccounts.staging.locks import session_lock
from scoro_smartaccounts.staging.plans import WantedPlan, wanted_plans
from scoro_smartaccounts.staging.quarantine import open_case, resolve
from scoro_smartaccounts.staging.runs import NOT_WANTED
from scoro_smartaccounts.staging.waiting import note_waiting

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from datetime import date

    from sqlalchemy import Connection

    from scoro_smartaccounts.common.run import Counts, RunRequest
    from scoro_smartaccounts.outbox.settle import Settled
    from scoro_smartaccounts.services import Services

log = logging.getLogger(__name__)

UNEXPECTED = "unexpected_when_sent"
IN_DOUBT: runs.Outcome = ("in_doubt", reason("in_doubt"))
_PREVIEWED: runs.Outcome = ("planned", reason("planned.preview"))
_FOUND_LATER: runs.Outcome = ("created", reason("created.found_later", where=phrase("in_smartaccounts")))


class Way(Protocol):
    """How the plans of a flow are sent: what is its own. `lock`: what is held while one of them is booked.
    `leaves_rest`: where what was refused before goes on being refused, the rest of it is left as it is."""

    lock: str | None
    leaves_rest: bool

    def place(self, row: WantedPlan) -> Any:
        """Return what plans are sorted by."""

    def named(self, row: WantedPlan) -> Phrase:
        """Return the document as sentences name it."""

    def book(self, row: WantedPlan) -> runs.Outcome:
        """Send a plan that is wanted; how its document is left. Raises DocumentProblem."""

    def doubt(self, row: WantedPlan) -> runs.Outcome:
        """Return how a document is left that was sent without an answer."""

    def left_in_doubt(self) -> Collection[str]:
        """Return the documents that stay in doubt although no plan of them is wanted any more."""

    def settle(self) -> Settled | None:
        """Find out what became of requests without an answer; None where only the next plan can tell."""


def outcome_counts(connection: Connection, request: RunRequest) -> Counts:
    """Return how the run left its documents, as it stands in staging, so that a repeated step tells the whole run."""
    found = runs.count_outcomes(connection, request)
    names = ("created", "adopted", "already_there", "quarantined", "waiting", "in_doubt", "not_sent", "not_ours")
    return {name: found.get(name, 0) for name in names}


def send_plans(
    request: RunRequest,
    services: Services,
    way_of: Callable[[Sending], Way],
    counts_of: Callable[[Connection, RunRequest], Counts] = outcome_counts,
) -> Counts:
    """Send what the run planned."""
    target, flow = target_of(SENT_AS[request.flow]), request.flow
    with services.engine.connect() as connection:
        with connection.begin():
            source_ids = runs.batch(connection, request)
            if request.mode is Mode.PREVIEW:
                runs.set_outcomes(connection, request, dict.fromkeys(source_ids, _PREVIEWED))
                runs.mark(connection, request, "loaded", {"planned": len(source_ids)})
                what = f"{len(source_ids)} {flow.noun}s are planned"
                log.info("Mode preview: nothing was sent to %s; %s.", target.name, what)
                return {"planned": len(source_ids)}
        postings: Counts = {}
        try:
            postings = Sending(connection, request, services, way_of).run(source_ids)
        finally:
            if connection.in_transaction():
                connection.rollback()
            with connection.begin():
                counts = counts_of(connection, request) | postings
                runs.mark(connection, request, "loaded", counts)
        if flow in KIND_OF:
            with connection.begin():
                cover_decided_days(connection, request.company.key, flow, request.run_key)
    told = ", ".join(f"{name} {count}" for name, count in counts.items() if count) or "nothing"
    log.info("Loaded %ss into %s: %s.", flow.noun, target.name, told)
    return counts


class Sending:
    """The load step of one run, as its flow sees it."""

    def __init__(
        self, connection: Connection, request: RunRequest, services: Services, way_of: Callable[[Sending], Way]
    ) -> None:
        self.connection = connection
        self.request = request
        self.services = services
        self.company = request.company.key
        self.kind: Kind = SENT_AS[request.flow]
        self.target: Target = target_of(self.kind)
        self._refused: dict[tuple[Kind, str], Refused] = {}
        self._firsts = Firsts(connection, request, services)
        with connection.begin():
            self._streak = Streak.so_far(connection, request, services, self.target)
            self.months = LockedMonths(connection, self.company, services.clock())
        self._way = way_of(self)

    def run(self, source_ids: list[str]) -> Counts:
        """Send all that is planned; what came of holding it against the ledger."""
        if source_ids:
            self._send(source_ids)
        return self._firsts.finish()

    def _send(self, source_ids: list[str]) -> None:
        with self.connection.begin():
            plans = sorted(wanted_plans(self.connection, self.request, source_ids), key=self._way.place)
        missing = set(source_ids) - {row.source_id for row in plans} - set(self._way.left_in_doubt())
        self._leave(dict.fromkeys(missing, NOT_WANTED))
        doubtful = self._firsts.in_rounds([row for row in plans if row.refused_before is None], self._send_one)
        self._firsts.judge()
        doubtful += self._send_refused_before([row for row in plans if row.refused_before is not None])
        if doubtful and (settled := self._way.settle()) is not None:
            self._go_on(doubtful, settled)
        self._firsts.send_kept(self._send_one)

    def _send_refused_before(self, plans: list[WantedPlan]) -> list[WantedPlan]:
        """Documents whose refusal nobody has answered yet come last, and stop nothing. The ones in doubt."""
        self._streak.refusals = 0
        doubtful = []
        for row in plans:
            if self._way.leaves_rest and self._streak.refusals >= MOST_REFUSALS:
                self._leave({row.source_id: ("quarantined", row.refused_before)})
            elif self._send_one(row) == "in_doubt":
                doubtful.append(row)
        return doubtful

    def _go_on(self, doubtful: list[WantedPlan], settled: Settled) -> None:
        """Send what never came through of that whose answer was lost."""
        with self.connection.begin():
            booked = read_links(self.connection, self.company, KIND_OF[self.request.flow], settled.booked)
        for row in doubtful:
            if row.source_id in booked:
                self._leave({row.source_id: _FOUND_LATER})
            elif settled.present or settled.absent or not settled.in_doubt:
                self._send_one(row)

    def _send_one(self, row: WantedPlan) -> str | None:
        try:
            outcome, why = self._booked(row)
        except DocumentProblem as problem:
            outcome, why = self._held_up(row, problem.reason)
        if (outcome, why) != NOT_WANTED:
            self._firsts.came_out(row, outcome)
        self._leave({row.source_id: (outcome, why)})
        self._streak.stop_where_nothing_goes_through(why, is_new=row.refused_before is None)
        return outcome

    def _booked(self, row: WantedPlan) -> runs.Outcome:
        lock: AbstractContextManager[None] = nullcontext()
        if self._way.lock is not None:
            lock = session_lock(self.connection, self.company, self._way.lock)
        with lock:
            with self.connection.begin():
                if not wanted_plans(self.connection, self.request, [row.source_id]):
                    return NOT_WANTED
            if (waits := self._firsts.let_go(row)) is not None:
                return self.wait(row, waits)
            with one_document(self._way.named(row), UNEXPECTED, self.request.flow.source):
                return self._way.book(row)

    def _held_up(self, row: WantedPlan, why: Reason) -> runs.Outcome:
        if why.code == UNEXPECTED and row.source_id in self.in_doubt():
            # It was sent before that came up.
            return self._way.doubt(row)
        with self.connection.begin():
            open_case(self.connection, self.request, {row.source_id: why})
        return "quarantined", why

    def _leave(self, outcomes: Mapping[str, runs.Outcome]) -> None:
        if outcomes:
            with self.connection.begin():
                runs.set_outcomes(self.connection, self.request, outcomes)

    # What flows book by

    def create(self, record: NewRecord) -> Outcome:
        """Create a record, unless the same was refused before by this run."""
        key = (record.kind, record.natural_key)
        if key in self._refused:
            return self._refused[key]
        result = create_record(self.connection, self.request, self.services, record, self._streak.before_sending)
        match result:
            case Refused(reasons):
                self._refused[key] = result
                if not self.target.says_locked(reasons):
                    self._streak.refusals += 1
            case InDoubt(sent_now=True):
                self._streak.lost_answers += 1
            case Created():
                self._streak.lost_answers = 0
                if record.kind is self.kind:
                    self._streak.refusals = 0
        return result

    def in_doubt(self) -> set[str]:
        """Return the documents of the flow that were sent without an answer."""
        with self.connection.begin():
            return {item.source_id for item in open_intents(self.connection, self.company, self.kind)}

    def linked(self, kind: Kind, source_id: str) -> str | None:
        """Return what stands for a record of Scoro already."""
        with self.connection.begin():
            return find_link(self.connection, self.company, kind, source_id)

    def wait(self, row: WantedPlan, why: Reason) -> runs.Outcome:
        """Let a document wait."""
        with self.connection.begin():
            note_waiting(self.connection, self.request, {row.source_id: why})
        return "waiting", why

    def close_month(self, row: WantedPlan, day: date) -> None:
        """Note that the document was refused since the period of this date is locked."""
        with self.connection.begin():
            self.months.refused(day)
            # A refusal that was a case of its own before.
            resolve(self.connection, self.request, [row.source_id], codes=OWN_CASES)

    def came_through(self, day: date) -> None:
        """Note that a document of this date was taken."""
        with self.connection.begin():
            self.months.accepted(day)


def needs(what: Phrase, document: Phrase) -> runs.Outcome:
    """Return how a document is left which needs a record that was sent without an answer."""
    return "in_doubt", reason("in_doubt.needs", what=what).about(document)


def refused(
    target: Target, document: Phrase, reasons: tuple[tuple[str, str], ...], *, what: Phrase | None = None
) -> DocumentProblem:
    """Return the problem of a document that the target refused; `what`: of which a record that it needs was refused."""
    said = [message or key for key, message in reasons] or phrase("without_a_reason")
    if what is None:
        return DocumentProblem(reason(target.refused, document=document, said=said))
    return DocumentProblem(reason(f"{target.refused}.needed", document=document, what=what, said=said))
