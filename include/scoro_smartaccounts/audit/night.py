"""One night of the audit: the steps that its tasks take. Each may be killed and repeated."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from scoro_smartaccounts.audit.asking import QUIET, Asking, NoRequestsLeft
from scoro_smartaccounts.audit.balancing import balance, settle_entries
from scoro_smartaccounts.audit.baseline import look_for_unseen, read_whole_list
from scoro_smartaccounts.audit.changes import BLIND, COMPLETE, INCOMPLETE, REFUSED, read_changes
from scoro_smartaccounts.audit.counting import count
from scoro_smartaccounts.audit.dated_before import read_dated_before
from scoro_smartaccounts.audit.hunting import hunt, requests_of_hunt
from scoro_smartaccounts.audit.reader import Reader
from scoro_smartaccounts.audit.registers import bring_forward
from scoro_smartaccounts.audit.returns import look_at_returns
from scoro_smartaccounts.audit.scoro import read_scoro
from scoro_smartaccounts.audit.sweeping import sweep
from scoro_smartaccounts.audit.tidying import tidy
from scoro_smartaccounts.audit.used_records import compare_used
from scoro_smartaccounts.common.reasons.spoken import counted
from scoro_smartaccounts.staging.audit_books import BooksList
from scoro_smartaccounts.staging.audit_nights import (
    Hunt,
    end_hunt,
    note_night,
    note_step,
    open_hunts,
    open_night,
    store_hunt,
)
from scoro_smartaccounts.staging.locks import session_lock
from scoro_smartaccounts.staging.statistics import refresh_statistics

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from scoro_smartaccounts.common.run import AuditRequest, Counts
    from scoro_smartaccounts.services import Services

log = logging.getLogger(__name__)

# States of a night that are not clean, the worst first.
_ALLOWED = "allowed"
_STATES = ("blind", "baseline", "incomplete", "no_balances")


def scoro(request: AuditRequest, services: Services) -> Counts:
    """Hold Scoro's lists against what is known of them."""
    with _opened(request, services):
        found = read_scoro(request, services)
        with services.engine.begin() as connection:
            note_night(
                connection,
                request.company.key,
                request.night,
                scoro_state=found.state,
                requests_scoro=found.requests,
            )
            note_step(connection, request.company.key, request.night, "scoro", found.evidence)
    return {"requests": found.requests}


def books(request: AuditRequest, services: Services) -> Counts:
    """Hold SmartAccounts' lists and ledger against what is known of them.

    Raises PutOff where balances were asked for within the hour: a night that is repeated waits for them.
    """
    with _opened(request, services) as reader:
        with services.engine.begin() as connection:
            # Should this end in an error, the night is no clean one.
            note_night(connection, request.company.key, request.night, state="incomplete")
        states = _lists(reader)
        with services.engine.connect() as connection:
            refresh_statistics(connection)
        if states is not None:
            _compare(reader, states)
            if states[BooksList.ENTRIES] == COMPLETE:
                reader.step("returns", look_at_returns)
            reader.step("used", compare_used)
        reader.step("tidied", lambda it: tidy(it))
        state = _state(request, services)
        used = reader.asking.used
        with services.engine.begin() as connection:
            note_night(connection, request.company.key, request.night, state=state, requests_smartaccounts=used)
    log.info("The books of %s: %s, with %s.", request.night, state, counted(used, "request|requests"))
    return {"requests": used}


def hunt_on(request: AuditRequest, services: Services) -> Counts:
    """Go on looking for what differs and is not named. Raises PutOff until balances may be asked for again."""
    with _opened(request, services) as reader:
        with services.engine.begin() as connection:
            night = open_night(connection, request.company.key, request.night, services.clock())
        looks = int(night.evidence.get("hunt", {}).get("looks", 0))
        if night.evidence.get("ledger", {}).get("state") != "differs":
            # What a balance differs by tells nothing while entries were not read to their end.
            return {"looks": looks}

        def keep(looks: int) -> None:
            with services.engine.begin() as connection:
                note_step(connection, request.company.key, request.night, "hunt", {"looks": looks})
                used = reader.asking.used
                note_night(connection, request.company.key, request.night, requests_smartaccounts=used)

        looks = hunt(reader, looks, keep)
        keep(looks)
    return {"looks": looks}


@contextmanager
def _opened(request: AuditRequest, services: Services) -> Iterator[Reader]:
    """Give the night's way to SmartAccounts, alone: another run of the same company waits."""
    company = request.company.key
    with services.engine.connect() as locking, session_lock(locking, company, "audit"):
        with services.engine.begin() as connection:
            night = open_night(connection, company, request.night, services.clock())
            evidence = dict(night.evidence)
            is_same = evidence.get("run") == {"key": request.run_key}
            if not is_same:
                # Another run of the same night begins anew.
                evidence = {"run": {"key": request.run_key}}
                note_night(connection, company, request.night, evidence=evidence, state="open", reported_at=None)

        def keep(most: int) -> None:
            with services.engine.begin() as connection:
                note_step(connection, company, request.night, _ALLOWED, {"most": most})

        allowed = evidence.get(_ALLOWED, {}).get("most", QUIET)
        yield Reader(request, services, Asking(services, allowed, keep), evidence)


def _lists(reader: Reader) -> dict[BooksList, str] | None:
    """Bring all lists forward; None while they are read for the first time."""
    first = {of: reader.step(f"baseline/{of}", lambda it, of=of: read_whole_list(it, of)) for of in BooksList}  # type: ignore[misc]
    unread = [of for of, found in first.items() if found["state"] not in (COMPLETE, REFUSED)]
    if unread:
        return None
    states = {}
    for of in BooksList:
        if first[of]["state"] == REFUSED:
            states[of] = REFUSED
        else:
            states[of] = reader.step(f"changes/{of}", lambda it, of=of: read_changes(it, of))["state"]  # type: ignore[misc]
    return states


def _compare(reader: Reader, states: Mapping[BooksList, str]) -> None:
    """Compare what changes do not tell. While something is not read to its end, or shows nothing, nothing is said."""
    seen = [of for of, state in states.items() if state == COMPLETE]
    if BLIND in states.values():
        return
    reader.step("register", lambda it: bring_forward(it, QUIET - 1))
    reader.step("unseen", lambda it: dict(zip(("looked", "left"), look_for_unseen(it, seen), strict=True)))
    reader.step("entries", lambda it: _spending(it, settle_entries, {"left": 1}))
    is_balanced = False
    if seen == list(states):
        found = reader.step("ledger", lambda it: _spending(it, balance, {"state": "unsettled"}))
        is_balanced = found["state"] in ("equal", "differs", "unsettled")
    if seen:
        nothing = {"list": "", "missing": 0}
        reader.step(
            "count", lambda it: _spending(it, lambda also: _count(also, seen, is_each=not is_balanced), nothing)
        )
    if INCOMPLETE not in states.values():
        if BooksList.ENTRIES in seen:
            reader.step("dated before", lambda it: _spending(it, lambda also: read_dated_before(also, seen), {}))
        # What is allowed beyond a quiet night is for what differs and has no name yet: for the hunt, and for the sweep.
        is_named = reader.evidence.get("ledger", {}).get("state") != "differs"
        # One is kept for an entry that the sweep shows to have changed.
        most = QUIET - 1 if is_named else reader.asking.allowed - requests_of_hunt(reader)
        reader.step("sweep", lambda it: sweep(it, seen, most))
        if BooksList.ENTRIES in seen:
            reader.step("entries again", lambda it: _spending(it, settle_entries, {"left": 1}))


def _spending(reader: Reader, do: Callable[[Reader], dict[str, Any]], otherwise: dict[str, Any]) -> dict[str, Any]:
    try:
        return do(reader)
    except NoRequestsLeft:
        return otherwise


def _count(reader: Reader, lists: list[BooksList], *, is_each: bool) -> dict[str, Any]:
    """Count one list a night in turn, or each where no balances are compared; first what was too short."""
    with reader.services.engine.connect() as connection:
        short = [BooksList(each.list) for each in open_hunts(connection, reader.company) if each.kind == "count"]
    night = reader.request.night
    turn = [lists[night.toordinal() % len(lists)]]
    found: dict[str, Any] = {}
    missing: dict[str, int] = {}
    for of in [of for of in short if of in lists] or (lists if is_each else turn):
        found = count(reader, of)
        with reader.services.engine.begin() as connection:
            if found["missing"]:
                missing[of.value] = found["missing"]
                store_hunt(
                    connection,
                    reader.company,
                    Hunt(of.value, "count", reader.first_day, night, {"missing": found["missing"]}),
                )
            else:
                end_hunt(connection, reader.company, of.value, "count")
    return {**found, "short": missing}


def _state(request: AuditRequest, services: Services) -> str:
    """Return what a night may say: `ok` only where everything was read and compared."""
    with services.engine.begin() as connection:
        evidence = open_night(connection, request.company.key, request.night, services.clock()).evidence
    found: dict[str, set[Any]] = {name.partition("/")[0]: set() for name in evidence}
    for name, step in evidence.items():
        found[name.partition("/")[0]].add(step.get("state"))
    of_ledger = evidence.get("ledger", {}).get("state")
    reasons = {
        "blind": BLIND in found.get("changes", ()) or _is_refused(evidence, but=BooksList.ENTRIES),
        "baseline": bool(found.get("baseline", set()) - {COMPLETE, REFUSED}),
        "incomplete": INCOMPLETE in found.get("changes", ())
        or of_ledger == "unsettled"
        or any(evidence.get(name, {}).get("left") for name in ("unseen", "entries", "entries again", "used"))
        or bool(evidence.get("count", {}).get("short"))
        or any(step.get("unreadable") for step in evidence.values()),
        "no_balances": of_ledger not in ("equal", "differs"),
    }
    return next((state for state in _STATES if reasons[state]), "ok")


def _is_refused(evidence: Mapping[str, Any], but: BooksList) -> bool:
    return any(
        evidence.get(f"{step}/{of}", {}).get("state") == REFUSED
        for of in BooksList
        if of is not but
        for step in ("baseline", "changes")
    )
