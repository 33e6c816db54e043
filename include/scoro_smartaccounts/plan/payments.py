"""Payments of Scoro: which of them are in SmartAccounts already, which wait, and exactly what will be sent of the rest.

Reads SmartAccounts, writes only to staging.
"""

from __future__ import annotations

import json
import logging
from collections import defaultdict
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, and_, delete, select

from scoro_smartaccounts.common.company import Mode
from scoro_smartaccounts.common.culprits import one_document, problem_of
from scoro_smartaccounts.common.documents import Document, Flow, ReceiptGroup
from scoro_smartaccounts.common.errors import DocumentProblem
from scoro_smartaccounts.common.money import ZERO, plain
from scoro_smartaccounts.common.reasons import Reason, Severity, Step, codes_of, phrase, reason, severity_of
from scoro_smartaccounts.common.run import Counts, RunKind, RunRequest
from scoro_smartaccounts.extract.documents import stage_range
from scoro_smartaccounts.flows import INVOICE_FLOWS
from scoro_smartaccounts.matching.documents.adoption import POSSIBLE_DUPLICATE
from scoro_smartaccounts.matching.documents.gone import DOCUMENT_GONE, find_again, gone_among
from scoro_smartaccounts.matching.partners.undecided import undecided_partners
from scoro_smartaccounts.matching.payments.changes import close_settled_cases, record_booking_changes
from scoro_smartaccounts.matching.payments.matching import Matches, adopt_marked, match_payments
from scoro_smartaccounts.matching.payments.orphans import orphans, overpaying_days
from scoro_smartaccounts.matching.payments.parts import booked_parts, see_to_parts
from scoro_smartaccounts.matching.payments.prepayments import adopt_prepayments, unlinked_prepayments
from scoro_smartaccounts.mirror.documents import read_days
from scoro_smartaccounts.mirror.payments import PAYMENT_LOCK, sync_payments, unread_payments
from scoro_smartaccounts.mirror.registers import (
    BANK_ACCOUNTS,
    CASH_ACCOUNTS,
    FRESH,
    money_accounts,
    sync_register,
    sync_settings,
)
from scoro_smartaccounts.outbox.comparison import close_document
from scoro_smartaccounts.outbox.doubt import records_in_doubt
from scoro_smartaccounts.outbox.locked import locked_until
from scoro_smartaccounts.outbox.protocol import payload_hash
from scoro_smartaccounts.outbox.settle_documents import settle_documents
from scoro_smartaccounts.outbox.settle_payments import settle_payments
from scoro_smartaccounts.outbox.settle_receipts import given_up_on, settle_receipts
from scoro_smartaccounts.plan.order import in_order
from scoro_smartaccounts.plan.payment_decision import IN_DOUBT, Facts, keys_of, named_document
from scoro_smartaccounts.scoro.values import clean, record_id
from scoro_smartaccounts.staging import runs
from scoro_smartaccounts.staging.answers import Answers, answers_to
from scoro_smartaccounts.staging.bulk import any_of, store_each, upsert
from scoro_smartaccounts.staging.cases import OWN_CASES, DocumentState, document_states, open_with
from scoro_smartaccounts.staging.documents import load_documents, load_receipt_groups
from scoro_smartaccounts.staging.findings import Finding, drop_findings, store_findings
from scoro_smartaccounts.staging.intents import open_intents
from scoro_smartaccounts.staging.kinds import unproved
from scoro_smartaccounts.staging.links import (
    KIND_OF,
    BookedDocument,
    Key,
    Kind,
    booked_documents,
    drop_payment_links,
    forget_gone_documents,
    links_of,
    read_links,
)
from scoro_smartaccounts.staging.locks import session_lock
from scoro_smartaccounts.staging.mirror_documents import bookings_shown, days_of
from scoro_smartaccounts.staging.mirror_payments import settled_amounts, unlinked_payments_on
from scoro_smartaccounts.staging.payments_and_receipts import (
    days_of_equal_money,
    lost_payments,
    replacements,
    replacements_without_payment,
)
from scoro_smartaccounts.staging.quarantine import open_case, resolve
from scoro_smartaccounts.staging.schema import (
    payment_row,
    plan,
    remote_payment,
    remote_payment_row,
)
from scoro_smartaccounts.staging.set_aside import without_culprits
from scoro_smartaccounts.staging.waiting import note_waiting
from scoro_smartaccounts.staging.watermarks import drop_watermark
from scoro_smartaccounts.transform.kinds import tell_kinds
from scoro_smartaccounts.transform.payment import (
    BANK,
    CASH,
    MoneyAccount,
    PlannedPayment,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from scoro_smartaccounts.services import Services

log = logging.getLogger(__name__)

_MISS_AGE = timedelta(minutes=10)
PAYMENT_GONE = "payment_gone"
UNEXPECTED = "unexpected_when_planned"


def plan_payments(request: RunRequest, services: Services) -> Counts:
    """Reconcile and plan the run's checked receipt groups. Safe to repeat; writes nothing to SmartAccounts."""
    with services.engine.connect() as connection:
        with connection.begin():
            source_ids = runs.batch(connection, request)
        sync_payments(services, request.company)
        _notice_the_switch(connection, request)
        settled = settle_payments(connection, request, services)
        _settle_documents(connection, request, services, source_ids)
        # Scoro was not read for them here: what does not show may be there all the same.
        settle_receipts(connection, request, services)
        _look_for_gone_receipts(connection, request, services, source_ids)
        source_ids += _take_what_lost_its_payment(connection, request)
        source_ids += _look_again_at_lost(connection, request)
        matches, marked = _match(connection, request, source_ids)
        counts: Counts = {}

        def plan_part(part: list[str]) -> None:
            planner = _Planner(connection, request, services, is_whole=len(part) == len(source_ids))
            for name, count in planner.run(part, matches, settled.booked, marked).items():
                counts[name] = counts.get(name, 0) + count

        aside = without_culprits(connection, request, source_ids, UNEXPECTED, plan_part)
        if aside:
            counts["quarantined"] = counts.get("quarantined", 0) + aside
        with connection.begin():
            runs.mark(connection, request, "planned", counts)
    log.info("Planned payments: %s.", ", ".join(f"{name} {count}" for name, count in counts.items() if count))
    return counts


def _settle_documents(
    connection: Connection, request: RunRequest, services: Services, source_ids: Iterable[str]
) -> None:
    """Look for the documents that the groups pay and that are in doubt: their own run may have ended."""
    with connection.begin():
        paid = connection.execute(
            select(payment_row.c.document_flow, payment_row.c.document_id)
            .where(
                payment_row.c.company == request.company.key,
                payment_row.c.flow == request.flow.value,
                payment_row.c.source_id == any_of(source_ids),
                payment_row.c.document_id.is_not(None),
            )
            .distinct()
        ).all()
        keys = [(Flow(row.document_flow), row.document_id) for row in paid]
        in_doubt = {kind for kind, _ in records_in_doubt(connection, request.company.key, keys)}
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
    def __init__(self, connection: Connection, request: RunRequest, services: Services, *, is_whole: bool) -> None:
        self._connection = connection
        self._request = request
        self._services = services
        self._company = request.company.key
        self._policy = request.company.payments
        # Receipt groups whose payments were deleted there and that a person wants booked again.
        self._unbooked: set[str] = set()
        # Whether it plans all of the run's payments, or a part of them.
        self._is_whole = is_whole

    def run(self, source_ids: list[str], matches: Matches, found_later: Collection[str], marked: set[str]) -> Counts:
        with self._connection.begin():
            unreadable: dict[str, DocumentProblem] = {}
            groups = load_receipt_groups(self._connection, self._company, source_ids, unreadable)
            problems = {**unreadable, **self._see_to_lost(groups)}
            linked = read_links(self._connection, self._company, Kind.PAYMENT, groups)
            linked = {key: item for key, item in linked.items() if key not in problems and key not in self._unbooked}
            outcomes = self._outcomes_of_linked(linked, matches, found_later, marked)
            close_document(self._connection, self._request, list(linked))
            runs.set_outcomes(self._connection, self._request, outcomes)
        open_groups = {
            source_id: group
            for source_id, group in groups.items()
            if source_id not in linked and source_id not in problems
        }
        plans: dict[str, PlannedPayment] = {}
        totals: Mapping[str, Decimal] = {}
        waits: dict[str, Reason] = {}
        in_doubt: dict[str, Reason] = {}
        not_ours: dict[str, Reason] = {}
        if open_groups:
            self._see_to_gone(open_groups.values())
            facts = self._facts(open_groups.values(), matches)
            totals = facts.totals
            with self._connection.begin():
                known = locked_until(self._connection, self._company, self._services.clock())
            for group in in_order(open_groups.values(), refused=facts.refused, locked_until=known):
                try:
                    with one_document(group.named, UNEXPECTED, "Scoro"):
                        found = facts.plan(group)
                    match found:
                        case PlannedPayment() as planned:
                            plans[group.source_id] = planned
                        case Reason() as why if why.code == IN_DOUBT:
                            in_doubt[group.source_id] = why
                        case Reason() as why:
                            (waits if severity_of(why) is Severity.WAIT else not_ours)[group.source_id] = why
                except DocumentProblem as problem:
                    problems[group.source_id] = problem
        with self._connection.begin():
            entered_again = self._entered_again({source_id: groups[source_id] for source_id in linked})
            left = {source_id: group for source_id, group in groups.items() if source_id not in linked}
            self._store(left, plans, totals, waits, not_ours, problems, entered_again)
            runs.set_outcomes(self._connection, self._request, {key: (IN_DOUBT, why) for key, why in in_doubt.items()})
        return {
            "planned": len(plans),
            "already_there": sum(1 for outcome, _ in outcomes.values() if outcome == "already_there"),
            "adopted": sum(1 for outcome, _ in outcomes.values() if outcome == "adopted"),
            "waiting": len(waits),
            "in_doubt": len(in_doubt),
            "not_ours": len(not_ours),
            "quarantined": len(problems),
        }

    @staticmethod
    def _outcomes_of_linked(
        linked: Iterable[str], matches: Matches, found_later: Collection[str], marked: set[str]
    ) -> dict[str, runs.Outcome]:
        outcomes: dict[str, runs.Outcome] = dict.fromkeys(linked, ("already_there", None))
        for source_id in outcomes:
            if source_id in found_later:
                outcomes[source_id] = ("created", reason("created.found_later", where=phrase("in_smartaccounts")))
            elif source_id in matches.groups or source_id in marked:
                outcomes[source_id] = ("adopted", reason("adopted", where=phrase("in_smartaccounts")))
        return outcomes

    def _see_to_lost(self, groups: Mapping[str, ReceiptGroup]) -> dict[str, DocumentProblem]:
        """Receipts whose payments were all deleted in SmartAccounts: a person says whether they are booked again.
        Within the caller's transaction."""
        lost = lost_payments(self._connection, self._company, groups)
        answers = answers_to(self._connection, self._request, lost, PAYMENT_GONE)
        problems = {}
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
                problems[source_id] = DocumentProblem(asked)
        # A preview decides nothing: the next run that is none finds the answer too.
        if self._request.mode is not Mode.PREVIEW:
            drop_payment_links(self._connection, self._company, groups=self._unbooked)
        return problems

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
        names = self._receipt_accounts() if found else {}
        findings = []
        for item in found:
            group = groups[item.source_id]
            differences = []
            if item.day != group.day:
                differences.append(phrase("other_day", there=item.day, here=group.day))
            pair = next(
                (each for each in self._policy.accounts if each.scoro == names.get(group.account_id or "")), None
            )
            if pair is not None and (pair.bank or pair.cash) != item.account_name:
                differences.append(phrase("other_account", there=item.account_name, here=pair.bank or pair.cash))
            if differences:
                why = reason("entered_again", payments=[item.named], differences=differences)
                findings.append(Finding(item.source_id, why.about(group.named)))
        return findings

    def _receipt_accounts(self) -> dict[str, str]:
        """Return the names of Scoro's receipt accounts by id."""
        rows = self._services.scoro.list("receiptAccounts")
        return {record_id(row.get("id")) or "": clean(row.get("name")) for row in rows}

    def _facts(self, groups: Iterable[ReceiptGroup], matches: Matches) -> Facts:
        groups = list(groups)
        accounts = self._accounts()
        names = self._receipt_accounts()
        keys = {(row.flow, row.document_id) for group in groups for row in group.rows if row.flow and row.document_id}
        connection, company = self._connection, self._company
        with connection.begin():
            documents: dict[Key, Document] = {}
            states: dict[Key, DocumentState] = {}
            for flow in {flow for flow, _ in keys}:
                ids = [source_id for other, source_id in keys if other is flow]
                documents |= {(flow, key): item for key, item in load_documents(connection, company, flow, ids).items()}
                states |= {(flow, key): state for key, state in document_states(connection, company, flow, ids).items()}
            links = booked_documents(connection, company, keys)
            remote_ids = [booked.remote_id for booked in links.values()]
            settled = settled_amounts(connection, company, remote_ids)
            strangers = unlinked_payments_on(connection, company, remote_ids)
            orphaned = orphans(connection, company)
            unread = unread_payments(connection, company)
            contacts = {item.partner_id for item in documents.values() if item.partner_id}
            contacts |= {group.partner_id for group in groups if group.partner_id}
            partners = {kind: read_links(connection, company, kind, contacts) for kind in (Kind.CLIENT, Kind.VENDOR)}
            undecided = {
                spec.partner_kind: undecided_partners(connection, company, spec, contacts)
                for spec in INVOICE_FLOWS.values()
            }
            prepaid = unlinked_prepayments(
                connection, company, {remote_id for known in partners.values() for remote_id in known.values()}
            )
            ids = [group.source_id for group in groups]
            answers = answers_to(connection, self._request, ids, POSSIBLE_DUPLICATE)
            refused = open_with(connection, company, Flow.PAYMENTS, ids, OWN_CASES)
            exports = self._exports_in_doubt()
            in_doubt = self._in_doubt(contacts, keys)
            given_up = given_up_on(connection, company, groups)
            parts = self._parts_booked([group.source_id for group in groups])
            booked_in_part = booked_parts(connection, company)
        links = self._as_they_are_now(documents, links)
        merged = self._merged_partners(documents, links, partners)
        outstanding, totals = {}, {}
        for key, booked in links.items():
            item, total = documents.get(key), booked.booking.total
            if total is None:
                total = item.gross if item is not None else ZERO
            totals[booked.remote_id] = abs(total)
            outstanding[booked.remote_id] = abs(total) - settled.get(booked.remote_id, ZERO)
        return Facts(
            request=self._request,
            accounts=accounts,
            receipt_accounts=names,
            documents=documents,
            states=states,
            links=links,
            totals=totals,
            outstanding=outstanding,
            strangers=strangers,
            orphans=orphaned,
            unread=unread,
            partners=partners,
            merged=merged,
            undecided=undecided,
            prepaid=prepaid,
            answers=answers,
            refused=refused,
            exports=exports,
            in_doubt=in_doubt,
            given_up=given_up,
            parts=parts,
            booked=booked_in_part,
            matches=matches,
            site=self._services.scoro.company_account_id,
        )

    def _as_they_are_now(
        self, documents: Mapping[Key, Document], links: Mapping[Key, BookedDocument]
    ) -> dict[Key, BookedDocument]:
        """Documents that were changed in Scoro after their import come to what SmartAccounts shows now: the report asks
        for the same change there. What they were booked with, where that is not known, is what it shows too: Scoro
        tells something else by now. One request a day of such documents that are paid."""
        found = dict(links)
        for spec in INVOICE_FLOWS.values():
            changed = {
                key: booked
                for key, booked in links.items()
                if key[0] is spec.flow and key in documents and booked.gone_at is None
                if booked.content_hash != documents[key].content_hash
                if booked.content_hash or not booked.booking.is_known
            }
            if not changed:
                continue
            remote_ids = [booked.remote_id for booked in changed.values()]
            with self._connection.begin():
                days = days_of(self._connection, self._company, spec.flow, remote_ids)
            read_days(self._services, self._company, spec, days | {documents[key].day for key in changed})
            with self._connection.begin():
                shown = bookings_shown(self._connection, self._company, spec.flow, remote_ids)
            for key, booked in changed.items():
                if (booking := shown.get(booked.remote_id)) is not None:
                    known = booked.booking.completed(booking)
                    found[key] = replace(booked, booking=replace(known, total=booking.total))
        return found

    def _merged_partners(
        self,
        documents: Mapping[Key, Document],
        links: Mapping[Key, BookedDocument],
        partners: Mapping[Kind, Mapping[str, str]],
    ) -> set[str]:
        """Clients and vendors that SmartAccounts does not have any more, of documents that are another contact's by now
        than they were booked on: somebody merged them there too. Asked for where there are such documents only."""
        found: set[str] = set()
        for spec in INVOICE_FLOWS.values():
            others = {
                booked.booking.partner_remote_id
                for key, booked in links.items()
                if key[0] is spec.flow
                and key in documents
                and booked.booking.partner_remote_id
                and partners[spec.partner_kind].get(documents[key].partner_id or "", booked.booking.partner_remote_id)
                != booked.booking.partner_remote_id
            }
            if not others:
                continue
            sync_register(self._services, self._company, spec.partners, max_age=FRESH)
            with self._connection.begin():
                there = self._connection.scalars(
                    select(spec.register.c.remote_id).where(
                        spec.register.c.company == self._company, spec.register.c.remote_id == any_of(others)
                    )
                )
                found |= others - set(there)
        return found

    def _accounts(self) -> dict[tuple[str, str], MoneyAccount]:
        """SmartAccounts' bank and cash accounts; read anew where the company file names one that is not known."""
        wanted = [
            (BANK, item.bank) if item.bank is not None else (CASH, item.cash or "") for item in self._policy.accounts
        ]
        wanted += [(BANK, name) for name in self._policy.all_netting_accounts]
        for max_age in (None, _MISS_AGE):
            services = (BANK_ACCOUNTS, CASH_ACCOUNTS)
            if max_age is None:
                sync_settings(self._services, self._company, services)
            else:
                sync_settings(self._services, self._company, services, max_age=max_age)
            with self._connection.begin():
                known = money_accounts(self._connection, self._company)
            if all(key in known for key in wanted):
                break
        base = self._request.company.base_currency
        return {(kind, name): MoneyAccount(kind, name, row.currency or base) for (kind, name), row in known.items()}

    def _parts_booked(self, source_ids: Iterable[str]) -> dict[str, dict[str, Decimal]]:
        """Return what groups without a link of their own settle of documents by the parts of them that are linked."""
        links = links_of(self._connection, self._company, Kind.PAYMENT, source_ids)
        groups: dict[str, list[str]] = defaultdict(list)
        for item in links:
            groups[item.remote_id].append(item.source_id)
        rows = self._connection.execute(
            select(remote_payment_row.c.remote_id, remote_payment_row.c.document_remote_id, remote_payment_row.c.amount)
            .join(
                remote_payment,
                and_(
                    remote_payment.c.company == remote_payment_row.c.company,
                    remote_payment.c.remote_id == remote_payment_row.c.remote_id,
                ),
            )
            .where(
                remote_payment_row.c.company == self._company,
                remote_payment_row.c.remote_id == any_of(groups),
                ~remote_payment.c.is_deleted,
            )
        )
        found: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
        for row in rows:
            for group_id in groups[row.remote_id]:
                found[group_id][row.document_remote_id] += row.amount
        return {group_id: dict(amounts) for group_id, amounts in found.items()}

    def _in_doubt(self, contacts: Iterable[str], keys: Iterable[Key]) -> set[tuple[Kind, str]]:
        """Documents and partners whose answers were lost, for which the run waits. A run that books nothing does
        not."""
        if self._request.mode is not Mode.IMPORT:
            return set()
        return records_in_doubt(self._connection, self._company, keys, contacts)

    def _exports_in_doubt(self) -> set[tuple[str, str]]:
        """Documents, as module and Scoro's id, of which Scoro may hold a receipt that we sent and do not know of."""
        found = set()
        for row in open_intents(self._connection, self._company, Kind.RECEIPT):
            body = json.loads(row.payload)
            found |= {(str(body["sales_doc_type"]), str(item["invoice_id"])) for item in body["receipts"]}
        return found

    def _store(
        self,
        groups: Mapping[str, ReceiptGroup],
        plans: Mapping[str, PlannedPayment],
        totals: Mapping[str, Decimal],
        waits: Mapping[str, Reason],
        not_ours: Mapping[str, Reason],
        problems: dict[str, DocumentProblem],
        entered_again: Iterable[Finding],
    ) -> None:
        connection, request = self._connection, self._request
        plans = dict(tell_kinds(plans, unproved(connection, self._company, request.company.ledger_check)))
        connection.execute(
            delete(plan).where(
                plan.c.company == self._company,
                plan.c.flow == request.flow.value,
                plan.c.source_id == any_of(source_id for source_id in groups if source_id not in plans),
            )
        )
        rows = [
            self._row(groups[source_id], planned, totals, place)
            for place, (source_id, planned) in enumerate(plans.items())
        ]
        for row, problem in store_each(connection, rows, lambda part: upsert(connection, plan, part)):
            problems[row["source_id"]] = problem_of(problem, groups[row["source_id"]].named, UNEXPECTED, "Scoro")
            del plans[row["source_id"]]
        noted = codes_of(Step.PLAN, Severity.WARNING)
        if not self._is_whole:
            drop_findings(connection, request, groups, noted)
        store_findings(
            connection,
            request,
            [
                *entered_again,
                *(
                    Finding(source_id, warning.about(groups[source_id].named))
                    for source_id, planned in plans.items()
                    for warning in planned.warnings
                ),
            ],
            codes=noted if self._is_whole else (),
        )
        # The answer of a person is not used up by a preview.
        kept = {PAYMENT_GONE} if request.mode is Mode.PREVIEW else set()
        resolve(connection, request, [*plans, *waits, *not_ours], codes=codes_of(Step.PLAN, Severity.ERROR) - kept)
        if request.mode is not Mode.PREVIEW:
            batch = runs.batch(connection, request) if self._is_whole else list(groups)
            # What waited for a locked month is planned again, and waits again if the month is locked still.
            codes = codes_of(Step.PLAN, Severity.WAIT) | codes_of(Step.LOAD, Severity.WAIT)
            note_waiting(connection, request, waits, batch=batch, codes=codes)
        open_case(
            connection,
            request,
            {source_id: problem.reason for source_id, problem in problems.items()},
        )
        outcomes: dict[str, runs.Outcome] = {
            **{source_id: ("waiting", item) for source_id, item in waits.items()},
            **{source_id: ("not_ours", item) for source_id, item in not_ours.items()},
            **{source_id: ("quarantined", item.reason) for source_id, item in problems.items()},
        }
        runs.set_outcomes(connection, request, outcomes)

    def _row(
        self, group: ReceiptGroup, planned: PlannedPayment, totals: Mapping[str, Decimal], place: int
    ) -> dict[str, Any]:
        body = json.dumps(list(planned.bodies), ensure_ascii=False, separators=(",", ":"))
        return {
            "company": self._company,
            "flow": self._request.flow.value,
            "source_id": group.source_id,
            "payload": body,
            "payload_hash": payload_hash(body),
            "content_hash": group.content_hash,
            "partner_source_id": group.partner_id or "",
            "new_partner": None,
            "new_articles": [],
            "predicted": {
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
            "warnings": [warning.to_json() for warning in planned.warnings],
            "run_key": self._request.run_key,
            "planned_at": self._services.clock(),
        }
