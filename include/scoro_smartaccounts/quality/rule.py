"""What a quality rule is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from scoro_smartaccounts.documents import Flow

Severity = Literal["error", "warning"]
Level = Literal["document", "line"]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. An `error` keeps the document out of the books, a `warning` is only reported.

    `title` says what is expected, `field` is the field to mend, `system` the system to mend it in, `level` what the
    rule looks at one by one, `only` the flow that it is for, where it is not for all of its catalogue. `sentence` is
    for a bookkeeper: it names the document, what is wrong and where to mend it. Its placeholders are columns of the
    checked batch, and the words of the flow.
    """

    code: str
    title: str
    severity: Severity
    field: str
    sentence: str
    level: Level = "document"
    system: str = "Scoro"
    only: Flow | None = None
