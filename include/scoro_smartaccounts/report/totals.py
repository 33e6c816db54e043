"""What the documents of a list that will be created amount to."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scoro_smartaccounts.common.money import ZERO
from scoro_smartaccounts.report.document import Direction, ListedDocument, VatShare, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable
    from decimal import Decimal


@dataclass(frozen=True, slots=True)
class CurrencyTotal:
    """Sums in one currency; of payments also of one direction, and without net and VAT. Net, VAT and rounding add up to
    the total."""

    currency: str
    direction: Direction | None
    documents: int
    net: Decimal
    vat: Decimal
    rounding: Decimal
    total: Decimal


@dataclass(frozen=True, slots=True)
class VatTotal:
    """Sums of the rows of one VAT code of SmartAccounts, by currency; `gross` is net plus VAT."""

    currency: str
    code: str
    documents: int
    net: Decimal
    vat: Decimal
    gross: Decimal


@dataclass(frozen=True, slots=True)
class Totals:
    """`verdicts` counts all documents of the list; everything else is about those that will be created.

    Where suppliers round the VAT of a bill by themselves, `currencies` have their cents and `vat_codes` do not.
    """

    verdicts: tuple[tuple[Verdict, int], ...]
    currencies: tuple[CurrencyTotal, ...]
    vat_codes: tuple[VatTotal, ...]
    new_partners: int
    new_articles: tuple[str, ...]


def totals(documents: Iterable[ListedDocument]) -> Totals:
    """Return counts and sums of a list."""
    documents = list(documents)
    counted = Counter(document.verdict for document in documents)
    created = [document for document in documents if document.verdict is Verdict.CREATE]
    by_currency: dict[tuple[str, str], list[ListedDocument]] = {}
    for document in created:
        by_currency.setdefault((document.currency, document.direction or ""), []).append(document)
    return Totals(
        verdicts=tuple((verdict, counted[verdict]) for verdict in Verdict if counted[verdict]),
        currencies=tuple(_of_currency(group) for _, group in sorted(by_currency.items())),
        vat_codes=_vat_totals(created),
        new_partners=len({document.partner_key for document in created if document.creates_partner}),
        new_articles=tuple(sorted({article.code for document in created for article in document.new_articles})),
    )


def _of_currency(documents: list[ListedDocument]) -> CurrencyTotal:
    return CurrencyTotal(
        currency=documents[0].currency,
        direction=documents[0].direction,
        documents=len(documents),
        net=sum((document.net or ZERO for document in documents), ZERO),
        vat=sum((document.vat or ZERO for document in documents), ZERO),
        rounding=sum((document.rounding for document in documents), ZERO),
        total=sum((document.total or ZERO for document in documents), ZERO),
    )


def _vat_totals(documents: Iterable[ListedDocument]) -> tuple[VatTotal, ...]:
    shares: dict[tuple[str, str], list[VatShare]] = {}
    for document in documents:
        for share in document.vat_codes:
            shares.setdefault((document.currency, share.code), []).append(share)
    return tuple(
        VatTotal(
            currency=currency,
            code=code,
            documents=len(group),
            net=sum((share.net for share in group), ZERO),
            vat=sum((share.vat for share in group), ZERO),
            gross=sum((share.net + share.vat for share in group), ZERO),
        )
        for (currency, code), group in sorted(shares.items())
    )
