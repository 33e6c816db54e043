"""Room transform. VAT codes that the partner does not go with are told, and the others are not."""

from __future__ import annotations

from decimal import Decimal

import pytest

from scoro_smartaccounts.common.company import VatRule
from scoro_smartaccounts.common.documents import Address, Partner
from scoro_smartaccounts.common.reasons import Reason
from scoro_smartaccounts.transform.vat_doubts import PartnerInBooks, doubt_zero_rate_sale

UNION_SALE = VatRule.model_validate({"percent": 0, "smartaccounts": "0EL", "intra_community": True})
ZERO = VatRule.model_validate({"percent": 0, "smartaccounts": "0"})
NATIONAL = VatRule.model_validate({"percent": 24, "smartaccounts": "24"})


def client(country: str | None, vat_number: str = "", *, is_person: bool = False) -> Partner:
    return Partner(
        source_id="51",
        name="Esimerkki Oy",
        is_person=is_person,
        registry_code="",
        vat_number=vat_number,
        bank_account="",
        reference_number="",
        email="",
        phone="",
        address=None if country is None else Address(country, "", "", "", ""),
        is_client=True,
        is_supplier=False,
        is_deleted=False,
    )


def doubts(rule: VatRule, who: Partner | None, in_books: PartnerInBooks | None = None) -> set[str]:
    found: list[Reason] = []
    doubt_zero_rate_sale(rule, rule.percent or Decimal(0), who, in_books, found.append)
    return {item.key for item in found}


@pytest.mark.parametrize(
    ("who", "keys"),
    [
        (client("FI", "FI01120389"), set()),
        (client("FI"), {"union_sale_doubtful.no_vat_number"}),
        (client("FI", is_person=True), {"union_sale_doubtful.person"}),
        (client("EE", "EE100594102"), {"union_sale_doubtful"}),
        (client("US", "US1"), {"union_sale_doubtful.outside"}),
        (client("", "FI01120389"), {"union_sale_doubtful.no_country"}),
        (client(None), {"union_sale_doubtful.no_country", "union_sale_doubtful.no_vat_number"}),
        (None, {"union_sale_doubtful.no_country"}),
    ],
)
def test_a_sale_to_another_member_state(who: Partner | None, keys: set[str]) -> None:
    assert doubts(UNION_SALE, who) == keys


@pytest.mark.parametrize(
    ("country", "vat_number", "keys"),
    [
        ("FI", "FI01120389", set()),
        ("FI", "", {"union_sale_doubtful.no_vat_number_in_books"}),
        ("", "FI01120389", {"union_sale_doubtful.country_in_books"}),
        ("EE", "FI01120389", {"union_sale_doubtful.country_in_books"}),
        ("", "", {"union_sale_doubtful.country_in_books", "union_sale_doubtful.no_vat_number_in_books"}),
    ],
)
def test_the_vat_return_goes_by_what_the_books_hold(country: str, vat_number: str, keys: set[str]) -> None:
    assert doubts(UNION_SALE, client("FI", "FI01120389"), PartnerInBooks(country, vat_number)) == keys


@pytest.mark.parametrize(
    ("who", "in_books", "keys"),
    [
        (client("FI"), PartnerInBooks("FI", "FI01120389"), set()),
        (client("FI"), PartnerInBooks("FI", ""), {"union_sale_doubtful.no_vat_number_in_books"}),
        (client(""), PartnerInBooks("FI", "FI01120389"), set()),
        (client(None), PartnerInBooks("FI", "FI01120389"), set()),
        (None, PartnerInBooks("FI", "FI01120389"), set()),
        (client("", "FI01120389"), PartnerInBooks("FI", ""), {"union_sale_doubtful.no_vat_number_in_books"}),
        (client("", "FI01120389"), PartnerInBooks("", "FI01120389"), {"union_sale_doubtful.no_country"}),
        (client("", "FI01120389"), PartnerInBooks("EE", "FI01120389"), {"union_sale_doubtful"}),
        (client("", "FI01120389"), PartnerInBooks("US", "FI01120389"), {"union_sale_doubtful.outside"}),
        (client("EE"), PartnerInBooks("", "FI01120389"), {"union_sale_doubtful"}),
        (client("FI", is_person=True), PartnerInBooks("FI", ""), {"union_sale_doubtful.person"}),
    ],
)
def test_what_scoro_lacks_the_books_may_have(who: Partner | None, in_books: PartnerInBooks, keys: set[str]) -> None:
    assert doubts(UNION_SALE, who, in_books) == keys


@pytest.mark.parametrize(("here", "there", "is_told"), [("", "FI", True), ("FI", "", True), ("", "EE", False)])
def test_a_sale_of_another_0_percent_goes_by_either_country(here: str, there: str, is_told: bool) -> None:
    keys = {"union_sale_missing"} if is_told else set()
    assert doubts(ZERO, client(here), PartnerInBooks(there, "")) == keys


@pytest.mark.parametrize(
    ("rule", "country", "keys"),
    [
        (ZERO, "FI", {"union_sale_missing"}),
        (ZERO, "EE", set()),
        (ZERO, "US", set()),
        (ZERO, "", set()),
        (NATIONAL, "FI", set()),
    ],
)
def test_other_sales(rule: VatRule, country: str, keys: set[str]) -> None:
    assert doubts(rule, client(country)) == keys
