"""What keyboards, imports and haste do to a text."""

from __future__ import annotations

from random import Random

_ROWS = ("1234567890", "qwertyuiopüõ", "asdfghjklöä", "zxcvbnm")
_PLAIN = str.maketrans("õäöüšžÕÄÖÜŠŽ", "oaouszOAOUSZ")
_DOUBLED = {"ä": "ae", "ö": "oe", "ü": "ue", "õ": "6", "Õ": "O"}
_ODD = "õäöüšž"


def typo(rng: Random, text: str) -> str:
    """One slip: a letter missing, doubled, swapped with the next, or its neighbour on the keyboard."""
    places = [place for place, char in enumerate(text) if char.isalpha()]
    if len(places) < 4:
        return text
    place = rng.choice(places)
    char = text[place]
    kind = rng.randrange(4)
    if kind == 0:
        return text[:place] + text[place + 1 :]
    if kind == 1:
        return text[:place] + char + text[place:]
    if kind == 2 and place + 1 < len(text) and text[place + 1].isalpha() and text[place + 1].lower() != char.lower():
        return text[:place] + text[place + 1] + char + text[place + 2 :]
    return text[:place] + _neighbour(rng, char) + text[place + 1 :]


def _neighbour(rng: Random, char: str) -> str:
    for row in _ROWS:
        spot = row.find(char.lower())
        if spot >= 0:
            near = row[max(0, spot - 1)] if rng.random() < 0.5 else row[min(len(row) - 1, spot + 1)]
            near = row[spot - 1] if near == char.lower() else near
            return near.upper() if char.isupper() else near
    return "x"


def without_dots(text: str) -> str:
    """Estonian letters as a foreigner's keyboard has them."""
    return text.translate(_PLAIN)


def spelled_dots(text: str) -> str:
    """Estonian letters written with two letters, or a digit."""
    return "".join(_DOUBLED.get(char, char) for char in text)


def mojibake(rng: Random, text: str) -> str:
    """What a wrong encoding makes of them."""
    kind = rng.randrange(3)
    if kind == 0:
        return text.encode().decode("cp1252", errors="replace")
    if kind == 1:
        return "".join("?" if char.lower() in _ODD else char for char in text)
    return text.encode("cp775", errors="replace").decode("cp1257", errors="replace")


def has_dots(text: str) -> bool:
    """Is there anything to lose?"""
    return any(char.lower() in _ODD for char in text)


def digit_typo(rng: Random, code: str) -> str:
    """One digit wrong, missing, or swapped with the next."""
    places = [place for place, char in enumerate(code) if char.isdigit()]
    place = rng.choice(places[:-1])
    kind = rng.randrange(3)
    if kind == 0:
        return code[:place] + rng.choice([d for d in "0123456789" if d != code[place]]) + code[place + 1 :]
    if kind == 1:
        return code[:place] + code[place + 1 :]
    return code[:place] + code[place + 1] + code[place] + code[place + 2 :]
