"""Differences of Scoro's side that concern nobody any more, and those that a person takes as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scoro_smartaccounts.common.documents import INTO_THE_BOOKS, Flow
from scoro_smartaccounts.scoro.modules import module_of
from scoro_smartaccounts.staging.audit_books import BooksList, known_records
from scoro_smartaccounts.staging.documents import known_documents
from scoro_smartaccounts.staging.drifts import close_drifts, open_drifts
from scoro_smartaccounts.staging.links import KIND_OF, booked_records
from scoro_smartaccounts.staging.source_listings import hold_listed_for_right, known_listed

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from scoro_smartaccounts.staging.drifts import Drift

_GONE = ("source_deleted", "receipt_deleted", "books_deleted", "books_replaced", "payment_deleted")
_FLOWS = tuple(flow.value for flow in INTO_THE_BOOKS)


def tidy_scoro(connection: Connection, company: str, at: datetime) -> int:
    """Close what is gone on both sides, what stands for nothing any more, and what was read meanwhile; how many
    differences. Repeated it ends the same."""
    closed = 0
    for each in open_drifts(connection, company):
        if each.flow not in _FLOWS:
            continue
        state = _state(connection, company, each)
        if state:
            closed += close_drifts(
                connection, company, each.system, at, flow=each.flow, source_ids=[each.source_id], state=state
            )
    return closed


def hold_accepted(connection: Connection, company: str, drift: Drift) -> None:
    """Hold for right what a difference of Scoro's side shows. What is deleted has nothing that could be right: it is
    told no more."""
    module = module_of(Flow(drift.flow), drift.source_id)
    key = module.record_id(drift.source_id)
    known = known_listed(connection, company, module.name, [key]).get(key)
    if known is not None and known.basis is not None:
        basis = {**known.basis, **drift.after}
        hold_listed_for_right(connection, company, module.name, {key: basis})


def _state(connection: Connection, company: str, drift: Drift) -> str:
    """Return the state in which a difference is over; empty where it is not."""
    flow = Flow(drift.flow)
    module = module_of(flow, drift.source_id)
    key = module.record_id(drift.source_id)
    listed = known_listed(connection, company, module.name, [key]).get(key)
    is_gone = listed is not None and listed.is_deleted
    if drift.kind == "appeared_untold":
        is_read = drift.source_id in known_documents(connection, company, flow, [drift.source_id])
        return "mended" if is_read or is_gone else ""
    link = booked_records(connection, company, KIND_OF[flow], [drift.remote_id]).get(drift.remote_id)
    of = BooksList(drift.flow)
    there = known_records(connection, company, of, [drift.remote_id]).get(drift.remote_id)
    if drift.kind in _GONE and is_gone and (link is None or link.gone_at is not None or (there and there.is_deleted)):
        return "gone_both"
    if drift.system == "scoro" and (link is None or link.gone_at is not None):
        return "mended"
    return ""
