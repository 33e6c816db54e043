"""Room common. Texts from outside in Airflow's questions: shown as they are, and nothing in them is a link."""

from __future__ import annotations

import html
import re

import pytest

from scoro_smartaccounts.common.markdown import as_text

# What a browser makes links of, once escapes of Markdown and HTML are resolved.
_LINK = re.compile(r"https?://|ftp://|www\.|mailto:|xmpp:|[\w.+-]+@[\w-]+\.", re.IGNORECASE)


def resolved(markdown: str) -> str:
    return html.unescape(re.sub(r"\\([\\`*_{}\[\]<>#|!~])", r"\1", markdown))


@pytest.mark.parametrize(
    "text",
    [
        "https://evil.example OÜ",
        "https&colon;//evil.example",
        "HTTPS&#58;//evil.example",
        "www.evil.example",
        "WWW&period;evil.example",
        "arve@evil.example",
        "arve&commat;evil.example",
        "mailto:arve",
        "[arve](https://evil.example)",
        "![x](//evil.example/x.png)",
        "<https://evil.example>",
        "&lt;img src=x onerror=alert(1)&gt;",
    ],
)
def test_nothing_from_outside_becomes_a_link_or_markup(text: str) -> None:
    shown = resolved(as_text(text))
    assert shown.replace("\u200b", "") == text
    assert not _LINK.search(shown)
    assert not re.search(r"(?<!\\)[<>\[\]]", as_text(text))


def test_ordinary_texts_stay_as_they_are() -> None:
    for text in ("Näidis OÜ", "12.01.2026", "31.00 EUR (Scoro invoice 7)", "-5.00", "A/B-7"):
        assert as_text(text) == text
    assert as_text("A\nB  C") == "A B C"
