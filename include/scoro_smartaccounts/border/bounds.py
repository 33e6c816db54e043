"""What an answer of a service may cost: bytes, time, values and levels, whatever the service sends.

An answer is read as a stream. One that is larger, slower or deeper than any real one is left where it is, so that it
takes neither the memory of a worker nor its day.
"""

from __future__ import annotations

import http.client
import io
import json
import time
import zlib
from typing import TYPE_CHECKING, Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from scoro_smartaccounts.border.record_bounds import constant_of, decimal_of, whole_number_of

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator

    import requests
    import urllib3

# Of one answer: bytes on the way and unpacked (a page of 25 bills with 300 lines each has about 5 MB), seconds from the
# request to the last byte.
LARGEST_ANSWER = 8 * 2**20
LONGEST_ANSWER = 300.0
# Of its JSON: values, and how deep they stand in each other. One record that is nested deeper than real ones does not
# take the others of its page along (`record_bounds` cuts it); what Python could not read is refused.
MOST_VALUES = 250_000
MOST_LEVELS = 500

# What is taken packed; nothing else is asked for.
PACKED = "gzip"
# About what a value takes in memory, beside its text: a number has about a hundred bytes, a text fifty.
BYTES_OF_A_VALUE = 64
_UNPACKABLE = ("gzip", "x-gzip")
_PIECE = 64 * 1024


class OutOfBounds(Exception):
    """The answer is more than any real one; the text says in what, without anything of its own."""


class Broken(Exception):
    """The answer cannot be unpacked."""


def read_body(response: requests.Response) -> bytes:
    """Return the whole body of a streamed response, unpacked. Raises OutOfBounds, Broken, and what urllib3 raises."""
    encoding = response.headers.get("Content-Encoding", "").strip().lower()
    pieces: Iterator[bytes] = response.raw.stream(_PIECE, decode_content=False)
    if encoding in _UNPACKABLE:
        pieces = _unpacked(pieces)
    elif encoding not in ("", "identity"):
        raise OutOfBounds(f"it is packed in another way than {PACKED}, which nobody asked for")
    body = bytearray()
    for piece in pieces:
        body += piece
        if len(body) > LARGEST_ANSWER:
            raise _too_large()
    return bytes(body)


def read_json(body: bytes) -> object:
    """Return the JSON of a body, numbers with a fraction as `Decimal`, what is no number as NaN. Raises OutOfBounds,
    and ValueError where it is none."""
    if _values_in(body) > MOST_VALUES:
        raise OutOfBounds(f"it holds more than {MOST_VALUES:,} values")
    try:
        content = json.loads(
            body.decode("utf-8-sig"), parse_float=decimal_of, parse_int=whole_number_of, parse_constant=constant_of
        )
    except RecursionError:
        content, is_too_deep = None, True
    else:
        is_too_deep = _is_deeper(content, MOST_LEVELS)
    if is_too_deep:
        raise OutOfBounds(f"its values stand more than {MOST_LEVELS} deep in each other")
    return content


def weight_of(body: bytes) -> int:
    """Return about how many bytes what a body of JSON holds takes in memory."""
    return len(body) + BYTES_OF_A_VALUE * _values_in(body)


class BoundedAdapter(HTTPAdapter):
    """Connections whose answers, headers included, end at the bounds above."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """As its parent does."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = _POOLS

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> urllib3.ProxyManager:
        """As its parent does."""
        manager: urllib3.ProxyManager = super().proxy_manager_for(*args, **kwargs)
        manager.pool_classes_by_scheme = _POOLS
        return manager


class _BoundedStream(io.RawIOBase):
    """What comes through a socket for one answer. urllib3 bounds neither the length of lines between chunks nor how
    long headers may drip."""

    def __init__(self, raw: io.RawIOBase, sock: socket.socket) -> None:
        super().__init__()
        self._raw = raw
        self._sock = sock
        self._patience = sock.gettimeout() or LONGEST_ANSWER
        self._ends_at = time.monotonic() + LONGEST_ANSWER
        self._taken = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self._ends_at - time.monotonic()
        if left <= 0:
            raise _too_slow()
        self._sock.settimeout(min(left, self._patience))
        try:
            count = self._raw.readinto(buffer)
        except TimeoutError:
            if time.monotonic() < self._ends_at:
                raise
            is_over = True
        else:
            is_over = False
        if is_over:
            raise _too_slow()
        self._taken += count or 0
        # Twice: headers and the marks between chunks come on top of a body that is just small enough.
        if self._taken > 2 * LARGEST_ANSWER:
            raise _too_large()
        return count

    def close(self) -> None:
        self._raw.close()
        super().close()


class _BoundedResponse(http.client.HTTPResponse):
    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp = io.BufferedReader(_BoundedStream(self.fp.detach(), sock))


class _Connection(HTTPConnection):
    response_class = _BoundedResponse


class _SecureConnection(HTTPSConnection):
    response_class = _BoundedResponse


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


_POOLS = {"http": _Pool, "https": _SecurePool}


def _unpacked(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Yield what gzip members hold, a piece at a time."""
    member = zlib.decompressobj(wbits=31)
    has_begun = False
    try:
        for packed in pieces:
            while packed:
                if member.eof:
                    member = zlib.decompressobj(wbits=31)
                has_begun = True
                yield member.decompress(packed, _PIECE)
                packed = member.unused_data if member.eof else member.unconsumed_tail
    except zlib.error:
        is_whole = False
    else:
        is_whole = member.eof or not has_begun
    if not is_whole:
        raise Broken


def _values_in(body: bytes) -> int:
    return sum(body.count(sign) for sign in (b",", b"[", b"{"))


def _is_deeper(content: object, levels: int) -> bool:
    layer = [content]
    for _ in range(levels):
        layer = [
            part
            for value in layer
            if isinstance(value, (dict, list))
            for part in (value.values() if isinstance(value, dict) else value)
        ]
        if not layer:
            return False
    return True


def _too_large() -> OutOfBounds:
    return OutOfBounds(f"it is larger than {LARGEST_ANSWER / 2**20:g} MB")


def _too_slow() -> OutOfBounds:
    return OutOfBounds(f"it was not over after {LONGEST_ANSWER:g} seconds")
