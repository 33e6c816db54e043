"""The amounts and lines of an invoice or bill: as its plan will book them, else as Scoro shows them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from scoro_smartaccounts.common.money import ZERO, cents, percent_of
from scoro_smartaccounts.report.document import ListedLine, NewArticle, VatShare
from scoro_smartaccounts.smartaccounts.queries import sent_day
from scoro_smartaccounts.smartaccounts.words import CREDIT
from scoro_smartaccounts.transform.row import RowAmounts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from scoro_smartaccounts.staging.documents import StagedDocument, StagedLine
    from scoro_smartaccounts.staging.plans import WantedPlan


@dataclass(frozen=True, slots=True)
class InvoiceAmounts:
    """The part of a `ListedDocument` that comes from its plan or from Scoro."""

    net: Decimal | None
    vat: Decimal | None
    rounding: Decimal
    total: Decimal | None
    lines: tuple[ListedLine, ...]
    vat_codes: tuple[VatShare, ...] = ()
    new_articles: tuple[NewArticle, ...] = ()
    entry_day: date | None = None


def as_planned(plan: WantedPlan, lines: Sequence[StagedLine], vat_percents: Mapping[str, Decimal]) -> InvoiceAmounts:
    """Return what will be booked. `lines` are those of Scoro with money, in the order of the body's rows;
    `vat_percents` the percentages of SmartAccounts' codes, which sales invoices go by. Of a bill the paper's: what the
    buyer declares is in no total."""
    body, predicted = json.loads(plan.payload), plan.predicted
    sign = Decimal(-1 if body.get("type") == CREDIT else 1)
    is_bill = "isCalculateVat" in body
    listed, nets = [], dict.fromkeys(predicted["vat_by_code"], ZERO)
    for row, line in zip(body["rows"], lines, strict=True):
        amounts = RowAmounts(Decimal(row["price"]), Decimal(row["quantity"]), Decimal(row.get("discount", "0")))
        code, net = row["vatPc"], amounts.net * sign
        percent = line.vat_percent if is_bill else vat_percents.get(code, line.vat_percent)
        nets[code] += net
        listed.append(
            ListedLine(
                position=line.position,
                description=row["description"],
                article=row["code"],
                quantity=amounts.quantity * sign,
                price=amounts.price,
                discount=amounts.discount,
                net=net,
                vat_code=code,
                vat=_vat(net, percent),
                account=row.get("accountPurchase", ""),
            )
        )
    return InvoiceAmounts(
        net=Decimal(predicted["net"]) * sign,
        vat=Decimal(predicted["vat"]) * sign,
        rounding=Decimal(predicted["rounding"]) * sign,
        total=Decimal(predicted["total"]) * sign,
        lines=tuple(listed),
        vat_codes=tuple(
            VatShare(code, nets[code], Decimal(vat) * sign) for code, vat in sorted(predicted["vat_by_code"].items())
        ),
        new_articles=tuple(
            NewArticle(item["body"]["code"], item["body"]["description"], item["body"]["type"])
            for item in plan.new_articles
        ),
        entry_day=sent_day(body["entryDate"]),
    )


def as_in_scoro(document: StagedDocument, lines: Sequence[StagedLine]) -> InvoiceAmounts:
    """Return what Scoro says, a credit invoice with the sign of what it gives back."""
    net, vat = document.net, document.vat
    total = None if net is None or vat is None else net + vat
    sign = Decimal(-1 if document.credited_ids and total is not None and total > 0 else 1)
    return InvoiceAmounts(
        net=None if net is None else cents(net * sign),
        vat=None if vat is None else cents(vat * sign),
        rounding=ZERO,
        total=None if total is None else cents(total * sign),
        lines=tuple(
            ListedLine(
                position=line.position,
                description=line.description,
                article=line.product_code or "",
                quantity=line.quantity * sign,
                price=line.price,
                discount=line.discount,
                net=cents(line.net * sign),
                vat_code="",
                vat=_vat(line.net * sign, line.vat_percent),
            )
            for line in lines
        ),
    )


def _vat(net: Decimal, percent: Decimal | None) -> Decimal | None:
    return None if percent is None else cents(percent_of(net, percent))
