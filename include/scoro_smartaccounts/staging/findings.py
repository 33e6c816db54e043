"""Findings of a run: what was noticed about its documents, errors and warnings, by code."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, delete

from scoro_smartaccounts.reasons import Reason, Severity, severity_of
from scoro_smartaccounts.run import RunRequest
from scoro_smartaccounts.staging.bulk import upsert
from scoro_smartaccounts.staging.schema import finding


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
            finding.c.company == request.company.key,
            finding.c.run_key == request.run_key,
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
