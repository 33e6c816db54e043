"""Check digits of Estonian identifiers, for numbers that the simulator or the generator makes up."""

from stdnum import iban
from stdnum.ee import ik, kmkr

_WEIGHTS = (7, 3, 1)


def reference_number(base: int) -> str:
    """Payment reference (viitenumber): the base's digits and their 7-3-1 check digit."""
    digits = str(base)
    return digits + _check_7_3_1(digits)


def _check_7_3_1(digits: str) -> str:
    total = sum(int(digit) * _WEIGHTS[place % 3] for place, digit in enumerate(reversed(digits)))
    return str(-total % 10)


def registry_code(seven_digits: int) -> str:
    """Registry code: seven digits and a check digit."""
    base = f"{seven_digits:07d}"
    return base + ik.calc_check_digit(base + "0")


def vat_number(eight_digits: int) -> str:
    """VAT number: EE, eight digits and a check digit (what makes the weighted sum end in 0)."""
    base = f"{eight_digits:08d}"
    return next(f"EE{base}{digit}" for digit in range(10) if kmkr.checksum(f"{base}{digit}") == 0)


def personal_code(ten_digits: str) -> str:
    """Personal code: sex and century, birth date as yymmdd, serial; and a check digit."""
    return ten_digits + ik.calc_check_digit(ten_digits + "0")


def bank_account(bank: int, thirteen_digits: int) -> str:
    """Estonian IBAN: two digits of the bank, thirteen of the account, a 7-3-1 digit, and mod 97."""
    bank_code, account = f"{bank:02d}", f"{thirteen_digits:013d}"
    # The account's own check digit covers the account number from the branch on.
    bban = bank_code + account + _check_7_3_1(account)
    return f"EE{iban.calc_check_digits('EE00' + bban)}{bban}"
