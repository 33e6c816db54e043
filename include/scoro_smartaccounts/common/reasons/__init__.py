"""The catalogue of reasons: why a document is not booked, waits, or is worth a look; and how a run left it.

Everywhere a reason is a code and values, never a sentence. `render` makes the sentence, in Estonian or in English, when
somebody reads it. A code has one entry in the catalogue, or several that tell it in other words (`possible_duplicate`,
`possible_duplicate.payment`). Entries stand by the step that gives them: `reading`, `quality`, `planning`, `payments`,
`sending`, `outcomes`; words inside sentences stand in `phrases`.
"""

from scoro_smartaccounts.common.reasons.catalogue import REASONS, codes_of, questions
from scoro_smartaccounts.common.reasons.message import (
    AS_TOLD,
    Entry,
    Language,
    Phrase,
    Reason,
    Severity,
    Step,
    Value,
    as_told,
    phrase,
    reason,
)
from scoro_smartaccounts.common.reasons.rendering import (
    field_of,
    names_document,
    placeholders,
    render,
    severity_of,
    system_of,
)
from scoro_smartaccounts.common.reasons.shortly import shortly

__all__ = [
    "AS_TOLD",
    "REASONS",
    "Entry",
    "Language",
    "Phrase",
    "Reason",
    "Severity",
    "Step",
    "Value",
    "as_told",
    "codes_of",
    "field_of",
    "names_document",
    "phrase",
    "placeholders",
    "questions",
    "reason",
    "render",
    "severity_of",
    "shortly",
    "system_of",
]
