"""Links: which record of SmartAccounts stands for a record of Scoro, and how we know."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects.postgresql import insert

from scoro_smartaccounts.documents import Flow
from scoro_smartaccounts.staging.schema import link


class Kind(StrEnum):
    """What is linked. The value stands in every link, intent and lock."""

    CLIENT = "client"
    VENDOR = "vendor"
    ARTICLE = "article"
    SALES_INVOICE = "sales_invoice"
    PURCHASE_INVOICE = "purchase_invoice"
    # A receipt group of Scoro and a payment of SmartAccounts, whichever came first.
    PAYMENT = "payment"
    # Stands in intents and locks only: a receipt group on its way to Scoro, by the id of its payment.
    RECEIPT = "receipt"


class Evidence(StrEnum):
    """How a link is known to be true."""

    CREATED = "created"
    MARKER = "marker"
    REGISTRY_CODE = "registry_code"
    VAT_NUMBER = "vat_number"
    ARTICLE_CODE = "article_code"
    ADOPTED = "adopted"
    EXPORTED = "exported"
    BANK_ACCOUNT = "bank_account"
    EMAIL = "email"
    # A person decided on a proposal of reconcile_ids.
    DECIDED = "decided"
    # The columns Liidetud teenus and Liidetud teenuse ID of a CSV file of SmartAccounts.
    LINKED_SERVICE = "linked_service"


KIND_OF: Mapping[Flow, Kind] = {
    Flow.SALES_INVOICES: Kind.SALES_INVOICE,
    Flow.PURCHASE_INVOICES: Kind.PURCHASE_INVOICE,
    Flow.PAYMENTS: Kind.PAYMENT,
}


@dataclass(frozen=True, slots=True)
class Link:
    """A link to store. `content_hash` is that of the document as imported, `answer` what SmartAccounts said."""

    kind: Kind
    source_id: str
    remote_id: str
    evidence: Evidence
    detail: str = ""
    content_hash: str = ""
    answer: Mapping[str, Any] = field(default_factory=dict)


def store_links(connection: Connection, company: str, run_key: str, links: Iterable[Link]) -> None:
    """Add links; one that exists stays as it is."""
    rows = [
        {
            "company": company,
            "run_key": run_key,
            "kind": item.kind.value,
            "source_id": item.source_id,
            "remote_id": item.remote_id,
            "evidence": item.evidence.value,
            "detail": item.detail,
            "content_hash": item.content_hash,
            "answer": dict(item.answer),
        }
        for item in links
    ]
    if rows:
        connection.execute(insert(link).on_conflict_do_nothing(index_elements=["company", "kind", "source_id"]), rows)


def read_links(connection: Connection, company: str, kind: Kind, source_ids: Iterable[str]) -> dict[str, str]:
    """Remote ids by source id, of those that are linked."""
    rows = connection.execute(
        select(link.c.source_id, link.c.remote_id).where(
            link.c.company == company, link.c.kind == kind.value, link.c.source_id.in_(list(source_ids))
        )
    )
    return {row.source_id: row.remote_id for row in rows}


def find_link(connection: Connection, company: str, kind: Kind, source_id: str) -> str | None:
    """The remote id of one record."""
    return read_links(connection, company, kind, [source_id]).get(source_id)


def linked_remote_ids(connection: Connection, company: str, kind: Kind, remote_ids: Iterable[str]) -> dict[str, str]:
    """Source ids by remote id, of the given remote ids that some record is linked to."""
    rows = connection.execute(
        select(link.c.remote_id, link.c.source_id).where(
            link.c.company == company, link.c.kind == kind.value, link.c.remote_id.in_(list(remote_ids))
        )
    )
    return {row.remote_id: row.source_id for row in rows}


def drop_links(connection: Connection, company: str, kind: Kind, source_ids: Iterable[str]) -> None:
    """Forget links whose record is gone at SmartAccounts. Never used for documents."""
    connection.execute(
        delete(link).where(link.c.company == company, link.c.kind == kind.value, link.c.source_id.in_(list(source_ids)))
    )
