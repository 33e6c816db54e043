"""Where errors of others become ours: PostgreSQL's name rows, pydantic's and json's the input, requests' the URL.

Every entry into the pipeline (a task, a callback, a page, a command) goes through `guarded`. What leaves it is one of
the pipeline's own errors, or an UnexpectedError that says what kind of error it was and where: never what it said.
"""

from __future__ import annotations

import errno
import functools
import logging
import traceback
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from scoro_smartaccounts.common.errors import PipelineError, UnexpectedError
from scoro_smartaccounts.common.visible import LONGEST_SENTENCE, visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")
Own = tuple[type[BaseException], ...]
_Line = tuple[Path, int, str]

# Beside this package stand its simulators and the demo; a DAG file is known by its folder.
_SOURCES = Path(__file__).resolve().parents[2]
_PACKAGES = ("scoro_smartaccounts", "scoro_smartaccounts_demo", "scoro_smartaccounts_sandbox")
_MOST_PLACES = 8
_MOST_ERRORS = 4
_FACTS = ("table", "column", "constraint", "datatype")


def guarded(*own: type[BaseException]) -> Callable[[Callable[Arguments, Result]], Callable[Arguments, Result]]:
    """Let a function raise nothing but the pipeline's errors, those of `own`, and what is no Exception at all.

    Anything else becomes an UnexpectedError. No error that leaves has a foreign one as its cause or context. While the
    function runs, the same holds for errors in records of `logging`, and texts among their arguments stay on one line.
    """
    allowed: Own = (PipelineError, *own)

    def wrap(function: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
        @functools.wraps(function)
        def inner(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
            try:
                with _guarded_logs(allowed):
                    return function(*args, **kwargs)
            except Exception as problem:  # noqa: BLE001 - raised below, as ours
                failure = ours(problem, allowed)
            # Raised out here so that the foreign error does not become its context.
            raise failure

        return inner

    return wrap


def ours(problem: BaseException, own: Own = (PipelineError,)) -> BaseException:
    """Return the error as it may be shown: itself where it is one of ours, without foreign errors behind it; else an
    UnexpectedError, which has none."""
    if not isinstance(problem, own):
        return UnexpectedError(described(problem))
    seen = {id(problem)}
    error: BaseException | None = problem
    while error is not None:
        cause = None if error.__suppress_context__ else error.__context__
        following = error.__cause__ or cause
        if following is not None and id(following) in seen:
            following = None
        if following is not None:
            seen.add(id(following))
            following = following if isinstance(following, own) else UnexpectedError(described(following))
        # Also what is not printed: other tools follow it.
        error.__cause__, error.__context__ = following, None
        error = following
    return problem


def described(problem: BaseException) -> str:
    """Return what kind of error it is, and of which those behind it are; of PostgreSQL's the SQLSTATE and the names of
    table, column and constraint; and the lines of this package that it went through. Never its own text."""
    kinds = list(dict.fromkeys(_kind(each) for each in _chain(problem)))[:_MOST_ERRORS]
    places = _places(problem)
    where = f", at {', from '.join(places)}" if places else ""
    return f"{', after '.join(kinds)}{where}. What it said is left out: it may quote documents and persons"


def _chain(problem: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    each: BaseException | None = problem
    while each is not None and id(each) not in seen:
        seen.add(id(each))
        # SQLAlchemy's errors wrap the driver's, which says the same.
        original = getattr(each, "orig", None)
        if not isinstance(original, BaseException):
            yield each
        each = original if isinstance(original, BaseException) else each.__cause__ or each.__context__


def _kind(problem: BaseException) -> str:
    kind = type(problem)
    name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
    facts = list(_facts(problem))
    return f"{name} ({', '.join(facts)})" if facts else name


def _facts(problem: BaseException) -> Iterator[str]:
    # psycopg's, which commands that ask nothing of a database need not load.
    if (diagnosis := getattr(problem, "diag", None)) is not None:
        if code := getattr(problem, "sqlstate", None):
            yield f"SQLSTATE {code}"
        for fact in _FACTS:
            if name := getattr(diagnosis, f"{fact}_name", None):
                yield f"{fact} {name}"
    elif isinstance(problem, OSError) and (name := errno.errorcode.get(problem.errno or 0)):
        yield name


def _places(problem: BaseException) -> list[str]:
    """Return the lines of our own, the innermost first, after the line of others where it was raised."""
    raised = [*_lines(list(_chain(problem))[-1])][-1:]
    # An error that came while another one was handled has come less far: the one that came furthest tells most.
    longest = max(([*filter(_is_own, _lines(each))] for each in (problem, *_chain(problem))), key=len)
    lines = dict.fromkeys([*raised, *reversed(longest)])
    return [f"{_name(path)}:{number} ({function})" for path, number, function in lines][:_MOST_PLACES]


def _lines(problem: BaseException) -> Iterator[_Line]:
    """Yield what it came through, the outermost first, but for this module."""
    for frame, number in traceback.walk_tb(problem.__traceback__):
        if frame.f_code.co_filename != __file__:
            yield Path(frame.f_code.co_filename), number, frame.f_code.co_name


def _is_own(line: _Line) -> bool:
    path = line[0]
    if path.is_relative_to(_SOURCES):
        return path.relative_to(_SOURCES).parts[0] in _PACKAGES
    return path.parent.name in ("dags", "plugins") and "site-packages" not in path.parts


def _name(path: Path) -> str:
    parts = path.parts
    if path.is_relative_to(_SOURCES):
        return str(path.relative_to(_SOURCES))
    if "site-packages" in parts:
        return str(Path(*parts[parts.index("site-packages") + 1 :]))
    return str(Path(*parts[-2:]))


@contextmanager
def _guarded_logs(own: Own) -> Iterator[None]:
    """Errors and texts in records of `logging`, as they may be shown."""
    former = logging.getLogRecordFactory()
    if getattr(former, "is_guarded", False):
        yield
        return

    def record(*args: Any, **kwargs: Any) -> logging.LogRecord:
        made = former(*args, **kwargs)
        if isinstance(made.msg, BaseException):
            made.msg = _told(made.msg, own)
        if isinstance(made.args, tuple):
            made.args = tuple(_told(each, own) for each in made.args)
        elif isinstance(made.args, dict):
            made.args = {name: _told(each, own) for name, each in made.args.items()}
        if made.exc_info and made.exc_info[1] is not None:
            shown = ours(made.exc_info[1], own)
            made.exc_info = (type(shown), shown, shown.__traceback__)
        return made

    record.is_guarded = True  # type: ignore[attr-defined]
    logging.setLogRecordFactory(record)
    try:
        yield
    finally:
        logging.setLogRecordFactory(former)


def _told(value: object, own: Own) -> object:
    """Return an argument of a record: an error as ours, a text on one line."""
    if isinstance(value, str):
        return visible(value, LONGEST_SENTENCE)
    return ours(value, own) if isinstance(value, BaseException) else value
