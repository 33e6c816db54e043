"""Planned sales invoices → SmartAccounts: articles and clients first, then the invoice, credit invoices last."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import Connection, Row, delete, select
from sqlalchemy.dialects.postgresql import insert

from scoro_smartaccounts.company import Mode
from scoro_smartaccounts.errors import DocumentProblem, LoadStopped
from scoro_smartaccounts.load.outbox import (
    Created,
    Existing,
    InDoubt,
    NewRecord,
    Outcome,
    Refused,
    create_record,
)
from scoro_smartaccounts.load.settle import settle
from scoro_smartaccounts.money import CENT, plain
from scoro_smartaccounts.reconcile.documents import INVOICES, oldest_reading, read_days
from scoro_smartaccounts.reconcile.partners import Identity, find_client
from scoro_smartaccounts.reconcile.registers import ARTICLES, CLIENTS, mirror_article, mirror_client, normal_code
from scoro_smartaccounts.run import Counts, RunRequest, Services
from scoro_smartaccounts.staging import runs
from scoro_smartaccounts.staging.findings import Finding, store_findings
from scoro_smartaccounts.staging.links import Evidence, Kind, Link, find_link
from scoro_smartaccounts.staging.quarantine import Case, open_case, resolve
from scoro_smartaccounts.staging.schema import article_register, coverage, document, plan, run_document, waiting
from scoro_smartaccounts.transform.sales_invoice import CREDIT

log = logging.getLogger(__name__)

# SmartAccounts' documents of the days are read again before the first send when the last reading is older.
_READING_AGE = timedelta(hours=1)
# So many refusals in a row mean that something is wrong with all documents, not with one.
_MOST_REFUSALS = 10
REFUSED = "refused_by_smartaccounts"
BOOKED_DIFFERENTLY = "booked_differently"
BASE_NOT_BOOKED = "base_not_booked"


@dataclass
class _Tally:
    created: int = 0
    already_there: int = 0
    clients_created: int = 0
    articles_created: int = 0
    quarantined: int = 0
    waiting: int = 0
    in_doubt: int = 0
    not_sent: int = 0
    alarms: int = 0
    refusals_in_a_row: int = field(default=0, repr=False)

    def counts(self) -> Counts:
        return {name: value for name, value in vars(self).items() if name != "refusals_in_a_row"}


def load(request: RunRequest, services: Services) -> Counts:
    """Send what the run planned. Idempotent; may be killed anywhere; in mode `preview` nothing is sent."""
    with services.engine.connect() as connection:
        with connection.begin():
            source_ids = runs.batch(connection, request)
        if request.mode is Mode.PREVIEW:
            with connection.begin():
                runs.set_outcomes(
                    connection, request, dict.fromkeys(source_ids, ("planned", "preview: nothing was sent"))
                )
                runs.mark(connection, request, "loaded", {"planned": len(source_ids)})
            log.info("Mode preview: nothing was sent to SmartAccounts; %d invoices are planned.", len(source_ids))
            return {"planned": len(source_ids)}
        tally = _Tally()
        loader = _Loader(connection, request, services, tally)
        try:
            loader.run(source_ids)
        finally:
            if connection.in_transaction():
                connection.rollback()
            with connection.begin():
                tally = _recount(connection, request, tally)
                runs.mark(connection, request, "loaded", tally.counts())
        with connection.begin():
            _cover(connection, request)
    log.info(
        "Loaded: %d invoices created, %d there already, %d clients and %d articles created, %d quarantined, %d waiting,"
        " %d in doubt.",
        tally.created,
        tally.already_there,
        tally.clients_created,
        tally.articles_created,
        tally.quarantined,
        tally.waiting,
        tally.in_doubt,
    )
    return tally.counts()


class _Loader:
    def __init__(self, connection: Connection, request: RunRequest, services: Services, tally: _Tally) -> None:
        self._connection = connection
        self._request = request
        self._services = services
        self._company = request.company.key
        self._tally = tally
        self._articles: set[str] = set()

    def run(self, source_ids: list[str]) -> None:
        if not source_ids:
            return
        plans = self._plans(source_ids)
        self._refresh_reading(plans)
        missing = set(source_ids) - {row.source_id for row in plans}
        self._outcomes(
            dict.fromkeys(missing, ("not_sent", "there is no plan for its present content; the next run plans it"))
        )
        doubtful = [row for row in plans if self._load_one(row) == "in_doubt"]
        if doubtful and settle(self._connection, self._request, self._services).present:
            for row in doubtful:
                self._load_one(row)

    def _plans(self, source_ids: list[str]) -> list[Row[Any]]:
        """Plans of the documents as they are now, ordered so that credit invoices come after their bases."""
        with self._connection.begin():
            rows = self._connection.execute(
                select(plan, document.c.number, document.c.day, document.c.credited_ids)
                .join(
                    document,
                    (document.c.company == plan.c.company)
                    & (document.c.flow == plan.c.flow)
                    & (document.c.source_id == plan.c.source_id)
                    & (document.c.content_hash == plan.c.content_hash),
                )
                .where(
                    plan.c.company == self._company,
                    plan.c.flow == self._request.flow.value,
                    plan.c.source_id.in_(source_ids),
                )
            ).all()
        return sorted(rows, key=lambda row: (bool(row.credited_ids), row.day, row.number, row.source_id))

    def _refresh_reading(self, plans: list[Row[Any]]) -> None:
        """A wait for the budget may lie between planning and now: somebody may have booked by hand since."""
        days = {row.day for row in plans}
        with self._connection.begin():
            oldest = oldest_reading(self._connection, self._company, self._request.flow, days)
        if oldest is None or self._services.clock() - oldest > _READING_AGE:
            read_days(self._services, self._company, self._request.flow, days)

    def _load_one(self, row: Row[Any]) -> str:
        try:
            outcome, note = self._book(row)
        except DocumentProblem as problem:
            self._quarantine(row, Case(problem.code, problem.message, problem.field, problem.system))
            outcome, note = "quarantined", problem.message
        self._outcomes({row.source_id: (outcome, note)})
        return outcome

    def _book(self, row: Row[Any]) -> tuple[str, str | None]:
        body = json.loads(row.payload)
        if (base := body.get("baseForCreditInvoiceId")) is not None:
            base_id = self._linked(Kind.SALES_INVOICE, base.removeprefix("@document:"))
            if base_id is None:
                return self._wait(row, base.removeprefix("@document:"))
            body["baseForCreditInvoiceId"] = base_id
        for new in row.new_articles:
            if not self._article(row, new["product_id"], new["body"]):
                return "in_doubt", f"the answer about article {new['body']['code']} was lost"
        client_id = self._client(row)
        if client_id is None:
            return "in_doubt", f"the answer about the client, contact {row.client_source_id}, was lost"
        body["clientId"] = client_id
        record = NewRecord(
            kind=Kind.SALES_INVOICE,
            source_id=row.source_id,
            natural_key=body["invoiceNumber"],
            operation=f"{INVOICES}:add",
            remote_key="invoiceId",
            label=f"invoice {row.number}",
            body=_dump(body),
            day=row.day,
            content_hash=row.content_hash,
            created=lambda connection, _, answer: self._compare(connection, row, body, answer),
        )
        match result := self._create(record):
            case Created():
                self._tally.created += 1
                self._tally.refusals_in_a_row = 0
                log.info("Invoice %s was created.", row.number)
                self._stop_where_books_are_off(row, result)
                return "created", None
            case Existing():
                return "already_there", None
            case InDoubt():
                return "in_doubt", "its answer was lost; it is looked for before anything is sent again"
            case Refused(reasons):
                raise _refused(f"Invoice {row.number}", reasons)

    def _linked(self, kind: Kind, source_id: str) -> str | None:
        with self._connection.begin():
            return find_link(self._connection, self._company, kind, source_id)

    def _client(self, row: Row[Any]) -> str | None:
        """The id of the invoice's client, created where it is missing; None: in doubt."""
        source_id, body = row.client_source_id, row.new_client
        linked = self._linked(Kind.CLIENT, source_id)
        if linked is not None:
            return linked
        if body is None:
            raise DocumentProblem(
                "client_gone",
                f"Invoice {row.number}: the client of contact {source_id} was deleted in SmartAccounts. Retry it.",
                system="SmartAccounts",
            )
        identity = Identity(source_id, normal_code(body.get("regCode", "")), normal_code(body.get("vatNumber", "")))
        record = NewRecord(
            kind=Kind.CLIENT,
            source_id=source_id,
            natural_key=identity.natural_key,
            operation=f"{CLIENTS}:add",
            remote_key="clientId",
            label=f"client for contact {source_id}",
            body=_dump(body),
            find=lambda connection: find_client(connection, self._company, identity),
            created=lambda connection, remote_id, _: mirror_client(
                connection,
                self._company,
                {
                    "remote_id": remote_id,
                    "name": body["name"],
                    "registry_code": identity.registry_code,
                    "vat_number": identity.vat_number,
                    "marked_id": source_id,
                },
            ),
        )
        match self._create(record):
            case Created(remote_id):
                self._tally.clients_created += 1
                log.info("The client for contact %s was created.", source_id)
                return remote_id
            case Existing(remote_id):
                return remote_id
            case InDoubt():
                return None
            case Refused(reasons):
                raise _refused(f"Invoice {row.number}: contact {source_id}", reasons)

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
            find=lambda connection: _find_article(connection, self._company, product_id, code),
            created=lambda connection, _, __: mirror_article(
                connection, self._company, {"code": code, "description": body["description"], "type": body["type"]}
            ),
        )
        match self._create(record):
            case Created():
                self._tally.articles_created += 1
                log.info("Article %s was created.", code)
            case InDoubt():
                return False
            case Refused(reasons):
                raise _refused(f"Invoice {row.number}: article {code}", reasons)
        self._articles.add(code)
        return True

    def _create(self, record: NewRecord) -> Outcome:
        result = create_record(self._connection, self._request, self._services, record)
        self._stop_where_all_is_refused(result)
        return result

    def _wait(self, row: Row[Any], base_source_id: str) -> tuple[str, str]:
        with self._connection.begin():
            base = self._connection.execute(
                select(document.c.number, document.c.day).where(
                    document.c.company == self._company,
                    document.c.flow == self._request.flow.value,
                    document.c.source_id == base_source_id,
                )
            ).one_or_none()
            what = base_source_id
            if base is not None:
                what = f"{base.number} of {base.day:%d.%m.%Y}" if base.day is not None else base.number
            message = (
                f"Credit invoice {row.number} waits for the invoice {what} that it credits: it is not in SmartAccounts"
                " yet. Import its day, or mend it where it is in quarantine."
            )
            self._connection.execute(
                insert(waiting)
                .values(
                    company=self._company,
                    flow=self._request.flow.value,
                    source_id=row.source_id,
                    code=BASE_NOT_BOOKED,
                    message=message,
                )
                .on_conflict_do_update(
                    index_elements=["company", "flow", "source_id"],
                    set_={"code": BASE_NOT_BOOKED, "message": message, "not_before": None},
                )
            )
        return "waiting", message

    def _compare(
        self, connection: Connection, row: Row[Any], body: Mapping[str, Any], answer: Mapping[str, Any]
    ) -> None:
        """The answer's amounts against the prediction; a difference becomes a finding, with the link."""
        connection.execute(
            delete(waiting).where(waiting.c.company == self._company, waiting.c.source_id == row.source_id)
        )
        resolve(connection, self._request, [row.source_id], codes=(REFUSED, "client_gone"))
        differences = compare_amounts(row.predicted, answer, is_credit=body.get("type") == CREDIT)
        if differences:
            self._tally.alarms += 1
            message = f"Invoice {row.number} was booked, but not as predicted: {'; '.join(differences)}."
            log.error("%s", message)
            store_findings(
                connection,
                self._request,
                [Finding(row.source_id, BOOKED_DIFFERENTLY, "error", message, "totalAmount")],
                codes=(),
            )

    def _stop_where_books_are_off(self, row: Row[Any], result: Created) -> None:
        rows = len(json.loads(row.payload)["rows"])
        rounding = _amount(result.answer.get("roundAmount"))
        if rounding is not None and abs(rounding) > CENT * rows:
            raise LoadStopped(
                f"Invoice {row.number} was booked with a rounding of {plain(rounding)}, more than its {rows} rows can"
                " explain. Nothing more is sent by this run: compare its VAT codes with SmartAccounts first."
            )

    def _stop_where_all_is_refused(self, result: Outcome) -> None:
        if not isinstance(result, Refused):
            return
        self._tally.refusals_in_a_row += 1
        if self._tally.refusals_in_a_row >= _MOST_REFUSALS:
            raise LoadStopped(
                f"SmartAccounts refused {_MOST_REFUSALS} records in a row; the last reason:"
                f" {_reason_text(result.reasons)}. Nothing more is sent by this run."
            )

    def _quarantine(self, row: Row[Any], case: Case) -> None:
        with self._connection.begin():
            open_case(self._connection, self._request, {row.source_id: case})

    def _outcomes(self, outcomes: Mapping[str, tuple[str, str | None]]) -> None:
        if outcomes:
            with self._connection.begin():
                runs.set_outcomes(self._connection, self._request, outcomes)


def compare_amounts(predicted: Mapping[str, Any], answer: Mapping[str, Any], *, is_credit: bool) -> list[str]:
    """Where the answer's net, VAT, rounding or total is not the predicted one. Amounts that it does not give are
    not compared; credit invoices may be told with either sign."""
    sign = 1
    if is_credit and (_amount(answer.get("totalAmount")) or 0) < 0:
        sign = -1
    found = []
    for name, key in (("net", "amount"), ("vat", "vatAmount"), ("rounding", "roundAmount"), ("total", "totalAmount")):
        said = _amount(answer.get(key))
        if said is None:
            continue
        expected = Decimal(predicted[name])
        if said * sign != expected:
            found.append(f"{name} {plain(said * sign)} instead of {plain(expected)}")
    return found


def _amount(value: Any) -> Decimal | None:
    if value is None or value == "":
        return None
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return None


def _refused(what: str, reasons: tuple[tuple[str, str], ...]) -> DocumentProblem:
    return DocumentProblem(
        REFUSED,
        f"{what}: SmartAccounts refused it: {_reason_text(reasons)}. Mend the cause, then retry.",
        system="SmartAccounts",
    )


def _reason_text(reasons: tuple[tuple[str, str], ...]) -> str:
    return "; ".join(message or key for key, message in reasons) or "without a reason"


def _find_article(connection: Connection, company: str, source_id: str, code: str) -> Link | None:
    found = connection.execute(
        select(article_register.c.code).where(article_register.c.company == company, article_register.c.code == code)
    ).scalar()
    return Link(Kind.ARTICLE, source_id, code, Evidence.ARTICLE_CODE, code) if found else None


def _recount(connection: Connection, request: RunRequest, tally: _Tally) -> _Tally:
    """Outcomes as they stand in the ledger, so that a repeated step tells the whole run."""
    rows = connection.execute(
        select(run_document.c.outcome).where(
            run_document.c.company == request.company.key, run_document.c.run_key == request.run_key
        )
    ).scalars()
    outcomes = [outcome or "not_sent" for outcome in rows]
    for name in ("created", "already_there", "quarantined", "waiting", "in_doubt", "not_sent"):
        setattr(tally, name, outcomes.count(name))
    return tally


def _cover(connection: Connection, request: RunRequest) -> None:
    """Note the run's days as covered: all their documents are booked, quarantined, waiting or in doubt."""
    days = [request.date_from + timedelta(days=n) for n in range((request.date_to - request.date_from).days + 1)]
    statement = insert(coverage).values(
        [
            {"company": request.company.key, "flow": request.flow.value, "day": day, "run_key": request.run_key}
            for day in days
        ]
    )
    connection.execute(statement.on_conflict_do_nothing())


def _dump(body: Mapping[str, Any]) -> str:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))
