"""Once, after an upgrade: what was booked before postings were compared, of kinds that only a posting proves, and what
to look at in SmartAccounts."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.kinds import DocumentKind
from scoro_smartaccounts.common.money import ZERO
from scoro_smartaccounts.common.reasons import phrase, render
from scoro_smartaccounts.common.reasons.spoken import counted
from scoro_smartaccounts.report.files import FOLDER, write_file
from scoro_smartaccounts.report.words import LANGUAGES, Language
from scoro_smartaccounts.staging.assumption_states import AssumptionState, known_state, note_state
from scoro_smartaccounts.staging.ledger import BookedBefore, booked_before

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from scoro_smartaccounts.common.company import Company
    from scoro_smartaccounts.common.run import RunRequest
    from scoro_smartaccounts.services import Services

log = logging.getLogger(__name__)

_KEY = "booked_before"
_COLUMNS: Mapping[Language, tuple[str, ...]] = {
    "en": ("document", "day", "kind", "compare in SmartAccounts"),
    "et": ("dokument", "päev", "liik", "võrdle SmartAccountsis"),
}
_COMPARE: Mapping[DocumentKind, str] = {
    DocumentKind.FOREIGN_INVOICE: "compare_rate",
    DocumentKind.FOREIGN_BILL: "compare_rate",
    DocumentKind.REVERSE_CHARGE: "compare_declared_vat",
    DocumentKind.SUPPLIER_CREDIT: "compare_debt",
    DocumentKind.REFUND: "compare_bank",
    DocumentKind.NETTING: "compare_netting",
    DocumentKind.CASH_ROUNDING: "compare_cash",
    DocumentKind.FOREIGN_PAYMENT: "compare_bank_euros",
}


@dataclass(frozen=True, slots=True)
class _Row:
    number: str
    day: date | None
    kind: DocumentKind


def list_booked_before(request: RunRequest, services: Services) -> list[str]:
    """Write the list of the flow, once; where its files lie. Nothing where nothing is to be compared."""
    company, key = request.company, f"{_KEY}/{request.flow.value}"
    with services.engine.begin() as connection:
        if known_state(connection, company.key, key) is not None:
            return []
        rows = [
            _Row(item.number, item.day, kind)
            for item in booked_before(connection, company.key, request.flow)
            for kind in _kinds(request.flow, item, company)
        ]
    files = _files(request.flow, rows) if rows else []
    written = [str(write_file(services.output_folder / FOLDER, name, content)) for name, content in files]
    if written:
        log.warning(
            "%s booked before postings were compared, of a kind that only a posting proves. Compare with SmartAccounts:"
            " %s",
            counted(len(rows), "document was|documents were"),
            ", ".join(written),
        )
    with services.engine.begin() as connection:
        note_state(connection, company.key, key, AssumptionState("listed", {"documents": len(rows)}))
    return written


def _kinds(flow: Flow, item: BookedBefore, company: Company) -> Iterator[DocumentKind]:
    """Those of what was sent that its body tells, and that there is something to compare of. Without a total it may be
    one that gives back."""
    may_give_back = item.total is None or item.total < ZERO
    bodies: list[dict[str, Any]] = json.loads(item.payload) if flow is Flow.PAYMENTS else [json.loads(item.payload)]
    if flow is Flow.PAYMENTS:
        netting = company.payments.all_netting_accounts
        if any(body["accountName"] in netting for body in bodies):
            yield DocumentKind.NETTING
        if may_give_back:
            yield DocumentKind.REFUND
        if any(body.get("extras") for body in bodies):
            yield DocumentKind.CASH_ROUNDING
        if any(body["currency"] != company.base_currency for body in bodies):
            yield DocumentKind.FOREIGN_PAYMENT
        return
    [body] = bodies
    is_sale = flow is Flow.SALES_INVOICES
    if "exchangeRate" in body:
        yield DocumentKind.FOREIGN_INVOICE if is_sale else DocumentKind.FOREIGN_BILL
    if is_sale:
        return
    declared = {rule.smartaccounts for rule in company.purchase_invoices.vat_codes if rule.reverse_charge}
    if any(row["vatPc"] in declared for row in body["rows"]):
        yield DocumentKind.REVERSE_CHARGE
    if may_give_back:
        yield DocumentKind.SUPPLIER_CREDIT


def _files(flow: Flow, rows: Sequence[_Row]) -> list[tuple[str, bytes]]:
    from pandas import DataFrame

    from scoro_smartaccounts.report.delimited import csv_of

    files = []
    for language in LANGUAGES:
        cells = [
            (row.number, row.day, *(render(phrase(key), language) for key in (row.kind.phrase, _COMPARE[row.kind])))
            for row in rows
        ]
        table = DataFrame(cells, columns=list(_COLUMNS[language]), dtype=object)
        files.append((f"{_KEY}_{flow.value}.{language}.csv", csv_of(table, language)))
    return files
