"""Scoro's contacts and products, all of them, into staging; imports read only those that their documents name."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING

from scoro_smartaccounts.common.chunks import chunks
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.extract.reading import Source, read, with_tags
from scoro_smartaccounts.extract.stage import CONTACT_REGISTER, PRODUCT_REGISTER, Register, stage_register
from scoro_smartaccounts.scoro.modules import PRODUCTS
from scoro_smartaccounts.scoro.rows import Row, id_of
from scoro_smartaccounts.staging.locks import transaction_lock
from scoro_smartaccounts.staging.scoro_registers import living_records

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sqlalchemy import Connection, Engine

    from scoro_smartaccounts.common.run import Counts, ReconcileRequest
    from scoro_smartaccounts.services import Services

log = logging.getLogger(__name__)

# Lists may change their order while they are read: they are read until two readings in a row show the same, or so many
# in a row nothing new, at the latest after the last.
_QUIET_READINGS = 3
_MOST_READINGS = 10


def stage_registers(request: ReconcileRequest, services: Services) -> Counts:
    """Stage all contacts and products, 100 a request; records that staging holds and the lists do not show are asked
    for by themselves. Safe to repeat."""
    counts: Counts = {}
    for register in (CONTACT_REGISTER, PRODUCT_REGISTER):
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


def _read_whole(source: Source, register: Register) -> tuple[dict[str, Row], bool]:
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


def _staged(engine: Engine, request: ReconcileRequest, register: Register) -> set[str]:
    """Ids of the records that staging takes for alive."""
    with engine.connect() as connection:
        return living_records(connection, request.company.key, register.module)


def _stage(
    engine: Engine, request: ReconcileRequest, register: Register, rows: Iterable[tuple[str, Row | None]]
) -> int:
    unreadable = 0
    for chunk in chunks(rows):
        with _writing(engine, request) as connection:
            unreadable += stage_register(connection, request, register, dict(chunk))
    return unreadable


@contextmanager
def _writing(engine: Engine, request: ReconcileRequest) -> Iterator[Connection]:
    """Give a transaction in which no import stages contacts or products."""
    with engine.begin() as connection:
        for flow in Flow:
            transaction_lock(connection, "extract", request.company.key, flow.value)
        yield connection
