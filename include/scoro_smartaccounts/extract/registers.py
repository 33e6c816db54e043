"""Scoro's contacts and products, all of them, into staging; imports read only those that their documents name."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, Table, select

from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.extract.reading import Source, read, with_tags
from scoro_smartaccounts.extract.rows import Row, id_of
from scoro_smartaccounts.extract.stage import chunks, stage_contacts, stage_products
from scoro_smartaccounts.staging.documents import CONTACTS, PRODUCTS
from scoro_smartaccounts.staging.locks import transaction_lock
from scoro_smartaccounts.staging.schema import contact, product

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from scoro_smartaccounts.common.run import Counts, ReconcileRequest
    from scoro_smartaccounts.services import Services

log = logging.getLogger(__name__)

# Lists may change their order while they are read: they are read until two readings in a row show the same, or so many
# in a row nothing new, at the latest after the last.
_QUIET_READINGS = 3
_MOST_READINGS = 10


@dataclass(frozen=True, slots=True)
class _Register:
    module: str
    key: str
    table: Table
    stage: Callable[..., int]


_REGISTERS = (
    _Register(CONTACTS, "contact_id", contact, stage_contacts),
    _Register(PRODUCTS, "product_id", product, stage_products),
)


def stage_registers(request: ReconcileRequest, services: Services) -> Counts:
    """Stage all contacts and products, 100 a request; records that staging holds and the lists do not show are asked
    for by themselves. Safe to repeat."""
    counts: Counts = {}
    for register in _REGISTERS:
        rows, is_settled = _read_whole(services.scoro, register)
        if not is_settled:
            log.warning("Scoro's list of %s came out differently at every reading; some may miss", register.module)
        shown = with_tags(services.scoro, rows) if register.module == PRODUCTS else rows
        unreadable = _stage(services.engine, request, register, shown.items())
        hidden = _staged(services.engine, request, register) - rows.keys()
        others = read(services.scoro, register.module, hidden, key=register.key, detailed=False)
        unreadable += _stage(services.engine, request, register, others)
        counts |= {register.module: len(rows), f"{register.module}_unreadable": unreadable}
        log.info("Staged %d %s of Scoro, %d of them cannot be read", len(rows), register.module, unreadable)
    return counts


def _read_whole(source: Source, register: _Register) -> tuple[dict[str, Row], bool]:
    """Every record by id, in the form seen last, and whether that is certainly all of them."""
    rows: dict[str, Row] = {}
    before: set[str] | None = None
    quiet = 0
    for _ in range(_MOST_READINGS):
        listed = source.list(register.module, include_deleted=True)
        now = {record_id: row for row in listed if (record_id := id_of(row, register.key)) is not None}
        quiet = 0 if now.keys() - rows.keys() else quiet + 1
        rows |= now
        if before == now.keys() or quiet == _QUIET_READINGS:
            return rows, True
        before = set(now)
    return rows, False


def _staged(engine: Engine, request: ReconcileRequest, register: _Register) -> set[str]:
    """Ids of the records that staging takes for alive."""
    table = register.table.c
    with engine.connect() as connection:
        return set(
            connection.scalars(
                select(table.source_id).where(table.company == request.company.key, table.is_deleted.is_(False))
            )
        )


def _stage(
    engine: Engine, request: ReconcileRequest, register: _Register, rows: Iterable[tuple[str, Row | None]]
) -> int:
    unreadable = 0
    for chunk in chunks(rows):
        with _writing(engine, request) as connection:
            unreadable += register.stage(connection, request, dict(chunk))
    return unreadable


@contextmanager
def _writing(engine: Engine, request: ReconcileRequest) -> Iterator[Connection]:
    """Give a transaction in which no import stages contacts or products."""
    with engine.begin() as connection:
        for flow in Flow:
            transaction_lock(connection, "extract", request.company.key, flow.value)
        yield connection
