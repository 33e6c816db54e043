"""The HTTP client of SmartAccounts.

The keys travel in the URL (`apikey`, `signature`), so no URL ever stands in a log or an error.
"""

from __future__ import annotations

import hashlib
import json
import logging
import time
from copy import copy
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from scoro_smartaccounts.border.http import (
    LONGEST_WAIT,
    READ_ATTEMPTS,
    NoAnswer,
    Outgoing,
    Reply,
    Transport,
    refuse_redirect,
    retrying,
    unpaid_bill,
)
from scoro_smartaccounts.border.record_bounds import kept
from scoro_smartaccounts.border.redaction import forgets_its_arguments
from scoro_smartaccounts.common.assumptions import REQUESTS_PER_DAY
from scoro_smartaccounts.common.clock import utc_now
from scoro_smartaccounts.common.errors import (
    ConfigurationError,
    LimitReached,
    OutcomeUnknown,
    PipelineError,
    RequestRefused,
    ServiceFailed,
    UnreadableAnswer,
)
from scoro_smartaccounts.smartaccounts.signature import sign, timestamp_text
from scoro_smartaccounts.smartaccounts.wire import MOST_LETTERS_OF_CODES, text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

log = logging.getLogger(__name__)

SYSTEM = "SmartAccounts"
# No more can be read in a day.
MOST_PAGES = REQUESTS_PER_DAY
# After so many pages, or bytes, or records, a list is asked whether it ends at all: a page this far away is empty then.
_SURE_PAGES = 100
_SURE_BYTES = 16 * 2**20
_SURE_RECORDS = 10_000
_FAR_PAGE = 100_000
# More bytes than a day's pages of the largest ledger; and as many records as they show, at a hundred to a page.
_LARGEST_LIST = 128 * 2**20
_MOST_RECORDS = 100 * MOST_PAGES

# Bodies and refusals of these services carry names and addresses of persons.
_ABOUT_PARTNERS = ("purchasesales/clients:", "purchasesales/vendors:")
_SKEW_WORTH_TELLING = timedelta(minutes=2)


@dataclass(frozen=True)
class Answer:
    """One page of a register or documents, or a whole list of settings. `deleted` are ids (codes of articles), `size`
    the bytes that it came in; `list_key` is what the list is called ("" where there is none), `tells_deleted` whether
    there is a list of what was deleted, be it empty."""

    rows: list[dict[str, Any]] = field(repr=False)
    has_more: bool
    deleted: list[str]
    server_time: datetime | None
    size: int = 0
    list_key: str = ""
    tells_deleted: bool = False


@dataclass(frozen=True)
class Written:
    """The answer to a write that was applied."""

    data: dict[str, Any] = field(repr=False)
    server_time: datetime | None


class SmartAccountsClient:
    """One company of SmartAccounts. Not to be shared between threads.

    `before_request` is called with the operation ahead of every try of a read (not of writes: who writes reserves
    the request beforehand); what it raises goes to the caller. `limit_reached` is called when the service's limit
    refuses a read, with how often it did so in a row and the wait in seconds that it asked for; the read is tried
    again then.
    """

    def __init__(
        self,
        base_url: str,
        public_key: str,
        secret_key: str,
        *,
        before_request: Callable[[str], None] | None = None,
        limit_reached: Callable[[int, float | None], None] | None = None,
        clock: Callable[[], datetime] = utc_now,
        connect_timeout: float = 5.0,
        read_timeout: float = 60.0,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        if not public_key or not secret_key:
            raise ConfigurationError(
                f"{SYSTEM}: the connection needs the public key as login and the secret key as password "
                f"(SmartAccounts: Settings > Connected services)"
            )
        self._keys = (public_key, secret_key)
        self._transport = Transport(
            SYSTEM, base_url, secrets=self._keys, connect_timeout=connect_timeout, read_timeout=read_timeout
        )
        self._before_request = before_request
        self._limit_reached = limit_reached
        self._clock = clock
        self._sleep = sleep

    def __repr__(self) -> str:
        return f"SmartAccountsClient({self._transport.base_url})"

    def asking_first(self, may_ask: Callable[[], None]) -> SmartAccountsClient:
        """Return a client that calls `may_ask` before each request too: what that raises keeps it from being sent."""
        reserve = self._before_request

        def ask_and_reserve(operation: str) -> None:
            may_ask()
            if reserve is not None:
                reserve(operation)

        found = copy(self)
        found._before_request = ask_and_reserve
        return found

    def read(self, service: str, **params: str) -> Answer:
        """One page (or a whole list of settings) of a service such as `purchasesales/clients`.

        Tried up to four times, every try signed afresh. Raises ConfigurationError (keys, rights, address),
        BillingStopped, LimitReached, RequestRefused, UnreadableAnswer or another TransientError.
        """
        operation = f"{service}:get"
        tries = retrying(SYSTEM, operation, sleep=self._sleep, again=lambda e: not isinstance(e, LimitReached))
        for refusals in range(1, READ_ATTEMPTS):
            try:
                return tries(self._read_once, service, operation, params)
            except LimitReached as refusal:
                if self._limit_reached is None:
                    raise
                log.warning("%s", refusal)
                self._limit_reached(refusals, refusal.retry_after)
        return tries(self._read_once, service, operation, params)

    def pages(self, service: str, **params: str) -> Iterator[Answer]:
        """All pages from the first to the last. Ends only where the service says that there is no more; raises
        UnreadableAnswer where the pages do not come to an end, so a loop that ends has seen everything."""
        before: list[str] = []
        size = records = 0
        is_sure = False
        for number in range(1, MOST_PAGES + 1):
            answer = self.read(service, **{**params, "pageNumber": str(number)})
            if answer.has_more and not answer.rows:
                raise UnreadableAnswer(f"{SYSTEM} {service}:get: page {number} is empty but promises more")
            ids = [_identity(row) for row in answer.rows]
            if ids and ids == before:
                raise UnreadableAnswer(f"{SYSTEM} {service}:get: page {number} repeats the page before it")
            size += answer.size
            records += len(ids) + len(answer.deleted)
            has_more, before = answer.has_more, ids
            yield answer
            if not has_more:
                return
            # Two pages at once can be more than a worker's memory.
            del answer
            if size > _LARGEST_LIST or records > _MOST_RECORDS:
                break
            if not is_sure and (number >= _SURE_PAGES or size > _SURE_BYTES or records > _SURE_RECORDS):
                self._make_sure_of_an_end(service, params)
                is_sure = True
        raise UnreadableAnswer(
            f"{SYSTEM} {service}:get: no end after {number} pages, {records:,} records and {size / 2**20:.0f} MB",
            retry_after=LONGEST_WAIT,
        )

    def _make_sure_of_an_end(self, service: str, params: Mapping[str, str]) -> None:
        """Costs one request, which saves the day's others. Raises UnreadableAnswer."""
        try:
            far = self.read(service, **{**params, "pageNumber": str(_FAR_PAGE)})
        except RequestRefused:
            return
        if far.rows and far.has_more:
            raise UnreadableAnswer(
                f"{SYSTEM} {service}:get: the pages do not come to an end: page {_FAR_PAGE:,} has records, and promises"
                f" more",
                retry_after=LONGEST_WAIT,
            )

    def check_access(self) -> None:
        """Read a small list of settings (one request of the quota). Raises as `read` does."""
        self.read("settings/warehouses")

    @forgets_its_arguments
    def write(
        self,
        operation: str,
        body: bytes,
        *,
        signed_at: datetime,
        query: Mapping[str, str] | None = None,
        personal: Sequence[str] = (),
    ) -> Written:
        """Send `body` once, signed with the timestamp of `signed_at` (aware), to an operation such as
        `purchasesales/clientinvoices:add`. Never repeated. Texts in `personal`, such as the name of an invoice's
        client, are hidden in the reasons of a refusal, as the texts of a client's or vendor's body always are.

        Raises OutcomeUnknown when it may have been applied. Whatever else is raised means that it was not:
        RequestRefused, ConfigurationError (401, 403), BillingStopped, LimitReached, TransientError (no connection).
        """
        hidden = (*_personal_values(operation, body), *personal)
        outgoing = Outgoing("POST", operation, self._url(operation, query or {}, body, signed_at), body, hidden)
        problem: PipelineError
        try:
            reply = self._transport.send(outgoing, fresh=True)
        except NoAnswer as failure:
            problem = OutcomeUnknown(f"{failure}; it may have been applied")
        else:
            if 200 <= reply.status < 300:
                return self._written(operation, reply)
            problem = self._refusal(operation, reply, signed_at=signed_at) or OutcomeUnknown(
                f"{SYSTEM} {operation}: failed ({reply.description}); it may have been applied"
            )
        raise problem

    def _read_once(self, service: str, operation: str, params: Mapping[str, str]) -> Answer:
        if self._before_request is not None:
            self._before_request(operation)
        signed_at = self._clock()
        outgoing = Outgoing("GET", operation, self._url(operation, params, b"", signed_at))
        reply = self._transport.send(outgoing, fresh=True)
        refuse_redirect(SYSTEM, operation, reply)
        if reply.status != 200:
            refusal = self._refusal(operation, reply, signed_at=signed_at)
            raise refusal or ServiceFailed(
                f"{SYSTEM} {operation}: failed ({reply.description})", retry_after=reply.asked_wait
            )
        return _answer(service, operation, reply)

    def _url(self, operation: str, params: Mapping[str, str], body: bytes, signed_at: datetime) -> str:
        public_key, secret_key = self._keys
        query = urlencode(
            {**params, "timestamp": timestamp_text(signed_at), "apikey": public_key}, quote_via=quote, safe=""
        )
        signature = sign(secret_key, query, body)
        return f"{self._transport.base_url}/{operation}?{query}&signature={signature}"

    def _written(self, operation: str, reply: Reply) -> Written:
        content: dict[str, Any] | None
        try:
            content = reply.json(SYSTEM, operation)
        except UnreadableAnswer:
            content = None
        if content is None or content.get("errors"):
            raise OutcomeUnknown(
                f"{SYSTEM} {operation}: accepted, but the answer says nothing usable ({reply.description}); "
                f"it may have been applied"
            )
        return Written(kept(content), reply.server_time)

    def _refusal(self, operation: str, reply: Reply, *, signed_at: datetime) -> PipelineError | None:
        """Return the error of an answer that proves that the request was not carried out; None where it does not."""
        if reply.is_unpaid:
            return unpaid_bill(SYSTEM, operation, reply)
        if reply.status in (401, 403):
            return ConfigurationError(
                f"{SYSTEM} {operation}: keys or rights refused (HTTP {reply.status}). Check the login (public key) "
                f"and the password (secret key) of the connection against Settings > Connected services in "
                f"SmartAccounts, and the rights of the API user group.{_skew(reply, signed_at, self._clock())}"
            )
        if reply.is_over_limit:
            return self._limit(operation, reply)
        # 408: a proxy gave up waiting, which proves nothing.
        if 400 <= reply.status < 500 and reply.status != 408:
            reasons = _reasons(reply)
            return RequestRefused(
                f"{SYSTEM} {operation}: refused (HTTP {reply.status}): {_joined(reasons) or 'no reason given'}",
                status=reply.status,
                reasons=reasons,
            )
        return None

    def _limit(self, operation: str, reply: Reply) -> LimitReached:
        return LimitReached(
            f"{SYSTEM} {operation}: request limit reached ({reply.description})", retry_after=reply.asked_wait
        )


def _reasons(reply: Reply) -> tuple[tuple[str, str], ...]:
    """(key, message) of every error named in the answer, without secrets and personal data."""
    try:
        errors = reply.json(SYSTEM, "").get("errors")
    except UnreadableAnswer:
        return ()
    said = map(_key_and_message, errors if isinstance(errors, list) else [errors])
    return reply.reasons([each for each in said if any(each)])


def _answer(service: str, operation: str, reply: Reply) -> Answer:
    content = reply.json(SYSTEM, operation)
    if content.get("errors"):
        reasons = _reasons(reply)
        raise RequestRefused(
            f"{SYSTEM} {operation}: refused (HTTP {reply.status}): {_joined(reasons) or 'no reason given'}",
            status=reply.status,
            reasons=reasons,
        )
    paged = not service.startswith("settings/")
    rows = _rows(content, operation, reply, paged=paged)
    has_more = content.get("hasMoreEntries")
    return Answer(
        rows=rows,
        # Where a page of a register does not say whether it is the last, only the next page can tell.
        has_more=bool(rows) and paged if has_more is None else has_more in (True, 1, "true", "1"),
        deleted=_deleted(content.get("deleted")),
        server_time=reply.server_time,
        size=len(reply.body),
        list_key=next(iter(_arrays(content)), ""),
        tells_deleted=isinstance(content.get("deleted"), list),
    )


def _rows(content: Mapping[str, Any], operation: str, reply: Reply, *, paged: bool) -> list[dict[str, Any]]:
    """Return the only array that is not `deleted`, whatever its name. It may be absent when there is nothing; but an
    answer that does not look like an empty list must not pass for one: absence proves that nothing was booked."""
    arrays = _arrays(content)
    others = {key for key, value in content.items() if value is not None} - {"hasMoreEntries", "deleted", "errors"}
    if len(arrays) > 1:
        trouble = f"{len(arrays)} lists where one is expected"
    elif arrays:
        rows = next(iter(arrays.values()))
        if not rows or any(isinstance(row, dict) for row in rows):
            # What is no record among records is one without an id.
            return [kept(row) if isinstance(row, dict) else {} for row in rows]
        trouble = "a list of something else than objects"
    elif not others and (not paged or isinstance(content.get("hasMoreEntries"), bool)):
        return []
    else:
        trouble = "no list"
    raise UnreadableAnswer(f"{SYSTEM} {operation}: the answer holds {trouble} ({reply.description})")


def _arrays(content: Mapping[str, Any]) -> dict[str, list[Any]]:
    return {
        key: value for key, value in content.items() if isinstance(value, list) and key not in ("deleted", "errors")
    }


def _identity(row: Mapping[str, Any]) -> str:
    """Return the row's id or code; where it has neither, or an endless one, a hash of the row itself."""
    named = (text(row.get(name)) for name in ("id", "code"))
    found = next(filter(None, named), "")
    if found and len(found) <= MOST_LETTERS_OF_CODES:
        return found
    return hashlib.sha256(json.dumps(row, default=str).encode()).hexdigest()


def _deleted(value: object) -> list[str]:
    if not isinstance(value, list):
        return []
    named = (text(item.get("id", item.get("code"))) if isinstance(item, dict) else text(item) for item in value)
    return [found for found in named if found and len(found) <= MOST_LETTERS_OF_CODES]


def _key_and_message(item: object) -> tuple[str, str]:
    if not isinstance(item, dict):
        return "", "" if item is None else str(item)
    key = next((str(item[name]) for name in ("key", "code", "errorKey", "error") if item.get(name)), "")
    return key, str(item.get("message") or "")


def _joined(reasons: tuple[tuple[str, str], ...]) -> str:
    return "; ".join(": ".join(filter(None, reason)) for reason in reasons)


def _personal_values(operation: str, sent: bytes) -> tuple[str, ...]:
    """Return the texts of a partner that was sent: an error may repeat them."""
    if not sent or not operation.startswith(_ABOUT_PARTNERS):
        return ()
    try:
        content = json.loads(sent)
    except ValueError:
        return ()
    return tuple(_texts(content))


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from _texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from _texts(part)


def _skew(reply: Reply, signed_at: datetime, now: datetime) -> str:
    """Return a sentence on clocks where they explain the refusal."""
    server = reply.server_time
    if server is None:
        return ""
    age = server - signed_at
    if abs(age) < _SKEW_WORTH_TELLING:
        return ""
    minutes = round(abs(age).total_seconds() / 60)
    side = "behind" if age > timedelta(0) else "ahead of"
    if abs(server - now) < _SKEW_WORTH_TELLING:
        return f" The timestamp of the request is {minutes} minutes {side} the service's clock; 15 are allowed."
    return f" The clock of this machine is {minutes} minutes {side} the service's; 15 are allowed: set it right."
