"""All entries of the catalogue by key, and the codes of each step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scoro_smartaccounts.common.reasons import (
    audit,
    audit_scoro,
    outcomes,
    payments,
    periods,
    planning,
    quality,
    reading,
    sending,
)

if TYPE_CHECKING:
    from scoro_smartaccounts.common.reasons.message import Entry, Severity, Step

REASONS: dict[str, Entry] = {
    entry.key: entry
    for room in (reading, quality, planning, periods, payments, sending, outcomes, audit, audit_scoro)
    for entry in room.ENTRIES
}


def codes_of(step: Step, *severities: Severity) -> frozenset[str]:
    """Return the codes of a step, of these severities."""
    return frozenset(entry.code for entry in REASONS.values() if entry.step is step and entry.severity in severities)


def questions() -> frozenset[str]:
    """Return the codes that a person may answer."""
    return frozenset(entry.code for entry in REASONS.values() if entry.is_question)
