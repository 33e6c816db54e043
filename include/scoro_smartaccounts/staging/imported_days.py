"""The days of a month as a calendar shows them: imported, empty, missing, failing."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Date, bindparam, text

if TYPE_CHECKING:
    from datetime import date

    from scoro_smartaccounts.common.documents import Flow


class DayState(StrEnum):
    """What is known of a day. Empty: imported, without a document. Failing: the newest run of it, previews apart, did
    not come to its end."""

    IMPORTED = "imported"
    EMPTY = "empty"
    MISSING = "missing"
    FAILING = "failing"


@dataclass(frozen=True, slots=True)
class CalendarDay:
    """A day, and how many documents it has."""

    day: date
    state: DayState
    documents: int


_DAYS = text(
    """
with days as (
  select cast(generate_series(:first, :last, interval '1 day') as date) as day
), runs as materialized (
  select date_from, date_to, started_at,
    summary is null and started_at < now() - interval '1 hour' or summary -> 'missing_steps' <> '[]' as is_broken
  from run
  where company = :company and flow = :flow and mode <> 'preview' and date_to >= :first and date_from <= :last
), newest as (
  select distinct on (d.day) d.day, r.is_broken from days d
  join runs r on d.day between r.date_from and r.date_to
  order by d.day, r.started_at desc
), documents as (
  select day, count(*) as documents from document
  where company = :company and flow = :flow and day between :first and :last and not is_deleted and not is_missing
  group by day
)
select d.day,
  exists (select from coverage c where c.company = :company and c.flow = :flow and c.day = d.day) as is_covered,
  coalesce(documents.documents, 0) as documents,
  coalesce(newest.is_broken, false) as is_broken
from days d left join documents on documents.day = d.day left join newest on newest.day = d.day
order by d.day
"""
).bindparams(bindparam("first", type_=Date), bindparam("last", type_=Date))


def calendar_days(connection: Connection, company: str, flow: Flow, first: date, last: date) -> list[CalendarDay]:
    """Return these days, both ends included."""
    rows = connection.execute(_DAYS, {"company": company, "flow": flow.value, "first": first, "last": last})
    return [
        CalendarDay(
            row.day,
            (DayState.IMPORTED if row.documents else DayState.EMPTY)
            if row.is_covered
            else (DayState.FAILING if row.is_broken else DayState.MISSING),
            row.documents,
        )
        for row in rows
    ]
