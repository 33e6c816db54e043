"""Money without a document: prepayments that SmartAccounts' bank import booked before Scoro's receipt came.

They have no rows by which to be recognised; partner, amount, currency and day must do.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scoro_smartaccounts.common.assumptions import SAME_PAYMENT_WITHIN_DAYS
from scoro_smartaccounts.common.documents import ReceiptGroup, named_payment
from scoro_smartaccounts.common.money import ZERO
from scoro_smartaccounts.common.reasons.spoken import counted
from scoro_smartaccounts.matching.documents.adoption import POSSIBLE_DUPLICATE
from scoro_smartaccounts.staging.answers import answers_about_money
from scoro_smartaccounts.staging.links import Evidence, Kind, Link, drop_payment_links, read_links, store_links
from scoro_smartaccounts.staging.payments_and_receipts import prepayments_without_receipt

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import date
    from decimal import Decimal

    from sqlalchemy import Connection

    from scoro_smartaccounts.common.run import RunRequest

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class BookedPrepayment:
    """A payment of SmartAccounts with a prepayment, for which no receipt group stands. `is_all`: it is nothing else."""

    remote_id: str
    number: str
    day: date
    partner_id: str
    currency: str
    amount: Decimal
    is_all: bool
    content_hash: str

    def may_be(self, *, partner_id: str, currency: str, amounts: Collection[Decimal]) -> bool:
        """Whether it may be money that Scoro has of this partner, on whatever day."""
        return self.partner_id == partner_id and self.currency == currency and self.amount in amounts

    def is_near(self, day: date) -> bool:
        """Whether it is dated as near as the same money is."""
        return abs((self.day - day).days) <= SAME_PAYMENT_WITHIN_DAYS


def unlinked_prepayments(
    connection: Connection, company: str, partner_ids: Iterable[str]
) -> Sequence[BookedPrepayment]:
    """Prepayments of these clients and vendors that are linked to nothing, that no receipt of Scoro made, and that are
    not on their way to Scoro."""
    return [
        BookedPrepayment(
            remote_id=each.remote_id,
            number=each.number,
            day=each.day,
            partner_id=each.partner_remote_id,
            currency=each.currency,
            amount=each.prepayment,
            is_all=is_all,
            content_hash=each.content_hash,
        )
        for each, is_all in prepayments_without_receipt(connection, company, partner_ids)
    ]


def adopt_prepayments(connection: Connection, request: RunRequest, groups: Iterable[ReceiptGroup]) -> set[str]:
    """Link receipt groups that are money against prepayment invoices and nothing else, each to the one prepayment that
    can be it; the groups. Within the caller's transaction, under the lock PAYMENT_LOCK.

    `groups` are not linked and nothing of them is in doubt. What a person said to be other money is not it, and what
    was dismissed as the same money is that money only.
    """
    company = request.company.key
    alone = sorted(
        (group for group in groups if all(row.document_id is None and row.amount > 0 for row in group.rows)),
        key=lambda group: (group.day, int(group.source_id)),
    )
    contacts = {group.partner_id for group in alone if group.partner_id}
    partners = {kind: read_links(connection, company, kind, contacts) for kind in (Kind.CLIENT, Kind.VENDOR)}
    free = unlinked_prepayments(
        connection, company, {remote_id for known in partners.values() for remote_id in known.values()}
    )
    said = answers_about_money(connection, request, [group.source_id for group in alone], POSSIBLE_DUPLICATE)
    links: list[Link] = []
    for group in alone if free else ():
        partner = partners[Kind.VENDOR if group.is_purchase else Kind.CLIENT].get(group.partner_id or "")
        amount = sum((row.amount for row in group.rows), ZERO)
        taken = {item.remote_id for item in links}
        found = [
            item
            for item in free
            if item.remote_id not in taken
            and partner is not None
            and said.allows(group.source_id, named_payment(item.number, item.day))
            and item.may_be(partner_id=partner, currency=group.currency, amounts=[amount])
            and item.is_near(group.day)
        ]
        if len(found) == 1 and found[0].is_all:
            links.append(
                Link(
                    Kind.PAYMENT,
                    group.source_id,
                    found[0].remote_id,
                    Evidence.ADOPTED,
                    "entered in both systems",
                    group.content_hash,
                    {"payment": found[0].content_hash},
                )
            )
    drop_payment_links(connection, company, payments=[item.remote_id for item in links])
    store_links(connection, company, request.run_key, links)
    if links:
        log.info("Found in both systems and linked: %s.", counted(len(links), "prepayment|prepayments"))
    return {item.source_id for item in links}
