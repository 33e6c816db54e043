"""The one way in which a text that came from outside enters a sentence, a log, a list or a terminal."""

from __future__ import annotations

import unicodedata

# A number or name longer than this is none that a person wants to read on.
LONGEST_VALUE = 200
LONGEST_SENTENCE = 4_000
_CUT = "…"


def visible(text: str, most: int | None = LONGEST_VALUE) -> str:
    r"""Return `text` on one line, at most `most` letters long (None: as long as it is).

    What steers a terminal, ends a line, turns the direction of writing or shows as nothing is written as its code
    (`\n`, `\x1b`, `\u202e`); blanks of all widths become plain ones. A text that is cut ends with `…`.
    """
    if most is not None and len(text) > most:
        text = f"{text[: most - 1]}{_CUT}"
    if text.isascii() and text.isprintable():
        return text
    shown = "".join(map(_letter, text))
    return shown if most is None or len(shown) <= most else f"{shown[: most - 1]}{_CUT}"


def _letter(letter: str) -> str:
    if letter.isprintable():
        return letter
    # All separators but the blank count as unprintable: those of lines (Zl, Zp) are, those of words are not.
    return " " if unicodedata.category(letter) == "Zs" else letter.encode("unicode_escape").decode()


def visible_lines(text: str, most: int | None = None) -> str:
    """Return the same for each line of a text whose line breaks may stay."""
    return "\n".join(visible(line, most) for line in text.replace("\r\n", "\n").split("\n"))
