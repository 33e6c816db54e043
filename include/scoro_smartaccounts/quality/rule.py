"""What a quality rule is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from scoro_smartaccounts.common.reasons import REASONS, Severity

if TYPE_CHECKING:
    from scoro_smartaccounts.common.documents import Flow

Level = Literal["document", "line"]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. `key` is that of the reason which the catalogue has for what breaks it; an error keeps the document
    out of the books, a warning is only reported.

    `title` says what is expected, `level` what the rule looks at one by one, `only` the flow that it is for, where it
    is not for all of its list. The values of the reason are columns of the checked batch, and the words of the flow.
    """

    key: str
    title: str
    level: Level = "document"
    only: Flow | None = None

    @property
    def code(self) -> str:
        """The reason's code."""
        return REASONS[self.key].code

    @property
    def severity(self) -> Severity:
        """The reason's severity."""
        return REASONS[self.key].severity
