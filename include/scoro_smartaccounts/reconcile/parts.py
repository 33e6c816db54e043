"""Receipt groups that are in the books in part: the netting is, the money is not.

Such a group goes on by itself while it stays as it was. Changed or deleted in Scoro, what is booked of it has to go
first, which a person must do.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, and_, exists, func, or_, select

from scoro_smartaccounts.documents import Flow, payment_name
from scoro_smartaccounts.reasons import as_told
from scoro_smartaccounts.run import RunRequest
from scoro_smartaccounts.staging import runs
from scoro_smartaccounts.staging.cases import reopen
from scoro_smartaccounts.staging.links import Kind, drop_links
from scoro_smartaccounts.staging.quarantine import open_case, resolve
from scoro_smartaccounts.staging.schema import document, intent, link, remote_payment

BOOKED_IN_PART = "booked_in_part"


@dataclass(frozen=True, slots=True)
class BookedPart:
    """A payment that stands for a part of a group whose rest is not booked. `is_outdated`: the group is not what it was
    then; `is_orphan`: it is gone in Scoro."""

    source_id: str
    part_id: str
    payment: str
    group_day: date
    is_deleted: bool
    is_outdated: bool
    is_orphan: bool


def booked_parts(connection: Connection, company: str) -> Mapping[str, list[BookedPart]]:
    """The booked parts of all groups that are in the books in part and of which nothing is in doubt."""
    whole = link.alias("whole")
    own = func.split_part(link.c.source_id, "/", 1)
    is_gone = or_(document.c.is_deleted, document.c.is_missing)
    found: dict[str, list[BookedPart]] = defaultdict(list)
    for row in connection.execute(
        select(
            own.label("own"),
            link.c.source_id,
            remote_payment.c.number,
            remote_payment.c.day,
            document.c.day.label("group_day"),
            remote_payment.c.is_deleted,
            and_(link.c.content_hash != "", link.c.content_hash != document.c.content_hash).label("is_outdated"),
            is_gone.label("is_gone"),
        )
        .join(
            remote_payment,
            and_(
                remote_payment.c.company == link.c.company,
                remote_payment.c.remote_id == func.split_part(link.c.remote_id, "/", 1),
            ),
        )
        .join(
            document,
            and_(
                document.c.company == link.c.company,
                document.c.flow == Flow.PAYMENTS.value,
                document.c.source_id == own,
            ),
        )
        .where(
            link.c.company == company,
            link.c.kind == Kind.PAYMENT.value,
            link.c.source_id.contains("/"),
            ~exists().where(whole.c.company == link.c.company, whole.c.kind == link.c.kind, whole.c.source_id == own),
            ~exists().where(
                intent.c.company == link.c.company,
                intent.c.kind == Kind.PAYMENT.value,
                intent.c.state == "open",
                func.split_part(intent.c.source_id, "/", 1) == own,
            ),
        )
        .order_by(link.c.source_id)
    ):
        found[row.own].append(
            BookedPart(
                source_id=row.own,
                part_id=row.source_id,
                payment=f"{row.number} of {row.day:%d.%m.%Y}",
                group_day=row.group_day,
                is_deleted=row.is_deleted,
                is_outdated=row.is_outdated,
                is_orphan=row.is_gone,
            )
        )
    return found


def payments_of(parts: Iterable[BookedPart]) -> str:
    """The payments of SmartAccounts, as messages name them."""
    return ", ".join(part.payment for part in parts)


def see_to_parts(connection: Connection, request: RunRequest) -> None:
    """Forget parts whose payment was deleted, and ask for those to be deleted whose group is gone. Within the caller's
    transaction, under the lock PAYMENT_LOCK."""
    company = request.company.key
    known = booked_parts(connection, company)
    deleted = [part for parts in known.values() for part in parts if part.is_deleted]
    if deleted:
        drop_links(connection, company, Kind.PAYMENT, [part.part_id for part in deleted])
        resolve(connection, request, [part.source_id for part in deleted], codes=[BOOKED_IN_PART])
    cases = {}
    for source_id, parts in known.items():
        there = [part for part in parts if part.is_orphan and not part.is_deleted]
        if there:
            cases[source_id] = as_told(
                BOOKED_IN_PART,
                f"{payment_name(source_id, there[0].group_day)} is gone in Scoro, but a part of it is in"
                f" SmartAccounts: delete payment {payments_of(there)} there too.",
                system="SmartAccounts",
            )
    if cases:
        # The step before closes the cases of whatever is gone in Scoro.
        reopen(connection, company, Flow.PAYMENTS, cases, BOOKED_IN_PART)
        open_case(connection, request, cases)
        runs.set_outcomes(connection, request, {source_id: ("quarantined", item) for source_id, item in cases.items()})
