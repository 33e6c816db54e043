"""Both systems → links where it is certain, proposals for a person where it is not."""

from __future__ import annotations

import logging
from itertools import islice
from typing import TYPE_CHECKING

from scoro_smartaccounts.common.reasons import render
from scoro_smartaccounts.common.records import Confidence
from scoro_smartaccounts.matching.identity.proposals import EvidenceKind, Proposal
from scoro_smartaccounts.reconcile_ids.linking import only_one, read_both_with_links, store_where_free
from scoro_smartaccounts.reconcile_ids.subjects import SUBJECTS
from scoro_smartaccounts.staging.intents import being_created
from scoro_smartaccounts.staging.links import Evidence, Kind, Link
from scoro_smartaccounts.staging.proposals import Decision, StoredProposal, read_proposals, replace_proposals

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection

    from scoro_smartaccounts.common.run import Counts, ReconcileRequest
    from scoro_smartaccounts.reconcile_ids.both_registers import BothRegisters
    from scoro_smartaccounts.services import Services

log = logging.getLogger(__name__)

# What may link by itself, the strongest first.
_PROOFS = {
    EvidenceKind.MARKER: Evidence.MARKER,
    EvidenceKind.REGISTRY_CODE: Evidence.REGISTRY_CODE,
    EvidenceKind.VAT_NUMBER: Evidence.VAT_NUMBER,
    EvidenceKind.ARTICLE_CODE: Evidence.ARTICLE_CODE,
    EvidenceKind.BANK_ACCOUNT: Evidence.BANK_ACCOUNT,
    EvidenceKind.EMAIL: Evidence.EMAIL,
}
# So many locks at once; PostgreSQL has room for some thousand.
_CHUNK = 200


def propose_links(request: ReconcileRequest, services: Services) -> Counts:
    """Compare what staging holds of both systems; the number of links that are new, by what was linked.

    May be killed anywhere and run again. What is linked stays as it is, what a person decided too.
    """
    counts: Counts = {}
    with services.engine.connect() as connection, only_one(connection, request.company.key):
        for kind, subject in SUBJECTS.items():
            counts[f"{subject.plural}_linked"] = _propose(connection, request, kind)
    log.info("Linked now: %s", ", ".join(f"{name.split('_')[0]} {count}" for name, count in counts.items()))
    return counts


def _propose(connection: Connection, request: ReconcileRequest, kind: Kind) -> int:
    company = request.company.key
    with connection.begin():
        registers, linked = read_both_with_links(connection, request.company, kind)
        known = read_proposals(connection, company, kind)
        in_doubt = being_created(connection, company, kind, registers.natural_keys, registers.sources)
    rejected = {pair for pair, item in known.items() if item.decision is Decision.REJECTED}
    found = [
        _stored(kind, proposal)
        for proposal in registers.compare(rejected)
        if proposal.source_id not in linked and proposal.source_id not in in_doubt
    ]
    with connection.begin():
        replace_proposals(connection, company, request.run_key, kind, found)
    return _link_certain(connection, request, kind, registers, found)


def _link_certain(
    connection: Connection,
    request: ReconcileRequest,
    kind: Kind,
    registers: BothRegisters,
    found: Iterable[StoredProposal],
) -> int:
    certain = iter([_link(item) for item in found if item.confidence is Confidence.CERTAIN])
    stored = 0
    while chunk := list(islice(certain, _CHUNK)):
        with connection.begin():
            left_out = store_where_free(connection, request.company.key, request.run_key, kind, registers, chunk)
        stored += len(chunk) - len(left_out)
    return stored


def _stored(kind: Kind, proposal: Proposal) -> StoredProposal:
    reasons = tuple(
        {"kind": reason.kind.value, "detail": render(reason.words), "detail_et": render(reason.words, "et")}
        | ({} if reason.score is None else {"score": str(reason.score)})
        for reason in proposal.evidence
    )
    stored = StoredProposal(kind, proposal.source_id, proposal.remote_id, proposal.confidence, proposal.score, reasons)
    if proposal.confidence is Confidence.CERTAIN and _proof(stored) is None:
        # Nothing but an identifier links without a person.
        return StoredProposal(kind, proposal.source_id, proposal.remote_id, Confidence.LIKELY, proposal.score, reasons)
    return stored


def _proof(item: StoredProposal) -> EvidenceKind | None:
    reasons = {reason["kind"] for reason in item.evidence}
    return next((proof for proof in _PROOFS if proof.value in reasons), None)


def _link(item: StoredProposal) -> Link:
    proof = _proof(item)
    assert proof is not None, "only what has a proof is certain"
    # Links are shown in everyday commands: an account or an address may be a person's.
    shown = next(str(reason["detail"]) for reason in item.evidence if reason["kind"] == proof.value)
    detail = "" if proof in (EvidenceKind.BANK_ACCOUNT, EvidenceKind.EMAIL) else shown
    return Link(item.kind, item.source_id, item.remote_id, _PROOFS[proof], detail)
