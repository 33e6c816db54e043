"""Why SmartAccounts refuses a request."""

from collections.abc import Sequence


class Refusal(Exception):
    """A status with errors of (key, message in English, message in Estonian)."""

    def __init__(self, status: int, errors: Sequence[tuple[str, str, str]]) -> None:
        super().__init__(errors[0][0] if errors else str(status))
        self.status = status
        self.errors = list(errors)


def basic(key: str, message: str) -> Refusal:
    """A fault of the first stage: reported alone, in English."""
    return Refusal(400, [(key, message, message)])
