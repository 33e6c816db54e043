"""Documents that SmartAccounts holds already: adopted where all is equal, else a question or a problem.

They may have been booked by hand, by another connector, or by this one before its database was lost.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Connection, Row, and_, or_, select

from scoro_smartaccounts.common.documents import Document, Flow, Partner
from scoro_smartaccounts.common.errors import DocumentProblem
from scoro_smartaccounts.common.money import CENT
from scoro_smartaccounts.common.reasons import Phrase, Reason, phrase, reason
from scoro_smartaccounts.matching.documents.left import Left, booked_under, left_behind
from scoro_smartaccounts.smartaccounts.wire import (
    STAND_IN,
)
from scoro_smartaccounts.staging.answers import Answers
from scoro_smartaccounts.staging.bulk import any_of
from scoro_smartaccounts.staging.links import (
    REPLACED,
    Booking,
    Evidence,
    Link,
    forget_replaced_documents,
    linked_remote_ids,
    store_links,
)
from scoro_smartaccounts.staging.schema import remote_document
from scoro_smartaccounts.transform.text import cleaned

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping, Sequence
    from datetime import date

    from scoro_smartaccounts.flows import InvoiceFlow

log = logging.getLogger(__name__)

POSSIBLE_DUPLICATE = "possible_duplicate"


@dataclass
class Adoption:
    """`links`: documents that are there already; `problems`: those where something is, but not all is equal;
    `replaced`: what became of the links that stood for documents which are gone in Scoro, by the document that has the
    record now."""

    links: list[Link] = field(default_factory=list)
    problems: dict[str, DocumentProblem] = field(default_factory=dict)
    replaced: dict[str, Left] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A document of Scoro that SmartAccounts may hold: with its number in the books, its partner and the partner's
    client or vendor where that is known. `not_partner`: clients or vendors of which a person said that they are
    another.
    """

    document: Document
    number: str
    partner: Partner | None
    partner_remote_id: str | None
    content_hash: str
    not_partner: Container[str] = ()


def days_to_read(connection: Connection, company: str, spec: InvoiceFlow, candidates: Iterable[Candidate]) -> set[date]:
    """Their days, and those of other days' documents that staging knows under one of their numbers or markers, or that
    were booked under one: what it knows of them may be outdated."""
    pool = list(candidates)
    known = connection.scalars(
        select(remote_document.c.day).where(
            remote_document.c.company == company, remote_document.c.flow == spec.flow.value, _has_name_of(spec, pool)
        )
    )
    places = {_place(spec, item.number, item.document.day, item.partner_remote_id) for item in pool}
    booked = {
        day
        for item in booked_under(connection, company, spec, (item.number for item in pool))
        for day in item.days
        if _place(spec, item.number, day, item.partner_remote_id) in places
    }
    return {*(item.document.day for item in pool), *known, *booked}


def owners_to_look_for(
    connection: Connection, company: str, spec: InvoiceFlow, candidates: Iterable[Candidate]
) -> set[str]:
    """Documents that have what would be a candidate's, by its number or by all but its number: whether they are still
    in Scoro decides."""
    pool = list(candidates)
    rows = _read(connection, company, spec, pool)
    taken = linked_remote_ids(connection, company, spec.kind, [row.remote_id for row in rows])
    numbers, amounts = _by_number(spec, rows), _by_day_and_total(rows)
    found = set()
    for each in pool:
        of_number = numbers.get(spec.same_number(each.number), ())
        of_amount = amounts.get(_day_and_total(each), ())
        # A vendor's number says little of another vendor's bill, unless all else is equal too.
        rivals = [row for row in of_number if not spec.number_is_partners or row in of_amount]
        rivals += [row for row in (*of_number, *of_amount) if row.partner_remote_id == each.partner_remote_id]
        found |= {taken.get(row.remote_id) for row in rivals}
    return {owner for owner in found if owner is not None} - {each.document.source_id for each in pool}


def adopt(
    connection: Connection,
    company: str,
    spec: InvoiceFlow,
    candidates: Iterable[Candidate],
    answers: Answers | None = None,
) -> Adoption:
    """Compare with what `read_days` stored.

    `answers` are what a person said about documents that are equal but for their number, or that may be the ones before
    they were entered again: those do not stop a document again.
    """
    pool = list(candidates)
    given = answers or Answers()
    result = Adoption()
    rows = _read(connection, company, spec, pool)
    taken = linked_remote_ids(connection, company, spec.kind, [row.remote_id for row in rows])
    unread = [row for row in rows if row.currency == STAND_IN and row.remote_id not in taken]
    rows = [row for row in rows if row.currency != STAND_IN]
    left = {item.row.remote_id: item for item in left_behind(connection, company, spec, rows, taken)}
    free = [row for row in rows if row.remote_id not in taken]
    others = {
        _place(spec, row.number, row.day, row.partner_remote_id): taken[row.remote_id]
        for row in rows
        if row.remote_id in taken and row.remote_id not in left
    }
    by_marker = {row.marked_id: row for row in free if row.marked_id}
    by_number = _by_number(spec, free)
    left_by_number = _by_number(spec, [row for row in rows if row.remote_id in left and row.remote_id in taken])
    numbers = {spec.same_number(c.number) for c in pool}
    by_day: dict[date, list[Row[Any]]] = {}
    for row in rows:
        is_unknown = row.remote_id not in taken and not row.marked_id
        if spec.same_number(row.number) not in numbers and (is_unknown or row.remote_id in left):
            by_day.setdefault(row.day, []).append(row)
    codeless = _partners_without_codes(connection, company, spec, {row.partner_remote_id for row in rows})

    def of_number(candidate: Candidate, there: Mapping[str, list[Row[Any]]]) -> list[Row[Any]]:
        found = there.get(spec.same_number(candidate.number), [])
        if spec.number_is_partners:
            # What was left behind may have been entered again for another vendor.
            found = [
                row
                for row in found
                if _same_partner(candidate, row, codeless)
                or (row.remote_id in left and (row.day, abs(row.total)) == _day_and_total(candidate))
            ]
        return [row for row in found if _is_of_that_year(candidate, row) or _is_same_but_year(candidate, row)]

    for candidate in pool:
        source_id, number = candidate.document.source_id, candidate.number
        if (marked := by_marker.get(source_id)) is not None:
            result.links.append(_link(spec, candidate, marked, Evidence.MARKER))
            continue
        may_be = (_unread(spec, candidate, row) for row in unread if _may_be(spec, candidate, row))
        if (question := next((each for each in may_be if given.left(source_id, each) is not None), None)) is not None:
            result.problems[source_id] = DocumentProblem(question)
            continue
        same_number, behind = of_number(candidate, by_number), of_number(candidate, left_by_number)
        of_other_years = [row for row in same_number if not _is_of_that_year(candidate, row)]
        same_number = [row for row in same_number if _is_of_that_year(candidate, row)]
        equal = [row for row in same_number if not _differences(spec, candidate, row, codeless)]
        instead = [row for row in behind if not _differences(spec, candidate, row, codeless)]
        if candidate.document.is_deleted:
            instead = []
        place = _place(spec, number, candidate.document.day, candidate.partner_remote_id)
        if len(equal) == 1:
            result.links.append(_link(spec, candidate, equal[0], Evidence.ADOPTED))
            if (partner := _partner_link(spec, candidate, equal[0])) is not None:
                result.links.append(partner)
        elif len(instead) == 1 and not same_number:
            result.replaced[source_id] = before = left[instead[0].remote_id]
            result.links.append(_link(spec, candidate, before.row, Evidence.ADOPTED, before))
            if (partner := _partner_link(spec, candidate, before.row)) is not None:
                result.links.append(partner)
            left_by_number[spec.same_number(number)].remove(before.row)
        elif same_number:
            differences = _differences(spec, candidate, same_number[0], codeless)
            result.problems[source_id] = _partial(candidate, differences)
        elif (other := others.get(place)) not in (None, source_id):
            document = candidate.document
            result.problems[source_id] = number_taken(document.flow, document.number, source_id, str(other))
        else:
            on_the_day = by_day.get(candidate.document.day, ())
            twins = [row for row in on_the_day if not _differences(spec, candidate, row, codeless)]
            asked = [
                _left_behind(spec, candidate, left[row.remote_id], _differences(spec, candidate, row, codeless))
                if row.remote_id in left
                else _twin(spec, candidate, row)
                for row in (*behind, *twins)
            ]
            asked += [
                _of_other_year(spec, candidate, row, _differences(spec, candidate, row, codeless))
                for row in of_other_years
            ]
            unanswered = (given.left(source_id, each) for each in asked)
            if (question := next(filter(None, unanswered), None)) is not None:
                result.problems[source_id] = DocumentProblem(question)
    return result


def store_adopted(connection: Connection, company: str, run_key: str, spec: InvoiceFlow, found: Adoption) -> None:
    """Store the links; those of documents that are gone in Scoro make way. Within the caller's transaction."""
    replaced = [item.source_id for item in found.replaced.values()]
    forget_replaced_documents(connection, company, spec.kind, replaced)
    store_links(connection, company, run_key, found.links)


def _read(connection: Connection, company: str, spec: InvoiceFlow, pool: Sequence[Candidate]) -> Sequence[Row[Any]]:
    """Return what was read that may be one of the candidates."""
    return connection.execute(
        select(remote_document).where(
            remote_document.c.company == company,
            remote_document.c.flow == spec.flow.value,
            or_(remote_document.c.day.in_({c.document.day for c in pool}), _has_name_of(spec, pool)),
        )
    ).all()


def _has_name_of(spec: InvoiceFlow, pool: Iterable[Candidate]) -> ColumnElement[bool]:
    """Return a candidate's number, or its marker."""
    pool = list(pool)
    marked = remote_document.c.marked_id
    return or_(
        spec.has_number(remote_document.c.number, (item.number for item in pool)),
        and_(marked != "", marked == any_of({item.document.source_id for item in pool})),
    )


def _by_number(spec: InvoiceFlow, rows: Iterable[Row[Any]]) -> dict[str, list[Row[Any]]]:
    found: dict[str, list[Row[Any]]] = {}
    for row in rows:
        found.setdefault(spec.same_number(row.number), []).append(row)
    return found


def _by_day_and_total(rows: Iterable[Row[Any]]) -> dict[tuple[date, Decimal], list[Row[Any]]]:
    found: dict[tuple[date, Decimal], list[Row[Any]]] = {}
    for row in rows:
        found.setdefault((row.day, abs(row.total)), []).append(row)
    return found


def _day_and_total(candidate: Candidate) -> tuple[date, Decimal]:
    return candidate.document.day, abs(candidate.document.gross)


def _is_of_that_year(candidate: Candidate, row: Row[Any]) -> bool:
    """Numbers begin again each year."""
    return bool(row.day.year == candidate.document.day.year)


def _is_same_but_year(candidate: Candidate, row: Row[Any]) -> bool:
    """Return the same total under the same number may be a mistyped date."""
    return not _is_of_that_year(candidate, row) and bool(abs(row.total) == abs(candidate.document.gross))


def _place(spec: InvoiceFlow, number: str, day: date, partner_remote_id: str | None) -> tuple[str, int, str | None]:
    """Where a document of a number stands: numbers begin again each year, and a partner's are its own."""
    return spec.same_number(number), day.year, partner_remote_id if spec.number_is_partners else None


def _differences(
    spec: InvoiceFlow, candidate: Candidate, row: Row[Any], partners_without_codes: Mapping[str, str]
) -> list[Phrase]:
    document = candidate.document
    found = []
    if row.day != document.day:
        found.append(phrase("date_instead", there=row.day, here=document.day))
    if row.currency != document.currency:
        found.append(phrase("currency_instead", there=row.currency, here=document.currency))
    if row.is_credit != document.is_credit:
        found.append(phrase("credit_against_invoice"))
    # Credit invoices are told with either sign; a bill that gives money back only with its own.
    sign = abs if document.is_credit or row.is_credit else Decimal
    if sign(row.total) != sign(document.gross):
        found.append(phrase("total_instead", there=sign(row.total), here=sign(document.gross)))
    tolerance = CENT * max(1, len(document.lines))
    for name, there, here in (("net", row.net, document.net), ("VAT", row.vat, document.vat)):
        if there is not None and abs(sign(there) - sign(here)) > tolerance:
            found.append(phrase(f"{name}_instead", there=sign(there), here=sign(here)))
    if not _same_partner(candidate, row, partners_without_codes):
        found.append(phrase(f"another_{spec.partner}"))
    return found


def _same_partner(candidate: Candidate, row: Row[Any], partners_without_codes: Mapping[str, str]) -> bool:
    if candidate.partner_remote_id is not None:
        return bool(row.partner_remote_id == candidate.partner_remote_id)
    # No certain client or vendor: an equal name is enough only beside an equal number, day, currency and total, and
    # only where neither side has a code that could contradict.
    partner = candidate.partner
    if row.partner_remote_id in candidate.not_partner:
        return False
    if partner is None or partner.vat_number or (partner.registry_code and not partner.is_person):
        return False
    name = partners_without_codes.get(row.partner_remote_id)
    return name is not None and _normal_name(name) == _normal_name(partner.name)


def _normal_name(name: str) -> str:
    return cleaned(name).casefold()


def _partners_without_codes(
    connection: Connection, company: str, spec: InvoiceFlow, remote_ids: set[str]
) -> dict[str, str]:
    register = spec.register.c
    rows = connection.execute(
        select(register.remote_id, register.name).where(
            register.company == company,
            register.remote_id == any_of(remote_ids),
            register.registry_code == "",
            register.vat_number == "",
        )
    )
    return {row.remote_id: row.name for row in rows}


def _link(
    spec: InvoiceFlow, candidate: Candidate, row: Row[Any], evidence: Evidence, replaced: Left | None = None
) -> Link:
    return Link(
        spec.kind,
        candidate.document.source_id,
        row.remote_id,
        evidence,
        f"number {row.number} of {row.day:%d.%m.%Y}",
        candidate.content_hash,
        remote_answer(row) | ({} if replaced is None else {REPLACED: [*replaced.before, replaced.source_id]}),
        booking=booking_of(row, candidate.document.partner_id or ""),
    )


def booking_of(row: Row[Any], partner_source_id: str) -> Booking:
    """Return what a read document was booked with."""
    return Booking(
        number=row.number,
        partner_source_id=partner_source_id,
        partner_remote_id=row.partner_remote_id,
        currency=row.currency,
        currency_rate=row.currency_rate,
        total=row.total,
        entry_day=row.entry_day,
    )


def remote_answer(row: Row[Any]) -> dict[str, Any]:
    """Return what a read document says of itself, in the words of the answer to a write."""
    return {
        "invoiceNumber": row.number,
        "amount": None if row.net is None else str(row.net),
        "vatAmount": None if row.vat is None else str(row.vat),
        "roundAmount": None if row.rounding is None else str(row.rounding),
        "totalAmount": str(row.total),
        "entryDate": None if row.entry_day is None else row.entry_day.isoformat(),
    }


def _partner_link(spec: InvoiceFlow, candidate: Candidate, row: Row[Any]) -> Link | None:
    if candidate.partner_remote_id is not None or candidate.partner is None or not row.partner_remote_id:
        return None
    return Link(
        spec.partner_kind,
        candidate.partner.source_id,
        row.partner_remote_id,
        Evidence.ADOPTED,
        f"by {spec.noun} {row.number}",
    )


def _partial(candidate: Candidate, differences: list[Phrase]) -> DocumentProblem:
    document = candidate.document
    said = differences or phrase("several_equal")
    kind = phrase("a_bill" if document.flow is Flow.PURCHASE_INVOICES else "an_invoice")
    return DocumentProblem(reason("partial_match", document=document.named, kind=kind, differences=said))


def number_taken(flow: Flow, number: str, source_id: str, other: str) -> DocumentProblem:
    """Return the number stands in SmartAccounts for the document of Scoro id `other`."""
    document = phrase(flow.noun, number=number)
    return DocumentProblem(
        reason("partial_match.taken", document=document, kind=phrase(f"{flow.noun}_word"), id=source_id, other=other)
    )


def _may_be(spec: InvoiceFlow, candidate: Candidate, unread: Row[Any]) -> bool:
    """May a record that cannot be read be the candidate's? By its number; without one by its day."""
    if unread.number:
        return spec.same_number(unread.number) == spec.same_number(candidate.number)
    return bool(unread.day == candidate.document.day)


def _unread(spec: InvoiceFlow, candidate: Candidate, row: Row[Any]) -> Reason:
    document = candidate.document
    return reason(
        f"{POSSIBLE_DUPLICATE}.unread",
        document=document.named,
        kind=phrase("a_bill" if document.flow is Flow.PURCHASE_INVOICES else "an_invoice"),
        day=row.day,
        record=row.remote_id,
        field=row.partner_name,
        retried=document.number,
    )


def _twin(spec: InvoiceFlow, candidate: Candidate, row: Row[Any]) -> Reason:
    document = candidate.document
    return reason(
        POSSIBLE_DUPLICATE,
        document=document.named,
        twin=phrase(spec.noun, number=row.number),
        kind=phrase(f"{spec.partner}_word"),
        total=abs(row.total),
        number=candidate.number,
        retried=document.number,
    )


def _of_other_year(spec: InvoiceFlow, candidate: Candidate, row: Row[Any], differences: list[Phrase]) -> Reason:
    document = candidate.document
    return reason(
        f"{POSSIBLE_DUPLICATE}.other_year",
        document=phrase("of_day", document=document.named, day=document.day),
        twin=phrase("of_day", document=phrase(spec.noun, number=row.number), day=row.day),
        differences=differences,
        retried=document.number,
    )


def _left_behind(spec: InvoiceFlow, candidate: Candidate, left: Left, differences: list[Phrase]) -> Reason:
    document, row = candidate.document, left.row
    if spec.same_number(row.number) != spec.same_number(candidate.number):
        differences = [phrase("number_instead", there=row.number, here=candidate.number), *differences]
    return reason(
        "possible_duplicate.left_behind",
        document=document.named,
        id=document.source_id,
        other=left.named,
        twin=phrase(spec.noun, number=row.number),
        differences=differences or phrase("several_equal"),
    )
