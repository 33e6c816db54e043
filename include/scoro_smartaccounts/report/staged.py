"""What staging knows about the documents of a list, read set by set."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Connection, Row, Table, and_, func, or_, select

from scoro_smartaccounts.common.documents import Flow, ReceiptGroup
from scoro_smartaccounts.flows import INVOICE_FLOWS
from scoro_smartaccounts.mirror.registers import vat_percents
from scoro_smartaccounts.plan.payment_decision import keys_of
from scoro_smartaccounts.report.payments import Paid
from scoro_smartaccounts.staging.bulk import any_of
from scoro_smartaccounts.staging.cases import living_cases
from scoro_smartaccounts.staging.documents import load_receipt_groups
from scoro_smartaccounts.staging.findings import Finding, findings_of_documents
from scoro_smartaccounts.staging.links import KIND_OF, Key, Kind, StoredLink, links_of, read_links
from scoro_smartaccounts.staging.plans import WantedPlan, wanted_plans
from scoro_smartaccounts.staging.runs import Outcome, outcomes_of
from scoro_smartaccounts.staging.schema import (
    contact,
    document,
    document_line,
)
from scoro_smartaccounts.staging.waiting import waits_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from decimal import Decimal

    from scoro_smartaccounts.common.reasons import Reason
    from scoro_smartaccounts.common.run import RunRequest


@dataclass(frozen=True)
class Staged:
    """Everything by source id. `plans` are those that may be sent as things stand; `findings` those of the run that
    judged the document last; `partner_links` are by kind and contact; `cases`: state, content hash and reason."""

    documents: Sequence[Row[Any]]
    outcomes: Mapping[str, Outcome]
    plans: Mapping[str, WantedPlan]
    lines: Mapping[str, list[Row[Any]]]
    cases: Mapping[str, tuple[str, str, Reason]]
    waits: Mapping[str, Reason]
    findings: Mapping[str, list[Finding]]
    linked: Mapping[str, str]
    contacts: Mapping[str, Row[Any]]
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
        documents = self._of(document, ids, document.c.day.nulls_last(), document.c.number, document.c.source_id)
        plans = {row.source_id: row for row in wanted_plans(self._connection, self._request, ids)}
        groups = load_receipt_groups(self._connection, self._company, ids) if self._flow is Flow.PAYMENTS else {}
        paid = self._paid(groups.values())
        partners = {row.partner_id for row in documents} | {item.partner_id for item in paid.values()}
        contact_ids = [partner_id for partner_id in partners if partner_id is not None]
        return Staged(
            documents=documents,
            outcomes=outcomes,
            plans=plans,
            lines=self._lines(ids),
            cases=living_cases(self._connection, self._company, self._flow, ids),
            waits=waits_of(self._connection, self._company, self._flow, ids),
            findings=findings_of_documents(
                self._connection, self._company, self._flow, self._judged_by(ids, outcomes, plans)
            ),
            linked=read_links(self._connection, self._company, KIND_OF[self._flow], [*ids, *_credited(documents)]),
            contacts=self._contacts(contact_ids),
            partner_links=self._partner_links(contact_ids),
            vat_percents=vat_percents(self._connection, self._company, self._flow)
            if self._flow in INVOICE_FLOWS
            else {},
            groups=groups,
            paid=paid,
        )

    def _of(self, table: Table, ids: Iterable[str], *order: ColumnElement[Any]) -> list[Row[Any]]:
        return list(
            self._connection.execute(
                select(table)
                .where(
                    table.c.company == self._company,
                    table.c.flow == self._flow.value,
                    table.c.source_id == any_of(ids),
                )
                .order_by(*order)
            ).all()
        )

    def _lines(self, ids: Iterable[str]) -> dict[str, list[Row[Any]]]:
        """Return the lines with money, in order; without a VAT of their own, with that of the document."""
        rows = self._connection.execute(
            select(
                document_line.c.source_id,
                document_line.c.position,
                document_line.c.description,
                document_line.c.product_code,
                document_line.c.quantity,
                document_line.c.price,
                document_line.c.discount,
                document_line.c.net,
                func.coalesce(document_line.c.vat_percent, document.c.vat_percent).label("vat_percent"),
            )
            .join(
                document,
                and_(
                    document.c.company == document_line.c.company,
                    document.c.flow == document_line.c.flow,
                    document.c.source_id == document_line.c.source_id,
                ),
            )
            .where(
                document_line.c.company == self._company,
                document_line.c.flow == self._flow.value,
                document_line.c.source_id == any_of(ids),
                ~document_line.c.is_heading,
            )
            .order_by(document_line.c.position)
        ).all()
        return _grouped(rows)

    def _judged_by(
        self, ids: Iterable[str], outcomes: Iterable[str], plans: Mapping[str, WantedPlan]
    ) -> dict[str, str]:
        """Return the run whose findings count: this one; of documents that it is not about, the one that planned
        them."""
        judged_by = {source_id: row.run_key for source_id, row in plans.items()}
        judged_by |= dict.fromkeys(outcomes, self._request.run_key)
        return {source_id: judged_by[source_id] for source_id in ids if source_id in judged_by}

    def _contacts(self, ids: Iterable[str]) -> dict[str, Row[Any]]:
        rows = self._connection.execute(
            select(contact.c.source_id, contact.c.name).where(
                contact.c.company == self._company, contact.c.source_id == any_of(ids)
            )
        ).all()
        return _by_id(rows)

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
        rows = self._connection.execute(
            select(document).where(
                document.c.company == self._company,
                or_(
                    *(
                        and_(
                            document.c.flow == flow.value,
                            document.c.source_id == any_of([key for other, key in keys if other is flow]),
                        )
                        for flow in INVOICE_FLOWS
                    )
                ),
            )
        )
        found = {}
        for row in rows:
            key = (Flow(row.flow), row.source_id)
            gross = (row.net or 0) + (row.vat or 0)
            found[key] = Paid(row.number, row.partner_id, bool(row.credited_ids) or gross < 0, linked.get(key))
        return found


def _credited(documents: Iterable[Row[Any]]) -> list[str]:
    return [source_id for row in documents for source_id in row.credited_ids]


def _by_id(rows: Iterable[Any]) -> dict[str, Row[Any]]:
    return {row.source_id: row for row in rows}


def _grouped(rows: Iterable[Any]) -> dict[str, list[Row[Any]]]:
    found: dict[str, list[Row[Any]]] = defaultdict(list)
    for row in rows:
        found[row.source_id].append(row)
    return found
