"""The Scoro simulator as an ASGI app: the API under /api/v2, the admin routes under /admin."""

import asyncio
import contextlib
import json
import logging
from collections import deque
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route

from scoro_smartaccounts_sandbox.faults import DroppedConnection, Fault, FaultKind, FaultQueue, hold
from scoro_smartaccounts_sandbox.local import LocalOnly
from scoro_smartaccounts_sandbox.scoro.admin import admin_routes
from scoro_smartaccounts_sandbox.scoro.api import Answer, Api, Call
from scoro_smartaccounts_sandbox.scoro.limits import RateLimiter
from scoro_smartaccounts_sandbox.scoro.site import Site

log = logging.getLogger(__name__)

_ACTIONS_WITHOUT_ID = ("list",)
_SAVE_EVERY_SECONDS = 5.0
_LOGGED_CALLS = 100_000


@dataclass(frozen=True, eq=False)
class LateCall:
    """A call that is carried out later: at a moment of the site's clock, or when somebody asks for it."""

    call: Call
    due: datetime | None


@dataclass
class Server:
    """One running simulator: its site, API, faults, limiter, call log, late calls and where its state is kept."""

    site: Site
    state_file: Path | None = None
    api: Api = field(init=False)
    faults: FaultQueue = field(default_factory=FaultQueue)
    limiter: RateLimiter = field(default_factory=RateLimiter)
    calls: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=_LOGGED_CALLS))
    late: list[LateCall] = field(default_factory=list)
    _saved_writes: int = -1

    def __post_init__(self) -> None:
        self.api = Api(self.site)

    def save(self) -> None:
        """Write the state file if there is one and something changed."""
        if self.state_file is not None and self.site.writes != self._saved_writes:
            with self.site.lock:
                writes = self.site.writes
                self.site.save(self.state_file)
            self._saved_writes = writes

    def put_off(self, call: Call, seconds: float) -> None:
        """Keep a call for later: some seconds of the site's clock, 0: until ``apply_late``."""
        due = self.site.clock.now() + timedelta(seconds=seconds) if seconds else None
        with self.site.lock:
            self.late.append(LateCall(call, due))

    def apply_due(self) -> None:
        """Carry out the late calls whose moment has come. Every request comes here first."""
        now = self.site.clock.now()
        self._apply([item for item in self.late if item.due is not None and item.due <= now])

    def apply_late(self) -> int:
        """Carry out all late calls, as if they had only now come through; how many."""
        return self._apply(list(self.late))

    def _apply(self, items: list[LateCall]) -> int:
        with self.site.lock:
            items = [item for item in items if item in self.late]
            self.late[:] = [item for item in self.late if item not in items]
            for item in items:
                # Its answer reaches nobody, a refusal neither.
                self.api.answer(item.call)
            return len(items)


def create_app(site: Site, state_file: Path | None = None) -> Starlette:
    """The app of one site. ``app.state.server`` is its Server."""
    server = Server(site, state_file)

    async def api(request: Request) -> Response:
        return await _serve(server, request)

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        saver = asyncio.create_task(_keep_saving(server))
        try:
            yield
        finally:
            saver.cancel()
            server.save()

    methods = ["GET", "POST", "PUT", "PATCH", "DELETE"]
    app = Starlette(
        routes=[
            Route("/api/v2/{path:path}", api, methods=methods),
            Mount("/admin", routes=admin_routes(server)),
        ],
        middleware=[Middleware(LocalOnly)],
        lifespan=lifespan,
    )
    app.state.server = server
    return app


async def _keep_saving(server: Server) -> None:
    while True:
        await asyncio.sleep(_SAVE_EVERY_SECONDS)
        await asyncio.to_thread(server.save)


async def _serve(server: Server, request: Request) -> Response:
    site = server.site
    agent = request.headers.get("user-agent", "")
    if site.switches.cloudflare and (not agent or agent.startswith("Python-urllib")):
        return PlainTextResponse("error code: 1010", status_code=403)
    raw = await request.body()
    try:
        body = json.loads(raw) if raw else None
    except ValueError:
        body = None
    server.apply_due()
    call = _call(request.path_params["path"], body)
    fault = server.faults.take(request.path_params["path"])
    if fault is not None:
        return await _commit(server, request, call, fault)
    return respond(server, request.method, call)


async def _commit(server: Server, request: Request, call: Call | None, fault: Fault) -> Response:
    """Answer a call with a fault. What is carried out is carried out before anybody waits, except for SLOW."""
    method = request.method
    match fault.kind:
        case FaultKind.SLOW:
            await asyncio.sleep(fault.seconds)
            return respond(server, method, call)
        case FaultKind.TRUNCATED:
            whole = respond(server, method, call)
            return Response(whole.body[: len(whole.body) // 2], whole.status_code, media_type="application/json")
        case FaultKind.DROP_AFTER:
            respond(server, method, call, answered=False)
            return DroppedConnection()
        case FaultKind.HANG_AFTER:
            whole = respond(server, method, call, answered=False)
            await hold(request, fault.seconds)
            return whole
        case FaultKind.STATUS_AFTER:
            respond(server, method, call, answered=False)
            answer = server.api.refusal(fault.status, "Refused", call)
            server.calls[-1].update(http=answer.http, statusCode=answer.payload["statusCode"])
            return _json(answer, {})
    # Nothing is carried out, or later.
    now = server.site.clock.now()
    _, headers = server.limiter.admit(now, server.site.switches)
    status: int | None = None
    response: Response = DroppedConnection()
    if fault.kind is FaultKind.HTML:
        status, response = 200, Response("<html><body>Scoro</body></html>", media_type="text/html")
    elif fault.kind is FaultKind.STATUS:
        if fault.status == 429 and server.site.switches.retry_after:
            headers["Retry-After"] = str(max(1, round(fault.seconds)))
        answer = server.api.refusal(fault.status, "Refused", call)
        status, response = answer.http, _json(answer, headers)
    if fault.kind in (FaultKind.LATE, FaultKind.HANG_LATE) and call is not None:
        server.put_off(call, fault.seconds)
    server.calls.append(call_entry(now.isoformat(), call, status, None))
    if fault.kind in (FaultKind.HANG_BEFORE, FaultKind.HANG_LATE):
        await hold(request, fault.seconds if fault.kind is FaultKind.HANG_BEFORE else 0)
    return response


def respond(server: Server, method: str, call: Call | None, *, answered: bool = True) -> Response:
    """Count, carry out and log one call; ``None`` stands for an address that does not exist.

    ``answered`` false: the log says that the client did not get this answer.
    """
    site = server.site
    now = site.clock.now()
    passes, headers = server.limiter.admit(now, site.switches)
    if method != "POST":
        answer = Answer(405, server.api.refusal(405, "Only POST is allowed").payload)
    elif not passes:
        answer = server.api.refusal(429, "Too many requests", call)
    elif call is None:
        answer = server.api.refusal(site.switches.unknown_module_code, "Unknown module or action")
    else:
        answer = server.api.answer(call)
    entry = call_entry(now.isoformat(), call, answer.http if answered else None, answer.payload["statusCode"])
    server.calls.append(entry)
    return _json(answer, headers)


def _json(answer: Answer, headers: Mapping[str, str]) -> Response:
    content = json.dumps(answer.payload, ensure_ascii=False, separators=(",", ":"))
    return Response(content, answer.http, headers, media_type="application/json")


def call_entry(moment: str, call: Call | None, http: int | None, status_code: Any) -> dict[str, Any]:
    """What the call log keeps of a call: never its keys. ``http`` None: the client got no answer."""
    body = call.body if call and isinstance(call.body, Mapping) else {}
    return {
        "time": moment,
        "module": call.module if call else None,
        "action": call.action if call else None,
        "id": call.record_id if call else None,
        "page": body.get("page"),
        "detailed": bool(body.get("detailed_response")),
        "filter": body.get("filter"),
        "http": http,
        "statusCode": status_code,
    }


def _call(path: str, body: Any) -> Call | None:
    parts = [part for part in path.split("/") if part]
    if not parts or len(parts) > 3:
        return None
    module, action = parts[0], parts[1] if len(parts) > 1 else "list"
    if len(parts) < 3:
        return Call(module, action, None, body)
    if not parts[2].isdigit() or action in _ACTIONS_WITHOUT_ID:
        return None
    return Call(module, action, int(parts[2]), body)
