"""Single records of Scoro by id: many at once where its filter on ids works, else one by one."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Protocol

from scoro_smartaccounts.common.assumptions import SCORO_DETAILED_PAGE_SIZE, SCORO_PAGE_SIZE
from scoro_smartaccounts.scoro import queries
from scoro_smartaccounts.scoro.modules import PRODUCTS, RECEIPTS
from scoro_smartaccounts.scoro.rows import id_of
from scoro_smartaccounts.scoro.wire import shows_tags

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

log = logging.getLogger(__name__)

# Fewer than this are asked for one by one.
_WORTH_A_LIST = 3
# Whether Scoro shows single records of these modules is not known; "not found" would prove nothing.
_LISTED_ONLY = frozenset({RECEIPTS.name})


class Source(Protocol):
    """What extracting needs of the client of Scoro."""

    def list(
        self,
        module: str,
        *,
        filter: Mapping[str, Any] | None = None,
        detailed: bool = False,
        include_deleted: bool = False,
    ) -> Iterator[dict[str, Any]]:
        """All rows of all pages."""

    def page(
        self,
        module: str,
        page: int,
        *,
        filter: Mapping[str, Any] | None = None,
        detailed: bool = False,
        include_deleted: bool = False,
    ) -> Sequence[dict[str, Any]]:
        """One page, from 1."""

    def view(self, module: str, record_id: str) -> dict[str, Any] | None:
        """One record in full; None where there is none."""


def read(
    source: Source, module: str, ids: Iterable[str], *, key: str = "id", detailed: bool
) -> Iterator[tuple[str, dict[str, Any] | None]]:
    """Every record of `ids`, deleted ones too; None for one that Scoro does not know.

    `key` is the record's own name for its id. `detailed` asks for lines and custom fields. What the filter on ids
    gives back is believed row by row only, and what it does not give back is asked for by itself.
    """
    wanted = _in_order(ids)
    size = SCORO_DETAILED_PAGE_SIZE if detailed else SCORO_PAGE_SIZE
    is_honoured = len(wanted) >= _WORTH_A_LIST
    for start in range(0, len(wanted), size):
        chunk = wanted[start : start + size]
        found: dict[str, dict[str, Any]] = {}
        if is_honoured:
            rows = source.page(
                module,
                1,
                filter=queries.with_ids(chunk, key),
                detailed=detailed,
                include_deleted=True,
            )
            by_id = {id_of(row, key): row for row in rows}
            found = {record_id: by_id[record_id] for record_id in chunk if record_id in by_id}
            is_honoured = bool(found) and len(found) == len(by_id)
            # A page may be as large as a worker's memory: it is let go row by row.
            del rows, by_id
            if not is_honoured:
                log.info("Scoro's filter on %s of %s is not honoured; reading one by one", key, module)
        for record_id in chunk:
            row = found.pop(record_id, None) or source.view(module, record_id)
            yield record_id, row if row is not None and id_of(row, key) == record_id else None
            del row


def with_tags(
    source: Source, products: Mapping[str, Mapping[str, Any] | None]
) -> Mapping[str, Mapping[str, Any] | None]:
    """Products by id; those whose row shows no tags are read in full: they tell what is stock.

    Some rows may come from a list, which shows none, and some one by one, where they stand. The list may show none in
    full either.
    """
    untold = _without_tags(products)
    if not untold:
        return products
    log.info("Scoro's list of products shows no tags; %d are read in full", len(untold))
    told = {**products, **dict(read(source, PRODUCTS, untold, key="product_id", detailed=True))}
    # Fewer came one by one already.
    hidden = _without_tags(told) if len(untold) >= _WORTH_A_LIST else []
    if hidden:
        log.info("Scoro's list of products in full shows no tags; %d are read one by one", len(hidden))
        viewed = ((source_id, source.view(PRODUCTS, source_id)) for source_id in hidden)
        told |= {
            source_id: row for source_id, row in viewed if row is not None and id_of(row, "product_id") == source_id
        }
    if untagged := _without_tags(told):
        # Where an article is created of one, the plan of its document warns of it.
        log.info(
            "Products of which Scoro shows no tags, wherever they are read; they count as no stock: %d", len(untagged)
        )
    return told


def _without_tags(products: Mapping[str, Mapping[str, Any] | None]) -> list[str]:
    return [source_id for source_id, row in products.items() if row is not None and not shows_tags(row)]


def is_listed_only(module: str) -> bool:
    """Whether the module's records can be had from its lists only, so that `read` is not for it."""
    return module in _LISTED_ONLY


def read_listed(source: Source, module: str, ids: Iterable[str]) -> Iterator[dict[str, Any]]:
    """Those records of `ids` with lines, deleted ones too, that a list filtered by id shows.

    It ends where the filter is not honoured. What it does not show may exist all the same.
    """
    wanted = _in_order(ids)
    for start in range(0, len(wanted), SCORO_DETAILED_PAGE_SIZE):
        chunk = wanted[start : start + SCORO_DETAILED_PAGE_SIZE]
        left = set(chunk)
        for row in source.list(module, filter=queries.with_ids(chunk), detailed=True, include_deleted=True):
            record_id = id_of(row)
            if record_id not in left:
                log.info("Scoro's filter on the id of %s is not honoured", module)
                return
            left.discard(record_id)
            yield row
            if not left:
                break


def _in_order(ids: Iterable[str]) -> list[str]:
    return sorted(set(ids), key=lambda record_id: (len(record_id), record_id))
