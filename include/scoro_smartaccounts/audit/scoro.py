"""Scoro's side of a night: what was changed or deleted there after it was imported."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scoro_smartaccounts.common.run import AuditRequest
    from scoro_smartaccounts.services import Services


@dataclass(frozen=True, slots=True)
class ScoroNight:
    """What a night can say of Scoro. `state` is one of those of a night; empty: Scoro was not asked. `requests`: those
    that were sent; `evidence`: what the report tells, as plain JSON."""

    state: str = ""
    requests: int = 0
    evidence: Mapping[str, Any] = field(default_factory=dict)


def read_scoro(request: AuditRequest, services: Services) -> ScoroNight:
    """Hold Scoro's lists against what is known of them; differences become drifts of the system `scoro`.

    Not asked yet: what was changed or deleted in Scoro is told by the imports, for the days that they read.
    """
    return ScoroNight()
