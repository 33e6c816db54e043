"""Secrets and personal data are taken out of text before it reaches a log, an exception or a report."""

from __future__ import annotations

import functools
import json
import logging
import re
import traceback
import unicodedata
from itertools import pairwise
from typing import TYPE_CHECKING, ParamSpec, TypeVar
from urllib.parse import quote, quote_plus

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")

HIDDEN = "***"

# Replacing shorter ones would mutilate ordinary words; no real key is that short.
_SHORTEST_SECRET = 4

_CARRIERS = r"api_?key|signature|user_token|password|secret(?:_key)?"
_IN_QUERY = re.compile(rf"(?i)\b({_CARRIERS})=[^&\s\"'<>)]*")
_IN_JSON = re.compile(
    rf"(?i)((?<!\\)\\*[\"'](?:{_CARRIERS})\\*[\"']\s*:\s*)(\\*[\"'])(?:\\.|(?!\2)[^\\])*?(?:\2|\\?$)", re.S
)
_SCORO_KEY = re.compile(r"\bScoroAPI_\w+")

_MOST_LETTERS = 10_000
# What is hidden makes a text shorter: of so many times what may be shown the rest is not looked at.
_TIMES = 4
# No word or code of a person is longer.
_LONGEST_WORD = 200
# What follows is looked for in folded text: small letters without accents.
# People group codes with blanks, dots, dashes.
_GAP = r"[\s.\-_/\u2010-\u2015\u2212]{0,2}"
_EMAIL = re.compile(r"[\w.+'-]{1,100}\s?@\s?[\w-]{1,100}(?:\.[\w-]{1,100}){1,10}")
_IBAN = re.compile(rf"(?<![^\W_])[a-z]{_GAP}[a-z]{_GAP}\d{_GAP}\d(?:{_GAP}[a-z0-9]){{11,30}}")
# Groups of four, whoever's they are and right or not.
_GROUPED_IBAN = re.compile(r"\b[a-z]{2}\d{2}(?: \d{4}){2,7}(?: \d{1,3})?\b")
_SHORTEST_IBAN, _MOSTLY_DIGITS = 15, 13
_LENGTHS_OF_IBANS = {
    **{"ee": 20, "lv": 21, "lt": 20, "fi": 18, "se": 24, "no": 15, "dk": 18, "pl": 28, "de": 22, "nl": 18, "be": 16},
    **{"fr": 27, "gb": 22, "ie": 22, "es": 24, "it": 27, "at": 20, "ch": 21, "lu": 20, "cz": 24, "pt": 25, "mt": 31},
}
# Eleven digits, the first tells century and sex, then month and day; any such number is hidden, valid or not.
_PERSONAL_CODE = re.compile(
    rf"(?<!\d)[1-8]{_GAP}\d{_GAP}\d{_GAP}(?:0{_GAP}[1-9]|1{_GAP}[0-2]){_GAP}"
    rf"(?:0{_GAP}[1-9]|[12]{_GAP}\d|3{_GAP}[01])(?:{_GAP}\d){{4}}(?!\d)"
)
# More would be amounts or numbers one after the other.
_MOST_GAPS = 3
# A number is a phone's where its country or a word says so: others may be a document's.
_PHONE = re.compile(
    r"(?<![\w+])(?:\+ ?\d|00(?:37[012]|358|46|47|45|48|49|44))[\d\s().-]{5,16}\d(?!\d)"
    r"|\b(?:tel|telefon\w*|phone|mob|mobiil\w*|mobile|gsm|faks|fax)\b[\s.:=]{0,4}\(?\d[\d\s().-]{4,14}\d(?!\d)"
)

_WORD = re.compile(r"[^\W_]+")
# Shorter ones are hidden beside another word of the same name only: words of any sentence are as short.
_SHORTEST_WORD = 3
# What Estonian (and English) may add to a name in a sentence; longer words take a vowel before it.
_ENDING = "[aeiou]?(?:d|le|lt|l|ga|ta|st|sse|s|ks|na|ni|t|te|de)?"
_SHORTEST_STEM = 4
_SHORTEST_CODE = 5
# What people write for a letter that does not come apart.
_LETTERS = str.maketrans({"ø": "o", "ł": "l", "æ": "ae", "đ": "d", "ı": "i", "þ": "th", "ð": "d"})

_LOGGERS_OF_THE_TRANSPORT = (
    "requests",
    "urllib3",
    "urllib3.connection",
    "urllib3.connectionpool",
    "urllib3.poolmanager",
    "urllib3.response",
    "urllib3.util.retry",
)


def redact(text: str, secrets: Iterable[str] = ()) -> str:
    """`text` without the given secrets (as they are, URL-encoded or JSON-escaped) and without anything that
    stands where the two services carry a secret: apikey, signature, user_token, in a query or in JSON."""
    for form in _forms(secrets):
        text = text.replace(form, HIDDEN)
    text = _IN_QUERY.sub(rf"\1={HIDDEN}", text)
    text = _IN_JSON.sub(rf"\1\2{HIDDEN}\2", text)
    return _SCORO_KEY.sub(HIDDEN, text)


def redact_personal(text: str, values: Iterable[str] = ()) -> str:
    """`text` without e-mail addresses, IBANs, personal codes, phone numbers, and without the given values: names in any
    order, their words alone and with an ending too; codes however they are grouped. Case, accents and separators make
    no difference. Other numbers stay. Of a text of a page only the beginning is kept."""
    folded = _Folded(text[:_MOST_LETTERS])
    spans = [*_patterns(folded.text), *_values(folded.text, values)]
    return folded.without(spans)


def beginning(text: str, most: int, *, secrets: Iterable[str] = (), personal: Iterable[str] = ()) -> str:
    """Return the beginning of a text of any length without secrets and personal data, to be cut to `most` letters. The
    work does not grow with the text, and half a secret where it was cut is not shown."""
    secrets = tuple(secrets)
    room = max(_LONGEST_WORD, *map(len, _forms(secrets)), 0)
    told = redact_personal(redact(text[: most * _TIMES + room], secrets), personal)
    return f"{told[:-room]}…" if len(text) > most * _TIMES + room else told


class _Folded:
    """A text in small letters without accents and invisible characters, which knows where its letters stood."""

    def __init__(self, text: str) -> None:
        self._original = text
        letters: list[str] = []
        self._places: list[int] = []
        for place, letter in enumerate(text):
            for part in _fold(letter):
                letters.append(part)
                self._places.append(place)
        self._places.append(len(text))
        self.text = "".join(letters)

    def without(self, spans: Iterable[tuple[int, int]]) -> str:
        """Return the text as it was, with `***` for the spans; one for those that only punctuation parts."""
        merged: list[list[int]] = []
        for start, end in sorted(spans):
            if merged and (start <= merged[-1][1] or _is_between_words(self.text[merged[-1][1] : start])):
                merged[-1][1] = max(merged[-1][1], end)
            else:
                merged.append([start, end])
        kept, last = [], 0
        for start, end in merged:
            kept += [self._original[last : self._places[start]], HIDDEN]
            last = self._places[end]
        return "".join((*kept, self._original[last:]))


def _fold(letter: str) -> str:
    if unicodedata.category(letter) == "Cf":
        return ""
    parts = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", letter).casefold())
    return "".join(part for part in parts if not unicodedata.combining(part)).translate(_LETTERS)


def _is_between_words(text: str) -> bool:
    return len(text) <= 2 and _WORD.search(text) is None and not text.strip(" ,.-'’&")


def _patterns(text: str) -> Iterator[tuple[int, int]]:
    for pattern in (_EMAIL, _GROUPED_IBAN, _PHONE):
        yield from (match.span() for match in pattern.finditer(text))
    for match in _PERSONAL_CODE.finditer(text):
        if len(re.findall(r"\D+", match[0])) <= _MOST_GAPS:
            yield match.span()
    yield from _ibans(text)


def _ibans(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    # A match goes on into the words that follow, where the next one may stand.
    while match := _IBAN.search(text, start):
        length = _length_of_iban(match[0])
        start = match.start() + (length or 2)
        if length is not None:
            yield match.start(), start


def _length_of_iban(text: str) -> int | None:
    """How many characters at the beginning of `text` are an IBAN: by its check digits, or by length and digits where
    the country is a near one. None: it is none."""
    ends = [place for place, letter in enumerate(text, start=1) if letter.isalnum()]
    letters = [letter for letter in text if letter.isalnum()]
    known = _LENGTHS_OF_IBANS.get("".join(letters[:2]))
    if known is not None:
        code = letters[:known]
        is_one = len(code) == known and (_has_check_digits(code) or sum(map(str.isdigit, code)) > _MOSTLY_DIGITS)
        return ends[known - 1] if is_one else None
    for count in range(len(letters), _SHORTEST_IBAN - 1, -1):
        end = ends[count - 1]
        is_whole = end == len(text) or not text[end].isalnum()
        if is_whole and _has_check_digits(letters[:count]):
            return end
    return None


def _has_check_digits(code: Sequence[str]) -> bool:
    turned = (*code[4:], *code[:4])
    return all(map(str.isascii, turned)) and int("".join(str(int(each, 36)) for each in turned)) % 97 == 1


def _values(text: str, values: Iterable[str]) -> Iterator[tuple[int, int]]:
    for value in {"".join(map(_fold, value)).strip() for value in values}:
        if any(letter.isdigit() for letter in value):
            yield from _code(text, value)
        elif sum(map(len, _WORD.findall(value))) >= _SHORTEST_SECRET:
            yield from _name(text, _WORD.findall(value))


def _code(text: str, value: str) -> Iterator[tuple[int, int]]:
    """Yield a code, phone number, account or line of an address, however it is grouped."""
    letters = "".join(_WORD.findall(value))
    # People leave the country of a phone number out.
    forms = {letters, letters.removeprefix("372")} if letters.isdigit() else {letters}
    for form in forms:
        if len(form) >= _SHORTEST_CODE:
            spaced = r"[\W_]{0,3}".join(map(re.escape, form))
            yield from (match.span() for match in re.finditer(rf"(?<![^\W_]){spaced}(?![^\W_])", text))


def _name(text: str, words: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Yield the words of a name wherever they stand, and short ones beside these."""
    found = list(_WORD.finditer(text))
    patterns = [
        re.compile(re.escape(word) + (_ENDING if len(word) >= _SHORTEST_STEM else ""))
        for word in words
        if len(word) >= _SHORTEST_WORD
    ]
    is_hidden = [any(pattern.fullmatch(match[0]) for pattern in patterns) for match in found]
    if not patterns:
        # Both words are as short as any: they count where they stand together.
        is_hidden = [first[0] in words and second[0] in words for first, second in pairwise(found)] + [False]
    short = [match[0] in words for match in found]
    for order in (range(1, len(found)), range(len(found) - 2, -1, -1)):
        for place in order:
            beside = place - 1 if order.step > 0 else place + 1
            start, end = sorted((place, beside))
            gap = text[found[start].end() : found[end].start()]
            if short[place] and is_hidden[beside] and _is_between_words(gap):
                is_hidden[place] = True
    yield from (match.span() for match, hidden in zip(found, is_hidden, strict=False) if hidden)


def forget_locals(problem: BaseException) -> None:
    """Empty the variables of all frames that an error came through and that have ended, those of its causes too: a
    traceback that prints what variables held (a setting away in more than one tool) would print whole documents."""
    seen: set[int] = set()
    waiting: list[BaseException | None] = [problem]
    while waiting:
        one = waiting.pop()
        if one is not None and id(one) not in seen:
            seen.add(id(one))
            traceback.clear_frames(one.__traceback__)
            waiting += [one.__cause__, one.__context__]


def forgets_its_arguments(function: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """No error of the function carries what it was called with in the variables of its frames."""

    @functools.wraps(function)
    def called(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
        try:
            return function(*args, **kwargs)
        except BaseException as problem:
            del args, kwargs
            forget_locals(problem)
            raise

    return called


class RedactingFilter(logging.Filter):
    """Rewrites every record of the loggers it is attached to: the formatted message and the traceback."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        super().__init__()
        self._secrets: set[str] = set(secrets)

    def add(self, secrets: Iterable[str]) -> None:
        """Hide these from now on too."""
        self._secrets.update(secrets)

    def filter(self, record: logging.LogRecord) -> bool:
        """Redact `record` in place; always lets it pass."""
        message = record.getMessage()
        if record.exc_info and record.exc_info[0] is not None:
            message = f"{message}\n{''.join(traceback.format_exception(*record.exc_info)).rstrip()}"
        elif record.exc_text:
            message = f"{message}\n{record.exc_text}"
        record.msg = redact(message, self._secrets)
        record.args = ()
        record.exc_info = None
        record.exc_text = None
        return True


_transport_filter = RedactingFilter()


def guard_transport_logs(secrets: Iterable[str]) -> None:
    """Redact what requests and urllib3 log, at every level; `secrets` are hidden wherever they stand."""
    _transport_filter.add(secrets)
    for name in _LOGGERS_OF_THE_TRANSPORT:
        # addFilter ignores a filter that is attached already.
        logging.getLogger(name).addFilter(_transport_filter)


def _forms(secrets: Iterable[str]) -> list[str]:
    forms = {
        form
        for secret in secrets
        if len(secret) >= _SHORTEST_SECRET
        for form in (
            secret,
            quote(secret, safe=""),
            quote(secret),
            quote_plus(secret),
            json.dumps(secret)[1:-1],
            json.dumps(secret, ensure_ascii=False)[1:-1],
        )
    }
    return sorted(forms, key=len, reverse=True)
