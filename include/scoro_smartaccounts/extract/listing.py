"""Listings that are complete, although Scoro shows pages only, in an unknown order, of records that change.

The records are listed with their lines first and without them afterwards, until two passes found the same.
Little is known about Scoro's filter on a document's date, so what it may hide is looked for with the filter on
the time of modification, and where something was hidden everything is listed.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import islice
from typing import Any, Protocol

from scoro_smartaccounts.assumptions import SCORO_DETAILED_PAGE_SIZE, SCORO_PAGE_SIZE
from scoro_smartaccounts.extract.rows import Row, day_of, id_of

log = logging.getLogger(__name__)

_ONE_DAY = timedelta(days=1)
# How much later than a range its documents are still looked for by the time of their modification.
_KEYED_WITHIN = timedelta(days=7)
# After so many passes that disagree a listing is split into days.
_PASSES = 3
# A listing that cannot be split is over when this many passes in a row showed nothing new, or after the last.
_QUIET_PASSES = 2
_LAST_PASS = 10


class Source(Protocol):
    """What is needed of the client of Scoro."""

    def list(
        self,
        module: str,
        *,
        filter: Mapping[str, Any] | None = None,
        detailed: bool = False,
        include_deleted: bool = False,
    ) -> Iterator[dict[str, Any]]:
        """All rows of all pages."""

    def view(self, module: str, record_id: str) -> dict[str, Any] | None:
        """One record with its lines; None where there is none."""


class Listing:
    """One listing under way: the ids that it found and what it noticed.

    `keep` decides which rows belong to it, whatever the filter let through. `rows_beyond` counts the others,
    `rows_without_id` those that cannot be told apart, `is_settled` says whether two passes agreed in the end.
    """

    def __init__(self, source: Source, module: str, keep: Callable[[Row], bool]) -> None:
        self.ids: set[str] = set()
        self.rows_beyond = 0
        self.rows_without_id = 0
        self.is_settled = True
        self._source = source
        self._module = module
        self._keep = keep

    def complete(
        self, wanted: Mapping[str, Any], parts: Sequence[Mapping[str, Any]] = ()
    ) -> Iterator[dict[str, Any]]:
        """All records that the filter `wanted` shows, with lines. `parts` are filters that split it."""
        before = set()
        for row in self._source.list(self._module, filter=wanted, detailed=True, include_deleted=True):
            record_id = id_of(row)
            if record_id is None:
                self.rows_without_id += 1
            elif self._keep(row):
                before.add(record_id)
                self.ids.add(record_id)
                yield row
            else:
                self.rows_beyond += 1
        yield from self._until_agreed(wanted, before, parts)

    def plain(self, wanted: Mapping[str, Any] | None) -> set[str]:
        """The ids that one pass without lines shows."""
        rows = self._source.list(self._module, filter=wanted, include_deleted=True)
        return {record_id for row in rows if (record_id := id_of(row)) is not None and self._keep(row)}

    def missed(self, ids: Iterable[str]) -> Iterator[dict[str, Any]]:
        """Records, one by one, of those ids that the listing did not have yet."""
        for record_id in sorted(set(ids) - self.ids):
            row = self._source.view(self._module, record_id)
            if row is not None and id_of(row) == record_id:
                if self._keep(row):
                    self.ids.add(record_id)
                yield row

    def everything(self) -> Iterator[dict[str, Any]]:
        """Records found without any filter."""
        yield from self._until_agreed(None, set(), ())

    def _until_agreed(
        self, wanted: Mapping[str, Any] | None, before: set[str], parts: Sequence[Mapping[str, Any]]
    ) -> Iterator[dict[str, Any]]:
        quiet = 0
        for _ in range(_PASSES if parts else _LAST_PASS):
            now = self.plain(wanted)
            quiet = 0 if now - self.ids else quiet + 1
            yield from self.missed(now)
            if now == before or quiet > _QUIET_PASSES:
                return
            before = now
        if not parts:
            self.is_settled = False
            return
        log.info("Scoro lists %s in changing order; reading them in %s parts", self._module, len(parts))
        for part in parts:
            shown = self.plain(part)
            yield from self.missed(shown)
            if len(shown) >= SCORO_PAGE_SIZE:
                yield from self._until_agreed(part, shown, ())


class RangeListing:
    """All documents of Scoro dated on the days from `first` to `last`, both included; deleted ones too.

    `rows` gives them with lines, a few perhaps twice, and afterwards `ids` holds all of them. A document
    whose day cannot be read stands in `undated` when the filter showed it. `date_filter_trusted` is False when
    Scoro's filter hid documents and everything was listed instead.
    """

    def __init__(self, source: Source, module: str, first: date, last: date, today: date) -> None:
        self.undated: set[str] = set()
        self.date_filter_trusted = True
        self._first = first
        self._last = last
        self._today = today
        self._listing = Listing(source, module, self._belongs)
        self._ignored = 0

    @property
    def ids(self) -> set[str]:
        """Ids found so far."""
        return self._listing.ids

    @property
    def is_settled(self) -> bool:
        """Whether every listing ended with two passes that agreed."""
        return self._listing.is_settled

    @property
    def rows_without_id(self) -> int:
        """How many rows could not be told apart."""
        return self._listing.rows_without_id

    @property
    def date_filter_ignored(self) -> int:
        """How many rows came back that the filter should have kept away (the day after the range is none)."""
        return self._ignored

    def rows(self) -> Iterator[dict[str, Any]]:
        """Read the listing to its end."""
        wanted = _days("date", self._first, self._last)
        days = (self._last - self._first).days + 1
        parts = [
            _days("date", day, day) for day in (self._first + _ONE_DAY * number for number in range(days))
        ]
        yield from self._listing.complete(wanted, parts)
        if self._ignored:
            log.info("Scoro's filter on the date let %s documents of other days through", self._ignored)
        hidden = self._listing.plain(self._control()) - self.ids - self.undated
        if hidden:
            # A document that was entered or dated otherwise only now is not hidden.
            shown = self._listing.plain(wanted)
            yield from self._listing.missed(shown)
            hidden -= self.ids
        if hidden:
            self.date_filter_trusted = False
            log.warning(
                "Scoro's filter on the date hides documents (%s seen); reading the whole list instead", len(hidden)
            )
            yield from self._listing.everything()
        if not self.is_settled:
            log.warning("Scoro's list of %s to %s never came out the same twice", self._first, self._last)

    def _control(self) -> dict[str, Any]:
        keyed_until = self._last + _KEYED_WITHIN
        if keyed_until < self._today:
            return _days("modified_date", self._first, keyed_until)
        return {"modified_date": {"from_date": self._first.isoformat()}}

    def _belongs(self, row: Row) -> bool:
        day = day_of(row)
        if day is None:
            self.undated.add(id_of(row) or "")
            return True
        if self._first <= day <= self._last:
            return True
        self._ignored += day != self._last + _ONE_DAY
        return False


def read(
    source: PagedSource, module: str, ids: Iterable[str], *, key: str = "id", detailed: bool = False
) -> Iterator[tuple[str, dict[str, Any] | None]]:
    ...
