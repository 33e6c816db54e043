"""A sales or credit invoice of Scoro → the exact body of `clientinvoices:add`, and what will come of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from scoro_smartaccounts.assumptions import EXCHANGE_RATE_IS_FOREIGN_PER_EURO, VatRounding
from scoro_smartaccounts.company import EntryDateRule, SalesPolicy
from scoro_smartaccounts.documents import Document, Line
from scoro_smartaccounts.errors import DocumentProblem
from scoro_smartaccounts.money import CENT, ZERO, after_discounts, cents, fit_to_total, percent_of, plain
from scoro_smartaccounts.transform.article import FALLBACK_ID, STOCK
from scoro_smartaccounts.transform.row import RowAmounts, fit_row
from scoro_smartaccounts.transform.text import Say, clean
from scoro_smartaccounts.transform.vat import map_vat

CREDIT = "CRE"
_HALF_CENT = Decimal("0.005")
_RATE_STEP = Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class Article:
    """The article that a product is booked on: its code and its type at SmartAccounts."""

    code: str
    type: str
    excludes_discounts: bool = False


@dataclass(frozen=True, slots=True)
class Base:
    """The invoice that a credit invoice credits."""

    source_id: str
    number: str
    day: date
    entry_day: date


@dataclass(frozen=True, slots=True)
class Ledger:
    """What the plan needs to know of the SmartAccounts company."""

    vat_percents: Mapping[str, Decimal]
    warehouses: Mapping[str, str]
    vat_rounding: VatRounding


@dataclass(frozen=True, slots=True)
class Prediction:
    """What SmartAccounts will compute, in the invoice's currency. Credit invoices: positive amounts.

    `total` is net + vat + rounding and equals Scoro's gross.
    """

    net: Decimal
    vat: Decimal
    rounding: Decimal
    total: Decimal
    vat_by_code: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class PlannedInvoice:
    """The body to send. `clientId` and `baseForCreditInvoiceId` stand as Scoro's ids behind `@` (see
    `client_reference`, `document_reference`) until the moment of sending, since both may be created just before."""

    payload: dict[str, Any]
    prediction: Prediction
    warnings: tuple[str, ...]


def client_reference(source_id: str) -> str:
    """What stands for the SmartAccounts id of a contact's client in a planned body."""
    return f"@client:{source_id}"


def document_reference(source_id: str) -> str:
    """What stands for the SmartAccounts id of an invoice in a planned body."""
    return f"@document:{source_id}"


def document_number(document: Document, policy: SalesPolicy) -> str:
    """The invoice number that the books carry."""
    return f"{policy.document_series}{document.number}"


def plan_sales_invoice(
    document: Document,
    *,
    policy: SalesPolicy,
    articles: Mapping[str, Article],
    base: Base | None,
    ledger: Ledger,
    marker: str,
) -> PlannedInvoice:
    """`articles` by product id, `FALLBACK_ID` for lines without a product.

    Raises DocumentProblem for everything that a bookkeeper must decide.
    """
    warnings: list[str] = []
    sign = _sign(document)
    lines = _money_lines(document)
    nets = _nets(document, lines, articles)
    supply_day = base.day if base is not None else document.day
    rows: list[dict[str, Any]] = []
    vat_codes: list[str] = []
    texts = _row_texts(document, warnings.append)
    for line, net in zip(lines, nets, strict=True):
        article = _article(line, articles)
        percent = line.vat_percent if line.vat_percent is not None else document.vat_percent
        if percent is None:
            raise DocumentProblem(
                "vat_missing",
                f"Invoice {document.number}, line {line.position}: no VAT on the line or on the invoice.",
                field="vat_code",
            )
        vat_code = map_vat(
            policy.vat_codes,
            ledger.vat_percents,
            code=line.vat_code or document.vat_code,
            percent=percent,
            day=supply_day,
            number=document.number,
        )
        amounts = _amounts(document, line, article, sign, net)
        where = f"line {line.position}"
        if amounts.quantity != line.quantity * sign:
            warnings.append(
                f"{where}: told as one piece, since no price times its quantity comes to {plain(net * sign)}"
            )
        row: dict[str, Any] = {
            "code": article.code,
            "description": texts[line.position] or article.code,
            "price": plain(amounts.price),
            "quantity": plain(amounts.quantity),
        }
        if amounts.discount:
            row["discount"] = plain(amounts.discount)
        if unit := clean(line.unit, where, warnings.append):
            row["unit"] = unit
        row["vatPc"] = vat_code
        rows.append(row)
        vat_codes.append(vat_code)
    signed = [net * sign for net in nets]
    prediction = _predict(document, signed, vat_codes, ledger, sign)
    payload = _header(document, policy, base, prediction, warnings)
    if any(_article(line, articles).type == STOCK for line in lines):
        payload["warehouseId"] = _warehouse(policy, ledger, document)
    payload["comment"] = _comment(document, marker)
    payload["rows"] = rows
    return PlannedInvoice(payload, prediction, tuple(dict.fromkeys(warnings)))


def _sign(document: Document) -> Decimal:
    """-1 for credit invoices with negative amounts: SmartAccounts takes positive rows and turns them itself."""
    if document.is_credit and (document.net < 0 or (document.net == 0 and document.vat < 0)):
        return Decimal(-1)
    return Decimal(1)


def _money_lines(document: Document) -> list[Line]:
    lines = [line for line in document.lines if not line.is_heading]
    if not lines:
        raise DocumentProblem("no_lines", f"Invoice {document.number} has no lines with an amount.", field="lines")
    return lines


def _nets(document: Document, lines: Sequence[Line], articles: Mapping[str, Article]) -> list[Decimal]:
    """The lines' nets after the document discounts, in cents, adding up to the document's net."""
    exact = [
        line.net if _article(line, articles).excludes_discounts else after_discounts(line.net, document.discounts)
        for line in lines
    ]
    difference = sum(exact, ZERO) - document.net
    if abs(difference) > _HALF_CENT * (len(lines) + 1):
        raise DocumentProblem(
            "net_mismatch",
            f"Invoice {document.number}: the lines add up to {plain(cents(sum(exact, ZERO)))},"
            f" the invoice says {plain(document.net)} without VAT.",
            field="sum",
        )
    return fit_to_total(exact, cents(document.net))


def _article(line: Line, articles: Mapping[str, Article]) -> Article:
    return articles[line.product_id or FALLBACK_ID]


def _amounts(document: Document, line: Line, article: Article, sign: Decimal, net: Decimal) -> RowAmounts:
    discounts = (line.discount, *(() if article.excludes_discounts else document.discounts))
    amounts = fit_row(
        price=line.price,
        quantity=line.quantity * sign,
        discounts=discounts,
        net=net * sign,
        keep_quantity=article.type == STOCK,
    )
    if amounts is None:
        raise DocumentProblem(
            "stock_price",
            f"Invoice {document.number}, line {line.position}: no price of the stock article {article.code} times"
            f" its quantity comes to {plain(net)}. Correct quantity or sum in Scoro.",
            field="lines.amount",
        )
    return amounts


def _row_texts(document: Document, say: Say) -> dict[int, str]:
    """The text of every money line by its position, the headings right above it in front. Headings below the last
    money line stand behind its text, so that no text of the invoice is lost."""
    texts: dict[int, str] = {}
    headings: list[str] = []
    for line in document.lines:
        text = _line_text(line, say)
        if line.is_heading:
            headings += [text] if text else []
        else:
            texts[line.position] = _dashed(" / ".join(headings), text)
            headings = []
    if texts and headings:
        last = next(reversed(texts))
        texts[last] = _dashed(texts[last], " / ".join(headings))
    return texts


def _line_text(line: Line, say: Say) -> str:
    name, text = (clean(part, f"line {line.position}", say) for part in (line.product_name, line.description))
    return ": ".join(dict.fromkeys(filter(None, (name, text))))


def _dashed(*parts: str) -> str:
    return " – ".join(filter(None, parts))


def _predict(
    document: Document, nets: Sequence[Decimal], vat_codes: Sequence[str], ledger: Ledger, sign: Decimal
) -> Prediction:
    vat_by_code: dict[str, Decimal] = {}
    net_by_code: dict[str, Decimal] = {}
    for net, code in zip(nets, vat_codes, strict=True):
        net_by_code[code] = net_by_code.get(code, ZERO) + net
        row_vat = cents(percent_of(net, ledger.vat_percents[code]))
        vat_by_code[code] = vat_by_code.get(code, ZERO) + row_vat
    if ledger.vat_rounding is VatRounding.PER_CODE:
        vat_by_code = {code: cents(percent_of(net, ledger.vat_percents[code])) for code, net in net_by_code.items()}
    net, vat = sum(nets, ZERO), sum(vat_by_code.values(), ZERO)
    total = cents(document.gross) * sign
    rounding = total - net - vat
    if abs(rounding) > CENT * len(nets):
        raise DocumentProblem(
            "total_mismatch",
            f"Invoice {document.number}: with these lines the total comes to {plain(net + vat)}, Scoro says"
            f" {plain(total)}; rounding explains at most {plain(CENT * len(nets))}. Check the VAT sum.",
            field="vat_sum",
        )
    return Prediction(net=net, vat=vat, rounding=rounding, total=total, vat_by_code=vat_by_code)


def _header(
    document: Document, policy: SalesPolicy, base: Base | None, prediction: Prediction, warnings: list[str]
) -> dict[str, Any]:
    if document.partner_id is None:
        raise DocumentProblem("partner_missing", f"Invoice {document.number} names no client.", field="company_id")
    header: dict[str, Any] = {"clientId": client_reference(document.partner_id)}
    ledger_day = entry_day(document.day, policy)
    if document.is_credit:
        header["type"] = CREDIT
        if base is None:
            raise DocumentProblem(
                "base_unknown",
                f"Credit invoice {document.number}: the invoice it credits is not in Scoro any more.",
                field="credited_invoices",
            )
        if document.day < base.day:
            raise DocumentProblem(
                "credit_before_base",
                f"Credit invoice {document.number} is dated {document.day:%d.%m.%Y}, before the invoice"
                f" {base.number} of {base.day:%d.%m.%Y} that it credits.",
                field="date",
            )
        ledger_day = max(ledger_day, base.entry_day)
        header["baseForCreditInvoiceId"] = document_reference(base.source_id)
        if len(document.credits) > 1:
            warnings.append(f"credits {len(document.credits)} invoices; SmartAccounts links one: {base.number}")
    header["date"] = f"{document.day:%d.%m.%Y}"
    header["dueDate"] = f"{max(document.due_day or document.day, document.day):%d.%m.%Y}"
    header["entryDate"] = f"{ledger_day:%d.%m.%Y}"
    header["invoiceNumber"] = document_number(document, policy)
    if document.reference_number:
        header["referenceNumber"] = document.reference_number
    header["currency"] = document.currency
    if document.currency != policy.base_currency:
        header["exchangeRate"] = plain(_exchange_rate(document))
    header["totalAmount"] = plain(prediction.total)
    return header


def entry_day(day: date, policy: SalesPolicy) -> date:
    """The ledger date of a document of `day`."""
    closed = policy.entry_date.books_closed_until
    if policy.entry_date.rule is EntryDateRule.FIRST_OPEN_DAY and closed is not None:
        return max(day, closed + timedelta(days=1))
    return day


def _exchange_rate(document: Document) -> Decimal:
    if document.currency_rate <= 0:
        raise DocumentProblem(
            "currency_rate",
            f"Invoice {document.number}: the currency rate must be above zero.",
            field="currency_rate",
        )
    rate = document.currency_rate
    return (1 / rate if EXCHANGE_RATE_IS_FOREIGN_PER_EURO else rate).quantize(_RATE_STEP)


def _warehouse(policy: SalesPolicy, ledger: Ledger, document: Document) -> str:
    if policy.warehouse is None or policy.warehouse not in ledger.warehouses:
        known = ", ".join(sorted(ledger.warehouses)) or "none"
        raise DocumentProblem(
            "warehouse_unknown",
            f"Invoice {document.number} sells stock articles, but the company file names"
            f" {'no warehouse' if policy.warehouse is None else f'the warehouse {policy.warehouse}'};"
            f" SmartAccounts knows: {known}.",
            field="sales_invoices.warehouse",
            system="company file",
        )
    return ledger.warehouses[policy.warehouse]


def _comment(document: Document, marker: str) -> str:
    parts = [marker]
    if document.prepayments:
        parts.append(f"Ettemaks Scoros: {', '.join(document.prepayments)}, summa {plain(document.prepayment_sum)}")
    return " ".join(parts)
