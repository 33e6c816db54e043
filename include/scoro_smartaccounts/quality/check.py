"""The check step: which documents of a run may go on, and why the others may not."""

from __future__ import annotations

import logging
from collections import defaultdict
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from scoro_smartaccounts.common.chunks import chunks
from scoro_smartaccounts.common.culprits import fault_of, in_halves, is_of_records
from scoro_smartaccounts.common.documents import Flow, named_payment
from scoro_smartaccounts.common.reasons import (
    REASONS,
    Phrase,
    Reason,
    Severity,
    Step,
    codes_of,
    phrase,
    placeholders,
    questions,
    reason,
)
from scoro_smartaccounts.common.reasons.spoken import counted
from scoro_smartaccounts.quality.rules import rules_of
from scoro_smartaccounts.quality.validation import TABLES, Failure, validate
from scoro_smartaccounts.staging import runs
from scoro_smartaccounts.staging.answers import answers_to
from scoro_smartaccounts.staging.checked import batch
from scoro_smartaccounts.staging.findings import Finding, drop_findings, ids_with_error, store_findings
from scoro_smartaccounts.staging.quarantine import dismissed, open_case, resolve
from scoro_smartaccounts.staging.set_aside import set_aside

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlalchemy import Connection, Engine

    from scoro_smartaccounts.common.run import Counts, RunRequest
    from scoro_smartaccounts.quality.rule import Rule
    from scoro_smartaccounts.services import Services

log = logging.getLogger(__name__)

_NAMED_IN_LOG = 20
_UNEXPECTED = "unexpected"
_ERRORS = codes_of(Step.CHECK, Severity.ERROR)
_QUESTIONS = questions()
_CODES = _ERRORS | codes_of(Step.CHECK, Severity.WARNING)


def check(request: RunRequest, services: Services) -> Counts:
    """Judge the run's documents that have no outcome yet by the rules of `quality.rules`.

    Errors put a document into quarantine, unless they are questions that a person answered; warnings are stored as
    findings only. Documents that a person dismissed as they are get the outcome `dismissed` unjudged; documents that
    are in the books already are left alone. Safe to repeat. Counts: documents `checked`, `passed`, `quarantined`;
    findings that are `warnings`.
    """
    with services.engine.begin() as connection:
        _forget(connection, request)
        left = dismissed(connection, request)
        runs.set_outcomes(
            connection,
            request,
            {source_id: ("dismissed", reason("dismissed", note=note)) for source_id, note in left.items()},
        )
    size, checked, found, culprits = _judged(request, services)
    with services.engine.connect() as connection:
        found = _without_answered(connection, request, found)
    cases = _cases(found)
    passed = [source_id for source_id in checked if source_id not in cases]
    counts = {
        "checked": size,
        "passed": len(passed),
        "quarantined": len(cases),
        "warnings": sum(1 for item in found if item.severity is Severity.WARNING),
    }
    counts["quarantined"] += len(culprits)
    with services.engine.begin() as connection:
        drop_findings(connection, request, checked, _CODES)
        store_findings(connection, request, found, codes=())
        open_case(connection, request, cases)
        runs.set_outcomes(connection, request, {source_id: ("quarantined", why) for source_id, why in cases.items()})
        resolve(connection, request, passed, codes=_ERRORS)
        set_aside(connection, request, culprits, _UNEXPECTED)
        runs.mark(connection, request, "checked", counts)
    log.info("Checked %s: %s.", request.company.key, ", ".join(f"{name} {count}" for name, count in counts.items()))
    return counts


def _judged(
    request: RunRequest, services: Services
) -> tuple[int, list[str], list[Finding], list[tuple[str, Exception]]]:
    """How many documents there are, the ids of those that could be judged, what the rules say of them, and documents
    that bring judging down."""
    size = 0
    checked: list[str] = []
    found: list[Finding] = []

    def judge(only: Sequence[str] | None) -> None:
        nonlocal size
        with _own_session(services.engine) as session:
            prepared = batch.prepare(session, request, only)
            ids = batch.ids(session)
            said = _findings(session, request, services, prepared) if prepared else []
        size += prepared
        checked.extend(ids)
        found.extend(said)

    try:
        judge(None)
    except Exception as problem:
        if not is_of_records(problem):
            raise
        log.warning("The documents cannot be judged together (%s); they are judged in parts.", fault_of(problem))
    else:
        return size, checked, found, []
    with services.engine.connect() as connection:
        unfinished = runs.batch(connection, request)
    culprits = in_halves(unfinished, judge)
    return size + len(culprits), checked, found, culprits


def _forget(connection: Connection, request: RunRequest) -> None:
    """Outcomes that this step gave in an earlier attempt of the same run."""
    judged = ids_with_error(connection, request, _ERRORS)
    runs.forget(connection, request, ["quarantined"], judged)
    runs.forget(connection, request, ["dismissed"], runs.left_as(connection, request, "dismissed"))


def _findings(session: Connection, request: RunRequest, services: Services, size: int) -> list[Finding]:
    """Return what the rules say, the most important first."""
    failures = validate(
        session,
        suite=f"{request.company.key}_{request.flow.value}",
        flow=request.flow,
        run_key=request.run_key,
        at=services.clock(),
        folder=services.local_folder,
    )
    by_document: dict[str, list[Failure]] = defaultdict(list)
    for failure in failures:
        by_document[failure.source_id].append(failure)
    rules = {rule.code: rule for rule in rules_of(request.flow)}
    found: dict[str, list[Finding]] = {code: [] for code in rules}
    told = {code: _Told() for code in rules}
    # The rows of documents with findings are many times as large as the findings.
    for ids in chunks(sorted(by_document)):
        failed = [item for source_id in ids for item in by_document[source_id]]
        rows = {
            level: batch.details(
                session, table, {item.source_id for item in failed if level in ("document", rules[item.code].level)}
            )
            for level, table in TABLES.items()
        }
        for item in sorted(failed, key=lambda item: (item.source_id, item.position)):
            rule = rules[item.code]
            found[item.code].append(_finding(request.flow, rule, item, rows[rule.level][item.source_id, item.position]))
            told[item.code].add(rows["document"][item.source_id, 0])
    for code, rule in rules.items():
        if found[code]:
            log.info("%s %s: %s", rule.severity, rule.code, told[code])
    return [finding for of_rule in found.values() for finding in of_rule]


def _without_answered(connection: Connection, request: RunRequest, found: list[Finding]) -> list[Finding]:
    """Return findings without the questions that a person answered, and without what such an answer named."""
    asked = {item.source_id for item in found if item.code in _QUESTIONS}
    answers = answers_to(connection, request, asked, *_QUESTIONS)
    return [
        item if left == item.reason else replace(item, reason=left)
        for item in found
        if (left := answers.left(item.source_id, item.reason) if item.code in _QUESTIONS else item.reason) is not None
    ]


def _finding(flow: Flow, rule: Rule, failure: Failure, row: Mapping[str, Any]) -> Finding:
    if rule.code == "unreadable":
        return Finding(failure.source_id, Reason.from_json(row["problem"]), failure.position)
    values = {**_WORDS[flow], **row, "document": _name(flow, row)}
    entry = REASONS[rule.key]
    needed = placeholders(entry.en) | placeholders(entry.et)
    return Finding(
        failure.source_id, reason(rule.key, **{name: _value(values[name]) for name in needed}), failure.position
    )


def _value(value: Any) -> Any:
    """Return what the batch says, as the catalogue takes it. Phrases come as JSON."""
    if isinstance(value, list):
        return [_value(item) for item in value]
    return phrase(value["key"], **value["values"]) if isinstance(value, dict) else value


_WORDS: Mapping[Flow, Mapping[str, Phrase]] = {
    Flow.SALES_INVOICES: {"noun": phrase("any_invoice"), "partner": phrase("any_client")},
    Flow.PURCHASE_INVOICES: {"noun": phrase("any_bill"), "partner": phrase("any_vendor")},
    Flow.PAYMENTS: {},
    Flow.EXPORT_PAYMENTS: {},
}


def _name(flow: Flow, row: Mapping[str, Any]) -> Phrase:
    if flow.is_payments:
        return named_payment(row["number"], row["day"])
    kind = "credit_invoice" if row["is_credit"] else flow.noun
    return phrase(kind, number=row["number"]) if row["number"] else phrase(f"{kind}_by_id", id=row["source_id"])


def _cases(found: list[Finding]) -> dict[str, Reason]:
    """Return the most important error of each document."""
    cases: dict[str, Reason] = {}
    for item in found:
        if item.severity is Severity.ERROR:
            cases.setdefault(item.source_id, item.reason)
    return cases


@dataclass
class _Told:
    """Documents as a line of the log names them: the first ones, and how many there are."""

    named: list[str] = field(default_factory=list)
    count: int = 0
    _last: str = ""

    def add(self, row: Mapping[str, Any]) -> None:
        """Add one, which may come several times in a row."""
        if row["source_id"] == self._last:
            return
        self._last = row["source_id"]
        self.count += 1
        if self.count <= _NAMED_IN_LOG:
            self.named.append(str(row["number"] or f"id {row['source_id']}"))

    def __str__(self) -> str:
        more = f" and {self.count - len(self.named)} more" if self.count > len(self.named) else ""
        return f"{counted(self.count, 'document|documents')}: {', '.join(self.named)}{more}"


@contextmanager
def _own_session(engine: Engine) -> Iterator[Connection]:
    """Give a connection outside the pool, each statement on its own: its temporary tables live as long as it does."""
    connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
    try:
        connection.detach()
        yield connection
    finally:
        connection.close()
