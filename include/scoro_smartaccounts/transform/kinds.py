"""Of which kinds a document is that is about to be sent."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from scoro_smartaccounts.common.kinds import DocumentKind
from scoro_smartaccounts.smartaccounts.words import CREDIT
from scoro_smartaccounts.transform.article import STOCK

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from scoro_smartaccounts.common.reasons import Reason


class _Planned(Protocol):
    @property
    def warnings(self) -> tuple[Reason, ...]: ...

    @property
    def kinds(self) -> tuple[DocumentKind, ...]: ...


Planned = TypeVar("Planned", bound=_Planned)


def kinds_of_invoice(
    body: Mapping[str, Any], *, is_foreign: bool, is_credit: bool, is_union_sale: bool, article_types: Iterable[str]
) -> tuple[DocumentKind, ...]:
    """Return the kinds of a sales invoice or credit invoice, by its body."""
    is_rated = "exchangeRate" in body
    return _those(
        {
            DocumentKind.FOREIGN_INVOICE: is_foreign and not is_rated,
            DocumentKind.RATED_INVOICE: is_foreign and is_rated,
            DocumentKind.CREDIT_INVOICE: is_credit,
            DocumentKind.UNION_SALE: is_union_sale,
            DocumentKind.STOCK_SALE: STOCK in set(article_types),
        }
    )


def kinds_of_bill(
    body: Mapping[str, Any],
    *,
    is_foreign: bool,
    is_reverse_charge: bool,
    is_credit: bool,
    article_types: Iterable[str],
) -> tuple[DocumentKind, ...]:
    """Return the kinds of a bill, by its body; `is_credit`: the supplier gives back."""
    is_rated, is_computed = "exchangeRate" in body, bool(body.get("isCalculateVat"))
    return _those(
        {
            DocumentKind.FOREIGN_BILL: is_foreign and not is_rated,
            DocumentKind.RATED_BILL: is_foreign and is_rated,
            DocumentKind.REVERSE_CHARGE: is_reverse_charge and is_computed,
            DocumentKind.REVERSE_CHARGE_ON_PAPER: is_reverse_charge and not is_computed,
            DocumentKind.SUPPLIER_CREDIT: is_credit,
            DocumentKind.STOCK_PURCHASE: STOCK in set(article_types),
        }
    )


def kinds_of_payment(
    bodies: Sequence[Mapping[str, Any]], *, of_supplier: bool, is_netted: bool, is_refund: bool, is_foreign: bool
) -> tuple[DocumentKind, ...]:
    """Return the kinds of a receipt group, by all of its bodies."""
    is_rounded = any(body.get("extras") for body in bodies)
    is_rated = any("exchangeRate" in body for body in bodies)
    # What nets moves no money: only where another body does, something is paid.
    is_paid = len(bodies) > is_netted and not is_refund
    return _those(
        {
            DocumentKind.NETTING: is_netted and not of_supplier,
            DocumentKind.SUPPLIER_NETTING: is_netted and of_supplier,
            DocumentKind.REFUND: is_refund and not of_supplier,
            DocumentKind.SUPPLIER_REFUND: is_refund and of_supplier,
            DocumentKind.SUPPLIER_PAYMENT: is_paid and of_supplier,
            DocumentKind.PREPAYMENT: any(body.get("prepayment") for body in bodies),
            DocumentKind.CASH_ROUNDING: is_rounded and not of_supplier,
            DocumentKind.SUPPLIER_CASH_ROUNDING: is_rounded and of_supplier,
            DocumentKind.FOREIGN_PAYMENT: is_foreign and not is_rated,
            DocumentKind.RATED_PAYMENT: is_foreign and is_rated,
        }
    )


def kinds_of_part(payload: str, predicted: Mapping[str, Any], part: int) -> list[DocumentKind]:
    """Return the kinds that one part of what was sent is of; 0: the last one, which an invoice is alone. A plan of an
    earlier version tells none."""
    kinds = [DocumentKind(kind) for kind in predicted.get("kinds", ())]
    sent, moved = json.loads(payload), predicted.get("moved") or ()
    if not isinstance(sent, list) or len(sent) < 2 or len(moved) != len(sent):
        return kinds
    place = part - 1 if part else len(sent) - 1
    return [kind for kind in kinds if _is_of_body(kind, sent[place], is_netting=not Decimal(moved[place]))]


def _is_of_body(kind: DocumentKind, body: Mapping[str, Any], *, is_netting: bool) -> bool:
    match kind:
        case DocumentKind.NETTING | DocumentKind.SUPPLIER_NETTING:
            return is_netting
        case DocumentKind.PREPAYMENT:
            return bool(body.get("prepayment"))
        case DocumentKind.CASH_ROUNDING | DocumentKind.SUPPLIER_CASH_ROUNDING:
            return bool(body.get("extras"))
        case DocumentKind.REFUND | DocumentKind.SUPPLIER_REFUND | DocumentKind.SUPPLIER_PAYMENT:
            return not is_netting
        case _:
            return True


def kinds_of_sent(payload: str, moved: Decimal | None) -> set[DocumentKind]:
    """Kinds that what was sent tells of itself, of those that earlier versions did not plan. `moved`: by a payment,
    money in positive."""
    sent = json.loads(payload)
    if not isinstance(sent, list):
        return {DocumentKind.CREDIT_INVOICE} if sent.get("type") == CREDIT else set()
    found = {DocumentKind.PREPAYMENT} if any(body.get("prepayment") for body in sent) else set()
    if moved is not None and moved < 0 and all(body["partnerType"] == "VENDOR" for body in sent):
        found.add(DocumentKind.SUPPLIER_PAYMENT)
    return found


def tell_kinds(plans: Mapping[str, Planned], told: Mapping[DocumentKind, Reason]) -> dict[str, Planned]:
    """Return the plans with a warning for each of their kinds that there is something to tell of."""
    return {source_id: _told(planned, told) for source_id, planned in plans.items()}


def _told(planned: Planned, told: Mapping[DocumentKind, Reason]) -> Planned:
    more = tuple(told[kind] for kind in planned.kinds if kind in told)
    return replace(planned, warnings=(*planned.warnings, *more))  # type: ignore[type-var]


def _those(found: Mapping[DocumentKind, bool]) -> tuple[DocumentKind, ...]:
    return tuple(kind for kind, is_so in found.items() if is_so)
