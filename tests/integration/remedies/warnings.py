"""Remedies of warnings about invoices and bills that are booked.

What is mended in Scoro after the import is told as a later change, which says what to do in SmartAccounts.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.reasons import Reason, render
from scoro_smartaccounts.staging.schema import finding
from tests.integration.remedies.desk import DAY, PURCHASES, SALES, SERVICES, Desk, Doc, line
from tests.integration.remedies.play import BOTH, Place, Scenario, green, remedy, stuck

JUNE = "2025-06-20"
VAT_0EU, VAT_24, VAT_22 = 7, 9, 10


class WarningDesk(Desk):
    """What is told of a document here keeps it from nothing."""

    def told(self, doc: Doc) -> dict[str, Reason]:
        """What was told of it in any run, by key."""
        with self.world.engine.connect() as connection:
            rows = connection.scalars(
                select(finding.c.reason).where(finding.c.flow == doc.flow.value, finding.c.source_id == doc.id)
            )
            return {why.key: why for why in map(Reason.from_json, rows)}

    def assert_stuck(self, doc: Doc, key: str) -> None:
        told = self.told(doc)
        assert key in told, f"{doc} is told {sorted(told)}"
        assert "?" not in render(told[key], "en") + render(told[key], "et")


EARLY = date(2025, 6, 1)
WARNED = Place("warned", checked=True, first=EARLY, first_import=EARLY, desk=WarningDesk)


def change_vat(desk: Desk, doc: Doc, vat: int, percent: str) -> None:
    """Choose another VAT in Scoro, and then in SmartAccounts, as the report of later changes asks."""
    desk.mend(doc, lines=[line(vat=vat)])
    names = ("code", "description", "price", "quantity", "accountPurchase")
    service, key = SERVICES[doc.flow], desk.remote(doc)
    [row] = next(each for each in desk.world.books.state()[service.partition("/")[2]] if each["id"] == key)["rows"]
    body = {name: row[name] for name in names if row.get(name) is not None}
    sums = {"vatAmount": percent} if doc.flow is PURCHASES else {}
    desk.world.books.change(service, key, rows=[{**body, "vatPc": percent}], **sums)


@remedy("vat_percent_ended", "choose the right VAT in Scoro", WARNED, *BOTH)
def _(desk: Desk, flow: Flow) -> Scenario:
    doc = desk.enter(flow, line(vat=VAT_22))
    yield stuck(doc)
    change_vat(desk, doc, VAT_24, "24")
    yield green(doc)


def abroad(desk: Desk, country: str, **fields: Any) -> int:
    """A client of another country."""
    address = [{"country": country, "city": "Linn", "street": "Tänav 1"}] if country else []
    return desk.contact(**{"id_code": "", "addresses": address, **fields})


def sold_within_the_union(desk: Desk, client: int, net: str = "100") -> Doc:
    return desk.enter(SALES, line(net, vat=VAT_0EU), company_id=client)


CLIENTS = {
    "union_sale_doubtful": {"country": "est"},
    "union_sale_doubtful.outside": {"country": "usa"},
    "union_sale_doubtful.person": {"country": "fin", "contact_type": "person", "name": "Mai", "lastname": "Tamm"},
}


def chosen_anew(key: str) -> None:
    @remedy(key, "choose the right VAT in Scoro", WARNED)
    def _(desk: Desk, flow: Flow) -> Scenario:
        doc = sold_within_the_union(desk, abroad(desk, **CLIENTS[key]))
        yield stuck(doc)
        change_vat(desk, doc, VAT_24, "24")
        yield green(doc)


for each in CLIENTS:
    chosen_anew(each)


@remedy("union_sale_doubtful.no_vat_number", "choose another VAT", WARNED)
def _(desk: Desk, flow: Flow) -> Scenario:
    doc = sold_within_the_union(desk, abroad(desk, "fin"))
    yield stuck(doc)
    change_vat(desk, doc, VAT_24, "24")
    yield green(doc)


@remedy("union_sale_doubtful.no_vat_number", "give the client its VAT number in Scoro and SmartAccounts", WARNED)
def _(desk: WarningDesk, flow: Flow) -> Scenario:
    client = abroad(desk, "fin")
    doc = sold_within_the_union(desk, client)
    yield stuck(doc)
    desk.world.site.modify("contacts", client, {"vatno": "FI01120389"})
    desk.world.books.change("purchasesales/clients", client_of(desk, doc), vatNumber="FI01120389")
    again = sold_within_the_union(desk, client, "200")
    yield green(doc, again)
    assert "union_sale_doubtful" not in {why.code for why in desk.told(again).values()}


@remedy("union_sale_doubtful.no_country", "give the client its country in Scoro and SmartAccounts", WARNED)
def _(desk: WarningDesk, flow: Flow) -> Scenario:
    client = abroad(desk, "", vatno="LV40003032949")
    doc = sold_within_the_union(desk, client)
    yield stuck(doc)
    desk.world.site.modify("contacts", client, {"addresses": [{"country": "lva", "city": "Riia", "street": "Iela 1"}]})
    key = client_of(desk, doc)
    desk.world.books.change("purchasesales/clients", key, address={"country": "LV", "city": "Riia"})
    again = sold_within_the_union(desk, client, "200")
    yield green(doc, again)
    assert "union_sale_doubtful" not in {why.code for why in desk.told(again).values()}


def lost_in_books(key: str, word: str, vat_number: str, lost: dict[str, Any], given: dict[str, Any]) -> None:
    @remedy(f"union_sale_doubtful.{key}", word, WARNED)
    def _(desk: WarningDesk, flow: Flow) -> Scenario:
        client = abroad(desk, "fin", vatno=vat_number)
        first = sold_within_the_union(desk, client)
        yield None
        there = client_of(desk, first)
        desk.world.books.change("purchasesales/clients", there, **lost)
        doc = sold_within_the_union(desk, client, "200")
        yield stuck(doc)
        desk.world.books.change("purchasesales/clients", there, **given)
        again = sold_within_the_union(desk, client, "300")
        yield green(first, doc, again)
        assert "union_sale_doubtful" not in {why.code for why in desk.told(again).values()}


lost_in_books(
    "country_in_books",
    "correct the client's country in SmartAccounts",
    "FI02001357",
    {"address": {"country": "EE"}},
    {"address": {"country": "FI"}},
)
lost_in_books(
    "no_vat_number_in_books",
    "give the client its VAT number in SmartAccounts",
    "FI02016284",
    {"vatNumber": ""},
    {"vatNumber": "FI02016284"},
)


@remedy("union_sale_article", "give the line its product in Scoro", WARNED)
def _(desk: WarningDesk, flow: Flow) -> Scenario:
    client = abroad(desk, "fin", vatno="FI02020355")
    doc = sold_within_the_union(desk, client)
    yield stuck(doc)
    again = desk.enter(SALES, line("200", vat=VAT_0EU, product_id=desk.product()), company_id=client)
    yield green(doc, again)
    assert "union_sale_article" not in desk.told(again)


def client_of(desk: Desk, doc: Doc) -> str:
    """The client of SmartAccounts that a document was booked on."""
    return str(desk.world.books.records[SERVICES[SALES]][desk.remote(doc)]["clientId"])


def named_anew(word: str, country: str) -> None:
    @remedy("country_not_known", word, WARNED, *BOTH)
    def _(desk: WarningDesk, flow: Flow) -> Scenario:
        partner = abroad(desk, "Atlantis")
        doc = desk.enter(flow, company_id=partner)
        yield stuck(doc)
        desk.world.site.modify("contacts", partner, {"addresses": [{"country": country, "city": "Linn"}]})
        again = desk.enter(flow, line("200"), company_id=partner)
        yield green(doc, again)
        assert "country_not_known" not in desk.told(again)


named_anew("write the country in Scoro by its name", "Eesti")
named_anew("write the country in Scoro by its code", "est")


@remedy("entered_twice", "delete one of them in Scoro", WARNED)
@remedy("entered_twice.bill", "delete one of them in Scoro", WARNED, PURCHASES)
def _(desk: Desk, flow: Flow) -> Scenario:
    partner = desk.contact()
    numbers = [{"no": "B-17"}, {"no": "B 17"}] if flow is PURCHASES else [{}, {}]
    one, other = (desk.enter(flow, company_id=partner, **each) for each in numbers)
    yield stuck(one, other)
    key = desk.remote(other)
    desk.delete(other)
    yield None
    # As the report of later changes asks.
    desk.world.books.remove(SERVICES[flow], key)
    yield green(one)


@remedy("number_of_other_year", "give it another one in Scoro", WARNED)
def _(desk: Desk, flow: Flow) -> Scenario:
    old = desk.enter(flow, line(vat=VAT_22), date=JUNE, no="70300")
    new = desk.enter(flow, no="70300")
    # Something that has the number makes SmartAccounts refuse it.
    desk.after(
        flow, "reconcile_and_plan", lambda: desk.book(flow, desk.known(flow, name="Kalju Kaubad OÜ"), "70300", net="7")
    )
    yield stuck(old, new)
    why = desk.stuck(new)
    assert why is not None
    assert why.code == "refused_by_smartaccounts"
    desk.mend(new, no="60300")
    yield green(old, new)


@remedy("prepayment_drawn", "use it for this invoice there", WARNED)
def _(desk: Desk, flow: Flow) -> Scenario:
    client = desk.contact()
    money = desk.office.money
    prepayment = money.enter_prepayment(DAY, "40", company_id=client)
    fields = {"company_id": client, "prepayment_id": [prepayment], "prepayment_sum": "49.60"}
    doc = desk.enter(flow, **fields)
    held = Doc(Flow.PAYMENTS, str(money.receive("prepayments", {prepayment: None}, DAY)))
    yield stuck(doc)
    desk.run(Flow.PAYMENTS, DAY, DAY)
    rows = [
        {"type": "CLIENT_INVOICE", "id": desk.remote(doc), "amount": "49.60"},
        {"type": "PREPAYMENT_PAYMENT", "id": desk.remote(held), "amount": "49.60"},
    ]
    money.pay({desk.remote(doc): None}, DAY, account="Tasaarveldus", rows=rows)
    yield green(doc)
    assert money.open_in_books()[desk.remote(doc)] == Decimal("74.40")
