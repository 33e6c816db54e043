"""What a screen says, without how."""

from __future__ import annotations

import re
from html import unescape
from typing import Any


def words_of(answer: Any) -> str:
    """The words of a screen's content in one line."""
    text = answer.text[answer.text.index("<main") :]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())
