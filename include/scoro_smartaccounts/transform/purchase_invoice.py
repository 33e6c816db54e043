"""A bill or expense of Scoro → the exact body of `vendorinvoices:add`, and what will come of it.

SmartAccounts is told not to compute the VAT: the supplier's cents are booked as they stand on the paper, so the total
needs no rounding. Where the buyer declares all of it, the paper has none and SmartAccounts works it out. Rows know no
discount, bills no type: what is given back has a negative quantity.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from scoro_smartaccounts.common.company import PurchasePolicy, ReverseChargeRule, VatRule
from scoro_smartaccounts.common.errors import DocumentProblem
from scoro_smartaccounts.common.money import ZERO, cents, percent_of, plain, supplier_vat_limit
from scoro_smartaccounts.common.reasons import Reason, reason
from scoro_smartaccounts.transform.article import STOCK
from scoro_smartaccounts.transform.invoice import (
    Article,
    Ledger,
    PlannedInvoice,
    Prediction,
    article_of,
    doubt_own_code,
    entry_day,
    money_lines,
    no_stock_price,
    partner_field,
    plan_header,
    plan_row,
    row_discounts,
    row_nets,
    row_texts,
    tell_moved_entry,
    vat_percent_of,
    warehouse_field,
)
from scoro_smartaccounts.transform.kinds import kinds_of_bill
from scoro_smartaccounts.transform.row import RowAmounts, fit_row
from scoro_smartaccounts.transform.vat import vat_rule
from scoro_smartaccounts.transform.vat_doubts import doubt_reverse_charge

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from decimal import Decimal

    from scoro_smartaccounts.common.documents import Document, Line, Partner
    from scoro_smartaccounts.transform.text import Say


def plan_purchase_invoice(
    document: Document,
    *,
    policy: PurchasePolicy,
    articles: Mapping[str, Article],
    ledger: Ledger,
    marker: str,
    vendor: Partner | None,
) -> PlannedInvoice:
    """`articles` by product id, `FALLBACK_ID` for lines without a product; `vendor` as far as Scoro shows it.

    Raises DocumentProblem for everything that a bookkeeper must decide.
    """
    warnings: list[Reason] = []
    lines = money_lines(document)
    nets = row_nets(document, lines, articles)
    texts = row_texts(document, warnings.append)
    rows: list[dict[str, Any]] = []
    vats: list[tuple[str, Decimal]] = []
    rules: list[VatRule] = []
    for line, net in zip(lines, nets, strict=True):
        article = article_of(line, articles)
        percent = vat_percent_of(document, line)
        rule = vat_rule(
            policy.vat_codes,
            ledger.vat_percents,
            code=line.vat_code or document.vat_code,
            percent=percent,
            days=[document.day],
            document=document,
        )
        rules.append(rule)
        doubt_own_code(rule, ledger, warnings.append)
        doubt_reverse_charge(rule, percent, vendor, warnings.append)
        amounts = _amounts(document, line, article, net)
        row = plan_row(document, line, article, amounts, texts[line.position], warnings.append)
        row["vatPc"] = rule.smartaccounts
        if line.account is not None:
            row["accountPurchase"] = _account(document, line, line.account, policy, ledger)
        if line.cost_object is not None:
            row["objectId"] = _object_id(document, line, line.cost_object, policy, ledger)
        rows.append(row)
        vats.append((rule.smartaccounts, cents(percent_of(net, percent))))
    ledger_day = entry_day(document.day, policy, ledger.closed)
    tell_moved_entry(document, ledger_day, warnings.append)
    prediction = _predict(document, nets, vats)
    payload = {
        **partner_field(document, "vendor"),
        **plan_header(
            document,
            number=document.number,
            ledger_day=ledger_day,
            total=prediction.total,
            ledger=ledger,
        ),
        **_vat_fields(document, rules, policy, prediction, warnings.append),
        **warehouse_field(document, lines, articles, policy, ledger),
        "comment": marker,
        "rows": rows,
    }
    declared = [
        cents(percent_of(net, ledger.vat_percents[rule.smartaccounts]))
        for net, rule in zip(nets, rules, strict=True)
        if rule.reverse_charge
    ]
    prediction = replace(prediction, declared=sum(declared, ZERO))
    kinds = kinds_of_bill(
        payload,
        is_foreign=document.currency != ledger.base_currency,
        is_reverse_charge=bool(declared),
        is_credit=prediction.total < 0,
        article_types=(article_of(line, articles).type for line in lines),
    )
    return PlannedInvoice(payload, prediction, tuple(dict.fromkeys(warnings)), kinds)


def _vat_fields(
    document: Document, rules: Sequence[VatRule], policy: PurchasePolicy, prediction: Prediction, say: Say
) -> dict[str, Any]:
    """Whether SmartAccounts works out the VAT, else what is on the paper."""
    declared = [rule.reverse_charge for rule in rules]
    if all(declared) and not prediction.vat and policy.reverse_charge_vat is ReverseChargeRule.COMPUTED:
        return {"isCalculateVat": True}
    if any(declared) and not all(declared):
        say(reason("reverse_charge_in_part", document=document.named))
    return {"isCalculateVat": False, "vatAmount": plain(prediction.vat)}


def _amounts(document: Document, line: Line, article: Article, net: Decimal) -> RowAmounts:
    """Price and quantity without a discount. The price is never negative: a bill that gives money back, and a line
    that takes something off, have a negative quantity."""
    if article.type == STOCK and line.price < 0 < line.quantity and document.gross >= 0:
        raise DocumentProblem(
            reason(
                "stock_price.return_or_rebate",
                document=document.named,
                position=line.position,
                article=article.code,
            )
        )
    amounts = fit_row(
        price=line.price,
        quantity=line.quantity,
        discounts=row_discounts(document, line, article),
        net=net,
        keep_quantity=article.type == STOCK,
        takes_discount=False,
    )
    if amounts is None:
        raise no_stock_price(document, line, article, net)
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


def _predict(document: Document, nets: Sequence[Decimal], vats: Sequence[tuple[str, Decimal]]) -> Prediction:
    by_code: dict[str, Decimal] = {}
    for code, vat in vats:
        by_code[code] = by_code.get(code, ZERO) + vat
    net, computed, vat = sum(nets, ZERO), sum(by_code.values(), ZERO), cents(document.vat)
    limit = supplier_vat_limit(len(nets))
    if abs(vat - computed) > limit:
        raise DocumentProblem(
            reason("total_mismatch.bill", document=document.named, computed=computed, vat=vat, limit=limit)
        )
    total = net + vat
    return Prediction(net=net, vat=vat, rounding=cents(document.gross) - total, total=total, vat_by_code=by_code)
