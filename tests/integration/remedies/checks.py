"""Remedies of the quality checks and of what cannot be read."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from scoro_smartaccounts import pipeline
from scoro_smartaccounts.common.documents import Flow
from tests.integration.remedies.desk import DAY, PURCHASES, SALES, Desk, Doc, line
from tests.integration.remedies.play import BOTH, Place, Scenario, green, remedy, stuck

JUNE = "2025-06-20"
LATER = date(2026, 3, 2)
CHECKED = Place("checked", checked=True, first=date(2025, 6, 1), first_import=date(2025, 6, 1))
OUTSIDE = Place("outside", checked=True)


@remedy("unreadable", "open the record in Scoro, mend this field and save", CHECKED, *BOTH)
def _(desk: Desk, flow: Flow) -> Scenario:
    doc = desk.enter(flow)
    desk.spoil(doc, currency_rate=Decimal(10) ** 12)
    yield stuck(doc)
    desk.mend(doc, currency_rate="1")
    yield green(doc)


@remedy("unreadable", "open the record in Scoro, mend this field and save", CHECKED, *BOTH)
def without_date(desk: Desk, flow: Flow) -> Scenario:
    doc = desk.enter(flow)
    desk.spoil(doc, date=None)
    # No run of certain days sees it, only the schedule's.
    yield None
    yield stuck(doc)
    desk.mend(doc, date=DAY.isoformat())
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


@remedy("day_not_plausible", "correct the date in Scoro", CHECKED, *BOTH)
def _(desk: Desk, flow: Flow) -> Scenario:
    doc = desk.enter(flow, date="2028-01-12")
    # It lies outside the days of the first run.
    yield None
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


@remedy("too_many_lines", "join lines of it in Scoro", CHECKED, *BOTH)
def _(desk: Desk, flow: Flow) -> Scenario:
    doc = desk.enter(flow)
    desk.mend(doc, lines=[line()] * 2001)
    yield stuck(doc)
    desk.mend(doc, lines=[line()])
    yield green(doc)


@remedy("too_many_lines", "divide it into several documents there", CHECKED, *BOTH)
def _(desk: Desk, flow: Flow) -> Scenario:
    doc = desk.enter(flow)
    desk.mend(doc, lines=[line()] * 2001)
    yield stuck(doc)
    desk.mend(doc, lines=[line()] * 2)
    yield green(doc, desk.enter(flow))


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
    code_id, _ = desk.vat_code("18")
    doc = desk.enter(flow, line(vat=code_id))
    yield stuck(doc)
    desk.mend(doc, lines=[line()])
    yield green(doc)


@remedy(
    "vat_percent_not_valid",
    "a rule with this percent and Scoro's VAT code as scoro_code under vat_codes in the company file",
    CHECKED,
    *BOTH,
)
def _(desk: Desk, flow: Flow) -> Scenario:
    code_id, code = desk.vat_code("25.5")
    theirs = desk.vat_code_there("25.5")
    doc = desk.enter(flow, line(vat=code_id))
    yield stuck(doc)
    desk.rule(flow, scoro_code=code, percent="25.5", smartaccounts=theirs)
    yield green(doc)


@remedy("vat_percent_not_yet", "choose the right VAT in Scoro", CHECKED, *BOTH)
def _(desk: Desk, flow: Flow) -> Scenario:
    doc = desk.enter(flow, date=JUNE)
    yield stuck(doc)
    desk.mend(doc, lines=[line(vat=10)])
    yield green(doc)


@remedy("vat_percent_not_yet", "choose the right date in Scoro", CHECKED, *BOTH)
def _(desk: Desk, flow: Flow) -> Scenario:
    doc = desk.enter(flow, date=JUNE)
    yield stuck(doc)
    desk.mend(doc, date=DAY.isoformat())
    yield green(doc)


@remedy("foreign_rate_of_one", "enter the rate of the {noun}'s day in Scoro", CHECKED, *BOTH)
def _(desk: Desk, flow: Flow) -> Scenario:
    doc = desk.enter(flow, currency="USD", currency_rate="1")
    yield stuck(doc)
    desk.mend(doc, currency_rate="0.92")
    yield green(doc)


@remedy("foreign_rate_of_one", "if the rate is right, retry", CHECKED, *BOTH)
def _(desk: Desk, flow: Flow) -> Scenario:
    doc = desk.enter(flow, currency="USD", currency_rate="1")
    yield stuck(doc)
    desk.retry(doc)
    yield green(doc)


def upside_down(desk: Desk, flow: Flow, currency: str) -> Doc:
    """A rate of another direction than those of documents before it."""
    for _ in range(3):
        desk.enter(flow, date="2026-01-05", currency=currency, currency_rate="0.1")
    return desk.enter(flow, currency=currency, currency_rate="10")


@remedy("rate_upside_down", "enter in Scoro what one {currency} is worth in {base_currency}", CHECKED, *BOTH)
def _(desk: Desk, flow: Flow) -> Scenario:
    doc = upside_down(desk, flow, "SEK" if flow is SALES else "NOK")
    yield stuck(doc)
    desk.mend(doc, currency_rate="0.1")
    yield green(doc)


@remedy("rate_upside_down", "if the rate is right, retry", CHECKED, *BOTH)
def _(desk: Desk, flow: Flow) -> Scenario:
    doc = upside_down(desk, flow, "DKK" if flow is SALES else "PLN")
    yield stuck(doc)
    desk.retry(doc)
    yield green(doc)


@remedy("rate_not_plausible", "enter in Scoro what one {currency} is worth in {base_currency}", CHECKED, *BOTH)
def _(desk: Desk, flow: Flow) -> Scenario:
    doc = desk.enter(flow, currency="CZK" if flow is SALES else "HUF", currency_rate="25.1")
    yield stuck(doc)
    desk.mend(doc, currency_rate="0.0398")
    yield green(doc)


@remedy("rate_not_plausible", "if the rate is right, retry", CHECKED, *BOTH)
def _(desk: Desk, flow: Flow) -> Scenario:
    doc = desk.enter(flow, currency="XAU" if flow is SALES else "XPT", currency_rate="2900")
    yield stuck(doc)
    desk.retry(doc)
    yield green(doc)


def credit_again(desk: Desk, flow: Flow) -> tuple[Doc, Doc, Doc]:
    """An invoice and two equal credit invoices for a part of it."""
    client = desk.contact()
    base = desk.enter(flow, company_id=client)
    one, other = (desk.enter(flow, line("-10"), company_id=client, credited_invoices=[int(base.id)]) for _ in range(2))
    return base, one, other


@remedy("credited_twice", "delete the one that is too many in Scoro", CHECKED)
def _(desk: Desk, flow: Flow) -> Scenario:
    base, one, other = credit_again(desk, flow)
    yield stuck(other)
    desk.delete(other)
    yield green(base, one, gone=[other])


@remedy("credited_twice", "dismiss it here", CHECKED)
def _(desk: Desk, flow: Flow) -> Scenario:
    base, one, other = credit_again(desk, flow)
    yield stuck(other)
    desk.dismiss(other)
    yield green(base, one, gone=[other])


@remedy("credited_twice", "if both are meant, retry", CHECKED)
def _(desk: Desk, flow: Flow) -> Scenario:
    base, one, other = credit_again(desk, flow)
    yield stuck(other)
    desk.retry(other)
    yield green(base, one, other)


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


def redated(desk: Desk, flow: Flow, day: date) -> Doc:
    """Another run reads a new date between two steps of this one."""
    doc = desk.enter(flow)

    def redate() -> None:
        desk.mend(doc, date=day.isoformat())
        request = desk.world.request(day, day, flow=flow)
        pipeline.extract(request, desk.world.services(request))

    desk.after(flow, "extract", redate)
    return doc


@remedy("day_outside_run", "run the import for that day", OUTSIDE)
def _(desk: Desk, flow: Flow) -> Scenario:
    doc = redated(desk, flow, LATER)
    yield stuck(doc)
    desk.run(flow, LATER, LATER)
    desk.assert_booked(doc)
    yield green(doc)


@remedy("day_outside_run", "correct the date in Scoro", OUTSIDE)
def _(desk: Desk, flow: Flow) -> Scenario:
    doc = redated(desk, flow, LATER + timedelta(days=1))
    yield stuck(doc)
    desk.mend(doc, date=DAY.isoformat())
    yield green(doc)
