"""Keeps web pages of other sites away from a simulator: they can make a browser of this machine call it."""

import re

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

_LOCAL = re.compile(r"(127\.0\.0\.1|localhost|\[::1\])(:\d+)?", re.IGNORECASE)


class LocalOnly:
    """Answers 403 to a request that does not name this machine by a loopback name.

    A page whose name was made to point here (DNS rebinding) sends that name as `Host`; any other page names its own
    site as `Origin`.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let through what is this machine's own."""
        if scope["type"] == "http" and not _is_local(Headers(scope=scope)):
            await PlainTextResponse("Only for this machine", 403)(scope, receive, send)
        else:
            await self._app(scope, receive, send)


def _is_local(headers: Headers) -> bool:
    origins = [origin.partition("://")[2] for origin in headers.getlist("origin")]
    hosts = headers.getlist("host")
    return bool(hosts) and all(_LOCAL.fullmatch(name) for name in hosts + origins)
