"""`make bench`: everything, as one table with goals and verdicts, and as `docs/performance.md`."""

from __future__ import annotations

import logging
import shutil
import sys
import tempfile
import traceback
from pathlib import Path

from scoro_smartaccounts_demo.database import Database
from tests.bench import airflow, local, night, on_page, page, per_record
from tests.bench.figures import Sitting, written

PARTS = {
    "dlt": local.beside_dlt,
    "growing": local.growing,
    "linked": local.beside_many_linked,
    "requests": per_record.requests_per_record,
    "reading": airflow.loading,
    "companies": airflow.many_companies,
    "runs": airflow.runs,
    "night": night.a_night,
    "demo": airflow.demo,
    "page": on_page.page,
}


def main(parts: list[str]) -> None:
    """Measure the named parts, or all and write the page."""
    logging.disable(logging.WARNING)
    folder = Path(tempfile.mkdtemp(prefix="bench-"))
    database = Database.start(folder / "postgresql")
    sitting, broken = Sitting(), []
    try:
        for name in parts or PARTS:
            try:
                PARTS[name](sitting, database, folder)
            except Exception:  # noqa: BLE001 - what the other parts measured in half an hour is not lost
                traceback.print_exc()
                broken.append(name)
    finally:
        database.stop()
        shutil.rmtree(folder, ignore_errors=True)
    print("\nAll of this sitting")
    for figure in sitting.figures:
        print(f"    {written(figure)}")
    if not parts:
        print(f"\nWritten to {page.write(sitting)}")
    if broken:
        sys.exit(f"Parts that could not be measured: {', '.join(broken)}")


if __name__ == "__main__":
    main(sys.argv[1:])
