"""Money that stands in both systems: found by our marker, or by its rows, and linked."""

from __future__ import annotations

import logging
from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from scoro_smartaccounts.common.documents import Flow, named_payment
from scoro_smartaccounts.common.money import plain
from scoro_smartaccounts.common.reasons.spoken import counted
from scoro_smartaccounts.matching.documents.adoption import POSSIBLE_DUPLICATE
from scoro_smartaccounts.staging.answers import answers_about_money
from scoro_smartaccounts.staging.documents import read_documents
from scoro_smartaccounts.staging.links import Evidence, Kind, Link, drop_payment_links, store_links
from scoro_smartaccounts.staging.mirror_payments import count_settled_invoices, mirrored_payments
from scoro_smartaccounts.staging.payment_rows import count_paid_documents
from scoro_smartaccounts.staging.payments_and_receipts import SameMoney, marked_without_link, same_money

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import date

    from sqlalchemy import Connection

    from scoro_smartaccounts.common.reasons import Phrase
    from scoro_smartaccounts.common.run import RunRequest

log = logging.getLogger(__name__)


@dataclass
class Matches:
    """`groups`: receipt groups that were linked now; `payments`: payments that were; `doubts`: what stands in the way
    of the others that look alike, by group and by payment."""

    groups: set[str] = field(default_factory=set)
    payments: set[str] = field(default_factory=set)
    group_doubts: dict[str, list[Phrase]] = field(default_factory=dict)
    payment_doubts: dict[str, list[Phrase]] = field(default_factory=dict)


def match_payments(connection: Connection, request: RunRequest) -> Matches:
    """Link receipt groups and payments that are the same money entered in both systems: for the same documents, of the
    same amounts, dated near each other. Within the caller's transaction, under the lock PAYMENT_LOCK.

    Nothing is linked in part: where only some of the rows find each other, a person must look; where they are dated far
    apart; and where nobody can tell whether they pay or give back. What a person said to be other money is not linked,
    what was dismissed as the same money is that money only.
    """
    company = request.company.key
    rows = _as_people_said(connection, request, same_money(connection, company))
    if not rows:
        return Matches()
    pairs = _one_to_one([row for row in rows if row.is_sure])
    group_rows = count_paid_documents(connection, company, {row.group_id for row in pairs})
    payment_rows = count_settled_invoices(connection, company, {row.payment_id for row in pairs})
    result = Matches()
    links: list[Link] = []
    hashes = _hashes(connection, company, group_rows, payment_rows)
    for component in _components(pairs):
        matched_groups = {row.group_id for row in component}
        matched_payments = {row.payment_id for row in component}
        whole = (
            len(component)
            == sum(group_rows[g] for g in matched_groups)
            == sum(payment_rows[p] for p in matched_payments)
        )
        if whole:
            links += _links(component, hashes)
            result.groups |= matched_groups
            result.payments |= matched_payments
            continue
        theirs = _named((row.payment_number, row.payment_day) for row in component)
        ours = _named((row.group_name, row.group_day) for row in component)
        result.group_doubts |= dict.fromkeys(matched_groups, theirs)
        result.payment_doubts |= dict.fromkeys(matched_payments, ours)
    _doubt_unsure_ones(result, rows)
    # Links to what is gone, of those that have found their other half anew.
    drop_payment_links(connection, company, groups=result.groups, payments=result.payments)
    store_links(connection, company, request.run_key, links)
    if links:
        log.info(
            "Found in both systems and linked: %s, %s.",
            counted(len(result.groups), "receipt group|receipt groups"),
            counted(len(result.payments), "payment|payments"),
        )
    return result


def _doubt_unsure_ones(result: Matches, rows: Iterable[SameMoney]) -> None:
    """Doubt what pays the same documents by the same amounts: it may be the same money all the same, on a day far away
    or of a document whose amounts are not known."""
    unsure = [
        row
        for row in rows
        if not row.is_sure and row.group_id not in result.groups and row.payment_id not in result.payments
    ]
    for row in unsure:
        theirs = result.group_doubts.setdefault(row.group_id, [])
        theirs += [each for each in _named([(row.payment_number, row.payment_day)]) if each not in theirs]
        ours = result.payment_doubts.setdefault(row.payment_id, [])
        ours += [each for each in _named([(row.group_name, row.group_day)]) if each not in ours]


def _as_people_said(connection: Connection, request: RunRequest, pairs: Sequence[SameMoney]) -> list[SameMoney]:
    """Return the pairs that no answer contradicts: about the receipt group, or about the payment."""
    of_groups, of_payments = replace(request, flow=Flow.PAYMENTS), replace(request, flow=Flow.EXPORT_PAYMENTS)
    groups = answers_about_money(connection, of_groups, {row.group_id for row in pairs}, POSSIBLE_DUPLICATE)
    payments = answers_about_money(connection, of_payments, {row.payment_id for row in pairs}, POSSIBLE_DUPLICATE)
    return [
        row
        for row in pairs
        if groups.allows(row.group_id, named_payment(row.payment_number, row.payment_day))
        and payments.allows(row.payment_id, named_payment(row.group_name, row.group_day))
    ]


def _named(payments: Iterable[tuple[str, date]]) -> list[Phrase]:
    """Payments as sentences name them, each once."""
    return [named_payment(number, day) for number, day in sorted(set(payments))]


def adopt_marked(connection: Connection, request: RunRequest) -> set[str]:
    """Link payments that carry our marker but no link, as after a lost database; the receipt groups."""
    company = request.company.key
    by_group = marked_without_link(connection, company)
    # Netting comes first: where it stands alone although money moved, the money is still to come.
    half = {
        group
        for group, [first, *others] in by_group.items()
        if not others and first.moved and first.payment.account_name in request.company.payments.all_netting_accounts
    }
    links = [
        Link(
            Kind.PAYMENT,
            group,
            marked.payment.remote_id,
            Evidence.MARKER,
            f"payment {marked.payment.number}",
            marked.group_hash,
            {"payment": marked.payment.content_hash, "amount": plain(marked.payment.amount)},
            source_part=0 if place == 1 and group not in half else place,
        )
        for group, members in by_group.items()
        for place, marked in enumerate(members, start=1)
    ]
    store_links(connection, company, request.run_key, links)
    return by_group.keys() - half


def _one_to_one(rows: Iterable[SameMoney]) -> list[SameMoney]:
    """Pairs of rows, the nearest in time first, none used twice."""
    taken: set[tuple[str, str, int]] = set()
    pairs: list[SameMoney] = []
    for row in rows:
        ends = {("scoro", row.group_id, row.group_position), ("books", row.payment_id, row.payment_position)}
        if not ends & taken:
            taken |= ends
            pairs.append(row)
    return pairs


def _components(pairs: Sequence[SameMoney]) -> list[list[SameMoney]]:
    """Pairs that share a receipt group or a payment, together."""
    leader: dict[tuple[str, str], tuple[str, str]] = {}

    def leader_of(node: tuple[str, str]) -> tuple[str, str]:
        while (above := leader.setdefault(node, node)) != node:
            leader[node] = leader[above]
            node = above
        return node

    for row in pairs:
        leader[leader_of(("group", row.group_id))] = leader_of(("payment", row.payment_id))
    components: dict[tuple[str, str], list[SameMoney]] = defaultdict(list)
    for row in pairs:
        components[leader_of(("group", row.group_id))].append(row)
    return list(components.values())


def _hashes(
    connection: Connection, company: str, groups: Collection[str], payments: Collection[str]
) -> tuple[dict[str, str], dict[str, str]]:
    """Content hashes of receipt groups and of payments."""
    ours = read_documents(connection, company, Flow.PAYMENTS, groups)
    theirs = mirrored_payments(connection, company, payments)
    return (
        {group.source_id: group.content_hash for group in ours},
        {payment_id: payment.content_hash for payment_id, payment in theirs.items()},
    )


def _links(component: Iterable[SameMoney], hashes: tuple[Mapping[str, str], Mapping[str, str]]) -> list[Link]:
    """One link a pair of group and payment; ids that come again are further parts."""
    links = []
    uses: dict[str, int] = defaultdict(int)
    for source_id, remote_id in dict.fromkeys((row.group_id, row.payment_id) for row in component):
        uses[source_id] += 1
        uses[remote_id] += 1
        links.append(
            Link(
                Kind.PAYMENT,
                source_id,
                remote_id,
                Evidence.ADOPTED,
                "entered in both systems",
                hashes[0][source_id],
                {"payment": hashes[1][remote_id]},
                source_part=_part(uses[source_id]),
                remote_part=_part(uses[remote_id]),
            )
        )
    return links


def _part(use: int) -> int:
    return use if use > 1 else 0
