"""Records as the services show them now, each held against what it was booked with before it is deleted."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Protocol

from scoro_smartaccounts.audit.content import SERVICES, record_of
from scoro_smartaccounts.common.clock import TALLINN
from scoro_smartaccounts.common.periods import MonthState
from scoro_smartaccounts.common.reasons import Phrase, phrase
from scoro_smartaccounts.mirror.payment_signs import KEY as SIGNS
from scoro_smartaccounts.mirror.payment_signs import Signs, as_magnitudes
from scoro_smartaccounts.mirror.payments import payment_hash
from scoro_smartaccounts.scoro.client import SYSTEM as SCORO
from scoro_smartaccounts.scoro.modules import RECEIPTS
from scoro_smartaccounts.smartaccounts.client import SYSTEM as SMARTACCOUNTS
from scoro_smartaccounts.smartaccounts.endpoints import PAYMENTS, deleting
from scoro_smartaccounts.smartaccounts.queries import (
    WITH_COMMENTS,
    WITH_ROWS,
    booked_from,
    by_id,
    changed_since,
    dated,
    page,
)
from scoro_smartaccounts.smartaccounts.wire import PaymentRow, UnreadableRow, amount, id_text, text
from scoro_smartaccounts.smartaccounts.words import SENT
from scoro_smartaccounts.staging.assumption_states import known_state
from scoro_smartaccounts.staging.audit_books import BooksList
from scoro_smartaccounts.staging.links import Kind
from scoro_smartaccounts.undo.comparing import fields_off, named_fields
from scoro_smartaccounts.undo.facts import (
    DOCUMENT_FLOWS,
    BookedOne,
    DocumentKey,
    booked_ones,
    known_periods,
    living_credits,
    paying,
    stocked,
    to_credit,
)
from scoro_smartaccounts.undo.stock import shown_movers, staged_movers

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from sqlalchemy import Connection

    from scoro_smartaccounts.common.documents import Flow
    from scoro_smartaccounts.common.errors import LimitReached
    from scoro_smartaccounts.common.run import UndoRequest
    from scoro_smartaccounts.services import Services
    from scoro_smartaccounts.staging.undo_plans import Step

# A row of a page that was read longer ago is read again by its id.
_FRESH = timedelta(minutes=5)
_A_PAGE = 100


@dataclass(frozen=True, slots=True)
class Shown:
    """A record as it is shown, equal to what was booked."""

    row: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Gone:
    """The record is not there any more."""


@dataclass(frozen=True, slots=True)
class Unlike:
    """The record is not as it was booked, or must not go for another reason: the words."""

    why: Phrase


class Way(Protocol):
    """How a kind of record is deleted, and where."""

    @property
    def system(self) -> str:
        """Where it is."""

    def reserve(self, services: Services) -> None:
        """Count a request that is about to leave. Raises BudgetExhausted."""

    def keep_still(self, services: Services, refusal: LimitReached, times: int) -> None:
        """Wait after a refusal because of the service's limit. Raises it where nothing is to be waited for."""

    def delete(self, services: Services, step: Step, signed_at: datetime) -> None:
        """Send the request, once. Raises as the client's write does."""


@dataclass(frozen=True, slots=True)
class _InSmartAccounts:
    service: str
    system: str = SMARTACCOUNTS

    def reserve(self, services: Services) -> None:
        services.budget.reserve(deleting(self.service))

    def keep_still(self, services: Services, refusal: LimitReached, times: int) -> None:
        services.budget.pause_after_refusal(times, refusal.retry_after)

    def delete(self, services: Services, step: Step, signed_at: datetime) -> None:
        operation, record = deleting(self.service), by_id(step.remote_id)
        services.smartaccounts.write(operation, b"{}", signed_at=signed_at, query=record)


@dataclass(frozen=True, slots=True)
class _InScoro:
    system: str = SCORO

    def reserve(self, services: Services) -> None:
        """Nothing: its client waits by itself."""

    def keep_still(self, services: Services, refusal: LimitReached, times: int) -> None:
        raise refusal

    def delete(self, services: Services, step: Step, signed_at: datetime) -> None:
        services.scoro.delete(RECEIPTS.name, step.remote_id)


def way_of(step: Step) -> Way:
    """Return how the record of a step is deleted."""
    if step.kind is Kind.RECEIPT:
        return _InScoro()
    return _InSmartAccounts(PAYMENTS if step.kind is Kind.PAYMENT else SERVICES[BooksList(step.flow.value)])


class Records:
    """The records of the steps that are left, read as few requests at a time as that takes."""

    def __init__(self, connection: Connection, request: UndoRequest, services: Services, steps: Sequence[Step]) -> None:
        self._connection = connection
        self._company = request.company
        self._services = services
        # Documents that nothing of the plan moves before are read page by page.
        alone = [step for step in steps if not step.after and step.kind not in (Kind.PAYMENT, Kind.RECEIPT)]
        self._waiting = alone
        self._booked: dict[DocumentKey, BookedOne] = {}
        with connection.begin():
            for flow in DOCUMENT_FLOWS:
                ids = [step.remote_id for step in steps if step.flow is flow]
                self._booked |= booked_ones(connection, request.company, flow, ids)
        self._rows: dict[tuple[str, str], tuple[datetime, Mapping[str, Any]]] = {}
        # Documents of which nothing is settled yet: they go, or say themselves why not.
        self._to_come = {(step.flow, step.remote_id) for step in steps}
        self._deleted: set[DocumentKey] = set()
        self._later: tuple[datetime, dict[Flow, list[Mapping[str, Any]]]] | None = None
        # Services of which something was seen: what they do not show is not there.
        self._showing: set[str] = set()

    def find(self, step: Step, *, was_sent: bool) -> Shown | Gone | Unlike:
        """Return the record of a step as it stands now. `was_sent`: a request to delete it may have left."""
        if step.kind is Kind.RECEIPT:
            return self._receipt(step)
        service = PAYMENTS if step.kind is Kind.PAYMENT else SERVICES[BooksList(step.flow.value)]
        row = self._row(step, service, afresh=was_sent)
        if row is None:
            if was_sent or self._is_gone(service, step.remote_id):
                return Gone()
            return Unlike(phrase("undo_not_shown", document=step.named))
        self._showing.add(service)
        try:
            return self._payment(step, row) if step.kind is Kind.PAYMENT else self._document(step, row)
        except UnreadableRow:
            return Unlike(phrase("undo_unknown", document=step.named))

    def settled(self, step: Step, *, is_gone: bool) -> None:
        """Note that nothing more happens to the record of a step."""
        self._to_come.discard((step.flow, step.remote_id))
        if is_gone:
            self._deleted.add((step.flow, step.remote_id))

    def _receipt(self, step: Step) -> Shown | Gone | Unlike:
        record = self._services.scoro.view(RECEIPTS.name, step.remote_id)
        if record is None or text(record.get("is_deleted")) in ("1", "True", "true"):
            return Gone()
        if step.fingerprint and RECEIPTS.content_hash(record) != step.fingerprint:
            return Unlike(phrase("undo_receipt_changed", document=step.named))
        return Shown(record)

    def _payment(self, step: Step, row: Mapping[str, Any]) -> Shown | Unlike:
        with self._connection.begin():
            known = known_state(self._connection, self._company.key, SIGNS)
            signs = Signs.UNKNOWN if known is None else Signs(known.reading)
            [shown] = as_magnitudes(self._connection, self._company.key, [PaymentRow.from_wire(row)], signs)
        if payment_hash(shown) != step.fingerprint:
            fields = named_fields(["payment"])
            return Unlike(phrase("undo_edited", document=step.named, fields=fields))
        return Shown(row)

    def _document(self, step: Step, row: Mapping[str, Any]) -> Shown | Unlike:
        one = self._booked[step.flow, step.remote_id]
        if (why := self._hindered(one)) is not None:
            return Unlike(why)
        of = BooksList(step.flow.value)
        content = record_of(of, row, self._services.scoro.company_account_id).content
        off = fields_off(of, one.booked.booking, one.body, one.known, content)
        if off:
            return Unlike(phrase("undo_edited", document=step.named, fields=named_fields(off)))
        total, there = amount(row.get("totalAmount")), amount(row.get("outstandingAmount"))
        if total is not None and there is not None and abs(total) != abs(there):
            return Unlike(phrase("undo_open_differs", document=step.named, there=abs(there), total=abs(total)))
        if any(row.get(name) for name in SENT):
            return Unlike(phrase("undo_sent", document=step.named))
        with self._connection.begin():
            stock = one.stock | stocked(self._connection, self._company, content["articles"])
        if stock and (why := self._moved_on(replace(one, stock=stock))) is not None:
            return Unlike(why)
        return Shown(row)

    def _moved_on(self, one: BookedOne) -> Phrase | None:
        """Return why a document must stay whose articles others move after it that do not go with it."""
        with self._connection.begin():
            movers = staged_movers(self._connection, self._company.key, one)
        later = self._booked_later()
        if one.remote_id not in {text(row.get("id")) for row in later[one.flow]}:
            # What does not show the document itself may leave out others.
            return phrase("undo_not_shown", document=one.named)
        for flow, rows in later.items():
            for code, keys in shown_movers(flow, rows, one).items():
                movers[code] |= keys
        going = {one.key} | self._to_come | self._deleted
        moved = sorted(code for code, keys in movers.items() if keys - going)
        return phrase("undo_stock", document=one.named, fields=moved) if moved else None

    def _booked_later(self) -> dict[Flow, list[Mapping[str, Any]]]:
        """Return all invoices and bills from the first day of the plan on, as they were shown some minutes ago at
        most."""
        now = self._services.clock()
        if self._later is None or now - self._later[0] > _FRESH:
            first = min(each.day for each in self._booked.values() if each.day is not None)
            found: dict[Flow, list[Mapping[str, Any]]] = {}
            for flow in DOCUMENT_FLOWS:
                asked = {**booked_from(first), **WITH_ROWS}
                pages = self._services.smartaccounts.pages(SERVICES[BooksList(flow.value)], **asked)
                found[flow] = [row for answer in pages for row in answer.rows]
            self._later = now, found
        return self._later[1]

    def _hindered(self, one: BookedOne) -> Phrase | None:
        """Return why a document must stay as things stand in staging: its month was closed, or it was credited."""
        with self._connection.begin():
            periods = known_periods(self._connection, self._company, one.flow, self._services.clock())
            credits = living_credits(self._connection, self._company, {one.key: one}).get(one.key)
        if one.day is not None and periods.state(one.day) is not MonthState.OPEN:
            return to_credit(one.named, one.day, periods)
        if credits:
            return phrase("undo_credited", document=one.named, documents=sorted(credits.values(), key=str))
        return None

    def _row(self, step: Step, service: str, *, afresh: bool) -> Mapping[str, Any] | None:
        if not afresh:
            self._read_ahead(step, service)
            known = self._rows.pop((service, step.remote_id), None)
            if known is not None and self._services.clock() - known[0] <= _FRESH and not self._is_paid(step):
                return known[1]
        asked = {**by_id(step.remote_id), **WITH_ROWS, **WITH_COMMENTS}
        answer = self._services.smartaccounts.read(service, **asked)
        return next((row for row in answer.rows if id_text(row) == step.remote_id), None)

    def _is_paid(self, step: Step) -> bool:
        """Whether payments of a document are known: another run may have booked one since its page was read."""
        with self._connection.begin():
            return bool(paying(self._connection, self._company, {(step.flow, step.remote_id)}))

    def _read_ahead(self, step: Step, service: str) -> None:
        """Read the next hundred documents that nothing moves before, where this one is among them, by their days."""
        if step not in self._waiting or (service, step.remote_id) in self._rows:
            return
        of_flow = [each for each in self._waiting if each.flow is step.flow]
        start = of_flow.index(step)
        some = of_flow[start : start + _A_PAGE]
        self._waiting = [each for each in self._waiting if each not in some]
        days = [day for each in some if (day := self._dated(each)) is not None]
        if len(some) < 2 or not days:
            return
        wanted = {each.remote_id for each in some}
        asked = {**dated(min(days), max(days) + timedelta(days=1)), **WITH_ROWS, **WITH_COMMENTS}
        # More pages than documents are dearer than each by its id.
        for number in range(1, len(some) + 1):
            answer = self._services.smartaccounts.read(service, **asked, **page(number))
            at = self._services.clock()
            found = {id_text(row): row for row in answer.rows}
            if found:
                self._showing.add(service)
            self._rows |= {(service, each): (at, found[each]) for each in wanted & found.keys()}
            wanted -= found.keys()
            if not wanted or not answer.has_more:
                return

    def _dated(self, step: Step) -> date | None:
        one = self._booked[step.flow, step.remote_id]
        return one.staged.day if one.staged is not None else one.day

    def _is_gone(self, service: str, record_id: str) -> bool:
        """Whether what is not shown is not there: the service shows others, or names it among what was deleted."""
        if service in self._showing:
            return True
        first = datetime.combine(self._company.first_import_date, time(), TALLINN)
        answer = self._services.smartaccounts.read(service, **changed_since(first), **page(1))
        if answer.rows:
            self._showing.add(service)
        return bool(answer.rows) or record_id in answer.deleted
