"""The simulators. VAT returns of SmartAccounts: their entries, and their payments."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from scoro_smartaccounts_sandbox.smartaccounts.refusal import Refusal
from tests.unit.sandbox.smartaccounts_helpers import PAYMENTS, SALES, Company, invoice

ENTRIES = "general/entries"
MARCH = date(2026, 3, 1)


@pytest.fixture
def company() -> Company:
    company = Company()
    company.article()
    return company


@pytest.fixture
def client(company: Company) -> str:
    return company.client()


def entry_of(company: Company) -> dict[str, object]:
    [entry] = company.rows(ENTRIES, docType="VAT_RETURN", fetchRows="true")
    rows = {row["account"]: row.get("debitAmount", 0) - row.get("creditAmount", 0) for row in entry["rows"]}
    return {"date": entry["date"], "rows": rows}


def test_saving_one_takes_the_vat_accounts_of_its_month_to_nothing(company: Company, client: str) -> None:
    company.books.seed(SALES, invoice(client, date="02.03.2026"))
    company.books.seed(SALES, invoice(client, date="02.04.2026"))
    company.books.save_return(MARCH)
    assert entry_of(company) == {"date": "31.03.2026", "rows": {"2310": 24, "2320": -24}}
    # What is booked afterwards is in it once it is calculated again.
    company.books.seed(SALES, invoice(client, date="03.03.2026"))
    assert entry_of(company)["rows"] == {"2310": 24, "2320": -24}
    company.books.save_return(MARCH)
    assert entry_of(company)["rows"] == {"2310": 48, "2320": -48}


@pytest.mark.parametrize(("switch", "day"), [("next_first", "01.04.2026"), ("twentieth", "20.04.2026")])
def test_nobody_knows_the_day_of_its_entry(company: Company, client: str, switch: str, day: str) -> None:
    company.books.switches.change({"return_entry_on": switch})
    company.books.seed(SALES, invoice(client, date="02.03.2026"))
    company.books.save_return(MARCH)
    assert entry_of(company)["date"] == day


def test_it_is_paid_by_its_id_and_then_not_deleted(company: Company, client: str) -> None:
    company.books.seed(SALES, invoice(client, date="02.03.2026"))
    key = company.books.save_return(MARCH)
    company.books.pay_return(key, day=date(2026, 4, 20))
    [payment] = company.rows(PAYMENTS, fetchRows="true")
    assert [(row["type"], row["id"], row["amount"]) for row in payment["rows"]] == [("VAT_RETURN", key, 24)]
    [money] = company.rows(ENTRIES, docType="BANK_PAYMENT", fetchRows="true")
    assert {row["account"] for row in money["rows"]} == {"1010", "2320"}
    with pytest.raises(Refusal):
        company.books.delete_return(key)
    company.books.remove(PAYMENTS, payment["id"])
    company.books.delete_return(key)
    assert company.rows(ENTRIES, docType="VAT_RETURN") == []


def test_a_lock_holds_it_and_perhaps_not_its_last_day(company: Company, client: str) -> None:
    company.books.seed(SALES, invoice(client, date="02.03.2026"))
    company.books.switches.change({"locked_until": "2026-03-31"})
    with pytest.raises(Refusal):
        company.books.save_return(MARCH)
    company.books.switches.change({"locked_day_itself": False})
    company.books.save_return(MARCH)


def test_returns_are_kept_with_the_books(company: Company, client: str, tmp_path: Path) -> None:
    company.books.seed(SALES, invoice(client, date="02.03.2026"))
    company.books.save_return(MARCH)
    company.books.save(tmp_path / "books.json")
    again = Company()
    again.books.load(tmp_path / "books.json")
    assert entry_of(again) == entry_of(company)
