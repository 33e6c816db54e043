"""The meeting: asks what is not known yet, judges it, and lets the readings that were seen count.

Repeated at any moment it asks for what is missing only. What was learned before, from what the pipeline booked itself,
is never overruled.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scoro_smartaccounts.border.guard import described
from scoro_smartaccounts.ledger.check import DEBTS, LINK
from scoro_smartaccounts.meeting import of_scoro, of_smartaccounts, scoro_probes, smartaccounts_probes
from scoro_smartaccounts.meeting.asking import Asking
from scoro_smartaccounts.meeting.assumption import Assumption, Follows
from scoro_smartaccounts.meeting.judge_ledger import debts
from scoro_smartaccounts.meeting.judge_scoro import ScoroSeen
from scoro_smartaccounts.meeting.of_smartaccounts import ENTRY_LINK, PAYMENT_SIGNS
from scoro_smartaccounts.meeting.seen import Seen
from scoro_smartaccounts.meeting.verdict import NOTHING, State, Verdict
from scoro_smartaccounts.mirror.payment_signs import KEY as SIGNS
from scoro_smartaccounts.mirror.payment_signs import Signs
from scoro_smartaccounts.smartaccounts.words import CLIENT_INVOICE, VENDOR_INVOICE
from scoro_smartaccounts.staging.assumption_states import AssumptionState, known_state, note_state
from scoro_smartaccounts.staging.locks import session_lock, transaction_lock
from scoro_smartaccounts.staging.readings import note_reading

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from scoro_smartaccounts.common.company import Company
    from scoro_smartaccounts.services import Services

log = logging.getLogger(__name__)

_DONE = "meeting/done"


@dataclass(frozen=True, slots=True)
class Row:
    """An assumption and what it comes to."""

    system: str
    assumption: Assumption[Any]
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Met:
    """What a meeting came to: all assumptions that something readable tells about, and how many questions it took."""

    company: str
    rows: tuple[Row, ...]
    asked: Mapping[str, int]

    @property
    def consequential(self) -> tuple[Row, ...]:
        """Those that are contradicted, and of which something follows."""
        return tuple(
            row
            for row in self.rows
            if row.verdict.state is State.CONTRADICTED and row.assumption.follows is not Follows.EITHER
        )

    @property
    def open_or_contradicted(self) -> tuple[Row, ...]:
        """Those that a later run still tells of."""
        return tuple(row for row in self.rows if row.verdict.state is not State.CONFIRMED)


def meet(company: Company, services: Services, run_key: str) -> Met:
    """Ask both services what is not known yet, and judge it. Reads only. Raises what the services raise when they do
    not answer; what was asked by then is kept. `run_key` names the run that meets."""
    with services.engine.connect() as connection, session_lock(connection, company.key, "meeting"):
        ask = Asking(connection, services, company)
        if not _is_done(connection, company.key):
            for probe in (*smartaccounts_probes.PROBES, *scoro_probes.PROBES):
                probe(ask)
            _conclude(ask, run_key)
        return _met(company.key, ask)


def has_met(connection: Connection, company: str) -> bool:
    """Whether the meeting of a company is over. Within a transaction."""
    return met_in(connection, company) is not None


def met_in(connection: Connection, company: str) -> str | None:
    """Return the key of the run that met; None where none has. Within a transaction."""
    state = known_state(connection, company, _DONE)
    return None if state is None else state.reading


def met_before(company: Company, services: Services) -> Met:
    """Return what an earlier meeting came to, without a request."""
    with services.engine.connect() as connection:
        return _met(company.key, Asking(connection, services, company))


def _is_done(connection: Connection, company: str) -> bool:
    with connection.begin():
        return has_met(connection, company)


def _met(company: str, ask: Asking) -> Met:
    return Met(company, tuple(judge(ask.answers)), dict(ask.asked))


def judge(answers: Mapping[str, dict[str, Any]]) -> list[Row]:
    """Return what all assumptions come to by the answers. Pure."""
    books, site = Seen(answers), ScoroSeen(answers)
    rows = [Row("SmartAccounts", each, _judged(each, books)) for each in of_smartaccounts.ASSUMPTIONS]
    return rows + [Row("Scoro", each, _judged(each, site)) for each in of_scoro.ASSUMPTIONS]


def _judged(assumption: Any, seen: Any) -> Verdict:
    """Return a verdict; a record that is like no other takes none of the others along, and no import."""
    try:
        verdict: Verdict = assumption.judge(seen)
    except (ArithmeticError, LookupError, TypeError, ValueError) as problem:
        log.warning("%s cannot be told: %s", assumption.key, described(problem))
        return NOTHING
    return verdict


def _conclude(ask: Asking, run_key: str) -> None:
    """Let what was seen count, once."""
    connection, company = ask.connection, ask.company.key
    rows = judge(ask.answers)
    with connection.begin():
        transaction_lock(connection, company, "ledger_check")
        for row in rows:
            _note(connection, company, row)
        _teach_the_ledger(connection, company, Seen(ask.answers), rows)
        note_state(connection, company, _DONE, AssumptionState(run_key, {"asked": ask.asked}))
    for row in rows:
        if row.verdict.state is State.CONTRADICTED:
            log.warning(
                "%s: not as assumed (%s): %s; %s",
                row.system,
                row.assumption.en,
                row.verdict.reading,
                row.verdict.evidence(),
            )


def _note(connection: Connection, company: str, row: Row) -> None:
    verdict, assumption = row.verdict, row.assumption
    if verdict.state is State.NO_EXAMPLE:
        return
    is_held = assumption.follows is Follows.HELD and verdict.state is State.CONTRADICTED
    evidence = {
        "verdict": verdict.state.value,
        "follows": assumption.follows.value,
        "evidence": verdict.evidence(),
        "held": [kind.value for kind in assumption.kinds] if is_held else [],
    }
    note_reading(connection, company, assumption.key, verdict.reading, evidence)


def _teach_the_ledger(connection: Connection, company: str, seen: Seen, rows: list[Row]) -> None:
    """Give to the rooms that learn by themselves what they would learn from their first documents, where they know
    nothing yet."""
    verdicts = {row.assumption.key: row.verdict for row in rows}
    link, signs = verdicts[ENTRY_LINK], verdicts[PAYMENT_SIGNS]
    taught: dict[str, AssumptionState] = {}
    if link.state is State.CONFIRMED:
        taught[LINK] = AssumptionState(link.reading, {"documents": link.agreeing})
    if signs.more:
        shown = Signs.SIGNED if signs.reading == Signs.SIGNED else Signs.MAGNITUDES
        counted = {name: int(count) for name, count in signs.more.items()} | {"our_positive": 0, "our_negative": 0}
        taught[SIGNS] = AssumptionState(shown.value, counted)
    for kind, documents in ((CLIENT_INVOICE, seen.sales_with_rows), (VENDOR_INVOICE, seen.bills)):
        if accounts := sorted(debts(seen, documents)):
            taught[f"{DEBTS}/{kind}"] = AssumptionState("seen", {"accounts": accounts})
    for key, state in taught.items():
        if known_state(connection, company, key) is None:
            note_state(connection, company, key, state)
