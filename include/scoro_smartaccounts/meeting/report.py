"""The report of a meeting: a table of what both services are assumed to do, and what they were seen to do.

Ids, numbers, days and amounts stand in it, no name and no text of a record.
"""

from __future__ import annotations

import logging
from collections import Counter
from html import escape
from typing import TYPE_CHECKING, Any

from scoro_smartaccounts.common.reasons import phrase, render
from scoro_smartaccounts.meeting import words
from scoro_smartaccounts.meeting.assumption import Follows
from scoro_smartaccounts.meeting.verdict import State
from scoro_smartaccounts.quality.pages import framed
from scoro_smartaccounts.report.files import write_file

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from scoro_smartaccounts.common.run import Folder
    from scoro_smartaccounts.meeting.meet import Met, Row

log = logging.getLogger(__name__)

FOLDER, FILE = "meeting", "meeting.html"
# The column of the verdict, and how verdicts look.
_VERDICT = 2
_LOOKS = {State.CONFIRMED: "passed", State.CONTRADICTED: "error", State.NO_EXAMPLE: "quiet"}


def cells(row: Row, language: words.Language) -> tuple[str, ...]:
    """Return a row of the table."""
    verdict, assumption = row.verdict, row.assumption
    return (
        row.system,
        assumption.et if language == "et" else assumption.en,
        words.STATES[verdict.state][language],
        verdict.reading,
        verdict.evidence(),
        follows(row, language),
    )


def follows(row: Row, language: words.Language) -> str:
    """Return what a verdict leads to."""
    assumption = row.assumption
    kinds = ", ".join(render(phrase(kind.phrase), language) for kind in assumption.kinds)
    if row.verdict.state is State.CONFIRMED:
        return ""
    if row.verdict.state is State.NO_EXAMPLE:
        return words.NO_EXAMPLE[language] if assumption.kinds else words.NOTHING[language]
    told = words.FOLLOWS[assumption.follows][language]
    return f"{told}: {kinds}" if assumption.follows is Follows.HELD else told


def lines(met: Met, rows: Sequence[Row], language: words.Language = "en") -> Iterator[str]:
    """Yield the table as text, what matters most first."""
    table = [words.COLUMNS[language], *(cells(row, language) for row in _sorted(rows))]
    widths = [min(max(len(row[column]) for row in table), 60) for column in range(len(table[0]))]
    yield f"{words.TITLE[language]}: {_summary(met, language)}"
    for row in table:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
    yield words.OTHERS[language]


def shape(met: Met) -> dict[str, Any]:
    """Return the report for scripts."""
    return {
        "company": met.company,
        "requests": dict(met.asked),
        "assumptions": [
            {
                "key": row.assumption.key,
                "system": row.system,
                "assumption": {"en": row.assumption.en, "et": row.assumption.et},
                "verdict": row.verdict.state.value,
                "reading": row.verdict.reading,
                "examples": row.verdict.agreeing,
                "against": row.verdict.against,
                "evidence": row.verdict.evidence(),
                "follows": {"en": follows(row, "en"), "et": follows(row, "et")},
            }
            for row in met.rows
        ],
    }


def page(met: Met) -> str:
    """Return the report as a page in both languages: every value is escaped."""
    title = " / ".join(words.TITLE[language] for language in words.LANGUAGES)
    return framed(f"{title}: {met.company}", "".join(_table(met, language) for language in words.LANGUAGES))


def _table(met: Met, language: words.Language) -> str:
    head = "".join(f"<th>{escape(cell)}</th>" for cell in words.COLUMNS[language])
    rows = []
    for row in _sorted(met.rows):
        told = [f"<td>{escape(cell)}</td>" for cell in cells(row, language)]
        told[_VERDICT] = told[_VERDICT].replace("<td>", f'<td class="{_LOOKS[row.verdict.state]}">')
        rows.append(f"<tr>{''.join(told)}</tr>")
    return (
        f"<h2>{escape(words.TITLE[language])}</h2><p>{escape(_summary(met, language))}</p>"
        f'<table><tr>{head}</tr>{"".join(rows)}</table><p class="quiet">{escape(words.OTHERS[language])}</p>'
    )


def write_page(met: Met, folder: Folder) -> str:
    """Write the page into the company's output folder; where it lies. Raises as `write_file` does."""
    return str(write_file(folder / FOLDER, FILE, page(met).encode()))


def _sorted(rows: Sequence[Row]) -> list[Row]:
    order = [State.CONTRADICTED, State.NO_EXAMPLE, State.CONFIRMED]
    return sorted(rows, key=lambda row: order.index(row.verdict.state))


def _summary(met: Met, language: words.Language) -> str:
    counts = Counter(row.verdict.state.value for row in met.rows)
    asked = ", ".join(f"{name} {count}" for name, count in sorted(met.asked.items()))
    return words.SUMMARY[language].format(**{state.value: counts[state.value] for state in State}, asked=asked)
