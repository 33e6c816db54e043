"""Whether the company file covers what the documents of a period use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scoro_smartaccounts.common.reasons import render
from scoro_smartaccounts.mapping.books import read_books
from scoro_smartaccounts.mapping.fragment import fragment
from scoro_smartaccounts.mapping.gaps import ScoroNames, find_gaps

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy import Connection

    from scoro_smartaccounts.common.company import Company
    from scoro_smartaccounts.common.reasons import Phrase
    from scoro_smartaccounts.mapping.gap import Gap
    from scoro_smartaccounts.mapping.used import Used

# The columns of the sheet.
COLUMNS = (
    "What / Mis",
    "Setting / Seade",
    "In Scoro / Scoros",
    "Documents / Dokumente",
    "First documents / Esimesed dokumendid",
    "Problem",
    "Probleem",
    "Suggestion / Ettepanek",
    "Why",
    "Miks",
)


@dataclass(frozen=True, slots=True)
class MappingCoverage:
    """`gaps`: what is missing or leads nowhere; `fragment`: YAML for the company file that closes those with a
    suggestion, and names the others in comments."""

    gaps: tuple[Gap, ...]
    fragment: str

    def rows(self) -> list[tuple[str | int, ...]]:
        """Return a row a gap, in the order of COLUMNS."""
        return [
            (
                gap.kind,
                gap.setting,
                gap.scoro_value,
                gap.count,
                ", ".join(gap.used_by),
                *_told(gap.problem),
                gap.suggestion.value if gap.suggestion is not None else "",
                *(_told(gap.suggestion.why) if gap.suggestion is not None else ("", "")),
            )
            for gap in self.gaps
        ]


def _told(words: Phrase) -> tuple[str, str]:
    return render(words), render(words, "et")


def mapping_coverage(
    connection: Connection, company: Company, first: date, last: date, used: Used, names: ScoroNames
) -> MappingCoverage:
    """Hold what the staged documents of these days use against the company file and SmartAccounts' settings in
    staging."""
    gaps = find_gaps(used, read_books(connection, company), company, names)
    return MappingCoverage(tuple(gaps), fragment(gaps, company, first, last))
