"""Reading ahead: what comes from far is fetched while what came before is worked on."""

from __future__ import annotations

import threading
from collections import deque
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_Item = TypeVar("_Item")


@contextmanager
def reading_ahead(
    items: Iterable[_Item], most: float, *, weigh: Callable[[_Item], float] = lambda _: 1
) -> Iterator[Iterator[_Item]]:
    """Give the items in their order, read in a thread. It reads on while those that it read, and with which nobody is
    done yet, weigh less than `most`; with one somebody is done who asks for the next.

    What reading raises is raised where the item would have come. Nobody but the thread may use what the items are read
    from until the last item came or the block was left; the thread ends with the item that it is at. A block that is
    broken off does not wait for it.
    """
    reader = _Reader(items, most, weigh)
    threading.Thread(target=reader.read, name="reading ahead", daemon=True).start()
    try:
        yield reader.given()
    finally:
        reader.leave()


@dataclass(frozen=True, slots=True)
class _Ended:
    """Stands after the last item. `problem`: what reading raised."""

    problem: BaseException | None = None


class _Reader(Generic[_Item]):
    def __init__(self, items: Iterable[_Item], most: float, weigh: Callable[[_Item], float]) -> None:
        self._items = items
        self._most = most
        self._weigh = weigh
        self._weight = 0.0
        self._handed: deque[tuple[_Item | _Ended, float]] = deque()
        self._has_changed = threading.Condition()
        self._is_left = False

    def read(self) -> None:
        """Read to the end, or until nobody waits any more."""
        try:
            for item in self._items:
                weight = self._weigh(item)
                self._hand(item, weight)
                # Who waits for room must not hold what takes it.
                del item
                if not self._has_room():
                    return
        except BaseException as problem:  # noqa: BLE001 it is raised where the item was asked for
            self._hand(_Ended(problem))
        else:
            self._hand(_Ended())

    def given(self) -> Iterator[_Item]:
        """Yield what was read."""
        while True:
            with self._has_changed:
                self._has_changed.wait_for(lambda: self._handed)
                item, weight = self._handed.popleft()
            if isinstance(item, _Ended):
                break
            yield item
            del item
            with self._has_changed:
                self._weight -= weight
                self._has_changed.notify_all()
        if item.problem is not None:
            raise item.problem

    def leave(self) -> None:
        """Say that nobody waits any more."""
        with self._has_changed:
            self._is_left = True
            self._has_changed.notify_all()

    def _hand(self, item: _Item | _Ended, weight: float = 0.0) -> None:
        with self._has_changed:
            self._handed.append((item, weight))
            self._weight += weight
            self._has_changed.notify_all()

    def _has_room(self) -> bool:
        """Wait until there is room for more; whether anybody wants it."""
        with self._has_changed:
            self._has_changed.wait_for(lambda: self._weight < self._most or self._is_left)
            return not self._is_left
