"""Planned payments → SmartAccounts, each once: netting before the money that is left of it."""

from __future__ import annotations

import json
import logging
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from scoro_smartaccounts.common.company import Mode
from scoro_smartaccounts.common.culprits import one_document
from scoro_smartaccounts.common.documents import Flow, named_payment, payment_label, payment_name
from scoro_smartaccounts.common.errors import DocumentProblem
from scoro_smartaccounts.common.money import ZERO
from scoro_smartaccounts.common.reasons import Reason, phrase, reason
from scoro_smartaccounts.flows import INVOICE_FLOWS
from scoro_smartaccounts.load.firsts import Firsts
from scoro_smartaccounts.load.shared import (
    IN_DOUBT,
    MOST_REFUSALS,
    NOT_WANTED,
    PREVIEWED,
    UNEXPECTED,
    Streak,
    names_in_books,
    outcome_counts,
    refused,
    wanted_plans,
)
from scoro_smartaccounts.matching.documents.gone import find_again, gone_among, note_deleted
from scoro_smartaccounts.mirror.payments import PAYMENT_LOCK, mirror_payments, payment_hash
from scoro_smartaccounts.mirror.registers import PAYMENTS
from scoro_smartaccounts.outbox.comparison import amount_of, close_document, sound_alarm
from scoro_smartaccounts.outbox.locked import LockedMonths, is_locked
from scoro_smartaccounts.outbox.protocol import Created, Existing, InDoubt, NewRecord, Refused, create_record
from scoro_smartaccounts.outbox.settle_payments import settle_sent_payments
from scoro_smartaccounts.smartaccounts.wire import PaymentPart, PaymentRow, sent_day
from scoro_smartaccounts.staging import runs
from scoro_smartaccounts.staging.cases import OWN_CASES
from scoro_smartaccounts.staging.coverage import cover_decided_days
from scoro_smartaccounts.staging.findings import Finding, store_findings
from scoro_smartaccounts.staging.intents import open_intents
from scoro_smartaccounts.staging.links import (
    Evidence,
    Kind,
    Link,
    documents_by_remote_id,
    find_link,
    part_name,
    read_links,
)
from scoro_smartaccounts.staging.locks import session_lock
from scoro_smartaccounts.staging.mirror_payments import settled_amounts
from scoro_smartaccounts.staging.quarantine import open_case, resolve
from scoro_smartaccounts.staging.waiting import note_waiting
from scoro_smartaccounts.transform.payment import body_total, settled_by

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection, Row

    from scoro_smartaccounts.common.run import Counts, RunRequest
    from scoro_smartaccounts.services import Services

log = logging.getLogger(__name__)

_FOUND_LATER: runs.Outcome = ("created", reason("created.found_later", where=phrase("in_smartaccounts")))
_STALE: runs.Outcome = ("not_sent", reason("not_sent.paid_otherwise"))


def load_payments(request: RunRequest, services: Services) -> Counts:
    """Send what the run planned. Idempotent; may be killed anywhere; in mode `preview` nothing is sent."""
    with services.engine.connect() as connection:
        with connection.begin():
            source_ids = runs.batch(connection, request)
            if request.mode is Mode.PREVIEW:
                runs.set_outcomes(connection, request, dict.fromkeys(source_ids, PREVIEWED))
                runs.mark(connection, request, "loaded", {"planned": len(source_ids)})
                log.info("Mode preview: nothing was sent; %d payments are planned.", len(source_ids))
                return {"planned": len(source_ids)}
        postings: Counts = {}
        try:
            postings = _Loader(connection, request, services).run(source_ids)
        finally:
            if connection.in_transaction():
                connection.rollback()
            with connection.begin():
                counts = outcome_counts(connection, request) | postings
                runs.mark(connection, request, "loaded", counts)
        with connection.begin():
            cover_decided_days(connection, request.company.key, request.flow, request.run_key)
    log.info("Loaded payments: %s.", ", ".join(f"{name} {count}" for name, count in counts.items() if count))
    return counts


class _Loader:
    def __init__(self, connection: Connection, request: RunRequest, services: Services) -> None:
        self._connection = connection
        self._request = request
        self._services = services
        self._company = request.company.key
        self._firsts = Firsts(connection, request, services)
        with connection.begin():
            self._streak = Streak.so_far(connection, request, services, "SmartAccounts")
            self._months = LockedMonths(connection, self._company, request.flow, services.clock())
        # The flows whose deleted documents were asked for.
        self._looked: set[Flow] = set()

    def run(self, source_ids: list[str]) -> Counts:
        """Send all that is planned; what came of holding it against the ledger."""
        if source_ids:
            self._send(source_ids)
        return self._firsts.finish()

    def _send(self, source_ids: list[str]) -> None:
        with self._connection.begin():
            plans = wanted_plans(self._connection, self._request, source_ids)
            # Planning left those in doubt whose documents are.
            in_doubt = runs.in_doubt(self._connection, self._request)
        missing = set(source_ids) - {row.source_id for row in plans} - in_doubt
        self._outcomes(dict.fromkeys(missing, NOT_WANTED))
        # A plan of an earlier version knows no place.
        plans.sort(key=lambda row: (row.predicted.get("place", 0), row.day, int(row.source_id)))
        doubtful = self._firsts.in_rounds([row for row in plans if row.refused_before is None], self._load_one)
        self._firsts.judge()
        doubtful += self._load_refused_before([row for row in plans if row.refused_before is not None])
        if doubtful:
            settled = settle_sent_payments(self._connection, self._request, self._services)
            with self._connection.begin():
                linked = read_links(self._connection, self._company, Kind.PAYMENT, settled.groups)
            for row in doubtful:
                if row.source_id in linked:
                    self._outcomes({row.source_id: _FOUND_LATER})
                elif settled.groups or settled.absent or not settled.in_doubt:
                    self._load_one(row)
        self._firsts.send_kept(self._load_one)

    def _load_refused_before(self, plans: list[Row[Any]]) -> list[Row[Any]]:
        """Payments whose refusal nobody has answered yet stop nothing: where all go on being refused, the rest are left
        as they are. The ones in doubt."""
        self._streak.refusals = 0
        doubtful = []
        for row in plans:
            if self._streak.refusals >= MOST_REFUSALS:
                self._outcomes({row.source_id: ("quarantined", Reason.from_json(row.refused_before))})
            elif self._load_one(row) == "in_doubt":
                doubtful.append(row)
        return doubtful

    def _load_one(self, row: Row[Any]) -> str | None:
        try:
            waits = self._firsts.let_go(row)
            if waits is not None:
                outcome, why = self._wait(row, waits)
            else:
                with (
                    session_lock(self._connection, self._company, PAYMENT_LOCK),
                    one_document(named_payment(row.number, row.day), UNEXPECTED, "Scoro"),
                ):
                    outcome, why = self._book(row)
        except DocumentProblem as problem:
            with self._connection.begin():
                in_doubt = {item.source_id for item in open_intents(self._connection, self._company, Kind.PAYMENT)}
                if problem.code == UNEXPECTED and row.source_id in in_doubt:
                    # It was sent before that came up.
                    outcome, why = IN_DOUBT
                else:
                    open_case(self._connection, self._request, {row.source_id: problem.reason})
                    outcome, why = "quarantined", problem.reason
        self._firsts.came_out(row, outcome)
        self._outcomes({row.source_id: (outcome, why)})
        self._streak.stop_where_nothing_goes_through(why, is_new=row.refused_before is None)
        return outcome

    def _book(self, row: Row[Any]) -> runs.Outcome:
        with self._connection.begin():
            if not wanted_plans(self._connection, self._request, [row.source_id]):
                return NOT_WANTED
            if self._is_linked(row.source_id):
                close_document(self._connection, self._request, [row.source_id])
                return "already_there", None
            bodies = json.loads(row.payload)
            # With the last one the group is in the books as a whole.
            parts = [*range(1, len(bodies)), 0]
            if any(
                item.source_id == row.source_id and item.part in parts
                for item in open_intents(self._connection, self._company, Kind.PAYMENT)
            ):
                return IN_DOUBT
            if self._months.holds(row.day):
                return self._wait_for_month(row)
            sent = [self._is_linked(row.source_id, part) for part in parts]
            if self._is_stale(row, [body for body, is_sent in zip(bodies, sent, strict=True) if is_sent]):
                return _STALE
        for part, body in zip(parts, bodies, strict=True):
            match self._create(row, part, body):
                case InDoubt():
                    return IN_DOUBT
                case Refused(reasons) if is_locked(reasons):
                    with self._connection.begin():
                        self._months.refused(row.day)
                        # A refusal that was a case of its own before.
                        resolve(self._connection, self._request, [row.source_id], codes=OWN_CASES)
                        return self._wait_for_month(row)
                case Refused(reasons):
                    if (found := self._look_for_deleted(row, body)) is not None:
                        return found
                    raise refused(named_payment(row.number, row.day), reasons)
                case Created() | Existing():
                    pass
        log.info("%s was created.", payment_name(row.number, row.day))
        with self._connection.begin():
            self._months.accepted(row.day)
        return "created", None

    def _wait(self, row: Row[Any], why: Reason) -> runs.Outcome:
        with self._connection.begin():
            note_waiting(self._connection, self._request, {row.source_id: why})
        return "waiting", why

    def _wait_for_month(self, row: Row[Any]) -> runs.Outcome:
        """Return the day of money is never moved. Within the caller's transaction."""
        named, refused_day = named_payment(row.number, row.day), self._months.supposes(row.day)
        if refused_day is None:
            why = reason("month_locked.payment", document=named)
        else:
            why = reason("month_locked.payment_behind", document=named, refused=refused_day)
        note_waiting(self._connection, self._request, {row.source_id: why})
        return "waiting", why

    def _look_for_deleted(self, row: Row[Any], body: Mapping[str, Any]) -> runs.Outcome | None:
        """Return a refusal may mean that a document of the payment was deleted in SmartAccounts. It is looked for, once
        a run; entered again there, the next run pays that one. Raises DocumentProblem where it is gone."""
        spec = next(spec for spec in INVOICE_FLOWS.values() if spec.partner_key in body)
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
        named = named_payment(row.number, row.day)
        if lost := [item for key, item in gone.items() if key not in found]:
            documents = [phrase(spec.noun, number=item.booking.number) for item in lost]
            raise DocumentProblem(reason("document_gone", document=named, documents=documents))
        documents = [phrase(spec.noun, number=item.booking.number) for item in gone.values()]
        told = reason("entered_again_in_books", documents=documents).about(named)
        with self._connection.begin():
            store_findings(self._connection, self._request, [Finding(row.source_id, told)], codes=())
        return "not_sent", reason("not_sent.entered_again", document=named, documents=documents)

    def _is_stale(self, row: Row[Any], sent: list[Mapping[str, Any]]) -> bool:
        """Whether a document is settled otherwise than the plan supposed, its own parts left aside."""
        planned = {key: Decimal(amount) for key, amount in row.predicted["settled"].items()}
        now = settled_amounts(self._connection, self._company, planned)
        own = settled_by(sent)
        return any(now.get(key, ZERO) != amount + own.get(key, ZERO) for key, amount in planned.items())

    def _create(self, row: Row[Any], part: int, body: Mapping[str, Any]) -> Any:
        record = NewRecord(
            kind=Kind.PAYMENT,
            source_id=row.source_id,
            part=part,
            natural_key=part_name(row.source_id, part),
            operation=f"{PAYMENTS}:add",
            remote_key="paymentId",
            label=payment_label(row.number, row.day),
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
        result = create_record(self._connection, self._request, self._services, record, self._streak.before_sending)
        match result:
            case Refused(reasons) if not is_locked(reasons):
                self._streak.refusals += 1
            case InDoubt(sent_now=True):
                self._streak.lost_answers += 1
            case Created():
                self._streak.refusals = self._streak.lost_answers = 0
        return result

    def _names_of(self, body: Mapping[str, Any]) -> tuple[str, ...]:
        """Return the name of whom the payment is from or to."""
        spec = next(spec for spec in INVOICE_FLOWS.values() if spec.partner_key in body)
        with self._connection.begin():
            return names_in_books(self._connection, self._company, spec.register, body[spec.partner_key])

    def _note(
        self,
        connection: Connection,
        row: Row[Any],
        remote_id: str,
        answer: Mapping[str, Any],
        body: Mapping[str, Any],
    ) -> None:
        """Note what follows from a payment in the books: it stands in the mirror, and its group waits for nothing."""
        booked = _as_booked(remote_id, answer, body)
        mirror_payments(connection, self._company, [booked], self._services, is_new_change=False)
        close_document(connection, self._request, [row.source_id])
        said, expected = amount_of(answer.get("amount")), body_total(body)
        # Nobody says whether the answer has the money's sign; what nets moves none.
        is_netting = body["accountName"] in self._request.company.payments.all_netting_accounts
        if said is not None and abs(said) != expected and not (is_netting and said == ZERO):
            named = named_payment(row.number, row.day)
            alarm = reason("booked_differently.payment", document=named, booked=said, planned=expected)
            sound_alarm(connection, self._request, row.source_id, alarm)

    def _is_linked(self, source_id: str, part: int = 0) -> bool:
        """Whether the group, or a part of it, is linked. Within the caller's transaction."""
        return find_link(self._connection, self._company, Kind.PAYMENT, source_id, part) is not None

    def _outcomes(self, outcomes: Mapping[str, runs.Outcome]) -> None:
        if outcomes:
            with self._connection.begin():
                runs.set_outcomes(self._connection, self._request, outcomes)


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
        raw={},
    )
