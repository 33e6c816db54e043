"""The requests of a night to Scoro: how many it may send, and the ways in which a list is asked."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scoro_smartaccounts.audit.asking import NoRequestsLeft
from scoro_smartaccounts.common.assumptions import SCORO_DETAILED_PAGE_SIZE, SCORO_PAGE_SIZE
from scoro_smartaccounts.common.errors import PipelineError, RequestRefused
from scoro_smartaccounts.scoro.modules import RECEIPTS, Module
from scoro_smartaccounts.scoro.queries import with_ids
from scoro_smartaccounts.scoro.rows import id_of, is_deleted

if TYPE_CHECKING:
    from scoro_smartaccounts.scoro.client import ScoroClient
    from scoro_smartaccounts.scoro.queries import Filter

Rows = Sequence[Mapping[str, Any]]
Inside = Callable[[Mapping[str, Any]], bool]

A_NIGHT = 60
_DELETED = {"is_deleted": 1}
_MOST_PAGES_OF_DELETED = 5
# One part of so many of a page is for canaries.
_FOR_CANARIES = 4


class FilterIgnored(PipelineError):
    """A list shows records that its filter should have kept away."""


@dataclass
class ScoroAsking:
    """The way to Scoro of one night. `keep` hears of the requests before each is sent: those of all tries of the task
    count. `size`: rows on a full page, once a list was longer than that; `least`: the most that a page ever showed:
    one with fewer is the last one. `reserve`: so many are kept for what comes later."""

    client: ScoroClient
    used: int
    keep: Callable[[int], None]
    size: int | None = None
    least: int = 0
    reserve: int = 0

    @property
    def left(self) -> int:
        """Requests that may still be sent."""
        return A_NIGHT - self.used - self.reserve

    def page(self, module: Module, number: int, wanted: Filter | None = None, **options: bool) -> Rows:
        """Return a page of a list. Raises NoRequestsLeft, or as the client's `page` does."""
        self._count()
        rows = self.client.page(module.name, number, filter=wanted, **options)
        self.least = max(self.least, len(rows))
        return rows

    def pages(
        self, module: Module, wanted: Filter | None, is_inside: Inside, start: int = 1, **options: bool
    ) -> Iterator[Rows]:
        """Yield the pages of a list to its end. Raises FilterIgnored, or as `page` does."""
        number, before = start, None
        while True:
            rows = self._checked(self.page(module, number, wanted, **options), is_inside)
            if rows and before is not None:
                self._learn(before)
            if not rows:
                return
            yield rows
            if self._is_last(rows):
                return
            number, before = number + 1, len(rows)

    def length(self, module: Module, guess: int, wanted: Filter | None, is_inside: Inside) -> int:
        """Return the length of a list: the page that must be its last one tells it, in whatever order. Raises
        FilterIgnored, or as `page` does."""
        number = max(-(-guess // (self.size or SCORO_PAGE_SIZE)), 1)
        rows = self._checked(self.page(module, number, wanted), is_inside)
        while rows and (not self._is_last(rows) or (number - 1) * (self.size or SCORO_PAGE_SIZE) + len(rows) < guess):
            # Shorter than expected it is only where no page follows: pages might have become smaller.
            after = self._checked(self.page(module, number + 1, wanted), is_inside)
            if not after:
                break
            if self._learn(len(rows)) and number > 1:
                return self.length(module, guess, wanted, is_inside)
            number, rows = number + 1, after
        while not rows and number > 1:
            number -= 1
            rows = self._checked(self.page(module, number, wanted), is_inside)
        return (number - 1) * (self.size or SCORO_PAGE_SIZE) + len(rows)

    def by_id(self, module: Module, ids: Iterable[str], canaries: Sequence[str]) -> dict[str, Mapping[str, Any] | None]:
        """Return records by id, deleted ones too; None: it is not there. What cannot be known is left out.

        `canaries`: records that should be there: an answer without any of them proves nothing. Raises as `page` does.
        """
        found: dict[str, Mapping[str, Any] | None] = {}
        wanted = sorted(ids)
        # As many as are known to fit on a page, with the canaries.
        room = self.size or self.least
        canaries = canaries[: max(room // _FOR_CANARIES, 1)]
        step = max(room - len(canaries), 1)
        for start in range(0, len(wanted), step):
            chunk = wanted[start : start + step]
            asked = [*chunk, *canaries]
            shown = self._of_ids(module, asked)
            is_honoured = shown is not None and not shown.keys().isdisjoint(canaries) and len(asked) <= room
            for key in chunk:
                if shown is not None and (is_honoured or key in shown):
                    found[key] = shown.get(key)
                elif module is not RECEIPTS:
                    self._count()
                    row = self.client.view(module.name, key)
                    found[key] = row if row is not None and id_of(row) == key else None
        return found

    def in_full(self, module: Module, ids: Iterable[str]) -> Rows:
        """Return records with their lines, where they are shown by their ids. Raises as `page` does."""
        wanted = sorted(ids)
        found: list[Mapping[str, Any]] = []
        for start in range(0, len(wanted), SCORO_DETAILED_PAGE_SIZE):
            left = set(wanted[start : start + SCORO_DETAILED_PAGE_SIZE])
            while left:
                rows = self.page(module, 1, with_ids(sorted(left)), detailed=True, include_deleted=True)
                shown = {key: row for row in rows if (key := id_of(row)) is not None and key in left}
                found += shown.values()
                if not shown:
                    break
                left -= shown.keys()
        return found

    def deleted(self, module: Module) -> tuple[str, Rows]:
        """Return how the filter on deletions is read, and what it shows: `works`, `ignored`, `refused`, or nothing
        where its answer does not tell. Raises as `page` does."""
        try:
            rows = self.page(module, 1, _DELETED, include_deleted=True)
            found, number = rows, 1
            while rows and all(map(is_deleted, rows)) and number < _MOST_PAGES_OF_DELETED:
                if self._is_last(rows):
                    break
                number += 1
                rows = self.page(module, number, _DELETED, include_deleted=True)
                found = [*found, *rows]
        except RequestRefused:
            return "refused", []
        if not all(map(is_deleted, found)):
            return "ignored", []
        return "works" if found else "", found

    def _of_ids(self, module: Module, ids: list[str]) -> dict[str, Mapping[str, Any]] | None:
        """Return the records that the filter on ids shows; None where it shows others."""
        rows = self.page(module, 1, with_ids(ids), include_deleted=True)
        found = {key: row for row in rows if (key := id_of(row)) is not None}
        return found if found.keys() <= set(ids) else None

    def _checked(self, rows: Rows, is_inside: Inside) -> Rows:
        if not all(map(is_inside, rows)):
            raise FilterIgnored("Scoro's list shows what its filter should have kept away")
        return rows

    def _is_last(self, rows: Collection[object]) -> bool:
        return len(rows) < (self.size or self.least)

    def _learn(self, size: int) -> bool:
        """Take the size of a page that another followed for that of a full one; whether that is new."""
        is_new, self.size = size != self.size, size
        return is_new

    def _count(self) -> None:
        if self.left < 1:
            raise NoRequestsLeft("The audit has used up its requests to Scoro of this night")
        self.used += 1
        self.keep(self.used)
