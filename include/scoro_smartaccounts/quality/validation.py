"""Runs the suites with Great Expectations on the prepared batch.

Great Expectations is imported here, inside functions: it takes seconds. It gets the open connection of the
batch, never a URL: no password reaches it.
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy.pool import StaticPool

from scoro_smartaccounts.common.clock import tallinn_day
from scoro_smartaccounts.common.errors import DatabaseAway, PipelineError
from scoro_smartaccounts.quality.data_docs import write_pages
from scoro_smartaccounts.staging.checked.batch import DOCUMENTS, LINES, count_rows

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from great_expectations.core import ExpectationSuiteValidationResult, ExpectationValidationResult
    from great_expectations.data_context.data_context.ephemeral_data_context import EphemeralDataContext
    from sqlalchemy import Connection

    from scoro_smartaccounts.common.documents import Flow
    from scoro_smartaccounts.quality.rule import Level

log = logging.getLogger(__name__)

TABLES: dict[Level, str] = {"document": DOCUMENTS, "line": LINES}

_INDEX_COLUMNS = ["number", "source_id", "position"]
# Never connected to: the data source works on the connection that it is given.
_NO_URL = "postgresql+psycopg://staging@localhost/staging"


# How SQLAlchemy and tracebacks name an error of the driver.
_DRIVERS_ERROR = re.compile(r"\b(psycopg\.errors\.[A-Z][A-Za-z]+|psycopg\.[A-Z][A-Za-z]+Error)\b")


@dataclass(frozen=True, slots=True)
class Failure:
    """One row that failed one rule."""

    code: str
    source_id: str
    position: int


class _Lent(StaticPool):
    """Holds a connection that belongs to somebody else: Great Expectations closes what it works on when it likes."""

    def dispose(self) -> None:
        """Close nothing."""


def validate(session: Connection, *, suite: str, flow: Flow, run_key: str, at: datetime, folder: Path) -> list[Failure]:
    """All rows of the temporary tables in `session` that fail a rule of the flow; reports go to `folder`/data_docs.

    `suite` is the name that the reports show, `at` the moment that they carry.
    Raises PipelineError when a rule could not be evaluated, DatabaseAway when the connection was lost.
    """
    # Hundreds of lines at import, one for each of its public functions; and the text of each error of PostgreSQL, which
    # names rows. What goes wrong is told by the results.
    logging.getLogger("great_expectations").setLevel(logging.CRITICAL)
    # `data_docs` looks at these itself.
    logging.getLogger("great_expectations.render").setLevel(logging.WARNING)
    # SQLAlchemy logs a pool under its class's module, which is this one.
    logging.getLogger(f"{__name__}.{_Lent.__name__}").setLevel(logging.WARNING)
    context = _context()
    try:
        results = {level: _run(context, session, f"{suite}_{level}s", flow, level, at) for level in TABLES}
        failures = [failure for result in results.values() for failure in _failures(result)]
    except Exception:
        driver: Any = session.connection.dbapi_connection
        if driver is None or driver.closed:
            raise DatabaseAway("The staging database broke off while documents were checked") from None
        raise
    try:
        write_pages(folder, {f"{level}s": result for level, result in results.items()}, run_key, at)
    except OSError as problem:
        log.warning(
            "Data Docs could not be written to %s: %s. The checks hold nevertheless.",
            folder,
            problem.strerror or type(problem).__name__,
        )
    return failures


def _context() -> EphemeralDataContext:
    import great_expectations as gx
    from great_expectations.data_context.types.base import (
        DataContextConfig,
        InMemoryStoreBackendDefaults,
        ProgressBarsConfig,
    )

    config = DataContextConfig(
        store_backend_defaults=InMemoryStoreBackendDefaults(),
        analytics_enabled=False,
        progress_bars=ProgressBarsConfig(globally=False),
        data_docs_sites={},
    )
    return gx.get_context(mode="ephemeral", project_config=config)


def _run(
    context: EphemeralDataContext, session: Connection, name: str, flow: Flow, level: Level, at: datetime
) -> ExpectationSuiteValidationResult:
    from scoro_smartaccounts.quality.suite import build_suite

    driver = session.connection.dbapi_connection
    rows = count_rows(session, TABLES[level])
    source = context.data_sources.add_postgres(
        f"staging {level}s",
        connection_string=_NO_URL,
        kwargs={"creator": lambda: driver, "poolclass": _Lent},  # type: ignore[call-arg]
    )
    # Not by a query: to learn the names of its columns it would be read whole, twice over.
    asset = source.add_table_asset(f"{level}s", table_name=TABLES[level])
    batch = asset.add_batch_definition_whole_table("of the run").get_batch()
    suite = context.suites.add(build_suite(name, flow, level, tallinn_day(at)))
    return batch.validate(
        suite,
        result_format={
            "result_format": "COMPLETE",
            "unexpected_index_column_names": _INDEX_COLUMNS,
            # The limit of the list of failing rows too: nothing may be left out.
            "partial_unexpected_count": max(rows, 1),
            "return_unexpected_index_query": False,
        },
    )


def _failures(result: ExpectationSuiteValidationResult) -> Iterator[Failure]:
    for item in result.results:
        code = _code(item)
        problem = _exception(item.exception_info)
        if problem is not None:
            raise PipelineError(f"Great Expectations could not evaluate the rule {code}: {problem}")
        if item.result.get("element_count") == 0:
            # Of an empty table it counts nothing, not even 0.
            continue
        rows = item.result.get("unexpected_index_list") or []
        if len(rows) != item.result.get("unexpected_count", 0):
            raise PipelineError(f"Great Expectations did not name every row that fails the rule {code}")
        for row in rows:
            yield Failure(code, row["source_id"], row["position"])


def _code(item: ExpectationValidationResult) -> str:
    configuration = item.expectation_config
    return str(configuration.meta["code"]) if configuration is not None and configuration.meta else ""


def _exception(info: Any) -> str | None:
    """Return what kind of error came while a rule was evaluated: the driver's, whose text names rows, or an unknown
    one."""
    infos = [info] if "raised_exception" in (info or {}) else list((info or {}).values())
    for each in infos:
        if each["raised_exception"]:
            kinds = _DRIVERS_ERROR.findall(f"{each.get('exception_message')} {each.get('exception_traceback')}")
            return str(kinds[0]) if kinds else "an error that is not the database's"
    return None
