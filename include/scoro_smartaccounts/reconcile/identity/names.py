"""Names as they are compared: without company form, case, diacritics, punctuation; and how alike two of them are."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import IntEnum

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

_LETTERS = str.maketrans({"ø": "o", "ł": "l", "ß": "ss", "æ": "ae", "đ": "d", "ı": "i", "�": "?"})
_FORMS: dict[str, str] = {
    "ou": "OÜ",
    "0u": "OÜ",
    "qu": "OÜ",
    "ouu": "OÜ",
    "osauhing": "OÜ",
    "as": "AS",
    "aktsiaselts": "AS",
    "mtu": "MTÜ",
    "mittetulundusuhing": "MTÜ",
    "fie": "FIE",
    "fuusilisest isikust ettevotja": "FIE",
    "tu": "TÜ",
    "taisuhing": "TÜ",
    "uu": "UÜ",
    "usaldusuhing": "UÜ",
    "tulundusuhistu": "TÜH",
    "sa": "SA",
    "sihtasutus": "SA",
    "ku": "KÜ",
    "korteriuhistu": "KÜ",
    "oy": "Oy",
    "oyj": "Oy",
    "osakeyhtio": "Oy",
    "ab": "AB",
    "aktiebolag": "AB",
    "sia": "SIA",
    "sabiedriba ar ierobezotu atbildibu": "SIA",
    "uab": "UAB",
    "uzdaroji akcine bendrove": "UAB",
    "gmbh": "GmbH",
    "gesellschaft mbh": "GmbH",
    "ltd": "Ltd",
    "limited": "Ltd",
    "llc": "LLC",
    "inc": "Inc",
    "se": "SE",
    "bv": "BV",
    "aps": "ApS",
}
_LONG_FORMS = {spelled: form for spelled, form in _FORMS.items() if len(spelled) >= 8}
_MOST_FORM_WORDS = 4
# Written for each other often enough to prove nothing.
_ALIKE_FORMS = frozenset({frozenset({"OÜ", "Oy"}), frozenset({"AB", "AS"}), frozenset({"AB", "UAB"})})
_JOINING = frozenset({"ja", "and", "und", "och", "un", "ir", "et"})
_STREET_WORDS = frozenset({"tn", "tanav", "mnt", "maantee", "pst", "puiestee", "tee"})
_WIDELY_USED = {"group": "grupp", "grp": "grupp", "gr": "grupp", "estonia": "eesti"}
_MOJIBAKE = re.compile("[ÃÅÄ][\u0080-\u00bf\u0152-\u2122]")
_BRACKETS = re.compile(r"\([^()]*\)")
_SINGLE_LETTERS = re.compile(r"(?<![^\W\d_])([^\W\d_])[./](?=[^\W\d_](?:[./]|(?![^\W\d_])))")
_NOT_WORD = re.compile(r"[^\w?]+|_+")
_LONE_MARKS = re.compile(r"(?<!\w)\?+|\?+(?!\w)")
_DIGIT_BORDER = re.compile(r"(?<=\d)(?=[^\W\d])|(?<=[^\W\d])(?=\d)")
_SPELLED_DOTS = re.compile(r"(?<=[aou])e")


class Likeness(IntEnum):
    """How two names relate. SAME: equal once normalised; CLOSE: a slip of the pen apart; FUZZY: mostly the same
    letters; PART: one is a part or an abbreviation of the other."""

    DIFFERENT = 0
    PART = 1
    FUZZY = 2
    CLOSE = 3
    SAME = 4


@dataclass(frozen=True, slots=True)
class Name:
    """`words` in their order, without form; `form` as `OÜ`, empty where there is none; `joined` and `sorted`: all
    letters, in the order written and in the order of the sorted words; `numbers`: the words that are digits."""

    written: str = field(repr=False)
    words: tuple[str, ...] = field(repr=False)
    form: str
    joined: str = field(repr=False)
    sorted: str = field(repr=False)
    numbers: tuple[str, ...] = field(repr=False)

    @property
    def may_be_person(self) -> bool:
        """Two or three words of letters and no company form: people are called so, and companies without form too."""
        return not self.form and 2 <= len(self.words) <= 3 and not self.numbers


def fold(text: str) -> str:
    """Small letters without diacritics; `?` where an encoding lost one."""
    text = html.unescape(text)
    if _MOJIBAKE.search(text):
        try:
            text = text.encode("cp1252").decode()
        except UnicodeError:
            text = _MOJIBAKE.sub("?", text)
    decomposed = unicodedata.normalize("NFKD", text.casefold().translate(_LETTERS))
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def read_name(text: str, city: str = "") -> Name:
    """A name taken apart. Words of the party's own `city` are left out where others remain."""
    folded = fold(text)
    bare = _BRACKETS.sub(" ", folded)
    if _NOT_WORD.sub("", bare):
        folded = bare
    folded = _SINGLE_LETTERS.sub(r"\1", folded).replace("'", "").replace("’", "")
    words = _LONE_MARKS.sub(" ", _NOT_WORD.sub(" ", folded)).split()
    words, form = _without_form(words)
    words = [word for word in words if word not in _JOINING] or words
    words = _DIGIT_BORDER.sub(" ", " ".join(words)).split()
    numbers = tuple(sorted(word for word in words if word.isdigit()))
    if numbers:
        words = [word for word in words if word not in _STREET_WORDS] or words
    places = set(_NOT_WORD.sub(" ", fold(city)).split())
    if len(words) > len(numbers) + 1:
        words = [word for word in words if word not in places] or words
    words = [_WIDELY_USED.get(word, word) for word in words]
    return Name(text.strip(), tuple(words), form, "".join(words), "".join(sorted(words)), numbers)


def _without_form(words: list[str]) -> tuple[list[str], str]:
    """The form may stand behind or before; a name that is nothing but a form stays."""
    for length in range(min(_MOST_FORM_WORDS, len(words) - 1), 0, -1):
        for rest, candidate in ((words[:-length], words[-length:]), (words[length:], words[:length])):
            if form := _form(" ".join(candidate)):
                return rest, form
    return words, ""


def _form(text: str) -> str:
    if known := _FORMS.get(text):
        return known
    if len(text) >= 7:
        for spelled, form in _LONG_FORMS.items():
            if OSA.distance(text, spelled, score_cutoff=2) <= 2:
                return form
    return ""


def forms_clash(one: str, other: str) -> bool:
    """Do two company forms, both known, mean different companies?"""
    return bool(one and other and one != other and frozenset({one, other}) not in _ALIKE_FORMS)


def compare_names(one: Name, other: Name) -> tuple[Likeness, Decimal]:
    """How alike two names are, and in how many of a hundred parts. Forms are not looked at."""
    if not one.words or not other.words:
        return Likeness.DIFFERENT, Decimal(0)
    if one.joined == other.joined or one.sorted == other.sorted:
        return Likeness.SAME, Decimal(100)
    score = max(fuzz.ratio(one.joined, other.joined), fuzz.ratio(one.sorted, other.sorted))
    points = Decimal(round(score))
    rest, other_rest = _unpaired(one.words, other.words)
    if one.numbers != other.numbers:
        only_missing = not one.numbers or not other.numbers
        return (Likeness.PART if only_missing and not (rest and other_rest) else Likeness.DIFFERENT), points
    if _is_slip(one, other):
        return Likeness.CLOSE, points
    if not rest and not other_rest:
        return (Likeness.FUZZY if score >= 80 else Likeness.PART), points
    if not (rest and other_rest):
        return Likeness.PART, points
    return (Likeness.FUZZY if score >= 86 else Likeness.DIFFERENT), points


def _is_slip(one: Name, other: Name) -> bool:
    """A letter or two lost, doubled, swapped or hit beside; or dots written as letters, or lost to an encoding."""
    for left, right in ((one.joined, other.joined), (one.sorted, other.sorted)):
        if _SPELLED_DOTS.sub("", left) == _SPELLED_DOTS.sub("", right):
            return True
        if len(left) == len(right) and all(a == b or "?" in (a, b) for a, b in zip(left, right, strict=True)):
            return True
        length = min(len(left), len(right))
        allowed = 0 if length < 5 else 1 if length < 10 else 2
        if allowed and OSA.distance(left, right, score_cutoff=allowed) <= allowed:
            return True
    return False


def _unpaired(words: Sequence[str], others: Sequence[str]) -> tuple[list[str], list[str]]:
    """Words of either that have no partner in the other: equal, a slip apart, or an abbreviation."""
    left = list(others)
    rest: list[str] = []
    for word in sorted(words, key=len, reverse=True):
        partner = next((other for other in left if _is_partner(word, other)), None)
        if partner is None:
            rest.append(word)
        else:
            left.remove(partner)
    return rest, left


def _is_partner(word: str, other: str) -> bool:
    if word == other:
        return True
    if word.isdigit() or other.isdigit():
        return False
    short, long = sorted((word, other), key=len)
    return long.startswith(short) or (len(short) >= 4 and fuzz.ratio(word, other) >= 80)
