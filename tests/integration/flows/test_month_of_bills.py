"""Whole flows. A month of bills and expenses: every one once, or in quarantine for the right reason."""

from __future__ import annotations

from collections import Counter
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.money import cents
from scoro_smartaccounts.flows import PURCHASES
from scoro_smartaccounts.staging.schema import finding, quarantine
from scoro_smartaccounts_sandbox.generator import BadBill
from tests.integration.world import World

FIRST, LAST = date(2026, 1, 1), date(2026, 1, 31)
REASONS = {
    BadBill.NUMBER_TWICE: "number_not_unique",
    BadBill.WRONG_VAT_SUM: "vat_differs_from_lines",
    BadBill.LINE_SUMS_DIFFER: "lines_differ_from_net",
    BadBill.PARTNER_MISSING: "partner_not_named",
    BadBill.LINES_MISSING: "lines_not_given",
    BadBill.CURRENCY_RATE_BAD: "currency_rate_not_positive",
}
# The planted percentage is one that has ended: it goes on with a warning.
ONLY_WARNED = (BadBill.VAT_PERCENT_INVALID,)


def money(value: Any) -> Decimal:
    return cents(Decimal(str(value)))


def by_scoro_id(world: World) -> dict[str, list[dict[str, Any]]]:
    """SmartAccounts' bills by the document of staging that their marker names."""
    found: dict[str, list[dict[str, Any]]] = {}
    for row in world.bills():
        found.setdefault(PURCHASES.marked(row["comment"], "demoou") or "", []).append(row)
    return found


def test_a_month_with_all_features(world: World) -> None:
    policy = world.company.purchase_invoices.model_copy(update={"expenses": True})
    world.company = world.company.model_copy(update={"purchase_invoices": policy})
    world.generate(FIRST, LAST, 40, bills_per_month=200, expenses_per_month=40, bad_bills=0.05)
    summary = world.run(FIRST, LAST, flow=Flow.PURCHASE_INVOICES)

    bad = {str(item.bill_id): item.reason for item in world.planted_bills if item.reason not in ONLY_WARNED}
    bad |= {str(twin): item.reason for item in world.planted_bills for twin in item.also}
    live = {key: (row, "vat_sum") for key, row in world.live("bills").items()}
    live |= {f"expense-{key}": (row, "tax_sum") for key, row in world.live("expenses").items()}
    expected = set(live) - set(bad)
    found = by_scoro_id(world)

    with world.engine.connect() as connection:
        cases = {
            row.source_id: row.code
            for row in connection.execute(select(quarantine).where(quarantine.c.state == "open"))
        }
    assert cases == {source_id: REASONS[reason] for source_id, reason in bad.items()}
    assert set(bad.values()) == set(REASONS)
    assert set(found) == expected
    assert {len(rows) for rows in found.values()} == {1}
    assert summary["documents"]["created"] == len(expected)
    assert summary["alarms"] == summary["roundings"] == []
    with world.engine.connect() as connection:
        warned = Counter(connection.scalars(select(finding.c.code).where(finding.c.severity == "warning")))
    assert warned["vat_rounded_by_supplier"] > 3

    # The supplier's cents, document by document; no rounding anywhere.
    for source_id in expected:
        booked, (document, vat_key) = found[source_id][0], live[source_id]
        assert (money(booked["amount"]), money(booked["vatAmount"]), money(booked["roundAmount"])) == (
            money(document["sum"]),
            money(document[vat_key]),
            0,
        )
        assert booked["invoiceNumber"] == document["no"]
        assert all(row["price"] >= 0 for row in booked["rows"])

    # About one request a new record; again, nothing is written.
    created = len(expected) + summary["vendors_created"] + summary["articles_created"]
    assert len(world.writes()) == created
    assert len(world.calls()) <= created + 12
    world.server.calls.clear()
    again = world.run(FIRST, LAST, flow=Flow.PURCHASE_INVOICES)
    assert world.writes() == []
    assert len(world.calls()) <= 6
    assert again["documents"]["already_there"] == len(expected)


@pytest.mark.parametrize(
    "switches",
    [
        {"page_size": 3, "duplicate_purchase_number": "refuse"},
        {"omit_empty_list": True, "show_date": False, "vat_per_code": True},
        {"list_keys": {"purchasesales/vendorinvoices": "rows"}, "number_as_number": True},
        {"calculate_vat": True, "warehouse_ids": False, "entry_date_today": True, "partner_vat_required": True},
    ],
    ids=lambda switches: "-".join(switches),
)
def test_what_is_unknown_of_smartaccounts_may_be_otherwise(world: World, switches: dict[str, Any]) -> None:
    world.checked = False
    world.books.switches.change(switches)
    world.generate(FIRST, LAST, 3, bills_per_month=30)
    summary = world.run(FIRST, LAST, flow=Flow.PURCHASE_INVOICES)
    assert set(by_scoro_id(world)) == set(world.live("bills"))
    assert summary["alarms"] == []
    assert world.run(FIRST, LAST, flow=Flow.PURCHASE_INVOICES)["documents"]["already_there"] == 30


@pytest.mark.parametrize(
    "switches",
    [
        {"sort_order": "unstable", "date_filter": "ignored", "html_entities": True},
        {"date_filter": "broken", "vat_layout": "document", "naive_datetimes": True, "empty_list": "array"},
    ],
    ids=lambda switches: "-".join(switches),
)
def test_what_is_unknown_of_scoro_may_be_otherwise(world: World, switches: dict[str, Any]) -> None:
    world.site.switches = world.site.switches.changed(switches)
    world.generate(FIRST, LAST, 3, bills_per_month=30)
    summary = world.run(FIRST, LAST, flow=Flow.PURCHASE_INVOICES)
    assert set(by_scoro_id(world)) == set(world.live("bills"))
    assert summary["documents"]["quarantined"] == 0
