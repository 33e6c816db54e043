"""Answers of the API."""

import json
from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Any

from starlette.responses import Response

from scoro_smartaccounts_sandbox.smartaccounts.refusal import Refusal
from scoro_smartaccounts_sandbox.smartaccounts.switches import BodyForm, Switches

# Numbers that count or name something and are no amounts.
_NO_AMOUNTS = ("number", "invoiceNumber", "referenceNumber", "orderNumber", "order", "invoiceDueDate")


class Language(StrEnum):
    """The language of errors of the second stage."""

    ENGLISH = "en"
    ESTONIAN = "et"


def as_json(content: Mapping[str, Any], status: int = 200) -> Response:
    """A JSON object."""
    body = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return Response(body, status, media_type="application/json; charset=utf-8")


def amounts_as_text(content: Any, name: str = "") -> Any:
    """An answer whose amounts, rates and percentages are text."""
    if isinstance(content, dict):
        return {key: amounts_as_text(part, key) for key, part in content.items()}
    if isinstance(content, list):
        return [amounts_as_text(part, name) for part in content]
    if isinstance(content, bool) or not isinstance(content, int | float) or name in _NO_AMOUNTS:
        return content
    return f"{Decimal(str(content)):f}"


def refused(switches: Switches, refusal: Refusal, language: Language) -> Response:
    """The errors of a refusal."""
    errors = []
    for key, english, estonian in refusal.errors:
        error = {"message": english if language is Language.ENGLISH else estonian}
        errors.append({switches.error_key_field: key, **error} if switches.error_key_field else error)
    return as_json({"errors": errors}, refusal.status)


def in_form(switches: Switches, form: BodyForm, status: int, message: str) -> Response:
    """An answer whose body has no known form."""
    match form:
        case "json":
            key = message.upper().replace(" ", "-")
            return refused(switches, Refusal(status, [(key, message, message)]), Language.ENGLISH)
        case "html":
            return Response(f"<html><body>{message}</body></html>", status, media_type="text/html")
        case "empty":
            return Response(b"", status)
    return Response(message, status, media_type="text/plain")
