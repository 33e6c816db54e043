"""The documents of a run as the accountant reads them, gathered from staging."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from scoro_smartaccounts.common.culprits import fault_of, is_of_records
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.money import ZERO
from scoro_smartaccounts.common.reasons import Reason, Severity
from scoro_smartaccounts.flows import INVOICE_FLOWS
from scoro_smartaccounts.matching.partners.doubts import AMBIGUOUS, DIFFERS
from scoro_smartaccounts.matching.partners.partners import natural_key_of_body
from scoro_smartaccounts.matching.partners.undecided import PARTNER_UNDECIDED
from scoro_smartaccounts.plan.payment_decision import keys_of
from scoro_smartaccounts.report import invoices, payments
from scoro_smartaccounts.report.document import (
    How,
    ListedDocument,
    ListedPartner,
    Verdict,
)
from scoro_smartaccounts.report.staged import Staged, read_staged
from scoro_smartaccounts.report.totals import Totals, totals
from scoro_smartaccounts.report.verdicts import verdicts
from scoro_smartaccounts.staging.links import Kind

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import Connection

    from scoro_smartaccounts.common.run import RunRequest
    from scoro_smartaccounts.staging.documents import StagedDocument
    from scoro_smartaccounts.staging.plans import WantedPlan

__all__ = ["ListedDocument", "Totals", "Verdict", "list_documents", "totals"]

# Documents that a plan stands behind: what it says is what will be, or was, booked.
_AS_PLANNED = (Verdict.CREATE, Verdict.CREATED, Verdict.IN_DOUBT, Verdict.DECLINED, Verdict.WAITING)

log = logging.getLogger(__name__)

_AMBIGUOUS = (AMBIGUOUS, DIFFERS, PARTNER_UNDECIDED)


def list_documents(
    connection: Connection, request: RunRequest, source_ids: Collection[str] | None = None
) -> list[ListedDocument]:
    """All documents of the run, or the given ones of its flow, by day and number. Within the caller's transaction. One
    that the list was not written for is left out, which the log says.

    Of documents that the run is not about, the verdict is how they stand in staging now.
    """
    staged = read_staged(connection, request, source_ids)
    listing = _Listing(request, staged)
    judged = verdicts(staged)
    found = []
    for row in staged.documents:
        try:
            found.append(listing.listed(row, *judged[row.source_id]))
        except Exception as problem:
            if not is_of_records(problem):
                raise
            fault = fault_of(problem)
            log.warning("%s %s is not in the list (%s in %s)", row.flow.value, row.number, fault.error, fault.place)
    return found


class _Listing:
    def __init__(self, request: RunRequest, staged: Staged) -> None:
        self._flow = request.flow
        self._staged = staged

    def listed(self, row: StagedDocument, verdict: Verdict, reason: Reason | None) -> ListedDocument:
        staged = self._staged
        plan = staged.plans.get(row.source_id) if verdict in _AS_PLANNED else None
        if self._flow is Flow.PAYMENTS:
            return self._payment(row, plan, verdict, reason)
        lines = staged.lines.get(row.source_id, [])
        amounts = (
            invoices.as_in_scoro(row, lines) if plan is None else invoices.as_planned(plan, lines, staged.vat_percents)
        )
        kind = INVOICE_FLOWS[self._flow].partner_kind
        partner = self._partner(kind, row.partner_id, plan, reason)
        return ListedDocument(
            flow=self._flow,
            source_id=row.source_id,
            number=row.number,
            day=row.day,
            entry_day=amounts.entry_day,
            is_credit=bool(row.credited_ids) or (amounts.total or ZERO) < 0,
            partner=partner,
            partner_key=_partner_key(partner, plan),
            currency=row.currency,
            net=amounts.net,
            vat=amounts.vat,
            rounding=amounts.rounding,
            total=amounts.total,
            lines=amounts.lines,
            vat_codes=amounts.vat_codes,
            new_articles=amounts.new_articles if verdict is Verdict.CREATE else (),
            warnings=self._warnings(row, plan, verdict),
            verdict=verdict,
            reason=reason,
        )

    def _payment(
        self, row: StagedDocument, plan: WantedPlan | None, verdict: Verdict, reason: Reason | None
    ) -> ListedDocument:
        staged = self._staged
        group = staged.groups.get(row.source_id)
        if group is None:
            amounts = None
        elif plan is None:
            amounts = payments.as_in_scoro(group, staged.paid)
        else:
            amounts = payments.as_planned(plan, group, staged.paid)
        documents = [] if group is None else [staged.paid[key] for key in keys_of(group) if key in staged.paid]
        contact_id = next((item.partner_id for item in documents if item.partner_id), row.partner_id)
        kind = Kind.VENDOR if group is not None and group.is_purchase else Kind.CLIENT
        partner = self._partner(kind, contact_id, None, reason)
        return ListedDocument(
            flow=self._flow,
            source_id=row.source_id,
            number=row.number,
            day=row.day,
            entry_day=None,
            is_credit=False,
            partner=partner,
            partner_key=partner.source_id,
            currency=row.currency,
            net=None,
            vat=None,
            rounding=ZERO,
            total=None if amounts is None else amounts.total,
            lines=(),
            vat_codes=(),
            new_articles=(),
            warnings=self._warnings(row, plan, verdict),
            verdict=verdict,
            reason=reason,
            rows=() if amounts is None else amounts.rows,
            direction=None if amounts is None else amounts.direction,
            account="" if amounts is None else amounts.account,
        )

    def _partner(
        self, kind: Kind, contact_id: str | None, plan: WantedPlan | None, reason: Reason | None
    ) -> ListedPartner:
        name = self._staged.contacts.get(contact_id or "", "")
        found = self._staged.partner_links.get((kind, contact_id or ""))
        if found is not None:
            return ListedPartner(contact_id or "", name, How.LINKED, found.evidence, found.detail)
        if plan is not None and plan.new_partner is not None:
            how = How.NEW
        else:
            how = How.AMBIGUOUS if reason is not None and reason.code in _AMBIGUOUS else How.UNKNOWN
        return ListedPartner(contact_id or "", name, how)

    def _warnings(self, row: StagedDocument, plan: WantedPlan | None, verdict: Verdict) -> tuple[Reason, ...]:
        found = [
            item.reason for item in self._staged.findings.get(row.source_id, []) if item.severity is Severity.WARNING
        ]
        if verdict is Verdict.CREATE and plan is not None and plan.refused_before is not None:
            # It is tried again.
            found.append(plan.refused_before)
        return tuple(dict.fromkeys(found))


def _partner_key(partner: ListedPartner, plan: WantedPlan | None) -> str:
    """Return what two contacts share that the load step makes one client or vendor of."""
    body = plan.new_partner if plan is not None else None
    if body is None:
        return partner.source_id
    return natural_key_of_body(partner.source_id, body)
