"""Open intents: what became of requests whose answers never came.

Presence settles at once. Absence counts only where the reading proves it: long enough after the intent's timestamp, and
complete. How a record is read and recognised, its flow says.
"""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from scoro_smartaccounts.outbox.target import target_of
from scoro_smartaccounts.staging.intents import State, claim_intent, close_intent, open_intents
from scoro_smartaccounts.staging.links import Link, store_links

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from sqlalchemy import Connection

    from scoro_smartaccounts.common.run import RunRequest
    from scoro_smartaccounts.services import Services
    from scoro_smartaccounts.staging.intents import Intent
    from scoro_smartaccounts.staging.links import Kind

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Settled:
    """How many open intents were found applied, were proven never applied, and are still in doubt. `booked`: source ids
    of the flow's own records that were found; `unclear`: by source id, the records of which a person must say which one
    it is."""

    present: int = 0
    absent: int = 0
    in_doubt: int = 0
    booked: frozenset[str] = frozenset()
    unclear: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Found:
    """What a request made: its id at the target, and the link that says so."""

    remote_id: str
    link: Link


class Recognition(Protocol):
    """How a flow recognises what its requests made. `what` names them in the log; `kind` is that of its own records,
    `kinds` are all that it may have sent."""

    what: str
    kind: Kind
    kinds: Collection[Kind]

    def read(self, intents: Sequence[Intent]) -> None:
        """Read at the target what these requests may have made. No transaction is open."""

    def find(self, connection: Connection, intent: Intent) -> Found | Sequence[str]:
        """Return what the request made; the ids of the records where it may be one of several; empty: none."""

    def proves_absence(self, connection: Connection, intent: Intent) -> bool:
        """Whether the request, of which nothing was found, was never applied and never will be."""

    def booked(self, connection: Connection, found: Found) -> None:
        """Note what follows from a record of its own that was found."""


def settle(connection: Connection, request: RunRequest, services: Services, way: Recognition) -> Settled:
    """Read what is needed and decide on the open intents of a flow, except those that are being sent right now."""
    company = request.company.key
    with connection.begin():
        intents = open_intents(connection, company, *way.kinds)
    if not intents:
        return Settled()
    way.read(intents)
    fates: Counter[str] = Counter()
    booked: set[str] = set()
    unclear: dict[str, Sequence[str]] = {}
    for item in intents:
        with connection.begin():
            if not claim_intent(connection, company, item):
                continue
            found = way.find(connection, item)
            if isinstance(found, Found):
                store_links(connection, company, request.run_key, [found.link])
                close_intent(connection, item.id, State.DONE, at=services.clock(), remote_id=found.remote_id)
                fates["present"] += 1
                if item.kind is way.kind:
                    booked.add(item.source_id)
                    way.booked(connection, found)
            elif found:
                fates["in_doubt"] += 1
                unclear[item.source_id] = found
            elif way.proves_absence(connection, item):
                note = target_of(item.kind).absent
                close_intent(connection, item.id, State.ABSENT, at=services.clock(), note=note)
                fates["absent"] += 1
            else:
                fates["in_doubt"] += 1
    log.info(
        "Without an answer, %s: %d were applied, %d never were, %d are in doubt.",
        way.what,
        *(fates[name] for name in ("present", "absent", "in_doubt")),
    )
    return Settled(**fates, booked=frozenset(booked), unclear=unclear)
