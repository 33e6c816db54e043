"""One record that brings a whole set down: it is found by halving, and the rest goes on.

A fault of the whole is not looked for in records: a service or database that is away, a lock, a full disk, an error
that the pipeline raises on purpose, and what more records bring up than can be an accident.
"""

from __future__ import annotations

import traceback
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import psycopg
from sqlalchemy.exc import DBAPIError, InvalidRequestError, MultipleResultsFound, NoResultFound

from scoro_smartaccounts.common.errors import DocumentProblem, PipelineError
from scoro_smartaccounts.common.reasons import Phrase, reason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

# Data that cannot be stored, constraints, and limits of the server, such as that of an index.
_OF_DATA = ("22", "23", "54")
# More in one set, and more than a tenth of it, are no accident.
MOST_CULPRITS = 20
_ONE_IN = 10
_PACKAGE = Path(__file__).parents[1]

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Fault:
    """What went wrong with a record, without any of its values. `error`: the type of the exception, of PostgreSQL's
    with its code; `place`: file and line."""

    error: str
    place: str


def fault_of(problem: BaseException) -> Fault:
    """Return the kind of an exception, and the innermost place in this package that it came from."""
    frames = [frame for frame in traceback.extract_tb(problem.__traceback__) if _is_ours(frame.filename)]
    place = f"{Path(frames[-1].filename).relative_to(_PACKAGE)}, line {frames[-1].lineno}" if frames else "?"
    state = _sqlstate(problem)
    return Fault(f"PostgreSQL {state}" if state else type(problem).__name__, place)


def is_of_data(problem: BaseException) -> bool:
    """Whether PostgreSQL, or the driver, refused values."""
    state = _sqlstate(problem)
    if state is not None:
        return state.startswith(_OF_DATA)
    if isinstance(problem, DBAPIError):
        problem = problem.orig or problem
    return isinstance(problem, (psycopg.DataError, psycopg.IntegrityError, ValueError, OverflowError))


def is_of_records(problem: BaseException) -> bool:
    """Whether the content of one record may be the cause."""
    if not isinstance(problem, Exception) or isinstance(problem, (PipelineError, OSError, MemoryError)):
        return False
    if isinstance(problem, (DBAPIError, psycopg.Error)):
        return is_of_data(problem)
    if isinstance(problem, InvalidRequestError):
        # The use of a connection, such as one that broke off; but a record may be missing, or be there twice.
        return isinstance(problem, (NoResultFound, MultipleResultsFound))
    if isinstance(problem, AssertionError):
        return _is_ours(traceback.extract_tb(problem.__traceback__)[-1].filename)
    return True


def in_halves(
    items: Sequence[Item],
    work: Callable[[Sequence[Item]], object],
    is_theirs: Callable[[BaseException], bool] = is_of_records,
) -> list[tuple[Item, Exception]]:
    """Do `work`, which may be repeated, with all items; where one of them brings it down, with halves, until those that
    do so are alone. These, with what they brought up. Raises it where they are more than `MOST_CULPRITS` and more
    than a tenth of all."""
    most = max(MOST_CULPRITS, len(items) // _ONE_IN)
    found: list[tuple[Item, Exception]] = []
    waiting = [items] if items else []
    while waiting:
        part = waiting.pop()
        try:
            work(part)
        except Exception as problem:
            if not is_theirs(problem) or len(found) == most:
                raise
            if len(part) == 1:
                found.append((part[0], problem))
            else:
                middle = len(part) // 2
                waiting += [part[middle:], part[:middle]]
    return found


def _sqlstate(problem: BaseException) -> str | None:
    own = problem.orig if isinstance(problem, DBAPIError) else problem
    state = getattr(own, "sqlstate", None)
    return str(state) if state else None


def _is_ours(filename: str) -> bool:
    return Path(filename).is_relative_to(_PACKAGE)


@contextmanager
def one_document(document: Phrase, key: str, system: str) -> Iterator[None]:
    """Give what is done for one document: an exception that it brings up is its own problem."""
    try:
        yield
    except PipelineError:
        raise
    except Exception as problem:  # noqa: BLE001 whatever it is
        raise problem_of(problem, document, key, system) from None


def problem_of(problem: Exception, document: Phrase, key: str, system: str) -> DocumentProblem:
    """Why a document waits that the program was not written for. `key`: the reason of the step. Raises the exception
    where no record is to blame."""
    if not is_of_records(problem):
        raise problem
    fault = fault_of(problem)
    return DocumentProblem(reason(key, document=document, error=fault.error, place=fault.place, system=system))
