"""Rules about what stands beside a document: numbers, papers entered twice, credit invoices, rates; and that a person's
answer is not asked for again."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select

from scoro_smartaccounts.documents import Flow
from scoro_smartaccounts.quality.check import check
from scoro_smartaccounts.reasons import Reason, render
from scoro_smartaccounts.run import Counts, RunRequest
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


def test_currency_and_rate_of_a_credit_invoice(checks: Checks) -> None:
    dollars = {"currency": "USD", "currency_rate": Decimal("0.92")}
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
    assert set(checks("g0", "g1", "g2", "g3", "bad")) == {("bad", "rate_upside_down")}


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
