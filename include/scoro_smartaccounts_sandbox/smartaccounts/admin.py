"""The admin routes of the simulator: JSON in, JSON out, no authentication."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from scoro_smartaccounts_sandbox.faults import fault_from
from scoro_smartaccounts_sandbox.smartaccounts.refusal import Refusal

if TYPE_CHECKING:
    from starlette.requests import Request

    from scoro_smartaccounts_sandbox.smartaccounts.server import Server

Handler = Callable[["Server", Mapping[str, Any]], Any]


def admin_routes(server: Server) -> list[Route]:
    """Routes below /admin for one simulator."""
    handlers: list[tuple[str, str, Handler]] = [
        ("POST", "/reset", _reset),
        ("POST", "/seed", _seed),
        ("POST", "/pay", _pay),
        ("POST", "/change", _change),
        ("POST", "/remove", _remove),
        ("POST", "/vat-returns/save", _save_return),
        ("POST", "/vat-returns/delete", _delete_return),
        ("POST", "/vat-returns/pay", _pay_return),
        ("GET", "/state", _state),
        ("GET", "/calls", _calls),
        ("POST", "/calls/clear", _clear_calls),
        ("GET", "/faults", _faults),
        ("POST", "/faults", _add_fault),
        ("POST", "/faults/clear", _clear_faults),
        ("POST", "/late", _apply_late),
        ("GET", "/clock", _clock),
        ("POST", "/clock", _set_clock),
        ("GET", "/switches", _switches),
        ("POST", "/switches", _set_switches),
    ]
    return [Route(path, _endpoint(server, handler), methods=[method]) for method, path, handler in handlers]


def _endpoint(server: Server, handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        try:
            body = json.loads(await request.body() or b"{}")
            if not isinstance(body, dict):
                raise ValueError("the body must be a JSON object")
            server.apply_due()
            return JSONResponse(handler(server, body))
        except (ValueError, KeyError, TypeError) as error:
            return JSONResponse({"error": str(error)}, 400)
        except Refusal as refusal:
            return JSONResponse({"error": "; ".join(message for _, message, _ in refusal.errors)}, refusal.status)

    return endpoint


def _reset(server: Server, _: Mapping[str, Any]) -> Any:
    server.books.reset()
    server.faults.clear()
    server.limiter.clear()
    server.calls.clear()
    server.late.clear()
    return {"ok": True}


def _seed(server: Server, body: Mapping[str, Any]) -> Any:
    """`{"records": [{"service": "purchasesales/clients", "body": {…}}, …]}`; up to the first that is refused."""
    return {"ids": [server.books.seed(str(item["service"]), item["body"]) for item in body["records"]]}


def _pay(server: Server, body: Mapping[str, Any]) -> Any:
    """`{"documents": "<id>" | {"<id>": "12.40" | null}, "day": "2026-03-10", "account": "LHV", …}`; fields follow."""
    fields = {name: value for name, value in body.items() if name not in ("documents", "day")}
    day = date.fromisoformat(body["day"]) if body.get("day") else None
    return {"id": server.books.pay(body["documents"], day=day, **fields)}


def _change(server: Server, body: Mapping[str, Any]) -> Any:
    """`{"service": "purchasesales/payments", "key": "<id>", "fields": {…}}`."""
    server.books.change(body["service"], body["key"], **body["fields"])
    return {"ok": True}


def _remove(server: Server, body: Mapping[str, Any]) -> Any:
    """`{"service": "purchasesales/payments", "key": "<id>"}`."""
    server.books.remove(body["service"], body["key"])
    return {"ok": True}


def _save_return(server: Server, body: Mapping[str, Any]) -> Any:
    """`{"month": "2026-01"}`: saves its return, or calculates it again."""
    return {"id": server.books.save_return(date.fromisoformat(f"{body['month']}-01"))}


def _delete_return(server: Server, body: Mapping[str, Any]) -> Any:
    """`{"key": "<id>"}`."""
    server.books.delete_return(str(body["key"]))
    return {"ok": True}


def _pay_return(server: Server, body: Mapping[str, Any]) -> Any:
    """`{"key": "<id>", "day": "2026-02-20"}`: all that is due."""
    day = date.fromisoformat(body["day"]) if body.get("day") else None
    return {"id": server.books.pay_return(str(body["key"]), day=day)}


def _state(server: Server, _: Mapping[str, Any]) -> Any:
    state = server.books.state()
    return {"counts": {service: len(rows) for service, rows in state.items()}, **state}


def _calls(server: Server, _: Mapping[str, Any]) -> Any:
    return {"calls": list(server.calls)}


def _clear_calls(server: Server, _: Mapping[str, Any]) -> Any:
    server.calls.clear()
    return {"ok": True}


def _faults(server: Server, _: Mapping[str, Any]) -> Any:
    return {"faults": server.faults.waiting(), "late": len(server.late)}


def _add_fault(server: Server, body: Mapping[str, Any]) -> Any:
    server.faults.add(fault_from(body))
    return _faults(server, body)


def _clear_faults(server: Server, body: Mapping[str, Any]) -> Any:
    server.faults.clear()
    return _faults(server, body)


def _apply_late(server: Server, _: Mapping[str, Any]) -> Any:
    return {"applied": server.apply_late()}


def _clock(server: Server, _: Mapping[str, Any]) -> Any:
    return {"now": server.books.clock.now().isoformat()}


def _set_clock(server: Server, body: Mapping[str, Any]) -> Any:
    """``now`` (ISO, with offset) and/or ``advance_seconds``; with ``frozen`` true it stands still."""
    clock = server.books.clock
    if "now" in body:
        moment = datetime.fromisoformat(body["now"])
        if moment.tzinfo is None:
            raise ValueError("clock: now needs an offset")
        clock.set(moment)
    if body.get("frozen"):
        clock.freeze()
    if "advance_seconds" in body:
        clock.advance(timedelta(seconds=float(body["advance_seconds"])))
    server.apply_due()
    return _clock(server, body)


def _switches(server: Server, _: Mapping[str, Any]) -> Any:
    return asdict(server.books.switches)


def _set_switches(server: Server, body: Mapping[str, Any]) -> Any:
    server.books.switches.change(body)
    return _switches(server, body)
