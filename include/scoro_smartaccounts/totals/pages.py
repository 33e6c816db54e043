"""Control totals and the page before a VAT return as HTML for print: every value is escaped, nothing is loaded, no
script runs."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any

from scoro_smartaccounts.common.reasons.spoken import amounts, said_on_page
from scoro_smartaccounts.quality.pages import HEAD, STYLE
from scoro_smartaccounts.report.words import word
from scoro_smartaccounts.totals.tables import Table, causes_table, cells_table, line_table
from scoro_smartaccounts.totals.words import LINES, TITLES, VALUES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jinja2 import Template

    from scoro_smartaccounts.report.words import Language
    from scoro_smartaccounts.totals.kmd import Line
    from scoro_smartaccounts.totals.month import MonthTotals

_PAGE = (
    HEAD
    + """<html lang="{{ language }}">
<head><meta name="viewport" content="width=device-width"><title>{{ title }}</title><style>"""
    + STYLE
    + """</style></head>
<body>
<h1>{{ title }}</h1>
<p class="quiet">{{ company }}</p>
{% for look, note in notes %}<p class="{{ look }}">{{ note }}</p>
{% endfor %}{% for section in sections %}<h2 class="{{ section.look }}">{{ section.title }}</h2>
{% if section.table.rows %}<table>
<tr>{% for column in section.table.columns %}<th>{{ column }}</th>{% endfor %}</tr>
{% for row in section.table.rows %}<tr{% if loop.index0 in section.table.red %} class="error"{% endif %}>
{%- for value in row %}<td>{{ value | as_shown(language) }}</td>{% endfor %}</tr>
{% endfor %}</table>
{% else %}<p class="quiet">{{ nothing }}</p>
{% endif %}{% endfor %}<p>{{ review }}</p>
<p class="quiet">{{ chain }}</p>
</body>
</html>
"""
)
# Of a line of which nothing was compared neither good nor bad is known.
_LOOKS = {"to_look_at": "error", "not_compared": "quiet"}


def totals_page(of: MonthTotals, company: str, previous: str, language: Language) -> str:
    """Return the page of a month's control totals. `company`: its name."""
    return _render(
        of,
        company,
        previous,
        language,
        title="totals",
        sections=[
            _section(word(TITLES, "totals_table", language), cells_table(of.cells, language)),
            _section(word(TITLES, "causes", language), causes_table(of.causes, language, on_page=True)),
        ],
    )


def kmd_page_of(of: MonthTotals, company: str, previous: str, language: Language) -> str:
    """Return the page before the VAT return of a month. `company`: its name."""
    sections = [_of_line(line, language) for line in of.lines]
    return _render(of, company, previous, language, title="kmd", sections=sections)


def _of_line(line: Line, language: Language) -> dict[str, Any]:
    state = word(TITLES, line.state, language)
    title = f"{line.number}. {word(LINES, line.key, language)} – {state}"
    return {"title": title, "look": _LOOKS.get(line.state, ""), "table": line_table(line, language, on_page=True)}


def _section(title: str, table: Table) -> dict[str, Any]:
    return {"title": title, "look": "", "table": table}


def _render(
    of: MonthTotals,
    company: str,
    previous: str,
    language: Language,
    *,
    title: str,
    sections: Sequence[dict[str, Any]],
) -> str:
    return _template().render(
        language=language,
        title=said_on_page(word(TITLES, title, language), {"month": f"{of.month:%Y-%m}"}, language),
        company=company,
        notes=_notes(of, language),
        sections=sections,
        nothing=word(TITLES, "nothing", language),
        review=word(TITLES, "review", language),
        chain=word(TITLES, "chain", language).format(previous=previous or "–"),
    )


def _notes(of: MonthTotals, language: Language) -> list[tuple[str, str]]:
    """Return what stands on top: a night that is not ok, and then nothing below it reads clean."""
    found = []
    if not of.is_night_clean:
        state = word(VALUES, of.night_state, language)
        found.append(("error", f"{word(TITLES, 'not_clean', language)} ({state})."))
    if of.unexplained:
        found.append(("error", f"{word(TITLES, 'red', language)}: {of.unexplained}."))
    elif of.is_clean:
        found.append(
            ("passed", f"{word(TITLES, 'equal', language)}.")
            if of.is_equal
            else ("quiet", f"{word(TITLES, 'explained', language)}.")
        )
    found.append(("quiet", word(TITLES, "bases", language)))
    return found


@cache
def _template() -> Template:
    from jinja2 import DictLoader, Environment, StrictUndefined

    environment = Environment(loader=DictLoader({"page": _PAGE}), autoescape=True, undefined=StrictUndefined)
    environment.filters["as_shown"] = _as_shown
    return environment.get_template("page")


def _as_shown(value: Any, language: Language) -> str:
    match value:
        case None:
            return ""
        case Decimal():
            return amounts(f"{value:.2f}", language)
        case date():
            return f"{value:%d.%m.%Y}"
    return str(value)
