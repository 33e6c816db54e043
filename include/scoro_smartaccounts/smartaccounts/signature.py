"""The timestamp and the signature that every request to SmartAccounts carries.

The message is the raw query string as it is sent (URL-encoded, without `?` and `&signature=…`) directly
followed by the raw body; the host and the path are not signed.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from datetime import UTC, datetime

from scoro_smartaccounts.common.clock import TALLINN


def timestamp_text(moment: datetime) -> str:
    """`moment` (aware) as ddMMyyyyHHmmss in Tallinn time."""
    if moment.tzinfo is None:
        raise ValueError("a moment without zone cannot be signed")
    return moment.astimezone(TALLINN).strftime("%d%m%Y%H%M%S")


def latest_instant(text: str) -> datetime:
    """Return the latest moment (UTC) that a timestamp can mean: in the hour that autumn repeats there are two."""
    if not re.fullmatch(r"[0-9]{14}", text):
        raise ValueError("a timestamp has the form ddMMyyyyHHmmss")
    local = datetime.strptime(text, "%d%m%Y%H%M%S").replace(tzinfo=TALLINN)
    return max(local.replace(fold=fold).astimezone(UTC) for fold in (0, 1))


def sign(secret: str, raw_query: str, body: bytes) -> str:
    """HMAC-SHA256 over query and body, in small hex letters."""
    return hmac.new(secret.encode(), raw_query.encode() + body, hashlib.sha256).hexdigest()
