"""Invoices and bills between the checks and the books: who is who, and exactly what will be sent.

Reads SmartAccounts, writes only to staging. What it stores is what the load step sends, to the byte.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from scoro_smartaccounts.common.chunks import chunks
from scoro_smartaccounts.common.company import Mode
from scoro_smartaccounts.common.documents import Document, Flow, Product
from scoro_smartaccounts.common.money import cents
from scoro_smartaccounts.common.reasons import Reason, phrase, reason
from scoro_smartaccounts.extract.documents import stage_again
from scoro_smartaccounts.flows import INVOICE_FLOWS
from scoro_smartaccounts.matching.documents.adoption import (
    POSSIBLE_DUPLICATE,
    Adoption,
    adopt,
    days_to_read,
    owners_to_look_for,
    store_adopted,
)
from scoro_smartaccounts.matching.documents.candidate import Candidate
from scoro_smartaccounts.matching.documents.gone import DOCUMENT_GONE, ENTERED_AGAIN, find_again, gone_among
from scoro_smartaccounts.matching.partners.articles import match_articles
from scoro_smartaccounts.matching.partners.partners import match_partners
from scoro_smartaccounts.mirror.documents import read_days
from scoro_smartaccounts.mirror.registers import FRESH, sync_register, sync_settings
from scoro_smartaccounts.outbox.comparison import close_document
from scoro_smartaccounts.outbox.settle_documents import settle_documents
from scoro_smartaccounts.plan.entry_days import PERIOD_ASK, EntryDays
from scoro_smartaccounts.plan.fates import (
    Adopted,
    Booked,
    Fates,
    FoundLater,
    Planned,
    Refused,
    Waiting,
    fates_of_links,
)
from scoro_smartaccounts.plan.invoice_bodies import InvoiceBodies, InvoiceBody
from scoro_smartaccounts.plan.invoice_decision import Batch, InvoiceFacts, MatchedRecords
from scoro_smartaccounts.plan.known_periods import ask_for_returns, periods_of
from scoro_smartaccounts.plan.store import (
    NOTED_CODES,
    plan_in_parts,
    store_fates,
    store_planned,
    text_and_hash,
)
from scoro_smartaccounts.scoro.modules import PRODUCTS
from scoro_smartaccounts.smartaccounts.endpoints import ACCOUNTS, ARTICLES, OBJECTS, VAT_CODES, WAREHOUSES
from scoro_smartaccounts.staging import runs
from scoro_smartaccounts.staging.answers import answers_to, choices_of
from scoro_smartaccounts.staging.cases import dismissed_ever
from scoro_smartaccounts.staging.documents import (
    LinesInAll,
    lines_in_all,
    load_documents,
    load_partners,
    load_products,
    unreadable_records,
)
from scoro_smartaccounts.staging.findings import Finding, drop_findings, store_findings
from scoro_smartaccounts.staging.kinds import unproved
from scoro_smartaccounts.staging.links import (
    BookedDocument,
    booked_documents,
    forget_gone_documents,
    read_links,
    store_links,
    successors,
)
from scoro_smartaccounts.staging.plans import NewPlan, drop_plans, oldest_plan
from scoro_smartaccounts.staging.proposals import rejected_pairs
from scoro_smartaccounts.staging.readings import vat_rounding as seen_vat_rounding
from scoro_smartaccounts.transform.article import FALLBACK_ID, fallback_product, plan_article
from scoro_smartaccounts.transform.kinds import tell_kinds

if TYPE_CHECKING:
    from collections.abc import Sequence, Set

    from sqlalchemy import Connection

    from scoro_smartaccounts.common.assumptions import VatRounding
    from scoro_smartaccounts.common.errors import DocumentProblem
    from scoro_smartaccounts.common.kinds import DocumentKind
    from scoro_smartaccounts.common.run import Counts, RunRequest
    from scoro_smartaccounts.services import Services

log = logging.getLogger(__name__)

ADOPTED_NET = "adopted_net_differs"
# How a planning leaves documents that it decided on; another attempt may decide otherwise.
_GIVEN = ("quarantined", "waiting")
# What is told with plans. What was told of links stands with them.
_NOTED = NOTED_CODES - {ENTERED_AGAIN, ADOPTED_NET}

# A plan rests on what both sides held when it was made; after this long they are read again.
_PLAN_AGE = timedelta(hours=1)
_WHERE = "in_smartaccounts"


def reconcile_and_plan(request: RunRequest, services: Services, *, vat_rounding: VatRounding | None = None) -> Counts:
    """Reconcile and plan the run's checked documents. Safe to repeat; writes nothing to SmartAccounts. VAT is rounded
    as SmartAccounts was seen to do it, unless told otherwise."""
    with services.engine.connect() as connection:
        with connection.begin():
            source_ids = runs.batch(connection, request)
            rounding = vat_rounding or seen_vat_rounding(connection, request.company.key)

        def plan_part(part: list[str]) -> Counts:
            return _Planner(connection, request, services, rounding).run(part)

        counts = plan_in_parts(connection, request, source_ids, plan_part)
    told = ", ".join(f"{name} {count}" for name, count in counts.items())
    log.info("Planned %s: %s.", request.company.key, told or "nothing")
    return counts


def plans_are_old(request: RunRequest, services: Services) -> bool:
    """Whether a document that the run has still to send was planned longer ago than may be trusted."""
    with services.engine.begin() as connection:
        source_ids = runs.batch(connection, request)
        oldest = oldest_plan(connection, request.company.key, request.flow, source_ids)
    return oldest is not None and services.clock() - oldest > _PLAN_AGE


class _Planner:
    """One planning of one run: its passes, and what they know by then. What is decided is stored before anything is
    planned, and plans part by part: killed between them, the next attempt goes on with what has no outcome."""

    def __init__(
        self,
        connection: Connection,
        request: RunRequest,
        services: Services,
        vat_rounding: VatRounding,
    ) -> None:
        self._connection = connection
        self._request = request
        self._services = services
        self._company = request.company.key
        self._spec = INVOICE_FLOWS[request.flow]
        self._vat_rounding = vat_rounding
        self._settings = [VAT_CODES, WAREHOUSES]
        # What is planned is stored part by part, and stands here without its body.
        self._fates: Fates[None] = Fates()
        # The first document of each client or vendor that is to be created.
        self._first: dict[str, str] = {}
        # Documents that were deleted in SmartAccounts and stand there no more, and those of them that a person wants
        # booked again.
        self._gone: dict[str, BookedDocument] = {}
        self._unbooked: set[str] = set()

    def run(self, source_ids: list[str]) -> Counts:
        services, company = self._services, self._company
        sync_register(services, company, self._spec.partners, max_age=FRESH)
        sync_register(services, company, ARTICLES, max_age=FRESH)
        settled = settle_documents(self._connection, self._request, services)
        batch, lines = self._gather(source_ids)
        self._see_to_gone(batch)
        sync_settings(services, company, self._settings)
        matched = self._match_records(batch, lines)
        linked = self._see_what_is_there(batch, settled.booked)
        booked = linked | self._adopt(batch, matched, linked, lines)
        with self._connection.begin():
            self._store_decided(batch)
            dismissed = dismissed_ever(self._connection, self._company, self._spec.flow, batch.bases)
        entry_days = self._entry_days(batch)
        facts = InvoiceFacts(self._request.company, batch, matched, booked, self._gone, dismissed, entry_days)
        self._plan(batch, matched, facts)
        fates = self._fates
        return {
            "planned": fates.count(Planned),
            "adopted": fates.count(Adopted),
            "already_there": fates.count(Booked, FoundLater),
            "quarantined": fates.count(Refused),
            "waiting": fates.count(Waiting),
            f"{self._spec.partner}s_linked": len(matched.known.found),
            f"{self._spec.partner}s_new": len(self._first),
            "articles_linked": len(matched.articles.found),
            "articles_new": len(matched.articles.missing),
        }

    def _gather(self, source_ids: list[str]) -> tuple[Batch, LinesInAll]:
        """Read the documents, and what their lines come to; those that cannot be read are refused. What credits an
        invoice that is gone in Scoro credits the one that has its record now."""
        connection, company, flow = self._connection, self._company, self._spec.flow
        problems: dict[str, DocumentProblem] = {}
        with connection.begin():
            documents = load_documents(connection, company, flow, source_ids, problems, with_lines=False)
            lines = lines_in_all(connection, company, flow, documents, (e for e in documents.values() if e.lines))
            credited = {source_id for document in documents.values() for source_id in document.credits}
            now = successors(connection, company, self._spec.kind, credited)
            documents = {
                source_id: replace(document, credits=tuple(now.get(each, each) for each in document.credits), lines=())
                for source_id, document in documents.items()
            }
            bases = load_documents(connection, company, flow, {now.get(each, each) for each in credited})
        self._fates.refuse(problems)
        if flow is Flow.PURCHASE_INVOICES:
            # Only some bills need them.
            asked = {ACCOUNTS: lines.have_accounts, OBJECTS: lines.have_cost_objects}
            self._settings += [service for service, is_asked in asked.items() if is_asked]
        return Batch(documents, bases), lines

    def _see_to_gone(self, batch: Batch) -> None:
        """Documents of the batch, and credited ones, that were deleted in SmartAccounts after their import: found again
        where somebody entered them anew there; of the others a person is asked, who may have answered."""
        connection, flow = self._connection, self._spec.flow
        with connection.begin():
            gone = gone_among(connection, self._company, [(flow, source_id) for source_id in batch.everybody])
        if not gone:
            return
        found_again = find_again(connection, self._request, self._services, gone, tells=True)
        moved = {source_id for _, source_id in found_again}
        self._fates.update(fates_of_links(_WHERE, found=(), linked=moved & batch.documents.keys()))
        self._gone = {source_id: item for (_, source_id), item in gone.items() if source_id not in moved}
        with connection.begin():
            of_batch = self._gone.keys() & batch.documents.keys()
            answers = answers_to(connection, self._request, of_batch, DOCUMENT_GONE)
            for source_id in of_batch:
                asked = self._asked_whether_gone(batch.documents[source_id])
                if answers.left(source_id, asked) is None:
                    self._unbooked.add(source_id)
                else:
                    self._fates[source_id] = Refused(asked)
            # A preview decides nothing: the next run that is none finds the answer too.
            if self._request.mode is not Mode.PREVIEW:
                forget_gone_documents(connection, self._company, self._spec.kind, self._unbooked)
        for source_id in self._unbooked:
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

    def _match_records(self, batch: Batch, lines: LinesInAll) -> MatchedRecords:
        """Find out which clients or vendors and which articles there are already, and link them."""
        connection, company, run_key = self._connection, self._company, self._request.run_key
        with connection.begin():
            partners = load_partners(connection, company, _partner_ids(batch.everybody.values()))
            products = self._products(lines)
            known = match_partners(connection, company, self._spec, partners)
            store_links(connection, company, run_key, known.found)
            articles = match_articles(connection, company, products, self._request.company.articles)
            wanted = filter(None, lines.products)
            articles.problems |= unreadable_records(connection, company, PRODUCTS, wanted)
            store_links(connection, company, run_key, articles.found)
        return MatchedRecords(partners, known, articles)

    def _products(self, lines: LinesInAll) -> dict[str, Product]:
        products = load_products(self._connection, self._company, filter(None, lines.products))
        for product_id, (code, name) in lines.products.items():
            if product_id is not None and product_id not in products:
                products[product_id] = _product_of_line(product_id, code, name)
        if None in lines.products:
            products[FALLBACK_ID] = fallback_product(self._request.company.articles)
        return products

    def _see_what_is_there(self, batch: Batch, settled: Set[str]) -> set[str]:
        """Return the documents and credited ones that are linked; `settled`: those whose lost answer was found now."""
        with self._connection.begin():
            linked = read_links(self._connection, self._company, self._spec.kind, batch.everybody)
        there = linked.keys() - self._unbooked
        in_batch = self._fates.open_among(batch.documents).keys() & there
        self._fates.update(dict.fromkeys(in_batch, Booked()))
        self._fates.update(fates_of_links(_WHERE, found=in_batch & settled, linked=()))
        return there

    def _adopt(self, batch: Batch, matched: MatchedRecords, linked: set[str], lines: LinesInAll) -> set[str]:
        """Look for the others in SmartAccounts: link those that are there, and refuse what may be. The ids of
        what is linked now."""
        connection, company, spec = self._connection, self._company, self._spec
        unlinked = {
            source_id: document
            for source_id, document in batch.everybody.items()
            if source_id not in linked and document.partner_id not in matched.known.undecided
        }
        with connection.begin():
            candidates = self._candidates(unlinked, matched, lines)
            days = days_to_read(connection, company, spec, candidates)
        read_days(self._services, company, spec, days)
        with connection.begin():
            owners = owners_to_look_for(connection, company, spec, candidates)
        if owners:
            stage_again(self._request, self._services, owners)
        with connection.begin():
            answers = answers_to(connection, self._request, batch.documents, POSSIBLE_DUPLICATE)
            found = adopt(connection, company, spec, candidates, answers)
            store_adopted(connection, company, self._request.run_key, spec, found)
            self._tell_of_adopted(candidates, found)
            adopted = {item.source_id for item in found.links if item.kind is spec.kind}
            close_document(connection, self._request, [*adopted, *(linked - self._gone.keys())])
        matched.known.linked.update({i.source_id: i.remote_id for i in found.links if i.kind is spec.partner_kind})
        in_batch = batch.documents.keys()
        self._fates.refuse({key: problem for key, problem in found.problems.items() if key in in_batch})
        self._fates.update(fates_of_links(_WHERE, found=(), linked=adopted & in_batch))
        return adopted

    def _candidates(
        self, unlinked: Mapping[str, Document], matched: MatchedRecords, lines: LinesInAll
    ) -> list[Candidate]:
        not_partner: dict[str, set[str]] = {}
        contacts = _partner_ids(unlinked.values())
        for contact_id, remote_id in rejected_pairs(self._connection, self._company, self._spec.partner_kind, contacts):
            not_partner.setdefault(contact_id, set()).add(remote_id)
        return [
            Candidate(
                document=document,
                number=self._number(document),
                partner=matched.partners.get(document.partner_id or ""),
                partner_remote_id=matched.known.linked.get(document.partner_id or ""),
                content_hash=document.content_hash,
                lines=lines.numbers.get(document.source_id, len(document.lines)),
                not_partner=not_partner.get(document.partner_id or "", ()),
            )
            for document in unlinked.values()
        ]

    def _number(self, document: Document) -> str:
        return self._spec.number(document, self._request.company)

    def _tell_of_adopted(self, candidates: Iterable[Candidate], found: Adoption) -> None:
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

    def _entry_days(self, batch: Batch) -> EntryDays:
        """Find out what is known of the months of what has no fate yet. SmartAccounts is asked for its VAT returns only
        where some of it is of a month that is over, or something was booked into one after its return."""
        request, flow = self._request, self._spec.flow
        still = self._fates.open_among(batch.documents)
        days = {document.day for document in still.values()}
        ask_for_returns(self._connection, self._services, request.company, days)
        with self._connection.begin():
            keys = [(flow, source_id) for source_id in batch.bases]
            booked = booked_documents(self._connection, self._company, keys)
            bookings = {source_id: item.booking for (_, source_id), item in booked.items()}
            chosen = choices_of(self._connection, request, still, PERIOD_ASK)
            periods = periods_of(self._connection, self._services, request.company, flow)
        return EntryDays(request.company, periods, bookings, chosen)

    def _store_decided(self, batch: Batch) -> None:
        """Store the fates that are known before anything is planned."""
        self._store(self._fates, batch.documents, [])

    def _plan(self, batch: Batch, matched: MatchedRecords, facts: InvoiceFacts) -> None:
        """Find out which of the others cannot be booked now, compute what is to be sent of the rest, and store it: part
        by part, since lines and bodies of all would not fit."""
        connection, request = self._connection, self._request
        bodies = InvoiceBodies(
            connection,
            request,
            self._services,
            batch,
            matched,
            self._settings,
            vat_rounding=self._vat_rounding,
            entry_days=facts.entry_days,
        )
        new_articles = {
            code: {"product_id": product.source_id, "body": plan_article(product, request.company.articles).payload}
            for code, product in matched.articles.missing.items()
        }
        with connection.begin():
            unproved_kinds = unproved(connection, self._company, request.company.ledger_check)
        for part in chunks(self._fates.open_among(batch.documents)):
            documents, fates = self._whole(batch, part)
            fates |= self._fates_of(documents, bodies, facts, unproved_kinds)
            plans = [self._new_plan(documents[key], body, new_articles) for key, body in fates.planned().items()]
            with connection.begin():
                self._store(fates, documents, plans)
                # Of those that could be stored.
                findings = self._warnings(documents, fates, matched)
                store_findings(connection, request, findings, codes=())
            self._fates.update(
                {key: Planned(None) if isinstance(fate, Planned) else fate for key, fate in fates.items()}
            )

    def _whole(self, batch: Batch, part: Sequence[str]) -> tuple[dict[str, Document], Fates[Any]]:
        """Read documents with their lines; and what becomes of those that cannot be read any more. They were looked for
        as they were when the planning began: one that another run has stored anew since keeps the hash of then, so
        that it is not sent."""
        problems: dict[str, DocumentProblem] = {}
        with self._connection.begin():
            found = load_documents(self._connection, self._company, self._spec.flow, part, problems)
        fates: Fates[Any] = Fates()
        fates.refuse(problems)
        documents = {}
        for key, document in found.items():
            then = batch.documents[key]
            documents[key] = replace(document, credits=then.credits, content_hash=then.content_hash)
        return documents, fates

    def _fates_of(
        self,
        documents: Mapping[str, Document],
        bodies: InvoiceBodies,
        facts: InvoiceFacts,
        unproved_kinds: Mapping[DocumentKind, Reason],
    ) -> Fates[InvoiceBody]:
        """Return what becomes of documents that no earlier pass decided on."""
        fates: Fates[InvoiceBody] = Fates()
        for source_id, document in documents.items():
            if (fate := facts.hold_back(document)) is not None:
                fates[source_id] = fate
        for source_id, document in fates.open_among(documents).items():
            with fates.refusing(source_id):
                fates[source_id] = Planned(bodies.of(document))
        planned = fates.planned()
        invoices = {key: body.invoice for key, body in planned.items()}
        for source_id, invoice in tell_kinds(invoices, unproved_kinds).items():
            fates[source_id] = Planned(replace(planned[source_id], invoice=invoice))
        return fates

    def _store(
        self,
        fates: Fates[Any],
        documents: Mapping[str, Document],
        plans: Sequence[NewPlan],
    ) -> None:
        connection, request = self._connection, self._request
        # What an earlier attempt left of them.
        runs.forget(connection, request, _GIVEN, fates)
        drop_findings(connection, request, fates, _NOTED)
        held_back = [source_id for source_id, fate in fates.items() if isinstance(fate, Refused | Waiting)]
        drop_plans(connection, self._company, request.flow, held_back, asked=fates.reasons(Refused))
        store_planned(connection, request, self._services, fates, plans, lambda source_id: documents[source_id].named)
        went_on = [source_id for source_id, fate in fates.items() if isinstance(fate, Planned | Waiting)]
        store_fates(connection, request, fates, went_on=went_on, asked=DOCUMENT_GONE, batch=fates.keys())

    def _warnings(
        self, documents: Mapping[str, Document], fates: Fates[InvoiceBody], matched: MatchedRecords
    ) -> list[Finding]:
        """Return what is told of the plans. What is told of a new client or vendor is told once, with the first
        document of it."""
        planned, conflicts = fates.planned(), matched.articles.conflicts
        told = [(source_id, warning) for source_id, body in planned.items() for warning in body.invoice.warnings]
        for source_id, body in planned.items():
            if body.partner is not None and self._first.setdefault(body.contact_id, source_id) == source_id:
                told += [(source_id, warning) for warning in body.partner.warnings]
        for source_id in planned:
            products = (line.product_id for line in documents[source_id].lines)
            told += [
                (source_id, conflict)
                for conflict in dict.fromkeys(conflicts[key] for key in products if key in conflicts)
            ]
        return [Finding(source_id, warning.about(documents[source_id].named)) for source_id, warning in told]

    def _new_plan(
        self, document: Document, body: InvoiceBody, new_articles: Mapping[str, Mapping[str, Any]]
    ) -> NewPlan:
        planned = body.invoice
        text, hashed = text_and_hash(planned.payload)
        codes = dict.fromkeys(row["code"] for row in planned.payload["rows"])
        return NewPlan(
            source_id=document.source_id,
            payload=text,
            payload_hash=hashed,
            content_hash=document.content_hash,
            partner_source_id=body.contact_id,
            new_partner=None if body.partner is None else body.partner.payload,
            new_articles=[new_articles[code] for code in codes if code in new_articles],
            predicted={**_json_amounts(planned.prediction.amounts()), "kinds": planned.kinds},
            warnings=planned.warnings,
        )


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
