"""Room matching/partners. Who is who: clients and articles that SmartAccounts has already are linked where it is
certain, never guessed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from scoro_smartaccounts import pipeline
from scoro_smartaccounts.common.company import Mode
from scoro_smartaccounts.report.summary import render_summary
from scoro_smartaccounts.staging.schema import finding, link, quarantine
from scoro_smartaccounts_sandbox.faults import Fault, FaultKind
from scoro_smartaccounts_sandbox.scoro.codes import registry_code, vat_number
from tests.integration.world import World
from tests.told import told

DAY = date(2026, 1, 15)
CLIENTS, ARTICLES = "purchasesales/clients", "purchasesales/articles"
CODE, OTHER_CODE, THIRD_CODE = (registry_code(serial) for serial in (1900100, 1900101, 1900102))
VAT_NUMBER = vat_number(10900100)


@pytest.fixture(autouse=True)
def unchecked(world: World) -> None:
    """The checks are not what these tests are about, and cost most of a run's seconds."""
    world.checked = False


def invoice(world: World, product: int = 0, day: date = DAY, **contact: Any) -> int:
    """The id of its contact."""
    fields = {"name": "Näidis OÜ", "contact_type": "company", "id_code": CODE, "vatno": VAT_NUMBER} | contact
    company: int = world.site.create("contacts", fields)["contact_id"]
    lines = [{"product_id": product, "product_name": "Töö", "price": "10", "amount": "2", "vat_code_id": 9}]
    when = day.isoformat()
    world.site.create("invoices", {"company_id": company, "date": when, "deadline": when, "lines": lines})
    return company


def known(world: World, **fields: Any) -> str:
    return str(world.books.seed(CLIENTS, {"name": "NÄIDIS osaühing", "vatPc": "24"} | fields))


def seeded(world: World, email: str = "", **fields: Any) -> str:
    contacts = {"contacts": [{"type": "EMAIL", "value": email}]} if email else {}
    return str(world.books.seed(CLIENTS, {"vatPc": "24"} | fields | contacts))


def evidence(world: World, kind: str = "client") -> list[str]:
    with world.engine.connect() as connection:
        return list(connection.scalars(select(link.c.evidence).where(link.c.kind == kind)))


def problems(world: World) -> list[tuple[str, str]]:
    with world.engine.connect() as connection:
        return [(row.code, told(row.reason)) for row in connection.execute(select(quarantine))]


@pytest.mark.parametrize(
    ("there", "how"),
    [
        ({"regCode": CODE, "vatNumber": VAT_NUMBER}, "registry_code"),
        ({"regCode": f" {CODE[:4]} {CODE[4:]} "}, "registry_code"),
        ({"vatNumber": VAT_NUMBER.lower()}, "vat_number"),
    ],
)
def test_an_equal_and_unique_code_links(world: World, there: dict[str, str], how: str) -> None:
    remote = known(world, **there)
    invoice(world)
    world.run(DAY, DAY)
    assert evidence(world) == [how]
    assert [row["clientId"] for row in world.invoices()] == [remote]
    assert world.writes("clients") == []


IBAN = "EE471000001020145685"


@pytest.mark.parametrize(
    ("ours", "there", "how"),
    [
        ({"bankaccount": IBAN}, {"name": "NÄIDIS osaühing", "bankAccount": "EE47 1000 0010 2014 5685"}, "bank_account"),
        (
            {"means_of_contact": {"email": ["Arve@naidis.example"]}},
            {"name": "OÜ Näidis", "email": "arve@naidis.example"},
            "email",
        ),
    ],
)
def test_an_account_or_e_mail_of_one_name_links(
    world: World, ours: dict[str, Any], there: dict[str, Any], how: str
) -> None:
    remote = seeded(world, **there)
    invoice(world, **ours)
    world.run(DAY, DAY)
    assert evidence(world) == [how]
    assert [row["clientId"] for row in world.invoices()] == [remote]
    assert world.writes("clients") == []


@pytest.mark.parametrize(
    "there",
    [
        [{"name": "Näidis Grupp AS"}],
        [{"name": "Näidis AS"}],
        [{"regCode": "19000033"}],
        [{}, {}],
        [{}, {"name": "Põdrakivi OÜ"}],
    ],
    ids=["parent", "other form", "other registry code", "two of one name", "a bureau's"],
)
def test_a_shared_account_or_e_mail_does_not_link(world: World, there: list[dict[str, Any]]) -> None:
    for fields in there:
        seeded(world, **({"name": "Näidis OÜ", "bankAccount": IBAN, "email": "arve@naidis.example"} | fields))
    invoice(world, bankaccount=IBAN, means_of_contact={"email": ["arve@naidis.example"]})
    world.run(DAY, DAY)
    assert evidence(world) == ["created"]


def test_what_another_contact_of_scoro_has_too_does_not_link(world: World) -> None:
    """Whichever documents brought it, and whenever."""
    shared = {"email": ["info@raamatud.example"]}
    invoice(world, name="Põdrakivi OÜ", id_code="19000033", vatno="", means_of_contact=shared)
    world.run(DAY, DAY)
    seeded(world, name="Näidis OÜ", email="info@raamatud.example")
    invoice(world, means_of_contact=shared)
    world.clock.advance(timedelta(days=1))
    world.run(DAY, DAY)
    assert evidence(world) == ["created", "created"]


def test_an_equal_name_alone_does_not_link(world: World) -> None:
    known(world, name="Näidis OÜ")
    invoice(world)
    world.run(DAY, DAY)
    assert evidence(world) == ["created"]
    assert len(world.books.state()["clients"]) == 2


@pytest.mark.parametrize(
    ("there", "code", "why"),
    [
        ([{"regCode": CODE}, {"regCode": CODE}], "partner_ambiguous", "2 clients have the same registry code"),
        ([{"vatNumber": VAT_NUMBER}, {"vatNumber": VAT_NUMBER}], "partner_ambiguous", "the same VAT number"),
        ([{"regCode": CODE}, {"vatNumber": VAT_NUMBER}], "partner_ambiguous", "belong to different clients"),
        ([{"regCode": OTHER_CODE, "vatNumber": VAT_NUMBER}], "partner_differs", f"the registry code {OTHER_CODE}, not"),
        (
            [{"name": "Teine Firma AS", "regCode": CODE}],
            "partner_differs",
            "(Teine Firma AS) has the same registry code",
        ),
        ([{"name": "Teine Firma AS", "vatNumber": VAT_NUMBER}], "partner_differs", "quite another name"),
    ],
)
def test_what_contradicts_goes_to_a_person(world: World, there: list[dict[str, str]], code: str, why: str) -> None:
    for fields in there:
        known(world, **fields)
    invoice(world)
    world.run(DAY, DAY)
    ((found, message),) = problems(world)
    assert (found, why in message, message.split(": ")[0]) == (code, True, "Invoice 1")
    assert world.writes() == []


def test_a_code_copied_to_another_companys_contact_books_nothing(world: World) -> None:
    """Neither on the company that has it, nor on a second client with it; once it is mended, it goes on."""
    remote = known(world, regCode=CODE)
    invoice(world)
    copy = invoice(world, name="Põdrakivi AS", vatno="")
    world.run(DAY, DAY)
    assert [row["clientId"] for row in world.invoices()] == [remote]
    ((code, message),) = problems(world)
    assert (code, "Põdrakivi AS" in message, "NÄIDIS osaühing" in message) == ("partner_differs", True, True)
    assert len(world.books.state()["clients"]) == 1
    world.site.modify("contacts", copy, {"id_code": OTHER_CODE})
    world.clock.advance(timedelta(days=1))
    world.run(DAY, DAY)
    assert len(world.invoices()) == 2
    assert len(world.books.state()["clients"]) == 2


def test_two_new_contacts_of_one_code_and_two_names_are_not_created(world: World) -> None:
    invoice(world)
    invoice(world, name="Põdrakivi AS")
    world.run(DAY, DAY)
    assert [code for code, _ in problems(world)] == ["partner_differs", "partner_differs"]
    assert world.writes() == []


def test_a_vat_group_is_created_and_linked_member_by_member(world: World) -> None:
    known(world, name="Näidis Vara OÜ", regCode=OTHER_CODE, vatNumber=VAT_NUMBER)
    invoice(world)
    invoice(world, name="Näidis Vedu OÜ", id_code=THIRD_CODE)
    invoice(world, name="Näidis Vara OÜ", id_code=OTHER_CODE)
    world.run(DAY, DAY)
    assert problems(world) == []
    names = {client["id"]: client["name"] for client in world.books.state()["clients"]}
    assert sorted(names[row["clientId"]] for row in world.invoices()) == [
        "Näidis OÜ",
        "Näidis Vara OÜ",
        "Näidis Vedu OÜ",
    ]
    assert sorted(evidence(world)) == ["created", "created", "registry_code"]


def test_the_same_digits_in_another_countrys_register_link_nobody(world: World) -> None:
    known(world, name="Näidis Trading Ltd", regCode=CODE, address={"country": "GB", "city": "London"})
    invoice(world, vatno="", addresses=[{"country": "est", "city": "Tallinn"}])
    world.run(DAY, DAY)
    assert evidence(world) == ["created"]
    assert len(world.books.state()["clients"]) == 2


def test_two_contacts_of_one_company_are_one_client(world: World) -> None:
    invoice(world)
    invoice(world)
    world.run(DAY, DAY)
    assert len(world.books.state()["clients"]) == 1
    assert len(world.invoices()) == 2


@pytest.mark.parametrize("tag", ["laoartikkel ", "Uus, LAOARTIKKEL", None])
def test_another_type_of_article_is_told_and_left(world: World, tag: str | None) -> None:
    is_stock = tag is not None
    world.books.seed(ARTICLES, {"code": "A1", "description": "A1", "type": "SERVICE" if is_stock else "WH"})
    fields = {"code": "A1", "name": "A1", "price": "10"} | ({"tag": tag} if tag else {})
    invoice(world, world.site.create("products", fields)["product_id"])
    summary = world.run(DAY, DAY)
    assert [row["type"] for row in world.books.state()["articles"]] == ["SERVICE" if is_stock else "WH"]
    assert any("article A1 is" in text for text in summary["warnings"])
    with world.engine.connect() as connection:
        assert "article_type_conflict" in list(connection.scalars(select(finding.c.code)))


@pytest.mark.parametrize(("tag", "articles"), [("laoartikkel", 1), ("", 0)])
def test_a_preview_counts_the_stock_that_is_to_be_created(world: World, tag: str, articles: int) -> None:
    """Of what would have to be calculated again, were the run taken back."""
    product = world.site.create("products", {"code": "A1", "name": "A1", "price": "10", "tag": tag})["product_id"]
    invoice(world, product)
    told = " ".join(world.run(DAY, DAY, mode=Mode.PREVIEW)["undo"])
    assert f"stock of {articles} article{'' if articles == 1 else 's'} would" in told


@pytest.mark.parametrize("shown", ["view_only", "nowhere"])
def test_stock_is_known_where_only_views_show_tags_and_told_where_nothing_does(world: World, shown: str) -> None:
    world.site.switches = world.site.switches.changed({"product_tag_in_list": shown})
    fields = {"price": "10", "tag": "Laoartikkel"}
    products = [
        world.site.create("products", {"code": f"A{number}", "name": f"A{number}", **fields})["product_id"]
        for number in range(4)
    ]
    for product in products:
        invoice(world, product)
    told = [text for text in world.run(DAY, DAY)["warnings"] if "shows no tags of product" in text]
    types = {row["type"] for row in world.books.state()["articles"]}
    assert (types == {"WH"}, bool(told)) == ((True, False) if shown == "view_only" else (False, True))
    # Once its article is there, its type stands.
    invoice(world, products[0])
    assert not any("shows no tags" in text for text in world.run(DAY, DAY)["warnings"])


def test_an_equal_code_of_another_thing_is_a_persons(world: World) -> None:
    world.books.seed(ARTICLES, {"code": "T00123", "description": "Transport", "type": "SERVICE"})
    invoice(world, world.site.create("products", {"code": "T00123", "name": "Hooldus", "price": "10"})["product_id"])
    world.run(DAY, DAY)
    ((code, message),) = problems(world)
    assert (code, "(Hooldus) has the code T00123" in message, "is called Transport" in message) == (
        "article_differs",
        True,
        True,
    )
    assert world.writes() == []


def test_products_of_one_code_are_one_article_whatever_their_names(world: World) -> None:
    for name, days in (("Hooldus", 0), ("Transport", 1)):
        world.clock.advance(timedelta(days=days))
        invoice(world, world.site.create("products", {"code": "T00123", "name": name, "price": "10"})["product_id"])
        world.run(DAY, DAY)
    assert problems(world) == []
    assert [row["code"] for row in world.books.state()["articles"] if row["code"] == "T00123"] == ["T00123"]
    assert len(world.invoices()) == 2


def test_a_person_whose_marker_does_not_come_back_is_not_created_twice(world: World) -> None:
    world.books.switches.change({"comment_length": 5})
    invoice(world, name="Kanaarilind", lastname="Salajane", contact_type="person", id_code="", vatno="")
    world.server.faults.add(Fault(FaultKind.DROP_AFTER, where="clients:add"))
    world.run(DAY, DAY)
    world.clock.advance(timedelta(hours=1))
    summary = world.run(DAY, DAY)
    assert len(world.books.state()["clients"]) == 1
    assert summary["documents"]["in_doubt"] == 1


@pytest.mark.parametrize("code", ["0", "00000000", "-", "puudub", "11111111", "12345678"])
def test_what_stands_in_for_a_code_is_nobodys(world: World, code: str) -> None:
    world.books.seed(CLIENTS, {"name": "Tamm AS", "regCode": code, "vatNumber": code, "vatPc": "24"})
    invoice(world, name="Kask OÜ", id_code=code, vatno=code)
    world.run(DAY, DAY)
    names = {client["id"]: client["name"] for client in world.books.state()["clients"]}
    assert sorted(names.values()) == ["Kask OÜ", "Tamm AS"]
    assert [names[row["clientId"]] for row in world.invoices()] == ["Kask OÜ"]


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ({"id_code": CODE, "vatno": ""}, {"regCode": f"EE{CODE}"}),
        ({"id_code": "", "vatno": VAT_NUMBER}, {"vatNumber": VAT_NUMBER.removeprefix("EE")}),
    ],
)
def test_a_country_before_a_code_makes_no_other_company(
    world: World, ours: dict[str, Any], theirs: dict[str, str]
) -> None:
    world.books.seed(CLIENTS, {"name": "Näidis OÜ", "vatPc": "24", **theirs})
    invoice(world, **ours)
    world.run(DAY, DAY)
    assert len(world.invoices()) == 1
    assert len(world.books.state()["clients"]) == 1


# --- two new contacts of one company ----------------------------------------------------------------------------


def clients(world: World) -> int:
    return len(world.books.state()["clients"])


@pytest.mark.parametrize(
    "contacts",
    [
        [{"id_code": "0112038-9", "vatno": ""}, {"id_code": "", "vatno": "FI01120389"}],
        [{"id_code": "", "vatno": "FI01120389"}, {"id_code": "0112038-9", "vatno": ""}],
        [{"id_code": "", "vatno": "", "means_of_contact": {"email": ["info@naidis.ee"]}}] * 2,
    ],
    ids=["Finnish codes", "the other way round", "e-mail address"],
)
def test_they_become_one_client_within_a_run(world: World, contacts: list[dict[str, Any]]) -> None:
    for fields in contacts:
        invoice(world, **({"name": "Acme Oy", "addresses": [{"country": "fin"}]} | fields))
    world.run(DAY, DAY)
    assert (clients(world), len(world.invoices()), problems(world)) == (1, 2, [])


@pytest.mark.parametrize("fault", [FaultKind.DROP_AFTER, FaultKind.DROP_BEFORE, FaultKind.LATE])
def test_they_become_one_client_when_the_answer_is_lost(world: World, fault: FaultKind) -> None:
    """The first has a registry code and a VAT number, the other only the VAT number."""
    invoice(world)
    invoice(world, id_code="")
    world.server.faults.add(Fault(fault, where="clients:add"))
    world.run(DAY, DAY)
    world.server.apply_late()
    world.clock.advance(timedelta(hours=1))
    world.run(DAY, DAY)
    assert (clients(world), len(world.invoices()), problems(world)) == (1, 2, [])


def test_they_become_one_client_when_two_runs_create_at_once(world: World) -> None:
    days = DAY, DAY + timedelta(days=1)
    invoice(world)
    invoice(world, day=days[1], id_code="")
    requests = [world.request(day, day) for day in days]
    for request in requests:
        for step in world.steps[:-1]:
            step(request, world.services(request))
    with ThreadPoolExecutor() as pool:
        for done in [pool.submit(pipeline.load, request, world.services(request)) for request in requests]:
            done.result()
    assert (clients(world), len(world.invoices())) == (1, 2)


def test_no_person_is_named_and_no_persons_code_told(world: World) -> None:
    """A wrong check digit, and last names that look like company forms."""
    known(world, name="Peeter Tamm", regCode="48101012731")
    known(world, name="Li Ku", vatNumber=VAT_NUMBER)
    invoice(world, name="Mari Mets", id_code="48101012731", vatno="")
    invoice(world, name="Jaan Sa", contact_type="person", id_code="", vatno=VAT_NUMBER)
    told = render_summary(world.run(DAY, DAY))
    assert len(problems(world)) == 2
    for text in (told, *(message for _, message in problems(world))):
        assert not [secret for secret in ("48101012731", "Tamm", "Mets", "Jaan", "Li Ku", VAT_NUMBER) if secret in text]
