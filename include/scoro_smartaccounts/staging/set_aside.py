"""Documents that a step was not written for: they go to quarantine, and the step goes on without them."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from scoro_smartaccounts.common.culprits import in_halves, problem_of
from scoro_smartaccounts.common.documents import Flow, named
from scoro_smartaccounts.common.reasons import Phrase, phrase, render
from scoro_smartaccounts.staging import runs
from scoro_smartaccounts.staging.cases import DocumentState, document_states
from scoro_smartaccounts.staging.plans import drop_plans
from scoro_smartaccounts.staging.quarantine import open_case

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from sqlalchemy import Connection

    from scoro_smartaccounts.common.errors import DocumentProblem
    from scoro_smartaccounts.common.run import RunRequest

log = logging.getLogger(__name__)


def without_culprits(
    connection: Connection,
    request: RunRequest,
    source_ids: Sequence[str],
    key: str,
    work: Callable[[list[str]], object],
) -> int:
    """Do a step's work for documents; those that bring it down go to quarantine with the reason `key`, and the work is
    done for the others. How many they are. The work may be repeated, and is for parts of the documents then."""

    def work_or_undo(part: Sequence[str]) -> None:
        try:
            work(list(part))
        finally:
            if connection.in_transaction():
                connection.rollback()

    culprits = in_halves(source_ids, work_or_undo)
    if culprits:
        with connection.begin():
            set_aside(connection, request, culprits, key)
    return len(culprits)


def set_aside(
    connection: Connection, request: RunRequest, culprits: Iterable[tuple[str, Exception]], key: str
) -> dict[str, DocumentProblem]:
    """Put documents into quarantine, within the caller's transaction; what they wait for."""
    found = dict(culprits)
    states = document_states(connection, request.company.key, request.flow, found)
    problems = {
        source_id: problem_of(problem, _named(request.flow, source_id, states.get(source_id)), key, request.flow.source)
        for source_id, problem in found.items()
    }
    for problem in problems.values():
        log.warning("%s", render(problem.reason))
    drop_plans(connection, request.company.key, request.flow, problems)
    open_case(connection, request, {source_id: problem.reason for source_id, problem in problems.items()})
    outcomes: dict[str, runs.Outcome] = {
        source_id: ("quarantined", problem.reason) for source_id, problem in problems.items()
    }
    runs.set_outcomes(connection, request, outcomes)
    return problems


def _named(flow: Flow, source_id: str, state: DocumentState | None) -> Phrase:
    number = "" if state is None else state.number
    if not (number or flow.is_payments):
        return phrase(f"{flow.noun}_by_id", id=source_id)
    return named(flow, number or source_id, None if state is None else state.day)
