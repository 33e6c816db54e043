"""Documents of a flow: from Scoro into staging, with the partners and products that they name."""

from __future__ import annotations

import logging
from collections import Counter
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from scoro_smartaccounts.common.ahead import reading_ahead
from scoro_smartaccounts.common.chunks import CHUNK, MOST_WEIGHT, chunks
from scoro_smartaccounts.common.clock import tallinn_day
from scoro_smartaccounts.common.company import Mode
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.errors import ConfigurationError, RequestRefused
from scoro_smartaccounts.common.reasons.spoken import counted
from scoro_smartaccounts.common.run import Counts, RunKind, RunRequest
from scoro_smartaccounts.extract.changes import record_later_changes
from scoro_smartaccounts.extract.listing import ChangeListing, Lost, RangeListing, Search, midnight
from scoro_smartaccounts.extract.reading import Source, is_listed_only, read, read_listed, with_tags
from scoro_smartaccounts.extract.stage import (
    CONTACT_REGISTER,
    PRODUCT_REGISTER,
    stage_documents,
    stage_prepayments,
    stage_register,
)
from scoro_smartaccounts.scoro.modules import PREPAYMENTS, Module, module_of, modules_of
from scoro_smartaccounts.scoro.rows import Row, id_of, weight_of
from scoro_smartaccounts.staging import documents, named_records, watermarks
from scoro_smartaccounts.staging.locks import transaction_lock
from scoro_smartaccounts.staging.raw_records import count_kept
from scoro_smartaccounts.staging.runs import first_start, mark, open_run
from scoro_smartaccounts.staging.selection import (
    Chosen,
    Seen,
    before_first_import,
    choose,
    named,
    outside_range,
    store_batch,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from sqlalchemy import Connection, Engine

    from scoro_smartaccounts.services import Services

log = logging.getLogger(__name__)

# A sweep starts this much before the last one: Scoro's filter knows days only, and clocks and zones differ.
_OVERLAP = timedelta(days=2)
# One chunk is read while one is staged; one that is heavier than others stands for as many.
_AHEAD = 2.0
# Credited invoices are followed this far.
_CREDIT_STEPS = 2


def extract(request: RunRequest, services: Services) -> Counts:
    """Stage what concerns the run and choose its batch; the counts. May be killed anywhere and run again."""
    with services.engine.begin() as connection:
        open_run(connection, request)
    return _Extraction(request, services, request.flow).run()


def stage_range(request: RunRequest, services: Services, flow: Flow, first: date, last: date) -> bool:
    """Stage all documents of a flow (another than the run's own) that are dated on these days, and those that they
    name. They belong to no batch. Whether the list was complete."""
    return _Extraction(request, services, flow).stage_range(first, last)


def stage_again(request: RunRequest, services: Services, source_ids: Collection[str]) -> None:
    """Read documents of the run's flow anew from Scoro, with what they name."""
    _Extraction(request, services, request.flow).stage_again(source_ids)


def _documents(names: Collection[str]) -> str:
    return counted(len(names), "document|documents")


def _room_of(chunk: Sequence[Row]) -> float:
    return max(1.0, sum(map(weight_of, chunk)) / MOST_WEIGHT)


def _weight_of_read(read_row: tuple[str, Row | None]) -> int:
    return weight_of(read_row[1])


class _Extraction:
    """One extraction under way. `_fresh` are the ids that it has read from Scoro."""

    def __init__(self, request: RunRequest, services: Services, flow: Flow) -> None:
        self._request = request
        self._engine: Engine = services.engine
        self._scoro: Source = services.scoro
        self._flow = flow
        self._modules = modules_of(flow, expenses=request.company.purchase_invoices.expenses)
        self._started = services.clock()
        self._today = tallinn_day(self._started)
        self._fresh: set[str] = set()
        self._unknown_to_scoro: set[tuple[Flow, str]] = set()
        self._counts: Counter[str] = Counter()

    def run(self) -> Counts:
        undated: set[str] = set()
        swept: set[str] = set()
        listed: set[str] = set()
        first, last = self._request.date_from, self._request.date_to
        for module in self._modules:
            listed |= self._list(module, first, last, undated)
        if self._request.kind is RunKind.SCHEDULED:
            since = self._swept_to() - _OVERLAP
            for module in self._modules:
                swept |= self._sweep(module, since)
        seen = Seen(undated=frozenset(undated), swept=frozenset(swept))
        self._stage_vanished(first, last, listed)
        self._stage_others(seen)
        self._stage_named(self._fresh)
        if self._counts["rows_without_id"]:
            log.warning("Records of Scoro without an id, which cannot be taken: %s", self._counts["rows_without_id"])
        chosen = self._store_batch(seen)
        self._stage_registers([item.source_id for item in chosen if item.outcome is None])
        return self._close(chosen)

    def stage_range(self, first: date, last: date) -> bool:
        listed: set[str] = set()
        for module in self._modules:
            listed |= self._list(module, first, last, set())
        self._stage_vanished(first, last, listed)
        self._stage_named(self._fresh)
        return not self._counts["listing_unsettled"] and not self._counts["rows_without_id"]

    def stage_again(self, source_ids: Collection[str]) -> None:
        self._read_and_stage(source_ids)
        self._stage_named(self._fresh)
        self._stage_registers(list(source_ids))

    @contextmanager
    def _writing(self, flow: Flow | None = None) -> Iterator[Connection]:
        """Give a transaction that holds the lock of the company's flow (of this run's, unless another is named)."""
        with self._engine.begin() as connection:
            transaction_lock(connection, "extract", self._request.company.key, (flow or self._flow).value)
            yield connection

    def _list(self, module: Module, first: date, last: date, undated: set[str]) -> set[str]:
        """Stage all documents of the days; the ids of those that stood in the list in the end."""
        listing = RangeListing(self._scoro, module.name, first, last, self._today)
        self._stage(module, listing.rows())
        undated.update(map(module.document_id, listing.undated))
        self._counts.update(
            seen=len(listing.ids),
            rows_without_id=listing.rows_without_id,
            rows_of_other_days=listing.rows_of_other_days,
            date_filter_untrusted=int(not listing.is_trusted),
            listing_unsettled=int(not listing.is_settled),
        )
        log.info("Listed %s %s dated %s to %s", len(listing.ids), module.name, first, last)
        return set(map(module.document_id, listing.ids - listing.gone))

    def _stage(self, module: Module, rows: Iterable[Mapping[str, Any]]) -> set[str]:
        """Stage rows, while the next ones are read; their ids."""
        staged: set[str] = set()
        is_known = False
        with reading_ahead(chunks(rows, weigh=weight_of), _AHEAD, weigh=_room_of) as coming:
            for chunk in coming:
                staged |= set(map(module.document_id, filter(None, map(id_of, chunk))))
                with self._writing() as connection:
                    stage_documents(connection, self._request, self._flow, module, chunk)
                    if not is_known and len(staged) >= CHUNK:
                        documents.refresh_statistics(connection)
                        is_known = True
                # While the next one is read this one must be gone.
                del chunk
        self._fresh |= staged
        return staged

    def _read_and_stage(self, ids: Iterable[str], flow: Flow | None = None) -> None:
        """Read documents anew by id; those that Scoro does not know are missing from now on."""
        flow = flow or self._flow
        by_module: dict[Module, list[str]] = {}
        for source_id in ids:
            by_module.setdefault(module_of(flow, source_id), []).append(source_id)
        for module, source_ids in by_module.items():
            if is_listed_only(module.name):
                self._reread_listed(module, set(source_ids))
                continue
            wanted = map(module.record_id, source_ids)
            for chunk in chunks(read(self._scoro, module.name, wanted, detailed=True), weigh=_weight_of_read):
                missing = [module.document_id(record_id) for record_id, row in chunk if row is None]
                with self._writing(flow) as connection:
                    rows = [row for _, row in chunk if row is not None]
                    stage_documents(connection, self._request, flow, module, rows)
                    documents.mark_missing(connection, self._request.company.key, flow, missing)
                if flow is self._flow:
                    self._fresh.update(module.document_id(record_id) for record_id, _ in chunk)
                del chunk, rows

    def _reread_listed(self, module: Module, ids: set[str]) -> None:
        """Read documents of this flow anew whose module has lists only. One is missing where no list shows it that
        should: neither that by id, nor that of its day, nor that of what was modified since."""
        asked = map(module.record_id, ids)
        unseen = ids - self._stage(module, read_listed(self._scoro, module.name, asked))
        self._fresh |= ids
        with self._engine.begin() as connection:
            staged = documents.read_documents(connection, *self._of, unseen)
        # Of the others it is known that they are gone.
        records = [
            Lost(module.record_id(item.source_id), item.day, item.modified_at) for item in staged if not item.is_gone
        ]
        if not records:
            return
        search = Search(self._scoro, module.name, self._today)
        self._stage(module, search.rows(records))
        missing = set(map(module.document_id, search.absent))
        with self._writing() as connection:
            documents.mark_missing(connection, *self._of, missing)
        unsure = len(records) - len(search.found) - len(missing)
        if unsure:
            self._counts["listing_unsettled"] += unsure
            log.warning(
                "Scoro's lists leave open whether %s %s still exist; they stay as they were", unsure, module.name
            )

    def _swept_to(self) -> datetime:
        """Up to when what was created or modified is known already."""
        with self._engine.begin() as connection:
            swept_to = watermarks.swept_to(connection, self._request.company.key, self._flow)
            first_import = first_start(connection, self._request)
        # The first sweep reaches back to the first import by hand: what was keyed in since is late too.
        start = midnight(self._request.date_from)
        return swept_to or min(start, first_import or start)

    def _sweep(self, module: Module, since: datetime) -> set[str]:
        """Stage what was created or modified since a moment, whatever its date; the ids."""
        listing = ChangeListing(self._scoro, module.name, since)
        self._stage(module, listing.rows())
        self._counts.update(
            swept=len(listing.ids),
            rows_without_id=listing.rows_without_id,
            listing_unsettled=int(not listing.is_settled),
        )
        log.info("Swept %s %s created or modified since %s", len(listing.ids), module.name, since.isoformat())
        return set(map(module.document_id, listing.ids))

    def _stage_vanished(self, first: date, last: date, listed: set[str]) -> None:
        """Documents that staging has in the range and the complete list has not: dated otherwise, or gone."""
        with self._engine.begin() as connection:
            staged = documents.living_of_days(connection, *self._of, first, last)
        vanished = staged - listed
        self._read_and_stage(one for one in vanished if module_of(self._flow, one) in self._modules)

    def _stage_others(self, seen: Seen) -> None:
        """Documents that other runs left to this one may have changed since: they are read anew."""
        with self._engine.begin() as connection:
            chosen = choose(connection, self._request, seen, self._today)
        self._read_and_stage(item.source_id for item in chosen if item.source_id not in self._fresh)

    def _stage_named(self, ids: Iterable[str]) -> None:
        """Documents that these name are staged too, without belonging to the batch: invoices that credit invoices
        credit, documents that payments pay."""
        if self._flow is Flow.PAYMENTS:
            for flow in (Flow.SALES_INVOICES, Flow.PURCHASE_INVOICES):
                with self._engine.begin() as connection:
                    paid = named_records.paid_by(connection, *self._of, ids, flow)
                self._stage_unknown(paid, flow)
            return
        pending = set(ids)
        # Whose clients differ: one of the two may have been merged into the other since.
        with self._engine.begin() as connection:
            of_others = named_records.credited_of_others(connection, *self._of, pending)
        self._read_and_stage(of_others - self._fresh)
        for _ in range(_CREDIT_STEPS):
            with self._engine.begin() as connection:
                credited = named_records.credited_by(connection, *self._of, pending)
            pending = self._stage_unknown(credited, self._flow)
            if not pending:
                return
            self._counts["credited"] += len(pending)

    def _stage_unknown(self, ids: Iterable[str], flow: Flow) -> set[str]:
        """Stage those of the documents that staging does not know; their ids."""
        wanted = set(ids)
        with self._engine.begin() as connection:
            known = documents.known_documents(connection, self._request.company.key, flow, wanted)
        unknown = {one for one in wanted - known if (flow, one) not in self._unknown_to_scoro}
        self._read_and_stage(unknown, flow)
        self._unknown_to_scoro |= {(flow, one) for one in unknown}
        return unknown

    def _store_batch(self, seen: Seen) -> list[Chosen]:
        with self._writing() as connection:
            chosen = choose(connection, self._request, seen, self._today)
            store_batch(connection, self._request, chosen, seen)
        for reason in ("in_range", "late", "unfinished", "waiting", "released"):
            names = [item.name for item in chosen if item.reason == reason]
            if names:
                log.info("Batch: %s, %s: %s", _documents(names), reason.replace("_", " "), named(names))
        for outcome in ("waiting", "deleted", "dismissed", "already_there"):
            names = [item.name for item in chosen if item.outcome == outcome]
            self._counts[outcome] = len(names)
            if names:
                log.info("Nothing to do for %s, %s: %s", _documents(names), outcome.replace("_", " "), named(names))
        self._counts.update(Counter(item.reason for item in chosen if item.reason != "waiting"))
        self._counts["waiting_due"] = sum(item.reason == "waiting" for item in chosen)
        self._counts["batch"] = sum(item.outcome is None for item in chosen)
        return chosen

    def _stage_registers(self, ids: list[str]) -> None:
        """Stage the partners and products that the batch names."""
        with self._engine.begin() as connection:
            partners = named_records.partners_of(connection, *self._of, ids)
            products = named_records.products_of(connection, *self._of, ids)
            prepayments = named_records.prepayments_of(connection, *self._of, ids)
        for register, wanted in ((CONTACT_REGISTER, partners), (PRODUCT_REGISTER, products)):
            read_now = read(self._scoro, register.module, filter(None, wanted), key=register.key, detailed=False)
            for chunk in chunks(read_now, weigh=_weight_of_read):
                rows = with_tags(self._scoro, dict(chunk)) if register is PRODUCT_REGISTER else dict(chunk)
                with self._writing() as connection:
                    self._counts["unreadable"] += len(stage_register(connection, self._request, register, rows))
            self._counts[register.module] = len(wanted)
        log.info("Staged: contacts %s, products %s", len(partners), len(products))
        self._stage_prepayments(sorted(prepayments))

    def _stage_prepayments(self, ids: Sequence[str]) -> None:
        """Prepayment invoices, of which only the number counts: where the key may not see them, their ids will do."""
        try:
            for chunk in chunks(read(self._scoro, PREPAYMENTS, ids, detailed=False), weigh=_weight_of_read):
                with self._writing() as connection:
                    stage_prepayments(connection, self._request, [row for _, row in chunk if row is not None])
        except (RequestRefused, ConfigurationError) as refusal:
            log.warning("Prepayment invoices are named by their Scoro ids: %s", refusal)

    def _close(self, chosen: list[Chosen]) -> Counts:
        request = self._request
        ids = [item.source_id for item in chosen]
        with self._writing() as connection:
            changed = record_later_changes(connection, request)
            early = before_first_import(connection, request)
            outside = [] if request.kind is RunKind.SCHEDULED else outside_range(connection, request)
            self._count_staged(connection, ids)
            self._counts.update(
                changed_after_import=len(changed),
                before_first_import=len(early),
                outside_range=len(outside),
                whole_days=self._whole_days(),
            )
            counts = dict(sorted(self._counts.items()))
            # A preview leaves the mark to the next run that is none.
            if request.kind is RunKind.SCHEDULED and request.mode is not Mode.PREVIEW:
                watermarks.set_watermark(connection, self._request.company.key, self._request.flow, self._started)
            mark(connection, request, "extracted", counts)
        if changed:
            log.warning("Changed in Scoro after the import, never updated here: %s", named(changed))
        if early:
            log.info("Not taken, dated before the first import date: %s", named(early))
        if outside:
            log.info("Not imported and outside these days: %s: %s", _documents(outside), named(outside))
        log.info("Extracted: %s", ", ".join(f"{name} {count}" for name, count in counts.items() if count))
        return counts

    def _whole_days(self) -> int:
        """How many of the run's days, from the first on, were over before it began to read them, and listed in full:
        these may count as imported."""
        if self._counts["listing_unsettled"]:
            return 0
        last = min(self._request.date_to, self._today - timedelta(days=1))
        return max(0, (last - self._request.date_from).days + 1)

    def _count_staged(self, connection: Connection, ids: list[str]) -> None:
        """Count what this run staged, from staging: the same when it is run again."""
        request = self._request
        modules = [module.name for module in self._modules]
        new, changed = count_kept(connection, request.company.key, modules, self._fresh, request.run_key)
        unreadable, missing = documents.count_trouble(connection, *self._of, ids)
        self._counts.update(new=new, changed=changed, unreadable=unreadable, missing=missing)

    @property
    def _of(self) -> tuple[str, Flow]:
        return self._request.company.key, self._flow
