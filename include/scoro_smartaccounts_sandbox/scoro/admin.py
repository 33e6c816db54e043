"""The admin routes of the simulator: JSON in, JSON out, no authentication."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from scoro_smartaccounts_sandbox.faults import fault_from
from scoro_smartaccounts_sandbox.generator import ALL_FEATURES, Feature, fill
from scoro_smartaccounts_sandbox.scoro.api import PageShift
from scoro_smartaccounts_sandbox.scoro.fields import MODULES
from scoro_smartaccounts_sandbox.scoro.site import RefusedError
from scoro_smartaccounts_sandbox.scoro.wire import in_full

if TYPE_CHECKING:
    from scoro_smartaccounts_sandbox.scoro.app import Server

Handler = Callable[["Server", Mapping[str, Any], Request], Any]


def admin_routes(server: Server) -> list[Route]:
    """Routes below /admin for one simulator."""
    handlers: list[tuple[str, str, Handler]] = [
        ("POST", "/reset", _reset),
        ("POST", "/seed", _seed),
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
        ("POST", "/pay", _pay),
        ("POST", "/records/{module}/create", _create),
        ("POST", "/records/{module}/modify/{id:int}", _modify),
        ("POST", "/records/{module}/delete/{id:int}", _delete),
        ("POST", "/records/{module}/remove/{id:int}", _remove),
    ]
    return [Route(path, _endpoint(server, handler), methods=[method]) for method, path, handler in handlers]


def _endpoint(server: Server, handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        try:
            body = json.loads(await request.body() or b"{}")
            if not isinstance(body, dict):
                raise ValueError("the body must be a JSON object")
            server.apply_due()
            with server.site.lock:
                return JSONResponse(handler(server, body, request))
        except (ValueError, KeyError, TypeError) as error:
            return JSONResponse({"error": str(error)}, 400)
        except RefusedError as error:
            return JSONResponse({"error": error.message}, error.code)

    return endpoint


def _reset(server: Server, _: Mapping[str, Any], __: Request) -> Any:
    server.site.reset()
    server.calls.clear()
    server.api.page_shifts.clear()
    server.faults.clear()
    server.late.clear()
    return {"ok": True}


def _seed(server: Server, body: Mapping[str, Any], _: Request) -> Any:
    names = body.get("features")
    bills_per_month = body.get("bills_per_month")
    made = fill(
        server.site,
        int(body.get("seed", 7)),
        date.fromisoformat(body.get("from", "2026-01-01")),
        date.fromisoformat(body.get("to", "2026-03-31")),
        int(body.get("invoices_per_month", 300)),
        ALL_FEATURES if names is None else frozenset(Feature[name.upper()] for name in names),
        bad=float(body.get("bad", 0)),
        bills_per_month=None if bills_per_month is None else int(bills_per_month),
        expenses_per_month=int(body.get("expenses_per_month", 0)),
        bad_bills=float(body.get("bad_bills", 0)),
    )
    return {
        "counts": {name: len(table.records) for name, table in server.site.tables.items()},
        "planted": [
            {"invoice_id": item.invoice_id, "reason": item.reason, "also": list(item.also)} for item in made.planted
        ],
        "planted_bills": [
            {"bill_id": item.bill_id, "reason": item.reason, "also": list(item.also)} for item in made.planted_bills
        ],
    }


def _state(server: Server, _: Mapping[str, Any], request: Request) -> Any:
    """Counts; with ``?module=`` all its rows, deleted ones too, as view would give them."""
    site = server.site
    name = request.query_params.get("module")
    if name is None:
        return {
            "now": site.clock.now().isoformat(),
            "counts": {module: len(table.records) for module, table in site.tables.items()},
            "deleted": {
                module: sum(bool(row.get("is_deleted")) for row in table.records.values())
                for module, table in site.tables.items()
            },
        }
    module = MODULES[name]
    return {"rows": [in_full(site, module, record) for _, record in sorted(site.records(name).items())]}


def _calls(server: Server, _: Mapping[str, Any], __: Request) -> Any:
    return {"calls": list(server.calls)}


def _clear_calls(server: Server, _: Mapping[str, Any], __: Request) -> Any:
    server.calls.clear()
    return {"ok": True}


def _faults(server: Server, _: Mapping[str, Any], __: Request) -> Any:
    shifts = [{"kind": "page_shift", **asdict(shift)} for shift in server.api.page_shifts]
    return {"faults": [*server.faults.waiting(), *shifts], "late": len(server.late)}


def _add_fault(server: Server, body: Mapping[str, Any], request: Request) -> Any:
    """A Fault, or ``{"kind": "page_shift", "module": …, "after_page": 1, "change": "delete" | "insert"}``."""
    if body.get("kind") == "page_shift":
        module, change = str(body.get("module", "invoices")), body.get("change", "delete")
        if module not in MODULES or change not in ("delete", "insert"):
            raise ValueError("page_shift: unknown module or change")
        server.api.page_shifts.append(PageShift(module, int(body.get("after_page", 1)), change))
    else:
        server.faults.add(fault_from(body))
    return _faults(server, body, request)


def _clear_faults(server: Server, body: Mapping[str, Any], request: Request) -> Any:
    server.faults.clear()
    server.api.page_shifts.clear()
    return _faults(server, body, request)


def _apply_late(server: Server, _: Mapping[str, Any], __: Request) -> Any:
    return {"applied": server.apply_late()}


def _clock(server: Server, _: Mapping[str, Any], __: Request) -> Any:
    return {"now": server.site.clock.now().isoformat()}


def _set_clock(server: Server, body: Mapping[str, Any], request: Request) -> Any:
    """``now`` (ISO, with offset) and/or ``advance_seconds``; with ``frozen`` true it stands still at ``now``."""
    clock = server.site.clock
    if "now" in body:
        moment = datetime.fromisoformat(body["now"])
        if moment.tzinfo is None:
            raise ValueError("clock: now needs an offset")
        clock.set(moment)
        if body.get("frozen"):
            clock.freeze(moment)
    if "advance_seconds" in body:
        clock.advance(timedelta(seconds=float(body["advance_seconds"])))
    server.apply_due()
    return _clock(server, body, request)


def _switches(server: Server, _: Mapping[str, Any], __: Request) -> Any:
    return dict(vars(server.site.switches))


def _set_switches(server: Server, body: Mapping[str, Any], request: Request) -> Any:
    server.site.switches = server.site.switches.changed(body)
    return _switches(server, body, request)


def _pay(server: Server, body: Mapping[str, Any], _: Request) -> Any:
    """``{"module": "invoices", "documents": {"5001": "12.40" | null}, "day": …, "account_id": 2}``; the group."""
    options = {key: value for key, value in body.items() if key not in ("module", "documents", "day")}
    documents = {int(key): value for key, value in body["documents"].items()}
    day = date.fromisoformat(body["day"]) if body.get("day") else None
    group = server.site.pay(str(body.get("module", "invoices")), documents, day=day, **options)
    return _row(server, "receipts", group["id"])


def _create(server: Server, body: Mapping[str, Any], request: Request) -> Any:
    module = MODULES[request.path_params["module"]]
    return _row(server, module.name, server.site.create(module.name, body)[module.id_key])


def _modify(server: Server, body: Mapping[str, Any], request: Request) -> Any:
    module = MODULES[request.path_params["module"]]
    server.site.modify(module.name, request.path_params["id"], body)
    return _row(server, module.name, request.path_params["id"])


def _delete(server: Server, _: Mapping[str, Any], request: Request) -> Any:
    module = MODULES[request.path_params["module"]]
    server.site.delete(module.name, request.path_params["id"])
    return {"ok": True}


def _remove(server: Server, _: Mapping[str, Any], request: Request) -> Any:
    """The record is gone without a trace."""
    module = MODULES[request.path_params["module"]]
    server.site.remove(module.name, request.path_params["id"])
    return {"ok": True}


def _row(server: Server, module: str, record_id: int) -> Any:
    return in_full(server.site, MODULES[module], server.site.get(module, record_id))
