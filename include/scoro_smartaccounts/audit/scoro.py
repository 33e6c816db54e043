"""Scoro's side of a night: what was changed or deleted there after it was imported."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from scoro_smartaccounts.audit.asking import NoRequestsLeft
from scoro_smartaccounts.audit.scoro_asking import ScoroAsking
from scoro_smartaccounts.audit.scoro_content import UNREAD, modules_audited
from scoro_smartaccounts.audit.scoro_list import BASELINE, BLIND, INCOMPLETE, OK, SourceList, source_list
from scoro_smartaccounts.audit.scoro_locating import locate
from scoro_smartaccounts.audit.scoro_tidying import tidy_scoro
from scoro_smartaccounts.common.errors import BillingStopped, ConfigurationError, RequestRefused
from scoro_smartaccounts.common.reasons import Reason, phrase, reason
from scoro_smartaccounts.common.stored import mapping, whole_number
from scoro_smartaccounts.staging.audit_nights import known_mark, note_night, note_step, open_night, store_mark
from scoro_smartaccounts.staging.links import KIND_OF
from scoro_smartaccounts.staging.source_listings import known_listed, linked_listed, linked_unlisted, listed_with

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from scoro_smartaccounts.common.run import AuditRequest
    from scoro_smartaccounts.services import Services

log = logging.getLogger(__name__)

# What all lists of a site share: rows on a full page.
_SITE = "scoro"
_ASKED = "scoro_asked"
# The worst first.
_STATES = (BLIND, BASELINE, INCOMPLETE, OK)
# Of what a night keeps for lists that come after the one that is asked.
_A_LIST = 5
# Of what a night keeps for lists that are read for the first time, however much changes in the others.
_FIRST_READING = 15
# Imported records that no list showed, and those to be read in full, in a night.
_MOST_UNLISTED, _MOST_IN_FULL = 99, 250
# What was linked so long before a list was known was held against it then.
_OVERLAP = timedelta(days=2)
# Fewer that no list showed may have slipped from one page to another while it was read.
_HIDDEN = 3


@dataclass(frozen=True, slots=True)
class ScoroNight:
    """What a night can say of Scoro. `state` is one of those of a night; empty: Scoro was not asked. `requests`: those
    that were sent; `evidence`: what the report tells, as plain JSON."""

    state: str = ""
    requests: int = 0
    evidence: Mapping[str, Any] = field(default_factory=dict)


def read_scoro(request: AuditRequest, services: Services) -> ScoroNight:
    """Hold Scoro's lists against what is known of them; differences become drifts of the system `scoro`.

    May be killed anywhere and run again: what a list was counted at is kept, and requests of all tries count. Raises
    ConfigurationError where no list may be read, and as the client of Scoro does.
    """
    return _Reading(request, services).read()


def scoro_notes(evidence: Mapping[str, Any]) -> Iterator[Reason]:
    """Yield what the report says of Scoro's side, of the evidence of its night."""
    lists = {name: mapping(one) for name, one in mapping(evidence.get("lists")).items()}
    by_state = {
        state: [phrase(f"list_{name}") for name, one in lists.items() if one.get("state") == state] for state in _STATES
    }
    if by_state[BASELINE]:
        yield reason("scoro_baseline", count=sum(whole_number(one.get("known")) or 0 for one in lists.values()))
    if by_state[BLIND]:
        yield reason("scoro_blind", kinds=by_state[BLIND])
    off = {name: one["off"] for name, one in lists.items() if one.get("off")}
    for name, missing in off.items():
        yield reason("scoro_short", kinds=phrase(f"list_{name}"), count=missing)
    if by_state[INCOMPLETE] and not off:
        yield reason("scoro_incomplete", kinds=by_state[INCOMPLETE])


class _Reading:
    """One night's reading under way. `_found`: by list its state, how long it is shown to be and known to be."""

    def __init__(self, request: AuditRequest, services: Services) -> None:
        self._request = request
        self._services = services
        with services.engine.begin() as connection:
            self._night = open_night(connection, request.company.key, request.night, services.clock())
            # Should this end in an error, the night is no clean one.
            note_night(connection, request.company.key, request.night, scoro_state=INCOMPLETE)
            site = known_mark(connection, request.company.key, _SITE)
        used = int(self._night.evidence.get(_ASKED, {}).get("requests", 0))
        pages = site.detail
        self._asking = ScoroAsking(services.scoro, used, self._keep, pages.get("size"), pages.get("least", 0))
        self._lists = [
            source_list(services, request.company, module, flow, self._asking)
            for module, flow in modules_audited(request.company).items()
        ]
        self._found: dict[str, dict[str, Any]] = {}

    def read(self) -> ScoroNight:
        # Lists that are known first: what is read for the first time takes what is left, and never nothing.
        whole = [of for of in self._lists if of.mark.is_whole]
        share = 0 if len(whole) == len(self._lists) else _FIRST_READING
        for step in (self._agree, self._unlisted, self._off, self._in_full):
            for position, of in enumerate(whole):
                others = _A_LIST * (len(whole) - position - 1) if step == self._agree else 0
                self._asking.reserve = share + others
                if of.mark.is_whole:
                    self._guarded(of, step)
        first = [of for of in self._lists if not of.mark.is_whole]
        for position, of in enumerate(first):
            self._asking.reserve = _A_LIST * (len(first) - position - 1)
            self._guarded(of, self._baseline)
        self._keep_size()
        refusals = [one["refusal"] for one in self._found.values() if "refusal" in one]
        if len(refusals) == len(self._lists):
            raise refusals[0]
        with self._services.engine.begin() as connection:
            closed = tidy_scoro(connection, self._request.company.key, self._services.clock())
        return self._result(closed)

    def _guarded(self, of: SourceList, step: Callable[[SourceList], None]) -> None:
        """Take a step of a list; what it cannot do for want of requests or of rights, the night says."""
        found = self._found.setdefault(of.name, {"state": OK if of.mark.is_whole else BASELINE, "shown": None})
        if "refusal" in found:
            return
        try:
            step(of)
        except NoRequestsLeft:
            self._is_incomplete(of)
        except BillingStopped:
            raise
        except (ConfigurationError, RequestRefused) as refusal:
            log.warning("Scoro does not let %s be read: %s", of.module.name, refusal)
            found.update(state=BLIND, refusal=refusal)

    def _agree(self, of: SourceList) -> None:
        kept = self._night.evidence.get(of.name)
        if kept is None or kept.get("is_old"):
            kept = of.agree()
            self._keep_found(of, kept)
        self._found[of.name].update(kept)
        if kept["state"] == BLIND:
            # What changed shows nowhere but in the list itself.
            of.read_whole()

    def _keep_found(self, of: SourceList, found: Mapping[str, Any]) -> None:
        """Keep how a list stands: a task that is killed does not ask again."""
        with self._services.engine.begin() as connection:
            note_step(connection, self._request.company.key, self._request.night, of.name, found)

    def _unlisted(self, of: SourceList) -> None:
        """Look for imported records that no list ever showed: they are gone, or the filter on days hides them."""
        company, kind = self._request.company.key, KIND_OF[of.flow]
        with self._services.engine.connect() as connection:
            wanted = linked_unlisted(connection, company, of.module.name, kind, of.module.prefix, _MOST_UNLISTED)
        if not wanted:
            return
        known = of.known()
        there, gone = of.by_id(wanted)
        with of.taking() as taker:
            taker.never_listed(gone, "not_found_by_id")
        if len(wanted) == _MOST_UNLISTED:
            self._is_incomplete(of)
        with self._services.engine.connect() as connection:
            shown = known_listed(connection, company, of.module.name, there)
        hidden = [one for one in shown.values() if one.day and one.day >= of.first_day and of.is_long_known(one)]
        if len(hidden) >= _HIDDEN and not of.is_open:
            of.open()
            self._found[of.name].update(state=BASELINE, shown=None)
        elif of.known() != known and self._found[of.name]["shown"] is not None:
            # What was imported since it was counted.
            self._found[of.name].update(of.agree())

    def _off(self, of: SourceList) -> None:
        found = self._found[of.name]
        if found["shown"] is None or not of.mark.is_whole:
            return
        if of.known() != found["shown"]:
            # What is found from here on is not what was counted: a task that is killed counts again.
            self._keep_found(of, {"state": found["state"], "shown": found["shown"], "is_old": True})
            told = locate(of, found["shown"], may_appear=bool(of.mark.detail.get("is_settled")))
            self._keep_found(of, told)
            found.update(told)
        if of.known() == found["shown"]:
            if not of.mark.detail.get("is_settled") or "read" in of.mark.detail:
                of.note(is_settled=True, read=None)
        elif of.mark.is_whole:
            self._is_incomplete(of)

    def _is_incomplete(self, of: SourceList) -> None:
        if self._found[of.name]["state"] == OK:
            self._found[of.name]["state"] = INCOMPLETE

    def _in_full(self, of: SourceList) -> None:
        """Hold what was imported since against what is known of it, and read lines of what changed somehow."""
        company = self._request.company.key
        since = (of.mark.known_to or self._services.clock()) - _OVERLAP
        with of.taking() as taker:
            taker.judge_again(
                linked_listed(taker.connection, company, of.module.name, KIND_OF[of.flow], of.module.prefix, since)
            )
        with self._services.engine.connect() as connection:
            unread = listed_with(connection, company, of.module.name, "lines", UNREAD, _MOST_IN_FULL)
        rows = self._asking.in_full(of.module, unread)
        of.take(rows, "shown_as_changed")
        with self._services.engine.connect() as connection:
            if listed_with(connection, company, of.module.name, "lines", UNREAD, 1):
                self._is_incomplete(of)

    def _baseline(self, of: SourceList) -> None:
        if of.read_whole():
            self._found[of.name]["state"] = OK
            for step in (self._agree, self._unlisted, self._off, self._in_full):
                if of.mark.is_whole:
                    step(of)

    def _keep(self, requests: int) -> None:
        with self._services.engine.begin() as connection:
            note_step(connection, self._request.company.key, self._request.night, _ASKED, {"requests": requests})

    def _keep_size(self) -> None:
        with self._services.engine.begin() as connection:
            site = known_mark(connection, self._request.company.key, _SITE)
            detail = {"size": self._asking.size, "least": self._asking.least}
            store_mark(connection, self._request.company.key, replace(site, detail=detail))

    def _result(self, closed: int) -> ScoroNight:
        lists = {}
        for of in self._lists:
            found, known = self._found[of.name], of.known()
            shown = found["shown"]
            off = 0 if shown is None or not of.mark.is_whole else abs(known - shown)
            state = found["state"] if of.mark.is_whole or found["state"] == BLIND else BASELINE
            lists[of.module.name] = {"state": state, "known": known, "off": off}
        state = next(state for state in _STATES if any(one["state"] == state for one in lists.values()))
        return ScoroNight(state, self._asking.used, {"lists": lists, "closed": closed})
