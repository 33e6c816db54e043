"""Runs of the ledger as pages show them: what their summaries say, whichever version wrote them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from scoro_smartaccounts.common.company import Mode
from scoro_smartaccounts.common.stored import items, mapping, whole_number
from scoro_smartaccounts.staging.runs import newest_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from scoro_smartaccounts.common.documents import Flow
    from scoro_smartaccounts.staging.runs import Entry

_COUNTS = ("created", "planned", "quarantined", "seen")
# So many runs of a flow are listed; among so many a preview is looked for that nobody followed.
LISTED, _LOOKED_THROUGH = 5, 30


@dataclass(frozen=True, slots=True)
class ListedRun:
    """A run in a list. `is_open`: a preview of which there is something to import, and whose days no run took since."""

    entry: Entry
    is_open: bool


def shown_entry(entry: Entry) -> Entry:
    """Return a run whose summary has the numbers that pages show: None for one that was not stored."""
    if not entry.summary:
        return entry
    summary = mapping(entry.summary)
    documents = mapping(summary.get("documents"))
    counts = {name: whole_number(documents.get(name)) for name in _COUNTS}
    return replace(entry, summary={"documents": counts, "missing_steps": items(summary.get("missing_steps"))})


def listed_runs(connection: Connection, company: str, flow: Flow) -> Sequence[ListedRun]:
    """Return the newest runs of a flow, the newest first, and behind them the newest preview that nobody followed where
    it is none of them."""
    newest = [shown_entry(each) for each in newest_of(connection, company, flow, _LOOKED_THROUGH)]
    runs = [ListedRun(each, _is_open(each, newest[:place])) for place, each in enumerate(newest)]
    listed = runs[:LISTED]
    if not any(each.is_open for each in listed):
        listed += [each for each in runs[LISTED:] if each.is_open][:1]
    return listed


def _is_open(run: Entry, later: Sequence[Entry]) -> bool:
    """Whether it is a preview that came to its end and planned something, and no later run took its days."""
    summary = run.summary
    is_plan = summary and summary["documents"]["planned"] and not summary["missing_steps"]
    if run.mode != Mode.PREVIEW.value or not is_plan:
        return False
    # The export takes whatever was added since the last time, whichever days it names.
    if run.flow.is_export and any(each.mode != Mode.PREVIEW.value for each in later):
        return False
    day = run.date_from
    for each in sorted(later, key=lambda other: other.date_from):
        if each.date_from <= day <= each.date_to:
            if each.date_to >= run.date_to:
                return False
            day = each.date_to + timedelta(days=1)
    return True
