"""Which pairs are worth a closer look: never all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rapidfuzz import fuzz, process

from scoro_smartaccounts.matching.identity.profile_index import CODES, MOST_SHARING, ProfileIndex, keys_of
from scoro_smartaccounts.matching.identity.proposals import EvidenceKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from scoro_smartaccounts.matching.identity.profiles import Profile

# Names less alike than this are not looked at unless something else is shared.
LEAST_ALIKE = 78
# So many names are compared at once: bounds the memory.
_CELLS = 4_000_000
# Who has more namesakes than this, or others with its code, is compared with so many: a person is shown a few.
_MOST_LOOKED_AT = 50


def candidate_pairs(sources: Sequence[Profile], remotes: ProfileIndex) -> list[tuple[Profile, Profile]]:
    """Pairs that share an identifier, a domain, an address or a name, or whose names look alike; each once."""
    found: dict[tuple[str, str], tuple[Profile, Profile]] = {}
    for source in sources:
        for remote in _sharing(source, remotes):
            found[source.id, remote.id] = (source, remote)
    for source, remote in _named_alike(sources, remotes.records):
        found.setdefault((source.id, remote.id), (source, remote))
    return list(found.values())


def _sharing(source: Profile, remotes: ProfileIndex) -> Iterator[Profile]:
    yield from remotes.marked.get(source.id, ())
    for code in source.writings:
        yield from remotes.writing.get(code, ())[:_MOST_LOOKED_AT]
    for key in keys_of(source):
        holders = remotes.of(key)
        if key[0] in CODES or key[0] is EvidenceKind.NAME or len(holders) <= MOST_SHARING:
            yield from holders[:_MOST_LOOKED_AT]
    for word in source.name.words:
        if remotes.only_has(word):
            yield from remotes.of((EvidenceKind.RARE_WORD, word))


def _named_alike(sources: Sequence[Profile], remotes: Sequence[Profile]) -> Iterator[tuple[Profile, Profile]]:
    """By all letters as they stand, and by those of the sorted words."""
    spellings: tuple[Callable[[Profile], str], ...] = (lambda known: known.name.joined, lambda known: known.name.sorted)
    for spelling in spellings:
        theirs = list(map(spelling, remotes))
        rows = max(1, _CELLS // max(1, len(theirs)))
        for start in range(0, len(sources), rows):
            block = sources[start : start + rows]
            ours = list(map(spelling, block))
            matrix = process.cdist(ours, theirs, scorer=fuzz.ratio, score_cutoff=LEAST_ALIKE)
            for source, scores in zip(block, matrix, strict=True):
                alike = scores.nonzero()[0]
                if len(alike) > _MOST_LOOKED_AT:
                    # The most alike; of equal ones the first.
                    alike = sorted(alike, key=lambda column: -scores[column])[:_MOST_LOOKED_AT]
                for column in alike:
                    yield source, remotes[column]
