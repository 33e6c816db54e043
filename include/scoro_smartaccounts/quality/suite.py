"""The two Great Expectations suites of a flow as code: documents and lines.

Great Expectations is imported when they are built. Every expectation carries its rule's code in `meta`; the columns
are those of `staging.checked`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from scoro_smartaccounts.common.clock import latest_plausible
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.quality.rules import rules_of

if TYPE_CHECKING:
    from great_expectations import ExpectationSuite

    from scoro_smartaccounts.quality.rule import Level, Rule

_FIRST_DAY = date(2000, 1, 1)
Expectations = Mapping[str, tuple[str, dict[str, Any]]]

_SEVERITIES = {"error": "critical", "warning": "warning"}


def build_suite(name: str, flow: Flow, level: Level, today: date) -> ExpectationSuite:
    """Return the suite of the rules of one flow and level. `today` is the day in Tallinn that dates are judged
    against."""
    import great_expectations as gx

    expectations = expectations_of(flow, level, today)
    rules = [rule for rule in rules_of(flow) if rule.level == level]
    return gx.ExpectationSuite(name=name, expectations=[_expectation(rule, *expectations[rule.code]) for rule in rules])


def expectations_of(flow: Flow, level: Level, today: date) -> Expectations:
    """By the code of its rule, the name of each expectation and its arguments."""
    match flow:
        case Flow.PAYMENTS:
            return _receipt_expectations(today) if level == "document" else _receipt_row_expectations()
        case Flow.EXPORT_PAYMENTS:
            return _export_expectations(today) if level == "document" else _export_row_expectations()
        case _:
            return _document_expectations(today) if level == "document" else _line_expectations()


def _document_expectations(today: date) -> Expectations:
    return {
        "unreadable": _true("readable"),
        "number_not_given": ("ExpectColumnValueLengthsToBeBetween", {"column": "number", "min_value": 1}),
        "number_not_unique": _between("number_uses", max_value=1),
        "number_of_other_year": _true("number_is_of_one_year"),
        "number_in_series": _true("number_is_of_the_vendor"),
        "entered_twice": _true("is_entered_once"),
        "partner_not_named": _true("partner_is_named"),
        "partner_not_found": _true("partner_is_known"),
        "partner_deleted": _true("partner_is_alive"),
        "partner_nameless": _true("partner_has_name"),
        "day_not_plausible": _plausible_day(today),
        "day_outside_run": _true("day_is_in_run"),
        "currency_malformed": _CURRENCY,
        "currency_rate_not_positive": _between("currency_rate", min_value=0, strict_min=True),
        "foreign_rate_of_one": _true("foreign_rate_is_not_one"),
        "rate_upside_down": _true("rate_is_upright"),
        "rate_far_from_others": _true("rate_is_near"),
        "rate_far_from_year": _true("rate_is_of_that_year"),
        "rate_not_compared": _true("rate_has_others_before_it"),
        "rate_not_plausible": _true("rate_is_plausible"),
        "base_currency_rate": _between("base_currency_rate", min_value=1, max_value=1),
        "lines_not_given": _between("money_lines", min_value=1),
        "lines_differ_from_net": _not_below("net_tolerance", "net_difference"),
        "vat_differs_from_lines": _not_below("vat_limit", "vat_difference"),
        "credit_names_no_base": _between("uncredited_gross", min_value=0),
        "credited_twice": _true("is_credited_once"),
        "credited_too_much": _between("left_to_credit", min_value=0),
        "credited_beside_dismissed": _true("is_credited_without_dismissed"),
        "credit_currency_differs": _true("is_of_base_currency"),
        "credit_rate_differs": _true("has_base_rate"),
        "due_day_before_day": _not_below("due_day", "day"),
        "credit_base_not_staged": _true("base_is_known"),
        "vat_rounded_by_supplier": _not_below("vat_tolerance", "vat_cents_off"),
        "reference_number_malformed": _true("reference_is_well_formed"),
        "registry_code_malformed": _true("registry_code_is_well_formed"),
        "vat_number_malformed": _true("vat_number_is_well_formed"),
        "country_not_known": _true("country_is_known"),
    }


def _line_expectations() -> Expectations:
    return {
        "vat_percent_not_given": _true("has_vat_percent"),
        "vat_percent_not_valid": _true("vat_percent_is_known"),
        "vat_percent_not_yet": _true("vat_percent_has_begun"),
        "vat_percent_ended": _true("vat_percent_goes_on"),
        "stock_quantity_not_given": _not_zero("stock_quantity"),
        "line_differs_from_price": _between("price_difference", max_value=0.01),
    }


def _receipt_expectations(today: date) -> Expectations:
    return {
        "unreadable": _true("readable"),
        "day_not_plausible": _plausible_day(today),
        "day_outside_run": _true("day_is_in_run"),
        "rows_not_given": _between("rows", min_value=1),
        "currency_malformed": _CURRENCY,
        "total_differs_from_rows": _between("total_difference", max_value=0.02),
        "payer_not_named": _true("payer_is_named"),
        "total_cents_off": _between("cents_off", max_value=0),
        "contact_not_named": _true("contact_is_named"),
        "document_named_twice": _between("most_rows_of_one", max_value=1),
    }


def _receipt_row_expectations() -> Expectations:
    return {"row_names_nothing": _true("names_something"), "row_of_zero": _not_zero("amount")}


def _export_expectations(today: date) -> Expectations:
    return {
        "day_not_plausible": _plausible_day(today),
        "currency_malformed": _CURRENCY,
        "amount_not_positive": _between("total_that_moves", min_value=0, strict_min=True),
    }


def _export_row_expectations() -> Expectations:
    return {"row_not_positive": _between("amount", min_value=0, strict_min=True)}


def _expectation(rule: Rule, name: str, arguments: dict[str, Any]) -> Any:
    from great_expectations import expectations

    expectation = getattr(expectations, name)
    return expectation(
        **arguments,
        severity=_SEVERITIES[rule.severity],
        description=f"{rule.title} ({rule.severity})",
        meta={"code": rule.code},
    )


_CURRENCY: tuple[str, dict[str, Any]] = (
    "ExpectColumnValuesToMatchRegex",
    {"column": "currency", "regex": "^[A-Z]{3}$"},
)


def _plausible_day(today: date) -> tuple[str, dict[str, Any]]:
    return _between("day", min_value=_FIRST_DAY, max_value=latest_plausible(today))


def _not_zero(column: str) -> tuple[str, dict[str, Any]]:
    return "ExpectColumnValuesToNotBeInSet", {"column": column, "value_set": [0]}


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
