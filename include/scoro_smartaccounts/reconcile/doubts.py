"""Why a contact is neither linked nor created, and what mends it, for a bookkeeper.

Names and codes stand here where they are certainly no private person's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from scoro_smartaccounts.errors import DocumentProblem
from scoro_smartaccounts.reconcile.identity.importing import Doubt, shared_codes
from scoro_smartaccounts.reconcile.identity.known import Known
from scoro_smartaccounts.reconcile.identity.names import Likeness
from scoro_smartaccounts.reconcile.identity.pairs import Pair
from scoro_smartaccounts.reconcile.identity.proposals import Kind

AMBIGUOUS, DIFFERS = "partner_ambiguous", "partner_differs"
_WORDS = {Kind.REGISTRY_CODE: "registry code", Kind.VAT_NUMBER: "VAT number"}
_NAMES = {
    Likeness.DIFFERENT: "quite another name",
    Likeness.PART: "a name of which only a part agrees",
    Likeness.FUZZY: "a name that is only similar",
    Likeness.CLOSE: "a name that is only nearly the same",
}


def problem_of(doubt: Doubt, noun: str) -> DocumentProblem:
    """What a person must mend or decide. `noun`: client or vendor."""
    if len(doubt.pairs) > 1:
        why = f"{_several(doubt.pairs, noun)}. Merge or correct them in SmartAccounts, then retry."
        return _problem(AMBIGUOUS, doubt, why)
    if not doubt.pairs:
        others = " and ".join(f"contact {_called(other)} of Scoro" for other in doubt.contacts)
        what = _what(shared_codes(doubt.source, doubt.contacts[0]), doubt.source, *doubt.contacts)
        why = (
            f"{others} has the same {what}, but another name, and neither is a {noun} yet. Where a code is wrong,"
            f" correct it in Scoro; where they are members of a VAT group, enter their registry codes there; where"
            f" they are one company, call both alike, or enter the {noun} in SmartAccounts and say so in the report of"
            " reconcile_ids; then retry."
        )
        return _problem(DIFFERS, doubt, why, system="Scoro")
    (pair,) = doubt.pairs
    against = ", ".join(_against(doubt, pair))
    why = (
        f"{noun} {_called(pair.remote)} {_common(pair)}, but {against}. Where they are two, correct the code in Scoro"
        " or in SmartAccounts; where they are one, correct the name, or say so in the report of reconcile_ids; then"
        " retry."
    )
    return _problem(DIFFERS, doubt, why)


def _problem(code: str, doubt: Doubt, why: str, *, system: str = "SmartAccounts") -> DocumentProblem:
    return DocumentProblem(code, f"Contact {_called(doubt.source)}: {why}", field="regCode, vatNumber", system=system)


def _called(known: Known) -> str:
    """Its id, and a company's name."""
    return f"{known.id} ({known.name.written})" if known.is_public else known.id


def _several(pairs: tuple[Pair, ...], noun: str) -> str:
    names = ", ".join(_called(pair.remote) for pair in pairs)
    if all(Kind.MARKER in pair.own for pair in pairs):
        return f"{len(pairs)} {noun}s have the same marker: {names}"
    first, *rest = (shared_codes(pair.source, pair.remote) for pair in pairs)
    if common := [code for code in first if all(code in codes for codes in rest)]:
        return f"{len(pairs)} {noun}s have the same {_what(common, pairs[0].source)}: {names}"
    return f"its registry code and its VAT number belong to different {noun}s: {names}"


def _common(pair: Pair) -> str:
    if Kind.MARKER in pair.own:
        return "names it in its comment"
    return f"has the same {_what(shared_codes(pair.source, pair.remote), pair.source, pair.remote)}"


def _what(codes: Iterable[tuple[Kind, str]], *parties: Known) -> str:
    """Codes that are certainly no person's are told."""
    are_told = all(party.is_public for party in parties)
    return " and ".join(f"{_WORDS[kind]} {code}" if are_told else _WORDS[kind] for kind, code in codes) or "code"


def _against(doubt: Doubt, pair: Pair) -> Iterator[str]:
    source, remote = pair.source, pair.remote
    against = pair.against | pair.doubts
    are_told = source.is_public and remote.is_public
    if Kind.OTHER_REGISTRY_CODE in against:
        codes = f"the registry code {remote.written_code}, not {source.written_code}"
        yield codes if are_told else "another registry code"
    if Kind.OTHER_VAT_NUMBER in against:
        yield f"the VAT number {remote.vat_number}, not {source.vat_number}" if are_told else "another VAT number"
    if pair.likeness in _NAMES:
        yield _NAMES[pair.likeness]
    if Kind.OTHER_FORM in against:
        yield "another company form"
    if Kind.OTHER_COUNTRY in against:
        yield f"the country {remote.country}, not {source.country}"
    if Kind.OTHER_KIND in against:
        yield "one of the two may be a private person"
    if doubt.contacts:
        yield f"contact {', '.join(_called(other) for other in doubt.contacts)} of Scoro has that code too"
    elif pair.shared:
        yield "others have that too"
    elif pair.likeness is Likeness.SAME and not against:
        yield "that alone does not tell who it is"
