"""What the company's Airflow connections tell without being used: where both systems are, and SmartAccounts' limits."""

from __future__ import annotations

from contextlib import suppress
from urllib.parse import urlsplit

from scoro_smartaccounts.budget import Limits
from scoro_smartaccounts.common.company import Company
from scoro_smartaccounts.common.errors import ConfigurationError
from scoro_smartaccounts.orchestration.hooks import SmartAccountsHook, connection_of_type


def pages_of(company: Company) -> dict[str, str]:
    """Return where each system's own pages begin, empty where its connection does not tell. Of single records no source
    tells an address."""
    return {
        "Scoro": _start(company.connections.scoro, "scoro"),
        "SmartAccounts": _start(company.connections.smartaccounts, "smartaccounts"),
    }


def limits_of(company: Company) -> Limits:
    """Return how many requests SmartAccounts takes of the company."""
    with suppress(ConfigurationError):
        return SmartAccountsHook(company.connections.smartaccounts).limits
    return Limits()


def _start(conn_id: str, conn_type: str) -> str:
    with suppress(ConfigurationError):
        host = (connection_of_type(conn_id, conn_type).host or "").strip()
        parts = urlsplit(host if "://" in host else f"https://{host}")
        if parts.scheme in ("http", "https") and parts.hostname:
            return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}/"
    return ""
