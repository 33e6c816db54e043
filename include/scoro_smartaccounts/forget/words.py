"""What tells a person in a text: name, codes, account, e-mail, phone, in the ways in which people write them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import permutations
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from scoro_smartaccounts.staging.forget import Details

# Shorter ones stand in other texts by chance.
_SHORTEST = 6
_FEWEST_WORDS = 2
# Longer names are looked for in their own order, whichever word comes first.
_MOST_PERMUTED = 3
# Signs without width that a text may hold anywhere, unseen.
_UNSEEN = "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"
_NO_WIDTH = f"[{_UNSEEN}]*"
# What may stand between the words of a name, and between the characters of a code.
_BETWEEN_WORDS, _BETWEEN_CHARACTERS = rf"[\s,;{_UNSEEN}]+", rf"[\s./(){_UNSEEN}-]*"
_COLUMNS = ("registry_code", "vat_number", "bank_account", "email")
_FIELDS = ("id_code", "vatno", "bankaccount")
_COUNTRY = "+372"
_MEANS = ("email", "phone", "mobile", "skype")


@dataclass(frozen=True, slots=True)
class Words:
    """Names, by their words, and codes. The same name in another order is the same."""

    names: frozenset[tuple[str, ...]] = frozenset()
    codes: frozenset[str] = frozenset()

    def __or__(self, other: Words) -> Words:
        return Words(self.names | other.names, self.codes | other.codes)

    def __sub__(self, other: Words) -> Words:
        """Without what is another's too."""
        return Words(
            frozenset(name for name in self.names if _sorted(name) not in other._keys), self.codes - other.codes
        )

    def __bool__(self) -> bool:
        return bool(self.names or self.codes)

    def share(self, other: Words) -> bool:
        """Do both have a name or a code?"""
        return bool(self._keys & other._keys or self.codes & other.codes)

    @property
    def _keys(self) -> frozenset[tuple[str, ...]]:
        return frozenset(map(_sorted, self.names))

    @property
    def told(self) -> Words:
        """Those that are long enough to tell somebody within other texts."""
        return Words(
            frozenset(name for name in self.names if len(name) >= _FEWEST_WORDS),
            frozenset(code for code in self.codes if len(code) >= _SHORTEST),
        )

    @property
    def pattern(self) -> str:
        """A regular expression, of PostgreSQL and of Python, that finds each of them in a text."""
        names = [_BETWEEN_WORDS.join(map(_any_case, order)) for name in self.names for order in _orders(name)]
        codes = [_BETWEEN_CHARACTERS.join(_any_case(letter) for letter in code) for code in self.codes]
        return "|".join(sorted({*names, *codes}, key=len, reverse=True))

    def found_in(self, text: str) -> bool:
        """Do the text name the person?"""
        return bool(self) and re.search(rf"(?<!\w)(?:{self.pattern})(?![\w\u0300-\u036f])", text) is not None


def words_typed(texts: Iterable[str]) -> Words:
    """Names, addresses and codes as somebody typed them, one a text."""
    found = Words()
    for text in filter(None, map(str.strip, texts)):
        is_code = "@" in text or any(map(str.isdigit, text))
        found |= Words(codes=frozenset({_code(text)})) if is_code else Words(names=frozenset({_name(text)}))
    return found


def words_of(details: Details) -> Words:
    """Return what a record says of itself."""
    raw = details.raw
    means = raw.get("means_of_contact")
    means = means if isinstance(means, Mapping) else {}
    names = [details.record.name, f"{raw.get('name') or ''} {raw.get('lastname') or ''}"]
    codes = [getattr(details.record, column) for column in _COLUMNS]
    codes += [raw.get(field) for field in _FIELDS]
    told = [str(item or "") for kind in _MEANS for item in _listed(means.get(kind))]
    codes += [*told, *(item.replace(" ", "").removeprefix(_COUNTRY) for item in told)]
    return Words(
        frozenset(filter(None, (_name(name) for name in names))),
        frozenset(filter(None, (_code(str(code)) for code in codes if code))),
    )


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _name(text: str) -> tuple[str, ...]:
    return tuple(re.findall(r"[^\s,;]+", _seen(text).casefold()))


def _seen(text: str) -> str:
    """Return a text as people see it: letters as one sign each, without what has no width."""
    return unicodedata.normalize("NFC", text.translate(dict.fromkeys(map(ord, _UNSEEN))))


def _sorted(name: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(name))


def _code(text: str) -> str:
    """Without what people put between its characters; an e-mail address as it is."""
    text = _seen(text).strip().casefold()
    return text if "@" in text else re.sub(_BETWEEN_CHARACTERS, "", text)


def _orders(name: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Return the words of a name in the orders in which they may stand."""
    if len(name) <= _MOST_PERMUTED:
        return list(permutations(name))
    return [name[place:] + name[:place] for place in range(len(name))]


def _any_case(text: str) -> str:
    """Letters in either case, whatever the locale of the database thinks of them, as one sign or as a letter and its
    marks, with signs between them that nobody sees."""
    return _NO_WIDTH.join(map(_letter, text))


def _letter(letter: str) -> str:
    base, *marks = list(unicodedata.normalize("NFD", letter))
    apart = f"{_either(base)}{''.join(marks)}"
    return f"(?:{_either(letter)}|{apart})" if marks else _either(letter)


def _either(letter: str) -> str:
    if letter.isalpha() and len(letter.lower()) == len(letter.upper()) == 1:
        return f"[{letter.lower()}{letter.upper()}]"
    return re.escape(letter)
