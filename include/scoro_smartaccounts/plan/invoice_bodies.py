"""Exactly what will be sent of each invoice or bill, and of the client or vendor that must be created before it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from scoro_smartaccounts.common.culprits import one_document
from scoro_smartaccounts.common.errors import DocumentProblem
from scoro_smartaccounts.common.reasons import reason
from scoro_smartaccounts.flows import INVOICE_FLOWS, Given
from scoro_smartaccounts.matching.documents.credited_client import BookedClient, client_of_credited
from scoro_smartaccounts.mirror.registers import (
    accounts,
    objects,
    own_vat_codes,
    partners_in_books,
    sync_settings,
    vat_percents,
    warehouses,
)
from scoro_smartaccounts.plan.entry_days import EntryDay
from scoro_smartaccounts.plan.store import UNEXPECTED
from scoro_smartaccounts.scoro.modules import CONTACTS
from scoro_smartaccounts.smartaccounts.marker import marker
from scoro_smartaccounts.staging.documents import prepayment_numbers
from scoro_smartaccounts.staging.mirror_registers import living_partners
from scoro_smartaccounts.staging.readings import rate_is_foreign_per_euro
from scoro_smartaccounts.transform.invoice import Ledger, PlannedInvoice, vat_percents_of
from scoro_smartaccounts.transform.partner import PlannedRecord, plan_partner
from scoro_smartaccounts.transform.sales_invoice import Base

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from scoro_smartaccounts.common.assumptions import VatRounding
    from scoro_smartaccounts.common.documents import Document, Partner
    from scoro_smartaccounts.common.run import RunRequest
    from scoro_smartaccounts.plan.entry_days import EntryDays
    from scoro_smartaccounts.plan.invoice_decision import Batch, MatchedRecords
    from scoro_smartaccounts.services import Services

# Settings are read again this soon when a document asks for one that the stored ones do not have.
_MISS_AGE = timedelta(minutes=10)
# Problems that settings of SmartAccounts may have mended since they were read.
_MISSES = ("vat_code_unknown", "vat_percent_differs", "warehouse_unknown", "account_unknown", "cost_object_unknown")


@dataclass(frozen=True, slots=True)
class InvoiceBody:
    """What will be sent of a document; `contact_id` is the contact on whose client or vendor it is booked, `partner`
    the body of that, where it must be created."""

    invoice: PlannedInvoice
    contact_id: str
    partner: PlannedRecord | None = None


class InvoiceBodies:
    """What bodies are made from, read once for a batch. `settings`: the services of SmartAccounts that it asks for."""

    def __init__(
        self,
        connection: Connection,
        request: RunRequest,
        services: Services,
        batch: Batch,
        matched: MatchedRecords,
        settings: Sequence[str],
        *,
        vat_rounding: VatRounding,
        entry_days: EntryDays,
    ) -> None:
        self._connection = connection
        self._request = request
        self._services = services
        self._company = request.company.key
        self._spec = INVOICE_FLOWS[request.flow]
        self._batch = batch
        self._matched = matched
        self._settings = settings
        self._vat_rounding = vat_rounding
        self._bookings = entry_days.bookings
        self._entry_days = entry_days
        self._is_reread = False
        # Bodies of new clients and vendors by contact.
        self._new_partners: dict[str, PlannedRecord] = {}
        self._ledger = self._read_ledger()
        drawn = {source_id for document in batch.documents.values() for source_id in document.prepayments}
        with connection.begin():
            clients = {booking.partner_remote_id for booking in self._bookings.values()}
            # Two clients may have been merged there.
            self._living = living_partners(connection, self._company, self._spec.partner_kind, clients)
            self._prepayments = prepayment_numbers(connection, self._company, drawn)
            known = {*matched.known.linked.values(), *self._living}
            self._in_books = partners_in_books(connection, self._company, self._spec.flow, known)

    def of(self, document: Document) -> InvoiceBody:
        """Return what will be sent of a document. Raises DocumentProblem; where settings may have mended that since
        they were read, they are read again before, once."""
        try:
            return self._of(document)
        except DocumentProblem as problem:
            if problem.code not in _MISSES or self._is_reread:
                raise
        self._is_reread = True
        sync_settings(self._services, self._company, self._settings, max_age=_MISS_AGE)
        self._ledger = self._read_ledger()
        return self._of(document)

    def _of(self, document: Document) -> InvoiceBody:
        linked, partners, contact_id = self._matched.known.linked, self._matched.partners, document.partner_id or ""
        entry = self._entry_days.of(document, self._batch.newest_base(document))
        if not isinstance(entry, EntryDay):
            raise DocumentProblem(entry.why)
        booked_on = client_of_credited(
            document, self._batch.bases_of(document), self._bookings, linked, partners, self._living
        )
        given = Given(
            company=self._request.company,
            articles=self._matched.articles.articles,
            bases=self._credited(document),
            prepayments=self._prepayments,
            ledger=self._ledger,
            marker=self._spec.marker(self._services.scoro.company_account_id, document.source_id),
            partner=partners.get(contact_id),
            in_books=self._in_books.get(linked.get(contact_id, "") if booked_on is None else booked_on.remote_id),
            entry_day=entry.day,
        )
        with one_document(document.named, UNEXPECTED, "Scoro"):
            planned = self._spec.plan(document, given)
        planned = replace(planned, warnings=(*entry.warnings, *planned.warnings))
        if booked_on is not None:
            return InvoiceBody(self._on(booked_on, planned), booked_on.contact_id)
        if contact_id in linked:
            return InvoiceBody(planned, contact_id)
        if contact_id not in self._new_partners:
            with one_document(document.named, UNEXPECTED, "Scoro"):
                self._new_partners[contact_id] = self._new_partner(document, partners.get(contact_id))
        return InvoiceBody(planned, contact_id, self._new_partners[contact_id])

    def _on(self, booked_on: BookedClient, planned: PlannedInvoice) -> PlannedInvoice:
        payload = {**planned.payload, self._spec.partner_key: booked_on.remote_id}
        return replace(planned, payload=payload, warnings=(booked_on.warning, *planned.warnings))

    def _new_partner(self, document: Document, partner: Partner | None) -> PlannedRecord:
        """Return the body of a client or vendor to create. Raises DocumentProblem for a contact that cannot be one."""
        if partner is None or partner.is_deleted:
            raise DocumentProblem(reason("partner_missing.gone", document=document.named, contact=document.partner_id))
        site = self._services.scoro.company_account_id
        return plan_partner(
            partner,
            vat_code=self._spec.partner_vat_code(self._request.company),
            marker=marker(site, CONTACTS, partner.source_id),
        )

    def _credited(self, document: Document) -> list[Base]:
        return [
            Base(
                source_id=base.source_id,
                number=base.number,
                day=base.day,
                entry_day=self._entry_days.of_base(base),
                vat_percents=vat_percents_of(base),
            )
            for base in self._batch.bases_of(document)
        ]

    def _read_ledger(self) -> Ledger:
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
                rate_is_foreign_per_euro=rate_is_foreign_per_euro(connection, company),
            )
