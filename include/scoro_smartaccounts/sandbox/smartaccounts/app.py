"""The SmartAccounts simulator as an ASGI app: the API under /api, /et/api, /en/api; admin routes under /admin."""

import asyncio
import contextlib
import json
import logging
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route

from scoro_smartaccounts.sandbox.faults import DroppedConnection, Fault, FaultKind, FaultQueue, fault_from
from scoro_smartaccounts.sandbox.smartaccounts.books import ARTICLES, LIST_KEYS, MOVEMENTS, Books
from scoro_smartaccounts.sandbox.smartaccounts.limits import Limiter
from scoro_smartaccounts.sandbox.smartaccounts.refusal import Refusal, basic
from scoro_smartaccounts.sandbox.smartaccounts.signature import admit

log = logging.getLogger(__name__)

_SAVE_EVERY_SECONDS = 2.0
_LOGGED_CALLS = 100_000
_WRITES = ("add", "edit", "delete")


@dataclass(frozen=True)
class Call:
    """An authenticated request: what it asks of which service."""

    service: str
    method: str
    params: Mapping[str, str]
    body: bytes

    @property
    def name(self) -> str:
        """`service:method`."""
        return f"{self.service}:{self.method}"


@dataclass
class Server:
    """One running simulator: its books, faults, limiter, call log, late writes and where its state is kept."""

    books: Books
    state_file: Path | None = None
    faults: FaultQueue = field(default_factory=FaultQueue)
    limiter: Limiter = field(default_factory=Limiter)
    calls: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=_LOGGED_CALLS))
    late: list[Call] = field(default_factory=list)
    saved_writes: int = -1

    def save(self) -> None:
        """Write the state file if there is one and something changed."""
        if self.state_file is not None and self.books.writes != self.saved_writes:
            self.saved_writes = self.books.writes
            self.books.save(self.state_file)

    def carry_out(self, call: Call) -> dict[str, Any]:
        """The answer to a call. Raises Refusal."""
        service, method = call.service, call.method
        if (service, method) == (ARTICLES, "getwarehousequantities"):
            return self.books.quantities(call.params)
        settings = service.startswith("settings/")
        if (
            service not in LIST_KEYS
            or method not in ("get", *_WRITES)
            or (method != "get" and (settings or service == MOVEMENTS))
        ):
            message = "Unknown service or method"
            raise Refusal(self.books.switches.unknown_service_status, [("NOT-FOUND", message, message)])
        if method == "get":
            return self.books.get(service, call.params)
        if method == "delete":
            if not call.body:
                raise basic("BODY-INVALID", "POST body read error")
            return self.books.delete(service, call.params)
        body = _parsed(call.body)
        return self.books.add(service, body) if method == "add" else self.books.edit(service, body)

    def apply_late(self) -> int:
        """Carry out the writes whose clients gave up, as if they had only now come through; how many."""
        calls, self.late = self.late, []
        for call in calls:
            with contextlib.suppress(Refusal):
                self.carry_out(call)
        return len(calls)


def create_app(books: Books, state_file: Path | None = None) -> Starlette:
    """The app of one company. `app.state.server` is its Server."""
    server = Server(books, state_file)

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
            *(Route(f"{prefix}/api/{{path:path}}", api, methods=methods) for prefix in ("", "/et", "/en")),
            Mount("/admin", routes=_admin_routes(server)),
        ],
        lifespan=lifespan,
    )
    app.state.server = server
    return app


async def _keep_saving(server: Server) -> None:
    while True:
        await asyncio.sleep(_SAVE_EVERY_SECONDS)
        await asyncio.to_thread(server.save)


async def _serve(server: Server, request: Request) -> Response:
    body = await request.body()
    books, now = server.books, server.books.clock.now()
    service, _, method = request.path_params["path"].rpartition(":")
    estonian = not request.url.path.startswith("/en/")
    query = request.scope["query_string"].decode("latin-1")
    try:
        if request.method not in ("GET", "POST") or (request.method == "GET" and method in _WRITES):
            raise Refusal(405, [("METHOD-NOT-ALLOWED", "Method not allowed", "Method not allowed")])
        params = admit(query, body, books.keys, now, books.switches.stale_status)
    except Refusal as refusal:
        return _logged(server, service, method, {}, _refused(server, refusal, estonian=estonian))
    call = Call(service, method, params, body)
    switches = books.switches
    if not server.limiter.admits(now, switches.requests_per_minute, switches.requests_per_day) and switches.limits:
        return _logged(server, service, method, params, _limit(server))
    fault = server.faults.take(call.name)
    if fault is None:
        return _logged(server, service, method, params, _respond(server, call, estonian=estonian))
    response = await _commit(server, call, fault, estonian=estonian)
    return _logged(server, service, method, params, response, fault=fault)


def _respond(server: Server, call: Call, *, estonian: bool) -> Response:
    try:
        return _json(server, server.carry_out(call))
    except Refusal as refusal:
        return _refused(server, refusal, estonian=estonian)


async def _commit(server: Server, call: Call, fault: Fault, *, estonian: bool) -> Response:
    """Answer a call with a fault."""
    if fault.kind in (FaultKind.SLOW, FaultKind.HANG_BEFORE):
        await asyncio.sleep(fault.seconds)
    if fault.kind is FaultKind.LATE:
        server.late.append(call)
        return DroppedConnection()
    if fault.kind in (FaultKind.DROP_BEFORE, FaultKind.HANG_BEFORE):
        return DroppedConnection()
    if fault.kind is FaultKind.HTML:
        return Response("<html><body>SmartAccounts</body></html>", media_type="text/html")
    if fault.kind is FaultKind.LIMIT:
        return _limit(server)
    if fault.kind is FaultKind.BILLING:
        return Response("Account has an unpaid invoice, API is closed", 503, media_type="text/plain")
    if fault.kind is FaultKind.STATUS:
        return Response("Internal error", fault.status, media_type="text/plain")
    response = _respond(server, call, estonian=estonian)
    if fault.kind is FaultKind.HANG_AFTER:
        await asyncio.sleep(fault.seconds)
        return response
    if fault.kind is FaultKind.DROP_AFTER:
        return DroppedConnection()
    if fault.kind is FaultKind.STATUS_AFTER:
        return Response("Internal error", fault.status, media_type="text/plain")
    if fault.kind is FaultKind.TRUNCATED:
        body = bytes(response.body)
        return Response(body[: len(body) // 2], response.status_code, media_type="application/json")
    return response


def _json(server: Server, content: Mapping[str, Any], status: int = 200) -> Response:
    headers = {"Date": _date(server)} if server.books.switches.show_date else {}
    body = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return Response(body, status, headers, media_type="application/json; charset=utf-8")


def _date(server: Server) -> str:
    return format_datetime(server.books.clock.now(), usegmt=True)


def _refused(server: Server, refusal: Refusal, *, estonian: bool) -> Response:
    field_name = server.books.switches.error_key_field
    errors = [{field_name: key, "message": est if estonian else eng} for key, eng, est in refusal.errors]
    return _json(server, {"errors": errors}, refusal.status)


def _limit(server: Server) -> Response:
    match server.books.switches.limit_body:
        case "json":
            message = "Request limit exceeded"
            return _refused(server, Refusal(503, [("LIMIT-EXCEEDED", message, message)]), estonian=False)
        case "html":
            return Response("<html><body>Request limit exceeded</body></html>", 503, media_type="text/html")
        case "empty":
            return Response("", 503)
    return Response("Request limit exceeded", 503, media_type="text/plain")


def _logged(
    server: Server,
    service: str,
    method: str,
    params: Mapping[str, str],
    response: Response,
    *,
    fault: Fault | None = None,
) -> Response:
    server.calls.append(
        {
            "time": server.books.clock.now().isoformat(),
            "operation": f"{service}:{method}",
            "kind": "write" if method in _WRITES else "read",
            "params": dict(params),
            "status": None if isinstance(response, DroppedConnection) else response.status_code,
            "fault": fault.kind.value if fault else None,
        }
    )
    return response


def _parsed(body: bytes) -> Mapping[str, Any]:
    try:
        parsed = json.loads(body.decode("utf-8"))
    except ValueError:
        raise basic("BODY-INVALID", "POST body read error") from None
    if not isinstance(parsed, dict):
        raise basic("BODY-INVALID", "POST body read error")
    return parsed


def _admin_routes(server: Server) -> list[Route]:
    books = server.books

    def reset(_: Mapping[str, Any]) -> Any:
        books.reset()
        server.faults.clear()
        server.limiter.clear()
        server.calls.clear()
        server.late.clear()

    def seed(body: Mapping[str, Any]) -> Any:
        """`{"records": [{"service": "purchasesales/clients", "body": {…}}, …]}`"""
        return {"ids": [books.seed(str(item["service"]), item["body"]) for item in body["records"]]}

    def set_clock(body: Mapping[str, Any]) -> Any:
        """`{"offset_seconds": n}` moves it on, `{"now": ISO}` sets it."""
        if "now" in body:
            books.clock.set(datetime.fromisoformat(str(body["now"])))
        else:
            books.clock.advance(timedelta(seconds=float(body["offset_seconds"])))
        return {"now": books.clock.now().isoformat()}

    def set_switches(body: Mapping[str, Any]) -> Any:
        books.switches.change(body)
        return asdict(books.switches)

    handlers: list[tuple[str, str, Callable[[Mapping[str, Any]], Any]]] = [
        ("POST", "/reset", reset),
        ("POST", "/seed", seed),
        ("GET", "/state", lambda _: books.state()),
        ("GET", "/calls", lambda _: {"calls": list(server.calls)}),
        ("POST", "/calls/clear", lambda _: server.calls.clear()),
        ("GET", "/faults", lambda _: {"faults": server.faults.waiting(), "late": len(server.late)}),
        ("POST", "/faults", lambda body: server.faults.add(fault_from(body))),
        ("POST", "/faults/clear", lambda _: server.faults.clear()),
        ("POST", "/late", lambda _: {"applied": server.apply_late()}),
        ("GET", "/clock", lambda _: {"now": books.clock.now().isoformat()}),
        ("POST", "/clock", set_clock),
        ("GET", "/switches", lambda _: asdict(books.switches)),
        ("POST", "/switches", set_switches),
    ]
    return [Route(path, _endpoint(handler), methods=[method]) for method, path, handler in handlers]


def _endpoint(handler: Callable[[Mapping[str, Any]], Any]) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        try:
            body = json.loads(await request.body() or b"{}")
            return JSONResponse(handler(body) or {"ok": True})
        except (ValueError, KeyError, TypeError) as error:
            return JSONResponse({"error": str(error)}, 400)
        except Refusal as refusal:
            return JSONResponse({"error": [message for _, message, _ in refusal.errors]}, refusal.status)

    return endpoint
