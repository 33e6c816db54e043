"""Room page. What somebody finds, and the story of a document, over two weeks that were imported."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from sqlalchemy import text as sql

from scoro_smartaccounts.common.company import Mode
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.staging.documents import read_documents
from scoro_smartaccounts_sandbox.faults import Fault, FaultKind
from tests.integration.load.test_protocol import one_document
from tests.integration.page.words_of import words_of
from tests.integration.world import World

FIRST, LAST = date(2026, 1, 5), date(2026, 1, 18)
ROW = re.compile(r'href="/scoro-smartaccounts(/documents/[a-z_]+/[^"]+)"')


@pytest.mark.slow
def test_documents_are_found_and_told(opened: tuple[World, Any]) -> None:
    world, page = opened
    world.generate(FIRST, LAST, 130, bad=0.2)
    world.run(FIRST, LAST)
    viewer = page("viewer", language="et")

    seen: list[str] = []
    address = "/documents"
    while True:
        answer = viewer.get(address)
        assert answer.status_code == 200, answer.text
        rows = ROW.findall(answer.text)
        seen += rows
        following = re.findall(r'class="button" href="/scoro-smartaccounts(/documents\?after=[^"]+)"', answer.text)
        if not following:
            break
        assert len(rows) == 50
        address = following[0].replace("&amp;", "&")
    with world.engine.connect() as connection:
        ids = [each.rpartition("/")[2] for each in seen]
        staged = read_documents(connection, "default", Flow.SALES_INVOICES, ids)
    assert len(seen) == len(set(seen)) == len(staged) > 50
    days = {each.source_id: each.day or date.max for each in staged}
    assert [days[each] for each in ids] == sorted(days.values(), reverse=True)

    booked = world.invoices()
    number = booked[0]["invoiceNumber"]
    assert len(ROW.findall(viewer.get(f"/documents?search_secret={number}").text)) >= 1
    assert "Midagi ei leitud. Muuda otsingut." in viewer.get("/documents?search_secret=nothing-is-called-so").text
    states = ("booked", "gone", "quarantined", "dismissed", "waiting", "declined", "to_approve", "open")
    counts = [len(ROW.findall(viewer.get(f"/documents?state={each}&search_secret=2026").text)) for each in states]
    assert counts[0] == 50
    assert counts[2] > 0
    assert viewer.get("/documents?state=nonsense").status_code == 422
    assert viewer.get("/documents?after=nonsense").status_code == 422

    taken = viewer.get("/documents.csv")
    assert taken.headers["content-disposition"] == 'attachment; filename="documents.csv"'
    lines = taken.content.decode("utf-8-sig").splitlines()
    assert len(lines) == len(seen) + 1
    assert lines[0] == '"Number";"Kuupäev";"Voog";"Partner";"Kokku";"Valuuta";"Seis"'

    for state in ("booked", "quarantined"):
        for address in ROW.findall(viewer.get(f"/documents?state={state}").text)[:10]:
            story = viewer.get(address)
            assert story.status_code == 200, story.text
    assert "Sellist dokumenti ei ole." in viewer.get("/documents/sales_invoices/0").text


def test_a_list_that_people_take_away_has_all_rows(opened: tuple[World, Any]) -> None:
    """It is read and sent a part at a time; what a search finds while others write is of one moment."""
    world, page = opened
    row = {"company": "default", "flow": "sales_invoices", "raw_version": 1, "content_hash": "h", "read_by": "1"}
    fill = sql(
        "insert into document (company, flow, source_id, raw_version, content_hash, number, day, currency, net, vat,"
        " read_by) select :company, :flow, cast(i as text), :raw_version, :content_hash, 'A' || i,"
        " date '2026-01-01' - i / 100, 'EUR', 1, 0, :read_by from generate_series(1, 20050) i"
    )
    with world.engine.begin() as connection:
        connection.execute(fill, row)
    taken = page("viewer").get("/documents.csv")
    lines = taken.content.decode("utf-8-sig").splitlines()
    assert len(lines) == 20_051
    assert len(set(lines)) == 20_051
    assert lines[0].startswith('"Number"')


def test_a_private_person_is_a_contact(opened: tuple[World, Any]) -> None:
    world, page = opened
    person = world.site.create("contacts", {"name": "Mari", "lastname": "Maasikas", "contact_type": "person"})
    lines = [{"product_id": 0, "product_name": "Töö", "price": "100", "amount": "1", "vat_code_id": 9}]
    fields = {"company_id": person["contact_id"], "date": "2026-01-15", "deadline": "2026-01-15", "lines": lines}
    made = world.site.create("invoices", fields)
    world.run(date(2026, 1, 15), date(2026, 1, 15))
    viewer = page("viewer")
    for address in ("/documents", f"/documents/sales_invoices/{made['id']}"):
        text = viewer.get(address).text
        assert f"Scoro kontakt {person['contact_id']}" in text
        assert "Maasikas" not in text
    assert ROW.findall(viewer.get("/documents?search_secret=Maasikas").text) == []
    assert found(viewer, f"Arve {made['no']}") == found(viewer, str(made["no"])) != []
    # By what it is called on the page.
    for name in ("Scoro kontakt {}", "scoro contact {}", "Scoro\N{NO-BREAK SPACE}kontakt {}"):
        assert found(viewer, name.format(person["contact_id"])) == [f"/documents/sales_invoices/{made['id']}"]
    assert found(viewer, f"Scoro kontakt {person['contact_id']}9") == []


@pytest.mark.parametrize(
    "typed",
    [
        *("1497.44", "1497,44", "1 497,44", "1 497,44 €", "1,497.44", "€1,497.44", "1.497,44", "EUR 1,497.44"),
        *("1\N{NO-BREAK SPACE}497,44\N{NO-BREAK SPACE}€", "1\N{NARROW NO-BREAK SPACE}497,44", "CA$1,497.44"),
    ],
)
def test_an_amount_is_found_as_it_is_written(opened: tuple[World, Any], typed: str) -> None:
    world, page = opened
    row = {"company": "default", "flow": "sales_invoices", "raw_version": 1, "content_hash": "h", "read_by": "1"}
    fill = sql(
        "insert into document (company, flow, source_id, raw_version, content_hash, number, day, currency, net, vat,"
        " read_by) select :company, :flow, number, :raw_version, :content_hash, number, date '2026-01-01', 'EUR', net,"
        " 0, :read_by from (values ('A1', 1497.44), ('A2', -1497.44), ('A3', 497.44)) as made (number, net)"
    )
    with world.engine.begin() as connection:
        connection.execute(fill, row)
    assert found(page("viewer"), typed) == ["/documents/sales_invoices/A1"]
    for minus in ("-", "\N{MINUS SIGN}"):
        assert found(page("viewer"), minus + typed) == ["/documents/sales_invoices/A2"]
    assert found(page("viewer"), f"A{typed}1") == []


def found(viewer: Any, text: str) -> list[str]:
    return ROW.findall(viewer.get("/documents", params={"search_secret": text}).text)


HOSTILE = ("<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{7*7}}")


def test_what_comes_from_outside_is_text(opened: tuple[World, Any]) -> None:
    world, page = opened
    ids = []
    for each in HOSTILE:
        client = world.site.create("contacts", {"name": f"{each} OÜ", "contact_type": "company", "id_code": "19000022"})
        lines = [
            {"product_id": 0, "product_name": each, "comment": each, "price": "1", "amount": "1", "vat_code_id": 9}
        ]
        fields = {"company_id": client["contact_id"], "date": "2026-01-15", "deadline": "2026-01-15", "lines": lines}
        made = world.site.create("invoices", fields)
        world.site.put("invoices", {**made, "no": each})
        ids.append(made["id"])
    world.run(date(2026, 1, 15), date(2026, 1, 15))
    viewer = page("viewer")
    addresses = ["/documents", "/decisions", "/", *(f"/documents/sales_invoices/{each}" for each in ids)]
    texts = [viewer.get(address).text for address in addresses]
    assert "&lt;script&gt;alert(1)" in texts[0]
    assert "{{7*7}}" in texts[0]
    assert "{{7*7}}" in texts[3 + HOSTILE.index("{{7*7}}")]
    for text in texts:
        assert "<script>alert" not in text
        assert "<img" not in text


def test_what_changed_in_scoro_is_shown_but_no_text(opened: tuple[World, Any]) -> None:
    world, page = opened
    client = world.site.create("contacts", {"name": "Näidis OÜ", "contact_type": "company"})["contact_id"]
    lines = [{"product_id": 0, "product_name": "Töö", "price": "100", "amount": "1", "vat_code_id": 9}]
    day = date(2026, 1, 15)
    fields = {"company_id": client, "date": day.isoformat(), "deadline": day.isoformat(), "lines": lines}
    made = world.site.create("invoices", fields)
    world.run(day, day)
    changed = {"lines": [{**lines[0], "price": "120"}], "description": "Mari Maasika soovil"}
    world.site.modify("invoices", made["id"], changed)
    world.run(day, day)
    story = page("viewer").get(f"/documents/sales_invoices/{made['id']}").text
    assert re.search(r'<del class="was">100[.0]*</del> → <ins class="is">120', story), story
    assert "<code>description</code>" in story
    versions = story[story.index("Versions of the record") :]
    assert "Maasika" not in versions
    assert "Changes after the import" in story


def test_no_name_that_is_looked_for_reaches_airflow_s_log(page: Any) -> None:
    from airflow.api_fastapi.common.http_access_log import _redact_query_string

    form = page("viewer").get("/documents").text
    name = re.findall(r'<input type="search" name="([^"]+)"', form)[0]
    assert "Udumeedia" not in _redact_query_string(f"{name}=Udumeedia&flow=payments")


def test_a_document_in_doubt_is_found_as_that(opened: tuple[World, Any]) -> None:
    """It was sent: not one that nobody decided about. A preview in between changes nothing."""
    world, page = opened
    world.checked = False
    day = date(2026, 1, 15)
    one_document(world, Flow.SALES_INVOICES)
    world.run(day, day, mode=Mode.PREVIEW)
    viewer = page("viewer")
    assert "Nothing was found." in viewer.get("/documents?state=in_doubt").text
    world.server.faults.add(Fault(FaultKind.LATE, where="purchasesales/clientinvoices:add"))
    assert world.run(day, day)["documents"]["in_doubt"] == 1
    for _ in range(2):
        found = viewer.get("/documents?state=in_doubt").text
        assert "in doubt: no answer known</span>" in found
        for other in ("open", "waiting"):
            assert "Nothing was found." in viewer.get(f"/documents?state={other}").text
        [story] = set(re.findall(r'href="/scoro-smartaccounts(/documents/sales_invoices/[^"]+)"', found))
        first = words_of(viewer.get(story)).partition("15.01.2026")[0]
        assert "No answer came" in first
        assert "do not enter the document by hand meanwhile" in first
        assert "No run has decided" not in first
        world.run(day, day, mode=Mode.PREVIEW)
    world.server.apply_late()
    world.run(day, day)
    assert "Nothing was found." in viewer.get("/documents?state=in_doubt").text


def test_what_waits_for_something_in_doubt_is_in_doubt(opened: tuple[World, Any]) -> None:
    world, page = opened
    world.checked = False
    day = date(2026, 1, 15)
    one_document(world, Flow.SALES_INVOICES)
    world.server.faults.add(Fault(FaultKind.LATE, where="purchasesales/clients:add"))
    assert world.run(day, day)["documents"]["in_doubt"] == 1
    assert "in doubt: no answer known</span>" in page("viewer").get("/documents?state=in_doubt").text
