"""Room quality. Every rule for payments, both ways, on one that keeps it and on one that breaks it; and both flows
with the step."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select

from scoro_smartaccounts import pipeline
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.reasons import Reason, field_of, render, system_of
from scoro_smartaccounts.common.run import RunRequest
from scoro_smartaccounts.quality.check import check
from scoro_smartaccounts.staging.links import Evidence, Kind, Link, store_links
from scoro_smartaccounts.staging.quarantine import State, StoredCase, dismiss, list_cases, open_case
from scoro_smartaccounts.staging.schema import (
    document,
    finding,
    payment_row,
    remote_payment,
    remote_payment_row,
    run,
)
from tests.integration.money import Money
from tests.integration.staged import COMPANY, Staged, request_for, services_for
from tests.integration.world import World
from tests.told import case_of, told

PAID = date(2026, 1, 20)
RUN = request_for("import_payments/1", flow=Flow.PAYMENTS)
PERSON = "Kanaari Kollane"
UNREADABLE = case_of("unreadable", "Field sum holds text.", "sum").to_json()


def export_request(run_key: str = "export_payments/1", *, enabled: bool = True) -> RunRequest:
    company = RUN.company
    policy = company.export_payments.model_copy(update={"enabled": enabled})
    return request_for(
        run_key, flow=Flow.EXPORT_PAYMENTS, company=company.model_copy(update={"export_payments": policy})
    )


EXPORT = export_request()


def row(amount: str, **names: Any) -> dict[str, Any]:
    """A row of a receipt group, of invoice 1 unless told otherwise."""
    named = {"document_flow": Flow.SALES_INVOICES.value, "document_id": "1", "prepayment_id": None}
    return {**named, **names, "amount": Decimal(amount)}


def prepayment(amount: str, **names: Any) -> dict[str, Any]:
    return row(amount, document_flow=None, document_id=None, prepayment_id="7", **names)


NOTHING = {"document_flow": None, "document_id": None, "prepayment_id": None}


class Payments(Staged):
    """Stages payments of both sides as their first steps do."""

    def group(self, source_id: str, *rows: dict[str, Any], **changes: Any) -> str:
        """A receipt group of one row of 124.00 unless told otherwise; its total is what the rows give."""
        rows = rows or (row("124.00"),)
        values = {
            "number": f"receipt-{source_id}",
            "day": PAID,
            "partner_id": "51",
            "currency": "EUR",
            "net": sum((item["amount"] for item in rows), Decimal(0)),
            "vat": Decimal(0),
            "content_hash": "first",
            **changes,
        }
        if values.get("problem") or values.pop("bare", False):
            rows = ()
        key = {"flow": Flow.PAYMENTS.value, "source_id": source_id}
        self._insert(document, {**key, "raw_version": 1, **values})
        for position, item in enumerate(rows, start=1):
            self._insert(payment_row, {**key, "position": position, **item})
        return source_id

    def payment(self, source_id: str, *rows: tuple[str, str, str], **changes: Any) -> str:
        """A payment of SmartAccounts: type, document and amount of its rows; 124.00 for invoice `r1` by itself."""
        rows = rows or (("CLIENT_INVOICE", "r1", "124.00"),)
        values = {
            "day": PAID,
            "currency": "EUR",
            "net": sum((Decimal(amount) for _, _, amount in rows), Decimal(0)),
            "content_hash": "first",
            **changes,
        }
        key = {"flow": Flow.EXPORT_PAYMENTS.value, "source_id": source_id, "number": f"payment-{source_id}"}
        self._insert(document, {**key, "raw_version": 0, "vat": Decimal(0), **values})
        mirrored = {name: values[name] for name in ("day", "currency", "content_hash")}
        self._insert(
            remote_payment,
            {
                "remote_id": source_id,
                "number": source_id,
                "partner_type": "CLIENT",
                "amount": values["net"],
                **mirrored,
            },
        )
        for position, (kind, remote_id, amount) in enumerate(rows, start=1):
            self._insert(
                remote_payment_row,
                {
                    "remote_id": source_id,
                    "position": position,
                    "type": kind,
                    "document_remote_id": remote_id,
                    "amount": Decimal(amount),
                },
            )
        return source_id

    def link(self, kind: Kind, source_id: str, remote_id: str) -> None:
        with self.engine.begin() as connection:
            store_links(connection, COMPANY, RUN.run_key, [Link(kind, source_id, remote_id, Evidence.ADOPTED)])


@pytest.fixture
def staged(engine: Engine) -> Payments:
    staged = Payments(engine)
    staged.partner()
    staged.invoice("1", number="2026041")
    staged.invoice("2", number="2026042")
    return staged


@pytest.fixture
def check_all(staged: Payments, tmp_path: Path) -> Any:
    def check_all(*source_ids: str, request: RunRequest = RUN) -> dict[str, set[str]]:
        """Codes of the findings by payment, of a run that holds these payments."""
        staged.put_into(request, *source_ids)
        check(request, services_for(staged.engine, tmp_path))
        by_payment: dict[str, set[str]] = {source_id: set() for source_id in source_ids}
        for item in findings(staged):
            by_payment[item.source_id].add(item.code)
        return by_payment

    return check_all


def findings(staged: Staged) -> Sequence[Any]:
    columns = [column for column in finding.columns if column.name != "found_at"]
    with staged.engine.connect() as connection:
        return connection.execute(select(*columns).order_by(finding.c.source_id, finding.c.code)).all()


def messages(staged: Staged) -> dict[tuple[str, str], str]:
    return {(item.source_id, item.code): told(item.reason) for item in findings(staged)}


def cases(staged: Staged, *states: State) -> dict[str, StoredCase]:
    with staged.engine.connect() as connection:
        return {case.source_id: case for case in list_cases(connection, COMPANY, states)}


def test_receipt_groups(staged: Payments, check_all: Any) -> None:
    nobody = {"partner_id": None}
    expected: dict[str, set[str]] = {
        staged.group("900"): set(),
        staged.group("unreadable", problem=UNREADABLE): {"unreadable"},
        staged.group("first_day", day=date(2026, 1, 1)): set(),
        staged.group("last_day", day=date(2026, 1, 31)): set(),
        staged.group("day_before", day=date(2025, 12, 31)): {"day_outside_run"},
        staged.group("day_after", day=date(2026, 2, 1)): {"day_outside_run"},
        staged.group("far_ahead", day=date(2027, 2, 2)): {"day_outside_run", "day_not_plausible"},
        staged.group("long_ago", day=date(1999, 12, 31)): {"day_outside_run", "day_not_plausible"},
        staged.group("no_rows", bare=True): {"rows_not_given"},
        staged.group("two_rows", row("124.00"), row("40.00", document_id="2")): set(),
        staged.group("prepayment", prepayment("40.00")): set(),
        staged.group("for_nothing", row("124.00"), row("5.00", **NOTHING)): {"row_names_nothing"},
        staged.group("all_for_nothing", row("5.00", **NOTHING), **nobody): {"row_names_nothing"},
        staged.group("zero", row("124.00"), row("0", document_id="2")): {"row_of_zero"},
        staged.group("refund", row("-24.80")): set(),
        staged.group("netted", row("24.80"), row("-24.80", document_id="2")): set(),
        staged.group("dollars", currency="USD"): set(),
        staged.group("no_currency", currency=""): {"currency_malformed"},
        staged.group("currency_sign", currency="€"): {"currency_malformed"},
        staged.group("cents_more", net=Decimal("124.02")): {"total_cents_off"},
        staged.group("cents_less", net=Decimal("123.98")): {"total_cents_off"},
        staged.group("three_cents_more", net=Decimal("124.03")): {"total_differs_from_rows"},
        staged.group("three_cents_less", net=Decimal("123.97")): {"total_differs_from_rows"},
        staged.group("other_sign", net=Decimal("-124.00")): {"total_differs_from_rows"},
        staged.group("no_contact", **nobody): {"contact_not_named"},
        staged.group("no_payer", prepayment("40.00"), **nobody): {"payer_not_named"},
        staged.group("no_contact_with_both", row("5.00"), prepayment("40.00"), **nobody): {"contact_not_named"},
        staged.group("twice", row("100.00"), row("24.00")): {"document_named_twice"},
        staged.group("prepayment_twice", prepayment("1.00"), prepayment("2.00")): {"document_named_twice"},
        staged.group(
            "equal_ids", row("124.00"), row("9.00", document_flow="purchase_invoices"), prepayment("1.00")
        ): set(),
    }
    assert check_all(*expected) == expected


def test_sentences_about_receipt_groups(staged: Payments, check_all: Any) -> None:
    ids = (
        staged.group("900", row("5.00", **NOTHING), row("0"), net=Decimal("5.01")),
        staged.group("901", row("100.00"), row("24.00"), prepayment("1.00"), prepayment("2.00"), partner_id=None),
        staged.group("902", net=Decimal("120.00")),
        staged.group("903", day=None),
    )
    check_all(*ids)
    assert messages(staged) == {
        ("900", "row_names_nothing"): "Payment 900 of 20.01.2026, row 1: 5.00 EUR for no document. Choose the document"
        " in Scoro, or delete the row.",
        ("900", "row_of_zero"): "Payment 900 of 20.01.2026, row 2: the amount is 0. Enter the amount in Scoro, or"
        " delete the row.",
        ("900", "total_cents_off"): "Payment 900 of 20.01.2026: its rows add up to 5.00 EUR, the payment says 5.01. The"
        " rows are booked; compare them with the bank or the till.",
        ("901", "contact_not_named"): "Payment 901 of 20.01.2026 names no contact. That of its documents is taken.",
        ("901", "document_named_twice"): "Payment 901 of 20.01.2026 has several rows for invoice 2026041, prepayment"
        " invoice with Scoro id 7. They are booked together; look whether one is too many.",
        ("902", "total_differs_from_rows"): "Payment 902 of 20.01.2026: its rows add up to 124.00 EUR, the payment says"
        " 120.00. Correct one of them in Scoro.",
    }
    case = cases(staged, "open")["900"]
    assert case.message == messages(staged)["900", "row_names_nothing"]
    assert (field_of(case.reason), system_of(case.reason)) == ("receipts.invoice_id", "Scoro")
    (twice,) = (item.reason for item in findings(staged) if item.code == "document_named_twice")
    assert render(Reason.from_json(twice), "et") == (
        "Makse 901 (20.01.2026): mitu rida on sama dokumendi eest (arve 2026041, ettemaksuarve Scoro id-ga 7). Need"
        " kantakse kokku; vaata, kas üks on üleliigne."
    )


def test_what_the_planner_settles_by_itself_makes_nobody_work(staged: Payments, check_all: Any) -> None:
    staged.invoice("early", day=date(2025, 12, 31), due_day=None)
    staged.invoice("early_but_booked", day=date(2025, 12, 31), due_day=None)
    staged.invoice("deleted", is_deleted=True)
    staged.invoice("missing", is_missing=True)
    staged.invoice("dismissed")
    staged.invoice("unreadable", day=None, problem=UNREADABLE)
    staged.link(Kind.SALES_INVOICE, "early_but_booked", "r9")
    staged.link(Kind.PAYMENT, "linked", "p1")
    staged.link(Kind.PAYMENT, "in_part/2", "p2")
    sales = request_for()
    with staged.engine.begin() as connection:
        open_case(connection, sales, {"dismissed": case_of("number_not_given", "a test")})
        dismiss(connection, COMPANY, ["Ndismissed"], "a test")
    wrong = {"net": Decimal(1)}

    def group(source_id: str, *document_ids: str, **names: Any) -> str:
        return staged.group(source_id, *(row("124.00", document_id=one, **names) for one in document_ids), **wrong)

    expense = {"document_flow": Flow.PURCHASE_INVOICES.value}
    differs = {"total_differs_from_rows"}
    expected: dict[str, set[str]] = {
        group("of_early", "early"): set(),
        group("of_booked", "early_but_booked"): differs,
        group("of_deleted", "deleted"): set(),
        group("of_missing", "missing"): set(),
        group("of_unknown", "404"): set(),
        group("of_dismissed", "dismissed"): set(),
        group("of_unreadable", "unreadable"): differs,
        group("of_several", "early", "404"): set(),
        group("of_some", "early", "1"): differs,
        group("of_expense", "expense-5", **expense): set(),
        group("linked", "1"): set(),
        group("in_part", "1"): differs,
        # No receipt account: only the planner knows whether one is needed.
        staged.group("no_account"): set(),
    }
    assert check_all(*expected) == expected
    assert {source_id: outcome for source_id, (outcome, _) in staged.outcomes(RUN).items() if outcome} == {
        source_id: "quarantined" for source_id, found in expected.items() if found
    }


def test_payments_of_smartaccounts(staged: Payments, check_all: Any) -> None:
    staged.invoice("credit", net=Decimal("-20.00"), vat=Decimal("-4.80"))
    for source_id, remote_id in (("1", "r1"), ("credit", "r2")):
        staged.link(Kind.SALES_INVOICE, source_id, remote_id)
    staged.link(Kind.PAYMENT, "900", "linked")
    staged.link(Kind.PAYMENT, "901", "in_parts/2")
    one, credit, stranger = "CLIENT_INVOICE r1", "CLIENT_INVOICE r2", "CLIENT_INVOICE r404"

    def payment(source_id: str, *rows: tuple[str, str], **changes: Any) -> str:
        parts = [(*named.split(), amount) for named, amount in rows]
        return staged.payment(source_id, *parts, **changes)  # type: ignore[arg-type]

    nothing = {"net": Decimal(0)}
    expected: dict[str, set[str]] = {
        payment("17"): set(),
        payment("long_ago", day=date(1999, 12, 31)): {"day_not_plausible"},
        payment("year_ahead", day=date(2027, 2, 1)): set(),
        payment("far_ahead", day=date(2027, 2, 2)): {"day_not_plausible"},
        payment("no_currency", currency=""): {"currency_malformed"},
        payment("small_letters", currency="eur"): {"currency_malformed"},
        payment("nothing", **nothing): {"amount_not_positive"},
        payment("negative", net=Decimal(-1)): {"amount_not_positive"},
        payment("netting", (one, "24.80"), (credit, "24.80"), **nothing): set(),
        payment("from_prepayment", (one, "24.80"), ("PREPAYMENT_PAYMENT p1", "24.80"), **nothing): set(),
        payment("refund", (credit, "24.80"), net=Decimal("-24.80")): set(),
        payment("zero_row", (one, "0"), (credit, "24.80")): {"row_not_positive"},
        payment("negative_row", (credit, "-24.80")): {"row_not_positive"},
        payment("of_others", (one, "30.00"), (stranger, "-5.00"), ("VAT_RETURN v1", "-5.00")): set(),
        payment("linked", **nothing): set(),
        payment("in_parts", **nothing): {"amount_not_positive"},
    }
    assert check_all(*expected, request=EXPORT) == expected


def test_sentences_about_payments_of_smartaccounts(staged: Payments, check_all: Any) -> None:
    staged.link(Kind.SALES_INVOICE, "1", "r1")
    staged.payment("17", net=Decimal(0))
    staged.payment("2026-18", ("CLIENT_INVOICE", "r1", "-5.00"), net=Decimal(5))
    check_all("17", "2026-18", request=EXPORT)
    amount = (
        "Payment 17 of 20.01.2026 is of 0.00 EUR; only an amount above 0 goes to Scoro. Correct it in SmartAccounts, or"
        " enter it in Scoro by hand and dismiss it here."
    )
    case = cases(staged, "open")["17"]
    assert case.message == amount
    assert (field_of(case.reason), system_of(case.reason)) == ("amount", "SmartAccounts")
    assert messages(staged)["2026-18", "row_not_positive"].startswith(
        "Payment 2026-18 of 20.01.2026, row 1: -5.00 EUR;"
    )


@pytest.mark.parametrize("request_of", [request_for, export_request])
def test_found_once_mended_and_dismissed(staged: Payments, tmp_path: Path, request_of: Any) -> None:
    is_export = request_of is export_request
    flow = {} if is_export else {"flow": Flow.PAYMENTS}
    enter = staged.payment if is_export else staged.group
    bad = {"currency": ""}
    for source_id in ("mended", "dismissed", "still_bad"):
        enter(source_id, **bad)
    enter("good")
    everything = ("mended", "dismissed", "still_bad", "good")
    services = services_for(staged.engine, tmp_path)
    first = request_of("run/1", **flow)
    staged.put_into(first, *everything)
    counts = {"checked": 4, "passed": 1, "quarantined": 3, "warnings": 0}
    assert check(first, services) == counts
    before = findings(staged), staged.outcomes(first), cases(staged, "open")
    assert check(first, services) == counts
    assert before == (findings(staged), staged.outcomes(first), cases(staged, "open"))
    assert set(before[2]) == {"mended", "dismissed", "still_bad"}

    name = "payment-dismissed" if is_export else "receipt-dismissed"
    with staged.engine.begin() as connection:
        dismiss(connection, COMPANY, [name], "entered by hand")
    staged.change("mended", currency="EUR", content_hash="second")
    second = request_of("run/2", **flow)
    staged.put_into(second, *everything)
    assert check(second, services) == {"checked": 3, "passed": 2, "quarantined": 1, "warnings": 0}
    assert set(cases(staged, "resolved")) == {"mended"}
    assert {source_id: case.run_key for source_id, case in cases(staged, "open").items()} == {"still_bad": "run/1"}
    assert staged.outcomes(second)["dismissed"] == (
        "dismissed",
        "It is not imported as it is, as somebody decided: entered by hand",
    )
    assert staged.outcomes(second)["good"] == (None, None)


def test_reports_hold_no_names(staged: Payments, tmp_path: Path) -> None:
    staged.partner("person", name=PERSON, is_person=True, registry_code="", vat_number="")
    staged.group("900", row("1.00"), row("0"), partner_id="person")
    staged.payment("17", net=Decimal(0))
    services = services_for(staged.engine, tmp_path)
    for request, source_id in ((RUN, "900"), (EXPORT, "17")):
        staged.put_into(request, source_id)
        check(request, services)
    texts = [path.read_text() for path in tmp_path.rglob("*") if path.suffix in (".html", ".json")]
    assert len(texts) == 5
    assert any("receipt-900" in text and "The row has an amount" in text for text in texts)
    assert any("payment-17" in text and "The amount is above 0" in text for text in texts)
    everything = "\n".join([*texts, *map(str, findings(staged)), *map(str, cases(staged, "open").values())])
    for canary in PERSON.split():
        assert canary not in everything


def test_a_quiet_hour_does_not_import_great_expectations(staging_url: str, tmp_path: Path) -> None:
    program = f"""
import sys
sys.path[:0] = [{str(Path(__file__).parents[3])!r}]
from pathlib import Path
from scoro_smartaccounts import pipeline
from scoro_smartaccounts.staging import runs
from scoro_smartaccounts.staging.database import make_engine
from tests.integration.quality.test_of_payments import EXPORT, RUN, export_request, services_for
engine = make_engine({staging_url!r})
services = services_for(engine, Path({str(tmp_path)!r}))
for request in (EXPORT, RUN):
    with engine.begin() as connection:
        runs.open_run(connection, request)
    assert set(pipeline.check(request, services).values()) == {{0}}
assert pipeline.check(export_request("off", enabled=False), services) == {{}}
assert not {{"great_expectations", "pandas"}} & set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", program], check=True, timeout=120)
    assert list(tmp_path.iterdir()) == []


def test_a_switched_off_export_is_not_checked(staged: Payments, tmp_path: Path) -> None:
    staged.payment("17", net=Decimal(0))
    request = export_request(enabled=False)
    staged.put_into(request, "17")
    assert pipeline.check(request, services_for(staged.engine, tmp_path)) == {}
    assert staged.outcomes(request) == {"17": (None, None)}
    with staged.engine.connect() as connection:
        assert connection.scalar(select(run.c.checked_at)) is None


@pytest.fixture
def money(world: World) -> Money:
    money = Money(world)
    world.checked = True
    return money


DAY = date(2026, 1, 15)


def test_a_receipt_goes_through_all_steps(money: Money) -> None:
    invoice = money.enter(DAY, "100")
    group = money.receive("invoices", {invoice: None}, PAID)
    early = money.receive("invoices", {money.enter(DAY, "50"): None}, PAID, receipt_account_id=0)
    assert money.import_payments(PAID, PAID)["documents"]["waiting"] == 2
    money.import_documents(DAY, DAY)
    summary = money.import_payments(PAID, PAID)
    assert summary["steps"]["check"] == {"checked": 2, "passed": 2, "quarantined": 0, "warnings": 0}
    assert summary["documents"]["created"] == 1, summary
    assert money.cases() == [("payments", str(early), "account_not_named")]
    [payment] = money.payments()
    assert money.pairs() == {str(group): payment["id"]}


def test_a_faulty_receipt_that_is_in_the_books_already_waits_for_nobody(money: Money) -> None:
    invoice = money.enter(DAY, "100")
    money.import_documents(DAY, DAY)
    payment = money.pay({money.remote(invoice): None}, PAID)
    group = money.receive("invoices", {invoice: None}, PAID)
    record = money.world.site.get("receipts", group)
    money.world.site.put("receipts", {**record, "sum": Decimal("120.00")})
    summary = money.import_payments(PAID, PAID)
    assert summary["steps"]["check"]["quarantined"] == 1
    assert money.cases() == []
    assert money.pairs() == {str(group): payment}


def test_a_payment_goes_to_scoro_through_all_steps(money: Money) -> None:
    invoice = money.enter(DAY, "100")
    money.import_documents(DAY, DAY)
    money.switch_export(on=True)
    money.export()
    payment = money.pay({money.remote(invoice): None}, PAID)
    money.world.clock.advance(timedelta(hours=1))
    summary = money.export()
    assert summary["steps"]["check"] == {"checked": 1, "passed": 1, "quarantined": 0, "warnings": 0}
    assert summary["documents"]["created"] == 1, summary
    [group] = money.groups()
    assert money.pairs() == {str(group["id"]): payment}
    money.world.clock.advance(timedelta(hours=1))
    assert money.export()["steps"]["check"]["checked"] == 0
