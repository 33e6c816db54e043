"""Two records held against each other: what they share, what speaks against it, and what that alone is worth.

That no rival stands beside a certain pair is seen to in `matching.identity.partner_proposals`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from rapidfuzz.distance import OSA

from scoro_smartaccounts.common.records import Confidence
from scoro_smartaccounts.matching.identity.addresses import same_place
from scoro_smartaccounts.matching.identity.names import Likeness, compare_names, forms_clash
from scoro_smartaccounts.matching.identity.profile_index import (
    IDENTIFIERS,
    MOST_SHARING,
    ProfileIndex,
    contradictions,
    keys_of,
)
from scoro_smartaccounts.matching.identity.proposals import EvidenceKind

if TYPE_CHECKING:
    from scoro_smartaccounts.matching.identity.profiles import Profile

# Letters in a hundred that must agree where nothing but the name speaks for a pair.
_ALONE = 86
# What a thing in common is worth beside a name; the best counts whole, the others a fifth.
_WORTH = {
    EvidenceKind.REGISTRY_CODE: 50,
    EvidenceKind.VAT_NUMBER: 46,
    EvidenceKind.BANK_ACCOUNT: 42,
    EvidenceKind.EMAIL: 34,
    EvidenceKind.MISTYPED_CODE: 26,
    EvidenceKind.DOMAIN: 16,
    EvidenceKind.ADDRESS: 16,
    EvidenceKind.RARE_WORD: 8,
}
_WORTH_SHARED = 14
_NAME_WORTH = {
    Likeness.SAME: 50,
    Likeness.CLOSE: 46,
    Likeness.FUZZY: 40,
    Likeness.PART: 30,
    Likeness.DIFFERENT: 15,
}


@dataclass(frozen=True, slots=True)
class PartnerPair:
    """`own`: identifiers that only these two have; `shared`: those that others have too; `support`: domain, address,
    a mistyped code; `against`: contradictions; `doubts`: what keeps it from being certain by account or e-mail."""

    source: Profile
    remote: Profile
    likeness: Likeness
    name_score: Decimal
    own: frozenset[EvidenceKind]
    shared: frozenset[EvidenceKind]
    support: frozenset[EvidenceKind]
    against: frozenset[EvidenceKind]
    doubts: frozenset[EvidenceKind] = field(default_factory=frozenset)

    @property
    def ids(self) -> tuple[str, str]:
        """Source and remote."""
        return self.source.id, self.remote.id

    @property
    def score(self) -> Decimal:
        """0-100: what all that the two share is worth beside their names."""
        if EvidenceKind.MARKER in self.own:
            return Decimal(100)
        worth = [_WORTH[kind] for kind in self.own | self.support] + [_WORTH_SHARED for _ in self.shared]
        best = max(worth, default=0)
        others = (sum(worth) - best) // 5
        name = self.name_score * _NAME_WORTH[self.likeness] / 100
        points = name + best + others - 15 * len(self.against) - 5 * len(self.doubts)
        return max(Decimal(0), min(Decimal(100), points)).quantize(Decimal("0.01"))

    @property
    def verdict(self) -> Confidence | None:
        """What the pair is worth if no other candidate stands in the way; None: nothing to propose."""
        if EvidenceKind.MARKER in self.own:
            return Confidence.CONFLICTING if EvidenceKind.OTHER_REGISTRY_CODE in self.against else Confidence.CERTAIN
        if self.against:
            speaks_for = self.own or self.likeness >= Likeness.CLOSE
            return Confidence.CONFLICTING if speaks_for else None
        if self.proof is not None:
            return Confidence.CERTAIN
        if self._is_likely():
            return Confidence.LIKELY
        is_asked_about = EvidenceKind.REGISTRY_CODE in self.shared or not self.source.writings.isdisjoint(
            self.remote.writings
        )
        return Confidence.CONFLICTING if is_asked_about else None

    @property
    def proof(self) -> EvidenceKind | None:
        """The identifier that makes the pair certain if nothing contradicts and no other candidate is in the way."""
        if EvidenceKind.MARKER in self.own:
            return EvidenceKind.MARKER
        if EvidenceKind.REGISTRY_CODE in self.own and self._is_of_one_register:
            return EvidenceKind.REGISTRY_CODE if self.likeness >= Likeness.PART else None
        if EvidenceKind.OTHER_FORM not in self.doubts and self.likeness is Likeness.SAME and self._is_same_code:
            return EvidenceKind.REGISTRY_CODE
        if self.doubts:
            return None
        if self.likeness is Likeness.SAME and (EvidenceKind.VAT_NUMBER in self.own or self._is_same_writing_of_vat):
            return EvidenceKind.VAT_NUMBER
        if self.likeness >= (Likeness.SAME if self._may_be_person else Likeness.CLOSE):
            return next((kind for kind in (EvidenceKind.BANK_ACCOUNT, EvidenceKind.EMAIL) if kind in self.own), None)
        return None

    @property
    def _is_of_one_register(self) -> bool:
        """Where only a check digit says whose register a code is of, company forms may say another thing."""
        return EvidenceKind.OTHER_FORM not in self.doubts or (self.source.is_told and self.remote.is_told)

    @property
    def _is_same_code(self) -> bool:
        """Others have it too, or it fails its check, or nothing tells of which country it is."""
        if EvidenceKind.REGISTRY_CODE in self.own | self.shared:
            return True
        one, other = self.source, self.remote
        if (one.registry_code and other.registry_code) or self._may_be_person:
            return False
        return bool(one.written_code) and one.written_code == other.written_code

    def _is_likely(self) -> bool:
        if self.own - {EvidenceKind.EMAIL}:
            return True
        if EvidenceKind.EMAIL in self.own and not self._may_be_person:
            return True
        if self.own or self.shared or self.support:
            return self.likeness >= Likeness.PART
        if self.likeness is Likeness.SAME:
            return True
        return self.likeness >= Likeness.FUZZY and self.name_score >= _ALONE

    @property
    def _is_same_writing_of_vat(self) -> bool:
        """It fails its check, or its country is not known here."""
        one, other = self.source, self.remote
        if (one.vat_number and other.vat_number) or self._may_be_person:
            return False
        return bool(one.written_vat) and one.written_vat == other.written_vat

    @property
    def _may_be_person(self) -> bool:
        return self.source.is_private or self.remote.is_private


def compare_partners(source: Profile, remote: Profile, sources: ProfileIndex, remotes: ProfileIndex) -> PartnerPair:
    """Everything that two records have in common and against each other."""
    persons = source.is_private or remote.is_private
    likeness, name_score = compare_names(source.name, remote.name, persons=persons)
    theirs = set(keys_of(remote))
    own, shared, support = set[EvidenceKind](), set[EvidenceKind](), set[EvidenceKind]()
    if remote.marked_id == source.id:
        own.add(EvidenceKind.MARKER)
    for key in keys_of(source):
        kind = key[0]
        if key not in theirs or kind in (EvidenceKind.NAME, EvidenceKind.ADDRESS):
            continue
        if kind is EvidenceKind.DOMAIN:
            if (
                max(len(sources.of(key)), len(remotes.of(key))) <= MOST_SHARING
                and EvidenceKind.EMAIL not in own | shared
            ):
                support.add(kind)
        elif kind in IDENTIFIERS:
            (own if sources.are_one(key, source) and remotes.are_one(key, remote) else shared).add(kind)
    if rare_words(source, remote, sources, remotes):
        support.add(EvidenceKind.RARE_WORD)
    if same_place(source.place, remote.place):
        support.add(EvidenceKind.ADDRESS)
    codes = source.written_code, remote.written_code
    if all(codes) and bool(source.mistyped) != bool(remote.mistyped) and _is_one_slip(*codes):
        support.add(EvidenceKind.MISTYPED_CODE)
    return PartnerPair(
        source,
        remote,
        likeness,
        name_score,
        frozenset(own),
        frozenset(shared - own),
        frozenset(support),
        frozenset(contradictions(source, remote)),
        _doubts(source, remote),
    )


def _is_one_slip(code: str, other: str) -> bool:
    return OSA.distance(code, other, score_cutoff=1) <= 1


def rare_words(source: Profile, remote: Profile, sources: ProfileIndex, remotes: ProfileIndex) -> list[str]:
    """Words of both names that no other company of either system has."""
    return [
        word
        for word in source.name.words
        if word in remote.name.words and all(s.only_has(word) for s in (sources, remotes))
    ]


def _doubts(source: Profile, remote: Profile) -> frozenset[EvidenceKind]:
    """Return a parent and its subsidiary, an owner and the company, a branch: they share account, e-mail and
    address."""
    found = set[EvidenceKind]()
    one, other = source.name, remote.name
    if forms_clash(one.form, other.form):
        found.add(EvidenceKind.OTHER_FORM)
    if _may_be_owner(source, remote) or _may_be_owner(remote, source):
        found.add(EvidenceKind.OTHER_KIND)
    codes = source.written_code, remote.written_code
    if all(codes) and codes[0] != codes[1] and (source.mistyped or remote.mistyped) and not _is_one_slip(*codes):
        found.add(EvidenceKind.OTHER_REGISTRY_CODE)
    if source.country and remote.country and source.country != remote.country:
        found.add(EvidenceKind.OTHER_COUNTRY)
    return frozenset(found)


def _may_be_owner(person: Profile, company: Profile) -> bool:
    """May the first be a private person, and the other the company that is called after that person?

    A contact of Scoro is a company unless somebody said otherwise: that tells nothing.
    """
    if company.is_private or person.name.form:
        return False
    if company.name.form:
        return person.is_private or person.name.may_be_person
    if person.is_private:
        return bool(company.vat_number)
    return person.is_person is not company.is_person and person.name.may_be_person
