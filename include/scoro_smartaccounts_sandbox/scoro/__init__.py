"""Simulator of Scoro's API v2 for the demo and the tests. Shares no code with the client."""

from scoro_smartaccounts_sandbox.scoro.site import DEFAULT_ACCOUNT_ID, DEFAULT_API_KEY, RefusedError, Site
from scoro_smartaccounts_sandbox.scoro.switches import Switches

__all__ = ["DEFAULT_ACCOUNT_ID", "DEFAULT_API_KEY", "RefusedError", "Site", "Switches"]
