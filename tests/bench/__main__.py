"""`make bench`: everything, as one table with goals and verdicts, and as `docs/performance.md`."""

from __future__ import annotations

import logging
import shutil
import sys
import tempfile
from pathlib import Path

from scoro_smartaccounts_demo.database import Database
from tests.bench import airflow, local, on_page, page, per_record
from tests.bench.figures import Sitting, written

PARTS = {
    "dlt": local.beside_dlt,
    "growing": local.growing,
    "linked": local.beside_many_linked,
    "requests": per_record.requests_per_record,
    "reading": airflow.loading,
    "companies": airflow.many_companies,
    "runs": airflow.runs,
    "demo": airflow.demo,
    "page": on_page.page,
}


def main(parts: list[str]) -> None:
    """Measure the named parts, or all and write the page."""
    logging.disable(logging.WARNING)
    folder = Path(tempfile.mkdtemp(prefix="bench-"))
    database = Database.start(folder / "postgresql")
    sitting = Sitting()
    try:
        for name in parts or PARTS:
            PARTS[name](sitting, database, folder)
    finally:
        database.stop()
        shutil.rmtree(folder, ignore_errors=True)
    print("\nAll of this sitting")
    for figure in sitting.figures:
        print(f"    {written(figure)}")
    if not parts:
        print(f"\nWritten to {page.write(sitting)}")


if __name__ == "__main__":
    main(sys.argv[1:])
