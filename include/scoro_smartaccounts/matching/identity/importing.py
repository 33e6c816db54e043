"""What an import may do with contacts that are not linked: link what is certain, leave to a person what has a code in
common with somebody and is not certain, create the others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scoro_smartaccounts.matching.identity.names import Likeness, compare_names, forms_clash
from scoro_smartaccounts.matching.identity.partner_pairs import PartnerPair, compare_partners
from scoro_smartaccounts.matching.identity.partner_proposals import certain_pairs
from scoro_smartaccounts.matching.identity.profile_index import ProfileIndex, are_doubles, have_other_codes
from scoro_smartaccounts.matching.identity.profiles import Profile, profile_of
from scoro_smartaccounts.matching.identity.proposals import EvidenceKind

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from scoro_smartaccounts.common.records import PartnerRecord


@dataclass(frozen=True, slots=True)
class Doubt:
    """A contact that is neither linked nor created: `pairs` are the records of SmartAccounts that have its code or name
    it in their comment, `contacts` other contacts of Scoro that have its code and look like somebody else."""

    source: Profile
    pairs: tuple[PartnerPair, ...]
    contacts: tuple[Profile, ...]


@dataclass(frozen=True, slots=True)
class Decided:
    """By contact: pairs to link, doubts for a person. Contacts in neither are new."""

    certain: Mapping[str, PartnerPair]
    doubts: Mapping[str, Doubt]


def decide(
    wanted: Collection[str],
    sources: Sequence[PartnerRecord],
    remotes: Sequence[PartnerRecord],
    rejected: Collection[tuple[str, str]] = (),
) -> Decided:
    """Return what to do with the `wanted` of the contacts, all ids. The other `sources` are those that are known beside
    them; `rejected` are pairs of which a person said no. Certain is what `propose_partners` calls so."""
    ours, theirs = (
        ProfileIndex([profile_of(record) for record in sources]),
        ProfileIndex([profile_of(record) for record in remotes]),
    )
    certain = certain_pairs(wanted, ours, theirs, rejected)
    doubts: dict[str, Doubt] = {}
    new: list[Profile] = []
    for source in ours.records:
        if source.id not in wanted or source.id in certain:
            continue
        holders = [
            *theirs.marked.get(source.id, ()),
            *(other for code in source.writings for other in theirs.writing.get(code, ())),
        ]
        near = {other.id: other for other in holders if (source.id, other.id) not in rejected}
        pairs = tuple(
            compare_partners(source, other, ours, theirs) for other in near.values() if _may_be(source, other)
        )
        if pairs:
            doubts[source.id] = Doubt(source, pairs, tuple(_others(source, ours)))
        else:
            new.append(source)
    created = ProfileIndex(new)
    for source in new:
        if contacts := tuple(_others(source, created)):
            doubts[source.id] = Doubt(source, (), contacts)
    return Decided(certain, doubts)


def _may_be(source: Profile, remote: Profile) -> bool:
    """May a record with its code, or with our marker, be the contact's?"""
    if remote.marked_id == source.id:
        return True
    return not _are_two(source, remote)


def _are_two(one: Profile, other: Profile) -> bool:
    """Are they two partners by their registry codes? Members of a VAT group are. Of one name, one of the codes is a
    mistake."""
    if not have_other_codes(one, other):
        return False
    if one.registry_code == other.registry_code:
        return True
    alike = compare_names(one.name, other.name)[0] >= Likeness.CLOSE and not forms_clash(one.name.form, other.name.form)
    return one.register == other.register and not alike


def _others(source: Profile, among: ProfileIndex) -> Iterator[Profile]:
    """Contacts that have its code and look like somebody else."""
    for other in {other.id: other for code in source.writings for other in among.writing.get(code, ())}.values():
        if other.id == source.id:
            continue
        if not _are_two(source, other) and not are_doubles(source, other):
            yield other


def shared_codes(one: Profile, other: Profile) -> list[tuple[EvidenceKind, str]]:
    """Return the codes that two records have in common, valid or not."""
    found = []
    if one.written_code and one.written_code == other.written_code:
        found.append((EvidenceKind.REGISTRY_CODE, one.written_code))
    if one.written_vat and one.written_vat == other.written_vat:
        found.append((EvidenceKind.VAT_NUMBER, one.written_vat))
    return found
