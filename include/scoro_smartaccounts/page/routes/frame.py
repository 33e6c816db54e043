"""What belongs to no screen: files that pages load, whether the login holds, the language, where a DAG leads."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, HTTPException, Request, Response
from fastapi.responses import FileResponse, RedirectResponse

from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.orchestration.access import ASKING
from scoro_smartaccounts.page.access import Reader, companies, somebody
from scoro_smartaccounts.page.rendering import LANGUAGE, STATIC, Place

_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_FILES = {path.name: _TYPES[path.suffix] for path in STATIC.iterdir() if path.suffix in _TYPES}
_YEAR = 365 * 24 * 3600
# The screen about what a DAG does, by the DAG's name before the company's suffix.
_SCREENS = {
    **{flow.dag_id: ("/documents" if flow.is_export else "/import", {"flow": flow.value}) for flow in Flow},
    **dict.fromkeys(ASKING, ("/decisions", {})),
    "audit_books": ("/audit", {}),
    "undo_import": ("/audit", {}),
    "watch_runs": ("/", {}),
}


def add_to(router: APIRouter) -> None:
    """Add the addresses."""
    router.get("/static/{name}", dependencies=[Depends(somebody)])(give_file)
    router.get("/alive", dependencies=[Depends(somebody)])(tell_login)
    router.post("/language", dependencies=[Depends(somebody)])(choose_language)
    router.get("/dag/{dag}")(lead_from_dag)


def give_file(name: str) -> Response:
    """Return a file that pages load."""
    if name not in _FILES:
        raise HTTPException(404)
    return FileResponse(STATIC / name, media_type=_FILES[name])


def tell_login() -> Response:
    """Say that the login holds; without one nobody comes here."""
    return Response(status_code=204)


def choose_language(request: Request, to: Annotated[str, Form()], back: Annotated[str, Form()]) -> Response:
    """Keep the visitor's language, and show the page again."""
    root = Place.of(request).root
    answer = RedirectResponse(back if back.startswith(f"{root}/") else f"{root}/", 303)
    if to in ("et", "en"):
        answer.set_cookie(LANGUAGE, to, max_age=_YEAR, path=root or "/", httponly=True, samesite="lax")
    return answer


def lead_from_dag(request: Request, visitor: Reader, dag: str) -> Response:
    """Lead from a DAG's page to the screen about what it does."""
    found = next(((each, name) for each in companies() for name in _SCREENS if dag == f"{name}{each.dag_suffix}"), None)
    if found is None:
        # The tab stands on every DAG of this Airflow.
        return RedirectResponse(Place.of(request, visitor).url("/"), 303)
    company, name = found
    if company.key not in {each.key for each in visitor.companies}:
        raise HTTPException(404)
    path, named = _SCREENS[name]
    return RedirectResponse(Place(Place.of(request, visitor).root, company.key).url(path, **named), 303)
