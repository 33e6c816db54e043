"""What was booked, held against SmartAccounts' ledger in euros: a request or two a run, whatever it booked.

Nothing in an entry names its document for certain. The entry's id, its number or the number of its paper may be the
document's; which of these links all entries to documents without a contradiction is kept, and used from then on. Where
none does, an entry of the same day with all the expected amounts stands for the document.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection

from scoro_smartaccounts.errors import BillingStopped, ConfigurationError, PutOff, RequestRefused, TransientError
from scoro_smartaccounts.ledger.expected import Chart, Difference, Expected, differences, expected_of
from scoro_smartaccounts.reconcile.registers import (
    BANK_ACCOUNTS,
    CASH_ACCOUNTS,
    OVERLAP,
    VAT_CODES,
    change_query_text,
    money_accounts,
    setting_rows,
    sync_settings,
)
from scoro_smartaccounts.run import RunRequest, Services
from scoro_smartaccounts.smartaccounts.wire import EntryRow, VatPcRow, text
from scoro_smartaccounts.staging.assumption_states import AssumptionState, known_state, note_state
from scoro_smartaccounts.staging.ledger import (
    Booked,
    Entry,
    booked_unchecked,
    free_entries,
    note_checked,
    store_entries,
)
from scoro_smartaccounts.staging.locks import transaction_lock

log = logging.getLogger(__name__)

ENTRIES = "general/entries"
MOST_REQUESTS = 2
# How entries name their documents, and how far a reading is.
LINK, READING = "entry_link", "ledger_reading"
# After so many documents a way of naming them is trusted, whatever the amounts are.
_ENOUGH = 20
# What was not found so long after it was booked is left to a person.
_LONGEST = timedelta(days=14)

_Key = Callable[[Booked, Expected], str]
_EntryKey = Callable[[Entry], str]
# How an entry may name its document, the surest first.
_LINKS: Mapping[str, tuple[_Key, _EntryKey]] = {
    "id": (lambda booked, _: booked.remote_id, lambda entry: entry.entry_id),
    "document": (lambda _, expected: expected.paper, lambda entry: entry.document),
    "number": (lambda _, expected: expected.number, lambda entry: entry.number),
}


@dataclass(frozen=True, slots=True)
class Posting:
    """A document beside its entry. `differences` are None where no entry was found for it."""

    booked: Booked
    differences: tuple[Difference, ...] | None


@dataclass
class Checked:
    """What came of a check. `is_refused`: SmartAccounts does not let the ledger be read; `left`: documents whose
    entries are still to be read, by their source ids."""

    equal: list[Posting] = field(default_factory=list)
    different: list[Posting] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    is_refused: bool = False


class LedgerCheck:
    """The check of one run: it asks for at most `MOST_REQUESTS` pages of the ledger, however often it is called."""

    def __init__(self, connection: Connection, request: RunRequest, services: Services) -> None:
        self._connection = connection
        self._request = request
        self._services = services
        self._company = request.company.key
        self._requests = 0
        self._is_refused = False

    def run(self, only: Collection[str] | None = None) -> Checked:
        """Hold what was booked and not checked yet against the ledger: all of it, or those of these source ids. Reads
        nothing where there is nothing."""
        with self._connection.begin():
            booked = booked_unchecked(self._connection, self._company, self._request.flow)
        if only is not None:
            booked = [item for item in booked if item.source_id in only]
        result = Checked(is_refused=self._is_refused)
        if not booked or self._is_refused:
            return result
        is_whole = self._read_new(booked[0].planned_at) if only is not None else self._read_on(booked[0].planned_at)
        with self._connection.begin():
            transaction_lock(self._connection, self._company, "ledger_check")
            # What another run compared meanwhile is done; what was booked meanwhile may not have been read.
            unchecked = booked_unchecked(self._connection, self._company, self._request.flow)
            known = {(item.source_id, item.part) for item in booked}
            booked = [item for item in unchecked if (item.source_id, item.part) in known]
            self._compare(booked, _chart(self._connection, self._company), result, is_whole=is_whole)
        result.is_refused = self._is_refused
        return result

    def _read_new(self, since: datetime) -> bool:
        """Read the entries made since a moment; whether all of them were."""
        return self._read(since, first_page=1) is None and not self._is_refused

    def _read_on(self, since: datetime) -> bool:
        """The same, or go on where an earlier run had to stop: pages may have shifted since then, so that what it did
        not see it may have missed."""
        key = f"{READING}/{self._request.flow.value}"
        with self._connection.begin():
            before = known_state(self._connection, self._company, key)
        page = int(before.evidence["next_page"]) if before is not None else 1
        begun = datetime.fromisoformat(before.reading) if before is not None and page > 1 else since
        following = self._read(begun, first_page=page)
        with self._connection.begin():
            state = AssumptionState(begun.isoformat(), {"next_page": following or 1})
            note_state(self._connection, self._company, key, state)
        return following is None and page == 1 and not self._is_refused

    def _read(self, since: datetime, *, first_page: int) -> int | None:
        """Read pages of the entries made since a moment; the next page to read, None where there is none."""
        page = first_page
        try:
            sync_settings(self._services, self._company, (VAT_CODES, BANK_ACCOUNTS, CASH_ACCOUNTS))
            while self._requests < MOST_REQUESTS:
                self._requests += 1
                answer = self._services.smartaccounts.read(
                    ENTRIES,
                    dateType="modifydate",
                    dateFrom=change_query_text(since - OVERLAP),
                    fetchRows="true",
                    pageNumber=str(page),
                )
                with self._connection.begin():
                    rows = [EntryRow.from_wire(row) for row in answer.rows]
                    store_entries(self._connection, self._company, _of_documents(rows), self._services.clock())
                if not answer.has_more:
                    return None
                page += 1
        except (TransientError, PutOff, BillingStopped) as trouble:
            log.warning("The ledger was not read to its end: %s", trouble)
        except (ConfigurationError, RequestRefused) as refusal:
            self._is_refused = True
            log.warning("SmartAccounts does not let the ledger be read: %s", refusal)
        return page

    def _compare(self, booked: Sequence[Booked], chart: Chart, result: Checked, *, is_whole: bool) -> None:
        company, flow, base = self._company, self._request.flow, self._request.company.base_currency
        wanted = [(item, expected_of(flow, item, chart, base)) for item in booked]
        entries: dict[str, list[Entry]] = {}
        for doc_type in {expected.doc_type for _, expected in wanted}:
            days = {expected.day for _, expected in wanted if expected.doc_type == doc_type}
            entries[doc_type] = free_entries(self._connection, company, doc_type, days)
        pairs = self._pairs(wanted, entries)
        for item, expected in wanted:
            entry = pairs.get(item.remote_id)
            if entry is None and expected.is_nothing:
                note_checked(self._connection, self._request, item.remote_id, "equal")
            elif entry is None:
                if is_whole or self._services.clock() - item.planned_at > _LONGEST:
                    note_checked(self._connection, self._request, item.remote_id, "not_found")
                    result.different.append(Posting(item, None))
                else:
                    result.left.append(item.source_id)
            if entry is None:
                continue
            found = tuple(differences(expected, entry))
            verdict = "differs" if found else "equal"
            note_checked(self._connection, self._request, item.remote_id, verdict, entry.entry_id)
            (result.different if found else result.equal).append(Posting(item, found))

    def _pairs(self, wanted: Sequence[tuple[Booked, Expected]], entries: Mapping[str, list[Entry]]) -> dict[str, Entry]:
        """Entries by the remote id of their document."""
        state = known_state(self._connection, self._company, LINK)
        before = int(state.evidence["documents"]) if state is not None else 0
        known = [state.reading] if state is not None else []
        for name in (*known, *(name for name in _LINKS if name not in known)):
            pairs = _paired(wanted, entries, *_LINKS[name])
            is_known = name in known
            if pairs and ((is_known and before >= _ENOUGH) or _is_proof(wanted, pairs)):
                evidence = {"documents": len(pairs) + (before if is_known else 0)}
                note_state(self._connection, self._company, LINK, AssumptionState(name, evidence))
                return pairs | _by_amounts(wanted, entries, pairs)
        return _by_amounts(wanted, entries, {})


def _of_documents(rows: Iterable[EntryRow]) -> list[EntryRow]:
    """Entries of documents and payments: of wages and the like nothing is kept."""
    kept = ("CLIENT_INVOICE", "VENDOR_INVOICE", "BANK_PAYMENT", "CASH_PAYMENT")
    return [row for row in rows if row.doc_type in kept]


def _chart(connection: Connection, company: str) -> Chart:
    codes = [VatPcRow.from_wire(payload) for payload in setting_rows(connection, company, VAT_CODES)]
    vat = {
        row.vat_pc: frozenset(filter(None, (text(row.raw.get("accountSales")), text(row.raw.get("accountPurchase")))))
        for row in codes
    }
    halved = frozenset(row.vat_pc for row in codes if "50%" in f"{row.vat_pc} {row.description}")
    money = {key: text(row.raw.get("account")) for key, row in money_accounts(connection, company).items()}
    return Chart(vat, halved, money)


def _paired(
    wanted: Sequence[tuple[Booked, Expected]], entries: Mapping[str, list[Entry]], key: _Key, entry_key: _EntryKey
) -> dict[str, Entry]:
    """The entries that name their document in one way, where each names one only."""
    found: dict[str, Entry] = {}
    for doc_type, those in entries.items():
        by_key: dict[tuple[str, object], list[Entry]] = {}
        for entry in those:
            by_key.setdefault((entry_key(entry), entry.day), []).append(entry)
        for item, expected in wanted:
            if expected.doc_type != doc_type or not (name := key(item, expected)):
                continue
            mine = by_key.get((name, expected.day), [])
            if len(mine) == 1:
                found[item.remote_id] = mine[0]
    return found if len({entry.entry_id for entry in found.values()}) == len(found) else {}


def _is_proof(wanted: Sequence[tuple[Booked, Expected]], pairs: Mapping[str, Entry]) -> bool:
    """Whether a way of naming is right: more than half of what it pairs is equal, and of a single one all but a rate or
    side: another document's amounts would be others altogether."""
    told = [differences(expected, pairs[item.remote_id]) for item, expected in wanted if item.remote_id in pairs]
    understood = [found for found in told if all(each.cause for each in found)]
    return 2 * len(understood) > len(told)


def _by_amounts(
    wanted: Sequence[tuple[Booked, Expected]], entries: Mapping[str, list[Entry]], paired: Mapping[str, Entry]
) -> dict[str, Entry]:
    """Entries of the day that hold all that is expected, each for one of the documents that are not paired."""
    found: dict[str, Entry] = {}
    taken = {entry.entry_id for entry in paired.values()}
    for item, expected in wanted:
        if item.remote_id in paired:
            continue
        for entry in entries.get(expected.doc_type, ()):
            if entry.entry_id not in taken and entry.day == expected.day and not differences(expected, entry):
                found[item.remote_id] = entry
                taken.add(entry.entry_id)
                break
    return found
