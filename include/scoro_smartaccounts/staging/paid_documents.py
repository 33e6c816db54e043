"""Whether what payments of SmartAccounts settle is known to give money back: the sign of a row tells nothing without
it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Connection, Subquery, and_, func, or_, select, union_all

from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.money import ZERO
from scoro_smartaccounts.smartaccounts.wire import STAND_IN
from scoro_smartaccounts.smartaccounts.words import INVOICE_TYPES, VENDOR
from scoro_smartaccounts.staging.bulk import any_of
from scoro_smartaccounts.staging.links import KIND_OF, link_view
from scoro_smartaccounts.staging.schema import document, remote_document, remote_payment, remote_payment_row

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from decimal import Decimal


def which_give_back(connection: Connection, company: str, remote_ids: Iterable[str]) -> dict[str, bool]:
    """Those of the documents that are known, and whether they give back: credit invoices and bills with a negative
    total."""
    known = _known_documents(company)
    found: dict[str, bool] = {}
    for row in connection.execute(select(known).where(known.c.remote_id == any_of(remote_ids))):
        found[row.remote_id] = row.gives_back or found.get(row.remote_id, False)
    return found


def amounts_paid_out(connection: Connection, company: str, *, but: Collection[str]) -> list[Decimal]:
    """Return the amounts of those mirrored rows on known documents for which money goes out, without some payments."""
    known = _known_documents(company)
    payment, part = remote_payment.c, remote_payment_row.c
    documents = (
        select(known.c.remote_id, func.bool_or(known.c.gives_back).label("gives_back"))
        .group_by(known.c.remote_id)
        .subquery()
    )
    return list(
        connection.scalars(
            select(part.amount)
            .join(remote_payment, and_(payment.company == part.company, payment.remote_id == part.remote_id))
            .join(documents, documents.c.remote_id == part.document_remote_id)
            .where(
                part.company == company,
                ~payment.is_deleted,
                ~(payment.remote_id == any_of(but)),
                part.type.in_(INVOICE_TYPES.values()),
                part.amount != ZERO,
                (payment.partner_type == VENDOR) != documents.c.gives_back,
            )
        )
    )


def _known_documents(company: str) -> Subquery:
    """Documents of SmartAccounts whose kind is known (`remote_id`), from its own register or from what they stand for
    in Scoro."""
    link = link_view()
    in_books = select(
        remote_document.c.remote_id,
        or_(remote_document.c.is_credit, remote_document.c.total < ZERO).label("gives_back"),
    ).where(
        remote_document.c.company == company,
        remote_document.c.currency != STAND_IN,
        or_(remote_document.c.is_credit, remote_document.c.total != ZERO),
    )
    total = func.nullif(document.c.net + document.c.vat, ZERO)
    gives_back = or_(total < ZERO, func.jsonb_array_length(document.c.credited_ids) > 0)
    is_of_kind = or_(
        *(
            and_(document.c.flow == flow.value, link.kind == KIND_OF[flow].value)
            for flow in (Flow.SALES_INVOICES, Flow.PURCHASE_INVOICES)
        )
    )
    from_scoro = (
        select(link.remote_id, gives_back.label("gives_back"))
        .select_from(link.rows)
        .join(
            document,
            and_(document.c.company == link.company, document.c.source_id == link.source_id, is_of_kind),
        )
        # Without amounts that can be read, or where they come to nothing, only what it credits tells.
        .where(link.company == company, gives_back.is_not(None))
    )
    return union_all(in_books, from_scoro).subquery()
