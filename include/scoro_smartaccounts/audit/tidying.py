"""What a night sees to at its end: differences that concern nobody any more, and records that stand in the place of
deleted ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scoro_smartaccounts.audit.scoro_tidying import tidy_scoro
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.staging.audit_books import BooksList, known_records
from scoro_smartaccounts.staging.drifts import BOOKED_DIFFERENTLY, close_drifts, close_these, open_drifts
from scoro_smartaccounts.staging.links import KIND_OF, booked_records, links_of

if TYPE_CHECKING:
    from scoro_smartaccounts.audit.reader import Reader


def tidy(reader: Reader) -> dict[str, Any]:
    """Close differences of records that stand for nothing of Scoro any more, and look again at what was deleted:
    somebody may have entered it anew, or deleted it in Scoro too. How many were closed."""
    closed = 0
    with reader.taking() as taker:
        connection, company = taker.connection, reader.company
        for each in open_drifts(connection, company):
            if each.kind == BOOKED_DIFFERENTLY:
                links = links_of(connection, company, KIND_OF[Flow(each.flow)], [each.source_id])
                if all(link.gone_at is not None for link in links):
                    closed += close_these(connection, company, [each.id], taker.at, "mended")
                continue
            if each.system != "books" or each.flow not in KIND_OF or not each.remote_id:
                continue
            of = BooksList(each.flow)
            booked = booked_records(connection, company, KIND_OF[Flow(each.flow)], [each.remote_id])
            if each.remote_id not in booked:
                closed += close_drifts(
                    connection, company, "books", taker.at, flow=each.flow, remote_ids=[each.remote_id]
                )
            elif each.kind == "books_deleted":
                item = known_records(connection, company, of, [each.remote_id])[each.remote_id]
                basis = item.basis or item.content
                closed += not taker.note_gone(of, each.remote_id, booked[each.remote_id], basis, each.evidence)
        closed += tidy_scoro(connection, company, taker.at)
    return {"closed": closed}
