"""`resume`: the pause of a company's requests to SmartAccounts is lifted."""

from __future__ import annotations

from scoro_smartaccounts import budget
from scoro_smartaccounts.cli.output import CommandResult
from scoro_smartaccounts.cli.place import Place
from scoro_smartaccounts.common.clock import tallinn_text, utc_now


def resume(place: Place) -> CommandResult:
    """Lift the pause, where there is one; none is an answer too."""
    company = place.company.key
    until = budget.resume(place.engine, company, utc_now)
    said = (
        "Nothing is paused."
        if until is None
        else f"Requests to SmartAccounts are allowed again; they were paused until {tallinn_text(until)}. A task that"
        " waits goes on at the moment that its log names, or when it is cleared."
    )
    return CommandResult([said], {"company": company, "paused_until": until})
