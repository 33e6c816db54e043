"""A list of Scoro is not as long as it is known to be → which records are gone, or appeared without a word."""

from __future__ import annotations

import logging
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from scoro_smartaccounts.audit.scoro_asking import FilterIgnored
from scoro_smartaccounts.audit.scoro_list import BASELINE, INCOMPLETE, OK
from scoro_smartaccounts.scoro.queries import dated
from scoro_smartaccounts.scoro.rows import day_of, id_of
from scoro_smartaccounts.staging.assumption_states import AssumptionState, known_state, note_state
from scoro_smartaccounts.staging.source_listings import gone_in_staging, known_listed, listed_between

if TYPE_CHECKING:
    from scoro_smartaccounts.audit.scoro_list import SourceList

log = logging.getLogger(__name__)

_DAY = timedelta(days=1)
# Known records of days that one page holds, with those of a day more.
_ON_A_PAGE = 90
# So often it is looked for and counted again in a night.
_TRIES = 3
# Nights on which halving found nothing although the list was off: then the filter on days is not trusted any more.
_MOST_VAIN = 2
DELETED_FILTER = "scoro_deleted_filter"


def locate(of: SourceList, shown: int, *, may_appear: bool) -> dict[str, Any]:
    """Find what a list of this length lacks, or has more; how it stands afterwards, as `agree` tells it.

    People may work while it is looked for: what was found may be another record than the one that made the list too
    short. So it is counted again until it is as long as it is known to be. `may_appear`: whether what nobody knew is
    told. Raises NoRequestsLeft, or as the client's `page` does.
    """
    found: dict[str, Any] = {"state": OK, "shown": shown}
    for _ in range(_TRIES):
        is_read_whole = of.is_open or "read" in of.mark.detail
        before = found["shown"]
        try:
            is_told = _search(of, before, may_appear=may_appear)
        except FilterIgnored:
            of.open()
        if not of.mark.is_whole:
            return {"state": BASELINE, "shown": None}
        if "read" in of.mark.detail:
            break
        found = of.agree()
        if found["shown"] is None:
            return found
        if of.known() == found["shown"]:
            of.note(vain=None)
            return found
        if is_read_whole:
            break
        if not is_told and found["shown"] == before:
            # Nobody worked: to look once more would tell the same.
            _in_vain(of)
            break
    return {"state": INCOMPLETE, "shown": found["shown"]}


def _search(of: SourceList, shown: int, *, may_appear: bool) -> bool:
    """Look where it costs least first, until the list is as long as it is known to be; whether that told anything."""
    before = of.known()
    if of.known() > shown:
        _of_deletions(of)
    if of.known() > shown:
        with of.services.engine.connect() as connection:
            told = gone_in_staging(connection, of.company.key, of.module.name, of.flow, of.module.prefix)
        of.by_id(told)
    if of.known() == shown:
        return True
    if of.is_open or "read" in of.mark.detail:
        of.read_whole()
        return True
    while of.known() != shown and _halve(of, shown, may_appear=may_appear):
        pass
    return of.known() != before


def _in_vain(of: SourceList) -> None:
    """Note that halving found nothing, though the list is off."""
    vain = int(of.mark.detail.get("vain", 0)) + 1
    of.note(vain=vain)
    if vain >= _MOST_VAIN:
        of.open()


def _of_deletions(of: SourceList) -> None:
    """Ask for what Scoro shows as deleted, where it is not known to be unable to tell."""
    key = f"{DELETED_FILTER}/{of.module.name}"
    with of.services.engine.connect() as connection:
        state = known_state(connection, of.company.key, key)
    if state is not None and state.reading != "works":
        return
    reading, rows = of.asking.deleted(of.module)
    with of.services.engine.begin() as connection:
        known = known_listed(connection, of.company.key, of.module.name, filter(None, map(id_of, rows)))
        if reading:
            note_state(connection, of.company.key, key, AssumptionState(reading, {"rows": len(rows)}))
    if reading == "works":
        of.take([row for row in rows if id_of(row) in known], "shown_as_deleted")


def _halve(of: SourceList, shown: int, *, may_appear: bool) -> bool:
    """Find days that are off by the length of the list from a day on, and read them; whether that told anything."""
    days = [(day or of.first_day, number) for day, number in of.days()]
    low, high = 0, len(days)
    # How many of the list are off from the day `high` on: what is off in all lies before.
    off_behind = 0
    while high - low > 1 and sum(number for _, number in days[low:high]) > _ON_A_PAGE:
        middle = _middle(days, low, high)
        behind = sum(number for _, number in days[middle:])
        day = days[middle][0]
        off = behind - of.asking.length(of.module, behind, of.from_day(day), of.is_from(day))
        if off == off_behind:
            high = middle
        else:
            low = middle
    first = days[low][0] if low else of.first_day
    last = days[high][0] - _DAY if high < len(days) else None
    before = of.known()
    _compare(of, first, last, may_appear=may_appear)
    return of.known() != before


def _compare(of: SourceList, first: date, last: date | None, *, may_appear: bool) -> None:
    """Read all that is dated on these days, and ask for what does not show by its id."""
    beyond = None if last is None else last + _DAY
    wanted = of.from_day(first) if last is None else dated(first, last)
    pages = of.asking.pages(
        of.module,
        wanted,
        lambda row: (day := day_of(row)) is None or (first <= day and (beyond is None or day <= beyond)),
    )
    rows = [row for page in pages for row in page]
    with of.services.engine.connect() as connection:
        known = listed_between(connection, of.company.key, of.module.name, first, last)
    result = of.take(rows, "shown_as_changed")
    of.by_id(known - result.there)
    if may_appear and result.new:
        with of.taking() as taker:
            shown = known_listed(taker.connection, of.company.key, of.module.name, result.new)
            # Of what changed since they were read, changes will tell.
            taker.appeared([key for key, one in shown.items() if of.is_long_known(one)], "its_day_shows_it")


def _middle(days: list[tuple[date, int]], low: int, high: int) -> int:
    """Return where half of the records of these days lie before."""
    half, seen = sum(number for _, number in days[low:high]) / 2, 0
    for position in range(low, high - 1):
        seen += days[position][1]
        if seen >= half:
            return position + 1
    return high - 1
