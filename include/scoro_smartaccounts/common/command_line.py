"""Commands inside sentences for people, as they may be copied into a shell."""

from __future__ import annotations

import shlex

from scoro_smartaccounts.common.company import DEFAULT_KEY

PROGRAM = "scoro-smartaccounts"


def command_line(company: str, *words: str) -> str:
    """Return a command about a company, in which a value is nothing but itself to a shell, whatever it is made of."""
    of_company = [] if company == DEFAULT_KEY else ["--company", company]
    return shlex.join([PROGRAM, *of_company, *words])
