"""Many things, a number of them at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_Item = TypeVar("_Item")

# So many records are stored or planned at once, unless somebody says otherwise.
CHUNK = 1000
# Or about so many bytes of them: some hundreds of ordinary documents. The largest answer has several times as much.
MOST_WEIGHT = 4 * 2**20


def chunks(
    items: Iterable[_Item], size: int = CHUNK, *, weigh: Callable[[_Item], int] = lambda _: 0
) -> Iterator[list[_Item]]:
    """Yield the items in lists of at most `size`; of what can be heavy, as `weigh` tells in bytes, a list ends sooner,
    with the item that makes it so."""
    chunk: list[_Item] = []
    weight = 0
    for item in items:
        chunk.append(item)
        weight += weigh(item)
        # Nothing that was given is held: it may be as large as an answer.
        del item
        if len(chunk) == size or weight >= MOST_WEIGHT:
            yield chunk
            chunk, weight = [], 0
    if chunk:
        yield chunk
