"""Remedies of who is who: clients, vendors and articles, and documents that are in the books already."""

from __future__ import annotations

from datetime import date
from typing import Any

from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.reconcile_ids.decide import accept_shown, reject_shown
from scoro_smartaccounts.staging.asked import open_likely_pairs
from scoro_smartaccounts_sandbox.scoro.codes import vat_number
from tests.integration.first_day import ADDRESS, ARTICLES, STREET
from tests.integration.remedies.desk import DAY, PARTNERS, SALES, SERVICES, Desk, Doc, line
from tests.integration.remedies.play import BOTH, Part, Place, Scenario, green, remedy, stuck

WHO = Place("who")
SAID = Place("who, as the report says")
UNDECIDED = Place("undecided", compared=True)
BOOKED = Place("in the books")
# Two documents have one number there.
YEARS = Place("in the books of years", first=date(2025, 12, 15), first_import=date(2025, 12, 1))
AWAY = Place("went away")


@remedy("partner_missing", "choose the {kind} in Scoro", WHO, *BOTH)
def _(desk: Desk, flow: Flow) -> Scenario:
    doc = desk.enter(flow)
    desk.spoil(doc, company_id=0)
    yield stuck(doc)
    desk.mend(doc, company_id=desk.contact())
    yield green(doc)


def of_deleted(desk: Desk, flow: Flow) -> tuple[Doc, int]:
    contact = desk.contact()
    doc = desk.enter(flow, company_id=contact)
    desk.world.site.delete("contacts", contact)
    return doc, contact


@remedy("partner_missing.gone", "restore it", WHO, *BOTH)
def _(desk: Desk, flow: Flow) -> Scenario:
    doc, contact = of_deleted(desk, flow)
    yield stuck(doc)
    desk.world.site.patch("contacts", contact, {"is_deleted": 0, "deleted_date": None})
    yield green(doc)


@remedy("partner_missing.gone", "choose another contact on the document in Scoro", WHO, *BOTH)
def _(desk: Desk, flow: Flow) -> Scenario:
    doc, _ = of_deleted(desk, flow)
    yield stuck(doc)
    desk.mend(doc, company_id=desk.contact())
    yield green(doc)


@remedy("partner_without_name", "give the contact a name in Scoro", WHO, *BOTH)
def _(desk: Desk, flow: Flow) -> Scenario:
    contact = desk.contact()
    doc = desk.enter(flow, company_id=contact)
    name = desk.world.site.get("contacts", contact)["name"]
    desk.world.site.patch("contacts", contact, {"name": " "})
    yield stuck(doc)
    desk.world.site.modify("contacts", contact, {"name": name})
    yield green(doc)


# Several records of one code


def ambiguous(desk: Desk, flow: Flow) -> tuple[Doc, str, str]:
    contact = desk.contact()
    one, other = desk.known_as(contact, flow), desk.known_as(contact, flow)
    return desk.enter(flow, company_id=contact), one, other


@remedy("partner_ambiguous", "merge them in SmartAccounts", WHO, *BOTH)
def _(desk: Desk, flow: Flow) -> Scenario:
    doc, _, other = ambiguous(desk, flow)
    yield stuck(doc)
    desk.world.books.remove(PARTNERS[flow], other)
    desk.retry(doc)
    yield green(doc)


@remedy("partner_ambiguous", "correct them in SmartAccounts", WHO, *BOTH)
def _(desk: Desk, flow: Flow) -> Scenario:
    doc, _, other = ambiguous(desk, flow)
    yield stuck(doc)
    desk.world.books.change(PARTNERS[flow], other, name=desk.new_name(), regCode=desk.new_code())
    desk.retry(doc)
    yield green(doc)


# One code, two names


def differing(desk: Desk, flow: Flow) -> tuple[Doc, int, str]:
    contact = desk.contact()
    remote = desk.known_as(contact, flow, name=desk.new_name())
    return desk.enter(flow, company_id=contact), contact, remote


@remedy("partner_differs", "correct the code in Scoro", WHO, *BOTH)
def _(desk: Desk, flow: Flow) -> Scenario:
    doc, contact, _ = differing(desk, flow)
    yield stuck(doc)
    desk.world.site.modify("contacts", contact, {"id_code": desk.new_code()})
    desk.retry(doc)
    yield green(doc)


@remedy("partner_differs", "correct the code in SmartAccounts", WHO, *BOTH)
def _(desk: Desk, flow: Flow) -> Scenario:
    doc, _, remote = differing(desk, flow)
    yield stuck(doc)
    desk.world.books.change(PARTNERS[flow], remote, regCode=desk.new_code())
    desk.retry(doc)
    yield green(doc)


@remedy("partner_differs", "correct the name", WHO, *BOTH)
def in_smartaccounts(desk: Desk, flow: Flow) -> Scenario:
    doc, contact, remote = differing(desk, flow)
    yield stuck(doc)
    desk.world.books.change(PARTNERS[flow], remote, name=desk.world.site.get("contacts", contact)["name"])
    desk.retry(doc)
    yield green(doc)


@remedy("partner_differs", "correct the name", WHO, *BOTH)
def in_scoro(desk: Desk, flow: Flow) -> Scenario:
    doc, contact, remote = differing(desk, flow)
    yield stuck(doc)
    desk.world.site.modify("contacts", contact, {"name": desk.world.books.records[PARTNERS[flow]][remote]["name"]})
    desk.retry(doc)
    yield green(doc)


@remedy("partner_differs", "say so in the report of reconcile_ids", SAID, *BOTH)
def _(desk: Desk, flow: Flow) -> Scenario:
    doc, _, remote = differing(desk, flow)
    yield stuck(doc)
    desk.answer(remote, "jah")
    desk.retry(doc)
    yield green(doc)


def two_contacts(desk: Desk, flow: Flow, **shared: Any) -> tuple[Doc, Doc, tuple[int, int]]:
    one, other = desk.contact(**shared), desk.contact(**shared)
    return desk.enter(flow, company_id=one), desk.enter(flow, company_id=other), (one, other)


@remedy("partner_differs.contacts", "correct it in Scoro", WHO, *BOTH)
def _(desk: Desk, flow: Flow) -> Scenario:
    one, other, (_, contact) = two_contacts(desk, flow, id_code=desk.new_code())
    yield stuck(one, other)
    desk.world.site.modify("contacts", contact, {"id_code": desk.new_code()})
    desk.retry(one)
    yield green(one, other)


@remedy("partner_differs.contacts", "enter their registry codes", WHO, *BOTH)
def _(desk: Desk, flow: Flow) -> Scenario:
    group = vat_number(10900500 if flow is SALES else 10900501)
    one, other, contacts = two_contacts(desk, flow, id_code="", vatno=group)
    yield stuck(one, other)
    for contact in contacts:
        desk.world.site.modify("contacts", contact, {"id_code": desk.new_code()})
    desk.retry(one)
    yield green(one, other)


@remedy("partner_differs.contacts", "call both alike", WHO, *BOTH)
def _(desk: Desk, flow: Flow) -> Scenario:
    one, other, contacts = two_contacts(desk, flow, id_code=desk.new_code())
    yield stuck(one, other)
    desk.world.site.modify("contacts", contacts[1], {"name": desk.world.site.get("contacts", contacts[0])["name"]})
    desk.retry(one)
    yield green(one, other)


@remedy(
    "partner_differs.contacts",
    "enter the {kind} in SmartAccounts and say so in the report of reconcile_ids",
    SAID,
    *BOTH,
)
def _(desk: Desk, flow: Flow) -> Scenario:
    one, other, contacts = two_contacts(desk, flow, id_code=desk.new_code())
    yield stuck(one, other)
    desk.answer(desk.known_as(contacts[0], flow), "jah")
    desk.retry(one)
    yield green(one, other)


# Who is not known to be the same


def likely(desk: Desk, flow: Flow) -> tuple[Doc, str]:
    """A contact and a record of one name and one address, without codes."""
    name = desk.new_name()
    street = f"{name.split()[0]} 7"
    contact = desk.contact(name=name, id_code="", addresses=[STREET | {"street": street}])
    remote = desk.known(flow, name=f"OÜ {name.removesuffix(' OÜ')}", address=ADDRESS | {"address1": street})
    return desk.enter(flow, company_id=contact), remote


@remedy("partner_undecided", "say yes in the report of reconcile_ids", UNDECIDED, *BOTH)
def _(desk: Desk, flow: Flow) -> Scenario:
    doc, remote = likely(desk, flow)
    yield None
    yield stuck(doc)
    desk.answer(remote, "jah")
    yield green(doc)


@remedy("partner_undecided", "say no in the report of reconcile_ids", UNDECIDED, *BOTH)
def _(desk: Desk, flow: Flow) -> Scenario:
    doc, remote = likely(desk, flow)
    yield None
    yield stuck(doc)
    desk.answer(remote, "ei")
    yield green(doc)


def on_the_page(desk: Desk, remote: str, *, is_yes: bool) -> None:
    """The page, with all other pairs left out."""
    request, services = desk.day.request()
    with services.engine.begin() as connection:
        shown = [(each.kind, each.pair) for each in open_likely_pairs(connection, request.company.key)]
    chosen = [(kind, pair) for kind, pair in shown if pair[1] == remote]
    assert chosen
    if is_yes:
        accept_shown(services.engine, request.company, request.run_key, chosen, services.clock)
    else:
        reject_shown(services.engine, request.company, chosen, services.clock)


@remedy("partner_undecided", "say yes on the page Decisions", UNDECIDED, *BOTH)
def _(desk: Desk, flow: Flow) -> Scenario:
    doc, remote = likely(desk, flow)
    yield None
    yield stuck(doc)
    on_the_page(desk, remote, is_yes=True)
    yield green(doc)


@remedy("partner_undecided", "say no on the page Decisions", UNDECIDED, *BOTH)
def _(desk: Desk, flow: Flow) -> Scenario:
    doc, remote = likely(desk, flow)
    yield None
    yield stuck(doc)
    on_the_page(desk, remote, is_yes=False)
    yield green(doc)


# Articles


def likely_article(desk: Desk, name: str) -> tuple[Doc, str]:
    """A product and an article of one name and two codes."""
    product = desk.product(name=name)
    code = desk.day.known(ARTICLES, code=f"KAB-{product}", description=name, type="PRODUCT")
    return desk.enter(SALES, line(product_id=product)), code


@remedy("article_undecided", "say yes in the report of reconcile_ids", UNDECIDED)
def _(desk: Desk, flow: Flow) -> Scenario:
    doc, code = likely_article(desk, "Kaabel must 5 m")
    yield None
    yield stuck(doc)
    desk.answer(code, "jah")
    yield green(doc)


@remedy("article_undecided", "say no in the report of reconcile_ids", UNDECIDED)
def _(desk: Desk, flow: Flow) -> Scenario:
    doc, code = likely_article(desk, "Ümarlaud tammest")
    yield None
    yield stuck(doc)
    desk.answer(code, "ei")
    yield green(doc)


@remedy("article_undecided", "say yes on the page Decisions", UNDECIDED)
def _(desk: Desk, flow: Flow) -> Scenario:
    doc, code = likely_article(desk, "Printeritahm punane")
    yield None
    yield stuck(doc)
    on_the_page(desk, code, is_yes=True)
    yield green(doc)


@remedy("article_undecided", "say no on the page Decisions", UNDECIDED)
def _(desk: Desk, flow: Flow) -> Scenario:
    doc, code = likely_article(desk, "Printeritahm sinine")
    yield None
    yield stuck(doc)
    on_the_page(desk, code, is_yes=False)
    yield green(doc)


def rejected_article(desk: Desk, name: str) -> tuple[Doc, int, str]:
    """A product and an article of one code and one name, of which somebody says that they are two."""
    product = desk.product(name=name)
    code = desk.world.site.get("products", product)["code"]
    desk.day.known(ARTICLES, code=code, description=name, type="PRODUCT")
    desk.answer(code, "ei")
    return desk.enter(SALES, line(product_id=product)), product, code


@remedy("article_rejected", "give the product another code in Scoro", UNDECIDED)
def _(desk: Desk, flow: Flow) -> Scenario:
    doc, product, _ = rejected_article(desk, "Aiakäru roheline")
    yield None
    yield stuck(doc)
    desk.world.site.modify("products", product, {"code": "UUS-1"})
    desk.retry(doc)
    yield green(doc)


@remedy("article_rejected", "turn the no into a yes in the report of reconcile_ids", UNDECIDED)
def _(desk: Desk, flow: Flow) -> Scenario:
    doc, _, code = rejected_article(desk, "Veekeetja 1,7 l")
    yield None
    yield stuck(doc)
    desk.answer(code, "jah")
    desk.retry(doc)
    yield green(doc)


def other_article(desk: Desk, ours: str, theirs: str) -> tuple[Doc, int, str]:
    product = desk.product(name=ours)
    code = desk.world.site.get("products", product)["code"]
    desk.day.known(ARTICLES, code=code, description=theirs, type="SERVICE")
    return desk.enter(SALES, line(product_id=product)), product, code


@remedy("article_differs", "give the product another code in Scoro", WHO)
def _(desk: Desk, flow: Flow) -> Scenario:
    doc, product, _ = other_article(desk, "Hooldus", "Transport")
    yield stuck(doc)
    desk.world.site.modify("products", product, {"code": "HOOLDUS-2"})
    desk.retry(doc)
    yield green(doc)


@remedy("article_differs", "correct a name", WHO)
def in_smartaccounts_(desk: Desk, flow: Flow) -> Scenario:
    doc, _, code = other_article(desk, "Koristus", "Nõustamine")
    yield stuck(doc)
    desk.world.books.change(ARTICLES, code, description="Koristus")
    desk.retry(doc)
    yield green(doc)


@remedy("article_differs", "correct a name", WHO)
def in_scoro_(desk: Desk, flow: Flow) -> Scenario:
    doc, product, _ = other_article(desk, "Paigaldus", "Rent")
    yield stuck(doc)
    desk.world.site.modify("products", product, {"name": "Rent"})
    desk.retry(doc)
    yield green(doc)


@remedy("article_differs", "say so in the report of reconcile_ids", SAID)
def _(desk: Desk, flow: Flow) -> Scenario:
    doc, _, code = other_article(desk, "Kujundus", "Disainitöö")
    yield stuck(doc)
    desk.answer(code, "jah")
    desk.retry(doc)
    yield green(doc)


# Documents that are in the books already


def of_known_partner(desk: Desk, flow: Flow) -> tuple[Doc, str, str]:
    """A document, its partner there and its number."""
    contact = desk.contact()
    doc = desk.enter(flow, company_id=contact)
    return doc, desk.known_as(contact, flow), desk.get(doc)["no"]


def dearer(desk: Desk, flow: Flow) -> tuple[Doc, str]:
    """Somebody booked the document with another sum."""
    doc, partner, number = of_known_partner(desk, flow)
    return doc, desk.book(flow, partner, number, net="200.00")


@remedy("partial_match", "correct one of them", BOOKED, *BOTH)
def there(desk: Desk, flow: Flow) -> Scenario:
    doc, remote = dearer(desk, flow)
    yield stuck(doc)
    row = {"code": "KASI", "description": "Käsitsi", "price": "100.00", "quantity": "1", "vatPc": "24"}
    desk.world.books.change(SERVICES[flow], remote, rows=[row], **({} if flow is SALES else {"isCalculateVat": True}))
    desk.retry(doc)
    yield green(doc)


@remedy("partial_match", "correct one of them", BOOKED, *BOTH)
def here(desk: Desk, flow: Flow) -> Scenario:
    doc, _ = dearer(desk, flow)
    yield stuck(doc)
    desk.mend(doc, lines=[line("200")])
    desk.retry(doc)
    yield green(doc)


@remedy("partial_match", "delete one of them", BOOKED, *BOTH)
def there_(desk: Desk, flow: Flow) -> Scenario:
    doc, remote = dearer(desk, flow)
    yield stuck(doc)
    desk.world.books.remove(SERVICES[flow], remote)
    desk.retry(doc)
    yield green(doc)


@remedy("partial_match", "delete one of them", BOOKED, *BOTH)
def here_(desk: Desk, flow: Flow) -> Scenario:
    doc, _ = dearer(desk, flow)
    yield stuck(doc)
    desk.delete(doc)
    yield green(gone=[doc])


def in_its_place(desk: Desk, flow: Flow, price: str = "100") -> Part[tuple[Doc, Doc]]:
    """A document has another number in Scoro by now than it was imported with, and a second one has that number."""
    first = desk.enter(flow)
    yield None
    record = desk.get(first)
    desk.mend(first, no=desk.new_number())
    second = desk.enter(flow, line(price), no=record["no"], company_id=record["company_id"])
    yield stuck(second)
    return first, second


@remedy("partial_match.taken", "give it that number in SmartAccounts", AWAY, *BOTH)
def _(desk: Desk, flow: Flow) -> Scenario:
    first, second = yield from in_its_place(desk, flow, "150")
    desk.world.books.change(SERVICES[flow], desk.remote(first), invoiceNumber=desk.get(first)["no"])
    desk.retry(second)
    yield green(first, second)


@remedy("partial_match.taken", "delete that one in Scoro", AWAY, *BOTH)
def _(desk: Desk, flow: Flow) -> Scenario:
    first, second = yield from in_its_place(desk, flow)
    desk.delete(first)
    desk.retry(second)
    yield green(second, gone=[first])


@remedy("partial_match.taken", "give this one a number of its own in Scoro", AWAY, *BOTH)
def _(desk: Desk, flow: Flow) -> Scenario:
    _, second = yield from in_its_place(desk, flow, "150")
    desk.mend(second, no=desk.new_number())
    yield green(second)


@remedy("partial_match.taken", "dismiss it", AWAY, *BOTH)
def _(desk: Desk, flow: Flow) -> Scenario:
    _, second = yield from in_its_place(desk, flow, "150")
    desk.dismiss(second)
    yield green(gone=[second])


# Documents that went away


def entered_again(desk: Desk, flow: Flow, **changes: Any) -> Part[tuple[Doc, Doc]]:
    """A document was deleted in Scoro after the import, and entered again there, not quite the same."""
    first = desk.enter(flow, no=desk.new_number())
    yield None
    record = desk.get(first)
    desk.delete(first)
    fields = {"no": record["no"], "company_id": record["company_id"]} | changes
    second = desk.enter(flow, **fields)
    yield stuck(second)
    return first, second


@remedy("possible_duplicate.left_behind", "make {twin} in SmartAccounts equal to this one", AWAY, *BOTH)
def _(desk: Desk, flow: Flow) -> Scenario:
    first, second = yield from entered_again(desk, flow, no=desk.new_number())
    desk.world.books.change(SERVICES[flow], desk.remote(first), invoiceNumber=desk.get(second)["no"])
    desk.retry(second)
    yield green(second, gone=[first])


def with_another_number(desk: Desk, flow: Flow) -> Scenario:
    first, second = yield from entered_again(desk, flow, no=desk.new_number())
    desk.world.books.remove(SERVICES[flow], desk.remote(first))
    desk.retry(second)
    yield green(second)


def with_another_total(desk: Desk, flow: Flow) -> Scenario:
    first, second = yield from entered_again(desk, flow, lines=[line("150")])
    desk.world.books.remove(SERVICES[flow], desk.remote(first))
    desk.retry(second)
    yield green(second)


def on_another_day(desk: Desk, flow: Flow) -> Scenario:
    first, second = yield from entered_again(desk, flow, date="2026-01-14")
    desk.world.books.remove(SERVICES[flow], desk.remote(first))
    desk.retry(second)
    yield green(second)


for _play in (with_another_number, with_another_total, on_another_day):
    remedy("possible_duplicate.left_behind", "delete it there", AWAY, *BOTH)(_play)


@remedy("possible_duplicate.left_behind", "if they are two documents retry this one", AWAY, *BOTH)
def _(desk: Desk, flow: Flow) -> Scenario:
    _, second = yield from entered_again(desk, flow, no=desk.new_number())
    desk.retry(second)
    yield green(second)


def gone_there(desk: Desk, flow: Flow) -> Part[tuple[Doc, dict[str, Any]]]:
    """A document was deleted in SmartAccounts after the import, and its day is imported again; what the books held."""
    doc = desk.enter(flow)
    yield None
    kept = desk.remove(doc)
    desk.run(flow, DAY, DAY)
    yield stuck(doc)
    return doc, kept


@remedy("document_gone.itself", "enter it again with the same number, day {day}, partner and total", AWAY, *BOTH)
def _(desk: Desk, flow: Flow) -> Scenario:
    doc, kept = yield from gone_there(desk, flow)
    again = desk.book_again(flow, kept)
    yield green(doc)
    assert desk.remote(doc) == again


@remedy("document_gone.itself", "leave it deleted and retry this one", AWAY, *BOTH)
def _(desk: Desk, flow: Flow) -> Scenario:
    doc, _ = yield from gone_there(desk, flow)
    desk.retry(doc)
    yield green(doc)


@remedy("document_gone.itself", "dismiss it", AWAY, *BOTH)
def _(desk: Desk, flow: Flow) -> Scenario:
    doc, _ = yield from gone_there(desk, flow)
    desk.dismiss(doc)
    yield green(gone=[doc])


@remedy("document_gone.itself", "delete it in Scoro too", AWAY, *BOTH)
def _(desk: Desk, flow: Flow) -> Scenario:
    doc, _ = yield from gone_there(desk, flow)
    desk.delete(doc)
    yield green(gone=[doc])


def twin(desk: Desk, flow: Flow) -> tuple[Doc, str, str]:
    """Somebody booked an equal document under another number; its id there and the number that it should have."""
    doc, partner, number = of_known_partner(desk, flow)
    return doc, desk.book(flow, partner, f"KASI-{number}"), number


@remedy("possible_duplicate", "give it the number {number} there", BOOKED, *BOTH)
def _(desk: Desk, flow: Flow) -> Scenario:
    doc, remote, number = twin(desk, flow)
    yield stuck(doc)
    desk.world.books.change(SERVICES[flow], remote, invoiceNumber=number)
    desk.retry(doc)
    yield green(doc)
    assert desk.remote(doc) == remote


@remedy("possible_duplicate", "retry {retried}", BOOKED, *BOTH)
def _(desk: Desk, flow: Flow) -> Scenario:
    doc, remote, _ = twin(desk, flow)
    yield stuck(doc)
    desk.retry(doc)
    yield green(doc)
    assert desk.remote(doc) != remote


def of_last_year(desk: Desk, flow: Flow) -> tuple[Doc, str]:
    """Somebody booked an equal document of the year before under the same number; its id there. Another document of
    that day brings it into sight."""
    desk.world.books.switches.change({"duplicate_sales_number": "allow"})
    doc, partner, number = of_known_partner(desk, flow)
    desk.enter(flow, date=YEARS.first.isoformat())
    return doc, desk.book(flow, partner, number, date=f"{YEARS.first:%d.%m.%Y}")


@remedy("possible_duplicate.other_year", "correct one of them", YEARS, *BOTH)
def there__(desk: Desk, flow: Flow) -> Scenario:
    doc, remote = of_last_year(desk, flow)
    yield stuck(doc)
    desk.world.books.change(SERVICES[flow], remote, date=f"{DAY:%d.%m.%Y}", entryDate=f"{DAY:%d.%m.%Y}")
    desk.retry(doc)
    yield green(doc)
    assert desk.remote(doc) == remote


@remedy("possible_duplicate.other_year", "correct one of them", YEARS, *BOTH)
def here__(desk: Desk, flow: Flow) -> Scenario:
    doc, remote = of_last_year(desk, flow)
    yield stuck(doc)
    desk.mend(doc, date=YEARS.first.isoformat())
    yield green(doc)
    assert desk.remote(doc) == remote


@remedy("possible_duplicate.other_year", "dismiss this one", YEARS, *BOTH)
def _(desk: Desk, flow: Flow) -> Scenario:
    doc, _ = of_last_year(desk, flow)
    yield stuck(doc)
    desk.dismiss(doc)
    yield green(gone=[doc])


@remedy("possible_duplicate.other_year", "retry {retried}", YEARS, *BOTH)
def _(desk: Desk, flow: Flow) -> Scenario:
    doc, remote = of_last_year(desk, flow)
    yield stuck(doc)
    desk.retry(doc)
    yield green(doc)
    assert desk.remote(doc) != remote
