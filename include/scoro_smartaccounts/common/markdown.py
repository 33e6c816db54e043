"""Texts from outside in Markdown, as Airflow's questions show it."""

from __future__ import annotations

import re

_MARKUP = re.compile(r"([\\`*_{}\[\]<>#|!~])")
# Airflow turns addresses of the web and of mail into links, after it has resolved what HTML escapes.
_LINKS = re.compile(r"://|@|(?<=www)\.|(?<=mailto):|(?<=xmpp):", re.IGNORECASE)
_NOTHING = "\u200b"


def as_text(text: str) -> str:
    """Return `text` on one line, as Markdown that shows it as it is: nothing in it is markup, HTML or a link."""
    escaped = _MARKUP.sub(r"\\\1", " ".join(text.split())).replace("&", "&amp;")
    return _LINKS.sub(rf"{_NOTHING}\g<0>", escaped)
