"""Where control totals add up: three sides beside each other, never added, and what makes them differ by name. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

from scoro_smartaccounts.common.money import ZERO

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from scoro_smartaccounts.common.reasons import Phrase

UNEXPLAINED = "unexplained"


class Bridge(StrEnum):
    """What is compared: Scoro with the documents in SmartAccounts, in their currency; these with its ledger, in
    euros."""

    DOCUMENTS = "documents"
    LEDGER = "ledger"


class Measure(StrEnum):
    """What is added up. Net and VAT are by VAT code; `paid` and `open` are what was paid of documents that
    both sides have, and what is still to be paid, by month of the document; `stock` their quantities of
    stock articles."""

    COUNT = "count"
    NET = "net"
    VAT = "vat"
    ROUNDING = "rounding"
    TOTAL = "total"
    OPEN = "open"
    PAID = "paid"
    STOCK = "stock"


@dataclass(frozen=True, slots=True)
class Place:
    """Where amounts stand: `month` is its first day."""

    month: date
    bridge: Bridge
    flow: str
    currency: str


# Amounts of one document, by what they are and VAT code ("" where they are of all codes).
Part = tuple[Measure, str]
Amounts = Mapping[Part, Decimal]


@dataclass(frozen=True, slots=True)
class About:
    """Which document a cause names."""

    source_id: str = ""
    remote_id: str = ""
    number: str = ""


@dataclass(frozen=True, slots=True)
class Cause:
    """Why the sides of one total differ by an amount: `words` say it in both languages."""

    place: Place
    part: Part
    cause: str
    amount: Decimal
    words: Phrase
    about: About


@dataclass(frozen=True, slots=True)
class Cell:
    """One total. Of the bridge `documents` Scoro and books are compared, of `ledger` books and ledger; the third side
    is None. `unexplained` is what no cause names; where sides agree and a record contradicts itself, how far."""

    place: Place
    part: Part
    scoro: Decimal | None = None
    books: Decimal = ZERO
    ledger: Decimal | None = None
    causes: Decimal = ZERO
    unexplained: Decimal = ZERO

    @property
    def difference(self) -> Decimal:
        """How much more the right one of the two sides is that are compared."""
        return self.books - self.scoro if self.scoro is not None else (self.ledger or ZERO) - self.books


@dataclass
class Sheet:
    """Adds up what pairs give. `sides`: of each place and part left and right; `causes`: all of them, the unexplained
    ones too."""

    _sides: dict[tuple[Place, Part], list[Decimal]] = field(default_factory=lambda: defaultdict(lambda: [ZERO, ZERO]))
    causes: list[Cause] = field(default_factory=list)
    _broken: dict[tuple[Place, Part], Decimal] = field(default_factory=lambda: defaultdict(Decimal))

    def left(self, place: Place, amounts: Amounts) -> None:
        """Add to the side that is compared."""
        self._add(place, amounts, 0)

    def right(self, place: Place, amounts: Amounts) -> None:
        """Add to the side that it is compared with."""
        self._add(place, amounts, 1)

    def name(self, place: Place, cause: str, amounts: Amounts, words: Phrase, about: About) -> None:
        """Name why the right side is bigger by these amounts."""
        self.causes += [
            Cause(place, part, cause, amount, words, about) for part, amount in sorted(amounts.items()) if amount
        ]

    def broken(self, place: Place, part: Part, amount: Decimal, words: Phrase, about: About) -> None:
        """Name a record that contradicts itself, by how much: no side is known to be wrong."""
        self.causes.append(Cause(place, part, UNEXPLAINED, amount, words, about))
        self._broken[place, part] += abs(amount)

    def cells(self) -> list[Cell]:
        """Return all totals, in order."""
        named: dict[tuple[Place, Part], Decimal] = defaultdict(Decimal)
        for each in self.causes:
            if each.cause != UNEXPLAINED:
                named[each.place, each.part] += each.amount
        found = []
        for key in sorted({*self._sides, *named, *self._broken}, key=_order):
            left, right = self._sides.get(key, [ZERO, ZERO])
            residue = right - left - named[key] or self._broken.get(key, ZERO)
            place, part = key
            cell = Cell(place, part, causes=named[key], unexplained=residue)
            if place.bridge is Bridge.DOCUMENTS:
                found.append(replace(cell, scoro=left, books=right))
            else:
                found.append(replace(cell, books=left, ledger=right))
        return found

    def _add(self, place: Place, amounts: Amounts, side: int) -> None:
        for part, amount in amounts.items():
            self._sides[place, part][side] += amount


def month_of(day: date) -> date:
    """Return the first day of a month."""
    return day.replace(day=1)


def minus(one: Amounts, other: Amounts) -> dict[Part, Decimal]:
    """Return by how much the one is more than the other, where it is."""
    found = {part: one.get(part, ZERO) - other.get(part, ZERO) for part in {*one, *other}}
    return {part: amount for part, amount in found.items() if amount}


def turned(amounts: Amounts) -> dict[Part, Decimal]:
    """Return the amounts with the other sign."""
    return {part: -amount for part, amount in amounts.items()}


def total_of(amounts: Amounts, *measures: Measure) -> Decimal:
    """Return the sum of parts over all codes."""
    return sum((amount for (measure, _), amount in amounts.items() if measure in measures), ZERO)


def is_clean(cells: Iterable[Cell]) -> bool:
    """Whether nothing is unexplained."""
    return not any(cell.unexplained for cell in cells)


def _order(key: tuple[Place, Part]) -> tuple[date, str, str, str, str, str]:
    place, (measure, code) = key
    return place.month, place.bridge.value, place.flow, place.currency, code, measure.value
