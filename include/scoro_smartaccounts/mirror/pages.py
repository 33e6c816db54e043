"""Pages of SmartAccounts, made into small records as they come: of a list, one page at most is held as it was sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from scoro_smartaccounts.smartaccounts.endpoints import ARTICLES
from scoro_smartaccounts.smartaccounts.wire import MOST_LETTERS_OF_CODES, id_text, moment, text
from scoro_smartaccounts.smartaccounts.wire import day as day_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import date, datetime

    from scoro_smartaccounts.services import Services
    from scoro_smartaccounts.smartaccounts.queries import Params

    Rows = Sequence[Mapping[str, Any]]

Taken = TypeVar("Taken")


@dataclass(frozen=True, slots=True)
class Shown:
    """A record of a page: its id (an article's code; empty where nothing that is certainly one stands there), when it
    changed by the service's clock, and a document's day."""

    id: str
    changed_at: datetime | None
    day: date | None


@dataclass(frozen=True, slots=True)
class Page(Generic[Taken]):
    """A page of a list. `taken`: what was made of its records; `deleted`: ids (codes of articles)."""

    taken: Taken
    shown: Sequence[Shown]
    deleted: Sequence[str]
    server_time: datetime | None


def read_pages(services: Services, service: str, asked: Params, take: Callable[[Rows], Taken]) -> list[Page[Taken]]:
    """Return all pages of what a query asks for. Raises as `SmartAccountsClient.pages` does."""
    pages = []
    for answer in services.smartaccounts.pages(service, **asked):
        shown = list(shown_in(service, answer.rows))
        pages.append(Page(take(answer.rows), shown, answer.deleted, answer.server_time))
        # Two pages at once can be more than a worker's memory.
        del answer
    return pages


def shown_in(service: str, rows: Rows) -> Iterator[Shown]:
    """Return what tells of the records of a page which they are, and when they changed."""
    for row in rows:
        row_id = _code(row) if service == ARTICLES else id_text(row)
        yield Shown(row_id, moment(row.get("dateUpdated")), day_of(row.get("date")))


def _code(row: Mapping[str, Any]) -> str:
    found = text(row.get("code"))
    return found if len(found) <= MOST_LETTERS_OF_CODES else ""
