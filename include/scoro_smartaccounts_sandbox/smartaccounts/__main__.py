"""Serve one simulated company: `python -m scoro_smartaccounts_sandbox.smartaccounts --port 8902`."""

import argparse
import socket
from pathlib import Path

import uvicorn

from scoro_smartaccounts_sandbox.smartaccounts.app import create_app
from scoro_smartaccounts_sandbox.smartaccounts.books import Books


def main() -> None:
    """Serve until stopped; the books live in the state file where one is given."""
    parser = argparse.ArgumentParser(prog="python -m scoro_smartaccounts_sandbox.smartaccounts", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8902, help="0 takes a free one")
    parser.add_argument("--state", type=Path, help="file that keeps the books")
    parser.add_argument("--key", default="testkey", help="public key")
    parser.add_argument("--secret", default="test-secret", help="secret key")
    parser.add_argument("--requests-per-minute", type=int, help="more or fewer than the real service takes")
    options = parser.parse_args()
    books = Books()
    books.keys = {options.key: options.secret}
    if options.requests_per_minute is not None:
        books.switches.requests_per_minute = options.requests_per_minute
    state: Path | None = options.state
    if state is not None and state.exists():
        books.load(state)
    try:
        listener = socket.create_server((options.host, options.port))
    except OSError as error:
        parser.exit(1, f"cannot listen on {options.host}:{options.port}: {error.strerror}\n")
    with listener:
        host, port = listener.getsockname()[:2]
        print(f"listening on http://{host}:{port}", flush=True)
        config = uvicorn.Config(create_app(books, state), log_level="warning", access_log=False, date_header=False)
        uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main()
