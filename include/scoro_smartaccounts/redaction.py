"""Secrets and personal data are taken out of text before it reaches a log, an exception or a report."""

from __future__ import annotations

import functools
import json
import logging
import re
import traceback
from collections.abc import Callable, Iterable
from typing import ParamSpec, TypeVar
from urllib.parse import quote, quote_plus

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")

HIDDEN = "***"

# Replacing shorter ones would mutilate ordinary words; no real key is that short.
_SHORTEST_SECRET = 4

_CARRIERS = r"api_?key|signature|user_token|password|secret(?:_key)?"
_IN_QUERY = re.compile(rf"(?i)\b({_CARRIERS})=[^&\s\"'<>)]*")
_IN_JSON = re.compile(rf"(?i)((?:\\*[\"'])(?:{_CARRIERS})\\*[\"']\s*:\s*)(\\*[\"'])(?:\\.|(?!\2)[^\\])*?(?:\2|$)", re.S)
_SCORO_KEY = re.compile(r"\bScoroAPI_\w+")

_EMAIL = re.compile(r"[\w.+'-]+@[\w-]+(?:\.[\w-]+)+")
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b")
# Eleven digits, the first tells century and sex, then month and day; any such number is hidden, valid or not.
_PERSONAL_CODE = re.compile(r"(?<!\d)[1-8]\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{4}(?!\d)")

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
    """`text` without e-mail addresses, IBANs, personal codes, and without the given values (whatever case)."""
    for value in sorted({value.strip() for value in values}, key=len, reverse=True):
        if len(value) >= _SHORTEST_SECRET:
            text = re.sub(re.escape(value), HIDDEN, text, flags=re.IGNORECASE)
    for pattern in (_EMAIL, _IBAN, _PERSONAL_CODE):
        text = pattern.sub(HIDDEN, text)
    return text


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
