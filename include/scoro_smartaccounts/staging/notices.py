"""What people were told of: nothing is told again and again, and nothing that was held back is lost. The keeper of the
table."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, select, update

from scoro_smartaccounts.staging.bulk import upsert
from scoro_smartaccounts.staging.locks import transaction_lock
from scoro_smartaccounts.staging.schema import notice

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

_LOCK = "notices"


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that needs somebody. `kind`: what happened; `about`: to which DAG or flow; `words`: counts, and names
    of DAGs and runs; `path`: where it leads, below Airflow's address; `held_back`: how often it happened since it was
    told last, without a word."""

    kind: str
    about: str
    words: Mapping[str, Any] = field(default_factory=dict)
    path: str = ""
    held_back: int = 0


def hold_back(connection: Connection, company: str, of: Notice, since: datetime) -> bool:
    """Return whether the same was told since a moment; then it is counted. Others wait until this transaction ends."""
    transaction_lock(connection, company, _LOCK)
    row = {"held_back": notice.c.held_back + 1, "words": dict(of.words), "path": of.path}
    told = update(notice).where(*_same(company, of), notice.c.told_at > since).values(row).returning(notice.c.kind)
    return connection.execute(told).first() is not None


def with_held_back(connection: Connection, company: str, of: Notice) -> Notice:
    """Return it with how often it happened since it was told last."""
    count = connection.scalar(select(notice.c.held_back).where(*_same(company, of)))
    return replace(of, held_back=count or 0)


def note_told(connection: Connection, company: str, of: Notice, at: datetime) -> None:
    """Keep that it was told."""
    row = {"company": company, "kind": of.kind, "about": of.about, "told_at": at, "held_back": 0}
    upsert(connection, notice, [{**row, "words": dict(of.words), "path": of.path}])


def held_back(connection: Connection, company: str) -> list[tuple[Notice, datetime]]:
    """Return what happened without a word since it was told last, and when that was."""
    rows = connection.execute(select(notice).where(notice.c.company == company, notice.c.held_back > 0))
    return [(Notice(row.kind, row.about, row.words, row.path, row.held_back), row.told_at) for row in rows]


def _same(company: str, of: Notice) -> tuple[Any, ...]:
    return notice.c.company == company, notice.c.kind == of.kind, notice.c.about == of.about
