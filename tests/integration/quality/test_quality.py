"""Room quality. Every rule, on a document that keeps it and on one that breaks it; and what the step leaves behind."""

from __future__ import annotations

import gc
import logging
import re
import subprocess
import sys
from collections import defaultdict
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from sqlalchemy import Engine, insert, make_url, select, text

from scoro_smartaccounts.common.errors import PipelineError
from scoro_smartaccounts.common.reasons import field_of, system_of
from scoro_smartaccounts.common.run import Counts, RunRequest
from scoro_smartaccounts.quality.check import check
from scoro_smartaccounts.quality.validation import Failure, validate
from scoro_smartaccounts.staging import runs
from scoro_smartaccounts.staging.bulk import copy
from scoro_smartaccounts.staging.checked import batch
from scoro_smartaccounts.staging.database import make_engine
from scoro_smartaccounts.staging.links import Evidence, Kind, Link, store_links
from scoro_smartaccounts.staging.quarantine import (
    AmbiguousName,
    State,
    StoredCase,
    dismiss,
    list_cases,
    open_case,
    release,
)
from scoro_smartaccounts.staging.schema import document, document_line, finding, run
from tests.integration.staged import COMPANY, FLOW, Staged, line, request_for, services_for
from tests.told import case_of, told

RUN = request_for()
PERSON = "Kanaari Kollane"
PERSONAL_CODE = "49403136515"
PASSWORD = "kanaari-salasõna"

DISMISSED = "It is not imported as it is, as somebody decided:"

UNREADABLE = case_of("unreadable", "Field sum holds text.", "sum").to_json()


@pytest.fixture
def staged(engine: Engine) -> Staged:
    staged = Staged(engine)
    staged.partner()
    return staged


@pytest.fixture
def check_all(staged: Staged, tmp_path: Path) -> Any:
    def check_all(*source_ids: str, request: RunRequest = RUN) -> dict[str, set[str]]:
        """Codes of the findings by document, of a run that holds these documents."""
        staged.put_into(request, *source_ids)
        check(request, services_for(staged.engine, tmp_path))
        return found_codes(staged, source_ids)

    return check_all


def found_codes(staged: Staged, source_ids: tuple[str, ...]) -> dict[str, set[str]]:
    by_document: dict[str, set[str]] = {source_id: set() for source_id in source_ids}
    for row in findings(staged):
        by_document[row.source_id].add(row.code)
    return by_document


def findings(staged: Staged) -> list[Any]:
    with staged.engine.connect() as connection:
        columns = [column for column in finding.columns if column.name != "found_at"]
        return list(connection.execute(select(*columns).order_by(finding.c.source_id, finding.c.code, *columns[:1])))


def cases(staged: Staged, *states: State) -> dict[str, StoredCase]:
    with staged.engine.connect() as connection:
        return {case.source_id: case for case in list_cases(connection, COMPANY, states)}


def counts_of(staged: Staged, request: RunRequest = RUN) -> Counts:
    with staged.engine.connect() as connection:
        row = connection.execute(select(run).where(run.c.run_key == request.run_key)).one()
        assert row.checked_at is not None
        return dict(row.counts["check"])


def test_headers(staged: Staged, check_all: Any) -> None:
    staged.partner("deleted", is_deleted=True)
    staged.partner("nameless", name=" ")
    staged.partner("odd", registry_code="12345679", vat_number="EE100594103")
    staged.partner("foreign", registry_code="0112038-9", vat_number="FI01120389")
    staged.partner("71", registry_code="23334441", vat_number="", country="LV")
    staged.raw_contact("71", country="lva")
    staged.partner("72", registry_code="2333444", vat_number="", country="EE")
    staged.raw_contact("72", country="est")
    staged.partner("person", name=PERSON, is_person=True, registry_code="", vat_number="")
    staged.invoice("deleted_twin", number="7", is_deleted=True, net=Decimal("1.00"))
    staged.invoice("missing_twin", number="7", is_missing=True)
    expected: dict[str, set[str]] = {
        staged.invoice("good"): set(),
        staged.invoice("unreadable", problem=UNREADABLE, partner_id=None, net=None): {"unreadable"},
        staged.invoice("unreadable_without_number", problem=UNREADABLE, number=""): {"unreadable"},
        staged.invoice("no_number", number=""): {"number_not_given"},
        staged.invoice("used_again", number="7"): set(),
        staged.invoice("first", number="8"): {"number_not_unique"},
        staged.invoice("second", number="8"): {"number_not_unique"},
        staged.invoice("no_partner", partner_id=None): {"partner_not_named"},
        staged.invoice("unknown_partner", partner_id="404"): {"partner_not_found"},
        staged.invoice("deleted_partner", partner_id="deleted"): {"partner_deleted"},
        staged.invoice("nameless_partner", partner_id="nameless"): {"partner_nameless"},
        staged.invoice("odd_partner", partner_id="odd"): {"registry_code_malformed", "vat_number_malformed"},
        staged.invoice("foreign_partner", partner_id="foreign"): set(),
        staged.invoice("partner_abroad", partner_id="71"): set(),
        staged.invoice("partner_at_home", partner_id="72"): {"registry_code_malformed"},
        staged.invoice("private_person", partner_id="person"): set(),
        staged.invoice("first_day", day=date(2026, 1, 1)): set(),
        staged.invoice("last_day", day=date(2026, 1, 31), due_day=date(2026, 1, 31)): set(),
        staged.invoice("day_before", day=date(2025, 12, 31)): {"day_outside_run"},
        staged.invoice("day_after", day=date(2026, 2, 1), due_day=None): {"day_outside_run"},
        staged.invoice("far_ahead", day=date(2027, 2, 2), due_day=None): {"day_outside_run", "day_not_plausible"},
        staged.invoice("long_ago", day=date(1999, 12, 31), vat=Decimal("20.00")): {
            "day_outside_run",
            "day_not_plausible",
            "vat_percent_not_yet",
            "vat_differs_from_lines",
        },
        staged.invoice("due_early", due_day=date(2026, 1, 9)): {"due_day_before_day"},
        staged.invoice("due_at_once", due_day=date(2026, 1, 10)): set(),
        staged.invoice("dollars", currency="USD", currency_rate=Decimal("0.92")): {"rate_not_compared"},
        staged.invoice("no_currency", currency=""): {"currency_malformed"},
        staged.invoice("currency_sign", currency="€"): {"currency_malformed"},
        staged.invoice("no_rate", currency="USD", currency_rate=Decimal(0)): {"currency_rate_not_positive"},
        staged.invoice("null_rate", currency="USD", currency_rate=None): {"currency_rate_not_positive"},
        staged.invoice("negative_rate", currency_rate=Decimal(-1)): {"currency_rate_not_positive"},
        staged.invoice("euro_rate", currency_rate=Decimal("1.01")): {"base_currency_rate"},
        staged.invoice("reference", reference_number="121312952"): set(),
        staged.invoice("bad_reference", reference_number="121312953"): {"reference_number_malformed"},
    }
    assert check_all(*expected) == expected


def test_lines_and_sums(staged: Staged, check_all: Any) -> None:
    staged.product("plain")
    staged.product("exempt", excludes_discounts=True)
    staged.product("stock", is_stock=True)

    def invoice(source_id: str, net: str, vat: str, *lines: Any, **changes: Any) -> str:
        return staged.invoice(source_id, *lines, net=Decimal(net), vat=Decimal(vat), **changes)

    def rate(percent: str) -> dict[str, Any]:
        return {"vat_percent": Decimal(percent)}

    heading = line("0", is_heading=True, vat_percent=None, quantity=Decimal(0))
    thirds = [line("33.33"), line("33.33"), line("33.34")]
    two_cents = [line("0.02"), line("0.02"), line("0.02")]
    exempt_and_plain = [line("22.00", product_id="exempt"), line("66.00", product_id="plain")]
    bare = line(vat_percent=None)
    stack = {"discount_1": Decimal(10), "discount_2": Decimal(5), "discount_3": Decimal("2.5")}
    nothing = Decimal(0)
    back = line("-60.00", quantity=Decimal(-1), price=Decimal("60.00"))
    expected: dict[str, set[str]] = {
        invoice("heading_and_line", "100", "24", heading, line()): set(),
        invoice("only_heading", "0", "0", heading): {"lines_not_given"},
        invoice("three_lines", "100", "24", *thirds): set(),
        invoice("net_cent_more", "100.01", "24", *thirds): {"lines_differ_from_net"},
        invoice("net_cent_less", "99.99", "24", *thirds): {"lines_differ_from_net"},
        invoice("discounted", "71.50", "17.16", *exempt_and_plain, discount_1=Decimal(25)): set(),
        invoice("discount_on_all", "66.00", "15.84", *exempt_and_plain, discount_1=Decimal(25)): {
            "lines_differ_from_net",
            "vat_differs_from_lines",
        },
        invoice("three_discounts", "83.36", "20.01", line(), **stack): set(),
        invoice("discount_rounded", "0.50", "0.12", line("0.99"), discount_1=Decimal(50)): set(),
        invoice("discount_wrong", "90.02", "21.60", line(), discount_1=Decimal(10)): {"lines_differ_from_net"},
        invoice("vat_cent_more", "100", "24.01", line()): {"vat_differs_from_lines"},
        invoice("vat_cent_less", "100", "23.99", line()): {"vat_differs_from_lines"},
        # 24 % of 0.02 is nothing on each line, and a cent of the three together.
        invoice("vat_per_line", "0.06", "0", *two_cents): set(),
        invoice("vat_per_rate", "0.06", "0.01", *two_cents): set(),
        invoice("several_rates", "115", "24.90", line(), line("10", **rate("9")), line("5", **rate("0"))): set(),
        invoice("rates_swapped", "110", "24.90", line(**rate("9")), line("10")): {"vat_differs_from_lines"},
        invoice("vat_on_document", "100", "24", bare, **rate("24")): set(),
        invoice("wrong_vat_on_document", "100", "20", bare, **rate("24")): {"vat_differs_from_lines"},
        invoice("no_vat", "100", "24", bare): {"vat_percent_not_given"},
        invoice("some_vat", "200", "24", line(), bare): {"vat_percent_not_given"},
        invoice("old_rate", "100", "22", line(**rate("22"))): {"vat_percent_ended"},
        invoice("old_rate_on_document", "100", "22", bare, **rate("22")): {"vat_percent_ended"},
        invoice("no_such_rate", "100", "25.50", line(**rate("25.5"))): {"vat_percent_not_valid"},
        invoice("accommodation", "100", "13", line(**rate("13"))): set(),
        invoice("export", "100", "0", line(**rate("0"))): set(),
        invoice("zero", "0", "0", line("60.00"), back): set(),
        invoice("free", "0", "0", line("0")): set(),
        invoice("stock", "100", "24", line(product_id="stock")): set(),
        invoice("stock_without_quantity", "0", "0", line("0", product_id="stock", quantity=nothing)): {
            "stock_quantity_not_given"
        },
        invoice("service_without_quantity", "0", "0", line("0", product_id="plain", quantity=nothing)): set(),
        invoice("price_rounded", "100", "24", line(price=Decimal("33.335"), quantity=Decimal(3))): set(),
        invoice("line_discount", "100", "24", line(price=Decimal(125), discount=Decimal(20))): set(),
        invoice("price_differs", "100", "24", line(price=Decimal("99.98"))): {"line_differs_from_price"},
        invoice("dollars", "100", "24", line(), currency="USD", currency_rate=Decimal("0.92")): {"rate_not_compared"},
    }
    assert check_all(*expected) == expected


@pytest.mark.parametrize("sign", [1, -1])
def test_credit_invoices_of_either_sign(staged: Staged, check_all: Any, sign: int) -> None:
    def credit(source_id: str, percent: int = 24, bases: list[str] | None = None, **changes: Any) -> str:
        one = line(str(100 * sign), price=Decimal(100), quantity=Decimal(sign), vat_percent=Decimal(percent))
        values = {
            "net": Decimal(100 * sign),
            "vat": Decimal(percent * sign),
            "credited_ids": ["base"] if bases is None else bases,
        }
        return staged.invoice(source_id, one, **{**values, **changes})

    # Large enough for all that is credited.
    staged.invoice("base", day=date(2026, 1, 5), net=Decimal(9000))
    staged.invoice("old_base", line(vat_percent=Decimal(22)), day=date(2025, 6, 30), net=Decimal(9000))
    staged.invoice("deleted_base", is_deleted=True)
    with staged.engine.begin() as connection:
        link = Link(kind=Kind.SALES_INVOICE, source_id="booked", remote_id="r1", evidence=Evidence.ADOPTED)
        store_links(connection, COMPANY, RUN.run_key, [link])
    expected: dict[str, set[str]] = {
        credit("good"): set(),
        credit("net_differs", net=Decimal(sign) * Decimal("100.01")): {"lines_differ_from_net"},
        credit("vat_differs", vat=Decimal(sign) * Decimal("24.01")): {"vat_differs_from_lines"},
        credit("old_rate_of_base", percent=22, bases=["old_base"]): set(),
        credit("rate_after_base", percent=24, bases=["old_base"]): {"vat_percent_not_yet"},
        credit("one_of_two_bases", percent=22, bases=["base", "old_base"]): set(),
        credit("base_unknown", percent=22, bases=["404"]): {"credit_base_not_staged"},
        credit("never_a_rate", percent=18, bases=["404"]): {"credit_base_not_staged", "vat_percent_not_valid"},
        credit("base_deleted", bases=["deleted_base"]): {"credit_base_not_staged"},
        credit("base_booked", percent=22, bases=["booked"]): set(),
        credit("no_base", bases=[]): {"credit_names_no_base"} if sign < 0 else set(),
    }
    assert check_all(*expected) == expected


def test_a_foreign_rate_is_valid_where_the_company_file_maps_its_code(staged: Staged, check_all: Any) -> None:
    company = RUN.company
    rules = (
        *company.sales_invoices.vat_codes,
        company.sales_invoices.vat_codes[0].model_copy(
            update={"scoro_code": "OSSFI", "percent": Decimal("25.5"), "smartaccounts": "OSSFI"}
        ),
    )
    policy = company.sales_invoices.model_copy(update={"vat_codes": rules})
    request = request_for("import_sales_invoices/oss", company=company.model_copy(update={"sales_invoices": policy}))
    foreign: dict[str, Any] = {"vat_percent": Decimal("25.5")}
    expected: dict[str, set[str]] = {
        staged.invoice("mapped", line(vat_code="OSSFI", **foreign), vat=Decimal("25.50")): set(),
        staged.invoice("other_code", line(vat_code="24", **foreign), vat=Decimal("25.50")): {"vat_percent_not_valid"},
    }
    assert check_all(*expected, request=request) == expected


def test_errors_go_to_quarantine_and_warnings_do_not(
    staged: Staged, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    staged.invoice("good")
    staged.invoice("warned", due_day=date(2026, 1, 1), reference_number="5")
    staged.invoice("bad", number="2026041", partner_id=None, vat=Decimal("20.00"), due_day=date(2026, 1, 1))
    staged.invoice("line", line(vat_percent=Decimal(18)), vat=Decimal(18), number="2026042")
    staged.invoice("deleted", is_deleted=True, partner_id=None)
    staged.invoice("of_another_run", partner_id=None)
    staged.invoice("waiting", partner_id=None)
    staged.put_into(RUN, "good", "warned", "bad", "line", "deleted", "waiting")
    with staged.engine.begin() as connection:
        runs.set_outcomes(connection, RUN, {"waiting": ("waiting", case_of("not_settled", "Not settled"))})
    with caplog.at_level(logging.INFO, logger="scoro_smartaccounts"):
        counts = check(RUN, services_for(staged.engine, tmp_path))
    assert counts == {"checked": 4, "passed": 2, "quarantined": 2, "warnings": 3}
    assert counts_of(staged) == counts

    message = "Invoice 2026041 names no client. Choose the client in Scoro."
    waiting = cases(staged, "open")
    assert waiting["bad"].message == message
    assert (field_of(waiting["bad"].reason), system_of(waiting["bad"].reason)) == ("company_id", "Scoro")
    assert waiting["line"].message == (
        "Invoice 2026042, line 1: VAT of 18.00 % (Scoro's VAT code -) is none that Estonian law knows. Choose the right"
        " VAT in Scoro; a foreign rate needs a rule with this percent and Scoro's VAT code as scoro_code under"
        " vat_codes in the company file."
    )
    assert set(waiting) == {"bad", "line"}
    assert staged.outcomes(RUN) == {
        "good": (None, None),
        "warned": (None, None),
        "bad": ("quarantined", message),
        "line": ("quarantined", waiting["line"].message),
        "deleted": (None, None),
        "waiting": ("waiting", "Not settled"),
    }
    by_code = {(row.source_id, row.code): row for row in findings(staged)}
    assert set(by_code) == {
        ("bad", "partner_not_named"),
        ("bad", "vat_differs_from_lines"),
        ("bad", "due_day_before_day"),
        ("line", "vat_percent_not_valid"),
        ("warned", "due_day_before_day"),
        ("warned", "reference_number_malformed"),
    }
    assert by_code["line", "vat_percent_not_valid"].position == 1
    assert told(by_code["bad", "vat_differs_from_lines"].reason) == (
        "Invoice 2026041: by its lines the VAT is 24.00 EUR, the invoice says 20.00. Open the invoice in Scoro, check"
        " the VAT and save it."
    )
    assert {row.severity for row in by_code.values() if row.source_id == "warned"} == {"warning"}
    lines = [record.getMessage() for record in caplog.records if record.name.startswith("scoro_smartaccounts")]
    assert "warning due_day_before_day: 2 documents: 2026041, Nwarned" in lines
    assert lines[-1] == "Checked default: checked 4, passed 2, quarantined 2, warnings 3."
    assert len(lines) == 6


def test_both_documents_of_a_number_are_named(staged: Staged, check_all: Any) -> None:
    staged.invoice("91", number="8")
    staged.invoice("92", number="8")
    check_all("91")
    (row,) = findings(staged)
    assert told(row.reason).startswith("Invoice 8 (Scoro id 91) shares its number with the invoice of Scoro id 92.")


def test_a_number_is_free_again_when_its_other_document_is_dismissed(staged: Staged, tmp_path: Path) -> None:
    staged.invoice("91", number="8")
    staged.invoice("92", number="8")
    staged.put_into(RUN, "91", "92")
    check(RUN, services_for(staged.engine, tmp_path))
    with staged.engine.begin() as connection:
        with pytest.raises(AmbiguousName, match="say which by id:91 or id:92"):
            dismiss(connection, COMPANY, ["8"], "both")
        assert [case.source_id for case in dismiss(connection, COMPANY, ["id:92"], "typed twice")] == ["92"]
    again = request_for("import_sales_invoices/again")
    staged.put_into(again, "91", "92")
    check(again, services_for(staged.engine, tmp_path))
    assert staged.outcomes(again) == {"91": (None, None), "92": ("dismissed", f"{DISMISSED} typed twice")}
    assert set(cases(staged, "resolved")) == {"91"}


def test_repeating_the_step_gives_the_same_rows(staged: Staged, tmp_path: Path) -> None:
    staged.invoice("good")
    staged.invoice("warned", due_day=date(2026, 1, 1))
    staged.invoice("bad", partner_id=None)
    staged.invoice("of_a_later_step")
    staged.put_into(RUN, "good", "warned", "bad", "of_a_later_step")
    services = services_for(staged.engine, tmp_path)
    first = check(RUN, services)
    with staged.engine.begin() as connection:
        open_case(connection, RUN, {"of_a_later_step": case_of("vat_not_mapped", "no VAT code")})
        runs.set_outcomes(
            connection, RUN, {"of_a_later_step": ("quarantined", case_of("vat_not_mapped", "no VAT code"))}
        )
    before = findings(staged), staged.outcomes(RUN), cases(staged, "open", "released", "dismissed", "resolved")
    second = check(RUN, services)
    assert before == (
        findings(staged),
        staged.outcomes(RUN),
        cases(staged, "open", "released", "dismissed", "resolved"),
    )
    assert second == {**first, "checked": first["checked"] - 1, "passed": first["passed"] - 1}


def test_a_mended_document_closes_its_case_and_only_those_of_this_step(staged: Staged, tmp_path: Path) -> None:
    for source_id in ("mended", "released", "still_bad"):
        staged.invoice(source_id, partner_id=None)
    staged.invoice("of_a_later_step")
    staged.put_into(RUN, "mended", "released", "still_bad", "of_a_later_step")
    services = services_for(staged.engine, tmp_path)
    check(RUN, services)
    with staged.engine.begin() as connection:
        open_case(connection, RUN, {"of_a_later_step": case_of("vat_not_mapped", "no VAT code")})
        release(connection, COMPANY, ["Nreleased"], "")
    staged.change("mended", partner_id="51", content_hash="second")
    staged.change("released", partner_id="51", content_hash="second")
    later = request_for("import_sales_invoices/later")
    staged.put_into(later, "mended", "released", "still_bad", "of_a_later_step")
    counts = check(later, services)
    assert counts == {"checked": 4, "passed": 3, "quarantined": 1, "warnings": 0}
    assert set(cases(staged, "resolved")) == {"mended", "released"}
    assert {source_id: case.run_key for source_id, case in cases(staged, "open").items()} == {
        "still_bad": RUN.run_key,
        "of_a_later_step": RUN.run_key,
    }


def test_a_dismissed_document_is_not_judged_until_it_changes(staged: Staged, tmp_path: Path) -> None:
    staged.invoice("1", partner_id=None)
    staged.put_into(RUN, "1")
    services = services_for(staged.engine, tmp_path)
    check(RUN, services)
    with staged.engine.begin() as connection:
        dismiss(connection, COMPANY, ["N1"], "a test invoice")
    second, third = request_for("import_sales_invoices/2"), request_for("import_sales_invoices/3")
    staged.put_into(second, "1")
    for _ in range(2):
        assert check(second, services) == {"checked": 0, "passed": 0, "quarantined": 0, "warnings": 0}
        assert staged.outcomes(second) == {"1": ("dismissed", f"{DISMISSED} a test invoice")}

    staged.change("1", content_hash="second")
    staged.put_into(third, "1")
    assert check(third, services)["quarantined"] == 1
    assert cases(staged, "open").keys() == {"1"}


def test_a_document_that_is_in_the_books_is_left_alone(staged: Staged, check_all: Any) -> None:
    staged.invoice("booked", partner_id=None)
    with staged.engine.begin() as connection:
        link = Link(kind=Kind.SALES_INVOICE, source_id="booked", remote_id="r1", evidence=Evidence.CREATED)
        store_links(connection, COMPANY, RUN.run_key, [link])
    assert check_all("booked") == {"booked": set()}
    assert staged.outcomes(RUN) == {"booked": (None, None)}


def test_a_run_without_a_single_line(staged: Staged, check_all: Any) -> None:
    staged.invoice("1", problem=UNREADABLE)
    assert check_all("1") == {"1": {"unreadable"}}


def test_late_documents_may_lie_outside_the_interval(staged: Staged, tmp_path: Path) -> None:
    staged.invoice("late", day=date(2025, 12, 1), due_day=None)
    staged.put_into(RUN, "late", reason="late")
    assert check(RUN, services_for(staged.engine, tmp_path))["passed"] == 1


def test_every_failing_row_is_found_however_many_there_are(staged: Staged, tmp_path: Path) -> None:
    rows = {f"{i:04}": line("1.00", vat_percent=None) for i in range(450)}
    with staged.engine.begin() as connection:
        header = {"company": COMPANY, "flow": FLOW}
        values = {"raw_version": 1, "content_hash": "", "currency": "EUR", "currency_rate": 1, "net": 1, "vat": 0}
        copy(
            connection,
            document,
            ({**header, **values, "source_id": i, "number": i, "day": date(2026, 1, 2)} for i in rows),
        )
        copy(connection, document_line, ({**header, "source_id": i, "position": 1, **row} for i, row in rows.items()))
    staged.put_into(RUN, *rows)
    counts = check(RUN, services_for(staged.engine, tmp_path))
    assert counts["quarantined"] == 450
    found: dict[str, int] = defaultdict(int)
    for row in findings(staged):
        found[row.code] += 1
    assert found == {"partner_not_named": 450, "vat_percent_not_given": 450}
    pages = list((tmp_path / "data_docs").rglob("validations/**/*.html"))
    assert len(pages) == 2
    assert all(page.stat().st_size < 400_000 for page in pages)


def test_reports_hold_no_personal_data_and_no_password(
    staged: Staged, staging_url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    staged.partner("person", name=PERSON, is_person=True, registry_code=PERSONAL_CODE, vat_number=f"EE{PERSONAL_CODE}")
    staged.invoice("1", partner_id="person", reference_number=PERSONAL_CODE, due_day=date(2026, 1, 1))
    staged.invoice("2", line(description=PERSON, vat_percent=Decimal(22)), partner_id="person", vat=Decimal("1.00"))
    staged.invoice("3", partner_id="person", number="")
    staged.put_into(RUN, "1", "2", "3")
    with staged.engine.begin() as connection:
        connection.execute(text(f"create role canary login superuser password '{PASSWORD}'"))
    url = make_url(staging_url).set(username="canary", password=PASSWORD)
    engine = make_engine(url.render_as_string(hide_password=False))
    try:
        with caplog.at_level(logging.DEBUG):
            check(RUN, services_for(engine, tmp_path))
    finally:
        engine.dispose()
        with staged.engine.begin() as connection:
            connection.execute(text("drop role canary"))
    texts = [path.read_text() for path in tmp_path.rglob("*") if path.suffix in (".html", ".json")]
    assert len(texts) == 3
    assert any("N2" in text and "The VAT is what the lines give" in text for text in texts)
    rows = [*findings(staged), *cases(staged, "open").values(), staged.outcomes(RUN)]
    assert len(rows) > 5
    everything = "\n".join([*texts, caplog.text, *map(str, rows)])
    for canary in (*PERSON.split(), PERSONAL_CODE, PASSWORD):
        assert canary not in everything, canary


def test_the_connection_survives_great_expectations(engine: Engine, staged: Staged, tmp_path: Path) -> None:
    import great_expectations

    staged.invoice("1", partner_id=None)
    staged.put_into(RUN, "1")
    driver = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
    batch.prepare(driver, RUN)
    failures = validate(
        driver, suite="a", flow=RUN.flow, run_key="b", at=services_for(engine, tmp_path).clock(), folder=tmp_path
    )
    # It lets go of what it worked on only when somebody asks for the next context.
    great_expectations.get_context(mode="ephemeral")
    gc.collect()
    assert failures == [Failure("partner_not_named", "1", 0)]
    assert set(batch.details(driver, batch.DOCUMENTS, ["1"])) == {("1", 0)}
    driver.invalidate()
    driver.close()


def test_a_rule_that_cannot_be_evaluated_stops_the_step(engine: Engine, staged: Staged, tmp_path: Path) -> None:
    staged.invoice("1")
    staged.put_into(RUN, "1")
    session = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
    batch.prepare(session, RUN)
    session.exec_driver_sql("alter table checked_document rename column vat_difference to other")
    with pytest.raises(PipelineError, match="vat_differs_from_lines"):
        validate(
            session, suite="a", flow=RUN.flow, run_key="b", at=services_for(engine, tmp_path).clock(), folder=tmp_path
        )
    session.invalidate()
    session.close()


def test_a_folder_that_cannot_be_written_stops_nothing(
    staged: Staged, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    staged.invoice("1", partner_id=None)
    staged.put_into(RUN, "1")
    (tmp_path / "file").write_text("in the way")
    assert check(RUN, services_for(staged.engine, tmp_path / "file"))["quarantined"] == 1
    assert f"Data Docs could not be written to {tmp_path / 'file'}: File exists" in caplog.text


def test_pages_that_cannot_be_written_are_one_warning_and_no_traceback(
    staged: Staged, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    staged.invoice("1", partner_id=None)
    staged.put_into(RUN, "1")
    site = tmp_path / "data_docs"
    site.mkdir()
    (site / "validations").write_text("in the way")
    assert check(RUN, services_for(staged.engine, tmp_path))["quarantined"] == 1
    assert "Traceback" not in caplog.text
    (warning,) = [record for record in caplog.records if record.levelname == "WARNING" and "Docs" in record.message]
    assert f"Data Docs could not be written to {tmp_path}: Not a directory" in warning.message


def test_runs_share_one_site(staged: Staged, tmp_path: Path) -> None:
    staged.invoice("1")
    services = services_for(staged.engine, tmp_path)
    requests = [request_for(f"import_sales_invoices/scheduled__2026-01-0{i}T00:00:00+02:00") for i in (1, 2, 3)]
    for request in requests:
        staged.put_into(request, "1")
        check(request, services)
    site = tmp_path / "data_docs"
    links = re.findall(r'href="([^"]+)"', (site / "index.html").read_text())
    assert len(links) == 6
    for link in links:
        assert (site / unquote(link)).is_file(), link
    for i in (1, 2, 3):
        assert sum(f"scheduled__2026-01-0{i}" in link for link in links) == 2


def test_without_documents_great_expectations_is_not_even_imported(staging_url: str, tmp_path: Path) -> None:
    program = f"""
import sys
sys.path[:0] = [{str(Path(__file__).parents[3])!r}]
from pathlib import Path
from tests.integration.staged import request_for, services_for
from scoro_smartaccounts.common.errors import PipelineError
from scoro_smartaccounts.staging.checked import batch
from scoro_smartaccounts.quality.check import check
from scoro_smartaccounts.staging import runs
from scoro_smartaccounts.staging.bulk import copy
from scoro_smartaccounts.staging.database import make_engine
engine = make_engine({staging_url!r})
with engine.begin() as connection:
    runs.open_run(connection, request_for())
assert set(check(request_for(), services_for(engine, Path({str(tmp_path)!r}))).values()) == {{0}}
assert not {{"great_expectations", "pandas"}} & set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", program], check=True, timeout=120)
    assert list(tmp_path.iterdir()) == []


def test_two_companies_do_not_see_each_other(staged: Staged, tmp_path: Path) -> None:
    with staged.engine.begin() as connection:
        connection.execute(
            insert(document).values(
                company="acme", flow=FLOW, source_id="1", raw_version=1, content_hash="", number="N1", is_deleted=False
            )
        )
    staged.invoice("1")
    staged.put_into(RUN, "1")
    assert check(RUN, services_for(staged.engine, tmp_path))["passed"] == 1
