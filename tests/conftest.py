"""What holds for all tests."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

# On a fresh clone Hypothesis first builds its tables of characters, which takes seconds; a busy machine is no failure.
settings.register_profile("project", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("project")
