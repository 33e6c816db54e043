"""Reading ahead: what comes from far is fetched while what came before is worked on."""

from __future__ import annotations

import queue
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_Item = TypeVar("_Item")

# The reader looks so often (seconds) whether anybody still waits for what it has.
_PATIENCE = 0.5
_END = object()


class _Failed:
    def __init__(self, problem: BaseException) -> None:
        self.problem = problem


@contextmanager
def reading_ahead(items: Iterable[_Item], most: int) -> Iterator[Iterator[_Item]]:
    """Give the items in their order, read in a thread that is at most `most` of them ahead.

    What reading raises is raised where the item would have come. Nobody but the thread may use what the items are read
    from until the last item came or the block was left; the thread ends with the item that it is at. Work in the block
    that is broken off does not wait for it.
    """
    handed: queue.Queue[object] = queue.Queue(most)
    is_left = threading.Event()

    def hand(item: object) -> None:
        while not is_left.is_set():
            try:
                handed.put(item, timeout=_PATIENCE)
            except queue.Full:
                continue
            return

    def read() -> None:
        try:
            for item in items:
                hand(item)
                if is_left.is_set():
                    return
        except BaseException as problem:  # noqa: BLE001 it is raised where the item was asked for
            hand(_Failed(problem))
        else:
            hand(_END)

    def given() -> Iterator[_Item]:
        while (item := handed.get()) is not _END:
            if isinstance(item, _Failed):
                raise item.problem
            yield item  # type: ignore[misc]

    threading.Thread(target=read, name="reading ahead", daemon=True).start()
    try:
        yield given()
    finally:
        is_left.set()
