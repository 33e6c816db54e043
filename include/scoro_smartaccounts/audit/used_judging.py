"""What is held for right of a record that imported documents use, and what SmartAccounts shows of it → what differs,
with its sentence. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scoro_smartaccounts.common.reasons import Phrase, Reason, phrase, reason
from scoro_smartaccounts.staging.drifts import Found
from scoro_smartaccounts.staging.personal import GONE
from scoro_smartaccounts.staging.used_records import Used

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from scoro_smartaccounts.staging.used_records import Basis, Key

PARTNER_GONE = "partner_gone"
_CHANGED: Mapping[Used, str] = {
    Used.CLIENT: "partner_tax_data",
    Used.VENDOR: "partner_tax_data",
    Used.ARTICLE: "article_type",
    Used.VAT_CODE: "vat_code",
}
USED_KINDS = (*dict.fromkeys(_CHANGED.values()), PARTNER_GONE)
# Fields of which a record has a value of its own: the same change of many is no one case.
_OWN = ("vat_number", "registry_code")
_IS_GONE = "is_gone"


def learned(basis: Basis, shown: Basis) -> Basis:
    """Return what is held for right, with what was not known of it before."""
    return {name: value if basis.get(name) is None else basis[name] for name, value in shown.items()}


def differences(basis: Basis, shown: Basis) -> list[str]:
    """Return the fields that are not as they are held for right. What nobody knows, or what was forgotten of somebody,
    is not compared."""
    unknown = (None, GONE)
    return [
        name
        for name, value in shown.items()
        if value is not None and basis.get(name) not in unknown and basis[name] != value
    ]


def accepted(basis: Basis, shown: Basis | None, after: Mapping[str, Any]) -> Basis:
    """Return what is right once the fields of a difference are taken as they are shown; of what is gone nothing."""
    if after.get(_IS_GONE):
        return {}
    return basis if shown is None else {**basis, **{name: shown[name] for name in after}}


def changed(key: Key, count: int, basis: Basis, shown: Basis, fields: Sequence[str]) -> Found:
    """Return what is told of a record of which these fields are others than they were. `count`: documents."""
    used, record_id = key
    kind = _CHANGED[used]
    values = {
        "record": phrase(f"used_{used}", id=record_id),
        "differences": [
            phrase("field_was", what=phrase(f"used_{name}"), before=_told(basis[name]), after=_told(shown[name]))
            for name in fields
        ],
        "count": count,
    }
    is_shared = not any(shown[name] for name in fields if name in _OWN)
    # Codes stand in the sentence alone: who is forgotten loses them there.
    before, after = ({name: None if name in _OWN else side[name] for name in fields} for side in (basis, shown))
    return Found(
        system="books",
        kind=kind,
        flow=used.value,
        reason=_changed_reason(kind, values),
        remote_id=record_id,
        before=before,
        after=after,
        evidence="register",
        case_key=f"{kind}/{used}/{before}/{after}" if is_shared else "",
        mark="/".join(str(shown[name]) for name in fields if name in _OWN),
    )


def gone(key: Key, count: int) -> Found:
    """Return what is told of a client, vendor or VAT code that is not there any more. `count`: documents."""
    used, record_id = key
    is_code = used is Used.VAT_CODE
    values = {"record": phrase(f"used_{used}", id=record_id), "count": count}
    return Found(
        system="books",
        kind=_CHANGED[used] if is_code else PARTNER_GONE,
        flow=used.value,
        reason=reason("vat_code_gone", **values) if is_code else reason("partner_gone", **values),
        remote_id=record_id,
        after={_IS_GONE: True},
        evidence="register" if is_code else "not_found_by_id",
        case_key=f"{PARTNER_GONE}/{used}" if not is_code else "",
    )


def _changed_reason(kind: str, values: Mapping[str, Any]) -> Reason:
    match kind:
        case "article_type":
            return reason("article_type", **values)
        case "vat_code":
            return reason("vat_code_changed", **values)
    return reason("partner_tax_data", **values)


def _told(value: Any) -> str | Phrase:
    if isinstance(value, bool):
        return phrase("is_so" if value else "is_not_so")
    return str(value) or "–"
