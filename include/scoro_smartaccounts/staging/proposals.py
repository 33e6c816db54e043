"""Proposals for links, and what persons decided about them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, and_, delete, exists, select, update

from scoro_smartaccounts.common.records import Confidence
from scoro_smartaccounts.common.stored import items, mapping
from scoro_smartaccounts.staging.bulk import any_of, loaded, upsert
from scoro_smartaccounts.staging.links import Kind, is_linked, link_view
from scoro_smartaccounts.staging.schema import link_proposal

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import datetime
    from decimal import Decimal

# Scoro's id and SmartAccounts' id (articles: code).
Pair = tuple[str, str]


class Decision(StrEnum):
    """What a person said."""

    OPEN = "open"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class StoredProposal:
    """A proposal; `score` 0-100; `evidence`: reasons with `kind`, `detail`, `detail_et` and perhaps `score`."""

    kind: Kind
    source_id: str
    remote_id: str
    confidence: Confidence
    score: Decimal
    evidence: tuple[Mapping[str, Any], ...]
    decision: Decision = Decision.OPEN

    @property
    def pair(self) -> Pair:
        """Whom it is about."""
        return self.source_id, self.remote_id


def read_proposals(connection: Connection, company: str, kind: Kind) -> dict[Pair, StoredProposal]:
    """All proposals of a kind, the best first, decided ones too."""
    rows = connection.execute(
        select(link_proposal)
        .where(link_proposal.c.company == company, link_proposal.c.kind == kind.value)
        .order_by(link_proposal.c.score.desc(), link_proposal.c.source_id, link_proposal.c.remote_id)
    )
    return {(row.source_id, row.remote_id): proposal_of(row) for row in rows}


def proposal_of(row: Row[Any]) -> StoredProposal:
    """Within this room: a row of the table."""
    return StoredProposal(
        kind=Kind(row.kind),
        source_id=row.source_id,
        remote_id=row.remote_id,
        confidence=Confidence(row.confidence),
        score=row.score,
        evidence=tuple(map(mapping, items(row.evidence))),
        decision=Decision(row.decision),
    )


def replace_proposals(
    connection: Connection, company: str, run_key: str, kind: Kind, proposals: Iterable[StoredProposal]
) -> None:
    """Let these be the open proposals of a kind. Those that a person decided stay as they are, and so do certain ones
    whose link is stored."""
    rows = [
        {
            "company": company,
            "kind": kind.value,
            "source_id": item.source_id,
            "remote_id": item.remote_id,
            "confidence": item.confidence.value,
            "score": item.score,
            "evidence": [dict(reason) for reason in item.evidence],
            "run_key": run_key,
        }
        for item in proposals
    ]
    link = link_view()
    is_open = link_proposal.c.decision == Decision.OPEN.value
    is_stored = and_(
        link_proposal.c.confidence == Confidence.CERTAIN.value,
        exists().where(
            link.is_of(link_proposal.c.kind, link_proposal.c.company, link_proposal.c.source_id),
            link.remote_id == link_proposal.c.remote_id,
        ),
    )
    outdated = [link_proposal.c.company == company, link_proposal.c.kind == kind.value, is_open, ~is_stored]
    with loaded(connection, link_proposal, rows) as new:
        if new is not None:
            same = (new.c.source_id == link_proposal.c.source_id) & (new.c.remote_id == link_proposal.c.remote_id)
            outdated.append(~exists().where(same))
        connection.execute(delete(link_proposal).where(*outdated))
    upsert(connection, link_proposal, rows, where=is_open)


def rejected_pairs(connection: Connection, company: str, kind: Kind, source_ids: Iterable[str]) -> set[Pair]:
    """Pairs of these contacts of which a person said no."""
    rows = connection.execute(
        select(link_proposal.c.source_id, link_proposal.c.remote_id).where(
            link_proposal.c.company == company,
            link_proposal.c.kind == kind.value,
            link_proposal.c.decision == Decision.REJECTED.value,
            link_proposal.c.source_id == any_of(source_ids),
        )
    )
    return {(row.source_id, row.remote_id) for row in rows}


def open_pairs(connection: Connection, company: str, kind: Kind, source_ids: Iterable[str]) -> list[Pair]:
    """Likely and conflicting pairs of these contacts or products that nobody has decided about, the most likely first.
    What is linked has nothing to decide."""
    rows = connection.execute(
        select(link_proposal.c.source_id, link_proposal.c.remote_id)
        .where(
            link_proposal.c.company == company,
            link_proposal.c.kind == kind.value,
            link_proposal.c.confidence != Confidence.CERTAIN.value,
            link_proposal.c.decision == Decision.OPEN.value,
            link_proposal.c.source_id == any_of(source_ids),
            ~is_linked(link_proposal.c.kind, link_proposal.c.company, link_proposal.c.source_id),
        )
        .order_by(link_proposal.c.score.desc(), link_proposal.c.remote_id)
    )
    return [(row.source_id, row.remote_id) for row in rows]


@dataclass(frozen=True, slots=True)
class Decided:
    """When a person decided, and who; empty where nobody told."""

    at: datetime
    by: str


def decide_pairs(
    connection: Connection, company: str, kind: Kind, pairs: Collection[Pair], decision: Decision, said: Decided
) -> None:
    """Note what a person said of pairs that stand among the proposals."""
    for source_id, remote_id in pairs:
        connection.execute(
            update(link_proposal)
            .where(
                link_proposal.c.company == company,
                link_proposal.c.kind == kind.value,
                link_proposal.c.source_id == source_id,
                link_proposal.c.remote_id == remote_id,
            )
            .values(decision=decision.value, decided_at=said.at, decided_by=said.by)
        )


def accepted_pairs(connection: Connection, company: str, kind: Kind, source_ids: Iterable[str]) -> dict[Pair, Decided]:
    """Return who said yes to pairs of these contacts or products, and when."""
    rows = connection.execute(
        select(link_proposal).where(
            link_proposal.c.company == company,
            link_proposal.c.kind == kind.value,
            link_proposal.c.decision == Decision.ACCEPTED.value,
            link_proposal.c.source_id == any_of(source_ids),
        )
    )
    return {(row.source_id, row.remote_id): Decided(row.decided_at, row.decided_by) for row in rows}
