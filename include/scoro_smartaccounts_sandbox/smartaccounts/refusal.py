"""Why SmartAccounts refuses a request."""

from collections.abc import Iterable

Fault = tuple[str, str, str]  # key, message in English, message in Estonian


class Refusal(Exception):
    """A status with its errors. Its text names keys only: messages may repeat what was sent."""

    def __init__(self, status: int, errors: Iterable[Fault]) -> None:
        self.status = status
        self.errors = list(errors)
        super().__init__(", ".join(key for key, _, _ in self.errors) or str(status))


def basic(key: str, message: str) -> Refusal:
    """A fault of the first stage: reported alone, in English."""
    return Refusal(400, [(key, message, message)])


def unknown(what: str) -> Fault:
    """A value that names nothing the books have."""
    return ("VALUE-UNKNOWN", f"{what} is not known", f"{what} ei ole teada")


def too_long(what: str) -> Fault:
    """A text that is longer than its field."""
    return ("VALUE-TOO-LONG", f"{what} is too long", f"{what} on liiga pikk")


def refuse_if(faults: Iterable[Fault]) -> None:
    """Raise a Refusal with all faults of the second stage, if there are any."""
    found = list(faults)
    if found:
        raise Refusal(400, found)
