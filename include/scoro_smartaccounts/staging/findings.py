"""Findings of a run: what was noticed about its documents, errors and warnings, by code."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, delete, func, select

from scoro_smartaccounts.common.reasons import Reason, Severity, severity_of
from scoro_smartaccounts.staging.bulk import any_of, upsert
from scoro_smartaccounts.staging.conditions import of_documents, of_flow, of_run, same_document
from scoro_smartaccounts.staging.schema import document, finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date, datetime

    from scoro_smartaccounts.common.documents import Flow
    from scoro_smartaccounts.common.run import RunRequest


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing noticed about a document; `position` tells several of one code apart."""

    source_id: str
    reason: Reason
    position: int = 0

    @property
    def code(self) -> str:
        """The reason's code."""
        return self.reason.code

    @property
    def severity(self) -> Severity:
        """An error or a warning."""
        return severity_of(self.reason)


def store_findings(
    connection: Connection, request: RunRequest, findings: Iterable[Finding], *, codes: Iterable[str]
) -> None:
    """Replace the run's findings of `codes`. Several of one code about one document are numbered."""
    connection.execute(
        delete(finding).where(
            of_run(finding, request),
            finding.c.code.in_(list(codes)),
        )
    )
    taken: set[tuple[str, str, int]] = set()
    rows = []
    for item in findings:
        position = item.position
        while (item.source_id, item.code, position) in taken:
            position += 1
        taken.add((item.source_id, item.code, position))
        rows.append(
            {
                "company": request.company.key,
                "run_key": request.run_key,
                "flow": request.flow.value,
                "source_id": item.source_id,
                "position": position,
                "code": item.code,
                "severity": item.severity.value,
                "reason": item.reason.to_json(),
            }
        )
    upsert(connection, finding, rows)


def drop_findings(connection: Connection, request: RunRequest, source_ids: Iterable[str], codes: Iterable[str]) -> None:
    """Forget the run's findings of `codes` about these documents."""
    connection.execute(
        delete(finding).where(
            of_run(finding, request), finding.c.source_id == any_of(source_ids), finding.c.code == any_of(codes)
        )
    )


def ids_with_error(connection: Connection, request: RunRequest, codes: Iterable[str]) -> set[str]:
    """Documents about which the run found an error of one of `codes`."""
    return set(
        connection.scalars(
            select(finding.c.source_id).where(
                of_run(finding, request), finding.c.severity == Severity.ERROR.value, finding.c.code == any_of(codes)
            )
        )
    )


@dataclass(frozen=True, slots=True)
class FoundAbout:
    """A finding, with the document's name for people: its number, or its Scoro id without one."""

    name: str
    day: date | None
    finding: Finding


def findings_of_run(
    connection: Connection, company: str, run_key: str, severity: Severity, *codes: str
) -> list[FoundAbout]:
    """Return what a run found, by code, day and document; of `codes` only, if any are given."""
    statement = (
        select(
            finding,
            func.coalesce(func.nullif(document.c.number, ""), document.c.source_id).label("name"),
            document.c.day,
        )
        .outerjoin(
            document,
            same_document(document, finding),
        )
        .where(finding.c.company == company, finding.c.run_key == run_key, finding.c.severity == severity.value)
        .order_by(finding.c.code, document.c.day, document.c.number, finding.c.source_id, finding.c.position)
    )
    if codes:
        statement = statement.where(finding.c.code == any_of(codes))
    rows = connection.execute(statement)
    return [FoundAbout(row.name, row.day, _finding(row)) for row in rows]


def findings_of_documents(
    connection: Connection, company: str, flow: Flow, judged_by: Mapping[str, str]
) -> dict[str, list[Finding]]:
    """Return what was found about documents by the run of the given key, by source id."""
    rows = connection.execute(
        select(finding)
        .where(
            of_documents(finding, company, flow, judged_by),
            finding.c.run_key == any_of(set(judged_by.values())),
        )
        .order_by(finding.c.code, finding.c.position)
    )
    found: dict[str, list[Finding]] = {}
    for row in rows:
        if judged_by[row.source_id] == row.run_key:
            found.setdefault(row.source_id, []).append(_finding(row))
    return found


def findings_of_document(
    connection: Connection, company: str, flow: Flow, source_id: str
) -> list[tuple[datetime, Finding]]:
    """All that was ever found about a document, and when."""
    rows = connection.execute(
        select(finding)
        .where(of_flow(finding, company, flow), finding.c.source_id == source_id)
        .order_by(finding.c.found_at, finding.c.code, finding.c.position)
    )
    return [(row.found_at, _finding(row)) for row in rows]


def _finding(row: Row[Any]) -> Finding:
    return Finding(row.source_id, Reason.from_json(row.reason), row.position)
