"""The simulators. Filters of Scoro's lists."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.unit.sandbox.scoro_helpers import Poster


def ids(scoro: Poster, module: str = "invoices", **body: Any) -> list[int]:
    return [row["id"] for row in scoro.data(f"{module}/list", **body)]


def dated(scoro: Poster, *days: str) -> list[int]:
    company = scoro.client()
    return [scoro.invoice(company, date=day, deadline="2026-04-30")["id"] for day in days]


JANUARY = {"date": {"from_date": "2026-01-01", "to_date": "2026-01-31"}}


@pytest.mark.parametrize(
    ("switch", "expected"),
    [
        ("honoured", [1, 2, 3]),
        ("to_exclusive", [1, 2]),
        ("ignored", [0, 1, 2, 3, 4]),
        ("by_created", []),
        ("empty", []),
    ],
)
def test_date_filter_switch(switch: str, expected: list[int]) -> None:
    scoro = Poster(date_filter=switch)
    made = dated(scoro, "2025-12-31", "2026-01-01", "2026-01-30", "2026-01-31", "2026-02-01")
    assert ids(scoro, filter=JANUARY) == [made[place] for place in expected]


def test_broken_date_filter_loses_some_rows() -> None:
    scoro = Poster(date_filter="broken")
    made = dated(scoro, *["2026-01-10"] * 10)
    assert ids(scoro, filter=JANUARY) == [row for row in made if row % 5]


def test_filters_inside_request_and_unknown_ones_are_ignored() -> None:
    scoro = Poster()
    made = dated(scoro, "2026-01-10", "2026-02-10")
    assert ids(scoro, request={"filter": JANUARY, **JANUARY}) == made
    assert ids(scoro, filter={"colour": "red"}) == made


def test_to_date_of_a_datetime_is_midnight_at_the_site() -> None:
    scoro = Poster()
    company = scoro.client()
    # 21:59 and 22:00 UTC are one minute before and at midnight of 11 January in Tallinn.
    scoro.clock.set(datetime(2026, 1, 10, 21, 59, tzinfo=UTC))
    before = scoro.invoice(company)["id"]
    scoro.clock.set(datetime(2026, 1, 10, 22, 1, tzinfo=UTC))
    after = scoro.invoice(company)["id"]
    assert ids(scoro, filter={"created_date": {"to_date": "2026-01-11"}}) == [before]
    assert ids(scoro, filter={"created_date": {"from_date": "2026-01-11"}}) == [after]
    assert ids(scoro, filter={"created_date": {"to_date": "2026-01-10"}}) == []


def test_equality_any_of_and_wildcards() -> None:
    scoro = Poster()
    company = scoro.client()
    made = [scoro.invoice(company, no=str(100 + number), description=f"Töö {number}") for number in range(3)]
    assert ids(scoro, filter={"no": 101}) == [made[1]["id"]]
    assert ids(scoro, filter={"no": ["100", "102"]}) == [made[0]["id"], made[2]["id"]]
    assert ids(scoro, filter={"description": "töö%"}) == [row["id"] for row in made]
    assert ids(scoro, filter={"status": "paid"}) == []
    assert ids(scoro, filter={"company_id": str(company), "no": "102"}) == [made[2]["id"]]


def test_nested_filters() -> None:
    scoro = Poster()
    mail = scoro.client("A", means_of_contact={"email": ["a@a.example", "b@a.example"]})
    marked = scoro.client("B", custom_fields={"c_ref": "17"})

    def found(**wanted: Any) -> list[int]:
        return [row["contact_id"] for row in scoro.data("contacts/list", filter=wanted)]

    assert found(means_of_contact={"email": "b@a.example"}) == [mail]
    assert found(custom_fields={"c_ref": "17"}) == [marked]
    assert found(custom_fields={"c_ref": ""}) == [mail]


def test_malformed_dates_are_400() -> None:
    assert Poster().refused("invoices/list", filter={"date": {"from_date": "yesterday"}}) == 400


def test_companies_lists_contacts_of_that_type() -> None:
    scoro = Poster()
    company = scoro.client()
    scoro.client("Mari", lastname="Murakas", contact_type="person")
    assert [row["contact_id"] for row in scoro.data("companies/list")] == [company]


@pytest.mark.parametrize(
    ("placement", "body", "shown"),
    [
        ("either", {"include_deleted": "1"}, True),
        ("either", {"request": {"include_deleted": 1}}, True),
        ("top", {"include_deleted": "1"}, True),
        ("top", {"request": {"include_deleted": "1"}}, False),
        ("request", {"include_deleted": "1"}, False),
        ("either", {}, False),
    ],
)
def test_deleted_rows(placement: str, body: dict[str, Any], shown: bool) -> None:
    scoro = Poster(include_deleted_placement=placement)
    kept, gone = dated(scoro, "2026-03-01", "2026-03-02")
    scoro.data(f"invoices/view/{gone}")
    scoro.answer(f"invoices/delete/{gone}")
    assert ids(scoro, **body) == ([kept, gone] if shown else [kept])


def test_deleted_rows_vanish_for_good_after_the_horizon() -> None:
    scoro = Poster()
    (gone,) = dated(scoro, "2026-03-01")
    scoro.answer(f"invoices/delete/{gone}")
    scoro.clock.advance(timedelta(days=30))
    assert ids(scoro, include_deleted="1") == [gone]
    scoro.clock.advance(timedelta(days=1))
    assert ids(scoro, include_deleted="1") == []


@pytest.mark.parametrize(("switch", "expected"), [("honoured", [1]), ("ignored", [0, 1])])
def test_filter_on_deletions(switch: str, expected: list[int]) -> None:
    scoro = Poster(deleted_filter=switch)
    made = dated(scoro, "2026-01-10", "2026-01-11")
    scoro.answer(f"invoices/delete/{made[1]}")
    assert ids(scoro, filter={"is_deleted": 1}, include_deleted="1") == [made[place] for place in expected]


def test_filter_on_deletions_that_is_refused() -> None:
    scoro = Poster(deleted_filter="refused")
    assert scoro.post("invoices/list", filter={"is_deleted": 1}).json()["statusCode"] == 400
