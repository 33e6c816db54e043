"""Why a contact is neither linked nor created, and what mends it, for a bookkeeper.

Names and codes stand here where they are certainly no private person's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scoro_smartaccounts.common.errors import DocumentProblem
from scoro_smartaccounts.common.reasons import Phrase, phrase, reason
from scoro_smartaccounts.matching.identity.importing import Doubt, shared_codes
from scoro_smartaccounts.matching.identity.names import Likeness
from scoro_smartaccounts.matching.identity.proposals import EvidenceKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from scoro_smartaccounts.matching.identity.partner_pairs import PartnerPair
    from scoro_smartaccounts.matching.identity.profiles import Profile

AMBIGUOUS, DIFFERS = "partner_ambiguous", "partner_differs"
_WORDS = {EvidenceKind.REGISTRY_CODE: "registry_code", EvidenceKind.VAT_NUMBER: "vat_number"}
_NAMES = {
    Likeness.DIFFERENT: "name_different",
    Likeness.PART: "name_part",
    Likeness.FUZZY: "name_fuzzy",
    Likeness.CLOSE: "name_close",
}


def problem_of(doubt: Doubt, noun: str) -> DocumentProblem:
    """Return what a person must mend or decide. `noun`: client or vendor."""
    contact = _contact(doubt.source)
    if len(doubt.pairs) > 1:
        return DocumentProblem(reason(AMBIGUOUS, contact=contact, several=_several(doubt.pairs, noun)))
    if not doubt.pairs:
        what = _what(shared_codes(doubt.source, doubt.contacts[0]), doubt.source, *doubt.contacts)
        return DocumentProblem(
            reason(
                f"{DIFFERS}.contacts",
                contact=contact,
                others=[_contact(other) for other in doubt.contacts],
                what=what,
                kind=phrase(f"{noun}_word"),
            )
        )
    (pair,) = doubt.pairs
    record = _record(pair.remote, noun)
    return DocumentProblem(
        reason(DIFFERS, contact=contact, record=record, common=_common(pair), against=list(_against(doubt, pair)))
    )


def _contact(known: Profile) -> Phrase:
    """Its id, and a company's name."""
    if known.public_name:
        return phrase("contact_named", id=known.id, name=known.public_name)
    return phrase("contact", id=known.id)


def _record(known: Profile, noun: str) -> Phrase:
    if known.public_name:
        return phrase(f"{noun}_named", id=known.id, name=known.public_name)
    return phrase(noun, id=known.id)


def _bare(known: Profile) -> str | Phrase:
    return phrase("named", id=known.id, name=known.public_name) if known.public_name else known.id


def _several(pairs: tuple[PartnerPair, ...], noun: str) -> Phrase:
    records = [_bare(pair.remote) for pair in pairs]
    if all(EvidenceKind.MARKER in pair.own for pair in pairs):
        return phrase(f"several_{noun}s_marked", count=len(pairs), records=records)
    first, *rest = (shared_codes(pair.source, pair.remote) for pair in pairs)
    if common := [code for code in first if all(code in codes for codes in rest)]:
        what = _what(common, pairs[0].source)
        return phrase(f"several_{noun}s", count=len(pairs), what=what, records=records)
    return phrase(f"codes_of_different_{noun}s", records=records)


def _common(pair: PartnerPair) -> Phrase:
    if EvidenceKind.MARKER in pair.own:
        return phrase("names_it")
    return phrase("has_same", what=_what(shared_codes(pair.source, pair.remote), pair.source, pair.remote))


def _what(codes: Iterable[tuple[EvidenceKind, str]], *parties: Profile) -> list[Phrase]:
    """Codes that are certainly no person's are told."""
    are_told = all(record.is_public for record in parties)
    words = [phrase(f"{_WORDS[kind]}_of", code=code) if are_told else phrase(_WORDS[kind]) for kind, code in codes]
    return words or [phrase("some_code")]


def _against(doubt: Doubt, pair: PartnerPair) -> Iterator[Phrase]:
    source, remote = pair.source, pair.remote
    against = pair.against | pair.doubts
    are_told = source.is_public and remote.is_public
    if EvidenceKind.OTHER_REGISTRY_CODE in against:
        told = phrase("other_registry_code_told", theirs=remote.written_code, ours=source.written_code)
        yield told if are_told else phrase("other_registry_code")
    if EvidenceKind.OTHER_VAT_NUMBER in against:
        told = phrase("other_vat_number_told", theirs=remote.vat_number, ours=source.vat_number)
        yield told if are_told else phrase("other_vat_number")
    if pair.likeness in _NAMES:
        yield phrase(_NAMES[pair.likeness])
    if EvidenceKind.OTHER_FORM in against:
        yield phrase("other_form")
    if EvidenceKind.OTHER_COUNTRY in against:
        yield phrase("other_country", theirs=remote.country, ours=source.country)
    if EvidenceKind.OTHER_KIND in against:
        yield phrase("other_kind")
    if doubt.contacts:
        yield phrase("contacts_have_it", contacts=[_bare(other) for other in doubt.contacts])
    elif pair.shared:
        yield phrase("others_have_it")
    elif pair.likeness is Likeness.SAME and not against:
        yield phrase("does_not_tell")
