"""A plan as the accountant was shown it, and what differs when it is made again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

from scoro_smartaccounts.common.reasons import Phrase, phrase

# Texts of documents may name persons: of these it is said that they changed, not how.
_SAID_WITH_VALUES = (
    "accountName",
    "accountType",
    "amount",
    "currency",
    "date",
    "discount",
    "dueDate",
    "entryDate",
    "exchangeRate",
    "invoiceNumber",
    "price",
    "quantity",
    "totalAmount",
    "vatAmount",
    "vatPc",
)
_MOST_SAID = 5


@dataclass(frozen=True, slots=True)
class PlanSnapshot:
    """Exactly what will be sent for one document, which `number`, `day` (ISO) and `currency` name. `payload` is the
    body as text, as the plan holds it.

    `partner_remote_id` is the client or vendor that it will be booked on; None with `new_partner`, the body of the one
    to create. `new_articles` are the bodies of the articles to create.
    """

    number: str
    day: str
    currency: str
    payload: str
    payload_hash: str
    content_hash: str
    partner_source_id: str
    partner_remote_id: str | None
    new_partner: Mapping[str, Any] | None
    new_articles: tuple[Mapping[str, Any], ...]
    predicted: Mapping[str, Any]
    warnings: tuple[Mapping[str, Any], ...]

    @property
    def plan_hash(self) -> str:
        """What two plans share that send the same to the byte."""
        parts = [self.payload, self.partner_remote_id, self.new_partner, list(self.new_articles)]
        text = json.dumps(parts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    def to_json(self) -> dict[str, Any]:
        """As it is stored."""
        return asdict(self) | {"new_articles": list(self.new_articles), "warnings": list(self.warnings)}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Return the counterpart of `to_json`."""
        lists = {name: tuple(stored[name]) for name in ("new_articles", "warnings")}
        return cls(**{**stored, **lists})


@dataclass(frozen=True, slots=True)
class OwnWork:
    """What this pipeline itself created in SmartAccounts, by id: it is no difference that it is there now."""

    partners: frozenset[str]
    articles: frozenset[str]


def differences(approved: PlanSnapshot, now: PlanSnapshot, own: OwnWork) -> list[Phrase]:
    """Return what the plan of today would send otherwise than the approved one, in words without names; empty:
    nothing."""
    found = _of_bodies(json.loads(approved.payload), json.loads(now.payload))
    if not found and approved.payload != now.payload:
        found = [phrase("order_of_fields")]
    found += _of_partner(approved, now, own)
    found += _of_articles(approved, now, own)
    return found if len(found) <= _MOST_SAID else [*found[:_MOST_SAID], phrase("more", count=len(found) - _MOST_SAID)]


def _of_partner(approved: PlanSnapshot, now: PlanSnapshot, own: OwnWork) -> Iterator[Phrase]:
    contact_id = now.partner_source_id
    if approved.partner_remote_id == now.partner_remote_id:
        if approved.new_partner != now.new_partner:
            yield phrase("details_of_contact", id=contact_id)
    elif approved.partner_remote_id is not None:
        key = "contact_to_be_created" if now.partner_remote_id is None else "contact_on_another"
        yield phrase(key, id=contact_id)
    elif now.partner_remote_id not in own.partners:
        yield phrase("contact_by_now", id=contact_id)


def _of_articles(approved: PlanSnapshot, now: PlanSnapshot, own: OwnWork) -> Iterator[Phrase]:
    before = {item["body"]["code"]: item["body"] for item in approved.new_articles}
    after = {item["body"]["code"]: item["body"] for item in now.new_articles}
    for code in sorted(after.keys() - before.keys()):
        yield phrase("article_gone", code=code)
    for code in sorted(before.keys() - after.keys() - own.articles):
        yield phrase("article_by_now", code=code)
    for code in sorted(before.keys() & after.keys()):
        if before[code] != after[code]:
            yield phrase("details_of_article", code=code)


def _of_bodies(before: Any, after: Any, path: str = "", name: str = "") -> list[Phrase]:
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        return [
            words
            for key in dict.fromkeys((*before, *after))
            for words in _of_bodies(before.get(key), after.get(key), f"{path} {key}".strip(), key)
        ]
    if isinstance(before, list) and isinstance(after, list):
        if len(before) != len(after):
            return [phrase("field_changed", name=path, before=len(before), after=len(after))]
        return [
            words
            for number, (old, new) in enumerate(zip(before, after, strict=True), start=1)
            for words in _of_bodies(old, new, f"{path} {number}".strip(), name)
        ]
    if before == after:
        return []
    if name in _SAID_WITH_VALUES:
        return [phrase("field_changed", name=path, before=_said(before), after=_said(after))]
    return [phrase("field", name=path) if path else phrase("the_body")]


def _said(value: Any) -> str | Phrase:
    return phrase("no_value") if value is None else str(value)
