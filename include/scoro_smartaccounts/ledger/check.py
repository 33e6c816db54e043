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

from scoro_smartaccounts.culprits import fault_of, is_of_records
from scoro_smartaccounts.documents import Flow
from scoro_smartaccounts.errors import BillingStopped, ConfigurationError, PutOff, RequestRefused, TransientError
from scoro_smartaccounts.ledger.expected import (
    Chart,
    Difference,
    Expected,
    debt_account_of,
    differences,
    expected_of,
)
from scoro_smartaccounts.reconcile.registers import (
    BANK_ACCOUNTS,
    CASH_ACCOUNTS,
    OVERLAP,
    VAT_CODES,
    change_query_text,
    money_accounts,
    sync_settings,
    vat_codes,
)
from scoro_smartaccounts.run import RunRequest, Services
from scoro_smartaccounts.smartaccounts.wire import EntryRow, readable, text
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
# How entries name their documents, how far a reading is, and on which accounts debts stand.
LINK, READING, DEBTS = "entry_link", "ledger_reading", "debt_accounts"
# After so many documents a way of naming them is trusted, whatever the amounts are.
_ENOUGH = 20
# What was not found so long after it was booked is looked for by its day.
_LATE = timedelta(days=1)
# So many documents tell whether a way of naming them is right.
_SAMPLE = 40

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
    expected: Expected
    differences: tuple[Difference, ...] | None


@dataclass
class Checked:
    """What came of a check. `uncompared`: nothing that SmartAccounts' settings tell can be held against their entries;
    `left`: documents whose entries are still to be read, by their source ids. `by_sums`: how many were found by their
    sums alone. `is_refused`: SmartAccounts does not let the ledger be read."""

    equal: list[Posting] = field(default_factory=list)
    different: list[Posting] = field(default_factory=list)
    uncompared: list[Posting] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    by_sums: int = 0
    is_refused: bool = False


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A document that is to be compared, and what its entry must hold."""

    booked: Booked
    expected: Expected


class LedgerCheck:
    """The check of one run: it asks for at most `MOST_REQUESTS` pages of the ledger, however often it is called. `note`
    hears what came of each comparison, within the transaction that stores it."""

    def __init__(
        self, connection: Connection, request: RunRequest, services: Services, note: Callable[[Checked], None]
    ) -> None:
        self._connection = connection
        self._request = request
        self._services = services
        self._company = request.company.key
        self._note = note
        self._requests = 0
        self._is_refused = False
        self._has_unread = False

    def run(self, only: Collection[str] | None = None, *, by_day: bool = False) -> Checked:
        """Hold what was booked and not checked yet against the ledger: all of it, or those of these source ids. Reads
        nothing where there is nothing. `by_day`: by the days of their entries, where they were booked long ago."""
        result = Checked(is_refused=self._is_refused)
        booked = self._booked(only)
        if not booked or self._is_refused:
            return result
        if not self._knows_accounts():
            result.left = [item.source_id for item in booked]
            result.is_refused = self._is_refused
            return result
        wanted = self._wanted(booked)
        if not wanted:
            return result
        if by_day:
            is_whole = self._read_days(wanted)
        elif only is not None:
            is_whole = self._read_new(_booked_since(wanted))
        else:
            is_whole = self._read_on(_booked_since(wanted))
        self._compare(wanted, result, is_whole=is_whole)
        if only is None and result.left and self._requests < MOST_REQUESTS and not self._is_refused:
            # What a long reading missed, because its pages moved meanwhile, is looked for by its day.
            oldest = [item for item in wanted if item.booked.source_id in result.left][:1]
            day = oldest[0].expected.day
            same_day = [item for item in wanted if item.expected.day == day and item.booked.source_id in result.left]
            if self._services.clock() - oldest[0].booked.planned_at > _LATE:
                result.left = [each for each in result.left if each not in {x.booked.source_id for x in same_day}]
                self._compare(same_day, result, is_whole=self._read_days(same_day))
        result.is_refused = self._is_refused
        return result

    def _booked(self, only: Collection[str] | None) -> list[Booked]:
        with self._connection.begin():
            booked = booked_unchecked(self._connection, self._company, self._request.flow)
        return [item for item in booked if only is None or item.source_id in only]

    def _wanted(self, booked: Sequence[Booked]) -> list[_Wanted]:
        flow, base = self._request.flow, self._request.company.base_currency
        with self._connection.begin():
            chart = _chart(self._connection, self._company)
        wanted = []
        for item in booked:
            try:
                wanted.append(_Wanted(item, expected_of(flow, item, chart, base)))
            except Exception as problem:
                if not is_of_records(problem):
                    raise
                log.warning(
                    "%s cannot be held against the ledger (%s); tell the developers.", item.number, fault_of(problem)
                )
        return wanted

    def _knows_accounts(self) -> bool:
        """Read the settings that name accounts, once a day; False where SmartAccounts does not show them."""
        is_payment = self._request.flow is Flow.PAYMENTS
        try:
            sync_settings(self._services, self._company, (VAT_CODES, *((BANK_ACCOUNTS, CASH_ACCOUNTS) * is_payment)))
        except (TransientError, PutOff, BillingStopped, ConfigurationError, RequestRefused) as trouble:
            # What was booked is booked: the load does not fail because of it.
            log.warning("The ledger was not read, because the settings that name its accounts were not: %s", trouble)
            return False
        return True

    def _read_new(self, since: datetime) -> bool:
        """Read the entries made since a moment; whether all of them were."""
        return self._read(_made_since(since), first_page=1) is None and not self._is_refused

    def _read_days(self, wanted: Sequence[_Wanted]) -> bool:
        """Read the entries of the days of these documents; whether all of them were. A day more at the end: no source
        tells whether the last one counts."""
        days = [item.expected.day for item in wanted]
        first, last = min(days), max(days) + timedelta(days=1)
        asked = {"dateType": "date", "dateFrom": f"{first:%d.%m.%Y}", "dateTo": f"{last:%d.%m.%Y}"}
        types = {item.expected.doc_type for item in wanted}
        if len(types) == 1:
            asked["docType"] = types.pop()
        return self._read(asked, first_page=1) is None and not self._is_refused

    def _read_on(self, since: datetime) -> bool:
        """The same as `_read_new`, or go on where an earlier run had to stop: pages may have moved since then, so that
        what it did not see it may have missed."""
        key = f"{READING}/{self._request.flow.value}"
        with self._connection.begin():
            before = known_state(self._connection, self._company, key)
        page = int(before.evidence["next_page"]) if before is not None else 1
        begun = datetime.fromisoformat(before.reading) if before is not None and page > 1 else since
        following = self._read(_made_since(begun), first_page=page)
        with self._connection.begin():
            state = AssumptionState(begun.isoformat(), {"next_page": following or 1})
            note_state(self._connection, self._company, key, state)
        return following is None and page == 1 and not self._is_refused

    def _read(self, asked: Mapping[str, str], *, first_page: int) -> int | None:
        """Read pages of entries; the next page to read, None where there is none."""
        page = first_page
        try:
            while self._requests < MOST_REQUESTS:
                self._requests += 1
                answer = self._services.smartaccounts.read(ENTRIES, **asked, fetchRows="true", pageNumber=str(page))
                with self._connection.begin():
                    rows, unread = readable(answer.rows, EntryRow.from_wire)
                    entries = _of_documents(rows)
                    refused = store_entries(self._connection, self._company, entries, self._services.clock())
                    # What cannot be read may be the entry of any document: none counts as missing.
                    self._has_unread |= bool(unread or refused)
                if not answer.has_more:
                    return None
                page += 1
        except (TransientError, PutOff, BillingStopped) as trouble:
            log.warning("The ledger was not read to its end: %s", trouble)
        except ConfigurationError as refusal:
            self._is_refused = True
            log.warning("SmartAccounts does not let the ledger be read: %s", refusal)
        except RequestRefused as refusal:
            # No matter of rights: nothing is let go because of it.
            log.warning("SmartAccounts refused the question about its ledger: %s", refusal)
        return page

    def _compare(self, wanted: Sequence[_Wanted], result: Checked, *, is_whole: bool) -> None:
        """Hold documents against the entries that were read, store the verdicts, and tell what came of it."""
        found = Checked()
        with self._connection.begin():
            transaction_lock(self._connection, self._company, "ledger_check")
            # What another run compared meanwhile is done; what was booked meanwhile may not have been read.
            unchecked = {
                (item.source_id, item.part)
                for item in booked_unchecked(self._connection, self._company, self._request.flow)
            }
            wanted = [item for item in wanted if (item.booked.source_id, item.booked.part) in unchecked]
            self._judge(wanted, found, is_whole=is_whole)
            self._note(found)
        result.left += found.left
        result.by_sums += found.by_sums

    def _judge(self, wanted: Sequence[_Wanted], found: Checked, *, is_whole: bool) -> None:
        entries: dict[str, list[Entry]] = {}
        for doc_type in {item.expected.doc_type for item in wanted}:
            days = {item.expected.day for item in wanted if item.expected.doc_type == doc_type}
            entries[doc_type] = free_entries(self._connection, self._company, doc_type, days)
        linked, by_sums = self._pairs(wanted, entries)
        for item in wanted:
            remote_id = item.booked.remote_id
            entry = linked.get(remote_id) or by_sums.get(remote_id)
            if not item.expected.is_comparable:
                verdict = "equal" if item.expected.is_nothing else "not_compared"
                self._store(item, verdict, entry)
                if verdict == "not_compared":
                    found.uncompared.append(Posting(item.booked, item.expected, ()))
            elif entry is not None:
                told = tuple(differences(item.expected, entry))
                self._store(item, "differs" if told else "equal", entry)
                (found.different if told else found.equal).append(Posting(item.booked, item.expected, told))
                found.by_sums += remote_id in by_sums
                if not told:
                    self._learn_debts(item.expected, entry)
            elif is_whole and not self._has_unread:
                self._store(item, "not_found", None)
                nearest = self._nearest(item, entries[item.expected.doc_type])
                found.different.append(Posting(item.booked, item.expected, nearest))
            else:
                found.left.append(item.booked.source_id)

    def _store(self, item: _Wanted, verdict: str, entry: Entry | None) -> None:
        entry_id = "" if entry is None else entry.entry_id
        note_checked(self._connection, self._request, item.booked.remote_id, verdict, entry_id)

    def _nearest(self, item: _Wanted, entries: Sequence[Entry]) -> tuple[Difference, ...] | None:
        """Where the only entry of the day and currency that nothing else has differs; None where there are several."""
        same = [
            entry for entry in entries if entry.day == item.expected.day and entry.currency == item.expected.currency
        ]
        return tuple(differences(item.expected, same[0])) if len(same) == 1 else None

    def _learn_debts(self, expected: Expected, entry: Entry) -> None:
        account = debt_account_of(expected, entry)
        if account is None or account in expected.debts:
            return
        key = f"{DEBTS}/{expected.doc_type}"
        known = known_state(self._connection, self._company, key)
        accounts = sorted({account, *(known.evidence["accounts"] if known is not None else ())})
        note_state(self._connection, self._company, key, AssumptionState("seen", {"accounts": accounts}))

    def _pairs(
        self, wanted: Sequence[_Wanted], entries: Mapping[str, list[Entry]]
    ) -> tuple[dict[str, Entry], dict[str, Entry]]:
        """Entries by the remote id of their document: those that name it, and those that are found by their sums."""
        state = known_state(self._connection, self._company, LINK)
        before = int(state.evidence["documents"]) if state is not None else 0
        known = [state.reading] if state is not None else []
        for name in (*known, *(name for name in _LINKS if name not in known)):
            pairs = _paired(wanted, entries, *_LINKS[name])
            seen = before if name in known else 0
            evidence = _evidence(wanted, pairs, entries)
            if pairs and evidence.speaks_for_it(is_trusted=seen >= _ENOUGH):
                if evidence.agreeing:
                    note = AssumptionState(name, {"documents": seen + evidence.agreeing})
                    note_state(self._connection, self._company, LINK, note)
                return pairs, _by_amounts(wanted, entries, pairs)
        return {}, _by_amounts(wanted, entries, {})


@dataclass(frozen=True, slots=True)
class _Evidence:
    """What speaks for a way of naming documents. `agreeing`: documents whose amounts only one entry of their day has,
    and it is the one that is named; `against`: it is another one. `explained`: all differences mean something;
    `mostly_equal`: most of what is named has the amounts, others may have them too."""

    agreeing: int
    against: int
    explained: bool
    mostly_equal: bool

    def speaks_for_it(self, *, is_trusted: bool) -> bool:
        if self.against:
            return self.agreeing > self.against
        return bool(self.agreeing or self.explained or self.mostly_equal or is_trusted)


def _evidence(wanted: Sequence[_Wanted], pairs: Mapping[str, Entry], entries: Mapping[str, list[Entry]]) -> _Evidence:
    """Equal sums of a day prove nothing: a way that names a neighbour would look right."""
    agreeing = against = equal = 0
    explained: list[bool] = []
    for item in [item for item in wanted if item.booked.remote_id in pairs][:_SAMPLE]:
        pair = pairs[item.booked.remote_id]
        same_day = [entry for entry in entries[item.expected.doc_type] if entry.day == item.expected.day]
        fits = [entry for entry in same_day if item.expected.is_comparable and not differences(item.expected, entry)]
        agreeing += fits == [pair]
        against += len(fits) == 1 and fits != [pair]
        if told := differences(item.expected, pair):
            explained.append(all(each.cause for each in told))
        else:
            equal += 1
    return _Evidence(agreeing, against, bool(explained) and all(explained), equal > len(explained))


def _booked_since(wanted: Sequence[_Wanted]) -> datetime:
    return min(item.booked.planned_at for item in wanted)


def _made_since(moment: datetime) -> dict[str, str]:
    return {"dateType": "modifydate", "dateFrom": change_query_text(moment - OVERLAP)}


def _of_documents(rows: Iterable[EntryRow]) -> list[EntryRow]:
    """Entries of documents and payments: of wages and the like nothing is kept."""
    kept = ("CLIENT_INVOICE", "VENDOR_INVOICE", "BANK_PAYMENT", "CASH_PAYMENT")
    return [row for row in rows if row.doc_type in kept]


def _chart(connection: Connection, company: str) -> Chart:
    codes = vat_codes(connection, company)
    vat = {row.vat_pc: (text(row.raw.get("accountSales")), text(row.raw.get("accountPurchase"))) for row in codes}
    halved = frozenset(row.vat_pc for row in codes if "50%" in f"{row.vat_pc} {row.description}")
    money = {key: text(row.raw.get("account")) for key, row in money_accounts(connection, company).items()}
    debts = {
        doc_type: frozenset(map(str, known.evidence["accounts"]))
        for doc_type in ("CLIENT_INVOICE", "VENDOR_INVOICE")
        if (known := known_state(connection, company, f"{DEBTS}/{doc_type}")) is not None
    }
    return Chart(vat, halved, money, debts)


def _paired(
    wanted: Sequence[_Wanted], entries: Mapping[str, list[Entry]], key: _Key, entry_key: _EntryKey
) -> dict[str, Entry]:
    """The entries that name their document in one way, where each names one only."""
    found: dict[str, Entry] = {}
    for doc_type, those in entries.items():
        by_key: dict[tuple[str, object], list[Entry]] = {}
        for entry in those:
            by_key.setdefault((entry_key(entry), entry.day), []).append(entry)
        for item in wanted:
            if item.expected.doc_type != doc_type or not (name := key(item.booked, item.expected)):
                continue
            mine = by_key.get((name, item.expected.day), [])
            if len(mine) == 1:
                found[item.booked.remote_id] = mine[0]
    return found if len({entry.entry_id for entry in found.values()}) == len(found) else {}


def _by_amounts(
    wanted: Sequence[_Wanted], entries: Mapping[str, list[Entry]], paired: Mapping[str, Entry]
) -> dict[str, Entry]:
    """Entries of the day that hold all that is expected, each for one of the documents that are not paired."""
    found: dict[str, Entry] = {}
    taken = {entry.entry_id for entry in paired.values()}
    for item in wanted:
        if item.booked.remote_id in paired or not item.expected.is_comparable:
            continue
        for entry in entries.get(item.expected.doc_type, ()):
            is_free = entry.entry_id not in taken and entry.day == item.expected.day
            if is_free and not differences(item.expected, entry):
                found[item.booked.remote_id] = entry
                taken.add(entry.entry_id)
                break
    return found
