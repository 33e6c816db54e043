"""What dlt does with the same pages: it merely loads them. Run by the bench in an environment of dlt's own."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Any

import dlt  # type: ignore[import-not-found]
import requests

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE_SIZE = 25


def pages(base_url: str, key: str, first: str, last: str) -> Iterator[list[dict[str, Any]]]:
    """Yield the rows of each page of a detailed list, as the product asks for it."""
    session = requests.Session()
    page = 1
    while True:
        body = {
            "apiKey": key,
            "company_account_id": "demoou",
            "page": page,
            "per_page": PAGE_SIZE,
            "detailed_response": True,
            "request": {},
            "filter": {"date": {"from_date": first, "to_date": last}},
        }
        rows = session.post(f"{base_url}/api/v2/invoices/list", json=body, timeout=60).json()["data"]
        if not rows:
            return
        yield rows
        page += 1


def main() -> None:
    """Read only, or load; the seconds and the rows on one line."""
    what, base_url, key, first, last = sys.argv[1:]
    began = time.perf_counter()
    rows = 0
    if what == "read":
        for page in pages(base_url, key, first, last):
            rows += len(page)
    else:
        pipeline = dlt.pipeline("bench", destination="postgres", dataset_name="loaded_by_dlt")
        pipeline.run(pages(base_url, key, first, last), table_name="invoices")
        rows = sum(pipeline.last_trace.last_normalize_info.row_counts.values())
    print(f"{time.perf_counter() - began:.3f} {rows}")


if __name__ == "__main__":
    main()
