"""Receipt groups that are in the books in part: the netting is, the money is not.

Such a group goes on by itself while it stays as it was. Changed or deleted in Scoro, what is booked of it has to go
first, which a person must do.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import Connection, or_, select

from scoro_smartaccounts.common.documents import Flow, named_payment
from scoro_smartaccounts.common.reasons import Phrase, reason
from scoro_smartaccounts.staging import runs
from scoro_smartaccounts.staging.bulk import any_of
from scoro_smartaccounts.staging.cases import reopen
from scoro_smartaccounts.staging.intents import open_intents
from scoro_smartaccounts.staging.links import Kind, drop_payment_part, links_in_part
from scoro_smartaccounts.staging.quarantine import open_case, resolve
from scoro_smartaccounts.staging.schema import document, remote_payment

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from scoro_smartaccounts.common.run import RunRequest

BOOKED_IN_PART = "booked_in_part"


@dataclass(frozen=True, slots=True)
class BookedPart:
    """A payment that stands for a part of a group whose rest is not booked. `is_outdated`: the group is not what it was
    then; `is_orphan`: it is gone in Scoro."""

    source_id: str
    part: int
    payment: Phrase
    group_day: date
    is_deleted: bool
    is_outdated: bool
    is_orphan: bool


def booked_parts(connection: Connection, company: str) -> Mapping[str, list[BookedPart]]:
    """Return the booked parts of all groups that are in the books in part and of which nothing is in doubt."""
    in_doubt = {item.source_id for item in open_intents(connection, company, Kind.PAYMENT)}
    links = [item for item in links_in_part(connection, company) if item.source_id not in in_doubt]
    payments = {
        row.remote_id: row
        for row in connection.execute(
            select(
                remote_payment.c.remote_id,
                remote_payment.c.number,
                remote_payment.c.day,
                remote_payment.c.is_deleted,
            ).where(
                remote_payment.c.company == company,
                remote_payment.c.remote_id == any_of(item.remote_id for item in links),
            )
        )
    }
    groups = {
        row.source_id: row
        for row in connection.execute(
            select(
                document.c.source_id,
                document.c.day,
                document.c.content_hash,
                or_(document.c.is_deleted, document.c.is_missing).label("is_gone"),
            ).where(
                document.c.company == company,
                document.c.flow == Flow.PAYMENTS.value,
                document.c.source_id == any_of(item.source_id for item in links),
            )
        )
    }
    found: dict[str, list[BookedPart]] = defaultdict(list)
    for item in links:
        payment, group = payments.get(item.remote_id), groups.get(item.source_id)
        if payment is None or group is None:
            continue
        found[item.source_id].append(
            BookedPart(
                source_id=item.source_id,
                part=item.source_part,
                payment=named_payment(payment.number, payment.day),
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
