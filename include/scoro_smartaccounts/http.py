"""One HTTP request to one of the two services: time-outs, no redirects, no secrets in what is raised.

What is raised here never has an exception of requests or urllib3 as its cause or context: their texts carry
the URL, and SmartAccounts keeps its keys there.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import requests
import urllib3
from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt, wait_random_exponential

from scoro_smartaccounts import bounds, progress
from scoro_smartaccounts.answer_text import meaning, reason_in
from scoro_smartaccounts.clock import utc_now
from scoro_smartaccounts.errors import BillingStopped, ConfigurationError, TransientError, UnreadableAnswer
from scoro_smartaccounts.redaction import guard_transport_logs, redact, redact_personal

log = logging.getLogger(__name__)

READ_ATTEMPTS = 4
# A service that asks for a longer pause than this is left alone; the caller waits without holding a worker.
LONGEST_PAUSE = 60.0
# A message is no place for a page.
_LONGEST_REASON = 200
USER_AGENT = "scoro-smartaccounts/1"


class NotSent(TransientError):
    """No connection came about: the service has not seen a byte of the request."""


class NoAnswer(TransientError):
    """The request went out, fully or in part, and no whole answer came back."""


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
    def server_time(self) -> datetime | None:
        """The service's clock (UTC), from the `Date` header."""
        try:
            moment = parsedate_to_datetime(self.headers.get("Date", ""))
        except ValueError:
            return None
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)

    @property
    def description(self) -> str:
        """Status, content type, length and the reason that the body gives in words, for messages."""
        kind = self.headers.get("Content-Type", "").partition(";")[0].strip()
        if not re.fullmatch(r"[a-z]+/[a-z0-9.+-]{1,40}", kind):
            kind = "no proper content type"
        facts = f"HTTP {self.status}, {kind}, {len(self.body)} bytes"
        said = redact_personal(redact(self._reason, self.secrets), self.personal)
        # Cut last: half a secret would not be recognised.
        said = said if len(said) <= _LONGEST_REASON else f"{said[:_LONGEST_REASON]}…"
        return f'{facts}, says "{said}"' if said else facts

    @property
    def refuses_for(self) -> str:
        """`bill` or `limit` where the words of a refusal say so, else nothing. A gateway that gave up says neither: the
        request may have been carried out."""
        return meaning(self.body[:4000].decode("utf-8", "replace"))

    @property
    def _reason(self) -> str:
        return reason_in(self.body, is_success=200 <= self.status < 300)

    def seconds(self, header: str) -> float | None:
        """A header that holds seconds (Retry-After may hold a date instead); None when absent or senseless."""
        text = self.headers.get(header, "").strip()
        if not text:
            return None
        try:
            return max(0.0, float(text)) if float(text) < 1e9 else None
        except ValueError:
            pass
        try:
            moment = parsedate_to_datetime(text)
        except ValueError:
            return None
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return max(0.0, (moment - (self.server_time or utc_now())).total_seconds())

    def json(self, system: str, operation: str) -> dict[str, Any]:
        """The body as a JSON object, decimals as `Decimal`, what is no number as NaN. Raises UnreadableAnswer."""
        try:
            content = json.loads(
                self.body.decode("utf-8-sig"),
                parse_float=bounds.decimal_of,
                parse_int=bounds.whole_number_of,
                parse_constant=bounds.constant_of,
            )
        except (ValueError, RecursionError):
            content = None
        if not isinstance(content, dict):
            raise UnreadableAnswer(
                f"{system} {operation}: the answer is not a JSON object ({self.description}); "
                f"if this stays so, check the host of the connection"
            )
        return content


class Transport:
    """Sends single requests of one client. Not to be shared between threads."""

    def __init__(
        self, system: str, base_url: str, *, secrets: Iterable[str], connect_timeout: float, read_timeout: float
    ) -> None:
        self.system = system
        self.base_url = _checked(system, base_url)
        self._timeout = (connect_timeout, read_timeout)
        self._secrets = tuple(secrets)
        self._session = _session()
        guard_transport_logs(self._secrets)

    def __repr__(self) -> str:
        return f"Transport({self.system}, {self.base_url})"

    def send(
        self,
        method: str,
        url: str,
        operation: str,
        *,
        body: bytes | None = None,
        fresh: bool = False,
        personal: Sequence[str] = (),
    ) -> Reply:
        """One request to this URL (percent-encoded, so that requests leaves it alone) with exactly these bytes.

        Raises NotSent or NoAnswer, nothing else of the network's.

        `fresh`: on a connection of its own. A kept connection that the service closes meanwhile would turn a
        write that was never read into one whose outcome is unknown. `personal`: texts of the request that the answer
        may repeat.
        """
        failure: TransientError
        session = _session() if fresh else self._session
        try:
            request = requests.Request(method, url, data=body)
            if body is not None:
                request.headers["Content-Type"] = "application/json; charset=utf-8"
            if fresh:
                request.headers["Connection"] = "close"
            prepared = session.prepare_request(request)
            settings = session.merge_environment_settings(url, {}, None, None, None)
            progress.begin(f"{self.system} {operation}")
            response = session.send(
                prepared,
                timeout=self._timeout,
                allow_redirects=False,
                proxies=settings["proxies"],
                verify=settings["verify"],
                cert=settings["cert"],
            )
            reply = Reply(response.status_code, response.headers, response.content, self._secrets, tuple(personal))
            progress.end()
            return reply
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as problem:
            failure = self._failure(problem, operation)
        finally:
            if fresh:
                session.close()
        # Raised out here so that the exception above does not become its context.
        raise failure

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
    """A read that is sent elsewhere went to a wrong address. Raises ConfigurationError."""
    if 300 <= reply.status < 400:
        raise ConfigurationError(
            f"{system} {operation}: the address answers with a redirect (HTTP {reply.status}); "
            f"the host of the connection must be the service's own base URL, with https"
        )


def unpaid_bill(system: str, operation: str, reply: Reply) -> BillingStopped:
    """The error of an answer that says that the service waits for its money."""
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
    session.headers.update({"User-Agent": USER_AGENT, "Accept": "application/json"})
    return session


def _checked(system: str, base_url: str) -> str:
    try:
        parts = urlsplit(base_url.strip())
        port_is_number = parts.port is None or parts.port > 0
    except ValueError:
        parts, port_is_number = urlsplit(""), False
    if (
        parts.scheme not in ("http", "https")
        or not parts.hostname
        or not port_is_number
        or parts.username is not None
        or parts.query
        or parts.fragment
    ):
        raise ConfigurationError(
            f"{system}: the host of the connection must be a base URL such as https://example.com/api, "
            f"without user, password or query"
        )
    return base_url.strip().rstrip("/")


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
    """The innermost exception that urllib3 names as reason."""
    inner: object = problem.args[0] if problem.args else None
    if isinstance(problem, requests.RequestException) and isinstance(inner, urllib3.exceptions.MaxRetryError):
        return inner.reason or inner
    return problem


def _what_happened(problem: Exception) -> str:
    """A few words without any text of the exception: it may hold the URL."""
    reason = _reason(problem)
    if "CERTIFICATE_VERIFY_FAILED" in str(reason):
        return "the TLS certificate is not valid"
    if isinstance(reason, urllib3.exceptions.NameResolutionError):
        return "the host name is unknown"
    if isinstance(problem, requests.ConnectTimeout):
        return "time-out while connecting"
    if isinstance(problem, requests.Timeout):
        return "time-out while reading"
    return type(reason).__name__
