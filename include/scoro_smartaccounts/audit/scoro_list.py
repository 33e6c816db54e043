"""One list of Scoro through a night: read for the first time, brought forward by its changes, and counted."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from scoro_smartaccounts.audit.scoro_asking import FilterIgnored, Rows, ScoroAsking
from scoro_smartaccounts.audit.scoro_content import record_of
from scoro_smartaccounts.audit.scoro_taking import Shown, SourceTaker
from scoro_smartaccounts.common.clock import tallinn_day
from scoro_smartaccounts.plan.known_periods import periods_of
from scoro_smartaccounts.scoro import queries
from scoro_smartaccounts.scoro.rows import day_of, id_of, is_deleted, modified_at
from scoro_smartaccounts.staging.audit_nights import Mark, known_mark, store_mark
from scoro_smartaccounts.staging.source_listings import days_listed, newest_listed, not_seen_since

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from scoro_smartaccounts.common.company import Company
    from scoro_smartaccounts.common.documents import Flow
    from scoro_smartaccounts.scoro.modules import Module
    from scoro_smartaccounts.scoro.queries import Filter
    from scoro_smartaccounts.services import Services
    from scoro_smartaccounts.staging.source_listings import ListedRecord

log = logging.getLogger(__name__)

OK, INCOMPLETE, BLIND, BASELINE = "ok", "incomplete", "blind", "baseline"

# Readings of changes around a count, until two agree.
_TRIES = 5
# Records of which one must show where one is asked for by its id: the newest may be gone too.
_CANARIES = 5
# One whole reading takes so many nights.
_NIGHTS = 3
# Zones and clocks differ.
_DAY = timedelta(days=1)
_CLOCKS = timedelta(hours=1)


@dataclass
class SourceList:
    """A list, and how far it is known: `mark`, whose `detail` holds `read`: a whole reading under way (when it began,
    its next page); `is_open`: the filter on days is not trusted, and all of the list is known; `is_settled`: it was as
    long as it was known to be once."""

    services: Services
    company: Company
    module: Module
    flow: Flow
    asking: ScoroAsking
    mark: Mark
    # What changed, as it was shown last.
    _changed: Rows | None = field(default=None, init=False)

    @property
    def name(self) -> str:
        """Its name among marks and steps."""
        return f"scoro/{self.module.name}"

    @property
    def is_open(self) -> bool:
        """Whether it is read without a filter on days."""
        return bool(self.mark.detail.get("is_open"))

    @property
    def first_day(self) -> date:
        """From which day on it is known as a whole."""
        return self.company.first_import_date

    def from_day(self, first: date) -> Filter | None:
        """Return the filter of all that is dated on a day or later."""
        return None if self.is_open else {"date": {"from_date": first.isoformat()}}

    def is_from(self, first: date) -> Any:
        """Return what a list with this filter may show: what has no day that can be read, too."""
        return lambda row: self.is_open or (day_of(row) or first) >= first

    def note(self, **detail: Any) -> None:
        """Keep more in the mark's detail; None takes away."""
        found = {**self.mark.detail, **detail}
        self.keep(replace(self.mark, detail={name: value for name, value in found.items() if value is not None}))

    def keep(self, mark: Mark) -> None:
        """Keep how far it is known."""
        self.mark = mark
        with self.services.engine.begin() as connection:
            store_mark(connection, self.company.key, mark)

    def is_long_known(self, record: ListedRecord) -> bool:
        """Whether changes must have shown a record as it is by now."""
        known_to, changed = self.mark.known_to, record.modified_at
        return known_to is not None and (changed is None or changed < known_to - _CLOCKS)

    @contextmanager
    def taking(self) -> Iterator[SourceTaker]:
        """Give what takes rows, within one transaction."""
        with self.services.engine.begin() as connection:
            periods = periods_of(connection, self.services, self.company, self.flow)
            yield SourceTaker(connection, self.company.key, self.module, self.flow, self.services.clock(), periods)

    def take(self, rows: Iterable[Mapping[str, Any]], evidence: str) -> Shown:
        """Take rows as they are shown."""
        with self.taking() as taker:
            return taker.take(rows, evidence)

    def days(self) -> list[tuple[date | None, int]]:
        """Return how many records are known to be there by day, of those that a count counts."""
        with self.services.engine.connect() as connection:
            found = days_listed(connection, self.company.key, self.module.name)
        return [(day, n) for day, n in found if self.is_open or (day is not None and day >= self.first_day)]

    def known(self) -> int:
        """Return how long the list is as far as is known."""
        return sum(number for _, number in self.days())

    def by_id(self, ids: Iterable[str]) -> tuple[set[str], set[str]]:
        """Ask for records by their ids, and take them as they are shown, or as gone; the ids of those that are there,
        and of those that are not."""
        wanted = set(ids)
        if not wanted:
            return set(), set()
        with self.services.engine.connect() as connection:
            others = newest_listed(connection, self.company.key, self.module.name, _CANARIES, but=wanted)
        shown = self.asking.by_id(self.module, wanted, [each.source_id for each in others])
        rows = [row for row in shown.values() if row is not None]
        with self.taking() as taker:
            taker.take(rows, "shown_by_id")
            taker.gone([key for key, row in shown.items() if row is None], "not_found_by_id")
        there = {key for key, row in shown.items() if row is not None and not is_deleted(row)}
        return there, shown.keys() - there

    # Changes and the count

    def agree(self) -> dict[str, Any]:
        """Read changes, count, and read changes again, until nobody worked in between: `state`, and how long the list
        is shown to be. What changed since it agreed before is read after the count alone."""
        begun = self.services.clock()
        if self._changed is None and not self._read_changes():
            return {"state": BLIND, "shown": None}
        for _ in range(_TRIES):
            try:
                shown = self.asking.length(
                    self.module, self.known(), self.from_day(self.first_day), self.is_from(self.first_day)
                )
            except FilterIgnored:
                self.open()
                return {"state": BASELINE, "shown": None}
            before = self._changed
            if not self._read_changes():
                return {"state": BLIND, "shown": None}
            if self._versions(self._changed) == self._versions(before):
                self.keep(replace(self.mark, known_to=begun))
                return {"state": OK, "shown": shown}
        return {"state": INCOMPLETE, "shown": None}

    def _read_changes(self) -> bool:
        """Take what changed since the list was known; whether the answer shows what it must."""
        rows = self._changes()
        if rows is None:
            return False
        self.take(rows, "shown_as_changed")
        self._changed = rows
        return True

    def _changes(self) -> Rows | None:
        """Return what changed since the list was known; None where the answer does not show what it must."""
        with self.services.engine.connect() as connection:
            canary = next(iter(newest_listed(connection, self.company.key, self.module.name, 1)), None)
        since = tallinn_day(self.mark.known_to or self.services.clock()) - _DAY
        if canary is not None and canary.modified_at is not None:
            since = min(since, tallinn_day(canary.modified_at))
        for is_last in (False, True):
            try:
                pages = [
                    *self.asking.pages(
                        self.module, queries.modified(since), _changed_since(since), include_deleted=True
                    )
                ]
            except FilterIgnored:
                log.warning("Scoro shows records of %s that did not change since %s", self.module.name, since)
                return None
            rows = [row for page in pages for row in page]
            if canary is None or canary.source_id in set(map(id_of, rows)):
                return rows
            there, gone = self.by_id([canary.source_id])
            if gone and not there:
                return rows
            # From one page to another a record may slip while people work.
            if is_last or len(pages) < 2:
                break
        log.warning("Scoro's changes of %s do not show what is known to have changed", self.module.name)
        return None

    def _versions(self, rows: Rows | None) -> frozenset[tuple[str | None, str, bool, str]]:
        """Return what two readings of changes share between which nobody worked: a second has room for two changes."""
        return frozenset(
            (id_of(row), str(row.get("modified_date")), is_deleted(row), one.fingerprint if one else "")
            for row in rows or ()
            for one in [record_of(self.module, row)]
        )

    # Whole readings

    def open(self) -> None:
        """Trust the filter on days no more: all of the list is read, whatever its days."""
        log.warning("Scoro's filter on the date of %s cannot be trusted; the whole list is read", self.module.name)
        self.mark = replace(self.mark, is_whole=False)
        self.note(is_open=True, is_settled=None, vain=None, read=None)

    def read_whole(self) -> bool:
        """Go on with a whole reading, over some nights; whether it ended. What it did not show is asked for by id."""
        read = self.mark.detail.get("read")
        if read is None:
            now = self.services.clock()
            if self.mark.known_to is None:
                # Changes are asked for from here on: what changes while the list is read shows there.
                self.mark = replace(self.mark, known_to=now)
            read = {"begun": now.isoformat(), "page": 1}
            self.note(read=read)
        # Records move to pages before where others were deleted.
        number = max(read["page"] - 1, 1)
        most = self.asking.left
        if self.mark.is_whole:
            most = min(most, self.known() // ((self.asking.size or 1) * _NIGHTS) + 2)
        try:
            pages = self.asking.pages(
                self.module, self.from_day(self.first_day), self.is_from(self.first_day), start=number
            )
            for rows in pages:
                self.take(rows, "shown_as_changed")
                number, most = number + 1, most - 1
                self.note(read={**read, "page": number})
                if most < 1:
                    return False
        except FilterIgnored:
            self.open()
            return False
        with self.services.engine.connect() as connection:
            begun = datetime.fromisoformat(read["begun"])
            first = None if self.is_open else self.first_day
            unseen = not_seen_since(connection, self.company.key, self.module.name, begun, first)
        self.by_id(unseen)
        self.mark = replace(self.mark, is_whole=True)
        self.note(read=None)
        return True


def source_list(services: Services, company: Company, module: Module, flow: Flow, asking: ScoroAsking) -> SourceList:
    """Return a list as far as it is known."""
    with services.engine.connect() as connection:
        mark = known_mark(connection, company.key, f"scoro/{module.name}")
    return SourceList(services, company, module, flow, asking, mark)


def _changed_since(since: date) -> Any:
    return lambda row: (moment := modified_at(row)) is None or tallinn_day(moment) >= since - _DAY
