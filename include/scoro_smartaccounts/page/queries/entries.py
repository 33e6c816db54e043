"""Runs of the ledger as pages show them: what their summaries say, whichever version wrote them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from scoro_smartaccounts.common.stored import items, mapping, whole_number

if TYPE_CHECKING:
    from scoro_smartaccounts.staging.runs import Entry

_COUNTS = ("created", "planned", "quarantined", "seen")


def shown_entry(entry: Entry) -> Entry:
    """Return a run whose summary has the numbers that pages show: None for one that was not stored."""
    if not entry.summary:
        return entry
    summary = mapping(entry.summary)
    documents = mapping(summary.get("documents"))
    counts = {name: whole_number(documents.get(name)) for name in _COUNTS}
    return replace(entry, summary={"documents": counts, "missing_steps": items(summary.get("missing_steps"))})
