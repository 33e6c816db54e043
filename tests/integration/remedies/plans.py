"""Remedies of what cannot be planned: lines, VAT, settings of the company file, credit invoices.

The checks say the same of many documents first; here they are left out, so that the plan has to say it.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from scoro_smartaccounts.common.company import EntryDatePolicy, EntryDateRule
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.period_policy import PeriodPolicy
from tests.integration.remedies.desk import DAY, PURCHASES, SALES, Desk, Doc, line
from tests.integration.remedies.play import BOTH, Place, Scenario, green, remedy, stuck

PLANNED = Place("planned", last=DAY + timedelta(days=30))
WAREHOUSE = Place("warehouse")
CLOSED = Place("closed")
MOVED = Place("closed, moved")


@remedy("no_lines", "add its lines in Scoro", PLANNED, *BOTH)
def _(desk: Desk, flow: Flow) -> Scenario:
    doc = desk.enter(flow, {"product_id": -1, "comment": "Ainult pealkiri"})
    yield stuck(doc)
    desk.mend(doc, lines=[line()])
    yield green(doc)


@remedy("net_mismatch", "open it in Scoro, check its lines and save it", PLANNED, *BOTH)
def _(desk: Desk, flow: Flow) -> Scenario:
    doc = desk.enter(flow)
    desk.spoil(doc, sum=Decimal("90.00"))
    yield stuck(doc)
    desk.mend(doc)
    yield green(doc)


@remedy("total_mismatch", "open it in Scoro, check the VAT and save it", PLANNED)
@remedy("total_mismatch.bill", "open the bill in Scoro, check the VAT and save it", PLANNED, PURCHASES)
def _(desk: Desk, flow: Flow) -> Scenario:
    doc = desk.enter(flow)
    desk.spoil(doc, vat_sum=Decimal("42.00"))
    yield stuck(doc)
    desk.mend(doc)
    yield green(doc)


def small_lines(desk: Desk, **fields: Any) -> Doc:
    """60 lines of two cents: 24 % of each is no cent, of all of them 29."""
    return desk.enter(SALES, *[line("0.02")] * 60, **fields)


@remedy("total_mismatch.small_lines", "put small lines together in Scoro", PLANNED)
def _(desk: Desk, flow: Flow) -> Scenario:
    doc = small_lines(desk)
    yield stuck(doc)
    desk.mend(doc, lines=[line("0.02", "60")])
    yield green(doc)


@remedy("total_mismatch.small_lines", "enter the document in SmartAccounts by hand", PLANNED)
def _(desk: Desk, flow: Flow) -> Scenario:
    client = desk.contact()
    doc = small_lines(desk, company_id=client)
    yield stuck(doc)
    desk.book(flow, desk.known_as(client), desk.get(doc)["no"], net="1.20")
    yield green(doc)


def unpriceable(desk: Desk, flow: Flow) -> tuple[Doc, int]:
    """A line of stock of quantity 0 that costs something; the document and its product."""
    stock = desk.product(tag="Laoartikkel")
    doc = desk.enter(flow, line("10", "5", product_id=stock))
    lines = desk.get(doc)["lines"]
    desk.spoil(doc, lines=[{**lines[0], "amount": Decimal(0)}])
    return doc, stock


@remedy("stock_price", "correct quantity in Scoro", PLANNED, *BOTH)
def _(desk: Desk, flow: Flow) -> Scenario:
    doc, stock = unpriceable(desk, flow)
    yield stuck(doc)
    desk.mend(doc, lines=[line("10", "5", product_id=stock)])
    yield green(doc)


@remedy("stock_price", "correct sum in Scoro", PLANNED, *BOTH)
def _(desk: Desk, flow: Flow) -> Scenario:
    """So many pieces that a price of six decimals moves the sum by more than a cent."""
    stock = desk.product(tag="Laoartikkel")
    doc = desk.enter(flow, line("0.0001", "1000000", product_id=stock))
    lines = desk.get(doc)["lines"]
    net, vat = Decimal("100.50"), Decimal("24.12")
    desk.spoil(doc, lines=[{**lines[0], "sum": net, "price": Decimal("0.0000995")}], sum=net, vat_sum=vat)
    yield stuck(doc)
    desk.mend(doc, lines=[line("0.0002", "1000000", product_id=stock)])
    yield green(doc)


@remedy("stock_price.return_or_rebate", "enter a return with a negative quantity", PLANNED, PURCHASES)
def _(desk: Desk, flow: Flow) -> Scenario:
    stock = desk.product(tag="Laoartikkel")
    doc = desk.enter(flow, line(), line("-10", "2", product_id=stock))
    yield stuck(doc)
    desk.mend(doc, lines=[line(), line("10", "-2", product_id=stock)])
    yield green(doc)


@remedy("stock_price.return_or_rebate", "enter a rebate without the product", PLANNED, PURCHASES)
def _(desk: Desk, flow: Flow) -> Scenario:
    stock = desk.product(tag="Laoartikkel")
    doc = desk.enter(flow, line(), line("-10", "2", product_id=stock))
    yield stuck(doc)
    desk.mend(doc, lines=[line(), line("-10", "2")])
    yield green(doc)


@remedy("currency_rate", "correct the rate in Scoro", PLANNED, *BOTH)
def _(desk: Desk, flow: Flow) -> Scenario:
    doc = desk.enter(flow)
    desk.spoil(doc, currency="RUB", currency_rate=Decimal(0))
    yield stuck(doc)
    desk.mend(doc, currency_rate="0.0111")
    yield green(doc)


@remedy("vat_missing", "choose the VAT in Scoro", PLANNED, *BOTH)
def _(desk: Desk, flow: Flow) -> Scenario:
    doc = desk.enter(flow)
    desk.spoil(doc, lines=[{**row, "vat": None, "vat_code": "", "vat_code_id": 0} for row in desk.get(doc)["lines"]])
    yield stuck(doc)
    desk.mend(doc, lines=[line()])
    yield green(doc)


# VAT codes


@remedy("vat_code_unknown", "activate it there", PLANNED, *BOTH)
def _(desk: Desk, flow: Flow) -> Scenario:
    code_id, code = desk.vat_code("13")
    off = {"activeSales": False, "activePurchase": False}
    theirs = desk.vat_code_there("13", **off)
    desk.rule(flow, scoro_code=code, percent="13", smartaccounts=theirs)
    doc = desk.enter(flow, line(vat=code_id))
    yield stuck(doc)
    row = {"vatPc": theirs, "pc": "13", "descriptionEt": "13 %", "activeSales": True, "activePurchase": True}
    desk.world.books.edit("settings/vatpcs", row)
    yield green(doc)


@remedy("vat_code_unknown", "change the company file", PLANNED, *BOTH)
def _(desk: Desk, flow: Flow) -> Scenario:
    code_id, code = desk.vat_code("13")
    desk.rule(flow, scoro_code=code, percent="13", smartaccounts="PUUDUB")
    doc = desk.enter(flow, line(vat=code_id))
    yield stuck(doc)
    desk.rule(flow, scoro_code=code, percent="13", smartaccounts="13")
    yield green(doc)


@remedy("vat_percent_differs", "correct the rule in the company file", PLANNED, *BOTH)
def _(desk: Desk, flow: Flow) -> Scenario:
    code_id, code = desk.vat_code("13")
    desk.rule(flow, scoro_code=code, percent="13", smartaccounts="9")
    doc = desk.enter(flow, line(vat=code_id))
    yield stuck(doc)
    desk.rule(flow, scoro_code=code, percent="13", smartaccounts="13")
    yield green(doc)


@remedy("vat_not_mapped", "add one under {setting}", PLANNED, *BOTH)
def _(desk: Desk, flow: Flow) -> Scenario:
    code_id, code = desk.vat_code("7")
    theirs = desk.vat_code_there("7")
    doc = desk.enter(flow, line(vat=code_id))
    yield stuck(doc)
    desk.rule(flow, scoro_code=code, percent="7", smartaccounts=theirs)
    yield green(doc)


@remedy("vat_not_mapped", "correct the VAT code in Scoro", PLANNED, *BOTH)
def _(desk: Desk, flow: Flow) -> Scenario:
    doc = desk.enter(flow, line(vat=desk.vat_code("7")[0]))
    yield stuck(doc)
    desk.mend(doc, lines=[line()])
    yield green(doc)


def of_other_days(desk: Desk, flow: Flow) -> tuple[Doc, dict[str, Any]]:
    """A rule for the document's VAT from February on; the document and the rule."""
    code_id, code = desk.vat_code("7")
    rule = {"scoro_code": code, "percent": "7", "smartaccounts": desk.vat_code_there("7"), "from": "2026-02-01"}
    desk.rule(flow, **rule)
    return desk.enter(flow, line(vat=code_id)), rule


@remedy("vat_not_mapped.other_days", "let that rule under {setting} hold for this day too", PLANNED, *BOTH)
def _(desk: Desk, flow: Flow) -> Scenario:
    doc, rule = of_other_days(desk, flow)
    yield stuck(doc)
    desk.rule(flow, **rule | {"from": "2026-01-01"})
    yield green(doc)


@remedy("vat_not_mapped.other_days", "correct VAT in Scoro", PLANNED, *BOTH)
def _(desk: Desk, flow: Flow) -> Scenario:
    doc, _ = of_other_days(desk, flow)
    yield stuck(doc)
    desk.mend(doc, lines=[line()])
    yield green(doc)


@remedy("vat_not_mapped.other_days", "correct date in Scoro", PLANNED, *BOTH)
def _(desk: Desk, flow: Flow) -> Scenario:
    doc, _ = of_other_days(desk, flow)
    yield stuck(doc)
    desk.mend(doc, date="2026-02-02")
    yield green(doc)


# The company file


@remedy("warehouse_unknown", "name one of these under {setting}", WAREHOUSE, SALES)
@remedy("warehouse_unknown.other", "name one of these under {setting}", WAREHOUSE, PURCHASES)
def _(desk: Desk, flow: Flow) -> Scenario:
    desk.policy(flow, warehouse=None if flow is SALES else "Kolmas ladu")
    doc = desk.enter(flow, line("10", "5", product_id=desk.product(tag="Laoartikkel")))
    yield stuck(doc)
    desk.policy(flow, warehouse="Põhiladu")
    yield green(doc)


def with_account(desk: Desk) -> tuple[Doc, str]:
    """A bill on a finance account of its own; the bill and the account's symbol."""
    number = desk.get(desk.enter())["id"]
    symbol = f"9{number:03}"
    account = desk.world.site.put("financeAccounts", {"account_symbol": symbol, "name": symbol})
    return desk.enter(PURCHASES, line(finance_account_id=account["id"])), symbol


def map_to(desk: Desk, setting: str, symbol: str, code: str) -> None:
    """Add to a mapping of the company file."""
    mapped = getattr(desk.world.company.purchase_invoices, setting)
    desk.policy(PURCHASES, **{setting: {**mapped, symbol: code}})


@remedy("account_not_mapped", 'add "{symbol}" under {setting}', PLANNED, PURCHASES)
def _(desk: Desk, flow: Flow) -> Scenario:
    doc, symbol = with_account(desk)
    yield stuck(doc)
    map_to(desk, "accounts", symbol, "4210")
    yield green(doc)


@remedy("account_not_mapped", "correct the line in Scoro", PLANNED, PURCHASES)
def _(desk: Desk, flow: Flow) -> Scenario:
    doc, _ = with_account(desk)
    yield stuck(doc)
    desk.mend(doc, lines=[line(finance_account_id=21)])
    yield green(doc)


@remedy("account_unknown", "add it there", PLANNED, PURCHASES)
def _(desk: Desk, flow: Flow) -> Scenario:
    doc, symbol = with_account(desk)
    map_to(desk, "accounts", symbol, "4999")
    yield stuck(doc)
    desk.world.books.seed("settings/accounts", {"code": "4999", "type": "EXPENSE", "descriptionEt": "Muu kulu"})
    yield green(doc)


@remedy("account_unknown", "correct {setting}", PLANNED, PURCHASES)
def _(desk: Desk, flow: Flow) -> Scenario:
    doc, symbol = with_account(desk)
    map_to(desk, "accounts", symbol, "4998")
    yield stuck(doc)
    map_to(desk, "accounts", symbol, "4210")
    yield green(doc)


def with_object(desk: Desk) -> tuple[Doc, str]:
    """A bill on an accounting object of its own; the bill and the object's symbol."""
    number = desk.get(desk.enter())["id"]
    symbol = f"OSAK{number}"
    made = desk.world.site.put("financeObjects", {"object_symbol": symbol, "name": symbol})
    return desk.enter(PURCHASES, line(finance_object_id=made["object_id"])), symbol


@remedy("cost_object_not_mapped", 'add "{symbol}" under {setting}', PLANNED, PURCHASES)
def _(desk: Desk, flow: Flow) -> Scenario:
    doc, symbol = with_object(desk)
    yield stuck(doc)
    map_to(desk, "cost_objects", symbol, "PROJ")
    yield green(doc)


@remedy("cost_object_not_mapped", "correct the line in Scoro", PLANNED, PURCHASES)
def _(desk: Desk, flow: Flow) -> Scenario:
    doc, _ = with_object(desk)
    yield stuck(doc)
    desk.mend(doc, lines=[line(finance_object_id=1)])
    yield green(doc)


@remedy("cost_object_unknown", "add it there", PLANNED, PURCHASES)
def _(desk: Desk, flow: Flow) -> Scenario:
    doc, symbol = with_object(desk)
    map_to(desk, "cost_objects", symbol, "UUS")
    yield stuck(doc)
    desk.world.books.seed("settings/objects", {"code": "UUS", "name": "Uus osakond"})
    yield green(doc)


@remedy("cost_object_unknown", "correct {setting}", PLANNED, PURCHASES)
def _(desk: Desk, flow: Flow) -> Scenario:
    doc, symbol = with_object(desk)
    map_to(desk, "cost_objects", symbol, "VANA")
    yield stuck(doc)
    map_to(desk, "cost_objects", symbol, "PROJ")
    yield green(doc)


# Closed months


def close_month(desk: Desk, flow: Flow, **fields: Any) -> None:
    """The company file's `entry_date`."""
    desk.policy(flow, entry_date=EntryDatePolicy(**{"rule": EntryDateRule.DOCUMENT_DATE} | fields))


@remedy("month_closed", "move {setting}.books_closed_until back", CLOSED, *BOTH)
def _(desk: Desk, flow: Flow) -> Scenario:
    close_month(desk, flow, books_closed_until=DAY)
    doc = desk.enter(flow)
    yield stuck(doc)
    close_month(desk, flow, books_closed_until=DAY - timedelta(days=12))
    yield green(doc)


@remedy("month_closed", "let {policy} be first_open_day", MOVED, *BOTH)
def _(desk: Desk, flow: Flow) -> Scenario:
    close_month(desk, flow, books_closed_until=DAY)
    doc = desk.enter(flow)
    yield stuck(doc)
    moved = {"locked": "first_open_day"}
    desk.company(periods=PeriodPolicy.model_validate({"sales": moved, "bills": moved}))
    yield green(doc)


# Credit invoices


def credited(desk: Desk, **fields: Any) -> tuple[Doc, Doc]:
    """An invoice and its credit invoice, which may have other fields."""
    client = desk.contact()
    base = desk.enter(SALES, company_id=client)
    values = {"company_id": client, "credited_invoices": [int(base.id)]} | fields
    return base, desk.enter(SALES, line("-100"), **values)


@remedy("base_unknown", "choose the right invoice on it in Scoro", PLANNED)
def _(desk: Desk, flow: Flow) -> Scenario:
    base, credit = credited(desk, credited_invoices=[987654])
    yield stuck(credit)
    desk.mend(credit, credited_invoices=[int(base.id)])
    yield green(base, credit)


@remedy("credit_before_base", "correct the date in Scoro", PLANNED)
def _(desk: Desk, flow: Flow) -> Scenario:
    client = desk.contact()
    base = desk.enter(flow, company_id=client, date="2026-01-20")
    credit = desk.enter(flow, line("-100"), company_id=client, credited_invoices=[int(base.id)])
    yield stuck(credit)
    desk.mend(credit, date="2026-01-21")
    yield green(base, credit)


@remedy("base_out_of_reach", "book that invoice in SmartAccounts by hand under its own number", PLANNED)
def _(desk: Desk, flow: Flow) -> Scenario:
    base, credit = credited(desk)
    desk.mend(base, date="2025-12-30", deadline="2025-12-30")
    yield stuck(credit)
    client = desk.known_as(desk.get(base)["company_id"])
    desk.book(flow, client, desk.get(base)["no"], date="30.12.2025")
    desk.retry(credit)
    yield green(credit)


@remedy("base_out_of_reach", "book that invoice in SmartAccounts by hand under its own number", PLANNED)
def deleted_base(desk: Desk, flow: Flow) -> Scenario:
    base, credit = credited(desk)
    desk.delete(base)
    yield stuck(credit)
    client = desk.known_as(desk.get(base)["company_id"])
    desk.book(flow, client, desk.get(base)["no"])
    desk.retry(credit)
    yield green(credit)


@remedy("base_out_of_reach", "dismiss this one", PLANNED)
def _(desk: Desk, flow: Flow) -> Scenario:
    base, credit = credited(desk)
    desk.delete(base)
    yield stuck(credit)
    desk.dismiss(credit)
    yield green(gone=[base, credit])


@remedy("credit_of_other_client", "correct the client in Scoro", PLANNED)
def _(desk: Desk, flow: Flow) -> Scenario:
    base, credit = credited(desk, company_id=desk.contact())
    yield stuck(credit)
    desk.mend(credit, company_id=desk.get(base)["company_id"])
    yield green(base, credit)


@remedy("credit_of_other_client", "correct the credited invoice in Scoro", PLANNED)
def _(desk: Desk, flow: Flow) -> Scenario:
    client = desk.contact()
    base, credit = credited(desk, company_id=client)
    right = desk.enter(flow, company_id=client)
    yield stuck(credit)
    desk.mend(credit, credited_invoices=[int(right.id)])
    yield green(base, right, credit)


@remedy("credit_of_other_client", "merge them in Scoro", PLANNED)
def _(desk: Desk, flow: Flow) -> Scenario:
    base, credit = credited(desk, company_id=desk.contact())
    yield stuck(credit)
    kept = desk.get(credit)["company_id"]
    dropped = desk.get(base)["company_id"]
    desk.mend(base, company_id=kept)
    desk.world.site.delete("contacts", dropped)
    desk.retry(credit)
    yield green(base, credit)
