"""A bill or expense of Scoro → the exact body of `vendorinvoices:add`, and what will come of it.

SmartAccounts is told not to compute the VAT: the supplier's cents are booked as they stand on the paper, so the total
needs no rounding. Where the buyer declares all of it, the paper has none and SmartAccounts works it out. Rows know no
discount, bills no type: what is given back has a negative quantity.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from scoro_smartaccounts.common.company import PurchasePolicy, ReverseChargeRule
from scoro_smartaccounts.common.errors import DocumentProblem
from scoro_smartaccounts.common.money import ZERO, cents, percent_of, plain, supplier_vat_limit
from scoro_smartaccounts.common.reasons import Reason, reason
from scoro_smartaccounts.transform.article import STOCK
from scoro_smartaccounts.transform.invoice import (
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
    vat_percents_of,
    warehouse_field,
)
from scoro_smartaccounts.transform.kinds import kinds_of_bill
from scoro_smartaccounts.transform.vat_doubts import doubt_reverse_charge

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date
    from decimal import Decimal

    from scoro_smartaccounts.common.documents import Document, Line, Partner
    from scoro_smartaccounts.transform.invoice import Article, Ledger
    from scoro_smartaccounts.transform.row import RowAmounts
    from scoro_smartaccounts.transform.text import Say


def plan_purchase_invoice(
    document: Document,
    *,
    policy: PurchasePolicy,
    articles: Mapping[str, Article],
    ledger: Ledger,
    marker: str,
    vendor: Partner | None,
    entry_day: date | None = None,
) -> PlannedInvoice:
    """`articles` by product id, `FALLBACK_ID` for lines without a product; `vendor` as far as Scoro shows it;
    `entry_day`: where it is not its own.

    Raises DocumentProblem for everything that a bookkeeper must decide.
    """
    warnings: list[Reason] = []
    say = warnings.append
    items: list[RuledLine] = []
    rows: list[dict[str, Any]] = []
    for item in ruled_lines(document, policy, articles, ledger, lambda _: [document.day], say):
        line = item.line
        doubt_own_code(item.rule, ledger, say)
        doubt_reverse_charge(item.rule, item.percent, vendor, say)
        row = plan_row(item, _amounts(document, item), say)
        if line.account is not None:
            row["accountPurchase"] = _account(document, line, line.account, policy, ledger)
        if line.cost_object is not None:
            row["objectId"] = _object_id(document, line, line.cost_object, policy, ledger)
        items.append(item)
        rows.append(row)
    ledger_day = entry_day or document.day
    tell_moved_entry(document, vat_percents_of(document), ledger_day, say)
    prediction = _predict(document, items, ledger)
    payload = {
        **partner_field(document, "vendor"),
        **plan_header(document, number=document.number, ledger_day=ledger_day, total=prediction.total, ledger=ledger),
        **_vat_fields(document, items, policy, prediction, say),
        **warehouse_field(document, items, policy, ledger),
        "comment": marker,
        "rows": rows,
    }
    kinds = kinds_of_bill(
        payload,
        is_foreign=document.currency != ledger.base_currency,
        is_reverse_charge=any(item.rule.reverse_charge for item in items),
        is_credit=prediction.total < 0,
        article_types=(item.article.type for item in items),
    )
    return PlannedInvoice(payload, prediction, tuple(dict.fromkeys(warnings)), kinds)


def _vat_fields(
    document: Document, items: Sequence[RuledLine], policy: PurchasePolicy, prediction: Prediction, say: Say
) -> dict[str, Any]:
    """Whether SmartAccounts works out the VAT, else what is on the paper."""
    declared = [item.rule.reverse_charge for item in items]
    if all(declared) and not prediction.vat and policy.reverse_charge_vat is ReverseChargeRule.COMPUTED:
        return {"isCalculateVat": True}
    if any(declared) and not all(declared):
        say(reason("reverse_charge_in_part", document=document.named))
    return {"isCalculateVat": False, "vatAmount": plain(prediction.vat)}


def _amounts(document: Document, item: RuledLine) -> RowAmounts:
    """Price and quantity without a discount. The price is never negative: a bill that gives money back, and a line
    that takes something off, have a negative quantity."""
    line, article = item.line, item.article
    if article.type == STOCK and line.price < 0 < line.quantity and document.gross >= 0:
        raise DocumentProblem(
            reason(
                "stock_price.return_or_rebate",
                document=document.named,
                position=line.position,
                article=article.code,
            )
        )
    amounts = row_amounts(document, item, takes_discount=False)
    if amounts.price < 0:
        return replace(amounts, price=-amounts.price, quantity=-amounts.quantity)
    return amounts


def _account(document: Document, line: Line, symbol: str, policy: PurchasePolicy, ledger: Ledger) -> str:
    account = policy.accounts.get(symbol)
    if account is None:
        raise _not_mapped(document, line, "account", symbol)
    if account not in ledger.accounts:
        raise _unknown(document, line, "account", symbol, account)
    return account


def _object_id(document: Document, line: Line, symbol: str, policy: PurchasePolicy, ledger: Ledger) -> str:
    code = policy.cost_objects.get(symbol)
    if code is None:
        raise _not_mapped(document, line, "cost_object", symbol)
    if code not in ledger.objects:
        raise _unknown(document, line, "cost_object", symbol, code)
    return ledger.objects[code]


def _not_mapped(document: Document, line: Line, what: str, symbol: str) -> DocumentProblem:
    setting = f"{document.flow}.{what}s"
    return DocumentProblem(
        reason(f"{what}_not_mapped", document=document.named, position=line.position, symbol=symbol, setting=setting)
    )


def _unknown(document: Document, line: Line, what: str, symbol: str, code: str) -> DocumentProblem:
    return DocumentProblem(
        reason(
            f"{what}_unknown",
            document=document.named,
            position=line.position,
            symbol=symbol,
            code=code,
            setting=f"{document.flow}.{what}s",
        )
    )


def _predict(document: Document, items: Sequence[RuledLine], ledger: Ledger) -> Prediction:
    by_code: dict[str, Decimal] = {}
    declared = ZERO
    nets: dict[str, Decimal] = {}
    for item in items:
        code = item.rule.smartaccounts
        by_code[code] = by_code.get(code, ZERO) + cents(percent_of(item.net, item.percent))
        if item.rule.reverse_charge:
            declared += cents(percent_of(item.net, ledger.vat_percents[code]))
            nets[code] = nets.get(code, ZERO) + item.net
    net, computed = sum((item.net for item in items), ZERO), sum(by_code.values(), ZERO)
    vat, limit = cents(document.vat), supplier_vat_limit(len(items))
    if abs(vat - computed) > limit:
        raise DocumentProblem(
            reason("total_mismatch.bill", document=document.named, computed=computed, vat=vat, limit=limit)
        )
    total = net + vat
    return Prediction(
        net,
        vat,
        rounding=cents(document.gross) - total,
        total=total,
        vat_by_code=by_code,
        declared=declared,
        declared_by_code={code: cents(percent_of(part, ledger.vat_percents[code])) for code, part in nets.items()},
    )
