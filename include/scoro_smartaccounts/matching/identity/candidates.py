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
# Sources compared with all remotes at once: bounds the memory.
_ROWS = 1000


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
        yield from remotes.writing.get(code, ())
    for key in keys_of(source):
        holders = remotes.of(key)
        if key[0] in CODES or key[0] is EvidenceKind.NAME or len(holders) <= MOST_SHARING:
            yield from holders
    for word in source.name.words:
        if remotes.only_has(word):
            yield from remotes.of((EvidenceKind.RARE_WORD, word))


def _named_alike(sources: Sequence[Profile], remotes: Sequence[Profile]) -> Iterator[tuple[Profile, Profile]]:
    """By all letters as they stand, and by those of the sorted words."""
    spellings: tuple[Callable[[Profile], str], ...] = (lambda known: known.name.joined, lambda known: known.name.sorted)
    for spelling in spellings:
        theirs = list(map(spelling, remotes))
        for start in range(0, len(sources), _ROWS):
            block = sources[start : start + _ROWS]
            ours = list(map(spelling, block))
            matrix = process.cdist(ours, theirs, scorer=fuzz.ratio, score_cutoff=LEAST_ALIKE)
            for row, column in zip(*matrix.nonzero(), strict=True):
                yield block[row], remotes[column]
