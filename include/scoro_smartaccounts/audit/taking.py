"""What a list showed → what is known of the books, and the differences that come of it. Within the caller's
transaction; whatever is repeated ends the same."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from scoro_smartaccounts.audit.content import record_of, wages_of
from scoro_smartaccounts.audit.judging import (
    as_booked,
    changes_of,
    drift_of,
    entry_drift,
    gone_of,
    holds_accounts_of,
    holds_sum_of,
    is_of_stock,
    moved_between,
    moves_entry,
    name_of,
    tells_sum,
)
from scoro_smartaccounts.audit.unseen import unseen_columns, unseen_document, unseen_payment
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.mirror.changes import OVERLAP
from scoro_smartaccounts.smartaccounts.wire import readable
from scoro_smartaccounts.staging.audit_books import (
    DOCUMENT_LISTS,
    WAGES,
    BooksList,
    Content,
    Known,
    Record,
    equal_unlinked,
    fingerprint_of,
    hold_for_right,
    known_records,
    link_entries,
    note_deleted,
    note_followed,
    store_records,
)
from scoro_smartaccounts.staging.audit_ledger import entries_of, followed_documents, posted_contents, wage_days
from scoro_smartaccounts.staging.documents import load_documents
from scoro_smartaccounts.staging.drifts import Found, close_drifts, note_drift
from scoro_smartaccounts.staging.ledger import forget_posted
from scoro_smartaccounts.staging.links import KIND_OF, BookedDocument, booked_records, note_gone_documents
from scoro_smartaccounts.staging.mirror_payments import mirrored_payments
from scoro_smartaccounts.staging.mirror_registers import article_records

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date, datetime
    from decimal import Decimal

    from sqlalchemy import Connection

    from scoro_smartaccounts.staging.audit_ledger import Followed

log = logging.getLogger(__name__)

_STOCK = "WH"


@dataclass
class Taken:
    """What came of records that were taken: how many were new or had changed, and days whose wages must be read again.
    `unreadable`: how many could not be read; `unsaid`: had changed without being told as changed. `unknown_gone`: ids
    of what was deleted and never known; `old_accounts`: of entries from before the first day; `moves`: what entries
    that are new, changed or gone move on each account."""

    new: int = 0
    changed: int = 0
    gone: int = 0
    drifts: int = 0
    unreadable: int = 0
    unsaid: int = 0
    wage_days: set[date] = field(default_factory=set)
    unknown_gone: list[str] = field(default_factory=list)
    old_accounts: set[str] = field(default_factory=set)
    moves: list[dict[str, Decimal]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Taker:
    """Takes records into what is known, at a moment. `first_day`: what was booked before it is not known as a whole."""

    connection: Connection
    company: str
    site: str
    at: datetime
    first_day: date

    def take(self, of: BooksList, rows: Iterable[Mapping[str, Any]], evidence: str) -> Taken:
        """Take rows of a list as they are shown."""
        found, unread = readable(rows, lambda row: record_of(of, row, self.site))
        result = Taken(unreadable=len(unread))
        if not found:
            return result
        known = known_records(self.connection, self.company, of, [record.id for record in found])
        for record in found:
            old = known.get(record.id)
            result.new += old is None
            if old is not None and fingerprint_of(old.content) != fingerprint_of(record.content):
                result.changed += 1
                told_at = record.columns.get("updated_at")
                result.unsaid += told_at is not None and told_at < old.seen_at - OVERLAP
        store_records(self.connection, self.company, of, found, self.at)
        if of is BooksList.ENTRIES:
            self._judge_entries(found, known, result, evidence)
        else:
            self._judge(of, found, known, result, evidence)
        return result

    def take_wages(self, day: date, rows: Iterable[Mapping[str, Any]]) -> dict[str, Decimal]:
        """Take what all entries of wages of a day move, in one; by how much that is other than before."""
        record = wages_of(day, [row for row in rows if row.get("docType") == WAGES])
        known = known_records(self.connection, self.company, BooksList.ENTRIES, [record.id]).get(record.id)
        store_records(self.connection, self.company, BooksList.ENTRIES, [record], self.at)
        return moved_between({} if known is None else known.content, record.content)

    def gone(self, of: BooksList, ids: Iterable[str], evidence: str) -> Taken:
        """Take records as deleted there."""
        wanted = list(ids)
        if not wanted:
            return Taken()
        known = known_records(self.connection, self.company, of, wanted)
        there = {key: item for key, item in known.items() if not item.is_deleted}
        result = Taken(gone=len(there), unknown_gone=[key for key in wanted if key not in known])
        if of is BooksList.ENTRIES:
            self._entries_gone(there, result)
            self._keep_graves(result.unknown_gone)
            return result
        note_deleted(self.connection, self.company, of, there, self.at)
        entries = entries_of(self.connection, self.company, of, there)
        vanished = known_records(self.connection, self.company, BooksList.ENTRIES, entries.values())
        result.moves += [moved_between(item.content, {}) for item in vanished.values()]
        note_deleted(self.connection, self.company, BooksList.ENTRIES, entries.values(), self.at)
        self._close(BooksList.ENTRIES, entries.values())
        booked = self._booked(of, there)
        if of in DOCUMENT_LISTS:
            note_gone_documents(self.connection, self.company, KIND_OF[Flow(of.value)], there, at=self.at)
        for record_id, item in there.items():
            if record_id in booked:
                result.drifts += self.note_gone(of, record_id, booked[record_id], item.basis or item.content, evidence)
        return result

    def undone(self, of: BooksList, record_id: str, row: Mapping[str, Any] | None) -> None:
        """Take a record that the pipeline deleted itself: nothing of it is told. `row`: as it was shown last."""
        if row is not None:
            store_records(self.connection, self.company, of, [record_of(of, row, self.site)], self.at)
        note_deleted(self.connection, self.company, of, [record_id], self.at)
        entries = [*entries_of(self.connection, self.company, of, [record_id]).values()]
        note_deleted(self.connection, self.company, BooksList.ENTRIES, entries, self.at)
        self._close(of, [record_id])
        self._close(BooksList.ENTRIES, entries)

    def never_seen(self, of: BooksList, record_id: str, evidence: str) -> None:
        """Take a record that stands for one of Scoro and that nobody has ever seen here as deleted there: what is known
        of it is what it was booked with."""
        booked = self._booked(of, [record_id]).get(record_id)
        if booked is None:
            return
        if of in DOCUMENT_LISTS:
            content = unseen_document(booked)
        else:
            content = unseen_payment(mirrored_payments(self.connection, self.company, [record_id]).get(record_id))
        record = Record(of, record_id, unseen_columns(of, content, self.first_day), content)
        store_records(self.connection, self.company, of, [record], self.at)
        self.gone(of, [record_id], evidence)

    def note_gone(self, of: BooksList, record_id: str, booked: BookedDocument, basis: Content, evidence: str) -> bool:
        """Note that a record that stands for one of Scoro is gone; False where that one is gone too."""
        if of in DOCUMENT_LISTS:
            flow = Flow(of.value)
            document = load_documents(self.connection, self.company, flow, [booked.source_id]).get(booked.source_id)
            if document is not None and document.is_deleted:
                self._close(of, [record_id], state="gone_both")
                return False
        new = equal_unlinked(self.connection, self.company, of, basis) if of in DOCUMENT_LISTS else None
        found = gone_of(of, record_id, booked, basis, evidence, new or "")
        self._note(found)
        self._close(of, [record_id], but=found.kind)
        hold_for_right(self.connection, self.company, of, {record_id: basis})
        return True

    def settle_entry(self, entry_id: str, *, is_there: bool) -> None:
        """Let what an entry shows be right, since its document changed, or is gone; or tell that somebody edited it. An
        entry that was seen first while its document was another one for a moment follows it as well."""
        known = known_records(self.connection, self.company, BooksList.ENTRIES, [entry_id])[entry_id]
        document = followed_documents(self.connection, self.company, [entry_id]).get(entry_id)
        if (
            not is_there
            or document is None
            or known.basis is None
            or self._follows(document, known.basis, known.content)
            or self._fits_now_only(entry_id, known)
        ):
            hold_for_right(self.connection, self.company, BooksList.ENTRIES, {entry_id: None})
            forget_posted(self.connection, self.company, entry_id)
            self._close(BooksList.ENTRIES, [entry_id])
        else:
            shown: Content = {} if known.is_deleted else known.content
            self._note_entry(entry_id, known.basis, shown, "shown_as_changed", is_suspected=False)
        note_followed(self.connection, self.company, [entry_id])

    def _judge(
        self, of: BooksList, found: list[Record], known: Mapping[str, Known], result: Taken, evidence: str
    ) -> None:
        booked = self._booked(of, [record.id for record in found])
        for record in found:
            old, link = known.get(record.id), booked.get(record.id)
            if link is None:
                continue
            basis = self._basis(of, record, old, link)
            changes = changes_of(of, basis, record.content)
            for change in changes:
                self._note(drift_of(of, record.id, link, basis, record.content, change, evidence))
            if changes or (old is not None and (old.basis is not None or old.is_deleted)):
                self._close(of, [record.id], but=[change.kind for change in changes])
                hold_for_right(self.connection, self.company, of, {record.id: basis if changes else None})
            result.drifts += len(changes)

    def _basis(self, of: BooksList, record: Record, old: Known | None, link: BookedDocument) -> Content:
        if old is not None:
            return old.basis or old.content
        return as_booked(link.booking, record.content) if of in DOCUMENT_LISTS else record.content

    def _judge_entries(self, found: list[Record], known: Mapping[str, Known], result: Taken, evidence: str) -> None:
        ids = [record.id for record in found]
        followed_before = followed_documents(self.connection, self.company, ids)
        link_entries(self.connection, self.company)
        followed = followed_documents(self.connection, self.company, ids)
        posted = self._posted(found, followed)
        settled = []
        for record in found:
            old = known.get(record.id)
            day = record.columns["day"]
            if record.columns["doc_type"] == WAGES:
                # An entry that moved leaves its day as well.
                result.wage_days |= {day, *([] if old is None else [old.day])}
            if day < self.first_day and (old is None or old.content != record.content):
                result.old_accounts |= {*record.content.get("accounts", {})}
            shown_before: Content = {} if old is None or old.is_deleted else old.content
            if moved := moved_between(shown_before, record.content):
                result.moves.append(moved)
            document = followed.get(record.id)
            # What was seen before its document was known may have been of a moment.
            is_first = old is None or record.id not in followed_before
            held = record.content if old is None or is_first else old.basis or old.content
            basis = posted.get(record.id, held)
            is_same = not changes_of(BooksList.ENTRIES, basis, record.content)
            if is_same or document is None or self._follows(document, basis, record.content):
                settled.append(record.id)
                if not is_same:
                    forget_posted(self.connection, self.company, record.id)
                if old is not None and (old.basis is not None or old.is_deleted):
                    hold_for_right(self.connection, self.company, BooksList.ENTRIES, {record.id: None})
                    self._close(BooksList.ENTRIES, [record.id])
                continue
            if self._note_entry(record.id, basis, record.content, evidence, is_suspected=True):
                hold_for_right(self.connection, self.company, BooksList.ENTRIES, {record.id: basis})
                result.drifts += 1
            if is_first:
                # Whether its document changes is told from now on.
                settled.append(record.id)
        note_followed(self.connection, self.company, settled)

    def _posted(self, entries: list[Record], followed: Mapping[str, Followed]) -> dict[str, Content]:
        """Return what entries held when the runs that booked their documents looked at them. Those of documents that
        are others by now follow these."""
        posted = posted_contents(self.connection, self.company, [record.id for record in entries])
        seen = [each for each in entries if each.id in posted and each.id in followed]
        found: dict[str, Content] = {}
        for of in BooksList:
            mine = [each for each in seen if followed[each.id].of is of]
            ids = [followed[each.id].document_id for each in mine]
            documents = known_records(self.connection, self.company, of, ids)
            booked = self._booked(of, ids) if of in DOCUMENT_LISTS else {}
            for entry, document in zip(mine, [documents[key] for key in ids], strict=True):
                link, content = booked.get(document.id), document.content
                is_another = link is not None and moves_entry(of, as_booked(link.booking, content), content)
                is_saved = followed[entry.id].is_saved_again and holds_accounts_of(document.content, entry.content)
                if not (is_another or is_saved):
                    found[entry.id] = posted[entry.id]
        return found

    def _entries_gone(self, there: Mapping[str, Known], result: Taken) -> None:
        result.wage_days |= wage_days(self.connection, self.company, there)
        note_deleted(self.connection, self.company, BooksList.ENTRIES, there, self.at)
        for entry_id, item in there.items():
            result.moves.append(moved_between(item.content, {}))
            basis = item.basis or item.content
            if self._note_entry(entry_id, basis, {}, "shown_as_deleted", is_suspected=True):
                hold_for_right(self.connection, self.company, BooksList.ENTRIES, {entry_id: basis})
                result.drifts += 1

    def _keep_graves(self, ids: Iterable[str]) -> None:
        """Keep the ids of entries that were deleted before anybody saw them: lists of what was deleted reach back."""
        columns = {"doc_type": "", "day": self.first_day}
        graves = [Record(BooksList.ENTRIES, each, columns, {}) for each in ids]
        store_records(self.connection, self.company, BooksList.ENTRIES, graves, self.at)
        note_deleted(self.connection, self.company, BooksList.ENTRIES, ids, self.at)

    def _note_entry(self, entry_id: str, basis: Content, shown: Content, evidence: str, *, is_suspected: bool) -> bool:
        """Note that an entry differs; False where it stands for no document of Scoro that is there."""
        document = followed_documents(self.connection, self.company, [entry_id]).get(entry_id)
        if document is None:
            return False
        booked = self._booked(document.of, [document.document_id]).get(document.document_id)
        item = known_records(self.connection, self.company, document.of, [document.document_id])[document.document_id]
        if booked is None or item.is_deleted:
            return False
        self._note(
            entry_drift(
                entry_id,
                name_of(document.of, item.content, booked),
                basis,
                shown,
                is_stock=is_of_stock(item.content, basis, shown, self._stock_codes(item.content)),
                evidence=evidence,
                is_suspected=is_suspected,
            )
        )
        return True

    def _follows(self, document: Followed, basis: Content, shown: Content) -> bool:
        """Whether what an entry shows may come of its document, which changed: where the one came to the other's sum,
        it still does."""
        if not document.is_changed:
            return False
        known = known_records(self.connection, self.company, document.of, [document.document_id])[document.document_id]
        if not tells_sum(known.content) or holds_sum_of(known.content, shown):
            return True
        return not holds_sum_of(known.basis or known.content, basis)

    def _fits_now_only(self, entry_id: str, known: Known) -> bool:
        document = followed_documents(self.connection, self.company, [entry_id]).get(entry_id)
        if document is None or known.is_deleted or known.basis is None:
            return False
        item = known_records(self.connection, self.company, document.of, [document.document_id])[document.document_id]
        if known.content.get("accounts") == known.basis.get("accounts"):
            day = item.content.get("entry_day") or item.content.get("day")
            return known.content.get("day") == day != known.basis.get("day")
        return holds_sum_of(item.content, known.content) and not holds_sum_of(item.content, known.basis)

    def _stock_codes(self, content: Content) -> frozenset[str]:
        articles = article_records(self.connection, self.company)
        return frozenset(
            code for code in content.get("articles", {}) if (one := articles.get(code)) and one.type == _STOCK
        )

    def _booked(self, of: BooksList, ids: Iterable[str]) -> dict[str, BookedDocument]:
        """Return what stands for something of Scoro. An answer from before the pipeline deleted a record itself may
        still show it."""
        booked = booked_records(self.connection, self.company, KIND_OF[Flow(of.value)], ids)
        return {key: each for key, each in booked.items() if each.undone_at is None}

    def _note(self, found: Found) -> None:
        note_drift(self.connection, self.company, found, self.at)

    def _close(
        self, of: BooksList, ids: Iterable[str], *, but: Iterable[str] | str = (), state: str = "mended"
    ) -> None:
        kinds = [but] if isinstance(but, str) else list(but)
        close_drifts(
            self.connection, self.company, "books", self.at, flow=of.value, remote_ids=ids, but=kinds, state=state
        )
