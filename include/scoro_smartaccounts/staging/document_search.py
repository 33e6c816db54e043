"""Documents as people look for them: the newest first, page by page, with where each of them stands."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from unicodedata import category

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    case,
    exists,
    false,
    func,
    literal,
    or_,
    select,
    true,
    union_all,
)

from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.staging.bulk import any_of
from scoro_smartaccounts.staging.conditions import of_documents, of_flow, same_document
from scoro_smartaccounts.staging.intents import sent_in_doubt
from scoro_smartaccounts.staging.links import KIND_OF, SENT_AS, Kind, is_remote_linked, link_view
from scoro_smartaccounts.staging.runs import left_in_doubt
from scoro_smartaccounts.staging.schema import approval, contact, coverage, document, quarantine, waiting

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

# More are not counted.
MOST_COUNTED = 1_000
# An amount without spaces and currency signs: grouped as either language does, with a code like SEK on either side.
_AMOUNT = re.compile(
    r"(?P<sign>-?)[A-Z]{0,3}"
    r"(?P<whole>\d+|\d{1,3}(?:,\d{3})+(?=\.)|\d{1,3}(?:\.\d{3})+(?=,))[.,](?P<cents>\d{1,2})"
    r"[A-Z]{0,3}",
    re.ASCII | re.IGNORECASE,
)
_CURRENCY_SIGN = "Sc"
# What sentences call a document before its number; and what the page calls a contact without a name that may be shown.
_KIND = re.compile(r"(?:makse|laekumine|payment|arve|müügiarve|invoice|ostuarve|bill)\s+(?=\S)", re.IGNORECASE)
_CONTACT = re.compile(r"(?:scoro\s+)?(?:kontakt|contact)\s+(\S+)", re.IGNORECASE)


class Standing(StrEnum):
    """Where a document stands. `in_doubt`: it was sent, or what it needs was, and no answer is known; `released`: a
    person decided, and the next run takes it; `open`: none of the others; no run has decided about it, or it is
    planned."""

    BOOKED = "booked"
    IN_DOUBT = "in_doubt"
    GONE = "gone"
    QUARANTINED = "quarantined"
    DISMISSED = "dismissed"
    WAITING = "waiting"
    DECLINED = "declined"
    TO_APPROVE = "to_approve"
    RELEASED = "released"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last document of a page: the next one begins behind it."""

    day: date | None
    source_id: str
    flow: Flow


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for: `text` is the beginning of a number, a part of a company's name, `Scoro contact 77` or an
    amount; of `flows`, `standing` and days where they are given. `not_booked`: all but what is in the books."""

    text: str = ""
    flows: Sequence[Flow] = tuple(Flow)
    standing: Standing | None = None
    not_booked: bool = False
    first: date | None = None
    last: date | None = None


@dataclass(frozen=True, slots=True)
class FoundDocument:
    """A document in a list. `total`: net and VAT as Scoro has them; of payments the amount."""

    flow: Flow
    source_id: str
    number: str
    day: date | None
    partner_id: str | None
    currency: str
    total: Decimal | None
    standing: Standing

    @property
    def cursor(self) -> Cursor:
        """Where it stands in the order of the list."""
        return Cursor(self.day, self.source_id, self.flow)


def search(
    connection: Connection, company: str, wanted: Wanted, *, after: Cursor | None, most: int
) -> list[FoundDocument]:
    """Return documents behind a cursor: those without a day first, then the newest."""
    rows: list[tuple[Flow, Any]] = []
    # A flow at a time, in the order of its index.
    for flow in wanted.flows:
        statement = (
            select(
                document.c.source_id,
                document.c.number,
                document.c.day,
                document.c.partner_id,
                document.c.currency,
                (document.c.net + func.coalesce(document.c.vat, 0)).label("total"),
            )
            .where(*_conditions(connection, company, flow, wanted), _behind(flow, after))
            .order_by(document.c.day.desc().nulls_first(), document.c.source_id.desc())
            .limit(most)
        )
        rows += ((flow, row) for row in connection.execute(statement))
    found = sorted(rows, key=_place, reverse=True)[:most]
    # Where they stand is asked for these alone: beside all documents it would be worked out for all of them.
    standings = {
        flow: standings_of(connection, company, flow, [row.source_id for other, row in found if other is flow])
        for flow in wanted.flows
    }
    return [FoundDocument(flow=flow, standing=standings[flow][row.source_id], **row._mapping) for flow, row in found]


def count(connection: Connection, company: str, wanted: Wanted) -> int:
    """Return how many documents are found, at most one more than `MOST_COUNTED`."""
    counted = 0
    for flow in wanted.flows:
        conditions = _conditions(connection, company, flow, wanted)
        rows = select(literal(1)).select_from(document).where(*conditions).limit(MOST_COUNTED + 1 - counted).subquery()
        counted += connection.scalar(select(func.count()).select_from(rows)) or 0
        if counted > MOST_COUNTED:
            break
    return counted


def standings_of(connection: Connection, company: str, flow: Flow, source_ids: Collection[str]) -> dict[str, Standing]:
    """Return where documents stand, by source id."""
    if not source_ids:
        return {}
    rows = connection.execute(
        select(document.c.source_id, _standing(flow).label("standing")).where(
            of_documents(document, company, flow, source_ids)
        )
    )
    return {row.source_id: Standing(row.standing) for row in rows}


def left_by_day(connection: Connection, company: str, flow: Flow, first: date, last: date) -> dict[date, int]:
    """Return how many documents of each day something is left of: they are not in the books, and neither gone nor
    decided against. Days without any are missing."""
    is_over = (Standing.GONE, Standing.DISMISSED, Standing.DECLINED)
    booked = link_view()
    of_document = booked.is_of(KIND_OF[flow], document.c.company, document.c.source_id), booked.gone_at.is_(None)
    # Asked of each document by itself: an `exists` would read the links of all days.
    its_link = select(literal(1)).where(*of_document).limit(1).correlate(document).scalar_subquery()
    rows = connection.execute(
        select(document.c.day, func.count().label("documents"))
        .where(of_flow(document, company, flow), document.c.day.between(first, last))
        # The few that are left are asked for the rest.
        .where(its_link.is_(None), _standing(flow, apart=Standing.BOOKED).not_in([each.value for each in is_over]))
        .group_by(document.c.day)
    )
    return {row.day: row.documents for row in rows}


def is_any_left(connection: Connection, company: str, flow: Flow) -> bool:
    """Whether something is left of an imported day: a document in quarantine, in doubt, one that waits or is to be
    approved."""
    # From the few that may be: all documents are many.
    cases, waits, asked = (
        select(each.c.company, each.c.source_id).where(of_flow(each, company, flow))
        for each in (quarantine, waiting, approval)
    )
    few = union_all(
        cases.where(quarantine.c.state.in_(("open", "released"))),
        waits,
        asked.where(approval.c.state.in_(("planned", "asked"))),
        sent_in_doubt(SENT_AS[flow]),
        left_in_doubt(flow),
    ).subquery()
    of_day = of_flow(coverage, company, flow), coverage.c.day == document.c.day
    found = (
        select(document.c.source_id)
        .join(few, (few.c.company == document.c.company) & (few.c.source_id == document.c.source_id))
        .where(of_flow(document, company, flow), ~_is_booked(flow), ~document.c.is_deleted, ~document.c.is_missing)
        .where(exists().where(*of_day).correlate(document))
        .limit(1)
    )
    return connection.scalar(found) is not None


def _place(found: tuple[Flow, Any]) -> tuple[bool, date, str, str]:
    flow, row = found
    return (row.day is None, row.day or date.min, row.source_id, flow.value)


def _behind(flow: Flow, after: Cursor | None) -> ColumnElement[bool]:
    if after is None:
        return true()
    # Ids of equal days are compared as the database sorts them; flows of equal ids by their names.
    same = or_(
        document.c.source_id < after.source_id,
        and_(document.c.source_id == after.source_id, true() if flow.value < after.flow.value else false()),
    )
    if after.day is None:
        return or_(document.c.day.is_not(None), same)
    return and_(document.c.day <= after.day, or_(document.c.day < after.day, same))


def _conditions(connection: Connection, company: str, flow: Flow, wanted: Wanted) -> list[ColumnElement[bool]]:
    conditions = [of_flow(document, company, flow)]
    if wanted.first is not None:
        conditions.append(document.c.day >= wanted.first)
    if wanted.last is not None:
        conditions.append(document.c.day <= wanted.last)
    if wanted.standing is not None:
        conditions.append(_is(flow, wanted.standing))
    if wanted.not_booked:
        conditions.append(~_is_booked(flow))
    if text := wanted.text.strip():
        conditions.append(_names(connection, company, text))
    return conditions


def _names(connection: Connection, company: str, text: str) -> ColumnElement[bool]:
    """Whether a document is what somebody typed. Private persons are found by their number alone."""
    named = [
        *connection.scalars(
            select(contact.c.source_id).where(
                contact.c.company == company, ~contact.c.is_person, contact.c.name.icontains(text, autoescape=True)
            )
        )
    ]
    if numbered := _CONTACT.fullmatch(text):
        named.append(numbered[1])
    number = text[found.end() :] if (found := _KIND.match(text)) else text
    ways = [document.c.number.istartswith(number, autoescape=True), document.c.source_id == number]
    if named:
        ways.append(document.c.partner_id == any_of(named))
    if (amount := _amount_of(text)) is not None:
        ways.append(document.c.net + func.coalesce(document.c.vat, 0) == amount)
    return or_(*ways)


def _amount_of(text: str) -> Decimal | None:
    """Return the amount that somebody typed, or copied from the page; None where it is none."""
    bare = "".join(each for each in text if not each.isspace() and category(each) != _CURRENCY_SIGN)
    found = _AMOUNT.fullmatch(bare.replace("\N{MINUS SIGN}", "-"))
    if found is None:
        return None
    return Decimal(f"{found['sign']}{re.sub('[.,]', '', found['whole'])}.{found['cents']}")


def _is_booked(flow: Flow) -> ColumnElement[bool]:
    if flow.is_export:
        return is_remote_linked(Kind.PAYMENT, document.c.company, document.c.source_id)
    # What was deleted there, or taken back, leaves its link behind.
    booked = link_view()
    of_document = booked.is_of(KIND_OF[flow], document.c.company, document.c.source_id)
    return exists().where(of_document, booked.gone_at.is_(None)).correlate(document)


def _is_in_doubt(flow: Flow) -> ColumnElement[bool]:
    # One list of the few there are: two conditions would be asked of each document.
    doubtful = union_all(sent_in_doubt(SENT_AS[flow]), left_in_doubt(flow)).subquery()
    is_it = doubtful.c.company == document.c.company, doubtful.c.source_id == document.c.source_id
    return exists().where(*is_it).correlate(document)


def _is(flow: Flow, standing: Standing) -> ColumnElement[bool]:
    """Whether a document stands there; what stands before it in the order of `Standing` apart."""
    ways = dict(_ways(flow))
    before = list(Standing)[: list(Standing).index(standing)]
    return and_(ways.get(standing, true()), *(~ways[each] for each in before))


def _standing(flow: Flow, *, apart: Standing | None = None) -> ColumnElement[str]:
    ways = [(way, literal(each.value)) for each, way in _ways(flow) if each is not apart]
    return case(*ways, else_=literal(Standing.OPEN.value))


def _ways(flow: Flow) -> list[tuple[Standing, ColumnElement[bool]]]:
    def has(state: str) -> ColumnElement[bool]:
        is_current = quarantine.c.content_hash == document.c.content_hash if state == "dismissed" else true()
        of_document = same_document(quarantine, document), quarantine.c.state == state, is_current
        return exists().where(*of_document).correlate(document)

    def approved_as(*states: str) -> ColumnElement[bool]:
        return exists().where(same_document(approval, document), approval.c.state.in_(states)).correlate(document)

    return [
        (Standing.BOOKED, _is_booked(flow)),
        (Standing.IN_DOUBT, _is_in_doubt(flow)),
        (Standing.GONE, or_(document.c.is_deleted, document.c.is_missing)),
        (Standing.QUARANTINED, has("open")),
        (Standing.DISMISSED, has("dismissed")),
        (Standing.WAITING, exists().where(same_document(waiting, document)).correlate(document)),
        (Standing.DECLINED, approved_as("declined")),
        (Standing.TO_APPROVE, approved_as("planned", "asked")),
        (Standing.RELEASED, has("released")),
    ]
