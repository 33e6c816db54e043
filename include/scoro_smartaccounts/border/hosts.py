"""Which addresses the keys of a connection may be sent to.

Whoever may edit a connection does not see its key, but says where it goes. So our own hooks send it to pinned hosts
only: those of the two services, and what the environment of Airflow's processes names, which nobody can change from
inside Airflow. That the hook of another type does not send it elsewhere is `orchestration.connection_gate`'s part.
"""

from __future__ import annotations

import ipaddress
import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scoro_smartaccounts.common.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping

HOSTS_VARIABLE = "SCORO_SMARTACCOUNTS_HOSTS"

# The host of each service; one that begins with a dot stands for all names below it.
_OWN = {
    "Scoro": (".scoro.com", ".scoro.ee", ".scoro.lt"),
    "SmartAccounts": ("sa.smartaccounts.eu",),
}
# Nothing that two readers of an address could read differently: no user, no escapes, no backslash, no query; names
# without a dot at their end.
_ADDRESS = re.compile(
    r"(?P<scheme>https?)://(?P<host>[a-z0-9_-]+(?:\.[a-z0-9_-]+)*|\[::1\])(?::(?P<port>[0-9]{1,5}))?"
    r"(?P<path>(?:/[a-z0-9._~-]*)*)",
    re.ASCII | re.IGNORECASE,
)
_PORTS = {"http": 80, "https": 443}
_ANY_PORT = "*"


@dataclass(frozen=True, slots=True)
class Address:
    """The base URL of a service. `host` is in small letters."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def is_this_machine(self) -> bool:
        """Whether the host is this machine by its very name, without a look-up."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host.strip("[]")).is_loopback
        except ValueError:
            return False

    def __str__(self) -> str:
        port = "" if self.port == _PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{self.host}{port}{self.path}"


def read_address(system: str, base_url: str) -> Address:
    """Return a base URL; http goes to this machine only. Raises ConfigurationError."""
    found = _ADDRESS.fullmatch(base_url.strip())
    if found is None or not 0 < int(found["port"] or _PORTS[found["scheme"].lower()]) < 65536:
        raise ConfigurationError(
            f"{system}: the host of the connection must be a base URL such as https://example.com/api, "
            f"without user, password or query"
        )
    scheme = found["scheme"].lower()
    address = Address(scheme, found["host"].lower(), int(found["port"] or _PORTS[scheme]), found["path"].rstrip("/"))
    if scheme == "http" and not address.is_this_machine:
        raise ConfigurationError(
            f"{system}: the host of the connection must begin with https://: by http:// everybody on the way could "
            f"read its key; nothing was sent"
        )
    return address


def check_pinned(system: str, base_url: str, environment: Mapping[str, str] = os.environ) -> None:
    """Raise ConfigurationError where a base URL is neither the service's own nor one that the environment names."""
    address = read_address(system, base_url)
    own = address.scheme == "https" and address.port == _PORTS["https"]
    if own and any(_is_of(address.host, pattern) for pattern in _OWN[system]):
        return
    named = [entry.strip().lower() for entry in environment.get(HOSTS_VARIABLE, "").split(",")]
    if any(_is_named(address, entry) for entry in named):
        return
    hosts = ", ".join(pattern.replace(".", "*.", 1) if pattern.startswith(".") else pattern for pattern in _OWN[system])
    # The default port of http would read as https's where it is not written.
    wanted = address.host if own else f"{address.host}:{address.port}"
    raise ConfigurationError(
        f"{system}: {address} is no address of {system} ({hosts}, by https), so its key does not go there; nothing was "
        f"sent. Mend the host of the connection. Where the address is right, the administrator adds {wanted} to the "
        f"environment variable {HOSTS_VARIABLE} (hosts with commas between them) of every Airflow process, and starts "
        f"them again"
    )


def on_this_machine(base_url: str) -> str | None:
    """`host:port` of a base URL that is on this machine, as the variable names it; None for any other."""
    try:
        address = read_address("", base_url)
    except ConfigurationError:
        return None
    return f"{address.host}:{address.port}" if address.is_this_machine else None


def _is_of(host: str, pattern: str) -> bool:
    if pattern.startswith("."):
        return host.endswith(pattern) and len(host) > len(pattern)
    return host == pattern


def _is_named(address: Address, entry: str) -> bool:
    """Whether an entry, `host` or `host:port` (`*`: any port), names the address. Without a port: that of https."""
    name, separator, port = entry.rpartition(":")
    if not separator or entry.endswith("]"):
        name, port = entry, str(_PORTS["https"])
    return address.host == name and port in (_ANY_PORT, str(address.port))
