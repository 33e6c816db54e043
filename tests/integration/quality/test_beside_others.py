"""Room quality. Rules about what stands beside a document: numbers, papers entered twice, credit invoices, rates;
and that a person's answer is not asked for again."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, select, text

from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.reasons import Reason, as_told, render
from scoro_smartaccounts.common.run import Counts, RunRequest
from scoro_smartaccounts.quality.check import check
from scoro_smartaccounts.staging.checked import neighbours
from scoro_smartaccounts.staging.links import Evidence, Kind, Link, store_links
from scoro_smartaccounts.staging.quarantine import dismiss, list_cases, open_case, release, resolve
from scoro_smartaccounts.staging.schema import finding
from tests.integration.staged import COMPANY, Staged, line, request_for, services_for
from tests.told import case_of, told

RUN = request_for()
BILLS = request_for("import_purchase_invoices/1", flow=Flow.PURCHASE_INVOICES)
PURCHASES = Flow.PURCHASE_INVOICES.value
EARLY = {"day": date(2025, 1, 15), "due_day": None, "vat": Decimal("22.00")}
Found = dict[tuple[str, str], str]


class Checks:
    """Staged documents, and runs of the check step over them."""

    def __init__(self, staged: Staged, folder: Path) -> None:
        self.staged = staged
        self.folder = folder
        self.runs = 0

    def __call__(self, *source_ids: str, of: RunRequest = RUN) -> Found:
        """English sentences of the findings by document and code, of a new run over these documents."""
        request = self.request(of)
        self.staged.put_into(request, *source_ids)
        self.counts: Counts = check(request, services_for(self.staged.engine, self.folder))
        with self.staged.engine.connect() as connection:
            rows = list(connection.execute(select(finding).where(finding.c.run_key == request.run_key)))
        self.estonian = {(row.source_id, row.code): render(Reason.from_json(row.reason), "et") for row in rows}
        return {(row.source_id, row.code): told(row.reason) for row in rows}

    def request(self, of: RunRequest = RUN) -> RunRequest:
        self.runs += 1
        return request_for(f"{of.run_key}/{self.runs}", flow=of.flow)

    def bill(self, source_id: str, number: str, **changes: Any) -> str:
        return self.staged.invoice(source_id, flow=PURCHASES, number=number, **changes)

    def retry(self, name: str) -> None:
        with self.staged.engine.begin() as connection:
            assert len(release(connection, COMPANY, [name], "it is right")) == 1

    def cases(self, *states: Any) -> dict[str, str]:
        with self.staged.engine.connect() as connection:
            return {case.source_id: case.reason.code for case in list_cases(connection, COMPANY, states or ("open",))}

    def book(self, *source_ids: str) -> None:
        links = [
            Link(kind=Kind.SALES_INVOICE, source_id=each, remote_id=f"r{each}", evidence=Evidence.CREATED)
            for each in source_ids
        ]
        with self.staged.engine.begin() as connection:
            store_links(connection, COMPANY, RUN.run_key, links)


@pytest.fixture
def checks(engine: Engine, tmp_path: Path) -> Checks:
    staged = Staged(engine)
    staged.partner()
    return Checks(staged, tmp_path)


# Numbers


def test_a_number_of_another_year_is_a_warning_and_of_the_same_year_an_error(checks: Checks) -> None:
    checks.bill("1", "1", **EARLY)
    checks.bill("2", "1")
    found = checks("2", of=BILLS)
    assert found == {
        ("2", "number_of_other_year"): "Bill 1 of 10.01.2026 has the number of bill 1 of 15.01.2025 (Scoro id 1) of the"
        " same vendor. If the date is right, nothing has to be done."
    }
    assert checks.counts["passed"] == 1
    checks.bill("3", "1", day=date(2026, 1, 20))
    found = checks("2", "3", of=BILLS)
    assert found["3", "number_not_unique"].startswith(
        "Bill 1 (Scoro id 3) shares its number with the bill of Scoro id 2"
    )
    assert {code for _, code in found} == {"number_not_unique", "number_of_other_year"}
    assert checks.cases() == {"2": "number_not_unique", "3": "number_not_unique"}


@pytest.mark.parametrize("number", ["7", None], ids=["one number", "one paper"])
def test_of_many_equal_ones_some_are_named_and_the_rest_counted(checks: Checks, number: str | None) -> None:
    for each in range(10, 60):
        checks.staged.invoice(str(each), line(description="the same"), number=number or str(each))
    found = checks(*map(str, range(10, 60)))
    told_of_10 = "; ".join(sentence for (source_id, _), sentence in found.items() if source_id == "10")
    assert "30" in told_of_10
    assert "31" not in told_of_10
    assert ("29 more" if number is None else "…") in told_of_10


def test_of_an_own_series_too(checks: Checks) -> None:
    checks.staged.invoice("1", line(vat_percent=Decimal(22)), number="1", **EARLY)
    checks.staged.invoice("2", number="1")
    found = checks("2")
    assert [code for _, code in found] == ["number_of_other_year"]
    assert "invoice 1 of 15.01.2025 (Scoro id 1)" in found["2", "number_of_other_year"]
    assert "arve 1 (15.01.2025, Scoro id 1)" in checks.estonian["2", "number_of_other_year"]


def test_a_document_without_a_day_has_the_number_of_every_year(checks: Checks) -> None:
    checks.bill("1", "1", day=None, due_day=None)
    checks.bill("2", "1")
    assert ("2", "number_not_unique") in checks("2", of=BILLS)


# The same paper twice


def test_a_bill_keyed_twice_in_another_spelling(checks: Checks) -> None:
    same = [("A-17", "A 17"), ("A-17", "a17"), ("A-017", "A17"), ("2026-01", "2026/1"), ("0017", "17")]
    others = [("A-17", "A-18"), ("A-17", "B-17"), ("A-10", "A-1"), ("-", "/")]
    for place, (one, other) in enumerate([*same, *others]):
        vendor = checks.staged.partner(f"v{place}", registry_code="", vat_number="")
        checks.bill(f"{place}a", one, partner_id=vendor)
        checks.bill(f"{place}b", other, partner_id=vendor)
    count = len(same) + len(others)
    found = checks(*(f"{place}{which}" for place in range(count) for which in "ab"), of=BILLS)
    assert set(found) == {(f"{place}{which}", "entered_twice") for place in range(len(same)) for which in "ab"}
    assert found["0b", "entered_twice"] == (
        "Bill A 17 and bill A-17 of 10.01.2026 (Scoro id 0a) of the same vendor are of one day and of 124.00 EUR, and"
        " their numbers differ in spelling only. If it was entered twice, delete one of them in Scoro."
    )


def test_only_the_same_vendor_day_and_total(checks: Checks) -> None:
    checks.staged.partner("52", registry_code="10000018", vat_number="")
    checks.bill("1", "A-17")
    checks.bill("2", "A17", partner_id="52")
    checks.bill("3", "A.17", day=date(2026, 1, 11))
    checks.bill("4", "A 17", net=Decimal("200.00"), vat=Decimal("48.00"))
    checks.bill("5", "A/17", is_deleted=True)
    assert not {code for _, code in checks("1", "2", "3", of=BILLS)}
    # Two contacts of one code are one vendor.
    checks.staged.partner("53")
    checks.bill("6", "a17", partner_id="53")
    assert set(checks("6", of=BILLS)) == {("6", "entered_twice")}


def test_two_equal_sales_invoices(checks: Checks) -> None:
    lines = (line("60.00", description="Töö"), line("40.00", description="Sõit"))
    for source_id in ("1", "2"):
        checks.staged.invoice(source_id, *lines)
    checks.staged.invoice("3", line("40.00"), line("60.00", description="Muu töö"))
    checks.staged.invoice("4", *lines, day=date(2026, 1, 11))
    found = checks("1", "2", "3", "4")
    assert set(found) == {("1", "entered_twice"), ("2", "entered_twice")}
    assert found["2", "entered_twice"] == (
        "Invoice N2 is the same as invoice N1 of 10.01.2026 (Scoro id 1) in client, day, total of 124.00 EUR and lines."
        " If it was entered twice, delete one of them in Scoro."
    )
    checks.staged.change("1", is_deleted=True)
    assert not checks("2")


# Credit invoices


def credit(checks: Checks, source_id: str, net: str, bases: tuple[str, ...] = ("base",), **changes: Any) -> str:
    vat = Decimal(net) * 24 / 100
    values = {"net": Decimal(net), "vat": vat, "credited_ids": list(bases), **changes}
    return checks.staged.invoice(source_id, line(net), **values)


def test_credits_beyond_the_base_are_told_with_their_sums(checks: Checks) -> None:
    checks.staged.invoice("base", number="2026041")
    credit(checks, "1", "-500.00")
    found = checks("1")
    assert found == {
        ("1", "credited_too_much"): "Credit invoice N1: all credit invoices of invoice 2026041 of 10.01.2026 (Scoro id"
        " base) come to 620.00 EUR, more than its 124.00. Check the credit invoices in Scoro."
    }
    assert checks.counts["passed"] == 1


def test_credits_within_the_base_are_not(checks: Checks) -> None:
    checks.staged.invoice("base")
    checks.staged.invoice("other")
    credit(checks, "1", "-60.00")
    credit(checks, "2", "40.00")
    credit(checks, "3", "-100.00", ("other",), is_deleted=True)
    credit(checks, "4", "-100.00", ("other",))
    assert not checks("1", "2", "4")
    # Of one that nobody knows nothing is said but that it is awaited.
    credit(checks, "5", "-900.00", ("404",))
    assert {code for _, code in checks("5")} == {"credit_base_not_staged"}


def test_a_credit_invoice_of_two_is_held_against_both(checks: Checks) -> None:
    checks.staged.invoice("base")
    checks.staged.invoice("other")
    credit(checks, "1", "-200.00", ("base", "other"))
    assert not checks("1")
    credit(checks, "2", "-10.00", ("other",))
    assert set(checks("1", "2")) == {("1", "credited_too_much"), ("2", "credited_too_much")}


def test_an_equal_credit_again_is_a_question_that_retry_answers(checks: Checks) -> None:
    checks.staged.invoice("base", number="2026041")
    credit(checks, "1", "-100.00")
    checks.book("base", "1")
    # The sign of an amount says nothing: Scoro has both.
    credit(checks, "2", "100.00")
    found = checks("2")
    assert set(found) == {("2", "credited_twice"), ("2", "credited_too_much")}
    assert found["2", "credited_twice"] == (
        "Credit invoice N2 of 124.00 EUR credits invoice 2026041 of 10.01.2026 (Scoro id base) as invoice N1"
        " of 10.01.2026 (Scoro id 1) did already. Delete the one that is too many in Scoro or dismiss it here; if both"
        " are meant, retry."
    )
    assert checks.cases() == {"2": "credited_twice"}
    checks.retry("N2")
    assert set(checks("2")) == {("2", "credited_too_much")}
    assert checks.counts["passed"] == 1
    checks.staged.change("2", content_hash="second")
    assert ("2", "credited_twice") in checks("2")


def test_of_two_new_ones_the_later_is_asked_about_and_dismissing_it_settles_both(checks: Checks) -> None:
    checks.staged.invoice("base")
    credit(checks, "1", "-60.00")
    credit(checks, "2", "-60.00")
    assert set(checks("1", "2")) == {
        ("1", "credited_too_much"),
        ("2", "credited_too_much"),
        ("2", "credited_twice"),
    }
    with checks.staged.engine.begin() as connection:
        dismiss(connection, COMPANY, ["N2"], "entered twice")
    assert not checks("1", "2")


def put_aside(checks: Checks, source_id: str, code: str = "vat_not_mapped") -> None:
    """A person dismisses a document that waits for a reason."""
    with checks.staged.engine.begin() as connection:
        open_case(connection, checks.request(), {source_id: case_of(code, "something else")})
        assert dismiss(connection, COMPANY, [f"id:{source_id}"], "booked by hand")


def test_an_invoice_that_was_dismissed_is_credited_all_the_same(checks: Checks) -> None:
    """It may stand in the books by hand; where it does not, the credit invoice is held up for that."""
    checks.staged.invoice("base", number="2026041")
    checks.staged.invoice("other")
    for base in ("base", "other"):
        put_aside(checks, base)
    credit(checks, "1", "-500.00")
    credit(checks, "2", "-10.00", ("other",), currency="USD", currency_rate=Decimal("0.92"))
    found = checks("1", "2")
    assert set(found) == {("1", "credited_too_much"), ("2", "credit_currency_differs"), ("2", "rate_not_compared")}
    assert "come to 620.00 EUR, more than its 124.00" in found["1", "credited_too_much"]


def test_an_invoice_that_was_deleted_after_it_was_booked_too(checks: Checks) -> None:
    checks.staged.invoice("base")
    checks.book("base")
    credit(checks, "1", "-500.00")
    checks.staged.change("base", is_deleted=True)
    assert set(checks("1")) == {("1", "credited_too_much")}


@pytest.mark.parametrize(("first", "second"), [("-60.00", "-50.00"), ("-20.00", "-20.00")])
def test_a_dismissed_credit_invoice_of_the_same_is_told(checks: Checks, first: str, second: str) -> None:
    """Beyond the invoice together, or equal: somebody may have booked it by hand."""
    checks.staged.invoice("base", number="2026041")
    credit(checks, "1", first)
    put_aside(checks, "1")
    credit(checks, "2", second)
    credited = abs(Decimal(first) + Decimal(second)) * 124 / 100
    assert checks("2") == {
        ("2", "credited_beside_dismissed"): "Credit invoice N2: invoice N1 of 10.01.2026 (Scoro id 1) credits the same"
        " and was dismissed here. If it was booked in SmartAccounts by hand, all credit invoices of invoice 2026041 of"
        f" 10.01.2026 (Scoro id base) come to {credited:.2f} EUR, of its 124.00: check there that nothing is"
        " credited twice."
    }
    assert checks.counts["passed"] == 1


def test_a_dismissed_credit_invoice_with_room_or_one_too_many_is_not(checks: Checks) -> None:
    checks.staged.invoice("base")
    credit(checks, "1", "-30.00")
    credit(checks, "2", "-80.00")
    put_aside(checks, "1")
    put_aside(checks, "2", "credited_twice")
    credit(checks, "3", "-50.00")
    assert not checks("3")


def test_currency_and_rate_of_a_credit_invoice(checks: Checks) -> None:
    dollars: dict[str, Any] = {"currency": "USD", "currency_rate": Decimal("0.92")}
    checks.staged.invoice("base", **dollars)
    credit(checks, "1", "-10.00", **dollars)
    credit(checks, "2", "-20.00")
    credit(checks, "3", "-30.00", currency="USD", currency_rate=Decimal("0.95"))
    found = checks("1", "2", "3")
    assert {code for source_id, code in found if source_id != "1"} == {"credit_currency_differs", "credit_rate_differs"}
    assert not {code for source_id, code in found if source_id == "1"}
    assert found["2", "credit_currency_differs"].startswith("Credit invoice N2 is in EUR, what it credits in USD (")
    assert "the rate of USD is 0.95, that of what it credits 0.92 (" in found["3", "credit_rate_differs"]


# Rates


def dollars(checks: Checks, source_id: str, rate: str, currency: str = "USD", **changes: Any) -> str:
    return checks.staged.invoice(source_id, currency=currency, currency_rate=Decimal(rate), **changes)


def test_a_foreign_rate_of_exactly_one_is_a_question(checks: Checks) -> None:
    dollars(checks, "1", "1")
    found = checks("1")
    assert found == {
        (
            "1",
            "foreign_rate_of_one",
        ): "Invoice N1 is in USD, but its rate is exactly 1, as if a USD were a EUR. Enter"
        " the rate of the invoice's day in Scoro; if the rate is right, retry."
    }
    checks.retry("N1")
    assert not checks("1")
    assert checks.counts["passed"] == 1


def test_a_rate_the_other_way_round_is_a_question_and_one_far_off_a_warning(checks: Checks) -> None:
    for place, rate in enumerate(("0.92", "0.921", "0.93"), start=1):
        dollars(checks, f"n{place}", rate, day=date(2025, 12, place + 1), due_day=None)
    dollars(checks, "s1", "0.089", "SEK", day=date(2025, 12, 1), due_day=None)
    dollars(checks, "good", "0.95")
    dollars(checks, "round", "1.085")
    dollars(checks, "far", "1.25")
    dollars(checks, "low", "0.70")
    dollars(checks, "kronor", "11.24", "SEK")
    dollars(checks, "yen", "0.0061", "JPY")
    found = checks("good", "round", "far", "low", "kronor", "yen")
    assert set(found) == {
        ("round", "rate_upside_down"),
        ("kronor", "rate_upside_down"),
        ("far", "rate_far_from_others"),
        ("low", "rate_far_from_others"),
        ("yen", "rate_not_compared"),
    }
    assert found["kronor", "rate_upside_down"] == (
        "Invoice Nkronor: the rate of SEK is 11.24, other documents of these weeks (1) have 0.089: it looks entered the"
        " other way round. Enter in Scoro what one SEK is worth in EUR; if the rate is right, retry."
    )
    assert checks.cases() == {"round": "rate_upside_down", "kronor": "rate_upside_down"}
    checks.retry("Nkronor")
    assert ("kronor", "rate_upside_down") not in checks("kronor")


def test_rates_of_other_months_bills_and_near_parity(checks: Checks) -> None:
    # Too long ago to tell anything.
    dollars(checks, "old", "0.80", day=date(2025, 11, 1), due_day=None)
    dollars(checks, "1", "0.98")
    # A bill counts as well, and near 1 a rate and its inverse are no different things.
    checks.bill("b", "B-1", currency="USD", currency_rate=Decimal("1.01"))
    assert not checks("1")
    assert not checks("b", of=BILLS)
    dollars(checks, "2", "0.70")
    assert set(checks("2")) == {("2", "rate_far_from_others")}


def test_many_documents_of_one_day_outvote_one(checks: Checks) -> None:
    for place in range(4):
        dollars(checks, f"g{place}", "0.92")
    dollars(checks, "bad", "1.085")
    found = checks("g0", "g1", "g2", "g3", "bad")
    assert set(found) == {("bad", "rate_upside_down"), ("g0", "rate_not_compared")}


@pytest.mark.parametrize(("right", "wrong"), [("0.92", "1.085"), ("1.18", "0.847")])
def test_wrong_rates_do_not_vouch_for_each_other(checks: Checks, right: str, wrong: str) -> None:
    """Two of one day, as where a rate is set for a day."""
    dollars(checks, "good", right, day=date(2025, 12, 20), due_day=None)
    for name in ("bad", "worse"):
        dollars(checks, name, wrong)
    found = {key for key, code in checks("good", "bad", "worse") if code == "rate_upside_down"}
    assert {"bad", "worse"} <= found


def test_as_many_wrong_rates_as_right_ones_are_all_asked_about(checks: Checks) -> None:
    for place, rate in enumerate(("0.92", "1.085", "0.921", "1.08"), start=1):
        dollars(checks, f"d{place}", rate, day=date(2025, 12, 10 + place), due_day=None)
    found = {key for key, code in checks("d1", "d2", "d3", "d4") if code == "rate_upside_down"}
    assert found == {"d1", "d2", "d3", "d4"}


def months_before(checks: Checks, months: int, currency: str, *rates: str) -> None:
    day = date(2026, 1, 10) - timedelta(days=30 * months)
    for place, rate in enumerate(rates):
        name = f"{currency}{months}-{place}"
        dollars(checks, name, rate, currency, day=day - timedelta(days=place), due_day=None)


def test_what_currencies_move_in_a_year_is_no_warning(checks: Checks) -> None:
    """Rates of the European Central Bank in years that moved much."""
    moved = {
        "CHF": ("0.9300", "1.0700"),
        "GBP": ("1.1400", "1.1900"),
        "HUF": ("0.00240", "0.00262"),
        "JPY": ("0.00609", "0.00545"),
        "KWD": ("3.1500", "2.7800"),
        "SEK": ("0.0869", "0.0935"),
        "TRY": ("0.0270", "0.0195"),
        "USD": ("0.8250", "0.9950"),
    }
    for currency, (then, now) in moved.items():
        months_before(checks, 11, currency, then)
        dollars(checks, currency, now, currency)
    assert not checks(*moved)
    months_before(checks, 5, "USD", "0.9690")
    dollars(checks, "lower", "0.8580", day=date(2026, 1, 12), due_day=None)
    checks.staged.change("USD", is_deleted=True)
    assert not checks("lower")


def test_the_only_document_of_these_weeks_is_held_against_the_nearest_of_the_year(checks: Checks) -> None:
    wrong = {
        "GBP": ("1.19", "0.84"),
        "JPY": ("0.00609", "0.545"),
        "NOK": ("0.0869", "0.935"),
        "SEK": ("0.0869", "0.00935"),
        "USD": ("0.858", "1.1655"),
    }
    for currency, (then, now) in wrong.items():
        months_before(checks, 6, currency, then, then)
        dollars(checks, currency, now, currency)
    assert checks(*wrong) == {
        (currency, "rate_far_from_year"): f"Invoice N{currency}: the rate of {currency} is {now}. No other document of"
        f" these weeks has one; the nearest of the year (2) have {then}. Compare it with the rate of the invoice's day."
        for currency, (then, now) in wrong.items()
    }
    assert checks.counts["passed"] == len(wrong)
    assert "aasta lähimatel (2) on kurss 0.858" in checks.estonian["USD", "rate_far_from_year"]


def test_the_nearest_of_the_year_tell_and_one_wrong_one_among_them_does_not(checks: Checks) -> None:
    months_before(checks, 2, "TRY", "0.0260", "0.0258", "0.9", "0.0255")
    months_before(checks, 11, "TRY", "0.0500")
    dollars(checks, "1", "0.0250", "TRY")
    dollars(checks, "old", "0.0100", "TRY", day=date(2023, 1, 10), due_day=None)
    assert {key for key in checks("1", "old") if key[1].startswith("rate")} == {("old", "rate_not_compared")}


def test_a_rate_that_no_currency_has_is_a_question_without_any_other(checks: Checks) -> None:
    rates = {"SEK": "11.24", "JPY": "164.25", "PLN": "4.27", "DKK": "7.46", "AUD": "1.71"}
    for currency, rate in rates.items():
        dollars(checks, currency, rate, currency)
    assert checks(*rates) == {
        (currency, "rate_not_plausible"): f"Invoice N{currency}: by its rate one {currency} is worth {rate} EUR; hardly"
        " any currency is worth that much, so it looks entered the other way round. Enter in Scoro what one"
        f" {currency} is worth in EUR; if the rate is right, retry."
        for currency, rate in rates.items()
    }
    checks.retry("NSEK")
    # All the same where all of them are wrong.
    dollars(checks, "2", "11.25", "SEK")
    assert set(checks("SEK", "2")) == {("2", "rate_not_plausible")}


def not_compared(found: Found) -> list[str]:
    return sorted(source_id for source_id, code in found if code == "rate_not_compared")


def test_the_first_documents_of_a_currency_are_held_against_none_and_that_is_told_once(checks: Checks) -> None:
    """Of each currency, about the earliest; what vouches for each other may have the same mistake."""
    for place, rate in enumerate(("1.087", "1.085", "1.086"), start=1):
        dollars(checks, f"d{place}", rate, day=date(2026, 1, 10 - place), due_day=None)
    dollars(checks, "p", "1.19", "GBP")
    checks.staged.invoice("euros")
    found = checks("d1", "d2", "d3", "p", "euros")
    assert not_compared(found) == ["d3", "p"]
    assert found["d3", "rate_not_compared"] == (
        "Invoice Nd3: the rate of USD is 1.086. No document of a year in USD was there before this run, so it was held"
        " against none. Compare it with the rate of the invoice's day: it is what one USD is worth in EUR."
    )
    assert checks.counts["passed"] == 5
    # Those of the next run have something to be held against; a bill counts as well.
    dollars(checks, "d4", "1.09")
    checks.bill("b", "B-1", currency="GBP", currency_rate=Decimal("1.18"))
    assert not checks("d4")
    assert not checks("b", of=BILLS)
    # After more than a year nobody knows any more.
    dollars(checks, "later", "1.10", day=date(2027, 3, 1), due_day=None)
    assert not_compared(checks("later")) == ["later"]


def test_what_is_asked_about_is_not_told_as_the_first_one_too(checks: Checks) -> None:
    dollars(checks, "1", "11.24", "SEK")
    dollars(checks, "2", "1")
    assert {code for _, code in checks("1", "2")} == {"rate_not_plausible", "foreign_rate_of_one"}


# VAT of other days


def vat(checks: Checks, source_id: str, percent: str, day: date, **more: Any) -> str:
    own = {"day": day, "due_day": None, "vat": Decimal(percent), **more}
    return checks.bill(source_id, f"B-{source_id}", **own)


def test_an_old_percentage_goes_on_with_a_warning(checks: Checks) -> None:
    paper = checks.staged.invoice(
        "1",
        line(vat_percent=Decimal(22)),
        line(vat_percent=Decimal(24)),
        flow=PURCHASES,
        number="B-1",
        net=Decimal(200),
        vat=Decimal(46),
    )
    assert checks(paper, of=BILLS) == {
        (
            "1",
            "vat_percent_ended",
        ): "Bill B-1, line 1: VAT of 22.00 % was the law until 30.06.2025, the day of supply"
        " is 10.01.2026. Right for what was supplied until then; otherwise choose the right VAT in Scoro."
    }
    assert checks.counts["passed"] == 1


def test_a_percentage_of_later_and_one_of_never(checks: Checks) -> None:
    checks.staged.invoice("1", line(vat_percent=Decimal(24)), day=date(2025, 6, 30), due_day=None)
    checks.staged.invoice("2", line(vat_percent=Decimal(18), vat_code="18"), vat=Decimal(18))
    found = checks("1", "2")
    assert found["1", "vat_percent_not_yet"] == (
        "Invoice N1, line 1: VAT of 24.00 % begins on 01.07.2025, the day of supply is 30.06.2025. Choose the right VAT"
        " or date in Scoro."
    )
    assert found["2", "vat_percent_not_valid"] == (
        "Invoice N2, line 1: VAT of 18.00 % (Scoro's VAT code 18) is none that Estonian law knows. Choose the right VAT"
        " in Scoro; a foreign rate needs a rule with this percent and Scoro's VAT code as scoro_code under vat_codes in"
        " the company file."
    )


# Answers


def test_an_answer_is_about_what_the_question_named(checks: Checks) -> None:
    checks.staged.invoice("base", net=Decimal(1000), vat=Decimal(240))
    credit(checks, "1", "-10.00")
    checks.book("base", "1")
    credit(checks, "2", "-10.00")
    checks("2")
    checks.retry("N2")
    assert not checks("2")
    # A third one is booked before it.
    credit(checks, "3", "-10.00")
    checks.book("3")
    found = checks("2")
    assert "as invoice N3 of 10.01.2026 (Scoro id 3) did already" in found["2", "credited_twice"]
    checks.retry("N2")
    for _ in range(2):
        assert not checks("2")
    with checks.staged.engine.connect() as connection:
        cases = list_cases(connection, COMPANY, ["released", "resolved"])
    assert [case.state for case in cases] == ["resolved", "resolved"]


def test_an_answer_of_an_earlier_version_covers_all_of_its_code(checks: Checks) -> None:
    checks.staged.invoice("base", net=Decimal(1000), vat=Decimal(240))
    credit(checks, "1", "-10.00")
    credit(checks, "2", "-10.00")
    request = checks.request()
    with checks.staged.engine.begin() as connection:
        open_case(connection, request, {"2": as_told("credited_twice", "It was told otherwise then.")})
    checks.retry("N2")
    assert not checks("2")


def test_an_answer_outlives_other_reasons_while_the_document_is_the_same(checks: Checks) -> None:
    dollars(checks, "1", "1")
    checks("1")
    checks.retry("N1")
    # The planner found something else in between.
    request = checks.request()
    with checks.staged.engine.begin() as connection:
        open_case(connection, request, {"1": case_of("vat_not_mapped", "no VAT code")})
    assert checks.cases() == {"1": "vat_not_mapped"}
    assert not checks("1")
    with checks.staged.engine.begin() as connection:
        resolve(connection, request, ["1"])
    assert not checks("1")
    checks.staged.change("1", content_hash="second")
    assert ("1", "foreign_rate_of_one") in checks("1")
    # An error that is no question is asked about as often as it is there.
    checks.staged.invoice("2", partner_id=None)
    for _ in range(2):
        assert ("2", "partner_not_named") in checks("2")
        checks.retry("N2")


@pytest.mark.parametrize("what", ["number", "paper", "bills_number", "bills_paper", "credit"])
def test_of_hundreds_that_are_all_alike_each_is_told_and_not_all_pairs_are_made(checks: Checks, what: str) -> None:
    many = [str(number) for number in range(1000, 1120)]
    if what == "credit":
        checks.staged.invoice("1")
    for each in many:
        if what == "number":
            checks.staged.invoice(each, number="8", net=Decimal(each))
        elif what == "paper":
            checks.staged.invoice(each, line(description="same"))
        elif what == "credit":
            checks.staged.invoice(each, net=Decimal(-100), vat=Decimal(-24), credited_ids=["1"])
        else:
            checks.bill(each, "8" if what == "bills_number" else "0" * (int(each) - 999) + "8", reference_number=each)
    said = checks(*many, of=BILLS if what.startswith("bills") else RUN)
    code = {"number": "number_not_unique", "bills_number": "number_not_unique", "credit": "credited_too_much"}
    told_of = {source_id for source_id, found in said if found == code.get(what, "entered_twice")}
    assert told_of == set(many)


def test_the_pairs_of_those_that_are_all_alike_are_bounded(checks: Checks, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []
    prepare = neighbours.prepare

    def counted(session: Connection, request: RunRequest) -> None:
        prepare(session, request)
        values = {"company": COMPANY, "flow": request.flow.value}
        pairs = f"select count(*) from ({neighbours._SAME_NUMBER}) pair"
        made.append(session.execute(text(pairs), values).scalar_one())

    monkeypatch.setattr(neighbours, "prepare", counted)
    many = [checks.staged.invoice(str(number), number="8") for number in range(1000, 1300)]
    checks(*many)
    assert made == [100 * 299]
