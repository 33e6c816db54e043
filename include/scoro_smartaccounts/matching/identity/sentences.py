"""Why a pair is proposed, in words: English and Estonian."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scoro_smartaccounts.matching.identity.names import Likeness
from scoro_smartaccounts.matching.identity.proposals import Evidence, EvidenceKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from decimal import Decimal

    from scoro_smartaccounts.matching.identity.partner_pairs import PartnerPair

_EQUAL: dict[EvidenceKind, tuple[str, str, Callable[[PartnerPair], str]]] = {
    EvidenceKind.REGISTRY_CODE: ("registry code", "registrikood", lambda pair: pair.source.registry_code),
    EvidenceKind.VAT_NUMBER: ("VAT number", "KMKR number", lambda pair: pair.source.vat_number),
    EvidenceKind.BANK_ACCOUNT: ("bank account", "pangakonto", lambda pair: pair.source.bank_account),
    EvidenceKind.EMAIL: (
        "e-mail address",
        "e-posti aadress",
        lambda pair: ", ".join(sorted(pair.source.emails & pair.remote.emails)),
    ),
    EvidenceKind.DOMAIN: (
        "e-mail domain",
        "e-posti domeen",
        lambda pair: ", ".join(sorted(pair.source.domains & pair.remote.domains)),
    ),
}
_WRITTEN: dict[EvidenceKind, Callable[[PartnerPair], str]] = {
    EvidenceKind.REGISTRY_CODE: lambda pair: pair.source.written_code,
    EvidenceKind.VAT_NUMBER: lambda pair: pair.source.written_vat,
}
_CODES = frozenset(_WRITTEN)
_SHARED = ("which others have too", "mis on ka teistel")
_NAMES = {
    Likeness.SAME: (EvidenceKind.NAME, "same name", "sama nimi"),
    Likeness.CLOSE: (EvidenceKind.FUZZY_NAME, "name differs by a slip of the pen", "nimi erineb kirjavea võrra"),
    Likeness.FUZZY: (EvidenceKind.FUZZY_NAME, "similar name", "sarnane nimi"),
    Likeness.PART: (
        EvidenceKind.FUZZY_NAME,
        "one name is a part or an abbreviation of the other",
        "üks nimi on teise osa või lühend",
    ),
    Likeness.DIFFERENT: (EvidenceKind.OTHER_NAME, "the names differ", "nimed on erinevad"),
}


def evidence_of(pair: PartnerPair) -> tuple[Evidence, ...]:
    """Return what speaks for the pair, strongest first, then what speaks against it."""
    return (*_identifiers(pair), *_codes(pair), *_likenesses(pair), *_shared(pair), *_against(pair))


def _identifiers(pair: PartnerPair) -> Iterator[Evidence]:
    if EvidenceKind.MARKER in pair.own:
        yield Evidence(
            EvidenceKind.MARKER,
            f"its comment in SmartAccounts names contact {pair.source.id} of Scoro",
            f"kommentaar SmartAccountsis nimetab Scoro kontakti {pair.source.id}",
        )
    for kind, (what, what_et, value) in _EQUAL.items():
        if kind in pair.own or kind in pair.support:
            yield Evidence(kind, f"same {what} {value(pair)}", f"sama {what_et} {value(pair)}")


def _codes(pair: PartnerPair) -> Iterator[Evidence]:
    """Yield what codes say that others have too, or that are not right."""
    proof = pair.proof
    if proof is not None and proof in _WRITTEN and proof not in pair.own:
        what, what_et, _ = _EQUAL[proof]
        code = _WRITTEN[proof](pair)
        others, others_et = _SHARED if proof in pair.shared else ("as it is written", "nii nagu see on kirjas")
        yield Evidence(proof, f"same {what} {code}, {others}", f"sama {what_et} {code}, {others_et}")
    elif not _CODES & (pair.own | pair.shared) and (codes := pair.source.writings & pair.remote.writings):
        code = ", ".join(sorted(codes))
        yield Evidence(
            EvidenceKind.WRITTEN_CODE,
            f"same code {code}, which fails its check, or whose country is not told",
            f"sama kood {code}, mis on vigane või mille riik ei ole teada",
        )
    elif EvidenceKind.MISTYPED_CODE in pair.support:
        yield Evidence(
            EvidenceKind.MISTYPED_CODE,
            "registry code equal but for one digit, and wrong in one of the systems",
            "registrikood erineb ühe numbri võrra ja on ühes süsteemis vale",
        )


def _likenesses(pair: PartnerPair) -> Iterator[Evidence]:
    if EvidenceKind.ADDRESS in pair.support:
        yield Evidence(EvidenceKind.ADDRESS, "same street and house", "sama tänav ja maja")
    if pair.likeness is not Likeness.DIFFERENT:
        yield _name(pair)
    if EvidenceKind.RARE_WORD in pair.support and pair.likeness is not Likeness.SAME:
        yield Evidence(
            EvidenceKind.RARE_WORD,
            "a word of the name that no other company has on either side",
            "nimes on sõna, mida pole kummaski süsteemis ühelgi teisel ettevõttel",
        )


def _shared(pair: PartnerPair) -> Iterator[Evidence]:
    for kind, (what, what_et, value) in _EQUAL.items():
        if kind in pair.shared and kind is not pair.proof:
            others, others_et = _SHARED
            yield Evidence(
                EvidenceKind.SHARED,
                f"same {what} {value(pair)}, {others}",
                f"sama {what_et} {value(pair)}, {others_et}",
            )


def _against(pair: PartnerPair) -> Iterator[Evidence]:
    source, remote = pair.source, pair.remote
    if pair.likeness is Likeness.DIFFERENT:
        yield _name(pair)
    if EvidenceKind.OTHER_REGISTRY_CODE in pair.against | pair.doubts:
        yield _differs(
            EvidenceKind.OTHER_REGISTRY_CODE, "registry code", "registrikood", source.written_code, remote.written_code
        )
    if EvidenceKind.OTHER_VAT_NUMBER in pair.against:
        yield _differs(EvidenceKind.OTHER_VAT_NUMBER, "VAT number", "KMKR number", source.vat_number, remote.vat_number)
    if EvidenceKind.OTHER_KIND in pair.against | pair.doubts:
        yield Evidence(
            EvidenceKind.OTHER_KIND,
            "one may be a private person, the other a company",
            "üks võib olla eraisik, teine ettevõte",
        )
    if EvidenceKind.OTHER_FORM in pair.doubts:
        yield _differs(EvidenceKind.OTHER_FORM, "company form", "ettevõtlusvorm", source.name.form, remote.name.form)
    if EvidenceKind.OTHER_COUNTRY in pair.doubts:
        yield _differs(EvidenceKind.OTHER_COUNTRY, "country", "riik", source.country, remote.country)


def _differs(kind: EvidenceKind, what: str, what_et: str, ours: str, theirs: str) -> Evidence:
    return Evidence(
        kind,
        f"{what} {ours} in Scoro, {theirs} in SmartAccounts",
        f"{what_et} on Scoros {ours}, SmartAccountsis {theirs}",
    )


def _name(pair: PartnerPair) -> Evidence:
    kind, words, words_et = _NAMES[pair.likeness]
    score: Decimal | None = None if pair.likeness is Likeness.SAME else pair.name_score
    names = f"{pair.source.name.written} / {pair.remote.name.written}"
    return Evidence(kind, f"{words}: {names}", f"{words_et}: {names}", score)


def other_candidate(source_ids: list[str], remote_ids: list[str]) -> Evidence:
    """Return the records that stand in the way of a pair: other contacts, or other clients or vendors."""
    parts, parts_et = [], []
    if remote_ids:
        ids = ", ".join(remote_ids)
        parts.append(f"{ids} of SmartAccounts may be meant too")
        parts_et.append(f"mõeldud võib olla ka SmartAccountsi {ids}")
    if source_ids:
        ids = ", ".join(source_ids)
        parts.append(f"contact {ids} of Scoro may be it too")
        parts_et.append(f"see võib olla ka Scoro kontakt {ids}")
    return Evidence(EvidenceKind.OTHER_CANDIDATE, "; ".join(parts), "; ".join(parts_et))


def entered_twice(source_ids: list[str]) -> Evidence:
    """Other contacts of Scoro that look like the same partner, so that all may stand for one record."""
    ids = ", ".join(source_ids)
    return Evidence(
        EvidenceKind.DOUBLE,
        f"contact {ids} of Scoro looks like the same party entered twice",
        f"Scoro kontakt {ids} paistab olevat sama, teist korda sisestatud",
    )
