"""The marker that tells our own records at SmartAccounts: a line in the record's comment.

SmartAccounts keeps no id of another system. The marker makes every record that we created recognisable, also
after its answer was lost or the staging database with it.
"""

from __future__ import annotations

import re

_PATTERN = re.compile(r"\[Scoro ([^\s\]]+) ([a-z]+)/([^\s\]]+)\]")


def marker(site: str, module: str, source_id: str) -> str:
    """`[Scoro demoou invoices/5121]` for record 5121 of the module `invoices` of the site's account `demoou`."""
    return f"[Scoro {site} {module}/{source_id}]"


def marked_id(comment: str, site: str, module: str) -> str | None:
    """Return the id that a comment's marker names, when it speaks of this site and module."""
    for found_site, found_module, source_id in _PATTERN.findall(comment):
        if (found_site, found_module) == (site, module):
            return str(source_id)
    return None


def markers_of(comment: str) -> str:
    """Return the markers of a comment, without whatever else stands there."""
    return " ".join(found.group() for found in _PATTERN.finditer(comment))
