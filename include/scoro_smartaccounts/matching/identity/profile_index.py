"""Who has which code, account, address or name: to find candidates, and to tell what is shared."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterator, Sequence
from typing import TYPE_CHECKING

from scoro_smartaccounts.matching.identity.names import Likeness, are_equal, compare_names, forms_clash
from scoro_smartaccounts.matching.identity.proposals import EvidenceKind

if TYPE_CHECKING:
    from scoro_smartaccounts.matching.identity.profiles import Profile

Key = tuple[EvidenceKind, Hashable]

CODES = frozenset({EvidenceKind.REGISTRY_CODE, EvidenceKind.VAT_NUMBER})
IDENTIFIERS = CODES | {EvidenceKind.BANK_ACCOUNT, EvidenceKind.EMAIL}
# More different partners than this have it: a bureau's, a provider's or a business centre's. It tells nothing then.
MOST_SHARING = 8
LETTERS_OF_A_RARE_WORD = 5


def keys_of(known: Profile) -> Iterator[Key]:
    """Everything that a partner may share with another record of itself."""
    if known.registry_code:
        yield EvidenceKind.REGISTRY_CODE, (known.register, known.registry_code)
    if known.vat_number:
        yield EvidenceKind.VAT_NUMBER, known.vat_number
    if known.bank_account:
        yield EvidenceKind.BANK_ACCOUNT, known.bank_account
    for email in known.emails:
        yield EvidenceKind.EMAIL, email
    for domain in known.domains:
        yield EvidenceKind.DOMAIN, domain
    if known.place.key is not None:
        yield EvidenceKind.ADDRESS, known.place.key
    for spelling in known.name.spellings:
        yield EvidenceKind.NAME, spelling


def _words_of(known: Profile) -> Iterator[Key]:
    """Yield the words of a company's name that may be its own."""
    if not known.is_private:
        yield from ((EvidenceKind.RARE_WORD, word) for word in known.name.words if len(word) >= LETTERS_OF_A_RARE_WORD)


class ProfileIndex:
    """The profiles of one system by their keys."""

    def __init__(self, records: Sequence[Profile]) -> None:
        self.records = records
        self.marked: defaultdict[str, list[Profile]] = defaultdict(list)
        self.writing: defaultdict[str, list[Profile]] = defaultdict(list)
        self._by_key: defaultdict[Key, list[Profile]] = defaultdict(list)
        for record in records:
            if record.marked_id:
                self.marked[record.marked_id].append(record)
            for code in record.writings:
                self.writing[code].append(record)
            for key in {*keys_of(record), *_words_of(record)}:
                self._by_key[key].append(record)

    def of(self, key: Key) -> Sequence[Profile]:
        """Return the records that have it."""
        return self._by_key.get(key, ())

    def only_has(self, word: str) -> bool:
        """Is there exactly one company with that word in its name?"""
        return len(self.of((EvidenceKind.RARE_WORD, word))) == 1

    def are_one(self, key: Key, record: Profile) -> bool:
        """Do all who have it look like records of `partner` itself?"""
        holders = self.of(key)
        return len(holders) <= MOST_SHARING and all(other is record or are_doubles(record, other) for other in holders)


def have_other_codes(one: Profile, other: Profile) -> bool:
    """Do two valid registry codes tell that these are two partners? The same digits in two countries' registers do."""
    if not one.registry_code or not other.registry_code:
        return False
    if one.registry_code != other.registry_code:
        return True
    return one.register != other.register and one.is_told and other.is_told


def contradictions(one: Profile, other: Profile) -> Iterator[EvidenceKind]:
    """Yield what makes it unlikely that two records are the same partner, whatever else they share."""
    if have_other_codes(one, other):
        yield EvidenceKind.OTHER_REGISTRY_CODE
    if one.vat_number and other.vat_number and one.vat_number != other.vat_number:
        yield EvidenceKind.OTHER_VAT_NUMBER
    if (one.is_private and other.is_company) or (other.is_private and one.is_company):
        yield EvidenceKind.OTHER_KIND


def are_doubles(one: Profile, other: Profile) -> bool:
    """Do two records of the same system look like one partner entered twice?"""
    if any(contradictions(one, other)) or forms_clash(one.name.form, other.name.form):
        return False
    if {one.is_person, other.is_person} == {True, False}:
        # An owner and the company of that name.
        return False
    if are_equal(one.name, other.name):
        return True
    persons = one.is_private or other.is_private
    return not persons and compare_names(one.name, other.name)[0] >= Likeness.CLOSE
