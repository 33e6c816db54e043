"""A simulator of SmartAccounts, strict where it is documented and switchable where it is not."""

from scoro_smartaccounts_sandbox.smartaccounts.app import create_app
from scoro_smartaccounts_sandbox.smartaccounts.books import Books
from scoro_smartaccounts_sandbox.smartaccounts.switches import Switches

__all__ = ["Books", "Switches", "create_app"]
