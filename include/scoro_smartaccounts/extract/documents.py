"""Documents of a flow: from Scoro into staging, with the partners and products that they name."""

from __future__ import annotations

import logging
from collections import Counter
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, func, select

from scoro_smartaccounts.common.clock import tallinn_day
from scoro_smartaccounts.common.company import Mode
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.errors import ConfigurationError, RequestRefused
from scoro_smartaccounts.common.run import Counts, RunKind, RunRequest
from scoro_smartaccounts.extract.changes import record_later_changes
from scoro_smartaccounts.extract.listing import ChangeListing, Lost, RangeListing, Search, midnight
from scoro_smartaccounts.extract.reading import Source, is_listed_only, read, read_listed, with_tags
from scoro_smartaccounts.extract.rows import id_of
from scoro_smartaccounts.extract.stage import (
    CHUNK,
    chunks,
    mark_missing,
    refresh_statistics,
    stage_contacts,
    stage_documents,
    stage_prepayments,
    stage_products,
)
from scoro_smartaccounts.scoro.values import identifiers
from scoro_smartaccounts.staging import watermarks
from scoro_smartaccounts.staging.bulk import any_of
from scoro_smartaccounts.staging.documents import (
    CONTACTS,
    INVOICES,
    PREPAYMENTS,
    PRODUCTS,
    Module,
    module_of,
    modules_of,
)
from scoro_smartaccounts.staging.locks import transaction_lock
from scoro_smartaccounts.staging.runs import first_start, mark, open_run
from scoro_smartaccounts.staging.schema import document, document_line, payment_row, raw_record
from scoro_smartaccounts.staging.selection import (
    Chosen,
    Seen,
    before_first_import,
    choose,
    is_read,
    named,
    outside_range,
    store_batch,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from scoro_smartaccounts.services import Services

log = logging.getLogger(__name__)

# A sweep starts this much before the last one: Scoro's filter knows days only, and clocks and zones differ.
_OVERLAP = timedelta(days=2)
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
            log.warning("Scoro sent %s records without an id; they cannot be taken", self._counts["rows_without_id"])
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
        """Stage rows; their ids."""
        staged: set[str] = set()
        for number, chunk in enumerate(chunks(rows)):
            with self._writing() as connection:
                stage_documents(connection, self._request, self._flow, module, chunk)
                if number == 0 and len(chunk) == CHUNK:
                    refresh_statistics(connection)
            staged.update(map(module.document_id, filter(None, map(id_of, chunk))))
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
            for chunk in chunks(read(self._scoro, module.name, wanted, detailed=True)):
                missing = [module.document_id(record_id) for record_id, row in chunk if row is None]
                with self._writing(flow) as connection:
                    rows = [row for _, row in chunk if row is not None]
                    stage_documents(connection, self._request, flow, module, rows)
                    mark_missing(connection, self._request, flow, missing)
                if flow is self._flow:
                    self._fresh.update(module.document_id(record_id) for record_id, _ in chunk)

    def _reread_listed(self, module: Module, ids: set[str]) -> None:
        """Read documents of this flow anew whose module has lists only. One is missing where no list shows it that
        should: neither that by id, nor that of its day, nor that of what was modified since."""
        asked = map(module.record_id, ids)
        unseen = ids - self._stage(module, read_listed(self._scoro, module.name, asked))
        self._fresh |= ids
        with self._engine.begin() as connection:
            staged = connection.execute(
                select(document.c.source_id, document.c.day, document.c.modified_at).where(
                    *self._of(document),
                    document.c.source_id == any_of(unseen),
                    # Of the others it is known that they are gone.
                    ~document.c.is_missing,
                    ~document.c.is_deleted,
                )
            ).all()
        if not staged:
            return
        search = Search(self._scoro, module.name, self._today)
        records = [Lost(module.record_id(row.source_id), row.day, row.modified_at) for row in staged]
        self._stage(module, search.rows(records))
        missing = set(map(module.document_id, search.absent))
        with self._writing() as connection:
            mark_missing(connection, self._request, self._flow, missing)
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
            staged = connection.scalars(
                select(document.c.source_id).where(
                    *self._of(document),
                    document.c.day.between(first, last),
                    ~document.c.is_missing,
                    ~document.c.is_deleted,
                    is_read(self._request),
                )
            ).all()
        self._read_and_stage(set(staged) - listed)

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
                self._stage_unknown(self._paid_by(ids, flow), flow)
            return
        pending = set(ids)
        # Whose clients differ: one of the two may have been merged into the other since.
        self._read_and_stage(self._credited_elsewhere(pending))
        for _ in range(_CREDIT_STEPS):
            pending = self._stage_unknown(self._credited_by(pending), self._flow)
            if not pending:
                return
            self._counts["credited"] += len(pending)

    def _stage_unknown(self, ids: Iterable[str], flow: Flow) -> set[str]:
        """Stage those of the documents that staging does not know; their ids."""
        wanted = set(ids)
        with self._engine.begin() as connection:
            known = connection.scalars(
                select(document.c.source_id).where(
                    document.c.company == self._request.company.key,
                    document.c.flow == flow.value,
                    document.c.source_id == any_of(wanted),
                )
            ).all()
        unknown = {one for one in wanted - set(known) if (flow, one) not in self._unknown_to_scoro}
        self._read_and_stage(unknown, flow)
        self._unknown_to_scoro |= {(flow, one) for one in unknown}
        return unknown

    def _credited_by(self, ids: Iterable[str]) -> set[str]:
        base = func.jsonb_array_elements_text(document.c.credited_ids).label("base")
        with self._engine.begin() as connection:
            return set(
                connection.scalars(
                    select(base).where(*self._of(document), document.c.source_id == any_of(ids)).distinct()
                )
            )

    def _credited_elsewhere(self, ids: Iterable[str]) -> set[str]:
        """Staged invoices that these credit although they have another client, and that were not read by this run."""
        # Found by their ids: held one against the other, many thousands of documents take hours.
        base_id = func.jsonb_array_elements_text(document.c.credited_ids).label("base_id")
        credits = (
            select(document.c.partner_id, base_id)
            .where(*self._of(document), document.c.source_id == any_of(ids))
            .subquery()
        )
        with self._engine.begin() as connection:
            found = connection.scalars(
                select(document.c.source_id)
                .join(credits, document.c.source_id == credits.c.base_id)
                .where(*self._of(document), document.c.partner_id.is_distinct_from(credits.c.partner_id))
                .distinct()
            ).all()
        return set(found) - self._fresh

    def _paid_by(self, ids: Iterable[str], flow: Flow) -> set[str]:
        with self._engine.begin() as connection:
            return set(
                connection.scalars(
                    select(payment_row.c.document_id)
                    .where(
                        *self._of(payment_row),
                        payment_row.c.document_flow == flow.value,
                        payment_row.c.source_id == any_of(ids),
                    )
                    .distinct()
                )
            )

    def _store_batch(self, seen: Seen) -> list[Chosen]:
        with self._writing() as connection:
            chosen = choose(connection, self._request, seen, self._today)
            store_batch(connection, self._request, chosen, seen)
        for reason in ("in_range", "late", "unfinished", "waiting", "released"):
            names = [item.name for item in chosen if item.reason == reason]
            if names:
                log.info("Batch: %s documents, %s: %s", len(names), reason.replace("_", " "), named(names))
        for outcome in ("waiting", "deleted", "dismissed", "already_there"):
            names = [item.name for item in chosen if item.outcome == outcome]
            self._counts[outcome] = len(names)
            if names:
                log.info("Nothing to do for %s documents, %s: %s", len(names), outcome.replace("_", " "), named(names))
        self._counts.update(Counter(item.reason for item in chosen if item.reason != "waiting"))
        self._counts["waiting_due"] = sum(item.reason == "waiting" for item in chosen)
        self._counts["batch"] = sum(item.outcome is None for item in chosen)
        return chosen

    def _stage_registers(self, ids: list[str]) -> None:
        """Stage the partners and products that the batch names."""
        with self._engine.begin() as connection:
            partners = connection.scalars(
                select(document.c.partner_id)
                .where(*self._of(document), document.c.source_id == any_of(ids), document.c.partner_id.is_not(None))
                .distinct()
            ).all()
            products = connection.scalars(
                select(document_line.c.product_id)
                .where(
                    *self._of(document_line),
                    document_line.c.source_id == any_of(ids),
                    document_line.c.product_id.is_not(None),
                )
                .distinct()
            ).all()
        for module, key, wanted, stage in (
            (CONTACTS, "contact_id", partners, stage_contacts),
            (PRODUCTS, "product_id", products, stage_products),
        ):
            rows = read(self._scoro, module, filter(None, wanted), key=key, detailed=False)
            for chunk in chunks(with_tags(self._scoro, dict(rows)).items() if module == PRODUCTS else rows):
                with self._writing() as connection:
                    self._counts["unreadable"] += stage(connection, self._request, dict(chunk))
            self._counts[module] = len(wanted)
        log.info("Staged %s contacts and %s products", len(partners), len(products))
        self._stage_prepayments(self._drawn(ids))

    def _stage_prepayments(self, ids: Sequence[str]) -> None:
        """Prepayment invoices, of which only the number counts: where the key may not see them, their ids will do."""
        try:
            for chunk in chunks(read(self._scoro, PREPAYMENTS, ids, detailed=False)):
                with self._writing() as connection:
                    stage_prepayments(connection, self._request, [row for _, row in chunk if row is not None])
        except (RequestRefused, ConfigurationError) as refusal:
            log.warning("Prepayment invoices are named by their Scoro ids: %s", refusal)

    def _drawn(self, ids: list[str]) -> Sequence[str]:
        """Return the prepayment invoices that these draw on."""
        if self._flow is not Flow.SALES_INVOICES:
            return []
        drawn = raw_record.c.payload["prepayment_id"]
        with self._engine.begin() as connection:
            shown = connection.scalars(
                select(drawn)
                .select_from(document)
                .join(
                    raw_record,
                    (raw_record.c.company == document.c.company)
                    & (raw_record.c.module == INVOICES.name)
                    & (raw_record.c.source_id == document.c.source_id)
                    & (raw_record.c.version == document.c.raw_version),
                )
                .where(
                    *self._of(document),
                    document.c.source_id == any_of(ids),
                    func.jsonb_typeof(drawn) != "null",
                )
                .distinct()
            ).all()
        return sorted({drawn_on for each in shown for drawn_on in identifiers(each) if not drawn_on.startswith("-")})

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
            log.info("Not imported and outside these days: %s documents: %s", len(outside), named(outside))
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
        version = raw_record.c.version
        new, changed = connection.execute(
            select(func.count().filter(version == 1), func.count(raw_record.c.source_id.distinct()).filter(version > 1))
            .select_from(raw_record)
            .where(
                raw_record.c.company == request.company.key,
                raw_record.c.module.in_([module.name for module in self._modules]),
                raw_record.c.source_id == any_of(self._fresh),
                raw_record.c.run_key == request.run_key,
            )
        ).one()
        unreadable, missing = connection.execute(
            select(func.count().filter(document.c.problem.is_not(None)), func.count().filter(document.c.is_missing))
            .select_from(document)
            .where(*self._of(document), document.c.source_id == any_of(ids))
        ).one()
        self._counts.update(new=new, changed=changed, unreadable=unreadable, missing=missing)

    def _of(self, table: Any) -> tuple[Any, Any]:
        return table.c.company == self._request.company.key, table.c.flow == self._flow.value
