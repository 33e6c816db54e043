"""One running simulator: its books and what stands between them and the network."""

import base64
import json
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from email.utils import format_datetime
from pathlib import Path
from typing import Any, NoReturn

from starlette.responses import Response

from scoro_smartaccounts_sandbox.faults import DroppedConnection, Fault, FaultQueue
from scoro_smartaccounts_sandbox.smartaccounts.answers import Language, amounts_as_text, refused
from scoro_smartaccounts_sandbox.smartaccounts.books import Books
from scoro_smartaccounts_sandbox.smartaccounts.limits import Limiter
from scoro_smartaccounts_sandbox.smartaccounts.refusal import Refusal, basic
from scoro_smartaccounts_sandbox.smartaccounts.services import ARTICLES, ENTRIES, FILES, INVOICES, KEPT, MOVEMENTS
from scoro_smartaccounts_sandbox.smartaccounts.settings import SETTINGS
from scoro_smartaccounts_sandbox.spoiled import Spoiled

WRITES = ("add", "edit", "delete")
_LOGGED_CALLS = 100_000


@dataclass(frozen=True)
class Call:
    """A request: what it asks of which service. `params` are empty until it is admitted."""

    service: str
    method: str
    params: Mapping[str, str]
    body: bytes = field(repr=False)
    language: Language = Language.ENGLISH

    @property
    def name(self) -> str:
        """`service:method`."""
        return f"{self.service}:{self.method}"


@dataclass(frozen=True, eq=False)
class LateCall:
    """An accepted call that is carried out later: at a moment, or when somebody asks for it."""

    call: Call
    due: datetime | None


@dataclass
class Server:
    """Books, faults, limiter, call log, late calls and where the state is kept."""

    books: Books
    state_file: Path | None = None
    faults: FaultQueue = field(default_factory=FaultQueue)
    spoiled: Spoiled = field(default_factory=Spoiled)
    limiter: Limiter = field(default_factory=Limiter)
    calls: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=_LOGGED_CALLS))
    late: list[LateCall] = field(default_factory=list)
    saved_writes: int = -1

    def save(self) -> None:
        """Write the state file if there is one and something changed."""
        if self.state_file is not None and self.books.writes != self.saved_writes:
            with self.books.lock:
                self.saved_writes = self.books.writes
                self.books.save(self.state_file)

    def respond(self, call: Call) -> Response:
        """Carry a call out and answer it."""
        try:
            content = self.carry_out(call)
        except Refusal as refusal:
            return refused(self.books.switches, refusal, call.language)
        if isinstance(content, bytes):
            return Response(content, media_type="application/pdf")
        shown = amounts_as_text(content) if self.books.switches.amounts_as_text else content
        text = self.spoiled.text(call.service if call.method == "get" else call.name, shown)
        return Response(text.encode("utf-8", "surrogatepass"), media_type="application/json; charset=utf-8")

    def carry_out(self, call: Call) -> dict[str, Any] | bytes:
        """The content of the answer to a call; bytes are a PDF. Raises Refusal."""
        match call.service, call.method:
            case service, "get" if service in KEPT or service in SETTINGS or service in self._others:
                return self.books.get(call.service, call.params)
            case _, "add" | "edit" | "delete" if _is_writable(call):
                return self._write(call)
            case service, "getwarehousequantities" if service == ARTICLES:
                return self.books.quantities(call.params)
            case service, "getDetails" if service == FILES:
                return self.books.file(call.params)
            case service, "getpdf" if service in INVOICES:
                return self._pdf(call)
        message = "Unknown service or method"
        raise Refusal(self.books.switches.unknown_service_status, [("NOT-FOUND", message, message)])

    @property
    def _others(self) -> tuple[str, ...]:
        return FILES, ENTRIES, self.books.switches.balances_service

    def put_off(self, call: Call, seconds: float) -> None:
        """Keep a call for later: some seconds of the books' clock, 0: until `apply_late`."""
        due = self.books.clock.now() + timedelta(seconds=seconds) if seconds else None
        with self.books.lock:
            self.late.append(LateCall(call, due))

    def apply_due(self) -> None:
        """Carry out the late calls whose moment has come. Every request comes here first, so none is seen too late."""
        now = self.books.clock.now()
        self._apply(lambda item: item.due is not None and item.due <= now)

    def apply_late(self) -> int:
        """Carry out all late calls, as if they had only now come through; how many."""
        return self._apply(lambda _: True)

    def logged(self, call: Call, response: Response, fault: Fault | None = None) -> Response:
        """Note a call and what became of it. Keys and bodies are not noted."""
        self.calls.append(
            {
                "time": self.books.clock.now().isoformat(),
                "operation": call.name,
                "kind": "write" if call.method in WRITES else "read",
                "params": dict(call.params),
                "status": None if isinstance(response, DroppedConnection) else response.status_code,
                "fault": fault.kind.value if fault else None,
            }
        )
        return response

    def date(self, response: Response) -> None:
        """Put the header Date on an answer."""
        if self.books.switches.show_date:
            response.headers["Date"] = format_datetime(self.books.now(), usegmt=True)

    def _apply(self, is_due: Callable[[LateCall], bool]) -> int:
        with self.books.lock:
            due = [item for item in self.late if is_due(item)]
            self.late[:] = [item for item in self.late if item not in due]
            for item in due:
                # Its answer reaches nobody, a refusal neither.
                self.respond(item.call)
            return len(due)

    def _write(self, call: Call) -> dict[str, Any]:
        if call.method == "delete":
            if not call.body:
                raise basic("BODY-INVALID", "POST body read error")
            return self.books.delete(call.service, call.params)
        body = _parsed(call.body)
        return self.books.add(call.service, body) if call.method == "add" else self.books.edit(call.service, body)

    def _pdf(self, call: Call) -> dict[str, Any] | bytes:
        content = self.books.pdf(call.service, call.params)
        if self.books.switches.pdf == "raw":
            return content
        return {"fileName": "invoice.pdf", "fileContent": base64.b64encode(content).decode()}


def _is_writable(call: Call) -> bool:
    if call.service == FILES:
        return call.method != "edit"
    if call.service in SETTINGS:
        return SETTINGS[call.service].writable
    return call.service == ENTRIES or (call.service in KEPT and call.service != MOVEMENTS)


def _parsed(body: bytes) -> Mapping[str, Any]:
    """The JSON object of a request; its numbers are Decimal. Raises Refusal."""
    try:
        parsed = json.loads(body.decode("utf-8"), parse_float=Decimal, parse_constant=_no_number)
    except ValueError:
        raise basic("BODY-INVALID", "POST body read error") from None
    if not isinstance(parsed, dict):
        raise basic("BODY-INVALID", "POST body read error")
    return parsed


def _no_number(name: str) -> NoReturn:
    raise ValueError(name)
