"""Differences of Scoro's side that concern nobody any more, and those that a person takes as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scoro_smartaccounts.common.documents import INTO_THE_BOOKS, Flow
from scoro_smartaccounts.scoro.modules import Module, module_of
from scoro_smartaccounts.staging.audit_books import BooksList, known_records
from scoro_smartaccounts.staging.documents import known_documents
from scoro_smartaccounts.staging.drifts import close_these, open_drifts
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
    drifts = [each for each in open_drifts(connection, company) if each.flow in _FLOWS]
    closed = 0
    for flow in INTO_THE_BOOKS:
        for state, of in _over(connection, company, flow, [each for each in drifts if each.flow == flow]).items():
            closed += close_these(connection, company, of, at, state)
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


def _over(connection: Connection, company: str, flow: Flow, drifts: list[Drift]) -> dict[str, set[int]]:
    """Return the differences that are over, by the state that they are in then."""
    gone: set[str] = set()
    for module, keys in _by_module(flow, drifts).items():
        listed = known_listed(connection, company, module.name, keys)
        gone |= {module.document_id(key) for key, one in listed.items() if one.is_deleted}
    remote_ids = {each.remote_id for each in drifts}
    links = booked_records(connection, company, KIND_OF[flow], remote_ids)
    there = known_records(connection, company, BooksList(flow.value), remote_ids)
    read = known_documents(connection, company, flow, {each.source_id for each in drifts})
    found: dict[str, set[int]] = {}
    for each in drifts:
        link, record = links.get(each.remote_id), there.get(each.remote_id)
        is_unlinked = link is None or link.gone_at is not None or (record is not None and record.is_deleted)
        state = ""
        if each.kind == "appeared_untold":
            state = "mended" if each.source_id in read or each.source_id in gone else ""
        elif each.kind in _GONE and each.source_id in gone and is_unlinked:
            state = "gone_both"
        elif each.system == "scoro" and is_unlinked:
            state = "mended"
        if state:
            found.setdefault(state, set()).add(each.id)
    return found


def _by_module(flow: Flow, drifts: list[Drift]) -> dict[Module, set[str]]:
    found: dict[Module, set[str]] = {}
    for each in drifts:
        module = module_of(flow, each.source_id)
        found.setdefault(module, set()).add(module.record_id(each.source_id))
    return found
