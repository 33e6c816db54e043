"""What staging knows about the documents of a list, read set by set."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from scoro_smartaccounts.common.documents import Flow, ReceiptGroup
from scoro_smartaccounts.flows import INVOICE_FLOWS
from scoro_smartaccounts.mirror.registers import vat_percents
from scoro_smartaccounts.plan.payment_decision import keys_of
from scoro_smartaccounts.report.payments import Paid
from scoro_smartaccounts.staging.cases import living_cases
from scoro_smartaccounts.staging.documents import (
    StagedDocument,
    StagedLine,
    load_receipt_groups,
    read_documents,
    read_lines,
)
from scoro_smartaccounts.staging.findings import Finding, findings_of_documents
from scoro_smartaccounts.staging.links import KIND_OF, Key, Kind, StoredLink, links_of, read_links
from scoro_smartaccounts.staging.plans import WantedPlan, wanted_plans
from scoro_smartaccounts.staging.runs import Outcome, outcomes_of
from scoro_smartaccounts.staging.scoro_registers import names_of_contacts
from scoro_smartaccounts.staging.waiting import waits_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from decimal import Decimal

    from sqlalchemy import Connection

    from scoro_smartaccounts.common.reasons import Reason
    from scoro_smartaccounts.common.run import RunRequest


@dataclass(frozen=True)
class Staged:
    """Everything by source id. `plans` are those that may be sent as things stand; `findings` those of the run that
    judged the document last; `contacts` are names, `partner_links` are by kind and contact; `cases`: state, content
    hash and reason."""

    documents: Sequence[StagedDocument]
    outcomes: Mapping[str, Outcome]
    plans: Mapping[str, WantedPlan]
    lines: Mapping[str, list[StagedLine]]
    cases: Mapping[str, tuple[str, str, Reason]]
    waits: Mapping[str, Reason]
    findings: Mapping[str, list[Finding]]
    linked: Mapping[str, str]
    contacts: Mapping[str, str]
    partner_links: Mapping[tuple[Kind, str], StoredLink]
    vat_percents: Mapping[str, Decimal]
    groups: Mapping[str, ReceiptGroup] = field(default_factory=dict)
    paid: Mapping[Key, Paid] = field(default_factory=dict)


def read_staged(connection: Connection, request: RunRequest, source_ids: Collection[str] | None) -> Staged:
    """Of all documents of a run, or of the given ones of its flow. Within the caller's transaction."""
    return _Reading(connection, request).read(source_ids)


class _Reading:
    def __init__(self, connection: Connection, request: RunRequest) -> None:
        self._connection = connection
        self._request = request
        self._company = request.company.key
        self._flow = request.flow

    def read(self, source_ids: Collection[str] | None) -> Staged:
        outcomes = outcomes_of(self._connection, self._request, source_ids)
        ids = list(outcomes) if source_ids is None else list(source_ids)
        documents = read_documents(self._connection, self._company, self._flow, ids)
        plans = {row.source_id: row for row in wanted_plans(self._connection, self._request, ids)}
        groups = load_receipt_groups(self._connection, self._company, ids) if self._flow is Flow.PAYMENTS else {}
        paid = self._paid(groups.values())
        partners = {row.partner_id for row in documents} | {item.partner_id for item in paid.values()}
        contact_ids = [partner_id for partner_id in partners if partner_id is not None]
        return Staged(
            documents=documents,
            outcomes=outcomes,
            plans=plans,
            lines=read_lines(self._connection, self._company, self._flow, ids),
            cases=living_cases(self._connection, self._company, self._flow, ids),
            waits=waits_of(self._connection, self._company, self._flow, ids),
            findings=findings_of_documents(
                self._connection, self._company, self._flow, self._judged_by(ids, outcomes, plans)
            ),
            linked=read_links(self._connection, self._company, KIND_OF[self._flow], [*ids, *_credited(documents)]),
            contacts=names_of_contacts(self._connection, self._company, contact_ids),
            partner_links=self._partner_links(contact_ids),
            vat_percents=vat_percents(self._connection, self._company, self._flow)
            if self._flow in INVOICE_FLOWS
            else {},
            groups=groups,
            paid=paid,
        )

    def _judged_by(
        self, ids: Iterable[str], outcomes: Iterable[str], plans: Mapping[str, WantedPlan]
    ) -> dict[str, str]:
        """Return the run whose findings count: this one; of documents that it is not about, the one that planned
        them."""
        judged_by = {source_id: row.run_key for source_id, row in plans.items()}
        judged_by |= dict.fromkeys(outcomes, self._request.run_key)
        return {source_id: judged_by[source_id] for source_id in ids if source_id in judged_by}

    def _partner_links(self, ids: Collection[str]) -> dict[tuple[Kind, str], StoredLink]:
        return {
            (kind, item.source_id): item
            for kind in (Kind.CLIENT, Kind.VENDOR)
            for item in links_of(self._connection, self._company, kind, ids)
        }

    def _paid(self, groups: Iterable[ReceiptGroup]) -> dict[Key, Paid]:
        """Return the documents that payments are for, as far as staging knows them."""
        keys = {key for group in groups for key in keys_of(group)}
        if not keys:
            return {}
        linked = {
            (flow, source_id): remote_id
            for flow in INVOICE_FLOWS
            for source_id, remote_id in read_links(
                self._connection, self._company, KIND_OF[flow], [key for other, key in keys if other is flow]
            ).items()
        }
        found = {}
        for flow in INVOICE_FLOWS:
            ids = [source_id for other, source_id in keys if other is flow]
            for item in read_documents(self._connection, self._company, flow, ids):
                key = (flow, item.source_id)
                gross = (item.net or 0) + (item.vat or 0)
                is_credit = bool(item.credited_ids) or gross < 0
                found[key] = Paid(item.number, item.partner_id, is_credit, linked.get(key))
        return found


def _credited(documents: Iterable[StagedDocument]) -> list[str]:
    return [source_id for item in documents for source_id in item.credited_ids]
