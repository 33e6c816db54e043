"""Quarantine: documents that wait for a person, at most one case each.

A case is open, then released (try it again) or dismissed (never import this content), and resolved when the
document went on. Released and dismissed cases come back by themselves: a released one when the document fails
again, a dismissed one when the document changed and fails. A question that a person answered by releasing its case is
answered for good while the document stays as it was then (`staging.answers`), whatever other case takes its place.

This module keeps the table; what other rooms ask of it stands in `staging.cases`.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    Table,
    and_,
    bindparam,
    case,
    func,
    or_,
    select,
    text,
    true,
    update,
)
from sqlalchemy import Text as SqlText
from sqlalchemy.dialects.postgresql import insert

from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.errors import WrongUsage
from scoro_smartaccounts.common.reasons import Reason, questions, render
from scoro_smartaccounts.staging.bulk import any_of, loaded
from scoro_smartaccounts.staging.conditions import of_documents, of_flow, same_document
from scoro_smartaccounts.staging.schema import document, quarantine, run_document
from scoro_smartaccounts.staging.waiting import take_off

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import date, datetime

    from scoro_smartaccounts.common.run import RunRequest
    from scoro_smartaccounts.staging.answers import Choice

# Before a Scoro id where a name is asked for.
ID_PREFIX = "id:"

State = Literal["open", "released", "dismissed", "resolved"]


class AmbiguousName(WrongUsage):
    """A name that several documents have; the message says how to tell them apart."""


@dataclass(frozen=True, slots=True)
class StoredCase:
    """A case as it stands, with the document's name for people: its number, or its Scoro id without one.

    `run_key` is the run that opened it, or opened it again; `choice`: what a person chose who answered it;
    `answered_at`: when somebody let it be tried again.
    """

    flow: Flow
    source_id: str
    name: str
    day: date | None
    reason: Reason
    state: State
    note: str
    run_key: str
    opened_at: datetime
    closed_at: datetime | None
    choice: str = ""
    answered_at: datetime | None = None

    @property
    def decided_at(self) -> datetime | None:
        """When a person released or dismissed it; None where nobody has, or a run opened it again since."""
        return self.closed_at if self.state == "dismissed" else self.answered_at

    @property
    def message(self) -> str:
        """The reason's sentence, in English."""
        return render(self.reason)


def open_case(connection: Connection, request: RunRequest, cases: Mapping[str, Reason]) -> int:
    """Put documents into quarantine, by source id; the number of cases opened or brought up to date.

    A document that waits already keeps its one case, and since when it waits unless the reason is a new one. A
    released case is open again. A dismissed one stays as it is while the document is the one that was dismissed.
    """
    rows = ({"source_id": source_id, "code": item.code, "reason": item.to_json()} for source_id, item in cases.items())
    with loaded(connection, quarantine, rows) as new:
        if new is None:
            return 0
        _put_answers_aside(connection, request, new)
        source = (
            select(
                document.c.company,
                document.c.flow,
                new.c.source_id,
                document.c.content_hash,
                new.c.code,
                new.c.reason,
                bindparam("run_key", request.run_key, SqlText),
            )
            .join_from(new, document, document.c.source_id == new.c.source_id)
            .where(of_flow(document, request.company.key, request.flow))
            .order_by(new.c.source_id)
        )
        statement = insert(quarantine).from_select(
            ["company", "flow", "source_id", "content_hash", "code", "reason", "run_key"], source
        )
        taken = statement.excluded
        same_reason = quarantine.c.code == taken.code
        statement = statement.on_conflict_do_update(
            index_elements=["company", "flow", "source_id"],
            index_where=text("state in ('open', 'released', 'dismissed')"),
            set_={
                **{name: taken[name] for name in ("content_hash", "code", "reason")},
                "opened_at": case((same_reason, quarantine.c.opened_at), else_=func.now()),
                "run_key": case(
                    (and_(same_reason, quarantine.c.state == "open"), quarantine.c.run_key), else_=taken.run_key
                ),
                "state": "open",
                "choice": "",
                "answered_at": None,
                "closed_at": None,
            },
            where=or_(quarantine.c.state != "dismissed", quarantine.c.content_hash != taken.content_hash),
        )
        return connection.execute(statement, execution_options={"preserve_rowcount": True}).rowcount


def _put_answers_aside(connection: Connection, request: RunRequest, new: Table) -> None:
    """Let an answered question make way for a case of another code or for another question, and stays answered as a
    closed case of its own."""
    connection.execute(
        update(quarantine)
        .where(
            of_flow(quarantine, request.company.key, request.flow),
            quarantine.c.source_id == new.c.source_id,
            quarantine.c.state == "released",
            or_(
                quarantine.c.code != new.c.code,
                and_(new.c.code == any_of(questions()), quarantine.c.reason != new.c.reason),
            ),
        )
        .values(state="resolved", closed_at=func.now())
    )


def resolve(
    connection: Connection, request: RunRequest, source_ids: Iterable[str], codes: Collection[str] | None = None
) -> int:
    """Close the cases of documents that went on, only those with one of `codes` if given; the number closed.

    A dismissed case closes only when the document is no longer the one that was dismissed.
    """
    ids = list(source_ids)
    if not ids:
        return 0
    statement = (
        update(quarantine)
        .where(
            of_documents(quarantine, request.company.key, request.flow, ids),
            same_document(document, quarantine),
            or_(
                quarantine.c.state.in_(["open", "released"]),
                and_(quarantine.c.state == "dismissed", quarantine.c.content_hash != document.c.content_hash),
            ),
        )
        .values(state="resolved", closed_at=func.now())
    )
    if codes is not None:
        statement = statement.where(quarantine.c.code == any_of(codes))
    return connection.execute(statement).rowcount


def dismissed(connection: Connection, request: RunRequest) -> dict[str, str]:
    """Return the note by source id, of the run's documents without an outcome that a person dismissed as they are
    now."""
    rows = connection.execute(
        select(quarantine.c.source_id, quarantine.c.note)
        .join(document, same_document(document, quarantine))
        .join(
            run_document,
            same_document(run_document, quarantine),
        )
        .where(
            of_flow(quarantine, request.company.key, request.flow),
            quarantine.c.state == "dismissed",
            quarantine.c.content_hash == document.c.content_hash,
            run_document.c.run_key == request.run_key,
            run_document.c.outcome.is_(None),
        )
    )
    return {row.source_id: row.note for row in rows}


def release(
    connection: Connection, company: str, names: Iterable[str], note: str, flow: Flow | None = None
) -> list[StoredCase]:
    """Let the next run try documents again, dismissed ones too; the cases that were released.

    `names` are document numbers, or `id:` and the Scoro id; of all flows unless one is named. Raises AmbiguousName for
    a name of several documents in quarantine.
    """
    names = list(names)
    _refuse_ambiguous(connection, company, names, flow)
    return _decide(connection, company, names, note, flow, from_states=("open", "dismissed"), to_state="released")


def choose(
    connection: Connection,
    company: str,
    names: Iterable[str],
    choice: Choice,
    *,
    code: str,
    month: str = "",
    note: str = "",
    flow: Flow | None = None,
) -> list[StoredCase]:
    """Answer a question with several answers, of a code; the cases that were answered. `month`: which the question is
    about, empty where that does not matter; `names` as of `release`."""
    names = list(names)
    _refuse_ambiguous(connection, company, names, flow)
    is_meant = quarantine.c.code == code
    if month:
        is_meant &= quarantine.c.reason["values"]["month"].astext == month
    states: tuple[State, ...] = ("open", "released")
    to: State = "released"
    return _decide(
        connection, company, names, note, flow, from_states=states, to_state=to, choice=choice, is_meant=is_meant
    )


def dismiss(
    connection: Connection, company: str, names: Iterable[str], note: str, flow: Flow | None = None
) -> list[StoredCase]:
    """Never import documents as they are now, for the reason in `note`; the cases that were dismissed.

    `names` as of `release`; documents that wait for others may be dismissed too.
    """
    if not note.strip():
        raise ValueError("a dismissal needs a note")
    names = list(names)
    _quarantine_what_waits(connection, company, names, flow)
    _refuse_ambiguous(connection, company, names, flow)
    return _decide(connection, company, names, note, flow, from_states=("open", "released"), to_state="dismissed")


def take_back(connection: Connection, company: str, flow: Flow, source_ids: Iterable[str]) -> int:
    """Open cases again that a person answered and that no run has acted on since; how many. The note goes with the
    answer."""
    return connection.execute(
        update(quarantine)
        .where(
            of_documents(quarantine, company, flow, source_ids),
            same_document(document, quarantine),
            quarantine.c.content_hash == document.c.content_hash,
            quarantine.c.state.in_(("released", "dismissed")),
        )
        .values(state="open", note="", choice="", answered_at=None, closed_at=None)
    ).rowcount


def dismiss_undone(
    connection: Connection, company: str, flow: Flow, source_id: str, why: Reason, note: str, run_key: str
) -> None:
    """Never import a document as it is by itself again, since it was taken back: a dismissed case in the place of the
    one that it may have."""
    row = select(
        document.c.company,
        document.c.flow,
        document.c.source_id,
        document.c.content_hash,
        *(
            bindparam(name, value, kind).label(name)
            for name, value, kind in (
                ("code", why.code, SqlText()),
                ("reason", why.to_json(), quarantine.c.reason.type),
                ("run_key", run_key, SqlText()),
                ("state", "dismissed", SqlText()),
                ("note", note, SqlText()),
            )
        ),
        func.now(),
    ).where(of_documents(document, company, flow, [source_id]))
    names = ["company", "flow", "source_id", "content_hash", "code", "reason", "run_key", "state", "note", "closed_at"]
    statement = insert(quarantine).from_select(names, row)
    taken = ("content_hash", "code", "reason", "run_key", "state", "note", "closed_at")
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["company", "flow", "source_id"],
            index_where=text("state in ('open', 'released', 'dismissed')"),
            set_={**{name: statement.excluded[name] for name in taken}, "choice": "", "answered_at": None},
        )
    )


def _refuse_ambiguous(connection: Connection, company: str, names: Iterable[str], flow: Flow | None) -> None:
    for name, called in _in_quarantine(connection, company, names, flow).items():
        if len(called) > 1:
            flows = sorted({flow for flow, _ in called})
            ids = sorted({source_id for _, source_id in called})
            ways = (
                [shlex.quote(f"{ID_PREFIX}{each}") for each in ids]
                if len(flows) == 1
                else [f"--flow {flow}" for flow in flows]
            )
            raise AmbiguousName(
                f"{len(called)} documents in quarantine are called {name}: say which by {' or '.join(ways)}."
            )


def _in_quarantine(
    connection: Connection, company: str, names: Iterable[str], flow: Flow | None
) -> dict[str, list[tuple[str, str]]]:
    """Return flow and source id of the documents in quarantine that are called so, by name, of those names that any
    is."""
    wanted = list(names)
    rows = connection.execute(
        select(quarantine.c.flow, quarantine.c.source_id, _NAME.label("name")).where(
            _waits(company), _named(wanted, flow)
        )
    )
    called: dict[str, list[tuple[str, str]]] = {}
    for row in rows:
        for name in {row.name, f"{ID_PREFIX}{row.source_id}"}:
            called.setdefault(name, []).append((row.flow, row.source_id))
    return {name: called[name] for name in wanted if name in called}


def _quarantine_what_waits(connection: Connection, company: str, names: Sequence[str], flow: Flow | None) -> None:
    """Give a case to what waits for something: it gets one of what it waits for, and waits no more. A name that a
    document in quarantine has means that one."""
    known = _in_quarantine(connection, company, names, flow)
    unknown = [name for name in names if name not in known]
    found = [
        {
            "company": company,
            "flow": row.flow,
            "source_id": row.source_id,
            "run_key": "dismiss",
            "code": row.why.code,
            "reason": row.why.to_json(),
            "content_hash": row.content_hash,
        }
        for row in take_off(connection, company, _called(unknown, flow))
    ]
    if found:
        connection.execute(insert(quarantine).on_conflict_do_nothing(), found)


def reopen(connection: Connection, company: str, flow: Flow, source_ids: Iterable[str], code: str) -> None:
    """Cases of a code that were closed just now go on, and since when they are open: the newest of each document."""
    newest = (
        select(func.max(quarantine.c.id))
        .where(
            of_documents(quarantine, company, flow, source_ids),
        )
        .group_by(quarantine.c.source_id)
    )
    connection.execute(
        update(quarantine)
        .where(quarantine.c.id.in_(newest), quarantine.c.state == "resolved", quarantine.c.code == code)
        .values(state="open", closed_at=None)
    )


def close_where(connection: Connection, company: str, flow: Flow, is_settled: ColumnElement[bool]) -> None:
    """Close the open and released cases of a flow that meet a condition over `case_id()`."""
    connection.execute(
        update(quarantine)
        .where(
            of_flow(quarantine, company, flow),
            quarantine.c.state.in_(("open", "released")),
            is_settled,
        )
        .values(state="resolved", closed_at=func.now())
    )


def case_id() -> ColumnElement[str]:
    """Return the source id of a case, in conditions of `close_where`."""
    return quarantine.c.source_id


def list_cases(connection: Connection, company: str, states: Collection[State]) -> list[StoredCase]:
    """Cases of a company in any of `states`, the longest waiting first."""
    statement = stored_cases().where(quarantine.c.company == company, quarantine.c.state.in_(list(states)))
    return [case_of(row) for row in connection.execute(statement.order_by(quarantine.c.opened_at, quarantine.c.id))]


def cases_of_document(connection: Connection, company: str, flow: Flow, source_id: str) -> list[StoredCase]:
    """All cases that a document ever had, the oldest first."""
    statement = stored_cases().where(of_flow(quarantine, company, flow), quarantine.c.source_id == source_id)
    return [case_of(row) for row in connection.execute(statement.order_by(quarantine.c.id))]


def _decide(
    connection: Connection,
    company: str,
    names: Iterable[str],
    note: str,
    flow: Flow | None,
    *,
    from_states: tuple[State, ...],
    to_state: State,
    choice: str = "",
    is_meant: ColumnElement[bool] | None = None,
) -> list[StoredCase]:
    ids = list(
        connection.scalars(
            update(quarantine)
            .where(
                quarantine.c.company == company,
                quarantine.c.state.in_(from_states),
                _named(names, flow),
                true() if is_meant is None else is_meant,
            )
            .values(
                state=to_state,
                note=note.strip(),
                choice=choice,
                content_hash=document.c.content_hash,
                answered_at=func.now() if to_state == "released" else None,
                closed_at=func.now() if to_state == "dismissed" else None,
            )
            .returning(quarantine.c.id)
        )
    )
    if not ids:
        return []
    return [case_of(row) for row in connection.execute(stored_cases().where(quarantine.c.id.in_(ids)).order_by(_NAME))]


_NAME: ColumnElement[str] = func.coalesce(func.nullif(document.c.number, ""), document.c.source_id)


def _named(names: Iterable[str], flow: Flow | None) -> ColumnElement[bool]:
    """Cases of these documents."""
    return and_(same_document(document, quarantine), _called(names, flow))


def _called(names: Iterable[str], flow: Flow | None) -> ColumnElement[bool]:
    """Documents of these names."""
    wanted = list(names)
    ids = [name.removeprefix(ID_PREFIX) for name in wanted if name.startswith(ID_PREFIX)]
    of_flow = true() if flow is None else document.c.flow == flow.value
    return and_(of_flow, or_(_NAME.in_(wanted), document.c.source_id.in_(ids)))


def _waits(company: str) -> ColumnElement[bool]:
    return and_(quarantine.c.company == company, quarantine.c.state.in_(("open", "released", "dismissed")))


def stored_cases() -> Select[Any]:
    """Within this room: a query of cases, of which `case_of` reads the rows."""
    return select(*quarantine.columns, _NAME.label("name"), document.c.day).join(
        document, same_document(document, quarantine)
    )


def case_of(row: Row[Any]) -> StoredCase:
    """Within this room: a row of `stored_cases`."""
    return StoredCase(
        flow=Flow(row.flow),
        source_id=row.source_id,
        name=row.name,
        day=row.day,
        reason=Reason.from_json(row.reason),
        state=row.state,
        note=row.note,
        run_key=row.run_key,
        opened_at=row.opened_at,
        closed_at=row.closed_at,
        choice=row.choice,
        answered_at=row.answered_at,
    )
