"""A person takes a difference as it is: what is shown is held for right from then on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scoro_smartaccounts.audit.balancing import LEDGER_DIFFERS, accept_ledger
from scoro_smartaccounts.audit.judging import accepted
from scoro_smartaccounts.audit.scoro_tidying import hold_accepted
from scoro_smartaccounts.audit.used_judging import USED_KINDS
from scoro_smartaccounts.audit.used_records import accept_used
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.staging.audit_books import BooksList, hold_for_right, known_records
from scoro_smartaccounts.staging.drifts import Drift, accept_drifts, case_of
from scoro_smartaccounts.staging.ledger import forget_posted
from scoro_smartaccounts.staging.links import KIND_OF, move_link

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection


def accept(connection: Connection, company: str, drift_id: int, at: datetime, *, by: str, note: str) -> list[Drift]:
    """Accept a difference, and all of its case; those that were accepted. Nothing where it is not open any more."""
    case = case_of(connection, company, drift_id)
    for each in case:
        if each.system != "books":
            hold_accepted(connection, company, each)
            continue
        if each.kind == LEDGER_DIFFERS:
            accept_ledger(connection, company, each)
        elif each.kind == "books_replaced":
            move_link(connection, company, KIND_OF[Flow(each.flow)], each.source_id, str(each.after["remote_id"]))
            hold_for_right(connection, company, BooksList(each.flow), {each.remote_id: None})
        elif each.kind not in USED_KINDS:
            _hold(connection, company, each)
    if case and case[0].kind in USED_KINDS:
        # Those of a case are of one kind.
        accept_used(connection, company, case, at)
    accept_drifts(connection, company, [each.id for each in case], at, by=by, note=note)
    return case


def _hold(connection: Connection, company: str, drift: Drift) -> None:
    of = BooksList(drift.flow)
    item = known_records(connection, company, of, [drift.remote_id]).get(drift.remote_id)
    if item is None or item.basis is None:
        return
    # What is deleted has nothing that could be right: it is told no more.
    basis = None if item.is_deleted or of is BooksList.ENTRIES else accepted(drift.after, item.basis, item.content)
    hold_for_right(connection, company, of, {drift.remote_id: basis})
    if of is BooksList.ENTRIES:
        forget_posted(connection, company, drift.remote_id)
