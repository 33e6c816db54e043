"""The list as tables in one language: documents, lines, totals. Amounts are Decimal, days are dates, else text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scoro_smartaccounts.common.money import plain
from scoro_smartaccounts.common.reasons import field_of, render, system_of
from scoro_smartaccounts.flows import INVOICE_FLOWS
from scoro_smartaccounts.report.document import How, ListedDocument, PaidRow, Verdict
from scoro_smartaccounts.report.words import (
    COLUMNS,
    CREATES,
    DIRECTIONS,
    EVIDENCE,
    FIELDS,
    HOW,
    ROW_KINDS,
    SYSTEMS,
    VERDICTS,
    Language,
    word,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from pandas import DataFrame

    from scoro_smartaccounts.common.documents import Flow
    from scoro_smartaccounts.common.reasons import Reason
    from scoro_smartaccounts.report.totals import Totals

_Row = dict[str, Any]

_NAMED = ("number", "day", "position")
_ENDING = ("currency", "verdict", "source_id")
_PARTNER = ("partner", "contact", "partner_how")
_JUDGED = ("warnings", "why", "details", "field", "system", "source_id")
_AMOUNTS = ("net", "vat", "rounding", "total", "currency")
_OF_INVOICES = (
    *("verdict", "number", "day", "entry_day", *_PARTNER, "line_count", *_AMOUNTS, "vat_codes", "creates"),
    *_JUDGED,
)
_OF_PAYMENTS = (
    *("verdict", "number", "day", "direction", *_PARTNER, "account", "line_count", "pays", "prepayment"),
    *("total", "currency", *_JUDGED),
)
_LINES = (
    *(*_NAMED, "description", "article", "quantity", "price", "discount", "net", "vat_code", "vat", "account"),
    *_ENDING,
)
_PAID_ROWS = (*_NAMED, "kind", "pays", "account", "amount", *_ENDING)
_TOTALS = ("what", "documents", *_AMOUNTS)


def documents_table(flow: Flow, documents: Iterable[ListedDocument], language: Language) -> DataFrame:
    """Return a row a document."""
    return _table(_shape(flow).documents, [_document(document, language) for document in documents], language)


def lines_table(flow: Flow, documents: Iterable[ListedDocument], language: Language) -> DataFrame:
    """Return a row a line of an invoice or bill, or a part of a payment."""
    shape = _shape(flow)
    rows = [row for document in documents for row in shape.rows_of(document, language)]
    return _table(shape.rows, rows, language)


def totals_table(flow: Flow, sums: Totals, language: Language, told: Iterable[Reason] = ()) -> DataFrame:
    """Documents by verdict; sums by currency and by VAT code, and what is created, of those that will be created; what
    is `told` of months."""
    rows: list[_Row] = [
        {"what": word(VERDICTS, verdict, language), "documents": count} for verdict, count in sums.verdicts
    ]
    create = word(VERDICTS, Verdict.CREATE, language)
    spec = INVOICE_FLOWS.get(flow)
    for each in sums.currencies:
        what = create if each.direction is None else f"{create}: {word(DIRECTIONS, each.direction, language)}"
        amounts = {} if spec is None else {"net": each.net, "vat": each.vat, "rounding": each.rounding}
        rows.append(
            {"what": what, "documents": each.documents, **amounts, "total": each.total, "currency": each.currency}
        )
    rows += [
        {
            "what": f"{word(COLUMNS, 'vat_code', language)} {each.code}",
            "documents": each.documents,
            "net": each.net,
            "vat": each.vat,
            "total": each.gross,
            "currency": each.currency,
        }
        for each in sums.vat_codes
    ]
    if spec is not None:
        rows.append({"what": word(CREATES, f"{spec.partner}s", language), "documents": sums.new_partners})
        rows.append({"what": word(CREATES, "articles", language), "documents": len(sums.new_articles)})
    rows += [{"what": render(each, language)} for each in told]
    return _table(_TOTALS, rows, language)


def _table(names: Sequence[str], rows: Sequence[_Row], language: Language) -> DataFrame:
    from pandas import DataFrame

    frame = DataFrame([[row.get(name) for name in names] for row in rows], columns=list(names), dtype=object)
    return frame.rename(columns={name: word(COLUMNS, name, language) for name in names})


def _document(document: ListedDocument, language: Language) -> _Row:
    return {
        **_named(document, language),
        "entry_day": document.entry_day,
        "partner": document.partner.name,
        "contact": document.partner.source_id,
        "partner_how": _how(document, language),
        "line_count": document.line_count,
        "net": document.net,
        "vat": document.vat,
        "rounding": document.rounding,
        "total": document.total,
        "vat_codes": "; ".join(f"{share.code}: {plain(share.vat)}" for share in document.vat_codes),
        "creates": _creates(document, language),
        "warnings": _warnings(document, language),
        **_why(document, language),
        "direction": word(DIRECTIONS, document.direction, language) if document.direction is not None else "",
        "account": document.account,
        "pays": "; ".join(row.number for row in document.rows if row.number),
        "prepayment": document.prepayment,
    }


def _named(document: ListedDocument, language: Language) -> _Row:
    return {
        "verdict": word(VERDICTS, document.verdict, language),
        "number": document.number,
        "day": document.day,
        "currency": document.currency,
        "source_id": document.source_id,
    }


def _lines(document: ListedDocument, language: Language) -> Iterable[_Row]:
    named = _named(document, language)
    for line in document.lines:
        yield {
            **named,
            "position": line.position,
            "description": line.description,
            "article": line.article,
            "quantity": line.quantity,
            "price": line.price,
            "discount": line.discount,
            "net": line.net,
            "vat_code": line.vat_code,
            "vat": line.vat,
            "account": line.account,
        }


def _paid_rows(document: ListedDocument, language: Language) -> Iterable[_Row]:
    named = _named(document, language)
    for position, row in enumerate(document.rows, start=1):
        yield {**named, "position": position, **_paid_row(row, language)}


def _paid_row(row: PaidRow, language: Language) -> _Row:
    return {
        "kind": word(ROW_KINDS, row.kind, language),
        "pays": row.number,
        "account": row.account,
        "amount": row.amount,
    }


def _how(document: ListedDocument, language: Language) -> str:
    partner = document.partner
    if not partner.source_id:
        return ""
    if partner.how is not How.LINKED:
        return word(HOW, partner.how, language)
    by = " ".join(filter(None, (word(EVIDENCE, partner.evidence, language), partner.detail)))
    return f"{word(HOW, partner.how, language)}: {by}"


def _creates(document: ListedDocument, language: Language) -> str:
    if document.verdict is not Verdict.CREATE:
        return ""
    found = [word(CREATES, INVOICE_FLOWS[document.flow].partner, language)] if document.creates_partner else []
    found += [f"{word(CREATES, 'article', language)} {article.code}" for article in document.new_articles]
    return "; ".join(found)


def _warnings(document: ListedDocument, language: Language) -> str:
    return "\n".join(dict.fromkeys(render(each, language) for each in document.warnings))


def _why(document: ListedDocument, language: Language) -> _Row:
    reason = document.reason
    if reason is None:
        return {}
    return {
        "why": render(reason, language),
        "details": render(reason),
        "field": word(FIELDS, field_of(reason), language),
        "system": word(SYSTEMS, system_of(reason), language),
    }


@dataclass(frozen=True, slots=True)
class _Shape:
    """The columns of documents and of their rows, and what makes the rows of one."""

    documents: tuple[str, ...]
    rows: tuple[str, ...]
    rows_of: Callable[[ListedDocument, Language], Iterable[_Row]]


def _shape(flow: Flow) -> _Shape:
    return _PAYMENTS if flow.is_payments else _INVOICES


_INVOICES = _Shape(_OF_INVOICES, _LINES, _lines)
_PAYMENTS = _Shape(_OF_PAYMENTS, _PAID_ROWS, _paid_rows)
