"""One month as its pages tell it: totals, causes, the lines before the VAT return, partners, and how the night was."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from scoro_smartaccounts.common.clock import tallinn_day
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.reasons import Phrase
from scoro_smartaccounts.staging.audit_nights import nights
from scoro_smartaccounts.staging.days_to_import import read_coverage
from scoro_smartaccounts.staging.links import Kind
from scoro_smartaccounts.staging.mirror_registers import article_records, partner_records
from scoro_smartaccounts.staging.periods import calculated_at
from scoro_smartaccounts.staging.totals_facts import FLOWS
from scoro_smartaccounts.totals.declared import Registers
from scoro_smartaccounts.totals.kmd import Line, kmd_page
from scoro_smartaccounts.totals.partners import PartnerSums, partner_sums
from scoro_smartaccounts.totals.sheet import UNEXPLAINED, Cause, Cell, month_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Connection

    from scoro_smartaccounts.common.company import Company
    from scoro_smartaccounts.staging.audit_nights import Night
    from scoro_smartaccounts.totals.computed import Totals

_KINDS = {Flow.SALES_INVOICES: Kind.CLIENT, Flow.PURCHASE_INVOICES: Kind.VENDOR}
NO_NIGHT = "no_night"


@dataclass(frozen=True, slots=True)
class MonthTotals:
    """What the pages of a month tell. `unexplained`: how many causes are none."""

    month: date
    cells: Sequence[Cell]
    causes: Sequence[Cause]
    lines: Sequence[Line]
    partners: Sequence[PartnerSums]
    night_state: str
    is_night_clean: bool

    @property
    def unexplained(self) -> int:
        """How many differences nothing explains."""
        return sum(cause.cause == UNEXPLAINED for cause in self.causes)

    @property
    def is_clean(self) -> bool:
        """Whether all was read, and everything has a name."""
        return self.is_night_clean and not self.unexplained and not any(cell.unexplained for cell in self.cells)

    @property
    def is_equal(self) -> bool:
        """Whether no total of the one side is another one on the other, named or not."""
        return not any(cell.difference or cell.unexplained for cell in self.cells)

    @property
    def content_hash(self) -> str:
        """Return what two equal pages share."""
        night = [self.night_state, self.is_night_clean, self.is_equal]
        return _hash({"night": night, "figures": self.figures_hash})

    @property
    def figures_hash(self) -> str:
        """Return what two pages share whose figures are equal, however their nights were."""
        told = {
            "month": self.month.isoformat(),
            "cells": [[*_place(cell), *map(str, _amounts(cell))] for cell in self.cells],
            "causes": [
                [*_place(cause), cause.cause, str(cause.amount), cause.about.source_id, cause.about.remote_id]
                for cause in self.causes
            ],
            "lines": [
                [line.key, line.state, [[_plain(value) for value in row] for row in line.rows]]
                for line in self.lines
                if line.key != "night"
            ],
        }
        return _hash(told)


def _hash(told: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def month_totals(
    connection: Connection,
    company: Company,
    totals: Totals,
    registers: Registers,
    month: date,
    *,
    now: datetime,
    night: Night | None,
) -> MonthTotals:
    """Return one month. `night`: the one whose reading this is; None: nothing was read yet."""
    registers = replace(registers, days_missing=_days_missing(connection, company, month, tallinn_day(now)))
    state, is_clean = state_of(night)
    cells, causes = totals.of(month)
    returned_at = calculated_at(connection, company.key).get(month)
    lines = kmd_page(totals, registers, month, night_state=state, is_night_clean=is_clean, returned_at=returned_at)
    partners = partner_sums(
        totals, registers, [each for each in totals.documents if month_of(each.books.entry_day) == month]
    )
    return MonthTotals(month, cells, causes, lines, partners, state, is_clean)


def state_of(night: Night | None) -> tuple[str, bool]:
    """Return how a night ended, and whether what it read may read clean."""
    if night is None:
        return NO_NIGHT, False
    # A side that was not asked was not read.
    states = [night.state, night.scoro_state or "incomplete"]
    worst = next((each for each in states if each != "ok"), "ok")
    return "open_night" if worst == "open" else worst, worst == "ok"


def last_night(connection: Connection, company: str) -> Night | None:
    """Return the last night that ended."""
    return next(iter(nights(connection, company, 1)), None)


def read_registers(connection: Connection, company: Company) -> Registers:
    """Return who is who in SmartAccounts, and what its articles are."""
    return Registers(
        partners={flow: partner_records(connection, company.key, kind) for flow, kind in _KINDS.items()},
        article_types={code: each.type for code, each in article_records(connection, company.key).items()},
    )


def _days_missing(connection: Connection, company: Company, month: date, today: date) -> dict[Flow, int]:
    """Count the days of a month, up to yesterday, that no run covered."""
    after = (month + timedelta(days=31)).replace(day=1)
    last = after - timedelta(days=1)
    return {
        flow: sum(
            max((min(hole.last, last) - max(hole.first, month)).days + 1, 0)
            for hole in read_coverage(connection, company, flow, min(today, after)).holes
        )
        for flow in FLOWS
    }


def _place(item: Cell | Cause) -> list[str]:
    place = item.place
    return [place.bridge.value, place.flow, place.currency, item.part[0].value, item.part[1]]


def _amounts(cell: Cell) -> tuple[Any, ...]:
    return cell.scoro, cell.books, cell.ledger, cell.causes, cell.unexplained


def _plain(value: object) -> object:
    if isinstance(value, Phrase):
        return value.to_json()
    return value if isinstance(value, int | str) or value is None else str(value)


def cell_rows(of: MonthTotals, night: date) -> list[Mapping[str, Any]]:
    """Return totals as staging keeps them."""
    return [
        {
            **_columns(cell),
            "night": night,
            "scoro": cell.scoro,
            "books": cell.books,
            "ledger": cell.ledger,
            "causes": cell.causes,
            "unexplained": cell.unexplained,
        }
        for cell in of.cells
    ]


def cause_rows(of: MonthTotals) -> list[Mapping[str, Any]]:
    """Return causes as staging keeps them."""
    return [
        {
            **_columns(cause),
            "cause": cause.cause,
            "source_id": cause.about.source_id,
            "remote_id": cause.about.remote_id,
            "number": cause.about.number,
            "amount": cause.amount,
            "words": cause.words.to_json(),
        }
        for cause in of.causes
    ]


def _columns(item: Cell | Cause) -> dict[str, str]:
    names = ("bridge", "flow", "currency", "measure", "vat_code")
    return dict(zip(names, _place(item), strict=True))
