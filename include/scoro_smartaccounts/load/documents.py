"""Planned invoices and bills → SmartAccounts: articles and partners first, then the document, credit invoices last."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any

from scoro_smartaccounts.common.errors import DocumentProblem, LoadStopped
from scoro_smartaccounts.common.money import CENT, plain
from scoro_smartaccounts.common.period_policy import PeriodRule
from scoro_smartaccounts.common.reasons import Phrase, Reason, phrase, reason
from scoro_smartaccounts.common.visible import visible
from scoro_smartaccounts.flows import INVOICE_FLOWS
from scoro_smartaccounts.load.credit_invoices import put_base
from scoro_smartaccounts.load.sending import Sending, needs, outcome_counts, refused, send_plans
from scoro_smartaccounts.matching.documents.adoption import number_taken
from scoro_smartaccounts.matching.documents.gone import note_deleted
from scoro_smartaccounts.matching.partners.articles import find_article
from scoro_smartaccounts.matching.partners.partners import (
    find_partner,
    is_being_created,
    keys_of_body,
    natural_key_of_body,
)
from scoro_smartaccounts.matching.partners.undecided import (
    Undecided,
    undecided_articles,
    undecided_partners,
    waits_for_decision,
)
from scoro_smartaccounts.mirror.changes import Witness, note_created
from scoro_smartaccounts.mirror.registers import created_partner
from scoro_smartaccounts.outbox.booking import booking_of_body
from scoro_smartaccounts.outbox.comparison import note_booked
from scoro_smartaccounts.outbox.locked import is_locked
from scoro_smartaccounts.outbox.protocol import Created, Existing, InDoubt, NewRecord, Refused, plain_value
from scoro_smartaccounts.outbox.settle_documents import settle_documents
from scoro_smartaccounts.smartaccounts.endpoints import ARTICLES, adding
from scoro_smartaccounts.smartaccounts.queries import sent_day
from scoro_smartaccounts.smartaccounts.wire import amount
from scoro_smartaccounts.smartaccounts.words import BASE, is_reference
from scoro_smartaccounts.staging.intents import booked_under
from scoro_smartaccounts.staging.links import Evidence, Kind, Link, records_created
from scoro_smartaccounts.staging.mirror_registers import ArticleRecord, add_article, add_partner, names_in_books

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import date

    from sqlalchemy import Connection

    from scoro_smartaccounts.common.run import Counts, RunRequest
    from scoro_smartaccounts.outbox.settle import Settled
    from scoro_smartaccounts.services import Services
    from scoro_smartaccounts.staging import runs
    from scoro_smartaccounts.staging.plans import WantedPlan

log = logging.getLogger(__name__)


def load(request: RunRequest, services: Services) -> Counts:
    """Send what the run planned, as `send_plans` does."""
    return send_plans(request, services, _Documents, _counts)


class _Documents:
    lock: str | None = None
    leaves_rest = True

    def __init__(self, sending: Sending) -> None:
        self._sending = sending
        self._connection = sending.connection
        self._request = sending.request
        self._services = sending.services
        self._company = sending.company
        self._spec = INVOICE_FLOWS[sending.request.flow]
        self._articles: set[str] = set()
        self._looked_for_deleted = False

    def place(self, row: WantedPlan) -> Any:
        """Return credit invoices after their bases; else by the date of entry, the newest first: one refusal then tells
        of all dates that a lock refuses, and what is open is booked before it."""
        return bool(row.credited_ids), -_entry_day(row).toordinal(), row.day, row.number, row.source_id

    def named(self, row: WantedPlan) -> Phrase:
        return phrase(self._spec.noun, number=row.number)

    def doubt(self, row: WantedPlan) -> runs.Outcome:
        return "in_doubt", reason("in_doubt").about(self.named(row))

    def left_in_doubt(self) -> Collection[str]:
        return self._sending.in_doubt()

    def settle(self) -> Settled:
        return settle_documents(self._connection, self._request, self._services)

    def book(self, row: WantedPlan) -> runs.Outcome:
        if self._sending.months.holds(_entry_day(row)) and row.source_id not in self._sending.in_doubt():
            return self._sending.wait(row, self._for_month(row))
        if (waits := self._undecided(row)) is not None:
            return self._sending.wait(row, waits)
        body = json.loads(row.payload)
        if (left := self._complete(row, body)) is not None:
            return left
        match result := self._sending.create(self._record(row, body)):
            case Created():
                log.info("%s was created.", self._called(row))
                self._sending.came_through(_entry_day(row))
                self._stop_where_books_are_off(row, result)
                return "created", None
            case Existing():
                return "already_there", None
            case InDoubt():
                return self.doubt(row)
            case Refused(reasons) if is_locked(reasons):
                self._sending.close_month(row, _entry_day(row))
                return self._sending.wait(row, self._for_month(row))
            case Refused(reasons):
                if body.get(BASE) is not None and not self._looked_for_deleted:
                    # Perhaps because the credited invoice is gone: the next plan knows.
                    self._looked_for_deleted = True
                    note_deleted(self._connection, self._services, self._request.company, self._spec)
                raise refused(self._sending.target, self.named(row), reasons)

    def _record(self, row: WantedPlan, body: Mapping[str, Any]) -> NewRecord:
        natural_key = self._spec.natural_key(body)
        label = f"{self._spec.noun} {row.number}"
        return NewRecord(
            kind=self._spec.kind,
            source_id=row.source_id,
            natural_key=natural_key,
            operation=adding(self._spec.documents),
            remote_key="invoiceId",
            label=label,
            body=_dump(body),
            day=row.day,
            content_hash=row.content_hash,
            personal=self._names_of(body[self._spec.partner_key]),
            link=lambda remote_id, answer: Link(
                self._spec.kind,
                row.source_id,
                remote_id,
                Evidence.CREATED,
                label,
                row.content_hash,
                {key: plain_value(value) for key, value in answer.items()},
                booking=booking_of_body(self._spec, body, answer, row.partner_source_id),
            ),
            find=lambda connection: self._refuse_a_second(connection, row, natural_key),
            created=lambda connection, _, answer: self._compare(connection, row, body, answer),
        )

    def _called(self, row: WantedPlan) -> str:
        return f"{self._spec.noun.capitalize()} {visible(row.number)}"

    def _refuse_a_second(self, connection: Connection, row: WantedPlan, natural_key: str) -> None:
        """Raise DocumentProblem where another document of this number was booked since this one was planned: the plan
        cannot know of it, and SmartAccounts takes a bill twice."""
        other = booked_under(
            connection,
            self._company,
            self._spec.kind,
            natural_key,
            since=row.planned_at,
            other_than=row.source_id,
        )
        if other is not None:
            raise number_taken(self._spec.flow, row.number, row.source_id, other)

    def _names_of(self, partner_id: str) -> tuple[str, ...]:
        with self._connection.begin():
            return names_in_books(self._connection, self._company, self._spec.partner_kind, partner_id)

    # What has to be there first

    def _complete(self, row: WantedPlan, body: dict[str, Any]) -> runs.Outcome | None:
        """Put into the body what is known only now: its base and its partner, created like its articles where they are
        missing. How the document is left where one of them is not there."""
        if (missing := put_base(self._sending, self._spec, row, body)) is not None:
            return missing
        for new in row.new_articles:
            if not self._article(row, new["product_id"], new["body"]):
                return self._needs(row, phrase("article", id=new["body"]["code"]))
        partner_id = self._partner(row)
        if partner_id is None:
            return self._needs(row, phrase(f"{self._spec.partner}_of_contact", id=row.partner_source_id))
        body[self._spec.partner_key] = partner_id
        return None

    def _needs(self, row: WantedPlan, what: Phrase) -> runs.Outcome:
        return needs(what, self.named(row))

    def _partner(self, row: WantedPlan) -> str | None:
        """Return the id of the document's client or vendor, created where it is missing; None: in doubt."""
        spec = self._spec
        planned: str = json.loads(row.payload)[spec.partner_key]
        if not is_reference(planned):
            # What follows a booked document goes where that one is.
            return planned
        source_id, body = row.partner_source_id, row.new_partner
        linked = self._sending.linked(spec.partner_kind, source_id)
        if linked is not None:
            return linked
        if body is None:
            raise DocumentProblem(reason(spec.partner_gone, document=self.named(row), contact=source_id))
        record = NewRecord(
            kind=spec.partner_kind,
            source_id=source_id,
            natural_key=natural_key_of_body(source_id, body),
            operation=adding(spec.partners),
            remote_key=spec.partner_key,
            label=f"{spec.partner} for contact {source_id}",
            body=_dump(body),
            other_keys=keys_of_body(body),
            is_being_created=lambda connection: is_being_created(connection, self._company, spec, body),
            find=lambda connection: find_partner(connection, self._company, spec, source_id),
            created=lambda connection, remote_id, _: self._mirror_partner(connection, remote_id, source_id, body),
        )
        match self._sending.create(record):
            case Created(remote_id):
                log.info("The %s for contact %s was created.", spec.partner, source_id)
                return remote_id
            case Existing(remote_id):
                return remote_id
            case InDoubt():
                return None
            case Refused(reasons):
                raise refused(self._sending.target, self.named(row), reasons, what=phrase("contact", id=source_id))

    def _article(self, row: WantedPlan, product_id: str, body: Mapping[str, Any]) -> bool:
        """See to it that the article exists; False: in doubt."""
        code = body["code"]
        if code in self._articles:
            return True
        record = NewRecord(
            kind=Kind.ARTICLE,
            source_id=product_id,
            natural_key=code,
            operation=adding(ARTICLES),
            remote_key="code",
            label=f"article {code}",
            body=_dump(body),
            find=lambda connection: find_article(connection, self._company, product_id, code, body["description"]),
            created=lambda connection, _, __: self._mirror_article(connection, code, body),
        )
        match self._sending.create(record):
            case Created():
                log.info("Article %s was created.", code)
            case InDoubt():
                return False
            case Refused(reasons):
                raise refused(self._sending.target, self.named(row), reasons, what=phrase("article", id=code))
        self._articles.add(code)
        return True

    # What a document waits for

    def _undecided(self, row: WantedPlan) -> Reason | None:
        """Return what somebody has to decide since the document was planned, before anything is created for it."""
        found: list[Undecided] = []
        with self._connection.begin():
            if row.new_partner is not None:
                ids = [row.partner_source_id]
                found += undecided_partners(self._connection, self._company, self._spec, ids).values()
            if row.new_articles:
                ids = [new["product_id"] for new in row.new_articles]
                policy = self._request.company.articles
                found += undecided_articles(self._connection, self._company, policy, ids).values()
        return waits_for_decision(self.named(row), found) if found else None

    def _for_month(self, row: WantedPlan) -> Reason:
        company, flow, is_credit = self._request.company, self._request.flow, bool(row.credited_ids)
        moves = company.period_rules(flow, is_credit=is_credit).locked is PeriodRule.FIRST_OPEN_DAY
        kind = company.periods.kind_of(flow, is_credit=is_credit)
        return reason(
            "month_locked.moved" if moves else "month_locked",
            document=self.named(row),
            day=_entry_day(row),
            setting=f"{flow}.entry_date",
            policy=f"periods.{kind}.locked",
        )

    def _mirror_partner(self, connection: Connection, remote_id: str, source_id: str, body: Mapping[str, Any]) -> None:
        add_partner(connection, self._company, self._spec.partner_kind, created_partner(remote_id, source_id, body))
        self._will_show(connection, self._spec.partners, remote_id)

    def _mirror_article(self, connection: Connection, code: str, body: Mapping[str, Any]) -> None:
        add_article(connection, self._company, ArticleRecord(code, body["description"], body["type"]))
        self._will_show(connection, ARTICLES, code)

    def _will_show(self, connection: Connection, register: str, remote_id: str) -> None:
        note_created(connection, self._company, register, Witness(remote_id), self._sending.services.clock())

    # What came of it

    def _compare(
        self, connection: Connection, row: WantedPlan, body: Mapping[str, Any], answer: Mapping[str, Any]
    ) -> None:
        note_booked(
            connection,
            self._request,
            source_id=row.source_id,
            number=row.number,
            predicted=row.predicted,
            body=body,
            answer=answer,
            now=self._sending.services.clock(),
        )

    def _stop_where_books_are_off(self, row: WantedPlan, result: Created) -> None:
        rows = len(json.loads(row.payload)["rows"])
        rounding = amount(result.answer.get("roundAmount"))
        if rounding is not None and abs(rounding) > CENT * rows:
            raise LoadStopped(
                f"{self._called(row)} was booked with a rounding of {plain(rounding)}, more than its {rows} rows can"
                " explain. Nothing more is sent by this run: compare its VAT codes with SmartAccounts first."
            )


def _counts(connection: Connection, request: RunRequest) -> Counts:
    """Outcomes, and created records."""
    spec = INVOICE_FLOWS[request.flow]
    made = records_created(connection, request.company.key, request.run_key)
    outcomes = outcome_counts(connection, request)
    names = ("created", "already_there", "quarantined", "waiting", "in_doubt", "not_sent")
    return {
        **{name: outcomes[name] for name in names},
        f"{spec.partner}s_created": made.get(spec.partner_kind, 0),
        "articles_created": made.get(Kind.ARTICLE, 0),
    }


def _entry_day(row: WantedPlan) -> date:
    """Return the ledger date of a plan."""
    return sent_day(json.loads(row.payload)["entryDate"])


def _dump(body: Mapping[str, Any]) -> str:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))
