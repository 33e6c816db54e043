"""The two Great Expectations suites as code: documents and lines. Great Expectations is imported when they are built.

Every expectation carries its rule's code in `meta`; the columns are those of `quality.batch`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from scoro_smartaccounts.documents import Flow
from scoro_smartaccounts.quality.rules import Level, Rule, rules_of

if TYPE_CHECKING:
    from great_expectations import ExpectationSuite

_FIRST_DAY = date(2000, 1, 1)
_SEVERITIES = {"error": "critical", "warning": "warning"}


def build_suite(name: str, flow: Flow, level: Level, today: date) -> ExpectationSuite:
    """The suite of the rules of one flow and level. `today` is the day in Tallinn that dates are judged against."""
    import great_expectations as gx

    expectations = _document_expectations(today) if level == "document" else _line_expectations()
    rules = [rule for rule in rules_of(flow) if rule.level == level]
    return gx.ExpectationSuite(name=name, expectations=[_expectation(rule, *expectations[rule.code]) for rule in rules])


def _document_expectations(today: date) -> Mapping[str, tuple[str, dict[str, Any]]]:
    year_ahead = date(today.year + 1, today.month, min(today.day, 28))
    return {
        "unreadable": _true("readable"),
        "number_not_given": ("ExpectColumnValueLengthsToBeBetween", {"column": "number", "min_value": 1}),
        "number_not_unique": _between("number_uses", max_value=1),
        "partner_not_named": _true("partner_is_named"),
        "partner_not_found": _true("partner_is_known"),
        "partner_deleted": _true("partner_is_alive"),
        "partner_nameless": _true("partner_has_name"),
        "day_not_given": _true("day_is_given"),
        "day_not_plausible": _between("day", min_value=_FIRST_DAY, max_value=year_ahead),
        "day_outside_run": _true("day_is_in_run"),
        "currency_malformed": ("ExpectColumnValuesToMatchRegex", {"column": "currency", "regex": "^[A-Z]{3}$"}),
        "currency_rate_not_positive": _between("currency_rate", min_value=0, strict_min=True),
        "base_currency_rate": _between("base_currency_rate", min_value=1, max_value=1),
        "lines_not_given": _between("money_lines", min_value=1),
        "lines_differ_from_net": _not_below("net_tolerance", "net_difference"),
        "vat_differs_from_lines": _not_below("vat_limit", "vat_difference"),
        "credit_names_no_base": _between("uncredited_gross", min_value=0),
        "due_day_before_day": _not_below("due_day", "day"),
        "credit_base_not_staged": _true("base_is_known"),
        "vat_rounded_by_supplier": _not_below("vat_tolerance", "vat_cents_off"),
        "reference_number_malformed": _true("reference_is_well_formed"),
        "registry_code_malformed": _true("registry_code_is_well_formed"),
        "vat_number_malformed": _true("vat_number_is_well_formed"),
    }


def _line_expectations() -> Mapping[str, tuple[str, dict[str, Any]]]:
    return {
        "vat_percent_not_given": _true("has_vat_percent"),
        "vat_percent_not_valid": _true("vat_percent_is_valid"),
        "stock_quantity_not_given": (
            "ExpectColumnValuesToNotBeInSet",
            {"column": "stock_quantity", "value_set": [0]},
        ),
        "line_differs_from_price": _between("price_difference", max_value=0.01),
    }


def _expectation(rule: Rule, name: str, arguments: dict[str, Any]) -> Any:
    from great_expectations import expectations

    expectation = getattr(expectations, name)
    return expectation(
        **arguments,
        severity=_SEVERITIES[rule.severity],
        description=f"{rule.title} ({rule.severity})",
        notes=rule.sentence,
        meta={"code": rule.code},
    )


def _true(column: str) -> tuple[str, dict[str, Any]]:
    return "ExpectColumnValuesToBeInSet", {"column": column, "value_set": [True]}


def _between(column: str, **bounds: Any) -> tuple[str, dict[str, Any]]:
    return "ExpectColumnValuesToBeBetween", {"column": column, **bounds}


def _not_below(column: str, other: str) -> tuple[str, dict[str, Any]]:
    return "ExpectColumnPairValuesAToBeGreaterThanB", {
        "column_A": column,
        "column_B": other,
        "or_equal": True,
        "ignore_row_if": "either_value_is_missing",
    }
