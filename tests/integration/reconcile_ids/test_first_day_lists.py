"""Room reconcile_ids. A list of SmartAccounts that names ids of Scoro is a person's word: against proposals,
reports, running imports."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import delete

from scoro_smartaccounts.reconcile_ids.linked_service.take import Taken, take_links
from scoro_smartaccounts.reconcile_ids.linked_service.wrong_file import WrongFile
from scoro_smartaccounts.reconcile_ids.registers import read_registers
from scoro_smartaccounts.staging.links import Kind
from scoro_smartaccounts.staging.schema import link
from scoro_smartaccounts_sandbox.scoro.codes import registry_code
from tests.integration.first_day import ARTICLES, CLIENTS, VENDORS, FirstDay, fill_in, likely_pair
from tests.integration.world import World

CODE = registry_code(1900200)


@pytest.fixture
def day(world: World) -> FirstDay:
    world.checked = False
    return FirstDay(world)


def take(day: FirstDay, source: str, kind: Kind = Kind.CLIENT, code: str = "") -> Taken:
    """Take a list of SmartAccounts that gives the client (vendor, article) the id."""
    text = f"Nimi;Registrikood;Liidetud teenus;Liidetud teenuse ID\r\nOÜ Põhjatäht;{code};SC;{source}\r\n"
    if kind is Kind.ARTICLE:
        text = f"Kood;Kirjeldus;Liidetud teenus;Liidetud teenuse ID\r\nKAABEL;Kaabel;SC;{source}\r\n"
    world = day.world
    return take_links(world.engine, world.company, kind, text.encode(), run_key="links-in", clock=world.clock.now)


def test_a_list_of_smartaccounts_overrules_a_no(day: FirstDay) -> None:
    source, remote = likely_pair(day, "Põhjatäht")
    report = day.file(day.run())
    no = fill_in(report, lambda row: "ei")
    day.hand_back(no)
    assert take(day, source).overruled == (source,)
    assert day.links() == {source: (remote, "linked_service")}
    # The file that said no is handed back again: somebody spoke since.
    assert day.hand_back(no).counts["skipped"] == 1
    assert day.links() == {source: (remote, "linked_service")}
    assert take(day, source).overruled == ()


def test_a_list_of_smartaccounts_takes_no_id_that_scoro_deleted(day: FirstDay) -> None:
    source, _ = likely_pair(day, "Põhjatäht")
    day.world.site.delete("contacts", int(source))
    day.run()
    with pytest.raises(WrongFile, match=f"row 2, column Liidetud teenuse ID: {source} is deleted in Scoro"):
        take(day, source)
    assert day.links() == {}


def test_a_list_of_smartaccounts_does_not_cross_an_import(day: FirstDay) -> None:
    source, _ = likely_pair(day, "Põhjatäht")
    day.run()
    day.creating(source)
    with pytest.raises(WrongFile, match="an import is creating this record at this moment"):
        take(day, source)
    assert day.links() == {}


def test_a_list_of_smartaccounts_tells_of_records_that_are_linked_to_others(day: FirstDay) -> None:
    source, remote = likely_pair(day, "Põhjatäht")
    day.hand_back(fill_in(day.file(day.run()), lambda row: "jah"))
    other = day.contact(name="Põhjatäht uus")
    assert take(day, other).beside == (other,)
    assert day.links() == {source: (remote, "decided"), other: (remote, "linked_service")}


@pytest.mark.parametrize(("kind", "service"), [(Kind.CLIENT, CLIENTS), (Kind.VENDOR, VENDORS)])
def test_a_list_of_smartaccounts_takes_no_contact_of_the_other_kind(day: FirstDay, kind: Kind, service: str) -> None:
    is_client = kind is Kind.VENDOR
    source = day.contact(name="Põhjatäht OÜ", is_client=int(is_client), is_supplier=int(not is_client))
    remote = day.known(service, name="OÜ Põhjatäht")
    day.run()
    is_now, wanted = ("client", "supplier") if is_client else ("supplier", "client")
    with pytest.raises(WrongFile, match=f"row 2, column Liidetud teenuse ID: contact {source} is a {is_now} in Scoro"):
        take(day, source, kind)
    assert day.links(kind.value) == {}
    day.world.site.modify("contacts", int(source), {f"is_{wanted}": 1})
    day.run()
    take(day, source, kind)
    assert day.links(kind.value) == {source: (remote, "linked_service")}


def test_a_list_of_smartaccounts_takes_a_contact_that_is_neither_yet(day: FirstDay) -> None:
    source = day.contact(name="Põhjatäht OÜ", is_client=0)
    remote = day.known(name="OÜ Põhjatäht")
    day.run()
    take(day, source)
    assert day.links() == {source: (remote, "linked_service")}


def test_a_list_of_smartaccounts_takes_no_record_that_an_import_may_have_created_for_another(day: FirstDay) -> None:
    source, remote = likely_pair(day, "Põhjatäht")
    day.world.clock.advance(timedelta(hours=1))
    day.world.books.change(CLIENTS, remote, regCode=CODE)
    day.run()
    # Another contact of that code; its client was sent, and the answer is lost.
    day.creating("987", CODE)
    with pytest.raises(WrongFile, match="row 2, column Liidetud teenuse ID: an import is creating this record"):
        take(day, source, code=CODE)
    assert day.links() == {}


def test_a_list_of_smartaccounts_does_not_cross_an_import_of_an_article(day: FirstDay) -> None:
    product = str(day.world.site.create("products", {"name": "Muu asi", "price": "10"})["product_id"])
    day.known(ARTICLES, code="KAABEL", description="Kaabel", type="PRODUCT")
    day.run()
    day.creating("987", "KAABEL", kind="article")
    with pytest.raises(WrongFile, match="an import is creating this record"):
        take(day, product, Kind.ARTICLE)
    assert day.links("article") == {}
    day.settled()
    take(day, product, Kind.ARTICLE)
    assert day.links("article") == {product: ("KAABEL", "linked_service")}


def test_a_contact_that_is_no_client_yet_is_known_by_its_code(day: FirstDay) -> None:
    """An import creates a client of the same code for another contact: whose it is, is not known yet."""
    source = day.contact(name="Põhjatäht OÜ", id_code=CODE, is_client=0)
    day.known(name="OÜ Põhjatäht")
    day.run()
    day.creating("987", CODE)
    with pytest.raises(WrongFile, match="an import is creating this record"):
        take(day, source)


def test_a_list_of_smartaccounts_tells_of_a_client_that_was_created_for_another(day: FirstDay) -> None:
    world = day.world
    line = {"product_id": 0, "product_name": "Töö", "price": "100", "amount": "1", "vat_code_id": 9}
    first = day.contact(name="OÜ Põhjatäht")
    when = date(2026, 1, 15)
    values = {"company_id": first, "date": when.isoformat(), "deadline": when.isoformat(), "lines": [line]}
    world.site.create("invoices", values)
    world.run(when, when)
    with world.engine.begin() as connection:
        connection.execute(delete(link).where(link.c.kind == "client"))
    other = day.contact(name="Põhjatäht uus")
    world.clock.advance(timedelta(hours=1))
    read_registers(*day.request())
    assert take(day, other).beside == (other,)
