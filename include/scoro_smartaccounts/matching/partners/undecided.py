"""Contacts and products that may be in SmartAccounts already, of which a person has still to say so: what needs them
waits.

A proposal of `reconcile_ids` counts as long as both records are there and something still speaks for the pair.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from scoro_smartaccounts.common.reasons import Phrase, Reason, phrase, reason
from scoro_smartaccounts.common.records import ItemRecord, PartnerRecord
from scoro_smartaccounts.matching.identity.item_proposals import propose_items
from scoro_smartaccounts.matching.identity.partner_proposals import propose_partners
from scoro_smartaccounts.staging.documents import load_products
from scoro_smartaccounts.staging.links import Kind
from scoro_smartaccounts.staging.mirror_registers import article_records, partner_records
from scoro_smartaccounts.staging.proposals import Pair, open_pairs
from scoro_smartaccounts.staging.scoro_registers import contact_records
from scoro_smartaccounts.transform.article import STOCK, article_code

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from sqlalchemy import Connection

    from scoro_smartaccounts.common.company import ArticlePolicy
    from scoro_smartaccounts.flows import InvoiceFlow
    from scoro_smartaccounts.matching.identity.proposals import Proposal

PARTNER_UNDECIDED = "partner_undecided"
ARTICLE_UNDECIDED = "article_undecided"
UNDECIDED = (PARTNER_UNDECIDED, ARTICLE_UNDECIDED)

_Record = TypeVar("_Record", PartnerRecord, ItemRecord)


@dataclass(frozen=True, slots=True)
class Undecided:
    """A contact or product of Scoro, and the records of SmartAccounts (articles: codes) that it may be, the most likely
    first."""

    kind: Kind
    source_id: str
    remote_ids: tuple[str, ...]

    @property
    def named(self) -> Phrase:
        """Whose it may be, in words."""
        ours = phrase("product" if self.kind is Kind.ARTICLE else "contact", id=self.source_id)
        return phrase("may_be", ours=ours, theirs=phrase(f"{self.kind}_word"), ids=self.remote_ids)


def undecided_partners(
    connection: Connection, company: str, spec: InvoiceFlow, source_ids: Iterable[str]
) -> dict[str, Undecided]:
    """Those of the contacts, by id, that are no client (vendor) by a link yet and wait for a person."""
    pairs = open_pairs(connection, company, spec.partner_kind, source_ids)
    if not pairs:
        return {}
    sources = contact_records(connection, company, _first(pairs))
    remotes = partner_records(connection, company, spec.partner_kind, _second(pairs))
    return _undecided(spec.partner_kind, pairs, sources, remotes, propose_partners)


def undecided_articles(
    connection: Connection, company: str, policy: ArticlePolicy, source_ids: Iterable[str]
) -> dict[str, Undecided]:
    """Those of the products, by id, that are no article by a link yet and wait for a person."""
    pairs = open_pairs(connection, company, Kind.ARTICLE, source_ids)
    if not pairs:
        return {}
    products = load_products(connection, company, _first(pairs))
    sources = {
        source_id: ItemRecord(source_id, article_code(each, policy), each.name, each.is_stock)
        for source_id, each in products.items()
        if not each.is_deleted
    }
    remotes = {
        code: ItemRecord(code, code, each.description, each.type == STOCK)
        for code, each in article_records(connection, company, _second(pairs)).items()
    }
    return _undecided(Kind.ARTICLE, pairs, sources, remotes, propose_items)


def waits_for_decision(document: Phrase, undecided: Iterable[Undecided]) -> Reason:
    """Return what a document waits for that needs at least one of these."""
    found = list(dict.fromkeys(undecided))
    code = ARTICLE_UNDECIDED if all(item.kind is Kind.ARTICLE for item in found) else PARTNER_UNDECIDED
    return reason(code, document=document, candidates=[item.named for item in found])


def _undecided(
    kind: Kind,
    pairs: Iterable[Pair],
    sources: Mapping[str, _Record],
    remotes: Mapping[str, _Record],
    propose: Callable[[Sequence[_Record], Sequence[_Record]], tuple[Proposal, ...]],
) -> dict[str, Undecided]:
    """Return the pairs that would be proposed if there were nobody else: what others have in common with the two was
    weighed when they were proposed."""
    found: dict[str, list[str]] = {}
    for source_id, remote_id in pairs:
        ours, theirs = sources.get(source_id), remotes.get(remote_id)
        if ours is not None and theirs is not None and propose([ours], [theirs]):
            found.setdefault(source_id, []).append(remote_id)
    return {source_id: Undecided(kind, source_id, tuple(remote_ids)) for source_id, remote_ids in found.items()}


def _first(pairs: Iterable[Pair]) -> set[str]:
    return {source_id for source_id, _ in pairs}


def _second(pairs: Iterable[Pair]) -> set[str]:
    return {remote_id for _, remote_id in pairs}
