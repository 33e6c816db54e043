"""Invoices and bills of SmartAccounts that were left behind: their document is gone in Scoro. Entered again there, the
same document must not be booked once more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scoro_smartaccounts.common.reasons import Phrase, phrase
from scoro_smartaccounts.staging.cases import document_states
from scoro_smartaccounts.staging.links import REPLACED, links_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from scoro_smartaccounts.flows import InvoiceFlow
    from scoro_smartaccounts.staging.mirror_documents import MirroredDocument


@dataclass(frozen=True, slots=True)
class LeftBehind:
    """A document of SmartAccounts, and the document that it was booked for; `named` is what sentences call that one.
    `before`: the documents that had the record before it, the oldest first."""

    there: MirroredDocument
    source_id: str
    named: Phrase
    before: tuple[str, ...] = ()


def left_behind(
    connection: Connection,
    company: str,
    spec: InvoiceFlow,
    read: Sequence[MirroredDocument],
    taken: Mapping[str, str],
) -> dict[str, LeftBehind]:
    """Those of the read documents, by id, whose document is known to be gone in Scoro: by its link (`taken`: source ids
    by remote id), or by its marker."""
    owners = {there.remote_id: taken.get(there.remote_id) or there.marked_id for there in read}
    states = document_states(connection, company, spec.flow, filter(None, owners.values()))
    gone = [owner for owner, state in states.items() if state.is_gone]
    before = {
        item.source_id: tuple(item.answer.get(REPLACED, ())) for item in links_of(connection, company, spec.kind, gone)
    }
    found = {}
    for there in read:
        owner = owners[there.remote_id]
        if (state := states.get(owner)) is not None and state.is_gone:
            named = phrase(f"{spec.noun}_of_day", number=state.number, day=state.day or there.day, id=owner)
            found[there.remote_id] = LeftBehind(there, owner, named, before.get(owner, ()))
    return found
