"""Faults that a simulator commits on request, one after another."""

import asyncio
import contextlib
import functools
import itertools
import threading
import zlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import asdict, replace
from enum import StrEnum
from typing import Any

from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

_MB = 2**20


class FaultKind(StrEnum):
    """What goes wrong with a call."""

    STATUS = "status"  # refused with Fault.status; nothing is carried out
    HTML = "html"  # an HTML page instead of an answer; nothing is carried out
    SLOW = "slow"  # carried out after Fault.seconds
    TRUNCATED = "truncated"  # carried out; half of the answer comes
    DROP_BEFORE = "drop_before"  # the connection ends without an answer; nothing is carried out
    DROP_AFTER = "drop_after"  # carried out; the connection ends without an answer
    HANG_AFTER = "hang_after"  # carried out; the answer comes after Fault.seconds
    HANG_BEFORE = "hang_before"  # no answer for Fault.seconds, and nothing is carried out
    STATUS_AFTER = "status_after"  # carried out; the answer is Fault.status
    LATE = "late"  # the connection ends; carried out Fault.seconds later, 0: when the test says so
    HANG_LATE = "hang_late"  # no answer until the client gives up; carried out as with LATE
    LIMIT = "limit"  # refused as beyond the rate limit (SmartAccounts)
    BILLING = "billing"  # refused because of an unpaid bill (SmartAccounts)
    LARGE = "large"  # an answer of 200 MB; nothing is carried out
    BOMB = "bomb"  # an answer of 700 MB, packed in 700 KB; nothing is carried out
    DRIP = "drip"  # an answer of one byte each Fault.seconds, without end; nothing is carried out
    DEEP = "deep"  # an answer of 100,000 lists in each other; nothing is carried out


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class Fault:
    """Commit ``kind`` ``times`` times, on calls whose path contains ``where``, but not on the first ``after`` of them.

    Hanging for 0 seconds means until the client gives up. ``retry_after`` is the text of that header: seconds, a date,
    or nonsense.
    """

    kind: FaultKind
    times: int = 1
    where: str = ""
    after: int = 0
    status: int = 500
    seconds: float = 0.0
    retry_after: str = ""


_ADAPTER = TypeAdapter(Fault)


def fault_from(values: Mapping[str, Any]) -> Fault:
    """Read a fault from JSON values. Raises ValueError naming what is wrong."""
    try:
        return _ADAPTER.validate_python(dict(values))
    except ValidationError as error:
        problems = "; ".join(f"{problem['loc'][0]}: {problem['msg']}" for problem in error.errors())
        raise ValueError(f"fault: {problems}") from None


class FaultQueue:
    """Faults that wait for a call that fits them; the oldest that fits is committed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []

    def add(self, fault: Fault) -> None:
        with self._lock:
            self._faults.append(fault)

    def clear(self) -> None:
        with self._lock:
            self._faults.clear()

    def waiting(self) -> list[dict[str, Any]]:
        """What is left, as JSON values."""
        with self._lock:
            return [asdict(fault) for fault in self._faults]

    def take(self, path: str) -> Fault | None:
        """The fault to commit on a call, if any; uses up one of its times."""
        with self._lock:
            for place, fault in enumerate(self._faults):
                if fault.where not in path:
                    continue
                if fault.after > 0:
                    self._faults[place] = replace(fault, after=fault.after - 1)
                    continue
                if fault.times > 1:
                    self._faults[place] = replace(fault, times=fault.times - 1)
                else:
                    del self._faults[place]
                return fault
            return None


class DroppedConnection(Response):
    """No answer: the connection ends. Works under uvicorn, whose ``receive`` knows its transport."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        cycle = getattr(receive, "__self__", None)
        if cycle is None or not hasattr(cycle, "transport"):
            raise ConnectionResetError
        cycle.transport.abort()
        # The server notices a moment later; whoever returns before would be told to answer after all.
        while (await receive())["type"] != "http.disconnect":
            pass


def monster(fault: Fault) -> Response:
    """The answer of LARGE, BOMB, DRIP or DEEP."""
    match fault.kind:
        case FaultKind.LARGE:
            return StreamingResponse(itertools.repeat(b"[" * _MB, 200), media_type="application/json")
        case FaultKind.BOMB:
            return Response(_bomb(), headers={"Content-Encoding": "gzip"}, media_type="application/json")
        case FaultKind.DRIP:
            return StreamingResponse(_drip(fault.seconds), media_type="application/json")
    return Response(b"[" * 100_000, media_type="application/json")


@functools.cache
def _bomb() -> bytes:
    packer = zlib.compressobj(9, wbits=31)
    return b"".join(packer.compress(b"[" * _MB) for _ in range(700)) + packer.flush()


async def _drip(seconds: float) -> AsyncIterator[bytes]:
    while True:
        yield b" "
        await asyncio.sleep(seconds)


async def hold(request: Request, seconds: float) -> None:
    """Keep a connection waiting: for some seconds, 0: until the client gives up. The body must have been read."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds or None):
            while (await request.receive())["type"] != "http.disconnect":
                pass
