"""The HTTP client of Scoro's API v2.

Every call is a POST whose JSON body carries the API key, so no body ever stands in a log or an error.
"""

from __future__ import annotations

import hashlib
import json
import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Literal

from scoro_smartaccounts.border.bounds import BYTES_OF_A_VALUE
from scoro_smartaccounts.border.http import (
    LONGEST_PAUSE,
    LONGEST_WAIT,
    NoAnswer,
    Outgoing,
    Reply,
    Transport,
    refuse_redirect,
    retrying,
    unpaid_bill,
)
from scoro_smartaccounts.border.record_bounds import MOST_VALUES_OF_A_RECORD, has_more_values, kept
from scoro_smartaccounts.border.redaction import forgets_its_arguments
from scoro_smartaccounts.common.assumptions import SCORO_DETAILED_PAGE_SIZE, SCORO_PAGE_SIZE
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
from scoro_smartaccounts.scoro.rows import Record, Row, without_content
from scoro_smartaccounts.scoro.values import record_id

log = logging.getLogger(__name__)

SYSTEM = "Scoro"
Rows = list[Record]
# Far beyond the largest site; ends a list that would never end.
MOST_PAGES = 20_000
_LARGEST_LIST = 512 * 2**20
_MOST_RECORDS = 250_000
# After so many pages, or bytes, or records, a list is asked whether it ends at all: a page this far away is empty then.
_SURE_PAGES = 100
_SURE_BYTES = 16 * 2**20
_SURE_RECORDS = 10_000
_FAR_PAGE = 1_000_000
# Rows shift between pages while people work, so one page may hold nothing new; three in a row are no accident.
_PAGES_WITHOUT_NEWS = 3
# Where the length of a short pause or of the daily wait is not told.
_UNTOLD_PAUSE = 2.0
_UNTOLD_DAILY_WAIT = 3600.0

_ID_KEYS = {
    "companies": "contact_id",
    "contacts": "contact_id",
    "depot": "depot_id",
    "files": "file_id",
    "financeObjects": "object_id",
    "products": "product_id",
    "statuses": "status_id",
    "tags": "tag_id",
    "vatCodes": "vat_code_id",
}


class ScoroClient:
    """One business entity of a Scoro site. Not to be shared between threads."""

    def __init__(
        self,
        base_url: str,
        company_account_id: str,
        api_key: str,
        *,
        clock: Callable[[], datetime] = utc_now,
        sleep: Callable[[float], None] = time.sleep,
        connect_timeout: float = 5.0,
        read_timeout: float = 60.0,
    ) -> None:
        if not company_account_id or not api_key:
            raise ConfigurationError(
                f"{SYSTEM}: the connection needs the company account id as login and the API key as password "
                f"(Scoro: Settings > Integrations > Scoro API)"
            )
        self.company_account_id = company_account_id
        self._api_key = api_key
        self._transport = Transport(
            SYSTEM, base_url, secrets=(api_key,), connect_timeout=connect_timeout, read_timeout=read_timeout
        )
        base = self._transport.base_url
        self._api = base if base.endswith("/api/v2") else f"{base}/api/v2"
        self._clock = clock
        self._sleep = sleep
        self._paused_until: datetime | None = None
        self._closed_until: datetime | None = None

    def __repr__(self) -> str:
        return f"ScoroClient({self._transport.base_url}, {self.company_account_id!r})"

    def list(
        self,
        module: str,
        *,
        filter: Mapping[str, Any] | None = None,
        detailed: bool = False,
        include_deleted: bool = False,
    ) -> Iterator[Record]:
        """All rows of all pages of a module, each id once.

        Ends at the first empty page, which costs one request more than a rule of short pages: the page size that
        is really in force is the site's secret, and a wrong guess would lose rows without a word. A row that moves
        to an earlier page while pages are read is missed; who must not miss one reads a second time or overlaps.
        Raises as `page` does, UnreadableAnswer too where the pages do not come to an end.
        """
        size = _page_size(detailed)
        key = _ID_KEYS.get(module, "id")
        seen: set[str] = set()
        before: list[str] = []
        without_news = bytes_read = 0
        is_long = is_sure = False
        for number in range(1, MOST_PAGES + 1):
            rows, bytes_of_page = self._page(module, number, filter, detailed, include_deleted)
            ids = [_identity(row, key) for row in rows]
            if not rows or (ids == before and len(rows) < size):
                # A short page that comes a second time is a list without pages: all of it was there.
                return
            new = {id_: row for id_, row in zip(ids, rows, strict=True) if id_ not in seen}
            without_news = 0 if new else without_news + 1
            if without_news == _PAGES_WITHOUT_NEWS:
                break
            seen.update(new)
            before = ids
            # What was given is let go: two pages at once can be more than a worker's memory.
            rows = [*new.values()][::-1]
            del new
            while rows:
                yield rows.pop()
            bytes_read += bytes_of_page
            is_long = number >= _SURE_PAGES or bytes_read > _SURE_BYTES or len(seen) > _SURE_RECORDS
            if bytes_read > _LARGEST_LIST or len(seen) > _MOST_RECORDS:
                break
            if is_long and not is_sure and self._has_records_far_away(module, filter, detailed, include_deleted):
                break
            is_sure = is_long
        raise UnreadableAnswer(
            f"{SYSTEM} {module}/list: the pages do not come to an end: {len(seen):,} records and"
            f" {bytes_read / 2**20:.0f} MB on {number} pages",
            retry_after=LONGEST_WAIT if is_long else None,
        )

    def _has_records_far_away(
        self, module: str, filter: Mapping[str, Any] | None, detailed: bool, include_deleted: bool
    ) -> bool:
        try:
            return bool(self._page(module, _FAR_PAGE, filter, detailed, include_deleted)[0])
        except RequestRefused:
            return False

    def page(
        self,
        module: str,
        page: int,
        *,
        filter: Mapping[str, Any] | None = None,
        detailed: bool = False,
        include_deleted: bool | Literal["top", "request"] = False,
    ) -> Rows:
        """One page (from 1) of a module; at most 100 rows, 25 with `detailed`. Values are within `bounds`. Deleted rows
        are asked for in both places that may count, or in one of them.

        Tried up to four times. Raises ConfigurationError (key, address), LimitReached, RequestRefused,
        UnreadableAnswer or another TransientError.
        """
        return self._page(module, page, filter, detailed, include_deleted)[0]

    def _page(
        self,
        module: str,
        page: int,
        filter: Mapping[str, Any] | None,
        detailed: bool,
        include_deleted: bool | Literal["top", "request"],
    ) -> tuple[Rows, int]:
        """Return one page, and the bytes that it came in."""
        operation = f"{module}/list"
        body: dict[str, Any] = {"page": page, "per_page": _page_size(detailed), "request": {}}
        if filter:
            body["filter"] = dict(filter)
        if detailed:
            body["detailed_response"] = True
        # Which of the two places counts is not known.
        if include_deleted in (True, "top"):
            body["include_deleted"] = "1"
        if include_deleted in (True, "request"):
            body["request"] = {"include_deleted": "1"}
        data, reply = self._read(operation, body)
        if isinstance(data, Mapping) and all(str(key).isdigit() for key in data):
            # A PHP array with gaps.
            data = [*data.values()]
        if not data:
            return [], len(reply.body)
        if not isinstance(data, list) or not any(isinstance(row, dict) for row in data):
            raise UnreadableAnswer(f"{SYSTEM} {operation}: the answer holds no list of records")
        weight = reply.weight
        share = -(-weight // len(data))
        if weight > MOST_VALUES_OF_A_RECORD * BYTES_OF_A_VALUE:
            key = _ID_KEYS.get(module, "id")
            data = [_without_excess(row, key) if isinstance(row, dict) else row for row in data]
        # What is no record among records is one without an id.
        return [Record(kept(row) if isinstance(row, dict) else {}, share) for row in data], len(reply.body)

    def view(self, module: str, record_id: str) -> Record | None:
        """One record in full; None when Scoro does not know it. Raises as `page` does."""
        operation = f"{module}/view"
        try:
            data, reply = self._read(operation, {"request": {}}, f"{module}/view/{record_id}")
        except RequestRefused as refusal:
            # How a missing record is told is not known; a request without parameters has no other fault.
            if refusal.status in (400, 404):
                return None
            raise
        if not data:
            return None
        if not isinstance(data, dict):
            raise UnreadableAnswer(f"{SYSTEM} {operation}: the answer holds no record")
        return Record(kept(data), reply.weight)

    def company_account(self) -> Record:
        """Return the business entity itself: names, currencies, entities. The cheapest test of a connection."""
        rows = self.page("companyAccount", 1)
        if not rows:
            raise UnreadableAnswer(f"{SYSTEM} companyAccount/list: the answer holds no company")
        return rows[0]

    def check_access(self) -> None:
        """Ask for the business entity. Raises ConfigurationError where the key, the address or the company account
        id is wrong, and else as `page` does."""
        entities = self.company_account().get("active_entities")
        known = [str(item.get("entity_id")) for item in entities or () if isinstance(item, Mapping)]
        if known and self.company_account_id not in known:
            raise ConfigurationError(
                f"{SYSTEM}: the site knows no company account {self.company_account_id}; the login of the connection "
                f"must be one of {', '.join(known)}"
            )

    @forgets_its_arguments
    def create(self, module: str, request: Mapping[str, Any], *, personal: Sequence[str] = ()) -> dict[str, Any]:
        """Create a record and return it as Scoro answers it (empty where it does not). Sent once, never repeated.
        Texts in `personal`, such as the name of an invoice's client, are hidden in whatever a refusal says.

        Raises OutcomeUnknown when it may have been created; whatever else is raised means that it was not.
        """
        return self._write(f"{module}/modify", f"{module}/modify", request, personal)

    @forgets_its_arguments
    def delete(self, module: str, record_id: str) -> None:
        """Delete a record. Sent once, never repeated; raises as `create` does."""
        self._write(f"{module}/delete", f"{module}/delete/{record_id}", {})

    def _read(self, operation: str, body: Mapping[str, Any], path: str | None = None) -> tuple[Any, Reply]:
        def once() -> tuple[Any, Reply]:
            reply = self._send(self._outgoing(operation, path or operation, body), fresh=False)
            refuse_redirect(SYSTEM, operation, reply)
            return self._opened(operation, reply), reply

        return retrying(SYSTEM, operation, sleep=self._sleep)(once)

    def _write(
        self, operation: str, path: str, request: Mapping[str, Any], personal: Sequence[str] = ()
    ) -> dict[str, Any]:
        problem: PipelineError
        try:
            reply = self._send(self._outgoing(operation, path, {"request": dict(request)}, personal), fresh=True)
            data = self._opened(operation, reply)
        except (NoAnswer, UnreadableAnswer, ServiceFailed) as failure:
            problem = OutcomeUnknown(f"{failure}; it may have been applied")
        else:
            return kept(data) if isinstance(data, dict) else {}
        raise problem

    def _outgoing(self, operation: str, path: str, body: Mapping[str, Any], personal: Sequence[str] = ()) -> Outgoing:
        content = {"company_account_id": self.company_account_id, "apiKey": self._api_key, **body}
        encoded = json.dumps(content, default=_wire).encode()
        return Outgoing("POST", operation, f"{self._api}/{path}", encoded, tuple(personal))

    def _send(self, outgoing: Outgoing, *, fresh: bool) -> Reply:
        self._wait_for_quota(outgoing.operation)
        reply = self._transport.send(outgoing, fresh=fresh)
        self._remember_quota(reply)
        return reply

    def _opened(self, operation: str, reply: Reply) -> Any:
        """Return the `data` of an answer that reports success; raises what any other answer means."""
        self._refuse_status(operation, reply)
        content = reply.json(SYSTEM, operation)
        code = _code(content.get("statusCode"))
        status = content.get("status")
        if reply.status < 300 and (code is None or code < 300) and str(status).upper() == "OK":
            return content.get("data")
        if code is None:
            # An envelope without a code is trusted as far as HTTP's own.
            code = reply.status
        reasons = reply.reasons([("", text) for text in _messages(content)])
        said = f": {'; '.join(text for _, text in reasons)}" if reasons else ""
        if code in (401, 403):
            raise _refused_key(operation, reply, code)
        if code == 429:
            raise self._limit(operation, reply)
        if 400 <= code < 500 and code != 408:
            raise RequestRefused(f"{SYSTEM} {operation}: refused (status {code}){said}", status=code, reasons=reasons)
        if code >= 500 or code == 408:
            raise ServiceFailed(f"{SYSTEM} {operation}: failed (status {code}){said}", retry_after=reply.asked_wait)
        raise UnreadableAnswer(f"{SYSTEM} {operation}: an envelope that reports no success ({reply.description}){said}")

    def _refuse_status(self, operation: str, reply: Reply) -> None:
        """Raise what the status of an answer means, whatever stands in it."""
        if reply.is_unpaid:
            raise unpaid_bill(SYSTEM, operation, reply)
        if reply.status in (401, 403):
            raise _refused_key(operation, reply)
        if reply.is_over_limit:
            raise self._limit(operation, reply)
        if reply.status >= 500 or reply.status == 408:
            raise ServiceFailed(f"{SYSTEM} {operation}: failed ({reply.description})", retry_after=reply.asked_wait)

    def _limit(self, operation: str, reply: Reply) -> LimitReached:
        wait = reply.asked_wait
        if reply.seconds("x-daily-requests-remaining") == 0:
            return LimitReached(
                f"{SYSTEM} {operation}: the daily number of requests is used up (HTTP {reply.status})",
                retry_after=max(wait or 0.0, reply.seconds("x-daily-requests-reset") or _UNTOLD_DAILY_WAIT),
            )
        if wait is None:
            wait = reply.seconds("x-ratelimit-reset")
        return LimitReached(
            f"{SYSTEM} {operation}: too many requests (HTTP {reply.status})",
            retry_after=_UNTOLD_PAUSE if wait is None else wait,
        )

    def _wait_for_quota(self, operation: str) -> None:
        now = self._clock()
        if self._closed_until is not None and now < self._closed_until:
            raise LimitReached(
                f"{SYSTEM} {operation}: the daily number of requests is used up; nothing was sent",
                retry_after=(self._closed_until - now).total_seconds(),
            )
        if self._paused_until is not None and now < self._paused_until:
            self._sleep((self._paused_until - now).total_seconds())
        self._closed_until = self._paused_until = None

    def _remember_quota(self, reply: Reply) -> None:
        now = self._clock()
        if reply.seconds("x-ratelimit-remaining") == 0:
            pause = reply.seconds("x-ratelimit-reset")
            pause = _UNTOLD_PAUSE if pause is None else min(pause, LONGEST_PAUSE)
            self._paused_until = now + timedelta(seconds=pause)
        if reply.seconds("x-daily-requests-remaining") == 0:
            wait = reply.seconds("x-daily-requests-reset")
            self._closed_until = now + timedelta(seconds=_UNTOLD_DAILY_WAIT if wait is None else wait)
            log.warning("%s: the daily number of requests is used up", SYSTEM)


def _page_size(detailed: bool) -> int:
    return SCORO_DETAILED_PAGE_SIZE if detailed else SCORO_PAGE_SIZE


def _without_excess(row: Row, key: str) -> Row:
    """Return what names a record that has more values than any: no worker has room for what else stands in it."""
    return without_content(row, key) if has_more_values(row, MOST_VALUES_OF_A_RECORD) else row


def _identity(row: Mapping[str, Any], key: str) -> str:
    """Return the row's id; where it has none, a hash of the row itself."""
    for name in (key, "id"):
        if (found := record_id(row.get(name))) is not None:
            return found
    return hashlib.sha256(json.dumps(row, sort_keys=True, default=str).encode()).hexdigest()


def _refused_key(operation: str, reply: Reply, code: int | None = None) -> ConfigurationError:
    status = code or reply.status
    if not reply.body.lstrip().startswith(b"{"):
        return ConfigurationError(
            f"{SYSTEM} {operation}: blocked before it reached Scoro ({reply.description}). Check the host of the "
            f"connection, and whether a firewall lets this machine through."
        )
    return ConfigurationError(
        f"{SYSTEM} {operation}: key refused (status {status}). Check the password (API key: Settings > Integrations "
        f"> Scoro API) and the login (company account id) of the connection."
    )


def _code(value: object) -> int | None:
    try:
        return int(str(value))
    except ValueError:
        return None


def _messages(content: Mapping[str, Any]) -> list[str]:
    return [text for name in ("messages", "errors") for text in _texts(content.get(name))]


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, Mapping):
        value = [*value.values()]
    if isinstance(value, list):
        for part in value:
            yield from _texts(part)
    elif value not in (None, ""):
        yield str(value)


def _wire(value: object) -> str:
    """Amounts and dates as text, which Scoro takes like numbers."""
    if isinstance(value, (Decimal, date)):
        return str(value)
    raise TypeError(f"{type(value).__name__} cannot be sent")
