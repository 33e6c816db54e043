"""Kinds of documents that an example proves: which one went first, and what came of it. The keeper of the table."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import Connection, delete, func, select
from sqlalchemy.dialects.postgresql import insert

from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.kinds import DocumentKind
from scoro_smartaccounts.common.reasons import Reason, phrase, reason
from scoro_smartaccounts.staging.conditions import of_flow
from scoro_smartaccounts.staging.schema import first_of_kind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scoro_smartaccounts.common.company import LedgerPolicy

# Longer than a request and the retries of its connection may last.
_RECENTLY = timedelta(minutes=10)


class KindState(StrEnum):
    """Sent: the first one is, or was about to be, in the books. Proved: it was booked as expected. Held: it was not.
    Unproved: no entry can tell anything of it, since the settings name no account or the kind shows in none; no other
    waits for it, each is told, and one whose entry can may prove the kind later."""

    SENT = "sent"
    UNPROVED = "unproved"
    PROVED = "proved"
    HELD = "held"


@dataclass(frozen=True, slots=True)
class FirstOfKind:
    """The document that went first. `reason` is what was wrong with it, where its kind is held. `is_recent`: it was let
    go so lately that another run may be sending it."""

    kind: DocumentKind
    flow: Flow
    source_id: str
    state: KindState
    reason: Reason | None
    is_recent: bool


def read_kinds(connection: Connection, company: str) -> dict[DocumentKind, FirstOfKind]:
    """All kinds of which a document was sent."""
    is_recent = (first_of_kind.c.changed_at > func.statement_timestamp() - _RECENTLY).label("is_recent")
    rows = connection.execute(select(first_of_kind, is_recent).where(first_of_kind.c.company == company))
    return {
        DocumentKind(row.kind): FirstOfKind(
            DocumentKind(row.kind),
            Flow(row.flow),
            row.source_id,
            KindState(row.state),
            None if row.reason is None else Reason.from_json(row.reason),
            row.is_recent,
        )
        for row in rows
    }


def unproved(connection: Connection, company: str, policy: LedgerPolicy) -> dict[DocumentKind, Reason]:
    """Return what to tell of plans of kinds that nothing has proved yet, and that the company does not trust."""
    known = read_kinds(connection, company)
    states = {kind: known[kind].state if kind in known else None for kind in DocumentKind if kind not in policy.trusted}
    return {
        kind: reason(
            "first_of_kind.not_seen" if state is KindState.UNPROVED else "first_of_kind", kind=phrase(kind.phrase)
        )
        for kind, state in states.items()
        if state is not KindState.PROVED
    }


def send_first(connection: Connection, company: str, kind: DocumentKind, flow: Flow, source_id: str) -> None:
    """Note that the document is about to be sent as the first of its kind, whichever was before."""
    values = {"flow": flow.value, "source_id": source_id, "state": KindState.SENT.value, "reason": None}
    connection.execute(
        insert(first_of_kind)
        .values(company=company, kind=kind.value, **values)
        .on_conflict_do_update(
            index_elements=["company", "kind"], set_={**values, "changed_at": func.statement_timestamp()}
        )
    )


def forget_first(connection: Connection, company: str, flow: Flow, source_id: str) -> None:
    """Forget a document that was not booked after all: the next one of its kinds goes first."""
    connection.execute(
        delete(first_of_kind).where(
            of_flow(first_of_kind, company, flow),
            first_of_kind.c.source_id == source_id,
            first_of_kind.c.state == KindState.SENT.value,
        )
    )


def forget_unproved(connection: Connection, company: str, flow: Flow) -> None:
    """Nothing was told of these kinds: the next one of them goes first."""
    connection.execute(
        delete(first_of_kind).where(
            of_flow(first_of_kind, company, flow),
            first_of_kind.c.state == KindState.UNPROVED.value,
        )
    )


def judge_kinds(
    connection: Connection,
    company: str,
    kinds: Iterable[DocumentKind],
    state: KindState,
    *,
    document: tuple[Flow, str],
    why: Reason | None = None,
) -> None:
    """Store what a document proves of these kinds, or what is wrong with them."""
    flow, source_id = document
    values = {
        "flow": flow.value,
        "source_id": source_id,
        "state": state.value,
        "reason": None if why is None else why.to_json(),
    }
    for kind in kinds:
        connection.execute(
            insert(first_of_kind)
            .values(company=company, kind=kind.value, **values)
            .on_conflict_do_update(
                index_elements=["company", "kind"], set_={**values, "changed_at": func.statement_timestamp()}
            )
        )
