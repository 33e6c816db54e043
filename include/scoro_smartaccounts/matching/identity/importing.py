"""What an import may do with contacts that are not linked: link what is certain, leave to a person what has a code in
common with somebody and is not certain, create the others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scoro_smartaccounts.matching.identity.holders import Holders, are_doubles, have_other_codes
from scoro_smartaccounts.matching.identity.known import Known, know
from scoro_smartaccounts.matching.identity.names import Likeness, compare_names, forms_clash
from scoro_smartaccounts.matching.identity.pairs import Pair, compare
from scoro_smartaccounts.matching.identity.parties import certain_pairs
from scoro_smartaccounts.matching.identity.proposals import Kind

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from scoro_smartaccounts.common.records import PartnerRecord


@dataclass(frozen=True, slots=True)
class Doubt:
    """A contact that is neither linked nor created: `pairs` are the records of SmartAccounts that have its code or name
    it in their comment, `contacts` other contacts of Scoro that have its code and look like somebody else."""

    source: Known
    pairs: tuple[Pair, ...]
    contacts: tuple[Known, ...]


@dataclass(frozen=True, slots=True)
class Decided:
    """By contact: pairs to link, doubts for a person. Contacts in neither are new."""

    certain: Mapping[str, Pair]
    doubts: Mapping[str, Doubt]


def decide(
    wanted: Collection[str],
    sources: Sequence[PartnerRecord],
    remotes: Sequence[PartnerRecord],
    rejected: Collection[tuple[str, str]] = (),
) -> Decided:
    """Return what to do with the `wanted` of the contacts, all ids. The other `sources` are those that are known beside
    them; `rejected` are pairs of which a person said no. Certain is what `propose_parties` calls so."""
    ours, theirs = Holders([know(party) for party in sources]), Holders([know(party) for party in remotes])
    certain = certain_pairs(wanted, ours, theirs, rejected)
    doubts: dict[str, Doubt] = {}
    new: list[Known] = []
    for source in ours.records:
        if source.id not in wanted or source.id in certain:
            continue
        holders = [
            *theirs.marked.get(source.id, ()),
            *(other for code in source.writings for other in theirs.writing.get(code, ())),
        ]
        near = {other.id: other for other in holders if (source.id, other.id) not in rejected}
        pairs = tuple(compare(source, other, ours, theirs) for other in near.values() if _may_be(source, other))
        if pairs:
            doubts[source.id] = Doubt(source, pairs, tuple(_others(source, ours)))
        else:
            new.append(source)
    created = Holders(new)
    for source in new:
        if contacts := tuple(_others(source, created)):
            doubts[source.id] = Doubt(source, (), contacts)
    return Decided(certain, doubts)


def _may_be(source: Known, remote: Known) -> bool:
    """May a record with its code, or with our marker, be the contact's?"""
    if remote.marked_id == source.id:
        return True
    return not _are_two(source, remote)


def _are_two(one: Known, other: Known) -> bool:
    """Are they two parties by their registry codes? Members of a VAT group are. Of one name, one of the codes is a
    mistake."""
    if not have_other_codes(one, other):
        return False
    if one.registry_code == other.registry_code:
        return True
    alike = compare_names(one.name, other.name)[0] >= Likeness.CLOSE and not forms_clash(one.name.form, other.name.form)
    return one.register == other.register and not alike


def _others(source: Known, among: Holders) -> Iterator[Known]:
    """Contacts that have its code and look like somebody else."""
    for other in {other.id: other for code in source.writings for other in among.writing.get(code, ())}.values():
        if other.id == source.id:
            continue
        if not _are_two(source, other) and not are_doubles(source, other):
            yield other


def shared_codes(one: Known, other: Known) -> list[tuple[Kind, str]]:
    """Return the codes that two records have in common, valid or not."""
    found = []
    if one.written_code and one.written_code == other.written_code:
        found.append((Kind.REGISTRY_CODE, one.written_code))
    if one.written_vat and one.written_vat == other.written_vat:
        found.append((Kind.VAT_NUMBER, one.written_vat))
    return found
