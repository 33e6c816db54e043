"""Room mapping. Suggestions are made only where one thing can be meant, and what is pasted is read as it was
written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from scoro_smartaccounts.common.company import ReceiptAccount, VatRule, default_folder, load_company
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.reasons import phrase, render
from scoro_smartaccounts.mapping.books import Books, VatCode
from scoro_smartaccounts.mapping.fragment import fragment
from scoro_smartaccounts.mapping.gap import AddRule, Gap, PairAccount, SetValue
from scoro_smartaccounts.mapping.suggestions import by_code_or_name, same_name
from scoro_smartaccounts.mapping.used import ScoroVat, Sighting, Used
from scoro_smartaccounts.mapping.vat_gaps import vat_gaps

COMPANY = load_company(default_folder() / "default.yaml")
DAY = date(2026, 1, 15)
BOOKS = Books(
    vat_codes={Flow.SALES_INVOICES: {}, Flow.PURCHASE_INVOICES: {}},
    accounts={},
    objects={},
    warehouses=(),
    money={},
    fallback_type=None,
)


@pytest.mark.parametrize(
    ("name", "there", "found"),
    [
        ("Ostetud teenused", {"4210": "Ostetud teenused", "4010": "Kaubad"}, "4210"),
        ("Teenused, ostetud", {"4210": "Ostetud teenused"}, "4210"),
        ("Ostetud teenused", {"4210": "Ostetud teenused 1", "4211": "Ostetud teenused 2"}, None),
        ("Kontorikulud", {"4010": "Kaubad"}, None),
        ("", {"4010": "", "4011": "Kaubad"}, None),
        ("Kaubad", {}, None),
    ],
)
def test_a_name_counts_only_when_no_other_is_nearly_as_alike(
    name: str, there: Mapping[str, str], found: str | None
) -> None:
    assert same_name(name, there) == found


def test_an_equal_code_counts_more_than_a_name() -> None:
    there = {"4010": "Kaubad", "4210": "Ostetud teenused"}
    found = by_code_or_name("4010", "Ostetud teenused", there)
    assert found is not None
    assert (found.value, render(found.why)) == ("4010", "the same code")


def suggested(percent: int, code: str | None, name: str, **there: tuple[int, str]) -> str | None:
    """What is suggested for VAT of Scoro that no rule fits; `there` are codes of SmartAccounts, written as `_5`."""
    known = {key.strip("_"): VatCode(Decimal(percent_there), called) for key, (percent_there, called) in there.items()}
    books = replace(BOOKS, vat_codes={Flow.SALES_INVOICES: {"24": VatCode(Decimal(24), ""), **known}})
    used = Used(vat={ScoroVat(Flow.SALES_INVOICES, code, Decimal(percent)): [Sighting(DAY, "invoice 1")]})
    bare = COMPANY.sales_invoices.model_copy(update={"vat_codes": ()})
    (gap,) = vat_gaps(used, books, COMPANY.model_copy(update={"sales_invoices": bare}), lambda: {code or "": name})
    return None if gap.suggestion is None else gap.suggestion.value


def test_vat_is_suggested_by_code_percentage_and_name() -> None:
    assert suggested(13, None, "", _13=(13, "Majutus 13%")) == "13"
    assert suggested(13, "A", "", _13=(13, ""), _13B=(13, "")) is None
    assert suggested(13, "13B", "", _13=(13, ""), _13B=(13, "")) == "13B"
    assert suggested(13, "A", "Hommikusöök 13%", _13=(13, "Majutus 13%"), _13B=(13, "Hommikusöök 13%")) == "13B"
    # An equal code of another percentage is another code.
    assert suggested(13, "24", "") is None
    # Of 0 % there are several that mean different things, even where one is active only.
    assert suggested(0, "X", "", _0=(0, "Käive 0%")) is None
    assert suggested(0, "X", "Maksuvaba käive", _0=(0, "Käive 0%"), MV=(0, "Maksuvaba käive")) == "MV"


EARLY = date(2024, 12, 30)


def press(*days: date, rules: tuple[VatRule, ...] = ()) -> list[Gap]:
    """What is missing for invoices of these days with the 5 % that the press had until the end of 2024."""
    books = replace(
        BOOKS, vat_codes={Flow.SALES_INVOICES: {"24": VatCode(Decimal(24), ""), "5": VatCode(Decimal(5), "")}}
    )
    seen = [Sighting(day, f"invoice {day.isoformat()}") for day in days]
    used = Used(vat={ScoroVat(Flow.SALES_INVOICES, "AJAKIRI", Decimal(5)): seen})
    own = COMPANY.sales_invoices.model_copy(update={"vat_codes": rules})
    return list(vat_gaps(used, books, COMPANY.model_copy(update={"sales_invoices": own}), dict))


def test_a_percentage_that_the_law_did_not_have_gets_no_rule() -> None:
    lawful, unlawful = press(EARLY, DAY)
    assert (lawful.count, lawful.suggestion and lawful.suggestion.value) == (1, "5")
    assert (unlawful.count, unlawful.suggestion, unlawful.fix) == (1, None, None)
    assert render(unlawful.problem) == (
        "VAT of 5 % ended on 31.12.2024, it stands on 15.01.2026: check VAT and date in Scoro; for what was supplied"
        " before, a rule of this percent without an end lets it through with a warning"
    )
    # And so it does.
    assert press(EARLY, DAY, rules=(VatRule.model_validate({"percent": 5, "smartaccounts": "5"}),)) == []
    # The rule for the days on which it was the law does not let the others through.
    assert isinstance(lawful.fix, AddRule)
    assert (lawful.fix.rule.from_day, lawful.fix.rule.to_day) == (None, date(2024, 12, 31))
    [again] = press(EARLY, DAY, rules=(lawful.fix.rule,))
    assert again == unlawful


def test_a_percentage_that_a_person_named_for_a_code_may_be_foreign() -> None:
    rule = VatRule.model_validate({"scoro_code": "AJAKIRI", "percent": 5, "smartaccounts": "9X"})
    [gap] = press(DAY, rules=(rule,))
    assert (gap.suggestion and gap.suggestion.value) == "5"


# A line break, what YAML or Python take for one, quotes, and what only looks like another type.
NASTY = [
    "a\nb",
    "a\r\nb",
    'a"b',
    "a'b",
    "a\u2028b",
    "a\x85b",
    "a\tb",
    "a: b",
    "a #b",
    "- a",
    "null",
    "1_0",
    "=",
    "<<",
    "*a",
    "{a",
]

scalars = st.sampled_from(NASTY) | st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12).map(
    str.strip
).filter(bool)


@given(scalars, scalars, st.text(max_size=20))
def test_what_is_pasted_reads_as_it_was_meant(symbol: str, value: str, problem: str) -> None:
    fixed = Gap(
        "k",
        "s",
        symbol,
        (),
        1,
        phrase("gap_mapped_to", there=problem),
        fix=SetValue(("purchase_invoices", "accounts", symbol), value),
    )
    undecided = replace(fixed, fix=None)
    text = fragment([fixed, undecided], COMPANY, DAY, DAY)
    assert yaml.safe_load(text) == {"purchase_invoices": {"accounts": {symbol: value}}}
    assert yaml.safe_load(fragment([undecided], COMPANY, DAY, DAY)) is None


@given(scalars, scalars)
def test_pasted_rules_and_pairs_read_as_they_were_meant(theirs: str, ours: str) -> None:
    rule = VatRule.model_validate({"scoro_code": theirs, "percent": 13, "from": DAY, "smartaccounts": ours})
    pair = ReceiptAccount(scoro=theirs, bank=ours)
    gaps = [
        Gap("k", "s", theirs, (), 1, phrase("gap_not_mapped"), fix=AddRule(Flow.SALES_INVOICES, rule, None)),
        Gap("k", "s", theirs, (), 1, phrase("gap_not_mapped"), fix=PairAccount(pair)),
    ]
    read = yaml.safe_load(fragment(gaps, COMPANY, DAY, DAY))
    assert VatRule.model_validate(read["sales_invoices"]["vat_codes"][-1]) == rule
    assert ReceiptAccount.model_validate(read["payments"]["accounts"][-1]) == pair
