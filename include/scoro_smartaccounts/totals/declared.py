"""A document of SmartAccounts as a VAT return takes it, and who is who in the registers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from scoro_smartaccounts.common.money import ZERO

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from decimal import Decimal

    from scoro_smartaccounts.common.documents import Flow
    from scoro_smartaccounts.common.records import PartnerRecord
    from scoro_smartaccounts.staging.facts import BooksFacts, SourceFacts


@dataclass(frozen=True, slots=True)
class Declared:
    """A document as a return takes it, in the month of its entry. `bases` and `vats` are euros by code."""

    books: BooksFacts
    bases: Mapping[str, Decimal]
    vats: Mapping[str, Decimal]
    source: SourceFacts | None = None

    @property
    def base(self) -> Decimal:
        """The whole of it without VAT."""
        return sum(self.bases.values(), ZERO)

    @property
    def vat(self) -> Decimal:
        """The VAT that stands in its total."""
        return sum(self.vats.values(), ZERO)

    @property
    def changed_at(self) -> datetime | None:
        """When it was booked, or what a return takes of it was changed last, as far as is known: payments are no
        change, nor is a link to it."""
        if self.books.declared_at is None and self.source is not None:
            return self.source.linked_at
        return self.books.declared_at


@dataclass(frozen=True, slots=True)
class Registers:
    """Who is who in SmartAccounts: partners by flow and id, types of articles by code; contacts of Scoro that are
    persons; days of the month that no run covered."""

    partners: Mapping[Flow, Mapping[str, PartnerRecord]] = field(default_factory=dict)
    article_types: Mapping[str, str] = field(default_factory=dict)
    days_missing: Mapping[Flow, int] = field(default_factory=dict)

    def partner(self, declared: Declared) -> PartnerRecord | None:
        """Return whose a document is."""
        return self.partners.get(declared.books.flow, {}).get(declared.books.partner_id)
