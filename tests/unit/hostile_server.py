"""A server on 127.0.0.1 that speaks raw bytes, for answers that no honest server would give."""

from __future__ import annotations

import contextlib
import functools
import gzip
import json
import socket
import struct
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

MB = 2**20
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"

# What is sent after a request; it ends when the client does.
Attack = Callable[[], Iterator[bytes]]


@dataclass
class Hostile:
    """`requests`: how often it was asked. `sent`: bytes that went out."""

    url: str
    requests: int = 0
    sent: int = 0
    attack: Attack = field(default=lambda: iter((answer(b"{}"),)))


@contextmanager
def hostile() -> Iterator[Hostile]:
    over = threading.Event()
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(0.05)
    served = Hostile(f"http://127.0.0.1:{listener.getsockname()[1]}")

    def serve(connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            connection.settimeout(5)
            _read_request(connection)
            served.requests += 1
            for piece in served.attack():
                if over.is_set():
                    return
                connection.sendall(piece)
                served.sent += len(piece)

    def listen() -> None:
        while not over.is_set():
            with contextlib.suppress(TimeoutError):
                threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()

    thread = threading.Thread(target=listen, daemon=True)
    thread.start()
    try:
        yield served
    finally:
        over.set()
        thread.join()
        listener.close()


def _read_request(connection: socket.socket) -> None:
    taken = b""
    while b"\r\n\r\n" not in taken:
        taken += connection.recv(65536)
    head, _, body = taken.partition(b"\r\n\r\n")
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            while len(body) < int(line.partition(b":")[2]):
                body += connection.recv(65536)


def answer(body: bytes, *headers: str) -> bytes:
    """A whole answer."""
    named = "".join(f"{header}\r\n" for header in headers)
    return _HEAD + f"{named}Content-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body


def _endless(piece: bytes, pause: float = 0.0) -> Iterator[bytes]:
    while True:
        yield piece
        time.sleep(pause)


def _large(*, megabytes: int) -> Attack:
    def attack() -> Iterator[bytes]:
        yield _HEAD + f"Content-Length: {megabytes * MB}\r\n\r\n".encode() + b'{"x": "'
        for _ in range(megabytes):
            yield b"a" * MB

    return attack


def _without_length() -> Iterator[bytes]:
    yield _HEAD + b"Connection: close\r\n\r\n"
    yield from _endless(b'{"x": [' * 10_000)


def _in_chunks() -> Iterator[bytes]:
    yield _HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
    yield from _endless(b"10000\r\n" + b"a" * 0x10000 + b"\r\n")


def _long_chunk_mark() -> Iterator[bytes]:
    yield _HEAD + b"Transfer-Encoding: chunked\r\n\r\n10;"
    yield from _endless(b"x" * 65536)


def _trailers() -> Iterator[bytes]:
    yield _HEAD + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n"
    yield from _endless(b"X-More: 1\r\n" * 5000)


@functools.cache
def packed_bomb(times: int) -> bytes:
    """700 MB in 700 KB; packed once more, in less. One block that stands for itself is packed and repeated."""
    piece = b"[" * MB
    packer = zlib.compressobj(9, wbits=-15)
    block = packer.compress(piece) + packer.flush(zlib.Z_FULL_FLUSH)
    head, end = gzip.compress(b"")[:10], packer.flush()
    crc = functools.reduce(lambda before, _: zlib.crc32(piece, before), range(700), 0)
    packed = head + block * 700 + end + struct.pack("<II", crc, 700 * MB)
    for _ in range(times - 1):
        packed = gzip.compress(packed)
    return packed


def _bomb(*, times: int = 1, named: str = "gzip") -> Attack:
    def attack() -> Iterator[bytes]:
        yield _HEAD + f"Content-Encoding: {named}\r\nConnection: close\r\n\r\n".encode()
        yield packed_bomb(times)

    return attack


def _bombs_in_a_row() -> Iterator[bytes]:
    yield _HEAD + b"Content-Encoding: gzip\r\nConnection: close\r\n\r\n"
    yield from _endless(gzip.compress(b" " * MB))


def _headers() -> Iterator[bytes]:
    yield _HEAD
    yield from _endless(b"X-More: " + b"y" * 1000 + b"\r\n")


def _long_header() -> Iterator[bytes]:
    yield _HEAD + b"X-More: "
    yield from _endless(b"y" * 65536)


def _continues() -> Iterator[bytes]:
    yield from _endless(b"HTTP/1.1 100 Continue\r\n\r\n", 0.001)


def _drip(before: bytes) -> Attack:
    def attack() -> Iterator[bytes]:
        yield before
        yield from _endless(b" ", 0.02)

    return attack


def _packed_as(name: str) -> Attack:
    return lambda: iter((answer(b"whatever", f"Content-Encoding: {name}"),))


def _json(text: bytes) -> Attack:
    return lambda: iter((answer(text),))


LARGE: dict[str, Attack] = {
    "200 MB": _large(megabytes=200),
    "no end": _without_length,
    "chunks without end": _in_chunks,
    "a mark of a chunk without end": _long_chunk_mark,
    "trailers without end": _trailers,
    "a gzip bomb": _bomb(),
    "a gzip bomb under its old name": _bomb(named="x-gzip"),
    "a gzip bomb in a gzip bomb": _bomb(times=2, named="gzip, gzip"),
    "gzip without end": _bombs_in_a_row,
    "headers without end": _headers,
    "a header without end": _long_header,
    "deflate": _packed_as("deflate"),
    "brotli": _packed_as("br"),
    "zstandard": _packed_as("zstd"),
}
SLOW: dict[str, Attack] = {
    "a body that drips": _drip(_HEAD + b"Content-Length: 100000\r\n\r\n{"),
    "chunks that drip": _drip(_HEAD + b"Transfer-Encoding: chunked\r\n\r\n100\r\n{"),
    "headers that drip": _drip(_HEAD + b"X-More: "),
    "a status that drips": _drip(b"HTTP/1.1 200"),
    "interim answers without end": _continues,
}
DEEP: dict[str, Attack] = {
    "lists in lists": _json(b"[" * 100_000),
    "lists in lists that end": _json(b'{"x": ' + b"[" * 500 + b"]" * 500 + b"}"),
    "objects in objects": _json(b'{"x": ' * 100_000 + b"1" + b"}" * 100_000),
    "millions of values": _json(b'{"x": [' + b"{}," * 2_000_000 + b"{}]}"),
    "millions of numbers": _json(b'{"x": [' + b"0," * 4_000_000 + b"0]}"),
}
# As much as is taken: the most values, and text that takes four bytes a letter.
LEGAL: dict[str, Attack] = {
    "as many objects as are taken": _json(b'{"x": [' + b"{}," * 124_000 + b"{}]}"),
    "as many rows as are taken": _json(b'{"x": [' + b'{"a":1.25,"b":"x1"},' * 82_000 + b"{}]}"),
    "as large a text as is taken": _json('{"x": "\U0001f600'.encode() + b"a" * (8 * MB - 100) + b'"}'),
}
ALL = {**LARGE, **SLOW, **DEEP, **LEGAL}


def page(rows: object) -> bytes:
    """A page of SmartAccounts that promises more."""
    return answer(json.dumps({"clients": rows, "hasMoreEntries": True}).encode())
