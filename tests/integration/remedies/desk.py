"""A bookkeeper's desk: what is entered wrongly in either system, and what is done about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select, true

from scoro_smartaccounts import pipeline
from scoro_smartaccounts.common.clock import tallinn_day
from scoro_smartaccounts.common.company import VatRule
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.reasons import Reason, render
from scoro_smartaccounts.common.run import RunKind, RunRequest
from scoro_smartaccounts.flows import INVOICE_FLOWS
from scoro_smartaccounts.matching.documents.gone import note_deleted
from scoro_smartaccounts.staging.links import KIND_OF
from scoro_smartaccounts.staging.quarantine import dismiss, release
from scoro_smartaccounts.staging.schema import link, quarantine, waiting
from scoro_smartaccounts_sandbox.scoro.codes import registry_code
from tests.integration.first_day import ARTICLES, CLIENTS, VENDORS, FirstDay, fill_in
from tests.integration.money import Money
from tests.integration.office import Office
from tests.integration.world import Summary, World

SALES, PURCHASES = Flow.SALES_INVOICES, Flow.PURCHASE_INVOICES
DAY = date(2026, 1, 12)
MODULES = {SALES: "invoices", PURCHASES: "bills"}
SERVICES = {SALES: "purchasesales/clientinvoices", PURCHASES: "purchasesales/vendorinvoices"}
PARTNERS = {SALES: CLIENTS, PURCHASES: VENDORS}
# Of names that are no more like each other than any two companies.
_SYLLABLES = ("Kase", "Mänd", "Tuule", "Ranna", "Põld", "Jõe", "Saar", "Linnu", "Metsa", "Kivi", "Lume", "Päikse")
_TRADES = ("Ehitus", "Kaubandus", "Trükk", "Mööbel", "Vedu", "Aiandus", "Keemia", "Tarkvara", "Kalapüük", "Tekstiil")


@dataclass(frozen=True)
class Doc:
    """A document of Scoro."""

    flow: Flow
    id: str

    @property
    def module(self) -> str:
        return MODULES[self.flow]


@dataclass
class Desk:
    """A world in which many remedies are followed side by side: each document has a partner of its own, and runs are
    for all of them. `hooks` are done once in the next run, after the step that they name."""

    world: World
    first: date = DAY
    last: date = DAY
    day: FirstDay = field(init=False)
    answers: dict[str, str] = field(default_factory=dict)
    hooks: list[tuple[str, Callable[[], object]]] = field(default_factory=list)
    runs: int = 0
    office: Office = field(init=False)
    _made: int = 0

    def __post_init__(self) -> None:
        self.day = FirstDay(self.world)
        checked = self.world.checked
        self.office = Office(self.world, Money(self.world))
        self.world.checked = checked

    def _next(self) -> int:
        self._made += 1
        return self._made

    def new_name(self) -> str:
        """A company's name that nobody else has."""
        number = self._next()
        return f"{_SYLLABLES[number % 12]}{_TRADES[number // 12 % 10].lower()} OÜ"

    def new_code(self) -> str:
        """A registry code that nobody else has."""
        return registry_code(1900300 + self._next())

    # Scoro

    def contact(self, **fields: Any) -> int:
        """A company, client and supplier, with a name and a registry code of its own."""
        values = {
            "name": self.new_name(),
            "contact_type": "company",
            "id_code": self.new_code(),
            "is_client": 1,
            "is_supplier": 1,
        }
        return int(self.world.site.create("contacts", values | fields)["contact_id"])

    def enter(self, flow: Flow = SALES, *lines: Mapping[str, Any], **fields: Any) -> Doc:
        """An invoice or bill of 100.00 and 24 % VAT of a new partner."""
        values: dict[str, Any] = {
            "date": DAY.isoformat(),
            "deadline": fields.get("date", DAY.isoformat()),
            "lines": [dict(each) for each in lines or (line(),)],
            **fields,
        }
        if "company_id" not in values:
            values["company_id"] = self.contact()
        if flow is PURCHASES:
            values.setdefault("no", f"OA-{self._next()}")
        return Doc(flow, str(self.world.site.create(MODULES[flow], values)["id"]))

    def spoil(self, doc: Doc, **fields: Any) -> None:
        """What Scoro would not take by its own rules."""
        self.world.site.patch(doc.module, int(doc.id), fields)

    def mend(self, doc: Doc, **fields: Any) -> None:
        """Open, change and save in Scoro."""
        self.world.site.modify(doc.module, int(doc.id), fields)

    def new_number(self) -> str:
        """A number that no other document has."""
        return str(88000 + self._next())

    def get(self, doc: Doc) -> dict[str, Any]:
        return dict(self.world.site.get(doc.module, int(doc.id)))

    def delete(self, doc: Doc) -> None:
        self.world.site.delete(doc.module, int(doc.id))

    def vat_code(self, percent: str) -> tuple[int, str]:
        """A VAT code of Scoro that nothing else uses; its id and its symbol."""
        number = self._next()
        code = f"X{number}"
        row = {"vat_code": code, "percent": Decimal(percent), "vat_name": code, "is_active": 1, "is_not_applicable": 0}
        return int(self.world.site.put("vatCodes", row)["vat_code_id"]), code

    def product(self, **fields: Any) -> int:
        number = self._next()
        values = {"name": f"{_TRADES[number % 10]} {number}", "code": f"T{number}", "price": "10"}
        return int(self.world.site.create("products", values | fields)["product_id"])

    # SmartAccounts

    def known(self, flow: Flow = SALES, **fields: Any) -> str:
        """A client or vendor that somebody entered there."""
        return self.day.known(PARTNERS[flow], **fields)

    def known_as(self, contact: int, flow: Flow = SALES, **fields: Any) -> str:
        """The contact, entered there by hand under its own code."""
        ours = self.world.site.get("contacts", contact)
        return self.known(flow, **({"name": ours["name"], "regCode": ours["id_code"]} | fields))

    def vat_code_there(self, percent: str, **fields: Any) -> str:
        """A VAT code of SmartAccounts that somebody added."""
        row = {"pc": percent, "descriptionEt": f"{percent} %", "activeSales": True, "activePurchase": True}
        return str(self.world.books.seed("settings/vatpcs", row | fields))

    def book(self, flow: Flow, partner: str, number: str, *, net: str = "100.00", **fields: Any) -> str:
        """An invoice or bill of one row that somebody entered there."""
        if "KASI" not in {row["code"] for row in self.world.books.state()["articles"]}:
            self.day.known(ARTICLES, code="KASI", description="Käsitsi", type="SERVICE")
        body = {
            "clientId" if flow is SALES else "vendorId": partner,
            "date": f"{DAY:%d.%m.%Y}",
            "currency": "EUR",
            "invoiceNumber": number,
            "rows": [{"code": "KASI", "description": "Käsitsi", "price": net, "quantity": "1", "vatPc": "24"}],
        }
        return str(
            self.world.books.seed(
                SERVICES[flow], body | ({"isCalculateVat": True} if flow is PURCHASES else {}) | fields
            )
        )

    def remove(self, doc: Doc) -> dict[str, Any]:
        """Somebody deletes the document there, which the pipeline learns; what the books held."""
        key, service = self.remote(doc), SERVICES[doc.flow]
        kept = next(row for row in self.world.books.state()[service.partition("/")[2]] if row["id"] == key)
        self.world.books.remove(service, key)
        request = self.world.request(DAY, DAY, flow=doc.flow)
        with self.world.engine.connect() as connection:
            note_deleted(connection, self.world.services(request), self.world.company, INVOICE_FLOWS[doc.flow])
        return dict(kept)

    def book_again(self, flow: Flow, kept: Mapping[str, Any]) -> str:
        """An equal document, entered by hand."""
        names = ("clientId", "vendorId", "date", "dueDate", "entryDate", "currency", "invoiceNumber", "type")
        of_row = ("code", "description", "price", "quantity", "vatPc", "accountPurchase")
        rows = [{name: row[name] for name in of_row if row.get(name) is not None} for row in kept["rows"]]
        body = {name: kept[name] for name in names if kept.get(name) is not None}
        return str(self.world.books.seed(SERVICES[flow], {**body, "rows": rows}))

    def remote(self, doc: Doc) -> str:
        """The document's id there."""
        with self.world.engine.connect() as connection:
            return str(
                connection.execute(
                    select(link.c.remote_id).where(link.c.kind == KIND_OF[doc.flow].value, link.c.source_id == doc.id)
                ).scalar_one()
            )

    # The company file

    def policy(self, flow: Flow, **changes: Any) -> None:
        name = flow.value
        section = getattr(self.world.company, name)
        self.company(**{name: section.model_copy(update=changes)})

    def company(self, **changes: Any) -> None:
        self.world.company = self.world.company.model_copy(update=changes)

    def rule(self, flow: Flow, **fields: Any) -> None:
        """A VAT rule before the others."""
        rules = getattr(self.world.company, flow.value).vat_codes
        others = [rule for rule in rules if rule.scoro_code is None or rule.scoro_code != fields.get("scoro_code")]
        self.policy(flow, vat_codes=[VatRule.model_validate(fields), *others])

    # Who looks after quarantine

    def retry(self, doc: Doc) -> None:
        with self.world.engine.begin() as connection:
            assert release(connection, self.world.company.key, [f"id:{doc.id}"], "mended", doc.flow)

    def dismiss(self, doc: Doc) -> None:
        with self.world.engine.begin() as connection:
            assert dismiss(connection, self.world.company.key, [f"id:{doc.id}"], "not meant", doc.flow)

    def answer(self, remote: str, said: str) -> None:
        """Of the pair with a record of SmartAccounts, in the next report of reconcile_ids."""
        self.answers[remote] = said

    # Runs

    def compare(self) -> None:
        """Run reconcile_ids, and hand its report back with the answers, if there are any."""
        report = self.day.run()
        if self.answers:
            content = fill_in(self.day.file(report), lambda row: self.answers.get(str(row["SmartAccounts ID"])))
            assert not self.day.hand_back(content).skipped
        self.answers.clear()

    def run_next(self, *flows: Flow) -> None:
        """The first run is one by hand over the documents' days, the next ones are the schedule's, a day apart."""
        self.runs += 1
        if self.answers:
            self.compare()
        first, last, kind = self.first, self.last, RunKind.MANUAL
        if self.runs > 1:
            self.world.clock.advance(timedelta(days=1))
            first = last = tallinn_day(self.world.clock.now()) - timedelta(days=1)
            kind = RunKind.SCHEDULED
        for flow in flows:
            self.run(flow, first, last, kind)
        self.hooks.clear()

    def run(self, flow: Flow, first: date, last: date, kind: RunKind = RunKind.MANUAL, **more: Any) -> Summary:
        """All steps of one run."""
        request = self.world.request(first, last, flow=flow, kind=kind, **more)
        services = self.world.services(request)
        for step in self.world.steps:
            step(request, services)
            self._after(step.__name__, request)
        return pipeline.summarize(request, services)

    def _after(self, step: str, request: RunRequest) -> None:
        for name, hook in list(self.hooks):
            if name == f"{request.flow.value} {step}":
                self.hooks.remove((name, hook))
                hook()

    def after(self, flow: Flow, step: str, act: Callable[[], object]) -> None:
        """What happens in the next run between two steps."""
        self.hooks.append((f"{flow.value} {step}", act))

    # What stands where

    def stuck(self, doc: Doc) -> Reason | None:
        """Why a document is in quarantine, or what it waits for."""
        with self.world.engine.connect() as connection:
            for table, living in ((quarantine, quarantine.c.state.in_(("open", "released"))), (waiting, true())):
                found = connection.scalar(
                    select(table.c.reason).where(table.c.flow == doc.flow.value, table.c.source_id == doc.id, living)
                )
                if found is not None:
                    return Reason.from_json(found)
        return None

    def links(self, doc: Doc) -> list[str]:
        """The records that stand for it, without those that are known to be deleted."""
        with self.world.engine.connect() as connection:
            of_doc = (link.c.kind == KIND_OF[doc.flow].value, link.c.source_id == doc.id, link.c.gone_at.is_(None))
            return list(connection.scalars(select(link.c.remote_id).where(*of_doc)))

    def assert_stuck(self, doc: Doc, key: str) -> None:
        why = self.stuck(doc)
        assert why is not None, f"{doc} is not held up, but {self.links(doc) or 'not booked'}"
        assert why.key == key, render(why)
        assert not self.links(doc)
        # Nor has the sentence a gap.
        assert "?" not in render(why, "en") + render(why, "et")

    def assert_booked(self, doc: Doc) -> None:
        """Once, right, and nothing is left to do about it."""
        why = self.stuck(doc)
        assert why is None, render(why)
        links = self.links(doc)
        assert len(links) == 1, f"{doc} is linked to {links}"
        record = self.get(doc)
        rows = self.world.books.records[SERVICES[doc.flow]]
        booked = rows[links[0]]
        assert abs(booked["totalAmount"]) == abs(record["sum"] + record["vat_sum"])
        assert (booked["invoiceNumber"], booked["date"].isoformat()) == (record["no"], record["date"])
        assert booked["currency"] == record["currency"]
        key = "clientId" if doc.flow is SALES else "vendorId"
        # Numbers begin again each year.
        same = [
            row
            for row in rows.values()
            if (row["invoiceNumber"], row[key], row["date"].year) == (record["no"], booked[key], booked["date"].year)
        ]
        assert len(same) == 1

    def assert_gone(self, doc: Doc) -> None:
        """Not booked, and nothing is left to do about it."""
        why = self.stuck(doc)
        assert why is None, render(why)
        assert not self.links(doc)


def line(price: str = "100", amount: str = "1", vat: int = 9, **more: Any) -> dict[str, Any]:
    return {"product_id": 0, "product_name": "Töö", "price": price, "amount": amount, "vat_code_id": vat} | more
