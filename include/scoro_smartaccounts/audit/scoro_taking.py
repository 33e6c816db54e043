"""What a list of Scoro showed → what is known of it, and the differences that come of it. Within the caller's
transaction; whatever is repeated ends the same."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from scoro_smartaccounts.audit.scoro_content import UNREAD, Content, content_of, record_of
from scoro_smartaccounts.audit.scoro_judging import (
    Imported,
    appeared_of,
    changes_of,
    drift_of,
    gone_of,
)
from scoro_smartaccounts.common.periods import MonthState
from scoro_smartaccounts.scoro.modules import RECEIPTS, Module
from scoro_smartaccounts.scoro.values import moment
from scoro_smartaccounts.staging.changed_since_import import recorded_changes
from scoro_smartaccounts.staging.documents import known_documents
from scoro_smartaccounts.staging.drifts import close_drifts, note_drift, note_told_before, open_drifts
from scoro_smartaccounts.staging.links import KIND_OF, booked_documents, links_of
from scoro_smartaccounts.staging.raw_records import payloads
from scoro_smartaccounts.staging.source_listings import (
    ListedRecord,
    hold_listed_for_right,
    known_listed,
    note_unlisted,
    store_listed,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import date, datetime

    from sqlalchemy import Connection

    from scoro_smartaccounts.common.documents import Flow
    from scoro_smartaccounts.common.periods import Periods

# In what is held for right: the hash of the content that was imported. Another import makes another thing right.
_IMPORTED = "_imported"
_NOTHING: Content = {}


@dataclass
class Shown:
    """What came of rows: the ids of those that are there, that were not known, and that are gone; `drifts`: how many
    differences are open of them."""

    there: set[str] = field(default_factory=set)
    new: set[str] = field(default_factory=set)
    gone: set[str] = field(default_factory=set)
    drifts: int = 0


@dataclass(frozen=True, slots=True)
class SourceTaker:
    """Takes rows of a list into what is known of it, at a moment. `periods`: what is known of months then."""

    connection: Connection
    company: str
    module: Module
    flow: Flow
    at: datetime
    periods: Periods

    def take(self, rows: Iterable[Mapping[str, Any]], evidence: str) -> Shown:
        """Take rows as they are shown; deleted ones as gone."""
        found = {one.source_id: one for row in rows if (one := record_of(self.module, row)) is not None}
        known = known_listed(self.connection, self.company, self.module.name, found)
        there = {key: _with_lines(one, known.get(key)) for key, one in found.items() if not one.is_deleted}
        result = Shown(there=set(there), new={key for key in there if key not in known or known[key].is_deleted})
        store_listed(self.connection, self.company, self.module.name, there.values(), self.at)
        result.drifts += self._judge(there, known, evidence)
        gone = self.gone(found.keys() - there.keys(), "shown_as_deleted")
        result.gone, result.drifts = gone.gone, result.drifts + gone.drifts
        return result

    def gone(self, ids: Iterable[str], evidence: str) -> Shown:
        """Take records as gone from Scoro."""
        known = known_listed(self.connection, self.company, self.module.name, ids)
        there = {key: one for key, one in known.items() if not one.is_deleted}
        note_unlisted(self.connection, self.company, self.module.name, there, self.at)
        result = Shown(gone=set(there))
        imported = self.imported(there)
        versions = self._versions(imported)
        self._close(dict.fromkeys(there, ()))
        for key, one in there.items():
            link = imported.get(key)
            if link is None:
                continue
            basis = self._basis(link, one, _imported_content(self.module, link, versions.get(key, ())))
            note_drift(self.connection, self.company, gone_of(link, basis, evidence), self.at)
            self._note_told({key: ""})
            result.drifts += 1
        return result

    def never_listed(self, ids: Iterable[str], evidence: str) -> Shown:
        """Take imported records that no list ever showed as gone: what is known of them is what was imported."""
        imported = self.imported(ids)
        versions = self._versions(imported)
        records = []
        for key, link in imported.items():
            content = _imported_content(self.module, link, versions.get(key, ())) or _NOTHING
            records.append(ListedRecord(key, link.number, link.entry_day, "", content=content))
        store_listed(self.connection, self.company, self.module.name, records, self.at)
        return self.gone(imported, evidence)

    def appeared(self, ids: Iterable[str], evidence: str) -> int:
        """Tell of records that no list of changes showed, and that no run has read; how many."""
        known = known_listed(self.connection, self.company, self.module.name, ids)
        staged = known_documents(
            self.connection, self.company, self.flow, [self.module.document_id(key) for key in known]
        )
        told = 0
        for key, one in known.items():
            document_id = self.module.document_id(key)
            if document_id not in staged:
                note_drift(self.connection, self.company, appeared_of(self.flow, document_id, one, evidence), self.at)
                told += 1
        return told

    def judge_again(self, ids: Iterable[str]) -> int:
        """Hold what is known of records against what was imported of them."""
        known = known_listed(self.connection, self.company, self.module.name, ids)
        there = {key: one for key, one in known.items() if not one.is_deleted}
        return self._judge(there, known, "shown_as_changed")

    def imported(self, ids: Iterable[str]) -> dict[str, Imported]:
        """Return those of the records that stand in the books, by their ids; what is deleted there is not among
        them."""
        of = {self.module.document_id(key): key for key in ids}
        if self.module is RECEIPTS:
            return {
                link.source_id: Imported(self.flow, link.source_id, link.remote_id, link.content_hash)
                for link in reversed(links_of(self.connection, self.company, KIND_OF[self.flow], of))
                if link.gone_at is None
            }
        booked = booked_documents(self.connection, self.company, [(self.flow, document_id) for document_id in of])
        return {
            of[document_id]: Imported(
                self.flow,
                document_id,
                link.remote_id,
                link.content_hash,
                link.booking.number,
                link.booking.entry_day,
                self._is_closed(link.booking.entry_day),
            )
            for (_, document_id), link in booked.items()
            if link.gone_at is None
        }

    def _judge(self, there: Mapping[str, ListedRecord], known: Mapping[str, ListedRecord], evidence: str) -> int:
        """Note and close differences of records that are there; how many are open. What must be read in full is
        marked."""
        imported = self.imported(there)
        versions = self._versions(imported)
        bases: dict[str, Content | None] = {}
        told: dict[str, str] = {}
        left: dict[str, list[str]] = {}
        fuller = []
        for key, one in there.items():
            link = imported.get(key)
            if link is None:
                continue
            newest = _version_shown(one, versions.get(key, ()))
            if newest is not None:
                one = _with_lines_of(one, content_of(self.module, newest))
            first = _imported_content(self.module, link, versions.get(key, ()))
            basis = self._basis(link, known.get(key, one), first)
            if basis.get("lines") and not one.content.get("lines"):
                one = replace(one, content={**one.content, "lines": UNREAD})
            if one.content != there[key].content:
                fuller.append(one)
            changes = changes_of(self.flow, basis, one.content)
            for change in changes:
                note_drift(self.connection, self.company, drift_of(link, basis, one.content, change, evidence), self.at)
            if changes:
                bases[key] = {**basis, _IMPORTED: link.content_hash}
                if newest is not None:
                    told[key] = self.module.content_hash(newest)
            left[key] = [change.kind for change in changes]
        self._close(left)
        store_listed(self.connection, self.company, self.module.name, fuller, self.at)
        hold_listed_for_right(self.connection, self.company, self.module.name, bases)
        self._note_told(told)
        return sum(map(len, left.values()))

    def _basis(self, link: Imported, known: ListedRecord, first: Content | None) -> Content:
        """Return what is right of a record: what a person took for right since the import, or what was imported, as
        far as it is kept; else what was known of it first."""
        held = known.basis
        if held is not None and held.get(_IMPORTED, "") == link.content_hash:
            return {name: value for name, value in held.items() if name != _IMPORTED}
        return first or known.content

    def _versions(self, imported: Mapping[str, Imported]) -> dict[str, list[Any]]:
        ids = {link.source_id: key for key, link in imported.items()}
        found = payloads(self.connection, self.company, [self.module.name], ids)
        return {ids[source_id]: versions for source_id, versions in found.items()}

    def _is_closed(self, day: date | None) -> bool:
        return day is not None and self.periods.state(day) in (MonthState.FILED, MonthState.LOCKED)

    def _close(self, left: Mapping[str, Collection[str]]) -> None:
        """Close what is open of records, but for the kinds that are left of each."""
        drifts = open_drifts(self.connection, self.company) if left else []
        is_open = {each.source_id for each in drifts if (each.system, each.flow) == ("scoro", self.flow)}
        for key, kinds in left.items():
            document_id = self.module.document_id(key)
            if document_id in is_open:
                close_drifts(
                    self.connection,
                    self.company,
                    "scoro",
                    self.at,
                    flow=self.flow.value,
                    source_ids=[document_id],
                    but=[*kinds, "appeared_untold"],
                )

    def _note_told(self, contents: Mapping[str, str]) -> None:
        """Note what a run recorded already: it is the same case, and not told as new."""
        by_document = {self.module.document_id(key): content for key, content in contents.items()}
        recorded = recorded_changes(self.connection, self.company, self.flow, by_document)
        note_told_before(self.connection, self.company, "scoro", self.flow.value, recorded)


def _imported_content(module: Module, link: Imported, versions: Iterable[Mapping[str, Any]]) -> Content | None:
    """Return the content that was imported, where the version is still kept."""
    if not link.content_hash:
        return None
    same = (version for version in versions if module.content_hash(version) == link.content_hash)
    version = next(same, None)
    return None if version is None else content_of(module, version)


def _version_shown(one: ListedRecord, versions: Iterable[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """Return the version that a run read of a record, where it is the one that is shown."""
    newest = next(reversed([*versions]), None)
    is_shown = newest is not None and one.modified_at and moment(newest.get("modified_date")) == one.modified_at
    return newest if is_shown else None


def _with_lines(one: ListedRecord, known: ListedRecord | None) -> ListedRecord:
    """Return a plain row, which shows no lines, with those that are known of the same version."""
    if known is None or one.content.get("lines") or one.modified_at is None or known.modified_at != one.modified_at:
        return one
    return _with_lines_of(one, known.content)


def _with_lines_of(one: ListedRecord, content: Content) -> ListedRecord:
    if one.content.get("lines") not in ("", UNREAD) or not content.get("lines"):
        return one
    return replace(one, content={**one.content, "lines": content["lines"]})
