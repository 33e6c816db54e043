"""Receipt groups that are in the books in part: the netting is, the money is not.

Such a group goes on by itself while it stays as it was. Changed or deleted in Scoro, what is booked of it has to go
first, which a person must do.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scoro_smartaccounts.common.documents import Flow, named_payment
from scoro_smartaccounts.common.reasons import Phrase, reason
from scoro_smartaccounts.staging import runs
from scoro_smartaccounts.staging.documents import read_documents
from scoro_smartaccounts.staging.intents import open_intents
from scoro_smartaccounts.staging.links import Kind, drop_payment_part, links_in_part
from scoro_smartaccounts.staging.mirror_payments import mirrored_payments
from scoro_smartaccounts.staging.quarantine import open_case, reopen, resolve

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from sqlalchemy import Connection

    from scoro_smartaccounts.common.run import RunRequest

BOOKED_IN_PART = "booked_in_part"


@dataclass(frozen=True, slots=True)
class BookedPart:
    """A payment that stands for a part of a group whose rest is not booked. `is_outdated`: the group is not what it was
    then; `is_orphan`: it is gone in Scoro."""

    source_id: str
    part: int
    payment: Phrase
    group_day: date | None
    is_deleted: bool
    is_outdated: bool
    is_orphan: bool


def booked_parts(connection: Connection, company: str) -> Mapping[str, list[BookedPart]]:
    """Return the booked parts of all groups that are in the books in part and of which nothing is in doubt."""
    in_doubt = {item.source_id for item in open_intents(connection, company, Kind.PAYMENT)}
    links = [item for item in links_in_part(connection, company) if item.source_id not in in_doubt]
    payments = mirrored_payments(connection, company, [item.remote_id for item in links])
    group_ids = [item.source_id for item in links]
    groups = {each.source_id: each for each in read_documents(connection, company, Flow.PAYMENTS, group_ids)}
    found: dict[str, list[BookedPart]] = defaultdict(list)
    for item in links:
        payment, group = payments.get(item.remote_id), groups.get(item.source_id)
        if payment is None or group is None:
            continue
        found[item.source_id].append(
            BookedPart(
                source_id=item.source_id,
                part=item.source_part,
                payment=payment.named,
                group_day=group.day,
                is_deleted=payment.is_deleted,
                is_outdated=item.content_hash not in ("", group.content_hash),
                is_orphan=group.is_gone,
            )
        )
    return found


def payments_of(parts: Iterable[BookedPart]) -> list[Phrase]:
    """Return the payments of SmartAccounts, as sentences name them."""
    return [part.payment for part in parts]


def see_to_parts(connection: Connection, request: RunRequest) -> None:
    """Forget parts whose payment was deleted, and ask for those to be deleted whose group is gone. Within the caller's
    transaction, under the lock PAYMENT_LOCK."""
    company = request.company.key
    known = booked_parts(connection, company)
    deleted = [part for parts in known.values() for part in parts if part.is_deleted]
    if deleted:
        for part in deleted:
            drop_payment_part(connection, company, part.source_id, part.part)
        resolve(connection, request, [part.source_id for part in deleted], codes=[BOOKED_IN_PART])
    cases = {}
    for source_id, parts in known.items():
        there = [part for part in parts if part.is_orphan and not part.is_deleted]
        if there:
            named = named_payment(source_id, there[0].group_day)
            cases[source_id] = reason("booked_in_part.gone", document=named, payments=payments_of(there))
    if cases:
        # The step before closes the cases of whatever is gone in Scoro.
        reopen(connection, company, Flow.PAYMENTS, cases, BOOKED_IN_PART)
        open_case(connection, request, cases)
        runs.set_outcomes(connection, request, {source_id: ("quarantined", item) for source_id, item in cases.items()})
