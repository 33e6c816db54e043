"""The page as an application: its routes, what every answer says beside its content, and what it says when it cannot.

Airflow mounts it, so that a user is asked for by each route itself: `routes` have their dependencies here.
"""

from __future__ import annotations

import base64
import hashlib
import logging
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import APIRouter, Depends, FastAPI, HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute

from scoro_smartaccounts.border.guard import ours
from scoro_smartaccounts.common.errors import ConfigurationError, DatabaseAway, PipelineError, TransientError
from scoro_smartaccounts.orchestration import proposal_picture
from scoro_smartaccounts.page.access import Denied, same_site
from scoro_smartaccounts.page.airflow_api import AirflowRefused
from scoro_smartaccounts.page.rendering import STATIC, Place, shown
from scoro_smartaccounts.page.routes import audit, decisions, documents, frame, importing, overview

log = logging.getLogger(__name__)


def _hash(text: str) -> str:
    """Return a text that stands in a page itself as the policy names it."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


# The only script and style that stand in a page itself: who is not logged in gets no file.
_LEAVE = (STATIC / "leave.js").read_text("utf-8")
_STYLE = (STATIC / "page.css").read_text("utf-8")
_POLICY = "; ".join(
    (
        "default-src 'none'",
        f"script-src 'self' {_hash(_LEAVE)}",
        f"style-src 'self' {_hash(_STYLE)}",
        "img-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'self'",
    )
)
_HEADERS = {
    b"content-security-policy": _POLICY.encode(),
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"same-origin",
    b"cache-control": b"no-store",
}


class _Headers:
    """ASGI middleware: every answer is for this visitor, in this frame, now."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        async def send_with(message: Any) -> None:
            if message["type"] == "http.response.start":
                others = [(name, value) for name, value in message["headers"] if name.lower() not in _HEADERS]
                message = {**message, "headers": [*others, *_HEADERS.items()]}
            await send(message)

        await self.app(scope, receive, send_with if scope["type"] == "http" else send)


class _Guarded(APIRoute):
    """A route whose unexpected errors quote no value of a document."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def guarded(request: Request) -> Response:
            try:
                return await handle(request)
            except (HTTPException, RequestValidationError, PipelineError):
                raise
            except Exception as problem:  # noqa: BLE001 - raised as ours
                raise ours(problem) from None

        return guarded


def create_app() -> FastAPI:
    """Return the application."""
    # Without pages of its own: no route answers without a login.
    app = FastAPI(title="Scoro and SmartAccounts", docs_url=None, redoc_url=None, openapi_url=None)
    app.add_middleware(_Headers)
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(404, _refused)
    app.add_exception_handler(405, _refused)
    app.add_exception_handler(RequestValidationError, _unreadable)
    app.add_exception_handler(PipelineError, _failed)
    app.include_router(proposal_picture.router)
    for module in (frame, overview, importing, documents, decisions, audit):
        guarded = APIRouter(route_class=_Guarded, dependencies=[Depends(same_site)])
        module.add_to(guarded)
        app.include_router(guarded)
    return app


def _refused(request: Request, problem: Exception) -> Response:
    status = getattr(problem, "status_code", 500)
    if isinstance(problem, AirflowRefused) and status not in (401, 403):
        return _problem(request, status, "airflow_refused", problem.detail)
    if isinstance(problem, Denied):
        return _problem(request, status, "not_for_you", denied=problem)
    title = {401: "who_are_you", 403: "not_for_you", 404: "not_there"}.get(status, "wrong_request")
    return _problem(request, status, title, str(getattr(problem, "detail", "")) if status == 403 else "")


def _unreadable(request: Request, _: Exception) -> Response:
    return _problem(request, 422, "wrong_request")


def _failed(request: Request, problem: Exception) -> Response:
    log.warning("The page %s cannot be shown: %s", request.url.path, problem)
    if isinstance(problem, ConfigurationError):
        return _problem(request, 503, "must_be_set_up", str(problem))
    if isinstance(problem, DatabaseAway):
        return _problem(request, 503, "database_away")
    return _problem(request, 503 if isinstance(problem, TransientError) else 500, "went_wrong", str(problem))


def _problem(request: Request, status: int, title: str, detail: str = "", denied: Denied | None = None) -> Response:
    place = Place.of(request)
    if denied is None or denied.key != "denied_company":
        # The company that was looked at; it is not known whether it may be.
        place = Place(place.root, request.query_params.get("company", ""))
    content: dict[str, Any] = {"title": title, "detail": detail, "denied": denied, "place": place}
    answer = shown(request, "problem.html", status=status, style=_STYLE, leave=_LEAVE, **content)
    if status == 401 and "hx-request" in request.headers:
        answer.headers["HX-Refresh"] = "true"
    return answer


app = create_app()
