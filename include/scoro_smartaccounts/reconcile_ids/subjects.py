"""The three things that are linked, and what each is called."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scoro_smartaccounts.staging.links import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Subject:
    """`source` and `remote`: what a record is called at Scoro and at SmartAccounts, in English and Estonian."""

    kind: Kind
    source: str
    remote: str
    plural: str
    remote_et: str
    plural_et: str


SUBJECTS: Mapping[Kind, Subject] = {
    each.kind: each
    for each in (
        Subject(Kind.CLIENT, "contact", "client", "clients", "klient", "kliendid"),
        Subject(Kind.VENDOR, "contact", "vendor", "vendors", "hankija", "hankijad"),
        Subject(Kind.ARTICLE, "product", "article", "articles", "artikkel", "artiklid"),
    )
}
