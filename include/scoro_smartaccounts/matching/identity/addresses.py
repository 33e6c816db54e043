"""Addresses as they are compared: street and house, whatever is written around them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from rapidfuzz import fuzz

from scoro_smartaccounts.matching.identity.names import fold
from scoro_smartaccounts.matching.identity.places import STREET_KINDS, are_other_streets

_STREET_WORDS = re.compile(rf"\b(?:{'|'.join(STREET_KINDS)}|str|street|iela|katu)\b\.?")
_HOUSE = re.compile(r"(?<!\w)(\d+\s?[a-z]?)(?:\s?[-/]\s?(?:k\s?)?(\d+))?(?!\w)")


@dataclass(frozen=True, slots=True)
class Place:
    """`street` without its `kind`, `house` as `12a`, `flat` as `3`; empty where not known."""

    street: str = field(repr=False)
    kind: str
    house: str
    flat: str
    city: str = field(repr=False)

    @property
    def key(self) -> tuple[str, str] | None:
        """What neighbours share: the first letters of the street, and the house."""
        return (self.street[:4], self.house) if self.street and self.house else None


def read_place(street: str, city: str) -> Place:
    """Return an address taken apart; the city may stand behind the street."""
    kind = next((STREET_KINDS[word] for word in re.findall(r"\w+", fold(street)) if word in STREET_KINDS), "")
    folded = _STREET_WORDS.sub(" ", fold(street))
    town = re.split(r"[,;]", fold(city))[0].strip()
    found = _HOUSE.search(folded)
    if found is None:
        return Place("", "", "", "", town)
    house, flat = found.group(1).replace(" ", ""), found.group(2) or ""
    name = re.sub(r"\W+", "", folded[: found.start()])
    return Place(name, kind, house, flat, town)


def same_place(one: Place, other: Place) -> bool:
    """Return the same street and house, and no other flat."""
    if not (one.street and one.house == other.house and other.street):
        return False
    if are_other_streets(one.kind, other.kind):
        return False
    if one.flat and other.flat and one.flat != other.flat:
        return False
    return fuzz.ratio(one.street, other.street) >= 85
