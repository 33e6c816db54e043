"""Documents in staging: their newest version in typed columns, with their lines and with what payments pay; and as
neutral objects, made of these columns. Columns that another version of this program filled are not trusted: then the
raw version that staging points at is read again."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field, fields, replace
from decimal import Decimal
from functools import cache
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Select,
    Table,
    Text,
    cast,
    delete,
    func,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import distinct_on

from scoro_smartaccounts.common.documents import Document, Flow, Line, Partner, Product, ReceiptGroup
from scoro_smartaccounts.common.errors import DocumentProblem
from scoro_smartaccounts.common.reasons import Reason
from scoro_smartaccounts.scoro.modules import CONTACTS, PREPAYMENTS, PRODUCTS, Payload, module_of, modules_of
from scoro_smartaccounts.scoro.wire import parse_contact, parse_product, parse_receipts
from scoro_smartaccounts.staging.bulk import any_of, copy, loaded, upsert
from scoro_smartaccounts.staging.conditions import of_documents, of_flow, same_document
from scoro_smartaccounts.staging.raw_records import as_sent
from scoro_smartaccounts.staging.schema import contact, document, document_line, payment_row, product, raw_record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import date, datetime

    from scoro_smartaccounts.common.documents import Receipt

_Record = TypeVar("_Record", Partner, Product)

# What a line is made of, in the order of its fields, but for its place and its own id.
_COLUMNS_OF_LINES = tuple(each.name for each in fields(Line) if each.name not in ("position", "source_id"))


@dataclass(frozen=True, slots=True)
class StagedDocument:
    """A document as it stands in staging. What its record does not tell is None or empty; `problem`: why the record
    could not be read; `read_by`: the version of this program that read it, which storing notes."""

    flow: Flow
    source_id: str
    raw_version: int
    content_hash: str
    number: str
    day: date | None = None
    due_day: date | None = None
    partner_id: str | None = None
    currency: str = ""
    currency_rate: Decimal | None = None
    discount_1: Decimal | None = None
    discount_2: Decimal | None = None
    discount_3: Decimal | None = None
    net: Decimal | None = None
    vat: Decimal | None = None
    vat_percent: Decimal | None = None
    vat_code: str | None = None
    vat_code_id: str | None = None
    reference_number: str = ""
    description: str = ""
    credited_ids: Sequence[str] = ()
    prepayment_ids: Sequence[str] = ()
    prepayment_sum: Decimal = Decimal(0)
    is_deleted: bool = False
    is_missing: bool = False
    is_sent: bool = True
    created_at: datetime | None = None
    modified_at: datetime | None = None
    problem: Reason | None = None
    read_by: str | None = None

    @property
    def is_gone(self) -> bool:
        """Whether Scoro says that it is deleted, or does not know it any more."""
        return self.is_deleted or self.is_missing


# Which reading of its record a document's columns and lines are.
_READING = (document.c.raw_version, document.c.read_by)
_COLUMNS_OF_DOCUMENTS = tuple(each.name for each in fields(StagedDocument))
_NEEDED_OF_DOCUMENTS = tuple(
    name
    for name in _COLUMNS_OF_DOCUMENTS
    if name not in ("flow", "raw_version", "is_deleted", "is_missing", "problem", "read_by")
)


@dataclass(frozen=True, slots=True)
class StagedLine:
    """A line of a document in staging."""

    source_id: str
    position: int
    is_heading: bool
    product_id: str | None
    product_code: str | None
    product_name: str
    description: str
    quantity: Decimal
    price: Decimal
    discount: Decimal
    net: Decimal
    vat_percent: Decimal | None
    vat_code: str | None
    vat_code_id: str | None


def read_documents(
    connection: Connection, company_key: str, flow: Flow, source_ids: Iterable[str]
) -> list[StagedDocument]:
    """Return documents as they stand in staging, by day and number."""
    return _read(connection, of_documents(document, company_key, flow, source_ids))


def documents_of_number(connection: Connection, company_key: str, flow: Flow, number: str) -> list[StagedDocument]:
    """Return the documents of a number: it may return after a deletion."""
    found = _read(connection, of_flow(document, company_key, flow), document.c.number == number)
    return sorted(found, key=lambda item: item.source_id)


def flows_of_number(connection: Connection, company_key: str, number: str) -> list[str]:
    """Return the flows that know a document of a number."""
    flows = select(document.c.flow).where(document.c.company == company_key, document.c.number == number)
    return list(connection.scalars(flows.distinct().order_by(document.c.flow)))


def known_documents(connection: Connection, company_key: str, flow: Flow, source_ids: Iterable[str]) -> set[str]:
    """Return those of the documents that staging knows."""
    return set(
        connection.scalars(select(document.c.source_id).where(of_documents(document, company_key, flow, source_ids)))
    )


def living_of_days(connection: Connection, company_key: str, flow: Flow, first: date, last: date) -> set[str]:
    """Return the documents of these days that staging takes for alive."""
    return set(
        connection.scalars(
            select(document.c.source_id).where(
                of_flow(document, company_key, flow),
                document.c.day.between(first, last),
                ~document.c.is_missing,
                ~document.c.is_deleted,
            )
        )
    )


def readable_of_days(connection: Connection, company_key: str, flow: Flow, first: date, last: date) -> list[str]:
    """Return the documents of these days that staging takes for alive and that can be read, by day and number."""
    living = select(document.c.source_id).where(
        of_flow(document, company_key, flow),
        document.c.day.between(first, last),
        ~document.c.is_missing,
        ~document.c.is_deleted,
        document.c.problem.is_(None),
    )
    return list(connection.scalars(living.order_by(document.c.day, document.c.number)))


def count_trouble(connection: Connection, company_key: str, flow: Flow, source_ids: Iterable[str]) -> tuple[int, int]:
    """Count those of the documents that cannot be read, and those that Scoro does not know any more."""
    unreadable, missing = connection.execute(
        select(func.count().filter(document.c.problem.is_not(None)), func.count().filter(document.c.is_missing))
        .select_from(document)
        .where(of_documents(document, company_key, flow, source_ids))
    ).one()
    return unreadable, missing


def read_lines(
    connection: Connection, company_key: str, flow: Flow, source_ids: Iterable[str]
) -> dict[str, list[StagedLine]]:
    """Return the lines with money of documents, in order, by source id; without a VAT of their own, with that of the
    document."""
    # With the decimals that people look at: Scoro's numbers may carry binary noise.
    shown = {name: func.round(document_line.c[name], 6).label(name) for name in ("quantity", "price", "discount")}
    percent = func.coalesce(document_line.c.vat_percent, document.c.vat_percent)
    shown["vat_percent"] = func.round(percent, 6).label("vat_percent")
    rows = connection.execute(
        select(*(shown.get(each.name, document_line.c[each.name]) for each in fields(StagedLine)))
        .join(
            document,
            same_document(document, document_line),
        )
        .where(
            of_documents(document_line, company_key, flow, source_ids),
            ~document_line.c.is_heading,
        )
        .order_by(document_line.c.position)
    )
    found: dict[str, list[StagedLine]] = {}
    for row in rows:
        found.setdefault(row.source_id, []).append(StagedLine(**row._mapping))
    return found


def store_documents(
    connection: Connection,
    company_key: str,
    flow: Flow,
    items: Sequence[tuple[StagedDocument, Sequence[Line | Receipt]]],
) -> None:
    """Store documents of a flow with their lines, or with the rows of what they pay, in place of what stands there."""
    key = {"company": company_key, "flow": flow.value}
    upsert(connection, document, [{**key, **_columns(item), "read_by": _reader()} for item, _ in items])
    table = payment_row if flow is Flow.PAYMENTS else document_line
    with loaded(connection, document, ({"source_id": item.source_id} for item, _ in items)) as ids:
        if ids is not None:
            connection.execute(
                delete(table).where(of_flow(table, company_key, flow), table.c.source_id == ids.c.source_id)
            )
    rows = (
        {**key, "source_id": item.source_id, **_row(position, row)}
        for item, of_document in items
        for position, row in enumerate(of_document, start=1)
    )
    copy(connection, table, rows)


def _row(position: int, row: Line | Receipt) -> dict[str, Any]:
    if isinstance(row, Line):
        columns = {name: getattr(row, name) for name in _COLUMNS_OF_LINES}
        return {**columns, "position": position, "line_id": row.source_id}
    return {
        "position": position,
        "document_flow": row.flow and row.flow.value,
        "document_id": row.document_id,
        "prepayment_id": row.prepayment_id,
        "amount": row.amount,
    }


def is_current(item: StagedDocument) -> bool:
    """Whether a staged document was read by this version of the program."""
    return item.read_by == _reader()


def mark_missing(
    connection: Connection, company_key: str, flow: Flow, source_ids: Iterable[str], *, is_missing: bool = True
) -> None:
    """Note documents that Scoro does not know any more, or knows again."""
    connection.execute(
        update(document).where(of_documents(document, company_key, flow, source_ids)).values(is_missing=is_missing)
    )


def refresh_statistics(connection: Connection) -> None:
    """Tell the planner that the tables are not empty any more.

    Every line is checked against its document. Planned while the table was empty, the check may read the whole
    company instead of one key, and a first import would take the square of its size.
    """
    connection.execute(text("analyze document, document_line, raw_record"))


def _read(connection: Connection, *conditions: ColumnElement[bool]) -> list[StagedDocument]:
    rows = connection.execute(
        select(*_columns_of(StagedDocument, document))
        .where(*conditions)
        .order_by(document.c.day.nulls_last(), document.c.number, document.c.source_id)
    )
    return [_staged(**row._mapping) for row in rows]


def _staged(flow: str, problem: Mapping[str, Any] | None, **columns: Any) -> StagedDocument:
    return StagedDocument(Flow(flow), problem=None if problem is None else Reason.from_json(problem), **columns)


def _columns(item: StagedDocument) -> dict[str, Any]:
    return {name: _stored(getattr(item, name)) for name in _COLUMNS_OF_DOCUMENTS}


def _stored(value: Any) -> Any:
    if isinstance(value, Flow):
        return value.value
    return value.to_json() if isinstance(value, Reason) else value


@cache
def _reader() -> str:
    return version("scoro-smartaccounts")


def _columns_of(of: type[StagedDocument | StagedLine], table: Table) -> list[Column[Any]]:
    return [table.c[each.name] for each in fields(of)]


def load_documents(
    connection: Connection,
    company_key: str,
    flow: Flow,
    source_ids: Iterable[str],
    problems: dict[str, DocumentProblem] | None = None,
    *,
    with_lines: bool = True,
) -> dict[str, Document]:
    """Documents by source id, as last staged, each with the hash of exactly this content; deleted and vanished ones
    say that they are deleted. Those that are not staged or cannot be read are left out; of these, `problems` takes
    why. Without lines, which are most of a document, those have them nevertheless whose rows another version filled."""
    wanted = set(source_ids)
    found: dict[str, Document] = {}
    stale: set[str] = set()
    lines = _lines_of(connection, company_key, flow, wanted) if with_lines else {}
    torn: set[str] = set()
    is_gone = or_(document.c.is_deleted, document.c.is_missing)
    rows = connection.execute(
        select(
            *_READING, document.c.problem.is_(None), is_gone, *(document.c[name] for name in _NEEDED_OF_DOCUMENTS)
        ).where(of_documents(document, company_key, flow, wanted))
    )
    for raw_version, read_by, is_readable, is_deleted, *columns in rows:
        staged = dict(zip(_NEEDED_OF_DOCUMENTS, columns, strict=True))
        source_id = staged["source_id"]
        of_document = lines.get(source_id)
        if with_lines and (of_document is None or of_document.reading != (raw_version, read_by)):
            torn.add(source_id)
        elif read_by != _reader() or not is_readable:
            # What no column holds may be readable in the record, which also tells best why it is not.
            stale.add(source_id)
        else:
            own = of_document.lines if of_document is not None else ()
            found[source_id] = _document(flow, staged, own, is_deleted=is_deleted)
    if torn:
        # Another run stored them between the two statements.
        found |= load_documents(connection, company_key, flow, torn, problems)
    return found | _read_again(connection, company_key, flow, stale, problems)


def _document(flow: Flow, staged: Mapping[str, Any], lines: Sequence[Line], *, is_deleted: bool) -> Document:
    discounts = (staged["discount_1"], staged["discount_2"], staged["discount_3"])
    return Document(
        flow=flow,
        source_id=staged["source_id"],
        number=staged["number"],
        day=staged["day"],
        due_day=staged["due_day"],
        partner_id=staged["partner_id"],
        currency=staged["currency"],
        currency_rate=staged["currency_rate"].normalize(),
        discounts=tuple(discount for discount in discounts if discount is not None),
        net=staged["net"],
        vat=staged["vat"],
        vat_percent=staged["vat_percent"],
        vat_code=staged["vat_code"],
        vat_code_id=staged["vat_code_id"],
        reference_number=staged["reference_number"],
        description=staged["description"],
        credits=tuple(staged["credited_ids"]),
        prepayments=tuple(staged["prepayment_ids"]),
        prepayment_sum=staged["prepayment_sum"],
        is_deleted=is_deleted,
        created_at=staged["created_at"],
        modified_at=staged["modified_at"],
        lines=tuple(lines),
        content_hash=staged["content_hash"],
        is_sent=staged["is_sent"],
    )


@dataclass(slots=True)
class _Lines:
    """The lines of a document, and of which reading of its record they are."""

    reading: tuple[int, str | None]
    lines: list[Line] = field(default_factory=list)


def _lines_of(connection: Connection, company_key: str, flow: Flow, source_ids: Iterable[str]) -> dict[str, _Lines]:
    """Return the lines of documents, in order; of each document, also where it has none."""
    found: dict[str, _Lines] = {}
    rows = connection.execute(
        select(
            document.c.source_id,
            *_READING,
            document_line.c.position,
            document_line.c.line_id,
            *(document_line.c[name] for name in _COLUMNS_OF_LINES),
        )
        .join_from(document, document_line, same_document(document, document_line), isouter=True)
        .where(of_documents(document, company_key, flow, source_ids))
        .order_by(document.c.source_id, document_line.c.position)
    )
    for document_id, raw_version, read_by, position, line_id, *columns in rows:
        of_document = found.get(document_id)
        if of_document is None:
            of_document = found[document_id] = _Lines((raw_version, read_by))
        if position is not None:
            of_document.lines.append(Line(position, line_id, *columns))
    return found


def _read_again(
    connection: Connection,
    company_key: str,
    flow: Flow,
    source_ids: Iterable[str],
    problems: dict[str, DocumentProblem] | None,
) -> dict[str, Document]:
    """Return documents as their records tell today, where another version of the program has read them."""
    found: dict[str, Document] = {}
    for source_id, payload, _, hashed, is_gone in connection.execute(_newest_of(flow, company_key, source_ids)):
        parse = module_of(flow, source_id).parse
        if parse is None:
            raise TypeError(f"{flow} has no documents with lines")
        try:
            parsed = parse(as_sent(payload))
        except DocumentProblem as problem:
            if problems is not None and not is_gone:
                problems[source_id] = problem
            continue
        found[source_id] = replace(parsed, source_id=source_id, content_hash=hashed, is_deleted=is_gone)
    return found


@dataclass(frozen=True, slots=True)
class LinesInAll:
    """What the lines of many documents come to. `numbers`: how many a document has, headings among them. `products`:
    those that lines with money name, with the code and name that stand there; None where lines name none."""

    numbers: Mapping[str, int]
    products: Mapping[str | None, tuple[str, str]]
    have_accounts: bool
    have_cost_objects: bool


def lines_in_all(
    connection: Connection, company_key: str, flow: Flow, source_ids: Iterable[str], stale: Iterable[Document] = ()
) -> LinesInAll:
    """Return what the lines of documents come to, without holding them all. `stale`: documents whose rows another
    version of the program filled, whole."""
    again = {document.source_id: document.lines for document in stale}
    these = of_documents(document_line, company_key, flow, set(source_ids) - again.keys())
    line = document_line.c
    code = func.coalesce(line.product_code, "")
    named = connection.execute(
        # Code and name of one line, of one that has a code where there is any.
        select(line.product_id, code, line.product_name)
        .ext(distinct_on(line.product_id))
        .where(these, ~line.is_heading)
        .order_by(line.product_id, code == "", line.source_id, line.position)
    ).all()
    has_account, has_cost_object = line.account.is_not(None), line.cost_object.is_not(None)
    numbers = connection.execute(
        select(line.source_id, func.count(), func.bool_or(has_account), func.bool_or(has_cost_object))
        .where(these)
        .group_by(line.source_id)
    ).all()
    older = [each for lines in again.values() for each in lines]
    money = [each for each in older if not each.is_heading]
    return LinesInAll(
        numbers={row[0]: row[1] for row in numbers} | {source_id: len(lines) for source_id, lines in again.items()},
        products={each.product_id: (each.product_code or "", each.product_name) for each in money}
        | {row[0]: (row[1], row[2]) for row in named},
        have_accounts=any(row[2] for row in numbers) or any(each.account for each in older),
        have_cost_objects=any(row[3] for row in numbers) or any(each.cost_object for each in older),
    )


def load_receipt_groups(
    connection: Connection,
    company_key: str,
    source_ids: Iterable[str],
    problems: dict[str, DocumentProblem] | None = None,
) -> dict[str, ReceiptGroup]:
    """Receipt groups by source id, as `load_documents`."""
    found = {}
    rows = connection.execute(_newest_of(Flow.PAYMENTS, company_key, source_ids))
    for source_id, payload, _, hashed, is_gone in rows:
        try:
            parsed = parse_receipts(as_sent(payload))
        except DocumentProblem as problem:
            if problems is not None and not is_gone:
                problems[source_id] = problem
            continue
        found[source_id] = replace(parsed, content_hash=hashed, is_deleted=is_gone)
    return found


def load_partners(connection: Connection, company_key: str, source_ids: Iterable[str]) -> dict[str, Partner]:
    """Partners by source id, as last staged. Those that are not staged or cannot be read are left out; deleted ones say
    so."""
    rows = connection.execute(_newest(contact, [CONTACTS], company_key, source_ids))
    return _readable(rows, parse_contact)


def load_products(connection: Connection, company_key: str, source_ids: Iterable[str]) -> dict[str, Product]:
    """Products by source id, as last staged. Those that are not staged or cannot be read are left out; deleted ones say
    so."""
    rows = connection.execute(_newest(product, [PRODUCTS], company_key, source_ids))
    return _readable(rows, parse_product)


def unreadable_records(
    connection: Connection, company_key: str, module: str, source_ids: Iterable[str]
) -> dict[str, DocumentProblem]:
    """Contacts or products that Scoro sent and that cannot be read, and why."""
    found = {}
    rows = connection.execute(
        select(raw_record.c.source_id, cast(raw_record.c.payload, Text))
        .ext(distinct_on(raw_record.c.source_id))
        .where(
            raw_record.c.company == company_key,
            raw_record.c.module == module,
            raw_record.c.source_id == any_of(source_ids),
        )
        .order_by(raw_record.c.source_id, raw_record.c.version.desc())
    )
    parse: Callable[[Payload], object] = parse_contact if module == CONTACTS else parse_product
    for source_id, payload in rows:
        try:
            parse(as_sent(payload))
        except DocumentProblem as problem:
            found[source_id] = problem
    return found


def _readable(rows: Iterable[Any], parse: Callable[[Payload], _Record]) -> dict[str, _Record]:
    found = {}
    for source_id, payload, is_deleted in rows:
        with suppress(DocumentProblem):
            found[source_id] = replace(parse(as_sent(payload)), is_deleted=is_deleted)
    return found


def prepayment_numbers(connection: Connection, company_key: str, source_ids: Iterable[str]) -> dict[str, str]:
    """Numbers of prepayment invoices by source id, of those that are staged."""
    rows = connection.execute(
        select(raw_record.c.source_id, raw_record.c.payload["no"].astext.label("number"))
        .where(
            raw_record.c.company == company_key,
            raw_record.c.module == PREPAYMENTS,
            raw_record.c.source_id == any_of(source_ids),
        )
        .order_by(raw_record.c.version)
    )
    return {row.source_id: row.number.strip() for row in rows if row.number}


def _newest_of(flow: Flow, company_key: str, source_ids: Iterable[str]) -> Select[Any]:
    modules = [module.name for module in modules_of(flow)]
    return (
        _newest(document, modules, company_key, source_ids)
        .add_columns(document.c.content_hash, or_(document.c.is_deleted, document.c.is_missing).label("is_gone"))
        .where(document.c.flow == flow.value)
    )


def _newest(table: Table, modules: Sequence[str], company_key: str, source_ids: Iterable[str]) -> Select[Any]:
    return (
        select(table.c.source_id, cast(raw_record.c.payload, Text), table.c.is_deleted)
        .join(
            raw_record,
            (raw_record.c.company == table.c.company)
            & (raw_record.c.module.in_(modules))
            & (raw_record.c.source_id == table.c.source_id)
            & (raw_record.c.version == table.c.raw_version),
        )
        .where(table.c.company == company_key, table.c.source_id == any_of(source_ids))
    )
