"""Whether both systems agree: the last night, what differs since the import, and the control totals of each month."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from scoro_smartaccounts.audit.report import notes_of
from scoro_smartaccounts.common.clock import tallinn_day
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.page.queries.bars import Picture, pictures_of
from scoro_smartaccounts.page.queries.month_returns import MonthReturn, return_of
from scoro_smartaccounts.page.queries.pages import Listed, listed
from scoro_smartaccounts.page.queries.undoing import ShownUndo, undo_of
from scoro_smartaccounts.staging.audit_nights import newest_night, nights
from scoro_smartaccounts.staging.control_totals import (
    StoredCause,
    causes_of,
    differing_months,
    last_page,
    last_pages,
    totals_of,
)
from scoro_smartaccounts.staging.documents import read_documents
from scoro_smartaccounts.staging.drifts import (
    count_cases,
    drifts_of,
    drifts_since,
    has_open_drifts,
    open_case,
    open_cases,
)
from scoro_smartaccounts.staging.links import KIND_OF, linked_remote_ids
from scoro_smartaccounts.staging.runs import runs_that_created

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date, datetime

    from sqlalchemy import Connection

    from scoro_smartaccounts.common.reasons import Reason
    from scoro_smartaccounts.staging.audit_nights import Night
    from scoro_smartaccounts.staging.control_totals import StoredTotal, WrittenPage
    from scoro_smartaccounts.staging.documents import StagedDocument
    from scoro_smartaccounts.staging.drifts import Drift, OpenCase
    from scoro_smartaccounts.staging.runs import CreatingRun

MOST_CASES = 100
MOST_SHOWN = 500
MONTHS = 12
# Of so many of the newest runs it can be planned here to take them back.
MOST_RUNS = 30
# How long it is told what was accepted, or agreed again.
_LATELY = timedelta(days=31)
_MOST_CLOSED = 50
# Of a month these are shown at once; others only where something of them has no name.
_FIRST = ("total", "paid")

# A record as causes and drifts name it: flow, id in Scoro, id in SmartAccounts; either id may be empty.
Named = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class LastNight:
    """The last night that was told, None before the first. `later`: one that began after it and has told nothing;
    `is_old`: since then a night should have been."""

    night: Night | None
    notes: Sequence[Reason]
    later: Night | None
    is_old: bool

    @property
    def is_clean(self) -> bool:
        """Whether both sides were read and compared to the end, the totals too, and nothing began since then."""
        if self.night is None or self.later is not None or self.is_old:
            return False
        return self.night.state == self.night.scoro_state == "ok" and "totals" in self.night.evidence


@dataclass(frozen=True, slots=True)
class Month:
    """The page of a month that was written last, and its totals. `unexplained`: how many totals hold something that no
    cause names; `is_clean`: none does, and the last night was clean."""

    page: WrittenPage
    totals: Sequence[StoredTotal]
    unexplained: int
    is_clean: bool

    @property
    def is_equal(self) -> bool:
        """Whether both sides hold the same."""
        return not any(each.difference or each.unexplained for each in self.totals)

    @property
    def first(self) -> Sequence[StoredTotal]:
        """Those to see first."""
        return [each for each in self.totals if each.measure in _FIRST or each.unexplained]

    @property
    def key(self) -> str:
        """The month as an address has it."""
        return f"{self.page.month:%Y-%m}"


@dataclass(frozen=True, slots=True)
class Audit:
    """The screen. `has_suspected`: whether all that is open is not sure yet; `is_explained`: whether all was compared
    and nothing is without a name; `differing`: months whose sides differ all the same, the newest first; `earlier`:
    before which month the next ones are, empty where there are none; `pictures`: of the months that are shown; `undo`:
    plans that take runs back; `runs`: what can be planned to be taken back."""

    last: LastNight
    cases: Sequence[OpenCase]
    case_count: int
    months: Sequence[Month]
    earlier: str
    closed: Sequence[Drift]
    closed_count: int
    has_suspected: bool
    is_explained: bool
    differing: Sequence[date]
    pictures: Sequence[Picture]
    undo: Sequence[ShownUndo]
    runs: Sequence[CreatingRun]

    @property
    def agrees(self) -> bool:
        """Whether both sides hold the same."""
        return self.is_explained and not self.differing


@dataclass(frozen=True, slots=True)
class MonthStory:
    """A month with all that makes its totals differ, or with that of one of them. `documents`: of those causes of which
    staging knows the document, by what they name."""

    month: Month
    vat_return: MonthReturn
    last: LastNight
    causes: Sequence[StoredCause]
    count: int
    documents: Mapping[Named, StagedDocument]


@dataclass(frozen=True, slots=True)
class CaseStory:
    """An open case with its documents, a page of them."""

    case: OpenCase
    page: Listed[Drift]
    documents: Mapping[Named, StagedDocument]


def audit_of(connection: Connection, company: str, now: datetime, before: date | None = None) -> Audit:
    """Return the screen; `before`: a month, of which earlier ones are shown."""
    last = last_night_of(connection, company, now)
    pages = last_pages(connection, company)
    of = [each for each in pages if before is None or each.month < before]
    months = _months(connection, company, of[:MONTHS], last)
    cases = open_cases(connection, company, most=MOST_CASES)
    # Without a month nothing was compared.
    is_clean = last.is_clean and bool(pages) and all(each.is_clean for each in pages)
    has_open = has_open_drifts(connection, company)
    is_explained = is_clean and not has_open
    differing = differing_months(connection, company)
    closed = drifts_since(connection, company, now - _LATELY)[::-1]
    if differing or not is_explained:
        # It sums up that all agrees.
        last = replace(last, notes=[each for each in last.notes if not each.key.startswith("night_clean")])
    return Audit(
        last=last,
        cases=cases,
        case_count=len(cases) if len(cases) < MOST_CASES else count_cases(connection, company),
        months=months,
        earlier=months[-1].key if len(of) > MONTHS else "",
        closed=closed[:_MOST_CLOSED],
        closed_count=len(closed),
        has_suspected=has_open and not cases,
        is_explained=is_explained,
        differing=differing,
        pictures=pictures_of(each for month in months for each in month.totals),
        undo=undo_of(connection, company),
        runs=runs_that_created(connection, company, most=MOST_RUNS),
    )


def month_of(
    connection: Connection, company: str, month: date, place: Mapping[str, str], now: datetime
) -> MonthStory | None:
    """Return a month; None where no page of it was written. `place`: of which total the causes are, as `causes_of`."""
    page = last_page(connection, company, month)
    if page is None:
        return None
    last = last_night_of(connection, company, now)
    causes, count = causes_of(connection, company, month, place, most=MOST_SHOWN)
    documents = _documents(connection, company, (named(each) for each in causes))
    shown = _months(connection, company, [page], last)[0]
    return MonthStory(shown, return_of(connection, company, month, now), last, causes, count, documents)


def case_of(connection: Connection, company: str, drift_id: int, after: int = 0) -> CaseStory | None:
    """Return the open case that a drift belongs to, with its documents behind `after`; None where there is none."""
    case = open_case(connection, company, drift_id)
    if case is None:
        return None
    found = drifts_of(connection, company, case.first.case_key, most=MOST_SHOWN + 1, after=after)
    page = listed(found, MOST_SHOWN, str(after or ""), lambda each: str(each.id))
    return CaseStory(case, page, _documents(connection, company, (named(each) for each in page.rows)))


def last_night_of(connection: Connection, company: str, now: datetime) -> LastNight:
    """Return how the last night was."""
    told, newest = next(iter(nights(connection, company, 1)), None), newest_night(connection, company)
    later = newest if newest is not None and newest.reported_at is None else None
    if told is None:
        return LastNight(None, (), later, is_old=False)
    is_old = told.night < tallinn_day(now) - timedelta(days=1)
    return LastNight(told, tuple(notes_of(connection, company, told)), later, is_old)


def named(item: Drift | StoredCause) -> Named:
    """Return how a drift or cause names its record."""
    # An entry by hand stands beside the documents of a flow, and its id may be that of one of them.
    is_entry = isinstance(item, StoredCause) and item.cause == "manual_entry"
    return "entries" if is_entry else item.flow, item.source_id, item.remote_id


def _months(connection: Connection, company: str, pages: Sequence[WrittenPage], last: LastNight) -> list[Month]:
    totals: dict[date, list[StoredTotal]] = defaultdict(list)
    for each in totals_of(connection, company, [page.month for page in pages]):
        totals[each.month].append(each)
    found = []
    for page in pages:
        of = totals[page.month]
        unexplained = sum(1 for each in of if each.unexplained)
        found.append(Month(page, of, unexplained, page.is_clean and last.is_clean and not unexplained))
    return found


def _documents(connection: Connection, company: str, names: Iterable[Named]) -> dict[Named, StagedDocument]:
    """Return the documents that are named by either id, where staging knows them."""
    by_flow: dict[Flow, list[Named]] = defaultdict(list)
    for name in names:
        if name[0] in KIND_OF:
            by_flow[Flow(name[0])].append(name)
    found: dict[Named, StagedDocument] = {}
    for flow, of in by_flow.items():
        remote_ids = {remote_id for _, source_id, remote_id in of if not source_id}
        sources = linked_remote_ids(connection, company, KIND_OF[flow], remote_ids)
        ids = {name: name[1] or sources.get(name[2], "") for name in of}
        staged = {each.source_id: each for each in read_documents(connection, company, flow, set(ids.values()))}
        found |= {name: staged[source_id] for name, source_id in ids.items() if source_id in staged}
    return found
