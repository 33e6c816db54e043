"""Countries as people write them → two letters (ISO 3166): by code, or by name in Estonian, in English, in a language
of the country or of a neighbour. Names and codes are the Unicode project's, from Babel."""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from itertools import chain
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

# Languages of Estonia's neighbours and best customers.
_NEIGHBOURS = ("fi", "sv", "lv", "lt", "ru", "de", "pl")
# What Babel does not know, as `_folded` writes it: short forms, names of yesterday, adjectives before a formal word,
# parts of the United Kingdom. What may be one of several (Congo, Virgin Islands) is not guessed; Korea is the one that
# people trade with.
_ALSO = {
    "ameerika": "US",
    "bosna": "BA",
    "bosnia": "BA",
    "bosniaandherzegovina": "BA",
    "britain": "GB",
    "burma": "MM",
    "czech": "CZ",
    "czechrepublic": "CZ",
    "democraticpeoplesrepublicofkorea": "KP",
    "dprk": "KP",
    "emiraadid": "AE",
    "emirates": "AE",
    "england": "GB",
    "french": "FR",
    "greatbritain": "GB",
    "hellas": "GR",
    "hellenic": "GR",
    "herzegovina": "BA",
    "hiinarahvavabariik": "CN",
    "hiinarv": "CN",
    "hollandi": "NL",
    "hongkong": "HK",
    "iiri": "IE",
    "inglise": "GB",
    "inglismaa": "GB",
    "italian": "IT",
    "ivorycoast": "CI",
    "korea": "KR",
    "koreademocraticpeoplesrepublicof": "KP",
    "macao": "MO",
    "macedonia": "MK",
    "madalmaad": "NL",
    "makedonija": "MK",
    "makedoonia": "MK",
    "nippon": "JP",
    "northernireland": "GB",
    "palestine": "PS",
    "peoplesrepublicofchina": "CN",
    "pohjaiirimaa": "GB",
    "portuguese": "PT",
    "russian": "RU",
    "scotland": "GB",
    "slovak": "SK",
    "slovakrepublic": "SK",
    "sotimaa": "GB",
    "suurbritannia": "GB",
    "swaziland": "SZ",
    "swiss": "CH",
    "theunitedkingdom": "GB",
    "turkey": "TR",
    "unitedstatesofamerica": "US",
    "vatican": "VA",
    "vene": "RU",
    "wales": "GB",
}
# Codes that are no ISO 3166: of number plates, of sport, of VAT numbers, and abbreviations. Of single letters only the
# one that is no first letter of several: E may be Estonia, S Sweden or Soome.
_OTHER_CODES = {
    "ALG": "DZ",
    "BUL": "BG",
    "CHI": "CL",
    "CRC": "CR",
    "CRO": "HR",
    "D": "DE",
    "DEN": "DK",
    "EL": "GR",
    "FL": "LI",
    "GER": "DE",
    "GRE": "GR",
    "INA": "ID",
    "IRI": "IR",
    "KSA": "SA",
    "LAT": "LV",
    "MAS": "MY",
    "MON": "MC",
    "NED": "NL",
    "NGR": "NG",
    "NMK": "MK",
    "NMKD": "MK",
    "PHI": "PH",
    "POR": "PT",
    "PRC": "CN",
    "RSA": "ZA",
    "RSM": "SM",
    "SIN": "SG",
    "SLO": "SI",
    "SUI": "CH",
    "TPE": "TW",
    "UAE": "AE",
    "URU": "UY",
    "USA": "US",
    "VIE": "VN",
    "XKX": "XK",
}
# Left out where the whole is not known: `Eesti Vabariik`, `Republic of Estonia`, `Vene Föderatsioon`.
_FORMAL = frozenset(
    {
        "bundesrepublik",
        "confederation",
        "federal",
        "federation",
        "foderatsioon",
        "islamic",
        "islamivabariik",
        "kingdom",
        "konfoderatsioon",
        "kuningriik",
        "liitvabariik",
        "of",
        "republic",
        "state",
        "the",
        "vabariik",
    }
)
# Between a name and its code, or two names of one country: `EE - Eesti`, `Germany (DE)`.
_BETWEEN = re.compile(r"[()\[\],;/|]|\s[-–—]\s|–|—")


@lru_cache(maxsize=4096)
def country_code(text: str) -> str:
    """Return the two letters of a country; empty where `text` is empty or names no country. Case, accents, dots and
    dashes do not matter."""
    name = _folded(text)
    if not name:
        return ""
    found = _by_code().get(name) or _ALSO.get(name) or _by_usual_name().get(name) or _by_other_name().get(name)
    if found:
        return found
    short = " ".join(word for word in text.split() if _folded(word) not in _FORMAL)
    if short != " ".join(text.split()):
        return country_code(short)
    parts = _BETWEEN.split(text)
    countries = {country_code(part) for part in parts if _folded(part)} if len(parts) > 1 else set()
    return countries.pop() if len(countries) == 1 else ""


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
    for code, country in _OTHER_CODES.items():
        codes.setdefault(code.casefold(), country)
    return codes


@cache
def _by_usual_name() -> dict[str, str]:
    """Names in Estonian and English. They are not overruled by a language of another country."""
    return _first_of((name, code) for language in ("et", "en") for code, name in _names_in(language))


@cache
def _by_other_name() -> dict[str, str]:
    """Names in each country's own languages, which are not overruled by a neighbour's, and in those of neighbours.
    Hundreds of languages take half a second to read."""
    from babel.languages import get_official_languages

    own = (
        (dict(_names_in(language)).get(code, ""), code)
        for code in _countries()
        for language in get_official_languages(code, regional=True, de_facto=True)
    )
    neighbours = ((name, code) for language in _NEIGHBOURS for code, name in _names_in(language))
    return _first_of(chain(own, neighbours))


def _first_of(named: Iterable[tuple[str, str]]) -> dict[str, str]:
    names: dict[str, str] = {}
    for name, code in named:
        names.setdefault(_folded(name), code)
    names.pop("", None)
    return names


@cache
def _names_in(language: str) -> tuple[tuple[str, str], ...]:
    """Return the countries and their names in a language; nothing where Babel does not know it."""
    from babel import Locale
    from babel.core import UnknownLocaleError

    try:
        territories = Locale.parse(language).territories
    except (UnknownLocaleError, ValueError):
        return ()
    return tuple((code, territories[code]) for code in _countries() if code in territories)


@cache
def _countries() -> frozenset[str]:
    from babel import Locale

    # Beside the countries stand continents (digits), unions, islands without a code of their own and test codes.
    others = {"EU", "EZ", "UN", "AC", "CP", "CQ", "DG", "EA", "IC", "QO", "TA", "XA", "XB", "ZZ"}
    return frozenset(code for code in map(str, Locale("en").territories) if len(code) == 2 and code not in others)
