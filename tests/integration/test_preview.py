"""The list of a preview: every document once, exactly what an import then books, and no request that writes."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from scoro_smartaccounts.company import Mode
from scoro_smartaccounts.documents import Flow
from scoro_smartaccounts.money import ZERO, cents
from scoro_smartaccounts.report.document import How, RowKind
from scoro_smartaccounts.report.listed import ListedDocument, Verdict, list_documents, shown_partner, totals
from scoro_smartaccounts.report.totals import Totals
from scoro_smartaccounts.staging.links import KIND_OF
from scoro_smartaccounts.staging.schema import link, run_document
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
    articles = [call for call in world.writes("articles:add")]
    assert len(articles) == len(sums.new_articles) > 0
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
    early = preview(world, Flow.PAYMENTS, last=paid_until)
    assert {item.verdict for item in early} == {Verdict.WAITING}
    assert {item.reason.code for item in early if item.reason} == {"document_not_booked"}
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
    there: dict[tuple[str, str], Decimal] = {}
    for row in payments.values():
        if row["accountName"] != "Tasaarveldus":
            direction = "paid" if row["partnerType"] == "VENDOR" else "received"
            there[row["currency"], direction] = there.get((row["currency"], direction), ZERO) + money(row["amount"])
    listed_sums: dict[tuple[str, str], Decimal] = {}
    for each in sums.currencies:
        if each.total:
            listed_sums[each.currency, str(each.direction)] = each.total
    assert sum(listed_sums.values()) == sum(there.values())
