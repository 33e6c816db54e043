"""Room totals. The page before a VAT return: the annex at its border, sales to the Union, numbers, what was late."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from scoro_smartaccounts.common.company import VatRule
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.records import PartnerRecord
from scoro_smartaccounts.staging.facts import (
    BooksChange,
    BooksFacts,
    BooksLine,
    Contacts,
    EntryFacts,
    EntryRow,
    Facts,
    SourceFacts,
)
from scoro_smartaccounts.totals.computed import Totals
from scoro_smartaccounts.totals.consistency import check_records
from scoro_smartaccounts.totals.declared import Registers
from scoro_smartaccounts.totals.declaring import declared_of
from scoro_smartaccounts.totals.kmd import Line, kmd_page
from scoro_smartaccounts.totals.ledger import compare_ledger
from scoro_smartaccounts.totals.pairs import compare_documents
from scoro_smartaccounts.totals.sheet import Sheet
from scoro_smartaccounts.totals.sides import Settings
from scoro_smartaccounts.totals.tables import line_table

MONTH = date(2026, 3, 1)
SEEN = datetime(2026, 4, 1, tzinfo=UTC)
PERCENTS = {"24": Decimal(24), "22": Decimal(22), "9": Decimal(9), "0": Decimal(0), "0EL": Decimal(0)}
HOME = PartnerRecord("K1", "Näidis OÜ", registry_code="10000001", country="EE")


def settings(**more: object) -> Settings:
    rules = [VatRule(smartaccounts="0EL", percent=Decimal(0), intra_community=True)]
    return Settings(rules={Flow.SALES_INVOICES: rules}, percents=PERCENTS, **more)  # type: ignore[arg-type]


def books(
    net: str,
    *,
    code: str = "24",
    flow: Flow = Flow.SALES_INVOICES,
    remote_id: str = "R1",
    number: str = "101",
    partner: str = "K1",
    day: date = date(2026, 3, 10),
    article: str = "TÖÖ",
) -> BooksFacts:
    base = Decimal(net)
    vat = (base * PERCENTS[code] / 100).quantize(Decimal("0.01"))
    return BooksFacts(
        flow=flow,
        remote_id=remote_id,
        number=number,
        day=day,
        entry_day=date(2026, 3, 10),
        partner_id=partner,
        is_credit=base < 0,
        currency="EUR",
        rate=None,
        net=base,
        vat=vat,
        rounding=Decimal(0),
        total=base + vat,
        outstanding=None,
        debt_account="1200",
        content={},
        is_deleted=False,
        declared_at=None,
        seen_at=SEEN,
        lines=[BooksLine(article, code, base, vat, "3010")],
    )


def page(
    documents: Sequence[BooksFacts],
    *partners: PartnerRecord,
    sources: Sequence[SourceFacts] = (),
    returned_at: datetime | None = None,
    article_types: dict[str, str] | None = None,
    of: Settings | None = None,
    night: str = "ok",
    contacts: dict[tuple[str, str], Contacts] | None = None,
    entries: Sequence[EntryFacts] = (),
) -> dict[str, Line]:
    facts = Facts(sources, {}, documents, entries, [], [], contacts or {}, date(2026, 1, 1))
    sheet = Sheet()
    compare_documents(sheet, facts, of or settings())
    compare_ledger(sheet, facts, of or settings())
    check_records(sheet, facts, {})
    known_of = of or settings()
    totals = Totals(facts, known_of, sheet.cells(), sheet.causes, declared_of(facts, known_of))
    known = {record.id: record for record in partners or (HOME,)}
    registers = Registers(dict.fromkeys(Flow, known), article_types or {})
    lines = kmd_page(totals, registers, MONTH, night_state=night, is_night_clean=night == "ok", returned_at=returned_at)
    assert [line.number for line in lines] == list(range(1, 14))
    return {line.key: line for line in lines}


@pytest.mark.parametrize(
    ("net", "rules", "is_red"),
    [
        ("999.99", None, False),
        ("1000.00", ("yes", "no"), True),
        ("1000.01", ("yes", "yes"), False),
        ("-999.99", None, False),
        ("-1000.00", ("yes", "no"), True),
        ("-1000.01", ("yes", "yes"), False),
    ],
)
@pytest.mark.parametrize(("flow", "part"), [(Flow.SALES_INVOICES, "A"), (Flow.PURCHASE_INVOICES, "B")])
def test_the_annex_begins_at_its_threshold(
    net: str, rules: tuple[str, str] | None, is_red: bool, flow: Flow, part: str
) -> None:
    """At exactly 1,000.00 the law takes a partner whom SmartAccounts' help leaves out: that is worth a look."""
    line = page([books(net, flow=flow)])["annex"]
    assert [(row[0], *row[-2:]) for row in line.rows] == ([(part, *rules)] if rules else [])
    assert line.is_red is is_red


def test_the_annex_counts_invoices_and_credit_invoices_apart() -> None:
    line = page([books("1500"), books("-600", remote_id="R2")])["annex"]
    assert [(row[3], row[4]) for row in line.rows] == [(Decimal(1500), Decimal(-600))]


def test_several_invoices_of_a_partner_come_to_the_threshold_together() -> None:
    assert page([books("600"), books("399.99", remote_id="R2")])["annex"].rows == ()
    assert len(page([books("600"), books("400.01", remote_id="R2")])["annex"].rows) == 1
    other = replace(HOME, id="K2")
    apart = page([books("600"), books("400.01", remote_id="R2", partner="K2")], HOME, other)
    assert apart["annex"].rows == ()


@pytest.mark.parametrize(
    ("record", "code", "rows"),
    [
        (replace(HOME, country="Eesti"), "24", 1),
        (replace(HOME, country=""), "24", 1),
        (replace(HOME, country="FI"), "24", 0),
        (HOME, "0", 0),
        (HOME, "9", 1),
    ],
)
def test_the_annex_takes_partners_of_this_country_with_a_rate(record: PartnerRecord, code: str, rows: int) -> None:
    assert len(page([books("2000", code=code)], record)["annex"].rows) == rows


def test_a_partner_that_smartaccounts_leaves_out_of_the_annex_is_told() -> None:
    line = page([books("2000")], replace(HOME, is_left_out=True))["annex"]
    assert ([row[-2:] for row in line.rows], line.is_red) == ([("yes", "no")], True)
    assert page([books("999")], replace(HOME, is_left_out=True))["annex"].rows == ()


def test_a_partner_of_the_annex_without_a_registry_code_is_told() -> None:
    assert page([books("2000")], replace(HOME, registry_code=""))["annex"].is_red


@pytest.mark.parametrize(
    ("code", "contacts", "rows"),
    [
        ("", Contacts(["1"], are_persons=True), 0),
        ("38001085718", Contacts(["1"], are_persons=True), 0),
        # A sole proprietor, whom Scoro has as a person.
        ("10000356", Contacts(["1"], are_persons=True), 1),
        ("", Contacts(["1"]), 1),
        ("", None, 1),
    ],
)
def test_the_annex_leaves_private_persons_out(code: str, contacts: Contacts | None, rows: int) -> None:
    known = {} if contacts is None else {("client", "K1"): contacts}
    line = page([books("2000")], replace(HOME, registry_code=code), contacts=known)["annex"]
    assert len(line.rows) == rows
    assert line.is_red is (bool(rows) and not code)


def test_sales_to_the_union_by_vat_number_goods_and_services() -> None:
    buyer = replace(HOME, country="FI", vat_number="FI 12345678")
    documents = [books("100", code="0EL"), books("50", code="0EL", remote_id="R2", article="KAUP")]
    line = page(documents, buyer, article_types={"TÖÖ": "SERVICE", "KAUP": "PRODUCT"})["union"]
    assert [row[0] for row in line.rows] == ["FI12345678"]
    assert line.rows[0][2:] == (Decimal(50), Decimal(100), Decimal(150))
    assert not line.is_red


@pytest.mark.parametrize(
    "buyer",
    [replace(HOME, country="FI"), replace(HOME, vat_number="EE1"), replace(HOME, country="US", vat_number="US1")],
)
def test_a_sale_to_the_union_without_a_valid_buyer_is_told(buyer: PartnerRecord) -> None:
    assert page([books("100", code="0EL")], buyer)["union"].is_red


def test_vat_that_is_not_rate_times_base_is_told() -> None:
    right = books("100")
    assert not page([right])["rates"].is_red
    a_cent = replace(right, vat=Decimal("24.01"), total=Decimal("124.01"))
    assert not page([a_cent])["rates"].is_red
    two = replace(right, vat=Decimal("24.02"), total=Decimal("124.02"))
    assert page([two])["rates"].is_red


def test_codes_of_the_company_s_own_are_told() -> None:
    assert not page([books("100")])["own_codes"].is_red
    assert page([books("100")], of=settings(own_codes=frozenset({"24"})))["own_codes"].is_red


def test_a_number_that_lacks_over_a_border_of_months_is_told() -> None:
    before = replace(books("100", number="101"), entry_day=date(2026, 2, 27))
    line = page([before, books("100", remote_id="R2", number="103")])["numbers"]
    assert line.rows == (("gap", "102"),)
    assert line.is_red
    # Of what is dated before the first import day not all is read.
    older = replace(books("100", remote_id="R3", number="090"), day=date(2025, 12, 31))
    assert page([older, books("100", number="101")])["numbers"].rows == ()
    again = page([before, books("100", remote_id="R2", number="101")])["numbers"]
    assert again.rows == (("double", "101"),)


@pytest.mark.parametrize(
    ("day", "cause"), [(date(2025, 12, 31), "before_first_import"), (date(2026, 1, 1), "unexplained")]
)
def test_an_old_entry_whose_invoice_was_not_read_has_its_name(day: date, cause: str) -> None:
    moved = {"1200": 124, "3010": -100, "2310": -24}
    rows = [EntryRow(account, Decimal(euros), None) for account, euros in moved.items()]
    entry = EntryFacts("e1", "CLIENT_INVOICE", day, "7", "EUR", "", "", Decimal(124), {}, rows)
    sheet = Sheet()
    compare_ledger(
        sheet,
        Facts([], {}, [], [entry], [], [], first_day=date(2026, 1, 1)),
        settings(vat_accounts={"24": ("2310", "")}),
    )
    assert {each.cause for each in sheet.causes} == {cause}
    assert any(cell.unexplained for cell in sheet.cells()) is (cause == "unexplained")


def test_what_came_after_the_return_is_the_correction() -> None:
    returned = datetime(2026, 4, 15, tzinfo=UTC)
    before = replace(books("100"), declared_at=datetime(2026, 4, 14, tzinfo=UTC))
    made = datetime(2026, 4, 16, tzinfo=UTC)
    after = replace(books("50", remote_id="R2", number="102"), declared_at=made, created_at=made)
    line = page([before, after], returned_at=returned)["after_return"]
    assert line.is_red
    vat = Decimal("12.00")
    assert line.rows == (("sales_invoices", "booked_after", "24", 1, Decimal(50), 0, vat, vat),)
    assert page([before, after])["after_return"].rows == ()


RETURNED = datetime(2026, 4, 15, tzinfo=UTC)
LATER = datetime(2026, 4, 16, tzinfo=UTC)
# From 100.00 to 150.00 at 24 %.
AMOUNTS = {"total": "124", "net": "100", "vat": "24", "vat_codes": {"24": "100"}}


def changed(net: str, *changes: BooksChange, **more: Any) -> BooksFacts:
    """A document that was there, and that somebody changed after the return."""
    known: dict[str, Any] = {"created_at": datetime(2026, 3, 10, tzinfo=UTC), "changes": changes}
    return replace(books(net), **{"declared_at": LATER} | known | more)


def after_return(document: BooksFacts) -> list[tuple[object, ...]]:
    return [tuple(row[1:]) for row in page([document], returned_at=RETURNED)["after_return"].rows]


def test_of_what_changed_after_the_return_the_change_is_told() -> None:
    told = BooksChange(AMOUNTS, LATER, LATER)
    assert after_return(changed("150", told)) == [("changed_after", "24", 1, 50, 24, 36, 12)]
    another_code = BooksChange({"vat": "24", "vat_codes": {"24": "100"}}, LATER, LATER)
    nine = replace(changed("100", another_code), vat=Decimal(9), total=Decimal(109))
    nine = replace(nine, lines=[BooksLine("TÖÖ", "9", Decimal(100), Decimal(9), "3010")])
    rows = [("changed_after", "24", 1, -100, 24, 0, -24), ("changed_after", "9", 1, 100, 0, 9, 9)]
    assert after_return(nine) == rows
    # Another partner is none of the sums, but of the annex.
    partner = BooksChange({"partner": "K2"}, LATER, LATER)
    assert after_return(changed("100", partner)) == [("changed_after", "24", 1, 0, 24, 24, 0)]
    # The first of several counts; what was changed back is as it was declared.
    again = BooksChange({**AMOUNTS, "net": "90", "total": "114"}, LATER, LATER)
    assert after_return(changed("150", told, again)) == [("changed_after", "24", 1, 50, 24, 36, 12)]
    assert after_return(changed("100", told)) == []


def test_what_moved_to_or_from_a_month_after_the_return_is_all_of_it() -> None:
    """It is not told by halves in one month and not at all in the other."""
    came = BooksChange({"entry_day": "2026-04-02"}, LATER, LATER)
    assert after_return(changed("100", came)) == [("changed_after", "24", 1, 100, 0, 24, 24)]
    left = BooksChange({"entry_day": "2026-03-10"}, LATER, LATER)
    gone = changed("100", left, entry_day=date(2026, 4, 2))
    assert after_return(gone) == [("changed_after", "24", 1, -100, 24, 0, -24)]


@pytest.mark.parametrize(
    "changes",
    [
        (),
        # Changed before the return, and once more after it: what was declared stands nowhere.
        (BooksChange(AMOUNTS, datetime(2026, 4, 14, tzinfo=UTC), LATER),),
        # Of what sums the total was made is not known.
        (BooksChange({"total": "124"}, LATER, LATER),),
    ],
)
def test_where_nothing_tells_what_was_declared_the_whole_document_is_told_in_words(
    changes: tuple[BooksChange, ...],
) -> None:
    document = changed("150", *changes)
    assert after_return(document) == [("whole_document", "24", 1, 150, None, 36, 36)]
    line = page([document], returned_at=RETURNED)["after_return"]
    assert "whole document: what was declared of it is not known" in line_table(line, "en").rows[0]
    assert "terve dokument: mis sellest deklareeriti, pole teada" in line_table(line, "et").rows[0]


def test_what_was_changed_and_then_deleted_after_the_return_takes_away_what_was_declared() -> None:
    told = BooksChange(AMOUNTS, LATER, LATER)
    gone = {"is_deleted": True, "seen_at": datetime(2026, 4, 17, tzinfo=UTC)}
    assert after_return(changed("150", told, **gone)) == [("deleted_after", "24", 1, -100, 24, 0, -24)]
    assert after_return(changed("150", **gone)) == [("whole_document", "24", 1, -150, None, 0, -36)]
    assert after_return(changed("150", created_at=LATER, **gone)) == []


def test_bills_of_other_months_and_rates_that_ended_are_information() -> None:
    late = books("100", flow=Flow.PURCHASE_INVOICES, day=date(2026, 1, 31))
    old = books("100", code="22", remote_id="R2")
    line = page([late, old])["late"]
    assert [row[0] for row in line.rows] == ["other_month", "old_rate"]
    assert not line.is_red


def test_a_night_that_is_not_ok_never_reads_clean() -> None:
    assert page([books("100")], night="blind")["night"].is_red
    assert not page([books("100")])["night"].is_red


def test_what_was_deleted_after_the_return_takes_its_sums_away() -> None:
    returned = datetime(2026, 3, 31, tzinfo=UTC)
    was_there = replace(books("50"), is_deleted=True, declared_at=datetime(2026, 3, 10, tzinfo=UTC))
    line = page([was_there], returned_at=returned)["after_return"]
    vat = Decimal("12.00")
    assert line.rows == (("sales_invoices", "deleted_after", "24", 1, Decimal(-50), vat, 0, -vat),)
    # What came and went after it, and what went before it, is no part of the correction.
    came_late = replace(was_there, declared_at=datetime(2026, 3, 31, 12, tzinfo=UTC))
    assert page([came_late], returned_at=returned)["after_return"].rows == ()
    assert page([was_there], returned_at=SEEN)["after_return"].rows == ()


def test_a_link_is_no_change_after_the_return() -> None:
    """A document that was entered by hand before, and is found to be one of Scoro's afterwards."""
    returned = datetime(2026, 4, 15, tzinfo=UTC)
    found = replace(books("100"), declared_at=datetime(2026, 3, 10, tzinfo=UTC))
    source = SourceFacts(
        flow=Flow.SALES_INVOICES,
        source_id="7",
        number="101",
        day=date(2026, 3, 10),
        currency="EUR",
        rate=None,
        partner_id="1",
        is_credit=False,
        net=Decimal(100),
        vat=Decimal(24),
        fate="booked",
        remote_id="R1",
        linked_at=datetime(2026, 4, 20, tzinfo=UTC),
    )
    assert page([found], sources=[source], returned_at=returned)["after_return"].rows == ()
    unknown = replace(found, declared_at=None)
    assert page([unknown], sources=[source], returned_at=returned)["after_return"].is_red


_VAT = {"24": ("2310", "2311")}


def entry(doc_type: str, *rows: tuple[str, str], flow: str = "", remote_id: str = "") -> EntryFacts:
    amounts = [EntryRow(account, Decimal(euros), None) for account, euros in rows]
    accounts = {account: str(euros) for account, euros in rows}
    day = date(2026, 3, 10)
    known = {"accounts": accounts}
    return EntryFacts(f"E-{doc_type}", doc_type, day, "1", "EUR", flow, remote_id, None, known, amounts)


OF_R1 = ("1200", "124"), ("3010", "-100"), ("2310", "-24")


def test_vat_of_all_entries_stands_beside_that_of_the_documents() -> None:
    """Of entries by hand, of bank and cash, of other records, and of invoices that nobody knows."""
    own = entry("CLIENT_INVOICE", *OF_R1, flow="sales_invoices", remote_id="R1")
    of = settings(vat_accounts=_VAT)
    line = page([books("100")], of=of, entries=[own])["vat_accounts"]
    assert line.rows[0][1:] == (Decimal(24), Decimal(24), 0, 0)
    for doc_type in ("LEDGER_ENTRY", "BANK_PAYMENT", "CASH_PAYMENT", "WAREHOUSE_MOVEMENT"):
        other = entry(doc_type, ("5010", "10"), ("2311", "2.4"), ("1010", "-12.4"))
        line = page([books("100")], of=of, entries=[own, other])["vat_accounts"]
        assert line.rows[0][1:] == (Decimal(24), Decimal("21.6"), Decimal("-2.4"), 0)
        assert line.state == "in_order"
    # A payment settles a debt, which is no VAT.
    paid = entry("BANK_PAYMENT", ("1010", "124"), ("1200", "-124"), flow="payments", remote_id="P1")
    line = page([books("100")], of=of, entries=[own, paid])["vat_accounts"]
    assert line.rows[0][1:] == (Decimal(24), Decimal(24), 0, 0)
    nobodys = entry("CLIENT_INVOICE", ("1200", "62"), ("3010", "-50"), ("2310", "-12"))
    line = page([books("100")], of=of, entries=[own, nobodys])["vat_accounts"]
    assert line.rows[0][1:] == (Decimal(24), Decimal(36), 0, Decimal(12))
    assert line.is_red


def test_a_line_of_which_nothing_was_compared_is_not_in_order() -> None:
    """Neither is it to be looked at."""
    states = {key: line.state for key, line in page([]).items()}
    assert states == {
        **dict.fromkeys(states, "not_compared"),
        "to_come": "in_order",
        "night": "in_order",
    }
    some = {key: line.state for key, line in page([books("100")]).items()}
    # No entry is known, no return, no sale to the Union, no reverse charge, no credit invoice.
    missing = {"vat_accounts", "after_return", "union", "reverse", "credits"}
    assert {key for key, state in some.items() if state == "not_compared"} == missing
    of = settings(vat_accounts=_VAT)
    own = entry("CLIENT_INVOICE", *OF_R1, flow="sales_invoices", remote_id="R1")
    assert page([books("100")], entries=[own], of=of)["vat_accounts"].state == "in_order"
    assert page([books("100")], entries=[own])["vat_accounts"].state == "not_compared"
    assert page([books("100")], returned_at=SEEN)["after_return"].state == "in_order"
