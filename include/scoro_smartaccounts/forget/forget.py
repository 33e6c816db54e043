"""Forget a person, or what is older than a day. Safe to kill at any moment and to run again.

What is cleared, and what stays, is one table of rules (`staging.personal`). Documents that somebody is not done with
keep what they need, and so do their partners; they are named.
"""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.errors import WrongUsage
from scoro_smartaccounts.forget.files import Searched, files_before, files_naming
from scoro_smartaccounts.forget.words import Words, words_of, words_typed
from scoro_smartaccounts.matching.identity.profiles import profile_of
from scoro_smartaccounts.staging.forget import (
    NOBODY,
    Details,
    NamedDocument,
    Open,
    Partners,
    begin,
    clear_before,
    clear_documents,
    clear_mentions,
    clear_partners,
    contacts_before,
    documents_before,
    documents_of,
    finish,
    known_partners,
    linked_partners,
    names_of,
    note,
    open_documents,
    partner_details,
    partners_in_doubt,
    rows_naming,
    tables_with_texts,
)
from scoro_smartaccounts.staging.locks import session_lock, transaction_lock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import date, datetime
    from pathlib import Path

    from sqlalchemy import Connection, Engine, Table

    from scoro_smartaccounts.common.company import Company

# So many documents, or rows, a transaction.
BATCH = 200

_Item = TypeVar("_Item")


class NobodyMeant(WrongUsage):
    """What was typed fits nobody, or several; the message says how to tell them apart."""


@dataclass(frozen=True, slots=True)
class Person:
    """Whom to forget: by ids of Scoro's contacts and of SmartAccounts' clients and vendors, or by `typed`: name, e-mail
    address, personal code, account, one a text."""

    contacts: tuple[str, ...] = ()
    clients: tuple[str, ...] = ()
    vendors: tuple[str, ...] = ()
    typed: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What was cleared, or would be: rows by table, the documents, files of the output folders. `kept_back`: the open
    documents that keep something, and why; `unread`: files that could not be looked through."""

    partners: Partners
    counts: dict[str, int]
    documents: tuple[NamedDocument, ...]
    files: tuple[Path, ...]
    kept_back: tuple[tuple[NamedDocument, Open], ...]
    is_done: bool
    unread: tuple[Path, ...] = ()


def forget_person(
    engine: Engine,
    company: Company,
    person: Person,
    *,
    by: str,
    now: datetime,
    outputs: Sequence[Path] = (),
    is_wanted: bool = False,
) -> Forgotten:
    """Clear what is personal of a person; without `is_wanted` only count it. `outputs`: the company's output folders on
    this machine.

    Raises NobodyMeant, LockHeld.
    """
    with engine.connect() as connection:
        partners, words = _meant(connection, company.key, person)
    with _work(engine, company, by, is_wanted=is_wanted) as work:
        work.begin(partners=partners)
        with engine.connect() as connection:
            documents = documents_of(connection, company.key, partners)
        for flow in Flow:
            for ids in _batches(sorted(source_id for other, source_id in documents if other is flow)):
                work.clear_documents(flow, ids)
        work.clear_mentions(words)
        searched = files_naming(outputs, words.found_in) if words else Searched()
        work.remove(searched.found)
        # Last of all: by these it is known again who was meant, should this be broken off.
        work.clear_partners(partners)
        return replace(work.end(now, partners), unread=tuple(searched.unread))


def forget_older_than(
    engine: Engine,
    company: Company,
    before: date,
    *,
    by: str,
    now: datetime,
    outputs: Sequence[Path] = (),
    is_wanted: bool = False,
) -> Forgotten:
    """Clear what is personal of all documents that are dated before a day, and of persons with whom nothing was done
    since; without `is_wanted` only count it. Companies that certainly are no persons stay known. Raises LockHeld."""
    with _work(engine, company, by, is_wanted=is_wanted) as work:
        work.begin(before=before)
        for flow in Flow:
            for ids in work.documents_before(flow, before):
                work.clear_documents(flow, ids)
        work.clear(lambda connection: clear_before(connection, company.key, before))
        work.remove(files_before(outputs, before))
        with engine.connect() as connection:
            old = contacts_before(connection, company.key, before)
            persons = _persons(connection, company.key, old)
        for one in persons:
            work.clear_partners(one)
        return work.end(now, NOBODY)


def _meant(connection: Connection, company: str, person: Person) -> tuple[Partners, Words]:
    """Who is meant, with whoever is linked to them, and the words that tell them in texts."""
    named = Partners(frozenset(person.contacts), frozenset(person.clients), frozenset(person.vendors))
    typed = words_typed(person.typed)
    everybody = list(partner_details(connection, company))
    if named == NOBODY:
        named = _found(connection, company, everybody, typed)
    elif known_partners(connection, company, named) != named:
        raise NobodyMeant(
            "one of these ids is not known here: contacts are named by Scoro's ids, clients and vendors by those of"
            " SmartAccounts"
        )
    partners = linked_partners(connection, company, named)
    own, others = typed, Words()
    for details in everybody:
        if details.partners | partners == partners:
            own |= words_of(details)
        else:
            others |= words_of(details)
    # What somebody else has too tells nobody.
    return partners, (own.told - others)


def _found(connection: Connection, company: str, everybody: Iterable[Details], typed: Words) -> Partners:
    """Return the one person who has what was typed."""
    if not typed:
        raise NobodyMeant("nobody is named: give an id, or type a name, an e-mail address or a code")
    found = [details.partners for details in everybody if typed.share(words_of(details))]
    persons = {_as_key(linked_partners(connection, company, each)): each for each in found}
    if len(persons) > 1:
        named = "; ".join(sorted(_told(linked_partners(connection, company, each)) for each in persons.values()))
        raise NobodyMeant(f"{len(persons)} are called so: {named}. Say which by id, all ids of one person together")
    if not persons and not typed.told:
        raise NobodyMeant(
            "nobody is called so, and it is too short to be looked for in texts: give an id, or first and last name"
        )
    return next((linked_partners(connection, company, each) for each in persons.values()), NOBODY)


def _as_key(partners: Partners) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(sorted(ids)) for ids in (partners.contacts, partners.clients, partners.vendors))


def _told(partners: Partners) -> str:
    kinds = (("contact", partners.contacts), ("client", partners.clients), ("vendor", partners.vendors))
    return ", ".join(f"{kind} {one}" for kind, ids in kinds for one in sorted(ids))


def _persons(connection: Connection, company: str, contact_ids: set[str]) -> list[Partners]:
    """Those of the contacts who may be persons, each with the clients and vendors that stand for these alone."""
    found = []
    for details in partner_details(connection, company, Partners(contacts=frozenset(contact_ids))):
        if profile_of(details.record).is_public:
            continue
        linked = linked_partners(connection, company, details.partners)
        found.append(linked if linked.contacts <= contact_ids else details.partners)
    return found


class _Work:
    """One forgetting under way, batch by batch, each in a transaction of its own. What is only counted is done in one,
    and taken back: a batch must not meet what the one before would have cleared."""

    def __init__(self, engine: Engine, counting: Connection, company: Company, by: str, *, is_wanted: bool) -> None:
        self._engine = engine
        self._counting = counting
        self._company = company
        self._by = by
        self._is_wanted = is_wanted
        self._entry = 0
        self._counts: Counter[str] = Counter()
        self._documents: dict[tuple[Flow, str], NamedDocument] = {}
        self._kept_back: dict[tuple[Flow, str], tuple[NamedDocument, Open]] = {}
        self._files: list[Path] = []
        self._left = 0

    def begin(self, *, partners: Partners = NOBODY, before: date | None = None) -> None:
        if self._is_wanted:
            with self._engine.begin() as connection:
                self._entry = begin(connection, self._company.key, self._by, partners, before)

    def documents_before(self, flow: Flow, before: date) -> Iterator[list[str]]:
        after = ""
        while True:
            with self._engine.connect() as connection:
                ids = documents_before(connection, self._company.key, flow, before, after=after, limit=BATCH)
            if not ids:
                return
            yield ids
            after = ids[-1]

    def clear(self, what: Callable[[Connection], Counter[str]]) -> None:
        """One batch."""
        if not self._is_wanted:
            self._counts += self._alone(self._counting, what)
            return
        with self._engine.begin() as connection:
            self._counts += self._alone(connection, what)
            note(connection, self._company.key, self._entry, self._counts)

    def _alone(self, connection: Connection, what: Callable[[Connection], Counter[str]]) -> Counter[str]:
        """Nothing is staged meanwhile: what is open stays what it is."""
        for flow in Flow:
            transaction_lock(connection, "extract", self._company.key, flow.value)
        return what(connection)

    def clear_documents(self, flow: Flow, ids: Sequence[str]) -> None:
        def cleared(connection: Connection) -> Counter[str]:
            is_open = self._open(connection, flow, ids)
            resting = [source_id for source_id in ids if source_id not in is_open]
            counts = clear_documents(connection, self._company.key, flow, resting)
            if counts:
                named = names_of(connection, self._company.key, flow, resting)
                self._documents |= {(flow, each.source_id): each for each in named}
            return counts

        self.clear(cleared)

    def clear_mentions(self, words: Words) -> None:
        """Wherever a text names the person."""
        if not words:
            return
        company = self._company.key
        for table in tables_with_texts():
            with self._engine.connect() as connection:
                keys = rows_naming(connection, company, table, words.pattern)
            for some in _batches(keys):
                self.clear(partial(self._clear_rows_naming, table, some, words))

    def _clear_rows_naming(
        self, table: Table, keys: Sequence[tuple[Any, ...]], words: Words, connection: Connection
    ) -> Counter[str]:
        spared = partial(self._open, connection)
        return clear_mentions(connection, self._company.key, table, keys, words.found_in, spared)

    def clear_partners(self, partners: Partners) -> None:
        """Unless something of theirs is open."""
        if partners == NOBODY:
            return

        def cleared(connection: Connection) -> Counter[str]:
            company = self._company.key
            documents = documents_of(connection, company, partners)
            is_open = [
                self._open(connection, flow, [source_id for other, source_id in documents if other is flow])
                for flow in Flow
            ]
            if any(is_open):
                return Counter()
            if partners_in_doubt(connection, company, partners.contacts):
                self._left += 1
                return Counter()
            return clear_partners(connection, company, partners)

        self.clear(cleared)

    def remove(self, files: Sequence[Path]) -> None:
        self._files += files
        for path in files if self._is_wanted else ():
            path.unlink(missing_ok=True)

    def end(self, now: datetime, partners: Partners) -> Forgotten:
        kept_back = tuple(self._kept_back.values())
        if self._is_wanted:
            with self._engine.begin() as connection:
                finish(connection, self._company.key, self._entry, len(kept_back) + self._left, now)
        return Forgotten(
            partners=partners,
            counts=dict(sorted(self._counts.items())),
            documents=tuple(self._documents.values()),
            files=tuple(self._files),
            kept_back=kept_back,
            is_done=not kept_back and not self._left,
        )

    def _open(self, connection: Connection, flow: Flow, ids: Sequence[str]) -> set[str]:
        """Those of the documents that keep what they need."""
        company = self._company
        found = open_documents(connection, company.key, company.first_import_date, flow, ids)
        for each in names_of(connection, company.key, flow, found):
            self._kept_back[flow, each.source_id] = (each, found[each.source_id])
        return set(found)


@contextmanager
def _work(engine: Engine, company: Company, by: str, *, is_wanted: bool) -> Iterator[_Work]:
    """Only one forgets at a time."""
    with (
        engine.connect() as connection,
        session_lock(connection, company.key, "forget"),
        engine.connect() as counting,
    ):
        yield _Work(engine, counting, company, by, is_wanted=is_wanted)
        counting.rollback()


def _batches(items: Iterable[_Item]) -> Iterator[list[_Item]]:
    rest = iter(items)
    while batch := list(islice(rest, BATCH)):
        yield batch
