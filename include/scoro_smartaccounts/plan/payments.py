"""Payments of Scoro: which of them are in SmartAccounts already, which wait, and exactly what will be sent of the rest.

Reads SmartAccounts, writes only to staging.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from scoro_smartaccounts.common.company import Mode
from scoro_smartaccounts.common.culprits import one_document
from scoro_smartaccounts.common.documents import Flow, ReceiptGroup
from scoro_smartaccounts.common.money import plain
from scoro_smartaccounts.common.reasons import Severity, Step, codes_of, phrase, reason
from scoro_smartaccounts.common.run import Counts, RunKind, RunRequest
from scoro_smartaccounts.extract.documents import stage_range
from scoro_smartaccounts.flows import INVOICE_FLOWS
from scoro_smartaccounts.matching.documents.gone import DOCUMENT_GONE, find_again, gone_among
from scoro_smartaccounts.matching.payments.changes import close_settled_cases, record_booking_changes
from scoro_smartaccounts.matching.payments.matching import Matches, adopt_marked, match_payments
from scoro_smartaccounts.matching.payments.orphans import overpaying_days
from scoro_smartaccounts.matching.payments.partly_booked import see_to_parts
from scoro_smartaccounts.matching.payments.prepayments import adopt_prepayments
from scoro_smartaccounts.mirror.payments import PAYMENT_LOCK, sync_payments
from scoro_smartaccounts.outbox.doubt import records_in_doubt
from scoro_smartaccounts.outbox.settle_documents import settle_documents
from scoro_smartaccounts.outbox.settle_payments import settle_payments
from scoro_smartaccounts.outbox.settle_receipts import settle_receipts
from scoro_smartaccounts.plan.entry_days import needs_returns_of_payments, payment_waits
from scoro_smartaccounts.plan.fates import (
    Adopted,
    Booked,
    Fates,
    FoundLater,
    InDoubt,
    NotOurs,
    Planned,
    Refused,
    Waiting,
    fates_of_links,
)
from scoro_smartaccounts.plan.known_periods import ask_for_returns, periods_of
from scoro_smartaccounts.plan.payment_decision import keys_of, named_document
from scoro_smartaccounts.plan.payment_facts import gather_facts, receipt_accounts
from scoro_smartaccounts.plan.payment_order import in_order
from scoro_smartaccounts.plan.store import (
    UNEXPECTED,
    WAIT_CODES,
    plan_in_parts,
    see_what_is_there,
    store_fates,
    store_noted,
    store_planned,
    text_and_hash,
)
from scoro_smartaccounts.staging import runs
from scoro_smartaccounts.staging.answers import Answers, answers_to
from scoro_smartaccounts.staging.cases import document_states, open_with
from scoro_smartaccounts.staging.documents import load_receipt_groups, read_documents
from scoro_smartaccounts.staging.findings import Finding
from scoro_smartaccounts.staging.intents import open_intents
from scoro_smartaccounts.staging.kinds import unproved
from scoro_smartaccounts.staging.links import (
    KIND_OF,
    Key,
    Kind,
    drop_payment_links,
    forget_gone_documents,
    read_links,
)
from scoro_smartaccounts.staging.locks import session_lock
from scoro_smartaccounts.staging.payment_rows import documents_paid
from scoro_smartaccounts.staging.payments_and_receipts import (
    days_of_equal_money,
    lost_payments,
    replacements,
    replacements_without_payment,
)
from scoro_smartaccounts.staging.plans import NewPlan, drop_plans
from scoro_smartaccounts.staging.quarantine import resolve
from scoro_smartaccounts.staging.watermarks import drop_watermark
from scoro_smartaccounts.transform.kinds import tell_kinds

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from decimal import Decimal

    from sqlalchemy import Connection

    from scoro_smartaccounts.common.errors import DocumentProblem
    from scoro_smartaccounts.services import Services
    from scoro_smartaccounts.transform.payment import PlannedPayment

log = logging.getLogger(__name__)

PAYMENT_GONE = "payment_gone"


def plan_payments(request: RunRequest, services: Services) -> Counts:
    """Reconcile and plan the run's checked receipt groups. Safe to repeat; writes nothing to SmartAccounts."""
    with services.engine.connect() as connection:
        with connection.begin():
            source_ids = runs.batch(connection, request)
            staged = read_documents(connection, request.company.key, Flow.PAYMENTS, source_ids)
        days = {each.day for each in staged if each.day is not None}
        sync_payments(services, request.company, {request.date_from, *days})
        _notice_the_switch(connection, request)
        settled = settle_payments(connection, request, services)
        _settle_documents(connection, request, services, source_ids)
        # Scoro was not read for them here: what does not show may be there all the same.
        settle_receipts(connection, request, services)
        _look_for_gone_receipts(connection, request, services, source_ids)
        source_ids += _take_what_lost_its_payment(connection, request)
        source_ids += _look_again_at_lost(connection, request)
        matches, marked = _match(connection, request, source_ids)
        made_now = fates_of_links("in_smartaccounts", found=settled.booked, linked=matches.groups | marked)

        def plan_part(part: list[str]) -> Counts:
            planner = _Planner(connection, request, services, matches, is_whole=len(part) == len(source_ids))
            return planner.run(part, made_now)

        counts = plan_in_parts(connection, request, source_ids, plan_part)
    log.info("Planned payments: %s.", ", ".join(f"{name} {count}" for name, count in counts.items() if count))
    return counts


def _settle_documents(
    connection: Connection, request: RunRequest, services: Services, source_ids: Iterable[str]
) -> None:
    """Look for the documents that the groups pay and that are in doubt: their own run may have ended."""
    with connection.begin():
        paid = documents_paid(connection, request.company.key, source_ids)
        in_doubt = {kind for kind, _ in records_in_doubt(connection, request.company.key, paid)}
    for flow, spec in INVOICE_FLOWS.items():
        if spec.kind in in_doubt:
            settle_documents(connection, replace(request, flow=flow), services)


def _notice_the_switch(connection: Connection, request: RunRequest) -> None:
    """Take the watermark from an export that is off: it has none, also where its own DAG is paused: on again, it starts
    anew."""
    if not request.company.export_payments.enabled:
        with connection.begin():
            drop_watermark(connection, request.company.key, Flow.EXPORT_PAYMENTS)


def _look_for_gone_receipts(
    connection: Connection, request: RunRequest, services: Services, source_ids: list[str]
) -> None:
    """Where receipts of the batch pay more than their documents, those that paid them before are looked for in Scoro:
    entered again on another day, the first one is gone, and no list of these days tells. A run by hand looks for those
    of equal money too; a scheduled one reads what was changed or deleted anyway."""
    with connection.begin():
        days = set(overpaying_days(connection, request.company.key, source_ids))
        if request.kind is not RunKind.SCHEDULED:
            days |= set(days_of_equal_money(connection, request.company.key, source_ids))
    for day in sorted(days):
        if not request.date_from <= day <= request.date_to:
            stage_range(request, services, Flow.PAYMENTS, day, day)


def _take_what_lost_its_payment(connection: Connection, request: RunRequest) -> list[str]:
    """Receipts that took the place of one that went away, and whose payment was deleted in SmartAccounts, as the report
    of the one that went away asks: they are planned as new. The ids of those that the run takes."""
    with session_lock(connection, request.company.key, PAYMENT_LOCK), connection.begin():
        found = replacements_without_payment(connection, request.company.key)
        taken = [
            source_id
            for source_id, day in found.items()
            if request.kind is RunKind.SCHEDULED or (day is not None and request.date_from <= day <= request.date_to)
        ]
        drop_payment_links(connection, request.company.key, groups=taken)
        runs.take(connection, request, [runs.Taken(source_id, "unfinished") for source_id in taken], keeps=())
    return taken


def _look_again_at_lost(connection: Connection, request: RunRequest) -> list[str]:
    """Receipts of the run that counted as booked until it heard that their payments are deleted; their ids."""
    with connection.begin():
        lost = lost_payments(connection, request.company.key, runs.left_as(connection, request, "already_there"))
        runs.forget(connection, request, ["already_there"], lost)
    return list(lost)


def _match(connection: Connection, request: RunRequest, source_ids: list[str]) -> tuple[Matches, set[str]]:
    """Link what is in both systems already."""
    company = request.company.key
    with session_lock(connection, request.company.key, PAYMENT_LOCK), connection.begin():
        see_to_parts(connection, request)
        marked = adopt_marked(connection, request)
        matches = match_payments(connection, request)
        groups = load_receipt_groups(connection, company, source_ids)
        known = set(read_links(connection, company, Kind.PAYMENT, groups))
        known |= {item.source_id for item in open_intents(connection, company, Kind.PAYMENT)}
        marked |= adopt_prepayments(
            connection,
            request,
            [group for source_id, group in groups.items() if source_id not in known],
        )
        record_booking_changes(connection, request)
        close_settled_cases(connection, company)
        return matches, marked


class _Planner:
    """One planning of one run, or of a part of it (`is_whole`: of all of its payments)."""

    def __init__(
        self, connection: Connection, request: RunRequest, services: Services, matches: Matches, *, is_whole: bool
    ) -> None:
        self._connection = connection
        self._request = request
        self._services = services
        self._company = request.company.key
        self._matches = matches
        self._is_whole = is_whole
        self._fates: Fates[PlannedPayment] = Fates()
        # Receipt groups whose payments were deleted there and that a person wants booked again.
        self._unbooked: set[str] = set()

    def run(self, source_ids: list[str], made_now: Mapping[str, Adopted | FoundLater]) -> Counts:
        fates = self._fates
        with self._connection.begin():
            problems: dict[str, DocumentProblem] = {}
            groups = load_receipt_groups(self._connection, self._company, source_ids, problems)
            fates.refuse(problems)
            self._see_to_lost(groups)
            links = read_links(self._connection, self._company, Kind.PAYMENT, fates.open_among(groups))
            there = links.keys() - self._unbooked
            see_what_is_there(self._connection, self._request, fates, there, made_now)
        linked = {source_id: group for source_id, group in groups.items() if source_id in there}
        totals: Mapping[str, Decimal] = {}
        if open_groups := fates.open_among(groups):
            self._see_to_gone(open_groups.values())
            totals = self._decide(list(open_groups.values()))
        with self._connection.begin():
            left = {source_id: group for source_id, group in groups.items() if source_id not in linked}
            self._store(source_ids, left, totals, self._entered_again(linked))
        return {
            "planned": fates.count(Planned),
            "already_there": fates.count(Booked),
            "adopted": fates.count(Adopted),
            "waiting": fates.count(Waiting),
            "in_doubt": fates.count(InDoubt),
            "not_ours": fates.count(NotOurs),
            "quarantined": fates.count(Refused),
        }

    def _decide(self, groups: list[ReceiptGroup]) -> Mapping[str, Decimal]:
        """Decide about groups in the order in which they are sent; the totals of the documents that they pay."""
        facts = gather_facts(self._connection, self._request, self._services, groups, self._matches)
        company = self._request.company
        if needs_returns_of_payments(company):
            ask_for_returns(self._connection, self._services, company, [group.day for group in groups])
        with self._connection.begin():
            periods = periods_of(self._connection, self._services, company, Flow.PAYMENTS)
        for group in in_order(groups, refused=facts.refused, locked_until=periods.refused):
            with self._fates.refusing(group.source_id), one_document(group.named, UNEXPECTED, "Scoro"):
                self._fates[group.source_id] = payment_waits(company, periods, group) or facts.decide(group)
        return facts.totals

    def _see_to_lost(self, groups: Mapping[str, ReceiptGroup]) -> None:
        """Receipts whose payments were all deleted in SmartAccounts: a person says whether they are booked again.
        Within the caller's transaction."""
        lost = lost_payments(self._connection, self._company, groups)
        answers = answers_to(self._connection, self._request, lost, PAYMENT_GONE)
        for source_id, payments in lost.items():
            asked = reason(
                "payment_gone",
                document=groups[source_id].named,
                payments=[item.named for item in payments],
                records=[item.remote_id for item in payments],
            )
            if answers.left(source_id, asked) is None:
                self._unbooked.add(source_id)
            else:
                self._fates[source_id] = Refused(asked)
        # A preview decides nothing: the next run that is none finds the answer too.
        if self._request.mode is not Mode.PREVIEW:
            drop_payment_links(self._connection, self._company, groups=self._unbooked)

    def _see_to_gone(self, groups: Iterable[ReceiptGroup]) -> None:
        """Documents that were deleted in SmartAccounts, and of whose payments a person said to try again: those that
        stand there anew are paid, the others may be imported again."""
        with self._connection.begin():
            ids = [group.source_id for group in groups]
            answers = answers_to(self._connection, self._request, ids, DOCUMENT_GONE)
            gone = gone_among(self._connection, self._company, self._said_to_be_gone(groups, answers))
        if not gone:
            return
        found = find_again(self._connection, self._request, self._services, gone)
        with self._connection.begin():
            for flow, source_id in gone.keys() - found:
                forget_gone_documents(self._connection, self._company, KIND_OF[flow], [source_id])
                # What was asked of the document itself is answered with it: it is imported again with its day.
                asked = open_with(self._connection, self._company, flow, [source_id], [DOCUMENT_GONE])
                resolve(self._connection, replace(self._request, flow=flow), asked, codes=[DOCUMENT_GONE])

    def _said_to_be_gone(self, groups: Iterable[ReceiptGroup], answers: Answers) -> set[Key]:
        """Return the documents that the questions named which were answered."""
        found = set()
        for group in groups:
            if (named := answers.named(group.source_id, DOCUMENT_GONE)) == []:
                continue
            for flow, source_id in keys_of(group):
                states = document_states(self._connection, self._company, flow, [source_id])
                if named is None or named_document(flow, source_id, states.get(source_id)) in named:
                    found.add((flow, source_id))
        return found

    def _entered_again(self, groups: Mapping[str, ReceiptGroup]) -> list[Finding]:
        """In what receipts differ from the payments that stand for them since the receipts before them went away."""
        found = replacements(self._connection, self._company, groups)
        names = receipt_accounts(self._services) if found else {}
        accounts = self._request.company.payments.accounts
        findings = []
        for item in found:
            group = groups[item.source_id]
            differences = []
            if item.day != group.day:
                differences.append(phrase("other_day", there=item.day, here=group.day))
            pair = next((each for each in accounts if each.scoro == names.get(group.account_id or "")), None)
            if pair is not None and (pair.bank or pair.cash) != item.account_name:
                differences.append(phrase("other_account", there=item.account_name, here=pair.bank or pair.cash))
            if differences:
                why = reason("entered_again", payments=[item.named], differences=differences)
                findings.append(Finding(item.source_id, why.about(group.named)))
        return findings

    def _store(
        self,
        source_ids: Collection[str],
        groups: Mapping[str, ReceiptGroup],
        totals: Mapping[str, Decimal],
        entered_again: Iterable[Finding],
    ) -> None:
        """Store what was decided about `groups`, and about all of `source_ids` that wait no more."""
        connection, request, fates = self._connection, self._request, self._fates
        told = unproved(connection, self._company, request.company.ledger_check)
        plans = tell_kinds(fates.planned(), told)
        unplanned = [
            each for each in groups if each not in plans and not isinstance(fates.get(each), Adopted | FoundLater)
        ]
        drop_plans(connection, self._company, request.flow, unplanned, asked=fates.reasons(Refused))
        rows = [
            _new_plan(groups[source_id], planned, totals, place)
            for place, (source_id, planned) in enumerate(plans.items())
        ]
        store_planned(connection, request, self._services, fates, rows, lambda source_id: groups[source_id].named)
        planned = fates.planned().keys()
        findings = [
            Finding(source_id, warning.about(groups[source_id].named))
            for source_id in planned
            for warning in plans[source_id].warnings
        ]
        store_noted(connection, request, [*entered_again, *findings], groups, is_whole=self._is_whole)
        went_on = [key for key, fate in fates.items() if isinstance(fate, Planned | Waiting | NotOurs)]
        # What waited for a locked month is planned again, and waits again if the month is locked still.
        waits = WAIT_CODES | codes_of(Step.LOAD, Severity.WAIT)
        store_fates(connection, request, fates, went_on=went_on, asked=PAYMENT_GONE, batch=source_ids, waits=waits)


def _new_plan(group: ReceiptGroup, planned: PlannedPayment, totals: Mapping[str, Decimal], place: int) -> NewPlan:
    text, hashed = text_and_hash(list(planned.bodies))
    return NewPlan(
        source_id=group.source_id,
        payload=text,
        payload_hash=hashed,
        content_hash=group.content_hash,
        partner_source_id=group.partner_id or "",
        predicted={
            "total": plain(planned.total),
            # What is settled of each document before this payment; the load step refuses to go by anything else.
            "settled": {
                remote_id: plain(totals[remote_id] - amount) for remote_id, amount in planned.outstanding.items()
            },
            "kinds": planned.kinds,
            "moved": [plain(amount) for amount in planned.moved],
            "rate": None if planned.rate is None else plain(planned.rate),
            # In the order of planning they are sent.
            "place": place,
        },
        warnings=planned.warnings,
    )
