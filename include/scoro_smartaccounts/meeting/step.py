"""Step 0 of the first preview: the meeting, and what later runs still tell of it."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from scoro_smartaccounts.common.company import Mode
from scoro_smartaccounts.common.errors import ConfigurationError, PutOff, TransientError
from scoro_smartaccounts.meeting.meet import has_met, meet, met_before, met_in
from scoro_smartaccounts.meeting.report import lines, write_page
from scoro_smartaccounts.staging.readings import any_consequence

if TYPE_CHECKING:
    from scoro_smartaccounts.common.run import RunRequest
    from scoro_smartaccounts.services import Services

log = logging.getLogger(__name__)


def meet_first(request: RunRequest, services: Services) -> None:
    """Meet the services in the first run of a company that only shows, or asks about, what it would book. What does not
    answer puts the rest of the meeting off to the next one; the run goes on."""
    if request.mode is Mode.IMPORT or request.flow.is_export:
        return
    with services.engine.begin() as connection:
        if has_met(connection, request.company.key):
            return
    try:
        meet(request.company, services, request.run_key)
    except (TransientError, PutOff, ConfigurationError) as trouble:
        log.warning("The services were not met to the end, the next run goes on: %s", trouble)


def tell_of_meeting(request: RunRequest, services: Services) -> None:
    """Tell the log what the meeting came to: all of it in the run that met, with a page for people; else what is
    contradicted with a consequence; in a run that books nothing whatever is not confirmed."""
    company, is_import = request.company.key, request.mode is Mode.IMPORT
    with services.engine.begin() as connection:
        if not has_met(connection, company) or (is_import and not any_consequence(connection, company)):
            return
        is_first = met_in(connection, company) == request.run_key
    met = met_before(request.company, services)
    later = met.consequential if is_import else met.open_or_contradicted
    rows = met.rows if is_first else later
    if rows:
        for line in lines(met, rows):
            log.info("%s", line)
    if is_first:
        log.info("What the services were seen to do: %s", write_page(met, services.output_folder))
