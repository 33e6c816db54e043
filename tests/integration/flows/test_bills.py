"""Whole flows. Bills and expenses of Scoro in SmartAccounts' books: what is special about purchases."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from scoro_smartaccounts.common.company import Mode
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.report.explain import explain
from scoro_smartaccounts.staging.quarantine import release
from scoro_smartaccounts.staging.schema import link, quarantine
from scoro_smartaccounts_sandbox.scoro import reference_data
from tests.integration.world import Summary, World
from tests.told import told

DAY = date(2026, 1, 15)
VENDOR_INVOICES = "purchasesales/vendorinvoices"


@pytest.fixture(autouse=True)
def unchecked(world: World) -> None:
    """Most of these tests are not about the checks, which cost most of a run's seconds."""
    world.checked = False


def run(world: World, flow: Flow = Flow.PURCHASE_INVOICES, **options: Any) -> Summary:
    return world.run(DAY, DAY, flow=flow, **options)


def vendor(world: World, name: str = "Tarnija AS", country: str = "est", **fields: Any) -> int:
    address = {"country": country, "city": "Linn", "street": "Tänav 1"}
    values = {"name": name, "contact_type": "company", "is_supplier": 1, "addresses": [address]} | fields
    return int(world.site.create("contacts", values)["contact_id"])


def line(price: str = "10", amount: str = "2", vat: int = reference_data.VAT_24, **more: Any) -> dict[str, Any]:
    return {"product_id": 0, "comment": "Kaubad", "price": price, "amount": amount, "vat_code_id": vat} | more


def bill(world: World, number: str, company: int, *lines: dict[str, Any], **fields: Any) -> str:
    """The id of a new bill; `vat_off` is what the supplier's VAT is more than the computed one."""
    vat_off = Decimal(fields.pop("vat_off", "0"))
    day = DAY.isoformat()
    values = {"no": number, "company_id": company, "date": day, "deadline": day, "lines": list(lines) or [line()]}
    made = world.site.create("bills", values | fields)
    if vat_off:
        world.site.put("bills", {**made, "vat_sum": made["vat_sum"] + vat_off})
    return str(made["id"])


def expense(world: World, number: str, company: int, **fields: Any) -> str:
    lines = [
        {"product_id": 0, "description": "Takso", "quantity": "1", "price": "8.06", "tax_code_id": 9},
        {"product_id": 0, "description": "Parkimine", "quantity": "2", "price": "1.5", "tax_code_id": 9},
    ]
    day = DAY.isoformat()
    values = {"no": number, "company_id": company, "date": day, "due_date": day, "lines": lines}
    return str(world.site.create("expenses", values | fields)["id"])


def booked(world: World, number: str) -> dict[str, Any]:
    (found,) = [row for row in world.bills() if row["invoiceNumber"] == number]
    return found


def vendors(world: World) -> list[dict[str, Any]]:
    """SmartAccounts' vendors but the one that every company has."""
    return [row for row in world.books.state()["vendors"] if row["name"] != "Maksu- ja Tolliamet"]


def cases(world: World) -> dict[str, tuple[str, str]]:
    """Open cases: code and message by source id."""
    with world.engine.connect() as connection:
        rows = connection.execute(select(quarantine).where(quarantine.c.state == "open"))
        return {row.source_id: (row.code, told(row.reason)) for row in rows}


def change_policy(world: World, **changes: Any) -> None:
    policy = world.company.purchase_invoices.model_copy(update=changes)
    world.company = world.company.model_copy(update={"purchase_invoices": policy})


def test_a_bill_is_booked_once_with_vendor_and_article(world: World) -> None:
    bill(world, "A-4711/26 Õ", vendor(world), reference_no="1234561")
    summary = run(world)
    row = booked(world, "A-4711/26 Õ")
    assert (row["amount"], row["vatAmount"], row["totalAmount"], row["isCalculateVat"]) == (20, 4.8, 24.8, False)
    assert (row["vendor"]["name"], row["referenceNumber"]) == ("Tarnija AS", "1234561")
    assert "bills/" in row["comment"]
    assert (summary["vendors_created"], summary["articles_created"], summary["documents"]["created"]) == (1, 1, 1)
    assert world.books.state()["clients"] == []
    assert [item["activePurchase"] for item in world.books.state()["articles"]] == [True]
    world.server.calls.clear()
    assert run(world)["documents"]["already_there"] == 1
    assert world.writes() == []
    with world.engine.connect() as connection:
        story = "\n".join(explain(connection, "default", Flow.PURCHASE_INVOICES, "A-4711/26 Õ"))
    assert "is vendor" in story
    assert "vatAmount 4.8" in story


def test_a_preview_writes_nothing_and_counts_bills(world: World) -> None:
    bill(world, "1", vendor(world))
    assert run(world, mode=Mode.PREVIEW)["documents"]["planned"] == 1
    assert world.writes() == []


def test_the_suppliers_cents_are_booked(world: World) -> None:
    world.checked = True
    company = vendor(world)
    bill(world, "1", company, vat_off="0.02")
    wrong = bill(world, "2", company, vat_off="0.11")
    summary = run(world)
    assert (booked(world, "1")["vatAmount"], booked(world, "1")["roundAmount"]) == (4.82, 0)
    assert any("Bill 1: by its lines the VAT is 4.80 EUR, the bill says 4.82." in text for text in summary["warnings"])
    assert summary["roundings"] == summary["alarms"] == []
    assert {key: code for key, (code, _) in cases(world).items()} == {wrong: "vat_differs_from_lines"}


@pytest.mark.parametrize("form", [("10", "-2"), ("-10", "2")], ids=["quantity", "price"])
def test_a_negative_bill_has_negative_quantities(world: World, form: tuple[str, str]) -> None:
    world.checked = True
    product = world.site.create("products", {"code": "KRUVI", "name": "Kruvi", "tag": "Laoartikkel"})["product_id"]
    price, amount = form
    bill(world, "K-1", vendor(world), line(price, amount), line(price, amount, product_id=product))
    run(world)
    row = booked(world, "K-1")
    assert (row["amount"], row["vatAmount"], row["totalAmount"]) == (-40, -9.6, -49.6)
    assert [(item["price"], item["quantity"]) for item in row["rows"]] == [(10, -2), (10, -2)]
    (moved,) = world.books.state()["warehousemovements"]
    assert [item["quantity"] for item in moved["rows"]] == [-2]


def test_stock_lines_name_the_warehouse(world: World) -> None:
    product = world.site.create("products", {"code": "KRUVI", "name": "Kruvi", "tag": "Laoartikkel"})["product_id"]
    bill(world, "1", vendor(world), line(product_id=product))
    bill(world, "2", vendor(world, "Teine AS"))
    run(world)
    warehouse = world.books.settings["warehouses"][0]["id"]
    assert booked(world, "1")["warehouseId"] == warehouse
    assert "warehouseId" not in booked(world, "2")
    # An article that a bill brought serves invoices too.
    assert [row["activeSales"] for row in world.books.state()["articles"]] == [True, True]


def test_foreign_currency(world: World) -> None:
    company = vendor(world, country="usa")
    bill(world, "US-1", company, line(vat=reference_data.VAT_0), currency="USD", currency_rate="0.92")
    run(world)
    row = booked(world, "US-1")
    # SmartAccounts' own rate of the day.
    assert (row["currency"], row["exchangeRate"], row["totalAmount"]) == ("USD", 1.085, 20)


def test_reverse_charge_follows_the_code_and_is_held_against_the_country(world: World) -> None:
    eu, home, ordinary = vendor(world, "Oy", "fin"), vendor(world, "Kodumaine"), vendor(world, "SIA", "lva")
    bill(world, "1", eu, line(vat=reference_data.VAT_0_EU))
    bill(world, "2", home, line(vat=reference_data.VAT_0_EU), line(vat=reference_data.VAT_0_EU))
    bill(world, "3", ordinary, line(vat=reference_data.VAT_0))
    summary = run(world)
    rows = {row["invoiceNumber"]: row for row in world.bills()}
    assert [row["vatPc"] for row in rows["1"]["rows"]] == ["24% (Reverse Chg.)"]
    assert (rows["1"]["reverseVatChargeType"], rows["2"]["reverseVatChargeType"]) == ("UNION", "NATIONAL")
    assert "reverseVatChargeType" not in rows["3"]
    assert [line for line in summary["warnings"] if not line.startswith("first_of_kind")] == [
        "Bill 2: VAT code 24% (Reverse Chg.) is reverse charge, but the vendor's country is Estonia.",
        "Bill 3: VAT code 0 is no reverse charge, but the vendor is in the European Union (LV).",
    ]


def test_accounts_and_objects_of_lines(world: World) -> None:
    change_policy(world, accounts={"4010": "4010", "4210": "9999"}, cost_objects={"TLN": "PROJ"})
    company = vendor(world)
    goods, services, office = 21, 22, reference_data.ACCOUNT_OFFICE
    bill(world, "1", company, line(finance_account_id=goods, finance_object_id=1), line())
    not_mapped = bill(world, "2", company, line(), line(finance_account_id=office))
    unknown = bill(world, "3", company, line(finance_account_id=services))
    no_object = bill(world, "4", company, line(finance_object_id=2))
    run(world)
    rows = booked(world, "1")["rows"]
    assert rows[0]["accountPurchase"] == "4010"
    assert rows[0]["objectId"] == world.books.settings["objects"][0]["id"]
    assert not rows[1].keys() & {"accountPurchase", "objectId"}
    found = cases(world)
    assert {key: code for key, (code, _) in found.items()} == {
        not_mapped: "account_not_mapped",
        unknown: "account_unknown",
        no_object: "cost_object_not_mapped",
    }
    assert found[not_mapped][1].startswith("Bill 2, line 2: ")
    assert 'Add "5110" under purchase_invoices.accounts' in found[not_mapped][1]
    assert 'Add "TRT" under purchase_invoices.cost_objects' in found[no_object][1]

    # The company file and SmartAccounts are mended: all go on.
    change_policy(world, accounts={"4010": "4010", "4210": "9999", "5110": "4010"}, cost_objects={"TRT": "PROJ"})
    world.books.add("settings/accounts", {"code": "9999", "type": "EXPENSE", "descriptionEt": "Teenused"})
    world.clock.advance(timedelta(minutes=20))
    run(world)
    assert cases(world) == {}
    assert len(world.bills()) == 4


def test_settings_are_read_only_where_a_line_asks_for_them(world: World) -> None:
    bill(world, "1", vendor(world))
    run(world)
    assert not {"settings/accounts", "settings/objects"} & {
        call["operation"].partition(":")[0] for call in world.calls()
    }


def test_two_vendors_may_use_one_number(world: World) -> None:
    world.checked = True
    bill(world, "4711", vendor(world))
    bill(world, "4711", vendor(world, "Teine AS"))
    assert run(world)["documents"]["created"] == 2
    assert cases(world) == {}


def test_a_vendor_uses_a_number_once(world: World) -> None:
    """Written large or small, by one contact or by two of one registry code, as a bill or an expense."""
    world.checked = True
    change_policy(world, expenses=True)
    first, second = vendor(world, id_code="19000022"), vendor(world, "Tarnija Aktsiaselts", id_code="1900 0022")
    one, two = bill(world, "ab-1", first), bill(world, " AB-1", second)
    three = f"expense-{expense(world, 'Ab-1', first)}"
    run(world)
    assert world.writes() == []
    found = cases(world)
    assert {code for code, _ in found.values()} == {"number_not_unique"}
    assert set(found) == {one, two, three}
    assert (
        f"(Scoro id {one}) shares its number with the bill of Scoro id {two}, {three} of the same vendor"
        in (found[one][1])
    )


def test_what_the_checks_did_not_see_is_not_booked_twice(world: World) -> None:
    one, two = (bill(world, "ab-1", vendor(world, id_code="19000022")) for _ in range(2))
    run(world)
    assert len(world.bills()) == 1
    ((held, (code, message)),) = cases(world).items()
    assert {held} < {one, two}
    assert code == "partial_match"
    assert all(f"Scoro id {key}" in message for key in (one, two))
    # And again, now against what SmartAccounts shows.
    world.clock.advance(timedelta(hours=1))
    world.server.calls.clear()
    run(world)
    assert world.writes() == []
    assert list(cases(world)) == [held]


def test_expenses_come_only_where_the_company_wants_them(world: World) -> None:
    world.checked = True
    company = vendor(world)
    expense(world, "T-9", company)
    assert run(world)["documents"]["seen"] == 0
    change_policy(world, expenses=True)
    bill(world, "T-10", company)
    assert run(world)["documents"]["created"] == 2
    row = booked(world, "T-9")
    assert (row["amount"], row["vatAmount"], row["totalAmount"]) == (11.06, 2.65, 13.71)
    assert [item["description"] for item in row["rows"]] == ["Takso", "Parkimine"]
    assert "expenses/" in row["comment"]
    assert run(world)["documents"]["already_there"] == 2


def test_expenses_that_were_switched_off_are_left_alone(world: World) -> None:
    change_policy(world, expenses=True)
    company = vendor(world)
    expense(world, "T-9", company)
    run(world, mode=Mode.PREVIEW)
    change_policy(world, expenses=False)
    bill(world, "1", company)
    summary = run(world)
    assert (summary["documents"]["seen"], summary["outside_range"]) == (1, [])
    assert [row["invoiceNumber"] for row in world.bills()] == ["1"]


def test_a_contact_may_be_client_and_vendor(world: World) -> None:
    both = vendor(world, is_client=1, id_code="19000022")
    day = DAY.isoformat()
    world.site.create("invoices", {"company_id": both, "date": day, "deadline": day, "lines": [line()]})
    bill(world, "1", both)
    run(world, Flow.SALES_INVOICES)
    run(world)
    state = world.books.state()
    assert (len(state["clients"]), len(vendors(world))) == (1, 1)
    assert state["clients"][0]["id"] != vendors(world)[0]["id"]
    with world.engine.connect() as connection:
        partners = select(link.c.kind).where(link.c.source_id == str(both), link.c.kind.in_(("client", "vendor")))
        assert sorted(connection.scalars(partners)) == ["client", "vendor"]
    # One article serves both.
    assert len(state["articles"]) == 1


def test_a_vendor_of_equal_code_is_linked_and_a_client_is_not(world: World) -> None:
    known = world.books.seed("purchasesales/vendors", {"name": "AS Tarnija", "vatPc": "24", "regCode": "19000022"})
    world.books.seed("purchasesales/clients", {"name": "Vana", "vatPc": "24", "regCode": "19000033"})
    bill(world, "1", vendor(world, id_code="19000022"))
    bill(world, "2", vendor(world, "Muu", id_code="19000033"))
    run(world)
    assert booked(world, "1")["vendorId"] == known
    assert len(vendors(world)) == 2


def by_hand(world: World, vendor_id: str, number: str, price: int = 20, **fields: Any) -> str:
    """A bill that a bookkeeper entered."""
    if "MUU" not in {row["code"] for row in world.books.state()["articles"]}:
        world.books.seed("purchasesales/articles", {"code": "MUU", "description": "Muu", "type": "SERVICE"})
    rows = [{"code": "MUU", "description": "Kaubad", "price": price, "quantity": 1, "vatPc": "24"}]
    body = {"vendorId": vendor_id, "date": f"{DAY:%d.%m.%Y}", "currency": "EUR", "invoiceNumber": number, "rows": rows}
    return str(world.books.seed(VENDOR_INVOICES, body | {"isCalculateVat": True} | fields))


def test_bills_that_are_in_the_books_are_adopted_or_asked_about(world: World) -> None:
    ours = world.books.seed("purchasesales/vendors", {"name": "Tarnija", "vatPc": "24", "regCode": "19000022"})
    other = world.books.seed("purchasesales/vendors", {"name": "Muu", "vatPc": "24"})
    company = vendor(world, id_code="19000022")
    equal, dearer, alone, twin, refund = (
        bill(world, number, company, line(price, "1"))
        for number, price in (("a-1", "20"), ("A-2", "21"), ("A-3", "23"), ("A-4", "24"), ("A-5", "-25"))
    )
    by_hand(world, ours, "A-1 ")
    by_hand(world, ours, "A-2")
    by_hand(world, other, "A-3", 23)
    by_hand(world, ours, "A-4 kordus", 24)
    by_hand(world, ours, "A-5", 25)
    summary = run(world)
    assert (summary["documents"]["adopted"], summary["documents"]["created"]) == (1, 1)
    assert [call["operation"] for call in world.writes()] == [f"{VENDOR_INVOICES}:add"]
    found = cases(world)
    assert {key: code for key, (code, _) in found.items()} == {
        dearer: "partial_match",
        twin: "possible_duplicate",
        refund: "partial_match",
    }
    assert found[dearer][1].startswith("Bill A-2: SmartAccounts holds a bill of this number already, but it differs: ")
    assert "total 31.00 instead of -31.00" in found[refund][1]
    with world.engine.connect() as connection:
        links = {
            row.source_id: row.evidence
            for row in connection.execute(select(link).where(link.c.kind == "purchase_invoice"))
        }
    assert links == {equal: "adopted", alone: "created"}
    with world.engine.begin() as connection:
        release(connection, world.company.key, ["A-4"], "another delivery of the same day")
    assert run(world)["documents"]["created"] == 1


def test_a_deleted_vendor_is_created_anew(world: World) -> None:
    company = vendor(world)
    bill(world, "1", company)
    run(world)
    row = booked(world, "1")
    world.books.delete(VENDOR_INVOICES, {"id": row["id"]})
    world.books.delete("purchasesales/vendors", {"id": row["vendorId"]})
    world.clock.advance(timedelta(hours=1))
    bill(world, "2", company)
    run(world)
    assert [item["invoiceNumber"] for item in world.bills()] == ["2"]
    assert len(vendors(world)) == 1
