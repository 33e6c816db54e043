"""What a person said of proposals → links."""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scoro_smartaccounts.reconcile_ids.answers import Answer, read_answers
from scoro_smartaccounts.reconcile_ids.linked_service.wrong_file import Fault, WrongFile
from scoro_smartaccounts.reconcile_ids.linking import only_one, read_both_with_links, store_where_free
from scoro_smartaccounts.reconcile_ids.subjects import SUBJECTS, Subject
from scoro_smartaccounts.reconcile_ids.words import DECISION, KEY
from scoro_smartaccounts.staging.asked import all_open_pairs, decided_pairs
from scoro_smartaccounts.staging.intents import being_created
from scoro_smartaccounts.staging.links import Evidence, Kind, Link, drop_links, links_of
from scoro_smartaccounts.staging.proposals import Decided, Decision, Pair, StoredProposal, decide_pairs, read_proposals

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from sqlalchemy import Connection, Engine

    from scoro_smartaccounts.common.clock import Clock
    from scoro_smartaccounts.common.company import Company
    from scoro_smartaccounts.common.run import Counts
    from scoro_smartaccounts.reconcile_ids.both_registers import BothRegisters

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _KindState:
    """One kind as it stands before the answers."""

    subject: Subject
    registers: BothRegisters
    linked: Mapping[str, str]
    proposals: Mapping[Pair, StoredProposal]
    in_doubt: Collection[str]


@dataclass(frozen=True, slots=True)
class Taken:
    """`counts`: `accepted` and `rejected` are answers that are new, `unchanged` those that were taken before, `skipped`
    those that do not fit any more; `skipped`: which these are and why."""

    counts: Counts
    skipped: Sequence[Fault]


def take_answers(
    engine: Engine, company: Company, run_key: str, content: bytes, clock: Clock, *, by: str = ""
) -> Taken:
    """Take the answers of a file that a person handed back; with WrongFile none of them. `by`: who did.

    Answers that were overtaken by what happened since the file was written are skipped. The same file may be handed
    back again.
    """
    read = read_answers(content, company.key)
    answers = read.answers
    counts = {"accepted": 0, "rejected": 0, "unchanged": 0}
    skipped = list(read.unclear)
    with engine.connect() as connection, only_one(connection, company.key), connection.begin():
        states = {kind: _state_of(connection, company, kind) for kind in {answer.kind for answer in answers}}
        fitting: dict[Kind, list[Answer]] = {}
        for kind, each in states.items():
            overtaken = _overtaken(each, _of(answers, kind))
            skipped += overtaken.values()
            fitting[kind] = [answer for answer in _of(answers, kind) if answer.pair not in overtaken]
        if faults := [fault for kind, each in states.items() for fault in _twice(each, fitting[kind])]:
            raise WrongFile(faults)
        for kind, each in states.items():
            said = {answer.pair: answer for answer in fitting[kind]}
            new = {pair for pair, answer in said.items() if _is_new(each, answer)}
            new_yes = {pair for pair in new if said[pair].is_yes}
            new_no = new - new_yes
            parted = [source_id for source_id, remote_id in new_no if each.linked.get(source_id) == remote_id]
            drop_links(connection, company.key, kind, parted)
            decide_pairs(connection, company.key, kind, new_no, Decision.REJECTED, Decided(clock(), by))
            left_out = _accept(connection, company, run_key, each, new_yes, Decided(clock(), by))
            skipped += (said[pair].fault(KEY, _being_created(each.subject)) for pair in left_out)
            counts["accepted"] += len(new_yes - left_out)
            counts["rejected"] += len(new_no)
            counts["unchanged"] += len(said) - len(new)
    counts["skipped"] = len(skipped)
    log.info("Decisions taken: %s", ", ".join(f"{name} {count}" for name, count in counts.items()))
    return Taken(counts, sorted(skipped, key=lambda fault: (fault.column, fault.row)))


def accept_shown(
    engine: Engine, company: Company, run_key: str, shown: Iterable[tuple[Kind, Pair]], clock: Clock, *, by: str = ""
) -> Counts:
    """Accept pairs that a person was shown, those that are still open; the others are `outdated`, and so are several of
    one contact or product, of which only one may stand. `by`: who did."""
    by_kind: dict[Kind, set[Pair]] = {}
    for kind, pair in shown:
        by_kind.setdefault(kind, set()).add(pair)
    counts = {"accepted": 0, "outdated": 0}
    with engine.connect() as connection, only_one(connection, company.key), connection.begin():
        for kind, pairs in by_kind.items():
            each = _state_of(connection, company, kind)
            times = Counter(source_id for source_id, _ in pairs)
            open_pairs = {pair for pair in pairs if times[pair[0]] == 1 and _may_be_accepted(each, pair)}
            left_out = _accept(connection, company, run_key, each, open_pairs, Decided(clock(), by))
            counts["accepted"] += len(open_pairs - left_out)
            counts["outdated"] += len(pairs) - len(open_pairs - left_out)
    log.info("Accepted on Airflow's page: %d; no longer open: %d", counts["accepted"], counts["outdated"])
    return counts


def reject_shown(
    engine: Engine, company: Company, shown: Iterable[tuple[Kind, Pair]], clock: Clock, *, by: str = ""
) -> Counts:
    """Note that pairs that a person was shown are not the same, those still open; the others are `outdated`."""
    pairs = set(shown)
    with engine.connect() as connection, only_one(connection, company.key), connection.begin():
        still = pairs & {(each.kind, each.pair) for each in all_open_pairs(connection, company.key)}
        _decide(connection, company, still, Decision.REJECTED, Decided(clock(), by))
    log.info("Rejected on the page: %d; no longer open: %d", len(still), len(pairs - still))
    return {"rejected": len(still), "outdated": len(pairs - still)}


def take_back(
    engine: Engine, company: Company, shown: Iterable[tuple[Kind, Pair]], clock: Clock, *, by: str = ""
) -> Counts:
    """Open pairs again that a person decided about and after which no run began; links that only such a decision made
    are dropped. The others are `outdated`."""
    pairs = set(shown)
    with engine.connect() as connection, only_one(connection, company.key), connection.begin():
        still = pairs & {
            (each.kind, (each.source_id, each.remote_id)) for each in decided_pairs(connection, company.key)
        }
        for kind, pair in still:
            links = links_of(connection, company.key, kind, [pair[0]])
            made = [each.source_id for each in links if (each.remote_id, each.evidence) == (pair[1], Evidence.DECIDED)]
            drop_links(connection, company.key, kind, made)
        _decide(connection, company, still, Decision.OPEN, Decided(clock(), by))
    log.info("Taken back on the page: %d; acted on meanwhile: %d", len(still), len(pairs - still))
    return {"taken_back": len(still), "outdated": len(pairs - still)}


def _decide(
    connection: Connection, company: Company, pairs: Collection[tuple[Kind, Pair]], decision: Decision, said: Decided
) -> None:
    for kind in {kind for kind, _ in pairs}:
        of_kind = [pair for each, pair in pairs if each is kind]
        decide_pairs(connection, company.key, kind, of_kind, decision, said)


def _state_of(connection: Connection, company: Company, kind: Kind) -> _KindState:
    registers, linked = read_both_with_links(connection, company, kind)
    return _KindState(
        subject=SUBJECTS[kind],
        registers=registers,
        linked=linked,
        proposals=read_proposals(connection, company.key, kind),
        in_doubt=being_created(connection, company.key, kind, registers.natural_keys, registers.sources),
    )


def _accept(
    connection: Connection, company: Company, run_key: str, state: _KindState, pairs: Collection[Pair], said: Decided
) -> set[Pair]:
    """Link pairs and note that a person said so; those left out because an import is creating the record."""
    kind = state.subject.kind
    links = [Link(kind, source_id, remote_id, Evidence.DECIDED) for source_id, remote_id in sorted(pairs)]
    left_out = store_where_free(connection, company.key, run_key, kind, state.registers, links)
    accepted = {pair for pair in pairs if pair[0] not in left_out}
    decide_pairs(connection, company.key, kind, accepted, Decision.ACCEPTED, said)
    return set(pairs) - accepted


def _overtaken(state: _KindState, answers: Sequence[Answer]) -> dict[Pair, Fault]:
    """Answers that do not fit what became of their pairs since the file was written."""
    found = {answer.pair: answer.fault(KEY, why) for answer in answers if (why := _why_overtaken(state, answer))}
    parted = {
        answer.source_id
        for answer in answers
        if not answer.is_yes and answer.pair not in found and state.linked.get(answer.source_id) == answer.remote_id
    }
    subject = state.subject
    for answer in answers:
        if not answer.is_yes or answer.pair in found:
            continue
        linked = state.linked.get(answer.source_id)
        if linked not in (None, answer.remote_id) and answer.source_id not in parted:
            what = f"{subject.source} {answer.source_id} is linked to {subject.remote} {linked} already"
            found[answer.pair] = answer.fault(DECISION, f"{what}; where that is wrong, say no to that pair too")
    return found


def _why_overtaken(state: _KindState, answer: Answer) -> str | None:
    subject, proposal = state.subject, state.proposals.get(answer.pair)
    if proposal is None:
        return f"this pair is not proposed any more: {_why_gone(state, answer)}; take the newest report"
    if proposal.decision not in (answer.before, answer.decision):
        now, then = ("yes", "no") if proposal.decision is Decision.ACCEPTED else ("no", "yes")
        return (
            f"somebody said {now} to this pair after the file was written, the file says {then}; take the newest report"
            " to change that"
        )
    if not answer.is_yes:
        return None
    if (missing := _missing(state, answer)) is not None:
        return missing
    if answer.source_id in state.in_doubt:
        return _being_created(subject)
    return None


def _why_gone(state: _KindState, answer: Answer) -> str:
    subject, linked = state.subject, state.linked.get(answer.source_id)
    if (missing := _missing(state, answer)) is not None:
        return missing
    if linked is not None:
        return f"{subject.source} {answer.source_id} is linked to {subject.remote} {linked}"
    return "one of the two was changed since"


def _missing(state: _KindState, answer: Answer) -> str | None:
    if answer.source_id not in state.registers.sources:
        return f"Scoro has no such {state.subject.source} any more"
    if answer.remote_id not in state.registers.remotes:
        return f"SmartAccounts has no such {state.subject.remote} any more"
    return None


def _twice(state: _KindState, answers: Iterable[Answer]) -> Iterator[Fault]:
    """Yield a contact or product with more than one yes."""
    accepted: dict[str, Answer] = {}
    for answer in answers:
        if answer.is_yes and (first := accepted.setdefault(answer.source_id, answer)) is not answer:
            what = f"{state.subject.source} {answer.source_id} is accepted in row {first.row} already; one may stand"
            yield answer.fault(DECISION, what)


def _is_new(state: _KindState, answer: Answer) -> bool:
    is_decided = state.proposals[answer.pair].decision is answer.decision
    return not is_decided or (answer.is_yes and state.linked.get(answer.source_id) != answer.remote_id)


def _of(answers: Iterable[Answer], kind: Kind) -> list[Answer]:
    return [answer for answer in answers if answer.kind is kind]


def _may_be_accepted(state: _KindState, pair: Pair) -> bool:
    proposal = state.proposals.get(pair)
    return (
        proposal is not None
        and proposal.decision is Decision.OPEN
        and pair[0] not in state.linked
        and pair[0] in state.registers.sources
        and pair[1] in state.registers.remotes
    )


def _being_created(subject: Subject) -> str:
    return f"an import is creating a {subject.remote} for it at this moment; hand the file back in half an hour"
