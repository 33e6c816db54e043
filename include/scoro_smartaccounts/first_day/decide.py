"""What a person said of proposals → links."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Engine

from scoro_smartaccounts.clock import Clock
from scoro_smartaccounts.company import Company
from scoro_smartaccounts.first_day.answers import Answer, read_answers
from scoro_smartaccounts.first_day.linking import being_created, only_one, read_linked_side, store_where_free
from scoro_smartaccounts.first_day.sides import Side
from scoro_smartaccounts.first_day.subjects import SUBJECTS, Subject
from scoro_smartaccounts.first_day.words import DECISION, KEY
from scoro_smartaccounts.reconcile.linked_service.wrong_file import Fault, WrongFile
from scoro_smartaccounts.run import Counts
from scoro_smartaccounts.staging.links import Evidence, Kind, Link, drop_links
from scoro_smartaccounts.staging.proposals import Decision, Pair, StoredProposal, decide_pairs, read_proposals

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Known:
    """One kind as it stands before the answers."""

    subject: Subject
    side: Side
    linked: Mapping[str, str]
    proposals: Mapping[Pair, StoredProposal]
    in_doubt: Collection[str]


def take_answers(engine: Engine, company: Company, run_key: str, content: bytes, clock: Clock) -> Counts:
    """Take the answers of a file that a person handed back: all of them, or with WrongFile none.

    `accepted` and `rejected` count answers that are new. The same file may be handed back again.
    """
    answers = read_answers(content)
    counts = {"accepted": 0, "rejected": 0, "unchanged": 0}
    with engine.connect() as connection, only_one(connection, company.key), connection.begin():
        known = {kind: _known(connection, company, kind) for kind in {answer.kind for answer in answers}}
        faults = [fault for kind, each in known.items() for fault in _faults(each, _of(answers, kind))]
        if faults:
            raise WrongFile(faults)
        for kind, each in known.items():
            yes = {answer.pair: answer for answer in _of(answers, kind) if answer.is_yes}
            no = {answer.pair for answer in _of(answers, kind) if not answer.is_yes}
            new_no = {pair for pair in no if each.proposals[pair].decision is not Decision.REJECTED}
            new_yes = {pair for pair in yes if each.linked.get(pair[0]) != pair[1] or not _is_accepted(each, pair)}
            drop_links(connection, company.key, kind, [pair[0] for pair in no if each.linked.get(pair[0]) == pair[1]])
            decide_pairs(connection, company.key, kind, new_no, Decision.REJECTED, clock())
            left_out = _accept(connection, company, run_key, each, new_yes, clock)
            if left_out:
                raise WrongFile(
                    answer.fault(KEY, _being_created(each.subject)) for pair, answer in yes.items() if pair in left_out
                )
            counts["accepted"] += len(new_yes)
            counts["rejected"] += len(new_no)
            counts["unchanged"] += len(yes) + len(no) - len(new_yes) - len(new_no)
    log.info("Decisions taken: %s", ", ".join(f"{name} {count}" for name, count in counts.items()))
    return counts


def accept_shown(
    engine: Engine, company: Company, run_key: str, shown: Iterable[tuple[Kind, Pair]], clock: Clock
) -> Counts:
    """Accept pairs that a person was shown, those that are still open; the others are `outdated`."""
    by_kind: dict[Kind, set[Pair]] = {}
    for kind, pair in shown:
        by_kind.setdefault(kind, set()).add(pair)
    counts = {"accepted": 0, "outdated": 0}
    with engine.connect() as connection, only_one(connection, company.key), connection.begin():
        for kind, pairs in by_kind.items():
            each = _known(connection, company, kind)
            open_pairs = {pair for pair in pairs if _may_be_accepted(each, pair)}
            left_out = _accept(connection, company, run_key, each, open_pairs, clock)
            counts["accepted"] += len(open_pairs - left_out)
            counts["outdated"] += len(pairs) - len(open_pairs - left_out)
    log.info("Accepted on Airflow's page: %d; no longer open: %d", counts["accepted"], counts["outdated"])
    return counts


def _known(connection: Connection, company: Company, kind: Kind) -> _Known:
    side, linked = read_linked_side(connection, company, kind)
    return _Known(
        subject=SUBJECTS[kind],
        side=side,
        linked=linked,
        proposals=read_proposals(connection, company.key, kind),
        in_doubt=being_created(connection, company.key, kind, side.natural_keys, side.sources),
    )


def _accept(
    connection: Connection, company: Company, run_key: str, known: _Known, pairs: Collection[Pair], clock: Clock
) -> set[Pair]:
    """Link pairs and note that a person said so; those left out because an import is creating the record."""
    kind = known.subject.kind
    links = [Link(kind, source_id, remote_id, Evidence.DECIDED) for source_id, remote_id in sorted(pairs)]
    left_out = store_where_free(connection, company.key, run_key, kind, known.side, links)
    accepted = {pair for pair in pairs if pair[0] not in left_out}
    decide_pairs(connection, company.key, kind, accepted, Decision.ACCEPTED, clock())
    return set(pairs) - accepted


def _faults(known: _Known, answers: Sequence[Answer]) -> Iterator[Fault]:
    subject = known.subject
    parted = {answer.source_id for answer in answers if not answer.is_yes and _is_linked(known, answer.pair)}
    accepted: dict[str, Answer] = {}
    for answer in answers:
        if answer.pair not in known.proposals:
            yield answer.fault(KEY, "this pair is not proposed any more; take the newest report")
            continue
        if not answer.is_yes:
            continue
        first = accepted.setdefault(answer.source_id, answer)
        linked = known.linked.get(answer.source_id)
        if first is not answer:
            what = f"{subject.source} {answer.source_id} is accepted in row {first.row} already; one may stand"
            yield answer.fault(DECISION, what)
        elif answer.source_id not in known.side.sources:
            yield answer.fault(KEY, f"Scoro has no such {subject.source} any more; remove the answer")
        elif answer.remote_id not in known.side.remotes:
            yield answer.fault(KEY, f"SmartAccounts has no such {subject.remote} any more; remove the answer")
        elif linked not in (None, answer.remote_id) and answer.source_id not in parted:
            what = f"{subject.source} {answer.source_id} is linked to {subject.remote} {linked} already"
            yield answer.fault(DECISION, what)
        elif answer.source_id in known.in_doubt:
            yield answer.fault(KEY, _being_created(subject))


def _of(answers: Iterable[Answer], kind: Kind) -> list[Answer]:
    return [answer for answer in answers if answer.kind is kind]


def _is_linked(known: _Known, pair: Pair) -> bool:
    return known.linked.get(pair[0]) == pair[1]


def _is_accepted(known: _Known, pair: Pair) -> bool:
    return known.proposals[pair].decision is Decision.ACCEPTED


def _may_be_accepted(known: _Known, pair: Pair) -> bool:
    proposal = known.proposals.get(pair)
    return (
        proposal is not None
        and proposal.decision is Decision.OPEN
        and pair[0] not in known.linked
        and pair[0] in known.side.sources
        and pair[1] in known.side.remotes
    )


def _being_created(subject: Subject) -> str:
    return f"an import is creating a {subject.remote} for it at this moment; hand the file back in half an hour"
