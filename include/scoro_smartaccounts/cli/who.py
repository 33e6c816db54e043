"""Who types a command."""

from __future__ import annotations

import getpass

_ACCOUNTS_OF_MACHINES = ("root", "airflow")


def logged_in() -> str:
    """Return who is logged in; empty where that is an account of machines."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):
        return ""
    return "" if name in _ACCOUNTS_OF_MACHINES else name
