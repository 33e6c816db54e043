"""Scoro's contacts and products, all of them, into staging; imports read only those that their documents name."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING

from scoro_smartaccounts.common.chunks import chunks
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.extract.reading import read, with_tags
from scoro_smartaccounts.extract.stage import CONTACT_REGISTER, PRODUCT_REGISTER, Register, stage_register
from scoro_smartaccounts.scoro.modules import PRODUCTS
from scoro_smartaccounts.scoro.rows import Row, id_of, weight_of
from scoro_smartaccounts.scoro.wire import canonical_json
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
        shown = _Shown(services, request, register)
        if not shown.read_whole():
            log.warning("Scoro's list of %s came out differently at every reading; some may miss", register.module)
        hidden = _staged(services.engine, request, register) - shown.prints.keys()
        others = read(services.scoro, register.module, hidden, key=register.key, detailed=False)
        shown.stage(others)
        counts |= {register.module: len(shown.prints), f"{register.module}_unreadable": len(shown.unreadable)}
        log.info(
            "Staged %d %s of Scoro, %d of them cannot be read",
            len(shown.prints),
            register.module,
            len(shown.unreadable),
        )
    return counts


class _Shown:
    """The records of a register that Scoro's lists show, staged as they come: `prints` tell by id what was staged
    last."""

    def __init__(self, services: Services, request: ReconcileRequest, register: Register) -> None:
        self.prints: dict[str, int] = {}
        self.unreadable: set[str] = set()
        self._services = services
        self._request = request
        self._register = register

    def read_whole(self) -> bool:
        """Stage every record, in the form seen last; whether that is certainly all of them."""
        before: set[str] | None = None
        quiet = 0
        for _ in range(_MOST_READINGS):
            now: set[str] = set()
            known = len(self.prints)
            self.stage(self._changed(now))
            quiet = 0 if len(self.prints) > known else quiet + 1
            if before == now or quiet == _QUIET_READINGS:
                return True
            before = now
        return False

    def stage(self, rows: Iterable[tuple[str, Row | None]]) -> None:
        """Stage records, None for those that Scoro does not know."""
        source, register = self._services.scoro, self._register
        for chunk in chunks(rows, weigh=lambda item: weight_of(item[1])):
            tagged = with_tags(source, dict(chunk)) if register.module == PRODUCTS else dict(chunk)
            with _writing(self._services.engine, self._request) as connection:
                unreadable = stage_register(connection, self._request, register, tagged)
            self.unreadable = (self.unreadable - tagged.keys()) | unreadable
            del chunk, tagged

    def _changed(self, now: set[str]) -> Iterator[tuple[str, Row]]:
        """Yield the records of one reading that were not seen so before; `now` takes the ids of all."""
        for row in self._services.scoro.list(self._register.module, include_deleted=True):
            record_id = id_of(row, self._register.key)
            if record_id is not None:
                now.add(record_id)
                print_of_row = hash(canonical_json(row))
                if self.prints.get(record_id) != print_of_row:
                    self.prints[record_id] = print_of_row
                    yield record_id, row
            del row


def _staged(engine: Engine, request: ReconcileRequest, register: Register) -> set[str]:
    """Ids of the records that staging takes for alive."""
    with engine.connect() as connection:
        return living_records(connection, request.company.key, register.module)


@contextmanager
def _writing(engine: Engine, request: ReconcileRequest) -> Iterator[Connection]:
    """Give a transaction in which no import stages contacts or products."""
    with engine.begin() as connection:
        for flow in Flow:
            transaction_lock(connection, "extract", request.company.key, flow.value)
        yield connection
