"""The step between checked documents and the books: who is who, and exactly what will be sent.

Reads SmartAccounts, writes only to staging. What it stores is what the load step sends, to the byte.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, delete, func, select

from scoro_smartaccounts.common.assumptions import VAT_ROUNDING, VatRounding
from scoro_smartaccounts.common.company import Mode
from scoro_smartaccounts.common.culprits import one_document, problem_of
from scoro_smartaccounts.common.documents import Document, Flow, Partner, Product
from scoro_smartaccounts.common.errors import DocumentProblem
from scoro_smartaccounts.common.money import cents
from scoro_smartaccounts.common.reasons import Phrase, Reason, Severity, Step, codes_of, phrase, reason
from scoro_smartaccounts.extract.documents import stage_again
from scoro_smartaccounts.flows import INVOICE_FLOWS, Given
from scoro_smartaccounts.matching.documents.adoption import (
    POSSIBLE_DUPLICATE,
    Candidate,
    adopt,
    days_to_read,
    owners_to_look_for,
    store_adopted,
)
from scoro_smartaccounts.matching.documents.credited import BookedClient, client_of_credited
from scoro_smartaccounts.matching.documents.gone import DOCUMENT_GONE, ENTERED_AGAIN, find_again, gone_among
from scoro_smartaccounts.matching.partners.articles import ReconciledArticles, reconcile_articles
from scoro_smartaccounts.matching.partners.partners import Reconciled, reconcile_partners
from scoro_smartaccounts.matching.partners.undecided import Undecided, waits_for_decision
from scoro_smartaccounts.mirror.documents import read_days
from scoro_smartaccounts.mirror.registers import (
    ACCOUNTS,
    ARTICLES,
    FRESH,
    OBJECTS,
    VAT_CODES,
    WAREHOUSES,
    accounts,
    objects,
    own_vat_codes,
    partners_in_books,
    sync_register,
    sync_settings,
    vat_percents,
    warehouses,
)
from scoro_smartaccounts.outbox.comparison import close_document
from scoro_smartaccounts.outbox.locked import locked_until, month_end
from scoro_smartaccounts.outbox.protocol import payload_hash
from scoro_smartaccounts.outbox.settle_documents import settle_documents
from scoro_smartaccounts.scoro.modules import CONTACTS, PRODUCTS
from scoro_smartaccounts.staging import runs
from scoro_smartaccounts.staging.answers import answers_to
from scoro_smartaccounts.staging.bulk import any_of, store_each, upsert
from scoro_smartaccounts.staging.cases import dismissed_ever
from scoro_smartaccounts.staging.documents import (
    load_documents,
    load_partners,
    load_products,
    prepayment_numbers,
    unreadable_records,
)
from scoro_smartaccounts.staging.findings import Finding, drop_findings, store_findings
from scoro_smartaccounts.staging.kinds import unproved
from scoro_smartaccounts.staging.links import (
    BookedDocument,
    Booking,
    booked_documents,
    forget_gone_documents,
    read_links,
    store_links,
    successors,
)
from scoro_smartaccounts.staging.proposals import rejected_pairs
from scoro_smartaccounts.staging.quarantine import open_case, resolve
from scoro_smartaccounts.staging.schema import plan
from scoro_smartaccounts.staging.set_aside import without_culprits
from scoro_smartaccounts.staging.waiting import BASE_NOT_BOOKED, note_waiting
from scoro_smartaccounts.transform.article import FALLBACK_ID, fallback_product, plan_article
from scoro_smartaccounts.transform.invoice import (
    ClosedBooks,
    Ledger,
    PlannedInvoice,
    entry_day,
    vat_percents_of,
    waits_while_closed,
)
from scoro_smartaccounts.transform.kinds import tell_kinds
from scoro_smartaccounts.transform.marker import marker
from scoro_smartaccounts.transform.partner import PlannedRecord, plan_partner
from scoro_smartaccounts.transform.sales_invoice import Base

if TYPE_CHECKING:
    from scoro_smartaccounts.common.run import Counts, RunRequest
    from scoro_smartaccounts.services import Services

log = logging.getLogger(__name__)

ADOPTED_NET = "adopted_net_differs"
UNEXPECTED = "unexpected_when_planned"

# Settings are read again this soon when a document asks for one that the stored ones do not have.
_MISS_AGE = timedelta(minutes=10)
# A plan rests on what both sides held when it was made; after this long they are read again.
_PLAN_AGE = timedelta(hours=1)
# Cases that this step opens, and therefore closes.
PLAN_CODES = codes_of(Step.PLAN, Severity.ERROR)
# What this step lets documents wait for.
WAIT_CODES = codes_of(Step.PLAN, Severity.WAIT)
# What it finds worth a look.
NOTED_CODES = codes_of(Step.PLAN, Severity.WARNING)
# Problems that settings of SmartAccounts may have mended since they were read.
_MISSES = ("vat_code_unknown", "vat_percent_differs", "warehouse_unknown", "account_unknown", "cost_object_unknown")


def reconcile_and_plan(request: RunRequest, services: Services, *, vat_rounding: VatRounding = VAT_ROUNDING) -> Counts:
    """Reconcile and plan the run's checked documents. Safe to repeat; writes nothing to SmartAccounts."""
    company = request.company.key
    with services.engine.connect() as connection:
        with connection.begin():
            source_ids = runs.batch(connection, request)
        counts: Counts = {}

        def plan_part(part: list[str]) -> None:
            planner = _Planner(connection, request, services, vat_rounding, is_whole=len(part) == len(source_ids))
            for name, count in planner.run(part).items():
                counts[name] = counts.get(name, 0) + count

        aside = without_culprits(connection, request, source_ids, UNEXPECTED, plan_part)
        if aside:
            counts["quarantined"] = counts.get("quarantined", 0) + aside
        with connection.begin():
            runs.mark(connection, request, "planned", counts)
    log.info("Planned %s: %s.", company, ", ".join(f"{name} {count}" for name, count in counts.items()) or "nothing")
    return counts


def plans_are_old(request: RunRequest, services: Services) -> bool:
    """Whether a document that the run has still to send was planned longer ago than may be trusted."""
    with services.engine.begin() as connection:
        oldest = connection.scalar(
            select(func.min(plan.c.planned_at)).where(
                plan.c.company == request.company.key,
                plan.c.flow == request.flow.value,
                plan.c.source_id == any_of(runs.batch(connection, request)),
            )
        )
    return oldest is not None and services.clock() - oldest > _PLAN_AGE


class _Planner:
    """One planning of one run: what is read once is kept here."""

    def __init__(
        self,
        connection: Connection,
        request: RunRequest,
        services: Services,
        vat_rounding: VatRounding,
        *,
        is_whole: bool,
    ) -> None:
        self._connection = connection
        self._request = request
        self._services = services
        self._company = request.company.key
        self._spec = INVOICE_FLOWS[request.flow]
        self._policy = self._spec.policy(request.company)
        self._vat_rounding = vat_rounding
        # Whether it plans all of the run's documents, or a part of them.
        self._is_whole = is_whole
        self._settings = [VAT_CODES, WAREHOUSES]
        # The contacts of documents that are booked on what they follow, by source id.
        self._contacts: dict[str, str] = {}
        # Documents that were deleted in SmartAccounts, and stand there no more.
        self._gone: dict[str, BookedDocument] = {}
        # Documents that stand for another record since this planning.
        self._moved: set[str] = set()
        # Documents that were deleted there and that a person wants booked again.
        self._said_to_be_unbooked: set[str] = set()

    def run(self, source_ids: list[str]) -> Counts:
        services, company, connection = self._services, self._company, self._connection
        sync_register(services, company, self._spec.partners, max_age=FRESH)
        sync_register(services, company, ARTICLES, max_age=FRESH)
        settled = settle_documents(connection, self._request, services)
        problems: dict[str, DocumentProblem] = {}
        with connection.begin():
            documents = self._documents(source_ids, problems)
            bases = self._bases(documents.values())
        self._see_to_gone(documents, bases)
        self._settings += self._asked_for(documents.values())
        sync_settings(services, company, self._settings)
        with connection.begin():
            everybody = {**documents, **bases}
            partners = load_partners(connection, company, _partner_ids(everybody.values()))
            products = self._products(documents.values())
            known = reconcile_partners(connection, company, self._spec, partners)
            store_links(connection, company, self._request.run_key, known.found)
            articles = reconcile_articles(connection, company, products, self._request.company.articles)
            wanted = {product_id for document in documents.values() for product_id in _product_ids(document)}
            articles.problems |= unreadable_records(connection, company, PRODUCTS, wanted)
            store_links(connection, company, self._request.run_key, articles.found)
        with connection.begin():
            linked = read_links(connection, company, self._spec.kind, everybody)
            for source_id in self._said_to_be_unbooked:
                linked.pop(source_id, None)
        unlinked = {
            source_id: document
            for source_id, document in everybody.items()
            if source_id not in linked and document.partner_id not in known.undecided
        }
        with connection.begin():
            candidates = self._candidates(unlinked, partners, known)
            days = days_to_read(connection, company, self._spec, candidates)
        read_days(services, company, self._spec, days)
        with connection.begin():
            owners = owners_to_look_for(connection, company, self._spec, candidates)
        if owners:
            stage_again(self._request, services, owners)
        with connection.begin():
            adopted = self._adopt(candidates, known, problems, batch=documents)
            close_document(connection, self._request, [*adopted, *(linked.keys() - self._gone.keys())])
            out_of_reach = self._out_of_reach(bases, {*linked, *adopted})
        for source_id in documents.keys() & self._gone.keys():
            problems[source_id] = DocumentProblem(self._asked_whether_gone(documents[source_id]))
        for source_id, document in documents.items():
            if document.partner_id in known.problems and source_id not in linked and source_id not in adopted:
                problems.setdefault(source_id, _of_document(document, known.problems[document.partner_id]))
        open_documents = {
            source_id: document
            for source_id, document in documents.items()
            if source_id not in linked and source_id not in adopted and source_id not in problems
        }
        waits = self._waits(open_documents, bases, known, articles, booked={*linked, *adopted})
        for source_id, document in open_documents.items():
            problem = next(
                (articles.problems[key] for key in sorted(_product_ids(document)) if key in articles.problems), None
            )
            if problem is not None and source_id not in waits:
                problems[source_id] = _of_document(document, problem)
        to_plan = {
            source_id: document
            for source_id, document in open_documents.items()
            if source_id not in problems and source_id not in waits
        }
        for source_id, document in to_plan.items():
            if (why := _base_out_of_reach(document, bases, out_of_reach)) is not None:
                problems[source_id] = why
        to_plan = {source_id: document for source_id, document in to_plan.items() if source_id not in problems}
        plans = self._plan(to_plan, articles, partners, bases, known.linked, problems)
        new_partners = self._new_partners(plans, documents, partners, known, problems)
        there = linked.keys() & documents.keys() - self._gone.keys() - self._moved
        outcomes: dict[str, runs.Outcome] = {
            **{
                source_id: ("adopted", reason("adopted", where=phrase("in_smartaccounts")))
                for source_id in adopted | self._moved
                if source_id in documents
            },
            **dict.fromkeys(there, ("already_there", None)),
            **{
                source_id: ("created", reason("created.found_later", where=phrase("in_smartaccounts")))
                for source_id in settled.booked
                if source_id in documents
            },
        }
        with connection.begin():
            self._store(plans, documents, articles, new_partners, problems, waits)
            runs.set_outcomes(connection, self._request, outcomes)
        return {
            "planned": len(plans),
            "adopted": sum(1 for outcome, _ in outcomes.values() if outcome == "adopted"),
            "already_there": len(there),
            "quarantined": len(problems),
            "waiting": len(waits),
            f"{self._spec.partner}s_linked": len(known.found),
            f"{self._spec.partner}s_new": len(new_partners),
            "articles_linked": len(articles.found),
            "articles_new": len(articles.missing),
        }

    def _number(self, document: Document) -> str:
        return self._spec.number(document, self._request.company)

    def _see_to_gone(self, documents: Mapping[str, Document], bases: Mapping[str, Document]) -> None:
        """Documents of the batch, and credited ones, that were deleted in SmartAccounts after their import: found again
        where somebody entered them anew there; of the others a person is asked, who may have answered."""
        connection, flow = self._connection, self._spec.flow
        with connection.begin():
            gone = gone_among(connection, self._company, [(flow, source_id) for source_id in {**documents, **bases}])
        if not gone:
            return
        found_again = find_again(connection, self._request, self._services, gone, tells=True)
        self._gone = {source_id: item for (_, source_id), item in gone.items() if (flow, source_id) not in found_again}
        self._moved = {source_id for _, source_id in found_again}
        with connection.begin():
            answers = answers_to(connection, self._request, self._gone.keys() & documents.keys(), DOCUMENT_GONE)
            for source_id in self._gone.keys() & documents.keys():
                if answers.left(source_id, self._asked_whether_gone(documents[source_id])) is None:
                    self._said_to_be_unbooked.add(source_id)
            # A preview decides nothing: the next run that is none finds the answer too.
            if self._request.mode is not Mode.PREVIEW:
                forget_gone_documents(connection, self._company, self._spec.kind, self._said_to_be_unbooked)
        for source_id in self._said_to_be_unbooked:
            del self._gone[source_id]

    def _asked_whether_gone(self, document: Document) -> Reason:
        booked = self._gone[document.source_id]
        return reason(
            "document_gone.itself",
            document=document.named,
            number=booked.booking.number or self._number(document),
            record=booked.remote_id,
            day=document.day,
        )

    def _asked_for(self, documents: Iterable[Document]) -> list[str]:
        """Return settings that only some documents need: accounts and objects of bills' lines."""
        if self._spec.flow is not Flow.PURCHASE_INVOICES:
            return []
        lines = [line for document in documents for line in document.lines]
        asked = {ACCOUNTS: any(line.account for line in lines), OBJECTS: any(line.cost_object for line in lines)}
        return [service for service, is_asked in asked.items() if is_asked]

    def _documents(self, source_ids: Iterable[str], problems: dict[str, DocumentProblem]) -> dict[str, Document]:
        """Those of the run that can be read; `problems` takes the others. What credits an invoice that is gone in Scoro
        credits the one that has its record now."""
        documents = load_documents(self._connection, self._company, self._request.flow, source_ids, problems)
        credited = {source_id for document in documents.values() for source_id in document.credits}
        now = successors(self._connection, self._company, self._spec.kind, credited)
        return {
            source_id: replace(document, credits=tuple(now.get(each, each) for each in document.credits))
            for source_id, document in documents.items()
        }

    def _bases(self, documents: Iterable[Document]) -> dict[str, Document]:
        """Credited invoices by source id, those of the batch included."""
        wanted = {source_id for document in documents for source_id in document.credits}
        return load_documents(self._connection, self._company, self._request.flow, wanted)

    def _products(self, documents: Iterable[Document]) -> dict[str, Product]:
        documents = list(documents)
        lines = [line for document in documents for line in document.lines if not line.is_heading]
        wanted = {source_id for document in documents for source_id in _product_ids(document)}
        products = load_products(self._connection, self._company, wanted)
        for line in lines:
            if line.product_id is not None and line.product_id not in products:
                products[line.product_id] = _product_of_line(
                    line.product_id, line.product_code or "", line.product_name
                )
        if any(line.product_id is None for line in lines):
            products[FALLBACK_ID] = fallback_product(self._request.company.articles)
        return products

    def _candidates(
        self, unlinked: Mapping[str, Document], partners: Mapping[str, Partner], known: Reconciled
    ) -> list[Candidate]:
        not_partner: dict[str, set[str]] = {}
        kind = self._spec.partner_kind
        for contact_id, remote_id in rejected_pairs(
            self._connection, self._company, kind, _partner_ids(unlinked.values())
        ):
            not_partner.setdefault(contact_id, set()).add(remote_id)
        return [
            Candidate(
                document=document,
                number=self._number(document),
                partner=partners.get(document.partner_id or ""),
                partner_remote_id=known.linked.get(document.partner_id or ""),
                content_hash=document.content_hash,
                not_partner=not_partner.get(document.partner_id or "", ()),
            )
            for document in unlinked.values()
        ]

    def _adopt(
        self,
        candidates: Sequence[Candidate],
        known: Reconciled,
        problems: dict[str, DocumentProblem],
        *,
        batch: Mapping[str, Document],
    ) -> set[str]:
        kind = self._spec.partner_kind
        answers = answers_to(self._connection, self._request, batch, POSSIBLE_DUPLICATE)
        found = adopt(self._connection, self._company, self._spec, candidates, answers)
        store_adopted(self._connection, self._company, self._request.run_key, self._spec, found)
        told = []
        nets = {item.source_id: item.answer.get("amount") for item in found.links if item.kind is self._spec.kind}
        for item in candidates:
            source_id = item.document.source_id
            if (net := nets.get(source_id)) is not None and abs(Decimal(net)) != abs(cents(item.document.net)):
                there, here = abs(cents(Decimal(net))), abs(cents(item.document.net))
                differs = reason(ADOPTED_NET, there=there, here=here)
                told.append(Finding(source_id, differs.about(item.document.named)))
            if (left := found.replaced.get(source_id)) is not None:
                twin = phrase(self._spec.noun, number=left.there.number)
                why = reason("entered_again.in_scoro", twin=twin, other=left.named)
                told.append(Finding(source_id, why.about(item.document.named)))
        store_findings(self._connection, self._request, told, codes=())
        problems.update({source_id: problem for source_id, problem in found.problems.items() if source_id in batch})
        known.linked.update({item.source_id: item.remote_id for item in found.links if item.kind is kind})
        return {item.source_id for item in found.links if item.kind is self._spec.kind}

    def _out_of_reach(self, bases: Mapping[str, Document], linked: Container[str]) -> dict[str, Phrase]:
        """Why credited invoices that are not in SmartAccounts will never come there, by source id."""
        dismissed = dismissed_ever(self._connection, self._company, self._request.flow, bases)
        first = self._request.company.first_import_date
        found = {}
        for source_id, base in bases.items():
            if source_id in self._gone:
                found[source_id] = phrase("was_deleted_there")
            elif source_id in linked:
                continue
            elif base.is_deleted:
                found[source_id] = phrase("was_deleted")
            elif base.day < first:
                found[source_id] = phrase("is_before_first_import", day=first)
            elif source_id in dismissed:
                found[source_id] = phrase("was_dismissed")
        return found

    def _waits(
        self,
        documents: Mapping[str, Document],
        bases: Mapping[str, Document],
        known: Reconciled,
        articles: ReconciledArticles,
        *,
        booked: Container[str],
    ) -> dict[str, Reason]:
        """Documents that cannot be booked before a person says who their partner is, or that of the invoice they
        credit, or what their articles are."""
        found = {}
        for source_id, document in documents.items():
            base = _newest_base(document, bases)
            named = [document] if base is None or base.source_id in booked else [document, base]
            undecided: list[Undecided] = [
                known.undecided[each.partner_id] for each in named if each.partner_id in known.undecided
            ]
            undecided += [
                articles.undecided[key] for key in sorted(_product_ids(document)) if key in articles.undecided
            ]
            partner_id = document.partner_id or ""
            if partner_id in known.unread:
                unread = known.unread[partner_id]
                found[source_id] = unread.reason_of(document.named, partner_id, self._spec.partner)
            elif undecided:
                found[source_id] = waits_for_decision(document.named, undecided)
            elif self._keeps_to_closed_month(document, base):
                found[source_id] = reason(
                    "month_closed",
                    document=document.named,
                    day=document.day,
                    closed=self._policy.entry_date.books_closed_until,
                    setting=f"{document.flow}.entry_date",
                )
        return found

    def _keeps_to_closed_month(self, document: Document, base: Document | None) -> bool:
        """Whether it is to be entered on a day that the company file calls closed."""
        closed = self._policy.entry_date.books_closed_until
        if closed is None or not waits_while_closed(self._policy, is_credit=document.is_credit):
            return False
        return max(document.day, document.day if base is None else base.day) <= closed

    def _plan(
        self,
        documents: Mapping[str, Document],
        articles: ReconciledArticles,
        partners: Mapping[str, Partner],
        bases: Mapping[str, Document],
        linked: Mapping[str, str],
        problems: dict[str, DocumentProblem],
    ) -> dict[str, PlannedInvoice]:
        ledger = self._ledger()
        bookings = self._bookings(bases)
        entry_days = {key: booking.entry_day for key, booking in bookings.items() if booking.entry_day is not None}
        living = self._living(bookings.values())
        drawn = {source_id for document in documents.values() for source_id in document.prepayments}
        with self._connection.begin():
            prepayments = prepayment_numbers(self._connection, self._company, drawn)
            remote_ids = {*linked.values(), *living}
            in_books = partners_in_books(self._connection, self._company, self._spec.flow, remote_ids)
        plans: dict[str, PlannedInvoice] = {}
        reread = False
        for source_id, document in documents.items():
            for _ in range(2):
                try:
                    booked_on = client_of_credited(
                        document, _known_bases(document, bases), bookings, linked, partners, living
                    )
                    remote_id = linked.get(document.partner_id or "", "") if booked_on is None else booked_on.remote_id
                    given = Given(
                        company=self._request.company,
                        articles=articles.articles,
                        bases=self._credited(document, bases, entry_days, ledger.closed),
                        prepayments=prepayments,
                        ledger=ledger,
                        marker=self._spec.marker(self._services.scoro.company_account_id, source_id),
                        partner=partners.get(document.partner_id or ""),
                        in_books=in_books.get(remote_id),
                    )
                    with one_document(document.named, UNEXPECTED, "Scoro"):
                        planned = self._spec.plan(document, given)
                    plans[source_id] = planned if booked_on is None else self._on(booked_on, planned)
                    if booked_on is not None:
                        self._contacts[source_id] = booked_on.contact_id
                except DocumentProblem as problem:
                    if problem.code in _MISSES and not reread:
                        reread = True
                        sync_settings(self._services, self._company, self._settings, max_age=_MISS_AGE)
                        ledger = self._ledger()
                        continue
                    problems[source_id] = problem
                break
        return plans

    def _on(self, booked_on: BookedClient, planned: PlannedInvoice) -> PlannedInvoice:
        payload = {**planned.payload, self._spec.partner_key: booked_on.remote_id}
        return replace(planned, payload=payload, warnings=(booked_on.warning, *planned.warnings))

    def _new_partners(
        self,
        plans: dict[str, PlannedInvoice],
        documents: Mapping[str, Document],
        partners: Mapping[str, Partner],
        known: Reconciled,
        problems: dict[str, DocumentProblem],
    ) -> dict[str, PlannedRecord]:
        """Bodies of the clients or vendors to create, by contact. A contact that cannot be one takes its plans away."""
        found: dict[str, PlannedRecord] = {}
        for source_id in list(plans):
            partner_id = documents[source_id].partner_id or ""
            if partner_id in known.linked or partner_id in found or source_id in self._contacts:
                continue
            try:
                with one_document(documents[source_id].named, UNEXPECTED, "Scoro"):
                    found[partner_id] = self._new_partner(documents[source_id], partners.get(partner_id))
            except DocumentProblem as problem:
                problems[source_id] = problem
                del plans[source_id]
        return found

    def _new_partner(self, document: Document, partner: Partner | None) -> PlannedRecord:
        if partner is None or partner.is_deleted:
            raise DocumentProblem(reason("partner_missing.gone", document=document.named, contact=document.partner_id))
        site = self._services.scoro.company_account_id
        return plan_partner(
            partner,
            vat_code=self._spec.partner_vat_code(self._request.company),
            marker=marker(site, CONTACTS, partner.source_id),
        )

    def _ledger(self) -> Ledger:
        connection, company = self._connection, self._company
        with connection.begin():
            return Ledger(
                vat_percents=vat_percents(connection, company, self._spec.flow),
                warehouses=warehouses(connection, company),
                own_vat_codes=own_vat_codes(connection, company),
                vat_rounding=self._vat_rounding,
                base_currency=self._request.company.base_currency,
                rates=self._request.company.exchange_rate,
                accounts=accounts(connection, company),
                objects=objects(connection, company),
                closed=self._closed(),
            )

    def _closed(self) -> ClosedBooks | None:
        """Return what of the books is known to be closed. By the company file, they are open on the day after; of a
        date that was refused nobody knows how far the lock goes, but locks end with months."""
        named = self._policy.entry_date.books_closed_until
        refused = locked_until(self._connection, self._company, self._services.clock())
        if refused is not None and (named is None or named < refused):
            return ClosedBooks(refused, month_end(refused) + timedelta(days=1))
        return None if named is None else ClosedBooks(named, named + timedelta(days=1))

    def _bookings(self, bases: Mapping[str, Document]) -> dict[str, Booking]:
        """Return what bases that are in SmartAccounts were booked with."""
        keys = [(self._spec.flow, source_id) for source_id in bases]
        with self._connection.begin():
            booked = booked_documents(self._connection, self._company, keys)
        return {source_id: item.booking for (_, source_id), item in booked.items()}

    def _living(self, bookings: Iterable[Booking]) -> set[str]:
        """Which of their clients SmartAccounts still has: two may have been merged there."""
        register = self._spec.register.c
        with self._connection.begin():
            return set(
                self._connection.scalars(
                    select(register.remote_id).where(
                        register.company == self._company,
                        register.remote_id == any_of({booking.partner_remote_id for booking in bookings}),
                    )
                )
            )

    def _credited(
        self,
        document: Document,
        bases: Mapping[str, Document],
        entry_days: Mapping[str, date],
        closed: ClosedBooks | None,
    ) -> list[Base]:
        return [
            Base(
                source_id=base.source_id,
                number=base.number,
                day=base.day,
                entry_day=entry_days.get(base.source_id)
                or entry_day(base.day, self._policy, closed, is_credit=base.is_credit),
                vat_percents=vat_percents_of(base),
            )
            for base in _known_bases(document, bases)
        ]

    def _store(
        self,
        plans: Mapping[str, PlannedInvoice],
        documents: Mapping[str, Document],
        articles: ReconciledArticles,
        new_partners: Mapping[str, PlannedRecord],
        problems: dict[str, DocumentProblem],
        waits: Mapping[str, Reason],
    ) -> None:
        connection, request = self._connection, self._request
        plans = dict(tell_kinds(plans, unproved(connection, self._company, request.company.ledger_check)))
        connection.execute(
            delete(plan).where(
                plan.c.company == self._company,
                plan.c.flow == request.flow.value,
                plan.c.source_id == any_of([*problems, *waits]),
            )
        )
        new_articles = {
            code: {"product_id": product.source_id, "body": plan_article(product, request.company.articles).payload}
            for code, product in articles.missing.items()
        }
        rows: list[dict[str, Any]] = [
            {
                **self._row(source_id, planned, documents[source_id].content_hash),
                "partner_source_id": self._contacts.get(source_id, documents[source_id].partner_id),
                "new_partner": new.payload
                if source_id not in self._contacts and (new := new_partners.get(documents[source_id].partner_id or ""))
                else None,
                "new_articles": [
                    new_articles[code]
                    for code in dict.fromkeys(row["code"] for row in planned.payload["rows"])
                    if code in new_articles
                ],
            }
            for source_id, planned in plans.items()
        ]
        refused = store_each(connection, rows, lambda part: upsert(connection, plan, part))
        for row, problem in refused:
            problems[row["source_id"]] = problem_of(problem, documents[row["source_id"]].named, UNEXPECTED, "Scoro")
            del plans[row["source_id"]]
        # What is told of a new client or vendor is told once, with the first document of it.
        first = {documents[source_id].partner_id: source_id for source_id in reversed(list(plans))}
        warnings = [(source_id, warning) for source_id, planned in plans.items() for warning in planned.warnings]
        warnings += [
            (first[contact_id], warning)
            for contact_id, new in new_partners.items()
            if contact_id in first
            for warning in new.warnings
        ]
        findings = [Finding(source_id, warning.about(documents[source_id].named)) for source_id, warning in warnings]
        findings += [
            Finding(source_id, conflict.about(documents[source_id].named))
            for source_id in plans
            for conflict in dict.fromkeys(
                articles.conflicts[line.product_id]
                for line in documents[source_id].lines
                if line.product_id in articles.conflicts
            )
        ]
        # What was told of links stands with them, once.
        noted = NOTED_CODES - {ENTERED_AGAIN, ADOPTED_NET}
        if self._is_whole:
            store_findings(connection, request, findings, codes=noted)
        else:
            drop_findings(connection, request, documents, noted)
            store_findings(connection, request, findings, codes=())
        # The answer of a person is not used up by a preview.
        kept = {DOCUMENT_GONE} if request.mode is Mode.PREVIEW else set()
        resolve(connection, request, [*plans, *waits], codes=PLAN_CODES - kept)
        if request.mode is not Mode.PREVIEW:
            note_waiting(connection, request, waits, batch=[*plans, *problems], codes=WAIT_CODES)
            # What a person must see to waits for nothing else; of plans, the load step knows whether the base is there.
            note_waiting(connection, request, {}, batch=problems, codes=[BASE_NOT_BOOKED])
        open_case(
            connection,
            request,
            {source_id: problem.reason for source_id, problem in problems.items()},
        )
        outcomes: dict[str, runs.Outcome] = {
            **{source_id: ("quarantined", problem.reason) for source_id, problem in problems.items()},
            **{source_id: ("waiting", item) for source_id, item in waits.items()},
        }
        runs.set_outcomes(connection, request, outcomes)

    def _row(self, source_id: str, planned: PlannedInvoice, content_hash: str) -> dict[str, object]:
        body = json.dumps(planned.payload, ensure_ascii=False, separators=(",", ":"))
        return {
            "company": self._company,
            "flow": self._request.flow.value,
            "source_id": source_id,
            "payload": body,
            "payload_hash": payload_hash(body),
            "content_hash": content_hash,
            "predicted": {**_json_amounts(asdict(planned.prediction)), "kinds": planned.kinds},
            "warnings": [warning.to_json() for warning in planned.warnings],
            "run_key": self._request.run_key,
            "planned_at": self._services.clock(),
        }


def _base_out_of_reach(
    document: Document, bases: Mapping[str, Document], out_of_reach: Mapping[str, Phrase]
) -> DocumentProblem | None:
    base = _newest_base(document, bases)
    if base is None or base.source_id not in out_of_reach:
        return None
    return DocumentProblem(
        reason(
            "base_out_of_reach",
            document=phrase("credit_invoice", number=document.number),
            base=base.named,
            why=out_of_reach[base.source_id],
        )
    )


def _newest_base(document: Document, bases: Mapping[str, Document]) -> Document | None:
    return next(iter(_known_bases(document, bases)), None)


def _known_bases(document: Document, bases: Mapping[str, Document]) -> list[Document]:
    """Return the invoices that it credits, as far as they are staged, the newest first."""
    known = [bases[source_id] for source_id in document.credits if source_id in bases]
    return sorted(known, key=lambda base: (base.day, base.source_id), reverse=True)


def _of_document(document: Document, problem: DocumentProblem) -> DocumentProblem:
    return DocumentProblem(problem.reason.about(document.named))


def _product_ids(document: Document) -> set[str]:
    """Return the products that its lines name."""
    return {line.product_id for line in document.lines if not line.is_heading and line.product_id is not None}


def _partner_ids(documents: Iterable[Document]) -> set[str]:
    return {document.partner_id for document in documents if document.partner_id is not None}


def _product_of_line(source_id: str, code: str, name: str) -> Product:
    """Return a product that Scoro does not show any more, as far as the line tells."""
    return Product(
        source_id=source_id,
        code=code,
        name=name,
        unit="",
        price=None,
        is_stock=False,
        is_service=True,
        excludes_discounts=False,
        is_deleted=True,
    )


def _json_amounts(values: Mapping[str, object]) -> dict[str, object]:
    return {
        key: _json_amounts(value) if isinstance(value, Mapping) else str(value) if isinstance(value, Decimal) else value
        for key, value in values.items()
    }
