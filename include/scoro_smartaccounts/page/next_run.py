"""When the next run begins, as the page tells it after an answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from scoro_smartaccounts.page.airflow_api import DagState


@dataclass(frozen=True, slots=True)
class NextRun:
    """How the next run begins: `at` a moment, `soon` where that is over already, `paused` where its DAG is, `by_hand`
    where no schedule starts it, `unknown` where Airflow does not know the DAG."""

    how: Literal["at", "soon", "paused", "by_hand", "unknown"] = "unknown"
    dag: str = ""
    at: datetime | None = None


def next_run_of(dags: Mapping[str, DagState], names: Sequence[str], now: datetime) -> NextRun:
    """Return the next run of any of some DAGs."""
    known = {name: dags[name] for name in names if name in dags}
    awake = {name: each for name, each in known.items() if not each.is_paused}
    if not awake:
        return NextRun("paused", next(iter(known))) if known else NextRun()
    planned = [(each.next_at, name) for name, each in awake.items() if each.next_at is not None]
    if not planned:
        return NextRun("by_hand", next(iter(awake)))
    at, name = min(planned)
    return NextRun("soon" if at <= now else "at", name, at)
