"""The check of the company file's mappings: for a report over a period, and before the first import of a flow."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from scoro_smartaccounts.extract.documents import stage_range
from scoro_smartaccounts.mapping.coverage import MappingCoverage, mapping_coverage
from scoro_smartaccounts.mapping.used import FLOWS, read_used
from scoro_smartaccounts.mirror.registers import sync_settings
from scoro_smartaccounts.scoro.modules import FINANCE_ACCOUNTS, FINANCE_OBJECTS, RECEIPT_ACCOUNTS, VAT_CODES
from scoro_smartaccounts.scoro.values import clean, number_text
from scoro_smartaccounts.staging.days_to_import import is_any_day_covered

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from scoro_smartaccounts.common.documents import Flow
    from scoro_smartaccounts.common.run import RunRequest
    from scoro_smartaccounts.scoro.client import ScoroClient
    from scoro_smartaccounts.services import Services

log = logging.getLogger(__name__)


def stage_period(request: RunRequest, services: Services, first: date, last: date) -> None:
    """Stage all documents of the days, of all flows and without a batch."""
    for flow in FLOWS:
        stage_range(request, services, flow, first, last)


def cover_period(request: RunRequest, services: Services, first: date, last: date) -> MappingCoverage:
    """Check what the staged documents of the days use, of all flows.

    Products tell which lines are stock; where they are not staged, SmartAccounts' articles do.
    """
    return _cover(request, services, first, last, FLOWS)


def warn_before_first_import(request: RunRequest, services: Services) -> None:
    """Log what the company file lacks for the run's days, as long as no day of its flow was imported. Stops nothing:
    the documents concerned go to quarantine by themselves."""
    if request.flow not in FLOWS:
        return
    with services.engine.begin() as connection:
        if is_any_day_covered(connection, request.company.key, request.flow):
            return
    found = _cover(request, services, request.date_from, request.date_to, (request.flow,))
    for gap in found.gaps:
        log.warning("Before the first import: %s", gap)
    if found.gaps:
        log.warning("Lines for the company file:")
        for line in found.fragment.splitlines():
            log.warning("%s", line)


def _cover(
    request: RunRequest, services: Services, first: date, last: date, flows: tuple[Flow, ...]
) -> MappingCoverage:
    company = request.company
    with services.engine.begin() as connection:
        used = read_used(connection, company, first, last, flows)
    sync_settings(services, company.key, used.settings(company))
    with services.engine.begin() as connection:
        return mapping_coverage(connection, company, first, last, used, _Names(services.scoro))


class _Names:
    """Scoro's registers of codes, each read once and only when somebody asks."""

    def __init__(self, scoro: ScoroClient) -> None:
        self._scoro = scoro
        self._known: dict[str, Mapping[str, str]] = {}

    def vat_codes(self) -> Mapping[str, str]:
        return self._read(VAT_CODES, "vat_code", "vat_name")

    def finance_accounts(self) -> Mapping[str, str]:
        return self._read(FINANCE_ACCOUNTS, "account_symbol", "name")

    def finance_objects(self) -> Mapping[str, str]:
        return self._read(FINANCE_OBJECTS, "object_symbol", "name")

    def receipt_accounts(self) -> Mapping[str, str]:
        return self._read(RECEIPT_ACCOUNTS, "id", "name")

    def _read(self, module: str, key: str, name: str) -> Mapping[str, str]:
        if module not in self._known:
            self._known[module] = {number_text(row.get(key)): clean(row.get(name)) for row in self._scoro.list(module)}
        return self._known[module]
