"""Documents and their stories."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from itertools import chain
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, HTTPException, Query, Request, Response
from fastapi.responses import StreamingResponse
from sqlalchemy.exc import SQLAlchemyError

from scoro_smartaccounts.border.guard import ours
from scoro_smartaccounts.common.clock import tallinn_day, utc_now
from scoro_smartaccounts.common.company import Company
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.errors import PipelineError
from scoro_smartaccounts.common.reasons.message import Language
from scoro_smartaccounts.page.access import Reader, Visitor
from scoro_smartaccounts.page.connections import pages_of
from scoro_smartaccounts.page.database import reading
from scoro_smartaccounts.page.queries.documents import Page, all_of, page_of
from scoro_smartaccounts.page.queries.elsewhere import elsewhere, is_known
from scoro_smartaccounts.page.queries.story import tell
from scoro_smartaccounts.page.rendering import language_of, shown
from scoro_smartaccounts.page.words import said
from scoro_smartaccounts.staging.document_search import MOST_COUNTED, FoundDocument, Standing, Wanted

# What a search may say of where documents stand, beside the standings themselves.
NOT_BOOKED = "not_booked"
# What is looked for may be a name. Airflow writes addresses into its log, but for values that are called a secret.
TEXT = "search_secret"
# What is wrong with the days of a search.
Wrong = Literal["no_day", "reversed"]


@dataclass(frozen=True, slots=True)
class Search:
    """What an address says of a search."""

    text: Annotated[str, Query(alias=TEXT, max_length=200)] = ""
    flow: Annotated[str, Query()] = ""
    state: Annotated[str, Query()] = ""
    first: Annotated[str, Query(alias="from")] = ""
    last: Annotated[str, Query(alias="to")] = ""

    def wanted(self) -> Wanted:
        """Return what is looked for. Raises ValueError where the address says what is none."""
        return Wanted(
            text=self.text,
            flows=(Flow(self.flow),) if self.flow else tuple(Flow),
            standing=Standing(self.state) if self.state and self.state != NOT_BOOKED else None,
            not_booked=self.state == NOT_BOOKED,
            first=date.fromisoformat(self.first) if self.first else None,
            last=date.fromisoformat(self.last) if self.last else None,
        )

    def wrong(self) -> Wrong | None:
        """Return what is wrong with the days; None where nothing is."""
        try:
            days = [date.fromisoformat(each) for each in (self.first, self.last) if each]
        except ValueError:
            return "no_day"
        return "reversed" if days != sorted(days) else None

    def fields(self) -> dict[str, str]:
        """Return the same as an address has it."""
        return {TEXT: self.text, "flow": self.flow, "state": self.state, "from": self.first, "to": self.last}


def add_to(router: APIRouter) -> None:
    """Add the addresses."""
    router.get("/documents")(list_documents)
    router.get("/documents.csv")(export_documents)
    router.get("/documents/{flow}/{source_id:path}")(tell_story)


def list_documents(
    request: Request, visitor: Reader, search: Annotated[Search, Depends()], after: Annotated[str, Query()] = ""
) -> Response:
    """Show what is looked for."""
    wrong, found = search.wrong(), None
    try:
        if wrong is None:
            wanted = search.wanted()
            with reading(visitor.company) as connection:
                found = page_of(connection, visitor.company.key, wanted, after)
    except ValueError:
        raise HTTPException(422) from None
    return shown(
        request,
        "documents.html",
        visitor,
        status=200 if wrong is None else 422,
        found=found,
        wrong=wrong,
        search=search.fields(),
        after=after,
        flows=tuple(Flow),
        states=(NOT_BOOKED, *Standing),
        most=MOST_COUNTED,
    )


def export_documents(request: Request, visitor: Reader, search: Annotated[Search, Depends()]) -> Response:
    """Give what is looked for as a file for Excel, however much it is."""
    try:
        wanted = search.wanted()
    except ValueError:
        raise HTTPException(422) from None
    if search.wrong():
        raise HTTPException(422)
    parts = _parts(visitor.company, wanted, language_of(request))
    # What keeps it from being read is told before anything is sent.
    content = chain([next(parts)], parts)
    headers = {"Content-Disposition": 'attachment; filename="documents.csv"'}
    return StreamingResponse(content, media_type="text/csv; charset=utf-8", headers=headers)


def _parts(company: Company, wanted: Wanted, language: Language) -> Iterator[bytes]:
    from pandas import DataFrame

    from scoro_smartaccounts.report.delimited import csv_of

    heads = [said(language, head) for head in ("number", "date", "flow", "partner", "total", "currency", "standing")]
    try:
        with reading(company) as connection:
            for place, found in enumerate(all_of(connection, company.key, wanted)):
                table = DataFrame([_row(each, found, language) for each in found.rows], columns=heads, dtype=object)
                yield csv_of(table, language, goes_on=place > 0)
    except PipelineError:
        raise
    except Exception as problem:  # noqa: BLE001 - raised as ours
        raise ours(problem) from None


def _row(row: FoundDocument, found: Page, language: Language) -> tuple[object, ...]:
    return (
        row.number or row.source_id,
        row.day or "",
        said(language, row.flow.value),
        found.partners.get(row.partner_id or "", ""),
        "" if row.total is None else row.total,
        row.currency,
        said(language, f"is_{row.standing.value}"),
    )


def tell_story(request: Request, visitor: Reader, flow: Flow, source_id: str) -> Response:
    """Show all that is known of one document. 404 for one that staging does not know."""
    with reading(visitor.company) as connection:
        story = tell(connection, visitor.company, flow, source_id, tallinn_day(utc_now()))
        known = elsewhere(connection, visitor.company.key, flow, source_id) if story is None else None
    if story is None:
        content = {"flow": flow, "source_id": source_id, "known": known, "others": _others(visitor, flow, source_id)}
        return shown(request, "no_document.html", visitor, status=404, **content)
    return shown(request, "story.html", visitor, story=story, systems=pages_of(visitor.company))


def _others(visitor: Visitor, flow: Flow, source_id: str) -> list[Company]:
    """Return the other companies of the visitor that have such a document, as far as they can be asked."""
    found = []
    for each in visitor.companies:
        if each.key == visitor.company.key:
            continue
        with suppress(PipelineError, SQLAlchemyError), reading(each) as connection:
            if is_known(connection, each.key, flow, source_id):
                found.append(each)
    return found
