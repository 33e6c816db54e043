"""How a value stands in a sentence, by what its placeholder says; `{count}` alone is the value itself.

- `{count:document|documents}`: the word that fits the number. The first one is for 1, the second for all others: in
  Estonian that is the partitive.
- `{total:amount}`: amounts, rates and percentages, as the language writes them.
- `{month:month}`: a month by its name; in Estonian `month_of`, `month_in` and `month_into` too (jaanuari, jaanuaris,
  jaanuarisse).
- `{month:by_book_into}`: what to do about it, the button on the page, the command elsewhere.

The command `retry` stands in English sentences as a verb; on the page it is the button (`pressed`). Estonian calls both
alike.

Values are text, as they are stored; what is no amount or no month stays as it is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scoro_smartaccounts.common.reasons.message import Language

LOCALES: Mapping[Language, str] = {"et": "et_EE", "en": "en_US"}
_WORDS = "|"
# A number with a point, and no day.
_AMOUNT = re.compile(r"(?<![\w.])-?\d+\.(\d+)(?!\w|\.\d)", re.ASCII)
_MONTH = re.compile(r"(?P<year>\d{4})-(?P<month>\d{2})|(?P<of>\d{2})\.(?P<its>\d{4})", re.ASCII)
_NAMES: Mapping[Language, tuple[str, ...]] = {
    "et": (
        "jaanuar",
        "veebruar",
        "märts",
        "aprill",
        "mai",
        "juuni",
        "juuli",
        "august",
        "september",
        "oktoober",
        "november",
        "detsember",
    ),
    "en": (
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ),
}
# What follows the genitive.
_CASES = {"month_of": "", "month_in": "s", "month_into": "sse"}
_BY = "by_"
TRY_AGAIN = "Try again"
_RETRY = re.compile(r"(?<!command )\b(?P<noun>a )?(?P<verb>[Rr])etry\b(?: it\b)?(?P<what> this \w+| \{retried\})?")


@dataclass(frozen=True, slots=True)
class Way:
    """What a person does about something: the command, and the button of the page in both languages."""

    command: str
    en: str
    et: str


WAYS: Mapping[str, Way] = {
    "book_into": Way("book-into {value}", "Book into {value:month}", "Kanna {value:month_into}"),
    "filed": Way(
        "filed {value}", "Audit > {value:month} > Mark as filed", "Kontroll > {value:month} > Märgi esitatuks"
    ),
    "reopened": Way(
        "reopened {value}",
        "Audit > {value:month} > Mark as open again",
        "Kontroll > {value:month} > Märgi jälle avatuks",
    ),
    "first_open_day": Way("book-into first-open-day", "Book on the first open day", "Kanna esimesel avatud päeval"),
}


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads. On the page and in notices amounts are written as the language does, and what is to be pressed is
    told; in logs, files and the answers of commands a point stands in amounts, and commands are named."""

    language: Language
    is_on_page: bool = False


@dataclass(frozen=True, slots=True)
class Spoken:
    """A text that a sentence takes."""

    text: str
    reader: Reader

    def __format__(self, how: str) -> str:
        return spoken(self.text, how, self.reader)


def said_on_page(template: str, values: Mapping[str, object], language: Language) -> str:
    """Return words of the page, or of a notice, with their values."""
    reader = Reader(language, is_on_page=True)
    return template.format_map({name: Spoken(str(value), reader) for name, value in values.items()})


def spoken(text: str, how: str, reader: Reader) -> str:
    """Return a text as its placeholder wants it."""
    if _WORDS in how:
        return fitting(text, how)
    if how == "amount":
        return amounts(text, reader.language) if reader.is_on_page else text
    if how.startswith("month"):
        return month(text, reader.language, how)
    if how.startswith(_BY):
        return _by(WAYS[how.removeprefix(_BY)], text, reader)
    return text


def pressed(template: str) -> str:
    """Return an English sentence with the button in the place of the command `retry`, before its values are filled
    in."""
    return _RETRY.sub(_pressed, template)


def _pressed(found: re.Match[str]) -> str:
    button = f"“{TRY_AGAIN}”"
    if found["noun"]:
        return button
    return f"{'Choose' if found['verb'] == 'R' else 'choose'} {button}{' for' + found['what'] if found['what'] else ''}"


def counted(number: int, words: str) -> str:
    """Return a number with the word that fits it: `1 document`, `2 documents` of `document|documents`."""
    return f"{number} {fitting(str(number), words)}"


def fitting(number: str, words: str) -> str:
    """Return the word that fits a number: of `document|documents` the second one, but for 1."""
    one, many = words.split(_WORDS)
    return one if number == "1" else many


def amounts(text: str, language: Language) -> str:
    """Return a text with each amount in it as the language writes it: `1 234,50`, `1,234.50`."""
    return _AMOUNT.sub(lambda found: _amount(found[0], len(found[1]), language), text)


def month(text: str, language: Language, case: str = "month") -> str:
    """Return a month of a text like `2026-01` by its name: `jaanuar 2026`, `January 2026`."""
    found = _MONTH.fullmatch(text)
    if found is None or not 1 <= (place := int(found["month"] or found["of"])) <= len(_NAMES[language]):
        return text
    name = _NAMES[language][place - 1]
    if language == "et" and case in _CASES:
        name = f"{_genitive(name)}{_CASES[case]}"
    return f"{name} {found['year'] or found['its']}"


def _genitive(name: str) -> str:
    if name.endswith("er"):
        return f"{name.removesuffix('er')}ri"
    return name if name.endswith("i") else f"{name}i"


def _amount(text: str, digits: int, language: Language) -> str:
    from babel.numbers import format_decimal

    return str(format_decimal(Decimal(text), f"#,##0.{'0' * digits}", locale=LOCALES[language]))


def _by(way: Way, text: str, reader: Reader) -> str:
    if not reader.is_on_page:
        return way.command.format(value=text)
    words = (way.et if reader.language == "et" else way.en).format(value=Spoken(text, reader))
    return f"„{words}“" if reader.language == "et" else f"“{words}”"
