"""Both bookkeepers at work: what they enter on either side, what both sides owe, and all four flows over it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from scoro_smartaccounts.common.clock import tallinn_day
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.money import cents
from scoro_smartaccounts.common.run import RunKind
from scoro_smartaccounts.report.summary import render_summary
from scoro_smartaccounts.staging import quarantine as cases
from scoro_smartaccounts.staging.links import KIND_OF, Kind, part_name
from scoro_smartaccounts.staging.schema import intent, later_change, link, quarantine, run_document, waiting
from tests.integration.world import Summary, World

PAYMENTS = "purchasesales/payments"
CANARIES = ("Kanaarilind", "Salanimi", "39001010001")
MODULES = {Flow.SALES_INVOICES: "invoices", Flow.PURCHASE_INVOICES: "bills"}
SERVICES = {Flow.SALES_INVOICES: "clientinvoices", Flow.PURCHASE_INVOICES: "vendorinvoices"}


@dataclass
class Money:
    """A world, its people and the flows between."""

    world: World
    partners: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.world.checked = False

    # Scoro's bookkeeper

    def partner(self, code: str = "19000022") -> int:
        if code not in self.partners:
            fields = {
                "name": f"Näidis {code} OÜ",
                "contact_type": "company",
                "id_code": code,
                "is_client": 1,
                "is_supplier": 1,
            }
            self.partners[code] = int(self.world.site.create("contacts", fields)["contact_id"])
        return self.partners[code]

    def enter(
        self, day: date, net: str, *, flow: Flow = Flow.SALES_INVOICES, partner: int | None = None, **more: Any
    ) -> int:
        """A document with 24 % of VAT; its Scoro id."""
        amount = "-1" if net.startswith("-") else "1"
        line = {
            "product_id": 0,
            "product_name": "Töö",
            "price": net.lstrip("-"),
            "amount": amount,
            "vat_code_id": 9,
        }
        fields = {
            "company_id": partner or self.partner(),
            "date": day.isoformat(),
            "deadline": day.isoformat(),
            "lines": [line],
        }
        return int(self.world.site.create(MODULES[flow], fields | more)["id"])

    def enter_expense(self, day: date, net: str) -> int:
        """An expense with 24 % of VAT; its Scoro id."""
        line = {"product_id": 0, "description": "Takso", "quantity": "1", "price": net, "tax_code_id": 9}
        fields = {"no": "K-1", "company_id": self.partner(), "date": day.isoformat(), "lines": [line]}
        return int(self.world.site.create("expenses", fields)["id"])

    def take_expenses(self) -> None:
        """The company file takes Scoro's expenses too."""
        company = self.world.company
        policy = company.purchase_invoices.model_copy(update={"expenses": True})
        self.world.company = company.model_copy(update={"purchase_invoices": policy})

    def enter_prepayment(self, day: date, net: str, **more: Any) -> int:
        """A prepayment invoice with 24 % of VAT; its Scoro id."""
        line = {"product_id": 0, "product_name": "Ettemaks", "price": net, "amount": "1", "vat_code_id": 9}
        fields = {"company_id": self.partner(), "date": day.isoformat(), "lines": [line]}
        return int(self.world.site.create("prepayments", fields | more)["id"])

    def person(self) -> int:
        """A private person whose name must show nowhere; the contact's id."""
        first, last, code = CANARIES
        fields = {"name": first, "lastname": last, "contact_type": "person", "id_code": code, "is_client": 1}
        return int(self.world.site.create("contacts", fields)["contact_id"])

    def receive(self, module: str, documents: Mapping[int, str | None], day: date, **more: Any) -> int:
        """A receipt group entered in Scoro; its id."""
        return int(self.world.site.pay(module, dict(documents), day=day, **more)["id"])

    # SmartAccounts' bookkeeper

    def pay(self, documents: Mapping[str, str | None], day: date, **more: Any) -> str:
        """A payment entered in SmartAccounts, as its bank import does; its id."""
        return str(self.world.books.pay(dict(documents), day=day, **more))

    # The flows

    def import_documents(self, first: date, last: date, flow: Flow = Flow.SALES_INVOICES) -> Summary:
        return self.world.run(first, last, flow=flow)

    def import_payments(self, first: date, last: date, **more: Any) -> Summary:
        return self.world.run(first, last, flow=Flow.PAYMENTS, **more)

    def import_payments_of_yesterday(self) -> Summary:
        """What the daily run does."""
        yesterday = tallinn_day(self.world.clock.now()) - timedelta(days=1)
        return self.world.run(yesterday, yesterday, flow=Flow.PAYMENTS, kind=RunKind.SCHEDULED)

    def export(self, first: date | None = None, last: date | None = None, **more: Any) -> Summary:
        """What the hourly run does, or a person who names days."""
        today = tallinn_day(self.world.clock.now())
        return self.world.run(
            first or today,
            last or today,
            flow=Flow.EXPORT_PAYMENTS,
            kind=RunKind.MANUAL if first else RunKind.SCHEDULED,
            is_range=first is not None,
            **more,
        )

    def switch_export(self, *, on: bool) -> None:
        company = self.world.company
        self.world.company = company.model_copy(
            update={"export_payments": company.export_payments.model_copy(update={"enabled": on})}
        )

    # Who looks after quarantine

    def retry(self, source_id: int | str) -> None:
        with self.world.engine.begin() as connection:
            assert cases.release(connection, self.world.company.key, [f"id:{source_id}"], "see on teine raha")

    def dismiss(self, source_id: int | str) -> None:
        with self.world.engine.begin() as connection:
            assert cases.dismiss(connection, self.world.company.key, [f"id:{source_id}"], "see on sama raha")

    def change_policy(self, **changes: Any) -> None:
        """Change the company file's section `payments`."""
        self.world.company = replace_policy(self.world.company, **changes)

    # What both sides say

    def remote(self, source_id: int | str, flow: Flow = Flow.SALES_INVOICES) -> str:
        """SmartAccounts' id of a document of Scoro."""
        with self.world.engine.connect() as connection:
            return str(
                connection.execute(
                    select(link.c.remote_id).where(
                        link.c.kind == KIND_OF[flow].value, link.c.source_id == str(source_id)
                    )
                ).scalar_one()
            )

    def payments(self) -> list[dict[str, Any]]:
        """SmartAccounts' payments, as it shows them."""
        return list(self.world.books.state()["payments"])

    def groups(self) -> list[dict[str, Any]]:
        """Scoro's receipt groups that are not deleted."""
        return list(self.world.site.live("receipts"))

    def open_in_books(self, flow: Flow = Flow.SALES_INVOICES) -> dict[str, Decimal]:
        """What SmartAccounts says is open, by its id."""
        return {
            row["id"]: cents(Decimal(str(row["outstandingAmount"]))) for row in self.world.books.state()[SERVICES[flow]]
        }

    def open_in_scoro(self, source_id: str, flow: Flow = Flow.SALES_INVOICES) -> Decimal:
        """What Scoro's receipts leave open of a document."""
        is_expense = source_id.startswith("expense-")
        module = "expenses" if is_expense else MODULES[flow]
        record_id = int(source_id.removeprefix("expense-"))
        record = self.world.site.get(module, record_id)
        total = record["sum"] + record["tax_sum" if is_expense else "vat_sum"]
        return Decimal(total) - self.world.site.received_of(module, record_id)

    def documents(self, flow: Flow = Flow.SALES_INVOICES) -> dict[str, str]:
        """SmartAccounts' ids of all linked documents, by Scoro's."""
        with self.world.engine.connect() as connection:
            rows = connection.execute(select(link).where(link.c.kind == KIND_OF[flow].value))
            return {row.source_id: row.remote_id for row in rows}

    def pairs(self) -> dict[str, str]:
        """Payments by receipt group, as linked; further parts with their number behind a slash."""
        with self.world.engine.connect() as connection:
            rows = connection.execute(select(link).where(link.c.kind == Kind.PAYMENT.value))
            return {
                part_name(row.source_id, row.source_part): part_name(row.remote_id, row.remote_part) for row in rows
            }

    def cases(self) -> list[tuple[str, str, str]]:
        with self.world.engine.connect() as connection:
            rows = connection.execute(select(quarantine).where(quarantine.c.state == "open").order_by(quarantine.c.id))
            return [(row.flow, row.source_id, row.code) for row in rows]

    def waits(self) -> dict[str, str]:
        with self.world.engine.connect() as connection:
            rows = connection.execute(select(waiting).where(waiting.c.flow == Flow.PAYMENTS.value))
            return {row.source_id: row.code for row in rows}

    def outcome(self, source_id: int | str, run_key: str) -> str | None:
        """How a run left a document."""
        with self.world.engine.connect() as connection:
            outcome: str | None = connection.execute(
                select(run_document.c.outcome).where(
                    run_document.c.source_id == str(source_id), run_document.c.run_key == run_key
                )
            ).scalar_one()
            return outcome

    def reported(self) -> set[tuple[str, str, str]]:
        with self.world.engine.connect() as connection:
            rows = connection.execute(select(later_change))
            return {(row.flow, row.source_id, row.kind) for row in rows}

    def in_doubt(self) -> list[str]:
        """Ids of what is on its way to either side without an answer."""
        with self.world.engine.connect() as connection:
            return list(connection.execute(select(intent.c.source_id).where(intent.c.state == "open")).scalars())

    def writes(self) -> tuple[int, int]:
        """How often the pipeline wrote payments to SmartAccounts and receipt groups to Scoro."""
        return len(self.world.writes(PAYMENTS)), len(self.world.receipts_written())


def said(summary: Summary) -> str:
    """What a person reads of a run."""
    return render_summary(summary)


def replace_policy(company: Any, **changes: Any) -> Any:
    return company.model_copy(update={"payments": company.payments.model_copy(update=changes)})
