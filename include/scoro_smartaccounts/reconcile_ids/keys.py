"""What names a pair in files that people hand back. No spreadsheet takes it for a number or a date."""

from __future__ import annotations

from dataclasses import dataclass

from scoro_smartaccounts.reconcile_ids.subjects import SUBJECTS
from scoro_smartaccounts.staging.links import Kind
from scoro_smartaccounts.staging.proposals import Decision, Pair, StoredProposal


@dataclass(frozen=True, slots=True)
class Key:
    """`decision`: what was decided about the pair when the file was written."""

    company: str
    kind: Kind
    decision: Decision
    pair: Pair


def key_of(company: str, item: StoredProposal) -> str:
    """Return the key of a proposal as it stands now."""
    return ":".join((company, item.kind.value, item.decision.value, *item.pair))


def read_key(text: str) -> Key | None:
    """Return what a key names; None for a text that is none."""
    parts = text.split(":", 4)
    if len(parts) < 5 or not all(parts) or parts[1] not in SUBJECTS or parts[2] not in list(Decision):
        return None
    company, kind, decision, source_id, remote_id = parts
    return Key(company, Kind(kind), Decision(decision), (source_id, remote_id))
