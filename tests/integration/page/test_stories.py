"""Room page. What a story says of decisions, of days that were not imported, of money, of prices; each thing once."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import text as sql

from scoro_smartaccounts.common.company import Mode
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.reasons import phrase, reason, render
from scoro_smartaccounts.common.reasons.message import Language
from scoro_smartaccounts.staging.source_listings import ListedRecord, store_listed
from tests.integration.money import Money
from tests.integration.page.test_alarms import booked_differently
from tests.integration.page.test_decisions import CASES, invoices_without_client, late_invoices
from tests.integration.page.words_of import words_of
from tests.integration.world import World
from tests.tiers import slow_but

ROOT = "/scoro-smartaccounts"
DAY, PAID = date(2026, 1, 15), date(2026, 1, 16)
NEXT = "The next scheduled run, or an import of its day,"
OFFER = "Choose the client"


def lead_of(answer: Any) -> str:
    """The sentence at the top."""
    text = answer.text.partition('class="lead">')[2].partition("</p>")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())


def card(answer: Any, name: str) -> str:
    """The words of a card of a story, with its links."""
    found = re.search(rf'<section class="card" id="{name}">(.*?)</section>', answer.text, re.DOTALL)
    assert found, answer.text
    return " ".join(re.sub(r"</?(?!a )[^>]+>", " ", found[1]).split())


def test_a_retry_is_told_until_a_run_acts_on_it(opened: tuple[World, Any]) -> None:
    world, page = opened
    [bad] = invoices_without_client(world, 1)
    world.run(DAY, DAY)
    editor, address = page("user"), f"/documents/sales_invoices/{bad}"
    assert OFFER.lower() in lead_of(editor.get(address)).lower()
    answer = {"flow": "sales_invoices", "code": "partner_not_named", "ids": [bad], "choice": "retry"}
    editor.post("/decisions/cases", {**answer, "note": "klient on nüüd olemas"})
    story = editor.get(address)
    assert "The document will be tried again by the next scheduled run, or when its day is imported." in lead_of(story)
    assert "No run has decided" not in story.text
    told = card(story, "decisions")
    assert re.search(r"\d\d\.\d\d\.\d{4} \d\d:\d\d · Try again · the user: klient on nüüd olemas", told)
    assert story.text.count("klient on nüüd olemas") == 1
    listed = editor.get("/documents?state=released").text
    assert address in listed
    assert "decided, waits for the next run</span>" in listed
    assert "Nothing was found." in editor.get("/documents?state=open").text
    assert "proovib uuesti järgmine ajastatud käivitus" in page("user", language="et").get(address).text
    world.run(DAY, DAY)
    story = editor.get(address)
    assert OFFER.lower() in lead_of(story).lower()
    assert 'id="decisions"' not in story.text


def test_a_dismissal_takes_the_place_of_the_remedy(opened: tuple[World, Any]) -> None:
    world, page = opened
    [bad] = invoices_without_client(world, 1)
    world.run(DAY, DAY)
    editor, address = page("user"), f"/documents/sales_invoices/{bad}"
    answer = {"flow": "sales_invoices", "code": "partner_not_named", "ids": [bad], "choice": "dismiss"}
    editor.post("/decisions/cases", {**answer, "note": "ei ole meie"})
    for _ in range(2):
        story = editor.get(address)
        assert "The document was dismissed" in lead_of(story)
        assert OFFER.lower() not in lead_of(story).lower()
        assert re.search(r"Dismiss · the user: ei ole meie", card(story, "decisions"))
        assert story.text.count("ei ole meie") == 1
        world.run(DAY, DAY)


@pytest.mark.parametrize(
    ("choice", "stands", "pressed"),
    slow_but(
        [
            (
                "own_month",
                f"{NEXT} books the document into January 2026.",
                "Book into January 2026",
            )
        ],
        [
            (
                "own_month",
                f"{NEXT} books the document into January 2026.",
                "Book into January 2026",
            ),
            (
                "first_open_day",
                f"{NEXT} books the document on the first open day.",
                "Book on the first open day",
            ),
        ],
    ),
)
def test_into_which_day_it_is_booked_is_told(opened: tuple[World, Any], choice: str, stands: str, pressed: str) -> None:
    world, page = opened
    [late] = late_invoices(world, [date(2026, 1, 12)]).values()
    editor = page("user")
    answer = {"flow": "sales_invoices", "code": "period_ask", "choice": choice, "month": "2026-01", "ids": [late]}
    editor.post("/decisions/cases", {**answer, "note": "hilines"})
    story = editor.get(f"/documents/sales_invoices/{late}")
    assert stands in lead_of(story)
    assert f"{pressed} · the user: hilines" in card(story, "decisions")


def test_a_day_that_was_not_imported_leads_to_its_import(opened: tuple[World, Any]) -> None:
    """The invoice is known by its payment alone."""
    world, page = opened
    money, viewer, editor = Money(world), page("viewer"), page("user")
    invoice = money.enter(DAY, "100")
    money.receive("invoices", {invoice: None}, PAID)
    money.import_payments(PAID, PAID)
    address = f"/documents/sales_invoices/{invoice}"
    story = editor.get(address)
    assert "The document's day, 15.01.2026, was not imported." in lead_of(story).replace("&#39;", "'")
    assert f'href="{ROOT}/import?flow=sales_invoices&amp;from=2026-01-15&amp;to=2026-01-15"' in story.text
    assert "No run has decided" not in story.text
    assert lead_of(viewer.get(address)) == lead_of(story)
    assert "/import?flow" not in viewer.get(address).text
    world.run(DAY, DAY, mode=Mode.PREVIEW)
    assert "was not imported" in lead_of(viewer.get(address))
    money.import_documents(DAY, DAY)
    assert "was not imported" not in viewer.get(address).text


@pytest.mark.parametrize(
    ("day", "told"),
    [(date(2025, 12, 31), "is before the first import date"), (date(2999, 1, 1), "is not over yet")],
)
def test_a_day_that_no_run_can_import_leads_nowhere(opened: tuple[World, Any], day: date, told: str) -> None:
    world, page = opened
    leave_document(world, "default", "7", day)
    story = page("user").get("/documents/sales_invoices/7")
    assert told in lead_of(story)
    assert "/import?flow" not in story.text


def leave_document(world: World, company: str, source_id: str, day: date) -> None:
    fill = sql(
        "insert into document (company, flow, source_id, raw_version, content_hash, number, day, currency, net, vat)"
        " values (:company, 'sales_invoices', :source_id, 1, 'h', :number, :day, 'EUR', 1, 0)"
    )
    with world.engine.begin() as connection:
        connection.execute(fill, {"company": company, "source_id": source_id, "number": f"A{source_id}", "day": day})


def test_no_document_says_what_may_be_the_reason(opened: tuple[World, Any], folder: Path) -> None:
    world, page = opened
    editor = page("user")
    bare = editor.get("/documents/purchase_invoices/404")
    assert bare.status_code == 404
    assert "Its day was not imported." in words_of(bare)
    assert f'href="{ROOT}/import?flow=purchase_invoices"' in bare.text
    assert f'href="{ROOT}/documents?search_secret=404"' in bare.text
    assert "another company" not in bare.text
    assert "/import?flow" not in page("viewer").get("/documents/purchase_invoices/404").text

    # A night saw it.
    seen = ListedRecord("405", "B-9", DAY, "f", net=Decimal(1))
    with world.engine.begin() as connection:
        store_listed(connection, "default", "bills", [seen], datetime.now(UTC))
    listed = editor.get("/documents/purchase_invoices/405")
    assert listed.status_code == 404
    assert "Scoro's list has it: B-9, 15.01.2026. Its day was not imported." in words_of(listed)
    assert f'href="{ROOT}/import?flow=purchase_invoices&amp;from=2026-01-15&amp;to=2026-01-15"' in listed.text

    leave_document(world, "default", "406", DAY)
    other = editor.get("/documents/purchase_invoices/406")
    assert "Another flow has this id:" in words_of(other)
    assert f'href="{ROOT}/documents/sales_invoices/406"' in other.text

    content = yaml.safe_load((folder / "default.yaml").read_text("utf-8"))
    own = {"scoro": "scoro_acme", "smartaccounts": "smartaccounts_acme"}
    (folder / "acme.yaml").write_text(yaml.safe_dump(content | {"name": "Acme OÜ", "connections": own}), "utf-8")
    leave_document(world, "acme", "407", DAY)
    other = editor.get("/documents/sales_invoices/407?company=default")
    assert "Another company has this id: Acme OÜ" in words_of(other)
    assert f'href="{ROOT}/documents/sales_invoices/407?company=acme"' in other.text
    assert "The document is of another company: Acme OÜ" in words_of(
        editor.get("/documents/sales_invoices/404?company=default")
    )


@pytest.mark.parametrize("flow", slow_but([Flow.SALES_INVOICES], [Flow.SALES_INVOICES, Flow.PURCHASE_INVOICES]))
def test_payments_of_scoro_and_their_documents_name_each_other(opened: tuple[World, Any], flow: Flow) -> None:
    world, page = opened
    money, viewer = Money(world), page("viewer")
    module = "invoices" if flow is Flow.SALES_INVOICES else "bills"
    first, second = (money.enter(DAY, net, flow=flow, no=f"2026{net}") for net in ("100", "50"))
    money.import_documents(DAY, DAY, flow)
    group = money.receive(module, {first: "60.00", second: "62.00"}, PAID)
    money.import_payments(PAID, PAID)
    payment = card(viewer.get(f"/documents/payments/{group}"), "settles")
    for invoice, amount in ((first, "€60.00"), (second, "€62.00")):
        number = str(world.site.get(module, invoice)["no"])
        link = f'href="{ROOT}/documents/{flow.value}/{invoice}"'
        assert re.search(rf"<a {re.escape(link)}>\s?{number} .*?{re.escape(amount)}", payment), payment
        paid = card(viewer.get(f"/documents/{flow.value}/{invoice}"), "payments")
        assert f'href="{ROOT}/documents/payments/{group}"' in paid
        assert amount in paid
        assert paid.count("href") == 1


def test_payments_of_smartaccounts_and_their_documents_name_each_other(opened: tuple[World, Any]) -> None:
    world, page = opened
    money, viewer = Money(world), page("viewer")
    money.switch_export(on=True)
    money.export()
    invoice, bill = money.enter(DAY, "100"), money.enter(DAY, "50", flow=Flow.PURCHASE_INVOICES, no="O-1")
    money.import_documents(DAY, DAY)
    money.import_documents(DAY, DAY, Flow.PURCHASE_INVOICES)
    paid = {
        Flow.SALES_INVOICES: (invoice, "invoices", "€124.00", money.pay({money.remote(invoice): None}, PAID)),
        Flow.PURCHASE_INVOICES: (
            bill,
            "bills",
            "€62.00",
            money.pay({money.remote(bill, Flow.PURCHASE_INVOICES): None}, PAID),
        ),
    }
    assert money.export()["documents"]["created"] == 2
    groups = {payment: group for group, payment in money.pairs().items()}
    for flow, (source_id, module, amount, payment_id) in paid.items():
        address = f"/documents/export_payments/{payment_id}"
        of_document = card(viewer.get(f"/documents/{flow.value}/{source_id}"), "payments")
        assert f'href="{ROOT}{address}"' in of_document
        assert amount in of_document
        assert of_document.count("href") == 1

        story = viewer.get(address)
        settles = card(story, "settles")
        assert f'href="{ROOT}/documents/{flow.value}/{source_id}"' in settles
        assert str(world.site.get(module, source_id)["no"]) in settles
        assert amount in settles
        words = words_of(story)
        assert "Näidis 19000022 OÜ" in words.partition("SmartAccounts id")[0].partition("Lines")[0]
        assert f"id {groups[payment_id]}" in words
    rows = re.findall(r"<tr>.*?</tr>", viewer.get("/documents?flow=export_payments").text, re.DOTALL)
    assert [("Näidis 19000022 OÜ" in row, "€" in row) for row in rows[1:]] == [(True, True)] * 2
    assert "Näidis 19000022 OÜ" in viewer.get("/documents.csv?flow=export_payments").text

    # Once runs have read what was sent, Scoro's own story of it tells as much, and the amount stands on both sides.
    money.import_payments(PAID, PAID)
    for payment_id, group in groups.items():
        of_group = viewer.get(f"/documents/payments/{group}")
        assert f'href="{ROOT}/documents/export_payments/{payment_id}"' in of_group.text
        story = viewer.get(f"/documents/export_payments/{payment_id}")
        assert f'href="{ROOT}/documents/payments/{group}"' in story.text
        for answer in (of_group, story):
            totals = re.findall(r"<dt>Total</dt><dd><strong>([^<]+)</strong>", answer.text)
            assert len(totals) == 2
            assert totals[0] == totals[1] != "–"


def test_a_payment_that_does_not_go_to_scoro_is_seen_at_its_document(opened: tuple[World, Any]) -> None:
    world, page = opened
    money = Money(world)
    invoice = money.enter(DAY, "100")
    money.import_documents(DAY, DAY)
    money.pay({money.remote(invoice): "24.00"}, PAID)
    money.import_payments(PAID, PAID)
    paid = card(page("viewer").get(f"/documents/sales_invoices/{invoice}"), "payments")
    assert "SmartAccounts · 16.01.2026" in paid
    assert "€24.00" in paid
    assert "href" not in paid


def test_prices_are_whole_and_discounts_are_told(opened: tuple[World, Any]) -> None:
    world, page = opened
    money = Money(world)
    lines = [
        {"product_id": 0, "product_name": "Kruvi", "price": "0.0345", "amount": "1000", "vat_code_id": 9},
        {
            "product_id": 0,
            "product_name": "Töö",
            "price": "100",
            "amount": "1",
            "discount": "12.5",
            "vat_code_id": 9,
        },
    ]
    with_discounts = money.enter(DAY, "0", lines=lines, discount="5")
    without = money.enter(DAY, "100")
    money.import_documents(DAY, DAY)
    viewer = page("viewer")
    words = words_of(viewer.get(f"/documents/sales_invoices/{with_discounts}"))
    assert "Kruvi 1,000 0.0345 34.50" in words
    assert "Töö 1 100.00 12.5 % 87.50" in words
    assert "Discount on the whole document: 5 %" in words
    assert "Discount" not in words_of(viewer.get(f"/documents/sales_invoices/{without}"))


def test_a_cause_is_told_once(opened: tuple[World, Any]) -> None:
    world, page = opened
    [bad] = invoices_without_client(world, 1)
    for _ in range(3):
        world.run(DAY, DAY)
    story = words_of(page("viewer").get(f"/documents/sales_invoices/{bad}"))
    assert story.lower().count(OFFER.lower()) == 1
    assert story.count("It waits for a person") == 0
    assert story.count("quarantined") == 3


def test_what_was_booked_differently_is_told_once(opened: tuple[World, Any]) -> None:
    world, page = opened
    invoice = booked_differently(world)
    story = words_of(page("viewer").get(f"/documents/sales_invoices/{invoice}"))
    assert story.count("was booked, but not as predicted") == 1
    assert "DIFFERS from what was expected" not in story
    # A reason of a run or a plan that names the document before its sentence is the same.
    money = Money(world)
    bill = money.enter(DAY, "50", flow=Flow.PURCHASE_INVOICES, no="O-1")
    money.import_documents(DAY, DAY, Flow.PURCHASE_INVOICES)
    group = money.receive("bills", {bill: None}, PAID)
    money.import_payments(PAID, PAID)
    payment = words_of(page("viewer").get(f"/documents/payments/{group}"))
    assert payment.count("a kind that SmartAccounts was not seen to book yet") == 1
    assert story.count("It was created in SmartAccounts.") == 0


@pytest.mark.parametrize("language", ["et", "en"])
def test_only_a_question_is_answered(opened: tuple[World, Any], language: Language) -> None:
    world, page = opened
    invoices_without_client(world, 1)
    asked = Money(world).enter(DAY, "100", currency="USD", currency_rate="1")
    world.checked = True
    world.run(DAY, DAY)
    right = {"et": "Kui kõik on õige", "en": "If all is right as it is"}[language]
    mend = {"et": "Kõrvalda põhjus ja vajuta", "en": "Mend the cause and choose"}[language]
    editor = page("user", language=language)
    case = words_of(editor.get(CASES))
    assert (mend in case, right in case) == (True, False)
    question = words_of(editor.get(f"/decisions/cases?flow=sales_invoices&document={asked}"))
    assert (mend in question, right in question) == (False, True)
    # The button's word stands in the sentence too.
    assert {"et": "proovi uuesti.", "en": "choose “Try again”."}[language] in question
    assert "retry" not in question
    for head in re.findall(r"<th>([^<]+)</th>", editor.get(CASES).text):
        assert head[0].isupper(), head


@pytest.mark.parametrize(
    ("days", "told"),
    [
        ("from=2026-01-16&to=2026-01-15", "“From” is later than “To”."),
        ("from=tomorrow", "A day cannot be read."),
        ("to=2026-02-30", "A day cannot be read."),
    ],
)
def test_what_is_wrong_with_the_days_is_told_at_the_form(opened: tuple[World, Any], days: str, told: str) -> None:
    _, page = opened
    viewer = page("viewer")
    answer = viewer.get(f"/documents?flow=payments&{days}")
    assert answer.status_code == 422
    assert told in words_of(answer)
    assert answer.text.count('aria-invalid="true"') == 2
    assert '<option value="payments" selected>' in answer.text
    assert "Nothing was found." not in answer.text
    assert viewer.get(f"/documents.csv?{days}").status_code == 422
    good = viewer.get("/documents?from=2026-01-15&to=2026-01-15").text
    assert "aria-invalid" not in good
    assert "Nothing was found." in good


def test_what_waits_says_for_what(opened: tuple[World, Any]) -> None:
    world, page = opened
    money, viewer = Money(world), page("viewer")
    invoice = money.enter(DAY, "100")
    group = money.receive("invoices", {invoice: None}, PAID)
    money.import_payments(PAID, PAID)
    assert money.waits() == {str(group): "document_not_booked"}
    listed = viewer.get("/documents?state=waiting")
    number = str(world.site.get("invoices", invoice)["no"])
    assert f"not in SmartAccounts yet: invoice {number}" in words_of(listed)
    assert "Waits for" in listed.text
    assert "Waits for" not in viewer.get("/documents").text


def test_each_reason_to_wait_has_few_words() -> None:
    from scoro_smartaccounts.common.reasons import REASONS, Severity, placeholders, shortly
    from scoro_smartaccounts.common.reasons.phrases import PHRASES

    waits = {key: entry for key, entry in REASONS.items() if entry.severity is Severity.WAIT}
    assert {key for key in waits if shortly(reason(key)).key not in PHRASES} == set()
    # Its values are those of each form.
    for key, entry in waits.items():
        assert placeholders(PHRASES[shortly(reason(key)).key].en) <= placeholders(entry.en), key
    told = reason("document_not_booked", document="x", documents=[phrase("invoice", number="7")], days="15.01.2026")
    assert render(shortly(told)) == "not in SmartAccounts yet: invoice 7"
    assert shortly(reason("of_tomorrow")) == reason("of_tomorrow")
