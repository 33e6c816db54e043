"""What a sales invoice and a bill have in common on their way into a body: articles, nets, texts, dates, rates."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from scoro_smartaccounts.common.assumptions import EXCHANGE_RATE_IS_FOREIGN_PER_EURO, TEXT_LENGTH, VatRounding
from scoro_smartaccounts.common.company import PurchasePolicy, RateSource, SalesPolicy, VatRule
from scoro_smartaccounts.common.errors import DocumentProblem
from scoro_smartaccounts.common.money import ZERO, after_discounts, cents, fit_to_total, percent_of, plain
from scoro_smartaccounts.common.reasons import Reason, phrase, reason
from scoro_smartaccounts.common.vat_rates import ended_before, is_valid
from scoro_smartaccounts.smartaccounts.queries import written_day
from scoro_smartaccounts.smartaccounts.words import partner_reference
from scoro_smartaccounts.transform.article import FALLBACK_ID, STOCK
from scoro_smartaccounts.transform.rates import has_official_rate, rate_sent
from scoro_smartaccounts.transform.row import RowAmounts, fit_row
from scoro_smartaccounts.transform.text import Say, clean, tell_length
from scoro_smartaccounts.transform.vat import vat_rule

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from scoro_smartaccounts.common.documents import Document, Line
    from scoro_smartaccounts.common.kinds import DocumentKind

_HALF_CENT = Decimal("0.005")
ONE = Decimal(1)


@dataclass(frozen=True, slots=True)
class Article:
    """The article that a product is booked on: its code and its type at SmartAccounts."""

    code: str
    type: str
    excludes_discounts: bool = False


@dataclass(frozen=True, slots=True)
class Ledger:
    """What the plan needs to know of the SmartAccounts company.

    `vat_percents` are those of the codes that are active for the flow, `own_vat_codes` those that the company made
    itself; `rate_is_foreign_per_euro`: which way round it quotes rates.
    `accounts` and `objects` (ids by code) are known only where a document asks for one.
    """

    vat_percents: Mapping[str, Decimal]
    warehouses: Mapping[str, str]
    vat_rounding: VatRounding
    base_currency: str = "EUR"
    rates: RateSource = RateSource.ECB
    accounts: frozenset[str] = frozenset()
    objects: Mapping[str, str] = field(default_factory=dict)
    own_vat_codes: frozenset[str] = frozenset()
    rate_is_foreign_per_euro: bool = EXCHANGE_RATE_IS_FOREIGN_PER_EURO


@dataclass(frozen=True, slots=True)
class Prediction:
    """What SmartAccounts will compute, in the document's currency. Credit invoices: positive amounts.

    `total` is net + vat + rounding and equals Scoro's gross. `vat_by_code` is what the rows give; on a bill the
    supplier's own cents may differ from it. `declared` is the VAT of reverse charge, which no total holds;
    `declared_by_code` is the same, rounded once for all rows of a code.
    """

    net: Decimal
    vat: Decimal
    rounding: Decimal
    total: Decimal
    vat_by_code: Mapping[str, Decimal]
    declared: Decimal = ZERO
    declared_by_code: Mapping[str, Decimal] = field(default_factory=dict)

    def amounts(self) -> dict[str, Decimal | Mapping[str, Decimal]]:
        """Return all of it by name."""
        return {each.name: getattr(self, each.name) for each in fields(self)}


@dataclass(frozen=True, slots=True)
class PlannedInvoice:
    """The body to send. `clientId`, `vendorId` and `baseForCreditInvoiceId` are references (see
    `smartaccounts.words`) until the moment of sending, since all may be created just before."""

    payload: dict[str, Any]
    prediction: Prediction
    warnings: tuple[Reason, ...]
    kinds: tuple[DocumentKind, ...] = ()


@dataclass(frozen=True, slots=True)
class RuledLine:
    """A line with money on its way into a row: its article, its net after all discounts, its VAT and its text."""

    line: Line
    article: Article
    net: Decimal
    percent: Decimal
    rule: VatRule
    text: str


def ruled_lines(
    document: Document,
    policy: SalesPolicy | PurchasePolicy,
    articles: Mapping[str, Article],
    ledger: Ledger,
    supply_days: Callable[[Decimal], Sequence[date]],
    say: Say,
) -> Iterator[RuledLine]:
    """Yield the lines with money. `supply_days`: the days of supply that VAT of a percentage may be of, the likeliest
    first. Raises DocumentProblem."""
    lines = money_lines(document)
    nets = row_nets(document, lines, articles)
    texts = row_texts(document, say)
    for line, net in zip(lines, nets, strict=True):
        percent = vat_percent_of(document, line)
        rule = vat_rule(
            policy.vat_codes,
            ledger.vat_percents,
            code=line.vat_code or document.vat_code,
            percent=percent,
            days=supply_days(percent),
            document=document,
        )
        yield RuledLine(line, article_of(line, articles), net, percent, rule, texts[line.position])


def article_of(line: Line, articles: Mapping[str, Article]) -> Article:
    """Return the article that a line is booked on; `articles` are by product id."""
    return articles[line.product_id or FALLBACK_ID]


def money_lines(document: Document) -> list[Line]:
    """Return the lines that carry money. Raises DocumentProblem when there are none."""
    lines = [line for line in document.lines if not line.is_heading]
    if not lines:
        raise DocumentProblem(reason("no_lines", document=document.named))
    return lines


def row_nets(document: Document, lines: Sequence[Line], articles: Mapping[str, Article]) -> list[Decimal]:
    """Return the lines' nets after the document discounts, in cents, adding up to the document's net."""
    exact = [
        line.net if article_of(line, articles).excludes_discounts else after_discounts(line.net, document.discounts)
        for line in lines
    ]
    difference = sum(exact, ZERO) - document.net
    if abs(difference) > _HALF_CENT * (len(lines) + 1):
        lines_net = cents(sum(exact, ZERO))
        raise DocumentProblem(
            reason("net_mismatch", document=document.named, kind=document.kind, lines=lines_net, net=document.net)
        )
    return fit_to_total(exact, cents(document.net))


def row_amounts(document: Document, item: RuledLine, sign: Decimal = ONE, *, takes_discount: bool = True) -> RowAmounts:
    """Return price, quantity and discount that give the line's net, turned by `sign`. Raises DocumentProblem for a line
    of stock whose quantity must stay, and whose net no price gives."""
    line, article = item.line, item.article
    amounts = fit_row(
        price=line.price,
        quantity=line.quantity * sign,
        discounts=(line.discount, *(() if article.excludes_discounts else document.discounts)),
        net=item.net * sign,
        keep_quantity=article.type == STOCK,
        takes_discount=takes_discount,
    )
    if amounts is None:
        raise DocumentProblem(
            reason("stock_price", document=document.named, position=line.position, article=article.code, net=item.net)
        )
    return amounts


def plan_row(item: RuledLine, amounts: RowAmounts, say: Say) -> dict[str, Any]:
    """Return a row. `say` hears where its quantity is not the line's."""
    line, article = item.line, item.article
    where = phrase("line", position=line.position)
    if abs(amounts.quantity) != abs(line.quantity):
        say(reason("told_as_one_piece", where=where, net=amounts.net))
    tell_length(item.text, TEXT_LENGTH, where, say)
    row: dict[str, Any] = {
        "code": article.code,
        "description": item.text or article.code,
        "price": plain(amounts.price),
        "quantity": plain(amounts.quantity),
    }
    if amounts.discount:
        row["discount"] = plain(amounts.discount)
    if unit := clean(line.unit, where, say):
        row["unit"] = unit
    row["vatPc"] = item.rule.smartaccounts
    return row


def vat_percent_of(document: Document, line: Line) -> Decimal:
    """Return the VAT percentage of a line, or of its document. Raises DocumentProblem when there is none."""
    percent = line.vat_percent if line.vat_percent is not None else document.vat_percent
    if percent is None:
        raise DocumentProblem(
            reason("vat_missing", document=document.named, kind=document.kind, position=line.position)
        )
    return percent


def vat_percents_of(document: Document) -> frozenset[Decimal]:
    """Return the VAT percentages of its lines that carry money."""
    found = (
        line.vat_percent if line.vat_percent is not None else document.vat_percent
        for line in document.lines
        if not line.is_heading
    )
    return frozenset(percent for percent in found if percent is not None)


def vat_by_code(nets: Sequence[Decimal], vat_codes: Sequence[str], ledger: Ledger) -> dict[str, Decimal]:
    """Return the VAT that SmartAccounts computes of rows, by VAT code."""
    net_by_code: dict[str, Decimal] = {}
    rounded: dict[str, Decimal] = {}
    for net, code in zip(nets, vat_codes, strict=True):
        net_by_code[code] = net_by_code.get(code, ZERO) + net
        rounded[code] = rounded.get(code, ZERO) + cents(percent_of(net, ledger.vat_percents[code]))
    if ledger.vat_rounding is VatRounding.PER_CODE:
        return {code: cents(percent_of(net, ledger.vat_percents[code])) for code, net in net_by_code.items()}
    return rounded


def row_texts(document: Document, say: Say) -> dict[int, str]:
    """Return the text of every money line by its position, the headings right above it in front. Headings below the
    last money line stand behind its text, so that no text of the document is lost."""
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
    where = phrase("line", position=line.position)
    name, text = (clean(part, where, say) for part in (line.product_name, line.description))
    return ": ".join(dict.fromkeys(filter(None, (name, text))))


def _dashed(*parts: str) -> str:
    return " – ".join(filter(None, parts))


def partner_field(document: Document, kind: str) -> dict[str, Any]:
    """Return the field that names the client or vendor. Raises DocumentProblem when the document names none."""
    if document.partner_id is None:
        raise DocumentProblem(reason("partner_missing", document=document.named, kind=phrase(f"{kind}_word")))
    return {f"{kind}Id": partner_reference(kind, document.partner_id)}


def plan_header(document: Document, *, number: str, ledger_day: date, total: Decimal, ledger: Ledger) -> dict[str, Any]:
    """Dates, number, currency and total: what the header of either service takes. A rate is left out where
    SmartAccounts knows the official one, unless the company wants Scoro's."""
    header: dict[str, Any] = {
        "date": written_day(document.day),
        "dueDate": written_day(max(document.due_day or document.day, document.day)),
        "entryDate": written_day(ledger_day),
        "invoiceNumber": number,
    }
    if document.reference_number:
        header["referenceNumber"] = document.reference_number
    header["currency"] = document.currency
    is_known = ledger.rates is RateSource.ECB and has_official_rate(
        document.currency, document.day, ledger.base_currency
    )
    if document.currency != ledger.base_currency and not is_known:
        header["exchangeRate"] = plain(_exchange_rate(document, ledger))
    header["totalAmount"] = plain(total)
    return header


def doubt_own_code(rule: VatRule, ledger: Ledger, say: Say) -> None:
    """Tell of a VAT code that the company made itself: its VAT return does not take it."""
    if rule.smartaccounts in ledger.own_vat_codes:
        say(reason("vat_code_own", vat_code=rule.smartaccounts))


def tell_moved_entry(document: Document, percents: Iterable[Decimal], ledger_day: date, say: Say) -> None:
    """`say` hears where a document is entered later than it is dated: its VAT is then declared later, perhaps when its
    rate has ended."""
    if ledger_day <= document.day:
        return
    say(reason("entry_moved", day=document.day, entry_day=ledger_day))
    for percent in sorted(set(percents)):
        last = ended_before(percent, ledger_day)
        if last is not None and not is_valid(percent, ledger_day) and is_valid(percent, document.day):
            told = {"percent": f"{percent.normalize():f}", "last": last, "day": document.day}
            say(reason("entry_moved.rate", entry_day=ledger_day, **told))


def _exchange_rate(document: Document, ledger: Ledger) -> Decimal:
    if document.currency_rate <= 0:
        raise DocumentProblem(reason("currency_rate", document=document.named))
    return rate_sent(document.currency_rate, is_foreign_per_euro=ledger.rate_is_foreign_per_euro)


def warehouse_field(
    document: Document, items: Sequence[RuledLine], policy: SalesPolicy | PurchasePolicy, ledger: Ledger
) -> dict[str, Any]:
    """Return the field that names the warehouse, where a line is stock. Raises DocumentProblem when there is none to
    name."""
    if all(item.article.type != STOCK for item in items):
        return {}
    if policy.warehouse is None or policy.warehouse not in ledger.warehouses:
        raise DocumentProblem(
            reason(
                "warehouse_unknown" if policy.warehouse is None else "warehouse_unknown.other",
                document=document.named,
                warehouse=policy.warehouse,
                known=sorted(ledger.warehouses) or phrase("no_records"),
                setting=f"{document.flow}.warehouse",
            )
        )
    return {"warehouseId": ledger.warehouses[policy.warehouse]}
