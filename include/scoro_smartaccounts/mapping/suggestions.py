"""What a missing mapping may lead to: only what is equal in code or percentage, or all but equal in name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from rapidfuzz import fuzz, utils

from scoro_smartaccounts.common.reasons import Phrase, phrase

if TYPE_CHECKING:
    from collections.abc import Mapping

Key = TypeVar("Key")

# Names are the same when they are this alike (of 100), and no other is nearly as alike.
_ALIKE = 88
_AHEAD = 5


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A value of SmartAccounts and why it may be the one. A person decides."""

    value: str
    why: Phrase


def same_code(code: str, names: Mapping[str, str]) -> Suggestion | None:
    """Return the setting with the same code."""
    return Suggestion(code, phrase("meant_same_code")) if code in names else None


def same_name(name: str, names: Mapping[Key, str]) -> Key | None:
    """Return the one setting, by key, whose name is the same or all but the same."""
    scores = sorted(
        (
            (fuzz.token_sort_ratio(name, other, processor=utils.default_process), place, key)
            for place, (key, other) in enumerate(names.items())
            if other
        ),
        reverse=True,
    )
    if not name or not scores or scores[0][0] < _ALIKE:
        return None
    if len(scores) > 1 and scores[1][0] > scores[0][0] - _AHEAD:
        return None
    return scores[0][2]


def by_code_or_name(code: str, name: str, names: Mapping[str, str]) -> Suggestion | None:
    """Return the setting with the same code, else the one with the same name; `names` by code."""
    if (found := same_code(code, names)) is not None:
        return found
    key = same_name(name, names)
    return None if key is None else Suggestion(key, phrase("meant_like_name_of", name=names[key]))
