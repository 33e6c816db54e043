"""In which order payments are planned, and therefore sent: every plan supposes that those before it went through."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from scoro_smartaccounts.outbox.locked import month_end
from scoro_smartaccounts.plan.payment_decision import keys_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import date

    from scoro_smartaccounts.common.documents import ReceiptGroup
    from scoro_smartaccounts.staging.links import Key

# By what SmartAccounts is known to refuse: after its month, in its month but later, up to it.
_OPEN, _DOUBTFUL, _LOCKED = range(3)


def in_order(
    groups: Iterable[ReceiptGroup], *, refused: Collection[str], locked_until: date | None
) -> list[ReceiptGroup]:
    """By day; behind them those that may be locked, and those that are known as locked, which nothing supposes to go
    through; last those whose refusal is still open (`refused`), in the same order.

    Of a locked month the newest goes first, so that one refusal tells of all that are older. But payments of the same
    documents stay together, by day, at the place of the oldest: what the first one leaves is what the next one pays.
    """

    def place(group: ReceiptGroup) -> tuple[bool, int]:
        return group.source_id in refused, _locked(group.day, locked_until)

    found: list[ReceiptGroup] = []
    for (_, locked), some in groupby(sorted(groups, key=place), key=place):
        by_day = sorted(some, key=lambda group: (group.day, int(group.source_id)))
        if locked == _OPEN:
            found += by_day
        else:
            together = sorted(_together(by_day), key=lambda each: each[0].day, reverse=True)
            found += [group for each in together for group in each]
    return found


def _locked(day: date, locked_until: date | None) -> int:
    if locked_until is None or day > month_end(locked_until):
        return _OPEN
    return _DOUBTFUL if day > locked_until else _LOCKED


def _together(groups: list[ReceiptGroup]) -> list[list[ReceiptGroup]]:
    """Return the groups, in their order, by the documents that they share, be it by way of other groups."""
    earlier = list(range(len(groups)))
    first_of: dict[Key, int] = {}

    def first(index: int) -> int:
        while earlier[index] != index:
            index = earlier[index]
        return index

    for index, group in enumerate(groups):
        for key in keys_of(group):
            oldest, other = sorted((first(index), first(first_of.setdefault(key, index))))
            earlier[other] = oldest
    found: dict[int, list[ReceiptGroup]] = {}
    for index, group in enumerate(groups):
        found.setdefault(first(index), []).append(group)
    return list(found.values())
