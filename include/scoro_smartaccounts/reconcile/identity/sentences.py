"""Why a pair is proposed, in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal

from scoro_smartaccounts.reconcile.identity.names import Likeness
from scoro_smartaccounts.reconcile.identity.pairs import Pair
from scoro_smartaccounts.reconcile.identity.proposals import Evidence, Kind

_EQUAL: dict[Kind, tuple[str, Callable[[Pair], str]]] = {
    Kind.REGISTRY_CODE: ("registry code", lambda pair: pair.source.registry_code),
    Kind.VAT_NUMBER: ("VAT number", lambda pair: pair.source.vat_number),
    Kind.BANK_ACCOUNT: ("bank account", lambda pair: pair.source.bank_account),
    Kind.EMAIL: ("e-mail address", lambda pair: ", ".join(sorted(pair.source.emails & pair.remote.emails))),
    Kind.DOMAIN: ("e-mail domain", lambda pair: ", ".join(sorted(pair.source.domains & pair.remote.domains))),
}
_WRITTEN: dict[Kind, tuple[str, Callable[[Pair], str]]] = {
    Kind.REGISTRY_CODE: ("registry code", lambda pair: pair.source.written_code),
    Kind.VAT_NUMBER: ("VAT number", lambda pair: pair.source.written_vat),
}
_NAMES = {
    Likeness.SAME: (Kind.NAME, "same name"),
    Likeness.CLOSE: (Kind.FUZZY_NAME, "name differs by a slip of the pen"),
    Likeness.FUZZY: (Kind.FUZZY_NAME, "similar name"),
    Likeness.PART: (Kind.FUZZY_NAME, "one name is a part or an abbreviation of the other"),
    Likeness.DIFFERENT: (Kind.OTHER_NAME, "the names differ"),
}


def evidence_of(pair: Pair) -> tuple[Evidence, ...]:
    """What speaks for the pair, strongest first, then what speaks against it."""
    return (*_for(pair), *_against(pair))


def _for(pair: Pair) -> Iterator[Evidence]:
    if Kind.MARKER in pair.own:
        yield Evidence(Kind.MARKER, f"its comment in SmartAccounts names contact {pair.source.id} of Scoro")
    for kind, (what, value) in _EQUAL.items():
        if kind in pair.own or kind in pair.support:
            yield Evidence(kind, f"same {what} {value(pair)}")
    proof = pair.proof
    if proof is not None and proof in _WRITTEN and proof not in pair.own:
        what, value = _WRITTEN[proof]
        others = "which others have too" if proof in pair.shared else "as it is written"
        yield Evidence(proof, f"same {what} {value(pair)}, {others}")
    elif Kind.MISTYPED_CODE in pair.support:
        yield Evidence(Kind.MISTYPED_CODE, "registry code equal but for one digit, and wrong in one of the systems")
    if Kind.ADDRESS in pair.support:
        yield Evidence(Kind.ADDRESS, "same street and house")
    if pair.likeness is not Likeness.DIFFERENT:
        yield _name(pair)
    if Kind.RARE_WORD in pair.support and pair.likeness is not Likeness.SAME:
        yield Evidence(Kind.RARE_WORD, "a word of the name that no other company has on either side")
    for kind, (what, value) in _EQUAL.items():
        if kind in pair.shared and kind is not pair.proof:
            yield Evidence(Kind.SHARED, f"same {what} {value(pair)}, which others have too")


def _against(pair: Pair) -> Iterator[Evidence]:
    source, remote = pair.source, pair.remote
    if pair.likeness is Likeness.DIFFERENT:
        yield _name(pair)
    if Kind.OTHER_REGISTRY_CODE in pair.against | pair.doubts:
        yield Evidence(
            Kind.OTHER_REGISTRY_CODE,
            f"registry code {source.written_code} in Scoro, {remote.written_code} in SmartAccounts",
        )
    if Kind.OTHER_VAT_NUMBER in pair.against:
        yield Evidence(
            Kind.OTHER_VAT_NUMBER, f"VAT number {source.vat_number} in Scoro, {remote.vat_number} in SmartAccounts"
        )
    if Kind.OTHER_KIND in pair.against | pair.doubts:
        yield Evidence(Kind.OTHER_KIND, "one may be a private person, the other a company")
    if Kind.OTHER_FORM in pair.doubts:
        yield Evidence(Kind.OTHER_FORM, f"{source.name.form} in Scoro, {remote.name.form} in SmartAccounts")
    if Kind.OTHER_COUNTRY in pair.doubts:
        yield Evidence(Kind.OTHER_COUNTRY, f"country {source.country} in Scoro, {remote.country} in SmartAccounts")


def _name(pair: Pair) -> Evidence:
    kind, words = _NAMES[pair.likeness]
    score: Decimal | None = None if pair.likeness is Likeness.SAME else pair.name_score
    return Evidence(kind, f"{words}: {pair.source.name.written} / {pair.remote.name.written}", score)


def other_candidate(source_ids: list[str], remote_ids: list[str]) -> Evidence:
    """The records that stand in the way of a pair: other contacts, or other clients or vendors."""
    parts = []
    if remote_ids:
        parts.append(f"{', '.join(remote_ids)} of SmartAccounts may be meant too")
    if source_ids:
        parts.append(f"contact {', '.join(source_ids)} of Scoro may be it too")
    return Evidence(Kind.OTHER_CANDIDATE, "; ".join(parts))


def entered_twice(source_ids: list[str]) -> Evidence:
    """Other contacts of Scoro that look like the same party, so that all may stand for one record."""
    return Evidence(Kind.DOUBLE, f"contact {', '.join(source_ids)} of Scoro looks like the same party entered twice")
