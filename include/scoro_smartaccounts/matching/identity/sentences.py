"""Why a pair is proposed, in words of the catalogue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scoro_smartaccounts.common.reasons import Phrase, phrase
from scoro_smartaccounts.matching.identity.names import Likeness
from scoro_smartaccounts.matching.identity.proposals import Evidence, EvidenceKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from decimal import Decimal

    from scoro_smartaccounts.matching.identity.partner_pairs import PartnerPair

_EQUAL: dict[EvidenceKind, tuple[str, Callable[[PartnerPair], str]]] = {
    EvidenceKind.REGISTRY_CODE: ("registry_code", lambda pair: pair.source.registry_code),
    EvidenceKind.VAT_NUMBER: ("vat_number", lambda pair: pair.source.vat_number),
    EvidenceKind.BANK_ACCOUNT: ("bank_account", lambda pair: pair.source.bank_account),
    EvidenceKind.EMAIL: ("email_address", lambda pair: ", ".join(sorted(pair.source.emails & pair.remote.emails))),
    EvidenceKind.DOMAIN: ("email_domain", lambda pair: ", ".join(sorted(pair.source.domains & pair.remote.domains))),
}
_WRITTEN: dict[EvidenceKind, Callable[[PartnerPair], str]] = {
    EvidenceKind.REGISTRY_CODE: lambda pair: pair.source.written_code,
    EvidenceKind.VAT_NUMBER: lambda pair: pair.source.written_vat,
}
_CODES = frozenset(_WRITTEN)
_NAMES = {
    Likeness.SAME: (EvidenceKind.NAME, "why_same_name"),
    Likeness.CLOSE: (EvidenceKind.FUZZY_NAME, "why_close_name"),
    Likeness.FUZZY: (EvidenceKind.FUZZY_NAME, "why_similar_name"),
    Likeness.PART: (EvidenceKind.FUZZY_NAME, "why_part_of_name"),
    Likeness.DIFFERENT: (EvidenceKind.OTHER_NAME, "why_other_name"),
}


def evidence_of(pair: PartnerPair) -> tuple[Evidence, ...]:
    """Return what speaks for the pair, strongest first, then what speaks against it."""
    return (*_identifiers(pair), *_codes(pair), *_likenesses(pair), *_shared(pair), *_against(pair))


def _identifiers(pair: PartnerPair) -> Iterator[Evidence]:
    if EvidenceKind.MARKER in pair.own:
        yield Evidence(EvidenceKind.MARKER, phrase("why_marker", id=pair.source.id))
    for kind, (what, value) in _EQUAL.items():
        if kind in pair.own or kind in pair.support:
            yield Evidence(kind, phrase("why_same", what=phrase(what), text=value(pair)))


def _codes(pair: PartnerPair) -> Iterator[Evidence]:
    """Yield what codes say that others have too, or that are not right."""
    proof = pair.proof
    if proof is not None and proof in _WRITTEN and proof not in pair.own:
        yield Evidence(proof, _same_but(proof, _WRITTEN[proof](pair), is_shared=proof in pair.shared))
    elif not _CODES & (pair.own | pair.shared) and (codes := pair.source.writings & pair.remote.writings):
        yield Evidence(EvidenceKind.WRITTEN_CODE, phrase("why_written_code", text=", ".join(sorted(codes))))
    elif EvidenceKind.MISTYPED_CODE in pair.support:
        yield Evidence(EvidenceKind.MISTYPED_CODE, phrase("why_mistyped_code"))


def _likenesses(pair: PartnerPair) -> Iterator[Evidence]:
    if EvidenceKind.ADDRESS in pair.support:
        yield Evidence(EvidenceKind.ADDRESS, phrase("why_address"))
    if pair.likeness is not Likeness.DIFFERENT:
        yield _name(pair)
    if EvidenceKind.RARE_WORD in pair.support and pair.likeness is not Likeness.SAME:
        yield Evidence(EvidenceKind.RARE_WORD, phrase("why_rare_word"))


def _shared(pair: PartnerPair) -> Iterator[Evidence]:
    for kind, (_, value) in _EQUAL.items():
        if kind in pair.shared and kind is not pair.proof:
            yield Evidence(EvidenceKind.SHARED, _same_but(kind, value(pair), is_shared=True))


def _same_but(kind: EvidenceKind, value: str, *, is_shared: bool) -> Phrase:
    note = phrase("others_have_it") if is_shared else phrase("as_it_is_written")
    return phrase("why_same_but", what=phrase(_EQUAL[kind][0]), text=value, note=note)


def _against(pair: PartnerPair) -> Iterator[Evidence]:
    source, remote = pair.source, pair.remote
    if pair.likeness is Likeness.DIFFERENT:
        yield _name(pair)
    if EvidenceKind.OTHER_REGISTRY_CODE in pair.against | pair.doubts:
        yield _differs(EvidenceKind.OTHER_REGISTRY_CODE, "registry_code", source.written_code, remote.written_code)
    if EvidenceKind.OTHER_VAT_NUMBER in pair.against:
        yield _differs(EvidenceKind.OTHER_VAT_NUMBER, "vat_number", source.vat_number, remote.vat_number)
    if EvidenceKind.OTHER_KIND in pair.against | pair.doubts:
        yield Evidence(EvidenceKind.OTHER_KIND, phrase("why_other_kind"))
    if EvidenceKind.OTHER_FORM in pair.doubts:
        yield _differs(EvidenceKind.OTHER_FORM, "company_form", source.name.form, remote.name.form)
    if EvidenceKind.OTHER_COUNTRY in pair.doubts:
        yield _differs(EvidenceKind.OTHER_COUNTRY, "country", source.country, remote.country)


def _differs(kind: EvidenceKind, what: str, ours: str, theirs: str) -> Evidence:
    return Evidence(kind, phrase("why_differs", what=phrase(what), ours=ours, theirs=theirs))


def _name(pair: PartnerPair) -> Evidence:
    kind, key = _NAMES[pair.likeness]
    score: Decimal | None = None if pair.likeness is Likeness.SAME else pair.name_score
    return Evidence(kind, phrase(key, text=f"{pair.source.name.written} / {pair.remote.name.written}"), score)


def other_candidate(source_ids: list[str], remote_ids: list[str]) -> Evidence:
    """Return the records that stand in the way of a pair: other contacts, or other clients or vendors."""
    others = [phrase("others_of_smartaccounts", ids=remote_ids)] if remote_ids else []
    others += [phrase("others_of_scoro", ids=source_ids)] if source_ids else []
    return Evidence(EvidenceKind.OTHER_CANDIDATE, phrase("why_others", others=others))


def entered_twice(source_ids: list[str]) -> Evidence:
    """Other contacts of Scoro that look like the same partner, so that all may stand for one record."""
    return Evidence(EvidenceKind.DOUBLE, phrase("why_double", ids=source_ids))
