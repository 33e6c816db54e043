"""Conditions that queries over several tables share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, and_

from scoro_smartaccounts.staging.bulk import any_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import FromClause

    from scoro_smartaccounts.common.documents import Flow
    from scoro_smartaccounts.common.run import RunRequest


def of_flow(table: FromClause, company: str | ColumnElement[str], flow: Flow) -> ColumnElement[bool]:
    """Return that a row is of a company's flow."""
    return and_(table.c.company == company, table.c.flow == flow.value)


def of_documents(table: FromClause, company: str, flow: Flow, source_ids: Iterable[str]) -> ColumnElement[bool]:
    """Return that a row is about one of these documents."""
    return and_(of_flow(table, company, flow), table.c.source_id == any_of(source_ids))


def of_run(table: FromClause, request: RunRequest) -> ColumnElement[bool]:
    """Return that a row is of a run."""
    return and_(table.c.company == request.company.key, table.c.run_key == request.run_key)


def same_document(left: FromClause, right: FromClause) -> ColumnElement[bool]:
    """Return that rows of both tables are about one document."""
    return and_(*(_equal(left, right, name) for name in ("company", "flow", "source_id")))


def _equal(left: FromClause, right: FromClause, name: str) -> ColumnElement[Any]:
    return left.c[name] == right.c[name]
