"""Links: which record of SmartAccounts stands for a record of Scoro, how we know, and what documents were booked with.
The keeper of the table: nobody else knows its columns.

A receipt group of Scoro may stand for several payments of SmartAccounts and the other way round. One link has the part
0 of either, which tells that all of it is linked; every further one has another part of the side that it repeats.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Exists,
    FromClause,
    Row,
    and_,
    delete,
    exists,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.stored import mapping
from scoro_smartaccounts.staging.bulk import any_of
from scoro_smartaccounts.staging.schema import link, remote_payment

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date, datetime
    from decimal import Decimal


class Kind(StrEnum):
    """What is linked. The value stands in every link, intent and lock."""

    CLIENT = "client"
    VENDOR = "vendor"
    ARTICLE = "article"
    SALES_INVOICE = "sales_invoice"
    PURCHASE_INVOICE = "purchase_invoice"
    # A receipt group of Scoro and a payment of SmartAccounts, whichever came first.
    PAYMENT = "payment"
    # Stands in intents and locks only: a receipt group on its way to Scoro, by the id of its payment.
    RECEIPT = "receipt"


class Evidence(StrEnum):
    """How a link is known to be true."""

    CREATED = "created"
    # It was sent, the answer was lost, and it was found afterwards.
    FOUND_LATER = "found_later"
    MARKER = "marker"
    REGISTRY_CODE = "registry_code"
    VAT_NUMBER = "vat_number"
    ARTICLE_CODE = "article_code"
    ADOPTED = "adopted"
    EXPORTED = "exported"
    BANK_ACCOUNT = "bank_account"
    EMAIL = "email"
    # A person decided on a proposal of reconcile_ids.
    DECIDED = "decided"
    # The columns Liidetud teenus and Liidetud teenuse ID of a CSV file of SmartAccounts.
    LINKED_SERVICE = "linked_service"


KIND_OF: Mapping[Flow, Kind] = {
    Flow.SALES_INVOICES: Kind.SALES_INVOICE,
    Flow.PURCHASE_INVOICES: Kind.PURCHASE_INVOICE,
    Flow.PAYMENTS: Kind.PAYMENT,
}
# What a flow creates, as its intents have it.
SENT_AS: Mapping[Flow, Kind] = {**KIND_OF, Flow.EXPORT_PAYMENTS: Kind.RECEIPT}

_DOCUMENT_KINDS = (Kind.SALES_INVOICE.value, Kind.PURCHASE_INVOICE.value)
# What tells that the pipeline created the record itself.
BY_US = (Evidence.CREATED.value, Evidence.FOUND_LATER.value)
_FLOW_OF = {kind.value: flow for flow, kind in KIND_OF.items()}

# Flow and id of a document of Scoro.
Key = tuple[Flow, str]

# In a link's answer: the ids of the documents, gone in Scoro, that had its record before, the oldest first.
REPLACED = "replaced"


@dataclass(frozen=True, slots=True)
class Booking:
    """What a document was booked with, as far as it is known; what follows it goes by these, whatever Scoro says today.
    `total` is signed as SmartAccounts told it; `currency_rate` is SmartAccounts' own, none in the base currency."""

    number: str = ""
    partner_source_id: str = ""
    partner_remote_id: str = ""
    currency: str = ""
    currency_rate: Decimal | None = None
    total: Decimal | None = None
    entry_day: date | None = None

    @property
    def is_known(self) -> bool:
        """Whether it tells what a payment needs: partner, currency and total."""
        return bool(self.partner_remote_id and self.currency) and self.total is not None

    def completed(self, other: Booking) -> Booking:
        """With what another says of that which is not known here. A rate goes with its currency."""
        return Booking(
            number=self.number or other.number,
            partner_source_id=self.partner_source_id or other.partner_source_id,
            partner_remote_id=self.partner_remote_id or other.partner_remote_id,
            currency=self.currency or other.currency,
            currency_rate=self.currency_rate if self.currency else other.currency_rate,
            total=other.total if self.total is None else self.total,
            entry_day=self.entry_day or other.entry_day,
        )


@dataclass(frozen=True, slots=True)
class Link:
    """A link to store. `content_hash` is that of the document as imported, `answer` what SmartAccounts said."""

    kind: Kind
    source_id: str
    remote_id: str
    evidence: Evidence
    detail: str = ""
    content_hash: str = ""
    answer: Mapping[str, Any] = field(default_factory=dict)
    source_part: int = 0
    remote_part: int = 0
    booking: Booking = Booking()


@dataclass(frozen=True, slots=True)
class StoredLink:
    """A link as it stands in staging. `gone_at`: since when its record is known to be deleted in SmartAccounts;
    `undone_at`: since when the pipeline itself has deleted it."""

    kind: Kind
    source_id: str
    source_part: int
    remote_id: str
    remote_part: int
    evidence: str
    detail: str
    content_hash: str
    answer: Mapping[str, Any]
    run_key: str
    linked_at: datetime
    gone_at: datetime | None
    undone_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class BookedDocument:
    """A document of Scoro in SmartAccounts: its link, the hash of its content as imported, and what it was booked
    with. `undone_at`: since when the pipeline itself has deleted its record."""

    source_id: str
    remote_id: str
    evidence: str
    content_hash: str
    booking: Booking
    gone_at: datetime | None
    undone_at: datetime | None


def part_name(record_id: str, part: int) -> str:
    """Return a part of a record in one word, as natural keys and locks have it; the record itself where it is all of
    it."""
    return f"{record_id}/{part}" if part else record_id


# Writing


def store_links(connection: Connection, company: str, run_key: str, links: Iterable[Link]) -> None:
    """Add links; one that exists stays as it is."""
    rows = [
        {
            "company": company,
            "run_key": run_key,
            "kind": item.kind.value,
            "source_id": item.source_id,
            "source_part": item.source_part,
            "remote_id": item.remote_id,
            "remote_part": item.remote_part,
            "evidence": item.evidence.value,
            "detail": item.detail,
            "content_hash": item.content_hash,
            "answer": dict(item.answer),
            "number": item.booking.number,
            "partner_source_id": item.booking.partner_source_id,
            "partner_remote_id": item.booking.partner_remote_id,
            "currency": item.booking.currency,
            "currency_rate": item.booking.currency_rate,
            "total": item.booking.total,
            "entry_day": item.booking.entry_day,
        }
        for item in links
    ]
    if rows:
        key = ["company", "kind", "source_id", "source_part"]
        connection.execute(insert(link).on_conflict_do_nothing(index_elements=key), rows)


def drop_links(connection: Connection, company: str, kind: Kind, source_ids: Iterable[str]) -> None:
    """Forget links whose record is gone at SmartAccounts. Documents have `forget_gone_documents`."""
    connection.execute(
        delete(link).where(link.c.company == company, link.c.kind == kind.value, link.c.source_id == any_of(source_ids))
    )


def note_gone_documents(
    connection: Connection, company: str, kind: Kind, remote_ids: Iterable[str], *, at: datetime
) -> None:
    """Note that records of SmartAccounts are deleted there."""
    connection.execute(
        update(link)
        .where(
            link.c.company == company,
            link.c.kind == kind.value,
            link.c.remote_id == any_of(remote_ids),
            link.c.gone_at.is_(None),
        )
        .values(gone_at=at)
    )


def note_undone(connection: Connection, company: str, kind: Kind, remote_ids: Iterable[str], *, at: datetime) -> None:
    """Note that the pipeline deleted records in SmartAccounts itself: their links are tombstones."""
    connection.execute(
        update(link)
        .where(link.c.company == company, link.c.kind == kind.value, link.c.remote_id == any_of(remote_ids))
        .values(gone_at=func.coalesce(link.c.gone_at, at), undone_at=at)
    )


def forget_gone_documents(connection: Connection, company: str, kind: Kind, source_ids: Iterable[str]) -> None:
    """Forget links of documents whose record is known to be deleted: another stands for them, or a person said that
    they may be imported again."""
    connection.execute(
        delete(link).where(
            link.c.company == company,
            link.c.kind == kind.value,
            link.c.source_id == any_of(source_ids),
            link.c.gone_at.is_not(None),
        )
    )


def move_link(connection: Connection, company: str, kind: Kind, source_id: str, remote_id: str) -> None:
    """Let another record stand for a document: it was entered in the place of one that is gone."""
    connection.execute(
        update(link)
        .where(link.c.company == company, link.c.kind == kind.value, link.c.source_id == source_id)
        .values(remote_id=remote_id, gone_at=None, undone_at=None)
    )


def forget_replaced_documents(connection: Connection, company: str, kind: Kind, source_ids: Iterable[str]) -> None:
    """Forget links of documents that are gone in Scoro and whose records stand for others from now on."""
    connection.execute(
        delete(link).where(link.c.company == company, link.c.kind == kind.value, link.c.source_id == any_of(source_ids))
    )


def drop_payment_part(connection: Connection, company: str, group_id: str, part: int) -> None:
    """Forget what stands for one part of a receipt group."""
    connection.execute(
        delete(link).where(
            link.c.company == company,
            link.c.kind == Kind.PAYMENT.value,
            link.c.source_id == group_id,
            link.c.source_part == part,
        )
    )


def drop_payment_links(
    connection: Connection, company: str, *, groups: Iterable[str] = (), payments: Iterable[str] = ()
) -> None:
    """Forget all links of these receipt groups and of these payments: they have found their other half anew."""
    connection.execute(
        delete(link).where(
            link.c.company == company,
            link.c.kind == Kind.PAYMENT.value,
            or_(link.c.source_id == any_of(groups), link.c.remote_id == any_of(payments)),
        )
    )


# Reading


def read_links(connection: Connection, company: str, kind: Kind, source_ids: Iterable[str]) -> dict[str, str]:
    """Remote ids by source id, of those that are linked (receipt groups: in whole)."""
    rows = connection.execute(
        select(link.c.source_id, link.c.remote_id).where(
            link.c.company == company,
            link.c.kind == kind.value,
            link.c.source_id == any_of(source_ids),
            link.c.source_part == 0,
        )
    )
    return {row.source_id: row.remote_id for row in rows}


def find_link(connection: Connection, company: str, kind: Kind, source_id: str, part: int = 0) -> str | None:
    """Return the remote id of one record of Scoro, or of a part of it."""
    found: str | None = connection.scalar(
        select(link.c.remote_id).where(
            link.c.company == company,
            link.c.kind == kind.value,
            link.c.source_id == source_id,
            link.c.source_part == part,
        )
    )
    return found


def find_source(connection: Connection, company: str, kind: Kind, remote_id: str, part: int = 0) -> str | None:
    """Return the source id of one record of SmartAccounts, or of a part of it."""
    found: str | None = connection.scalar(
        select(link.c.source_id)
        .where(
            link.c.company == company,
            link.c.kind == kind.value,
            link.c.remote_id == remote_id,
            link.c.remote_part == part,
        )
        .limit(1)
    )
    return found


def linked_remote_ids(connection: Connection, company: str, kind: Kind, remote_ids: Iterable[str]) -> dict[str, str]:
    """Source ids by remote id, of the given remote ids that some record is linked to (payments: in whole)."""
    rows = connection.execute(
        select(link.c.remote_id, link.c.source_id).where(
            link.c.company == company,
            link.c.kind == kind.value,
            link.c.remote_id == any_of(remote_ids),
            link.c.remote_part == 0,
        )
    )
    return {row.remote_id: row.source_id for row in rows}


def links_of(
    connection: Connection, company: str, kind: Kind, source_ids: Iterable[str] | None = None
) -> list[StoredLink]:
    """All links of a kind, or those of the given records, parts too; by source id."""
    wanted = [link.c.kind == kind.value]
    if source_ids is not None:
        wanted.append(link.c.source_id == any_of(source_ids))
    return _read(connection, company, *wanted)


def links_to(connection: Connection, company: str, kind: Kind, remote_ids: Iterable[str]) -> list[StoredLink]:
    """Return the links to the given records of SmartAccounts, parts too; by source id."""
    return _read(connection, company, link.c.kind == kind.value, link.c.remote_id == any_of(remote_ids))


def links_in_part(connection: Connection, company: str) -> list[StoredLink]:
    """Return the parts of receipt groups that are linked in part only, by group."""
    whole = link_view()
    return _read(
        connection,
        company,
        link.c.kind == Kind.PAYMENT.value,
        link.c.source_part != 0,
        ~exists().where(whole.is_of(Kind.PAYMENT, link.c.company, link.c.source_id)),
    )


def booked_documents(connection: Connection, company: str, keys: Iterable[Key]) -> Mapping[Key, BookedDocument]:
    """Those of the documents that are in SmartAccounts, and what they were booked with."""
    wanted = set(keys)
    found: dict[Key, BookedDocument] = {}
    for flow in {flow for flow, _ in wanted}:
        rows = connection.execute(
            select(link).where(
                link.c.company == company,
                link.c.kind == KIND_OF[flow].value,
                link.c.source_id == any_of(source_id for other, source_id in wanted if other is flow),
            )
        )
        for row in rows:
            found[flow, row.source_id] = _booked(row)
    return found


def booked_records(
    connection: Connection, company: str, kind: Kind, remote_ids: Iterable[str]
) -> dict[str, BookedDocument]:
    """Those of SmartAccounts' records that stand for a document or a receipt group, by their ids, whatever became of
    them since."""
    rows = connection.execute(
        select(link)
        .where(link.c.company == company, link.c.kind == kind.value, link.c.remote_id == any_of(remote_ids))
        .order_by(link.c.source_part.desc(), link.c.remote_part.desc())
    )
    return {row.remote_id: _booked(row) for row in rows}


def successors(connection: Connection, company: str, kind: Kind, source_ids: Iterable[str]) -> dict[str, str]:
    """Return the documents that have the records of these by now, which are gone in Scoro, by their ids."""
    ids = list(source_ids)
    if not ids:
        return {}
    replaced = (
        select(link.c.source_id, func.jsonb_array_elements_text(link.c.answer[REPLACED]).label("before"))
        .where(link.c.company == company, link.c.kind == kind.value, link.c.answer.has_key(REPLACED))
        .subquery()
    )
    rows = connection.execute(select(replaced).where(replaced.c.before == any_of(ids)))
    return {row.before: row.source_id for row in rows}


def documents_by_remote_id(connection: Connection, company: str, remote_ids: Iterable[str]) -> Mapping[str, list[Key]]:
    """Flow and id of the documents of Scoro that are in SmartAccounts under these ids. Its ids are its services' own:
    an invoice and a bill might share one."""
    found: dict[str, list[Key]] = {}
    for row in connection.execute(
        select(link.c.kind, link.c.source_id, link.c.remote_id)
        .where(link.c.company == company, link.c.kind.in_(_DOCUMENT_KINDS), link.c.remote_id == any_of(set(remote_ids)))
        .order_by(link.c.kind, link.c.source_id)
    ):
        found.setdefault(row.remote_id, []).append((_FLOW_OF[row.kind], row.source_id))
    return found


def records_created(connection: Connection, company: str, run_key: str) -> Mapping[Kind, int]:
    """How many records a run created, by kind, those found after a lost answer included."""
    rows = connection.execute(
        select(link.c.kind, func.count().label("records"))
        .where(
            link.c.company == company,
            link.c.run_key == run_key,
            link.c.evidence.in_(BY_US),
        )
        .group_by(link.c.kind)
    )
    return {Kind(row.kind): row.records for row in rows}


def remote_ids_created(connection: Connection, company: str, kind: Kind, remote_ids: Iterable[str]) -> set[str]:
    """Those of the records of SmartAccounts that the pipeline created, whether or not it saw the answer."""
    return set(
        connection.scalars(
            select(link.c.remote_id).where(
                link.c.company == company,
                link.c.kind == kind.value,
                link.c.remote_id == any_of(remote_ids),
                link.c.evidence.in_(BY_US),
            )
        )
    )


def _booked(row: Row[Any]) -> BookedDocument:
    return BookedDocument(
        source_id=row.source_id,
        remote_id=row.remote_id,
        evidence=row.evidence,
        content_hash=row.content_hash,
        booking=Booking(
            number=row.number,
            partner_source_id=row.partner_source_id,
            partner_remote_id=row.partner_remote_id,
            currency=row.currency,
            currency_rate=row.currency_rate,
            total=row.total,
            entry_day=row.entry_day,
        ),
        gone_at=row.gone_at,
        undone_at=row.undone_at,
    )


def _read(connection: Connection, company: str, *conditions: ColumnElement[bool]) -> list[StoredLink]:
    rows = connection.execute(
        select(link)
        .where(link.c.company == company, *conditions)
        .order_by(link.c.kind, link.c.source_id, link.c.source_part)
    )
    return [
        StoredLink(
            kind=Kind(row.kind),
            source_id=row.source_id,
            source_part=row.source_part,
            remote_id=row.remote_id,
            remote_part=row.remote_part,
            evidence=row.evidence,
            detail=row.detail,
            content_hash=row.content_hash,
            answer=mapping(row.answer),
            run_key=row.run_key,
            linked_at=row.linked_at,
            gone_at=row.gone_at,
            undone_at=row.undone_at,
        )
        for row in rows
    ]


# Links within larger queries

# A column of the query, or a value.
Term = ColumnElement[str] | str


@dataclass(frozen=True, slots=True)
class LinkView:
    """The links to be joined: `rows`, and those of their columns that others may ask for. `imported_hash`: the content
    of the document as imported; `booked_hash`: that of the payment when it was linked; `number`, `partner_remote_id`:
    what a document was booked with."""

    rows: FromClause
    company: ColumnElement[str]
    kind: ColumnElement[str]
    source_id: ColumnElement[str]
    source_part: ColumnElement[int]
    remote_id: ColumnElement[str]
    remote_part: ColumnElement[int]
    evidence: ColumnElement[str]
    imported_hash: ColumnElement[str]
    booked_hash: ColumnElement[str]
    number: ColumnElement[str]
    partner_remote_id: ColumnElement[str]
    gone_at: ColumnElement[datetime]
    undone_at: ColumnElement[datetime]

    def is_of(
        self, kind: Kind | ColumnElement[str], company: Term, source_id: ColumnElement[str]
    ) -> ColumnElement[bool]:
        """Whether the link stands for all of a record of Scoro."""
        return and_(self.company == company, self.kind == kind, self.source_id == source_id, self.source_part == 0)

    def is_to(
        self, kind: Kind | ColumnElement[str], company: Term, remote_id: ColumnElement[str]
    ) -> ColumnElement[bool]:
        """Whether the link stands for all of a record of SmartAccounts."""
        return and_(self.company == company, self.kind == kind, self.remote_id == remote_id, self.remote_part == 0)


def link_view() -> LinkView:
    """Return the links under a name of their own."""
    rows = link.alias()
    return LinkView(
        rows=rows,
        company=rows.c.company,
        kind=rows.c.kind,
        source_id=rows.c.source_id,
        source_part=rows.c.source_part,
        remote_id=rows.c.remote_id,
        remote_part=rows.c.remote_part,
        evidence=rows.c.evidence,
        imported_hash=rows.c.content_hash,
        booked_hash=rows.c.answer["payment"].astext,
        number=rows.c.number,
        partner_remote_id=rows.c.partner_remote_id,
        gone_at=rows.c.gone_at,
        undone_at=rows.c.undone_at,
    )


def is_linked(kind: Kind | ColumnElement[str], company: Term, source_id: ColumnElement[str]) -> Exists:
    """Whether a record of Scoro is linked (a receipt group: in whole)."""
    return exists().where(link_view().is_of(kind, company, source_id))


def is_linked_to(
    kinds: Iterable[Kind],
    company: Term,
    source_id: ColumnElement[str],
    remote_id: ColumnElement[str],
) -> Exists:
    """Whether just that record of SmartAccounts stands for the record of Scoro."""
    view = link_view()
    return exists().where(
        view.company == company,
        view.kind.in_([kind.value for kind in kinds]),
        view.source_id == source_id,
        view.remote_id == remote_id,
    )


def is_remote_linked(kind: Kind, company: Term, remote_id: ColumnElement[str]) -> Exists:
    """Whether a record of SmartAccounts stands for one of Scoro (a payment: in whole)."""
    return exists().where(link_view().is_to(kind, company, remote_id))


def is_from_scoro(company: Term, remote_id: ColumnElement[str]) -> Exists:
    """Whether an invoice or bill of SmartAccounts stands for one of Scoro."""
    view = link_view()
    return exists().where(view.company == company, view.kind.in_(_DOCUMENT_KINDS), view.remote_id == remote_id)


def is_group_linked_in_part(company: Term, group_id: ColumnElement[str]) -> Exists:
    """Whether anything stands for a receipt group, be it a part of it."""
    view = link_view()
    return exists().where(view.company == company, view.kind == Kind.PAYMENT.value, view.source_id == group_id)


def has_lost_payments(company: Term, group_id: ColumnElement[str]) -> ColumnElement[bool]:
    """Whether all payments that stood for a receipt group are deleted in SmartAccounts by now."""
    any_link, living = link_view(), link_view()
    of_group = [
        and_(each.company == company, each.kind == Kind.PAYMENT.value, each.source_id == group_id)
        for each in (any_link, living)
    ]
    is_deleted = exists().where(
        remote_payment.c.company == living.company,
        remote_payment.c.remote_id == living.remote_id,
        remote_payment.c.is_deleted,
    )
    return and_(exists().where(of_group[0]), ~exists().where(of_group[1], ~is_deleted))


def is_payment_linked_in_part(company: Term, payment_id: ColumnElement[str]) -> Exists:
    """Whether anything stands for a payment, be it a part of it."""
    view = link_view()
    return exists().where(view.company == company, view.kind == Kind.PAYMENT.value, view.remote_id == payment_id)


# The same for queries that are written as SQL; arguments are SQL too.

# Invoices and bills in both systems, to be joined under a name: company, kind, source_id, remote_id.
BOOKED_DOCUMENTS_SQL = (
    "(select company, kind, source_id, remote_id from link where kind in ('sales_invoice', 'purchase_invoice'))"
)
# What stands for receipt groups and payments, parts too: company, group_id, payment_id.
LINKED_PAYMENTS_SQL = (
    "(select company, source_id as group_id, remote_id as payment_id from link where kind = 'payment')"
)


def kind_sql(flow: str) -> str:
    """Return the kind of the documents of a flow of invoices or bills."""
    return f"case {flow} when 'sales_invoices' then 'sales_invoice' else 'purchase_invoice' end"


def is_linked_sql(kind: str, company: str, source_id: str) -> str:
    """As `is_linked`."""
    return (
        f"exists (select from link where link.company = {company} and link.kind = {kind}"
        f" and link.source_id = {source_id} and link.source_part = 0)"
    )


def is_remote_linked_sql(kind: str, company: str, remote_id: str) -> str:
    """As `is_remote_linked`."""
    return (
        f"exists (select from link where link.company = {company} and link.kind = {kind}"
        f" and link.remote_id = {remote_id} and link.remote_part = 0)"
    )
