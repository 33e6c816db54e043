"""Codes, accounts and e-mail addresses as they are compared. What fails its check digit is no evidence."""

from __future__ import annotations

import re
from typing import Any

from stdnum import get_cc_module, iban
from stdnum.ee import ik, kmkr, registrikood
from stdnum.eu import vat
from stdnum.fi import ytunnus
from stdnum.lv import pvn

_NOT_CODE = re.compile(r"[^0-9A-Z]+")
_EMAIL = re.compile(r"[^@\s;,<>]+@[^@\s;,<>]+\.[^@\s;,<>.]+")
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


def read_codes(registry_code: str, vat_number: str, country: str) -> tuple[str, str]:
    """The registry code and the VAT number that two fields hold, wherever which stands; empty where none is valid.

    A personal code is neither. Latvian and Finnish VAT numbers tell the registry code.
    """
    country = country.strip().upper()
    code, number = plain_code(registry_code), plain_code(vat_number)
    registry = _registry(code, country) or _registry(number, country if country == "EE" else "EE")
    vat_found = _vat(number, country) or _vat(code, country)
    if not registry and vat_found[:2] in ("LV", "FI"):
        registry = vat_found[2:]
    return registry, vat_found


def _registry(code: str, country: str) -> str:
    if len(code) == 10 and code.startswith("EE"):
        code = code[2:]
    if not code or is_personal(code, country):
        return ""
    if country in ("", "EE"):
        # No Estonian code begins with 0, 2 or 3: a Finnish one may.
        checks: tuple[Any, ...] = (registrikood, pvn, ytunnus) if not country and code[0] in "0234" else (registrikood,)
    elif country in ("LV", "FI"):
        code = code.removeprefix(country)
        checks = (pvn,) if country == "LV" else (ytunnus,)
    else:
        # Other registers' codes have no check that is known here: long enough to be no accident.
        return code if len(code) >= 5 and sum(char.isdigit() for char in code) >= 4 else ""
    return code if any(check.is_valid(code) for check in checks) else ""


def is_personal(code: str, country: str) -> bool:
    """Is it an Estonian personal code? Latvian companies' codes may look like one."""
    return country.upper() != "LV" and ik.is_valid(plain_code(code))


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
