"""The HTTP client of Scoro's API v2.

Every call is a POST whose JSON body carries the API key, so no body ever stands in a log or an error.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from scoro_smartaccounts.assumptions import SCORO_DETAILED_PAGE_SIZE, SCORO_PAGE_SIZE
from scoro_smartaccounts.clock import utc_now
from scoro_smartaccounts.errors import (
    ConfigurationError,
    LimitReached,
    OutcomeUnknown,
    PipelineError,
    RequestRefused,
    TransientError,
    UnreadableAnswer,
)
from scoro_smartaccounts.http import LONGEST_PAUSE, NoAnswer, Reply, Transport, refuse_redirect, retrying
from scoro_smartaccounts.redaction import redact, redact_personal

log = logging.getLogger(__name__)

SYSTEM = "Scoro"
# Far beyond the largest site; ends a list that would never end.
MOST_PAGES = 100_000
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
        self._company_account_id = company_account_id
        self._api_key = api_key
        self._transport = Transport(
            SYSTEM, base_url, secrets=(api_key,), connect_timeout=connect_timeout, read_timeout=read_timeout
        )
        self._clock = clock
        self._sleep = sleep
        self._paused_until: datetime | None = None
        self._closed_until: datetime | None = None

    def __repr__(self) -> str:
        return f"ScoroClient({self._transport.base_url}, {self._company_account_id!r})"

    def list(
        self,
        module: str,
        *,
        filter: Mapping[str, Any] | None = None,  # noqa: A002
        detailed: bool = False,
        include_deleted: bool = False,
    ) -> Iterator[dict[str, Any]]:
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
        without_news = 0
        for number in range(1, MOST_PAGES + 1):
            rows = self.page(
                module, number, filter=filter, detailed=detailed, include_deleted=include_deleted
            )
            if not rows:
                return
            ids = [_id_of(row, key, module) for row in rows]
            if ids == before and len(rows) < size:
                # This list knows no pages: it is short, and it is the same again.
                return
            new = [(row, id_) for row, id_ in zip(rows, ids, strict=True) if id_ not in seen]
            without_news = 0 if new else without_news + 1
            if without_news == _PAGES_WITHOUT_NEWS:
                break
            for row, id_ in new:
                if id_ not in seen:
                    seen.add(id_)
                    yield row
            before = ids
        raise UnreadableAnswer(f"{SYSTEM} {module}/list: the pages do not come to an end")

    def page(
        self,
        module: str,
        page: int,
        *,
        filter: Mapping[str, Any] | None = None,  # noqa: A002
        detailed: bool = False,
        include_deleted: bool = False,
    ) -> list[dict[str, Any]]:
        """One page (from 1) of a module; at most 100 rows, 25 with `detailed`.

        Tried up to four times. Raises ConfigurationError (key, address), LimitReached, RequestRefused,
        UnreadableAnswer or another TransientError.
        """
        operation = f"{module}/list"
        body: dict[str, Any] = {"page": page, "per_page": _page_size(detailed), "request": {}}
        if filter:
            body["filter"] = dict(filter)
        if detailed:
            body["detailed_response"] = True
        if include_deleted:
            # Which of the two places counts is not known.
            body["include_deleted"] = "1"
            body["request"] = {"include_deleted": "1"}
        data = self._read(operation, body).data
        if isinstance(data, Mapping) and all(str(key).isdigit() for key in data):
            # A PHP array with gaps.
            data = [*data.values()]
        if data is None:
            return []
        if not isinstance(data, list) or not all(isinstance(row, dict) for row in data):
            raise UnreadableAnswer(f"{SYSTEM} {operation}: the answer holds no list of records")
        return data

    def view(self, module: str, record_id: str) -> dict[str, Any] | None:
        """One record in full; None when Scoro does not know it. Raises as `page` does."""
        operation = f"{module}/view"
        try:
            data = self._read(operation, {"request": {}}, f"{module}/view/{record_id}").data
        except _NotThere:
            return None
        if not data:
            return None
        if not isinstance(data, dict):
            raise UnreadableAnswer(f"{SYSTEM} {operation}: the answer holds no record")
        return data

    def company_account(self) -> dict[str, Any]:
        """The business entity itself: names, currencies, entities. The cheapest test of a connection."""
        rows = self.page("companyAccount", 1)
        if not rows:
            raise UnreadableAnswer(f"{SYSTEM} companyAccount/list: the answer holds no company")
        return rows[0]

    def create(self, module: str, request: Mapping[str, Any]) -> dict[str, Any]:
        """Create a record and return it as Scoro answers it (empty where it does not). Sent once, never repeated.

        Raises OutcomeUnknown when it may have been created; whatever else is raised means that it was not.
        """
        return self._write(f"{module}/modify", f"{module}/modify", request)

    def modify(self, module: str, record_id: str, request: Mapping[str, Any]) -> dict[str, Any]:
        """Change the given fields of a record. Sent once; raises as `create` does."""
        return self._write(f"{module}/modify", f"{module}/modify/{record_id}", request)

    def _read(self, operation: str, body: Mapping[str, Any], path: str | None = None) -> _Envelope:
        def once() -> _Envelope:
            reply = self._send(operation, path or operation, body, fresh=False)
            refuse_redirect(SYSTEM, operation, reply)
            return self._opened(operation, reply)

        tries = retrying(SYSTEM, operation, sleep=self._sleep, again=_is_worth_waiting)
        return tries(once)

    def _write(self, operation: str, path: str, request: Mapping[str, Any]) -> dict[str, Any]:
        problem: PipelineError
        try:
            reply = self._send(operation, path, {"request": dict(request)}, fresh=True)
            envelope = self._opened(operation, reply)
        except NoAnswer as failure:
            problem = OutcomeUnknown(f"{failure}; it may have been applied")
        except _Undecided as failure:
            problem = OutcomeUnknown(f"{failure}; it may have been applied")
        except UnreadableAnswer as failure:
            problem = OutcomeUnknown(f"{failure}; it may have been applied")
        else:
            return envelope.data if isinstance(envelope.data, dict) else {}
        raise problem

    def _send(self, operation: str, path: str, body: Mapping[str, Any], *, fresh: bool) -> Reply:
        self._wait_for_quota(operation)
        content = {"company_account_id": self._company_account_id, "apiKey": self._api_key, **body}
        reply = self._transport.send(
            "POST",
            f"{self._transport.base_url}/{path}" if False else self._address(path),
            operation,
            body=json.dumps(content, ensure_ascii=False, default=str).encode(),
            fresh=fresh,
        )
        self._remember_quota(reply)
        return reply
