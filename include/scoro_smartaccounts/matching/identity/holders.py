"""Who has which code, account, address or name: to find candidates, and to tell what is shared."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterator, Sequence
from typing import TYPE_CHECKING

from scoro_smartaccounts.matching.identity.names import Likeness, are_equal, compare_names, forms_clash
from scoro_smartaccounts.matching.identity.proposals import Kind

if TYPE_CHECKING:
    from scoro_smartaccounts.matching.identity.known import Known

Key = tuple[Kind, Hashable]

CODES = frozenset({Kind.REGISTRY_CODE, Kind.VAT_NUMBER})
IDENTIFIERS = CODES | {Kind.BANK_ACCOUNT, Kind.EMAIL}
# More different parties than this have it: a bureau's, a provider's or a business centre's. It tells nothing then.
MOST_SHARING = 8
LETTERS_OF_A_RARE_WORD = 5


def keys_of(known: Known) -> Iterator[Key]:
    """Everything that a party may share with another record of itself."""
    if known.registry_code:
        yield Kind.REGISTRY_CODE, (known.register, known.registry_code)
    if known.vat_number:
        yield Kind.VAT_NUMBER, known.vat_number
    if known.bank_account:
        yield Kind.BANK_ACCOUNT, known.bank_account
    for email in known.emails:
        yield Kind.EMAIL, email
    for domain in known.domains:
        yield Kind.DOMAIN, domain
    if known.place.key is not None:
        yield Kind.ADDRESS, known.place.key
    for spelling in known.name.spellings:
        yield Kind.NAME, spelling


def _words_of(known: Known) -> Iterator[Key]:
    """Yield the words of a company's name that may be its own."""
    if not known.is_private:
        yield from ((Kind.RARE_WORD, word) for word in known.name.words if len(word) >= LETTERS_OF_A_RARE_WORD)


class Holders:
    """The records of one side by their keys."""

    def __init__(self, records: Sequence[Known]) -> None:
        self.records = records
        self.marked: defaultdict[str, list[Known]] = defaultdict(list)
        self.writing: defaultdict[str, list[Known]] = defaultdict(list)
        self._by_key: defaultdict[Key, list[Known]] = defaultdict(list)
        for record in records:
            if record.marked_id:
                self.marked[record.marked_id].append(record)
            for code in record.writings:
                self.writing[code].append(record)
            for key in {*keys_of(record), *_words_of(record)}:
                self._by_key[key].append(record)

    def of(self, key: Key) -> Sequence[Known]:
        """Return the records that have it."""
        return self._by_key.get(key, ())

    def only_has(self, word: str) -> bool:
        """Is there exactly one company with that word in its name?"""
        return len(self.of((Kind.RARE_WORD, word))) == 1

    def are_one(self, key: Key, party: Known) -> bool:
        """Do all who have it look like records of `party` itself?"""
        holders = self.of(key)
        return len(holders) <= MOST_SHARING and all(other is party or are_doubles(party, other) for other in holders)


def have_other_codes(one: Known, other: Known) -> bool:
    """Do two valid registry codes tell that these are two parties? The same digits in two countries' registers do."""
    if not one.registry_code or not other.registry_code:
        return False
    if one.registry_code != other.registry_code:
        return True
    return one.register != other.register and one.is_told and other.is_told


def contradictions(one: Known, other: Known) -> Iterator[Kind]:
    """Yield what makes it unlikely that two records are the same party, whatever else they share."""
    if have_other_codes(one, other):
        yield Kind.OTHER_REGISTRY_CODE
    if one.vat_number and other.vat_number and one.vat_number != other.vat_number:
        yield Kind.OTHER_VAT_NUMBER
    if (one.is_private and other.is_company) or (other.is_private and one.is_company):
        yield Kind.OTHER_KIND


def are_doubles(one: Known, other: Known) -> bool:
    """Do two records of the same side look like one party entered twice?"""
    if any(contradictions(one, other)) or forms_clash(one.name.form, other.name.form):
        return False
    if {one.is_person, other.is_person} == {True, False}:
        # An owner and the company of that name.
        return False
    if are_equal(one.name, other.name):
        return True
    persons = one.is_private or other.is_private
    return not persons and compare_names(one.name, other.name)[0] >= Likeness.CLOSE
