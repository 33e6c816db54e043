"""One document's whole life, as staging knows it: what `report.explain` writes as lines, for a page."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from scoro_smartaccounts.common.company import Mode
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.reasons import Reason
from scoro_smartaccounts.flows import INVOICE_FLOWS
from scoro_smartaccounts.page.queries.money import paid_by, settled_by, stories_of_payments
from scoro_smartaccounts.page.queries.people import names_of
from scoro_smartaccounts.page.queries.snapshots import SeenVersion, versions_of
from scoro_smartaccounts.scoro.modules import module_of
from scoro_smartaccounts.staging.approvals import read_approvals
from scoro_smartaccounts.staging.asked import answer_about
from scoro_smartaccounts.staging.changed_since_import import changes_of_document
from scoro_smartaccounts.staging.days_to_import import is_day_covered
from scoro_smartaccounts.staging.document_search import Standing, standings_of
from scoro_smartaccounts.staging.documents import read_documents, read_lines
from scoro_smartaccounts.staging.drifts import alarm_about
from scoro_smartaccounts.staging.findings import findings_of_document
from scoro_smartaccounts.staging.intents import intents_of
from scoro_smartaccounts.staging.ledger import verdicts_on
from scoro_smartaccounts.staging.links import KIND_OF, SENT_AS, Kind, StoredLink, links_of, links_to
from scoro_smartaccounts.staging.mirror_payments import mirrored_payments
from scoro_smartaccounts.staging.named_records import products_of
from scoro_smartaccounts.staging.plans import read_plans
from scoro_smartaccounts.staging.proposals import Decided, Pair, accepted_pairs
from scoro_smartaccounts.staging.quarantine import cases_of_document
from scoro_smartaccounts.staging.runs import visits
from scoro_smartaccounts.staging.undo_plans import undo_steps_of
from scoro_smartaccounts.staging.waiting import waits_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    from sqlalchemy import Connection

    from scoro_smartaccounts.common.company import Company
    from scoro_smartaccounts.page.queries.money import PaidBy, Settled
    from scoro_smartaccounts.staging.approvals import Approval
    from scoro_smartaccounts.staging.changed_since_import import LaterChange
    from scoro_smartaccounts.staging.documents import StagedDocument, StagedLine
    from scoro_smartaccounts.staging.drifts import Drift
    from scoro_smartaccounts.staging.findings import Finding
    from scoro_smartaccounts.staging.intents import Intent
    from scoro_smartaccounts.staging.ledger import Entry
    from scoro_smartaccounts.staging.links import Key
    from scoro_smartaccounts.staging.plans import Plan
    from scoro_smartaccounts.staging.quarantine import StoredCase
    from scoro_smartaccounts.staging.runs import Visit
    from scoro_smartaccounts.staging.undo_plans import UndoneStep


# What says no more than the word for how a run left a document, or than its state and its decisions.
_SAID_BY_OUTCOME = frozenset(
    {"created", "planned", "quarantined", "waiting", "dismissed", "deleted", "deleted.missing", "in_doubt"}
)


@dataclass(frozen=True, slots=True)
class Amounts:
    """What a side has of a document, in its currency; None where it does not say."""

    net: Decimal | None = None
    vat: Decimal | None = None
    rounding: Decimal | None = None
    total: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Booked:
    """A record of the target that stands for the document, or for a part of it; what came of holding it against the
    ledger, and its entry there. `story`: whose story tells of it too."""

    link: StoredLink
    remote_id: str
    amounts: Amounts
    verdict: str
    entry: Entry | None
    story: Key | None = None


@dataclass(frozen=True, slots=True)
class Who:
    """A contact or product, the record of SmartAccounts that stands for it, and how that is known. `said`: who decided
    that they are the same, where a person did."""

    link: StoredLink
    name: str
    said: Decided | None


@dataclass(frozen=True, slots=True)
class Life:
    """Everything about one document. `alarm`: that it was booked differently than planned, until somebody takes it so;
    `why`: what keeps it where it stands; `decided`: the case that a person decided about and that decides where it
    stands; `unread_day`: of one that no run took, that its day was not imported (`missing`), will not be
    (`before`) or cannot be yet (`ahead`);
    `settles`: what a payment pays; `body`: what is planned to be sent, as text for people; `answered`: who answered for
    it, and when."""

    flow: Flow
    document: StagedDocument
    standing: Standing
    alarm: Drift | None
    why: Reason | None
    decided: StoredCase | None
    unread_day: str
    partners: Sequence[str]
    amounts: Amounts
    lines: Sequence[StagedLine]
    versions: Sequence[SeenVersion]
    visits: Sequence[Visit]
    findings: Sequence[tuple[datetime, Finding]]
    cases: Sequence[StoredCase]
    who: Sequence[Who]
    plan: Plan | None
    body: str
    intents: Sequence[Intent]
    booked: Sequence[Booked]
    settles: Sequence[Settled]
    payments: Sequence[PaidBy]
    changes: Sequence[LaterChange]
    approval: Approval | None
    answered: tuple[str, datetime] | None
    undo: Sequence[UndoneStep]

    @property
    def is_invoice(self) -> bool:
        """Whether it has net and VAT."""
        return self.flow in INVOICE_FLOWS

    def told_by(self, visit: Visit) -> Reason | None:
        """Return what a run said of the document beyond how it left it."""
        return None if visit.why is None or visit.why.key in _SAID_BY_OUTCOME else visit.why


def tell(connection: Connection, company: Company, flow: Flow, source_id: str, today: date) -> Life | None:
    """Return the life of a document as it stands today (a Tallinn day); None where staging knows none."""
    key = company.key
    found = read_documents(connection, key, flow, [source_id])
    standing = standings_of(connection, key, flow, [source_id]).get(source_id)
    if not found or standing is None:
        return None
    row = found[0]
    cases = cases_of_document(connection, key, flow, source_id)
    plan = read_plans(connection, key, flow, [source_id]).get(source_id)
    approval = read_approvals(connection, key, flow, [source_id]).get(source_id)
    booked = _booked(connection, key, flow, source_id)
    there = [each.remote_id for each in booked if each.link.gone_at is None]
    seen = visits(connection, key, flow, source_id)
    settles = settled_by(connection, key, flow, [source_id]).get(source_id, []) if flow.is_payments else []
    payers = [row.partner_id] if row.partner_id else dict.fromkeys(each.partner_id for each in settles)
    return Life(
        flow=flow,
        document=row,
        standing=standing,
        alarm=alarm_about(connection, key, flow.value, source_id),
        why=_why(standing, cases, waits_of(connection, key, flow, [source_id]).get(source_id), approval),
        decided=_decided(standing, cases),
        unread_day=_unread_day(connection, company, row, today) if _is_untouched(standing, seen) else "",
        partners=sorted(names_of(connection, key, payers).values()),
        amounts=_of_scoro(row),
        lines=read_lines(connection, key, flow, [source_id]).get(source_id, []),
        versions=[] if flow.is_export else versions_of(connection, key, module_of(flow, source_id), source_id),
        visits=seen,
        findings=findings_of_document(connection, key, flow, source_id),
        cases=cases,
        who=_who(connection, key, flow, row),
        plan=plan,
        body="" if plan is None else _body(plan.payload),
        intents=intents_of(connection, key, SENT_AS[flow], source_id),
        booked=booked,
        settles=settles,
        payments=[] if flow.is_payments else paid_by(connection, key, (flow, source_id), there, row.currency),
        changes=changes_of_document(connection, key, flow, source_id),
        approval=approval,
        answered=answer_about(connection, key, flow, source_id),
        undo=undo_steps_of(connection, key, flow, source_id),
    )


def _why(
    standing: Standing, cases: Sequence[StoredCase], wait: Reason | None, approval: Approval | None
) -> Reason | None:
    if standing is Standing.QUARANTINED:
        return next((case.reason for case in reversed(cases) if case.state == "open"), None)
    if standing is Standing.WAITING:
        return wait
    return approval.reason if standing is Standing.DECLINED and approval is not None else None


def _decided(standing: Standing, cases: Sequence[StoredCase]) -> StoredCase | None:
    if standing not in (Standing.DISMISSED, Standing.RELEASED):
        return None
    return next((case for case in reversed(cases) if case.state == standing.value), None)


def _is_untouched(standing: Standing, seen: Sequence[Visit]) -> bool:
    """Whether no run, previews apart, has had anything to do with a document."""
    return standing is Standing.OPEN and all(each.mode == Mode.PREVIEW.value for each in seen)


def _unread_day(connection: Connection, company: Company, row: StagedDocument, today: date) -> str:
    if row.flow.is_export or row.day is None:
        return ""
    if is_day_covered(connection, company.key, row.flow, row.day):
        return ""
    if row.day < company.first_import_date:
        return "before"
    return "missing" if row.day < today else "ahead"


def _of_scoro(row: StagedDocument) -> Amounts:
    total = None if row.net is None else row.net + (row.vat or 0)
    return Amounts(net=row.net, vat=row.vat, total=total)


def _booked(connection: Connection, company: str, flow: Flow, source_id: str) -> list[Booked]:
    kind = KIND_OF.get(flow, Kind.PAYMENT)
    found = (links_to if flow.is_export else links_of)(connection, company, kind, [source_id])
    checked: Mapping[str, tuple[str, Entry | None]] = {}
    if not flow.is_export:
        checked = verdicts_on(connection, company, flow, [each.remote_id for each in found])
    booked = [
        Booked(
            link=each,
            remote_id=each.source_id if flow.is_export else each.remote_id,
            amounts=_answered(each.answer),
            verdict=checked.get(each.remote_id, ("", None))[0],
            entry=checked.get(each.remote_id, ("", None))[1],
        )
        for each in sorted(found, key=lambda each: each.linked_at)
    ]
    return _with_money(connection, company, flow, booked) if flow.is_payments else booked


def _with_money(connection: Connection, company: str, flow: Flow, booked: Sequence[Booked]) -> list[Booked]:
    """Return payments of the other system with what is known of them there; the answer to a write may not tell."""
    ids = [each.remote_id for each in booked]
    totals: dict[str, Decimal | None] = {}
    stories: dict[str, Key] = {}
    if flow.is_export:
        for group in read_documents(connection, company, Flow.PAYMENTS, ids):
            totals[group.source_id], stories[group.source_id] = group.net, (Flow.PAYMENTS, group.source_id)
    else:
        totals = {each.remote_id: each.amount for each in mirrored_payments(connection, company, ids).values()}
        own = stories_of_payments(connection, company, ids)
        stories = {payment_id: key for payment_id, key in own.items() if key[0] is Flow.EXPORT_PAYMENTS}
    return [
        replace(
            each,
            amounts=each.amounts if each.amounts.total is not None else Amounts(total=totals.get(each.remote_id)),
            story=stories.get(each.remote_id),
        )
        for each in booked
    ]


def _answered(answer: Mapping[str, Any]) -> Amounts:
    def amount(name: str) -> Decimal | None:
        try:
            return None if answer.get(name) in (None, "") else Decimal(str(answer[name]))
        except InvalidOperation:
            return None

    total = amount("totalAmount")
    if total is None:
        # Of a payment.
        return Amounts(total=amount("amount"))
    return Amounts(amount("amount"), amount("vatAmount"), amount("roundAmount"), total)


def _who(connection: Connection, company: str, flow: Flow, row: StagedDocument) -> list[Who]:
    spec = INVOICE_FLOWS.get(flow)
    partners = (spec.partner_kind,) if spec is not None else (Kind.CLIENT, Kind.VENDOR)
    contacts = [row.partner_id] if row.partner_id else []
    found = [each for kind in partners for each in links_of(connection, company, kind, contacts)]
    names = names_of(connection, company, contacts)
    products = products_of(connection, company, flow, [row.source_id])
    found += links_of(connection, company, Kind.ARTICLE, filter(None, products))
    said: dict[tuple[Kind, Pair], Decided] = {}
    for kind in {each.kind for each in found}:
        ids = [each.source_id for each in found if each.kind is kind]
        said |= {(kind, pair): who for pair, who in accepted_pairs(connection, company, kind, ids).items()}
    return [
        Who(
            each,
            "" if each.kind is Kind.ARTICLE else names.get(each.source_id, ""),
            said.get((each.kind, (each.source_id, each.remote_id))),
        )
        for each in found
    ]


# Texts of a body may name persons; what is booked with them is told by numbers, days, codes and amounts.
_TEXTS = frozenset({"description", "comment", "name", "clientName", "vendorName", "address", "email", "phone", "note"})


def _body(payload: str) -> str:
    try:
        return json.dumps(_shown(json.loads(payload)), ensure_ascii=False, indent=2)
    except ValueError:
        return "–"


def _shown(body: Any) -> Any:
    if isinstance(body, dict):
        return {name: "…" if name in _TEXTS and value else _shown(value) for name, value in body.items()}
    return [_shown(each) for each in body] if isinstance(body, list) else body
