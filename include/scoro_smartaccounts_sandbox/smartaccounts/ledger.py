"""What the books of one company hold, and the look-ups that their rules need.

Records are dictionaries with the API's field names; amounts are Decimal, days are date. Names that begin with an
underscore are never shown. Nothing here takes a lock: `Books` does.
"""

import json
import random
import re
import uuid
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from scoro_smartaccounts_sandbox.clock import Clock
from scoro_smartaccounts_sandbox.smartaccounts.refusal import Fault, Refusal, too_long
from scoro_smartaccounts_sandbox.smartaccounts.services import (
    ARTICLES,
    BOOKED,
    DOCUMENTS,
    ENTRIES,
    INVOICES,
    KEPT,
    SALES,
    VENDORS,
    booked_on,
    key_of,
)
from scoro_smartaccounts_sandbox.smartaccounts.settings import fresh_settings
from scoro_smartaccounts_sandbox.smartaccounts.switches import Switches
from scoro_smartaccounts_sandbox.smartaccounts.values import ZONE

Record = dict[str, Any]

TAX_BOARD = "Maksu- ja Tolliamet"
# Four bytes in UTF-8, and halves of such characters.
_UNSUPPORTED = re.compile("[\ud800-\udfff\U00010000-\U0010ffff]")


class Ledger:
    """All records of a company."""

    def __init__(self, clock: Clock, switches: Switches, seed: int) -> None:
        self.clock = clock
        self.switches = switches
        self._random = random.Random(seed)
        self.records: dict[str, dict[str, Record]] = {name: {} for name in KEPT}
        self.deleted: dict[str, list[tuple[datetime, str]]] = {name: [] for name in KEPT}
        self.files: dict[str, Record] = {}
        self.entries: dict[str, Record] = {}  # of the general ledger, made by hand
        self.deleted_entries: list[tuple[datetime, str]] = []
        self.returns: dict[str, Record] = {}  # of VAT, which no service shows
        self.deleted_returns: list[tuple[datetime, str]] = []
        self.balances_read_at: datetime | None = None
        self.settings = fresh_settings(self.new_id)
        self._counters: dict[str, int] = {}
        self._sorted: dict[str, list[Record]] = {}
        self._invoices_by_number: dict[tuple[str, str], set[str]] = {}
        self._issued_numbers: set[str] = set()
        self.insert(VENDORS, {"id": self.new_id(), "name": TAX_BOARD, "regCode": "70000349", "_builtin": True})

    # --- records -----------------------------------------------------------------------------------------------

    def insert(self, service: str, row: Record, old: Record | None = None) -> None:
        """Put a record in, in the place of an old one where there is one."""
        now = self.now()
        row["_created"] = old["_created"] if old else now
        row["_updated"] = row["_saved"] = now
        if old is not None and not self.switches.edits_are_told:
            row["_updated"], row["_saved"] = old["_updated"], old["_saved"]
        if service in BOOKED:
            row["_entry_number"] = old["_entry_number"] if old else str(self.next(f"{ENTRIES} {booked_on(row).year}"))
        if old is not None:
            self._forget_number(service, old)
        self.records[service][row[key_of(service)]] = row
        self._remember_number(service, row)
        self._sorted.pop(service, None)

    def remove(self, service: str, row: Record) -> None:
        """Take a record out for good; change queries tell."""
        key = row[key_of(service)]
        del self.records[service][key]
        self._forget_number(service, row)
        self.deleted[service].append((self.now(), key))
        self._sorted.pop(service, None)

    def touch(self, row: Record) -> None:
        """Mark a record as changed now."""
        row["_updated"] = self.now()

    def in_order(self, service: str) -> list[Record]:
        """All records in the order in which lists show them. Not to be changed."""
        if service not in self._sorted:
            rows = list(self.records[service].values())
            if service in DOCUMENTS:
                rows.sort(key=lambda row: (row["date"], int(row["number"]), row["id"]))
            elif service == ARTICLES:
                rows.sort(key=lambda row: row["code"])
            else:
                rows.sort(key=lambda row: (row["name"], row["id"]))
            self._sorted[service] = rows
        return self._sorted[service]

    def invoices_numbered(self, service: str, invoice_number: str) -> list[Record]:
        """The invoices that carry a number."""
        ids = self._invoices_by_number.get((service, invoice_number), ())
        found = (self.records[service][key] for key in ids)
        return [row for row in found if row["invoiceNumber"] == invoice_number]

    def _remember_number(self, service: str, row: Record) -> None:
        if service in INVOICES:
            self._invoices_by_number.setdefault((service, row["invoiceNumber"]), set()).add(row["id"])
            if service == SALES:
                self._issued_numbers.add(row["invoiceNumber"])

    def _forget_number(self, service: str, row: Record) -> None:
        if service in INVOICES:
            self._invoices_by_number[(service, row["invoiceNumber"])].discard(row["id"])

    # --- numbers -----------------------------------------------------------------------------------------------

    def new_id(self) -> str:
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))

    def next(self, counter: str) -> int:
        """The next number of a series."""
        self._counters[counter] = self._counters.get(counter, 0) + 1
        return self._counters[counter]

    def next_invoice_number(self, issued: date) -> str:
        """A number that no sales invoice ever had: a deleted one is not used again."""
        while True:
            found = f"MA{issued:%y}{self.next(f'MA {issued.year}'):05d}"
            if found not in self._issued_numbers:
                return found

    def next_reference_number(self) -> str:
        digits = str(self.next("reference") + 1000)
        weighted = sum(int(digit) * (7, 3, 1)[place % 3] for place, digit in enumerate(reversed(digits)))
        return f"{digits}{-weighted % 10}"

    # --- look-ups ----------------------------------------------------------------------------------------------

    def now(self) -> datetime:
        """The present to the second, in UTC, as the service has it."""
        return self.clock.now().replace(microsecond=0) - timedelta(minutes=self.switches.minutes_behind)

    def today(self) -> date:
        return self.clock.now().astimezone(ZONE).date()

    def vat_percent(self, code: str, active: str | None = None) -> Decimal | None:
        """The percentage of a VAT code; None where it does not exist or is not `activeSales` or `activePurchase`."""
        row = self.setting("settings/vatpcs", "vatPc", code)
        return None if row is None or (active and not row.get(active)) else Decimal(row["pc"])

    def setting(self, service: str, name: str, value: str) -> Record | None:
        """The row of a setting whose field has a value."""
        return next((row for row in self.settings[service] if str(row.get(name, "")) == value), None)

    def has_account(self, code: str) -> bool:
        return self.setting("settings/accounts", "code", code) is not None

    def has_object(self, key: str) -> bool:
        return self.setting("settings/objects", "id", key) is not None

    def money_account(self, kind: str, name: str) -> Record | None:
        """A BANK or CASH account by its name."""
        service = {"BANK": "settings/bankaccounts", "CASH": "settings/cashaccounts"}.get(kind)
        return self.setting(service, "name", name) if service else None

    def warehouse_id(self, named: str) -> str | None:
        """The id of a warehouse that is named by id or name; nothing named: the default warehouse."""
        rows = self.settings["settings/warehouses"]
        return next((str(row["id"]) for row in rows if named in ("", row["id"], row["name"])), None)

    def is_locked(self, *days: date) -> bool:
        """Whether one of the days is in a locked period."""
        if not self.switches.locked_until:
            return False
        last = date.fromisoformat(self.switches.locked_until)
        return any(value < last or (value == last and self.switches.locked_day_itself) for value in days)

    def clean(self, value: Any, name: str) -> Any:
        """A value without characters beyond the Basic Multilingual Plane. Raises Refusal where they are refused."""
        if isinstance(value, dict):
            return {key: self.clean(part, f"{name}.{key}") for key, part in value.items()}
        if isinstance(value, list):
            return [self.clean(part, name) for part in value]
        if not isinstance(value, str) or not _UNSUPPORTED.search(value):
            return value
        if self.switches.four_byte == "refuse":
            english, estonian = "contains unsupported characters", "sisaldab lubamatuid märke"
            raise Refusal(400, [("TEXT-INVALID", f"{name} {english}", f"{name} {estonian}")])
        return _UNSUPPORTED.sub("?", value)

    def shortened(self, body: Any, name: str = "") -> Any:
        """A request with its texts as they are kept, where longer ones are cut."""
        if self.switches.text_too_long != "cut":
            return body
        if isinstance(body, Mapping):
            return {key: self.shortened(part, key) for key, part in body.items()}
        if isinstance(body, list):
            return [self.shortened(part, name) for part in body]
        return body[: self.switches.text_lengths.get(name)] if isinstance(body, str) else body

    def long_texts(self, body: Any, name: str = "") -> Iterator[Fault]:
        """The texts of a request that are longer than the switch lets them be."""
        if isinstance(body, Mapping):
            for key, part in body.items():
                yield from self.long_texts(part, key)
        elif isinstance(body, list):
            for part in body:
                yield from self.long_texts(part, name)
        elif isinstance(body, str) and len(body) > self.switches.text_lengths.get(name, len(body)):
            yield too_long(name)

    def comment(self, value: str) -> str:
        """A comment as it is kept."""
        cleaned = str(self.clean(value, "comment"))
        return cleaned[: self.switches.comment_length or None]

    # --- keeping -----------------------------------------------------------------------------------------------

    def save(self, path: Path) -> None:
        """Write everything to a file, which is replaced at once."""
        content = {
            "records": self.records,
            "deleted": self.deleted,
            "files": self.files,
            "entries": self.entries,
            "deleted_entries": self.deleted_entries,
            "returns": self.returns,
            "deleted_returns": self.deleted_returns,
            "settings": self.settings,
            "counters": self._counters,
            "issued_numbers": sorted(self._issued_numbers),
            "random": self._random.getstate(),
        }
        fresh = path.with_suffix(".new")
        fresh.write_text(json.dumps(content, default=_tagged), encoding="utf-8")
        fresh.replace(path)

    def load(self, path: Path) -> None:
        """Read back what `save` wrote."""
        content: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"), object_hook=_untagged)
        self.records = content["records"]
        self.deleted = {name: [(when, key) for when, key in rows] for name, rows in content["deleted"].items()}
        self.files = content["files"]
        self.entries = content["entries"]
        self.deleted_entries = [(when, key) for when, key in content["deleted_entries"]]
        # Those that an earlier version saved have none.
        self.returns = content.get("returns", {})
        self.deleted_returns = [(when, key) for when, key in content.get("deleted_returns", ())]
        self.settings = content["settings"]
        self._counters = content["counters"]
        version, internal, gauss = content["random"]
        self._random.setstate((version, tuple(internal), gauss))
        self._sorted.clear()
        self._invoices_by_number.clear()
        for service in INVOICES:
            for row in self.records[service].values():
                self._remember_number(service, row)
        self._issued_numbers = set(content["issued_numbers"])


def _tagged(value: Any) -> Any:
    if isinstance(value, Decimal):
        return {"$decimal": str(value)}
    if isinstance(value, datetime):
        return {"$moment": value.isoformat()}
    if isinstance(value, date):
        return {"$day": value.isoformat()}
    raise TypeError(type(value).__name__)


def _untagged(value: dict[str, Any]) -> Any:
    if "$decimal" in value:
        return Decimal(value["$decimal"])
    if "$moment" in value:
        return datetime.fromisoformat(value["$moment"])
    if "$day" in value:
        return date.fromisoformat(value["$day"])
    return value
