"""What staging knows about who is who, sorted as people look at it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scoro_smartaccounts.common.records import Confidence
from scoro_smartaccounts.reconcile_ids.both_registers import BothRegisters, read_both_registers
from scoro_smartaccounts.reconcile_ids.subjects import SUBJECTS, Subject
from scoro_smartaccounts.staging.links import Kind, StoredLink, links_of
from scoro_smartaccounts.staging.proposals import Decision, StoredProposal, read_proposals

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from scoro_smartaccounts.common.company import Company


@dataclass(frozen=True, slots=True)
class Outcome:
    """One kind of a company. `certain`: linked by the comparison; `likely`, `conflicting`: wait for a person;
    `decided`: a person spoke; `linked`: by others than these; `only_scoro`, `only_smartaccounts`: ids of one system."""

    company: str
    subject: Subject
    registers: BothRegisters
    certain: Sequence[StoredProposal]
    likely: Sequence[StoredProposal]
    conflicting: Sequence[StoredProposal]
    decided: Sequence[StoredProposal]
    linked: Sequence[StoredLink]
    only_scoro: Sequence[str]
    only_smartaccounts: Sequence[str]

    @property
    def counts(self) -> dict[str, int]:
        """How many of each."""
        accepted = sum(item.decision is Decision.ACCEPTED for item in self.decided)
        return {
            "in_scoro": len(self.registers.sources),
            "in_smartaccounts": len(self.registers.remotes),
            "linked_before": len(self.linked),
            "certain": len(self.certain),
            "accepted": accepted,
            "rejected": len(self.decided) - accepted,
            "likely": len(self.likely),
            "conflicting": len({item.source_id for item in self.conflicting}),
            "only_scoro": len(self.only_scoro),
            "only_smartaccounts": len(self.only_smartaccounts),
        }


def read_outcomes(connection: Connection, company: Company) -> list[Outcome]:
    """All three kinds, within the caller's transaction."""
    return [_outcome(connection, company, kind) for kind in SUBJECTS]


def _outcome(connection: Connection, company: Company, kind: Kind) -> Outcome:
    registers = read_both_registers(connection, company, kind)
    links = {
        item.source_id: item for item in links_of(connection, company.key, kind) if item.remote_id in registers.remotes
    }
    proposals = read_proposals(connection, company.key, kind).values()
    is_open = [item for item in proposals if item.decision is Decision.OPEN]
    certain = [
        item
        for item in is_open
        if item.confidence is Confidence.CERTAIN
        and item.source_id in links
        and links[item.source_id].remote_id == item.remote_id
    ]
    waiting = [item for item in is_open if item.confidence is not Confidence.CERTAIN and item.source_id not in links]
    decided = [item for item in proposals if item.decision is not Decision.OPEN]
    told = {item.pair for item in (*certain, *decided)}
    named = {item.source_id for item in waiting}, {item.remote_id for item in waiting}
    taken = {each.remote_id for each in links.values()}
    return Outcome(
        company=company.key,
        subject=SUBJECTS[kind],
        registers=registers,
        certain=certain,
        likely=[item for item in waiting if item.confidence is Confidence.LIKELY],
        conflicting=sorted(
            (item for item in waiting if item.confidence is Confidence.CONFLICTING),
            key=lambda item: (len(item.source_id), item.source_id, -item.score),
        ),
        decided=decided,
        linked=[each for each in links.values() if (each.source_id, each.remote_id) not in told],
        only_scoro=[each for each in registers.sources if each not in links and each not in named[0]],
        only_smartaccounts=[each for each in registers.remotes if each not in taken and each not in named[1]],
    )
