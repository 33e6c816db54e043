"""Room common. VAT percentages by day, and the check digits that need no database."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import get_args

import pytest

from scoro_smartaccounts.common.codes import is_reference_number, is_registry_code, is_vat_number
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.reasons import REASONS, Severity, Step, codes_of
from scoro_smartaccounts.common.vat_rates import is_valid
from scoro_smartaccounts.flows import INVOICE_FLOWS
from scoro_smartaccounts.quality.rule import Level
from scoro_smartaccounts.quality.rules import rules_of
from scoro_smartaccounts.quality.suite import expectations_of


@pytest.mark.parametrize(
    ("percent", "first", "last"),
    [
        ("20", None, date(2023, 12, 31)),
        ("22", date(2024, 1, 1), date(2025, 6, 30)),
        ("24", date(2025, 7, 1), None),
        ("13", date(2025, 1, 1), None),
        ("5", None, date(2024, 12, 31)),
        ("9", None, None),
        ("0", None, None),
    ],
)
def test_a_rate_is_valid_on_its_own_days_only(percent: str, first: date | None, last: date | None) -> None:
    rate = Decimal(percent)
    for day in (first, last):
        if day is not None:
            assert is_valid(rate, day)
    assert first is None or not is_valid(rate, date.fromordinal(first.toordinal() - 1))
    assert last is None or not is_valid(rate, date.fromordinal(last.toordinal() + 1))
    assert first is not None or is_valid(rate, date(2010, 1, 1))
    assert last is not None or is_valid(rate, date(2030, 1, 1))


@pytest.mark.parametrize("percent", ["1", "18", "23.999", "25.5", "-24", "100"])
def test_other_percentages_are_valid_on_no_day(percent: str) -> None:
    assert not any(is_valid(Decimal(percent), date(year, 6, 15)) for year in range(2000, 2040))


def test_places_after_the_point_do_not_matter() -> None:
    assert is_valid(Decimal("24.000000"), date(2026, 1, 1))


@pytest.mark.parametrize("number", ["", "121312952", "1213 12952", "13", "RF18539007547034", "00000000000000000000"])
def test_well_formed_reference_numbers(number: str) -> None:
    assert is_reference_number(number)


@pytest.mark.parametrize("number", ["121312953", "7", "12131295a", "RF19539007547034", "0" * 21])
def test_malformed_reference_numbers(number: str) -> None:
    assert not is_reference_number(number)


def test_one_wrong_digit_of_a_reference_number_is_found() -> None:
    good = "121312952"
    spoiled = {good[:i] + digit + good[i + 1 :] for i in range(len(good)) for digit in "0123456789"} - {good}
    assert not any(map(is_reference_number, spoiled))


@pytest.mark.parametrize(
    ("code", "vat_number", "expected"),
    [
        ("12345678", "", True),
        ("12345679", "", False),
        ("1234567", "EE100594102", False),
        ("12345679", "FI01120389", True),
        ("0112038-9", "FI01120389", True),
        ("", "EE100594102", True),
        ("40003245752", "", True),
        ("0112038-9", "", True),
    ],
)
def test_registry_codes(code: str, vat_number: str, expected: bool) -> None:
    assert is_registry_code(code, vat_number) is expected


@pytest.mark.parametrize(
    ("code", "country", "expected"),
    [("12345679", "LV", True), ("12345679", "EE", False), ("40003245752", "EE", False), ("12345678", "EE", True)],
)
def test_registry_codes_by_country(code: str, country: str, expected: bool) -> None:
    assert is_registry_code(code, "", country) is expected


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("", True),
        ("EE100594102", True),
        ("ee 100594102", True),
        ("EE100594103", False),
        ("100594102", True),
        ("FI01120389", True),
        ("FI01120388", False),
        ("EL094259216", True),
        ("EL123456789", False),
        ("NO995525828MVA", True),
    ],
)
def test_vat_numbers(number: str, expected: bool) -> None:
    assert is_vat_number(number) is expected


@pytest.mark.parametrize("flow", Flow)
def test_every_rule_has_exactly_one_expectation_and_a_remedy(flow: Flow) -> None:
    rules = rules_of(flow)
    assert len({rule.code for rule in rules}) == len(rules)
    for level in get_args(Level):
        built = set(expectations_of(flow, level, date(2026, 1, 1)))
        expected = {rule.code for rule in rules if rule.level == level}
        assert built == expected if flow not in INVOICE_FLOWS else built >= expected
    assert all(REASONS[rule.key].step is Step.CHECK for rule in rules)


def test_every_reason_of_the_checks_is_that_of_a_rule() -> None:
    keys = {entry.key for entry in REASONS.values() if entry.step is Step.CHECK and entry.severity is not Severity.NOTE}
    # What a document brings up that no rule thought of, and what stops it before the rules.
    assert keys - {"unexpected", "too_many_lines"} == {rule.key for flow in Flow for rule in rules_of(flow)}


def test_no_other_step_opens_a_case_of_the_checks() -> None:
    errors = codes_of(Step.CHECK, Severity.ERROR)
    assert not errors & {entry.code for entry in REASONS.values() if entry.step is not Step.CHECK}


@pytest.mark.parametrize("flow", Flow)
def test_a_catalogue_is_ordered_by_severity(flow: Flow) -> None:
    severities = [rule.severity for rule in rules_of(flow)]
    assert severities == sorted(severities, key=["error", "warning"].index)
