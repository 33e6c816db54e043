"""`filed`, `reopened` and `book-into`: what people say of months and of documents that are late for theirs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from scoro_smartaccounts.cli.documents import case_shape
from scoro_smartaccounts.cli.output import CommandResult
from scoro_smartaccounts.cli.place import Place
from scoro_smartaccounts.cli.who import logged_in
from scoro_smartaccounts.common.clock import tallinn_day, utc_now
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.errors import WrongUsage
from scoro_smartaccounts.common.periods import Said, month_text
from scoro_smartaccounts.common.reasons import phrase, render
from scoro_smartaccounts.plan.entry_days import PERIOD_ASK
from scoro_smartaccounts.staging.answers import Choice
from scoro_smartaccounts.staging.periods import say
from scoro_smartaccounts.staging.quarantine import ID_PREFIX, choose

FIRST_OPEN_DAY = "first-open-day"


def say_of_month(place: Place, month: str, said: Said) -> CommandResult:
    """Keep that a month is filed, or open again."""
    with place.engine.begin() as connection:
        known = say(connection, place.company.key, _month(month), said, utc_now(), by=logged_in())
    state = known.state(tallinn_day(utc_now()))
    told = render(phrase(f"period_{state}"))
    return CommandResult(
        [f"{month}: {told} from now on. The next run goes by it."],
        {"company": place.company.key, "month": month, "state": state},
    )


def book_into(place: Place, where: str, numbers: Sequence[str], flow: Flow | None) -> CommandResult:
    """Answer on which day documents are entered; not done where one of the numbers is not asked about."""
    choice = Choice.FIRST_OPEN_DAY if where == FIRST_OPEN_DAY else Choice.OWN_MONTH
    month = "" if choice is Choice.FIRST_OPEN_DAY else month_text(_month(where))
    with place.engine.begin() as connection:
        decided = choose(connection, place.company.key, numbers, choice, code=PERIOD_ASK, month=month, flow=flow)
    found = {name for case in decided for name in (case.name, f"{ID_PREFIX}{case.source_id}")}
    missing = [number for number in numbers if number not in found]
    what = "on the first open day" if choice is Choice.FIRST_OPEN_DAY else f"into {where}"
    asked = f" for {where}" if month else ""
    return CommandResult(
        [
            *(f"{case.name} (id:{case.source_id}) is entered {what} by the next run." for case in decided),
            *(f"{number} is not asked about{asked}." for number in missing),
        ],
        {"company": place.company.key, "decided": [case_shape(case) for case in decided], "not_found": missing},
        done=not missing,
    )


def _month(text: str) -> date:
    match = re.fullmatch(r"(\d{4})-(\d{2})", text, re.ASCII)
    try:
        if match:
            return date(int(match[1]), int(match[2]), 1)
    except ValueError:
        pass
    raise WrongUsage(f"{text} is no month: write it as 2026-01")
