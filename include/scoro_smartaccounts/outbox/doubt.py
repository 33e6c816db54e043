"""What a run left in doubt: whether its load has to look again first, and when what is left can be told.

When a request whose answer was lost is dead for good, 20 minutes after it was signed, tells `mirror.twenty_minutes`.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.errors import StillInDoubt
from scoro_smartaccounts.flows import INVOICE_FLOWS
from scoro_smartaccounts.outbox.target import target_of
from scoro_smartaccounts.staging import runs
from scoro_smartaccounts.staging.intents import has_sent_in_doubt, open_intents, sent_in_vain
from scoro_smartaccounts.staging.links import Key, Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from sqlalchemy import Connection

    from scoro_smartaccounts.common.run import RunRequest
    from scoro_smartaccounts.services import Services

# A record that a run has sent this often without an answer is left to the next run.
_MOST_SENDS = 3


def left_in_doubt(request: RunRequest, services: Services) -> bool:
    """Whether an earlier try of this run's load left something in doubt, or died over it."""
    with services.engine.begin() as connection:
        return has_sent_in_doubt(connection, request.company.key, request.run_key) or (
            runs.was_loaded(connection, request) and bool(runs.in_doubt(connection, request))
        )


def put_off_what_is_in_doubt(request: RunRequest, services: Services) -> None:
    """Raise StillInDoubt where documents of the run are in doubt and time will tell what became of them. A record that
    was sent several times in vain is not waited for."""
    with services.engine.begin() as connection:
        documents = runs.in_doubt(connection, request)
        if not documents:
            return
        now = services.clock()
        moments = list(_moments(connection, request, now))
    if moments:
        what = f"{len(documents)} documents of this run are" if len(documents) > 1 else "A document of this run is"
        raise StillInDoubt(
            f"{what} in doubt: answers were lost. Whether the requests were carried out can be told later; then the"
            " run goes on.",
            until=max(moments),
        )


def _moments(connection: Connection, request: RunRequest, now: datetime) -> Iterator[datetime]:
    """When the open intents that the flow may wait for can be told, as far as that lies ahead."""
    company = request.company.key
    in_vain = sent_in_vain(connection, company, request.run_key)
    for item in open_intents(connection, company, *_KINDS[request.flow]):
        if in_vain.get((item.kind, item.source_id, item.part), 0) + 1 >= _MOST_SENDS:
            continue
        if (known_at := target_of(item.kind).shows_at(item.signed_at, now)) is not None:
            yield known_at


def records_in_doubt(
    connection: Connection, company: str, keys: Iterable[Key], contacts: Iterable[str] = ()
) -> set[tuple[Kind, str]]:
    """Which of these invoices and bills, and of the partners that these contacts are, are in doubt or wait for
    something that is."""
    found: set[tuple[Kind, str]] = set()
    ids: dict[Flow, list[str]] = defaultdict(list)
    for flow, source_id in keys:
        ids[flow].append(source_id)
    for flow, source_ids in ids.items():
        spec = INVOICE_FLOWS[flow]
        in_doubt = runs.documents_in_doubt(connection, company, flow, spec.partner_kind, source_ids)
        found |= {(spec.kind, source_id) for source_id in in_doubt}
    partners = open_intents(connection, company, *(spec.partner_kind for spec in INVOICE_FLOWS.values()))
    return found | {(item.kind, item.source_id) for item in partners if item.source_id in set(contacts)}


def _kinds_of_invoices(flow: Flow) -> set[Kind]:
    return {INVOICE_FLOWS[flow].kind, INVOICE_FLOWS[flow].partner_kind, Kind.ARTICLE}


# What documents of a flow may be in doubt for.
_KINDS: Mapping[Flow, set[Kind]] = {
    **{flow: _kinds_of_invoices(flow) for flow in INVOICE_FLOWS},
    Flow.PAYMENTS: {Kind.PAYMENT}.union(*map(_kinds_of_invoices, INVOICE_FLOWS)),
    Flow.EXPORT_PAYMENTS: {Kind.RECEIPT},
}
