"""Texts as SmartAccounts takes them."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

from scoro_smartaccounts.common.reasons import Phrase, Reason, phrase, reason

REPLACEMENT = "_"
_SPACES = re.compile(r"\s+")
# Beyond the Basic Multilingual Plane.
_FAR = re.compile("[\U00010000-\U0010ffff]")
# Only these count as tags: `<5 mm` and `<mari@naidis.ee>` are text.
_ELEMENTS = (
    "a abbr address article aside audio b big blockquote body br button caption center cite code col colgroup dd del"
    " details dfn div dl dt em embed fieldset figcaption figure font footer form h[1-6] head header hr html i iframe"
    " img input ins kbd label legend li link main mark meta nav object ol option p picture pre q s samp script section"
    " select small source span strike strong style sub summary sup svg table tbody td textarea tfoot th thead time"
    " title tr tt u ul var video wbr o:p"
)
_ATTRIBUTE = r"""\s+[\w:-]+\s*=\s*(?:"[^"]*"|'[^']*'|[^\s<>"']+)"""
_TAGS = re.compile(rf"(?i)</?(?:{_ELEMENTS.replace(' ', '|')})(?:{_ATTRIBUTE})*\s*/?>|<!--[^<>]*-->")

# What Scoro escapes for HTML, where it is left in a text.
_ENTITY = re.compile("&(?:amp|lt|gt|quot|apos|#0?39);")

_NOWHERE = phrase("none")

Say = Callable[[Reason], None]


def clean(text: str, where: Phrase, say: Say) -> str:
    """One line of text. What has HTML tags is HTML: they go, and its entities are resolved. Without a tag a text means
    what it says: `A &amp; B` was typed so, for Scoro's own escaping is undone where it is read. Characters beyond the
    Basic Multilingual Plane (4 bytes in UTF-8; SmartAccounts refuses them) become `_`, unprintable ones are dropped,
    and `say` hears of both, and of entities that are left."""
    line = _one_line(html.unescape(_TAGS.sub(" ", text)) if "<" in text and _TAGS.search(text) else text)
    if line.isascii() and line.isprintable() and "&" not in line:
        return line
    printable = line if line.isprintable() else "".join(char for char in line if char.isprintable())
    kept = _FAR.sub(REPLACEMENT, printable)
    if found := _ENTITY.search(line):
        say(reason("entity_left", where=where, mark=found[0]))
    if printable != line:
        say(reason("unprintable_dropped", where=where))
    if kept != printable:
        say(reason("characters_replaced", where=where, mark=REPLACEMENT))
    return _one_line(kept)


def tell_length(text: str, limit: int, where: Phrase, say: Say) -> None:
    """`say` hears of a text that is longer than SmartAccounts may keep."""
    if len(text) > limit:
        say(reason("text_long", where=where, letters=len(text)))


def cleaned(text: str) -> str:
    """Return the same where nobody need hear of it."""
    return clean(text, _NOWHERE, lambda _: None)


def split_at_word(text: str, limit: int) -> tuple[str, str]:
    """`text` as a head of at most `limit` characters, cut between words where there is a gap, and the rest."""
    if len(text) <= limit:
        return text, ""
    cut = text.rfind(" ", 0, limit + 1)
    cut = cut if cut > 0 else limit
    return text[:cut].rstrip(" ,"), text[cut:].strip(" ,")


def _one_line(text: str) -> str:
    return _SPACES.sub(" ", text).strip()
