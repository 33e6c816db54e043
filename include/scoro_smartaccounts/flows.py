"""Sales invoices and purchase invoices take the same five steps; all that differs between them stands here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scoro_smartaccounts.common.documents import Document, Flow, Partner
from scoro_smartaccounts.scoro.modules import module_of, modules_of
from scoro_smartaccounts.smartaccounts.endpoints import CLIENT_INVOICES, CLIENTS, VENDOR_INVOICES, VENDORS
from scoro_smartaccounts.smartaccounts.marker import marked_id, marker
from scoro_smartaccounts.staging.links import KIND_OF, Kind
from scoro_smartaccounts.transform.purchase_invoice import plan_purchase_invoice
from scoro_smartaccounts.transform.sales_invoice import Base, document_number, plan_sales_invoice

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date

    from scoro_smartaccounts.common.company import Company, PurchasePolicy, SalesPolicy
    from scoro_smartaccounts.transform.invoice import Article, Ledger, PlannedInvoice
    from scoro_smartaccounts.transform.vat_doubts import PartnerInBooks


@dataclass(frozen=True, slots=True)
class Given:
    """What a document's plan is made from, beside the document: see the transform functions."""

    company: Company
    articles: Mapping[str, Article]
    bases: Sequence[Base]
    prepayments: Mapping[str, str]
    ledger: Ledger
    marker: str
    partner: Partner | None
    in_books: PartnerInBooks | None
    entry_day: date


@dataclass(frozen=True, slots=True)
class InvoiceFlow:
    """One of the two flows of invoices.

    `documents` and `partners` are the services of SmartAccounts. `number` is a document's number in the books.
    `number_is_partners`: it is the partner's own, so that two partners may use the same one, written large or small.
    """

    flow: Flow
    documents: str
    partners: str
    partner_kind: Kind
    number_is_partners: bool
    policy: Callable[[Company], SalesPolicy | PurchasePolicy]
    partner_vat_code: Callable[[Company], str]
    number: Callable[[Document, Company], str]
    plan: Callable[[Document, Given], PlannedInvoice]

    @property
    def kind(self) -> Kind:
        """What its documents are in links, intents and locks."""
        return KIND_OF[self.flow]

    @property
    def noun(self) -> str:
        """`invoice` or `bill`."""
        return self.flow.noun

    @property
    def partner(self) -> str:
        """`client` or `vendor`, in messages and in names of fields."""
        return self.partner_kind.value

    @property
    def partner_key(self) -> str:
        """The field of bodies and answers that holds the partner's id."""
        return f"{self.partner}Id"

    @property
    def partner_gone(self) -> str:
        """The reason code of documents whose linked partner was deleted at SmartAccounts."""
        return f"{self.partner}_gone"

    def same_number(self, number: str) -> str:
        """Return what two numbers share when they are the same."""
        return number.strip().lower() if self.number_is_partners else number

    def natural_key(self, body: Mapping[str, Any]) -> str:
        """Return what two bodies share when they are the same document. Numbers begin again each year."""
        number = f"{self.same_number(body['invoiceNumber'])}/{body['date'][-4:]}"
        return f"{body[self.partner_key]}/{number}" if self.number_is_partners else number

    def marker(self, site: str, source_id: str) -> str:
        """Return the marker that a document's comment carries."""
        module = module_of(self.flow, source_id)
        return marker(site, module.name, module.record_id(source_id))

    def marked(self, comment: str, site: str) -> str | None:
        """Return the source id of the document that a comment's marker names."""
        for module in modules_of(self.flow):
            if (found := marked_id(comment, site, module.name)) is not None:
                return module.document_id(found)
        return None


SALES = InvoiceFlow(
    flow=Flow.SALES_INVOICES,
    documents=CLIENT_INVOICES,
    partners=CLIENTS,
    partner_kind=Kind.CLIENT,
    number_is_partners=False,
    policy=lambda company: company.sales_invoices,
    partner_vat_code=lambda company: company.sales_invoices.client_vat_code,
    number=lambda document, company: document_number(document, company.sales_invoices),
    plan=lambda document, given: plan_sales_invoice(
        document,
        policy=given.company.sales_invoices,
        articles=given.articles,
        bases=given.bases,
        prepayments=given.prepayments,
        client=given.partner,
        in_books=given.in_books,
        ledger=given.ledger,
        marker=given.marker,
        entry_day=given.entry_day,
    ),
)

PURCHASES = InvoiceFlow(
    flow=Flow.PURCHASE_INVOICES,
    documents=VENDOR_INVOICES,
    partners=VENDORS,
    partner_kind=Kind.VENDOR,
    number_is_partners=True,
    policy=lambda company: company.purchase_invoices,
    partner_vat_code=lambda company: company.purchase_invoices.vendor_vat_code,
    number=lambda document, _: document.number,
    plan=lambda document, given: plan_purchase_invoice(
        document,
        policy=given.company.purchase_invoices,
        articles=given.articles,
        ledger=given.ledger,
        marker=given.marker,
        vendor=given.partner,
        entry_day=given.entry_day,
    ),
)

INVOICE_FLOWS: Mapping[Flow, InvoiceFlow] = {each.flow: each for each in (SALES, PURCHASES)}
