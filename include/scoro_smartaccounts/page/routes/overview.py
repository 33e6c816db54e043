"""The first screen: what waits, both connections, the flows, the days."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from scoro_smartaccounts.page.access import Reader
from scoro_smartaccounts.page.database import reading
from scoro_smartaccounts.page.rendering import shown


def add_to(router: APIRouter) -> None:
    """Add the address."""
    router.get("/")(show_overview)


def show_overview(request: Request, visitor: Reader) -> Response:
    """Show it."""
    with reading(visitor.company):
        return shown(request, "overview.html", visitor)
