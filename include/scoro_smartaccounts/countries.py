"""Countries as people write them → two letters (ISO 3166): by code, or by name in Estonian, in English or in a language
of the country. Names and codes are the Unicode project's, from Babel."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache

# What Babel does not know, as `_folded` writes it: short forms, names of yesterday, and parts of the United Kingdom.
_ALSO = {
    "ameerika": "US",
    "britain": "GB",
    "czechrepublic": "CZ",
    "el": "GR",
    "england": "GB",
    "greatbritain": "GB",
    "hollandi": "NL",
    "hongkong": "HK",
    "inglismaa": "GB",
    "macao": "MO",
    "macedonia": "MK",
    "madalmaad": "NL",
    "makedoonia": "MK",
    "northernireland": "GB",
    "pohjaiirimaa": "GB",
    "scotland": "GB",
    "slovakrepublic": "SK",
    "sotimaa": "GB",
    "suurbritannia": "GB",
    "theunitedkingdom": "GB",
    "turkey": "TR",
    "unitedstatesofamerica": "US",
    "usa": "US",
    "wales": "GB",
    "xkx": "XK",
}
# Left out where the whole is not known: `Eesti Vabariik`, `Republic of Estonia`.
_FORMAL = frozenset({"vabariik", "kuningriik", "republic", "kingdom", "of", "the"})


@lru_cache(maxsize=4096)
def country_code(text: str) -> str:
    """The two letters of a country; empty where `text` is empty or names no country. Case, accents, dots and dashes do
    not matter."""
    name = _folded(text)
    if not name:
        return ""
    found = _by_code().get(name) or _ALSO.get(name) or _by_name().get(name)
    if found:
        return found
    short = " ".join(word for word in text.split() if _folded(word) not in _FORMAL)
    return country_code(short) if short != " ".join(text.split()) else ""


def _folded(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in letters if char.isalnum())


@cache
def _by_code() -> dict[str, str]:
    # Babel takes a while to load; most texts are codes, so that names are read when the first one is met.
    from babel.core import get_global

    codes = {code.casefold(): code for code in _countries()}
    for code, now in get_global("territory_aliases").items():
        if len(now) == 1 and len(code) in (2, 3) and code.isalpha() and now[0].casefold() in codes:
            codes.setdefault(code.casefold(), now[0])
    return codes


@cache
def _by_name() -> dict[str, str]:
    """All names; those in Estonian and English are not overruled by a language of another country."""
    names: dict[str, str] = {}
    for name, code in _names():
        names.setdefault(_folded(name), code)
    return names


def _names() -> Iterator[tuple[str, str]]:
    from babel import Locale
    from babel.core import UnknownLocaleError
    from babel.languages import get_official_languages

    for language in ("et", "en"):
        for code in _countries():
            yield Locale(language).territories[code], code
    for code in _countries():
        for language in get_official_languages(code, regional=True, de_facto=True):
            try:
                own = Locale.parse(language).territories.get(code)
            except (UnknownLocaleError, ValueError):
                continue
            if own:
                yield own, code


@cache
def _countries() -> frozenset[str]:
    from babel import Locale

    # Beside the countries stand continents (digits), unions, islands without a code of their own and test codes.
    others = {"EU", "EZ", "UN", "AC", "CP", "CQ", "DG", "EA", "IC", "QO", "TA", "XA", "XB", "ZZ"}
    return frozenset(code for code in map(str, Locale("en").territories) if len(code) == 2 and code not in others)
