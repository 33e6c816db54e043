"""A difference of the ledger's balances → what made it: somebody who worked meanwhile, an entry that is gone, or
nothing that is known."""

from __future__ import annotations

from decimal import Decimal
from itertools import combinations
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    Vector = Mapping[str, Decimal]

# Of more changes not every choice is tried.
_MOST_MOVES = 12
# So many entries of the same amounts are looked at.
_MOST_ALIKE = 3


def is_made_of(difference: Vector, moves: Sequence[Vector]) -> bool:
    """Whether some of the moves make up the difference: those that came before the balances were read."""
    wanted = _clean(difference)
    if not wanted:
        return True
    if len(moves) > _MOST_MOVES:
        return _clean(_sum(moves)) == wanted
    choices = (some for size in range(1, len(moves) + 1) for some in combinations(moves, size))
    return any(_clean(_sum(some)) == wanted for some in choices)


def entries_without(
    difference: Vector, unsigned: Collection[str], known: Mapping[str, Vector]
) -> Iterator[tuple[str, ...]]:
    """Yield entries whose absence makes the difference: single ones first, then two together."""
    wanted = {account: -value for account, value in _clean(difference).items()}
    alike = [entry_id for entry_id, moved in known.items() if _is_same(moved, wanted, unsigned)]
    yield from ((entry_id,) for entry_id in alike[:_MOST_ALIKE])
    if alike or unsigned:
        return
    by_moves: dict[frozenset[tuple[str, Decimal]], str] = {}
    for entry_id, moved in known.items():
        rest = _clean(_sum((wanted, {account: -value for account, value in moved.items()})))
        other = by_moves.get(frozenset(rest.items()))
        if other is not None:
            yield other, entry_id
            return
        by_moves[frozenset(_clean(moved).items())] = entry_id


def _is_same(moved: Vector, wanted: Vector, unsigned: Collection[str]) -> bool:
    return moved.keys() == wanted.keys() and all(
        abs(value) == abs(wanted[account]) if account in unsigned else value == wanted[account]
        for account, value in moved.items()
    )


def _sum(some: Sequence[Vector]) -> dict[str, Decimal]:
    result: dict[str, Decimal] = {}
    for moved in some:
        for account, value in moved.items():
            result[account] = result.get(account, Decimal(0)) + value
    return result


def _clean(moved: Vector) -> dict[str, Decimal]:
    return {account: value for account, value in moved.items() if value}
