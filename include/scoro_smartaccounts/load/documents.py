"""Planned invoices and bills → SmartAccounts: articles and partners first, then the document, credit invoices last."""

from __future__ import annotations

import json
import logging
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, select

from scoro_smartaccounts.common.company import Mode
from scoro_smartaccounts.common.culprits import one_document
from scoro_smartaccounts.common.errors import DocumentProblem, LoadStopped
from scoro_smartaccounts.common.money import CENT, plain
from scoro_smartaccounts.common.reasons import Phrase, Reason, phrase, reason
from scoro_smartaccounts.common.visible import visible
from scoro_smartaccounts.flows import INVOICE_FLOWS, InvoiceFlow
from scoro_smartaccounts.load.firsts import Firsts
from scoro_smartaccounts.load.shared import (
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
from scoro_smartaccounts.mirror.registers import ARTICLES, created_partner
from scoro_smartaccounts.outbox.booking import booking_of_body
from scoro_smartaccounts.outbox.comparison import amount_of, note_booked
from scoro_smartaccounts.outbox.locked import LockedMonths, is_locked
from scoro_smartaccounts.outbox.protocol import (
    Created,
    Existing,
    InDoubt,
    NewRecord,
    Outcome,
    Refused,
    create_record,
    plain_value,
)
from scoro_smartaccounts.outbox.settle_documents import settle
from scoro_smartaccounts.staging import runs
from scoro_smartaccounts.staging.cases import OWN_CASES
from scoro_smartaccounts.staging.coverage import cover_decided_days
from scoro_smartaccounts.staging.intents import booked_under, open_intents
from scoro_smartaccounts.staging.links import Evidence, Kind, Link, find_link, records_created
from scoro_smartaccounts.staging.mirror_registers import ArticleRecord, add_article, add_partner
from scoro_smartaccounts.staging.quarantine import open_case, resolve
from scoro_smartaccounts.staging.schema import (
    document,
)
from scoro_smartaccounts.staging.waiting import BASE_NOT_BOOKED, note_waiting
from scoro_smartaccounts.transform.invoice import waits_while_closed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scoro_smartaccounts.common.run import Counts, RunRequest
    from scoro_smartaccounts.services import Services

log = logging.getLogger(__name__)

_FOUND_LATER: runs.Outcome = ("created", reason("created.found_later", where=phrase("in_smartaccounts")))


def load(request: RunRequest, services: Services) -> Counts:
    """Send what the run planned. Idempotent; may be killed anywhere; in mode `preview` nothing is sent."""
    spec = INVOICE_FLOWS[request.flow]
    with services.engine.connect() as connection:
        with connection.begin():
            source_ids = runs.batch(connection, request)
        if request.mode is Mode.PREVIEW:
            with connection.begin():
                runs.set_outcomes(connection, request, dict.fromkeys(source_ids, PREVIEWED))
                runs.mark(connection, request, "loaded", {"planned": len(source_ids)})
            log.info("Mode preview: nothing was sent to SmartAccounts; %d %ss are planned.", len(source_ids), spec.noun)
            return {"planned": len(source_ids)}
        postings: Counts = {}
        try:
            postings = _Loader(connection, request, services).run(source_ids)
        finally:
            if connection.in_transaction():
                connection.rollback()
            with connection.begin():
                counts = _counts(connection, request, spec) | postings
                runs.mark(connection, request, "loaded", counts)
        with connection.begin():
            cover_decided_days(connection, request.company.key, request.flow, request.run_key)
    log.info("Loaded %ss: %s.", spec.noun, ", ".join(f"{name} {count}" for name, count in counts.items()))
    return counts


class _Loader:
    def __init__(self, connection: Connection, request: RunRequest, services: Services) -> None:
        self._connection = connection
        self._request = request
        self._services = services
        self._company = request.company.key
        self._spec = INVOICE_FLOWS[request.flow]
        self._articles: set[str] = set()
        self._refused: dict[tuple[Kind, str], Refused] = {}
        self._looked_for_deleted = False
        self._firsts = Firsts(connection, request, services)
        with connection.begin():
            self._streak = Streak.so_far(connection, request, services, "SmartAccounts")
            self._months = LockedMonths(connection, self._company, request.flow, services.clock())

    def run(self, source_ids: list[str]) -> Counts:
        """Send all that is planned; what came of holding it against the ledger."""
        if source_ids:
            self._send(source_ids)
        return self._firsts.finish()

    def _send(self, source_ids: list[str]) -> None:
        plans = self._plans(source_ids)
        missing = set(source_ids) - {row.source_id for row in plans} - self._in_doubt()
        self._outcomes(dict.fromkeys(missing, NOT_WANTED))
        doubtful = self._firsts.in_rounds([row for row in plans if not row.refused_before], self._load_one)
        self._firsts.judge()
        doubtful += self._load_refused_before([row for row in plans if row.refused_before])
        if doubtful:
            self._settle(doubtful)
        self._firsts.send_kept(self._load_one)

    def _settle(self, doubtful: list[Row[Any]]) -> None:
        """Find out what became of those whose answer was lost, and send what never came through."""
        settled = settle(self._connection, self._request, self._services)
        for row in doubtful:
            if row.source_id in settled.booked:
                self._outcomes({row.source_id: _FOUND_LATER})
            elif settled.present or settled.absent or not settled.in_doubt:
                self._load_one(row)

    def _in_doubt(self) -> set[str]:
        """Documents that were sent without an answer."""
        with self._connection.begin():
            return {row.source_id for row in open_intents(self._connection, self._company, self._spec.kind)}

    def _load_refused_before(self, plans: list[Row[Any]]) -> list[Row[Any]]:
        """Documents whose refusal nobody has answered yet come last, and stop nothing: where all go on being refused,
        the rest are left as they are. The ones in doubt."""
        self._streak.refusals = 0
        doubtful = []
        for row in plans:
            if self._streak.refusals >= MOST_REFUSALS:
                self._outcomes({row.source_id: ("quarantined", Reason.from_json(row.refused_before))})
            elif self._load_one(row) == "in_doubt":
                doubtful.append(row)
        return doubtful

    def _plans(self, source_ids: list[str]) -> list[Row[Any]]:
        """Plans that are still wanted, credit invoices after their bases; else by the date of entry, the newest first:
        one refusal then tells of all dates that a lock refuses, and what is open is booked before it."""
        with self._connection.begin():
            rows = wanted_plans(self._connection, self._request, source_ids)
        return sorted(
            rows,
            key=lambda row: (
                bool(row.credited_ids),
                -_entry_day(row).toordinal(),
                row.day,
                row.number,
                row.source_id,
            ),
        )

    def _load_one(self, row: Row[Any]) -> str | None:
        if not self._plans([row.source_id]):
            self._outcomes({row.source_id: NOT_WANTED})
            return "not_sent"
        try:
            waits = self._firsts.let_go(row)
            with one_document(self._named(row), UNEXPECTED, "Scoro"):
                outcome, why = self._wait(row, waits) if waits is not None else self._book(row)
        except DocumentProblem as problem:
            outcome, why = self._held_up(row, problem.reason)
        self._firsts.came_out(row, outcome)
        self._outcomes({row.source_id: (outcome, why)})
        self._streak.stop_where_nothing_goes_through(why, is_new=not row.refused_before)
        return outcome

    def _book(self, row: Row[Any]) -> runs.Outcome:
        body = json.loads(row.payload)
        if self._months.holds(_entry_day(row)) and row.source_id not in self._in_doubt():
            return self._wait(row, self._for_month(row))
        if (waits := self._undecided(row)) is not None:
            return self._wait(row, waits)
        if (base := body.get("baseForCreditInvoiceId")) is not None:
            base_source_id = base.removeprefix("@document:")
            base_id = self._linked(self._spec.kind, base_source_id)
            if base_id is None and self._is_in_doubt(base_source_id):
                what = phrase(self._spec.noun, number=self._number_of(base_source_id))
                return "in_doubt", reason("in_doubt.needs", what=what).about(self._named(row))
            if base_id is None:
                return self._wait(row, self._for_base(row, base_source_id))
            body["baseForCreditInvoiceId"] = base_id
        for new in row.new_articles:
            if not self._article(row, new["product_id"], new["body"]):
                article = phrase("article", id=new["body"]["code"])
                return "in_doubt", reason("in_doubt.needs", what=article).about(self._named(row))
        partner_id = self._partner(row)
        if partner_id is None:
            partner = phrase(f"{self._spec.partner}_of_contact", id=row.partner_source_id)
            return "in_doubt", reason("in_doubt.needs", what=partner).about(self._named(row))
        body[self._spec.partner_key] = partner_id
        natural_key = self._spec.natural_key(body)
        record = NewRecord(
            kind=self._spec.kind,
            source_id=row.source_id,
            natural_key=natural_key,
            operation=f"{self._spec.documents}:add",
            remote_key="invoiceId",
            label=f"{self._spec.noun} {row.number}",
            body=_dump(body),
            day=row.day,
            content_hash=row.content_hash,
            personal=self._names_of(partner_id),
            link=lambda remote_id, answer: Link(
                self._spec.kind,
                row.source_id,
                remote_id,
                Evidence.CREATED,
                f"{self._spec.noun} {row.number}",
                row.content_hash,
                {key: plain_value(value) for key, value in answer.items()},
                booking=booking_of_body(self._spec, body, answer, row.partner_source_id),
            ),
            find=lambda connection: self._refuse_a_second(connection, row, natural_key),
            created=lambda connection, _, answer: self._compare(connection, row, body, answer),
        )
        match result := self._create(record):
            case Created():
                log.info("%s was created.", self._called(row))
                with self._connection.begin():
                    self._months.accepted(_entry_day(row))
                self._stop_where_books_are_off(row, result)
                return "created", None
            case Existing():
                return "already_there", None
            case InDoubt():
                return "in_doubt", reason("in_doubt").about(self._named(row))
            case Refused(reasons) if is_locked(reasons):
                with self._connection.begin():
                    self._months.refused(_entry_day(row))
                    # A refusal that was a case of its own before.
                    resolve(self._connection, self._request, [row.source_id], codes=OWN_CASES)
                return self._wait(row, self._for_month(row))
            case Refused(reasons):
                if base is not None and not self._looked_for_deleted:
                    # Perhaps because the credited invoice is gone: the next plan knows.
                    self._looked_for_deleted = True
                    note_deleted(self._connection, self._services, self._request.company, self._spec)
                raise refused(self._named(row), reasons)

    def _named(self, row: Row[Any]) -> Phrase:
        return phrase(self._spec.noun, number=row.number)

    def _called(self, row: Row[Any]) -> str:
        return f"{self._spec.noun.capitalize()} {visible(row.number)}"

    def _refuse_a_second(self, connection: Connection, row: Row[Any], natural_key: str) -> None:
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
            return names_in_books(self._connection, self._company, self._spec.register, partner_id)

    def _linked(self, kind: Kind, source_id: str) -> str | None:
        with self._connection.begin():
            return find_link(self._connection, self._company, kind, source_id)

    def _partner(self, row: Row[Any]) -> str | None:
        """Return the id of the document's client or vendor, created where it is missing; None: in doubt."""
        spec = self._spec
        planned: str = json.loads(row.payload)[spec.partner_key]
        if not planned.startswith("@"):
            # What follows a booked document goes where that one is.
            return planned
        source_id, body = row.partner_source_id, row.new_partner
        linked = self._linked(spec.partner_kind, source_id)
        if linked is not None:
            return linked
        if body is None:
            raise DocumentProblem(reason(spec.partner_gone, document=self._named(row), contact=source_id))
        record = NewRecord(
            kind=spec.partner_kind,
            source_id=source_id,
            natural_key=natural_key_of_body(source_id, body),
            operation=f"{spec.partners}:add",
            remote_key=spec.partner_key,
            label=f"{spec.partner} for contact {source_id}",
            body=_dump(body),
            other_keys=keys_of_body(body),
            is_being_created=lambda connection: is_being_created(connection, self._company, spec, body),
            find=lambda connection: find_partner(connection, self._company, spec, source_id),
            created=lambda connection, remote_id, _: add_partner(
                connection, self._company, spec.partner_kind, created_partner(remote_id, source_id, body)
            ),
        )
        match self._create(record):
            case Created(remote_id):
                log.info("The %s for contact %s was created.", spec.partner, source_id)
                return remote_id
            case Existing(remote_id):
                return remote_id
            case InDoubt():
                return None
            case Refused(reasons):
                raise refused(self._named(row), reasons, what=phrase("contact", id=source_id))

    def _article(self, row: Row[Any], product_id: str, body: Mapping[str, Any]) -> bool:
        """See to it that the article exists; False: in doubt."""
        code = body["code"]
        if code in self._articles:
            return True
        record = NewRecord(
            kind=Kind.ARTICLE,
            source_id=product_id,
            natural_key=code,
            operation=f"{ARTICLES}:add",
            remote_key="code",
            label=f"article {code}",
            body=_dump(body),
            find=lambda connection: find_article(connection, self._company, product_id, code, body["description"]),
            created=lambda connection, _, __: add_article(
                connection, self._company, ArticleRecord(code, body["description"], body["type"])
            ),
        )
        match self._create(record):
            case Created():
                log.info("Article %s was created.", code)
            case InDoubt():
                return False
            case Refused(reasons):
                raise refused(self._named(row), reasons, what=phrase("article", id=code))
        self._articles.add(code)
        return True

    def _create(self, record: NewRecord) -> Outcome:
        key = (record.kind, record.natural_key)
        if key in self._refused:
            return self._refused[key]
        result = create_record(self._connection, self._request, self._services, record, self._streak.before_sending)
        match result:
            case Refused(reasons):
                self._refused[key] = result
                if not is_locked(reasons):
                    self._streak.refusals += 1
            case InDoubt(sent_now=True):
                self._streak.lost_answers += 1
            case Created():
                self._streak.lost_answers = 0
                if record.kind is self._spec.kind:
                    self._streak.refusals = 0
        return result

    def _undecided(self, row: Row[Any]) -> Reason | None:
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
        return waits_for_decision(self._named(row), found) if found else None

    def _is_in_doubt(self, source_id: str) -> bool:
        """Whether another document was sent without an answer, or waits in this run for something that was."""
        if source_id in self._in_doubt():
            return True
        with self._connection.begin():
            return source_id in runs.in_doubt(self._connection, self._request)

    def _number_of(self, source_id: str) -> str:
        with self._connection.begin():
            number = self._connection.scalar(
                select(document.c.number).where(
                    document.c.company == self._company,
                    document.c.flow == self._request.flow.value,
                    document.c.source_id == source_id,
                )
            )
        return number or source_id

    def _for_month(self, row: Row[Any]) -> Reason:
        policy = self._spec.policy(self._request.company)
        keeps = waits_while_closed(policy, is_credit=bool(row.credited_ids))
        return reason(
            "month_locked" if keeps else "month_locked.moved",
            document=self._named(row),
            day=_entry_day(row),
            setting=f"{self._request.flow}.entry_date",
        )

    def _for_base(self, row: Row[Any], base_source_id: str) -> Reason:
        with self._connection.begin():
            base = self._connection.execute(
                select(document.c.number, document.c.day).where(
                    document.c.company == self._company,
                    document.c.flow == self._request.flow.value,
                    document.c.source_id == base_source_id,
                )
            ).one_or_none()
        credited = phrase("invoice", number=base_source_id if base is None else base.number)
        day = None if base is None else base.day
        if day is not None:
            credited = phrase("of_day", document=credited, day=day)
        return reason(
            BASE_NOT_BOOKED,
            document=phrase("credit_invoice", number=row.number),
            base=credited,
            day=day or phrase("its_day"),
        )

    def _wait(self, row: Row[Any], waits: Reason) -> runs.Outcome:
        with self._connection.begin():
            note_waiting(self._connection, self._request, {row.source_id: waits})
        return "waiting", waits

    def _compare(
        self, connection: Connection, row: Row[Any], body: Mapping[str, Any], answer: Mapping[str, Any]
    ) -> None:
        note_booked(
            connection,
            self._request,
            source_id=row.source_id,
            number=row.number,
            predicted=row.predicted,
            body=body,
            answer=answer,
        )

    def _stop_where_books_are_off(self, row: Row[Any], result: Created) -> None:
        rows = len(json.loads(row.payload)["rows"])
        rounding = amount_of(result.answer.get("roundAmount"))
        if rounding is not None and abs(rounding) > CENT * rows:
            raise LoadStopped(
                f"{self._called(row)} was booked with a rounding of {plain(rounding)}, more than its {rows} rows can"
                " explain. Nothing more is sent by this run: compare its VAT codes with SmartAccounts first."
            )

    def _held_up(self, row: Row[Any], why: Reason) -> runs.Outcome:
        if why.code == UNEXPECTED and row.source_id in self._in_doubt():
            # It was sent before that came up.
            return "in_doubt", reason("in_doubt").about(self._named(row))
        with self._connection.begin():
            open_case(self._connection, self._request, {row.source_id: why})
        return "quarantined", why

    def _outcomes(self, outcomes: Mapping[str, runs.Outcome]) -> None:
        if outcomes:
            with self._connection.begin():
                runs.set_outcomes(self._connection, self._request, outcomes)


def _counts(connection: Connection, request: RunRequest, spec: InvoiceFlow) -> Counts:
    """Outcomes and created records as they stand in staging, so that a repeated step tells the whole run."""
    made = records_created(connection, request.company.key, request.run_key)
    outcomes = outcome_counts(connection, request)
    names = ("created", "already_there", "quarantined", "waiting", "in_doubt", "not_sent")
    return {
        **{name: outcomes[name] for name in names},
        f"{spec.partner}s_created": made.get(spec.partner_kind, 0),
        "articles_created": made.get(Kind.ARTICLE, 0),
    }


def _entry_day(row: Row[Any]) -> date:
    """Return the ledger date of a plan."""
    return datetime.strptime(json.loads(row.payload)["entryDate"], "%d.%m.%Y").date()  # noqa: DTZ007 a day has no zone


def _dump(body: Mapping[str, Any]) -> str:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))
