"""A quarter with all features of invoices, bills, expenses and their payments: both sides agree to the cent."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from scoro_smartaccounts.documents import Flow
from scoro_smartaccounts.money import ZERO, cents
from scoro_smartaccounts.staging.links import Kind
from scoro_smartaccounts.staging.schema import link, payment_row, quarantine, run_document
from tests.integration.money import Money
from tests.integration.world import World

FIRST, LAST = date(2026, 1, 1), date(2026, 3, 31)
FLOWS = (Flow.SALES_INVOICES, Flow.PURCHASE_INVOICES)


def test_a_quarter_agrees_to_the_cent(world: World) -> None:
    company = world.company
    world.company = company.model_copy(
        update={"purchase_invoices": company.purchase_invoices.model_copy(update={"expenses": True})}
    )
    world.generate(FIRST, LAST, 40, bills_per_month=25, expenses_per_month=6, bad=0.05, bad_bills=0.05)
    money = Money(world)
    # Paid although they cannot enter the books as they are.
    for planted in world.planted[:3]:
        money.receive("invoices", {planted.invoice_id: "10"}, LAST)
    world.checked = True
    paid_until = world.site.today()
    money.import_payments(FIRST, FIRST + timedelta(days=9))  # Too early: no document is in the books yet.
    assert money.payments() == []
    for flow in FLOWS:
        money.import_documents(FIRST, LAST, flow)
    world.server.calls.clear()
    summary = money.import_payments(FIRST, paid_until)
    money.import_payments_of_yesterday()

    pairs = money.pairs()
    groups = {str(row["id"]): row for row in money.groups()}
    linked = {source_id.partition("/")[0] for source_id in pairs}

    # Nothing twice: a group is one payment, and one more where it nets.
    assert len(set(pairs.values())) == len(pairs) == len(money.payments())
    for source_id in pairs:
        group = groups[source_id.partition("/")[0]]
        assert "/" not in source_id or any(row["sum"] < 0 for row in group["receipts"])

    # Every remainder has its reason.
    reasons = _reasons(money)
    assert set(groups) - linked == set(reasons)
    assert set(reasons.values()) <= {"document_not_booked", "not_ours"}, Counter(reasons.values())
    assert reasons
    assert summary["alarms"] == []
    _assert_all_features(money.payments())

    _assert_balances_agree(money, set(reasons))
    created = len(money.payments())
    assert len(world.writes()) == created
    assert len(world.calls()) <= created + 8

    # Again: nothing.
    world.server.calls.clear()
    money.import_payments(FIRST, paid_until)
    assert world.writes() == []


def _assert_all_features(payments: list[dict[str, Any]]) -> None:
    assert len(payments) > 100
    assert {"LHV", "Kassa", "Tasaarveldus"} <= {row["accountName"] for row in payments}
    assert {row["partnerType"] for row in payments} == {"CLIENT", "VENDOR"}
    assert len({row["currency"] for row in payments}) > 1
    for feature in ("prepayment", "extras"):
        assert any(row.get(feature) for row in payments), feature
    assert any(len(row.get("rows", ())) > 1 for row in payments if row["accountName"] != "Tasaarveldus")


def _reasons(money: Money) -> dict[str, str]:
    """Why groups are not in the books: what they wait for, their case, or that they are for nothing imported."""
    with money.world.engine.connect() as connection:
        cases = {
            row.source_id: row.code
            for row in connection.execute(
                select(quarantine).where(quarantine.c.state == "open", quarantine.c.flow == Flow.PAYMENTS.value)
            )
        }
        not_ours = connection.execute(
            select(run_document.c.source_id).where(run_document.c.outcome == "not_ours")
        ).scalars()
        return {**dict.fromkeys(not_ours, "not_ours"), **cases, **money.waits()}


def _assert_balances_agree(money: Money, unbooked: set[str]) -> None:
    pending: Counter[tuple[str, str]] = Counter()
    with money.world.engine.connect() as connection:
        for row in connection.execute(select(payment_row).where(payment_row.c.document_id.is_not(None))):
            if row.source_id in unbooked:
                pending[row.document_flow, row.document_id] += row.amount
        paid = connection.execute(select(link.c.remote_id).where(link.c.kind == Kind.PAYMENT.value)).scalars().all()
    assert paid
    explained = _explained(money.payments())
    for flow in FLOWS:
        open_there = money.open_in_books(flow)
        documents = money.documents(flow)
        assert len(documents) > 60
        for source_id, remote_id in documents.items():
            here = money.open_in_scoro(source_id, flow) + pending[flow.value, source_id]
            there = open_there[remote_id]
            here -= explained.get(remote_id, ZERO)
            total = _total(money, source_id, flow)
            if (here < 0) != (total < 0):
                here = ZERO  # Overpaid: what is too much stands as a prepayment.
            assert cents(here) == there, (flow, source_id)


def _explained(payments: list[dict[str, Any]]) -> dict[str, Decimal]:
    """Cash rounding by document, which is closed although Scoro's receipts leave it open."""
    found: dict[str, Decimal] = {}
    for payment in payments:
        for extra in payment.get("extras") or ():
            assert len(payment["rows"]) == 1
            found[payment["rows"][0]["id"]] = -Decimal(str(extra["price"]))
    return found


def _total(money: Money, source_id: str, flow: Flow) -> Decimal:
    is_expense = source_id.startswith("expense-")
    module = "expenses" if is_expense else {Flow.SALES_INVOICES: "invoices"}.get(flow, "bills")
    record = money.world.site.get(module, int(source_id.removeprefix("expense-")))
    return Decimal(record["sum"] + record["tax_sum" if is_expense else "vat_sum"])
