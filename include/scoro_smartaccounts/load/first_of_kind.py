"""The first document of a kind goes alone; the others of the kind follow once its posting was found right.

So a wrong reading of how SmartAccounts books a kind costs one document, and a person hears what is wrong with it.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from decimal import Decimal
from itertools import islice
from typing import TYPE_CHECKING, Any

from scoro_smartaccounts.common.documents import Flow, named
from scoro_smartaccounts.common.errors import DocumentProblem
from scoro_smartaccounts.common.kinds import OF_RATE, OF_REVERSE_CHARGE, DocumentKind
from scoro_smartaccounts.common.reasons import Phrase, Reason, phrase, reason
from scoro_smartaccounts.ledger.check import Checked, LedgerCheck, Posting, Refusal
from scoro_smartaccounts.ledger.expected import at_expected_rate, rate_is_far_off
from scoro_smartaccounts.outbox.comparison import sound_alarm
from scoro_smartaccounts.staging.answers import answers_to
from scoro_smartaccounts.staging.assumption_states import AssumptionState, known_state, note_state
from scoro_smartaccounts.staging.cases import document_states
from scoro_smartaccounts.staging.drifts import BOOKED_DIFFERENTLY
from scoro_smartaccounts.staging.findings import Finding, ids_with_error, store_findings
from scoro_smartaccounts.staging.intents import open_intents
from scoro_smartaccounts.staging.kinds import (
    FirstOfKind,
    KindState,
    forget_first,
    forget_unproved,
    judge_kinds,
    read_kinds,
    send_first,
)
from scoro_smartaccounts.staging.ledger import booked_unchecked, planned_when, verdicts_of_run
from scoro_smartaccounts.staging.links import KIND_OF, find_link
from scoro_smartaccounts.staging.locks import session_lock, transaction_lock
from scoro_smartaccounts.staging.readings import contradicted_kinds
from scoro_smartaccounts.transform.kinds import kinds_of_part, kinds_of_sent

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from sqlalchemy import Connection

    from scoro_smartaccounts.common.run import Counts, RunRequest
    from scoro_smartaccounts.services import Services
    from scoro_smartaccounts.staging.plans import WantedPlan

log = logging.getLogger(__name__)

HELD, LATE, CONTRADICTED = "kind_held", "kind_not_compared", "reading_contradicted"
# The kinds that a difference speaks against, by what it may mean; any other speaks against those that the document
# went first of.
_BLAMED: Mapping[str, Collection[DocumentKind]] = {
    "rate": OF_RATE,
    "side": {
        DocumentKind.REFUND,
        DocumentKind.SUPPLIER_REFUND,
        DocumentKind.SUPPLIER_PAYMENT,
        DocumentKind.PREPAYMENT,
    },
    "credit": {DocumentKind.CREDIT_INVOICE, DocumentKind.SUPPLIER_CREDIT},
    "rounding": {DocumentKind.CASH_ROUNDING, DocumentKind.SUPPLIER_CASH_ROUNDING},
    "reverse_charge": OF_REVERSE_CHARGE,
}
# What was compared before kinds were as they are was looked at.
_TAKEN = "kinds_of_before"
# The kind has examples that prove nothing.
_UNABLE = "cannot_prove"
# After so long a wait becomes a question: whatever it waits for, it does not come by itself.
_NIGHTS = timedelta(days=3)
_IN_BOOKS = ("created", "already_there", "in_doubt")


class Firsts:
    """Decides which of the plans of a load step may go now, and holds what went against the ledger."""

    def __init__(self, connection: Connection, request: RunRequest, services: Services) -> None:
        self._connection = connection
        self._request = request
        self._company = request.company.key
        self._clock = services.clock
        policy = request.company.ledger_check
        is_checked = policy.enabled and request.flow in KIND_OF
        self._check = LedgerCheck(connection, request, services, self._note) if is_checked else None
        self._trusted = set(policy.trusted)
        self._told = Checked()
        self._kept: list[WantedPlan] = []
        # Ordinary documents that go with the first ones: they show on which account debts stand.
        self._teachers: set[str] = set()
        self._take_what_is_known()
        with connection.begin():
            self._kinds = read_kinds(connection, self._company)
            # Kinds that SmartAccounts' own records show to be booked otherwise than assumed.
            self._contradicted = contradicted_kinds(connection, self._company)

    def _take_what_is_known(self) -> None:
        """Once, after an upgrade: kinds that earlier versions had none of are proved by what these compared; and what
        they opened because one example told nothing is to be proved."""
        key = f"{_TAKEN}/{self._request.flow.value}"
        with self._connection.begin():
            if self._check is None or known_state(self._connection, self._company, key) is not None:
                return
        proofs = {
            kind: posting.booked.source_id
            for posting in self._check.found_as_expected()
            for kind in kinds_of_sent(posting.booked.payload, posting.expected.moved)
            if posting.expected.proves(kind, posting.entry)
        }
        with self._connection.begin():
            known = read_kinds(self._connection, self._company)
            forget_unproved(self._connection, self._company, self._request.flow)
            for kind in proofs.keys() - known.keys():
                document = (self._request.flow, proofs[kind])
                judge_kinds(self._connection, self._company, [kind], KindState.PROVED, document=document)
            note_state(self._connection, self._company, key, AssumptionState("taken", {"proved": sorted(proofs)}))

    def in_rounds(self, rows: Iterable[WantedPlan], load_one: Callable[[WantedPlan], str | None]) -> list[WantedPlan]:
        """Send plans by `load_one`, which tells the outcome; those whose answer was lost.

        Before all others goes one of each kind that none has gone of, and is judged; where it did not get into the
        books, the next one of its kind goes.
        """
        left, doubtful = list(rows), []
        if any(self._awaited(kind, row.source_id) for row in left for kind in self._unproved(row)):
            self.judge(by_day=True)
        while left:
            firsts = self._next_firsts(left)
            now = firsts or left
            doubtful += [row for row in now if load_one(row) == "in_doubt"]
            if not firsts:
                break
            self._teachers |= {row.source_id for row in firsts if not self._unproved(row)}
            self.judge()
            gone = {row.source_id for row in firsts}
            left = [row for row in left if row.source_id not in gone]
        return doubtful

    def send_kept(self, load_one: Callable[[WantedPlan], str | None]) -> None:
        """Send what waits for the first of its kind, where that came out meanwhile."""
        kept, self._kept = self._kept, []
        if kept:
            self.in_rounds(kept, load_one)

    def let_go(self, row: WantedPlan) -> Reason | None:
        """Why a plan has to wait for another document of its kind; None: it may be sent, as the first where it is.

        Raises DocumentProblem where the first of its kind was booked otherwise than expected, or where SmartAccounts
        books the kind otherwise than assumed.
        """
        kinds = self._unproved(row)
        if not kinds or self._check is None or self._told.refusal:
            return None
        # Of two runs at once, one sends the first.
        with session_lock(self._connection, self._company, "first_of_kind"):
            return self._let_go(row, kinds)

    def _let_go(self, row: WantedPlan, kinds: list[DocumentKind]) -> Reason | None:
        with self._connection.begin():
            self._kinds = read_kinds(self._connection, self._company)
        for kind in kinds:
            if (held := self._kinds.get(kind)) is not None and held.state is KindState.HELD:
                self._refuse_held(row, held)
            elif held is None and kind in self._contradicted:
                self._refuse_contradicted(row, kind)
        for kind in kinds:
            if (first := self._awaited(kind, row.source_id)) is not None:
                if self._is_late(first):
                    self._refuse_held(row, first, LATE)
                    continue
                self._kept.append(row)
                return self._told_of(self._waits(kind), row, first)
        with self._connection.begin():
            for kind in kinds:
                send_first(self._connection, self._company, kind, self._request.flow, row.source_id)
            self._kinds = read_kinds(self._connection, self._company)
        return None

    def _is_late(self, first: FirstOfKind) -> bool:
        """Whether the posting of a first one should have been compared by now."""
        with self._connection.begin():
            planned_at = planned_when(self._connection, self._company, first.flow, first.source_id)
        return planned_at is not None and self._clock() - planned_at > _NIGHTS

    def _waits(self, kind: DocumentKind) -> str:
        with self._connection.begin():
            known = known_state(self._connection, self._company, f"{_UNABLE}/{kind.value}")
        return "kind_waits" if known is None else "kind_waits.one_by_one"

    def came_out(self, row: WantedPlan, outcome: str | None) -> None:
        """Note what became of a plan that was let go: where it is not in the books, the next one of its kind goes
        first."""
        if outcome not in _IN_BOOKS and any(self._is(first, row.source_id) for first in self._kinds.values()):
            with self._connection.begin():
                forget_first(self._connection, self._company, self._request.flow, row.source_id)
                self._kinds = read_kinds(self._connection, self._company)

    def judge(self, *, by_day: bool = False) -> None:
        """Hold the documents that went first, in this run or before (`by_day`), against the ledger."""
        sent = self._sent()
        if self._check is None or not sent:
            return
        self._tell(self._check.run(only=sent | self._teachers, by_day=by_day))
        self._forget_what_cannot_be_judged()

    def _sent(self) -> set[str]:
        return {
            first.source_id
            for first in self._kinds.values()
            if first.state is KindState.SENT and first.flow is self._request.flow
        }

    def _forget_what_cannot_be_judged(self) -> None:
        """Of what was adopted, deleted there or planned otherwise meanwhile, nobody knows what its entry must hold: the
        next one of its kinds goes first."""
        with self._connection.begin():
            transaction_lock(self._connection, self._company, "first_of_kind")
            self._kinds = read_kinds(self._connection, self._company)
            kind = KIND_OF[self._request.flow]
            # Links first: what another run books meanwhile has none yet, and is left to it.
            linked = {
                source_id
                for source_id in self._sent()
                if find_link(self._connection, self._company, kind, source_id) is not None
            }
            # A part whose answer was lost may be there.
            unchecked = {item.source_id for item in open_intents(self._connection, self._company, kind)}
            unchecked |= {
                item.source_id for item in booked_unchecked(self._connection, self._company, self._request.flow)
            }
            for source_id in linked - unchecked:
                forget_first(self._connection, self._company, self._request.flow, source_id)
            self._kinds = read_kinds(self._connection, self._company)

    def finish(self) -> Counts:
        """Hold the rest of what was booked against the ledger; what came of it all, earlier tries included."""
        if self._check is None:
            return {}
        self._tell(self._check.run())
        with self._connection.begin():
            verdicts = verdicts_of_run(self._connection, self._request)
        counts = {
            "postings_equal": verdicts.get("equal", 0),
            "postings_different": verdicts.get("differs", 0) + verdicts.get("not_found", 0),
            "postings_not_compared": verdicts.get("not_compared", 0),
            "postings_by_sums": self._told.by_sums,
            "postings_without_vat": self._told.without_vat,
            "postings_left": len(self._told.left),
            "postings_unreadable": self._told.unreadable,
            "ledger_refused": int(self._told.refusal is Refusal.RIGHT),
            "ledger_question_refused": int(self._told.refusal is Refusal.QUESTION),
            "ledger_blind": int(self._told.is_blind),
        }
        return {name: number for name, number in counts.items() if number}

    # Which go first

    def _unproved(self, row: WantedPlan) -> list[DocumentKind]:
        """Return the kinds of a plan that have to be proved yet. A plan of an earlier version tells none."""
        return [kind for kind in _kinds_of(row.predicted) if kind not in self._trusted and not self._is_open(kind)]

    def _is_open(self, kind: DocumentKind) -> bool:
        """Whether all documents of a kind may go."""
        first = self._kinds.get(kind)
        return first is not None and first.state in (KindState.PROVED, KindState.UNPROVED)

    def _next_firsts(self, rows: list[WantedPlan]) -> list[WantedPlan]:
        """One plan of each kind that none has gone of, of those that follow no other plan; no two of one kind."""
        if self._check is None or self._told.refusal:
            return []
        seen: set[DocumentKind] = set()
        before: set[str] = set()
        found = []
        for row in rows:
            touched = {row.source_id, *row.credited_ids, *row.predicted.get("settled", ())}
            kinds = [kind for kind in self._unproved(row) if self._is_free(kind, row.source_id)]
            is_free = len(kinds) == len(self._unproved(row)) and not seen & set(kinds)
            if kinds and is_free and not before & touched:
                found.append(row)
                seen.update(kinds)
            before |= touched
        return [*found, *self._teacher(rows, found)] if found else []

    def _teacher(self, rows: list[WantedPlan], firsts: list[WantedPlan]) -> list[WantedPlan]:
        """Return an ordinary document with VAT, the first time that any goes first."""
        if self._teachers:
            return []
        ordinary = (
            row
            for row in rows
            if row not in firsts
            and not _kinds_of(row.predicted)
            and not row.credited_ids
            and Decimal(row.predicted.get("vat", "0"))
        )
        return list(islice(ordinary, 1))

    def _is_free(self, kind: DocumentKind, source_id: str) -> bool:
        """Whether a document may go as the first of a kind."""
        first = self._kinds.get(kind)
        return first is None or (first.state is KindState.SENT and self._awaited(kind, source_id) is None)

    def _awaited(self, kind: DocumentKind, source_id: str) -> FirstOfKind | None:
        """Return the other document that has to be judged before one of the kind may go. One that never got into the
        books is waited for by nobody, once it cannot be on its way any more."""
        first = self._kinds.get(kind)
        if first is None or first.state is not KindState.SENT or self._is(first, source_id):
            return None
        kind_of_link = KIND_OF[first.flow]
        with self._connection.begin():
            # In this order: what gets into the books between the two is seen as one of them.
            in_doubt = {item.source_id for item in open_intents(self._connection, self._company, kind_of_link)}
            is_in_books = find_link(self._connection, self._company, kind_of_link, first.source_id) is not None
        return first if first.is_recent or is_in_books or first.source_id in in_doubt else None

    def _is(self, first: FirstOfKind, source_id: str) -> bool:
        return first.source_id == source_id and first.flow is self._request.flow

    def _refuse_held(self, row: WantedPlan, held: FirstOfKind, key: str = HELD) -> None:
        """Raise DocumentProblem unless a person answered, since then, that this one may go as the next first."""
        question = self._told_of(key, row, held)
        with self._connection.begin():
            answers = answers_to(self._connection, self._request, [row.source_id], key)
        if (left := answers.left(row.source_id, question)) is not None:
            raise DocumentProblem(left)

    def _refuse_contradicted(self, row: WantedPlan, kind: DocumentKind) -> None:
        """Raise DocumentProblem unless a person answered that this one may go first and be compared."""
        with self._connection.begin():
            question = reason(
                CONTRADICTED,
                document=self._named(self._request.flow, row.source_id),
                kind=phrase(kind.phrase),
                found=str(self._contradicted[kind].evidence["evidence"]),
            )
            answers = answers_to(self._connection, self._request, [row.source_id], CONTRADICTED)
        if (left := answers.left(row.source_id, question)) is not None:
            raise DocumentProblem(left)

    def _told_of(self, key: str, row: WantedPlan, first: FirstOfKind) -> Reason:
        """Return a reason about a plan and the first document of its kind."""
        with self._connection.begin():
            return reason(
                key,
                document=self._named(self._request.flow, row.source_id),
                kind=phrase(first.kind.phrase),
                first=self._named(first.flow, first.source_id),
            )

    # What came of them

    def _tell(self, checked: Checked) -> None:
        self._told.left = checked.left
        self._told.by_sums += checked.by_sums
        self._told.without_vat += checked.without_vat
        self._told.refusal = self._told.refusal or checked.refusal
        self._told.is_blind = self._told.is_blind or checked.is_blind
        self._told.unreadable = max(self._told.unreadable, checked.unreadable)

    def _note(self, checked: Checked) -> None:
        """Judge kinds, and sound alarms. Within the transaction that stores the verdicts: what was compared once is not
        compared again."""
        transaction_lock(self._connection, self._company, "first_of_kind")
        self._kinds = read_kinds(self._connection, self._company)
        off = dict.fromkeys(posting.booked.source_id for posting in checked.different)
        for source_id in dict.fromkeys(each.booked.source_id for each in (*checked.equal, *checked.uncompared)):
            if source_id not in off:
                self._conclude(source_id)
        for posting in checked.equal:
            self._warn_of_rate(posting)
        for posting in checked.different:
            self._alarm(posting)
        self._kinds = read_kinds(self._connection, self._company)
        for source_id in off:
            self._conclude(source_id)
        self._kinds = read_kinds(self._connection, self._company)

    def _conclude(self, source_id: str) -> None:
        """Prove, once all parts of a document are compared, the kinds that entries of their parts can prove. What an
        alarm was sounded about proves nothing of the kinds of its part."""
        if (parts := self._check.judged_parts(source_id) if self._check is not None else None) is None:
            return
        right: dict[DocumentKind, list[Posting]] = {}
        wrong: set[DocumentKind] = set()
        for part in parts:
            for kind in _kinds_of_part(part):
                right.setdefault(kind, []).append(part)
                wrong |= {kind} if part.is_different else set()
        sent = self._sent_as(source_id)
        kinds = [
            kind
            for kind in right.keys() - wrong
            if kind in sent or ((known := self._kinds.get(kind)) is not None and known.state is KindState.UNPROVED)
        ]
        told = {kind for kind in kinds if any(part.expected.proves(kind, part.entry) for part in right[kind])}
        never = {
            kind for kind in kinds if kind not in told and not any(p.expected.could_prove(kind) for p in right[kind])
        }
        document = (self._request.flow, source_id)
        for state, those in ((KindState.PROVED, told), (KindState.UNPROVED, never)):
            judge_kinds(self._connection, self._company, those, state, document=document)
        for kind in set(sent) - wrong - told - never:
            # It proves nothing, as when its VAT is 0: the next one goes alone too.
            state_of = AssumptionState("cannot prove it", {"document": source_id})
            note_state(self._connection, self._company, f"{_UNABLE}/{kind.value}", state_of)
        forget_first(self._connection, self._company, self._request.flow, source_id)

    def _warn_of_rate(self, posting: Posting) -> None:
        """Tell of a rate that may be right, and that is far off the expected one."""
        if posting.entry is None or not rate_is_far_off(posting.expected, posting.entry):
            return
        source_id = posting.booked.source_id
        here, there = at_expected_rate(posting.expected, posting.entry)
        told = reason("rate_far_off", there=there, here=here).about(self._named(self._request.flow, source_id))
        store_findings(self._connection, self._request, [Finding(source_id, told)], codes=())

    def _alarm(self, posting: Posting) -> None:
        source_id = posting.booked.source_id
        document = self._named(self._request.flow, source_id)
        alarm = _alarm(document, posting)
        causes = {each.cause for each in posting.differences or ()}
        # Where the answer told already that it was not booked as planned, only a cause is news.
        told = ids_with_error(self._connection, self._request, [BOOKED_DIFFERENTLY])
        if source_id not in told or causes - {""}:
            sound_alarm(self._connection, self._request, source_id, alarm, self._clock())
        # What it means speaks against a kind that was proved, too.
        blamed: set[DocumentKind] = set().union(*(_BLAMED.get(cause, set()) for cause in causes))
        mine = _kinds_of_part(posting)
        sent = self._sent_as(source_id)
        guilty = [kind for kind in mine if kind in blamed] or [kind for kind in mine if kind in sent]
        document_key = (self._request.flow, source_id)
        judge_kinds(
            self._connection,
            self._company,
            # What is wrong in an ordinary part may have come from the others.
            guilty or sent,
            KindState.HELD,
            document=document_key,
            why=alarm,
        )

    def _sent_as(self, source_id: str) -> list[DocumentKind]:
        """Return the kinds that a document went first of, and that are not judged."""
        return [
            first.kind for first in self._kinds.values() if first.state is KindState.SENT and self._is(first, source_id)
        ]

    def _named(self, flow: Flow, source_id: str) -> Phrase:
        state = document_states(self._connection, self._company, flow, [source_id]).get(source_id)
        number = state.number if state is not None else source_id
        return named(flow, number, None if state is None else state.day)


def _kinds_of(predicted: Mapping[str, Any]) -> list[DocumentKind]:
    """Those that were planned. A plan of an earlier version tells none."""
    return [DocumentKind(kind) for kind in predicted.get("kinds", ())]


def _kinds_of_part(posting: Posting) -> list[DocumentKind]:
    booked = posting.booked
    return kinds_of_part(booked.payload, booked.predicted, booked.part)


def _alarm(document: Phrase, posting: Posting) -> Reason:
    if posting.differences is None:
        return reason(f"{BOOKED_DIFFERENTLY}.no_posting", document=document)
    causes = {each.cause for each in posting.differences} - {""}
    key = f"{BOOKED_DIFFERENTLY}.posting"
    if len(causes) == 1:
        key = f"{key}_{causes.pop()}"
    told = [phrase("posting_instead", what=each.what, there=each.there, here=each.here) for each in posting.differences]
    return reason(key, document=document, differences=told)
