"""One HTTP request to one of the two services: time-outs, no redirects, no secrets in what is raised.

What is raised here never has an exception of requests or urllib3 as its cause or context: their texts carry
the URL, and SmartAccounts keeps its keys there.
"""

from __future__ import annotations

import logging
import math
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import requests
import urllib3
from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt, wait_random_exponential

from scoro_smartaccounts.border.answer_text import meaning, reason_in
from scoro_smartaccounts.border.bounds import (
    PACKED,
    BoundedAdapter,
    Broken,
    OutOfBounds,
    read_body,
    read_json,
    weight_of,
)
from scoro_smartaccounts.border.hosts import read_address
from scoro_smartaccounts.border.redaction import beginning, guard_transport_logs
from scoro_smartaccounts.common import progress
from scoro_smartaccounts.common.clock import utc_now
from scoro_smartaccounts.common.errors import BillingStopped, ConfigurationError, TransientError, UnreadableAnswer
from scoro_smartaccounts.common.visible import visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

log = logging.getLogger(__name__)

READ_ATTEMPTS = 4
# Whatever a service asks for: nobody waits longer for it before the next look.
LONGEST_WAIT = 86_400.0
# A service that asks for a longer pause than this is left alone; the caller waits without holding a worker.
LONGEST_PAUSE = 60.0
# After an answer that was more than any real one: each try costs the service's quota and this machine's memory.
_PAUSE_AFTER_NONSENSE = 3600.0
# A message is no place for a page.
_LONGEST_REASON = 200
# Of what a refusal says: each reason, how many of them, and all together.
_LONGEST_OF_REFUSAL = 500
_MOST_OF_REFUSAL = 20
_ROOM_OF_REFUSAL = 2_000
USER_AGENT = f"scoro-smartaccounts/{version('scoro-smartaccounts')}"


class NotSent(TransientError):
    """No connection came about: the service has not seen a byte of the request."""


class NoAnswer(TransientError):
    """The request went out, fully or in part, and no whole answer came back."""


@dataclass(frozen=True)
class Outgoing:
    """One request; the URL is percent-encoded, so that requests leaves it alone, and the body goes as it is.

    Keys stand in the URL of one service and in the body of the other, so neither is shown: a traceback that prints
    what variables hold shows this text. `personal`: texts of the request that the answer may repeat.
    """

    method: str
    operation: str
    url: str = field(repr=False)
    body: bytes | None = field(default=None, repr=False)
    personal: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class Reply:
    """What came back, read to its end. The body is data of the service: of it only `description` belongs in a message.

    `secrets` and `personal` are texts that it may repeat and nobody may read.
    """

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    secrets: tuple[str, ...] = field(default=(), repr=False)
    personal: tuple[str, ...] = field(default=(), repr=False)

    @property
    def weight(self) -> int:
        """About how many bytes what the body holds takes in memory."""
        return weight_of(self.body)

    @property
    def server_time(self) -> datetime | None:
        """The service's clock (UTC), from the `Date` header."""
        return _moment(self.headers.get("Date", ""))

    @property
    def description(self) -> str:
        """Status, content type, length and the reason that the body gives in words, for messages."""
        kind = self.headers.get("Content-Type", "").partition(";")[0].strip()
        if not re.fullmatch(r"[a-z]+/[a-z0-9.+-]{1,40}", kind):
            kind = "no proper content type"
        facts = f"HTTP {self.status}, {kind}, {len(self.body)} bytes"
        said = self._shown(self._reason, _LONGEST_REASON)
        return f'{facts}, says "{said}"' if said else facts

    def reasons(self, said: Sequence[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
        """Return what a refusal says as (key, message), without secrets and personal data: all of it, or the beginning
        and how many more there are."""
        told: list[tuple[str, str]] = []
        room = _ROOM_OF_REFUSAL
        for key, message in said[:_MOST_OF_REFUSAL]:
            shown = self._shown(key, _LONGEST_OF_REFUSAL), self._shown(message, _LONGEST_OF_REFUSAL)
            room -= sum(map(len, shown))
            if room < 0:
                break
            told.append(shown)
        more = len(said) - len(told)
        return (*told, *([("", f"… +{more}")] if more else []))

    def _shown(self, text: str, most: int) -> str:
        # Cut last: half a secret would not be recognised.
        return visible(beginning(text, most, secrets=self.secrets, personal=self.personal), most)

    @property
    def refuses_for(self) -> str:
        """`bill` or `limit` where the words of a refusal say so, else nothing. A gateway that gave up says neither: the
        request may have been carried out."""
        return meaning(self.body[:4000].decode("utf-8", "replace"))

    @property
    def is_unpaid(self) -> bool:
        """Whether the service waits for its money. The status 503 stands for three things: that, a limit, an outage."""
        return self.status == 402 or (self.status in (403, 503) and self.refuses_for == "bill")

    @property
    def is_over_limit(self) -> bool:
        """Whether too many requests came."""
        return self.status == 429 or (self.status == 503 and self.refuses_for == "limit")

    @property
    def asked_wait(self) -> float | None:
        """How long the service asks to wait, in seconds."""
        return self.seconds("Retry-After")

    @property
    def _reason(self) -> str:
        return reason_in(self.body, is_success=200 <= self.status < 300)

    def seconds(self, header: str) -> float | None:
        """Return a header that holds seconds (Retry-After may hold a date instead), 24 hours at most; None when absent
        or senseless."""
        text = self.headers.get(header, "").strip()
        # Of several headers, which arrive joined, the longest wait that makes sense.
        numbers = [number for part in text.split(",") if (number := _number(part)) is not None]
        if not numbers and (moment := _moment(text)) is not None:
            numbers = [(moment - (self.server_time or utc_now())).total_seconds()]
        return min(max(0.0, *numbers), LONGEST_WAIT) if numbers else None

    def json(self, system: str, operation: str) -> dict[str, Any]:
        """Return the body as a JSON object, decimals as `Decimal`, what is no number as NaN. Raises
        UnreadableAnswer."""
        trouble, pause = "is not a JSON object", None
        try:
            content = read_json(self.body)
            if isinstance(content, dict):
                return content
        except OutOfBounds as excess:
            trouble, pause = f"is no real one: {excess}", _PAUSE_AFTER_NONSENSE
        except ValueError:
            pass
        raise UnreadableAnswer(
            f"{system} {operation}: the answer {trouble} ({self.description}); "
            f"if this stays so, check the host of the connection",
            retry_after=pause,
        )


class Transport:
    """Sends single requests of one client. Not to be shared between threads."""

    def __init__(
        self, system: str, base_url: str, *, secrets: Iterable[str], connect_timeout: float, read_timeout: float
    ) -> None:
        self.system = system
        address = read_address(system, base_url)
        self.base_url = str(address)
        self._is_here = address.is_this_machine
        self._timeout = (connect_timeout, read_timeout)
        self._secrets = tuple(secrets)
        self._session = _session()
        guard_transport_logs(self._secrets)

    def __repr__(self) -> str:
        return f"Transport({self.system}, {self.base_url})"

    def send(self, outgoing: Outgoing, *, fresh: bool = False) -> Reply:
        """Send one request and read its answer within the bounds of `bounds.py`.

        Raises NotSent or NoAnswer, nothing else of the network's.

        `fresh`: on a connection of its own. A kept connection that the service closes meanwhile would turn a
        write that was never read into one whose outcome is unknown.
        """
        failure: TransientError
        session = _session() if fresh else self._session
        try:
            progress.begin(f"{self.system} {outgoing.operation}")
            reply = self._exchange(session, outgoing, close=fresh)
            progress.end()
            return reply
        except OutOfBounds as excess:
            failure = NoAnswer(
                f"{self.system} {outgoing.operation}: the answer is no real one: {excess}; it was not read further",
                retry_after=_PAUSE_AFTER_NONSENSE,
            )
        except Broken:
            failure = NoAnswer(f"{self.system} {outgoing.operation}: no complete answer (it cannot be unpacked)")
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as problem:
            failure = self._failure(problem, outgoing.operation)
        finally:
            if fresh:
                session.close()
        # Raised out here so that the exception above does not become its context.
        raise failure

    def _exchange(self, session: requests.Session, outgoing: Outgoing, *, close: bool) -> Reply:
        request = requests.Request(outgoing.method, outgoing.url, data=outgoing.body)
        if outgoing.body is not None:
            request.headers["Content-Type"] = "application/json; charset=utf-8"
        if close:
            request.headers["Connection"] = "close"
        prepared = session.prepare_request(request)
        settings = session.merge_environment_settings(outgoing.url, {}, True, None, None)
        response = session.send(
            prepared,
            timeout=self._timeout,
            allow_redirects=False,
            stream=True,
            # Nothing for this machine goes around through another one, least of all without TLS.
            proxies={} if self._is_here else settings["proxies"],
            verify=settings["verify"],
            cert=settings["cert"],
        )
        with response:
            body = read_body(response)
        return Reply(response.status_code, response.headers, body, self._secrets, outgoing.personal)

    def _failure(self, problem: Exception, operation: str) -> TransientError:
        what = _what_happened(problem)
        if _never_connected(problem):
            return NotSent(f"{self.system} {operation}: no connection ({what}); nothing was sent")
        return NoAnswer(f"{self.system} {operation}: no complete answer ({what})")


def retrying(
    system: str,
    operation: str,
    *,
    sleep: Callable[[float], None],
    again: Callable[[TransientError], bool] | None = None,
) -> Retrying:
    """Repeats a read on transient errors that `again` accepts: exponential back-off with jitter, on top of the wait
    that the service asked for. Where that is longer than `LONGEST_PAUSE` it is not repeated: the caller gives its
    worker back."""
    jitter = wait_random_exponential(multiplier=1, max=20)

    def wait(state: RetryCallState) -> float:
        return jitter(state) + (_problem(state).retry_after or 0.0)

    def tell(state: RetryCallState) -> None:
        log.warning(
            "%s %s: try %s of %s failed: %s", system, operation, state.attempt_number, READ_ATTEMPTS, _problem(state)
        )

    def is_worth_waiting(problem: BaseException) -> bool:
        return (
            isinstance(problem, TransientError)
            and (problem.retry_after or 0.0) <= LONGEST_PAUSE
            and (again is None or again(problem))
        )

    return Retrying(
        retry=retry_if_exception(is_worth_waiting),
        stop=stop_after_attempt(READ_ATTEMPTS),
        wait=wait,
        sleep=sleep,
        before_sleep=tell,
        reraise=True,
    )


def refuse_redirect(system: str, operation: str, reply: Reply) -> None:
    """Refuse a read that is sent elsewhere, since its address is wrong. Raises ConfigurationError."""
    if 300 <= reply.status < 400:
        raise ConfigurationError(
            f"{system} {operation}: the address answers with a redirect (HTTP {reply.status}); "
            f"the host of the connection must be the service's own base URL, with https"
        )


def unpaid_bill(system: str, operation: str, reply: Reply) -> BillingStopped:
    """Return the error of an answer that says that the service waits for its money."""
    return BillingStopped(
        f"{system} {operation}: stopped because of an unpaid bill of {system} ({reply.description}); "
        f"pay it or ask {system}"
    )


def _problem(state: RetryCallState) -> TransientError:
    problem = state.outcome.exception() if state.outcome else None
    if not isinstance(problem, TransientError):  # pragma: no cover - only transient errors are retried
        raise TypeError("only transient errors are retried")
    return problem


def _session() -> requests.Session:
    session = requests.Session()
    session.headers.update({"User-Agent": USER_AGENT, "Accept": "application/json", "Accept-Encoding": PACKED})
    # Proxies and certificates of the environment count, but not the passwords of somebody's ~/.netrc: requests sends
    # those wherever it is given nothing of its own.
    session.auth = _no_other_credentials
    for scheme in ("https://", "http://"):
        session.mount(scheme, BoundedAdapter())
    return session


def _no_other_credentials(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _moment(text: str) -> datetime | None:
    """Return an HTTP date in UTC; None for what is none."""
    try:
        moment = parsedate_to_datetime(text)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def _never_connected(problem: Exception) -> bool:
    """Whether it is certain that the service saw nothing of the request."""
    if isinstance(problem, (requests.ConnectTimeout, requests.exceptions.InvalidURL)):
        return True
    reason = _reason(problem)
    # A certificate is refused before the first byte of the request goes out.
    return isinstance(
        reason, (urllib3.exceptions.NewConnectionError, urllib3.exceptions.ConnectTimeoutError)
    ) or "CERTIFICATE_VERIFY_FAILED" in str(reason)


def _reason(problem: Exception) -> Exception:
    """Return the innermost exception that urllib3 names as reason."""
    inner: object = problem.args[0] if problem.args else None
    if isinstance(problem, requests.RequestException) and isinstance(inner, urllib3.exceptions.MaxRetryError):
        return inner.reason or inner
    return problem


def _what_happened(problem: Exception) -> str:
    """Return a few words without any text of the exception: it may hold the URL."""
    reason = _reason(problem)
    if "CERTIFICATE_VERIFY_FAILED" in str(reason):
        return "the TLS certificate is not valid"
    if isinstance(reason, urllib3.exceptions.NameResolutionError):
        return "the host name is unknown"
    if isinstance(problem, requests.ConnectTimeout):
        return "time-out while connecting"
    if isinstance(problem, (requests.Timeout, urllib3.exceptions.ReadTimeoutError)):
        return "time-out while reading"
    return type(reason).__name__
