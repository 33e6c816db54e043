"""A sales or credit invoice of Scoro → the exact body of `clientinvoices:add`, and what will come of it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from scoro_smartaccounts.common.errors import DocumentProblem
from scoro_smartaccounts.common.money import CENT, NOTABLE_ROUNDING, ZERO, cents, plain, rounding_limit
from scoro_smartaccounts.common.reasons import Reason, phrase, reason
from scoro_smartaccounts.smartaccounts.words import BASE, CREDIT, document_reference
from scoro_smartaccounts.transform.invoice import (
    ONE,
    PlannedInvoice,
    Prediction,
    RuledLine,
    doubt_own_code,
    partner_field,
    plan_header,
    plan_row,
    row_amounts,
    ruled_lines,
    tell_moved_entry,
    vat_by_code,
    vat_percents_of,
    warehouse_field,
)
from scoro_smartaccounts.transform.kinds import kinds_of_invoice
from scoro_smartaccounts.transform.vat_doubts import PartnerInBooks, doubt_zero_rate_sale

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from scoro_smartaccounts.common.company import SalesPolicy
    from scoro_smartaccounts.common.documents import Document, Partner
    from scoro_smartaccounts.transform.invoice import Article, Ledger
    from scoro_smartaccounts.transform.text import Say


@dataclass(frozen=True, slots=True)
class Base:
    """An invoice that a credit invoice credits; `vat_percents` are those of its lines."""

    source_id: str
    number: str
    day: date
    entry_day: date
    vat_percents: frozenset[Decimal] = frozenset()


def document_number(document: Document, policy: SalesPolicy) -> str:
    """Return the invoice number that the books carry."""
    return f"{policy.document_series}{document.number}"


def plan_sales_invoice(  # noqa: PLR0913 - all that a plan is made from
    document: Document,
    *,
    policy: SalesPolicy,
    articles: Mapping[str, Article],
    bases: Sequence[Base],
    ledger: Ledger,
    marker: str,
    prepayments: Mapping[str, str] = MappingProxyType({}),
    client: Partner | None = None,
    in_books: PartnerInBooks | None = None,
    entry_day: date | None = None,
) -> PlannedInvoice:
    """`articles` by product id, `FALLBACK_ID` for lines without a product; `bases`: the credited invoices that are
    known, the newest, which SmartAccounts links, first; `prepayments`: numbers of prepayment invoices by Scoro's id;
    `client` as far as Scoro shows it, `in_books` as SmartAccounts does; `entry_day`: where it is not its own.

    Raises DocumentProblem for everything that a bookkeeper must decide.
    """
    warnings: list[Reason] = []
    say = warnings.append
    sign = _sign(document)
    items: list[RuledLine] = []
    rows: list[dict[str, Any]] = []
    for item in ruled_lines(
        document, policy, articles, ledger, lambda percent: _supply_days(document, bases, percent), say
    ):
        article = item.article
        doubt_zero_rate_sale(item.rule, item.percent, client, in_books, say)
        if item.rule.intra_community and item.line.product_id is None:
            say(reason("union_sale_article", article=article.code, type=article.type))
        doubt_own_code(item.rule, ledger, say)
        rows.append(plan_row(item, row_amounts(document, item, sign), say))
        items.append(item)
    prediction = _predict(document, items, ledger, sign, say)
    prepaid_by = [prepayments.get(source_id) or f"id {source_id}" for source_id in document.prepayments]
    if prepaid_by:
        say(reason("prepayment_drawn", sum=document.prepayment_sum, prepayments=prepaid_by))
    payload = {
        **_header(document, policy, bases[0] if bases else None, entry_day, ledger, prediction, say),
        **warehouse_field(document, items, policy, ledger),
        "comment": _comment(document, marker, prepaid_by),
        "rows": rows,
    }
    kinds = kinds_of_invoice(
        payload,
        is_foreign=document.currency != ledger.base_currency,
        is_credit=document.is_credit,
        is_union_sale=any(item.rule.intra_community for item in items),
        article_types=(item.article.type for item in items),
    )
    return PlannedInvoice(payload, prediction, tuple(dict.fromkeys(warnings)), kinds)


def _supply_days(document: Document, bases: Sequence[Base], percent: Decimal) -> list[date]:
    """Return the days of supply that a line's VAT may be of, the likeliest first: of a credit invoice those of the
    invoices that it credits, first of those with this percentage."""
    if not bases:
        return [document.day]
    return [base.day for base in sorted(bases, key=lambda base: percent not in base.vat_percents)]


def _sign(document: Document) -> Decimal:
    """-1 for credit invoices with negative amounts: SmartAccounts takes positive rows and turns them itself."""
    if document.is_credit and (document.net < 0 or (document.net == 0 and document.vat < 0)):
        return Decimal(-1)
    return ONE


def _predict(document: Document, items: Sequence[RuledLine], ledger: Ledger, sign: Decimal, say: Say) -> Prediction:
    nets = [item.net * sign for item in items]
    by_code = vat_by_code(nets, [item.rule.smartaccounts for item in items], ledger)
    net, vat = sum(nets, ZERO), sum(by_code.values(), ZERO)
    total = cents(document.gross) * sign
    rounding = total - net - vat
    by_rows = CENT * len(nets)
    if abs(rounding) > by_rows:
        raise DocumentProblem(
            reason("total_mismatch", document=document.named, computed=net + vat, total=total, limit=by_rows)
        )
    told = {"rows": len(nets), "computed": vat, "vat": total - net, "rounding": rounding}
    limit = rounding_limit(len(nets), total - net)
    if abs(rounding) > limit:
        raise DocumentProblem(reason("total_mismatch.small_lines", document=document.named, limit=limit, **told))
    if abs(rounding) > NOTABLE_ROUNDING:
        say(reason("vat_rounded_far", **told))
    return Prediction(net=net, vat=vat, rounding=rounding, total=total, vat_by_code=by_code)


def _header(
    document: Document,
    policy: SalesPolicy,
    base: Base | None,
    entry_day: date | None,
    ledger: Ledger,
    prediction: Prediction,
    say: Say,
) -> dict[str, Any]:
    header = partner_field(document, "client")
    ledger_day = entry_day or document.day
    if document.is_credit:
        header["type"] = CREDIT
        credit = phrase("credit_invoice", number=document.number)
        if base is None:
            raise DocumentProblem(reason("base_unknown", document=credit))
        if document.day < base.day:
            raise DocumentProblem(
                reason(
                    "credit_before_base",
                    document=credit,
                    day=document.day,
                    base=phrase("invoice", number=base.number),
                    base_day=base.day,
                )
            )
        ledger_day = max(ledger_day, base.entry_day)
        header[BASE] = document_reference(base.source_id)
        if len(document.credits) > 1:
            say(reason("credits_several", count=len(document.credits), linked=base.number))
    tell_moved_entry(document, vat_percents_of(document), ledger_day, say)
    return header | plan_header(
        document,
        number=document_number(document, policy),
        ledger_day=ledger_day,
        total=prediction.total,
        ledger=ledger,
    )


def _comment(document: Document, marker: str, prepaid_by: Sequence[str]) -> str:
    parts = [marker]
    if document.prepayments:
        parts.append(f"Ettemaks Scoros: {', '.join(prepaid_by)}, summa {plain(document.prepayment_sum)}")
    return " ".join(parts)
