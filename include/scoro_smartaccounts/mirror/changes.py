"""Whether the change queries of SmartAccounts can be believed: each must show one record that is known to have changed,
the witness.

No query asks for it alone: each reaches back as far as its last change, and shows it with what changed since. A list of
changes without the witness is blind, however quiet the night was. What is blind is not believed: whoever asked reads by
other means, and asks for changes again a day later. Where many records changed at the witness's moment, as an import of
a file leaves them, it has to show once a week.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from scoro_smartaccounts.common.clock import tallinn_day
from scoro_smartaccounts.smartaccounts.wire import day as day_of
from scoro_smartaccounts.staging.assumption_states import AssumptionState, known_state, note_state

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sqlalchemy import Connection

    from scoro_smartaccounts.mirror.pages import Page

    Pages = Sequence[Page[Any]]

log = logging.getLogger(__name__)

# A change query reaches back this far behind the last one.
OVERLAP = timedelta(minutes=20)
# The service's clock shows whole seconds.
TICK = timedelta(seconds=2)
# How long what is blind is not asked again, and what was read whole in its place counts as known.
A_DAY = timedelta(hours=24)
# With more than so many a list would take more than a request.
_MOST_SHOWN = 80
_LONG_PROOF = timedelta(days=7)
_SEEN, _BLIND = "seen", "blind"


@dataclass(frozen=True, slots=True)
class Witness:
    """A record that changed at a moment of the service's clock (None: after the last reading); `day`: that of a
    payment; `is_among_many`: a list that reaches back to it shows many others."""

    id: str
    changed_at: datetime | None = None
    day: date | None = None
    is_among_many: bool = False

    def is_telling(self, since: datetime) -> bool:
        """Whether a list by day, in the place of a list by change, would leave it out."""
        return self.day is None or self.day < tallinn_day(min(since, self.changed_at or since))


Found = tuple[datetime, Witness]


@dataclass(frozen=True, slots=True)
class Trust:
    """What is known of the change query of a list: who must show in it, whether somebody did not, when it was asked
    last, when all records were last read without it, and when it last showed the witness."""

    witness: Witness | None = None
    is_blind: bool = False
    asked_at: datetime | None = None
    whole_at: datetime | None = None
    shown_at: datetime | None = None

    def may_ask(self, now: datetime) -> bool:
        """Whether an answer would say more than it did a while ago."""
        return not self.is_blind or self.asked_at is None or now - self.asked_at >= A_DAY

    def since(self, synced_to: datetime, now: datetime) -> datetime:
        """Return the moment from which on changes are asked for: what changed after a list was read, and the
        witness."""
        back = synced_to - OVERLAP
        known = None if self.witness is None else self.witness.changed_at
        return back if known is None or self._rests(now) else min(back, known - TICK)

    def is_believed(self, pages: Pages, now: datetime) -> bool:
        """Whether a list of changes shows the witness, be it as deleted, or need not yet."""
        return self._rests(now) or self._is_shown(pages)

    def after_changes(self, pages: Pages, since: datetime, now: datetime) -> Trust:
        """Return what is known once a list of changes since a moment was believed."""
        best = _best(list(_witnesses(pages, since, now)))
        shown_at = self.shown_at
        if best is not None and (self.witness is None or best.id != self.witness.id):
            # It has to show in a list that reaches back to itself.
            shown_at = None
        elif not self._rests(now) and self._is_shown(pages):
            shown_at = now
        return replace(self, witness=best or self.witness, is_blind=False, asked_at=now, shown_at=shown_at)

    def after_all(self, register: str, pages: Pages, now: datetime, *, was_asked: bool) -> Trust:
        """Return what is known once all records were read; `was_asked`: since the changes did not show the witness.
        Where it is there all the same they are blind; where it is gone, another one takes its place."""
        # Who is read otherwise has not shown in a list of changes yet.
        known = replace(self, whole_at=now, asked_at=now if was_asked else self.asked_at, shown_at=None)
        is_there = self._is_shown(pages)
        if is_there and was_asked and not self.is_blind:
            log.warning(
                "SmartAccounts' changes of %s do not show a record that changed: they are not believed.", register
            )
        if is_there and (was_asked or self.is_blind):
            return replace(known, is_blind=True)
        newest = _best(list(_witnesses(pages, None, now)))
        return replace(known, witness=newest or (self.witness if is_there else None))

    def _is_shown(self, pages: Pages) -> bool:
        witness = self.witness
        return witness is not None and any(
            witness.id in page.deleted or any(each.id == witness.id for each in page.shown) for page in pages
        )

    def _rests(self, now: datetime) -> bool:
        """Whether the witness, with many others, was shown not long ago."""
        is_among_many = self.witness is not None and self.witness.is_among_many
        return is_among_many and self.shown_at is not None and now - self.shown_at < _LONG_PROOF


def known_trust(connection: Connection, company: str, register: str) -> Trust:
    """Return what is known of the change query of a register, or of payments."""
    state = known_state(connection, company, _key(register))
    if state is None:
        return Trust()
    kept = state.evidence
    witness = None
    if kept["id"]:
        witness = Witness(kept["id"], _moment(kept["changed_at"]), day_of(kept["day"]), bool(kept.get("is_among_many")))
    moments = (_moment(kept.get(name)) for name in ("asked_at", "whole_at", "shown_at"))
    return Trust(witness, state.reading == _BLIND, *moments)


def note_trust(connection: Connection, company: str, register: str, trust: Trust) -> None:
    """Keep what is known of a change query."""
    witness = trust.witness or Witness("")
    kept = {
        "id": witness.id,
        "changed_at": _written(witness.changed_at),
        "day": None if witness.day is None else witness.day.isoformat(),
        "is_among_many": witness.is_among_many,
        "asked_at": _written(trust.asked_at),
        "whole_at": _written(trust.whole_at),
        "shown_at": _written(trust.shown_at),
    }
    note_state(connection, company, _key(register), AssumptionState(_BLIND if trust.is_blind else _SEEN, kept))


def note_created(connection: Connection, company: str, register: str, record: Witness, now: datetime) -> None:
    """Let the next change query show what was just created, unless another witness would tell more."""
    trust = known_trust(connection, company, register)
    if trust.witness is None or record.is_telling(now):
        note_trust(connection, company, register, replace(trust, witness=record))


def blind_lists(connection: Connection, company: str, registers: Iterable[str]) -> list[str]:
    """Those of the lists whose changes are not believed."""
    return [register for register in registers if known_trust(connection, company, register).is_blind]


def _best(found: list[Found]) -> Witness | None:
    """Return the record that changed last, where possible of those that a list by day would not show, and with few
    others."""
    best = None
    for some in ([(at, each) for at, each in found if each.is_telling(at)], found):
        at, each = max(some, key=lambda item: (item[0], item[1].id), default=(None, None))
        if at is not None and each is not None:
            shown = sum(other >= at - TICK for other, _ in found)
            best = replace(each, is_among_many=shown > _MOST_SHOWN)
            if not best.is_among_many:
                break
    return best


def _witnesses(pages: Pages, since: datetime | None, now: datetime) -> Iterator[Found]:
    """Return what may be a witness: where the service does not show when a record changed, it did so since the list's
    moment."""
    for page in pages:
        for each in page.shown:
            changed_at = each.changed_at or since
            # The service's clock may be ahead of ours, but no record changes in days to come.
            if each.id and changed_at is not None and changed_at <= now + OVERLAP:
                yield changed_at, Witness(each.id, changed_at, each.day)


def _key(register: str) -> str:
    return f"changes/{register}"


def _moment(written: str | None) -> datetime | None:
    return None if written is None else datetime.fromisoformat(written)


def _written(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
