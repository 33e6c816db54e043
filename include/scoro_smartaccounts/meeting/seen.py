"""What was read of SmartAccounts, put together: documents, entries, settings, and which entry is of which document."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any

from scoro_smartaccounts.common.clock import tallinn_day
from scoro_smartaccounts.common.money import HUNDRED, ZERO, cents
from scoro_smartaccounts.smartaccounts.endpoints import BANK_ACCOUNTS, CASH_ACCOUNTS, VAT_CODES
from scoro_smartaccounts.smartaccounts.words import CLIENT, CLIENT_INVOICE, CREDIT, VENDOR, VENDOR_INVOICE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    Facts = dict[str, Any]
    Answers = Mapping[str, Facts]

EURO = "EUR"


def number(written: str | None) -> Decimal:
    """Return an amount of the facts; nothing where there is none."""
    return Decimal(written) if written else ZERO


@dataclass(frozen=True, slots=True)
class VatCode:
    """A VAT code of the settings: its percentage, whether the company made it, and its accounts."""

    percent: Decimal
    is_own: bool
    sales: str
    purchases: str


@dataclass(frozen=True, slots=True)
class Money:
    """A bank or cash account of the settings."""

    currency: str
    account: str
    for_netting: bool


@dataclass(frozen=True, slots=True)
class Pair:
    """A document beside the only entry that can be its own."""

    document: Facts
    entry: Facts

    def balance(self, *accounts: str) -> Decimal:
        """Return what stands on these accounts, debit positive."""
        rows = (row for row in self.entry["rows"] if row[0] in accounts and row[0])
        return sum((number(row[1]) - number(row[2]) for row in rows), ZERO)

    @property
    def name(self) -> str:
        """Return what the document is called in reports."""
        return name_of(self.document)


def name_of(document: Facts) -> str:
    """Return a document's number, a payment's with its day, else its id."""
    written = document.get("number") or document.get("own_number") or document["id"]
    return f"{written} ({document['day']})"


@dataclass(frozen=True)
class Seen:
    """`answers` are facts by question."""

    answers: Answers

    def _all(self, *prefixes: str) -> list[Facts]:
        found: dict[str, Facts] = {}
        for name, facts in sorted(self.answers.items()):
            for row in facts.get("rows", []) if name.startswith(prefixes) else ():
                # Some questions ask for no rows: what showed them tells more.
                if row.get("rows") or row["id"] not in found:
                    found[row["id"]] = row
        return list(found.values())

    @cached_property
    def sales(self) -> list[Facts]:
        """Sales invoices and credit invoices."""
        return self._all("M1/", "M6/", "M7/invoices", "M13")

    @cached_property
    def sales_with_rows(self) -> list[Facts]:
        """Those whose rows were asked for."""
        return self._all("M1/")

    @cached_property
    def bills(self) -> list[Facts]:
        """Bills."""
        return self._all("M3/")

    @cached_property
    def payments(self) -> list[Facts]:
        """Payments of both kinds of partners."""
        return self._all("M4/", "M5", "M11", "M7/payments")

    @cached_property
    def entries(self) -> list[Facts]:
        """Entries of the ledger."""
        return self._all("M8/")

    @cached_property
    def vat(self) -> dict[str, VatCode]:
        """VAT codes of the settings."""
        rows = self.answers.get(f"M12/{VAT_CODES}", {}).get("codes", [])
        return {code: VatCode(Decimal(percent), own, sales, bought) for code, percent, own, sales, bought in rows}

    @cached_property
    def money(self) -> dict[tuple[str, str], Money]:
        """Bank and cash accounts by kind and name."""
        rows = [
            row
            for service in (BANK_ACCOUNTS, CASH_ACCOUNTS)
            for row in self.answers.get(f"M12/{service}", {}).get("accounts", [])
        ]
        return {(kind, name): Money(currency, account, netting) for kind, name, currency, account, netting in rows}

    @cached_property
    def documents(self) -> dict[str, Facts]:
        """Sales invoices and bills by id."""
        return {row["id"]: row for row in (*self.sales, *self.sales_with_rows, *self.bills)}

    @cached_property
    def pairs(self) -> list[Pair]:
        """Documents beside their entries, where only one can be it."""
        documents = [(kind, row) for kind, row in self._typed()]
        entries = {(kind, row["id"]): self._candidates(kind, row) for kind, row in documents}
        claimed = Counter(entry["id"] for those in entries.values() for entry in those)
        return [
            Pair(row, entries[kind, row["id"]][0])
            for kind, row in documents
            if len(entries[kind, row["id"]]) == 1 and claimed[entries[kind, row["id"]][0]["id"]] == 1
        ]

    def of(self, rows: Iterable[Facts]) -> list[Pair]:
        """Return the pairs of some documents."""
        ids = {row["id"] for row in rows}
        return [pair for pair in self.pairs if pair.document["id"] in ids]

    def _typed(self) -> list[tuple[str, Facts]]:
        found = [(CLIENT_INVOICE, row) for row in self.sales_with_rows]
        found += [(VENDOR_INVOICE, row) for row in self.bills]
        return found + [(f"{row['account_type']}_PAYMENT", row) for row in self.payments if not self.is_netting(row)]

    def _candidates(self, kind: str, document: Facts) -> list[Facts]:
        sums = {abs(each) for each in sums_of(document)} - {ZERO}
        return [
            entry
            for entry in self.entries
            if (entry["type"], entry["day"], entry["currency"]) == (kind, document["entry_day"], document["currency"])
            and sums & _amounts(entry)
        ]

    # What a payment is

    def is_netting(self, payment: Facts) -> bool:
        """Whether a payment stands on an account for netting."""
        account = self.money.get((payment["account_type"], payment["account"]))
        return account is not None and account.for_netting

    def way(self, row: Sequence[Any]) -> int:
        """Return whether a row of a payment settles what is owed (1) or what is given back (-1); 0: not known."""
        document = self.documents.get(row[1])
        if document is None:
            return 0
        gives_back = document["type"] == CREDIT or (not document["type"] and number(document["total"]) < 0)
        return -1 if gives_back else 1

    @cached_property
    def supplier_payments(self) -> list[Facts]:
        """Payments that do nothing but pay bills."""
        return [row for row in self._plain(VENDOR) if all(self.way(part) == 1 for part in row["rows"])]

    @cached_property
    def refunds(self) -> list[Facts]:
        """Payments that give clients back what credit invoices gave."""
        return [row for row in self._plain(CLIENT) if all(self.way(part) == -1 for part in row["rows"])]

    def _plain(self, partner_type: str) -> list[Facts]:
        return [
            row
            for row in self.payments
            if row["partner_type"] == partner_type
            and row["rows"]
            and not (number(row["prepayment"]) or number(row["extras"]) or self.is_netting(row))
        ]

    def money_of(self, pair: Pair) -> Decimal | None:
        """Return what a payment's entry has on its money account; None where the settings name none."""
        account = self.money.get((pair.document["account_type"], pair.document["account"]))
        return None if account is None or not account.account else pair.balance(account.account)

    # What rows of documents come to

    def nets(self, document: Facts) -> list[tuple[str, Decimal]]:
        """Return code and net of each row."""
        return [(row[0], net_of(row)) for row in document["rows"]]

    def is_reverse(self, document: Facts) -> bool:
        """Whether all VAT of a bill is declared by the buyer."""
        codes = {row[0] for row in document["rows"]}
        taxed = codes and all(code in self.vat and self.vat[code].percent for code in codes)
        return bool(document["reverse"] and taxed and number(document["net"]))


def net_of(row: Sequence[str | None]) -> Decimal:
    """Return the net of a row of an invoice, in cents."""
    _, price, quantity, discount, *_ = row
    return cents(number(price) * number(quantity) * (HUNDRED - number(discount)) / HUNDRED)


def sums_of(document: Facts) -> tuple[Decimal, ...]:
    """Return what the entry of a document may have in one of its rows: its total; of a payment with rounding, with the
    rounding on either side."""
    if "total" in document:
        return (number(document["total"]),)
    settled = sum((abs(number(row[2])) for row in document["rows"]), abs(number(document["prepayment"])))
    return settled + number(document["extras"]), settled - number(document["extras"])


def _amounts(entry: Facts) -> set[Decimal]:
    """Return the amounts of an entry in its document's currency."""
    found: set[Decimal] = set()
    for _, debit, credit, debit_original, credit_original in entry["rows"]:
        originals = number(debit_original) or number(credit_original)
        found.add(abs(originals or (number(debit) + number(credit) if entry["currency"] == EURO else ZERO)))
    return found


# What later questions ask about


def witness(rows: Sequence[Facts]) -> Facts | None:
    """Return the document that a list of changes must show: the last one that changed, of those that are dated before
    where there are any, since a list by days would show the others too."""
    changed = [row for row in rows if row.get("changed")]
    earlier = [row for row in changed if row["day"] < changed_day(row).isoformat()]
    return max(earlier or changed, key=lambda row: (row["changed"], row["id"]), default=None)


def changed_day(row: Facts) -> date:
    """Return the day in Tallinn on which a document changed."""
    return tallinn_day(datetime.fromisoformat(row["changed"]))


def known_changes(answers: Answers) -> list[str]:
    """Return when known documents were made that nobody touched since, in order: their entries were made then."""
    seen = Seen(answers)
    rows = (*seen.sales_with_rows, *seen.bills, *seen.payments)
    return sorted(row["changed"] for row in rows if row["changed"] and row["changed"] == row["created"])


def days_of_entries(answers: Answers, most: int) -> list[date]:
    """Return the days whose entries, with those of the day after, tell most kinds of documents."""
    seen = Seen(answers)
    kinds: dict[date, set[str]] = {}
    for row, kind in _with_kinds(seen):
        day = date.fromisoformat(row["entry_day"])
        kinds.setdefault(day, set()).add(kind)
    chosen: list[date] = []
    covered: set[str] = set()
    while kinds and len(chosen) < most:
        best = max(sorted(kinds), key=lambda day: len(kinds[day] - covered))
        if not kinds[best] - covered:
            break
        covered |= kinds.pop(best)
        chosen.append(best)
    return chosen


def _with_kinds(seen: Seen) -> Iterable[tuple[Facts, str]]:
    for row in (*seen.sales_with_rows, *seen.bills):
        of = "bill" if row in seen.bills else "sale"
        kind = "credit" if row["type"] == CREDIT else "plain"
        if row["currency"] != EURO:
            kind = "foreign"
        elif row["reverse"]:
            kind = f"reverse {row['computed']}"
        yield row, f"{of} {kind}"
    for row in seen.payments:
        kind = "netting" if seen.is_netting(row) else "plain"
        if number(row["extras"]):
            kind = "rounded"
        elif row in seen.refunds:
            kind = "refund"
        elif row["currency"] != EURO:
            kind = "foreign"
        yield row, f"{row['partner_type']} {kind}"
