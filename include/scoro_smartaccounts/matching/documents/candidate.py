"""A document of Scoro that SmartAccounts may hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Container

    from scoro_smartaccounts.common.documents import Document, Partner


@dataclass(frozen=True, slots=True)
class Candidate:
    """A document with its number in the books, its partner and the partner's client or vendor where that is known;
    `lines`: how many it has. `not_partner`: clients or vendors of which a person said that they are another.
    """

    document: Document
    number: str
    partner: Partner | None
    partner_remote_id: str | None
    content_hash: str
    lines: int
    not_partner: Container[str] = ()
