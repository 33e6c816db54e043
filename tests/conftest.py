"""What holds for all tests."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

# On a fresh clone Hypothesis first builds its tables of characters, which takes seconds; a busy machine is no failure.
settings.register_profile("full", deadline=None, suppress_health_check=[HealthCheck.too_slow])
# `make test-long` takes the full one.
settings.register_profile("quick", settings.get_profile("full"), max_examples=25)
settings.load_profile("quick")

# The services of the tests listen on this machine.
os.environ.setdefault("SCORO_SMARTACCOUNTS_HOSTS", "127.0.0.1:*")
