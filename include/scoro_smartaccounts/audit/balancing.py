"""The night's comparison of the ledger with all entries that are known, and what follows from a difference."""

from __future__ import annotations

import logging
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from scoro_smartaccounts.audit.asking import ALARMED, NoRequestsLeft
from scoro_smartaccounts.audit.changes import COMPLETE, read_changes
from scoro_smartaccounts.audit.checksum import Compared, compare, read_balances
from scoro_smartaccounts.audit.counting import count
from scoro_smartaccounts.audit.explaining import entries_without, is_made_of
from scoro_smartaccounts.common.money import plain, told
from scoro_smartaccounts.common.reasons import reason
from scoro_smartaccounts.staging.audit_balances import known_bases, newest_balances
from scoro_smartaccounts.staging.audit_books import BooksList
from scoro_smartaccounts.staging.audit_ledger import followed_documents, outdated_entries, outdated_wages, vectors
from scoro_smartaccounts.staging.audit_nights import Hunt, end_hunt, known_mark, open_hunts, store_hunt
from scoro_smartaccounts.staging.drifts import (
    Drift,
    Found,
    close_drifts,
    note_drift,
    open_drifts,
    tell_otherwise,
)

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy import Connection

    from scoro_smartaccounts.audit.reader import Reader

log = logging.getLogger(__name__)

LEDGER_DIFFERS, LEDGER = "ledger_differs", "ledger"
# A search that ended without a name begins again after so long: what was read since may tell it.
SEARCHED_AGAIN = timedelta(days=7)


def settle_entries(reader: Reader) -> dict[str, Any]:
    """See to wages that changed, and to entries that do not follow from their documents: those whose documents changed
    and that did not show are read by their ids; for those that changed alone the documents are. `left`: what there were
    no requests for."""
    with reader.services.engine.connect() as connection:
        outdated = outdated_entries(connection, reader.company)
        days = outdated_wages(connection, reader.company) | reader.wage_days
    for day in sorted(days):
        reader.asking.allow(ALARMED)
        if reader.asking.left < 1:
            return {"left": len(days)}
        reader.read_wages(day)
    for entry_id in outdated:
        reader.asking.allow(ALARMED)
        if reader.asking.left < 1:
            return {"left": len(outdated)}
        reader.read_by_id(BooksList.ENTRIES, entry_id)
    with reader.services.engine.connect() as connection:
        suspected = [each for each in open_drifts(connection, reader.company) if each.state == "suspected"]
    for place, each in enumerate(suspected):
        if each.flow != BooksList.ENTRIES.value:
            continue
        reader.asking.allow(ALARMED)
        if reader.asking.left < 1:
            return {"left": len(suspected) - place}
        _settle(reader, each.remote_id)
    return {"left": 0}


def _settle(reader: Reader, entry_id: str) -> None:
    with reader.services.engine.connect() as connection:
        document = followed_documents(connection, reader.company, [entry_id]).get(entry_id)
    is_there = document is not None and reader.read_by_id(document.of, document.document_id)
    with reader.services.engine.connect() as connection:
        now = followed_documents(connection, reader.company, [entry_id]).get(entry_id)
    if is_there and now is not None and now.is_of_today and not now.is_changed:
        # Its document may have been saved twice meanwhile, and be as it was before: so may its entry.
        reader.read_by_id(BooksList.ENTRIES, entry_id)
    with reader.taking() as taker:
        taker.settle_entry(entry_id, is_there=is_there)


def balance(reader: Reader) -> dict[str, Any]:
    """Compare the ledger; `state`: `equal`, `differs`, `unsettled` (somebody worked meanwhile) or why there are no
    balances; `guarded`: accounts compared; `loose`: those that cannot be; `anew`: those that are compared anew."""
    read = read_balances(reader)
    if isinstance(read, str):
        return {"state": read}
    asked, balances = read
    reader.moves.clear()
    anew = sorted(reader.old_accounts)
    with reader.services.engine.connect() as connection:
        is_first = not known_bases(connection, reader.company)
    if is_first:
        reader.asking.allow(ALARMED)
        if not _is_still(reader):
            return {"state": "unsettled"}
    with reader.services.engine.begin() as connection:
        compared = compare(connection, reader.company, asked, balances, anew)
    state = "equal"
    if compared.difference:
        reader.asking.allow(ALARMED)
        try:
            state = _explain(reader, compared, asked)
        except NoRequestsLeft:
            state = "unsettled"
        if state == "unknown_entry":
            # What was deleted is from before the first import day: nobody knows what it moved.
            anew = sorted({*anew, *compared.difference})
            with reader.services.engine.begin() as connection:
                compare(connection, reader.company, asked, balances, anew)
            state = "equal"
    if state != "unsettled":
        with reader.services.engine.begin() as connection:
            reader.compared(connection)
    if state == "equal":
        with reader.services.engine.begin() as connection:
            close_difference(connection, reader.company, reader.services.clock())
    return {"state": state, "guarded": compared.guarded, "loose": compared.loose, "anew": anew}


def _is_still(reader: Reader) -> bool:
    """Whether nothing moved since the lists were read: what balances are beyond the entries is learned once, and what
    somebody did in between would be part of it for ever."""
    is_read = all(read_changes(reader, of)["state"] == COMPLETE for of in BooksList)
    if not is_read or settle_entries(reader)["left"] or count(reader, BooksList.ENTRIES)["missing"]:
        return False
    return not reader.moves


def accept_ledger(connection: Connection, company: str, drift: Drift) -> None:
    """Let the balances that were read last be right: a person knows what the difference is."""
    found = newest_balances(connection, company)
    if found is not None:
        compare(connection, company, found[0], found[1], drift.after)
    end_hunt(connection, company, LEDGER, "balance")


def _explain(reader: Reader, compared: Compared, asked: date) -> str:
    """Somebody who worked between two requests is seen when changes are read again; else an entry is gone, and the
    difference names it."""
    if read_changes(reader, BooksList.ENTRIES)["state"] != COMPLETE:
        return "unsettled"
    if reader.moves and is_made_of(compared.difference, reader.moves):
        return "equal"
    if reader.moves or reader.wage_days:
        # What moved since and what is wrong stand in one sum: the next night tells them apart.
        return "unsettled"
    with reader.services.engine.connect() as connection:
        known = vectors(connection, reader.company, list(compared.difference))
    for ids in entries_without(compared.difference, compared.unsigned, known):
        if _all_gone(reader, ids):
            return "equal"
    if reader.unknown_gone:
        return "unknown_entry"
    if _documents_moved(reader):
        return "equal" if is_made_of(compared.difference, reader.moves) else "unsettled"
    _tell(reader, compared, asked)
    return "differs"


def _documents_moved(reader: Reader) -> bool:
    """Whether documents changed meanwhile and their entries with them: some services do not show that of entries."""
    lists = [of for of in BooksList if of is not BooksList.ENTRIES]
    is_read = all(read_changes(reader, of)["state"] == COMPLETE for of in lists)
    return not is_read or bool(settle_entries(reader)["left"]) or bool(reader.moves)


def _all_gone(reader: Reader, entry_ids: Iterable[str]) -> bool:
    """Whether all of the entries are gone; each goes with its document."""
    for entry_id in entry_ids:
        with reader.services.engine.connect() as connection:
            document = followed_documents(connection, reader.company, [entry_id]).get(entry_id)
        if document is not None and not reader.read_by_id(document.of, document.document_id, "ledger_without_it"):
            continue
        if reader.read_by_id(BooksList.ENTRIES, entry_id):
            return False
        _settle(reader, entry_id)
    return True


def _tell(reader: Reader, compared: Compared, asked: date) -> None:
    """Tell that the ledger differs, and look for where: of a difference that stays, again after a while."""
    difference = {account: told(value) for account, value in sorted(compared.difference.items())}
    moved = [value for value in compared.difference.values() if value > 0] or list(compared.difference.values())
    amount = abs(sum(moved, Decimal(0)))
    wanted = Hunt(LEDGER, "balance", reader.first_day, asked, difference)
    with reader.services.engine.begin() as connection:
        before = next(iter(open_drifts(connection, reader.company, LEDGER_DIFFERS)), None)
        found = _differing(wanted, amount)
        if before is None or dict(before.after) != difference:
            note_drift(connection, reader.company, found, reader.services.clock())
        elif _is_searched(connection, reader):
            return
        else:
            tell_otherwise(connection, before.id, found.reason)
        store_hunt(connection, reader.company, wanted)


def _is_searched(connection: Connection, reader: Reader) -> bool:
    """Whether a search goes on, or ended a short while ago."""
    ended = known_mark(connection, reader.company, LEDGER).read_to
    return any(each.list == LEDGER for each in open_hunts(connection, reader.company)) or (
        ended is not None and reader.request.night < ended + SEARCHED_AGAIN
    )


def _differing(wanted: Hunt, amount: Decimal) -> Found:
    """Return what is told of a difference whose document is not known."""
    return Found(
        system="books",
        kind=LEDGER_DIFFERS,
        flow=BooksList.ENTRIES.value,
        reason=reason(
            "ledger_differs", accounts=list(wanted.difference), amount=plain(amount), first=wanted.lo, last=wanted.hi
        ),
        after=wanted.difference,
        amount=amount,
        currency="EUR",
        evidence="balances",
    )


def close_difference(connection: Connection, company: str, at: datetime) -> None:
    """Note that the ledger differs no more, and look for nothing."""
    of = BooksList.ENTRIES.value
    close_drifts(connection, company, "books", at, flow=of, remote_ids=[""])
    end_hunt(connection, company, LEDGER, "balance")
