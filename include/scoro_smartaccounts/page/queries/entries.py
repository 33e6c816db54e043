"""Runs of the ledger as pages show them: what their summaries say, whichever version wrote them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from scoro_smartaccounts.common.stored import items, mapping, whole_number
from scoro_smartaccounts.staging.open_previews import open_previews
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
    """A run in a list. `is_open`: a preview whose days were not imported since, and of which there is something to
    import."""

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
    keys = open_previews(connection, company, flow, [each.run_key for each in newest if _plans_something(each)])
    runs = [ListedRun(each, each.run_key in keys) for each in newest]
    listed = runs[:LISTED]
    if not any(each.is_open for each in listed):
        listed += [each for each in runs[LISTED:] if each.is_open][:1]
    return listed


def _plans_something(preview: Entry) -> bool:
    """Whether it came to its end, and there is something that an import would create."""
    summary = preview.summary
    return bool(summary and summary["documents"]["planned"] and not summary["missing_steps"])
