"""Where both systems' own pages begin, as the company's connections name their hosts."""

from __future__ import annotations

from contextlib import suppress
from urllib.parse import urlsplit

from scoro_smartaccounts.common.company import Company
from scoro_smartaccounts.common.errors import ConfigurationError
from scoro_smartaccounts.orchestration.hooks import connection_of_type


def pages_of(company: Company) -> dict[str, str]:
    """Return an address for each of the two, empty where its connection names none. Of single records no source tells
    one."""
    return {
        "Scoro": _start(company.connections.scoro, "scoro"),
        "SmartAccounts": _start(company.connections.smartaccounts, "smartaccounts"),
    }


def _start(conn_id: str, conn_type: str) -> str:
    with suppress(ConfigurationError):
        host = (connection_of_type(conn_id, conn_type).host or "").strip()
        parts = urlsplit(host if "://" in host else f"https://{host}")
        if parts.scheme in ("http", "https") and parts.hostname:
            return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}/"
    return ""
