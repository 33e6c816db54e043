"""Invoices and bills of SmartAccounts that were left behind: their document is gone in Scoro. Entered again there, the
same document must not be booked once more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, and_, select

from scoro_smartaccounts.common.reasons import Phrase, phrase
from scoro_smartaccounts.staging.cases import document_states
from scoro_smartaccounts.staging.links import REPLACED, link_view, links_of
from scoro_smartaccounts.staging.schema import document, remote_document

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from scoro_smartaccounts.flows import InvoiceFlow


@dataclass(frozen=True, slots=True)
class Left:
    """A record of SmartAccounts, and the document that it was booked for; `named` is what sentences call that one.
    `before`: the documents that had the record before it, the oldest first."""

    row: Row[Any]
    source_id: str
    named: Phrase
    before: tuple[str, ...] = ()


def left_behind(
    connection: Connection, company: str, spec: InvoiceFlow, rows: Sequence[Row[Any]], taken: Mapping[str, str]
) -> list[Left]:
    """Those of the read records whose document is known to be gone in Scoro: by its link (`taken`: source ids by remote
    id), or by its marker."""
    owners = {row.remote_id: taken.get(row.remote_id) or row.marked_id for row in rows}
    states = document_states(connection, company, spec.flow, filter(None, owners.values()))
    gone = [owner for owner, state in states.items() if state.is_gone]
    before = {
        item.source_id: tuple(item.answer.get(REPLACED, ())) for item in links_of(connection, company, spec.kind, gone)
    }
    found = []
    for row in rows:
        owner = owners[row.remote_id]
        if (state := states.get(owner)) is not None and state.is_gone:
            named = phrase(f"{spec.noun}_of_day", number=state.number, day=state.day or row.day, id=owner)
            found.append(Left(row, owner, named, before.get(owner, ())))
    return found


@dataclass(frozen=True, slots=True)
class Booked:
    """A document that was booked, by its number and partner in the books, and its days in either system."""

    number: str
    partner_remote_id: str
    days: frozenset[date]


def booked_under(connection: Connection, company: str, spec: InvoiceFlow, numbers: Iterable[str]) -> list[Booked]:
    """Documents that were booked under one of these numbers: the books may hold them still, though nobody has read
    their days since."""
    link = link_view()
    rows = connection.execute(
        select(link.number, link.partner_remote_id, document.c.day, remote_document.c.day.label("there"))
        .join(link.rows, link.is_of(spec.kind, document.c.company, document.c.source_id))
        .outerjoin(
            remote_document,
            and_(
                remote_document.c.company == link.company,
                remote_document.c.flow == document.c.flow,
                remote_document.c.remote_id == link.remote_id,
            ),
        )
        .where(
            document.c.company == company,
            document.c.flow == spec.flow.value,
            link.gone_at.is_(None),
            spec.has_number(link.number, numbers),
        )
    )
    return [Booked(row.number, row.partner_remote_id, frozenset(filter(None, (row.day, row.there)))) for row in rows]
