"""What a reason is: its entry in the catalogue, and a reason itself, with its values.

Values are text as people write it in any language (days `20.01.2026`, amounts `124.00`, ids, numbers, names), phrases
of the catalogue, or lists of these. They are plain JSON in the staging database.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, Literal, Self, TypeAlias

from scoro_smartaccounts.common.money import plain
from scoro_smartaccounts.common.stored import mapping

Language = Literal["et", "en"]

# What the code of a key ends with, before the words that tell it otherwise.
_FORM = "."
# A sentence of an earlier version, which is told as it was.
AS_TOLD = "as_told"
_ABOUT = "about"


class Step(StrEnum):
    """The step of a run that gives a reason, and takes it back when it does not hold any more."""

    EXTRACT = "extract"
    CHECK = "check"
    PLAN = "plan"
    LOAD = "load"
    AUDIT = "audit"


class Severity(StrEnum):
    """What follows for the document."""

    # It is in quarantine until a person has mended or decided something.
    ERROR = "error"
    # It goes on by itself once the obstacle is gone.
    WAIT = "wait"
    # It is booked, and worth a look.
    WARNING = "warning"
    # How a run left it; nothing is wrong.
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Entry:
    """A reason in the catalogue. `key` is its code, or the code, a dot and the words that tell it otherwise.

    `en` and `et` are sentences for a bookkeeper with `{placeholders}` for the values. They name the document, what is
    wrong, and a remedy that works; one that starts with a small letter may stand behind the name of a document. `field`
    is what to mend in `system` (empty: nothing); both may hold placeholders. `is_question`: a person may answer that
    all is right by releasing the document, and it is not asked this again while it is the same. `asks_about` is the
    value that holds what the question names beside the document: the answer covers these.
    """

    key: str
    step: Step
    severity: Severity
    en: str
    et: str
    field: str = ""
    system: str = ""
    is_question: bool = False
    asks_about: str = ""

    @property
    def code(self) -> str:
        """Stable, for machines."""
        return self.key.partition(_FORM)[0]


@dataclass(frozen=True, slots=True)
class Words:
    """A phrase in the catalogue, in both languages, with placeholders."""

    en: str
    et: str


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words of the catalogue with their values: part of a sentence."""

    key: str
    values: Mapping[str, Value]

    def __hash__(self) -> int:
        return hash(json.dumps(self.to_json(), sort_keys=True))

    def to_json(self) -> dict[str, Any]:
        """As it is stored."""
        return {"key": self.key, "values": {name: _to_json(value) for name, value in self.values.items()}}

    @classmethod
    def from_json(cls, stored: Any) -> Self:
        """Return the counterpart of `to_json`. What was not stored so stands for itself, as far as it can be read."""
        if not isinstance(stored, Mapping):
            return cls(_text(stored), {})
        values = mapping(stored.get("values"))
        return cls(_text(stored.get("key")), {name: _from_json(value) for name, value in values.items()})


@dataclass(frozen=True, slots=True)
class Reason(Phrase):
    """A reason of one document: the key of its entry, and what the sentence tells."""

    def __hash__(self) -> int:
        return Phrase.__hash__(self)

    @property
    def code(self) -> str:
        """The entry's code."""
        return str(self.values.get("code", "")) if self.key == AS_TOLD else self.key.partition(_FORM)[0]

    def about(self, document: Phrase) -> Reason:
        """Return the same reason with the document named before its sentence."""
        return Reason(self.key, {**self.values, _ABOUT: document})

    def bare(self) -> Reason:
        """Return the same reason without a document named before its sentence."""
        return Reason(self.key, {name: value for name, value in self.values.items() if name != _ABOUT})


# Words of other words are allowed: lists are joined by the sentence that they stand in.
Value: TypeAlias = "str | Phrase | Sequence[Value]"


def phrase(key: str, **values: object) -> Phrase:
    """Words for a sentence; values as of `reason`."""
    return Phrase(key, {name: _value(value) for name, value in values.items()})


def reason(key: str, **values: object) -> Reason:
    """Return a reason. Values: text, whole numbers, Decimal amounts, days, phrases, lists of these; None is left out as
    empty text."""
    return Reason(key, {name: _value(value) for name, value in values.items()})


def as_told(code: str, text: str, *, field: str = "", system: str = "", severity: str = "") -> Reason:
    """Return a reason whose sentence is known only as it was told once, in English."""
    return Reason(AS_TOLD, {"code": code, "text": text, "field": field, "system": system, "severity": severity})


def _value(value: object) -> Value:
    if isinstance(value, str | Phrase):
        return value
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, date):
        return f"{value:%d.%m.%Y}"
    if isinstance(value, Sequence | set | frozenset):
        return [_value(item) for item in value]
    return str(value)


def _to_json(value: Value) -> Any:
    if isinstance(value, str):
        return value
    return value.to_json() if isinstance(value, Phrase) else [_to_json(item) for item in value]


def _from_json(stored: Any) -> Value:
    if isinstance(stored, list):
        return [_from_json(item) for item in stored]
    if isinstance(stored, dict):
        return Phrase.from_json(stored)
    return str(stored)


def _text(stored: Any) -> str:
    return stored if isinstance(stored, str) and stored else "?"
