"""One night's way to SmartAccounts: asks, takes what is shown, and keeps what each step did, so that a step that was
killed goes on where it was."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from scoro_smartaccounts.audit.asking import ALARMED, Asking
from scoro_smartaccounts.audit.content import SERVICES
from scoro_smartaccounts.audit.taking import Taken, Taker
from scoro_smartaccounts.common.errors import RequestRefused
from scoro_smartaccounts.smartaccounts.queries import WITH_COMMENTS, WITH_ROWS, by_id, entered, page
from scoro_smartaccounts.smartaccounts.wire import day as day_of
from scoro_smartaccounts.smartaccounts.wire import text
from scoro_smartaccounts.staging.audit_books import DOCUMENT_LISTS, WAGES, BooksList, newest_changed
from scoro_smartaccounts.staging.audit_nights import Mark, known_mark, note_step, store_mark

if TYPE_CHECKING:
    from datetime import date, datetime
    from decimal import Decimal

    from sqlalchemy import Connection

    from scoro_smartaccounts.common.run import AuditRequest
    from scoro_smartaccounts.services import Services
    from scoro_smartaccounts.smartaccounts.client import Answer

log = logging.getLogger(__name__)

# What waits for the next comparison of balances: accounts of old entries that changed, and deletions of unknown ones.
_CARRIED = "carried"

Step = Callable[["Reader"], Mapping[str, Any]]


@dataclass
class Reader:
    """What the steps of a night work with. `evidence`: what each that is done found; `old_accounts`: accounts of
    entries from before the first import day that changed tonight; `unknown_gone`: whether entries were deleted that
    nobody knew; `moves`: what entries moved that were taken; `wage_days`: whose wages are to be read again;
    `unreadable`: how many rows could not be read."""

    request: AuditRequest
    services: Services
    asking: Asking
    evidence: dict[str, Any] = field(default_factory=dict)
    old_accounts: set[str] = field(default_factory=set)
    unknown_gone: bool = False
    moves: list[dict[str, Decimal]] = field(default_factory=list)
    wage_days: set[date] = field(default_factory=set)
    unreadable: int = 0
    # Lists that showed some record in this task: only of these an empty answer tells that one is gone.
    _shown: set[BooksList] = field(default_factory=set)

    def __post_init__(self) -> None:
        with self.services.engine.begin() as connection:
            carried = known_mark(connection, self.company, _CARRIED).detail
        self.old_accounts = set(carried.get("old_accounts", ()))
        self.unknown_gone = bool(carried.get("unknown_gone"))

    @property
    def company(self) -> str:
        """The company's key."""
        return self.request.company.key

    @property
    def first_day(self) -> date:
        """From which day on the books are known as a whole."""
        return self.request.company.first_import_date

    def step(self, name: str, do: Step) -> Mapping[str, Any]:
        """Do a step of the night once, whatever is killed and repeated; what it found."""
        if name not in self.evidence:
            before = self.unreadable
            found = dict(do(self))
            if self.unreadable > before:
                found["unreadable"] = self.unreadable - before
            with self.services.engine.begin() as connection:
                note_step(connection, self.company, self.request.night, name, found)
            self.evidence[name] = found
        return dict(self.evidence[name])

    def params(self, of: BooksList) -> dict[str, str]:
        """Return how rows of a list are asked for in whole."""
        return {**WITH_ROWS, **(WITH_COMMENTS if of in DOCUMENT_LISTS else {})}

    def read(self, of: BooksList, params: Mapping[str, str], number: int = 1) -> Answer:
        """Read a page of a list. Raises NoRequestsLeft, or as the client's `read` does."""
        answer = self.asking.read(SERVICES[of], **self.params(of), **params, **page(number))
        if answer.rows:
            self._shown.add(of)
        return answer

    @contextmanager
    def taking(self) -> Iterator[Taker]:
        """Give what takes rows, within one transaction."""
        with self.services.engine.begin() as connection:
            yield self.taker(connection)

    def taker(self, connection: Connection) -> Taker:
        """Return what takes rows within a transaction."""
        return Taker(
            connection,
            self.company,
            self.services.scoro.company_account_id,
            self.services.clock(),
            self.first_day,
        )

    def take(self, of: BooksList, rows: Iterable[Mapping[str, Any]], evidence: str, gone: Iterable[str] = ()) -> Taken:
        """Take rows and deletions in one transaction. A difference lets the night ask for more."""
        rows, gone = list(rows), list(gone)
        if not rows and not gone:
            return Taken()
        with self.taking() as taker:
            result = taker.take(of, rows, evidence)
            lost = taker.gone(of, gone, "shown_as_deleted")
            self._note(taker.connection, of, result, lost)
        result.drifts += lost.drifts
        return result

    def compared(self, connection: Connection) -> None:
        """Forget what only changes showed, and the comparison of balances that was just made took into account."""
        self.old_accounts, self.unknown_gone = set(), False
        store_mark(connection, self.company, Mark(_CARRIED))

    def _note(self, connection: Connection, of: BooksList, *results: Taken) -> None:
        """See to what comes of records that were taken, in their transaction: no later reading shows it again."""
        for result in results:
            if result.drifts:
                self.asking.allow(ALARMED)
            self.old_accounts |= result.old_accounts
            self.moves += result.moves
            self.unknown_gone = self.unknown_gone or (of is BooksList.ENTRIES and bool(result.unknown_gone))
            self.wage_days |= result.wage_days
            self.unreadable += result.unreadable
        if any(result.old_accounts or result.unknown_gone for result in results):
            carried = {"old_accounts": sorted(self.old_accounts), "unknown_gone": self.unknown_gone}
            store_mark(connection, self.company, Mark(_CARRIED, detail=carried))

    def read_wages(self, day: date) -> None:
        """Read all wages of a day: of single ones nothing is kept."""
        answer = self.read(BooksList.ENTRIES, {**entered(day, day + timedelta(days=1)), "docType": WAGES})
        # A day more is asked for: nobody says whether the last one counts.
        rows = [row for row in answer.rows if text(row.get("docType")) == WAGES and day_of(row.get("date")) == day]
        with self.taking() as taker:
            moved = taker.take_wages(day, rows)
        if moved:
            self.moves.append(moved)
        self.wage_days.discard(day)

    def read_by_id(self, of: BooksList, record_id: str, evidence: str = "not_found_by_id") -> bool:
        """Read one record wherever it stands, and take it as it is shown, or as gone; whether it is there, or nobody
        can tell: a service that shows no other record either tells of none."""
        rows = self._of_id(of, record_id)
        if not rows and not self._shows_others(of, record_id):
            log.warning("SmartAccounts shows no record of %s: that one does not show says nothing.", of)
            return True
        with self.taking() as taker:
            result = taker.take(of, rows, "shown_by_id") if rows else taker.gone(of, [record_id], evidence)
            self._note(taker.connection, of, result)
        return bool(rows)

    def _of_id(self, of: BooksList, record_id: str) -> list[Mapping[str, Any]]:
        try:
            answer = self.read(of, by_id(record_id))
        except RequestRefused:
            # Some services refuse an id that they do not know.
            return []
        return [row for row in answer.rows if text(row.get("id")) == record_id]

    def _shows_others(self, of: BooksList, record_id: str) -> bool:
        """Whether a service shows records at all: it did in this task, or shows one that is known. Where none is
        known, there is nothing that could be taken for gone by mistake but this one."""
        if of not in self._shown:
            with self.services.engine.connect() as connection:
                others = (key for key, _ in newest_changed(connection, self.company, of, 2))
                other = next((key for key in others if key != record_id), None)
            if other is not None and not self._of_id(of, other):
                return False
        return True


def moment_text(moment: datetime | None) -> str | None:
    """Return a moment as evidence has it."""
    return None if moment is None else moment.isoformat()
