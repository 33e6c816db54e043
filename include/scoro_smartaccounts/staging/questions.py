"""Questions to the accountant about plans, a flow each: opened, superseded, answered once. The keeper of the table;
what stands in them, `staging.approvals` tells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, Connection, exists, select, update
from sqlalchemy.dialects.postgresql import insert

from scoro_smartaccounts.staging.approvals import is_asked, is_asked_since_before
from scoro_smartaccounts.staging.schema import question

if TYPE_CHECKING:
    from datetime import datetime

    from scoro_smartaccounts.common.documents import Flow


def open_question(connection: Connection, company: str, flow: Flow, run_key: str, *, at: datetime) -> int | None:
    """Open a question in the name of a run; its id. None: the run has asked about the flow before."""
    question_id: int | None = connection.scalar(
        insert(question)
        .values(company=company, flow=flow.value, run_key=run_key, asked_at=at)
        .on_conflict_do_nothing()
        .returning(question.c.id)
    )
    return question_id


def close_empty(connection: Connection, company: str, flow: Flow, *, at: datetime) -> None:
    """Close the open questions of the flow in which no document stands any more."""
    connection.execute(
        update(question)
        .where(*_open(company), question.c.flow == flow.value, ~is_asked())
        .values(state="superseded", answered_at=at)
    )


def close_answered(connection: Connection, company: str, flow: Flow, run_key: str, *, by: str, at: datetime) -> None:
    """Close a run's question about the flow: it was answered."""
    connection.execute(
        update(question)
        .where(*_open(company), question.c.run_key == run_key, question.c.flow == flow.value)
        .values(state="answered", answered_by=by, answered_at=at)
    )


def note_alert(connection: Connection, company: str, run_key: str, *, at: datetime, asked_before: datetime) -> bool:
    """Note that an alert goes out about a run's questions, once a question; False where no document of them has waited
    since before then."""
    rows = connection.execute(
        update(question)
        .where(
            *_open(company),
            question.c.run_key == run_key,
            question.c.alerted_at.is_(None),
            is_asked_since_before(asked_before),
        )
        .values(alerted_at=at)
        .returning(question.c.id)
    )
    return bool(rows.all())


def has_left(connection: Connection, company: str, run_key: str) -> bool:
    """Whether a document stands in the questions of a run, answered ones too."""
    own = question.c.company == company, question.c.run_key == run_key
    return bool(connection.scalar(select(exists().where(*own, is_asked()))))


def _open(company: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return question.c.company == company, question.c.state == "open"
