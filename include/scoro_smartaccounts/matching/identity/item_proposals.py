"""Products of Scoro and articles of SmartAccounts: which is which."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from rapidfuzz import fuzz, process

from scoro_smartaccounts.common.reasons import phrase
from scoro_smartaccounts.common.records import Confidence
from scoro_smartaccounts.matching.identity.item_pairs import (
    ALIKE,
    ItemPair,
    ItemProfile,
    compare_items,
    item_profile_of,
)
from scoro_smartaccounts.matching.identity.proposals import Evidence, EvidenceKind, Proposal

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from scoro_smartaccounts.common.records import ItemRecord

# Products compared with all articles at once: bounds the memory.
_ROWS = 1000
_MOST_CANDIDATES = 3


def propose_items(
    sources: Sequence[ItemRecord], remotes: Sequence[ItemRecord], rejected: Collection[tuple[str, str]] = ()
) -> tuple[Proposal, ...]:
    """Proposals between products of Scoro and articles of SmartAccounts.

    Certain is an equal code with a name that agrees; a code that is written differently needs nearly the same name.
    Several products may have one code: then they are one article, as in an import. Equal and very similar names are
    likely, and so are equal codes of things that are called otherwise. Ids are unique in each system.
    `rejected`: ids of pairs of which a person said no; the next best takes their place.
    """
    pairs = [
        pair
        for pair in _pairs([item_profile_of(item) for item in sources], [item_profile_of(item) for item in remotes])
        if (pair.source.item.id, pair.remote.item.id) not in rejected
    ]
    by_source, by_remote = defaultdict[str, list[ItemPair]](list), defaultdict[str, list[ItemPair]](list)
    for pair in pairs:
        by_source[pair.source.item.id].append(pair)
        by_remote[pair.remote.item.id].append(pair)
    chosen: dict[str, list[Proposal]] = {}
    taken: set[str] = set()
    for pair in sorted(pairs, key=_order):
        source_id, remote_id = pair.source.item.id, pair.remote.item.id
        if source_id in chosen or (remote_id in taken and not pair.is_by_code):
            continue
        equals = [
            other
            for other in by_source[source_id]
            if other is not pair
            and other.score == pair.score
            and (other.is_by_code or other.remote.item.id not in taken)
        ]
        rivals = [
            other
            for other in by_remote[remote_id]
            if other is not pair
            and other.score == pair.score
            and not (other.is_by_code and pair.is_by_code)
            and other.source.item.id not in chosen
        ]
        if equals or rivals:
            chosen[source_id] = [_conflict(one, [pair, *equals], rivals) for one in [pair, *equals][:_MOST_CANDIDATES]]
            for rival in rivals:
                chosen[rival.source.item.id] = [_conflict(rival, [rival], [pair])]
            continue
        assert pair.verdict is not None
        chosen[source_id] = [Proposal(source_id, remote_id, pair.verdict, pair.score, pair.evidence)]
        taken.add(remote_id)
    return tuple(proposal for item in sources for proposal in chosen.get(item.id, ()))


def _order(pair: ItemPair) -> tuple[bool, float, str, str]:
    return pair.verdict is not Confidence.CERTAIN, -float(pair.score), pair.source.item.id, pair.remote.item.id


def _conflict(pair: ItemPair, articles: Sequence[ItemPair], products: Sequence[ItemPair]) -> Proposal:
    others = [phrase("article_of_smartaccounts", id=other.remote.item.id) for other in articles if other is not pair]
    others += [phrase("product_of_scoro", id=other.source.item.id) for other in products]
    why = Evidence(EvidenceKind.OTHER_CANDIDATE, phrase("why_others_meant", others=others[:_MOST_CANDIDATES]))
    return Proposal(pair.source.item.id, pair.remote.item.id, Confidence.CONFLICTING, pair.score, (*pair.evidence, why))


def _pairs(sources: Sequence[ItemProfile], remotes: Sequence[ItemProfile]) -> list[ItemPair]:
    """Pairs of the same code or of names that look alike, each once."""
    by_code = defaultdict[str, list[ItemProfile]](list)
    for remote in remotes:
        by_code[remote.code].append(remote)
    found: dict[tuple[str, str], ItemPair] = {}
    for source in sources:
        for remote in by_code.get(source.code, ()) if source.code else ():
            found[source.item.id, remote.item.id] = compare_items(source, remote)
    for source, remote in _named_alike(sources, remotes):
        found.setdefault((source.item.id, remote.item.id), compare_items(source, remote))
    return [pair for pair in found.values() if pair.verdict is not None]


def _named_alike(
    sources: Sequence[ItemProfile], remotes: Sequence[ItemProfile]
) -> Iterator[tuple[ItemProfile, ItemProfile]]:
    theirs = [remote.letters for remote in remotes]
    for start in range(0, len(sources), _ROWS):
        block = sources[start : start + _ROWS]
        matrix = process.cdist([source.letters for source in block], theirs, scorer=fuzz.ratio, score_cutoff=ALIKE)
        for row, column in zip(*matrix.nonzero(), strict=True):
            yield block[row], remotes[column]
