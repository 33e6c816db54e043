"""The days of a month as a calendar shows them: imported, empty, partly, missing, waiting, failing."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import ARRAY, Connection, Date, Text, bindparam, text

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import date

    from scoro_smartaccounts.common.documents import Flow


class DayState(StrEnum):
    """What is known of a day. Imported: nothing of it is left. Empty: imported, without a document. Partly: some of its
    documents wait for a decision, an approval or the next run. Waiting: the newest run of it, previews apart, is not
    over. Failing: that run did not come to its end."""

    IMPORTED = "imported"
    EMPTY = "empty"
    PARTLY = "partly"
    MISSING = "missing"
    WAITING = "waiting"
    FAILING = "failing"


@dataclass(frozen=True, slots=True)
class CalendarDay:
    """A day, how many documents it has, and how many of them are left. `run_key`: the run that it waits for."""

    day: date
    state: DayState
    documents: int
    left: int
    run_key: str = ""


_DAYS = text(
    """
with days as (
  select cast(generate_series(:first, :last, interval '1 day') as date) as day
), runs as materialized (
  select run_key, date_from, date_to, started_at,
    -- What approves adds the flow to the key of its run.
    split_part(run_key, '/', 1) || '/' || split_part(run_key, '/', 2) = any(:going_on)
      or summary is null and started_at > now() - interval '1 hour' as is_waiting,
    summary is null or summary -> 'missing_steps' <> '[]' as is_broken
  from run
  where company = :company and flow = :flow and mode <> 'preview' and date_to >= :first and date_from <= :last
), newest as (
  select distinct on (d.day) d.day, r.run_key, r.is_waiting, r.is_broken from days d
  join runs r on d.day between r.date_from and r.date_to
  order by d.day, r.started_at desc
), documents as (
  select day, count(*) as documents from document
  where company = :company and flow = :flow and day between :first and :last and not is_deleted and not is_missing
  group by day
), asked as (
  select distinct d.day from approval a
  join document d on d.company = a.company and d.flow = a.flow and d.source_id = a.source_id
  where a.company = :company and a.flow = :flow and a.state in ('planned', 'asked') and d.day between :first and :last
)
select d.day,
  exists (select from coverage c where c.company = :company and c.flow = :flow and c.day = d.day) as is_covered,
  coalesce(documents.documents, 0) as documents,
  coalesce(newest.is_broken, false) as is_broken,
  coalesce(newest.is_waiting, false) as is_waiting,
  d.day in (select day from asked) as is_asked,
  newest.run_key
from days d left join documents on documents.day = d.day left join newest on newest.day = d.day
order by d.day
"""
).bindparams(bindparam("first", type_=Date), bindparam("last", type_=Date), bindparam("going_on", type_=ARRAY(Text)))


def calendar_days(
    connection: Connection,
    company: str,
    flow: Flow,
    first: date,
    last: date,
    left: Mapping[date, int],
    going_on: Collection[str] = (),
) -> list[CalendarDay]:
    """Return these days, both ends included. `left`: how many documents of a day are left; `going_on`: keys of
    Airflow's runs that are not over; of other runs it is believed for an hour."""
    values = {"company": company, "flow": flow.value, "first": first, "last": last, "going_on": list(going_on)}
    found = []
    for row in connection.execute(_DAYS, values):
        waits = left.get(row.day, 0)
        state = _state(row, waits)
        run_key = row.run_key if state is DayState.WAITING else ""
        found.append(CalendarDay(row.day, state, max(row.documents, waits), waits, run_key))
    return found


def _state(row: Any, left: int) -> DayState:
    if row.is_covered and left:
        return DayState.PARTLY
    if row.is_covered:
        return DayState.IMPORTED if row.documents else DayState.EMPTY
    if row.is_waiting:
        return DayState.WAITING
    if row.is_broken:
        return DayState.FAILING
    # Such a day is not imported before it is answered, and nothing else is to be done about it.
    return DayState.PARTLY if row.is_asked and left else DayState.MISSING
