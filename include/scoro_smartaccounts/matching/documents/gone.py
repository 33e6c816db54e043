"""Invoices and bills that SmartAccounts deleted after they were linked: found when something points there, and found
again where somebody entered them anew."""

from __future__ import annotations

import logging
from datetime import datetime, time
from typing import TYPE_CHECKING

from scoro_smartaccounts.common.clock import TALLINN
from scoro_smartaccounts.common.reasons import reason
from scoro_smartaccounts.flows import INVOICE_FLOWS, InvoiceFlow
from scoro_smartaccounts.matching.documents.adoption import adopt, store_adopted
from scoro_smartaccounts.matching.documents.candidate import Candidate
from scoro_smartaccounts.mirror.documents import read_days
from scoro_smartaccounts.smartaccounts.queries import changed_since, page
from scoro_smartaccounts.staging.documents import load_documents
from scoro_smartaccounts.staging.findings import Finding, store_findings
from scoro_smartaccounts.staging.links import (
    BookedDocument,
    Key,
    booked_documents,
    forget_gone_documents,
    note_gone_documents,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from sqlalchemy import Connection

    from scoro_smartaccounts.common.company import Company
    from scoro_smartaccounts.common.documents import Document, Flow
    from scoro_smartaccounts.common.run import RunRequest
    from scoro_smartaccounts.services import Services

log = logging.getLogger(__name__)

DOCUMENT_GONE = "document_gone"
ENTERED_AGAIN = "entered_again"


def note_deleted(connection: Connection, services: Services, company: Company, spec: InvoiceFlow) -> None:
    """Note which linked documents of a flow SmartAccounts has deleted. One request: the first page of a change query
    names them all."""
    first = datetime.combine(company.first_import_date, time(), TALLINN)
    answer = services.smartaccounts.read(spec.documents, **changed_since(first), **page(1))
    with connection.begin():
        note_gone_documents(connection, company.key, spec.kind, answer.deleted, at=services.clock())


def gone_among(connection: Connection, company: str, keys: Collection[Key]) -> dict[Key, BookedDocument]:
    """Those of the documents whose record is known to be deleted in SmartAccounts."""
    return {key: item for key, item in booked_documents(connection, company, keys).items() if item.gone_at is not None}


def find_again(
    connection: Connection,
    request: RunRequest,
    services: Services,
    gone: Mapping[Key, BookedDocument],
    *,
    tells: bool = False,
) -> set[Key]:
    """Link documents whose record was deleted to the equal ones that somebody entered in their place; these. One
    request a day of documents. `tells`: the run is about them, and warns of each."""
    found: set[Key] = set()
    for flow in {flow for flow, _ in gone}:
        ids = [source_id for other, source_id in gone if other is flow]
        with connection.begin():
            documents = load_documents(connection, request.company.key, flow, ids)
        read_days(services, request.company.key, INVOICE_FLOWS[flow], [item.day for item in documents.values()])
        with connection.begin():
            adopted = _adopt(connection, request, flow, documents, gone)
            found |= {(flow, source_id) for source_id in adopted}
            if tells:
                told = reason("entered_again.in_smartaccounts")
                findings = [Finding(source_id, told.about(documents[source_id].named)) for source_id in adopted]
                store_findings(connection, request, findings, codes=())
    return found


def _adopt(
    connection: Connection,
    request: RunRequest,
    flow: Flow,
    documents: Mapping[str, Document],
    gone: Mapping[Key, BookedDocument],
) -> set[str]:
    company, spec = request.company, INVOICE_FLOWS[flow]
    adopted = adopt(
        connection,
        company.key,
        spec,
        [_candidate(spec, company, item, gone[flow, source_id]) for source_id, item in documents.items()],
    )
    links = [item for item in adopted.links if item.kind is spec.kind]
    found = {item.source_id for item in links}
    forget_gone_documents(connection, company.key, spec.kind, found)
    store_adopted(connection, company.key, request.run_key, spec, adopted)
    for item in links:
        log.warning("%s %s was deleted in SmartAccounts and entered again there.", spec.noun, item.booking.number)
    return found


def _candidate(spec: InvoiceFlow, company: Company, document: Document, booked: BookedDocument) -> Candidate:
    return Candidate(
        document=document,
        number=spec.number(document, company),
        partner=None,
        partner_remote_id=booked.booking.partner_remote_id or None,
        content_hash=document.content_hash,
        lines=len(document.lines),
    )
