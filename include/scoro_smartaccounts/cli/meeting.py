"""`meet`: what both services are assumed to do, held against what they show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scoro_smartaccounts.cli.output import CommandResult
from scoro_smartaccounts.common.clock import utc_now
from scoro_smartaccounts.common.run import ReconcileRequest
from scoro_smartaccounts.meeting import report
from scoro_smartaccounts.meeting.meet import meet as meet_services

if TYPE_CHECKING:
    from scoro_smartaccounts.cli.place import Place


def meet(place: Place) -> CommandResult:
    """Ask what is not known yet, at most 29 requests to SmartAccounts and 22 to Scoro in all, and report all of it."""
    from scoro_smartaccounts.orchestration.services import open_services

    request = ReconcileRequest(place.company, f"meet/{utc_now():%Y-%m-%dT%H:%M:%S}")
    with open_services(request, place.engine) as services:
        met = meet_services(place.company, services, request.run_key)
        page = report.write_page(met, services.output_folder)
    return CommandResult([*report.lines(met, met.rows), page], {**report.shape(met), "page": page})
