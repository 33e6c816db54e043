"""A cashier's desk: money that is entered wrongly in either system, and what is done about it.

A run of a scenario's next step is a round of all flows: documents, payments, and the export, which is switched on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from scoro_smartaccounts.common.clock import tallinn_day
from scoro_smartaccounts.common.company import ReceiptAccount
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.reasons import REASONS, Reason, Severity, render
from scoro_smartaccounts.common.run import RunKind
from scoro_smartaccounts.staging.changed_since_import import changes_of_document
from scoro_smartaccounts.staging.links import Kind
from scoro_smartaccounts.staging.schema import finding, intent, link
from scoro_smartaccounts.transform.cash_rounding import MOST_CASH_ROUNDING
from scoro_smartaccounts_sandbox.smartaccounts.invoices import left_to_pay
from tests.integration.remedies.desk import DAY, MODULES, PURCHASES, SALES, SERVICES, Desk, Doc, line

PAYMENTS, EXPORT = Flow.PAYMENTS, Flow.EXPORT_PAYMENTS
PAID = date(2026, 1, 20)
PAYMENT_SERVICE = "purchasesales/payments"
_NOTHING = Decimal(0)


@dataclass
class CashierDesk(Desk):
    """Every document has an amount of its own: equal money is taken for the same."""

    _amounts: int = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        self.company(export_payments=self.world.company.export_payments.model_copy(update={"enabled": True}))

    # Scoro

    def _amount(self) -> str:
        self._amounts += 1
        return str(100 + 5 * self._amounts)

    def invoice(self, flow: Flow = SALES, net: str = "", **fields: Any) -> Doc:
        """A document of an amount, and of a partner, that no other one has."""
        return self.enter(flow, line(net or self._amount()), **fields)

    def credit(self, base: Doc, net: str) -> Doc:
        """A credit invoice of a part of an invoice; of a bill, what the supplier takes back."""
        more = {"credited_invoices": [int(base.id)]} if base.flow is SALES else {}
        return self.enter(base.flow, line(net, "-1"), company_id=self.get(base)["company_id"], **more)

    def total(self, doc: Doc) -> Decimal:
        record = self.get(doc)
        return Decimal(record["sum"] + record["vat_sum"])

    def receive(self, amounts: Mapping[Doc, str | None], day: date = PAID, **fields: Any) -> Doc:
        """A payment entered in Scoro: amounts by document, None for what is left to pay."""
        [flow] = {doc.flow for doc in amounts}
        by_id = {int(doc.id): amount for doc, amount in amounts.items()}
        return Doc(PAYMENTS, str(self.world.site.pay(MODULES[flow], by_id, day=day, **fields)["id"]))

    def rewrite(self, group: Doc, amounts: Mapping[Doc, str], **fields: Any) -> None:
        """Change what a payment of Scoro pays."""
        rows = [{"invoice_id": int(doc.id), "sum": amount} for doc, amount in amounts.items()]
        total = str(sum(Decimal(amount) for amount in amounts.values()))
        self.world.site.modify("receipts", int(group.id), {"receipts": rows, "sum": total, **fields})

    def prepayment_invoice(self, contact: int, net: str) -> int:
        """Its Scoro id."""
        row = {"product_id": 0, "product_name": "Ettemaks", "price": net, "amount": "1", "vat_code_id": 9}
        fields = {"company_id": contact, "date": DAY.isoformat(), "lines": [row]}
        return int(self.world.site.create("prepayments", fields)["id"])

    def receive_ahead(self, prepayment: int, amount: str | None = None, day: date = PAID, **fields: Any) -> Doc:
        """Money for a prepayment invoice."""
        return Doc(PAYMENTS, str(self.world.site.pay("prepayments", {prepayment: amount}, day=day, **fields)["id"]))

    def receipt_account(self, name: str) -> int:
        """A receipt account that somebody added in Scoro."""
        row = {"name": name}
        return int(self.world.site.put("receiptAccounts", row)["id"])

    # SmartAccounts

    def pay(self, amounts: Mapping[Doc, str | None], day: date = PAID, **fields: Any) -> Doc:
        """A payment entered in SmartAccounts."""
        by_id = {self.remote(doc): amount for doc, amount in amounts.items()}
        return Doc(EXPORT, str(self.world.books.pay(by_id, day=day, **fields)))

    def change(self, payment: str, **fields: Any) -> None:
        self.world.books.change(PAYMENT_SERVICE, payment, **fields)

    def change_rows(self, payment: str, amounts: Mapping[Doc, str], **fields: Any) -> None:
        kinds = {SALES: "CLIENT_INVOICE", PURCHASES: "VENDOR_INVOICE"}
        rows = [{"type": kinds[doc.flow], "id": self.remote(doc), "amount": amount} for doc, amount in amounts.items()]
        self.change(payment, rows=rows, **fields)

    def delete_payment(self, payment: str) -> None:
        self.world.books.remove(PAYMENT_SERVICE, payment)

    def bank_account(self, name: str, currency: str = "EUR") -> None:
        row = {"name": name, "account": "1010", "order": 9, "currency": currency, "forNetting": False}
        self.world.books.seed("settings/bankaccounts", row)

    # The company file

    def payments(self, **changes: Any) -> None:
        self.company(payments=self.world.company.payments.model_copy(update=changes))

    def pair(self, scoro: str, bank: str) -> None:
        """Pair a receipt account with a bank account, in the place of what it was paired with."""
        others = [each for each in self.world.company.payments.accounts if each.scoro != scoro]
        self.payments(accounts=(*others, ReceiptAccount(scoro=scoro, bank=bank)))

    # Runs

    def run_next(self, *flows: Flow) -> None:
        """A round: by hand over the month of the documents first, then as the schedule does it, a day apart."""
        self.runs += 1
        first, last, kind = date(2026, 1, 1), date(2026, 1, 31), RunKind.MANUAL
        if self.runs > 1:
            self.world.clock.advance(timedelta(days=1))
            first = last = tallinn_day(self.world.clock.now()) - timedelta(days=1)
            kind = RunKind.SCHEDULED
        for flow in (SALES, PURCHASES, PAYMENTS):
            self.run(flow, first, last, kind)
        self.export()

    def export(self) -> None:
        """What the hourly run does."""
        self.world.clock.advance(timedelta(hours=1))
        today = tallinn_day(self.world.clock.now())
        self.run(EXPORT, today, today, RunKind.SCHEDULED)

    # What stands where

    def links(self, doc: Doc) -> list[str]:
        if doc.flow not in (PAYMENTS, EXPORT):
            return super().links(doc)
        ours, theirs = (link.c.source_id, link.c.remote_id)
        if doc.flow is EXPORT:
            ours, theirs = theirs, ours
        with self.world.engine.connect() as connection:
            found = select(theirs).where(link.c.kind == Kind.PAYMENT.value, ours == doc.id)
            return list(connection.scalars(found.order_by(link.c.source_part)))

    def booked(self, group: Doc) -> str:
        """The payment of SmartAccounts that stands for one of Scoro."""
        [remote] = self.links(group)
        return remote

    def told(self, doc: Doc) -> set[str]:
        """What was told of a document beside quarantine: keys of findings and of later changes."""
        of_doc = finding.c.flow == doc.flow.value, finding.c.source_id == doc.id
        with self.world.engine.connect() as connection:
            found = [Reason.from_json(row) for row in connection.scalars(select(finding.c.reason).where(*of_doc))]
            found += [each.reason for each in changes_of_document(connection, self.world.company.key, doc.flow, doc.id)]
        for why in found:
            for language in ("en", "et"):
                assert "?" not in render(why, language)
        return {why.key for why in found}

    def assert_stuck(self, doc: Doc, key: str) -> None:
        if REASONS[key].severity in (Severity.ERROR, Severity.WAIT) and (why := self.stuck(doc)) is not None:
            assert why.key == key, render(why)
            for language in ("en", "et"):
                assert "?" not in render(why, language)
            return
        assert key in self.told(doc), (key, self.told(doc), self.stuck(doc))

    def assert_booked(self, doc: Doc) -> None:
        """Of a document: both sides say the same of what is open. Of a payment: it stands in both, and all that it pays
        does so."""
        why = self.stuck(doc)
        assert why is None, render(why)
        links = self.links(doc)
        assert links, f"{doc} is not linked"
        self._assert_nothing_in_doubt()
        if doc.flow in (SALES, PURCHASES):
            self._assert_balanced(doc)
        for each in self._paid_by(doc):
            self._assert_balanced(each)

    def assert_gone(self, doc: Doc) -> None:
        super().assert_gone(doc)
        self._assert_nothing_in_doubt()

    def _assert_nothing_in_doubt(self) -> None:
        with self.world.engine.connect() as connection:
            assert not list(connection.scalars(select(intent.c.source_id).where(intent.c.state == "open")))

    def _paid_by(self, doc: Doc) -> list[Doc]:
        """The documents of a payment that are in both systems."""
        if doc.flow is PAYMENTS:
            group = self.world.site.get("receipts", int(doc.id))
            flow = PURCHASES if group["sales_doc_type"] == "bills" else SALES
            found = [Doc(flow, str(row["invoice_id"])) for row in group["receipts"] if row["invoice_id"]]
            return [each for each in found if self.links(each)]
        if doc.flow is EXPORT:
            kinds = [Kind.SALES_INVOICE.value, Kind.PURCHASE_INVOICE.value]
            ids = [row["id"] for row in self.world.books.records[PAYMENT_SERVICE][doc.id]["rows"]]
            with self.world.engine.connect() as connection:
                rows = connection.execute(select(link).where(link.c.kind.in_(kinds), link.c.remote_id.in_(ids)))
                return [Doc(SALES if row.kind == kinds[0] else PURCHASES, row.source_id) for row in rows]
        return []

    def _assert_balanced(self, doc: Doc) -> None:
        """Both sides say the same of what is open of a document, and of what its partner paid beyond."""
        left = self._left_in_scoro(doc)
        booked = self.world.books.records[SERVICES[doc.flow]][self.remote(doc)]
        there = abs(left_to_pay(booked))
        assert abs(there - max(left, _NOTHING)) <= MOST_CASH_ROUNDING, (doc, f"open there {there}, here {left}")
        key = "clientId" if doc.flow is SALES else "vendorId"
        ahead = sum(
            (
                row["prepayment"]["amount"]
                for row in self.world.books.records[PAYMENT_SERVICE].values()
                if row.get("prepayment") and row.get(key) == booked[key]
            ),
            _NOTHING,
        )
        over = self._over_in_scoro(doc)
        assert abs(ahead - over) <= MOST_CASH_ROUNDING, (doc, f"prepaid there {ahead}, here {over}")

    def _left_in_scoro(self, doc: Doc) -> Decimal:
        """What receipts leave open, as a magnitude; below 0 where they are more than is due."""
        total = self.total(doc)
        left = total - self.world.site.received_of(doc.module, int(doc.id))
        return left if total > 0 else -left

    def _over_in_scoro(self, doc: Doc) -> Decimal:
        """What a partner paid beyond documents, or for prepayment invoices."""
        contact = self.get(doc)["company_id"]
        same = [
            Doc(doc.flow, str(record["id"]))
            for record in self.world.site.live(doc.module)
            if record["company_id"] == contact
        ]
        over = sum((-min(self._left_in_scoro(each), _NOTHING) for each in same), _NOTHING)
        for group in self.world.site.live("receipts"):
            if group["contact_id"] == contact and doc.flow is SALES:
                ahead = (row["sum"] for row in group["receipts"] if row["prepayment_id"] and not row["invoice_id"])
                over += sum(ahead, _NOTHING)
        return over
