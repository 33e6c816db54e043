"""Room report. The list of a preview: every document once, exactly what an import then books, and no request that
writes."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from scoro_smartaccounts.common.company import Mode
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.money import ZERO, cents
from scoro_smartaccounts.report.document import How, RowKind
from scoro_smartaccounts.report.listed import ListedDocument, Verdict, list_documents, totals
from scoro_smartaccounts.report.totals import Totals
from scoro_smartaccounts.staging.links import KIND_OF
from scoro_smartaccounts.staging.schema import link, run_document
from scoro_smartaccounts_sandbox.faults import Fault, FaultKind
from tests.integration.money import CANARIES, Money
from tests.integration.world import World

FIRST, LAST = date(2026, 1, 1), date(2026, 1, 31)
INVOICES = (Flow.SALES_INVOICES, Flow.PURCHASE_INVOICES)
# What an import makes of what a preview shows.
BOOKED = {Verdict.CREATE: "created", Verdict.ADOPTED: "already_there"}


def preview(world: World, flow: Flow, first: date = FIRST, last: date = LAST, **more: Any) -> list[ListedDocument]:
    """The list of a preview, which must not have written anything."""
    writes = len(world.writes()), len(world.receipts_written())
    request = world.request(first, last, flow=flow, mode=Mode.PREVIEW, **more)
    services = world.services(request)
    for step in world.steps:
        step(request, services)
    assert (len(world.writes()), len(world.receipts_written())) == writes
    with world.engine.begin() as connection:
        return list_documents(connection, request)


def outcomes(world: World, run_key: str) -> dict[str, str]:
    with world.engine.connect() as connection:
        rows = connection.execute(select(run_document).where(run_document.c.run_key == run_key))
        return {row.source_id: row.outcome for row in rows}


def run(world: World, flow: Flow, first: date = FIRST, last: date = LAST) -> dict[str, str]:
    """An import; the outcomes by source id."""
    key = f"{flow.dag_id}/import-{world.clock.now().isoformat()}"
    world.run(first, last, flow=flow, key=key)
    return outcomes(world, key)


def remote_ids(world: World, flow: Flow) -> dict[str, str]:
    with world.engine.connect() as connection:
        rows = connection.execute(select(link).where(link.c.kind == KIND_OF[flow].value))
        return {row.source_id: row.remote_id for row in rows}


def money(value: Any) -> Decimal:
    return cents(Decimal(str(value or 0)))


def by_id(rows: Sequence[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {str(row["id"]): row for row in rows}


@pytest.mark.parametrize("flow", INVOICES)
def test_what_a_preview_shows_is_what_is_booked(world: World, flow: Flow) -> None:
    world.generate(FIRST, LAST, 150, bills_per_month=120, bad=0.08, bad_bills=0.08)
    listed = preview(world, flow)
    assert world.writes() == []

    # Every document of the run once, judged as the run judged it.
    assert len({item.source_id for item in listed}) == len(listed)
    seen = Counter(item.verdict for item in listed)
    assert seen[Verdict.CREATE] > 80
    assert seen[Verdict.QUARANTINED] > 5
    sums = totals(listed)

    booked = run(world, flow)
    assert {item.source_id: BOOKED.get(item.verdict, item.verdict.value) for item in listed} == booked

    shown = by_id(world.invoices() if flow is Flow.SALES_INVOICES else world.bills())
    ids = remote_ids(world, flow)
    for item in listed:
        if item.verdict is not Verdict.CREATE:
            assert item.reason is not None
            assert item.reason.code
            continue
        _assert_booked_as_listed(item, shown[ids[item.source_id]])
    _assert_totals(sums, list(shown.values()), listed)

    # All that will be created, and nothing else.
    kind = "clients" if flow is Flow.SALES_INVOICES else "vendors"
    created = [call["operation"] for call in world.writes() if call["operation"].endswith(f"{kind}:add")]
    assert len(created) == sums.new_partners > 0
    assert len(world.writes("articles:add")) == len(sums.new_articles) > 0
    assert set(sums.new_articles) <= {row["code"] for row in world.books.state()["articles"]}


def _assert_booked_as_listed(item: ListedDocument, booked: dict[str, Any]) -> None:
    sign = -1 if booked.get("type") == "CRE" and money(booked["totalAmount"]) > 0 else 1
    amounts = [money(booked[name]) * sign for name in ("amount", "vatAmount", "roundAmount", "totalAmount")]
    assert [item.net, item.vat, item.rounding, item.total] == amounts, item.number
    assert item.net is not None
    assert item.vat is not None
    assert item.net + item.vat + item.rounding == item.total
    assert booked["invoiceNumber"] == item.number
    assert booked["currency"] == item.currency
    assert item.day is not None
    assert booked["date"] == f"{item.day:%d.%m.%Y}"
    assert len(booked["rows"]) == len(item.lines) == item.line_count
    assert sum((line.net for line in item.lines), ZERO) == item.net
    assert [line.article for line in item.lines] == [row["code"] for row in booked["rows"]]
    assert [line.vat_code for line in item.lines] == [row["vatPc"] for row in booked["rows"]]
    assert sum((share.net for share in item.vat_codes), ZERO) == item.net
    by_code: dict[str, Decimal] = {}
    for line in item.lines:
        assert line.vat is not None
        by_code[line.vat_code] = by_code.get(line.vat_code, ZERO) + line.vat
    assert by_code == {share.code: share.vat for share in item.vat_codes}


def _assert_totals(sums: Totals, booked: list[dict[str, Any]], listed: list[ListedDocument]) -> None:
    there: dict[str, Decimal] = {}
    for row in booked:
        sign = -1 if row.get("type") == "CRE" and money(row["totalAmount"]) > 0 else 1
        there[row["currency"]] = there.get(row["currency"], ZERO) + money(row["totalAmount"]) * sign
    assert {each.currency: each.total for each in sums.currencies} == there
    assert sum(each.documents for each in sums.currencies) == len(booked)
    net = {each.currency: each.net for each in sums.currencies}
    for currency in net:
        assert sum((each.net for each in sums.vat_codes if each.currency == currency), ZERO) == net[currency]
    assert sum(count for _, count in sums.verdicts) == len(listed)


def test_a_preview_of_payments_shows_what_is_paid(world: World) -> None:
    world.generate(FIRST, LAST, 60, bills_per_month=40)
    both = Money(world)
    paid_until = world.site.today()
    early = {item.source_id: item for item in preview(world, Flow.PAYMENTS, last=paid_until)}
    assert both.waits() == {}
    both.import_payments(FIRST, paid_until)
    # A preview puts nothing on the list of what waits, and knows all the same what is waited for.
    waiting = {key: item.reason.code for key, item in early.items() if item.verdict is Verdict.WAITING and item.reason}
    assert waiting == both.waits()
    assert {item.verdict for item in early.values()} == {Verdict.WAITING, Verdict.DELETED}
    for flow in INVOICES:
        both.import_documents(FIRST, LAST, flow)
    world.checked = True

    listed = preview(world, Flow.PAYMENTS, last=paid_until)
    sums = totals(listed)
    before = {row["id"] for row in both.payments()}
    booked = run(world, Flow.PAYMENTS, last=paid_until)
    assert {item.source_id: BOOKED.get(item.verdict, item.verdict.value) for item in listed} == booked

    payments = {row["id"]: row for row in both.payments() if row["id"] not in before}
    pairs = both.pairs()
    seen: set[RowKind] = set()
    for item in listed:
        if item.verdict is not Verdict.CREATE:
            continue
        parts = [payments[remote] for key, remote in pairs.items() if key.partition("/")[0] == item.source_id]
        moved = [part for part in parts if part["accountName"] != "Tasaarveldus"]
        assert item.total == sum((money(part["amount"]) for part in moved), ZERO)
        assert item.total == sum((row.amount for row in item.rows), ZERO)
        assert item.prepayment == sum((money((part.get("prepayment") or {}).get("amount")) for part in parts), ZERO)
        assert set(item.account.split(", ")) == {part["accountName"] for part in parts}
        assert item.currency == parts[0]["currency"]
        assert item.partner.how is How.LINKED
        seen |= {row.kind for row in item.rows}
    assert seen == set(RowKind)
    assert {"received", "paid"} <= {each.direction for each in sums.currencies}
    there: dict[str, Decimal] = {}
    for row in payments.values():
        if row["accountName"] != "Tasaarveldus":
            there[row["currency"]] = there.get(row["currency"], ZERO) + money(row["amount"])
    shown: dict[str, Decimal] = {}
    for each in sums.currencies:
        shown[each.currency] = shown.get(each.currency, ZERO) + each.total
    assert shown == there


def test_a_credit_invoice_before_its_base_is_shown_as_waiting(world: World) -> None:
    both = Money(world)
    base = both.enter(date(2026, 1, 15), "100")
    credit = both.enter(date(2026, 2, 2), "-20", credited_invoices=[base])
    [alone] = preview(world, Flow.SALES_INVOICES, date(2026, 2, 1), date(2026, 2, 28))
    assert (alone.source_id, alone.verdict) == (str(credit), Verdict.WAITING)
    assert alone.reason is not None
    assert alone.reason.code == "base_not_booked"
    assert run(world, Flow.SALES_INVOICES, date(2026, 2, 1), date(2026, 2, 28)) == {str(credit): "waiting"}
    together = preview(world, Flow.SALES_INVOICES, FIRST, date(2026, 2, 28))
    assert [item.verdict for item in together] == [Verdict.CREATE, Verdict.CREATE]
    assert [item.total for item in together] == [Decimal(124), Decimal("-24.80")]
    assert together[1].is_credit
    [sums] = totals(together).currencies
    assert (sums.net, sums.vat, sums.total) == (Decimal(80), Decimal("19.20"), Decimal("99.20"))


def test_partners_are_shown_with_how_they_are_known(world: World) -> None:
    both = Money(world)
    known, new, unclear = both.partner("19000022"), both.partner("19000033"), both.partner("19000044")
    person = both.person()
    world.books.seed("purchasesales/clients", {"name": "NÄIDIS 19000022", "vatPc": "24", "regCode": "19000022"})
    for _ in range(2):
        world.books.seed("purchasesales/clients", {"name": "Topelt", "vatPc": "24", "regCode": "19000044"})
    for partner in (known, new, unclear, person):
        both.enter(date(2026, 1, 15), "100", partner=partner)
    both.enter(date(2026, 1, 16), "10", partner=new)
    listed = preview(world, Flow.SALES_INVOICES)
    how = {int(item.partner.source_id): item.partner for item in listed}
    assert (how[known].how, how[known].evidence, how[known].detail) == (How.LINKED, "registry_code", "19000022")
    assert (how[new].how, how[unclear].how) == (How.NEW, How.AMBIGUOUS)
    assert totals(listed).new_partners == 2
    # The protected list has a person's name too.
    private = next(item for item in listed if item.partner.source_id == str(person))
    assert CANARIES[0] in private.partner.name


def test_what_was_refused_before_is_shown_as_tried_again(world: World) -> None:
    both = Money(world)
    both.enter(date(2026, 1, 15), "100")
    world.server.faults.add(Fault(FaultKind.STATUS, where="clientinvoices:add", status=400))
    run(world, Flow.SALES_INVOICES)
    [item] = preview(world, Flow.SALES_INVOICES)
    assert item.verdict is Verdict.CREATE
    assert [note.code for note in item.warnings] == ["refused_by_smartaccounts"]


def test_documents_of_other_runs_are_listed_as_they_stand(world: World) -> None:
    both = Money(world)
    done = both.enter(date(2026, 1, 10), "100")
    run(world, Flow.SALES_INVOICES)
    planned, gone = both.enter(date(2026, 1, 15), "50"), both.enter(date(2026, 1, 16), "60")
    preview(world, Flow.SALES_INVOICES)
    world.site.delete("invoices", gone)
    preview(world, Flow.SALES_INVOICES)
    request = world.request(LAST + timedelta(days=1), LAST + timedelta(days=1), mode=Mode.PREVIEW)
    with world.engine.begin() as connection:
        listed = list_documents(connection, request, [str(done), str(planned), str(gone)])
        assert list_documents(connection, request) == []
    assert {item.source_id: item.verdict for item in listed} == {
        str(done): Verdict.ALREADY_THERE,
        str(planned): Verdict.CREATE,
        str(gone): Verdict.DELETED,
    }


@pytest.mark.parametrize("mode", [Mode.PREVIEW, Mode.APPROVE])
def test_the_log_says_what_is_listed_and_names_no_person(
    world: World, mode: Mode, caplog: pytest.LogCaptureFixture
) -> None:
    both = Money(world)
    for n in range(60):
        both.enter(date(2026, 1, 15), "100", partner=both.person() if n == 0 else None)
    request = world.request(FIRST, LAST, mode=mode)
    services = world.services(request)
    with caplog.at_level(logging.INFO):
        for step in world.steps:
            step(request, services)
    assert world.writes() == []
    assert "Listed 60 documents: create 60." in caplog.text
    assert "To be created in EUR: net 6000.00, VAT 1440.00, total 7440.00 in 60 documents." in caplog.text
    assert "Created with them: clients 2, articles 1." in caplog.text
    assert "… and 10 more." in caplog.text
    assert str(world.output / "lists") in caplog.text
    for canary in CANARIES:
        assert canary not in caplog.text
