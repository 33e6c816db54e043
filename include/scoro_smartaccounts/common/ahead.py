"""Reading ahead: what comes from far is fetched while what came before is worked on."""

from __future__ import annotations

import queue
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_Item = TypeVar("_Item")

# The reader looks so often (seconds) whether anybody still waits for what it has.
_PATIENCE = 0.5


@contextmanager
def reading_ahead(items: Iterable[_Item], most: int) -> Iterator[Iterator[_Item]]:
    """Give the items in their order, read in a thread that is at most `most` of them ahead.

    What reading raises is raised where the item would have come. Nobody but the thread may use what the items are read
    from until the last item came or the block was left; the thread ends with the item that it is at. A block that is
    broken off does not wait for it.
    """
    reader = _Reader(items, most)
    threading.Thread(target=reader.read, name="reading ahead", daemon=True).start()
    try:
        yield reader.given()
    finally:
        reader.is_left.set()


@dataclass(frozen=True, slots=True)
class _Ended:
    """Stands after the last item. `problem`: what reading raised."""

    problem: BaseException | None = None


class _Reader(Generic[_Item]):
    def __init__(self, items: Iterable[_Item], most: int) -> None:
        self.is_left = threading.Event()
        self._items = items
        self._handed: queue.Queue[_Item | _Ended] = queue.Queue(most)

    def read(self) -> None:
        """Read to the end, or until nobody waits any more."""
        try:
            for item in self._items:
                self._hand(item)
                if self.is_left.is_set():
                    return
        except BaseException as problem:  # noqa: BLE001 it is raised where the item was asked for
            self._hand(_Ended(problem))
        else:
            self._hand(_Ended())

    def given(self) -> Iterator[_Item]:
        """Yield what was read."""
        while not isinstance(item := self._handed.get(), _Ended):
            yield item
        if item.problem is not None:
            raise item.problem

    def _hand(self, item: _Item | _Ended) -> None:
        while not self.is_left.is_set():
            try:
                return self._handed.put(item, timeout=_PATIENCE)
            except queue.Full:
                continue
        return None
