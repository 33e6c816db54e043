"""What staging knows of the records of a run that are to be taken back. Asks neither service."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scoro_smartaccounts.common.clock import tallinn_day
from scoro_smartaccounts.common.documents import Flow, named, named_payment
from scoro_smartaccounts.common.periods import Periods, month_of, month_text
from scoro_smartaccounts.common.reasons import Phrase, phrase
from scoro_smartaccounts.mirror.vat_returns import returns_read
from scoro_smartaccounts.outbox.locked import locked_until
from scoro_smartaccounts.smartaccounts.words import INVOICE_TYPES, PREPAYMENT
from scoro_smartaccounts.staging.audit_books import BooksList, known_records
from scoro_smartaccounts.staging.documents import read_documents
from scoro_smartaccounts.staging.intents import created_remote_ids
from scoro_smartaccounts.staging.links import (
    KIND_OF,
    BookedDocument,
    Kind,
    booked_documents,
    booked_records,
    links_of,
    links_to,
)
from scoro_smartaccounts.staging.mirror_payments import lines_on, mirrored_payments, settled_lines
from scoro_smartaccounts.staging.mirror_registers import article_records
from scoro_smartaccounts.staging.named_records import crediting
from scoro_smartaccounts.staging.periods import known_months
from scoro_smartaccounts.staging.plans import read_plans

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import date, datetime

    from sqlalchemy import Connection

    from scoro_smartaccounts.common.company import Company
    from scoro_smartaccounts.staging.audit_books import Known
    from scoro_smartaccounts.staging.documents import StagedDocument
    from scoro_smartaccounts.staging.links import StoredLink
    from scoro_smartaccounts.staging.mirror_payments import MirroredPayment

_STOCK = "WH"
DOCUMENT_FLOWS = (Flow.SALES_INVOICES, Flow.PURCHASE_INVOICES)

# Flow and SmartAccounts' id of a document.
DocumentKey = tuple[Flow, str]


@dataclass(frozen=True, slots=True)
class BookedOne:
    """A document that the run booked. `body`: as it was sent, where that is still known; `stock`: its articles that are
    kept in stock."""

    flow: Flow
    remote_id: str
    booked: BookedDocument
    staged: StagedDocument | None
    body: Mapping[str, Any] | None
    known: Known | None
    stock: frozenset[str]

    @property
    def key(self) -> DocumentKey:
        """Flow and SmartAccounts' id."""
        return self.flow, self.remote_id

    @property
    def day(self) -> date | None:
        """When it is entered."""
        return self.booked.booking.entry_day or (None if self.staged is None else self.staged.day)

    @property
    def is_credit(self) -> bool:
        """Whether it credits others."""
        return bool(self.staged and self.staged.credited_ids)

    @property
    def named(self) -> Phrase:
        """The document as sentences name it."""
        number = self.booked.booking.number or (self.staged.number if self.staged else "") or self.booked.source_id
        return named(self.flow, number, self.day)


@dataclass(frozen=True, slots=True)
class BookedPayment:
    """A payment of SmartAccounts: the links that it has, and what it settles. `is_ours`: the pipeline made it, and it
    stands there as it was made; `is_used`: another payment uses up what it paid in advance."""

    payment: MirroredPayment
    links: tuple[StoredLink, ...]
    settles: frozenset[DocumentKey]
    is_ours: bool
    is_used: bool


def booked_by_run(connection: Connection, company: Company, run_keys: Iterable[str]) -> dict[DocumentKey, BookedOne]:
    """Return the invoices and bills that runs booked and that are still there, as far as is known."""
    found: dict[DocumentKey, BookedOne] = {}
    for flow in DOCUMENT_FLOWS:
        found |= booked_ones(connection, company, flow, _created(connection, company.key, KIND_OF[flow], run_keys))
    return {key: each for key, each in found.items() if each.booked.gone_at is None}


def booked_ones(
    connection: Connection, company: Company, flow: Flow, remote_ids: Collection[str]
) -> dict[DocumentKey, BookedOne]:
    """Return these of SmartAccounts' invoices or bills, with what is known of how they were booked."""
    booked = booked_records(connection, company.key, KIND_OF[flow], remote_ids)
    sources = [item.source_id for item in booked.values()]
    staged = {each.source_id: each for each in read_documents(connection, company.key, flow, sources)}
    plans = read_plans(connection, company.key, flow, sources)
    known = known_records(connection, company.key, BooksList(flow.value), booked)
    found = {}
    for remote_id, item in booked.items():
        plan = plans.get(item.source_id)
        is_its = plan is not None and plan.content_hash == item.content_hash
        body = json.loads(plan.payload) if plan is not None and is_its else None
        codes = {row["code"] for row in body["rows"]} if body else set()
        # The plan may be another one by now.
        codes |= known[remote_id].content.get("articles", {}).keys() if remote_id in known else set()
        found[flow, remote_id] = BookedOne(
            flow,
            remote_id,
            item,
            staged.get(item.source_id),
            body,
            known.get(remote_id),
            stocked(connection, company, codes),
        )
    return found


def stocked(connection: Connection, company: Company, codes: Collection[str]) -> frozenset[str]:
    """Return those of the articles that are kept in stock."""
    if not codes:
        return frozenset()
    articles = article_records(connection, company.key)
    return frozenset(code for code in codes if (one := articles.get(code)) and one.type == _STOCK)


def payments_by_run(connection: Connection, company: Company, run_keys: Iterable[str]) -> set[str]:
    """Return the payments that runs booked and that were not undone, as far as is known."""
    ids = _created(connection, company.key, Kind.PAYMENT, run_keys)
    known = mirrored_payments(connection, company.key, ids)
    return {key for key in ids if key in known and not known[key].is_deleted}


def receipts_by_run(connection: Connection, company: Company, run_keys: Iterable[str]) -> dict[str, StoredLink]:
    """Return the receipt groups that runs made in Scoro and that are still there, by their ids, with their links."""
    ids = _created(connection, company.key, Kind.RECEIPT, run_keys)
    gone = {
        each.source_id
        for each in read_documents(connection, company.key, Flow.PAYMENTS, ids)
        if each.is_deleted or each.is_missing
    }
    links = links_of(connection, company.key, Kind.PAYMENT, ids - gone)
    return {each.source_id: each for each in links if each.gone_at is None}


def payments_with(connection: Connection, company: Company, payment_ids: Iterable[str]) -> dict[str, BookedPayment]:
    """Return these payments, and all others that stand for the same receipts: they go together, or not at all."""
    key = company.key
    wanted = set(payment_ids)
    while True:
        groups = {each.source_id for each in links_to(connection, key, Kind.PAYMENT, wanted)}
        links = links_of(connection, key, Kind.PAYMENT, groups)
        more = {each.remote_id for each in links} - wanted
        if not more:
            break
        wanted |= more
    known = {each: item for each, item in mirrored_payments(connection, key, wanted).items() if not item.is_deleted}
    by_payment: dict[str, list[StoredLink]] = defaultdict(list)
    for link in links_to(connection, key, Kind.PAYMENT, known):
        by_payment[link.remote_id].append(link)
    ours = created_remote_ids(connection, key, Kind.PAYMENT, known)
    used = {line.document_remote_id for line in lines_on(connection, key, known) if line.type == PREPAYMENT}
    settles: dict[str, set[DocumentKey]] = defaultdict(set)
    flows = {name: flow for flow, name in INVOICE_TYPES.items()}
    for line in settled_lines(connection, key, known):
        if line.type in flows:
            settles[line.payment_id].add((flows[line.type], line.document_remote_id))
    return {
        each: BookedPayment(
            payment=item,
            links=tuple(by_payment[each]),
            settles=frozenset(settles[each]),
            is_ours=each in ours
            and bool(by_payment[each])
            and all(link.answer.get("payment") in (None, item.content_hash) for link in by_payment[each]),
            is_used=each in used,
        )
        for each, item in known.items()
    }


def paying(connection: Connection, company: Company, keys: Collection[DocumentKey]) -> dict[DocumentKey, set[str]]:
    """Return the payments that settle documents, by these."""
    flows = {name: flow for flow, name in INVOICE_TYPES.items()}
    found: dict[DocumentKey, set[str]] = defaultdict(set)
    for line in lines_on(connection, company.key, {remote_id for _, remote_id in keys}):
        if line.type in flows and (flows[line.type], line.document_remote_id) in keys:
            found[flows[line.type], line.document_remote_id].add(line.payment_id)
    return found


def known_periods(connection: Connection, company: Company, flow: Flow, now: datetime) -> Periods:
    """Return what is known of all months, for documents of a flow: where returns cannot be read, nobody knows whether a
    month is declared, and nothing is deleted from one that is over."""
    return Periods(
        today=tallinn_day(now),
        months=known_months(connection, company.key),
        closed=company.entry_date(flow).books_closed_until,
        refused=locked_until(connection, company.key, now),
        is_cautious=bool(returns_read(connection, company.key).trouble),
    )


def to_credit(document: Phrase, day: date, periods: Periods) -> Phrase:
    """Return the words of a document whose month is closed: it is credited, not deleted."""
    return phrase(
        "undo_credit",
        document=document,
        month=month_text(month_of(day)),
        state=phrase("period_unread" if periods.is_cautious else f"period_{periods.state(day)}"),
        day=periods.first_open_day,
    )


def living_credits(
    connection: Connection, company: Company, documents: Mapping[DocumentKey, BookedOne]
) -> dict[DocumentKey, dict[DocumentKey, Phrase]]:
    """Return the credit invoices in the books that credit documents, by these."""
    found: dict[DocumentKey, dict[DocumentKey, Phrase]] = defaultdict(dict)
    for flow in {each.flow for each in documents.values()}:
        by_source = {each.booked.source_id: key for key, each in documents.items() if each.flow is flow}
        credited = crediting(connection, company.key, flow, by_source)
        ids = {(flow, credit) for some in credited.values() for credit in some}
        there = booked_documents(connection, company.key, ids)
        for base, credits in credited.items():
            for credit in credits:
                booked = there.get((flow, credit))
                if booked is not None and booked.gone_at is None:
                    number = booked.booking.number or credit
                    found[by_source[base]][flow, booked.remote_id] = phrase(flow.noun, number=number)
    return found


def named_payments(payments: Iterable[BookedPayment]) -> list[Phrase]:
    """Return payments as sentences name them."""
    ordered = sorted(payments, key=lambda each: (each.payment.day, each.payment.number))
    return [named_payment(each.payment.number, each.payment.day) for each in ordered]


def _created(connection: Connection, company: str, kind: Kind, run_keys: Iterable[str]) -> set[str]:
    return {remote_id for key in run_keys for remote_id in created_remote_ids(connection, company, kind, run_key=key)}
