"""The protocol by which a record is created at its target exactly once.

Neither SmartAccounts nor Scoro has an idempotency key. So, under a lock on the record's natural key (of clients
and vendors on all that tells who they are) that outlives commits:

1. A link exists: it is done.
2. An intent is open: an earlier request may still have been applied. Nothing is sent; `outbox.settle` decides.
3. The intent is written and committed: the exact body and the one timestamp that it may ever be signed with.
4. It is sent, once, with that timestamp.
5. An answer: link and intent are settled in one transaction. A definite refusal settles the intent. Anything else, a
   killed process included, leaves it open.

SmartAccounts refuses a request whose timestamp is over 15 minutes old, which is what lets `outbox.settle` prove later
that an open intent was never applied. Scoro has no such bound: `outbox.settle_receipts` says what is done instead.
"""

from __future__ import annotations

import hashlib
import logging
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scoro_smartaccounts.common.errors import (
    BillingStopped,
    ConfigurationError,
    LimitReached,
    OutcomeUnknown,
    RequestRefused,
    TransientError,
)
from scoro_smartaccounts.outbox.target import Target, target_of
from scoro_smartaccounts.staging.intents import NewIntent, State, close_intent, is_in_doubt, write_intent
from scoro_smartaccounts.staging.links import Evidence, Kind, Link, find_link, store_links
from scoro_smartaccounts.staging.locks import session_lock

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date

    from sqlalchemy import Connection

    from scoro_smartaccounts.common.run import RunRequest
    from scoro_smartaccounts.services import Services

log = logging.getLogger(__name__)

_MOST_LIMIT_REFUSALS = 4


@dataclass(frozen=True, slots=True)
class NewRecord:
    """A record to create. `remote_key` is the name of its id in the answer. `label` is what logs and messages call
    it: never a person's name; `personal` are texts that a refusal may repeat and that are hidden then. `find` looks
    for it under the lock, in case it was created meanwhile; `created` stores what else follows from its creation, in
    the same transaction as the link, which `link` makes of the remote id and the answer. `known_ids` are kept with its
    intent. `other_keys` are locked too, and `is_being_created` looks for an open intent that may make it under another
    natural key. `part`: which part of the receipt group or payment it is."""

    kind: Kind
    source_id: str
    natural_key: str
    operation: str
    remote_key: str
    label: str
    body: str
    part: int = 0
    day: date | None = None
    content_hash: str = ""
    personal: tuple[str, ...] = ()
    known_ids: tuple[str, ...] | None = None
    link: Callable[[str, Mapping[str, Any]], Link] | None = None
    other_keys: frozenset[str] = frozenset()
    is_being_created: Callable[[Connection], bool] = lambda _: False
    find: Callable[[Connection], Link | None] = lambda _: None
    created: Callable[[Connection, str, Mapping[str, Any]], None] = lambda *_: None

    @property
    def target(self) -> Target:
        """Where it is created."""
        return target_of(self.kind)


@dataclass(frozen=True, slots=True)
class Created:
    """The record was created now; `answer` is what its target said."""

    remote_id: str
    answer: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Existing:
    """The record is linked already, or was found and linked."""

    remote_id: str


@dataclass(frozen=True, slots=True)
class InDoubt:
    """It may have been created; nothing more is sent before that is known. `sent_now`: by this very call."""

    sent_now: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """Its target refused it, for these reasons."""

    reasons: tuple[tuple[str, str], ...]
    status: int


Outcome = Created | Existing | InDoubt | Refused


def payload_hash(body: str) -> str:
    """Return what identifies a body: the SHA-256 of its bytes."""
    return hashlib.sha256(body.encode()).hexdigest()


def create_record(
    connection: Connection,
    request: RunRequest,
    services: Services,
    record: NewRecord,
    before_sending: Callable[[], None] = lambda: None,
) -> Outcome:
    """Run the protocol for one record; `before_sending` may raise to have it left as it is.

    `connection` must have no open transaction and no other thread's work. Raises BudgetExhausted, TransientError
    (nothing reached the service), ConfigurationError, SupervisorLost; none of them leaves the intent open.
    """
    company = request.company.key
    with ExitStack() as locks:
        for key in sorted({record.natural_key, *record.other_keys}):
            locks.enter_context(session_lock(connection, company, record.kind.value, key))
        for refusals in range(1, _MOST_LIMIT_REFUSALS + 1):
            if (known := _known(connection, request, record)) is not None:
                return known
            before_sending()
            record.target.reserve(services, record.operation)
            try:
                return _send(connection, request, services, record)
            except LimitReached as refusal:
                record.target.keep_still(services, refusal, refusals)
                log.warning("%s refused %s because of its limit; waiting.", record.target.name, record.operation)
        raise TransientError(
            f"{record.target.name} keeps refusing {record.operation} because of its limit", retry_after=3600
        )


def _known(connection: Connection, request: RunRequest, record: NewRecord) -> Outcome | None:
    company = request.company.key
    with connection.begin():
        remote_id = find_link(connection, company, record.kind, record.source_id, record.part)
        if remote_id is not None:
            return Existing(remote_id)
        if is_in_doubt(
            connection,
            company,
            record.kind,
            natural_key=record.natural_key,
            source_id=record.source_id,
            part=record.part,
        ) or record.is_being_created(connection):
            return InDoubt()
        found = record.find(connection)
        if found is not None:
            store_links(connection, company, request.run_key, [found])
            return Existing(found.remote_id)
    return None


def _send(connection: Connection, request: RunRequest, services: Services, record: NewRecord) -> Outcome:
    services.check_watched()
    signed_at = services.clock().replace(microsecond=0)
    with connection.begin():
        new = NewIntent(
            kind=record.kind,
            source_id=record.source_id,
            part=record.part,
            natural_key=record.natural_key,
            operation=record.operation,
            payload=record.body,
            payload_hash=payload_hash(record.body),
            day=record.day,
            content_hash=record.content_hash,
            signed_at=signed_at,
            known_ids=record.known_ids,
        )
        intent_id = write_intent(connection, request.company.key, request.run_key, new)
    try:
        answer = record.target.add(
            services, record.operation, record.body, signed_at=signed_at, personal=record.personal
        )
    except RequestRefused as refusal:
        with connection.begin():
            close_intent(connection, intent_id, State.REFUSED, at=services.clock(), note=_reasons(refusal))
        log.warning("%s refused %s: %s", record.target.name, record.label, _reasons(refusal))
        return Refused(refusal.reasons, refusal.status)
    except OutcomeUnknown as unknown:
        log.warning("%s is in doubt: %s", record.label, unknown)
        return InDoubt(sent_now=True)
    except (LimitReached, BillingStopped, ConfigurationError, TransientError) as definite:
        with connection.begin():
            close_intent(connection, intent_id, State.REFUSED, at=services.clock(), note=str(definite))
        raise
    remote_id = record.target.id_in(answer, record.remote_key)
    if not remote_id:
        log.warning("%s is in doubt: the answer names no %s.", record.label, record.remote_key)
        return InDoubt(sent_now=True)
    with connection.begin():
        record_created(connection, request, services, record, intent_id, remote_id, answer)
    return Created(remote_id, answer)


def record_created(
    connection: Connection,
    request: RunRequest,
    services: Services,
    record: NewRecord,
    intent_id: int,
    remote_id: str,
    answer: Mapping[str, Any],
) -> None:
    """Link a record to what the service made of it and settle its intent, within the caller's transaction."""
    made = (
        record.link(remote_id, answer)
        if record.link is not None
        else Link(
            record.kind,
            record.source_id,
            remote_id,
            Evidence.CREATED,
            record.label,
            record.content_hash,
            {key: plain_value(value) for key, value in answer.items()},
        )
    )
    store_links(connection, request.company.key, request.run_key, [made])
    close_intent(connection, intent_id, State.DONE, at=services.clock(), remote_id=remote_id)
    record.created(connection, remote_id, answer)


def _reasons(refusal: RequestRefused) -> str:
    return "; ".join(" ".join(filter(None, pair)) for pair in refusal.reasons) or f"status {refusal.status}"


def plain_value(value: Any) -> Any:
    """Return a value of an answer as a link keeps it."""
    return value if isinstance(value, str | int | bool | type(None)) else str(value)
