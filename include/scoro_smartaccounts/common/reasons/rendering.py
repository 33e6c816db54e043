"""A reason → the sentence that a person reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from scoro_smartaccounts.common.reasons.catalogue import REASONS
from scoro_smartaccounts.common.reasons.message import AS_TOLD, Language, Phrase, Reason, Severity, Value
from scoro_smartaccounts.common.reasons.phrases import PHRASES
from scoro_smartaccounts.common.reasons.spoken import Reader, pressed, spoken
from scoro_smartaccounts.common.visible import LONGEST_SENTENCE, LONGEST_VALUE, visible

_ABOUT = "about"
# Values that are sentences themselves: of a service, or of an earlier version.
_SENTENCES = {"said": LONGEST_SENTENCE // 4, "text": LONGEST_SENTENCE}
_JOINTS: Mapping[str, Mapping[Language, str]] = {
    "": {"en": ", ", "et": ", "},
    "and": {"en": " and ", "et": " ja "},
    "or": {"en": " or ", "et": " või "},
    "lines": {"en": "\n", "et": "\n"},
    "semicolons": {"en": "; ", "et": "; "},
}


def render(message: Phrase, language: Language = "en", *, on_page: bool = False) -> str:
    """Return the sentence of a reason (it starts with a capital letter), or the words of a phrase. `on_page`: as the
    page says it, which is not quite how a log, a file or a command does.

    A key that the catalogue does not have (an older or newer version wrote it) stands for itself, with its values.
    """
    reader = Reader(language, on_page)
    text = _words(message, reader)
    if not isinstance(message, Reason):
        return text
    if (document := message.values.get(_ABOUT)) is not None:
        text = f"{_shown(document, reader)}: {text}"
    return text[:1].upper() + text[1:]


def field_of(reason: Reason) -> str:
    """Return what is to be mended; empty where nothing is."""
    return _filled(reason, "field")


def system_of(reason: Reason) -> str:
    """Where it is to be mended."""
    return _filled(reason, "system")


def _filled(reason: Reason, name: str) -> str:
    entry = REASONS.get(reason.key)
    template = "" if entry is None else str(getattr(entry, name))
    return template.format_map(_Values(reason.values, Reader("en")))


def _words(message: Phrase, reader: Reader) -> str:
    entry = REASONS.get(message.key) or PHRASES.get(message.key)
    if entry is None:
        told = ", ".join(f"{name} {_shown(value, reader)}" for name, value in message.values.items())
        return f"{message.key} ({told})" if told else message.key
    template = entry.et if reader.language == "et" else pressed(entry.en) if reader.is_on_page else entry.en
    return template.format_map(_Values(message.values, reader))


class _Values(Mapping[str, "_Shown"]):
    """The values of a message as the placeholders of its sentence take them. One that is missing is a question mark: a
    sentence with a gap is better than none."""

    def __init__(self, values: Mapping[str, Value], reader: Reader) -> None:
        self._values = values
        self._reader = reader

    def __getitem__(self, name: str) -> _Shown:
        return _Shown(self._values.get(name, "?"), self._reader, _SENTENCES.get(name, LONGEST_VALUE))

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


class _Shown:
    """One value; `{names:or}` joins a list by the word for or, `{name:capital}` starts with a capital letter, and
    `spoken` knows all else, of each part of a list."""

    def __init__(self, value: Value, reader: Reader, most: int) -> None:
        self._value = value
        self._reader = reader
        self._most = most

    def __format__(self, how: str) -> str:
        if how == "capital":
            text = _shown(self._value, self._reader, most=self._most)
            return text[:1].upper() + text[1:]
        return _shown(self._value, self._reader, how, most=self._most)


def _shown(value: Value, reader: Reader, how: str = "", *, most: int = LONGEST_VALUE) -> str:
    """Texts come from outside, most of them: a number, a name, what a service said."""
    if isinstance(value, str):
        return spoken(visible(value, most), how, reader)
    if isinstance(value, Phrase):
        return _words(value, reader)
    # How its parts are joined stands before what they are.
    joint, _, each = how.partition(" ")
    if joint not in _JOINTS:
        joint, each = "", how
    return _JOINTS[joint][reader.language].join(_shown(item, reader, each, most=most) for item in value)


def placeholders(template: str) -> frozenset[str]:
    """Return the values that a sentence asks for."""
    from string import Formatter

    return frozenset(name for _, name, _, _ in Formatter().parse(template) if name)


def severity_of(reason: Reason) -> Severity:
    """Return what follows from a reason for its document."""
    entry = REASONS.get(reason.key)
    if entry is None or reason.key == AS_TOLD:
        return Severity(str(reason.values.get("severity") or Severity.ERROR))
    return entry.severity


def names_document(reason: Reason) -> bool:
    """Whether the sentence says which document it is about."""
    return reason.key == AS_TOLD or "document" in reason.values or _ABOUT in reason.values
