"""What holds for all tests."""

from __future__ import annotations

import os
from collections import defaultdict
from zlib import crc32

import pytest
from hypothesis import HealthCheck, settings

# On a fresh clone Hypothesis first builds its tables of characters, which takes seconds; a busy machine is no failure.
settings.register_profile("full", deadline=None, suppress_health_check=[HealthCheck.too_slow])
# `make test-long` takes the full one.
settings.register_profile("quick", settings.get_profile("full"), max_examples=25)
settings.load_profile("quick")

# The services of the tests listen on this machine.
os.environ.setdefault("SCORO_SMARTACCOUNTS_HOSTS", "127.0.0.1:*")

# How many tests stand for one in the quick tier.
ONE_OF = 6


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Of the tests of a file that need the database `make test` plays one of `ONE_OF`, in one of its cases, always the
    same; the others are slow. A test that says itself which of its cases are slow has chosen."""
    files: dict[str, dict[str, list[pytest.Item]]] = defaultdict(lambda: defaultdict(list))
    for item in items:
        if "server_uri" in getattr(item, "fixturenames", ()) and not item.get_closest_marker("long"):
            file, _, name = item.nodeid.partition("::")
            files[file][name.partition("[")[0]].append(item)
    for tests in files.values():
        left = {name: cases for name, cases in tests.items() if not any(map(_is_slow, cases))}
        drawn = sorted(left, key=_lot)[: -(-len(left) // ONE_OF)]
        for name, cases in left.items():
            quick = cases[_lot(name) % len(cases)] if name in drawn else None
            for case in cases:
                if case is not quick:
                    case.add_marker("slow")


def _is_slow(item: pytest.Item) -> bool:
    return item.get_closest_marker("slow") is not None


def _lot(name: str) -> int:
    return crc32(name.encode())
