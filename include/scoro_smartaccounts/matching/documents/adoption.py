"""Documents that SmartAccounts holds already: adopted where all is equal, else a question or a problem.

They may have been booked by hand, by another connector, or by this one before its database was lost.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from scoro_smartaccounts.common.errors import DocumentProblem
from scoro_smartaccounts.common.money import CENT
from scoro_smartaccounts.common.reasons import Phrase, phrase, reason
from scoro_smartaccounts.matching.documents.left import LeftBehind, left_behind
from scoro_smartaccounts.matching.documents.questions import (
    may_be_left_behind,
    may_be_of_other_year,
    may_be_twin,
    may_be_unread,
    partial_match,
)
from scoro_smartaccounts.staging.answers import Answers
from scoro_smartaccounts.staging.links import (
    REPLACED,
    Evidence,
    Link,
    forget_replaced_documents,
    linked_remote_ids,
    store_links,
)
from scoro_smartaccounts.staging.mirror_documents import (
    MirroredDocument,
    Names,
    booked_under,
    days_of_named,
    documents_that_may_be,
)
from scoro_smartaccounts.staging.mirror_registers import partner_records
from scoro_smartaccounts.transform.text import cleaned

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import date

    from sqlalchemy import Connection

    from scoro_smartaccounts.common.documents import Document, Flow
    from scoro_smartaccounts.flows import InvoiceFlow
    from scoro_smartaccounts.matching.documents.candidate import Candidate

log = logging.getLogger(__name__)

POSSIBLE_DUPLICATE = "possible_duplicate"


@dataclass
class Adoption:
    """`links`: documents that are there already; `problems`: those where something is, but not all is equal;
    `replaced`: what became of the links that stood for documents which are gone in Scoro, by the document that has the
    record now."""

    links: list[Link] = field(default_factory=list)
    problems: dict[str, DocumentProblem] = field(default_factory=dict)
    replaced: dict[str, LeftBehind] = field(default_factory=dict)


def days_to_read(connection: Connection, company: str, spec: InvoiceFlow, candidates: Iterable[Candidate]) -> set[date]:
    """Their days, and those of other days' documents that staging knows under one of their numbers or markers, or that
    were booked under one: what it knows of them may be outdated."""
    pool = list(candidates)
    names = _names_of(spec, pool)
    places = {_place(spec, item.number, item.document.day, item.partner_remote_id) for item in pool}
    booked = {
        day
        for item in booked_under(connection, company, spec.flow, names)
        for day in item.days
        if _place(spec, item.number, day, item.partner_remote_id) in places
    }
    return {*(item.document.day for item in pool), *days_of_named(connection, company, spec.flow, names), *booked}


def owners_to_look_for(
    connection: Connection, company: str, spec: InvoiceFlow, candidates: Iterable[Candidate]
) -> set[str]:
    """Documents that have what would be a candidate's, by its number or by all but its number: whether they are still
    in Scoro decides."""
    pool = list(candidates)
    read = _read(connection, company, spec, pool)
    taken = linked_remote_ids(connection, company, spec.kind, [there.remote_id for there in read])
    numbers = _by_number(spec, read)
    amounts = defaultdict(list)
    for there in read:
        amounts[there.day, abs(there.total)].append(there)
    found = set()
    for each in pool:
        of_number = numbers.get(spec.same_number(each.number), ())
        of_amount = amounts.get(_day_and_total(each), ())
        # A vendor's number says little of another vendor's bill, unless all else is equal too.
        rivals = [there for there in of_number if not spec.number_is_partners or there in of_amount]
        rivals += [there for there in (*of_number, *of_amount) if there.partner_remote_id == each.partner_remote_id]
        found |= {taken.get(there.remote_id) for there in rivals}
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
    books = _look_up(connection, company, spec, pool, answers or Answers())
    result = Adoption()
    for candidate in pool:
        source_id = candidate.document.source_id
        fates = (rule(books, candidate) for rule in _RULES)
        match next((fate for fate in fates if fate is not None), None):
            case _Adopted(links, before):
                result.links += links
                if before is not None:
                    result.replaced[source_id] = before
            case DocumentProblem() as problem:
                result.problems[source_id] = problem
    return result


def store_adopted(connection: Connection, company: str, run_key: str, spec: InvoiceFlow, found: Adoption) -> None:
    """Store the links; those of documents that are gone in Scoro make way. Within the caller's transaction."""
    replaced = [item.source_id for item in found.replaced.values()]
    forget_replaced_documents(connection, company, spec.kind, replaced)
    store_links(connection, company, run_key, found.links)


# What SmartAccounts holds


@dataclass(frozen=True, slots=True)
class _Books:
    """What SmartAccounts holds that may be one of the candidates; by number, what no document of Scoro has (`free`),
    and what one has that is gone (`left_by_number`, until another takes it). `left`: all that was left behind, by id.
    `owners`: whose a number is, by its place. `by_day`: what has none of the candidates' numbers."""

    spec: InvoiceFlow
    answers: Answers
    unread: Sequence[MirroredDocument]
    marked: Mapping[str, MirroredDocument]
    free: Mapping[str, Sequence[MirroredDocument]]
    left: Mapping[str, LeftBehind]
    left_by_number: Mapping[str, list[MirroredDocument]]
    owners: Mapping[tuple[str, int, str | None], str]
    by_day: Mapping[date, Sequence[MirroredDocument]]
    names_without_codes: Mapping[str, str]

    def of_its_year(self, candidate: Candidate) -> list[MirroredDocument]:
        """Return what has its number, and that nobody has: numbers begin again each year."""
        return [there for there in self._of_number(candidate, self.free) if _is_of_that_year(candidate, there)]

    def of_other_years(self, candidate: Candidate) -> list[MirroredDocument]:
        """Return the same of other years."""
        return [there for there in self._of_number(candidate, self.free) if not _is_of_that_year(candidate, there)]

    def left_of_number(self, candidate: Candidate) -> list[MirroredDocument]:
        """Return what has its number and was left behind."""
        return self._of_number(candidate, self.left_by_number)

    def _of_number(
        self, candidate: Candidate, known: Mapping[str, Sequence[MirroredDocument]]
    ) -> list[MirroredDocument]:
        found = known.get(self.spec.same_number(candidate.number), ())
        return [
            there
            for there in found
            if (not self.spec.number_is_partners or self._is_of_partner(candidate, there))
            # The same total under the same number may be a mistyped date.
            if _is_of_that_year(candidate, there) or abs(there.total) == abs(candidate.document.gross)
        ]

    def _is_of_partner(self, candidate: Candidate, there: MirroredDocument) -> bool:
        if self._is_same_partner(candidate, there):
            return True
        # What was left behind may have been entered again for another vendor.
        return there.remote_id in self.left and (there.day, abs(there.total)) == _day_and_total(candidate)

    def differences(self, candidate: Candidate, there: MirroredDocument) -> list[Phrase]:
        """Return in what two documents are not equal, their numbers apart."""
        found = _differences(candidate.document, there, candidate.lines)
        if not self._is_same_partner(candidate, there):
            found.append(phrase(f"another_{self.spec.partner}"))
        return found

    def equal(self, candidate: Candidate, pool: Iterable[MirroredDocument]) -> list[MirroredDocument]:
        """Return those that differ in nothing but perhaps their numbers."""
        return [there for there in pool if not self.differences(candidate, there)]

    def _is_same_partner(self, candidate: Candidate, there: MirroredDocument) -> bool:
        if candidate.partner_remote_id is not None:
            return there.partner_remote_id == candidate.partner_remote_id
        # No certain client or vendor: an equal name is enough only beside an equal number, day, currency and total, and
        # only where neither side has a code that could contradict.
        partner = candidate.partner
        if there.partner_remote_id in candidate.not_partner:
            return False
        if partner is None or partner.vat_number or (partner.registry_code and not partner.is_person):
            return False
        name = self.names_without_codes.get(there.partner_remote_id)
        return name is not None and _normal_name(name) == _normal_name(partner.name)


def _look_up(
    connection: Connection, company: str, spec: InvoiceFlow, pool: Sequence[Candidate], answers: Answers
) -> _Books:
    found = _read(connection, company, spec, pool)
    taken = linked_remote_ids(connection, company, spec.kind, [there.remote_id for there in found])
    read = [there for there in found if not there.is_unread]
    left = left_behind(connection, company, spec, read, taken)
    free = [there for there in read if there.remote_id not in taken]
    numbers = {spec.same_number(candidate.number) for candidate in pool}
    by_day = defaultdict(list)
    for there in read:
        is_unknown = there.remote_id not in taken and not there.marked_id
        if spec.same_number(there.number) not in numbers and (is_unknown or there.remote_id in left):
            by_day[there.day].append(there)
    partners = partner_records(connection, company, spec.partner_kind, {there.partner_remote_id for there in read})
    return _Books(
        spec=spec,
        answers=answers,
        unread=[there for there in found if there.is_unread and there.remote_id not in taken],
        marked={there.marked_id: there for there in free if there.marked_id},
        free=_by_number(spec, free),
        left=left,
        left_by_number=_by_number(spec, [there for there in read if there.remote_id in left.keys() & taken.keys()]),
        owners={
            _place(spec, there.number, there.day, there.partner_remote_id): taken[there.remote_id]
            for there in read
            if there.remote_id in taken and there.remote_id not in left
        },
        by_day=by_day,
        names_without_codes={
            remote_id: each.name
            for remote_id, each in partners.items()
            if not each.registry_code and not each.vat_number
        },
    )


def _read(
    connection: Connection, company: str, spec: InvoiceFlow, pool: Sequence[Candidate]
) -> Sequence[MirroredDocument]:
    """Return what was read that may be one of the candidates."""
    days = {candidate.document.day for candidate in pool}
    return documents_that_may_be(connection, company, spec.flow, days, _names_of(spec, pool))


def _names_of(spec: InvoiceFlow, pool: Sequence[Candidate]) -> Names:
    """Return the candidates' numbers and what our marker would call them."""
    return Names(
        numbers={spec.same_number(candidate.number) for candidate in pool},
        marked_ids={candidate.document.source_id for candidate in pool},
        in_any_case=spec.number_is_partners,
    )


def _by_number(spec: InvoiceFlow, read: Iterable[MirroredDocument]) -> dict[str, list[MirroredDocument]]:
    found: dict[str, list[MirroredDocument]] = {}
    for there in read:
        found.setdefault(spec.same_number(there.number), []).append(there)
    return found


def _day_and_total(candidate: Candidate) -> tuple[date, Decimal]:
    return candidate.document.day, abs(candidate.document.gross)


def _is_of_that_year(candidate: Candidate, there: MirroredDocument) -> bool:
    return there.day.year == candidate.document.day.year


def _place(spec: InvoiceFlow, number: str, day: date, partner_remote_id: str | None) -> tuple[str, int, str | None]:
    """Where a document of a number stands: numbers begin again each year, and a partner's are its own."""
    return spec.same_number(number), day.year, partner_remote_id if spec.number_is_partners else None


def _differences(document: Document, there: MirroredDocument, lines: int) -> list[Phrase]:
    found = []
    if there.day != document.day:
        found.append(phrase("date_instead", there=there.day, here=document.day))
    if there.currency != document.currency:
        found.append(phrase("currency_instead", there=there.currency, here=document.currency))
    if there.is_credit != document.is_credit:
        found.append(phrase("credit_against_invoice"))
    # Credit invoices are told with either sign; a bill that gives money back only with its own.
    sign = abs if document.is_credit or there.is_credit else Decimal
    if sign(there.total) != sign(document.gross):
        found.append(phrase("total_instead", there=sign(there.total), here=sign(document.gross)))
    tolerance = CENT * max(1, lines)
    for name, theirs, ours in (("net", there.net, document.net), ("VAT", there.vat, document.vat)):
        if theirs is not None and abs(sign(theirs) - sign(ours)) > tolerance:
            found.append(phrase(f"{name}_instead", there=sign(theirs), here=sign(ours)))
    return found


def _normal_name(name: str) -> str:
    return cleaned(name).casefold()


# The rules: each says what becomes of a document, or nothing. The first one that does counts.


@dataclass(frozen=True, slots=True)
class _Adopted:
    """The links of a document that is there already; `before`: the document, gone in Scoro, whose record it takes."""

    links: tuple[Link, ...]
    before: LeftBehind | None = None


_Fate = _Adopted | DocumentProblem | None


def _by_marker(books: _Books, candidate: Candidate) -> _Fate:
    """Adopt what our own marker names."""
    there = books.marked.get(candidate.document.source_id)
    return None if there is None else _Adopted((_link(books.spec, candidate, there, Evidence.MARKER),))


def _unread(books: _Books, candidate: Candidate) -> _Fate:
    """Ask about one that cannot be read: by its number it may be it; without one by its day."""
    spec, document = books.spec, candidate.document
    for there in books.unread:
        if there.number:
            may_be = spec.same_number(there.number) == spec.same_number(candidate.number)
        else:
            may_be = there.day == document.day
        if may_be and books.answers.left(document.source_id, question := may_be_unread(document, there)) is not None:
            return DocumentProblem(question)
    return None


def _equal(books: _Books, candidate: Candidate) -> _Fate:
    """Adopt the only one of its number that is equal."""
    equal = books.equal(candidate, books.of_its_year(candidate))
    return _Adopted(_links(books.spec, candidate, equal[0])) if len(equal) == 1 else None


def _instead_of_what_was_left(books: _Books, candidate: Candidate) -> _Fate:
    """Let it take the place of an equal one that is gone in Scoro."""
    equal = books.equal(candidate, books.left_of_number(candidate))
    if candidate.document.is_deleted or len(equal) != 1 or books.of_its_year(candidate):
        return None
    before = books.left[equal[0].remote_id]
    books.left_by_number[books.spec.same_number(candidate.number)].remove(before.there)
    return _Adopted(_links(books.spec, candidate, before.there, before), before)


def _partial(books: _Books, candidate: Candidate) -> _Fate:
    """Refuse it where something of its number is not equal, or several are."""
    of_number = books.of_its_year(candidate)
    return partial_match(candidate.document, books.differences(candidate, of_number[0])) if of_number else None


def _number_taken(books: _Books, candidate: Candidate) -> _Fate:
    """Refuse it where another document of Scoro has its number in the books."""
    document = candidate.document
    owner = books.owners.get(_place(books.spec, candidate.number, document.day, candidate.partner_remote_id))
    if owner in (None, document.source_id):
        return None
    return number_taken(document.flow, document.number, document.source_id, str(owner))


def _asked(books: _Books, candidate: Candidate) -> _Fate:
    """Ask a person: it may be one that was left behind, has another number, or is of another year."""
    spec, document = books.spec, candidate.document
    twins = books.equal(candidate, books.by_day.get(document.day, ()))
    asked = [
        may_be_left_behind(spec, candidate, books.left[there.remote_id], books.differences(candidate, there))
        if there.remote_id in books.left
        else may_be_twin(spec, candidate, there)
        for there in (*books.left_of_number(candidate), *twins)
    ]
    asked += [
        may_be_of_other_year(spec, document, there, books.differences(candidate, there))
        for there in books.of_other_years(candidate)
    ]
    unanswered = (books.answers.left(document.source_id, each) for each in asked)
    question = next(filter(None, unanswered), None)
    return None if question is None else DocumentProblem(question)


_RULES: tuple[Callable[[_Books, Candidate], _Fate], ...] = (
    _by_marker,
    _unread,
    _equal,
    _instead_of_what_was_left,
    _partial,
    _number_taken,
    _asked,
)


def number_taken(flow: Flow, number: str, source_id: str, other: str) -> DocumentProblem:
    """Return the number stands in SmartAccounts for the document of Scoro id `other`."""
    document = phrase(flow.noun, number=number)
    return DocumentProblem(
        reason("partial_match.taken", document=document, kind=phrase(f"{flow.noun}_word"), id=source_id, other=other)
    )


def _links(
    spec: InvoiceFlow, candidate: Candidate, there: MirroredDocument, before: LeftBehind | None = None
) -> tuple[Link, ...]:
    """Return the link of the document, and that of its partner where it is not known yet."""
    link = _link(spec, candidate, there, Evidence.ADOPTED, before)
    if candidate.partner_remote_id is not None or candidate.partner is None or not there.partner_remote_id:
        return (link,)
    partner = candidate.partner.source_id
    detail = f"by {spec.noun} {there.number}"
    return link, Link(spec.partner_kind, partner, there.partner_remote_id, Evidence.ADOPTED, detail)


def _link(
    spec: InvoiceFlow,
    candidate: Candidate,
    there: MirroredDocument,
    evidence: Evidence,
    before: LeftBehind | None = None,
) -> Link:
    return Link(
        spec.kind,
        candidate.document.source_id,
        there.remote_id,
        evidence,
        f"number {there.number} of {there.day:%d.%m.%Y}",
        candidate.content_hash,
        there.answer | ({} if before is None else {REPLACED: [*before.before, before.source_id]}),
        booking=there.booking(candidate.document.partner_id or ""),
    )
