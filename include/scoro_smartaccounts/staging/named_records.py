"""What documents in staging name: invoices that they credit, documents that they pay, partners, products, prepayment
invoices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Column, ColumnElement, Connection, Table, func, select

from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.scoro.modules import INVOICES
from scoro_smartaccounts.scoro.values import identifiers
from scoro_smartaccounts.staging.bulk import any_of
from scoro_smartaccounts.staging.conditions import of_documents, of_flow
from scoro_smartaccounts.staging.links import is_group_linked_in_part
from scoro_smartaccounts.staging.raw_records import fields_of_documents
from scoro_smartaccounts.staging.schema import document, document_line, payment_row

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable


def credited_by(connection: Connection, company: str, flow: Flow, source_ids: Iterable[str]) -> set[str]:
    """Return the invoices that credit invoices credit."""
    base = func.jsonb_array_elements_text(document.c.credited_ids).label("base")
    return set(connection.scalars(select(base).where(of_documents(document, company, flow, source_ids)).distinct()))


def crediting(connection: Connection, company: str, flow: Flow, source_ids: Iterable[str]) -> dict[str, set[str]]:
    """Return the credit invoices that credit these invoices, by these."""
    base = func.jsonb_array_elements_text(document.c.credited_ids).label("base")
    credits = select(document.c.source_id, base).where(of_flow(document, company, flow)).subquery()
    found: dict[str, set[str]] = {}
    for row in connection.execute(select(credits).where(credits.c.base == any_of(source_ids))):
        found.setdefault(row.base, set()).add(row.source_id)
    return found


def credited_of_others(connection: Connection, company: str, flow: Flow, source_ids: Iterable[str]) -> set[str]:
    """Return the staged invoices that these credit although they have another client."""
    # Found by their ids: held one against the other, many thousands of documents take hours.
    base_id = func.jsonb_array_elements_text(document.c.credited_ids).label("base_id")
    credits = select(document.c.partner_id, base_id).where(of_documents(document, company, flow, source_ids)).subquery()
    return set(
        connection.scalars(
            select(document.c.source_id)
            .join(credits, document.c.source_id == credits.c.base_id)
            .where(of_flow(document, company, flow), document.c.partner_id.is_distinct_from(credits.c.partner_id))
            .distinct()
        )
    )


def paid_by(connection: Connection, company: str, flow: Flow, source_ids: Iterable[str], paid: Flow) -> set[str]:
    """Return the documents of the flow `paid` that receipt groups pay."""
    return set(
        connection.scalars(
            select(payment_row.c.document_id)
            .where(
                of_flow(payment_row, company, flow),
                payment_row.c.document_flow == paid.value,
                payment_row.c.source_id == any_of(source_ids),
            )
            .distinct()
        )
    )


def groups_paying(connection: Connection, company: str, flow: Flow, document_ids: Iterable[str]) -> set[str]:
    """Return the receipt groups that pay any of these documents."""
    groups = select(payment_row.c.source_id).where(*_pays(company, flow, document_ids))
    return set(connection.scalars(groups.distinct()))


def unlinked_groups_paying(
    connection: Connection, company: str, flow: Flow, document_ids: Iterable[str], *, other_than: Iterable[str]
) -> set[str]:
    """Return those of them that are not linked, be it in part, without the given ones."""
    return set(
        connection.scalars(
            select(payment_row.c.source_id)
            .where(
                *_pays(company, flow, document_ids),
                payment_row.c.source_id.not_in(list(other_than)),
                ~is_group_linked_in_part(payment_row.c.company, payment_row.c.source_id),
            )
            .distinct()
        )
    )


def partners_of(connection: Connection, company: str, flow: Flow, source_ids: Iterable[str]) -> set[str]:
    """Return the contacts that documents name."""
    return _named(connection, company, flow, source_ids, document, document.c.partner_id)


def products_of(connection: Connection, company: str, flow: Flow, source_ids: Iterable[str]) -> set[str]:
    """Return the products that lines of documents name."""
    return _named(connection, company, flow, source_ids, document_line, document_line.c.product_id)


def prepayments_of(connection: Connection, company: str, flow: Flow, source_ids: Collection[str]) -> set[str]:
    """Return the prepayment invoices that sales invoices draw on; others draw on none."""
    if flow is not Flow.SALES_INVOICES:
        return set()
    shown = fields_of_documents(connection, company, flow, INVOICES.name, "prepayment_id", source_ids)
    return {drawn_on for each in shown for drawn_on in identifiers(each) if not drawn_on.startswith("-")}


def _named(
    connection: Connection, company: str, flow: Flow, source_ids: Iterable[str], table: Table, column: Column[Any]
) -> set[str]:
    return set(
        connection.scalars(
            select(column).where(of_documents(table, company, flow, source_ids), column.is_not(None)).distinct()
        )
    )


def _pays(company: str, flow: Flow, document_ids: Iterable[str]) -> tuple[ColumnElement[bool], ...]:
    return (
        of_flow(payment_row, company, Flow.PAYMENTS),
        payment_row.c.document_flow == flow.value,
        payment_row.c.document_id == any_of(document_ids),
    )
