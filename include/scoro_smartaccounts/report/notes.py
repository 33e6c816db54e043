"""The notes of a plan in Estonian. They carry numbers, amounts and places, so each is told from its English form."""

from __future__ import annotations

import re
from collections.abc import Callable

from scoro_smartaccounts.documents import Flow
from scoro_smartaccounts.report.reasons import reason_in_estonian

_Match = re.Match[str]

_NOTES: tuple[tuple[str, Callable[[_Match], str]], ...] = (
    (
        r"(invoice|bill) (.+) is overpaid by (\S+), booked as a prepayment",
        lambda m: f"{_document(m)} on üle makstud {m[3]} võrra, see kantakse ettemaksuks",
    ),
    (
        r"(invoice|bill) (.+): (\S+) of cash rounding is booked with it",
        lambda m: f"{_document(m)}: koos sellega kantakse sularaha ümardus {m[3]}",
    ),
    (
        r"(\w+) has no official rate; the rate of the document was taken",
        lambda m: f"valuutal {m[1]} ei ole ametlikku kurssi; võeti arve kurss",
    ),
    (r"without its part for (.+)", lambda m: f"ilma osata, mis on nende eest: {m[1]}"),
)


def in_estonian(flow: Flow, code: str, message: str) -> str:
    """A note as an Estonian bookkeeper reads it; one of an unknown form stays English."""
    if code != "note":
        return reason_in_estonian(flow, code, message)
    return note_in_estonian(message) or message


def note_in_estonian(message: str) -> str | None:
    """The message of a note, with or without the document's name in front; None where its form is not known."""
    bare = message.rstrip(".")
    for text in (bare.partition(": ")[2], bare):
        for pattern, say in _NOTES:
            if found := re.fullmatch(pattern, text):
                said = say(found)
                return f"{said[0].upper()}{said[1:]}."
    return None


def _document(found: _Match) -> str:
    return f"{'arve' if found[1] == 'invoice' else 'ostuarve'} {found[2]}"
