"""Starts the Scoro simulator: ``python -m scoro_smartaccounts_sandbox.scoro --port 8901``."""

import argparse
import json
import socket
from datetime import date
from pathlib import Path

import uvicorn

from scoro_smartaccounts_sandbox.clock import Clock
from scoro_smartaccounts_sandbox.generator import populate
from scoro_smartaccounts_sandbox.scoro.app import create_app
from scoro_smartaccounts_sandbox.scoro.site import DEFAULT_ACCOUNT_ID, DEFAULT_API_KEY, Site


def main() -> None:
    """Serve until interrupted. A state file that exists is loaded; otherwise ``--seed`` makes a company."""
    parser = argparse.ArgumentParser(prog="python -m scoro_smartaccounts_sandbox.scoro")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8901, help="0 takes a free one and prints it")
    parser.add_argument("--state", type=Path, help="file that keeps what the site holds")
    parser.add_argument("--api-key", default=DEFAULT_API_KEY)
    parser.add_argument("--account", default=DEFAULT_ACCOUNT_ID, help="company_account_id")
    parser.add_argument("--seed", type=int, help="make a company from this seed")
    parser.add_argument("--invoices-per-month", type=int, default=300)
    parser.add_argument("--from", dest="start", type=date.fromisoformat, default=date(2026, 1, 1))
    parser.add_argument("--to", dest="end", type=date.fromisoformat, default=date(2026, 3, 31))
    parser.add_argument("--bad", type=float, default=0.0, help="share of bad invoices to plant, 0 to 1")
    parser.add_argument("--bills-per-month", type=int, help="without it two for every five invoices")
    parser.add_argument("--expenses-per-month", type=int, default=0)
    parser.add_argument("--bad-bills", type=float, default=0.0, help="share of bad bills to plant, 0 to 1")
    arguments = parser.parse_args()

    site = Site(Clock(), api_key=arguments.api_key, account_id=arguments.account)
    state: Path | None = arguments.state
    if state is not None and state.exists():
        site.load(json.loads(state.read_text(encoding="utf-8")))
    elif arguments.seed is not None:
        populate(
            site,
            arguments.seed,
            arguments.start,
            arguments.end,
            arguments.invoices_per_month,
            bad=arguments.bad,
            bills_per_month=arguments.bills_per_month,
            expenses_per_month=arguments.expenses_per_month,
            bad_bills=arguments.bad_bills,
        )
    try:
        listener = socket.create_server((arguments.host, arguments.port))
    except OSError as error:
        parser.exit(1, f"cannot listen on {arguments.host}:{arguments.port}: {error.strerror}\n")
    with listener:
        host, port = listener.getsockname()[:2]
        print(f"listening on http://{host}:{port}", flush=True)
        config = uvicorn.Config(create_app(site, state), log_level="warning", access_log=False)
        uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main()
