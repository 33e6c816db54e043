"""Codes, accounts and e-mail addresses as they are compared. What fails its check digit is no evidence."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from stdnum import get_cc_module, iban
from stdnum.ee import ik, kmkr, registrikood
from stdnum.eu import vat
from stdnum.fi import ytunnus
from stdnum.lv import pvn

_NOT_CODE = re.compile(r"[^0-9A-Z]+")
_EMAIL = re.compile(r"[^@\s;,<>]+@[^@\s;,<>]+\.[^@\s;,<>.]+")
# Each German court counts for itself: a number without its court is that of several companies.
_NO_COURT = re.compile(r"(?:DE)?(?:HRA|HRB|GNR|PR|VR)?\d+[A-Z]{0,2}")
_RUNS = frozenset(
    run[start : start + length]
    for run in ("01234567890123456789", "98765432109876543210")
    for length in range(4, 12)
    for start in range(10)
)
# Everybody may have an address there.
FREE_MAIL = frozenset(
    {
        *("gmail.com", "googlemail.com", "hotmail.com", "outlook.com", "live.com", "msn.com", "yahoo.com", "aol.com"),
        *("icloud.com", "me.com", "proton.me", "protonmail.com", "gmx.com", "gmx.de", "web.de", "mail.ru", "yandex.ru"),
        *("inbox.lv", "one.lt", "luukku.com", "hot.ee", "mail.ee", "online.ee", "neti.ee", "eesti.ee", "suhtlus.ee"),
        *("starman.ee", "elion.ee", "infonet.ee", "solo.ee"),
    }
)


def plain_code(code: str) -> str:
    """Capitals and digits only."""
    return _NOT_CODE.sub("", code.upper())


@dataclass(frozen=True, slots=True)
class Codes:
    """What two fields tell, empty where nothing is valid. `register`: the country whose registry code it is, `is_told`
    by the party's country or by the code itself; otherwise by its check digit."""

    registry_code: str = field(repr=False)
    register: str
    is_told: bool
    vat_number: str = field(repr=False)


def read_codes(registry_code: str, vat_number: str, country: str) -> Codes:
    """The registry code and the VAT number that two fields hold, wherever which stands.

    A personal code is neither, nor what stands in for a code. Latvian and Finnish VAT numbers tell the registry code.
    """
    country = country.strip().upper()
    code, number = (_telling(text, country) for text in (registry_code, vat_number))
    registry, register = _registry(code, country)
    if not registry and (country in ("", "EE") or number.startswith("EE")):
        registry, register = _registry(number, "EE")
    vat_found = _vat(number, country) or _vat(code, country)
    if not registry and vat_found[:2] in ("LV", "FI"):
        registry, register = vat_found[2:], vat_found[:2]
    is_told = bool(country or vat_found[:2] == register or code.startswith(register or "-"))
    return Codes(registry, register, is_told, vat_found)


def written_codes(registry_code: str, vat_number: str, country: str) -> tuple[str, str]:
    """What two fields hold, valid or not, the country that Estonians add or leave out put right; empty where nobody is
    known by it: personal codes, stand-ins, German numbers without their court."""
    code, number = (_telling(text, country) for text in (registry_code, vat_number))
    code = _without_court(code, country)
    if len(code) == 10 and code.startswith("EE"):
        code = code[2:]
    if len(number) == 9 and number.isdigit() and country in ("", "EE"):
        number = f"EE{number}"
    return code, number


def _telling(text: str, country: str) -> str:
    code = plain_code(text)
    return "" if is_stand_in(code) or is_personal(code, country) else code


def _without_court(code: str, country: str) -> str:
    return "" if country == "DE" and _NO_COURT.fullmatch(code) else code


def is_stand_in(code: str) -> bool:
    """Is it what people write where a field must not stay empty: a word, zeros, 12345678?"""
    digits = "".join(char for char in code if char.isdigit())
    rest = digits.strip("0")
    return len(digits) < 4 or len(rest) < 2 or len(set(rest)) == 1 or digits in _RUNS


def _registry(code: str, country: str) -> tuple[str, str]:
    """The code and the country whose register it is of; both empty where it is none."""
    if len(code) == 10 and code.startswith("EE"):
        code = code[2:]
    if not code or is_personal(code, country):
        return "", ""
    checks: dict[str, Any] = {"EE": registrikood}
    if not country and code[0] in "0234":
        # No Estonian code begins with 0, 2 or 3: a Finnish one may.
        checks |= {"LV": pvn, "FI": ytunnus}
    elif country in ("LV", "FI"):
        code = code.removeprefix(country)
        checks = {country: pvn if country == "LV" else ytunnus}
    elif country not in ("", "EE"):
        # Other registers' codes have no check that is known here: long enough to be no accident.
        code = _without_court(code, country)
        return (code, country) if len(code) >= 5 else ("", "")
    register = next((each for each, check in checks.items() if check.is_valid(code)), "")
    return (code, register) if register else ("", "")


def is_personal(code: str, country: str) -> bool:
    """Is it an Estonian personal code? Latvian companies' codes may look like one."""
    code = plain_code(code)
    return len(code) == 11 and country.upper() != "LV" and ik.is_valid(code)


def _vat(number: str, country: str) -> str:
    if len(number) == 9 and number.isdigit() and country in ("", "EE"):
        number = f"EE{number}"
    if len(number) < 8 or not number[:2].isalpha():
        return ""
    if number.startswith("EE"):
        return number if kmkr.is_valid(number) else ""
    if vat.is_valid(number):
        return number
    other = get_cc_module(number[:2].lower(), "vat")
    return number if other is not None and other.is_valid(number) else ""


def read_iban(account: str) -> str:
    """A valid IBAN without blanks."""
    account = plain_code(account)
    return account if iban.is_valid(account, check_country=False) else ""


def read_emails(text: str) -> frozenset[str]:
    """All e-mail addresses in a text, in small letters."""
    return frozenset(_EMAIL.findall(text.lower().replace("mailto:", "")))


def domain_of(email: str) -> str:
    """The domain of an address; empty where everybody may have one."""
    domain = email.rpartition("@")[2]
    return "" if domain in FREE_MAIL else domain
