"""The old door to `common.company`, for scripts outside the package."""

from scoro_smartaccounts.common.company import *  # noqa: F403
