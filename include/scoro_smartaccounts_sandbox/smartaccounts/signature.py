"""The gate: who asks, and whether the request is what was signed, and fresh."""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta
from urllib.parse import parse_qsl

from scoro_smartaccounts_sandbox.smartaccounts.refusal import Refusal
from scoro_smartaccounts_sandbox.smartaccounts.values import ZONE

_SKEW = timedelta(minutes=15)


def admit(query: bytes, body: bytes, keys: Mapping[str, str], now: datetime, stale_status: int) -> dict[str, str]:
    """The parameters of a raw query without those of the signature. Raises Refusal: 401, or the status of a stale
    request."""
    signed, separator, given = query.rpartition(b"&signature=")
    if not separator or b"&" in given:
        raise _refused("SIGNATURE-MISSING", "Signature must be the last parameter")
    parameters = dict(parse_qsl(signed.decode("utf-8", "replace"), keep_blank_values=True))
    secret = keys.get(parameters.get("apikey", ""))
    if secret is None:
        raise _refused("APIKEY-INVALID", "Unknown apikey")
    expected = hmac.new(secret.encode(), signed + body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected.encode(), given.lower()):
        raise _refused("SIGNATURE-INVALID", "Signature does not match")
    if not _is_fresh(parameters.get("timestamp", ""), now):
        raise Refusal(stale_status, [("TIMESTAMP-EXPIRED", "Timestamp is too old", "Ajatempel on aegunud")])
    return {name: value for name, value in parameters.items() if name not in ("apikey", "timestamp")}


def _is_fresh(text: str, now: datetime) -> bool:
    try:
        local = datetime.strptime(text, "%d%m%Y%H%M%S")  # noqa: DTZ007
    except ValueError:
        return False
    # In the hour that the end of summer time repeats, either meaning is good.
    return any(abs(local.replace(tzinfo=ZONE, fold=fold) - now) <= _SKEW for fold in (0, 1))


def _refused(key: str, message: str) -> Refusal:
    return Refusal(401, [(key, message, message)])
