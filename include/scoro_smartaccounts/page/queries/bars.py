"""Control totals as a picture: of each flow both sides of each month, and what nothing explains."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scoro_smartaccounts.common.money import ZERO

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from decimal import Decimal

    from scoro_smartaccounts.staging.control_totals import StoredTotal

# How high the highest bar is, and how high what is not nothing is at least.
HEIGHT = 80
_LEAST = 3
_MEASURES = ("total", "paid")


@dataclass(frozen=True, slots=True)
class Bars:
    """A month: the heights of its bars, and what of the right one nothing explains."""

    total: StoredTotal
    scoro: int
    books: int
    unexplained: int


@dataclass(frozen=True, slots=True)
class Picture:
    """A total of a flow in the currency that most of its months have, the oldest month first."""

    first: StoredTotal
    months: Sequence[Bars]


def pictures_of(totals: Iterable[StoredTotal]) -> list[Picture]:
    """Return the pictures of totals, one a flow. `totals`: those of the newest month first."""
    found: dict[tuple[str, str], dict[str, list[StoredTotal]]] = defaultdict(lambda: defaultdict(list))
    for each in totals:
        if each.measure in _MEASURES and each.bridge == "documents" and not each.vat_code:
            found[each.flow, each.measure][each.currency].append(each)
    return [_picture(max(of.values(), key=len)[::-1]) for of in found.values()]


def _picture(totals: Sequence[StoredTotal]) -> Picture:
    most = max(max(abs(each.scoro or ZERO), abs(each.books)) for each in totals)
    return Picture(totals[0], [_bars(each, most) for each in totals])


def _bars(total: StoredTotal, most: Decimal) -> Bars:
    books = _height(total.books, most)
    return Bars(
        total=total,
        scoro=_height(total.scoro, most),
        books=books,
        # A cent of a thousand euros is seen too.
        unexplained=max(_LEAST, min(_height(total.unexplained, most), max(books, _LEAST))) if total.unexplained else 0,
    )


def _height(amount: Decimal | None, most: Decimal) -> int:
    return 0 if not amount or not most else max(1, round(HEIGHT * abs(amount) / most))
