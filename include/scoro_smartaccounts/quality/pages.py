"""The pages of Data Docs as HTML: every value is escaped, nothing is loaded, no script runs."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from functools import cache
from html import escape
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

from scoro_smartaccounts.common.clock import TALLINN

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from great_expectations.core import ExpectationSuiteValidationResult
    from jinja2 import Template

# A page shows this many rows of each rule; findings hold all of them.
_ROWS = 20

STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; color: #1a202c; background: #fff; margin: 2rem auto; max-width: 70rem;
  padding: 0 1rem }
h1 { font-size: 1.5rem; margin: 0 } h2 { font-size: 1.05rem; margin: 2rem 0 .5rem } p { margin: .25rem 0 1rem }
table { border-collapse: collapse; margin: 0 0 1rem } th { text-align: left; font-weight: 600 }
th, td { border-bottom: 1px solid #e2e8f0; padding: .3rem 1.2rem .3rem 0; vertical-align: top; overflow-wrap: anywhere }
.quiet { color: #5a6779 } .error { color: #b3261e } .warning { color: #8a5a00 } .passed { color: #256b3e }
@media (prefers-color-scheme: dark) { body { color: #e2e8f0; background: #171923 } th, td { border-color: #2d3748 }
  a { color: #90cdf4 } .quiet { color: #a0aec0 } .error { color: #fc8181 } .warning { color: #f6c177 }
  .passed { color: #7bd88f } }
"""
_DIGEST = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
# How every page begins. Within an HTML file the policy holds for what comes after it.
HEAD = (
    '<!doctype html>\n<meta charset="utf-8">\n<meta http-equiv="Content-Security-Policy" content="'
    f"default-src 'none'; style-src 'sha256-{_DIGEST}'; img-src data:; base-uri 'none'; form-action 'none'\">\n"
    '<meta name="referrer" content="no-referrer">\n'
)

_FRAME = (
    HEAD
    + """<html lang="en">
<head><meta name="viewport" content="width=device-width"><title>{{ title }}</title><style>"""
    + STYLE
    + """</style></head>
<body>
<h1>{{ title }}</h1>
{% block body %}{% endblock %}
</body>
</html>
"""
)

_RESULT = """{% extends "frame" %}{% block body %}
<p class="quiet">{{ run }}, checked {{ at | in_tallinn }}: {{ rows }} rows,
{{ rules | length }} rules, {{ failed }} of them broken. <a href="{{ index }}">All runs</a></p>
<table>
<tr><th>Rule</th><th>Rows that break it</th></tr>
{% for rule in rules %}<tr><td>{{ rule.title }}</td><td class="{{ rule.look }}">{{ rule.count or "none" }}</td></tr>
{% endfor %}</table>
{% for rule in rules if rule.count %}
<h2 class="{{ rule.look }}">{{ rule.title }}: {{ rule.count }}</h2>
<table>
<tr>{% for column in rule.columns %}<th>{{ column }}</th>{% endfor %}</tr>
{% for row in rule.rows %}<tr>{% for value in row %}<td>{{ value }}</td>{% endfor %}</tr>
{% endfor %}</table>
{% if rule.count > rule.rows | length %}<p class="quiet">and {{ rule.count - rule.rows | length }} more</p>{% endif %}
{% endfor %}{% endblock %}"""

_INDEX = """{% extends "frame" %}{% block body %}
<table>
<tr><th>Checked</th><th>Run</th><th>Results</th></tr>
{% for run in runs %}<tr><td>{{ run.at | in_tallinn }}</td><td>{{ run.name }}</td><td>
{% for address, name in run.pages %}<a href="{{ address }}">{{ name }}</a> {% endfor %}</td></tr>
{% endfor %}</table>
{% endblock %}"""


_OLD = """{% extends "frame" %}{% block body %}{{ body }}{% endblock %}"""
# What is left of a page that was rendered elsewhere, without attributes.
_PLAIN = {"br", "div", "h2", "h3", "h4", "h5", "li", "ol", "p", "table", "tbody", "td", "th", "thead", "tr", "ul"}
_NO_TEXT = {"head", "script", "style", "template", "title"}


@dataclass(frozen=True, slots=True)
class ListedRun:
    """A run in the index; its pages are relative addresses and names."""

    at: datetime
    name: str
    pages: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class _Rule:
    title: str
    look: str
    count: int
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]


def result_page(result: ExpectationSuiteValidationResult, run: str, at: datetime, index: str) -> str:
    """Return the page of what one suite found in one batch. `index`: the relative address of the list of runs."""
    rules = list(_rules(result))
    return _template("result").render(
        title=f"Quality checks: {result.suite_name}",
        run=run,
        at=at,
        index=index,
        rows=max((int(item.result.get("element_count") or 0) for item in result.results), default=0),
        rules=rules,
        failed=sum(1 for rule in rules if rule.count),
    )


def index_page(runs: Sequence[ListedRun]) -> str:
    """Return the list of runs."""
    return _template("index").render(title="Quality checks", runs=runs)


def plain_page(html: str) -> str:
    """Return what a page that was rendered elsewhere says, as text and tables."""
    # Nothing but names of `_PLAIN` stands unescaped in it.
    return framed("Quality checks", _Plain(html).body)


def framed(title: str, body: str) -> str:
    """Return a page around a body that is HTML already, its values escaped."""
    from markupsafe import Markup

    return _template("old").render(title=title, body=Markup(body))  # noqa: S704 - as it says


class _Plain(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self._said: list[str] = []
        self._silent: list[str] = []
        self.feed(html)
        self.close()

    @property
    def body(self) -> str:
        return "".join(self._said)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "body":
            self._silent.clear()
        elif tag in _NO_TEXT:
            self._silent.append(tag)
        elif tag in _PLAIN and not self._silent:
            self._said.append(f"<{tag}>")

    def handle_endtag(self, tag: str) -> None:
        if tag in self._silent:
            del self._silent[self._silent.index(tag) :]
        elif tag in _PLAIN and not self._silent:
            self._said.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self._said.append(escape(data))


def _rules(result: ExpectationSuiteValidationResult) -> Iterator[_Rule]:
    for item in result.results:
        configuration = item.expectation_config
        rows: list[Mapping[str, Any]] = item.result.get("unexpected_index_list") or []
        columns = list(dict.fromkeys(column for row in rows[:_ROWS] for column in row))
        severity = "warning" if configuration and configuration.severity == "warning" else "error"
        yield _Rule(
            title=str(configuration.description if configuration else ""),
            look=severity if rows else "passed",
            count=len(rows),
            columns=[column.replace("_", " ") for column in columns],
            rows=[["" if row.get(column) is None else str(row[column]) for column in columns] for row in rows[:_ROWS]],
        )


@cache
def _template(name: str) -> Template:
    from jinja2 import DictLoader, Environment, StrictUndefined

    templates = {"frame": _FRAME, "result": _RESULT, "index": _INDEX, "old": _OLD}
    environment = Environment(loader=DictLoader(templates), autoescape=True, undefined=StrictUndefined)
    environment.filters["in_tallinn"] = _in_tallinn
    return environment.get_template(name)


def _in_tallinn(moment: datetime) -> str:
    return f"{moment.astimezone(TALLINN):%d.%m.%Y %H:%M:%S}"
