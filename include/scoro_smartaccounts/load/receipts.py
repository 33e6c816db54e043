"""Planned receipt groups → Scoro, each once."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, select

from scoro_smartaccounts.common.company import Mode
from scoro_smartaccounts.common.culprits import one_document
from scoro_smartaccounts.common.documents import Flow, named_payment, payment_label, payment_name
from scoro_smartaccounts.common.errors import DocumentProblem
from scoro_smartaccounts.extract.exported_payments import is_switched_off
from scoro_smartaccounts.load.shared import (
    IN_DOUBT,
    NOT_WANTED,
    PREVIEWED,
    UNEXPECTED,
    Streak,
    outcome_counts,
    refused,
    wanted_plans,
)
from scoro_smartaccounts.mirror.payments import PAYMENT_LOCK
from scoro_smartaccounts.outbox.comparison import close_document
from scoro_smartaccounts.outbox.protocol import Created, Existing, InDoubt, NewRecord, Refused, create_record
from scoro_smartaccounts.outbox.settle_payments import document_ids_of
from scoro_smartaccounts.scoro.modules import BILLS, EXPENSES, RECEIPTS
from scoro_smartaccounts.staging import runs
from scoro_smartaccounts.staging.intents import created_remote_ids, open_intents
from scoro_smartaccounts.staging.links import Evidence, Kind, Link, find_source
from scoro_smartaccounts.staging.locks import session_lock
from scoro_smartaccounts.staging.quarantine import open_case
from scoro_smartaccounts.staging.schema import contact, document, payment_row, remote_payment

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scoro_smartaccounts.common.run import Counts, RunRequest
    from scoro_smartaccounts.services import Services

log = logging.getLogger(__name__)

OPERATION = "receipts/modify"
# The parts of a payment of several modules, as intents and links have them; invoices always come last.
_PART_OF = {BILLS.name: 1, EXPENSES.name: 2}


def send_receipts(request: RunRequest, services: Services) -> Counts:
    """Send what the run planned. Idempotent; may be killed anywhere; in mode `preview` nothing is sent."""
    if is_switched_off(request):
        return {}
    with services.engine.connect() as connection:
        with connection.begin():
            source_ids = runs.batch(connection, request)
            if request.mode is Mode.PREVIEW:
                runs.set_outcomes(connection, request, dict.fromkeys(source_ids, PREVIEWED))
                runs.mark(connection, request, "loaded", {"planned": len(source_ids)})
                log.info("Mode preview: nothing was sent; %d payments are planned for Scoro.", len(source_ids))
                return {"planned": len(source_ids)}
        try:
            _Sender(connection, request, services).run(source_ids)
        finally:
            if connection.in_transaction():
                connection.rollback()
            with connection.begin():
                counts = outcome_counts(connection, request)
                runs.mark(connection, request, "loaded", counts)
    log.info("Sent to Scoro: %s.", ", ".join(f"{name} {count}" for name, count in counts.items() if count) or "nothing")
    return counts


class _Sender:
    def __init__(self, connection: Connection, request: RunRequest, services: Services) -> None:
        self._connection = connection
        self._request = request
        self._services = services
        self._company = request.company.key
        with connection.begin():
            self._streak = Streak.so_far(connection, request, services, "Scoro")

    def run(self, source_ids: list[str]) -> None:
        if not source_ids:
            return
        with self._connection.begin():
            plans = wanted_plans(self._connection, self._request, source_ids)
        self._outcomes(dict.fromkeys(set(source_ids) - {row.source_id for row in plans}, NOT_WANTED))
        for row in sorted(plans, key=lambda row: (bool(row.refused_before), row.day, row.number)):
            self._send_one(row)

    def _send_one(self, row: Row[Any]) -> None:
        try:
            with (
                session_lock(self._connection, self._company, PAYMENT_LOCK),
                one_document(named_payment(row.number, row.day), UNEXPECTED, "SmartAccounts"),
            ):
                outcome, why = self._send(row)
        except DocumentProblem as problem:
            with self._connection.begin():
                in_doubt = {item.source_id for item in open_intents(self._connection, self._company, Kind.RECEIPT)}
                if problem.code == UNEXPECTED and row.source_id in in_doubt:
                    # It was sent before that came up.
                    outcome, why = IN_DOUBT
                else:
                    open_case(self._connection, self._request, {row.source_id: problem.reason})
                    outcome, why = "quarantined", problem.reason
        self._outcomes({row.source_id: (outcome, why)})
        self._streak.stop_where_nothing_goes_through(why, is_new=not row.refused_before)

    def _send(self, row: Row[Any]) -> runs.Outcome:
        with self._connection.begin():
            if not wanted_plans(self._connection, self._request, [row.source_id]) or not self._is_unchanged(row):
                return NOT_WANTED
        created = False
        requests = [item["request"] for item in json.loads(row.payload)]
        for place, body in enumerate(requests, start=1):
            # With the last one the payment is in Scoro as a whole.
            part = 0 if place == len(requests) else _PART_OF[body["sales_doc_type"]]
            match self._create(row, part, body):
                case Created():
                    created = True
                case Existing():
                    pass
                case InDoubt():
                    return IN_DOUBT
                case Refused(reasons):
                    raise refused(named_payment(row.number, row.day), reasons, target="Scoro")
        with self._connection.begin():
            close_document(self._connection, self._request, [row.source_id])
        if not created:
            return "already_there", None
        log.info("%s went to Scoro.", payment_name(row.number, row.day))
        return "created", None

    def _is_unchanged(self, row: Row[Any]) -> bool:
        """Whether the payment still stands in the books as it was planned."""
        now = self._connection.execute(
            select(remote_payment.c.content_hash).where(
                remote_payment.c.company == self._company,
                remote_payment.c.remote_id == row.source_id,
                ~remote_payment.c.is_deleted,
            )
        ).scalar()
        return bool(now == row.content_hash)

    def _create(self, row: Row[Any], part: int, body: Mapping[str, Any]) -> Any:
        with self._connection.begin():
            known = self._known_groups(body)
            names = self._names_of(body)
        record = NewRecord(
            kind=Kind.RECEIPT,
            source_id=row.source_id,
            part=part,
            natural_key=f"{row.source_id}/{body['sales_doc_type']}" if part else row.source_id,
            operation=OPERATION,
            remote_key="id",
            label=payment_label(row.number, row.day),
            body=json.dumps(body, ensure_ascii=False, separators=(",", ":")),
            day=row.day,
            content_hash=row.content_hash,
            personal=names,
            to_scoro=True,
            known_ids=known,
            find=lambda connection: self._existing(connection, row.source_id, part),
            link=lambda group_id, answer: Link(
                Kind.PAYMENT,
                group_id,
                row.source_id,
                Evidence.EXPORTED,
                "exported",
                RECEIPTS.content_hash(answer) if answer.get("receipts") else "",
                {"payment": row.content_hash},
                remote_part=part,
            ),
        )
        result = create_record(self._connection, self._request, self._services, record, self._streak.before_sending)
        match result:
            case Refused():
                self._streak.refusals += 1
            case InDoubt(sent_now=True):
                self._streak.lost_answers += 1
            case Created():
                self._streak.refusals = self._streak.lost_answers = 0
        return result

    def _existing(self, connection: Connection, payment_id: str, part: int) -> Link | None:
        """Return the link that stands for this part already."""
        found = find_source(connection, self._company, Kind.PAYMENT, payment_id, part)
        return None if found is None else Link(Kind.PAYMENT, found, payment_id, Evidence.EXPORTED, remote_part=part)

    def _names_of(self, body: Mapping[str, Any]) -> tuple[str, ...]:
        """Return the names of whom the documents are for or from: a refusal may repeat them."""
        flow, document_ids = document_ids_of(body)
        return tuple(
            self._connection.execute(
                select(contact.c.name)
                .join(
                    document, (document.c.company == contact.c.company) & (document.c.partner_id == contact.c.source_id)
                )
                .where(
                    document.c.company == self._company,
                    document.c.flow == flow.value,
                    document.c.source_id.in_(document_ids),
                )
                .distinct()
            ).scalars()
        )

    def _known_groups(self, body: Mapping[str, Any]) -> tuple[str, ...]:
        """Receipt groups that staging knows of the documents, and those that were sent just now."""
        flow, document_ids = document_ids_of(body)
        staged = self._connection.execute(
            select(payment_row.c.source_id)
            .where(
                payment_row.c.company == self._company,
                payment_row.c.flow == Flow.PAYMENTS.value,
                payment_row.c.document_flow == flow.value,
                payment_row.c.document_id.in_(document_ids),
            )
            .distinct()
        ).scalars()
        sent = created_remote_ids(self._connection, self._company, Kind.RECEIPT, run_key=self._request.run_key)
        return tuple(sorted({*staged, *sent}))

    def _outcomes(self, outcomes: Mapping[str, runs.Outcome]) -> None:
        if outcomes:
            with self._connection.begin():
                runs.set_outcomes(self._connection, self._request, outcomes)
