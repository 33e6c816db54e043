"""Room common. Registry codes, VAT numbers, accounts and reference numbers are read alike, however people write
them."""

from __future__ import annotations

import pytest

from scoro_smartaccounts.common.codes import (
    UNION,
    account_number,
    country_of_vat,
    is_stand_in,
    is_vat_number,
    party_key,
    read_codes,
    reference_number,
    registry_code,
    vat_number,
    written_codes,
)

STAND_INS = (
    "",
    "-",
    "–",
    "puudub",
    "PUUDUB",
    "eraisik",
    "0",
    "00000000",
    "EE000000000",
    "n/a",
    "none",
    "X",
    "1",
    "11111111",
)
SPELLINGS = (
    "10137025",
    "1013-7025",
    "1013 7025",
    "EE10137025",
    "EE 10137025",
    "ee-10137025",
    "10.137.025",
    " 10137025\u00a0",
)


@pytest.mark.parametrize("text", STAND_INS)
def test_a_stand_in_is_no_code(text: str) -> None:
    assert is_stand_in(text)
    assert (registry_code(text, "EE"), vat_number(text, "EE"), written_codes(text, text, "EE")) == ("", "", ("", ""))
    assert party_key(text, text, "EE") == ""


@pytest.mark.parametrize("text", ["HRB 5", "C 123", "10137025", "12345678", "OC301234"])
def test_a_short_code_of_a_register_is_no_stand_in(text: str) -> None:
    assert not is_stand_in(text)
    assert registry_code(text, "DE")


@pytest.mark.parametrize("text", SPELLINGS)
def test_a_registry_code_is_read_alike(text: str) -> None:
    assert registry_code(text, "EE") == registry_code(text) == "10137025"
    assert read_codes(text, "", "EE").registry_code == "10137025"
    assert read_codes("", text, "EE").registry_code == "10137025"
    assert party_key(text, "", "EE") == "10137025"


@pytest.mark.parametrize("text", ["EE100594102", "ee 100 594 102", "EE-100594102", "100594102"])
def test_a_vat_number_is_no_registry_code(text: str) -> None:
    assert vat_number(text, "EE") == vat_number(text) == "EE100594102"
    found = read_codes(text, "", "EE")
    assert (found.registry_code, found.vat_number) == ("", "EE100594102")


@pytest.mark.parametrize(
    ("text", "country", "expected"),
    [
        ("136695976", "DE", "DE136695976"),
        ("DE 136.695.976", "DE", "DE136695976"),
        ("136695976", "FI", "136695976"),
        ("GR094259216", "GR", "EL094259216"),
        ("094259216", "GR", "EL094259216"),
        ("el 094259216", "", "EL094259216"),
        ("U12345675", "AT", "ATU12345675"),
        ("004495445B01", "NL", "NL004495445B01"),
        ("40003521600", "LV", "LV40003521600"),
        ("980780684", "GB", "GB980780684"),
        ("XI980780684", "GB", "XI980780684"),
        ("EE100594102", "DE", "EE100594102"),
        ("NO 995 525 828 MVA", "NO", "NO995525828MVA"),
    ],
)
def test_the_country_is_completed_where_the_number_has_its_form(text: str, country: str, expected: str) -> None:
    assert vat_number(text, country) == expected
    assert vat_number(expected, country) == expected
    assert is_vat_number(text, country) is expected[:2].isalpha()


@pytest.mark.parametrize("state", sorted(UNION))
def test_a_number_of_every_member_state_is_completed_once(state: str) -> None:
    number = vat_number(EXAMPLES[state], state)
    assert country_of_vat(number) == state
    assert is_vat_number(number)
    assert vat_number(number, state) == vat_number(number) == vat_number(number.lower(), "") == number
    assert read_codes("", EXAMPLES[state], state).vat_number == number


EXAMPLES = {
    "AT": "U13585627",
    "BE": "0428759497",
    "BG": "175074752",
    "CY": "10259033P",
    "CZ": "25123891",
    "DE": "136695976",
    "DK": "13585628",
    "EE": "100931558",
    "ES": "54362315K",
    "FI": "20774740",
    "FR": "40303265045",
    "GR": "094259216",
    "HR": "33392005961",
    "HU": "12892312",
    "IE": "6433435F",
    "IT": "00743110157",
    "LT": "119511515",
    "LU": "15027442",
    "LV": "40003521600",
    "MT": "11679112",
    "NL": "004495445B01",
    "PL": "8567346215",
    "PT": "501964843",
    "RO": "18547290",
    "SE": "123456789701",
    "SI": "50223054",
    "SK": "2022749619",
}


def test_the_union_has_greece_and_not_the_united_kingdom() -> None:
    assert len(UNION) == 27
    assert "GR" in UNION
    assert not {"GB", "XI", "EL"} & UNION


def test_a_personal_code_is_none() -> None:
    assert registry_code("38001085718", "EE") == vat_number("380 010 85718") == ""


def test_accounts_and_reference_numbers() -> None:
    assert account_number("ee38 2200-2210 2014 5685") == "EE382200221020145685"
    assert reference_number("1213 12952") == "121312952"
    assert [account_number(text) for text in ("-", "puudub", "0")] == [""] * 3
    assert [reference_number(text) for text in ("-", "puudub", "0")] == [""] * 3


def test_one_company_has_one_key_however_it_is_written() -> None:
    assert {party_key(text, "", "EE") for text in SPELLINGS} == {"10137025"}
    assert {party_key("", text, "DE") for text in ("136695976", "DE136695976", "DE 136 695 976")} == {"DE136695976"}


def test_nine_digits_of_another_country_do_not_become_estonian() -> None:
    """One number in ten has the check digit by chance; Estonia's begin with 10."""
    assert [n for n in range(200000000, 200000100) if vat_number(str(n)) != str(n)] == []
