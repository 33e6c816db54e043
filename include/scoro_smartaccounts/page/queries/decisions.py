"""What a person can be asked, and what was answered and can be taken back: long lists a page at a time."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scoro_smartaccounts.approval.questions import asked_about
from scoro_smartaccounts.approval.words import sums_of
from scoro_smartaccounts.common.culprits import fault_of, is_of_records
from scoro_smartaccounts.common.documents import INTO_THE_BOOKS, Flow
from scoro_smartaccounts.common.visible import visible
from scoro_smartaccounts.matching.partners.undecided import UNDECIDED
from scoro_smartaccounts.page.queries.overview import Waiting, waiting_of
from scoro_smartaccounts.page.queries.pages import Listed, conflict_of, listed, moment_of, pair_behind, score_of
from scoro_smartaccounts.page.queries.people import names_of
from scoro_smartaccounts.plan.entry_days import PERIOD_ASK
from scoro_smartaccounts.reconcile_ids.words import reasons_en, reasons_et
from scoro_smartaccounts.staging import asked
from scoro_smartaccounts.staging.documents import load_products
from scoro_smartaccounts.staging.links import Kind
from scoro_smartaccounts.staging.mirror_registers import article_records, partner_records
from scoro_smartaccounts.staging.waiting import wait_reasons, waiting_for

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from scoro_smartaccounts.approval.words import Asked, Sums
    from scoro_smartaccounts.common.company import Company
    from scoro_smartaccounts.staging.asked import DecidedPair, OpenQuestion, OpenReason
    from scoro_smartaccounts.staging.proposals import Pair, StoredProposal
    from scoro_smartaccounts.staging.quarantine import StoredCase
    from scoro_smartaccounts.staging.waiting import Wait, WaitReason

log = logging.getLogger(__name__)

# So many equal questions are answered at once, and so many answers taken back.
MOST_SHOWN = 500
MOST_PAIRS = 100
MOST_DECIDED = 200


@dataclass(frozen=True, slots=True)
class ShownPair:
    """A pair of records. `ours`, `theirs`: what they are called, of private persons only by their ids."""

    kind: Kind
    source_id: str
    remote_id: str
    ours: str
    theirs: str
    why: tuple[str, str] = ("", "")

    @property
    def key(self) -> str:
        """How a form names it."""
        return ":".join((self.kind.value, self.source_id, self.remote_id))


@dataclass(frozen=True, slots=True)
class AskedFlow:
    """The documents of a flow in a question, and what they come to, a currency each."""

    flow: Flow
    documents: Sequence[Asked]
    sums: Sequence[Sums]


@dataclass(frozen=True, slots=True)
class After:
    """Behind what each list goes on, as an address has it; empty: it begins."""

    pairs: str = ""
    conflicts: str = ""
    decided: str = ""
    decided_pairs: str = ""


@dataclass(frozen=True, slots=True)
class Decisions:
    """The screen. `waiting`: what waits for people in all; `documents`: those of each question, by its run, none of one
    that cannot be read any more; `conflicts`: the candidates of each contact or product; `undecided`: why documents
    wait for an answer about pairs; `waits`: why others do, which go on once an obstacle is gone."""

    waiting: Waiting
    questions: Sequence[OpenQuestion]
    documents: Mapping[str, Sequence[AskedFlow]]
    pairs: Listed[ShownPair]
    conflicts: Listed[Sequence[ShownPair]]
    undecided: Sequence[WaitReason]
    reasons: Sequence[OpenReason]
    decided: Listed[StoredCase]
    decided_pairs: Listed[tuple[DecidedPair, ShownPair]]
    waits: Sequence[WaitReason]


@dataclass(frozen=True, slots=True)
class Cases:
    """Open cases of a reason, or that of one document: by the month that each asks about, empty where it asks nothing
    of months. `count`: how many there are in all."""

    groups: Mapping[str, Sequence[StoredCase]]
    page: Listed[StoredCase]
    count: int


def decisions_of(connection: Connection, company: Company, after: After = After()) -> Decisions:
    """Return the screen. Raises ValueError where `after` is of no list."""
    key = company.key
    questions = asked.open_question_runs(connection, key)
    proposals = asked.open_likely_pairs(connection, key, most=MOST_PAIRS + 1, after=score_of(after.pairs))
    conflicts = asked.open_conflicts(connection, key, most=MOST_PAIRS + 1, after=conflict_of(after.conflicts))
    decided = asked.decided_pairs(connection, key, most=MOST_DECIDED + 1, after=pair_behind(after.decided_pairs))
    cases = asked.decided_cases(connection, key, most=MOST_DECIDED + 1, after=_answer_behind(after.decided))
    candidates = [each for group in conflicts for each in group]
    called = _called(
        connection,
        key,
        [
            *((each.kind, each.pair) for each in (*proposals, *candidates)),
            *((each.kind, _pair(each)) for each in decided),
        ],
    )
    waiting, waits = waiting_of(connection, key), wait_reasons(connection, key)
    # Once all is answered the next run takes them.
    asks = bool(waiting.pairs or waiting.conflicts)
    pages = listed(proposals, MOST_PAIRS, after.pairs, lambda each: f"{each.score}~{_key(each)}")
    of_conflicts = listed(
        conflicts, MOST_PAIRS, after.conflicts, lambda group: f"{group[0].kind.value}~{group[0].source_id}"
    )
    return Decisions(
        waiting=waiting,
        questions=questions,
        documents={each.run_key: _of_flows(_asked_about(connection, key, each.run_key)) for each in questions},
        pairs=pages.of(lambda each: _shown(each, called)),
        conflicts=of_conflicts.of(lambda group: [_shown(each, called) for each in group]),
        undecided=[each for each in waits if asks and each.code in UNDECIDED],
        reasons=asked.open_reasons(connection, key),
        decided=listed(
            cases,
            MOST_DECIDED,
            after.decided,
            lambda each: f"{(each.decided_at or each.opened_at).isoformat()}~{each.flow.value}~{each.source_id}",
        ),
        decided_pairs=listed(
            decided, MOST_DECIDED, after.decided_pairs, lambda each: f"{each.decided_at.isoformat()}~{_key(each)}"
        ).of(lambda each: (each, called[each.kind, _pair(each)])),
        waits=[each for each in waits if not (asks and each.code in UNDECIDED)],
    )


def labels_of(connection: Connection, company: str, run_key: str) -> set[str]:
    """Return how the documents are picked that a run asks about."""
    return {each.label for each in _asked_about(connection, company, run_key)}


def _asked_about(connection: Connection, company: str, run_key: str) -> Sequence[Asked]:
    try:
        return asked_about(connection, company, run_key, INTO_THE_BOOKS)
    except Exception as problem:
        if not is_of_records(problem):
            raise
        fault = fault_of(problem)
        log.warning("What %s asks about cannot be read (%s in %s)", run_key, fault.error, fault.place)
        return []


def _of_flows(documents: Sequence[Asked]) -> list[AskedFlow]:
    of = {flow: [each for each in documents if each.flow is flow] for flow in INTO_THE_BOOKS}
    return [AskedFlow(flow, some, sums_of(some)) for flow, some in of.items() if some]


def cases_of(connection: Connection, company: str, flow: Flow, code: str, source_id: str, after: str = "") -> Cases:
    """Return open cases of a reason, or that of one document. Raises ValueError where `after` is of no list."""
    found = asked.open_cases(
        connection, company, flow, code, most=MOST_SHOWN + 1, source_id=source_id, after=moment_of(after)
    )
    page = listed(found, MOST_SHOWN, after, lambda each: f"{each.opened_at.isoformat()}~{each.source_id}")
    is_all = bool(source_id) or not (after or page.next)
    count = len(page.rows) if is_all else asked.count_open_cases(connection, company, flow, code)
    groups: dict[str, list[StoredCase]] = {}
    for case in page.rows:
        month = str(case.reason.values.get("month", "")) if case.reason.code == PERIOD_ASK else ""
        groups.setdefault(month, []).append(case)
    return Cases(dict(sorted(groups.items())), page, count)


def waits_of(connection: Connection, company: str, flow: Flow, code: str, after: str = "") -> Listed[Wait]:
    """Return documents that wait for one reason. Raises ValueError where `after` is of no list."""
    found = waiting_for(connection, company, flow, code, most=MOST_DECIDED + 1, after=moment_of(after))
    return listed(found, MOST_DECIDED, after, lambda each: f"{each.since.isoformat()}~{each.source_id}")


def _answer_behind(after: str) -> tuple[datetime, str, str] | None:
    if (found := moment_of(after)) is None:
        return None
    flow, source_id = found[1].split("~", 1)
    return found[0], Flow(flow).value, source_id


def _key(each: StoredProposal | DecidedPair) -> str:
    return ":".join((each.kind.value, each.source_id, each.remote_id))


def _pair(each: DecidedPair) -> Pair:
    return each.source_id, each.remote_id


def _shown(each: StoredProposal, called: Mapping[tuple[Kind, Pair], ShownPair]) -> ShownPair:
    found = called[each.kind, each.pair]
    why = (reasons_et(each.evidence), reasons_en(each.evidence))
    return ShownPair(found.kind, found.source_id, found.remote_id, found.ours, found.theirs, why)


def _called(
    connection: Connection, company: str, pairs: Iterable[tuple[Kind, Pair]]
) -> dict[tuple[Kind, Pair], ShownPair]:
    wanted = list(pairs)
    found: dict[tuple[Kind, Pair], ShownPair] = {}
    for kind in {kind for kind, _ in wanted}:
        mine = [pair for each, pair in wanted if each is kind]
        ours, theirs = _names(connection, company, kind, mine)
        for source_id, remote_id in mine:
            name = ours.get(source_id, "")
            # SmartAccounts does not say who is a person: its name stands here beside a company of Scoro only.
            is_person = kind is not Kind.ARTICLE and name.startswith("Scoro kontakt ")
            other = "" if is_person else visible(theirs.get(remote_id, ""))
            found[kind, (source_id, remote_id)] = ShownPair(kind, source_id, remote_id, name, other)
    return found


def _names(
    connection: Connection, company: str, kind: Kind, pairs: Sequence[Pair]
) -> tuple[Mapping[str, str], Mapping[str, str]]:
    sources, remotes = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    if kind is Kind.ARTICLE:
        products = load_products(connection, company, sources)
        articles = article_records(connection, company)
        return (
            {source_id: visible(each.name) for source_id, each in products.items()},
            {code: each.description for code, each in articles.items() if code in remotes},
        )
    records = partner_records(connection, company, kind, remotes)
    return names_of(connection, company, sources), {remote_id: each.name for remote_id, each in records.items()}
