"""Which days of a flow were imported: a set of days, so that overlaps are harmless and holes are visible.

Everything that is said about imported days rests on `read_coverage`: what a run by hand takes when nobody names days,
the trigger form and the summary.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Date, bindparam, text

from scoro_smartaccounts.common.run import RunKind, RunRequest
from scoro_smartaccounts.staging.links import KIND_OF
from scoro_smartaccounts.staging.runs import days_of

if TYPE_CHECKING:
    from scoro_smartaccounts.common.company import Company
    from scoro_smartaccounts.common.documents import Flow

log = logging.getLogger(__name__)

_ONE_DAY = timedelta(days=1)

_HOLES = text(
    """
with missing as (
  select day, day - cast(row_number() over (order by day) as integer) as island
  from (select cast(generate_series(:first, :last, interval '1 day') as date) as day) as days
  where not exists (select from coverage c where c.company = :company and c.flow = :flow and c.day = days.day)
)
select min(day) as first, max(day) as last from missing group by island order by first
"""
).bindparams(bindparam("first", type_=Date), bindparam("last", type_=Date))


# Days that some run listed in full once they were over (`whole_days` of its extraction, from its first day on), and of
# whose documents none is left without a result, whichever run it came from.
_DECIDED = text(
    """
with listed as (
  select distinct cast(
    generate_series(date_from, date_from + cast(counts -> 'extract' ->> 'whole_days' as integer) - 1, interval '1 day')
    as date
  ) as day
  from run
  where company = :company and flow = :flow and mode <> 'preview' and counts -> 'extract' ? 'whole_days'
), days as (
  select day from listed
  where not exists (select from coverage c where c.company = :company and c.flow = :flow and c.day = listed.day)
), undecided as (
  select d.day from document d
  where d.company = :company and d.flow = :flow and d.day in (select day from days)
    and not d.is_deleted and not d.is_missing
    and not exists (
      select from link l
      where l.company = d.company and l.kind = :kind and l.source_id = d.source_id and l.source_part = 0)
    and not exists (
      select from approval a
      where a.company = d.company and a.flow = d.flow and a.source_id = d.source_id and a.state = 'declined')
    and not exists (
      select from quarantine q
      where q.company = d.company and q.flow = d.flow and q.source_id = d.source_id
        and q.state = 'dismissed' and q.content_hash = d.content_hash)
    and coalesce((
      select x.outcome from run_document x
      join run r on r.company = x.company and r.run_key = x.run_key and r.mode <> 'preview'
      where x.company = d.company and x.flow = d.flow and x.source_id = d.source_id
      order by r.started_at desc, r.run_key desc limit 1
    ), '') in ('', 'planned', 'not_sent', 'plan_changed', 'in_doubt')
)
insert into coverage (company, flow, day, run_key)
select :company, :flow, day, :run_key from days where day not in (select day from undecided)
on conflict do nothing
"""
)


@dataclass(frozen=True, slots=True)
class Days:
    """Days in a row, both ends included."""

    first: date
    last: date

    def __str__(self) -> str:
        first = f"{self.first:%d.%m.%Y}"
        return first if self.first == self.last else f"{first}-{self.last:%d.%m.%Y}"

    @property
    def count(self) -> int:
        """How many days."""
        return (self.last - self.first).days + 1


@dataclass(frozen=True, slots=True)
class Coverage:
    """The days from the company's first import date to `yesterday` that no run has covered, the earliest first."""

    since: date
    yesterday: date
    holes: tuple[Days, ...]

    @property
    def proposal(self) -> Days | None:
        """What to import next: the earliest hole, at the latest the days after the last imported one to yesterday.
        None: everything up to yesterday is imported."""
        return self.holes[0] if self.holes else None

    @property
    def missing(self) -> int:
        """How many days are not imported."""
        return sum(hole.count for hole in self.holes)

    def __str__(self) -> str:
        if self.since > self.yesterday:
            return f"Nothing is to be imported before {self.since:%d.%m.%Y}, the first import date."
        if self.proposal is None:
            return f"Imported without a hole from {self.since:%d.%m.%Y} to {self.yesterday:%d.%m.%Y}."
        others = len(self.holes) - 1
        more = f" {others} more stretches of days are not imported either." if others else ""
        return f"Next to import: {self.proposal}.{more}"


def read_coverage(connection: Connection, company: Company, flow: Flow, today: date) -> Coverage:
    """Return what is imported and what is not, as it stands today (a Tallinn day)."""
    since, yesterday = company.first_import_date, today - _ONE_DAY
    rows = connection.execute(
        _HOLES, {"company": company.key, "flow": flow.value, "first": since, "last": yesterday}
    ).all()
    return Coverage(since, yesterday, tuple(Days(row.first, row.last) for row in rows))


def is_day_covered(connection: Connection, company: str, flow: Flow, day: date) -> bool:
    """Whether a day of the flow was imported."""
    found = text(
        "select exists (select from coverage where company = :company and flow = :flow and day = :day)"
    ).bindparams(bindparam("day", type_=Date))
    return bool(connection.scalar(found, {"company": company, "flow": flow.value, "day": day}))


def is_any_day_missing(connection: Connection, company: str, flow: Flow, first: date, last: date) -> bool:
    """Whether any of these days, both ends included, was not imported."""
    found = text(
        "select count(*) from coverage where company = :company and flow = :flow and day between :first and :last"
    ).bindparams(bindparam("first", type_=Date), bindparam("last", type_=Date))
    values = {"company": company, "flow": flow.value, "first": first, "last": last}
    return bool(connection.scalar(found, values) != (last - first).days + 1)


def is_any_day_covered(connection: Connection, company: str, flow: Flow) -> bool:
    """Whether any day of the flow was imported."""
    found = text("select exists (select from coverage where company = :company and flow = :flow)")
    return bool(connection.scalar(found, {"company": company, "flow": flow.value}))


def takes_the_proposal(request: RunRequest) -> bool:
    """Whether the run's days are the proposal: started by hand, without days. The export covers no days."""
    return request.kind is RunKind.MANUAL and not request.is_range and not request.flow.is_export


def proposed_days(connection: Connection, request: RunRequest, today: date) -> Days:
    """Return the days of a run that takes the proposal: once it has begun those that it began with, whatever was
    imported since. Where nothing is missing: yesterday, once more."""
    begun = days_of(connection, request.company.key, request.run_key)
    if begun is not None:
        return Days(*begun)
    known = read_coverage(connection, request.company, request.flow, today)
    log.info("No days were named. %s", known)
    return known.proposal or Days(known.yesterday, known.yesterday)


def cover_decided_days(connection: Connection, company: str, flow: Flow, run_key: str) -> None:
    """Note the flow's days as imported that were listed in full and of whose documents all are booked, declined,
    dismissed, quarantined or waiting. `run_key`: the run that sees it; the days may be those of others, which failed
    and whose documents a later run took."""
    connection.execute(
        _DECIDED, {"company": company, "flow": flow.value, "kind": KIND_OF[flow].value, "run_key": run_key}
    )
