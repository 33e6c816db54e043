"""Registry codes, VAT numbers, accounts and reference numbers of all countries: read here, and nowhere else.

People write them with blanks, dots and dashes and in small letters, leave the country out or add it, and write
something where a field must not stay empty. Every function takes what they wrote, or what another one made of it.
Countries are ISO codes of two letters, empty where nobody knows.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from stdnum import get_cc_module, iban, iso11649
from stdnum.ee import ik, kmkr, registrikood
from stdnum.eu import vat
from stdnum.exceptions import InvalidChecksum, ValidationError
from stdnum.fi import ytunnus
from stdnum.gb import vat as gb
from stdnum.lv import pvn

HOME = "EE"
# VAT numbers of Northern Ireland (XI) count as the Union's, its country does not. Not dated: these are the members
# since 2020, and older books are closed.
UNION = frozenset(state.upper() for state in vat.MEMBER_STATES) - {"XI"}

_PREFIX_OF = {"GR": "EL"}
_COUNTRY_OF = {"EL": "GR", "XI": "GB"}
# Where a VAT number without its country is completed.
_COMPLETED = UNION | {"GB"}
# Companies there have a code or a VAT number of eleven digits.
_ELEVEN_DIGITS = frozenset({"FR", "HR", "IT", "LV"})

_SEPARATORS = re.compile(r"[\s.\-_\u00ad\u200b-\u200f\u2010-\u2015\u2212\ufeff]+")
_NOT_CODE = re.compile(r"[^0-9A-Z]+")
# Each German court counts for itself: a number without its court is that of several companies.
_NO_COURT = re.compile(r"(?:DE)?(?:HRA|HRB|GNR|PR|VR)?\d+[A-Z]{0,2}")
_RUNS = frozenset(
    run[start : start + length]
    for run in ("01234567890123456789", "98765432109876543210")
    for length in range(4, 12)
    for start in range(10)
)
_WEIGHTS = (7, 3, 1)


def plain_code(text: str) -> str:
    """Capitals and digits only, as codes are compared."""
    return _NOT_CODE.sub("", text.upper())


def is_stand_in(text: str) -> bool:
    """Is it what people write where a field must not stay empty: a word, a dash, zeros, one digit again and again?

    Registers know short codes with letters (`HRB 5`), and 12345678 may be somebody's: these are none.
    """
    code = plain_code(text)
    digits = _digits(code)
    if not digits.strip("0"):
        return True
    if len(digits) < 4:
        return code == digits
    return len(set(digits)) == 1 and re.fullmatch("(?:[A-Z]{2})?[0-9]+", code) is not None


def registry_code(text: str, country: str = "") -> str:
    """Return a registry code without blanks, dots, dashes and the country that people add; empty for stand-ins and
    personal codes. Valid or not."""
    if is_stand_in(text) or is_personal(text, country):
        return ""
    return _without_country(_written(text), country)


def vat_number(text: str, country: str = "") -> str:
    """Return a VAT number as it is sent: without blanks, dots and dashes, with its country in front where people left
    it out; Greek ones start with EL. Empty for stand-ins and personal codes. Valid or not."""
    if is_stand_in(text) or is_personal(text, country):
        return ""
    number = _written(text)
    if number.startswith("GR"):
        number = f"EL{number[2:]}"
    if len(number) == 9 and number.isdecimal() and country in ("", HOME):
        # Where nobody knows the country, its beginning and its check digit tell that it is Estonian.
        is_ours = country or (number.startswith("10") and kmkr.is_valid(number))
        return f"{HOME}{number}" if is_ours else number
    prefix = _PREFIX_OF.get(country, country)
    if country not in _COMPLETED or number.startswith(prefix) or _has_its_form(number):
        return number
    return f"{prefix}{number}" if _has_its_form(f"{prefix}{number}") else number


def account_number(text: str) -> str:
    """Return a bank account without blanks, dots and dashes; empty where nothing but words or zeros stand."""
    account = _written(text)
    return account if _digits(account).strip("0") else ""


def reference_number(text: str) -> str:
    """Return a reference number without blanks, dots and dashes; empty where nothing but words or zeros stand."""
    number = _written(text)
    return number if _digits(number).strip("0") else ""


def party_key(registry: str, number: str, country: str) -> str:
    """Return what two records share when they are the same company, from its registry code and VAT number; empty where
    neither tells."""
    code = registry_code(registry, country)
    # Codes that are no evidence keep nobody apart and bring nobody together.
    return next((each for each in (code, vat_number(number, country)) if _is_evidence(plain_code(each))), "")


def country_of_vat(number: str) -> str:
    """Return the country of a VAT number with its prefix; empty where it has none."""
    prefix = plain_code(number)[:2]
    return _COUNTRY_OF.get(prefix, prefix) if prefix.isalpha() and len(prefix) == 2 else ""


def is_personal(text: str, country: str) -> bool:
    """Is it an Estonian personal code? Codes of companies of some countries may look like one."""
    code = plain_code(text)
    return len(code) == 11 and country.upper() not in _ELEVEN_DIGITS and bool(ik.is_valid(code))


def is_reference_number(text: str) -> bool:
    """Return an Estonian reference number (2 to 20 digits, 7-3-1 method) or an international one (RF). Empty text
    is."""
    number = _written(text)
    if not number:
        return True
    if number.startswith("RF"):
        return bool(iso11649.is_valid(number))
    if not re.fullmatch(r"[0-9]{2,20}", number):
        return False
    total = sum(int(digit) * _WEIGHTS[i % 3] for i, digit in enumerate(reversed(number[:-1])))
    return int(number[-1]) == -total % 10


def is_registry_code(text: str, number: str, country: str = "") -> bool:
    """Return the code of an Estonian company, as its VAT number or else its country tells. Empty text is.

    Codes of other countries are not judged. Where nothing tells, eight digits are taken for an Estonian code
    unless they are a Finnish one.
    """
    code = _without_country(_written(text), country)
    told = country_of_vat(vat_number(number, country)) or country
    home = told or (HOME if re.fullmatch("[0-9]{8}", code) and not ytunnus.is_valid(code) else "")
    return not code or home != HOME or bool(registrikood.is_valid(code))


def is_vat_number(text: str, country: str = "") -> bool:
    """Return a VAT number of a member state with its prefix, or one that `country` completes. Prefixes of other
    countries are not judged. Empty text is."""
    number = plain_code(vat_number(text, country) or text)
    if not number:
        return True
    if not country_of_vat(number):
        return False
    return _is_valid_vat(number) or number[:2] not in {*(_PREFIX_OF.get(state, state) for state in UNION), "XI"}


@dataclass(frozen=True, slots=True)
class Codes:
    """What two fields tell, empty where nothing is valid. `register`: the country whose registry code it is, `is_told`
    by the party's country or by the code itself; otherwise by its check digit."""

    registry_code: str = field(repr=False)
    register: str
    is_told: bool
    vat_number: str = field(repr=False)


def read_codes(registry: str, number: str, country: str) -> Codes:
    """Return the valid registry code and VAT number that two fields hold, wherever which stands.

    A personal code is neither, nor what stands in for a code. Latvian and Finnish VAT numbers tell the registry code.
    """
    country = country.strip().upper()
    code, plain_number = (_telling(text, country) for text in (registry, number))
    found, register = _registry(code, country)
    if not found and (country in ("", HOME) or plain_number.startswith(HOME)):
        found, register = _registry(plain_number, HOME)
    # Digits alone in the field of the registry code are a VAT number at home only: elsewhere they may be either.
    vat_found = _valid_vat(plain_number, country) or _valid_vat(code, country if country == HOME else "")
    if not found and vat_found[:2] in ("LV", "FI"):
        found, register = vat_found[2:], vat_found[:2]
    is_told = bool(country or country_of_vat(vat_found) == register or code.startswith(register or "-"))
    return Codes(found, register, is_told, vat_found)


def written_codes(registry: str, number: str, country: str) -> tuple[str, str]:
    """Return what two fields hold, valid or not, the country that people add or leave out put right; empty where nobody
    is known by it: personal codes, stand-ins, German numbers without their court."""
    country = country.strip().upper()
    code, plain_number = (_telling(text, country) for text in (registry, number))
    return (
        _without_country(_without_court(code, country), country),
        plain_code(vat_number(plain_number, country)),
    )


def telling_digits(text: str) -> str:
    """Return the digits of a registry code or VAT number, which every way of writing it keeps; empty where it is no
    evidence. Valid or not."""
    code = plain_code(text)
    return _digits(code) if _is_evidence(code) else ""


def read_iban(account: str) -> str:
    """Return a valid IBAN without blanks; empty for anything else."""
    account = plain_code(account)
    return account if iban.is_valid(account, check_country=False) else ""


def _written(text: str) -> str:
    return _SEPARATORS.sub("", text.upper())


def _digits(code: str) -> str:
    return "".join(char for char in code if char in "0123456789")


def _is_evidence(code: str) -> bool:
    """Is it so long and so uneven that two who have it are the same?"""
    digits = _digits(code)
    rest = digits.strip("0")
    return len(digits) >= 4 and len(set(rest)) > 1 and digits not in _RUNS


def _telling(text: str, country: str) -> str:
    code = plain_code(text)
    return code if _is_evidence(code) and not is_personal(code, country) else ""


def _without_country(code: str, country: str) -> str:
    # EE and nine digits are a VAT number.
    if re.fullmatch(f"{HOME}[0-9]{{8}}", code):
        return code[2:]
    return code.removeprefix(country) if country in ("LV", "FI") else code


def _without_court(code: str, country: str) -> str:
    return "" if country == "DE" and _NO_COURT.fullmatch(code) else code


def _registry(code: str, country: str) -> tuple[str, str]:
    """Return the code and the country whose register it is of; both empty where it is none."""
    code = _without_country(code, country)
    if not code or is_personal(code, country):
        return "", ""
    checks: dict[str, Any] = {HOME: registrikood}
    if not country and code[0] in "0234":
        # No Estonian code begins with 0, 2 or 3: a Finnish one may.
        checks |= {"LV": pvn, "FI": ytunnus}
    elif country in ("LV", "FI"):
        checks = {country: pvn if country == "LV" else ytunnus}
    elif country not in ("", HOME):
        # Other registers' codes have no check that is known here: long enough to be no accident.
        code = _without_court(code, country)
        return (code, country) if len(code) >= 5 else ("", "")
    register = next((each for each, check in checks.items() if check.is_valid(code)), "")
    return (code, register) if register else ("", "")


def _valid_vat(text: str, country: str) -> str:
    number = plain_code(vat_number(text, country))
    return number if len(number) >= 8 and country_of_vat(number) and _is_valid_vat(number) else ""


def _is_valid_vat(number: str) -> bool:
    if number.startswith(HOME):
        return bool(kmkr.is_valid(number))
    if vat.is_valid(number):
        return True
    other = get_cc_module(number[:2].lower(), "vat")
    return other is not None and bool(other.is_valid(number))


def _has_its_form(number: str) -> bool:
    """Do it look like a VAT number of the country that it starts with, its check digit aside?"""
    module: Any = vat if number[:2] != "GB" else gb
    try:
        module.validate(number)
    except InvalidChecksum:
        return True
    except ValidationError:
        return False
    return True
