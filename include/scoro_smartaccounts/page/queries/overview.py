"""The first screen: what waits for people, the connections, the flows, and the days of a month."""

from __future__ import annotations

from calendar import Calendar
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from scoro_smartaccounts.budget import DAY, MINUTE, Limits
from scoro_smartaccounts.common.clock import tallinn_day
from scoro_smartaccounts.common.documents import INTO_THE_BOOKS, Flow
from scoro_smartaccounts.page.queries.entries import listed_runs, shown_entry
from scoro_smartaccounts.staging import document_search
from scoro_smartaccounts.staging.approvals import count_unasked
from scoro_smartaccounts.staging.asked import (
    count_open_conflicts,
    count_open_pairs,
    open_question_runs,
    open_reasons,
)
from scoro_smartaccounts.staging.audit_nights import nights
from scoro_smartaccounts.staging.days_to_import import Coverage, read_coverage
from scoro_smartaccounts.staging.drifts import BOOKED_DIFFERENTLY, count_cases
from scoro_smartaccounts.staging.imported_days import CalendarDay, calendar_days
from scoro_smartaccounts.staging.request_log import count_requests, newest_request, paused_until
from scoro_smartaccounts.staging.runs import Entry, newest_entries
from scoro_smartaccounts.staging.waiting import count_waiting

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sqlalchemy import Connection

    from scoro_smartaccounts.common.company import Company

# What the list shows that the number leads to.
IN_DOUBT = document_search.Wanted(standing=document_search.Standing.IN_DOUBT)


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for people: documents in quarantine, documents to approve, planned ones to be asked about, pairs of
    records, contacts and products that may be several records, documents whose sending has no known answer, documents
    that were booked differently than planned, other differences of both systems."""

    cases: int
    approvals: int
    unasked: int
    pairs: int
    conflicts: int
    in_doubt: int
    alarms: int
    differences: int

    @property
    def count(self) -> int:
        """All of it."""
        return sum(getattr(self, each.name) for each in fields(self))


@dataclass(frozen=True, slots=True)
class Quota:
    """Requests to SmartAccounts of the last minute and the last 24 hours, of so many; `free_at`: when the next may
    leave, None: at once."""

    in_minute: int
    in_day: int
    limits: Limits
    free_at: datetime | None

    @property
    def percent(self) -> int:
        """How much of the day is used."""
        return min(100, round(100 * self.in_day / self.limits.per_day))


@dataclass(frozen=True, slots=True)
class FlowState:
    """A flow: its newest run, the newest preview that nobody followed, and its days; the export has no days. `is_left`:
    whether none of them is missing, and documents wait all the same."""

    flow: Flow
    newest: Entry | None
    preview: Entry | None
    coverage: Coverage | None
    is_left: bool


@dataclass(frozen=True, slots=True)
class Month:
    """A month of a flow in weeks from Monday on; None is a day of another month. `state` of a day that is not to be
    imported is None."""

    flow: Flow
    weeks: Sequence[Sequence[tuple[date, CalendarDay | None] | None]]


@dataclass(frozen=True, slots=True)
class Overview:
    """The screen. `held_up`: documents that go on once an obstacle is gone; `scoro_read_at`: when a run read Scoro
    last, previews apart; `watched_at`: when the last night that was told read both systems; `going_on`: keys of runs
    that are not over."""

    waiting: Waiting
    held_up: int
    quota: Quota
    scoro_read_at: datetime | None
    watched_at: datetime | None
    flows: Sequence[FlowState]
    months: Sequence[Month]
    first: date
    going_on: Collection[str]

    @property
    def is_new(self) -> bool:
        """Whether nothing was ever imported."""
        return all(each.newest is None for each in self.flows)

    @property
    def before(self) -> str:
        """The month before, as an address has it."""
        return f"{self.first - timedelta(days=1):%Y-%m}"

    @property
    def after(self) -> str:
        """The month after it."""
        return f"{self.first + timedelta(days=31):%Y-%m}"


def overview_of(
    connection: Connection,
    company: Company,
    limits: Limits,
    now: datetime,
    month: date | None = None,
    going_on: Collection[str] = (),
) -> Overview:
    """Return the screen; `month`: any day of the month that is shown; `going_on`: keys of runs that are not over."""
    today = tallinn_day(now)
    yesterday = today - timedelta(days=1)
    newest = {flow: shown_entry(each) for flow, each in newest_entries(connection, company.key).items()}
    night = next(iter(nights(connection, company.key, 1)), None)
    shown = (month or yesterday).replace(day=1)
    return Overview(
        waiting=waiting_of(connection, company.key),
        held_up=count_waiting(connection, company.key),
        quota=quota_of(connection, company.key, limits, now),
        scoro_read_at=max((newest[flow].started_at for flow in INTO_THE_BOOKS if flow in newest), default=None),
        watched_at=None if night is None else night.opened_at,
        flows=[_state(connection, company, flow, newest.get(flow), today) for flow in Flow],
        months=[_month(connection, company, flow, shown, yesterday, going_on) for flow in INTO_THE_BOOKS],
        first=shown,
        going_on=going_on,
    )


def is_left(connection: Connection, company: str, flow: Flow, coverage: Coverage | None) -> bool:
    """Whether no day is missing and documents wait all the same."""
    is_whole = coverage is not None and coverage.proposal is None
    return is_whole and document_search.is_any_left(connection, company, flow)


def waiting_of(connection: Connection, company: str) -> Waiting:
    """Return what waits for people."""
    alarms = count_cases(connection, company, BOOKED_DIFFERENTLY)
    return Waiting(
        cases=sum(each.documents for each in open_reasons(connection, company)),
        approvals=sum(each.documents for each in open_question_runs(connection, company)),
        unasked=count_unasked(connection, company),
        pairs=count_open_pairs(connection, company),
        conflicts=count_open_conflicts(connection, company),
        in_doubt=document_search.count(connection, company, IN_DOUBT),
        alarms=alarms,
        differences=count_cases(connection, company) - alarms,
    )


def quota_of(connection: Connection, company: str, limits: Limits, now: datetime) -> Quota:
    """Return how much of the company's requests is used."""
    oldest = newest_request(connection, company, limits.per_day, since=now - DAY)
    until = [paused_until(connection, company, now), None if oldest is None else oldest + DAY]
    return Quota(
        in_minute=count_requests(connection, company, since=now - MINUTE),
        in_day=count_requests(connection, company, since=now - DAY),
        limits=limits,
        free_at=max(filter(None, until), default=None),
    )


def _state(connection: Connection, company: Company, flow: Flow, newest: Entry | None, today: date) -> FlowState:
    runs = listed_runs(connection, company.key, flow)
    coverage = None if flow.is_export else read_coverage(connection, company, flow, today)
    return FlowState(
        flow=flow,
        newest=newest,
        preview=next((each.entry for each in runs if each.is_open), None),
        coverage=coverage,
        is_left=is_left(connection, company.key, flow, coverage),
    )


def _month(
    connection: Connection,
    company: Company,
    flow: Flow,
    first: date,
    yesterday: date,
    going_on: Collection[str],
) -> Month:
    weeks = Calendar().monthdatescalendar(first.year, first.month)
    last = max(day for week in weeks for day in week if day.month == first.month)
    left = document_search.left_by_day(connection, company.key, flow, first, last)
    days = {each.day: each for each in calendar_days(connection, company.key, flow, first, last, left, going_on)}
    imported = [day for day in days if company.first_import_date <= day <= yesterday]
    return Month(
        flow,
        [[(day, days[day] if day in imported else None) if day in days else None for day in week] for week in weeks],
    )
