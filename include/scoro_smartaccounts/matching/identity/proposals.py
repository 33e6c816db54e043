"""What comes out: which record is proposed for which, how sure, and why."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from decimal import Decimal

    from scoro_smartaccounts.common.reasons import Phrase
    from scoro_smartaccounts.common.records import Confidence


class EvidenceKind(StrEnum):
    """What a piece of evidence speaks of."""

    MARKER = "marker"
    REGISTRY_CODE = "registry_code"
    VAT_NUMBER = "vat_number"
    BANK_ACCOUNT = "bank_account"
    EMAIL = "email"
    DOMAIN = "domain"
    ARTICLE_CODE = "article_code"
    NAME = "name"
    FUZZY_NAME = "fuzzy_name"
    MISTYPED_CODE = "mistyped_code"
    ADDRESS = "address"
    RARE_WORD = "rare_word"
    # Contradictions: what speaks against the proposal.
    OTHER_REGISTRY_CODE = "other_registry_code"
    OTHER_VAT_NUMBER = "other_vat_number"
    OTHER_ARTICLE_CODE = "other_article_code"
    OTHER_NAME = "other_name"
    OTHER_TYPE = "other_type"
    OTHER_KIND = "other_kind"
    OTHER_FORM = "other_form"
    OTHER_COUNTRY = "other_country"
    OTHER_CANDIDATE = "other_candidate"
    SHARED = "shared"
    WRITTEN_CODE = "written_code"
    # Several contacts of Scoro for one record of SmartAccounts.
    DOUBLE = "double"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One reason for or against, as part of a sentence for a bookkeeper; `score`: 0-100 where something was measured.

    The words may hold names and codes: they belong in staging and in protected files, not in logs.
    """

    kind: EvidenceKind
    words: Phrase = field(repr=False)
    score: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    """`remote_id` of SmartAccounts for `source_id` of Scoro; `score`: 0-100, for sorting within a confidence.

    A source has one CERTAIN or LIKELY proposal, or up to a few CONFLICTING ones: one for each candidate.
    """

    source_id: str
    remote_id: str
    confidence: Confidence
    score: Decimal
    evidence: tuple[Evidence, ...]
