"""Planned payments → SmartAccounts, each once: netting before the money that is left of it."""

from __future__ import annotations

import json
import logging
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from scoro_smartaccounts.common.documents import Flow, named_payment, payment_name
from scoro_smartaccounts.common.errors import DocumentProblem
from scoro_smartaccounts.common.money import ZERO
from scoro_smartaccounts.common.reasons import Phrase, Reason, phrase, reason, render
from scoro_smartaccounts.flows import INVOICE_FLOWS, InvoiceFlow
from scoro_smartaccounts.load.sending import IN_DOUBT, Sending, refused, send_plans
from scoro_smartaccounts.matching.documents.gone import find_again, gone_among, note_deleted
from scoro_smartaccounts.mirror.changes import Witness, note_created
from scoro_smartaccounts.mirror.payments import PAYMENT_LOCK, mirror_payments, payment_hash
from scoro_smartaccounts.outbox.comparison import NO_AMOUNT, close_document, is_no_amount, sound_alarm
from scoro_smartaccounts.outbox.locked import is_locked
from scoro_smartaccounts.outbox.protocol import InDoubt, NewRecord, Outcome, Refused
from scoro_smartaccounts.outbox.settle_payments import settle_payments
from scoro_smartaccounts.smartaccounts.endpoints import PAYMENTS, adding
from scoro_smartaccounts.smartaccounts.queries import sent_day
from scoro_smartaccounts.smartaccounts.wire import PaymentPart, PaymentRow, amount
from scoro_smartaccounts.staging import runs
from scoro_smartaccounts.staging.findings import Finding, store_findings
from scoro_smartaccounts.staging.intents import open_intents
from scoro_smartaccounts.staging.links import Evidence, Kind, Link, documents_by_remote_id, find_link, part_name
from scoro_smartaccounts.staging.mirror_payments import settled_amounts
from scoro_smartaccounts.staging.mirror_registers import names_in_books
from scoro_smartaccounts.transform.payment import body_total, settled_by

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from sqlalchemy import Connection

    from scoro_smartaccounts.common.run import Counts, RunRequest
    from scoro_smartaccounts.outbox.settle import Settled
    from scoro_smartaccounts.services import Services
    from scoro_smartaccounts.staging.plans import WantedPlan

log = logging.getLogger(__name__)

_STALE: runs.Outcome = ("not_sent", reason("not_sent.paid_otherwise"))


def load_payments(request: RunRequest, services: Services) -> Counts:
    """Send what the run planned, as `send_plans` does."""
    return send_plans(request, services, _Payments)


class _Payments:
    lock: str | None = PAYMENT_LOCK
    leaves_rest = True

    def __init__(self, sending: Sending) -> None:
        self._sending = sending
        self._connection = sending.connection
        self._request = sending.request
        self._services = sending.services
        self._company = sending.company
        # The flows whose deleted documents were asked for.
        self._looked: set[Flow] = set()

    def place(self, row: WantedPlan) -> Any:
        # A plan of an earlier version knows no place.
        return row.predicted.get("place", 0), row.day, int(row.source_id)

    def named(self, row: WantedPlan) -> Phrase:
        return named_payment(row.number, row.day)

    def doubt(self, row: WantedPlan) -> runs.Outcome:
        return IN_DOUBT

    def left_in_doubt(self) -> Collection[str]:
        """Return those that planning left in doubt since their documents are."""
        with self._connection.begin():
            return runs.in_doubt(self._connection, self._request)

    def settle(self) -> Settled:
        return settle_payments(self._connection, self._request, self._services)

    def book(self, row: WantedPlan) -> runs.Outcome:
        bodies = json.loads(row.payload)
        # With the last one the group is in the books as a whole.
        parts = [*range(1, len(bodies)), 0]
        with self._connection.begin():
            if (known := self._known(row, parts)) is not None:
                return known
            sent = [body for part, body in zip(parts, bodies, strict=True) if self._is_linked(row.source_id, part)]
            is_stale = self._is_stale(row, sent)
        if self._sending.months.holds(row.day):
            return self._sending.wait(row, self._for_month(row))
        if is_stale:
            return _STALE
        for part, body in zip(parts, bodies, strict=True):
            match self._create(row, part, body):
                case InDoubt():
                    return IN_DOUBT
                case Refused(reasons) if is_locked(reasons):
                    self._sending.close_month(row, row.day)
                    return self._sending.wait(row, self._for_month(row))
                case Refused(reasons):
                    if (found := self._look_for_deleted(row, body)) is not None:
                        return found
                    raise refused(self._sending.target, self.named(row), reasons)
        log.info("%s was created.", payment_name(row.number, row.day))
        self._sending.came_through(row.day)
        return "created", None

    def _known(self, row: WantedPlan, parts: Sequence[int]) -> runs.Outcome | None:
        """How a group is left that is in the books, or that was sent without an answer."""
        if self._is_linked(row.source_id):
            close_document(self._connection, self._request, [row.source_id])
            return "already_there", None
        sent = open_intents(self._connection, self._company, Kind.PAYMENT)
        return IN_DOUBT if any(item.source_id == row.source_id and item.part in parts for item in sent) else None

    def _for_month(self, row: WantedPlan) -> Reason:
        """Return the wait for a locked month: the day of money is never moved."""
        refused_day = self._sending.months.supposes(row.day)
        if refused_day is None:
            return reason("month_locked.payment", document=self.named(row))
        return reason("month_locked.payment_behind", document=self.named(row), refused=refused_day)

    def _look_for_deleted(self, row: WantedPlan, body: Mapping[str, Any]) -> runs.Outcome | None:
        """See whether a document of the payment was deleted in SmartAccounts, as a refusal may mean: once a run. What
        was entered again there, the next run pays. Raises DocumentProblem where it is gone."""
        spec = _flow_of(body)
        ids = [part["id"] for part in body["rows"]]
        if spec.flow not in self._looked:
            self._looked.add(spec.flow)
            note_deleted(self._connection, self._services, self._request.company, spec)
        with self._connection.begin():
            keys = {
                key for found in documents_by_remote_id(self._connection, self._company, ids).values() for key in found
            }
            gone = gone_among(self._connection, self._company, keys)
        if not gone:
            return None
        found = find_again(self._connection, self._request, self._services, gone)
        named = self.named(row)
        if lost := [item for key, item in gone.items() if key not in found]:
            documents = [phrase(spec.noun, number=item.booking.number) for item in lost]
            raise DocumentProblem(reason("document_gone", document=named, documents=documents))
        documents = [phrase(spec.noun, number=item.booking.number) for item in gone.values()]
        told = reason("entered_again_in_books", documents=documents).about(named)
        with self._connection.begin():
            store_findings(self._connection, self._request, [Finding(row.source_id, told)], codes=())
        return "not_sent", reason("not_sent.entered_again", document=named, documents=documents)

    def _is_stale(self, row: WantedPlan, sent: list[Mapping[str, Any]]) -> bool:
        """Whether a document is settled otherwise than the plan supposed, its own parts left aside."""
        planned = {key: Decimal(amount) for key, amount in row.predicted["settled"].items()}
        now = settled_amounts(self._connection, self._company, planned)
        own = settled_by(sent)
        return any(now.get(key, ZERO) != amount + own.get(key, ZERO) for key, amount in planned.items())

    def _create(self, row: WantedPlan, part: int, body: Mapping[str, Any]) -> Outcome:
        record = NewRecord(
            kind=Kind.PAYMENT,
            source_id=row.source_id,
            part=part,
            natural_key=part_name(row.source_id, part),
            operation=adding(PAYMENTS),
            remote_key="paymentId",
            label=render(self.named(row)),
            body=json.dumps(body, ensure_ascii=False, separators=(",", ":")),
            day=row.day,
            content_hash=row.content_hash,
            personal=self._names_of(body),
            link=lambda remote_id, answer: Link(
                Kind.PAYMENT,
                row.source_id,
                remote_id,
                Evidence.CREATED,
                f"payment {answer.get('number') or ''}".strip(),
                row.content_hash,
                {
                    "payment": payment_hash(_as_booked(remote_id, answer, body)),
                    "amount": str(answer.get("amount")),
                    "number": str(answer.get("number") or ""),
                },
                source_part=part,
            ),
            created=lambda connection, remote_id, answer: self._note(connection, row, remote_id, answer, body),
        )
        return self._sending.create(record)

    def _names_of(self, body: Mapping[str, Any]) -> tuple[str, ...]:
        """Return the name of whom the payment is from or to."""
        spec = _flow_of(body)
        with self._connection.begin():
            return names_in_books(self._connection, self._company, spec.partner_kind, body[spec.partner_key])

    def _note(
        self,
        connection: Connection,
        row: WantedPlan,
        remote_id: str,
        answer: Mapping[str, Any],
        body: Mapping[str, Any],
    ) -> None:
        """Note what follows from a payment in the books: it stands in the mirror, and its group waits for nothing."""
        booked = _as_booked(remote_id, answer, body)
        mirror_payments(connection, self._company, [booked], self._services, is_new_change=False)
        now = self._services.clock()
        note_created(connection, self._company, PAYMENTS, Witness(remote_id, day=booked.date), now)
        close_document(connection, self._request, [row.source_id])
        said, expected = amount(answer.get("amount")), body_total(body)
        # Nobody says whether the answer has the money's sign; what nets moves none.
        is_netting = body["accountName"] in self._request.company.payments.all_netting_accounts
        is_other = said is not None and abs(said) != expected and not (is_netting and said == ZERO)
        if is_other or is_no_amount(answer.get("amount")):
            told = NO_AMOUNT if said is None else said
            alarm = reason("booked_differently.payment", document=self.named(row), booked=told, planned=expected)
            sound_alarm(connection, self._request, row.source_id, alarm, now)

    def _is_linked(self, source_id: str, part: int = 0) -> bool:
        """Whether the group, or a part of it, is linked. Within the caller's transaction."""
        return find_link(self._connection, self._company, Kind.PAYMENT, source_id, part) is not None


def _flow_of(body: Mapping[str, Any]) -> InvoiceFlow:
    """Return the flow of the documents that a body pays."""
    return next(spec for spec in INVOICE_FLOWS.values() if spec.partner_key in body)


def _as_booked(remote_id: str, answer: Mapping[str, Any], body: Mapping[str, Any]) -> PaymentRow:
    """Return a body that was booked, as SmartAccounts will show it."""
    day = sent_day(body["date"])
    return PaymentRow(
        id=remote_id,
        number=str(answer.get("number") or ""),
        date=day,
        document=str(body["document"]),
        partner_type=str(body["partnerType"]),
        partner_id=str(body.get("clientId") or body.get("vendorId")),
        account_type=str(body["accountType"]),
        account_name=str(body["accountName"]),
        currency=str(body["currency"]),
        amount=body_total(body),
        prepayment=Decimal((body.get("prepayment") or {}).get("amount", "0")),
        rows=tuple(PaymentPart(row["type"], row["id"], Decimal(row["amount"])) for row in body["rows"]),
    )
