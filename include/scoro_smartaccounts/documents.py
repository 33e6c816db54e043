"""The old door to `common.documents`, for scripts outside the package."""

from scoro_smartaccounts.common.documents import *  # noqa: F403
