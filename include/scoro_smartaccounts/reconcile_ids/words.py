"""What people read, in English and Estonian: headings, evidence, confidence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scoro_smartaccounts.matching.identity.proposals import EvidenceKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

KEY = "Key / Võti"
WHAT = "What / Liik"
SCORO_ID = "Scoro ID"
SCORO_NAME = "Name in Scoro / Nimi Scoros"
SCORO_CODES = "Codes in Scoro / Koodid Scoros"
REMOTE_ID = "SmartAccounts ID"
REMOTE_NAME = "Name in SmartAccounts / Nimi SmartAccountsis"
REMOTE_CODES = "Codes in SmartAccounts / Koodid SmartAccountsis"
WHY_EN = "Why"
WHY_ET = "Miks"
SCORE = "Score / Skoor"
BEFORE = "So far / Seni"
DECISION = "Decision / Otsus"

# Without what stands in the two records: also for places where no person's data may stand.
_REASONS: Mapping[str, tuple[str, str]] = {
    EvidenceKind.MARKER: ("our own marker", "meie märgis"),
    EvidenceKind.REGISTRY_CODE: ("same registry code", "sama registrikood"),
    EvidenceKind.VAT_NUMBER: ("same VAT number", "sama KMKR number"),
    EvidenceKind.BANK_ACCOUNT: ("same bank account", "sama pangakonto"),
    EvidenceKind.EMAIL: ("same e-mail", "sama e-post"),
    EvidenceKind.DOMAIN: ("same e-mail domain", "sama e-posti domeen"),
    EvidenceKind.ARTICLE_CODE: ("same article code", "sama artiklikood"),
    EvidenceKind.NAME: ("same name", "sama nimi"),
    EvidenceKind.FUZZY_NAME: ("similar name", "sarnane nimi"),
    EvidenceKind.MISTYPED_CODE: ("code but for one digit", "kood ühe numbri võrra teine"),
    EvidenceKind.ADDRESS: ("same address", "sama aadress"),
    EvidenceKind.RARE_WORD: ("a rare word of the name", "haruldane sõna nimes"),
    EvidenceKind.OTHER_REGISTRY_CODE: ("BUT other registry code", "KUID teine registrikood"),
    EvidenceKind.OTHER_VAT_NUMBER: ("BUT other VAT number", "KUID teine KMKR number"),
    EvidenceKind.OTHER_ARTICLE_CODE: ("BUT other article code", "KUID teine artiklikood"),
    EvidenceKind.OTHER_NAME: ("BUT other name", "KUID teine nimi"),
    EvidenceKind.OTHER_TYPE: ("BUT one of them is stock", "KUID üks neist on laoartikkel"),
    EvidenceKind.OTHER_KIND: ("BUT perhaps a person and a company", "KUID võib-olla isik ja ettevõte"),
    EvidenceKind.OTHER_FORM: ("BUT other company form", "KUID teine ettevõtlusvorm"),
    EvidenceKind.OTHER_COUNTRY: ("BUT other country", "KUID teine riik"),
    EvidenceKind.OTHER_CANDIDATE: ("BUT others may be meant", "KUID mõeldud võib olla teine"),
    EvidenceKind.WRITTEN_CODE: ("code that is written alike", "samamoodi kirjas kood"),
    EvidenceKind.SHARED: ("something that others have too", "midagi, mis on ka teistel"),
    EvidenceKind.DOUBLE: ("looks entered twice in Scoro", "paistab Scoros topelt"),
}


def reasons_en(evidence: Iterable[Mapping[str, Any]]) -> str:
    """Kinds of evidence, in English."""
    return ", ".join(_reason(item, 0) for item in evidence)


def reasons_et(evidence: Iterable[Mapping[str, Any]]) -> str:
    """Kinds of evidence, in Estonian."""
    return ", ".join(_reason(item, 1) for item in evidence)


def details_en(evidence: Iterable[Mapping[str, Any]]) -> str:
    """Return the whole evidence, in English: for protected files only."""
    return "; ".join(str(item["detail"]) for item in evidence)


def details_et(evidence: Iterable[Mapping[str, Any]]) -> str:
    """Return the whole evidence, in Estonian: for protected files only. What was stored without it has the kind's
    words."""
    return "; ".join(str(item.get("detail_et") or _reason(item, 1)) for item in evidence)


def _reason(item: Mapping[str, Any], language: int) -> str:
    kind = str(item.get("kind", "?"))
    words = _REASONS.get(kind)
    text = words[language] if words else kind.replace("_", " ")
    try:
        return f"{text} ({float(item['score']):.0f} %)"
    except (KeyError, TypeError, ValueError):
        # Nothing was measured.
        return text
