"""Forgetting: what is personal is cleared by the rules of `staging.personal`, row by row; the books and proofs stay.

Every function works within the caller's transaction, on one company, and may be run again: what is cleared already is
not counted twice. Nothing is cleared of documents that are open; `open_documents` says which are.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Date,
    Row,
    Table,
    Text,
    and_,
    bindparam,
    case,
    cast,
    exists,
    false,
    func,
    insert,
    literal,
    or_,
    select,
    tuple_,
    union,
    update,
)

from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.scoro.modules import CONTACTS, PREPAYMENTS, PRODUCTS, modules_of
from scoro_smartaccounts.staging.bulk import any_of
from scoro_smartaccounts.staging.cases import is_dismissed_as
from scoro_smartaccounts.staging.conditions import of_documents, of_flow, same_document
from scoro_smartaccounts.staging.intents import has_open_intent
from scoro_smartaccounts.staging.links import KIND_OF, Kind, is_linked, link_view
from scoro_smartaccounts.staging.mirror_registers import partner_records
from scoro_smartaccounts.staging.personal import RULES, Hit
from scoro_smartaccounts.staging.schema import (
    approval,
    client_register,
    contact,
    control_page,
    document,
    drift,
    forgotten,
    intent,
    link,
    link_proposal,
    metadata,
    period,
    plan,
    quarantine,
    question,
    raw_record,
    remote_document,
    remote_payment,
    run,
    undo_plan,
    used_record,
    vendor_register,
    waiting,
)
from scoro_smartaccounts.staging.scoro_registers import contact_record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import date, datetime

    from scoro_smartaccounts.common.records import PartnerRecord

# Rows that lost something, by table.
Counts = Counter[str]

_PARTNER_KINDS = (Kind.CLIENT.value, Kind.VENDOR.value)


@dataclass(frozen=True, slots=True)
class Partners:
    """Records of one person (or of several): contacts of Scoro, clients and vendors of SmartAccounts, by id."""

    contacts: frozenset[str] = frozenset()
    clients: frozenset[str] = frozenset()
    vendors: frozenset[str] = frozenset()

    def __or__(self, other: Partners) -> Partners:
        return Partners(self.contacts | other.contacts, self.clients | other.clients, self.vendors | other.vendors)


NOBODY = Partners()


class Open(StrEnum):
    """Why nothing of a document is forgotten yet."""

    QUARANTINE = "quarantine"
    WAITING = "waiting"
    IN_DOUBT = "in_doubt"
    APPROVAL = "approval"
    NOT_IMPORTED = "not_imported"


@dataclass(frozen=True, slots=True)
class NamedDocument:
    """A document as people call it: by its number, or its Scoro id without one."""

    flow: Flow
    source_id: str
    name: str
    day: date | None


# Which documents


def documents_of(connection: Connection, company: str, partners: Partners) -> set[tuple[Flow, str]]:
    """Return the documents of these partners: as Scoro names them, and as they were planned and booked."""
    by_contact = any_of(partners.contacts)
    booked_by = or_(
        link.c.partner_source_id == by_contact,
        and_(link.c.kind == Kind.SALES_INVOICE.value, link.c.partner_remote_id == any_of(partners.clients)),
        and_(link.c.kind == Kind.PURCHASE_INVOICE.value, link.c.partner_remote_id == any_of(partners.vendors)),
    )
    paid_by = or_(
        and_(remote_payment.c.partner_type == "CLIENT", remote_payment.c.partner_remote_id == any_of(partners.clients)),
        and_(remote_payment.c.partner_type == "VENDOR", remote_payment.c.partner_remote_id == any_of(partners.vendors)),
    )
    payments = select(remote_payment.c.remote_id).where(remote_payment.c.company == company, paid_by)
    is_document = link.c.kind.in_([kind.value for kind in KIND_OF.values()])
    wanted = union(
        select(document.c.flow, document.c.source_id).where(
            document.c.company == company, document.c.partner_id == by_contact
        ),
        select(plan.c.flow, plan.c.source_id).where(plan.c.company == company, plan.c.partner_source_id == by_contact),
        select(_flow_of_link(), link.c.source_id).where(link.c.company == company, is_document, booked_by),
        select(literal(Flow.PAYMENTS.value), link.c.source_id).where(
            link.c.company == company, link.c.kind == Kind.PAYMENT.value, link.c.remote_id.in_(payments)
        ),
        select(literal(Flow.EXPORT_PAYMENTS.value), remote_payment.c.remote_id).where(
            remote_payment.c.company == company, paid_by
        ),
    )
    return {(Flow(flow), source_id) for flow, source_id in connection.execute(wanted)}


def documents_before(
    connection: Connection, company: str, flow: Flow, before: date, *, after: str, limit: int
) -> list[str]:
    """Ids of documents of a flow that are dated before a day (staged before it, where their day cannot be read), from
    behind the id `after` on."""
    return list(
        connection.scalars(
            select(document.c.source_id)
            .where(
                of_flow(document, company, flow),
                _day() < before,
                document.c.source_id > after,
            )
            .order_by(document.c.source_id)
            .limit(limit)
        )
    )


def open_documents(
    connection: Connection, company: str, first_import: date, flow: Flow, source_ids: Iterable[str]
) -> dict[str, Open]:
    """Those of the documents that somebody, or a run, is not done with, and why."""
    kind = KIND_OF.get(flow, Kind.RECEIPT)
    own = [same_document(table, document) for table in (quarantine, waiting, approval)]
    reasons = (
        (exists().where(own[0], quarantine.c.state.in_(("open", "released"))), Open.QUARANTINE),
        (exists().where(own[1]), Open.WAITING),
        (has_open_intent(kind, document.c.company, document.c.source_id), Open.IN_DOUBT),
        (exists().where(own[2], approval.c.state.in_(("planned", "asked", "approved"))), Open.APPROVAL),
        (~_is_settled(flow, first_import) & ~exists().where(own[2], _is_declined()), Open.NOT_IMPORTED),
    )
    why = case(*((condition, reason.value) for condition, reason in reasons)).label("why")
    rows = connection.execute(
        select(document.c.source_id, why).where(of_documents(document, company, flow, source_ids))
    )
    return {row.source_id: Open(row.why) for row in rows if row.why is not None}


def settled(
    connection: Connection, company: str, first_import: date, flow: Flow, source_ids: Iterable[str]
) -> set[str]:
    """Those of the documents that no run plans any more as they are now: nothing of them has to be known again."""
    return set(
        connection.scalars(
            select(document.c.source_id).where(
                of_documents(document, company, flow, source_ids), _is_settled(flow, first_import)
            )
        )
    )


def names_of(connection: Connection, company: str, flow: Flow, source_ids: Iterable[str]) -> list[NamedDocument]:
    """Return what people call documents, by day and name."""
    name = func.coalesce(func.nullif(document.c.number, ""), document.c.source_id)
    rows = connection.execute(
        select(document.c.source_id, name.label("name"), document.c.day)
        .where(of_documents(document, company, flow, source_ids))
        .order_by(document.c.day, name, document.c.source_id)
    )
    return [NamedDocument(flow, row.source_id, row.name, row.day) for row in rows]


def _day() -> ColumnElement[date]:
    return func.coalesce(document.c.day, cast(document.c.staged_at, Date))


def _flow_of_link() -> ColumnElement[str]:
    return case(*((link.c.kind == kind.value, literal(flow.value)) for flow, kind in KIND_OF.items()))


def _is_settled(flow: Flow, first_import: date) -> ColumnElement[bool]:
    """In the books, dismissed as it is, gone in Scoro, or older than what is imported at all."""
    if flow.is_export:
        return literal(True)
    view = link_view()
    in_books = exists().where(
        view.is_of(KIND_OF[flow], document.c.company, document.c.source_id), view.gone_at.is_(None)
    )
    dismissed = is_dismissed_as(document.c.company, flow, document.c.source_id, document.c.content_hash)
    is_gone = or_(document.c.is_deleted, document.c.is_missing) & ~is_linked(
        KIND_OF[flow], document.c.company, document.c.source_id
    )
    is_early = func.coalesce(document.c.day < first_import, false())
    return or_(in_books, dismissed, is_gone, is_early)


def _is_declined() -> ColumnElement[bool]:
    return and_(approval.c.state == "declined", approval.c.plan["content_hash"].astext == document.c.content_hash)


# Which partners


def linked_partners(connection: Connection, company: str, partners: Partners) -> Partners:
    """Return these partners and whoever is linked with them, on either side."""
    rows = connection.execute(
        select(link.c.kind, link.c.source_id, link.c.remote_id).where(
            link.c.company == company,
            or_(
                and_(link.c.kind.in_(_PARTNER_KINDS), link.c.source_id == any_of(partners.contacts)),
                and_(link.c.kind == Kind.CLIENT.value, link.c.remote_id == any_of(partners.clients)),
                and_(link.c.kind == Kind.VENDOR.value, link.c.remote_id == any_of(partners.vendors)),
            ),
        )
    ).all()
    found = partners
    for row in rows:
        is_client = row.kind == Kind.CLIENT.value
        remote = frozenset({row.remote_id})
        found |= Partners(
            frozenset({row.source_id}),
            remote if is_client else frozenset(),
            frozenset() if is_client else remote,
        )
    return found if found == partners else linked_partners(connection, company, found)


def known_partners(connection: Connection, company: str, partners: Partners) -> Partners:
    """Those of the partners that staging has a record of."""

    def there(table: Table, key: str, ids: Iterable[str]) -> frozenset[str]:
        column = table.c[key]
        return frozenset(connection.scalars(select(column).where(table.c.company == company, column == any_of(ids))))

    return Partners(
        there(contact, "source_id", partners.contacts),
        there(client_register, "remote_id", partners.clients),
        there(vendor_register, "remote_id", partners.vendors),
    )


@dataclass(frozen=True, slots=True)
class Details:
    """A record of a contact, client or vendor as it stands, for telling who is who. `raw`: what Scoro sent of it."""

    partners: Partners
    record: PartnerRecord
    raw: Mapping[str, Any]


def partner_details(connection: Connection, company: str, partners: Partners | None = None) -> Iterator[Details]:
    """All contacts, clients and vendors, or these."""
    raw = raw_record.alias()
    payload = (
        select(raw.c.payload)
        .where(
            raw.c.company == contact.c.company,
            raw.c.module == CONTACTS,
            raw.c.source_id == contact.c.source_id,
            raw.c.version == contact.c.raw_version,
        )
        .scalar_subquery()
    )
    contacts = select(contact, payload.label("payload")).where(contact.c.company == company)
    if partners is not None:
        contacts = contacts.where(contact.c.source_id == any_of(partners.contacts))
    for row in connection.execute(contacts):
        yield Details(Partners(contacts=frozenset({row.source_id})), contact_record(row), row.payload or {})
    for each in partner_records(connection, company, Kind.CLIENT, partners.clients if partners else None).values():
        yield Details(Partners(clients=frozenset({each.id})), each, {})
    for each in partner_records(connection, company, Kind.VENDOR, partners.vendors if partners else None).values():
        yield Details(Partners(vendors=frozenset({each.id})), each, {})


def contacts_before(connection: Connection, company: str, before: date) -> set[str]:
    """Contacts with whom nothing was done since a day: their documents are older, or they have none and were read
    before it."""
    booked = link_view()
    newer = [
        select(document.c.partner_id).where(
            document.c.company == company, document.c.partner_id.is_not(None), _day() >= before
        ),
        select(link.c.partner_source_id)
        .join(
            document,
            (document.c.company == link.c.company)
            & (document.c.flow == _flow_of_link())
            & (document.c.source_id == link.c.source_id),
        )
        .where(link.c.company == company, link.c.partner_source_id != "", _day() >= before),
    ]
    has_documents = exists().where(
        document.c.company == contact.c.company, document.c.partner_id == contact.c.source_id
    )
    is_booked_on = exists().where(
        booked.company == contact.c.company,
        booked.kind.in_([kind.value for kind in KIND_OF.values()]),
        booked.rows.c.partner_source_id == contact.c.source_id,
    )
    return set(
        connection.scalars(
            select(contact.c.source_id).where(
                contact.c.company == company,
                contact.c.source_id.not_in(union(*newer)),
                or_(has_documents, is_booked_on, cast(contact.c.staged_at, Date) < before),
            )
        )
    )


def partners_in_doubt(connection: Connection, company: str, contact_ids: Iterable[str]) -> set[str]:
    """Those of the contacts of whose client or vendor a request has no answer."""
    return set(
        connection.scalars(
            select(intent.c.source_id).where(
                intent.c.company == company,
                intent.c.kind.in_(_PARTNER_KINDS),
                intent.c.state == "open",
                intent.c.source_id == any_of(contact_ids),
            )
        )
    )


# Clearing


def clear_documents(connection: Connection, company: str, flow: Flow, source_ids: Sequence[str]) -> Counts:
    """Clear what is personal of documents, wherever they stand."""
    kind = KIND_OF.get(flow, Kind.RECEIPT).value
    modules = [module.name for module in modules_of(flow)]
    counts: Counts = Counter()
    for table in tables_with_texts():
        is_theirs: ColumnElement[bool]
        if table is raw_record:
            is_theirs = table.c.module.in_(modules) & (table.c.source_id == any_of(source_ids))
        elif table is intent:
            is_theirs = (table.c.kind == kind) & (table.c.source_id == any_of(source_ids))
        elif table is link:
            is_theirs = _links_of(flow, source_ids)
        elif table is remote_document:
            ids = select(link.c.remote_id).where(link.c.company == company, _links_of(flow, source_ids))
            is_theirs = (table.c.flow == flow.value) & table.c.remote_id.in_(ids)
        elif "flow" in table.c and "source_id" in table.c:
            is_theirs = (table.c.flow == flow.value) & (table.c.source_id == any_of(source_ids))
        else:
            continue
        counts[table.name] += _clear(connection, table, company, is_theirs)
    return +counts


def _links_of(flow: Flow, source_ids: Sequence[str]) -> ColumnElement[bool]:
    if flow.is_export:
        return and_(link.c.kind == Kind.PAYMENT.value, link.c.remote_id == any_of(source_ids))
    return and_(link.c.kind == KIND_OF[flow].value, link.c.source_id == any_of(source_ids))


def clear_partners(connection: Connection, company: str, partners: Partners) -> Counts:
    """Clear what is personal of contacts, clients and vendors themselves."""
    by_contact = any_of(partners.contacts)
    remote = any_of(partners.clients | partners.vendors)
    clients, vendors = any_of(partners.clients), any_of(partners.vendors)
    person = func.coalesce(
        func.nullif(raw_record.c.payload["company_id"].astext, "0"), raw_record.c.payload["person_id"].astext
    )
    prepaid_by_them = and_(raw_record.c.module == PREPAYMENTS, person == by_contact)
    of_them: Sequence[tuple[Table, ColumnElement[bool]]] = (
        (raw_record, or_((raw_record.c.module == CONTACTS) & (raw_record.c.source_id == by_contact), prepaid_by_them)),
        (intent, intent.c.kind.in_(_PARTNER_KINDS) & (intent.c.source_id == by_contact)),
        (link, link.c.kind.in_(_PARTNER_KINDS) & (link.c.source_id == by_contact)),
        (
            link_proposal,
            link_proposal.c.kind.in_(_PARTNER_KINDS)
            & or_(link_proposal.c.source_id == by_contact, link_proposal.c.remote_id == remote),
        ),
        (
            remote_document,
            or_(
                (remote_document.c.flow == Flow.SALES_INVOICES.value)
                & (remote_document.c.partner_remote_id == clients),
                (remote_document.c.flow == Flow.PURCHASE_INVOICES.value)
                & (remote_document.c.partner_remote_id == vendors),
            ),
        ),
        (drift, drift.c.flow.in_(_PARTNER_KINDS) & (drift.c.remote_id == remote)),
        (used_record, used_record.c.kind.in_(_PARTNER_KINDS) & (used_record.c.record_id == remote)),
        (client_register, client_register.c.remote_id == clients),
        (vendor_register, vendor_register.c.remote_id == vendors),
        (contact, contact.c.source_id == by_contact),
    )
    counts: Counts = Counter()
    for table, condition in of_them:
        counts[table.name] += _clear(connection, table, company, condition, of_partners=True)
    return +counts


def clear_before(connection: Connection, company: str, before: date) -> Counts:
    """Clear what belongs to no document: sentences of runs of older days, who answered older questions, looked at older
    pages, said that a month is filed, approved an undo or accepted a difference of the ledger or of a register, copies
    of older prepayment invoices."""
    payload_day = func.left(raw_record.c.payload["date"].astext, 10)
    counts: Counts = Counter()
    counts[run.name] += _clear(connection, run, company, run.c.summary.is_not(None) & (run.c.date_to < before))
    counts[question.name] += _clear(
        connection, question, company, (question.c.state != "open") & (cast(question.c.asked_at, Date) < before)
    )
    counts[control_page.name] += _clear(
        connection, control_page, company, cast(control_page.c.written_at, Date) < before
    )
    counts[period.name] += _clear(connection, period, company, cast(period.c.said_at, Date) < before)
    counts[undo_plan.name] += _clear(connection, undo_plan, company, cast(undo_plan.c.done_at, Date) < before)
    counts[drift.name] += _clear(
        connection,
        drift,
        company,
        (drift.c.source_id == "") & (cast(drift.c.closed_at, Date) < before),
        of_partners=True,
    )
    counts[raw_record.name] += _clear(
        connection, raw_record, company, (raw_record.c.module == PREPAYMENTS) & (payload_day < before.isoformat())
    )
    return +counts


def tables_with_texts() -> list[Table]:
    """Return the tables in which anything may name a person."""
    return [table for table in metadata.sorted_tables if _personal_columns(table)]


def rows_naming(connection: Connection, company: str, table: Table, pattern: str) -> list[tuple[Any, ...]]:
    """Return the keys of the rows that may name somebody: whose personal columns match a regular expression of
    PostgreSQL."""
    columns = [cast(table.c[name], Text) for name in _personal_columns(table)]
    wanted = [table.c.company == company, func.concat_ws(" ", *columns).op("~")(pattern)]
    if table is raw_record:
        wanted.append(table.c.module != PRODUCTS)
    return [tuple(row) for row in connection.execute(select(*_key(table)).where(*wanted).order_by(*_key(table)))]


def clear_mentions(
    connection: Connection,
    company: str,
    table: Table,
    keys: Sequence[tuple[Any, ...]],
    hit: Callable[[str], bool],
    spared: Callable[[Flow, Sequence[str]], Iterable[str]],
) -> Counts:
    """Clear the texts of these rows that name somebody, but for the documents that are `spared` (of those asked
    about, which do)."""
    is_one = tuple_(*_key(table)).in_(keys)
    owners: dict[tuple[Any, ...], tuple[Flow, str]] = {}
    rows = connection.execute(select(table).where(table.c.company == company, is_one)).all()
    for row in rows:
        owner = _document_of(table, row)
        if owner is not None and _changes(table, row, hit):
            owners[tuple(getattr(row, column.name) for column in _key(table))] = owner
    kept: set[tuple[Flow, str]] = set()
    for flow in {flow for flow, _ in owners.values()}:
        ids = sorted({source_id for other, source_id in owners.values() if other is flow})
        kept |= {(flow, source_id) for source_id in spared(flow, ids)}
    left = [key for key in keys if owners.get(tuple(key)) not in kept]
    counts: Counts = Counter()
    if left:
        counts[table.name] = _clear(connection, table, company, tuple_(*_key(table)).in_(left), hit=hit)
    return +counts


def _document_of(table: Table, row: Row[Any]) -> tuple[Flow, str] | None:
    """Return the document that a row is about."""
    if table is raw_record:
        flow = next((flow for flow in Flow if row.module in [each.name for each in modules_of(flow)]), None)
        return None if flow is None else (flow, row.source_id)
    if table in (intent, link):
        flow = next((flow for flow, kind in KIND_OF.items() if kind.value == row.kind), None)
        if row.kind == Kind.RECEIPT.value:
            flow = Flow.EXPORT_PAYMENTS
        return None if flow is None else (flow, row.source_id)
    if "flow" in table.c and "source_id" in table.c:
        return Flow(row.flow), row.source_id
    return None


def _clear(
    connection: Connection,
    table: Table,
    company: str,
    condition: ColumnElement[bool],
    *,
    hit: Hit = None,
    of_partners: bool = False,
) -> int:
    """Apply the rules of a table to rows of a company; how many lost something."""
    key = _key(table)
    names = _personal_columns(table)
    rows = connection.execute(
        select(*key, *(table.c[name] for name in names if name not in table.primary_key.columns))
        .where(table.c.company == company, condition)
        .order_by(*key)
        .with_for_update()
    ).all()
    alike: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for row in rows:
        if changes := _changes(table, row, hit, of_partners=of_partners):
            keys = {f"key_{column.name}": getattr(row, column.name) for column in key}
            alike.setdefault(tuple(changes), []).append(keys | {f"new_{name}": changes[name] for name in changes})
    for columns, new in alike.items():
        values: dict[str, Any] = {name: bindparam(f"new_{name}", type_=table.c[name].type) for name in columns}
        if table is raw_record:
            values["forgotten_at"] = func.now()
        is_one = [column == bindparam(f"key_{column.name}", type_=column.type) for column in key]
        connection.execute(update(table).where(table.c.company == company, *is_one).values(values), new)
    return sum(map(len, alike.values()))


def _changes(table: Table, row: Row[Any], hit: Hit, *, of_partners: bool = False) -> dict[str, Any]:
    """Return what of a row is another value when it is forgotten. Hashes of partners go with all else that is
    personal."""
    changes: dict[str, Any] = {}
    rules = RULES[table.name]
    for name in _personal_columns(table):
        rule, value = rules[name], getattr(row, name)
        if rule.clear is None or value is None or (rule.of_partners and not (of_partners and hit is None)):
            continue
        left = rule.clear(value, hit)
        if left != value:
            changes[name] = left
    if table is raw_record and "payload" in changes and hit is not None and row.module == CONTACTS:
        # A copy that is not whole any more is no copy that an unchanged record equals.
        changes["fingerprint"] = ""
    return changes


def _personal_columns(table: Table) -> list[str]:
    return [name for name, rule in RULES[table.name].items() if not rule.is_kept]


def _key(table: Table) -> list[Column[Any]]:
    return list(table.primary_key.columns)


# What was forgotten


def begin(
    connection: Connection, company: str, by: str, partners: Partners = NOBODY, before: date | None = None
) -> int:
    """Enter into the ledger that something is being forgotten; the entry's id."""
    entry_id: int = connection.execute(
        insert(forgotten)
        .values(
            company=company,
            before=before,
            contact_ids=sorted(partners.contacts),
            client_ids=sorted(partners.clients),
            vendor_ids=sorted(partners.vendors),
            forgotten_by=by,
        )
        .returning(forgotten.c.id)
    ).scalar_one()
    return entry_id


def note(connection: Connection, company: str, entry_id: int, counts: Mapping[str, int]) -> None:
    """Enter how many rows lost something so far."""
    connection.execute(
        update(forgotten).where(forgotten.c.company == company, forgotten.c.id == entry_id).values(counts=dict(counts))
    )


def finish(connection: Connection, company: str, entry_id: int, kept_back: int, at: datetime) -> None:
    """Enter the end, and how many open documents keep something back."""
    connection.execute(
        update(forgotten)
        .where(forgotten.c.company == company, forgotten.c.id == entry_id)
        .values(kept_back=kept_back, finished_at=None if kept_back else at)
    )
