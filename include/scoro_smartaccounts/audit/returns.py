"""VAT returns among the entries that a night knows → those that were saved since the night before, and those that are
gone. No request: saving a return makes an entry, and deleting it takes the entry away."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scoro_smartaccounts.common.periods import month_of_return, month_text
from scoro_smartaccounts.common.reasons import reason
from scoro_smartaccounts.staging.audit_books import BooksList
from scoro_smartaccounts.staging.audit_ledger import return_entries
from scoro_smartaccounts.staging.audit_nights import nights
from scoro_smartaccounts.staging.drifts import Found, close_these, note_drift, open_drifts

if TYPE_CHECKING:
    from scoro_smartaccounts.audit.reader import Reader

RETURN_GONE = "return_gone"
# Nights to look back for one whose reading ended.
_BACK = 30


def look_at_returns(reader: Reader) -> dict[str, Any]:
    """Tell of months whose return is gone, and close what was told of those that have one again. `returns`: all that
    there are, their months by the ids of their entries; `saved`: the months of those that are new."""
    company = reader.company
    with reader.services.engine.begin() as connection:
        there = {key: month_text(month_of_return(day)) for key, day in return_entries(connection, company).items()}
        earlier = nights(connection, company, _BACK, before=reader.request.night)
        told = (night.evidence["returns"]["returns"] for night in earlier if "returns" in night.evidence)
        before = next(told, None)
        known = {} if before is None else before
        at = reader.services.clock()
        for key, month in known.items():
            if month not in there.values():
                note_drift(connection, company, _gone(key, month), at)
        again = [
            each.id for each in open_drifts(connection, company, RETURN_GONE) if each.before["month"] in there.values()
        ]
        close_these(connection, company, again, at, "mended")
    saved = [] if before is None else sorted({month for key, month in there.items() if key not in known})
    return {"returns": there, "saved": saved}


def _gone(entry_id: str, month: str) -> Found:
    return Found(
        system="books",
        kind=RETURN_GONE,
        flow=BooksList.ENTRIES.value,
        reason=reason("return_gone", month=month),
        remote_id=entry_id,
        before={"month": month},
        evidence="shown_as_deleted",
    )
