"""Contacts of Scoro and clients or vendors of SmartAccounts: who is who.

A wrong link books one company's invoices on another; a missing one costs a question. So certain is what only these two
have, with a name that agrees and nothing that contradicts; and of several candidates none is certain.
"""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING

from scoro_smartaccounts.common.records import Confidence
from scoro_smartaccounts.matching.identity.addresses import same_place
from scoro_smartaccounts.matching.identity.candidates import candidate_pairs
from scoro_smartaccounts.matching.identity.names import Likeness
from scoro_smartaccounts.matching.identity.partner_pairs import PartnerPair, compare_partners
from scoro_smartaccounts.matching.identity.profile_index import CODES, ProfileIndex, are_doubles
from scoro_smartaccounts.matching.identity.profiles import Profile, profile_of
from scoro_smartaccounts.matching.identity.proposals import Evidence, EvidenceKind, Proposal
from scoro_smartaccounts.matching.identity.sentences import entered_twice, evidence_of, other_candidate

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from scoro_smartaccounts.common.records import PartnerRecord

# Two candidates that are no further apart than this are a person's choice.
_MARGIN = Decimal(4)
_MOST_CANDIDATES = 3


def propose_partners(
    sources: Sequence[PartnerRecord], remotes: Sequence[PartnerRecord], rejected: Collection[tuple[str, str]] = ()
) -> tuple[Proposal, ...]:
    """Proposals between contacts of Scoro and one register of SmartAccounts (clients, or vendors).

    Several contacts may be proposed for one record where they look like one partner entered twice in Scoro. Two records
    of SmartAccounts for one contact are conflicting: a person chooses. Ids are unique in each system. `rejected`: ids
    of pairs of which a person said no; the next best takes their place.
    """
    ours, theirs = (
        ProfileIndex([profile_of(record) for record in sources]),
        ProfileIndex([profile_of(record) for record in remotes]),
    )
    settled = _Settled(_worth_a_look(candidate_pairs(ours.records, theirs), ours, theirs, rejected))
    settled.certain()
    settled.likely()
    settled.leftover()
    return settled.proposals({record.id: place for place, record in enumerate(sources)})


def certain_pairs(
    wanted: Collection[str], ours: ProfileIndex, theirs: ProfileIndex, rejected: Collection[tuple[str, str]] = ()
) -> dict[str, PartnerPair]:
    """Return what `propose_partners` calls certain, for some of our records only: by their ids."""
    found = candidate_pairs([record for record in ours.records if record.id in wanted], theirs)
    near = ProfileIndex(list({remote.id: remote for _, remote in found}.values()))
    # Others may want the same records.
    found += candidate_pairs([record for record in ours.records if record.id not in wanted], near)
    settled = _Settled(_worth_a_look(found, ours, theirs, rejected))
    settled.certain()
    return {source_id: pair for source_id, (pair, _) in settled.chosen.items() if source_id in wanted}


def _worth_a_look(
    pairs: Iterable[tuple[Profile, Profile]],
    ours: ProfileIndex,
    theirs: ProfileIndex,
    rejected: Collection[tuple[str, str]],
) -> Iterator[PartnerPair]:
    for one, other in pairs:
        pair = compare_partners(one, other, ours, theirs)
        if pair.verdict is not None and pair.ids not in rejected:
            yield pair


class _Settled:
    """Candidates, and what became of them: `chosen` by source, or `conflicts`."""

    def __init__(self, pairs: Iterable[PartnerPair]) -> None:
        self.pairs = sorted(pairs, key=lambda pair: (-pair.score, pair.ids))
        self.by_source: defaultdict[str, list[PartnerPair]] = defaultdict(list)
        self.by_remote: defaultdict[str, list[PartnerPair]] = defaultdict(list)
        for pair in self.pairs:
            self.by_source[pair.source.id].append(pair)
            self.by_remote[pair.remote.id].append(pair)
        self.chosen: dict[str, tuple[PartnerPair, Confidence]] = {}
        self.conflicts: defaultdict[str, dict[str, PartnerPair]] = defaultdict(dict)
        self.taken: defaultdict[str, list[PartnerPair]] = defaultdict(list)

    def certain(self) -> None:
        """Certain pairs that no other candidate disputes."""
        for pair in self.pairs:
            if pair.verdict is not Confidence.CERTAIN:
                continue
            rivals = [other for other in self.by_source[pair.source.id] if other is not pair and _rivals(pair, other)]
            rivals += [
                other
                for other in self.by_remote[pair.remote.id]
                if other is not pair and _rivals(pair, other) and not _are_doubles(pair, other)
            ]
            if rivals:
                self._dispute([pair, *rivals])
            else:
                self._choose(pair, Confidence.CERTAIN)

    def likely(self) -> None:
        """Take the best of the others first; a pair that has an equal is a person's choice."""
        for pair in self.pairs:
            if pair.verdict is Confidence.CONFLICTING or self._is_settled(pair.source.id):
                continue
            takers = self.taken[pair.remote.id]
            if any(not _are_doubles(pair, taker) for taker in takers) and not _has_its_code(pair):
                continue
            equals = [
                other
                for other in (*self.by_source[pair.source.id], *self.by_remote[pair.remote.id])
                if other is not pair and self._disputes(pair, other)
            ]
            if equals:
                self._dispute([pair, *equals])
            else:
                self._choose(pair, Confidence.LIKELY)

    def leftover(self) -> None:
        """Take what contradicts itself, or wants a record that is taken: for sources that have nothing better."""
        for pair in self.pairs:
            if self._is_settled(pair.source.id):
                continue
            if pair.verdict is Confidence.CONFLICTING or pair.own or pair.likeness >= Likeness.FUZZY:
                self._dispute([pair])

    def proposals(self, order: dict[str, int]) -> tuple[Proposal, ...]:
        """All of them, in the order of the sources."""
        found: list[Proposal] = []
        for source_id in sorted({*self.chosen, *self.conflicts}, key=order.__getitem__):
            if source_id in self.chosen:
                pair, confidence = self.chosen[source_id]
                twins = [other.source.id for other in self.taken[pair.remote.id] if other is not pair]
                extra = (entered_twice(twins),) if twins else ()
                found.append(_proposal(pair, confidence, extra))
                continue
            candidates = sorted(self.conflicts[source_id].values(), key=lambda pair: (-pair.score, pair.ids))
            for pair in candidates[:_MOST_CANDIDATES]:
                remotes = [other.remote.id for other in candidates[:_MOST_CANDIDATES] if other is not pair]
                sources = [
                    other.source.id
                    for other in self.by_remote[pair.remote.id]
                    if other is not pair and (other in self.taken[pair.remote.id] or self._is_disputed(other))
                ][:_MOST_CANDIDATES]
                extra = (other_candidate(sources, remotes),) if sources or remotes else ()
                found.append(_proposal(pair, Confidence.CONFLICTING, extra))
        return tuple(found)

    def _is_settled(self, source_id: str) -> bool:
        return source_id in self.chosen or source_id in self.conflicts

    def _is_disputed(self, pair: PartnerPair) -> bool:
        return pair.remote.id in self.conflicts.get(pair.source.id, ())

    def _disputes(self, pair: PartnerPair, other: PartnerPair) -> bool:
        """Is the other pair as good, and still open?"""
        if other.verdict is Confidence.CONFLICTING or other.score < pair.score - _MARGIN:
            return False
        if other.source.id == pair.source.id:
            return all(_are_doubles(other, taker) for taker in self.taken[other.remote.id])
        return other.source.id not in self.chosen and not _are_doubles(pair, other)

    def _choose(self, pair: PartnerPair, confidence: Confidence) -> None:
        self.chosen[pair.source.id] = (pair, confidence)
        self.taken[pair.remote.id].append(pair)

    def _dispute(self, pairs: Iterable[PartnerPair]) -> None:
        for pair in pairs:
            if pair.source.id not in self.chosen:
                self.conflicts[pair.source.id][pair.remote.id] = pair


def _rivals(pair: PartnerPair, other: PartnerPair) -> bool:
    """Do another candidate make a certain pair doubtful? One with an identifier of its own, or a better name."""
    if EvidenceKind.MARKER in pair.own:
        return EvidenceKind.MARKER in other.own
    if other.verdict is Confidence.CERTAIN:
        return True
    if other.verdict is Confidence.CONFLICTING:
        return False
    if (
        other.doubts
        and not pair.doubts
        and (pair.own > other.own or pair.source.name.form == pair.remote.name.form != "")
    ):
        return False
    if other.own and other.likeness >= (Likeness.PART if other.own & CODES else Likeness.CLOSE):
        return True
    return other.likeness is Likeness.SAME and not other.doubts and pair.likeness < Likeness.CLOSE


def _are_doubles(pair: PartnerPair, other: PartnerPair) -> bool:
    """Do two contacts look like one partner entered twice? Persons only by more than their names."""
    one, two = pair.source, other.source
    if not are_doubles(one, two):
        return False
    if one.is_private or two.is_private:
        equal = ((one.bank_account, two.bank_account), (one.vat_number, two.vat_number))
        shared = one.emails & two.emails or any(mine and mine == other for mine, other in equal)
        return bool(shared) or same_place(one.place, two.place)
    return True


def _has_its_code(pair: PartnerPair) -> bool:
    """Do a contact that does not look like the one that has the record already have its registry code, and a name of
    which a part agrees?"""
    return EvidenceKind.REGISTRY_CODE in pair.own | pair.shared and pair.likeness >= Likeness.PART


def _proposal(pair: PartnerPair, confidence: Confidence, extra: tuple[Evidence, ...]) -> Proposal:
    return Proposal(pair.source.id, pair.remote.id, confidence, pair.score, (*evidence_of(pair), *extra))
