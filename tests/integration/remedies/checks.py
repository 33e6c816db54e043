"""Remedies of the quality checks and of what cannot be read."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from scoro_smartaccounts.documents import Flow
from tests.integration.remedies.desk import DAY, PURCHASES, SALES, Desk, line
from tests.integration.remedies.play import BOTH, Place, Scenario, green, remedy, stuck

CHECKED = Place("checked", checked=True, last=date(2028, 12, 31), first_import=date(2025, 6, 1))


@remedy("unreadable", "open the record in Scoro, mend this field and save", CHECKED, *BOTH)
def _(desk: Desk, flow: Flow) -> Scenario:
    doc = desk.enter(flow)
    desk.spoil(doc, currency_rate=Decimal(10) ** 12)
    yield stuck(doc)
    desk.mend(doc, currency_rate="1")
    yield green(doc)


@remedy("number_not_given", "give it one in Scoro", CHECKED, *BOTH)
def _(desk: Desk, flow: Flow) -> Scenario:
    doc = desk.enter(flow)
    desk.spoil(doc, no="")
    yield stuck(doc)
    desk.mend(doc, no="70001")
    yield green(doc)


@remedy("number_not_unique", "give one another number in Scoro", CHECKED)
def _(desk: Desk, flow: Flow) -> Scenario:
    one, other = desk.enter(flow, no="70010"), desk.enter(flow, no="70010")
    yield stuck(one, other)
    desk.mend(other, no="70011")
    yield green(one, other)


@remedy("number_not_unique", "delete the one that is not meant in Scoro", CHECKED)
def _(desk: Desk, flow: Flow) -> Scenario:
    one, other = desk.enter(flow, no="70020"), desk.enter(flow, no="70020")
    yield stuck(one, other)
    desk.delete(other)
    yield green(one, gone=[other])


@remedy("number_not_unique", "dismiss the one that is not meant", CHECKED)
def _(desk: Desk, flow: Flow) -> Scenario:
    one, other = desk.enter(flow, no="70030"), desk.enter(flow, no="70030")
    yield stuck(one, other)
    desk.dismiss(other)
    yield green(one, gone=[other])


@remedy("number_not_unique.bill", "give one another number in Scoro", CHECKED, PURCHASES)
def _(desk: Desk, flow: Flow) -> Scenario:
    vendor = desk.contact()
    one, other = (desk.enter(flow, line(net), no="A-1", company_id=vendor) for net in ("100", "200"))
    yield stuck(one, other)
    desk.mend(other, no="A-2")
    yield green(one, other)


@remedy("number_not_unique.bill", "delete the one that is not meant in Scoro", CHECKED, PURCHASES)
def _(desk: Desk, flow: Flow) -> Scenario:
    vendor = desk.contact()
    one, other = (desk.enter(flow, line(net), no="A-1", company_id=vendor) for net in ("100", "200"))
    yield stuck(one, other)
    desk.delete(one)
    yield green(other, gone=[one])


@remedy("number_not_unique.bill", "dismiss the one that is not meant", CHECKED, PURCHASES)
def _(desk: Desk, flow: Flow) -> Scenario:
    vendor = desk.contact()
    one, other = (desk.enter(flow, line(net), no="A-1", company_id=vendor) for net in ("100", "200"))
    yield stuck(one, other)
    desk.dismiss(one)
    yield green(other, gone=[one])


@remedy("partner_not_named", "choose the {partner} in Scoro", CHECKED, *BOTH)
def _(desk: Desk, flow: Flow) -> Scenario:
    doc = desk.enter(flow)
    desk.spoil(doc, company_id=0)
    yield stuck(doc)
    desk.mend(doc, company_id=desk.contact())
    yield green(doc)


@remedy("partner_not_found", "choose another {partner} on the {noun} in Scoro", CHECKED, *BOTH)
def _(desk: Desk, flow: Flow) -> Scenario:
    doc = desk.enter(flow)
    desk.spoil(doc, company_id=987654)
    yield stuck(doc)
    desk.mend(doc, company_id=desk.contact())
    yield green(doc)


@remedy("partner_deleted", "restore it", CHECKED, *BOTH)
def _(desk: Desk, flow: Flow) -> Scenario:
    contact = desk.contact()
    doc = desk.enter(flow, company_id=contact)
    desk.world.site.delete("contacts", contact)
    yield stuck(doc)
    desk.world.site.patch("contacts", contact, {"is_deleted": 0, "deleted_date": None})
    yield green(doc)


@remedy("partner_deleted", "choose another {partner} on the {noun}", CHECKED, *BOTH)
def _(desk: Desk, flow: Flow) -> Scenario:
    contact = desk.contact()
    doc = desk.enter(flow, company_id=contact)
    desk.world.site.delete("contacts", contact)
    yield stuck(doc)
    desk.mend(doc, company_id=desk.contact())
    yield green(doc)


@remedy("partner_nameless", "give the contact a name in Scoro", CHECKED, *BOTH)
def _(desk: Desk, flow: Flow) -> Scenario:
    contact = desk.contact()
    doc = desk.enter(flow, company_id=contact)
    desk.world.site.patch("contacts", contact, {"name": " "})
    yield stuck(doc)
    desk.world.site.modify("contacts", contact, {"name": "Nimega AS"})
    yield green(doc)


@remedy("day_not_given", "enter its date in Scoro", CHECKED, *BOTH)
def _(desk: Desk, flow: Flow) -> Scenario:
    doc = desk.enter(flow)
    desk.spoil(doc, date=None)
    yield stuck(doc)
    desk.mend(doc, date=DAY.isoformat())
    yield green(doc)


@remedy("day_not_plausible", "correct the date in Scoro", CHECKED, *BOTH)
def _(desk: Desk, flow: Flow) -> Scenario:
    doc = desk.enter(flow, date="2028-01-12")
    yield stuck(doc)
    desk.mend(doc, date=DAY.isoformat())
    yield green(doc)


@remedy("currency_malformed", "choose the currency in Scoro", CHECKED, *BOTH)
def _(desk: Desk, flow: Flow) -> Scenario:
    doc = desk.enter(flow)
    desk.spoil(doc, currency="")
    yield stuck(doc)
    desk.mend(doc, currency="EUR")
    yield green(doc)


@remedy("currency_rate_not_positive", "enter the rate of the {noun}'s day in Scoro", CHECKED, *BOTH)
def _(desk: Desk, flow: Flow) -> Scenario:
    doc = desk.enter(flow)
    desk.spoil(doc, currency="USD", currency_rate=Decimal(0))
    yield stuck(doc)
    desk.mend(doc, currency_rate="0.92")
    yield green(doc)


@remedy("base_currency_rate", "correct the rate in Scoro", CHECKED, *BOTH)
def _(desk: Desk, flow: Flow) -> Scenario:
    doc = desk.enter(flow)
    desk.spoil(doc, currency_rate=Decimal("0.92"))
    yield stuck(doc)
    desk.mend(doc, currency_rate="1")
    yield green(doc)


@remedy("lines_not_given", "add its lines in Scoro", CHECKED, *BOTH)
def _(desk: Desk, flow: Flow) -> Scenario:
    doc = desk.enter(flow, {"product_id": -1, "comment": "Ainult pealkiri"})
    yield stuck(doc)
    desk.mend(doc, lines=[line()])
    yield green(doc)


@remedy("lines_differ_from_net", "open the {noun} in Scoro, check lines and discounts and save it", CHECKED, *BOTH)
def _(desk: Desk, flow: Flow) -> Scenario:
    doc = desk.enter(flow)
    desk.spoil(doc, sum=Decimal("90.00"))
    yield stuck(doc)
    desk.mend(doc)
    yield green(doc)


@remedy("vat_percent_not_given", "choose the VAT in Scoro", CHECKED, *BOTH)
def _(desk: Desk, flow: Flow) -> Scenario:
    doc = desk.enter(flow)
    desk.spoil(doc, lines=[{**row, "vat": None, "vat_code": "", "vat_code_id": 0} for row in desk.get(doc)["lines"]])
    yield stuck(doc)
    desk.mend(doc, lines=[line()])
    yield green(doc)


@remedy("vat_percent_not_valid", "choose the right VAT in Scoro", CHECKED, *BOTH)
def _(desk: Desk, flow: Flow) -> Scenario:
    doc = desk.enter(flow, line(vat=10))
    yield stuck(doc)
    desk.mend(doc, lines=[line()])
    yield green(doc)


@remedy("vat_percent_not_valid", "choose the right date in Scoro", CHECKED, *BOTH)
def _(desk: Desk, flow: Flow) -> Scenario:
    doc = desk.enter(flow, line(vat=10))
    yield stuck(doc)
    desk.mend(doc, date="2025-06-20", deadline="2025-06-20")
    yield green(doc)


@remedy("vat_percent_not_valid", "a rule with Scoro's VAT code in the company file", CHECKED, *BOTH)
def _(desk: Desk, flow: Flow) -> Scenario:
    code_id, code = desk.vat_code("25.5")
    row = {"pc": "25.5", "descriptionEt": "Soome 25,5%", "activeSales": True, "activePurchase": True}
    theirs = desk.world.books.seed("settings/vatpcs", row)
    doc = desk.enter(flow, line(vat=code_id))
    yield stuck(doc)
    desk.rule(flow, scoro_code=code, percent="25.5", smartaccounts=theirs)
    yield green(doc)


@remedy("vat_differs_from_lines", "open the {noun} in Scoro, check the VAT and save it", CHECKED, *BOTH)
def _(desk: Desk, flow: Flow) -> Scenario:
    doc = desk.enter(flow)
    desk.spoil(doc, vat_sum=Decimal("42.00"))
    yield stuck(doc)
    desk.mend(doc)
    yield green(doc)


@remedy("credit_names_no_base", "make it a credit invoice of the invoice that it credits in Scoro", CHECKED)
def _(desk: Desk, flow: Flow) -> Scenario:
    client = desk.contact()
    base = desk.enter(flow, company_id=client)
    credit = desk.enter(flow, line("-100"), company_id=client)
    yield stuck(credit)
    desk.mend(credit, credited_invoices=[int(base.id)])
    yield green(base, credit)


@remedy("stock_quantity_not_given", "enter the quantity in Scoro", CHECKED, *BOTH)
def _(desk: Desk, flow: Flow) -> Scenario:
    stock = desk.product(tag="Laoartikkel")
    doc = desk.enter(flow, line(), line("10", "0", product_id=stock))
    yield stuck(doc)
    desk.mend(doc, lines=[line(), line("10", "3", product_id=stock)])
    yield green(doc)


def outside_run(desk: Desk, flow: Flow) -> Scenario:
    """Another run reads the corrected date between two steps of this one."""
    doc = desk.enter(flow)

    def redate() -> None:
        desk.mend(doc, date="2029-01-12")
        request = desk.world.request(date(2029, 1, 12), date(2029, 1, 12), flow=flow)
        from scoro_smartaccounts import pipeline

        pipeline.extract(request, desk.world.services(request))

    desk.hooks.append((f"{flow.value} extract", redate))
    yield stuck(doc)
    return doc


assert SALES
