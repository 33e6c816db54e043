"""The whole story of one document, from staging: what Scoro sent, what was found, planned, sent and answered."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from scoro_smartaccounts.common.clock import TALLINN
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.money import plain
from scoro_smartaccounts.common.reasons import field_of, render, system_of
from scoro_smartaccounts.common.stored import items, mapping
from scoro_smartaccounts.flows import INVOICE_FLOWS
from scoro_smartaccounts.scoro.modules import modules_of
from scoro_smartaccounts.staging.changed_since_import import changes_of_document
from scoro_smartaccounts.staging.documents import documents_of_number, flows_of_number
from scoro_smartaccounts.staging.findings import findings_of_document
from scoro_smartaccounts.staging.intents import intents_of
from scoro_smartaccounts.staging.links import KIND_OF, Kind, links_of, links_to
from scoro_smartaccounts.staging.named_records import products_of
from scoro_smartaccounts.staging.plans import read_plans
from scoro_smartaccounts.staging.quarantine import cases_of_document
from scoro_smartaccounts.staging.raw_records import snapshots
from scoro_smartaccounts.staging.runs import visits
from scoro_smartaccounts.staging.waiting import list_waiting

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date, datetime
    from decimal import Decimal

    from sqlalchemy import Connection

    from scoro_smartaccounts.staging.documents import StagedDocument


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a story: what a script calls it, what a person reads above it, and its lines."""

    key: str
    title: str
    lines: Sequence[str]


@dataclass(frozen=True, slots=True)
class Story:
    """What is known of one document. `source_id` is its id in `system`, where it comes from; `contact` is Scoro's."""

    flow: Flow
    number: str
    source_id: str
    system: str
    state: Literal["there", "deleted", "gone"]
    day: date | None
    net: Decimal | None
    vat: Decimal | None
    currency: str
    contact: str | None
    sections: Sequence[Section]

    def lines(self) -> Iterator[str]:
        """Yield the story as a person reads it."""
        state = {"there": "in", "deleted": "deleted in", "gone": "gone from"}[self.state]
        yield f"{self.number} of {_day(self.day)}, {self.system} id {self.source_id}, {state} {self.system}"
        net = _amount(self.net)
        amount = f"net {net} + VAT {_amount(self.vat)}" if self.flow in INVOICE_FLOWS else net
        contact = "" if self.flow.is_export else f", contact {self.contact or 'none'}"
        yield f"  {amount} {self.currency}{contact}"
        for section in self.sections:
            yield f"{section.title}:"
            yield from (f"  {line}" for line in section.lines)

    def shape(self) -> dict[str, Any]:
        """Return the story as a script reads it: amounts as strings, sections by key."""
        return {
            "number": self.number,
            "id": self.source_id,
            "system": self.system,
            "state": self.state,
            "day": self.day,
            "net": None if self.net is None else plain(self.net),
            "vat": None if self.vat is None else plain(self.vat),
            "currency": self.currency,
            "contact": self.contact,
            "sections": {section.key: list(section.lines) for section in self.sections},
        }


def explain(connection: Connection, company: str, flow: Flow, number: str) -> list[str]:
    """Lines about every document of this number (a number may return after a deletion), oldest first."""
    found = stories(connection, company, flow, number)
    if not found:
        return [unknown(company, flow, number, flows_of_number(connection, company, number))]
    return [line for story in found for line in story.lines()]


def stories(connection: Connection, company: str, flow: Flow, number: str) -> list[Story]:
    """Return the stories of all documents of this number, oldest first."""
    found = documents_of_number(connection, company, flow, number)
    return [_Teller(connection, company, flow, item).story() for item in found]


def unknown(company: str, flow: Flow, number: str, others: Sequence[str]) -> str:
    """Return that there is no such document, and in which other flows there is one."""
    hint = f"there is one of flow {' and of flow '.join(others)}" if others else "no run has read its day yet"
    return f"No document {number} of flow {flow.value} is known for company {company}: {hint}."


class _Teller:
    def __init__(self, connection: Connection, company: str, flow: Flow, row: StagedDocument) -> None:
        self._connection = connection
        self._company = company
        self._flow = flow
        self._row = row

    def story(self) -> Story:
        row = self._row
        return Story(
            flow=self._flow,
            number=row.number,
            source_id=row.source_id,
            system=self._flow.source,
            state="deleted" if row.is_deleted else "gone" if row.is_missing else "there",
            day=row.day,
            net=row.net,
            vat=row.vat,
            currency=row.currency,
            contact=row.partner_id,
            sections=[section for section in self._sections() if section.lines],
        )

    def _sections(self) -> Iterator[Section]:
        for key, title, lines in (
            ("snapshots", "Snapshots from Scoro", self._snapshots()),
            ("runs", "Runs", self._runs()),
            ("findings", "Findings", self._findings()),
            ("quarantine", "Quarantine", self._cases()),
            ("waiting", "Waiting", self._waits()),
            ("links", "Who is who", self._links()),
            ("plan", "Plan", self._plan()),
            ("requests", f"Requests to {self._flow.target}", self._intents()),
            ("booked", f"In {self._flow.target}", self._booked()),
            ("later_changes", "Later changes", self._changes()),
        ):
            yield Section(key, title, list(lines))

    def _snapshots(self) -> Iterator[str]:
        modules = [module.name for module in modules_of(self._flow)]
        for shot in snapshots(self._connection, self._company, modules, self._row.source_id):
            mark = shot.fingerprint[:12]
            yield f"{_moment(shot.first_seen_at)} version {shot.version}, fingerprint {mark}, {shot.run_key}"

    def _runs(self) -> Iterator[str]:
        for visit in visits(self._connection, self._company, self._flow, self._row.source_id):
            why = f": {render(visit.why)}" if visit.why else ""
            yield (
                f"{_moment(visit.started_at)} {visit.run_key} ({visit.kind}, {visit.mode}), taken as {visit.reason},"
                f" {visit.outcome or 'unfinished'}{why}"
            )

    def _findings(self) -> Iterator[str]:
        found = findings_of_document(self._connection, self._company, self._flow, self._row.source_id)
        for at, item in found:
            yield f"{_moment(at)} {item.severity} {item.code}: {render(item.reason)}"

    def _cases(self) -> Iterator[str]:
        for case in cases_of_document(self._connection, self._company, self._flow, self._row.source_id):
            closed = f", closed {_moment(case.closed_at)}" if case.closed_at else ""
            note = f", note: {case.note}" if case.note else ""
            note += f", chosen: {case.choice.replace('_', ' ')}" if case.choice else ""
            where = f" (mend {field_of(case.reason) or 'it'} in {system_of(case.reason)})"
            yield f"{_moment(case.opened_at)} {case.state} {case.reason.code}: {case.message}{where}{closed}{note}"

    def _waits(self) -> Iterator[str]:
        for wait in list_waiting(self._connection, self._company):
            if (wait.flow, wait.source_id) == (self._flow, self._row.source_id):
                yield f"since {_moment(wait.since)}: {render(wait.reason)}"

    def _links(self) -> Iterator[str]:
        products = products_of(self._connection, self._company, self._flow, [self._row.source_id])
        spec = INVOICE_FLOWS.get(self._flow)
        partners = (spec.partner_kind,) if spec is not None else (Kind.CLIENT, Kind.VENDOR)
        contacts: set[str] = {self._row.partner_id} if self._row.partner_id else set()
        named = [*((kind, "contact", contacts) for kind in partners), (Kind.ARTICLE, "product", products)]
        for kind, what, ids in named:
            for row in links_of(self._connection, self._company, kind, filter(None, ids)):
                detail = f" {row.detail}" if row.detail and row.evidence not in ("created", "marker") else ""
                how = f"{row.evidence}{detail}, {_moment(row.linked_at)}"
                yield f"{what} {row.source_id} is {kind.value} {row.remote_id} ({how})"

    def _plan(self) -> Iterator[str]:
        for row in read_plans(self._connection, self._company, self._flow, [self._row.source_id]).values():
            names = ("net", "vat", "rounding", "total")
            amounts = "".join(f"{name} {row.predicted[name]}, " for name in names if name in row.predicted)
            yield f"{_moment(row.planned_at)} {amounts}hash {row.payload_hash[:12]}, {row.run_key}"
            if codes := mapping(row.predicted.get("vat_by_code")):
                yield f"VAT by code: {', '.join(f'{code}: {amount}' for code, amount in codes.items())}"
            yield from (f"note: {render(warning)}" for warning in row.warnings)
            body = json.loads(row.payload)
            yield from (
                line for part in (items(body) if self._flow.is_payments else [body]) for line in _ROWS[self._flow](part)
            )

    def _intents(self) -> Iterator[str]:
        kind = KIND_OF.get(self._flow, Kind.RECEIPT)
        for row in intents_of(self._connection, self._company, kind, self._row.source_id):
            settled = f", settled {_moment(row.settled_at)}" if row.settled_at else " (in doubt)"
            note = f": {row.note}" if row.note else ""
            signed = f"{row.operation} signed {_moment(row.signed_at)}"
            yield f"{_moment(row.written_at)} {signed}, {row.state}{settled}{note}"

    def _booked(self) -> Iterator[str]:
        kind, is_export = KIND_OF.get(self._flow, Kind.PAYMENT), self._flow.is_export
        its_links = (links_to if is_export else links_of)(self._connection, self._company, kind, [self._row.source_id])
        for row in sorted(its_links, key=lambda item: item.linked_at):
            other = row.source_id if is_export else row.remote_id
            yield f"{other} ({row.evidence}, {_moment(row.linked_at)}, {row.run_key})"
            answer = row.answer
            names = ("invoiceNumber", "number", "amount", "vatAmount", "roundAmount", "totalAmount")
            told = [f"{name} {answer[name]}" for name in names if answer.get(name) is not None]
            if told:
                yield ", ".join(told)

    def _changes(self) -> Iterator[str]:
        for change in changes_of_document(self._connection, self._company, self._flow, self._row.source_id):
            yield f"{_moment(change.seen_at)} {render(change.reason)}"


def _invoice_rows(body: Any) -> Iterator[str]:
    for line in map(_read, items(_read(body)["rows"])):
        discount = f" - {line['discount']} %" if "discount" in line else ""
        account = f", account {line['accountPurchase']}" if "accountPurchase" in line else ""
        vat = f"VAT code {line['vatPc']}{account}"
        yield f"row {line['code']}: {line['quantity']} x {line['price']}{discount}, {vat}"


def _payment_rows(body: Any) -> Iterator[str]:
    payment = _read(body)
    yield f"{payment['accountType']} {payment['accountName']} on {payment['date']}"
    for line in map(_read, items(payment["rows"])):
        yield f"row {line['type']} {line['id']}: {line['amount']}"
    if prepayment := payment.get("prepayment"):
        yield f"prepayment: {_read(prepayment)['amount']}"
    for line in map(_read, items(payment["extras"])):
        yield f"account {line['account']}: {line['quantity']} x {line['price']}"


def _receipt_rows(body: Any) -> Iterator[str]:
    request = _read(_read(body)["request"])
    yield f"receipt of {request['sum']} on {request['date']}"
    for row in map(_read, items(request["receipts"])):
        yield f"row {request['sales_doc_type']} {row['invoice_id']}: {row['sum']}"


def _read(stored: Any) -> Mapping[str, Any]:
    """Of a body that another version stored, a dash for what is not there."""
    return defaultdict(lambda: "–", mapping(stored))


_ROWS = {
    Flow.SALES_INVOICES: _invoice_rows,
    Flow.PURCHASE_INVOICES: _invoice_rows,
    Flow.PAYMENTS: _payment_rows,
    Flow.EXPORT_PAYMENTS: _receipt_rows,
}


def _amount(value: Any) -> str:
    return "?" if value is None else plain(value)


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(TALLINN):%d.%m.%Y %H:%M:%S}"


def _day(day: Any) -> str:
    return f"{day:%d.%m.%Y}" if day is not None else "no date"
