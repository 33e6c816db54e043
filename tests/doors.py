"""Servers that outlive the tests: to start and stop one takes longer than most of what is asked of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from starlette.types import ASGIApp, Receive, Scope, Send

from scoro_smartaccounts_sandbox.server import serve


class _Door:
    """A server of this process at an address of its own; who answers behind it changes from test to test."""

    def __init__(self) -> None:
        self.behind: ASGIApp | None = None
        self._serving = serve(self)
        self.url = self._serving.__enter__()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.behind is None or scope["type"] == "lifespan":
            raise RuntimeError("nobody is behind this door")
        await self.behind(scope, receive, send)


_free: list[_Door] = []


@contextmanager
def behind_a_door(app: ASGIApp) -> Iterator[str]:
    """Let `app` answer at an address for as long as a block lasts; gives the base URL without a slash at its end."""
    door = _free.pop() if _free else _Door()
    door.behind = app
    try:
        yield door.url
    finally:
        door.behind = None
        _free.append(door)
