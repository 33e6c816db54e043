"""Texts as SmartAccounts takes them."""

from __future__ import annotations

import re
from collections.abc import Callable

REPLACEMENT = "_"
_SPACES = re.compile(r"\s+")
_TAGS = re.compile(r"<[^<>]{0,200}>")

Say = Callable[[str], None]


def clean(text: str, what: str, say: Say) -> str:
    """One line of text. Characters beyond the Basic Multilingual Plane (4 bytes in UTF-8; SmartAccounts refuses
    them) become `_`, and `say` hears of it: `what` names the place."""
    line = _SPACES.sub(" ", _TAGS.sub(" ", text)).strip()
    kept = "".join(REPLACEMENT if ord(char) > 0xFFFF else char for char in line if char.isprintable())
    if any(ord(char) > 0xFFFF for char in line):
        say(f"{what}: characters that SmartAccounts does not take were replaced by {REPLACEMENT}")
    return kept


def split_at_word(text: str, limit: int) -> tuple[str, str]:
    """`text` as a head of at most `limit` characters, cut between words where there is a gap, and the rest."""
    if len(text) <= limit:
        return text, ""
    cut = text.rfind(" ", 0, limit + 1)
    cut = cut if cut > 0 else limit
    return text[:cut].rstrip(" ,"), text[cut:].strip(" ,")
