"""Whole flows. A month with all that Scoro can throw at the books: every document once, or in quarantine for the
right reason."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from scoro_smartaccounts.common.money import CENT, cents
from scoro_smartaccounts.smartaccounts.marker import marked_id
from scoro_smartaccounts.staging.schema import plan, quarantine
from scoro_smartaccounts_sandbox.generator import BadReason
from tests.integration.world import World

FIRST, LAST = date(2026, 1, 1), date(2026, 1, 31)
REASONS = {
    BadReason.WRONG_VAT_SUM: "vat_differs_from_lines",
    BadReason.LINE_SUMS_DIFFER: "lines_differ_from_net",
    BadReason.PARTNER_MISSING: "partner_not_named",
    BadReason.LINES_MISSING: "lines_not_given",
    BadReason.CURRENCY_RATE_BAD: "currency_rate_not_positive",
    BadReason.CREDIT_WITHOUT_BASE: "credit_names_no_base",
    BadReason.STOCK_QUANTITY_MISSING: "stock_quantity_not_given",
    BadReason.NUMBER_DUPLICATE: "number_not_unique",
}
# The planted percentage is one that has ended: it goes on with a warning.
ONLY_WARNED = (BadReason.REFERENCE_INVALID, BadReason.DEADLINE_BEFORE_DATE, BadReason.VAT_PERCENT_INVALID)


def by_scoro_id(world: World) -> dict[str, list[dict[str, Any]]]:
    """SmartAccounts' invoices by the Scoro id that their marker names."""
    found: dict[str, list[dict[str, Any]]] = {}
    for row in world.invoices():
        found.setdefault(marked_id(row["comment"], "demoou", "invoices") or "", []).append(row)
    return found


def money(value: Any) -> Decimal:
    return cents(Decimal(str(value)))


def test_a_month_with_all_features(world: World) -> None:
    world.generate(FIRST, LAST, 300, bad=0.05)
    summary = world.run(FIRST, LAST)

    bad = {str(item.invoice_id): item.reason for item in world.planted if item.reason not in ONLY_WARNED}
    bad |= {str(twin): item.reason for item in world.planted for twin in item.also}
    expected = set(world.live_invoices()) - set(bad)
    found = by_scoro_id(world)

    # Exactly once, or in quarantine for the right reason.
    assert set(found) == expected
    assert {len(rows) for rows in found.values()} == {1}
    with world.engine.connect() as connection:
        cases = {
            row.source_id: row.code
            for row in connection.execute(select(quarantine).where(quarantine.c.state == "open"))
        }
        plans = {row.source_id: row.predicted for row in connection.execute(select(plan))}
    assert cases == {source_id: REASONS[reason] for source_id, reason in bad.items()}
    assert set(bad.values()) == set(REASONS)
    assert summary["documents"]["created"] == len(expected)
    assert Counter(cases.values()) == summary["quarantine_by_reason"]

    # Right to the cent, document by document; roundings listed and never more than a cent a row.
    live = world.live_invoices()
    rounded = set()
    for source_id in expected:
        booked, invoice, predicted = found[source_id][0], live[source_id], plans[source_id]
        net, vat, rounding = money(booked["amount"]), money(booked["vatAmount"]), money(booked["roundAmount"])
        sign = -1 if booked.get("type") == "CRE" else 1
        assert net == money(invoice["sum"]), source_id
        assert vat + rounding == money(invoice["vat_sum"]), source_id
        assert abs(rounding) <= CENT * len(booked["rows"])
        if rounding:
            rounded.add(str(invoice["no"]))
        assert [net * sign, vat * sign, rounding * sign, money(booked["totalAmount"]) * sign] == [
            Decimal(predicted[name]) for name in ("net", "vat", "rounding", "total")
        ]
        vat_by_code: dict[str, Decimal] = {}
        for row in booked["rows"]:
            vat_by_code[row["vatPc"]] = vat_by_code.get(row["vatPc"], Decimal(0)) + money(row.get("vat", 0))
        assert vat_by_code == {code: Decimal(amount) for code, amount in predicted["vat_by_code"].items()}
    assert {line.partition(":")[0] for line in summary["roundings"]} == rounded
    assert summary["alarms"] == []

    # About one request a new record.
    created = len(expected) + summary["clients_created"] + summary["articles_created"]
    assert len(world.writes()) == created
    assert len(world.calls()) <= created + 12
    assert summary["requests_used"] == len(world.calls())

    # Again: nothing is written, next to nothing is asked.
    world.server.calls.clear()
    again = world.run(FIRST, LAST)
    assert world.writes() == []
    assert len(world.calls()) <= 6
    assert again["documents"]["already_there"] == len(expected)


def test_on_a_filled_ledger_the_registers_cost_a_request_a_hundred(world: World) -> None:
    world.generate(FIRST, LAST, 60)
    for n in range(950):
        world.books.seed("purchasesales/clients", {"name": f"Vana klient {n}", "vatPc": "24"})
        world.books.seed("purchasesales/articles", {"code": f"VANA-{n}", "description": "Vana", "type": "SERVICE"})
    world.clock.advance(timedelta(hours=1))
    summary = world.run(FIRST, LAST)
    created = summary["documents"]["created"] + summary["clients_created"] + summary["articles_created"]
    assert summary["documents"]["quarantined"] == 0
    assert len(world.writes()) == created
    assert len(world.calls()) <= created + 12 + 20


def test_the_alarm_fires_when_smartaccounts_rounds_otherwise(world: World) -> None:
    world.generate(FIRST, LAST, 40)
    world.books.switches.change({"vat_per_code": True})
    summary = world.run(FIRST, LAST)
    assert summary["alarms"]
    assert all("vat" in alarm for alarm in summary["alarms"])
    assert summary["documents"]["created"] > 0


@pytest.mark.parametrize(
    "switches",
    [
        {"credit_sign": "positive", "vat_rounding": "per_line", "sort_order": "unstable"},
        {"date_filter": "ignored", "status_code_type": "mixed", "html_entities": True},
        {"date_filter": "broken", "product_tag_form": "objects", "product_tag_key": "tags"},
        {"vat_layout": "document", "naive_datetimes": True, "empty_list": "array", "product_tag_form": "comma"},
    ],
    ids=lambda switches: "-".join(switches),
)
def test_what_is_unknown_of_scoro_may_be_otherwise(world: World, switches: dict[str, Any]) -> None:
    world.site.switches = world.site.switches.changed(switches)
    world.generate(FIRST, LAST, 30)
    summary = world.run(FIRST, LAST)
    assert set(by_scoro_id(world)) == set(world.live_invoices())
    assert summary["documents"]["quarantined"] == 0


@pytest.mark.parametrize(
    "switches",
    [
        {"page_size": 3},
        {"omit_empty_list": True, "show_date": False},
        {"list_keys": {"purchasesales/clientinvoices": "rows"}, "number_as_number": True},
        {"add_answer_signed": True, "error_key_field": "code"},
        {"warehouse_ids": False, "entry_date_today": True, "partner_vat_required": True},
    ],
    ids=lambda switches: "-".join(switches),
)
def test_what_is_unknown_of_smartaccounts_may_be_otherwise(world: World, switches: dict[str, Any]) -> None:
    world.books.switches.change(switches)
    world.generate(FIRST, LAST, 30)
    summary = world.run(FIRST, LAST)
    assert set(by_scoro_id(world)) == set(world.live_invoices())
    assert summary["alarms"] == []
