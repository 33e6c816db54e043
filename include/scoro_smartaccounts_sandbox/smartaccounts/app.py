"""The SmartAccounts simulator as an ASGI app: the API under /api, /et/api, /en/api; admin routes under /admin."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route

from scoro_smartaccounts_sandbox.faults import DroppedConnection, Fault, FaultKind, hold
from scoro_smartaccounts_sandbox.local import LocalOnly
from scoro_smartaccounts_sandbox.smartaccounts.admin import admin_routes
from scoro_smartaccounts_sandbox.smartaccounts.answers import Language, as_json, in_form, refused
from scoro_smartaccounts_sandbox.smartaccounts.books import Books
from scoro_smartaccounts_sandbox.smartaccounts.refusal import Refusal, basic
from scoro_smartaccounts_sandbox.smartaccounts.server import WRITES, Call, Server
from scoro_smartaccounts_sandbox.smartaccounts.signature import admit

__all__ = ["Server", "create_app"]

_SAVE_EVERY_SECONDS = 2.0
_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
_LIMIT = "Request limit exceeded"
_BILLING = "API is closed because of an unpaid SmartAccounts invoice"


def create_app(books: Books, state_file: Path | None = None) -> Starlette:
    """The app of one company. `app.state.server` is its Server."""
    server = Server(books, state_file)

    async def api(request: Request) -> Response:
        response = await _answer(server, request)
        if not isinstance(response, DroppedConnection):
            server.date(response)
        return response

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        saver = asyncio.create_task(_keep_saving(server))
        try:
            yield
        finally:
            saver.cancel()
            server.save()

    app = Starlette(
        routes=[
            *(Route(f"{prefix}/api/{{path:path}}", api, methods=_METHODS) for prefix in ("", "/et", "/en")),
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


async def _answer(server: Server, request: Request) -> Response:
    """Admit, count, and carry out a request, or commit the fault that waits for it; log it."""
    body = await request.body()
    switches, now = server.books.switches, server.books.clock.now()
    server.apply_due()
    service, _, method = request.path_params["path"].rpartition(":")
    language = Language.ENGLISH if request.url.path.startswith("/en/") else Language.ESTONIAN
    call = Call(service, method, {}, body, language)
    if request.method not in ("GET", "POST") or (request.method == "GET" and method in WRITES):
        not_allowed = Refusal(405, [("METHOD-NOT-ALLOWED", "Method not allowed", "Method not allowed")])
        return server.logged(call, refused(switches, not_allowed, language))
    try:
        params = admit(request.scope["query_string"], body, server.books.keys, now, switches.stale_status)
    except Refusal as refusal:
        form = switches.unauthorized_body
        message = "Unauthorized"
        response = (
            refused(switches, refusal, language) if form == "json" else in_form(switches, form, refusal.status, message)
        )
        return server.logged(call, response)
    call = Call(service, method, params, body, language)
    admitted = server.limiter.admits(now, switches.requests_per_minute, switches.requests_per_day)
    if switches.limits and not admitted:
        return server.logged(call, in_form(switches, switches.limit_body, 503, _LIMIT))
    if switches.billing:
        return server.logged(call, in_form(switches, switches.billing_body, 503, _BILLING))
    if request.method == "POST" and method not in WRITES and not body and switches.empty_post == "refuse":
        return server.logged(call, refused(switches, basic("BODY-INVALID", "POST body read error"), language))
    fault = server.faults.take(call.name)
    if fault is None:
        return server.logged(call, server.respond(call))
    return await _commit(server, request, call, fault)


async def _commit(server: Server, request: Request, call: Call, fault: Fault) -> Response:
    """Answer a call with a fault. What is carried out is carried out before anybody waits, except for SLOW."""
    switches = server.books.switches
    response: Response
    match fault.kind:
        case FaultKind.SLOW:
            await asyncio.sleep(fault.seconds)
            response = server.respond(call)
        case FaultKind.LATE | FaultKind.HANG_LATE:
            server.put_off(call, fault.seconds)
            response = DroppedConnection()
        case FaultKind.DROP_BEFORE | FaultKind.HANG_BEFORE:
            response = DroppedConnection()
        case FaultKind.HTML:
            response = in_form(switches, "html", 200, "SmartAccounts")
        case FaultKind.LIMIT:
            response = in_form(switches, switches.limit_body, 503, _LIMIT)
        case FaultKind.BILLING:
            response = in_form(switches, switches.billing_body, 503, _BILLING)
        case FaultKind.STATUS:
            response = _status(server, call, fault.status)
        case FaultKind.STATUS_AFTER:
            server.respond(call)
            response = _status(server, call, fault.status)
        case FaultKind.DROP_AFTER:
            server.respond(call)
            response = DroppedConnection()
        case FaultKind.HANG_AFTER:
            response = server.respond(call)
        case FaultKind.TRUNCATED:
            whole = server.respond(call)
            response = Response(
                whole.body[: len(whole.body) // 2], whole.status_code, media_type="application/json; charset=utf-8"
            )
    server.logged(call, response, fault)
    if fault.kind in (FaultKind.HANG_BEFORE, FaultKind.HANG_AFTER):
        await hold(request, fault.seconds)
    elif fault.kind is FaultKind.HANG_LATE:
        await hold(request, 0)
    return response


def _status(server: Server, call: Call, status: int) -> Response:
    switches = server.books.switches
    if 400 <= status < 500:
        return refused(switches, Refusal(status, [("REFUSED", "Refused", "Keeldutud")]), call.language)
    if status >= 500:
        return in_form(switches, "text", status, "Internal error")
    return as_json({}, status)
