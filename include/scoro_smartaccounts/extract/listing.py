"""Listings that are complete, although Scoro shows pages only, in an unknown order, of records that change.

The records are listed with their lines first and without them afterwards, until two passes found the same.
Little is known about Scoro's filter on a document's date, so what it may hide is looked for with the filter on
the time of modification, and where something was hidden everything is listed.
"""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from scoro_smartaccounts.common.clock import TALLINN, tallinn_day
from scoro_smartaccounts.common.reasons.spoken import counted
from scoro_smartaccounts.extract.reading import Source, is_listed_only, read, read_listed
from scoro_smartaccounts.scoro import queries
from scoro_smartaccounts.scoro.queries import ONE_DAY
from scoro_smartaccounts.scoro.rows import Row, created_at, day_of, id_of, modified_at

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence

log = logging.getLogger(__name__)


# How much later than a range its documents are still looked for by the time of their modification.
_KEYED_WITHIN = timedelta(days=7)
# After so many passes that disagree a listing is split into its parts.
_PASSES = 3
# One that cannot be split ends when this many passes in a row showed nothing new, at the latest after the last.
_QUIET_PASSES = 3
_LAST_PASS = 10


class Listing:
    """One listing under way: the ids that it found and what it noticed.

    `keep` decides which rows belong to it, whatever the filter let through; `beyond` counts the days of the others,
    `rows_without_id` those that cannot be told apart. `gone` are those of the ids that were not shown any more in
    the end.
    """

    def __init__(self, source: Source, module: str, keep: Callable[[Row], bool]) -> None:
        self.ids: set[str] = set()
        self.gone: set[str] = set()
        self.beyond: Counter[date | None] = Counter()
        self.rows_without_id = 0
        self._has_agreed = True
        # Ids that were shown last and whose records could not be had.
        self._unread: set[str] = set()
        self._source = source
        self._module = module
        self._keep = keep

    @property
    def is_settled(self) -> bool:
        """Whether all was read, and passes agreed in the end."""
        return self._has_agreed and not self._unread

    def complete(self, wanted: Mapping[str, Any], parts: Sequence[Mapping[str, Any]] = ()) -> Iterator[dict[str, Any]]:
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
                self.beyond[day_of(row)] += 1
            # It may be as large as an answer: nobody holds it while the next one is read.
            del row
        self.gone = self.ids - (yield from self._until_agreed(wanted, before, parts))

    def everything(self, wanted: Mapping[str, Any] | None = None) -> Iterator[dict[str, Any]]:
        """Yield what a list shows (without any filter, unless one is given) beyond the ids found so far."""
        self.gone = self.ids - (yield from self._until_agreed(wanted, set(), ()))

    def plain(self, wanted: Mapping[str, Any] | None, keep: Callable[[Row], bool] | None = None) -> set[str]:
        """Return the ids that one pass without lines shows."""
        rows = self._source.list(self._module, filter=wanted, include_deleted=True)
        keep = keep or self._keep
        shown = set()
        for row in rows:
            if (record_id := id_of(row)) is not None and keep(row):
                shown.add(record_id)
            del row
        return shown

    def missed(self, ids: Iterable[str], wanted: Mapping[str, Any] | None) -> Iterator[dict[str, Any]]:
        """Yield the records of those ids that the listing did not have yet. `wanted` is the filter that showed the
        ids."""
        self._unread = set()
        for record_id, row in self._records(set(ids) - self.ids, wanted):
            if self._keep(row):
                self.ids.add(record_id)
            yield row
            del row

    def _records(self, ids: set[str], wanted: Mapping[str, Any] | None) -> Iterator[tuple[str, dict[str, Any]]]:
        if not is_listed_only(self._module):
            for record_id, record in read(self._source, self._module, ids, detailed=True):
                if record is not None:
                    yield record_id, record
                del record
            return
        left = set(ids)
        for rows in (
            read_listed(self._source, self._module, ids),
            self._source.list(self._module, filter=wanted, detailed=True, include_deleted=True),
        ):
            if not left:
                break
            for row in rows:
                if (shown := id_of(row)) is not None and shown in left:
                    left.discard(shown)
                    yield shown, row
                del row
        self._unread = left

    def _until_agreed(
        self, wanted: Mapping[str, Any] | None, before: set[str], parts: Sequence[Mapping[str, Any]]
    ) -> Generator[dict[str, Any], None, set[str]]:
        """Return what stood in the list at the end, as far as that is known."""
        quiet = 0
        for _ in range(_PASSES if parts else _LAST_PASS):
            now = self.plain(wanted)
            quiet = 0 if now - self.ids else quiet + 1
            yield from self.missed(now, wanted)
            if now == before and not self._unread:
                return now
            if quiet == _QUIET_PASSES:
                return self.ids
            before = now
        if not parts:
            self._has_agreed = False
            return self.ids
        log.info(
            "Scoro lists %s in changing order; reading them in %s", self._module, counted(len(parts), "part|parts")
        )
        shown: set[str] = set()
        for part in parts:
            shown |= yield from self._until_agreed(part, set(), ())
        return shown


class RangeListing:
    """All documents of Scoro dated on the days from `first` to `last`, both included; deleted ones too.

    `rows` gives them with lines, a few perhaps twice or of another day meanwhile; afterwards `ids` holds those of
    the range. A document whose day cannot be read stands in `undated` when the filter let it through.
    `is_trusted` turns False when Scoro's filter hid documents and everything was listed instead.
    """

    def __init__(self, source: Source, module: str, first: date, last: date, today: date) -> None:
        self.undated: set[str] = set()
        self.is_trusted = True
        self._first = first
        self._last = last
        self._today = today
        self._listing = Listing(source, module, self._is_kept)

    @property
    def ids(self) -> set[str]:
        """Ids found so far."""
        return self._listing.ids

    @property
    def gone(self) -> set[str]:
        """Ids among them that were not shown any more in the end."""
        return self._listing.gone

    @property
    def is_settled(self) -> bool:
        """Whether every listing ended with passes that agreed."""
        return self._listing.is_settled

    @property
    def rows_without_id(self) -> int:
        """How many rows could not be told apart."""
        return self._listing.rows_without_id

    @property
    def rows_of_other_days(self) -> int:
        """How many rows came that the filter should have kept away (the day after the range was asked for)."""
        beyond = self._listing.beyond
        return beyond.total() - beyond[self._last + ONE_DAY]

    def rows(self) -> Iterator[dict[str, Any]]:
        """Read the listing to its end."""
        wanted = queries.dated(self._first, self._last)
        length = (self._last - self._first).days + 1
        days = [self._first + ONE_DAY * number for number in range(length)]
        yield from self._listing.complete(wanted, [queries.dated(day, day) for day in days])
        if self.rows_of_other_days:
            log.info("Documents of other days that Scoro's filter on the date let through: %s", self.rows_of_other_days)
        hidden = self._listing.plain(self._control(), self._is_dated_inside) - self.ids
        if hidden:
            # A document that was entered or dated otherwise only now is not hidden: it shows now.
            yield from self._listing.missed(self._listing.plain(wanted), wanted)
            hidden -= self.ids
        if hidden:
            self.is_trusted = False
            log.warning(
                "Scoro's filter on the date hides documents (%s seen); reading the whole list instead", len(hidden)
            )
            yield from self._listing.everything()
        if not self.is_settled:
            log.warning("Scoro's list of %s to %s came out differently at every reading", self._first, self._last)

    def _control(self) -> queries.Filter:
        keyed_until = self._last + _KEYED_WITHIN
        if keyed_until < self._today:
            return queries.modified(self._first, keyed_until)
        return queries.modified(self._first)

    def _is_kept(self, row: Row) -> bool:
        if day_of(row) is None:
            self.undated.update(filter(None, [id_of(row)]))
            return True
        return self._is_dated_inside(row)

    def _is_dated_inside(self, row: Row) -> bool:
        day = day_of(row)
        return day is not None and self._first <= day <= self._last


class ChangeListing:
    """All documents created or modified since a moment, whatever their date.

    Scoro's filter knows days only: what came earlier on the moment's day is dropped here. Deletions may not show.
    """

    def __init__(self, source: Source, module: str, since: datetime) -> None:
        self._since = since
        self._listing = Listing(source, module, self._is_kept)

    @property
    def ids(self) -> set[str]:
        """Ids found so far."""
        return self._listing.ids

    @property
    def is_settled(self) -> bool:
        """Whether every listing ended with passes that agreed."""
        return self._listing.is_settled

    @property
    def rows_without_id(self) -> int:
        """How many rows could not be told apart."""
        return self._listing.rows_without_id

    def rows(self) -> Iterator[dict[str, Any]]:
        """Read the listing to its end."""
        day = tallinn_day(self._since)
        yield from self._listing.complete(queries.modified(day))
        created = queries.created(day)
        yield from self._listing.missed(self._listing.plain(created), created)

    def _is_kept(self, row: Row) -> bool:
        moments = [modified_at(row), created_at(row)]
        known = [moment for moment in moments if moment]
        return not known or max(known) >= self._since


@dataclass(frozen=True, slots=True)
class Lost:
    """A record that a list should have shown: its id, and its day and time of modification as last known."""

    record_id: str
    day: date | None
    modified_at: datetime | None


class Search:
    """Looks for lost records in the lists of their days and, as they may be dated otherwise by now, among what was
    modified since. `absent` are the ids that no list showed although all of them were complete."""

    def __init__(self, source: Source, module: str, today: date) -> None:
        self.found: set[str] = set()
        self.absent: set[str] = set()
        self._source = source
        self._module = module
        self._today = today

    def rows(self, lost: Sequence[Lost]) -> Iterator[dict[str, Any]]:
        """Yield the lost records that are still there, with lines; a few perhaps twice."""
        by_day: dict[date, set[str]] = {}
        for item in lost:
            if item.day is not None:
                by_day.setdefault(item.day, set()).add(item.record_id)
        # Nothing would show those of which neither is known.
        unsure = {item.record_id for item in lost if item.day is None and item.modified_at is None}
        for day, ids in sorted(by_day.items()):
            listing = RangeListing(self._source, self._module, day, day, self._today)
            yield from self._found(listing.rows(), ids)
            if not listing.is_settled or listing.rows_without_id:
                unsure |= ids
        left = {item.record_id for item in lost} - self.found - unsure
        moments = [item.modified_at for item in lost if item.record_id in left and item.modified_at is not None]
        if moments:
            listed = Listing(self._source, self._module, lambda row: id_of(row) in left)
            since = tallinn_day(min(moments)) - ONE_DAY
            yield from self._found(listed.everything(queries.modified(since)), left)
            if not listed.is_settled:
                return
        self.absent = left - self.found

    def _found(self, rows: Iterable[dict[str, Any]], ids: set[str]) -> Iterator[dict[str, Any]]:
        for row in rows:
            record_id = id_of(row)
            if record_id is not None and record_id in ids:
                self.found.add(record_id)
                yield row


def midnight(day: date) -> datetime:
    """Return the moment that a Tallinn day begins."""
    return datetime.combine(day, time(), TALLINN)
