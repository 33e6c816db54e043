"""What the planners of all flows share: a run's documents in parts, and what is stored of their fates."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from scoro_smartaccounts.common.company import Mode
from scoro_smartaccounts.common.culprits import problem_of
from scoro_smartaccounts.common.reasons import Severity, Step, codes_of
from scoro_smartaccounts.outbox.comparison import close_document
from scoro_smartaccounts.outbox.protocol import payload_hash
from scoro_smartaccounts.plan.fates import Booked, Fates, Refused, Waiting
from scoro_smartaccounts.staging import runs
from scoro_smartaccounts.staging.findings import drop_findings, store_findings
from scoro_smartaccounts.staging.plans import NewPlan, store_plans
from scoro_smartaccounts.staging.quarantine import open_case, resolve
from scoro_smartaccounts.staging.set_aside import without_culprits
from scoro_smartaccounts.staging.waiting import BASE_NOT_BOOKED, note_waiting

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from sqlalchemy import Connection

    from scoro_smartaccounts.common.reasons import Phrase
    from scoro_smartaccounts.common.run import Counts, RunRequest
    from scoro_smartaccounts.plan.fates import Adopted, FoundLater
    from scoro_smartaccounts.services import Services
    from scoro_smartaccounts.staging.findings import Finding

UNEXPECTED = "unexpected_when_planned"
# Cases that this step opens, and therefore closes.
PLAN_CODES = codes_of(Step.PLAN, Severity.ERROR)
# What this step lets documents wait for.
WAIT_CODES = codes_of(Step.PLAN, Severity.WAIT)
# What it finds worth a look.
NOTED_CODES = codes_of(Step.PLAN, Severity.WARNING)


def plan_in_parts(
    connection: Connection, request: RunRequest, source_ids: Sequence[str], plan_part: Callable[[list[str]], Counts]
) -> Counts:
    """Plan a run's documents, all at once or, where one of them brings the step down, in parts without it; the run is
    marked as planned."""
    counts: Counts = {}

    def add(more: Mapping[str, int]) -> None:
        for name, count in more.items():
            counts[name] = counts.get(name, 0) + count

    aside = without_culprits(connection, request, source_ids, UNEXPECTED, lambda part: add(plan_part(part)))
    if aside:
        add({"quarantined": aside})
    with connection.begin():
        runs.mark(connection, request, "planned", counts)
    return counts


def see_what_is_there(
    connection: Connection,
    request: RunRequest,
    fates: Fates[Any],
    linked: Iterable[str],
    made_now: Mapping[str, Adopted | FoundLater],
) -> None:
    """Close what is linked. Its fate is that it was there before, unless `made_now` tells how this run came to it.
    Within the caller's transaction."""
    there: Fates[Any] = Fates({source_id: made_now.get(source_id, Booked()) for source_id in linked})
    fates.update(there)
    close_document(connection, request, list(there))
    runs.set_outcomes(connection, request, there.outcomes())


def text_and_hash(body: Any) -> tuple[str, str]:
    """Return a body as it is sent, and the hash of that."""
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return text, payload_hash(text)


def store_planned(
    connection: Connection,
    request: RunRequest,
    services: Services,
    fates: Fates[Any],
    plans: Iterable[NewPlan],
    named: Callable[[str], Phrase],
) -> None:
    """Store what is to be sent. What cannot be stored is refused, and called by what `named` gives."""
    for item, problem in store_plans(connection, request, plans, at=services.clock()):
        why = problem_of(problem, named(item.source_id), UNEXPECTED, request.flow.source)
        fates[item.source_id] = Refused(why.reason)


def store_noted(
    connection: Connection,
    request: RunRequest,
    findings: Iterable[Finding],
    batch: Iterable[str],
    *,
    is_whole: bool,
    codes: Collection[str] = NOTED_CODES,
) -> None:
    """Replace what the run found of `codes`: all of it, or where a part of it is planned, what is about this batch."""
    if not is_whole:
        drop_findings(connection, request, batch, codes)
    store_findings(connection, request, findings, codes=codes if is_whole else ())


def store_fates(
    connection: Connection,
    request: RunRequest,
    fates: Fates[Any],
    *,
    went_on: Iterable[str],
    asked: str = "",
    batch: Collection[str] = (),
    waits: Collection[str] = WAIT_CODES,
) -> None:
    """Store cases, waits and outcomes. `went_on`: whose cases are closed, but in a preview those of the code `asked`:
    it does not use up the answer of a person. Those of `batch` wait for none of the codes `waits` any more, unless
    their fate says so."""
    is_preview = request.mode is Mode.PREVIEW
    refused = fates.reasons(Refused)
    resolve(connection, request, went_on, codes=PLAN_CODES - {asked} if is_preview else PLAN_CODES)
    if batch and not is_preview:
        note_waiting(connection, request, fates.reasons(Waiting), batch=batch, codes=waits)
        # What a person must see to waits for nothing else; of plans, the load step knows whether the base is there.
        note_waiting(connection, request, {}, batch=refused, codes=[BASE_NOT_BOOKED])
    open_case(connection, request, refused)
    runs.set_outcomes(connection, request, fates.outcomes())
