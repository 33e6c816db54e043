"""A product and an article held against each other."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from rapidfuzz import fuzz

from scoro_smartaccounts.common.reasons import phrase
from scoro_smartaccounts.common.records import Confidence
from scoro_smartaccounts.matching.identity.names import fold
from scoro_smartaccounts.matching.identity.proposals import Evidence, EvidenceKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scoro_smartaccounts.common.records import ItemRecord

# Names at least so alike, of 100, are the same thing's; less alike than the other, they are another thing's.
ALIKE, OTHER = 88, 75
_NOT_CODE = re.compile(r"[\W_]+")
_LEADING_ZEROS = re.compile(r"^0+(?=.)")
_DIGIT_BORDER = re.compile(r"(?<=\d)(?=[a-z])|(?<=[a-z])(?=\d)")


@dataclass(frozen=True, slots=True)
class ItemProfile:
    """`code`: without case, punctuation and leading zeros; `letters`: the name's, in the order of its sorted words, and
    `joined` as they stand; `numbers`: the sizes and amounts in the name."""

    item: ItemRecord
    code: str
    letters: str = field(repr=False)
    joined: str = field(repr=False)
    numbers: tuple[str, ...] = field(repr=False)


def item_profile_of(item: ItemRecord) -> ItemProfile:
    """One item taken apart."""
    code = _LEADING_ZEROS.sub("", _NOT_CODE.sub("", item.code).casefold())
    words = _NOT_CODE.sub(" ", _DIGIT_BORDER.sub(" ", fold(item.name))).split()
    in_order = sorted(words)
    numbers = tuple(word for word in in_order if word.isdigit())
    return ItemProfile(item, code, "".join(in_order), "".join(words), numbers)


@dataclass(frozen=True, slots=True)
class ItemPair:
    """`alike`: how alike the names are, 0-100; another size or amount is another thing."""

    source: ItemProfile
    remote: ItemProfile
    alike: Decimal

    @property
    def is_by_code(self) -> bool:
        """The same code, but for how it is written."""
        return bool(self.source.code) and self.source.code == self.remote.code

    @property
    def is_letter_for_letter(self) -> bool:
        """The same code as it is written."""
        return self.is_by_code and self.source.item.code.strip() == self.remote.item.code.strip()

    @property
    def is_other_type(self) -> bool:
        """Stock in one system and not in the other."""
        types = {self.source.item.is_stock, self.remote.item.is_stock}
        return types == {True, False}

    @property
    def verdict(self) -> Confidence | None:
        """What the pair is worth if no other candidate stands in the way; None: nothing to propose."""
        if not self.is_by_code:
            return Confidence.LIKELY if self.alike >= ALIKE else None
        # No code is so long that it is not given twice: both systems number on.
        agrees = self.alike >= (OTHER if self.is_letter_for_letter else ALIKE)
        return Confidence.CERTAIN if agrees and not self.is_other_type else Confidence.LIKELY

    @property
    def score(self) -> Decimal:
        """0-100."""
        code = 60 if self.is_letter_for_letter else 50 if self.is_by_code else 0
        points = code + self.alike * 40 / 100 - (5 if self.is_other_type else 0)
        return max(points, Decimal(0)).quantize(Decimal("0.01"))

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """What speaks for the pair, then what speaks against it."""
        return tuple(self._evidence())

    def _evidence(self) -> Iterator[Evidence]:
        codes = f"{self.source.item.code} / {self.remote.item.code}"
        names = f"{self.source.item.name} / {self.remote.item.name}"
        if self.is_letter_for_letter:
            yield Evidence(EvidenceKind.ARTICLE_CODE, phrase("why_same_code", text=self.remote.item.code))
        elif self.is_by_code:
            yield Evidence(EvidenceKind.ARTICLE_CODE, phrase("why_code_alike", text=codes))
        if self.alike == 100:
            yield Evidence(EvidenceKind.NAME, phrase("why_same_name", text=names))
        elif self.alike >= OTHER:
            yield Evidence(EvidenceKind.FUZZY_NAME, phrase("why_similar_name", text=names), self.alike)
        elif self.source.letters and self.remote.letters:
            yield Evidence(EvidenceKind.OTHER_NAME, phrase("why_other_name", text=names), self.alike)
        if self.source.code and self.remote.code and not self.is_by_code:
            yield Evidence(EvidenceKind.OTHER_ARTICLE_CODE, phrase("why_other_code", text=codes))
        if self.is_other_type:
            yield Evidence(EvidenceKind.OTHER_TYPE, phrase("why_other_type"))


def are_called_alike(one: ItemRecord, other: ItemRecord) -> bool:
    """Do the names of a product and of the article with its very code agree? A name that is missing does."""
    pair = compare_items(item_profile_of(one), item_profile_of(other))
    return pair.alike >= OTHER or not pair.source.letters or not pair.remote.letters


def compare_items(source: ItemProfile, remote: ItemProfile) -> ItemPair:
    """Two items held against each other."""
    if not source.letters or not remote.letters:
        return ItemPair(source, remote, Decimal(0))
    ratio = max(fuzz.ratio(source.letters, remote.letters), fuzz.ratio(source.joined, remote.joined))
    alike = Decimal(round(ratio))
    return ItemPair(source, remote, alike if source.numbers == remote.numbers else min(alike, Decimal(OTHER - 1)))
