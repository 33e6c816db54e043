"""Names as they are compared: without company form, case, diacritics, punctuation; and how alike two of them are."""

from __future__ import annotations

import html
import re
import unicodedata
from dataclasses import dataclass, field
from decimal import Decimal
from enum import IntEnum
from typing import TYPE_CHECKING

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from scoro_smartaccounts.matching.identity.places import STREET, STREET_KINDS, TOWNS, are_other_streets

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_LETTERS = str.maketrans({"ø": "o", "ł": "l", "ß": "ss", "æ": "ae", "đ": "d", "ı": "i", "�": "?"})
_FORMS: dict[str, str] = {
    "ou": "OÜ",
    "0u": "OÜ",
    "qu": "OÜ",
    "ouu": "OÜ",
    "oou": "OÜ",
    "iu": "OÜ",
    "pu": "OÜ",
    "uo": "OÜ",
    "osauhing": "OÜ",
    "as": "AS",
    "ass": "AS",
    "aktsiaselts": "AS",
    "mtu": "MTÜ",
    "mttu": "MTÜ",
    "mtuu": "MTÜ",
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
    "sro": "s.r.o.",
    "ag": "AG",
    "spzoo": "Sp. z o.o.",
    "sp z oo": "Sp. z o.o.",
}
_LONG_FORMS = {spelled: form for spelled, form in _FORMS.items() if len(spelled) >= 8}
_MOST_FORM_WORDS = 4
_MOST_TURNED = 4
_BUT_FOR_A_NOTE = 95
_NEVER_A_WORD = frozenset({"ou", "osauhing", "aktsiaselts", "mtu", "fie", "oy", "sia", "uab", "gmbh", "ltd"})
_BRANCHES = frozenset({"filiaal", "branch", "filial", "filialas", "filiale"})
# Written for each other often enough to prove nothing.
_ALIKE_FORMS = frozenset({frozenset({"OÜ", "Oy"}), frozenset({"AB", "AS"}), frozenset({"AB", "UAB"})})
_JOINING = frozenset({"ja", "and", "und", "och", "un", "ir", "et"})
# Behind or before a city's own name.
_NO_TOWNS = frozenset({"vald", "linn", "maakond", "kula", "alevik", "harju"})
_ADDED_AT_WILL = frozenset({"eesti"})
_WIDELY_USED = {"group": "grupp", "grp": "grupp", "gr": "grupp", "estonia": "eesti"}
_MOJIBAKE = re.compile("[ÃÅÄ][\u0080-\u00bf\u0152-\u2122]")
_NOTE = re.compile(r"\([^()]*\)|\s[-/]\s*[^\W\d_]+\s*$")
_SINGLE_LETTERS = re.compile(r"(?<![^\W\d_])([^\W\d_])[./](?=[^\W\d_](?:[./]|(?![^\W\d_])))")
_NOT_WORD = re.compile(r"[^\w?]+|_+")
_LONE_MARKS = re.compile(r"(?<!\w)\?+|\?+(?!\w)")
_COUNTS = re.compile(r"\d+|[ivx]+|\w")
_DIGIT_BORDER = re.compile(r"(?<=\d)(?=[^\W\d])|(?<=[^\W\d])(?=\d)")
_STREET_AND_HOUSE = re.compile(r"[^\W\d_]{3}\D*\d")
_HYPHEN = re.compile(r"(?<=[^\W\d_])-(?=[^\W\d_])")
# Õ is found behind the 6 on some keyboards, and o beside 0.
_DIGIT_FOR_LETTER = re.compile(r"(?<=[^\W\d_])[60](?=[^\W\d_]{2})")
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
class Letters:
    """`words` in their order; `joined` and `sorted`: all letters, in the order written and in the order of the sorted
    words; `spellings`: these, and those that begin with another word: `Mets Mari-Liis` is `Mari Liis Mets`; `numbers`:
    the words that count: digits, Roman numbers, single letters."""

    words: tuple[str, ...] = field(repr=False)
    joined: str = field(repr=False)
    sorted: str = field(repr=False)
    spellings: frozenset[str] = field(repr=False)
    numbers: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Name(Letters):
    """The letters are those without form and towns; `whole`: with the towns. `form` as `OÜ`, empty where there is none.

    `towns` are in the name, `city` the words of the partner's own; `seat` is the town before a street that is the name,
    and `street` that street's kind. `note`: what somebody wrote behind the name: a contact, a department. Mostly it
    tells nothing.
    """

    whole: Letters = field(repr=False)
    written: str = field(repr=False)
    form: str
    towns: frozenset[str] = field(repr=False)
    city: frozenset[str] = field(repr=False)
    seat: frozenset[str] = field(repr=False)
    street: str
    note: str = field(repr=False)

    @property
    def may_be_person(self) -> bool:
        """Two or three words of letters and no company form: people are called so, and companies without form too."""
        return not self.form and 2 <= len(self.words) <= 3 and not any(word.isdigit() for word in self.words)


def fold(text: str) -> str:
    """Small letters without diacritics; `?` where an encoding lost one."""
    text = html.unescape(text)
    text = _MOJIBAKE.sub(_mended, text)
    decomposed = unicodedata.normalize("NFKD", text.casefold().translate(_LETTERS))
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def _mended(found: re.Match[str]) -> str:
    """UTF-8 that was read as Windows-1252."""
    try:
        return found.group().encode("cp1252").decode()
    except UnicodeError:
        return "?"


def read_name(text: str, city: str = "") -> Name:
    """Return a name taken apart. Towns, and words of the partner's own `city`, are set apart where others remain."""
    folded = fold(text)
    folded, note = _without_note(folded)
    folded = _SINGLE_LETTERS.sub(r"\1", folded).replace("'", "").replace("’", "")
    folded, seat = _without_town(folded)
    folded = _DIGIT_FOR_LETTER.sub("o", _HYPHEN.sub("", folded))
    words, form, behind = _without_form(_LONE_MARKS.sub(" ", _NOT_WORD.sub(" ", folded)).split())
    words = [word for word in words if word not in _JOINING] or words
    words = _DIGIT_BORDER.sub(" ", " ".join(words)).split()
    kinds: list[str] = []
    if any(word.isdigit() for word in words):
        kinds = [STREET_KINDS[word] for word in words if word in STREET_KINDS]
        words = [word for word in words if word not in STREET_KINDS] or words
    words = [_WIDELY_USED.get(word, word) for word in words]
    places = frozenset(map(_town, _words(_HYPHEN.sub("", fold(city))))) - _NO_TOWNS
    towns = frozenset(town for word in words if (town := _town(word)) in places or town in TOWNS)
    without = [word for word in words if _town(word) not in towns]
    if all(word.isdigit() for word in without):
        towns, without = frozenset(), words
    core = _letters(without)
    return Name(
        words=core.words,
        joined=core.joined,
        sorted=core.sorted,
        spellings=core.spellings,
        numbers=core.numbers,
        whole=_letters(words) if towns else core,
        written=text.strip(),
        form=form,
        towns=towns,
        city=places,
        seat=frozenset(map(_town, seat)),
        street=kinds[0] if kinds else "",
        note=note or behind,
    )


def _letters(words: Sequence[str]) -> Letters:
    joined, in_order = "".join(words), "".join(sorted(words))
    turned = ("".join((*words[place:], *words[:place])) for place in range(1, min(len(words), _MOST_TURNED)))
    return Letters(
        words=tuple(words),
        joined=joined,
        sorted=in_order,
        spellings=frozenset(filter(None, (joined, in_order, *turned))),
        numbers=tuple(sorted(word for word in words if _COUNTS.fullmatch(word))),
    )


def _words(folded: str) -> list[str]:
    return _NOT_WORD.sub(" ", folded).split()


def _town(word: str) -> str:
    return TOWNS.get(word, word)


def _without_town(folded: str) -> tuple[str, list[str]]:
    """Housing associations are called by their address: `Tallinn, Kuldkala tn 12`. The name without the town."""
    before, _, rest = folded.partition(",")
    town = [word for word in _words(before) if not _form(word)]
    if not 1 <= len(town) <= 2 or any(char.isdigit() for char in before) or not _STREET_AND_HOUSE.search(rest):
        return folded, []
    for word in town:
        before = before.replace(word, " ")
    return before + rest, town


def _without_note(folded: str) -> tuple[str, str]:
    """Return a name without what stands in brackets, or as a single word behind a dash or a slash."""
    found = _NOTE.search(folded)
    if found is None or not _NOT_WORD.sub("", folded[: found.start()] + folded[found.end() :]):
        return folded, ""
    return f"{folded[: found.start()]} {folded[found.end() :]}", found.group().strip(" -/()")


def _without_form(words: list[str]) -> tuple[list[str], str, str]:
    """Return the name, its form, and a note behind it.

    The form may stand behind or before; a name that is nothing but a form stays. What stands behind a form in the
    middle is a note, except where it makes a branch of the company.
    """
    for length in range(min(_MOST_FORM_WORDS, len(words) - 1), 0, -1):
        for rest, candidate in ((words[:-length], words[-length:]), (words[length:], words[:length])):
            if form := _form(" ".join(candidate)):
                return rest, form, ""
    for place, word in enumerate(words[1:-1], start=1):
        if word in _NEVER_A_WORD and not _BRANCHES & set(words[place:]):
            return words[:place], _FORMS[word], " ".join(words[place + 1 :])
    return words, "", ""


def _form(text: str) -> str:
    if known := _FORMS.get(text.replace("?", "u")):
        return known
    if len(text) >= 7 and not any(char.isdigit() for char in text):
        for spelled, form in _LONG_FORMS.items():
            if spelled.count(" ") == text.count(" ") and OSA.distance(text, spelled, score_cutoff=2) <= 2:
                return form
    return ""


def forms_clash(one: str, other: str) -> bool:
    """Do two company forms, both known, mean different companies?"""
    return bool(one and other and one != other and frozenset({one, other}) not in _ALIKE_FORMS)


def are_equal(one: Name, other: Name) -> bool:
    """Return the same letters, in whatever order the words stand and whatever was noted behind them; and the same
    towns."""
    return _tell_one_place(one, other) and not one.spellings.isdisjoint(other.spellings)


def _tell_one_place(one: Name, other: Name) -> bool:
    return one.towns == other.towns and _street(one) == _street(other) and not _are_elsewhere(one, other)


def _street(name: Name) -> str:
    return "" if name.street == STREET else name.street


def _are_elsewhere(one: Name, other: Name) -> bool:
    """Sisters are called after their towns, housing associations after their streets: the rest may be the same."""
    towns, other_towns = one.towns | one.seat, other.towns | other.seat
    return bool(towns and other_towns and towns.isdisjoint(other_towns)) or are_other_streets(one.street, other.street)


def compare_names(one: Name, other: Name, *, persons: bool = False) -> tuple[Likeness, Decimal]:
    """How alike two names are, and in how many of a hundred parts. Forms are not looked at.

    Of `persons` every word must agree: another first name is another person, however long the last name is.
    """
    if not one.words or not other.words:
        return Likeness.DIFFERENT, Decimal(0)
    noted = one.note != other.note
    found = _compare(one, other, noted=noted, persons=persons)
    whole = _compare(one.whole, other.whole, noted=noted, persons=persons)
    if _are_elsewhere(one, other):
        return Likeness.DIFFERENT, whole[1]
    if _tell_one_place(one, other):
        return max(found, whole)
    if _street(one) != _street(other):
        return min(max(found, whole), (Likeness.FUZZY, Decimal(_BUT_FOR_A_NOTE)))
    # Only one tells the town: its own is mostly nothing but a note.
    is_own = one.towns ^ other.towns <= one.city | other.city
    return max(whole, min(found, (Likeness.FUZZY, Decimal(_BUT_FOR_A_NOTE)) if is_own else (Likeness.PART, whole[1])))


def _compare(one: Letters, other: Letters, *, noted: bool, persons: bool) -> tuple[Likeness, Decimal]:
    if not one.spellings.isdisjoint(other.spellings):
        return (Likeness.FUZZY, Decimal(_BUT_FOR_A_NOTE)) if noted else (Likeness.SAME, Decimal(100))
    score = max(fuzz.ratio(one.joined, other.joined), fuzz.ratio(one.sorted, other.sorted))
    points = Decimal(round(score))
    rest, other_rest = _unpaired(one.words, other.words, _are_one_persons if persons else _are_one_companys)
    if one.numbers != other.numbers and not persons:
        only_missing = not one.numbers or not other.numbers
        return (Likeness.PART if only_missing and not (rest and other_rest) else Likeness.DIFFERENT), points
    if persons and rest and other_rest:
        return Likeness.DIFFERENT, points
    if persons and _initials(one) != _initials(other):
        return Likeness.PART, points
    if _is_slip(one, other):
        return (Likeness.FUZZY if noted else Likeness.CLOSE), points
    if not rest and not other_rest:
        return (Likeness.FUZZY if score >= 80 else Likeness.PART), points
    if {*rest, *other_rest} <= _ADDED_AT_WILL:
        return Likeness.FUZZY, max(points, Decimal(_BUT_FOR_A_NOTE))
    if not (rest and other_rest):
        return Likeness.PART, points
    are_alike = score >= 86 and fuzz.ratio("".join(rest), "".join(other_rest)) >= 60
    return (Likeness.FUZZY if are_alike else Likeness.DIFFERENT), points


def _initials(name: Letters) -> list[str]:
    return sorted(word for word in name.words if len(word) == 1)


def _is_slip(one: Letters, other: Letters) -> bool:
    """Return a letter or two lost, doubled, swapped or hit beside; or dots written as letters, or lost to an encoding.

    In a short word a letter makes another word: KLM is not a slip of KLN.
    """
    differing = ["".join(w for w in left.words if w not in right.words) for left, right in ((one, other), (other, one))]
    length = min(map(len, differing))
    allowed = 0 if length < 5 else 1 if length < 10 else 2
    for left, right in ((one.joined, other.joined), (one.sorted, other.sorted)):
        if _SPELLED_DOTS.sub("", left) == _SPELLED_DOTS.sub("", right):
            return True
        if len(left) == len(right) and all(a == b or "?" in (a, b) for a, b in zip(left, right, strict=True)):
            return True
        if allowed and OSA.distance(left, right, score_cutoff=allowed) <= allowed:
            return True
    return False


def _unpaired(
    words: Sequence[str], others: Sequence[str], are_one: Callable[[str, str], bool]
) -> tuple[list[str], list[str]]:
    """Words of either that have no partner in the other."""
    left = list(others)
    rest: list[str] = []
    for word in sorted(words, key=len, reverse=True):
        partner = word if word in left else next((other for other in left if are_one(word, other)), None)
        if partner is None:
            rest.append(word)
        else:
            left.remove(partner)
    return rest, left


def _are_one_companys(word: str, other: str) -> bool:
    """Return a slip apart, or one is an abbreviation of the other."""
    if word.isdigit() or other.isdigit():
        return word == other
    short, long = sorted((word, other), key=len)
    return long.startswith(short) or (len(short) >= 4 and fuzz.ratio(word, other) >= 80)


def _are_one_persons(word: str, other: str) -> bool:
    """Return a slip apart, or one is the initial of the other, or the first of its two names: Mari of Mari-Liis."""
    short, long = sorted((word, other), key=len)
    if (len(short) == 1 or len(short) > 2) and long.startswith(short):
        return True
    allowed = 1 if len(short) < 8 else 2
    return len(long) >= 4 and (
        OSA.distance(word, other, score_cutoff=allowed) <= allowed
        or _SPELLED_DOTS.sub("", word) == _SPELLED_DOTS.sub("", other)
        or (len(word) == len(other) and all(a == b or "?" in (a, b) for a, b in zip(word, other, strict=True)))
    )
