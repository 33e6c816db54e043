"""Which payments are in Scoro already, and exactly what will be sent there of the others. Writes only to staging."""

from __future__ import annotations

import json
import logging
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, func, select, update

from scoro_smartaccounts.common.culprits import one_document, problem_of
from scoro_smartaccounts.common.documents import Document, Flow, named_payment
from scoro_smartaccounts.common.errors import DocumentProblem
from scoro_smartaccounts.common.money import ZERO
from scoro_smartaccounts.common.reasons import Phrase, Reason, Severity, Step, codes_of, phrase, reason
from scoro_smartaccounts.extract.exported_payments import SCORO_RECEIPTS, is_switched_off
from scoro_smartaccounts.matching.documents.adoption import POSSIBLE_DUPLICATE
from scoro_smartaccounts.matching.payments.changes import close_settled_cases, record_booking_changes
from scoro_smartaccounts.matching.payments.matching import Matches, match_payments
from scoro_smartaccounts.matching.payments.unreadable import UnreadableReceipt, unreadable_receipts
from scoro_smartaccounts.mirror.payment_signs import PREPAYMENT_TYPE
from scoro_smartaccounts.mirror.payments import PAYMENT_LOCK
from scoro_smartaccounts.mirror.registers import (
    BANK_ACCOUNTS,
    CASH_ACCOUNTS,
    money_accounts,
    sync_settings,
)
from scoro_smartaccounts.outbox.comparison import close_document
from scoro_smartaccounts.outbox.protocol import payload_hash
from scoro_smartaccounts.outbox.settle_payments import settle_payments
from scoro_smartaccounts.outbox.settle_receipts import settle_receipts
from scoro_smartaccounts.plan.payment_decision import named_document
from scoro_smartaccounts.scoro.modules import module_of
from scoro_smartaccounts.scoro.values import clean, record_id
from scoro_smartaccounts.staging import runs
from scoro_smartaccounts.staging.answers import Answers, answers_to
from scoro_smartaccounts.staging.bulk import any_of, store_each, upsert
from scoro_smartaccounts.staging.cases import document_states
from scoro_smartaccounts.staging.documents import load_documents
from scoro_smartaccounts.staging.links import Key, Kind, documents_by_remote_id, linked_remote_ids
from scoro_smartaccounts.staging.locks import session_lock
from scoro_smartaccounts.staging.mirror_registers import synced_to
from scoro_smartaccounts.staging.payments_and_receipts import orphaned_receipts
from scoro_smartaccounts.staging.quarantine import open_case, resolve
from scoro_smartaccounts.staging.schema import document, payment_row, plan, remote_payment, remote_payment_row
from scoro_smartaccounts.staging.set_aside import without_culprits
from scoro_smartaccounts.transform.payment import INVOICE_TYPES
from scoro_smartaccounts.transform.receipt import BookedPayment, PaidInScoro, plan_receipt_group

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from decimal import Decimal

    from scoro_smartaccounts.common.run import Counts, RunRequest
    from scoro_smartaccounts.outbox.settle import Settled
    from scoro_smartaccounts.services import Services

log = logging.getLogger(__name__)

UNEXPECTED = "unexpected_when_planned"

_IN_SCORO = f"{POSSIBLE_DUPLICATE}.in_scoro"


@dataclass(slots=True)
class _Received:
    """What receipts of Scoro pay of a document, signed as Scoro does, and these receipts."""

    amount: Decimal = ZERO
    receipts: list[Phrase] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Paid:
    """What a payment settles of a document from Scoro, as a magnitude."""

    amount: Decimal
    document: Document

    @property
    def key(self) -> Key:
        """The document's own."""
        return self.document.flow, self.document.source_id


@dataclass(slots=True)
class _Settled:
    """What a payment settles: documents from Scoro, and the names of those that cannot be read there by now."""

    paid: list[_Paid] = field(default_factory=list)
    unreadable: list[Phrase] = field(default_factory=list)


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
        counts: Counts = {}

        def plan_part(part: list[str]) -> None:
            for name, count in _Planner(connection, request, services).run(part, matches, settled).items():
                counts[name] = counts.get(name, 0) + count

        aside = without_culprits(connection, request, source_ids, UNEXPECTED, plan_part)
        if aside:
            counts["quarantined"] = counts.get("quarantined", 0) + aside
        with connection.begin():
            runs.mark(connection, request, "planned", counts)
    log.info("Planned receipts: %s.", ", ".join(f"{name} {count}" for name, count in counts.items() if count) or "none")
    return counts


class _Planner:
    def __init__(self, connection: Connection, request: RunRequest, services: Services) -> None:
        self._connection = connection
        self._request = request
        self._services = services
        self._company = request.company.key

    def run(self, source_ids: list[str], matches: Matches, settled: Settled) -> Counts:
        if not source_ids:
            return {}
        connection, request = self._connection, self._request
        with connection.begin():
            linked = self._linked(source_ids)
            outcomes: dict[str, runs.Outcome] = {}
            for source_id in linked:
                if source_id in settled.booked:
                    outcomes[source_id] = ("created", reason("created.found_later", where=phrase("in_scoro")))
                elif source_id in matches.payments:
                    outcomes[source_id] = ("adopted", reason("adopted", where=phrase("in_scoro")))
                else:
                    outcomes[source_id] = ("already_there", None)
            close_document(connection, request, list(linked))
            runs.set_outcomes(connection, request, outcomes)
            payments = self._payments([source_id for source_id in source_ids if source_id not in linked])
            settles = self._settles(payments)
            paid = [item for settled_by in settles.values() for item in settled_by.paid]
            used = self._used_prepayments(payments)
            answers = answers_to(connection, request, payments, POSSIBLE_DUPLICATE)
            received = self._received(item.document for item in paid)
            orphaned = orphaned_receipts(connection, self._company, {item.key for item in paid})
            unreadable = unreadable_receipts(connection, self._company)
        accounts = self._accounts() if payments else {}
        plans: dict[str, list[dict[str, Any]]] = {}
        problems: dict[str, DocumentProblem] = {}
        not_ours: dict[str, Reason] = {}
        for payment_id, payment in payments.items():
            settles_of = settles[payment_id]
            money = _without_drawn(settles_of.paid, used.get(payment_id, ZERO))
            if not money and not settles_of.unreadable:
                not_ours[payment_id] = reason("not_ours.drawn", document=_named(payment))
                continue
            try:
                if settles_of.unreadable:
                    documents = list(dict.fromkeys(settles_of.unreadable))
                    raise DocumentProblem(reason("paid_unreadable", document=_named(payment), documents=documents))
                self._refuse_doubtful(payment, matches, settled, answers)
                self._refuse_entered_again(payment, money, orphaned, unreadable, answers)
                self._refuse_overpayment(payment, money, received, answers)
                with one_document(_named(payment), UNEXPECTED, "SmartAccounts"):
                    plans[payment_id] = self._plan(payment, money, accounts)
            except DocumentProblem as problem:
                problems[payment_id] = problem
        with connection.begin():
            self._store(payments, plans, problems, not_ours)
        return {
            "planned": len(plans),
            "adopted": sum(1 for outcome, _ in outcomes.values() if outcome == "adopted"),
            "already_there": sum(1 for outcome, _ in outcomes.values() if outcome == "already_there"),
            "not_ours": len(not_ours),
            "quarantined": len(problems),
        }

    def _linked(self, payment_ids: Iterable[str]) -> set[str]:
        """Those that receipt groups stand for in whole."""
        return set(linked_remote_ids(self._connection, self._company, Kind.PAYMENT, payment_ids))

    def _payments(self, payment_ids: Iterable[str]) -> dict[str, Row[Any]]:
        rows = self._connection.execute(
            select(remote_payment)
            .where(
                remote_payment.c.company == self._company,
                remote_payment.c.remote_id == any_of(payment_ids),
                ~remote_payment.c.is_deleted,
            )
            .order_by(remote_payment.c.day, remote_payment.c.number)
        )
        return {row.remote_id: row for row in rows}

    def _settles(self, payment_ids: Iterable[str]) -> dict[str, _Settled]:
        """Return what each payment settles of documents that came from Scoro."""
        rows = self._connection.execute(
            select(remote_payment_row.c.remote_id, remote_payment_row.c.document_remote_id, remote_payment_row.c.amount)
            .where(
                remote_payment_row.c.company == self._company,
                remote_payment_row.c.remote_id == any_of(payment_ids),
                remote_payment_row.c.type.in_(INVOICE_TYPES.values()),
            )
            .order_by(remote_payment_row.c.remote_id, remote_payment_row.c.position)
        ).all()
        keys = documents_by_remote_id(self._connection, self._company, {row.document_remote_id for row in rows})
        documents: dict[Key, Document] = {}
        names: dict[Key, Phrase] = {}
        for flow in INVOICE_TYPES:
            ids = [source_id for some in keys.values() for other, source_id in some if other is flow]
            found = load_documents(self._connection, self._company, flow, ids)
            documents |= {(flow, source_id): item for source_id, item in found.items()}
            states = document_states(self._connection, self._company, flow, ids)
            names |= {(flow, source_id): named_document(flow, source_id, state) for source_id, state in states.items()}
        settles: dict[str, _Settled] = defaultdict(_Settled)
        for row in rows:
            of_payment = settles[row.remote_id]
            for key in keys.get(row.document_remote_id, ()):
                if key in documents:
                    of_payment.paid.append(_Paid(row.amount, documents[key]))
                elif key in names:
                    of_payment.unreadable.append(names[key])
        return settles

    def _used_prepayments(self, payment_ids: Iterable[str]) -> dict[str, Decimal]:
        """How much of earlier prepayments the payments use up, of those that do."""
        rows = self._connection.execute(
            select(remote_payment_row.c.remote_id, func.sum(remote_payment_row.c.amount).label("amount"))
            .where(
                remote_payment_row.c.company == self._company,
                remote_payment_row.c.remote_id == any_of(payment_ids),
                remote_payment_row.c.type == PREPAYMENT_TYPE,
            )
            .group_by(remote_payment_row.c.remote_id)
        )
        return {row.remote_id: row.amount for row in rows}

    def _accounts(self) -> dict[tuple[str, str], str | None]:
        """Scoro's receipt account by kind and name of SmartAccounts' account; None: netting, which needs none."""
        by_name = {
            clean(row.get("name")): record_id(row.get("id")) or ""
            for row in self._services.scoro.list("receiptAccounts")
        }
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

    def _refuse_doubtful(self, payment: Row[Any], matches: Matches, settled: Settled, answers: Answers) -> None:
        named = _named(payment)
        if groups := settled.unclear.get(payment.remote_id):
            raise DocumentProblem(reason("receipt_in_doubt", document=named, groups=groups))
        if there := matches.payment_doubts.get(payment.remote_id):
            _ask(answers, payment, reason(_IN_SCORO, document=named, payments=there))

    def _received(self, documents: Iterable[Document]) -> dict[tuple[Flow, str], _Received]:
        """Return what the receipts in staging pay of documents, by flow and source id."""
        wanted = {(item.flow, item.source_id) for item in documents}
        rows = self._connection.execute(
            select(
                payment_row.c.document_flow,
                payment_row.c.document_id,
                document.c.number,
                document.c.day,
                payment_row.c.amount,
            )
            .join(
                document,
                (document.c.company == payment_row.c.company)
                & (document.c.flow == payment_row.c.flow)
                & (document.c.source_id == payment_row.c.source_id),
            )
            .where(
                payment_row.c.company == self._company,
                payment_row.c.flow == Flow.PAYMENTS.value,
                payment_row.c.document_id == any_of({source_id for _, source_id in wanted}),
                ~document.c.is_deleted,
                ~document.c.is_missing,
            )
            .order_by(document.c.day, document.c.number)
        )
        found: dict[tuple[Flow, str], _Received] = defaultdict(_Received)
        for row in rows:
            of_document = found[Flow(row.document_flow), row.document_id]
            of_document.amount += row.amount
            of_document.receipts.append(named_payment(row.number, row.day))
        return found

    @staticmethod
    def _refuse_entered_again(
        payment: Row[Any],
        paid: list[_Paid],
        orphaned: Mapping[Key, list[Phrase]],
        unreadable: Sequence[UnreadableReceipt],
        answers: Answers,
    ) -> None:
        """Scoro has a receipt of these documents whose payment is gone in SmartAccounts, or that cannot be read: it may
        be the same money."""
        keys = [item.key for item in paid]
        there = [named for key in keys for named in orphaned.get(key, ())]
        there += [receipt.named for receipt in unreadable if receipt.may_pay(keys, payment.day)]
        if there:
            _ask(answers, payment, reason(_IN_SCORO, document=_named(payment), payments=list(dict.fromkeys(there))))

    @staticmethod
    def _refuse_overpayment(
        payment: Row[Any], paid: list[_Paid], received: Mapping[tuple[Flow, str], _Received], answers: Answers
    ) -> None:
        """Refuse a document that Scoro's receipts have paid already: it takes no more without a person's word: the
        money may be there, dated or divided otherwise. Receipts that a person said to be other money are no reason."""
        for item in paid:
            there = received.get(item.key, _Received())
            if there.amount and abs(there.amount) + item.amount > abs(item.document.gross):
                asked = reason(
                    "possible_duplicate.covered",
                    document=_named(payment),
                    amount=item.amount,
                    paid=item.document.named,
                    there=abs(there.amount),
                    gross=abs(item.document.gross),
                    payments=there.receipts,
                )
                _ask(answers, payment, asked, or_in=(_IN_SCORO,))

    def _plan(
        self, payment: Row[Any], paid: list[_Paid], accounts: Mapping[tuple[str, str], str | None]
    ) -> list[dict[str, Any]]:
        """Return the requests, one a module of Scoro, each with the id that its link will have. The last one has the
        plain id: with it, the payment is done."""
        key = (payment.account_type, payment.account_name)
        if key not in accounts:
            raise DocumentProblem(
                reason("account_not_mapped.payments", document=_named(payment), account=payment.account_name)
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

    def _store(
        self,
        payments: Mapping[str, Row[Any]],
        plans: Mapping[str, list[dict[str, Any]]],
        problems: dict[str, DocumentProblem],
        not_ours: Mapping[str, Reason],
    ) -> None:
        connection, request = self._connection, self._request
        rows = []
        for payment_id, requests in plans.items():
            body = json.dumps(requests, ensure_ascii=False, separators=(",", ":"))
            rows.append(
                {
                    "company": self._company,
                    "flow": request.flow.value,
                    "source_id": payment_id,
                    "payload": body,
                    "payload_hash": payload_hash(body),
                    "content_hash": payments[payment_id].content_hash,
                    "partner_source_id": "",
                    "new_partner": None,
                    "new_articles": [],
                    "predicted": {},
                    "warnings": [],
                    "run_key": request.run_key,
                    "planned_at": self._services.clock(),
                }
            )
        planned = dict(plans)
        for row, problem in store_each(connection, rows, lambda part: upsert(connection, plan, part)):
            payment_id = row["source_id"]
            problems[payment_id] = problem_of(problem, _named(payments[payment_id]), UNEXPECTED, "SmartAccounts")
            del planned[payment_id]
        # What is not for Scoro is no candidate any more until it changes.
        connection.execute(
            update(remote_payment)
            .where(remote_payment.c.company == self._company, remote_payment.c.remote_id == any_of(not_ours))
            .values(is_changed=False)
        )
        resolve(connection, request, planned, codes=codes_of(Step.PLAN, Severity.ERROR))
        open_case(
            connection,
            request,
            {payment_id: problem.reason for payment_id, problem in problems.items()},
        )
        runs.set_outcomes(
            connection,
            request,
            {
                **{payment_id: ("quarantined", problem.reason) for payment_id, problem in problems.items()},
                **{payment_id: ("not_ours", why) for payment_id, why in not_ours.items()},
            },
        )


def _without_drawn(paid: Iterable[_Paid], used: Decimal) -> list[_Paid]:
    """Return what is money of what a payment settles. Where it uses prepayments, the invoices that draw on one in Scoro
    know of that part already."""
    money = []
    for item in paid:
        drawn = min(item.amount, abs(item.document.prepayment_sum), used)
        used -= drawn
        if item.amount > drawn:
            money.append(_Paid(item.amount - drawn, item.document))
    return money


def _ask(answers: Answers, payment: Row[Any], asked: Reason, *, or_in: Collection[str] = ()) -> None:
    """Ask a person, unless the question was answered."""
    if (left := answers.left(payment.remote_id, asked, or_in=or_in)) is not None:
        raise DocumentProblem(left)


def _named(payment: Row[Any]) -> Phrase:
    return named_payment(payment.number, payment.day)
