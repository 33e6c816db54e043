"""Of which kinds a document is that is about to be sent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Protocol, TypeVar

from scoro_smartaccounts.kinds import DocumentKind
from scoro_smartaccounts.reasons import Reason
from scoro_smartaccounts.transform.article import STOCK


class _Planned(Protocol):
    @property
    def warnings(self) -> tuple[Reason, ...]: ...

    @property
    def kinds(self) -> tuple[DocumentKind, ...]: ...


Planned = TypeVar("Planned", bound=_Planned)


def kinds_of_invoice(
    *, is_foreign: bool, is_union_sale: bool, article_types: Iterable[str]
) -> tuple[DocumentKind, ...]:
    """The kinds of a sales invoice or credit invoice."""
    return _those(
        {
            DocumentKind.FOREIGN_INVOICE: is_foreign,
            DocumentKind.UNION_SALE: is_union_sale,
            DocumentKind.STOCK_SALE: STOCK in set(article_types),
        }
    )


def kinds_of_bill(
    *, is_foreign: bool, is_reverse_charge: bool, is_credit: bool, article_types: Iterable[str]
) -> tuple[DocumentKind, ...]:
    """The kinds of a bill; `is_credit`: the supplier gives back."""
    return _those(
        {
            DocumentKind.FOREIGN_BILL: is_foreign,
            DocumentKind.REVERSE_CHARGE: is_reverse_charge,
            DocumentKind.SUPPLIER_CREDIT: is_credit,
            DocumentKind.STOCK_PURCHASE: STOCK in set(article_types),
        }
    )


def kinds_of_payment(
    bodies: Iterable[Mapping[str, Any]], *, is_netted: bool, is_refund: bool, is_foreign: bool
) -> tuple[DocumentKind, ...]:
    """The kinds of a receipt group, by all of its bodies."""
    return _those(
        {
            DocumentKind.NETTING: is_netted,
            DocumentKind.REFUND: is_refund,
            DocumentKind.CASH_ROUNDING: any(body.get("extras") for body in bodies),
            DocumentKind.FOREIGN_PAYMENT: is_foreign,
        }
    )


def tell_kinds(plans: Mapping[str, Planned], told: Mapping[DocumentKind, Reason]) -> dict[str, Planned]:
    """The plans with a warning for each of their kinds that there is something to tell of."""
    return {source_id: _told(planned, told) for source_id, planned in plans.items()}


def _told(planned: Planned, told: Mapping[DocumentKind, Reason]) -> Planned:
    more = tuple(told[kind] for kind in planned.kinds if kind in told)
    return replace(planned, warnings=(*planned.warnings, *more))  # type: ignore[type-var]


def _those(found: Mapping[DocumentKind, bool]) -> tuple[DocumentKind, ...]:
    return tuple(kind for kind, is_so in found.items() if is_so)
