"""What changed in a list of SmartAccounts since the night before, believed only where a record shows that must show.

A change query reaches back to the newest change that is known, the canary: an answer without it is blind, never
"nothing happened". Where more changed than a night's requests can read, time is cut into slices, so that every night
brings the list forward.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from scoro_smartaccounts.audit.asking import ALARMED, WHOLE_LISTS, NoRequestsLeft
from scoro_smartaccounts.audit.reader import Reader, moment_text
from scoro_smartaccounts.common.clock import tallinn_day
from scoro_smartaccounts.common.errors import BillingStopped, ConfigurationError, RequestRefused
from scoro_smartaccounts.mirror.changes import OVERLAP, TICK
from scoro_smartaccounts.smartaccounts.queries import changed_between, changed_since
from scoro_smartaccounts.smartaccounts.wire import moment, text
from scoro_smartaccounts.staging.audit_books import BooksList, count_changed, newest_changed
from scoro_smartaccounts.staging.audit_ledger import all_made_before
from scoro_smartaccounts.staging.audit_nights import Mark, known_mark, store_mark

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from scoro_smartaccounts.smartaccounts.client import Answer

log = logging.getLogger(__name__)

# Of so many records that changed together, as after an import of a file, a canary need not show each night.
_MANY = 80
_RESTS = timedelta(days=7)
_DAY = timedelta(days=1)

COMPLETE, INCOMPLETE, BLIND, REFUSED = "complete", "incomplete", "blind", "refused"


def read_changes(reader: Reader, of: BooksList) -> dict[str, Any]:
    """Bring a list forward; its `state`, `known_to` and how many rows were read."""
    with reader.services.engine.connect() as connection:
        mark = known_mark(connection, reader.company, of.value)
    if mark.detail.get("behind"):
        reader.asking.allow(WHOLE_LISTS)
    reading = _Reading(reader, of, mark)
    try:
        state = reading.run()
    except NoRequestsLeft:
        state = INCOMPLETE
    except BillingStopped:
        raise
    except (ConfigurationError, RequestRefused) as refusal:
        log.warning("SmartAccounts refuses the changes of %s: %s", of, refusal)
        state = REFUSED
    reading.note_behind(is_behind=state == INCOMPLETE)
    return {"state": state, "known_to": moment_text(reading.mark.known_to), "rows": reading.rows}


class _Reading:
    def __init__(self, reader: Reader, of: BooksList, mark: Mark) -> None:
        self.reader = reader
        self.of = of
        self.mark = mark
        self.rows = 0
        self._canary: tuple[str, datetime] | None = None

    def run(self) -> str:
        since, is_tested = self._since()
        until = self._slice_end(since)
        while True:
            started = self.reader.services.clock()
            try:
                answers = self._window(since, until)
            except NoRequestsLeft:
                # A night that got nowhere leaves a shorter slice to the next one.
                self._halved(since, until)
                raise
            if answers is None:
                until = self._halved(since, until)
                self.reader.asking.allow(ALARMED)
                continue
            if self._is_filter_ignored(answers, since):
                return BLIND
            server_time = answers[0].server_time or started
            if is_tested and not self._shows_canary(answers):
                # It is asked for by its id: where it is there, or nothing shows, changes are not shown.
                if self.reader.read_by_id(self.of, self._canary_id()) and not self._changed_after(until):
                    log.warning("SmartAccounts' changes of %s do not show what changed: nothing is believed.", self.of)
                    return BLIND
                since, is_tested = self._since()
                continue
            is_tested = False
            self._take(answers, since, until or server_time)
            if until is None:
                return COMPLETE
            since = until - TICK
            until = self._longer(since, server_time)

    def note_behind(self, *, is_behind: bool) -> None:
        if bool(self.mark.detail.get("behind")) != is_behind:
            self._store(detail={**self.mark.detail, "behind": is_behind})

    def _since(self) -> tuple[datetime, bool]:
        """From when on changes are asked for, and whether the canary has to show then."""
        now = self.reader.services.clock()
        back = (self.mark.known_to or now) - OVERLAP
        with self.reader.services.engine.connect() as connection:
            newest = [] if self.of is BooksList.ENTRIES else newest_changed(connection, self.reader.company, self.of, 1)
            if newest:
                self._canary = newest[0]
            elif self.mark.canary_id and self.mark.canary_updated is not None:
                self._canary = self.mark.canary_id, self.mark.canary_updated
            else:
                self._canary = None
                return back, False
            among = count_changed(connection, self.reader.company, self.of, self._canary[1] - TICK)
        shown_at = self.mark.detail.get("shown_at")
        if among > _MANY and shown_at and now - datetime.fromisoformat(shown_at) < _RESTS:
            return back, False
        return min(back, self._canary[1] - TICK), True

    def _changed_after(self, until: datetime | None) -> bool:
        """Whether the canary has left a slice of time because it changed once more."""
        with self.reader.services.engine.connect() as connection:
            newest = newest_changed(connection, self.reader.company, self.of, 1)
        return until is not None and (not newest or newest[0][1] >= until - TICK)

    def _canary_id(self) -> str:
        return "" if self._canary is None else self._canary[0]

    def _window(self, since: datetime, until: datetime | None) -> list[Answer] | None:
        """All pages of what changed between two moments; None where it is more than may be read at once. Who reads
        several pages reads the last one twice: what changes meanwhile leaves the window, and another record slips past
        a border."""
        asked = changed_since(since) if until is None else changed_between(since, until)
        answers = [self.reader.read(self.of, asked)]
        if self._is_filter_ignored(answers, since):
            return answers
        while answers[-1].has_more:
            if self.reader.asking.left < 2 + self._others() and (until is None or until - since > TICK):
                self._keep(answers)
                return None
            answers.append(self.reader.read(self.of, asked, len(answers) + 1))
        if len(answers) > 1:
            again = self.reader.read(self.of, asked, len(answers))
            if _ids(again) != _ids(answers[-1]):
                self._keep(answers)
                return None
        return answers

    def _others(self) -> int:
        """Return how many requests the lists after this one need at least."""
        return len(BooksList) - 1 - list(BooksList).index(self.of)

    def _keep(self, answers: Sequence[Answer]) -> None:
        """Take what was read all the same: it is true, though not all."""
        for answer in answers:
            self.reader.take(self.of, answer.rows, "shown_as_changed", answer.deleted)

    def _take(self, answers: Sequence[Answer], since: datetime, known_to: datetime) -> None:
        self._keep(answers)
        rows = [row for answer in answers for row in answer.rows]
        self.rows += len(rows)
        canary = self._next_canary(rows, since)
        is_shown = self._shows_canary(answers)
        detail = {**self.mark.detail, **({"shown_at": self.reader.services.clock().isoformat()} if is_shown else {})}
        self._store(
            known_to=max(known_to, self.mark.known_to or known_to),
            canary_id=canary[0],
            canary_updated=canary[1],
            detail=detail,
        )

    def _next_canary(self, rows: Sequence[Mapping[str, Any]], since: datetime) -> tuple[str, datetime | None]:
        """Return a record that shows again in a query since the moment that is told with it. Entries do not tell when
        they changed: one that was just made did so with its document."""
        if self.of is BooksList.ENTRIES:
            ids = [text(row.get("id")) for row in rows]
            with self.reader.services.engine.connect() as connection:
                found = newest_changed(connection, self.reader.company, self.of, 1, made=ids)
            if found:
                return found[0]
        if self.mark.canary_id and self._canary is not None and self.mark.canary_id == self._canary[0]:
            shown = {text(row.get("id")) for row in rows}
            if self.mark.canary_id in shown:
                return self.mark.canary_id, self.mark.canary_updated
        last = next((text(row.get("id")) for row in reversed(rows) if text(row.get("id"))), "")
        return (last, since) if last else (self.mark.canary_id, self.mark.canary_updated)

    def _shows_canary(self, answers: Sequence[Answer]) -> bool:
        wanted = self._canary_id()
        return bool(wanted) and any(wanted in answer.deleted or wanted in _ids(answer) for answer in answers)

    def _is_filter_ignored(self, answers: Sequence[Answer], since: datetime) -> bool:
        """Whether rows show that changed on days before."""
        asked = tallinn_day(since)
        rows = [row for answer in answers for row in answer.rows]
        told = [at for row in rows if (at := moment(row.get("dateUpdated"))) is not None]
        with self.reader.services.engine.connect() as connection:
            is_page_of_old_ones = (
                self.of is BooksList.ENTRIES
                and answers[0].has_more
                and all_made_before(connection, self.reader.company, _ids(answers[0]), since - _DAY)
            )
        if is_page_of_old_ones or any(tallinn_day(at) < asked for at in told):
            log.warning("SmartAccounts' changes of %s show what did not change: nothing is believed.", self.of)
            return True
        return False

    def _slice_end(self, since: datetime) -> datetime | None:
        if self.mark.slice is None:
            return None
        end = since + timedelta(seconds=self.mark.slice)
        return end if end < self.reader.services.clock() - OVERLAP else None

    def _halved(self, since: datetime, until: datetime | None) -> datetime:
        width = max(((until or self.reader.services.clock()) - since) / 2, TICK)
        self._store(slice=int(width.total_seconds()))
        return since + width

    def _longer(self, since: datetime, now: datetime) -> datetime | None:
        width = timedelta(seconds=(self.mark.slice or 0) * 2)
        is_last = since + width >= now - OVERLAP
        self._store(slice=None if is_last else int(width.total_seconds()))
        return None if is_last else since + width

    def _store(self, **values: Any) -> None:
        self.mark = replace(self.mark, **values)
        with self.reader.services.engine.begin() as connection:
            store_mark(connection, self.reader.company, self.mark)


def _ids(answer: Answer) -> set[str]:
    return {text(row.get("id")) for row in answer.rows}
