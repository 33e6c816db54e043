"""Which payments are in Scoro already, and exactly what will be sent there of the others. Writes only to staging."""

from __future__ import annotations

import logging
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from scoro_smartaccounts.common.culprits import one_document
from scoro_smartaccounts.common.errors import DocumentProblem
from scoro_smartaccounts.common.money import ZERO
from scoro_smartaccounts.common.reasons import Phrase, reason
from scoro_smartaccounts.extract.exported_payments import SCORO_RECEIPTS, is_switched_off
from scoro_smartaccounts.matching.payments.changes import close_settled_cases, record_booking_changes
from scoro_smartaccounts.matching.payments.matching import Matches, match_payments
from scoro_smartaccounts.mirror.payments import PAYMENT_LOCK
from scoro_smartaccounts.mirror.registers import money_accounts, sync_settings
from scoro_smartaccounts.outbox.settle_payments import settle_payments
from scoro_smartaccounts.outbox.settle_receipts import settle_receipts
from scoro_smartaccounts.plan.fates import Adopted, Booked, Fates, NotOurs, Planned, Refused, fates_of_links
from scoro_smartaccounts.plan.payment_decision import named_document
from scoro_smartaccounts.plan.payment_facts import receipt_accounts
from scoro_smartaccounts.plan.receipt_doubts import Paid, Settled, gather_doubts
from scoro_smartaccounts.plan.store import (
    UNEXPECTED,
    plan_in_parts,
    see_what_is_there,
    store_fates,
    store_planned,
    text_and_hash,
)
from scoro_smartaccounts.scoro.modules import module_of
from scoro_smartaccounts.smartaccounts.endpoints import BANK_ACCOUNTS, CASH_ACCOUNTS
from scoro_smartaccounts.smartaccounts.words import INVOICE_TYPES, PREPAYMENT
from scoro_smartaccounts.staging import runs
from scoro_smartaccounts.staging.cases import document_states
from scoro_smartaccounts.staging.documents import load_documents
from scoro_smartaccounts.staging.links import Key, Kind, documents_by_remote_id, linked_remote_ids
from scoro_smartaccounts.staging.locks import session_lock
from scoro_smartaccounts.staging.mirror_payments import MirroredPayment, living_payments, note_seen, settled_lines
from scoro_smartaccounts.staging.mirror_registers import synced_to
from scoro_smartaccounts.staging.plans import NewPlan
from scoro_smartaccounts.transform.receipt import BookedPayment, PaidInScoro, plan_receipt_group

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from decimal import Decimal

    from sqlalchemy import Connection

    from scoro_smartaccounts.common.documents import Document
    from scoro_smartaccounts.common.run import Counts, RunRequest
    from scoro_smartaccounts.outbox.settle import Settled as SettledIntents
    from scoro_smartaccounts.services import Services

log = logging.getLogger(__name__)


def plan_receipts(request: RunRequest, services: Services) -> Counts:
    """Plan the run's payments. Safe to repeat; writes nothing to Scoro."""
    if is_switched_off(request):
        return {}
    with services.engine.connect() as connection:
        with connection.begin():
            source_ids = runs.batch(connection, request)
        settle_payments(connection, request, services)
        with connection.begin():
            read = synced_to(connection, request.company.key, SCORO_RECEIPTS)
        settled = settle_receipts(connection, request, services, read_at=read.read_at if read else None)
        with session_lock(connection, request.company.key, PAYMENT_LOCK), connection.begin():
            matches = match_payments(connection, request)
            record_booking_changes(connection, request)
            close_settled_cases(connection, request.company.key)
        counts = plan_in_parts(
            connection,
            request,
            source_ids,
            lambda part: _Planner(connection, request, services, matches, settled).run(part),
        )
    log.info("Planned receipts: %s.", ", ".join(f"{name} {count}" for name, count in counts.items() if count) or "none")
    return counts


class _Planner:
    """One planning of one run, or of a part of it."""

    def __init__(
        self,
        connection: Connection,
        request: RunRequest,
        services: Services,
        matches: Matches,
        settled: SettledIntents,
    ) -> None:
        self._connection = connection
        self._request = request
        self._services = services
        self._company = request.company.key
        self._matches = matches
        self._settled = settled
        self._fates: Fates[list[dict[str, Any]]] = Fates()
        # How this run came to links.
        self._made_now = fates_of_links("in_scoro", found=settled.booked, linked=matches.payments)

    def run(self, source_ids: list[str]) -> Counts:
        if not source_ids:
            return {}
        connection, fates = self._connection, self._fates
        with connection.begin():
            linked = linked_remote_ids(connection, self._company, Kind.PAYMENT, source_ids)
            see_what_is_there(connection, self._request, fates, linked, self._made_now)
            left = [source_id for source_id in source_ids if source_id not in fates]
            payments = living_payments(connection, self._company, left)
            settles = self._settles(payments)
            doubts = gather_doubts(connection, self._request, settles, self._matches, self._settled)
        accounts = self._accounts() if payments else {}
        for payment_id, payment in payments.items():
            of_payment = settles[payment_id]
            if not of_payment.paid and not of_payment.unreadable:
                fates[payment_id] = NotOurs(reason("not_ours.drawn", document=payment.named))
                continue
            with fates.refusing(payment_id):
                doubts.refuse(payment, of_payment)
                with one_document(payment.named, UNEXPECTED, "SmartAccounts"):
                    fates[payment_id] = Planned(self._requests(payment, of_payment.paid, accounts))
        with connection.begin():
            self._store(payments)
        return {
            "planned": fates.count(Planned),
            "adopted": fates.count(Adopted),
            "already_there": fates.count(Booked),
            "not_ours": fates.count(NotOurs),
            "quarantined": fates.count(Refused),
        }

    def _settles(self, payment_ids: Iterable[str]) -> dict[str, Settled]:
        """Return what each payment settles of documents that came from Scoro, as far as that is money."""
        found = {payment_id: Settled() for payment_id in payment_ids}
        lines = settled_lines(self._connection, self._company, found)
        of_documents = [line for line in lines if line.type in INVOICE_TYPES.values()]
        remote_ids = {line.document_remote_id for line in of_documents}
        keys = documents_by_remote_id(self._connection, self._company, remote_ids)
        documents, names = self._documents({key for some in keys.values() for key in some})
        for line in of_documents:
            for key in keys.get(line.document_remote_id, ()):
                if key in documents:
                    found[line.payment_id].paid.append(Paid(line.amount, documents[key]))
                elif key in names:
                    found[line.payment_id].unreadable.append(names[key])
        used: dict[str, Decimal] = defaultdict(lambda: ZERO)
        for line in lines:
            if line.type == PREPAYMENT:
                used[line.payment_id] += line.amount
        for payment_id, settled in found.items():
            settled.paid = _without_drawn(settled.paid, used[payment_id])
        return found

    def _documents(self, keys: Iterable[Key]) -> tuple[dict[Key, Document], dict[Key, Phrase]]:
        """Return the documents that can be read, and the names of all that are staged."""
        wanted = list(keys)
        documents: dict[Key, Document] = {}
        names: dict[Key, Phrase] = {}
        for flow in INVOICE_TYPES:
            ids = [source_id for other, source_id in wanted if other is flow]
            found = load_documents(self._connection, self._company, flow, ids)
            documents |= {(flow, source_id): item for source_id, item in found.items()}
            states = document_states(self._connection, self._company, flow, ids)
            names |= {(flow, source_id): named_document(flow, source_id, state) for source_id, state in states.items()}
        return documents, names

    def _accounts(self) -> dict[tuple[str, str], str | None]:
        """Scoro's receipt account by kind and name of SmartAccounts' account; None: netting, which needs none."""
        by_name = {name: account_id for account_id, name in receipt_accounts(self._services).items()}
        found: dict[tuple[str, str], str | None] = {}
        sync_settings(self._services, self._company, (BANK_ACCOUNTS, CASH_ACCOUNTS))
        with self._connection.begin():
            for (kind, name), row in money_accounts(self._connection, self._company).items():
                # SmartAccounts marks the usual one only.
                if row.for_netting or name in self._request.company.payments.all_netting_accounts:
                    found[kind, name] = None
        # Where several are paired with one account, the first one serves.
        for pair in reversed(self._request.company.payments.accounts):
            key = ("BANK", pair.bank) if pair.bank is not None else ("CASH", pair.cash or "")
            if pair.scoro in by_name:
                found[key] = by_name[pair.scoro]
        return found

    def _requests(
        self, payment: MirroredPayment, paid: list[Paid], accounts: Mapping[tuple[str, str], str | None]
    ) -> list[dict[str, Any]]:
        """Return the requests, one a module of Scoro, each with the id that its link will have. The last one has the
        plain id: with it, the payment is done."""
        key = (payment.account_type, payment.account_name)
        if key not in accounts:
            raise DocumentProblem(
                reason("account_not_mapped.payments", document=payment.named, account=payment.account_name)
            )
        by_module: dict[str, list[PaidInScoro]] = defaultdict(list)
        for item in paid:
            module = module_of(item.document.flow, item.document.source_id)
            by_module[module.name].append(
                PaidInScoro(
                    module=module.name,
                    record_id=module.record_id(item.document.source_id),
                    number=item.document.number,
                    partner_id=item.document.partner_id or "0",
                    amount=item.amount,
                    is_negative=item.document.is_credit or item.document.gross < 0,
                )
            )
        booked = BookedPayment(payment.remote_id, payment.number, payment.day, payment.account_name, payment.currency)
        modules = sorted(by_module)
        return [
            {
                "part": payment.remote_id if module == modules[-1] else f"{payment.remote_id}/{module}",
                "request": plan_receipt_group(booked, by_module[module], account_id=accounts[key]),
            }
            for module in modules
        ]

    def _store(self, payments: Mapping[str, MirroredPayment]) -> None:
        connection, request, fates = self._connection, self._request, self._fates
        plans = [
            NewPlan(payment_id, *text_and_hash(requests), payments[payment_id].content_hash)
            for payment_id, requests in fates.planned().items()
        ]
        store_planned(connection, request, self._services, fates, plans, lambda each: payments[each].named)
        # What is not for Scoro is no candidate any more until it changes.
        note_seen(connection, self._company, fates.reasons(NotOurs))
        store_fates(connection, request, fates, went_on=fates.planned())


def _without_drawn(paid: Iterable[Paid], used: Decimal) -> list[Paid]:
    """Return what is money of what a payment settles. Where it uses prepayments, the invoices that draw on one in Scoro
    know of that part already."""
    money = []
    for item in paid:
        drawn = min(item.amount, abs(item.document.prepayment_sum), used)
        used -= drawn
        if item.amount > drawn:
            money.append(Paid(item.amount - drawn, item.document))
    return money
