"""Room transform. Texts as they are sent: what was HTML becomes plain, what was typed stays."""

from __future__ import annotations

import pytest

from scoro_smartaccounts.scoro.values import clean as as_scoro_means
from scoro_smartaccounts.transform.text import cleaned


@pytest.mark.parametrize(
    ("sent_by_scoro", "expected"),
    [
        ("<p>T&ouml;&ouml;&nbsp;&ndash; 5&euro;/h</p>", "Töö – 5€/h"),
        ("&lt;p&gt;T&ouml;&ouml; &amp;amp; &lt;b&gt;muu&lt;/b&gt;&lt;/p&gt;", "Töö & muu"),
        ("<ul><li>&auml;ra&nbsp;</li></ul>", "ära"),
        # Typed so, without a tag: the reader of the service has undone its escaping already.
        ("A &amp;amp; B", "A &amp; B"),
        ("A &amp; B", "A & B"),
        ("T&ouml;&ouml;", "T&ouml;&ouml;"),
        ("&lt;5 mm & R&D", "<5 mm & R&D"),
    ],
)
def test_html_is_read_wholly_and_nothing_else_is(sent_by_scoro: str, expected: str) -> None:
    assert cleaned(as_scoro_means(sent_by_scoro)) == expected
