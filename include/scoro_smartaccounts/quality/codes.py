"""Check digits of the numbers that documents and partners carry. Empty text is valid."""

from __future__ import annotations

import re

from stdnum import iso11649
from stdnum.ee import kmkr, registrikood
from stdnum.eu import vat

_WEIGHTS = (7, 3, 1)
# Greek VAT numbers start with EL.
_MEMBER_STATES = {*vat.MEMBER_STATES, "el"}


def is_reference_number(text: str) -> bool:
    """An Estonian reference number (2 to 20 digits, 7-3-1 method) or an international one (RF)."""
    number = text.replace(" ", "").upper()
    if not number:
        return True
    if number.startswith("RF"):
        return bool(iso11649.is_valid(number))
    if not re.fullmatch(r"[0-9]{2,20}", number):
        return False
    total = sum(int(digit) * _WEIGHTS[i % 3] for i, digit in enumerate(reversed(number[:-1])))
    return int(number[-1]) == -total % 10


def is_registry_code(code: str, vat_number: str, country: str = "") -> bool:
    """The code of an Estonian company, as its VAT number or else its country (ISO, may be empty) tells.

    Codes of other countries are not judged. Where nothing tells, eight digits are taken for an Estonian code.
    """
    prefix = vat_number[:2].upper()
    home = prefix if prefix.isalpha() else country or ("EE" if re.fullmatch("[0-9]{8}", code) else "")
    return not code or home != "EE" or bool(registrikood.is_valid(code))


def is_vat_number(number: str) -> bool:
    """A VAT number of a member state with its prefix. Prefixes of other countries are not judged."""
    compact = re.sub(r"[\s.-]", "", number).upper()
    if not compact:
        return True
    if compact.startswith("EE"):
        return bool(kmkr.is_valid(compact))
    if not compact[:2].isalpha():
        return False
    return bool(vat.is_valid(compact)) or compact[:2].lower() not in _MEMBER_STATES
